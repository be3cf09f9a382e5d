/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/tree.h"

/* A file is read in pieces of this size by all idle threads: small enough to share a large file evenly, large enough
 * that sharing costs nothing. */
#define PIECE (1u << 20)

uint64_t content_allowance(const struct lane *l)
{
	const struct probe *p = l->probe;
	uint64_t used = atomic_load_explicit(&p->unpacked, memory_order_relaxed);
	uint64_t left = used < p->total_limit ? p->total_limit - used : 0;
	uint64_t resident = residence_limit(p), room = l->chain < resident ? resident - l->chain : 0;
	uint64_t allowed = left < p->options->budget.blob_bytes ? left : p->options->budget.blob_bytes;
	if (room < allowed)
		allowed = room;
	return allowed ? allowed : 1; /* a limit of 0 is none: whoever wants more than a byte is told that it is too much */
}

void content_account(struct probe *p, uint64_t bytes)
{
	atomic_fetch_add_explicit(&p->unpacked, bytes, memory_order_relaxed);
	atomic_fetch_add_explicit(&p->status->bytes, bytes, memory_order_relaxed);
}

struct pieces {
	const struct content *content;
	uint8_t *out;
	uint64_t size, piece;
	struct error *errors; /* one a piece: the first block in it that failed */
};

/* Reads one piece; when that fails, block by block, so that a broken block spoils nothing but itself. */
static void read_piece(void *context, size_t i)
{
	struct pieces *p = context;
	const struct content *c = p->content;
	uint64_t at = i * p->piece, end = at + p->piece < p->size ? at + p->piece : p->size;
	struct error e = c->ops->read(c->fs, c->file, at, p->out + at, (size_t)(end - at));
	if (!error_is(&e))
		return;
	for (uint64_t block = at; block < end; block += c->block_size) {
		size_t n = end - block < c->block_size ? (size_t)(end - block) : c->block_size;
		e = c->ops->read(c->fs, c->file, block, p->out + block, n);
		if (!error_is(&e))
			continue;
		memset(p->out + block, 0, n);
		if (!error_is(&p->errors[i]))
			p->errors[i] = e;
	}
}

static struct span load_blocks(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	uint64_t size = t->entry.size;
	uint64_t block = c->block_size ? c->block_size : PIECE;
	uint64_t piece = block >= PIECE ? block : PIECE - PIECE % block;
	size_t count = (size_t)((size + piece - 1) / piece);
	l->content.n = 0;
	l->content.limit = 0;
	struct pieces p = { c, NULL, size, piece, ARENA_ARRAY(l->arena, struct error, count) };
	if (!p.errors || buf_reserve(&l->content, (size_t)size)) {
		emit_damage_at(&l->finding.sink, ERR_MEMORY, UINT64_MAX, "no memory for its %llu bytes",
					   (unsigned long long)size);
		return SPAN_NONE;
	}
	p.out = l->content.p;
	schedule_for(l->probe->schedule, count, read_piece, &p);
	l->content.n = (size_t)size;
	for (size_t i = 0, shown = 0; i < count && shown < DAMAGE_MAX; i++)
		if (error_is(&p.errors[i])) {
			emit_error(&l->finding.sink, &p.errors[i]);
			shown++;
		}
	return buf_span(&l->content);
}

static struct span load_stream(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	l->content.n = 0;
	l->content.limit = (size_t)content_allowance(l);
	struct error e = c->ops->unpack(c->fs, c->file, &l->content);
	if (error_is(&e))
		emit_error(&l->finding.sink, &e);
	return buf_span(&l->content);
}

struct span content_load(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	if (c->kind == CONTENT_SPAN)
		return c->bytes;
	if (c->kind == CONTENT_NONE)
		return SPAN_NONE;
	uint64_t allowed = content_allowance(l);
	if ((c->kind == CONTENT_BLOCKS || t->entry.size != SIZE_UNKNOWN) && t->entry.size > allowed) {
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX,
		               "%llu bytes unpacked, more than the %llu that are allowed here (--max-blob, --max-total)",
		               (unsigned long long)t->entry.size, (unsigned long long)allowed);
		return SPAN_NONE;
	}
	struct span bytes = c->kind == CONTENT_BLOCKS ? load_blocks(l, t) : load_stream(l, t);
	content_account(l->probe, bytes.n);
	l->chain += bytes.n;
	return bytes;
}
