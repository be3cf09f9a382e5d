/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inodes and the names that lead to them. Specification: Linux Documentation/filesystems/ext4/inodes.rst,
 * directory.rst, attributes.rst. */
#include "base/crc32c.h"
#include "format/ext_image.h"

#define INODE_SIZE_OLD 128u
#define XATTR_MAGIC 0xea020000u
#define XATTR_INDEX_SYSTEM 7u
#define DIRENT_HEADER 8u
#define TARGET_MAX 4096u
#define FILETYPE_CHECKSUM 0xdeu

static const struct content_ops content_blocks;

static uint32_t checksum_seed(const struct ext *fs, uint32_t number, struct span raw)
{
	uint8_t le[4] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24) };
	return crc32c_update(crc32c_update(fs->seed, span_of(le, 4)), span_sub(raw, 100, 4));
}

/* Whether an inode has the checksum that it says: over all of it, with the checksum's own two halves as zeros. */
static bool inode_sums(struct span raw, uint32_t seed)
{
	bool wide = raw.n > INODE_SIZE_OLD && span_u16le(raw, 128) >= 4;
	uint32_t crc = crc32c_update(seed, span_clip(raw, 0, 124)), stored = span_u16le(raw, 124);
	crc = crc32c_update(crc, span_of("\0\0", 2));
	crc = crc32c_update(crc, span_clip(raw, 126, 2));
	if (raw.n > INODE_SIZE_OLD) {
		crc = crc32c_update(crc, span_clip(raw, 128, 2));
		crc = wide ? crc32c_update(crc, span_of("\0\0", 2)) : crc32c_update(crc, span_clip(raw, 130, 2));
		crc = crc32c_update(crc, span_from(raw, 132));
	}
	if (wide)
		stored |= (uint32_t)span_u16le(raw, 130) << 16;
	return stored == (wide ? crc : crc & 0xffff);
}

static struct span inode_in_table(const struct ext *fs, uint64_t table, uint64_t index)
{
	uint64_t at = index * fs->s.inode_size, size = fs->s.block_size;
	return span_sub(ext_block(fs, table + at / size), at % size, fs->s.inode_size);
}

/* The bytes of an inode; reports why there are none. */
static struct span inode_bytes(const struct ext *fs, struct tree *t, uint64_t number)
{
	uint64_t block, group = (number - 1) / fs->s.inodes_per_group, index = (number - 1) % fs->s.inodes_per_group;
	if (number == 0 || number > fs->s.inodes) {
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a name leads to inode %llu of %lu", (unsigned long long)number,
					(unsigned long)fs->s.inodes);
		return SPAN_NONE;
	}
	if (!ext_group_inodes(fs, group, &block)) {
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "the table of inode %llu can not be found",
					(unsigned long long)number);
		return SPAN_NONE;
	}
	struct span raw = inode_in_table(fs, block, index);
	if (!raw.p)
		tree_damage(t, ERR_TRUNCATED, block * fs->s.block_size + index * fs->s.inode_size,
					"inode %llu stands beyond the end of the image", (unsigned long long)number);
	return raw;
}

static int64_t time_of(struct span raw)
{
	int64_t time = (int32_t)span_u32le(raw, 16);
	if (raw.n > INODE_SIZE_OLD && span_u16le(raw, 128) >= 12) /* as far as i_mtime_extra */
		time += (int64_t)(span_u32le(raw, 136) & 3) << 32;
	return time;
}

/* The part of inline data that does not fit in i_block: it goes on in the attribute "system.data" behind the inode's fields. Empty when
 * there is none. */
static struct span inline_rest(const struct ext_file *file)
{
	uint64_t head = INODE_SIZE_OLD + (uint64_t)span_u16le(file->inode, INODE_SIZE_OLD);
	struct span area = span_from(file->inode, head + 4);
	if (span_u32le(file->inode, head) != XATTR_MAGIC)
		return SPAN_NONE;
	for (struct reader r = reader_le(area); rd_left(&r) >= 16;) {
		uint8_t name_n = rd_u8(&r), index = rd_u8(&r);
		uint16_t value_at = rd_u16(&r);
		uint32_t value_inode = rd_u32(&r), value_n = rd_u32(&r);
		rd_skip(&r, 4);
		struct span name = rd_bytes(&r, name_n);
		if ((name_n == 0 && index == 0) || !rd_ok(&r))
			break;
		if (index == XATTR_INDEX_SYSTEM && text_is(text_from_span(name), "data"))
			return value_inode == 0 ? span_sub(area, value_at, value_n) : SPAN_NONE;
		rd_skip(&r, -(uint64_t)name_n & 3);
	}
	return SPAN_NONE;
}

