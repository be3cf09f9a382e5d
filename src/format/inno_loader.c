/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table by which the loader of Inno Setup's installers finds what stands behind it: a resource, before 5.1.5 at a place that the head
 * of the program names.
 *
 * Specification: github.com/jrsoftware/issrc, Projects/Struct.pas (TSetupLdrOffsetTable, TSetupLdrExeHeader).
 */
#include "base/hash.h"
#include "format/inno.h"

#define RCDATA 10u
#define TABLE_RESOURCE 11111u
#define ID 12u
#define ID_4107 "rDlPtS07\x87" "eVx"
#define EXE_HEADER_AT 0x30u

static bool is_crc_right(struct span table, uint64_t n)
{
	struct span checked = span_sub(table, 0, n);
	return checked.p && span_sub(table, n, 4).p && hash_crc32(0, checked) == span_u32le(table, n);
}

/* Where the program, the tables and the data stand; 0: nowhere. */
static bool table_read(struct span table, uint64_t places[3])
{
	struct reader r = reader_le(table);
	bool resource = span_starts(table, "rDlPtS\xcd\xe6\xd7\x7b\x0b\x2a", ID);
	rd_skip(&r, ID);
	uint32_t version = resource ? rd_u32(&r) : 0;
	unsigned width = version == 2 ? 8 : 4;
	if (!resource && !span_starts(table, ID_4107, ID))
		return false;
	if (version > 2 || (resource && !version))
		return false;
	(void)rd_uint(&r, width); /* of the whole installer */
	places[0] = rd_uint(&r, width);
	rd_skip(&r, 8); /* size and CRC-32 of the program unpacked */
	places[1] = rd_uint(&r, width);
	places[2] = rd_uint(&r, width);
	rd_skip(&r, version == 2 ? 4 : 0);
	return rd_ok(&r) && is_crc_right(table, r.at);
}

bool inno_loader(const struct pe_headers *h, struct sink *sink, uint64_t *from)
{
	uint64_t places[3];
	struct span table = pe_resource(h, RCDATA, TABLE_RESOURCE);
	if (!span_starts(table, "rDlPtS", 6) && span_has(h->bytes, EXE_HEADER_AT, "Inno", 4)) {
		uint32_t at = span_u32le(h->bytes, EXE_HEADER_AT + 4);
		table = at == ~span_u32le(h->bytes, EXE_HEADER_AT + 8) ? span_from(h->bytes, at) : SPAN_NONE;
	}
	if (span_starts(table, "rDlPtS0", 7) && !span_starts(table, ID_4107, ID)) {
		emit_damage_at(sink, ERR_UNSUPPORTED, (uint64_t)(table.p - h->bytes.p), "an installer of Inno Setup before 4.1.6: its files are not named");
		return false;
	}
	if (!table_read(table, places))
		return false;
	*from = UINT64_MAX;
	for (unsigned i = 0; i < 3; i++)
		if (places[i] && places[i] < *from)
			*from = places[i];
	return *from < h->bytes.n;
}
