/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recognising password hashes. The forms are those of crypt(5) of libxcrypt, of Apache's and lighttpd's user files, of
 * RFC 2307 and of mosquitto_passwd(1). */
#include "inspect/password.h"

#include "fact/fact.h"
#include "inspect/md5.h"

#define BEYOND UINT64_MAX
#define YESCRYPT_SBOXES ((uint64_t)12 << 10)

/* Nominal nanoseconds, measured with libxcrypt 4.4 and our own code on a server core of 2023. */
#define COST_DESCRYPT 4500
#define COST_BSDICRYPT_ROUND 130
#define COST_MD5CRYPT 11000
#define COST_SHA256_ROUND 400
#define COST_SHA512_ROUND 250
#define COST_BCRYPT_ROUND 52500
#define COST_YESCRYPT_BLOCK 145
#define COST_SCRYPT_BLOCK 230
#define COST_SHA1CRYPT_ROUND 650
#define COST_SUNMD5_ROUND 1250
#define COST_PBKDF2_ROUND 700
#define COST_DIGEST 1000

static const char *const names[PASSWORD_SCHEMES] = {
	[PASSWORD_UNKNOWN] = "unknown", [PASSWORD_PLAINTEXT] = "plaintext", [PASSWORD_DESCRYPT] = "descrypt",
	[PASSWORD_BSDICRYPT] = "bsdicrypt", [PASSWORD_MD5CRYPT] = "md5crypt", [PASSWORD_APR1] = "apr1",
	[PASSWORD_SHA256CRYPT] = "sha256crypt", [PASSWORD_SHA512CRYPT] = "sha512crypt", [PASSWORD_BCRYPT] = "bcrypt",
	[PASSWORD_YESCRYPT] = "yescrypt", [PASSWORD_GOST_YESCRYPT] = "gost-yescrypt", [PASSWORD_SCRYPT] = "scrypt",
	[PASSWORD_SHA1CRYPT] = "sha1crypt", [PASSWORD_NTHASH] = "nthash", [PASSWORD_SUNMD5] = "sunmd5", [PASSWORD_MD5] = "md5",
	[PASSWORD_SHA1] = "sha1", [PASSWORD_SHA256] = "sha256", [PASSWORD_LDAP_SHA] = "sha1-base64",
	[PASSWORD_LDAP_SSHA] = "ssha", [PASSWORD_LDAP_MD5] = "md5-base64", [PASSWORD_MOSQUITTO_SHA512] = "mosquitto-sha512",
	[PASSWORD_MOSQUITTO_PBKDF2] = "mosquitto-pbkdf2", [PASSWORD_HTDIGEST] = "htdigest",
};

const char *password_scheme_name(enum password_scheme scheme)
{
	return names[scheme];
}

static uint64_t times(uint64_t a, uint64_t b)
{
	uint64_t product;
	return __builtin_mul_overflow(a, b, &product) ? BEYOND : product;
}

static bool all_of(struct text t, const char *extra)
{
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!alphanumeric && (c == '\0' || !strchr(extra, c)))
			return false;
	}
	return true;
}

/* The alphabet of crypt(3). */
static bool is_crypt64(struct text t, size_t n)
{
	return t.n == n && all_of(t, "./");
}

static bool is_base64(struct text t, size_t n)
{
	return t.n == n && all_of(t, "+/=");
}

static bool is_hex(struct text t, size_t n)
{
	for (size_t i = 0; i < t.n; i++)
		if (!((t.p[i] >= '0' && t.p[i] <= '9') || ((t.p[i] | 0x20) >= 'a' && (t.p[i] | 0x20) <= 'f')))
			return false;
	return t.n == n;
}

/* The next part of *t, up to a '$', which is consumed; `more` tells whether there was one. */
static struct text next_part(struct text *t, bool *more)
{
	const char *end = t->n ? memchr(t->p, '$', t->n) : NULL;
	size_t n = end ? (size_t)(end - t->p) : t->n, skip = end ? n + 1 : n;
	struct text part = text_of(t->p, n);
	*t = text_of(t->p + skip, t->n - skip);
	*more = end != NULL;
	return part;
}

/* A decimal number without sign, blanks or leading zeros. */
static bool parse_number(struct text t, uint32_t *value)
{
	uint64_t v = 0;
	if (t.n == 0 || t.n > 10 || (t.p[0] == '0' && t.n > 1))
		return false;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(t.p[i] - '0');
	}
	*value = (uint32_t)v;
	return v <= UINT32_MAX;
}

static struct text behind(struct text t, size_t n)
{
	return text_of(t.p + n, t.n - n);
}

/* The value of a character of crypt(3)'s base 64. */
static uint32_t crypt64_value(char c)
{
	static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (uint32_t)(at - alphabet) : 64;
}

