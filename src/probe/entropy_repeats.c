/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block cipher that is used without chaining (ECB) makes the same of the same: blocks of 16 or 8 bytes come again, and
 * what lies between them is as even as noise. */
#include <math.h>

#include "probe/entropy_map.h"

#define PROBES_MAX 64u
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
#define BITS_LOG_MIN 10u
#define SLOTS_LOG_MIN 8u

struct slot {
	uint64_t hash;
	uint32_t count;
	uint32_t last; /* of a window: where it stood last; of a block: whether it is varied, once it has come again */
};

/* Of 64 values of the hash which were there, and which were there again: side by side, as one is changed with the other. */
struct seen {
	uint64_t once, again;
};

/* What is asked of a piece is whether something comes again, and nearly nothing does: two bits for each value of the hash
 * tell, and only what may come again goes into the table. */
struct tables {
	uint64_t *hashes; /* of the blocks that are looked at */
	uint32_t *chosen; /* of the windows that are looked at, where they end */
	size_t nchosen, most_chosen;
	struct seen *seen;
	unsigned bits_log, most_bits_log; /* of those in use, and of all */
	struct slot *slots;
	unsigned slots_log, most_slots_log; /* of those in use, and of all */
};

static bool make_tables(struct tables *t, size_t n, struct arena *arena)
{
	*t = (struct tables){ .most_chosen = n / 2 + 1, .most_bits_log = BITS_LOG_MIN, .most_slots_log = SLOTS_LOG_MIN };
	while (((size_t)1 << t->most_slots_log) < n / 4)
		t->most_slots_log++;
	while (((size_t)1 << t->most_bits_log) < 2 * n)
		t->most_bits_log++;
	t->hashes = ARENA_ARRAY(arena, uint64_t, n / 8 + 1);
	t->chosen = ARENA_ARRAY(arena, uint32_t, t->most_chosen);
	t->seen = ARENA_ARRAY(arena, struct seen, (size_t)1 << (t->most_bits_log - 6));
	t->slots = ARENA_ARRAY(arena, struct slot, (size_t)1 << t->most_slots_log);
	return t->hashes && t->chosen && t->seen && t->slots;
}

/* As many as keep most of so many hashes apart, and no more, so that they stay in a cache. */
static void empty_bits(struct tables *t, size_t hashes)
{
	t->bits_log = BITS_LOG_MIN;
	while (t->bits_log < t->most_bits_log && (size_t)1 << t->bits_log < 8 * hashes)
		t->bits_log++;
	memset(t->seen, 0, sizeof *t->seen << (t->bits_log - 6));
}

/* As many as that many hashes need that were seen again, each of which may have had another one's bit before it. */
static void empty_slots(struct tables *t, size_t again)
{
	t->slots_log = SLOTS_LOG_MIN;
	while (t->slots_log < t->most_slots_log && (size_t)1 << t->slots_log < 8 * again)
		t->slots_log++;
	memset(t->slots, 0, sizeof *t->slots << t->slots_log);
}

/* True where that value of the hash was there before. */
static bool mark_seen(struct tables *t, uint64_t hash)
{
	uint64_t at = hash >> (64 - t->bits_log), bit = (uint64_t)1 << (at & 63);
	struct seen *seen = &t->seen[at >> 6];
	uint64_t again = seen->once & bit;
	seen->once |= bit;
	seen->again |= again;
	return again != 0;
}

static bool may_come_again(const struct tables *t, uint64_t hash)
{
	uint64_t at = hash >> (64 - t->bits_log);
	return t->seen[at >> 6].again >> (at & 63) & 1;
}

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
static struct slot *slot_of(const struct tables *t, uint64_t hash)
{
	size_t mask = ((size_t)1 << t->slots_log) - 1, i = (size_t)(hash >> (64 - t->slots_log));
	for (unsigned tried = 0; tried < PROBES_MAX; tried++, i = (i + 1) & mask)
		if (!t->slots[i].hash || t->slots[i].hash == hash)
			return &t->slots[i];
	return NULL;
}

static const struct slot *seen_again(const struct tables *t, uint64_t hash)
{
	return may_come_again(t, hash) ? slot_of(t, hash) : NULL;
}

static uint32_t times_seen(const struct tables *t, uint64_t hash)
{
	const struct slot *s = seen_again(t, hash);
	return s ? s->count : 0;
}

static bool holds_repeats(struct span bytes, const struct tables *t, const struct repeats *r, size_t cell)
{
	for (size_t at = cell; at + r->block <= bytes.n && at < cell + CELL; at += r->block) {
		const struct slot *s = seen_again(t, t->hashes[at / r->block]);
		if (s && s->count >= MOST_MIN && s->last)
			return true;
	}
	return false;
}

