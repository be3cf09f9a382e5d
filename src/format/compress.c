/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compress (.Z): LZW with codes of 9 to 16 bits. It has no sum and no length; codes that can not have been written
 * yet are what tells it from noise.
 *
 * Specification: ncompress, compress42.c; POSIX compress.
 */
#include <limits.h>

#include "format/format.h"
#include "format/lzw.h"

#define HEADER 3u
#define PROBED 96u /* codes: each of them could not have been written with a chance of a third or more */

/* A limit of 9 bits is written by compress, which can not read it. */
static bool lzw_begin(struct span bytes, struct lzw *z)
{
	uint8_t flags = bytes.n > HEADER ? bytes.p[2] : 0;
	*z = (struct lzw){
		.bytes = bytes, .bit = 8 * HEADER, .group = 8 * HEADER, .bits = LZW_BITS_MIN, .eights = true, .max_bits = flags & 0x1f
	};
	z->blocks = flags & 0x80;
	z->next = z->first = z->blocks ? LZW_CLEAR + 1 : LZW_CLEAR;
	return span_starts(bytes, "\x1f\x9d", 2) && !(flags & 0x60) && z->max_bits > LZW_BITS_MIN && z->max_bits <= LZW_BITS_MAX;
}

/* How many codes stand there, up to PROBED: 0 when one of them could not have been written. */
static unsigned codes_possible(struct lzw *z)
{
	unsigned codes = 0, last = UINT_MAX, same = 0;
	for (; codes < PROBED; codes++) {
		unsigned code = lzw_code(z);
		if (z->past)
			break;
		if (code >= z->next + (codes ? 1 : 0) || (codes == 0 && code > 255) || (z->blocks && code == LZW_CLEAR))
			return 0;
		same = code == last ? same + 1 : 0;
		last = code;
		if (same == 2)
			return 0; /* the second of them would have been written with the first byte of the third */
		z->next += codes > 0;
	}
	return codes;
}

static bool compress_probe(struct span at, struct format_match *match)
{
	struct lzw z;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 60 };
	return lzw_begin(at, &z) && codes_possible(&z) >= PROBED;
}

/* A shorter one: nothing but codes to its end, and zeros in what is left of the last byte. */
static bool compress_probe_whole(struct span all, struct format_match *match)
{
	struct lzw z;
	*match = (struct format_match){ .size = all.n, .confidence = 60 };
	if (!lzw_begin(all, &z) || !codes_possible(&z) || !z.past)
		return false;
	uint64_t left = 8 * (uint64_t)all.n - z.bit;
	return left < 8 && all.p[all.n - 1] >> (8 - left) == 0;
}

static struct error compress_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct lzw z;
	*used = 0;
	if (!lzw_begin(bytes, &z))
		return error_at(ERR_CORRUPT, 0, "no header of compress");
	struct error error = lzw_decode(&z, out);
	*used = error_is(&error) ? (size_t)error.offset : bytes.n;
	return error;
}

static const struct format_magic compress_magics[] = { MAGIC("\x1f\x9d\x90", 0), MAGIC("\x1f\x9d\x8c", 0),
													   MAGIC("\x1f\x9d\x10", 0), MAGIC_END };

const struct format compress_format = {
	.name = "compress",
	.kind = FORMAT_COMPRESSION,
	.title = "compress (.Z), LZW of 9 to 16 bits",
	.spec = "ncompress compress42.c",
	.magics = compress_magics,
	.at_start = true,
	.probe = compress_probe,
	.probe_whole = compress_probe_whole,
	.unpack = compress_unpack,
};
