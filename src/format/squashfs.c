/* SPDX-License-Identifier: GPL-3.0-or-later */
/* squashfs 4.0, of either byte order: the kernel's is little-endian, vendors' is not always.
 * Specification: Documentation/filesystems/squashfs.rst and fs/squashfs/squashfs_fs.h of the Linux kernel. */
#include <stdio.h>

#include "format/squashfs_image.h"
#include "format/unix_mode.h"

#define SUPER_SIZE 96u
#define BLOCK_MIN 4096u
#define BLOCK_MAX (1u << 20)
#define INODE_PACKED_MIN 1u /* bytes of the image, at the very least */
#define FLAG_COMPRESSOR_OPTIONS 0x400u

enum type { TYPE_DIR = 1, TYPE_FILE, TYPE_SYMLINK, TYPE_BLOCK, TYPE_CHAR, TYPE_FIFO, TYPE_SOCKET, TYPES };

static bool is_power_of_two(uint32_t v)
{
	return v && (v & (v - 1)) == 0;
}

static uint64_t absent_is_none(uint64_t table, const struct squashfs_super *s)
{
	return table < s->bytes_used ? table : OFFSET_NONE;
}

/* Where the last of the tables ends, that of the ids or that of extended attributes; 0: behind the image, or nowhere. */
static uint64_t tables_end(const struct squashfs_super *s, struct span at)
{
	uint64_t ids = s->uids, end = s->uid_table + (ids * 4 + SQUASHFS_METADATA - 1) / SQUASHFS_METADATA * 8;
	if (s->xattr_table != OFFSET_NONE) {
		struct reader r = reader_of(span_sub(at, s->xattr_table, 16), s->big);
		rd_skip(&r, 8);
		uint64_t xattrs = rd_u32(&r);
		if (!rd_ok(&r) || s->xattr_table < end)
			return 0;
		end = s->xattr_table + 16 + (xattrs * 16 + SQUASHFS_METADATA - 1) / SQUASHFS_METADATA * 8;
	}
	return end > s->directory_table && end <= at.n ? end : 0;
}

/* Whether an image whose size leads behind the end is all here: what stands behind it is another's then. */
static bool is_whole(const struct squashfs_super *s, struct span at)
{
	return s->bytes_used > at.n && squashfs_ids_in_place(at, s) && tables_end(s, at);
}

/* Fields that contradict the others give way to what these leave possible: one wrong byte is to hide no image. */
static bool super_mend(struct squashfs_super *s, uint16_t block_log, struct span at)
{
	bool size_is_possible = is_power_of_two(s->block_size) && s->block_size >= BLOCK_MIN && s->block_size <= BLOCK_MAX;
	if (block_log >= 12 && block_log <= 20 && !size_is_possible)
		s->block_size = 1u << block_log;
	if (is_whole(s, at))
		s->bytes_used = tables_end(s, at);
	if (s->bytes_used > at.n && s->bytes_used >> 32)
		s->bytes_used = at.n;
	if (s->uid_table >= s->bytes_used || s->uid_table < s->directory_table || s->uids == 0) { /* owners are not known then */
		s->uid_table = s->gid_table = s->bytes_used ? s->bytes_used - 1 : 0;
		s->uids = s->gids = 1;
	}
	if (s->fragments && (s->fragment_table <= s->directory_table || s->fragment_table >= s->bytes_used)) {
		s->fragments = 0;
		s->fragment_table = OFFSET_NONE;
	}
	if (s->inodes == 0 || s->inodes > s->bytes_used / INODE_PACKED_MIN || s->fragments > s->inodes)
		s->inodes = s->bytes_used / INODE_PACKED_MIN < UINT32_MAX ? (uint32_t)(s->bytes_used / INODE_PACKED_MIN) : UINT32_MAX;
	if (s->fragments > s->inodes)
		s->fragments = s->inodes;
	s->mended = true;
	return is_power_of_two(s->block_size) && s->block_size >= BLOCK_MIN && s->block_size <= BLOCK_MAX &&
		   squashfs_super_is_sane(s, SUPER_SIZE);
}

/* An 's' before "hsqs" is a magic of its own, in the order in which the version of what begins behind it is right: where fields
 * contradict each other, the magic's order must be theirs. */
static bool magic_has_order(struct span at, bool big)
{
	static const char *const magic[2][3] = { { "hsqs", "shsq", "hsqt" }, { "sqsh", "qshs", "tqsh" } };
	bool found = false;
	for (size_t i = 0; i < 3; i++)
		found |= span_starts(at, magic[big][i], 4);
	return found;
}

