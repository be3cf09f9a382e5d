/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of Alpha Networks' encimg: published text, mangled with the image's signature. */
#ifndef ASSAY_FORMAT_DLINK_ENCIMG_H
#define ASSAY_FORMAT_DLINK_ENCIMG_H

#include "format/wrapper.h"

struct dlink_encimg_key {
	uint8_t key[32], iv[16];
};

/* Fills *k, which must live as long as what is returned. `key` has 32 characters, `iv` 16; the signature has some. */
struct wrapper_cipher dlink_encimg_cipher(struct dlink_encimg_key *k, const char *key, const char *iv,
										  struct text signature);

#endif
