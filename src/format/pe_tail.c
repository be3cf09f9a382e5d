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
#define TABLE_MAX (64u << 10) /* of several signatures with their chains */
#define CERTIFICATE 8u        /* its length, revision and type, then a signature in DER */
#define ALIGNMENT 8u

/* Whether the DER sequence that begins there ends where `s` does, but for what aligns it. */
static bool is_sequence(struct span s)
{
	struct reader r = reader_be(s);
	uint8_t tag = rd_u8(&r), length = rd_u8(&r);
	uint64_t n = length & 0x80 ? rd_uint(&r, length & 3) : length;
	return rd_ok(&r) && tag == 0x30 && length <= 0x83 && n <= rd_left(&r) && rd_left(&r) - n < ALIGNMENT &&
		   span_is_zero(span_from(s, r.at + n));
}

/* The table is nothing but certificates: it is read with the program, and whatever else stood in it would be looked at nowhere. */
static bool is_table(struct span table)
{
	while (!span_is_zero(table)) {
		uint32_t length = span_u32le(table, 0), aligned = (length + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
		uint16_t revision = span_u16le(table, 4), type = span_u16le(table, 6);
		struct span signature = length > CERTIFICATE ? span_sub(table, CERTIFICATE, length - CERTIFICATE) : SPAN_NONE;
		if ((revision != 0x100 && revision != 0x200) || type < 1 || type > 2 || !is_sequence(signature))
			return false;
		table = span_from(table, aligned);
	}
	return true;
}

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
	struct span there = follows && size > CERTIFICATE && size <= TABLE_MAX ? span_sub(bytes, table, size) : SPAN_NONE;
	return there.p && is_table(there) ? table + size : end;
}
