/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is cut around a place: lines of a text, rows of binary data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fact/excerpt.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool all_may_be_shown(void *context, int64_t line, struct text text)
{
	(void)context;
	(void)line;
	(void)text;
	return true;
}

/* ---- lines ---- */

/* The excerpt with the marked part in brackets, as the blob has its bytes. */
static const char *shown(struct span bytes, const struct excerpt_cut *cut)
{
	static char out[EXCERPT_MAX + 8];
	size_t mark = (size_t)(cut->offset - cut->start);
	assert_true(cut->n <= EXCERPT_MAX);
	assert_true(cut->start + cut->n <= bytes.n);
	assert_true(cut->offset >= cut->start && mark + cut->marked <= cut->n);
	const char *p = (const char *)bytes.p + cut->start;
	snprintf(out, sizeof out, "%s%.*s[%.*s]%.*s%s", cut->cut_before ? "~" : "", (int)mark, p, (int)cut->marked, p + mark,
			 (int)(cut->n - mark - cut->marked), p + mark + cut->marked, cut->cut_after ? "~" : "");
	return out;
}

static void lines_are_cut_with_two_around(void **state)
{
	static const struct {
		const char *bytes;
		int64_t line;
		const char *mark, *expected; /* NULL: there is none */
	} cases[] = {
		{ "a\nb\nc\nd\ne\nf\n", 3, "c", "a\nb\n[c]\nd\ne" },
		{ "a\nb\nc\nd\ne\nf\n", 1, "a", "[a]\nb\nc" },
		{ "a\nb\nc\nd\ne\nf\n", 6, "f", "d\ne\n[f]" },
		{ "a\nb\nc", 3, "c", "a\nb\n[c]" },
		{ "only", 1, "nl", "o[nl]y" },
		{ "a\r\nb = 1\r\nc\r\n", 2, "b = 1", "a\r\n[b = 1]\r\nc" },
		{ "a\r\n\r\nc\r\n", 3, "c", "a\r\n\r\n[c]" },
		{ "a\n\tif x; then\n", 2, "if x", "a\n\t[if x]; then" },
		{ "a\nb\n", 3, NULL, NULL },                    /* behind the last */
		{ "a\nb\n", 0, NULL, NULL },
		{ "a\nb\n", -4, NULL, NULL },
		{ "", 1, NULL, NULL },
		{ "\n\n", 1, "", "[]\n" },
		{ "a\n\x1b[2Jb\nc\n", 1, "a", "[a]" },          /* what is around it is no plain text */
		{ "a\n\x1b[2Jb\nc\n", 3, "c", "[c]" },
		{ "a\n\x1b[2Jb\nc\n", 2, "b", NULL },
		{ "a\nb\xff\nc\n", 2, "b", NULL },              /* Latin-1 */
		{ "a\nb\rc\n", 2, "b", NULL },
		{ "\xc3\xa4\n\xc3\xb6 = 1\n", 2, "\xc3\xb6", "\xc3\xa4\n[\xc3\xb6] = 1" },
		{ "\xc3\xb6 = 1\n", 1, "\xb6 ", "[\xc3\xb6 ]= 1" }, /* a mark is of whole characters */
		{ "\xc3\xb6 = 1\n", 1, "\xc3", "[\xc3\xb6] = 1" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct excerpt_source s = { .bytes = span_of(cases[i].bytes, strlen(cases[i].bytes)), .is_text = true };
		struct excerpt_context around = { all_may_be_shown, NULL };
		struct excerpt_cut cut;
		size_t from = 0, to = 0;
		bool there = excerpt_line(&s, cases[i].line, &from, &to);
		assert_int_equal(there, cases[i].mark != NULL);
		if (there) {
			const char *mark = memmem(cases[i].bytes + from, to - from, cases[i].mark, strlen(cases[i].mark));
			from = mark ? (size_t)(mark - cases[i].bytes) : from;
			to = from + strlen(cases[i].mark);
		}
		bool ok = excerpt_cut_text(&s, cases[i].line, from, to, around, &cut);
		assert_int_equal(ok, cases[i].expected != NULL);
		if (ok)
			assert_string_equal(shown(s.bytes, &cut), cases[i].expected);
		excerpt_source_free(&s);
	}
}

static void no_context_where_none_may_be_shown(void **state)
{
	(void)state;
	struct excerpt_source s = { .bytes = span_of("a\nb\nc\n", 6) };
	struct excerpt_cut cut;
	assert_true(excerpt_cut_text(&s, 2, 2, 3, (struct excerpt_context){ NULL, NULL }, &cut));
	assert_string_equal(shown(s.bytes, &cut), "[b]");
	excerpt_source_free(&s);
}

/* A line of 1 MB, without an end: what is around the mark, whole characters, wherever the mark is. */
static void long_lines_are_cut_around_the_mark(void **state)
{
	const size_t n = 1 << 20;
	char *line = malloc(n);
	(void)state;
	assert_non_null(line);
	for (size_t i = 0; i < n; i += 2)
		memcpy(line + i, "\xc3\xa4", 2);
	const size_t marks[] = { 0, 1, 2, 79, 80, 81, 82, 500, 501, n / 2 + 1, n - 240, n - 2, n - 1, n };
	for (size_t i = 0; i < COUNT(marks); i++)
		for (size_t length = 0; length < 600; length += 37) {
			struct excerpt_source s = { .bytes = span_of(line, n) };
			struct excerpt_cut cut;
			size_t to = marks[i] + length < n ? marks[i] + length : n;
			assert_true(excerpt_cut_text(&s, 1, marks[i], to, (struct excerpt_context){ all_may_be_shown, NULL }, &cut));
			shown(s.bytes, &cut);
			assert_true(cut.n <= EXCERPT_LINE_MAX && cut.n > 0);
			assert_true(excerpt_is_plain(span_sub(s.bytes, cut.start, cut.n)));
			assert_true(excerpt_is_plain(span_sub(s.bytes, cut.offset, cut.marked)));
			assert_int_equal(cut.cut_before, cut.start > 0);
			assert_int_equal(cut.cut_after, cut.start + cut.n < n);
			assert_true(cut.marked || to == marks[i] || marks[i] == n);
			excerpt_source_free(&s);
		}
	free(line);
}

static void offsets_have_lines(void **state)
{
	static const struct {
		uint64_t offset;
		int64_t line;
	} cases[] = { { 0, 1 }, { 1, 1 }, { 2, 2 }, { 3, 3 }, { 5, 3 }, { 6, 0 }, { UINT64_MAX, 0 } };
	struct excerpt_source s = { .bytes = span_of("a\n\nbcd", 6) };
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(excerpt_line_of(&s, cases[i].offset), cases[i].line);
	excerpt_source_free(&s);
}

/* Each byte of a text belongs to the line that a search for line ends gives, line ends to the one they end. */
static void lines_end_where_the_next_begins(void **state)
{
	static const char *const texts[] = { "a", "a\n", "a\n\n", "\n", "\r\n", "a\r\n\r\nb\r", "a\nb\nccc" };
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct excerpt_source s = { .bytes = span_of(texts[i], strlen(texts[i])) };
		size_t from, to, at = 0;
		int64_t line = 1;
		for (; at < s.bytes.n; line++) {
			size_t n = strcspn(texts[i] + at, "\n"), shown = n - (n && texts[i][at + n - 1] == '\r');
			assert_true(excerpt_line(&s, line, &from, &to));
			assert_int_equal(from, at);
			assert_int_equal(to, at + shown);
			assert_int_equal(excerpt_line_of(&s, at), line);
			at += n + (texts[i][at + n] == '\n');
		}
		assert_false(excerpt_line(&s, line, &from, &to));
		excerpt_source_free(&s);
	}
}

