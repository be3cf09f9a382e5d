/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dump of NAND flash with the spare area (out-of-band bytes) behind each page, as programmers and nanddump --oob make it;
 * some controllers put spare bytes behind each sector of a page. The data alone are the one child.
 *
 * Nothing says which geometry it is: it is taken when something with a checksum reads with it that does not read without.
 * YAFFS needs its spare bytes and is left alone.
 *
 * Specification: mtd-utils nanddump.c; Linux drivers/mtd/nand/raw/nand_base.c, drivers/mtd/nand/ecc-sw-hamming.c.
 */
#include "base/hash.h"
#include "base/holes.h"
#include "format/nand_proof.h"

#define BLOCK_PAGES 32u /* the fewest pages of an erase block */
#define DUMP_MIN (32u << 10)
#define ANCHORS_MAX 65536u
#define TRIES_MAX 8u
#define MARKS_MIN 4u
#define MARKS_MAX 256u
#define MARKS_LOOKED_MAX 65536u /* pages, most of which may be erased, or not be stored at all */

/* Pages, then sectors. Of the same ratio the larger one first. */
static const struct nand_geometry geometries[] = {
	{ 16384, 1280 }, { 16384, 1664 }, { 8192, 1024 }, { 8192, 744 }, { 8192, 640 }, { 8192, 576 }, { 8192, 512 },
	{ 8192, 448 },   { 8192, 436 },   { 8192, 256 },  { 4096, 256 }, { 4096, 232 }, { 4096, 224 }, { 4096, 218 },
	{ 4096, 216 },   { 4096, 208 },   { 4096, 192 },  { 4096, 128 }, { 4096, 64 },  { 2048, 128 }, { 2048, 112 },
	{ 2048, 96 },    { 2048, 64 },    { 1024, 64 },   { 1024, 56 },  { 1024, 32 },  { 1024, 28 },  { 512, 32 },
	{ 512, 28 },     { 512, 27 },     { 512, 26 },    { 512, 16 },
};
#define GEOMETRIES (sizeof geometries / sizeof geometries[0])

size_t nand_copy(struct span raw, const struct nand_geometry *g, uint64_t at, uint8_t *out, size_t n)
{
	size_t done = 0;
	while (done < n) {
		uint32_t within = (uint32_t)(at % g->page), part = g->page - within;
		if (part > n - done)
			part = (uint32_t)(n - done);
		struct span data = span_clip(raw, at / g->page * (g->page + g->spare) + within, part);
		if (data.n)
			memcpy(out + done, data.p, data.n);
		done += data.n;
		at += data.n;
		if (data.n < part)
			break;
	}
	return done;
}

/* What proves a geometry may lie in few pages: then one of the same ratio and larger pages fits as well. Smaller ones are told by a dump
 * that is no multiple of the larger, and by the marks of bad blocks: a spare area begins with 0xff (ONFI, Factory Defect Mapping) where the larger
 * pages have data. */
static bool is_finer(struct span bytes, const struct nand_geometry *coarse, const struct nand_geometry *fine)
{
	uint64_t stride = coarse->page + coarse->spare;
	unsigned marks = 0, pages = 0, looked = 0;
	if (fine->page >= coarse->page || (uint64_t)fine->page * coarse->spare != (uint64_t)fine->spare * coarse->page)
		return false;
	if (bytes.n % stride != 0 && bytes.n % (fine->page + fine->spare) == 0)
		return true;
	for (uint64_t at = fine->page; at < bytes.n && pages < MARKS_MAX && looked < MARKS_LOOKED_MAX; at += stride, looked++) {
		if (span_u32le(bytes, at - 4) == UINT32_MAX) /* it may be erased */
			continue;
		pages++;
		marks += bytes.p[at] == 0xff;
	}
	return pages >= MARKS_MIN && marks >= pages - pages / 16;
}

/* The best proof of any geometry for what begins at the start. */
static const struct nand_geometry *find_at_start(struct span bytes)
{
	const struct nand_geometry *best = NULL;
	enum nand_strength strength = NAND_NO;
	if (!nand_is_worth_it(bytes))
		return NULL;
	for (size_t i = 0; i < GEOMETRIES && strength < NAND_CERTAIN; i++) {
		enum nand_strength s = nand_prove(bytes, &geometries[i]);
		if (s > strength) {
			strength = s;
			best = &geometries[i];
		}
	}
	for (size_t i = 0; i < GEOMETRIES && best; i++)
		if (is_finer(bytes, best, &geometries[i]) && nand_prove(bytes, &geometries[i]) >= strength)
			best = &geometries[i];
	return best;
}

