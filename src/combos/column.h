/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_COMBOS_COLUMN_H
#define ASSAY_COMBOS_COLUMN_H

#include "base/span.h"

/* The column of an offset in the text, bytes counted from 1. */
static inline uint32_t column_of(struct span text, size_t at)
{
	size_t from = at;
	while (from > 0 && text.p[from - 1] != '\n')
		from--;
	return (uint32_t)(at - from) + 1;
}

#endif
