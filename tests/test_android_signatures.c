/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of packages and updates of Android: archives that are signed with new keys, and one byte of them changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "base/hash.h"
#include "walked.h"

extern const struct format zip_format;

struct out {
	uint8_t bytes[65536];
	size_t n;
};

static void put(struct out *o, const void *bytes, size_t n)
{
	memcpy(o->bytes + o->n, bytes, n);
	o->n += n;
}

static void put_le(struct out *o, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++, v >>= 8)
		o->bytes[o->n++] = (uint8_t)v;
}

/* Bytes behind their length of four. */
static void put_sized(struct out *o, const void *bytes, size_t n)
{
	put_le(o, n, 4);
	put(o, bytes, n);
}

#define CONTENT "content of the only file"

/* A local header with its file, which is stored; the central directory; the end without its comment. */
static void put_local(struct out *o)
{
	put(o, "PK\3\4\x14\0\0\0\0\0\0\0\x21\x50", 14);
	put_le(o, hash_crc32(0, span_of(CONTENT, sizeof CONTENT - 1)), 4);
	put_le(o, sizeof CONTENT - 1, 4);
	put_le(o, sizeof CONTENT - 1, 4);
	put(o, "\1\0\0\0a", 5);
	put(o, CONTENT, sizeof CONTENT - 1);
}

static void put_central(struct out *o)
{
	put(o, "PK\1\2\x14\0\x14\0\0\0\0\0\0\0\x21\x50", 16);
	put_le(o, hash_crc32(0, span_of(CONTENT, sizeof CONTENT - 1)), 4);
	put_le(o, sizeof CONTENT - 1, 4);
	put_le(o, sizeof CONTENT - 1, 4);
	put(o, "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a", 19);
}

static void put_end(struct out *o, size_t central, size_t size, size_t comment)
{
	put(o, "PK\5\6\0\0\0\0\1\0\1\0", 12);
	put_le(o, size, 4);
	put_le(o, central, 4);
	put_le(o, comment, 2);
}

static void expect(struct span bytes, const char *rows)
{
	char have[1024] = "";
	size_t n = 0;
	struct walked t;
	const struct fact_signature *s;
	walked_open(&t, &zip_format, bytes);
	assert_true(t.accepted);
	assert_non_null(walked_get(&t, "/a"));
	for (size_t i = 0; (s = fact_list_get(&t.facts, FACT_signature, i)); i++)
		n += (size_t)snprintf(have + n, sizeof have - n, "%.*s %.*s %.*s\n", (int)s->scheme.n, s->scheme.p,
							  (int)s->state.n, s->state.p, (int)s->key_fingerprint.n,
							  s->key_fingerprint.p ? s->key_fingerprint.p : "");
	assert_string_equal(have, rows);
	walked_close(&t);
}

static const char *row(const char *scheme, const char *state, EVP_PKEY *key)
{
	static char out[160];
	char hex[65];
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	hash_sha256_hex(span_of(der, (size_t)n), hex);
	OPENSSL_free(der);
	snprintf(out, sizeof out, "%s %s %s\n", scheme, state, hex);
	return out;
}

/* ---- packages ---- */

static X509 *certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"Android", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* The digest of one chunk of each part: all are shorter than a megabyte. */
static size_t digest_package(const struct out *local, const struct out *central, size_t block, const EVP_MD *md,
							 uint8_t out[64])
{
	const struct out *parts[2] = { local, central };
	static struct out end, chunk, all;
	unsigned size = 0;
	all.n = end.n = 0;
	put_end(&end, block, central->n, 0);
	put(&all, "\x5a\3\0\0\0", 5);
	for (int i = 0; i < 3; i++) {
		const struct out *part = i < 2 ? parts[i] : &end;
		chunk.n = 0;
		put(&chunk, "\xa5", 1);
		put_sized(&chunk, part->bytes, part->n);
		EVP_Digest(chunk.bytes, chunk.n, all.bytes + all.n, &size, md, NULL);
		all.n += size;
	}
	EVP_Digest(all.bytes, all.n, out, &size, md, NULL);
	return size;
}

