/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LZMA_alone: 13 bytes of header (properties, dictionary size, unpacked size or -1), then a raw LZMA stream.
 * Format: "LZMA specification" (I. Pavlov, 2015), section "lzma file format". */
#include <stdlib.h>

#include "base/codec.h"
#include "base/lzma.h"
#include "format/format.h"

#define HEADER 13u
#define UNPACKED_MIN 16u /* of a stream that is found anywhere */
#define TRIAL 16384u     /* bytes that are unpacked to see whether it is one */
#define SHORT_MAX (TRIAL + TRIAL / 16) /* bytes of a stream that is all of a blob, and may unpack to less */
#define FLUSHED 12u      /* by the range coder at the end, behind an end marker that the size made needless: they need not be read */

/* There is no magic. What is searched for anywhere: the properties byte and a dictionary of 2^n or 2^n + 2^(n-1) from
 * 64 KiB up, as encoders write it when they are not asked for less: 0x5d (lc 3, lp 0, pb 2) nearly always; 0x6d and 0x6e
 * (OpenWrt's lc 1, lp 2, pb 2 and kin). Other properties and smaller dictionaries are read where a blob begins with
 * them. */
static const struct format_magic magics[] = {
	MAGIC("\x5d\x00\x00", 0), MAGIC("\x6d\x00\x00", 0), MAGIC("\x6e\x00\x00", 0), MAGIC("\x6c\x00\x00", 0),
	MAGIC_END,
};

static bool plausible_header(struct span at, uint64_t least, uint64_t *unpacked)
{
	uint32_t dictionary = span_u32le(at, 1);
	*unpacked = (uint64_t)span_u32le(at, 9) << 32 | span_u32le(at, 5);
	uint32_t rest = dictionary & (dictionary - 1); /* without its lowest bit: 2^n, and 2^n + 2^(n-1) as xz makes it of 3 MiB */
	bool power = dictionary >= 4096 && dictionary <= (1u << 30) && (rest == 0 || rest == dictionary / 3 * 2);
	bool size = *unpacked == UINT64_MAX || (*unpacked >= least && *unpacked < ((uint64_t)1 << 32));
	return power && size && at.p[HEADER] == 0; /* the range coder's first byte is always 0 */
}

/* Whether the header is one of the usual ones, which the scan finds. */
static bool is_usual(struct span at)
{
	for (const struct format_magic *m = magics; m->bytes; m++)
		if (span_starts(at, m->bytes, m->n))
			return true;
	return false;
}

/* A range coder's bytes are as good as random. Tables of small numbers, which may well begin like an unusual header and
 * decode to zeros for ever, are not. */
static bool looks_coded(struct span packed)
{
	bool seen[256] = { false };
	size_t n = packed.n < 64 ? packed.n : 64, distinct = 0;
	for (size_t i = 1; i < n; i++) {
		distinct += !seen[packed.p[i]];
		seen[packed.p[i]] = true;
	}
	return n >= 16 && distinct * 2 >= n;
}

/* Zeros decode to zeros, each a literal, which no encoder writes: a table that begins like a usual header. */
static bool is_blank(struct span packed)
{
	size_t i = 0;
	while (i < packed.n && packed.p[i] == 0)
		i++;
	return i == packed.n;
}

/* Whether it shrank, or is what could not: packed already, it grows by a sixtieth. Random bytes decode to a few literals, and soon point
 * before the beginning: they do not come so far. */
static bool is_worth(struct span packed, size_t n)
{
	return packed.n < n || (n == TRIAL && packed.n <= n + n / 32 && looks_coded(packed));
}

/* Enough of it must decode, and to something that an encoder is used for. */
static bool probe(struct span at, struct format_match *match)
{
	struct lzma_props props;
	uint64_t unpacked;
	if (at.n < HEADER + 16 || !lzma_props_split(at.p[0], &props) || props.lc + props.lp > 4 ||
		!plausible_header(at, UNPACKED_MIN, &unpacked))
		return false;
	uint8_t *out = malloc(TRIAL);
	if (!out)
		return false;
	size_t room = unpacked < TRIAL ? (size_t)unpacked : TRIAL, used, n;
	bool marker;
	enum error_code code = lzma1_decode(props, span_from(at, HEADER), out, room, &used, &n, &marker);
	free(out);
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 60 };
	struct span packed = span_clip(at, HEADER, used);
	if (is_usual(at) ? is_blank(packed) : !looks_coded(packed))
		return false;
	bool ended = n == room || marker;
	return (code == ERR_NONE || (code == ERR_BUDGET && n == TRIAL)) && ended && (marker || is_worth(packed, n)) && n >= UNPACKED_MIN;
}

/* A short one, of which nothing need shrink: a usual header, and behind it a stream that ends where the blob does. */
static bool probe_whole(struct span all, struct format_match *match)
{
	struct lzma_props props;
	uint64_t unpacked;
	if (all.n <= HEADER || all.n > SHORT_MAX || !is_usual(all) || !lzma_props_split(all.p[0], &props) || props.lc + props.lp > 4 ||
		!plausible_header(all, 0, &unpacked) || (unpacked != UINT64_MAX && unpacked > TRIAL))
		return false;
	uint8_t *out = malloc(TRIAL);
	if (!out)
		return false;
	size_t room = unpacked < TRIAL ? (size_t)unpacked : TRIAL, used, n;
	struct span packed = span_from(all, HEADER);
	bool marker;
	enum error_code code = lzma1_decode(props, packed, out, room, &used, &n, &marker);
	free(out);
	*match = (struct format_match){ .size = all.n, .confidence = 60 };
	return code == ERR_NONE && !is_blank(packed) && packed.n - used <= FLUSHED && (marker || n == unpacked);
}

static struct error unpack(struct span bytes, struct buf *out, size_t *used)
{
	return codec_stream(CODEC_LZMA, bytes, out, used);
}

const struct format lzma_format = {
	.name = "lzma", .kind = FORMAT_COMPRESSION, .title = "LZMA stream with a 13-byte header (LZMA_alone)",
	.spec = "LZMA specification (I. Pavlov, 2015)", .magics = magics, .probe = probe, .unpack = unpack,
	.probe_whole = probe_whole, .at_start = true,
};
