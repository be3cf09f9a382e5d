/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XFS, versions 4 and 5.
 *
 * Specification: "XFS Algorithms & Data Structures" (kernel.org/pub/linux/utils/fs/xfs/docs), Linux
 * fs/xfs/libxfs/xfs_format.h. */
#include <stdio.h>

#include "base/crc32c.h"
#include "base/hash.h"
#include "format/xfs_image.h"

#define SUPER_SIZE 264u
#define SUPER_CRC_AT 224u
#define GROUP_BLOCKS_MIN 64u
#define COPIES_TRIED 16u
#define SECTORS_OF_GROUP 4u /* the superblock, the free space, the inodes, the free list */

/* The superblock, and the headers of the first group that follow it, of version 1 and group 0, where sectors are of 512 or 4096
 * bytes. */
static const struct format_magic xfs_magics[] = { MAGIC("XFSB", 0),
												  MAGIC("XAGF\0\0\0\1\0\0\0\0", 512),
												  MAGIC("XAGI\0\0\0\1\0\0\0\0", 1024),
												  MAGIC("XAGF\0\0\0\1\0\0\0\0", 4096),
												  MAGIC("XAGI\0\0\0\1\0\0\0\0", 8192),
												  MAGIC_END };

static bool is_log_of(uint32_t value, unsigned log)
{
	return log < 32 && value == 1u << log;
}

static unsigned log_up(uint32_t value)
{
	unsigned log = 0;
	while (log < 32 && (uint64_t)1 << log < value)
		log++;
	return log;
}

static bool geometry_is_possible(const struct xfs_super *s, struct span b)
{
	unsigned version = s->version & 15;
	return s->block_size >= 512 && s->block_size <= 65536 && is_log_of(s->block_size, s->block_log) &&
		   s->sector_size >= 512 && s->sector_size <= s->block_size && is_log_of(s->sector_size, b.p[121]) &&
		   s->inode_size >= 256 && s->inode_size <= 2048 && is_log_of(s->inode_size, s->inode_log) &&
		   s->inode_size <= s->block_size && span_u16be(b, 106) == s->block_size / s->inode_size &&
		   s->inodes_per_block_log == s->block_log - s->inode_log && s->group_blocks >= GROUP_BLOCKS_MIN &&
		   s->group_blocks <= (uint32_t)1 << 31 && s->group_block_log == log_up(s->group_blocks) && s->groups &&
		   s->blocks > (uint64_t)(s->groups - 1) * s->group_blocks &&
		   s->blocks <= (uint64_t)s->groups * s->group_blocks && version >= 1 && version <= 5 &&
		   s->block_log + b.p[192] <= 16 && (s->root >> s->inodes_per_block_log) < (uint64_t)1 << 63;
}

/* The superblock or a copy at a place. mkfs.xfs leaves in most copies that the file system is being made, and no root. */
static bool super_read(struct span image, uint64_t at, struct xfs_super *s)
{
	struct span b = span_sub(image, at, SUPER_SIZE);
	struct reader r = reader_be(b);
	uint32_t magic = rd_u32(&r);
	*s = (struct xfs_super){ .at = at };
	s->block_size = rd_u32(&r);
	s->blocks = rd_u64(&r);
	s->realtime_blocks = rd_u64(&r);
	rd_skip(&r, 24);
	s->log_start = rd_u64(&r);
	s->root = rd_u64(&r);
	rd_skip(&r, 20);
	s->group_blocks = rd_u32(&r);
	s->groups = rd_u32(&r);
	rd_skip(&r, 4);
	s->log_blocks = rd_u32(&r);
	s->version = rd_u16(&r);
	s->sector_size = rd_u16(&r);
	s->inode_size = rd_u16(&r);
	if (!rd_ok(&r) || magic != 0x58465342)
		return false;
	s->block_log = b.p[120];
	s->inode_log = b.p[122];
	s->inodes_per_block_log = b.p[123];
	s->group_block_log = b.p[124];
	if (!geometry_is_possible(s, b))
		return false;
	s->v5 = (s->version & 15) == 5;
	s->directory_block = s->block_size << b.p[192];
	s->features2 = s->version & XFS_VERSION_MORE ? span_u32be(b, 200) : 0;
	s->ro_compat = s->v5 ? span_u32be(b, 212) : 0;
	s->incompat = s->v5 ? span_u32be(b, 216) : 0;
	s->log_incompat = s->v5 ? span_u32be(b, 220) : 0;
	s->ftype = s->v5 ? s->incompat & XFS_INCOMPAT_FTYPE : s->features2 & XFS_FEATURES2_FTYPE;
	s->bytes = span_sub(image, at, s->sector_size);
	s->sound = s->bytes.p && (!s->v5 || xfs_sums(s->bytes, SUPER_CRC_AT));
	return s->bytes.p != NULL && (at || b.p[126] == 0);
}

