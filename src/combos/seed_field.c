/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GF(p^n): polynomials over Z_p modulo one of degree n for which x generates all that is not 0. An element's number has the
 * coefficients as its digits to base p.
 */
#include "combos/seed_field.h"

/* The smallest one that divides q, which is 2 or more. */
static uint32_t prime_of(uint32_t q)
{
	uint32_t p = 2;
	while (q % p != 0)
		p++;
	return p;
}

bool field_exists(uint32_t q)
{
	if (q < 2 || q > FIELD_MAX)
		return false;
	uint32_t p = prime_of(q);
	while (q % p == 0)
		q /= p;
	return q == 1;
}

/* Digit by digit a + factor * b. */
static uint32_t add_scaled(uint32_t a, uint32_t b, uint32_t factor, uint32_t p)
{
	uint32_t sum = 0;
	for (uint32_t place = 1; a || b; place *= p, a /= p, b /= p)
		sum += (a % p + factor * (b % p)) % p * place;
	return sum;
}

/* x times a, where x^n is the polynomial `rest`. */
static uint32_t times_x(uint32_t a, uint32_t rest, uint32_t q, uint32_t p)
{
	uint32_t top = a / (q / p);
	return add_scaled(a % (q / p) * p, rest, top, p);
}

/* Whether x has the order q - 1. */
static bool is_primitive(uint32_t rest, uint32_t q, uint32_t p)
{
	uint32_t a = times_x(1, rest, q, p), order = 1;
	while (a > 1 && order < q) {
		a = times_x(a, rest, q, p);
		order++;
	}
	return a == 1 && order == q - 1;
}

const struct field *field_new(uint32_t q, struct arena *arena)
{
	struct field *f = ARENA_ARRAY(arena, struct field, 1);
	if (!f)
		return NULL;
	f->q = q;
	uint32_t p = prime_of(q), rest = 1;
	while (q > p && rest < q && !is_primitive(rest, q, p))
		rest++;
	for (uint32_t a = 0; a < q; a++)
		for (uint32_t b = 0; b < q; b++) {
			f->add[a][b] = (uint8_t)add_scaled(a, b, 1, p);
			uint32_t product = 0, shifted = a;
			for (uint32_t digits = b; digits; digits /= p) {
				product = add_scaled(product, shifted, digits % p, p);
				shifted = q > p ? times_x(shifted, rest, q, p) : 0;
			}
			f->times[a][b] = (uint8_t)product;
		}
	return f;
}
