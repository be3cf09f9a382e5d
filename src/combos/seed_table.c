/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a search has found once and takes too long to find again: our own results, each kept as the little that its symmetry
 * makes the array from. A digit is a value.
 */
#include <string.h>

#include "combos/seed.h"
#include "combos/seed_found.h"

/* Rows and columns fall into blocks of the same size. When both move on by one within all blocks at once, the array stays as it
 * is, so that the first column of each block says all. Found by going over all columns in which each value is as frequent as
 * the others, and over all sets of such blocks that cover each other's pairs: with 15 rows of 3 values a matter of seconds. */
static const struct rotated {
	uint32_t v, rows, size;
	const char *columns[4];
} arrays[] = {
	{ 3, 15, 5, { "010021210202211", "000122211020121", "000112112102022", "001011112200222" } },
};

/* Starters of as many columns as they have digits, which rotate together; the values move on together as well, but for the
 * last ones, which are fixed and need an array of their own (Lobb, Colbourn, Danziger, Stevens, Torres-Jimenez: Cover starters
 * for covering arrays of strength two, 2012). Found by drawing the places of the fixed values, which must stand to all
 * others at all distances, and then going over all other values: each distance can do without few differences only. */
static const struct starter {
	uint32_t v, fixed;
	const char *values;
} starters[] = {
	{ 10, 3, "01865167249494481574" },
};

static bool take_rotated(struct seed *seed, const struct rotated *r, uint32_t k, struct arena *arena)
{
	if (!seed_room(seed, k, r->v, 2, r->rows, arena))
		return false;
	for (uint32_t i = 0; i < r->rows; i++)
		for (uint32_t c = 0; c < k; c++) {
			uint32_t first = i - i % r->size, back = r->size - c % r->size;
			seed->rows[(size_t)i * k + c] = (uint16_t)(r->columns[c / r->size][first + (i + back) % r->size] - '0');
		}
	return true;
}

static bool take_starter(struct seed *seed, const struct starter *s, uint32_t k, struct arena *arena)
{
	uint32_t length = (uint32_t)strlen(s->values), order = s->v - s->fixed, n = 0;
	struct seed beside = { 0 };
	if (s->fixed > 1 && !seed_without_search(&beside, k, s->fixed, 2, UINT32_MAX, arena))
		return false;
	seed_fill(&beside);
	uint32_t same = s->fixed == 1;
	if (!seed_room(seed, k, s->v, 2, length * order + same + beside.nrows, arena))
		return false;
	for (; n < length * order; n++)
		for (uint32_t c = 0; c < k; c++) {
			uint32_t value = (uint32_t)(s->values[(c + n / order) % length] - '0');
			seed->rows[(size_t)n * k + c] = (uint16_t)(value < order ? (value + n) % order : value);
		}
	for (uint32_t i = 0; i < same * k; i++)
		seed->rows[(size_t)n * k + i] = (uint16_t)(s->v - 1);
	for (uint32_t i = 0; i < beside.nrows * k; i++)
		seed->rows[(size_t)n * k + i] = (uint16_t)(beside.rows[i] + order);
	return true;
}

static bool take_triples(struct seed *seed, uint32_t k, uint32_t v, uint32_t below, struct arena *arena)
{
	uint32_t nrows = (uint32_t)strlen(seed_found_6) / 6;
	if (v != 6 || k > 6 || nrows >= below || !seed_room(seed, k, v, 3, nrows, arena))
		return false;
	for (uint32_t i = 0; i < nrows * k; i++)
		seed->rows[i] = (uint16_t)(seed_found_6[i / k * 6 + i % k] - '0');
	return true;
}

bool seed_table(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct arena *arena)
{
	bool found = false;
	struct seed other;
	if (t != 2)
		return t == 3 && take_triples(seed, k, v, below, arena);
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		const struct rotated *r = &arrays[i];
		uint32_t blocks = 0;
		while (blocks < 4 && r->columns[blocks])
			blocks++;
		if (r->v == v && k <= blocks * r->size && r->rows < below && take_rotated(&other, r, k, arena)) {
			*seed = other;
			below = other.nrows;
			found = true;
		}
	}
	for (size_t i = 0; i < sizeof starters / sizeof starters[0]; i++)
		if (starters[i].v == v && k <= strlen(starters[i].values) && take_starter(&other, &starters[i], k, arena) &&
			other.nrows < below) {
			*seed = other;
			below = other.nrows;
			found = true;
		}
	return found;
}
