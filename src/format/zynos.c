/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ZyXEL ZyNOS objects ("ras" images begin with one): a 48-byte header with sizes and sums of compressed or plain
 * data. A boot extension has only two bytes summed; the rest of the flash follows it.
 *
 * Specification: OpenWrt firmware-utils src/zynos.h, src/mkzynfw.c.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 48u
#define FLAG_COMPRESSED_SUM 0x20u
#define FLAG_PLAIN_SUM 0x40u
#define FLAG_COMPRESSED 0x80u
#define SIZE_LIMIT (64u << 20)
#define TYPE_BOOTEXT 3u

struct rombin {
	uint32_t addr, plain_size, packed_size, map_addr;
	uint8_t type, flags;
	uint16_t plain_sum, packed_sum;
	struct span version;
};

static bool rombin_read(struct span bytes, struct rombin *b)
{
	struct reader r = reader_be(bytes);
	b->addr = rd_u32(&r);
	uint64_t zeros = rd_u16(&r);
	rd_skip(&r, 3);
	b->type = rd_u8(&r);
	b->plain_size = rd_u32(&r);
	b->packed_size = rd_u32(&r);
	b->flags = rd_u8(&r);
	zeros |= rd_u8(&r);
	b->plain_sum = rd_u16(&r);
	b->packed_sum = rd_u16(&r);
	b->version = rd_bytes(&r, 15);
	b->map_addr = rd_u32(&r);
	zeros |= rd_u32(&r) | rd_u8(&r);
	return rd_ok(&r) && span_has(bytes, 6, "SIG", 3) && !zeros &&
		   ((b->type >= 1 && b->type <= 7) || (b->type & 0x7f) <= 2) && b->plain_size && b->plain_size < SIZE_LIMIT &&
		   b->packed_size < SIZE_LIMIT && (!b->version.p[0] || wrapper_is_text(b->version));
}

static bool is_whole_image(const struct rombin *b)
{
	return b->type == TYPE_BOOTEXT && b->plain_size == 2 && !(b->flags & FLAG_COMPRESSED);
}

static uint32_t data_size(const struct rombin *b)
{
	return b->flags & FLAG_COMPRESSED ? b->packed_size : b->plain_size;
}

static bool rombin_probe(struct span at, struct format_match *match)
{
	struct rombin b;
	if (!rombin_read(at, &b))
		return false;
	match->size = is_whole_image(&b) ? at.n : (uint64_t)HEADER_SIZE + data_size(&b);
	match->confidence = 85;
	return match->size > HEADER_SIZE;
}

static struct error rombin_walk(struct span bytes, struct walk *w)
{
	struct rombin b;
	if (!rombin_read(bytes, &b))
		return error_at(ERR_CORRUPT, 0, "no header of a ZyNOS object");
	emit_header_field(w->sink, 0, "addr", "0x%08x", b.addr);
	emit_header_field(w->sink, 9, "type", "0x%02x", b.type);
	emit_header_field(w->sink, 10, "osize", "%u", b.plain_size);
	emit_header_field(w->sink, 14, "csize", "%u", b.packed_size);
	emit_header_field(w->sink, 18, "flags", "0x%02x", b.flags);
	wrapper_field(w, 24, "ver", b.version);
	if (b.map_addr)
		emit_header_field(w->sink, 39, "mmap_addr", "0x%08x", b.map_addr);
	bool packed = b.flags & FLAG_COMPRESSED;
	struct span data = span_clip(bytes, HEADER_SIZE, data_size(&b));
	if (b.flags & (packed ? FLAG_COMPRESSED_SUM : FLAG_PLAIN_SUM))
		wrapper_check_u32(w, packed ? 22 : 20, packed ? "ccsum" : "ocsum", data.n == data_size(&b),
						  packed ? b.packed_sum : b.plain_sum, wrapper_sum16(data, true, true));
	uint64_t size = is_whole_image(&b) ? bytes.n - HEADER_SIZE : data_size(&b);
	(void)wrapper_region(w, bytes, HEADER_SIZE, size, is_whole_image(&b) ? TEXT_LIT("image") : TEXT_LIT("object"),
						 NULL);
	return error_none();
}

static const struct format_magic rombin_magics[] = { MAGIC("SIG", 6), MAGIC_END };

const struct format zynos_format = {
	.name = "zynos",
	.kind = FORMAT_CONTAINER,
	.title = "ZyXEL ZyNOS object (ras)",
	.spec = "OpenWrt firmware-utils src/zynos.h",
	.magics = rombin_magics,
	.probe = rombin_probe,
	.walk = rombin_walk,
};