/* What a signer is made of: by default all that the platform wants. */
struct made {
	EVP_PKEY *key;
	uint32_t algorithms[2]; /* 0: one alone */
	bool third;
	size_t padding;
	uint32_t bad;        /* the algorithm whose signature is none */
	uint32_t wrong;      /* ... whose digest is another one */
	uint32_t undigested; /* ... that has no digest */
	EVP_PKEY *certified; /* the key of its certificate: NULL: the same */
	bool no_certificate, no_signer, other_versions;
	uint32_t attribute; /* 0: none */
	uint32_t value;
	const struct lineage *lineage;
};

/* Keys that the signer had before: two, the first of which signed the second, and the second the signer's. */
struct lineage {
	EVP_PKEY *keys[2];
	enum {
		LINEAGE_GOOD,
		LINEAGE_UNSIGNED,
		LINEAGE_BY_OTHER,
		LINEAGE_ALGORITHM,
		LINEAGE_TWICE,
		LINEAGE_OTHER_END,
		LINEAGE_EMPTY,
		LINEAGE_CUT
	} how;
};

static const EVP_MD *digest_of(uint32_t algorithm)
{
	return algorithm == 0x102 || algorithm == 0x104 || algorithm == 0x202 ? EVP_sha512() : EVP_sha256();
}

static size_t sign(EVP_PKEY *key, uint32_t algorithm, const struct out *data, uint8_t value[512])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *k = NULL;
	size_t n = 512;
	assert_int_equal(EVP_DigestSignInit(c, &k, digest_of(algorithm), NULL, key), 1);
	if (algorithm == 0x101) {
		assert_true(EVP_PKEY_CTX_set_rsa_padding(k, RSA_PKCS1_PSS_PADDING) > 0);
		assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(k, 32) > 0);
	}
	assert_int_equal(EVP_DigestSign(c, value, &n, data->bytes, data->n), 1);
	EVP_MD_CTX_free(c);
	return n;
}

/* Nodes as the platform's ApkSignatureSchemeV3Verifier reads them; `last` is the signer's certificate. */
static void put_lineage(struct out *o, const struct lineage *l, const uint8_t *last, size_t last_n)
{
	static struct out data, node;
	uint8_t *ders[3] = { NULL }, value[512] = { 0 };
	size_t sizes[3];
	for (int i = 0; i < 2; i++) {
		X509 *x = certificate(l->keys[i]);
		sizes[i] = (size_t)i2d_X509(x, &ders[i]);
		X509_free(x);
	}
	bool twice = l->how == LINEAGE_TWICE;
	ders[2] = twice ? ders[1] : (uint8_t *)(uintptr_t)last;
	sizes[2] = twice ? sizes[1] : last_n;
	put_le(o, 1, 4);
	for (int i = 0; i < (l->how == LINEAGE_EMPTY ? 0 : l->how == LINEAGE_OTHER_END ? 2 : 3); i++) {
		EVP_PKEY *by = i ? l->keys[l->how == LINEAGE_BY_OTHER ? 2 - i : i - 1] : NULL;
		data.n = node.n = 0;
		put_sized(&data, ders[i], sizes[i]);
		put_le(&data, !i ? 0 : l->how == LINEAGE_ALGORITHM ? 0x104 : 0x103, 4);
		size_t n = by ? sign(by, 0x103, &data, value) : 0;
		value[9] ^= l->how == LINEAGE_UNSIGNED && i == 2;
		put_sized(&node, data.bytes, data.n);
		put_le(&node, 23, 4);
		put_le(&node, 0x103, 4);
		put_sized(&node, value, n);
		put_sized(o, node.bytes, node.n);
	}
	o->n -= l->how == LINEAGE_CUT ? 1 : 0;
	OPENSSL_free(ders[0]);
	OPENSSL_free(ders[1]);
}

static void put_data(struct out *data, const struct made *m, const struct out *local, const struct out *central)
{
	static struct out one, list;
	uint8_t digest[64], *der = NULL;
	data->n = list.n = 0;
	for (int i = 0; i < 2 && m->algorithms[i]; i++) {
		size_t n = digest_package(local, central, local->n, digest_of(m->algorithms[i]), digest);
		one.n = 0;
		digest[3] ^= m->algorithms[i] == m->wrong;
		put_le(&one, m->algorithms[i], 4);
		put_sized(&one, digest, n);
		if (m->algorithms[i] != m->undigested)
			put_sized(&list, one.bytes, one.n);
	}
	put_sized(data, list.bytes, list.n);
	X509 *x = certificate(m->certified ? m->certified : m->key);
	int size = i2d_X509(x, &der);
	list.n = 0;
	put_sized(&list, der, (size_t)size);
	put_sized(data, list.bytes, m->no_certificate ? 0 : list.n);
	X509_free(x);
	if (m->third)
		put(data, m->other_versions ? "\x20\0\0\0\xff\xff\xff\x7f" : "\x1c\0\0\0\xff\xff\xff\x7f", 8);
	one.n = list.n = 0;
	put_le(&one, m->attribute, 4);
	if (m->lineage)
		put_lineage(&one, m->lineage, der, (size_t)size);
	else
		put_le(&one, m->value, 4);
	OPENSSL_free(der);
	put_sized(&list, one.bytes, one.n);
	put_sized(data, list.bytes, m->attribute ? list.n : 0);
}

