/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPIFFS, of small flash chips (ESP8266, ESP32): blocks that begin with a table saying whose each of their pages is,
 * and pages that say it again. It has a magic of two bytes at no fixed place, or none: the table and the pages prove
 * each other.
 *
 * Specification: pellepl/spiffs src/spiffs_nucleus.h; ESP-IDF components/spiffs/spiffsgen.py.
 */

#include "base/sort.h"
#include "format/format.h"
#include "format/path.h"

#define PAGE_HEADER 5u /* object id, span index, flags */
#define INDEX_AT 8u    /* where an index page goes on: the header, aligned */
#define NAME_AT 13u    /* behind size and type */
#define NAME_MAX_BYTES 256u
#define ID_FREE 0xffffu
#define ID_DELETED 0u
#define ID_INDEX 0x8000u
#define SIZE_UNDEFINED 0xffffffffu
#define TYPE_FILE 1u

/* Flags count when they are cleared. */
#define FLAG_USED 0x01u
#define FLAG_FINAL 0x02u
#define FLAG_INDEX 0x04u
#define FLAG_INDEX_DELETED 0x40u
#define FLAG_DELETED 0x80u

enum magic { MAGIC_NONE, MAGIC_PLAIN, MAGIC_WITH_LENGTH };

struct geometry {
	uint32_t page, block;
	uint32_t lookup; /* pages of the table at the beginning of a block */
	uint64_t blocks;
	enum magic magic;
	bool big;
};

struct page {
	uint32_t number;
	uint16_t id, span;
	bool index;
};

struct spiffs {
	struct span bytes;
	struct geometry g;
	struct walk *w;
	struct page *pages; /* by id, index pages first, by span */
	size_t npages;
	unsigned damage;
};

struct file {
	const struct spiffs *fs;
	const struct page *pages; /* of data */
	size_t n;
};

/* Sizes are powers of two. Many are tried on every file of an image, where divisions would be what it costs. */
static uint64_t divided(uint64_t n, uint32_t by)
{
	return n >> __builtin_ctz(by);
}

static uint64_t pages_per_block(const struct geometry *g)
{
	return divided(g->block, g->page);
}

/* What the table of a block says of its i-th page, tables counted. */
static uint16_t lookup_id(struct span bytes, const struct geometry *g, uint64_t block, uint64_t i)
{
	return span_u16(bytes, block * g->block + 2 * (i - g->lookup), g->big);
}

struct page_header {
	uint16_t id, span;
	uint8_t flags;
};

static bool header_read(struct span bytes, const struct geometry *g, uint64_t page, struct page_header *h)
{
	struct reader r = reader_of(span_sub(bytes, page * g->page, PAGE_HEADER), g->big);
	h->id = rd_u16(&r);
	h->span = rd_u16(&r);
	h->flags = rd_u8(&r);
	return rd_ok(&r);
}

/* A page that is written, as its table says. */
static bool header_agrees(const struct page_header *h, uint16_t id)
{
	bool index = !(h->flags & FLAG_INDEX);
	return h->id == id && !(h->flags & (FLAG_USED | FLAG_FINAL)) && (h->flags & 0x38) == 0x38 &&
		   index == ((id & ID_INDEX) != 0);
}

static uint16_t magic_at(struct span bytes, const struct geometry *g, uint64_t block)
{
	return span_u16(bytes, block * g->block + (uint64_t)g->lookup * g->page - 4, g->big);
}

static uint16_t magic_of(const struct geometry *g, uint64_t block)
{
	uint64_t length = g->magic == MAGIC_WITH_LENGTH ? g->blocks - block : 0;
	return (uint16_t)(0x0529 ^ g->page ^ length);
}

struct score {
	unsigned bits;  /* that random bytes would have to guess */
	unsigned wrong; /* pages of which the table says something else */
	unsigned pages;
};

#define WRONG_MAX 4u /* no further block is looked at */

static bool is_refuted(const struct score *s, unsigned pages)
{
	return s->wrong > pages / 8;
}

static bool block_is_erased(struct span bytes, const struct geometry *g, uint64_t block)
{
	struct span s = span_sub(bytes, block * g->block, 64);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != 0xff)
			return false;
	return s.n > 0;
}

