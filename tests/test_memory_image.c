/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats that place bytes in a memory: Intel HEX, S-records and Tektronix' records as objcopy and srec_cat write them, UF2 written here after its
 * specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format ihex_format, srec_format, tekhex_format, uf2_format;

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

/* The examples of the specifications, and what each record does. */
static void test_ihex_records(void **state)
{
	(void)state;
	struct walked t;
	walked_open(
		&t, &ihex_format,
		text(
			":10010000214601360121470136007EFE09D2190140\r\n:100110002146017E17C20001FF5F16002148011928\r\n"
			":020000021200EA\r\n:0100000041BE\r\n:020000040800F2\r\n:04000000DEADBEEFC4\r\n:0400000508000101ED\r\n:00000001FF\r\n"));
	assert_true(t.accepted);
	assert_false(error_is(&t.error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "0x00000100")->content.n, 32);
	assert_memory_equal(walked_get(&t, "0x00000100")->content.p, "\x21\x46\x01\x36", 4);
	assert_content(&t, "0x00012000", "A", 1);
	assert_content(&t, "0x08000000", "\xde\xad\xbe\xef", 4);
	assert_string_equal(walked_header(&t, "start linear address"), "0x08000101");
	walked_close(&t);
}

static size_t put_record(char *out, size_t at, unsigned address, unsigned type, const char *data, size_t n)
{
	unsigned sum = (unsigned)n + (address >> 8) + address + type;
	at += (size_t)sprintf(out + at, ":%02X%04X%02X", (unsigned)n, address, type);
	for (size_t i = 0; i < n; i++) {
		at += (size_t)sprintf(out + at, "%02X", (uint8_t)data[i]);
		sum += (uint8_t)data[i];
	}
	return at + (size_t)sprintf(out + at, "%02X\n", -sum & 0xff);
}

/* Universal Hex: the same addresses on two boards, the padding of their blocks, and data for none. */
static void test_ihex_boards(void **state)
{
	(void)state;
	static const struct {
		unsigned address, type;
		const char *data;
		size_t n;
	} records[] = {
		{ 0, 4, "\0\0", 2 },      { 0, 10, "\x99\0\xc0\xde", 4 }, { 0, 0, "first", 5 },      { 5, 0, " board", 6 },
		{ 0, 12, "\xff\xff", 2 }, { 0, 11, "", 0 },                { 0, 4, "\0\0", 2 },       { 0, 10, "\x99\3\xc0\xde", 4 },
		{ 0, 13, "second", 6 },   { 0, 14, "sou", 3 },             { 0, 14, "rce", 3 },        { 0, 4, "\0\1", 2 },
		{ 6, 13, "far", 3 },      { 0, 11, "\xff", 1 },            { 0, 10, "\1\2\xc0\xde", 4 }, { 0, 0, "third", 5 },
		{ 0, 1, "", 0 },
	};
	static char hex[1024];
	size_t n = 0;
	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
		n = put_record(hex, n, records[i].address, records[i].type, records[i].data, records[i].n);
	struct walked t;
	walked_open(&t, &ihex_format, span_of(hex, n));
	assert_true(t.accepted);
	assert_false(error_is(&t.error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "microbit-v1-0x00000000", "first board", 11);
	assert_content(&t, "microbit-v2-0x00000000", "second", 6);
	assert_content(&t, "microbit-v2-0x00010006", "far", 3);
	assert_content(&t, "other-board-0x00010000", "third", 5);
	assert_content(&t, "other-data-0x00000000", "source", 6);
	assert_int_equal(t.n, 5);
	walked_close(&t);
	survives_cuts(&ihex_format, span_of(hex, n), (unsigned)n);
	survives_flips(&ihex_format, span_of(hex, n), 3000, 0);
	n = put_record(hex, 0, 0, 0, "A", 1);
	n = put_record(hex, n, 0, 15, "B", 1); /* a type that nobody has */
	walked_open(&t, &ihex_format, span_of(hex, put_record(hex, n, 0, 1, "", 0)));
	assert_false(t.accepted);
	walked_close(&t);
}

/* Makers put lines before the records. */
static void test_ihex_comments(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool accepted;
	} cases[] = {
		{ "#\n# A maker's name: release 1\r\n\n; more\n:0100000041BE\n:00000001FF\n", true },
		{ "# of one line only", false },
		{ "# without records\n#\n", false },
		{ "A name\n:0100000041BE\n:00000001FF\n", false },
		{ "# a sum is wrong\n:0100000041BF\n:00000001FF\n", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked t;
		walked_open(&t, &ihex_format, text(cases[i].text));
		assert_int_equal(t.accepted, cases[i].accepted);
		if (t.accepted) {
			assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
			assert_content(&t, "0x00000000", "A", 1);
		}
		walked_close(&t);
	}
}

/* Bytes that are given twice, and are the same: makers' tools join files so (srec_cat only warns), and loaders write them twice. */
static void test_ihex_twice(void **state)
{
	(void)state;
	struct walked t;
	walked_open(&t, &ihex_format, text(":0300000041424337\n:02000200434475\n:02000100424378\n:00000001FF\n"));
	assert_true(t.accepted);
	assert_int_equal(t.n, 1);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "0x00000000", "ABCD", 4);
	walked_close(&t);
	walked_open(&t, &ihex_format, text(":0300000041424337\n:02000200434475\n:02000100584362\n:00000001FF\n"));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	assert_non_null(strstr(d->what.p, "0x1 "));
	assert_content(&t, "0x00000000", "AXCD", 4);
	walked_close(&t);
}

