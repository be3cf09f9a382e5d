/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fuzz target for each reader of test plans' models and rows: "combos:pict", "combos:rows". */
#ifndef ASSAY_FUZZ_TARGET_COMBOS_H
#define ASSAY_FUZZ_TARGET_COMBOS_H

#include <stdbool.h>

#include "base/span.h"

/* Names, without "combos:"; ended by NULL. */
extern const char *const target_combos_names[];

/* Chooses by such a name; false when there is none. */
bool target_combos_choose(const char *name);

/* Reads the bytes; what is read is written again in every format. */
void target_combos_run(struct span bytes);

#endif
