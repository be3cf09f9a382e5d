/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gives the contents that were extracted their names. */
#ifndef ASSAY_CLI_EXTRACT_PLACE_H
#define ASSAY_CLI_EXTRACT_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "case/case.h"
#include "cli/extract.h"
#include "cli/extract_path.h"

#define EXTRACT_SPOILT_MAX 64u

struct extract_placing {
	int dir, partial;       /* where files go, and where their contents are: each named by its key */
	mode_t mask;            /* what the process takes from the mode of what it makes */
	struct extract_counts counts;
	bool failed;            /* to be written */
	uint64_t spoilt[EXTRACT_SPOILT_MAX]; /* contents that could not be: nothing of them is kept, and they get no names */
	size_t nspoilt;
	uint32_t ahead;         /* the children of the input before that one, if they are files or directories, have their names */
	struct buf passes;      /* of each of them: enum extract_pass, a byte */
};

/* In the order in which names are given within a container. No path leads over a link. */
enum extract_pass { EXTRACT_FILES, EXTRACT_HARD_LINKS, EXTRACT_LINKS, EXTRACT_PASSES };

/* One blob of the tree. */
struct extract_row {
	struct text path, target, same_as; /* as case files and reports have them */
	int64_t mode;
	uint64_t key;
	enum extract_pass pass; /* EXTRACT_PASSES: it gets no name */
	bool is_directory;
	bool is_part; /* of the image, and no file; it may have no content that is wanted */
};

/* The pass of the next child of the input is known, and its name given, if that is in the first. False when out of memory. */
bool extract_pass_add(struct extract_placing *p, enum extract_pass pass) MUST_USE;
/* The row's texts lie in the batch or in `texts`. False when out of memory. */
bool extract_row_read(const struct case_blob *blob, struct arena *texts, struct extract_row *row) MUST_USE;
/* Makes the text what case files and reports have. False when out of memory. */
bool extract_valid_text(struct arena *texts, struct text *t) MUST_USE;
/* The mode that a file gets. */
mode_t extract_mode(int64_t mode);
/* Gives it its name under `root`, the folder of its container; a name that is taken is refused. */
void extract_row_place(struct extract_placing *p, struct extract_folder *folder, int root, const struct extract_row *row);

/* Whether it can get a name: what is a file, link or directory can, a part of the image when it has content. */
bool extract_row_is_wanted(const struct extract_placing *p, const struct extract_row *row);

bool extract_is_spoilt(const struct extract_placing *p, uint64_t key);

/* The name of a content. */
void extract_partial_name(uint64_t key, char name[24]);

/* All blobs of the run that have no names yet: container by container, within each pass by pass, in the order of the tree. */
struct error extract_place(struct extract_placing *p, const struct case_file *c) MUST_USE;

#endif
