/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents beside an image: bills of materials (--sbom), statements on vulnerabilities (--vex), and what the maker writes for
 * people (--document). Each is read by a worker of its own, confined as the one that takes images apart. */
#ifndef ASSAY_CLI_ATTACH_H
#define ASSAY_CLI_ATTACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "case/case.h"

#define DOCUMENTS_MAX 64u

/* What the command line names. */
struct document_list {
	struct {
		const char *kind; /* "sbom", "vex", "document" */
		const char *role, *language; /* of a document for people, or NULL */
		const char *path;
		const int *opened; /* a descriptor of it, when it is open already; else NULL */
	} v[DOCUMENTS_MAX];
	size_t n;
};

/* False: more than are taken at once; that has been said. */
bool attach_add(struct document_list *list, const char *kind, const char *path);

/* A document for people. `role`: privacy-notice, manual ... (document/document.h); false when it is none, which is said.
 * `language`: ISO 639-1 where it is known, or NULL. The texts must outlive the list. */
bool attach_add_document(struct document_list *list, const char *role, const char *language, const char *path);
/* The same from "ROLE=FILE", as the command line has it. */
bool attach_add_named(struct document_list *list, const char *argument);

struct attachment;

/* Reads all of them, before anything else is done; NULL with *code and the reason said: one can not be read, or declares
 * nothing. */
struct attachment *attach_read(const struct document_list *list, bool without_landlock, int *code);

/* Makes them inputs of a finished case. An exit code; what is wrong has been said. */
int attach_write(struct attachment *a, struct case_file *c);

/* Frees what attach_read() made; NULL is allowed. */
void attach_free(struct attachment *a);

/* Calls take() for each row of the i-th document, in order; false when it gives false. */
bool attach_rows(const struct attachment *a, size_t i, bool (*take)(void *context, enum fact_type type, const void *row), void *context) MUST_USE;

/* Tells on standard error which statements concern nothing that is in the case: a component that it has not, a vulnerability
 * that was not matched. */
void attach_tell_unknown(struct case_file *c);

/* Prints where the bills of the case differ from the image, a line each, with their number at the end; nothing for a case
 * without a bill. */
void attach_print_differences(struct case_file *c, FILE *out);

#endif
