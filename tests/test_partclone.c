/* SPDX-License-Identifier: GPL-3.0-or-later */
/* partclone, ntfsclone: images that Partclone makes, which must give the file system that they were made of wherever it is in use; version 0001 is
 * written here (today's program only reads it). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format partclone_format, ntfsclone_format;

/* What the program itself restores. */
static struct span restored(const char *dir)
{
	run_in(dir, "rm -f back; truncate -s $(stat -c %s fs) back; partclone.restore -C -s i -O back -L log -q > log2 2>&1");
	return file_load(dir, "back");
}

static const struct {
	const char *make, *program, *options, *sums;
} kinds[] = {
	{ "mkfs.ext4 -q -b 1024 fs", "extfs", "-a 1", "ok" },
	{ "mkfs.ext4 -q -b 1024 fs", "extfs", "-a 0", NULL },
	{ "mkfs.ext4 -q -b 4096 fs", "extfs", "-a 1 -k 7", "ok" },
	{ "mkfs.ext4 -q -b 2048 fs", "extfs", "-a 1 -k 3 -K", "ok" },
	{ "mkfs.vfat fs", "vfat", "-a 1", "ok" },
	{ "mkfs.ntfs -F -Q fs", "ntfs", "-a 1", "ok" },
};

static void test_partclone(void **state)
{
	(void)state;
	if (!tool_exists("partclone.extfs"))
		skip();
	char dir[TEMP_MAX], command[512];
	temp_new(dir);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		snprintf(command, sizeof command, "rm -f fs i; truncate -s 3M fs && %s && partclone.%s -c -s fs -O i -L log %s", kinds[i].make,
				 kinds[i].program, kinds[i].options);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "i"), back = restored(dir);
		struct walked t;
		walked_open(&t, &partclone_format, image);
		assert_true(t.accepted);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.match.size, image.n);
		assert_int_equal(t.walk.end, image.n);
		const struct walked_entry *fs = walked_get(&t, "file-system");
		assert_true(fs->content.n >= back.n);
		assert_memory_equal(fs->content.p, back.p, back.n);
		assert_true(span_is_zero(span_from(fs->content, back.n)));
		if (kinds[i].sums)
			assert_string_equal(walked_header(&t, "checksums"), kinds[i].sums);
		walked_close(&t);
		if (kinds[i].sums) {
			((uint8_t *)image.p)[image.n - 100] ^= 1;
			walked_open(&t, &partclone_format, image);
			assert_int_equal(walked_damage(&t, "corrupt"), 1);
			walked_close(&t);
		}
		walked_open(&t, &partclone_format, span_clip(image, 0, image.n - 1500));
		assert_int_equal(walked_damage(&t, "truncated"), 2); /* by the walk, and where it is read */
		walked_close(&t);
		survives_cuts(&partclone_format, image, 60);
		survives_flips(&partclone_format, image, 200, 400);
		free((void *)image.p);
		free((void *)back.p);
	}
	temp_remove(dir);
}

/* ---- version 0001 ---- */

#define BLOCK 512u
#define BLOCKS 9u

static uint32_t crc_step(uint32_t crc, uint8_t byte)
{
	crc ^= byte;
	for (unsigned i = 0; i < 8; i++)
		crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	return crc;
}

/* IMAGE_FORMATS.md, "Format 0001"; the CRC is one of each block's first byte, BLOCK times, and never begins anew. */
static size_t make_first(uint8_t *p, uint8_t *disk, unsigned width)
{
	static const bool used[BLOCKS] = { true, true, false, false, true, false, true, true, false };
	uint32_t crc = UINT32_MAX;
	size_t at = 4160;
	memset(p, 0, at);
	memset(disk, 0, (size_t)BLOCK * BLOCKS);
	memcpy(p, "partclone-image", 15);
	memcpy(p + 15, "FAT16", 5);
	memcpy(p + 30, "0001", 4);
	p[37] = BLOCK >> 8;
	p[41] = BLOCK * BLOCKS >> 8;
	p[48] = BLOCKS;
	p[56] = 5;
	for (unsigned i = 0; i < BLOCKS; i++)
		p[at++] = used[i];
	memcpy(p + at, "BiTmAgIc", 8);
	at += 8;
	for (unsigned i = 0; i < BLOCKS; i++) {
		if (!used[i])
			continue;
		for (unsigned k = 0; k < BLOCK; k++)
			disk[(size_t)i * BLOCK + k] = (uint8_t)(k * 3 + i);
		memcpy(p + at, disk + (size_t)i * BLOCK, BLOCK);
		for (unsigned k = 0; k < BLOCK; k++)
			crc = crc_step(crc, p[at]);
		at += BLOCK;
		for (unsigned k = 0; k < width; k++)
			p[at++] = k < 4 ? (uint8_t)(crc >> (8 * k)) : 0;
	}
	return at;
}

