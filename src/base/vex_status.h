/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What statements on vulnerabilities say of a product, and how it is spelled. */
#ifndef ASSAY_BASE_VEX_STATUS_H
#define ASSAY_BASE_VEX_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Whether it is one of the four of OpenVEX 0.2.0: not_affected, affected, fixed, under_investigation. */
bool vex_status_is_known(struct text status);

/* The members of CSAF's product_status (CSAF 2.0, 3.2.3.9) that list products, and which of the four each of them means; "recommended" is no
 * statement on a vulnerability. */
struct csaf_status {
	const char *member, *status;
};
extern const struct csaf_status csaf_statuses[];
extern const size_t csaf_statuses_n;
/* Whether a status of a product counts: a draft (3.2.1.12.7) does not yet say of anything that it is not affected or fixed; of a product that is
 * said to be affected, too, by the same vulnerability (a contradiction, 6.1.6) nobody can tell which is meant, and that counts. */
bool csaf_status_counts(const char *status, bool draft, bool also_affected);

#endif
