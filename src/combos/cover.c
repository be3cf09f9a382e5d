/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/cover.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "combos/missing.h"

/* A row, or one cell of it, comes into what is covered, or leaves it. */
struct passage {
	struct cover *c;
	const struct group *g;
	const uint16_t *cells; /* of the row */
	uint32_t group, row;
	uint32_t p, symbol;    /* the cell's; UINT32_MAX for a whole row */
	bool enters;
	uint32_t chosen[COMBOS_STRENGTH_MAX]; /* symbols beside the cell's */
	uint32_t nchosen;
};

/* A bit for each of 64 cells in which two rows are the same. */
static inline uint64_t equal_cells(const uint16_t *a, const uint16_t *b)
{
	uint64_t equal = 0;
#ifdef __SSE2__
	for (uint32_t i = 0; i < 64; i += 16) {
		const __m128i *x = (const __m128i *)(a + i), *y = (const __m128i *)(b + i);
		__m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(x), _mm_loadu_si128(y));
		__m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(x + 1), _mm_loadu_si128(y + 1));
		equal |= (uint64_t)(uint16_t)_mm_movemask_epi8(_mm_packs_epi16(low, high)) << i;
	}
#else
	for (uint32_t i = 0; i < 64; i++)
		equal |= (uint64_t)(a[i] == b[i]) << i;
#endif
	return equal;
}

/* The row other than `but` that has all these symbols: there is exactly one. */
static uint32_t only_other(const struct cover *c, const uint32_t *symbols, uint32_t n, uint32_t but)
{
	for (uint32_t w = 0; w < c->words; w++) {
		uint64_t rows = rows_with(c, symbols[0])[w];
		for (uint32_t i = 1; i < n; i++)
			rows &= rows_with(c, symbols[i])[w];
		if (but / 64 == w)
			rows &= ~(1ull << but % 64);
		if (rows)
			return w * 64 + (uint32_t)__builtin_ctzll(rows);
	}
	return but; /* not reached */
}

static void credit(struct cover *c, uint32_t row, const uint32_t *symbols, uint32_t n, int32_t weight)
{
	int32_t *loss = c->loss + (size_t)row * c->space->k;
	for (uint32_t i = 0; i < n; i++)
		loss[c->space->owner[symbols[i]]] += weight;
	c->alone[row] += (uint32_t)weight;
}

/* The tuple of the cell, the chosen symbols and one more, ascending. */
static void tuple_of(const struct passage *p, uint32_t last, uint32_t *symbols)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < p->nchosen; i++)
		symbols[n++] = p->chosen[i];
	symbols[n++] = last;
	if (p->symbol != UINT32_MAX && p->g->strength > 1) {
		while (n > 0 && symbols[n - 1] > p->symbol) {
			symbols[n] = symbols[n - 1];
			n--;
		}
		symbols[n] = p->symbol;
	}
}

/* No other row covers the tuple. */
static void alone(const struct passage *p, uint32_t last)
{
	struct cover *c = p->c;
	uint32_t symbols[COMBOS_STRENGTH_MAX], t = p->g->strength;
	tuple_of(p, last, symbols);
	uint32_t number = group_number(p->g, symbols);
	int32_t weight = (int32_t)weight_of(c, p->group, number);
	credit(c, p->row, symbols, t, p->enters ? weight : -weight);
	if (p->enters)
		missing_drop(c, p->group, number);
	else
		missing_add(c, p->group, number, symbols);
}

/* One other row covers the tuple: it is the only one, or was. */
static void in_pair(const struct passage *p, uint32_t last)
{
	uint32_t symbols[COMBOS_STRENGTH_MAX] = { 0 }, t = p->g->strength;
	tuple_of(p, last, symbols);
	int32_t weight = p->c->weight ? (int32_t)weight_of(p->c, p->group, group_number(p->g, symbols)) : 1;
	credit(p->c, only_other(p->c, symbols, t, p->row), symbols, t, p->enters ? -weight : weight);
}

static void each_parameter(const struct passage *p, const uint64_t *set, void (*tell)(const struct passage *, uint32_t))
{
	for (uint32_t w = 0; w < p->c->masks; w++)
		for (uint64_t bits = set[w]; bits; bits &= bits - 1)
			tell(p, p->cells[w * 64 + (uint32_t)__builtin_ctzll(bits)]);
}

