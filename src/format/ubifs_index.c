/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The leaves of UBIFS: those of the index as of the last commit, and the nodes that the journal has added since. Where the
 * index is damaged, all nodes that are found anywhere, of which the newest count.
 *
 * Specification: Linux fs/ubifs/tnc.c, scan.c, log.c, replay.c.
 */
#include <stdlib.h>

#include "format/ubifs_image.h"

#define INDEX_HEADER 28u
#define BRANCH_KEY 12u
#define BRANCH_MIN 20u
#define LEVELS_MAX 512u
#define LEAF_MIN                                                                                                       \
	UBIFS_DATA_HEADER /* the smallest node that is a leaf, and smaller than an index node of two branches */
#define LOG_FIRST 3u  /* LEB */
#define CHUNK 2048u
/* What may be read of nodes whose CRC is wrong, beyond the size of the image. */
#define FUTILE_MAX ((uint64_t)256 << 20)

struct chunk {
	struct chunk *next;
	size_t n;
	struct ubifs_leaf leaves[CHUNK];
};

struct truncations {
	struct truncations *next;
	size_t n;
	struct ubifs_truncation cuts[CHUNK];
};

/* Leaves that are being collected, in no order. */
struct collection {
	struct ubifs *fs;
	struct chunk *chunks;
	struct truncations *truncations;
	size_t n, ncuts;
	uint64_t visited; /* bytes of the index */
	uint64_t futile;
	bool full;    /* the arena's limit is reached */
	bool *is_bud; /* LEBs of the journal */
};

static void add_leaf(struct collection *c, struct ubifs_leaf leaf)
{
	struct chunk *chunk = c->chunks;
	if (!chunk || chunk->n == CHUNK) {
		chunk = ARENA_NEW(c->fs->walk->arena, struct chunk);
		if (!chunk) {
			c->full = true;
			return;
		}
		chunk->next = c->chunks;
		c->chunks = chunk;
	}
	chunk->leaves[chunk->n++] = leaf;
	c->n++;
}

static void add_truncation(struct collection *c, struct ubifs_truncation cut)
{
	struct truncations *t = c->truncations;
	if (!t || t->n == CHUNK) {
		t = ARENA_NEW(c->fs->walk->arena, struct truncations);
		if (!t) {
			c->full = true;
			return;
		}
		t->next = c->truncations;
		c->truncations = t;
	}
	t->cuts[t->n++] = cut;
	c->ncuts++;
}

/* ---- the index ---- */

static uint64_t key_at(struct span node, uint64_t at)
{
	return (uint64_t)span_u32le(node, at) << 32 | span_u32le(node, at + 4);
}

/* An index node and what is below it. Levels go down to 0, whose branches are leaves. A branch of an authenticated file
 * system ends with a hash, so that its size follows from the node's. */
static bool walk_index(struct collection *c, uint64_t at, int level)
{
	struct ubifs *fs = c->fs;
	/* No byte of the index belongs to two nodes. */
	c->visited += span_u32le(span_sub(fs->image, at, UBIFS_HEADER), 16);
	struct span node = c->visited <= fs->image.n ? ubifs_node(fs->image, at, UBIFS_INDEX) : SPAN_NONE;
	uint32_t count = span_u16le(node, 24), own_level = span_u16le(node, 26);
	size_t branch = node.n > INDEX_HEADER && count ? (node.n - INDEX_HEADER) / count : 0;
	bool sane = node.p && own_level < LEVELS_MAX && (level < 0 || own_level == (uint32_t)level) &&
				(count == 0 || branch >= BRANCH_MIN);
	if (!sane) {
		ubifs_damage(fs, at < fs->image.n ? ERR_CORRUPT : ERR_TRUNCATED, at,
					 "no valid node of the index: all blocks are searched for nodes instead");
		return false;
	}
	for (uint32_t i = 0; i < count && !c->full; i++) {
		uint64_t entry = INDEX_HEADER + (uint64_t)i * branch;
		uint32_t lnum = span_u32le(node, entry), offset = span_u32le(node, entry + 4);
		uint64_t target = ubifs_place(fs, lnum, offset);
		if (own_level > 0) {
			if (!walk_index(c, target, (int)own_level - 1))
				return false;
			continue;
		}
		if (c->n > fs->image.n / LEAF_MIN) {
			ubifs_damage(fs, ERR_CORRUPT, at, "the index has more leaves than the image has room for");
			return false;
		}
		add_leaf(c, (struct ubifs_leaf){
						.key = key_at(node, entry + BRANCH_KEY), .at = target, .size = span_u32le(node, entry + 8) });
	}
	return true;
}

