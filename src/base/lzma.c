/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-shot LZMA: the output is the dictionary.
 *
 * Names follow the LZMA specification. Three things make it fast: nothing is copied out of a dictionary; the bits of
 * literals, slots and alignments, which no branch predictor can guess, are decoded without branches; and the end of
 * the input is checked once a symbol, since a symbol never takes more than 20 bytes.
 */
#include "base/lzma.h"

#include <stdlib.h>

#define PROB_BITS 11
#define PROB_INIT (1u << (PROB_BITS - 1))
#define MOVE_BITS 5
#define TOP (1u << 24)

#define STATES 12
#define POS_STATES_MAX 16
#define LEN_TO_SLOT_STATES 4
#define SLOT_BITS 6
#define ALIGN_BITS 4
#define END_SLOT_MODEL 14
#define FULL_DISTANCES 128
#define MATCH_MIN 2
#define LITERAL_SIZE 0x300u

/* The bytes that one symbol may take from the input: at most 20 (each of up to 26 modelled and 26 direct bits shifts the
 * range by less than a byte), rounded up. */
#define SYMBOL_INPUT_MAX 24

struct length_model {
	uint16_t choice, choice2;
	uint16_t low[POS_STATES_MAX][8];
	uint16_t mid[POS_STATES_MAX][8];
	uint16_t high[256];
};

struct model {
	uint16_t is_match[STATES][POS_STATES_MAX];
	uint16_t is_rep[STATES], is_rep0[STATES], is_rep1[STATES], is_rep2[STATES];
	uint16_t is_rep0_long[STATES][POS_STATES_MAX];
	uint16_t slot[LEN_TO_SLOT_STATES][1 << SLOT_BITS];
	uint16_t special[FULL_DISTANCES];
	uint16_t align[1 << ALIGN_BITS];
	struct length_model match_length, rep_length;
	uint16_t literal[]; /* LITERAL_SIZE << (lc + lp) */
};

struct decoder {
	struct lzma_props props;
	uint32_t range, code;
	uint32_t state, rep[4];
	const uint8_t *in, *in_end; /* of the range coder's bytes */
	struct model *model;
	size_t nprobs;
};

bool lzma_props_split(uint8_t byte, struct lzma_props *props)
{
	if (byte >= 9 * 5 * 5)
		return false;
	*props = (struct lzma_props){ byte % 9, byte / 9 % 5, byte / 45 };
	return true;
}

static bool decoder_alloc(struct decoder *d, unsigned literal_bits)
{
	size_t literals = (size_t)LITERAL_SIZE << literal_bits;
	d->nprobs = sizeof(struct model) / sizeof(uint16_t) + literals;
	d->model = malloc(sizeof(struct model) + literals * sizeof(uint16_t));
	return d->model != NULL;
}

static void decoder_reset_state(struct decoder *d)
{
	uint16_t *p = (uint16_t *)d->model;
	size_t used = sizeof(struct model) / sizeof(uint16_t) + ((size_t)LITERAL_SIZE << (d->props.lc + d->props.lp));
	for (size_t i = 0; i < used; i++)
		p[i] = PROB_INIT;
	d->state = 0;
	d->rep[0] = d->rep[1] = d->rep[2] = d->rep[3] = 0;
}

/* The range coder begins with a zero byte and the first four of the code. */
static enum error_code range_start(struct decoder *d)
{
	if (d->in_end - d->in < 5)
		return ERR_TRUNCATED;
	if (d->in[0] != 0)
		return ERR_CORRUPT;
	d->code = (uint32_t)d->in[1] << 24 | (uint32_t)d->in[2] << 16 | (uint32_t)d->in[3] << 8 | d->in[4];
	d->range = UINT32_MAX;
	d->in += 5;
	return d->code == d->range ? ERR_CORRUPT : ERR_NONE;
}

/* ---- range decoding; all work on the locals range, code and in of decode() ---- */

#define NORMALIZE()                                                                                                   \
	do {                                                                                                              \
		if (range < TOP) {                                                                                            \
			range <<= 8;                                                                                              \
			code = code << 8 | *in++;                                                                                 \
		}                                                                                                             \
	} while (0)

