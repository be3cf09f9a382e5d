/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Power-Safe file system of QNX 6 ("qnx6"), in either byte order, and as Audi's MMI 3G has it.
 *
 * Specification: Linux Documentation/filesystems/qnx6.rst, include/linux/qnx6_fs.h. */
#include "base/hash.h"
#include "format/block_map.h"
#include "format/inode_tree.h"

#define SUPER_SIZE 512u
#define SUPER_AREA 4096u
#define BOOT_SIZE 8192u
#define SUPER_MAGIC 0x68191122u
#define CRC_POLYNOMIAL 0x04c11db7u
#define ROOT 1u
#define INODE_SIZE 128u
#define POINTERS 16u
#define POINTERS_SIZE (POINTERS * 4)
#define LEVELS_MAX 5u
#define UNUSED UINT32_MAX
#define ENTRY_SIZE 32u
#define NAME_SHORT 27u
#define NAME_LONG 510u
#define LONG_MARK 0xffu
#define STATUS_DELETED 2u

/* A file, and what the superblock itself leads to: the inodes, the long names. */
struct qnx6_file {
	uint64_t size;
	struct span pointers;
	unsigned levels;
};

struct qnx6 {
	struct span image;
	uint64_t at, base; /* of the superblock; of block 0 */
	uint64_t serial;
	uint32_t block_size, blocks, inodes;
	struct qnx6_file map, names; /* inodes, long names */
	bool big, mmi, sound;
};

static struct qnx6_file root_read(const struct qnx6 *fs, struct span s, uint64_t at)
{
	return (struct qnx6_file){ .size = span_u64(s, at, fs->big),
							   .pointers = span_sub(s, at + 8, POINTERS_SIZE),
							   .levels = s.p[at + 8 + POINTERS_SIZE] };
}

/* CRC-32 with the highest bit first, over all but the magic and itself. */
static uint32_t checksum(struct span s)
{
	uint32_t crc = 0;
	for (size_t i = 8; i < s.n; i++) {
		crc ^= (uint32_t)s.p[i] << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1u << 31 ? crc << 1 ^ CRC_POLYNOMIAL : crc << 1;
	}
	return crc;
}

static bool fields_read(struct qnx6 *fs, struct span s, bool mmi)
{
	uint64_t at = mmi ? 40 : 48, roots = mmi ? 64 : 72;
	fs->mmi = mmi;
	fs->block_size = span_u32(s, at, fs->big);
	fs->inodes = span_u32(s, at + 4, fs->big);
	fs->blocks = span_u32(s, at + 12, fs->big);
	fs->map = root_read(fs, s, roots);
	fs->names = root_read(fs, s, roots + 160);
	return fs->block_size >= 512 && fs->block_size <= 4096 && (fs->block_size & (fs->block_size - 1)) == 0 &&
		   fs->blocks && fs->inodes && span_u32(s, at + 8, fs->big) <= fs->inodes && span_u32(s, at + 16, fs->big) <= fs->blocks &&
		   fs->map.levels <= LEVELS_MAX && fs->names.levels <= LEVELS_MAX && fs->map.size >= INODE_SIZE &&
		   fs->map.size <= (uint64_t)fs->blocks * fs->block_size;
}

/* A superblock; `boot` bytes stand before the first. */
static bool super_read(struct span image, uint64_t at, uint64_t boot, struct qnx6 *fs)
{
	struct span s = span_sub(image, at, SUPER_SIZE);
	*fs = (struct qnx6){ .image = image, .at = at, .base = boot + SUPER_AREA };
	fs->big = span_u32be(s, 0) == SUPER_MAGIC;
	if (!fs->big && span_u32le(s, 0) != SUPER_MAGIC)
		return false;
	fs->serial = span_u64(s, 8, fs->big);
	if (!fields_read(fs, s, false) && !(boot == 0 && fields_read(fs, s, true)))
		return false;
	fs->sound = span_u32(s, 4, fs->big) == checksum(s); /* last, as it takes the longest */
	return true;
}

static uint64_t second_at(const struct qnx6 *fs)
{
	return fs->base + (uint64_t)fs->blocks * fs->block_size;
}

