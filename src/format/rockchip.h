/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checksum of Rockchip's images: CRC-32 without reflection and inversions, mostly with a polynomial of their own.
 *
 * Specification: rkcrc.h of Rockchip's upgrade tools (rockchip-linux/rkbin, rkflashtool). */
#ifndef ASSAY_FORMAT_ROCKCHIP_H
#define ASSAY_FORMAT_ROCKCHIP_H

#include "base/span.h"

#define ROCKCHIP_POLYNOMIAL 0x04c10db7u
#define ROCKCHIP_POLYNOMIAL_IEEE 0x04c11db7u /* some tools' for the parameters */

/* A CRC of 32 bits, highest bit first, which begins at 0 and is not inverted; ROCKCHIP_POLYNOMIAL or the other one. */
uint32_t rockchip_crc(struct span bytes, uint32_t polynomial);

#endif
