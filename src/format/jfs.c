/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JFS of OS/2 and Linux.
 *
 * Specification: "JFS layout" (S. Best, D. Kleikamp, IBM 2000), Linux fs/jfs/jfs_superblock.h, jfs_logmgr.h. */

#include "base/hash.h"
#include "format/jfs_image.h"

#define SUPER_SIZE 184u
#define SUPER_AT 0x8000u
#define SECOND_SUPER_AT 0xf000u
#define INODES_AT 0xb000u /* of the aggregate */
#define INODES_SIZE 0x4000u
#define LOG_SUPER_AT JFS_PAGE /* in the log: behind a page that is not used */
#define LOG_MAGIC 0x87654321u
#define LOG_MOUNTED 0u
#define LOG_STATE_AT 28u

static bool is_power_of(uint32_t value, unsigned log)
{
	return log < 32 && value == 1u << log;
}

static bool super_read(struct span image, uint64_t at, struct jfs_super *s)
{
	struct span b = span_sub(image, at, SUPER_SIZE);
	unsigned log = span_u16le(b, 20), factor = span_u16le(b, 22), device_log = span_u16le(b, 28);
	uint64_t size = span_u32le(b, 8) | (uint64_t)span_u32le(b, 12) << 32;
	*s = (struct jfs_super){ .at = at,
							 .version = span_u32le(b, 4),
							 .block_size = span_u32le(b, 16),
							 .flags = span_u32le(b, 36),
							 .state = span_u32le(b, 40),
							 .second_inodes = jfs_extent_read(b, 48),
							 .log = jfs_extent_read(b, 72),
							 .work = jfs_extent_read(b, 80),
							 .uuid = span_sub(b, 136, 16),
							 .label = text_until_nul(span_sub(b, 152, 16)) };
	if (!span_starts(b, "JFS1", 4) || s->version < 1 || s->version > 2 || s->block_size < 512 ||
		s->block_size > JFS_PAGE || !is_power_of(s->block_size, log) || !is_power_of(span_u32le(b, 24), device_log) ||
		device_log < 9 || log < device_log || factor != log - device_log || size >> 47 || size == 0)
		return false;
	s->blocks = size >> factor;
	return s->state < 16 && s->blocks * s->block_size > SECOND_SUPER_AT;
}

static bool super_find(struct span image, struct jfs_super *s)
{
	return super_read(image, SUPER_AT, s) || super_read(image, SECOND_SUPER_AT, s);
}

/* Behind the blocks of files stand the room that fsck works in and the log. */
static uint64_t size_of(const struct jfs_super *s)
{
	uint64_t end = s->blocks;
	const struct jfs_extent behind[] = { s->work, s->log };
	for (size_t i = 0; i < 2; i++)
		if (behind[i].block == end)
			end += behind[i].n;
	return end * s->block_size;
}

/* The inode of the map of inodes in a table of the aggregate's. */
static bool map_read(struct span table, struct jfs_file *map)
{
	struct span inode = span_sub(table, (uint64_t)JFS_FILESET * JFS_INODE_SIZE, JFS_INODE_SIZE);
	*map = (struct jfs_file){ .size = span_u64le(inode, 24), .inode = inode };
	return inode.p && span_u32le(inode, 8) == JFS_FILESET && map->size <= INT64_MAX;
}

/* In the first table or in the second: 0 and 1; 2 when in neither. */
static unsigned map_find(struct span image, const struct jfs_super *s, struct jfs_file *map)
{
	if (map_read(span_sub(image, INODES_AT, INODES_SIZE), map))
		return 0;
	struct span second = span_sub(image, s->second_inodes.block * s->block_size, INODES_SIZE);
	return map_read(second, map) ? 1 : 2;
}

/* One superblock looks like the other: what must stand behind it tells which of them it is. */
static bool jfs_probe(struct span at, struct format_match *match)
{
	struct jfs_super s;
	struct jfs_file map;
	if (!super_find(at, &s) || (map_find(at, &s, &map) == 2 && at.n >= INODES_AT + INODES_SIZE))
		return false;
	match->size = size_of(&s);
	match->confidence = s.at == SUPER_AT ? 90 : 70;
	return true;
}

/* The log has a state of its own. The copy of the superblock is not told of mounts: only the log tells then. */
static bool log_is_in_use(const struct jfs *fs, uint64_t at)
{
	struct span log = fs->s.log.n > 1 ? span_sub(fs->image, at, LOG_STATE_AT + 4) : SPAN_NONE;
	return span_u32le(log, 0) == LOG_MAGIC && span_u32le(log, LOG_STATE_AT) == LOG_MOUNTED;
}

static void show(const struct jfs *fs, struct sink *sink)
{
	const struct jfs_super *s = &fs->s;
	char hex[33];
	emit_header_field(sink, s->at + 4, "version", "%lu", (unsigned long)s->version);
	emit_header_field(sink, s->at + 16, "block_size", "%lu", (unsigned long)s->block_size);
	emit_header_field(sink, s->at + 36, "flags", "0x%lx", (unsigned long)s->flags);
	if (s->label.n)
		emit_header_field(sink, s->at + 152, "label", "%.*s", (int)s->label.n, s->label.p);
	hash_hex(s->uuid.p, 16, hex);
	emit_header_field(sink, s->at + 136, "uuid", "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
					  hex + 20);
	if (s->at != SUPER_AT)
		emit_damage_at(sink, ERR_CORRUPT, SUPER_AT, "the superblock is damaged: read was its copy at %lu",
					   (unsigned long)s->at);
	uint64_t log_at = s->log.block * s->block_size + LOG_SUPER_AT;
	if (s->state || log_is_in_use(fs, log_at))
		emit_damage_at(sink, ERR_UNSUPPORTED, s->state ? s->at + 40 : log_at + LOG_STATE_AT,
					   "it was not unmounted: its log may hold changes, which are not replayed");
}

static struct error jfs_walk(struct span bytes, struct walk *w)
{
	struct jfs *fs = ARENA_NEW(w->arena, struct jfs);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	fs->image = bytes;
	if (!super_find(bytes, &fs->s))
		return error_at(ERR_CORRUPT, SUPER_AT, "no superblock of JFS");
	show(fs, w->sink);
	unsigned found = map_find(bytes, &fs->s, &fs->map);
	if (found == 1)
		emit_damage_at(w->sink, ERR_CORRUPT, INODES_AT,
					   "the table of the aggregate's inodes is damaged: read was its copy");
	if (found == 2)
		return error_at(ERR_CORRUPT, INODES_AT, "the map of inodes is in neither table of the aggregate's inodes");
	*t = (struct tree){ .ops = &jfs_tree, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, JFS_ROOT);
}

static const struct format_magic magics[] = { MAGIC("JFS1", SUPER_AT), MAGIC("JFS1", SECOND_SUPER_AT), MAGIC_END };

const struct format jfs_format = {
	.name = "jfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "JFS file system of OS/2 and Linux",
	.spec = "https://jfs.sourceforge.net/project/pub/jfslayout.pdf",
	.magics = magics,
	.probe = jfs_probe,
	.walk = jfs_walk,
};
