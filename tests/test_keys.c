/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys: keys and certificates of every kind, made here by openssl, ssh-keygen and dropbearkey; what only looks like
 * one; damage. Where a tool is absent, its cases are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "inspect/inspect.h"

extern const struct inspector keys_inspector;

static char dir[] = "/tmp/test-keys-XXXXXX";

struct found {
	struct arena *arena, *scratch;
	struct fact_list list;
};

static int by_offset(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* Runs the inspector with the hits that the shared pass would find. */
static void inspect_as(struct found *f, struct span bytes, const char *path, const char *format)
{
	f->arena = arena_new(0);
	f->scratch = arena_new(0);
	fact_list_init(&f->list, f->arena);
	struct hit *hits = NULL;
	size_t n = 0;
	for (uint32_t i = 0; keys_inspector.patterns[i].bytes; i++) {
		const struct pattern *p = &keys_inspector.patterns[i];
		for (size_t at = 0; at + p->n <= bytes.n; at++) {
			const uint8_t *m = memmem(bytes.p + at, bytes.n - at, p->bytes, p->n);
			if (!m)
				break;
			at = (size_t)(m - bytes.p);
			hits = realloc(hits, (n + 1) * sizeof *hits);
			hits[n++] = (struct hit){ i, at, at + p->n };
		}
	}
	if (n)
		qsort(hits, n, sizeof *hits, by_offset);
	struct subject s = { .bytes = bytes,
						 .path = text_c(path),
						 .kind = ENTRY_FILE,
						 .format = format,
						 .hits = hits,
						 .nhits = n,
						 .arena = f->scratch };
	if (keys_inspector.wants(&s))
		keys_inspector.run(&s, &f->list.sink);
	free(hits);
}

static void inspect(struct found *f, struct span bytes, const char *path)
{
	inspect_as(f, bytes, path, "data");
}

static void close_found(struct found *f)
{
	arena_free(f->arena);
	arena_free(f->scratch);
}

/* A shell command in the folder; false when it fails. */
static bool run(const char *command)
{
	char line[2048];
	snprintf(line, sizeof line, "cd %s && { %s; } >/dev/null 2>&1", dir, command);
	return system(line) == 0;
}

/* A file of the folder; to be freed. */
static struct span load(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	static const size_t max = 4 << 20;
	uint8_t *p = malloc(max);
	size_t n = fread(p, 1, max, f);
	fclose(f);
	return span_of(p, n);
}

static void inspect_file(struct found *f, const char *name)
{
	struct span s = load(name);
	inspect(f, s, name);
	free((void *)s.p);
}

/* What openssl says the fingerprint of a private key's public part is. */
static void public_fingerprint(const char *private, char hex[65])
{
	char command[256];
	snprintf(command, sizeof command, "openssl pkey -in %s -pubout -outform DER -out fp.der", private);
	assert_true(run(command));
	struct span s = load("fp.der");
	hash_sha256_hex(s, hex);
	free((void *)s.p);
}

#define PKEY "openssl genpkey -out "

static const struct private_case {
	const char *name, *make, *type;
	int64_t bits;
	const char *container;
	bool encrypted;
	const char *of; /* the unencrypted key that it must have the fingerprint of; NULL: unknown */
} private_cases[] = {
	{ "rsa.pem", "openssl genrsa -traditional -out rsa.pem 2048", "rsa", 2048, "pem", false, "rsa.pem" },
	{ "rsa.der", "openssl rsa -traditional -in rsa.pem -outform DER -out rsa.der", "rsa", 2048, "der", false,
	  "rsa.pem" },
	{ "p8.pem", "openssl pkcs8 -topk8 -nocrypt -in rsa.pem -out p8.pem", "rsa", 2048, "pkcs8", false, "rsa.pem" },
	{ "p8.der", "openssl pkcs8 -topk8 -nocrypt -in rsa.pem -outform DER -out p8.der", "rsa", 2048, "pkcs8", false,
	  "rsa.pem" },
	{ "enc.pem", "openssl rsa -traditional -aes128 -passout pass:x -in rsa.pem -out enc.pem", "rsa", FACT_NULL, "pem",
	  true, NULL },
	{ "ep8.pem", "openssl pkcs8 -topk8 -passout pass:x -in rsa.pem -out ep8.pem", NULL, FACT_NULL, "pkcs8", true,
	  NULL },
	{ "ep8.der", "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:x -in rsa.pem -outform DER -out ep8.der", NULL,
	  FACT_NULL, "pkcs8", true, NULL },
	{ "ec.pem", "openssl ecparam -genkey -name prime256v1 -out ec.pem", "ec", 256, "pem", false, "ec.pem" },
	{ "ec384.pem", "openssl ecparam -genkey -name secp384r1 -out ec384.pem", "ec", 384, "pem", false, "ec384.pem" },
	{ "ec521.pem", PKEY "ec521.pem -algorithm EC -pkeyopt ec_paramgen_curve:P-521", "ec", 521, "pkcs8", false,
	  "ec521.pem" },
	{ "ecx.pem", "openssl ecparam -genkey -name prime256v1 -param_enc explicit -out ecx.pem", "ec", 256, "pem", false,
	  "ecx.pem" },
	{ "ecnp.pem", "openssl ec -in ec.pem -no_public -out ecnp.pem", "ec", 256, "pem", false, "ec.pem" },
	{ "ec.der", "openssl ec -in ec.pem -outform DER -out ec.der", "ec", 256, "der", false, "ec.pem" },
	{ "ed25519.pem", PKEY "ed25519.pem -algorithm ed25519", "ed25519", 256, "pkcs8", false, "ed25519.pem" },
	{ "ed448.pem", PKEY "ed448.pem -algorithm ed448", "ed448", 456, "pkcs8", false, "ed448.pem" },
	{ "x25519.pem", PKEY "x25519.pem -algorithm x25519", "x25519", 253, "pkcs8", false, "x25519.pem" },
	{ "x448.pem", PKEY "x448.pem -algorithm x448", "x448", 448, "pkcs8", false, "x448.pem" },
	{ "dsa.pem",
	  "openssl dsaparam -genkey -noout -out d.pem 1024 && openssl dsa -in d.pem -traditional -out dsa.pem || "
	  "openssl pkey -in d.pem -traditional -out dsa.pem",
	  "dsa", 1024, "pem", false, "dsa.pem" },
	{ "dsa8.pem", "openssl pkcs8 -topk8 -nocrypt -in dsa.pem -out dsa8.pem", "dsa", 1024, "pkcs8", false, "dsa.pem" },
	{ "crlf.pem", "sed 's/^/\\t  /; s/$/\\r/' p8.pem >crlf.pem", "rsa", 2048, "pkcs8", false, "rsa.pem" },
	{ "json",
	  "awk 'BEGIN { printf \"{\\\"key\\\":\\\"\" } "
	  "{ gsub(\"/\", \"\\\\/\"); printf \"%s\\\\n\", $0 } END { print \"\\\"}\" }' "
	  "p8.pem >json",
	  "rsa", 2048, "pkcs8", false, "rsa.pem" },
	{ "c", "awk '{ printf \"  \\\"%s\\\\n\\\"\\n\", $0 }' rsa.pem >c", "rsa", 2048, "pem", false, "rsa.pem" },
	{ "ssh-rsa",
	  "ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f ssh-pem && cp ssh-pem srsa && ssh-keygen -q -p -N '' -f srsa && "
	  "cp srsa ssh-rsa",
	  "rsa", 2048, "openssh", false, "ssh-pem" },
	{ "ssh-ec", "ssh-keygen -q -t ecdsa -m PEM -N '' -f ecp && cp ecp ssh-ec && ssh-keygen -q -p -N '' -f ssh-ec", "ec",
	  256, "openssh", false, "ecp" },
	{ "ssh-enc", "cp ecp ssh-enc && ssh-keygen -q -p -N secret -f ssh-enc", "ec", 256, "openssh", true, "ecp" },
	{ "ssh-ed", "ssh-keygen -q -t ed25519 -N '' -f ssh-ed", "ed25519", 256, "openssh", false, NULL },
	{ "db-rsa", "dropbearkey -t rsa -s 2048 -f db-rsa", "rsa", 2048, "dropbear", false, NULL },
	{ "db-dss", "dropbearkey -t dss -f db-dss", "dsa", 1024, "dropbear", false, NULL },
};

static void check_private(const struct private_case *c)
{
	struct found f;
	inspect_file(&f, c->name);
	const struct fact_private_key *k = fact_list_get(&f.list, FACT_private_key, 0);
	if (!k || f.list.n != 1 || !text_is(k->container, c->container))
		fail_msg("%s: %zu rows", c->name, f.list.n);
	assert_true(c->type ? text_is(k->type, c->type) : !k->type.p);
	assert_int_equal(k->bits, c->bits);
	assert_int_equal(k->encrypted, c->encrypted);
	if (c->of) {
		char hex[65];
		public_fingerprint(c->of, hex);
		assert_true(text_is(k->fingerprint, hex));
	} else if (c->encrypted) {
		assert_null(k->fingerprint.p);
	}
	close_found(&f);
}

static void test_private_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof private_cases / sizeof private_cases[0]; i++) {
		if (run(private_cases[i].make))
			check_private(&private_cases[i]);
		else
			printf("skipped: can not make %s\n", private_cases[i].name);
	}
}