/* True where the bytes of the cells that hold repeated blocks are, but for those, as even as noise. */
static bool noise_around(struct span bytes, const struct tables *t, const struct repeats *r)
{
	uint32_t count[256] = { 0 }, n = 0;
	for (size_t cell = r->alignment; cell < bytes.n; cell += CELL) {
		if (!holds_repeats(bytes, t, r, cell))
			continue;
		for (size_t at = cell; at + r->block <= bytes.n && at < cell + CELL; at += r->block) {
			bool single = times_seen(t, t->hashes[at / r->block]) < 2;
			for (size_t k = 0; single && k < r->block; k++)
				count[bytes.p[at + k]]++;
			n += single;
		}
	}
	if (n < AROUND_MIN)
		return false;
	double expected = (double)n * r->block / 256, sum = 0;
	for (unsigned i = 0; i < 256; i++)
		sum += (count[i] - expected) * (count[i] - expected) / expected;
	return sum < 255 + 5 * sqrt(2 * 255.0);
}

static bool look(struct span bytes, struct tables *t, struct repeats *r)
{
	uint64_t before = 0;
	uint32_t kinds = 0, runs = 0, may_repeat = 0;
	empty_bits(t, bytes.n / r->block);
	for (size_t at = r->alignment; at + r->block <= bytes.n; at += r->block) {
		uint64_t hash = t->hashes[at / r->block] = block_hash(bytes, at, r->block);
		may_repeat += mark_seen(t, hash);
		r->blocks++;
	}
	if (may_repeat < MOST_MIN - 1)
		return false;
	empty_slots(t, may_repeat);
	for (size_t at = r->alignment; at + r->block <= bytes.n; at += r->block) {
		uint64_t hash = t->hashes[at / r->block];
		bool again = hash == before;
		struct slot *s = may_come_again(t, hash) ? slot_of(t, hash) : NULL;
		before = hash;
		if (!s)
			continue;
		s->hash = hash;
		if (++s->count == 2)
			s->last = is_varied(span_sub(bytes, at, r->block));
		if (s->count < 2 || !s->last)
			continue;
		r->repeated += s->count == 2 ? 2 : 1;
		r->most = s->count > r->most ? s->count : r->most;
		kinds += s->count == OFTEN_MIN;
		runs += again;
	}
	return (kinds >= KINDS_MIN || runs >= MOST_MIN) && r->most >= MOST_MIN && noise_around(bytes, t, r);
}

static uint64_t window_hash(uint64_t window)
{
	uint64_t hash = (window ^ window >> 32) * 0x9e3779b97f4a7c15u;
	hash ^= hash >> 31;
	return hash * 0xbf58476d1ce4e5b9u;
}

/* One in four windows, by what they hold. Gives how many may have come again. */
static size_t choose_windows(struct span bytes, struct tables *t)
{
	uint64_t window = 0;
	size_t again = 0;
	empty_bits(t, bytes.n / 4);
	t->nchosen = 0;
	for (size_t i = 0; i < bytes.n; i++) {
		window = window >> 8 | (uint64_t)bytes.p[i] << 56;
		uint64_t hash = window_hash(window);
		if (i < 7 || hash >> 62 || t->nchosen == t->most_chosen)
			continue;
		t->chosen[t->nchosen++] = (uint32_t)i;
		again += mark_seen(t, hash << 2 | 1);
	}
	return again;
}

/* One pass at all alignments, over one in four windows of 8 bytes, chosen by what they hold: where those do not come again,
 * or are of few kinds as in headers, nothing else need be asked. */
static bool worth_a_look(struct span bytes, struct tables *t)
{
	uint32_t kinds = 0, runs = 0;
	empty_slots(t, choose_windows(bytes, t));
	for (size_t c = 0; c < t->nchosen; c++) {
		size_t i = t->chosen[c];
		struct span window = span_sub(bytes, i - 7, 8);
		struct reader r = reader_le(window);
		uint64_t hash = window_hash(rd_u64(&r)) << 2 | 1;
		struct slot *s = may_come_again(t, hash) ? slot_of(t, hash) : NULL;
		if (!s)
			continue;
		s->hash = hash;
		if (++s->count > 1 && is_varied(window)) {
			kinds += s->count == OFTEN_MIN;
			runs += i - s->last == 8 || i - s->last == 16;
		}
		s->last = (uint32_t)i;
	}
	return kinds >= KINDS_MIN || runs >= MOST_MIN / 2;
}

void repeats_find(struct span bytes, struct arena *arena, struct repeats *r)
{
	struct tables t;
	struct span looked = span_clip(bytes, 0, REPEATS_RUN_MAX);
	static const unsigned blocks[] = { 16, 8 };
	bool worth = make_tables(&t, looked.n, arena) && worth_a_look(looked, &t);
	for (unsigned b = 0; worth && b < 2; b++)
		for (unsigned a = 0; a < blocks[b]; a++) {
			*r = (struct repeats){ .block = blocks[b], .alignment = a };
			if (look(looked, &t, r))
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