/* A bit that is worth predicting: runs `zero` or `one`. */
#define BIT_IF(prob, zero, one)                                                                                       \
	do {                                                                                                              \
		uint16_t *prob_ = &(prob);                                                                                    \
		uint32_t p_ = *prob_;                                                                                         \
		NORMALIZE();                                                                                                  \
		uint32_t bound_ = (range >> PROB_BITS) * p_;                                                                  \
		if (code < bound_) {                                                                                          \
			range = bound_;                                                                                           \
			*prob_ = (uint16_t)(p_ + (((1u << PROB_BITS) - p_) >> MOVE_BITS));                                        \
			zero;                                                                                                     \
		} else {                                                                                                      \
			range -= bound_;                                                                                          \
			code -= bound_;                                                                                           \
			*prob_ = (uint16_t)(p_ - (p_ >> MOVE_BITS));                                                              \
			one;                                                                                                      \
		}                                                                                                             \
	} while (0)

/* A bit without a branch, of which the probability `p` was loaded before: `mask` becomes ~0 for a zero and 0 for a one,
 * `p` the probability that is next, `zero` or `one`. Both are loaded while the bit is decoded, so that a step down a tree
 * does not wait for memory. The probability moves by (p - 2017) >> 5 or p >> 5, which for a zero equals the specification's
 * (2048 - p) >> 5 the other way. DECODE_STEP() adds the bit to `twice`, an even number, in place of telling it. */
#if defined(__x86_64__)
/* Compilers make branches of it, or more instructions than it takes. `last` uses the carry, which is set for a zero; the
 * byte at `in` is only read, and nothing here writes there. */
#define DECODE_ASM(prob, p, zero, one, last, result)                                                                  \
	do {                                                                                                              \
		uint32_t bound_, before_, next_ = (one);                                                                      \
		__asm__("cmp $0x1000000, %[range]\n\t"                                                                        \
		        "jae 1f\n\t"                                                                                          \
		        "shl $8, %[range]\n\t"                                                                                \
		        "shl $8, %[code]\n\t"                                                                                 \
		        "movb (%[in]), %b[code]\n\t"                                                                          \
		        "inc %[in]\n"                                                                                         \
		        "1:\n\t"                                                                                              \
		        "mov %[range], %[bound]\n\t"                                                                          \
		        "shr $11, %[bound]\n\t"                                                                               \
		        "imul %[probability], %[bound]\n\t"                                                                   \
		        "mov %[code], %[before]\n\t"                                                                          \
		        "sub %[bound], %[range]\n\t"                                                                          \
		        "sub %[bound], %[code]\n\t"                                                                           \
		        "cmovb %[bound], %[range]\n\t"                                                                        \
		        "cmovb %[before], %[code]\n\t"                                                                        \
		        "cmovb %[other], %[next]\n\t"                                                                         \
		        "lea -2017(%q[probability]), %[bound]\n\t"                                                            \
		        "cmovae %[probability], %[bound]\n\t"                                                                 \
		        last "\n\t"                                                                                           \
		        "sar $5, %[bound]"                                                                                    \
		        : [range] "+&r"(range), [code] "+&q"(code), [in] "+&r"(in), [bound] "=&r"(bound_),                    \
		          [before] "=&r"(before_), [next] "+&r"(next_), result                                                \
		        : [probability] "r"(p), [other] "r"((uint32_t)(zero)), "m"(*in)                                       \
		        : "cc");                                                                                              \
		(prob) = (uint16_t)((p) - bound_);                                                                            \
		p = next_;                                                                                                    \
	} while (0)

#define DECODE_BIT(prob, p, zero, one, mask) DECODE_ASM(prob, p, zero, one, "sbb %[mask_], %[mask_]", [mask_] "=&r"(mask))
#define DECODE_STEP(prob, p, zero, one, twice) DECODE_ASM(prob, p, zero, one, "sbb $-1, %[twice_]", [twice_] "+&r"(twice))
#else
#define DECODE_BIT(prob, p, zero, one, mask)                                                                          \
	do {                                                                                                              \
		uint32_t zero_ = (zero), one_ = (one);                                                                        \
		NORMALIZE();                                                                                                  \
		uint32_t bound_ = (range >> PROB_BITS) * (p);                                                                 \
		mask = 0u - (uint32_t)(code < bound_);                                                                        \
		range -= bound_;                                                                                              \
		range ^= (range ^ bound_) & mask;                                                                             \
		code -= bound_ & ~mask;                                                                                       \
		(prob) = (uint16_t)((p) - (uint32_t)((int32_t)((p) + (mask & (uint32_t)-2017)) >> MOVE_BITS));                \
		p = one_ ^ ((one_ ^ zero_) & mask);                                                                           \
	} while (0)