static const struct certificate_case {
	const char *name, *make, *subject, *key_type;
	int64_t bits;
	const char *signature, *weak;
	int64_t self_signed, ca;
	const char *key;
} certificate_cases[] = {
	{ "ca.crt", "openssl req -x509 -key rsa.pem -utf8 -subj '/C=DE/O=M\xc3\xbcller, GmbH/CN=ca' -days 9 -out ca.crt",
	  "CN=ca,O=M\xc3\xbcller\\, GmbH,C=DE", "rsa", 2048, "sha256WithRSAEncryption", "", 1, 1, "rsa.pem" },
	{ "sha1.crt", "openssl req -x509 -sha1 -key rsa.pem -subj /CN=old -out sha1.crt", "CN=old", "rsa", 2048,
	  "sha1WithRSAEncryption", "sha1 signature", 1, 1, "rsa.pem" },
	{ "md5.der",
	  "openssl genrsa -out short.pem 1024 "
	  "&& openssl req -x509 -md5 -key short.pem -subj /CN=s -outform DER -out md5.der",
	  "CN=s", "rsa", 1024, "md5WithRSAEncryption", "short key, md5 signature", 1, 1, "short.pem" },
	{ "ec.crt", "openssl req -x509 -key ec.pem -subj /CN=e -addext basicConstraints=critical,CA:FALSE -out ec.crt",
	  "CN=e", "ec", 256, "ecdsa-with-SHA256", "", 1, FACT_NULL, "ec.pem" },
	{ "ed.crt", "openssl req -x509 -key ed25519.pem -subj /CN=ed -out ed.crt", "CN=ed", "ed25519", 256, "ED25519", "",
	  1, 1, "ed25519.pem" },
	{ "leaf.crt",
	  "openssl req -new -key ec.pem -subj /CN=leaf -out leaf.csr "
	  "&& openssl x509 -req -in leaf.csr -CA ca.crt -CAkey rsa.pem "
	  "-set_serial 0xabcdef0123 -days 50000 -out leaf.crt",
	  "CN=leaf", "ec", 256, "sha256WithRSAEncryption", "", 0, 0, "ec.pem" },
	{ "trusted.crt", "openssl x509 -in ec.crt -trustout -addtrust serverAuth -out trusted.crt", "CN=e", "ec", 256,
	  "ecdsa-with-SHA256", "", 1, FACT_NULL, "ec.pem" },
	{ "none.crt", "openssl req -x509 -key ec.pem -subj / -out none.crt", "", "ec", 256, "ecdsa-with-SHA256", "", 1, 1,
	  "ec.pem" },
};

