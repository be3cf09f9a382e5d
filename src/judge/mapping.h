/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mapping between guidelines: `references` that name requirements of packs that are loaded.
 *
 * A reference names a requirement by its id, or, where its `standard` is the name of a pack's source, by what follows that
 * pack's prefix, whatever its case: {standard: ETSI EN 303 645, id: 5.3-4A} is etsi.5.3-4a. A number that an edition has split
 * names all of its parts: 5.3-4 is 5.3-4a and 5.3-4b. What names no pack that is loaded is of a standard that is none here.
 */
#ifndef ASSAY_JUDGE_MAPPING_H
#define ASSAY_JUDGE_MAPPING_H

#include <stdio.h>

#include "judge/pack.h"

/* Requirements that one reference may name. */
#define REFERENCED_MAX 8u

/* The requirements that the reference names, at most REFERENCED_MAX, into `found`; returns how many. */
size_t mapping_referenced(const struct packs *packs, const struct pack_reference *reference, const struct requirement **found);

/* Whether a reference of `from` names `to`. */
bool mapping_refers(const struct packs *packs, const struct requirement *from, const struct requirement *to);

/* What is wrong with the mapping, one line each on `out`: references that name nothing, those that give a requirement's
 * standard another name than its pack, and those that are not answered by one in the other direction. Returns how many. */
size_t mapping_faults(const struct packs *packs, FILE *out);

#endif
