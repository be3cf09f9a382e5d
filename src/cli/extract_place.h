/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives the contents that were extracted their names. */
#ifndef ASSAY_CLI_EXTRACT_PLACE_H
#define ASSAY_CLI_EXTRACT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "case/case.h"

struct extract_placing {
	int dir, partial;       /* where files go, and where their contents are: each named by its key */
	bool needs_mode;        /* what was made as 0644 may have less: the process masks it */
	uint64_t made, refused; /* files and links */
	bool failed;            /* to be written */
};

/* The name of a content. */
void extract_partial_name(uint64_t key, char name[24]);

/* Of all blobs of the run. Within a container files and directories come first, in their order, then hard links, then symbolic
 * ones: no path leads over a link. A name that is taken is refused. */
struct error extract_place(struct extract_placing *p, const struct case_file *c) MUST_USE;

#endif
