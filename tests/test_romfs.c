/* SPDX-License-Identifier: GPL-3.0-or-later */
/* romfs: images of genromfs, compared with the tree that they were made from, and hostile ones. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_tree.h"

#define KEEPS (KEEPS_NAMES | KEEPS_FIFOS | KEEPS_LINKS)

extern const struct format romfs_format;

static char tree[TEMP_MAX];
static bool tools;

static int make_tree(void **state)
{
	(void)state;
	host_tree_make(tree, KEEPS);
	run_in(tree, "mkdir -p little/etc little/dev && cd little && echo hello > etc/hello && ln -s hello etc/link && "
				 "ln etc/hello same && chmod 755 etc/hello && : > nothing && "
				 "touch dev/@tty,c,4,64 dev/@disk,b,8,17 dev/@pipe,p,0,0");
	tools = tool_exists("genromfs");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	temp_remove(tree);
	return 0;
}

static struct span make_image(const char *from, const char *options)
{
	char command[1024];
	snprintf(command, sizeof command, "genromfs -d %s -f image %s", from, options);
	run_in(tree, command);
	return file_load(tree, "image");
}

static void test_genromfs(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "", "-V a-volume-name-of-more-than-sixteen-bytes", "-a 4096",
										   "-A '2048,/*'" };
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		struct walked t;
		char path[PATH_MAX];
		struct span image = make_image("files", options[i]);
		snprintf(path, sizeof path, "%s/files", tree);
		walked_open(&t, &romfs_format, image);
		host_tree_expect(&t, path, KEEPS);
		assert_int_equal(t.match.size, image.n);
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		assert_string_equal(
			walked_get(&t, "/a/b/hard-2")->e.same_as.p ? "linked" : walked_get(&t, "/noise")->e.same_as.p, "linked");
		if (i == 1)
			assert_string_equal(walked_header(&t, "volume_name"), options[i] + 3);
		walked_close(&t);
		free((void *)image.p);
	}
}

static void test_kinds(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "");
	walked_open(&t, &romfs_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 9);
	assert_int_equal(walked_get(&t, "/dev/tty")->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(walked_get(&t, "/dev/tty")->e.device, (int64_t)4 << 32 | 64);
	assert_int_equal(walked_get(&t, "/dev/disk")->e.kind, ENTRY_BLOCK_DEVICE);
	assert_int_equal(walked_get(&t, "/dev/disk")->e.device, (int64_t)8 << 32 | 17);
	assert_int_equal(walked_get(&t, "/etc/hello")->e.mode, 0755);
	assert_int_equal(walked_get(&t, "/nothing")->e.mode, 0644);
	assert_int_equal(walked_get(&t, "/nothing")->e.uid, FACT_NULL);
	assert_true(text_is(walked_get(&t, "/etc/link")->e.link_target, "hello"));
	walked_close(&t);
	free((void *)image.p);
}

/* A writer after romfs.rst. */
static uint8_t image[4096];

static void put32(size_t at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		image[at + (size_t)i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t sum(size_t at, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = at; i < at + n; i += 4)
		sum += (uint32_t)image[i] << 24 | (uint32_t)image[i + 1] << 16 | (uint32_t)image[i + 2] << 8 | image[i + 3];
	return sum;
}

static void put_file(size_t at, uint32_t next, uint32_t info, uint32_t size, const char *name)
{
	put32(at, next);
	put32(at + 4, info);
	put32(at + 8, size);
	memset(image + at + 16, 0, 16);
	memcpy(image + at + 16, name, strlen(name));
	put32(at + 12, 0);
	put32(at + 12, -sum(at, 32));
}

static void finish(uint32_t size)
{
	memcpy(image, "-rom1fs-", 8);
	put32(8, size);
	put32(12, 0);
	put32(12, -sum(0, size < 512 ? size : 512));
}

static void test_hostile(void **state)
{
	(void)state;
	struct walked t;
	/* A cycle of headers, a directory in itself, a hard link to itself, one beyond the end, a name that climbs, and a file
	 * that is larger than the image. */
	memset(image, 0, sizeof image);
	memcpy(image + 16, "v", 1);
	put_file(32, 64 | 1, 32, 0, "dir");
	put_file(64, 96 | 0, 64, 0, "self");
	put_file(96, 128 | 0, 8192, 0, "out");
	put_file(128, 160 | 2, 0, 0xfffffff0, "large");
	put_file(160, 2, 0, 3, "../../x");
	memcpy(image + 192, "abc", 3);
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_true(t.accepted);
	assert_true(walked_damage(&t, "corrupt") >= 1);
	assert_true(walked_damage(&t, "truncated") >= 2);
	assert_content(&t, "/dir/../../x", "abc", 3);
	assert_string_equal(walked_get(&t, "/../../x")->e.same_as.p, "/dir/../../x");
	walked_close(&t);
	put_file(160, 32 | 2, 0, 3, "round");
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_int_equal(t.error.code, ERR_CORRUPT);
	walked_close(&t);
}

static void test_checksums(void **state)
{
	(void)state;
	struct walked t;
	struct format_match m;
	memset(image, 0, sizeof image);
	put_file(32, 2, 0, 4, "file");
	memcpy(image + 64, "1234", 4);
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1500));
	assert_int_equal(t.match.size, 1024);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(walked_get(&t, "/file")->e.offset, 64);
	walked_close(&t);
	/* Zeros where the next file's header was have its checksum: they are none. */
	put_file(32, 80 | 2, 0, 4, "file");
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	put_file(80, 0, 32, 0, "link"); /* a hard link, whose header nothing else reads */
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image[80 + 15] ^= 1;
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	memset(image + 80, 0, 32);
	put_file(32, 2, 0, 4, "file");
	image[32 + 15] ^= 1;
	finish(1024);
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/file", "1234", 4);
	walked_close(&t);
	/* One wrong byte there is told, and hides nothing; nor is the magic alone enough. */
	put_file(32, 2, 0, 4, "file");
	image[100] ^= 1;
	walked_open(&t, &romfs_format, span_of(image, 1024));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_string_equal(walked_header(&t, "checksum"), "mismatch");
	assert_content(&t, "/file", "1234", 4);
	walked_close(&t);
	/* One of the size: what stands behind the files is another's. */
	image[100] ^= 1;
	image[8] ^= 0x40;
	walked_open(&t, &romfs_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, 1024);
	assert_content(&t, "/file", "1234", 4);
	walked_close(&t);
	image[8] ^= 0x40;
	image[100] ^= 1;
	image[32 + 15] ^= 1;
	assert_false(romfs_format.probe(span_of(image, 1024), &m));
}

static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span made = make_image("little", "");
	survives_cuts(&romfs_format, made, (unsigned)made.n);
	survives_flips(&romfs_format, made, 3000, 0);
	/* Few flips get past the checksum of the first 512 bytes; those behind are not covered by it. */
	struct span large = make_image("files", "");
	survives_flips(&romfs_format, span_clip(large, 0, 20000), 5000, 0);
	free((void *)made.p);
	free((void *)large.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_genromfs),  cmocka_unit_test(test_kinds),    cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_checksums), cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("romfs", tests, make_tree, remove_tree);
}
