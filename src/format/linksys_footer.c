/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The footer of Linksys' images: 256 bytes of text behind the image, the device's name among it.
 *
 * Specification: OpenWrt scripts/linksys-image.sh.
 */
#include "format/wrapper.h"

#define FOOTER_SIZE 256u
#define TYPE_AT 9u
#define BOARD_AT 17u
#define CRC_AT 32u

static struct span footer_of(struct span bytes)
{
	return bytes.n > FOOTER_SIZE ? span_from(bytes, bytes.n - FOOTER_SIZE) : SPAN_NONE;
}

/* It stands at the end, so that a file is asked for it where it begins. */
static bool linksys_probe(struct span at, struct format_match *match)
{
	struct span footer = footer_of(at);
	match->size = at.n;
	match->confidence = 99;
	return span_starts(footer, ".LINKSYS.", 9) && wrapper_is_text(span_sub(footer, 0, CRC_AT));
}

static void emit_word(struct walk *w, uint64_t at, const char *name, struct span field)
{
	while (field.n && (field.p[field.n - 1] == ' ' || field.p[field.n - 1] == 0))
		field.n--;
	wrapper_field(w, at, name, field);
}

static struct error linksys_walk(struct span bytes, struct walk *w)
{
	struct span footer = footer_of(bytes);
	uint64_t at = bytes.n - footer.n;
	emit_word(w, at + TYPE_AT, "type", span_sub(footer, TYPE_AT, BOARD_AT - TYPE_AT));
	emit_word(w, at + BOARD_AT, "board", span_sub(footer, BOARD_AT, CRC_AT - BOARD_AT));
	emit_word(w, at + CRC_AT, "crc", span_sub(footer, CRC_AT, 8));
	(void)wrapper_region(w, bytes, 0, at, TEXT_LIT("firmware"), NULL);
	return error_none();
}

const struct format linksys_footer_format = {
	.name = "linksys_footer",
	.kind = FORMAT_CONTAINER,
	.title = "Linksys image with a footer",
	.spec = "OpenWrt scripts/linksys-image.sh",
	.at_start = true,
	.probe = linksys_probe,
	.walk = linksys_walk,
};
