/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cabinets as make_cab.py writes them; 7z and cabextract read the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format cab_format;

#define BYTES_N 20000u

static struct span text_made(void)
{
	static char text[100000];
	size_t n = 0;
	for (unsigned i = 0; i < 2500; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "line %u of a text that is packed\n", i);
	return span_of((const uint8_t *)text, n);
}

static struct span bytes_made(void)
{
	static uint8_t bytes[BYTES_N];
	for (uint32_t i = 0; i < BYTES_N; i++)
		bytes[i] = (uint8_t)((uint64_t)i * i % 251);
	return span_of(bytes, BYTES_N);
}

static struct span cab_made(const char *kind)
{
	size_t n;
	if (!tool_exists("python3"))
		skip();
	uint8_t *p = image_made("make_cab.py", kind, &n);
	return span_of(p, n);
}

static void test_whole(void **state)
{
	(void)state;
	static const char *const kinds[] = {
		"stored", "mszip", "lzx", "stored+reserved", "mszip+reserved", "lzx+reserved", "mszip+reserved+short-sums", "coded"
	};
	struct span text = text_made(), bytes = bytes_made();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct span cab = cab_made(kinds[i]);
		struct walked t;
		walked_open(&t, &cab_format, cab);
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, cab.n);
		assert_int_equal(t.n, 2);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_content(&t, "/d/text", text.p, text.n);
		assert_content(&t, "/bytes", bytes.p, bytes.n);
		assert_int_equal(walked_get(&t, "/bytes")->e.mtime, 1699965000);
		walked_close(&t);
		survives_cuts(&cab_format, cab, 60);
		survives_flips(&cab_format, cab, 200, 0);
		survives_flips(&cab_format, cab, 500, 140);
		free((void *)cab.p);
	}
}

/* Of a set of cabinets: what is whole in the one at hand is read, and the names of the others are said. */
static void test_first_of_set(void **state)
{
	(void)state;
	static const char *const kinds[] = { "stored+first", "mszip+first", "lzx+first+reserved" };
	struct span text = text_made(), bytes = bytes_made();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct span cab = cab_made(kinds[i]);
		struct walked t;
		walked_open(&t, &cab_format, cab);
		assert_int_equal(t.n, 2);
		assert_string_equal(walked_header(&t, "part"), "1 of the set of cabinets 0x1234");
		assert_string_equal(walked_header(&t, "next"), "second.cab");
		assert_null(walked_header(&t, "previous"));
		const struct walked_entry *begun = walked_get(&t, "/bytes");
		assert_content(&t, "/d/text", text.p, text.n);
		assert_int_equal(begun->error.code, ERR_TRUNCATED);
		assert_non_null(strstr(begun->error.text, "second.cab"));
		assert_in_range(begun->content.n, 1000, bytes.n - 1);
		assert_memory_equal(begun->content.p, bytes.p, begun->content.n);
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		walked_close(&t);
		survives_cuts(&cab_format, cab, 60);
		survives_flips(&cab_format, cab, 500, 160);
		free((void *)cab.p);
	}
}

static void test_last_of_set(void **state)
{
	(void)state;
	struct span cab = cab_made("mszip+last");
	struct walked t;
	walked_open(&t, &cab_format, cab);
	assert_int_equal(t.n, 2);
	assert_string_equal(walked_header(&t, "part"), "2 of the set of cabinets 0x1234");
	assert_string_equal(walked_header(&t, "previous"), "first.cab");
	assert_null(walked_header(&t, "next"));
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_non_null(strstr(walked_get(&t, "/d/text")->error.text, "first.cab"));
	walked_close(&t);
	survives_flips(&cab_format, cab, 500, 160);
	free((void *)cab.p);
}

static void test_names(void **state)
{
	(void)state;
	struct span cab = cab_made("mszip+names"), text = text_made(), bytes = bytes_made();
	struct walked t;
	walked_open(&t, &cab_format, cab);
	assert_content(&t, "/entry-1", text.p, text.n);
	assert_content(&t, "/gr\303\266\303\237e", bytes.p, bytes.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	walked_close(&t);
	free((void *)cab.p);
}

static void test_quantum(void **state)
{
	(void)state;
	struct span cab = cab_made("quantum");
	struct walked t;
	walked_open(&t, &cab_format, cab);
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_damage(&t, "unsupported"), 2);
	assert_non_null(strstr(walked_get(&t, "/bytes")->error.text, "Quantum"));
	walked_close(&t);
	free((void *)cab.p);
}

