/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bzip2: block magic and layout as in "bzip2: Format Specification" (J. Tsai, 2016). Blocks begin at any bit and stand for themselves:
 * behind a broken one the stream goes on. */
#include <stdlib.h>

#include "base/codec.h"
#include "format/format.h"

#define BLOCK_MAGIC UINT64_C(0x314159265359)
#define END_MAGIC UINT64_C(0x177245385090)
#define MAGIC_BITS 48u
#define HEAD_SIZE 4u                  /* "BZh", the level */
#define LOST_MAX 1000u                /* a decoder is set up for each: more of them are no stream that was damaged */
#define BLOCK_MAX ((size_t)2 << 20)   /* packed; unpacked there are 900,000 bytes before their first step of run lengths */

/* "BZh", the level, and the first block's magic (pi) or, of an empty stream, the end's (square root of pi). */
static const struct format_magic magics[] = {
	MAGIC("1AY&SY", 4), MAGIC("\x17\x72\x45\x38\x50\x90", 4), MAGIC_END,
};

static bool probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, "BZh", 3) || at.n < 14 || at.p[3] < '1' || at.p[3] > '9')
		return false;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return span_has(at, 4, magics[0].bytes, 6) || span_has(at, 4, magics[1].bytes, 6);
}

/* The CRC of a block: of the polynomial of CRC-32, high bit first. */
static uint32_t block_crc(struct span s)
{
	uint32_t table[256], crc = UINT32_MAX;
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			table[i] = table[i] << 1 ^ (table[i] >> 31 ? 0x04c11db7 : 0);
	}
	for (size_t i = 0; i < s.n; i++)
		crc = crc << 8 ^ table[crc >> 24 ^ s.p[i]];
	return ~crc;
}

/* The next magic from a bit on, of a block or of the end; false when there is none within what a block can take. */
static bool next_magic(struct span bytes, uint64_t from, uint64_t *bit, bool *end)
{
	uint64_t window = 0, last = from / 8 + 2 * BLOCK_MAX < bytes.n ? from / 8 + 2 * BLOCK_MAX : bytes.n;
	for (uint64_t i = from / 8; i < last; i++) {
		window = window << 8 | bytes.p[i];
		for (unsigned k = 8; k-- > 0;) { /* the magic ends at each bit of this byte */
			uint64_t at = 8 * i + 8 - k, v = window >> k & ((UINT64_C(1) << MAGIC_BITS) - 1);
			if ((v != BLOCK_MAGIC && v != END_MAGIC) || at < from + MAGIC_BITS)
				continue;
			*bit = at - MAGIC_BITS;
			*end = v == END_MAGIC;
			return true;
		}
	}
	return false;
}

/* Bits of the stream, moved to begin with a byte. */
static void copy_bits(struct span bytes, uint64_t bit, uint64_t bits, uint8_t *out)
{
	unsigned shift = bit % 8;
	for (uint64_t i = 0; i < (bits + 7) / 8; i++) {
		uint64_t at = bit / 8 + i;
		unsigned two = (unsigned)bytes.p[at] << 8 | (at + 1 < bytes.n ? bytes.p[at + 1] : 0u);
		out[i] = (uint8_t)(two >> (8 - shift));
	}
}

/* A stream of that one block. What follows it is no end, which the decoder says; the CRC of the block tells whether it is good. */
static enum error_code unpack_block(struct span bytes, uint64_t bit, uint64_t bits, uint8_t *room, struct buf *out, size_t *used)
{
	size_t before = out->n;
	if (bits > 8 * (uint64_t)BLOCK_MAX)
		bits = 8 * (uint64_t)BLOCK_MAX;
	memcpy(room, "BZh9", HEAD_SIZE);
	copy_bits(bytes, bit, bits, room + HEAD_SIZE);
	struct span packed = span_of(room, HEAD_SIZE + (size_t)(bits + 7) / 8);
	struct error e = codec_stream(CODEC_BZIP2, packed, out, used);
	struct span data = span_of(out->p + before, out->n - before);
	if (e.code != ERR_BUDGET && e.code != ERR_MEMORY && data.n && block_crc(data) == span_u32be(packed, HEAD_SIZE + MAGIC_BITS / 8))
		return ERR_NONE;
	out->n = before;
	return e.code == ERR_BUDGET || e.code == ERR_MEMORY ? e.code : ERR_CORRUPT;
}

/* How many blocks are good, and broken, and good behind a broken one. */
struct count {
	unsigned good, lost, behind;
};

/* Where a block ends behind which no magic stands. The decoder has read the byte that is none; a broken block is taken for no more than its
 * magic: what stands there may be another's. */
static size_t last_end(uint64_t bit, size_t packed, bool good)
{
	return (size_t)(bit / 8) + (good && packed > HEAD_SIZE + 1 ? packed - HEAD_SIZE - 1 : MAGIC_BITS / 8);
}

/* Block by block; what is broken gives nothing. */
static enum error_code unpack_blocks(struct span bytes, uint8_t *room, struct buf *out, size_t *used, struct count *n)
{
	uint64_t bit = 0, next = 0;
	bool end = false, more = next_magic(bytes, 8 * HEAD_SIZE, &bit, &end);
	enum error_code code = ERR_NONE;
	while (more && !end && n->lost < LOST_MAX) {
		more = next_magic(bytes, bit + 1, &next, &end);
		uint64_t stop = more ? next : 8 * (uint64_t)bytes.n;
		bool other = more && !end && next % 8 == 0 && next / 8 >= HEAD_SIZE && span_has(bytes, next / 8 - HEAD_SIZE, "BZh", 3);
		size_t packed = 0;
		code = unpack_block(bytes, bit, stop - bit, room, out, &packed);
		if (code == ERR_BUDGET || code == ERR_MEMORY)
			return code;
		n->good += !code;
		n->lost += code != ERR_NONE;
		n->behind += !code && n->lost;
		*used = more && !other ? (size_t)(stop / 8) : last_end(bit, packed, !code);
		bit = next;
		if (other) /* the next stream, of which this one's end was not seen */
			break;
	}
	if (more && end)
		*used = (size_t)((bit + MAGIC_BITS + 32 + 7) / 8 < bytes.n ? (bit + MAGIC_BITS + 32 + 7) / 8 : bytes.n);
	return ERR_NONE;
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	size_t before = out->n, again = 0;
	struct count n = { 0 };
	struct error e = codec_stream(CODEC_BZIP2, bytes, out, used);
	if (e.code != ERR_CORRUPT) /* what is cut off was read up to its last block */
		return e;
	struct buf blocks = buf_with_limit(out->limit ? out->limit - before : 0);
	blocks.meter = out->meter;
	uint8_t *room = malloc(HEAD_SIZE + BLOCK_MAX + 8);
	enum error_code code = room ? unpack_blocks(bytes, room, &blocks, &again, &n) : ERR_MEMORY;
	free(room);
	out->n = !code && n.behind ? before : out->n;
	if (!code && n.behind && !buf_reserve(out, blocks.n)) {
		memcpy(out->p + before, blocks.p, blocks.n);
		out->n = before + blocks.n;
		*used = again > *used ? again : *used;
		e = error_at(e.code, e.offset, "%u of %u blocks of the bzip2 stream are broken: what they held is missing, the others came out",
					 n.lost, n.good + n.lost);
	}
	buf_free(&blocks);
	return e;
}

const struct format bzip2_format = {
	.name = "bzip2", .kind = FORMAT_COMPRESSION, .title = "bzip2 stream", .spec = "bzip2 Format Specification (J. Tsai, 2016)",
	.magics = magics, .probe = probe, .unpack = unpack,
};