/* ---- nodes wherever they stand ---- */

static bool has_sane_size(struct span node, uint8_t type, uint32_t size)
{
	switch (type) {
	case UBIFS_INODE:
		return size >= 160 && size <= UBIFS_NODE_MAX;
	case UBIFS_DATA:
		return size >= UBIFS_DATA_HEADER && size <= UBIFS_NODE_MAX;
	case UBIFS_ENTRY:
	case UBIFS_XATTR:
		return size == 57u + span_u16le(node, 50);
	case UBIFS_TRUNCATION:
		return size == 56;
	case UBIFS_PADDING:
		return size == 28;
	case UBIFS_REFERENCE:
		return size == 64;
	case UBIFS_COMMIT:
		return size == 32;
	default:
		return size >= UBIFS_HEADER && size <= node.n;
	}
}

/* The next node in `leb` from *at on; moves *at behind it. Bytes that are no node are passed over. Nodes are aligned, `anywhere` those
 * too that are not: bytes may be missing before them. */
static struct span next_node(struct collection *c, struct span leb, uint64_t *at, bool anywhere)
{
	while (*at + UBIFS_HEADER <= leb.n && c->futile < FUTILE_MAX + c->fs->image.n) {
		struct span rest = span_from(leb, *at);
		const uint8_t *found = span_starts(rest, UBIFS_MAGIC, 4) ? rest.p : memmem(rest.p, rest.n, UBIFS_MAGIC, 4);
		if (!found)
			break;
		uint64_t here = *at + (uint64_t)(found - rest.p);
		if (here % 8 && !anywhere) {
			*at = here + 1;
			continue;
		}
		rest = span_from(leb, here);
		uint32_t size = span_u32le(rest, 16);
		uint8_t type = rest.n > 20 ? rest.p[20] : UINT8_MAX;
		if (has_sane_size(rest, type, size)) {
			struct span node = ubifs_node(leb, here, (enum ubifs_type)type);
			if (node.p) {
				uint64_t padding = type == UBIFS_PADDING ? span_u32le(node, 24) : 0;
				*at = here + (size + padding + 7) / 8 * 8;
				return node;
			}
			c->futile += size;
		}
		*at = here + (anywhere ? 1 : 8);
	}
	*at = leb.n;
	return SPAN_NONE;
}

static struct span leb_of(const struct ubifs *fs, uint32_t lnum)
{
	return span_clip(fs->image, ubifs_place(fs, lnum, 0), fs->super.leb_size);
}

static void take_truncation(struct collection *c, struct span node)
{
	uint64_t size = ubifs_u64(node, 48), first = size / UBIFS_BLOCK + (size % UBIFS_BLOCK > 0);
	struct ubifs_truncation cut = { span_u32le(node, 24), first < UINT32_MAX ? (uint32_t)first : UINT32_MAX,
									ubifs_u64(node, 8) };
	add_truncation(c, cut);
}

static void take_node(struct collection *c, struct span node)
{
	uint8_t type = node.p[20];
	uint64_t key = key_at(node, UBIFS_HEADER);
	if (type == UBIFS_TRUNCATION)
		take_truncation(c, node);
	if (type > UBIFS_XATTR || ubifs_key_type(key) != type)
		return;
	bool gone = type == UBIFS_INODE ? span_u32le(node, 92) == 0 : type != UBIFS_DATA && ubifs_u64(node, 40) == 0;
	add_leaf(c, (struct ubifs_leaf){ .key = key,
									 .at = (uint64_t)(node.p - c->fs->image.p),
									 .sqnum = ubifs_u64(node, 8),
									 .size = (uint32_t)node.n,
									 .deletes = gone });
}

static void scan(struct collection *c, struct span bytes, uint64_t from, bool anywhere)
{
	struct span node;
	while (!c->full && (node = next_node(c, bytes, &from, anywhere)).p)
		take_node(c, node);
}

