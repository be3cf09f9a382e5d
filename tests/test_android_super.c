/* SPDX-License-Identifier: GPL-3.0-or-later */
/* android_super: images written here after liblp's metadata_format.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format android_super_format;

#define SECTOR 512u
#define METADATA_MAX 4096u
#define SLOTS 2u
#define DATA_SECTOR 256u
#define IMAGE_SIZE (512u << 10)

static uint8_t image[IMAGE_SIZE];

static void seal(uint8_t *sum, const uint8_t *p, size_t n)
{
	unsigned size;
	uint8_t digest[32];
	memset(sum, 0, 32);
	assert_int_equal(EVP_Digest(p, n, digest, &size, EVP_sha256(), NULL), 1);
	memcpy(sum, digest, 32);
}

static void put_geometry(uint8_t *p)
{
	put(p, 0x616c4467, 4);
	put(p + 4, 52, 4);
	put(p + 40, METADATA_MAX, 4);
	put(p + 44, SLOTS, 4);
	put(p + 48, 4096, 4);
	seal(p + 8, p, 52);
}

struct extent {
	uint64_t sectors, from;
	uint32_t type, device;
};
struct partition {
	const char *name;
	uint32_t first, count;
};

static void seal_metadata(uint8_t *h)
{
	uint8_t sum[32];
	uint32_t size = (uint32_t)h[8] | (uint32_t)h[9] << 8, tables = (uint32_t)h[44] | (uint32_t)h[45] << 8;
	seal(sum, h + size, tables);
	memcpy(h + 48, sum, 32);
	seal(h + 12, h, size);
}

static void put_metadata(uint8_t *h, unsigned minor, const struct partition *p, size_t np, const struct extent *e,
						 size_t ne)
{
	uint32_t size = minor >= 2 ? 256 : 128;
	uint8_t *t = h + size;
	memset(h, 0, METADATA_MAX);
	put(h, 0x414c5030, 4);
	put(h + 4, 10, 2);
	put(h + 6, minor, 2);
	put(h + 8, size, 4);
	for (size_t i = 0; i < np; i++, t += 52) {
		memcpy(t, p[i].name, strlen(p[i].name));
		put(t + 36, 1, 4);
		put(t + 40, p[i].first, 4);
		put(t + 44, p[i].count, 4);
	}
	for (size_t i = 0; i < ne; i++, t += 24) {
		put(t, e[i].sectors, 8);
		put(t + 8, e[i].type, 4);
		put(t + 12, e[i].from, 8);
		put(t + 20, e[i].device, 4);
	}
	memcpy(t, "default", 7); /* a group */
	t += 48;
	put(t, DATA_SECTOR, 8); /* a device */
	put(t + 16, IMAGE_SIZE, 8);
	memcpy(t + 24, "super", 5);
	t += 64;
	put(h + 44, (uint32_t)(t - h) - size, 4);
	const uint32_t tables[4][3] = { { 0, (uint32_t)np, 52 },
									{ (uint32_t)np * 52, (uint32_t)ne, 24 },
									{ (uint32_t)(np * 52 + ne * 24), 1, 48 },
									{ (uint32_t)(np * 52 + ne * 24 + 48), 1, 64 } };
	for (size_t i = 0; i < 12; i++)
		put(h + 80 + 4 * i, tables[i / 3][i % 3], 4);
	seal_metadata(h);
}

static const struct partition partitions[] = { { "system_a", 0, 1 }, { "vendor_a", 1, 3 }, { "empty_b", 4, 0 } };
static const struct extent extents[] = {
	{ 100, DATA_SECTOR, 0, 0 }, { 8, DATA_SECTOR + 200, 0, 0 }, { 16, 0, 1, 0 }, { 300, DATA_SECTOR + 300, 0, 0 }
};

static uint8_t *slot(unsigned i, bool backup)
{
	return image + 12288 + (i + (backup ? SLOTS : 0)) * METADATA_MAX;
}

static void make_super(unsigned minor)
{
	memset(image, 0, sizeof image);
	put_geometry(image + 4096);
	put_geometry(image + 8192);
	for (unsigned i = 0; i < 2 * SLOTS; i++)
		put_metadata(slot(i, false), minor, partitions, 3, extents, 4);
	for (size_t i = DATA_SECTOR * SECTOR; i < IMAGE_SIZE; i++)
		image[i] = (uint8_t)(i ^ i >> 9);
}

static void expect_partitions(unsigned damages)
{
	struct walked t;
	walked_open(&t, &android_super_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, IMAGE_SIZE);
	assert_int_equal(t.n, 3);
	assert_content(&t, "system_a", image + DATA_SECTOR * SECTOR, 100 * SECTOR);
	const struct walked_entry *v = walked_get(&t, "vendor_a");
	assert_int_equal(v->content.n, 324 * SECTOR);
	assert_memory_equal(v->content.p, image + (DATA_SECTOR + 200) * SECTOR, 8 * SECTOR);
	for (size_t i = 8 * SECTOR; i < 24 * SECTOR; i++)
		assert_int_equal(v->content.p[i], 0);
	assert_memory_equal(v->content.p + 24 * SECTOR, image + (DATA_SECTOR + 300) * SECTOR, 300 * SECTOR);
	assert_int_equal(walked_get(&t, "empty_b")->e.size, 0);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), damages);
	assert_string_equal(walked_header(&t, "block_device[0]"), "super, 524288 bytes");
	walked_close(&t);
}

