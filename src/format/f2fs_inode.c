/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inodes and the names that lead to them. Specification: Linux include/linux/f2fs_fs.h. */
#include "base/hash.h"
#include "format/f2fs_image.h"

#define DEFAULT_INLINE_XATTR 50u /* addresses */
#define EXTRA_CHECKSUM_AT 368u
#define DENTRY_SIZE 11u
#define SLOT 8u
#define NAME_MAX_BYTES 255u
#define TARGET_MAX 4096u
#define LOG_CLUSTER_MIN 2u
#define LOG_CLUSTER_MAX 8u

enum {
	ADVISE_ENCRYPT = 0x4,
	INLINE_XATTR = 0x1,
	INLINE_DATA = 0x2,
	INLINE_DENTRY = 0x4,
	INLINE_DATA_EXIST = 0x8,
	INLINE_EXTRA = 0x20,
	FLAG_COMPRESSED = 0x4,
};

/* Where the addresses of an inode begin and how many there are: extra attributes stand before, extended ones behind. */
static bool layout(const struct f2fs *fs, struct f2fs_file *file, uint8_t flags)
{
	uint32_t extra = flags & INLINE_EXTRA ? span_u16le(file->inode, F2FS_INODE_HEAD) : 0, behind = 0;
	uint32_t all = (fs->block_size - F2FS_INODE_HEAD - 4 * F2FS_NODE_IDS - F2FS_FOOTER) / 4;
	if (fs->s.features & F2FS_FEATURE_FLEXIBLE_INLINE_XATTR && flags & INLINE_EXTRA)
		behind = span_u16le(file->inode, F2FS_INODE_HEAD + 2);
	else if (flags & (INLINE_XATTR | INLINE_DENTRY))
		behind = DEFAULT_INLINE_XATTR;
	if (extra % 4 || extra / 4 + behind + 1 >= all)
		return false;
	file->addresses_at = F2FS_INODE_HEAD + extra;
	file->addresses = all - extra / 4 - behind;
	file->per_node = fs->node_pointers;
	if (flags & (INLINE_DATA | INLINE_DENTRY))
		file->inline_n = 4 * (file->addresses - 1);
	return true;
}

/* A cluster never stands in two nodes. */
static bool compression(const struct f2fs *fs, struct f2fs_file *file, uint32_t flags)
{
	if (!(flags & FLAG_COMPRESSED) || !(fs->s.features & F2FS_FEATURE_COMPRESSION) ||
		file->addresses_at < F2FS_INODE_HEAD + 34)
		return true;
	struct reader r = reader_le(span_sub(file->inode, F2FS_INODE_HEAD + 32, 2));
	file->algorithm = rd_u8(&r);
	file->log_cluster = rd_u8(&r);
	if (file->log_cluster < LOG_CLUSTER_MIN || file->log_cluster > LOG_CLUSTER_MAX)
		return false;
	uint32_t mask = ~((1u << file->log_cluster) - 1);
	file->compressed = true;
	file->addresses &= mask;
	file->per_node &= mask;
	return file->per_node > 0;
}

static void check_sum(const struct f2fs *fs, struct tree *t, const struct f2fs_file *file, uint8_t flags, uint64_t at)
{
	struct span raw = file->inode;
	if (!(fs->s.features & F2FS_FEATURE_INODE_CHECKSUM) || !(flags & INLINE_EXTRA) ||
		file->addresses_at < EXTRA_CHECKSUM_AT + 4)
		return;
	uint32_t crc = hash_crc32_raw(fs->checksum_seed, span_sub(raw, fs->block_size - F2FS_FOOTER + 4, 4));
	crc = hash_crc32_raw(hash_crc32_raw(crc, span_sub(raw, 68, 4)), span_clip(raw, 0, EXTRA_CHECKSUM_AT));
	crc = hash_crc32_raw(hash_crc32_raw(crc, span_of("\0\0\0\0", 4)), span_from(raw, EXTRA_CHECKSUM_AT + 4));
	if (crc != span_u32le(raw, EXTRA_CHECKSUM_AT))
		tree_damage(t, ERR_CORRUPT, at, "inode %lu does not have the checksum that it says",
					(unsigned long)file->number);
}

struct span f2fs_inline(const struct f2fs_file *file)
{
	/* The first address is kept free. */
	return file->inline_n ? span_sub(file->inode, file->addresses_at + 4, file->inline_n) : SPAN_NONE;
}

static void read_target(const struct f2fs *fs, struct tree *t, const struct f2fs_file *file, struct inode *inode)
{
	struct span in_inode = f2fs_inline(file);
	if (file->encrypted) {
		tree_damage(t, ERR_ENCRYPTED, inode->at, "where a symbolic link leads is encrypted (fscrypt)");
		return;
	}
	if (file->inline_n) {
		inode->target = text_from_span(span_sub(in_inode, 0, file->size));
		if (!inode->target.p)
			tree_damage(t, ERR_CORRUPT, inode->at, "a symbolic link of %llu bytes", (unsigned long long)file->size);
		return;
	}
	uint8_t *target = file->size <= TARGET_MAX ? arena_alloc(t->walk->arena, (size_t)file->size, 1) : NULL;
	struct error e = error_at(ERR_CORRUPT, 0, "it would be %llu bytes long", (unsigned long long)file->size);
	if (target)
		e = f2fs_read(fs, file, 0, target, (size_t)file->size);
	if (error_is(&e))
		tree_damage(t, e.code, inode->at, "a symbolic link can not be read: %s", e.text);
	else
		inode->target = text_of((char *)target, (size_t)file->size);
}

