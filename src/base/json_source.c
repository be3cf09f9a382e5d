/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json_source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/escape.h"

#define CHUNK ((size_t)64 << 10)
#define NUMBER_MAX 1024u /* characters; no feed writes more */

bool json_source_open(struct json_source *s, json_pull_read read, void *context, size_t string_max, uint64_t total_max)
{
	*s = (struct json_source){
		.read = read, .context = context, .line = 1, .string_max = string_max, .total_max = total_max
	};
	s->string = buf_with_limit(string_max + 8);
	s->buffer = read ? malloc(CHUNK) : NULL;
	s->at = s->end = s->buffer;
	return !read || s->buffer;
}

void json_source_set_span(struct json_source *s, struct span bytes)
{
	s->at = bytes.p;
	s->end = bytes.p + bytes.n;
	s->base = bytes.n;
}

void json_source_close(struct json_source *s)
{
	free(s->buffer);
	buf_free(&s->string);
}

struct json_place json_source_place(const struct json_source *s)
{
	uint64_t offset = s->base - (uint64_t)(s->end - s->at);
	return (struct json_place){ offset, s->line, offset - s->line_start + 1 };
}

void json_source_fail(struct json_source *s, enum error_code code, const char *format, ...)
{
	char words[128];
	va_list args;
	struct json_place p = json_source_place(s);
	if (error_is(&s->error))
		return;
	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	s->error = error_at(code, p.offset, "line %llu, column %llu: %s", (unsigned long long)p.line,
						(unsigned long long)p.column, words);
}

void json_source_expected(struct json_source *s, const char *what)
{
	int c = json_source_peek(s);
	if (c == JSON_SOURCE_END)
		json_source_fail(s, ERR_TRUNCATED, "the document ends where %s was expected", what);
	else if (c > 0x20 && c < 0x7f)
		json_source_fail(s, ERR_CORRUPT, "expected %s, found '%c'", what, c);
	else
		json_source_fail(s, ERR_CORRUPT, "expected %s, found the byte 0x%02x", what, (unsigned)c);
}

/* Reads the next chunk. False at the end and after an error. */
static bool fill(struct json_source *s)
{
	size_t got = 0;
	if (!s->read || s->ended || error_is(&s->error))
		return false;
	struct error e = s->read(s->context, s->buffer, CHUNK, &got);
	if (error_is(&e))
		s->error = e;
	s->ended = got == 0 || error_is(&e);
	if (s->ended)
		return false;
	s->at = s->buffer;
	s->end = s->buffer + got;
	s->base += got;
	if (s->base > s->total_max) {
		json_source_fail(s, ERR_BUDGET, "the document is larger than %llu bytes", (unsigned long long)s->total_max);
		s->at = s->end;
		return false;
	}
	return true;
}

int json_source_peek(struct json_source *s)
{
	return s->at < s->end || fill(s) ? *s->at : JSON_SOURCE_END;
}

/* UTF-8's byte order mark, which section 8.1 lets a reader pass over. */
static void skip_mark(struct json_source *s)
{
	static const uint8_t mark[] = { 0xef, 0xbb, 0xbf };
	s->begun = true;
	if (!s->read && s->base > s->total_max) {
		json_source_fail(s, ERR_BUDGET, "the document is larger than %llu bytes", (unsigned long long)s->total_max);
		s->at = s->end;
	}
	if (json_source_peek(s) == mark[0] && s->end - s->at >= 3 && memcmp(s->at, mark, 3) == 0) {
		s->at += 3;
		s->line_start = 3;
	}
}

int json_source_space(struct json_source *s)
{
	if (!s->begun)
		skip_mark(s);
	for (;;) {
		while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r'))
			s->at++;
		int c = json_source_peek(s);
		if (c == '\n') {
			s->at++;
			s->line++;
			s->line_start = s->base - (uint64_t)(s->end - s->at);
		} else if (c != ' ' && c != '\t' && c != '\r') {
			return c;
		}
	}
}

/* Adds to the token's own copy. */
static bool keep(struct json_source *s, const void *bytes, size_t n)
{
	if (n > s->string_max - s->string.n) {
		json_source_fail(s, ERR_BUDGET, "a string is longer than %zu bytes", s->string_max);
		return false;
	}
	if (buf_add(&s->string, bytes, n)) {
		json_source_fail(s, ERR_MEMORY, "no memory for a string");
		return false;
	}
	return true;
}

static bool read_hex4(struct json_source *s, uint32_t *unit)
{
	*unit = 0;
	for (unsigned i = 0; i < 4; i++) {
		int c = json_source_peek(s);
		int digit = ascii_hex_value(c);
		if (digit < 0) {
			json_source_expected(s, "a hexadecimal digit");
			return false;
		}
		s->at++;
		*unit = *unit << 4 | (uint32_t)digit;
	}
	return true;
}

static bool keep_character(struct json_source *s, uint32_t c)
{
	uint8_t b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n; i-- > 1; c >>= 6)
		b[i] = (uint8_t)(0x80 | (c & 0x3f));
	b[0] = (uint8_t)(lead[n] | c);
	return keep(s, b, n);
}

