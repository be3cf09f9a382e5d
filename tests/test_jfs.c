/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JFS: images of make_jfs.py, of Linux and of OS/2, and changed to be hostile. Those that Linux filled are in
 * kernel_images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

#define BLOCK 4096u
#define SUPER_AT 0x8000u
#define MAP_INODE_AT 0xd000u
#define MAP_AT (17 * BLOCK)
#define INODE_AT(number) (18 * BLOCK + (number)*512)
#define PAGE_AT (22 * BLOCK) /* of a directory */
#define TREE_AT (23 * BLOCK) /* of extents */
#define LOG_AT (34 * BLOCK)   /* the superblock of the log */
#define TAIL_AT (4 * BLOCK)

extern const struct format jfs_format;

static bool tools;

static int look_for_tools(void **state)
{
	(void)state;
	tools = tool_exists("python3");
	return 0;
}

static void expect_tree(const struct walked *t, bool os2)
{
	static uint8_t large[TAIL_AT + 5 + 8];
	char path[64];
	size_t n = 0;
	for (unsigned i = 0; n < 2 * BLOCK; i++)
		n += (size_t)snprintf((char *)large + n, 8, "%u\n", i);
	memset(large + 2 * BLOCK, 0, 2 * BLOCK);
	memcpy(large + TAIL_AT, "tail\n", 5);
	assert_true(t->accepted && !error_is(&t->error));
	assert_int_equal(t->n, 5 + 21);
	assert_content(t, "/hello", "hello\n", 6);
	assert_content(t, "/large", large, TAIL_AT + 5);
	assert_true(text_is(walked_get(t, "/same")->e.same_as, "/hello"));
	assert_int_equal(walked_get(t, "/hello")->e.mode, 04755);
	assert_int_equal(walked_get(t, "/hello")->e.uid, 1000);
	assert_int_equal(walked_get(t, "/hello")->e.gid, 100);
	assert_int_equal(walked_get(t, "/hello")->e.mtime, 4000000000);
	assert_int_equal(walked_get(t, "/etc")->e.mode, 01777);
	assert_int_equal(walked_get(t, "/link")->e.link_target.n, 300);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "/etc/name-%u-%.*s", i, (int)i, "xxxxxxxxxxxxxxxxxxxx");
		(void)walked_get(t, path);
	}
	(void)walked_get(t, os2 ? "/etc/z\305\202oto-\303\274ber" : "/etc/plain");
}