/* Reads what a symbolic link leads to; short ones stand in the inode. */
static void read_target(const struct ext *fs, struct tree *t, const struct ext_file *file, struct inode *inode)
{
	if (file->flags & FLAG_ENCRYPT) {
		tree_damage(t, ERR_ENCRYPTED, inode->at, "where a symbolic link leads is encrypted (fscrypt)");
		return;
	}
	if (file->size >= TARGET_MAX) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a symbolic link of %llu bytes", (unsigned long long)file->size);
		return;
	}
	/* Blocks that are not those of an attribute hold the target, however short it is. */
	bool blocks = span_u32le(file->inode, 28) && !span_u32le(file->inode, 104);
	bool in_inode =
		file->flags & FLAG_INLINE_DATA || (file->size < EXT_BLOCK_POINTERS && !(file->flags & FLAG_EXTENTS) && !blocks);
	if (in_inode && file->size <= EXT_BLOCK_POINTERS) {
		inode->target = text_from_span(span_sub(file->pointers, 0, file->size));
		return;
	}
	uint8_t *target = arena_alloc(t->walk->arena, (size_t)file->size, 1);
	struct span rest = inline_rest(file);
	if (!target) {
		t->out_of_memory = true;
	} else if (in_inode && rest.n >= file->size - EXT_BLOCK_POINTERS) {
		memcpy(target, file->pointers.p, EXT_BLOCK_POINTERS);
		memcpy(target + EXT_BLOCK_POINTERS, rest.p, (size_t)file->size - EXT_BLOCK_POINTERS);
		inode->target = text_of((char *)target, (size_t)file->size);
	} else {
		struct error e = block_map_read(fs->image, ext_find_run, fs, file, 0, target, (size_t)file->size);
		if (error_is(&e))
			tree_damage(t, e.code, inode->at, "a symbolic link can not be read: %s", e.text);
		else
			inode->target = text_of((char *)target, (size_t)file->size);
	}
}

static struct ext_file file_of(struct span raw)
{
	return (struct ext_file){ .flags = span_u32le(raw, 32),
							  .size = span_u32le(raw, 4),
							  .pointers = span_sub(raw, 40, EXT_BLOCK_POINTERS),
							  .inode = raw };
}

bool ext_file_of(const struct ext *fs, uint32_t number, struct ext_file *file)
{
	uint64_t table, each = fs->s.inodes_per_group;
	if (number == 0 || number > fs->s.inodes || !ext_group_inodes(fs, (number - 1) / each, &table))
		return false;
	struct span raw = inode_in_table(fs, table, (number - 1) % each);
	if (!raw.p || span_u16le(raw, 0) >> 12 != 8)
		return false;
	*file = file_of(raw);
	file->size |= (uint64_t)span_u32le(raw, 108) << 32;
	return !(file->flags & (FLAG_INLINE_DATA | FLAG_ENCRYPT));
}

static bool ext_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	struct ext *fs = t->fs;
	struct span raw = inode_bytes(fs, t, number);
	uint32_t mode = span_u16le(raw, 0);
	if (!raw.p)
		return false;
	inode->at = (uint64_t)(raw.p - fs->image.p);
	if (!entry_kind_read(mode, &inode->kind) || span_u16le(raw, 26) == 0) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to inode %llu, which is free", (unsigned long long)number);
		return false;
	}
	struct ext_file *file = ARENA_NEW(t->walk->arena, struct ext_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = file_of(raw);
	if (inode->kind == ENTRY_FILE || (inode->kind == ENTRY_DIRECTORY && fs->s.incompat & INCOMPAT_LARGEDIR))
		file->size |= (uint64_t)span_u32le(raw, 108) << 32;
	inode->own = file;
	inode->size = file->size;
	inode->mode = mode & 07777;
	inode->uid = span_u16le(raw, 2) | (int64_t)span_u16le(raw, 120) << 16;
	inode->gid = span_u16le(raw, 24) | (int64_t)span_u16le(raw, 122) << 16;
	inode->mtime = time_of(raw);
	if (fs->s.ro_compat & RO_COMPAT_METADATA_CSUM) {
		file->seed = checksum_seed(fs, (uint32_t)number, raw);
		if (!inode_sums(raw, file->seed))
			tree_damage(t, ERR_CORRUPT, inode->at, "inode %llu does not have the checksum that it says",
						(unsigned long long)number);
	}
	file->directory = inode->kind == ENTRY_DIRECTORY;
	if (!ext_reached(fs, number) && (inode->kind == ENTRY_FILE || inode->kind == ENTRY_DIRECTORY))
		ext_beyond_check(fs, t, file, inode->at);
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE)
		inode->device = span_u32le(raw, 40) ? device_old(span_u32le(raw, 40)) : device_new(span_u32le(raw, 44));
	if (inode->kind == ENTRY_SYMLINK)
		read_target(fs, t, file, inode);
	return true;
}

