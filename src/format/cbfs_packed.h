/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is packed in the flash of coreboot: files, stages, the segments of payloads. */
#ifndef ASSAY_FORMAT_CBFS_PACKED_H
#define ASSAY_FORMAT_CBFS_PACKED_H

#include "format/format.h"

#define CBFS_LZMA 1u
#define CBFS_LZ4 2u

/* The content of an entry is what the data unpack to, `size` bytes as far as is told; data that are stored, or packed in a way that
 * is not known, stay as they are. False when the arena is full. */
bool cbfs_set_content(struct walk *w, struct span data, uint32_t compression, uint64_t size, struct entry *e) MUST_USE;

#endif