/* Two words of a set of parameters at once. */
typedef uint64_t pair __attribute__((vector_size(16), may_alias, aligned(8)));

/* The parameters out of `open` in which none of the rows, or exactly one, is as the row at hand. False when there are none.
 * `n` is a constant where this is called. */
static inline __attribute__((always_inline)) bool rare(const struct cover *c, const uint64_t *rows, const uint64_t *open, pair *none,
													   pair *single, uint32_t n)
{
	pair once[n], twice[n];
	for (uint32_t i = 0; i < n; i++)
		once[i] = twice[i] = (pair){ 0, 0 };
	for (uint32_t w = 0; w < c->words; w++)
		for (uint64_t bits = rows[w]; bits; bits &= bits - 1) {
			const pair *agree = (const pair *)(c->agree + (size_t)(w * 64 + (uint32_t)__builtin_ctzll(bits)) * c->masks);
			pair left = { 0, 0 };
			for (uint32_t i = 0; i < n; i++) {
				twice[i] |= once[i] & agree[i];
				once[i] |= agree[i];
				left |= ((const pair *)open)[i] & ~twice[i];
			}
			if (!(left[0] | left[1]))
				return false;
		}
	for (uint32_t i = 0; i < n; i++) {
		none[i] = ((const pair *)open)[i] & ~once[i];
		single[i] = ((const pair *)open)[i] & once[i] & ~twice[i];
	}
	return true;
}

/* The innermost choice, of one parameter out of `open`, for all of them at once: `rows` have the symbols so far. */
static void pass_last(const struct passage *p, const uint64_t *rows, const uint64_t *open, uint64_t *none, uint64_t *single)
{
	const struct cover *c = p->c;
	bool some;
	switch (c->masks / 2) {
	case 1: some = rare(c, rows, open, (pair *)none, (pair *)single, 1); break;
	case 2: some = rare(c, rows, open, (pair *)none, (pair *)single, 2); break;
	default: some = rare(c, rows, open, (pair *)none, (pair *)single, c->masks / 2);
	}
	if (some) {
		each_parameter(p, none, alone);
		each_parameter(p, single, in_pair);
	}
}

/* Chooses `more` parameters out of `open`, ascending; `rows` are those but the row at hand that have the symbols so far. */
static void pass(struct passage *p, uint32_t more, uint64_t *rows, const uint64_t *open)
{
	struct cover *c = p->c;
	uint64_t *seen = c->seen + (size_t)3 * more * c->masks, *rest = seen + 2 * c->masks;
	if (more == 1) {
		pass_last(p, rows, open, seen, seen + c->masks);
		return;
	}
	uint64_t *with = rows + c->words;
	memcpy(rest, open, c->masks * sizeof *rest);
	for (uint32_t w = 0; w < c->masks; w++)
		while (rest[w]) {
			uint32_t q = w * 64 + (uint32_t)__builtin_ctzll(rest[w]);
			rest[w] &= rest[w] - 1;
			uint32_t s = p->cells[q];
			const uint64_t *has = rows_with(c, s);
			for (uint32_t i = 0; i < c->words; i++)
				with[i] = rows[i] & has[i];
			p->chosen[p->nchosen++] = s;
			pass(p, more - 1, with, rest);
			p->nchosen--;
		}
}

/* The parameters in which the rows of the set are as that row. */
static void compare(struct cover *c, uint32_t row, const uint64_t *rows)
{
	const uint16_t *a = c->cell + (size_t)row * c->stride;
	for (uint32_t w = 0; w < c->words; w++)
		for (uint64_t bits = rows[w]; bits; bits &= bits - 1) {
			uint32_t r = w * 64 + (uint32_t)__builtin_ctzll(bits);
			const uint16_t *b = c->cell + (size_t)r * c->stride;
			for (uint32_t i = 0; i < c->masks; i++)
				c->agree[(size_t)r * c->masks + i] = equal_cells(a + i * 64, b + i * 64);
		}
}

