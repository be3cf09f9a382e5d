/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cramfs of either byte order, with or without 512 bytes before it. Specification: Linux
 * include/uapi/linux/cramfs_fs.h, fs/cramfs/README, fs/cramfs/inode.c. */
#include "base/codec.h"
#include "base/hash.h"
#include "format/inode_tree.h"

#define SUPERBLOCK_SIZE 76u
#define ROOT_AT 64u /* within the superblock */
#define PADDING 512u
#define INODE_SIZE 12u
#define SIZE_MAX_V1 (1u << 28)
#define FLAG_FSID_VERSION_2 0x1u
#define FLAG_SHIFTED_ROOT 0x400u
#define BLOCK_UNCOMPRESSED 0x80000000u
#define BLOCK_DIRECT 0x40000000u
#define BLOCK_FLAGS (BLOCK_UNCOMPRESSED | BLOCK_DIRECT)
/* How many entries of the root are looked at to believe in it. */
#define ROOT_ENTRIES 32u

struct cramfs_inode {
	uint32_t mode, uid, size, gid, name_n, offset;
};

struct cramfs {
	struct span image;
	uint32_t base; /* of the superblock */
	uint32_t size, flags, crc, edition, blocks, files;
	bool big;
	uint32_t block_size; /* 0: no file told yet */
	uint64_t end;        /* of what was seen */
};

struct cramfs_file {
	uint32_t offset, size, block_size;
};

static struct cramfs_inode inode_read(const struct cramfs *fs, uint64_t at)
{
	struct reader r = reader_of(span_sub(fs->image, at, INODE_SIZE), fs->big);
	uint32_t a = rd_u32(&r), b = rd_u32(&r), c = rd_u32(&r);
	if (fs->big)
		return (struct cramfs_inode){ a >> 16, a & 0xffff, b >> 8, b & 0xff, (c >> 26) * 4, (c & 0x3ffffff) * 4 };
	return (struct cramfs_inode){ a & 0xffff, a >> 16, b & 0xffffff, b >> 24, (c & 0x3f) * 4, (c >> 6) * 4 };
}

/* Whether the root's listing, as far as it is there, is one. */
static bool root_makes_sense(const struct cramfs *fs)
{
	struct cramfs_inode root = inode_read(fs, fs->base + ROOT_AT);
	uint64_t at = root.offset, end = (uint64_t)root.offset + root.size;
	if (root.mode >> 12 != 4 || (root.size && at < fs->base + SUPERBLOCK_SIZE))
		return false;
	if (!(fs->flags & FLAG_SHIFTED_ROOT) && at && at != fs->base + SUPERBLOCK_SIZE)
		return false;
	for (unsigned i = 0; i < ROOT_ENTRIES && at < end && span_sub(fs->image, at, INODE_SIZE).p; i++) {
		struct cramfs_inode inode = inode_read(fs, at);
		enum entry_kind kind;
		if (!entry_kind_read(inode.mode, &kind) || inode.name_n == 0)
			return false;
		at += INODE_SIZE + inode.name_n;
	}
	return at <= end || root.size == 0;
}

static bool super_read(struct span at, uint32_t base, struct cramfs *fs)
{
	struct span super = span_sub(at, base, SUPERBLOCK_SIZE);
	struct reader r = reader_of(super, span_starts(super, "\x28\xcd\x3d\x45", 4));
	*fs = (struct cramfs){ .image = at, .base = base, .big = r.big };
	if (rd_u32(&r) != 0x28cd3d45 || !span_has(super, 16, "Compressed ROMFS", 16))
		return false;
	fs->size = rd_u32(&r);
	fs->flags = rd_u32(&r);
	rd_skip(&r, 4 + 16);
	fs->crc = rd_u32(&r);
	fs->edition = rd_u32(&r);
	fs->blocks = rd_u32(&r);
	fs->files = rd_u32(&r);
	/* The first version did not know its size. */
	if (!(fs->flags & FLAG_FSID_VERSION_2))
		fs->size = at.n < SIZE_MAX_V1 ? (uint32_t)at.n : SIZE_MAX_V1;
	return fs->size >= base + SUPERBLOCK_SIZE && root_makes_sense(fs);
}

