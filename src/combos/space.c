/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/space.h"

#include <string.h>

static struct error no_memory(void)
{
	return error_at(ERR_MEMORY, 0, "no memory for the model");
}

static struct error number_symbols(struct space *space, struct arena *arena)
{
	const struct combos_model *m = space->model;
	uint32_t *first = ARENA_ARRAY(arena, uint32_t, (size_t)space->k + 1);
	if (!first)
		return no_memory();
	for (uint32_t p = 0; p < space->k; p++) {
		if (m->levels[p] == 0 || m->levels[p] > COMBOS_VALUES_MAX)
			return error_at(ERR_USAGE, 0, "parameter %u has %u values: 1 to %u are possible", p + 1, m->levels[p], COMBOS_VALUES_MAX);
		first[p + 1] = first[p] + m->levels[p];
		if (first[p + 1] > COMBOS_SYMBOLS_MAX)
			return error_at(ERR_BUDGET, 0, "more than %u values in all", COMBOS_SYMBOLS_MAX);
	}
	space->nsymbols = first[space->k];
	uint16_t *owner = ARENA_ARRAY(arena, uint16_t, space->nsymbols);
	if (!owner)
		return no_memory();
	for (uint32_t p = 0; p < space->k; p++)
		for (uint32_t s = first[p]; s < first[p + 1]; s++)
			owner[s] = (uint16_t)p;
	space->first = first;
	space->owner = owner;
	return error_none();
}

/* Whether the literal of this clause and parameter came before: it then has its link already. */
static uint8_t *link_among(struct link *links, uint32_t from, uint32_t to, uint32_t clause)
{
	return to > from && links[to - 1].clause == clause ? (uint8_t *)(uintptr_t)links[to - 1].holds : NULL;
}

static void admit(uint8_t *holds, uint32_t levels, uint32_t value, bool negated)
{
	for (uint32_t v = 0; v < levels; v++)
		holds[v] |= (v == value) != negated;
}

/* The links of each parameter, from at[p] to end[p], without what is free between them. */
static struct error pack_links(struct space *space, const struct link *links, const uint32_t *at, const uint32_t *end,
							   struct arena *arena)
{
	uint32_t *link_of = ARENA_ARRAY(arena, uint32_t, (size_t)space->k + 1);
	struct link *packed = ARENA_ARRAY(arena, struct link, at[space->k]);
	if (!link_of || !packed)
		return no_memory();
	uint32_t n = 0;
	for (uint32_t p = 0; p < space->k; p++) {
		link_of[p] = n;
		for (uint32_t i = at[p]; i < end[p]; i++)
			packed[n++] = links[i];
	}
	link_of[space->k] = n;
	space->links = packed;
	space->link_of = link_of;
	return error_none();
}

/* Each parameter's links, by clause. Clauses go by one after another, so that a parameter's last link is the one of the
 * clause at hand or none is. */
static struct error link_clauses(struct space *space, struct arena *arena)
{
	const struct combos_model *m = space->model;
	uint32_t *count = ARENA_ARRAY(arena, uint32_t, (size_t)space->k + 1), *at = ARENA_ARRAY(arena, uint32_t, (size_t)space->k + 1);
	if (!count || !at)
		return no_memory();
	for (uint32_t c = 0; c < m->nclauses; c++)
		for (uint32_t i = 0; i < m->clauses[c].n; i++) {
			if (m->clauses[c].literals[i].symbol >= space->nsymbols)
				return error_at(ERR_USAGE, 0, "constraint %u names value %u: there are %u", c + 1, m->clauses[c].literals[i].symbol, space->nsymbols);
			count[space->owner[m->clauses[c].literals[i].symbol]]++;
		}
	uint32_t total = 0;
	for (uint32_t p = 0; p <= space->k; p++) {
		at[p] = total;
		total += p < space->k ? count[p] : 0;
	}
	struct link *links = ARENA_ARRAY(arena, struct link, total);
	uint32_t *end = ARENA_ARRAY(arena, uint32_t, (size_t)space->k + 1);
	if (!links || !end)
		return no_memory();
	memcpy(end, at, ((size_t)space->k + 1) * sizeof *end);
	for (uint32_t c = 0; c < m->nclauses; c++)
		for (uint32_t i = 0; i < m->clauses[c].n; i++) {
			const struct combos_literal *l = &m->clauses[c].literals[i];
			uint32_t p = space->owner[l->symbol];
			uint8_t *holds = link_among(links, at[p], end[p], c);
			if (!holds) {
				holds = ARENA_ARRAY(arena, uint8_t, m->levels[p]);
				if (!holds)
					return no_memory();
				links[end[p]++] = (struct link){ c, holds };
			}
			admit(holds, m->levels[p], l->symbol - space->first[p], l->negated);
		}
	space->nclauses = m->nclauses;
	return pack_links(space, links, at, end, arena);
}