static void put_signer(struct out *pair, const struct made *m, const struct out *local, const struct out *central)
{
	static struct out data, one, list, signer;
	uint8_t value[512], *der = NULL;
	list.n = signer.n = 0;
	put_data(&data, m, local, central);
	put_sized(&signer, data.bytes, data.n);
	if (m->third)
		put(&signer, "\x1c\0\0\0\xff\xff\xff\x7f", 8);
	for (int i = 0; i < 2 && m->algorithms[i]; i++) {
		size_t n = sign(m->key, m->algorithms[i], &data, value);
		one.n = 0;
		value[n - 1] ^= m->algorithms[i] == m->bad;
		put_le(&one, m->algorithms[i], 4);
		put_sized(&one, value, n);
		put_sized(&list, one.bytes, one.n);
	}
	put_sized(&signer, list.bytes, list.n);
	int size = i2d_PUBKEY(m->key, &der);
	put_sized(&signer, der, (size_t)size);
	OPENSSL_free(der);
	list.n = 0;
	put_sized(&list, signer.bytes, signer.n);
	put_sized(pair, list.bytes, m->no_signer ? 0 : list.n);
}

static struct span make_package(const struct made *m)
{
	static struct out file, central, pair;
	file.n = central.n = pair.n = 0;
	put_local(&file);
	memset(file.bytes + file.n, 0, m->padding);
	file.n += m->padding;
	put_central(&central);
	put_le(&pair, m->third ? 0xf05368c0 : 0x7109871a, 4);
	put_signer(&pair, m, &file, &central);
	put_le(&file, pair.n + 8 + 24, 8);
	put_le(&file, pair.n, 8);
	put(&file, pair.bytes, pair.n);
	put_le(&file, pair.n + 8 + 24, 8);
	put(&file, "APK Sig Block 42", 16);
	size_t at = file.n;
	put(&file, central.bytes, central.n);
	put_end(&file, at, central.n, 0);
	return span_of(file.bytes, file.n);
}

static void test_packages(void **state)
{
	(void)state;
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
	const struct made cases[] = { { .key = rsa, .algorithms = { 0x103 } },
								  { .key = rsa, .algorithms = { 0x101 } },
								  { .key = ec, .algorithms = { 0x201 }, .padding = 4001 },
								  { .key = ec, .algorithms = { 0x201 }, .third = true } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *scheme = cases[i].third ? "apk-v3" : "apk-v2";
		struct span p = make_package(&cases[i]);
		uint8_t *bytes = (uint8_t *)(uintptr_t)p.p;
		expect(p, row(scheme, "valid", cases[i].key));
		bytes[11] ^= 1; /* the time of the file */
		expect(p, row(scheme, "invalid", cases[i].key));
		p = make_package(&cases[i]);
		survives_flips(&zip_format, p, 200, 0);
		survives_cuts(&zip_format, p, 100);
	}
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
}

/* The rules by which the platform takes a signer: "APK Signature Scheme v2", "Verification"; the strongest algorithm is the one with the
 * longest digest, fs-verity between the two. */
