/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Test plans of models as people write them: negative values, sub-models and weights on top of covering arrays. */
#ifndef ASSAY_COMBOS_SUITE_H
#define ASSAY_COMBOS_SUITE_H

#include "combos/description.h"

/* As combos_generate(). Where there are negative values, rows without any come first and cover all that is in range, because
 * what goes wrong with a negative value hides what else a row tests; then come rows with one negative value each. Sub-models
 * that are no stronger than the strength that is asked for need nothing of their own. Where the choice is free, values are
 * drawn by their weights. */
struct error combos_suite(const struct combos_description *description, const struct combos_options *options,
						  struct arena *arena, struct combos_array *array) MUST_USE;

/* As combos_verify(), with the same meaning of negative values: tuples without any must be in a row without any, and are counted
 * once more for that. Broken constraints are told by the number of their clause. */
struct error combos_suite_verify(const struct combos_description *description, uint32_t strength, const uint16_t *rows,
								 uint32_t nrows, struct arena *arena, struct combos_check *check) MUST_USE;

/* How much of what is possible rows cover. */
#define COMBOS_CURVE 101u
struct combos_coverage {
	bool counted;    /* false: there is too much to count it */
	uint64_t tuples; /* that some valid row holds */
	uint64_t covered;
	uint64_t combinations;           /* of parameters */
	uint64_t complete;               /* of these, with all of their tuples covered */
	uint64_t at_least[COMBOS_CURVE]; /* combinations of which so many hundredths of the tuples are covered, or more */
};

/* Of rows that break no constraint, for that strength. ERR_BUDGET when there are more than `most` tuples. */
struct error combos_cover_count(const struct combos_model *model, uint32_t strength, const uint16_t *rows,
								uint32_t nrows, uint64_t most, struct combos_coverage *out) MUST_USE;

#endif
