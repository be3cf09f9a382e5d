/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether some valid row holds given symbols: asked of a SAT solver (PicoSAT). */
#ifndef ASSAY_COMBOS_FEASIBLE_H
#define ASSAY_COMBOS_FEASIBLE_H

#include "combos/space.h"

struct feasible;

/* NULL when out of memory. */
struct feasible *feasible_new(const struct space *space) MUST_USE;
void feasible_free(struct feasible *f);

/* Whether some valid row holds all these symbols. */
bool feasible_ask(struct feasible *f, const uint32_t *symbols, uint32_t n);

/* Asked while the solver seeks an answer; false gives the question up. */
void feasible_watch(struct feasible *f, bool (*on)(void *context), void *context);

/* Whether a question was given up since then: that feasible_ask() said false then means nothing. */
bool feasible_given_up(const struct feasible *f);

/* After feasible_ask() said true: the symbol of that parameter in the row that was found. Of a parameter that no clause
 * names it is the first one. */
uint32_t feasible_symbol(const struct feasible *f, uint32_t p);

/* Which symbol the solver tries first for that parameter from now on. */
void feasible_prefer(struct feasible *f, uint32_t p, uint32_t symbol);

/* Whether some clause names the parameter. */
bool feasible_minds(const struct feasible *f, uint32_t p);

#endif