static bool super_find(struct span at, struct cramfs *fs)
{
	return super_read(at, 0, fs) || super_read(at, PADDING, fs);
}

static bool cramfs_probe(struct span at, struct format_match *match)
{
	struct cramfs fs;
	if (!super_find(at, &fs))
		return false;
	match->size = fs.size;
	match->confidence = 90;
	return true;
}

static uint32_t u32_at(const struct cramfs *fs, uint64_t at)
{
	return span_u32(fs->image, at, fs->big);
}

static uint16_t u16_at(const struct cramfs *fs, uint64_t at)
{
	return span_u16(fs->image, at, fs->big);
}

/* Where a block of a file is: plainly, a pointer says where it ends and the one before it where it begins. Newer images
 * may point to the beginning instead, and the block then may begin with its length. */
struct block {
	uint64_t at, n;
	bool stored;
};

static struct block block_find(const struct cramfs *fs, const struct cramfs_file *file, uint32_t index,
							   uint32_t unpacked)
{
	uint64_t pointers = file->offset, count = ((uint64_t)file->size + file->block_size - 1) / file->block_size;
	uint32_t pointer = u32_at(fs, pointers + 4 * (uint64_t)index);
	struct block b = { .stored = pointer & BLOCK_UNCOMPRESSED };
	if (pointer & BLOCK_DIRECT) {
		b.at = (uint64_t)(pointer & ~BLOCK_FLAGS) << 2;
		b.n = b.stored ? unpacked : u16_at(fs, b.at);
		b.at += b.stored ? 0 : 2;
		return b;
	}
	uint32_t before = index ? u32_at(fs, pointers + 4 * ((uint64_t)index - 1)) : (uint32_t)(pointers + 4 * count);
	b.at = before & ~BLOCK_FLAGS;
	if (before & BLOCK_DIRECT) {
		b.at <<= 2;
		b.at += before & BLOCK_UNCOMPRESSED ? file->block_size : 2 + (uint64_t)u16_at(fs, b.at);
	}
	uint64_t end = pointer & ~BLOCK_FLAGS;
	b.n = end >= b.at ? end - b.at : UINT64_MAX;
	return b;
}

static struct error block_read(const struct cramfs *fs, const struct cramfs_file *file, uint32_t index, uint8_t *out,
							   uint32_t n)
{
	uint64_t offset = (uint64_t)index * file->block_size;
	if (!span_sub(fs->image, file->offset + 4 * (uint64_t)index, 4).p)
		return error_at(ERR_TRUNCATED, offset, "its block pointers stand beyond the end of the image");
	struct block b = block_find(fs, file, index, n);
	if (b.n == 0) {
		memset(out, 0, n);
		return error_none();
	}
	if (b.n > 2 * (uint64_t)file->block_size || (b.stored && b.n > file->block_size))
		return error_at(ERR_CORRUPT, offset, "a block of %llu bytes, which is too long", (unsigned long long)b.n);
	struct span in = span_sub(fs->image, b.at, b.n);
	if (!in.p)
		return error_at(ERR_TRUNCATED, offset, "a block stands at %llu, beyond the end of the image",
						(unsigned long long)b.at);
	size_t got = in.n < n ? in.n : n;
	enum error_code code = ERR_NONE;
	if (b.stored)
		memcpy(out, in.p, got);
	else
		code = codec_block(CODEC_ZLIB, in, out, n, &got);
	if (got != n)
		return error_at(code ? code : ERR_CORRUPT, offset, "a block gives %zu of %lu bytes", got, (unsigned long)n);
	return error_none();
}

static struct error content_read(const void *image, const void *of, uint64_t offset, uint8_t *out, size_t n)
{
	const struct cramfs *fs = image;
	const struct cramfs_file *file = of;
	for (size_t done = 0; done < n;) {
		uint32_t take = n - done < file->block_size ? (uint32_t)(n - done) : file->block_size;
		struct error e = block_read(fs, file, (uint32_t)((offset + done) / file->block_size), out + done, take);
		if (error_is(&e))
			return e;
		done += take;
	}
	return error_none();
}

static const struct content_ops content_blocks = { .read = content_read };

