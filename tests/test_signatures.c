/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures of formats: images that are signed with new keys, by the format's tool or by OpenSSL; whether they verify, by
 * whose key, and that one changed byte makes them invalid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/hash.h"
#include "update_writer.h"
#include "walked.h"

extern const struct format dtb_format, rauc_format, swupdate_format, mcuboot_format, esp_image_format, suit_format,
	fwtool_format;

/* The rows of the table, one a line: scheme, state, covers, the first 8 digits of the key. */
static const char *rows(const struct walked *t)
{
	static char out[2048];
	size_t n = 0;
	const struct fact_signature *s;
	out[0] = '\0';
	for (size_t i = 0; (s = fact_list_get(&t->facts, FACT_signature, i)); i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s %.*s %.*s %.*s\n", (int)s->scheme.n, s->scheme.p,
							  (int)s->state.n, s->state.p, (int)s->covers.n, s->covers.p, s->key_fingerprint.p ? 8 : 1,
							  s->key_fingerprint.p ? s->key_fingerprint.p : "-");
	return out;
}

/* Whether the device trusts the issuer of a certificate that is carried along is not known here. */
#define ISSUER "x509 no-key certificate that signed -\n"

static void expect(const struct format *format, struct span bytes, const char *form, const char *key)
{
	char wanted[2048];
	struct walked t;
	snprintf(wanted, sizeof wanted, form, key, key, key);
	walked_open(&t, format, bytes);
	assert_true(t.accepted);
	assert_string_equal(rows(&t), wanted);
	walked_close(&t);
}

static void fingerprint(EVP_PKEY *key, char hex[9], struct span *spki)
{
	uint8_t *der = NULL;
	char all[65];
	int n = i2d_PUBKEY(key, &der);
	assert_true(n > 0);
	hash_sha256_hex(span_of(der, (size_t)n), all);
	memcpy(hex, all, 8);
	hex[8] = '\0';
	if (spki)
		*spki = span_of(der, (size_t)n);
	else
		OPENSSL_free(der);
}

/* ---- files of tools ---- */

static char dir[TEMP_MAX];

static const char *file_fingerprint(const char *public)
{
	static char hex[9];
	struct span der = file_load(dir, public);
	char all[65];
	hash_sha256_hex(der, all);
	memcpy(hex, all, 8);
	hex[8] = '\0';
	free((void *)der.p);
	return hex;
}

static void make_keys(void)
{
	run_in(dir, "openssl req -x509 -newkey rsa:2048 -nodes -keyout dev.key -out dev.crt -subj /CN=x -days 9 2>&1; "
				"openssl pkey -in dev.key -pubout -outform DER -out dev.der");
}

/* What a FIT's signatures leave out: an image, another configuration, their own. */
static void test_fit_left_out(void **state)
{
	(void)state;
	if (!tool_exists("mkimage") || !tool_exists("dtc") || !tool_exists("openssl"))
		skip();
	temp_new(dir);
	make_keys();
	run_in(dir,
		   "head -c 1000 /dev/urandom > kernel; echo '/dts-v1/; / { };' | dtc -O dtb -o tree.dtb; "
		   "cat > f.its <<'E'\n/dts-v1/; / { description = \"x\"; #address-cells = <1>;\nimages {\n"
		   "kernel { data = /incbin/(\"kernel\"); type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = "
		   "\"none\"; load = <0>; entry = <0>; hash-1 { algo = \"sha256\"; }; };\n"
		   "tree { data = /incbin/(\"tree.dtb\"); type = \"flat_dt\"; arch = \"arm\"; compression = \"none\"; "
		   "hash-1 { algo = \"sha256\"; }; }; };\n"
		   "configurations { default = \"c\"; c { kernel = \"kernel\"; fdt = \"tree\"; signature-1 { algo = "
		   "\"sha256,rsa2048\"; key-name-hint = \"dev\"; sign-images = \"kernel\"; }; };\n"
		   "d { kernel = \"kernel\"; }; }; };\nE\n"
		   "mkimage -f f.its -k . -r f.itb >/dev/null");
	struct span fit = file_load(dir, "f.itb");
	expect(&dtb_format, fit, "fit no-key configurations/c without images/tree -\nfit absent configurations/d -\n", "");
	uint8_t *path = memmem(fit.p, fit.n, "/configurations/c", 18);
	assert_non_null(path);
	path[16] = 'd';
	expect(&dtb_format, fit, "fit invalid configurations/c without images/tree -\nfit absent configurations/d -\n", "");
	free((void *)fit.p);
	temp_remove(dir);
}

