/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of an input, and bounds-checked ways to read them.
 *
 * Every byte behind a span may be chosen by an attacker. A parser never does pointer arithmetic of its own: it
 * cuts sub-spans, which are empty when they would not fit, and reads fields through a `struct reader`, whose
 * error is sticky, so that a parser reads straight on and asks rd_ok() once.
 */
#ifndef ASSAY_BASE_SPAN_H
#define ASSAY_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const uint8_t *p;
	size_t n;
};

/* Characters of an input: not terminated, any byte may occur. p == NULL stands for "absent". */
struct text {
	const char *p;
	size_t n;
};

#define SPAN_NONE ((struct span){ NULL, 0 })
#define TEXT_NONE ((struct text){ NULL, 0 })
#define TEXT_LIT(s) ((struct text){ "" s, sizeof(s) - 1 })

/* n bytes from p on, which stay the caller's; a span never owns. */
static inline struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* The n bytes at offset `at`, or an empty span (p == NULL) when they do not all lie inside. */
static inline struct span span_sub(struct span s, uint64_t at, uint64_t n)
{
	if (!s.p || at > s.n || n > s.n - at)
		return SPAN_NONE;
	return (struct span){ s.p + at, (size_t)n };
}

/* Up to n bytes at offset `at`: what there is of them. */
static inline struct span span_clip(struct span s, uint64_t at, uint64_t n)
{
	if (at >= s.n)
		return SPAN_NONE;
	return (struct span){ s.p + at, n < s.n - at ? (size_t)n : (size_t)(s.n - at) };
}

/* Everything from offset `at` on; empty when `at` lies beyond the end. */
static inline struct span span_from(struct span s, uint64_t at)
{
	return span_clip(s, at, UINT64_MAX);
}

