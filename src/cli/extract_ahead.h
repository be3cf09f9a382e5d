/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names while contents come: a file of the input itself, when all before it have theirs, is written where it belongs, and needs no
 * other name first. So names are given in the same order as at the end (extract_place()), by any number of threads.
 */
#ifndef ASSAY_CLI_EXTRACT_AHEAD_H
#define ASSAY_CLI_EXTRACT_AHEAD_H

#include "base/buf.h"
#include "cli/extract_place.h"

struct extract_ahead {
	struct extract_placing *of;
	struct extract_folder folder; /* of the file before */
	struct arena *texts;
	bool begun, ended;
	/* The file whose turn it is, when its name was told: it is complete when its blob comes. */
	uint64_t key; /* 0: not told */
	struct buf path;
	int64_t mode;
	bool tried;
	int fd; /* where it belongs; -1: it is not there, or can not be */
};

/* False when out of memory. */
bool extract_ahead_begin(struct extract_ahead *a, struct extract_placing *of) MUST_USE;
/* The name of a file of the input, before its content. */
void extract_ahead_name(struct extract_ahead *a, uint64_t key, uint32_t ordinal, int64_t mode, struct text path);
/* Where the content of that key is to be written; -1: nowhere yet. */
int extract_ahead_open(struct extract_ahead *a, uint64_t key);
/* What was written of that content where it belongs is gone. False: nothing was. */
bool extract_ahead_drop(struct extract_ahead *a, uint64_t key);
/* A blob came, whose content is complete. */
void extract_ahead_blob(struct extract_ahead *a, const struct case_file *c, uint64_t key);
/* Nothing more is named before the end. What is not complete is gone. */
void extract_ahead_end(struct extract_ahead *a);
void extract_ahead_free(struct extract_ahead *a);

#endif
