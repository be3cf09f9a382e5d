/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text that describes a disk of VMware: in the image itself, or in a file of its own beside the files of the disk. */
#ifndef ASSAY_FORMAT_VMDK_H
#define ASSAY_FORMAT_VMDK_H

#include "format/format.h"

#define VMDK_DESCRIPTOR_MAX (1u << 20)

/* One line of the list of extents. */
struct vmdk_extent {
	uint64_t sectors, first; /* `first`: of the file, for flat ones */
	struct text kind;        /* FLAT, SPARSE, ZERO, VMFS ... */
	struct text file;        /* without its quotes; empty for ZERO */
	uint64_t at;             /* of the line in the descriptor */
};

/* Whether these bytes begin as a descriptor; its text, up to what is no text. */
struct text vmdk_descriptor_text(struct span bytes);
/* Whether `bytes` hold a descriptor and nothing else. Behind it may be zeros, and the end of an older one: qemu-img writes a shorter
 * CID, which has no leading zeros, over a longer one. */
bool vmdk_descriptor_is_all(struct span bytes);

/* The value of a line KEY=VALUE, without its quotes; TEXT_NONE when there is none. */
struct text vmdk_descriptor_value(struct text descriptor, const char *key);

/* The next extent from *at on, which moves behind it. False: there is none. */
bool vmdk_descriptor_extent(struct text descriptor, size_t *at, struct vmdk_extent *extent) MUST_USE;

/* Fills out[0..n) with the beginning of the disk of a sparse extent, zeros behind its end; *size is its own. An error tells the first part
 * that can not be read, the others are there. *rest: the file has bytes that are not the disk's. */
struct error vmdk_extent_copy(struct span bytes, uint8_t *out, uint64_t n, uint64_t *size, bool *rest) MUST_USE;

/* Header fields of the descriptor, and what it says of a parent; gives how many extents there are. */
unsigned vmdk_descriptor_emit(struct text descriptor, uint64_t at, struct walk *w);

#endif
