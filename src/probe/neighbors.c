/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other files of a container, for inspectors of files that say something of another one. */
#include <stdlib.h>

#include "probe/tree.h"

/* A folder of keys has few; a key of usign has two short lines. */
#define KEYS_MAX 32u
#define KEY_SIZE_MAX 4096u
/* Memory for the names of one container: the rest of its arena is for its files. */
#define ROLL_BYTES_MAX ((size_t)8 << 20)
#define PIECE ((uint64_t)8 << 20)

/* A file or link, in the order of the container. */
struct rolled {
	struct rolled *next;
	struct text path; /* plain */
	const struct task *task;
	bool is_link;
};

struct waiting {
	struct waiting *next;
	struct task *task;
};

/* Sorted by path. */
struct listing {
	const struct rolled **v;
	size_t n;
	struct text keys[KEYS_MAX];
	size_t nkeys;
	bool unsure; /* which file is where once it is unpacked */
};

static bool is_asked_of(struct text path)
{
	for (size_t i = 0; inspector_registry[i]; i++)
		if (inspector_registry[i]->asks && inspector_registry[i]->asks(path))
			return true;
	return false;
}

/* The next part of a path, which goes on in *rest. False: there is none. */
static bool next_part(struct text *rest, struct text *part)
{
	if (!rest->n)
		return false;
	const char *slash = memchr(rest->p, '/', rest->n);
	size_t n = slash ? (size_t)(slash - rest->p) : rest->n, used = n + (slash != NULL);
	*part = text_of(rest->p, n);
	*rest = text_of(rest->p + used, rest->n - used);
	return true;
}

static bool is_plain(struct text path)
{
	bool begins = text_starts(path, "/");
	struct text part, rest = begins ? text_of(path.p + 1, path.n - 1) : path;
	while (begins && next_part(&rest, &part))
		if (!part.n || text_is(part, ".") || text_is(part, ".."))
			return false;
	return begins;
}

/* Where links are, what ".." takes back is not what stands before it. */
static bool climbs(struct text path)
{
	struct text part;
	while (next_part(&path, &part))
		if (text_is(part, ".."))
			return true;
	return false;
}

/* The path that who unpacks it makes of it: an archive may have a file twice, as a/b and as a//b, ./a/b and a/c/../b. A copy, or
 * itself where it is plain; TEXT_NONE: no memory. */
static struct text plain_path(struct arena *arena, struct text path)
{
	struct text part, rest = path;
	if (is_plain(path))
		return path;
	char *out = arena_alloc(arena, path.n + 1, 1);
	size_t n = 0;
	while (out && next_part(&rest, &part)) {
		if (text_is(part, ".."))
			while (n && out[--n] != '/')
				;
		if (!part.n || text_is(part, ".") || text_is(part, ".."))
			continue;
		out[n++] = '/';
		memcpy(out + n, part.p, part.n);
		n += part.n;
	}
	return out ? text_of(out, n) : TEXT_NONE;
}

void roll_add(struct roll *r, const struct entry *entry, struct task *task)
{
	if (r->full || !entry->path.p || (entry->kind != ENTRY_FILE && entry->kind != ENTRY_SYMLINK))
		return;
	bool shared = task && is_plain(entry->path); /* it stays the task's */
	r->bytes += sizeof(struct rolled) + (shared ? 0 : 2 * (entry->path.n + 1));
	r->full = r->bytes > ROLL_BYTES_MAX;
	struct rolled *one = r->full ? NULL : ARENA_NEW(r->arena, struct rolled);
	const char *path = one && !task ? arena_strdup(r->arena, entry->path) : NULL;
	struct text own = task ? task->entry.path : text_of(path, path ? entry->path.n : 0);
	if (!one || !own.p || !(own = plain_path(r->arena, own)).p) {
		r->full = true;
		return;
	}
	one->path = own;
	one->task = task;
	one->is_link = entry->kind == ENTRY_SYMLINK;
	r->climbs |= climbs(entry->path);
	*(r->last ? &r->last->next : &r->first) = one;
	r->last = one;
	r->n++;
}

bool roll_holds_back(struct roll *r, struct task *t)
{
	if (t->entry.kind != ENTRY_FILE || !is_asked_of(t->entry.path))
		return false;
	struct waiting *w = ARENA_NEW(r->arena, struct waiting);
	if (!w)
		return false;
	w->task = t;
	*(r->waits_last ? &r->waits_last->next : &r->waits) = w;
	r->waits_last = w;
	return true;
}

