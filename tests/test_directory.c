/* SPDX-License-Identifier: GPL-3.0-or-later */
/* directory: what the parent writes down of a folder, and what nobody would write down. How folders are read is tested with
 * the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/directory.h"
#include "seed.h"
#include "walked.h"

extern const struct format directory_format;

static void put(struct buf *b, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		assert_int_equal(buf_add(b, &(uint8_t){ (uint8_t)(v >> (8 * i)) }, 1), ERR_NONE);
}

static void record_of(struct buf *b, uint32_t kind, const char *path, const char *target, struct span content)
{
	put(b, kind, 4);
	put(b, 0104755, 4);
	put(b, 1000, 4);
	put(b, 100, 4);
	put(b, strlen(path), 4);
	put(b, strlen(target), 4);
	put(b, (uint64_t)-5, 8);
	put(b, (uint64_t)7 << 32 | 3, 8);
	put(b, content.n, 8);
	assert_int_equal(buf_add(b, path, strlen(path)), ERR_NONE);
	assert_int_equal(buf_add(b, target, strlen(target)), ERR_NONE);
	assert_int_equal(content.n ? buf_add(b, content.p, content.n) : ERR_NONE, ERR_NONE);
	put(b, 0, (unsigned)((8 - b->n % 8) % 8));
}

static void record(struct buf *b, uint32_t kind, const char *path, const char *target, const char *content)
{
	record_of(b, kind, path, target, span_of(content, strlen(content)));
}

static struct buf make(void)
{
	struct buf b = { 0 };
	assert_int_equal(buf_add(&b, DIRECTORY_MAGIC, DIRECTORY_MAGIC_SIZE), ERR_NONE);
	record(&b, ENTRY_DIRECTORY, "/etc", "", "");
	record(&b, ENTRY_FILE, "/etc/motd", "", "hello");
	record(&b, DIRECTORY_HARD_LINK, "/etc/other", "/etc/motd", "");
	record(&b, ENTRY_SYMLINK, "/etc/up", "../../..", "");
	record(&b, ENTRY_CHAR_DEVICE, "/dev", "", "");
	record(&b, DIRECTORY_UNREAD_FILE, "/secret", "Permission denied", "");
	record(&b, DIRECTORY_UNREAD, "/mnt", "not entered", "");
	return b;
}

static void test_every_kind(void **state)
{
	(void)state;
	struct buf b = make();
	struct walked t;
	walked_open(&t, &directory_format, buf_span(&b));
	assert_true(t.accepted);
	assert_int_equal(t.n, 6);
	assert_content(&t, "/etc/motd", "hello", 5);
	const struct entry *e = &walked_get(&t, "/etc/motd")->e;
	assert_int_equal(e->mode, 04755);
	assert_int_equal(e->uid, 1000);
	assert_int_equal(e->gid, 100);
	assert_int_equal(e->mtime, -5);
	assert_int_equal(e->device, FACT_NULL);
	assert_true(text_is(walked_get(&t, "/etc/other")->e.same_as, "/etc/motd"));
	assert_true(text_is(walked_get(&t, "/etc/up")->e.link_target, "../../.."));
	assert_int_equal(walked_get(&t, "/dev")->e.device, (int64_t)7 << 32 | 3);
	assert_int_equal(walked_get(&t, "/secret")->e.content.kind, CONTENT_NONE);
	assert_int_equal(walked_damage(&t, "io"), 2);
	walked_close(&t);
	survives_cuts(&directory_format, buf_span(&b), (unsigned)b.n);
	survives_flips(&directory_format, buf_span(&b), 5000, 0);
	buf_free(&b);
}

static void test_an_unknown_kind_ends_it(void **state)
{
	(void)state;
	struct buf b = make();
	struct walked t;
	record(&b, ENTRY_REGION, "/region", "", "");
	walked_open(&t, &directory_format, buf_span(&b));
	assert_int_equal(t.error.code, ERR_CORRUPT);
	assert_int_equal(t.n, 6);
	walked_close(&t);
	buf_free(&b);
}

/* What a folder has of a split archive: `left_out` is a part that it has not; part `other` is those bytes, if there are any. */
static struct buf make_parts(const char *dir, const char *left_out, unsigned other, struct span bytes)
{
	static const char *const names[] = { "fw.z01", "fw.z02", "fw.z03", "fw.zip" };
	struct buf b = { 0 };
	char path[32];
	assert_int_equal(buf_add(&b, DIRECTORY_MAGIC, DIRECTORY_MAGIC_SIZE), ERR_NONE);
	record(&b, ENTRY_DIRECTORY, "/a", "", "");
	for (unsigned i = 0; i < 4; i++) {
		struct span part = file_load(dir, names[i]);
		snprintf(path, sizeof path, "/a/%s", names[i]);
		record(&b, ENTRY_FILE, "/a/fw.z9", "", "something else");
		if (strcmp(names[i], left_out) != 0)
			record_of(&b, ENTRY_FILE, path, "", i == other && bytes.p ? bytes : part);
		free((void *)part.p);
	}
	record(&b, ENTRY_FILE, "/b.z01", "", "of none");
	return b;
}