/* Of an image's data a configuration's signature covers the digest: a checksum is none, and data that have another are not signed. */
static void test_fit_data(void **state)
{
	(void)state;
	static const struct {
		const char *hashes, *whole, *changed;
	} cases[] = {
		{ "hash-1 { algo = \"sha256\"; };", "fit valid configurations/c %s\n", "fit invalid configurations/c -\n" },
		{ "hash-1 { algo = \"crc32\"; };", "fit valid configurations/c without images/kernel %s\n",
		  "fit valid configurations/c without images/kernel %s\n" },
		{ "hash-1 { algo = \"crc32\"; }; hash-2 { algo = \"sha1\"; };", "fit valid configurations/c %s\n",
		  "fit invalid configurations/c -\n" },
	};
	if (!tool_exists("mkimage") || !tool_exists("dtc") || !tool_exists("openssl"))
		skip();
	temp_new(dir);
	make_keys();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[2048];
		snprintf(
			command, sizeof command,
			"head -c 1000 /dev/urandom > kernel; echo '/dts-v1/; / { };' | dtc -O dtb -o u-boot.dtb; "
			"cat > f.its <<'E'\n/dts-v1/; / { description = \"x\"; #address-cells = <1>;\nimages {\n"
			"kernel { data = /incbin/(\"kernel\"); type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = "
			"\"none\"; load = <0>; entry = <0>; %s };\n"
			"uboot { data = /incbin/(\"u-boot.dtb\"); type = \"flat_dt\"; arch = \"arm\"; compression = \"none\"; "
			"hash-1 { algo = \"sha256\"; }; }; };\n"
			"configurations { default = \"c\"; c { kernel = \"kernel\"; fdt = \"uboot\"; signature-1 { algo = "
			"\"sha256,rsa2048\"; key-name-hint = \"dev\"; sign-images = \"kernel\", \"fdt\"; }; }; }; };\nE\n"
			"mkimage -f f.its -k . -K u-boot.dtb -r first.itb >/dev/null && mkimage -f f.its -k . -r f.itb >/dev/null",
			cases[i].hashes);
		run_in(dir, command);
		struct span fit = file_load(dir, "f.itb"), kernel = file_load(dir, "kernel");
		expect(&dtb_format, fit, cases[i].whole, file_fingerprint("dev.der"));
		uint8_t *data = memmem(fit.p, fit.n, kernel.p, kernel.n);
		assert_non_null(data);
		data[500] ^= 1;
		expect(&dtb_format, fit, cases[i].changed, file_fingerprint("dev.der"));
		struct walked t;
		walked_open(&t, &dtb_format, fit);
		bool told = strstr(cases[i].changed, "invalid") != NULL;
		assert_int_equal(strstr(walked_header(&t, "configurations/c/signature-1"), "do not have the digest") != NULL,
						 told);
		walked_close(&t);
		free((void *)fit.p);
		free((void *)kernel.p);
	}
	run_in(dir, "mkimage -E -f f.its -k . -r e.itb >/dev/null"); /* the data behind the tree, and then not all of them */
	struct span fit = file_load(dir, "e.itb");
	expect(&dtb_format, fit, "fit valid configurations/c %s\n", file_fingerprint("dev.der"));
	expect(&dtb_format, span_of(fit.p, fit.n - 100), "fit unsupported configurations/c -\n", "");
	free((void *)fit.p);
	temp_remove(dir);
}

/* Of more images than boards have, too: each by its digest, and none that is not looked at. */
static void test_fit_many(void **state)
{
	(void)state;
	static const struct {
		const char *n, *hash, *rows;
	} cases[] = {
		{ "100", "sha256", "fit no-key configurations/c -\n" },
		{ "100", "crc32", "fit no-key configurations/c without images/i100 -\n" },
		{ "300", "crc32", "fit unsupported configurations/c -\n" },
	};
	if (!tool_exists("mkimage") || !tool_exists("dtc") || !tool_exists("openssl"))
		skip();
	temp_new(dir);
	make_keys();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[1024];
		snprintf(command, sizeof command,
				 "echo x > d; { echo '/dts-v1/; / { description = \"x\"; #address-cells = <1>; images {'; "
				 "for i in $(seq %s); do echo \"i$i { data = /incbin/(\\\"d\\\"); type = \\\"kernel\\\"; arch = \\\"arm\\\"; os = "
				 "\\\"linux\\\"; compression = \\\"none\\\"; load = <0>; entry = <0>; hash-1 { algo = \\\"%s\\\"; }; };\"; done; "
				 "echo '}; configurations { default = \"c\"; c { kernel = \"i%s\"; signature-1 { algo = \"sha256,rsa2048\"; "
				 "key-name-hint = \"dev\"; sign-images = \"kernel\"; }; }; }; };'; } > m.its; "
				 "mkimage -f m.its -k . -r m.itb >/dev/null",
				 cases[i].n, cases[i].hash, cases[i].n);
		run_in(dir, command);
		struct span fit = file_load(dir, "m.itb");
		expect(&dtb_format, fit, cases[i].rows, "");
		free((void *)fit.p);
	}
	temp_remove(dir);
}

