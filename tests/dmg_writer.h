/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes disk images of Apple's (UDIF), as libmodi describes them. */
#ifndef ASSAY_TESTS_DMG_WRITER_H
#define ASSAY_TESTS_DMG_WRITER_H

#include <stdbool.h>

#include "base/span.h"

struct dmg_options {
	const uint32_t *types; /* of the chunks, in turn; ended by 0xffffffff */
	unsigned tables;       /* over which the disk is spread */
	bool fork;             /* tables in a resource fork, not in a property list */
	bool no_sums;
	uint64_t unwritten;    /* so many sectors behind the disk: one chunk that is ignored */
};

/* The disk is of whole sectors. Chunks of zeros are written as such where the disk has zeros. Memory to be freed. */
uint8_t *dmg_write(struct span disk, const struct dmg_options *o, size_t *n);

#endif