/* Whether one of those may begin there that prove a geometry. */
static bool may_prove(struct span bytes)
{
	static const char *const magics[] = { "UBI#\1", "hsqs", "\x27\x05\x19\x56", "\x85\x19", "\x19\x85" };
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		if (span_starts(bytes, magics[i], strlen(magics[i])))
			return true;
	return false;
}

/* A dump of a whole chip begins with a boot loader: something may begin at any erase block. Asked only where the size is
 * right, which it is for one file in thousands. */
static const struct nand_geometry *find_inside(struct span bytes)
{
	for (size_t i = 0; i < GEOMETRIES; i++) {
		const struct nand_geometry *g = &geometries[i];
		uint64_t stride = (uint64_t)BLOCK_PAGES * (g->page + g->spare), anchors = bytes.n / stride;
		unsigned tries = 0;
		if (bytes.n % stride || anchors > ANCHORS_MAX)
			continue;
		for (uint64_t k = 1; k < anchors && tries < TRIES_MAX; k++) {
			struct span rest = span_from(bytes, k * stride);
			uint64_t end, stored = holes_next(bytes, k * stride, &end) / stride;
			if (stored > k) { /* nothing is there before */
				k = stored - 1;
				continue;
			}
			if (!may_prove(rest))
				continue;
			tries++;
			const struct nand_geometry *found = find_at_start(rest);
			if (found &&
				(found->page + found->spare) * (uint64_t)g->page == (uint64_t)found->page * (g->page + g->spare))
				return found;
		}
	}
	return NULL;
}

static const struct nand_geometry *find_geometry(struct span bytes)
{
	if (bytes.n < DUMP_MIN)
		return NULL;
	const struct nand_geometry *g = find_at_start(bytes);
	return g ? g : find_inside(bytes);
}

static bool nand_probe(struct span at, struct format_match *match)
{
	if (!find_geometry(at))
		return false;
	match->size = at.n;
	match->confidence = 98; /* what begins in the first page may accept it too, but reads nothing but that page */
	return true;
}

struct dump {
	struct span raw;
	struct nand_geometry geometry;
};

static struct error dump_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct dump *d = file;
	(void)fs;
	if (nand_copy(d->raw, &d->geometry, offset, out, n) == n)
		return error_none();
	return error_at(ERR_TRUNCATED, offset, "the dump ends within this page");
}

static const struct content_ops dump_ops = { .read = dump_read };

static struct error nand_walk(struct span bytes, struct walk *w)
{
	const struct nand_geometry *g = find_geometry(bytes);
	struct dump *d = ARENA_NEW(w->arena, struct dump);
	if (!g)
		return error_at(ERR_CORRUPT, 0, "nothing reads with any known geometry");
	if (!d)
		return error_at(ERR_BUDGET, 0, "no memory for the geometry");
	*d = (struct dump){ bytes, *g };
	uint64_t pages = bytes.n / (g->page + g->spare), left = bytes.n % (g->page + g->spare);
	emit_header_field(w->sink, 0, "page_size", "%lu", (unsigned long)g->page);
	emit_header_field(w->sink, g->page, "oob_size", "%lu", (unsigned long)g->spare);
	emit_header_field(w->sink, 0, "pages", "%llu", (unsigned long long)pages);
	if (left)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n - left, "the last page has %llu of %lu bytes",
					   (unsigned long long)left, (unsigned long)g->page + g->spare);
	struct entry e = entry_new(ENTRY_REGION, TEXT_LIT("data"));
	e.offset = 0;
	e.size = pages * g->page + (left < g->page ? left : g->page);
	e.content = (struct content){ CONTENT_BLOCKS, SPAN_NONE, &dump_ops, d, d, g->page };
	(void)w->child(w, &e);
	return error_none();
}

const struct format nand_format = {
	.name = "nand",
	.kind = FORMAT_CONTAINER,
	.title = "NAND flash dump with spare areas (OOB) between its pages",
	.spec = "mtd-utils nanddump.c; Linux drivers/mtd/nand/ecc-sw-hamming.c",
	.probe = nand_probe,
	.walk = nand_walk,
	.at_start = true,
	.own_bytes = true, /* the data have fewer bytes than the dump: its end would be read once more, with its spare bytes */
};
