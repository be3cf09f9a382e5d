/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packed section of CHM. Specification: "Unofficial (Preliminary) HTML Help Specification", The Section Data; chmspec, ITSS. */
#include "base/lzx.h"
#include "format/chm.h"

#define TABLE_HEADER 40u

struct control {
	unsigned window_bits;
	uint64_t piece; /* bytes between resets */
};

/* ControlData: sizes in bytes, or in frames. */
static bool control_read(struct span s, struct control *c)
{
	struct reader r = reader_le(s);
	rd_skip(&r, 8);
	uint32_t version = rd_u32(&r);
	uint64_t unit = version == 2 ? LZX_FRAME : 1, window;
	c->piece = rd_u32(&r) * unit;
	window = rd_u32(&r) * unit;
	for (c->window_bits = LZX_WINDOW_BITS_MIN; c->window_bits <= LZX_WINDOW_BITS_MAX; c->window_bits++)
		if (window == (uint64_t)1 << c->window_bits)
			break;
	return rd_ok(&r) && span_has(s, 4, "LZXC", 4) && (version == 1 || version == 2) && c->window_bits <= LZX_WINDOW_BITS_MAX && c->piece &&
		   c->piece % LZX_FRAME == 0;
}

/* ResetTable: where each frame begins in what is packed. */
struct table {
	struct span places;
	unsigned width;
	uint64_t n, size, packed;
};

static bool table_read(struct span s, struct table *t)
{
	struct reader r = reader_le(s);
	rd_skip(&r, 4);
	t->n = rd_u32(&r);
	t->width = rd_u32(&r);
	uint32_t at = rd_u32(&r);
	t->size = rd_u64(&r);
	t->packed = rd_u64(&r);
	uint64_t frame = rd_u64(&r);
	t->places = span_from(s, at);
	return rd_ok(&r) && (t->width == 4 || t->width == 8) && at >= TABLE_HEADER && frame == LZX_FRAME;
}

static uint64_t place_of(const struct table *t, uint64_t frame)
{
	struct reader r = reader_le(frame < t->n ? span_sub(t->places, frame * t->width, t->width) : SPAN_NONE);
	uint64_t at = rd_uint(&r, t->width);
	return rd_ok(&r) ? at : UINT64_MAX;
}

/* What is packed of the piece that begins with that frame. Pieces stand behind each other: `behind` is where the one before ended. */
static struct span piece_bytes(const struct chm_packed *p, const struct table *t, uint64_t frame, uint64_t frames, uint64_t *behind)
{
	uint64_t from = place_of(t, frame), to = frame + frames < t->n ? place_of(t, frame + frames) : t->packed;
	if (from < *behind || from >= to)
		return SPAN_NONE;
	*behind = to;
	return span_clip(p->content, from, to - from);
}

static size_t whole_frames(size_t size)
{
	return (size + LZX_FRAME - 1) / LZX_FRAME * LZX_FRAME;
}

static void unpack_pieces(struct chm_packed *p, const struct control *c, const struct table *t, uint8_t *out)
{
	uint64_t behind = 0, frames = c->piece / LZX_FRAME;
	for (size_t i = 0; i < p->pieces_n; i++) {
		uint64_t at = i * p->piece_size, left = p->out.n - at, want = p->size - at; /* left: of what is to be unpacked */
		struct chm_piece *piece = &p->pieces[i];
		size_t n = 0, size = (size_t)(left < p->piece_size ? left : p->piece_size);
		struct span in = piece_bytes(p, t, i * frames, frames, &behind);
		piece->code = in.n ? lzx_decode(LZX_FRAMED, c->window_bits, in, out + at, whole_frames(size), &n) :
					  behind > p->content.n ? ERR_TRUNCATED : ERR_CORRUPT;
		if (n >= size) { /* the last frame may be filled */
			n = size;
			piece->code = size < want && size < p->piece_size ? ERR_BUDGET : ERR_NONE;
		}
		piece->good = n;
		memset(out + at + n, 0, size - n);
		if (piece->code && p->broken == p->pieces_n)
			p->broken = i;
	}
}

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

bool chm_unpack(struct chm_packed *p, struct arena *arena, struct buf_meter *meter)
{
	struct control c;
	struct table t;
	p->error = error_none();
	if (!control_read(p->control, &c) || !table_read(p->table, &t)) {
		p->error = error_at(p->control.n && p->table.n ? ERR_CORRUPT : ERR_UNSUPPORTED, OFFSET_NONE,
							"nothing tells how the section is packed, or where its pieces begin");
		return true;
	}
	if (t.size / LZX_RATIO > p->content.n) {
		p->error = error_at(ERR_CORRUPT, OFFSET_NONE, "%zu bytes of LZX cannot hold %llu", p->content.n, (unsigned long long)t.size);
		return true;
	}
	struct buf *b = ARENA_NEW(arena, struct buf);
	size_t size = (size_t)(t.size < p->limit ? t.size : p->limit);
	p->size = t.size;
	p->piece_size = c.piece;
	p->pieces_n = (size_t)(size / c.piece + (size % c.piece != 0));
	p->broken = p->pieces_n;
	p->pieces = ARENA_ARRAY(arena, struct chm_piece, p->pieces_n + 1);
	if (!b || !p->pieces || !arena_defer(arena, free_held, b))
		return false;
	*b = (struct buf){ .meter = meter };
	if (buf_reserve(b, whole_frames(size))) {
		p->error = error_at(ERR_MEMORY, OFFSET_NONE, "no memory for %zu bytes", size);
		p->pieces_n = p->broken = 0;
		return true;
	}
	b->n = size;
	p->out = buf_span(b);
	unpack_pieces(p, &c, &t, b->p);
	return true;
}
