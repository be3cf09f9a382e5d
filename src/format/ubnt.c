/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ubiquiti's images (airOS and the like): a header with the version, parts with names and CRCs, a CRC or an RSA
 * signature at the end.
 *
 * Specification: OpenWrt firmware-utils src/fw.h, src/mkfwimage.c.
 */
#include "base/hash.h"
#include "format/signature.h"
#include "format/wrapper.h"

#define HEADER_SIZE 268u
#define HEADER_CRC_AT 260u
#define PART_SIZE 56u
#define PART_TAIL 8u
#define END_SIZE 12u
#define ENDS_SIZE 264u
#define PARTS_MAX 64u

static bool header_ok(struct span bytes)
{
	struct span header = span_sub(bytes, 0, HEADER_SIZE);
	return header.p &&
		   (span_starts(header, "OPEN", 4) || span_starts(header, "UBNT", 4) || span_starts(header, "GEOS", 4)) &&
		   hash_crc32(0, span_sub(header, 0, HEADER_CRC_AT)) == span_u32be(header, HEADER_CRC_AT);
}

/* Of the part at `at`: 0 when there is none. Other words than PART stand before parts that are only for some
 * devices. */
static uint64_t part_size(struct span bytes, uint64_t at)
{
	struct span header = span_sub(bytes, at, PART_SIZE);
	return span_starts(header, "PART", 4) || span_starts(header, "EXEC", 4)
			   ? (uint64_t)PART_SIZE + span_u32be(header, 48) + PART_TAIL
			   : 0;
}

static uint64_t end_size(struct span bytes, uint64_t at)
{
	return span_has(bytes, at, "ENDS", 4) ? ENDS_SIZE : span_has(bytes, at, "END.", 4) ? END_SIZE : 0;
}

static bool ubnt_probe(struct span at, struct format_match *match)
{
	uint64_t end = HEADER_SIZE, size;
	if (!header_ok(at))
		return false;
	for (unsigned i = 0; i < PARTS_MAX && (size = part_size(at, end)); i++)
		end += size;
	match->size = end + end_size(at, end);
	match->confidence = 95;
	return true;
}

static bool walk_part(struct walk *w, struct span bytes, uint64_t at)
{
	struct span header = span_sub(bytes, at, PART_SIZE);
	uint32_t size = span_u32be(header, 48);
	struct text name = wrapper_text(span_sub(header, 4, 16));
	struct span covered = span_sub(bytes, at, (uint64_t)PART_SIZE + size),
				tail = span_sub(bytes, at + PART_SIZE + size, 4);
	emit_header_field(w->sink, at, "part", "%.*s: index %u, baseaddr 0x%08x, entryaddr 0x%08x", (int)name.n, name.p,
					  span_u32be(header, 36), span_u32be(header, 40), span_u32be(header, 44));
	wrapper_check_u32(w, at + PART_SIZE + size, "part crc", covered.p && tail.p, span_u32be(tail, 0),
					  hash_crc32(0, covered));
	return wrapper_region(w, bytes, at + PART_SIZE, size, name.n ? name : TEXT_LIT("part"), NULL);
}

static void end_signed(struct walk *w, struct span bytes, uint64_t at)
{
	signature_report_plain(w->sink, at + 4, "ubnt", "image", "RSA", SIGNATURE_NO_KEY, "the device has the key");
	(void)wrapper_region(w, bytes, at + 4, ENDS_SIZE - 8, TEXT_LIT("rsa-signature"), NULL);
}

static struct error ubnt_walk(struct span bytes, struct walk *w)
{
	uint64_t at = HEADER_SIZE, size;
	if (!header_ok(bytes))
		return error_at(ERR_CORRUPT, 0, "no header whose CRC verifies");
	wrapper_field(w, 0, "magic", span_sub(bytes, 0, 4));
	wrapper_field(w, 4, "version", span_sub(bytes, 4, 256));
	emit_header_field(w->sink, HEADER_CRC_AT, "header crc", "ok");
	for (unsigned i = 0; i < PARTS_MAX && (size = part_size(bytes, at)); i++, at += size)
		if (!walk_part(w, bytes, at))
			return error_none();
	if (span_has(bytes, at, "END.", 4))
		wrapper_check_u32(w, at + 4, "crc", true, span_u32be(bytes, at + 4), hash_crc32(0, span_sub(bytes, 0, at)));
	else if (span_has(bytes, at, "ENDS", 4))
		end_signed(w, bytes, at);
	else
		emit_damage_at(w->sink, at < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, at,
					   "neither a part nor the end stands here");
	return error_none();
}

static const struct format_magic ubnt_magics[] = { MAGIC("OPEN", 0), MAGIC("UBNT", 0), MAGIC("GEOS", 0), MAGIC_END };

const struct format ubnt_format = {
	.name = "ubnt",
	.kind = FORMAT_CONTAINER,
	.title = "Ubiquiti image",
	.spec = "OpenWrt firmware-utils src/fw.h",
	.magics = ubnt_magics,
	.probe = ubnt_probe,
	.walk = ubnt_walk,
};
