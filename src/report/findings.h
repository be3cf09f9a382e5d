/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures by what they rest on. Guidelines ask the same things: a device with one shell on its console breaks a dozen of
 * requirements by it. What people are to see is one finding and what it violates, so verdicts that FAIL by equal rows of
 * evidence are one finding here, whichever guideline and whichever rule found them. Outputs for other programs (JSON, SARIF,
 * JUnit) keep a result a requirement.
 */
#ifndef ASSAY_REPORT_FINDINGS_H
#define ASSAY_REPORT_FINDINGS_H

#include "report/view.h"

/* A verdict that is FAIL. Its texts live as long as the findings. */
struct finding_verdict {
	int64_t id;
	const char *requirement, *title, *severity, *remedy; /* never NULL */
	size_t order;                                        /* by severity, as view_verdicts() has them */
	bool is_taken;
	/* own */
	const char *key;
	size_t nkey;
	size_t first, count; /* of its finding */
};

struct findings;

/* Reads them. NULL with *e filled when the case cannot be read, or there is no memory. */
struct findings *findings_new(struct view *v, struct error *e) MUST_USE;
void findings_free(struct findings *f);

/* The verdicts of the finding to which this one belongs, itself among them, the most severe first; *n is how many. NULL when
 * it is no FAIL of the case. */
const struct finding_verdict *findings_of(const struct findings *f, int64_t verdict, size_t *n);

/* Whether number i of them is fixed by something that neither the verdict with this remedy nor those before it ask for. */
bool findings_is_other_remedy(const struct finding_verdict *v, size_t i, struct text own);

/* Whether the finding of that verdict was taken before; it is from now on. What is no FAIL never was. */
bool findings_taken(struct findings *f, int64_t verdict);

#endif
