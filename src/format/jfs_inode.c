/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inodes of JFS. Specification: Linux fs/jfs/jfs_dinode.h, jfs_imap.h. */
#include "format/jfs_image.h"

#define INODES_OF_PAGE 4096u /* that a page of the map tells of */
#define INODES_OF_EXTENT 32u
#define EXTENTS_AT 3072u /* in a page of the map */
#define INLINE_AT 256u   /* in an inode: what is shorter than this many bytes too */

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct jfs *)fs)->image, jfs_find_run, fs, file, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

/* The bytes of an inode, where the map of inodes says; reports why there are none. */
static struct span inode_bytes(const struct jfs *fs, struct tree *t, uint64_t number)
{
	uint64_t page = number / INODES_OF_PAGE + 1;
	struct run run = { RUN_HOLE, JFS_PAGE };
	struct error e = page * JFS_PAGE < fs->map.size ? jfs_find_run(fs, &fs->map, page * JFS_PAGE, &run)
													: error_at(ERR_CORRUPT, 0, "the map of inodes ends before");
	struct span map = error_is(&e) || run.at == RUN_HOLE ? SPAN_NONE : span_sub(fs->image, run.at, JFS_PAGE);
	struct jfs_extent extent = jfs_extent_read(map, EXTENTS_AT + number % INODES_OF_PAGE / INODES_OF_EXTENT * 8);
	uint64_t at = extent.block * fs->s.block_size + number % INODES_OF_EXTENT * JFS_INODE_SIZE;
	struct span raw = extent.block && extent.block < fs->s.blocks ? span_sub(fs->image, at, JFS_INODE_SIZE) : SPAN_NONE;
	if (error_is(&e))
		tree_damage(t, e.code, OFFSET_NONE, "inode %llu can not be found: %s", (unsigned long long)number, e.text);
	else if (run.at != RUN_HOLE && !map.p)
		tree_damage(t, ERR_TRUNCATED, run.at, "the map of inode %llu stands beyond the end of the image",
					(unsigned long long)number);
	else if (!extent.block || extent.block >= fs->s.blocks)
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a name leads to inode %llu, which is nowhere",
					(unsigned long long)number);
	else if (!raw.p)
		tree_damage(t, ERR_TRUNCATED, at, "inode %llu stands beyond the end of the image", (unsigned long long)number);
	return raw;
}

static void describe(struct span raw, struct inode *inode)
{
	inode->mode = span_u32le(raw, 52) & 07777;
	inode->uid = span_u32le(raw, 44);
	inode->gid = span_u32le(raw, 48);
	inode->mtime = span_u32le(raw, 72);
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE)
		inode->device = device_new(span_u32le(raw, INLINE_AT));
}

static bool jfs_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct jfs *fs = t->fs;
	struct span raw = inode_bytes(fs, t, number);
	if (!raw.p)
		return false;
	uint64_t size = span_u64le(raw, 24);
	inode->at = (uint64_t)(raw.p - fs->image.p);
	if (span_u32le(raw, 8) != number || span_u32le(raw, 4) != JFS_FILESET || span_u32le(raw, 40) == 0 ||
		!entry_kind_read(span_u32le(raw, 52) & 0xffff, &inode->kind) || size > INT64_MAX) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to inode %llu, which is free or damaged",
					(unsigned long long)number);
		return false;
	}
	struct jfs_file *file = ARENA_NEW(t->walk->arena, struct jfs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = (struct jfs_file){ .size = size, .inode = raw };
	describe(raw, inode);
	inode->size = size;
	inode->own = file;
	if (inode->kind == ENTRY_SYMLINK && size < JFS_INODE_SIZE - INLINE_AT)
		inode->target = text_from_span(span_sub(raw, INLINE_AT, size));
	else if (inode->kind == ENTRY_SYMLINK)
		tree_read_target(t, inode, &content_blocks, file, size);
	return true;
}

static bool jfs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct jfs *fs = t->fs;
	block_map_content(fs->image, jfs_find_run, &content_blocks, fs, inode->own, fs->s.block_size, entry);
	return true;
}

const struct tree_ops jfs_tree = { .inode = jfs_inode, .list = jfs_list, .content = jfs_content };
