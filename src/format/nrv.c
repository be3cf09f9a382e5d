/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Algorithms: UCL, "NRV2B", "NRV2D", "NRV2E" (M. F. X. J. Oberhumer), with bit buffers of 8, 16 and 32 bits. */
#include "format/nrv.h"

#define FAR_MAX 0x1000000u

struct bits {
	struct span in;
	size_t at;
	enum nrv variant;
	unsigned group, left;
	uint32_t word;
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
		b->word = 0;
		for (unsigned i = 0; i < b->group; i++)
			b->word |= (uint32_t)next_byte(b) << 8 * i;
		b->left = 8 * b->group;
	}
	return b->word >> --b->left & 1;
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

/* Distances of 2D and 2E have two bits between the questions, and are less by one where they go on. */
static uint32_t far_number(struct bits *b)
{
	uint32_t v = 1;
	if (b->variant == NRV2B)
		return number(b);
	for (;;) {
		v = v * 2 + bit(b);
		if (bit(b) || v >= FAR_MAX || b->past)
			return v;
		v = (v - 1) * 2 + bit(b);
	}
}

/* `first` is a bit of the length that stood in the distance. */
static uint32_t length_of(struct bits *b, unsigned first)
{
	if (b->variant == NRV2E) {
		if (first)
			return 1 + bit(b);
		return bit(b) ? 3 + bit(b) : number(b) + 3;
	}
	uint32_t length = first * 2 + bit(b);
	return length ? length : number(b) + 2;
}

struct match {
	uint32_t distance, length;
	bool end;
};

static struct match match_of(struct bits *b, size_t last)
{
	struct match m = { .distance = (uint32_t)last };
	uint32_t far = far_number(b);
	bool again = far == 2, split = b->variant != NRV2B; /* the lowest bit of the distance is the length's */
	unsigned first = 0;
	if (!again) {
		uint32_t code = (far - 3) * 256 + next_byte(b);
		m.end = code == UINT32_MAX;
		if (m.end)
			return m;
		first = ~code & 1;
		m.distance = (split ? code >> 1 : code) + 1;
	}
	if (again || !split)
		first = bit(b);
	m.length = length_of(b, first) + 1 + (m.distance > (split ? 0x500u : 0xd00u)); /* farther ones are one byte longer */
	return m;
}

enum error_code nrv_decode(enum nrv variant, unsigned group, struct span in, uint8_t *out, size_t out_max, size_t *out_n)
{
	struct bits b = { .in = in, .variant = variant, .group = group ? group : 1 };
	size_t n = 0, last = 1;
	*out_n = 0;
	for (;;) {
		for (; bit(&b); *out_n = ++n) {
			if (n == out_max)
				return ERR_BUDGET;
			out[n] = (uint8_t)next_byte(&b);
		}
		struct match m = match_of(&b, last);
		if (b.past)
			return ERR_TRUNCATED;
		if (m.end)
			return ERR_NONE;
		if (m.distance > n)
			return ERR_CORRUPT;
		last = m.distance;
		for (; m.length; m.length--, *out_n = ++n) {
			if (n == out_max)
				return ERR_BUDGET;
			out[n] = out[n - last];
		}
	}
}
