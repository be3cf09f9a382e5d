/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uboot_env: environments of mkenvimage, and ones written here after struct environment_s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "walked.h"

extern const struct format uboot_env_format;

#define SIZE 0x2000u
static uint8_t flash[0x40000];

static const char variables[] =
	"baudrate=115200\0bootargs=console=ttyS0 mtdparts=f:1k(a)\0bootcmd=run a; run b\0ethaddr=00:11:22:33:44:55\0";

/* One environment at `at`; `header` is 4, or 5 with a flag. */
static void write_env(size_t at, unsigned header, bool big, uint8_t fill)
{
	memset(flash + at, fill, SIZE);
	flash[at + 4] = 1;
	memcpy(flash + at + header, variables, sizeof variables);
	uint32_t crc = libdeflate_crc32(0, flash + at + header, SIZE - header);
	for (unsigned i = 0; i < 4; i++)
		flash[at + i] = (uint8_t)(crc >> (big ? 24 - 8 * i : 8 * i));
}

/* As the scanner does: every magic, then locate(), then probe(). */
static size_t find(struct span all, uint64_t *starts, size_t room)
{
	size_t n = 0;
	for (const struct format_magic *m = uboot_env_format.magics; m->bytes; m++)
		for (uint64_t at = 0; at + m->n <= all.n; at++) {
			struct format_match match;
			uint64_t start;
			if (n < room && span_has(all, at, m->bytes, m->n) && uboot_env_format.locate(all, at, &start) &&
				uboot_env_format.probe(span_from(all, start), &match))
				starts[n++] = start;
		}
	return n;
}

static void test_found_where_it_begins(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t starts[8];
		memset(flash, i & 1 ? 0xff : 0, sizeof flash);
		write_env(0x10000, i & 2 ? 5 : 4, i & 4, 0);
		write_env(0x12000, i & 2 ? 5 : 4, i & 4, 0xff);
		assert_int_equal(find(span_of(flash, sizeof flash), starts, 8), 2);
		assert_int_equal(starts[0], 0x10000);
		assert_int_equal(starts[1], 0x12000);
		struct walked t;
		walked_open(&t, &uboot_env_format, span_of(flash + 0x10000, sizeof flash - 0x10000));
		assert_int_equal(t.match.size, SIZE);
		assert_string_equal(walked_header(&t, "bootcmd"), "run a; run b");
		assert_string_equal(walked_header(&t, "byte order"), i & 4 ? "big-endian" : "little-endian");
		assert_int_equal(walked_header(&t, "flags") != NULL, (i & 2) != 0);
		assert_int_equal(t.n, 1);
		assert_int_equal(walked_get(&t, "variables")->content.n, sizeof variables - 1);
		assert_memory_equal(walked_get(&t, "variables")->content.p, "baudrate=115200\nbootargs=", 25);
		walked_close(&t);
	}
}

static void test_only_with_its_crc(void **state)
{
	(void)state;
	uint64_t starts[8];
	memset(flash, 0xff, sizeof flash);
	write_env(0x1000, 4, false, 0);
	flash[0x1000 + SIZE - 1] ^= 1;
	assert_int_equal(find(span_of(flash, sizeof flash), starts, 8), 0);
	/* the default environment of a boot loader has no CRC */
	memset(flash, 0, sizeof flash);
	memcpy(flash + 0x3000, variables, sizeof variables);
	assert_int_equal(find(span_of(flash, sizeof flash), starts, 8), 0);
}

static void test_mkenvimage(void **state)
{
	(void)state;
	static const struct {
		const char *options;
		uint64_t size;
	} cases[] = { { "-s 0x1000", 0x1000 },
				  { "-s 65536", 65536 },
				  { "-s 0x20000 -r", 0x20000 },
				  { "-s 0x4000 -b", 0x4000 },
				  { "-s 0x400 -p 0", 0x400 } };
	if (!tool_exists("mkenvimage"))
		skip();
	char dir[TEMP_MAX], command[200];
	temp_new(dir);
	run_in(dir, "printf 'bootdelay=3\\nbootcmd=bootm 0x9f020000\\nserverip=192.168.1.2\\n' > text");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(command, sizeof command, "mkenvimage %s -o env text", cases[i].options);
		run_in(dir, command);
		struct span env = file_load(dir, "env");
		struct walked t;
		walked_open(&t, &uboot_env_format, env);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, cases[i].size);
		assert_string_equal(walked_header(&t, "bootcmd"), "bootm 0x9f020000");
		assert_string_equal(walked_header(&t, "crc32"), "ok");
		walked_close(&t);
		survives_cuts(&uboot_env_format, env, 100);
		survives_flips(&uboot_env_format, env, 2000, 100);
		free((void *)env.p);
	}
	temp_remove(dir);
}

/* A megabyte of variables that are no environment costs one look, not one for each of them. */
static void test_many_hits_in_one_run(void **state)
{
	(void)state;
	size_t n = sizeof flash / 10 * 10;
	for (size_t i = 0; i < n; i += 10)
		memcpy(flash + i, "bootcmd=x", 10);
	uint64_t start;
	unsigned looked = 0;
	for (size_t i = 0; i < n; i += 10) {
		assert_false(uboot_env_format.locate(span_of(flash, n), i, &start));
		looked++;
	}
	assert_int_equal(looked, n / 10);
}

/* What stands within a value is no name, however much text is before it; a CRC that looks like text is no part of one. */
static void test_hits_within_a_value(void **state)
{
	(void)state;
	uint64_t start, starts[8];
	memset(flash, 'x', sizeof flash);
	for (size_t i = 0x100; i < 0x10000; i += 8) {
		memcpy(flash + i, "bootcmd=", 8);
		assert_false(uboot_env_format.locate(span_of(flash, sizeof flash), i, &start));
	}
	memset(flash, 0xff, sizeof flash);
	for (unsigned i = 0; i < 10000; i++) { /* some of them have a CRC of text only */
		write_env(0x4000, 4, false, 0);
		snprintf((char *)flash + 0x4000 + SIZE - 8, 8, "%u", i);
		uint32_t crc = libdeflate_crc32(0, flash + 0x4004, SIZE - 4);
		bool text = true;
		for (unsigned k = 0; k < 4; k++) {
			flash[0x4000 + k] = (uint8_t)(crc >> 8 * k);
			text &= flash[0x4000 + k] >= 0x20 && flash[0x4000 + k] < 0x7f;
		}
		if (!text)
			continue;
		assert_int_equal(find(span_of(flash, sizeof flash), starts, 8), 1);
		assert_int_equal(starts[0], 0x4000);
		return;
	}
	fail_msg("no CRC of text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_where_it_begins),
		cmocka_unit_test(test_only_with_its_crc),
		cmocka_unit_test(test_mkenvimage),
		cmocka_unit_test(test_many_hits_in_one_run),
		cmocka_unit_test(test_hits_within_a_value),
	};
	return cmocka_run_group_tests_name("uboot_env", tests, NULL, NULL);
}
