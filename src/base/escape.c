/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Well-formed sequences are those of The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing
 * beyond U+10FFFF. The second byte carries the narrower range, and only after these lead bytes. */
unsigned escape_utf8_len(const unsigned char *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	unsigned len = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
				   : p[0] >= 0xe0 && p[0] <= 0xef ? 3
				   : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
												  : 0;
	if (len == 0 || n < len)
		return 0;
	unsigned char lowest = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	unsigned char highest = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	if (p[1] < lowest || p[1] > highest)
		return 0;
	for (unsigned i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

static uint32_t code_point(const unsigned char *p, unsigned len)
{
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (unsigned i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

/* What moves the cursor, reorders or hides text: the C0 and C1 controls, the bidirectional controls of UAX #9 and
 * the line and paragraph separators, what has no shape of its own, and the tag characters. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
		   (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
		   c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

/* Length of the character at p when it may be shown as it is; 0 when its first byte has to be escaped. */
static unsigned printable_len(const unsigned char *p, size_t n)
{
	if (n && p[0] >= 0x20 && p[0] < 0x7f)
		return 1;
	unsigned len = escape_utf8_len(p, n);
	return len > 0 && !is_control(code_point(p, len)) ? len : 0;
}

static size_t put_hex(char *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	out[0] = '\\';
	out[1] = 'x';
	out[2] = digits[byte >> 4];
	out[3] = digits[byte & 15];
	return 4;
}

size_t escape_terminal(struct text in, char *out, size_t size)
{
	const unsigned char *p = (const unsigned char *)in.p;
	size_t at = 0, used = 0;
	if (size == 0)
		return 0;
	while (at < in.n) {
		bool ambiguous = p[at] == '\\' && at + 1 < in.n && p[at + 1] == 'x';
		unsigned len = ambiguous ? 0 : printable_len(p + at, in.n - at);
		if ((len ? len : 4) >= size - used)
			break;
		if (len)
			memcpy(out + used, p + at, len);
		else
			put_hex(out + used, p[at]);
		used += len ? len : 4;
		at += len ? len : 1;
	}
	out[used] = '\0';
	return used;
}

static const char *html_entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Room for n bytes that may each become `factor` bytes, and a terminator. */
static char *room_for(size_t n, size_t factor)
{
	size_t size;
	if (__builtin_mul_overflow(n, factor, &size) || __builtin_add_overflow(size, 1, &size))
		return NULL;
	return malloc(size);
}

/* Gives back what room_for() had too much of. */
static char *trimmed(char *out, size_t used)
{
	char *smaller = realloc(out, used + 1);
	return smaller ? smaller : out; // cppcheck-suppress memleak
}

char *escape_html(struct text in)
{
	const unsigned char *p = (const unsigned char *)in.p;
	char *out = room_for(in.n, 6);
	size_t used = 0;
	if (!out)
		return NULL;
	for (size_t at = 0; at < in.n;) {
		const char *entity = html_entity(p[at]);
		unsigned len = entity ? (unsigned)strlen(entity) : printable_len(p + at, in.n - at);
		if (len)
			memcpy(out + used, entity ? entity : (const char *)p + at, len);
		else
			put_hex(out + used, p[at]);
		used += len ? len : 4;
		at += len && !entity ? len : 1;
	}
	out[used] = '\0';
	return trimmed(out, used);
}

char *escape_utf8(struct text in, size_t *n)
{
	const unsigned char *p = (const unsigned char *)in.p;
	char *out = room_for(in.n, 4);
	size_t used = 0;
	if (!out)
		return NULL;
	for (size_t at = 0; at < in.n;) {
		unsigned len = p[at] ? escape_utf8_len(p + at, in.n - at) : 0;
		if (len)
			memcpy(out + used, p + at, len);
		else
			put_hex(out + used, p[at]);
		used += len ? len : 4;
		at += len ? len : 1;
	}
	out[used] = '\0';
	*n = used;
	return trimmed(out, used);
}
