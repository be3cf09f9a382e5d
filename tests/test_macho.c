/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs of macOS: where they end, what they are called, universal binaries, the linker's shared cache. LLVM's compiler and lipo are
 * asked where they are installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "format/macho.h"
#include "probe/tree.h"
#include "walked.h"

extern const struct format macho_fat_format, dyld_cache_format;

static uint8_t room[1 << 17];

static void put(size_t at, uint64_t v, unsigned n, bool big)
{
	for (unsigned i = 0; i < n; i++)
		room[at + (big ? n - 1 - i : i)] = (uint8_t)(v >> 8 * i);
}

/* A program with one segment, symbols behind it and a signature at its end. */
static size_t make_program(size_t at, uint32_t cpu, bool wide, bool big)
{
	size_t header = wide ? 32 : 28, segment = wide ? 72 : 56, list = segment + 24 + 16;
	memset(room + at, 0, 0x3000);
	put(at, wide ? 0xfeedfacf : 0xfeedface, 4, big);
	put(at + 4, cpu, 4, big);
	put(at + 12, 2, 4, big);
	put(at + 16, 3, 4, big);
	put(at + 20, list, 4, big);
	size_t c = at + header;
	put(c, wide ? 0x19 : 1, 4, big);
	put(c + 4, segment, 4, big);
	memcpy(room + c + 8, "__TEXT", 6);
	put(c + (wide ? 48 : 36), 0x1000, wide ? 8 : 4, big);
	c += segment;
	put(c, 2, 4, big);
	put(c + 4, 24, 4, big);
	put(c + 8, 0x1000, 4, big);
	put(c + 12, 10, 4, big);
	put(c + 16, 0x1100, 4, big);
	put(c + 20, 50, 4, big);
	c += 24;
	put(c, 0x1d, 4, big);
	put(c + 4, 16, 4, big);
	put(c + 8, 0x1140, 4, big);
	put(c + 12, 0x2c0, 4, big);
	return 0x1400;
}

static void test_program(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		size_t n = make_program(0, i & 1 ? 0x0100000c : 12, i & 1, i & 2);
		struct macho m;
		assert_true(macho_read(span_of(room, n), &m));
		assert_string_equal(macho_cpu(m.cpu, m.subtype), i & 1 ? "arm64" : "arm");
		assert_int_equal(macho_end(span_of(room, sizeof room)), n);
		assert_string_equal(classify(span_of(room, n)), "mach-o");
		/* what is not there does not count */
		assert_int_equal(macho_end(span_of(room, 0x1200)), 0x1000 + 0x100 + 50);
		for (size_t cut = 0; cut < 200; cut++)
			assert_true(macho_end(span_of(room, cut)) <= cut);
		uint64_t x = 88172645463325252;
		for (unsigned k = 0; k < 2000; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			size_t where = x % 200;
			room[where] ^= (uint8_t)(x >> 32);
			assert_true(macho_end(span_of(room, n)) <= n);
			room[where] ^= (uint8_t)(x >> 32);
		}
	}
	assert_string_equal(classify(span_of("\xfe\xed\xfa\xce is what a text may begin with", 33)), "text");
}

static size_t make_fat(bool wide)
{
	static const uint32_t cpus[] = { 0x01000007, 0x0100000c };
	memset(room, 0, sizeof room);
	put(0, wide ? 0xcafebabf : 0xcafebabe, 4, true);
	put(4, 2, 4, true);
	size_t n = 0;
	for (unsigned i = 0; i < 2; i++) {
		size_t row = 8 + i * (wide ? 32 : 20), at = 0x4000 * (i + 1);
		size_t size = make_program(at, cpus[i], true, false);
		put(row, cpus[i], 4, true);
		put(row + 4, i ? 2 : 3, 4, true);
		put(row + 8, at, wide ? 8 : 4, true);
		put(row + (wide ? 16 : 12), size, wide ? 8 : 4, true);
		put(row + (wide ? 24 : 16), 14, 4, true);
		n = at + size;
	}
	return n;
}