/* ---- binary data ---- */

static void binary_data_are_cut_by_rows_of_sixteen(void **state)
{
	static const struct {
		size_t size;
		uint64_t offset, marked;
		uint64_t start;
		size_t n, mark;
		bool is_cut, there;
	} cases[] = {
		{ 256, 0, 4, 0, 64, 4, false, true },
		{ 256, 0, 0, 0, 64, 1, false, true },      /* nobody knows where it ends: its first byte */
		{ 256, 37, 4, 16, 64, 4, false, true },    /* a row before it */
		{ 256, 37, 60, 32, 64, 59, true, true },   /* as much of it as there is room for */
		{ 256, 37, UINT64_MAX, 32, 64, 59, true, true },
		{ 256, 255, 1, 224, 32, 1, false, true },  /* the last byte */
		{ 256, 255, 9, 224, 32, 1, false, true },
		{ 256, 256, 0, 240, 16, 0, false, true },  /* the end itself */
		{ 250, 250, 3, 224, 26, 0, false, true },
		{ 16, 16, 0, 0, 16, 0, false, true },
		{ 1, 0, 1, 0, 1, 1, false, true },
		{ 1, 1, 1, 0, 1, 0, false, true },
		{ 256, 257, 1, 0, 0, 0, false, false },    /* beyond the end */
		{ 256, UINT64_MAX, 1, 0, 0, 0, false, false },
		{ 0, 0, 1, 0, 0, 0, false, false },
	};
	static const uint8_t bytes[256];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct excerpt_cut cut;
		bool there = excerpt_cut_binary(span_of(bytes, cases[i].size), cases[i].offset, cases[i].marked, &cut);
		assert_int_equal(there, cases[i].there);
		if (!there)
			continue;
		assert_int_equal(cut.start, cases[i].start);
		assert_int_equal(cut.n, cases[i].n);
		assert_int_equal(cut.marked, cases[i].mark);
		assert_int_equal(cut.cut_after, cases[i].is_cut);
		assert_int_equal(cut.offset, cases[i].offset);
		assert_true(cut.line == FACT_NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_cut_with_two_around),
		cmocka_unit_test(no_context_where_none_may_be_shown),
		cmocka_unit_test(long_lines_are_cut_around_the_mark),
		cmocka_unit_test(offsets_have_lines),
		cmocka_unit_test(lines_end_where_the_next_begins),
		cmocka_unit_test(binary_data_are_cut_by_rows_of_sixteen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
