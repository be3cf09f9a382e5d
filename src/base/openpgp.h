/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenPGP packets: signatures and public keys, binary and in ASCII armor.
 *
 * Specification: RFC 9580; RFC 4880 for versions 3 and 4. Nothing is decrypted or decompressed. */
#ifndef ASSAY_BASE_OPENPGP_H
#define ASSAY_BASE_OPENPGP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

enum {
	OPENPGP_SIGNATURE = 2,
	OPENPGP_PUBLIC_KEY = 6,
	OPENPGP_USER_ID = 13,
	OPENPGP_PUBLIC_SUBKEY = 14,
	OPENPGP_USER_ATTRIBUTE = 17,
};
/* Types of signatures (5.2.1): of documents, of user ids (four), of keys. */
enum {
	OPENPGP_BINARY = 0x00,
	OPENPGP_TEXT = 0x01,
	OPENPGP_CERTIFICATION = 0x10,
	OPENPGP_SUBKEY_BINDING = 0x18,
	OPENPGP_PRIMARY_BINDING = 0x19,
	OPENPGP_DIRECT_KEY = 0x1f,
	OPENPGP_KEY_REVOCATION = 0x20,
	OPENPGP_SUBKEY_REVOCATION = 0x28,
};
enum { OPENPGP_MAY_SIGN = 0x02 }; /* key flags (5.2.3.29) */

/* A packet (RFC 9580, 4.2). `body` is none where its length is given in parts, which only data have. */
struct openpgp_packet {
	uint8_t tag;
	struct span body;
};

/* Takes the first packet off. False: none stands there whole. */
bool openpgp_take(struct span *rest, struct openpgp_packet *out);

/* A signature (5.2). The spans lie in the packet. */
struct openpgp_signature {
	uint8_t version, type, algorithm, hash;
	int64_t created;    /* seconds since 1970; -1: it does not say */
	int64_t expires;    /* seconds behind that, 0: never; -1: it does not say */
	int64_t key_expires;/* the same of the key, behind its own making */
	int flags;          /* what the key may do; -1: it does not say */
	bool not_understood;/* it has something that must be understood, and is not */
	struct span hashed; /* what of the packet is signed, too */
	struct span salt;   /* version 6 */
	struct span value;  /* numbers, as they are written */
	struct span issuer; /* the key's fingerprint, or its id of 8 bytes, or none */
	struct span embedded; /* another one, whose body this is, or none */
};
/* Reads the body of a signature packet of version 3, 4 or 6. False: it is none, or of another version. */
bool openpgp_read_signature(struct span body, struct openpgp_signature *out);

/* The names of the algorithms (9.1, 9.5); NULL: not known. */
const char *openpgp_hash_name(uint8_t hash);
const char *openpgp_algorithm_name(uint8_t algorithm);

struct evp_md_ctx_st;
/* Over what is signed, text by text; openpgp_digest_end() ends it. NULL: the digest is one that is not computed here
 * (of 9.5: SHA-1 and SHA-2 of 256, 384 and 512 bits are), or memory is used up. */
struct evp_md_ctx_st *openpgp_digest_begin(const struct openpgp_signature *s);
/* Adds what the signature adds, and frees. How long the digest is, 0: it could not be made. */
#define OPENPGP_DIGEST_MAX 64u
size_t openpgp_digest_end(struct evp_md_ctx_st *digest, const struct openpgp_signature *s,
						  uint8_t out[OPENPGP_DIGEST_MAX]);

/* The signature in the form of signature.method (rsa-pkcs1, dsa, ecdsa, ed25519), and its length. 0: no such method. */
#define OPENPGP_VALUE_MAX 1024u
size_t openpgp_value(const struct openpgp_signature *s, uint8_t out[OPENPGP_VALUE_MAX], const char **method);

/* A number: its bits, and as many bytes as they need (3.2). */
struct span openpgp_take_number(struct reader *r);

/* A public key or subkey (5.5.2) of version 4 or 6. */
struct openpgp_key {
	uint8_t version, algorithm;
	int64_t created;
	struct span n, e;       /* RSA */
	struct span dsa[4];     /* p, q, g, y */
	struct span oid, point; /* elliptic curves; `oid` is none for Ed25519 of version 6 */
	uint8_t fingerprint[32];
	size_t fingerprint_n;
};
/* Reads the body of a key packet and makes its fingerprint (5.5.4). False: it is none of version 4 or 6 whole, or of an algorithm that is
 * not known. */
bool openpgp_read_key(struct span body, struct openpgp_key *out);
/* Whether its algorithm is one that signs (9.1), by openpgp_algorithm_name(). */
bool openpgp_can_sign(const struct openpgp_key *k);

/* What keys and signatures are called: OPENPGP_NAME and the fingerprint or the id, hexadecimal. */
#define OPENPGP_NAME "OpenPGP key "
#define OPENPGP_NAME_SIZE 80u
void openpgp_name(struct span fingerprint, char out[OPENPGP_NAME_SIZE]);
/* Whether a key of that name is the one that a signature of this name needs: the id is a part of the fingerprint. */
bool openpgp_names(struct text key, struct text signature);

/* The bytes in an armor (6.2) whose first line begins at `at`; `end` is set behind its last. False: none stands there, or it
 * is larger than OPENPGP_ARMOR_MAX. Its checksum is not looked at, as RFC 9580 has it. */
#define OPENPGP_ARMOR_MAX ((size_t)4 << 20)
bool openpgp_dearmor(struct arena *arena, struct span bytes, uint64_t at, struct span *out, uint64_t *end);

#endif