#define DECODE_STEP(prob, p, zero, one, twice)                                                                        \
	do {                                                                                                              \
		uint32_t step_;                                                                                               \
		DECODE_BIT(prob, p, zero, one, step_);                                                                        \
		twice += 1 + step_;                                                                                           \
	} while (0)
#endif

/* One step down a bit tree, of which more steps follow, and the last one. */
#define TREE_BIT(probs, symbol, p)                                                                                    \
	do {                                                                                                              \
		uint32_t twice_ = symbol * 2;                                                                                 \
		DECODE_STEP((probs)[symbol], p, (probs)[twice_], (probs)[twice_ + 1], twice_);                                \
		symbol = twice_;                                                                                              \
	} while (0)

#define TREE_END(probs, symbol, p)                                                                                    \
	do {                                                                                                              \
		uint32_t twice_ = symbol * 2;                                                                                 \
		DECODE_STEP((probs)[symbol], p, 0, 0, twice_);                                                                \
		symbol = twice_;                                                                                              \
	} while (0)

/* The same of a tree that holds the lowest bit first. */
#define REVERSE_BIT(probs, symbol, p, value, weight)                                                                  \
	do {                                                                                                              \
		uint32_t mask_;                                                                                               \
		DECODE_BIT((probs)[symbol], p, (probs)[symbol * 2], (probs)[symbol * 2 + 1], mask_);                          \
		symbol = symbol * 2 + 1 + mask_;                                                                              \
		value += (weight) & ~mask_;                                                                                   \
	} while (0)

#define REVERSE_END(probs, symbol, p, value, weight)                                                                  \
	do {                                                                                                              \
		uint32_t mask_;                                                                                               \
		DECODE_BIT((probs)[symbol], p, 0, 0, mask_);                                                                  \
		value += (weight) & ~mask_;                                                                                   \
	} while (0)

/* One bit of a literal behind a match: the byte at rep0 chooses among three sets of probabilities until it differs.
 * `offset` is 0x100 until then, `at` the index of the probability. */
#define MATCHED_BIT(probs, symbol, p, at, matched, offset)                                                            \
	do {                                                                                                              \
		uint32_t mask_, bit_ = matched & offset;                                                                      \
		uint32_t same_ = (matched <<= 1) & offset; /* the bit at rep0 that is next */                                 \
		uint32_t keep_ = offset + same_, one_keeps_ = 0u - (bit_ >> 8);                                               \
		uint32_t if_zero_ = symbol * 2 + (keep_ & ~one_keeps_), if_one_ = symbol * 2 + 1 + (keep_ & one_keeps_);      \
		DECODE_BIT((probs)[at], p, (probs)[if_zero_], (probs)[if_one_], mask_);                                       \
		symbol = symbol * 2 + 1 + mask_;                                                                              \
		at = if_one_ ^ ((if_one_ ^ if_zero_) & mask_);                                                                \
		offset &= bit_ ^ mask_;                                                                                       \
	} while (0)

#define LENGTH(model, pos_state, length)                                                                              \
	do {                                                                                                              \
		struct length_model *m_ = &(model);                                                                           \
		uint32_t s_ = 1;                                                                                              \
		BIT_IF(m_->choice,                                                                                            \
		       {                                                                                                      \
			       uint16_t *low_ = m_->low[pos_state];                                                               \
			       uint32_t p_ = low_[1];                                                                             \
			       TREE_BIT(low_, s_, p_);                                                                            \
			       TREE_BIT(low_, s_, p_);                                                                            \
			       TREE_END(low_, s_, p_);                                                                            \
			       length = s_ - 8 + MATCH_MIN;                                                                       \
		       },                                                                                                     \
		       BIT_IF(m_->choice2,                                                                                    \
		              {                                                                                               \
			              uint16_t *mid_ = m_->mid[pos_state];                                                        \
			              uint32_t p_ = mid_[1];                                                                      \
			              TREE_BIT(mid_, s_, p_);                                                                     \
			              TREE_BIT(mid_, s_, p_);                                                                     \
			              TREE_END(mid_, s_, p_);                                                                     \
			              length = s_ - 8 + 8 + MATCH_MIN;                                                            \
		              },                                                                                              \
		              {                                                                                               \
			              uint32_t p_ = m_->high[1];                                                                  \
			              do                                                                                          \
				              TREE_BIT(m_->high, s_, p_);                                                             \
			              while (s_ < 128);                                                                           \
			              TREE_END(m_->high, s_, p_);                                                                 \
			              length = s_ - 256 + 16 + MATCH_MIN;                                                         \
		              }));                                                                                            \
	} while (0)

