/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs with LZFSE and LZVN as lzfse's src/lzfse_internal.h, src/lzfse_fse.h and src/lzvn_decode_base.c define them. Room for the output:
 * twice the input, and 4096 bytes. */
#ifndef ASSAY_TESTS_LZFSE_WRITER_H
#define ASSAY_TESTS_LZFSE_WRITER_H

#include "base/span.h"

/* The kind of the blocks, as the last byte of their magic tells: '2', '1', 'n', '-'. Gives the size. */
size_t lzfse_write(struct span plain, char kind, uint8_t *out);

/* A stream of LZVN by itself. */
size_t lzvn_write(struct span plain, uint8_t *out);

#endif
