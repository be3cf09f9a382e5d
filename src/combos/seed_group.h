/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permutations of values, and how tuples fall into classes under them. */
#ifndef ASSAY_COMBOS_SEED_GROUP_H
#define ASSAY_COMBOS_SEED_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum values_group {
	GROUP_CYCLIC,     /* Z on all values but the last `fixed`, which fall into cycles of the same length */
	GROUP_AFFINE,     /* x -> ax + b over the field of v elements */
	GROUP_PROJECTIVE, /* PGL(2, v - 1): x -> (ax + b) / (cx + d) */
};

/* A tuple that the rows beside the starters cover. */
#define CLASS_NONE UINT16_MAX

struct values {
	uint32_t v, fixed, cycles;
	uint32_t order;
	uint8_t *images; /* permutation * v + value */
	uint32_t nclasses;
	uint16_t *class_of; /* of the tuple with these values as digits to base v, the first one lowest */
};

/* Elements of the group; 0: there is no such group on v values. Fixed values and cycles (1: all the others are one) are
 * those of the cyclic group. */
uint32_t values_order(enum values_group kind, uint32_t v, uint32_t fixed, uint32_t cycles);

/* The classes of tuples of t values. Tuples of fixed values only, and with no fixed value under the two larger groups those
 * that are t times the same, are CLASS_NONE. False when out of memory or too many. */
bool values_new(struct values *values, enum values_group kind, uint32_t v, uint32_t fixed, uint32_t cycles, uint32_t t,
				struct arena *arena) MUST_USE;

#endif
