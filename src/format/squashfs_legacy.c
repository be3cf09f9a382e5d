/* SPDX-License-Identifier: GPL-3.0-or-later */
/* squashfs 1.x, 2.x and 3.x, of both byte orders.
 *
 * Their structures are C bit-fields as the compiler of the machine laid them out: on a little-endian one the first
 * field takes the lowest bits of the first byte, on a big-endian one the highest. Fields follow each other without gaps
 * in either. Specification: squashfs_compat.h and unsquash-[123].c of squashfs-tools, which read what the patches for
 * Linux 2.4 and 2.6 defined. */
#include "format/squashfs_image.h"
#include "format/unix_mode.h"

#define SUPER_SIZE_1 51u
#define SUPER_SIZE_2 63u
#define SUPER_SIZE_3 119u

enum type {
	TYPE_IPC,
	TYPE_DIR,
	TYPE_FILE,
	TYPE_SYMLINK,
	TYPE_BLOCK,
	TYPE_CHAR,
	TYPE_FIFO,
	TYPE_SOCKET,
	TYPE_LDIR,
	TYPE_LFILE
};

#define TYPES_1 5u        /* 1.x numbers types in groups, one for each 16 uids */
#define SAME_AS_UID_1 15u /* as group */
#define SAME_AS_UID 255u

/* Bit-fields one after the other. */
struct fields {
	struct reader *r;
	unsigned bit; /* of the byte at r->at, in the order of the fields */
};

static uint64_t take(struct fields *f, unsigned width)
{
	struct reader *r = f->r;
	unsigned end = f->bit + width;
	struct span s = r->failed ? SPAN_NONE : span_sub(r->bytes, r->at, (end + 7) / 8);
	if (!s.p) {
		r->failed = true;
		return 0;
	}
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++)
		v = r->big ? v << 8 | s.p[i] : v | (uint64_t)s.p[i] << (8 * i);
	v >>= r->big ? 8 * s.n - end : f->bit;
	r->at += end / 8;
	f->bit = end % 8;
	return width < 64 ? v & ((UINT64_C(1) << width) - 1) : v;
}

static bool super_read(struct span at, bool big, struct squashfs_super *s)
{
	struct reader r = reader_of(at, big);
	*s = (struct squashfs_super){ .big = big, .compression = 1 };
	rd_skip(&r, 4);
	s->inodes = rd_u32(&r);
	s->bytes_used = rd_u32(&r);
	s->uid_table = rd_u32(&r);
	s->gid_table = rd_u32(&r);
	s->inode_table = rd_u32(&r);
	s->directory_table = rd_u32(&r);
	s->major = rd_u16(&r);
	s->minor = rd_u16(&r);
	s->block_size = rd_u16(&r);
	uint16_t block_log = rd_u16(&r);
	s->flags = rd_u8(&r);
	s->uids = rd_u8(&r);
	s->gids = rd_u8(&r);
	s->mkfs_time = rd_u32(&r);
	s->root = rd_u64(&r);
	s->fragment_table = s->lookup_table = s->xattr_table = OFFSET_NONE;
	if (!rd_ok(&r) || s->major < 1 || s->major > 3 || s->minor > 9)
		return false;
	if (s->major >= 2) {
		s->block_size = rd_u32(&r);
		s->fragments = rd_u32(&r);
		s->fragment_table = rd_u32(&r);
	}
	if (s->major == 3) {
		s->bytes_used = rd_u64(&r);
		s->uid_table = rd_u64(&r);
		s->gid_table = rd_u64(&r);
		s->inode_table = rd_u64(&r);
		s->directory_table = rd_u64(&r);
		s->fragment_table = rd_u64(&r);
		s->lookup_table = rd_u64(&r);
		if (s->lookup_table >= s->bytes_used)
			s->lookup_table = OFFSET_NONE;
	}
	static const uint32_t sizes[] = { 0, SUPER_SIZE_1, SUPER_SIZE_2, SUPER_SIZE_3 };
	return rd_ok(&r) && block_log >= 9 && block_log <= 20 && s->block_size == 1u << block_log && s->uids > 0 &&
		   squashfs_super_is_sane(s, sizes[s->major]);
}