static void test_rules(void **state)
{
	(void)state;
	EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
	const struct {
		struct made made;
		const char *state;
	} cases[] = {
		{ { .key = rsa, .algorithms = { 0x103, 0x104 } }, "valid" },
		{ { .key = rsa, .algorithms = { 0x104, 0x103 } }, "valid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x104 }, .wrong = 0x104 }, "invalid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x104 }, .bad = 0x104 }, "invalid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x104 }, .wrong = 0x103, .bad = 0x103 }, "valid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x101 }, .bad = 0x101 }, "valid" }, /* the first of equal ones */
		{ { .key = rsa, .algorithms = { 0x103, 0x101 }, .bad = 0x103 }, "invalid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x777 } }, "valid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x777 }, .undigested = 0x777 }, "invalid" },
		{ { .key = rsa, .algorithms = { 0x103, 0x421 } }, "unsupported" },
		{ { .key = rsa, .algorithms = { 0x421, 0x104 } }, "valid" },
		{ { .key = rsa, .algorithms = { 0x777 } }, "unsupported" },
		{ { .key = ec, .algorithms = { 0x201 }, .certified = rsa }, "invalid" },
		{ { .key = ec, .algorithms = { 0x201 }, .no_certificate = true }, "invalid" },
		{ { .key = ec, .algorithms = { 0x201 }, .attribute = 0xbeeff00d, .value = 3 },
		  "invalid" }, /* it had version 3 */
		{ { .key = ec, .algorithms = { 0x201 }, .attribute = 0xbeeff00d, .value = 2 }, "valid" },
		{ { .key = ec, .algorithms = { 0x201 }, .attribute = 0x559f8b02, .value = 33 }, "valid" }, /* version 3's */
		{ { .key = ec, .algorithms = { 0x201 }, .third = true, .attribute = 0xbeeff00d, .value = 3 }, "valid" },
		{ { .key = ec, .algorithms = { 0x201 }, .third = true, .attribute = 0x559f8b02, .value = 33 },
		  "invalid" }, /* ... 3.1 */
		{ { .key = ec, .algorithms = { 0x201 }, .third = true, .other_versions = true }, "invalid" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(make_package(&cases[i].made),
			   row(cases[i].made.third ? "apk-v3" : "apk-v2", cases[i].state, cases[i].made.key));
	expect(make_package(&(struct made){ .key = ec, .algorithms = { 0x201 }, .no_signer = true }), "apk-v2 invalid \n");
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
}

/* "APK Signature Scheme v3", proof-of-rotation: each node is signed by the one before it, the last is the signer's certificate. */
static void test_lineage(void **state)
{
	(void)state;
	static const char *const states[] = { "valid",   "invalid", "invalid", "invalid",
										  "invalid", "invalid", "invalid", "invalid" };
	EVP_PKEY *key = EVP_RSA_gen(2048), *keys[2] = { EVP_RSA_gen(2048), EVP_RSA_gen(2048) };
	for (int how = LINEAGE_GOOD; how <= LINEAGE_CUT; how++) {
		struct lineage l = { .keys = { keys[0], keys[1] }, .how = how };
		struct made m = { .key = key, .algorithms = { 0x103 }, .third = true, .attribute = 0x3ba06f8c, .lineage = &l };
		expect(make_package(&m), row("apk-v3", states[how], key));
		struct span p = make_package(&m);
		survives_flips(&zip_format, p, 100, 0);
		survives_cuts(&zip_format, p, 50);
		m.third = false; /* version 2 knows of none */
		expect(make_package(&m), row("apk-v2", "valid", key));
	}
	EVP_PKEY_free(key);
	EVP_PKEY_free(keys[0]);
	EVP_PKEY_free(keys[1]);
}

static unsigned count_rows(const char *dir, const char *name, const char *scheme, const char *state);

/* The platform's tool rotates keys. */
static void test_rotated(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("apksigner") || !tool_exists("keytool") || !tool_exists("zip"))
		skip();
	temp_new(dir);
	run_in(
		dir,
		"for k in 1 2; do keytool -genkey -keystore k$k -storepass password -keypass password -alias a -keyalg RSA "
		"-keysize 2048 -dname CN=x$k -validity 9 2>/dev/null; done; head -c 2500 /dev/urandom > a; zip -q in.apk a; "
		"apksigner rotate --out l --old-signer --ks k1 --ks-pass pass:password --new-signer --ks k2 --ks-pass pass:password; "
		"apksigner sign --ks k1 --ks-pass pass:password --next-signer --ks k2 --ks-pass pass:password --lineage l "
		"--min-sdk-version 24 --v1-signing-enabled false --out a.apk in.apk");
	assert_int_equal(count_rows(dir, "a.apk", "apk-v2", "valid"), 1);
	assert_true(count_rows(dir, "a.apk", "apk-v3", "valid") >= 1);
	assert_int_equal(count_rows(dir, "a.apk", "apk-v3", "invalid"), 0);
	temp_remove(dir);
}

