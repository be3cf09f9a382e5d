/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAR archives, versions 1.5 to 5: where they end. Their entries are read by libarchive (format/archive.h), but for what rar5.c tells.
 * Specification: "RAR 5.0 archive format" and technote.txt of RAR.
 */
#include "format/rar.h"

#include "base/hash.h"
#include "base/leb128.h"

#define RAR_HEADER_MAX 16384u /* the format allows 2 MiB; what a name and some dates need is far below */

uint64_t rar5_block(struct span at, uint64_t *type)
{
	struct reader r = reader_le(at);
	uint32_t crc = rd_u32(&r);
	uint64_t size = rd_leb128(&r), header_end = r.at + size;
	struct span covered = span_sub(at, 4, header_end > 4 ? header_end - 4 : 0);
	*type = rd_leb128(&r);
	uint64_t flags = rd_leb128(&r);
	if (flags & 1)
		(void)rd_leb128(&r); /* extra area */
	uint64_t data = flags & 2 ? rd_leb128(&r) : 0;
	if (!rd_ok(&r) || size > RAR_HEADER_MAX || !covered.p || hash_crc32(0, covered) != crc || data > UINT64_MAX / 4)
		return 0;
	return header_end + data;
}

/* The same for RAR 1.5 to 4. */
static uint64_t rar4_block(struct span at, uint64_t *type)
{
	struct reader r = reader_le(at);
	uint16_t crc = rd_u16(&r);
	*type = rd_u8(&r);
	uint16_t flags = rd_u16(&r), size = rd_u16(&r);
	uint64_t data = flags & 0x8000 ? rd_u32(&r) : 0;
	if ((*type == 0x74 || *type == 0x7a) && flags & 0x100) { /* a file of more than 4 GiB */
		rd_seek(&r, 32);
		data |= (uint64_t)rd_u32(&r) << 32;
	}
	struct span covered = span_sub(at, 2, size > 2 ? size - 2u : 0);
	if (!rd_ok(&r) || size < 7 || !covered.p || (hash_crc32(0, covered) & 0xffff) != crc || data > UINT64_MAX / 4)
		return 0;
	return size + data;
}

static bool rar_probe(struct span at, struct format_match *match)
{
	bool five = span_starts(at, "Rar!\x1a\7\1\0", 8);
	if (!five && !span_starts(at, "Rar!\x1a\7\0", 7))
		return false;
	uint64_t end = five ? 8 : 7, type, blocks = 0;
	for (;; blocks++) {
		struct span rest = span_from(at, end);
		uint64_t size = five ? rar5_block(rest, &type) : rar4_block(rest, &type);
		if (!size)
			break;
		end += size;
		if (type == (five ? 5 : 0x7b)) { /* end of archive */
			blocks++;
			break;
		}
	}
	match->size = end;
	match->confidence = 90;
	return blocks > 0;
}

static int enable_rar(struct archive *a)
{
	int r = archive_read_support_format_rar(a);
	return r < ARCHIVE_WARN ? r : archive_read_support_format_rar5(a);
}

/* Whether the archive is one of several volumes, which its first block tells. */
static bool is_volume(struct span bytes)
{
	if (!span_starts(bytes, "Rar!\x1a\7\1\0", 8))
		return span_has(bytes, 9, "\x73", 1) && span_u16le(bytes, 10) & 1;
	struct reader r = reader_le(span_from(bytes, 12)); /* behind the CRC */
	(void)rd_leb128(&r);                               /* size */
	bool main_header = rd_leb128(&r) == 1;
	uint64_t flags = rd_leb128(&r);
	if (flags & 1)
		(void)rd_leb128(&r); /* extra area */
	return main_header && rd_leb128(&r) & 1 && rd_ok(&r);
}

/* ---- methods of versions before 2.9, which libarchive takes for that of 2.9 ---- */

#define RAR4_FILE 0x74u
#define RAR4_MAIN_FLAGS_AT 10u
#define RAR4_SOLID 8u
#define RAR4_VERSION 24u /* UNP_VER, behind which stands the method */
#define RAR4_VERSION_READ 29u
#define RAR4_STORED 0x30u

struct rar4_files {
	struct span bytes;
	uint64_t at;
	unsigned number; /* of the last file that begins before `at` */
};

static struct error refuse_old(void *context, unsigned number)
{
	struct rar4_files *f = context;
	struct span block = { NULL, 0 };
	while (f->number < number) {
		uint64_t type, size = rar4_block(span_from(f->bytes, f->at), &type);
		if (!size)
			return error_none();
		block = span_from(f->bytes, f->at);
		f->number += type == RAR4_FILE;
		f->at += size;
	}
	if (block.n < RAR4_VERSION + 2 || block.p[RAR4_VERSION] >= RAR4_VERSION_READ || block.p[RAR4_VERSION + 1] == RAR4_STORED)
		return error_none();
	return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "packed as version %u.%u of RAR does, which is not read", block.p[RAR4_VERSION] / 10u,
					block.p[RAR4_VERSION] % 10u);
}

static struct error rar_walk(struct span bytes, struct walk *w)
{
	if (is_volume(bytes))
		emit_damage_at(w->sink, ERR_UNSUPPORTED, 0,
					   "it is one volume of several: files that go on in another one are not read whole, or not at all");
	if (span_starts(bytes, RAR5_MAGIC, RAR5_MAGIC_SIZE))
		return rar5_walk(bytes, w, enable_rar);
	struct rar4_files files = { .bytes = bytes, .at = 7 };
	struct error e = archive_walk_helped(bytes, w, enable_rar, &(struct archive_help){ .refuse = refuse_old, .context = &files });
	if (e.code == ERR_CORRUPT && span_u16le(bytes, RAR4_MAIN_FLAGS_AT) & RAR4_SOLID)
		e.code = ERR_UNSUPPORTED; /* libarchive ends at a solid archive, as at a broken one */
	return e;
}

static const struct format_magic rar_magics[] = { MAGIC("Rar!\x1a\7\0", 0), MAGIC("Rar!\x1a\7\1\0", 0), MAGIC_END };

const struct format rar_format = {
	"rar", FORMAT_ARCHIVE, "RAR archive, versions 1.5 to 5", "RAR 5.0 archive format", rar_magics, rar_probe, rar_walk,
	NULL
};
