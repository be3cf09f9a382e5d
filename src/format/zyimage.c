/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ZyXEL's trailer of newer devices (Keenetic, NBG): a device number, a version and a CRC behind an image.
 *
 * Specification: OpenWrt firmware-utils src/zyimage.c.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define TRAILER_SIZE 60u
#define VERSION_SIZE 48u

static struct span trailer_of(struct span bytes)
{
	return bytes.n > TRAILER_SIZE ? span_from(bytes, bytes.n - TRAILER_SIZE) : SPAN_NONE;
}

/* It stands at the end, so that a file is asked for it where it begins. */
static bool zyimage_probe(struct span at, struct format_match *match)
{
	struct span trailer = trailer_of(at), version = span_sub(trailer, 8, VERSION_SIZE);
	match->size = at.n;
	match->confidence = 99;
	return span_starts(trailer, "ZNBG", 4) && wrapper_is_text(version) && version.p[VERSION_SIZE - 1] == 0;
}

static struct error zyimage_walk(struct span bytes, struct walk *w)
{
	struct span trailer = trailer_of(bytes), image = span_sub(bytes, 0, bytes.n - trailer.n);
	if (!trailer.p)
		return error_at(ERR_TRUNCATED, bytes.n, "no trailer");
	emit_header_field(w->sink, image.n + 4, "device_id", "0x%08x", span_u32le(trailer, 4));
	wrapper_field(w, image.n + 8, "firmware_version", span_sub(trailer, 8, VERSION_SIZE));
	wrapper_check_u32(w, image.n + 56, "crc32", true, span_u32le(trailer, 56), hash_crc32_raw(UINT32_MAX, image));
	(void)wrapper_region(w, bytes, 0, image.n, TEXT_LIT("firmware"), NULL);
	return error_none();
}

const struct format zyimage_format = {
	.name = "zyimage",
	.kind = FORMAT_CONTAINER,
	.title = "ZyXEL image with a ZNBG trailer",
	.spec = "OpenWrt firmware-utils src/zyimage.c",
	.at_start = true,
	.probe = zyimage_probe,
	.walk = zyimage_walk,
};
