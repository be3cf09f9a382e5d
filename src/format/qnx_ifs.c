/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot image of QNX: a start-up program with a header, then an image file system, which may be compressed.
 *
 * Specification: QNX sys/startup.h (struct startup_header); BSP libstartup uncompress.c; dumpifs.
 */

#include "base/codec.h"
#include "format/nrv.h"
#include "format/region.h"

#define HEADER 256u
#define CHUNK_MAX 65536u
#define IS_BIG_ENDIAN 2u

enum { PLAIN = 0, ZLIB = 1, LZO = 2, UCL = 3 };

struct ifs {
	bool big;
	uint8_t compression;
	uint16_t machine, preboot;
	uint32_t startup_size, stored_size, imagefs_size;
	struct span packed;
};

static bool ifs_read(struct span bytes, struct ifs *f)
{
	*f = (struct ifs){ .big = span_starts(bytes, "\0\xff\x7e\xeb", 4) };
	struct reader r = reader_of(bytes, f->big);
	if (!f->big && !span_starts(bytes, "\xeb\x7e\xff\0", 4))
		return false;
	rd_skip(&r, 4);
	uint16_t version = rd_u16(&r);
	uint8_t flags = rd_u8(&r);
	rd_skip(&r, 1);
	uint16_t header = rd_u16(&r);
	f->machine = rd_u16(&r);
	rd_skip(&r, 20);
	f->startup_size = rd_u32(&r);
	f->stored_size = rd_u32(&r);
	rd_skip(&r, 4);
	f->imagefs_size = rd_u32(&r);
	f->preboot = rd_u16(&r);
	f->compression = flags >> 2 & 7;
	f->packed = span_clip(bytes, f->startup_size, (uint64_t)f->stored_size - f->startup_size);
	return rd_ok(&r) && version == 1 && header == HEADER && f->compression <= UCL &&
		   !!(flags & IS_BIG_ENDIAN) == f->big && f->startup_size > HEADER && f->stored_size > f->startup_size &&
		   f->stored_size < 1u << 30 && f->imagefs_size < 1u << 30;
}

static bool ifs_probe(struct span at, struct format_match *match)
{
	struct ifs f;
	if (!ifs_read(at, &f))
		return false;
	match->size = f.stored_size;
	match->confidence = 85;
	return true;
}

/* Blocks of 64 KiB, each with its packed length before it in big endian; a length of zero ends them. */
static struct error unpack_imagefs(const void *fs, const void *file, struct buf *out)
{
	const struct ifs *f = file;
	size_t at = 0, end = out->n + f->imagefs_size;
	(void)fs;
	while (out->n < end) {
		uint16_t n = span_u16be(f->packed, at);
		struct span block = span_sub(f->packed, at + 2, n);
		size_t got = 0;
		if (!n || !block.p)
			return error_at(ERR_TRUNCATED, f->startup_size + at, "the image file system ends before its %u bytes",
							f->imagefs_size);
		if (buf_reserve(out, CHUNK_MAX))
			return error_at(ERR_BUDGET, f->startup_size + at, "the image file system has %u bytes", f->imagefs_size);
		enum error_code code = f->compression == LZO ? codec_block(CODEC_LZO1X, block, out->p + out->n, CHUNK_MAX, &got)
													 : nrv_decode(NRV2B, 1, block, out->p + out->n, CHUNK_MAX, &got);
		out->n += got;
		if (code)
			return error_at(code, f->startup_size + at, "a block of the image file system does not unpack");
		at += 2 + (size_t)n;
	}
	return error_none();
}

static struct error ifs_walk(struct span bytes, struct walk *w)
{
	static const char *const names[] = { "none", "zlib", "lzo", "ucl" };
	static const struct content_ops ops = { .unpack = unpack_imagefs };
	struct ifs *f = ARENA_NEW(w->arena, struct ifs);
	if (!f)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!ifs_read(bytes, f))
		return error_at(ERR_CORRUPT, 0, "no startup header");
	emit_header_field(w->sink, 6, "compression", "%s", names[f->compression]);
	emit_header_field(w->sink, 10, "machine", "%u", f->machine);
	emit_header_field(w->sink, 0x20, "startup_size", "%u", f->startup_size);
	emit_header_field(w->sink, 0x24, "stored_size", "%u", f->stored_size);
	emit_header_field(w->sink, 0x2c, "imagefs_size", "%u", f->imagefs_size);
	/* Without the header, which would be taken for another image. */
	if (!region_emit(w, "startup", bytes, HEADER, f->startup_size - HEADER, NULL))
		return error_none();
	if (f->compression == PLAIN || f->compression == ZLIB) {
		region_emit(w, "imagefs", bytes, f->startup_size, f->stored_size - f->startup_size,
					f->compression == PLAIN ? "qnx_imagefs" : "gzip");
		return error_none();
	}
	struct content content = { .kind = CONTENT_STREAM, .ops = &ops, .file = f };
	(void)region_emit_content(w, "imagefs", f->imagefs_size, content, "qnx_imagefs");
	return error_none();
}

static const struct format_magic ifs_magics[] = { MAGIC("\xeb\x7e\xff\0\1\0", 0), MAGIC("\0\xff\x7e\xeb\0\1", 0),
												  MAGIC_END };

const struct format qnx_ifs_format = {
	.name = "qnx_ifs",
	.kind = FORMAT_KERNEL,
	.title = "QNX boot image (IFS): plain, zlib, LZO, UCL",
	.spec = "QNX sys/startup.h",
	.magics = ifs_magics,
	.probe = ifs_probe,
	.walk = ifs_walk,
};