/* Copies a match inside the output. `slack` bytes may be written behind it. */
static inline void copy_match(uint8_t *out, size_t distance, size_t n, size_t slack)
{
	const uint8_t *from = out - distance;
	if (distance >= 16 && slack >= 16) {
		for (size_t i = 0; i < n; i += 16)
			memcpy(out + i, from + i, 16);
	} else if (distance >= 8 && slack >= 8) {
		for (size_t i = 0; i < n; i += 8)
			memcpy(out + i, from + i, 8);
	} else {
		for (size_t i = 0; i < n; i++)
			out[i] = from[i];
	}
}

enum stop {
	STOP_FULL,
	STOP_CUT, /* a match went beyond the capacity; what fits of it was copied */
	STOP_MARKER,
	STOP_INPUT,
	STOP_CORRUPT,
};

/* Where output goes: out[..limit) is wanted, a match that begins there may go on to `capacity`. */
struct window {
	uint8_t *out;
	size_t dictionary; /* where the history begins */
	size_t limit, capacity;
};

/* Decodes until the limit is reached, an end marker, an error, or fewer input bytes are left than a symbol may take. */
static enum stop decode(struct decoder *d, const struct window *w, size_t *position, const uint8_t *in_safe)
{
	struct model *m = d->model;
	uint32_t range = d->range, code = d->code, state = d->state;
	uint32_t rep0 = d->rep[0], rep1 = d->rep[1], rep2 = d->rep[2], rep3 = d->rep[3];
	const uint8_t *in = d->in;
	const uint32_t pos_mask = (1u << d->props.pb) - 1, literal_mask = (1u << d->props.lp) - 1;
	const unsigned lc = d->props.lc;
	uint8_t *const out = w->out;
	const size_t dictionary = w->dictionary, limit = w->limit, capacity = w->capacity;
	size_t pos = *position;
	enum stop stop = STOP_FULL;

