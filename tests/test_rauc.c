/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles by rauc with a key of their own: plain, verity, crypt, and encrypted to a recipient. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format rauc_format, squashfs_format;

static char dir[TEMP_MAX];
static bool tools;

static struct span make(const char *kind)
{
	char command[512];
	snprintf(
		command, sizeof command,
		"rm -rf in %s.raucb; mkdir in; yes some text | head -c 3000000 > in/text; head -c 700000 /dev/urandom > in/rootfs.img; "
		"printf '[update]\\ncompatible=Foo Corp\\nversion=2.1\\n%s%s%s[image.rootfs]\\nfilename=rootfs.img\\n' > in/manifest.raucm; "
		"rauc --cert c.pem --key k.pem bundle in %s.raucb 2>&1",
		kind, *kind ? "[bundle]\\nformat=" : "", kind, *kind ? "\\n" : "", kind);
	run_in(dir, command);
	char name[32];
	snprintf(name, sizeof name, "%s.raucb", kind);
	return file_load(dir, name);
}

static void expect_contents(const struct walked *t)
{
	struct span rootfs = file_load(dir, "in/rootfs.img");
	assert_content(t, "/rootfs.img", rootfs.p, rootfs.n);
	assert_string_equal(walked_header(t, "compatible"), "Foo Corp");
	assert_string_equal(walked_header(t, "image.rootfs filename"), "rootfs.img");
	assert_int_equal(strlen(walked_header(t, "image.rootfs sha256")), 64);
	assert_memory_equal(walked_header(t, "signature"), "CMS, ", 5);
	free((void *)rootfs.p);
}

/* The state of the bundle's own signature. */
static void expect_signature(struct span bundle, const char *state, const char *detail)
{
	struct walked t;
	walked_open(&t, &rauc_format, bundle);
	const struct fact_signature *s = fact_list_get(&t.facts, FACT_signature, 0);
	assert_non_null(s);
	if (!text_is(s->state, state) || !text_has(s->detail, detail))
		fail_msg("%.*s: %.*s", (int)s->state.n, s->state.p, (int)s->detail.n, s->detail.p);
	walked_close(&t);
}

static struct span changed(struct span bundle, size_t at)
{
	((uint8_t *)(uintptr_t)bundle.p)[at] ^= 1;
	return bundle;
}

/* Where in a bundle its hash tree begins, by the size that its manifest has. */
static size_t tree_at(struct span bundle, size_t *signature)
{
	const char *p = memmem(bundle.p, bundle.n, "verity-size=", 12);
	*signature = bundle.n - 8 - ((size_t)bundle.p[bundle.n - 2] << 8 | bundle.p[bundle.n - 1]);
	assert_non_null(p);
	return *signature - strtoul(p + 12, NULL, 10);
}

/* What is signed of each format: the manifest alone, with the hash tree of the payload, or the payload. */
static void test_signatures(void **state)
{
	(void)state;
	static const char *const trees[] = { "verity", "crypt" };
	size_t signature, tree;
	if (!tools)
		skip();
	for (int i = 0; i < 2; i++) {
		struct span bundle = make(trees[i]);
		tree = tree_at(bundle, &signature);
		expect_signature(bundle, "valid", "by the certificate");
		expect_signature(changed(bundle, 300000), "invalid", "is not the one whose hash tree is signed");
		changed(bundle, 300000);
		expect_signature(changed(bundle, tree - 1), "invalid", "is not the one whose hash tree is signed");
		changed(bundle, tree - 1);
		expect_signature(changed(bundle, tree + 40), "invalid", "is not the one whose hash tree is signed");
		changed(bundle, tree + 40);
		expect_signature(changed(bundle, signature - 4095), "invalid", "is not the one whose hash tree is signed");
		changed(bundle, signature - 4095);
		expect_signature(bundle, "valid", "by the certificate");
		free((void *)(uintptr_t)bundle.p);
	}
	struct span bundle = make("plain");
	expect_signature(bundle, "valid", "by the certificate");
	expect_signature(changed(bundle, 300000), "invalid", "");
	free((void *)(uintptr_t)bundle.p);
}

