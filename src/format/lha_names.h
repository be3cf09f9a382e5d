/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encoding of names in LHA archives, which is not said: mostly the code page of who packed them. */
#ifndef ASSAY_FORMAT_LHA_NAMES_H
#define ASSAY_FORMAT_LHA_NAMES_H

#include <stdbool.h>

#include "base/span.h"

/* What the names of an archive look like together. */
struct lha_names {
	unsigned japanese; /* names that can hardly be anything but Japanese in code page 932 */
	unsigned unclear;  /* names that may be that, and may be something else */
	unsigned other;    /* names that are neither that nor UTF-8 */
};

/* Takes a member's header into account, whose further headers are within it. */
void lha_names_add(struct lha_names *names, struct span header);

/* Whether all names beyond ASCII are in code page 932. */
bool lha_names_are_cp932(const struct lha_names *names);

#endif
