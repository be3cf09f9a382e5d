/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 7z archives: what the 7z program packs, with every coder and chain of coders that it offers, is what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "format/sevenzip.h"
#include "walked.h"

extern const struct format sevenzip_format;

static const char *const names[] = { "program", "text", "noise", "branches", "riscv", "short" };
#define NAMES (sizeof names / sizeof names[0])

/* Half-words of which many are the two instructions that calculate an address of RISC-V, or are taken for what its filter makes of
 * them, and calls. */
static void make_riscv(const char *folder)
{
	uint8_t code[40000];
	uint32_t v = 4711;
	for (size_t i = 0; i < sizeof code; i++) {
		v = v * 1103515245 + 12345;
		code[i] = (uint8_t)(v >> 16);
	}
	for (size_t i = 0; i + 8 <= sizeof code; i += 2 * (1 + code[i] % 6)) {
		unsigned kind = code[i] % 4, rd = kind == 0 ? 2 : code[i + 1] % 32;
		if (kind == 3) { /* jal, into x1, x5 or others */
			code[i] = 0xef;
			code[i + 1] = (uint8_t)(code[i + 1] & ~0x0c);
			continue;
		}
		code[i] = (uint8_t)(0x17 | rd << 7);
		code[i + 1] = (uint8_t)((code[i + 1] & 0xf0) | rd >> 1 | (kind == 0 ? 0x30 : 0));
		if (kind == 1) {
			code[i + 4] |= 3;
			code[i + 5] = (uint8_t)((code[i + 5] & 0x7f) | rd << 7);
			code[i + 6] = (uint8_t)((code[i + 6] & 0xf0) | rd >> 1);
		}
	}
	file_save(folder, "riscv", span_of(code, sizeof code));
}

/* A program; text; noise; and words of which many are taken for branches of one machine or another. */
static void make_files(const char *dir)
{
	run_in(dir, "mkdir t; head -c 150000 /bin/sh > t/program; seq 1 20000 > t/text; openssl rand 70001 > t/noise; printf x > t/short");
	uint8_t words[40000];
	uint32_t v = 12345;
	for (size_t i = 0; i < sizeof words; i++) {
		v = v * 1103515245 + 12345;
		words[i] = (uint8_t)(v >> 16);
		if (i % 4 == 3 && v >> 24 & 1)
			words[i] = (uint8_t[]){ 0xeb, 0x94, 0xf8, 0x90, 0xe8, 0x40, 0x7f, 0x48 }[v >> 26 & 7];
		if (i % 4 == 1 && v >> 25 & 1)
			words[i] = 0xf0;
		if (i % 16 == 0)
			words[i] = (uint8_t)(words[i] & 0xe0) | 0x10;
	}
	char path[TEMP_MAX + 4];
	snprintf(path, sizeof path, "%s/t", dir);
	file_save(path, "branches", span_of(words, sizeof words));
	make_riscv(path);
}

static bool pack(const char *dir, const char *options, struct span *archive)
{
	char command[256];
	snprintf(command, sizeof command, "rm -f a.7z b.7z; cd t; 7z a -bd -mx=5 %s ../b.7z . > /dev/null 2>&1; cd ..;"
			 "mv -f b.7z a.7z || : > a.7z", options);
	run_in(dir, command);
	*archive = file_load(dir, "a.7z");
	return archive->n > 0;
}

static void check_files(const char *dir, const char *options, struct span archive)
{
	struct walked t;
	char path[64];
	walked_open(&t, &sevenzip_format, archive);
	if (error_is(&t.error) || t.n != NAMES || fact_list_count(&t.facts, FACT_damage))
		fail_msg("%s: %zu entries, %s", options, t.n, t.error.text);
	assert_int_equal(t.match.size, archive.n);
	for (size_t i = 0; i < NAMES; i++) {
		snprintf(path, sizeof path, "t/%s", names[i]);
		struct span truth = file_load(dir, path);
		const struct walked_entry *e = walked_get(&t, path + 1);
		if (error_is(&e->error) || e->content.n != truth.n || memcmp(e->content.p, truth.p, truth.n) != 0)
			fail_msg("%s: %s: %zu of %zu bytes, %s", options, names[i], e->content.n, truth.n, e->error.text);
		assert_true(e->e.mtime > 1000000000);
		free((void *)truth.p);
	}
	walked_close(&t);
}

