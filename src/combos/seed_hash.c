/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns are vectors over a finite field, another one in each block of rows, and cells are the products of a block's
 * vectors with all vectors. In a block where the vectors of t columns are independent these have all tuples; so each t must be
 * that in some block. All vectors begin with 1: then the rows of q vectors are constant, and the blocks share them.
 *
 * Sherwood, Martirosyan, Colbourn: Covering arrays of higher strength from permutation vectors, 2006; Torres-Jimenez,
 * Izquierdo-Marquez: Covering arrays of strength three from extended permutation vectors, 2018 (annealing).
 */
#include "combos/random.h"
#include "combos/seed.h"
#include "combos/seed_field.h"

#define SETS_MAX (1u << 16)
#define BLOCKS_MAX 4u
#define ROWS_MAX 65000u
/* The chance that a change is kept which makes one more set bad is one in so many. */
#define RARE 24u

struct hashing {
	const struct field *f;
	uint8_t negative[FIELD_MAX], inverse[FIELD_MAX];
	uint32_t k, t, blocks;
	uint32_t nvectors; /* that begin with 1 */
	uint32_t *vectors; /* block * k + column: its number, with the other coordinates as digits */
	uint32_t nsets, nsets_of;
	uint8_t *sets;     /* set * t: its columns */
	uint32_t *sets_of; /* column * nsets_of */
	uint8_t *good;     /* of each set, one bit for each block */
	uint8_t *before;   /* of the column's sets, while it is changed */
	uint32_t nbad;
	uint64_t random, effort;
};

static void fill_inverses(struct hashing *h)
{
	for (uint32_t a = 0; a < h->f->q; a++)
		for (uint32_t b = 0; b < h->f->q; b++) {
			if (h->f->add[a][b] == 0)
				h->negative[a] = (uint8_t)b;
			if (h->f->times[a][b] == 1)
				h->inverse[a] = (uint8_t)b;
		}
}

static void vector_of(const struct hashing *h, uint32_t block, uint32_t column, uint8_t *vector)
{
	uint32_t digits = h->vectors[(size_t)block * h->k + column];
	vector[0] = 1;
	for (uint32_t i = 1; i < h->t; i++, digits /= h->f->q)
		vector[i] = (uint8_t)(digits % h->f->q);
}

/* By Gaussian elimination. */
static bool is_independent(const struct hashing *h, uint32_t set, uint32_t block)
{
	uint8_t a[COMBOS_STRENGTH_MAX][COMBOS_STRENGTH_MAX];
	uint32_t t = h->t;
	for (uint32_t i = 0; i < t; i++)
		vector_of(h, block, h->sets[(size_t)set * t + i], a[i]);
	for (uint32_t i = 0; i < t; i++) {
		uint32_t pivot = 0;
		while (pivot < t && a[i][pivot] == 0)
			pivot++;
		if (pivot == t)
			return false;
		for (uint32_t r = i + 1; r < t; r++) {
			uint8_t factor = h->negative[h->f->times[a[r][pivot]][h->inverse[a[i][pivot]]]];
			for (uint32_t c = 0; factor && c < t; c++)
				a[r][c] = h->f->add[a[r][c]][h->f->times[factor][a[i][c]]];
		}
	}
	return true;
}

static void judge(struct hashing *h, uint32_t set, uint32_t block)
{
	uint8_t bit = (uint8_t)(1u << block), was = h->good[set];
	h->good[set] = (uint8_t)(is_independent(h, set, block) ? was | bit : was & ~bit);
	h->nbad += (was != 0) - (h->good[set] != 0);
	h->effort += (uint64_t)h->t * h->t;
}

static bool list_sets(struct hashing *h, struct arena *arena)
{
	uint32_t n[64] = { 0 }, k = h->k, t = h->t, set[COMBOS_STRENGTH_MAX], last;
	h->nsets_of = h->nsets * t / k; /* exactly: each column is in as many sets */
	h->sets = ARENA_ARRAY(arena, uint8_t, (size_t)h->nsets * t);
	h->sets_of = ARENA_ARRAY(arena, uint32_t, (size_t)h->nsets_of * k);
	h->good = ARENA_ARRAY(arena, uint8_t, h->nsets);
	h->before = ARENA_ARRAY(arena, uint8_t, h->nsets_of);
	if (!h->sets || !h->sets_of || !h->good || !h->before)
		return false;
	for (uint32_t i = 0; i < t; i++)
		set[i] = i;
	for (uint32_t s = 0; s < h->nsets; s++) {
		for (uint32_t i = 0; i < t; i++) {
			h->sets[(size_t)s * t + i] = (uint8_t)set[i];
			h->sets_of[(size_t)set[i] * h->nsets_of + n[set[i]]++] = s;
		}
		for (last = t; last > 0 && set[last - 1] == k - t + last - 1; last--)
			;
		for (uint32_t i = last ? last - 1 : t, next = last ? set[i] + 1 : 0; i < t; i++)
			set[i] = next++;
	}
	return true;
}

