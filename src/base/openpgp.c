/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/openpgp.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/hash.h"

#define PARTS_MAX 65536u

/* ---- packets ---- */

/* Packets whose length may be in parts, or up to the end: data (4.2.1.4). */
static bool is_data(uint8_t tag)
{
	return tag == 8 || tag == 9 || tag == 11 || tag == 18;
}

/* The length behind a tag in the format of today. False: in parts; then one of them. */
static bool new_length(struct reader *r, uint64_t *n)
{
	uint8_t first = rd_u8(r);
	if (first < 192)
		*n = first;
	else if (first < 224)
		*n = ((uint64_t)(first - 192) << 8) + rd_u8(r) + 192;
	else if (first == 255)
		*n = rd_u32(r);
	else
		*n = (uint64_t)1 << (first & 0x1f);
	return first < 224 || first == 255;
}

static bool take_new(struct reader *r, struct openpgp_packet *out)
{
	uint64_t n;
	bool whole = new_length(r, &n);
	if (whole) {
		out->body = rd_bytes(r, n);
		return rd_ok(r);
	}
	if (!is_data(out->tag))
		return false;
	for (unsigned i = 0; i < PARTS_MAX && !whole && rd_ok(r); i++) {
		rd_skip(r, n);
		whole = new_length(r, &n);
	}
	rd_skip(r, n);
	out->body = SPAN_NONE;
	return whole && rd_ok(r);
}

static bool take_old(struct reader *r, uint8_t first, struct openpgp_packet *out)
{
	unsigned kind = first & 3;
	if (kind == 3 && !is_data(out->tag))
		return false;
	uint64_t n = kind == 3 ? rd_left(r) : rd_uint(r, 1u << kind);
	out->body = rd_bytes(r, n);
	return rd_ok(r);
}

bool openpgp_take(struct span *rest, struct openpgp_packet *out)
{
	struct reader r = reader_be(*rest);
	uint8_t first = rd_u8(&r);
	if (!(first & 0x80))
		return false;
	bool new = first & 0x40;
	out->tag = new ? first & 0x3f : first >> 2 & 0xf;
	if (!out->tag || !(new ? take_new(&r, out) : take_old(&r, first, out)))
		return false;
	*rest = span_from(*rest, rest->n - rd_left(&r));
	return true;
}

/* ---- keys ---- */

static bool read_material(struct reader *r, struct openpgp_key *k)
{
	switch (k->algorithm) {
	case 1: /* RSA */
	case 2:
	case 3:
		k->n = openpgp_take_number(r);
		k->e = openpgp_take_number(r);
		return rd_ok(r) && k->n.n >= 64 && k->e.n;
	case 16: /* ElGamal (its numbers are never used), DSA */
	case 17:
		for (unsigned i = 0; i < (k->algorithm == 17 ? 4u : 3u); i++)
			k->dsa[i] = openpgp_take_number(r);
		return rd_ok(r);
	case 18: /* ECDH, ECDSA, EdDSA */
	case 19:
	case 22:
		k->oid = rd_bytes(r, rd_u8(r));
		k->point = openpgp_take_number(r);
		if (k->algorithm == 18)
			rd_skip(r, rd_u8(r));
		return rd_ok(r) && k->oid.n && k->point.n;
	case 25: /* X25519, Ed25519 */
	case 27:
		k->point = rd_bytes(r, 32);
		return rd_ok(r);
	case 26: /* X448, Ed448 */
	case 28:
		k->point = rd_bytes(r, k->algorithm == 26 ? 56 : 57);
		return rd_ok(r);
	default:
		return false;
	}
}

/* 5.5.4: of what stands before it a tag and a length. */
static bool make_fingerprint(struct span body, struct openpgp_key *k)
{
	uint32_t n = (uint32_t)body.n;
	uint8_t head[5] = { 0x9b, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	uint8_t old[3] = { 0x99, head[3], head[4] };
	bool four = k->version == 4;
	unsigned size = 0;
	uint8_t digest[EVP_MAX_MD_SIZE];
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	EVP_MD_CTX *c = body.n <= 65535 ? EVP_MD_CTX_new() : NULL;
	bool ok = c && EVP_DigestInit_ex(c, four ? EVP_sha1() : EVP_sha256(), NULL) == 1 &&
			  EVP_DigestUpdate(c, four ? old : head, four ? 3 : 5) == 1 && EVP_DigestUpdate(c, body.p, body.n) == 1 &&
			  EVP_DigestFinal_ex(c, digest, &size) == 1 && size <= sizeof k->fingerprint;
	EVP_MD_CTX_free(c);
	if (ok)
		memcpy(k->fingerprint, digest, size);
	k->fingerprint_n = ok ? size : 0;
	return ok;
}

bool openpgp_read_key(struct span body, struct openpgp_key *out)
{
	struct reader r = reader_be(body);
	*out = (struct openpgp_key){ .version = rd_u8(&r) };
	if (out->version != 4 && out->version != 6)
		return false;
	out->created = (int64_t)rd_u32(&r);
	out->algorithm = rd_u8(&r);
	if (out->version == 6 && rd_u32(&r) != rd_left(&r))
		return false;
	return read_material(&r, out) && rd_left(&r) == 0 && make_fingerprint(body, out);
}

bool openpgp_can_sign(const struct openpgp_key *k)
{
	return openpgp_algorithm_name(k->algorithm) != NULL;
}

void openpgp_name(struct span fingerprint, char out[OPENPGP_NAME_SIZE])
{
	size_t n = (size_t)snprintf(out, OPENPGP_NAME_SIZE, OPENPGP_NAME);
	hash_hex(fingerprint.p, fingerprint.n <= 32 ? fingerprint.n : 0, out + n);
}

bool openpgp_names(struct text key, struct text signature)
{
	size_t n = sizeof OPENPGP_NAME - 1;
	if (!text_starts(key, OPENPGP_NAME) || !text_starts(signature, OPENPGP_NAME))
		return false;
	struct text k = text_of(key.p + n, key.n - n), s = text_of(signature.p + n, signature.n - n);
	if (s.n != 16 || k.n < 16)
		return s.n && text_eq(k, s);
	/* the last eight bytes of one of version 4, the first of one of version 6 */
	return memcmp(k.n == 40 ? k.p + 24 : k.p, s.p, 16) == 0 && (k.n == 40 || k.n == 64);
}
