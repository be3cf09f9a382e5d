/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of ext3 and ext4. Where a file system was not unmounted, the blocks that the journal holds are newer than those at
 * their own places: reading goes on as if they had been written there. Nothing is copied: a block is read where it stands in the
 * journal. Specification: Linux Documentation/filesystems/ext4/journal.rst; fs/jbd2/recovery.c. Numbers are big-endian. */
#include "base/crc32c.h"
#include "base/plural.h"
#include "base/sort.h"
#include "format/ext_image.h"

#define MAGIC_OF_JOURNAL 0xc03b3998u
#define HEADER 12u
#define SUPER_SIZE 1024u
#define UUID_SIZE 16u
#define SUPER_SUM_TYPE_AT 80u
#define SUPER_SUM_AT 252u
#define SUM_CRC32C 4u
#define SUM_CRC32 1u
#define COMMIT_SUM_AT 16u
#define JOURNAL_INODE_AT 0xe0u /* in the superblock of the file system */
#define JOURNAL_DEVICE_AT 0xe4u
#define BACKUP_TYPE_AT 0xfdu /* s_jnl_backup_type, and what it is a copy of in s_jnl_blocks: i_block, then the size's halves */
#define BACKUP_AT 0x10cu
#define BACKUP_SIZE (EXT_BLOCK_POINTERS + 8u)
#define NOWHERE UINT64_MAX
#define FAST_BLOCKS 256u     /* unless the superblock tells */
#define FAST_LEFT_MIN 1024u  /* blocks that are left for the others at least */
#define MAGIC_SIZE 4u

enum { DESCRIPTOR = 1, COMMIT = 2, SUPER_V1 = 3, SUPER_V2 = 4, REVOCATION = 5 };
enum {
	FEATURE_64BIT = 2,
	FEATURE_ASYNC_COMMIT = 4, /* a commit may be there before its blocks */
	FEATURE_CSUM_V2 = 8,
	FEATURE_CSUM_V3 = 16,
	FEATURE_FAST_COMMIT = 32,
	FEATURES_UNKNOWN = ~0x3f /* of the others, one says that there are revocations, one that commits are not waited for */
};
enum { FEATURE_COMPAT_CHECKSUM = 1 };
enum { TAG_ESCAPED = 1, TAG_SAME_UUID = 2, TAG_LAST = 8 };

/* A transaction no longer wants a block replayed that earlier ones wrote. */
struct revocation {
	uint64_t block;
	uint32_t sequence;
};

struct journal {
	struct ext *fs;
	struct ext_file file;
	uint32_t first, end, start, sequence, compat, incompat, seed;
	uint32_t fast_end;           /* behind the fast commits, which begin a block behind the log's end; 0: there are none */
	uint32_t last;               /* sequence of the last transaction that is whole */
	uint32_t sum;                /* of the transaction at hand so far, where its commit tells it (version 1) */
	bool sum_broken;             /* the log ends with a transaction whose commit tells another sum */
	uint64_t transactions, tags; /* which there are up to it */
	struct revocation *revoked;
	size_t nrevoked, room;
	struct ext_home *homes; /* the file system's once they are all known: the journal itself is read where it stands */
	size_t nhomes;
	unsigned bad;
};

/* Where a block of the journal stands in the image. */
static uint64_t journal_at(const struct journal *j, uint32_t block)
{
	struct run run = { RUN_HOLE, j->fs->s.block_size };
	struct error e = ext_find_run(j->fs, &j->file, (uint64_t)block * j->fs->s.block_size, &run);
	return error_is(&e) ? NOWHERE : run.at;
}

static struct span journal_block(const struct journal *j, uint32_t block)
{
	uint64_t at = journal_at(j, block);
	return at == NOWHERE ? SPAN_NONE : span_sub(j->fs->image, at, j->fs->s.block_size);
}

static uint32_t following(const struct journal *j, uint32_t block)
{
	return block + 1 < j->end ? block + 1 : j->first;
}

static bool has_sums(const struct journal *j)
{
	return j->incompat & (FEATURE_CSUM_V2 | FEATURE_CSUM_V3);
}

/* Whether a block of the journal's own has the checksum that it says, which counts as zeros. */
static bool block_sums(const struct journal *j, struct span b, size_t at)
{
	uint32_t crc = crc32c_update(j->seed, span_clip(b, 0, at));
	crc = crc32c_update(crc32c_update(crc, span_of("\0\0\0\0", 4)), span_from(b, at + 4));
	return crc == span_u32be(b, at);
}

