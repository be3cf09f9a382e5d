/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specifications: the headers of Apple's libcompression (compression.h), where COMPRESSION_LZ4 tells its frames; of LZSS BootX
 * bootx.tproj/sl.subproj/lzss.c. */
#include "format/apple_codec.h"

#include "base/codec.h"
#include "base/hash.h"
#include "base/lzfse.h"
#include "base/lzvn.h"

#define LZSS_WINDOW 4096u
#define LZSS_LONGEST 18u
#define LZSS_SHORTEST 3u
#define LZ4_WINDOW 65536u

const char *apple_codec_name(enum apple_codec codec)
{
	static const char *const names[] = { "an unknown method", "none", "zlib", "LZVN", "LZFSE", "LZBITMAP", "LZ4", "LZSS", "xz" };
	return names[codec];
}

enum apple_codec apple_codec_of(char letter)
{
	switch (letter) {
	case '-':
		return APPLE_STORED;
	case '4':
		return APPLE_LZ4;
	case 'b':
		return APPLE_LZBITMAP;
	case 'e':
		return APPLE_LZFSE;
	case 'f':
		return APPLE_LZVN;
	case 'x':
		return APPLE_XZ;
	case 'z':
		return APPLE_ZLIB;
	default:
		return APPLE_UNKNOWN;
	}
}

/* Deflate behind the two bytes of a zlib header; not all of Apple's makers write the sum behind it. */
static enum error_code unpack_zlib(struct span in, uint8_t *out, size_t n, size_t *got)
{
	size_t used = 0;
	if (in.n < 2 || (in.p[0] & 15) != 8 || span_u16be(in, 0) % 31)
		return ERR_CORRUPT;
	enum error_code code = codec_block_used(CODEC_DEFLATE, span_from(in, 2), out, n, &used, got);
	struct span sum = span_sub(in, 2 + used, 4);
	return code ? code : sum.p && span_u32be(sum, 0) != hash_adler32(span_of(out, *got)) ? ERR_CORRUPT : ERR_NONE;
}

/* A window that begins with blanks; eight flags, the lowest one first, say of what follows whether it is a byte. */
static size_t unpack_lzss(struct span in, uint8_t *out, size_t n)
{
	size_t got = 0, at = 0;
	unsigned flags = 1;
	while (got < n && at < in.n) {
		if (flags == 1)
			flags = in.p[at++] | 0x100u;
		bool literal = flags & 1;
		flags >>= 1;
		if (literal && at < in.n) {
			out[got++] = in.p[at++];
		} else if (!literal && in.n - at >= 2) {
			unsigned place = in.p[at] | (in.p[at + 1] & 0xf0u) << 4, length = (in.p[at + 1] & 15u) + LZSS_SHORTEST;
			at += 2;
			/* places are those of the window, in which the first byte goes to its end less the longest match */
			size_t back = (got + LZSS_WINDOW - LZSS_LONGEST - place - 1) % LZSS_WINDOW + 1;
			for (; length && got < n; length--, got++)
				out[got] = back <= got ? out[got - back] : ' ';
		} else {
			break;
		}
	}
	return got;
}

/* A block that is packed may go back into those before it, which raw LZ4 blocks of other frames may not. */
static size_t lz4_block(struct span in, uint8_t *out, size_t have, size_t room)
{
	struct reader r = reader_le(in);
	size_t got = 0;
	while (rd_ok(&r) && rd_left(&r)) {
		unsigned token = rd_u8(&r), more = 255;
		uint64_t literals = token >> 4, length = (token & 15) + 4;
		for (; (token >> 4) == 15 && more == 255 && rd_ok(&r); literals += more)
			more = rd_u8(&r);
		struct span plain = rd_bytes(&r, literals);
		if (!rd_ok(&r) || plain.n > room - got)
			return got;
		if (plain.n)
			memcpy(out + got, plain.p, plain.n);
		got += plain.n;
		if (!rd_left(&r))
			return got;
		size_t back = rd_u16(&r);
		for (more = 255; (token & 15) == 15 && more == 255 && rd_ok(&r); length += more)
			more = rd_u8(&r);
		if (!rd_ok(&r) || !back || back > have + got)
			return got;
		for (; length && got < room; length--, got++)
			out[got] = *(out + got - back);
		if (length)
			return got;
	}
	return got;
}

static size_t unpack_lz4(struct span in, uint8_t *out, size_t n)
{
	struct reader r = reader_le(in);
	size_t got = 0;
	for (;;) {
		struct span magic = rd_bytes(&r, 4);
		bool packed = span_starts(magic, "bv41", 4);
		if (!packed && !span_starts(magic, "bv4-", 4))
			return got;
		uint32_t size = rd_u32(&r);
		struct span block = rd_bytes(&r, packed ? rd_u32(&r) : size);
		if (!rd_ok(&r) || size > n - got)
			return got;
		size_t made = packed ? lz4_block(block, out + got, got < LZ4_WINDOW ? got : LZ4_WINDOW, size) : size;
		if (!packed && size)
			memcpy(out + got, block.p, size);
		got += made;
		if (made != size)
			return got;
	}
}

struct error apple_unpack(enum apple_codec codec, struct span in, uint8_t *out, size_t n)
{
	size_t got = 0, used = 0;
	enum error_code code = ERR_NONE;
	switch (codec) {
	case APPLE_STORED:
		got = in.n < n ? in.n : n;
		if (got)
			memcpy(out, in.p, got);
		break;
	case APPLE_ZLIB:
		code = unpack_zlib(in, out, n, &got);
		break;
	case APPLE_XZ:
		code = codec_block(CODEC_XZ, in, out, n, &got);
		break;
	case APPLE_LZSS:
		got = unpack_lzss(in, out, n);
		break;
	case APPLE_LZ4:
		got = unpack_lz4(in, out, n);
		break;
	case APPLE_LZFSE:
		code = lzfse_decode(in, out, n, &got);
		break;
	case APPLE_LZVN:
		code = lzvn_decode(in, out, 0, n, &got, &used);
		break;
	default: /* LZBITMAP */
		return error_at(ERR_UNSUPPORTED, 0, "it is compressed with %s, which is not unpacked", apple_codec_name(codec));
	}
	bool full = got == n && code == ERR_TRUNCATED; /* not all makers write the mark at the end */
	if (code && code != ERR_BUDGET && !full)
		return error_at(code, got, "what is packed with %s is broken", apple_codec_name(codec));
	return got == n ? error_none() : error_at(ERR_CORRUPT, got, "%s gives %zu of %zu bytes", apple_codec_name(codec), got, n);
}
