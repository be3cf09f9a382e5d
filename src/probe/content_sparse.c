/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of which little is stored: 32 GiB that a guest sees, and some hundred MiB in the image's file. What counts is what is stored. The
 * whole gets a place among addresses, as long as it is; memory and the temporary file have no more of it than that. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/holes.h"
#include "probe/tree.h"

#define HOLE_MIN ((uint64_t)64 << 10)
/* What is stored takes whole pages. */
#define PAGE ((uint64_t)4096)
#define PIECE ((uint64_t)1 << 20)
#define BROKEN_MAX 65536u /* runs that can not be told */
#define RUNS_MAX 65536u   /* each takes a page of the process's page table, and those around it when it is looked through */
#define PIECES_MAX 256u /* at once */
/* Holes of an input that is smaller cost less than to ask for them; nor is it asked for more. */
#define INPUT_MIN ((uint64_t)16 << 20)
#define DATA_MAX (1u << 20)

struct runs {
	struct stored *v;
	size_t n, cap;
	uint64_t bytes, hole_min; /* a hole that is shorter is read as what is around it */
};

static struct runs runs_new(void)
{
	return (struct runs){ .hole_min = HOLE_MIN };
}

static void runs_append(struct runs *r, uint64_t from, uint64_t to)
{
	struct stored *last = r->n ? &r->v[r->n - 1] : NULL;
	if (last && from - last->to < r->hole_min) {
		r->bytes += to - last->to;
		last->to = to;
		return;
	}
	r->v[r->n++] = (struct stored){ from, to };
	r->bytes += to - from < PAGE ? PAGE : to - from;
}

/* Of fewer runs, with what is between them. */
static void runs_join(struct runs *r)
{
	while (r->n > RUNS_MAX / 2) {
		size_t n = r->n;
		r->n = 0;
		r->bytes = 0;
		r->hole_min *= 2;
		for (size_t i = 0; i < n; i++)
			runs_append(r, r->v[i].from, r->v[i].to);
	}
}

static bool runs_add(struct runs *r, uint64_t from, uint64_t to)
{
	if (r->n == RUNS_MAX)
		runs_join(r);
	if (r->n == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 64;
		struct stored *v = realloc(r->v, cap * sizeof *v);
		if (!v)
			return false;
		r->v = v;
		r->cap = cap;
	}
	runs_append(r, from, to);
	return true;
}

/* What can not be told: one block of it says why. */
static void tell_broken(struct lane *l, const struct task *t, const struct stored_run *run)
{
	const struct content *c = &t->entry.content;
	uint8_t *block = malloc(c->block_size);
	if (!block)
		return;
	struct error e = c->ops->read(c->fs, c->file, run->at, block, run->n < c->block_size ? (size_t)run->n : c->block_size);
	if (error_is(&e))
		emit_error(&l->finding.sink, &e);
	else
		emit_damage_at(&l->finding.sink, ERR_CORRUPT, run->at, "what is stored of these %llu bytes can not be told", (unsigned long long)run->n);
	free(block);
}

/* False when there is no memory, or more is stored than `allowed`. */
static enum error_code list_runs(struct lane *l, const struct task *t, uint64_t allowed, struct runs *r)
{
	const struct content *c = &t->entry.content;
	unsigned broken = 0;
	for (uint64_t at = 0; at < t->entry.size;) {
		struct stored_run run = c->ops->next(c->fs, c->file, at);
		if (!run.n || run.at < at || run.at >= t->entry.size)
			break;
		run.n = run.n < t->entry.size - run.at ? run.n : t->entry.size - run.at;
		at = run.at + run.n;
		if (run.broken && broken < DAMAGE_MAX)
			tell_broken(l, t, &run);
		if (run.broken && broken++ == BROKEN_MAX) {
			emit_damage_at(&l->finding.sink, ERR_CORRUPT, run.at, "too much of it can not be told: the rest is not looked at");
			break;
		}
		if (!run.broken && !runs_add(r, run.at, at))
			return ERR_MEMORY;
		if (r->bytes > allowed)
			return ERR_BUDGET;
	}
	return ERR_NONE;
}

struct pieces {
	struct lane *lane;
	const struct content *content;
	uint8_t *out;
	struct stored v[PIECES_MAX];
	struct error errors[PIECES_MAX]; /* of the first block in each that failed */
	size_t n;
	unsigned shown;
};

