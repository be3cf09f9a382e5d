/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "walked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "seed.h"

#define UNPACK_LIMIT ((size_t)128 << 20)
#define ENTRIES_MAX 20000u

static struct text copy_text(struct arena *a, struct text t)
{
	return t.p ? text_of(arena_strdup(a, t), t.n) : t;
}

static void free_buf(void *p)
{
	buf_free(p);
	free(p);
}

static struct buf *new_buf(struct arena *a, size_t limit)
{
	struct buf *b = calloc(1, sizeof *b);
	assert_non_null(b);
	b->limit = limit;
	assert_true(arena_defer(a, free_buf, b));
	return b;
}

static struct error read_blocks(const struct entry *e, struct buf *out)
{
	const struct content *c = &e->content;
	if (buf_reserve(out, e->size))
		return error_at(ERR_BUDGET, 0, "%s", "too large for the test");
	out->n = e->size;
	return c->ops->read(c->fs, c->file, 0, out->p, out->n);
}

static void unpack_content(struct walked *t, struct walked_entry *w)
{
	const struct content *c = &w->e.content;
	w->content = c->kind == CONTENT_SPAN ? c->bytes : SPAN_NONE;
	if (c->kind != CONTENT_STREAM && c->kind != CONTENT_BLOCKS)
		return;
	struct buf *out = new_buf(t->copies, UNPACK_LIMIT);
	w->error = c->kind == CONTENT_STREAM ? c->ops->unpack(c->fs, c->file, out) : read_blocks(&w->e, out);
	w->content = buf_span(out);
}

static bool keep(struct walk *walk, const struct entry *entry)
{
	struct walked *t = (struct walked *)walk;
	if (t->n == ENTRIES_MAX)
		return false;
	if (t->n % 64 == 0) {
		t->entries = realloc(t->entries, (t->n + 64) * sizeof *t->entries);
		assert_non_null(t->entries);
	}
	struct walked_entry *w = &t->entries[t->n++];
	*w = (struct walked_entry){ .e = *entry };
	w->e.path = copy_text(t->copies, entry->path);
	w->e.link_target = copy_text(t->copies, entry->link_target);
	w->e.same_as = copy_text(t->copies, entry->same_as);
	unpack_content(t, w);
	return true;
}

void walked_open_within(struct walked *t, const struct format *format, struct span bytes, size_t limit)
{
	*t = (struct walked){ .copies = arena_new((size_t)1 << 30), .walk = { .arena = arena_new(limit), .child = keep } };
	fact_list_init(&t->facts, t->copies);
	t->walk.sink = &t->facts.sink;
	t->match.size = SIZE_UNKNOWN;
	t->accepted = format->probe(bytes, &t->match) || (format->probe_whole && format->probe_whole(bytes, &t->match));
	if (t->accepted && format->walk)
		t->error = format->walk(span_clip(bytes, 0, t->match.size), &t->walk);
}

void walked_open(struct walked *t, const struct format *format, struct span bytes)
{
	walked_open_within(t, format, bytes, 0);
	if (t->accepted)
		seed_keep("format", format->name, "", bytes);
}

void walked_close(struct walked *t)
{
	arena_free(t->walk.arena);
	arena_free(t->copies);
	free(t->entries);
}

size_t walked_count(const struct walked *t, enum entry_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += t->entries[i].e.kind == kind;
	return n;
}

const struct walked_entry *walked_get(const struct walked *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_is(t->entries[i].e.path, path))
			return &t->entries[i];
	fail_msg("no entry %s", path);
	return NULL;
}

const char *walked_header(const struct walked *t, const char *name)
{
	const struct fact_header *h;
	for (size_t i = 0; (h = fact_list_get(&t->facts, FACT_header, i)); i++)
		if (text_is(h->name, name))
			return h->value.p;
	return NULL;
}

size_t walked_damage(const struct walked *t, const char *kind)
{
	size_t n = error_is(&t->error) && strcmp(error_word(t->error.code), kind) == 0;
	const struct fact_damage *d;
	for (size_t i = 0; (d = fact_list_get(&t->facts, FACT_damage, i)); i++)
		n += text_is(d->kind, kind);
	for (size_t i = 0; i < t->n; i++)
		n += error_is(&t->entries[i].error) && strcmp(error_word(t->entries[i].error.code), kind) == 0;
	return n;
}

void assert_content(const struct walked *t, const char *path, const void *bytes, size_t n)
{
	const struct walked_entry *w = walked_get(t, path);
	assert_false(error_is(&w->error));
	assert_int_equal(w->content.n, n);
	assert_memory_equal(w->content.p, bytes, n);
}

static void walk_and_forget(const struct format *format, struct span bytes)
{
	struct walked t;
	walked_open_within(&t, format, bytes, 0);
	walked_close(&t);
}

