/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Installers of Inno Setup, behind the program that loads them: the setup program, packed; tables of what is installed where; and chunks
 * of one file or of many. The loader's table, which is within the program, says where the first of these begins; where the others are
 * is seen by their marks: how they follow each other differs.
 *
 * Specification: github.com/jrsoftware/issrc, Projects/Struct.pas, Compress.pas, Setup/Extract.pas; innoextract, src/setup, src/stream.
 */
#include "format/inno.h"

#include <stdio.h>

#include "base/sort.h"
#include "format/notation.h"
#include "format/path.h"
#include "format/rest.h"

#define CHUNK_MARK "zlb\x1a"
#define MARK 4u
#define TABLES_MAX ((uint64_t)64 << 20)
#define PROGRAM_MAX ((uint64_t)32 << 20)
#define UNPACKED_MAX ((uint64_t)192 << 20) /* of chunks of many files */
#define BASES_MAX 64u
#define ENCRYPTION_HEADER (4u + 49u)
#define ENCRYPTED_ALL 2u
#define NAME_MAX_BYTES 2048u
#define APPLICATION_MAX 512u

struct chunk {
	struct span packed, ready; /* ready: unpacked, where many files are in it */
	enum inno_method method;
	bool is_ready;
	struct error error;
};

/* A file in a chunk, as whoever unpacks it needs it. */
struct piece {
	const struct chunk *chunk;
	uint64_t sub, size;
	enum inno_filter filter;
	enum digest digest;
	struct span sum;
};

/* What is known of a location beside the table. */
struct place {
	const struct chunk *chunk;
	const char *path; /* of the first file that is there */
};

struct inno {
	struct walk *w;
	struct span bytes;
	struct inno_version version;
	struct inno_layout layout;
	struct inno_tables tables;
	struct place *places;
	uint64_t header, base; /* where the setup data and the chunks begin */
	uint64_t claimed, held;
	struct rest rest;
	struct path_buffer path;
	bool stopped;
};

/* What the loader's table names is one of the three; nobody else asks. */
static bool inno_probe(struct span at, struct format_match *match)
{
	if (at.n < INNO_ID || (!span_starts(at, CHUNK_MARK, MARK) && !span_starts(at, INNO_ID_TEXT, sizeof INNO_ID_TEXT - 1) &&
						   !inno_is_block(at, false) && !inno_is_block(at, true)))
		return false;
	match->size = at.n;
	match->confidence = 90;
	return true;
}

/* ---- blocks ---- */

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

static struct buf *new_buf(struct inno *s, uint64_t limit)
{
	uint64_t room = s->w->room ? s->w->room - (s->held < s->w->room ? s->held : s->w->room) : limit;
	struct buf *b = ARENA_NEW(s->w->arena, struct buf);
	if (!b || !arena_defer(s->w->arena, free_held, b))
		return NULL;
	*b = buf_with_limit((size_t)(room < limit ? room + 1 : limit));
	b->meter = s->w->meter;
	return b;
}

static void hold(struct inno *s, struct buf *b)
{
	if (b->n)
		buf_trim(b);
	s->held += b->n;
	s->w->held = s->held;
}

/* A block of tables, or of the program. What breaks off is told. */
static struct span open_block(struct inno *s, uint64_t at, uint64_t limit, uint64_t *end, bool *whole)
{
	struct span in = span_from(s->bytes, at);
	struct buf *b = new_buf(s, limit);
	*whole = false;
	if (!b || !inno_is_block(in, s->layout.wide_blocks)) {
		emit_damage_at(s->w->sink, b ? ERR_CORRUPT : ERR_BUDGET, at, "no block of setup data is there");
		return SPAN_NONE;
	}
	uint64_t used;
	struct error e = inno_block_unpack(in, s->layout.wide_blocks, b, &used);
	hold(s, b);
	rest_take(&s->rest, at, used);
	*end = at + used;
	*whole = !error_is(&e);
	if (error_is(&e)) {
		e.offset = at;
		emit_error(s->w->sink, &e);
	}
	return buf_span(b);
}

