/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bills of materials and vulnerability documents of a case: what `assay sbom` and `assay vex` share. */
#ifndef ASSAY_CLI_DOCUMENTS_H
#define ASSAY_CLI_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/attach.h"
#include "report/sbom.h"

struct document_kind {
	const char *option; /* "cyclonedx" of --cyclonedx FILE */
	struct error (*render)(struct sbom *s, FILE *out);
};

#define DOCUMENT_KINDS_MAX 4u

/* A command line: the case, and what is to be written where. */
struct document_request {
	const struct document_kind *kinds;
	size_t nkinds;
	const char *paths[DOCUMENT_KINDS_MAX]; /* NULL: not wanted */
	struct sbom_options product;
	const char *case_path;
	const char *takes;              /* "sbom", "vex": documents that are added to the case; NULL: none are taken */
	struct document_list documents; /* these */
};

/* Reads the command line. False when it can not be used; the reason has been said. */
bool documents_parse(int argc, char **argv, struct document_request *r);

/* Adds the documents that are named to the case, then writes what is wanted. An exit code; what is wrong has been said. */
int documents_run(const struct document_request *r);

#endif
