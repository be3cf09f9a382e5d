/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Superblocks and group descriptors. Specification: Linux Documentation/filesystems/ext4/super.rst, group_descr.rst. */
#include <stdio.h>

#include "base/crc32c.h"
#include "base/hash.h"
#include "format/ext_image.h"

#define CRC16_POLYNOMIAL 0xa001u
#define SUPERBLOCK_AT 1024u
#define SUPERBLOCK_SIZE 1024u
#define DESCRIPTORS_CHECKED_MAX 65536u
#define PER_GROUP_MIN 256u
#define GROUP_INODES_UNINIT 1u

/* Linux counts free inodes in the groups, and mounts what tells more of them than there are inodes. Then fields that have few
 * values tell a superblock from other bytes. */
static bool counts_make_sense(struct span b, const struct ext_super *s)
{
	bool few = span_u16le(b, 58) <= 7 && span_u16le(b, 60) <= 3; /* s_state, s_errors */
	return span_u32le(b, 16) <= s->inodes || (few && span_u32le(b, 72) <= 4 && s->revision <= 1); /* s_creator_os */
}

static bool fields_make_sense(struct span b, struct ext_super *s)
{
	uint32_t log_size = span_u32le(b, 24), log_cluster = span_u32le(b, 28);
	uint32_t clusters_per_group = s->ro_compat & RO_COMPAT_BIGALLOC ? span_u32le(b, 36) : s->blocks_per_group;
	if (log_size > 6 || !s->blocks_per_group || !s->inodes_per_group || !counts_make_sense(b, s))
		return false;
	s->block_size = 1024u << log_size;
	if (s->ro_compat & RO_COMPAT_BIGALLOC) {
		if (log_cluster < log_size || log_cluster - log_size > 20 || s->first_data_block != 0 ||
			(uint64_t)clusters_per_group << (log_cluster - log_size) != s->blocks_per_group)
			return false;
	} else if (s->first_data_block != (log_size == 0)) {
		return false;
	}
	return clusters_per_group <= 8 * s->block_size && s->blocks > s->first_data_block && s->blocks >> 40 == 0 &&
		   s->inode_size >= 128 && s->inode_size <= s->block_size && (s->inode_size & (s->inode_size - 1)) == 0 &&
		   s->descriptor_size >= 32 && s->descriptor_size <= 1024;
}

bool ext_super_read(struct span all, uint64_t at, struct ext_super *s)
{
	struct span b = span_sub(all, at, SUPERBLOCK_SIZE);
	if (!span_has(b, 56, "\x53\xef", 2))
		return false;
	*s = (struct ext_super){ .at = at,
							 .inodes = span_u32le(b, 0),
							 .blocks = span_u32le(b, 4),
							 .first_data_block = span_u32le(b, 20),
							 .blocks_per_group = span_u32le(b, 32),
							 .inodes_per_group = span_u32le(b, 40),
							 .revision = span_u32le(b, 76),
							 .inode_size = 128,
							 .descriptor_size = 32,
							 .checksum_ok = true };
	if (s->revision >= 1) {
		s->inode_size = span_u16le(b, 88);
		s->block_group = span_u16le(b, 90);
		s->compat = span_u32le(b, 92);
		s->incompat = span_u32le(b, 96);
		s->ro_compat = span_u32le(b, 100);
		s->first_meta_bg = span_u32le(b, 0x104);
		s->backup_groups[0] = span_u32le(b, 0x24c);
		s->backup_groups[1] = span_u32le(b, 0x250);
	}
	if (s->incompat & INCOMPAT_64BIT) {
		s->blocks |= (uint64_t)span_u32le(b, 0x150) << 32;
		if (span_u16le(b, 0xfe) > 32)
			s->descriptor_size = span_u16le(b, 0xfe);
	}
	if (!fields_make_sense(b, s))
		return false;
	if (s->ro_compat & RO_COMPAT_METADATA_CSUM)
		s->checksum_ok = crc32c_update(UINT32_MAX, span_clip(b, 0, 0x3fc)) == span_u32le(b, 0x3fc);
	/* Every group has the same number of inodes: that ties four fields together. */
	s->groups = (s->blocks - s->first_data_block + s->blocks_per_group - 1) / s->blocks_per_group;
	return s->groups * s->inodes_per_group == s->inodes;
}

/* Whether the table of inodes at that block has the root directory where it stands in that of the first group. */
static bool root_is_in(const struct ext *fs, uint64_t table)
{
	uint32_t size = fs->s.inode_size;
	uint64_t at = (EXT_ROOT - 1) * (uint64_t)size;
	struct span root = span_sub(ext_block(fs, table + at / fs->s.block_size), at % fs->s.block_size, size);
	return root.p && span_u16le(root, 0) >> 12 == 4 && span_u16le(root, 26) >= 2;
}