static bool tag_sums(const struct journal *j, uint32_t sequence, struct span block, uint32_t stored)
{
	uint8_t be[4] = { (uint8_t)(sequence >> 24), (uint8_t)(sequence >> 16), (uint8_t)(sequence >> 8), (uint8_t)sequence };
	uint32_t crc = crc32c_update(crc32c_update(j->seed, span_of(be, 4)), block);
	return j->incompat & FEATURE_CSUM_V3 ? crc == stored : (crc & 0xffff) == stored;
}

struct tag {
	uint64_t block;
	uint32_t flags, sum;
};

static bool tag_read(const struct journal *j, struct reader *r, struct tag *tag)
{
	bool wide = j->incompat & FEATURE_64BIT;
	*tag = (struct tag){ .block = rd_u32(r) };
	if (j->incompat & FEATURE_CSUM_V3) {
		tag->flags = rd_u32(r);
		uint64_t high = rd_u32(r); /* anything where blocks have 32 bits */
		tag->block |= wide ? high << 32 : 0;
		tag->sum = rd_u32(r);
	} else {
		tag->sum = rd_u16(r);
		tag->flags = rd_u16(r);
		if (wide)
			tag->block |= (uint64_t)rd_u32(r) << 32;
		if (j->incompat & FEATURE_CSUM_V2)
			rd_skip(r, 2);
	}
	if (!(tag->flags & TAG_SAME_UUID))
		rd_skip(r, UUID_SIZE);
	return rd_ok(r);
}

