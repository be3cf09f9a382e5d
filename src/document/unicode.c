/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is needed of Unicode: decoding, letters, lower case of European scripts. */
#include "document/text.h"

uint32_t utf8_next(struct text t, size_t *at)
{
	const uint8_t *p = (const uint8_t *)t.p + *at;
	size_t left = t.n - *at, n = p[0] < 0x80 ? 1 : p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : p[0] >= 0xE0 && p[0] < 0xF0 ? 3
	                         : p[0] >= 0xF0 && p[0] < 0xF5                      ? 4
	                                                                            : 0;
	uint32_t c = n == 1 ? p[0] : n == 2 ? p[0] & 0x1Fu : n == 3 ? p[0] & 0x0Fu : p[0] & 0x07u;
	bool ok = n && n <= left;
	for (size_t i = 1; ok && i < n; i++) {
		ok = (p[i] & 0xC0) == 0x80;
		c = c << 6 | (p[i] & 0x3Fu);
	}
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (!ok || c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
		*at += 1;
		return 0xFFFD;
	}
	*at += n;
	return c;
}

size_t utf8_put(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t first[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(first[n] | c);
	return n;
}

bool utf8_is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool utf8_is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	if (c < 0xC0)
		return c == 0xAA || c == 0xB5 || c == 0xBA;
	if (c == 0xD7 || c == 0xF7 || c == 0xFFFD)
		return false;
	/* punctuation, symbols, arrows, boxes; then CJK punctuation, private use, specials */
	return !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040) && !(c >= 0xE000 && c < 0xF900) &&
	       !(c >= 0xFE00 && c < 0xFE70) && !(c >= 0x1F000 && c < 0x1FB00);
}

uint32_t utf8_lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xC0 && c <= 0xDE && c != 0xD7)
		return c + 32;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c & 1 ? c + 1 : c;
	if (c == 0x178)
		return 0xFF;
	if (c >= 0x391 && c <= 0x3A9)
		return c + 32;
	if (c >= 0x410 && c <= 0x42F)
		return c + 32;
	return c >= 0x400 && c <= 0x40F ? c + 80 : c;
}

/* Windows-1252 (WHATWG encoding standard): what differs from Latin-1. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
	0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

static bool is_utf8(struct text t)
{
	for (size_t at = 0; at < t.n;) {
		size_t from = at;
		if (utf8_next(t, &at) == 0xFFFD && at - from == 1)
			return false;
	}
	return true;
}

static struct text from_windows_1252(struct span s, struct arena *a)
{
	char *out = ARENA_ARRAY(a, char, s.n * 3 + 1);
	size_t n = 0;
	for (size_t i = 0; out && i < s.n; i++)
		n += utf8_put(s.p[i] >= 0x80 && s.p[i] < 0xA0 ? windows_1252[s.p[i] - 0x80] : s.p[i], out + n);
	return (struct text){ out, out ? n : 0 };
}

static struct text from_utf16(struct span s, bool big, struct arena *a)
{
	char *out = ARENA_ARRAY(a, char, s.n / 2 * 3 + 4);
	size_t n = 0;
	struct reader r = reader_of(s, big);
	while (out && rd_left(&r) >= 2) {
		uint32_t c = rd_u16(&r);
		if (c >= 0xD800 && c < 0xDC00 && rd_left(&r) >= 2) {
			uint32_t low = rd_u16(&r);
			bool pair = low >= 0xDC00 && low < 0xE000;
			c = pair ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
		}
		n += utf8_put(c >= 0xD800 && c < 0xE000 ? 0xFFFD : c, out + n);
	}
	return (struct text){ out, out ? n : 0 };
}

struct text utf8_from(struct span s, struct arena *a)
{
	if (span_starts(s, "\xFF\xFE", 2))
		return from_utf16(span_from(s, 2), false, a);
	if (span_starts(s, "\xFE\xFF", 2))
		return from_utf16(span_from(s, 2), true, a);
	if (span_starts(s, "\xEF\xBB\xBF", 3))
		s = span_from(s, 3);
	return is_utf8(text_from_span(s)) ? text_from_span(s) : from_windows_1252(s, a);
}
