/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/vex_status.h"

#include <string.h>

/* Those that say affected stand first: what contradicts them comes later. */
const struct csaf_status csaf_statuses[] = {
	{ "known_affected", "affected" },
	{ "first_affected", "affected" },
	{ "last_affected", "affected" },
	{ "known_not_affected", "not_affected" },
	{ "fixed", "fixed" },
	{ "first_fixed", "fixed" },
	{ "under_investigation", "under_investigation" },
};
const size_t csaf_statuses_n = sizeof csaf_statuses / sizeof csaf_statuses[0];

bool csaf_status_counts(const char *status, bool draft, bool also_affected)
{
	return strcmp(status, "affected") == 0 || !(draft || also_affected);
}

bool vex_status_is_known(struct text status)
{
	return text_is(status, "affected") || text_is(status, "not_affected") || text_is(status, "fixed") ||
		   text_is(status, "under_investigation");
}