/* The first setup data with a block behind them: the text alone may stand in programs, too. */
static bool find_header(struct inno *s)
{
	const size_t n = sizeof INNO_ID_TEXT - 1;
	for (uint64_t at = 0; at < s->bytes.n;) {
		struct span rest = span_from(s->bytes, at);
		const uint8_t *hit = memmem(rest.p, rest.n, INNO_ID_TEXT, n);
		if (!hit)
			return false;
		s->header = at = (uint64_t)(hit - s->bytes.p);
		struct span behind = span_from(s->bytes, at + INNO_ID), keyed = span_from(behind, ENCRYPTION_HEADER);
		if (inno_version_read(span_from(s->bytes, at), &s->version) &&
			(inno_is_block(behind, false) || inno_is_block(behind, true) || inno_is_block(keyed, false) || inno_is_block(keyed, true) ||
			 behind.n < ENCRYPTION_HEADER))
			return true;
		at += n;
	}
	return false;
}

/* ---- chunks ---- */

/* Chunks stand as far apart as the table says. The first mark that fits begins the first of them. */
static bool find_base(struct inno *s)
{
	uint64_t first = UINT64_MAX, last = 0, at = 0;
	for (size_t i = 0; i < s->tables.locations_n; i++) {
		const struct inno_location *o = &s->tables.locations[i];
		if (o->slice)
			continue;
		first = o->start < first ? o->start : first;
		last = o->start > last ? o->start : last;
	}
	bool found = false;
	for (unsigned i = 0; i < BASES_MAX && first != UINT64_MAX; i++, at += MARK) {
		struct span rest = span_from(s->bytes, at);
		const uint8_t *hit = rest.n ? memmem(rest.p, rest.n, CHUNK_MARK, MARK) : NULL;
		if (!hit)
			break;
		at = (uint64_t)(hit - s->bytes.p);
		if (at < first)
			continue;
		s->base = found ? s->base : at - first; /* of one that breaks off */
		found = true;
		if (last <= UINT64_MAX - s->bytes.n && span_has(s->bytes, at - first + last, CHUNK_MARK, MARK)) {
			s->base = at - first;
			break;
		}
	}
	return found;
}

static const struct inno_location *location_of(const void *p, const struct inno_location **other, const void *q)
{
	*other = *(const struct inno_location *const *)q;
	return *(const struct inno_location *const *)p;
}

static int by_chunk(const void *a, const void *b)
{
	const struct inno_location *y, *x = location_of(a, &y, b);
	if (x->slice != y->slice)
		return x->slice < y->slice ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static struct error no_memory(void)
{
	return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the installer's files");
}

/* Why nothing of a chunk can be had, or its bytes. */
static struct error chunk_open(struct inno *s, const struct inno_location *o, bool found, struct chunk *c)
{
	uint64_t at = s->base + o->start;
	c->method = o->compressed ? (enum inno_method)s->tables.method : INNO_STORED;
	if (o->slice || !found)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "its data are in slice %u, a file of its own", (unsigned)o->slice + 1);
	if (o->start > s->bytes.n || !span_has(s->bytes, at, CHUNK_MARK, MARK))
		return error_at(at + MARK > s->bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, at, "no chunk of data begins there");
	c->packed = span_clip(s->bytes, at + MARK, o->packed);
	rest_take(&s->rest, at, MARK + (uint64_t)c->packed.n);
	if (__builtin_add_overflow(s->claimed, c->packed.n, &s->claimed) || s->claimed > s->bytes.n + s->bytes.n / 8)
		return error_at(ERR_BUDGET, at, "the chunks overlap: together they claim more than there is");
	if (o->encrypted)
		return error_at(ERR_ENCRYPTED, at, "the chunk is encrypted");
	return c->packed.n < o->packed ? error_at(ERR_TRUNCATED, at, "the chunk is not all there") : error_none();
}

