/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bare images of Cortex-M: vector tables written here for several address maps, a real dump of an nRF51 with its
 * SoftDevice, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format cortex_m_format;

static uint8_t image[65536];

/* A table of 16 + `peripherals` vectors at `at` of an image that is linked to `base`. */
static void make_table(size_t at, uint32_t base, unsigned peripherals, bool small)
{
	put_u32(image + at, 0x20005000);
	for (unsigned i = 1; i < 16 + peripherals; i++) {
		bool reserved = (i >= 7 && i <= 10) || i == 13 || (small && (i == 4 || i == 5 || i == 6 || i == 12));
		put_u32(image + at + 4 * i, reserved ? 0 : base + (uint32_t)at + 0x401 + 2 * i);
	}
}

static void fill(void)
{
	for (size_t i = 0; i < sizeof image; i++)
		image[i] = (uint8_t)(i % 2 ? 0xbf : 0x00); /* nop */
}

static void test_addresses(void **state)
{
	(void)state;
	static const struct {
		uint32_t base;
		const char *guess;
	} bases[] = {
		{ 0, NULL }, { 0x08000000, "0x08000000" }, { 0x00400000, "0x00400000" }, { 0x1fff0000, "0x1fff0000" }
	};
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		struct walked t;
		fill();
		make_table(0, bases[i].base, 40, i % 2);
		walked_open(&t, &cortex_m_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, sizeof image);
		assert_string_equal(walked_header(&t, "initial_sp"), "0x20005000");
		assert_string_equal(walked_header(&t, "vectors"), "56");
		if (bases[i].guess)
			assert_string_equal(walked_header(&t, "load address (guessed)"), bases[i].guess);
		else
			assert_null(walked_header(&t, "load address (guessed)"));
		assert_content(&t, "0xe0", image + 56 * 4, sizeof image - 56 * 4);
		assert_int_equal(t.n, 1);
		walked_close(&t);
	}
}

/* Stacks in the memory on the code bus, as on LPC17xx and LPC43xx; NXP keeps a checksum in the reserved vector 7. */
static void test_local_memory(void **state)
{
	(void)state;
	static const uint32_t stacks[] = { 0x10003fe0, 0x10087fe0, 0x10010000 };
	struct format_match m;
	for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
		struct walked t;
		fill();
		make_table(0, 0, 20, false);
		put_u32(image, stacks[i]);
		put_u32(image + 28, 0xefff5c1a);
		walked_open(&t, &cortex_m_format, span_of(image, sizeof image));
		assert_true(t.accepted);
		assert_string_equal(walked_header(&t, "vectors"), "36");
		walked_close(&t);
	}
	put_u32(image, 0x10000000); /* empty memory, and none there at all */
	assert_false(cortex_m_format.probe(span_of(image, sizeof image), &m));
	put_u32(image, 0x10200000);
	assert_false(cortex_m_format.probe(span_of(image, sizeof image), &m));
}

/* A boot loader and the application behind it. */
static void test_two_images(void **state)
{
	(void)state;
	struct walked t;
	fill();
	make_table(0, 0x08000000, 0, false);
	make_table(0x4000, 0x08000000, 0, false);
	walked_open(&t, &cortex_m_format, span_of(image, sizeof image));
	assert_int_equal(t.n, 2);
	assert_content(&t, "0x40", image + 0x40, 0x4000 - 0x40);
	assert_content(&t, "0x4040", image + 0x4040, sizeof image - 0x4040);
	walked_close(&t);
}

/* What is not one: a stack outside of RAM, an even handler, one far away, one in RAM, no exceptions at all. */
static void test_refused(void **state)
{
	(void)state;
	static const struct {
		unsigned vector;
		uint32_t value;
	} wrong[] = { { 0, 0x08000100 }, { 0, 0x20000002 }, { 1, 0x08000402 }, { 2, 0x1c000401 },
				  { 3, 0x20000401 }, { 11, 6 },         { 9, 8 } };
	struct format_match m;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		fill();
		make_table(0, 0x08000000, 8, false);
		assert_true(cortex_m_format.probe(span_of(image, sizeof image), &m));
		put_u32(image + 4 * wrong[i].vector, wrong[i].value);
		assert_false(cortex_m_format.probe(span_of(image, sizeof image), &m));
	}
	memset(image, 0, sizeof image);
	assert_false(cortex_m_format.probe(span_of(image, sizeof image), &m));
	memset(image, 0xff, sizeof image);
	assert_false(cortex_m_format.probe(span_of(image, sizeof image), &m));
}

/* A table at every page: as many as there may be, the last one takes the rest. */
static void test_many_tables(void **state)
{
	(void)state;
	struct walked t;
	size_t n = 1 << 20;
	uint8_t *all = malloc(n);
	assert_non_null(all);
	for (size_t at = 0; at < n; at += 0x400) {
		put_u32(all + at, 0x20005000);
		for (unsigned i = 1; i < 256; i++)
			put_u32(all + at + 4 * i, (uint32_t)(i >= 7 && i <= 10 ? 0 : at + 0x401));
	}
	walked_open(&t, &cortex_m_format, span_of(all, n));
	assert_true(t.n <= 64);
	walked_close(&t);
	free(all);
}

static void test_nrf51(void **state)
{
	(void)state;
	struct span dump = sample_load("id115-nrf51-dump.bin");
	if (!dump.p)
		skip();
	struct walked t;
	walked_open(&t, &cortex_m_format, dump);
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "initial_sp"), "0x000007c0");
	assert_string_equal(walked_header(&t, "reset"), "0x000006d1");
	assert_string_equal(walked_header(&t, "softdevice_size"), "0x18000");
	assert_string_equal(walked_header(&t, "softdevice_fwid"), "0x0064"); /* S110 8.0.0 */
	assert_int_equal(t.n, 4); /* master boot record, SoftDevice, application, boot loader */
	assert_int_equal(walked_get(&t, "0x180a8")->content.n, 0x3a000 - 0x180a8);
	walked_close(&t);
	survives_cuts(&cortex_m_format, span_clip(dump, 0, 0x3100), 300);
	survives_flips(&cortex_m_format, span_clip(dump, 0, 0x4000), 1000, 0x3100);
	free((void *)dump.p);
}

static void test_survives(void **state)
{
	(void)state;
	fill();
	make_table(0, 0x08000000, 20, false);
	survives_cuts(&cortex_m_format, span_of(image, 2048), 2048);
	survives_flips(&cortex_m_format, span_of(image, 4096), 3000, 200);
	assert_no_noise(&cortex_m_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),   cmocka_unit_test(test_local_memory),
		cmocka_unit_test(test_two_images), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_tables), cmocka_unit_test(test_nrf51),      cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("cortex_m", tests, NULL, NULL);
}
