/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes cpio archives in the newc format, for tests that need a small file system. */
#ifndef ASSAY_TESTS_CPIO_WRITER_H
#define ASSAY_TESTS_CPIO_WRITER_H

#include <stdint.h>

#include "base/buf.h"

/* One entry: `mode` with its file type bits (0100644 ...). `name` is not terminated and may hold any byte. */
void cpio_add(struct buf *out, struct span name, uint32_t mode, struct span bytes);
void cpio_add_file(struct buf *out, const char *name, const char *text);
void cpio_end(struct buf *out);

#endif
