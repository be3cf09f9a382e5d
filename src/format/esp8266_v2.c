/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second kind of images for the ESP8266, which its SDK's boot loader starts: what is executed from the flash, without an address, then an
 * image of the first kind (esp_image), then a CRC-32 of both.
 *
 * Specification: esptool, class ESP8266V2FirmwareImage.
 */
#include "base/hash.h"
#include "format/parts.h"
#include "format/wrapper.h"

#define FLASH_AT 16u
#define FLASH_MAX (1u << 20)
#define SEGMENTS_MAX 16u

struct v2 {
	uint64_t image, end; /* the end without the CRC */
};

/* The image of the first kind has the header's mode, size and entry once more. */
static bool image_read(struct span bytes, struct v2 *v)
{
	struct span h = span_sub(bytes, v->image, 8);
	if (!h.p || h.p[0] != 0xe9 || !h.p[1] || h.p[1] > SEGMENTS_MAX || memcmp(h.p + 2, bytes.p + 2, 6) != 0)
		return false;
	uint64_t at = v->image + 8;
	for (unsigned i = 0; i < h.p[1]; i++) {
		struct span segment = span_sub(bytes, at, 8);
		if (!segment.p || span_u32le(segment, 4) > FLASH_MAX || span_u32le(segment, 0) >> 28 > 4)
			return false;
		at += 8 + (uint64_t)span_u32le(segment, 4);
	}
	v->end = (at | 15) + 1;
	return true;
}

static bool v2_read(struct span bytes, struct v2 *v)
{
	struct span h = span_sub(bytes, 0, FLASH_AT);
	uint32_t flash = span_u32le(h, 12);
	if (!span_starts(h, "\xea\4", 2) || h.p[2] > 3 || span_u32le(h, 8) || !flash || flash > FLASH_MAX || flash % 16)
		return false;
	v->image = FLASH_AT + (uint64_t)flash;
	return image_read(bytes, v);
}

static bool v2_probe(struct span at, struct format_match *match)
{
	struct v2 v;
	if (!v2_read(at, &v))
		return false;
	match->size = v.end + 4;
	match->confidence = 90;
	return true;
}

/* The SDK's boot loader counts otherwise than zlib. */
static uint32_t crc_of(struct span s)
{
	uint32_t crc = hash_crc32(0, s);
	return crc >> 31 ? ~crc : crc + 1;
}

static struct error v2_walk(struct span bytes, struct walk *w)
{
	struct v2 v;
	if (!v2_read(bytes, &v))
		return error_at(ERR_CORRUPT, 0, "no ESP8266 image of the second kind");
	struct parts p = { bytes, w, 0, false };
	bool whole = bytes.n >= v.end + 4;
	emit_header_field(w->sink, 4, "entry", "0x%08x", span_u32le(bytes, 4));
	wrapper_check_u32(w, v.end, "crc32", whole, span_u32le(bytes, v.end), whole ? crc_of(span_sub(bytes, 0, v.end)) : 0);
	if (parts_emit(&p, TEXT_LIT("flash"), FLASH_AT, v.image - FLASH_AT, NULL))
		(void)parts_emit(&p, TEXT_LIT("image"), v.image, v.end - v.image, "esp_image");
	return error_none();
}

/* The entry is in the chip's IRAM, the first segment has address 0. */
static const struct format_magic v2_magics[] = { MAGIC("\x10\x40\0\0\0\0", 6), MAGIC_END };

const struct format esp8266_v2_format = {
	.name = "esp8266_v2",
	.kind = FORMAT_CONTAINER,
	.title = "Espressif image of the second kind (ESP8266)",
	.spec = "esptool, ESP8266V2FirmwareImage",
	.magics = v2_magics,
	.probe = v2_probe,
	.walk = v2_walk,
};
