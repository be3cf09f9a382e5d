/* SPDX-License-Identifier: GPL-3.0-or-later */
/* F2FS. Specification: Linux Documentation/filesystems/f2fs.rst, include/linux/f2fs_fs.h. */
#include "base/hash.h"
#include "format/f2fs_image.h"

#define SUPERBLOCK_AT 1024u
#define SECOND_SUPERBLOCK_AT (4096u + 1024u)

static bool f2fs_probe(struct span at, struct format_match *match)
{
	struct f2fs_super s;
	struct f2fs_checkpoint c;
	if (!f2fs_super_find(at, &s, &c))
		return false;
	match->size = s.blocks << s.log_block;
	match->confidence = 90;
	return true;
}

static struct error f2fs_walk(struct span bytes, struct walk *w)
{
	struct f2fs *fs = ARENA_NEW(w->arena, struct f2fs);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	fs->image = bytes;
	if (!f2fs_super_find(bytes, &fs->s, &fs->c))
		return error_at(ERR_CORRUPT, SUPERBLOCK_AT, "no F2FS superblock");
	uint64_t checkpoint = (uint64_t)fs->s.checkpoint << fs->s.log_block;
	if (!f2fs_checkpoint_find(bytes, &fs->s, &fs->c))
		return error_at(checkpoint >= bytes.n ? ERR_TRUNCATED : ERR_CORRUPT, checkpoint, "neither checkpoint is valid");
	fs->block_size = 1u << fs->s.log_block;
	fs->node_pointers = (fs->block_size - F2FS_FOOTER) / 4;
	fs->checksum_seed = hash_crc32_raw(UINT32_MAX, span_sub(bytes, fs->s.at + 108, 16));
	fs->journal = f2fs_journal_find(fs);
	f2fs_show(fs, w->sink);
	if (!(fs->c.flags & F2FS_CHECKPOINT_UMOUNT))
		f2fs_synced_find(fs, w);
	*t = (struct tree){ .ops = &f2fs_tree, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, fs->s.root);
}

static const struct format_magic f2fs_magics[] = { MAGIC("\x10\x20\xf5\xf2", SUPERBLOCK_AT),
												   MAGIC("\x10\x20\xf5\xf2", SECOND_SUPERBLOCK_AT), MAGIC_END };

const struct format f2fs_format = {
	.name = "f2fs",
	.kind = FORMAT_FILESYSTEM,
	.title = "F2FS file system",
	.spec = "Linux Documentation/filesystems/f2fs.rst",
	.magics = f2fs_magics,
	.probe = f2fs_probe,
	.walk = f2fs_walk,
};
