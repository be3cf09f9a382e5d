/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fat: images of mkfs.vfat filled by mtools, of all three kinds, compared with what was put in; and images that are broken
 * on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_tree.h"

extern const struct format fat_format;

#define MTOOLS "MTOOLS_SKIP_CHECK=1 TZ=UTC "

static bool have_tools(void)
{
	return tool_exists("mkfs.vfat") && tool_exists("mcopy");
}

static struct span made(const char *dir, const char *command)
{
	run_in(dir, command);
	return file_load(dir, "image");
}

static void test_mtools(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	static const struct {
		const char *options, *type, *size;
	} cases[] = {
		{ "-F 12 -s 16", "FAT12", "16M" },
		{ "-F 12 -f 1 -r 512 -s 32 -n LABEL", "FAT12", "32M" },
		{ "-F 16 -s 2", "FAT16", "32M" },
		{ "-F 16 -s 4 -S 1024 -f 1", "FAT16", "40M" },
		{ "-F 32 -s 1", "FAT32", "40M" },
		{ "-F 16 -s 1 -S 4096", "FAT16", "40M" },
		{ "-F 32 -s 1 -S 1024 -f 1", "FAT32", "80M" },
	};
	char dir[TEMP_MAX], command[512];
	host_tree_make(dir, KEEPS_MTIME);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(command, sizeof command,
				 "rm -f image; truncate -s %s image; mkfs.vfat %s image; " MTOOLS "mcopy -i image -s -m files/* ::/",
				 cases[i].size, cases[i].options);
		struct span image = made(dir, command);
		struct walked t;
		char path[TEMP_MAX + 8];
		snprintf(path, sizeof path, "%s/files", dir);
		walked_open(&t, &fat_format, image);
		host_tree_expect(&t, path, 0);
		assert_int_equal(t.match.size, image.n);
		assert_string_equal(walked_header(&t, "fat_type"), cases[i].type);
		assert_string_equal(walked_header(&t, "oem_name"), "mkfs.fat");
		/* FAT has two seconds of resolution, and no time before 1980. */
		assert_int_equal(walked_get(&t, "/a/size-1")->e.mtime, 1234567890);
		assert_int_equal(walked_get(&t, "/noise")->e.mode, FACT_NULL);
		if (i == 1)
			assert_string_equal(walked_header(&t, "volume_label"), "LABEL");
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

#define SMALL                                                                                                          \
	"rm -f image; truncate -s 1440K image; mkfs.vfat -F 12 -i 1234abcd image; mkdir -p d; head -c 5000 /bin/sh > b; "  \
	"head -c 3000 /bin/ls > c; " MTOOLS "mmd -i image ::/dir; " MTOOLS "mcopy -i image b ::/dir/b; " MTOOLS            \
	"mcopy -i image c ::/dir/c"

static void test_names(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	struct span image =
		made(dir, SMALL "; export LC_ALL=C.UTF-8; touch 'A name of more than 13 letters, which goes on and on' "
						"UPPER.TXT lower.txt Mixed.Txt '\xc3\xa4\xf0\x9f\x98\x80' 'UPPER.low' gone; " MTOOLS
						"mcopy -i image 'A name of more than 13 letters, which goes on and on' UPPER.TXT "
						"lower.txt Mixed.Txt '\xc3\xa4\xf0\x9f\x98\x80' UPPER.low gone ::/; " MTOOLS
						"mdel -i image ::/gone; " MTOOLS "mattrib -i image +r +h ::/lower.txt");
	struct walked t;
	walked_open(&t, &fat_format, image);
	static const char *const names[] = {
		"/A name of more than 13 letters, which goes on and on", "/UPPER.TXT", "/lower.txt", "/Mixed.Txt", "/UPPER.low",
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_int_equal(walked_get(&t, names[i])->e.size, 0);
	assert_int_equal(t.n, 3 + 6);
	assert_string_equal(walked_header(&t, "volume_id"), "1234-abcd");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

/* The place of a directory entry by its short name. */
static size_t find_entry(struct span image, const char *short_name)
{
	const uint8_t *p = memmem(image.p, image.n, short_name, 11);
	assert_non_null(p);
	return (size_t)(p - image.p);
}

static void set_fat12(uint8_t *image, unsigned cluster, unsigned value)
{
	for (unsigned table = 0; table < 2; table++) {
		uint8_t *p = image + 512 + table * 9 * 512 + cluster + cluster / 2;
		if (cluster & 1) {
			p[0] = (uint8_t)((p[0] & 0x0f) | value << 4);
			p[1] = (uint8_t)(value >> 4);
		} else {
			p[0] = (uint8_t)value;
			p[1] = (uint8_t)((p[1] & 0xf0) | value >> 8);
		}
	}
}

static unsigned cluster_of(struct span image, const char *short_name)
{
	const uint8_t *e = image.p + find_entry(image, short_name);
	return e[26] | (unsigned)e[27] << 8;
}

static void test_hostile(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	struct span image = made(dir, SMALL);
	uint8_t *p = malloc(image.n);
	unsigned b = cluster_of(image, "B          "), c = cluster_of(image, "C          "),
			 d = cluster_of(image, "DIR        ");
	uint8_t content[5000];
	struct span host = file_load(dir, "b");
	memcpy(content, host.p, 5000);

	/* A chain that leads back into itself: the rest is read. */
	memcpy(p, image.p, image.n);
	set_fat12(p, b + 3, b);
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 3); /* crosses, loops, and what followed has no name */
	assert_memory_equal(walked_get(&t, "/dir/b")->content.p, content, 4 * 512);
	assert_int_equal(walked_get(&t, "/dir/c")->content.n, 3000);
	walked_close(&t);

	/* Two files with one chain. */
	memcpy(p, image.p, image.n);
	set_fat12(p, c, b);
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* and what followed has no name */
	assert_int_equal(walked_get(&t, "/dir/b")->content.n, 5000);
	assert_memory_equal(walked_get(&t, "/dir/c")->content.p + 512, content, 2488);
	walked_close(&t);

	/* A directory that holds itself. */
	memcpy(p, image.p, image.n);
	p[find_entry(image, "C          ") + 11] = 0x10;
	p[find_entry(image, "C          ") + 26] = (uint8_t)d;
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 2);
	assert_int_equal(walked_get(&t, "/dir/b")->content.n, 5000);
	walked_close(&t);

	/* Only the first table is broken: the second one helps. */
	memcpy(p, image.p, image.n);
	memset(p + 512 + 3, 0, 9 * 512 - 3);
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/dir/b", content, 5000);
	walked_close(&t);

	/* Links of the first table that lead elsewhere: the second one tells how the chain is whole. */
	memcpy(p, image.p, image.n);
	for (size_t i = 512 + 6; i < 512 + 3 * 20; i++)
		p[i] = 0x11;
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/dir/b", content, 5000);
	walked_close(&t);

	/* A size of 4 GiB less one byte, and a cluster that is not there. */
	memcpy(p, image.p, image.n);
	memset(p + find_entry(image, "B          ") + 28, 0xff, 4);
	memset(p + find_entry(image, "C          ") + 26, 0xff, 2);
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 3);
	assert_int_equal(walked_get(&t, "/dir/b")->content.n, 5120);
	assert_int_equal(walked_get(&t, "/dir/c")->content.n, 0);
	walked_close(&t);

	/* Without the signature, as some boot sectors are written; with a name that is a path. */
	memcpy(p, image.p, image.n);
	p[510] = p[511] = 0;
	memcpy(p + find_entry(image, "B          "), "../../X ", 8);
	walked_open(&t, &fat_format, span_of(p, image.n));
	assert_true(t.accepted);
	assert_content(&t, "/dir/../../x", content, 5000);
	walked_close(&t);

	survives_cuts(&fat_format, span_clip(image, 0, 64 << 10), 200);
	survives_flips(&fat_format, span_clip(image, 0, 64 << 10), 3000, 40 * 512);
	free(p);
	free((void *)image.p);
	free((void *)host.p);
	temp_remove(dir);
}

