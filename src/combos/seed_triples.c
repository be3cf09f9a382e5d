/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays of strength three that are written down without a search. */
#include <string.h>

#include "combos/seed.h"
#include "combos/seed_field.h"

/* Points of the projective plane over the field, one after the other as a register of three cells shifts: point n + 3 is the
 * sum of points n to n + 2, scaled by these factors. Whether the first q^2 + q + 1 are all of them. */
static bool shift_points(const struct field *f, const uint32_t *factor, uint32_t npoints, uint8_t (*points)[3],
						 uint8_t *seen)
{
	uint32_t q = f->q;
	memset(seen, 0, (size_t)q * q * q);
	for (uint32_t n = 0; n < npoints; n++) {
		for (uint32_t i = 0; i < 3; i++) {
			uint32_t sum = n == i;
			for (uint32_t j = 0; n > 2 && j < 3; j++)
				sum = f->add[sum][f->times[factor[j]][points[n - 3 + j][i]]];
			points[n][i] = (uint8_t)sum;
		}
		uint32_t number = (points[n][0] * q + points[n][1]) * q + points[n][2];
		if (number == 0 || seen[number])
			return false;
		for (uint32_t scale = 1; scale < q; scale++) {
			const uint8_t *by = f->times[scale];
			seen[((uint32_t)by[points[n][0]] * q + by[points[n][1]]) * q + by[points[n][2]]] = 1;
		}
	}
	return true;
}

static bool all_points(const struct field *f, uint32_t npoints, uint8_t (*points)[3], uint8_t *seen)
{
	uint32_t q = f->q;
	for (uint32_t n = q * q; n < q * q * q; n++) {
		const uint32_t factor[3] = { n / q / q, n / q % q, n % q };
		if (shift_points(f, factor, npoints, points, seen))
			return true;
	}
	return false;
}

static uint32_t product_of(const struct field *f, const uint8_t *a, uint32_t row)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < 3; i++, row /= f->q)
		sum = f->add[sum][f->times[a[i]][row % f->q]];
	return sum;
}

/* Rows are all vectors, columns the points, cells their products: three columns have all triples when their points are not on one
 * line. In the second half column n takes point -n, which turns lines into ovals, and no three points of an oval are on one
 * line. The halves share the row of zeros. */
bool seed_register(struct seed *seed, uint32_t k, uint32_t q, struct arena *arena)
{
	uint32_t npoints = q * q + q + 1, all = q * q * q;
	if (!field_exists(q) || q > 32 || k > npoints)
		return false;
	const struct field *f = field_new(q, arena);
	uint8_t(*points)[3] = arena_alloc(arena, npoints, sizeof *points);
	uint8_t *seen = ARENA_ARRAY(arena, uint8_t, all);
	if (!f || !points || !seen || !all_points(f, npoints, points, seen) ||
		!seed_room(seed, k, q, 3, 2 * all - 1, arena))
		return false;
	for (uint32_t r = 0; r < seed->nrows; r++)
		for (uint32_t c = 0; c < k; c++) {
			uint32_t point = r < all ? c : (npoints - c) % npoints;
			seed->rows[(size_t)r * k + c] = (uint16_t)product_of(f, points[point], r < all ? r : r - all + 1);
		}
	return true;
}

/* The two halves of the columns are the same in the rows of `triples`; in the others they have the same pairs but for a
 * difference, one for each that is not 0. */
bool seed_double(struct seed *seed, uint32_t k, const struct seed *triples, const struct seed *pairs,
				 struct arena *arena)
{
	uint32_t v = triples->v, half = (k + 1) / 2;
	if (triples->k != half || pairs->k != half || pairs->v != v ||
		!seed_room(seed, k, v, 3, triples->nrows + (v - 1) * pairs->nrows, arena))
		return false;
	for (uint32_t r = 0; r < seed->nrows; r++)
		for (uint32_t c = 0; c < k; c++) {
			uint32_t below = r < triples->nrows ? 0 : r - triples->nrows, difference = 0, value;
			if (r < triples->nrows) {
				value = triples->rows[(size_t)r * half + c % half];
			} else {
				value = pairs->rows[(size_t)(below % pairs->nrows) * half + c % half];
				difference = c < half ? 0 : 1 + below / pairs->nrows;
			}
			seed->rows[(size_t)r * k + c] = (uint16_t)((value + difference) % v);
		}
	return true;
}

/* The squares modulo 11 make a Hadamard matrix of order 12: with a constant row its 11 rows have all triples of two values in
 * any three columns. Columns are the points of an 11 by 11 plane; each third of the rows goes by the lines of one direction.
 * Three points are on three lines of some direction, or two of them share one in each, and of three values two are the same.
 * The constant row that a third has not the other thirds have, since the second one's is of the other value. */
bool seed_plane(struct seed *seed, uint32_t k, struct arena *arena)
{
	static const uint8_t square[11] = { 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0 };
	if (k > 121 || !seed_room(seed, k, 2, 3, 33, arena))
		return false;
	for (uint32_t r = 0; r < 33; r++)
		for (uint32_t c = 0; c < k; c++) {
			uint32_t x = c % 11, y = c / 11, third = r / 11;
			uint32_t line = third == 0 ? x : third == 1 ? y : (x + y) % 11;
			seed->rows[(size_t)r * k + c] = square[(line + r) % 11] ^ (third == 1);
		}
	return true;
}
