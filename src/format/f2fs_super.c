/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Superblocks and checkpoints. Specification: Linux Documentation/filesystems/f2fs.rst, include/linux/f2fs_fs.h. */
#include <stdio.h>

#include "base/hash.h"
#include "format/f2fs_image.h"
#include "format/notation.h"

#define SUPERBLOCK_MAGIC 0xf2f52010u
#define SUPERBLOCK_AT 1024u
#define SUPERBLOCK_SIZE 3072u
#define CHECKSUM_AT_MIN 192u
#define CHECKPOINT_HEAD 192u
#define NAT_JOURNAL_ENTRY 13u
#define SUMMARY_FOOTER 5u
#define SUMMARY_ENTRY 7u
#define PERSISTENT_LOGS 6u
#define DATA_LOGS 3u

enum {
	CHECKPOINT_ORPHANS = 0x2,
	CHECKPOINT_COMPACT_SUMMARY = 0x4,
	CHECKPOINT_ERROR = 0x8,
	CHECKPOINT_FASTBOOT = 0x20,
	CHECKPOINT_LARGE_NAT_BITMAP = 0x400,
};

static bool super_read(struct span at, uint64_t from, struct f2fs_super *s)
{
	struct span b = span_sub(at, from, SUPERBLOCK_SIZE);
	uint32_t log_sector = span_u32le(b, 8), log_sectors = span_u32le(b, 12);
	*s = (struct f2fs_super){ .at = from,
							  .blocks = span_u64le(b, 36),
							  .log_block = span_u32le(b, 16),
							  .log_segment = span_u32le(b, 20),
							  .checkpoint = span_u32le(b, 76),
							  .nat = span_u32le(b, 84),
							  .main = span_u32le(b, 92),
							  .root = span_u32le(b, 96),
							  .payload = span_u32le(b, 1664),
							  .features = span_u32le(b, 2180),
							  .nat_segments = span_u32le(b, 60),
							  .main_segments = span_u32le(b, 68) };
	if (span_u32le(b, 0) != SUPERBLOCK_MAGIC || log_sector < 9 || log_sector > 16 || log_sectors > 8 ||
		s->log_block < 12 || s->log_block > 16 || log_sector + log_sectors != s->log_block || s->log_segment > 16 ||
		s->blocks >> 32)
		return false;
	/* The areas follow each other, each so many segments long. */
	uint64_t cp = s->checkpoint, log = s->log_segment;
	uint64_t sit = cp + ((uint64_t)span_u32le(b, 52) << log), nat = sit + ((uint64_t)span_u32le(b, 56) << log);
	uint64_t ssa = nat + ((uint64_t)s->nat_segments << log), main = ssa + ((uint64_t)span_u32le(b, 64) << log);
	return cp > 0 && span_u32le(b, 72) == cp && span_u32le(b, 80) == sit && s->nat == nat && span_u32le(b, 88) == ssa &&
		   s->main == main && main + ((uint64_t)s->main_segments << log) <= s->blocks && s->main_segments > 0 &&
		   s->root > 0 && span_u32le(b, 100) > 0 && span_u32le(b, 104) > 0;
}

bool f2fs_super_find(struct span at, struct f2fs_super *s, struct f2fs_checkpoint *c)
{
	if (super_read(at, SUPERBLOCK_AT, s))
		return true;
	/* The second one stands in the next block. That it is not the first one of another image, the checkpoint tells. */
	for (unsigned log = 12; log <= 16; log++)
		if (super_read(at, (1u << log) + SUPERBLOCK_AT, s) && s->log_block == log && f2fs_checkpoint_find(at, s, c))
			return true;
	return false;
}

static struct span block_at(struct span image, const struct f2fs_super *s, uint64_t block)
{
	return span_sub(image, block << s->log_block, 1u << s->log_block);
}

static bool checkpoint_sums(struct span block)
{
	uint32_t at = span_u32le(block, 164);
	if (at < CHECKSUM_AT_MIN || at > block.n - 4)
		return false;
	uint32_t crc = hash_crc32_raw(SUPERBLOCK_MAGIC, span_clip(block, 0, at));
	if (at < block.n - 4)
		crc = hash_crc32_raw(crc, span_from(block, at + 4));
	return crc == span_u32le(block, at);
}

/* A pack is valid when its first and its last block are the same checkpoint. */
static bool pack_read(struct span image, const struct f2fs_super *s, uint64_t at, struct f2fs_checkpoint *c)
{
	struct span first = block_at(image, s, at);
	if (!first.p || !checkpoint_sums(first))
		return false;
	*c = (struct f2fs_checkpoint){ .block = at,
								   .version = span_u64le(first, 0),
								   .flags = span_u32le(first, 132),
								   .blocks = span_u32le(first, 136),
								   .summaries = span_u32le(first, 140) };
	struct span last = block_at(image, s, at + c->blocks - 1);
	if (c->blocks < 2 || c->blocks > 1u << s->log_segment || !last.p || !checkpoint_sums(last) ||
		memcmp(first.p, last.p, 8) != 0)
		return false;
	/* Bitmaps: of the SIT, then of the NAT, unless the one of the SIT has blocks of its own. */
	uint64_t bitmap = (at << s->log_block) + CHECKPOINT_HEAD;
	if (c->flags & CHECKPOINT_LARGE_NAT_BITMAP)
		bitmap += span_u32le(first, 164) == CHECKSUM_AT_MIN ? 4 : 0;
	else if (s->payload == 0)
		bitmap += span_u32le(first, 156);
	c->nat_bitmap = span_sub(image, bitmap, span_u32le(first, 160));
	return c->nat_bitmap.p != NULL;
}