static uint32_t leb_count(const struct ubifs *fs)
{
	uint64_t n = (fs->image.n + fs->super.leb_size - 1) / fs->super.leb_size;
	return n < fs->super.leb_count ? (uint32_t)n : fs->super.leb_count;
}

/* Not block by block: where bytes are missing or too many, what follows stands elsewhere, also across the borders of blocks. */
static void scan_all(struct collection *c)
{
	scan(c, c->fs->image, ubifs_place(c->fs, LOG_FIRST, 0), true);
	c->fs->scanned = true;
}

/* ---- the journal ---- */

static void replay_bud(struct collection *c, struct span reference)
{
	uint32_t lnum = span_u32le(reference, 24), offset = span_u32le(reference, 28);
	if (lnum < LOG_FIRST || lnum >= leb_count(c->fs) || c->is_bud[lnum])
		return;
	c->is_bud[lnum] = true;
	scan(c, leb_of(c->fs, lnum), offset, false);
}

/* One LEB of the log. False at the end of it: what is older than the last commit's start has been committed. */
static bool replay_log_leb(struct collection *c, uint32_t lnum, uint64_t *start_sqnum)
{
	struct span leb = leb_of(c->fs, lnum), node;
	uint64_t at = 0;
	for (bool first = true; (node = next_node(c, leb, &at, false)).p; first = false) {
		uint64_t sqnum = ubifs_u64(node, 8);
		if (node.p[20] == UBIFS_PADDING) /* has no number of its own */
			continue;
		if (*start_sqnum == 0) {
			if (node.p[20] != UBIFS_COMMIT || ubifs_u64(node, 24) != c->fs->master.commit)
				return false;
			*start_sqnum = sqnum;
		}
		if (sqnum < *start_sqnum)
			return !first;
		if (node.p[20] == UBIFS_REFERENCE)
			replay_bud(c, node);
	}
	return at > 0;
}

static void replay(struct collection *c)
{
	struct ubifs *fs = c->fs;
	const struct ubifs_super *s = &fs->super;
	uint32_t lnum = fs->master.log_lnum, n = leb_count(fs), log_end = s->log_lebs < n ? LOG_FIRST + s->log_lebs : n;
	uint64_t start = 0;
	c->is_bud = ARENA_ARRAY(fs->walk->arena, bool, n);
	if (!c->is_bud) {
		c->full = true;
		return;
	}
	for (uint32_t i = 0; i < s->log_lebs && lnum >= LOG_FIRST && lnum < log_end; i++) {
		if (!replay_log_leb(c, lnum, &start))
			break;
		lnum = lnum + 1 < log_end ? lnum + 1 : LOG_FIRST;
	}
	if (!start)
		ubifs_damage(fs, ERR_CORRUPT, ubifs_place(fs, fs->master.log_lnum, 0),
					 "the log does not begin with the start of commit %llu: changes since then are not read",
					 (unsigned long long)fs->master.commit);
}

/* ---- which nodes count ---- */

/* The name of an entry's node, without a look at its CRC. */
static struct text ubifs_entry_name(const struct ubifs *fs, const struct ubifs_leaf *leaf)
{
	struct span node = span_clip(fs->image, leaf->at, 57 + UBIFS_NAME_MAX);
	return text_from_span(span_sub(node, 56, span_u16le(node, 50)));
}

/* Names tell entries apart whose hashes are equal. */
static int compare_names(const struct ubifs *fs, const struct ubifs_leaf *a, const struct ubifs_leaf *b)
{
	enum ubifs_type type = ubifs_key_type(a->key);
	if (type != UBIFS_ENTRY && type != UBIFS_XATTR)
		return 0;
	struct text x = ubifs_entry_name(fs, a), y = ubifs_entry_name(fs, b);
	int order = x.n && y.n ? memcmp(x.p, y.p, x.n < y.n ? x.n : y.n) : 0;
	return order ? order : (x.n > y.n) - (x.n < y.n);
}

