/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nand: images of reference tools as dumps with spare areas, in many geometries; what is no such dump is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format nand_format;

static const struct {
	uint32_t page, spare;
} geometries[] = {
	{ 512, 16 },   { 2048, 64 },  { 2048, 128 }, { 4096, 128 }, { 4096, 218 },   { 4096, 224 },
	{ 4096, 256 }, { 8192, 448 }, { 8192, 640 }, { 8192, 744 }, { 16384, 1280 },
};
#define GEOMETRIES (sizeof geometries / sizeof geometries[0])

enum spare_kind { SPARE_ERASED, SPARE_NOISE, SPARE_HAMMING };

/* After the definition, bit by bit: line parities of all bits whose byte's number has bit b clear or set, column parities
 * of those whose own number has. */
static void hamming(const uint8_t *p, uint8_t code[3])
{
	unsigned line[16] = { 0 }, column[6] = { 0 };
	for (unsigned i = 0; i < 256; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			unsigned v = p[i] >> bit & 1;
			for (unsigned b = 0; b < 8; b++)
				line[2 * b + (i >> b & 1)] ^= v;
			for (unsigned b = 0; b < 3; b++)
				column[2 * b + (bit >> b & 1)] ^= v;
		}
	memset(code, 0, 3);
	for (unsigned b = 0; b < 16; b++)
		code[b / 8] |= (uint8_t)(!line[b] << b % 8);
	for (unsigned b = 0; b < 6; b++)
		code[2] |= (uint8_t)(!column[b] << (b + 2));
	code[2] |= 3;
}

static void write_spare(uint8_t *spare, uint32_t n, const uint8_t *page, uint32_t page_n, enum spare_kind kind)
{
	static uint64_t x = 88172645463325252;
	static const uint8_t small_page[] = { 0, 1, 2, 3, 6, 7 };
	memset(spare, 0xff, n);
	for (uint32_t i = 2; kind == SPARE_NOISE && i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		spare[i] = (uint8_t)(x >> 24);
	}
	for (uint32_t step = 0; kind == SPARE_HAMMING && step < page_n / 256; step++) {
		uint8_t code[3];
		hamming(page + 256 * step, code);
		for (uint32_t i = 0; i < 3; i++)
			spare[page_n == 512 ? small_page[3 * step + i] : n - page_n / 256 * 3 + 3 * step + i] = code[i];
	}
}

/* The bytes as a dump of whole pages; the last one is filled up as erased. */
static struct span dump_of(struct span bytes, uint32_t page, uint32_t spare, enum spare_kind kind)
{
	size_t pages = (bytes.n + page - 1) / page;
	uint8_t *p = malloc(pages * (page + spare));
	assert_non_null(p);
	memset(p, 0xff, pages * (page + spare));
	for (size_t i = 0; i < pages; i++) {
		struct span part = span_clip(bytes, i * page, page);
		uint8_t *at = p + i * (page + spare);
		memcpy(at, part.p, part.n);
		write_spare(at + page, spare, at, page, kind);
	}
	return span_of(p, pages * (page + spare));
}

static void expect_stripped(struct span bytes, uint32_t page, uint32_t spare, enum spare_kind kind)
{
	struct span dump = dump_of(bytes, page, spare, kind);
	struct walked t;
	char text[16];
	walked_open(&t, &nand_format, dump);
	if (!t.accepted)
		fail_msg("%u + %u is not recognised", page, spare);
	snprintf(text, sizeof text, "%u", page);
	assert_int_equal(t.match.size, dump.n);
	assert_string_equal(walked_header(&t, "page_size"), text);
	snprintf(text, sizeof text, "%u", spare);
	assert_string_equal(walked_header(&t, "oob_size"), text);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 1);
	assert_true(nand_format.own_bytes); /* or the dump's last bytes, which the data have no place for, would be looked into again */
	struct span data = t.entries[0].content;
	assert_int_equal(data.n, dump.n / (page + spare) * page);
	assert_memory_equal(data.p, bytes.p, bytes.n);
	walked_close(&t);
	free((void *)dump.p);
}

static void refuse(struct span bytes)
{
	struct format_match m;
	assert_false(nand_format.probe(bytes, &m));
}

/* A whole chip: a boot loader of one erase block before the image. */
static void expect_in_chip(struct span image, uint32_t page, uint32_t spare)
{
	size_t block = 64 * page, n = block + (image.n + block - 1) / block * block;
	uint8_t *chip = malloc(n);
	assert_non_null(chip);
	memset(chip, 0xff, n);
	memset(chip, 0x5a, 5000);
	memcpy(chip + block, image.p, image.n);
	expect_stripped(span_of(chip, n), page, spare, SPARE_NOISE);
	refuse(span_of(chip, n));
	free(chip);
}

