/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays that are written down without a search. */
#include "combos/seed.h"
#include "combos/seed_field.h"

#define ROWS_MAX 65000u

static bool room(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t nrows, struct arena *arena)
{
	*seed = (struct seed){
		.k = k, .v = v, .t = t, .nrows = nrows, .rows = ARENA_ARRAY(arena, uint16_t, (size_t)nrows * k)
	};
	return seed->rows;
}

/* A row is a polynomial of degree below t, a column the place where it is taken; one more column is the coefficient of
 * highest degree. With t = 3 and q even so is the one of degree 1: of three columns two places and this one determine the
 * polynomial, as squaring has an inverse. */
bool seed_bush(struct seed *seed, uint32_t k, uint32_t q, uint32_t t, struct arena *arena)
{
	if (!field_exists(q) || k > q + 1 + (t == 3 && q % 2 == 0))
		return false;
	uint64_t nrows = 1;
	for (uint32_t i = 0; i < t && nrows <= ROWS_MAX; i++)
		nrows *= q;
	const struct field *f = nrows <= ROWS_MAX ? field_new(q, arena) : NULL;
	if (!f || !room(seed, k, q, t, (uint32_t)nrows, arena))
		return false;
	for (uint32_t r = 0; r < seed->nrows; r++) {
		uint32_t coefficient[COMBOS_STRENGTH_MAX], rest = r;
		for (uint32_t i = 0; i < t; i++, rest /= q)
			coefficient[i] = rest % q;
		for (uint32_t x = 0; x < k; x++) {
			uint32_t value = coefficient[t - 1];
			for (uint32_t i = t - 1; x < q && i-- > 0;)
				value = f->add[f->times[value][x]][coefficient[i]];
			seed->rows[(size_t)r * k + x] = (uint16_t)(x > q ? coefficient[1] : value);
		}
	}
	return true;
}

/* Next number with as many bits (Gosper). */
static uint32_t next_of_weight(uint32_t bits)
{
	uint32_t low = bits & -bits, ripple = bits + low;
	return ripple | ((bits ^ ripple) / low >> 2);
}

/* Columns are subsets of the rows but the first, all of the same size: more than half of the rows, so that any two meet,
 * and none is in the other. All are 0 in the first row. */
bool seed_binary(struct seed *seed, uint32_t k, struct arena *arena)
{
	uint32_t n = 4;
	uint64_t columns = 3;
	while (columns < k && n < 31) {
		n++;
		columns = 1;
		for (uint32_t i = 0; i < (n + 1) / 2; i++)
			columns = columns * (n - 1 - i) / (i + 1);
	}
	if (columns < k || !room(seed, k, 2, 2, n, arena))
		return false;
	uint32_t subset = (1u << (n + 1) / 2) - 1;
	for (uint32_t c = 0; c < k; c++, subset = next_of_weight(subset))
		for (uint32_t r = 1; r < n; r++)
			seed->rows[(size_t)r * k + c] = subset >> (r - 1) & 1;
	return true;
}
