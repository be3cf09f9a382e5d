/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the model of a product's settings its test suite covers: the declarations testing.model and testing.suite. */
#ifndef ASSAY_CLI_SUITE_H
#define ASSAY_CLI_SUITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define SUITE_STRENGTHS 3u

struct suite_coverage {
	uint32_t n; /* strengths that were counted, from 1 */
	struct {
		uint64_t covered, total; /* of the tuples that some valid row holds (src/combos/suite.h) */
	} of[SUITE_STRENGTHS];
};

/* Both files are read from their beginning, at most 16 MiB each; the model may be in any format that `assay combos` knows, the
 * suite is its CSV. They may come from anybody: a confined process parses and counts, for at most a minute. Strengths of more
 * than 20 million tuples are left out. The error says which of the two is wrong, where, and what was expected. */
struct error suite_measure(int model, int suite, bool without_landlock, struct suite_coverage *out) MUST_USE;

#endif
