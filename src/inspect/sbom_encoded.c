/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bills of materials in other encodings: UTF-16 and UTF-32, with a byte order mark or without one (RFC 4627, section 3: the zeroes among the
 * first characters tell), as shells of Windows write them; base64 (RFC 4648), packed with gzip or zstd before or not, as interfaces and
 * registries return them. */
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "inspect/sbom.h"

#define PACKED_MAX (64u << 20) /* of one document that is packed in another */

/* ---- base64 ---- */

/* Of either alphabet; in lines or not. */
static int digit_of(char c)
{
	return base64_digit((unsigned char)(c == '-' ? '+' : c == '_' ? '/' : c));
}

bool sbom_is_base64(struct span s)
{
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] && strchr("\r\n", s.p[i]);
		if (digit_of((char)s.p[i]) < 0 && !blank && s.p[i] != '=')
			return false;
		digits += !blank;
	}
	return digits >= 16;
}

bool sbom_decode_base64(char *p, size_t *n)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t out = 0, i = 0;
	for (; i < *n && p[i] != '='; i++) {
		int digit = digit_of(p[i]);
		if (digit < 0 && strchr("\r\n", p[i]) && p[i])
			continue;
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[out++] = (char)(bits >> have & 0xff);
		}
	}
	*n = out;
	return true;
}

/* ---- packed ---- */

enum codec sbom_packing(struct span s)
{
	if (span_starts(s, "\x1f\x8b\x08", 3))
		return CODEC_GZIP;
	return span_starts(s, "\x28\xb5\x2f\xfd", 4) ? CODEC_ZSTD : CODEC_STORE;
}

struct span sbom_unpack(struct sbom_reader *r, struct span s, uint64_t at, struct buf *out)
{
	size_t used, left = r->unpacked < SBOM_BYTES_MAX ? SBOM_BYTES_MAX - r->unpacked : 0;
	*out = buf_with_limit(left < PACKED_MAX ? left : PACKED_MAX);
	struct error e = left ? codec_stream(sbom_packing(s), s, out, &used) : error_at(ERR_BUDGET, at, "more of it is packed than is taken");
	r->unpacked += out->n;
	if (error_is(&e))
		emit_damage_at(r->sink, e.code, at, "a document that is packed in this one is not read whole: %s", e.text);
	return buf_span(out);
}

void sbom_read_base64(struct sbom_reader *r)
{
	struct span whole = r->bytes;
	struct buf digits = buf_with_limit(SBOM_BYTES_MAX), unpacked = { 0 };
	if (buf_add(&digits, whole.p, whole.n)) {
		emit_damage_at(r->sink, ERR_MEMORY, 0, "no memory to read the document");
		return;
	}
	size_t n = digits.n;
	if (sbom_decode_base64((char *)digits.p, &n)) {
		r->bytes = span_of(digits.p, n);
		r->line_fixed = 1; /* the lines of what is encoded are none of the file */
		if (sbom_packing(r->bytes) != CODEC_STORE)
			r->bytes = sbom_unpack(r, r->bytes, 0, &unpacked);
		sbom_read_wrapped(r);
	}
	r->bytes = whole;
	buf_free(&digits);
	buf_free(&unpacked);
}

/* ---- UTF-16, UTF-32 ---- */

/* How characters are written: in so many bytes, and in which order; behind a mark of so many. */
struct wide {
	unsigned width, mark;
	bool big;
};

static bool read_wide(struct span s, struct wide *w)
{
	static const struct {
		const char *bytes;
		struct wide wide;
	} marks[] = { { "\xff\xfe\0\0", { 4, 4, false } }, { "\0\0\xfe\xff", { 4, 4, true } } };
	struct span head = span_clip(s, 0, 4);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (span_starts(s, marks[i].bytes, 4)) {
			*w = marks[i].wide;
			return true;
		}
	if (span_starts(s, "\xff\xfe", 2) || span_starts(s, "\xfe\xff", 2)) {
		*w = (struct wide){ 2, 2, s.p[0] == 0xfe };
		return true;
	}
	if (head.n < 4) /* the first two characters of all that is read are ASCII */
		return false;
	unsigned zeroes = (unsigned)(!head.p[0] << 3 | !head.p[1] << 2 | !head.p[2] << 1 | !head.p[3]);
	*w = (struct wide){ zeroes == 7 || zeroes == 14 ? 4 : 2, 0, zeroes == 14 || zeroes == 10 };
	return zeroes == 7 || zeroes == 14 || zeroes == 5 || zeroes == 10;
}

static uint32_t unit_at(const struct wide *w, const uint8_t *p)
{
	uint32_t c = 0;
	for (unsigned i = 0; i < w->width; i++)
		c = c << 8 | p[w->big ? i : w->width - 1 - i];
	return c;
}

bool sbom_is_wide(struct span s)
{
	struct wide w;
	if (!read_wide(s, &w))
		return false;
	uint32_t c = s.n >= w.mark + w.width ? unit_at(&w, s.p + w.mark) : 0;
	return c && c < 0x80 && strchr("{[<S \t\r\n", (int)c);
}

static size_t put_utf8(uint8_t *out, uint32_t c)
{
	static const uint8_t first[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(first[n] | c);
	return n;
}

/* A half of a pair without the other, and what is no character, becomes U+FFFD. `out` has 2 * width bytes for each unit. */
static size_t to_utf8(struct span s, const struct wide *w, uint8_t *out)
{
	size_t n = 0;
	for (size_t i = w->mark; i + w->width <= s.n; i += w->width) {
		uint32_t c = unit_at(w, s.p + i), low = 0;
		if (w->width == 2 && c >= 0xd800 && c < 0xdc00 && i + 4 <= s.n)
			low = unit_at(w, s.p + i + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		n += put_utf8(out + n, (c >= 0xd800 && c < 0xe000) || c > 0x10ffff ? 0xfffd : c);
	}
	return n;
}

/* What is no longer true: an XML declaration says in which encoding the bytes are. */
static void blank_declaration(struct span s)
{
	size_t at = 0;
	while (at < s.n && strchr(" \t\r\n", s.p[at]) && s.p[at])
		at++;
	uint8_t *p = (uint8_t *)s.p + at, *end = span_starts(span_from(s, at), "<?xml", 5) ? memmem(p, s.n - at < 256 ? s.n - at : 256, "?>", 2) : NULL;
	for (; end && p < end + 2; p++)
		*p = *p == '\n' ? '\n' : ' ';
}

void sbom_read_wide(struct sbom_reader *r)
{
	struct wide w;
	struct span whole = r->bytes;
	struct buf text = buf_with_limit((size_t)SBOM_BYTES_MAX * 2);
	if (!read_wide(whole, &w))
		return;
	enum error_code code = buf_reserve(&text, (w.width == 2 ? whole.n / 2 * 3 : whole.n) + 8);
	if (code) {
		emit_damage_at(r->sink, code, 0, "no room for a document in UTF-%u of %zu bytes", w.width * 8, whole.n);
		return;
	}
	text.n = to_utf8(whole, &w, text.p);
	blank_declaration(buf_span(&text));
	r->bytes = buf_span(&text);
	sbom_read_wrapped(r);
	r->bytes = whole;
	buf_free(&text);
	if ((whole.n - w.mark) % w.width)
		emit_damage_at(r->sink, ERR_TRUNCATED, whole.n, "a document in UTF-%u ends within a character", w.width * 8);
}
