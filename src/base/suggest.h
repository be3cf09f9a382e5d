/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": how near a name is to what the user typed. */
#ifndef ASSAY_BASE_SUGGEST_H
#define ASSAY_BASE_SUGGEST_H

#define SUGGEST_FAR 1000u /* not to be suggested */

/* 0: `id` begins with it; 1: its last part (after a dot) begins with it; 2: it contains it; then more with each typing error
 * (of the first 64 characters; two that changed places are one), up to as many as somebody makes who means it. */
unsigned suggest_distance(const char *typed, const char *id);

#endif