/* What many files are in is unpacked once. Their sizes may not say more than that. */
static void chunk_unpack(struct inno *s, const struct inno_location *const *group, size_t n, struct chunk *c)
{
	uint64_t need = 0, sum = 0;
	for (size_t i = 0; i < n; i++) {
		uint64_t end;
		if (__builtin_add_overflow(group[i]->sub, group[i]->size, &end) || __builtin_add_overflow(sum, group[i]->size, &sum)) {
			c->error = error_at(ERR_CORRUPT, s->base + group[i]->start, "files of the chunk have impossible sizes");
			c->packed = SPAN_NONE;
			return;
		}
		need = end > need ? end : need;
	}
	if (sum > need + need / 8) {
		c->error = error_at(ERR_BUDGET, s->base + group[0]->start, "files of the chunk overlap: together they claim more than it has");
		c->packed = SPAN_NONE;
	} else if (c->method == INNO_STORED) {
		c->ready = c->packed;
		c->is_ready = true;
	} else if ((n > 1 || group[0]->sub) && c->packed.n) {
		struct buf *b = new_buf(s, s->held < UNPACKED_MAX ? UNPACKED_MAX - s->held : 1);
		struct error e = b ? inno_chunk_unpack(c->method, c->packed, need, b) : no_memory();
		if (error_is(&e) && !error_is(&c->error))
			c->error = e;
		if (b) {
			hold(s, b);
			c->ready = buf_span(b);
		}
		c->is_ready = true;
	}
}

static bool open_chunks(struct inno *s)
{
	size_t n = s->tables.locations_n;
	const struct inno_location **order = ARENA_ARRAY(s->w->arena, const struct inno_location *, n + 1);
	const struct inno_location **spare = ARENA_ARRAY(s->w->arena, const struct inno_location *, n + 1);
	bool found = find_base(s);
	s->places = ARENA_ARRAY(s->w->arena, struct place, n + 1);
	if (!order || !spare || !s->places)
		return false;
	for (size_t i = 0; i < n; i++)
		order[i] = &s->tables.locations[i];
	if (n)
		sort_stable(order, spare, n, sizeof(const struct inno_location *), by_chunk);
	for (size_t i = 0, end; i < n; i = end) {
		struct chunk *c = ARENA_NEW(s->w->arena, struct chunk);
		if (!c)
			return false;
		*c = (struct chunk){ .error = error_none() };
		for (end = i + 1; end < n && by_chunk(&order[i], &order[end]) == 0; end++)
			;
		c->error = chunk_open(s, order[i], found, c);
		if (error_is(&c->error) && c->error.code != ERR_TRUNCATED)
			c->packed = SPAN_NONE;
		chunk_unpack(s, order + i, end - i, c);
		for (size_t k = i; k < end; k++)
			s->places[order[k] - s->tables.locations].chunk = c;
	}
	return true;
}

/* ---- files ---- */

static struct error piece_read(const struct piece *p, struct buf *out)
{
	const struct chunk *c = p->chunk;
	if (!c->is_ready && c->packed.n)
		return inno_chunk_unpack(c->method, c->packed, p->size, out);
	struct span bytes = span_clip(c->ready, p->sub, p->size);
	if (bytes.n && buf_add(out, bytes.p, bytes.n))
		return error_at(ERR_BUDGET, 0, "the file has %zu bytes and more", bytes.n);
	return bytes.n < p->size ? error_at(ERR_TRUNCATED, bytes.n, "the chunk ends before the file does") : error_none();
}

