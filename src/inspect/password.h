/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Password hashes: what they are, and guessing what they hide.
 *
 * The effort is counted, not measured: each guess costs nominal nanoseconds that follow from the scheme and its
 * parameters, so that the same hash gives the same answer on any machine, with any number of threads.
 */
#ifndef ASSAY_INSPECT_PASSWORD_H
#define ASSAY_INSPECT_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

/* What is spent on one hash, and on all hashes of one file. */
#define PASSWORD_HASH_BUDGET ((uint64_t)60 * 1000 * 1000)
#define PASSWORD_FILE_BUDGET (8 * PASSWORD_HASH_BUDGET)
/* A hash of which one guess costs more than this was not made for logging in: it is refused. */
#define PASSWORD_COST_MAX ((uint64_t)5 * 1000 * 1000 * 1000)
/* A hash that wants more memory than this is refused. */
#define PASSWORD_MEMORY_MAX ((uint64_t)32 << 20)

enum password_scheme {
	PASSWORD_UNKNOWN, /* begins like a hash, is none that is known */
	PASSWORD_PLAINTEXT,
	PASSWORD_DESCRYPT,
	PASSWORD_BSDICRYPT,
	PASSWORD_MD5CRYPT,
	PASSWORD_APR1,
	PASSWORD_SHA256CRYPT,
	PASSWORD_SHA512CRYPT,
	PASSWORD_BCRYPT,
	PASSWORD_YESCRYPT,
	PASSWORD_GOST_YESCRYPT,
	PASSWORD_SCRYPT,
	PASSWORD_SHA1CRYPT,
	PASSWORD_NTHASH,
	PASSWORD_SUNMD5,
	PASSWORD_MD5,            /* of the password alone, 32 hexadecimal digits */
	PASSWORD_SHA1,           /* likewise, 40 */
	PASSWORD_SHA256,         /* likewise, 64 */
	PASSWORD_LDAP_SHA,       /* {SHA} and base 64 */
	PASSWORD_LDAP_SSHA,      /* {SSHA}: with a salt behind the digest */
	PASSWORD_LDAP_MD5,       /* {MD5} */
	PASSWORD_MOSQUITTO_SHA512, /* mosquitto_passwd: $6$salt$hash in base 64 */
	PASSWORD_MOSQUITTO_PBKDF2, /* $7$iterations$salt$hash */
	PASSWORD_HTDIGEST,       /* MD5 of user:realm:password */
	PASSWORD_SCHEMES
};

struct password_hash {
	enum password_scheme scheme;
	struct text text;    /* as it stands in the file */
	struct text salt;    /* as it is written */
	struct text digest;  /* as it is written: the part behind salt and parameters */
	struct text user, realm; /* PASSWORD_HTDIGEST: what is hashed with the password */
	int64_t salt_length; /* characters of salt, or FACT_NULL */
	uint64_t cost;       /* of one guess, in nominal nanoseconds; UINT64_MAX: beyond any budget */
	uint64_t memory;     /* bytes that a guess needs, where that matters */
	uint32_t iterations;
};

/* The word of the column hash_scheme. */
const char *password_scheme_name(enum password_scheme scheme);

/* Reads the password field of an account file. What cannot be a hash is PASSWORD_PLAINTEXT. */
struct password_hash password_hash_read(struct text field);

/* A line of an htdigest file. */
struct password_hash password_htdigest(struct text user, struct text realm, struct text digest);

struct password_finding {
	const char *tried;    /* the column `tried`: complete, budget, unsupported, refused */
	struct text password; /* p == NULL: not found */
	struct text source;
	uint64_t spent;
};

/* Guesses within the budget; candidates depend on the user's name. Texts point into the arena or static data. */
struct password_finding password_guess(const struct password_hash *hash, struct text user, uint64_t budget, struct arena *arena);

#endif
