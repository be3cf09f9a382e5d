/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of usign, signify and minisign: a comment, a line of Base64, and what minisign says of it, signed as well.
 *
 * Ed25519 signs the message itself, which is a whole file. A short one goes into the row, and is verified by whatever key of the
 * image has its number; a long one is verified here, by the keys that lie in the same container. Minisign digests it before.
 *
 * Specification: OpenBSD signify.c; OpenWrt usign main.c; jedisct1's minisign, "Signature format". */
#include "inspect/signatures.h"

#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/hash.h"

#define SIGNATURE 74u /* two letters, the key's number, the signature */
#define KEY 42u       /* two letters, its number, the key */
#define DIGEST 64u    /* BLAKE2b */
#define MESSAGE_MAX ((size_t)16 << 10)
#define KEYS_MAX 4u /* of the same number */
#define TRUSTED "trusted comment: "
#define TRUSTED_MAX 1024u

static bool take_line(struct span *rest, struct span *line)
{
	const uint8_t *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	if (!end)
		return false;
	*line = span_of(rest->p, (size_t)(end - rest->p));
	*rest = span_from(*rest, line->n + 1);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* Base64 of so many bytes, and nothing else. */
static bool decode(struct span line, uint8_t *out, size_t n)
{
	uint8_t bytes[SIGNATURE + 3];
	size_t digits = (n + 2) / 3 * 4;
	if (line.n != digits || (line.p[digits - 1] == '=') != (n % 3 != 0) ||
		EVP_DecodeBlock(bytes, line.p, (int)digits) != (int)(digits / 4 * 3))
		return false;
	memcpy(out, bytes, n);
	return true;
}

struct usign {
	uint8_t bytes[SIGNATURE];
	bool digested;       /* minisign: of the file's digest */
	struct span comment; /* minisign's, signed together with the signature */
	uint8_t whole[64];   /* ... by this */
	struct span within;  /* signify -e: the message stands behind the signature */
	char hint[40];
};

/* The file's last line may lack its end. */
static struct span last_line(struct span rest)
{
	while (rest.n && (rest.p[rest.n - 1] == '\n' || rest.p[rest.n - 1] == '\r'))
		rest.n--;
	return rest;
}

static bool usign_read(struct span rest, struct usign *u)
{
	struct span line;
	*u = (struct usign){ .within = SPAN_NONE };
	if (!take_line(&rest, &line))
		return false;
	struct span all = rest;
	if (!take_line(&rest, &line)) {
		line = last_line(all);
		rest = SPAN_NONE;
	}
	if (!decode(line, u->bytes, SIGNATURE) || u->bytes[0] != 'E' || (u->bytes[1] != 'd' && u->bytes[1] != 'D'))
		return false;
	size_t n = (size_t)snprintf(u->hint, sizeof u->hint, "key number ");
	hash_hex(u->bytes + 2, 8, u->hint + n);
	u->digested = u->bytes[1] == 'D';
	if (span_starts(rest, TRUSTED, sizeof TRUSTED - 1)) {
		if (!take_line(&rest, &line) || line.n > TRUSTED_MAX || !decode(last_line(rest), u->whole, sizeof u->whole))
			return false;
		u->comment = span_from(line, sizeof TRUSTED - 1);
		return true;
	}
	if (last_line(rest).n) /* empty lines are no message */
		u->within = rest;
	return !u->digested || !u->within.n;
}

/* ---- by the keys of the same container ---- */

static bool verifies(const uint8_t key[32], struct span message, const uint8_t signature[64])
{
	/* Whatever OpenSSL is asked first would look for its configuration file. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
	EVP_MD_CTX *c = k ? EVP_MD_CTX_new() : NULL;
	bool good = c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
				EVP_DigestVerify(c, signature, 64, message.p, message.n) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return good;
}

static bool read_key(const struct subject *s, struct text path, const uint8_t number[8], uint8_t key[KEY])
{
	struct span bytes, line;
	return s->neighbors->read(s->neighbors, path, &bytes) == NEIGHBOR_WHOLE &&
		   span_starts(bytes, "untrusted comment:", 18) && take_line(&bytes, &line) &&
		   decode(take_line(&bytes, &line) ? line : last_line(bytes), key, KEY) && memcmp(key, "Ed", 2) == 0 &&
		   memcmp(key + 2, number, 8) == 0;
}

static void fingerprint(const uint8_t key[32], char hex[65])
{
	uint8_t spki[44] = { 0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0 };
	memcpy(spki + 12, key, 32);
	hash_sha256_hex(span_of(spki, sizeof spki), hex);
}

/* ---- rows ---- */

struct signs {
	struct text covers;
	struct span message;
	const uint8_t *signature;
	const char *why; /* the message is not known, because; or NULL */
};

static void report(const struct subject *s, struct sink *sink, const struct usign *u, const struct signs *m)
{
	bool carried = !m->why && m->message.n && m->message.n <= MESSAGE_MAX;
	const char *why = m->why    ? m->why
					  : carried ? "no key of that number is found in the image"
								: "a file of that size is verified by a key in the same file system only, and none there has that number";
	emit_signature(sink, &(struct fact_signature){ .made = FACT_NULL, .expires = FACT_NULL,
							 .offset = 0,
							 .scheme = TEXT_LIT("usign"),
							 .covers = m->covers,
							 .algorithm = text_c(u->digested ? "BLAKE2b with Ed25519" : "Ed25519"),
							 .state = text_c(m->why ? "unsupported" : "no-key"),
							 .key_hint = text_c(u->hint),
							 .detail = text_c(why),
							 .method = text_c(carried ? "ed25519" : NULL),
							 .message = carried ? signatures_hex(s, m->message) : TEXT_NONE,
							 .value = carried ? signatures_hex(s, span_of(m->signature, 64)) : TEXT_NONE,
						 });
}

/* False: no key of that number is there, or the file can not be read once more, because of *why. */
static bool report_verified(const struct subject *s, struct sink *sink, const struct usign *u, struct text covers, const char **why)
{
	uint8_t key[KEY];
	char hex[65];
	struct text by = TEXT_NONE;
	bool good = false;
	for (size_t i = 0, tried = 0; s->neighbors && !good && tried < KEYS_MAX && i < s->neighbors->nkeys; i++)
		if (read_key(s, s->neighbors->keys[i], u->bytes + 2, key)) {
			tried++;
			struct span message = signatures_covered_bytes(s, why); /* only now: it takes the place of the key's file */
			if (*why) /* there may be no room any more for a second look: that is no word against it */
				return false;
			by = s->neighbors->keys[i];
			good = verifies(key + 10, message, u->bytes + 10);
			fingerprint(key + 10, hex);
		}
	if (!by.p)
		return false;
	emit_signature(sink, &(struct fact_signature){ .made = FACT_NULL, .expires = FACT_NULL,
							 .offset = 0,
							 .scheme = TEXT_LIT("usign"),
							 .covers = covers,
							 .algorithm = TEXT_LIT("Ed25519"),
							 .state = text_c(good ? "valid" : "invalid"),
							 .key_fingerprint = text_c(hex),
							 .key_hint = text_c(u->hint),
							 .detail = text_c(arena_printf(s->arena, "%sby the key in %.*s", good ? "" : "not ", (int)by.n, by.p)),
						 });
	return true;
}

static size_t digest(struct span message, uint8_t out[DIGEST])
{
	unsigned n = 0;
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	return EVP_Digest(message.p, message.n, out, &n, EVP_blake2b512(), NULL) == 1 && n == DIGEST ? n : 0;
}

static void report_comment(const struct subject *s, struct sink *sink, const struct usign *u)
{
	uint8_t message[64 + TRUSTED_MAX];
	memcpy(message, u->bytes + 10, 64);
	if (u->comment.n)
		memcpy(message + 64, u->comment.p, u->comment.n);
	report(s, sink, u,
		   &(struct signs){ TEXT_LIT("trusted comment"), span_of(message, 64 + u->comment.n), u->whole, NULL });
}

void signatures_usign(const struct subject *s, struct sink *sink)
{
	struct usign u;
	uint8_t digested[DIGEST];
	if (!usign_read(s->bytes, &u))
		return;
	struct signs m = { .covers = signatures_covered_file(s->path), .signature = u.bytes + 10 };
	if (u.within.n) {
		m.covers = TEXT_LIT("text behind it");
		m.message = u.within;
	} else {
		m.message = signatures_covered_bytes(s, &m.why);
	}
	bool empty = !m.why && !m.message.n;
	if (empty)
		m.why = "the file that it signs is empty";
	if (u.digested && !m.why)
		m.message = span_of(digested, digest(m.message, digested));
	if (m.why || u.within.n || m.message.n <= MESSAGE_MAX || !report_verified(s, sink, &u, m.covers, &m.why))
		report(s, sink, &u, &m);
	if (u.comment.p)
		report_comment(s, sink, &u);
}
