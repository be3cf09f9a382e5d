/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block cipher that is used without chaining (ECB) makes the same of the same: blocks of 16 or 8 bytes come again, and
 * what lies between them is as even as noise. */
#include <math.h>

#include "probe/entropy_map.h"

#define LOOK_MAX ((size_t)1 << 20)
#define SLOTS_LOG 18 /* for 131072 blocks of 8 bytes */
#define SLOTS (1u << SLOTS_LOG)
#define PROBES_MAX 64u
/* In one blob, at all alignments: a quarter of a second each. */
#define LOOKS_MAX 16u
/* So often a block has to come: more than a flash keeps copies of one thing. */
#define MOST_MIN 8u
/* And so many different ones must come OFTEN_MIN times, or one as often behind itself, as in encrypted padding. The headers
 * of XZ streams in a file system are of two or three kinds, and not side by side. */
#define OFTEN_MIN 4u
#define KINDS_MIN 8u
/* A run of one byte, a short period, a table of small numbers: no cipher's block. Of 16 random bytes 15.5 differ on the
 * mean, of 8 bytes 7.9; fewer than these are one block in a million. */
#define DISTINCT_16 11u
#define DISTINCT_8 6u
/* Blocks around them whose bytes are counted; at least so many must there be. */
#define AROUND_MIN 128u
#define CELL 4096u

struct slot {
	uint64_t hash;
	uint32_t count, last;
};

struct repeats_table {
	struct slot slots[SLOTS];
	unsigned looks;
};

static uint64_t block_hash(struct span bytes, size_t at, unsigned block)
{
	struct reader r = reader_le(span_sub(bytes, at, block));
	uint64_t h = (rd_u64(&r) ^ 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
	if (block == 16) {
		h ^= h >> 32;
		h = (h ^ rd_u64(&r)) * 0xc4ceb9fe1a85ec53u;
	}
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return (h ^ h >> 32) | 1;
}

static bool is_varied(struct span block)
{
	uint64_t seen[4] = { 0 };
	unsigned distinct = 0;
	for (size_t i = 0; i < block.n; i++) {
		uint64_t bit = (uint64_t)1 << (block.p[i] & 63);
		distinct += !(seen[block.p[i] >> 6] & bit);
		seen[block.p[i] >> 6] |= bit;
	}
	return distinct >= (block.n == 16 ? DISTINCT_16 : DISTINCT_8);
}

/* NULL where bytes that were made for it crowd the table. */
static struct slot *slot_of(struct slot *slots, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash >> (64 - SLOTS_LOG));
	for (unsigned tried = 0; tried < PROBES_MAX; tried++, i = (i + 1) & (SLOTS - 1))
		if (!slots[i].hash || slots[i].hash == hash)
			return &slots[i];
	return NULL;
}

static uint32_t times_seen(struct slot *slots, uint64_t hash)
{
	const struct slot *s = slot_of(slots, hash);
	return s ? s->count : 0;
}

/* True where the bytes of the cells that hold repeated blocks are, but for those, as even as noise. */
static bool noise_around(struct span bytes, struct slot *slots, const struct repeats *r)
{
	uint32_t count[256] = { 0 }, n = 0;
	for (size_t cell = r->alignment; cell < bytes.n; cell += CELL) {
		uint32_t here[256] = { 0 }, others = 0;
		bool holds = false;
		for (size_t at = cell; at + r->block <= bytes.n && at < cell + CELL; at += r->block) {
			struct span block = span_sub(bytes, at, r->block);
			uint32_t times = times_seen(slots, block_hash(bytes, at, r->block));
			holds |= times >= MOST_MIN && is_varied(block);
			for (size_t k = 0; times < 2 && k < block.n; k++)
				here[block.p[k]]++;
			others += times < 2;
		}
		for (unsigned k = 0; holds && k < 256; k++)
			count[k] += here[k];
		n += holds ? others : 0;
	}
	if (n < AROUND_MIN)
		return false;
	double expected = (double)n * r->block / 256, sum = 0;
	for (unsigned i = 0; i < 256; i++)
		sum += (count[i] - expected) * (count[i] - expected) / expected;
	return sum < 255 + 5 * sqrt(2 * 255.0);
}

