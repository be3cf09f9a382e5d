/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lzvn.h"

#include <string.h>

#include "base/match.h"

#define END 0x06u
#define END_SIZE 8u
#define MATCH_MIN 3u
#define LONG_MIN 16u /* what a length of a whole byte is counted from */

/* One instruction: so many literals, which stand behind it, then a match of so many bytes at that distance. */
struct step {
	size_t size, literals, match, distance;
};

/* The literals and the match that a first byte of the form LLMMM... tells. */
static void take_lengths(uint8_t op, struct step *s)
{
	s->literals = op >> 6;
	s->match = (op >> 3 & 7) + MATCH_MIN;
}

/* 0xe0 to 0xff: literals alone, or a match alone, at the last distance. */
static bool step_alone(struct span in, struct step *s)
{
	uint8_t op = in.p[0];
	bool is_long = (op & 15) == 0;
	if (is_long && in.n < 2)
		return false;
	size_t n = is_long ? in.p[1] + LONG_MIN : op & 15u;
	s->size = is_long ? 2 : 1;
	s->literals = op < 0xf0 ? n : 0;
	s->match = op < 0xf0 ? 0 : n;
	return true;
}

/* Reads the instruction that `in` begins with; s->distance holds the last one before. */
static enum error_code step_read(struct span in, struct step *s)
{
	if (!in.n)
		return ERR_TRUNCATED;
	uint8_t op = in.p[0], low = op & 7, high = op >> 4;
	*s = (struct step){ .size = 1, .distance = s->distance };
	if (high >= 14)
		return step_alone(in, s) ? ERR_NONE : ERR_TRUNCATED;
	if (high == 7 || high == 13)
		return ERR_CORRUPT;
	if (op == 0x0e || op == 0x16) /* nothing */
		return ERR_NONE;
	if (high == 10 || high == 11) { /* 101LLMMM DDDDDDMM DDDDDDDD */
		if (in.n < 3)
			return ERR_TRUNCATED;
		s->size = 3;
		s->literals = op >> 3 & 3;
		s->match = ((size_t)low << 2 | (in.p[1] & 3)) + MATCH_MIN;
		s->distance = span_u16le(in, 1) >> 2;
		return ERR_NONE;
	}
	take_lengths(op, s);
	if (low == 6) /* the last distance; without literals there is another meaning */
		return op < 0x40 ? ERR_CORRUPT : ERR_NONE;
	s->size = low == 7 ? 3 : 2;
	if (in.n < s->size)
		return ERR_TRUNCATED;
	s->distance = low == 7 ? span_u16le(in, 1) : (size_t)low << 8 | in.p[1];
	return ERR_NONE;
}

static enum error_code take_step(const struct step *s, struct span in, uint8_t *out, size_t have, size_t room, size_t *made)
{
	size_t left = room - *made, literals = s->literals < left ? s->literals : left;
	struct span bytes = span_clip(in, s->size, literals);
	if (bytes.n)
		memcpy(out + *made, bytes.p, bytes.n);
	*made += bytes.n;
	if (bytes.n < s->literals)
		return bytes.n < literals ? ERR_TRUNCATED : ERR_BUDGET;
	if (!s->match)
		return ERR_NONE;
	if (s->distance == 0 || s->distance > have + *made)
		return ERR_CORRUPT;
	left = room - *made;
	size_t n = s->match < left ? s->match : left;
	match_copy(out + *made, s->distance, n);
	*made += n;
	return n < s->match ? ERR_BUDGET : ERR_NONE;
}

enum error_code lzvn_decode(struct span in, uint8_t *out, size_t have, size_t room, size_t *made, size_t *used)
{
	struct step s = { 0 };
	*made = *used = 0;
	for (;;) {
		struct span rest = span_from(in, *used);
		if (rest.n && rest.p[0] == END) {
			*used += rest.n < END_SIZE ? rest.n : END_SIZE;
			return rest.n < END_SIZE ? ERR_TRUNCATED : ERR_NONE;
		}
		enum error_code code = step_read(rest, &s);
		if (!code)
			code = take_step(&s, rest, out, have, room, made);
		if (code)
			return code;
		*used += s.size + s.literals;
	}
}