/* Blocks are as large as a page was on the machine that the image is for, which is written nowhere: right is the size
 * with which the first block holds as much as it must. */
static uint32_t block_size_of(struct cramfs *fs, const struct cramfs_file *file)
{
	static const uint32_t sizes[] = { 4096, 8192, 16384, 32768, 65536, 2048, 1024, 512 };
	uint8_t out[65536];
	if (fs->block_size || file->size == 0)
		return fs->block_size ? fs->block_size : 4096;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct cramfs_file f = { file->offset, file->size, sizes[i] };
		uint32_t n = f.size < f.block_size ? f.size : f.block_size;
		if (block_find(fs, &f, 0, n).n == 0)
			continue; /* a hole tells nothing */
		struct error e = block_read(fs, &f, 0, out, n);
		if (error_is(&e))
			continue;
		if (f.size > f.block_size)
			fs->block_size = f.block_size;
		return f.block_size;
	}
	return 4096;
}

/* The first version does not know its size: it ends behind the last that an inode leads to. */
static void see_end(struct cramfs *fs, const struct inode *inode)
{
	const struct cramfs_file *file = inode->own;
	uint64_t end = inode->at + INODE_SIZE, count = ((uint64_t)file->size + file->block_size - 1) / file->block_size;
	if (inode->kind == ENTRY_DIRECTORY)
		end = (uint64_t)file->offset + file->size;
	else if ((inode->kind == ENTRY_FILE || inode->kind == ENTRY_SYMLINK) && count && count <= UINT32_MAX) {
		struct block last = block_find(fs, file, (uint32_t)(count - 1), file->size - (uint32_t)(count - 1) * file->block_size);
		end = last.n < fs->size ? last.at + last.n : end;
	}
	fs->end = end > fs->end ? end : fs->end;
}

/* The number of an inode is its place. */
static bool cramfs_inode(struct tree *t, uint64_t at, struct inode *inode)
{
	struct cramfs *fs = t->fs;
	struct cramfs_inode raw = inode_read(fs, at);
	inode->at = at;
	if (!entry_kind_read(raw.mode, &inode->kind)) {
		tree_damage(t, ERR_CORRUPT, at, "an inode has mode 0%lo, which is no kind of file", (unsigned long)raw.mode);
		return false;
	}
	struct cramfs_file *file = ARENA_NEW(t->walk->arena, struct cramfs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = (struct cramfs_file){ raw.offset, raw.size, 4096 };
	inode->alone = inode->kind != ENTRY_DIRECTORY;
	inode->mode = raw.mode & 07777;
	inode->uid = raw.uid;
	inode->gid = raw.gid;
	inode->size = raw.size;
	inode->own = file;
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE)
		inode->device = device_old(raw.size);
	if (inode->kind == ENTRY_FILE || inode->kind == ENTRY_SYMLINK)
		file->block_size = block_size_of(fs, file);
	if (inode->kind == ENTRY_SYMLINK)
		tree_read_target(t, inode, &content_blocks, file, file->size);
	see_end(fs, inode);
	return true;
}

static void cramfs_list(struct tree *t, const struct inode *directory)
{
	struct cramfs *fs = t->fs;
	const struct cramfs_file *file = directory->own;
	uint64_t at = file->offset, end = at + file->size;
	if (!tree_listed(t, file->size))
		return;
	while (at < end) {
		struct cramfs_inode raw = inode_read(fs, at);
		struct span name = span_sub(fs->image, at + INODE_SIZE, raw.name_n);
		if (!name.p || name.n == 0 || at + INODE_SIZE + name.n > end) {
			tree_damage(t, name.p ? ERR_CORRUPT : ERR_TRUNCATED, at,
						"the listing of a directory breaks off after %llu of %lu bytes",
						(unsigned long long)(at - file->offset), (unsigned long)file->size);
			return;
		}
		uint64_t next = at + INODE_SIZE + name.n;
		while (name.n && name.p[name.n - 1] == 0)
			name.n--;
		if (!tree_name(t, text_from_span(name), at))
			return;
		at = next;
	}
}

