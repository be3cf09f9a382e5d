/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qnx4: images of make_qnx4.py, and what is broken in them. Linux shows the same of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format qnx4_format;

#define BLOCK 512u
#define ROOT BLOCK
#define ROOT_LIST (3 * BLOCK)
#define INODES (9 * BLOCK)
#define LARGE (70 * BLOCK - 100)

static bool tools;

static int look_for_tools(void **state)
{
	(void)state;
	tools = tool_exists("python3");
	return 0;
}

static void expect_tree(const struct walked *t)
{
	static uint8_t large[LARGE + 8];
	char path[64] = "/etc/";
	size_t n = 0;
	for (unsigned i = 0; n < LARGE; i++)
		n += (size_t)snprintf((char *)large + n, 8, "%u\n", i);
	memset(path + 5, 'n', 48);
	assert_true(t->accepted && !error_is(&t->error));
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_int_equal(t->n, 9);
	assert_content(t, "/hello", "hello\n", 6);
	assert_content(t, "/large", large, LARGE);
	assert_int_equal(walked_get(t, "/hello")->e.mode, 04755);
	assert_int_equal(walked_get(t, "/hello")->e.uid, 1000);
	assert_int_equal(walked_get(t, "/hello")->e.gid, 100);
	assert_int_equal(walked_get(t, "/hello")->e.mtime, 4000000000);
	assert_true(text_is(walked_get(t, "/same")->e.same_as, "/hello"));
	assert_true(text_is(walked_get(t, "/link")->e.link_target, "hello"));
	assert_int_equal(walked_get(t, "/etc")->e.mode, 01777);
	assert_int_equal(walked_get(t, "/etc/a-name-of-16-byt")->e.size, 0);
	assert_content(t, path, "long\n", 5);
	assert_int_equal(walked_get(t, "/empty")->e.size, 0);
}

static void test_kinds(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const kinds[] = { "small", "several" };
	for (unsigned i = 0; i < 2; i++) {
		struct walked t;
		size_t n;
		uint8_t *p = image_made("make_qnx4.py", kinds[i], &n);
		walked_open(&t, &qnx4_format, span_of(p, n));
		assert_int_equal(t.match.size, n);
		expect_tree(&t);
		walked_close(&t);
		free(p);
	}
}

static struct walked opened(const uint8_t *p, size_t n)
{
	struct walked t;
	walked_open(&t, &qnx4_format, span_of(p, n));
	return t;
}

static bool accepts(const uint8_t *p, size_t n)
{
	struct format_match match;
	return qnx4_format.probe(span_of(p, n), &match);
}

/* What stands where the superblock should does not pass for one. */
static void test_probe(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_qnx4.py", "several", &n);
	static const size_t vital[] = { ROOT, ROOT + 1, ROOT + 51, ROOT + 63, ROOT + 64, ROOT + 2 * 64, ROOT + 3 * 64 };
	for (size_t i = 0; i < sizeof vital / sizeof vital[0]; i++) {
		uint8_t was = p[vital[i]];
		p[vital[i]] ^= 0x41;
		if (accepts(p, n))
			fail_msg("taken with byte %zu changed", vital[i]);
		p[vital[i]] = was;
	}
	assert_true(accepts(p, n));
	p[ROOT_LIST + 2 * 64] = 'x'; /* no bitmap */
	assert_false(accepts(p, n));
	free(p);
}

/* Each of these is said. */
static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_qnx4.py", "several", &n), *good = malloc(n), *list = p + ROOT_LIST;
	assert_non_null(good);
	memcpy(good, p, n);
	uint8_t *etc = list + 4 * 64, *hello = list + 5 * 64, *large = list + 6 * 64, *signature = memmem(p, n, "IamXblk", 7);
	assert_non_null(signature);
	uint8_t *further = signature - 496;
	const struct {
		uint8_t *at;
		uint64_t value;
		unsigned width;
		const char *kind;
	} changes[] = {
		{ hello + 48, 0, 4, "corrupt" },            /* a link to block 0 */
		{ hello + 48, 1 << 20, 4, "truncated" },    /* a link beyond the end */
		{ hello + 52, 8, 1, "corrupt" },            /* a link to a ninth entry */
		{ hello + 48, 4, 4, "corrupt" },            /* a link to a link */
		{ p + INODES + 50, 0, 2, "corrupt" },       /* an inode of no kind */
		{ etc + 20, 0, 4, "corrupt" },              /* a directory at block 0 */
		{ etc + 16, UINT32_MAX, 4, "corrupt" },     /* a directory of no end */
		{ large + 28, 0, 4, "corrupt" },            /* no extent blocks */
		{ large + 28, UINT32_MAX, 4, "truncated" }, /* extent blocks beyond the end */
		{ large + 48, 2, 2, "corrupt" },            /* fewer extents than bytes */
		{ further + 8, 0, 1, "corrupt" },           /* an extent block that holds none */
		{ further + 8, 61, 1, "corrupt" },          /* one that holds too many */
		{ further + 16, 1 << 20, 4, "truncated" },  /* an extent beyond the end */
		{ further, 1, 4, "corrupt" },               /* the next extent block is none */
		{ signature, 0, 1, "corrupt" },             /* an extent block without its signature */
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		put(changes[i].at, changes[i].value, changes[i].width);
		struct walked t = opened(p, n);
		if (!t.accepted || walked_damage(&t, changes[i].kind) == 0)
			fail_msg("change %zu is not said", i);
		walked_close(&t);
		memcpy(p, good, n);
	}
	free(good);
	free(p);
}

