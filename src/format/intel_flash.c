/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptor at the beginning of an Intel platform's flash: which region belongs to whom.
 *
 * Specification: coreboot Documentation/util/ifdtool/layout.md, util/ifdtool/ifdtool.h.
 */
#include "format/region.h"

#define DESCRIPTOR 0x1000u
#define MAGIC_AT 0x10u
#define REGIONS_MAX 16u
#define FLASH_MAX (128u << 20)

struct flash_region {
	uint64_t from, to; /* the end is exclusive */
};

struct flash {
	uint64_t table;
	struct flash_region v[REGIONS_MAX];
	unsigned n;
	uint64_t end;
};

static const char *const region_names[REGIONS_MAX] = { "descriptor",
													   "bios",
													   "me",
													   "gbe",
													   "platform-data",
													   "device-expansion",
													   "bios2",
													   NULL,
													   "ec",
													   "device-expansion-2",
													   "ie",
													   "10gbe-0",
													   "10gbe-1",
													   NULL,
													   NULL,
													   "ptt" };

/* Boundaries of 4 KiB; a base beyond the limit says that there is none. */
static struct flash_region region_read(struct span at, uint64_t table, unsigned i)
{
	uint32_t v = span_u32le(at, table + 4 * i);
	uint64_t base = (uint64_t)(v & 0x7fff) << 12, limit = (uint64_t)(v >> 16 & 0x7fff) << 12 | 0xfff;
	return base > limit || v == UINT32_MAX || (i && base == 0) ? (struct flash_region){ 0, 0 }
															   : (struct flash_region){ base, limit + 1 };
}

static bool overlaps_another(const struct flash *f, const struct flash_region *r)
{
	for (unsigned i = 0; i < f->n; i++)
		if (r->from < f->v[i].to && f->v[i].from < r->to)
			return true;
	return false;
}

/* How many regions there are is told by nothing that can be trusted in all generations: those that make sense count. */
static bool flash_read(struct span at, struct flash *f)
{
	uint32_t map0 = span_u32le(at, MAGIC_AT + 4);
	*f = (struct flash){ .table = (map0 >> 16 & 0xff) << 4 };
	if (!span_has(at, MAGIC_AT, "\x5a\xa5\xf0\x0f", 4) || !span_sub(at, 0, DESCRIPTOR).p || f->table < 0x20 ||
		(map0 & 0xff) << 4 < 0x20 || ((map0 & 0xff) << 4) == f->table)
		return false;
	for (; f->n < REGIONS_MAX; f->n++) {
		struct flash_region r = region_read(at, f->table, f->n);
		if (r.to > FLASH_MAX || (r.to && overlaps_another(f, &r)))
			break;
		f->v[f->n] = r;
		if (r.to > f->end)
			f->end = r.to;
	}
	return f->n >= 3 && f->v[0].from == 0 && f->v[0].to >= DESCRIPTOR && f->v[0].to <= 0x10000 &&
		   f->v[1].to > f->v[1].from;
}

static bool flash_probe(struct span at, struct format_match *match)
{
	struct flash f;
	if (!flash_read(at, &f))
		return false;
	match->size = f.end;
	match->confidence = 90;
	return true;
}

static struct error flash_walk(struct span bytes, struct walk *w)
{
	struct flash f;
	if (!flash_read(bytes, &f))
		return error_at(ERR_CORRUPT, 0, "no flash descriptor");
	emit_header_field(w->sink, MAGIC_AT + 4, "FRBA", "0x%llx", (unsigned long long)f.table);
	for (unsigned i = 0; i < f.n; i++) {
		const struct flash_region *r = &f.v[i];
		const char *name = region_names[i] ? region_names[i] : "reserved";
		if (r->to <= r->from)
			continue;
		emit_header_field(w->sink, f.table + 4 * i, name, "0x%llx-0x%llx", (unsigned long long)r->from,
						  (unsigned long long)r->to - 1);
		/* The descriptor itself would be recognised over again. */
		uint64_t skip = i == 0 ? MAGIC_AT + 4 : 0;
		if (!region_emit(w, name, bytes, r->from + skip, r->to - r->from - skip, NULL))
			break;
	}
	return error_none();
}

static const struct format_magic flash_magics[] = { MAGIC("\x5a\xa5\xf0\x0f", MAGIC_AT), MAGIC_END };

const struct format intel_flash_format = {
	.name = "intel_flash",
	.kind = FORMAT_CONTAINER,
	.title = "Intel flash image with a descriptor",
	.spec = "coreboot util/ifdtool",
	.magics = flash_magics,
	.probe = flash_probe,
	.walk = flash_walk,
};
