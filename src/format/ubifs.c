/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UBIFS, in a volume of UBI or as an image of its own: it begins with its superblock node.
 *
 * Specification: Linux fs/ubifs/ubifs-media.h, sb.c, master.c.
 */

#include "base/hash.h"
#include "format/ubifs_image.h"

#define LEB_MIN 4096u
#define LEB_MAX (4u << 20)
#define MASTER_FIRST 1u /* LEB */
#define MASTER_LEBS 2u
#define MASTER_SIZE 512u

/* Sizes that no node of the type exceeds, so that no CRC is taken of more. */
static uint32_t size_max(enum ubifs_type type)
{
	if (type <= UBIFS_XATTR)
		return UBIFS_NODE_MAX;
	return type == UBIFS_MASTER ? MASTER_SIZE : LEB_MAX;
}

/* The CRC is that of zlib without its final inversion. */
struct span ubifs_node(struct span image, uint64_t at, enum ubifs_type type)
{
	struct span header = span_sub(image, at, UBIFS_HEADER);
	if (!span_starts(header, UBIFS_MAGIC, 4) || header.p[20] != type)
		return SPAN_NONE;
	uint32_t size = span_u32le(header, 16);
	struct span node = span_sub(image, at, size);
	if (size < UBIFS_HEADER || size > size_max(type) || !node.p ||
		hash_crc32_raw(UINT32_MAX, span_from(node, 8)) != span_u32le(header, 4))
		return SPAN_NONE;
	return node;
}

static bool super_read(struct span image, struct ubifs_super *s)
{
	struct span node = ubifs_node(image, 0, UBIFS_SUPERBLOCK);
	if (node.n != UBIFS_SUPERBLOCK_SIZE)
		return false;
	struct reader r = reader_le(node);
	rd_skip(&r, UBIFS_HEADER + 2);
	s->key_hash = rd_u8(&r);
	s->key_format = rd_u8(&r);
	s->flags = rd_u32(&r);
	s->min_io_size = rd_u32(&r);
	s->leb_size = rd_u32(&r);
	s->leb_count = rd_u32(&r);
	s->leb_count_max = rd_u32(&r);
	rd_skip(&r, 8);
	s->log_lebs = rd_u32(&r);
	s->lpt_lebs = rd_u32(&r);
	s->orphan_lebs = rd_u32(&r);
	rd_skip(&r, 4);
	s->fanout = rd_u32(&r);
	rd_skip(&r, 4);
	s->version = rd_u32(&r);
	s->compression = rd_u16(&r);
	rd_skip(&r, 2 + 4 + 4 + 8 + 4);
	struct span uuid = rd_bytes(&r, sizeof s->uuid);
	if (uuid.p)
		memcpy(s->uuid, uuid.p, uuid.n);
	s->hash_algorithm = span_u16le(node, 256);
	return true;
}

/* Whether it tells where anything is. */
static bool has_places(const struct ubifs_super *s)
{
	return s->leb_size >= LEB_MIN && s->leb_size <= LEB_MAX && s->leb_size % 8 == 0 && s->leb_count > 0;
}

static bool ubifs_probe(struct span at, struct format_match *match)
{
	struct ubifs_super super;
	if (!super_read(at, &super))
		return false;
	match->size = has_places(&super) ? (uint64_t)super.leb_size * super.leb_count : UBIFS_SUPERBLOCK_SIZE;
	match->confidence = 95;
	return true;
}