/* The tool of the platform. */
static void test_apksigner(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("apksigner") || !tool_exists("keytool") || !tool_exists("zip"))
		skip();
	temp_new(dir);
	run_in(
		dir,
		"keytool -genkey -keystore k -storepass password -keypass password -alias a -keyalg RSA -keysize 2048 "
		"-dname CN=x -validity 9 2>/dev/null; head -c 2500000 /dev/urandom > a; zip -q in.apk a; "
		"apksigner sign --ks k --ks-pass pass:password --min-sdk-version 24 --v1-signing-enabled false --out a.apk in.apk");
	struct span p = file_load(dir, "a.apk");
	struct walked t;
	walked_open(&t, &zip_format, p);
	assert_int_equal(fact_list_count(&t.facts, FACT_signature), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct fact_signature *s = fact_list_get(&t.facts, FACT_signature, i);
		assert_true(text_is(s->state, "valid") && text_is(s->scheme, i ? "apk-v3" : "apk-v2"));
	}
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)(uintptr_t)p.p);
	temp_remove(dir);
}

/* ---- file by file ---- */

/* The rows of scheme "jar" of an archive, as "state detail". */
static void expect_jar(const char *dir, const char *name, const char *state, const char *detail)
{
	struct span p = file_load(dir, name);
	struct walked t;
	unsigned rows = 0;
	const struct fact_signature *s;
	walked_open(&t, &zip_format, p);
	for (size_t i = 0; (s = fact_list_get(&t.facts, FACT_signature, i)); i++) {
		if (!text_is(s->scheme, "jar"))
			continue;
		rows++;
		if (!text_is(s->state, state) || !text_has(s->detail, detail))
			print_message("%s: %.*s: %.*s\n", name, (int)s->state.n, s->state.p, (int)s->detail.n, s->detail.p);
		assert_true(text_is(s->state, state));
		assert_true(text_has(s->detail, detail));
	}
	assert_int_equal(rows, *state != 0);
	if (strcmp(name, "EC.jar") == 0) {
		survives_flips(&zip_format, p, 150, 0);
		survives_cuts(&zip_format, p, 60);
	}
	walked_close(&t);
	free((void *)(uintptr_t)p.p);
}

/* As the JDK's and the platform's tools sign, and what becomes of it. */
static void test_jars(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("jarsigner") || !tool_exists("keytool") || !tool_exists("zip"))
		skip();
	temp_new(dir);
	run_in(
		dir,
		"for k in RSA EC; do keytool -genkeypair -keystore k -storepass password -keypass password -alias $k -keyalg $k "
		"-dname CN=$k -validity 9 2>/dev/null; done; mkdir -p a/name/that/is/longer/than/a/line/of/a/manifest/may/be/indeed; "
		"echo one > one; echo two > two; seq 9999 > a/name/that/is/longer/than/a/line/of/a/manifest/may/be/indeed/three; "
		"zip -qr in.zip one two a; for k in RSA EC; do jarsigner -keystore k -storepass password -signedjar $k.jar in.zip $k "
		">/dev/null 2>&1; done; cp RSA.jar changed.jar; echo other > one; zip -q changed.jar one; echo one > one; "
		"cp RSA.jar more.jar; echo new > new; zip -q more.jar new; cp RSA.jar fewer.jar; zip -qd fewer.jar two; "
		"cp RSA.jar unsigned.jar; zip -qd unsigned.jar META-INF/RSA.RSA; cp RSA.jar broken.jar; "
		"unzip -qp RSA.jar META-INF/RSA.SF | sed 's/^Created-By/Created-by/' > RSA.SF; mkdir -p META-INF; "
		"cp RSA.SF META-INF/RSA.SF; zip -q broken.jar META-INF/RSA.SF; cp EC.jar manifest.jar; "
		"unzip -qp EC.jar META-INF/MANIFEST.MF | sed 's/^Name: two/Name: twp/' > META-INF/MANIFEST.MF; "
		"zip -q manifest.jar META-INF/MANIFEST.MF");
	expect_jar(dir, "RSA.jar", "valid", "");
	expect_jar(dir, "EC.jar", "valid", "");
	expect_jar(dir, "in.zip", "", "");
	expect_jar(dir, "changed.jar", "invalid", "one is not what was signed");
	expect_jar(dir, "more.jar", "valid", "1 file is not signed");
	expect_jar(dir, "fewer.jar", "valid", "");
	expect_jar(dir, "unsigned.jar", "absent", "without the block");
	expect_jar(dir, "broken.jar", "invalid", "");
	expect_jar(dir, "manifest.jar", "invalid", "the manifest is not what was signed");
	temp_remove(dir);
}