/* A directory that was overwritten is told, whatever it was overwritten with: erased flash looks like parts of long names. */
static void test_lost_directory(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir -p files/dir && seq 100 > files/dir/one && seq 50 > files/dir/two; truncate -s 1M image; mkfs.vfat image; " MTOOLS
				"mcopy -i image -s files/dir ::/");
	struct span made = file_load(dir, "image");
	static const int fill[] = { -1, 0xff, 0x00, 0x41 };
	for (size_t i = 0; i < 4; i++) {
		uint8_t *copy = malloc(made.n);
		assert_non_null(copy);
		memcpy(copy, made.p, made.n);
		const uint8_t *dots = memmem(copy, made.n, ".          \x10", 12);
		assert_non_null(dots);
		if (fill[i] >= 0)
			memset(copy + (dots - copy), fill[i], 512);
		struct walked t;
		walked_open(&t, &fat_format, span_of(copy, made.n));
		assert_true(i == 0 ? fact_list_count(&t.facts, FACT_damage) == 0 : walked_damage(&t, "corrupt") > 0);
		walked_close(&t);
		free(copy);
	}
	free((void *)(uintptr_t)made.p);
	temp_remove(dir);
}

static void expect_forty(struct span image, unsigned files, unsigned damages)
{
	struct walked t;
	walked_open(&t, &fat_format, image);
	assert_true(t.accepted);
	assert_int_equal(walked_count(&t, ENTRY_FILE), files);
	assert_int_equal(walked_damage(&t, "corrupt"), damages);
	walked_close(&t);
}

/* FAT32 has its boot sector and its table twice; a cluster of a directory that begins with a zero is told when entries follow behind
 * it. */
