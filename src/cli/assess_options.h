/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of assay assess. */
#ifndef ASSAY_CLI_ASSESS_OPTIONS_H
#define ASSAY_CLI_ASSESS_OPTIONS_H

#include <stdbool.h>

#include "cli/attach.h"
#include "cli/image_run.h"
#include "cli/output.h"

struct assess_options {
	const char *image, *case_path, *extract, *blob;
	struct output_options output;
	const char *feeds;
	bool without_feeds;
	struct image_options run; /* how images are taken apart */
	bool outside;             /* files of a product file may lie outside of its folder */
	struct document_list documents; /* bills and statements beside the image */
	struct attachment *attachment;  /* read from these; NULL: none are given */
};

extern const char assess_help[];

/* False when the command line can not be used; the reason has been said. What it does not name stays as it is. */
bool assess_parse(int argc, char **argv, struct assess_options *o);

#endif