/* `ends`: whether it may end early, where so many pages are wrong that the rest of the block does not matter. */
static void score_block(struct span bytes, const struct geometry *g, uint64_t block, bool ends, struct score *s)
{
	if (g->magic != MAGIC_NONE && magic_at(bytes, g, block) == magic_of(g, block))
		s->bits += 16;
	else if (g->magic != MAGIC_NONE && 2 * (pages_per_block(g) - g->lookup) + 4 <= (uint64_t)g->lookup * g->page)
		s->wrong++;
	for (uint64_t i = g->lookup; i < pages_per_block(g); i++) {
		struct page_header h;
		uint16_t id = lookup_id(bytes, g, block, i);
		if (id == ID_FREE || id == ID_DELETED || !header_read(bytes, g, block * pages_per_block(g) + i, &h))
			continue;
		bool agrees = header_agrees(&h, id);
		s->bits += agrees ? 20 : 0;
		s->pages += agrees;
		s->wrong += h.id != id; /* else it was not finished when the power went */
		if (ends && s->wrong >= WRONG_MAX && is_refuted(s, s->pages + (unsigned)(pages_per_block(g) - i)))
			break;
	}
}

#define SCORED_BLOCKS 8u
#define SCORE_MIN 60u

static struct score score_geometry(struct span bytes, const struct geometry *g)
{
	struct score s = { 0 };
	uint64_t whole = bytes.n / g->block, n = g->blocks < SCORED_BLOCKS ? g->blocks : SCORED_BLOCKS;
	n = whole < n ? whole : n; /* the image may be cut */
	for (uint64_t block = 0; block < n && s.wrong < WRONG_MAX; block++)
		if (g->magic == MAGIC_WITH_LENGTH || !block_is_erased(bytes, g, block))
			score_block(bytes, g, block, true, &s);
	return s;
}

#define FIRST_PAGES 16u

/* Whether the first block can be one: its magic, or the first page that its table tells of. */
static bool first_block_fits(struct span bytes, const struct geometry *g)
{
	struct page_header h;
	if (g->magic != MAGIC_NONE)
		return magic_at(bytes, g, 0) == magic_of(g, 0) &&
			   (g->blocks < 2 || bytes.n < 2 * (uint64_t)g->block || g->magic == MAGIC_PLAIN ||
				magic_at(bytes, g, 1) == magic_of(g, 1));
	for (uint64_t i = g->lookup; i < FIRST_PAGES && i < pages_per_block(g); i++) {
		uint16_t id = lookup_id(bytes, g, 0, i);
		if (id != ID_DELETED)
			return id != ID_FREE && header_read(bytes, g, i, &h) && header_agrees(&h, id);
	}
	return false;
}

/* How many blocks there are: as the first magic says, or as many as the bytes hold. */
static bool count_blocks(struct span bytes, struct geometry *g)
{
	g->blocks = divided(bytes.n, g->block);
	if (g->magic == MAGIC_WITH_LENGTH)
		g->blocks = (uint16_t)(magic_at(bytes, g, 0) ^ 0x0529 ^ g->page);
	return g->blocks > 0;
}

static void try_geometry(struct span bytes, struct geometry g, struct geometry *best, struct score *score)
{
	uint32_t table = 2 * (uint32_t)pages_per_block(&g);
	g.lookup = table > g.page ? (uint32_t)divided(table + g.page - 1, g.page) : 1;
	if (table / 2 <= g.lookup || !count_blocks(bytes, &g) || !first_block_fits(bytes, &g))
		return;
	struct score s = score_geometry(bytes, &g);
	if (s.bits < SCORE_MIN || is_refuted(&s, s.pages) || s.bits <= score->bits)
		return;
	*best = g;
	*score = s;
}

/* Whether first_block_fits() can be true of any magic in any byte order, of blocks that are there: a look at few bytes, since
 * nearly all that is asked is none. */
static bool may_fit(struct span bytes, uint32_t page, uint32_t block)
{
	uint32_t lookup = (2 * (block / page) + page - 1) / page; // cppcheck-suppress divideByZero
	if (bytes.n < block)
		return false;
	uint16_t first = span_u16le(bytes, 0);
	if (first == ID_DELETED || (first != ID_FREE && first == span_u16le(bytes, (uint64_t)lookup * page)))
		return true;
	uint64_t at = (uint64_t)lookup * page - 4;
	for (unsigned big = 0; big < 2; big++) {
		uint16_t length = span_u16(bytes, at, big) ^ 0x0529 ^ (uint16_t)page;
		uint16_t next = span_u16(bytes, block + at, big) ^ 0x0529 ^ (uint16_t)page;
		if (length < 2 || bytes.n < 2 * (uint64_t)block || next == length - 1)
			return true;
	}
	return false;
}

#define GEOMETRIES 30u

