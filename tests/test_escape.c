/* SPDX-License-Identifier: GPL-3.0-or-later */
/* escape: hostile strings for terminals, HTML and UTF-8 readers. Expectations are written out by hand from the contract
 * in base/escape.h and from The Unicode Standard, table 3-7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/escape.h"

struct row {
	struct text in;
	const char *out;
};

#define ROW(in, out)                                                                                                   \
	{                                                                                                                  \
		TEXT_LIT(in), out                                                                                              \
	}

static void test_terminal(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("/etc/passwd", "/etc/passwd"),
		ROW("a\nb\tc", "a\\x0ab\\x09c"),
		ROW("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
		ROW("nul\0in", "nul\\x00in"),
		ROW("\x7f", "\\x7f"),
		ROW("\xc2\x9b"
			"31m",
			"\\xc2\\x9b31m"), /* C1 CSI as UTF-8 */
		ROW("\x9b"
			"31m",
			"\\x9b31m"), /* C1 CSI as a byte */
		ROW("Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"),
		ROW("\xe6\x97\xa5\xf0\x9f\x94\x92", "\xe6\x97\xa5\xf0\x9f\x94\x92"),
		ROW("\xe2\x80\xae"
			"exe",
			"\\xe2\\x80\\xaeexe"),              /* U+202E right-to-left override */
		ROW("\xe2\x81\xa6", "\\xe2\\x81\\xa6"), /* U+2066 isolate */
		ROW("a\xe2\x80\x8b"
			"b",
			"a\\xe2\\x80\\x8bb"),                        /* U+200B has no width */
		ROW("\xe2\x80\xa8", "\\xe2\\x80\\xa8"),          /* U+2028 line separator */
		ROW("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"), /* U+E0041 tag */
		ROW("Se\xf1or", "Se\\xf1or"),
		ROW("\\x41", "\\x5cx41"), /* no escape can be forged */
		ROW("C:\\dir\\", "C:\\dir\\"),
		ROW("\xe6\x97", "\\xe6\\x97"), /* cut off */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char out[128];
		size_t n = escape_terminal(rows[i].in, out, sizeof out);
		assert_string_equal(out, rows[i].out);
		assert_int_equal(n, strlen(rows[i].out));
	}
}

/* Whatever the room: terminated, within it, a prefix of the whole, and never half a character. */
static void test_terminal_cut(void **state)
{
	static const struct text in = TEXT_LIT("a\xc3\xbc\x1b\xf0\x9f\x94\x92z");
	static const char whole[] = "a\xc3\xbc\\x1b\xf0\x9f\x94\x92z";
	static const size_t ends[] = { 0, 1, 3, 7, 11, 12 }; /* between characters of `whole` */
	(void)state;
	for (size_t size = 0; size <= sizeof whole; size++) {
		char out[32];
		memset(out, '#', sizeof out);
		size_t n = escape_terminal(in, out, size);
		assert_int_equal(out[size], '#');
		if (size == 0) {
			assert_int_equal(n, 0);
			continue;
		}
		size_t expected = 0;
		for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
			expected = ends[i] < size ? ends[i] : expected;
		assert_int_equal(n, expected);
		assert_int_equal(out[n], '\0');
		assert_memory_equal(out, whole, n);
	}
}

static void test_html(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
		ROW("\" onload=\"a&b", "&quot; onload=&quot;a&amp;b"),
		ROW("a\r\nb\0c", "a\\x0d\\x0ab\\x00c"),
		ROW("\xc3\xbc\xff\xc0\xaf", "\xc3\xbc\\xff\\xc0\\xaf"), /* overlong '/' */
		ROW("\xe2\x80\xae<", "\\xe2\\x80\\xae&lt;"),
		ROW("\xc2\x85", "\\xc2\\x85"),
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *out = escape_html(rows[i].in);
		assert_non_null(out);
		assert_string_equal(out, rows[i].out);
		free(out);
	}
}

static void test_utf8(void **state)
{
	static const struct row rows[] = {
		ROW("", ""),
		ROW("a\nb\x1b\\x", "a\nb\x1b\\x"), /* everything that is UTF-8 stays */
		ROW("a\0b", "a\\x00b"),
		ROW("\xff\xfe\xc3\xbc\x80", "\\xff\\xfe\xc3\xbc\\x80"),
		ROW("\xed\xa0\x80", "\\xed\\xa0\\x80"),          /* U+D800 surrogate */
		ROW("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"), /* U+110000 */
		ROW("\xe0\x80\x80", "\\xe0\\x80\\x80"),          /* overlong NUL */
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n = 0;
		char *out = escape_utf8(rows[i].in, &n);
		assert_non_null(out);
		assert_string_equal(out, rows[i].out);
		assert_int_equal(n, strlen(rows[i].out));
		free(out);
	}
}

/* Every code point in its shortest form has the length that table 3-6 gives; its cut forms have none. */
static void test_utf8_len(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x110000; c++) {
		unsigned len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		unsigned char p[4] = { (unsigned char)c };
		static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
		for (unsigned i = len; len > 1 && i-- > 0;)
			p[i] = i ? (unsigned char)(0x80 | (c >> 6 * (len - 1 - i) & 0x3f))
					 : (unsigned char)(lead[len] | c >> 6 * (len - 1));
		bool valid = c < 0x110000 && !(c >= 0xd800 && c < 0xe000);
		if (escape_utf8_len(p, len) != (valid ? len : 0))
			fail_msg("U+%04X", c);
		assert_int_equal(escape_utf8_len(p, len - 1), 0);
	}
}

/* No byte string makes a control character or broken UTF-8 come out. */
static void test_random(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int round = 0; round < 20000; round++) {
		char in[40], out[256];
		for (size_t i = 0; i < sizeof in; i++) {
			seed = seed * 1664525u + 1013904223u;
			in[i] = (char)(seed >> 24);
		}
		size_t n = escape_terminal(text_of(in, sizeof in), out, sizeof out);
		for (size_t i = 0; i < n;) {
			unsigned len = escape_utf8_len((unsigned char *)out + i, n - i);
			assert_int_not_equal(len, 0);
			assert_true((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
			i += len;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal), cmocka_unit_test(test_terminal_cut), cmocka_unit_test(test_html),
		cmocka_unit_test(test_utf8),     cmocka_unit_test(test_utf8_len),     cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
