/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Xerox' DSK 1.0: 24 bytes that tell a size, then so many characters of base64.
 *
 * Specification: FACT_extractor plugins/unpacking/xerox/internal/dsk_container.py.
 */
#include "base/base64.h"
#include "format/format.h"

#define HEADER 24u
#define LOOKS 64u

static bool is_blank(uint8_t c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

static bool dsk_probe(struct span at, struct format_match *match)
{
	uint32_t size = span_u32le(at, 12);
	struct span text = span_sub(at, HEADER, LOOKS);
	if (!span_starts(at, "\x1b" "DSK1.0", 7) || !text.p || size < LOOKS)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (base64_digit(text.p[i]) < 0 && !is_blank(text.p[i]))
			return false;
	match->size = HEADER + (uint64_t)size;
	match->confidence = 90;
	return true;
}

/* Four characters are three bytes; padding ends them. */
static struct error dsk_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct span text = span_clip(bytes, HEADER, span_u32le(bytes, 12));
	uint32_t bits = 0;
	unsigned have = 0;
	bool ended = false;
	*used = 0;
	if (bytes.n < HEADER)
		return error_at(ERR_TRUNCATED, 0, "a header has %u bytes, %zu are there", HEADER, bytes.n);
	for (size_t i = 0; i < text.n; i++) {
		int digit = base64_digit(text.p[i]);
		*used = HEADER + i;
		if (ended && digit >= 0)
			return error_at(ERR_CORRUPT, HEADER + i, "base64 goes on behind its padding: %zu characters are not read", text.n - i);
		ended |= text.p[i] == '=';
		if (digit < 0 && text.p[i] != '=' && !is_blank(text.p[i]))
			return error_at(ERR_CORRUPT, HEADER + i, "a character that is none of base64");
		if (digit < 0)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		uint8_t byte = (uint8_t)(bits >> have);
		enum error_code code = buf_add(out, &byte, 1);
		if (code)
			return error_at(code, HEADER + i, "base64");
	}
	*used = HEADER + text.n;
	if (text.n < span_u32le(bytes, 12))
		return error_at(ERR_TRUNCATED, bytes.n, "the payload has %u characters, %zu are there", span_u32le(bytes, 12), text.n);
	return error_none();
}

static const struct format_magic dsk_magics[] = { MAGIC("\x1b" "DSK1.0", 0), MAGIC_END };

const struct format xerox_dsk_format = {
	.name = "xerox_dsk",
	.kind = FORMAT_ENCODING,
	.title = "Xerox DSK 1.0",
	.spec = "FACT_extractor plugins/unpacking/xerox/internal/dsk_container.py",
	.magics = dsk_magics,
	.probe = dsk_probe,
	.unpack = dsk_unpack,
};
