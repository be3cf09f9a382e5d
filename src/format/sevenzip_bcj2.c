/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: the decoder of the LZMA SDK (bcj2.txt): a byte that may begin a branch is followed by a decision of an adaptive
 * binary range coder, which is that of LZMA: 11 bits of probability, moved by a 32nd. */
#include "format/sevenzip.h"

#define PROBABILITIES (256u + 2)
#define PROBABILITY_BITS 11u
#define MOVE_BITS 5u
#define RANGE_MIN (1u << 24)

enum { MAIN, CALLS, JUMPS, DECISIONS };

struct decisions {
	struct reader r;
	uint32_t range, code;
	uint16_t p[PROBABILITIES];
};

static void decisions_start(struct decisions *d, struct span in)
{
	*d = (struct decisions){ .r = reader_be(in), .range = UINT32_MAX };
	rd_skip(&d->r, 1);
	d->code = rd_u32(&d->r);
	for (unsigned i = 0; i < PROBABILITIES; i++)
		d->p[i] = 1u << (PROBABILITY_BITS - 1);
}

static bool decide(struct decisions *d, unsigned which)
{
	if (d->range < RANGE_MIN) {
		d->range <<= 8;
		d->code = d->code << 8 | rd_u8(&d->r);
	}
	uint16_t *p = &d->p[which];
	uint32_t bound = (d->range >> PROBABILITY_BITS) * *p;
	if (d->code < bound) {
		d->range = bound;
		*p = (uint16_t)(*p + (((1u << PROBABILITY_BITS) - *p) >> MOVE_BITS));
		return false;
	}
	d->range -= bound;
	d->code -= bound;
	*p = (uint16_t)(*p - (*p >> MOVE_BITS));
	return true;
}

/* CALL, JMP, and the long forms of the conditional jumps: 0F 80 to 0F 8F. */
static bool may_branch(uint8_t before, uint8_t b)
{
	return (b & 0xfe) == 0xe8 || (before == 0x0f && (b & 0xf0) == 0x80);
}

enum error_code bcj2_decode(const struct span in[4], uint8_t *out, size_t size, size_t *n)
{
	struct reader from = reader_le(in[MAIN]), calls = reader_be(in[CALLS]), jumps = reader_be(in[JUMPS]);
	struct decisions d;
	uint8_t before = 0;
	decisions_start(&d, in[DECISIONS]);
	for (*n = 0; *n < size;) {
		uint8_t b = rd_u8(&from);
		if (!rd_ok(&from) || !rd_ok(&d.r))
			return ERR_TRUNCATED;
		out[(*n)++] = b;
		bool branch = may_branch(before, b) && *n < size && decide(&d, b == 0xe8 ? before : b == 0xe9 ? 256 : 257);
		before = b;
		if (!branch)
			continue;
		struct reader *r = b == 0xe8 ? &calls : &jumps;
		uint32_t to = rd_u32(r) - (uint32_t)(*n + 4);
		if (!rd_ok(r) || !rd_ok(&d.r))
			return ERR_TRUNCATED;
		for (unsigned i = 0; i < 4 && *n < size; i++)
			out[(*n)++] = (uint8_t)(to >> (8 * i));
		before = (uint8_t)(to >> 24);
	}
	bool behind = rd_left(&from) || rd_left(&calls) || rd_left(&jumps) || rd_left(&d.r) > SEVENZIP_TRAIL_MAX;
	return behind ? ERR_CORRUPT : ERR_NONE;
}
