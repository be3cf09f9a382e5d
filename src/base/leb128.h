/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of seven bits a byte, the low ones first, the high bit set in all bytes but the last (DWARF 5, 7.6: unsigned LEB128;
 * The .xz File Format 1.2.0, 1.2: multibyte integers). */
#ifndef ASSAY_BASE_LEB128_H
#define ASSAY_BASE_LEB128_H

#include "base/span.h"

/* Reads one of 63 bits at most; a longer one fails the reader, and gives 0. */
static inline uint64_t rd_leb128(struct reader *r)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 63; shift += 7) {
		uint8_t byte = rd_u8(r);
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	r->failed = true;
	return 0;
}

#endif
