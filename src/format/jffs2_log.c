/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: nodes, erased flash between them, and what is neither. */
#include "base/hash.h"
#include "format/jffs2.h"

#define NODE_MAX ((uint64_t)4 << 20)   /* no node crosses an erase block */
#define ERASED_MAX ((uint64_t)4 << 20) /* erased bytes between two nodes */
#define BLOCKS_AHEAD 8u                /* that may be erased, or half erased, behind one that is */
#define BLOCK_MIN 4096u
#define CLAIMS_AHEAD 16u
#define LOOK_BACK_MIN ((uint64_t)4 << 20) /* in all, and so many times what the log has so far */
#define LOOK_BACK_TIMES 16u
#define DIRT_MAX ((uint64_t)64 << 10) /* where the size of the blocks is not known */
#define ZEROS_MAX ((uint64_t)1 << 20) /* of one bad block, there */

/* The header's CRC was made with the bit that marking as obsolete clears. */
static bool header_read(struct span bytes, bool big, uint64_t at, struct jffs2_node *node)
{
	struct span header = span_sub(bytes, at, JFFS2_HEADER_SIZE);
	struct reader r = reader_of(header, big);
	if (!header.p || rd_u16(&r) >> 1 != 0x1985 >> 1) /* 0x1984 before 2001 */
		return false;
	uint8_t with_bit[8];
	memcpy(with_bit, header.p, sizeof with_bit);
	with_bit[big ? 2 : 3] |= JFFS2_ACCURATE >> 8;
	uint16_t type = rd_u16(&r);
	uint32_t size = rd_u32(&r), crc = rd_u32(&r);
	if (size < JFFS2_HEADER_SIZE || size > NODE_MAX || hash_crc32_raw(0, span_of(with_bit, sizeof with_bit)) != crc)
		return false;
	node->at = at;
	node->size = size;
	node->obsolete = !(type & JFFS2_ACCURATE);
	node->type = type | JFFS2_ACCURATE;
	return true;
}

static bool is_erased(struct span bytes, uint64_t at)
{
	return span_u32le(bytes, at) == UINT32_MAX;
}

uint64_t jffs2_erased_end(struct span bytes, uint64_t at)
{
	static const uint8_t erased[256] = { [0 ... 255] = 0xff };
	while (span_has(bytes, at, erased, sizeof erased))
		at += sizeof erased;
	while (at < bytes.n && bytes.p[at] == 0xff)
		at++;
	return at;
}

struct jffs2_log jffs2_log_of(struct span bytes)
{
	return (struct jffs2_log){ .bytes = bytes, .big = bytes.n && bytes.p[0] == 0x19 };
}

/* Cleanmarkers begin blocks, summaries end them. */
static void learn_block(struct jffs2_log *log, const struct jffs2_node *node)
{
	uint64_t a = log->marker, b = node->at;
	if (node->type == JFFS2_SUMMARY)
		b += node->size;
	else if (node->type != JFFS2_CLEANMARKER)
		return;
	while (b) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	log->marker = a;
	log->block = a >= BLOCK_MIN ? a : 0;
}

static bool looks_like_node(const struct jffs2_log *log, uint64_t at)
{
	struct reader r = reader_of(span_sub(log->bytes, at, 2), log->big);
	return rd_u16(&r) >> 1 == 0x1985 >> 1;
}

static bool has_node(const struct jffs2_log *log, uint64_t at, struct jffs2_node *node)
{
	for (uint64_t end = at + log->block; at < end; at += 4)
		if (header_read(log->bytes, log->big, at, node))
			return true;
	return false;
}

/* Whether a block that begins with neither a node nor erased bytes belongs to the log: the power went while it was erased, and its
 * bits are not all of one kind. Then nodes are left in it, and the log goes on with a node at the beginning of a block behind it.
 * A cleanmarker stands at the beginning of a block: one that is left as the first node is another file system's, behind what
 * follows this one. */
static bool is_half_erased(const struct jffs2_log *log, uint64_t at)
{
	struct jffs2_node node;
	if (!has_node(log, at, &node) || node.type == JFFS2_CLEANMARKER)
		return false;
	for (unsigned i = 1; i <= BLOCKS_AHEAD; i++) {
		uint64_t next = at + i * log->block;
		if (header_read(log->bytes, log->big, next, &node))
			return true;
		if (!is_erased(log->bytes, next) && !has_node(log, next, &node))
			return false;
	}
	return false;
}

