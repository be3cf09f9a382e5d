/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-shot LZMA: the output is the dictionary. */
#include "base/lzma.h"
#include "base/lzma_symbols.h"
#include "base/work.h"

#include <stdlib.h>

/* What it is to make a model. */
#define MODEL_WORK 8192u

bool lzma_props_split(uint8_t byte, struct lzma_props *props)
{
	if (byte >= 9 * 5 * 5)
		return false;
	*props = (struct lzma_props){ byte % 9, byte / 9 % 5, byte / 45 };
	return true;
}

enum error_code lzma1_decode(struct lzma_props props, struct span in, uint8_t *out, size_t out_max, size_t *in_used,
                             size_t *out_n, bool *end_marker)
{
	*in_used = *out_n = 0;
	if (end_marker)
		*end_marker = false;
	if (props.lc > 8 || props.lp > 4 || props.pb > 4)
		return ERR_UNSUPPORTED;
	if (in.n < 5)
		return ERR_TRUNCATED;
	struct lzma_decoder d = { .props = props, .in = in.p, .in_end = in.p + in.n };
	enum error_code code = lzma_range_start(&d);
	if (code)
		return code;
	if (!lzma_decoder_alloc(&d, props.lc + props.lp))
		return ERR_MEMORY;
	lzma_decoder_reset(&d);
	struct lzma_window w = { out, 0, out_max, out_max };
	enum lzma_stop stop = lzma_decode_symbols(&d, &w, out_n);
	free(d.model);
	*in_used = (size_t)(d.in - in.p);
	if (end_marker)
		*end_marker = stop == LZMA_STOP_MARKER;
	return stop == LZMA_STOP_INPUT ? ERR_TRUNCATED : stop == LZMA_STOP_CORRUPT ? ERR_CORRUPT : ERR_NONE;
}

/* ---- LZMA2: chunks with a control byte (xz's file format names it; the layout is that of lzma2_decoder.c) ---- */

struct chunks {
	struct reader r;
	struct lzma_decoder d;
	uint8_t *out;
	size_t out_max, pos, dictionary;
	struct buf *grows; /* where `out` lies, when it may grow */
	bool need_dictionary, need_props;
};

/* Whether n more bytes fit, growing the output where it can. */
static bool make_room(struct chunks *c, size_t n)
{
	if (c->grows) {
		c->grows->n = c->pos;
		if (buf_reserve(c->grows, n) == ERR_NONE) {
			c->out = c->grows->p;
			c->out_max = c->pos + n;
		}
	}
	return n <= c->out_max - c->pos;
}

static enum error_code stored_chunk(struct chunks *c, uint8_t control)
{
	size_t n = (size_t)rd_uint(&c->r, 2) + 1;
	if (control == 1) {
		c->dictionary = c->pos;
		c->need_dictionary = false;
		c->need_props = true;
	} else if (c->need_dictionary) {
		return ERR_CORRUPT;
	}
	struct span bytes = rd_bytes(&c->r, n);
	if (!rd_ok(&c->r))
		return ERR_TRUNCATED;
	size_t fits = make_room(c, n) ? n : c->out_max - c->pos;
	memcpy(c->out + c->pos, bytes.p, fits);
	c->pos += fits;
	return fits < n ? ERR_BUDGET : ERR_NONE;
}

static enum error_code new_props(struct chunks *c)
{
	if (!lzma_props_split(rd_u8(&c->r), &c->d.props) || c->d.props.lc + c->d.props.lp > 4)
		return rd_ok(&c->r) ? ERR_CORRUPT : ERR_TRUNCATED;
	c->need_props = false;
	if (!c->d.model && !lzma_decoder_alloc(&c->d, 4)) /* lc + lp is at most 4 in LZMA2 */
		return ERR_MEMORY;
	return ERR_NONE;
}

static enum error_code lzma_chunk(struct chunks *c, uint8_t control)
{
	size_t unpacked = ((size_t)(control & 0x1f) << 16) + rd_u16(&c->r) + 1;
	size_t packed = (size_t)rd_u16(&c->r) + 1;
	unsigned reset = control >> 5 & 3;
	if (reset == 3) {
		c->dictionary = c->pos;
		c->need_dictionary = false;
	}
	if (c->need_dictionary || (reset < 2 && c->need_props))
		return rd_ok(&c->r) ? ERR_CORRUPT : ERR_TRUNCATED;
	enum error_code code = reset >= 2 ? new_props(c) : ERR_NONE;
	if (code)
		return code;
	if (reset >= 1)
		lzma_decoder_reset(&c->d);
	struct span bytes = rd_bytes(&c->r, packed);
	bool cut = !rd_ok(&c->r);
	if (cut) /* what is there of the last chunk */
		bytes = span_from(c->r.bytes, c->r.at);
	if (bytes.n < 5)
		return cut ? ERR_TRUNCATED : ERR_CORRUPT;
	c->d.in = bytes.p;
	c->d.in_end = bytes.p + bytes.n;
	code = lzma_range_start(&c->d);
	if (code)
		return code;
	bool fits = make_room(c, unpacked);
	struct lzma_window w = { c->out, c->dictionary, fits ? c->pos + unpacked : c->out_max, fits ? c->pos + unpacked : c->out_max };
	enum lzma_stop stop = lzma_decode_symbols(&c->d, &w, &c->pos);
	if (!fits)
		return ERR_BUDGET;
	if (stop == LZMA_STOP_INPUT)
		return cut ? ERR_TRUNCATED : ERR_CORRUPT;
	return stop == LZMA_STOP_FULL && !cut && c->d.in == c->d.in_end && c->d.code == 0 ? ERR_NONE : ERR_CORRUPT;
}

