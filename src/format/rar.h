/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the RAR reader share. Not for other formats. */
#ifndef ASSAY_FORMAT_RAR_H
#define ASSAY_FORMAT_RAR_H

#include "format/archive.h"

#define RAR5_MAGIC "Rar!\x1a\7\1\0"
#define RAR5_MAGIC_SIZE 8u

/* The size of the RAR 5 block that `at` begins with, if its CRC verifies, with its data; 0 when there is none. */
uint64_t rar5_block(struct span at, uint64_t *type);

/* rar5.c: the entries of a RAR 5 archive: links and encrypted files by its headers, the others by libarchive. */
struct error rar5_walk(struct span bytes, struct walk *w, int (*enable)(struct archive *));

#endif
