/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple's streams of packed blocks: updates over the air, packages, archives (pbzx with xz, pbze with LZFSE and so on).
 *
 * Specification: The Apple Wiki, "Pbzx"; libNeoAppleArchive.
 */
#include "format/apple_codec.h"
#include "format/format.h"

#define HEADER 12u
#define BLOCK_HEADER 16u
#define BLOCK_MAX ((uint64_t)1 << 30)

struct block {
	uint64_t size, packed;
};

/* A block that is as large packed is stored. The size of blocks is in the header; the last one is smaller. */
static bool block_read(struct span s, uint64_t at, struct block *b)
{
	uint64_t most = span_u64be(s, 4);
	*b = (struct block){ span_u64be(s, at), span_u64be(s, at + 8) };
	return span_sub(s, at, BLOCK_HEADER).p && b->size > 0 && b->size <= most && b->packed > 0 && b->packed <= b->size;
}

/* What a packed block begins with. */
static bool is_packed(enum apple_codec codec, struct span in)
{
	switch (codec) {
	case APPLE_XZ:
		return span_starts(in, "\xfd" "7zXZ", 6);
	case APPLE_ZLIB:
		return in.n > 1 && (in.p[0] & 15) == 8 && span_u16be(in, 0) % 31 == 0;
	case APPLE_LZ4:
		return span_starts(in, "bv4", 3);
	case APPLE_LZFSE:
		return span_starts(in, "bvx", 3);
	default:
		return true;
	}
}

static bool pbz_probe(struct span at, struct format_match *match)
{
	struct block b;
	enum apple_codec codec = at.n > HEADER ? apple_codec_of((char)at.p[3]) : APPLE_UNKNOWN;
	uint64_t most = span_u64be(at, 4);
	if (!span_starts(at, "pbz", 3) || codec == APPLE_UNKNOWN || most < 4096 || most > BLOCK_MAX || !block_read(at, HEADER, &b) ||
		(b.packed < b.size && !is_packed(codec, span_from(at, HEADER + BLOCK_HEADER))))
		return false;
	match->size = SIZE_UNKNOWN;
	match->confidence = 85;
	return true;
}

/* One block. On error `out` holds what was there before it. */
static struct error block_unpack(enum apple_codec codec, struct span in, const struct block *b, struct buf *out)
{
	if (in.n < b->packed)
		return error_at(ERR_TRUNCATED, 0, "a block of %llu bytes is cut off", (unsigned long long)b->packed);
	enum error_code code = buf_reserve(out, (size_t)b->size);
	if (code)
		return error_at(code, 0, "a block of %llu bytes is more than is allowed", (unsigned long long)b->size);
	struct error e = apple_unpack(b->packed == b->size ? APPLE_STORED : codec, in, out->p + out->n, (size_t)b->size);
	if (!error_is(&e))
		out->n += (size_t)b->size;
	return e;
}

static struct error pbz_unpack(struct span bytes, struct buf *out, size_t *used)
{
	enum apple_codec codec = bytes.n > HEADER ? apple_codec_of((char)bytes.p[3]) : APPLE_UNKNOWN;
	uint64_t at = HEADER;
	struct block b;
	struct error e = error_none();
	while (!error_is(&e) && block_read(bytes, at, &b)) {
		e = block_unpack(codec, span_clip(bytes, at + BLOCK_HEADER, b.packed), &b, out);
		if (error_is(&e))
			e.offset = at;
		at += BLOCK_HEADER + b.packed;
		if (b.size < span_u64be(bytes, 4))
			break;
	}
	*used = at < bytes.n ? (size_t)at : bytes.n;
	return e;
}

static void pbz_describe(struct span bytes, struct sink *sink)
{
	emit_header_field(sink, 3, "compression", "%s", apple_codec_name(bytes.n > 3 ? apple_codec_of((char)bytes.p[3]) : APPLE_UNKNOWN));
	emit_header_field(sink, 4, "block_size", "%llu", (unsigned long long)span_u64be(bytes, 4));
}

static const struct format_magic magics[] = { MAGIC("pbzx", 0), MAGIC("pbze", 0), MAGIC("pbzz", 0), MAGIC("pbz4", 0),
											  MAGIC("pbzb", 0), MAGIC("pbzf", 0), MAGIC("pbz-", 0), MAGIC_END };

const struct format apple_pbz_format = {
	.name = "apple_pbz",
	.kind = FORMAT_COMPRESSION,
	.title = "Apple's packed blocks (pbzx, pbze, pbzz, pbz4)",
	.spec = "https://theapplewiki.com/wiki/Apple_Archive",
	.magics = magics,
	.probe = pbz_probe,
	.unpack = pbz_unpack,
	.describe = pbz_describe,
};
