/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JCG: a 512-byte header with two CRCs before a uImage. The vendor's own images are obscured with a key made from two
 * texts of the header; without them they are plain.
 *
 * Specification: OpenWrt firmware-utils src/jcgimage.c.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 512u
#define TIME_AT 104u
#define DATA_CRC_AT 504u
#define HEADER_CRC_AT 508u

static bool jcg_probe(struct span at, struct format_match *match)
{
	static const uint8_t zeros[4];
	struct span header = span_sub(at, 0, HEADER_SIZE);
	match->size = at.n; /* the header does not say */
	match->confidence = 95;
	return span_starts(header, "YSZJ", 4) && hash_crc32(hash_crc32(0, span_sub(header, 0, HEADER_CRC_AT)),
														span_of(zeros, 4)) == span_u32be(header, HEADER_CRC_AT);
}

static bool is_plain(struct span header)
{
	static const uint8_t zeros[64];
	return span_has(header, 4, zeros, 32) && span_has(header, 40, zeros, 64);
}

static struct error jcg_walk(struct span bytes, struct walk *w)
{
	struct span data = span_from(bytes, HEADER_SIZE);
	wrapper_field(w, 4, "version", span_sub(bytes, 4, 32));
	wrapper_field(w, 40, "info", span_sub(bytes, 40, 64));
	emit_header_field(w->sink, TIME_AT, "time", "%u", span_u32be(bytes, TIME_AT));
	emit_header_field(w->sink, TIME_AT + 4, "firmware version", "%u.%u", span_u16be(bytes, TIME_AT + 4),
					  span_u16be(bytes, TIME_AT + 6));
	emit_header_field(w->sink, HEADER_CRC_AT, "hcrc", "ok");
	wrapper_check_u32(w, DATA_CRC_AT, "dcrc", true, span_u32be(bytes, DATA_CRC_AT), hash_crc32(0, data));
	if (!is_plain(bytes))
		emit_damage_at(w->sink, ERR_ENCRYPTED, HEADER_SIZE,
					   "JCG's obfuscation by a key made from the header, in a way that is not published");
	(void)wrapper_region(w, bytes, HEADER_SIZE, data.n, TEXT_LIT("firmware"), NULL);
	return error_none();
}

static const struct format_magic jcg_magics[] = { MAGIC("YSZJ", 0), MAGIC_END };

const struct format jcg_format = {
	.name = "jcg",
	.kind = FORMAT_CONTAINER,
	.title = "JCG image",
	.spec = "OpenWrt firmware-utils src/jcgimage.c",
	.magics = jcg_magics,
	.probe = jcg_probe,
	.walk = jcg_walk,
};
