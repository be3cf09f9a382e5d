/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Branch filters: what encoders did to the targets of calls so that they compress better, undone.
 *
 * Format: "The .xz File Format" 1.2.0, section 5.3.2; the conversions are those of the LZMA SDK's Bra*.c.
 */
#ifndef ASSAY_BASE_BCJ_H
#define ASSAY_BASE_BCJ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Undoes the filter of that .xz filter id in place on all of the data of a block; `start` is the filter's start offset.
 * False when the filter is not one of x86, PowerPC, IA-64, ARM, ARM Thumb, SPARC, ARM64, RISC-V. */
bool bcj_decode(uint64_t filter_id, uint32_t start, uint8_t *p, size_t n);
/* Whether it is one of those ids. */
bool bcj_known(uint64_t filter_id);

#endif
