/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QNX 6: images of make_qnx6.py, of both byte orders and as Audi's MMI 3G has it, and changed to be hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

#define BOOT 8192u
#define BASE (BOOT + 4096u)
#define LARGE 9000u

extern const struct format qnx6_format;

static bool tools;

static int look_for_tools(void **state)
{
	(void)state;
	tools = tool_exists("python3");
	return 0;
}

/* The checksum of a superblock again, after it was changed. */
static void seal(uint8_t *super)
{
	uint32_t crc = 0;
	for (size_t i = 8; i < 512; i++) {
		crc ^= (uint32_t)super[i] << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 31 ? crc << 1 ^ 0x04c11db7u : crc << 1;
	}
	put(super + 4, crc, 4);
}

static void expect_tree(const struct walked *t)
{
	static uint8_t large[LARGE + 8];
	char path[256] = "/etc/";
	size_t n = 0;
	for (unsigned i = 0; n < LARGE; i++)
		n += (size_t)snprintf((char *)large + n, 8, "%u\n", i);
	memset(large + 1024, 0, 1024);
	memset(path + 5, 'l', 200);
	assert_true(t->accepted && !error_is(&t->error));
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_int_equal(t->n, 8);
	assert_content(t, "/hello", "hello\n", 6);
	assert_content(t, "/large", large, LARGE);
	assert_int_equal(walked_get(t, "/hello")->e.mode, 04755);
	assert_int_equal(walked_get(t, "/hello")->e.uid, 100000);
	assert_int_equal(walked_get(t, "/hello")->e.gid, 100);
	assert_int_equal(walked_get(t, "/hello")->e.mtime, 4000000000);
	assert_true(text_is(walked_get(t, "/same")->e.same_as, "/hello"));
	assert_true(text_is(walked_get(t, "/link")->e.link_target, "hello"));
	assert_int_equal(walked_get(t, "/etc")->e.mode, 01777);
	assert_int_equal(walked_get(t, "/etc/a-name-of-27-bytes-exactly-")->e.size, 0);
	assert_true(walked_get(t, path)->e.same_as.p != NULL);
	assert_true(walked_get(t, "/etc/a-name-that-is-longer-than-27-bytes")->e.same_as.p != NULL);
}

static void test_kinds(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const kinds[] = { "little", "big", "mmi", "second" };
	for (unsigned i = 0; i < 4; i++) {
		struct walked t;
		size_t n;
		uint8_t *p = image_made("make_qnx6.py", kinds[i], &n);
		walked_open(&t, &qnx6_format, span_of(p, n));
		print_message("%s\n", kinds[i]);
		assert_int_equal(t.match.size, n);
		assert_string_equal(walked_header(&t, "byte_order"), i == 1 ? "big" : "little");
		assert_string_equal(walked_header(&t, "variant"), i == 2 ? "mmi" : "qnx6");
		assert_string_equal(walked_header(&t, "serial"), i == 3 ? "8" : "7");
		expect_tree(&t);
		walked_close(&t);
		free(p);
	}
}

/* Of two superblocks the sound one; without one, nothing is taken. */
static void test_superblocks(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	size_t n;
	uint8_t *p = image_made("make_qnx6.py", "little", &n);
	p[BOOT + 300] ^= 1;
	walked_open(&t, &qnx6_format, span_of(p, n));
	assert_string_equal(walked_header(&t, "serial"), "6");
	expect_tree(&t);
	walked_close(&t);
	p[n - 4096 + 300] ^= 1;
	walked_open(&t, &qnx6_format, span_of(p, n));
	assert_false(t.accepted);
	walked_close(&t);
	free(p);
}

static unsigned damages(uint8_t *p, size_t n, const char *kind)
{
	struct walked t;
	walked_open(&t, &qnx6_format, span_of(p, n));
	assert_true(t.accepted);
	unsigned found = (unsigned)walked_damage(&t, kind);
	walked_close(&t);
	return found;
}

static uint8_t *find(uint8_t *p, size_t n, const void *bytes, size_t size)
{
	uint8_t *at = memmem(p + BASE, n - BASE, bytes, size);
	assert_non_null(at);
	return at;
}

/* Each of these is said. */
static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_qnx6.py", "little", &n), *good = malloc(n), *super = p + BOOT;
	assert_non_null(good);
	memcpy(good, p, n);
	uint8_t *etc = find(p, n, "\3etc", 4) - 4, *name = find(p, n, "\377\0\0\0", 4);
	uint8_t *hello = find(p, n, "\6\0\0\0\0\0\0\0\240\206\1", 11), *root = hello - 256, *large = hello + 128;
	const struct {
		uint8_t *at;
		uint64_t value;
		unsigned width;
		unsigned rows;
	} changes[] = {
		{ etc, 1, 4, 1 },                     /* "etc" is the root */
		{ etc, 1 << 30, 4, 1 },               /* "etc" is nowhere */
		{ etc + 4, 200, 1, 1 },               /* a short name that is none */
		{ name + 4, 1 << 30, 4, 1 },          /* a long name that is nowhere */
		{ hello + 32, 0, 2, 1 },              /* no kind of file */
		{ hello, UINT64_MAX, 8, 1 },          /* more bytes than can be */
		{ hello + 36, 1 << 30, 4, 1 },        /* a block beyond the end */
		{ large + 36, 1 << 30, 4, 1 },        /* a block of pointers too */
		{ large + 100, 200, 1, 1 },           /* more levels than can be */
		{ root, INT64_MAX, 8, 1 },            /* a directory of no end */
		{ super + 72 + 8, UINT32_MAX, 4, 1 }, /* no inodes */
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		put(changes[i].at, changes[i].value, changes[i].width);
		seal(super);
		if (damages(p, n, "corrupt") < changes[i].rows)
			fail_msg("change %zu is not said", i);
		memcpy(p, good, n);
	}
	assert_true(damages(good, (size_t)(hello - p), "truncated") >= 1);
	free(good);
	free(p);
}

static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const kinds[] = { "little", "big" };
	for (unsigned kind = 0; kind < 2; kind++) {
		size_t n;
		uint8_t *p = image_made("make_qnx6.py", kinds[kind], &n), *good = malloc(n);
		uint64_t x = 88172645463325252;
		assert_non_null(good);
		memcpy(good, p, n);
		for (unsigned i = 0; i < 10000; i++) {
			struct walked t;
			for (unsigned k = 0; k < 1 + i % 6; k++) {
				x ^= x << 13, x ^= x >> 7, x ^= x << 17;
				size_t at = x % 8 == 0 ? BOOT + 48 + (x >> 8) % 344 : BASE + (x >> 8) % (n - BASE - 4096);
				p[at] ^= (uint8_t)(1u << (x >> 40) % 8);
			}
			seal(p + BOOT);
			walked_open(&t, &qnx6_format, span_of(p, n));
			walked_close(&t);
			memcpy(p, good, n);
		}
		survives_cuts(&qnx6_format, span_of(good, n), 100);
		free(good);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds), cmocka_unit_test(test_superblocks),
										cmocka_unit_test(test_hostile), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("qnx6", tests, look_for_tools, NULL);
}