/* Magic and version are 64 bits that are right: the rest is for walk() to make sense of. */
static bool super_read(struct span at, bool big, struct squashfs_super *s)
{
	struct reader r = reader_of(span_clip(at, 0, SUPER_SIZE), big);
	*s = (struct squashfs_super){ .big = big };
	rd_skip(&r, 4);
	s->inodes = rd_u32(&r);
	s->mkfs_time = rd_u32(&r);
	s->block_size = rd_u32(&r);
	s->fragments = rd_u32(&r);
	s->compression = rd_u16(&r);
	uint16_t block_log = rd_u16(&r);
	s->flags = rd_u16(&r);
	s->uids = s->gids = rd_u16(&r);
	s->major = rd_u16(&r);
	s->minor = rd_u16(&r);
	s->root = rd_u64(&r);
	s->bytes_used = rd_u64(&r);
	s->uid_table = s->gid_table = rd_u64(&r);
	s->xattr_table = absent_is_none(rd_u64(&r), s);
	s->inode_table = rd_u64(&r);
	s->directory_table = rd_u64(&r);
	s->fragment_table = absent_is_none(rd_u64(&r), s);
	s->lookup_table = absent_is_none(rd_u64(&r), s);
	if (!rd_ok(&r) || s->major != 4 || s->minor != 0)
		return false;
	bool agrees = block_log >= 12 && block_log <= 20 && s->block_size == 1u << block_log && s->uids > 0;
	if (agrees && !is_whole(s, at) && squashfs_super_is_sane(s, SUPER_SIZE))
		return true;
	if (!magic_has_order(at, big))
		return false;
	s->hopeless = !super_mend(s, block_log, at);
	return true;
}

static bool super_find(struct span at, struct squashfs_super *s)
{
	return squashfs_has_magic(at) && (super_read(at, false, s) || super_read(at, true, s));
}

/* A letter before a sound superblock may make what looks like one that is not. */
static bool another_begins(struct span at)
{
	struct squashfs_super s;
	return super_find(span_from(at, 1), &s) && !s.mended && !s.hopeless;
}

static bool squashfs_probe(struct span at, struct format_match *match)
{
	struct squashfs_super s;
	if (!super_find(at, &s) || s.hopeless || (s.mended && another_begins(at)))
		return false;
	match->size = s.bytes_used + (s.mended ? 0 : (uint64_t)squashfs_shift_find(at, &s));
	match->confidence = 90;
	return true;
}

/* Where no table can be found, that is told of a whole blob only. What stands behind the superblock is looked at. */
static bool squashfs_probe_whole(struct span all, struct format_match *match)
{
	struct squashfs_super s;
	*match = (struct format_match){ .size = all.n, .confidence = 50 };
	return super_find(all, &s) && s.hopeless && !another_begins(all);
}

static void read_directory(struct reader *r, bool extended, struct squashfs_inode *inode)
{
	uint32_t size;
	uint16_t indexes = 0;
	if (extended) {
		rd_skip(r, 4); /* links */
		size = rd_u32(r);
		inode->start = rd_u32(r);
		rd_skip(r, 4); /* parent */
		indexes = rd_u16(r);
		inode->offset = rd_u16(r);
		rd_skip(r, 4); /* attributes */
	} else {
		inode->start = rd_u32(r);
		rd_skip(r, 4);
		size = rd_u16(r);
		inode->offset = rd_u16(r);
		rd_skip(r, 4);
	}
	for (unsigned i = 0; i < indexes && rd_ok(r); i++) {
		rd_skip(r, 8);
		rd_skip(r, (uint64_t)rd_u32(r) + 1);
	}
	inode->size = size > 3 ? size - 3 : 0; /* counts entries for "." and ".." that are not there */
}

static bool read_file(const struct squashfs *fs, struct reader *r, bool extended, struct squashfs_inode *inode)
{
	if (extended) {
		inode->start = rd_u64(r);
		inode->size = rd_u64(r);
		rd_skip(r, 12); /* sparse bytes, links */
	} else {
		inode->start = rd_u32(r);
	}
	inode->fragment = rd_u32(r);
	inode->offset = rd_u32(r);
	if (extended)
		rd_skip(r, 4);
	else
		inode->size = rd_u32(r);
	uint64_t blocks = squashfs_block_count(fs, inode->size, inode->fragment);
	inode->block_sizes = rd_bytes(r, blocks * 4);
	/* A fragment that there is not costs the file its tail, not its name. */
	return blocks == 0 || inode->start < fs->super.bytes_used;
}

static void read_symlink(struct reader *r, bool extended, struct squashfs_inode *inode)
{
	rd_skip(r, 4);
	inode->size = rd_u32(r);
	inode->target = rd_bytes(r, inode->size);
	if (extended)
		rd_skip(r, 4);
}