/* A FIT that brings the key of its signature in its own tree proves nothing by it. */
static void test_fit_own_key(void **state)
{
	(void)state;
	if (!tool_exists("mkimage") || !tool_exists("dtc") || !tool_exists("openssl"))
		skip();
	temp_new(dir);
	make_keys();
	run_in(
		dir,
		"head -c 1000 /dev/urandom > kernel; echo '/dts-v1/; / { };' | dtc -O dtb -o u-boot.dtb; "
		"cat > f.its <<'E'\n/dts-v1/; / { description = \"x\"; #address-cells = <1>;\nimages {\n"
		"kernel { data = /incbin/(\"kernel\"); type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = "
		"\"none\"; load = <0>; entry = <0>; hash-1 { algo = \"sha256\"; }; }; };\n"
		"configurations { default = \"c\"; c { kernel = \"kernel\"; signature-1 { algo = "
		"\"sha256,rsa2048\"; key-name-hint = \"dev\"; sign-images = \"kernel\"; }; }; }; };\nE\n"
		"mkimage -f f.its -k . -K u-boot.dtb -r first.itb >/dev/null && "
		"dtc -I dtb -O dts u-boot.dtb | grep -v dts-v1 >> f.its && grep -q rsa,modulus f.its && " /* a second root is merged */
		"mkimage -f f.its -k . f.itb >/dev/null");
	struct span fit = file_load(dir, "f.itb");
	struct walked t;
	walked_open(&t, &dtb_format, fit);
	assert_string_equal(rows(&t), "fit no-key configurations/c -\n");
	const struct fact_signature *s = fact_list_get(&t.facts, FACT_signature, 0);
	assert_true(text_has(s->detail, "the key that the FIT itself brings"));
	walked_close(&t);
	free((void *)fit.p);
	temp_remove(dir);
}

/* The key is in the device tree that the image carries for U-Boot. */
static void test_fit(void **state)
{
	(void)state;
	if (!tool_exists("mkimage") || !tool_exists("dtc") || !tool_exists("openssl"))
		skip();
	temp_new(dir);
	make_keys();
	run_in(dir,
		   "head -c 1000 /dev/urandom > kernel; echo '/dts-v1/; / { };' | dtc -O dtb -o u-boot.dtb; "
		   "cat > f.its <<'E'\n/dts-v1/; / { description = \"x\"; #address-cells = <1>;\nimages {\n"
		   "kernel { data = /incbin/(\"kernel\"); type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = "
		   "\"none\"; load = <0>; entry = <0>; hash-1 { algo = \"sha256\"; }; };\n"
		   "uboot { data = /incbin/(\"u-boot.dtb\"); type = \"flat_dt\"; arch = \"arm\"; compression = \"none\"; "
		   "hash-1 { algo = \"sha256\"; }; }; };\n"
		   "configurations { default = \"c\"; c { kernel = \"kernel\"; fdt = \"uboot\"; signature-1 { algo = "
		   "\"sha256,rsa2048\"; key-name-hint = \"dev\"; sign-images = \"kernel\", \"fdt\"; }; }; }; };\nE\n"
		   "sed 's/signature-1 {[^}]*};//' f.its > unsigned.its; mkimage -f unsigned.its unsigned.itb >/dev/null;"
		   "mkimage -f f.its -k . -K u-boot.dtb -r first.itb >/dev/null && "
		   "mkimage -f f.its -k . -r f.itb >/dev/null");
	struct span signed_by = file_load(dir, "f.itb"), first = file_load(dir, "first.itb"),
				unsigned_one = file_load(dir, "unsigned.itb");
	expect(&dtb_format, signed_by, "fit valid configurations/c %s\n", file_fingerprint("dev.der"));
	expect(&dtb_format, first, "fit no-key configurations/c -\n", "");
	expect(&dtb_format, unsigned_one, "fit absent configurations -\n", "");
	struct span tree = file_load(dir, "u-boot.dtb");
	struct walked k;
	walked_open(&k, &dtb_format, tree);
	const struct fact_public_key *key = fact_list_get(&k.facts, FACT_public_key, 0);
	assert_non_null(key);
	assert_int_equal(key->bits, 2048);
	assert_memory_equal(key->fingerprint.p, file_fingerprint("dev.der"), 8);
	walked_close(&k);
	free((void *)tree.p);
	uint8_t *hint = memmem(signed_by.p, signed_by.n, "kernel\0\0", 8);
	assert_non_null(hint);
	hint[0] = 'K';
	struct walked t;
	walked_open(&t, &dtb_format, signed_by);
	assert_null(strstr(rows(&t), " valid "));
	walked_close(&t);
	free((void *)signed_by.p);
	free((void *)first.p);
	free((void *)unsigned_one.p);
	temp_remove(dir);
}

