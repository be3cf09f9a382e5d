/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covering arrays against counting by brute force: every row of small random models is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "combos/combos.h"
#include "combos/cover.h"
#include "combos/random.h"
#include "combos/rows.h"
#include "combos/search.h"
#include "combos/space.h"
#include "combos/start.h"

#define K_MAX 7u

struct small {
	struct arena *arena;
	struct combos_model m;
	uint32_t levels[K_MAX], first[K_MAX + 1], strength;
	uint16_t (*valid)[K_MAX]; /* each valid row, values within the parameter */
	uint32_t nvalid, nall;
};

static struct small *make_small(uint64_t seed, uint32_t strength)
{
	struct arena *arena = arena_new(256u << 20);
	assert_non_null(arena);
	struct small *s = ARENA_NEW(arena, struct small);
	assert_non_null(s);
	s->arena = arena;
	s->strength = strength;
	s->m.nparameters = strength + random_below(&seed, K_MAX - 1 - strength + 1);
	s->m.levels = s->levels;
	uint32_t top = s->m.nparameters > 5 ? 2 : 3;
	for (uint32_t p = 0; p < s->m.nparameters; p++) {
		s->levels[p] = 1 + random_below(&seed, top) + (p == 0);
		s->first[p + 1] = s->first[p] + s->levels[p];
	}
	return s;
}

/* Clauses of 1 to 4 literals, which may contradict each other. */
static void add_clauses(struct small *s, uint64_t seed, uint32_t most)
{
	struct combos_clause *c = ARENA_ARRAY(s->arena, struct combos_clause, most);
	assert_non_null(c);
	s->m.nclauses = random_below(&seed, most + 1);
	s->m.clauses = c;
	for (uint32_t i = 0; i < s->m.nclauses; i++) {
		c[i].n = 2 + random_below(&seed, 3);
		struct combos_literal *l = ARENA_ARRAY(s->arena, struct combos_literal, c[i].n);
		assert_non_null(l);
		for (uint32_t j = 0; j < c[i].n; j++)
			l[j] =
				(struct combos_literal){ random_below(&seed, s->first[s->m.nparameters]), random_below(&seed, 4) != 0 };
		c[i].literals = l;
	}
}

static uint32_t owner_of(const struct small *s, uint32_t symbol)
{
	uint32_t p = 0;
	while (s->first[p + 1] <= symbol)
		p++;
	return p;
}

static bool holds(const struct small *s, const struct combos_clause *c, const uint16_t *row)
{
	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t p = owner_of(s, c->literals[i].symbol);
		if ((s->first[p] + row[p] == c->literals[i].symbol) != c->literals[i].negated)
			return true;
	}
	return false;
}

static uint32_t broken_by(const struct small *s, const uint16_t *row)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->m.nclauses; i++)
		n += !holds(s, &s->m.clauses[i], row);
	return n;
}

static void list_valid(struct small *s)
{
	s->nall = 1;
	for (uint32_t p = 0; p < s->m.nparameters; p++)
		s->nall *= s->levels[p];
	s->valid = arena_alloc(s->arena, s->nall, sizeof *s->valid);
	assert_non_null(s->valid);
	for (uint32_t i = 0; i < s->nall; i++) {
		uint16_t row[K_MAX];
		for (uint32_t p = 0, rest = i; p < s->m.nparameters; rest /= s->levels[p++])
			row[p] = (uint16_t)(rest % s->levels[p]);
		if (broken_by(s, row) == 0)
			memcpy(s->valid[s->nvalid++], row, sizeof row);
	}
}

/* Calls fn for each tuple of the strength, symbols ascending, in lexicographic order. */
struct tuples {
	uint32_t n, symbols[COMBOS_STRENGTH_MAX];
};

