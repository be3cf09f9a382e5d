/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenSSL 3 marks its low-level digests as deprecated, but the others look for a configuration file, which a confined
 * worker can not open. For AES they must be asked: only they use the processor's instructions. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "format/wrapper.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "format/region.h"

#define CIPHER_BLOCK 65536u
#define AES_BLOCK 16u
#define AES_PIECE (1u << 30) /* EVP counts in int */

struct text wrapper_text(struct span field)
{
	size_t n = 0;
	while (n < field.n && field.p[n] != 0 && field.p[n] != 0xff && field.p[n] != '\r' && field.p[n] != '\n')
		n++;
	return text_of((const char *)field.p, n);
}

bool wrapper_is_text(struct span field)
{
	struct text t = wrapper_text(field);
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return false;
	return t.n > 0;
}

void wrapper_field(struct walk *w, uint64_t at, const char *name, struct span field)
{
	struct text t = wrapper_text(field);
	if (t.n)
		emit_header_field(w->sink, at, name, "%.*s", (int)t.n, t.p);
}

void wrapper_check(struct walk *w, uint64_t at, const char *name, bool whole, bool ok)
{
	emit_header_field(w->sink, at, name, "%s", !whole ? "not checked" : ok ? "ok" : "mismatch");
	if (whole && !ok)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the %s in the header is not that of the bytes", name);
}

void wrapper_check_u32(struct walk *w, uint64_t at, const char *name, bool whole, uint32_t declared, uint32_t computed)
{
	bool ok = declared == computed;
	emit_header_field(w->sink, at, name, "%s", !whole ? "not checked" : ok ? "ok" : "mismatch");
	if (whole && !ok)
		emit_damage_at(w->sink, ERR_CORRUPT, at, "the header says %s 0x%08x, the bytes have 0x%08x", name, declared,
					   computed);
}

void wrapper_check_digest(struct walk *w, uint64_t at, const char *name, bool whole, struct span declared,
						  const uint8_t *computed)
{
	wrapper_check(w, at, name, whole && declared.p, declared.p && memcmp(declared.p, computed, declared.n) == 0);
}

bool wrapper_region(struct walk *w, struct span bytes, uint64_t at, uint64_t size, struct text name, const char *format)
{
	return !size || region_emit_text(w, name, bytes, at, size, format);
}

bool wrapper_decipher(struct wrapper_cipher cipher, const uint8_t *in, uint8_t *out, size_t n)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	const EVP_CIPHER *aes = cipher.bits == 128 ? EVP_aes_128_cbc() : EVP_aes_256_cbc();
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	bool ok =
		c && EVP_DecryptInit_ex(c, aes, NULL, cipher.key, cipher.iv) == 1 && EVP_CIPHER_CTX_set_padding(c, 0) == 1;
	while (ok && n) {
		int done = 0, piece = (int)(n < AES_PIECE ? n : AES_PIECE);
		ok = EVP_DecryptUpdate(c, out, &done, in, piece) == 1 && done == piece;
		in += piece;
		out += piece;
		n -= (size_t)piece;
	}
	EVP_CIPHER_CTX_free(c);
	return ok;
}

struct ciphered {
	struct span bytes;
	uint8_t key[32], iv[AES_BLOCK];
	unsigned bits;
};

static struct error read_ciphered(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct ciphered *c = file;
	(void)fs;
	struct span in = span_sub(c->bytes, offset, n);
	if (!in.p || offset % AES_BLOCK)
		return error_at(ERR_TRUNCATED, offset, "these bytes are not there");
	const uint8_t *iv = offset ? span_sub(c->bytes, offset - AES_BLOCK, AES_BLOCK).p : c->iv;
	size_t whole = n - n % AES_BLOCK;
	bool ok = wrapper_decipher((struct wrapper_cipher){ c->key, iv, c->bits }, in.p, out, whole);
	struct span block = n > whole ? span_sub(c->bytes, offset + whole, AES_BLOCK) : SPAN_NONE;
	if (block.p) {
		uint8_t last[AES_BLOCK];
		iv = whole ? in.p + whole - AES_BLOCK : iv;
		ok &= wrapper_decipher((struct wrapper_cipher){ c->key, iv, c->bits }, block.p, last, AES_BLOCK);
		memcpy(out + whole, last, n - whole);
	} else if (n > whole) {
		memcpy(out + whole, in.p + whole, n - whole);
	}
	return ok ? error_none() : error_at(ERR_MEMORY, offset, "no memory to decipher");
}

bool wrapper_deciphered(struct walk *w, struct span bytes, uint64_t at, uint64_t size, struct text name,
						struct wrapper_cipher cipher)
{
	static const struct content_ops ops = { .read = read_ciphered };
	struct ciphered *c = ARENA_NEW(w->arena, struct ciphered);
	if (!c) {
		emit_damage_at(w->sink, ERR_BUDGET, at, "no memory for a key");
		return false;
	}
	c->bytes = span_clip(bytes, at, (size + AES_BLOCK - 1) / AES_BLOCK * AES_BLOCK);
	c->bits = cipher.bits;
	memcpy(c->iv, cipher.iv, sizeof c->iv);
	memcpy(c->key, cipher.key, cipher.bits / 8);
	struct entry e = entry_new(ENTRY_REGION, name);
	e.size = c->bytes.n < size ? c->bytes.n : size;
	e.content = (struct content){ .kind = CONTENT_BLOCKS, .ops = &ops, .file = c, .block_size = CIPHER_BLOCK };
	if (e.size < size)
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "%.*s has %llu bytes, %llu are there",
					   (int)(name.n < REGION_NAME_SHOWN ? name.n : REGION_NAME_SHOWN), name.p, (unsigned long long)size,
					   (unsigned long long)e.size);
	return !e.size || w->child(w, &e);
}

uint16_t wrapper_sum16(struct span bytes, bool big, bool carry)
{
	uint64_t sum = 0;
	for (size_t i = 0; i + 1 < bytes.n; i += 2)
		sum += big ? (uint32_t)bytes.p[i] << 8 | bytes.p[i + 1] : (uint32_t)bytes.p[i + 1] << 8 | bytes.p[i];
	if (bytes.n % 2)
		sum += big ? (uint32_t)bytes.p[bytes.n - 1] << 8 : bytes.p[bytes.n - 1];
	while (carry && sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)sum;
}