static void test_rauc(void **state)
{
	(void)state;
	if (!tool_exists("rauc") || !tool_exists("mksquashfs") || !tool_exists("openssl"))
		skip();
	temp_new(dir);
	make_keys();
	for (int verity = 0; verity < 2; verity++) {
		run_in(dir, verity ? "rm -rf in b; mkdir in; head -c 9000 /dev/urandom > in/i; printf "
							 "'[update]\\ncompatible=x\\n[bundle]\\nformat=verity\\n[image.rootfs]\\nfilename=i\\n' > "
							 "in/manifest.raucm; rauc --cert dev.crt --key dev.key bundle in b 2>&1"
						   : "rm -rf in b; mkdir in; head -c 9000 /dev/urandom > in/i; printf "
							 "'[update]\\ncompatible=x\\n[image.rootfs]\\nfilename=i\\n' > in/manifest.raucm; "
							 "rauc --cert dev.crt --key dev.key bundle in b 2>&1");
		struct span b = file_load(dir, "b");
		expect(&rauc_format, b,
			   verity ? "cms valid manifest of the bundle %s\n" ISSUER : "cms valid bundle %s\n" ISSUER,
			   file_fingerprint("dev.der"));
		((uint8_t *)b.p)[verity ? b.n - 30 : 5000] ^= 1; /* in the signature's last bytes, or in the contents */
		expect(&rauc_format, b, verity ? "cms invalid manifest of the bundle %s\n" : "cms invalid bundle %s\n",
			   file_fingerprint("dev.der"));
		free((void *)b.p);
	}
	temp_remove(dir);
}

/* OpenSSL's own check is what SWUpdate and RAUC call: it refuses each that is not to be trusted. */
static void test_purposes(void **state)
{
	(void)state;
	static const struct {
		const char *extension, *state;
	} cases[] = { { "1.2.3.4=ASN1:NULL", "valid" },
				  { "keyUsage=digitalSignature", "valid" },
				  { "keyUsage=nonRepudiation", "valid" },
				  { "keyUsage=keyEncipherment", "untrusted" },
				  { "keyUsage=keyCertSign,cRLSign", "untrusted" },
				  { "extendedKeyUsage=serverAuth", "untrusted" },
				  { "extendedKeyUsage=clientAuth,timeStamping", "untrusted" },
				  { "extendedKeyUsage=emailProtection", "valid" },
				  { "extendedKeyUsage=codeSigning", "valid" },
				  { "extendedKeyUsage=serverAuth,emailProtection", "valid" } };
	if (!tool_exists("openssl") || !tool_exists("cpio"))
		skip();
	temp_new(dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[1024];
		snprintf(
			command, sizeof command,
			"echo 'software = { version = \"1\"; };' > sw-description; rm -f refused; "
			"openssl req -x509 -newkey rsa:2048 -nodes -keyout p.key -out p.crt -subj /CN=p -days 9 -addext '%s' 2>/dev/null; "
			"openssl cms -sign -in sw-description -out sw-description.sig -signer p.crt -inkey p.key -outform DER -binary; "
			"openssl cms -verify -in sw-description.sig -inform DER -content sw-description -binary -CAfile p.crt -out /dev/null "
			"2>/dev/null || touch refused; "
			"printf 'sw-description\\nsw-description.sig\\n' | cpio -o -H crc > p.swu 2>/dev/null",
			cases[i].extension);
		run_in(dir, command);
		struct span file = file_load(dir, "p.swu");
		struct walked t;
		walked_open(&t, &swupdate_format, file);
		const struct fact_signature *s = fact_list_get(&t.facts, FACT_signature, 0);
		assert_non_null(s);
		if (!text_is(s->state, cases[i].state))
			fail_msg("%s: %.*s, %.*s", cases[i].extension, (int)s->state.n, s->state.p, (int)s->detail.n, s->detail.p);
		bool untrusted = text_is(s->state, "untrusted");
		assert_true(text_has(s->detail, untrusted ? "for something else" : "signed by itself"));
		snprintf(command, sizeof command, "test -e refused || %s", untrusted ? "exit 1" : "exit 0");
		run_in(dir, command);
		walked_close(&t);
		free((void *)file.p);
	}
	temp_remove(dir);
}

