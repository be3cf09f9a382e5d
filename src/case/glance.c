/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "case/glance.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "case/case.h"

#define WINDOW_BYTES ((size_t)64 << 10)
#define PAYLOAD_MAX ((uint64_t)1 << 20)
#define META_SQL "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"

enum page_kind { INDEX_INTERIOR = 2, TABLE_INTERIOR = 5, INDEX_LEAF = 10, TABLE_LEAF = 13 };

static uint32_t be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A variable-length integer; the bytes it takes, 0 when they are not all there. */
static unsigned varint(struct span s, uint64_t at, uint64_t *value)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 9 && at + i < s.n; i++) {
		uint8_t b = s.p[at + i];
		if (i == 8) {
			*value = v << 8 | b;
			return 9;
		}
		v = v << 7 | (b & 0x7f);
		if (!(b & 0x80)) {
			*value = v;
			return i + 1;
		}
	}
	return 0;
}

/* A page, valid until the next call; absent when there is none of that number. */
static struct span page_of(struct glance *g, uint32_t number)
{
	if (number == 0 || number > g->pages || g->budget == 0)
		return SPAN_NONE;
	g->budget--;
	uint64_t at = (uint64_t)(number - 1) * g->page_size;
	if (at < g->window_at || at + g->page_size > g->window_at + g->window_n) {
		ssize_t n = pread(g->fd, g->window, WINDOW_BYTES, (off_t)at);
		g->window_at = at;
		g->window_n = n > 0 ? (size_t)n : 0;
		if (g->window_n < g->page_size)
			return SPAN_NONE;
	}
	return span_of(g->window + (at - g->window_at), g->page_size);
}

/* One look at a tree of pages. */
struct walk {
	struct glance *g;
	glance_row wanted, row;
	void *context;
	bool index; /* a table without rowid */
	bool stopped;
};

/* The columns of a record, as far as its bytes are there. False: it is no record. */
static bool decode(struct span record, struct glance_value v[GLANCE_COLUMNS], unsigned *n)
{
	uint64_t header, at, body;
	*n = 0;
	at = varint(record, 0, &header);
	if (!at || header > record.n || header < at)
		return false;
	body = header;
	while (at < header && *n < GLANCE_COLUMNS) {
		static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };
		uint64_t type;
		unsigned used = varint(span_clip(record, 0, header), at, &type);
		if (!used || type == 10 || type == 11)
			return false;
		uint64_t size = type < 10 ? sizes[type] : (type - 12) / 2;
		if (size > PAYLOAD_MAX)
			return false;
		struct span bytes = span_sub(record, body, size);
		if (!bytes.p)
			return true; /* it goes on elsewhere */
		struct glance_value *x = &v[(*n)++];
		*x = (struct glance_value){ .type = type == 0 ? GLANCE_NULL : GLANCE_INTEGER };
		if (type >= 12) {
			x->type = type & 1 ? GLANCE_TEXT : GLANCE_BLOB;
			x->text = text_of((const char *)bytes.p, bytes.n);
		} else if (type >= 8) {
			x->integer = type == 9;
		} else if (type) {
			uint64_t bits = bytes.p[0] & 0x80 ? UINT64_MAX : 0;
			for (size_t i = 0; i < bytes.n; i++)
				bits = bits << 8 | bytes.p[i];
			x->integer = (int64_t)bits;
			if (type == 7) {
				x->type = GLANCE_REAL;
				memcpy(&x->real, &bits, sizeof bits);
			}
		}
		at += used;
		body += size;
	}
	return true;
}

/* Follows a row over its other pages into g->payload. The pages above are kept; the window is not. */
static bool whole_payload(struct glance *g, struct span local, uint32_t next, uint64_t size)
{
	size_t n = local.n;
	if (!g->payload && !(g->payload = malloc(PAYLOAD_MAX)))
		return false;
	memcpy(g->payload, local.p, n);
	while (n < size) {
		struct span page = page_of(g, next);
		if (!page.p)
			return false;
		size_t take = size - n < g->usable - 4 ? (size_t)(size - n) : g->usable - 4;
		memcpy(g->payload + n, page.p + 4, take);
		next = be32(page.p);
		n += take;
	}
	return true;
}

/* How much of a payload lies on the page itself: "Cell Payload Overflow Pages". */
static uint64_t local_size(const struct glance *g, uint64_t payload, bool index)
{
	uint64_t u = g->usable, max = index ? (u - 12) * 64 / 255 - 23 : u - 35, min = (u - 12) * 32 / 255 - 23;
	if (payload <= max)
		return payload;
	uint64_t k = min + (payload - min) % (u - 4);
	return k <= max ? k : min;
}

