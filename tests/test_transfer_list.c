/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transfer lists of block-based updates, after blockimgdiff.py and blockimg.cpp of AOSP; parts of sparse images; and Brotli streams by
 * themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/android_sparse.h"
#include "format/format.h"
#include "format/transfer_list.h"
#include "seed.h"

extern const struct format brotli_format;

#define BLOCKS 12u

struct given {
	struct transfer_source source; /* first */
	uint8_t next;
	size_t left;
};

/* Each block is filled with its number in the new data, from 1 on. */
static size_t take(struct transfer_source *s, uint8_t *out, size_t n)
{
	struct given *g = (struct given *)s;
	n = n < g->left ? n : g->left;
	for (size_t i = 0; i < n; i += TRANSFER_BLOCK)
		memset(out + i, g->next++, n - i < TRANSFER_BLOCK ? n - i : TRANSFER_BLOCK);
	g->left -= n;
	return n;
}

static void wrote(struct transfer_source *s, struct span bytes)
{
	(void)s;
	assert_non_null(bytes.p);
}

static enum error_code read_list(const char *text, struct transfer_list *list)
{
	seed_keep("reader", "transfer-list", "", span_of(text, strlen(text)));
	struct error e = transfer_list_read(span_of(text, strlen(text)), list);
	return e.code;
}

/* The first byte of each block; the others are to be the same. */
static struct transfer_done apply(const struct transfer_list *list, size_t given, uint8_t blocks[BLOCKS])
{
	struct given g = { { take, wrote }, 1, given };
	struct transfer_done done;
	assert_true(list->blocks <= BLOCKS);
	uint8_t *out = malloc((size_t)list->blocks * TRANSFER_BLOCK);
	assert_non_null(out);
	memset(out, 0xee, (size_t)list->blocks * TRANSFER_BLOCK);
	assert_true(transfer_list_apply(list, &g.source, out, &done));
	for (size_t i = 0; i < list->blocks; i++)
		blocks[i] = out[i * TRANSFER_BLOCK];
	free(out);
	return done;
}

static void test_a_list_is_done_in_its_order(void **state)
{
	(void)state;
	struct transfer_list list;
	uint8_t blocks[BLOCKS] = { 0 };
	assert_int_equal(read_list("4\n6\n0\n0\nerase 2,0,10\nnew 4,7,9,0,2\nzero 2,3,5\nnew 2,5,7\ncompute_hash_tree 2,10,11 2,0,10 sha1 a b\n", &list),
					 ERR_NONE);
	assert_int_equal(list.version, 4);
	assert_int_equal(list.blocks, 11);
	assert_int_equal(list.fresh, 6);
	assert_int_equal(list.old, 0);
	struct transfer_done done = apply(&list, 6 * TRANSFER_BLOCK, blocks);
	assert_int_equal(done.taken, 6 * TRANSFER_BLOCK);
	assert_int_equal(done.twice, 0);
	assert_memory_equal(blocks, ((uint8_t[]){ 3, 4, 0, 0, 0, 5, 6, 1, 2, 0, 0 }), 11);
	done = apply(&list, 2 * TRANSFER_BLOCK + 9, blocks); /* it breaks off in the third */
	assert_int_equal(done.taken, 2 * TRANSFER_BLOCK + 9);
	assert_memory_equal(blocks, ((uint8_t[]){ 3, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0 }), 11);
	done = apply(&list, 0, blocks); /* nothing is: nothing is written, however large the partition is */
	assert_int_equal(done.taken, 0);
	assert_int_equal(blocks[10], 0xee);
	transfer_list_free(&list);
}

static void test_what_is_written_twice(void **state)
{
	(void)state;
	struct transfer_list list;
	uint8_t blocks[BLOCKS];
	assert_int_equal(read_list("1\n8\nnew 2,0,4\nnew 2,3,6\nzero 2,0,1\n", &list), ERR_NONE);
	assert_int_equal(apply(&list, 7 * TRANSFER_BLOCK, blocks).twice, 2);
	assert_memory_equal(blocks, ((uint8_t[]){ 0, 2, 3, 5, 6, 7 }), 6);
	transfer_list_free(&list);
}

static void test_an_incremental_one(void **state)
{
	(void)state;
	struct transfer_list list;
	assert_int_equal(read_list("3\n4\n1\n2\nstash ab 2,0,2\nmove ab 2,4,6 2 - ab:2,0,2\nimgdiff 0 9 x y 2,8,9 1 2,9,10\nfree ab\nnew 2,0,1\n", &list),
					 ERR_NONE);
	assert_int_equal(list.old, 4);
	assert_int_equal(list.fresh, 1);
	transfer_list_free(&list);
}