/* Each coder behind each filter, and several filters behind each other. */
static void test_chains(void **state)
{
	(void)state;
	static const char *const coders[] = { "LZMA", "LZMA2", "PPMd", "Deflate", "Deflate64", "BZip2", "Copy" };
	static const char *const filters[] = { "BCJ", "PPC", "IA64", "ARM", "ARMT", "SPARC", "ARM64", "RISCV", "Delta:1", "Delta:4", "SWAP2", "SWAP4" };
	char dir[TEMP_MAX], options[128];
	if (!tool_exists("7z"))
		skip();
	temp_new(dir);
	make_files(dir);
	unsigned equal = 0, refused = 0;
	for (size_t c = 0; c < sizeof coders / sizeof coders[0]; c++)
		for (size_t f = 0; f < sizeof filters / sizeof filters[0]; f++) {
			struct span archive;
			snprintf(options, sizeof options, "-m0=%s -m1=%s -ms=%s", filters[f], coders[c], (c + f) % 2 ? "on" : "off");
			if (pack(dir, options, &archive)) {
				check_files(dir, options, archive);
				equal++;
			} else {
				refused++;
			}
			free((void *)archive.p);
		}
	print_message("%u archives of filter and coder equal, %u not made by this 7z\n", equal, refused);
	assert_true(equal >= 50);
	temp_remove(dir);
}

/* BCJ2, whose four streams are packed each in its own way; chains of three and four; a header that is not packed. */
static void test_graphs(void **state)
{
	(void)state;
	static const char *const graphs[] = {
		"-m0=BCJ2 -m1=LZMA -m2=LZMA -m3=LZMA -mb0:1 -mb0s1:2 -mb0s2:3",
		"-m0=BCJ2 -m1=PPMd -m2=BZip2 -m3=LZMA2 -mb0:1 -mb0s1:2 -mb0s2:3",
		"-m0=BCJ2 -m1=Deflate -m2=Copy -m3=Copy -mb0:1 -mb0s1:2 -mb0s2:3 -mhc=off",
		"-m0=BCJ2 -m1=LZMA2 -ms=off",
		"-m0=Delta:2 -m1=BCJ -m2=LZMA2 -mhc=off",
		"-m0=BCJ -m1=Delta:4 -m2=PPMd",
		"-m0=ARM -m1=Delta:4 -m2=BZip2",
		"-m0=ARM64 -m1=Delta:4 -m2=Deflate -m3=Copy",
		"-m0=LZMA -m1=PPMd",
		"-m0=Deflate -m1=Deflate64 -m2=BZip2 -m3=LZMA2",
		"-m0=PPMd:o=32:mem=1m",
		"-m0=PPMd:o=2:mem=20",
	};
	char dir[TEMP_MAX];
	if (!tool_exists("7z"))
		skip();
	temp_new(dir);
	make_files(dir);
	for (size_t i = 0; i < sizeof graphs / sizeof graphs[0]; i++) {
		struct span archive;
		assert_true(pack(dir, graphs[i], &archive));
		check_files(dir, graphs[i], archive);
		survives_cuts(&sevenzip_format, archive, 12);
		survives_flips(&sevenzip_format, archive, 15, 0);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* Stores the CRCs of a header that has been changed. */
static void seal(uint8_t *a, size_t n)
{
	size_t at = 32 + span_u32le(span_of(a, n), 12);
	uint32_t crc = hash_crc32(0, span_of(a + at, n - at));
	for (unsigned i = 0; i < 4; i++)
		a[28 + i] = (uint8_t)(crc >> (8 * i));
	crc = hash_crc32(0, span_of(a + 12, 20));
	for (unsigned i = 0; i < 4; i++)
		a[8 + i] = (uint8_t)(crc >> (8 * i));
}

/* A folder that cannot be unpacked hides none that stands behind it, and what it gave out before its damage is there. */
static void test_damaged_folder(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("7z"))
		skip();
	temp_new(dir);
	run_in(dir, "seq 1 90000 > a; echo read > b; 7z a -bd -ms=off -mhc=off -m0=BCJ -m1=BZip2 a.7z a b > /dev/null");
	struct span archive = file_load(dir, "a.7z"), truth = file_load(dir, "a");
	uint8_t *a = (uint8_t *)archive.p;
	struct walked t;
	size_t header = 32 + span_u32le(archive, 12);
	a[header * 2 / 3] ^= 0x40;
	walked_open(&t, &sevenzip_format, archive);
	const struct walked_entry *e = walked_get(&t, "/a");
	assert_int_equal(e->error.code, ERR_CORRUPT);
	assert_true(e->content.n > 0);
	assert_content(&t, "/b", "read\n", 5);
	walked_close(&t);
	a[header * 2 / 3] ^= 0x40;
	/* A method that nobody knows, in the first of two folders. */
	uint8_t *method = memmem(a + header, archive.n - header, "\4\2\2", 3);
	assert_non_null(method);
	method[2] = 0x77;
	seal(a, archive.n);
	walked_open(&t, &sevenzip_format, archive);
	assert_int_equal(walked_get(&t, "/a")->error.code, ERR_UNSUPPORTED);
	assert_content(&t, "/b", "read\n", 5);
	walked_close(&t);
	method[2] = 2;
	seal(a, archive.n);
	/* A CRC that does not hold: the header that is not packed says 5 bytes later what the second file's is. */
	uint32_t crc = hash_crc32(0, span_of("read\n", 5));
	uint8_t stored[4] = { (uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16), (uint8_t)(crc >> 24) };
	uint8_t *place = memmem(a + header, archive.n - header, stored, 4);
	assert_non_null(place);
	place[0] ^= 1;
	seal(a, archive.n);
	walked_open(&t, &sevenzip_format, archive);
	assert_content(&t, "/a", truth.p, truth.n);
	assert_int_equal(walked_get(&t, "/b")->error.code, ERR_CORRUPT);
	walked_close(&t);
	free(a);
	free((void *)truth.p);
	temp_remove(dir);
}

static void test_kinds(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("7z"))
		skip();
	temp_new(dir);
	run_in(dir, "mkdir -p t/d/e; printf x > $(printf 't/d/n\\303\\244me'); ln -s d/target t/link; : > t/empty; chmod 4750 t/empty;"
				"cd t; 7z a -bd -snl ../a.7z . > /dev/null; cd ..; mkdir u; 7z a -bd b.7z ./u > /dev/null");
	struct span archive = file_load(dir, "a.7z");
	struct walked t;
	walked_open(&t, &sevenzip_format, archive);
	assert_false(error_is(&t.error));
	assert_int_equal(walked_get(&t, "/d/e")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(&t, "/link")->e.kind, ENTRY_SYMLINK);
	assert_true(text_is(walked_get(&t, "/link")->e.link_target, "d/target"));
	assert_int_equal(walked_get(&t, "/empty")->e.mode, 04750);
	assert_content(&t, "/d/n\303\244me", "x", 1);
	assert_content(&t, "/empty", "", 0);
	walked_close(&t);
	free((void *)archive.p);
	archive = file_load(dir, "b.7z"); /* no folder at all */
	walked_open(&t, &sevenzip_format, archive);
	assert_false(error_is(&t.error));
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 1);
	walked_close(&t);
	survives_cuts(&sevenzip_format, archive, (unsigned)archive.n);
	free((void *)archive.p);
	temp_remove(dir);
}

