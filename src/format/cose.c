/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Specification: RFC 9052 (COSE, section 4.4: what is signed), RFC 9053 and 9864 (algorithms), RFC 8949 (CBOR). */
#include "format/cose.h"

#include <stdio.h>

#include "base/hash.h"
#include "format/cbor.h"
#include "format/digest.h"
#include "format/signature.h"

#define PAIRS_MAX 64u
#define LABEL_ALGORITHM 1
#define LABEL_CRITICAL 2
#define LABEL_KEY 4
#define TAG_SIGN1 18u

struct algorithm {
	int64_t id;
	const char *name;
	const char *method; /* NULL: it is not verified here */
	enum digest digest;
	size_t size; /* of a signature; 0: as long as its key */
};

static const struct algorithm algorithms[] = {
	{ -7, "ES256", "ecdsa", DIGEST_SHA256, 64 },
	{ -9, "ESP256", "ecdsa", DIGEST_SHA256, 64 },
	{ -35, "ES384", "ecdsa", DIGEST_SHA384, 96 },
	{ -51, "ESP384", "ecdsa", DIGEST_SHA384, 96 },
	{ -36, "ES512", "ecdsa", DIGEST_SHA512, 132 },
	{ -52, "ESP512", "ecdsa", DIGEST_SHA512, 132 },
	{ -8, "EdDSA", "ed25519", DIGEST_SHA512, 64 },
	{ -19, "Ed25519", "ed25519", DIGEST_SHA512, 64 },
	{ -37, "PS256", "rsa-pss-digest", DIGEST_SHA256, 0 },
	{ -38, "PS384", "rsa-pss-digest", DIGEST_SHA384, 0 },
	{ -39, "PS512", "rsa-pss-digest", DIGEST_SHA512, 0 },
	{ -257, "RS256", "rsa-pkcs1", DIGEST_SHA256, 0 },
	{ -258, "RS384", "rsa-pkcs1", DIGEST_SHA384, 0 },
	{ -259, "RS512", "rsa-pkcs1", DIGEST_SHA512, 0 },
	{ 5, "HMAC 256", NULL, DIGEST_SHA256, 0 },
	{ 6, "HMAC 384", NULL, DIGEST_SHA384, 0 },
	{ 7, "HMAC 512", NULL, DIGEST_SHA512, 0 },
	{ -46, "HSS-LMS", NULL, DIGEST_SHA256, 0 },
};

static const struct algorithm *algorithm_of(int64_t id)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (algorithms[i].id == id)
			return &algorithms[i];
	return NULL;
}

struct block {
	const char *kind;
	uint64_t tag;
	int64_t id;                         /* of the algorithm that the protected header names; 0: none */
	const struct algorithm *algorithm;  /* NULL: not known */
	bool critical;                      /* it has headers that one must understand */
	struct span header, key, signature; /* the protected header; the key's identifier */
	bool detached;                      /* what is signed stands elsewhere */
	bool whole;                         /* payload and signature could be read */
};

static void read_protected(struct block *b)
{
	struct reader r = reader_be(b->header);
	struct cbor map, key, value;
	int64_t k;
	if (!b->header.n || !cbor_expect(&r, CBOR_MAP, &map))
		return;
	for (uint64_t i = 0; i < map.value && i < PAIRS_MAX && cbor_next(&r, &key); i++) {
		bool named = cbor_int(&key, &k);
		b->critical |= named && k == LABEL_CRITICAL;
		if (named && k == LABEL_ALGORITHM) {
			if (!cbor_next(&r, &value) || !cbor_int(&value, &b->id))
				return;
		} else if (!cbor_skip(&r, NULL))
			return;
	}
	b->algorithm = algorithm_of(b->id);
}

/* The header that is not protected; false when it can not be read to its end. */
static bool read_unprotected(struct reader *r, struct block *b)
{
	struct cbor map, key, value;
	int64_t k;
	if (!cbor_expect(r, CBOR_MAP, &map) || map.value > PAIRS_MAX)
		return false;
	for (uint64_t i = 0; i < map.value; i++) {
		if (!cbor_next(r, &key))
			return false;
		if (cbor_int(&key, &k) && k == LABEL_KEY) {
			if (!cbor_expect(r, CBOR_BYTES, &value))
				return false;
			b->key = value.bytes;
		} else if (key.type == CBOR_TAG || key.type == CBOR_ARRAY || key.type == CBOR_MAP || !cbor_skip(r, NULL))
			return false;
	}
	return true;
}

static const char *kind_of(uint64_t tag)
{
	return tag == TAG_SIGN1 ? "COSE_Sign1"
		   : tag == 17      ? "COSE_Mac0"
		   : tag == 98      ? "COSE_Sign"
		   : tag == 97      ? "COSE_Mac"
							: "COSE";
}

static bool block_read(struct span bytes, struct block *b)
{
	struct reader r = reader_be(bytes);
	struct cbor tag, array, header, payload, signature;
	*b = (struct block){ .kind = "COSE" };
	if (!cbor_expect(&r, CBOR_TAG, &tag) || !cbor_expect(&r, CBOR_ARRAY, &array) ||
		!cbor_expect(&r, CBOR_BYTES, &header))
		return false;
	b->tag = tag.value;
	b->kind = kind_of(tag.value);
	b->header = header.bytes;
	read_protected(b);
	if (array.value != 4 || !read_unprotected(&r, b) || !cbor_next(&r, &payload) ||
		!cbor_expect(&r, CBOR_BYTES, &signature))
		return true;
	b->detached = payload.type == CBOR_SIMPLE && payload.value == 22; /* null */
	b->signature = signature.bytes;
	b->whole = (b->detached || payload.type == CBOR_BYTES) && signature.bytes.n;
	return true;
}

