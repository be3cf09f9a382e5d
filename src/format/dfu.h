/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The suffix of USB DFU, which ST's files have, too. */
#ifndef ASSAY_FORMAT_DFU_H
#define ASSAY_FORMAT_DFU_H

#include "format/format.h"

#define DFU_SUFFIX 16u

struct dfu_suffix {
	uint16_t device, product, vendor, version;
	uint8_t length;
	uint32_t crc;
};

/* The suffix at the end of the bytes; false when there is none. */
bool dfu_suffix_read(struct span bytes, struct dfu_suffix *s) MUST_USE;

/* Its fields, with the CRC verified. `prefix`: bytes at the beginning that may have been added after the suffix. */
void dfu_suffix_emit(struct sink *sink, struct span bytes, const struct dfu_suffix *s, uint64_t prefix);

#endif