static bool look(struct span bytes, struct slot *slots, struct repeats *r)
{
	memset(slots, 0, SLOTS * sizeof *slots);
	r->blocks = r->repeated = r->most = 0;
	uint64_t before = 0;
	uint32_t kinds = 0, runs = 0;
	for (size_t at = r->alignment; at + r->block <= bytes.n; at += r->block) {
		uint64_t hash = block_hash(bytes, at, r->block);
		struct slot *s = slot_of(slots, hash);
		bool again = hash == before;
		r->blocks++;
		before = hash;
		if (!s)
			continue;
		s->hash = hash;
		if (++s->count < 2 || !is_varied(span_sub(bytes, at, r->block)))
			continue;
		r->repeated += s->count == 2 ? 2 : 1;
		r->most = s->count > r->most ? s->count : r->most;
		kinds += s->count == OFTEN_MIN;
		runs += again;
	}
	return (kinds >= KINDS_MIN || runs >= MOST_MIN) && r->most >= MOST_MIN && noise_around(bytes, slots, r);
}

/* One pass at all alignments, over one in four windows of 8 bytes, chosen by what they hold: where those do not come again,
 * or are of few kinds as in headers, nothing else need be asked. */
static bool worth_a_look(struct span bytes, struct slot *slots)
{
	uint64_t window = 0;
	uint32_t kinds = 0, runs = 0;
	memset(slots, 0, SLOTS * sizeof *slots);
	for (size_t i = 0; i < bytes.n; i++) {
		window = window >> 8 | (uint64_t)bytes.p[i] << 56;
		uint64_t hash = (window ^ window >> 32) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 31;
		hash *= 0xbf58476d1ce4e5b9u;
		if (i < 7 || hash >> 62)
			continue;
		struct slot *s = slot_of(slots, hash << 2 | 1);
		if (!s)
			continue;
		s->hash = hash << 2 | 1;
		if (++s->count > 1 && is_varied(span_sub(bytes, i - 7, 8))) {
			kinds += s->count == OFTEN_MIN;
			runs += i - s->last == 8 || i - s->last == 16;
		}
		s->last = (uint32_t)i;
	}
	return kinds >= KINDS_MIN || runs >= MOST_MIN / 2;
}

struct repeats_table *repeats_table(struct arena *arena)
{
	return ARENA_NEW(arena, struct repeats_table);
}

void repeats_find(struct span bytes, struct repeats_table *table, struct repeats *r)
{
	struct slot *slots = table->slots;
	struct span looked = span_clip(bytes, 0, LOOK_MAX);
	static const unsigned blocks[] = { 16, 8 };
	bool worth = table->looks < LOOKS_MAX && worth_a_look(looked, slots);
	table->looks += worth;
	for (unsigned b = 0; worth && b < 2; b++)
		for (unsigned a = 0; a < blocks[b]; a++) {
			*r = (struct repeats){ .block = blocks[b], .alignment = a };
			if (look(looked, slots, r))
				return;
		}
	*r = (struct repeats){ 0 };
}

unsigned repeats_share(struct span bytes, const struct repeats *r)
{
	enum { SMALL = 1024 };
	uint64_t seen[SMALL] = { 0 };
	unsigned blocks = 0, again = 0;
	for (size_t at = 0; at + r->block <= bytes.n && at < CELL; at += r->block, blocks++) {
		uint64_t h = block_hash(bytes, at, r->block);
		again += seen[h % SMALL] == h && is_varied(span_sub(bytes, at, r->block));
		seen[h % SMALL] = h;
	}
	return blocks ? again * 100 / blocks : 0;
}
