/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the inspector "keys" share: one key, the run that looks for it, and DER. */
#ifndef ASSAY_INSPECT_KEYS_H
#define ASSAY_INSPECT_KEYS_H

#include "inspect/inspect.h"

/* Larger numbers are none that a device uses (OpenSSL's own limit), larger structures no key and no certificate. */
#define KEYS_RSA_BITS_MAX 16384u
#define KEYS_OBJECT_MAX (64u * 1024)

/* One run over one blob. */
struct keys {
	const struct subject *subject;
	struct sink *sink;
	struct arena *arena;
	int64_t left;     /* microseconds of arithmetic that this blob may still cost, roughly */
	bool exhausted;   /* they are used up, or memory is: nothing more is looked at */
	uint64_t covered; /* what lies before this offset belongs to something reported */
	uint8_t *body;    /* KEYS_OBJECT_MAX bytes: what stood in Base64 last; NULL before the first */
};

struct key {
	const char *type; /* NULL: unknown */
	int64_t bits;     /* or FACT_NULL */
	const char *container;
	bool encrypted;
	bool checked;          /* the numbers belong together: the public part follows from the private one, the point lies
	                          on its curve */
	size_t exponent_bytes; /* of a public RSA key */
	char fingerprint[65];  /* empty: unknown */
	struct span spki;      /* the key itself, where it is or was made; SPAN_NONE */
	const char *name;      /* what signatures call it; NULL: nothing tells */
	int64_t not_before, not_after, revoked, may_sign; /* as in the row; or FACT_NULL */
};
#define KEY_INIT(c)                                                                                                    \
	{                                                                                                                  \
		.bits = FACT_NULL, .container = (c), .not_before = FACT_NULL, .not_after = FACT_NULL, .revoked = FACT_NULL,    \
		.may_sign = FACT_NULL                                                                                          \
	}

/* Keys that libraries and kernels carry in their code to test or to measure themselves: published in their sources, and
 * no secret of a product. */
bool keys_is_self_test(const char *fingerprint);

/* Takes `cost` microseconds from the budget; false when there are not that many. */
bool keys_spend(struct keys *k, unsigned cost);
/* Where a pointer into the blob's bytes points. */
uint64_t keys_offset(const struct keys *k, const uint8_t *p);
void keys_emit_private(struct keys *k, uint64_t offset, const struct key *key);
void keys_emit_public(struct keys *k, uint64_t offset, const struct key *key);

/* Hexadecimal, in the arena; NULL when there is none, or more than a key or a certificate has. */
#define KEYS_HEX_MAX 16384u
/* In lower-case digits, in the arena; NULL when it is exhausted, and of no bytes or more than KEYS_HEX_MAX. */
const char *keys_hex(struct keys *k, struct span bytes);

/* DER (X.690): definite, minimal lengths and tags of one byte. A "whole" is an element with its tag and length. */
enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0xa0, /* + number: constructed, context-specific */
};

/* Takes the first element from *s. All of these give false, and leave *s, when it is not there. */
bool der_any(struct span *s, uint8_t *tag, struct span *whole, struct span *content) MUST_USE;
bool der_take(struct span *s, uint8_t tag, struct span *content) MUST_USE;
bool der_whole(struct span *s, uint8_t tag, struct span *whole) MUST_USE;
/* An INTEGER of 0 or more, without leading zero bytes. */
bool der_unsigned(struct span *s, struct span *magnitude) MUST_USE;
/* An INTEGER with this very value. */
bool der_version(struct span *s, uint8_t value) MUST_USE;
/* A BIT STRING of whole bytes. */
bool der_bits(struct span *s, struct span *bytes) MUST_USE;
/* The SEQUENCE whose content begins at offset `inner`, where one lies there complete. */
bool der_enclosing(struct span bytes, uint64_t inner, struct span *whole) MUST_USE;
/* True when the OID (a whole) has these content bytes. */
bool der_oid_is(struct span oid, const char *bytes, size_t n) MUST_USE;
#define OID_IS(oid, s) der_oid_is((oid), (s), sizeof(s) - 1)

/* Algorithms of keys (content bytes). */
#define OID_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_RSA_PSS "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define OID_DSA "\x2a\x86\x48\xce\x38\x04\x01"
#define OID_EC "\x2a\x86\x48\xce\x3d\x02\x01"

/* Bits of a number, big-endian and without leading zero bytes. */
int64_t number_bits(struct span magnitude);
/* A number as SSH writes it or as an OCTET STRING holds it: without its leading zero bytes. */
struct span number_of(struct span bytes);

/* Public keys from their numbers: type, bits and fingerprint. `algorithm` is the AlgorithmIdentifier (a whole) or
 * SPAN_NONE for the usual one. False when they can not be such a key, or memory is used up. */
