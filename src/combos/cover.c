/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/cover.h"

#include <stdlib.h>
#include <string.h>

/* A row, or one cell of it, comes into the counts of a group's tuples, or leaves them. */
struct passage {
	struct cover *c;
	const struct group *g;
	const uint16_t *cells; /* of the row */
	uint32_t group, row;
	uint32_t at;           /* position of the cell's parameter in the group; the number of all for a whole row */
	uint32_t symbol;       /* the cell's; UINT32_MAX for a whole row */
	uint32_t others;       /* symbols of a tuple beside the cell's */
	bool enters;
	uint32_t chosen[COMBOS_STRENGTH_MAX]; /* of these, all but the last, ascending */
};

static uint32_t hash_of(uint32_t group, uint32_t number)
{
	uint64_t h = ((uint64_t)group << 32 | number) * 0x9e3779b97f4a7c15u;
	return (uint32_t)(h >> 32);
}

static uint32_t *slot_find(struct cover *c, uint32_t group, uint32_t number)
{
	uint32_t i = hash_of(group, number) & c->slot_mask;
	while (c->slot[i] && !(c->missing[c->slot[i] - 1].number == number && c->missing[c->slot[i] - 1].group == group))
		i = (i + 1) & c->slot_mask;
	return &c->slot[i];
}

static bool grow_missing(struct cover *c)
{
	uint32_t cap = c->missing_capacity ? 2 * c->missing_capacity : 256;
	struct missing *v = realloc(c->missing, cap * sizeof *v);
	if (!v)
		return false;
	c->missing = v;
	c->missing_capacity = cap;
	free(c->slot);
	c->slot_mask = 4 * cap - 1;
	c->slot = calloc((size_t)c->slot_mask + 1, sizeof *c->slot);
	if (!c->slot)
		return false;
	for (uint32_t i = 0; i < c->nmissing; i++)
		*slot_find(c, v[i].group, v[i].number) = i + 1;
	return true;
}

static void add_missing(struct cover *c, uint32_t group, uint32_t number, const uint32_t *symbols)
{
	if (c->failed || (c->nmissing == c->missing_capacity && !grow_missing(c))) {
		c->failed = true;
		return;
	}
	struct missing *m = &c->missing[c->nmissing++];
	m->group = group;
	m->number = number;
	for (uint32_t i = 0; i < COMBOS_STRENGTH_MAX; i++)
		m->symbols[i] = i < c->space->groups[group].strength ? symbols[i] : 0;
	*slot_find(c, group, number) = c->nmissing;
}

/* Knuth, The Art of Computer Programming, 6.4, algorithm R: what hashed over the freed slot moves up. */
static void free_slot(struct cover *c, uint32_t i)
{
	for (uint32_t j = i;;) {
		j = (j + 1) & c->slot_mask;
		if (!c->slot[j])
			break;
		const struct missing *m = &c->missing[c->slot[j] - 1];
		uint32_t home = hash_of(m->group, m->number) & c->slot_mask;
		if (((j - home) & c->slot_mask) < ((j - i) & c->slot_mask))
			continue;
		c->slot[i] = c->slot[j];
		i = j;
	}
	c->slot[i] = 0;
}

