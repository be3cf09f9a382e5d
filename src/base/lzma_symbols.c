/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names follow the LZMA specification. Three things make it fast: nothing is copied out of a dictionary; the bits of
 * literals, slots and alignments, which no branch predictor can guess, are decoded without branches; and the end of
 * the input is checked once a symbol, since a symbol never takes more than 20 bytes.
 */
#include "base/lzma_symbols.h"

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

struct lzma_model {
	uint16_t is_match[STATES][POS_STATES_MAX];
	uint16_t is_rep[STATES], is_rep0[STATES], is_rep1[STATES], is_rep2[STATES];
	uint16_t is_rep0_long[STATES][POS_STATES_MAX];
	uint16_t slot[LEN_TO_SLOT_STATES][1 << SLOT_BITS];
	uint16_t special[FULL_DISTANCES];
	uint16_t align[1 << ALIGN_BITS];
	struct length_model match_length, rep_length;
	uint16_t literal[]; /* LITERAL_SIZE << (lc + lp) */
};

bool lzma_decoder_alloc(struct lzma_decoder *d, unsigned literal_bits)
{
	size_t literals = (size_t)LITERAL_SIZE << literal_bits;
	d->model = malloc(sizeof(struct lzma_model) + literals * sizeof(uint16_t));
	return d->model != NULL;
}

void lzma_decoder_reset(struct lzma_decoder *d)
{
	uint16_t *p = (uint16_t *)d->model;
	size_t used = sizeof(struct lzma_model) / sizeof(uint16_t) + ((size_t)LITERAL_SIZE << (d->props.lc + d->props.lp));
	for (size_t i = 0; i < used; i++)
		p[i] = PROB_INIT;
	d->state = 0;
	d->rep[0] = d->rep[1] = d->rep[2] = d->rep[3] = 0;
}

enum error_code lzma_range_start(struct lzma_decoder *d)
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

#define LITERAL(probs, symbol)                                                                                       \
	do {                                                                                                             \
		uint32_t p_ = (probs)[1];                                                                                    \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_BIT(probs, symbol, p_);                                                                                 \
		TREE_END(probs, symbol, p_);                                                                                 \
	} while (0)

/* One whose first bits may equal those of the byte at rep0. */
#define MATCHED_LITERAL(probs, symbol, byte)                                                                         \
	do {                                                                                                             \
		uint32_t matched_ = (byte) << 1, offset_ = 0x100, last_;                                                     \
		uint32_t at_ = 0x100 + (matched_ & 0x100) + 1, p_ = (probs)[at_];                                            \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		MATCHED_BIT(probs, symbol, p_, at_, matched_, offset_);                                                      \
		DECODE_BIT((probs)[at_], p_, 0, 0, last_);                                                                   \
		symbol = symbol * 2 + 1 + last_;                                                                             \
	} while (0)

/* The slot of a distance: how many bits it has, and the first two of them. */
#define SLOT(slots, slot)                                                                                            \
	do {                                                                                                             \
		uint32_t p_ = (slots)[1];                                                                                    \
		slot = 1;                                                                                                    \
		TREE_BIT(slots, slot, p_);                                                                                   \
		TREE_BIT(slots, slot, p_);                                                                                   \
		TREE_BIT(slots, slot, p_);                                                                                   \
		TREE_BIT(slots, slot, p_);                                                                                   \
		TREE_BIT(slots, slot, p_);                                                                                   \
		TREE_END(slots, slot, p_);                                                                                   \
		slot -= 1u << SLOT_BITS;                                                                                     \
	} while (0)

/* Distances of up to seven bits have a tree for each slot. */
#define MODELLED_DISTANCE(model, slot, distance)                                                                     \
	do {                                                                                                             \
		unsigned bits_ = (slot >> 1) - 1;                                                                            \
		distance = (2 | (slot & 1)) << bits_;                                                                        \
		uint16_t *special_ = (model)->special + distance - slot; /* index 1.. of the slot's tree */                  \
		uint32_t symbol_ = 1, value_ = 0, top_ = (1u << bits_) / 2, p_ = special_[1];                                \
		for (uint32_t weight_ = 1; weight_ < top_; weight_ *= 2)                                                     \
			REVERSE_BIT(special_, symbol_, p_, value_, weight_);                                                     \
		REVERSE_END(special_, symbol_, p_, value_, top_);                                                            \
		distance += value_;                                                                                          \
	} while (0)

