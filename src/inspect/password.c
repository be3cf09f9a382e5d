/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inspect/password.h"

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/ascii.h"
#include "inspect/candidates.h"
#include "inspect/md5.h"

/* Guesses are made in batches: some schemes are much faster side by side. */
#define BATCH MD5CRYPT_LANES
/* No list has longer ones. */
#define GUESS_MAX 64

struct attempt {
	const struct password_hash *hash;
	const char *setting;          /* the hash, terminated */
	struct crypt_data *crypt;
	uint8_t digest[64];           /* of the hash, decoded */
	uint8_t salt[128];
	size_t salt_n;
	bool unsupported; /* crypt(3) refuses the setting */
};

/* How a scheme is guessed: prepare() decodes what match() needs; match() gives the index of the right one, or n. */
struct method {
	bool (*prepare)(struct attempt *a, struct arena *arena);
	size_t (*match)(struct attempt *a, const struct text *passwords, size_t n);
};

static bool prepare_crypt(struct attempt *a, struct arena *arena)
{
	a->setting = arena_strdup(arena, a->hash->text);
	a->crypt = ARENA_NEW(arena, struct crypt_data);
	return a->setting && a->crypt;
}

static size_t match_crypt(struct attempt *a, const struct text *passwords, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *hash = crypt_rn(passwords[i].p, a->setting, a->crypt, sizeof *a->crypt);
		if (!hash) {
			a->unsupported = true;
			break;
		}
		if (strcmp(hash, a->setting) == 0)
			return i;
	}
	return n;
}

static bool prepare_md5crypt(struct attempt *a, struct arena *arena)
{
	(void)arena;
	return md5crypt_decode(a->hash->digest, a->digest);
}

static size_t match_md5crypt(struct attempt *a, const struct text *passwords, size_t n)
{
	uint8_t digests[BATCH][MD5_SIZE];
	md5crypt_digests(a->hash->scheme == PASSWORD_APR1 ? "$apr1$" : "$1$", a->hash->salt, passwords, n, digests);
	for (size_t i = 0; i < n; i++)
		if (memcmp(digests[i], a->digest, MD5_SIZE) == 0)
			return i;
	return n;
}

/* The scheme has made sure that the digest is hexadecimal and fits. */
static bool prepare_hex(struct attempt *a, struct arena *arena)
{
	(void)arena;
	for (size_t i = 0; i < a->hash->digest.n / 2; i++)
		a->digest[i] = (uint8_t)(ascii_hex_value(a->hash->digest.p[2 * i]) * 16 + ascii_hex_value(a->hash->digest.p[2 * i + 1]));
	return true;
}

/* Bytes of base 64 into out, or 0 when it is none. */
static size_t decode_base64(struct text t, uint8_t *out, size_t max)
{
	uint8_t bytes[132];
	size_t padding = text_ends(t, "==") ? 2 : text_ends(t, "=") ? 1 : 0;
	if (t.n == 0 || t.n % 4 || t.n / 4 * 3 > sizeof bytes)
		return 0;
	int n = EVP_DecodeBlock(bytes, (const unsigned char *)t.p, (int)t.n);
	if (n < (int)padding || (size_t)n - padding > max)
		return 0;
	memcpy(out, bytes, (size_t)n - padding);
	return (size_t)n - padding;
}

static bool prepare_base64(struct attempt *a, struct arena *arena)
{
	uint8_t bytes[128];
	size_t own = a->hash->scheme == PASSWORD_LDAP_MD5 ? MD5_SIZE : SHA_DIGEST_LENGTH;
	size_t n = decode_base64(a->hash->digest, bytes, sizeof bytes);
	(void)arena;
	if (n < own || (n > own && a->hash->scheme != PASSWORD_LDAP_SSHA))
		return false;
	memcpy(a->digest, bytes, own);
	a->salt_n = n - own;
	memcpy(a->salt, bytes + own, a->salt_n);
	return true;
}

static bool prepare_mosquitto(struct attempt *a, struct arena *arena)
{
	(void)arena;
	a->salt_n = decode_base64(a->hash->salt, a->salt, sizeof a->salt);
	return a->salt_n && decode_base64(a->hash->digest, a->digest, sizeof a->digest) == SHA512_DIGEST_LENGTH;
}

/* What these schemes hash: what stands before the password, it, the salt. */
struct hashed {
	uint8_t bytes[256 + GUESS_MAX + 128];
	size_t n;
};

static void hashed_add(struct hashed *h, const void *p, size_t n)
{
	if (n && n <= sizeof h->bytes - h->n) {
		memcpy(h->bytes + h->n, p, n);
		h->n += n;
	}
}

static size_t digest_message(const struct attempt *a, struct text password, uint8_t digest[64])
{
	struct hashed h = { .n = 0 };
	const struct password_hash *hash = a->hash;
	if (hash->scheme == PASSWORD_HTDIGEST) {
		hashed_add(&h, hash->user.p, hash->user.n);
		hashed_add(&h, ":", 1);
		hashed_add(&h, hash->realm.p, hash->realm.n);
		hashed_add(&h, ":", 1);
	}
	hashed_add(&h, password.p, password.n);
	hashed_add(&h, a->salt, a->salt_n);
	switch (hash->scheme) {
	case PASSWORD_SHA1:
	case PASSWORD_LDAP_SHA:
	case PASSWORD_LDAP_SSHA:
		SHA1(h.bytes, h.n, digest);
		return SHA_DIGEST_LENGTH;
	case PASSWORD_SHA256:
		SHA256(h.bytes, h.n, digest);
		return SHA256_DIGEST_LENGTH;
	case PASSWORD_MOSQUITTO_SHA512:
		SHA512(h.bytes, h.n, digest);
		return SHA512_DIGEST_LENGTH;
	default:
		md5_digest(span_of(h.bytes, h.n), digest);
		return MD5_SIZE;
	}
}

