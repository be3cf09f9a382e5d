/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compound files: sectors chained by a table (FAT), small streams in a stream of their own (mini FAT), a directory of names in trees.
 *
 * Specification: MS-CFB 2.2 (header), 2.3 (FAT), 2.4 (mini FAT), 2.5 (DIFAT), 2.6 (directory).
 */
#include "format/cfb.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/plural.h"
#include "format/notation.h"
#include "format/rest.h"
#include "format/unpacked.h"

#define HEADER 512u
#define HEADER_DIFAT 109u
#define END_OF_CHAIN 0xfffffffeu
#define FREE 0xffffffffu
#define NO_ENTRY 0xffffffffu
#define SECTOR_MAX 0xfffffffau
#define ENTRY 128u
#define CUTOFF 4096u
#define DEPTH_MAX 32u
#define NAME_UNITS 32u

struct cfb {
	struct walk *w;
	struct span bytes;
	unsigned shift; /* of a sector's size */
	uint32_t fat_n, directory, mini_fat, difat;
	struct span fat, mini, mini_stream;
	uint8_t *used, *mini_used; /* sectors that a chain has taken: none is in two */
	struct cfb_entry *entries;
	size_t n;
	struct rest rest; /* what no chain and no table takes */
};

static bool header_read(struct span bytes, struct cfb *c)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 26);
	uint16_t major = rd_u16(&r), order = rd_u16(&r), shift = rd_u16(&r), mini_shift = rd_u16(&r);
	struct span reserved = rd_bytes(&r, 6);
	rd_skip(&r, 4);
	c->fat_n = rd_u32(&r);
	c->directory = rd_u32(&r);
	rd_skip(&r, 4);
	uint32_t cutoff = rd_u32(&r);
	c->mini_fat = rd_u32(&r);
	rd_skip(&r, 4);
	c->difat = rd_u32(&r);
	c->shift = shift;
	c->bytes = bytes;
	return rd_ok(&r) && bytes.n >= HEADER && span_starts(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) && order == 0xfffe &&
		   ((major == 3 && shift == 9) || (major == 4 && shift == 12)) && mini_shift == 6 && span_is_zero(reserved) && cutoff == CUTOFF &&
		   c->fat_n && c->directory <= SECTOR_MAX;
}

/* What its tables can reach at most; where it ends is seen when they are read. */
static bool cfb_probe(struct span at, struct format_match *match)
{
	struct cfb c;
	if (!header_read(at, &c))
		return false;
	uint64_t reach = (uint64_t)c.fat_n << (2 * c.shift - 2);
	reach += (uint64_t)1 << c.shift;
	match->size = reach < at.n ? reach : at.n;
	match->confidence = 90;
	return true;
}

static struct span sector(const struct cfb *c, uint32_t number)
{
	return span_sub(c->bytes, ((uint64_t)number + 1) << c->shift, (uint64_t)1 << c->shift);
}

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

static struct buf *new_buf(struct walk *w)
{
	struct buf *b = ARENA_NEW(w->arena, struct buf);
	if (!b || !arena_defer(w->arena, free_held, b))
		return NULL;
	*b = buf_with_limit(w->room ? (size_t)w->room : 0);
	b->meter = w->meter;
	return b;
}

static void take_sector(struct cfb *c, uint32_t number)
{
	rest_take(&c->rest, ((uint64_t)number + 1) << c->shift, (uint64_t)1 << c->shift);
}

/* What a sector that is not there said is not known, but the next one speaks of the sectors behind those. */
static bool add_fat(struct cfb *c, struct buf *fat, uint32_t number, uint32_t *missing)
{
	struct span s = sector(c, number);
	uint64_t one = (uint64_t)1 << c->shift;
	take_sector(c, number);
	if (s.p)
		return !buf_add(fat, s.p, s.n);
	++*missing;
	if (buf_reserve(fat, (size_t)one))
		return false;
	memset(fat->p + fat->n, 0xff, (size_t)one);
	fat->n += (size_t)one;
	return true;
}

