/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/missing.h"

#include <stdlib.h>

/* What a tuple counts at most beyond 1. */
#define WEIGHT_MAX 254u
/* Tuples that may be missing however small the model is, and however large. */
#define LEAST_LIMIT (1u << 16)
#define LIMIT_MAX (1u << 29)
/* Tuples that are weighed, a byte each. */
#define WEIGHED_MAX (1u << 26)

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
	if (c->missing_capacity == c->missing_limit)
		return false;
	uint32_t cap = c->missing_capacity ? 2 * c->missing_capacity : 256, slots = 256;
	if (cap > c->missing_limit)
		cap = c->missing_limit;
	struct missing *v = realloc(c->missing, cap * sizeof *v);
	if (!v)
		return false;
	c->missing = v;
	c->missing_capacity = cap;
	while (slots < 2 * cap)
		slots *= 2;
	free(c->slot);
	c->slot_mask = slots - 1;
	c->slot = calloc((size_t)c->slot_mask + 1, sizeof *c->slot);
	if (!c->slot)
		return false;
	for (uint32_t i = 0; i < c->nmissing; i++)
		*slot_find(c, v[i].group, v[i].number) = i + 1;
	return true;
}

void cover_weigh(struct cover *c, uint32_t place)
{
	struct missing *m = &c->missing[place];
	if (c->weight && m->weight <= WEIGHT_MAX) {
		c->weight[m->group][m->number]++;
		m->weight++;
	}
}

void missing_add(struct cover *c, uint32_t group, uint32_t number, const uint32_t *symbols)
{
	/* While a row is changed in several cells it may break constraints in between. */
	if (c->invalid && c->invalid[group][number / 64] >> number % 64 & 1)
		return;
	if (c->failed || (c->nmissing == c->missing_capacity && !grow_missing(c))) {
		c->failed = true;
		return;
	}
	struct missing *m = &c->missing[c->nmissing++];
	m->group = group;
	m->number = number;
	m->weight = (uint16_t)weight_of(c, group, number);
	for (uint32_t i = 0; i < COMBOS_STRENGTH_MAX; i++)
		m->symbols[i] = i < c->space->groups[group].strength ? (uint16_t)symbols[i] : 0;
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

void missing_drop(struct cover *c, uint32_t group, uint32_t number)
{
	if (c->failed)
		return;
	uint32_t *slot = slot_find(c, group, number);
	if (!*slot)
		return; /* a new row covers what was never covered */
	uint32_t place = *slot - 1, last = c->nmissing - 1;
	free_slot(c, (uint32_t)(slot - c->slot));
	if (place != last) {
		*slot_find(c, c->missing[last].group, c->missing[last].number) = place + 1;
		c->missing[place] = c->missing[last];
	}
	c->nmissing--;
}

static bool is_weighed(const struct space *space)
{
	return space->ntuples <= WEIGHED_MAX;
}

static bool new_weights(struct cover *c)
{
	if (!is_weighed(c->space))
		return true;
	c->weight = calloc(c->space->ngroups, sizeof *c->weight);
	for (uint32_t i = 0; c->weight && i < c->space->ngroups; i++)
		if (!(c->weight[i] = calloc((size_t)c->space->groups[i].ntuples + 1, 1)))
			return false;
	return c->weight != NULL;
}

/* Tuples of one row. */
static uint64_t tuples_of_row(const struct space *space)
{
	uint64_t all = 0;
	for (uint32_t i = 0; i < space->ngroups; i++) {
		uint64_t sets = 1;
		for (uint32_t j = 0; j < space->groups[i].strength; j++)
			sets = sets * (space->groups[i].n - j) / (j + 1);
		all += sets;
	}
	return all;
}

uint32_t missing_limit(const struct space *space, uint32_t nrows, uint32_t kept)
{
	uint64_t of_row = tuples_of_row(space), part = space->ntuples / (nrows > kept ? nrows - kept : 1);
	uint64_t most = 2 * (of_row < part ? of_row : part) + LEAST_LIMIT;
	if (most > space->ntuples)
		most = space->ntuples + 1;
	return most < LIMIT_MAX ? (uint32_t)most : LIMIT_MAX;
}

uint64_t missing_bytes(const struct space *space, uint32_t nrows, uint32_t kept)
{
	/* Up to four places in the table for each tuple. */
	return (uint64_t)missing_limit(space, nrows, kept) * (sizeof(struct missing) + 4 * sizeof(uint32_t)) +
		   (is_weighed(space) ? space->ntuples : 0);
}

bool missing_new(struct cover *c)
{
	return grow_missing(c) && new_weights(c);
}

void missing_free(struct cover *c)
{
	for (uint32_t i = 0; c->weight && i < c->space->ngroups; i++)
		free(c->weight[i]);
	free(c->weight);
	free(c->missing);
	free(c->slot);
}