static struct error piece_unpack(const void *fs, const void *file, struct buf *out)
{
	const struct piece *p = file;
	size_t begin = out->n;
	struct error e = piece_read(p, out);
	(void)fs;
	if (out->n > begin)
		inno_unfilter(p->filter, out->p + begin, out->n - begin);
	if (error_is(&e))
		return error_is(&p->chunk->error) ? p->chunk->error : e;
	struct span bytes = p->size ? span_of(out->p + begin, (size_t)p->size) : span_of("", 0);
	if (!digest_matches(p->digest, bytes, p->sum))
		return error_at(ERR_CORRUPT, 0, "the file does not have its digest");
	return error_none();
}

static enum inno_filter filter_of(const struct inno *s, const struct inno_location *o)
{
	uint32_t v = s->version.number;
	if (!o->call)
		return INNO_NO_FILTER;
	return v < INNO_VERSION(5, 2, 0, 0) ? INNO_CALLS_4108 : v < INNO_VERSION(5, 3, 9, 0) ? INNO_CALLS_5200 : INNO_CALLS_5309;
}

/* The first file of a location has its content, the others are links to it. False: there is no memory. */
static bool emit_file(struct inno *s, size_t location, struct text path)
{
	static const struct content_ops ops = { .unpack = piece_unpack };
	const struct inno_location *o = &s->tables.locations[location];
	struct place *place = &s->places[location];
	struct entry e = entry_new(ENTRY_FILE, path);
	e.mtime = o->mtime;
	if (place->path) {
		e.same_as = text_c(place->path);
		s->stopped = !s->w->child(s->w, &e);
		return true;
	}
	struct piece *p = ARENA_NEW(s->w->arena, struct piece);
	place->path = arena_strdup(s->w->arena, path);
	if (!p || !place->path)
		return false;
	*p = (struct piece){ place->chunk, o->sub, o->size, filter_of(s, o), s->layout.digest, o->digest };
	e.size = o->size;
	e.content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .file = p };
	s->stopped = !s->w->child(s->w, &e);
	return true;
}

/* Where it is installed to, with the constants that the installer would replace ("{app}\name"). */
static struct text path_of(struct inno *s, const struct inno_file *f, size_t number)
{
	char name[3 * (NAME_MAX_BYTES / 2) + 1];
	struct span raw = f->dest.n ? f->dest : f->source;
	size_t n = raw.n < NAME_MAX_BYTES ? raw.n : NAME_MAX_BYTES;
	if (!n)
		n = (size_t)snprintf(name, sizeof name, "entry-%zu", number);
	else if (s->version.unicode)
		n = utf16_to_utf8(span_clip(raw, 0, n), false, false, name);
	else
		memcpy(name, raw.p, n);
	for (size_t i = 0; i < n; i++)
		name[i] = name[i] == '\\' ? '/' : name[i] ? name[i] : '_';
	return path_from_root(&s->path, text_of(name, n));
}

static bool emit_files(struct inno *s)
{
	char name[40];
	for (size_t i = 0; i < s->tables.files_n && !s->stopped; i++) {
		const struct inno_file *f = &s->tables.files[i];
		if (f->location == INNO_NO_LOCATION) /* beside the installer, or fetched */
			continue;
		struct text path = path_of(s, f, i);
		if (f->location >= s->tables.locations_n)
			emit_damage_at(s->w->sink, ERR_TRUNCATED, s->header, "of file %zu is not told where its data are", i);
		else if (!path.p || !emit_file(s, f->location, path))
			return false;
	}
	for (size_t i = 0; i < s->tables.locations_n && !s->stopped; i++) {
		snprintf(name, sizeof name, "/[Inno].location-%zu", i);
		if (!s->places[i].path && !emit_file(s, i, text_c(name)))
			return false;
	}
	return true;
}

static void emit_span(struct inno *s, const char *path, struct span bytes)
{
	struct entry e = entry_new(ENTRY_FILE, text_c(path));
	e.size = bytes.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = bytes };
	if (bytes.n && !s->stopped)
		s->stopped = !s->w->child(s->w, &e);
}

