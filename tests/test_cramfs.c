/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cramfs: images of mkfs.cramfs and cramfsswap, compared with the tree that they were made from, and one written here after
 * the specification, for what mkfs.cramfs does not make. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "host_tree.h"

#define KEEPS (KEEPS_MODE | KEEPS_NAMES | KEEPS_FIFOS | KEEPS_SPARSE | KEEPS_LINKS)

extern const struct format cramfs_format;

static char tree[TEMP_MAX];
static bool tools;

static int make_tree(void **state)
{
	(void)state;
	host_tree_make(tree, KEEPS);
	run_in(tree, "mkdir -p little/etc little/empty && cd little && echo hello > etc/hello && ln -s hello etc/link && "
				 "head -c 20000 ../files/noise > sh && : > nothing");
	tools = tool_exists("mkfs.cramfs");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	temp_remove(tree);
	return 0;
}

static struct span make_image(const char *from, const char *options, const char *then)
{
	char command[1024];
	snprintf(command, sizeof command, "rm -f image && mkfs.cramfs %s %s image 2> log && { %s; }", options, from,
			 *then ? then : "true");
	run_in(tree, command);
	return file_load(tree, "image");
}

static void check(const char *from, const char *options, const char *then, const char *order)
{
	struct walked t;
	char path[PATH_MAX];
	struct span image = make_image(from, options, then);
	snprintf(path, sizeof path, "%s/%s", tree, from);
	walked_open(&t, &cramfs_format, image);
	host_tree_expect(&t, path, KEEPS);
	assert_int_equal(t.match.size, image.n);
	assert_string_equal(walked_header(&t, "byte_order"), order);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	assert_string_equal(walked_header(&t, "version"), "2");
	walked_close(&t);
	free((void *)image.p);
}

static void test_mkfs(void **state)
{
	(void)state;
	if (!tools)
		skip();
	check("files", "-N little", "", "little");
	check("files", "-N big", "", "big");
	check("files", "-N little -z", "", "little");
	check("files", "-N little -p", "", "little");
	check("files", "-N big -p -z -n volume -e 7", "", "big");
	check("files", "-N little -b 8192", "", "little");
	check("files", "-N big -b 65536", "", "big");
	check("little", "-N little -b 1024", "", "little");
}

static void test_cramfsswap(void **state)
{
	(void)state;
	if (!tools || !tool_exists("cramfsswap"))
		skip();
	check("files", "-N little", "cramfsswap image swapped > log && mv swapped image", "big");
	check("files", "-N big", "cramfsswap image swapped > log && mv swapped image", "little");
}

static void test_header(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "-N little -n my-volume -e 42", "");
	walked_open(&t, &cramfs_format, image);
	assert_string_equal(walked_header(&t, "name"), "my-volume");
	assert_string_equal(walked_header(&t, "edition"), "42");
	assert_content(&t, "/etc/hello", "hello\n", 6);
	walked_close(&t);
	free((void *)image.p);
}

/* A writer after cramfs_fs.h, for little-endian images. */
#define IMAGE_SIZE 40960u
static uint8_t image[IMAGE_SIZE];

static void put(size_t at, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		image[at + i] = (uint8_t)(v >> 8 * i);
}

static size_t put_inode(size_t at, unsigned mode, unsigned size, const char *name, size_t offset)
{
	size_t n = (strlen(name) + 3) / 4;
	put(at, mode | 1000u << 16, 4);
	put(at + 4, size | 50u << 24, 4);
	put(at + 8, n | offset / 4 << 6, 4);
	memcpy(image + at + 12, name, strlen(name));
	return at + 12 + 4 * n;
}

static size_t compress(size_t at, const void *bytes, size_t n)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t made = libdeflate_zlib_compress(c, bytes, n, image + at, IMAGE_SIZE - at);
	libdeflate_free_compressor(c);
	assert_true(made > 0);
	return made;
}

#define DIRECT 0x40000000u
#define STORED 0x80000000u

/* Four blocks of a file: one with an end pointer, one direct and compressed, one direct and stored, one stored with an end
 * pointer behind it; a file that can be executed in place; devices. */
