/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "update_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

static void fill(uint8_t *p, size_t n)
{
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n; i += 8) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(p + i, &x, 8);
	}
}

void assert_no_noise(const struct format *format)
{
	struct format_match m;
	size_t n = 4 << 20;
	uint8_t *noise = malloc(n), keep[64];
	assert_non_null(noise);
	fill(noise, n);
	for (size_t at = 0; at < n - 4096 && format->at_start; at += 61)
		assert_false(format->probe(span_of(noise + at, n - at < 65536 ? n - at : 65536), &m));
	for (const struct format_magic *magic = format->magics; magic && magic->bytes; magic++) {
		if (magic->n > sizeof keep)
			continue;
		for (size_t at = 0; at + magic->offset + 4096 < n; at += 997) {
			uint8_t *place = noise + at + magic->offset;
			memcpy(keep, place, magic->n);
			memcpy(place, magic->bytes, magic->n);
			assert_false(format->probe(span_of(noise + at, n - at), &m));
			memcpy(place, keep, magic->n);
		}
	}
	free(noise);
}

static void assert_same_entry(const struct walked_entry *x, const struct walked_entry *y)
{
	assert_true(text_eq(x->e.path, y->e.path));
	assert_int_equal(x->e.kind, y->e.kind);
	assert_int_equal(x->e.mode, y->e.mode);
	assert_int_equal(x->e.mtime, y->e.mtime);
	assert_true(x->e.size == y->e.size && x->e.offset == y->e.offset);
	assert_int_equal(x->content.n, y->content.n);
	if (x->content.n)
		assert_memory_equal(x->content.p, y->content.p, x->content.n);
}

void assert_same_tree(const struct format *format, const struct format *base, struct span bytes)
{
	struct walked a, b;
	walked_open(&a, format, bytes);
	walked_open(&b, base, bytes);
	assert_true(a.accepted && b.accepted);
	assert_true(a.match.confidence > b.match.confidence);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++)
		assert_same_entry(&a.entries[i], &b.entries[i]);
	walked_close(&a);
	walked_close(&b);
}