/* The sectors of the FAT: the first in the header, the others in a chain of their own, of which each ends with the number of the next. */
static bool read_fat(struct cfb *c)
{
	struct buf *fat = new_buf(c->w);
	uint32_t left = c->fat_n, per = (1u << (c->shift - 2)) - 1, next = c->difat, missing = 0;
	uint64_t most = c->bytes.n >> c->shift;
	if (!fat)
		return false;
	for (unsigned i = 0; i < HEADER_DIFAT && left; i++, left--)
		if (fat->n > c->bytes.n || !add_fat(c, fat, span_u32le(c->bytes, 76 + 4 * i), &missing))
			return false;
	for (uint64_t hops = 0; left && next <= SECTOR_MAX && hops < most; hops++) {
		struct span s = sector(c, next);
		take_sector(c, next);
		for (uint32_t i = 0; s.p && i < per && left; i++, left--)
			if (fat->n > c->bytes.n || !add_fat(c, fat, span_u32le(s, 4 * (uint64_t)i), &missing))
				return false;
		next = s.p ? span_u32le(s, 4 * (uint64_t)per) : END_OF_CHAIN;
	}
	if (missing)
		emit_damage_at(c->w->sink, ERR_TRUNCATED, 76, "%u of %u sectors of the FAT are not there", missing, c->fat_n);
	if (left)
		emit_damage_at(c->w->sink, ERR_CORRUPT, 68, "%u %s not named", left,
					   plural(left, "sector of the FAT is", "sectors of the FAT are"));
	c->fat = buf_span(fat);
	return true;
}

/* ---- chains ---- */

struct chain {
	struct span space, table; /* what the sectors lie in, and what says which follows */
	unsigned shift;
	uint64_t skip; /* bytes before the first sector */
	uint8_t *used;
};

/* Up to `size` bytes (UINT64_MAX: as many as there are); in place where the sectors follow each other. */
static struct error chain_read(struct cfb *c, const struct chain *k, uint32_t first, uint64_t size, struct span *out)
{
	uint64_t one = (uint64_t)1 << k->shift, n = 0, begin = k->skip + ((uint64_t)first << k->shift);
	bool straight = true;
	struct buf *b = NULL;
	*out = SPAN_NONE;
	for (uint32_t at = first, last = first; at <= SECTOR_MAX && n < size; last = at, at = span_u32le(k->table, 4 * (uint64_t)at)) {
		uint64_t place = k->skip + ((uint64_t)at << k->shift);
		struct span s = span_clip(k->space, place, size - n < one ? size - n : one);
		if (!s.n || 4 * (uint64_t)at + 4 > k->table.n)
			return error_at(ERR_TRUNCATED, place, "sector %u of a stream is not there", at);
		if (k->used[at / 8] & 1 << at % 8)
			return error_at(ERR_CORRUPT, place, "sector %u is in two streams, or twice in one", at);
		k->used[at / 8] |= (uint8_t)(1 << at % 8);
		if (straight && n && at != last + 1) {
			straight = false;
			b = new_buf(c->w);
			if (!b || buf_add(b, k->space.p + begin, (size_t)n))
				return error_at(ERR_BUDGET, place, "no memory left for a stream");
		}
		if (!straight && buf_add(b, s.p, s.n))
			return error_at(ERR_BUDGET, place, "no memory left for a stream");
		n += s.n;
		*out = straight ? span_sub(k->space, begin, n) : buf_span(b);
	}
	c->w->held += b ? b->n : 0;
	return n == size || size == UINT64_MAX ? error_none() : error_at(ERR_TRUNCATED, begin, "a stream ends %llu bytes too early",
																		 (unsigned long long)(size - n));
}

