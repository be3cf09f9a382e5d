/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The missing tuples of an array in the making, as a list and by their number, and what each tuple counts. */
#ifndef ASSAY_COMBOS_MISSING_H
#define ASSAY_COMBOS_MISSING_H

#include "combos/cover.h"

/* An empty list, and weights of 1. False when out of memory: missing_free() then frees what there is. */
bool missing_new(struct cover *c) MUST_USE;
void missing_free(struct cover *c);

/* How many tuples may be missing at once. An array of so many rows, of which the first `kept` stay, can lose the row that covers
 * least alone and no more than as much again besides: a search that has lost more does not come back. */
uint32_t missing_limit(const struct space *space, uint32_t nrows, uint32_t kept);

/* Bytes that the list and the weights take at most; there are no weights where there are too many tuples. */
uint64_t missing_bytes(const struct space *space, uint32_t nrows, uint32_t kept);

/* Puts the tuple of those symbols (ascending) on the list, unless no valid row holds it; takes it off, if it is on it. A list
 * that is full fails the array. */
void missing_add(struct cover *c, uint32_t group, uint32_t number, const uint32_t *symbols);
void missing_drop(struct cover *c, uint32_t group, uint32_t number);

/* What the tuple counts, at least 1. */
static inline uint32_t weight_of(const struct cover *c, uint32_t group, uint32_t number)
{
	return c->weight ? 1u + c->weight[group][number] : 1;
}

#endif
