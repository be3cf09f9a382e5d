/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For what has no header that tells of itself: whether an image begins at a place is what decides then. */
#ifndef ASSAY_FORMAT_PROOF_H
#define ASSAY_FORMAT_PROOF_H

#include "format/format.h"

#define PROOF_CONFIDENCE 80 /* a format that checks sums or a structure */
#define PROOF_MAGIC 4u

/* The format that proves itself there, by a magic of PROOF_MAGIC bytes or more and by what its probe checks, and its size in *match; NULL:
 * none. Encodings are left out, as they ask themselves. */
const struct format *proof_begins(struct span at, struct format_match *match);

#endif