static void check_certificate(const struct certificate_case *c)
{
	struct found f;
	char hex[65];
	inspect_file(&f, c->name);
	const struct fact_certificate *k = fact_list_get(&f.list, FACT_certificate, 0);
	if (!k || f.list.n != 1)
		fail_msg("%s: %zu rows", c->name, f.list.n);
	assert_true(text_is(k->subject, c->subject));
	assert_true(text_is(k->key_type, c->key_type));
	assert_int_equal(k->key_bits, c->bits);
	assert_true(text_is(k->signature, c->signature));
	assert_true(text_is(k->weak, c->weak));
	assert_int_equal(k->self_signed, c->self_signed);
	if (c->ca != FACT_NULL) /* openssl may write two constraints where one was asked for */
		assert_int_equal(k->ca, c->ca);
	public_fingerprint(c->key, hex);
	assert_true(text_is(k->key_fingerprint, hex));
	if (c->self_signed == 0) {
		assert_true(text_is(k->serial, "abcdef0123"));
		assert_int_equal(k->not_after - k->not_before, INT64_C(50000) * 86400);
	}
	close_found(&f);
}

static void test_certificates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof certificate_cases / sizeof certificate_cases[0]; i++) {
		if (run(certificate_cases[i].make))
			check_certificate(&certificate_cases[i]);
		else
			printf("skipped: can not make %s\n", certificate_cases[i].name);
	}
}