static void copy_part(struct span part, uint64_t from, uint64_t offset, uint8_t *out, size_t n)
{
	uint64_t first = offset > from ? offset : from, end = from + part.n < offset + n ? from + part.n : offset + n;
	if (first < end)
		memcpy(out + (first - offset), part.p + (first - from), (size_t)(end - first));
}

/* What an inode has no room for reads as zeros. */
static struct error inline_read(const void *fs, const void *of, uint64_t offset, uint8_t *out, size_t n)
{
	const struct ext_file *file = of;
	(void)fs;
	memset(out, 0, n);
	copy_part(file->pointers, 0, offset, out, n);
	copy_part(inline_rest(file), file->pointers.n, offset, out, n);
	return error_none();
}

static const struct content_ops inline_blocks = { .read = inline_read };

/* mke2fs leaves a hole of any size in an inode of inline data, and Linux and e2fsck take it as one. */
static bool is_inline_hole(const struct ext_file *file)
{
	struct span pointers = file->pointers;
	return !inline_rest(file).n && pointers.n && !pointers.p[0] && !memcmp(pointers.p, pointers.p + 1, pointers.n - 1);
}

/* A small file that stands in its inode. */
static void inline_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct ext *fs = t->fs;
	const struct ext_file *file = inode->own;
	uint64_t room = EXT_BLOCK_POINTERS + inline_rest(file).n;
	if (file->size > room && !is_inline_hole(file))
		tree_damage(t, ERR_CORRUPT, inode->at, "%llu bytes stand in an inode that holds %llu", (unsigned long long)file->size,
					(unsigned long long)room);
	if (file->size > EXT_BLOCK_POINTERS) {
		entry->content = (struct content){
			.kind = CONTENT_BLOCKS, .ops = &inline_blocks, .fs = fs, .file = file, .block_size = fs->s.block_size
		};
		return;
	}
	entry->offset = inode->at + 40;
	entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(file->pointers, 0, file->size) };
}

static bool ext_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	struct ext *fs = t->fs;
	const struct ext_file *file = inode->own;
	fs->verity_files += (file->flags & FLAG_VERITY) != 0;
	if (file->flags & FLAG_ENCRYPT) {
		entry->content = (struct content){ .kind = CONTENT_STREAM, .ops = &content_encrypted, .fs = fs, .file = file };
		return true;
	}
	if (file->flags & FLAG_COMPRBLK && fs->s.incompat & INCOMPAT_COMPRESSION) {
		tree_damage(t, ERR_UNSUPPORTED, inode->at, "a file is compressed by e2compr, which is not read");
		return false;
	}
	if (file->flags & FLAG_INLINE_DATA) {
		inline_content(t, inode, entry);
		return true;
	}
	ext_extents_check(fs, t, file, inode->at);
	block_map_content(fs->image, ext_find_run, &content_blocks, fs, file, fs->s.block_size, entry);
	return true;
}

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct ext *)fs)->image, ext_find_run, fs, file, offset, out, n);
}

static struct stored_run content_next(const void *image, const void *of, uint64_t offset)
{
	const struct ext *fs = image;
	const struct ext_file *file = of;
	return block_map_next(ext_find_run, fs, file, file->size, fs->s.block_size, offset);
}

static const struct content_ops content_blocks = { .read = content_read, .next = content_next };

/* Lengths of up to 256 KiB in 16 bits: those are multiples of 4. */
static uint32_t record_length(uint16_t stored, size_t block_size)
{
	if (block_size < 65536)
		return stored;
	return stored == UINT16_MAX || stored == 0 ? (uint32_t)block_size
											   : (stored & 0xfffcu) | (uint32_t)(stored & 3) << 16;
}