static bool is_revoked(const struct journal *j, uint64_t block, uint32_t sequence)
{
	size_t low = 0, high = j->nrevoked;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (j->revoked[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low < j->nrevoked && j->revoked[low].block == block && (int32_t)(j->revoked[low].sequence - sequence) >= 0;
}

/* Notes that the block `tag` tells of stands at block `at` of the journal. */
static void note(struct journal *j, const struct tag *tag, uint32_t sequence, uint32_t at)
{
	const struct ext *fs = j->fs;
	struct span content = journal_block(j, at);
	if (is_revoked(j, tag->block, sequence))
		return;
	if (!content.p || tag->block >= fs->s.blocks || (has_sums(j) && !tag_sums(j, sequence, content, tag->sum)))
		j->bad++;
	else
		j->homes[j->nhomes++] = (struct ext_home){ tag->block, journal_at(j, at), tag->flags & TAG_ESCAPED };
}

/* Goes through the tags of a descriptor; the blocks that they tell of follow it. Gives how many there are. */
static uint32_t descriptor_read(struct journal *j, struct span b, uint32_t sequence, uint32_t at, bool take)
{
	uint32_t n = 0;
	struct tag tag = { .flags = 0 };
	struct reader r = reader_be(span_clip(b, HEADER, b.n - HEADER - (has_sums(j) ? 4 : 0)));
	for (; !(tag.flags & TAG_LAST) && tag_read(j, &r, &tag); n++) {
		at = following(j, at);
		if (take)
			note(j, &tag, sequence, at);
	}
	return n;
}

/* Takes what a block revokes, or counts it. */
static void revocations_read(struct journal *j, struct span b, uint32_t sequence, bool take)
{
	uint32_t size = span_u32be(b, HEADER), width = j->incompat & FEATURE_64BIT ? 8 : 4;
	if (size > b.n - (has_sums(j) ? 4 : 0))
		return;
	struct reader r = reader_be(span_clip(b, HEADER + 4, size > HEADER + 4 ? size - HEADER - 4 : 0));
	if (!take)
		j->room += rd_left(&r) / width;
	for (; take && rd_left(&r) >= width; j->nrevoked++)
		j->revoked[j->nrevoked] = (struct revocation){ rd_uint(&r, width), sequence };
}

/* Version 1 of the checksums: a CRC-32, most significant bit first, of a transaction's descriptors and of the blocks behind
 * them, which its commit tells. */
static bool sums_transactions(const struct journal *j)
{
	return j->compat & FEATURE_COMPAT_CHECKSUM && !has_sums(j);
}

static uint32_t crc32_upwards(uint32_t crc, struct span s)
{
	static const uint32_t nibbles[16] = { 0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9, 0x130476dc, 0x17c56b6b,
										  0x1a864db2, 0x1e475005, 0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
										  0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd };
	for (size_t i = 0; i < s.n; i++) {
		crc = crc << 4 ^ nibbles[crc >> 28 ^ s.p[i] >> 4];
		crc = crc << 4 ^ nibbles[crc >> 28 ^ (s.p[i] & 15)];
	}
	return crc;
}

static void sum_blocks(struct journal *j, uint32_t at, uint32_t n)
{
	for (uint32_t i = 0; i <= n; i++, at = following(j, at))
		j->sum = crc32_upwards(j->sum, journal_block(j, at));
}

/* A commit may tell none. */
static bool commit_sums(const struct journal *j, struct span b)
{
	uint32_t told = span_u32be(b, COMMIT_SUM_AT);
	bool none = b.p[HEADER] == 0 && b.p[HEADER + 1] == 0 && told == 0;
	return none || (b.p[HEADER] == SUM_CRC32 && b.p[HEADER + 1] == 4 && told == j->sum);
}

enum pass { SCAN, REVOKE, REPLAY };

/* Goes through the log, which ends where a block is not the next one. SCAN tells how far it is whole. */
static void go_through(struct journal *j, enum pass pass)
{
	uint32_t sequence = j->sequence, at = j->start, tags = 0;
	uint64_t in_image = j->fs->image.n / j->fs->s.block_size, most = j->end < in_image ? j->end : in_image;
	for (uint64_t done = 0; done < most && (pass == SCAN || (int32_t)(j->last - sequence) >= 0); done++) {
		struct span b = journal_block(j, at);
		uint32_t kind = span_u32be(b, 4), n = 0;
		if (span_u32be(b, 0) != MAGIC_OF_JOURNAL || span_u32be(b, 8) != sequence)
			return;
		if (has_sums(j) && !block_sums(j, b, kind == COMMIT ? HEADER + 4 : b.n - 4))
			return;
		if (kind == DESCRIPTOR)
			n = descriptor_read(j, b, sequence, at, pass == REPLAY);
		else if (kind == REVOCATION && pass != REPLAY)
			revocations_read(j, b, sequence, pass == REVOKE);
		else if (kind != COMMIT && kind != REVOCATION)
			return;
		tags += n;
		if (n >= most - done) /* more than there are */
			return;
		if (pass == SCAN && sums_transactions(j)) {
			if (kind == DESCRIPTOR)
				sum_blocks(j, at, n);
			j->sum_broken = kind == COMMIT && !commit_sums(j, b);
			if (j->sum_broken)
				return;
		}
		for (done += n, n++; n; n--)
			at = following(j, at);
		if (kind == COMMIT && pass == SCAN) {
			j->last = sequence;
			j->transactions++;
			j->tags = tags;
			j->sum = UINT32_MAX;
		}
		sequence += kind == COMMIT;
	}
}

static int by_block(const void *a, const void *b)
{
	uint64_t x = ((const struct ext_home *)a)->block, y = ((const struct ext_home *)b)->block;
	return x < y ? -1 : x > y;
}

static int by_revoked(const void *a, const void *b)
{
	uint64_t x = ((const struct revocation *)a)->block, y = ((const struct revocation *)b)->block;
	return x < y ? -1 : x > y;
}

/* Of each block the latest, which comes last. */
static void keep_latest_revocations(struct journal *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nrevoked; i++)
		if (i + 1 == j->nrevoked || j->revoked[i + 1].block != j->revoked[i].block)
			j->revoked[n++] = j->revoked[i];
	j->nrevoked = n;
}

static void keep_latest(struct journal *j)
{
	size_t n = 0;
	for (size_t i = 0; i < j->nhomes; i++)
		if (i + 1 == j->nhomes || j->homes[i + 1].block != j->homes[i].block)
			j->homes[n++] = j->homes[i];
	j->nhomes = n;
}

/* False: there is no memory for it. */
static bool replay(struct journal *j, struct arena *arena)
{
	j->sum = UINT32_MAX;
	go_through(j, SCAN);
	if (j->transactions == 0)
		return true;
	j->revoked = ARENA_ARRAY(arena, struct revocation, 2 * j->room + 1);
	j->homes = ARENA_ARRAY(arena, struct ext_home, 2 * j->tags + 1);
	if (!j->revoked || !j->homes)
		return false;
	go_through(j, REVOKE);
	sort_stable(j->revoked, j->revoked + j->room, j->nrevoked, sizeof *j->revoked, by_revoked);
	keep_latest_revocations(j);
	go_through(j, REPLAY);
	sort_stable(j->homes, j->homes + j->tags, j->nhomes, sizeof *j->homes, by_block);
	keep_latest(j);
	j->fs->homes = j->homes;
	j->fs->nhomes = j->nhomes;
	return true;
}

/* Where the log ends: fast commits stand behind it. */
static uint32_t log_end(const struct journal *j, struct span super)
{
	uint32_t blocks = span_u32be(super, 16), fast = span_u32be(super, 84);
	if (!(j->incompat & FEATURE_FAST_COMMIT))
		return blocks;
	fast = fast ? fast : FAST_BLOCKS;
	return blocks > fast && blocks - fast >= FAST_LEFT_MIN ? blocks - fast : blocks;
}

/* Whether Linux knows all that the superblock says of the log, and its checksum holds. */
static bool is_readable(const struct journal *j, struct span super)
{
	if (j->incompat & (uint32_t)FEATURES_UNKNOWN || (j->incompat & FEATURE_CSUM_V2 && j->incompat & FEATURE_CSUM_V3))
		return false;
	const struct journal whole = { .seed = UINT32_MAX };
	return !has_sums(j) || (super.p[SUPER_SUM_TYPE_AT] == SUM_CRC32C && block_sums(&whole, super, SUPER_SUM_AT));
}

static bool super_read(struct journal *j)
{
	uint64_t at = journal_at(j, 0);
	struct span b = span_sub(journal_block(j, 0), 0, SUPER_SIZE);
	uint32_t kind = span_u32be(b, 4), blocks = span_u32be(b, 16);
	if (!b.p || span_u32be(b, 0) != MAGIC_OF_JOURNAL || (kind != SUPER_V1 && kind != SUPER_V2) ||
		span_u32be(b, 12) != j->fs->s.block_size)
		return false;
	j->first = span_u32be(b, 20);
	j->sequence = span_u32be(b, 24);
	j->start = span_u32be(b, 28);
	j->compat = kind == SUPER_V2 ? span_u32be(b, 36) : 0;
	j->incompat = kind == SUPER_V2 ? span_u32be(b, 40) : 0;
	j->seed = crc32c_update(UINT32_MAX, span_sub(b, 48, UUID_SIZE));
	j->end = log_end(j, b);
	j->fast_end = j->end < blocks ? blocks : 0;
	j->fs->journal_magic_at = at;
	return is_readable(j, b) && j->first > 0 && j->first < j->end &&
		   (j->start == 0 || (j->start >= j->first && j->start < j->end)) &&
		   (uint64_t)blocks * j->fs->s.block_size <= j->file.size;
}

/* Whether the file system says that the journal is in it: without one Linux replays nothing, with another device's it asks for
 * that. */
static bool is_within(const struct ext *fs, struct span super)
{
	return fs->s.compat & COMPAT_HAS_JOURNAL && span_u32le(super, JOURNAL_DEVICE_AT) == 0;
}

/* The journal as the superblock remembers where it lies: e2fsck goes by that where the journal's inode is damaged. The copy tells
 * no flags; extents begin with a magic. */
static bool backup_of(const struct ext *fs, struct span super, struct ext_file *file)
{
	struct span copy = span_sub(super, BACKUP_AT, BACKUP_SIZE);
	if (!copy.p || super.p[BACKUP_TYPE_AT] != 1)
		return false;
	*file = (struct ext_file){ .pointers = span_clip(copy, 0, EXT_BLOCK_POINTERS),
							   .size = span_u32le(copy, EXT_BLOCK_POINTERS + 4) | (uint64_t)span_u32le(copy, EXT_BLOCK_POINTERS) << 32 };
	if (fs->s.incompat & INCOMPAT_EXTENTS && span_u16le(copy, 0) == EXT_EXTENT_MAGIC)
		file->flags = FLAG_EXTENTS;
	return true;
}

static bool journal_find(struct journal *j, struct span super)
{
	const struct ext *fs = j->fs;
	if (!is_within(fs, super))
		return false;
	if (ext_file_of(fs, span_u32le(super, JOURNAL_INODE_AT), &j->file) && super_read(j))
		return true;
	*j = (struct journal){ .fs = j->fs };
	return backup_of(fs, super, &j->file) && super_read(j);
}

/* Blocks are no more than the image has: a hostile file's extents may tell the same ones again and again. */
static struct ext_fast_commits fast_commits(const struct journal *j)
{
	struct ext_fast_commits fast = { .sequence = j->transactions ? j->last + 1 : j->sequence };
	uint64_t at = (uint64_t)j->end + 1, end = at + j->fs->image.n / j->fs->s.block_size;
	end = j->start == 0 ? at : j->fast_end < end ? j->fast_end : end;
	while (at < end && ext_fast_commits_read(&fast, journal_block(j, (uint32_t)at)))
		at++;
	return fast;
}

static void report(const struct journal *j, struct sink *sink)
{
	const struct ext *fs = j->fs;
	emit_header_field(sink, fs->s.at + 96, "journal", "%llu %s replayed, %zu %s", (unsigned long long)j->transactions,
					  plural(j->transactions, "transaction", "transactions"), fs->nhomes,
					  plural(fs->nhomes, "block", "blocks"));
	if (j->bad)
		emit_damage_at(
			sink, ERR_CORRUPT, fs->s.at + 96, "%u %s not replayed", j->bad,
			plural(j->bad, "block of its journal is damaged and was", "blocks of its journal are damaged and were"));
	if (j->sum_broken && !(j->incompat & FEATURE_ASYNC_COMMIT))
		emit_damage_at(sink, ERR_CORRUPT, fs->s.at + 96,
					   "a transaction of its journal has not the checksum that it says: neither it nor what follows was replayed");
	const struct ext_fast_commits fast = fast_commits(j);
	if (fast.commits)
		emit_damage_at(sink, ERR_UNSUPPORTED, fs->s.at + 96,
					   "it was not unmounted: %u fast commits of its journal, of %u inodes, %u ranges of blocks and %u names, are not "
					   "replayed",
					   fast.commits, fast.inodes, fast.ranges, fast.names);
}

void ext_journal_replay(struct ext *fs, struct walk *w)
{
	struct journal j = { .fs = fs };
	struct span super = span_sub(fs->image, fs->s.at, SUPER_SIZE);
	if (!journal_find(&j, super)) {
		emit_damage_at(w->sink, ERR_UNSUPPORTED, fs->s.at + 96,
					   "it was not unmounted, and its journal, which may hold changes, can not be read");
		return;
	}
	if (j.start && !replay(&j, w->arena)) {
		emit_damage_at(w->sink, ERR_BUDGET, fs->s.at + 96,
					   "it was not unmounted, and there is no memory for what its journal holds, which is not replayed");
		return;
	}
	report(&j, w->sink);
}

static size_t homes_before(const struct ext *fs, uint64_t block)
{
	size_t low = 0, high = fs->nhomes;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fs->homes[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct span ext_block(const struct ext *fs, uint64_t block)
{
	size_t i = homes_before(fs, block);
	if (i == fs->nhomes || fs->homes[i].block != block)
		return span_sub(fs->image, block * fs->s.block_size, fs->s.block_size);
	/* No metadata begin with the journal's magic. */
	return fs->homes[i].escaped ? SPAN_NONE : span_sub(fs->image, fs->homes[i].at, fs->s.block_size);
}

/* The beginning of a run that lies in the journal. Where the block begins with the journal's magic, which does not stand there,
 * these bytes are those of the journal's superblock. */
static void run_in_journal(const struct ext *fs, const struct ext_home *home, uint64_t within, struct run *run)
{
	bool magic = home->escaped && within < MAGIC_SIZE;
	uint64_t n = (magic ? MAGIC_SIZE : fs->s.block_size) - within;
	run->at = (magic ? fs->journal_magic_at : home->at) + within;
	run->n = run->n < n ? run->n : n;
}

void ext_run_newest(const struct ext *fs, struct run *run)
{
	if (fs->nhomes == 0 || run->at == RUN_HOLE)
		return;
	uint64_t size = fs->s.block_size;
	size_t i = homes_before(fs, run->at / size);
	if (i == fs->nhomes || fs->homes[i].block * size >= run->at + run->n)
		return;
	if (fs->homes[i].block == run->at / size)
		run_in_journal(fs, &fs->homes[i], run->at % size, run);
	else
		run->n = fs->homes[i].block * size - run->at;
}
