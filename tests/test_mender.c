/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Artefacts by mender-artifact: its compressions, signed and not, a module image; and manifests that ask for too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format mender_format, tar_format;

static char dir[TEMP_MAX];
static bool tools;

static size_t count(const struct walked *t, const char *name, const char *ending)
{
	size_t n = 0;
	const struct fact_header *h;
	for (size_t i = 0; (h = fact_list_get(&t->facts, FACT_header, i)); i++)
		n += text_is(h->name, name) && text_ends(h->value, ending);
	return n;
}

static void test_artefacts(void **state)
{
	(void)state;
	static const struct {
		const char *options, *type, *signature;
		size_t sums;
	} runs[] = {
		{ "write rootfs-image -f image", "rootfs-image", "none", 3 },
		{ "write rootfs-image -f image -k k.pem", "rootfs-image", "manifest.sig", 3 },
		{ "--compression none write rootfs-image -f image", "rootfs-image", "none", 3 },
		{ "--compression lzma write rootfs-image -f image", "rootfs-image", "none", 3 },
		{ "--compression zstd_better write rootfs-image -f image", "rootfs-image", "none", 3 },
		{ "write module-image -T deb -f image -f second", "deb", "none", 4 },
	};
	if (!tools)
		skip();
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		char command[512];
		snprintf(command, sizeof command, "mender-artifact %s -t one -t two -n release-1 -o u.mender 2>&1",
				 runs[i].options);
		if (strstr(runs[i].options, "zstd") && system("mender-artifact --help 2>&1 | grep -q zstd") != 0)
			continue;
		run_in(dir, command);
		struct span artefact = file_load(dir, "u.mender");
		struct walked t;
		assert_same_tree(&mender_format, &tar_format, artefact);
		walked_open(&t, &mender_format, artefact);
		assert_string_equal(walked_header(&t, "version"), "3");
		assert_string_equal(walked_header(&t, "signature"), runs[i].signature);
		assert_string_equal(walked_header(&t, "artifact_name"), "release-1");
		assert_string_equal(walked_header(&t, "payload_type"), runs[i].type);
		assert_int_equal(count(&t, "device_type", ""), 2);
		assert_int_equal(count(&t, "sha256", ": ok"), runs[i].sums);
		assert_int_equal(count(&t, "sha256", ""), runs[i].sums);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		free((void *)artefact.p);
	}
}

/* A payload that is another one than the manifest says, one that is missing, and one named very often. */
static void test_manifests(void **state)
{
	(void)state;
	struct walked t;
	if (!tools)
		skip();
	run_in(
		dir,
		"rm -rf x; mkdir x; mender-artifact write module-image -T m -f image -f second -t one -n r -o u.mender 2>&1; "
		"tar -C x -xf u.mender; sed -i 's/^.\\{8\\}\\(.*second\\)/00000000\\1/' x/manifest; "
		"cd x; tar --format=ustar -cf ../v.mender version manifest header.tar.gz data/0000.tar.gz; "
		"tar --format=ustar -cf ../w.mender version manifest header.tar.gz; "
		"for i in $(seq 2000); do echo \"$(printf %064d 0)  data/000$((i % 2))/image\"; done > manifest; "
		"cp data/0000.tar.gz data/0001.tar.gz; tar --format=ustar -cf ../x.mender version manifest header.tar.gz data/*");
	struct span artefact = file_load(dir, "v.mender");
	walked_open(&t, &mender_format, artefact);
	assert_int_equal(count(&t, "sha256", "second: mismatch"), 1);
	assert_int_equal(count(&t, "sha256", "image: ok"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	free((void *)artefact.p);
	artefact = file_load(dir, "w.mender");
	walked_open(&t, &mender_format, artefact);
	assert_int_equal(count(&t, "sha256", ": missing"), 2);
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	walked_close(&t);
	survives_cuts(&mender_format, artefact, 300);
	survives_flips(&mender_format, artefact, 1000, 0);
	free((void *)artefact.p);
	artefact = file_load(dir, "x.mender");
	walked_open(&t, &mender_format, artefact);
	assert_int_equal(count(&t, "sha256", "image: mismatch"), 64); /* payloads are unpacked no more often */
	walked_close(&t);
	free((void *)artefact.p);
}

static void test_noise(void **state)
{
	(void)state;
	assert_no_noise(&mender_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_artefacts),
		cmocka_unit_test(test_manifests),
		cmocka_unit_test(test_noise),
	};
	temp_new(dir);
	tools = tool_exists("mender-artifact") && tool_exists("openssl");
	if (tools)
		run_in(
			dir,
			"head -c 20000 /bin/sh > image; echo second > second; openssl genrsa -traditional -out k.pem 3072 2> /dev/null || "
			"openssl genrsa -out k.pem 3072 2> /dev/null");
	int failed = cmocka_run_group_tests_name("mender", tests, NULL, NULL);
	temp_remove(dir);
	return failed;
}
