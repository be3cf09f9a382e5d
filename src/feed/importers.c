/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/importer.h"

extern const struct feed_importer feed_nvd_2_0, feed_nvd_items, feed_nvd_bare, feed_nvd_1_1, feed_nvd_override,
	feed_cve_5, feed_kev, feed_csaf, feed_openvex, feed_cyclonedx, feed_osv, feed_alpine, feed_debian, feed_epss,
	feed_curl, feed_buildroot;

/* The first that recognises a document gets it. */
const struct feed_importer *const feed_importers[] = {
	&feed_nvd_items, &feed_nvd_bare, &feed_nvd_2_0, &feed_nvd_1_1, &feed_nvd_override,
	&feed_cve_5,     &feed_kev,      &feed_csaf,    &feed_openvex, &feed_cyclonedx,
	&feed_osv,       &feed_alpine,   &feed_debian,  &feed_epss,    &feed_curl,
	&feed_buildroot, NULL,
};