static int compare(struct text a, struct text b)
{
	int c = a.n && b.n ? memcmp(a.p, b.p, a.n < b.n ? a.n : b.n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_path(const void *a, const void *b)
{
	return compare((*(const struct rolled *const *)a)->path, (*(const struct rolled *const *)b)->path);
}

static bool may_be_key(const struct rolled *f)
{
	return f->task && f->task->entry.size <= KEY_SIZE_MAX &&
	       (text_has(f->path, "/etc/opkg/keys/") || text_has(f->path, "/etc/signify/") || text_ends(f->path, ".pub"));
}

/* The first of that path, or behind where it would stand. */
static size_t find(const struct listing *l, struct text path)
{
	size_t lo = 0, hi = l->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (compare(l->v[mid]->path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Whether something lies beneath a link, as an archive may have it: who unpacks it may write it over another file. */
static bool leads_over_link(const struct roll *r, const struct listing *l)
{
	struct buf path = { 0 };
	bool leads = false;
	for (const struct rolled *f = r->first; f && !leads; f = f->next) {
		if (!f->is_link)
			continue;
		path.n = 0;
		leads = r->climbs;
		if (buf_add(&path, f->path.p, f->path.n) || buf_add(&path, "/", 1))
			leads = true; /* no memory: nothing is known */
		size_t i = leads ? l->n : find(l, text_of((const char *)path.p, path.n));
		leads |= i < l->n && l->v[i]->path.n > path.n && memcmp(l->v[i]->path.p, path.p, path.n) == 0;
	}
	buf_free(&path);
	return leads;
}

struct listing *roll_list(const struct roll *r)
{
	struct listing *l = r->full ? NULL : ARENA_NEW(r->arena, struct listing);
	if (!l || !(l->v = ARENA_ARRAY(r->arena, const struct rolled *, r->n + 1)))
		return NULL;
	for (const struct rolled *f = r->first; f; f = f->next)
		l->v[l->n++] = f;
	qsort(l->v, l->n, sizeof(void *), by_path);
	l->unsure = leads_over_link(r, l);
	for (size_t i = 0; i < l->n && l->nkeys < KEYS_MAX; i++)
		if (may_be_key(l->v[i]))
			l->keys[l->nkeys++] = l->v[i]->path;
	return l;
}

bool listing_has(const struct listing *l, struct text path)
{
	size_t i = find(l, path);
	return i < l->n && text_eq(l->v[i]->path, path);
}

void roll_end(struct roll *r, struct node *node)
{
	if (r->waits)
		node->listing = roll_list(r);
	for (struct waiting *w = r->waits, *next; w; w = next) {
		next = w->next; /* when the last is done, all memory of the node may go */
		w->task->waited = true;
		task_queue(w->task);
	}
}

static bool read_blocks(struct lane *l, const struct content *c, uint64_t size, struct buf *out)
{
	uint64_t block = c->block_size ? c->block_size : PIECE, piece = block >= PIECE ? block : PIECE - PIECE % block;
	if (size > content_allowance(l) || buf_reserve(out, (size_t)size))
		return false;
	for (uint64_t at = 0; at < size; at += piece) {
		uint64_t n = size - at < piece ? size - at : piece;
		struct error e = c->ops->read(c->fs, c->file, at, out->p + at, (size_t)n);
		if (error_is(&e))
			return false;
		lane_renew(l);
	}
	out->n = (size_t)size;
	return true;
}

/* All of it, or nothing. */
static bool read_content(struct beside *b, const struct entry *e, struct span *bytes)
{
	const struct content *c = &e->content;
	struct lane *l = b->lane;
	bool ok = c->kind == CONTENT_SPAN;
	buf_free(&b->content);
	b->content = buf_with_limit((size_t)content_allowance(l));
	b->content.meter = &l->unpacking.meter;
	if (c->kind == CONTENT_BLOCKS && e->size != SIZE_UNKNOWN) {
		ok = read_blocks(l, c, e->size, &b->content);
	} else if (c->kind == CONTENT_STREAM) {
		struct error error = c->ops->unpack(c->fs, c->file, &b->content);
		ok = !error_is(&error);
	}
	content_account(l->probe, b->content.n);
	*bytes = c->kind == CONTENT_SPAN ? c->bytes : buf_span(&b->content);
	return ok && (e->size == SIZE_UNKNOWN || e->size == bytes->n);
}

static enum neighbor neighbor_read(struct neighbors *neighbors, struct text path, struct span *bytes)
{
	struct beside *b = (struct beside *)neighbors;
	const struct listing *l = b->listing;
	*bytes = SPAN_NONE;
	if (!l || !(path = plain_path(b->lane->arena, path)).p)
		return NEIGHBOR_ABSENT;
	size_t i = find(l, path);
	if (i == l->n || !text_eq(l->v[i]->path, path))
		return NEIGHBOR_ABSENT;
	if (l->unsure || !l->v[i]->task || (i + 1 < l->n && text_eq(l->v[i + 1]->path, path)))
		return NEIGHBOR_AMBIGUOUS;
	if (read_content(b, &l->v[i]->task->entry, bytes))
		return NEIGHBOR_WHOLE;
	*bytes = SPAN_NONE;
	return NEIGHBOR_BROKEN;
}

void beside_begin(struct lane *l, const struct task *t)
{
	const struct listing *listing = t->waited ? t->parent->listing : NULL;
	l->beside.lane = l;
	l->beside.listing = listing;
	l->beside.neighbors = (struct neighbors){ neighbor_read, listing ? listing->keys : NULL, listing ? listing->nkeys : 0 };
}

void beside_end(struct lane *l)
{
	buf_free(&l->beside.content);
	l->beside.content = (struct buf){ 0 };
	l->beside.listing = NULL;
}
