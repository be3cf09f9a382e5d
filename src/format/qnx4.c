/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file system of QNX 4 ("qnx4"), which is always little-endian and made of blocks of 512 bytes.
 *
 * An inode stands in the entry of its directory; one with several names, or a long one, stands in the file .inodes, and its
 * entries say where. Blocks are counted from 1 wherever extents, links and extent blocks tell them.
 *
 * Specification: Linux include/uapi/linux/qnx4_fs.h, fs/qnx4. */
#include "format/block_map.h"
#include "format/inode_tree.h"

#define BLOCK 512u
#define ENTRY_SIZE 64u
#define ENTRIES (BLOCK / ENTRY_SIZE)
#define ROOT ENTRIES /* the first entry of the second block */
#define NAME_SHORT 16u
#define NAME_LONG 48u
#define STATUS_USED 0x01u
#define STATUS_LINK 0x08u
#define EXTENTS_OF_BLOCK 60u
#define EXTENTS_AT 16u
#define SIGNATURE_AT (EXTENTS_AT + EXTENTS_OF_BLOCK * 8)
#define LISTED_MAX 1024u /* entries of the root in which the bitmap is looked for */

/* How far the chain of extent blocks of a file was followed: to the one where its last run was found. Files are read from their
 * beginning to their end, and would take the square of their extents if each run began with the first one. */
struct cursor {
	const struct qnx4_file *file;
	uint64_t before; /* blocks that the extents before it hold */
	uint32_t next;
	unsigned left; /* extents from it on */
};

struct qnx4 {
	struct span image;
	struct cursor *cursor;
};

/* A file: its first extent, and the extent blocks that follow. */
struct qnx4_file {
	uint32_t first, n; /* blocks, from 1 on */
	uint32_t next;     /* the first extent block, from 1 on */
	unsigned extents;
};

static uint8_t status_of(struct span entry)
{
	return entry.p[ENTRY_SIZE - 1];
}

static struct qnx4_file file_read(struct span entry)
{
	return (struct qnx4_file){ .first = span_u32le(entry, 20),
							   .n = span_u32le(entry, 24),
							   .next = span_u32le(entry, 28),
							   .extents = span_u16le(entry, 48) };
}

static struct text name_of(struct span entry)
{
	return text_until_nul(span_sub(entry, 0, status_of(entry) & STATUS_LINK ? NAME_LONG : NAME_SHORT));
}

/* Whether block `*block` of the file lies in this extent; otherwise passes over it. */
static bool in_extent(uint32_t first, uint32_t n, uint64_t *block, struct run *run, uint64_t within)
{
	if (*block >= n) {
		*block -= n;
		return false;
	}
	*run = (struct run){ .at = ((uint64_t)first - 1 + *block) * BLOCK + within, .n = (n - *block) * BLOCK - within };
	return true;
}

/* The run in the chain of extent blocks that `block` lies in. Each block holds an extent of the file at least, so that the
 * inode's 16 bits of a count end the chain. */
static struct error find_further(const struct qnx4 *fs, const struct qnx4_file *file, uint64_t block, struct run *run,
								 uint64_t offset)
{
	struct cursor at = { file, 0, file->next, file->extents ? file->extents - 1 : 0 };
	if (fs->cursor->file == file && fs->cursor->before <= block)
		at = *fs->cursor;
	for (block -= at.before; at.left;) {
		struct span s = at.next ? span_sub(fs->image, ((uint64_t)at.next - 1) * BLOCK, BLOCK) : SPAN_NONE;
		unsigned n = s.p ? s.p[8] : 0;
		if (!s.p)
			return error_at(at.next ? ERR_TRUNCATED : ERR_CORRUPT, offset, "extent block %lu is not there", (unsigned long)at.next);
		if (memcmp(s.p + SIGNATURE_AT, "IamXblk", 7) != 0 || n == 0 || n > EXTENTS_OF_BLOCK)
			return error_at(ERR_CORRUPT, offset, "block %lu is no extent block", (unsigned long)at.next);
		*fs->cursor = at;
		for (unsigned i = 0; i < n && at.left; i++, at.left--) {
			uint32_t first = span_u32le(s, EXTENTS_AT + i * 8), blocks = span_u32le(s, EXTENTS_AT + 4 + i * 8);
			if (in_extent(first, blocks, &block, run, offset % BLOCK))
				return first ? error_none() : error_at(ERR_CORRUPT, offset, "an extent begins at block 0");
			at.before += blocks;
		}
		at.next = span_u32le(s, 0);
	}
	return error_at(ERR_CORRUPT, offset, "more bytes than its extents hold");
}

static struct error find_run(const void *of, const void *what, uint64_t offset, struct run *run)
{
	const struct qnx4_file *file = what;
	uint64_t block = offset / BLOCK;
	if (file->extents && in_extent(file->first, file->n, &block, run, offset % BLOCK))
		return file->first ? error_none() : error_at(ERR_CORRUPT, offset, "an extent begins at block 0");
	return find_further(of, file, block, run, offset);
}

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct qnx4 *)fs)->image, find_run, fs, file, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

static bool qnx4_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct qnx4 *fs = t->fs;
	inode->at = number * ENTRY_SIZE;
	struct span raw = span_sub(fs->image, inode->at, ENTRY_SIZE);
	if (!raw.p) {
		tree_damage(t, ERR_TRUNCATED, inode->at, "an inode stands beyond the end of the image");
		return false;
	}
	struct qnx4_file *file = ARENA_NEW(t->walk->arena, struct qnx4_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = file_read(raw);
	if (!entry_kind_read(span_u16le(raw, 50), &inode->kind) || status_of(raw) & STATUS_LINK) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to an inode that is free or damaged");
		return false;
	}
	inode->mode = span_u16le(raw, 50) & 07777;
	inode->uid = span_u16le(raw, 52);
	inode->gid = span_u16le(raw, 54);
	inode->mtime = span_u32le(raw, 36);
	inode->size = span_u32le(raw, 16);
	inode->own = file;
	if (inode->kind == ENTRY_SYMLINK)
		tree_read_target(t, inode, &content_blocks, file, inode->size);
	return true;
}

