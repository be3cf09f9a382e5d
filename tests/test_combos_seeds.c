/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays by construction, counted tuple by tuple, and what makes arrays from them: sizes as published, groups of more than
 * one strength, rows that are kept, the same rows for any number of threads, and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "combos/seed.h"
#include "combos/seed_field.h"

/* Whether rows of k values have every tuple of the columns' values; v[c] of each column. */
static bool covers(const uint16_t *rows, uint32_t nrows, uint32_t k, const uint32_t *columns, uint32_t t,
				   const uint32_t *v)
{
	static uint8_t seen[1u << 16];
	uint32_t all = 1, found = 0;
	for (uint32_t i = 0; i < t; i++)
		all *= v[columns[i]];
	memset(seen, 0, all);
	for (uint32_t r = 0; r < nrows; r++) {
		uint32_t number = 0;
		for (uint32_t i = 0; i < t; i++)
			number = number * v[columns[i]] + rows[(size_t)r * k + columns[i]];
		found += !seen[number];
		seen[number] = 1;
	}
	return found == all;
}

static void assert_covers_all(const uint16_t *rows, uint32_t nrows, uint32_t k, uint32_t t, const uint32_t *v)
{
	uint32_t c[COMBOS_STRENGTH_MAX];
	for (uint32_t i = 0; i < t; i++)
		c[i] = i;
	for (;;) {
		assert_true(covers(rows, nrows, k, c, t, v));
		uint32_t i = t;
		while (i > 0 && c[i - 1] == k - t + i - 1)
			i--;
		if (i == 0)
			return;
		c[i - 1]++;
		for (; i < t; i++)
			c[i] = c[i - 1] + 1;
	}
}

static void assert_uniform(const struct seed *s)
{
	uint32_t v[128];
	for (uint32_t i = 0; i < s->k; i++)
		v[i] = s->v;
	assert_covers_all(s->rows, s->nrows, s->k, s->t, v);
}

static void test_field(void **state)
{
	struct arena *arena = arena_new(0);
	(void)state;
	assert_false(field_exists(6) || field_exists(12) || field_exists(1) || field_exists(128));
	for (uint32_t q = 2; q <= FIELD_MAX; q++) {
		if (!field_exists(q))
			continue;
		const struct field *f = field_new(q, arena);
		assert_non_null(f);
		for (uint32_t a = 0; a < q; a++) {
			bool sum[FIELD_MAX] = { 0 }, product[FIELD_MAX] = { 0 };
			for (uint32_t b = 0; b < q; b++) {
				sum[f->add[a][b]] = true;
				product[f->times[a][b]] = true;
				for (uint32_t c = 0; c < q; c += 3)
					assert_int_equal(f->times[a][f->add[b][c]], f->add[f->times[a][b]][f->times[a][c]]);
			}
			for (uint32_t b = 0; b < q; b++)
				assert_true(sum[b] && (a == 0 || product[b]));
		}
	}
	arena_free(arena);
}

static void test_orthogonal(void **state)
{
	static const uint32_t cases[][3] = { /* q, t, columns */
										 { 2, 2, 3 },  { 3, 2, 4 }, { 4, 2, 5 },  { 9, 2, 10 },
										 { 10, 2, 0 }, { 4, 3, 6 }, { 8, 3, 10 }, { 5, 3, 6 },
										 { 3, 4, 4 },  { 5, 4, 6 }, { 4, 5, 5 },  { 3, 6, 4 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s;
		uint32_t q = cases[i][0], t = cases[i][1], k = cases[i][2];
		assert_false(seed_bush(&s, k + 1, q, t, arena));
		if (k && k >= t) {
			assert_true(seed_bush(&s, k, q, t, arena));
			assert_uniform(&s);
		}
		arena_free(arena);
	}
}

static void test_binary(void **state)
{
	static const uint32_t sizes[][2] = { { 3, 4 },  { 4, 5 },  { 10, 6 },   { 15, 7 },  { 16, 8 },
										 { 35, 8 }, { 56, 9 }, { 100, 10 }, { 126, 10 } };
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s;
		assert_true(seed_binary(&s, sizes[i][0], arena));
		assert_int_equal(s.nrows, sizes[i][1]);
		assert_uniform(&s);
		arena_free(arena);
	}
}

