/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays without symmetry that a long search has found. */
#ifndef ASSAY_COMBOS_SEED_FOUND_H
#define ASSAY_COMBOS_SEED_FOUND_H

/* Strength three, six values, six columns: row by row, one digit a cell. */
extern const char seed_found_6[];

#endif
