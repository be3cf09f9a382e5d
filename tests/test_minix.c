/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MINIX file systems: empty ones of mkfs.minix, and ones written here after minix_fs.h, of all versions, orders and name
 * lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format minix_format;

#define IMAGE_SIZE (4u << 20)
static uint8_t image[IMAGE_SIZE];

/* What is being written. */
static unsigned version, name_n, block, inode_n;
static bool big;
static uint32_t table, next_zone, next_inode, zones;

#define INODES 64u

static void put(size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		image[at + i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

static void start(unsigned of_version, bool of_big, unsigned of_name_n, unsigned of_block)
{
	memset(image, 0, sizeof image);
	version = of_version, big = of_big, name_n = of_name_n, block = of_block;
	inode_n = version == 1 ? 32 : 64;
	zones = IMAGE_SIZE / block;
	uint32_t first = 2 + 1 + 1 + (INODES * inode_n + block - 1) / block;
	table = 4 * block;
	next_zone = first;
	next_inode = 1;
	if (version == 3) {
		put(1024, INODES, 4);
		put(1024 + 6, 1, 2), put(1024 + 8, 1, 2), put(1024 + 10, first, 2);
		put(1024 + 16, INT32_MAX, 4);
		put(1024 + 20, zones, 4);
		put(1024 + 24, 0x4d5a, 2), put(1024 + 28, block, 2);
	} else {
		put(1024, INODES, 2), put(1024 + 2, version == 1 ? zones : 0, 2);
		put(1024 + 4, 1, 2), put(1024 + 6, 1, 2), put(1024 + 8, first, 2);
		put(1024 + 12, 0x10081c00, 4);
		put(1024 + 16, version == 1 ? (name_n == 14 ? 0x137f : 0x138f) : (name_n == 14 ? 0x2468 : 0x2478), 2);
		put(1024 + 18, 1, 2);
		put(1024 + 20, version == 1 ? 0 : zones, 4);
	}
}

static unsigned width(void)
{
	return version == 1 ? 2 : 4;
}

/* Makes the pointer at `at` lead, over `levels` blocks of pointers, to a zone for block `index` below it; gives the zone. */
static uint32_t lead(size_t at, unsigned levels, uint32_t index)
{
	uint32_t each = block / width(), below = 1, zone = 0;
	for (unsigned i = 0; i < width(); i++)
		zone |= (uint32_t)image[at + i] << (8 * (big ? width() - 1 - i : i));
	if (!zone)
		put(at, zone = next_zone++, width());
	assert_true(next_zone <= zones);
	if (levels == 0)
		return zone;
	for (unsigned i = 1; i < levels; i++)
		below *= each;
	return lead((size_t)zone * block + (size_t)(index / below) * width(), levels - 1, index % below);
}

static size_t inode_at(uint32_t inode)
{
	return table + (size_t)(inode - 1) * inode_n;
}

static size_t pointers_at(uint32_t inode)
{
	return inode_at(inode) + (version == 1 ? 14 : 24);
}

static void put_block(uint32_t inode, uint32_t index, const void *bytes, size_t n)
{
	uint32_t each = block / width(), below = each;
	unsigned level = 0;
	if (index >= 7)
		for (level = 1, index -= 7; index >= below; level++, below *= each)
			index -= below;
	uint32_t zone = level ? lead(pointers_at(inode) + (6 + level) * width(), level, index)
						  : lead(pointers_at(inode) + index * width(), 0, 0);
	memcpy(image + (size_t)zone * block, bytes, n);
}

static uint32_t put_inode(unsigned mode, unsigned links, uint32_t size)
{
	uint32_t inode = next_inode++;
	size_t at = inode_at(inode);
	put(at, mode, 2);
	if (version == 1) {
		put(at + 2, 1000, 2), put(at + 4, size, 4), put(at + 8, 1234567890, 4), put(at + 12, 100, 1),
			put(at + 13, links, 1);
	} else {
		put(at + 2, links, 2), put(at + 4, 1000, 2), put(at + 6, 100, 2), put(at + 8, size, 4);
		put(at + 12, 1, 4), put(at + 16, 1234567890, 4), put(at + 20, 2, 4);
	}
	return inode;
}

static void put_content(uint32_t inode, const uint8_t *bytes, size_t n)
{
	for (size_t at = 0; at < n; at += block)
		put_block(inode, (uint32_t)(at / block), bytes + at, n - at < block ? n - at : block);
}

struct listing {
	uint8_t bytes[8192];
	size_t n;
};

static void add(struct listing *l, uint32_t inode, const char *name)
{
	unsigned number = version == 3 ? 4 : 2;
	for (unsigned i = 0; i < number; i++)
		l->bytes[l->n + i] = (uint8_t)(inode >> (8 * (big ? number - 1 - i : i)));
	memcpy(l->bytes + l->n + number, name, strnlen(name, name_n));
	l->n += number + name_n;
}

static void put_listing(uint32_t inode, const struct listing *l)
{
	put_content(inode, l->bytes, l->n);
	put(inode_at(inode) + (version == 1 ? 4 : 8), l->n, 4);
}

#define LONG_NAME "a-name-that-is-as-long-as-it-can-be-in-any-of-the-versions-60"

/* A tree with everything in it; `data` is what its files hold. */
static void make_tree(const uint8_t *data)
{
	struct listing root = { 0 }, dir = { 0 };
	uint32_t r = put_inode(040755, 3, 0), d = put_inode(040700, 2, 0);
	put_block(r, 0, "", 1), put_block(d, 0, "", 1); /* before the files' */
	add(&root, r, "."), add(&root, r, "..");
	add(&dir, d, "."), add(&dir, r, "..");
	add(&root, d, "dir");
	static const uint32_t sizes[] = { 0, 1, 1023, 7168, 7169, 300000, 900000 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char name[32];
		uint32_t f = put_inode(0100644, 1, sizes[i]);
		snprintf(name, sizeof name, "size-%u", sizes[i]);
		put_content(f, data, sizes[i]);
		add(&root, f, name);
	}
	/* Data at 0 and at 2 MB only. */
	uint32_t f = put_inode(0104755, 2, (2u << 20) + 5000);
	put_block(f, 0, data, block);
	put_block(f, (2u << 20) / block, data + block, 1000);
	add(&root, f, "sparse"), add(&dir, f, "linked");
	add(&dir, 0, "deleted");
	f = put_inode(0120777, 1, 12);
	put_content(f, (const uint8_t *)"../somewhere", 12);
	add(&dir, f, "link");
	f = put_inode(020600, 1, 0);
	put(pointers_at(f), 4 << 8 | 64, width());
	add(&dir, f, "tty");
	add(&dir, put_inode(010600, 1, 0), "pipe");
	add(&dir, put_inode(0100600, 1, 0), LONG_NAME);
	put_listing(r, &root);
	put_listing(d, &dir);
}

static const struct {
	unsigned version, name_n, block;
} kinds[] = { { 1, 14, 1024 }, { 1, 30, 1024 }, { 2, 14, 1024 }, { 2, 30, 1024 }, { 3, 60, 1024 }, { 3, 60, 4096 } };
#define KINDS (sizeof kinds / sizeof kinds[0])

static uint8_t data[1 << 20];

static int fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i ^ i >> 8 ^ i >> 13);
	return 0;
}