static void test_projection(void **state)
{
	static const uint32_t cases[][4] = { /* columns, values, q, rows */
										 { 9, 6, 7, 48 },    { 13, 10, 11, 120 }, { 12, 7, 9, 79 },   { 7, 4, 5, 24 },
										 { 14, 9, 11, 119 }, { 8, 2, 5, 22 },     { 19, 14, 16, 254 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s;
		uint32_t k = cases[i][0], v = cases[i][1], q = cases[i][2];
		assert_false(seed_projection(&s, q + 2 + q - v, v, q, arena) || seed_projection(&s, k, q, q, arena));
		assert_true(seed_projection(&s, k, v, q, arena));
		assert_int_equal(s.nrows, cases[i][3]);
		assert_uniform(&s);
		arena_free(arena);
	}
}

static void test_product(void **state)
{
	static const uint32_t sizes[][2] = { { 2, 6 }, { 3, 15 }, { 4, 28 }, { 5, 45 }, { 7, 91 }, { 8, 120 } };
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s;
		uint32_t q = sizes[i][0];
		assert_false(seed_product(&s, q * (q + 2) + 1, q, arena));
		assert_true(seed_product(&s, q * (q + 2), q, arena));
		assert_int_equal(s.nrows, sizes[i][1]);
		assert_uniform(&s);
		arena_free(arena);
	}
	struct arena *arena = arena_new(0);
	struct seed s;
	assert_false(seed_product(&s, 10, 6, arena));
	arena_free(arena);
}

static void test_register(void **state)
{
	static const uint32_t sizes[][2] = { { 2, 15 }, { 3, 53 }, { 4, 127 }, { 5, 249 }, { 7, 685 } };
	struct seed s;
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct arena *arena = arena_new(0);
		uint32_t q = sizes[i][0];
		assert_false(seed_register(&s, q * q + q + 2, q, arena));
		assert_true(seed_register(&s, q * q + q + 1, q, arena));
		assert_int_equal(s.nrows, sizes[i][1]);
		assert_uniform(&s);
		arena_free(arena);
	}
	struct arena *arena = arena_new(0);
	assert_false(seed_register(&s, 10, 6, arena));
	arena_free(arena);
}

static void test_plane(void **state)
{
	struct arena *arena = arena_new(0);
	struct seed s;
	(void)state;
	assert_false(seed_plane(&s, 122, arena));
	for (uint32_t k = 3; k <= 121; k += 59) {
		assert_true(seed_plane(&s, k, arena));
		assert_int_equal(s.nrows, 33);
		assert_uniform(&s);
	}
	arena_free(arena);
}

