/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of an OSV record: what is said of the vulnerability, and what it affects. */
#ifndef ASSAY_FEED_OSV_H
#define ASSAY_FEED_OSV_H

#include "feed/importer.h"

/* Where packages come from. */
struct osv_ecosystem {
	const char *name, *purl, *order; /* its type of package URLs, how its versions order */
	const char *distribution;        /* whose packages become fixes; NULL: none */
	bool products;                   /* what stands behind the colon names products, not releases alone */
};
/* NULL: an unknown one. *release: what stands behind the colon; TEXT_NONE. */
const struct osv_ecosystem *osv_ecosystem(struct text name, struct text *release);
/* Of one with products: as os-release says "enterprise_linux:9::baseos", "Linux Enterprise Server 15 SP4", "Leap 15.5"; TEXT_NONE: it is
 * another product than a release of the distribution. */
struct text osv_release(struct feed_run *run, const struct osv_ecosystem *e, struct text r);

/* What `affected` says: criteria, one configuration for each package; for packages of distributions, fixes. */
void osv_affected(struct feed_run *run, const struct json_node *record);

#endif