/* All tuples of the row with that cell come in or leave; UINT32_MAX: all of the row. */
static void pass_cells(struct cover *c, uint32_t row, uint32_t parameter, bool enters)
{
	bool whole = parameter == UINT32_MAX;
	const uint16_t *cells = c->cell + (size_t)row * c->stride;
	uint64_t *rows = c->sets, *open = c->seen;
	if (whole)
		for (uint32_t w = 0; w < c->words; w++)
			rows[w] = w * 64 + 64 <= c->nrows ? ~0ull : w * 64 >= c->nrows ? 0 : (1ull << c->nrows % 64) - 1;
	else
		memcpy(rows, rows_with(c, cells[parameter]), c->words * sizeof *rows);
	rows[row / 64] &= ~(1ull << row % 64);
	compare(c, row, rows);
	for (uint32_t i = 0; i < c->space->ngroups; i++) {
		const struct group *g = &c->space->groups[i];
		if (!whole && g->position[parameter] < 0)
			continue;
		struct passage p = { .c = c, .g = g, .cells = cells, .group = i, .row = row, .p = parameter,
							 .symbol = whole ? UINT32_MAX : cells[parameter], .enters = enters };
		memcpy(open, c->member + (size_t)i * c->masks, c->masks * sizeof *open);
		if (whole) {
			pass(&p, g->strength, rows, open);
			continue;
		}
		if (g->strength == 1) { /* the choice is the cell itself */
			memset(open, 0, c->masks * sizeof *open);
			open[parameter / 64] = 1ull << parameter % 64;
			pass(&p, 1, rows, open);
			continue;
		}
		open[parameter / 64] &= ~(1ull << parameter % 64);
		pass(&p, g->strength - 1, rows, open);
	}
}

static void mark(struct cover *c, uint32_t row, uint32_t symbol, bool on)
{
	uint64_t *word = c->has + (size_t)symbol * c->words + row / 64;
	uint64_t bit = 1ull << row % 64;
	*word = on ? *word | bit : *word & ~bit;
}

static void meet(struct cover *c, uint32_t row, uint32_t p, uint32_t symbol, int sign)
{
	const struct space *space = c->space;
	uint16_t *met = c->met + (size_t)row * space->nclauses;
	uint32_t value = symbol - space->first[p];
	for (uint32_t i = space->link_of[p]; i < space->link_of[p + 1]; i++)
		if (space->links[i].holds[value])
			met[space->links[i].clause] += (uint16_t)sign;
}

void cover_set(struct cover *c, uint32_t row, uint32_t p, uint32_t symbol)
{
	uint16_t *cell = &c->cell[(size_t)row * c->stride + p];
	if (*cell == symbol)
		return;
	pass_cells(c, row, p, false);
	meet(c, row, p, *cell, -1);
	mark(c, row, *cell, false);
	*cell = (uint16_t)symbol;
	mark(c, row, symbol, true);
	meet(c, row, p, symbol, 1);
	pass_cells(c, row, p, true);
}

bool cover_allows(const struct cover *c, uint32_t row, uint32_t p, uint32_t symbol)
{
	const struct space *space = c->space;
	const uint16_t *met = c->met + (size_t)row * space->nclauses;
	uint32_t now = cell_at(c, row, p) - space->first[p], then = symbol - space->first[p];
	for (uint32_t i = space->link_of[p]; i < space->link_of[p + 1]; i++) {
		const struct link *l = &space->links[i];
		if (l->holds[now] && !l->holds[then] && met[l->clause] == 1)
			return false;
	}
	return true;
}

/* What the clause would have met when the row had these symbols. */
static uint32_t met_with(const struct cover *c, uint32_t row, uint32_t clause, const uint32_t *symbols, uint32_t n)
{
	const struct space *space = c->space;
	uint32_t met = c->met[(size_t)row * space->nclauses + clause];
	for (uint32_t i = 0; i < n; i++) {
		uint32_t p = space->owner[symbols[i]];
		for (uint32_t l = space->link_of[p]; l < space->link_of[p + 1]; l++)
			if (space->links[l].clause == clause) {
				met -= space->links[l].holds[cell_at(c, row, p) - space->first[p]];
				met += space->links[l].holds[symbols[i] - space->first[p]];
			}
	}
	return met;
}

bool cover_allows_all(const struct cover *c, uint32_t row, const uint32_t *symbols, uint32_t n)
{
	const struct space *space = c->space;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t p = space->owner[symbols[i]];
		for (uint32_t l = space->link_of[p]; l < space->link_of[p + 1]; l++)
			if (!space->links[l].holds[symbols[i] - space->first[p]] && met_with(c, row, space->links[l].clause, symbols, n) == 0)
				return false;
	}
	return true;
}

