/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lzfse: streams of all kinds of blocks, written by lzfse_writer.c; test_dmg shows them to 7-Zip, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/lzfse.h"
#include "base/lzvn.h"
#include "lzfse_writer.h"
#include "seed.h"
#include "walked.h"

extern const struct format lzfse_format;

#define LIMIT (8u << 20)
#define PLAIN_MAX 400000u

static uint8_t plain[PLAIN_MAX], packed[2 * PLAIN_MAX + 8192];

static uint32_t next(uint32_t *v)
{
	return (*v = *v * 1664525 + 1013904223) >> 8;
}

/* Text with repetitions, near and far; nothing but one byte; noise; words of few letters. */
static struct span make(unsigned kind, size_t n)
{
	uint32_t v = 9;
	for (size_t i = 0; i < n; i++)
		switch (kind) {
		case 0:
			plain[i] = i > 9000 && next(&v) % 40 ? plain[i - 1 - i / 3 % 8000 * (i % 2000 > 3)] : (uint8_t)(32 + next(&v) % 90);
			break;
		case 1:
			plain[i] = 'a';
			break;
		case 2:
			plain[i] = (uint8_t)next(&v);
			break;
		case 3:
			plain[i] = i >= 70000 ? plain[i - 70000 + (i / 5000) % 3] : (uint8_t)(next(&v) >> 2 & next(&v));
			break;
		default:
			plain[i] = (uint8_t) "etaoin shrdlu\n"[next(&v) % 14];
		}
	return span_of(plain, n);
}

static void expect(struct span in, struct span stream, size_t used_more)
{
	struct format_match m;
	struct buf out = buf_with_limit(LIMIT);
	size_t used = 0;
	assert_true(lzfse_format.probe(stream, &m));
	seed_keep("format", "lzfse", "", stream);
	struct error e = lzfse_format.unpack(stream, &out, &used);
	if (error_is(&e))
		fail_msg("%s at %llu", e.text, (unsigned long long)e.offset);
	assert_int_equal(used, stream.n - used_more);
	assert_int_equal(out.n, in.n);
	assert_memory_equal(out.p, in.p, in.n);
	buf_free(&out);
}

static void test_streams(void **state)
{
	static const size_t sizes[] = { 1, 3, 20, 1000, 65536, PLAIN_MAX };
	(void)state;
	for (const char *kind = "2n1-"; *kind; kind++)
		for (unsigned k = 0; k < 5; k++)
			for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
				struct span in = make(k, sizes[i]);
				size_t n = lzfse_write(in, *kind, packed);
				memcpy(packed + n, "hello", 5);
				expect(in, span_of(packed, n + 5), 5);
				size_t made = 0;
				uint8_t *room = malloc(in.n);
				assert_int_equal(lzfse_decode(span_of(packed, n), room, in.n, &made), ERR_NONE);
				assert_int_equal(made, in.n);
				assert_memory_equal(room, in.p, in.n);
				assert_int_equal(lzfse_decode(span_of(packed, n), room, in.n - 1, &made), ERR_BUDGET);
				free(room);
			}
}

/* Blocks of all kinds behind one another; those of matches reach back into the ones before. */
static void test_mixed(void **state)
{
	(void)state;
	size_t n = 0, at = 0;
	struct span in = make(0, 40000);
	for (const char *kind = "-2n1n2"; *kind; kind++, at += 6000)
		n += lzfse_write(span_sub(in, at, 6000), *kind, packed + n) - 4;
	memcpy(packed + n, "bvx$", 4);
	expect(span_sub(in, 0, at), span_of(packed, n + 4), 0);
	/* 100 literals, and a block of LZVN whose only match is at their distance. */
	memcpy(packed, "bvx-\x64\0\0\0", 8);
	memcpy(packed + 8, in.p, 100);
	memcpy(packed + 108, "bvxn\x0a\0\0\0\x0a\0\0\0\x38\x64\6\0\0\0\0\0\0\0bvx$", 26);
	memcpy(plain + 100, plain, 10);
	expect(span_of(plain, 110), span_of(packed, 134), 0);
}

