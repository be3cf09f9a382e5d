/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which order a person should look at what was found. docs/vulnerabilities.md has the formula and its reasons. */
#include <math.h>

#include "vuln/internal.h"

/* Without a score of EPSS: that of most vulnerabilities is below one in a hundred. */
#define EPSS_UNKNOWN 0.01
#define CVSS_UNKNOWN 5.0

double priority(const struct threat *t, enum exposure exposure, enum confidence confidence)
{
	static const double reach[] = { [EXPOSURE_UNUSED] = 0.1,
									[EXPOSURE_DECLARED] = 0.4,
									[EXPOSURE_PRESENT] = 0.4,
									[EXPOSURE_STARTED] = 0.7,
									[EXPOSURE_KERNEL] = 0.7,
									[EXPOSURE_LISTENS] = 1.0 };
	static const double trust[] = { [POSSIBLE] = 0.6, [LIKELY] = 0.9, [PROVEN] = 1.0 };
	double threat = t->kev ? 1.0 : sqrt(t->has_epss ? t->epss : EPSS_UNKNOWN);
	double harm = (t->score >= 0 ? t->score / 10.0 : CVSS_UNKNOWN) / 10.0;
	double p = 100.0 * reach[exposure] * trust[confidence] * (0.6 * threat + 0.4 * harm);
	return floor(p * 10 + 0.5) / 10;
}
