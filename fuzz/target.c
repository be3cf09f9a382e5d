/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "feeds.h"
#include "format/format.h"
#include "inspect/inspect.h"
#include "readers.h"
#include "target_combos.h"

/* What one input may cost, so that a fuzzer gets through many. */
#define CHILDREN_MAX 2000
#define CONTENT_MAX (1u << 20)
#define CONTENTS_MAX (8u << 20)

static const struct format *format;
static const struct inspector *inspector;
static const struct reader_target *reader_target;
static bool is_feed;
static bool combos;

/* The literal patterns of the inspector by their first two bytes: chains of index + 1. Those of one byte are left out. */
static uint32_t first[1 << 16], *next;

static size_t pair_at(const void *p)
{
	const uint8_t *b = p;
	return (size_t)b[0] << 8 | b[1];
}

static void index_patterns(void)
{
	uint32_t n = 0;
	while (inspector->patterns && inspector->patterns[n].bytes)
		n++;
	memset(first, 0, sizeof first);
	free(next);
	next = calloc(n + 1, sizeof *next);
	if (!next)
		abort();
	for (uint32_t i = n; i-- > 0;) {
		const struct pattern *p = &inspector->patterns[i];
		if (p->flags & PATTERN_REGEX || p->n < 2)
			continue;
		next[i] = first[pair_at(p->bytes)];
		first[pair_at(p->bytes)] = i + 1;
	}
}

bool target_choose(const char *name)
{
	format = strncmp(name, "format:", 7) == 0 ? format_find(name + 7) : NULL;
	inspector = strncmp(name, "inspector:", 10) == 0 ? inspector_find(name + 10) : NULL;
	reader_target = strncmp(name, "reader:", 7) == 0 ? reader_target_find(name + 7) : NULL;
	if (inspector)
		index_patterns();
	is_feed = strncmp(name, "feed:", 5) == 0 && feed_target_choose(name + 5);
	combos = strncmp(name, "combos:", 7) == 0 && target_combos_choose(name + 7);
	return format || inspector || reader_target || is_feed || combos;
}

/* Reads every byte it is given, so that a stray pointer is found out. By memcpy, of which the sanitizers look at the whole range at
 * once: contents are megabytes, and byte by byte most of a run would go into this. */
static void touch(const void *p, size_t n)
{
	static uint8_t copy[4096];
	const uint8_t *bytes = p;
	for (size_t at = 0; at < n; at += sizeof copy) {
		memcpy(copy, bytes + at, n - at < sizeof copy ? n - at : sizeof copy);
		__asm__ volatile("" : : "r"(copy) : "memory"); /* for all the compiler knows, it is used */
	}
}

static void emit(struct sink *sink, enum fact_type type, const void *row)
{
	const struct fact_table *t = &fact_tables[type];
	(void)sink;
	for (size_t i = 0; i < t->ncolumns; i++) {
		const char *field = (const char *)row + t->columns[i].at;
		if (t->columns[i].type == FACT_TEXT)
			touch(((const struct text *)field)->p, ((const struct text *)field)->p ? ((const struct text *)field)->n : 0);
		else
			touch(field, sizeof(int64_t));
	}
}

struct visit {
	struct walk walk;
	unsigned children;
	uint64_t contents;
};

static void read_blocks(const struct entry *e, struct visit *v)
{
	const struct content *c = &e->content;
	uint64_t block = c->block_size ? c->block_size : 4096;
	for (uint64_t at = 0; at < e->size && v->contents < CONTENTS_MAX; at += block) {
		size_t n = e->size - at < block ? (size_t)(e->size - at) : (size_t)block;
		uint8_t *out = malloc(n); /* its own allocation: an overrun by one byte is seen */
		if (!out)
			return;
		struct error err = c->ops->read(c->fs, c->file, at, out, n);
		if (!error_is(&err))
			touch(out, n);
		free(out);
		v->contents += n;
	}
}

static void read_content(const struct entry *e, struct visit *v)
{
	const struct content *c = &e->content;
	if (c->kind == CONTENT_SPAN) {
		touch(c->bytes.p, c->bytes.n < CONTENT_MAX ? c->bytes.n : CONTENT_MAX);
	} else if (c->kind == CONTENT_BLOCKS) {
		read_blocks(e, v);
	} else if (c->kind == CONTENT_STREAM) {
		struct buf out = buf_with_limit(CONTENT_MAX);
		struct error err = c->ops->unpack(c->fs, c->file, &out);
		(void)err;
		touch(out.p, out.n);
		v->contents += out.n;
		buf_free(&out);
	}
}