static bool super_find(struct span at, struct squashfs_super *s)
{
	return squashfs_has_magic(at) && (super_read(at, false, s) || super_read(at, true, s));
}

static bool squashfs_legacy_probe(struct span at, struct format_match *match)
{
	struct squashfs_super s;
	if (!super_find(at, &s))
		return false;
	match->size = s.bytes_used;
	match->confidence = 90;
	return true;
}

static struct error load_ids(struct squashfs *fs)
{
	const struct squashfs_super *s = &fs->super;
	uint32_t *ids = ARENA_ARRAY(fs->walk->arena, uint32_t, s->uids + s->gids);
	if (!ids)
		return error_at(ERR_BUDGET, s->uid_table, "no memory for the id tables");
	struct reader uids = reader_of(span_sub(fs->image, s->uid_table, s->uids * 4), s->big);
	struct reader gids = reader_of(span_sub(fs->image, s->gid_table, s->gids * 4), s->big);
	for (uint32_t i = 0; i < s->uids; i++)
		ids[i] = rd_u32(&uids);
	for (uint32_t i = 0; i < s->gids; i++)
		ids[s->uids + i] = rd_u32(&gids);
	if (!rd_ok(&uids) || !rd_ok(&gids))
		squashfs_damage(fs, ERR_TRUNCATED, s->uid_table, "the tables of user and group ids lie behind the end");
	fs->uids = rd_ok(&uids) ? ids : NULL; /* without the table owners are unknown, not root */
	fs->gids = rd_ok(&gids) ? ids + s->uids : NULL;
	return error_none();
}

static void set_owner(const struct squashfs *fs, struct squashfs_inode *inode, uint32_t uid, uint32_t gid,
					  uint32_t same)
{
	const struct squashfs_super *s = &fs->super;
	inode->uid = fs->uids && uid < s->uids ? fs->uids[uid] : FACT_NULL;
	inode->gid = gid == same ? inode->uid : fs->gids && gid < s->gids ? fs->gids[gid] : FACT_NULL;
}

static struct squashfs_inode inode_new(enum type type, uint16_t mode)
{
	static const enum entry_kind kinds[] = {
		[TYPE_DIR] = ENTRY_DIRECTORY,    [TYPE_LDIR] = ENTRY_DIRECTORY,  [TYPE_FILE] = ENTRY_FILE,
		[TYPE_LFILE] = ENTRY_FILE,       [TYPE_SYMLINK] = ENTRY_SYMLINK, [TYPE_BLOCK] = ENTRY_BLOCK_DEVICE,
		[TYPE_CHAR] = ENTRY_CHAR_DEVICE, [TYPE_FIFO] = ENTRY_FIFO,       [TYPE_SOCKET] = ENTRY_SOCKET,
	};
	return (struct squashfs_inode){
		.kind = kinds[type], .mode = mode, .mtime = FACT_NULL, .device = FACT_NULL, .fragment = SQUASHFS_NO_FRAGMENT
	};
}

/* The list of block sizes behind a file's inode, and whether what the inode says is possible. */
static bool finish_file(const struct squashfs *fs, struct reader *r, struct squashfs_inode *inode)
{
	const struct squashfs_super *s = &fs->super;
	uint64_t blocks = squashfs_block_count(fs, inode->size, inode->fragment);
	inode->block_sizes = rd_bytes(r, blocks * fs->layout->size_width);
	return (blocks == 0 || inode->start < s->bytes_used) &&
		   (inode->fragment == SQUASHFS_NO_FRAGMENT ||
			(inode->fragment < s->fragments && inode->offset < s->block_size));
}

static bool finish_directory(const struct squashfs *fs, const struct squashfs_inode *inode)
{
	return inode->size == 0 || fs->super.directory_table + inode->start <= fs->super.bytes_used;
}

static void take_symlink(struct fields *f, struct squashfs_inode *inode)
{
	inode->size = take(f, 16);
	inode->target = rd_bytes(f->r, inode->size);
}

static void take_device(struct fields *f, struct squashfs_inode *inode)
{
	inode->device = device_old((uint32_t)take(f, 16));
}

