/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COSE structures that authenticate something which stands elsewhere. */
#ifndef ASSAY_FORMAT_COSE_H
#define ASSAY_FORMAT_COSE_H

#include "format/format.h"

/* Reports the signature or MAC `block` of `payload`, which the format calls `covers`; `at` is its place in the blob. What it
 * takes to verify a COSE_Sign1 by a key from elsewhere goes along. */
void cose_describe(struct walk *w, struct span block, struct span payload, const char *covers, uint64_t at);

#endif