bool cover_add(struct cover *c, const uint16_t *symbols)
{
	if (c->nrows == c->capacity)
		return false;
	const struct space *space = c->space;
	uint32_t row = c->nrows++;
	uint16_t *cells = c->cell + (size_t)row * c->stride;
	memcpy(cells, symbols, space->k * sizeof *cells);
	memset(c->loss + (size_t)row * space->k, 0, space->k * sizeof *c->loss);
	memset(c->met + (size_t)row * space->nclauses, 0, space->nclauses * sizeof *c->met);
	c->alone[row] = 0;
	for (uint32_t p = 0; p < space->k; p++) {
		mark(c, row, cells[p], true);
		meet(c, row, p, cells[p], 1);
	}
	pass_cells(c, row, UINT32_MAX, true);
	return true;
}

static void move_row(struct cover *c, uint32_t from, uint32_t to)
{
	const struct space *space = c->space;
	size_t k = space->k, n = space->nclauses;
	memcpy(c->cell + (size_t)to * c->stride, c->cell + (size_t)from * c->stride, k * sizeof *c->cell);
	memcpy(c->loss + to * k, c->loss + from * k, k * sizeof *c->loss);
	memcpy(c->met + to * n, c->met + from * n, n * sizeof *c->met);
	c->alone[to] = c->alone[from];
	for (uint32_t p = 0; p < space->k; p++) {
		mark(c, from, cell_at(c, to, p), false);
		mark(c, to, cell_at(c, to, p), true);
	}
}

void cover_remove(struct cover *c, uint32_t row)
{
	pass_cells(c, row, UINT32_MAX, false);
	for (uint32_t p = 0; p < c->space->k; p++)
		mark(c, row, cell_at(c, row, p), false);
	c->nrows--;
	if (row != c->nrows)
		move_row(c, c->nrows, row);
}

static uint32_t mask_words(const struct space *space)
{
	return (space->k + 127) / 128 * 2; /* whole pairs */
}

uint64_t cover_bytes(const struct space *space, uint32_t capacity, uint32_t kept)
{
	uint64_t words = (capacity + 63) / 64, masks = mask_words(space);
	uint64_t row = masks * 64 * sizeof(uint16_t) + space->k * sizeof(int32_t) + space->nclauses * sizeof(uint16_t) +
				   masks * sizeof(uint64_t) + sizeof(uint32_t);
	return space->nsymbols * words * sizeof(uint64_t) + capacity * row + missing_bytes(space, capacity, kept);
}

bool cover_new(struct cover *c, const struct space *space, uint32_t capacity, uint32_t kept, uint64_t *const *invalid)
{
	uint32_t masks = mask_words(space);
	*c = (struct cover){ .space = space, .capacity = capacity, .words = (capacity + 63) / 64, .masks = masks, .stride = masks * 64,
						  .invalid = invalid, .missing_limit = missing_limit(space, capacity, kept) };
	c->cell = calloc((size_t)capacity * c->stride, sizeof *c->cell);
	c->loss = calloc((size_t)capacity * space->k, sizeof *c->loss);
	c->has = calloc((size_t)space->nsymbols * c->words, sizeof *c->has);
	c->alone = calloc(capacity, sizeof *c->alone);
	c->met = calloc((size_t)capacity * space->nclauses + 1, sizeof *c->met);
	c->member = calloc((size_t)space->ngroups * masks, sizeof *c->member);
	c->agree = calloc((size_t)capacity * masks, sizeof *c->agree);
	c->sets = calloc((size_t)(COMBOS_STRENGTH_MAX + 1) * c->words, sizeof *c->sets);
	c->seen = calloc((size_t)3 * (COMBOS_STRENGTH_MAX + 1) * masks, sizeof *c->seen);
	if (!c->cell || !c->loss || !c->has || !c->alone || !c->met || !c->member || !c->agree || !c->sets || !c->seen || !missing_new(c)) {
		cover_free(c);
		return false;
	}
	for (uint32_t i = 0; i < space->ngroups; i++)
		for (uint32_t q = 0; q < space->groups[i].n; q++) {
			uint32_t p = space->groups[i].parameters[q];
			c->member[(size_t)i * masks + p / 64] |= 1ull << p % 64;
		}
	return true;
}

void cover_free(struct cover *c)
{
	missing_free(c);
	free(c->cell);
	free(c->loss);
	free(c->has);
	free(c->alone);
	free(c->met);
	free(c->member);
	free(c->agree);
	free(c->sets);
	free(c->seen);
	*c = (struct cover){ .space = c->space };
}