/* What comes before the damage comes out, and where it is is told. */
static void test_damage(void **state)
{
	(void)state;
	struct buf out = buf_with_limit(LIMIT);
	size_t used, first = lzfse_write(make(4, 30000), '2', packed) - 4;
	size_t n = first + lzfse_write(make(4, 30000), '2', packed + first);
	packed[first + 28] = 0xff; /* no state of the lengths */
	struct error e = lzfse_format.unpack(span_of(packed, n), &out, &used);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_int_equal(e.offset, first);
	assert_true(out.n >= 30000);
	assert_memory_equal(out.p, plain, 30000);
	out.n = 0;
	e = lzfse_format.unpack(span_of(packed, n - 50), &out, &used);
	assert_true(error_is(&e));
	out.n = 0;
	e = lzfse_format.unpack(span_of(packed, first), &out, &used); /* the end is missing */
	assert_int_equal(e.code, ERR_TRUNCATED);
	assert_int_equal(out.n, 30000);
	buf_free(&out);
	/* A stream of LZVN gives what there is of it. */
	n = lzfse_write(make(0, 30000), 'n', packed);
	struct format_match m;
	out = buf_with_limit(LIMIT);
	assert_false(lzfse_format.probe(span_of(packed, n / 2), &m));
	assert_true(lzfse_format.probe_whole(span_of(packed, n / 2), &m));
	e = lzfse_format.unpack(span_of(packed, n / 2), &out, &used);
	assert_int_equal(e.code, ERR_TRUNCATED);
	assert_true(out.n > 5000);
	assert_memory_equal(out.p, plain, out.n);
	buf_free(&out);
}

/* Sizes that are not true cost nothing. */
static void test_hostile(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum error_code code;
	} cases[] = {
		{ "bvx-\xff\xff\xff\xff" "abcd", 12, ERR_TRUNCATED },
		{ "bvxn\xff\xff\xff\x7f\x10\0\0\0\xe1" "a\6\0\0\0\0\0\0\0bvx$", 26, ERR_CORRUPT },
		{ "bvxn\4\0\0\0\x0a\0\0\0\x08\1\6\0\0\0\0\0\0\0bvx$", 26, ERR_CORRUPT },  /* a distance before the beginning */
		{ "bvxn\4\0\0\0\x0c\0\0\0\xe1" "a\xf3\6\0\0\0\0\0\0\0bvx$", 27, ERR_CORRUPT }, /* no distance yet */
		{ "bvxn\4\0\0\0\x09\0\0\0\x70\6\0\0\0\0\0\0\0bvx$", 25, ERR_CORRUPT },  /* no instruction */
		{ "bvx?", 4, ERR_CORRUPT },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = buf_with_limit(LIMIT);
		size_t used;
		struct error e = lzfse_format.unpack(span_of((const uint8_t *)cases[i].bytes, cases[i].n), &out, &used);
		assert_int_equal(e.code, cases[i].code);
		assert_true(out.cap <= LIMIT);
		buf_free(&out);
	}
}

/* Each variation has memory of its own, so that a byte too many is seen. */
static void test_survival(void **state)
{
	(void)state;
	for (const char *kind = "2n1"; *kind; kind++) {
		uint32_t v = 5;
		size_t whole = lzfse_write(make(4, 3000), *kind, packed);
		for (unsigned i = 0; i < 3000; i++) {
			size_t used = 0, n = i < 500 ? whole * i / 500 : whole;
			uint8_t *copy = malloc(n + 1);
			memcpy(copy, packed, n);
			for (unsigned k = 0; i >= 500 && k <= i % 3; k++)
				copy[next(&v) % n] ^= (uint8_t)(1u << (next(&v) & 7));
			struct buf out = buf_with_limit(LIMIT);
			struct format_match m;
			(void)lzfse_format.probe(span_of(copy, n), &m);
			(void)lzfse_format.probe_whole(span_of(copy, n), &m);
			struct error e = lzfse_format.unpack(span_of(copy, n), &out, &used);
			assert_true(used <= n);
			assert_true(i >= 500 || error_is(&e));
			buf_free(&out);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams), cmocka_unit_test(test_mixed),    cmocka_unit_test(test_damage),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_survival),
	};
	return cmocka_run_group_tests_name("lzfse", tests, NULL, NULL);
}
