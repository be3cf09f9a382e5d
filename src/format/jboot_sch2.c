/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SCH2: the header of a kernel that the JBOOT boot loader starts (Amit; D-Link). The root file system stands where the header says in
 * the flash, which need not be in the image.
 *
 * Specification: github.com/anphsw/openbinboy; binwalk src/structures/jboot.rs.
 */
#include "base/hash.h"
#include "format/wrapper.h"

#define HEADER_SIZE 40u
#define CRC_AT 32u

struct sch2 {
	uint8_t compression;
	uint32_t entry, size, crc, address, rootfs_at, rootfs_size;
};

/* The CRC covers the header with zeros in its own place. */
static bool sch2_read(struct span bytes, struct sch2 *s)
{
	uint8_t header[HEADER_SIZE];
	struct reader r = reader_le(bytes);
	rd_skip(&r, 2);
	s->compression = rd_u8(&r);
	uint8_t version = rd_u8(&r);
	s->entry = rd_u32(&r);
	s->size = rd_u32(&r);
	s->crc = rd_u32(&r);
	s->address = rd_u32(&r);
	s->rootfs_at = rd_u32(&r);
	s->rootfs_size = rd_u32(&r);
	rd_skip(&r, 4);
	uint32_t crc = rd_u32(&r);
	uint16_t header_size = rd_u16(&r);
	rd_skip(&r, 2);
	if (!rd_ok(&r) || !span_starts(bytes, "\x24\x21", 2) || version != 2 || s->compression > 3 || header_size != HEADER_SIZE || !s->size)
		return false;
	memcpy(header, bytes.p, sizeof header);
	memset(header + CRC_AT, 0, 4);
	return hash_crc32(0, span_of(header, sizeof header)) == crc;
}

static bool sch2_probe(struct span at, struct format_match *match)
{
	struct sch2 s;
	if (!sch2_read(at, &s))
		return false;
	match->size = HEADER_SIZE + (uint64_t)s.size;
	match->confidence = 95;
	return true;
}

static struct error sch2_walk(struct span bytes, struct walk *w)
{
	static const char *const compressions[] = { "none", "jz", "gzip", "LZMA" };
	struct sch2 s;
	if (!sch2_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no SCH2 header whose CRC is right");
	struct span kernel = span_clip(bytes, HEADER_SIZE, s.size);
	emit_header_field(w->sink, 2, "compression", "%s", compressions[s.compression]);
	emit_header_field(w->sink, 4, "entry", "0x%08x", s.entry);
	emit_header_field(w->sink, 16, "address", "0x%08x", s.address);
	emit_header_field(w->sink, 20, "rootfs", "%u bytes at 0x%x of the flash", s.rootfs_size, s.rootfs_at);
	wrapper_check_u32(w, 12, "kernel crc32", kernel.n == s.size, s.crc, hash_crc32(0, kernel));
	(void)wrapper_region(w, bytes, HEADER_SIZE, s.size, TEXT_LIT("kernel"), NULL);
	return error_none();
}

static const struct format_magic sch2_magics[] = { MAGIC("\x24\x21\0\x02", 0), MAGIC("\x24\x21\x01\x02", 0),
												   MAGIC("\x24\x21\x02\x02", 0), MAGIC("\x24\x21\x03\x02", 0), MAGIC_END };

const struct format jboot_sch2_format = {
	.name = "jboot_sch2",
	.kind = FORMAT_CONTAINER,
	.title = "Kernel with a JBOOT SCH2 header",
	.spec = "github.com/anphsw/openbinboy",
	.magics = sch2_magics,
	.probe = sch2_probe,
	.walk = sch2_walk,
};
