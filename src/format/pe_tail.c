/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The attribute certificate table of a PE program, which signers write behind all that was there.
 *
 * Specification: Microsoft "PE Format", "Optional Header Data Directories", "The Attribute Certificate Table".
 */
#include "format/pe_tail.h"

#define PE_AT 0x3cu
#define OPTIONAL_AT 24u
#define PE32 0x10bu
#define PE32_PLUS 0x20bu
#define CERTIFICATES 4u /* the number of the directory entry, of 8 bytes */
#define ENTRY 8u
#define TABLE_MAX (1u << 20)

uint64_t pe_signed_end(struct span bytes, uint64_t end)
{
	uint64_t optional = (uint64_t)span_u32le(bytes, PE_AT) + OPTIONAL_AT;
	uint16_t magic = span_u16le(bytes, optional);
	uint64_t directory = optional + (magic == PE32_PLUS ? 112 : 96);
	if (!span_starts(bytes, "MZ", 2) || !span_has(bytes, optional - OPTIONAL_AT, "PE\0\0", 4) ||
		(magic != PE32 && magic != PE32_PLUS) || span_u32le(bytes, directory - 4) <= CERTIFICATES)
		return end;
	uint64_t table = span_u32le(bytes, directory + ENTRY * CERTIFICATES);
	uint32_t size = span_u32le(bytes, directory + ENTRY * CERTIFICATES + 4);
	bool follows = table >= end && table - end < ENTRY; /* it is aligned to 8 bytes */
	return follows && size > ENTRY && size <= TABLE_MAX && span_sub(bytes, table, size).p ? table + size : end;
}
