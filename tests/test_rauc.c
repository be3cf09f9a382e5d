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
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_verity),
		cmocka_unit_test(test_crypt),
		cmocka_unit_test(test_survives),
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