/* The number of the inode that an entry is or leads to: it is its place in the image. */
static uint64_t number_of(struct span entry, uint64_t at)
{
	if (!(status_of(entry) & STATUS_LINK))
		return at / ENTRY_SIZE;
	return ((uint64_t)span_u32le(entry, NAME_LONG) - 1) * ENTRIES + entry.p[NAME_LONG + 4];
}

static bool list_run(struct tree *t, const struct inode *directory, struct run run)
{
	const struct qnx4 *fs = t->fs;
	struct span bytes = span_clip(fs->image, run.at, run.n);
	(void)directory;
	if (bytes.n < run.n)
		tree_damage(t, ERR_TRUNCATED, run.at, "a directory stands beyond the end of the image");
	for (uint64_t at = 0; at + ENTRY_SIZE <= bytes.n; at += ENTRY_SIZE) {
		struct span entry = span_sub(bytes, at, ENTRY_SIZE);
		struct text name = name_of(entry);
		if (!(status_of(entry) & (STATUS_USED | STATUS_LINK)) || !name.n || text_is(name, ".") || text_is(name, ".."))
			continue;
		if (status_of(entry) & STATUS_LINK && (span_u32le(entry, NAME_LONG) == 0 || entry.p[NAME_LONG + 4] >= ENTRIES)) {
			tree_damage(t, ERR_CORRUPT, run.at + at, "a link leads nowhere");
			continue;
		}
		if (!tree_name(t, name, number_of(entry, run.at + at)))
			return false;
	}
	return !t->out_of_memory;
}

static void qnx4_list(struct tree *t, const struct inode *directory)
{
	tree_list_runs(t, directory, find_run, BLOCK, list_run);
}

static bool qnx4_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct qnx4 *fs = t->fs;
	block_map_content(fs->image, find_run, &content_blocks, fs, inode->own, BLOCK, entry);
	return true;
}

/* The entry of that name among the first ones of the root. */
static struct span root_entry(const struct qnx4 *fs, struct span root, const char *name)
{
	struct qnx4_file file = file_read(root);
	for (uint64_t at = 0; at < LISTED_MAX * ENTRY_SIZE && at + ENTRY_SIZE <= span_u32le(root, 16); at += ENTRY_SIZE) {
		struct run run = { RUN_HOLE, ENTRY_SIZE };
		struct error e = find_run(fs, &file, at, &run);
		struct span entry = error_is(&e) ? SPAN_NONE : span_sub(fs->image, run.at, ENTRY_SIZE);
		if (!entry.p)
			return SPAN_NONE;
		if (status_of(entry) & STATUS_USED && text_is(name_of(entry), name))
			return entry;
	}
	return SPAN_NONE;
}

/* The root, which stands first in the superblock, is a directory that is called "/", and so are the entries behind it called
 * as ever. In the root stands the bitmap, a bit for each block. */
static bool qnx4_probe(struct span at, struct format_match *match)
{
	static const char *const names[] = { "/", ".inodes", ".boot", ".altboot" };
	struct cursor cursor = { .file = NULL };
	const struct qnx4 fs = { at, &cursor };
	struct span super = span_sub(at, BLOCK, sizeof names / sizeof names[0] * ENTRY_SIZE);
	for (unsigned i = 0; super.p && i < sizeof names / sizeof names[0]; i++)
		if (!text_is(text_until_nul(span_sub(super, i * ENTRY_SIZE, NAME_SHORT)), names[i]))
			return false;
	struct span root = span_sub(super, 0, ENTRY_SIZE);
	if (!root.p || span_u16le(root, 50) >> 12 != 4 || !(status_of(root) & STATUS_USED))
		return false;
	struct span bitmap = root_entry(&fs, root, ".bitmap");
	uint64_t blocks = bitmap.p ? (uint64_t)span_u32le(bitmap, 16) * 8 : 0;
	if (blocks < 3)
		return false;
	match->size = blocks * BLOCK;
	match->confidence = 90;
	return true;
}

static const struct tree_ops tree_ops = { .inode = qnx4_inode, .list = qnx4_list, .content = qnx4_content };

static struct error qnx4_walk(struct span bytes, struct walk *w)
{
	struct qnx4 *fs = ARENA_NEW(w->arena, struct qnx4);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	struct cursor *cursor = ARENA_NEW(w->arena, struct cursor);
	if (!fs || !t || !cursor)
		return error_at(ERR_BUDGET, 0, "no memory for the tree");
	*fs = (struct qnx4){ bytes, cursor };
	*t = (struct tree){ .ops = &tree_ops, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, ROOT);
}

/* The name of the root, and those of what stands behind it. */
static const struct format_magic magics[] = { MAGIC(".inodes\0\0\0\0\0\0\0\0\0", BLOCK + ENTRY_SIZE), MAGIC_END };

const struct format qnx4_format = {
	.name = "qnx4",
	.kind = FORMAT_FILESYSTEM,
	.title = "QNX 4 file system",
	.spec = "Linux include/uapi/linux/qnx4_fs.h",
	.magics = magics,
	.probe = qnx4_probe,
	.walk = qnx4_walk,
};
