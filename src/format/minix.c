/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MINIX file systems: versions 1, 2 and 3 in either byte order, with names of 14, 30 and 60 bytes. Specification: Linux
 * include/uapi/linux/minix_fs.h, fs/minix. */
#include "format/block_map.h"
#include "format/inode_tree.h"

#define SUPERBLOCK_AT 1024u
#define SUPERBLOCK_SIZE 32u
#define ROOT 1u
#define DIRECT 7u
#define STATE_VALID 1u
#define STATE_ERROR 2u

struct minix {
	struct span image;
	struct indirect_map map;
	bool big;
	unsigned version, name_n, inode_size, entry_size;
	uint32_t inodes, zones, imap_blocks, zmap_blocks, first_zone, block_size, state;
};

struct minix_file {
	struct span pointers;
	uint32_t size;
};

static bool super_fields(struct span b, struct minix *fs)
{
	struct reader r = reader_of(b, fs->big);
	uint32_t log_zone_size;
	fs->inodes = fs->version == 3 ? rd_u32(&r) : rd_u16(&r);
	if (fs->version == 3)
		rd_skip(&r, 2);
	else
		fs->zones = rd_u16(&r);
	fs->imap_blocks = rd_u16(&r);
	fs->zmap_blocks = rd_u16(&r);
	fs->first_zone = rd_u16(&r);
	log_zone_size = rd_u16(&r);
	rd_skip(&r, fs->version == 3 ? 2 + 4 : 4 + 2); /* the largest size of a file, and padding or the magic */
	if (fs->version != 3)
		fs->state = rd_u16(&r);
	if (fs->version != 1)
		fs->zones = rd_u32(&r);
	if (fs->version == 3) {
		rd_skip(&r, 4);
		fs->block_size = rd_u16(&r);
	} else {
		fs->block_size = 1024;
	}
	fs->inode_size = fs->version == 1 ? 32 : 64;
	fs->entry_size = fs->name_n + (fs->version == 3 ? 4 : 2);
	return rd_ok(&r) && log_zone_size == 0 && fs->block_size >= 1024 && fs->block_size <= 32768 &&
		   (fs->block_size & (fs->block_size - 1)) == 0;
}

static uint64_t table_at(const struct minix *fs)
{
	return (2 + (uint64_t)fs->imap_blocks + fs->zmap_blocks) * fs->block_size;
}

static uint64_t blocks_for(uint64_t n, uint64_t each)
{
	return (n + each - 1) / each;
}

/* Maps and table are as long as the counts say, and data begins behind them. */
static bool areas_fit(const struct minix *fs)
{
	uint64_t bits = 8 * (uint64_t)fs->block_size;
	uint64_t first = table_at(fs) / fs->block_size + blocks_for((uint64_t)fs->inodes * fs->inode_size, fs->block_size);
	if (fs->inodes == 0 || fs->zones <= fs->first_zone || fs->first_zone < first || fs->first_zone > first + 64)
		return false;
	uint64_t imap = blocks_for((uint64_t)fs->inodes + 1, bits), zmap = blocks_for(fs->zones - fs->first_zone + 1, bits);
	return fs->imap_blocks >= imap && fs->imap_blocks <= imap + 8 && fs->zmap_blocks >= zmap &&
		   fs->zmap_blocks <= zmap + 8;
}

static uint32_t number_at(const struct minix *fs, struct span bytes, uint64_t at)
{
	struct reader r = reader_of(span_sub(bytes, at, fs->version == 3 ? 4 : 2), fs->big);
	return (uint32_t)rd_uint(&r, fs->version == 3 ? 4 : 2);
}

struct raw_inode {
	uint32_t mode, links, uid, gid, size, mtime;
	struct span pointers;
};

static bool inode_read(const struct minix *fs, uint64_t number, struct raw_inode *i)
{
	struct reader r =
		reader_of(span_sub(fs->image, table_at(fs) + (number - 1) * fs->inode_size, fs->inode_size), fs->big);
	i->mode = rd_u16(&r);
	if (fs->version == 1) {
		i->uid = rd_u16(&r);
		i->size = rd_u32(&r);
		i->mtime = rd_u32(&r);
		i->gid = rd_u8(&r);
		i->links = rd_u8(&r);
	} else {
		i->links = rd_u16(&r);
		i->uid = rd_u16(&r);
		i->gid = rd_u16(&r);
		i->size = rd_u32(&r);
		rd_skip(&r, 4);
		i->mtime = rd_u32(&r);
		rd_skip(&r, 4);
	}
	i->pointers = rd_bytes(&r, fs->version == 1 ? 9 * 2 : 10 * 4);
	return rd_ok(&r);
}