static void test_kinds(void **state)
{
	(void)state;
	if (!tools)
		skip();
	for (unsigned os2 = 0; os2 < 2; os2++) {
		struct walked t;
		size_t n;
		uint8_t *p = image_made("make_jfs.py", os2 ? "os2" : "linux", &n);
		walked_open(&t, &jfs_format, span_of(p, n));
		assert_int_equal(t.match.size, n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_string_equal(walked_header(&t, "label"), "volume");
		expect_tree(&t, os2);
		walked_close(&t);
		/* The copies of the superblock and of the aggregate's inodes. */
		memcpy(p + 29 * BLOCK, p + 0xb000, 0x4000);
		put(p + 0xf000 + 48, 4, 4);
		put(p + 0xf000 + 52, 29, 4);
		memset(p + SUPER_AT, 0, 512);
		memset(p + MAP_INODE_AT, 0, 512);
		walked_open(&t, &jfs_format, span_of(p, n));
		assert_int_equal(walked_damage(&t, "corrupt"), 2);
		expect_tree(&t, os2);
		walked_close(&t);
		free(p);
	}
}

static unsigned damages(uint8_t *p, size_t n, const char *kind)
{
	struct walked t;
	walked_open(&t, &jfs_format, span_of(p, n));
	assert_true(t.accepted);
	unsigned found = (unsigned)walked_damage(&t, kind);
	walked_close(&t);
	return found;
}

/* The first superblock of an image is not the second one of another that begins before it. */
static void test_place(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct format_match m;
	size_t n;
	uint8_t *p = image_made("make_jfs.py", "linux", &n), *moved = calloc(1, 2 * n);
	assert_non_null(moved);
	memcpy(moved + n, p, n);
	assert_true(jfs_format.probe(span_of(moved + n, n), &m));
	assert_false(jfs_format.probe(span_of(moved + n - 0x7000, n + 0x7000), &m));
	free(moved);
	free(p);
}

/* Each of these is said. */
static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_jfs.py", "linux", &n), *good = malloc(n);
	assert_non_null(good);
	memcpy(good, p, n);
	const struct {
		size_t at;
		uint64_t value;
		unsigned width;
		const char *kind;
		unsigned rows;
	} changes[] = {
		{ SUPER_AT + 40, 2, 4, "unsupported", 1 },                    /* it was not unmounted */
		{ INODE_AT(2) + 224 + 32, 2, 4, "corrupt", 1 },               /* "etc" is the root */
		{ INODE_AT(2) + 224 + 32, 1 << 30, 4, "corrupt", 1 },         /* "etc" is nowhere */
		{ INODE_AT(2) + 224 + 24, 200, 1, "corrupt", 1 },             /* an entry too */
		{ INODE_AT(2) + 224 + 17, 255, 1, "corrupt", 1 },             /* more entries than fit */
		{ INODE_AT(2) + 224 + 32 + 6, '/', 2, "corrupt", 1 },         /* names that nobody can open */
		{ INODE_AT(2) + 224 + 32 + 6, 0, 2, "corrupt", 1 },
		{ INODE_AT(4) + 224 + 32, 0xffffff, 4, "truncated", 1 },      /* a page of a directory of 64 GiB */
		{ INODE_AT(4) + 224 + 32 + 4, 31, 4, "corrupt", 1 },          /* a page that is none */
		{ PAGE_AT + 32 + 12, 250, 1, "corrupt", 1 },                  /* an entry of a page beyond it */
		{ INODE_AT(5) + 52, 0, 4, "corrupt", 1 },                     /* no kind of file */
		{ INODE_AT(5) + 24, UINT64_MAX, 8, "corrupt", 1 },            /* more bytes than can be */
		{ INODE_AT(5) + 224 + 32 + 12, UINT32_MAX, 4, "corrupt", 1 }, /* an extent beyond the end */
		{ INODE_AT(6) + 224 + 32 + 12, 1 << 30, 4, "corrupt", 1 },    /* a node of extents too */
		{ TREE_AT + 18, UINT16_MAX, 2, "corrupt", 1 },                /* more extents than fit */
		{ INODE_AT(7) + 24, 5000, 8, "corrupt", 1 },                  /* a link longer than any */
		{ MAP_AT + 3072 + 4, 1 << 30, 4, "corrupt", 1 },              /* inodes that are nowhere */
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		put(p + changes[i].at, changes[i].value, changes[i].width);
		if (damages(p, n, changes[i].kind) < changes[i].rows)
			fail_msg("change %zu is not said", i);
		memcpy(p, good, n);
	}
	/* Its own state says so too, and alone: of mounts the copy of the superblock is not told. */
	put(p + LOG_AT + 28, 0, 4);
	assert_int_equal(damages(p, n, "unsupported"), 1);
	put(p + LOG_AT, 0, 4); /* no log */
	assert_int_equal(damages(p, n, "unsupported"), 0);
	memcpy(p, good, n);
	/* Bytes that are packed are not taken for those of the file. */
	struct walked t;
	put(p + INODE_AT(5) + 224 + 32, 4, 1);
	walked_open(&t, &jfs_format, span_of(p, n));
	assert_int_equal(walked_get(&t, "/hello")->error.code, ERR_UNSUPPORTED);
	walked_close(&t);
	memcpy(p, good, n);
	/* A node of extents below itself, a page of a directory too: they end. */
	put(p + TREE_AT + 16, 4, 1);
	put(p + TREE_AT + 32 + 12, 23, 4);
	assert_true(damages(p, n, "corrupt") >= 1);
	memcpy(p, good, n);
	put(p + PAGE_AT + 16, 4, 1);
	put(p + PAGE_AT + 5 * 32, 1, 4);
	put(p + PAGE_AT + 5 * 32 + 4, 22, 4);
	assert_true(damages(p, n, "corrupt") >= 1);
	assert_true(damages(good, INODE_AT(3), "truncated") >= 1);
	free(good);
	free(p);
}

static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const size_t places[][2] = { { SUPER_AT, 152 },        { MAP_INODE_AT, 512 }, { MAP_AT + 3072, 8 },
										{ INODE_AT(2), 8 * 512 }, { PAGE_AT, BLOCK },    { TREE_AT, 64 } };
	for (unsigned os2 = 0; os2 < 2; os2++) {
		size_t n;
		uint8_t *p = image_made("make_jfs.py", os2 ? "os2" : "linux", &n), *good = malloc(n);
		uint64_t x = 88172645463325252;
		assert_non_null(good);
		memcpy(good, p, n);
		for (unsigned i = 0; i < 10000; i++) {
			struct walked t;
			for (unsigned k = 0; k < 1 + i % 6; k++) {
				x ^= x << 13, x ^= x >> 7, x ^= x << 17;
				const size_t *place = places[x % 6];
				p[place[0] + (x >> 8) % place[1]] ^= (uint8_t)(1u << (x >> 40) % 8);
			}
			walked_open(&t, &jfs_format, span_of(p, n));
			walked_close(&t);
			memcpy(p, good, n);
		}
		survives_cuts(&jfs_format, span_of(good, n), 100);
		free(good);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds), cmocka_unit_test(test_place),
										cmocka_unit_test(test_hostile), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("jfs", tests, look_for_tools, NULL);
}
