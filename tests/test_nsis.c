/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Installers that makensis writes, with each compression, solid and not, for machines of 32 and 64 bits: their files are what they were
 * made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bzip2_bare.h"
#include "base/deflate64.h"
#include "walked.h"

extern const struct format nsis_format, pe_format;

#define NOISE_N 70000u

static uint8_t noise[NOISE_N];
static char text[40000];
static size_t text_n;

static void make_files(const char *dir)
{
	uint32_t v = 1;
	for (size_t i = 0; i < NOISE_N; i++) {
		v = v * 1103515245 + 12345;
		noise[i] = (uint8_t)(v >> 16);
	}
	for (unsigned i = 0; text_n + 64 < sizeof text; i++)
		text_n += (size_t)snprintf(text + text_n, sizeof text - text_n, "line %u of a file that is packed\r\n", i);
	file_save(dir, "noise", span_of(noise, NOISE_N));
	file_save(dir, "text", span_of(text, text_n));
}

/* The program, or an empty span where there is no maker. */
static struct span installer(const char *dir, const char *settings, const char *compressor)
{
	char script[2000];
	int n = snprintf(script, sizeof script,
					 "%s\n%s\nOutFile made.exe\nName x\nInstallDir \"$PROGRAMFILES\\Acme\"\nSection\nSetOutPath $INSTDIR\\sub\nFile noise\n"
					 "File /oname=Text.txt text\nSetOutPath $INSTDIR\nFile /oname=copy noise\nFile /oname=$TEMP\\t.txt text\n"
					 "SetCompress off\nFile /oname=%s text\nSetCompress auto\nWriteUninstaller $INSTDIR\\un.exe\nSetOutPath $INSTDIR\\sub\nFile noise\n"
					 "SectionEnd\nSection Uninstall\nDelete $INSTDIR\\un.exe\nSectionEnd\n",
					 settings, compressor, strstr(settings, "false") ? "plain" : "gr\303\266\303\237e");
	file_save(dir, "x.nsi", span_of((const uint8_t *)script, (size_t)n));
	run_in(dir, "makensis -V1 -INPUTCHARSET UTF8 x.nsi > log 2>&1");
	return file_load(dir, "made.exe");
}

static struct span overlay_of(struct span program, struct walked *t)
{
	walked_open(t, &pe_format, program);
	return walked_get(t, "overlay")->content;
}

static void assert_files(const struct walked *t, bool ansi)
{
	assert_content(t, "/$INSTDIR/sub/noise", noise, NOISE_N);
	assert_content(t, "/$INSTDIR/sub/Text.txt", text, text_n);
	assert_string_equal(walked_get(t, "/$INSTDIR/copy")->e.same_as.p, "/$INSTDIR/sub/noise");
	assert_true(walked_get(t, "/$TEMP/t.txt")->e.same_as.p || walked_get(t, "/$TEMP/t.txt")->content.n == text_n);
	const struct walked_entry *plain = walked_get(t, ansi ? "/$INSTDIR/plain" : "/$INSTDIR/gr\303\266\303\237e");
	assert_true(plain->e.same_as.p || plain->content.n == text_n);
	assert_true(walked_get(t, "/$INSTDIR/sub/noise")->e.mtime > 1600000000);
	assert_true(span_has(walked_get(t, "/$INSTDIR/un.exe.nsis")->content, 4, "\xef\xbe\xad\xdeNullsoftInst", 16));
}

