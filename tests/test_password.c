/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Password hashes of every scheme, made with libxcrypt, OpenSSL and Python's hashlib: recognised, guessed, and refused
 * where a guess would cost more than it may. */
#include <crypt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "inspect/candidates.h"
#include "inspect/credentials.h"
#include "inspect/md5.h"
#include "inspect/password.h"
#include "inspect/password_memo.h"

struct vector {
	const char *hash, *user, *scheme, *password;
	long salt_length;
};

static const struct vector vectors[] = {
	{ "absxcfbgXtb3o", "root", "descrypt", "xc3511", 2 },
	{ "_J9..rasmvBmwSi4y0ss", "root", "bsdicrypt", "xc3511", 4 },
	{ "$1$saltsalt$DZ6tYhO9P.qjI3/IiXhg11", "root", "md5crypt", "xc3511", 8 },
	{ "$apr1$abcdefgh$mMZnMi5KMcUTRCidnJ3Px0", "admin", "apr1", "admin", 8 },
	{ "$5$saltstring$/OheOv2JKnNvG2iOpLfoc.pfEOX1yQgQ1UflrT0cubB", "root", "sha256crypt", "xc3511", 10 },
	{ "$5$rounds=1400$anotherlong$1KQnddbYuxFY2lVUePuOEhnuPqJfjZYyJq7opY45Jt1", "root", "sha256crypt", "xc3511", 11 },
	{ "$6$saltstring$sIi0EXY3T6D1w0qETOVPk1yLQtSAq50lenn0esECBK6vtR0hLf8xxyudAcCAUX9S0DSVUmnHf9CYm2cIB1gWQ1", "root",
	  "sha512crypt", "xc3511", 10 },
	{ "$2b$04$abcdefghijklmnopqrstuuuyveVbtT6iWiF7b/Q.DzWUWjlVWNlOW", "root", "bcrypt", "xc3511", 22 },
	{ "$y$j75$k2XAnEHBqQ1Ct2aMXFKNa/$Hnml85SI2i5RryWfB3NYRHo/XV/igjc9c3lgmPpZXv5", "root", "yescrypt", "xc3511", 22 },
	{ "$gy$j75$k2XAnEHBqQ1Ct2aMXFKNa/$dMrWo4aIULFcdnpnNF6MuQho7HvNCPz9y07Lfvz/jEC", "root", "gost-yescrypt", "xc3511", 22 },
	{ "$sha1$2000$saltsalt$SiFhChRbJa8Vj6AVccFnzX3np0r5", "root", "sha1crypt", "xc3511", 8 },
	{ "$3$$1936739fdcc8d4069da663286cf985da", "root", "nthash", "xc3511", 0 },
	{ "$md5$saltsalt$$flqA.4RqvXNXH1yu.Y/2m1", "root", "sunmd5", "xc3511", 8 },
	{ "$md5,rounds=10$saltsalt$$Fs2.dzpzNPX0vHC6daJ90/", "root", "sunmd5", "xc3511", 8 },
	{ "21232f297a57a5a743894a0e4a801fc3", "admin", "md5", "admin", 0 },
	{ "d033e22ae348aeb5660fc2140aec35850c4da997", "admin", "sha1", "admin", 0 },
	{ "8C6976E5B5410415BDE908BD4DEE15DFB167A9C873FC4BB8A81F6F2AB448A918", "admin", "sha256", "admin", 0 },
	{ "{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=", "admin", "sha1-base64", "admin", 0 },
	{ "{MD5}ISMvKXpXpadDiUoOSoAfww==", "admin", "md5-base64", "admin", 0 },
	{ "{SSHA}m8eqVfCP2tk1w/g2LT9IvPcOsoBzYWx0", "admin", "ssha", "admin", -1 },
	{ "$6$MDEyMzQ1Njc4OWFi$WbtmDopwJbY6P8yyId33fhSeawpvkAUBGulHJr+cmrC8Ni0h/i3r1o53e4KhGuOtEWQHzt+agWskvwq5CCmZ/g==", "admin",
	  "mosquitto-sha512", "admin", 16 },
	{ "$7$101$MDEyMzQ1Njc4OWFi$CtO8Y4bKtPcyNdHIjOuZVDeh9Hke0pc5Ol0hxREoL26qCUSypR9x65RmCKeDF8vyWDkkywo+AiUXILjfaW5tXQ==", "admin",
	  "mosquitto-pbkdf2", "admin", 16 },
	/* from published firmware */
	{ "8dxMkZjXi01sk", "root", "descrypt", "ipc@hs66", 2 },
	{ "$1$GTN.gpri$DlSyKvZKMR9A9Uj9e9wR3/", "root", "md5crypt", "sohoadmin", 8 },
};