/* An extent block that leads to itself gives no file more bytes than it has, and none of zeros. */
static void test_chain_goes_round(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_qnx4.py", "several", &n), *further = memmem(p, n, "IamXblk", 7);
	uint8_t *large = p + ROOT_LIST + 6 * 64;
	assert_non_null(further);
	further -= 496;
	put(further, (uint64_t)(further - p) / BLOCK + 1, 4);
	put(large + 16, UINT32_MAX, 4);
	put(large + 48, UINT16_MAX, 2);
	struct walked t = opened(p, n);
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_true(walked_get(&t, "/large")->e.size <= n);
	assert_content(&t, "/hello", "hello\n", 6);
	walked_close(&t);
	free(p);
}

#define HOSTILE_BLOCKS 4096u
#define HOSTILE_FILES 2000u
#define CHAIN_AT 1024u /* the first block of a chain that all files have */
#define CHAIN_N 2048u

static void put_inode(uint8_t *entry, const char *name, uint16_t mode, uint32_t size, uint32_t first, uint32_t blocks)
{
	memset(entry, 0, 64);
	memcpy(entry, name, strlen(name));
	put(entry + 16, size, 4);
	put(entry + 20, first, 4);
	put(entry + 24, blocks, 4);
	put(entry + 48, 1, 2);
	put(entry + 50, mode, 2);
	entry[63] = 1;
}

/* 2 MiB, of which 2,000 files each claim all extents of one long chain, 60 or so few in each of its blocks. */
static uint8_t *hostile_image(unsigned each, uint32_t blocks)
{
	static const char *const names[] = { "/", ".inodes", ".boot", ".altboot" };
	uint8_t *p = calloc(HOSTILE_BLOCKS, BLOCK), *list = p + ROOT_LIST;
	assert_non_null(p);
	for (unsigned i = 0; i < 4; i++)
		put_inode(p + ROOT + (size_t)i * 64, names[i], i ? 0100400 : 040755, i ? 0 : (HOSTILE_FILES + 1) * 64, i ? 0 : 4, i ? 0 : 500);
	put_inode(list, ".bitmap", 0100400, HOSTILE_BLOCKS / 8, 900, 1);
	for (unsigned i = 1; i <= HOSTILE_FILES; i++) {
		char name[17];
		snprintf(name, sizeof name, "f%u", i);
		uint8_t *entry = list + (size_t)i * 64;
		put_inode(entry, name, 0100644, UINT32_MAX, 0, 0);
		put(entry + 28, CHAIN_AT + 1, 4);
		put(entry + 48, UINT16_MAX, 2);
	}
	for (unsigned i = 0; i < CHAIN_N; i++) {
		uint8_t *block = p + (size_t)(CHAIN_AT + i) * BLOCK;
		put(block, i + 1 < CHAIN_N ? CHAIN_AT + i + 2 : 0, 4);
		block[8] = (uint8_t)each;
		for (unsigned k = 0; k < each; k++) {
			put(block + 16 + (size_t)k * 8, 100, 4);
			put(block + 20 + (size_t)k * 8, blocks, 4);
		}
		memcpy(block + 496, "IamXblk", 7);
	}
	return p;
}

/* What is read of an image is a few times the image at the most, whatever files say that they have; and what is followed to
 * learn it likewise: the chain is one of 2,048 blocks, which 2,000 files can not follow to its end. */
static void test_shared_chain(void **state)
{
	(void)state;
	static const struct {
		unsigned each;
		uint32_t blocks;
		const char *says;
	} kinds[] = {
		{ 60, 1, "beside those of other files" },         { 1, 1, "beside those of other files" },
		{ 60, 0, "more than all files can have" },        { 1, 0, "more than all files can have" },
		{ 1, 3000, "beside those of other files" },       { 60, UINT32_MAX, "beside those of other files" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		uint8_t *p = hostile_image(kinds[i].each, kinds[i].blocks);
		uint64_t size = (uint64_t)HOSTILE_BLOCKS * BLOCK, held = 0;
		struct walked t = opened(p, size);
		assert_true(t.accepted);
		for (size_t k = 0; k < t.n; k++)
			held += t.entries[k].e.content.kind == CONTENT_NONE ? 0 : t.entries[k].e.size;
		if (held > 5 * size)
			fail_msg("kind %zu: %llu bytes of an image of %llu", i, (unsigned long long)held, (unsigned long long)size);
		bool said = false;
		const struct fact_damage *d;
		for (size_t k = 0; (d = fact_list_get(&t.facts, FACT_damage, k)); k++)
			said |= memmem(d->what.p, d->what.n, kinds[i].says, strlen(kinds[i].says)) != NULL;
		if (!said)
			fail_msg("kind %zu: \"%s\" is not said", i, kinds[i].says);
		if (arena_used(t.walk.arena) > 16 * size)
			fail_msg("kind %zu: %zu bytes of memory", i, arena_used(t.walk.arena));
		walked_close(&t);
		free(p);
	}
}

static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_qnx4.py", "several", &n);
	survives_flips(&qnx4_format, span_of(p, n), 4000, 12 * BLOCK);
	survives_flips(&qnx4_format, span_of(p, n), 4000, 0);
	survives_cuts(&qnx4_format, span_of(p, n), 257);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds), cmocka_unit_test(test_probe),
										cmocka_unit_test(test_hostile), cmocka_unit_test(test_chain_goes_round),
										cmocka_unit_test(test_shared_chain), cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("qnx4", tests, look_for_tools, NULL);
}
