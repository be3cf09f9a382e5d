/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For what has no header that tells of itself: whether an image begins at a place is what decides then. */
#ifndef ASSAY_FORMAT_PROOF_H
#define ASSAY_FORMAT_PROOF_H

#include "format/format.h"

#define PROOF_CONFIDENCE 80 /* a format that checks sums or a structure */
#define PROOF_MAGIC 4u

/* Whether a format that proves itself begins there, by a magic of PROOF_MAGIC bytes or more and by what its probe checks; encodings are
 * left out, as they ask themselves. Then *match tells its size. */
bool proof_begins(struct span at, struct format_match *match);

#endif