/* A manifest that is signed and names no tree: openssl signs what rauc would not. */
static void test_no_tree(void **state)
{
	(void)state;
	if (!tools)
		skip();
	free((void *)(uintptr_t)make("plain").p);
	run_in(dir, "printf '[update]\\ncompatible=c\\n[bundle]\\nformat=verity\\n' > m; "
				"openssl cms -sign -in m -nodetach -binary -signer c.pem -inkey k.pem -outform DER -out sig; "
				"n=$(stat -c %s sig); s=$(stat -c %s plain.raucb); "
				"t=$(tail -c 8 plain.raucb | od -An -tu1 | awk '{print $7 * 256 + $8}'); "
				"{ head -c $((s - 8 - t)) plain.raucb; cat sig; printf '\\0\\0\\0\\0\\0\\0'; "
				"printf \"\\\\$(printf %o $((n / 256)))\\\\$(printf %o $((n % 256)))\"; } > none.raucb");
	struct span bundle = file_load(dir, "none.raucb");
	expect_signature(bundle, "invalid", "nothing of the payload is signed");
	free((void *)(uintptr_t)bundle.p);
}

static void test_plain(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span bundle = make("plain");
	struct walked t;
	assert_same_tree(&rauc_format, &squashfs_format, bundle);
	walked_open(&t, &rauc_format, bundle);
	assert_int_equal(t.match.size, bundle.n);
	expect_contents(&t);
	assert_string_equal(walked_header(&t, "bundle format"), "plain");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_flips(&rauc_format, bundle, 30, 200);
	free((void *)bundle.p);
}

static void test_verity(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span bundle = make("verity");
	struct walked t;
	assert_same_tree(&rauc_format, &squashfs_format, bundle);
	walked_open(&t, &rauc_format, bundle);
	expect_contents(&t);
	assert_string_equal(walked_header(&t, "bundle format"), "verity");
	assert_string_equal(walked_header(&t, "verity"), "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	((uint8_t *)bundle.p)[300000] ^= 1;
	walked_open(&t, &rauc_format, bundle);
	assert_string_equal(walked_header(&t, "verity"), "mismatch");
	assert_true(walked_damage(&t, "corrupt") >= 1);
	walked_close(&t);
	free((void *)bundle.p);
}

static void test_crypt(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span bundle = make("crypt");
	struct walked t;
	walked_open(&t, &rauc_format, bundle);
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "compatible"), "Foo Corp");
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	free((void *)bundle.p);
	run_in(dir, "rauc --keyring c.pem encrypt --to=c.pem crypt.raucb enveloped.raucb 2>&1");
	bundle = file_load(dir, "enveloped.raucb");
	walked_open(&t, &rauc_format, bundle);
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
	free((void *)bundle.p);
}

/* Small enough to be cut and flipped everywhere. */
static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	run_in(
		dir,
		"rm -rf in; mkdir in; head -c 9000 /dev/urandom > in/a.img; printf '[update]\\ncompatible=c\\n[bundle]\\nformat=verity\\n"
		"[image.a]\\nfilename=a.img\\n' > in/manifest.raucm; rauc --cert c.pem --key k.pem bundle in s.raucb 2>&1");
	struct span bundle = file_load(dir, "s.raucb");
	survives_cuts(&rauc_format, bundle, 500);
	survives_flips(&rauc_format, bundle, 2000, 0);
	survives_flips(&rauc_format, span_clip(bundle, 0, bundle.n), 500, 200);
	/* The signature and the size alone. */
	struct span end = span_from(bundle, bundle.n - 1800);
	survives_flips(&rauc_format, end, 2000, 0);
	for (unsigned i = 0; i < 2000; i++) {
		struct walked t;
		uint8_t *p = (uint8_t *)bundle.p + bundle.n - 1700 + i % 1700, before = *p;
		*p = (uint8_t)(i * 37);
		walked_open(&t, &rauc_format, bundle);
		walked_close(&t);
		*p = before;
	}
	free((void *)bundle.p);
	assert_no_noise(&rauc_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),    cmocka_unit_test(test_verity),     cmocka_unit_test(test_crypt),
		cmocka_unit_test(test_survives), cmocka_unit_test(test_signatures), cmocka_unit_test(test_no_tree),
	};
	temp_new(dir);
	tools = tool_exists("rauc") && tool_exists("mksquashfs") && tool_exists("openssl");
	if (tools)
		run_in(dir,
			   "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=t -days 9 2> /dev/null");
	int failed = cmocka_run_group_tests_name("rauc", tests, NULL, NULL);
	temp_remove(dir);
	return failed;
}