/* salt$digest with a salt of at most salt_max characters and a digest of exactly digest_n. */
static bool read_salted(struct password_hash *h, struct text t, size_t salt_max, size_t digest_n)
{
	bool more;
	h->salt = next_part(&t, &more);
	h->digest = t;
	h->salt_length = (int64_t)h->salt.n;
	return more && h->salt.n <= salt_max && is_crypt64(h->digest, digest_n);
}

static bool read_md5crypt(struct password_hash *h, struct text t)
{
	h->cost = COST_MD5CRYPT;
	return read_salted(h, t, MD5CRYPT_SALT_MAX, 22);
}

/* U. Drepper, "Unix crypt using SHA-256 and SHA-512", 0.6: [rounds=N$]salt$digest; fewer than 1,000 rounds become 1,000. */
static bool read_sha2(struct password_hash *h, struct text t, uint64_t round_cost, size_t digest_n)
{
	uint32_t rounds = 5000;
	if (text_starts(t, "rounds=")) {
		bool more;
		t = behind(t, 7);
		if (!parse_number(next_part(&t, &more), &rounds) || !more)
			return false;
	}
	h->iterations = rounds < 1000 ? 1000 : rounds;
	h->cost = times(h->iterations, round_cost);
	return read_salted(h, t, 16, digest_n);
}

static bool read_sha256crypt(struct password_hash *h, struct text t)
{
	return read_sha2(h, t, COST_SHA256_ROUND, 43);
}

/* mosquitto_passwd(1) of versions before 2.0 has the same prefix: $6$salt$hash, both in base 64. */
static bool read_sha512crypt(struct password_hash *h, struct text t)
{
	struct text rest = t;
	bool more;
	struct text salt = next_part(&rest, &more);
	if (!more || !is_base64(rest, 88))
		return read_sha2(h, t, COST_SHA512_ROUND, 86);
	h->scheme = PASSWORD_MOSQUITTO_SHA512;
	h->salt = salt;
	h->digest = rest;
	h->salt_length = (int64_t)salt.n;
	h->cost = COST_DIGEST;
	return is_base64(salt, salt.n) && salt.n <= 64;
}

static bool read_bcrypt(struct password_hash *h, struct text t)
{
	bool more;
	struct text cost = next_part(&t, &more);
	if (!more || cost.n != 2 || !is_crypt64(t, 53))
		return false;
	uint32_t log = (uint32_t)(cost.p[0] - '0') * 10 + (uint32_t)(cost.p[1] - '0');
	h->salt = text_of(t.p, 22);
	h->digest = behind(t, 22);
	h->salt_length = 22;
	h->cost = times(COST_BCRYPT_ROUND, (uint64_t)1 << (log & 63));
	return cost.p[0] >= '0' && cost.p[0] <= '3' && cost.p[1] >= '0' && cost.p[1] <= '9' && log >= 4 && log <= 31;
}

/* yescrypt's numbers of variable length (yescrypt-common.c, decode64_uint32). */
static bool yescrypt_number(struct text *t, uint32_t min, uint32_t *value)
{
	uint32_t start = 0, end = 47, bits = 0, more = 0;
	uint32_t c = t->n ? crypt64_value(t->p[0]) : 64;
	if (c > 63)
		return false;
	uint64_t v = min;
	for (; c > end; bits += 6, more++) {
		v += (uint64_t)(end + 1 - start) << bits;
		start = end + 1;
		end = start + (62 - end) / 2;
	}
	v += (uint64_t)(c - start) << bits;
	*t = behind(*t, 1);
	for (; more; more--) {
		c = t->n ? crypt64_value(t->p[0]) : 64;
		if (c > 63)
			return false;
		bits -= 6;
		v += (uint64_t)c << bits;
		*t = behind(*t, 1);
	}
	*value = (uint32_t)v;
	return v <= UINT32_MAX;
}

/* Memory is the table of N blocks of 128 * r bytes, a block for each of p, and yescrypt's S-boxes for each of p. */
static void cost_of_blocks(struct password_hash *h, uint32_t log_n, uint32_t r, uint32_t p, uint64_t time, uint64_t block_cost)
{
	uint64_t blocks = log_n < 64 ? times((uint64_t)1 << log_n, r) : BEYOND;
	uint64_t table = times(blocks, 128), lanes = times(p, (uint64_t)r * 128 + YESCRYPT_SBOXES);
	h->memory = table > BEYOND - lanes ? BEYOND : table + lanes;
	h->cost = times(times(blocks, times(p, time + 1)), block_cost);
}

