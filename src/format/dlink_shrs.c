/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link SHRS: an image enciphered with AES-128 in CBC mode, under a key that is the same in all devices and published.
 *
 * Specification: github.com/0xricksanchez/dlink-decrypt; unblob handlers/archive/dlink/shrs.py.
 */
#include "format/wrapper.h"

#define HEADER_SIZE 0x6dcu
#define DIGEST_AT 0x9cu
#define UNUSED_AT 0xdcu

static const uint8_t published_key[16] = { 0xc0, 0x5f, 0xbf, 0x19, 0x36, 0xc9, 0x94, 0x29,
										   0xce, 0x2a, 0x07, 0x81, 0xf0, 0x8d, 0x6a, 0xd8 };

struct shrs {
	uint32_t plain_size, size; /* without and with the padding to whole blocks */
	struct span iv;
};

static bool shrs_read(struct span bytes, struct shrs *s)
{
	static const uint8_t zeros[512];
	struct reader r = reader_be(bytes);
	rd_skip(&r, 4);
	s->plain_size = rd_u32(&r);
	s->size = rd_u32(&r);
	s->iv = rd_bytes(&r, 16);
	return rd_ok(&r) && span_starts(bytes, "SHRS", 4) && s->size && s->size % 16 == 0 && s->plain_size <= s->size &&
		   s->size - s->plain_size <= 16 && span_has(bytes, UNUSED_AT, zeros, sizeof zeros);
}

static bool shrs_probe(struct span at, struct format_match *match)
{
	struct shrs s;
	if (!shrs_read(at, &s))
		return false;
	match->size = (uint64_t)HEADER_SIZE + s.size;
	match->confidence = 95;
	return true;
}

static struct error shrs_walk(struct span bytes, struct walk *w)
{
	struct shrs s;
	uint8_t digest[DIGEST_SHA512_SIZE];
	if (!shrs_read(bytes, &s))
		return error_at(ERR_CORRUPT, 0, "no SHRS header");
	struct span data = span_clip(bytes, HEADER_SIZE, s.size);
	digest_of(DIGEST_SHA512, data, digest);
	emit_header_field(w->sink, 4, "decrypted_size", "%u", s.plain_size);
	emit_header_field(w->sink, 8, "encrypted_size", "%u", s.size);
	emit_header_field(w->sink, HEADER_SIZE, "cipher", "%s", "AES-128-CBC, published key");
	wrapper_check_digest(w, DIGEST_AT, "encrypted_sha512", data.n == s.size, span_sub(bytes, DIGEST_AT, sizeof digest),
						 digest);
	struct wrapper_cipher cipher = { published_key, s.iv.p, 128 };
	(void)wrapper_deciphered(w, bytes, HEADER_SIZE, s.plain_size, TEXT_LIT("firmware"), cipher);
	return error_none();
}

static const struct format_magic shrs_magics[] = { MAGIC("SHRS", 0), MAGIC_END };

const struct format dlink_shrs_format = {
	.name = "dlink_shrs",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link SHRS enciphered image",
	.spec = "github.com/0xricksanchez/dlink-decrypt",
	.magics = shrs_magics,
	.probe = shrs_probe,
	.walk = shrs_walk,
};