bool keys_rsa_public(struct keys *k, struct span algorithm, struct span n, struct span e, struct key *out) MUST_USE;
bool keys_dsa_public(struct keys *k, const struct span pqgy[4], struct key *out) MUST_USE;
bool keys_ec_public(struct keys *k, struct span curve, struct span point, struct key *out) MUST_USE;
/* Ed25519, Ed448, X25519, X448: their OIDs are 1.3.101.110 to 113; `oid` is the last number. */
bool keys_raw_public(struct keys *k, uint8_t oid, struct span point, struct key *out) MUST_USE;
#define KEYS_ED25519 112
/* The bytes of a raw key of RFC 8410, by the last byte of its object identifier; 0: none of these. */
size_t keys_raw_size(uint8_t oid);
/* SubjectPublicKeyInfo. An algorithm that is not known gives type NULL. */
bool keys_spki(struct keys *k, struct span whole, struct key *out) MUST_USE;

/* Private keys, each taking the whole of `der`. */
bool keys_pkcs1_public(struct keys *k, struct span der, struct key *out) MUST_USE;
bool keys_pkcs8(struct keys *k, struct span der, struct key *out) MUST_USE;
bool keys_pkcs8_encrypted(struct span der) MUST_USE;
/* Whichever of these it is; `container` for what is not PKCS#8. */
bool keys_private(struct keys *k, struct span der, const char *container, struct key *out) MUST_USE;

/* Arithmetic. */
bool keys_product_is(struct keys *k, struct span n, struct span p, struct span q) MUST_USE;
/* g^x mod p, allocated in the arena. */
bool keys_power(struct keys *k, struct span g, struct span x, struct span p, struct span *y) MUST_USE;
/* Bits of the field of a named curve (its OID, a whole), 0 when it is not known. */
int64_t keys_curve_bits(struct keys *k, struct span curve);
bool keys_on_curve(struct keys *k, struct span curve, struct span point) MUST_USE;
/* The public point of a private number, in SEC 1's form 2, 4 or 6. */
bool keys_ec_derive(struct keys *k, struct span curve, struct span d, unsigned form, struct span *point) MUST_USE;
bool keys_raw_derive(struct keys *k, uint8_t oid, struct span seed, struct span *point) MUST_USE;

/* A whole that is an X.509 certificate: emits its row. False when it is none. */
bool keys_certificate(struct keys *k, uint64_t offset, struct span whole) MUST_USE;
/* Whether a certificate without extensions, which has no mark of its own, holds the SubjectPublicKeyInfo at `spki`:
 * emits it. */
bool keys_certificate_around(struct keys *k, uint64_t spki) MUST_USE;

/* PKCS#12 in the whole blob. */
bool keys_pkcs12(struct keys *k, struct span der) MUST_USE;
/* The certificates of PKCS#7 SignedData, all at `offset`. */
bool keys_pkcs7(struct keys *k, uint64_t offset, struct span der) MUST_USE;

/* "-----BEGIN " at `at`. */
void keys_pem(struct keys *k, uint64_t at);

/* SSH. A binary private key of dropbear at `at`; the body of an OpenSSH private key; a line with a public key. */
void keys_dropbear(struct keys *k, uint64_t at);
bool keys_openssh(struct keys *k, struct span body, struct key *out) MUST_USE;
void keys_ssh_line(struct keys *k, uint64_t at);

/* "untrusted comment:" at `at`: keys of signify and usign. */
void keys_usign(struct keys *k, uint64_t at);

/* OpenPGP: whether the bytes are packets to their end, of which the first is a public key; the keys of that blob; those in the
 * armor at `at`, false when none is there. */
bool keys_is_openpgp_ring(struct span bytes);
void keys_openpgp_ring(struct keys *k);
bool keys_openpgp_armor(struct keys *k, uint64_t at) MUST_USE;

/* A key of OpenPGP and its subkeys, with what its owner signed of them (keys_openpgp_self.c): packets in their order, then the
 * end. Each key that can sign becomes a row. */
struct openpgp_packet;
struct openpgp_owner;
struct openpgp_owner *keys_openpgp_owner(struct keys *k); /* NULL: no memory */
void keys_openpgp_packet(struct openpgp_owner *o, uint64_t at, const struct openpgp_packet *p);
void keys_openpgp_end(struct openpgp_owner *o);

/* Base64 (RFC 4648) from bytes[at] on, until padding or the first byte that does not belong; `at` then stands behind
 * what was read. With `lines` it goes on across white space and what C, JSON and shells write between lines. */
struct base64 {
	struct span bytes;
	size_t at;
	bool lines;
};
/* Into k->body; empty when no Base64 stands there, SPAN_NONE when it is too large. */
struct span keys_base64(struct keys *k, struct base64 *b) MUST_USE;

#endif
