/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of images for Apple's S5L8900, the chip of the first iPhones and of the first iPod touch.
 *
 * Specification: The iPhone Wiki, "S5L File Formats", 8900; xpwn includes/xpwn/8900.h.
 */
#include "format/parts.h"

#define HEADER 0x800u

enum { BOOT_ENCRYPTED = 1, BOOT_PLAIN = 2, ENCRYPTED = 3, PLAIN = 4 };

struct image {
	unsigned kind;
	uint32_t data, signature, certificates, certificates_n;
};

static bool image_read(struct span at, struct image *i)
{
	struct reader r = reader_le(span_clip(at, 0, HEADER));
	struct span magic = rd_bytes(&r, 7);
	i->kind = rd_u8(&r);
	rd_skip(&r, 4);
	i->data = rd_u32(&r);
	i->signature = rd_u32(&r);
	i->certificates = rd_u32(&r);
	i->certificates_n = rd_u32(&r);
	return rd_ok(&r) && at.n >= HEADER && span_starts(magic, "89001.0", 7) && i->kind >= BOOT_ENCRYPTED && i->kind <= PLAIN &&
		   i->data > 0 && i->signature >= i->data &&
		   i->certificates > i->signature && i->certificates - i->signature <= 0x1000 && i->certificates_n < 0x10000 &&
		   span_is_zero(span_sub(at, HEADER - 0x400, 0x400));
}

static bool probe(struct span at, struct format_match *match)
{
	struct image i;
	if (!image_read(at, &i))
		return false;
	match->size = (uint64_t)HEADER + i.certificates + i.certificates_n;
	match->confidence = 85;
	return true;
}

static struct error walk(struct span bytes, struct walk *w)
{
	struct parts p = { .bytes = bytes, .w = w };
	struct image i;
	if (!image_read(bytes, &i))
		return error_at(ERR_CORRUPT, 0, "no header of an 8900 image");
	emit_header_field(w->sink, 7, "kind", "%u", i.kind);
	if (i.kind == BOOT_ENCRYPTED || i.kind == ENCRYPTED)
		emit_damage_at(w->sink, ERR_ENCRYPTED, 7, "the payload is encrypted with AES, under %s",
					   i.kind == ENCRYPTED ? "key 0x837 of the chip" : "the chip's own key");
	if (parts_emit(&p, TEXT_LIT("payload"), HEADER, i.data, NULL) && i.certificates_n)
		(void)parts_emit(&p, TEXT_LIT("certificates"), (uint64_t)HEADER + i.certificates, i.certificates_n, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("89001.0", 0), MAGIC_END };

const struct format apple_8900_format = {
	.name = "apple_8900",
	.kind = FORMAT_CONTAINER,
	.title = "Image for Apple's S5L8900",
	.spec = "https://www.theiphonewiki.com/wiki/S5L_File_Formats",
	.magics = magics,
	.probe = probe,
	.walk = walk,
};
