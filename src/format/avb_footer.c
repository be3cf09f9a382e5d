/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The footer of Android Verified Boot: the last 64 bytes of a partition tell where its vbmeta is.
 *
 * Specification: AOSP external/avb/libavb/avb_footer.h. */
#include "format/format.h"

#define FOOTER_SIZE 64u

struct footer {
	uint64_t image_size, vbmeta_at, vbmeta_size;
};

static bool footer_read(struct span at, struct footer *f)
{
	static const uint8_t zero[28];
	struct reader r = reader_be(at);
	struct span magic = rd_bytes(&r, 4);
	uint32_t major = rd_u32(&r), minor = rd_u32(&r);
	f->image_size = rd_u64(&r);
	f->vbmeta_at = rd_u64(&r);
	f->vbmeta_size = rd_u64(&r);
	struct span reserved = rd_bytes(&r, sizeof zero);
	return rd_ok(&r) && span_starts(magic, "AVBf", 4) && major == 1 && minor < 256 &&
		   span_starts(reserved, zero, sizeof zero) && f->vbmeta_at >= f->image_size && f->vbmeta_at >> 60 == 0 &&
		   f->vbmeta_size && f->vbmeta_size <= 1u << 24;
}

static bool avb_footer_probe(struct span at, struct format_match *match)
{
	struct footer f;
	if (!footer_read(at, &f))
		return false;
	match->size = FOOTER_SIZE;
	match->confidence = 80;
	return true;
}

static struct error avb_footer_walk(struct span bytes, struct walk *w)
{
	struct footer f;
	if (!footer_read(bytes, &f))
		return error_at(ERR_CORRUPT, 0, "no AVB footer");
	emit_header_field(w->sink, 12, "original_image_size", "%llu", (unsigned long long)f.image_size);
	emit_header_field(w->sink, 20, "vbmeta_offset", "0x%llx", (unsigned long long)f.vbmeta_at);
	emit_header_field(w->sink, 28, "vbmeta_size", "%llu", (unsigned long long)f.vbmeta_size);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("AVBf\0\0\0\1", 0), MAGIC_END };

const struct format avb_footer_format = {
	.name = "avb_footer",
	.kind = FORMAT_CONTAINER,
	.title = "Android Verified Boot footer of a partition",
	.spec = "AOSP external/avb/libavb/avb_footer.h",
	.magics = magics,
	.probe = avb_footer_probe,
	.walk = avb_footer_walk,
};