/* Which of p, t, g and NROM follow N and r. */
static bool yescrypt_extras(struct text *t, uint32_t *p, uint32_t *time)
{
	uint32_t have = 0;
	if (t->n && !yescrypt_number(t, 1, &have))
		return false;
	if ((have & 1) && !yescrypt_number(t, 2, p))
		return false;
	if ((have & 2) && !yescrypt_number(t, 1, time))
		return false;
	return have < 4 && t->n == 0;
}

static bool read_yescrypt(struct password_hash *h, struct text t)
{
	bool more;
	uint32_t flavour, log_n, r, p = 1, time = 0;
	struct text parameters = next_part(&t, &more);
	if (!more || !yescrypt_number(&parameters, 0, &flavour) || !yescrypt_number(&parameters, 1, &log_n) ||
	    !yescrypt_number(&parameters, 1, &r) || !yescrypt_extras(&parameters, &p, &time))
		return false;
	cost_of_blocks(h, log_n, r, p, time, COST_YESCRYPT_BLOCK);
	return read_salted(h, t, 86, 43);
}

/* A number of `digits` characters, least significant first. */
static bool scrypt_number(struct text t, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < t.n; i++) {
		uint32_t c = crypt64_value(t.p[i]);
		if (c > 63)
			return false;
		*value |= c << (6 * i);
	}
	return true;
}

/* mosquitto_passwd(1) since 2.0: $7$iterations$salt$hash. */
static bool read_mosquitto_pbkdf2(struct password_hash *h, struct text t)
{
	bool more;
	h->scheme = PASSWORD_MOSQUITTO_PBKDF2;
	if (!parse_number(next_part(&t, &more), &h->iterations) || !more || h->iterations == 0)
		return false;
	h->salt = next_part(&t, &more);
	h->digest = t;
	h->salt_length = (int64_t)h->salt.n;
	h->cost = times(h->iterations, COST_PBKDF2_ROUND);
	return more && h->salt.n <= 64 && is_base64(h->salt, h->salt.n) && is_base64(t, 88);
}

/* $7$ N r p salt $ digest: N one character (a logarithm), r and p five each. */
static bool read_scrypt(struct password_hash *h, struct text t)
{
	uint32_t log_n, r, p;
	bool more;
	struct text setting = next_part(&t, &more);
	if (more && setting.n <= 10 && all_of(setting, "") && is_base64(behind(t, t.n < 88 ? 0 : t.n - 88), 88))
		return read_mosquitto_pbkdf2(h, text_of(setting.p, setting.n + 1 + t.n));
	if (!more || setting.n < 11 || !scrypt_number(text_of(setting.p, 1), &log_n) ||
	    !scrypt_number(text_of(setting.p + 1, 5), &r) || !scrypt_number(text_of(setting.p + 6, 5), &p))
		return false;
	h->salt = behind(setting, 11);
	h->digest = t;
	h->salt_length = (int64_t)h->salt.n;
	cost_of_blocks(h, log_n, r, p, 0, COST_SCRYPT_BLOCK);
	return is_crypt64(h->digest, 43);
}

static bool read_sha1crypt(struct password_hash *h, struct text t)
{
	bool more;
	if (!parse_number(next_part(&t, &more), &h->iterations) || !more)
		return false;
	h->cost = times(h->iterations, COST_SHA1CRYPT_ROUND);
	return read_salted(h, t, 64, 28);
}

static bool read_nthash(struct password_hash *h, struct text t)
{
	h->digest = behind(t, t.n ? 1 : 0);
	h->salt_length = 0;
	h->cost = COST_DIGEST;
	return text_starts(t, "$") && is_hex(h->digest, 32);
}

/* $md5[,rounds=N]$salt$digest or, with a bare salt, ...$salt$$digest. */
static bool read_sunmd5(struct password_hash *h, struct text t)
{
	bool more;
	h->iterations = 0;
	if (text_starts(t, ",rounds=")) {
		t = behind(t, 8);
		if (!parse_number(next_part(&t, &more), &h->iterations) || !more)
			return false;
	} else if (text_starts(t, "$")) {
		t = behind(t, 1);
	} else {
		return false;
	}
	h->cost = times((uint64_t)h->iterations + 4096, COST_SUNMD5_ROUND);
	h->salt = next_part(&t, &more);
	h->salt_length = (int64_t)h->salt.n;
	h->digest = text_starts(t, "$") ? behind(t, 1) : t;
	return more && is_crypt64(h->digest, 22);
}

static bool read_ldap(struct password_hash *h, struct text t)
{
	h->digest = t;
	h->cost = COST_DIGEST;
	h->salt_length = h->scheme == PASSWORD_LDAP_SSHA ? FACT_NULL : 0;
	if (h->scheme == PASSWORD_LDAP_SSHA)
		return t.n > 28 && t.n <= 128 && t.n % 4 == 0 && is_base64(t, t.n);
	return is_base64(t, h->scheme == PASSWORD_LDAP_SHA ? 28 : 24);
}