/* The smallest header: what its numbers may not say. */
static void test_headers(void **state)
{
	(void)state;
	/* One stream of 5 bytes, one folder of one coder (copy). */
	static const uint8_t plain[] = { 1, 4, 6, 0, 1, 9, 5, 0, 7, 11, 1, 0, 1, 1, 0, 12, 5, 0, 0, 5, 1, 17, 5, 0, 'a', 0, 0, 0, 0, 0 };
	static const struct {
		size_t at;
		uint8_t value;
		enum error_code code;
	} changes[] = {
		{ 0, 1, ERR_NONE },
		{ 0, 2, ERR_CORRUPT },       /* no header */
		{ 4, 0x7f, ERR_CORRUPT },    /* more packed streams than bytes */
		{ 10, 0x7f, ERR_CORRUPT },   /* more folders */
		{ 11, 1, ERR_UNSUPPORTED },  /* folders that stand elsewhere */
		{ 12, 0, ERR_CORRUPT },      /* a folder of no coder */
		{ 12, 0x20, ERR_CORRUPT },   /* of 32 */
		{ 13, 0x41, ERR_UNSUPPORTED }, /* a coder of a later kind */
		{ 20, 0x7e, ERR_CORRUPT },   /* more files than bytes */
		{ 23, 1, ERR_UNSUPPORTED },  /* names that stand elsewhere */
		{ 20, 2, ERR_CORRUPT },      /* a name that is missing */
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		uint8_t bytes[sizeof plain];
		struct sevenzip_header h;
		struct arena *arena = arena_new(0);
		memcpy(bytes, plain, sizeof plain);
		bytes[changes[i].at] = changes[i].value;
		struct error e = sevenzip_header_read(span_of(bytes, sizeof bytes), arena, &h);
		if (e.code != changes[i].code)
			fail_msg("change %zu: %s", i, e.text);
		arena_free(arena);
	}
}

