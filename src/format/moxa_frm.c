/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moxa *FRM: the firmware of NPort and MGate devices: a binary and a file system of web pages (moxa_fs).
 *
 * Specification: unblob handlers/archive/moxa/frm.py.
 */
#include <stdio.h>

#include "format/wrapper.h"

#define HEADER_SIZE 0x60u
#define TABLE_AT 64u
#define SECTION_SIZE 16u
#define TYPE_BINARY 1u
#define TYPE_FILES 2u

static bool frm_probe(struct span at, struct format_match *match)
{
	struct reader r = reader_le(at);
	rd_skip(&r, 8);
	uint32_t total = rd_u32(&r);
	uint16_t header = rd_u16(&r), sections = rd_u16(&r);
	if (!span_starts(at, "*FRM\0\0\0\1", 8) || !span_sub(at, 0, HEADER_SIZE).p || header != HEADER_SIZE ||
		sections != 2)
		return false;
	for (unsigned i = 0; i < sections; i++) {
		uint64_t from = span_u32le(at, TABLE_AT + SECTION_SIZE * i + 4),
				 n = span_u32le(at, TABLE_AT + SECTION_SIZE * i + 8);
		if (from < HEADER_SIZE || from + n > total)
			return false;
	}
	match->size = total;
	match->confidence = 95;
	return true;
}

static struct error frm_walk(struct span bytes, struct walk *w)
{
	emit_header_field(w->sink, 8, "total_length", "%u", span_u32le(bytes, 8));
	for (unsigned i = 0; i < 2; i++) {
		struct reader r = reader_le(span_from(bytes, TABLE_AT + SECTION_SIZE * i));
		uint32_t type = rd_u32(&r), at = rd_u32(&r), size = rd_u32(&r);
		char name[32];
		snprintf(name, sizeof name,
				 type == TYPE_BINARY  ? "firmware"
				 : type == TYPE_FILES ? "filesystem"
									  : "section-%u",
				 type);
		if (!rd_ok(&r))
			return error_at(ERR_TRUNCATED, bytes.n, "the table of sections breaks off");
		if (!wrapper_region(w, bytes, at, size, text_c(name), type == TYPE_FILES ? "moxa_fs" : NULL))
			break;
	}
	return error_none();
}

static const struct format_magic frm_magics[] = { MAGIC("*FRM\0\0\0\1", 0), MAGIC_END };

const struct format moxa_frm_format = {
	.name = "moxa_frm",
	.kind = FORMAT_CONTAINER,
	.title = "Moxa FRM image",
	.spec = "unblob handlers/archive/moxa/frm.py",
	.magics = frm_magics,
	.probe = frm_probe,
	.walk = frm_walk,
};