/* A name tells of which kind the inode is that it leads to: where they do not agree, one of them is damaged. */
static void check_type(const struct ext *fs, struct tree *t, uint32_t number, uint8_t type, uint64_t at)
{
	static const uint8_t modes[] = { 0, 8, 4, 2, 6, 1, 12, 10 }; /* S_IFMT >> 12 of EXT4_FT_* */
	uint64_t table, each = fs->s.inodes_per_group;
	if (number > fs->s.inodes || !ext_group_inodes(fs, (number - 1) / each, &table))
		return; /* which is said when the inode is read */
	struct span raw = inode_in_table(fs, table, (number - 1) % each);
	unsigned mode = span_u16le(raw, 0) >> 12;
	if (raw.p && span_u16le(raw, 26) && mode && (type >= sizeof modes || modes[type] != mode))
		tree_damage(t, ERR_CORRUPT, at, "a name says that inode %u is of type %u, and its mode is %o", (unsigned)number, type,
					(unsigned)span_u16le(raw, 0));
}

/* The names in one block or in one part of an inode. */
static void list_entries(struct tree *t, const struct ext_file *file, struct span block, uint64_t at)
{
	const struct ext *fs = t->fs;
	bool filetype = fs->s.incompat & INCOMPAT_FILETYPE;
	size_t from = 0;
	while (from + DIRENT_HEADER <= block.n) {
		struct reader r = reader_le(span_from(block, from));
		uint32_t number = rd_u32(&r), n = record_length(rd_u16(&r), block.n);
		uint8_t name_n = rd_u8(&r), type = rd_u8(&r);
		if (n < DIRENT_HEADER || n % 4 || n > block.n - from || name_n > n - DIRENT_HEADER || (number && !filetype && type)) {
			tree_damage(t, ERR_CORRUPT, at + from, "the listing of a directory breaks off after %zu of %zu bytes", from,
						block.n);
			return;
		}
		if (number && filetype && type)
			check_type(fs, t, number, type, at + from);
		if (number && !tree_name(t, text_from_span(rd_bytes(&r, name_n)), number))
			return;
		if (number == 0 && n == 12 && type == FILETYPE_CHECKSUM && from + n == block.n && file->seed &&
			crc32c_update(file->seed, span_clip(block, 0, from)) != span_u32le(block, from + 8))
			tree_damage(t, ERR_CORRUPT, at, "a block of a directory does not have the checksum that it says");
		from += n;
	}
	if (block.n % 4 == 0 && from < block.n)
		tree_damage(t, ERR_CORRUPT, at + from, "the listing of a directory breaks off after %zu of %zu bytes", from, block.n);
}

static bool list_run(struct tree *t, const struct inode *directory, struct run run)
{
	const struct ext *fs = t->fs;
	for (uint64_t done = 0; done < run.n && !t->out_of_memory; done += fs->s.block_size) {
		struct span block = span_sub(fs->image, run.at + done, fs->s.block_size);
		if (!block.p) {
			tree_damage(t, ERR_TRUNCATED, run.at + done, "a directory stands beyond the end of the image");
			break;
		}
		list_entries(t, directory->own, block, run.at + done);
	}
	return !t->out_of_memory;
}

static void list_inline(struct tree *t, const struct inode *directory)
{
	const struct ext_file *file = directory->own;
	struct span rest = inline_rest(file);
	/* The first four bytes are the parent's inode, which stands for "." and "..". */
	list_entries(t, file, span_from(file->pointers, 4), directory->at + 44);
	if (rest.n)
		list_entries(t, file, rest, directory->at + INODE_SIZE_OLD);
}

static void ext_list(struct tree *t, const struct inode *directory)
{
	const struct ext *fs = t->fs;
	const struct ext_file *file = directory->own;
	if (file->flags & FLAG_ENCRYPT)
		tree_damage(t, ERR_ENCRYPTED, directory->at, "the names in a directory are encrypted (fscrypt)");
	if (file->flags & FLAG_INLINE_DATA) {
		list_inline(t, directory);
		return;
	}
	ext_directory_check(fs, t, directory);
	tree_list_runs(t, directory, ext_find_run, fs->s.block_size, list_run);
}

const struct tree_ops ext_tree = { .inode = ext_inode, .list = ext_list, .content = ext_content };
