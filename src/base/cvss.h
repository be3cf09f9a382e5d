/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of the Common Vulnerability Scoring System, computed from vectors.
 *
 * Specifications: CVSS v2 Complete Guide (sections 2.4, 3.2); CVSS v3.0 and v3.1 Specification Documents (sections
 * 6, 7 and appendix A); CVSS v4.0 Specification Document (sections 7 and 8). All by FIRST. */
#ifndef ASSAY_BASE_CVSS_H
#define ASSAY_BASE_CVSS_H

#include "base/span.h"

enum cvss_version { CVSS_NONE, CVSS_2, CVSS_30, CVSS_31, CVSS_40 };

/* Scores times ten: 0 to 100. */
struct cvss {
	enum cvss_version version;
	int base;
	/* v2, v3: with the temporal metrics that the vector has; v4: with the threat, environmental and requirement
	 * metrics that it has. The same as the base score where it has none. */
	int score;
};

/* Computes the scores of a vector: "AV:N/AC:L/Au:N/C:P/I:P/A:P" (v2, with or without parentheses), "CVSS:3.1/AV:N/...",
 * "CVSS:4.0/AV:N/...". False: it is none: a metric is missing, twice there, unknown, or has no such value. */
bool cvss_compute(struct text vector, struct cvss *out);

/* "2.0", "3.0", "3.1", "4.0"; "" for CVSS_NONE. */
const char *cvss_version_name(enum cvss_version version);

/* The qualitative rating of a score times ten: none, low, medium, high, critical (v3.1, section 5). v2 has none of its
 * own: NVD's low, medium, high. */
const char *cvss_severity(enum cvss_version version, int score);

/* Inside: the score of v4.0 times ten. metric(context, name) gives the value of a metric in effect. */
int cvss4_score(char (*metric)(const void *context, const char *name), const void *context);

#endif