static void test_first(void **state)
{
	(void)state;
	static uint8_t image[16384], disk[BLOCK * BLOCKS];
	for (unsigned width = 4; width <= 8; width += 4) {
		size_t n = make_first(image, disk, width);
		struct walked t;
		walked_open(&t, &partclone_format, span_of(image, n));
		assert_true(t.accepted);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_content(&t, "file-system", disk, sizeof disk);
		assert_string_equal(walked_header(&t, "checksums"), "ok");
		assert_string_equal(walked_header(&t, "file system"), "FAT16");
		assert_int_equal(t.walk.end, n);
		walked_close(&t);
		image[4162] = 'x'; /* a block that is not in use: the map has 0 and 1, and hides nothing else */
		walked_open(&t, &partclone_format, span_of(image, n));
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		assert_content(&t, "file-system", disk, sizeof disk);
		walked_close(&t);
		image[4162] = 0;
		survives_cuts(&partclone_format, span_of(image, n), 300);
		survives_flips(&partclone_format, span_of(image, n), 1000, 0);
	}
	if (tool_exists("partclone.restore")) { /* the writer above is right, says Partclone */
		char dir[TEMP_MAX];
		temp_new(dir);
		file_save(dir, "i", span_of(image, make_first(image, disk, 4)));
		file_save(dir, "fs", span_of(disk, sizeof disk));
		struct span back = restored(dir);
		assert_int_equal(back.n, sizeof disk);
		assert_memory_equal(back.p, disk, sizeof disk);
		free((void *)back.p);
		temp_remove(dir);
	}
}

/* ---- ntfsclone ---- */

static void test_ntfsclone(void **state)
{
	(void)state;
	if (!tool_exists("ntfsclone"))
		skip();
	char dir[TEMP_MAX], command[512];
	temp_new(dir);
	for (unsigned cluster = 512; cluster <= 65536; cluster *= 16) {
		snprintf(command, sizeof command,
				 "rm -f n i back; truncate -s 4M n && mkntfs -F -Q -q -c %u n && (seq 30000; head -c 100000 /dev/zero; seq 9) > f && "
				 "ntfscp -f n f f && "
				 "ntfsclone -q --save-image -O i n && truncate -s 4M back && ntfsclone -q --restore-image -O back i",
				 cluster > 4096 ? 4096 : cluster);
		if (!made_in(dir, command))
			continue;
		struct span image = file_load(dir, "i"), back = file_load(dir, "back"), volume = file_load(dir, "n");
		struct walked t;
		walked_open(&t, &ntfsclone_format, image);
		assert_true(t.accepted);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_content(&t, "disk", back.p, back.n);
		assert_int_equal(t.walk.end, image.n);
		assert_memory_equal(walked_get(&t, "disk")->content.p + back.n - 512, volume.p + volume.n - 512, 512);
		walked_close(&t);
		walked_open(&t, &ntfsclone_format, span_clip(image, 0, image.n / 2));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 1); /* of the contents, from there on */
		walked_close(&t);
		survives_cuts(&ntfsclone_format, image, 50);
		survives_flips(&ntfsclone_format, image, 100, 60);
		survives_flips(&ntfsclone_format, image, 100, 0);
		free((void *)image.p);
		free((void *)back.p);
		free((void *)volume.p);
	}
	temp_remove(dir);
}

static void test_noise(void **state)
{
	(void)state;
	static uint8_t program[8192] = "usage: partclone-image 0001 0002 FILE";
	assert_false(partclone_format.probe(span_of(program, sizeof program), &(struct format_match){ 0 }));
	memmove(program, program + 7, sizeof program - 7);
	assert_false(partclone_format.probe(span_of(program, sizeof program), &(struct format_match){ 0 }));
	memcpy(program + 30, "0001", 4);
	assert_false(partclone_format.probe(span_of(program, sizeof program), &(struct format_match){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_partclone),
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_ntfsclone),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("partclone", tests, NULL, NULL);
}