static void test_files(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *compressor, *said;
	} cases[] = {
		{ "Unicode true", "SetCompressor zlib", "zlib" },
		{ "Unicode false", "SetCompressor zlib", "zlib" },
		{ "Unicode true", "SetCompressor /SOLID zlib", "solid zlib" },
		{ "Unicode true", "SetCompressor lzma", "lzma" },
		{ "Unicode true", "SetCompressor /SOLID lzma", "solid lzma" },
		{ "Unicode false", "SetCompressor /SOLID lzma", "solid lzma" },
		{ "Target amd64-unicode", "SetCompressor lzma", "lzma" },
		{ "Unicode true", "SetCompress off", "zlib" },
		{ "Unicode true", "SetCompressor bzip2", "bzip2" },
		{ "Unicode false", "SetCompressor /SOLID bzip2", "solid bzip2" },
	};
	char dir[TEMP_MAX];
	if (!tool_exists("makensis"))
		skip();
	temp_new(dir);
	make_files(dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked program, t;
		struct span all = installer(dir, cases[i].settings, cases[i].compressor);
		struct span overlay = overlay_of(all, &program);
		assert_int_equal(fact_list_count(&program.facts, FACT_damage), 0); /* the CRC-32 is right */
		walked_open(&t, &nsis_format, overlay);
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, overlay.n);
		assert_string_equal(walked_header(&t, "compression"), cases[i].said);
		assert_int_equal(t.n, 7); /* six files, one of which is written twice, and the header: nothing is left over */
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_files(&t, strstr(cases[i].settings, "false"));
		walked_close(&t);
		survives_cuts(&nsis_format, overlay, 20);
		survives_flips(&nsis_format, overlay, 60, 2000);
		*(uint8_t *)(uintptr_t)(overlay.p + overlay.n - 100) ^= 1;
		walked_close(&program);
		walked_open(&program, &pe_format, all);
		assert_int_equal(walked_damage(&program, "corrupt"), 1);
		walked_close(&program);
		free((void *)(uintptr_t)all.p);
	}
	temp_remove(dir);
}

/* ---- bzip2 as NSIS changed it, made of what bzip2 itself writes ---- */

struct bits {
	uint8_t *p;
	uint64_t n;
};

static void put_bits(struct bits *b, uint64_t value, unsigned n)
{
	while (n--) {
		b->p[b->n / 8] = (uint8_t)(b->p[b->n / 8] | (value >> n & 1) << (7 - b->n % 8));
		b->n++;
	}
}

static unsigned bit_of(struct span s, uint64_t i)
{
	return s.p[i / 8] >> (7 - i % 8) & 1;
}

/* Where the next block or the end begins, as bzip2 marks them. */
static uint64_t next_mark(struct span s, uint64_t from, bool *end)
{
	uint64_t window = 0;
	for (uint64_t i = from; i < 8 * (uint64_t)s.n; i++) {
		window = (window << 1 | bit_of(s, i)) & ((UINT64_C(1) << 48) - 1);
		*end = window == UINT64_C(0x177245385090);
		if (i >= from + 47 && (*end || window == UINT64_C(0x314159265359)))
			return i - 47;
	}
	fail();
	return 0;
}

/* Without heads, sums and, unless `random`, the bit of each block that says whether it is randomised. */
static struct span bare_of(struct span packed, bool random)
{
	struct bits b = { calloc(1, packed.n + 16), 0 };
	bool end = false;
	for (uint64_t at = next_mark(packed, 32, &end); !end;) {
		uint64_t next = next_mark(packed, at + 48, &end);
		put_bits(&b, 0x31, 8);
		for (uint64_t i = at + 80 + !random; i < next; i++)
			put_bits(&b, bit_of(packed, i), 1);
		at = next;
	}
	put_bits(&b, 0x17, 8);
	return span_of(b.p, (size_t)(b.n + 7) / 8);
}

static void assert_bare(struct span packed, const struct buf *plain, bool random)
{
	struct span bare = bare_of(packed, random);
	size_t used;
	struct buf out = { 0 };
	assert_int_equal(bzip2_bare_decode(bare, random, &out, &used), ERR_NONE);
	assert_int_equal(used, bare.n);
	assert_int_equal(out.n, plain->n);
	assert_memory_equal(out.p, plain->p, plain->n);
	out.n = 0;
	assert_int_not_equal(bzip2_bare_decode(bare, !random, &out, &used), ERR_NONE);
	out.n = 0;
	assert_int_equal(bzip2_bare_decode(span_of(bare.p, bare.n - 1), random, &out, &used), ERR_TRUNCATED);
	assert_true(out.n > 900000 - 20 && out.n <= plain->n);
	buf_free(&out);
	out = buf_with_limit(100000);
	assert_int_equal(bzip2_bare_decode(bare, random, &out, &used), ERR_BUDGET);
	buf_free(&out);
	free((void *)(uintptr_t)bare.p);
}

