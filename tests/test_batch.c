/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wire form of facts, and what a compromised worker may try with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fact/batch.h"
#include "worker/transport.h"

static struct buf sample(void)
{
	struct buf b = { 0 };
	struct fact_blob blob = { .path = TEXT_LIT("/etc/shadow"), .kind = TEXT_LIT("file"), .size = 77, .mode = 0600,
		                      .offset = FACT_NULL, .uid = 0, .gid = 0, .mtime = -1, .device = FACT_NULL };
	struct fact_account account = { .line = 1, .user = TEXT_LIT("root"), .hash = TEXT_LIT(""), .uid = FACT_NULL };
	struct fact_elf elf = { .class = 32, .pie = 1, .nx = FACT_NULL };
	struct batch_header h = { .key = batch_child_key(BATCH_ROOT_KEY, 3), .parent = BATCH_ROOT_KEY, .ordinal = 3 };
	assert_int_equal(batch_begin(&b), 0);
	assert_int_equal(batch_add(&b, FACT_blob, &blob), 0);
	assert_int_equal(batch_add(&b, FACT_account, &account), 0);
	assert_int_equal(batch_add(&b, FACT_elf, &elf), 0);
	assert_int_equal(batch_finish(&b, &h), 0);
	return b;
}

static bool check_row(void *context, enum fact_type type, const void *row)
{
	unsigned *seen = context;
	++*seen;
	if (type == FACT_blob) {
		const struct fact_blob *b = row;
		assert_true(text_is(b->path, "/etc/shadow"));
		assert_int_equal(b->size, 77);
		assert_true(b->offset == FACT_NULL);
		assert_int_equal(b->mtime, -1);
		assert_null(b->link_target.p);
	} else if (type == FACT_account) {
		const struct fact_account *a = row;
		assert_non_null(a->hash.p); /* empty is not absent */
		assert_int_equal(a->hash.n, 0);
		assert_null(a->password.p);
	} else {
		const struct fact_elf *e = row;
		assert_int_equal(type, FACT_elf);
		assert_int_equal(e->pie, 1);
		assert_true(e->nx == FACT_NULL);
	}
	return true;
}

static void what_goes_in_comes_out(void **state)
{
	(void)state;
	struct buf b = sample();
	unsigned seen = 0;
	assert_true(batch_read(buf_span(&b), check_row, &seen));
	assert_int_equal(seen, 3);
	buf_free(&b);
}

static bool count_row(void *context, enum fact_type type, const void *row)
{
	(void)type;
	(void)row;
	++*(unsigned *)context;
	return true;
}

static void cut_anywhere_is_refused_whole(void **state)
{
	(void)state;
	struct buf b = sample();
	unsigned accepted = 0;
	for (size_t n = 0; n < b.n; n++) {
		unsigned seen = 0;
		bool ok = batch_read(span_clip(buf_span(&b), 0, n), count_row, &seen);
		/* It may end after a whole row; never is a row taken from a batch that is then refused. */
		accepted += ok;
		assert_true(ok ? seen > 0 && seen < 3 : seen == 0);
	}
	assert_int_equal(accepted, 2);
	buf_free(&b);
}

static void flipped_bits_never_overrun(void **state)
{
	(void)state;
	struct buf b = sample();
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint8_t *copy = malloc(b.n); /* its own allocation, so that AddressSanitizer sees an overrun */
		unsigned seen = 0;
		memcpy(copy, b.p, b.n);
		for (int k = rand() % 4; k >= 0; k--)
			copy[(size_t)rand() % b.n] ^= (uint8_t)(1 << rand() % 8);
		(void)!batch_read(span_of(copy, b.n), count_row, &seen);
		free(copy);
	}
	buf_free(&b);
}

static void headers_that_lie(void **state)
{
	(void)state;
	static const struct {
		uint64_t key, parent;
		bool ok;
	} rows[] = {
		{ BATCH_ROOT_KEY, BATCH_NO_PARENT, true },
		{ BATCH_ROOT_KEY, 77, false }, /* the input in a container */
		{ 77, BATCH_NO_PARENT, false },/* a second input */
		{ 77, 77, false },             /* its own container */
		{ 0, BATCH_ROOT_KEY, false },
		{ 77, BATCH_ROOT_KEY, true },
	};
	struct buf b = sample();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct batch_header h = { rows[i].key, rows[i].parent, 0, 0 }, got;
		assert_int_equal(batch_finish(&b, &h), 0);
		assert_int_equal(batch_header_read(buf_span(&b), &got), rows[i].ok);
	}
	buf_free(&b);
}

static void keys_are_distinct(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t key = batch_child_key(BATCH_ROOT_KEY, i);
		assert_true(key > BATCH_ROOT_KEY);
		assert_true(key != batch_child_key(BATCH_ROOT_KEY, i + 1));
		assert_true(key != batch_child_key(key, i));
	}
}

static void long_texts_are_cut(void **state)
{
	(void)state;
	struct buf b = { 0 };
	char *name = malloc(FACT_TEXT_MAX + 10);
	memset(name, 'a', FACT_TEXT_MAX + 10);
	struct fact_damage d = { .what = text_of(name, FACT_TEXT_MAX + 10) }, got;
	assert_int_equal(fact_encode(FACT_damage, &d, &b), 0);
	assert_true(fact_decode(FACT_damage, buf_span(&b), &got));
	assert_int_equal(got.what.n, FACT_TEXT_MAX);
	free(name);
	buf_free(&b);
}

/* Frames that no worker writes end the conversation. */
static void frames_are_checked(void **state)
{
	(void)state;
	static const struct {
		uint8_t type;
		uint32_t n;
		bool fault;
	} rows[] = {
		{ FRAME_DONE, 0, false }, { FRAME_DONE, 1, true },          { 0, 0, true },
		{ FRAME_TYPES, 0, true }, { FRAME_BATCH, 23, true },         { FRAME_BATCH, BATCH_MAX_BYTES + 1, true },
		{ 255, 16, true },        { FRAME_CONTENT, 7, true },        { FRAME_CONTENT, UINT32_MAX, true },
		{ FRAME_EXTENT, 23, true }, { FRAME_EXTENT, 25, true },     { FRAME_SLOT, 15, true },
		{ FRAME_SLOT, 17, true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct frame_reader r = { .fd = -1 };
		uint8_t head[5] = { rows[i].type, (uint8_t)rows[i].n, (uint8_t)(rows[i].n >> 8), (uint8_t)(rows[i].n >> 16),
			                (uint8_t)(rows[i].n >> 24) };
		enum frame_type type;
		struct span bytes;
		struct error e = error_none();
		assert_int_equal(buf_add(&r.buffer, head, 5), 0);
		assert_int_equal(frame_next(&r, &type, &bytes, &e), !rows[i].fault);
		assert_int_equal(error_is(&e), rows[i].fault);
		buf_free(&r.buffer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),     cmocka_unit_test(cut_anywhere_is_refused_whole),
		cmocka_unit_test(flipped_bits_never_overrun), cmocka_unit_test(headers_that_lie),
		cmocka_unit_test(keys_are_distinct),          cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(frames_are_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