bool ext_root_is_there(struct span at, const struct ext_super *s)
{
	struct ext fs = { .s = *s, .image = at };
	uint64_t table;
	return ext_group_inodes(&fs, 0, &table) && root_is_in(&fs, table);
}

static bool backup_read(struct span at, uint64_t size, uint64_t per_group, uint32_t group, struct ext_super *s)
{
	uint64_t block = group * per_group + (size == 1024);
	if (block * size >= at.n) /* most files are smaller, and dozens of places are asked */
		return false;
	if (!ext_super_read(at, block * size, s) || s->block_size != size || !s->checksum_ok || s->blocks_per_group != per_group)
		return false;
	return s->revision >= 1 ? s->block_group == group : ext_root_is_there(at, s);
}

/* The first backup is in group 1, whose size follows from the block size unless somebody wanted another one, as a rule a power of
 * two; others are in powers of 3, 5 and 7. */
static bool backup_find(struct span at, struct ext_super *s)
{
	static const uint8_t groups[] = { 3, 5, 7, 9, 25, 27, 49 };
	for (unsigned log = 0; log <= 6; log++) {
		uint64_t size = 1024u << log;
		for (uint64_t per_group = 8 * size; per_group >= PER_GROUP_MIN; per_group /= 2)
			if (backup_read(at, size, per_group, 1, s))
				return true;
		for (size_t i = 0; i < sizeof groups; i++)
			if (backup_read(at, size, 8 * size, groups[i], s))
				return true;
	}
	return false;
}

bool ext_super_find(struct span at, struct ext_super *s)
{
	struct ext_super backup;
	bool first = ext_super_read(at, SUPERBLOCK_AT, s);
	if (first && s->checksum_ok)
		return true;
	if (backup_find(at, &backup)) {
		*s = backup;
		return true;
	}
	return first;
}

static void show_names(const struct ext *fs, struct sink *sink, struct span b)
{
	static const struct {
		const char *name;
		uint32_t at, n;
	} texts[] = { { "volume_name", 120, 16 }, { "last_mounted", 136, 64 } };
	for (size_t i = 0; i < 2 && fs->s.revision >= 1; i++) {
		struct span t = span_sub(b, texts[i].at, texts[i].n);
		if (t.p && t.p[0])
			emit_header_field(sink, fs->s.at + texts[i].at, texts[i].name, "%.*s", (int)t.n, (const char *)t.p);
	}
	struct span u = span_sub(b, 104, 16);
	if (u.p && fs->s.revision >= 1)
		emit_header_field(sink, fs->s.at + 104, "uuid",
						  "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u.p[0], u.p[1],
						  u.p[2], u.p[3], u.p[4], u.p[5], u.p[6], u.p[7], u.p[8], u.p[9], u.p[10], u.p[11], u.p[12],
						  u.p[13], u.p[14], u.p[15]);
}

static void show_times(const struct ext *fs, struct sink *sink, struct span b)
{
	static const struct {
		const char *name;
		uint32_t at, high;
	} times[] = { { "mkfs_time", 0x108, 0x276 }, { "mount_time", 0x2c, 0x275 }, { "write_time", 0x30, 0x274 } };
	for (size_t i = 0; i < 3; i++) {
		struct span high = span_sub(b, times[i].high, 1);
		uint64_t time = span_u32le(b, times[i].at);
		if (fs->s.revision >= 1 && high.p)
			time |= (uint64_t)high.p[0] << 32;
		if (time && (i > 0 || fs->s.revision >= 1))
			emit_header_field(sink, fs->s.at + times[i].at, times[i].name, "%llu", (unsigned long long)time);
	}
}

