/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the LZMA decoders: the symbols of a range coder's bytes. What frames these (streams, chunks of LZMA2) is lzma.c's. */
#ifndef ASSAY_BASE_LZMA_SYMBOLS_H
#define ASSAY_BASE_LZMA_SYMBOLS_H

#include "base/error.h"
#include "base/lzma.h"

struct lzma_model; /* all probabilities */

struct lzma_decoder {
	struct lzma_props props;
	uint32_t range, code;
	uint32_t state, rep[4];
	const uint8_t *in, *in_end; /* of the range coder's bytes */
	struct lzma_model *model;   /* NULL: there is none yet; to be freed with free() */
};

/* Where output goes: out[..limit) is wanted, a match that begins there may go on to `capacity`. */
struct lzma_window {
	uint8_t *out;
	size_t dictionary; /* where the history begins */
	size_t limit, capacity;
};

enum lzma_stop {
	LZMA_STOP_FULL,
	LZMA_STOP_CUT, /* a match went beyond the capacity; what fits of it was copied */
	LZMA_STOP_MARKER,
	LZMA_STOP_INPUT,
	LZMA_STOP_CORRUPT,
};

/* Makes the model, with room for lc + lp of up to `literal_bits`. False: no memory. */
bool lzma_decoder_alloc(struct lzma_decoder *d, unsigned literal_bits) MUST_USE;

/* State, distances and probabilities as at a beginning; the properties must be set, and fit the room. */
void lzma_decoder_reset(struct lzma_decoder *d);

/* The range coder begins with a zero byte and the first four of the code. ERR_TRUNCATED, ERR_CORRUPT. */
enum error_code lzma_range_start(struct lzma_decoder *d) MUST_USE;

/* Decodes out[*position ..) until the limit is reached, or what else stops it; d->in is then behind what was used. */
enum lzma_stop lzma_decode_symbols(struct lzma_decoder *d, const struct lzma_window *w, size_t *position);

#endif
