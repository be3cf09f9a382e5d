/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PE programs by headers after Microsoft's "PE Format": what stands behind them and in their resources. */
#include "vendor_image.h"

extern const struct format pe_format;

#define SECTIONS_AT 0x200u
#define RSRC_AT 0x400u
#define RSRC_ADDRESS 0x2000u
#define RSRC_SIZE 0x8000u
#define DIRECTORIES_AT(plus) (0x80u + 24u + ((plus) ? 112u : 96u))

/* MZ, the headers at 0x80, .text at 0x200, .rsrc at 0x400. */
static void put_program(struct image *im, bool plus, unsigned subsystem)
{
	unsigned optional = plus ? 112 + 128 : 96 + 128;
	put_text(im, "MZ", 0x3c, 0);
	put_le(im, 0x80, 4);
	put_fill(im, 0, 0x40);
	put(im, "PE\0\0", 4);
	put_le(im, plus ? 0x8664 : 0x14c, 2);
	put_le(im, 2, 2); /* sections */
	put_fill(im, 0, 12);
	put_le(im, optional, 2);
	put_le(im, 0x22, 2);
	size_t at = im->n;
	put_le(im, plus ? 0x20b : 0x10b, 2);
	put_fill(im, 0, optional - 2);
	set_le(im, at + 68, subsystem, 2);
	set_le(im, DIRECTORIES_AT(plus) - 4, 16, 4);
	set_le(im, DIRECTORIES_AT(plus) + 8 * 2, RSRC_ADDRESS, 4);
	set_le(im, DIRECTORIES_AT(plus) + 8 * 2 + 4, RSRC_SIZE, 4);
	static const struct {
		const char *name;
		uint32_t size, address, at;
	} sections[] = { { ".text", 0x200, 0x1000, SECTIONS_AT }, { ".rsrc", RSRC_SIZE, RSRC_ADDRESS, RSRC_AT } };
	for (size_t i = 0; i < 2; i++) {
		put_text(im, sections[i].name, 8, 0);
		put_le(im, sections[i].size, 4);
		put_le(im, sections[i].address, 4);
		put_le(im, sections[i].size, 4);
		put_le(im, sections[i].at, 4);
		put_fill(im, 0, 16);
	}
	put_fill(im, 0, SECTIONS_AT - im->n);
	put_payload(im, 1, 0x200);
	put_fill(im, 0, RSRC_SIZE);
}

/* One directory with one entry. */
static void set_directory(struct image *im, size_t at, bool named, uint32_t id, uint32_t child)
{
	set_le(im, RSRC_AT + at + (named ? 12 : 14), 1, 2);
	set_le(im, RSRC_AT + at + 16, id | (named ? 0x80000000u : 0), 4);
	set_le(im, RSRC_AT + at + 20, child, 4);
}

/* A type with one resource of one language, whose directories stand at `at`, and its data at `data`. */
static void set_resource(struct image *im, unsigned i, uint32_t type, bool named, uint32_t data, uint32_t size)
{
	uint32_t at = 0x100 + 0x80 * i;
	unsigned field = named ? 12 : 14;
	uint16_t before = span_u16le(image_span(im), RSRC_AT + field);
	set_le(im, RSRC_AT + field, before + 1u, 2);
	set_le(im, RSRC_AT + 16 + 8 * i, type | (named ? 0x80000000u : 0), 4);
	set_le(im, RSRC_AT + 20 + 8 * i, at | 0x80000000u, 4);
	set_directory(im, at, false, 100 + i, (at + 24) | 0x80000000u);
	set_directory(im, at + 24, false, 1033, at + 48);
	set_le(im, RSRC_AT + at + 48, RSRC_ADDRESS + data, 4);
	set_le(im, RSRC_AT + at + 52, size, 4);
	for (uint32_t k = 0; k < size && data + k < RSRC_SIZE; k++)
		im->p[RSRC_AT + data + k] = (uint8_t)(k * 7 + k / 256 + i);
}

static void put_certificates(struct image *im, bool plus)
{
	set_le(im, DIRECTORIES_AT(plus) + 8 * 4, im->n, 4);
	set_le(im, DIRECTORIES_AT(plus) + 8 * 4 + 4, 0x108, 4);
	put_le(im, 0x108, 4);
	put_le(im, 0x200, 2);
	put_le(im, 2, 2);
	put(im, "\x30\x81\xfd", 3);
	put_payload(im, 9, 0xfd);
}