static size_t match_digest(struct attempt *a, const struct text *passwords, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t digest[64];
		size_t size = digest_message(a, passwords[i], digest);
		if (memcmp(a->digest, digest, size) == 0)
			return i;
	}
	return n;
}

static size_t match_pbkdf2(struct attempt *a, const struct text *passwords, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t digest[SHA512_DIGEST_LENGTH];
		if (PKCS5_PBKDF2_HMAC(passwords[i].p, (int)passwords[i].n, a->salt, (int)a->salt_n, (int)a->hash->iterations,
		                      EVP_sha512(), sizeof digest, digest) == 1 &&
		    memcmp(digest, a->digest, sizeof digest) == 0)
			return i;
	}
	return n;
}

static const struct method method_crypt = { prepare_crypt, match_crypt };
static const struct method method_md5crypt = { prepare_md5crypt, match_md5crypt };
static const struct method method_hex = { prepare_hex, match_digest };
static const struct method method_base64 = { prepare_base64, match_digest };
static const struct method method_mosquitto = { prepare_mosquitto, match_digest };
static const struct method method_pbkdf2 = { prepare_mosquitto, match_pbkdf2 };

static const struct method *const methods[PASSWORD_SCHEMES] = {
	[PASSWORD_DESCRYPT] = &method_crypt,
	[PASSWORD_BSDICRYPT] = &method_crypt,
	[PASSWORD_MD5CRYPT] = &method_md5crypt,
	[PASSWORD_APR1] = &method_md5crypt,
	[PASSWORD_SHA256CRYPT] = &method_crypt,
	[PASSWORD_SHA512CRYPT] = &method_crypt,
	[PASSWORD_BCRYPT] = &method_crypt,
	[PASSWORD_YESCRYPT] = &method_crypt,
	[PASSWORD_GOST_YESCRYPT] = &method_crypt,
	[PASSWORD_SCRYPT] = &method_crypt,
	[PASSWORD_SHA1CRYPT] = &method_crypt,
	[PASSWORD_NTHASH] = &method_crypt,
	[PASSWORD_SUNMD5] = &method_crypt,
	[PASSWORD_MD5] = &method_hex,
	[PASSWORD_SHA1] = &method_hex,
	[PASSWORD_SHA256] = &method_hex,
	[PASSWORD_HTDIGEST] = &method_hex,
	[PASSWORD_LDAP_SHA] = &method_base64,
	[PASSWORD_LDAP_SSHA] = &method_base64,
	[PASSWORD_LDAP_MD5] = &method_base64,
	[PASSWORD_MOSQUITTO_SHA512] = &method_mosquitto,
	[PASSWORD_MOSQUITTO_PBKDF2] = &method_pbkdf2,
};

/* Takes candidates as long as the budget lasts; *more tells whether there were others. */
static size_t take_batch(struct candidates *c, uint64_t cost, uint64_t budget, struct candidate *batch, struct text *passwords,
                         bool *more)
{
	size_t n = 0;
	struct candidate candidate;
	*more = true;
	while (n < BATCH && cost * (n + 1) <= budget) {
		if (!candidates_next(c, &candidate)) {
			*more = false;
			break;
		}
		if (candidate.password.n > GUESS_MAX)
			continue;
		batch[n] = candidate;
		passwords[n++] = candidate.password;
	}
	return n;
}

static struct password_finding guess(const struct method *method, struct attempt *a, struct candidates *candidates,
                                     uint64_t budget, struct arena *arena)
{
	struct password_finding f = { .tried = "complete" };
	uint64_t cost = a->hash->cost;
	struct candidate batch[BATCH];
	struct text passwords[BATCH];
	for (bool more = true; more;) {
		size_t n = take_batch(candidates, cost, budget - f.spent, batch, passwords, &more);
		if (n == 0) {
			f.tried = more ? "budget" : "complete";
			break;
		}
		f.spent += cost * n;
		size_t right = method->match(a, passwords, n);
		if (right < n) {
			f.password = batch[right].password;
			f.source = candidate_source(&batch[right], arena);
			break;
		}
		if (a->unsupported) {
			f.tried = "unsupported";
			break;
		}
	}
	return f;
}

struct password_finding password_guess(const struct password_hash *hash, struct text user, uint64_t budget, struct arena *arena)
{
	const struct method *method = methods[hash->scheme];
	struct candidates candidates;
	struct attempt attempt = { .hash = hash };
	if (hash->scheme == PASSWORD_PLAINTEXT)
		return (struct password_finding){ .tried = "complete", .password = hash->text, .source = TEXT_LIT("plaintext") };
	if (!method)
		return (struct password_finding){ .tried = "unsupported" };
	if (hash->cost > PASSWORD_COST_MAX || hash->memory > PASSWORD_MEMORY_MAX)
		return (struct password_finding){ .tried = "refused" };
	if (hash->cost > budget)
		return (struct password_finding){ .tried = "budget" };
	if (!method->prepare(&attempt, arena))
		return (struct password_finding){ .tried = "unsupported" };
	if (!candidates_init(&candidates, user, arena))
		return (struct password_finding){ .tried = "budget" };
	return guess(method, &attempt, &candidates, budget, arena);
}
