/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReiserFS: images of make_reiserfs.py, of both formats, and changed to be hostile. Those that Linux filled are in
 * kernel_images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

#define BLOCK 1024u
#define SUPER_AT 65536u
#define ROOT_AT (66 * BLOCK)
#define LEAF_AT (67 * BLOCK) /* the first of three */
#define RING_AT (76 * BLOCK)
#define JOURNAL_HEADER_AT (RING_AT + 20 * BLOCK)
#define LARGE (3 * BLOCK + 100)

extern const struct format reiserfs_format;

static bool tools;

static int look_for_tools(void **state)
{
	(void)state;
	tools = tool_exists("python3");
	return 0;
}

/* The body of an item of a leaf. */
static uint8_t *body(uint8_t *p, unsigned leaf, unsigned item)
{
	uint8_t *node = p + LEAF_AT + leaf * BLOCK, *head = node + 24 + 24 * item;
	return node + (head[20] | head[21] << 8);
}

static void large_make(uint8_t out[LARGE + 8])
{
	size_t n = 0;
	for (unsigned i = 0; n < 3 * BLOCK; i++)
		n += (size_t)snprintf((char *)out + n, 8, "%u\n", i);
	memset(out + BLOCK, 0, BLOCK);
	n = 3 * BLOCK;
	for (unsigned i = 0; n < LARGE; i++)
		n += (size_t)snprintf((char *)out + n, 8, "%u\n", i);
}

static void test_formats(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const versions[] = { "3.5", "3.6" };
	static uint8_t large[LARGE + 8];
	large_make(large);
	for (unsigned newer = 0; newer < 2; newer++) {
		struct walked t;
		size_t n;
		uint8_t *p = image_made("make_reiserfs.py", versions[newer], &n);
		for (unsigned old_place = 0; old_place < 2; old_place++) {
			walked_open(&t, &reiserfs_format, span_of(p, n));
			assert_true(t.accepted && t.match.size == n && !error_is(&t.error));
			assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
			assert_int_equal(t.n, 7);
			assert_string_equal(walked_header(&t, "version"), versions[newer]);
			assert_true(newer == (walked_header(&t, "label") != NULL));
			assert_content(&t, "/hello", "hello\n", 6);
			assert_content(&t, "/large", large, LARGE);
			assert_true(text_is(walked_get(&t, "/same")->e.same_as, "/hello"));
			assert_true(text_is(walked_get(&t, "/link")->e.link_target, "hello"));
			assert_int_equal(walked_get(&t, "/hello")->e.mode, 04755);
			assert_int_equal(walked_get(&t, "/hello")->e.uid, newer ? 100000 : 1000);
			assert_int_equal(walked_get(&t, "/hello")->e.gid, newer ? 200000 : 100);
			assert_int_equal(walked_get(&t, "/hello")->e.mtime, newer ? 4000000000 : 1234567890);
			assert_int_equal(walked_get(&t, "/etc")->e.mode, 01777);
			assert_int_equal(walked_get(&t, "/etc/passwd")->e.size, 0);
			assert_int_equal(walked_get(&t, "/tty")->e.device, (int64_t)5 << 32 | 1);
			walked_close(&t);
			memcpy(p + 8192, p + SUPER_AT, BLOCK); /* where the first of format 3.5 had it */
			memset(p + SUPER_AT, 0, BLOCK);
		}
		free(p);
	}
}

static unsigned damages(uint8_t *p, size_t n, const char *kind)
{
	struct walked t;
	walked_open(&t, &reiserfs_format, span_of(p, n));
	assert_true(t.accepted);
	unsigned found = (unsigned)walked_damage(&t, kind);
	walked_close(&t);
	return found;
}

/* Each of these is said, and everything else is read. */
static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_reiserfs.py", "3.6", &n), *good = malloc(n);
	assert_non_null(good);
	memcpy(good, p, n);
	const struct {
		uint8_t *at;
		uint64_t value;
		unsigned width;
		const char *kind;
		unsigned rows;
	} changes[] = {
		{ p + SUPER_AT + 50, 2, 2, "unsupported", 1 },                /* it is mounted */
		{ body(p, 0, 1) + 6 * 16 + 4, 0x200000001, 8, "corrupt", 1 }, /* "etc" is the root */
		{ body(p, 0, 1) + 6 * 16 + 8, UINT32_MAX, 4, "corrupt", 1 },  /* "etc" is nowhere */
		{ body(p, 0, 1) + 12, UINT16_MAX, 2, "corrupt", 1 },          /* a name too */
		{ body(p, 1, 1), UINT32_MAX, 4, "corrupt", 1 },               /* a block of "large" */
		{ body(p, 1, 0) + 8, UINT64_MAX, 8, "corrupt", 1 },           /* more bytes than can be */
		{ body(p, 0, 2), 0, 2, "corrupt", 2 },                        /* no kind of file, for two names */
		{ p + ROOT_AT + 24 + 2 * 16, 66, 4, "corrupt", 1 },           /* a node below itself */
		{ p + ROOT_AT + 24 + 2 * 16 + 8, UINT32_MAX, 4, "corrupt", 1 },
		{ p + LEAF_AT + 24 + 20, UINT16_MAX, 2, "corrupt", 1 }, /* an item beyond its leaf */
		{ p + LEAF_AT + 2, UINT16_MAX, 2, "corrupt", 1 },       /* more items than fit */
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		put(changes[i].at, changes[i].value, changes[i].width);
		if (damages(p, n, changes[i].kind) < changes[i].rows)
			fail_msg("change %zu is not said", i);
		memcpy(p, good, n);
	}
	assert_true(damages(good, 68 * BLOCK, "truncated") >= 1);
	free(good);
	free(p);
}