static void test_ihex_damage(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *kind;
		size_t entries;
	} cases[] = {
		{ ":0100000041BE\n:0100020043BB\n:00000001FF\n", NULL, 0 }, /* a sum wrong among the first, and few records: none */
		{ ":0100000041BE\n:0100010042BC\n", NULL, 0 },
		{ ":00000001FF\n", NULL, 0 },
		{ ":0100000041BE\n:01000000429D\n:00000001FF", NULL, 0 },
		{ ":0100000041BE\n:0100000042BD\n:00000001FF", "corrupt", 1 }, /* the same address twice */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked t;
		walked_open(&t, &ihex_format, text(cases[i].text));
		assert_int_equal(t.accepted, cases[i].kind != NULL);
		if (cases[i].kind) {
			assert_int_equal(walked_damage(&t, cases[i].kind), 1);
			assert_int_equal(t.n, cases[i].entries);
			assert_content(&t, "0x00000000", "B", 1);
		}
		walked_close(&t);
	}
	struct walked t; /* so many records are a text of them, whatever their sums */
	walked_open(&t, &ihex_format, text(":0100000041BE\n:0100010042BD\n:0100020043BB\n:00000001FF\n"));
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_content(&t, "0x00000000", "ABC", 3);
	walked_close(&t);
}

static void test_srec_records(void **state)
{
	(void)state;
	struct walked t;
	walked_open(
		&t, &srec_format,
		text(
			"S00F000068656C6C6F202020202000003C\nS11F00007C0802A6900100049421FFF07C6C1B787C8C23783C6000003863000026\n"
			"S11F001C4BFFFFE5398000007D83637880010014382100107C0803A64E800020E9\nS111003848656C6C6F20776F726C642E0A0042\n"
			"S5030003F9\nS9030000FC\n"));
	assert_true(t.accepted);
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_get(&t, "0x00000000")->content.n, 28 + 28 + 14);
	assert_memory_equal(walked_get(&t, "0x00000000")->content.p + 56, "Hello world.\n", 14);
	assert_string_equal(walked_header(&t, "header"), "hello     ");
	assert_string_equal(walked_header(&t, "start address"), "0x00000000");
	walked_close(&t);
}

