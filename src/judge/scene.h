/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The case that a test of a requirement describes. Not for other floors. */
#ifndef ASSAY_JUDGE_SCENE_H
#define ASSAY_JUDGE_SCENE_H

#include "judge/judge.h"

/* One row that is taken away again, or one probe whose runs end otherwise, or that left out another input of its kind. */
struct scene_change {
	const char *table; /* NULL: no row */
	int64_t row;
	const char *probe, *status; /* NULL: no probe; status NULL: it has not run */
	bool left_out;				/* its runs stay, and there is an input more */
};

/* A case in memory, used for one test behind the other, whose queries count down `all`; NULL with *error. */
struct scene;
struct scene *scene_new(struct query_budget *all, struct error *error) MUST_USE;
void scene_free(struct scene *s);

/* Makes the case anew: the test's facts but for the changes, what follows from them, and complete runs of the probes that
 * the requirement needs unless the test says otherwise. Then judges it. */
struct error scene_judge(struct scene *s, const struct requirement *r, const struct pack_test *test,
						 const struct scene_change *changes, size_t nchanges, struct arena *arena, struct judgement *j) MUST_USE;

/* True, with a complaint on `out`, when the budget is spent before this test: it and those behind it are not run. */
bool scene_budget_spent(const struct query_budget *all, const struct pack *pack, const struct requirement *r,
						const struct pack_test *test, FILE *out);

#endif