static void test_public_keys(void **state)
{
	(void)state;
	static const struct {
		const char *name, *make, *type, *container;
	} cases[] = {
		{ "pub.pem", "openssl pkey -in rsa.pem -pubout -out pub.pem", "rsa", "pem" },
		{ "rpub.pem", "openssl rsa -in rsa.pem -RSAPublicKey_out -out rpub.pem", "rsa", "pem" },
		{ "pub.der", "openssl pkey -in ec.pem -pubout -outform DER -out pub.der", "ec", "der" },
		{ "edpub.pem", "openssl pkey -in ed25519.pem -pubout -out edpub.pem", "ed25519", "pem" },
		{ "rsa.pub", "ssh-keygen -y -f ssh-pem >rsa.pub", "rsa", "openssh" },
		{ "authorized_keys",
		  "{ echo '# who may'; printf 'from=\"10.0.0.1\" '; ssh-keygen -y -f ecp; } >authorized_keys", "ec",
		  "openssh" },
		{ "ed.pub", "ssh-keygen -y -f ssh-ed >ed.pub", "ed25519", "openssh" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (!run(cases[i].make)) {
			printf("skipped: can not make %s\n", cases[i].name);
			continue;
		}
		struct found f;
		inspect_file(&f, cases[i].name);
		const struct fact_public_key *k = fact_list_get(&f.list, FACT_public_key, 0);
		assert_non_null(k);
		assert_int_equal(f.list.n, 1);
		assert_true(text_is(k->type, cases[i].type));
		assert_true(text_is(k->container, cases[i].container));
		assert_int_equal(k->fingerprint.n, 64);
		close_found(&f);
	}
}

/* Host keys as dropbear writes them. */
#define DROPBEAR_ED25519                                                                                               \
	"0000000b7373682d6564323535313900000040a7cb81525d5846ef6895f039ece298b43a0f3cd97031c306a1b96e7c46a8251ba95d7604"   \
	"aecaf7131aa84a82a43e88ba08062f680e1f41769bae42d4345ff80a"
#define DROPBEAR_ECDSA                                                                                                 \
	"0000001365636473612d736861322d6e69737470323536000000086e6973747032353600000041043cb2fbc9bbadda03819e081b7e1822"   \
	"1eab2feb293e52d11678acb9df56366dd21de0469c5b25fc449370f37c0a40ed23afdbaa8af3edc0782244ff4c77dee7550000002100a6"   \
	"16e8aa45f0677e97b47490287c0b04461d666c1fd66bc525686d087dca94d5"

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;
	for (size_t i = 0; i < n; i++) {
		unsigned v;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
		out[i] = (uint8_t)v;
	}
	return n;
}

static void test_dropbear(void **state)
{
	(void)state;
	static const char *const keys[] = { DROPBEAR_ED25519, DROPBEAR_ECDSA };
	for (size_t i = 0; i < 2; i++) {
		uint8_t bytes[300] = { 0 };
		struct found f;
		size_t n = from_hex(keys[i], bytes + 50);
		inspect(&f, span_of(bytes, sizeof bytes), "/etc/dropbear/host_key");
		const struct fact_private_key *k = fact_list_get(&f.list, FACT_private_key, 0);
		assert_non_null(k);
		assert_int_equal(k->offset, 50);
		assert_true(text_is(k->use, "ssh-host"));
		assert_true(text_is(k->type, i ? "ec" : "ed25519"));
		close_found(&f);
		/* A public part that does not follow from the private one is no key. */
		bytes[50 + n - 1] ^= 1;
		inspect(&f, span_of(bytes, sizeof bytes), "x");
		assert_int_equal(f.list.n, 0);
		close_found(&f);
	}
}