/* Two blocks: numbers, then long runs, which are packed twice. */
static void test_bare_bzip2(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	struct buf plain = { 0 };
	temp_new(dir);
	for (unsigned i = 0; plain.n < 950000; i++) {
		char line[32];
		assert_int_equal(buf_add(&plain, line, (size_t)snprintf(line, sizeof line, "%u,", i * 2654435761u)), ERR_NONE);
	}
	for (unsigned i = 1; i < 300; i++)
		for (unsigned k = 0; k < i; k++)
			assert_int_equal(buf_add(&plain, &(uint8_t){ (uint8_t)i }, 1), ERR_NONE);
	file_save(dir, "plain", buf_span(&plain));
	run_in(dir, "bzip2 -9 -k plain");
	struct span packed = file_load(dir, "plain.bz2");
	assert_bare(packed, &plain, false);
	assert_bare(packed, &plain, true);
	free((void *)(uintptr_t)packed.p);
	buf_free(&plain);
	temp_remove(dir);
}

static void test_bare_bzip2_broken(void **state)
{
	(void)state;
	struct buf out = { 0 };
	size_t used;
	uint8_t random[] = { 0x31, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	assert_int_equal(bzip2_bare_decode(span_of(random, sizeof random), true, &out, &used), ERR_UNSUPPORTED);
	assert_int_equal(bzip2_bare_decode(span_of(random, sizeof random), false, &out, &used), ERR_CORRUPT);
	assert_int_equal(bzip2_bare_decode(span_of("\x17", 1), false, &out, &used), ERR_NONE);
	assert_int_equal(bzip2_bare_decode(span_of("B", 1), false, &out, &used), ERR_CORRUPT);
	assert_int_equal(bzip2_bare_decode(SPAN_NONE, false, &out, &used), ERR_TRUNCATED);
	for (unsigned seed = 0; seed < 2000; seed++) {
		uint8_t bytes[120] = { 0x31, 0, 0, (uint8_t)(seed % 3), 0x80, 0 };
		uint32_t v = seed;
		for (size_t i = 5; i < sizeof bytes; i++) {
			v = v * 1103515245 + 12345;
			bytes[i] = (uint8_t)(v >> 16);
		}
		out.n = 0;
		assert_int_not_equal(bzip2_bare_decode(span_of(bytes, sizeof bytes), false, &out, &used), ERR_MEMORY);
		assert_true(used <= sizeof bytes);
	}
	buf_free(&out);
}

/* Deflate as NSIS changed it, by hand: a stored block of three bytes, then one of fixed codes: 'a' and a match of 258 bytes. */
static void test_bare_deflate(void **state)
{
	(void)state;
	static const uint8_t stored[] = { 0x01, 3, 0, 'x', 'y', 'z', 0xee };
	static const uint8_t fixed[] = { 0x4b, 0x1c, 0x05, 0x00 };
	uint8_t out[300];
	size_t used, n;
	assert_int_equal(deflate_bare_decode(span_of(stored, sizeof stored), out, sizeof out, &used, &n), ERR_NONE);
	assert_int_equal(n, 3);
	assert_int_equal(used, 6);
	assert_memory_equal(out, "xyz", 3);
	assert_int_equal(deflate_bare_decode(span_of(fixed, sizeof fixed), out, sizeof out, &used, &n), ERR_NONE);
	assert_int_equal(n, 259);
	assert_int_equal(out[258], 'a');
	assert_int_equal(deflate_bare_decode(span_of(fixed, 2), out, sizeof out, &used, &n), ERR_TRUNCATED);
	assert_int_equal(deflate_bare_decode(span_of(fixed, sizeof fixed), out, 100, &used, &n), ERR_BUDGET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_bare_deflate),
		cmocka_unit_test(test_bare_bzip2),
		cmocka_unit_test(test_bare_bzip2_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
