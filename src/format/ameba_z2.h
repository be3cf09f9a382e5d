/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ameba_z2_flash and ameba_z2_ota have in common: heads of images, and their HMAC-SHA256. */
#ifndef ASSAY_FORMAT_AMEBA_Z2_H
#define ASSAY_FORMAT_AMEBA_Z2_H

#include "base/span.h"

#define AMEBA_Z2_HEAD 96u
#define AMEBA_Z2_DIGEST 32u
#define AMEBA_Z2_LAST 0xffffffffu

/* Under a key of 32 bytes; without one (NULL) the SHA-256. */
void ameba_z2_hmac(const uint8_t *key, struct span bytes, uint8_t digest[AMEBA_Z2_DIGEST]);

#endif
