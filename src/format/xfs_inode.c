/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inodes of XFS. Specification: "XFS Algorithms & Data Structures", On-disk Inode, Symbolic Links. */
#include "format/xfs_image.h"

#define CORE_OLD 100u
#define CORE 176u
#define CRC_AT 100u
#define TARGET_MAX 1024u
#define LINK_HEADER 56u
#define LINK_CRC_AT 12u
#define TIME_BASE INT64_C(2147483648) /* seconds that times of 64 bits begin before 1970 */

enum { FLAG_REALTIME = 1, FLAG2_BIGTIME = 8, FLAG2_NREXT64 = 16 };

static const struct content_ops content_blocks;

/* The bytes of an inode; reports why there are none. */
static struct span inode_bytes(const struct xfs *fs, struct tree *t, uint64_t number)
{
	const struct xfs_super *s = &fs->s;
	uint64_t block = number >> s->inodes_per_block_log, start = xfs_block_at(fs, block);
	uint64_t at = start + ((number & ((1u << s->inodes_per_block_log) - 1)) << s->inode_log);
	struct span raw = start == OFFSET_NONE ? SPAN_NONE : span_sub(fs->image, at, s->inode_size);
	if (start == OFFSET_NONE)
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a name leads to inode %llu, where the file system has none",
					(unsigned long long)number);
	else if (!raw.p)
		tree_damage(t, ERR_TRUNCATED, at, "inode %llu stands beyond the end of the image", (unsigned long long)number);
	return raw;
}

static bool core_read(const struct xfs *fs, struct span raw, uint64_t number, struct xfs_file *file)
{
	unsigned version = raw.p[4], fork_offset = raw.p[82] * 8u;
	size_t core = version == 3 ? CORE : CORE_OLD;
	bool wide = version == 3 && span_u64be(raw, 120) & FLAG2_NREXT64;
	*file = (struct xfs_file){ .number = number,
							   .size = span_u64be(raw, 56),
							   .format = raw.p[5],
							   .extents = wide ? span_u64be(raw, 24) : span_u32be(raw, 76),
							   .realtime = span_u16be(raw, 90) & FLAG_REALTIME };
	file->fork = span_from(raw, core);
	if (fork_offset)
		file->fork = span_sub(file->fork, 0, fork_offset);
	bool fits = file->format != XFS_EXTENTS || file->extents <= file->fork.n / 16;
	return span_starts(raw, "IN", 2) && (version == 3) == fs->s.v5 && version >= 1 && version <= 3 && file->fork.p &&
		   file->format <= XFS_BTREE && fits && file->size <= INT64_MAX &&
		   (file->format != XFS_LOCAL || file->size <= file->fork.n);
}

static int64_t time_of(const struct xfs *fs, struct span raw)
{
	if (fs->s.v5 && span_u64be(raw, 120) & FLAG2_BIGTIME)
		return (int64_t)(span_u64be(raw, 40) / 1000000000) - TIME_BASE;
	return (int32_t)span_u32be(raw, 40);
}

/* A target in blocks: in version 5 each extent of it begins with a header. */
static struct error read_link(const struct xfs *fs, struct tree *t, const struct xfs_file *file, uint8_t *target)
{
	for (uint64_t done = 0, at = 0; done < file->size;) {
		struct run run = { RUN_HOLE, file->size - done };
		struct error e = xfs_find_run(fs, file, at, &run);
		if (error_is(&e))
			return e;
		uint64_t blocks = TARGET_MAX + fs->s.block_size; /* more than any target takes */
		struct span bytes =
			run.at == RUN_HOLE ? SPAN_NONE : span_sub(fs->image, run.at, run.n < blocks ? run.n : blocks);
		uint64_t head = fs->s.v5 ? LINK_HEADER : 0, n = bytes.n - head;
		n = n < file->size - done ? n : file->size - done;
		if (bytes.n <= head)
			return error_at(ERR_TRUNCATED, at, "it is not there");
		if (head && !span_starts(bytes, "XSLM", 4))
			return error_at(ERR_CORRUPT, at, "its block has no header of a link");
		struct span whole = span_sub(fs->image, run.at, run.n);
		if (head && !(run.n <= blocks && xfs_sums(whole, LINK_CRC_AT)))
			tree_damage(t, ERR_CORRUPT, run.at,
						"the target of a symbolic link does not have the checksum that it says");
		memcpy(target + done, bytes.p + head, (size_t)n);
		done += n;
		at += run.n;
	}
	return error_none();
}

