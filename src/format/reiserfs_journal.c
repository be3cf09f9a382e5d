/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the journal of a ReiserFS holds transactions whose blocks do not stand in their places yet. Even the superblock says that
 * the file system is mounted by way of the journal: where the power went first, only the journal knows.
 *
 * A ring of blocks, and behind it a header that tells what was written in place up to which transaction, and where the next one
 * begins: with a descriptor, its blocks, and a commit that repeats the descriptor. Specification: Linux fs/reiserfs/reiserfs.h
 * (reiserfs_journal_desc, reiserfs_journal_header) and journal.c (journal_read). */
#include "format/reiserfs_image.h"

#define MAGIC_FROM_END 12u

struct transaction {
	uint32_t id, blocks, mount;
};

static uint64_t ring_at(const struct reiserfs *fs, uint32_t block)
{
	return ((uint64_t)fs->s.journal + block) * fs->s.block_size;
}

/* A whole transaction that begins with a block of the ring. */
static bool transaction_read(const struct reiserfs *fs, uint32_t block, struct transaction *t)
{
	uint32_t size = fs->s.block_size, ring = fs->s.journal_blocks;
	struct span d = span_sub(fs->image, ring_at(fs, block), size);
	if (!span_has(d, size - MAGIC_FROM_END, "ReIsErLB", 8))
		return false;
	*t = (struct transaction){ span_u32le(d, 0), span_u32le(d, 4), span_u32le(d, 8) };
	if (t->blocks == 0 || t->blocks > ring - 2)
		return false;
	struct span commit = span_sub(fs->image, ring_at(fs, (uint32_t)(((uint64_t)block + t->blocks + 1) % ring)), size);
	return commit.p && span_u32le(commit, 0) == t->id && span_u32le(commit, 4) == t->blocks;
}

/* How many transactions follow on what the header says was written last. */
static uint32_t count_unflushed(const struct reiserfs *fs, struct span header, uint64_t *first)
{
	uint32_t flushed = span_u32le(header, 0), block = span_u32le(header, 4), mount = span_u32le(header, 8), n = 0;
	struct transaction t;
	*first = ring_at(fs, block);
	for (uint64_t passed = 0; passed < fs->s.journal_blocks; passed += t.blocks + 2) {
		if (!transaction_read(fs, block, &t) || t.id <= flushed || t.mount != mount)
			break;
		block = (uint32_t)(((uint64_t)block + t.blocks + 2) % fs->s.journal_blocks);
		flushed = t.id;
		n++;
	}
	return n;
}

/* Before anything was written in place the header says nothing: then all is to be written that the ring holds of the last mount. */
static uint32_t count_all(const struct reiserfs *fs, uint64_t *first)
{
	struct transaction t;
	uint32_t n = 0, mount = 0;
	for (uint64_t block = 0; block < fs->s.journal_blocks;) {
		bool is = transaction_read(fs, (uint32_t)block, &t);
		if (is && (n == 0 || t.mount > mount)) {
			*first = ring_at(fs, (uint32_t)block);
			mount = t.mount;
			n = 1;
		} else if (is) {
			n += t.mount == mount;
		}
		block += is ? t.blocks + 2 : 1;
	}
	return n;
}

uint32_t reiserfs_journal_pending(const struct reiserfs *fs, uint64_t *first)
{
	struct span header = span_sub(fs->image, ring_at(fs, fs->s.journal_blocks), 12);
	if (fs->s.journal_device || fs->s.journal_blocks <= 2 || fs->s.journal_blocks > fs->s.blocks || !header.p)
		return 0;
	if (span_u32le(header, 0) && span_u32le(header, 4) < fs->s.journal_blocks)
		return count_unflushed(fs, header, first);
	return count_all(fs, first);
}