/* A file that is stored and lies together: it can be executed in place. */
static struct span together(const struct cramfs *fs, const struct cramfs_file *file)
{
	uint32_t first = u32_at(fs, file->offset);
	uint64_t count = ((uint64_t)file->size + file->block_size - 1) / file->block_size;
	for (uint32_t i = 0; i < count; i++)
		if (u32_at(fs, file->offset + 4 * (uint64_t)i) != first + i * (file->block_size >> 2) ||
			(first & BLOCK_FLAGS) != BLOCK_FLAGS)
			return SPAN_NONE;
	return span_sub(fs->image, (uint64_t)(first & ~BLOCK_FLAGS) << 2, file->size);
}

static bool cramfs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct cramfs *fs = t->fs;
	const struct cramfs_file *file = inode->own;
	struct span bytes = together(fs, file);
	if (bytes.p) {
		entry->offset = (uint64_t)(bytes.p - fs->image.p);
		entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = bytes };
	} else {
		entry->content = (struct content){
			.kind = CONTENT_BLOCKS, .ops = &content_blocks, .fs = fs, .file = file, .block_size = file->block_size
		};
	}
	return true;
}

static const struct tree_ops cramfs_tree = { .inode = cramfs_inode, .list = cramfs_list, .content = cramfs_content };

/* Over the whole image behind the padding, with the checksum's own bytes as zeros. */
static void show_checksum(const struct cramfs *fs, struct sink *sink)
{
	struct span all = span_sub(fs->image, fs->base, fs->size - fs->base);
	if (!(fs->flags & FLAG_FSID_VERSION_2) || !all.p)
		return;
	uint32_t crc = hash_crc32(hash_crc32(0, span_clip(all, 0, 32)), span_of("\0\0\0\0", 4));
	bool ok = hash_crc32(crc, span_from(all, 36)) == fs->crc;
	emit_header_field(sink, fs->base + 32, "crc32", "%s", ok ? "ok" : "mismatch");
	if (!ok)
		emit_damage_at(sink, ERR_CORRUPT, fs->base + 32, "the image does not have the checksum that it says");
}

static void show_super(const struct cramfs *fs, struct sink *sink)
{
	struct span name = span_sub(fs->image, fs->base + 48, 16);
	emit_header_field(sink, fs->base + 8, "version", "%u", fs->flags & FLAG_FSID_VERSION_2 ? 2 : 1);
	emit_header_field(sink, fs->base, "byte_order", "%s", fs->big ? "big" : "little");
	emit_header_field(sink, fs->base + 8, "flags", "0x%lx", (unsigned long)fs->flags);
	if (name.p && name.p[0])
		emit_header_field(sink, fs->base + 48, "name", "%.16s", (const char *)name.p);
	if (fs->flags & FLAG_FSID_VERSION_2) {
		emit_header_field(sink, fs->base + 36, "edition", "%lu", (unsigned long)fs->edition);
		emit_header_field(sink, fs->base + 44, "files", "%lu", (unsigned long)fs->files);
	}
	show_checksum(fs, sink);
}

static struct error cramfs_walk(struct span bytes, struct walk *w)
{
	struct cramfs *fs = ARENA_NEW(w->arena, struct cramfs);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	if (!super_find(bytes, fs))
		return error_at(ERR_CORRUPT, 0, "no cramfs superblock");
	show_super(fs, w->sink);
	*t = (struct tree){ .ops = &cramfs_tree, .fs = fs, .image = bytes, .walk = w };
	struct error e = tree_walk(t, fs->base + ROOT_AT);
	if (!(fs->flags & FLAG_FSID_VERSION_2))
		w->end = fs->end;
	return e;
}

static const struct format_magic cramfs_magics[] = { MAGIC("\x45\x3d\xcd\x28", 0), MAGIC("\x28\xcd\x3d\x45", 0),
													 MAGIC("\x45\x3d\xcd\x28", PADDING),
													 MAGIC("\x28\xcd\x3d\x45", PADDING), MAGIC_END };

const struct format cramfs_format = {
	.name = "cramfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "cramfs file system, both byte orders",
	.spec = "Linux include/uapi/linux/cramfs_fs.h",
	.magics = cramfs_magics,
	.probe = cramfs_probe,
	.walk = cramfs_walk,
};
