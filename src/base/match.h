/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decoders of LZ77 share. */
#ifndef ASSAY_BASE_MATCH_H
#define ASSAY_BASE_MATCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Writes the n bytes that stand `distance` before `out` there, as if byte by byte: a match may reach into itself. The caller has seen to it
 * that both are within its buffer, and that the distance is not 0. */
static inline void match_copy(uint8_t *out, size_t distance, size_t n)
{
	const uint8_t *from = out - distance;
	if (distance >= n)
		memcpy(out, from, n);
	else
		for (size_t i = 0; i < n; i++)
			out[i] = from[i];
}

#endif