static void test_parts(void **state)
{
	(void)state;
	for (unsigned plus = 0; plus < 2; plus++) {
		struct image im = image_new();
		struct walked t;
		put_program(&im, plus, 3);
		/* Types come sorted: named ones first. */
		set_le(&im, RSRC_AT + 0x1000, 3, 2);
		memcpy(im.p + RSRC_AT + 0x1002, "F\0/\0W\0", 6);
		set_resource(&im, 0, 0x1000, true, 0x2000, 0x1000);
		set_resource(&im, 1, 10, false, 0x3000, 0x1800);
		set_resource(&im, 2, 10, false, 0x4800, 0x100);  /* small and nothing that is known */
		set_resource(&im, 3, 3, false, 0x5000, 0x1000);  /* an icon */
		set_resource(&im, 4, 200, false, 0x6000, 0x4000); /* goes on behind the section */
		size_t end = im.n;
		put_payload(&im, 5, 0x2000);
		size_t signed_at = im.n;
		put_certificates(&im, plus);
		put_payload(&im, 6, 0x100);
		image_open(&t, &pe_format, image_span(&im), im.n);
		assert_int_equal(t.n, 5);
		assert_content(&t, "/.rsrc/F_W/100/1033", im.p + RSRC_AT + 0x2000, 0x1000);
		assert_content(&t, "/.rsrc/RCDATA/101/1033", im.p + RSRC_AT + 0x3000, 0x1800);
		assert_content(&t, "/.rsrc/200/104/1033", im.p + RSRC_AT + 0x6000, 0x4000);
		assert_content(&t, "overlay", im.p + end, 0x2000);
		assert_content(&t, "behind-certificates", im.p + signed_at + 0x108, 0x100);
		assert_int_equal(t.walk.end, signed_at + 0x108); /* they are the program's */
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_all(&pe_format, &im, 0x1100);
		image_free(&im);
	}
}

/* What is no table of certificates is looked at, whatever the header calls it. */
static void test_no_certificates(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_program(&im, true, 3);
	size_t end = im.n;
	put_certificates(&im, true);
	im.p[end + 6] = 7;
	image_open(&t, &pe_format, image_span(&im), im.n);
	assert_int_equal(t.n, 1);
	assert_content(&t, "overlay", im.p + end, im.n - end);
	assert_int_equal(t.walk.end, end);
	walked_close(&t);
	image_free(&im);
}

/* A driver of UEFI has forms in its resources; what is a format that is known is told all the same. */
static void test_uefi(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_program(&im, true, 11);
	set_resource(&im, 0, 10, false, 0x2000, 0x1000);
	set_resource(&im, 1, 10, false, 0x4000, 0x1000);
	memcpy(im.p + RSRC_AT + 0x4000, "MSCF\0\0\0\0\x90\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\3\1\1\0\1\0\0\0", 32);
	image_open(&t, &pe_format, image_span(&im), im.n);
	assert_int_equal(t.n, 1);
	assert_content(&t, "/.rsrc/RCDATA/101/1033", im.p + RSRC_AT + 0x4000, 0x1000);
	walked_close(&t);
	image_free(&im);
}

/* A tree that leads back to itself ends, and resources that are nearly the same bytes do not multiply. */
static void test_hostile_tree(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_program(&im, true, 3);
	set_le(&im, RSRC_AT + 14, 0x7ff, 2);
	for (size_t i = 0; i < 0x7ff; i++) {
		set_le(&im, RSRC_AT + 16 + 8 * i, 10, 4);
		set_le(&im, RSRC_AT + 20 + 8 * i, 0x80000000u, 4);
	}
	image_open(&t, &pe_format, image_span(&im), im.n);
	assert_int_equal(t.n, 0);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
	for (size_t i = 0; i < 0x7ff; i++)
		set_le(&im, RSRC_AT + 20 + 8 * i, 0x7000 + 16 * (i & 1), 4);
	for (unsigned i = 0; i < 2; i++) {
		set_le(&im, RSRC_AT + 0x7000 + 16 * i, RSRC_ADDRESS + i, 4);
		set_le(&im, RSRC_AT + 0x7004 + 16 * i, 0x7000, 4);
	}
	image_open(&t, &pe_format, image_span(&im), im.n);
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
	image_free(&im);
}

/* Resources of two languages are often the same bytes: they are told once, and claim no more than that. */
static void test_shared(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_program(&im, true, 3);
	set_resource(&im, 0, 10, false, 0x1000, 0x7000);
	memcpy(im.p + RSRC_AT + 0x118 + 48, im.p + RSRC_AT + 0x100 + 48, 16);
	set_le(&im, RSRC_AT + 0x118 + 14, 2, 2); /* languages */
	set_le(&im, RSRC_AT + 0x118 + 24, 1031, 4);
	set_le(&im, RSRC_AT + 0x118 + 28, 0x118 + 48, 4);
	set_le(&im, RSRC_AT + 0x118 + 20, 0x118 + 48, 4);
	put_payload(&im, 5, 0x200);
	image_open(&t, &pe_format, image_span(&im), im.n);
	assert_int_equal(t.n, 2);
	assert_content(&t, "/.rsrc/RCDATA/100/1033", im.p + RSRC_AT + 0x1000, 0x7000);
	assert_true(walked_get(&t, "overlay")->content.n == 0x200);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image_free(&im);
}

static void test_truncated(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_program(&im, false, 2);
	set_resource(&im, 0, 10, false, 0x4000, 0x2000);
	walked_open(&t, &pe_format, span_of(im.p, RSRC_AT + 0x5000));
	assert_content(&t, "/.rsrc/RCDATA/100/1033", im.p + RSRC_AT + 0x4000, 0x1000);
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	walked_close(&t);
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),        cmocka_unit_test(test_no_certificates), cmocka_unit_test(test_uefi),
		cmocka_unit_test(test_hostile_tree), cmocka_unit_test(test_shared),          cmocka_unit_test(test_truncated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