/* The later one of the two superblocks that are sound. */
static bool super_find(struct span image, struct qnx6 *fs)
{
	struct qnx6 first, second;
	if (!super_read(image, BOOT_SIZE, BOOT_SIZE, &first) && !super_read(image, 0, 0, &first))
		return false;
	bool both = super_read(image, second_at(&first), first.base - SUPER_AREA, &second) &&
				second.blocks == first.blocks && second.block_size == first.block_size;
	*fs = both && second.sound && (!first.sound || second.serial > first.serial) ? second : first;
	return fs->sound;
}

static bool qnx6_probe(struct span at, struct format_match *match)
{
	struct qnx6 fs;
	if (!super_find(at, &fs))
		return false;
	match->size = second_at(&fs) + SUPER_AREA;
	match->confidence = 90;
	return true;
}

static uint64_t block_at(const struct qnx6 *fs, uint32_t block)
{
	return fs->base + (uint64_t)block * fs->block_size;
}

static struct error find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct qnx6 *fs = image;
	const struct qnx6_file *file = of;
	uint64_t size = fs->block_size, each = size / 4, hang = 1, n = 1, block = offset / size, all = POINTERS;
	struct span pointers = file->pointers;
	for (unsigned i = 0; i < file->levels; i++)
		hang *= each;
	if (block / hang >= POINTERS)
		return error_at(ERR_CORRUPT, offset, "more bytes than pointers can lead to");
	for (; hang > 1; hang /= each, all = each) {
		uint32_t pointer = span_u32(pointers, block / hang * 4, fs->big);
		block %= hang;
		if (pointer == UNUSED) {
			*run = (struct run){ RUN_HOLE, (hang - block) * size - offset % size };
			return error_none();
		}
		pointers = pointer < fs->blocks ? span_sub(fs->image, block_at(fs, pointer), size) : SPAN_NONE;
		if (!pointers.p)
			return error_at(pointer < fs->blocks ? ERR_TRUNCATED : ERR_CORRUPT, offset,
							"a block of pointers is block %lu of %lu", (unsigned long)pointer,
							(unsigned long)fs->blocks);
	}
	uint32_t first = span_u32(pointers, block * 4, fs->big);
	if (first != UNUSED && first >= fs->blocks)
		return error_at(ERR_CORRUPT, offset, "a pointer to block %lu of %lu", (unsigned long)first,
						(unsigned long)fs->blocks);
	while (block + n < all && span_u32(pointers, (block + n) * 4, fs->big) == (first == UNUSED ? UNUSED : first + n))
		n++;
	if (first != UNUSED && n > fs->blocks - first)
		n = fs->blocks - first;
	*run = (struct run){ first == UNUSED ? RUN_HOLE : block_at(fs, first) + offset % size, n * size - offset % size };
	return error_none();
}

static struct error content_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct qnx6 *)fs)->image, find_run, fs, file, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

/* n bytes of what the superblock leads to, which lie in one block; reports why there are none. */
static struct span bytes_of(const struct qnx6 *fs, struct tree *t, const struct qnx6_file *file, uint64_t at,
							uint64_t n, const char *what)
{
	struct run run = { RUN_HOLE, n };
	struct error e = error_at(ERR_CORRUPT, at, "its number is larger than any");
	if (at < file->size)
		e = find_run(fs, file, at, &run);
	struct span s = error_is(&e) || run.at == RUN_HOLE ? SPAN_NONE : span_sub(fs->image, run.at, n);
	if (error_is(&e))
		tree_damage(t, e.code, OFFSET_NONE, "%s can not be read: %s", what, e.text);
	else if (!s.p)
		tree_damage(t, run.at == RUN_HOLE ? ERR_CORRUPT : ERR_TRUNCATED, run.at == RUN_HOLE ? OFFSET_NONE : run.at,
					"%s is not there", what);
	return s;
}

static bool qnx6_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct qnx6 *fs = t->fs;
	struct span raw = bytes_of(fs, t, &fs->map, (number - 1) * INODE_SIZE, INODE_SIZE, "an inode");
	if (!raw.p)
		return false;
	struct qnx6_file *file = ARENA_NEW(t->walk->arena, struct qnx6_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = (struct qnx6_file){ .size = span_u64(raw, 0, fs->big),
								.pointers = span_sub(raw, 36, POINTERS_SIZE),
								.levels = raw.p[100] };
	inode->at = (uint64_t)(raw.p - fs->image.p);
	if (!entry_kind_read(span_u16(raw, 32, fs->big), &inode->kind) || raw.p[101] == STATUS_DELETED ||
		file->levels > LEVELS_MAX || file->size > INT64_MAX) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to inode %llu, which is free or damaged",
					(unsigned long long)number);
		return false;
	}
	inode->mode = span_u16(raw, 32, fs->big) & 07777;
	inode->uid = span_u32(raw, 8, fs->big);
	inode->gid = span_u32(raw, 12, fs->big);
	inode->mtime = span_u32(raw, 20, fs->big);
	inode->size = file->size;
	inode->own = file;
	if (inode->kind == ENTRY_SYMLINK)
		tree_read_target(t, inode, &content_blocks, file, file->size);
	return true;
}

