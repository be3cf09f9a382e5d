/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code page 932 (Shift JIS) is told from the others by what is rare in them: letters of two bytes, most of a name, that
 * both are beyond ASCII or stand beside each other. In Latin-1 or code page 850 a name would have as many accented letters in a row, or
 * as every second one. */
#include "format/lha_names.h"

#define LETTERS_MIN 3u /* of two bytes */

enum { NAME_AT = 21, EXTENDED_NAME = 1, EXTENDED_DIRECTORY = 2 };

static bool is_lead(uint8_t b)
{
	return (b >= 0x81 && b <= 0x9f) || (b >= 0xe0 && b <= 0xfc);
}

static bool is_utf8(struct span s)
{
	for (size_t i = 0; i < s.n;) {
		unsigned more = s.p[i] < 0x80 ? 0 : s.p[i] >> 5 == 6 ? 1 : s.p[i] >> 4 == 14 ? 2 : s.p[i] >> 3 == 30 ? 3 : 4;
		if (more == 4 || more >= s.n - i)
			return false;
		for (i++; more; more--, i++)
			if (s.p[i] >> 6 != 2)
				return false;
	}
	return true;
}

/* A directory's name has 0xff between its parts. */
static void name_add(struct lha_names *names, struct span s)
{
	size_t wide = 0, high = 0, wrong = 0, stem = s.n;
	bool before = false; /* a letter of two bytes */
	for (size_t i = 0; i < s.n; i++) {
		high += s.p[i] >= 0x80 && s.p[i] != 0xff;
		stem = s.p[i] == '.' ? i : stem;
	}
	if (!high || is_utf8(s))
		return;
	for (size_t i = 0; i < s.n; i++) {
		bool two = is_lead(s.p[i]) && i + 1 < s.n && s.p[i + 1] >= 0x40 && s.p[i + 1] != 0x7f && s.p[i + 1] <= 0xfc;
		wide += two && (s.p[i + 1] >= 0x80 || before);
		before = two;
		wrong += !two && s.p[i] >= 0x80 && s.p[i] != 0xff && (s.p[i] < 0xa1 || s.p[i] > 0xdf);
		i += two;
	}
	if (!wrong && wide >= LETTERS_MIN && 2 * wide >= stem / 2)
		names->japanese++;
	else if (!wrong)
		names->unclear++;
	else
		names->other++;
}

/* Further headers: each has the length of the next one at its end. */
static void extended_add(struct lha_names *names, struct span header, uint64_t at, unsigned width)
{
	struct reader length = reader_le(span_sub(header, at - width, width));
	for (uint64_t n = rd_uint(&length, width); n > width; n = rd_uint(&length, width)) {
		struct span one = span_sub(header, at, n);
		if (!one.p)
			return;
		if (one.p[0] == EXTENDED_NAME || one.p[0] == EXTENDED_DIRECTORY)
			name_add(names, span_sub(one, 1, n - 1 - width));
		length = reader_le(span_from(one, n - width));
		at += n;
	}
}

void lha_names_add(struct lha_names *names, struct span header)
{
	uint8_t level = header.n > NAME_AT ? header.p[NAME_AT - 1] : 0;
	if (level < 2 && header.n > NAME_AT)
		name_add(names, span_sub(header, NAME_AT + 1, header.p[NAME_AT]));
	if (level == 1)
		extended_add(names, header, header.p[0] + 2u, 2);
	else if (level == 2)
		extended_add(names, header, 26, 2);
	else if (level == 3)
		extended_add(names, header, 32, 4);
}

bool lha_names_are_cp932(const struct lha_names *names)
{
	return names->japanese && !names->other;
}
