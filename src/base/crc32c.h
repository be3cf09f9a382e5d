/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-32C (Castagnoli; RFC 3720, appendix B.4), which file systems guard their metadata with. */
#ifndef ASSAY_BASE_CRC32C_H
#define ASSAY_BASE_CRC32C_H

#include <stdint.h>

#include "base/span.h"

/* The register after these bytes, without the inversions at the beginning and the end: those are the caller's, since
 * file systems differ in them. */
uint32_t crc32c_update(uint32_t crc, struct span bytes);

#endif
