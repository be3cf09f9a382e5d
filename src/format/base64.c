/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An archive, a compressed stream or a program as base64 in a text: what a script pipes through `base64 -d`, a file that is nothing
 * else. What comes out must prove itself, as any word is base64.
 *
 * Specification: RFC 4648, section 4.
 */
#include "base/base64.h"
#include "format/format.h"
#include "format/sevenzip.h"
#include "format/text_line.h"
#include "format/uu_text.h"

#define DIGITS_MIN 256u
#define LINE_MIN 60u
#define PEEK 4096u /* digits, of which a probe decodes the beginning */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static size_t count_digits(struct span s)
{
	size_t n = 0;
	while (n < s.n && base64_digit(s.p[n]) >= 0)
		n++;
	return n;
}

/* Lines of one length, of which the last may be shorter, up to the padding; each may be indented. What follows a last line that is full,
 * as the end of a here-document does, does not make whole groups of four digits with it. */
static uint64_t base64_end(struct span at, uint64_t *digits)
{
	uint64_t end = 0, total = 0;
	size_t length = 0;
	*digits = 0;
	for (uint64_t next = 0;;) {
		size_t n = count_digits(span_from(at, next));
		uint64_t behind = next + n;
		if (!n || (length && n > length))
			break;
		length = length ? length : n;
		total += n;
		if (total % 4 == 0 || (behind < at.n && at.p[behind] == '=')) {
			while (behind < at.n && at.p[behind] == '=' && behind < next + n + 2)
				behind++;
			end = behind;
			*digits = total;
		} else if (!end) { /* of a first line whole groups alone */
			end = behind - total % 4;
			*digits = total - total % 4;
		}
		if (n < length || behind != next + n)
			break;
		if (span_has(at, behind, "\r", 1))
			behind++;
		if (!span_has(at, behind, "\n", 1))
			break;
		for (next = behind + 1; next < at.n && is_blank(at.p[next]); next++)
			;
	}
	if (span_has(at, end, "\r\n", 2))
		return end + 2;
	return end + (end && span_has(at, end, "\n", 1));
}

/* A class, a byte order, the version. */
static bool is_elf(struct span plain)
{
	return plain.n >= 64 && plain.p[4] - 1u < 2 && plain.p[5] - 1u < 2 && plain.p[6] == 1 && span_is_zero(span_sub(plain, 9, 7));
}

/* What is worth to be put into a text: not every word that decodes to the beginning of something. The first digits rule out most; the
 * format itself has to say the rest. */
static bool is_known(struct span plain)
{
	static const struct {
		const char *bytes, *format;
		size_t n, at;
	} begins[] = {
		{ "\x1f\x8b\x08", "gzip", 3, 0 },        { "\xfd" "7zXZ\0", "xz", 6, 0 },   { "BZh", "bzip2", 3, 0 },
		{ "PK\3\4", "zip", 4, 0 },              { "\x28\xb5\x2f\xfd", "zstd", 4, 0 }, { "hsqs", "squashfs", 4, 0 },
		{ "070701", "cpio", 6, 0 },             { "ustar", "tar", 5, 257 },          { "\x5d\0\0", "lzma", 3, 0 },
		{ "Salted__", "openssl_salted", 8, 0 }, { "\x04\x22\x4d\x18", "lz4", 4, 0 },
		{ "\x27\x05\x19\x56", "uimage", 4, 0 },   { "\xd0\x0d\xfe\xed", "dtb", 4, 0 },
	};
	if (span_starts(plain, "\x7f" "ELF", 4))
		return is_elf(plain);
	if (span_starts(plain, "7z\xbc\xaf\x27\x1c", 6)) /* by the CRC at its beginning: its tables stand at the end */
		return sevenzip_start_is_sound(plain);
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
		struct format_match match = { 0 };
		const struct format *f = span_has(plain, begins[i].at, begins[i].bytes, begins[i].n) ? format_find(begins[i].format) : NULL;
		if (f && (f->probe(plain, &match) || (f->probe_whole && f->probe_whole(plain, &match))))
			return true;
	}
	return false;
}

static bool base64_probe(struct span at, struct format_match *match)
{
	uint64_t digits;
	if (count_digits(span_clip(at, 0, LINE_MIN)) < LINE_MIN)
		return false;
	uint64_t end = base64_end(span_clip(at, 0, PEEK), &digits);
	struct buf plain = buf_with_limit(PEEK);
	bool known = digits >= DIGITS_MIN && !base64_text_decode(text_from_span(span_sub(at, 0, end)), &plain) && is_known(buf_span(&plain));
	buf_free(&plain);
	match->size = known ? base64_end(at, &digits) : 0;
	match->confidence = 70;
	return known;
}

/* Not in the middle of other digits, nor where these go on from the line before: each line of a long text would be asked otherwise. */
static bool base64_locate(struct span all, uint64_t hit, uint64_t *start)
{
	uint64_t end = hit;
	*start = hit;
	if (hit == 0 || base64_digit(all.p[hit - 1]) >= 0)
		return hit == 0;
	if (all.p[--end] != '\n')
		return true;
	end -= end && all.p[end - 1] == '\r';
	return end < LINE_MIN || count_digits(span_sub(all, end - LINE_MIN, LINE_MIN)) < LINE_MIN;
}

static struct error base64_unpack(struct span bytes, struct buf *out, size_t *used)
{
	uint64_t digits, end = base64_end(bytes, &digits);
	enum error_code code = base64_text_decode(text_from_span(span_sub(bytes, 0, end)), out);
	*used = (size_t)end;
	return code ? error_at(code, 0, "no room for what %llu digits hold", (unsigned long long)digits) : error_none();
}

/* The digits of the beginnings above, where these do not depend on what follows. */
static const struct format_magic base64_magics[] = {
	MAGIC("H4sI", 0),   MAGIC("/Td6WFoA", 0), MAGIC("Qlpo", 0),     MAGIC("UEsDB", 0), MAGIC("KLUv/", 0), MAGIC("aHNxc", 0),
	MAGIC("f0VMRg", 0), MAGIC("XQAA", 0),     MAGIC("MDcwNzAx", 0), MAGIC("BCJNG", 0), MAGIC("N3q8ryc", 0), MAGIC("U2FsdGVkX1", 0), MAGIC_END
};

const struct format base64_format = {
	.name = "base64",
	.kind = FORMAT_ENCODING,
	.title = "archive, stream or program in base64",
	.spec = "RFC 4648, section 4",
	.magics = base64_magics,
	.probe = base64_probe,
	.unpack = base64_unpack,
	.locate = base64_locate,
	.at_start = true,
	.as_text = true,
};
