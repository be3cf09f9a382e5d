/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filters of RAR: what undoes a preparation of blocks for the compression. Not for other formats.
 *
 * Matches refer to what is not filtered. So blocks are only noted while a file, or a solid row of them, is unpacked into one buffer, and
 * filtered there afterwards, in the order in which they were told. */
#ifndef ASSAY_FORMAT_RAR_FILTER_H
#define ASSAY_FORMAT_RAR_FILTER_H

#include "base/buf.h"
#include "base/error.h"

enum rar_filter_kind { RAR_DELTA, RAR_E8, RAR_E8E9, RAR_ARM, RAR_ITANIUM, RAR_RGB, RAR_AUDIO };

struct rar_filter {
	uint64_t start; /* in the buffer */
	uint32_t length;
	uint32_t position; /* of the block in its file, for filters of addresses */
	uint8_t kind;
	bool wraps;       /* RAR_E8, RAR_E8E9: the place in the file counts to 16 MiB only */
	uint8_t channels; /* of RAR_DELTA and RAR_AUDIO: from 1 on; of RAR_RGB: the place of red */
	uint32_t width;   /* of RAR_RGB: bytes of a row */
};

struct rar_filters {
	struct buf list;  /* of struct rar_filter */
	uint64_t covered; /* bytes of all blocks, and of the code that told of them */
	unsigned unknown; /* blocks whose filter is a program that is not known: they stay as they are */
};

/* Notes one. ERR_BUDGET when blocks cover many times what there is: `out` bytes by now; ERR_MEMORY. */
enum error_code rar_filter_note(struct rar_filters *f, const struct rar_filter *filter, uint64_t out) MUST_USE;

/* Counts so many bytes of work, as above: of `out` bytes by now. */
enum error_code rar_filters_spend(struct rar_filters *f, uint64_t bytes, uint64_t out) MUST_USE;

/* Filters those blocks that are whole in the buffer, which begins at `at` and has n bytes. */
enum error_code rar_filters_apply(const struct rar_filters *f, uint8_t *p, uint64_t at, size_t n) MUST_USE;

#endif
