/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: RFC 9580, section 5.2. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/openpgp.h"

struct span openpgp_take_number(struct reader *r)
{
	uint16_t bits = rd_u16(r);
	return rd_bytes(r, (bits + 7u) / 8);
}

/* Those whose meaning is known here, or is none for whether a signature holds. */
static bool is_understood(uint8_t type)
{
	static const uint8_t known[] = { 2, 3, 4, 7, 9, 11, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32, 33, 34, 35, 39 };
	return memchr(known, type, sizeof known) != NULL;
}

/* What only counts when it is signed. Of several, the first. */
static void take_signed(uint8_t type, struct span s, struct openpgp_signature *out)
{
	if (type == 2 && s.n == 5 && out->created < 0)
		out->created = (int64_t)span_u32be(s, 1);
	else if (type == 3 && s.n == 5 && out->expires < 0)
		out->expires = (int64_t)span_u32be(s, 1);
	else if (type == 9 && s.n == 5 && out->key_expires < 0)
		out->key_expires = (int64_t)span_u32be(s, 1);
	else if (type == 27 && s.n > 1 && out->flags < 0)
		out->flags = s.p[1];
	out->not_understood |= (s.p[0] & 0x80) && !is_understood(type);
}

/* What a subpacket (5.2.3.7) says. A fingerprint counts more than an id. */
static void take_subpacket(struct span s, bool hashed, struct openpgp_signature *out)
{
	uint8_t type = s.p[0] & 0x7f;
	bool fingerprint = type == 33 && (s.n == 22 || s.n == 34);
	if (hashed)
		take_signed(type, s, out);
	if (fingerprint && out->issuer.n <= 8)
		out->issuer = span_from(s, 2);
	else if (type == 16 && s.n == 9 && !out->issuer.n)
		out->issuer = span_from(s, 1);
	else if (type == 32 && s.n > 1 && !out->embedded.n)
		out->embedded = span_from(s, 1);
}

static bool read_subpackets(struct span area, bool hashed, struct openpgp_signature *out)
{
	struct reader r = reader_be(area);
	while (rd_left(&r)) {
		uint8_t first = rd_u8(&r);
		uint64_t n = first;
		if (first == 255)
			n = rd_u32(&r);
		else if (first >= 192)
			n = ((uint64_t)(first - 192) << 8) + rd_u8(&r) + 192;
		struct span s = rd_bytes(&r, n);
		if (!rd_ok(&r) || !s.n)
			return false;
		take_subpacket(s, hashed, out);
	}
	return true;
}

static bool read_version3(struct span body, struct openpgp_signature *out)
{
	struct reader r = reader_be(body);
	rd_skip(&r, 1);
	if (rd_u8(&r) != 5)
		return false;
	out->hashed = span_sub(body, 2, 5);
	out->type = rd_u8(&r);
	out->created = (int64_t)rd_u32(&r);
	out->issuer = rd_bytes(&r, 8);
	out->algorithm = rd_u8(&r);
	out->hash = rd_u8(&r);
	rd_skip(&r, 2);
	out->value = rd_bytes(&r, rd_left(&r));
	return rd_ok(&r);
}

bool openpgp_read_signature(struct span body, struct openpgp_signature *out)
{
	struct reader r = reader_be(body);
	*out = (struct openpgp_signature){
		.version = rd_u8(&r), .created = -1, .expires = -1, .key_expires = -1, .flags = -1
	};
	if (out->version == 3)
		return read_version3(body, out) && out->value.n;
	if (out->version != 4 && out->version != 6)
		return false;
	unsigned width = out->version == 6 ? 4 : 2;
	out->type = rd_u8(&r);
	out->algorithm = rd_u8(&r);
	out->hash = rd_u8(&r);
	struct span hashed = rd_bytes(&r, rd_uint(&r, width));
	out->hashed = span_sub(body, 0, 4 + width + hashed.n);
	struct span unhashed = rd_bytes(&r, rd_uint(&r, width));
	rd_skip(&r, 2);
	if (out->version == 6)
		out->salt = rd_bytes(&r, rd_u8(&r));
	out->value = rd_bytes(&r, rd_left(&r));
	return rd_ok(&r) && out->hashed.p && out->value.n && read_subpackets(hashed, true, out) &&
		   read_subpackets(unhashed, false, out);
}

const char *openpgp_hash_name(uint8_t hash)
{
	static const char *const names[] = { NULL,     "md5",    "sha1",   "ripemd160", NULL,       NULL, NULL,      NULL,
										 "sha256", "sha384", "sha512", "sha224",    "sha3-256", NULL, "sha3-512" };
	return hash < sizeof names / sizeof names[0] ? names[hash] : NULL;
}