static void check_tree(const struct walked *t)
{
	char name[80];
	static uint8_t sparse[(2u << 20) + 5000];
	assert_true(t->accepted);
	assert_false(error_is(&t->error));
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_int_equal(t->n, 14);
	static const uint32_t sizes[] = { 0, 1, 1023, 7168, 7169, 300000, 900000 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		snprintf(name, sizeof name, "/size-%u", sizes[i]);
		if (sizes[i])
			assert_content(t, name, data, sizes[i]);
		assert_int_equal(walked_get(t, name)->e.size, sizes[i]);
		assert_int_equal(walked_get(t, name)->e.uid, 1000);
		assert_int_equal(walked_get(t, name)->e.gid, 100);
		assert_int_equal(walked_get(t, name)->e.mtime, 1234567890);
	}
	memset(sparse, 0, sizeof sparse);
	memcpy(sparse, data, block);
	memcpy(sparse + (2u << 20), data + block, 1000);
	assert_content(t, "/dir/linked", sparse, sizeof sparse);
	assert_int_equal(walked_get(t, "/dir/linked")->e.mode, 04755);
	assert_string_equal(walked_get(t, "/sparse")->e.same_as.p, "/dir/linked");
	assert_true(text_is(walked_get(t, "/dir/link")->e.link_target, "../somewhere"));
	assert_int_equal(walked_get(t, "/dir/tty")->e.device, (int64_t)4 << 32 | 64);
	assert_int_equal(walked_get(t, "/dir/pipe")->e.kind, ENTRY_FIFO);
	snprintf(name, sizeof name, "/dir/%.*s", (int)name_n, LONG_NAME);
	assert_int_equal(walked_get(t, name)->e.kind, ENTRY_FILE);
}

