/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers that the words of a DCS image are obscured with. */
#ifndef ASSAY_FORMAT_DLINK_DCS_H
#define ASSAY_FORMAT_DLINK_DCS_H

#include <stdint.h>

/* Of the i-th word behind the header. */
uint16_t dlink_dcs_number(uint64_t i);

#endif