/* A directory of 1.x and 2.x. Extended ones (2.x) carry an index of their blocks. */
static bool take_directory_2(const struct squashfs *fs, struct fields *f, bool extended, struct squashfs_inode *inode)
{
	inode->size = take(f, extended ? 27 : 19);
	inode->offset = (uint32_t)take(f, 13);
	inode->mtime = (int64_t)take(f, 32);
	inode->start = take(f, 24);
	for (uint64_t i = extended ? take(f, 16) : 0; i > 0 && rd_ok(f->r); i--) {
		take(f, 27 + 29);
		rd_skip(f->r, take(f, 8) + 1);
	}
	return finish_directory(fs, inode);
}

static bool read_inode_1(const struct squashfs *fs, struct reader *r, struct squashfs_inode *inode)
{
	struct fields f = { .r = r };
	unsigned number = (unsigned)take(&f, 4);
	uint16_t mode = (uint16_t)take(&f, 12);
	uint32_t uid = (uint32_t)take(&f, 4), gid = (uint32_t)take(&f, 4), group = number ? (number - 1) / TYPES_1 : 0;
	enum type type = number ? (number - 1) % TYPES_1 + 1 : TYPE_IPC;
	if (type == TYPE_IPC) {
		type = take(&f, 4) == TYPE_SOCKET ? TYPE_SOCKET : TYPE_FIFO;
		group = (uint32_t)take(&f, 4);
	}
	*inode = inode_new(type, mode);
	set_owner(fs, inode, group * 16 + uid, gid, SAME_AS_UID_1);
	bool possible = true;
	switch (type) {
	case TYPE_DIR:
		possible = take_directory_2(fs, &f, false, inode);
		break;
	case TYPE_FILE:
		inode->mtime = (int64_t)take(&f, 32);
		inode->start = take(&f, 32);
		inode->size = take(&f, 32);
		possible = finish_file(fs, r, inode);
		break;
	case TYPE_SYMLINK:
		take_symlink(&f, inode);
		break;
	case TYPE_BLOCK:
	case TYPE_CHAR:
		take_device(&f, inode);
		break;
	default:
		break;
	}
	return possible && rd_ok(r);
}

static bool read_inode_2(const struct squashfs *fs, struct reader *r, struct squashfs_inode *inode)
{
	struct fields f = { .r = r };
	enum type type = take(&f, 4);
	uint16_t mode = (uint16_t)take(&f, 12);
	uint32_t uid = (uint32_t)take(&f, 8), gid = (uint32_t)take(&f, 8);
	if (!rd_ok(r) || type < TYPE_DIR || type > TYPE_LDIR)
		return false;
	*inode = inode_new(type, mode);
	set_owner(fs, inode, uid, gid, SAME_AS_UID);
	bool possible = true;
	switch (type) {
	case TYPE_DIR:
	case TYPE_LDIR:
		possible = take_directory_2(fs, &f, type == TYPE_LDIR, inode);
		break;
	case TYPE_FILE:
		inode->mtime = (int64_t)take(&f, 32);
		inode->start = take(&f, 32);
		inode->fragment = (uint32_t)take(&f, 32);
		inode->offset = (uint32_t)take(&f, 32);
		inode->size = take(&f, 32);
		possible = finish_file(fs, r, inode);
		break;
	case TYPE_SYMLINK:
		take_symlink(&f, inode);
		break;
	case TYPE_BLOCK:
	case TYPE_CHAR:
		take_device(&f, inode);
		break;
	default:
		break;
	}
	return possible && rd_ok(r);
}

static bool take_directory_3(const struct squashfs *fs, struct fields *f, bool extended, struct squashfs_inode *inode)
{
	take(f, 32); /* links */
	uint64_t size = take(f, extended ? 27 : 19);
	inode->offset = (uint32_t)take(f, 13);
	inode->start = take(f, 32);
	uint64_t indexes = extended ? take(f, 16) : 0;
	take(f, 32); /* parent */
	for (; indexes > 0 && rd_ok(f->r); indexes--) {
		take(f, 64);
		rd_skip(f->r, take(f, 8) + 1);
	}
	inode->size = size > 3 ? size - 3 : 0; /* counts entries for "." and ".." that are not there */
	return finish_directory(fs, inode);
}

