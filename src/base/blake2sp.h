/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BLAKE2sp: eight lanes of BLAKE2s, and one over what comes out of them ("BLAKE2: simpler, smaller, fast as MD5", 2.10 and 2.11). */
#ifndef ASSAY_BASE_BLAKE2SP_H
#define ASSAY_BASE_BLAKE2SP_H

#include <stdint.h>

#include "base/span.h"

#define BLAKE2SP_SIZE 32u

/* Of all the bytes, without a key. */
void blake2sp(struct span bytes, uint8_t digest[BLAKE2SP_SIZE]);

#endif
