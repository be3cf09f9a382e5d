/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hash.h"
#include "base/holes.h"
#include "probe/tree.h"

/* A file is read in pieces of this size by all idle threads: small enough to share a large file evenly, large enough
 * that sharing costs nothing. */
#define PIECE (1u << 20)
#define HOLE_HASHED_MAX ((size_t)256 << 20)
#define HOLES_HASHED_BLOBS 8u /* so many times what one blob may have of all together */

/* A limit of 0 is none: whoever wants more than a byte is told that it is too much. */
static uint64_t at_least_one(uint64_t bytes)
{
	return bytes ? bytes : 1;
}

uint64_t content_limit(const struct lane *l)
{
	const struct probe *p = l->probe;
	uint64_t used = atomic_load_explicit(&p->unpacked, memory_order_relaxed);
	uint64_t left = used < p->total_limit ? p->total_limit - used : 0;
	return at_least_one(left < p->options->budget.blob_bytes ? left : p->options->budget.blob_bytes);
}

uint64_t content_allowance(const struct lane *l)
{
	uint64_t limit = content_limit(l), room = l->chain < RESIDENCE_CHAIN_MAX ? RESIDENCE_CHAIN_MAX - l->chain : 0;
	return at_least_one(room < limit ? room : limit);
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
	struct lane *spilling; /* whose content lies in the temporary file; NULL: it is in memory */
};

struct error content_read_blocks(const struct content *c, uint64_t at, uint64_t end, uint8_t *out)
{
	struct error first = error_none(), e = c->ops->read(c->fs, c->file, at, out + at, (size_t)(end - at));
	if (!error_is(&e))
		return e;
	for (uint64_t block = at; block < end; block += c->block_size) {
		size_t n = end - block < c->block_size ? (size_t)(end - block) : c->block_size;
		e = c->ops->read(c->fs, c->file, block, out + block, n);
		if (!error_is(&e))
			continue;
		memset(out + block, 0, n);
		if (!error_is(&first))
			first = e;
	}
	return first;
}

static void read_piece(void *context, size_t i)
{
	struct pieces *p = context;
	uint64_t at = i * p->piece, end = at + p->piece < p->size ? at + p->piece : p->size;
	p->errors[i] = content_read_blocks(p->content, at, end, p->out);
	if (!p->spilling)
		return;
	spill_forget(p->spilling->probe, span_of(p->out + at, (size_t)(end - at)));
	lane_renew(p->spilling);
}

/* Room for all of it where it is handed over from; NULL: there is none, or more than that is done with its bytes. */
static uint8_t *borrow(struct lane *l, const struct task *t)
{
	const struct probe_options *o = l->probe->options;
	struct probe_output *output = l->probe->output;
	bool only_written = o->contents_only && !o->only_content && !l->rules && t->parent && t->entry.kind == ENTRY_FILE;
	if (!only_written || !output->lend || t->entry.size > content_allowance(l))
		return NULL;
	uint8_t *room = output->lend(output, (size_t)t->entry.size);
	l->lent = room ? span_of(room, (size_t)t->entry.size) : SPAN_NONE;
	return room;
}

void content_give_back(struct lane *l)
{
	if (l->lent.p)
		l->probe->output->take_back(l->probe->output, l->lent);
	l->lent = SPAN_NONE;
}

struct span content_keep(struct lane *l, struct span bytes)
{
	if (!l->lent.p)
		return bytes;
	enum error_code code = buf_add(&l->content, bytes.p, bytes.n);
	content_give_back(l);
	if (!code)
		return buf_span(&l->content);
	emit_damage_at(&l->finding.sink, code, UINT64_MAX, "no room for its %llu bytes", (unsigned long long)bytes.n);
	return SPAN_NONE;
}

