/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressions of JFFS2's nodes, two of which are its own: rtime (a byte, and how many bytes repeat what followed the
 * last such byte) and rubin (an arithmetic coder of single bits with fixed weights).
 *
 * Specification: Linux fs/jffs2/compr_*.c; for LZMA the patches of OpenWrt and of U-Boot's vendors.
 */
#include "base/codec.h"
#include "base/lzma.h"
#include "format/jffs2.h"

/* Codecs of single nodes: exactly n bytes come out. */

static enum error_code jffs2_rtime(struct span in, uint8_t *out, size_t n)
{
	uint16_t positions[256] = { 0 };
	size_t at = 0;
	for (size_t i = 0; at < n; i += 2) {
		if (i + 2 > in.n)
			return ERR_TRUNCATED;
		uint8_t value = in.p[i], repeat = in.p[i + 1];
		out[at++] = value;
		size_t from = positions[value];
		positions[value] = (uint16_t)at;
		if (repeat > n - at || (repeat && from >= at))
			return ERR_CORRUPT;
		for (unsigned k = 0; k < repeat; k++)
			out[at++] = out[from++];
	}
	return ERR_NONE;
}

#define RUBIN_UPPER 0x8000u
#define RUBIN_LOWER 0x7fffu
#define RUBIN_BITS 16u

struct rubin {
	struct span in;
	size_t bit;
	uint32_t p, q, code; /* width and start of the interval, and where in it the input points */
	uint32_t divider, weights[8];
};

static uint32_t rubin_pull(struct rubin *r)
{
	size_t byte = r->bit / 8;
	uint32_t bit = byte < r->in.n ? (uint32_t)r->in.p[byte] >> (7 - r->bit % 8) & 1 : 0;
	r->bit++;
	return bit;
}

static bool rubin_bit(struct rubin *r, uint32_t zeros, uint32_t ones)
{
	while (r->q >= RUBIN_UPPER || r->p + r->q <= RUBIN_UPPER) {
		r->q = (r->q & RUBIN_LOWER) << 1;
		r->p <<= 1;
		r->code = (r->code & RUBIN_LOWER) << 1 | rubin_pull(r);
	}
	uint32_t low = zeros * r->p / (zeros + ones);
	low = low == 0 ? 1 : low >= r->p ? r->p - 1 : low;
	bool one = r->code >= r->q + low;
	if (one)
		r->q += low;
	r->p = one ? r->p - low : low;
	return one;
}

static enum error_code jffs2_rubin(struct span in, bool dynamic, uint8_t *out, size_t n)
{
	static const uint32_t mips[8] = { 277, 249, 290, 267, 229, 341, 212, 241 };
	struct rubin r = { .in = in, .p = 2 * RUBIN_UPPER, .divider = dynamic ? 256 : 1043 };
	if (dynamic && in.n < 8)
		return ERR_TRUNCATED;
	for (unsigned i = 0; i < 8; i++)
		r.weights[i] = dynamic ? in.p[i] : mips[i];
	if (dynamic)
		r.in = span_from(in, 8);
	for (unsigned i = 0; i < RUBIN_BITS; i++)
		r.code = r.code << 1 | rubin_pull(&r);
	for (size_t at = 0; at < n; at++) {
		unsigned byte = 0;
		for (unsigned i = 0; i < 8; i++)
			byte |= (unsigned)rubin_bit(&r, r.divider - r.weights[i], r.weights[i]) << i;
		out[at] = (uint8_t)byte;
	}
	return r.bit > 8 * r.in.n + RUBIN_BITS ? ERR_TRUNCATED : ERR_NONE;
}

/* The kernel passes over the wrapper of zlib and over its checksum: the node has one of its own. */
static enum error_code unpack_zlib(struct span in, uint8_t *out, size_t n)
{
	size_t got;
	bool wrapped = in.n > 2 && (in.p[0] & 15) == 8 && (in.p[0] << 8 | in.p[1]) % 31 == 0 && !(in.p[1] & 0x20);
	struct span raw = wrapped ? span_from(in, 2) : in;
	enum error_code code = codec_block(CODEC_DEFLATE, raw, out, n, &got);
	return code ? code : got < n ? ERR_TRUNCATED : ERR_NONE;
}

/* Without a header the properties are lc = lp = pb = 0, and the first byte of the range coder is 0; with one (5 bytes), the
 * first is the properties'. */
static enum error_code unpack_lzma(struct span in, uint8_t *out, size_t n)
{
	struct lzma_props props = { 0, 0, 0 };
	size_t used, got;
	if (in.n && in.p[0]) {
		if (in.n < 5 || !lzma_props_split(in.p[0], &props))
			return ERR_CORRUPT;
		in = span_from(in, 5);
	}
	enum error_code code = lzma1_decode(props, in, out, n, &used, &got, NULL);
	return code ? code : got < n ? ERR_TRUNCATED : ERR_NONE;
}

static enum error_code unpack_lzo(struct span in, uint8_t *out, size_t n)
{
	size_t got;
	enum error_code code = codec_block(CODEC_LZO1X, in, out, n, &got);
	return code ? code : got < n ? ERR_TRUNCATED : ERR_NONE;
}

enum error_code jffs2_node_unpack(const struct jffs2_inode *inode, uint8_t *out)
{
	struct span in = inode->data;
	size_t n = inode->dsize;
	switch (inode->compression) {
	case JFFS2_NONE:
		if (in.n < n)
			return ERR_TRUNCATED;
		if (n)
			memcpy(out, in.p, n);
		return ERR_NONE;
	case JFFS2_ZERO:
		memset(out, 0, n);
		return ERR_NONE;
	case JFFS2_RTIME:
		return jffs2_rtime(in, out, n);
	case JFFS2_RUBINMIPS:
	case JFFS2_DYNRUBIN:
		return jffs2_rubin(in, inode->compression == JFFS2_DYNRUBIN, out, n);
	case JFFS2_ZLIB:
		return unpack_zlib(in, out, n);
	case JFFS2_LZO:
		return unpack_lzo(in, out, n);
	case JFFS2_LZMA:
		return unpack_lzma(in, out, n);
	default:
		return ERR_UNSUPPORTED;
	}
}
