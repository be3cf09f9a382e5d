/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Novatek's formats have in common. */
#ifndef ASSAY_FORMAT_NOVATEK_H
#define ASSAY_FORMAT_NOVATEK_H

#include <stdint.h>

#include "base/span.h"

/* Each word of 16 bits and its number, summed up: of what carries its sum, 0. */
uint16_t novatek_sum(struct span s);

#endif
