/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UFS, versions 1 and 2 (the fast file system of BSD), in either byte order; version 1 also with the names of older BSDs and of Solaris,
 * which have a length of 16 bits where later ones have a kind and a length.
 *
 * Specification: FreeBSD sys/ufs/ffs/fs.h, sys/ufs/ufs/dinode.h, sys/ufs/ufs/dir.h; illumos uts/common/sys/fs/ufs_fsdir.h.
 */
#include "format/block_map.h"
#include "format/inode_tree.h"
#include "format/wrapper.h"

#define SUPER_1 8192u
#define SUPER_2 65536u /* mostly of version 2 */
#define SUPER_SIZE 1376u
#define MAGIC_AT 1372u
#define MAGIC_1 0x00011954u
#define MAGIC_2 0x19540119u
#define GROUP_MAGIC 0x00090255u /* of a cylinder group */
#define ROOT 2u
#define INODE_TYPE 0170000u
#define INODE_DIRECTORY 0040000u
#define DIRECT 12u
#define LEVELS 3u
#define RUN_BLOCKS 4096u /* that are looked up for one run */

struct ufs {
	struct span image;
	uint64_t super_at, size; /* in fragments */
	uint32_t groups, block, fragment, inodes_per_group, fragments_per_group, inode_at, group_offset, group_mask;
	bool big, two;
	bool old; /* the root's first name, which is ".", has a length of 16 bits: only of little-endian ones this can be seen */
};

struct ufs_file {
	struct span pointers;
	uint64_t size;
};

static bool super_read(struct span image, uint64_t at, struct ufs *fs)
{
	struct span s = span_sub(image, at, SUPER_SIZE);
	uint32_t little = span_u32le(s, MAGIC_AT), big = span_u32be(s, MAGIC_AT);
	*fs = (struct ufs){ .image = image, .super_at = at, .big = big == MAGIC_1 || big == MAGIC_2 };
	fs->two = little == MAGIC_2 || big == MAGIC_2;
	if (!s.p || (!fs->big && !fs->two && little != MAGIC_1))
		return false;
	struct reader size = reader_of(span_from(s, 1080), fs->big);
	fs->inode_at = span_u32(s, 16, fs->big);
	fs->groups = span_u32(s, 44, fs->big);
	fs->block = span_u32(s, 48, fs->big);
	fs->fragment = span_u32(s, 52, fs->big);
	fs->inodes_per_group = span_u32(s, 184, fs->big);
	fs->fragments_per_group = span_u32(s, 188, fs->big);
	fs->group_offset = fs->two ? 0 : span_u32(s, 24, fs->big);
	fs->group_mask = fs->two ? 0 : span_u32(s, 28, fs->big);
	fs->size = fs->two ? rd_u64(&size) : span_u32(s, 36, fs->big);
	return fs->block >= 4096 && fs->block <= 65536 && (fs->block & (fs->block - 1)) == 0 && fs->fragment >= 512 &&
		   fs->fragment <= fs->block && (fs->fragment & (fs->fragment - 1)) == 0 &&
		   span_u32(s, 56, fs->big) == fs->block / fs->fragment && fs->groups && fs->inodes_per_group &&
		   fs->fragments_per_group && fs->size >> 48 == 0 &&
		   fs->size > (uint64_t)(fs->groups - 1) * fs->fragments_per_group &&
		   fs->size <= (uint64_t)fs->groups * fs->fragments_per_group;
}

static struct span inode_bytes(const struct ufs *fs, uint64_t number, uint64_t *at)
{
	uint64_t group = number / fs->inodes_per_group, n = fs->two ? 256 : 128;
	uint64_t start =
		group * fs->fragments_per_group + (uint64_t)fs->group_offset * (group & ~(uint64_t)fs->group_mask & UINT32_MAX);
	*at = (start + fs->inode_at) * fs->fragment + number % fs->inodes_per_group * n;
	return span_sub(fs->image, *at, n);
}

/* Whether the first cylinder group or the root directory is where the superblock says. Where it is not, the superblock is that of a
 * file system which begins elsewhere, or its copy. */
static bool begins_here(const struct ufs *fs)
{
	uint64_t at, group = (uint64_t)span_u32(span_from(fs->image, fs->super_at), 12, fs->big) * fs->fragment;
	struct reader mode = reader_of(inode_bytes(fs, ROOT, &at), fs->big);
	return span_u32(span_sub(fs->image, group, 8), 4, fs->big) == GROUP_MAGIC || (rd_u16(&mode) & INODE_TYPE) == INODE_DIRECTORY;
}

static bool super_find(struct span image, struct ufs *fs)
{
	return (super_read(image, SUPER_2, fs) && begins_here(fs)) || (super_read(image, SUPER_1, fs) && begins_here(fs));
}

static bool ufs_probe(struct span at, struct format_match *match)
{
	struct ufs fs;
	if (!super_find(at, &fs))
		return false;
	match->size = fs.size * fs.fragment;
	match->confidence = 90;
	return true;
}

