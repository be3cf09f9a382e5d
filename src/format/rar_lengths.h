/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lengths of a block's codes, as versions 2.9 and 5 of RAR write them. Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_LENGTHS_H
#define ASSAY_FORMAT_RAR_LENGTHS_H

#include "format/rar_bits.h"

/* Reads n lengths (0 to 15), each told as what is added to the one that lengths[] has, modulo 16: version 5 begins with zeros. False:
 * they end too early, or make no code. */
bool rar_lengths_read(struct rar_bits *b, uint8_t *lengths, unsigned n);

#endif
