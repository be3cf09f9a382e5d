/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Installers that makensis writes, with each compression, solid and not, for machines of 32 and 64 bits: their files are what they were
 * made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

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
					 "SetCompress off\nFile /oname=%s text\nSetCompress auto\nWriteUninstaller $INSTDIR\\un.exe\nSectionEnd\n"
					 "Section Uninstall\nDelete $INSTDIR\\un.exe\nSectionEnd\n",
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
		assert_int_equal(t.n, 7); /* six files and the header: nothing is left over */
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

/* bzip2 without heads and sums is told. */
static void test_bzip2(void **state)
{
	(void)state;
	static const char *const compressors[] = { "SetCompressor bzip2", "SetCompressor /SOLID bzip2" };
	char dir[TEMP_MAX];
	if (!tool_exists("makensis"))
		skip();
	temp_new(dir);
	make_files(dir);
	for (size_t i = 0; i < 2; i++) {
		struct walked program, t;
		struct span all = installer(dir, "Unicode true", compressors[i]);
		walked_open(&t, &nsis_format, overlay_of(all, &program));
		assert_int_equal(t.error.code, ERR_UNSUPPORTED);
		walked_close(&t);
		walked_close(&program);
		free((void *)(uintptr_t)all.p);
	}
	temp_remove(dir);
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
		cmocka_unit_test(test_bzip2),
		cmocka_unit_test(test_bare_deflate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
