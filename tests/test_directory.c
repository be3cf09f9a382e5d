/* SPDX-License-Identifier: GPL-3.0-or-later */
/* directory: what the parent writes down of a folder, and what nobody would write down. How folders are read is tested with
 * the program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/directory.h"
#include "walked.h"

extern const struct format directory_format;

static void put(struct buf *b, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		assert_int_equal(buf_add(b, &(uint8_t){ (uint8_t)(v >> (8 * i)) }, 1), ERR_NONE);
}

static void record(struct buf *b, uint32_t kind, const char *path, const char *target, const char *content)
{
	put(b, kind, 4);
	put(b, 0104755, 4);
	put(b, 1000, 4);
	put(b, 100, 4);
	put(b, strlen(path), 4);
	put(b, strlen(target), 4);
	put(b, (uint64_t)-5, 8);
	put(b, (uint64_t)7 << 32 | 3, 8);
	put(b, strlen(content), 8);
	assert_int_equal(buf_add(b, path, strlen(path)), ERR_NONE);
	assert_int_equal(buf_add(b, target, strlen(target)), ERR_NONE);
	assert_int_equal(buf_add(b, content, strlen(content)), ERR_NONE);
	put(b, 0, (unsigned)((8 - b->n % 8) % 8));
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_kind),
										cmocka_unit_test(test_an_unknown_kind_ends_it) };
	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