static void read_target(const struct xfs *fs, struct tree *t, const struct xfs_file *file, struct inode *inode)
{
	if (file->format == XFS_LOCAL) {
		inode->target = text_from_span(span_sub(file->fork, 0, file->size));
		return;
	}
	uint8_t *target = file->size <= TARGET_MAX ? arena_alloc(t->walk->arena, (size_t)file->size, 1) : NULL;
	struct error e = error_at(ERR_CORRUPT, 0, "it would be %llu bytes long", (unsigned long long)file->size);
	if (target)
		e = read_link(fs, t, file, target);
	if (error_is(&e))
		tree_damage(t, e.code, inode->at, "a symbolic link can not be read: %s", e.text);
	else
		inode->target = text_of((char *)target, (size_t)file->size);
}

static void describe(const struct xfs *fs, struct span raw, const struct xfs_file *file, struct inode *inode)
{
	inode->mode = span_u16be(raw, 2) & 07777;
	inode->uid = span_u32be(raw, 8);
	inode->gid = span_u32be(raw, 12);
	inode->mtime = time_of(fs, raw);
	inode->size = file->size;
	inode->own = file;
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE) {
		uint32_t device = span_u32be(file->fork, 0);
		inode->device = (int64_t)(device >> 18) << 32 | (device & 0x3ffff);
	}
}

static bool xfs_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct xfs *fs = t->fs;
	struct span raw = inode_bytes(fs, t, number);
	if (!raw.p)
		return false;
	struct xfs_file *file = ARENA_NEW(t->walk->arena, struct xfs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	inode->at = (uint64_t)(raw.p - fs->image.p);
	if (!core_read(fs, raw, number, file) || !entry_kind_read(span_u16be(raw, 2), &inode->kind)) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to inode %llu, which is free or damaged",
					(unsigned long long)number);
		return false;
	}
	if (fs->s.v5 && !xfs_sums(raw, CRC_AT))
		tree_damage(t, ERR_CORRUPT, inode->at, "inode %llu does not have the checksum that it says",
					(unsigned long long)number);
	else if (fs->s.v5 && span_u64be(raw, 152) != number)
		tree_damage(t, ERR_CORRUPT, inode->at, "inode %llu says that it is %llu", (unsigned long long)number,
					(unsigned long long)span_u64be(raw, 152));
	describe(fs, raw, file, inode);
	if (inode->kind == ENTRY_SYMLINK)
		read_target(fs, t, file, inode);
	return true;
}

static bool xfs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct xfs *fs = t->fs;
	const struct xfs_file *file = inode->own;
	if (file->realtime) {
		tree_damage(t, ERR_UNSUPPORTED, inode->at, "a file lies on the realtime device, which is another one");
		return false;
	}
	if (file->format == XFS_LOCAL || file->format == XFS_DEVICE) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a file of %llu bytes has no extents", (unsigned long long)file->size);
		return false;
	}
	xfs_extents_check(fs, t, file, inode->at);
	block_map_content(fs->image, xfs_find_run, &content_blocks, fs, file, fs->s.block_size, entry);
	return true;
}

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct xfs *)fs)->image, xfs_find_run, fs, file, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

const struct tree_ops xfs_tree = { .inode = xfs_inode, .list = xfs_list, .content = xfs_content };
