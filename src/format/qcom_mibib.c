/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dump of the flash of a device with Qualcomm's chip (IPQ, MDM, SDX): the MIBIB's first page has a mark and its age, the next one the
 * table of partitions, in erase blocks. The table says where the MIBIB itself is, and so how large a block is: the dump begins there
 * where all others count from. Where it is a file by itself, the table alone is told.
 *
 * Specification: Linux drivers/mtd/parsers/qcomsmempart.c; qdl src/read.c; qtools.
 */
#include "format/partitions.h"

#define MARK "\xac\x9f\x56\xfe\x7a\x12\x7f\xcd"
#define TABLE_MARK "\xaa\x73\xee\x55\xdb\xbd\x5e\xe3"
#define HEADER_SIZE 16u
#define ENTRY_SIZE 28u
#define ENTRIES_MAX 128u
#define GROW UINT32_MAX
#define STEP 0x10000u /* the smallest block */
#define SEARCH_MAX (64u << 20)

struct table {
	uint64_t mark, at; /* of the mark, of the table */
	uint32_t entries, age;
	uint64_t block; /* bytes; 0: not known */
};

struct entry_of {
	struct text name;
	uint32_t start, blocks;
};

static struct entry_of entry_at(struct span bytes, const struct table *t, uint32_t i)
{
	struct span e = span_sub(bytes, t->at + HEADER_SIZE + (uint64_t)i * ENTRY_SIZE, ENTRY_SIZE);
	return (struct entry_of){ text_until_nul(span_sub(e, 0, 16)), span_u32le(e, 16), span_u32le(e, 20) };
}

/* Every partition has a name and begins behind the one before it. */
static bool entries_are_right(struct span bytes, const struct table *t)
{
	uint64_t end = 0;
	for (uint32_t i = 0; i < t->entries; i++) {
		struct entry_of e = entry_at(bytes, t, i);
		for (size_t k = 0; k < e.name.n; k++)
			if (e.name.p[k] <= ' ' || e.name.p[k] > '~')
				return false;
		if (!e.name.n || e.start < end || !e.blocks || (e.blocks == GROW && i + 1 < t->entries))
			return false;
		end = (uint64_t)e.start + e.blocks;
	}
	return true;
}

/* The mark at `at`, and the table in the next page, of whatever size that is. */
static bool table_read(struct span bytes, uint64_t at, struct table *t)
{
	static const uint32_t pages[] = { 256, 512, 2048, 4096, 8192 };
	if (!span_has(bytes, at, MARK, 8) || span_u32le(bytes, at + 8) - 1 > 3)
		return false;
	*t = (struct table){ .mark = at, .age = span_u32le(bytes, at + 12) };
	for (size_t i = 0; i < sizeof pages / sizeof pages[0] && !t->at; i++)
		if (span_has(bytes, at + pages[i], TABLE_MARK, 8))
			t->at = at + pages[i];
	t->entries = span_u32le(bytes, t->at + 12);
	return t->at && t->entries && t->entries <= ENTRIES_MAX &&
		   span_sub(bytes, t->at + HEADER_SIZE, (uint64_t)t->entries * ENTRY_SIZE).p && entries_are_right(bytes, t);
}

/* The MIBIB may be in any of its partition's blocks. */
static void find_block(struct span bytes, struct table *t)
{
	for (uint32_t i = 0; i < t->entries; i++) {
		struct entry_of e = entry_at(bytes, t, i);
		if (!text_is(e.name, "0:MIBIB"))
			continue;
		for (uint32_t k = 0; k < e.blocks && k < 64; k++) {
			uint64_t number = (uint64_t)e.start + k, block = number && t->mark % number == 0 ? t->mark / number : 0;
			if (block >= STEP && block <= 64 * STEP && (block & (block - 1)) == 0) {
				t->block = block;
				return;
			}
		}
	}
}

/* Of several copies the newest. */
static bool find_table(struct span bytes, struct table *newest)
{
	struct table t;
	bool found = false;
	*newest = (struct table){ 0 };
	for (uint64_t at = 0; at < bytes.n && at < SEARCH_MAX; at += STEP) {
		if (!table_read(bytes, at, &t))
			continue;
		find_block(bytes, &t);
		if (!found || (t.block && (!newest->block || t.age > newest->age)))
			*newest = t;
		found = true;
	}
	return found;
}

static bool mibib_locate(struct span all, uint64_t hit, uint64_t *start)
{
	struct table t;
	if (!table_read(all, hit, &t))
		return false;
	find_block(all, &t);
	*start = t.block ? 0 : hit;
	return true;
}

static bool mibib_probe(struct span at, struct format_match *match)
{
	struct table t;
	if (table_read(at, 0, &t)) {
		match->size = t.at + HEADER_SIZE + (uint64_t)t.entries * ENTRY_SIZE;
		match->confidence = 90;
		return true;
	}
	match->size = at.n;
	match->confidence = 90;
	return find_table(at, &t) && t.block;
}

static void describe(struct walk *w, const struct table *t, const struct entry_of *e, uint64_t at)
{
	emit_header_field(w->sink, at, "partition", "%.*s: 0x%x blocks at 0x%x", (int)e->name.n, e->name.p, e->blocks, e->start);
	if (t->block && e->blocks != GROW)
		emit_partition(w->sink, &(struct fact_partition){ .offset = (int64_t)at,
														   .device = TEXT_LIT("flash"),
														   .name = e->name,
														   .start = (int64_t)(e->start * t->block),
														   .size = (int64_t)(e->blocks * t->block),
														   .source = TEXT_LIT("MIBIB") });
}

static struct error mibib_walk(struct span bytes, struct walk *w)
{
	struct table t;
	struct partitions *p = ARENA_NEW(w->arena, struct partitions);
	if (!find_table(bytes, &t))
		return error_at(ERR_CORRUPT, 0, "no table of partitions");
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the partitions");
	p->n = 0;
	emit_header_field(w->sink, t.mark + 12, "age", "%u", t.age);
	if (t.block)
		emit_header_field(w->sink, t.mark, "block_size", "0x%llx", (unsigned long long)t.block);
	for (uint32_t i = 0; i < t.entries; i++) {
		struct entry_of e = entry_at(bytes, &t, i);
		uint64_t start = e.start * t.block, size = e.blocks * t.block;
		describe(w, &t, &e, t.at + HEADER_SIZE + (uint64_t)i * ENTRY_SIZE);
		if (e.blocks == GROW)
			size = start < bytes.n ? bytes.n - start : 0;
		if (t.block && size && start < bytes.n) /* a dump of one flash of two has what is on it */
			(void)partitions_add(p, w, start, size, e.name);
	}
	if (t.block)
		partitions_emit(p, bytes, w);
	return error_none();
}

static const struct format_magic mibib_magics[] = { MAGIC(MARK, 0), MAGIC_END };

const struct format qcom_mibib_format = {
	.name = "qcom_mibib",
	.kind = FORMAT_CONTAINER,
	.title = "flash of Qualcomm's chips with a MIBIB partition table",
	.spec = "Linux drivers/mtd/parsers/qcomsmempart.c; qdl src/read.c",
	.magics = mibib_magics,
	.probe = mibib_probe,
	.walk = mibib_walk,
	.locate = mibib_locate,
};