static void test_swupdate(void **state)
{
	(void)state;
	if (!tool_exists("openssl") || !tool_exists("cpio"))
		skip();
	temp_new(dir);
	make_keys();
	run_in(dir,
		   "for i in a b c d; do echo $i > $i; done; H=$(sha256sum a | cut -c1-64);"
		   "echo 'software = { version = \"1\"; images: ({ filename = \"a\"; sha256 = \"'$H'\"; }, "
		   "{ filename = \"b\"; }, { filename = \"c\"; sha256 = \"'$H'\"; }); }' > sw-description;"
		   "openssl cms -sign -in sw-description -out sw-description.sig -signer dev.crt -inkey dev.key -outform DER "
		   "-nosmimecap -binary; "
		   "printf 'sw-description\\nsw-description.sig\\na\\nb\\nc\\nd\\n' | cpio -o -H crc > cms.swu 2>/dev/null;"
		   "printf 'sw-description\\na\\nb\\nc\\nd\\n' | cpio -o -H crc > none.swu 2>/dev/null;"
		   "openssl dgst -sha256 -sign dev.key sw-description > sw-description.sig;"
		   "printf 'sw-description\\nsw-description.sig\\na\\nb\\nc\\nd\\n' | cpio -o -H crc > rsa.swu 2>/dev/null");
	struct span cms = file_load(dir, "cms.swu"), none = file_load(dir, "none.swu"), rsa = file_load(dir, "rsa.swu");
	/* of the images "a" has its digest and "c" another one's, "b" has none, "d" is not named */
	const char *images = "swupdate absent b -\nswupdate invalid c -\nswupdate absent d -\n";
	char form[512];
	snprintf(form, sizeof form, "cms valid sw-description %%s\n" ISSUER "%s", images);
	expect(&swupdate_format, cms, form, file_fingerprint("dev.der"));
	uint8_t *version = memmem(cms.p, cms.n, "\"1\"", 3);
	version[1] = '2';
	snprintf(form, sizeof form, "cms invalid sw-description %%s\n%s", images);
	expect(&swupdate_format, cms, form, file_fingerprint("dev.der"));
	expect(&swupdate_format, none, "swupdate absent sw-description -\n", "");
	snprintf(form, sizeof form, "pkcs1 no-key sw-description -\n%s", images);
	expect(&swupdate_format, rsa, form, "");
	free((void *)cms.p);
	free((void *)none.p);
	free((void *)rsa.p);
	/* a second file of the same name, as it should be and then another one */
	run_in(
		dir,
		"seq 99 > e; echo 'software = { version = \"1\"; images: ({ filename = \"e\"; sha256 = \"'$(sha256sum e | cut -c1-64)'\"; }); }' "
		"> sw-description; openssl cms -sign -in sw-description -out sw-description.sig -signer dev.crt -inkey dev.key "
		"-outform DER -nosmimecap -binary; "
		"printf 'sw-description\\nsw-description.sig\\ne\\ne\\n' | cpio -o -H newc > twice.swu 2>/dev/null");
	struct span twice = file_load(dir, "twice.swu");
	uint8_t *content = memmem(twice.p, twice.n, "97\n98\n", 6);
	assert_non_null(content);
	uint8_t *second = memmem(content + 1, twice.n - (size_t)(content + 1 - twice.p), "97\n98\n", 6);
	assert_non_null(second);
	expect(&swupdate_format, twice, "cms valid sw-description %s\n" ISSUER, file_fingerprint("dev.der"));
	second[1] = '6';
	expect(&swupdate_format, twice, "cms valid sw-description %s\n" ISSUER "swupdate invalid e -\n",
		   file_fingerprint("dev.der"));
	/* what two images say of three files, one of them as it should be: each of the others is told once */
	run_in(
		dir,
		"cp sw-description one; sed 's/({\\(.*\\)})/({\\1}, {\\1})/' one > sw-description; grep -q '}, {' sw-description && "
		"openssl cms -sign -in sw-description -out sw-description.sig -signer dev.crt -inkey dev.key -outform DER "
		"-nosmimecap -binary; "
		"printf 'sw-description\\nsw-description.sig\\ne\\ne\\ne\\n' | cpio -o -H newc > thrice.swu 2>/dev/null");
	struct span thrice = file_load(dir, "thrice.swu");
	content = memmem(thrice.p, thrice.n, "97\n98\n", 6);
	second = memmem(content + 1, thrice.n - (size_t)(content + 1 - thrice.p), "97\n98\n", 6);
	content[1] = second[1] = '6';
	expect(&swupdate_format, thrice,
		   "cms valid sw-description %s\n" ISSUER "swupdate invalid e -\nswupdate invalid e -\n",
		   file_fingerprint("dev.der"));
	free((void *)twice.p);
	free((void *)thrice.p);
	temp_remove(dir);
}