static struct span load_blocks(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	uint64_t size = t->entry.size;
	uint64_t block = c->block_size ? c->block_size : PIECE;
	uint64_t piece = block >= PIECE ? block : PIECE - PIECE % block;
	size_t count = (size_t)((size + piece - 1) / piece);
	struct pieces p = { c, NULL, size, piece, ARENA_ARRAY(l->arena, struct error, count), NULL };
	p.out = p.errors ? borrow(l, t) : NULL;
	enum error_code code = !p.errors ? ERR_MEMORY : p.out ? ERR_NONE : buf_reserve(&l->content, (size_t)size);
	if (code) {
		emit_damage_at(&l->finding.sink, code, UINT64_MAX, "no room for its %llu bytes", (unsigned long long)size);
		return SPAN_NONE;
	}
	if (p.out) { /* by nobody else: who helps may have other bytes to hand over, and wait for room */
		for (size_t i = 0; i < count; i++)
			read_piece(&p, i);
	} else {
		p.out = l->content.p;
		buf_expect(&l->content);
		p.spilling = l->content.spilled ? l : NULL;
		schedule_for(l->probe->schedule, count, read_piece, &p);
		l->content.n = (size_t)size;
	}
	for (size_t i = 0, shown = 0; i < count && shown < DAMAGE_MAX; i++)
		if (error_is(&p.errors[i])) {
			emit_error(&l->finding.sink, &p.errors[i]);
			shown++;
		}
	return l->lent.p ? l->lent : buf_span(&l->content);
}

static struct span load_stream(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	struct error e = c->ops->unpack(c->fs, c->file, &l->content);
	if (error_is(&e))
		emit_error(&l->finding.sink, &e);
	return buf_span(&l->content);
}

static void on_hashed(void *context, struct span piece)
{
	struct lane *l = context;
	spill_forget(l->probe, piece);
	lane_renew(l);
}

/* Zeros that nobody stored need not be read to be hashed; but of more of them than one blob may have, that takes too long, and of nothing
 * else it tells nothing. */
static void hash_sparse(struct lane *l, struct finding *f, struct span bytes)
{
	uint64_t stored = holes_stored(bytes), zeros = bytes.n - stored, one = l->probe->options->budget.blob_bytes;
	uint64_t all = one < UINT64_MAX / HOLES_HASHED_BLOBS ? one * HOLES_HASHED_BLOBS : UINT64_MAX;
	bool empty = bytes.n > HOLE_HASHED_MAX && entropy_is_padding(bytes), hashed = bytes.n <= one && !empty;
	if (hashed && atomic_fetch_add_explicit(&l->probe->zeros_hashed, zeros, memory_order_relaxed) <= all - zeros)
		hash_sha256_sparse(bytes, (size_t)16 << 20, on_hashed, l, f->sha256);
	else
		emit_header_field(&f->sink, 0, "sha256", "left out: %llu bytes, of which %llu are stored", (unsigned long long)bytes.n,
		                  (unsigned long long)stored);
}

bool content_may_be_written(struct lane *l, struct span bytes)
{
	uint64_t allowed = l->probe->options->budget.blob_bytes;
	if (bytes.n <= allowed || !holes_any(bytes))
		return true;
	emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX,
	               "it is not written: %llu bytes, most of them zeros, where %llu are allowed (--max-blob)", (unsigned long long)bytes.n,
	               (unsigned long long)allowed);
	return false;
}

void content_hash(struct lane *l, struct finding *f, struct span bytes)
{
	char *hex = f->sha256;
	hex[0] = '\0';
	if (holes_any(bytes))
		hash_sparse(l, f, bytes);
	else if (bytes.n > RESIDENCE_CHAIN_MAX)
		hash_sha256_pieces(bytes, (size_t)16 << 20, on_hashed, l, hex);
	else
		hash_sha256_hex(bytes, hex);
	f->blob.sha256 = hex[0] ? text_c(hex) : TEXT_NONE;
}

struct span content_load(struct lane *l, struct task *t)
{
	const struct content *c = &t->entry.content;
	if (t->whole)
		return assemble(l, t);
	if (c->kind == CONTENT_SPAN)
		return c->bytes;
	if (c->kind == CONTENT_NONE)
		return SPAN_NONE;
	if (content_is_sparse(l, t))
		return content_load_sparse(l, t);
	uint64_t allowed = content_limit(l);
	if ((c->kind == CONTENT_BLOCKS || t->entry.size != SIZE_UNKNOWN) && t->entry.size > allowed) {
		emit_damage_at(&l->finding.sink, ERR_BUDGET, UINT64_MAX,
		               "%llu bytes unpacked, more than the %llu that are allowed here (--max-blob, --max-total)",
		               (unsigned long long)t->entry.size, (unsigned long long)allowed);
		return SPAN_NONE;
	}
	l->content.n = 0;
	l->content.limit = (size_t)content_allowance(l);
	l->content.spill = spill_of(l);
	struct span bytes = c->kind == CONTENT_BLOCKS ? load_blocks(l, t) : load_stream(l, t);
	content_account(l->probe, bytes.n);
	if (l->content.spilled)
		buf_trim(&l->content);
	else
		l->chain += bytes.n;
	return bytes;
}