static void drop_missing(struct cover *c, uint32_t group, uint32_t number)
{
	if (c->failed)
		return;
	uint32_t *slot = slot_find(c, group, number);
	uint32_t place = *slot - 1, last = c->nmissing - 1;
	free_slot(c, (uint32_t)(slot - c->slot));
	if (place != last) {
		*slot_find(c, c->missing[last].group, c->missing[last].number) = place + 1;
		c->missing[place] = c->missing[last];
	}
	c->nmissing--;
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

static void credit(struct cover *c, uint32_t row, const uint32_t *symbols, uint32_t n, int32_t sign)
{
	int32_t *loss = c->loss + (size_t)row * c->space->k;
	for (uint32_t i = 0; i < n; i++)
		loss[c->space->owner[symbols[i]]] += sign;
	c->alone[row] += (uint32_t)sign;
}

/* A tuple is now covered by no row, one, or two of them: somebody's loss changes. */
static void __attribute__((noinline)) count_changed(const struct passage *p, uint32_t number, uint32_t last, uint32_t now)
{
	struct cover *c = p->c;
	uint32_t symbols[COMBOS_STRENGTH_MAX], t = p->g->strength, n = 0;
	/* The cell's own symbol goes among the others in its place. */
	bool placed = p->symbol == UINT32_MAX;
	for (uint32_t i = 0; i < p->others; i++) {
		uint32_t next = i + 1 < p->others ? p->chosen[i] : last;
		if (!placed && p->symbol < next) {
			symbols[n++] = p->symbol;
			placed = true;
		}
		symbols[n++] = next;
	}
	if (!placed)
		symbols[n++] = p->symbol;
	if (p->enters && now == 1) {
		credit(c, p->row, symbols, t, 1);
		if (c->listing)
			drop_missing(c, p->group, number);
	} else if (p->enters) {
		credit(c, only_other(c, symbols, t, p->row), symbols, t, -1);
	} else if (now == 1) {
		credit(c, only_other(c, symbols, t, p->row), symbols, t, 1);
	} else {
		credit(c, p->row, symbols, t, -1);
		if (c->listing)
			add_missing(c, p->group, number, symbols);
	}
}

static inline void touch(const struct passage *p, uint16_t *count, uint32_t number, uint32_t last)
{
	uint32_t now;
	if (p->enters) {
		now = ++count[number];
		if (now <= 2)
			count_changed(p, number, last, now);
	} else {
		now = --count[number];
		if (now <= 1)
			count_changed(p, number, last, now);
	}
}

/* The innermost loop over the group's parameters from position `from` on; `rank`, how many symbols stand before. */
static void pass_last(const struct passage *p, uint32_t base, uint32_t rank, uint32_t from, bool placed)
{
	const struct group *g = p->g;
	uint16_t *count = p->c->count[p->group];
	uint32_t q = from;
	if (!placed) {
		const uint32_t *place = g->place[g->strength - rank];
		uint32_t with = base + g->place[1][p->symbol];
		for (; q < p->at; q++) {
			uint32_t s = p->cells[g->parameters[q]];
			touch(p, count, with + place[s], s);
		}
		base += place[p->symbol];
		q = p->at + 1;
	}
	const uint32_t *place = g->place[1];
	for (; q < g->n; q++) {
		uint32_t s = p->cells[g->parameters[q]];
		touch(p, count, base + place[s], s);
	}
}

/* Chooses `more` others from position `from` on. */
static void pass(struct passage *p, uint32_t more, uint32_t base, uint32_t rank, uint32_t from, bool placed)
{
	const struct group *g = p->g;
	if (more == 0) { /* strength 1: nothing stands beside the cell */
		touch(p, p->c->count[p->group], g->place[1][p->symbol], 0);
		return;
	}
	if (more == 1) {
		pass_last(p, base, rank, from, placed);
		return;
	}
	for (uint32_t q = from; q < g->n; q++) {
		if (q == p->at) {
			base += g->place[g->strength - rank][p->symbol];
			rank++;
			placed = true;
			continue;
		}
		uint32_t s = p->cells[g->parameters[q]];
		p->chosen[p->others - more] = s;
		pass(p, more - 1, base + g->place[g->strength - rank][s], rank + 1, q + 1, placed);
	}
}

/* All tuples of the row with that cell gain or lose one. */
static void pass_cell(struct cover *c, uint32_t row, uint32_t parameter, bool enters)
{
	const uint16_t *cells = c->cell + (size_t)row * c->space->k;
	for (uint32_t i = 0; i < c->space->ngroups; i++) {
		const struct group *g = &c->space->groups[i];
		if (g->position[parameter] < 0)
			continue;
		struct passage p = { .c = c, .g = g, .cells = cells, .group = i, .row = row, .at = (uint32_t)g->position[parameter],
							 .symbol = cells[parameter], .others = g->strength - 1, .enters = enters };
		pass(&p, p.others, 0, 0, 0, false);
	}
}

static void pass_row(struct cover *c, uint32_t row, bool enters)
{
	const uint16_t *cells = c->cell + (size_t)row * c->space->k;
	for (uint32_t i = 0; i < c->space->ngroups; i++) {
		const struct group *g = &c->space->groups[i];
		struct passage p = { .c = c, .g = g, .cells = cells, .group = i, .row = row, .at = g->n,
							 .symbol = UINT32_MAX, .others = g->strength, .enters = enters };
		pass(&p, p.others, 0, 0, 0, true);
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
	uint16_t *cell = &c->cell[(size_t)row * c->space->k + p];
	if (*cell == symbol)
		return;
	pass_cell(c, row, p, false);
	meet(c, row, p, *cell, -1);
	mark(c, row, *cell, false);
	*cell = (uint16_t)symbol;
	mark(c, row, symbol, true);
	meet(c, row, p, symbol, 1);
	pass_cell(c, row, p, true);
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
	uint16_t *cells = c->cell + (size_t)row * space->k;
	memcpy(cells, symbols, space->k * sizeof *cells);
	memset(c->loss + (size_t)row * space->k, 0, space->k * sizeof *c->loss);
	memset(c->met + (size_t)row * space->nclauses, 0, space->nclauses * sizeof *c->met);
	c->alone[row] = 0;
	for (uint32_t p = 0; p < space->k; p++) {
		mark(c, row, cells[p], true);
		meet(c, row, p, cells[p], 1);
	}
	pass_row(c, row, true);
	return true;
}

static void move_row(struct cover *c, uint32_t from, uint32_t to)
{
	const struct space *space = c->space;
	size_t k = space->k, n = space->nclauses;
	memcpy(c->cell + to * k, c->cell + from * k, k * sizeof *c->cell);
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
	pass_row(c, row, false);
	for (uint32_t p = 0; p < c->space->k; p++)
		mark(c, row, cell_at(c, row, p), false);
	c->nrows--;
	if (row != c->nrows)
		move_row(c, c->nrows, row);
}

bool cover_list(struct cover *c)
{
	c->nmissing = 0;
	c->listing = true;
	c->failed = false;
	if (c->slot)
		memset(c->slot, 0, ((size_t)c->slot_mask + 1) * sizeof *c->slot);
	uint32_t symbols[COMBOS_STRENGTH_MAX];
	for (uint32_t i = 0; i < c->space->ngroups; i++) {
		const struct group *g = &c->space->groups[i];
		for (uint32_t n = 0; n < g->ntuples && !c->failed; n++)
			if (c->count[i][n] == 0) {
				group_tuple(c->space, g, n, symbols);
				add_missing(c, i, n, symbols);
			}
	}
	return !c->failed;
}

uint64_t cover_bytes(const struct space *space, uint32_t capacity)
{
	uint64_t words = (capacity + 63) / 64;
	return space->ntuples * sizeof(uint16_t) + space->nsymbols * words * sizeof(uint64_t) +
		   (uint64_t)capacity * (space->k * (sizeof(uint16_t) + sizeof(int32_t)) + space->nclauses * sizeof(uint16_t) + sizeof(uint32_t));
}

bool cover_new(struct cover *c, const struct space *space, uint32_t capacity)
{
	*c = (struct cover){ .space = space, .capacity = capacity, .words = (capacity + 63) / 64 };
	size_t cells = (size_t)capacity * space->k;
	c->cell = calloc(cells, sizeof *c->cell);
	c->loss = calloc(cells, sizeof *c->loss);
	c->has = calloc((size_t)space->nsymbols * c->words, sizeof *c->has);
	c->alone = calloc(capacity, sizeof *c->alone);
	c->met = calloc((size_t)capacity * space->nclauses + 1, sizeof *c->met);
	c->count = calloc(space->ngroups, sizeof *c->count);
	bool ok = c->cell && c->loss && c->has && c->alone && c->met && c->count;
	for (uint32_t i = 0; ok && i < space->ngroups; i++) {
		c->count[i] = calloc(space->groups[i].ntuples, sizeof *c->count[i]);
		ok = c->count[i] != NULL;
	}
	if (!ok)
		cover_free(c);
	return ok;
}

void cover_free(struct cover *c)
{
	for (uint32_t i = 0; c->count && i < c->space->ngroups; i++)
		free(c->count[i]);
	free(c->count);
	free(c->cell);
	free(c->loss);
	free(c->has);
	free(c->alone);
	free(c->met);
	free(c->missing);
	free(c->slot);
	*c = (struct cover){ .space = c->space };
}
