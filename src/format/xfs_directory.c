/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directories of XFS, of which only the names are needed: neither hashes nor free space. Specification: "XFS
 * Algorithms & Data Structures", Directories. */
#include "format/xfs_image.h"

#define ALIGNMENT 8u
#define HEADER_OLD 16u
#define HEADER 64u
#define CRC_AT 4u
#define FREE_TAG 0xffffu
#define SPACE ((uint64_t)1 << 35) /* bytes of a directory that hold names: hashes stand behind */

/* The names that stand in an inode. */
static void list_short(struct tree *t, const struct inode *directory)
{
	const struct xfs *fs = t->fs;
	const struct xfs_file *file = directory->own;
	struct reader r = reader_be(span_sub(file->fork, 0, file->size));
	unsigned count = rd_u8(&r), width = rd_u8(&r) ? 8 : 4; /* of an inode's number */
	rd_skip(&r, width);                                    /* of the parent */
	for (unsigned i = 0; i < count; i++) {
		unsigned n = rd_u8(&r);
		rd_skip(&r, 2);
		struct span name = rd_bytes(&r, n);
		rd_skip(&r, fs->s.ftype);
		uint64_t number = rd_uint(&r, width);
		if (!rd_ok(&r)) {
			tree_damage(t, ERR_CORRUPT, directory->at, "the listing of a directory breaks off after %u of %u names", i,
						count);
			return;
		}
		if (!tree_name(t, text_from_span(name), number))
			return;
	}
}

/* Where the entries of a block end: the only block of a small directory has its hashes behind them. */
static uint64_t entries_end(struct span block, bool alone)
{
	if (!alone)
		return block.n;
	uint64_t hashes = (uint64_t)span_u32be(block, block.n - 8) * 8;
	return hashes <= block.n - 8 ? block.n - 8 - hashes : 0;
}

static void list_block(struct tree *t, struct span block, uint64_t at)
{
	const struct xfs *fs = t->fs;
	bool v5 = fs->s.v5, alone = span_starts(block, v5 ? "XDB3" : "XD2B", 4);
	uint64_t from = v5 ? HEADER : HEADER_OLD, end = entries_end(block, alone);
	if ((!alone && !span_starts(block, v5 ? "XDD3" : "XD2D", 4)) || end < from) {
		tree_damage(t, ERR_CORRUPT, at, "a block of a directory is none");
		return;
	}
	if (v5 && !xfs_sums(block, CRC_AT))
		tree_damage(t, ERR_CORRUPT, at, "a block of a directory does not have the checksum that it says");
	while (from < end) {
		struct span rest = span_clip(block, from, end - from);
		bool unused = span_u16be(rest, 0) == FREE_TAG;
		unsigned name_n = rest.n > 8 ? rest.p[8] : 0;
		uint64_t n =
			unused ? span_u16be(rest, 2) : (8u + 1 + name_n + fs->s.ftype + 2 + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
		struct span name = span_sub(rest, 9, name_n);
		if (n < ALIGNMENT || n % ALIGNMENT || n > rest.n || (!unused && (!name.p || name_n == 0))) {
			tree_damage(t, ERR_CORRUPT, at + from, "the listing of a directory breaks off after %llu of %zu bytes",
						(unsigned long long)from, block.n);
			return;
		}
		if (!unused && !tree_name(t, text_from_span(name), span_u64be(rest, 0)))
			return;
		from += n;
	}
}

/* The bytes of one block, which may be several of the file system's: joined when they do not lie together. */
static struct span joined_block(struct tree *t, const struct inode *directory, uint64_t at, struct run run,
								struct error *e)
{
	const struct xfs *fs = t->fs;
	size_t n = fs->s.directory_block;
	*e = error_none();
	if (run.n >= n) {
		struct span block = span_sub(fs->image, run.at, n);
		if (!block.p)
			*e = error_at(ERR_TRUNCATED, at, "it stands beyond the end of the image");
		return block;
	}
	uint8_t *bytes = arena_alloc(t->walk->arena, n, 1);
	if (!bytes) {
		t->out_of_memory = true;
		return SPAN_NONE;
	}
	*e = block_map_read(fs->image, xfs_find_run, fs, directory->own, at, bytes, n);
	return error_is(e) ? SPAN_NONE : span_of(bytes, n);
}

void xfs_list(struct tree *t, const struct inode *directory)
{
	const struct xfs *fs = t->fs;
	const struct xfs_file *file = directory->own;
	uint64_t size = file->size < SPACE ? file->size : SPACE, each = fs->s.directory_block;
	if (file->format == XFS_LOCAL) {
		list_short(t, directory);
		return;
	}
	xfs_extents_check(fs, t, file, directory->at);
	for (uint64_t at = 0; at < size && !t->out_of_memory;) {
		struct run run = { RUN_HOLE, size - at };
		struct error e = xfs_find_run(fs, file, at, &run);
		bool lost = error_is(&e);
		if (!tree_listed(t, each))
			return;
		if (!lost && run.at == RUN_HOLE) {
			at += run.n < each ? each : run.n / each * each;
			continue;
		}
		struct span block = lost ? SPAN_NONE : joined_block(t, directory, at, run, &e);
		if (block.p)
			list_block(t, block, run.at);
		else if (!t->out_of_memory)
			tree_damage(t, e.code, directory->at, "a directory can not be read at %llu of %llu bytes: %s",
						(unsigned long long)at, (unsigned long long)size, e.text);
		if (lost)
			return;
		at += each;
	}
}
