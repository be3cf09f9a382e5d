/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of Intel's and MaxLinear's Puma cable modems ("VER2", "VER3"): a list of sizes and types of the parts behind
 * it.
 *
 * Specification: FACT_extractor plugins/unpacking/maxlinear.
 */
#include <stdio.h>

#include "format/region.h"

#define COUNT_AT 40u

struct puma {
	unsigned n, sizes_at, types_at, header;
	uint64_t end;
};

static bool puma_read(struct span bytes, struct puma *p)
{
	bool three = span_starts(bytes, "VER3", 4);
	unsigned max = three ? 20 : 10;
	*p = three ? (struct puma){ 0, 132, 212, 252, 252 } : (struct puma){ 0, 92, 132, 160, 160 };
	p->n = span_u32be(bytes, COUNT_AT);
	if ((!three && !span_starts(bytes, "VER2", 4)) || !span_sub(bytes, 0, p->header).p || !p->n || p->n > max)
		return false;
	for (unsigned i = 0; i < max; i++) {
		uint32_t size = span_u32be(bytes, p->sizes_at + 4 * i);
		if (i < p->n ? !size || size > 1u << 30 : size != 0)
			return false;
		p->end += size;
	}
	return true;
}

static bool puma_probe(struct span at, struct format_match *match)
{
	struct puma p;
	if (!puma_read(at, &p))
		return false;
	match->size = p.end;
	match->confidence = 80;
	return true;
}

static struct error puma_walk(struct span bytes, struct walk *w)
{
	static const char *const names[] = {
		[2] = "atom-kernel", [3] = "atom-rootfs", [8] = "arm-kernel", [9] = "arm-rootfs", [10] = "gateway-rootfs"
	};
	struct puma p;
	if (!puma_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no header of a Puma image");
	uint64_t at = p.header;
	for (unsigned i = 0; i < p.n; i++) {
		char name[48];
		uint8_t type = span_sub(bytes, p.types_at + i, 1).p[0];
		uint32_t size = span_u32be(bytes, p.sizes_at + 4 * i);
		const char *known = type < sizeof names / sizeof names[0] ? names[type] : NULL;
		snprintf(name, sizeof name, "%u-%s", i, known ? known : "unknown");
		emit_header_field(w->sink, p.types_at + i, name, "type %u, %u bytes", type, size);
		if (!region_emit(w, name, bytes, at, size, NULL))
			break;
		at += size;
	}
	return error_none();
}

static const struct format_magic puma_magics[] = { MAGIC("VER2", 0), MAGIC("VER3", 0), MAGIC_END };

const struct format maxlinear_format = {
	.name = "maxlinear",
	.kind = FORMAT_CONTAINER,
	.title = "Intel and MaxLinear Puma image (VER2, VER3)",
	.spec = "FACT_extractor plugins/unpacking/maxlinear",
	.magics = puma_magics,
	.probe = puma_probe,
	.walk = puma_walk,
};