/* Of what a node tells: whose it is, and which version. */
struct claim {
	uint16_t type;
	uint32_t ino, version;
	uint32_t named; /* by a directory entry; otherwise 0 */
};

static bool claim_read(const struct jffs2_log *log, const struct jffs2_node *node, struct claim *claim)
{
	bool dirent = node->type == JFFS2_DIRENT;
	struct reader r = reader_of(span_sub(log->bytes, node->at, dirent ? JFFS2_DIRENT_SIZE : JFFS2_INODE_SIZE), log->big);
	rd_skip(&r, JFFS2_HEADER_SIZE);
	claim->type = node->type;
	claim->ino = rd_u32(&r);
	claim->version = rd_u32(&r);
	claim->named = dirent ? rd_u32(&r) : 0;
	return (dirent || node->type == JFFS2_INODE) && rd_ok(&r);
}

/* Whether nodes of [from, to) are further ones of inodes that [0, from) knows. Another file system has inodes of the same numbers, and
 * the root at least: its nodes have versions that were there already. */
static bool is_of_the_same(struct jffs2_log *log, uint64_t from, uint64_t to)
{
	struct claim ahead[CLAIMS_AHEAD], past;
	struct jffs2_node node;
	size_t n = 0;
	for (uint64_t at = from; at < to && n < CLAIMS_AHEAD && header_read(log->bytes, log->big, at, &node);)
		n += claim_read(log, &node, &ahead[n]), at += (node.size + 3) & ~(uint64_t)3;
	log->looked_back += from;
	if (n == 0 || log->looked_back > LOOK_BACK_MIN + LOOK_BACK_TIMES * from)
		return false;
	bool known = false;
	for (uint64_t at = 0; at < log->next;) {
		if (!header_read(log->bytes, log->big, at, &node)) {
			at += 4;
			continue;
		}
		at += (node.size + 3) & ~(uint64_t)3;
		for (size_t i = 0, of = claim_read(log, &node, &past) ? n : 0; i < of; i++) {
			if (past.type == ahead[i].type && past.ino == ahead[i].ino && past.version == ahead[i].version)
				return false;
			known |= ahead[i].ino != JFFS2_ROOT && (ahead[i].ino == past.ino || ahead[i].ino == past.named);
		}
	}
	return known;
}

/* Where the log goes on behind blocks that hold nothing of it: bad ones that a dump of the flash did not leave out, or that were
 * overwritten. 0: nowhere. */
static uint64_t goes_on(struct jffs2_log *log, uint64_t at)
{
	struct jffs2_node node;
	for (unsigned i = 1; i <= BLOCKS_AHEAD; i++) {
		uint64_t next = at + i * log->block;
		if (header_read(log->bytes, log->big, next, &node))
			return is_of_the_same(log, next, next + log->block) ? next : 0;
	}
	return 0;
}

/* The same where the size of the blocks is not known, as on NAND, whose cleanmarkers lie beside the pages, or was taken for larger than it
 * is: bad blocks read as zeros, and the log goes on right behind them. */
static uint64_t behind_zeros(struct jffs2_log *log, uint64_t at)
{
	static const uint8_t zeros[256];
	struct jffs2_node node;
	uint64_t next = at, end = at + BLOCKS_AHEAD * ZEROS_MAX;
	while (next < end && span_has(log->bytes, next, zeros, sizeof zeros))
		next += sizeof zeros;
	bool blocks = at % BLOCK_MIN == 0 && next % BLOCK_MIN == 0 && next - at >= BLOCK_MIN;
	return blocks && header_read(log->bytes, log->big, next, &node) && is_of_the_same(log, next, next + DIRT_MAX) ? next : 0;
}

/* Where looking for a node stops when at `at` there is something else. At the beginning of a block nothing else may be,
 * lest what follows the file system be taken for a part of it; unless it still looks like a node, or was about to be erased. */
static uint64_t dirt_end(struct jffs2_log *log, uint64_t at)
{
	uint64_t behind = log->block && at % log->block == 0 ? 0 : behind_zeros(log, at);
	if (behind || !log->block)
		return behind ? behind : at + DIRT_MAX;
	if (at % log->block == 0 && !looks_like_node(log, at) && !is_half_erased(log, at)) {
		uint64_t next = goes_on(log, at);
		return next ? next : at;
	}
	return (at / log->block + 1) * log->block;
}

