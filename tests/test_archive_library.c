/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 7z, cab, lha: what libarchive reads for us, as confined as in a worker: no file can be opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "base/hash.h"
#include "format/archive.h"
#include "format/lha_decode.h"
#include "seed.h"
#include "walked.h"

extern const struct format sevenzip_format, cab_format, lha_format;

/* With no descriptor left, whatever a library would open fails. */
static void forbid_files(bool forbid)
{
	static struct rlimit before;
	struct rlimit none;
	if (!forbid) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		return;
	}
	archive_prepare(); /* as a worker does */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
}

static void walk_confined(struct walked *t, const struct format *format, struct span bytes)
{
	seed_keep("format", format->name, "", bytes); /* walked_open() can not, where no file may be opened */
	forbid_files(true);
	walked_open(t, format, bytes);
	forbid_files(false);
}

static void test_7z(void **state)
{
	(void)state;
	if (!tool_exists("7z"))
		skip();
	static const char *const options[] = { "", "-m0=lzma", "-m0=bzip2", "-m0=copy", "-m0=deflate -mhc=off",
										   "-m0=PPMd:o=2:mem=16m", "-m0=PPMd:o=32:mem=1m" };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	run_in(dir,
		   "mkdir -p t/d; yes text | head -c 300000 > t/d/text; printf x > $(printf 't/n\\303\\244me'); : > t/empty");
	struct span text = file_load(dir, "t/d/text");
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "rm -f a.7z; cd t; 7z a -bd %s ../a.7z .", options[i]);
		run_in(dir, command);
		struct span archive = file_load(dir, "a.7z");
		struct walked t;
		walk_confined(&t, &sevenzip_format, archive);
		assert_int_equal(t.match.size, archive.n);
		assert_false(error_is(&t.error));
		assert_content(&t, "/d/text", text.p, text.n);
		assert_content(&t, "/n\303\244me", "x", 1);
		assert_content(&t, "/empty", "", 0);
		assert_int_equal(walked_count(&t, ENTRY_FILE), 3);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&sevenzip_format, archive, 40);
		survives_flips(&sevenzip_format, span_sub(archive, 0, archive.n), 100, 0);
		free((void *)archive.p);
	}
	temp_remove(dir);
	free((void *)text.p);
}