struct prefix {
	const char *text;
	enum password_scheme scheme;
	bool (*read)(struct password_hash *h, struct text rest);
};

static const struct prefix prefixes[] = {
	{ "$1$", PASSWORD_MD5CRYPT, read_md5crypt },
	{ "$apr1$", PASSWORD_APR1, read_md5crypt },
	{ "$5$", PASSWORD_SHA256CRYPT, read_sha256crypt },
	{ "$6$", PASSWORD_SHA512CRYPT, read_sha512crypt },
	{ "$2a$", PASSWORD_BCRYPT, read_bcrypt },
	{ "$2b$", PASSWORD_BCRYPT, read_bcrypt },
	{ "$2x$", PASSWORD_BCRYPT, read_bcrypt },
	{ "$2y$", PASSWORD_BCRYPT, read_bcrypt },
	{ "$y$", PASSWORD_YESCRYPT, read_yescrypt },
	{ "$gy$", PASSWORD_GOST_YESCRYPT, read_yescrypt },
	{ "$7$", PASSWORD_SCRYPT, read_scrypt },
	{ "$sha1$", PASSWORD_SHA1CRYPT, read_sha1crypt },
	{ "$3$", PASSWORD_NTHASH, read_nthash },
	{ "$md5", PASSWORD_SUNMD5, read_sunmd5 },
	{ "{SHA}", PASSWORD_LDAP_SHA, read_ldap },
	{ "{SSHA}", PASSWORD_LDAP_SSHA, read_ldap },
	{ "{MD5}", PASSWORD_LDAP_MD5, read_ldap },
};

static struct password_hash unknown_hash(struct text field)
{
	return (struct password_hash){ .scheme = PASSWORD_UNKNOWN, .text = field, .salt_length = FACT_NULL, .cost = BEYOND };
}

static struct password_hash read_prefixed(struct text field)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		const struct prefix *p = &prefixes[i];
		if (!text_starts(field, p->text))
			continue;
		struct password_hash h = { .scheme = p->scheme, .text = field };
		if (!p->read(&h, behind(field, strlen(p->text))))
			break;
		h.cost = h.cost < COST_DIGEST ? COST_DIGEST : h.cost; /* parameters of 0 */
		return h;
	}
	return unknown_hash(field);
}

/* Hashes that carry no name are told by their length and alphabet. */
static bool read_bare(struct text field, struct password_hash *h)
{
	static const struct {
		enum password_scheme scheme;
		size_t digits;
	} digests[] = { { PASSWORD_MD5, 32 }, { PASSWORD_SHA1, 40 }, { PASSWORD_SHA256, 64 } };
	*h = (struct password_hash){ .text = field, .digest = field, .cost = COST_DIGEST };
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
		h->scheme = digests[i].scheme;
		if (is_hex(field, digests[i].digits))
			return true;
	}
	if (field.n == 20 && field.p[0] == '_' && is_crypt64(behind(field, 1), 19)) {
		uint32_t count = 0;
		(void)scrypt_number(text_of(field.p + 1, 4), &count);
		*h = (struct password_hash){ .scheme = PASSWORD_BSDICRYPT, .text = field, .salt = text_of(field.p + 5, 4),
			.digest = behind(field, 9), .salt_length = 4, .cost = times(count + 1, COST_BSDICRYPT_ROUND) };
		return true;
	}
	/* Password ageing of System V follows a comma. */
	size_t n = field.n > 13 && field.p[13] == ',' ? 13 : field.n;
	*h = (struct password_hash){ .scheme = PASSWORD_DESCRYPT, .text = text_of(field.p, n), .salt = text_of(field.p, 2),
		.digest = text_of(field.p + 2, n - 2), .salt_length = 2, .cost = COST_DESCRYPT };
	return is_crypt64(h->text, 13);
}

struct password_hash password_hash_read(struct text field)
{
	struct password_hash h;
	if (field.n && (field.p[0] == '$' || text_starts(field, "{SHA}") || text_starts(field, "{SSHA}") || text_starts(field, "{MD5}")))
		return read_prefixed(field);
	if (field.n >= 13 && read_bare(field, &h))
		return h;
	return (struct password_hash){ .scheme = PASSWORD_PLAINTEXT, .text = field, .salt_length = FACT_NULL };
}

struct password_hash password_htdigest(struct text user, struct text realm, struct text digest)
{
	struct password_hash h = { .scheme = PASSWORD_HTDIGEST, .text = digest, .digest = digest, .user = user, .realm = realm,
		.salt_length = (int64_t)(user.n + realm.n), .cost = COST_DIGEST };
	bool fits = is_hex(digest, 32) && user.n + realm.n <= 192;
	return fits ? h : unknown_hash(digest);
}
