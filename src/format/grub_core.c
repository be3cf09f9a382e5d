/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB 2 for the BIOS of PCs, as it stands behind the first sector of a disk or in a partition of its own: a decompressor, then kernel
 * and modules as raw LZMA, then what Reed and Solomon's code adds when it is installed.
 *
 * Specification: GRUB grub-core/boot/i386/pc/startup_raw.S, include/grub/offsets.h, util/mkimage.c (compress_kernel_lzma).
 */
#include "base/lzma.h"
#include "format/format.h"

#define LOADED_AT 0x8200u
#define COMPRESSED_AT 8u
#define HEADER 0x1cu
#define DECOMPRESSOR_MIN 0x400u
#define DECOMPRESSOR_MAX 0x2400u
#define UNPACKED_MAX (8u << 20)

struct core {
	uint32_t compressed, uncompressed, redundancy;
	uint64_t begin; /* of the compressed bytes */
};

/* The decompressor says where it ends: it takes the source behind itself, mov $1 MiB, %edi; mov $end, %esi; push %edi. */
static uint64_t decompressor_end(struct span code)
{
	static const char take_source[] = "\xbf\0\0\x10\0\xbe";
	size_t n = sizeof take_source - 1;
	const uint8_t *at = code.n ? memmem(code.p, code.n, take_source, n) : NULL;
	uint64_t after = at ? (uint64_t)(at - code.p) + n : 0;
	return at && span_has(code, after + 4, "\x57", 1) ? span_u32le(code, after) - (uint64_t)LOADED_AT : 0;
}

static bool core_read(struct span bytes, struct core *c)
{
	struct reader r = reader_le(span_sub(bytes, 0, HEADER));
	if (!span_starts(bytes, "\xea\x1c\x82\0\0\0\0\0", 8))
		return false;
	rd_skip(&r, COMPRESSED_AT);
	c->compressed = rd_u32(&r);
	c->uncompressed = rd_u32(&r);
	c->redundancy = rd_u32(&r);
	c->begin = decompressor_end(span_clip(bytes, 0, DECOMPRESSOR_MAX));
	return rd_ok(&r) && c->compressed && c->uncompressed >= c->compressed && c->uncompressed <= UNPACKED_MAX &&
		   c->redundancy <= UNPACKED_MAX && c->begin >= DECOMPRESSOR_MIN && c->begin <= DECOMPRESSOR_MAX;
}

static bool core_probe(struct span at, struct format_match *match)
{
	struct core c;
	*match = (struct format_match){ .size = SIZE_UNKNOWN, .confidence = 90 };
	return core_read(at, &c);
}

static struct error core_unpack(struct span bytes, struct buf *out, size_t *used)
{
	static const struct lzma_props props = { 3, 0, 2 };
	struct core c;
	size_t taken = 0, before = out->n;
	*used = 0;
	if (!core_read(bytes, &c))
		return error_at(ERR_CORRUPT, 0, "no decompressor of GRUB");
	struct span packed = span_clip(bytes, c.begin, c.compressed);
	enum error_code code = lzma1_decode_buf(props, packed, c.uncompressed, out, &taken);
	if (code || out->n - before != c.uncompressed)
		return error_at(code ? code : ERR_CORRUPT, c.begin + taken, "%zu of %u bytes came out", out->n - before, c.uncompressed);
	*used = (size_t)c.begin + span_clip(bytes, c.begin, (uint64_t)c.compressed + c.redundancy).n;
	return error_none();
}

static void core_describe(struct span bytes, struct sink *sink)
{
	struct core c;
	if (!core_read(bytes, &c))
		return;
	emit_header_field(sink, 8, "compressed_size", "%u", c.compressed);
	emit_header_field(sink, 12, "uncompressed_size", "%u", c.uncompressed);
	emit_header_field(sink, 16, "reed_solomon_redundancy", "%u", c.redundancy);
}

static const struct format_magic core_magics[] = { MAGIC("\xea\x1c\x82\0\0\0\0\0", 0), MAGIC_END };

const struct format grub_core_format = {
	.name = "grub_core",
	.kind = FORMAT_COMPRESSION,
	.title = "GRUB 2's core image for PC BIOS",
	.spec = "GRUB grub-core/boot/i386/pc/startup_raw.S",
	.magics = core_magics,
	.probe = core_probe,
	.unpack = core_unpack,
	.describe = core_describe,
};
