/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The missing tuples of an array in the making, as a list and by their number, and what each tuple counts. */
#ifndef ASSAY_COMBOS_MISSING_H
#define ASSAY_COMBOS_MISSING_H

#include "combos/cover.h"

/* An empty list, and weights of 1. False when out of memory: missing_free() then frees what there is. */
bool missing_new(struct cover *c) MUST_USE;
void missing_free(struct cover *c);

/* Bytes that weights take: none where there are too many tuples to weigh them. */
uint64_t weights_bytes(const struct space *space);

/* Puts the tuple of those symbols (ascending) on the list, unless no valid row holds it; takes it off, if it is on it. */
void missing_add(struct cover *c, uint32_t group, uint32_t number, const uint32_t *symbols);
void missing_drop(struct cover *c, uint32_t group, uint32_t number);

/* What the tuple counts, at least 1. */
static inline uint32_t weight_of(const struct cover *c, uint32_t group, uint32_t number)
{
	return c->weight ? 1u + c->weight[group][number] : 1;
}

#endif
