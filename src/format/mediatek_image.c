/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of 512 bytes that MediaTek's boot loaders want before a partition's image (lk, tee, logo), a kernel or a
 * ramdisk.
 *
 * Specification: U-Boot tools/mtk_image.h (union lk_hdr) and MediaTek's part_hdr_t. */
#include "format/parts.h"

#define HEADER_SIZE 512u
#define EXTENSION_MAGIC 0x58891689u

struct image {
	uint32_t size, address, align;
	struct text name;
	bool extended;
};

static bool is_filled(struct span s, uint8_t with)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != with)
			return false;
	return true;
}

static bool image_read(struct span at, struct image *k)
{
	struct reader r = reader_le(span_sub(at, 0, HEADER_SIZE));
	uint32_t magic = rd_u32(&r);
	k->size = rd_u32(&r);
	struct span name = rd_bytes(&r, 32);
	k->name = text_until_nul(name);
	k->address = rd_u32(&r);
	rd_skip(&r, 4);
	k->extended = rd_u32(&r) == EXTENSION_MAGIC;
	uint32_t header_size = rd_u32(&r);
	rd_skip(&r, 12);
	k->align = k->extended ? rd_u32(&r) : 0;
	for (size_t i = 0; i < k->name.n; i++)
		if (k->name.p[i] < ' ' || k->name.p[i] > '~')
			return false;
	struct span rest = span_sub(at, 80, HEADER_SIZE - 80);
	return rd_ok(&r) && magic == 0x58881688 && k->size && k->name.n && k->name.n < 32 && k->align <= 4096 &&
		   (!k->extended || header_size == HEADER_SIZE) && (is_filled(rest, 0xff) || is_filled(rest, 0));
}

static uint64_t image_end(const struct image *k)
{
	uint64_t end = HEADER_SIZE + (uint64_t)k->size;
	return k->align > 1 ? (end + k->align - 1) / k->align * k->align : end;
}

static bool mediatek_image_probe(struct span at, struct format_match *match)
{
	struct image k;
	if (!image_read(at, &k))
		return false;
	match->size = image_end(&k);
	match->confidence = 85;
	return true;
}

static struct error mediatek_image_walk(struct span bytes, struct walk *w)
{
	struct image k;
	if (!image_read(bytes, &k))
		return error_at(ERR_CORRUPT, 0, "no MediaTek image header");
	emit_header_field(w->sink, 8, "name", "%.*s", (int)k.name.n, k.name.p);
	if (k.address != UINT32_MAX)
		emit_header_field(w->sink, 40, "maddr", "0x%08x", k.address);
	struct parts parts = { .bytes = bytes, .w = w };
	parts_emit(&parts, k.name, HEADER_SIZE, k.size, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("\x88\x16\x88\x58", 0), MAGIC_END };

const struct format mediatek_image_format = {
	.name = "mediatek_image",
	.kind = FORMAT_CONTAINER,
	.title = "MediaTek image header",
	.spec = "U-Boot tools/mtk_image.h",
	.magics = magics,
	.probe = mediatek_image_probe,
	.walk = mediatek_image_walk,
};