static void make_extended(uint8_t *expected)
{
	memset(image, 0, sizeof image);
	put(0, 0x28cd3d45, 4);
	put(4, IMAGE_SIZE, 4);
	put(8, 0x1 | 0x2 | 0x800, 4);
	memcpy(image + 16, "Compressed ROMFS", 16);
	put(40, 10, 4);
	put(44, 5, 4);
	size_t at = put_inode(76, 0100755, 4 * 4096 - 96, "mixed", 512);
	at = put_inode(at, 0100755, 8192, "xip", 528);
	at = put_inode(at, 0020666, 5 << 8 | 1, "console", 0);
	at = put_inode(at, 0060660, 8 << 8 | 17, "disk", 0);
	at = put_inode(at, 0140777, 0, "socket", 0);
	put_inode(64, 040755, (unsigned)(at - 76), "", 76);
	for (size_t i = 0; i < 4 * 4096; i++)
		expected[i] = (uint8_t)(i * 7 + i / 4096);
	size_t end = 528;
	put(512, 0, 4);
	/* The first block follows the pointers of "mixed", which end at 528: so the other file's are elsewhere. */
	end += compress(end, expected, 4096);
	put(512, end, 4);
	size_t second = (end + 3) / 4 * 4, n = compress(second + 2, expected + 4096, 4096);
	put(second, n, 2);
	put(516, second / 4 | DIRECT, 4);
	put(520, 8192 / 4 | DIRECT | STORED, 4);
	memcpy(image + 8192, expected + 8192, 4096);
	memcpy(image + 8192 + 4096, expected + 12288, 4000);
	put(524, (8192 + 4096 + 4000) | STORED, 4);
	/* xip */
	put(76 + 12 + 8 + 8, 1 | 20480u / 4 << 6, 4);
	put(20480, 24576 / 4 | DIRECT | STORED, 4);
	put(20484, (24576 + 4096) / 4 | DIRECT | STORED, 4);
	memcpy(image + 24576, expected, 8192);
	put(32, libdeflate_crc32(0, image, IMAGE_SIZE), 4);
}

static void test_extended_pointers(void **state)
{
	(void)state;
	static uint8_t expected[4 * 4096];
	struct walked t;
	make_extended(expected);
	walked_open(&t, &cramfs_format, span_of(image, IMAGE_SIZE));
	assert_true(t.accepted);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 5);
	assert_content(&t, "/mixed", expected, sizeof expected - 96);
	assert_content(&t, "/xip", expected, 8192);
	assert_int_equal(walked_get(&t, "/xip")->e.content.kind, CONTENT_SPAN);
	assert_int_equal(walked_get(&t, "/xip")->e.offset, 24576);
	assert_int_equal(walked_get(&t, "/xip")->e.uid, 1000);
	assert_int_equal(walked_get(&t, "/xip")->e.gid, 50);
	assert_int_equal(walked_get(&t, "/console")->e.device, (int64_t)5 << 32 | 1);
	assert_int_equal(walked_get(&t, "/disk")->e.device, (int64_t)8 << 32 | 17);
	assert_int_equal(walked_get(&t, "/socket")->e.kind, ENTRY_SOCKET);
	walked_close(&t);
	/* The first version has no checksum and no size. */
	put(8, 0, 4);
	put(4, 65536, 4);
	walked_open(&t, &cramfs_format, span_of(image, IMAGE_SIZE));
	assert_int_equal(t.n, 5);
	assert_null(walked_header(&t, "crc32"));
	assert_string_equal(walked_header(&t, "version"), "1");
	assert_int_equal(t.walk.end, 24576 + 8192); /* where the last file ends */
	walked_close(&t);
}

static void test_damage(void **state)
{
	(void)state;
	static uint8_t expected[4 * 4096];
	struct walked t;
	make_extended(expected);
	image[530] ^= 0xff; /* in the first block of "mixed" */
	walked_open(&t, &cramfs_format, span_of(image, IMAGE_SIZE));
	assert_string_equal(walked_header(&t, "crc32"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_content(&t, "/xip", expected, 8192);
	walked_close(&t);
	walked_open(&t, &cramfs_format, span_of(image, 20480));
	assert_int_equal(t.n, 5);
	assert_true(walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	/* "mixed" as a directory that holds its own listing, and sizes as large as can be. */
	make_extended(expected);
	put(76, 040755, 4);
	put(80, 200, 3);
	put(84, 2 | 76u / 4 << 6, 4);
	walked_open(&t, &cramfs_format, span_of(image, IMAGE_SIZE));
	assert_true(walked_damage(&t, "corrupt") > 0);
	assert_true(t.n < 20);
	walked_close(&t);
	make_extended(expected);
	put(80, 0xffffff, 3);
	put(76 + 20 + 4, 0xffffff, 3);
	put(76 + 20 + 8, 1 | 0x3ffffffu << 6, 4);
	walked_open(&t, &cramfs_format, span_of(image, IMAGE_SIZE));
	assert_true(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated") >= 2);
	walked_close(&t);
}

static void test_survives(void **state)
{
	(void)state;
	static uint8_t expected[4 * 4096];
	make_extended(expected);
	survives_cuts(&cramfs_format, span_of(image, IMAGE_SIZE), 500);
	survives_flips(&cramfs_format, span_of(image, IMAGE_SIZE), 5000, 600);
	if (!tools)
		return;
	struct span made = make_image("little", "-N big -p", "");
	survives_cuts(&cramfs_format, made, 200);
	survives_flips(&cramfs_format, made, 3000, 1500);
	free((void *)made.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkfs),   cmocka_unit_test(test_cramfsswap),
		cmocka_unit_test(test_header), cmocka_unit_test(test_extended_pointers),
		cmocka_unit_test(test_damage), cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("cramfs", tests, make_tree, remove_tree);
}