/* The setup program stands before the setup data or behind them. */
static void emit_program(struct inno *s, uint64_t behind)
{
	const uint64_t places[] = { behind, 0 };
	const struct inno_location program = { .call = true };
	for (unsigned i = 0; i < 2; i++) {
		uint64_t end;
		bool whole;
		if (!inno_is_block(span_from(s->bytes, places[i]), s->layout.wide_blocks))
			continue;
		struct span bytes = open_block(s, places[i], PROGRAM_MAX, &end, &whole);
		if (bytes.n)
			inno_unfilter(filter_of(s, &program), (uint8_t *)(uintptr_t)bytes.p, bytes.n);
		emit_span(s, "/[Inno].setup.exe", bytes);
		return;
	}
}

static void tell_fields(struct inno *s)
{
	char name[3 * (APPLICATION_MAX / 2) + 1];
	struct span raw = span_clip(span_of(s->tables.application.p, s->tables.application.n), 0, APPLICATION_MAX);
	size_t n = s->version.unicode ? utf16_to_utf8(raw, false, false, name) : raw.n;
	if (!s->version.unicode && n)
		memcpy(name, raw.p, n);
	if (n)
		emit_header_field(s->w->sink, s->header, "application", "%.*s", (int)n, name);
	emit_header_field(s->w->sink, s->header, "compression", "%s", inno_method_name(s->tables.method));
}

/* ---- all of it ---- */

static struct error unsupported(const struct inno *s)
{
	return error_at(ERR_UNSUPPORTED, s->header, "setup data of Inno Setup %s are of no layout that is known: their files are not named",
					s->version.text);
}

/* The tables, and behind them maybe the program. */
static struct error read_tables(struct inno *s)
{
	uint64_t at = s->header + INNO_ID, end;
	bool whole;
	rest_take(&s->rest, s->header, INNO_ID);
	emit_header_field(s->w->sink, s->header, "setup data", "%s", s->version.text);
	if (!inno_layout_of(&s->version, &s->layout))
		return unsupported(s);
	if (s->layout.encryption_header) {
		struct span use = span_sub(s->bytes, at + 4, 1);
		rest_take(&s->rest, at, ENCRYPTION_HEADER);
		if (use.p && use.p[0] == ENCRYPTED_ALL)
			return error_at(ERR_ENCRYPTED, at, "the installer is encrypted, its tables, too");
		at += ENCRYPTION_HEADER;
	}
	struct span block = open_block(s, at, TABLES_MAX, &end, &whole);
	if (!block.n)
		return error_at(ERR_CORRUPT, at, "the installer's tables can not be read");
	emit_span(s, "/[Inno].header", block);
	if (!inno_files_read(&s->layout, block, whole, s->w->arena, &s->tables))
		return whole ? unsupported(s) : error_at(ERR_TRUNCATED, at, "the installer's tables end before its files");
	tell_fields(s);
	at = end;
	block = open_block(s, at, TABLES_MAX, &end, &whole);
	if (!inno_locations_read(&s->layout, block, whole, s->w->arena, &s->tables))
		return unsupported(s);
	if (whole)
		emit_program(s, end);
	return error_none();
}

static struct error inno_walk(struct span bytes, struct walk *w)
{
	struct inno s = { .w = w, .bytes = bytes, .rest = { .arena = w->arena }, .path = { .arena = w->arena } };
	if (!find_header(&s))
		return error_at(ERR_CORRUPT, 0, "no setup data of Inno Setup are there");
	struct error e = read_tables(&s);
	if (!error_is(&e) && (!open_chunks(&s) || !emit_files(&s)))
		e = no_memory();
	if (!s.stopped)
		rest_emit(&s.rest, bytes, w);
	return e;
}

const struct format inno_format = {
	.name = "inno",
	.kind = FORMAT_ARCHIVE,
	.title = "Inno Setup installer",
	.spec = "github.com/jrsoftware/issrc Projects/Src/Shared.Struct.pas",
	.probe = inno_probe,
	.walk = inno_walk,
};