static void test_what_is_no_list(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum error_code code;
		uint64_t fresh; /* what was read before the fault */
	} cases[] = {
		{ "", ERR_CORRUPT, 0 },
		{ "0\n1\n", ERR_CORRUPT, 0 },
		{ "5\n1\n0\n0\n", ERR_CORRUPT, 0 },
		{ "4\n1\nnew 2,0,1\n", ERR_CORRUPT, 0 },
		{ "1\n1\nnew 2,0,1\nnew 2,1,1\n", ERR_CORRUPT, 1 },
		{ "1\n1\nnew 2,0,1\nnew 2,-1,1\n", ERR_CORRUPT, 1 },
		{ "1\n1\nnew 2,0,1\nnew 3,1,2,3\n", ERR_CORRUPT, 1 },
		{ "1\n1\nnew 2,0,1\nnew 4,1,2\n", ERR_CORRUPT, 2 },
		{ "1\n1\nnew 2,0,1\nnew 2,1,2,3\n", ERR_CORRUPT, 2 },
		{ "1\n1\nnew 2,0,1\nnew 2,1,4294967296\n", ERR_CORRUPT, 1 },
		{ "1\n1\nnew 2,0,1\nnew 2,1,18446744073709551618\n", ERR_CORRUPT, 1 },
		{ "1\n1\nnew 2,0,1\nwipe 2,0,1\nnew 2,1,2\n", ERR_UNSUPPORTED, 1 },
		{ "1\n1\nnew 2,0,9\nnew 2,0,9\nnew 2,0,9\nnew 2,0,9\nnew 2,0,9\n", ERR_CORRUPT, 0 },
		{ "1\n1\nnew 2,0,9\nzero 2,0,9\nzero 2,0,9\nzero 2,0,9\nzero 2,0,9\nwipe 2,0,1\n", ERR_UNSUPPORTED, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct transfer_list list;
		assert_int_equal(read_list(cases[i].text, &list), cases[i].code);
		assert_int_equal(list.fresh, cases[i].fresh);
		transfer_list_free(&list);
	}
}

/* What is cut off, and what one bit changes: an error or a list, and never a block beyond its end. */
static void test_any_bytes(void **state)
{
	(void)state;
	char text[] = "4\n6\n0\n0\nerase 2,0,10\nnew 4,7,9,0,2\nzero 2,3,5\nnew 2,5,7\n";
	uint8_t blocks[BLOCKS];
	for (size_t i = 0; i < 9 * sizeof text; i++) {
		size_t at = i / 9, n = i % 9 == 8 ? at : sizeof text - 1;
		char copy[sizeof text];
		struct transfer_list list;
		memcpy(copy, text, sizeof text);
		copy[at] ^= (char)(i % 9 == 8 ? 0 : 1 << i % 9);
		struct error e = transfer_list_read(span_of(copy, n), &list);
		(void)e;
		if (list.blocks && list.blocks <= BLOCKS)
			assert_true(apply(&list, 6 * TRANSFER_BLOCK, blocks).taken <= list.fresh * TRANSFER_BLOCK);
		transfer_list_free(&list);
	}
}

static size_t packed(uint8_t *out, size_t room)
{
	FILE *p = popen("seq 1 20000 | brotli -c -q 5", "r");
	assert_non_null(p);
	size_t n = fread(out, 1, room, p);
	assert_int_equal(pclose(p), 0);
	return n;
}

static void test_brotli(void **state)
{
	(void)state;
	static uint8_t bytes[200000];
	size_t n = packed(bytes, sizeof bytes), used = 0;
	struct format_match m;
	struct buf out = buf_with_limit(1 << 20);
	assert_true(brotli_format.probe(span_of(bytes, n), &m));
	seed_keep("format", "brotli", "", span_of(bytes, n));
	struct error e = brotli_format.unpack(span_of(bytes, n), &out, &used);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(used, n);
	assert_int_equal(out.n, 108894);
	assert_memory_equal(out.p, "1\n2\n3\n", 6);
	assert_memory_equal(out.p + out.n - 7, "\n20000\n", 7);
	size_t limits[] = { 108894, 108893, 1, 70000 };
	for (size_t i = 0; i < 4; i++) {
		buf_free(&out);
		out = buf_with_limit(limits[i]);
		e = brotli_format.unpack(span_of(bytes, n), &out, &used);
		assert_int_equal(e.code, i ? ERR_BUDGET : ERR_NONE);
		assert_int_equal(out.n, limits[i]);
	}
	buf_free(&out);
}

/* A few bytes may say that they are gigabytes: that is not looked for to the end. */
static void test_brotli_that_is_too_much(void **state)
{
	(void)state;
	static uint8_t bytes[2000];
	struct format_match m;
	const char *const sizes[] = { "15M", "200M" };
	for (size_t i = 0; i < 2; i++) {
		char command[80];
		snprintf(command, sizeof command, "head -c %s /dev/zero | brotli -c -q 5", sizes[i]);
		FILE *p = popen(command, "r");
		assert_non_null(p);
		size_t n = fread(bytes, 1, sizeof bytes, p);
		assert_int_equal(pclose(p), 0);
		assert_true(n < 1000 + 9000 * i);
		assert_int_equal(brotli_format.probe(span_of(bytes, n), &m), i == 0);
	}
}

