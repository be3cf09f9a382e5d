/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/uu_text.h"

#include "base/base64.h"
#include "format/text_line.h"

#define NAME_MAX_CODED 4096u
#define LINE_BYTES_MAX 63u

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "begin 644 name" and its kin. */
static bool read_begin(struct text line, struct uu_text *u)
{
	static const struct {
		const char *word;
		bool base64, name_base64;
	} words[] = {
		{ "begin ", false, false }, { "begin-base64 ", true, false }, { "begin-encoded ", false, true }, { "begin-base64-encoded ", true, true },
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!text_starts(line, words[i].word))
			continue;
		size_t at = strlen(words[i].word), digits = at;
		u->mode = 0;
		while (at < line.n && at - digits < 5 && is_octal(line.p[at]))
			u->mode = u->mode * 8 + (unsigned)(line.p[at++] - '0');
		u->base64 = words[i].base64;
		u->name_base64 = words[i].name_base64;
		u->name = text_after(line, at + 1);
		return at - digits >= 3 && u->mode <= 07777 && at + 1 < line.n && line.p[at] == ' ' && line.n <= NAME_MAX_CODED;
	}
	return false;
}

/* As sed does it, from lines that have it. */
static struct text strip(struct text line, char prefix)
{
	return prefix && line.n && line.p[0] == prefix ? text_after(line, 1) : line;
}

/* How many bytes a line of uuencode has; -1 when it is none. Some writers put a sum behind a line, others lose the spaces at its end. */
static int uu_line_bytes(struct text line)
{
	if (!line.n)
		return -1;
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] < ' ' || line.p[i] > '`')
			return -1;
	unsigned n = ((unsigned)line.p[0] - ' ') & 63;
	return n <= LINE_BYTES_MAX && line.n <= 1 + (n + 2) / 3 * 4 + 1 ? (int)n : -1;
}

static bool is_base64_line(struct text line)
{
	size_t n = line.n;
	while (n && n + 2 > line.n && line.p[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		if (base64_digit((unsigned char)line.p[i]) < 0)
			return false;
	return n > 0;
}

static bool is_data(const struct uu_text *u, struct text line)
{
	return u->base64 ? is_base64_line(line) : uu_line_bytes(line) >= 0;
}

/* A first line that is as full as it says: what only looks like the word is followed by something else. */
static bool is_first(const struct uu_text *u, struct text line)
{
	unsigned n = line.n ? ((unsigned)line.p[0] - ' ') & 63 : 0;
	if (u->base64)
		return (is_base64_line(line) && line.n % 4 == 0) || text_is(line, "====");
	return uu_line_bytes(line) >= 0 && (line.n == 1 || line.n >= 1 + (n * 8 + 5) / 6);
}

bool uu_text_read(struct span at, char prefix, struct uu_text *u)
{
	struct text line;
	uint64_t next = 0;
	*u = (struct uu_text){ .prefix = prefix };
	if (!text_line_next(span_clip(at, 0, NAME_MAX_CODED), &next, &line) || !read_begin(strip(line, prefix), u))
		return false;
	uint64_t begin = next, end = next;
	for (bool first = true; text_line_next(at, &next, &line); first = false) {
		line = strip(line, prefix);
		if (first && !is_first(u, line))
			break;
		u->whole = text_is(line, u->base64 ? "====" : "end");
		if (u->whole || !is_data(u, line))
			break;
		end = next;
	}
	u->body = span_sub(at, begin, end - begin);
	u->size = u->whole ? next : end;
	return u->whole || end > begin;
}

static enum error_code decode_uu_line(struct text line, struct buf *out)
{
	uint8_t bytes[LINE_BYTES_MAX + 3] = { 0 };
	unsigned n = ((unsigned)line.p[0] - ' ') & 63;
	for (size_t i = 0; i < (n + 2) / 3 * 4; i++) {
		unsigned v = i + 1 < line.n ? ((unsigned)line.p[i + 1] - ' ') & 63 : 0;
		unsigned bit = (unsigned)i % 4 * 6, byte = (unsigned)i / 4 * 3 + bit / 8;
		unsigned shifted = v << (10 - bit % 8);
		bytes[byte] |= (uint8_t)(shifted >> 8);
		if (bit % 8 > 2)
			bytes[byte + 1] |= (uint8_t)shifted;
	}
	return buf_add(out, bytes, n);
}

enum error_code base64_text_decode(struct text digits, struct buf *out)
{
	uint32_t v = 0;
	unsigned bits = 0;
	enum error_code code = buf_reserve(out, digits.n / 4 * 3 + 3);
	for (size_t i = 0; i < digits.n && !code && digits.p[i] != '='; i++) {
		int d = base64_digit((unsigned char)digits.p[i]);
		if (d < 0)
			continue;
		v = v << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out->p[out->n++] = (uint8_t)(v >> bits);
		}
	}
	return code;
}

struct error uu_text_decode(const struct uu_text *u, struct buf *out)
{
	struct text line;
	enum error_code code = ERR_NONE;
	for (uint64_t at = 0; !code && text_line_next(u->body, &at, &line);)
		if ((line = strip(line, u->prefix)).n)
			code = u->base64 ? base64_text_decode(line, out) : decode_uu_line(line, out);
	if (code)
		return error_at(code, out->n, "no room for what %zu bytes of text hold", u->body.n);
	return u->whole ? error_none() : error_at(ERR_TRUNCATED, out->n, "the line that ends the encoded file is missing");
}

struct text uu_text_name(const struct uu_text *u, struct arena *arena)
{
	if (!u->name_base64)
		return u->name;
	struct buf b = { 0 };
	enum error_code code = base64_text_decode(u->name, &b);
	char *copy = code ? NULL : arena_strdup(arena, text_from_span(buf_span(&b)));
	struct text name = copy ? text_of(copy, b.n) : TEXT_NONE;
	buf_free(&b);
	return name;
}