static bool read_simple_escape(struct json_source *s)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	int c = json_source_peek(s);
	const char *at = c > 0 ? strchr(names, c) : NULL;
	if (!at) {
		json_source_expected(s, "an escape (one of \"\\/bfnrtu)");
		return false;
	}
	s->at++;
	return keep(s, &values[at - names], 1);
}

/* Behind "\u". A high surrogate and an escaped low one are one character. */
static bool read_unicode(struct json_source *s)
{
	const uint32_t replacement = 0xfffd;
	uint32_t unit, low;
	if (!read_hex4(s, &unit))
		return false;
	while (unit >= 0xd800 && unit < 0xdc00 && json_source_peek(s) == '\\') {
		s->at++;
		if (json_source_peek(s) != 'u')
			return keep_character(s, replacement) && read_simple_escape(s);
		s->at++;
		if (!read_hex4(s, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000)
			return keep_character(s, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
		if (!keep_character(s, replacement))
			return false;
		unit = low;
	}
	return keep_character(s, unit >= 0xd800 && unit < 0xe000 ? replacement : unit);
}

static bool read_escape(struct json_source *s)
{
	s->at++;
	if (json_source_peek(s) != 'u')
		return read_simple_escape(s);
	s->at++;
	return read_unicode(s);
}

/* A character beyond ASCII that is not whole in this chunk, or not UTF-8. */
static bool read_split_character(struct json_source *s)
{
	uint8_t b[4];
	size_t need = *s->at >= 0xf0 ? 4 : *s->at >= 0xe0 ? 3 : 2;
	bool lead = *s->at >= 0xc2 && *s->at <= 0xf4;
	for (size_t i = 0; lead && i < need; i++) {
		int c = json_source_peek(s);
		if (c == JSON_SOURCE_END || (i && (c & 0xc0) != 0x80))
			break;
		b[i] = (uint8_t)c;
		if (i + 1 == need && escape_utf8_len(b, need) != need)
			break;
		s->at++;
		if (i + 1 == need)
			return keep(s, b, need);
	}
	json_source_fail(s, ERR_CORRUPT, "a string is not valid UTF-8");
	return false;
}

/* Passes over what needs no second look: printable ASCII but quote and backslash, and whole UTF-8 characters. */
static void skip_plain(struct json_source *s)
{
	const uint8_t *p = s->at, *end = s->end;
	for (unsigned n = 1; p < end && n; p += n) {
		if (*p < 0x80)
			n = *p >= 0x20 && *p != '"' && *p != '\\';
		else
			n = escape_utf8_len(p, (size_t)(end - p));
	}
	s->at = p;
}

bool json_source_string(struct json_source *s, struct text *text)
{
	bool ok = true;
	s->at++;
	s->string.n = 0;
	for (bool whole = true; ok; whole = false) {
		const uint8_t *from = s->at;
		skip_plain(s);
		size_t n = (size_t)(s->at - from);
		if (whole && n <= s->string_max && s->at < s->end && *s->at == '"') {
			*text = text_of((const char *)from, n);
			s->at++;
			return true;
		}
		ok = keep(s, from, n);
		int c = ok ? json_source_peek(s) : JSON_SOURCE_END;
		if (c == '"') {
			*text = text_of((const char *)s->string.p, s->string.n);
			s->at++;
			return true;
		}
		if (c == '\\')
			ok = read_escape(s);
		else if (c >= 0x80)
			ok = read_split_character(s);
		else if (c < 0x20) {
			json_source_fail(s, c < 0 ? ERR_TRUNCATED : ERR_CORRUPT,
							 c < 0 ? "the document ends inside a string" : "a control character stands in a string");
			ok = false;
		}
	}
	return false;
}

/* Digits, at least one. */
static bool read_digits(struct json_source *s)
{
	size_t before = s->string.n;
	for (int c = json_source_peek(s); c >= '0' && c <= '9'; c = json_source_peek(s)) {
		uint8_t digit = (uint8_t)c;
		if (s->string.n >= NUMBER_MAX) {
			json_source_fail(s, ERR_BUDGET, "a number is longer than %u characters", NUMBER_MAX);
			return false;
		}
		if (!keep(s, &digit, 1))
			return false;
		s->at++;
	}
	if (s->string.n == before)
		json_source_expected(s, "a digit");
	return s->string.n > before;
}

/* Takes the next byte into the number when it is one of these. */
static bool read_sign(struct json_source *s, const char *signs)
{
	int c = json_source_peek(s);
	uint8_t byte = (uint8_t)c;
	if (c <= 0 || !strchr(signs, c) || !keep(s, &byte, 1))
		return false;
	s->at++;
	return true;
}

bool json_source_number(struct json_source *s, struct text *text)
{
	s->string.n = 0;
	read_sign(s, "-");
	size_t first = s->string.n;
	if (!read_digits(s))
		return false;
	if (s->string.p[first] == '0' && s->string.n > first + 1) {
		json_source_fail(s, ERR_CORRUPT, "a number begins with a zero");
		return false;
	}
	if (read_sign(s, ".") && !read_digits(s))
		return false;
	if (read_sign(s, "eE")) {
		read_sign(s, "+-");
		if (!read_digits(s))
			return false;
	}
	if (error_is(&s->error))
		return false;
	*text = text_of((const char *)s->string.p, s->string.n);
	return true;
}
