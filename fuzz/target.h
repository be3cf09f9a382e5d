/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fuzz target for every row of the registries: "format:squashfs", "inspector:elf"; and for the readers of test plans: "combos:pict". */
#ifndef ASSAY_FUZZ_TARGET_H
#define ASSAY_FUZZ_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* Chooses the target by name; false when there is none. */
bool target_choose(const char *name);

/* Gives the bytes to the chosen target as the probe would: identification, walk, every child's content (bounded). */
void target_run(struct span bytes);

#endif
