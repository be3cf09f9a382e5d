/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For the tests of vendors' wrappers: images are written field by field after the specification, with digests and
 * ciphers of OpenSSL's EVP and a CRC bit by bit, which share nothing with the code under test. */
#ifndef ASSAY_TESTS_VENDOR_IMAGE_H
#define ASSAY_TESTS_VENDOR_IMAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "walked.h"

#define IMAGE_MAX ((size_t)1 << 20)

struct image {
	uint8_t *p;
	size_t n;
};

struct image image_new(void);
void image_free(struct image *im);
void put(struct image *im, const void *bytes, size_t n);
/* Text, padded with `pad` to `width` bytes. */
void put_text(struct image *im, const char *text, size_t width, uint8_t pad);
void put_fill(struct image *im, uint8_t byte, size_t n);
void put_le(struct image *im, uint64_t v, unsigned width);
void put_be(struct image *im, uint64_t v, unsigned width);
/* n bytes that look like nothing in particular; the same for the same seed. */
void put_payload(struct image *im, unsigned seed, size_t n);
void set_le(struct image *im, size_t at, uint64_t v, unsigned width);
void set_be(struct image *im, size_t at, uint64_t v, unsigned width);

static inline struct span image_span(const struct image *im)
{
	return span_of(im->p, im->n);
}

/* The reflected CRC-32, begun with `crc`, not inverted at the end. */
uint32_t crc_raw(uint32_t crc, const void *bytes, size_t n);
/* Of "md5", "sha1", "sha256", "sha512". */
void vendor_digest(const char *name, const void *bytes, size_t n, uint8_t *digest);
/* AES in CBC mode without padding, in place. */
void aes_cbc(unsigned bits, const void *key, const void *iv, uint8_t *bytes, size_t n);

/* Walks the image, which must be accepted with that size. */
void image_open(struct walked *t, const struct format *format, struct span bytes, uint64_t size);
/* No damage, and a field says so. */
void assert_field(const struct walked *t, const char *name, const char *value);
/* Cuts, flips within `window`, and noise behind each magic. */
void survives_all(const struct format *format, const struct image *im, size_t window);

#endif
