/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the log of an XFS holds changes that its metadata does not have yet. Specification: "XFS Algorithms & Data
 * Structures", Journaling Log; Linux fs/xfs/libxfs/xfs_log_format.h. */
#include "format/xfs_image.h"

#define BLOCK 512u /* of the log, whatever the file system's is */
#define RECORD_MAGIC 0xfeedbabeu
#define HEADER_COVERS 32768u /* bytes of a record behind one block of header */
#define RECORD_BLOCKS_MAX 1024u
#define UNMOUNT 0x20u /* flag of an operation */

/* Every block says in which round through the log it was written. */
static uint32_t round_of(struct span log, uint64_t block)
{
	uint32_t word = span_u32be(log, block * BLOCK);
	return word == RECORD_MAGIC ? span_u32be(log, block * BLOCK + 4) : word;
}

/* The block behind the last one that was written. */
static uint64_t find_head(struct span log)
{
	uint64_t n = log.n / BLOCK, low = 0, high = n - 1;
	uint32_t last = round_of(log, n - 1);
	if (round_of(log, 0) == last)
		return n;
	while (low + 1 < high) {
		uint64_t middle = low + (high - low) / 2;
		if (round_of(log, middle) == last)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* The last record says that the file system was unmounted, and nothing else. The log is a ring: it may go on at the beginning. */
static bool ends_with_unmount(struct span log, uint64_t head)
{
	uint64_t n = log.n / BLOCK, furthest = n < RECORD_BLOCKS_MAX ? n : RECORD_BLOCKS_MAX;
	for (uint64_t back = 1; back <= furthest; back++) {
		uint64_t at = (head + n - back) % n;
		struct span record = span_sub(log, at * BLOCK, BLOCK);
		if (span_u32be(record, 0) != RECORD_MAGIC)
			continue;
		bool v2 = span_u32be(record, 8) & 2;
		uint64_t bytes = span_u32be(record, 12), size = span_u32be(record, 320);
		uint64_t headers = v2 && size > HEADER_COVERS ? (size + HEADER_COVERS - 1) / HEADER_COVERS : 1;
		struct span operation = span_sub(log, (at + headers) % n * BLOCK, 12);
		return headers + (bytes + BLOCK - 1) / BLOCK == back && span_u32be(record, 40) == 1 && operation.p &&
			   operation.p[9] & UNMOUNT;
	}
	return false;
}

void xfs_log_check(const struct xfs *fs, struct sink *sink)
{
	const struct xfs_super *s = &fs->s;
	uint64_t at = xfs_block_at(fs, s->log_start);
	const char *state = "external";
	if (s->log_start) {
		struct span log = span_sub(fs->image, at, (uint64_t)s->log_blocks << s->block_log);
		if (!log.p || log.n < 2 * BLOCK) {
			emit_damage_at(sink, ERR_TRUNCATED, at, "the log stands beyond the end of the image");
			return;
		}
		bool clean = round_of(log, 0) == 0 || ends_with_unmount(log, find_head(log));
		state = clean ? "clean" : "dirty";
		if (!clean)
			emit_damage_at(sink, ERR_UNSUPPORTED, at,
						   "it was not unmounted: its log may hold changes, which are not replayed");
	}
	emit_header_field(sink, 48, "log", "%s", state);
}