	while (pos < limit) {
		if (in > in_safe) {
			stop = STOP_INPUT;
			break;
		}
		uint32_t pos_state = (uint32_t)(pos - dictionary) & pos_mask, length, bit;
		BIT_IF(m->is_match[state][pos_state], bit = 0, bit = 1);
		if (!bit) {
			uint32_t before = pos > dictionary ? out[pos - 1] : 0;
			uint32_t context = ((((uint32_t)(pos - dictionary) & literal_mask) << lc) + (before >> (8 - lc)));
			uint16_t *probs = m->literal + (size_t)LITERAL_SIZE * context;
			uint32_t symbol = 1;
			if (state < 7) {
				uint32_t p = probs[1];
				TREE_BIT(probs, symbol, p);
				TREE_BIT(probs, symbol, p);
				TREE_BIT(probs, symbol, p);
				TREE_BIT(probs, symbol, p);
				TREE_BIT(probs, symbol, p);
				TREE_BIT(probs, symbol, p);
				TREE_BIT(probs, symbol, p);
				TREE_END(probs, symbol, p);
				state = state < 4 ? 0 : state - 3;
			} else {
				uint32_t matched = (uint32_t)out[pos - rep0 - 1] << 1, offset = 0x100;
				uint32_t at = 0x100 + (matched & 0x100) + 1, p = probs[at];
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				MATCHED_BIT(probs, symbol, p, at, matched, offset);
				uint32_t mask;
				DECODE_BIT(probs[at], p, 0, 0, mask);
				symbol = symbol * 2 + 1 + mask;
				state = state < 10 ? state - 3 : state - 6;
			}
			out[pos++] = (uint8_t)symbol;
			continue;
		}
		BIT_IF(m->is_rep[state], bit = 0, bit = 1);
		if (!bit) {
			rep3 = rep2;
			rep2 = rep1;
			rep1 = rep0;
			LENGTH(m->match_length, pos_state, length);
			state = state < 7 ? 7 : 10;
			uint16_t *slots = m->slot[length < 6 ? length - 2 : 3];
			uint32_t slot = 1, p = slots[1];
			TREE_BIT(slots, slot, p);
			TREE_BIT(slots, slot, p);
			TREE_BIT(slots, slot, p);
			TREE_BIT(slots, slot, p);
			TREE_BIT(slots, slot, p);
			TREE_END(slots, slot, p);
			slot -= 1u << SLOT_BITS;
			if (slot < 4) {
				rep0 = slot;
			} else if (slot < END_SLOT_MODEL) {
				unsigned bits = (slot >> 1) - 1;
				rep0 = (2 | (slot & 1)) << bits;
				uint16_t *special = m->special + rep0 - slot; /* index 1.. of the slot's tree */
				uint32_t symbol = 1, value = 0, top = (1u << bits) / 2;
				p = special[1];
				for (uint32_t weight = 1; weight < top; weight *= 2)
					REVERSE_BIT(special, symbol, p, value, weight);
				REVERSE_END(special, symbol, p, value, top);
				rep0 += value;
			} else {
				unsigned bits = (slot >> 1) - 1 - ALIGN_BITS;
				rep0 = 2 | (slot & 1);
				do {
					NORMALIZE();
					range >>= 1;
					code -= range;
					uint32_t below = 0u - (code >> 31);
					code += range & below;
					rep0 = rep0 * 2 + 1 + below;
				} while (--bits);
				uint32_t symbol = 1, value = 0;
				p = m->align[1];
				REVERSE_BIT(m->align, symbol, p, value, 1);
				REVERSE_BIT(m->align, symbol, p, value, 2);
				REVERSE_BIT(m->align, symbol, p, value, 4);
				REVERSE_END(m->align, symbol, p, value, 8);
				rep0 = (rep0 << ALIGN_BITS) + value;
				if (rep0 == UINT32_MAX) {
					stop = STOP_MARKER;
					break;
				}
			}
		} else {
			if (pos == dictionary) {
				stop = STOP_CORRUPT;
				break;
			}
			BIT_IF(m->is_rep0[state], bit = 0, bit = 1);
			if (!bit) {
				BIT_IF(m->is_rep0_long[state][pos_state], bit = 0, bit = 1);
				if (!bit) { /* short rep: one byte */
					if (rep0 >= pos - dictionary) {
						stop = STOP_CORRUPT;
						break;
					}
					state = state < 7 ? 9 : 11;
					out[pos] = out[pos - rep0 - 1];
					pos++;
					continue;
				}
			} else {
				uint32_t distance;
				BIT_IF(m->is_rep1[state], distance = rep1, {
					BIT_IF(m->is_rep2[state], distance = rep2, {
						distance = rep3;
						rep3 = rep2;
					});
					rep2 = rep1;
				});
				rep1 = rep0;
				rep0 = distance;
			}
			LENGTH(m->rep_length, pos_state, length);
			state = state < 7 ? 8 : 11;
		}
		if (rep0 >= pos - dictionary) {
			stop = STOP_CORRUPT;
			break;
		}
		if (length > capacity - pos) {
			copy_match(out + pos, (size_t)rep0 + 1, capacity - pos, 0);
			pos = capacity;
			stop = STOP_CUT;
			break;
		}
		copy_match(out + pos, (size_t)rep0 + 1, length, capacity - pos - length);
		pos += length;
	}
	if (stop == STOP_FULL || stop == STOP_MARKER)
		NORMALIZE();
	d->range = range;
	d->code = code;
	d->state = state;
	d->rep[0] = rep0;
	d->rep[1] = rep1;
	d->rep[2] = rep2;
	d->rep[3] = rep3;
	d->in = in;
	*position = pos;
	return stop;
}

/* Runs decode() over all of the input: its last bytes from a copy with room behind it. */
static enum stop decode_all(struct decoder *d, const struct window *w, size_t *position)
{
	const uint8_t *end = d->in_end;
	if (end - d->in >= SYMBOL_INPUT_MAX) {
		enum stop stop = decode(d, w, position, end - SYMBOL_INPUT_MAX);
		if (stop != STOP_INPUT)
			return stop;
	}
	uint8_t tail[2 * SYMBOL_INPUT_MAX] = { 0 };
	size_t left = (size_t)(end - d->in);
	const uint8_t *begun = d->in;
	memcpy(tail, begun, left);
	d->in = tail;
	enum stop stop = decode(d, w, position, tail + left);
	size_t used = (size_t)(d->in - tail);
	d->in = begun + (used < left ? used : left);
	return used > left ? STOP_INPUT : stop;
}