/* The root is a directory whose first two entries are itself. */
static bool root_makes_sense(const struct minix *fs)
{
	struct raw_inode i;
	if (!inode_read(fs, ROOT, &i) || i.mode >> 12 != 4 || i.links < 2 || i.size < 2 * fs->entry_size)
		return false;
	struct reader r = reader_of(i.pointers, fs->big);
	uint64_t zone = rd_uint(&r, fs->map.width);
	struct span names = span_sub(fs->image, zone * fs->block_size, 2 * (uint64_t)fs->entry_size);
	uint32_t name_at = fs->entry_size - fs->name_n;
	return zone >= fs->first_zone && zone < fs->zones && number_at(fs, names, 0) == ROOT &&
		   span_has(names, name_at, ".", 2) && number_at(fs, names, fs->entry_size) == ROOT &&
		   span_has(names, fs->entry_size + name_at, "..", 3);
}

static bool super_find(struct span at, struct minix *fs)
{
	static const struct {
		uint16_t magic, at;
		uint8_t version, name_n;
	} kinds[] = { { 0x137f, 16, 1, 14 },
				  { 0x138f, 16, 1, 30 },
				  { 0x2468, 16, 2, 14 },
				  { 0x2478, 16, 2, 30 },
				  { 0x4d5a, 24, 3, 60 } };
	struct span b = span_sub(at, SUPERBLOCK_AT, SUPERBLOCK_SIZE);
	for (size_t i = 0; b.p && i < 2 * sizeof kinds / sizeof kinds[0]; i++) {
		bool big = i % 2;
		if (span_u16(b, kinds[i / 2].at, big) != kinds[i / 2].magic)
			continue;
		*fs = (struct minix){ .image = at, .big = big, .version = kinds[i / 2].version, .name_n = kinds[i / 2].name_n };
		if (!super_fields(b, fs))
			continue;
		fs->map = (struct indirect_map){ .image = at,
										 .block_size = fs->block_size,
										 .blocks = fs->zones,
										 .width = fs->version == 1 ? 2 : 4,
										 .direct = DIRECT,
										 .levels = fs->version == 1 ? 2 : 3,
										 .big = big };
		if (areas_fit(fs) && root_makes_sense(fs))
			return true;
	}
	return false;
}

static bool minix_probe(struct span at, struct format_match *match)
{
	struct minix fs;
	if (!super_find(at, &fs))
		return false;
	match->size = (uint64_t)fs.zones * fs.block_size;
	match->confidence = 85;
	return true;
}

static struct error find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	return indirect_map_find(&((const struct minix *)image)->map, ((const struct minix_file *)of)->pointers, offset,
							 run);
}

static struct error content_read(const void *image, const void *of, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(((const struct minix *)image)->image, find_run, image, of, offset, out, n);
}

static const struct content_ops content_blocks = { .read = content_read };

static bool minix_inode(struct tree *t, uint64_t number, struct inode *inode)
{
	const struct minix *fs = t->fs;
	struct raw_inode raw = { 0 };
	inode->at = table_at(fs) + (number - 1) * fs->inode_size;
	if (number == 0 || number > fs->inodes) {
		tree_damage(t, ERR_CORRUPT, OFFSET_NONE, "a name leads to inode %llu of %lu", (unsigned long long)number,
					(unsigned long)fs->inodes);
		return false;
	}
	if (!inode_read(fs, number, &raw)) {
		tree_damage(t, ERR_TRUNCATED, inode->at, "inode %llu stands beyond the end of the image",
					(unsigned long long)number);
		return false;
	}
	if (!entry_kind_read(raw.mode, &inode->kind) || raw.links == 0) {
		tree_damage(t, ERR_CORRUPT, inode->at, "a name leads to inode %llu, which is free", (unsigned long long)number);
		return false;
	}
	struct minix_file *file = ARENA_NEW(t->walk->arena, struct minix_file);
	if (!file) {
		t->out_of_memory = true;
		return false;
	}
	*file = (struct minix_file){ raw.pointers, raw.size };
	inode->mode = raw.mode & 07777;
	inode->uid = raw.uid;
	inode->gid = raw.gid;
	inode->mtime = raw.mtime;
	inode->size = raw.size;
	inode->own = file;
	if (inode->kind == ENTRY_CHAR_DEVICE || inode->kind == ENTRY_BLOCK_DEVICE) {
		struct reader r = reader_of(raw.pointers, fs->big);
		inode->device = device_old((uint32_t)rd_uint(&r, fs->map.width));
	}
	if (inode->kind == ENTRY_SYMLINK)
		tree_read_target(t, inode, &content_blocks, file, file->size);
	return true;
}

