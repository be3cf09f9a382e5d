/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sercomm's header, on some Netgear devices: names and versions between two "sErCoMm", a one-byte sum over it all,
 * then a zip archive or an image.
 *
 * Specification: OpenWrt firmware-utils src/mksercommfw.c.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 512u
#define PID_SIZE 71u
#define SECOND_AT 63u

static bool sercomm_probe(struct span at, struct format_match *match)
{
	static const uint8_t zeros[HEADER_SIZE - 1 - PID_SIZE];
	match->size = at.n; /* the header does not say */
	match->confidence = 90;
	return span_starts(at, "sErCoMm", 7) && span_has(at, SECOND_AT, "sErCoMm", 7) &&
		   span_has(at, PID_SIZE, zeros, sizeof zeros) && at.n > HEADER_SIZE;
}

static struct error sercomm_walk(struct span bytes, struct walk *w)
{
	uint8_t sum = 0;
	wrapper_field(w, 11, "hw_id", span_sub(bytes, 11, 32));
	if (wrapper_is_text(span_sub(bytes, 43, 12)))
		wrapper_field(w, 43, "hw_version", span_sub(bytes, 43, 12));
	emit_header_field(w->sink, 55, "sw_version", "0x%08x", span_u32be(bytes, 55));
	for (size_t i = 0; i < bytes.n; i++)
		sum = (uint8_t)(sum + bytes.p[i]);
	wrapper_check(w, HEADER_SIZE - 1, "checksum", true, sum == 0xff || sum == 0);
	(void)wrapper_region(w, bytes, HEADER_SIZE, bytes.n - HEADER_SIZE, TEXT_LIT("firmware"), NULL);
	return error_none();
}

static const struct format_magic sercomm_magics[] = { MAGIC("sErCoMm", 0), MAGIC_END };

const struct format sercomm_format = {
	.name = "sercomm",
	.kind = FORMAT_CONTAINER,
	.title = "Sercomm image",
	.spec = "OpenWrt firmware-utils src/mksercommfw.c",
	.magics = sercomm_magics,
	.probe = sercomm_probe,
	.walk = sercomm_walk,
};
