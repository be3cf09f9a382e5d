/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_pull: expectations follow from RFC 8259's grammar, written out by hand. Every document is read whole and in chunks
 * of one to five bytes: the tokens must be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json_pull.h"

struct chunks {
	struct span left;
	size_t size;
};

static struct error read_chunk(void *context, uint8_t *into, size_t n, size_t *got)
{
	struct chunks *c = context;
	struct span part = span_clip(c->left, 0, c->size < n ? c->size : n);
	if (part.n)
		memcpy(into, part.p, part.n);
	c->left = span_from(c->left, part.n);
	*got = part.n;
	return error_none();
}

/* The tokens in a notation of this test: { } [ ] key: "string" number t f n, and ! with the error's place at the end. */
static void tell(struct json_pull *j, char *out, size_t size)
{
	static const char signs[] = "!.{}[]:\"#tfn";
	size_t n = 0;
	enum json_token t;
	do {
		t = json_pull_next(j);
		struct text x = json_pull_text(j);
		n += (size_t)snprintf(out + n, size - n, "%.*s%c", x.p ? (int)x.n : 0, x.p ? x.p : "", signs[t]);
		assert_true(n < size);
	} while (t > PULL_END);
	struct error e = json_pull_error(j);
	assert_int_equal(error_is(&e), t == PULL_ERROR);
	if (t == PULL_ERROR)
		snprintf(out + n, size - n, "%llu %s", (unsigned long long)e.offset, e.text);
	assert_int_equal(json_pull_next(j), t); /* it stays */
}

static void assert_reads(struct text document, const struct json_limits *limits, const char *expected)
{
	char out[4096];
	struct span bytes = span_of(document.p, document.n);
	struct json_pull *j = json_pull_new_span(bytes, limits);
	assert_non_null(j);
	tell(j, out, sizeof out);
	assert_string_equal(out, expected);
	json_pull_free(j);
	for (size_t size = 1; size <= 5; size++) {
		struct chunks c = { bytes, size };
		j = json_pull_new(read_chunk, &c, limits);
		assert_non_null(j);
		tell(j, out, sizeof out);
		assert_string_equal(out, expected);
		json_pull_free(j);
	}
}

struct row {
	struct text in;
	const char *out;
};

#define ROW(in, out)                                                                                                   \
	{                                                                                                                  \
		TEXT_LIT(in), out                                                                                              \
	}