static void test_double(void **state)
{
	static const uint32_t cases[][3] = { /* columns, values, rows */
										 { 12, 5, 225 },
										 { 11, 5, 225 },
										 { 16, 7, 637 },
										 { 8, 3, 45 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s, triples, pairs;
		uint32_t k = cases[i][0], v = cases[i][1], half = (k + 1) / 2;
		assert_true(seed_bush(&triples, half, v, 3, arena) && seed_bush(&pairs, half, v, 2, arena));
		assert_false(seed_double(&s, k + 1 + k % 2, &triples, &pairs, arena));
		assert_true(seed_double(&s, k, &triples, &pairs, arena));
		assert_int_equal(s.nrows, cases[i][2]);
		assert_uniform(&s);
		arena_free(arena);
	}
}

/* Sizes from the covering array tables of Colbourn. */
static void test_hash(void **state)
{
	static const uint32_t cases[][4] = { /* columns, values, strength, rows */
										 { 10, 3, 4, 159 },
										 { 16, 4, 3, 124 },
										 { 20, 5, 3, 245 },
										 { 9, 3, 5, 483 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s;
		uint32_t k = cases[i][0], v = cases[i][1], t = cases[i][2], rows = cases[i][3];
		struct seed_budget budget = { .effort = 600000000 };
		assert_false(seed_hash(&s, k, v, t, rows, budget, 1, arena));
		assert_true(seed_hash(&s, k, v, t, rows + 1, budget, 1, arena));
		assert_int_equal(s.nrows, rows);
		assert_uniform(&s);
		assert_false(seed_hash(&s, k, 6, t, 60000, budget, 1, arena) ||
					 seed_hash(&s, 64, v, t, 60000, budget, 1, arena));
		arena_free(arena);
	}
}

/* Each array of the table, counted, with all of its columns and with fewer. */
static void test_table(void **state)
{
	static const uint32_t cases[][3] = { /* columns, values, rows */
										 { 20, 3, 15 },
										 { 20, 10, 155 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (uint32_t fewer = 0; fewer < 4; fewer++) {
			struct arena *arena = arena_new(0);
			struct seed s;
			uint32_t k = cases[i][0] - fewer, v = cases[i][1];
			assert_true(seed_table(&s, k, v, 2, UINT32_MAX, arena));
			assert_true(s.nrows <= cases[i][2]);
			assert_uniform(&s);
			assert_false(seed_table(&s, k, v, 2, s.nrows, arena));
			assert_false(seed_table(&s, 600, v, 2, UINT32_MAX, arena));
			arena_free(arena);
		}
	struct arena *arena = arena_new(0);
	struct seed s;
	assert_true(seed_table(&s, 6, 6, 3, 250, arena));
	assert_int_equal(s.nrows, 249);
	assert_uniform(&s);
	assert_false(seed_table(&s, 6, 6, 3, 249, arena) || seed_table(&s, 7, 6, 3, 600, arena));
	arena_free(arena);
}

/* Columns, values, strength: what is taken without a search covers, also where values beyond the model's are left out. */
static void test_without_search(void **state)
{
	(void)state;
	for (uint32_t t = 2; t <= 3; t++)
		for (uint32_t v = 2; v <= 12; v++)
			for (uint32_t k = t; k <= 24; k += 2) {
				struct arena *arena = arena_new(0);
				struct seed s;
				if (seed_without_search(&s, k, v, t, 3000, arena)) {
					assert_true(s.nrows < 3000 && s.nrows >= seed_least(v, t) && s.v == v);
					seed_fill(&s);
					assert_uniform(&s);
				}
				arena_free(arena);
			}
}

/* Sizes from the covering array tables of Colbourn. */
static void test_starters(void **state)
{
	static const uint32_t cases[][4] = { /* columns, values, strength, rows */
										 { 10, 3, 3, 45 },
										 { 10, 5, 3, 185 },
										 { 6, 3, 3, 33 }
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct seed s;
		assert_true(seed_starter(&s, cases[i][0], cases[i][1], cases[i][2], cases[i][3] + 1,
								 (struct seed_budget){ .effort = 500000000 }, 1, arena));
		assert_int_equal(s.nrows, cases[i][3]);
		assert_uniform(&s);
		arena_free(arena);
	}
}

static void test_groups(void **state)
{
	/* Two groups that overlap, one of higher strength than the base's, and one that says nothing new. */
	static const uint32_t v[] = { 3, 2, 4, 2, 3, 2, 2 };
	static const uint32_t a[] = { 0, 1, 2, 3 }, b[] = { 2, 3, 4, 6 }, c[] = { 0, 5 };
	static const struct combos_group groups[] = { { a, 4, 3 }, { b, 4, 4 }, { c, 2, 2 } };
	struct combos_model m = { .nparameters = 7, .levels = v, .groups = groups, .ngroups = 3 };
	struct combos_options o = { .strength = 2, .steps = 3000, .seed = 7 };
	struct arena *arena = arena_new(0);
	struct combos_array r;
	(void)state;
	struct error e = combos_generate(&m, &o, arena, &r);
	assert_false(error_is(&e));
	assert_int_equal(r.nrows, 48); /* 4 * 2 * 3 * 2 of the group of strength 4: no array can be smaller */
	assert_covers_all(r.values, r.nrows, 7, 2, v);
	for (uint32_t out = 0; out < 4; out++) {
		uint32_t three[3], n = 0;
		for (uint32_t i = 0; i < 4; i++)
			if (i != out)
				three[n++] = a[i];
		assert_true(covers(r.values, r.nrows, 7, three, 3, v));
	}
	assert_true(covers(r.values, r.nrows, 7, b, 4, v));
	arena_free(arena);
}

static void test_kept(void **state)
{
	static const uint32_t v[] = { 3, 3, 3, 3, 3, 3 };
	uint16_t kept[5 * 6];
	struct combos_model m = { .nparameters = 6, .levels = v };
	struct combos_options o = { .strength = 2, .steps = 20000, .walks = 2, .seed = 3, .rows = kept, .nrows = 5 };
	struct arena *arena = arena_new(0);
	struct combos_array r;
	(void)state;
	for (uint32_t i = 0; i < 30; i++)
		kept[i] = (uint16_t)(i / 6 % 2 ? 1 : i % 3);
	struct error e = combos_generate(&m, &o, arena, &r);
	assert_false(error_is(&e));
	assert_memory_equal(r.values, kept, sizeof kept);
	assert_covers_all(r.values, r.nrows, 6, 2, v);
	arena_free(arena);
}

static void test_threads(void **state)
{
	static const uint32_t v[] = { 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2 };
	struct combos_model m = { .nparameters = 16, .levels = v };
	struct arena *arena = arena_new(0);
	struct combos_array first = { 0 }, r;
	(void)state;
	for (uint32_t threads = 1; threads <= 3; threads++) {
		struct combos_options o = { .strength = 2, .steps = 20000, .walks = 3, .threads = threads, .seed = 11 };
		struct error e = combos_generate(&m, &o, arena, &r);
		assert_false(error_is(&e));
		assert_covers_all(r.values, r.nrows, 16, 2, v);
		if (threads == 1)
			first = r;
		assert_int_equal(r.nrows, first.nrows);
		assert_memory_equal(r.values, first.values, (size_t)r.nrows * 16 * sizeof *r.values);
	}
	arena_free(arena);
}

static void test_refusals(void **state)
{
	static uint32_t v[10000];
	struct combos_model m = { .nparameters = 100, .levels = v };
	struct combos_options o = { .strength = 6 };
	struct arena *arena = arena_new(0);
	struct combos_array r;
	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		v[i] = 2;
	struct error e = combos_generate(&m, &o, arena, &r); /* 7.6e10 tuples */
	assert_int_equal(e.code, ERR_BUDGET);
	m.nparameters = 10000;
	o.strength = 3; /* 1.3e12 */
	e = combos_generate(&m, &o, arena, &r);
	assert_int_equal(e.code, ERR_BUDGET);
	m.nparameters = 1000;
	o.memory = 100u << 20; /* 1.3e9 tuples */
	e = combos_generate(&m, &o, arena, &r);
	assert_int_equal(e.code, ERR_BUDGET);
	arena_free(arena);
}

/* Says no from the second question on. */
static bool once(void *context, uint32_t rows, double seconds)
{
	uint32_t *asked = context;
	(void)rows;
	(void)seconds;
	return (*asked)++ == 0;
}

static void test_interrupted(void **state)
{
	static const uint32_t v[] = { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 };
	struct combos_model m = { .nparameters = 12, .levels = v };
	(void)state;
	for (uint32_t t = 2; t <= 3; t++) { /* pairs are kept in another way */
		struct arena *arena = arena_new(0);
		uint32_t asked = 0;
		struct combos_options o = { .strength = t, .seconds = 60, .progress = once, .context = &asked };
		struct combos_array r;
		struct error e = combos_generate(&m, &o, arena, &r);
		assert_int_equal(e.code, ERR_BUDGET);
		assert_int_equal(asked, 2);
		arena_free(arena);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_field),      cmocka_unit_test(test_orthogonal),     cmocka_unit_test(test_binary),
		cmocka_unit_test(test_projection), cmocka_unit_test(test_product),        cmocka_unit_test(test_table),
		cmocka_unit_test(test_register),   cmocka_unit_test(test_plane),          cmocka_unit_test(test_double),
		cmocka_unit_test(test_hash),       cmocka_unit_test(test_without_search), cmocka_unit_test(test_starters),
		cmocka_unit_test(test_groups),     cmocka_unit_test(test_kept),           cmocka_unit_test(test_threads),
		cmocka_unit_test(test_refusals),   cmocka_unit_test(test_interrupted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