static void test_pkcs12(void **state)
{
	(void)state;
	struct found f;
	assert_true(run("openssl pkcs12 -export -inkey rsa.pem -in ca.crt -passout pass:x -out a.p12"));
	inspect_file(&f, "a.p12");
	const struct fact_private_key *k = fact_list_get(&f.list, FACT_private_key, 0);
	assert_non_null(k);
	assert_int_equal(k->encrypted, 1);
	assert_null(k->type.p);
	const struct fact_damage *d = fact_list_get(&f.list, FACT_damage, 0);
	assert_non_null(d);
	assert_true(text_is(d->kind, "encrypted"));
	close_found(&f);
	assert_true(run("openssl pkcs12 -export -inkey rsa.pem -in ca.crt -passout pass:x "
					"-keypbe NONE -certpbe NONE -out plain.p12"));
	inspect_file(&f, "/plain.p12");
	k = fact_list_get(&f.list, FACT_private_key, 0);
	const struct fact_certificate *c = fact_list_get(&f.list, FACT_certificate, 0);
	assert_true(k && c && text_eq(k->fingerprint, c->key_fingerprint));
	assert_true(text_is(k->container, "pkcs12"));
	assert_int_equal(f.list.n, 2);
	close_found(&f);
}

/* No password, and one without characters: what anybody can open lies open. */
static void test_pkcs12_without_password(void **state)
{
	(void)state;
	static const char *const schemes[] = { "", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1",
										   "-iter 50000", "-nomac", "-keypbe PBE-SHA1-3DES -certpbe NONE" };
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		struct found f;
		char command[256];
		snprintf(command, sizeof command,
				 "openssl pkcs12 -export -inkey rsa.pem -in ca.crt -passout pass: %s -out open.p12", schemes[i]);
		assert_true(run(command));
		inspect_file(&f, "open.p12");
		const struct fact_private_key *k = fact_list_get(&f.list, FACT_private_key, 0);
		const struct fact_certificate *c = fact_list_get(&f.list, FACT_certificate, 0);
		assert_true(k && c && text_eq(k->fingerprint, c->key_fingerprint));
		assert_int_equal(k->encrypted, 0);
		assert_true(text_is(k->type, "rsa"));
		assert_int_equal(f.list.n, 2);
		close_found(&f);
	}
}

/* DER between other bytes: each at its place, each once. */
static void test_embedded(void **state)
{
	(void)state;
	struct found f;
	assert_true(run("openssl x509 -in leaf.crt -outform DER -out leaf.der && head -c 1000 /dev/zero >z && "
					"cat z rsa.der z ec.der z p8.der z leaf.der z pub.der z rsa.pem rsa.pem >mixed"));
	inspect_file(&f, "mixed");
	assert_int_equal(fact_list_count(&f.list, FACT_private_key), 5);
	assert_int_equal(fact_list_count(&f.list, FACT_certificate), 1);
	assert_int_equal(fact_list_count(&f.list, FACT_public_key), 1);
	assert_int_equal(f.list.n, 7);
	assert_int_equal(((const struct fact_private_key *)fact_list_get(&f.list, FACT_private_key, 0))->offset, 1000);
	close_found(&f);
}

/* `openssl speed` measures with keys that are part of its source: they are nobody's secret. The same key as a file is. */
static void test_self_test_keys_are_left_out(void **state)
{
	(void)state;
	struct found f;
	assert_true(run("cp \"$(command -v openssl)\" program"));
	struct span program = load("program");
	inspect_as(&f, program, "/usr/bin/openssl", "elf");
	assert_int_equal(fact_list_count(&f.list, FACT_private_key), 0);
	close_found(&f);
	inspect(&f, program, "/etc/ssl/private/server.der");
	assert_true(fact_list_count(&f.list, FACT_private_key) > 0);
	close_found(&f);
	free((void *)program.p);
}

static void test_signify(void **state)
{
	(void)state;
	static const char key[] = "untrusted comment: Public usign key\n"
							  "RWTAAAAAAAAAAAABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n";
	static const char signature[] =
		"untrusted comment: signed\n"
		"RWTAAAAAAAAAAAABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n";
	struct found f;
	inspect(&f, span_of(key, sizeof key - 1), "/etc/opkg/keys/c0");
	const struct fact_public_key *k = fact_list_get(&f.list, FACT_public_key, 0);
	assert_true(k && text_is(k->container, "usign") && text_is(k->type, "ed25519"));
	assert_int_equal(f.list.n, 1);
	close_found(&f);
	inspect(&f, span_of(signature, sizeof signature - 1), "x.sig");
	assert_int_equal(f.list.n, 0);
	close_found(&f);
}

