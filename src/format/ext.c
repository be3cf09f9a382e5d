/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext2, ext3, ext4. Specification: Linux Documentation/filesystems/ext4. */
#include "base/crc32c.h"
#include "format/ext_image.h"

#define MAGIC_AT 56u
#define SUPERBLOCK_AT 1024u
#define OLD_GROUPS_MAX 64u

static bool ext_probe(struct span at, struct format_match *match)
{
	struct ext_super s;
	if (!ext_super_find(at, &s))
		return false;
	match->size = s.blocks * s.block_size;
	match->confidence = s.at == SUPERBLOCK_AT ? 85 : 60;
	return true;
}

/* The copies of revision 0 do not say of which group they are: the root directory tells where it begins. */
static bool old_copy_locate(struct span all, const struct ext_super *s, uint64_t *start)
{
	*start = s->at - SUPERBLOCK_AT;
	if (s->at >= SUPERBLOCK_AT && ext_root_is_there(span_from(all, *start), s))
		return false;
	for (uint64_t group = 1; group < s->groups && group <= OLD_GROUPS_MAX; group++) {
		uint64_t before = (group * s->blocks_per_group + s->first_data_block) * s->block_size;
		if (before > s->at)
			return false;
		struct ext_super first;
		struct span at = span_from(all, s->at - before);
		if (!ext_super_read(at, SUPERBLOCK_AT, &first) && ext_root_is_there(at, s)) {
			*start = s->at - before;
			return true;
		}
	}
	return false;
}

/* A copy of the superblock says of which group it is: that leads to the beginning when the first one is damaged. */
static bool ext_locate(struct span all, uint64_t hit, uint64_t *start)
{
	struct ext_super s;
	if (hit < MAGIC_AT || !ext_super_read(all, hit - MAGIC_AT, &s))
		return false;
	if (s.revision == 0 && old_copy_locate(all, &s, start))
		return true;
	uint64_t before = SUPERBLOCK_AT;
	if (s.block_group > 0)
		before = ((uint64_t)s.block_group * s.blocks_per_group + s.first_data_block) * s.block_size;
	*start = s.at - before;
	return s.at >= before;
}

static struct span read_block(const void *fs, uint64_t block)
{
	return ext_block(fs, block);
}

static struct error ext_walk(struct span bytes, struct walk *w)
{
	struct ext *fs = ARENA_NEW(w->arena, struct ext);
	if (!fs)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	fs->image = bytes;
	if (!ext_super_find(bytes, &fs->s))
		return error_at(ERR_CORRUPT, SUPERBLOCK_AT, "no superblock of ext2, ext3 or ext4");
	fs->indirect = (struct indirect_map){
		.image = bytes, .block_size = fs->s.block_size, .blocks = fs->s.blocks, .width = 4, .direct = 12, .levels = 3, .read = read_block, .fs = fs
	};
	fs->seed = fs->s.incompat & INCOMPAT_CSUM_SEED ? span_u32le(bytes, fs->s.at + 0x270)
												   : crc32c_update(UINT32_MAX, span_sub(bytes, fs->s.at + 104, 16));
	ext_super_show(fs, w->sink);
	if (fs->s.incompat & INCOMPAT_RECOVER)
		ext_journal_replay(fs, w);
	ext_groups_check(fs, w->sink);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!t)
		return error_at(ERR_BUDGET, 0, "no memory for the tree");
	*t = (struct tree){ .ops = &ext_tree, .fs = fs, .image = bytes, .walk = w };
	ext_reached_begin(fs, w->arena);
	struct error e = tree_walk(t, EXT_ROOT);
	if (t->rootless ? ext_reserves_inodes(fs) : !error_is(&e) && !t->stopped)
		ext_lost_check(fs, t);
	if (fs->verity_files)
		emit_header_field(w->sink, OFFSET_NONE, "verity_files", "%u", fs->verity_files);
	return e;
}

static const struct format_magic ext_magics[] = { MAGIC("\x53\xef", SUPERBLOCK_AT + MAGIC_AT), MAGIC_END };

const struct format ext_format = {
	.name = "ext",
	.kind = FORMAT_FILESYSTEM,
	.title = "ext2, ext3 or ext4 file system",
	.spec = "Linux Documentation/filesystems/ext4",
	.magics = ext_magics,
	.probe = ext_probe,
	.walk = ext_walk,
	.at_start = true,
	.locate = ext_locate,
};
