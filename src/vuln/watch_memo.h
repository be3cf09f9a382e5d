/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was decided once of software that many cases have. */
#ifndef ASSAY_VULN_WATCH_MEMO_H
#define ASSAY_VULN_WATCH_MEMO_H

#include "vuln/watch_internal.h"

/* An empty memo; false: no memory. memo_free() ends it either way. */
bool memo_begin(struct memo *memo);
void memo_free(struct memo *memo);

/* To be called between cases: forgets when it has grown large. */
void memo_trim(struct memo *memo);

/* What of the changed vulnerabilities applies to such a row, or may by what else is in the image; valid until memo_trim() or
 * the end of the case, whose arena is used when the memo is full. `built`: image_is_built() of a row that names no
 * distribution. Uses the scratch arena. False: no memory, or an error of the matcher. */
bool memo_find(struct memo *memo, struct matcher *m, const struct watch_set *set, const struct software_columns *c,
			   bool built, struct arena *of_case, struct memo_result *r);

#endif