/* ---- images by hand ---- */

static struct span sign(EVP_PKEY *key, bool pss, struct span digest, uint8_t out[512])
{
	size_t n = 512;
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
		EVP_MD_CTX *c = EVP_MD_CTX_new();
		assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, key), 1);
		assert_int_equal(EVP_DigestSign(c, out, &n, digest.p, digest.n), 1);
		EVP_MD_CTX_free(c);
		return span_of(out, n);
	}
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	assert_int_equal(EVP_PKEY_sign_init(c), 1);
	if (pss) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(c, 32), 1);
	}
	assert_int_equal(EVP_PKEY_CTX_set_signature_md(c, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_sign(c, out, &n, digest.p, digest.n), 1);
	EVP_PKEY_CTX_free(c);
	return span_of(out, n);
}

static struct span sha256(struct span bytes, uint8_t out[32])
{
	assert_int_equal(EVP_Digest(bytes.p, bytes.n, out, NULL, EVP_sha256(), NULL), 1);
	return span_of(out, 32);
}

static size_t tlv(uint8_t *p, unsigned type, struct span value)
{
	put_u16(p, (uint16_t)type);
	put_u16(p + 2, (uint16_t)value.n);
	memcpy(p + 4, value.p, value.n);
	return 4 + value.n;
}

/* A header of 32 bytes, 100 of image; the digest, the hash of the key, the key if it is to be there, the signature. */
static struct span make_mcuboot(uint8_t *image, EVP_PKEY *key, unsigned type, bool with_key)
{
	uint8_t digest[32], hash[32], signature[512];
	struct span spki;
	char hex[9];
	fingerprint(key, hex, &spki);
	memset(image, 0, 4096);
	put_u32(image, 0x96f3b83d);
	put_u16(image + 8, 32);
	put_u32(image + 12, 100);
	memset(image + 32, 7, 100);
	struct span of = sha256(span_of(image, 132), digest), encoded = spki;
	if (type == 0x20) /* RSAPublicKey: what the BIT STRING holds */
		encoded = span_from(spki, 24);
	uint8_t *p = image + 132 + 4;
	p += tlv(p, 0x10, of);
	p += tlv(p, 0x01, sha256(encoded, hash));
	if (with_key)
		p += tlv(p, 0x02, encoded);
	if (type)
		p += tlv(p, type, sign(key, type == 0x20, of, signature));
	put_u16(image + 132, 0x6907);
	put_u16(image + 134, (uint16_t)(p - image - 132));
	OPENSSL_free((void *)spki.p);
	return span_of(image, (size_t)(p - image));
}

