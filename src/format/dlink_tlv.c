/* SPDX-License-Identifier: GPL-3.0-or-later */
/* D-Link's business access points (DWL, DAP): a model, a text, an MD5, and an image; of the DWL series enciphered by
 * `openssl enc` with a password that is made from the model and that text.
 *
 * Specification: binwalk src/structures/dlink_tlv.rs;
 * openwrt.org/toh/d-link/d-link_dwl_series_of_business_access_points.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/aes.h>

#include "base/hash.h"
#include "format/region.h"
#include "format/openssl_enc.h"

#define HEADER 0x74u
#define MD5_FROM 0x6cu
#define TEXT 0x20u
#define BLOCK 65536u

static uint32_t image_size(struct span bytes)
{
	return span_u32le(bytes, 0x70);
}

static bool tlv_probe(struct span at, struct format_match *match)
{
	if (!span_starts(at, "\x64\x80\x19\x40", 4) || at.n < HEADER || !wrapper_is_text(span_sub(at, 4, TEXT)) ||
		!wrapper_is_text(span_sub(at, 0x24, TEXT)) || span_u32le(at, 0x6c) != 1 || !image_size(at))
		return false;
	match->size = HEADER + (uint64_t)image_size(at);
	match->confidence = 85;
	return true;
}

/* HMAC-SHA1 of the model under the text, in hex: RFC 2104. Both are shorter than a block. */
static void make_password(struct text model, struct text secret, char password[2 * DIGEST_SHA1_SIZE + 1])
{
	uint8_t inner[64] = { 0 }, outer[64], digest[DIGEST_SHA1_SIZE];
	memcpy(inner, secret.p, secret.n < sizeof inner ? secret.n : sizeof inner);
	for (size_t i = 0; i < sizeof inner; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	digest_of_parts(DIGEST_SHA1, (struct span[]){ span_of(inner, sizeof inner), span_of(model.p, model.n) }, 2, digest);
	digest_of_parts(DIGEST_SHA1, (struct span[]){ span_of(outer, sizeof outer), span_of(digest, sizeof digest) }, 2,
					digest);
	hash_hex(digest, sizeof digest, password);
}

struct ecb {
	struct span bytes;
	AES_KEY key;
};

static struct error read_ecb(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct ecb *e = file;
	(void)fs;
	for (size_t i = 0; i < n; i += 16) {
		uint8_t block[16];
		struct span in = span_sub(e->bytes, offset + i, 16);
		if (!in.p)
			return error_at(ERR_TRUNCATED, offset + i, "these bytes are not there");
		AES_decrypt(in.p, block, &e->key);
		memcpy(out + i, block, n - i < 16 ? n - i : 16);
	}
	return error_none();
}

/* The series of the model numbers that begin with 8 use no chaining. */
static bool uses_ecb(struct text model)
{
	for (size_t i = 0; i + 4 <= model.n; i++) {
		bool four = true;
		for (size_t k = 0; k < 4; k++)
			four &= model.p[i + k] >= '0' && model.p[i + k] <= '9';
		if (four)
			return model.p[i] == '8';
	}
	return false;
}

static struct error emit_ecb(struct walk *w, struct span packed, uint64_t size, const uint8_t *key)
{
	static const struct content_ops ops = { .read = read_ecb };
	struct ecb *e = ARENA_NEW(w->arena, struct ecb);
	if (!e)
		return error_at(ERR_BUDGET, 0, "no memory for a key");
	e->bytes = packed;
	AES_set_decrypt_key(key, 256, &e->key);
	struct content content = { .kind = CONTENT_BLOCKS, .ops = &ops, .file = e, .block_size = BLOCK };
	(void)region_emit_content(w, "image", size, content, NULL);
	return error_none();
}

/* Without chaining the last block is deciphered as if it were the first, and its vector were zeros. */
static unsigned padding_of(struct span packed, struct wrapper_cipher cipher, bool ecb)
{
	static const uint8_t zeros[16];
	if (!ecb)
		return openssl_enc_padding(cipher, packed);
	cipher.iv = zeros;
	return openssl_enc_padding(cipher, span_sub(packed, packed.n - 16, 16));
}

static struct error emit_image(struct walk *w, struct span bytes)
{
	uint32_t size = image_size(bytes);
	struct span image = span_clip(bytes, HEADER, size);
	if (!span_starts(image, "Salted__", 8) || image.n < 2 * OPENSSL_ENC_HEADER) {
		region_emit(w, "image", bytes, HEADER, size, NULL);
		return error_none();
	}
	struct text model = wrapper_text(span_sub(bytes, 4, TEXT)), secret = wrapper_text(span_sub(bytes, 0x24, TEXT));
	char password[2 * DIGEST_SHA1_SIZE + 1];
	struct openssl_enc made;
	make_password(model, secret, password);
	struct wrapper_cipher c =
		openssl_enc_cipher(&made, DIGEST_MD5, 256, text_of(password, 2 * DIGEST_SHA1_SIZE), span_sub(image, 8, 8));
	struct span packed = span_sub(image, OPENSSL_ENC_HEADER, (image.n - OPENSSL_ENC_HEADER) / 16 * 16);
	bool ecb = uses_ecb(model);
	unsigned padding = padding_of(packed, c, ecb);
	emit_header_field(w->sink, HEADER, "cipher", "aes-256-%s", ecb ? "ecb" : "cbc");
	if (!padding && image.n == size)
		return error_at(ERR_ENCRYPTED, HEADER, "%u bytes, enciphered under another password than that of the model",
						size);
	if (ecb)
		return emit_ecb(w, packed, packed.n - padding, c.key);
	wrapper_deciphered(w, packed, 0, packed.n - padding, TEXT_LIT("image"), c);
	return error_none();
}

static struct error tlv_walk(struct span bytes, struct walk *w)
{
	wrapper_field(w, 4, "model", span_sub(bytes, 4, TEXT));
	wrapper_field(w, 0x24, "board id", span_sub(bytes, 0x24, TEXT));
	struct span declared = span_sub(bytes, 0x4c, TEXT),
				covered = span_sub(bytes, MD5_FROM, 8 + (uint64_t)image_size(bytes));
	if (declared.p && declared.p[0]) {
		uint8_t digest[DIGEST_MD5_SIZE];
		char hex[2 * DIGEST_MD5_SIZE + 1];
		digest_of(DIGEST_MD5, covered, digest);
		hash_hex(digest, sizeof digest, hex);
		wrapper_check(w, 0x4c, "md5", covered.p, memcmp(hex, declared.p, TEXT) == 0);
	}
	return emit_image(w, bytes);
}

static const struct format_magic tlv_magics[] = { MAGIC("\x64\x80\x19\x40", 0), MAGIC_END };

const struct format dlink_tlv_format = {
	.name = "dlink_tlv",
	.kind = FORMAT_CONTAINER,
	.title = "D-Link TLV and DWL image",
	.spec = "binwalk src/structures/dlink_tlv.rs; openwrt.org, D-Link DWL series",
	.magics = tlv_magics,
	.probe = tlv_probe,
	.walk = tlv_walk,
};