/* The cell at `at` of a page (a copy that stays): its record to the callbacks. */
static bool give_cell(struct walk *w, struct span page, uint64_t at, bool leaf)
{
	struct glance *g = w->g;
	struct glance_value v[GLANCE_COLUMNS];
	uint64_t size, id = 0;
	unsigned n, used;
	struct span cells = span_clip(page, 0, g->usable);
	at += leaf ? 0 : 4;
	used = varint(cells, at, &size);
	at += used;
	if (!used || size > PAYLOAD_MAX)
		return false;
	if (!w->index) {
		used = varint(cells, at, &id);
		at += used;
		if (!used)
			return false;
	}
	uint64_t have = local_size(g, size, w->index);
	struct span local = span_sub(cells, at, have);
	if (!local.p || !decode(local, v, &n))
		return false;
	if (have < size && (!w->wanted || w->wanted(w->context, (int64_t)id, v, n))) {
		struct span next = span_sub(cells, at + have, 4);
		if (!next.p || !whole_payload(g, local, be32(next.p), size) || !decode(span_of(g->payload, size), v, &n))
			return false;
	}
	w->stopped = !w->row(w->context, (int64_t)id, v, n);
	return true;
}

static bool walk_page(struct walk *w, uint32_t number, unsigned depth)
{
	struct glance *g = w->g;
	struct span window = depth < GLANCE_DEPTH ? page_of(g, number) : SPAN_NONE;
	if (!window.p || (!g->page[depth] && !(g->page[depth] = malloc(65536))))
		return false;
	memcpy(g->page[depth], window.p, g->page_size);
	struct span page = span_of(g->page[depth], g->page_size);
	uint64_t at = number == 1 ? 100 : 0; /* the file's header */
	enum page_kind kind = page.p[at];
	bool leaf = kind == TABLE_LEAF || kind == INDEX_LEAF;
	if (kind != (w->index ? (leaf ? INDEX_LEAF : INDEX_INTERIOR) : (leaf ? TABLE_LEAF : TABLE_INTERIOR)))
		return false;
	uint32_t cells = be16(page.p + at + 3), last = be32(page.p + at + 8);
	uint64_t pointers = at + (leaf ? 8 : 12);
	if (!span_sub(page, pointers, (uint64_t)cells * 2).p)
		return false;
	for (uint32_t i = 0; i < cells && !w->stopped; i++) {
		uint64_t cell = be16(page.p + pointers + 2 * i);
		struct span child = span_sub(page, cell, 4);
		if (!child.p || (!leaf && !walk_page(w, be32(child.p), depth + 1)))
			return false;
		if (!w->stopped && (leaf || w->index) && !give_cell(w, page, cell, leaf))
			return false;
	}
	return leaf || w->stopped || walk_page(w, last, depth + 1);
}

static bool walk_tree(struct glance *g, uint32_t root, bool index, glance_row wanted, glance_row row, void *context)
{
	struct walk w = { .g = g, .wanted = wanted, .row = row, .context = context, .index = index };
	g->budget = g->pages;
	return walk_page(&w, root, 0);
}

/* Tables that are looked for: their statements are what case.c makes. */
static bool is_statement_of(struct text sql, const char *table, const char *columns)
{
	size_t n = strlen(table), c = strlen(columns);
	return sql.n == 13 + n + 1 + c + 1 && text_starts(sql, "CREATE TABLE ") && memcmp(sql.p + 13, table, n) == 0 &&
		   sql.p[13 + n] == '(' && memcmp(sql.p + 13 + n + 1, columns, c) == 0 && sql.p[sql.n - 1] == ')';
}

struct schema {
	struct glance *g;
	bool foreign; /* something that no case file has */
};

static bool schema_wanted(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	(void)context;
	(void)id;
	return n < 2 || text_is(v[0].text, "table");
}