static void make_files(char dir[TEMP_MAX])
{
	temp_new(dir);
	run_in(
		dir,
		"mkdir files; head -c 300000 /dev/urandom | base64 > files/0text; head -c 300000 /dev/urandom > files/noise;"
		"for i in $(seq 20); do seq $i 3000 > files/$i; done");
}

static void test_ubi(void **state)
{
	(void)state;
	if (!tool_exists("ubinize"))
		skip();
	char dir[TEMP_MAX];
	make_files(dir);
	run_in(dir, "printf '[a]\\nmode=ubi\\nimage=files/noise\\nvol_id=0\\nvol_type=static\\nvol_name=a\\n' > ini");
	for (size_t i = 0; i < GEOMETRIES; i++) {
		uint32_t page = geometries[i].page, spare = geometries[i].spare;
		char command[128];
		for (unsigned sub = 0; sub < 2; sub++) {
			uint32_t headers = sub && page >= 2048 ? page / 4 : page;
			snprintf(command, sizeof command, "ubinize -p %u -m %u -s %u -o image ini",
					 64 * page < 32768 ? 32768 : 64 * page, page, headers);
			run_in(dir, command);
			struct span image = file_load(dir, "image");
			refuse(image);
			expect_stripped(image, page, spare, SPARE_NOISE);
			expect_stripped(image, page, spare, SPARE_ERASED);

			expect_in_chip(image, page, spare);
			free((void *)image.p);
		}
	}
	temp_remove(dir);
}

/* Levelling of wear moves the volume table, and headers that share a page of 512 bytes read alike with every geometry of the same
 * ratio: what is far behind tells them apart or, where nothing of UBI does, the codes of Linux. */
static void test_worn_ubi(void **state)
{
	(void)state;
	if (!tool_exists("ubinize"))
		skip();
	char dir[TEMP_MAX];
	make_files(dir);
	run_in(dir, "printf '[a]\\nmode=ubi\\nimage=files/noise\\nvol_id=0\\nvol_type=static\\nvol_name=a\\n' > ini;"
				"ubinize -p 16384 -m 512 -s 256 -o image ini");
	struct span image = file_load(dir, "image");
	assert_int_equal(image.n % 16384, 0);
	assert_true(image.n >= 20 * 16384);
	uint8_t *p = malloc(image.n);
	assert_non_null(p);
	memcpy(p, image.p + 2 * 16384, image.n - 2 * 16384);
	memcpy(p + image.n - 2 * 16384, image.p, 2 * 16384); /* the table comes last */
	expect_stripped(span_of(p, image.n), 512, 16, SPARE_NOISE);
	expect_stripped(span_of(p, image.n), 512, 16, SPARE_HAMMING);
	expect_stripped(span_of(p, image.n - 2 * 16384), 512, 16, SPARE_HAMMING); /* it is lost */
	free(p);
	free((void *)image.p);
	temp_remove(dir);
}