static void emit_super(struct walk *w, const struct ubifs_super *s)
{
	static const char *const compressions[] = { "none", "lzo", "zlib", "zstd" };
	/* enum hash_algo of include/uapi/linux/hash_info.h */
	static const char *const hashes[] = { "md4", "md5", "sha1", "rmd160", "sha256", "sha384", "sha512", "sha224" };
	char uuid[33];
	hash_hex(s->uuid, sizeof s->uuid, uuid);
	emit_header_field(w->sink, 80, "fmt_version", "%lu", (unsigned long)s->version);
	emit_header_field(w->sink, 26, "key_hash", "%s", s->key_hash == 0 ? "r5" : s->key_hash == 1 ? "test" : "unknown");
	emit_header_field(w->sink, 28, "flags", "0x%lx", (unsigned long)s->flags);
	emit_header_field(w->sink, 32, "min_io_size", "%lu", (unsigned long)s->min_io_size);
	emit_header_field(w->sink, 36, "leb_size", "%lu", (unsigned long)s->leb_size);
	emit_header_field(w->sink, 40, "leb_cnt", "%lu", (unsigned long)s->leb_count);
	emit_header_field(w->sink, 44, "max_leb_cnt", "%lu", (unsigned long)s->leb_count_max);
	emit_header_field(w->sink, 84, "default_compr", "%s",
					  s->compression < sizeof compressions / sizeof *compressions ? compressions[s->compression]
																				  : "unknown");
	emit_header_field(w->sink, 108, "uuid", "%s", uuid);
	if (s->flags & UBIFS_AUTHENTICATION)
		emit_header_field(w->sink, 256, "hash_algo", "%s",
						  s->hash_algorithm < sizeof hashes / sizeof *hashes ? hashes[s->hash_algorithm] : "unknown");
}

/* The newest master node of the two LEBs that they are appended to in turn. Both hold the same ones. */
static bool master_read(struct ubifs *fs)
{
	struct ubifs_master *m = &fs->master;
	for (uint32_t lnum = MASTER_FIRST; lnum < MASTER_FIRST + MASTER_LEBS; lnum++)
		for (uint32_t offset = 0; offset + MASTER_SIZE <= fs->super.leb_size; offset += 8) {
			uint64_t at = ubifs_place(fs, lnum, offset);
			struct span node = ubifs_node(fs->image, at, UBIFS_MASTER);
			if (node.n != MASTER_SIZE)
				continue;
			uint64_t sqnum = ubifs_u64(node, 8);
			if (m->at && sqnum <= m->sqnum)
				continue;
			*m = (struct ubifs_master){ at,
										sqnum,
										ubifs_u64(node, 32),
										span_u32le(node, 40),
										span_u32le(node, 44),
										span_u32le(node, 48),
										span_u32le(node, 52),
										span_u32le(node, 56) };
		}
	return m->at != 0;
}

static void emit_master(const struct ubifs *fs)
{
	const struct ubifs_master *m = &fs->master;
	struct sink *sink = fs->walk->sink;
	emit_header_field(sink, m->at + 32, "cmt_no", "%llu", (unsigned long long)m->commit);
	emit_header_field(sink, m->at + 40, "master_flags", "0x%lx%s", (unsigned long)m->flags,
					  m->flags & 1 ? " (not unmounted cleanly)" : "");
}

static struct error ubifs_walk(struct span bytes, struct walk *w)
{
	struct ubifs *fs = ARENA_NEW(w->arena, struct ubifs);
	if (!fs)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	fs->image = bytes;
	fs->walk = w;
	if (!super_read(bytes, &fs->super))
		return error_at(ERR_CORRUPT, 0, "no superblock node");
	emit_super(w, &fs->super);
	if (!has_places(&fs->super))
		return error_at(ERR_CORRUPT, 36, "%lu LEBs of %lu bytes can not be: no file is read", (unsigned long)fs->super.leb_count,
						(unsigned long)fs->super.leb_size);
	if (fs->super.key_format != 0)
		return error_at(ERR_UNSUPPORTED, 27, "key format %u is not known", fs->super.key_format);
	if (master_read(fs))
		emit_master(fs);
	struct error e = ubifs_collect(fs);
	if (!error_is(&e))
		e = ubifs_traverse(fs);
	emit_damage_further(w->sink, fs->damages);
	fs->walk = NULL;
	return e;
}

static const struct format_magic ubifs_magics[] = { MAGIC(UBIFS_MAGIC, 0), MAGIC_END };

const struct format ubifs_format = {
	.name = "ubifs",
	.kind = FORMAT_FILESYSTEM,
	.title = "UBIFS file system",
	.spec = "Linux fs/ubifs/ubifs-media.h",
	.magics = ubifs_magics,
	.probe = ubifs_probe,
	.walk = ubifs_walk,
};