static void test_documents(void **state)
{
	static const struct row rows[] = {
		ROW("{}", "{}."),
		ROW(" [ ] \r\n\t", "[]."),
		ROW("null", "n."),
		ROW("[true,false,null]", "[tfn]."),
		ROW("{\"a\":1,\"b\":[{},\"x\"]}", "{a:1#b:[{}x\"]}."),
		ROW("{\"a\" : { \"\" : \"\" } }", "{a:{:\"}}."),
		ROW("[0,-0,10,-1.5,1e9,1E+2,2.50e-3]", "[0#-0#10#-1.5#1e9#1E+2#2.50e-3#]."),
		ROW("7", "7#."),
		ROW("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t\"."),
		ROW("\"\\u00e4\\u20AC\\ud83d\\ude00\"", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"."),
		ROW("\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"."),
		/* Lone surrogates: each U+FFFD. */
		ROW("\"\\ud83dx\"", "\xef\xbf\xbdx\"."),
		ROW("\"\\ude00\\n\"", "\xef\xbf\xbd\n\"."),
		ROW("\"\\ud83d\\n\"", "\xef\xbf\xbd\n\"."),
		ROW("\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80\"."),
		ROW("\"\\ud83d\\u0041\"", "\xef\xbf\xbd"
								  "A\"."),
		ROW("{\"k\\u0041\":1,\"k\\u0041\":2}", "{kA:1#kA:2#}."),
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_reads(rows[i].in, NULL, rows[i].out);
}

static void test_faults(void **state)
{
	static const struct row rows[] = {
		ROW("", "!0 line 1, column 1: the document ends where a value was expected"),
		ROW("{", "{!1 line 1, column 2: the document ends where a member's name in quotes or '}' was expected"),
		ROW("{\"a\"", "{a:!4 line 1, column 5: the document ends where ':' was expected"),
		ROW("{\"a\" 1}", "{a:!5 line 1, column 6: expected ':', found '1'"),
		ROW("{\"a\":}", "{a:!5 line 1, column 6: expected a value, found '}'"),
		ROW("{\"a\":1,}", "{a:1#!7 line 1, column 8: expected a member's name in quotes, found '}'"),
		ROW("{a:1}", "{!1 line 1, column 2: expected a member's name in quotes or '}', found 'a'"),
		ROW("[1,]", "[1#!3 line 1, column 4: expected a value, found ']'"),
		ROW("[,1]", "[!1 line 1, column 2: expected a value, found ','"),
		ROW("[1 2]", "[1#!3 line 1, column 4: expected ',' or ']', found '2'"),
		ROW("[1}", "[1#!2 line 1, column 3: expected ',' or ']', found '}'"),
		ROW("{\"a\":1]", "{a:1#!6 line 1, column 7: expected ',' or '}', found ']'"),
		ROW("[\n\n  nul]", "[!8 line 3, column 6: expected null, found ']'"),
		ROW("1 2", "1#!2 line 1, column 3: expected the end of the document, found '2'"),
		ROW("[01]", "[!3 line 1, column 4: a number begins with a zero"),
		ROW("[-]", "[!2 line 1, column 3: expected a digit, found ']'"),
		ROW("[1.]", "[!3 line 1, column 4: expected a digit, found ']'"),
		ROW("[1e+]", "[!4 line 1, column 5: expected a digit, found ']'"),
		ROW("[+1]", "[!1 line 1, column 2: expected a value, found '+'"),
		ROW("[NaN]", "[!1 line 1, column 2: expected a value, found 'N'"),
		ROW("\"a", "!2 line 1, column 3: the document ends inside a string"),
		ROW("\"a\nb\"", "!2 line 1, column 3: a control character stands in a string"),
		ROW("\"\\x\"", "!2 line 1, column 3: expected an escape (one of \"\\/bfnrtu), found 'x'"),
		ROW("\"\\u12g4\"", "!5 line 1, column 6: expected a hexadecimal digit, found 'g'"),
		ROW("\"a\xff\"", "!2 line 1, column 3: a string is not valid UTF-8"),
		ROW("\"\xc0\xaf\"", "!1 line 1, column 2: a string is not valid UTF-8"),
		ROW("\x01", "!0 line 1, column 1: expected a value, found the byte 0x01"),
		ROW("// no\n1", "!0 line 1, column 1: expected a value, found '/'"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_reads(rows[i].in, NULL, rows[i].out);
}

static void test_limits(void **state)
{
	static const struct json_limits limits = { .depth = 3, .string = 4, .total = 20 };
	(void)state;
	assert_reads(TEXT_LIT("[[[\"abcd\"]]]"), &limits, "[[[abcd\"]]].");
	assert_reads(TEXT_LIT("[[[[]]]]"), &limits, "[[[!3 line 1, column 4: objects and arrays are nested deeper than 3");
	struct json_pull *j = json_pull_new_span(span_of("[\"abcde\"]", 9), &limits);
	assert_int_equal(json_pull_next(j), PULL_ARRAY);
	assert_int_equal(json_pull_next(j), PULL_ERROR);
	assert_int_equal(json_pull_error(j).code, ERR_BUDGET);
	json_pull_free(j);
	j = json_pull_new_span(span_of("[1,2,3,4,5,6,7,8,9,10]", 22), &limits);
	assert_int_equal(json_pull_next(j), PULL_ERROR);
	assert_int_equal(json_pull_error(j).code, ERR_BUDGET);
	json_pull_free(j);
}

/* A string of 1 GiB is refused when its limit is reached, with no more memory than that. */
static struct error read_endless(void *context, uint8_t *into, size_t n, size_t *got)
{
	uint64_t *given = context;
	memset(into, *given ? 'x' : '"', n);
	*given += n;
	memset(into + 1, 'x', n - 1);
	*got = n;
	return error_none();
}

static void test_endless_string(void **state)
{
	uint64_t given = 0;
	struct json_pull *j = json_pull_new(read_endless, &given, NULL);
	(void)state;
	assert_int_equal(json_pull_next(j), PULL_ERROR);
	assert_int_equal(json_pull_error(j).code, ERR_BUDGET);
	assert_true(given < (17u << 20));
	json_pull_free(j);
}

static struct error read_failing(void *context, uint8_t *into, size_t n, size_t *got)
{
	bool *begun = context;
	(void)n;
	if (*begun)
		return error_at(ERR_IO, 1, "the disk is gone");
	*begun = true;
	into[0] = '[';
	*got = 1;
	return error_none();
}

static void test_read_error(void **state)
{
	bool begun = false;
	struct json_pull *j = json_pull_new(read_failing, &begun, NULL);
	(void)state;
	assert_int_equal(json_pull_next(j), PULL_ARRAY);
	assert_int_equal(json_pull_next(j), PULL_ERROR);
	assert_string_equal(json_pull_error(j).text, "the disk is gone");
	json_pull_free(j);
}

/* An error behind a whole document is an error too: it may have been cut. */
static void test_places_and_skip(void **state)
{
	static const char document[] = "\xef\xbb\xbf{\"a\": [1,\n  {\"bc\": [[], {\"x\": 2}], \"d\": true}],\n\"e\": -12}";
	char path[64];
	struct json_pull *j = json_pull_new_span(span_of(document, sizeof document - 1), NULL);
	(void)state;
	assert_int_equal(json_pull_next(j), PULL_OBJECT);
	assert_int_equal(json_pull_next(j), PULL_KEY);
	assert_int_equal(json_pull_next(j), PULL_ARRAY);
	assert_int_equal(json_pull_next(j), PULL_NUMBER);
	assert_string_equal(json_pull_path(j, path, sizeof path), "$.a[0]");
	assert_int_equal(json_pull_next(j), PULL_OBJECT);
	assert_int_equal(json_pull_next(j), PULL_KEY);
	assert_int_equal(json_pull_place(j).line, 2);
	assert_int_equal(json_pull_place(j).column, 4);
	assert_int_equal(json_pull_place(j).offset, 16);
	assert_true(json_pull_skip(j));
	assert_string_equal(json_pull_path(j, path, sizeof path), "$.a[1].bc");
	assert_int_equal(json_pull_next(j), PULL_KEY);
	assert_true(text_is(json_pull_text(j), "d"));
	assert_true(json_pull_skip(j));
	assert_int_equal(json_pull_next(j), PULL_OBJECT_END);
	assert_int_equal(json_pull_next(j), PULL_ARRAY_END);
	assert_int_equal(json_pull_next(j), PULL_KEY);
	assert_int_equal(json_pull_next(j), PULL_NUMBER);
	assert_true(text_is(json_pull_text(j), "-12"));
	assert_int_equal(json_pull_next(j), PULL_OBJECT_END);
	assert_int_equal(json_pull_next(j), PULL_END);
	json_pull_free(j);
}

/* Cut anywhere, a document is an error, never an end; with any byte flipped it ends in one or the other. */
static void test_cut_and_flipped(void **state)
{
	static const char document[] = "{\"a\":[1,-2.5e3,\"x\\u00e4\\n\xc3\xa4\",{\"b\":null}],\"c\":{\"d\":[true,false]}}";
	(void)state;
	for (size_t n = 0; n < sizeof document - 1; n++) {
		char *copy = malloc(n + 1);
		memcpy(copy, document, n);
		struct json_pull *j = json_pull_new_span(span_of(copy, n), NULL);
		enum json_token t;
		while ((t = json_pull_next(j)) > PULL_END)
			;
		assert_int_equal(t, PULL_ERROR);
		json_pull_free(j);
		free(copy);
	}
	for (size_t bit = 0; bit < 8 * (sizeof document - 1); bit++) {
		char copy[sizeof document];
		memcpy(copy, document, sizeof document);
		copy[bit / 8] ^= (char)(1 << bit % 8);
		for (size_t size = 1; size <= 3; size++) {
			struct chunks c = { span_of(copy, sizeof document - 1), size };
			struct json_pull *j = json_pull_new(read_chunk, &c, NULL);
			while (json_pull_next(j) > PULL_END)
				;
			json_pull_free(j);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),  cmocka_unit_test(test_faults),
		cmocka_unit_test(test_limits),     cmocka_unit_test(test_endless_string),
		cmocka_unit_test(test_read_error), cmocka_unit_test(test_places_and_skip),
		cmocka_unit_test(test_cut_and_flipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