static bool copy_read(struct span image, const struct xfs_super *like, uint32_t group, struct xfs_super *s)
{
	uint64_t at = (uint64_t)group * like->group_blocks << like->block_log;
	return group < like->groups && super_read(image, at, s) && s->sound && s->group_blocks == like->group_blocks &&
		   s->block_log == like->block_log && s->groups == like->groups && s->root != UINT64_MAX;
}

/* The middle and the last copy have a root from the beginning, others at the latest when the file system has grown. */
static bool copy_with_root(struct span image, const struct xfs_super *second, struct xfs_super *s)
{
	if (copy_read(image, second, second->groups / 2, s) || copy_read(image, second, second->groups - 1, s))
		return true;
	for (uint32_t group = 1; group <= COPIES_TRIED; group++)
		if (copy_read(image, second, group, s))
			return true;
	return false;
}

/* A copy of the superblock. Behind the superblock the headers of the first group say how many blocks a group has, but not of
 * which size. */
static bool copy_find(struct span image, struct xfs_super *s)
{
	for (unsigned i = 1; xfs_magics[i].bytes; i++) {
		struct span header = span_sub(image, xfs_magics[i].offset, 16);
		if (!span_starts(header, xfs_magics[i].bytes, xfs_magics[i].n))
			continue;
		uint32_t blocks = span_u32be(header, 12);
		struct xfs_super second;
		for (unsigned log = 9; log <= 16; log++)
			if (super_read(image, (uint64_t)blocks << log, &second) && second.sound && second.group_blocks == blocks &&
				second.block_log == log && copy_with_root(image, &second, s))
				return true;
	}
	return false;
}

/* The superblock, or a sound copy of it where it is damaged: then s->at is not 0. */
static bool xfs_super_find(struct span image, struct xfs_super *s)
{
	struct xfs_super copy;
	bool first = super_read(image, 0, s);
	if (first && s->sound)
		return true;
	if (!copy_find(image, &copy))
		return first;
	*s = copy;
	return true;
}

bool xfs_sums(struct span bytes, size_t at)
{
	if (!span_sub(bytes, at, 4).p)
		return false;
	uint32_t crc = crc32c_update(UINT32_MAX, span_clip(bytes, 0, at));
	crc = crc32c_update(crc32c_update(crc, span_of("\0\0\0\0", 4)), span_from(bytes, at + 4));
	return ~crc == span_u32le(bytes, at);
}

uint64_t xfs_block_at(const struct xfs *fs, uint64_t block)
{
	uint64_t group = block >> fs->s.group_block_log, within = block & (((uint64_t)1 << fs->s.group_block_log) - 1);
	if (group >= fs->s.groups || within >= fs->s.group_blocks)
		return OFFSET_NONE;
	uint64_t linear = group * fs->s.group_blocks + within;
	return linear < fs->s.blocks && linear >> 48 == 0 ? linear << fs->s.block_log : OFFSET_NONE;
}

/* Every group begins with a copy of the superblock, and then says which group it is. */
static bool is_copy(struct span at, const struct xfs_super *s)
{
	struct span free_space = span_sub(at, s->sector_size, 12);
	return span_starts(free_space, "XAGF", 4) && span_u32be(free_space, 8) != 0;
}

static bool xfs_probe(struct span at, struct format_match *match)
{
	struct xfs_super s;
	if (!xfs_super_find(at, &s) || s.blocks >> 47 || is_copy(at, &s))
		return false;
	match->size = s.blocks << s.block_log;
	match->confidence = s.at || !s.sound ? 85 : 92;
	return true;
}

static void show_bits(struct sink *sink, uint64_t at, const char *field, uint32_t bits, const char *const *names,
					  unsigned known)
{
	char text[300] = "";
	for (unsigned bit = 0; bit < 32; bit++) {
		size_t n = strlen(text);
		if (bits >> bit & 1 && bit < known && names[bit])
			snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", names[bit]);
		else if (bits >> bit & 1)
			snprintf(text + n, sizeof text - n, "%s0x%x", n ? " " : "", 1u << bit);
	}
	if (*text)
		emit_header_field(sink, at, field, "%s", text);
}