static void show_features(const struct ext *fs, struct sink *sink)
{
	static const char *const compat[32] = {
		"dir_prealloc", "imagic_inodes", "has_journal", "ext_attr",      "resize_inode", "dir_index", "lazy_bg", NULL,
		NULL,           "sparse_super2", "fast_commit", "stable_inodes", "orphan_file",
	};
	static const char *const incompat[32] = {
		"compression", "filetype",    "needs_recovery", "journal_dev", "meta_bg", NULL,      "extent",
		"64bit",       "mmp",         "flex_bg",        "ea_inode",    NULL,      "dirdata", "metadata_csum_seed",
		"large_dir",   "inline_data", "encrypt",        "casefold",
	};
	static const char *const ro_compat[32] = {
		"sparse_super",  "large_file",     NULL,           "huge_file", "uninit_bg",
		"dir_nlink",     "extra_isize",    "has_snapshot", "quota",     "bigalloc",
		"metadata_csum", "replica",        "read-only",    "project",   "shared_blocks",
		"verity",        "orphan_present",
	};
	static const struct {
		const char *const *names;
		const char *field;
	} sets[] = { { compat, "feature_compat" }, { incompat, "feature_incompat" }, { ro_compat, "feature_ro_compat" } };
	const uint32_t bits[] = { fs->s.compat, fs->s.incompat, fs->s.ro_compat };
	for (size_t i = 0; i < 3; i++) {
		char text[400] = "";
		for (unsigned bit = 0; bit < 32; bit++) {
			size_t n = strlen(text);
			if (bits[i] >> bit & 1 && sets[i].names[bit])
				snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", sets[i].names[bit]);
			else if (bits[i] >> bit & 1)
				snprintf(text + n, sizeof text - n, "%s0x%x", n ? " " : "", 1u << bit);
		}
		if (*text)
			emit_header_field(sink, fs->s.at + 92 + 4 * i, sets[i].field, "%s", text);
	}
}

void ext_super_show(const struct ext *fs, struct sink *sink)
{
	const struct ext_super *s = &fs->s;
	struct span b = span_sub(fs->image, s->at, SUPERBLOCK_SIZE);
	bool ext4 = s->incompat & (INCOMPAT_EXTENTS | INCOMPAT_64BIT | INCOMPAT_FLEX_BG) || s->ro_compat & ~7u;
	emit_header_field(sink, s->at, "variant", "%s", ext4 ? "ext4" : s->compat & COMPAT_HAS_JOURNAL ? "ext3" : "ext2");
	emit_header_field(sink, s->at + 24, "block_size", "%lu", (unsigned long)s->block_size);
	emit_header_field(sink, s->at, "inodes", "%lu", (unsigned long)s->inodes);
	show_names(fs, sink, b);
	show_times(fs, sink, b);
	show_features(fs, sink);
	if (s->ro_compat & RO_COMPAT_METADATA_CSUM)
		emit_header_field(sink, s->at + 0x3fc, "checksum", "%s", s->checksum_ok ? "ok" : "mismatch");
	if (!s->checksum_ok)
		emit_damage_at(sink, ERR_CORRUPT, s->at + 0x3fc, "the superblock does not have the checksum that it says");
	if (s->at != SUPERBLOCK_AT)
		emit_damage_at(sink, ERR_CORRUPT, SUPERBLOCK_AT, "the superblock is damaged: read was its copy at %llu",
					   (unsigned long long)s->at);
}

static bool is_power_of(uint64_t v, unsigned base)
{
	while (v > 1 && v % base == 0)
		v /= base;
	return v == 1;
}

static bool has_superblock(const struct ext_super *s, uint64_t group)
{
	if (group == 0)
		return true;
	if (s->compat & COMPAT_SPARSE_SUPER2)
		return group == s->backup_groups[0] || group == s->backup_groups[1];
	return !(s->ro_compat & RO_COMPAT_SPARSE_SUPER) || is_power_of(group, 3) || is_power_of(group, 5) ||
		   is_power_of(group, 7);
}

/* The descriptor of a group from the table in the first group, or from a copy of it. */
static struct span descriptor(const struct ext *fs, uint64_t group, bool copy)
{
	const struct ext_super *s = &fs->s;
	uint64_t each = s->block_size / s->descriptor_size, table = group / each, block;
	if (s->incompat & INCOMPAT_META_BG && table >= s->first_meta_bg) {
		uint64_t home = table * each + copy;
		block = s->first_data_block + home * s->blocks_per_group + has_superblock(s, home);
		if (home == 0 && s->block_size == 1024 && s->first_data_block == 0)
			block++;
	} else {
		uint64_t home = !copy ? 0 : s->compat & COMPAT_SPARSE_SUPER2 ? s->backup_groups[0] : 1;
		if (copy && home == 0)
			return SPAN_NONE;
		block = s->first_data_block + home * s->blocks_per_group + 1 + table;
		/* With clusters, 1 KiB blocks begin at 0, where the boot block is. */
		if (!copy && s->block_size == 1024 && s->first_data_block == 0)
			block++;
	}
	return span_sub(ext_block(fs, block), group % each * s->descriptor_size, s->descriptor_size);
}