static bool next_tuple(const struct small *s, struct tuples *t)
{
	uint32_t total = s->first[s->m.nparameters];
	for (;;) {
		uint32_t i = s->strength;
		while (i > 0 && t->symbols[i - 1] == total - 1 - (s->strength - i))
			i--;
		if (i == 0)
			return false;
		t->symbols[i - 1]++;
		for (; i < s->strength; i++)
			t->symbols[i] = t->symbols[i - 1] + 1;
		bool apart = true;
		for (uint32_t j = 1; j < s->strength; j++)
			apart = apart && owner_of(s, t->symbols[j]) != owner_of(s, t->symbols[j - 1]);
		if (apart)
			return true;
	}
}

static struct tuples before_first(const struct small *s)
{
	struct tuples t = { 0 };
	for (uint32_t i = 0; i < s->strength; i++)
		t.symbols[i] = i;
	t.symbols[s->strength - 1] = s->strength > 1 ? s->strength - 2 : UINT32_MAX;
	return t;
}

static bool row_has(const struct small *s, const uint16_t *row, const struct tuples *t)
{
	for (uint32_t i = 0; i < s->strength; i++) {
		uint32_t p = owner_of(s, t->symbols[i]);
		if (s->first[p] + row[p] != t->symbols[i])
			return false;
	}
	return true;
}

struct counted {
	uint64_t tuples, covered, invalid, violations;
};

static struct counted count(const struct small *s, const uint16_t *rows, uint32_t nrows)
{
	struct counted c = { 0 };
	uint32_t k = s->m.nparameters;
	struct tuples t = before_first(s);
	while (next_tuple(s, &t)) {
		bool possible = false, covered = false;
		for (uint32_t i = 0; i < s->nvalid && !possible; i++)
			possible = row_has(s, s->valid[i], &t);
		for (uint32_t r = 0; r < nrows && !covered; r++)
			covered = row_has(s, rows + (size_t)r * k, &t) && broken_by(s, rows + (size_t)r * k) == 0;
		c.tuples += possible;
		c.invalid += !possible;
		c.covered += covered;
	}
	for (uint32_t r = 0; r < nrows; r++)
		c.violations += broken_by(s, rows + (size_t)r * k);
	return c;
}

static void test_numbering(void **state)
{
	(void)state;
	for (uint32_t strength = 1; strength <= COMBOS_STRENGTH_MAX; strength++)
		for (uint64_t seed = 0; seed < 20; seed++) {
			struct small *s = make_small(seed * 77 + strength, strength);
			struct space space;
			struct error e = space_new(&s->m, strength, s->arena, &space);
			assert_false(error_is(&e));
			uint32_t number = 0;
			struct tuples t = before_first(s);
			while (next_tuple(s, &t)) {
				uint32_t symbols[COMBOS_STRENGTH_MAX] = { 0 };
				assert_int_equal(group_number(&space.groups[0], t.symbols), number);
				group_tuple(&space, &space.groups[0], number++, symbols);
				assert_memory_equal(symbols, t.symbols, strength * sizeof *symbols);
			}
			assert_int_equal(space.groups[0].ntuples, number);
			arena_free(s->arena);
		}
}

static void test_verify_counts(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		uint64_t random = seed * 31 + 7;
		struct small *s = make_small(seed, 1 + random_below(&random, 4));
		add_clauses(s, seed, 8);
		list_valid(s);
		if (s->nvalid == 0) {
			arena_free(s->arena);
			continue;
		}
		uint32_t nrows = random_below(&random, 12), k = s->m.nparameters;
		uint16_t rows[12 * K_MAX];
		for (uint32_t i = 0; i < nrows * k; i++)
			rows[i] = (uint16_t)random_below(&random, s->levels[i % k]);
		struct counted want = count(s, rows, nrows);
		struct combos_check got;
		struct error e = combos_verify(&s->m, s->strength, rows, nrows, s->arena, &got);
		assert_false(error_is(&e));
		assert_int_equal(got.tuples, want.tuples);
		assert_int_equal(got.covered, want.covered);
		assert_int_equal(got.invalid, want.invalid);
		assert_int_equal(got.violations, want.violations);
		assert_int_equal(got.nmissing, want.tuples - want.covered);
		arena_free(s->arena);
	}
}

