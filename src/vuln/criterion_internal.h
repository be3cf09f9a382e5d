/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files that hold one criterion against one program. Not for others. */
#ifndef ASSAY_VULN_CRITERION_INTERNAL_H
#define ASSAY_VULN_CRITERION_INTERNAL_H

#include <strings.h>

#include "vuln/internal.h"

/* Of one attribute of a CPE name, without its escapes: what is longer is cut. */
#define CRITERION_VALUE_MAX 256u

/* Whether the value is one of the names, which end with NULL. */
static inline bool criterion_one_of(struct text value, const char *const *names)
{
	for (; *names; names++)
		if (text_is(value, *names))
			return true;
	return false;
}

/* Whether the attribute leaves it open: ANY or NA (NISTIR 7695, section 5.3.3). */
static inline bool criterion_is_open(struct text attribute)
{
	return cpe_is_any(attribute) || cpe_is_na(attribute);
}

/* Whether both are the same ASCII word, in whatever case; two empty ones are. */
static inline bool criterion_same_word(struct text a, struct text b)
{
	return a.n == b.n && (!a.n || strncasecmp(a.p, b.p, a.n) == 0);
}

/* Whether the attributes behind the update (target_sw, target_hw, edition, sw_edition, language, other) let the name mean this
 * program. false: `why` has words of the scratch arena that go on from the name, "is for windows (target_sw), ...". */
bool criterion_attributes_fit(struct matcher *m, const struct cpe *name, const struct software *s, struct text *why);

#endif
