/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/brotli.h"

#include <brotli/decode.h>
#include <stdlib.h>

struct brotli {
	BrotliDecoderState *state;
	struct span in;
	const uint8_t *next;
	size_t left;
	enum error_code broken;
};

struct brotli *brotli_new(struct span in)
{
	struct brotli *b = calloc(1, sizeof *b);
	BrotliDecoderState *state = b ? BrotliDecoderCreateInstance(NULL, NULL, NULL) : NULL;
	if (!state) {
		free(b);
		return NULL;
	}
	*b = (struct brotli){ state, in, in.p, in.n, ERR_NONE };
	return b;
}

void brotli_free(struct brotli *b)
{
	if (b)
		BrotliDecoderDestroyInstance(b->state);
	free(b);
}

size_t brotli_read(struct brotli *b, uint8_t *out, size_t n)
{
	size_t room = n;
	if (b->broken || BrotliDecoderIsFinished(b->state))
		return 0;
	BrotliDecoderResult r = BrotliDecoderDecompressStream(b->state, &b->left, &b->next, &room, &out, NULL);
	if (r == BROTLI_DECODER_RESULT_ERROR)
		b->broken = ERR_CORRUPT;
	if (r == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)
		b->broken = ERR_TRUNCATED;
	return n - room;
}

enum error_code brotli_state(struct brotli *b)
{
	uint8_t more;
	if (!b->broken && !BrotliDecoderIsFinished(b->state) && brotli_read(b, &more, 1) > 0)
		return ERR_CORRUPT; /* it does not end here */
	return b->broken;
}

size_t brotli_used(const struct brotli *b)
{
	return b->in.n - b->left;
}