static void test_versions(void **state)
{
	(void)state;
	for (unsigned minor = 0; minor <= 2; minor++) {
		make_super(minor);
		expect_partitions(0);
	}
}

static void test_copies(void **state)
{
	(void)state;
	make_super(2);
	image[4096 + 20] ^= 1; /* the geometry */
	expect_partitions(1);
	slot(0, false)[300] ^= 1; /* the first slot's tables */
	expect_partitions(2);
	slot(0, true)[4] ^= 1; /* and its copy: the second slot has the same partitions */
	expect_partitions(2);
	slot(1, false)[4] ^= 1;
	slot(1, true)[400] ^= 1;
	struct walked t;
	walked_open(&t, &android_super_format, span_of(image, sizeof image));
	assert_int_equal(t.n, 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 3);
	walked_close(&t);
}

/* Seen from a block before, the first geometry is where the copy of a broken one would be. */
static void test_a_block_too_early(void **state)
{
	(void)state;
	static uint8_t flash[4096 + IMAGE_SIZE];
	make_super(2);
	memset(flash, 0xa5, 4096);
	memcpy(flash + 4096, image, sizeof image);
	struct walked t;
	walked_open(&t, &android_super_format, span_of(flash, sizeof flash));
	assert_false(t.accepted);
	walked_close(&t);
}

static bool look_only(struct walk *w, const struct entry *e)
{
	uint8_t end[SECTOR];
	(void)w;
	memset(end, 1, sizeof end);
	assert_int_equal(e->size, UINT64_C(1) << 49);
	struct error err = e->content.ops->read(e->content.fs, e->content.file, e->size - SECTOR, end, SECTOR);
	assert_false(error_is(&err));
	assert_int_equal(end[0] | end[SECTOR - 1], 0);
	return true;
}

/* What only the second slot knows, another device, overlapping extents, extents that there are not. */
static void test_odd(void **state)
{
	(void)state;
	static const struct partition others[] = { { "system_a", 0, 1 }, { "system_b", 0, 2 }, { "broken", 3, 9 } };
	static const struct extent other_extents[] = { { 4, DATA_SECTOR, 0, 0 }, { 4, DATA_SECTOR, 0, 1 } };
	struct walked t;
	make_super(0);
	put_metadata(slot(1, false), 0, others, 3, other_extents, 2);
	walked_open(&t, &android_super_format, span_of(image, sizeof image));
	assert_int_equal(t.n, 4);
	assert_int_equal(walked_get(&t, "system_b")->content.n, 8 * SECTOR);
	assert_memory_equal(walked_get(&t, "system_b")->content.p, image + DATA_SECTOR * SECTOR, 4 * SECTOR);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);

	static const struct extent all[] = {
		{ 1024, 0, 0, 0 }, { 1024, 0, 0, 0 }, { 1024, 0, 0, 0 }, { UINT64_MAX, 0, 0, 0 }
	};
	static const struct partition one[] = { { "many", 0, 3 }, { "huge", 3, 1 } };
	make_super(0);
	for (unsigned i = 0; i < 4; i++)
		put_metadata(slot(i, false), 0, one, 2, all, 4);
	walked_open(&t, &android_super_format, span_of(image, sizeof image));
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);

	static const struct extent zero[] = { { UINT64_C(1) << 40, 0, 1, 0 } };
	static const struct partition hole[] = { { "hole", 0, 1 } };
	make_super(0);
	for (unsigned i = 0; i < 4; i++)
		put_metadata(slot(i, false), 0, hole, 1, zero, 1);
	struct arena *arena = arena_new(1 << 20);
	struct fact_list facts;
	fact_list_init(&facts, arena);
	struct walk w = { arena, &facts.sink, 0, look_only };
	struct error e = android_super_format.walk(span_of(image, sizeof image), &w);
	assert_false(error_is(&e));
	arena_free(arena);
}

static void test_metadata_alone(void **state)
{
	(void)state;
	static uint8_t alone[8192];
	memset(alone, 0, sizeof alone);
	put_geometry(alone);
	put_metadata(alone + 4096, 0, partitions, 3, extents, 4);
	struct walked t;
	walked_open(&t, &android_super_format, span_of(alone, sizeof alone));
	assert_true(t.accepted);
	assert_int_equal(t.n, 0);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_string_equal(walked_header(&t, "version"), "10.0");
	walked_close(&t);
	survives_cuts(&android_super_format, span_of(alone, sizeof alone), 500);
}

static void test_survives(void **state)
{
	(void)state;
	make_super(1);
	survives_cuts(&android_super_format, span_of(image, sizeof image), 100);
	survives_flips(&android_super_format, span_of(image, sizeof image), 500, 20000);
	/* Flips behind right checksums. */
	uint64_t x = 4711;
	for (unsigned i = 0; i < 2000; i++) {
		make_super(i % 3);
		for (unsigned k = 0; k < 1 + i % 4; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			slot(0, false)[80 + x % 400] ^= (uint8_t)(1u << (x >> 40) % 8);
		}
		seal_metadata(slot(0, false));
		struct walked t;
		walked_open(&t, &android_super_format, span_of(image, 200000));
		walked_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),          cmocka_unit_test(test_copies),
		cmocka_unit_test(test_a_block_too_early), cmocka_unit_test(test_odd),
		cmocka_unit_test(test_metadata_alone),    cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("android_super", tests, NULL, NULL);
}
