/* SPDX-License-Identifier: GPL-3.0-or-later */
/* APFS: containers of make_apfs.py, those of mkapfs that it has filled so that apfsck finds no fault with them, and changed to be
 * hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "decmpfs_writer.h"
#include "little_endian.h"
#include "walked.h"

#define BLOCK 4096u

extern const struct format apfs_format;

static bool tools;

static int look_for_tools(void **state)
{
	(void)state;
	tools = tool_exists("python3");
	return 0;
}

/* The sum of a block, one division a word, as the reference has it. */
static void seal(uint8_t *block)
{
	uint64_t low = 0, high = 0;
	for (unsigned i = 8; i < BLOCK; i += 4) {
		low = (low + get(block + i, 4)) % UINT32_MAX;
		high = (high + low) % UINT32_MAX;
	}
	uint64_t first = UINT32_MAX - (low + high) % UINT32_MAX;
	put(block, first, 4);
	put(block + 4, UINT32_MAX - (low + first) % UINT32_MAX, 4);
}

static size_t lines(uint8_t *out, size_t n)
{
	char line[16];
	size_t at = 0;
	for (unsigned i = 0; at < n; i++) {
		int length = snprintf(line, sizeof line, "%u\n", i);
		for (int k = 0; k < length && at < n; k++)
			out[at++] = (uint8_t)line[k];
	}
	return n;
}

