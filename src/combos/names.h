/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that were made of others, and may have become the same. */
#ifndef ASSAY_COMBOS_NAMES_H
#define ASSAY_COMBOS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Bytes that each name must have beside its own characters. */
#define NAMES_ROOM 32u

/* Appends its number, from 1, to each name that an earlier one has. False when out of memory. */
bool names_part(char **names, uint32_t n) MUST_USE;

#endif