static struct error fat_read(struct cfb *c, uint32_t first, uint64_t size, struct span *out)
{
	const struct chain k = { c->bytes, c->fat, c->shift, (uint64_t)1 << c->shift, c->used };
	return chain_read(c, &k, first, size, out);
}

static void read_stream(struct cfb *c, struct cfb_entry *e)
{
	const struct chain k = { c->mini_stream, c->mini, 6, 0, c->mini_used };
	e->error = !e->size           ? error_none()
			   : e->size < CUTOFF ? chain_read(c, &k, e->first, e->size, &e->bytes)
								  : fat_read(c, e->first, e->size, &e->bytes);
}

/* ---- the directory ---- */

static bool read_entry(struct cfb *c, struct span s, struct cfb_entry *e)
{
	uint16_t size = span_u16le(s, 64);
	char name[3 * NAME_UNITS + 1];
	e->type = s.p[66];
	e->raw = span_sub(s, 0, size >= 2 && size <= 2 * NAME_UNITS ? size - 2u : 0);
	size_t n = utf16_to_utf8(e->raw, false, false, name);
	for (size_t i = 0; i < n; i++)
		name[i] = name[i] == '/' ? '_' : name[i];
	char *copy = arena_strdup(c->w->arena, text_of(name, n));
	e->name = text_of(copy, n);
	e->left = span_u32le(s, 68);
	e->right = span_u32le(s, 72);
	e->child = span_u32le(s, 76);
	e->first = span_u32le(s, 116);
	e->size = span_u32le(s, 120) | (c->shift == 12 ? (uint64_t)span_u32le(s, 124) << 32 : 0);
	return copy != NULL;
}

static bool read_entries(struct cfb *c, struct span directory)
{
	c->n = directory.n / ENTRY;
	c->entries = ARENA_ARRAY(c->w->arena, struct cfb_entry, c->n);
	for (size_t i = 0; c->entries && i < c->n; i++) {
		c->entries[i].at = i;
		if (!read_entry(c, span_sub(directory, i * ENTRY, ENTRY), &c->entries[i]))
			return false;
	}
	return c->entries != NULL;
}

/* Which storage each entry is in: names of one are a tree, from the child that the storage names. */
static bool find_parents(struct cfb *c)
{
	uint32_t *stack = ARENA_ARRAY(c->w->arena, uint32_t, 3 * c->n + 1);
	size_t n = 0;
	if (!stack)
		return false;
	stack[n++] = c->entries[0].child;
	c->entries[0].reached = true;
	uint32_t *parents = ARENA_ARRAY(c->w->arena, uint32_t, 3 * c->n + 1);
	if (!parents)
		return false;
	while (n) {
		uint32_t i = stack[--n], parent = parents[n];
		if (i == NO_ENTRY)
			continue;
		if (i >= c->n || c->entries[i].reached) {
			emit_damage_at(c->w->sink, ERR_CORRUPT, c->entries[parent].at * ENTRY, "the directory leads to entry %u, which is none, or twice", i);
			continue;
		}
		struct cfb_entry *e = &c->entries[i];
		e->reached = true;
		e->parent = parent;
		const uint32_t next[] = { e->left, e->right, e->type == CFB_STORAGE ? e->child : NO_ENTRY };
		for (unsigned k = 0; k < 3; k++) {
			parents[n] = k == 2 ? i : parent;
			stack[n++] = next[k];
		}
	}
	return true;
}

/* ---- streams as files ---- */

bool cfb_emit_stream(const struct cfb_entry *e, struct text path, struct walk *w)
{
	struct unpacked *u = ARENA_NEW(w->arena, struct unpacked);
	struct entry file = entry_new(ENTRY_FILE, path);
	if (!u)
		return false;
	*u = (struct unpacked){ e->bytes.p ? e->bytes : span_of((const uint8_t *)"", 0), e->error };
	file.size = e->size;
	unpacked_content(&file, u);
	return w->child(w, &file);
}

