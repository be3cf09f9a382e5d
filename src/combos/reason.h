/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A solver that tells which constraints an answer comes from: each can be switched on by an assumption. */
#ifndef ASSAY_COMBOS_REASON_H
#define ASSAY_COMBOS_REASON_H

#include "combos/description.h"

struct reason;

/* NULL when out of memory. */
struct reason *reason_new(const struct combos_description *description) MUST_USE;
void reason_free(struct reason *r);

/* What is assumed for the next question: a constraint, a symbol or that it is not. */
void reason_constraint(struct reason *r, uint32_t constraint);
void reason_symbol(struct reason *r, uint32_t symbol, bool negated);

/* Whether all that can be. After `propagations` in all, since reason_new(), it is not known any more. */
enum reason_answer { REASON_YES, REASON_NO, REASON_UNKNOWN };
enum reason_answer reason_ask(struct reason *r, uint64_t propagations);

/* After REASON_YES: whether the row that was found has the symbol. */
bool reason_has(struct reason *r, uint32_t symbol);
/* After REASON_NO: whether the constraint was needed for it (and perhaps could be done without). */
bool reason_needed(struct reason *r, uint32_t constraint);

#endif
