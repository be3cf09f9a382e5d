/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The images that Dialog's (Renesas') Bluetooth chips take over the air: of the DA1458x and DA1453x ("pQ"), behind 64 bytes, of the
 * DA1469x ("Qq"), where the header says. Both have a CRC-32 of the code, which it is known by.
 *
 * Specification: DA1458x SDK utilities/mkimage image.h; DA1469x SDK suota.h.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_1458X 64u
#define HEADER_1469X 34u
#define CODE_MAX (4u << 20)
#define YEAR_2012 1325376000u

struct suota {
	bool newer, encrypted;
	uint32_t code, size, crc, time, version;
};

static bool suota_read(struct span bytes, struct suota *s)
{
	bool newer = span_starts(bytes, "\x51\x71", 2);
	uint32_t at = newer ? 2 : 4, version = newer ? 10 : 12;
	if (!newer && !span_starts(bytes, "\x70\x51", 2))
		return false;
	*s = (struct suota){ .newer = newer,
						 .encrypted = !newer && span_u16le(bytes, 32) & 0xff,
						 .code = newer ? span_u32le(bytes, 30) : HEADER_1458X,
						 .size = span_u32le(bytes, at),
						 .crc = span_u32le(bytes, at + 4),
						 .time = span_u32le(bytes, version + 16),
						 .version = version };
	return s->code >= (newer ? HEADER_1469X : HEADER_1458X) && s->code <= 0x10000 && s->size && s->size <= CODE_MAX &&
		   s->time >= YEAR_2012 && wrapper_is_text(span_sub(bytes, version, 16)) && span_sub(bytes, s->code, s->size).p;
}

static bool suota_probe(struct span at, struct format_match *match)
{
	struct suota s;
	if (!suota_read(at, &s))
		return false;
	match->size = (uint64_t)s.code + s.size;
	match->confidence = 90;
	return hash_crc32(0, span_sub(at, s.code, s.size)) == s.crc;
}

static struct error suota_walk(struct span bytes, struct walk *w)
{
	struct suota s;
	if (!suota_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no image header");
	emit_header_field(w->sink, 0, "chip", "%s", s.newer ? "DA1469x" : "DA1458x");
	wrapper_field(w, s.version, "version", span_sub(bytes, s.version, 16));
	emit_header_field(w->sink, s.version + 16, "time", "%u", s.time);
	emit_header_field(w->sink, s.version - 4, "crc32", "%s", hash_crc32(0, span_sub(bytes, s.code, s.size)) == s.crc ? "ok" : "mismatch");
	if (s.encrypted)
		emit_damage_at(w->sink, ERR_ENCRYPTED, s.code, "the code is encrypted");
	(void)wrapper_region(w, bytes, s.code, s.size, TEXT_LIT("code"), NULL);
	return error_none();
}

const struct format dialog_suota_format = {
	.name = "dialog_suota",
	.kind = FORMAT_CONTAINER,
	.title = "Dialog SUOTA image (DA1458x, DA1469x)",
	.spec = "DA1458x SDK image.h; DA1469x SDK suota.h",
	.probe = suota_probe,
	.walk = suota_walk,
	.at_start = true,
};
