/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging: the requirements of packs against the facts of a case.
 *
 * How a verdict comes about (docs/pack-format.md):
 *   1. `fails` gives rows, or a measure is beyond a threshold that gives FAIL: FAIL, whatever else is missing. A failure
 *      seen is a failure.
 *   2. `applies` gives no row and every probe of `needs` is complete: NOT APPLICABLE.
 *   3. A way of `passes` whose probes are complete gives rows, or a measure is beyond a threshold that gives PASS: PASS;
 *      but not by rows of `declaration` alone where the requirement is about the product.
 *   4. `declared` gives rows: PASS where the requirement is about the declaration, else INCONCLUSIVE, marked as declared.
 *   5. Else INCONCLUSIVE, with the probes that are not complete.
 * One that asks for others (`use` with a list): FAIL when one of them fails, PASS when each of them passes or is not
 * applicable, else INCONCLUSIVE.
 * At last what the maker states of the requirement is put beside it (conformance.h).
 * A query that fails, hits a limit or points at a row that is not there: INCONCLUSIVE, with the reason.
 */
#ifndef ASSAY_JUDGE_JUDGE_H
#define ASSAY_JUDGE_JUDGE_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "judge/pack.h"

/* One row of evidence. */
struct judge_evidence {
	const char *table;
	int64_t row;
	const char *says;
	struct judge_evidence *next;
};

/* What was measured. */
struct judge_measure {
	const struct pack_measure *measure;
	bool is_measured;
	double value;        /* when is_measured */
	const char *missing; /* why it could not be measured, or NULL: there is nothing to measure, or is_measured */
	const struct pack_threshold *crossed; /* that the value is beyond, or NULL */
	struct judge_evidence *rows;
	size_t kept, total;
};

/* A number as people write it: whole ones without a fraction, others with six digits. NULL when out of memory. */
const char *measure_number(struct arena *arena, double value);

/* What was found about one requirement. */
struct judgement {
	enum verdict verdict;
	enum basis basis;
	size_t way; /* of `passes` that gave PASS, from 1; else 0 */
	const char *summary; /* one sentence */
	const char *missing; /* what stood in the way of a decision, or NULL */
	const char *role;    /* of the evidence: "fails", "passes" or "declared"; that of measures is "measure" */
	struct judge_evidence *evidence;
	size_t nevidence; /* rows kept */
	size_t total;     /* rows that the query gave */
	struct judge_measure *measures;
	size_t nmeasures;
};

struct query_budget; /* query.h */

/* Judges one requirement without writing anything; texts live in the arena. The connection must have gone through
 * query_setup(). `limits` NULL: the default ones. */
struct error judge_requirement(sqlite3 *db, const struct requirement *r, const struct query_limits *limits,
							   struct arena *arena, struct judgement *j) MUST_USE;

/* Judges the case by all requirements of these packs and writes the tables `verdict` and `evidence` in one transaction,
 * in place of what earlier verdicts of the same packs said. */
struct error judge_case(sqlite3 *db, const struct pack *const *packs, size_t npacks,
						const struct query_limits *limits) MUST_USE;

/* Runs the tests of the pack's own requirements (what it includes or uses is tested where it is defined). Each that
 * gives another verdict than it says is reported as one line on `out`. Returns the number of those; *run is how many
 * were run. An internal failure counts as one, and so does it when `all` is spent before the last test (NULL: a budget of
 * their own). */
size_t pack_run_tests(const struct pack *pack, struct query_budget *all, FILE *out, size_t *run);

/* Shakes every PASS and NOT APPLICABLE that the tests of the pack give. Without all rows of its evidence a PASS must end (other
 * rows may take their place, until they are away as well); without one row it must not name that one; without complete runs
 * of a probe that the verdict rests on, it must end. What does not is reported like a failed test. Returns the number of
 * complaints; *run is how often a case was judged. */
size_t pack_run_mutations(const struct pack *pack, struct query_budget *all, FILE *out, size_t *run);

/* Renders a requirement for a person, in 80 columns: what it asks and why, how it is decided, what settles and fixes
 * it. */
void explain_requirement(FILE *out, const struct requirement *r);

#endif