bool f2fs_checkpoint_find(struct span image, const struct f2fs_super *s, struct f2fs_checkpoint *c)
{
	struct f2fs_checkpoint other;
	bool first = pack_read(image, s, s->checkpoint, c);
	if (pack_read(image, s, s->checkpoint + (1ull << s->log_segment), &other) &&
		(!first || other.version > c->version)) {
		*c = other;
		return true;
	}
	return first;
}

struct span f2fs_journal_find(const struct f2fs *fs)
{
	const struct f2fs_checkpoint *c = &fs->c;
	uint32_t entries = fs->block_size / 8; /* of a summary block: one for each block of a segment */
	uint32_t size = fs->block_size - SUMMARY_FOOTER - entries * SUMMARY_ENTRY, at = entries * SUMMARY_ENTRY;
	uint64_t block = c->block + c->summaries;
	if (c->flags & CHECKPOINT_COMPACT_SUMMARY)
		at = 0; /* the journals come first */
	else
		block = c->block + c->blocks - 1 -
				(c->flags & (F2FS_CHECKPOINT_UMOUNT | CHECKPOINT_FASTBOOT) ? PERSISTENT_LOGS : DATA_LOGS);
	struct span journal = span_sub(block_at(fs->image, &fs->s, block), at, size);
	uint32_t n = span_u16le(journal, 0);
	return span_sub(journal, 2, (uint64_t)n * NAT_JOURNAL_ENTRY);
}

static void show_names(const struct f2fs *fs, struct sink *sink, struct span b)
{
	char name[512 * 3 + 1];
	size_t n = utf16_to_utf8(span_sub(b, 124, 1024), false, true, name);
	struct span u = span_sub(b, 108, 16), version = span_sub(b, 1668, 256), init = span_sub(b, 1924, 256);
	if (n)
		emit_header_field(sink, fs->s.at + 124, "volume_name", "%.*s", (int)n, name);
	if (u.p)
		emit_header_field(sink, fs->s.at + 108, "uuid",
						  "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u.p[0], u.p[1],
						  u.p[2], u.p[3], u.p[4], u.p[5], u.p[6], u.p[7], u.p[8], u.p[9], u.p[10], u.p[11], u.p[12],
						  u.p[13], u.p[14], u.p[15]);
	if (version.p && version.p[0])
		emit_header_field(sink, fs->s.at + 1668, "version", "%.256s", (const char *)version.p);
	if (init.p && init.p[0])
		emit_header_field(sink, fs->s.at + 1924, "init_version", "%.256s", (const char *)init.p);
}

static void show_features(const struct f2fs *fs, struct sink *sink)
{
	static const char *const names[] = { "encrypt",
										 "blkzoned",
										 "atomic_write",
										 "extra_attr",
										 "project_quota",
										 "inode_checksum",
										 "flexible_inline_xattr",
										 "quota",
										 "inode_crtime",
										 "lost_found",
										 "verity",
										 "sb_checksum",
										 "casefold",
										 "compression",
										 "ro" };
	char text[300] = "";
	for (unsigned bit = 0; bit < sizeof names / sizeof names[0]; bit++) {
		size_t n = strlen(text);
		if (fs->s.features >> bit & 1)
			snprintf(text + n, sizeof text - n, "%s%s", n ? " " : "", names[bit]);
	}
	if (*text)
		emit_header_field(sink, fs->s.at + 2180, "feature", "%s", text);
}

static void show_super_checksum(const struct f2fs *fs, struct sink *sink, struct span b)
{
	uint32_t at = span_u32le(b, 32);
	if (!(fs->s.features & F2FS_FEATURE_SUPERBLOCK_CHECKSUM) || at == 0 || !span_sub(b, at, 4).p)
		return;
	bool ok = hash_crc32_raw(SUPERBLOCK_MAGIC, span_clip(b, 0, at)) == span_u32le(b, at);
	emit_header_field(sink, fs->s.at + at, "checksum", "%s", ok ? "ok" : "mismatch");
	if (!ok)
		emit_damage_at(sink, ERR_CORRUPT, fs->s.at + at, "the superblock does not have the checksum that it says");
}

void f2fs_show(const struct f2fs *fs, struct sink *sink)
{
	struct span b = span_sub(fs->image, fs->s.at, SUPERBLOCK_SIZE);
	uint64_t at = fs->c.block << fs->s.log_block;
	show_names(fs, sink, b);
	show_features(fs, sink);
	show_super_checksum(fs, sink, b);
	emit_header_field(sink, fs->s.at + 16, "block_size", "%lu", (unsigned long)fs->block_size);
	emit_header_field(sink, at, "checkpoint_ver", "%llu", (unsigned long long)fs->c.version);
	emit_header_field(sink, at + 132, "ckpt_flags", "0x%lx", (unsigned long)fs->c.flags);
	if (fs->s.at != SUPERBLOCK_AT)
		emit_damage_at(sink, ERR_CORRUPT, SUPERBLOCK_AT, "the superblock is damaged: read was its copy at %llu",
					   (unsigned long long)fs->s.at);
	if (fs->c.flags & CHECKPOINT_ERROR)
		emit_damage_at(sink, ERR_CORRUPT, at + 132, "its checkpoint says that the file system has errors");
}