const char *openpgp_algorithm_name(uint8_t algorithm)
{
	switch (algorithm) {
	case 1:
	case 3:
		return "rsa";
	case 17:
		return "dsa";
	case 19:
		return "ecdsa";
	case 22:
	case 27:
		return "ed25519"; /* of 22 the curve is the key's; no other is in use */
	case 28:
		return "ed448";
	default:
		return NULL;
	}
}

EVP_MD_CTX *openpgp_digest_begin(const struct openpgp_signature *s)
{
	const EVP_MD *md = s->hash == 2    ? EVP_sha1()
					   : s->hash == 8  ? EVP_sha256()
					   : s->hash == 9  ? EVP_sha384()
					   : s->hash == 10 ? EVP_sha512()
									   : NULL;
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	EVP_MD_CTX *digest = md ? EVP_MD_CTX_new() : NULL;
	if (digest && (EVP_DigestInit_ex(digest, md, NULL) != 1 ||
				   (s->salt.n && EVP_DigestUpdate(digest, s->salt.p, s->salt.n) != 1))) {
		EVP_MD_CTX_free(digest);
		return NULL;
	}
	return digest;
}

/* 5.2.4 */
size_t openpgp_digest_end(EVP_MD_CTX *digest, const struct openpgp_signature *s, uint8_t out[OPENPGP_DIGEST_MAX])
{
	uint32_t size = (uint32_t)s->hashed.n;
	uint8_t trailer[6] = { s->version,           0xff,         (uint8_t)(size >> 24), (uint8_t)(size >> 16),
						   (uint8_t)(size >> 8), (uint8_t)size };
	unsigned n = 0;
	bool ok = EVP_DigestUpdate(digest, s->hashed.p, s->hashed.n) == 1 &&
			  (s->version == 3 || EVP_DigestUpdate(digest, trailer, sizeof trailer) == 1) &&
			  EVP_MD_CTX_get_size(digest) <= (int)OPENPGP_DIGEST_MAX && EVP_DigestFinal_ex(digest, out, &n) == 1;
	EVP_MD_CTX_free(digest);
	return ok ? n : 0;
}

/* An INTEGER of DER, of at most 126 bytes. */
static size_t write_integer(struct span number, uint8_t *out)
{
	while (number.n > 1 && number.p[0] == 0)
		number = span_from(number, 1);
	if (!number.n || number.n > 100)
		return 0;
	bool high = number.p[0] & 0x80;
	out[0] = 0x02;
	out[1] = (uint8_t)(number.n + high);
	out[2] = 0;
	memcpy(out + 2 + high, number.p, number.n);
	return 2 + high + number.n;
}

static size_t pair_value(struct span a, struct span b, uint8_t *out)
{
	uint8_t body[256];
	size_t first = write_integer(a, body), second = first ? write_integer(b, body + first) : 0, n = first + second;
	if (!second)
		return 0;
	size_t head = n < 128 ? 2 : 3;
	out[0] = 0x30;
	out[1] = n < 128 ? (uint8_t)n : 0x81;
	if (head == 3)
		out[2] = (uint8_t)n;
	memcpy(out + head, body, n);
	return head + n;
}

/* Numbers are written without their leading zeros: what they are is 32 bytes each. */
static size_t eddsa_value(struct span a, struct span b, uint8_t *out)
{
	if (a.n > 32 || b.n > 32)
		return 0;
	memset(out, 0, 64);
	if (a.n)
		memcpy(out + 32 - a.n, a.p, a.n);
	if (b.n)
		memcpy(out + 64 - b.n, b.p, b.n);
	return 64;
}

/* Likewise; moduli have a multiple of 128 bits. */
static size_t rsa_value(struct span a, uint8_t *out)
{
	size_t n = (a.n + 15) / 16 * 16;
	if (!a.n || n > OPENPGP_VALUE_MAX)
		return 0;
	memset(out, 0, n - a.n);
	memcpy(out + n - a.n, a.p, a.n);
	return n;
}

size_t openpgp_value(const struct openpgp_signature *s, uint8_t out[OPENPGP_VALUE_MAX], const char **method)
{
	struct reader r = reader_be(s->value);
	bool rsa = s->algorithm == 1 || s->algorithm == 3;
	if (s->algorithm == 27) {
		struct span raw = rd_bytes(&r, 64);
		*method = "ed25519";
		if (!raw.p || rd_left(&r))
			return 0;
		memcpy(out, raw.p, 64);
		return 64;
	}
	struct span a = openpgp_take_number(&r), b = rsa ? SPAN_NONE : openpgp_take_number(&r);
	bool pair = s->algorithm == 17 || s->algorithm == 19; /* DSA, ECDSA */
	*method = rsa ? "rsa-pkcs1" : s->algorithm == 17 ? "dsa" : pair ? "ecdsa" : s->algorithm == 22 ? "ed25519" : NULL;
	if (!rd_ok(&r) || rd_left(&r) || !*method)
		return 0;
	return rsa ? rsa_value(a, out) : pair ? pair_value(a, b, out) : eddsa_value(a, b, out);
}