/* An archive need not name what it holds. */
static void test_without_names(void **state)
{
	(void)state;
	static const uint8_t header[] = { 1, 4, 6, 0, 1, 9, 5, 0, 7, 11, 1, 0, 1, 1, 0, 12, 5, 0, 0, 5, 1, 0, 0 };
	uint8_t a[32 + 5 + sizeof header] = { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4, [12] = 5, [20] = sizeof header };
	memcpy(a + 32, "hello", 5);
	memcpy(a + 37, header, sizeof header);
	uint32_t crc = hash_crc32(0, span_of(header, sizeof header));
	memcpy(a + 28, &crc, 4);
	crc = hash_crc32(0, span_of(a + 12, 20));
	memcpy(a + 8, &crc, 4);
	struct walked t;
	walked_open(&t, &sevenzip_format, span_of(a, sizeof a));
	assert_content(&t, "/entry-1", "hello", 5);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
}

/* What one coder gives to the next counts, in all folders together: else each could unpack a bomb, and give out nothing of it. */
static void test_outputs_between(void **state)
{
	(void)state;
	static const uint8_t bytes[64] = { 0 };
	struct sevenzip_coder coders[] = { { .inputs = 1, .method = 0x40108 }, { .inputs = 1, .first_input = 1 } };
	struct sevenzip_bond bonds[] = { { 0, 1 } };
	uint64_t sizes[] = { 10, 32 }, packed_sizes[] = { 32 }, offsets[] = { 32 }, left = 50;
	uint32_t packed[] = { 1 };
	struct sevenzip_folder f = { .coders = coders, .bonds = bonds, .packed = packed, .sizes = sizes, .n = 2, .inputs = 2, .packed_n = 1 };
	struct sevenzip_streams s = { .folders = &f, .folders_n = 1, .packed_sizes = packed_sizes, .packed_offsets = offsets, .packed_n = 1 };
	for (unsigned i = 0; i < 2; i++) {
		struct buf out = buf_with_limit(100);
		struct error e = sevenzip_unpack(span_of(bytes, sizeof bytes), &s, &f, &left, &out);
		assert_int_equal(e.code, i == 0 ? ERR_CORRUPT : ERR_BUDGET);
		assert_int_equal(left, i == 0 ? 18 : 0);
		buf_free(&out);
	}
}

/* So does what a filter gives out: thirty of them behind each other would take as long as thirty folders. */
static void test_outputs_of_filters(void **state)
{
	(void)state;
	static const uint8_t bytes[64] = { 1 };
	struct sevenzip_coder coders[] = { { .inputs = 1, .method = 3 }, { .inputs = 1, .first_input = 1 } };
	struct sevenzip_bond bonds[] = { { 0, 1 } };
	uint64_t sizes[] = { 32, 32 }, packed_sizes[] = { 32 }, offsets[] = { 32 }, left = 50;
	uint32_t packed[] = { 1 };
	struct sevenzip_folder f = { .coders = coders, .bonds = bonds, .packed = packed, .sizes = sizes, .n = 2, .inputs = 2, .packed_n = 1 };
	struct sevenzip_streams s = { .folders = &f, .folders_n = 1, .packed_sizes = packed_sizes, .packed_offsets = offsets, .packed_n = 1 };
	struct buf out = buf_with_limit(100);
	struct error e = sevenzip_unpack(span_of(bytes, sizeof bytes), &s, &f, &left, &out);
	assert_int_equal(e.code, ERR_BUDGET);
	assert_int_equal(out.n, 18);
	assert_int_equal(left, 0);
	buf_free(&out);
}

/* A header that ends anywhere is damaged, and with any one byte of it changed it is read or refused. */
static void test_headers_cut(void **state)
{
	(void)state;
	static const uint8_t plain[] = { 1, 4, 6, 0, 1, 9, 5, 0, 7, 11, 1, 0, 2, 1, 0, 0x13, 4, 1, 8, 0, 0, 12, 5, 5, 10, 1, 1, 2, 3, 4, 0,
									 8, 13, 2, 9, 2, 0, 0, 5, 2, 14, 1, 0, 17, 9, 0, 'a', 0, 0, 0, 'b', 0, 0, 0, 0, 0 };
	for (size_t n = 0; n < sizeof plain; n++)
		for (unsigned value = 0; value < 256; value += n ? 1 : 256) {
			uint8_t *bytes = malloc(sizeof plain); /* of its own: what is beyond it is seen */
			struct sevenzip_header h;
			struct arena *arena = arena_new(1 << 20);
			memcpy(bytes, plain, sizeof plain);
			struct error e = sevenzip_header_read(span_of(bytes, n), arena, &h);
			assert_true(error_is(&e));
			bytes[n] = (uint8_t)value;
			e = sevenzip_header_read(span_of(bytes, sizeof plain), arena, &h);
			assert_true(error_is(&e) || h.n <= 2);
			arena_free(arena);
			free(bytes);
		}
}