static bool descriptor_sums(const struct ext *fs, uint64_t group, struct span d)
{
	uint8_t number[4] = { (uint8_t)group, (uint8_t)(group >> 8), (uint8_t)(group >> 16), (uint8_t)(group >> 24) };
	uint16_t stored = span_u16le(d, 0x1e);
	if (fs->s.ro_compat & RO_COMPAT_METADATA_CSUM) {
		uint32_t crc = crc32c_update(fs->seed, span_of(number, 4));
		crc = crc32c_update(crc, span_clip(d, 0, 0x1e));
		crc = crc32c_update(crc, span_of("\0\0", 2));
		return (uint16_t)crc32c_update(crc, span_from(d, 0x20)) == stored;
	}
	if (!(fs->s.ro_compat & RO_COMPAT_GDT_CSUM))
		return true;
	uint16_t crc = hash_crc16(CRC16_POLYNOMIAL, UINT16_MAX, span_sub(fs->image, fs->s.at + 104, 16));
	crc = hash_crc16(CRC16_POLYNOMIAL, crc, span_of(number, 4));
	crc = hash_crc16(CRC16_POLYNOMIAL, crc, span_clip(d, 0, 0x1e));
	return hash_crc16(CRC16_POLYNOMIAL, crc, span_from(d, 0x20)) == stored;
}

static bool inode_table(const struct ext *fs, struct span d, uint64_t *block)
{
	*block = span_u32le(d, 8);
	if (d.n >= 64)
		*block |= (uint64_t)span_u32le(d, 0x28) << 32;
	return *block > 0 && *block < fs->s.blocks;
}

static bool has_sums(const struct ext *fs)
{
	return fs->s.ro_compat & (RO_COMPAT_GDT_CSUM | RO_COMPAT_METADATA_CSUM);
}

/* Where no sums tell, tables of inodes never move: a copy that says another place contradicts. Then the first group's is where the
 * root directory is; of others the descriptor counts, as for Linux. */
static bool copy_contradicts(const struct ext *fs, uint64_t group, uint64_t block, uint64_t *other)
{
	struct ext_super home;
	uint64_t at = (fs->s.first_data_block + fs->s.blocks_per_group) * (uint64_t)fs->s.block_size;
	bool known = !has_sums(fs) && fs->s.groups > 1 && !(fs->s.incompat & INCOMPAT_META_BG) && !(fs->s.compat & COMPAT_SPARSE_SUPER2);
	return known && inode_table(fs, descriptor(fs, group, true), other) && *other != block && ext_super_read(fs->image, at, &home) &&
		   home.inodes == fs->s.inodes && home.blocks == fs->s.blocks;
}

bool ext_group_inodes(const struct ext *fs, uint64_t group, uint64_t *block)
{
	struct span d = descriptor(fs, group, false), copy;
	bool plausible = inode_table(fs, d, block);
	uint64_t other;
	if (plausible && descriptor_sums(fs, group, d)) {
		if (group == 0 && copy_contradicts(fs, 0, *block, &other) && !root_is_in(fs, *block) && root_is_in(fs, other))
			*block = other;
		return true;
	}
	copy = descriptor(fs, group, true);
	if (!inode_table(fs, copy, &other) || !(descriptor_sums(fs, group, copy) || !plausible))
		return plausible;
	*block = other;
	return true;
}

struct span ext_group_inode_bitmap(const struct ext *fs, uint64_t group)
{
	struct span d = descriptor(fs, group, false);
	if (!d.p || !descriptor_sums(fs, group, d) || (has_sums(fs) && span_u16le(d, 0x12) & GROUP_INODES_UNINIT))
		return SPAN_NONE;
	return ext_block(fs, span_u32le(d, 4) | (d.n >= 64 ? (uint64_t)span_u32le(d, 0x24) << 32 : 0));
}

void ext_groups_check(const struct ext *fs, struct sink *sink)
{
	unsigned bad = 0, absent = 0, contradicted = 0;
	uint64_t groups = fs->s.groups < DESCRIPTORS_CHECKED_MAX ? fs->s.groups : DESCRIPTORS_CHECKED_MAX;
	for (uint64_t g = 0; g < groups; g++) {
		struct span d = descriptor(fs, g, false);
		absent += !d.p;
		uint64_t block, other;
		bool good = descriptor_sums(fs, g, d) && inode_table(fs, d, &block);
		bad += d.p && !good;
		contradicted += good && copy_contradicts(fs, g, block, &other);
	}
	if (contradicted)
		emit_damage_at(sink, ERR_CORRUPT, OFFSET_NONE, "%u group descriptors and their copies tell different tables of inodes",
					   contradicted);
	if (bad)
		emit_damage_at(sink, ERR_CORRUPT, OFFSET_NONE, "%u group descriptors %s", bad,
					   has_sums(fs) ? "do not have the checksum that they say" : "lead beyond the file system");
	if (absent)
		emit_damage_at(sink, ERR_TRUNCATED, OFFSET_NONE, "%u group descriptors stand beyond the end of the image",
					   absent);
}