/* The parts of a split zip archive side by side are one archive as well. Whether it is one the reader of zip archives tells. */
static void test_parts_are_joined(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	struct walked t;
	if (!tool_exists("zip"))
		skip();
	temp_new(dir);
	run_in(dir, "for i in 1 2 3 4; do head -c 50000 /dev/urandom > $i; done; zip -q -s 64k fw.zip 1 2 3 4; cat fw.z0* fw.zip > whole; "
				"test -f fw.z03 && test ! -f fw.z04");
	struct span whole = file_load(dir, "whole");
	struct buf b = make_parts(dir, "", 0, SPAN_NONE);
	walked_open(&t, &directory_format, buf_span(&b));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 1 + 4 + 4 + 1 + 1);
	assert_content(&t, "/a/fw.zip:joined", whole.p, whole.n);
	assert_int_equal(walked_get(&t, "/a/fw.zip:joined")->e.kind, ENTRY_REGION);
	assert_string_equal(walked_get(&t, "/a/fw.z01")->e.format, "zip_joined_part");
	assert_string_equal(walked_get(&t, "/a/fw.zip")->e.format, "zip_joined_part");
	seed_keep("format", "zip_joined_part", "", walked_get(&t, "/a/fw.zip")->content);
	assert_int_equal(walked_get(&t, "/a/fw.zip")->content.n, whole.n - 3 * 65536);
	assert_null(walked_get(&t, "/a/fw.z9")->e.format);
	assert_null(walked_get(&t, "/b.z01")->e.format);
	walked_close(&t);
	survives_cuts(&directory_format, buf_span(&b), 100);
	survives_flips(&directory_format, buf_span(&b), 200, 0);
	buf_free(&b);
	/* One of them is not there, the record of the end tells of fewer, or one is none: each is a file by itself. */
	static const char *const left_out[] = { "fw.z01", "fw.z02", "fw.z03", "fw.zip", "", "", "" };
	for (unsigned i = 0; i < 7; i++) {
		b = make_parts(dir, left_out[i], i < 4 ? 0 : i - 4, i < 4 ? SPAN_NONE : span_of("PK\3\4 another archive", 20));
		walked_open(&t, &directory_format, buf_span(&b));
		assert_int_equal(t.n, 1 + 4 + 4 + 1 - (i < 4));
		for (size_t k = 0; k < t.n; k++)
			assert_null(t.entries[k].e.format);
		walked_close(&t);
		buf_free(&b);
	}
	free((void *)whole.p);
	temp_remove(dir);
}

/* An entry that claims a whole part, but ends before it: what stands there is a program, or a text, and no part. The same with
 * bytes that are nothing by themselves are joined, where the entry's end is said. */
static void test_parts_that_are_something(void **state)
{
	(void)state;
	static const char *const parts[] = { ("\x7f" "ELF and more"), "#!/bin/sh\nreboot\n", "\xd0\xcf\x8e\x01\x02\x03 and more" };
	static const uint8_t first[] = "PK\7\10PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0a\3";
	for (size_t i = 0; i < 3; i++) {
		uint8_t last[] = "PK\1\2\24\0\24\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0a"
						 "PK\5\6\2\0\2\0\1\0\1\0\57\0\0\0\0\0\0\0\0";
		size_t n = strlen(parts[i]);
		last[20] = (uint8_t)(n + 1); /* packed: a block that is empty, of which a byte is in the first part */
		struct buf b = { 0 };
		assert_int_equal(buf_add(&b, DIRECTORY_MAGIC, DIRECTORY_MAGIC_SIZE), ERR_NONE);
		record_of(&b, ENTRY_FILE, "/x.z01", "", span_of(first, sizeof first - 1));
		record_of(&b, ENTRY_FILE, "/x.z02", "", span_of(parts[i], n));
		record_of(&b, ENTRY_FILE, "/x.zip", "", span_of(last, sizeof last));
		struct walked t;
		walked_open(&t, &directory_format, buf_span(&b));
		assert_int_equal(t.n, i < 2 ? 3 : 4);
		assert_true(i < 2 ? !walked_get(&t, "/x.z02")->e.format : walked_get(&t, "/x.z02")->e.format != NULL);
		walked_close(&t);
		buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_kind),
										cmocka_unit_test(test_an_unknown_kind_ends_it),
										cmocka_unit_test(test_parts_are_joined),
										cmocka_unit_test(test_parts_that_are_something) };
	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
