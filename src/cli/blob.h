/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One blob of a case file as an input of its own: its bytes are read again from where the case says that its input is. */
#ifndef ASSAY_CLI_BLOB_H
#define ASSAY_CLI_BLOB_H

#include "cli/input.h"
#include "probe/probe.h"

struct blob_request {
	const char *case_path;
	const char *which; /* number in the table blob, or path */
	struct budget budget;
	bool without_landlock;
	struct progress *progress;
};

/* Opens it in *input. An exit code; what is wrong (no such blob, another image in its place) has been said. */
int blob_open(const struct blob_request *request, struct input *input);

#endif