static struct arena *arena;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(0);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct password_finding try_hash(const char *hash, const char *user)
{
	struct password_hash h = password_hash_read(text_c(hash));
	return password_guess(&h, text_c(user), PASSWORD_HASH_BUDGET, arena);
}

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct vector *v = &vectors[i];
		struct password_hash h = password_hash_read(text_c(v->hash));
		assert_string_equal(password_scheme_name(h.scheme), v->scheme);
		if (v->salt_length >= 0)
			assert_int_equal(h.salt_length, v->salt_length);
		struct password_finding f = password_guess(&h, text_c(v->user), PASSWORD_HASH_BUDGET, arena);
		if (!text_is(f.password, v->password))
			fail_msg("%s: not found, %s", v->hash, f.tried);
		assert_true(f.source.n > 0);
		assert_true(f.spent > 0 && f.spent <= PASSWORD_HASH_BUDGET);
		arena_reset(arena);
	}
}

/* Another character in the digest is another password. */
static void test_nearly_right_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		char hash[256];
		size_t n = (size_t)snprintf(hash, sizeof hash, "%s", vectors[i].hash), at = n - 8;
		hash[at] = hash[at] == 'a' ? 'b' : 'a';
		struct password_finding f = try_hash(hash, vectors[i].user);
		assert_null(f.password.p);
		assert_true(strcmp(f.tried, "complete") == 0 || strcmp(f.tried, "budget") == 0);
		arena_reset(arena);
	}
}

/* What an attacker writes to keep us busy costs nothing. */
static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *hash, *tried;
	} cases[] = {
		{ "$5$rounds=999999999$saltstring$/OheOv2JKnNvG2iOpLfoc.pfEOX1yQgQ1UflrT0cubB", "refused" },
		{ "$6$rounds=4294967295$s$sIi0EXY3T6D1w0qETOVPk1yLQtSAq50lenn0esECBK6vtR0hLf8xxyudAcCAUX9S0DSVUmnHf9CYm2cIB1gWQ1", "refused" },
		{ "$6$rounds=4294967296$s$sIi0EXY3T6D1w0qETOVPk1yLQtSAq50lenn0esECBK6vtR0hLf8xxyudAcCAUX9S0DSVUmnHf9CYm2cIB1gWQ1",
		  "unsupported" },
		{ "$2b$31$abcdefghijklmnopqrstuuuyveVbtT6iWiF7b/Q.DzWUWjlVWNlOW", "refused" },
		{ "$2b$12$abcdefghijklmnopqrstuuuyveVbtT6iWiF7b/Q.DzWUWjlVWNlOW", "budget" },
		{ "$y$jFT$k2XAnEHBqQ1Ct2aMXFKNa/$Hnml85SI2i5RryWfB3NYRHo/XV/igjc9c3lgmPpZXv5", "refused" },
		{ "$7$U6..../....SodiumChloride$CCeh2f6BSS2RO1viBmsnLxzLsHx63hjUKMesKSAJbP1", "refused" },
		{ "$sha1$4000000000$saltsalt$SiFhChRbJa8Vj6AVccFnzX3np0r5", "refused" },
		{ "$md5,rounds=4000000000$saltsalt$$Fs2.dzpzNPX0vHC6daJ90/", "refused" },
		{ "$7$4000000000$MDEyMzQ1Njc4OWFi$CtO8Y4bKtPcyNdHIjOuZVDeh9Hke0pc5Ol0hxREoL26qCUSypR9x65RmCKeDF8vyWDkkywo+AiUXILjfaW5tXQ==",
		  "refused" },
		{ "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4Q", "unsupported" },
		{ "$9$what$is$this", "unsupported" },
		{ "$1$toolongsalt$DZ6tYhO9P.qjI3/IiXhg11", "unsupported" },
		{ "$6$", "unsupported" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct password_finding f = try_hash(cases[i].hash, "root");
		if (strcmp(f.tried, cases[i].tried) != 0)
			fail_msg("%s: %s", cases[i].hash, f.tried);
		assert_null(f.password.p);
		assert_int_equal(f.spent, 0);
	}
}

/* The budget is kept in counted effort, so that every machine finds the same. */
static void test_budget_is_counted(void **state)
{
	(void)state;
	struct password_hash h = password_hash_read(TEXT_LIT("$6$saltstring$aIi0EXY3T6D1w0qETOVPk1yLQtSAq50lenn0esECBK6v"
	                                                  "tR0hLf8xxyudAcCAUX9S0DSVUmnHf9CYm2cIB1gWQ1"));
	struct password_finding f = password_guess(&h, TEXT_LIT("nobody-known"), 10 * h.cost + 1, arena);
	assert_string_equal(f.tried, "budget");
	assert_int_equal(f.spent, 10 * h.cost);
}