static bool child(struct walk *w, const struct entry *e)
{
	struct visit *v = (struct visit *)w;
	touch(e->path.p, e->path.n);
	touch(e->link_target.p, e->link_target.n);
	touch(e->same_as.p, e->same_as.n);
	if (v->contents < CONTENTS_MAX)
		read_content(e, v);
	return ++v->children < CHILDREN_MAX;
}

static void run_format(struct span bytes)
{
	struct format_match match = { .size = SIZE_UNKNOWN };
	(void)format->probe(bytes, &match);
	if (format->probe_whole)
		(void)format->probe_whole(bytes, &match);
	/* Whatever probe says: walk and unpack must survive any bytes. */
	if (format->unpack) {
		struct buf out = buf_with_limit(CONTENT_MAX);
		size_t used = 0;
		struct error e = format->unpack(bytes, &out, &used);
		if (used > bytes.n && !error_is(&e))
			abort();
		buf_free(&out);
	}
	if (format->walk) {
		struct sink sink = { emit };
		struct arena *arena = arena_new(16 << 20);
		struct visit v = { { arena, &sink, 0, child }, 0, 0 };
		struct error e = format->walk(bytes, &v.walk);
		touch(e.text, strnlen(e.text, sizeof e.text));
		arena_free(arena);
	}
}

/* The hits of literal patterns, as the scan would give them: ordered by place. */
static size_t find_hits(struct span bytes, struct hit *hits, size_t max)
{
	size_t n = 0;
	for (size_t at = 0; at + 1 < bytes.n; at++)
		for (uint32_t i = first[pair_at(bytes.p + at)]; i && n < max; i = next[i - 1]) {
			const struct pattern *p = &inspector->patterns[i - 1];
			if (p->n <= bytes.n - at && memcmp(bytes.p + at, p->bytes, p->n) == 0)
				hits[n++] = (struct hit){ i - 1, at, at + p->n };
		}
	return n;
}

/* A path may begin with what the bytes are taken for: "data:" or the name of a format, a container. */
static void take_format(struct subject *s)
{
	char name[32] = "";
	const char *colon = s->path.n ? memchr(s->path.p, ':', s->path.n < sizeof name ? s->path.n : sizeof name) : NULL;
	if (!colon)
		return;
	memcpy(name, s->path.p, (size_t)(colon - s->path.p));
	const struct format *named = format_find(name);
	if (!named && strcmp(name, "data") != 0)
		return;
	s->format = named ? named->name : "data";
	s->nhits = named ? 0 : s->nhits;
	s->kind = ENTRY_REGION;
	s->path = text_of(colon + 1, s->path.n - (size_t)(colon + 1 - s->path.p));
}

/* Beside the blob stands a file of any name, with the second half of the blob in it. */
struct half {
	struct neighbors neighbors; /* first */
	struct span bytes;
};

static enum neighbor read_half(struct neighbors *neighbors, struct text path, struct span *bytes)
{
	*bytes = ((struct half *)neighbors)->bytes;
	return path.n % 7 ? NEIGHBOR_WHOLE : NEIGHBOR_ABSENT;
}

/* The first line of the input is the path, so that the fuzzer finds the names that inspectors look for. */
static void run_inspector(struct span bytes)
{
	struct sink sink = { emit };
	struct hit hits[512];
	struct arena *arena = arena_new(16 << 20);
	const uint8_t *end = bytes.n ? memchr(bytes.p, '\n', bytes.n < 200 ? bytes.n : 200) : NULL;
	size_t name = end ? (size_t)(end - bytes.p) : 0;
	struct subject s = { .path = text_from_span(span_sub(bytes, 0, name)), .kind = ENTRY_FILE, .mode = 0755, .uid = 0, .gid = 0,
		                 .hits = hits, .arena = arena };
	s.bytes = span_from(bytes, end ? name + 1 : 0);
	s.format = span_starts(s.bytes, "\x7f" "ELF", 4) ? "elf" : span_starts(s.bytes, "#!", 2) ? "script" : "text";
	s.nhits = find_hits(s.bytes, hits, 512);
	take_format(&s);
	struct text key = TEXT_LIT("/etc/opkg/keys/a");
	struct half beside = { { read_half, &key, 1 }, span_from(s.bytes, s.bytes.n / 2) };
	if (inspector->asks && inspector->asks(s.path))
		s.neighbors = &beside.neighbors;
	if (inspector->wants(&s))
		inspector->run(&s, &sink);
	arena_free(arena);
}

void target_run(struct span bytes)
{
	if (is_feed)
		feed_target_run(bytes);
	else if (reader_target)
		reader_target->run(bytes);
	else if (format)
		run_format(bytes);
	else if (combos)
		target_combos_run(bytes);
	else
		run_inspector(bytes);
}
