/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays that are written down without a search. */
#include "combos/seed.h"
#include "combos/seed_field.h"

#define ROWS_MAX 65000u

bool seed_room(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t nrows, struct arena *arena)
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
	if (!field_exists(q) || t == 0 || k > q + 1 + (t == 3 && q % 2 == 0))
		return false;
	uint64_t nrows = 1;
	for (uint32_t i = 0; i < t && nrows <= ROWS_MAX; i++)
		nrows *= q;
	const struct field *f = nrows <= ROWS_MAX ? field_new(q, arena) : NULL;
	if (!f || !seed_room(seed, k, q, t, (uint32_t)nrows, arena))
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

uint32_t seed_binary_rows(uint32_t k)
{
	uint32_t n = 4;
	uint64_t columns = 3;
	while (columns < k && n < 31) {
		n++;
		columns = 1;
		for (uint32_t i = 0; i < (n + 1) / 2; i++)
			columns = columns * (n - 1 - i) / (i + 1);
	}
	return n;
}

/* Columns are subsets of the rows but the first, all of the same size: more than half of the rows, so that any two meet,
 * and none is in the other. All are 0 in the first row. */
bool seed_binary(struct seed *seed, uint32_t k, struct arena *arena)
{
	uint32_t n = seed_binary_rows(k);
	if (k > COMBOS_PARAMETERS_MAX || !seed_room(seed, k, 2, 2, n, arena))
		return false;
	uint32_t subset = (1u << (n + 1) / 2) - 1;
	for (uint32_t c = 0; c < k; c++, subset = next_of_weight(subset))
		for (uint32_t r = 1; r < n; r++)
			seed->rows[(size_t)r * k + c] = subset >> (r - 1) & 1;
	return true;
}

/* What the orthogonal array has in row r of column x: row a is constant for a < q, but for the last column, which has 0 there. */
static uint32_t line(const struct field *f, uint32_t r, uint32_t x)
{
	uint32_t slope = r / f->q, at_zero = r % f->q;
	return x == f->q ? slope : f->add[f->times[slope][x]][at_zero];
}

/* Rows 0 to c - 1 go, and with them in each column the values 0 to c - 1. New column j takes value x in the rows where column x
 * has value j, for x < v; since column x may have anything there, it runs through all values, so that both make all pairs. Where
 * two new columns would have to take the same value at once, and in the last column, the constant rows that are left help. */
bool seed_projection(struct seed *seed, uint32_t k, uint32_t v, uint32_t q, struct arena *arena)
{
	uint32_t c = q - v;
	if (q <= v || !field_exists(q) || k > q + 1 + c)
		return false;
	const struct field *f = field_new(q, arena);
	if (!f || !seed_room(seed, k, v, 2, q * q - c, arena))
		return false;
	for (uint32_t r = c; r < q * q; r++) {
		uint16_t *row = seed->rows + (size_t)(r - c) * k;
		for (uint32_t x = 0; x < k; x++) {
			uint32_t value = x > q ? SEED_OPEN : line(f, r, x);
			row[x] = (uint16_t)(x > q ? SEED_OPEN : value >= c ? value - c : r < q ? r - c : r / q % v);
			for (uint32_t y = 0; x > q && y < v; y++)
				if (line(f, r, y) == x - q - 1)
					row[x] = (uint16_t)y;
			if (row[x] == SEED_OPEN)
				row[x] = (uint16_t)(r < q ? r - c : 0);
		}
	}
	return true;
}

/* Columns are pairs (i, j) of columns of the orthogonal array, one of them not the last: in the upper rows a column has what i
 * has, in the lower ones what j has, and the constant rows, which both have, stand there once. */
bool seed_product(struct seed *seed, uint32_t k, uint32_t q, struct arena *arena)
{
	if (!field_exists(q) || k > q * (q + 2))
		return false;
	const struct field *f = field_new(q, arena);
	if (!f || !seed_room(seed, k, q, 2, 2 * q * q - q, arena))
		return false;
	for (uint32_t r = 0; r < seed->nrows; r++)
		for (uint32_t x = 0; x < k; x++) {
			uint32_t i = x / (q + 1), j = x % (q + 1);
			uint32_t value = r < q * q ? line(f, r, i) : line(f, r - q * q + q, j);
			seed->rows[(size_t)r * k + x] = (uint16_t)(r < q && j == q ? 0 : value);
		}
	return true;
}