/* The same hash again costs nothing and answers the same; with another user or budget it is another question. */
static void test_memo(void **state)
{
	(void)state;
	static const char *const hashes[] = { "$6$saltstring$aIi0EXY3T6D1w0qETOVPk1yLQtSAq50lenn0esECBK6vtR0hLf8xxyudAcCAUX9S0DSVUmnHf9CYm2cIB1gWQ1",
		                                  "$1$saltsalt$DZ6tYhO9P.qjI3/IiXhg11" };
	struct password_memo *memo = password_memo_new();
	assert_non_null(memo);
	size_t spared = 0;
	for (size_t i = 0; i < 2; i++) {
		struct password_hash h = password_hash_read(text_c(hashes[i]));
		for (unsigned question = 0; question < 3; question++) {
			struct text user = text_c(question == 1 ? "admin" : "root");
			uint64_t budget = h.cost * (question == 2 ? 40 : 100) + 1;
			struct password_finding own = password_guess(&h, user, budget, arena);
			for (unsigned time = 0; time < 3; time++) {
				struct password_finding f = password_memo_guess(memo, &h, user, budget, arena);
				assert_string_equal(f.tried, own.tried);
				assert_true(f.spent == own.spent);
				assert_true((f.password.p != NULL) == (own.password.p != NULL));
				assert_true(!f.password.p || (text_eq(f.password, own.password) && text_eq(f.source, own.source)));
				spared += time > 0;
				assert_int_equal(password_memo_spared(memo), spared);
			}
		}
	}
	password_memo_free(memo);
}

static void test_order_of_candidates(void **state)
{
	(void)state;
	struct candidates c;
	struct candidate next;
	assert_true(candidates_init(&c, TEXT_LIT("root"), arena));
	assert_true(candidates_next(&c, &next));
	assert_true(text_is(next.password, "root"));
	assert_true(text_is(candidate_source(&next, arena), "user name"));
	size_t n = 1, xc3511 = 0, first_common = 0, botnet = 0, varied = 0;
	for (; candidates_next(&c, &next); n++) {
		assert_int_equal(next.password.p[next.password.n], '\0');
		if (text_is(next.password, "xc3511")) {
			assert_int_equal(xc3511, 0); /* each once */
			xc3511 = n;
			assert_true(text_is(candidate_source(&next, arena), "mirai"));
		}
		if (!varied && text_is(candidate_source(&next, arena), "mirai"))
			botnet = n;
		if (!varied && text_is(candidate_source(&next, arena), "user name, varied"))
			varied = n;
		if (!first_common && text_starts(candidate_source(&next, arena), "common"))
			first_common = n;
	}
	assert_in_range(xc3511, 1, 60);
	assert_true(varied == botnet + 1); /* of a slow hash, few are tried: first what attacks try */
	assert_true(first_common > xc3511);
	assert_true(n > 10000);
}

/* Sixteen guesses side by side give what one after the other gives. */
static void test_md5crypt_equals_crypt(void **state)
{
	(void)state;
	uint32_t seed = 5;
	for (unsigned round = 0; round < 6; round++) {
		char bytes[MD5CRYPT_LANES][64], setting[64];
		struct text passwords[MD5CRYPT_LANES];
		uint8_t digests[MD5CRYPT_LANES][MD5_SIZE], expected[MD5_SIZE];
		char salt[9] = "saltsalt";
		salt[round + 3 > 8 ? 8 : round + 3] = '\0';
		for (size_t i = 0; i < MD5CRYPT_LANES; i++) {
			size_t n = (round * MD5CRYPT_LANES + i) % 40;
			for (size_t k = 0; k < n; k++)
				bytes[i][k] = (char)('!' + (seed = seed * 1664525 + 1013904223) / 64 % 90);
			bytes[i][n] = '\0';
			passwords[i] = text_of(bytes[i], n);
		}
		md5crypt_digests("$1$", text_c(salt), passwords, MD5CRYPT_LANES - round, digests);
		snprintf(setting, sizeof setting, "$1$%s$", salt);
		for (size_t i = 0; i < MD5CRYPT_LANES - round; i++) {
			struct crypt_data data = { 0 };
			const char *hash = crypt_r(bytes[i], setting, &data);
			assert_true(md5crypt_decode(text_c(strrchr(hash, '$') + 1), expected));
			assert_memory_equal(digests[i], expected, MD5_SIZE);
		}
	}
}

static void test_survives(void **state)
{
	(void)state;
	uint32_t seed = 9;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		size_t n = strlen(vectors[i].hash);
		char *copy = malloc(n);
		assert_non_null(copy);
		for (size_t cut = 0; cut <= n; cut++) {
			memcpy(copy, vectors[i].hash, cut);
			struct password_hash h = password_hash_read(text_of(copy, cut));
			assert_non_null(password_scheme_name(h.scheme));
		}
		for (unsigned flip = 0; flip < 300; flip++) {
			memcpy(copy, vectors[i].hash, n);
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % n] = (char)(seed >> 24);
			struct password_hash h = password_hash_read(text_of(copy, n));
			if (h.cost < 1000000)
				(void)password_guess(&h, TEXT_LIT("root"), 2 * h.cost, arena);
			arena_reset(arena);
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors), cmocka_unit_test(test_nearly_right_is_wrong), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_budget_is_counted), cmocka_unit_test(test_memo), cmocka_unit_test(test_order_of_candidates),
		cmocka_unit_test(test_md5crypt_equals_crypt), cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
