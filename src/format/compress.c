/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compress (.Z): LZW with codes of 9 to 16 bits. It has no sum and no length; codes that can not have been written
 * yet are what tells it from noise.
 *
 * Specification: ncompress, compress42.c; POSIX compress.
 */
#include <limits.h>
#include <stdlib.h>

#include "format/format.h"

#define HEADER 3u
#define BITS_MIN 9u
#define BITS_MAX 16u /* a limit of 9 is written by compress, which can not read it */
#define CLEAR 256u
#define TABLE_MAX (1u << BITS_MAX)
#define PROBED 96u /* codes: each of them could not have been written with a chance of a third or more */

struct lzw {
	struct span bytes;
	uint64_t bit, group; /* where the next code is; where the codes of this width began */
	unsigned bits, max_bits, next;
	bool blocks, past; /* past the end */
};

static bool lzw_begin(struct span bytes, struct lzw *z)
{
	uint8_t flags = bytes.n > HEADER ? bytes.p[2] : 0;
	*z = (struct lzw){
		.bytes = bytes, .bit = 8 * HEADER, .group = 8 * HEADER, .bits = BITS_MIN, .max_bits = flags & 0x1f
	};
	z->blocks = flags & 0x80;
	z->next = z->blocks ? CLEAR + 1 : CLEAR;
	return span_starts(bytes, "\x1f\x9d", 2) && !(flags & 0x60) && z->max_bits > BITS_MIN && z->max_bits <= BITS_MAX;
}

static unsigned lzw_code(struct lzw *z)
{
	uint64_t at = z->bit / 8;
	uint32_t word = 0;
	if (z->bit + z->bits > 8 * (uint64_t)z->bytes.n) {
		z->past = true;
		return 0;
	}
	for (unsigned i = 0; i < 3 && at + i < z->bytes.n; i++)
		word |= (uint32_t)z->bytes.p[at + i] << (8 * i);
	word = word >> (z->bit % 8) & ((1u << z->bits) - 1);
	z->bit += z->bits;
	return word;
}

/* Codes are written eight at a time: when their width changes, the rest of the eight is not used. */
static void lzw_set_bits(struct lzw *z, unsigned bits)
{
	uint64_t eight = 8 * (uint64_t)z->bits;
	z->bit = z->group + (z->bit - z->group + eight - 1) / eight * eight;
	z->group = z->bit;
	z->bits = bits;
}

static void lzw_widen(struct lzw *z)
{
	if (z->next >= 1u << z->bits && z->bits < z->max_bits)
		lzw_set_bits(z, z->bits + 1);
}

/* How many codes stand there, up to PROBED: 0 when one of them could not have been written. */
static unsigned codes_possible(struct lzw *z)
{
	unsigned codes = 0, last = UINT_MAX, same = 0;
	for (; codes < PROBED; codes++) {
		unsigned code = lzw_code(z);
		if (z->past)
			break;
		if (code >= z->next + (codes ? 1 : 0) || (codes == 0 && code > 255) || (z->blocks && code == CLEAR))
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

struct table {
	uint32_t at[TABLE_MAX]; /* where in the output the word of a code stands last */
	uint32_t n[TABLE_MAX];
};

/* The word of each new code is the word before it and the first byte of the one after: it stands in the output
 * already. */
static struct error decode(struct lzw *z, struct table *t, struct buf *out)
{
	size_t base = out->n, before_at = 0;
	uint32_t before_n = 0;
	for (;;) {
		uint64_t where = z->bit / 8;
		unsigned code = lzw_code(z);
		if (z->past)
			return error_none();
		if (z->blocks && code == CLEAR) {
			lzw_set_bits(z, BITS_MIN);
			z->next = CLEAR + 1;
			before_n = 0;
			continue;
		}
		bool itself = before_n && code == z->next && z->next < TABLE_MAX; /* the code that is just being made */
		if (!itself && code > 255 && (!before_n || code >= z->next || !t->n[code]))
			return error_at(ERR_CORRUPT, where, "a code of LZW that was not made before");
		uint32_t n = itself ? before_n + 1 : code < 256 ? 1 : t->n[code];
		if (out->n - base > UINT32_MAX - n || buf_reserve(out, n))
			return error_at(ERR_BUDGET, where, "the stream unpacks to more than is allowed");
		size_t from = itself ? before_at : t->at[code];
		uint8_t *p = out->p + out->n;
		if (code < 256)
			*p = (uint8_t)code;
		for (uint32_t i = 0; code >= 256 && i < n; i++)
			p[i] = out->p[base + from + i];
		if (before_n && z->next < 1u << z->max_bits) {
			t->at[z->next] = (uint32_t)before_at;
			t->n[z->next++] = before_n + 1;
		}
		before_at = out->n - base;
		before_n = n;
		out->n += n;
		lzw_widen(z);
	}
}

static struct error compress_unpack(struct span bytes, struct buf *out, size_t *used)
{
	struct lzw z;
	*used = 0;
	if (!lzw_begin(bytes, &z))
		return error_at(ERR_CORRUPT, 0, "no header of compress");
	struct table *t = calloc(1, sizeof *t);
	if (!t)
		return error_at(ERR_MEMORY, 0, "no memory for the table of codes");
	struct error error = decode(&z, t, out);
	free(t);
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