static uint64_t pointer_at(const struct ufs *fs, struct span pointers, uint64_t i)
{
	unsigned width = fs->two ? 8 : 4;
	struct reader r = reader_of(span_sub(pointers, i * width, width), fs->big);
	return rd_uint(&r, width);
}

/* The fragment that block `n` of a file begins at; 0 stands for a hole. False: a block of pointers is not there. */
static bool block_pointer(const struct ufs *fs, const struct ufs_file *file, uint64_t n, uint64_t *fragment)
{
	uint64_t each = fs->block / (fs->two ? 8 : 4), covered = 1;
	if (n < DIRECT) {
		*fragment = pointer_at(fs, file->pointers, n);
		return true;
	}
	n -= DIRECT;
	unsigned level = 0;
	for (covered = each; n >= covered && level < LEVELS; level++, covered *= each)
		n -= covered;
	if (level == LEVELS)
		return false;
	*fragment = pointer_at(fs, file->pointers, DIRECT + level);
	for (unsigned i = level + 1; i > 0 && *fragment; i--) {
		covered /= each;
		struct span block = *fragment < fs->size ? span_sub(fs->image, *fragment * fs->fragment, fs->block) : SPAN_NONE;
		if (!block.p || !covered)
			return false;
		*fragment = pointer_at(fs, block, n / covered);
		n %= covered;
	}
	return true;
}

static struct error find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct ufs *fs = image;
	uint64_t n = offset / fs->block, wanted = run->n, first, next;
	if (!block_pointer(fs, of, n, &first) || first >= fs->size)
		return error_at(ERR_CORRUPT, offset, "a pointer leads out of the file system");
	uint64_t each = fs->block / fs->fragment, inside = offset % fs->block;
	*run = (struct run){ first ? first * fs->fragment + inside : RUN_HOLE, fs->block - inside };
	for (unsigned i = 1; i < RUN_BLOCKS && run->n < wanted && block_pointer(fs, of, n + i, &next); i++) {
		if (next != (first ? first + i * each : 0))
			break;
		run->n += fs->block;
	}
	return error_none();
}

static struct error content_read(const void *image, const void *of, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct ufs *)image)->image, find_run, image, of, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

/* A short target stands in place of the pointers. */
static void read_target(struct tree *t, struct inode *inode, const struct ufs_file *file, bool inlined)
{
	struct span here = inlined ? span_sub(file->pointers, 0, file->size) : SPAN_NONE;
	if (here.p)
		inode->target = text_from_span(here);
	else
		tree_read_target(t, inode, &content_blocks, file, file->size);
}

struct raw_inode {
	uint16_t mode, links;
	uint32_t uid, gid;
	uint64_t size, blocks;
	int64_t mtime;
	struct span pointers;
};

static void inode_fields(const struct ufs *fs, struct span s, struct raw_inode *i)
{
	struct reader r = reader_of(s, fs->big);
	i->mode = rd_u16(&r);
	i->links = rd_u16(&r);
	if (fs->two) {
		i->uid = rd_u32(&r);
		i->gid = rd_u32(&r);
		rd_seek(&r, 16);
		i->size = rd_u64(&r);
		i->blocks = rd_u64(&r);
		rd_seek(&r, 40);
		i->mtime = (int64_t)rd_u64(&r);
		i->pointers = span_sub(s, 112, 15 * 8);
	} else {
		rd_seek(&r, 8);
		i->size = rd_u64(&r);
		i->mtime = (int32_t)span_u32(s, 24, fs->big);
		i->blocks = span_u32(s, 104, fs->big);
		i->uid = fs->old ? span_u16le(s, 4) : span_u32(s, 112, fs->big); /* Solaris has something else there */
		i->gid = fs->old ? span_u16le(s, 6) : span_u32(s, 116, fs->big);
		i->pointers = span_sub(s, 40, 15 * 4);
	}
}

static bool ufs_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct ufs *fs = t->fs;
	struct raw_inode raw = { 0 };
	struct span s = inode_bytes(fs, number, &inode->at);
	if (number < ROOT || number >= (uint64_t)fs->groups * fs->inodes_per_group || !s.p) {
		tree_damage(t, s.p ? ERR_CORRUPT : ERR_TRUNCATED, OFFSET_NONE, "a name leads to inode %llu, which is not there",
					(unsigned long long)number);
		return false;
	}
	inode_fields(fs, s, &raw);
	if (!entry_kind_read(raw.mode, &inode->kind) || raw.links == 0) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to inode %llu, which is free", (unsigned long long)number);
		return false;
	}
	struct ufs_file *file = ARENA_NEW(t->walk->arena, struct ufs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = (struct ufs_file){ raw.pointers, raw.size };
	inode->mode = raw.mode & 07777;
	inode->uid = raw.uid;
	inode->gid = raw.gid;
	inode->mtime = raw.mtime;
	inode->size = raw.size;
	inode->own = file;
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE)
		inode->device = device_old((uint32_t)pointer_at(fs, raw.pointers, 0));
	if (inode->kind == ENTRY_SYMLINK)
		read_target(t, inode, file, raw.blocks == 0);
	return true;
}

