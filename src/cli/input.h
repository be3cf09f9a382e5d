/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is assessed: an image file, a block device, a folder, a stream, or a blob of a case file. */
#ifndef ASSAY_CLI_INPUT_H
#define ASSAY_CLI_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/span.h"
#include "cli/progress.h"

#define INPUT_NAME_MAX 256u

struct input {
	int fd;                    /* what the worker maps: the file itself, or a copy of what can not be mapped */
	struct stat st;            /* of what the user named; st_ino is what reports must not overwrite */
	uint64_t size;             /* bytes behind fd */
	char name[INPUT_NAME_MAX]; /* without folders: where the case file gets its name from */
	char path
		[INPUT_NAME_MAX]; /* of the input in the case file: its name, or where it was in the image that it comes from */
	const char *location; /* as the case file keeps it */
	const char *format;   /* that it is known to have, or NULL */
	bool copied;          /* fd is a copy of ours */
	char sha256[65];      /* of the copy; empty for others */
	char identity[160];   /* tells whether an interrupted run was on the same bytes */
};

struct input_options {
	uint64_t limit;           /* bytes that are copied at most */
	const char *leave_out[8]; /* files of ours that a folder may hold: NULL for none */
	struct progress *progress;
	const int *opened;        /* a descriptor of what `path` names, when it is open already; NULL: it is opened here */
};

/* Opens what `path` names ("-": standard input). An exit code; what is wrong has been said. */
int input_open(const char *path, const struct input_options *options, struct input *input);

/* Takes over `spool`, which holds `size` bytes, as an input; `path` as above, `location` must live as long as the input. */
int input_from_spool(int spool, uint64_t size, const char *path, const char *location, struct input *input);

/* Closes its descriptor, once. */
void input_close(struct input *input);

#endif