static int by_key(const void *left, const void *right, void *context)
{
	const struct ubifs_leaf *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	int order = compare_names(context, a, b);
	if (order)
		return order;
	if (a->sqnum != b->sqnum)
		return a->sqnum < b->sqnum ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static int by_time(const void *left, const void *right)
{
	const struct ubifs_truncation *a = left, *b = right;
	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->sqnum < b->sqnum ? -1 : a->sqnum > b->sqnum;
}

/* All truncations; each also with what later ones of the same inode cut off. */
static struct ubifs_truncation *gather_truncations(struct collection *c)
{
	struct ubifs_truncation *cuts = ARENA_ARRAY(c->fs->walk->arena, struct ubifs_truncation, c->ncuts);
	size_t n = 0;
	for (struct truncations *t = c->truncations; cuts && t; t = t->next) {
		memcpy(cuts + n, t->cuts, t->n * sizeof *cuts);
		n += t->n;
	}
	if (n > 1)
		qsort(cuts, n, sizeof *cuts, by_time);
	for (size_t i = n; i-- > 1;)
		if (cuts[i - 1].inode == cuts[i].inode && cuts[i - 1].first_block > cuts[i].first_block)
			cuts[i - 1].first_block = cuts[i].first_block;
	return cuts;
}

/* Whether a block of data was cut off after it was written. */
static bool is_cut_off(const struct ubifs_truncation *cuts, size_t n, const struct ubifs_leaf *leaf)
{
	struct ubifs_truncation key = { (uint32_t)(leaf->key >> 32), 0, leaf->sqnum };
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_time(&cuts[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && cuts[low].inode == key.inode && (leaf->key & 0x1fffffff) >= cuts[low].first_block;
}

/* Whether an inode was deleted, so that its data and entries count no more: its number is not given to another. Leaves are sorted, and
 * those of the inode itself are the first of all with its number. */
static bool is_deleted(const struct ubifs_leaf *first, size_t n)
{
	bool deleted = false;
	for (size_t i = 0; i < n && first[i].key == first[0].key && ubifs_key_type(first[i].key) == UBIFS_INODE; i++)
		deleted = first[i].deletes;
	return deleted;
}

/* Sorts the leaves and keeps the newest of each key. */
static struct error settle(struct collection *c)
{
	struct ubifs *fs = c->fs;
	struct ubifs_leaf *leaves = ARENA_ARRAY(fs->walk->arena, struct ubifs_leaf, c->n);
	const struct ubifs_truncation *cuts = gather_truncations(c);
	if (!leaves || !cuts || c->full)
		return error_at(ERR_BUDGET, fs->master.at, "%zu nodes are more than are kept of one file system", c->n);
	size_t n = c->n, kept = 0;
	for (struct chunk *chunk = c->chunks; chunk; chunk = chunk->next) { /* the last one first */
		n -= chunk->n;
		memcpy(leaves + n, chunk->leaves, chunk->n * sizeof *leaves);
	}
	if (c->n > 1)
		qsort_r(leaves, c->n, sizeof *leaves, by_key, fs);
	bool deleted = false;
	for (size_t i = 0; i < c->n; i++) {
		if (i == 0 || leaves[i].key >> 32 != leaves[i - 1].key >> 32)
			deleted = is_deleted(&leaves[i], c->n - i);
		bool newest =
			i + 1 == c->n || leaves[i].key != leaves[i + 1].key || compare_names(fs, &leaves[i], &leaves[i + 1]);
		bool gone = leaves[i].deletes || deleted ||
					(ubifs_key_type(leaves[i].key) == UBIFS_DATA && is_cut_off(cuts, c->ncuts, &leaves[i]));
		if (newest && !gone)
			leaves[kept++] = leaves[i];
	}
	fs->leaves = leaves;
	fs->nleaves = kept;
	return error_none();
}

struct error ubifs_collect(struct ubifs *fs)
{
	struct collection c = { .fs = fs };
	const struct ubifs_master *m = &fs->master;
	bool indexed = m->at && walk_index(&c, ubifs_place(fs, m->root_lnum, m->root_offset), -1);
	if (!m->at)
		ubifs_damage(fs, ERR_CORRUPT, fs->super.leb_size,
					 "no valid master node: all blocks are searched for nodes instead");
	if (indexed) {
		replay(&c);
	} else {
		c.chunks = NULL;
		c.n = 0;
		scan_all(&c);
	}
	return settle(&c);
}

size_t ubifs_find(const struct ubifs *fs, uint64_t key)
{
	size_t low = 0, high = fs->nleaves;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fs->leaves[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
