/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What NSIS packs: deflate without a head, LZMA behind its properties, with an end marker. bzip2, which NSIS changed so that its blocks
 * have neither head nor sum.
 *
 * Specification: nsis.sourceforge.io, Source/exehead/fileform.c, Source/7zip, Source/zlib, Source/bzip2.
 */
#include "base/bzip2_bare.h"
#include "base/codec.h"
#include "base/deflate64.h"
#include "base/lzma.h"
#include "format/nsis.h"

#define LZMA_HEADER 5u
#define BARE_FIRST ((size_t)1 << 20) /* room for what comes out, doubled as long as it is too little */

const char *nsis_method_name(enum nsis_method method)
{
	static const char *const names[] = { "none", "zlib", "lzma", "bzip2" };
	return names[method];
}

static bool is_lzma_properties(struct span s)
{
	return s.n > 6 && s.p[0] == 0x5d && s.p[1] == 0 && s.p[2] == 0 && s.p[5] == 0 && !(s.p[6] & 0x80);
}

bool nsis_is_lzma(struct span s)
{
	return is_lzma_properties(s) || (s.n && s.p[0] <= 1 && is_lzma_properties(span_from(s, 1)));
}

enum nsis_method nsis_method_of(struct span packed)
{
	if (nsis_is_lzma(packed))
		return NSIS_LZMA;
	bool block = packed.n > 2 && packed.p[0] == 0x31 && packed.p[1] < 14; /* of 900,000 bytes at most, where it begins */
	return block ? NSIS_BZIP2 : NSIS_DEFLATE;
}

static struct error unpack_lzma(struct span in, struct buf *out, size_t *used)
{
	struct lzma_props props;
	bool says_filter = !is_lzma_properties(in);
	if (says_filter && in.n && in.p[0] == 1)
		return error_at(ERR_UNSUPPORTED, 0, "LZMA with a filter of branches");
	in = span_from(in, says_filter);
	if (!in.n || !lzma_props_split(in.p[0], &props) || in.n <= LZMA_HEADER)
		return error_at(ERR_CORRUPT, 0, "no properties of LZMA");
	enum error_code code = lzma1_decode_buf(props, span_from(in, LZMA_HEADER), UINT64_MAX, out, used);
	*used += LZMA_HEADER + says_filter;
	return code ? error_at(code, *used, "LZMA does not unpack to its end") : error_none();
}

/* Stored blocks as NSIS has them by itself; Debian's writes them as RFC 1951 does, and what it writes can not be installed. */
static struct error unpack_bare(struct span in, struct buf *out, size_t *used)
{
	size_t begin = out->n, n = 0;
	for (size_t room = BARE_FIRST;; room *= 2) {
		if (out->limit && room > out->limit - begin)
			room = out->limit - begin;
		enum error_code code = buf_reserve(out, room);
		if (code)
			return error_at(code, 0, "no room for what is packed");
		code = deflate_bare_decode(in, out->p + begin, room, used, &n);
		bool more = code == ERR_BUDGET && (!out->limit || room < out->limit - begin) && room < SIZE_MAX / 4;
		out->n = begin + (more ? 0 : n);
		if (!more)
			return code ? error_at(code, *used, "deflate does not unpack to its end") : error_none();
	}
}

/* The bit that early versions have in each block decides after 32 bits: what is read wrong does not get far. */
static struct error unpack_bzip2(struct span in, struct buf *out, size_t *used)
{
	size_t begin = out->n, other;
	enum error_code code = bzip2_bare_decode(in, false, out, used);
	if (code == ERR_CORRUPT && out->n == begin && bzip2_bare_decode(in, true, out, &other) != ERR_CORRUPT) {
		out->n = begin;
		code = bzip2_bare_decode(in, true, out, used);
	}
	return code ? error_at(code, *used, "bzip2 does not unpack to its end") : error_none();
}

struct error nsis_unpack(enum nsis_method method, struct span in, struct buf *out, size_t *used)
{
	size_t begin = out->n;
	*used = 0;
	switch (method) {
	case NSIS_LZMA:
		return unpack_lzma(in, out, used);
	case NSIS_DEFLATE: {
		struct error e = codec_stream(CODEC_DEFLATE, in, out, used);
		if (e.code != ERR_CORRUPT)
			return e;
		out->n = begin;
		return unpack_bare(in, out, used);
	}
	case NSIS_BZIP2:
		return unpack_bzip2(in, out, used);
	default:
		*used = in.n;
		return buf_add(out, in.p, in.n) ? error_at(ERR_BUDGET, 0, "%zu bytes are more than is allowed", in.n) : error_none();
	}
}
