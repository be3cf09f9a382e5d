/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Microcode updates, written here after Intel's manual and after Linux' reader of AMD's. */
#include "seed.h"
#include "vendor_image.h"

extern const struct format intel_microcode_format, amd_microcode_format;

/* An update whose words add up to zero. */
static void put_intel(struct image *im, uint32_t revision, uint32_t date, uint32_t processor, uint32_t data, uint32_t total)
{
	size_t at = im->n, size = data ? total : 2048;
	uint32_t sum = 0;
	const uint32_t head[12] = { 1, revision, date, processor, 0, 1, 0x12, data, total };
	for (size_t i = 0; i < 12; i++)
		put_le(im, head[i], 4);
	put_payload(im, revision, size - 48);
	for (size_t i = at; i < im->n; i += 4)
		sum += (uint32_t)(im->p[i] | im->p[i + 1] << 8 | im->p[i + 2] << 16) + ((uint32_t)im->p[i + 3] << 24);
	set_le(im, at + 16, -sum, 4);
}

static void test_intel(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_intel(&im, 0x42, 0x04192024, 0x706a1, 3000, 4096);
	put_intel(&im, 0x81, 0x12311999, 0x683, 0, 0);
	size_t n = im.n;
	put_fill(&im, 0xff, 100);
	image_open(&t, &intel_microcode_format, image_span(&im), n);
	assert_field(&t, "update", "revision 0x42 of 2024-04-19 for processor 0x706a1");
	assert_int_equal(fact_list_count(&t.facts, FACT_header), 2);
	assert_int_equal(t.n, 0);
	walked_close(&t);
	struct format_match m;
	assert_true(intel_microcode_format.probe(span_clip(image_span(&im), 0, n - 1), &m)); /* the second one is cut off */
	assert_int_equal(m.size, 4096);
	assert_false(intel_microcode_format.probe(span_clip(image_span(&im), 0, 4095), &m));
	for (size_t i = 0; i < 4096; i += 101) { /* any bit is in the sum */
		im.p[i] ^= 4;
		assert_false(intel_microcode_format.probe(image_span(&im), &m));
		im.p[i] ^= 4;
	}
	survives_all(&intel_microcode_format, &im, 60);
	image_free(&im);
	static const struct {
		uint32_t date, data, total;
	} wrong[] = { { 0x13012020, 3000, 4096 }, { 0x01322020, 3000, 4096 }, { 0x010a2020, 3000, 4096 }, { 0x01011990, 3000, 4096 },
				  { 0x01012020, 4052, 4096 }, { 0x01012020, 3002, 4096 } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		im = image_new();
		put_intel(&im, 1, wrong[i].date, 0x683, wrong[i].data, wrong[i].total);
		assert_false(intel_microcode_format.probe(image_span(&im), &m));
		image_free(&im);
	}
}

static void put_amd_table(struct image *im, uint32_t processor, uint32_t id)
{
	put_le(im, 0x00414d44, 4);
	put_le(im, 0, 4);
	put_le(im, 32, 4);
	put_le(im, processor, 4);
	put_fill(im, 0, 8);
	put_le(im, id, 4);
	put_fill(im, 0, 16);
}

static void put_amd(struct image *im, uint32_t revision, uint32_t date, uint32_t id, size_t size)
{
	put_le(im, 1, 4);
	put_le(im, size, 4);
	put_le(im, date, 4);
	put_le(im, revision, 4);
	put_fill(im, 0, 16);
	put_le(im, id, 4);
	put_payload(im, revision, size - 28);
}

static void test_amd(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_amd_table(&im, 0x100f22, 0x1022);
	put_amd(&im, 0x1000083, 0x12022009, 0x1022, 960);
	put_amd(&im, 0x1000084, 0x13092011, 0x1022, 960);
	put_amd_table(&im, 0x800f12, 0x8012);
	put_amd(&im, 0x8001250, 0x07162019, 0x8012, 3200);
	size_t n = im.n;
	seed_keep("format", amd_microcode_format.name, "", image_span(&im));
	put_fill(&im, 0xff, 100);
	image_open(&t, &amd_microcode_format, image_span(&im), n);
	assert_field(&t, "update", "revision 0x1000083 of 2009-12-02 for processor 0x1022");
	assert_int_equal(fact_list_count(&t.facts, FACT_header), 3);
	walked_close(&t);
	walked_open(&t, &amd_microcode_format, span_clip(image_span(&im), 0, n - 1)); /* cut off: the size tells it */
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_int_equal(fact_list_count(&t.facts, FACT_header), 2);
	walked_close(&t);
	set_le(&im, n, 1, 4); /* what follows only begins like an update */
	walked_open(&t, &amd_microcode_format, image_span(&im));
	assert_int_equal(t.match.size, n);
	walked_close(&t);
	survives_all(&amd_microcode_format, &im, 80);
	im.p[28] = 1; /* the table does not end */
	struct format_match m;
	assert_false(amd_microcode_format.probe(image_span(&im), &m));
	image_free(&im);
}

/* What is told has a limit, and that is told. */
static void test_many(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	for (uint32_t i = 0; i < 300; i++)
		put_intel(&im, i, 0x04192024, 0x706a1, 16, 64);
	walked_open(&t, &intel_microcode_format, image_span(&im));
	assert_int_equal(t.match.size, im.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_header), 256);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_intel), cmocka_unit_test(test_amd), cmocka_unit_test(test_many) };
	return cmocka_run_group_tests_name("microcode", tests, NULL, NULL);
}
