/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GFH: what the boot ROM of MediaTek's chips takes: preloaders, boot loaders and the code of modems begin with a chain of headers, the
 * first of which says where the code begins, how long all is and how it is signed. Before it may stand what the medium wants (SF_BOOT,
 * EMMC_BOOT, BRLYT), which says nothing more.
 *
 * Specification: U-Boot tools/mtk_image.h, tools/mtk_image.c; mediatek_preloader.ksy of mediatek-lte-baseband-re.
 */
#include "format/wrapper.h"

#define INFO_SIZE 0x38u
#define SIZE_MAX_FILE (64u << 20)
#define HEADERS_MAX 32u
#define SIGNATURE_SHA256 1u

struct gfh {
	uint16_t type;
	uint8_t device, signature;
	uint32_t load, size, header, signature_size, jump;
};

/* The chain of headers ends where the code begins, or before. */
static bool chain_is_right(struct span bytes, uint32_t end)
{
	uint64_t at = 0;
	for (unsigned i = 0; i < HEADERS_MAX && at < end; i++) {
		uint16_t size = span_u16le(bytes, at + 4);
		if (!span_has(bytes, at, "MMM", 3))
			return i > 0;
		if (size < 8 || size > end - at)
			return false;
		at += size;
	}
	return true;
}

static bool gfh_read(struct span bytes, struct gfh *g)
{
	struct reader r = reader_le(span_sub(bytes, 0, INFO_SIZE));
	rd_skip(&r, 24);
	g->type = rd_u16(&r);
	g->device = rd_u8(&r);
	g->signature = rd_u8(&r);
	g->load = rd_u32(&r);
	g->size = rd_u32(&r);
	rd_skip(&r, 4);
	g->header = rd_u32(&r);
	g->signature_size = rd_u32(&r);
	g->jump = rd_u32(&r);
	return rd_ok(&r) && span_has(bytes, 4, "\x38\0\0\0FILE_INFO\0\0\0", 16) && span_starts(bytes, "MMM", 3) && g->header >= INFO_SIZE &&
		   g->size <= SIZE_MAX_FILE && (uint64_t)g->header + g->signature_size < g->size && g->jump < g->size &&
		   chain_is_right(bytes, g->header);
}

static bool gfh_probe(struct span at, struct format_match *match)
{
	struct gfh g;
	if (!gfh_read(at, &g))
		return false;
	match->size = g.size;
	match->confidence = 90;
	return true;
}

static const char *type_of(uint16_t type)
{
	switch (type) {
	case 1: return "ARM_BL";
	case 2: return "ARM_EXT_BL";
	case 0x100: return "PRIMARY_MAUI";
	case 0x104: return "DSP_ROM";
	case 0x108: return "VIVA";
	case 0x109: return "LTE_DSP_ROM";
	case 0x180: return "CUSTOM_PACK";
	default: return NULL;
	}
}

static struct error gfh_walk(struct span bytes, struct walk *w)
{
	struct gfh g;
	if (!gfh_read(bytes, &g))
		return error_at(ERR_CORRUPT, 0, "no GFH header");
	uint32_t end = g.size - g.signature_size;
	struct span covered = span_sub(bytes, 0, end), sum = span_sub(bytes, end, 32);
	emit_header_field(w->sink, 24, "file_type", type_of(g.type) ? "0x%x %s" : "0x%x", g.type, type_of(g.type));
	emit_header_field(w->sink, 28, "load", "0x%08x", g.load);
	emit_header_field(w->sink, 48, "entry", "0x%08x", g.load + g.jump);
	emit_header_field(w->sink, 27, "signature_type", "%u", g.signature);
	if (g.signature == SIGNATURE_SHA256 && g.signature_size == 32)
		emit_header_field(w->sink, end, "sha256", "%s",
						  covered.p && sum.p && digest_matches(DIGEST_SHA256, covered, sum) ? "ok" : "not checked");
	if (wrapper_region(w, bytes, g.header, end - g.header, TEXT_LIT("code"), NULL) && g.signature_size)
		(void)wrapper_region(w, bytes, end, g.signature_size, TEXT_LIT("signature"), NULL);
	return error_none();
}

static const struct format_magic gfh_magics[] = { MAGIC("\x38\0\0\0FILE_INFO\0", 4), MAGIC_END };

const struct format mediatek_gfh_format = {
	.name = "mediatek_gfh",
	.kind = FORMAT_CONTAINER,
	.title = "MediaTek preloader, boot loader or modem code (GFH)",
	.spec = "U-Boot tools/mtk_image.h, struct gfh_file_info",
	.magics = gfh_magics,
	.probe = gfh_probe,
	.walk = gfh_walk,
};
