/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the terminal summary share. Not for others. */
#ifndef ASSAY_REPORT_TERMINAL_INTERNAL_H
#define ASSAY_REPORT_TERMINAL_INTERNAL_H

#include "report/style.h"
#include "report/view.h"

#define MARGIN 2 /* of everything below a heading */
#define SEEN_MAX 600u

struct summary {
	struct view *v;
	FILE *out;
	const struct report_style *style;
	struct arena *scratch; /* emptied now and then: for the lines at hand */
	struct arena *kept;
	const char *seen[SEEN_MAX];
	size_t nseen;
};

/* A string of the case for the terminal, in `scratch`; cut after `columns`, 0: not. */
struct text summary_safe(struct summary *s, struct text raw, size_t columns);
/* summary_put(): text that is safe already, in a colour; summary_heading(): a line of it with an empty one before. */
void summary_put(struct summary *s, struct text t, enum report_paint colour);
void summary_heading(struct summary *s, const char *words, enum report_paint colour);

/* Whether a verdict of that origin was listed already; it is from now on. */
bool summary_seen(struct summary *s, struct text origin);

/* terminal_product.c: the product as its file names it, and the inputs. */
struct error summary_products(struct summary *s) MUST_USE;

/* terminal_guidelines.c: how much of each guideline is decided; the numbers that were measured. */
struct error summary_guidelines(struct summary *s) MUST_USE;
struct error summary_measures(struct summary *s) MUST_USE;

/* terminal_word.c: declarations beside what refutes them; what the user's pack left out or weighs differently. */
struct error summary_contradictions(struct summary *s) MUST_USE;
struct error summary_changed(struct summary *s) MUST_USE;

/* terminal_unseen.c: probes that did not finish, and damage. */
struct error summary_not_looked_at(struct summary *s) MUST_USE;

/* terminal_open.c: what is INCONCLUSIVE with the maker's word for it, and all that is, by the input that settles it. */
int64_t summary_declared_count(struct summary *s);
struct error summary_declared(struct summary *s) MUST_USE;
struct error summary_open(struct summary *s, int64_t n) MUST_USE;

#endif