static void test_generate_covers(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct small *s = make_small(seed, 1 + seed % 4);
		add_clauses(s, seed + 5, 8);
		list_valid(s);
		struct combos_options o = { .strength = s->strength, .seconds = 0.002, .seed = seed };
		struct combos_array a;
		struct error e = combos_generate(&s->m, &o, s->arena, &a);
		assert_int_equal(error_is(&e), s->nvalid == 0);
		if (!error_is(&e)) {
			struct counted c = count(s, a.values, a.nrows);
			assert_int_equal(c.covered, c.tuples);
			assert_int_equal(c.violations, 0);
			assert_int_equal(a.tuples, c.tuples);
			assert_int_equal(a.invalid, c.invalid);
			assert_true(a.nrows >= a.lower);
			assert_true(a.nrows <= s->nvalid);
		}
		arena_free(s->arena);
	}
}

/* Rows that are given stay, and come first. */
static void test_kept_rows(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct small *s = make_small(seed, 2);
		add_clauses(s, seed + 9, 6);
		list_valid(s);
		uint32_t k = s->m.nparameters, n = s->nvalid < 3 ? s->nvalid : 3;
		uint16_t kept[3 * K_MAX];
		for (uint32_t i = 0; i < n; i++)
			memcpy(kept + (size_t)i * k, s->valid[i * (s->nvalid / n)], k * sizeof *kept);
		struct combos_options o = { .strength = 2, .seconds = 0.002, .seed = seed, .rows = kept, .nrows = n };
		struct combos_array a;
		struct error e = combos_generate(&s->m, &o, s->arena, &a);
		if (!error_is(&e)) {
			struct counted c = count(s, a.values, a.nrows);
			assert_int_equal(c.covered, c.tuples);
			assert_true(a.nrows >= n);
			assert_memory_equal(a.values, kept, (size_t)n * k * sizeof *kept);
		} else {
			assert_int_equal(s->nvalid, 0);
		}
		arena_free(s->arena);
	}
}

/* A stronger group beside all: counted as an instance of its own. */
static void test_groups(void **state)
{
	(void)state;
	static const uint32_t levels[] = { 2, 3, 2, 2 }, members[] = { 0, 1, 3 };
	const struct combos_group group = { members, 3, 3 };
	const struct combos_model m = { .nparameters = 4, .levels = levels, .groups = &group, .ngroups = 1 };
	struct arena *arena = arena_new(0);
	struct combos_options o = { .strength = 2, .seconds = 0.05, .seed = 1 };
	struct combos_array a;
	struct error e = combos_generate(&m, &o, arena, &a);
	assert_false(error_is(&e));
	bool seen[2][3][2] = { 0 };
	for (uint32_t r = 0; r < a.nrows; r++)
		seen[a.values[r * 4]][a.values[r * 4 + 1]][a.values[r * 4 + 3]] = true;
	for (uint32_t i = 0; i < 12; i++)
		assert_true((&seen[0][0][0])[i]);
	assert_int_equal(a.nrows, 12);
	arena_free(arena);
}

static void check_cover(const struct cover *c, const struct start *start)
{
	const struct group *g = c->space->groups;
	int32_t *loss = calloc((size_t)c->nrows * c->space->k + 1, sizeof *loss);
	uint32_t missing = 0;
	for (uint32_t n = 0; n < g->ntuples; n++) {
		uint32_t symbols[COMBOS_STRENGTH_MAX] = { 0 }, holders = 0, holder = 0;
		group_tuple(c->space, g, n, symbols);
		for (uint32_t r = 0; r < c->nrows; r++) {
			bool all = true;
			for (uint32_t i = 0; i < g->strength; i++)
				all = all && cell_at(c, r, c->space->owner[symbols[i]]) == symbols[i];
			holders += all;
			holder = all ? r : holder;
		}
		for (uint32_t i = 0; i < g->strength && holders == 1; i++)
			loss[holder * c->space->k + c->space->owner[symbols[i]]] += 1 + c->weight[0][n];
		missing += holders == 0 && !(start->invalid[0][n / 64] >> n % 64 & 1);
	}
	assert_int_equal(missing, c->nmissing);
	for (uint32_t i = 0; i < c->nmissing; i++)
		assert_int_equal(c->missing[i].weight, 1 + c->weight[0][c->missing[i].number]);
	assert_memory_equal(loss, c->loss, (size_t)c->nrows * c->space->k * sizeof *loss);
	free(loss);
}

