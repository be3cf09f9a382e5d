/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VxWorks' symbol tables of each version and byte order, at addresses of their own, eCos' handler, and TP-Link's files of such systems:
 * written here after their specifications. */
#include "inspected.h"
#include "seed.h"
#include "vendor_image.h"

extern const struct inspector mcu_inspector, boot_inspector;
extern const struct format tplink_rtos_format, vxworks_symbols_format;

#define SYMBOLS 100u

static void put_number(struct image *im, uint64_t v, unsigned width, bool big)
{
	if (big)
		put_be(im, v, width);
	else
		put_le(im, v, width);
}

struct kind {
	unsigned width, version;
	bool big;
	uint64_t base;
	const char *sdk;
};

/* Code, the names, the table; the 40th is the one that the search begins with, and the 60th where the system starts. */
static void make_vxworks(struct image *im, const struct kind *k, uint64_t *table)
{
	uint64_t names[SYMBOLS];
	put_payload(im, 3, 4000);
	put_fill(im, 0, 4);
	for (unsigned i = 0; i < SYMBOLS; i++) {
		char name[32];
		snprintf(name, sizeof name, "%s%u", i == 40 ? "taskSpawn" : i == 60 ? "sysInit" : "driverFunction", i);
		if (i == 40 || i == 60)
			name[i == 40 ? 9 : 7] = 0;
		names[i] = im->n;
		put(im, name, strlen(name) + 1);
	}
	put_fill(im, 0, 8 - im->n % 8);
	put_payload(im, 4, 64);
	*table = im->n;
	for (unsigned i = 0; i < SYMBOLS; i++) {
		put_number(im, 0, k->width, k->big);
		put_number(im, k->base + names[i], k->width, k->big);
		put_number(im, k->base + 16 * i, k->width, k->big);
		if (k->version > 5)
			put_number(im, 0, k->width, k->big);
		put_number(im, 0, 2, k->big);
		put_be(im, i % 4 ? 5 : 9, 1);
		put_fill(im, 0, k->width == 8 ? 5 : 1);
	}
	put_payload(im, 5, 1000);
}

static struct subject subject_of(const struct image *im)
{
	return (struct subject){ .bytes = image_span(im), .path = TEXT_LIT("0x0"), .kind = ENTRY_REGION, .format = "unknown" }; /* as the probe has it */
}