static void test_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * KINDS; i++) {
		struct walked t;
		char text[8];
		start(kinds[i / 2].version, i % 2, kinds[i / 2].name_n, kinds[i / 2].block);
		make_tree(data);
		walked_open(&t, &minix_format, span_of(image, IMAGE_SIZE));
		check_tree(&t);
		snprintf(text, sizeof text, "%u", version);
		assert_string_equal(walked_header(&t, "version"), text);
		assert_string_equal(walked_header(&t, "byte_order"), i % 2 ? "big" : "little");
		assert_int_equal(t.match.size, IMAGE_SIZE);
		walked_close(&t);
	}
}

static void test_mkfs(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.minix"))
		skip();
	static const struct {
		const char *options, *version, *length;
	} made[] = { { "-1 -n 14", "1", "14" }, { "-1 -n 30", "1", "30" }, { "-2 -n 14", "2", "14" },
				 { "-2 -n 30", "2", "30" }, { "-3 -n 60", "3", "60" }, { "-3 -i 5000", "3", "60" } };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		struct walked t;
		snprintf(command, sizeof command, "rm -f image; truncate -s 20M image; mkfs.minix %s image", made[i].options);
		run_in(dir, command);
		struct span s = file_load(dir, "image");
		walked_open(&t, &minix_format, s);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, s.n);
		assert_false(error_is(&t.error));
		assert_int_equal(t.n, 0);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_string_equal(walked_header(&t, "version"), made[i].version);
		assert_string_equal(walked_header(&t, "name_length"), made[i].length);
		walked_close(&t);
		free((void *)s.p);
	}
	temp_remove(dir);
}

static void test_damage(void **state)
{
	(void)state;
	struct walked t;
	start(2, false, 30, 1024);
	make_tree(data);
	walked_open(&t, &minix_format, span_of(image, 400000));
	assert_int_equal(t.match.size, IMAGE_SIZE);
	assert_true(walked_damage(&t, "truncated") > 0);
	assert_content(&t, "/size-7169", data, 7169);
	walked_close(&t);
	/* A pointer far outside, in a file and in a directory. */
	put(pointers_at(4), 0xfffffff0, 4); /* size-1 */
	put(pointers_at(2), 0xfffffff0, 4); /* dir */
	walked_open(&t, &minix_format, span_of(image, IMAGE_SIZE));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_content(&t, "/size-7169", data, 7169);
	walked_close(&t);
	/* A directory in itself, an inode that is out of range, one that is free. */
	start(2, false, 30, 1024);
	struct listing root = { 0 };
	uint32_t r = put_inode(040755, 2, 0);
	add(&root, r, "."), add(&root, r, ".."), add(&root, r, "again"), add(&root, 65000, "far"), add(&root, 60, "free");
	add(&root, put_inode(0100600, 1, 0), "../up");
	put_listing(r, &root);
	walked_open(&t, &minix_format, span_of(image, IMAGE_SIZE));
	assert_int_equal(walked_damage(&t, "corrupt"), 4); /* the name that climbs, too */
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_get(&t, "/../up")->e.kind, ENTRY_FILE);
	walked_close(&t);
	/* A directory of 4 GB that leads through one block over and over. */
	put(inode_at(r) + 8, 0xffffffff, 4);
	for (unsigned i = 7; i < 10; i++)
		put(pointers_at(r) + 4 * i, zones - 1, 4);
	for (unsigned i = 0; i < 256; i++)
		put((size_t)(zones - 1) * 1024 + 4 * i, zones - 1, 4);
	walked_open(&t, &minix_format, span_of(image, IMAGE_SIZE));
	assert_true(t.accepted);
	assert_true(error_is(&t.error) || walked_damage(&t, "corrupt") > 0);
	walked_close(&t);
}

static void test_survives(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		start(i, i == 2, i == 3 ? 60 : 14, 1024);
		make_tree(data);
		uint32_t used = next_zone * 1024;
		survives_cuts(&minix_format, span_of(image, used), 100);
		survives_flips(&minix_format, span_of(image, 200000), 1000, 16384);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_mkfs),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("minix", tests, fill, NULL);
}