static void test_cover_counts(void **state)
{
	(void)state;
	uint32_t weighed = 0;
	for (uint64_t seed = 0; seed < 120; seed++) {
		struct small *s = make_small(seed, 2 + seed % 3);
		add_clauses(s, seed + 3, 5);
		list_valid(s);
		struct space space;
		struct error e = space_new(&s->m, s->strength, s->arena, &space);
		assert_false(error_is(&e));
		struct feasible *feasible = feasible_new(&space);
		struct start start = { 0 };
		e = start_new(&start, &space, feasible, NULL, 0, NULL, seed, NULL);
		if (!error_is(&e) && start.nrows > 1) {
			struct cover c = { 0 };
			struct search search = { 0 };
			assert_true(cover_new(&c, &space, start.nrows, 0, start.invalid));
			for (uint32_t r = 0; r < start.nrows; r++)
				assert_true(cover_add(&c, start.rows + (size_t)r * space.k));
			check_cover(&c, &start);
			assert_true(search_new(&search, &c, feasible, 0, seed));
			for (uint32_t i = 0; i < 30; i++) {
				if (c.nmissing)
					search_step(&search);
				else if (!search_shrink(&search))
					break;
				check_cover(&c, &start);
			}
			for (uint32_t n = 0; n < space.groups[0].ntuples; n++)
				weighed += c.weight[0][n] != 0;
			for (uint32_t i = 0; c.nmissing && i < 300; i++)
				cover_weigh(&c, 0);
			if (c.nmissing)
				assert_int_equal(c.missing[0].weight, 255);
			check_cover(&c, &start);
			search_free(&search);
			cover_free(&c);
		}
		start_free(&start, &space);
		feasible_free(feasible);
		arena_free(s->arena);
	}
	assert_true(weighed > 0);
}

static struct span span_c(const char *text)
{
	return span_of(text, strlen(text));
}