static void test_symbols(void **state)
{
	(void)state;
	static const struct kind kinds[] = {
		{ 4, 5, true, 0x80010000, "VxWorks 5" },       { 4, 5, false, 0x10000, "VxWorks 5" },
		{ 4, 6, true, 0x100000, "VxWorks 6 or 7" },    { 4, 6, false, 0x80001000, "VxWorks 6 or 7" },
		{ 8, 7, false, 0xffffffff80408000, "VxWorks 7" }, { 8, 7, true, 0x200000, "VxWorks 7" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct image im = image_new();
		uint64_t table;
		char expected[400];
		make_vxworks(&im, &kinds[i], &table);
		struct inspected out;
		inspected_run(&out, &mcu_inspector, subject_of(&im));
		uint64_t entry = kinds[i].base + 16 * 60;
		int n = snprintf(expected, sizeof expected, "offset=%llu | sdk=%s", (unsigned long long)table, kinds[i].sdk);
		if (entry >> 63)
			snprintf(expected + n, sizeof expected - (size_t)n, "\n");
		else
			snprintf(expected + n, sizeof expected - (size_t)n, " | entry=%llu\n", (unsigned long long)entry);
		assert_string_equal(inspected_print(&out, FACT_mcu), expected);
		unsigned long long at = table;
		snprintf(expected, sizeof expected,
				 "offset=%llu | name=symbols | value=100\noffset=%llu | name=functions | value=75\n"
				 "offset=%llu | name=byte_order | value=%s\n"
				 "offset=%llu | name=load address (by the names of symbols) | value=0x%0*llx\n",
				 at, at, at, kinds[i].big ? "big-endian" : "little-endian", at, (int)(2 * kinds[i].width),
				 (unsigned long long)kinds[i].base);
		assert_string_equal(inspected_print(&out, FACT_header), expected);
		inspected_free(&out);
		inspected_survives(&mcu_inspector, "/x", image_span(&im), 100);
		image_free(&im);
	}
}

/* The name of the function alone, a table without names where it leads, and names without a table are none. */
static void test_no_symbols(void **state)
{
	(void)state;
	const struct kind k = { 4, 5, true, 0x80010000, "" };
	struct image im = image_new();
	uint64_t table;
	make_vxworks(&im, &k, &table);
	struct inspected out;
	for (unsigned i = 0; i < SYMBOLS; i++)
		set_be(&im, table + 16 * i + 4, k.base + 4 * i, 4);
	inspected_run(&out, &mcu_inspector, subject_of(&im));
	assert_string_equal(inspected_print(&out, FACT_mcu), "");
	inspected_free(&out);
	im.n = table;
	inspected_run(&out, &mcu_inspector, subject_of(&im));
	assert_string_equal(inspected_print(&out, FACT_mcu), "");
	inspected_free(&out);
	image_free(&im);
}

static void expect_mcu(const struct image *im, const char *expected)
{
	struct inspected out;
	inspected_run(&out, &mcu_inspector, subject_of(im));
	assert_string_equal(inspected_print(&out, FACT_mcu), expected);
	inspected_free(&out);
}

static void test_wind(void **state)
{
	(void)state;
	struct image im = image_new();
	put_payload(&im, 1, 100);
	put(&im, "\0VxWorks\0" "5.5.1\0WIND version 2.6\0", 32);
	put_payload(&im, 1, 100);
	expect_mcu(&im, "offset=115 | sdk=VxWorks (WIND kernel 2.6)\n");
	memcpy(im.p + 128, "%s", 2); /* what prints one */
	expect_mcu(&im, "");
	image_free(&im);
}

/* VxWorks' own name is looked for once, however often that of its kernel stands there. */
static void test_wind_without_end(void **state)
{
	(void)state;
	size_t n = (size_t)16 << 20;
	char *p = malloc(n);
	struct inspected out;
	assert_non_null(p);
	memset(p, 1, n);
	for (size_t at = 64; at + 17 < n / 2; at += 17)
		memcpy(p + at, "WIND version 2.6", 17);
	inspected_run(&out, &mcu_inspector, (struct subject){ .bytes = span_of(p, n), .path = TEXT_LIT("0x0"), .kind = ENTRY_REGION });
	assert_string_equal(inspected_print(&out, FACT_mcu), "");
	inspected_free(&out);
	free(p);
}

static void test_ecos(void **state)
{
	(void)state;
	static const uint32_t code[] = { 0x401a6800, 0, 0x335a007f, 0x3c1b8000, 0x277b0200, 0x037ad820, 0x8f7b0000, 0x03600008, 0 };
	for (int big = 0; big < 2; big++)
		for (int nop = 0; nop < 2; nop++) {
			struct image im = image_new();
			put_payload(&im, 1, 384);
			for (unsigned i = 0; i < 9; i++)
				if (i != 1 || nop)
					put_number(&im, code[i], 4, big);
			put_payload(&im, 1, 100);
			expect_mcu(&im, big ? "offset=384 | chip=MIPS, big-endian | sdk=eCos\n" : "offset=384 | chip=MIPS, little-endian | sdk=eCos\n");
			memset(im.p + 384 + (nop ? 24 : 20), 0, 4); /* no load from the table */
			expect_mcu(&im, "");
			image_free(&im);
		}
}

static void test_cfe(void **state)
{
	(void)state;
	struct image im = image_new();
	put_payload(&im, 1, 0x570);
	put(&im, "cfe-v\1\0\x25\x0a\x0a\x03", 11);
	put_payload(&im, 2, 100);
	memcpy(im.p + 20, "CFE1CFE1", 8);
	struct inspected out;
	inspected_run(&out, &boot_inspector, subject_of(&im));
	assert_string_equal(inspected_print(&out, FACT_boot_setting),
						"offset=1392 | loader=cfe | key=version | value=1.0.37-10.10-3 | origin=strings\n");
	inspected_free(&out);
	memset(im.p + 20, 0, 8); /* text by chance */
	inspected_run(&out, &boot_inspector, subject_of(&im));
	assert_string_equal(inspected_print(&out, FACT_boot_setting), "");
	inspected_free(&out);
	image_free(&im);
}

static void test_tplink_rtos(void **state)
{
	(void)state;
	static const uint8_t key[] = { 0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d, 0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e };
	struct image im = image_new();
	put_be(&im, 0x142fc0, 4);
	put(&im, key, 16);
	put(&im, "IMG0", 4);
	put_be(&im, 0x94 - 20 + 5000, 4);
	put_be(&im, 0x8410, 2);
	put_be(&im, 14, 1);
	put_fill(&im, 0, 0x94 - im.n);
	put_payload(&im, 9, 5000);
	vendor_digest("md5", im.p + 4, im.n - 4, im.p + 4);
	struct walked t;
	image_open(&t, &tplink_rtos_format, image_span(&im), im.n);
	assert_field(&t, "model", "8410");
	assert_field(&t, "hardware_revision", "14");
	assert_field(&t, "md5", "ok");
	assert_content(&t, "flash", im.p + 0x94, 5000);
	walked_close(&t);
	im.p[200] ^= 1;
	image_open(&t, &tplink_rtos_format, image_span(&im), im.n);
	assert_memory_equal(walked_header(&t, "md5"), "not checked", 11);
	walked_close(&t);
	walked_open(&t, &tplink_rtos_format, span_clip(image_span(&im), 0, 2000));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_all(&tplink_rtos_format, &im, 0x94);
	image_free(&im);
}

static void test_symbol_file(void **state)
{
	(void)state;
	struct image im = image_new();
	size_t place = 0;
	put_be(&im, 0, 4);
	put_be(&im, 50, 4);
	for (unsigned i = 0; i < 50; i++) {
		put_be(&im, i % 5 ? 'T' : 'D', 1);
		put_be(&im, place, 3);
		put_be(&im, 0x80001000 + 8 * i, 4);
		place += i == 7 ? sizeof "wrs_kernel_text_start" : sizeof "function00";
	}
	size_t names = im.n;
	for (unsigned i = 0; i < 50; i++) {
		char name[32];
		snprintf(name, sizeof name, "function%02u", i);
		put(&im, i == 7 ? "wrs_kernel_text_start" : name, i == 7 ? 22 : 11);
	}
	set_be(&im, 0, im.n, 4);
	struct walked t;
	image_open(&t, &vxworks_symbols_format, image_span(&im), im.n);
	assert_field(&t, "load address", "0x80001038");
	assert_field(&t, "symbols", "50");
	assert_field(&t, "functions", "40");
	assert_content(&t, "names", im.p + names, im.n - names);
	walked_close(&t);
	survives_all(&vxworks_symbols_format, &im, names);
	im.p[names + 30] = 1; /* in a name */
	set_be(&im, 8 + 8 * 3, 'X', 1);
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_false(vxworks_symbols_format.probe(image_span(&im), &m));
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols), cmocka_unit_test(test_no_symbols), cmocka_unit_test(test_wind), cmocka_unit_test(test_wind_without_end),        cmocka_unit_test(test_ecos),
		cmocka_unit_test(test_cfe),     cmocka_unit_test(test_tplink_rtos), cmocka_unit_test(test_symbol_file),
	};
	return cmocka_run_group_tests_name("rtos", tests, NULL, NULL);
}