/* Longer ones: bits of even chance, and a tree of the last four, which are those of an alignment. */
#define DIRECT_DISTANCE(model, slot, distance)                                                                       \
	do {                                                                                                             \
		unsigned bits_ = (slot >> 1) - 1 - ALIGN_BITS;                                                               \
		distance = 2 | (slot & 1);                                                                                   \
		do {                                                                                                         \
			NORMALIZE();                                                                                             \
			range >>= 1;                                                                                             \
			code -= range;                                                                                           \
			uint32_t below_ = 0u - (code >> 31);                                                                     \
			code += range & below_;                                                                                  \
			distance = distance * 2 + 1 + below_;                                                                    \
		} while (--bits_);                                                                                           \
		uint32_t symbol_ = 1, value_ = 0, p_ = (model)->align[1];                                                    \
		REVERSE_BIT((model)->align, symbol_, p_, value_, 1);                                                         \
		REVERSE_BIT((model)->align, symbol_, p_, value_, 2);                                                         \
		REVERSE_BIT((model)->align, symbol_, p_, value_, 4);                                                         \
		REVERSE_END((model)->align, symbol_, p_, value_, 8);                                                         \
		distance = (distance << ALIGN_BITS) + value_;                                                                \
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

/* Decodes until the limit is reached, an end marker, an error, or fewer input bytes are left than a symbol may take. */
static enum lzma_stop decode(struct lzma_decoder *d, const struct lzma_window *w, size_t *position, const uint8_t *in_safe)
{
	struct lzma_model *m = d->model;
	uint32_t range = d->range, code = d->code, state = d->state;
	uint32_t rep0 = d->rep[0], rep1 = d->rep[1], rep2 = d->rep[2], rep3 = d->rep[3];
	const uint8_t *in = d->in;
	const uint32_t pos_mask = (1u << d->props.pb) - 1, literal_mask = (1u << d->props.lp) - 1;
	const unsigned lc = d->props.lc;
	uint8_t *const out = w->out;
	const size_t dictionary = w->dictionary, limit = w->limit, capacity = w->capacity;
	size_t pos = *position;
	enum lzma_stop stop = LZMA_STOP_FULL;

	while (pos < limit) {
		if (in > in_safe) {
			stop = LZMA_STOP_INPUT;
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
				LITERAL(probs, symbol);
				state = state < 4 ? 0 : state - 3;
			} else {
				MATCHED_LITERAL(probs, symbol, (uint32_t)out[pos - rep0 - 1]);
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
			uint32_t slot;
			SLOT(slots, slot);
			if (slot < 4) {
				rep0 = slot;
			} else if (slot < END_SLOT_MODEL) {
				MODELLED_DISTANCE(m, slot, rep0);
			} else {
				DIRECT_DISTANCE(m, slot, rep0);
				if (rep0 == UINT32_MAX) {
					stop = LZMA_STOP_MARKER;
					break;
				}
			}
		} else {
			if (pos == dictionary) {
				stop = LZMA_STOP_CORRUPT;
				break;
			}
			BIT_IF(m->is_rep0[state], bit = 0, bit = 1);
			if (!bit) {
				BIT_IF(m->is_rep0_long[state][pos_state], bit = 0, bit = 1);
				if (!bit) { /* short rep: one byte */
					if (rep0 >= pos - dictionary) {
						stop = LZMA_STOP_CORRUPT;
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
			stop = LZMA_STOP_CORRUPT;
			break;
		}
		if (length > capacity - pos) {
			copy_match(out + pos, (size_t)rep0 + 1, capacity - pos, 0);
			pos = capacity;
			stop = LZMA_STOP_CUT;
			break;
		}
		copy_match(out + pos, (size_t)rep0 + 1, length, capacity - pos - length);
		pos += length;
	}
	if (stop == LZMA_STOP_FULL || stop == LZMA_STOP_MARKER)
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
enum lzma_stop lzma_decode_symbols(struct lzma_decoder *d, const struct lzma_window *w, size_t *position)
{
	const uint8_t *end = d->in_end;
	if (end - d->in >= SYMBOL_INPUT_MAX) {
		enum lzma_stop stop = decode(d, w, position, end - SYMBOL_INPUT_MAX);
		if (stop != LZMA_STOP_INPUT)
			return stop;
	}
	uint8_t tail[2 * SYMBOL_INPUT_MAX] = { 0 };
	size_t left = (size_t)(end - d->in);
	const uint8_t *begun = d->in;
	memcpy(tail, begun, left);
	d->in = tail;
	enum lzma_stop stop = decode(d, w, position, tail + left);
	size_t used = (size_t)(d->in - tail);
	d->in = begun + (used < left ? used : left);
	return used > left ? LZMA_STOP_INPUT : stop;
}
