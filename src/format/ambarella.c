/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ambarella's camera firmware. A partition of it: a header with a CRC before the bytes; they stand one behind the
 * other, after a header of the model that tells less. And the file system of its RTOS.
 *
 * Specification: github.com/o-gs/dji-firmware-tools amba_fwpak.py and amba_romfs.py.
 */
#include "base/hash.h"
#include "format/path.h"
#include "format/region.h"
#include "format/wrapper.h"

#define PART_HEADER 256u
#define ROMFS_HEADER 2048u
#define ROMFS_ENTRY 128u
#define FILES_MAX 65536u

struct part {
	uint32_t crc, version, date, size, address, flags;
};

static bool part_read(struct span bytes, struct part *p)
{
	struct reader r = reader_le(bytes);
	*p = (struct part){ 0 };
	uint32_t *const fields[] = { &p->crc, &p->version, &p->date, &p->size, &p->address, &p->flags };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		*fields[i] = rd_u32(&r);
	uint32_t year = p->date >> 16, month = p->date >> 8 & 0xff, day = p->date & 0xff;
	return rd_ok(&r) && span_has(bytes, 24, "\x90\xeb\x24\xa3", 4) && bytes.n >= PART_HEADER && p->size &&
		   p->size < 1u << 31 &&
		   ((year >= 1990 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31) ||
			(!p->date && span_is_zero(span_sub(bytes, 28, PART_HEADER - 28)))); /* then what is reserved has to tell */
}

static bool part_probe(struct span at, struct format_match *match)
{
	struct part p;
	if (!part_read(at, &p))
		return false;
	match->size = PART_HEADER + (uint64_t)p.size;
	match->confidence = 85;
	return true;
}

static struct error part_walk(struct span bytes, struct walk *w)
{
	struct part p;
	if (!part_read(bytes, &p))
		return error_at(ERR_CORRUPT, 0, "no header of a partition");
	struct span data = span_sub(bytes, PART_HEADER, p.size);
	wrapper_check_u32(w, 0, "crc32", data.p, p.crc, data.p ? hash_crc32(0, data) : 0);
	emit_header_field(w->sink, 4, "version", "%u.%u", p.version >> 16, p.version & 0xffff);
	emit_header_field(w->sink, 8, "build_date", "%04u-%02u-%02u", p.date >> 16, p.date >> 8 & 0xff, p.date & 0xff);
	emit_header_field(w->sink, 16, "mem_addr", "0x%08x", p.address);
	emit_header_field(w->sink, 20, "flag1", "0x%08x", p.flags);
	region_emit(w, "partition", bytes, PART_HEADER, p.size, NULL);
	return error_none();
}

static bool file_is_sane(struct span bytes, uint64_t i)
{
	struct span e = span_sub(bytes, ROMFS_HEADER + i * ROMFS_ENTRY, ROMFS_ENTRY);
	return span_has(e, 124, "\x76\xab\x87\x23", 4) && wrapper_is_text(span_sub(e, 0, 116));
}

static bool romfs_probe(struct span at, struct format_match *match)
{
	uint32_t n = span_u32le(at, 0);
	if (!span_has(at, 4, "\x8a\x32\xfc\x66", 4) || !n || n > FILES_MAX || !file_is_sane(at, 0))
		return false;
	match->size = ROMFS_HEADER + (uint64_t)n * ROMFS_ENTRY;
	for (uint32_t i = 0; i < n && file_is_sane(at, i); i++) {
		uint64_t entry = ROMFS_HEADER + (uint64_t)i * ROMFS_ENTRY,
				 end = (uint64_t)span_u32le(at, entry + 116) + span_u32le(at, entry + 120);
		match->size = end > match->size ? end : match->size;
	}
	match->confidence = 90;
	return true;
}

static struct error romfs_walk(struct span bytes, struct walk *w)
{
	uint32_t n = span_u32le(bytes, 0);
	struct path_buffer buffer = { .arena = w->arena };
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = ROMFS_HEADER + (uint64_t)i * ROMFS_ENTRY;
		if (!file_is_sane(bytes, i))
			return error_at(ERR_CORRUPT, at, "entry %u of %u is none", i, n);
		struct entry e = { ENTRY_INIT, .kind = ENTRY_FILE,
						   .path = path_from_root(&buffer, wrapper_text(span_sub(bytes, at, 116))) };
		e.offset = span_u32le(bytes, at + 116);
		e.size = span_u32le(bytes, at + 120);
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(bytes, e.offset, e.size) };
		if (e.content.bytes.n < e.size)
			emit_damage_at(w->sink, ERR_TRUNCATED, at, "file %u lies beyond the end", i);
		if (!e.path.p || !w->child(w, &e))
			break;
	}
	return error_none();
}

static const struct format_magic part_magics[] = { MAGIC("\x90\xeb\x24\xa3", 24), MAGIC_END };
static const struct format_magic romfs_magics[] = { MAGIC("\x8a\x32\xfc\x66", 4), MAGIC_END };

const struct format ambarella_format = {
	.name = "ambarella",
	.kind = FORMAT_CONTAINER,
	.title = "partition of Ambarella's firmware",
	.spec = "github.com/o-gs/dji-firmware-tools amba_fwpak.py",
	.magics = part_magics,
	.probe = part_probe,
	.walk = part_walk,
};
const struct format ambarella_romfs_format = {
	.name = "ambarella_romfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "Ambarella ROMFS",
	.spec = "github.com/o-gs/dji-firmware-tools amba_romfs.py",
	.magics = romfs_magics,
	.probe = romfs_probe,
	.walk = romfs_walk,
};
