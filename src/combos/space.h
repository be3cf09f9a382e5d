/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does not change while an array is sought: symbols, constraints, and the numbering of tuples. */
#ifndef ASSAY_COMBOS_SPACE_H
#define ASSAY_COMBOS_SPACE_H

#include "combos/combos.h"

/* Whether a clause holds by what one parameter is. */
struct link {
	uint32_t clause;
	const uint8_t *holds; /* by value, counted from 0 within the parameter */
};

/* Some parameters of which all tuples of one strength are numbered.
 *
 * In the lexicographic order of their symbols a tuple s1 < s2 < ... < st has the number
 *     place[t][s1] + place[t - 1][s2] + ... + place[1][st]
 * modulo 2^32, so that each loop over one of its symbols only adds.
 */
struct group {
	uint32_t strength, n;
	const uint32_t *parameters;                     /* ascending */
	const int32_t *position;                        /* of each parameter of the model within them, or -1 */
	const uint32_t *place[COMBOS_STRENGTH_MAX + 1]; /* of each symbol of the model */
	uint32_t ntuples;
};

struct space {
	const struct combos_model *model;
	uint32_t k;             /* parameters */
	uint32_t nsymbols;
	const uint32_t *first;  /* of each parameter its first symbol; of k the number of all */
	const uint16_t *owner;  /* of each symbol its parameter */
	const struct link *links;
	const uint32_t *link_of; /* of each parameter its first link; of k the number of all */
	uint32_t nclauses;
	const struct group *groups;
	uint32_t ngroups;
	uint64_t ntuples;       /* in all groups */
};

/* Numbers everything. ERR_USAGE, ERR_BUDGET when there are 2^32 tuples or more. */
struct error space_new(const struct combos_model *model, uint32_t strength, struct arena *arena, struct space *space) MUST_USE;

/* The symbols of the tuple of that number, ascending. */
void group_tuple(const struct space *space, const struct group *group, uint32_t number, uint32_t *symbols);

/* The number of that tuple. */
static inline uint32_t group_number(const struct group *group, const uint32_t *symbols)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < group->strength; i++)
		number += group->place[group->strength - i][symbols[i]];
	return number;
}

#endif
