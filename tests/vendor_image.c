/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vendor_image.h"

#include <openssl/evp.h>

#include "seed.h"

struct image image_new(void)
{
	struct image im = { malloc(IMAGE_MAX), 0 };
	assert_non_null(im.p);
	return im;
}

void image_free(struct image *im)
{
	free(im->p);
}

void put(struct image *im, const void *bytes, size_t n)
{
	assert_true(im->n + n <= IMAGE_MAX);
	memcpy(im->p + im->n, bytes, n);
	im->n += n;
}

void put_fill(struct image *im, uint8_t byte, size_t n)
{
	assert_true(im->n + n <= IMAGE_MAX);
	memset(im->p + im->n, byte, n);
	im->n += n;
}

void put_text(struct image *im, const char *text, size_t width, uint8_t pad)
{
	size_t n = strlen(text);
	assert_true(n <= width);
	put(im, text, n);
	put_fill(im, pad, width - n);
}

void set_le(struct image *im, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		im->p[at + i] = (uint8_t)(v >> 8 * i);
}

void set_be(struct image *im, size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		im->p[at + i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

void put_le(struct image *im, uint64_t v, unsigned width)
{
	put_fill(im, 0, width);
	set_le(im, im->n - width, v, width);
}

void put_be(struct image *im, uint64_t v, unsigned width)
{
	put_fill(im, 0, width);
	set_be(im, im->n - width, v, width);
}

void put_payload(struct image *im, unsigned seed, size_t n)
{
	uint32_t x = seed * 2654435761u + 1;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		put_fill(im, (uint8_t)(x >> 24), 1);
	}
}

uint32_t crc_raw(uint32_t crc, const void *bytes, size_t n)
{
	for (const uint8_t *p = bytes; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

void vendor_digest(const char *name, const void *bytes, size_t n, uint8_t *digest)
{
	assert_int_equal(EVP_Digest(bytes, n, digest, NULL, EVP_get_digestbyname(name), NULL), 1);
}

void aes_cbc(unsigned bits, const void *key, const void *iv, uint8_t *bytes, size_t n)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t *out = malloc(n + 16);
	int done = 0;
	assert_true(c && out);
	assert_int_equal(EVP_EncryptInit_ex(c, bits == 128 ? EVP_aes_128_cbc() : EVP_aes_256_cbc(), NULL, key, iv), 1);
	EVP_CIPHER_CTX_set_padding(c, 0);
	assert_int_equal(EVP_EncryptUpdate(c, out, &done, bytes, (int)n), 1);
	assert_int_equal(done, n);
	memcpy(bytes, out, n);
	free(out);
	EVP_CIPHER_CTX_free(c);
}

void image_open(struct walked *t, const struct format *format, struct span bytes, uint64_t size)
{
	walked_open(t, format, bytes);
	assert_true(t->accepted);
	assert_int_equal(t->match.size, size);
	assert_in_range(t->match.confidence, 1, 100);
}

void assert_field(const struct walked *t, const char *name, const char *value)
{
	const char *found = walked_header(t, name);
	if (!found)
		fail_msg("no field %s", name);
	assert_string_equal(found, value);
}

static void noise_is_refused(const struct format *format)
{
	uint8_t noise[4096];
	uint64_t x = 88172645463325252u;
	for (unsigned round = 0; round < 300; round++) {
		for (size_t i = 0; i < sizeof noise; i += 8) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			memcpy(noise + i, &x, 8);
		}
		struct format_match m = { .size = SIZE_UNKNOWN };
		for (const struct format_magic *magic = format->magics; magic && magic->bytes; magic++) {
			if (magic->offset + magic->n > sizeof noise || magic->n >= 12)
				continue; /* so long a magic is proof enough */
			memcpy(noise + magic->offset, magic->bytes, magic->n);
			assert_false(format->probe(span_of(noise, sizeof noise), &m));
		}
		if (!format->magics)
			assert_false(format->probe(span_of(noise, sizeof noise), &m));
	}
}

void survives_all(const struct format *format, const struct image *im, size_t window)
{
	seed_keep("format", format->name, "", image_span(im));
	survives_cuts(format, image_span(im), im->n < 3000 ? (unsigned)im->n : 700);
	survives_flips(format, image_span(im), 2000, window);
	noise_is_refused(format);
}