static void test_casa(void **state)
{
	(void)state;
	static const struct {
		const char *model, *constraints, *error;
	} cases[] = {
		{ "2\n3\n2 2 3\n", "2\n2\n- 0 - 2\n1\n+ 4\n", NULL },
		{ "2 3 2 2 3", "", NULL },
		{ "", "", "line 1, column 1: the strength" },
		{ "2\n3\n2 2\n", "", "line 4, column 1: the number of values" },
		{ "2\n1\n2 3\n", "", "line 3, column 3: nothing is expected behind" },
		{ "2\n1\n2\n", "1\n1\n* 0\n", "line 3, column 1: + or -" },
		{ "2\n1\n2\n", "1\n1\n- 2\n", "line 3, column 3: the number of a value" },
		{ "2\n1\n2\n", "x", "line 1, column 1: the number of constraints" },
		{ "2\n1\n2\n", "1 1 - 0 1", "line 1, column 9: nothing is expected behind" },
		{ "2\n99999\n", "", "line 2, column 1: the number of parameters" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct combos_model m;
		uint32_t strength;
		struct error e = combos_read_casa(span_c(cases[i].model), span_c(cases[i].constraints), arena, &m, &strength);
		assert_int_equal(error_is(&e), cases[i].error != NULL);
		if (cases[i].error)
			assert_non_null(strstr(e.text, cases[i].error));
		else
			assert_int_equal(strength, 2);
		arena_free(arena);
	}
}

static void test_dimacs(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
		uint32_t parameters, clauses;
	} cases[] = {
		{ "c 1 wifi\np cnf 2 2\n1 -2 0\n2\n0\n", NULL, 2, 2 },
		{ "p cnf 1 1\n1 0\n%\n0\n", NULL, 1, 1 },
		{ "1 0\n", "line 1, column 1: `p cnf", 0, 0 },
		{ "p cnf 1 1\n", "fewer clauses", 0, 0 },
		{ "p cnf 1 1\n1 0\n-1 0\n", "line 3, column 1: more clauses", 0, 0 },
		{ "p cnf 1 1\n2 0\n", "line 2, column 1: the number of a variable", 0, 0 },
		{ "p cnf 0 0\n", "line 1, column 10: a model has one variable", 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct combos_model m;
		struct error e = combos_read_dimacs(span_c(cases[i].text), arena, &m);
		assert_int_equal(error_is(&e), cases[i].error != NULL);
		if (cases[i].error) {
			assert_non_null(strstr(e.text, cases[i].error));
		} else {
			assert_int_equal(m.nparameters, cases[i].parameters);
			assert_int_equal(m.nclauses, cases[i].clauses);
			if (i == 0) {
				assert_string_equal(m.names[0], "wifi");
				assert_null(m.names[1]);
			}
		}
		arena_free(arena);
	}
}

static void test_csv_round_trip(void **state)
{
	(void)state;
	static const uint32_t levels[] = { 2, 3 };
	static const char *const names[] = { "a, b", "say \"x\"" }, *const values[] = { "1,2", " lead", "q\"q",
																					"two\nlines", "" };
	const struct combos_model m = { .nparameters = 2, .levels = levels, .names = names, .values = values };
	uint16_t cells[] = { 0, 0, 1, 1, 0, 2, 1, 0 };
	const struct combos_array a = { .nrows = 4, .nparameters = 2, .values = cells };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	assert_non_null(f);
	combos_write_csv(f, &m, &a);
	fclose(f);
	struct arena *arena = arena_new(0);
	uint16_t *rows;
	uint32_t nrows;
	struct error e = combos_read_csv(span_of(text, n), &m, arena, &rows, &nrows);
	assert_false(error_is(&e));
	assert_int_equal(nrows, 4);
	assert_memory_equal(rows, cells, sizeof cells);
	/* Whatever is cut off or flipped: an error or rows within the levels. */
	for (size_t i = 0; i < 9 * n; i++) {
		char *bad = malloc(n);
		assert_non_null(bad);
		memcpy(bad, text, n);
		size_t left = i < n ? i : n;
		if (i >= n)
			bad[(i - n) / 8] ^= (char)(1 << (i - n) % 8);
		e = combos_read_csv(span_of(bad, left), &m, arena, &rows, &nrows);
		for (uint32_t j = 0; !error_is(&e) && j < nrows * 2; j++)
			assert_true(rows[j] < levels[j % 2]);
		free(bad);
	}
	free(text);
	arena_free(arena);
}

static void test_refused(void **state)
{
	(void)state;
	static uint32_t levels[100];
	for (uint32_t p = 0; p < 100; p++)
		levels[p] = 2;
	const struct combos_model m = { .nparameters = 100, .levels = levels };
	struct combos_options o = { .strength = 6, .seconds = 1 };
	struct combos_array a;
	struct arena *arena = arena_new(0);
	struct error e = combos_generate(&m, &o, arena, &a);
	assert_int_equal(e.code, ERR_BUDGET);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbering), cmocka_unit_test(test_verify_counts), cmocka_unit_test(test_generate_covers),
		cmocka_unit_test(test_kept_rows), cmocka_unit_test(test_groups),        cmocka_unit_test(test_cover_counts),
		cmocka_unit_test(test_casa),      cmocka_unit_test(test_dimacs),        cmocka_unit_test(test_csv_round_trip),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