/* Whether it begins with these n bytes. */
static inline bool span_starts(struct span s, const void *prefix, size_t n)
{
	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

/* True when the n bytes of `bytes` stand at offset `at`. */
static inline bool span_has(struct span s, uint64_t at, const void *bytes, size_t n)
{
	return span_starts(span_sub(s, at, n), bytes, n);
}

/* Whether there is nothing but zeros; true of no bytes at all. */
static inline bool span_is_zero(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

/* n characters from p on; no zero need end them, and they stay the caller's. */
static inline struct text text_of(const char *p, size_t n)
{
	return (struct text){ p, n };
}

/* A text over a C string; NULL gives TEXT_NONE. */
static inline struct text text_c(const char *s)
{
	return (struct text){ s, s ? strlen(s) : 0 };
}

/* The same bytes as text. */
static inline struct text text_from_span(struct span s)
{
	return (struct text){ (const char *)s.p, s.n };
}

/* What stands in a field before its first NUL, or all of it. */
static inline struct text text_until_nul(struct span field)
{
	const uint8_t *nul = field.n ? (const uint8_t *)memchr(field.p, 0, field.n) : NULL;
	return (struct text){ (const char *)field.p, nul ? (size_t)(nul - field.p) : field.n };
}

/* The same where a NUL must be: TEXT_NONE when there is none. */
static inline struct text text_terminated(struct span field)
{
	struct text t = text_until_nul(field);
	return t.n < field.n ? t : TEXT_NONE;
}

/* text_eq(), text_is(): equal byte for byte, to another text or to a C string. Empty equals absent. */
static inline bool text_eq(struct text a, struct text b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool text_is(struct text a, const char *s)
{
	return text_eq(a, text_c(s));
}

/* text_starts(), text_ends(): whether it begins, or ends, with the C string; the empty one is at both ends of all. */
static inline bool text_starts(struct text a, const char *s)
{
	size_t n = strlen(s);
	return a.n >= n && memcmp(a.p, s, n) == 0;
}

static inline bool text_ends(struct text a, const char *s)
{
	size_t n = strlen(s);
	return a.n >= n && (n == 0 || memcmp(a.p + a.n - n, s, n) == 0);
}

/* Whether `part` stands anywhere in it. */
static inline bool text_has(struct text a, const char *part)
{
	return a.n && memmem(a.p, a.n, part, strlen(part)) != NULL;
}

/* Whether `prefix` stands at its beginning; what is empty does of every text. */
static inline bool text_starts_with(struct text a, struct text prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* What isspace(3) takes for blanks in the C locale, for text_trim(). */
#define TEXT_SPACES " \t\n\v\f\r"

/* Without those of these characters that stand at its ends; NUL can not be one of them. */
static inline struct text text_trim(struct text t, const char *characters)
{
	size_t n = strlen(characters);
	while (t.n && memchr(characters, t.p[0], n))
		t = text_of(t.p + 1, t.n - 1);
	while (t.n && memchr(characters, t.p[t.n - 1], n))
		t.n--;
	return t;
}

/* Moves *rest behind its first line, which *line becomes, without the '\n' that ends it. False: nothing was left, and the line is empty. */
static inline bool text_take_line(struct text *rest, struct text *line)
{
	const char *end = rest->n ? (const char *)memchr(rest->p, '\n', rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n, taken = n + (end != NULL);
	*line = text_of(rest->p, n);
	if (taken)
		*rest = text_of(rest->p + taken, rest->n - taken);
	return taken > 0;
}

/* The last component of a path: what follows the last '/'. */
static inline struct text text_base(struct text path)
{
	size_t i = path.n;
	while (i > 0 && path.p[i - 1] != '/')
		i--;
	return (struct text){ path.n ? path.p + i : path.p, path.n - i };
}

/* Reads fields one after the other in a fixed byte order. After a read beyond the end every further read
 * gives 0 and rd_ok() is false; `at` stays where the first failing read began. */
struct reader {
	struct span bytes;
	size_t at;
	bool big;
	bool failed;
};

/* A reader from the first byte on: reader_le() of little-endian numbers, reader_be() of big-endian ones, reader_of() of
 * either. */
static inline struct reader reader_le(struct span s)
{
	return (struct reader){ .bytes = s };
}

static inline struct reader reader_be(struct span s)
{
	return (struct reader){ .bytes = s, .big = true };
}

static inline struct reader reader_of(struct span s, bool big)
{
	return (struct reader){ .bytes = s, .big = big };
}

/* False once a read or a jump went beyond the end; from then on every read gives zeros, so one look at the end is
 * enough. */
static inline bool rd_ok(const struct reader *r)
{
	return !r->failed;
}

/* Bytes behind the current place; 0 after a failure. */
static inline size_t rd_left(const struct reader *r)
{
	return r->failed ? 0 : r->bytes.n - r->at;
}

/* The next n bytes, or an empty span and the sticky error. */
static inline struct span rd_bytes(struct reader *r, uint64_t n)
{
	if (r->failed || n > r->bytes.n - r->at) {
		r->failed = true;
		return SPAN_NONE;
	}
	if (n == 0) /* of an absent span too, whose pointer is none to count from */
		return span_of(r->bytes.p ? r->bytes.p + r->at : NULL, 0);
	struct span s = { r->bytes.p + r->at, (size_t)n };
	r->at += (size_t)n;
	return s;
}

/* Passes over n bytes. To go beyond the end is a failure, to stand at it is none. */
static inline void rd_skip(struct reader *r, uint64_t n)
{
	(void)rd_bytes(r, n);
}

/* Goes on at a place counted from the beginning. Beyond the end is a failure; a reader that failed stays so. */
static inline void rd_seek(struct reader *r, uint64_t at)
{
	if (r->failed || at > r->bytes.n)
		r->failed = true;
	else
		r->at = (size_t)at;
}

/* An unsigned number of `width` (1 to 8) bytes in the reader's order; rd_u8() to rd_u64() are the usual widths. */
static inline uint64_t rd_uint(struct reader *r, unsigned width)
{
	struct span s = rd_bytes(r, width);
	uint64_t v = 0;
	for (unsigned i = 0; i < s.n; i++)
		v |= (uint64_t)s.p[i] << (8 * (r->big ? s.n - 1 - i : i));
	return v;
}

static inline uint8_t rd_u8(struct reader *r)
{
	return (uint8_t)rd_uint(r, 1);
}

static inline uint16_t rd_u16(struct reader *r)
{
	return (uint16_t)rd_uint(r, 2);
}

static inline uint32_t rd_u32(struct reader *r)
{
	return (uint32_t)rd_uint(r, 4);
}

static inline uint64_t rd_u64(struct reader *r)
{
	return rd_uint(r, 8);
}

/* span_u16le() to span_u64be(): single fields at a place, 0 when they do not fit: for look-ups where absence and 0 mean
 * the same. */
static inline uint32_t span_u32le(struct span s, uint64_t at)
{
	struct reader r = reader_le(span_sub(s, at, 4));
	return rd_u32(&r);
}

static inline uint32_t span_u32be(struct span s, uint64_t at)
{
	struct reader r = reader_be(span_sub(s, at, 4));
	return rd_u32(&r);
}

static inline uint16_t span_u16le(struct span s, uint64_t at)
{
	struct reader r = reader_le(span_sub(s, at, 2));
	return rd_u16(&r);
}

static inline uint16_t span_u16be(struct span s, uint64_t at)
{
	struct reader r = reader_be(span_sub(s, at, 2));
	return rd_u16(&r);
}

static inline uint64_t span_u64le(struct span s, uint64_t at)
{
	struct reader r = reader_le(span_sub(s, at, 8));
	return rd_u64(&r);
}

static inline uint64_t span_u64be(struct span s, uint64_t at)
{
	struct reader r = reader_be(span_sub(s, at, 8));
	return rd_u64(&r);
}

/* span_u16(), span_u32(), span_u64(): the same of formats that have either byte order. */
static inline uint16_t span_u16(struct span s, uint64_t at, bool big)
{
	return big ? span_u16be(s, at) : span_u16le(s, at);
}

static inline uint32_t span_u32(struct span s, uint64_t at, bool big)
{
	return big ? span_u32be(s, at) : span_u32le(s, at);
}

static inline uint64_t span_u64(struct span s, uint64_t at, bool big)
{
	return big ? span_u64be(s, at) : span_u64le(s, at);
}

#endif
