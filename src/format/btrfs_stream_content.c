/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/codec.h"
#include "format/btrfs_image.h"
#include "format/btrfs_stream.h"

#define RUNS_FIRST 2u
#define PACKED_MAX (128u << 10) /* Linux packs so many bytes at once (BTRFS_MAX_COMPRESSED, BTRFS_MAX_UNCOMPRESSED) */
#define WORK_MIN (UINT64_C(1) << 28)
#define WORK_FACTOR 16u

enum { PLAIN, ZLIB, ZSTD, LZO_4K, LZO_64K = LZO_4K + 4 };

/* Room for two runs more: one that is put in, and the rest of one that it is put into. */
static bool make_room(struct bs *s, struct bs_inode *f)
{
	if (f->nruns + 2 <= f->room)
		return true;
	size_t room = f->room ? 2 * f->room : RUNS_FIRST;
	struct bs_run *v = ARENA_ARRAY(s->w->arena, struct bs_run, room);
	s->out_of_memory |= !v;
	if (!v)
		return false;
	if (f->nruns)
		memcpy(v, f->runs, f->nruns * sizeof *v);
	f->runs = v;
	f->room = room;
	return true;
}

/* The first run that ends behind `at`. */
static size_t run_behind(const struct bs_inode *f, uint64_t at)
{
	size_t from = 0, to = f->nruns;
	if (to && f->runs[to - 1].at + f->runs[to - 1].n <= at) /* files are written from the beginning to the end */
		return to;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (f->runs[mid].at + f->runs[mid].n <= at)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

bool bs_may_work(struct bs *s, uint64_t bytes)
{
	s->work += bytes;
	return s->work <= WORK_MIN + (uint64_t)s->bytes.n * WORK_FACTOR;
}

/* Makes the runs i..j the ones of v. There is room. */
static bool splice(struct bs *s, struct bs_inode *f, size_t i, size_t j, const struct bs_run *v, size_t n)
{
	size_t rest = i + n != j ? (f->nruns - j) * sizeof *v : 0;
	if (!bs_may_work(s, rest + (n + j - i) * sizeof *v))
		return false;
	if (rest)
		memmove(f->runs + i + n, f->runs + j, rest);
	memcpy(f->runs + i, v, n * sizeof *v);
	f->nruns = f->nruns - (j - i) + n;
	return true;
}

/* Takes away what lies in at..at+n and puts the run there, where it has bytes. False: that is more than is done. */
static bool replace(struct bs *s, struct bs_inode *f, struct bs_run run)
{
	struct bs_run v[3];
	size_t n = 0, i = run_behind(f, run.at), j = i;
	uint64_t end = run.at + run.n;
	if (!make_room(s, f))
		return false;
	while (j < f->nruns && f->runs[j].at < end)
		j++;
	if (i < j && f->runs[i].at < run.at) {
		v[n] = f->runs[i];
		v[n].n = run.at - v[n].at;
		n++;
	}
	if (run.piece)
		v[n++] = run;
	if (i < j && f->runs[j - 1].at + f->runs[j - 1].n > end) {
		struct bs_run last = f->runs[j - 1];
		last.n -= end - last.at;
		last.in += end - last.at;
		last.at = end;
		v[n++] = last;
	}
	if (splice(s, f, i, j, v, n))
		return true;
	f->partial = true;
	bs_damage(s, ERR_BUDGET, UINT64_MAX, "its files are written in too many small parts, again and again or out of order");
	return false;
}

void bs_write(struct bs *s, struct bs_inode *inode, uint64_t at, uint64_t n, const struct bs_piece *piece, uint64_t in)
{
	if (!n || at > UINT64_MAX / 2 || n > UINT64_MAX / 2)
		return;
	(void)replace(s, inode, (struct bs_run){ at, n, in, piece });
	if (at + n > inode->size)
		inode->size = at + n;
}

void bs_truncate(struct bs *s, struct bs_inode *inode, uint64_t size)
{
	if (size < inode->size)
		(void)replace(s, inode, (struct bs_run){ .at = size, .n = UINT64_MAX / 2 - (size < UINT64_MAX / 2 ? size : UINT64_MAX / 2) });
	inode->size = size;
}

void bs_clone(struct bs *s, struct bs_inode *to, uint64_t at, const struct bs_inode *from, uint64_t from_at, uint64_t n)
{
	if (!n || at > UINT64_MAX / 2 || n > UINT64_MAX / 2 || from_at > UINT64_MAX / 2)
		return;
	uint64_t end = from_at + n, done = from_at;
	bool itself = from == to && at < end && from_at < at + n; /* Linux refuses that */
	bool ok = !itself && replace(s, to, (struct bs_run){ .at = at, .n = n });
	to->partial |= itself;
	for (size_t i = run_behind(from, done); ok && done < end && i < from->nruns && from->runs[i].at < end; i = run_behind(from, done)) {
		struct bs_run run = from->runs[i]; /* a copy: the two may be one file, whose runs move */
		uint64_t first = run.at > done ? run.at : done, last = run.at + run.n < end ? run.at + run.n : end;
		run.in += first - run.at;
		run.n = last - first;
		run.at = at + (first - from_at);
		ok = replace(s, to, run);
		done = last;
	}
	if (at + n > to->size)
		to->size = at + n;
}

/* ---- reading ---- */

static enum error_code unpack_piece(const struct bs_piece *p, uint8_t *out, size_t n)
{
	size_t got = 0;
	enum error_code code = ERR_UNSUPPORTED;
	if (p->compression == ZLIB || p->compression == ZSTD)
		code = codec_block(p->compression == ZLIB ? CODEC_ZLIB : CODEC_ZSTD, p->bytes, out, n, &got);
	else if (p->compression >= LZO_4K && p->compression <= LZO_64K)
		code = btrfs_unpack_lzo(p->bytes, 4096u << (p->compression - LZO_4K), out, n, &got);
	if (got < n)
		memset(out + got, 0, n - got);
	return code == ERR_BUDGET && got == n ? ERR_NONE : code;
}

static struct error copy_packed(const struct bs_run *r, uint8_t *out)
{
	const struct bs_piece *p = r->piece;
	if (p->unpacked > PACKED_MAX || p->bytes.n > PACKED_MAX || r->in > p->unpacked || r->n > p->unpacked - r->in)
		return error_at(ERR_CORRUPT, r->at, "a packed write has %llu bytes, packed %zu; %llu of them from %llu on are asked for",
						(unsigned long long)p->unpacked, p->bytes.n,
						(unsigned long long)r->n, (unsigned long long)r->in);
	uint8_t *all = malloc((size_t)p->unpacked + 1);
	enum error_code code = all ? unpack_piece(p, all, (size_t)p->unpacked) : ERR_MEMORY;
	if (all && !code)
		memcpy(out, all + r->in, (size_t)r->n);
	free(all);
	return code ? error_at(code, r->at, "a packed write does not unpack") : error_none();
}

/* Small parts of large packed writes may be asked for again and again: what is unpacked for a file is bounded by its size. */
static struct error read_file(const void *fs, const void *file, struct buf *out)
{
	const struct bs_inode *f = file;
	struct error e = error_none();
	uint64_t unpacked = 0;
	size_t start = out->n;
	(void)fs;
	enum error_code code = f->size > SIZE_MAX / 2 ? ERR_BUDGET : buf_reserve(out, (size_t)f->size);
	if (code)
		return error_at(code, 0, "no room for its %llu bytes", (unsigned long long)f->size);
	memset(out->p + start, 0, (size_t)f->size);
	out->n += (size_t)f->size;
	for (size_t i = 0; i < f->nruns; i++) {
		const struct bs_run *r = &f->runs[i];
		if (r->at >= f->size || r->n > f->size - r->at)
			continue;
		struct span plain = r->piece->compression ? SPAN_NONE : span_sub(r->piece->bytes, r->in, r->n);
		struct error one = error_none();
		unpacked += r->piece->compression ? r->piece->unpacked : 0;
		if (unpacked > WORK_FACTOR * f->size + WORK_MIN)
			return error_at(ERR_BUDGET, r->at, "its parts unpack to many times its size");
		if (plain.p)
			memcpy(out->p + start + r->at, plain.p, plain.n);
		else
			one = r->piece->compression ? copy_packed(r, out->p + start + r->at) : error_at(ERR_CORRUPT, r->at, "a write is too short");
		if (error_is(&one) && !error_is(&e))
			e = one;
	}
	return e;
}

void bs_set_content(const struct bs *s, const struct bs_inode *inode, struct entry *e)
{
	static const struct content_ops ops = { .unpack = read_file };
	const struct bs_run *r = inode->runs;
	e->size = inode->size;
	if (inode->nruns == 1 && r->at == 0 && r->n == inode->size && !r->piece->compression) {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(r->piece->bytes, r->in, r->n) };
		e->offset = (uint64_t)(e->content.bytes.p - s->bytes.p);
		return;
	}
	e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &ops, .fs = s, .file = inode };
}