/* Names of more than 27 bytes stand in blocks of their own. */
static struct text long_name(struct tree *t, struct span entry)
{
	const struct qnx6 *fs = t->fs;
	struct span s =
		bytes_of(fs, t, &fs->names, (uint64_t)span_u32(entry, 8, fs->big) * fs->block_size, SUPER_SIZE, "a long name");
	unsigned n = span_u16(s, 0, fs->big);
	if (!s.p || !tree_listed(t, n))
		return TEXT_NONE;
	if (n == 0 || n > NAME_LONG) {
		tree_damage(t, ERR_CORRUPT, (uint64_t)(s.p - fs->image.p), "a long name of %u bytes", n);
		return TEXT_NONE;
	}
	return text_from_span(span_sub(s, 2, n));
}

static bool list_run(struct tree *t, const struct inode *directory, struct run run)
{
	const struct qnx6 *fs = t->fs;
	struct span bytes = span_clip(fs->image, run.at, run.n);
	(void)directory;
	if (bytes.n < run.n)
		tree_damage(t, ERR_TRUNCATED, run.at, "a directory stands beyond the end of the image");
	for (uint64_t at = 0; at + ENTRY_SIZE <= bytes.n; at += ENTRY_SIZE) {
		struct span entry = span_sub(bytes, at, ENTRY_SIZE);
		uint32_t number = span_u32(entry, 0, fs->big);
		unsigned n = entry.p[4];
		if (number == 0 || n == 0)
			continue;
		if (n > NAME_SHORT && n != LONG_MARK) {
			tree_damage(t, ERR_CORRUPT, run.at + at, "a short name of %u bytes", n);
			continue;
		}
		struct text name = n == LONG_MARK ? long_name(t, entry) : text_from_span(span_sub(entry, 5, n));
		if (name.p && !tree_name(t, name, number))
			return false;
	}
	return !t->out_of_memory;
}

static void qnx6_list(struct tree *t, const struct inode *directory)
{
	tree_list_runs(t, directory, find_run, ((const struct qnx6 *)t->fs)->block_size, list_run);
}

static bool qnx6_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct qnx6 *fs = t->fs;
	block_map_content(fs->image, find_run, &content_blocks, fs, inode->own, fs->block_size, entry);
	return true;
}

static const struct tree_ops tree_ops = { .inode = qnx6_inode, .list = qnx6_list, .content = qnx6_content };

static struct error qnx6_walk(struct span bytes, struct walk *w)
{
	struct qnx6 *fs = ARENA_NEW(w->arena, struct qnx6);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	if (!super_find(bytes, fs))
		return error_at(ERR_CORRUPT, 0, "no sound superblock of QNX 6");
	emit_header_field(w->sink, fs->at, "byte_order", "%s", fs->big ? "big" : "little");
	emit_header_field(w->sink, fs->at, "variant", "%s", fs->mmi ? "mmi" : "qnx6");
	emit_header_field(w->sink, fs->at + 8, "serial", "%llu", (unsigned long long)fs->serial);
	emit_header_field(w->sink, fs->at + (fs->mmi ? 40 : 48), "block_size", "%lu", (unsigned long)fs->block_size);
	*t = (struct tree){ .ops = &tree_ops, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, ROOT);
}

static const struct format_magic magics[] = { MAGIC("\x22\x11\x19\x68", BOOT_SIZE),
											  MAGIC("\x68\x19\x11\x22", BOOT_SIZE), MAGIC("\x22\x11\x19\x68", 0),
											  MAGIC("\x68\x19\x11\x22", 0), MAGIC_END };

const struct format qnx6_format = {
	.name = "qnx6",
	.kind = FORMAT_FILESYSTEM,
	.title = "QNX 6 Power-Safe file system",
	.spec = "Linux Documentation/filesystems/qnx6.rst",
	.magics = magics,
	.probe = qnx6_probe,
	.walk = qnx6_walk,
};