/* Of an entry of the root that is as its CRC says and was not marked as obsolete. */
static bool mark_read(const struct jffs2_log *log, const struct jffs2_node *node, struct jffs2_mark *mark)
{
	struct span entry = span_sub(log->bytes, node->at, JFFS2_DIRENT_SIZE);
	if (node->type != JFFS2_DIRENT || node->obsolete || !entry.p)
		return false;
	struct reader r = reader_of(entry, log->big);
	rd_skip(&r, JFFS2_HEADER_SIZE);
	uint32_t parent = rd_u32(&r);
	mark->version = rd_u32(&r);
	rd_seek(&r, JFFS2_DIRENT_SIZE - 8);
	mark->node_crc = rd_u32(&r);
	mark->name_crc = rd_u32(&r);
	return parent == JFFS2_ROOT && mark->node_crc == hash_crc32_raw(0, span_clip(entry, 0, JFFS2_DIRENT_SIZE - 8));
}

/* Whether another file system begins at `at`, right behind this one or what is erased: the first nodes of its first block tell of
 * entries of a root that has others of the same versions. No version is given twice; what is moved to another block keeps its own, and
 * is the same to the byte. */
static bool begins_another(const struct jffs2_log *log, uint64_t at)
{
	struct jffs2_node node;
	struct jffs2_mark mark;
	if (log->nmarks == 0 || at % BLOCK_MIN)
		return false;
	for (unsigned i = 0; i < CLAIMS_AHEAD && header_read(log->bytes, log->big, at, &node); i++) {
		bool is_mark = mark_read(log, &node, &mark);
		for (unsigned k = 0; k < log->nmarks && is_mark; k++) {
			const struct jffs2_mark *known = &log->marks[k];
			if (known->version == mark.version && (known->node_crc != mark.node_crc || known->name_crc != mark.name_crc))
				return true;
		}
		at += (node.size + 3) & ~(uint64_t)3;
	}
	return false;
}

static uint64_t skip_erased(const struct jffs2_log *log, uint64_t at)
{
	return (jffs2_erased_end(span_clip(log->bytes, 0, at + ERASED_MAX), at) + 3) & ~(uint64_t)3;
}

bool jffs2_begins(const struct jffs2_log *log)
{
	struct jffs2_node first;
	return header_read(log->bytes, log->big, 0, &first);
}

bool jffs2_next(struct jffs2_log *log, struct jffs2_node *node)
{
	uint64_t at = log->next, limit = 0, dirt = UINT64_MAX;
	while (!header_read(log->bytes, log->big, at, node)) {
		if (log->bytes.n < JFFS2_HEADER_SIZE || at > log->bytes.n - JFFS2_HEADER_SIZE)
			return false;
		if (is_erased(log->bytes, at)) {
			at = skip_erased(log, at);
			continue;
		}
		if (dirt == UINT64_MAX) {
			dirt = at;
			limit = dirt_end(log, at);
		}
		if (at >= limit)
			return false;
		at += 4;
	}
	if (begins_another(log, at))
		return false;
	if (log->nmarks < JFFS2_MARKS)
		log->nmarks += mark_read(log, node, &log->marks[log->nmarks]);
	node->dirt = dirt == UINT64_MAX ? at : dirt;
	log->next = at + ((node->size + 3) & ~(uint64_t)3);
	learn_block(log, node);
	return true;
}

bool jffs2_inode_read(struct span bytes, bool big, uint64_t at, struct jffs2_inode *inode)
{
	struct reader r = reader_of(span_sub(bytes, at, JFFS2_INODE_SIZE), big);
	rd_skip(&r, 20); /* header, ino, version */
	inode->mode = rd_u32(&r);
	inode->uid = rd_u16(&r);
	inode->gid = rd_u16(&r);
	inode->isize = rd_u32(&r);
	rd_skip(&r, 4);
	inode->mtime = rd_u32(&r);
	rd_skip(&r, 4);
	inode->offset = rd_u32(&r);
	inode->csize = rd_u32(&r);
	inode->dsize = rd_u32(&r);
	inode->compression = rd_u8(&r);
	rd_skip(&r, 3);
	inode->data_crc = rd_u32(&r);
	inode->node_crc = rd_u32(&r);
	inode->data = span_clip(bytes, at + JFFS2_INODE_SIZE, inode->csize);
	return rd_ok(&r);
}