/* The names in bytes of a listing that lie together. */
static bool list_names(struct tree *t, struct span bytes)
{
	const struct minix *fs = t->fs;
	for (uint64_t at = 0; at + fs->entry_size <= bytes.n; at += fs->entry_size) {
		struct span name = span_sub(bytes, at + fs->entry_size - fs->name_n, fs->name_n);
		uint32_t number = number_at(fs, bytes, at);
		if (number && !tree_name(t, text_until_nul(name), number))
			return false;
	}
	return true;
}

static bool list_run(struct tree *t, const struct inode *directory, struct run run)
{
	const struct minix *fs = t->fs;
	struct span bytes = span_clip(fs->image, run.at, run.n);
	(void)directory;
	if (bytes.n < run.n)
		tree_damage(t, ERR_TRUNCATED, run.at, "a directory stands beyond the end of the image");
	return list_names(t, bytes);
}

static void minix_list(struct tree *t, const struct inode *directory)
{
	const struct minix *fs = t->fs;
	tree_list_runs(t, directory, find_run, fs->block_size, list_run);
}

static bool minix_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct minix *fs = t->fs;
	block_map_content(fs->image, find_run, &content_blocks, fs, inode->own, fs->block_size, entry);
	return true;
}

static const struct tree_ops minix_tree = { .inode = minix_inode, .list = minix_list, .content = minix_content };

static struct error minix_walk(struct span bytes, struct walk *w)
{
	struct minix *fs = ARENA_NEW(w->arena, struct minix);
	struct tree *t = ARENA_NEW(w->arena, struct tree);
	if (!fs || !t)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	if (!super_find(bytes, fs))
		return error_at(ERR_CORRUPT, SUPERBLOCK_AT, "no MINIX superblock");
	emit_header_field(w->sink, SUPERBLOCK_AT, "version", "%u", fs->version);
	emit_header_field(w->sink, SUPERBLOCK_AT, "byte_order", "%s", fs->big ? "big" : "little");
	emit_header_field(w->sink, SUPERBLOCK_AT, "name_length", "%u", fs->name_n);
	emit_header_field(w->sink, SUPERBLOCK_AT, "block_size", "%lu", (unsigned long)fs->block_size);
	emit_header_field(w->sink, SUPERBLOCK_AT, "inodes", "%lu", (unsigned long)fs->inodes);
	if (fs->version != 3)
		emit_header_field(w->sink, SUPERBLOCK_AT + 18, "state", "%s",
						  fs->state & STATE_ERROR   ? "errors"
						  : fs->state & STATE_VALID ? "valid"
													: "not unmounted");
	*t = (struct tree){ .ops = &minix_tree, .fs = fs, .image = bytes, .walk = w };
	return tree_walk(t, ROOT);
}

/* Two bytes stand everywhere. Behind them are the state, of which two bits are known, or padding. */
#define MAGICS(little, big)                                                                                            \
	MAGIC(little "\0\0", SUPERBLOCK_AT + 16), MAGIC(little "\1\0", SUPERBLOCK_AT + 16),                                \
		MAGIC(little "\2\0", SUPERBLOCK_AT + 16), MAGIC(little "\3\0", SUPERBLOCK_AT + 16),                            \
		MAGIC(big "\0", SUPERBLOCK_AT + 16)
static const struct format_magic minix_magics[] = { MAGICS("\x7f\x13", "\x13\x7f"),
													MAGICS("\x8f\x13", "\x13\x8f"),
													MAGICS("\x68\x24", "\x24\x68"),
													MAGICS("\x78\x24", "\x24\x78"),
													MAGIC("\x5a\x4d\0\0", SUPERBLOCK_AT + 24),
													MAGIC("\x4d\x5a\0\0", SUPERBLOCK_AT + 24),
													MAGIC_END };

const struct format minix_format = {
	.name = "minix",
	.kind = FORMAT_FILESYSTEM,
	.title = "MINIX file system, versions 1 to 3",
	.spec = "Linux include/uapi/linux/minix_fs.h",
	.magics = minix_magics,
	.probe = minix_probe,
	.walk = minix_walk,
};