static void test_apk_version1(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("apksigner") || !tool_exists("keytool") || !tool_exists("zip"))
		skip();
	temp_new(dir);
	run_in(
		dir,
		"keytool -genkey -keystore k -storepass password -keypass password -alias a -keyalg RSA -keysize 2048 "
		"-dname CN=x -validity 9 2>/dev/null; echo x > AndroidManifest.xml; seq 9999 > classes.dex; "
		"zip -q in.apk AndroidManifest.xml classes.dex; apksigner sign --ks k --ks-pass pass:password --min-sdk-version 18 "
		"--v1-signing-enabled true --v2-signing-enabled false --v3-signing-enabled false --out a.apk in.apk; "
		"cp a.apk more.apk; echo y > more; zip -q more.apk more; cp a.apk changed.apk; seq 9 > classes.dex; "
		"zip -q changed.apk classes.dex");
	expect_jar(dir, "a.apk", "valid", "");
	expect_jar(dir, "more.apk", "invalid", "1 file of the package is not signed");
	expect_jar(dir, "changed.apk", "invalid", "classes.dex is not what was signed");
	temp_remove(dir);
}

/* How many rows of a scheme have a state. */
static unsigned count_rows(const char *dir, const char *name, const char *scheme, const char *state)
{
	struct span p = file_load(dir, name);
	struct walked t;
	unsigned n = 0;
	const struct fact_signature *s;
	walked_open(&t, &zip_format, p);
	for (size_t i = 0; (s = fact_list_get(&t.facts, FACT_signature, i)); i++)
		n += text_is(s->scheme, scheme) && text_is(s->state, state);
	walked_close(&t);
	free((void *)(uintptr_t)p.p);
	return n;
}

/* Packing anew takes the block out: what is left is version 1's, which apksigner refuses then, too. */
static void test_stripped(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("apksigner") || !tool_exists("keytool") || !tool_exists("zip"))
		skip();
	temp_new(dir);
	run_in(
		dir,
		"keytool -genkey -keystore k -storepass password -keypass password -alias a -keyalg RSA -keysize 2048 "
		"-dname CN=x -validity 9 2>/dev/null; echo x > AndroidManifest.xml; seq 9999 > classes.dex; "
		"zip -q in.apk AndroidManifest.xml classes.dex; for v in 2 3; do apksigner sign --ks k --ks-pass pass:password "
		"--min-sdk-version 18 --v1-signing-enabled true --v2-signing-enabled true "
		"--v3-signing-enabled $([ $v = 3 ] && echo true || echo false) --out v$v.apk in.apk; "
		"rm -rf x; mkdir x; (cd x; unzip -q ../v$v.apk; zip -qr ../stripped$v.apk .); done");
	assert_int_equal(count_rows(dir, "v2.apk", "jar", "valid"), 1);
	assert_int_equal(count_rows(dir, "v2.apk", "apk-v2", "valid"), 1);
	assert_int_equal(count_rows(dir, "v3.apk", "jar", "valid"), 1);
	assert_int_equal(count_rows(dir, "v3.apk", "apk-v2", "valid"), 1);
	assert_int_equal(count_rows(dir, "v3.apk", "apk-v3", "valid"), 1);
	expect_jar(dir, "stripped2.apk", "invalid", "was taken out");
	expect_jar(dir, "stripped3.apk", "invalid", "was taken out");
	temp_remove(dir);
}

/* ---- updates ---- */

/* As signapk -w: what is signed ends before the length of the comment. */
static struct span make_update_by(EVP_PKEY *key, const EVP_MD *md, unsigned flags)
{
	static struct out file;
	X509 *x = certificate(key);
	file.n = 0;
	put_local(&file);
	size_t at = file.n;
	put_central(&file);
	size_t end = file.n;
	put_end(&file, at, end - at, 0);
	file.n -= 2;
	BIO *b = BIO_new_mem_buf(file.bytes, (int)file.n);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, b, CMS_BINARY | CMS_DETACHED | CMS_PARTIAL);
	assert_non_null(CMS_add1_signer(cms, x, key, md, flags));
	assert_int_equal(CMS_final(cms, b, NULL, CMS_BINARY | CMS_DETACHED), 1);
	uint8_t *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);
	assert_true(n > 0);
	put_le(&file, 18 + (size_t)n + 6, 2);
	put(&file, "signed by SignApk\0", 18);
	put(&file, der, (size_t)n);
	put_le(&file, (size_t)n + 6, 2);
	put_le(&file, 0xffff, 2);
	put_le(&file, 18 + (size_t)n + 6, 2);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(b);
	X509_free(x);
	return span_of(file.bytes, file.n);
}