/* A column of a bad set gets another vector in some block; that stays when no more sets are bad, or rarely. */
static void change(struct hashing *h)
{
	uint32_t s = random_below(&h->random, h->nsets), n = h->nsets_of, bad = h->nbad;
	while (h->good[s])
		s = s + 1 < h->nsets ? s + 1 : 0;
	uint32_t column = h->sets[(size_t)s * h->t + random_below(&h->random, h->t)];
	uint32_t block = random_below(&h->random, h->blocks);
	uint32_t *vector = &h->vectors[(size_t)block * h->k + column], old = *vector;
	const uint32_t *with = h->sets_of + (size_t)column * h->nsets_of;
	*vector = random_below(&h->random, h->nvectors);
	for (uint32_t i = 0; i < n; i++) {
		h->before[i] = h->good[with[i]];
		judge(h, with[i], block);
	}
	uint32_t worse = h->nbad > bad ? h->nbad - bad : 0;
	while (worse > 0 && random_below(&h->random, RARE) == 0)
		worse--;
	if (worse == 0)
		return;
	*vector = old;
	for (uint32_t i = 0; i < n; i++)
		h->good[with[i]] = h->before[i];
	h->nbad = bad;
}

static bool seek_vectors(struct hashing *h, struct seed_budget budget)
{
	h->nbad = h->nsets;
	for (uint32_t i = 0; i < h->blocks * h->k; i++)
		h->vectors[i] = random_below(&h->random, h->nvectors);
	for (uint32_t s = 0; s < h->nsets; s++) {
		h->good[s] = 0;
		for (uint32_t b = 0; b < h->blocks; b++)
			judge(h, s, b);
	}
	while (h->nbad > 0 && h->effort < budget.effort && (!budget.on || budget.on(budget.context)))
		for (uint32_t i = 0; i < 64 && h->nbad > 0; i++)
			change(h);
	return h->nbad == 0;
}

static bool write_rows(const struct hashing *h, uint32_t nrows, struct seed *seed, struct arena *arena)
{
	uint32_t q = h->f->q, all = seed_least(q, h->t);
	if (!seed_room(seed, h->k, q, h->t, nrows, arena))
		return false;
	uint16_t *cell = seed->rows;
	for (uint32_t b = 0; b < h->blocks; b++)
		for (uint32_t r = b ? q : 0; r < all; r++)
			for (uint32_t c = 0; c < h->k; c++) {
				uint8_t vector[COMBOS_STRENGTH_MAX];
				uint32_t sum = 0, digits = r;
				vector_of(h, b, c, vector);
				for (uint32_t i = 0; i < h->t; i++, digits /= q)
					sum = h->f->add[sum][h->f->times[vector[i]][digits % q]];
				*cell++ = (uint16_t)sum;
			}
	return true;
}

bool seed_hash(struct seed *seed, uint32_t k, uint32_t q, uint32_t t, uint32_t below, struct seed_budget budget,
			   uint64_t random, struct arena *arena)
{
	struct hashing h = { .k = k, .t = t, .nvectors = seed_least(q, t - 1), .random = random };
	uint64_t all = seed_least(q, t), nsets = 1, whole = budget.effort;
	for (uint32_t i = 0; i < t && k < 64; i++)
		nsets = nsets * (k - i) / (i + 1);
	if (!field_exists(q) || t < 3 || k < t || k >= 64 || nsets > SETS_MAX || all >= below)
		return false;
	h.f = field_new(q, arena);
	h.nsets = (uint32_t)nsets;
	h.vectors = ARENA_ARRAY(arena, uint32_t, (size_t)BLOCKS_MAX * k);
	if (!h.f || !h.vectors || !list_sets(&h, arena))
		return false;
	fill_inverses(&h);
	for (h.blocks = 2; h.blocks <= BLOCKS_MAX; h.blocks++) {
		uint64_t nrows = h.blocks * all - (h.blocks - 1) * q;
		if (nrows >= below || nrows > ROWS_MAX)
			return false;
		budget.effort = h.effort + whole / 3;
		if (seek_vectors(&h, budget))
			return write_rows(&h, (uint32_t)nrows, seed, arena);
	}
	return false;
}
