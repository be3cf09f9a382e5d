/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finite fields as tables. */
#ifndef ASSAY_COMBOS_SEED_FIELD_H
#define ASSAY_COMBOS_SEED_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

#define FIELD_MAX 64u

struct field {
	uint32_t q;
	uint8_t add[FIELD_MAX][FIELD_MAX], times[FIELD_MAX][FIELD_MAX];
};

/* Whether q is a power of a prime, and at most FIELD_MAX. */
bool field_exists(uint32_t q);

/* The field of q elements, 0 and 1 first; field_exists(q). NULL when out of memory. */
const struct field *field_new(uint32_t q, struct arena *arena) MUST_USE;

#endif