static void test_what_is_none(void **state)
{
	(void)state;
#define CASE(s)                                                                                                        \
	{                                                                                                                  \
		s, sizeof(s)                                                                                                   \
	}
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
		CASE("\0\0-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----\0-----BEGIN CERTIFICATE-----\0"),
		CASE("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA...\n-----END RSA PRIVATE KEY-----\n"),
		CASE("-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----\n                       "),
		CASE("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ...LiPk== user@example.net                           "),
		CASE("untrusted comment: %s\nnothing that is Base64 follows here                                  "),
		CASE("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n                "),
		/* The fixed beginning of an Ed25519 key in PKCS#8 and in SubjectPublicKeyInfo, as programs hold it. */
		CASE("....\x30\x2e\x02\x01\0\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"
			 "0123456789abcdef0123456789abcdef0123"),
		CASE("....\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\0"
			 "0123456789abcdef0123456789abcdef0123"),
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct found f;
		inspect(&f, span_of(cases[i].bytes, cases[i].n), "x");
		if (f.list.n)
			fail_msg("case %zu: %zu rows", i, f.list.n);
		close_found(&f);
	}
}

/* Cut at every place and with bits turned, no key may come out that was not there. */
static void test_survives(void **state)
{
	(void)state;
	static const char *const names[] = { "ec.der", "ec.pem", "leaf.der", "plain.p12", "ed25519.pem", "pub.der" };
	unsigned seed = 1;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct span s = load(names[i]);
		struct found f;
		uint8_t *copy = malloc(s.n);
		for (size_t n = 0; n < s.n; n += 1 + s.n / 300) {
			memcpy(copy, s.p, n);
			inspect(&f, span_of(copy, n), "x");
			close_found(&f);
		}
		for (unsigned round = 0; round < 500; round++) {
			memcpy(copy, s.p, s.n);
			for (unsigned k = 0; k < 1 + round % 3; k++)
				copy[(unsigned)rand_r(&seed) % s.n] ^= (uint8_t)(1u << rand_r(&seed) % 8);
			inspect(&f, span_of(copy, s.n), "x");
			assert_true(fact_list_count(&f.list, FACT_private_key) <= 1);
			close_found(&f);
		}
		free(copy);
		free((void *)s.p);
	}
}

static void test_damage(void **state)
{
	(void)state;
	struct found f;
	struct span s = load("rsa.pem");
	inspect(&f, span_of(s.p, s.n / 2), "cut");
	const struct fact_damage *d = fact_list_get(&f.list, FACT_damage, 0);
	assert_true(d && f.list.n == 1 && text_is(d->kind, "truncated"));
	close_found(&f);
	uint8_t *p = (uint8_t *)s.p;
	p[200] = p[200] == 'A' ? 'B' : 'A';
	inspect(&f, s, "changed");
	d = fact_list_get(&f.list, FACT_damage, 0);
	assert_true(d && f.list.n == 1 && text_is(d->kind, "corrupt"));
	close_found(&f);
	free(p);
}

/* Many keys end at the budget, and say so. */
static void test_budget(void **state)
{
	(void)state;
	struct span one = load("ed25519.pem");
	size_t times = 2000;
	uint8_t *many = malloc(one.n * times);
	for (size_t i = 0; i < times; i++)
		memcpy(many + i * one.n, one.p, one.n);
	struct found f;
	inspect(&f, span_of(many, one.n * times), "many");
	const struct fact_damage *d = fact_list_get(&f.list, FACT_damage, 0);
	assert_true(d && text_is(d->kind, "budget"));
	assert_true(fact_list_count(&f.list, FACT_private_key) > 100);
	assert_int_equal(fact_list_count(&f.list, FACT_damage), 1);
	close_found(&f);
	free(many);
	free((void *)one.p);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_private_keys),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_public_keys),
		cmocka_unit_test(test_dropbear),
		cmocka_unit_test(test_pkcs12),
		cmocka_unit_test(test_pkcs12_without_password),
		cmocka_unit_test(test_embedded),
		cmocka_unit_test(test_signify),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_self_test_keys_are_left_out),
	};
	if (system("openssl version >/dev/null 2>&1") != 0) {
		printf("skipped: no openssl command\n");
		return 77;
	}
	return cmocka_run_group_tests_name("keys", tests, set_up, tear_down);
}