static struct span make_update(EVP_PKEY *key)
{
	return make_update_by(key, EVP_sha256(), CMS_NOATTR);
}

/* What recovery compares is the file's own digest, of SHA-1 or SHA-256; what is wrong by any reading stays invalid. */
static void test_recovery(void **state)
{
	(void)state;
	EVP_PKEY *key = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
	static const struct {
		const EVP_MD *(*md)(void);
		unsigned flags;
		bool ec;
		const char *rows;
	} cases[] = { { EVP_sha1, CMS_NOATTR, false, "valid" },
				  { EVP_sha256, CMS_NOATTR, true, "valid" },
				  { EVP_sha256, 0, false, "unsupported" },
				  { EVP_sha256, 0, true, "unsupported" },
				  { EVP_sha512, CMS_NOATTR, false, "unsupported" },
				  { EVP_sha384, CMS_NOATTR, true, "unsupported" },
				  { EVP_sha256, CMS_NOSMIMECAP, false, "unsupported" } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		EVP_PKEY *by = cases[i].ec ? ec : key;
		char wanted[320];
		struct span p = make_update_by(by, cases[i].md(), cases[i].flags);
		snprintf(wanted, sizeof wanted, "%s%s", row("android-ota", cases[i].rows, by),
				 strcmp(cases[i].rows, "valid") == 0 ? "x509 no-key \n" : "");
		expect(p, wanted);
		((uint8_t *)(uintptr_t)p.p)[11] ^= 1;
		expect(p, row("android-ota", "invalid", by));
	}
	EVP_PKEY_free(key);
	EVP_PKEY_free(ec);
}

static void test_updates(void **state)
{
	(void)state;
	EVP_PKEY *key = EVP_RSA_gen(2048);
	char wanted[320];
	struct span p = make_update(key);
	snprintf(wanted, sizeof wanted, "%sx509 no-key \n", row("android-ota", "valid", key));
	expect(p, wanted);
	((uint8_t *)(uintptr_t)p.p)[11] ^= 1;
	expect(p, row("android-ota", "invalid", key));
	survives_flips(&zip_format, p, 200, 0);
	EVP_PKEY_free(key);
}

/* One that its tool has not signed, and archives that nobody expects a signature of; one that a wrong length hides. */
static void test_unsigned_updates(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		unsigned rows;
	} cases[] = { { "META-INF/com/android/otacert", 1 },
				  { "META-INF/com/google/android/update-binary", 1 },
				  { "META-INF/com/android/metadata", 1 },
				  { "META-INF/com/android/build/gradle/app-metadata.properties", 0 },
				  { "update-binary", 0 } };
	char dir[TEMP_MAX], command[512];
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct span p = make_update(key);
	if (!tool_exists("zip"))
		skip();
	temp_new(dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(command, sizeof command,
				 "rm -rf x u.zip; mkdir -p x/$(dirname %s); echo x > x/%s; cd x; zip -qr ../u.zip .", cases[i].name,
				 cases[i].name);
		run_in(dir, command);
		assert_int_equal(count_rows(dir, "u.zip", "android-ota", "absent"), cases[i].rows);
	}
	((uint8_t *)(uintptr_t)p.p)[p.n - 1] ^= 0x10; /* it has no entry of an update: nothing is told */
	expect(p, "");
	EVP_PKEY_free(key);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packages), cmocka_unit_test(test_rules),           cmocka_unit_test(test_apksigner),
		cmocka_unit_test(test_lineage),  cmocka_unit_test(test_rotated),         cmocka_unit_test(test_stripped),
		cmocka_unit_test(test_jars),     cmocka_unit_test(test_apk_version1),    cmocka_unit_test(test_updates),
		cmocka_unit_test(test_recovery), cmocka_unit_test(test_unsigned_updates)
	};
	return cmocka_run_group_tests_name("android signatures", tests, NULL, NULL);
}