/* The names in one block of a listing: none crosses its end. */
static bool list_names(struct tree *t, struct span bytes)
{
	const struct ufs *fs = t->fs;
	for (uint64_t at = 0; at + 8 <= bytes.n;) {
		struct span e = span_sub(bytes, at, 8);
		uint32_t number = span_u32(e, 0, fs->big);
		uint16_t n = span_u16(e, 4, fs->big);
		struct text name = text_from_span(span_sub(bytes, at + 8, e.p[fs->old ? 6 : 7]));
		if (n < 8 || n % 4 || n > bytes.n - at) {
			tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a name in a directory has a record of %u bytes", n);
			return true;
		}
		if (number && name.n && !text_is(name, ".") && !text_is(name, "..") && !tree_name(t, name, number))
			return false;
		at += n;
	}
	return true;
}

static void ufs_list(struct tree *t, const struct inode *directory)
{
	const struct ufs *fs = t->fs;
	const struct ufs_file *file = directory->own;
	for (uint64_t at = 0; at < file->size; at += fs->block) {
		struct run run = { RUN_HOLE, 1 };
		struct error e = find_run(fs, file, at, &run);
		uint64_t n = file->size - at < fs->block ? file->size - at : fs->block;
		if (error_is(&e)) {
			tree_damage(t, e.code, directory->at, "a directory can not be read: %s", e.text);
			return;
		}
		struct span bytes = run.at == RUN_HOLE ? SPAN_NONE : span_clip(fs->image, run.at, n);
		if (!tree_listed(t, fs->fragment + bytes.n))
			return;
		if (run.at != RUN_HOLE && bytes.n < n)
			tree_damage(t, ERR_TRUNCATED, run.at, "a directory stands beyond the end of the image");
		if (!list_names(t, bytes))
			return;
	}
}

static bool has_old_names(const struct ufs *fs)
{
	struct raw_inode raw = { 0 };
	struct run run = { RUN_HOLE, 1 };
	uint64_t at;
	struct span s = inode_bytes(fs, ROOT, &at);
	if (fs->big || fs->two || !s.p)
		return false;
	inode_fields(fs, s, &raw);
	struct ufs_file file = { raw.pointers, raw.size };
	struct error e = find_run(fs, &file, 0, &run);
	return !error_is(&e) && run.at != RUN_HOLE && span_has(fs->image, run.at + 6, "\1\0.\0", 4);
}

static bool ufs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct ufs *fs = t->fs;
	block_map_content(fs->image, find_run, &content_blocks, fs, inode->own, fs->block, entry);
	return true;
}

static const struct tree_ops ufs_tree = { .inode = ufs_inode, .list = ufs_list, .content = ufs_content };

static struct error ufs_walk(struct span bytes, struct walk *w)
{
	struct ufs *fs = ARENA_NEW(w->arena, struct ufs);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	if (!super_find(bytes, fs))
		return error_at(ERR_CORRUPT, SUPER_1, "no UFS superblock");
	fs->old = has_old_names(fs);
	emit_header_field(w->sink, fs->super_at + MAGIC_AT, "version", "%u", fs->two ? 2 : 1);
	emit_header_field(w->sink, fs->super_at + MAGIC_AT, "byte_order", "%s", fs->big ? "big" : "little");
	emit_header_field(w->sink, fs->super_at + 48, "bsize", "%u", fs->block);
	emit_header_field(w->sink, fs->super_at + 52, "fsize", "%u", fs->fragment);
	struct span id = span_sub(bytes, fs->super_at + 144, 8);
	if (!span_is_zero(id))
		emit_header_field(w->sink, fs->super_at + 144, "fs_id", "%08x%08x", span_u32(id, 0, fs->big), span_u32(id, 4, fs->big));
	if (fs->two)
		wrapper_field(w, fs->super_at + 680, "volname", span_sub(bytes, fs->super_at + 680, 32));
	*t = (struct tree){ .ops = &ufs_tree, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, ROOT);
}

#define MAGICS(at)                                                                                                     \
	MAGIC("\x54\x19\1\0", (at) + MAGIC_AT), MAGIC("\0\1\x19\x54", (at) + MAGIC_AT),                                    \
		MAGIC("\x19\1\x54\x19", (at) + MAGIC_AT), MAGIC("\x19\x54\1\x19", (at) + MAGIC_AT)
static const struct format_magic ufs_magics[] = { MAGICS(SUPER_1), MAGICS(SUPER_2), MAGIC_END };

const struct format ufs_format = {
	.name = "ufs",
	.kind = FORMAT_FILESYSTEM,
	.title = "UFS file system, versions 1 and 2, both byte orders",
	.spec = "FreeBSD sys/ufs/ffs/fs.h",
	.magics = ufs_magics,
	.probe = ufs_probe,
	.walk = ufs_walk,
};