static bool schema_row(void *context, int64_t id, const struct glance_value *v, unsigned n)
{
	struct schema *s = context;
	struct glance *g = s->g;
	(void)id;
	if (n < 2 || v[0].type != GLANCE_TEXT || v[1].type != GLANCE_TEXT)
		return s->foreign = true, false;
	if (text_is(v[0].text, "trigger"))
		return s->foreign = true, false;
	if (text_is(v[0].text, "view")) {
		bool ours = false;
		for (const struct case_view *view = case_views; view->name && !ours; view++)
			ours = text_is(v[1].text, view->name);
		s->foreign |= !ours;
		return ours;
	}
	if (n < 5 || !text_is(v[0].text, "table") || v[3].type != GLANCE_INTEGER || v[3].integer < 1 ||
		v[3].integer > g->pages)
		return true;
	if (text_is(v[1].text, "meta") && text_is(v[4].text, META_SQL) && g->ntables < GLANCE_TABLES) {
		g->tables[g->ntables].table = "meta";
		g->tables[g->ntables++].root = (uint32_t)v[3].integer;
	}
	static const char *const read[] = { "software", "software_exposure", "vulnerability", NULL };
	for (const struct case_derived *t = case_derived; t->name; t++)
		for (size_t i = 0; read[i] && g->ntables < GLANCE_TABLES; i++)
			if (strcmp(t->name, read[i]) == 0 && text_is(v[1].text, t->name) &&
				is_statement_of(v[4].text, t->name, t->columns)) {
				g->tables[g->ntables].table = t->name;
				g->tables[g->ntables++].root = (uint32_t)v[3].integer;
			}
	return true;
}

/* Beside a case that somebody is writing, or was when he died, lies a journal. */
static bool has_journal(const char *path)
{
	static const char *const ends[] = { "-journal", "-wal" };
	char name[4096];
	for (size_t i = 0; i < 2; i++)
		if (snprintf(name, sizeof name, "%s%s", path, ends[i]) >= (int)sizeof name || access(name, F_OK) == 0)
			return true;
	return false;
}

static bool read_header(struct glance *g)
{
	const uint8_t *h = g->header;
	if (pread(g->fd, g->header, sizeof g->header, 0) != sizeof g->header || memcmp(h, "SQLite format 3", 16) != 0)
		return false;
	g->page_size = be16(h + 16) == 1 ? 65536 : be16(h + 16);
	if (g->page_size < 512 || (g->page_size & (g->page_size - 1)) || g->page_size - h[20] < 480)
		return false;
	g->usable = g->page_size - h[20];
	uint64_t pages = (uint64_t)g->before.st_size / g->page_size;
	g->pages = pages < 0xfffffffe ? (uint32_t)pages : 0;
	/* a rollback journal, UTF-8, this program's schema */
	return g->pages && h[18] == 1 && h[19] == 1 && be32(h + 56) == 1 && be32(h + 60) == CASE_SCHEMA_VERSION &&
		   be32(h + 68) == CASE_APPLICATION_ID;
}

bool glance_begin(struct glance *g, const char *path)
{
	struct schema schema = { .g = g };
	g->ntables = 0;
	g->window_n = 0;
	free(g->path);
	g->path = strdup(path);
	g->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (!g->window)
		g->window = malloc(WINDOW_BYTES);
	if (g->fd >= 0 && g->path && g->window && fstat(g->fd, &g->before) == 0 && S_ISREG(g->before.st_mode) &&
		!has_journal(path) && read_header(g) && walk_tree(g, 1, false, schema_wanted, schema_row, &schema) &&
		!schema.foreign)
		return true;
	if (g->fd >= 0)
		close(g->fd);
	g->fd = -1;
	return false;
}

bool glance_end(struct glance *g)
{
	struct stat after;
	uint8_t header[sizeof g->header];
	bool same = fstat(g->fd, &after) == 0 && after.st_size == g->before.st_size &&
				after.st_mtim.tv_sec == g->before.st_mtim.tv_sec &&
				after.st_mtim.tv_nsec == g->before.st_mtim.tv_nsec &&
				pread(g->fd, header, sizeof header, 0) == sizeof header &&
				memcmp(header, g->header, sizeof header) == 0 && !has_journal(g->path);
	close(g->fd);
	g->fd = -1;
	return same;
}

void glance_free(struct glance *g)
{
	for (size_t i = 0; i < GLANCE_DEPTH; i++)
		free(g->page[i]);
	free(g->window);
	free(g->payload);
	free(g->path);
}

bool glance_has(const struct glance *g, const char *table)
{
	for (unsigned i = 0; i < g->ntables; i++)
		if (strcmp(g->tables[i].table, table) == 0)
			return true;
	return false;
}

bool glance_rows(struct glance *g, const char *table, glance_row wanted, glance_row row, void *context)
{
	for (unsigned i = 0; i < g->ntables; i++)
		if (strcmp(g->tables[i].table, table) == 0)
			return walk_tree(g, g->tables[i].root, strcmp(table, "meta") == 0, wanted, row, context);
	return false;
}