static void test_backups(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir -p files/dir && for i in $(seq 10 49); do echo $i > files/dir/FILE$i; done; truncate -s 40M image;"
				"mkfs.vfat -F 32 -s 1 image; " MTOOLS "mmd -i image ::/dir; " MTOOLS "mcopy -i image files/dir/* ::/dir/");
	struct span made = file_load(dir, "image");
	uint8_t *image = (uint8_t *)(uintptr_t)made.p, first[512];
	memcpy(first, image, 512);
	expect_forty(made, 40, 0);
	for (int fill = 0; fill < 256; fill += 85) {
		memset(image, fill, 512);
		expect_forty(made, 40, 1);
	}
	memcpy(image, first, 512);
	image[32] ^= 0x10; /* the number of sectors */
	expect_forty(made, 40, 1);
	image[32] ^= 0x10;
	image[65] ^= 1; /* the volume is dirty, which the first sector alone says */
	expect_forty(made, 40, 0);
	uint8_t *table = image + 512 * (size_t)span_u16le(made, 14), kept[4];
	for (uint32_t copy = 0, size = 512 * span_u32le(made, 36); copy < 2; copy++) { /* of one table the directory ends with its first cluster */
		uint8_t *link = table + copy * size + 4 * (size_t)cluster_of(made, "DIR        ");
		memcpy(kept, link, 4);
		memset(link, 0xff, 4);
		expect_forty(made, 40, 1);
		memcpy(link, kept, 4);
	}
	uint8_t *second = memmem(image, made.n, "FILE24     ", 11);
	assert_non_null(second);
	second = image + (size_t)(second - image) / 512 * 512;
	memset(second, 0, 512);
	expect_forty(made, 24, 2); /* 16 entries of files, whose clusters no name leads to any more */
	uint8_t *third = memmem(image, made.n, "FILE40     ", 11);
	assert_non_null(third);
	memset(third, 0, 512);
	expect_forty(made, 14, 1);
	free(image);
	temp_remove(dir);
}

/* What clusters behind the end of a directory tell of was moved before it or deleted, where a directory was made shorter: nothing of that
 * comes back. */
static void test_shortened_directory(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir -p files/dir && for i in $(seq 10 49); do echo $i > files/dir/FILE$i; done; truncate -s 40M image;"
				"mkfs.vfat -F 32 -s 1 image; " MTOOLS "mmd -i image ::/dir; " MTOOLS "mcopy -i image files/dir/* ::/dir/");
	struct span made = file_load(dir, "image");
	uint8_t *image = (uint8_t *)(uintptr_t)made.p;
	size_t first = find_entry(made, "FILE10     "), second = find_entry(made, "FILE24     "), third = find_entry(made, "FILE40     ");
	uint8_t *table = image + 512 * (size_t)span_u16le(made, 14);
	uint32_t moved = span_u16le(made, third + 26), size = 512 * span_u32le(made, 36);
	for (unsigned i = 0; i < 26; i++) { /* from FILE24 to FILE49: freed in both tables */
		uint32_t cluster = span_u16le(made, (i < 16 ? second + i * 32 : third + (i - 16) * 32) + 26);
		memset(table + 4 * (size_t)cluster, 0, 4);
		memset(table + size + 4 * (size_t)cluster, 0, 4);
	}
	image[second] = 0;
	expect_forty(made, 14, 0);
	for (unsigned copy = 0; copy < 2; copy++) /* FILE40 was moved: it is what FILE10 was */
		memset(table + copy * size + 4 * (size_t)moved, 0xff, 4);
	memcpy(image + first, image + third, 32);
	for (unsigned copy = 0; copy < 2; copy++)
		memset(table + copy * size + 4 * (size_t)(moved - 30), 0, 4);
	expect_forty(made, 14, 0);
	free(image);
	temp_remove(dir);
}

static void test_cut(void **state)
{
	(void)state;
	if (!have_tools())
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	struct span image = made(dir, SMALL);
	size_t keep = (33u + cluster_of(image, "C          ") - 2) * 512 + 1000; /* in the middle of the second file */
	walked_open(&t, &fat_format, span_clip(image, 0, keep));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, image.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "/dir/b")->content.n, 5000);
	assert_int_equal(walked_get(&t, "/dir/c")->content.n, 1000);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

static void test_noise(void **state)
{
	(void)state;
	size_t n = 8 << 20;
	uint8_t *noise = malloc(n);
	assert_non_null(noise);
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n; i += 8) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(noise + i, &x, 8);
	}
	for (size_t i = 0; i + 512 < n; i += 64) {
		struct format_match m;
		memcpy(noise + i, "\xeb\x3c\x90", 3);
		assert_false(fat_format.probe(span_of(noise + i, n - i), &m));
	}
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mtools), cmocka_unit_test(test_names), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_lost_directory), cmocka_unit_test(test_backups),
		cmocka_unit_test(test_shortened_directory), cmocka_unit_test(test_cut),    cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("fat", tests, NULL, NULL);
}
