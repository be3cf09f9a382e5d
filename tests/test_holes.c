/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/holes: what is said of a place holds for each span within it, and of no other; against a walk byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/holes.h"

#define SIZE 4096u

static uint8_t bytes[SIZE];
static bool is_stored[SIZE];
static struct stored parts[64];
static size_t nparts;

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Parts of a few bytes that do not touch; what is in none is zero, and some of what is in one. */
static void make(uint32_t seed)
{
	memset(bytes, 0, sizeof bytes);
	memset(is_stored, 0, sizeof is_stored);
	nparts = 0;
	for (size_t at = next_random(&seed) % 50; at + 80 < SIZE && nparts < 64; at += 1 + next_random(&seed) % 200) {
		size_t n = 1 + next_random(&seed) % 60;
		parts[nparts++] = (struct stored){ at, at + n };
		for (size_t i = 0; i < n; i++, at++) {
			bytes[at] = (uint8_t)(next_random(&seed) % 3);
			is_stored[at] = true;
		}
	}
}

static void check_span(size_t from, size_t n)
{
	struct span s = span_of(bytes + from, n);
	uint64_t sum = 0, last = 0, two = n;
	for (size_t i = 0; i < n; i++) {
		sum += is_stored[from + i];
		last = is_stored[from + i] ? i + 1 : last;
		two = two == n && s.p[i] == 2 ? i : two;
	}
	assert_int_equal(holes_stored(s), sum);
	assert_int_equal(holes_end(s), last);
	assert_int_equal(holes_any(s), sum != n);
	assert_int_equal(holes_find(s, 0, 2), two);
	size_t seen = 0;
	for (uint64_t at = 0, end; (at = holes_next(s, at, &end)) < s.n; at = end, seen++) {
		assert_true(end > at && end <= n && is_stored[from + at] && is_stored[from + end - 1]);
		assert_true(at == 0 || !is_stored[from + at - 1]);
	}
	assert_true(seen <= nparts);
}

static void check_search(size_t from, size_t n)
{
	static const uint8_t patterns[][3] = { { 0, 2, 1 }, { 1, 0, 0 }, { 2, 1, 0 }, { 1, 2, 2 } };
	struct span s = span_of(bytes + from, n);
	for (size_t i = 0; i < 4; i++)
		assert_ptr_equal(holes_memmem(s, patterns[i], 3), memmem(s.p, s.n, patterns[i], 3));
}

static void check_digest(size_t from, size_t n);

static void test_spans(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		make(seed);
		assert_true(holes_tell(span_of(bytes, SIZE), parts, nparts));
		for (size_t from = 0; from < SIZE; from += 61)
			for (size_t n = 1; from + n <= SIZE; n += 127) {
				check_span(from, n);
				check_search(from, n);
			}
		check_digest(100, 3000);
		check_digest(0, SIZE);
		holes_forget(span_of(bytes, SIZE));
		assert_false(holes_any(span_of(bytes, SIZE)));
	}
}

static void nothing(void *context, struct span piece)
{
	*(uint64_t *)context += piece.n;
}

static void check_digest(size_t from, size_t n)
{
	char hex[65], expected[65];
	uint64_t read = 0;
	struct span s = span_of(bytes + from, n);
	hash_sha256_hex(s, expected);
	hash_sha256_sparse(s, 13, nothing, &read, hex);
	assert_string_equal(hex, expected);
	assert_int_equal(read, holes_stored(s));
}

static void test_trim(void **state)
{
	(void)state;
	static uint8_t b[1000];
	static const struct stored v[] = { { 10, 20 }, { 300, 400 }, { 700, 720 } };
	memset(b + 10, 0xff, 10);
	b[310] = 7;
	b[390] = 8;
	assert_true(holes_tell(span_of(b, sizeof b), v, 3));
	struct span s = holes_trim(span_of(b, sizeof b), 1);
	assert_ptr_equal(s.p, b + 310);
	assert_int_equal(s.n, 81);
	assert_true(holes_trim(span_of(b, 300), 1).n < 1);
	assert_true(holes_trim(span_of(b, sizeof b), 500).n < 500);
	holes_forget(span_of(b, sizeof b));
	s = holes_trim(span_of(b, sizeof b), 1); /* the same without that knowledge */
	assert_ptr_equal(s.p, b + 310);
	assert_int_equal(s.n, 81);
}

static void test_other_places(void **state)
{
	(void)state;
	static uint8_t a[100], b[100];
	static const struct stored v[] = { { 50, 60 } };
	assert_true(holes_tell(span_of(a, sizeof a), v, 1));
	assert_int_equal(holes_stored(span_of(a, sizeof a)), 10);
	assert_int_equal(holes_stored(span_of(b, sizeof b)), 100);
	assert_true(holes_tell(span_of(b, sizeof b), NULL, 0));
	assert_int_equal(holes_stored(span_of(b, sizeof b)), 0);
	assert_int_equal(holes_end(span_of(b, sizeof b)), 0);
	holes_forget(span_of(a, sizeof a));
	assert_int_equal(holes_stored(span_of(a, sizeof a)), 100);
	holes_forget(span_of(b, sizeof b));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_spans), cmocka_unit_test(test_trim), cmocka_unit_test(test_other_places) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
