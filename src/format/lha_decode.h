/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods that libarchive does not know: of LArc and of LHarc 1, which came before the block codes of LHA, and two with such codes. */
#ifndef ASSAY_FORMAT_LHA_DECODE_H
#define ASSAY_FORMAT_LHA_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* Whether the five bytes of a method name one of them: -lh1-, -lh4-, -lhx-, -lzs-, -lz5-. */
bool lha_decode_knows(struct span method) MUST_USE;

/* Unpacks `size` bytes. *n is how many came out, also on error; *used how many of `in` they took. */
enum error_code lha_decode(struct span method, struct span in, uint8_t *out, size_t size, size_t *used, size_t *n) MUST_USE;

#endif
