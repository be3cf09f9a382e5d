/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image of Telink's TLSR chips: the code itself, whose first words hold a magic and its size, and a CRC at the end.
 *
 * Specification: Telink Zigbee SDK, "OTA" (AN_19052900), and its cstartup files.
 */
#include "base/hash.h"
#include "format/region.h"

#define HEADER 0x20u
#define SIZE_AT 0x18u
#define FLASH_MAX (16u << 20)

/* The first instruction is a jump, whose upper byte is 0x80. */
static bool telink_read(struct span at, uint32_t *size)
{
	*size = span_u32le(at, SIZE_AT);
	return span_has(at, 4, "\0\0\x5d\2KNLT", 8) && at.p[1] == 0x80 && span_sub(at, 0, HEADER).p && *size > HEADER + 4 &&
		   *size <= FLASH_MAX && *size % 4 == 0;
}

static bool telink_probe(struct span at, struct format_match *match)
{
	uint32_t size;
	if (!telink_read(at, &size))
		return false;
	match->size = size;
	match->confidence = 80;
	return true;
}

static struct error telink_walk(struct span bytes, struct walk *w)
{
	uint32_t size;
	if (!telink_read(bytes, &size))
		return error_at(ERR_CORRUPT, 0, "no Telink image");
	emit_header_field(w->sink, SIZE_AT, "size", "%u", size);
	if (bytes.n >= size) {
		uint32_t stored = span_u32le(bytes, size - 4), crc = hash_crc32_raw(UINT32_MAX, span_sub(bytes, 0, size - 4));
		emit_header_field(w->sink, size - 4, "crc32", "%s", crc == stored ? "ok" : "mismatch");
		if (crc != stored)
			emit_damage_at(w->sink, ERR_CORRUPT, size - 4, "the image ends with CRC 0x%08x, it has 0x%08x", stored,
						   crc);
	}
	region_emit(w, "code", bytes, HEADER, size - HEADER - 4, NULL);
	return error_none();
}

static const struct format_magic telink_magics[] = { MAGIC("\x5d\2KNLT", 6), MAGIC_END };

const struct format telink_format = {
	.name = "telink",
	.kind = FORMAT_CONTAINER,
	.title = "Telink TLSR image",
	.spec = "Telink AN_19052900",
	.magics = telink_magics,
	.probe = telink_probe,
	.walk = telink_walk,
};