/* A graph whose coders feed each other: it is refused, not followed. */
static void test_circle(void **state)
{
	(void)state;
	struct sevenzip_coder coders[] = { { .inputs = 1 }, { .inputs = 1, .first_input = 1 }, { .inputs = 1, .first_input = 2 } };
	struct sevenzip_bond bonds[] = { { 0, 1 }, { 1, 0 }, { 0, 0 } };
	uint64_t sizes[] = { 1, 1, 1 };
	uint32_t packed[] = { 2 };
	struct sevenzip_folder f = { .coders = coders, .bonds = bonds, .packed = packed, .sizes = sizes, .n = 3, .inputs = 3, .packed_n = 1 };
	struct sevenzip_streams s = { .folders = &f, .folders_n = 1 };
	struct buf out = buf_with_limit(100);
	uint64_t left = 100;
	struct error e = sevenzip_unpack(SPAN_NONE, &s, &f, &left, &out);
	assert_int_equal(e.code, ERR_CORRUPT);
	buf_free(&out);
}

/* A whole archive of that header, with 32 bytes before `data`. */
static struct span sealed(const char *header, size_t header_n, const char *data)
{
	size_t n = 32 + strlen(data) + header_n;
	uint8_t *a = calloc(n, 1);
	memcpy(a, "7z\xbc\xaf\x27\x1c\0\4", 8);
	a[12] = (uint8_t)strlen(data);
	a[20] = (uint8_t)header_n;
	memcpy(a + 32, data, strlen(data));
	memcpy(a + 32 + strlen(data), header, header_n);
	seal(a, n);
	return span_of(a, n);
}

#define STREAM(at, size) "\6" at "\1\11" size "\0"
#define FOLDER(size) "\7\13\1\0\1\1\0\14" size "\0"
#define STREAMS(at, packed, size) "\4" STREAM(at, packed) FOLDER(size) "\0"
#define NAME(c) "\21\5\0" c "\0\0\0"
#define FIFTY "0123456789abcdefghijklmnopqrstuvwxyz,.-0123456789"
#define HEADER(s) s, sizeof(s) - 1

/* Nothing lies in an archive that is neither shown nor said to be there. */
static void test_nothing_is_hidden(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		size_t n;
		const char *data, *path, *content;
		bool damage;
	} cases[] = {
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1" NAME("a") "\0\0"), "hello", "/a", "hello", false },
		/* padding */
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1\31\3\0\0\0" NAME("a") "\0\0"), "hello", "/a", "hello", false },
		/* a property that nobody knows; bytes behind the names, behind the header */
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1\32\3xyz" NAME("a") "\0\0"), "hello", "/a", "hello", true },
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1\21\7\0a\0\0\0xy\0\0"), "hello", "/a", "hello", true },
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1" NAME("a") "\0\0xyz"), "hello", "/a", "hello", true },
		/* a content that no entry has: the only one is said to be empty */
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1\16\1\x80" NAME("a") "\0\0"), "hello", "/entry-2", "hello", true },
		/* a directory that has one; the root */
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1\25\6\1\0\x10\x80\xed\x41" NAME("a") "\0\0"), "hello", "/a", "hello", false },
		{ HEADER("\1" STREAMS("\0", "\5", "\5") "\5\1" NAME(".") "\0\0"), "hello", "/", "hello", false },
		/* a folder of no entry */
		{ HEADER("\1\4" STREAM("\0", "\5") FOLDER("\5") "\10\15\0\0\0\5\1\16\1\x80" NAME("a") "\0\0"), "hello", "/a", "", true },
		/* more packed than is unpacked */
		{ HEADER("\1" STREAMS("\0", "\61", "\5") "\5\1" NAME("a") "\0\0"), FIFTY, "/a", "01234", true },
		/* bytes that are in no stream */
		{ HEADER("\1" STREAMS("\x80\x93", "\5", "\5") "\5\1" NAME("a") "\0\0"), FIFTY FIFTY FIFTY "hello", "unclaimed-0x20",
		  FIFTY FIFTY FIFTY, false },
		{ HEADER(""), FIFTY FIFTY, "unclaimed-0x20", FIFTY FIFTY, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct span archive = sealed(cases[i].header, cases[i].n, cases[i].data);
		struct walked t;
		walked_open(&t, &sevenzip_format, archive);
		bool damage = fact_list_count(&t.facts, FACT_damage) > 0 || (t.n && error_is(&t.entries[0].error));
		if (error_is(&t.error) || damage != cases[i].damage)
			fail_msg("case %zu: %s, %zu entries, %zu damages", i, t.error.text, t.n, fact_list_count(&t.facts, FACT_damage));
		struct span content = walked_get(&t, cases[i].path)->content;
		assert_int_equal(content.n, strlen(cases[i].content));
		assert_true(span_starts(content, cases[i].content, content.n));
		walked_close(&t);
		free((void *)archive.p);
	}
	/* Streams that take the place of others. */
	static const char twice[] = "\1" STREAMS("\0", "\5", "\5") STREAMS("\5", "\5", "\5") "\5\1" NAME("a") "\0\0";
	struct span archive = sealed(twice, sizeof twice - 1, "hellohello");
	struct walked t;
	walked_open(&t, &sevenzip_format, archive);
	assert_int_equal(t.error.code, ERR_CORRUPT);
	walked_close(&t);
	free((void *)archive.p);
}