static enum error_code run_chunks(struct chunks *c)
{
	enum error_code code = ERR_NONE;
	while (!code) {
		uint8_t control = rd_u8(&c->r);
		if (!rd_ok(&c->r))
			code = ERR_TRUNCATED;
		else if (control == 0)
			break;
		else if (control < 0x80)
			code = control > 2 ? ERR_CORRUPT : stored_chunk(c, control);
		else
			code = lzma_chunk(c, control);
	}
	free(c->d.model);
	return code;
}

enum error_code lzma2_decode(struct span in, uint8_t *out, size_t out_max, size_t *in_used, size_t *out_n)
{
	struct chunks c = { .r = reader_be(in), .out = out, .out_max = out_max, .need_dictionary = true, .need_props = true };
	enum error_code code = run_chunks(&c);
	*in_used = c.r.at;
	*out_n = c.pos;
	return code;
}

enum error_code lzma2_decode_buf(struct span in, struct buf *out, size_t *in_used)
{
	struct chunks c = { .r = reader_be(in), .out = out->p, .out_max = out->n, .pos = out->n, .grows = out,
		                .need_dictionary = true, .need_props = true };
	enum error_code code = run_chunks(&c);
	*in_used = c.r.at;
	out->n = c.pos;
	return code;
}

/* Room beyond the limit for the longest match (273) and the wide copies. */
#define MATCH_ROOM 320u
#define STEP ((size_t)1 << 20)

/* Makes the window one step longer; a stream of known size gets no more than that. */
static enum error_code grow_window(struct buf *out, size_t pos, size_t end, struct lzma_window *w)
{
	size_t step = end - pos < STEP ? end - pos : STEP;
	out->n = pos;
	enum error_code code = buf_reserve(out, step + (pos + step < end ? MATCH_ROOM : 0));
	if (code == ERR_BUDGET && out->limit > pos) { /* up to the limit, where the next step fails */
		step = out->limit - pos < step ? out->limit - pos : step;
		code = buf_reserve(out, step);
		w->limit = w->capacity = pos + step;
	} else {
		w->limit = pos + step;
		w->capacity = pos + step < end ? pos + step + MATCH_ROOM : pos + step;
	}
	w->out = out->p;
	return code;
}

/* Behind the last byte of a stream of known size an end marker may stand; anything else there is no part of it. */
static void take_end_marker(struct lzma_decoder *d, struct buf *out, size_t pos, size_t dictionary)
{
	struct lzma_decoder ahead = *d;
	out->n = pos;
	if (d->code == 0 || buf_reserve(out, 1))
		return;
	struct lzma_window w = { out->p, dictionary, pos + 1, pos + 1 };
	if (lzma_decode_symbols(&ahead, &w, &pos) == LZMA_STOP_MARKER)
		d->in = ahead.in;
}

enum error_code lzma1_decode_buf(struct lzma_props props, struct span in, uint64_t unpacked, struct buf *out, size_t *in_used)
{
	struct lzma_decoder d = { .props = props, .in = in.p, .in_end = in.n ? in.p + in.n : in.p };
	struct lzma_window w = { .dictionary = out->n };
	size_t pos = out->n, end = unpacked > SIZE_MAX - pos ? SIZE_MAX : pos + (size_t)unpacked;
	*in_used = 0;
	if (props.lc > 8 || props.lp > 4 || props.pb > 4)
		return ERR_UNSUPPORTED;
	enum error_code code = in.n < 5 ? ERR_TRUNCATED : lzma_range_start(&d);
	if (code)
		return code;
	if (!lzma_decoder_alloc(&d, props.lc + props.lp))
		return ERR_MEMORY;
	lzma_decoder_reset(&d);
	enum lzma_stop stop = LZMA_STOP_FULL;
	while (stop == LZMA_STOP_FULL && pos < end && !code) {
		code = grow_window(out, pos, end, &w);
		if (!code)
			stop = lzma_decode_symbols(&d, &w, &pos);
	}
	if (!code && stop == LZMA_STOP_FULL)
		take_end_marker(&d, out, pos, w.dictionary);
	free(d.model);
	out->n = pos;
	*in_used = (size_t)(d.in - in.p);
	work_add(MODEL_WORK + 16 * (uint64_t)*in_used + (pos - w.dictionary));
	if (stop == LZMA_STOP_CUT && !code)
		return pos == end ? ERR_CORRUPT : ERR_BUDGET;
	return code ? code : stop == LZMA_STOP_INPUT ? ERR_TRUNCATED : stop == LZMA_STOP_CORRUPT ? ERR_CORRUPT : ERR_NONE;
}