static void test_fat(void **state)
{
	(void)state;
	for (unsigned wide = 0; wide < 2; wide++) {
		struct walked t;
		size_t n = make_fat(wide);
		walked_open(&t, &macho_fat_format, span_of(room, n + 100));
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, n);
		assert_int_equal(t.n, 2);
		assert_content(&t, "x86_64", room + 0x4000, 0x1400);
		assert_content(&t, "arm64e", room + 0x8000, 0x1400);
		walked_close(&t);
		walked_open(&t, &macho_fat_format, span_of(room, n - 0x1000));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		survives_cuts(&macho_fat_format, span_of(room, n), 100);
		survives_flips(&macho_fat_format, span_of(room, n), 1000, 64);
	}
	/* slices that are one another */
	struct walked t;
	size_t n = make_fat(false);
	put(8 + 20 + 8, 0x4000, 4, true);
	put(8 + 20, 0x01000007, 4, true);
	put(8 + 12, n - 0x4000, 4, true);
	put(8 + 20 + 12, n - 0x4000, 4, true);
	walked_open(&t, &macho_fat_format, span_of(room, n));
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
}

/* Java's class files: the magic, a minor and a major version (45 to 70), the size of the pool of constants. */
static void test_java(void **state)
{
	(void)state;
	struct format_match m;
	for (unsigned major = 45; major < 71; major++) {
		memset(room, 0, 4096);
		memcpy(room, "\xca\xfe\xba\xbe\0\0\0\0\0\x1d\x0a\0\6\0\x0f\x09", 16);
		put(6, major, 2, true);
		assert_false(macho_fat_format.probe(span_of(room, 4096), &m));
	}
	/* nor is a table that leads to no program one */
	size_t n = make_fat(false);
	room[0x4000] = 0;
	assert_false(macho_fat_format.probe(span_of(room, n), &m));
	assert_false(macho_fat_format.probe(span_of(room, 0x2000), &m));
}

static void test_tools(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("clang-14") || !tool_exists("llvm-lipo-14"))
		skip();
	temp_new(dir);
	file_save(dir, "m.c", span_of("int four(void) { return 4; }\nint main(void) { return four(); }\n", 62));
	run_in(dir, "clang-14 -target arm64-apple-macos11 -c m.c -o a && clang-14 -target x86_64-apple-macos11 -c m.c -o x"
				" && llvm-lipo-14 -create a x -output fat");
	struct span a = file_load(dir, "a"), x = file_load(dir, "x"), fat = file_load(dir, "fat");
	struct walked t;
	walked_open(&t, &macho_fat_format, fat);
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, fat.n);
	assert_int_equal(t.n, 2);
	assert_content(&t, "arm64", a.p, a.n);
	assert_content(&t, "x86_64", x.p, x.n);
	walked_close(&t);
	memcpy(room, a.p, a.n);
	memset(room + a.n, 0, 1000);
	assert_int_equal(macho_end(span_of(room, a.n + 1000)), a.n);
	assert_string_equal(classify(x), "mach-o");
	free((void *)a.p);
	free((void *)x.p);
	free((void *)fat.p);
	temp_remove(dir);
}

static void test_cache(void **state)
{
	(void)state;
	struct walked t;
	memset(room, 0x5a, 0x9000);
	memset(room, 0, 0x200);
	memcpy(room, "dyld_v1  arm64e", 15);
	put(16, 0x138, 4, false);
	put(20, 2, 4, false);
	put(40, 0x8000, 8, false);
	put(48, 0x1000, 8, false);
	for (unsigned i = 0; i < 2; i++) {
		put(0x138 + 32 * i, 0x180000000 + 0x100000 * i, 8, false);
		put(0x138 + 32 * i + 8, 0x4000, 8, false);
		put(0x138 + 32 * i + 16, 0x4000 * i, 8, false);
		put(0x138 + 32 * i + 24, 5, 4, false);
		put(0x138 + 32 * i + 28, 5, 4, false);
	}
	walked_open(&t, &dyld_cache_format, span_of(room, 0x9100));
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, 0x9000);
	assert_string_equal(walked_header(&t, "architecture"), "arm64e");
	assert_content(&t, "mapping-1", room + 0x4000, 0x4000);
	assert_content(&t, "code_signature", room + 0x8000, 0x1000);
	walked_close(&t);
	survives_cuts(&dyld_cache_format, span_of(room, 0x9000), 100);
	survives_flips(&dyld_cache_format, span_of(room, 0x9000), 1000, 0x180);
	assert_false(dyld_cache_format.probe(span_of("dyld_v1  arm64e is looked for here, and there are many more bytes than it takes", 78), &t.match));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_program), cmocka_unit_test(test_fat),   cmocka_unit_test(test_java),
										cmocka_unit_test(test_tools),   cmocka_unit_test(test_cache) };
	return cmocka_run_group_tests_name("macho", tests, NULL, NULL);
}
