/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The implementation conformance statement of the product file (ETSI EN 303 645, annex B; ETSI TS 103 701, 4.2) beside what the
 * judge finds. It never overrules evidence: where a requirement fails, a statement that it is met is shown with what refutes it.
 * Where nothing decides a requirement about the product, the statement is the maker's word: that it is met leaves it
 * INCONCLUSIVE, as declared; that it is not met is a FAIL by declaration. Not for other floors. */
#ifndef ASSAY_JUDGE_CONFORMANCE_H
#define ASSAY_JUDGE_CONFORMANCE_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "judge/judge.h"

enum support { SUPPORT_YES, SUPPORT_NO, SUPPORT_NOT_APPLICABLE };

struct statement {
	const char *provision;
	int64_t row, line; /* of `declaration`; in the product file */
	enum support support;
	const char *reason; /* or NULL */
	struct statement *next;
};

/* *first: the statements of the case, in no order; NULL: there are none. They live in the arena. */
struct error conformance_read(sqlite3 *db, struct arena *arena, struct statement **first) MUST_USE;

/* NULL: nothing is stated of it. */
const struct statement *conformance_of(const struct statement *first, const char *provision);

/* Puts what is stated of the requirement beside its judgement, in the arena. False when out of memory. */
bool conformance_compare(const struct statement *first, const struct requirement *r, struct arena *arena,
						 struct judgement *j) MUST_USE;

/* Empties the table `conformance_conflict`, and makes it in a case that has none. */
struct error conformance_forget(sqlite3 *db) MUST_USE;
/* Adds that the judgement, a FAIL with evidence, refutes the statement. */
struct error conformance_note(sqlite3 *db, const struct statement *s, const struct judgement *j) MUST_USE;

#endif