static void test_mcuboot(void **state)
{
	(void)state;
	static uint8_t image[4096];
	EVP_PKEY *keys[] = { EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), EVP_RSA_gen(2048) };
	static const unsigned types[] = { 0x22, 0x24, 0x20 };
	for (int i = 0; i < 3; i++) {
		char hex[9];
		fingerprint(keys[i], hex, NULL);
		struct span made = make_mcuboot(image, keys[i], types[i], true);
		expect(&mcuboot_format, made, "mcuboot valid header, image and protected TLVs %s\n", hex);
		image[made.n - 20] ^= 1; /* in the signature */
		struct walked t;
		walked_open(&t, &mcuboot_format, made);
		assert_null(strstr(rows(&t), " valid "));
		walked_close(&t);
		made = make_mcuboot(image, keys[i], types[i], true);
		image[50] ^= 1;
		expect(&mcuboot_format, made, "mcuboot invalid header, image and protected TLVs %s\n", hex);
		made = make_mcuboot(image, keys[i], types[i], false);
		expect(&mcuboot_format, made, "mcuboot no-key header, image and protected TLVs %s\n", i < 2 ? hex : "-");
		made = make_mcuboot(image, keys[i], 0, false);
		expect(&mcuboot_format, made, "mcuboot absent header, image and protected TLVs -\n", "");
		EVP_PKEY_free(keys[i]);
	}
}

static void put_reversed(uint8_t *out, const BIGNUM *number, int n)
{
	assert_int_equal(BN_bn2lebinpad(number, out, n), n);
}

/* An image of one segment, padded to a sector, and the block of its signature, after espsecure sign_data --version 2. */
static struct span make_esp(uint8_t *image, EVP_PKEY *key)
{
	static const uint8_t head[24] = { 0xe9, 1, 2, 0x20, 0, 0, 0x08, 0x40, 0xee };
	uint8_t digest[32], signature[512];
	memset(image, 0xff, 8192);
	memset(image, 0, 4096);
	memcpy(image, head, sizeof head);
	put_u32(image + 24, 0x40080000);
	put_u32(image + 28, 64);
	uint8_t *block = image + 4096, sum = 0xef;
	memset(image + 32, 0x5a, 64);
	for (int i = 0; i < 64; i++)
		sum ^= 0x5a;
	image[111] = sum; /* the end of the block of 16 bytes behind the segment */
	struct span made =
		sign(key, EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, sha256(span_of(image, 4096), digest), signature);
	memset(block, 0, 1216);
	block[0] = 0xe7;
	memcpy(block + 4, digest, 32);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
		BIGNUM *n = NULL;
		block[1] = 2;
		EVP_PKEY_get_bn_param(key, "n", &n);
		put_reversed(block + 36, n, 384);
		put_u32(block + 420, 65537);
		for (int i = 0; i < 384; i++)
			block[812 + i] = made.p[383 - i];
		BN_free(n);
	} else {
		BIGNUM *x = NULL, *y = NULL;
		const uint8_t *p = made.p;
		ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &p, (long)made.n);
		block[1] = 3;
		block[36] = 2;
		EVP_PKEY_get_bn_param(key, "qx", &x);
		EVP_PKEY_get_bn_param(key, "qy", &y);
		put_reversed(block + 37, x, 32);
		put_reversed(block + 69, y, 32);
		put_reversed(block + 101, ECDSA_SIG_get0_r(s), 32);
		put_reversed(block + 133, ECDSA_SIG_get0_s(s), 32);
		ECDSA_SIG_free(s);
		BN_free(x);
		BN_free(y);
	}
	put_u32(block + 1196, ~crc32_bitwise(UINT32_MAX, block, 1196));
	return span_of(image, 8192);
}

static void test_esp(void **state)
{
	(void)state;
	static uint8_t image[8192];
	EVP_PKEY *keys[] = { EVP_RSA_gen(3072), EVP_EC_gen("P-256") };
	for (int i = 0; i < 2; i++) {
		char hex[9];
		fingerprint(keys[i], hex, NULL);
		struct span made = make_esp(image, keys[i]);
		expect(&esp_image_format, made, "esp-secure-boot-v2 valid image with its padding %s\n", hex);
		image[200] ^= 1;
		expect(&esp_image_format, made, "esp-secure-boot-v2 invalid image with its padding %s\n", hex);
		made = make_esp(image, keys[i]);
		image[4096] = 0;
		expect(&esp_image_format, made, "esp-secure-boot-v2 absent image with its padding -\n", "");
		survives_flips(&esp_image_format, make_esp(image, keys[i]), 200, 0);
		EVP_PKEY_free(keys[i]);
	}
}