/* Every length gets memory of its own, so that the sanitizer sees a read of one byte too many. */
void survives_cuts(const struct format *format, struct span bytes, unsigned cuts)
{
	for (unsigned i = 0; i < cuts && !seeds_wanted(); i++) {
		size_t n = (size_t)((uint64_t)bytes.n * i / cuts);
		uint8_t *copy = malloc(n + !n);
		assert_non_null(copy);
		memcpy(copy, bytes.p, n);
		walk_and_forget(format, span_of(copy, n));
		free(copy);
	}
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

void survives_flips(const struct format *format, struct span bytes, unsigned flips, size_t window)
{
	uint64_t state = 0x9e3779b97f4a7c15;
	size_t range = window && window < bytes.n ? window : bytes.n;
	uint8_t *copy = malloc(bytes.n);
	assert_non_null(copy);
	for (unsigned i = 0; i < flips && !seeds_wanted(); i++) {
		memcpy(copy, bytes.p, bytes.n);
		for (unsigned bits = 1 + next_random(&state) % 8; bits; bits--)
			copy[next_random(&state) % range] ^= (uint8_t)(1u << next_random(&state) % 8);
		walk_and_forget(format, span_of(copy, bytes.n));
	}
	free(copy);
}

static struct span load(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return SPAN_NONE;
	struct stat st;
	assert_int_equal(fstat(fileno(f), &st), 0);
	size_t n = (size_t)st.st_size;
	uint8_t *p = malloc(n + !n); /* lives as long as the test program */
	assert_non_null(p);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	return span_of(p, n);
}

struct span sample_load(const char *name)
{
	const char *shared = getenv("ASSAY_SHARED");
	char path[512];
	snprintf(path, sizeof path, "%s/samples/%s", shared ? shared : "../shared", name);
	struct span s = load(path);
	if (!s.p)
		printf("skipped: no sample %s\n", path);
	return s;
}

void temp_new(char dir[TEMP_MAX])
{
	snprintf(dir, TEMP_MAX, "/tmp/assay-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

void temp_remove(const char *dir)
{
	run_in(dir, "find . -mindepth 1 -delete");
	assert_int_equal(rmdir(dir), 0);
}

bool tool_exists(const char *tool)
{
	char command[128];
	snprintf(command, sizeof command, "command -v %s > /dev/null", tool);
	bool found = system(command) == 0;
	if (!found)
		printf("skipped: %s is not installed\n", tool);
	return found;
}

void run_in(const char *dir, const char *command)
{
	char line[2048];
	snprintf(line, sizeof line, "cd %s && { %s; } > /dev/null", dir, command);
	if (system(line) != 0)
		fail_msg("failed: %s", command);
}

bool made_in(const char *dir, const char *command)
{
	char line[1024];
	snprintf(line, sizeof line, "cd %s && { %s; } > /dev/null 2>&1", dir, command);
	bool ok = system(line) == 0;
	if (!ok)
		print_message("this cannot be made here: %s\n", command);
	return ok;
}

struct span file_load(const char *dir, const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	struct span s = load(path);
	assert_non_null(s.p);
	return s;
}

void file_save(const char *dir, const char *name, struct span bytes)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

uint8_t *image_made(const char *script, const char *kind, size_t *n)
{
	char dir[TEMP_MAX], command[TEMP_MAX + 192]; /* tests run in the project's folder */
	temp_new(dir);
	int length = snprintf(command, sizeof command, "python3 'tests/%s' %s > %s/image", script, kind, dir);
	assert_in_range(length, 1, sizeof command - 1);
	run_in(".", command);
	struct span image = file_load(dir, "image");
	temp_remove(dir);
	*n = image.n;
	return (uint8_t *)image.p;
}

bool walked_has(const struct walked *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_is(t->entries[i].e.path, path))
			return true;
	return false;
}

void assert_text(const struct walked *t, const char *path, const char *s)
{
	assert_content(t, path, s, strlen(s));
}

void assert_damaged(const struct format *format, struct span bytes, const char *kind, size_t entries)
{
	struct walked t;
	walked_open(&t, format, bytes);
	assert_true(t.accepted);
	assert_true(walked_damage(&t, kind) > 0);
	assert_int_equal(t.n, entries);
	walked_close(&t);
}

void refuse_noise(const struct format *const *formats, size_t n)
{
	uint8_t noise[70000];
	uint32_t v = 1;
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
	for (size_t f = 0; f < n; f++)
		for (size_t at = 0; at < 2000; at++) {
			struct format_match m;
			assert_false(formats[f]->probe(span_from(span_of(noise, sizeof noise), at), &m));
		}
}

struct span image_shifted(struct span image, size_t at, int by)
{
	size_t n = (size_t)((int64_t)image.n + by), removed = by < 0 ? (size_t)-by : 0, added = by > 0 ? (size_t)by : 0;
	uint8_t *p = malloc(n);
	assert_non_null(p);
	memcpy(p, image.p, at);
	memset(p + at, 'x', added);
	memcpy(p + at + added, image.p + at + removed, image.n - at - removed);
	return span_of(p, n);
}