static bool geometry_find(struct span bytes, struct geometry *best)
{
	struct geometry likely[GEOMETRIES];
	struct score score = { 0 };
	unsigned n = 0;
	for (uint32_t page = 128; page <= 2048; page *= 2)
		for (uint32_t block = 4096; block <= 1 << 17; block *= 2)
			if (may_fit(bytes, page, block))
				likely[n++] = (struct geometry){ .page = page, .block = block };
	for (unsigned i = 0; i < 6; i++)
		for (unsigned k = 0; k < n; k++) {
			likely[k].magic = MAGIC_WITH_LENGTH - i / 2;
			likely[k].big = i & 1;
			try_geometry(bytes, likely[k], best, &score);
		}
	return score.bits > 0;
}

/* Where the length is not told: up to the first block that is none. */
static uint64_t blocks_that_fit(struct span bytes, const struct geometry *g)
{
	uint64_t last = 0;
	for (uint64_t block = 0; block < g->blocks; block++) {
		struct score s = { 0 };
		if (block_is_erased(bytes, g, block))
			continue;
		score_block(bytes, g, block, false, &s);
		if (s.wrong > s.pages / 8 + 1 && s.pages < s.wrong)
			break;
		last = block + 1;
	}
	return last;
}

static bool spiffs_probe(struct span at, struct format_match *match)
{
	struct geometry g;
	if (!geometry_find(at, &g))
		return false;
	if (g.magic != MAGIC_WITH_LENGTH)
		g.blocks = blocks_that_fit(at, &g);
	match->size = g.blocks * g.block;
	match->confidence = 75;
	return true;
}

static void damage(struct spiffs *fs, uint64_t at, const char *what, unsigned id)
{
	emit_damage_capped(fs->w->sink, &fs->damage, ERR_CORRUPT, at, "object %u: %s", id, what);
}

static int by_id_and_span(const void *a, const void *b)
{
	const struct page *x = a, *y = b;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->index != y->index)
		return x->index ? -1 : 1;
	return x->span < y->span ? -1 : x->span > y->span;
}

/* A page that lives, or one that the table says lives though it contradicts. */
static void take_page(struct spiffs *fs, uint64_t number, uint16_t id)
{
	struct page_header h;
	if (id == ID_FREE || id == ID_DELETED || !header_read(fs->bytes, &fs->g, number, &h))
		return;
	bool deleted = !(h.flags & FLAG_DELETED) || ((id & ID_INDEX) && !(h.flags & FLAG_INDEX_DELETED));
	if (deleted || (h.flags & FLAG_FINAL)) /* never finished, when the power went */
		return;
	if (!header_agrees(&h, id)) {
		damage(fs, number * fs->g.page, "the table says that a page is its, the page does not", id & ~ID_INDEX);
		return;
	}
	fs->pages[fs->npages++] =
		(struct page){ (uint32_t)number, (uint16_t)(id & ~ID_INDEX), h.span, (id & ID_INDEX) != 0 };
}

static bool collect(struct spiffs *fs)
{
	const struct geometry *g = &fs->g;
	uint64_t per_block = pages_per_block(g), blocks = fs->bytes.n / g->block;
	blocks = blocks < g->blocks ? blocks : g->blocks;
	fs->pages = ARENA_ARRAY(fs->w->arena, struct page, blocks * per_block);
	struct page *spare = ARENA_ARRAY(fs->w->arena, struct page, blocks * per_block);
	if (!fs->pages || !spare)
		return false;
	for (uint64_t block = 0; block < blocks; block++)
		for (uint64_t i = g->lookup; i < per_block; i++)
			take_page(fs, block * per_block + i, lookup_id(fs->bytes, g, block, i));
	sort_stable(fs->pages, spare, fs->npages, sizeof *spare, by_id_and_span);
	return true;
}

/* The page of that part of the file: of several (the power went while one was replaced) the last. */
static const struct page *page_of_span(const struct file *f, uint64_t span)
{
	size_t low = 0, high = f->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (f->pages[middle].span <= span)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && f->pages[low - 1].span == span ? &f->pages[low - 1] : NULL;
}

static struct error file_read(const void *fs_, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct spiffs *fs = fs_;
	const struct file *f = file;
	uint32_t payload = fs->g.page - PAGE_HEADER;
	for (size_t done = 0; done < n;) {
		size_t part = n - done < payload ? n - done : payload;
		const struct page *p = page_of_span(f, (offset + done) / payload);
		struct span bytes = SPAN_NONE;
		if (p)
			bytes = span_sub(fs->bytes, (uint64_t)p->number * fs->g.page + PAGE_HEADER, part);
		if (!bytes.p)
			return error_at(ERR_CORRUPT, offset + done, "no page holds this part of the file");
		memcpy(out + done, bytes.p, part);
		done += part;
	}
	return error_none();
}

