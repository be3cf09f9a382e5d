/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-32C (Castagnoli, RFC 3720 appendix B.4): of superblocks and metadata of younger file systems. */
#ifndef ASSAY_BASE_CRC32C_H
#define ASSAY_BASE_CRC32C_H

#include <stdint.h>

#include "base/span.h"

/* Goes on from `crc`, without the inversions before and after that many uses have: those give UINT32_MAX and invert. */
uint32_t crc32c_raw(uint32_t crc, struct span bytes);

#endif