static void xfs_super_show(const struct xfs *fs, struct sink *sink)
{
	static const char *const ro_compat[] = { "finobt", "rmapbt", "reflink", "inobtcount" };
	static const char *const incompat[] = { "ftype",       "sparse_inodes", "meta_uuid", "bigtime",
											"needsrepair", "nrext64",       "exchange",  "parent" };
	const struct xfs_super *s = &fs->s;
	struct text label = text_until_nul(span_sub(s->bytes, 108, 12));
	char hex[33];
	hash_hex(s->bytes.p + 32, 16, hex);
	emit_header_field(sink, 100, "version", "%u", s->version & 15);
	emit_header_field(sink, 4, "block_size", "%lu", (unsigned long)s->block_size);
	emit_header_field(sink, 84, "allocation_groups", "%lu", (unsigned long)s->groups);
	emit_header_field(sink, 32, "uuid", "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	if (label.n)
		emit_header_field(sink, 108, "label", "%.*s", (int)label.n, label.p);
	show_bits(sink, 212, "feature_ro_compat", s->ro_compat, ro_compat, 4);
	show_bits(sink, 216, "feature_incompat", s->incompat, incompat, 8);
	if (s->v5)
		emit_header_field(sink, SUPER_CRC_AT, "checksum", "%s", s->sound && !s->at ? "ok" : "mismatch");
	if (s->at)
		emit_damage_at(sink, ERR_CORRUPT, 0, "the superblock is damaged: its copy at %llu is read in its place",
					   (unsigned long long)s->at);
	else if (!s->sound)
		emit_damage_at(sink, ERR_CORRUPT, SUPER_CRC_AT, "the superblock does not have the checksum that it says");
	if (s->realtime_blocks)
		emit_damage_at(sink, ERR_UNSUPPORTED, 16,
					   "it has a realtime device, which is another one: files that lie there can not be read");
	if (s->incompat & XFS_INCOMPAT_NEEDSREPAIR)
		emit_damage_at(sink, ERR_CORRUPT, 216, "it is marked to be repaired before it is used");
	if (s->incompat & ~(uint32_t)XFS_INCOMPAT_KNOWN)
		emit_damage_at(sink, ERR_UNSUPPORTED, 216, "it has features of later versions (0x%lx), which may change what is read",
					   (unsigned long)(s->incompat & ~(uint32_t)XFS_INCOMPAT_KNOWN));
}

/* The headers of the groups, which reading does not need: whether they are what they should be. */
static void groups_check(const struct xfs *fs, struct sink *sink)
{
	static const struct {
		const char *magic;
		unsigned crc_at;
	} headers[SECTORS_OF_GROUP] = { { "XFSB", 224 }, { "XAGF", 216 }, { "XAGI", 312 }, { "XAFL", 32 } };
	const struct xfs_super *s = &fs->s;
	unsigned bad = 0;
	uint64_t first = OFFSET_NONE;
	for (uint32_t g = 0; g < s->groups; g++) {
		uint64_t start = (uint64_t)g * s->group_blocks << s->block_log;
		if (start >= fs->image.n)
			break;
		for (unsigned i = g == 0; i < SECTORS_OF_GROUP; i++) {
			uint64_t at = start + (uint64_t)i * s->sector_size;
			struct span sector = span_sub(fs->image, at, s->sector_size);
			if (!sector.p || (i == 3 && !s->v5)) /* the free list has no magic before version 5 */
				continue;
			if (span_starts(sector, headers[i].magic, 4) && (!s->v5 || xfs_sums(sector, headers[i].crc_at)))
				continue;
			first = bad++ ? first : at;
		}
	}
	if (bad)
		emit_damage_at(sink, ERR_CORRUPT, first, "%u headers of allocation groups are damaged", bad);
}

static struct error xfs_walk(struct span bytes, struct walk *w)
{
	struct xfs *fs = ARENA_NEW(w->arena, struct xfs);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	fs->image = bytes;
	if (!xfs_super_find(bytes, &fs->s))
		return error_at(ERR_CORRUPT, 0, "no superblock of XFS");
	xfs_super_show(fs, w->sink);
	groups_check(fs, w->sink);
	xfs_log_check(fs, w->sink);
	if (!fs->s.v5 && !(fs->s.version & XFS_VERSION_DIRV2))
		return error_at(ERR_UNSUPPORTED, 100, "its directories are those of IRIX (version 1), which are not read");
	*t = (struct tree){ .ops = &xfs_tree, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, fs->s.root);
}

const struct format xfs_format = {
	.name = "xfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "XFS file system",
	.spec = "https://www.kernel.org/pub/linux/utils/fs/xfs/docs/xfs_filesystem_structure.pdf",
	.magics = xfs_magics,
	.probe = xfs_probe,
	.walk = xfs_walk,
};