static const struct content_ops file_ops = { .read = file_read };

static bool set_content(struct spiffs *fs, const struct page *pages, size_t n, struct entry *e)
{
	uint32_t payload = fs->g.page - PAGE_HEADER;
	if (e->size == 0 || (e->size <= payload && n == 1 && pages[0].span == 0)) {
		uint64_t at = e->size ? (uint64_t)pages[0].number * fs->g.page + PAGE_HEADER : 0;
		if (e->size)
			e->offset = at;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(fs->bytes, at, e->size) };
		return true;
	}
	struct file *f = ARENA_NEW(fs->w->arena, struct file);
	if (!f)
		return false;
	*f = (struct file){ fs, pages, n };
	e->content =
		(struct content){ .kind = CONTENT_BLOCKS, .ops = &file_ops, .fs = fs, .file = f, .block_size = payload };
	return true;
}

/* One object: its pages, the index pages first. Only an index header makes a file of them. */
static bool emit_object(struct spiffs *fs, struct path_buffer *path, const struct page *pages, size_t n, bool *going)
{
	size_t nindex = 0;
	while (nindex < n && pages[nindex].index)
		nindex++;
	if (!nindex || pages[0].span != 0) {
		damage(fs, (uint64_t)pages[0].number * fs->g.page, "pages are left, but not the header with its name",
			   pages[0].id);
		return true;
	}
	uint64_t at = (uint64_t)pages[0].number * fs->g.page;
	struct span page = span_sub(fs->bytes, at, fs->g.page);
	struct reader r = reader_of(page, fs->g.big);
	rd_skip(&r, INDEX_AT);
	uint32_t size = rd_u32(&r);
	uint8_t type = rd_u8(&r);
	struct span field = span_clip(page, NAME_AT, NAME_MAX_BYTES);
	const uint8_t *nul = field.n ? memchr(field.p, 0, field.n) : NULL;
	if (!nul || nul == field.p || type != TYPE_FILE) {
		damage(fs, at, "a name or type that a file can not have", pages[0].id);
		return true;
	}
	struct text name = text_of((const char *)field.p, (size_t)(nul - field.p));
	if (name.n > 1 && name.p[0] == '/') /* as it is written in most, though not needed */
		name = text_of(name.p + 1, name.n - 1);
	struct entry e = entry_new(ENTRY_FILE, path_from_root(path, name));
	e.size = size == SIZE_UNDEFINED ? 0 : size;
	if (!e.path.p || !set_content(fs, pages + nindex, n - nindex, &e))
		return false;
	*going = fs->w->child(fs->w, &e);
	return true;
}

static void emit_geometry(const struct spiffs *fs)
{
	static const char *const words[] = { "none", "without length", "with length" };
	emit_header_field(fs->w->sink, 0, "byte_order", "%s", fs->g.big ? "big" : "little");
	emit_header_field(fs->w->sink, 0, "page_size", "%u", fs->g.page);
	emit_header_field(fs->w->sink, 0, "block_size", "%u", fs->g.block);
	emit_header_field(fs->w->sink, 0, "magic", "%s", words[fs->g.magic]);
}

static struct error spiffs_walk(struct span bytes, struct walk *w)
{
	struct spiffs *fs = ARENA_NEW(w->arena, struct spiffs);
	struct error budget = error_at(ERR_BUDGET, 0, "no memory left for the file system's pages");
	if (!fs)
		return budget;
	*fs = (struct spiffs){ .bytes = bytes, .w = w };
	if (!geometry_find(bytes, &fs->g))
		return error_at(ERR_CORRUPT, 0, "no block whose table and pages agree");
	emit_geometry(fs);
	if (!collect(fs))
		return budget;
	struct path_buffer path = { .arena = w->arena };
	bool going = true;
	for (size_t i = 0, n; going && i < fs->npages; i += n) {
		for (n = 1; i + n < fs->npages && fs->pages[i + n].id == fs->pages[i].id; n++)
			;
		if (!emit_object(fs, &path, &fs->pages[i], n, &going))
			return budget;
	}
	return error_none();
}

const struct format spiffs_format = {
	.name = "spiffs",
	.kind = FORMAT_FILESYSTEM,
	.title = "SPIFFS file system of ESP8266 and ESP32",
	.spec = "pellepl/spiffs src/spiffs_nucleus.h",
	.probe = spiffs_probe,
	.walk = spiffs_walk,
	.at_start = true,
};