/* Fills place[level] from place[level - 1], and adds up how many tuples of `level` symbols there are. */
static struct error place_level(const struct space *space, struct group *g, uint32_t level, struct arena *arena, uint64_t *ntuples)
{
	uint32_t *place = ARENA_ARRAY(arena, uint32_t, space->nsymbols);
	uint64_t *behind = ARENA_ARRAY(arena, uint64_t, (size_t)g->n + 1); /* tuples of level - 1 symbols of later parameters */
	uint64_t *count = ARENA_ARRAY(arena, uint64_t, (size_t)g->n + 1);
	if (!place || !behind || !count)
		return no_memory();
	/* behind[] for level - 1, built up from level 0 where there is one empty tuple. */
	for (uint32_t i = 0; i <= g->n; i++)
		behind[i] = 1;
	for (uint32_t l = 1; l < level; l++) {
		count[g->n] = 0;
		for (uint32_t i = g->n; i-- > 0;) {
			count[i] = count[i + 1] + space->model->levels[g->parameters[i]] * behind[i + 1];
			if (count[i] > UINT32_MAX)
				return error_at(ERR_BUDGET, 0, "2^32 tuples or more: a lower strength or fewer parameters are needed");
		}
		memcpy(behind, count, ((size_t)g->n + 1) * sizeof *behind);
	}
	uint64_t total = 0;
	for (uint32_t i = 0; i < g->n; i++) {
		uint32_t p = g->parameters[i];
		for (uint32_t s = space->first[p]; s < space->first[p + 1]; s++) {
			place[s] = (uint32_t)total;
			total += behind[i + 1];
		}
		if (total > UINT32_MAX)
			return error_at(ERR_BUDGET, 0, "2^32 tuples or more: a lower strength or fewer parameters are needed");
	}
	g->place[level] = place;
	*ntuples = total;
	return error_none();
}

/* The number of a tuple is its rank at each level less the rank of the first tuple of what may follow: the latter is taken
 * off the symbol before. */
static void join_levels(const struct space *space, struct group *g)
{
	for (uint32_t level = g->strength; level > 1; level--) {
		uint32_t *place = (uint32_t *)(uintptr_t)g->place[level];
		for (uint32_t i = 0; i < g->n; i++) {
			uint32_t p = g->parameters[i];
			/* As the levels below are joined later, place[level - 1] is still the plain rank. */
			uint32_t skipped = i + 1 < g->n ? g->place[level - 1][space->first[g->parameters[i + 1]]] : 0;
			for (uint32_t s = space->first[p]; s < space->first[p + 1]; s++)
				place[s] -= skipped;
		}
	}
}

static struct error number_tuples(const struct space *space, struct group *g, struct arena *arena)
{
	if (g->strength < 1 || g->strength > COMBOS_STRENGTH_MAX || g->strength > g->n)
		return error_at(ERR_USAGE, 0, "strength %u over %u parameters: 1 to %u are possible", g->strength, g->n,
						g->n < COMBOS_STRENGTH_MAX ? g->n : COMBOS_STRENGTH_MAX);
	int32_t *position = ARENA_ARRAY(arena, int32_t, space->k);
	if (!position)
		return no_memory();
	memset(position, 0xff, space->k * sizeof *position);
	for (uint32_t i = 0; i < g->n; i++)
		position[g->parameters[i]] = (int32_t)i;
	g->position = position;
	uint64_t ntuples = 0;
	for (uint32_t level = 1; level <= g->strength; level++) {
		struct error e = place_level(space, g, level, arena, &ntuples);
		if (error_is(&e))
			return e;
	}
	g->ntuples = (uint32_t)ntuples;
	join_levels(space, g);
	return error_none();
}

static struct error add_groups(struct space *space, uint32_t strength, struct arena *arena)
{
	const struct combos_model *m = space->model;
	struct group *groups = ARENA_ARRAY(arena, struct group, (size_t)m->ngroups + 1);
	uint32_t *all = ARENA_ARRAY(arena, uint32_t, space->k);
	if (!groups || !all)
		return no_memory();
	for (uint32_t p = 0; p < space->k; p++)
		all[p] = p;
	groups[0] = (struct group){ .strength = strength, .n = space->k, .parameters = all };
	for (uint32_t i = 0; i < m->ngroups; i++)
		groups[i + 1] = (struct group){ .strength = m->groups[i].strength, .n = m->groups[i].n, .parameters = m->groups[i].parameters };
	space->groups = groups;
	space->ngroups = m->ngroups + 1;
	for (uint32_t i = 0; i < space->ngroups; i++) {
		struct error e = number_tuples(space, &groups[i], arena);
		if (error_is(&e))
			return e;
		space->ntuples += groups[i].ntuples;
	}
	return error_none();
}

struct error space_new(const struct combos_model *model, uint32_t strength, struct arena *arena, struct space *space)
{
	*space = (struct space){ .model = model, .k = model->nparameters };
	if (model->nparameters == 0 || model->nparameters > COMBOS_PARAMETERS_MAX)
		return error_at(ERR_USAGE, 0, "%u parameters: 1 to %u are possible", model->nparameters, COMBOS_PARAMETERS_MAX);
	struct error e = number_symbols(space, arena);
	if (!error_is(&e))
		e = link_clauses(space, arena);
	if (!error_is(&e))
		e = add_groups(space, strength, arena);
	return e;
}

void group_tuple(const struct space *space, const struct group *g, uint32_t number, uint32_t *symbols)
{
	/* place[level] ascends over the symbols that may stand at that level, once what follows is taken into account: the
	 * last symbol whose first tuple is not behind the number. */
	uint32_t from = 0;
	for (uint32_t i = 0; i < g->strength; i++) {
		uint32_t level = g->strength - i, found = 0, rest = 0;
		for (uint32_t q = from; q + level <= g->n; q++) {
			uint32_t p = g->parameters[q];
			uint32_t levels = space->first[p + 1] - space->first[p];
			/* Of this parameter's symbols each has the same number of tuples behind it. */
			uint32_t first = g->place[level][space->first[p]];
			uint32_t each = levels > 1 ? g->place[level][space->first[p] + 1] - first : 0;
			uint32_t low = first;
			for (uint32_t l = level - 1, r = q + 1; l > 0; l--, r++)
				low += g->place[l][space->first[g->parameters[r]]];
			if (number < low)
				break;
			uint32_t v = each ? (number - low) / each : 0;
			if (v >= levels)
				v = levels - 1;
			found = space->first[p] + v;
			rest = number - g->place[level][found];
			from = q + 1;
		}
		symbols[i] = found;
		number = rest;
	}
}
