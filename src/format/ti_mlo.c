/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MLO: what the boot ROM of TI's OMAP and Sitara loads: a configuration header, whose table of contents has names, then size
 * and address of the code.
 *
 * Specification: OMAP and AM335x Technical Reference Manuals, "Image Format"; U-Boot tools/omapimage.h.
 */
#include "format/region.h"

#define CONFIGURATION 512u
#define ENTRY 32u
#define NAME_AT 20u
#define GP_HEADER 8u
#define SIZE_MAX_IMAGE (16u << 20)
#define ON_CHIP 0x40u /* the highest byte of addresses of the memory on the chip, the only one that there is then */

static bool mlo_read(struct span at, uint32_t *size, uint32_t *address)
{
	uint32_t start = span_u32le(at, 0), settings = span_u32le(at, 4);
	*size = span_u32le(at, CONFIGURATION);
	*address = span_u32le(at, CONFIGURATION + 4);
	return span_has(at, NAME_AT, "CHSETTINGS\0\0", 12) && span_sub(at, 0, CONFIGURATION + GP_HEADER).p &&
		   start < CONFIGURATION && settings < CONFIGURATION && *size > GP_HEADER && *size <= SIZE_MAX_IMAGE &&
		   *address >> 24 == ON_CHIP;
}

static bool mlo_probe(struct span at, struct format_match *match)
{
	uint32_t size, address;
	if (!mlo_read(at, &size, &address))
		return false;
	match->size = (uint64_t)CONFIGURATION + size;
	match->confidence = 85;
	return true;
}

/* The size counts its own header in what mkimage writes. */
static struct error mlo_walk(struct span bytes, struct walk *w)
{
	uint32_t size, address;
	if (!mlo_read(bytes, &size, &address))
		return error_at(ERR_CORRUPT, 0, "no configuration header");
	for (uint64_t at = 0; at + ENTRY <= CONFIGURATION && span_u32le(bytes, at) != UINT32_MAX; at += ENTRY) {
		struct text name = text_from_span(span_sub(bytes, at + NAME_AT, 12));
		if (name.p && *name.p)
			emit_header_field(w->sink, at, "toc", "%.*s", (int)strnlen(name.p, name.n), name.p);
	}
	emit_header_field(w->sink, CONFIGURATION, "size", "%u", size);
	emit_header_field(w->sink, CONFIGURATION + 4, "load_addr", "0x%08x", address);
	region_emit(w, "code", bytes, CONFIGURATION + GP_HEADER, size - GP_HEADER, NULL);
	return error_none();
}

static const struct format_magic mlo_magics[] = { MAGIC("CHSETTINGS\0\0", NAME_AT), MAGIC_END };

const struct format ti_mlo_format = {
	.name = "ti_mlo",
	.kind = FORMAT_CONTAINER,
	.title = "TI OMAP/Sitara first stage with a configuration header (MLO)",
	.spec = "U-Boot tools/omapimage.h",
	.magics = mlo_magics,
	.probe = mlo_probe,
	.walk = mlo_walk,
};
