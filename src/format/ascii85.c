/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adobe's ASCII85: five characters from ! to u are four bytes, z is four zeros; "~>" ends it. By itself it stands between "<~" and "~>".
 *
 * Specification: PostScript Language Reference, third edition, 3.13.3 ("ASCII85Encode Filter", "ASCIIHexDecode", "RunLengthDecode").
 */
#include "format/ascii85.h"
#include "base/ascii.h"

#define WHOLE_MIN 64u
#define HEAD 4096u

static bool is_blank(uint8_t c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '\f' || c == 0;
}

static struct error put_group(const uint8_t *digits, unsigned n, size_t at, struct buf *out)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < 5; i++)
		v = v * 85 + (i < n ? digits[i] : 84u);
	if (v > UINT32_MAX || n == 1)
		return error_at(ERR_CORRUPT, at, "no group of ASCII85");
	const uint8_t bytes[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };
	enum error_code code = n > 1 ? buf_add(out, bytes, n - 1) : ERR_NONE;
	return code ? error_at(code, at, "ASCII85") : error_none();
}

struct error ascii85_decode(struct span in, struct buf *out, size_t *used)
{
	static const uint8_t zeros[5];
	uint8_t digits[5];
	unsigned n = 0;
	struct error e = error_none();
	for (size_t i = 0; i < in.n && !error_is(&e); i++) {
		uint8_t c = in.p[i];
		*used = i + 1;
		if (is_blank(c))
			continue;
		if (c == '~') {
			*used += span_has(in, i + 1, ">", 1);
			return n ? put_group(digits, n, i, out) : e;
		}
		if (c == 'z' && n == 0) {
			e = put_group(zeros, 5, i, out);
			continue;
		}
		if (c < '!' || c > 'u')
			return error_at(ERR_CORRUPT, i, "a character that is none of ASCII85");
		digits[n++] = (uint8_t)(c - '!');
		if (n == 5) {
			e = put_group(digits, 5, i, out);
			n = 0;
		}
	}
	return error_is(&e) ? e : error_at(ERR_TRUNCATED, in.n, "ASCII85 has no end");
}

struct error ascii_hex_decode(struct span in, struct buf *out, size_t *used)
{
	unsigned have = 0, byte = 0;
	for (size_t i = 0; i < in.n; i++) {
		uint8_t c = in.p[i];
		int digit = ascii_hex_value(c);
		*used = i + 1;
		if (is_blank(c))
			continue;
		if (digit < 0 && c != '>')
			return error_at(ERR_CORRUPT, i, "a character that is no hexadecimal digit");
		byte = byte << 4 | (unsigned)(digit > 0 ? digit : 0);
		have++;
		if (have == 2) { /* of an odd digit before the end the other one is 0 */
			uint8_t b = (uint8_t)byte;
			enum error_code code = buf_add(out, &b, 1);
			if (code)
				return error_at(code, i, "hexadecimal digits");
			have = 0;
		}
		if (c == '>')
			return error_none();
	}
	return error_at(ERR_TRUNCATED, in.n, "hexadecimal digits have no end");
}

struct error run_length_decode(struct span in, struct buf *out, size_t *used)
{
	for (size_t i = 0; i < in.n;) {
		unsigned length = in.p[i++], n = length < 128 ? length + 1 : 257 - length;
		uint8_t run[128];
		*used = i;
		if (length == 128)
			return error_none();
		if (i + (length < 128 ? n : 1) > in.n)
			break;
		memset(run, in.p[i], sizeof run);
		enum error_code code = buf_add(out, length < 128 ? in.p + i : run, n);
		if (code)
			return error_at(code, i, "run lengths");
		i += length < 128 ? n : 1;
	}
	return error_at(ERR_TRUNCATED, in.n, "run lengths have no end");
}

static bool ascii85_probe(struct span at, struct format_match *match)
{
	(void)at;
	(void)match;
	return false; /* two characters announce it */
}

/* Between the marks is nothing else, and behind them only line ends. */
static bool ascii85_probe_whole(struct span all, struct format_match *match)
{
	if (all.n < WHOLE_MIN || !span_starts(all, "<~", 2))
		return false;
	size_t end = all.n;
	while (is_blank(all.p[end - 1]))
		end--;
	if (!span_has(all, end - 2, "~>", 2))
		return false;
	for (size_t i = 2; i < end - 2 && i < HEAD; i++)
		if ((all.p[i] < '!' || all.p[i] > 'u') && all.p[i] != 'z' && !is_blank(all.p[i]))
			return false;
	match->size = all.n;
	match->confidence = 70;
	return true;
}

static struct error ascii85_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct error e = ascii85_decode(span_from(bytes, 2), out, used);
	*used += 2;
	size_t rest = *used;
	while (rest < bytes.n && is_blank(bytes.p[rest]))
		rest++;
	if (!error_is(&e) && rest < bytes.n)
		return error_at(ERR_CORRUPT, rest, "ASCII85 ends %zu bytes before its last mark: these are not read", bytes.n - rest);
	*used = error_is(&e) ? *used : bytes.n;
	return e;
}

const struct format ascii85_format = {
	.name = "ascii85",
	.kind = FORMAT_ENCODING,
	.title = "Adobe ASCII85",
	.spec = "PostScript Language Reference, third edition, 3.13.3",
	.at_start = true,
	.probe = ascii85_probe,
	.probe_whole = ascii85_probe_whole,
	.unpack = ascii85_unpack,
};