/* fwtool -S appends the signature, then "FWx0", the CRC, the type and the size. */
static void test_fwtool(void **state)
{
	(void)state;
	static const char signature[] = "untrusted comment: signed by key b5043e70f9a75cde\nRWS1BD5w\n";
	static uint8_t image[4096];
	for (size_t i = 0; i < 1000; i++)
		image[i] = (uint8_t)(i * 7);
	size_t n = 1000 + sizeof signature - 1;
	memcpy(image + 1000, signature, sizeof signature - 1);
	memcpy(image + n, "FWx0", 4);
	put_be(image + n + 4, crc32_bitwise(UINT32_MAX, image, n), 4);
	put_be(image + n + 12, sizeof signature - 1 + 16, 4);
	struct walked t;
	walked_open(&t, &fwtool_format, span_of(image, n + 16));
	assert_true(t.accepted);
	assert_string_equal(rows(&t), "usign no-key image and metadata -\n");
	const struct fact_signature *s = fact_list_get(&t.facts, FACT_signature, 0);
	assert_true(text_is(s->key_hint, "key number b5043e70f9a75cde"));
	walked_close(&t);
}

/* The vectors are only there where the samples are. */
static void test_suit(void **state)
{
	(void)state;
	static const struct {
		const char *name, *rows;
	} cases[] = {
		{ "../suit/suitwg-ex0-1.suit", "cose no-key manifest digest -\n" },
		{ "../suit/derived-auth-stripped-suitwg_ex0_1.suit", "cose absent manifest digest -\n" },
		{ "../suit/derived-alg-unprotected-suitwg_ex0_1.suit", "cose unsupported manifest digest -\n" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span sample = sample_load(cases[i].name);
		if (!sample.p)
			skip();
		expect(&suit_format, sample, cases[i].rows, "");
		free((void *)sample.p);
	}
}

/* A chain in which an authority does what it may not is none. But where one has two certificates, the one that may counts. */
static void test_chains(void **state)
{
	(void)state;
	static const struct {
		const char *carried, *row;
	} cases[] = { { "good.crt", "x509 no-key certificate 1 above the one that signed -\n" },
				  { "bad.crt", "x509 invalid certificate 1 above the one that signed -\n" },
				  { "both.crt", "x509 no-key certificate 1 above the one that signed -\n" } };
	char command[512], wanted[256];
	if (!tool_exists("openssl") || !tool_exists("cpio"))
		skip();
	temp_new(dir);
	make_keys();
	run_in(
		dir,
		"exec 2>/dev/null; K='-CA dev.crt -CAkey dev.key -CAcreateserial -days 9'; "
		"for n in ca leaf; do openssl req -newkey rsa:2048 -nodes -keyout $n.key -out $n.csr -subj /O=a/CN=$n; done; "
		"printf 'basicConstraints=CA:TRUE\nnsComment=%0200d\n' 1 > good.ext; "
		"printf 'basicConstraints=CA:TRUE\nnameConstraints=permitted;dirName:n\n[n]\nO=b\n' > bad.ext; "
		"for n in good bad; do openssl x509 -req -in ca.csr $K -extfile $n.ext -out $n.crt; done; "
		"openssl x509 -req -in leaf.csr -CA good.crt -CAkey ca.key -CAcreateserial -days 9 -out leaf.crt; "
		"cat bad.crt good.crt > both.crt; openssl pkey -in leaf.key -pubout -outform DER -out leaf.der; "
		"echo 'software = { version = \"1\"; };' > sw-description");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(
			command, sizeof command,
			"openssl cms -sign -in sw-description -out sw-description.sig -signer leaf.crt -inkey leaf.key -certfile %s "
			"-outform DER -nosmimecap -binary; printf 'sw-description\\nsw-description.sig\\n' | cpio -o -H newc > x.swu "
			"2>/dev/null",
			cases[i].carried);
		run_in(dir, command);
		struct span swu = file_load(dir, "x.swu");
		snprintf(wanted, sizeof wanted, "cms valid sw-description %%s\n%s", cases[i].row);
		expect(&swupdate_format, swu, wanted, file_fingerprint("leaf.der"));
		free((void *)swu.p);
	}
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),      cmocka_unit_test(test_fit_left_out), cmocka_unit_test(test_fit_own_key),
		cmocka_unit_test(test_fit_many),
		cmocka_unit_test(test_fit_data), cmocka_unit_test(test_rauc),         cmocka_unit_test(test_swupdate),
		cmocka_unit_test(test_purposes), cmocka_unit_test(test_chains),       cmocka_unit_test(test_mcuboot),
		cmocka_unit_test(test_esp),      cmocka_unit_test(test_suit),         cmocka_unit_test(test_fwtool),
	};
	return cmocka_run_group_tests_name("signatures", tests, NULL, NULL);
}
