/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dump of a flash with RedBoot's table of images (FIS), as older routers, access points and storage with Atheros' and Intel's chips
 * have: entries of 256 bytes with a name, the address in the flash, the size. The table is an entry of itself, so that the flash's
 * beginning and the byte order are known.
 *
 * Specification: Linux drivers/mtd/parsers/redboot.c; eCos RedBoot fis.h.
 */
#include "format/partitions.h"

#define ENTRY_SIZE 256u
#define ENTRIES_MAX 128u
#define BEFORE_MAX 32u
#define SECTOR 0x1000u
#define TABLE_NAME "FIS directory\0\0\0"
#define TRIES_MAX 32u

struct fis {
	uint64_t at; /* of the table, from the flash's beginning on */
	uint32_t base, entries;
	bool big;
};

static bool is_name(struct span name)
{
	struct text t = text_until_nul(name);
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return false;
	return t.n && span_is_zero(span_from(name, t.n));
}

/* Erased entries may stand between others; the table ends at what is neither. */
static bool is_erased(struct span bytes, uint64_t at)
{
	return span_has(bytes, at, "\xff\xff\xff\xff", 4);
}

/* Counts the entries of the table at `table`, and finds RedBoot's, which is one of the first three. */
static bool count_entries(struct span all, uint64_t table, struct fis *f, uint64_t *redboot)
{
	*redboot = UINT64_MAX;
	f->entries = 0;
	for (uint64_t e = table; f->entries < ENTRIES_MAX && span_sub(all, e, ENTRY_SIZE).p; e += ENTRY_SIZE, f->entries++) {
		if (is_erased(all, e))
			continue;
		if (!is_name(span_sub(all, e, 16)))
			break;
		if (f->entries < 3 && *redboot == UINT64_MAX && span_has(all, e, "RedBoot\0", 8))
			*redboot = e;
	}
	return *redboot != UINT64_MAX;
}

/* The table at `table` with its own entry at `own`: whether places and addresses agree in one of the byte orders. */
static bool table_read(struct span all, uint64_t table, uint64_t own, struct fis *f)
{
	uint64_t redboot;
	if (!count_entries(all, table, f, &redboot) || own >= table + (uint64_t)f->entries * ENTRY_SIZE)
		return false;
	for (int big = 0; big < 2; big++) {
		f->big = big;
		f->base = span_u32(all, redboot + 16, f->big);
		f->at = (uint64_t)span_u32(all, own + 16, f->big) - f->base;
		uint32_t size = span_u32(all, own + 24, f->big);
		if (f->at && f->at <= table && size >= ENTRY_SIZE && size <= 1u << 20 && !(f->base & 0xffff) && !(f->at & (SECTOR - 1)))
			return true;
	}
	return false;
}

/* The table begins a sector of the flash, at most so many entries before its own one. */
static bool find_at(struct span all, uint64_t own, struct fis *f, uint64_t *start)
{
	for (uint64_t table = own & ~(uint64_t)(SECTOR - 1); own - table <= BEFORE_MAX * ENTRY_SIZE; table -= SECTOR) {
		if (table_read(all, table, own, f)) {
			*start = table - f->at;
			return true;
		}
		if (!table)
			break;
	}
	return false;
}

static bool fis_locate(struct span all, uint64_t hit, uint64_t *start)
{
	struct fis f = { 0 };
	return hit % ENTRY_SIZE == 0 && find_at(all, hit, &f, start);
}

/* Only asked where locate() has found a table: finds it again. */
static bool find_again(struct span at, struct fis *f, uint64_t *table)
{
	const uint8_t *p = at.p;
	for (unsigned i = 0; i < TRIES_MAX && at.n && (p = memmem(p, at.n - (size_t)(p - at.p), TABLE_NAME, 16)); i++, p++) {
		uint64_t start = 0, own = (uint64_t)(p - at.p);
		if (own % ENTRY_SIZE == 0 && find_at(at, own, f, &start) && !start) {
			*table = f->at;
			return true;
		}
	}
	return false;
}

static bool fis_probe(struct span at, struct format_match *match)
{
	struct fis f = { 0 };
	uint64_t table;
	match->size = at.n;
	match->confidence = 90;
	return find_again(at, &f, &table);
}

static struct error fis_walk(struct span bytes, struct walk *w)
{
	struct fis f = { 0 };
	uint64_t table;
	struct partitions *p = ARENA_NEW(w->arena, struct partitions);
	if (!find_again(bytes, &f, &table))
		return error_at(ERR_CORRUPT, 0, "no table of images");
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the images");
	p->n = 0;
	emit_header_field(w->sink, table, "byte_order", "%s", f.big ? "big" : "little");
	emit_header_field(w->sink, table, "flash_base", "0x%08x", f.base);
	for (uint32_t i = 0; i < f.entries; i++) {
		uint64_t e = table + (uint64_t)i * ENTRY_SIZE, start = span_u32(bytes, e + 16, f.big) - (uint64_t)f.base;
		uint32_t size = span_u32(bytes, e + 24, f.big);
		struct text name = text_until_nul(span_sub(bytes, e, 16));
		if (is_erased(bytes, e) || !name.n || !size || start >= bytes.n)
			continue;
		emit_header_field(w->sink, e, "image", "%.*s: 0x%x bytes at 0x%llx, memory 0x%08x, entry 0x%08x", (int)name.n, name.p, size,
						  (unsigned long long)start, span_u32(bytes, e + 20, f.big), span_u32(bytes, e + 28, f.big));
		(void)partitions_add(p, w, start, size, name);
	}
	partitions_emit(p, bytes, w);
	return error_none();
}

static const struct format_magic fis_magics[] = { MAGIC(TABLE_NAME, 0), MAGIC_END };

const struct format redboot_fis_format = {
	.name = "redboot_fis",
	.kind = FORMAT_CONTAINER,
	.title = "flash with RedBoot's table of images (FIS)",
	.spec = "Linux drivers/mtd/parsers/redboot.c",
	.magics = fis_magics,
	.probe = fis_probe,
	.walk = fis_walk,
	.locate = fis_locate,
};
