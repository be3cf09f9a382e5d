/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/importer.h"

extern const struct feed_importer feed_nvd_2_0, feed_nvd_override;

const struct feed_importer *const feed_importers[] = {
	&feed_nvd_2_0,
	&feed_nvd_override,
	NULL,
};