static void read_piece(void *context, size_t i)
{
	struct pieces *p = context;
	p->errors[i] = content_read_blocks(p->content, p->v[i].from, p->v[i].to, p->out);
	spill_forget(p->lane->probe, span_of(p->out + p->v[i].from, (size_t)(p->v[i].to - p->v[i].from)));
	lane_renew(p->lane);
}

static void read_pieces(struct pieces *p)
{
	schedule_for(p->lane->probe->schedule, p->n, read_piece, p);
	for (size_t i = 0; i < p->n; i++)
		if (error_is(&p->errors[i]) && p->shown++ < DAMAGE_MAX)
			emit_error(&p->lane->finding.sink, &p->errors[i]);
	p->n = 0;
}

static void read_runs(struct pieces *p, const struct runs *r)
{
	uint64_t block = p->content->block_size, step = block >= PIECE ? block : PIECE - PIECE % block;
	for (size_t i = 0; i < r->n; i++)
		for (uint64_t at = r->v[i].from, to = r->v[i].to; at < to; at += step) {
			p->v[p->n++] = (struct stored){ at, to - at < step ? to : at + step };
			if (p->n == PIECES_MAX)
				read_pieces(p);
		}
	read_pieces(p);
}

bool content_is_sparse(const struct lane *l, const struct task *t)
{
	const struct content *c = &t->entry.content;
	return c->kind == CONTENT_BLOCKS && c->ops->next && c->block_size && t->entry.size != SIZE_UNKNOWN && l->probe->disks.p &&
	       t->entry.size > content_allowance(l);
}

/* False: where a hole begins or ends can not be told of this file. Of so many that nobody asks for more, the rest counts as stored. */
static bool list_data(int fd, uint64_t size, struct runs *r)
{
	for (unsigned i = 0; i < DATA_MAX; i++) {
		uint64_t at = r->n ? r->v[r->n - 1].to : 0;
		off_t from = lseek(fd, (off_t)at, SEEK_DATA);
		if (from < 0 || (uint64_t)from >= size)
			return from >= 0 || errno == ENXIO; /* the rest is a hole */
		off_t to = lseek(fd, from, SEEK_HOLE);
		if (to <= from || !runs_add(r, (uint64_t)from, (uint64_t)to < size ? (uint64_t)to : size))
			return false;
		if ((uint64_t)to >= size)
			return true;
	}
	return runs_add(r, r->v[r->n - 1].to, size);
}

struct stored *input_tell_holes(const struct probe_input *input)
{
	struct runs runs = runs_new();
	bool told = input->fd >= 0 && input->bytes.n >= INPUT_MIN && list_data(input->fd, input->bytes.n, &runs);
	bool whole = runs.n == 1 && runs.bytes == input->bytes.n;
	if (told && !whole && holes_tell(input->bytes, runs.v, runs.n))
		return runs.v;
	free(runs.v);
	return NULL;
}

struct span content_load_sparse(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	struct sink *sink = &l->finding.sink;
	struct runs runs = runs_new();
	uint64_t allowed = content_limit(l), size = t->entry.size;
	bool fits = size <= l->probe->disks.size;
	if (!fits)
		emit_damage_at(sink, ERR_BUDGET, UINT64_MAX, "%llu bytes, most of them perhaps not stored, more than the %llu that disks may have",
		               (unsigned long long)size, (unsigned long long)l->probe->disks.size);
	enum error_code code = fits ? list_runs(l, t, allowed, &runs) : ERR_BUDGET;
	struct pieces *p = code ? NULL : calloc(1, sizeof *p);
	if (fits && code == ERR_BUDGET)
		emit_damage_at(sink, code, UINT64_MAX, "more than the %llu bytes are stored that are allowed here (--max-blob, --max-total)",
		               (unsigned long long)allowed);
	else if (fits && !p)
		emit_damage_at(sink, ERR_MEMORY, UINT64_MAX, "no memory for a map of what is stored");
	code = p ? disk_take(l, &l->content, (size_t)size, runs.v, runs.n, runs.bytes) : code;
	if (!p || code) {
		if (p)
			emit_damage_at(sink, code, UINT64_MAX, "no room for the %llu bytes that are stored of it", (unsigned long long)runs.bytes);
		free(runs.v);
		free(p);
		return SPAN_NONE;
	}
	p->lane = l;
	p->content = c;
	p->out = l->content.p;
	read_runs(p, &runs);
	free(p);
	content_account(l->probe, runs.bytes);
	return buf_span(&l->content);
}