/* One bit of the data: the block's checksum tells; of packed data too, what cannot be unpacked. */
static void test_damage(void **state)
{
	(void)state;
	struct span cab = cab_made("stored"), text = text_made();
	uint8_t *p = (uint8_t *)(uintptr_t)cab.p;
	struct walked t;
	p[cab.n - 1] ^= 1;
	walked_open(&t, &cab_format, cab);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/d/text", text.p, text.n);
	walked_close(&t);
	free(p);
	/* Folders with all the same data, each of them unpacked: no more than the cabinet can hold. */
	cab = cab_made("mszip");
	p = (uint8_t *)(uintptr_t)cab.p;
	p[26] = 3; /* of which the second and third are what stands behind: a file's header */
	walked_open(&t, &cab_format, cab);
	assert_content(&t, "/d/text", text.p, text.n);
	walked_close(&t);
	free(p);
}

/* What no file is of, and what no block is of, stands in the cabinet all the same. */
static void test_nothing_is_hidden(void **state)
{
	(void)state;
	static const char *const methods[] = { "stored", "mszip", "lzx+reserved" };
	struct span text = text_made(), bytes = bytes_made();
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		char kind[64], name[64];
		snprintf(kind, sizeof kind, "%s+unnamed+between", methods[i]);
		struct span cab = cab_made(kind);
		const uint8_t *between = memmem(cab.p, cab.n, bytes.p, 500);
		struct walked t;
		assert_non_null(between);
		walked_open(&t, &cab_format, cab);
		assert_int_equal(t.n, 3);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_content(&t, "/d/text", text.p, text.n);
		snprintf(name, sizeof name, "folder-0-unclaimed-0x%zx", text.n);
		assert_content(&t, name, bytes.p, bytes.n);
		snprintf(name, sizeof name, "unclaimed-0x%zx", (size_t)(between - cab.p));
		assert_content(&t, name, bytes.p, 500);
		walked_close(&t);
		survives_cuts(&cab_format, cab, 60);
		survives_flips(&cab_format, cab, 500, 160);
		free((void *)(uintptr_t)cab.p);
	}
}

static void test_behind_what_is_packed(void **state)
{
	(void)state;
	static const char *const kinds[] = { "stored+behind", "mszip+behind" };
	struct span bytes = bytes_made();
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct span cab = cab_made(kinds[i]);
		struct walked t;
		walked_open(&t, &cab_format, cab);
		assert_content(&t, "/bytes", bytes.p, bytes.n);
		assert_int_equal(t.n, 2);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		free((void *)(uintptr_t)cab.p);
	}
}

/* A file that says that it begins in the cabinet before does not take the others of its folder with it where there is none. */
static void test_no_cabinet_before(void **state)
{
	(void)state;
	struct span cab = cab_made("mszip+lying"), text = text_made(), bytes = bytes_made();
	struct walked t;
	walked_open(&t, &cab_format, cab);
	assert_content(&t, "/d/text", text.p, text.n);
	assert_content(&t, "/bytes", bytes.p, bytes.n);
	walked_close(&t);
	free((void *)(uintptr_t)cab.p);
}

/* Neither files nor folders multiply what a cabinet costs. */
static void test_costs(void **state)
{
	(void)state;
	struct span cab = cab_made("stored+claims");
	struct walked t;
	walked_open(&t, &cab_format, cab);
	assert_int_equal(t.error.code, ERR_BUDGET);
	assert_in_range(t.n, 1, 3);
	walked_close(&t);
	free((void *)(uintptr_t)cab.p);
	cab = cab_made("lzx+folders");
	walked_open(&t, &cab_format, cab);
	assert_int_equal(t.n, 2);
	assert_non_null(strstr(walked_get(&t, "/bytes")->error.text, "LZX"));
	walked_close(&t);
	free((void *)(uintptr_t)cab.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_first_of_set), cmocka_unit_test(test_last_of_set),
		cmocka_unit_test(test_names), cmocka_unit_test(test_quantum),      cmocka_unit_test(test_damage),
		cmocka_unit_test(test_nothing_is_hidden), cmocka_unit_test(test_behind_what_is_packed),
		cmocka_unit_test(test_no_cabinet_before), cmocka_unit_test(test_costs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