static void test_others(void **state)
{
	(void)state;
	static const struct {
		const char *tool, *command;
	} tools[] = {
		{ "mksquashfs", "rm -f image; mksquashfs files image -comp gzip -quiet -no-progress" },
		{ "mksquashfs", "rm -f image; mksquashfs files image -comp xz -all-root -noI -quiet -no-progress" },
		/* Of what is packed only the tables, which lie in one page. */
		{ "mksquashfs", "rm -f image; mksquashfs files/noise files/1 image -comp xz -quiet -no-progress" },
		{ "mkimage", "mkimage -A arm -O linux -T kernel -C none -n name -d files/noise image" },
		{ "mkfs.jffs2", "mkfs.jffs2 -r files -o image -n -e 128KiB -s 2048" },
		{ "mkfs.jffs2", "mkfs.jffs2 -b -r files -o image -n -e 128KiB -s 2048" },
	};
	char dir[TEMP_MAX];
	make_files(dir);
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
		if (!tool_exists(tools[i].tool))
			continue;
		run_in(dir, tools[i].command);
		struct span image = file_load(dir, "image");
		refuse(image);
		for (size_t k = 0; k < GEOMETRIES; k++) {
			uint32_t page = geometries[k].page, spare = geometries[k].spare;
			expect_stripped(image, page, spare, SPARE_NOISE);
			expect_in_chip(image, page, spare);
		}
		/* Damaged, but no dump. */
		uint8_t *copy = malloc(image.n);
		assert_non_null(copy);
		memcpy(copy, image.p, image.n);
		for (size_t at = 100; at < image.n; at += 997)
			copy[at] ^= 0x10;
		refuse(span_of(copy, image.n));
		refuse(span_of(image.p, image.n / 2));
		free(copy);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* Nodes that are alike, as a file of equal lines has them, read the same when a spare area of their size is left out. */
static void test_repeated_nodes(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.jffs2"))
		skip();
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, "mkdir files");
	for (unsigned letters = 1; letters <= 48; letters++) {
		snprintf(command, sizeof command, "yes $(printf %%s a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9 A B C D E F"
				 " G H I J K L | head -c %u) | head -c 300000 > files/a; mkfs.jffs2 -b -r files -o image -n -s 1024", letters);
		run_in(dir, command);
		struct span image = file_load(dir, "image");
		refuse(image);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_hamming(void **state)
{
	(void)state;
	static const struct {
		uint32_t page, spare;
	} soft[] = { { 512, 16 }, { 2048, 64 }, { 4096, 128 } };
	struct span program = file_load("/bin", "ls");
	for (size_t i = 0; i < 3; i++) {
		expect_stripped(program, soft[i].page, soft[i].spare, SPARE_HAMMING);
		struct span dump = dump_of(program, soft[i].page, soft[i].spare, SPARE_NOISE);
		refuse(dump);
		free((void *)dump.p);
	}
	/* The same with the first two bytes of each code exchanged, and with a broken bit in some pages. */
	struct span dump = dump_of(program, 2048, 64, SPARE_HAMMING);
	uint8_t *p = (uint8_t *)dump.p;
	for (size_t page = 0; page < dump.n / 2112; page++) {
		for (unsigned step = 0; step < 8; step++) {
			uint8_t *code = p + page * 2112 + 2048 + 40 + 3 * step, first = code[0];
			code[0] = code[1];
			code[1] = first;
		}
		p[page * 2112 + 700] ^= page % 4 == 0;
	}
	struct format_match m;
	assert_true(nand_format.probe(dump, &m));
	/* YAFFS has its own use for the spare bytes. */
	memcpy(p, "\3\0\0\0\1\0\0\0\xff\xff", 10);
	refuse(dump);
	free(p);
	free((void *)program.p);
}

static void test_ordinary_files(void **state)
{
	(void)state;
	static const char *const programs[] = { "ls", "sh" };
	for (size_t i = 0; i < 2; i++) {
		struct span program = file_load("/bin", programs[i]);
		refuse(program);
		free((void *)program.p);
	}
	static const uint8_t bytes[] = { 0x00, 0xff, 0x55, 0x01 };
	size_t n = 2112 * 64 * 8;
	uint8_t *p = malloc(n);
	assert_non_null(p);
	for (size_t i = 0; i < sizeof bytes; i++) {
		memset(p, bytes[i], n);
		refuse(span_of(p, n));
	}
	uint64_t x = 88172645463325252;
	for (unsigned round = 0; round < 20; round++) {
		for (size_t i = 0; i < n; i += 8) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			memcpy(p + i, &x, 8);
		}
		refuse(span_of(p, n));
	}
	free(p);
}

static void test_survives(void **state)
{
	(void)state;
	if (!tool_exists("ubinize"))
		skip();
	char dir[TEMP_MAX];
	make_files(dir);
	run_in(
		dir,
		"printf '[a]\\nmode=ubi\\nimage=files/1\\nvol_id=0\\nvol_type=static\\nvol_name=a\\n' > ini; ubinize -p 32768 -m 512 -o "
		"image ini");
	struct span image = file_load(dir, "image"), dump = dump_of(image, 512, 16, SPARE_NOISE);
	struct walked t;
	walked_open(&t, &nand_format, span_of(dump.p, dump.n - 100)); /* cut within the last page */
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(t.entries[0].content.n, image.n - 84);
	assert_memory_equal(t.entries[0].content.p, image.p, image.n - 84);
	walked_close(&t);
	survives_cuts(&nand_format, dump, 200);
	survives_flips(&nand_format, dump, 500, 4096);
	free((void *)dump.p);
	free((void *)image.p);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ubi),     cmocka_unit_test(test_worn_ubi),       cmocka_unit_test(test_others),
		cmocka_unit_test(test_repeated_nodes), cmocka_unit_test(test_hamming), cmocka_unit_test(test_ordinary_files),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("nand", tests, NULL, NULL);
}