static void describe(struct span raw, struct inode *inode, const struct f2fs_file *file)
{
	inode->mode = span_u16le(raw, 0) & 07777;
	inode->uid = span_u32le(raw, 4);
	inode->gid = span_u32le(raw, 8);
	inode->size = file->size;
	inode->mtime = (int64_t)span_u64le(raw, 48);
	inode->own = file;
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE) {
		uint32_t old = span_u32le(raw, file->addresses_at), new = span_u32le(raw, file->addresses_at + 4);
		inode->device = old ? device_old(old) : device_new(new);
	}
}

static bool f2fs_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	struct f2fs *fs = t->fs;
	struct error why;
	struct span raw = f2fs_node(fs, (uint32_t)number, &why);
	if (!raw.p) {
		tree_damage(t, why.code, why.offset, "%s", why.text);
		return false;
	}
	inode->at = (uint64_t)(raw.p - fs->image.p);
	if (span_u32le(raw, fs->block_size - F2FS_FOOTER + 4) != number ||
		!entry_kind_read(span_u16le(raw, 0), &inode->kind) || span_u32le(raw, 12) == 0) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to node %llu, which is no inode in use",
					(unsigned long long)number);
		return false;
	}
	struct f2fs_file *file = ARENA_NEW(t->walk->arena, struct f2fs_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	uint8_t flags = raw.p[3];
	*file = (struct f2fs_file){ .number = (uint32_t)number,
								.exists = flags & INLINE_DATA_EXIST || inode->kind != ENTRY_FILE,
								.encrypted = raw.p[2] & ADVISE_ENCRYPT,
								.size = span_u64le(raw, 16),
								.inode = raw };
	if (!layout(fs, file, flags) || (inode->kind == ENTRY_FILE && !compression(fs, file, span_u32le(raw, 80)))) {
		tree_damage(t, ERR_CORRUPT, inode->at, "inode %llu has attributes of impossible sizes",
					(unsigned long long)number);
		return false;
	}
	check_sum(fs, t, file, flags, inode->at);
	describe(raw, inode, file);
	if (inode->kind == ENTRY_SYMLINK)
		read_target(fs, t, file, inode);
	return true;
}

/* Whether a file that was synced later has that name: it will be told of then. */
static bool named_anew(const struct f2fs *fs, const struct inode *directory, struct text name)
{
	return f2fs_synced_has_name(fs, ((const struct f2fs_file *)directory->own)->number, name);
}

/* The names in a block, or in an inode: a bitmap of the slots in use, entries, and the names in slots of eight
 * bytes. */
static void list_entries(struct tree *t, const struct inode *directory, struct span block, uint64_t at)
{
	uint32_t n = (uint32_t)(block.n * 8 / ((DENTRY_SIZE + SLOT) * 8 + 1));
	uint64_t names = block.n - (uint64_t)n * SLOT, entries = names - (uint64_t)n * DENTRY_SIZE;
	for (uint32_t i = 0; i < n; i++) {
		if (!(block.p[i / 8] >> i % 8 & 1))
			continue;
		uint32_t number = span_u32le(block, entries + (uint64_t)i * DENTRY_SIZE + 4);
		uint32_t name_n = span_u16le(block, entries + (uint64_t)i * DENTRY_SIZE + 8),
				 slots = (name_n + SLOT - 1) / SLOT;
		struct span name = span_sub(block, names + (uint64_t)i * SLOT, name_n);
		if (name_n == 0 || name_n > NAME_MAX_BYTES || slots > n - i || !name.p) {
			tree_damage(t, ERR_CORRUPT, at, "slot %lu of a directory has a name of %lu bytes", (unsigned long)i,
						(unsigned long)name_n);
			continue;
		}
		if (!named_anew(t->fs, directory, text_from_span(name)) && !tree_name(t, text_from_span(name), number))
			return;
		i += slots - 1;
	}
}

static bool list_run(struct tree *t, const struct inode *directory, struct run run)
{
	const struct f2fs *fs = t->fs;
	for (uint64_t done = 0; done < run.n && !t->out_of_memory; done += fs->block_size) {
		struct span block = span_sub(fs->image, run.at + done, fs->block_size);
		if (!block.p) {
			tree_damage(t, ERR_TRUNCATED, run.at + done, "a directory stands beyond the end of the image");
			break;
		}
		list_entries(t, directory, block, run.at + done);
	}
	return !t->out_of_memory;
}

static void f2fs_list(struct tree *t, const struct inode *directory)
{
	const struct f2fs *fs = t->fs;
	const struct f2fs_file *file = directory->own;
	struct span in_inode = f2fs_inline(file);
	if (file->encrypted)
		tree_damage(t, ERR_ENCRYPTED, directory->at, "the names in a directory are encrypted (fscrypt)");
	if (in_inode.p)
		list_entries(t, directory, in_inode, directory->at);
	else
		tree_list_runs(t, directory, f2fs_find_run, fs->block_size, list_run);
	size_t n;
	const struct f2fs_synced_name *names = f2fs_synced_names(fs, file->number, &n);
	for (size_t i = 0; i < n && !t->out_of_memory; i++)
		if (!tree_name(t, names[i].text, names[i].number))
			return;
}

const struct tree_ops f2fs_tree = { .inode = f2fs_inode, .list = f2fs_list, .content = f2fs_content };
