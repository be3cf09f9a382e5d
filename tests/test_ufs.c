/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UFS images of makefs over its options, compared with the tree that they are made from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_tree.h"

extern const struct format ufs_format;

static const char *const options[] = { "-B le -o version=1",
									   "-B be -o version=1",
									   "-B le -o version=2",
									   "-B be -o version=2",
									   "-B le -o version=2,bsize=32768,fsize=4096",
									   "-B le -o version=1,bsize=4096,fsize=512" };

static void test_trees(void **state)
{
	(void)state;
	if (!tool_exists("makefs"))
		skip();
	unsigned keeps = KEEPS_ALL & ~(unsigned)(KEEPS_SPARSE | KEEPS_FIFOS);
	char dir[TEMP_MAX], command[256], files[TEMP_MAX + 16];
	host_tree_make(dir, keeps);
	snprintf(files, sizeof files, "%s/files", dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "makefs -t ffs %s -b 20%% -f 20%% u files 2>&1", options[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "u");
		struct walked t;
		walked_open(&t, &ufs_format, image);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, image.n);
		host_tree_expect(&t, files, keeps);
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* The number that names a file system, which blkid shows as its UUID. */
static void test_id(void **state)
{
	(void)state;
	if (!tool_exists("makefs"))
		skip();
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, "mkdir f && seq 30 > f/a");
	for (size_t i = 0; i < 4; i++) {
		snprintf(command, sizeof command, "makefs -t ffs %s -M 2m u f 2>&1", options[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "u");
		uint8_t *super = (uint8_t *)image.p + 8192; /* where makefs has it, of version 2 too */
		bool big = strstr(options[i], "-B be");
		memcpy(super + 144, big ? "\x01\x23\x45\x67\x89\xab\xcd\xef" : "\x67\x45\x23\x01\xef\xcd\xab\x89", 8);
		struct walked t;
		walked_open(&t, &ufs_format, image);
		assert_string_equal(walked_header(&t, "fs_id"), "0123456789abcdef");
		walked_close(&t);
		memset(super + 144, 0, 8);
		walked_open(&t, &ufs_format, image);
		assert_null(walked_header(&t, "fs_id"));
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* Behind other bytes the superblock at 8192 is not one at 65536 of a file system that begins before. */
static void test_behind_others(void **state)
{
	(void)state;
	if (!tool_exists("makefs"))
		skip();
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, "mkdir f && seq 30 > f/a");
	for (size_t i = 0; i < 4; i++) {
		size_t before = 65536 - 8192;
		snprintf(command, sizeof command, "makefs -t ffs %s -M 2m u f 2>&1", options[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "u");
		uint8_t *flash = malloc(before + image.n);
		assert_non_null(flash);
		memset(flash, 0xff, before);
		memcpy(flash + before, image.p, image.n);
		struct format_match m;
		assert_false(ufs_format.probe(span_of(flash, before + image.n), &m));
		assert_true(ufs_format.probe(span_of(flash + before, image.n), &m));
		free(flash);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* Older BSDs and Solaris have a length of 16 bits where makefs writes a kind and one of 8. */
static void make_old(struct span image)
{
	for (size_t at = 0; at + 512 <= image.n; at += 512) {
		uint8_t *d = (uint8_t *)image.p + at;
		if (memcmp(d + 4, "\x0c\0\4\1.\0", 6) != 0)
			continue;
		for (size_t i = 0, n; i + 8 <= 512 && (n = (size_t)(d[i + 4] | d[i + 5] << 8)) >= 8; i += n) {
			d[i + 6] = d[i + 7];
			d[i + 7] = 0;
		}
	}
}

static void test_old_names(void **state)
{
	(void)state;
	if (!tool_exists("makefs"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir -p f/sub; echo hello > f/name; seq 4000 > f/sub/numbers; makefs -t ffs -B le -o version=1 -M 2m u f 2>&1");
	struct span image = file_load(dir, "u"), numbers = file_load(dir, "f/sub/numbers");
	struct walked t;
	make_old(image);
	walked_open(&t, &ufs_format, image);
	assert_true(t.accepted);
	assert_content(&t, "/name", "hello\n", 6);
	assert_content(&t, "/sub/numbers", numbers.p, numbers.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_flips(&ufs_format, image, 100, 0);
	free((void *)numbers.p);
	free((void *)image.p);
	temp_remove(dir);
}

static void test_survives(void **state)
{
	(void)state;
	if (!tool_exists("makefs"))
		skip();
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, "mkdir -p f/d/e && seq 30000 > f/d/a && ln -s ../x f/d/l && printf x > f/d/e/x");
	for (size_t i = 0; i < 4; i++) {
		snprintf(command, sizeof command, "makefs -t ffs %s -M 2m u f 2>&1", options[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "u");
		survives_cuts(&ufs_format, image, 100);
		survives_flips(&ufs_format, image, 300, 0);
		survives_flips(&ufs_format, image, 300, 80000);
		struct walked t;
		uint64_t root = 0; /* its directory begins with "." and ".." */
		for (size_t at = 0; at + 24 < image.n && !root; at += 512)
			if (span_has(image, at + 8, ".\0\0\0", 4) && span_has(image, at + 20, "..\0", 3))
				root = at;
		assert_true(root != 0);
		memset((uint8_t *)image.p + root + 24 + 4, 0, 2); /* a record without a length */
		walked_open(&t, &ufs_format, image);
		assert_true(walked_damage(&t, "corrupt") >= 1);
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_trees), cmocka_unit_test(test_id), cmocka_unit_test(test_behind_others),
										cmocka_unit_test(test_old_names), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("ufs", tests, NULL, NULL);
}