/* Parts of an image of 6 blocks of 512 bytes: 1 raw and 1 of one value each, the rest is of others. */
static size_t sparse_part(uint8_t *out, unsigned before, uint8_t value, unsigned block_size)
{
	static const uint8_t head[] = { 0x3a, 0xff, 0x26, 0xed, 1, 0, 0, 0, 28, 0, 12, 0 };
	uint32_t fields[] = { block_size, 6, 4, 0 };
	uint32_t chunks[4][3] = { { 0xcac3, before, 12 }, { 0xcac1, 1, 12 + block_size }, { 0xcac2, 1, 16 }, { 0xcac3, 4 - before, 12 } };
	size_t n = sizeof head;
	memcpy(out, head, n);
	memcpy(out + n, fields, sizeof fields);
	n += sizeof fields;
	for (unsigned i = 0; i < 4; i++) {
		memcpy(out + n, chunks[i], 12);
		n += 12;
		size_t data = chunks[i][2] - 12;
		memset(out + n, i == 1 ? value : value + 1, data);
		n += data;
	}
	return n;
}

static void test_sparse_parts(void **state)
{
	(void)state;
	uint8_t a[700], b[700], image[6 * 512] = { 0 }, written[1] = { 0 };
	uint32_t size, blocks;
	struct android_sparse_whole w = { image, written, 6, 0, 512 };
	size_t an = sparse_part(a, 0, 0x11, 512), bn = sparse_part(b, 3, 0x21, 512);
	seed_keep("reader", "sparse-part", "", span_of(a, an));
	assert_true(android_sparse_size(span_of(a, an), &size, &blocks));
	assert_int_equal(size * blocks, sizeof image);
	struct error e = android_sparse_lay(span_of(a, an), &w);
	assert_int_equal(e.code, ERR_NONE);
	e = android_sparse_lay(span_of(b, bn), &w);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(written[0], 0x1b);
	assert_int_equal(w.twice, 0);
	static const uint8_t first[] = { 0x11, 0x12, 0, 0x21, 0x22, 0 };
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(image[i * 512], first[i]);
	e = android_sparse_lay(span_of(a, an), &w);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(w.twice, 2);
	e = android_sparse_lay(span_of(a, an - 1), &w);
	assert_int_equal(e.code, ERR_TRUNCATED);
	a[an] = 0;
	e = android_sparse_lay(span_of(a, an + 1), &w);
	assert_int_equal(e.code, ERR_CORRUPT);
	an = sparse_part(a, 0, 1, 256); /* no block is so small */
	assert_false(android_sparse_size(span_of(a, an), &size, &blocks));
	bn = sparse_part(b, 3, 0x21, 512);
	b[28 + 4] = 7; /* beyond the end */
	e = android_sparse_lay(span_of(b, bn), &w);
	assert_int_equal(e.code, ERR_CORRUPT);
}

static void test_sparse_parts_of_any_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 8 * 28 + 8 * 100; i++) {
		uint8_t part[700], written[1] = { 0 }, *image = malloc(6 * 512);
		struct android_sparse_whole w = { image, written, 6, 0, 512 };
		size_t n = sparse_part(part, 2, 0x31, 512);
		part[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_non_null(image);
		struct error e = android_sparse_lay(span_of(part, n), &w);
		(void)e;
		e = android_sparse_lay(span_of(part, i % n), &w);
		assert_true(error_is(&e));
		assert_true(written[0] < 1u << 6);
		free(image);
	}
}

static void test_brotli_of_any_bytes(void **state)
{
	(void)state;
	static uint8_t bytes[200001];
	size_t n = packed(bytes, sizeof bytes - 1), used;
	struct format_match m;
	bytes[n] = 'x';
	assert_false(brotli_format.probe(span_of(bytes, n + 1), &m));
	for (size_t i = 0; i < 500; i++) {
		size_t cut = n * i / 500;
		struct buf out = buf_with_limit(1 << 20);
		assert_false(brotli_format.probe(span_of(bytes, cut), &m));
		struct error e = brotli_format.unpack(span_of(bytes, cut), &out, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
		bytes[cut] ^= (uint8_t)(1u << i % 8);
		e = brotli_format.unpack(span_of(bytes, n), &out, &used);
		assert_true(used <= n && out.n <= 1 << 20);
		bytes[cut] ^= (uint8_t)(1u << i % 8);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_list_is_done_in_its_order), cmocka_unit_test(test_what_is_written_twice),
		cmocka_unit_test(test_an_incremental_one),          cmocka_unit_test(test_what_is_no_list),
		cmocka_unit_test(test_any_bytes),                   cmocka_unit_test(test_brotli),
		cmocka_unit_test(test_brotli_of_any_bytes),         cmocka_unit_test(test_brotli_that_is_too_much),
		cmocka_unit_test(test_sparse_parts),                cmocka_unit_test(test_sparse_parts_of_any_bytes),
	};
	return cmocka_run_group_tests_name("transfer_list", tests, NULL, NULL);
}