/* ---- what is signed: ["Signature1", protected, external, payload] ---- */

static size_t put_string(uint8_t *out, uint8_t major, struct span s)
{
	size_t n = s.n < 24 ? 1 : s.n < 256 ? 2 : 3;
	out[0] = (uint8_t)(major | (n == 1 ? s.n : n == 2 ? 24 : 25));
	if (n == 3)
		out[1] = (uint8_t)(s.n >> 8);
	if (n > 1)
		out[n - 1] = (uint8_t)s.n;
	if (s.n)
		memcpy(out + n, s.p, s.n);
	return n + s.n;
}

/* 0: it is larger than is looked at. */
static size_t to_be_signed(const struct block *b, struct span payload, uint8_t out[SIGNATURE_MESSAGE_MAX])
{
	if (b->header.n + payload.n > SIGNATURE_MESSAGE_MAX - 32)
		return 0;
	size_t n = 0;
	out[n++] = 0x84;
	n += put_string(out + n, 0x60, span_of("Signature1", 10));
	n += put_string(out + n, 0x40, b->header);
	n += put_string(out + n, 0x40, SPAN_NONE);
	return n + put_string(out + n, 0x40, payload);
}

/* The two numbers of an ECDSA signature, one behind the other, as the SEQUENCE that others write. */
static size_t ecdsa_der(struct span raw, uint8_t out[SIGNATURE_VALUE_MAX])
{
	uint8_t content[2 * 70];
	size_t n = 0, half = raw.n / 2, head = 0;
	for (int i = 0; i < 2; i++) {
		struct span number = span_sub(raw, i ? half : 0, half);
		while (number.n > 1 && !number.p[0])
			number = span_from(number, 1);
		bool high = number.p[0] & 0x80;
		content[n++] = 2;
		content[n++] = (uint8_t)(number.n + high);
		if (high)
			content[n++] = 0;
		memcpy(content + n, number.p, number.n);
		n += number.n;
	}
	out[head++] = 0x30;
	if (n >= 128)
		out[head++] = 0x81;
	out[head++] = (uint8_t)n;
	memcpy(out + head, content, n);
	return head + n;
}

struct judgement {
	const char *state, *detail, *method;
	uint8_t message[SIGNATURE_MESSAGE_MAX], value[SIGNATURE_VALUE_MAX];
	size_t message_n, value_n;
};

static void keep(struct judgement *j, const struct block *b, struct span payload)
{
	const struct algorithm *a = b->algorithm;
	uint8_t whole[SIGNATURE_MESSAGE_MAX];
	size_t n = to_be_signed(b, payload, whole);
	bool ec = strcmp(a->method, "ecdsa") == 0;
	if (!n || b->signature.n > SIGNATURE_VALUE_MAX)
		return;
	j->method = a->method;
	if (strcmp(a->method, "ed25519") == 0) {
		j->message_n = n;
		memcpy(j->message, whole, n);
	} else {
		j->message_n = digest_size(a->digest);
		digest_of(a->digest, span_of(whole, n), j->message);
	}
	j->value_n = ec ? ecdsa_der(b->signature, j->value) : b->signature.n;
	if (!ec)
		memcpy(j->value, b->signature.p, b->signature.n);
}

static void judge(struct judgement *j, const struct block *b, struct span payload)
{
	const struct algorithm *a = b->algorithm;
	j->state = SIGNATURE_UNSUPPORTED;
	if (!a) {
		j->detail = "which algorithm is meant is not protected, or not known";
		return;
	}
	if (b->critical) {
		j->detail = "it has headers that must be understood, and are not";
		return;
	}
	j->state = SIGNATURE_NO_KEY;
	j->detail = "the device has the key";
	if (b->tag != TAG_SIGN1)
		return;
	if (!a->method && a->id > 0) {
		j->state = SIGNATURE_INVALID;
		j->detail = "its algorithm is one of message authentication, none of signatures";
	} else if (!b->whole || (a->size && b->signature.n != a->size)) {
		j->state = SIGNATURE_INVALID;
		j->detail = "it is not as long as its algorithm makes it";
	} else if (!b->detached) {
		j->state = SIGNATURE_INVALID;
		j->detail = "it carries what is signed, which must stand elsewhere";
	} else if (a->method) {
		keep(j, b, payload);
	}
}

void cose_describe(struct walk *w, struct span block, struct span payload, const char *covers, uint64_t at)
{
	struct block b;
	struct judgement j = { .state = NULL };
	if (!block_read(block, &b)) {
		emit_damage_at(w->sink, ERR_CORRUPT, at, "an authentication block is no COSE structure");
		return;
	}
	char words[80], hint[160] = "";
	const char *name = b.algorithm ? b.algorithm->name
					   : b.id      ? "an unknown algorithm"
								   : "no algorithm that is protected";
	snprintf(words, sizeof words, "%s, %s", b.kind, name);
	if (b.key.n)
		hash_hex(b.key.p, b.key.n < 64 ? b.key.n : 64, hint + snprintf(hint, sizeof hint, "kid "));
	judge(&j, &b, payload);
	signature_report(w->sink, &(struct signature){ .offset = at,
												   .scheme = "cose",
												   .state = j.state,
												   .covers = text_c(covers),
												   .algorithm = text_c(words),
												   .hint = text_c(hint),
												   .detail = j.detail,
												   .method = j.method,
												   .message = span_of(j.message, j.message_n),
												   .value = span_of(j.value, j.value_n) });
	emit_header_field(w->sink, at, "authentication", "%s", words);
}