/* One folder of each file; gives how many come out as they were packed. */
static size_t sound_files(struct span archive, const struct walked *whole, size_t *told)
{
	struct walked t;
	size_t sound = 0;
	walked_open(&t, &sevenzip_format, archive);
	for (size_t i = 0; i < t.n; i++)
		for (size_t k = 0; k < whole->n; k++)
			sound += text_eq(t.entries[i].e.path, whole->entries[k].e.path) && !error_is(&t.entries[i].error) &&
					 t.entries[i].content.n == whole->entries[k].content.n &&
					 (!t.entries[i].content.n || memcmp(t.entries[i].content.p, whole->entries[k].content.p, t.entries[i].content.n) == 0);
	*told = walked_damage(&t, "corrupt");
	walked_close(&t);
	return sound;
}

/* A bit of what the beginning says of the header; bytes that are missing, or too many, before the header. */
static void test_header_found(void **state)
{
	(void)state;
	static const char *const options[] = { "-ms=off", "-ms=off -mhc=off" };
	char dir[TEMP_MAX];
	if (!tool_exists("7z"))
		skip();
	temp_new(dir);
	make_files(dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		struct span archive;
		struct walked whole;
		size_t told;
		assert_true(pack(dir, options[i], &archive));
		walked_open(&whole, &sevenzip_format, archive);
		assert_int_equal(walked_damage(&whole, "corrupt"), 0);
		uint8_t *p = (uint8_t *)archive.p, *more = malloc(archive.n + 100);
		assert_non_null(more);
		for (size_t at = 8; at < 32; at++) {
			p[at] ^= 0x10;
			assert_int_equal(sound_files(archive, &whole, &told), whole.n);
			assert_int_equal(told, 1);
			assert_false(sevenzip_format.probe(archive, &whole.match)); /* not for each signature in the middle of others */
			p[at] ^= 0x10;
		}
		for (size_t n = 1; n < 100; n += 70) {
			memcpy(more, p, 100000);
			memcpy(more + 100000, p + 100000 + n, archive.n - 100000 - n);
			assert_int_equal(sound_files(span_of(more, archive.n - n), &whole, &told), whole.n - 1);
			assert_true(told > 0);
			memset(more + 100000, 'x', n);
			memcpy(more + 100000 + n, p + 100000, archive.n - 100000);
			assert_int_equal(sound_files(span_of(more, archive.n + n), &whole, &told), whole.n - 1);
		}
		free(more);
		walked_close(&whole);
		free(p);
	}
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers), cmocka_unit_test(test_without_names), cmocka_unit_test(test_headers_cut), cmocka_unit_test(test_circle), cmocka_unit_test(test_outputs_between), cmocka_unit_test(test_outputs_of_filters),
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_nothing_is_hidden),
		cmocka_unit_test(test_chains),  cmocka_unit_test(test_graphs), cmocka_unit_test(test_damaged_folder),
		cmocka_unit_test(test_header_found),
	};
	return cmocka_run_group_tests_name("sevenzip", tests, NULL, NULL);
}