static void test_7z_encrypted(void **state)
{
	(void)state;
	if (!tool_exists("7z"))
		skip();
	static const char *const options[] = { "-psecret", "-psecret -mhe=on" };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	run_in(dir, "printf secret > file");
	for (size_t i = 0; i < 2; i++) {
		snprintf(command, sizeof command, "rm -f a.7z; 7z a -bd %s a.7z file", options[i]);
		run_in(dir, command);
		struct span archive = file_load(dir, "a.7z");
		struct walked t;
		walk_confined(&t, &sevenzip_format, archive);
		assert_true(t.accepted);
		assert_true(walked_damage(&t, "encrypted") >= 1);
		walked_close(&t);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* MS-CAB 2: a header, one folder without compression, one file, one data block without checksum. */
static const uint8_t cabinet[] = {
	'M',
	'S',
	'C',
	'F',
	0,
	0,
	0,
	0,
	84,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	44,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	3,
	1,
	1,
	0,
	1,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	/* CFFOLDER */ 71,
	0,
	0,
	0,
	1,
	0,
	0,
	0,
	/* CFFILE */ 5,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0x6e,
	0x57,
	0,
	0,
	0x20,
	0,
	'd',
	'\\',
	'f',
	'.',
	't',
	'x',
	't',
	'.',
	'.',
	'.',
	0,
	/* CFDATA */ 0,
	0,
	0,
	0,
	5,
	0,
	5,
	0,
	'h',
	'e',
	'l',
	'l',
	'o',
};

static void test_cab(void **state)
{
	(void)state;
	struct walked t;
	walk_confined(&t, &cab_format, span_of(cabinet, sizeof cabinet));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, 84);
	assert_content(&t, "/d/f.txt...", "hello", 5);
	walked_close(&t);
	survives_cuts(&cab_format, span_of(cabinet, sizeof cabinet), sizeof cabinet);
	survives_flips(&cab_format, span_of(cabinet, sizeof cabinet), 3000, 0);
}

/* A member of an LHA archive with a header of level 0. */
static size_t lha_member(uint8_t *out, const char *method, char name, const char *bytes)
{
	uint8_t n = (uint8_t)strlen(bytes), sum = 0;
	memset(out, 0, 25);
	out[0] = 23;
	memcpy(out + 2, method, 5);
	out[7] = out[11] = n;
	out[19] = 0x20;
	out[21] = 1;
	out[22] = (uint8_t)name;
	uint16_t crc = hash_crc16(0xa001, 0, span_of(bytes, n));
	out[23] = (uint8_t)crc;
	out[24] = (uint8_t)(crc >> 8);
	for (unsigned i = 2; i < 25; i++)
		sum = (uint8_t)(sum + out[i]);
	out[1] = sum;
	memcpy(out + 25, bytes, n);
	return 25u + n;
}

/* What a method that is not known packs is said so, and what follows is read. */
static void test_lha_methods(void **state)
{
	(void)state;
	uint8_t a[256];
	size_t n = lha_member(a, "-lh0-", 'a', "first");
	n += lha_member(a + n, "-lh2-", 'b', "packed");
	n += lha_member(a + n, "-lh0-", 'c', "third");
	a[n++] = 0;
	struct walked t;
	walk_confined(&t, &lha_format, span_of(a, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_content(&t, "/a", "first", 5);
	assert_content(&t, "/c", "third", 5);
	assert_int_equal(walked_get(&t, "/b")->error.code, ERR_UNSUPPORTED);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	/* One whose CRC is wrong is damaged, and ends nothing either. */
	a[25] ^= 1;
	walk_confined(&t, &lha_format, span_of(a, n));
	assert_int_equal(walked_get(&t, "/a")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/b")->error.code, ERR_UNSUPPORTED);
	assert_content(&t, "/c", "third", 5);
	walked_close(&t);
}

/* Names in Japanese are turned into UTF-8, those that may be of another code page stay as they are. */
static void test_lha_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *shown; /* in code page 932; 0x95 0x5c ends in a backslash */
	} cases[] = {
		{ "\x93\xfa\x96\x7b\x8c\xea\x90\xe0\x96\xbe.txt", "/\346\227\245\346\234\254\350\252\236\350\252\254\346\230\216.txt" },
		{ "\x90\xe0\x96\xbe\x8f\x91\x95\x5c.txt", "/\350\252\254\346\230\216\346\233\270\350\241\250.txt" },
		{ "Gr\x94\xe1" "e", "/Gr\x94\xe1" "e" },                 /* code page 850 */
		{ "F\xfc\xdf" "e und \xe4\xf6\xfc", "/F\xfc\xdf" "e und \xe4\xf6\xfc" }, /* Latin-1 */
		{ "\303\244\303\266\303\274", "/\303\244\303\266\303\274" },
		{ "\x83\x5c\x83\x74\x83\x67\x83\x45\x83\x46\x83\x41.txt",
		  "/\343\202\275\343\203\225\343\203\210\343\202\246\343\202\247\343\202\242.txt" },
		{ "p\x83t\x82 de ch\x83teau", "/p\x83t\x82 de ch\x83teau" }, /* code page 850 */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t a[128] = { 0 };
		size_t name_n = strlen(cases[i].name), n = 24 + name_n;
		uint16_t crc = hash_crc16(0xa001, 0, span_of("x", 1));
		a[0] = (uint8_t)(n - 2);
		memcpy(a + 2, "-lh0-", 5);
		a[7] = a[11] = 1;
		a[19] = 0x20;
		a[21] = (uint8_t)name_n;
		memcpy(a + 22, cases[i].name, name_n);
		a[22 + name_n] = (uint8_t)crc;
		a[23 + name_n] = (uint8_t)(crc >> 8);
		for (size_t k = 2; k < n; k++)
			a[1] = (uint8_t)(a[1] + a[k]);
		a[n] = 'x';
		struct walked t;
		walk_confined(&t, &lha_format, span_of(a, n + 2));
		if (t.n != 1)
			fail_msg("case %zu: %zu entries, %s", i, t.n, t.error.text);
		if (!text_is(t.entries[0].e.path, cases[i].shown))
			print_message("case %zu: %.*s\n", i, (int)t.entries[0].e.path.n, t.entries[0].e.path.p);
		assert_content(&t, cases[i].shown, "x", 1);
		walked_close(&t);
		survives_cuts(&lha_format, span_of(a, n + 2), (unsigned)n);
		survives_flips(&lha_format, span_of(a, n + 2), 500, 0);
	}
}

/* A member of level `level` with that packed content. */
static void lha_file(const char *dir, const char *method, unsigned level, struct span packed, struct span plain)
{
	struct buf b = { 0 };
	uint8_t h[64] = { 0 }, sum = 0;
	size_t n = level == 0 ? 25 : 28;
	uint32_t extended = level == 1 ? 6 : 0; /* a comment */
	uint16_t crc = hash_crc16(0xa001, 0, plain);
	memcpy(h + 2, method, 5);
	for (unsigned i = 0; i < 4; i++) {
		h[7 + i] = (uint8_t)((packed.n + extended) >> (8 * i));
		h[11 + i] = (uint8_t)(plain.n >> (8 * i));
	}
	h[19] = 0x20;
	h[20] = (uint8_t)level;
	size_t at = level < 2 ? 23 : 21;
	if (level < 2) {
		h[21] = 1;
		h[22] = 'f';
	}
	h[at] = (uint8_t)crc;
	h[at + 1] = (uint8_t)(crc >> 8);
	h[at + 2] = 'U';
	if (level >= 2) { /* further headers: the CRC of all of it, and the name */
		if (level == 2)
			memcpy(h + 24, "\5\0\0\0\0\4\0\1f\0\0", n = 11);
		else
			memcpy(h + 24, "\x2d\0\0\0\7\0\0\0\0\0\0\6\0\0\0\1f\0\0\0\0", n = 21);
		n += 24;
		at = level == 2 ? 27 : 33;
		h[0] = (uint8_t)(level == 2 ? n : 4);
		crc = hash_crc16(0xa001, 0, span_of(h, n));
		h[at] = (uint8_t)crc;
		h[at + 1] = (uint8_t)(crc >> 8);
	} else {
		h[26] = (uint8_t)extended;
		h[0] = (uint8_t)(n - 2);
		for (size_t i = 2; i < n; i++)
			sum = (uint8_t)(sum + h[i]);
		h[1] = sum;
	}
	assert_int_equal(buf_add(&b, h, n), 0);
	if (extended)
		assert_int_equal(buf_add(&b, "\x3f" "abc\0\0", 6), 0);
	assert_int_equal(buf_add(&b, packed.p, packed.n) || buf_add(&b, "", 1), 0);
	file_save(dir, "a.lzh", buf_span(&b));
	buf_free(&b);
}

struct bit_writer {
	uint8_t *p;
	size_t at; /* in bits */
};

static void put_bits(struct bit_writer *b, uint32_t v, unsigned n)
{
	for (; n; n--, b->at++)
		b->p[b->at / 8] |= (uint8_t)((v >> (n - 1) & 1) << (7 - b->at % 8));
}

/* Codes that are the same in each block: two letters have 8 bits, the others and the lengths 9; of the `places` places the first have a
 * bit less than the others. */
static void put_block_header(struct bit_writer *b, unsigned symbols, unsigned places, unsigned place_bits)
{
	unsigned bits = places > 16 ? 5 : 4, shorter = (1u << bits) - places;
	put_bits(b, symbols, 16);
	put_bits(b, 12, 5); /* lengths 10 and 11, which stand for 8 and 9, have one bit each */
	put_bits(b, 0, 9);
	put_bits(b, 3, 2);
	put_bits(b, 0, 12);
	put_bits(b, 1, 3);
	put_bits(b, 1, 3);
	put_bits(b, 510, 9);
	for (unsigned i = 0; i < 510; i++)
		put_bits(b, i >= 2, 1);
	put_bits(b, places, place_bits);
	for (unsigned i = 0; i < places; i++)
		put_bits(b, i < shorter ? bits - 1 : bits, 3);
}

static void put_letter(struct bit_writer *b, unsigned v)
{
	put_bits(b, v < 2 ? v : v + 2, v < 2 ? 8 : 9);
}

static void put_place(struct bit_writer *b, unsigned back, unsigned places)
{
	unsigned bits = places > 16 ? 5 : 4, shorter = (1u << bits) - places, place = 0;
	while (back >> place)
		place++;
	put_bits(b, place < shorter ? place : place + shorter, place < shorter ? bits - 1 : bits);
	if (place > 1)
		put_bits(b, back & ((1u << (place - 1)) - 1), place - 1);
}

/* -lh4- and -lhx-: letters, and matches from the whole window, which is spaces at first: the same as lhasa makes of them. */
static void test_lha_block_methods(void **state)
{
	(void)state;
	static const struct {
		const char *method;
		unsigned places, place_bits;
	} methods[] = { { "-lh4-", 13, 4 }, { "-lhx-", 20, 5 } };
	enum { BLOCKS = 12, SYMBOLS = 5000, PLAIN_MAX = BLOCKS * SYMBOLS * 256 };
	if (!tool_exists("lhasa"))
		skip();
	char dir[TEMP_MAX];
	uint8_t *packed = malloc(1 << 20), *plain = malloc(PLAIN_MAX);
	temp_new(dir);
	for (unsigned m = 0; m < 2; m++) {
		uint32_t v = 7, window = 1u << (methods[m].places - 1), n = 0;
		struct bit_writer b = { packed, 0 };
		memset(packed, 0, 1 << 20);
		for (unsigned i = 0; i < BLOCKS * SYMBOLS; i++) {
			if (i % SYMBOLS == 0)
				put_block_header(&b, SYMBOLS, methods[m].places, methods[m].place_bits);
			v = v * 1103515245 + 12345;
			if (v >> 30) {
				put_letter(&b, v >> 16 & 0xff);
				plain[n++] = (uint8_t)(v >> 16);
				continue;
			}
			uint32_t length = 3 + (v >> 16) % 254, back = v >> 8 & (window - 1);
			put_letter(&b, 256 + length - 3);
			put_place(&b, back, methods[m].places);
			for (; length; length--, n++)
				plain[n] = back + 1 > n ? ' ' : plain[n - back - 1];
		}
		for (unsigned level = 0; level < 4; level++) {
			lha_file(dir, methods[m].method, level, span_of(packed, (b.at + 7) / 8), span_of(plain, n));
			run_in(dir, "lhasa pq a.lzh > plain");
			struct span truth = file_load(dir, "plain"), archive = file_load(dir, "a.lzh");
			assert_int_equal(truth.n, n);
			assert_memory_equal(truth.p, plain, n);
			struct walked t;
			walk_confined(&t, &lha_format, archive);
			if (t.n != 1)
				fail_msg("%s, level %u: %zu entries, %s", methods[m].method, level, t.n, t.error.text);
			assert_content(&t, "/f", plain, n);
			assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
			walked_close(&t);
			survives_cuts(&lha_format, archive, 20);
			survives_flips(&lha_format, archive, 60, 2000);
			if (level >= 2) { /* a header whose CRC is wrong is not made right */
				((uint8_t *)archive.p)[level == 2 ? 27 : 33] ^= 1;
				walk_confined(&t, &lha_format, archive);
				assert_int_equal(t.n, 0);
				assert_int_equal(t.error.code, ERR_CORRUPT);
				walked_close(&t);
			}
			free((void *)truth.p);
			free((void *)archive.p);
		}
	}
	free(packed);
	free(plain);
	temp_remove(dir);
}

/* A block of one symbol takes no bits for it: of 4000 matches of 256 bytes only the header is there. */
static void test_lha_runs(void **state)
{
	(void)state;
	enum { MATCHES = 4000, N = MATCHES * 256 };
	static uint8_t plain[N], packed[16];
	struct bit_writer b = { packed, 0 };
	char dir[TEMP_MAX];
	memset(plain, ' ', N);
	put_bits(&b, MATCHES, 16);
	put_bits(&b, 0, 10);
	put_bits(&b, 0, 9);
	put_bits(&b, 256 + 253, 9);
	put_bits(&b, 0, 10);
	temp_new(dir);
	for (unsigned level = 0; level < 4; level++) {
		lha_file(dir, "-lhx-", level, span_of(packed, sizeof packed), span_of(plain, N));
		struct span archive = file_load(dir, "a.lzh");
		struct walked t;
		walk_confined(&t, &lha_format, archive);
		assert_content(&t, "/f", plain, N);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&lha_format, archive, 60);
		survives_flips(&lha_format, archive, 400, 64);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* What is packed in a directory comes out nowhere. */
static void test_lha_directory_with_bytes(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	temp_new(dir);
	for (unsigned level = 0; level < 4; level++) {
		lha_file(dir, "-lhd-", level % 2, level < 2 ? span_of("hidden", 6) : SPAN_NONE, SPAN_NONE);
		struct span archive = file_load(dir, "a.lzh");
		struct walked t;
		walk_confined(&t, &lha_format, archive);
		assert_true(t.accepted);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), level < 2);
		walked_close(&t);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* Any bits unpack to something with the methods of LArc and LHarc: the same as lhasa makes of them. */
static void test_lha_old_methods(void **state)
{
	(void)state;
	static const char *const methods[] = { "-lh1-", "-lzs-", "-lz5-" };
	static const struct {
		size_t packed, plain;
	} sizes[] = { { 100, 90 }, { 5000, 3000 }, { 120000, 300000 } };
	if (!tool_exists("lhasa"))
		skip();
	char dir[TEMP_MAX];
	uint8_t *packed = malloc(120000), *plain = malloc(300000);
	uint32_t v = 1;
	unsigned equal = 0;
	temp_new(dir);
	for (unsigned i = 0; i < 27; i++) {
		struct span method = span_of(methods[i % 3], 5);
		size_t packed_n = sizes[i / 9].packed, n, used;
		for (size_t k = 0; k < packed_n; k++) {
			v = v * 1103515245 + 12345;
			packed[k] = (uint8_t)(v >> 16 | (i % 2 ? v >> 24 : 0)); /* of ones and zeros as many, or more ones */
		}
		assert_int_equal(lha_decode(method, span_of(packed, packed_n), plain, sizes[i / 9].plain, &used, &n), ERR_NONE);
		unsigned level = i % 3 == 0 ? i / 3 % 3 : 0; /* LArc had no other */
		assert_true(used + 17 <= packed_n);
		lha_file(dir, methods[i % 3], level, span_of(packed, used + 17), span_of(plain, n));
		struct span archive = file_load(dir, "a.lzh");
		struct walked t;
		walk_confined(&t, &lha_format, archive);
		assert_int_equal(walked_get(&t, "/f")->error.code, ERR_CORRUPT); /* what is behind it would not be looked at */
		walked_close(&t);
		free((void *)archive.p);
		lha_file(dir, methods[i % 3], level, span_of(packed, used), span_of(plain, n));
		run_in(dir, "lhasa pq a.lzh > plain");
		struct span truth = file_load(dir, "plain");
		archive = file_load(dir, "a.lzh");
		if (truth.n != n || memcmp(truth.p, plain, n) != 0)
			fail_msg("%s, level %u: lhasa has %zu bytes, here are %zu", methods[i % 3], level, truth.n, n);
		walk_confined(&t, &lha_format, archive);
		if (t.n != 1)
			fail_msg("%s, level %u: %zu entries, %s", methods[i % 3], level, t.n, t.error.text);
		assert_content(&t, "/f", plain, n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		equal++;
		if (archive.n < 10000) {
			survives_cuts(&lha_format, archive, 50);
			survives_flips(&lha_format, archive, 300, 0);
		}
		free((void *)truth.p);
		free((void *)archive.p);
	}
	print_message("%u members equal\n", equal);
	free(packed);
	free(plain);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_7z),
		cmocka_unit_test(test_7z_encrypted),
		cmocka_unit_test(test_cab),
		cmocka_unit_test(test_lha_methods),
		cmocka_unit_test(test_lha_names),
		cmocka_unit_test(test_lha_old_methods),
		cmocka_unit_test(test_lha_block_methods),
		cmocka_unit_test(test_lha_runs),
		cmocka_unit_test(test_lha_directory_with_bytes),
	};
	return cmocka_run_group_tests_name("archive_library", tests, NULL, NULL);
}