/* Two ranges of real bytes, through the reference tools and back. */
static void test_reference_tools(void **state)
{
	(void)state;
	static const struct {
		const char *command;
		const struct format *format;
	} tools[] = {
		{ "srec_cat a -binary -offset 0x8000000 b -binary -offset 0x20000100 -o image -intel", &ihex_format },
		{ "srec_cat a -binary -offset 0x8000000 b -binary -offset 0x20000100 -o image -intel -obs=255", &ihex_format },
		{ "srec_cat a -binary -offset 0x8000000 b -binary -offset 0x20000100 -o image -motorola", &srec_format },
		{ "srec_cat a -binary -offset 0x8000000 b -binary -offset 0x20000100 -o image -motorola -line-length=46 -header=x",
		  &srec_format },
		{ "srec_cat a -binary -offset 0x8000000 b -binary -offset 0x20000100 -o image -tektronix-extended", &tekhex_format },
		{ "srec_cat a -binary -offset 0x8000000 b -binary -offset 0x20000100 -o image -tektronix-extended -line-length=250 -esa=0x123",
		  &tekhex_format },
	};
	if (!tool_exists("srec_cat"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "head -c 100001 /bin/sh > a; head -c 333 /bin/sh > b");
	struct span a = file_load(dir, "a"), b = file_load(dir, "b");
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
		struct walked t;
		run_in(dir, tools[i].command);
		struct span image = file_load(dir, "image");
		walked_open(&t, tools[i].format, image);
		assert_true(t.accepted);
		assert_false(error_is(&t.error));
		assert_int_equal(t.n, 2);
		assert_content(&t, "0x08000000", a.p, a.n);
		assert_content(&t, "0x20000100", b.p, b.n);
		walked_close(&t);
		survives_cuts(tools[i].format, image, 100);
		survives_flips(tools[i].format, span_clip(image, 0, 4000), 2000, 0);
		free((void *)image.p);
	}
	free((void *)a.p);
	free((void *)b.p);
	temp_remove(dir);
}