static bool read_inode(const struct squashfs *fs, struct reader *r, struct squashfs_inode *inode)
{
	static const enum entry_kind kinds[TYPES] = {
		[TYPE_DIR] = ENTRY_DIRECTORY,      [TYPE_FILE] = ENTRY_FILE,        [TYPE_SYMLINK] = ENTRY_SYMLINK,
		[TYPE_BLOCK] = ENTRY_BLOCK_DEVICE, [TYPE_CHAR] = ENTRY_CHAR_DEVICE, [TYPE_FIFO] = ENTRY_FIFO,
		[TYPE_SOCKET] = ENTRY_SOCKET,
	};
	const struct squashfs_super *s = &fs->super;
	uint16_t number = rd_u16(r), mode = rd_u16(r), uid = rd_u16(r), gid = rd_u16(r);
	bool extended = number >= TYPES;
	uint16_t type = extended ? number - (TYPES - 1) : number;
	uint32_t mtime = rd_u32(r), serial = rd_u32(r);
	if (!rd_ok(r) || type == 0 || type >= TYPES || mode > 07777 || serial > s->inodes)
		return false;
	*inode = (struct squashfs_inode){ .kind = kinds[type],
									  .mode = mode,
									  .mtime = mtime,
									  .device = FACT_NULL,
									  .uid = fs->uids && uid < s->uids ? fs->uids[uid] : FACT_NULL,
									  .gid = fs->gids && gid < s->gids ? fs->gids[gid] : FACT_NULL,
									  .fragment = SQUASHFS_NO_FRAGMENT };
	switch (type) {
	case TYPE_DIR:
		read_directory(r, extended, inode);
		break;
	case TYPE_FILE:
		return read_file(fs, r, extended, inode) && rd_ok(r);
	case TYPE_SYMLINK:
		read_symlink(r, extended, inode);
		break;
	case TYPE_BLOCK:
	case TYPE_CHAR:
		rd_skip(r, 4);
		inode->device = device_new(rd_u32(r));
		rd_skip(r, extended ? 4 : 0);
		break;
	default:
		rd_skip(r, extended ? 8 : 4);
	}
	return rd_ok(r);
}

static bool read_run(const struct squashfs *fs, struct reader *r, struct squashfs_run *run)
{
	(void)fs;
	uint32_t count = rd_u32(r);
	run->left = count < 256 ? count + 1 : 0; /* SQUASHFS_DIR_COUNT */
	run->block = rd_u32(r);
	rd_skip(r, 4);
	return rd_ok(r) && run->left > 0;
}

static bool read_dirent(const struct squashfs *fs, struct reader *r, struct squashfs_dirent *entry)
{
	(void)fs;
	entry->offset = rd_u16(r);
	rd_skip(r, 4);
	uint16_t size = rd_u16(r);
	entry->name = text_from_span(rd_bytes(r, (uint64_t)size + 1));
	return rd_ok(r) && size < 256; /* SQUASHFS_NAME_LEN */
}

static struct error load_ids(struct squashfs *fs)
{
	uint32_t n = fs->super.uids;
	uint32_t *ids = ARENA_ARRAY(fs->walk->arena, uint32_t, n);
	if (!ids)
		return error_at(ERR_BUDGET, fs->super.uid_table, "the id table is larger than what is kept of one");
	const uint8_t *bytes = squashfs_indexed_load(fs, "id", fs->super.uid_table, (uint64_t)n * 4);
	struct reader r = reader_of(span_of(bytes, (size_t)n * 4), fs->super.big);
	for (uint32_t i = 0; bytes && i < n; i++)
		ids[i] = rd_u32(&r);
	fs->uids = fs->gids = bytes ? ids : NULL; /* without the table owners are unknown, not root */
	return error_none();
}

static const struct squashfs_layout layout = {
	.size_width = 4,
	.read_inode = read_inode,
	.read_run = read_run,
	.read_dirent = read_dirent,
	.load_ids = load_ids,
	.fragment_width = 16,
	.index_width = 8,
};

/* Options of xz say which filters the blocks may use: they tell the machine. */
static void emit_options(struct span bytes, const struct squashfs_super *s, struct walk *w)
{
	static const char *const filters[] = { "x86", "powerpc", "ia64", "arm", "armthumb", "sparc" };
	struct reader r = reader_of(span_from(bytes, SUPER_SIZE), s->big);
	uint16_t header = rd_u16(&r);
	uint32_t dictionary = rd_u32(&r), flags = rd_u32(&r);
	if (!(s->flags & FLAG_COMPRESSOR_OPTIONS) || s->compression != 4 || header != 0x8008 || !rd_ok(&r))
		return;
	emit_header_field(w->sink, SUPER_SIZE + 2, "dictionary_size", "%lu", (unsigned long)dictionary);
	char text[64] = "";
	for (unsigned i = 0; i < sizeof filters / sizeof filters[0]; i++)
		if (flags & 1u << i)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", *text ? " " : "", filters[i]);
	if (*text)
		emit_header_field(w->sink, SUPER_SIZE + 6, "filters", "%s", text);
}

static struct error squashfs_walk(struct span bytes, struct walk *w)
{
	struct squashfs_super s;
	if (!super_find(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no squashfs 4.0 superblock");
	if (s.hopeless) {
		w->end = SUPER_SIZE;
		return error_at(ERR_CORRUPT, 0, "the fields of the superblock contradict each other: no table can be found");
	}
	if (s.mended)
		emit_damage_at(w->sink, ERR_CORRUPT, 0, "fields of the superblock contradict the others: the image is read without them");
	emit_options(bytes, &s, w);
	return squashfs_walk_image(&s, &layout, bytes, w);
}

static const struct format_magic magics[] = { SQUASHFS_MAGICS };

const struct format squashfs_format = {
	.name = "squashfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "squashfs 4.0",
	.spec = "Linux Documentation/filesystems/squashfs.rst",
	.magics = magics,
	.probe = squashfs_probe,
	.probe_whole = squashfs_probe_whole,
	.walk = squashfs_walk,
};