static bool path_of(const struct cfb *c, uint32_t i, char *out, size_t room)
{
	uint32_t chain[DEPTH_MAX];
	unsigned n = 0;
	size_t at = 0;
	if (!c->entries[i].reached)
		return snprintf(out, room, "/entry-%u", (unsigned)i) > 0;
	for (; i && n < DEPTH_MAX; i = c->entries[i].parent)
		chain[n++] = i;
	while (n--) {
		struct text name = c->entries[chain[n]].name;
		if (name.n + 2 > room - at)
			return false;
		out[at++] = '/';
		memcpy(out + at, name.p, name.n);
		at += name.n;
	}
	out[at] = '\0';
	return true;
}

static void emit_streams(struct cfb *c)
{
	char path[DEPTH_MAX * (3 * NAME_UNITS + 1) + 2];
	for (size_t i = 0; i < c->n; i++)
		if (c->entries[i].type == CFB_STREAM && path_of(c, (uint32_t)i, path, sizeof path) &&
			!cfb_emit_stream(&c->entries[i], text_c(path), c->w))
			return;
}

/* Sectors that are free, or of chains that no entry begins, may hold something, too. */
static void emit_rest(struct cfb *c)
{
	uint64_t header = (uint64_t)1 << c->shift;
	rest_take(&c->rest, 0, header);
	for (uint64_t i = 0; i < c->fat.n / 4; i++)
		if (c->used[i / 8] & 1 << i % 8)
			take_sector(c, (uint32_t)i);
	rest_emit(&c->rest, span_clip(c->bytes, 0, c->w->end), c->w);
}

static uint64_t file_end(const struct cfb *c)
{
	uint64_t n = c->fat.n / 4;
	while (n && span_u32le(c->fat, 4 * (n - 1)) == FREE)
		n--;
	return (n + 1) << c->shift;
}

static struct error no_memory(void)
{
	return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the compound file's entries");
}

static struct error cfb_walk(struct span bytes, struct walk *w)
{
	struct cfb c = { .w = w, .rest = { .arena = w->arena } };
	struct span directory;
	if (!header_read(bytes, &c))
		return error_at(ERR_CORRUPT, 0, "no header of a compound file");
	if (!read_fat(&c))
		return no_memory();
	w->end = file_end(&c);
	c.used = arena_alloc(w->arena, c.fat.n / 32 + 1, 1);
	if (!c.used)
		return no_memory();
	struct error e = fat_read(&c, c.directory, UINT64_MAX, &directory), error = error_none();
	if (error_is(&e))
		emit_error(w->sink, &e);
	if (directory.n < ENTRY)
		return error_at(ERR_CORRUPT, 48, "the compound file has no directory");
	if (!read_entries(&c, directory) || !find_parents(&c))
		return no_memory();
	if (c.mini_fat <= SECTOR_MAX) {
		e = fat_read(&c, c.mini_fat, UINT64_MAX, &c.mini);
		if (!error_is(&e))
			e = fat_read(&c, c.entries[0].first, c.entries[0].size, &c.mini_stream);
		if (error_is(&e))
			emit_error(w->sink, &e);
	}
	c.mini_used = arena_alloc(w->arena, c.mini.n / 32 + 1, 1);
	if (!c.mini_used)
		return no_memory();
	for (size_t i = 0; i < c.n; i++)
		if (c.entries[i].type == CFB_STREAM)
			read_stream(&c, &c.entries[i]);
	if (!msi_emit(c.entries, c.n, w, &error))
		emit_streams(&c);
	emit_rest(&c);
	return error;
}

static const struct format_magic magics[] = { MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0), MAGIC_END };

const struct format cfb_format = {
	.name = "cfb",
	.kind = FORMAT_ARCHIVE,
	.title = "Compound file: Windows Installer packages (MSI), documents",
	.spec = "MS-CFB",
	.magics = magics,
	.probe = cfb_probe,
	.walk = cfb_walk,
};