/* A record as the specification's example has it, with one of symbols before it; what is not one. */
static void test_tekhex_records(void **state)
{
	(void)state;
	struct walked t;
	struct format_match m;
	walked_open(&t, &tekhex_format, text("%0F3A6.text$0102\n%156CB480000000202020202020\r\n%0E81E80000000000\n"));
	assert_false(t.accepted); /* the sum of the symbols is wrong */
	walked_close(&t);
	walked_open(&t, &tekhex_format, text("%1A626810000000202020202020\n%0E81F810000000\n"));
	assert_true(t.accepted);
	assert_content(&t, "0x10000000", "      ", 6);
	assert_string_equal(walked_header(&t, "start address"), "0x10000000");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	walked_open(&t, &tekhex_format, text("%1A626810000000202020202020\n"));
	assert_false(t.accepted); /* one record, and no end */
	walked_close(&t);
	assert_false(tekhex_format.probe(text("%!PS-Adobe-3.0\n"), &m));
	assert_false(tekhex_format.probe(text("%1A627810000000202020202020\n%0E81F810000000\n"), &m));
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void uf2_block(uint8_t *p, uint32_t flags, uint32_t address, uint32_t number, uint32_t count, uint32_t family,
					  uint8_t fill)
{
	memset(p, 0, 512);
	put32(p, 0x0a324655);
	put32(p + 4, 0x9e5d5157);
	put32(p + 8, flags);
	put32(p + 12, address);
	put32(p + 16, 256);
	put32(p + 20, number);
	put32(p + 24, count);
	put32(p + 28, family);
	memset(p + 32, fill, 256);
	put32(p + 508, 0x0ab16f30);
}

static uint8_t uf2[6 * 512];

static void make_uf2(void)
{
	uf2_block(uf2, 0x2000, 0x10000000, 0, 4, 0xe48bff56, 'a');
	uf2_block(uf2 + 512, 0x2000, 0x10000100, 1, 4, 0xe48bff56, 'b');
	uf2_block(uf2 + 1024, 0x2001, 0x10000200, 2, 4, 0xe48bff56, 'c'); /* a comment */
	uf2_block(uf2 + 1536, 0x2000, 0x20000000, 3, 4, 0xe48bff56, 'd');
	uf2_block(uf2 + 2048, 0x2000, 0x10000000, 0, 1, 0x12345678, 'e'); /* the same address in another chip */
	memset(uf2 + 2560, 0xff, 512);
}

static void test_uf2(void **state)
{
	(void)state;
	struct walked t;
	uint8_t content[512];
	make_uf2();
	memset(content, 'a', 256);
	memset(content + 256, 'b', 256);
	walked_open(&t, &uf2_format, span_of(uf2, sizeof uf2));
	assert_int_equal(t.match.size, 5 * 512);
	assert_false(error_is(&t.error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 3);
	assert_content(&t, "RP2040-0x10000000", content, 512);
	assert_int_equal(walked_get(&t, "RP2040-0x20000000")->content.n, 256);
	assert_int_equal(walked_get(&t, "0x10000000")->content.p[0], 'e');
	assert_string_equal(walked_header(&t, "familyID"), "0xe48bff56 RP2040");
	walked_close(&t);
	survives_cuts(&uf2_format, span_of(uf2, sizeof uf2), 600);
	survives_flips(&uf2_format, span_of(uf2, sizeof uf2), 5000, 0);
}

/* Blocks of files, of which the second one's stand in the other order; regions whose MD5 is told. */
static void test_uf2_files(void **state)
{
	(void)state;
	static uint8_t b[4 * 512];
	uint8_t content[300];
	struct walked t;
	memset(content, 'a', 256);
	memset(content + 256, 'b', 44);
	uf2_block(b, 0x1000, 0, 0, 4, 256, 'x');
	uf2_block(b + 512, 0x1001, 256, 1, 4, 300, 'b');
	put32(b + 512 + 16, 44);
	uf2_block(b + 1024, 0x1000, 0, 2, 4, 300, 'a');
	uf2_block(b + 1536, 0x2000, 0x10000000, 3, 4, 0xe48bff56, 'd');
	memcpy(b + 32 + 256, "one.bin", 8);
	memcpy(b + 512 + 32 + 44, "www/two", 8);
	memcpy(b + 1024 + 32 + 256, "www/two", 8);
	walked_open(&t, &uf2_format, span_of(b, sizeof b));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "/one.bin")->content.n, 256);
	assert_content(&t, "/www/two", content, 300);
	walked_close(&t);
	put32(b + 1024 + 12, 100); /* what stood before is in no block */
	put32(b + 1024 + 28, 4000000000);
	walked_open(&t, &uf2_format, span_of(b, sizeof b));
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	assert_int_equal(walked_get(&t, "/www/two")->content.n, 356);
	walked_close(&t);
	survives_flips(&uf2_format, span_of(b, sizeof b), 3000, 0);

	static const uint8_t md5[] = { 0x81, 0x10, 0x9e, 0xec, 0x5a, 0xa1, 0xa2, 0x84, 0xfb, 0x53, 0x27, 0xb1, 0x0e, 0x9c, 0x16, 0xb9 };
	for (unsigned i = 0; i < 2; i++) { /* md5sum of 256 times 'a' */
		uf2_block(b, 0x6000, 0x10000000, 0, 1, 0xe48bff56, i ? 'b' : 'a');
		put32(b + 484, 0x10000000);
		put32(b + 488, 256);
		memcpy(b + 492, md5, sizeof md5);
		walked_open(&t, &uf2_format, span_of(b, 512));
		assert_int_equal(walked_damage(&t, "corrupt"), i);
		walked_close(&t);
	}
}

static void test_uf2_damage(void **state)
{
	(void)state;
	struct walked t;
	make_uf2();
	put32(uf2 + 512 + 20, 2); /* block 1 says that it is number 2 */
	walked_open(&t, &uf2_format, span_of(uf2, 4 * 512));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_int_equal(t.n, 2);
	walked_close(&t);
	make_uf2();
	walked_open(&t, &uf2_format, span_of(uf2, 2 * 512 + 100));
	assert_int_equal(t.match.size, 1024);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "RP2040-0x10000000")->content.n, 512);
	walked_close(&t);
	put32(uf2 + 16, 477); /* more than a block has room for */
	struct format_match m;
	assert_false(uf2_format.probe(span_of(uf2, sizeof uf2), &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ihex_records),    cmocka_unit_test(test_ihex_comments), cmocka_unit_test(test_ihex_damage),
		cmocka_unit_test(test_ihex_twice),
		cmocka_unit_test(test_ihex_boards),
		cmocka_unit_test(test_srec_records),
		cmocka_unit_test(test_tekhex_records),
		cmocka_unit_test(test_reference_tools), cmocka_unit_test(test_uf2),         cmocka_unit_test(test_uf2_damage),
		cmocka_unit_test(test_uf2_files),
	};
	return cmocka_run_group_tests_name("memory_image", tests, NULL, NULL);
}