enum error_code lzma1_decode(struct lzma_props props, struct span in, uint8_t *out, size_t out_max, size_t *in_used,
                             size_t *out_n, bool *end_marker)
{
	struct decoder d = { .props = props, .in = in.p, .in_end = in.p + in.n };
	*in_used = *out_n = 0;
	if (end_marker)
		*end_marker = false;
	if (props.lc > 8 || props.lp > 4 || props.pb > 4)
		return ERR_UNSUPPORTED;
	if (in.n < 5)
		return ERR_TRUNCATED;
	enum error_code code = range_start(&d);
	if (code)
		return code;
	if (!decoder_alloc(&d, props.lc + props.lp))
		return ERR_MEMORY;
	decoder_reset_state(&d);
	struct window w = { out, 0, out_max, out_max };
	enum stop stop = decode_all(&d, &w, out_n);
	free(d.model);
	*in_used = (size_t)(d.in - in.p);
	if (end_marker)
		*end_marker = stop == STOP_MARKER;
	return stop == STOP_INPUT ? ERR_TRUNCATED : stop == STOP_CORRUPT ? ERR_CORRUPT : ERR_NONE;
}

/* ---- LZMA2: chunks with a control byte (xz's file format names it; the layout is that of lzma2_decoder.c) ---- */

struct chunks {
	struct reader r;
	struct decoder d;
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
	if (!c->d.model && !decoder_alloc(&c->d, 4)) /* lc + lp is at most 4 in LZMA2 */
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
		decoder_reset_state(&c->d);
	struct span bytes = rd_bytes(&c->r, packed);
	bool cut = !rd_ok(&c->r);
	if (cut) /* what is there of the last chunk */
		bytes = span_from(c->r.bytes, c->r.at);
	if (bytes.n < 5)
		return cut ? ERR_TRUNCATED : ERR_CORRUPT;
	c->d.in = bytes.p;
	c->d.in_end = bytes.p + bytes.n;
	code = range_start(&c->d);
	if (code)
		return code;
	bool fits = make_room(c, unpacked);
	struct window w = { c->out, c->dictionary, fits ? c->pos + unpacked : c->out_max, fits ? c->pos + unpacked : c->out_max };
	enum stop stop = decode_all(&c->d, &w, &c->pos);
	if (!fits)
		return ERR_BUDGET;
	if (stop == STOP_INPUT)
		return cut ? ERR_TRUNCATED : ERR_CORRUPT;
	return stop == STOP_FULL && !cut && c->d.in == c->d.in_end && c->d.code == 0 ? ERR_NONE : ERR_CORRUPT;
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
static enum error_code grow_window(struct buf *out, size_t pos, size_t end, struct window *w)
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
static void take_end_marker(struct decoder *d, struct buf *out, size_t pos, size_t dictionary)
{
	struct decoder ahead = *d;
	out->n = pos;
	if (d->code == 0 || buf_reserve(out, 1))
		return;
	struct window w = { out->p, dictionary, pos + 1, pos + 1 };
	if (decode_all(&ahead, &w, &pos) == STOP_MARKER)
		d->in = ahead.in;
}

enum error_code lzma1_decode_buf(struct lzma_props props, struct span in, uint64_t unpacked, struct buf *out, size_t *in_used)
{
	struct decoder d = { .props = props, .in = in.p, .in_end = in.n ? in.p + in.n : in.p };
	struct window w = { .dictionary = out->n };
	size_t pos = out->n, end = unpacked > SIZE_MAX - pos ? SIZE_MAX : pos + (size_t)unpacked;
	*in_used = 0;
	if (props.lc > 8 || props.lp > 4 || props.pb > 4)
		return ERR_UNSUPPORTED;
	enum error_code code = in.n < 5 ? ERR_TRUNCATED : range_start(&d);
	if (code)
		return code;
	if (!decoder_alloc(&d, props.lc + props.lp))
		return ERR_MEMORY;
	decoder_reset_state(&d);
	enum stop stop = STOP_FULL;
	while (stop == STOP_FULL && pos < end && !code) {
		code = grow_window(out, pos, end, &w);
		if (!code)
			stop = decode_all(&d, &w, &pos);
	}
	if (!code && stop == STOP_FULL)
		take_end_marker(&d, out, pos, w.dictionary);
	free(d.model);
	out->n = pos;
	*in_used = (size_t)(d.in - in.p);
	if (stop == STOP_CUT && !code)
		return pos == end ? ERR_CORRUPT : ERR_BUDGET;
	return code ? code : stop == STOP_INPUT ? ERR_TRUNCATED : stop == STOP_CORRUPT ? ERR_CORRUPT : ERR_NONE;
}
