/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Algorithm: UCL, "NRV2B" (M. F. X. J. Oberhumer), with 8-bit bit buffers. */
#include "format/nrv2b.h"

#define NEAR 0xd00u /* farther matches are one byte longer */
#define FAR_MAX 0x1000000u

struct bits {
	struct span in;
	size_t at;
	unsigned byte, left;
	bool past;
};

static unsigned next_byte(struct bits *b)
{
	if (b->at < b->in.n)
		return b->in.p[b->at++];
	b->past = true;
	return 0;
}

static unsigned bit(struct bits *b)
{
	if (!b->left) {
		b->byte = next_byte(b);
		b->left = 8;
	}
	return b->byte >> --b->left & 1;
}

/* Numbers are written as a bit and the question whether another follows. */
static uint32_t number(struct bits *b)
{
	uint32_t v = 1;
	do
		v = v * 2 + bit(b);
	while (!bit(b) && v < FAR_MAX && !b->past);
	return v;
}

enum error_code nrv2b_decode(struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	struct bits b = { .in = in };
	size_t n = 0, last = 1;
	*out_n = 0;
	for (;;) {
		for (; bit(&b); *out_n = ++n) {
			if (n == out_max)
				return ERR_BUDGET;
			out[n] = (uint8_t)next_byte(&b);
		}
		uint32_t far = number(&b);
		if (far != 2) {
			uint32_t code = (far - 3) * 256 + next_byte(&b);
			if (code == UINT32_MAX)
				return b.past ? ERR_TRUNCATED : ERR_NONE;
			last = (size_t)code + 1;
		}
		uint32_t length = bit(&b) * 2;
		length += bit(&b);
		if (!length)
			length = number(&b) + 2;
		length += 1 + (last > NEAR);
		if (b.past)
			return ERR_TRUNCATED;
		if (last > n)
			return ERR_CORRUPT;
		for (; length; length--, *out_n = ++n) {
			if (n == out_max)
				return ERR_BUDGET;
			out[n] = out[n - last];
		}
	}
}