/* What says that the journal holds changes, and where their descriptor stands. */
static void expect_pending(uint8_t *p, size_t n, unsigned transactions, size_t block)
{
	struct walked t;
	char text[32] = "";
	walked_open(&t, &reiserfs_format, span_of(p, n));
	const struct fact_damage *f = fact_list_get(&t.facts, FACT_damage, 0);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), transactions != 0);
	snprintf(text, sizeof text, "(%u transactions)", transactions);
	if (transactions) {
		assert_int_equal(f->offset, RING_AT + block * BLOCK);
		assert_non_null(memmem(f->what.p, f->what.n, text, strlen(text)));
	}
	walked_close(&t);
}

/* The superblock alone does not tell: it says that it was unmounted until the journal is written in place. */
static void test_journal(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const versions[] = { "3.5", "3.6" };
	for (unsigned v = 0; v < 2; v++) {
		size_t n;
		uint8_t *p = image_made("make_reiserfs.py", versions[v], &n), *header = p + JOURNAL_HEADER_AT;
		expect_pending(p, n, 0, 0);
		put(header, 9, 4);
		put(header + 4, 15, 4);
		expect_pending(p, n, 2, 15); /* the second of them goes on at the beginning of the ring */
		put(header + 8, 2, 4);
		expect_pending(p, n, 0, 0); /* those are of another mount */
		put(header + 8, 3, 4);
		put(p + RING_AT + 1 * BLOCK, 12, 4);
		expect_pending(p, n, 1, 15); /* the commit of the second is of another transaction: it was not written whole */
		put(p + RING_AT + 18 * BLOCK + 4, 3, 4);
		expect_pending(p, n, 0, 0); /* and that of the first has another length */
		put(p + RING_AT + 18 * BLOCK + 4, 2, 4);
		put(p + RING_AT + 1 * BLOCK, 11, 4);
		put(p + SUPER_AT + 16, 3, 4);
		expect_pending(p, n, 0, 0); /* the journal is on another device */
		put(p + SUPER_AT + 16, 0, 4);
		put(header, 0, 8);
		expect_pending(p, n, 3, 12); /* nothing was ever written in place */
		memset(p + RING_AT, 0, 20 * BLOCK);
		expect_pending(p, n, 0, 0); /* a new file system */
		put(p + SUPER_AT + 20, UINT32_MAX, 4);
		expect_pending(p, n, 0, 0); /* a ring larger than the image */
		free(p);
	}
}

static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const versions[] = { "3.5", "3.6" };
	for (unsigned v = 0; v < 2; v++) {
		size_t n;
		uint8_t *p = image_made("make_reiserfs.py", versions[v], &n), *good = malloc(n);
		uint64_t x = 88172645463325252;
		assert_non_null(good);
		memcpy(good, p, n);
		for (unsigned i = 0; i < 20000; i++) {
			struct walked t;
			for (unsigned k = 0; k < 1 + i % 6; k++) {
				x ^= x << 13, x ^= x >> 7, x ^= x << 17;
				/* The superblock, the node, the leaves: what they say, not only zeros. */
				size_t at = x % 8 == 0 ? SUPER_AT + (x >> 8) % 80 : ROOT_AT + (x >> 8) % (4 * BLOCK);
				if (x % 16 == 1)
					at = x & 16 ? JOURNAL_HEADER_AT + (x >> 8) % 12 : RING_AT + (12 + (x >> 8) % 8) * BLOCK + (x >> 16) % 12;
				p[at] ^= (uint8_t)(1u << (x >> 40) % 8);
			}
			walked_open(&t, &reiserfs_format, span_of(p, n));
			walked_close(&t);
			memcpy(p + SUPER_AT, good + SUPER_AT, n - SUPER_AT);
		}
		survives_cuts(&reiserfs_format, span_of(good, n), 100);
		free(good);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_formats), cmocka_unit_test(test_hostile),
										cmocka_unit_test(test_journal), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("reiserfs", tests, look_for_tools, NULL);
}