/* The files of put_files(), below `prefix`. */
static void expect_files(const struct walked *t, const char *prefix, unsigned many, bool forked)
{
	static uint8_t large[150000];
	char path[96];
#define AT(name) (snprintf(path, sizeof path, "%s/%s", prefix, name), path)
	/* of the two names of one file one comes first */
	char other[96];
	snprintf(other, sizeof other, "%s/etc/same", prefix);
	bool later = walked_get(t, AT("hello"))->e.same_as.p != NULL;
	assert_true(text_is(walked_get(t, later ? path : other)->e.same_as, later ? other : path));
	assert_content(t, later ? other : path, "hello\n", 6);
	assert_int_equal(walked_get(t, path)->e.mode, 04755);
	assert_int_equal(walked_get(t, path)->e.uid, 1000);
	assert_int_equal(walked_get(t, path)->e.gid, 100);
	assert_int_equal(walked_get(t, path)->e.mtime, 4000000000);
	for (unsigned i = 0; i < many; i++) {
		char name[32];
		snprintf(name, sizeof name, "etc/name-%u", i);
		assert_int_equal(walked_get(t, AT(name))->e.mode, 0644);
	}
	assert_int_equal(walked_get(t, AT("etc"))->e.mode, 01777);
	assert_true(text_is(walked_get(t, AT("link"))->e.link_target, "../etc/hello"));
	lines(large, BLOCK);
	memset(large + BLOCK, 0, BLOCK);
	uint8_t *rest = malloc(2 * BLOCK);
	assert_non_null(rest);
	lines(rest, 2 * BLOCK);
	memcpy(large + 2 * BLOCK, rest + BLOCK, BLOCK);
	free(rest);
	memcpy(large + 3 * BLOCK, "tail\n", 5);
	assert_content(t, AT("sparse"), large, 3 * BLOCK + 5);
	assert_content(t, AT("inline"), large, lines(large, 1200));
	if (forked)
		assert_content(t, AT("forked"), large, lines(large, sizeof large));
	assert_int_equal(walked_get(t, AT("null"))->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(walked_get(t, path)->e.device, (int64_t)3 << 32 | 2);
#undef AT
}

static void test_kinds(void **state)
{
	(void)state;
	static const char *const kinds[] = { "plain", "hashed", "sealed" };
	if (!tools)
		skip();
	for (unsigned i = 0; i < 3; i++) {
		struct walked t;
		size_t n;
		uint8_t *p = image_made("make_apfs.py", kinds[i], &n);
		walked_open(&t, &apfs_format, span_of(p, n));
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_string_equal(walked_header(&t, "volume"), "System");
		assert_string_equal(walked_header(&t, "transaction"), "2");
		assert_string_equal(walked_header(&t, "snapshots"), "1");
		expect_files(&t, "", 200, true);
		assert_int_equal(walked_get(&t, "/inode-900")->e.mode, 0644);
		assert_int_equal(t.n, 7 + 201 + 1);
		walked_close(&t);
		/* The first block is damaged, in the middle of others it is none. */
		p[100] ^= 1;
		assert_false(apfs_format.probe(span_of(p, n), &t.match));
		assert_true(apfs_format.probe_whole(span_of(p, n), &t.match));
		/* Nor do the superblocks of checkpoints begin one. */
		assert_false(apfs_format.probe(span_of(p + 4 * BLOCK, n - 4 * BLOCK), &t.match));
		free(p);
	}
}

static void test_volumes(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	size_t n;
	uint8_t *p = image_made("make_apfs.py", "volumes", &n);
	walked_open(&t, &apfs_format, span_of(p, n));
	assert_true(t.accepted && !error_is(&t.error));
	expect_files(&t, "/System", 200, true);
	expect_files(&t, "/Da:ta", 3, true);
	assert_int_equal(walked_get(&t, "/Da:ta")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	walked_close(&t);
	free(p);
	p = image_made("make_apfs.py", "encrypted", &n);
	walked_open(&t, &apfs_format, span_of(p, n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(t.n, 0);
	walked_close(&t);
	free(p);
}

/* What apfsck accepts is a container as the reference has it. */
static void test_tools(void **state)
{
	(void)state;
	char dir[TEMP_MAX], command[4 * TEMP_MAX + 256];
	if (!tools || !tool_exists("mkapfs") || !tool_exists("apfsck"))
		skip();
	for (unsigned i = 0; i < 2; i++) {
		struct walked t;
		temp_new(dir);
		snprintf(command, sizeof command,
				 "truncate -s 128M %s/i && mkapfs %s -L Volume %s/i && python3 tests/make_apfs.py fill%s %s/i && apfsck -c -w %s/i", dir,
				 i ? "" : "-s -z", dir, i ? "-hashed" : "", dir, dir);
		run_in(".", command);
		struct span image = file_load(dir, "i");
		walked_open(&t, &apfs_format, image);
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_string_equal(walked_header(&t, "volume"), "Volume");
		expect_files(&t, "", 3, false);
		assert_int_equal(t.n, 6 + 4);
		walked_close(&t);
		free((void *)image.p);
		temp_remove(dir);
	}
}

/* The block of an object of that type and number, the last one. */
static uint8_t *object(uint8_t *p, size_t n, unsigned type, uint64_t oid)
{
	for (size_t at = n; at >= BLOCK; at -= BLOCK)
		if (get(p + at - BLOCK + 24, 2) == type && get(p + at - BLOCK + 8, 8) == oid)
			return p + at - BLOCK;
	fail_msg("no object %u %llu", type, (unsigned long long)oid);
	return NULL;
}

static size_t damages(uint8_t *p, size_t n, const char *kind)
{
	struct walked t;
	walked_open(&t, &apfs_format, span_of(p, n));
	assert_true(t.accepted);
	size_t found = walked_damage(&t, kind);
	walked_close(&t);
	return found;
}

/* Each of these is said. */
static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	size_t n;
	uint8_t *p = image_made("make_apfs.py", "plain", &n), *good = malloc(n);
	assert_non_null(good);
	memcpy(good, p, n);
	/* A leaf whose sum is wrong costs what is in it; what else is in its directory is there. */
	struct walked t;
	uint8_t *leaf = object(p, n, 3, 2002);
	leaf[2000] ^= 1;
	walked_open(&t, &apfs_format, span_of(p, n));
	assert_true(walked_damage(&t, "corrupt") > 0);
	assert_in_range(t.n, 100, 209);
	walked_close(&t);
	/* Its parent is one of its children: they end. */
	memcpy(p, good, n);
	uint8_t *root = object(p, n, 2, 2000);
	put(root + BLOCK - 40 - 8, 2000, 8);
	seal(root);
	assert_true(damages(p, n, "corrupt") > 0);
	/* All of its children are one. */
	memcpy(p, good, n);
	for (unsigned i = 1; i <= get(root + 36, 4); i++)
		put(root + BLOCK - 40 - 8 * i, 2001, 8);
	seal(root);
	assert_true(damages(p, n, "corrupt") > 0);
	/* The newest checkpoint is torn, and of the other one no object map is left. */
	memcpy(p, good, n);
	p[4 * BLOCK + 64] ^= 1;
	assert_true(damages(p, n, "corrupt") > 0);
	/* A volume that is another one's copy, and one with features that are not known. */
	memcpy(p, good, n);
	uint8_t *volume = object(p, n, 13, 3000);
	put(volume + 56, 1 << 10, 8);
	seal(volume);
	assert_int_equal(damages(p, n, "unsupported"), 1);
	memcpy(p, good, n);
	put(p + 4 * BLOCK + 192, 3000, 8);
	seal(p + 4 * BLOCK);
	assert_int_equal(damages(p, n, "corrupt"), 1);
	memcpy(p, good, n);
	assert_true(damages(p, n / 2, "truncated") > 0);
	free(good);
	free(p);
}

/* Methods that are not unpacked are said to be: their bytes are not taken for those of the file. */
static void test_packed(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	size_t n;
	uint8_t *p = image_made("make_apfs.py", "plain", &n);
	static const uint8_t header[] = "fpmc\3\0\0\0\xb0\x04";
	for (size_t at = 0; at + BLOCK <= n; at += BLOCK) {
		uint8_t *found = memmem(p + at, BLOCK, header, sizeof header - 1);
		if (!found)
			continue;
		found[4] = 13; /* LZBITMAP */
		seal(p + at);
	}
	walked_open(&t, &apfs_format, span_of(p, n));
	assert_int_equal(walked_get(&t, "/inline")->error.code, ERR_UNSUPPORTED);
	assert_int_equal(walked_get(&t, "/inline")->e.size, 1200);
	walked_close(&t);
	free(p);
}

/* What decmpfs_writer.c has packed by each method, in the attribute and in the resource fork. */
static void test_methods(void **state)
{
	(void)state;
	static const uint16_t types[] = { 1, 3, 4, 7, 8, 9, 10, 11, 12, DECMPFS_LISTED | 10 };
	static uint8_t file[150000], attribute[16384], fork[400000];
	char dir[TEMP_MAX], name[TEMP_MAX + 64];
	struct walked t;
	size_t n, fork_n;
	if (!tools)
		skip();
	temp_new(dir);
	lines(file, 80000);
	for (size_t i = 80000; i < sizeof file; i++) /* which does not become smaller */
		file[i] = (uint8_t)(i * i * i >> 7 ^ i * 2654435761u >> 13);
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t size = types[i] % 2 ? 2000 : sizeof file, made = decmpfs_write(types[i], span_of(file, size), attribute, fork, &fork_n);
		snprintf(name, sizeof name, "type%u.%zu.attribute", types[i], size);
		file_save(dir, name, span_of(attribute, made));
		snprintf(name, sizeof name, "type%u.%zu.fork", types[i], size);
		if (fork_n)
			file_save(dir, name, span_of(fork, fork_n));
	}
	/* A fork that has no place for so many chunks: nothing is made of it. */
	size_t made = decmpfs_write(8, span_of(file, sizeof file), attribute, fork, &fork_n);
	put(attribute + 8, 1u << 30, 8);
	file_save(dir, "short.1073741824.attribute", span_of(attribute, made));
	file_save(dir, "short.1073741824.fork", span_of(fork, 12));
	snprintf(name, sizeof name, "packed %s", dir);
	uint8_t *p = image_made("make_apfs.py", name, &n);
	walked_open(&t, &apfs_format, span_of(p, n));
	assert_true(t.accepted && !error_is(&t.error));
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		snprintf(name, sizeof name, "/type%u", types[i]);
		assert_content(&t, name, file, types[i] % 2 ? 2000 : sizeof file);
	}
	assert_int_equal(walked_get(&t, "/short")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/short")->content.n, 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	free(p);
	temp_remove(dir);
}

static void test_survives(void **state)
{
	(void)state;
	static const char *const kinds[] = { "hashed", "sealed", "volumes" };
	if (!tools)
		skip();
	for (unsigned k = 0; k < 3; k++) {
		size_t n;
		uint8_t *p = image_made("make_apfs.py", kinds[k], &n), *good = malloc(n);
		uint64_t x = 88172645463325252;
		assert_non_null(good);
		memcpy(good, p, n);
		for (unsigned i = 0; i < 300; i++) {
			struct walked t;
			for (unsigned j = 0; j < 1 + i % 6; j++) {
				x ^= x << 13, x ^= x >> 7, x ^= x << 17;
				uint8_t *block = p + (x >> 8) % (n / BLOCK) * BLOCK;
				block[(x >> 40) % (i % 2 ? 400 : BLOCK)] ^= (uint8_t)(1u << x % 8);
				if (get(block + 24, 4) && i % 8)
					seal(block);
			}
			walked_open(&t, &apfs_format, span_of(p, n));
			walked_close(&t);
			memcpy(p, good, n);
		}
		survives_cuts(&apfs_format, span_of(good, n), 50);
		free(good);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds),   cmocka_unit_test(test_volumes), cmocka_unit_test(test_tools),
										cmocka_unit_test(test_hostile), cmocka_unit_test(test_packed),  cmocka_unit_test(test_methods),
										cmocka_unit_test(test_survives) };
	return cmocka_run_group_tests_name("apfs", tests, look_for_tools, NULL);
}