static bool take_file_3(const struct squashfs *fs, struct fields *f, bool extended, struct squashfs_inode *inode)
{
	if (extended)
		take(f, 32); /* links */
	inode->start = take(f, 64);
	inode->fragment = (uint32_t)take(f, 32);
	inode->offset = (uint32_t)take(f, 32);
	inode->size = take(f, extended ? 64 : 32);
	return finish_file(fs, f->r, inode);
}

static bool read_inode_3(const struct squashfs *fs, struct reader *r, struct squashfs_inode *inode)
{
	struct fields f = { .r = r };
	enum type type = take(&f, 4);
	uint16_t mode = (uint16_t)take(&f, 12);
	uint32_t uid = (uint32_t)take(&f, 8), gid = (uint32_t)take(&f, 8), mtime = (uint32_t)take(&f, 32);
	uint64_t serial = take(&f, 32);
	if (!rd_ok(r) || type < TYPE_DIR || type > TYPE_LFILE || serial > fs->super.inodes)
		return false;
	*inode = inode_new(type, mode);
	inode->mtime = mtime;
	set_owner(fs, inode, uid, gid, SAME_AS_UID);
	bool possible = true;
	switch (type) {
	case TYPE_DIR:
	case TYPE_LDIR:
		possible = take_directory_3(fs, &f, type == TYPE_LDIR, inode);
		break;
	case TYPE_FILE:
	case TYPE_LFILE:
		possible = take_file_3(fs, &f, type == TYPE_LFILE, inode);
		break;
	case TYPE_SYMLINK:
		take(&f, 32);
		take_symlink(&f, inode);
		break;
	case TYPE_BLOCK:
	case TYPE_CHAR:
		take(&f, 32);
		take_device(&f, inode);
		break;
	default:
		take(&f, 32);
	}
	return possible && rd_ok(r);
}

static bool read_run_2(const struct squashfs *fs, struct reader *r, struct squashfs_run *run)
{
	(void)fs;
	struct fields f = { .r = r };
	run->left = (uint32_t)take(&f, 8) + 1;
	run->block = (uint32_t)take(&f, 24);
	return rd_ok(r);
}

static bool read_run_3(const struct squashfs *fs, struct reader *r, struct squashfs_run *run)
{
	(void)fs;
	struct fields f = { .r = r };
	run->left = (uint32_t)take(&f, 8) + 1;
	run->block = (uint32_t)take(&f, 32);
	take(&f, 32); /* serial that those of the entries are relative to */
	return rd_ok(r);
}

static bool read_dirent(const struct squashfs *fs, struct reader *r, struct squashfs_dirent *entry)
{
	struct fields f = { .r = r };
	entry->offset = (uint32_t)take(&f, 13);
	take(&f, 3); /* type */
	uint64_t size = take(&f, 8) + 1;
	if (fs->super.major == 3)
		take(&f, 16); /* relative serial */
	entry->name = text_from_span(rd_bytes(r, size));
	return rd_ok(r);
}

static const struct squashfs_layout layouts[] = {
	[1] = { .size_width = 2,
			.read_inode = read_inode_1,
			.read_run = read_run_2,
			.read_dirent = read_dirent,
			.load_ids = load_ids },
	[2] = { .size_width = 4,
			.read_inode = read_inode_2,
			.read_run = read_run_2,
			.read_dirent = read_dirent,
			.load_ids = load_ids,
			.fragment_width = 8,
			.index_width = 4 },
	[3] = { .size_width = 4,
			.read_inode = read_inode_3,
			.read_run = read_run_3,
			.read_dirent = read_dirent,
			.load_ids = load_ids,
			.fragment_width = 16,
			.index_width = 8 },
};

static struct error squashfs_legacy_walk(struct span bytes, struct walk *w)
{
	struct squashfs_super s;
	if (!super_find(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no squashfs superblock of 1.x to 3.x");
	return squashfs_walk_image(&s, &layouts[s.major], bytes, w);
}

static const struct format_magic magics[] = { SQUASHFS_MAGICS };

const struct format squashfs_legacy_format = {
	.name = "squashfs-legacy",
	.kind = FORMAT_FILESYSTEM,
	.title = "squashfs 1.x to 3.x",
	.spec = "squashfs_compat.h of squashfs-tools",
	.magics = magics,
	.probe = squashfs_legacy_probe,
	.walk = squashfs_legacy_walk,
};
