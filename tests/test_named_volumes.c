/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volumes that are named: their superblocks, written here field by field. */
#include "vendor_image.h"

#define SIZE ((size_t)3 << 20)

struct field {
	size_t at, n;
	const char *bytes;
};

static const struct {
	const char *name;
	struct field fields[4]; /* of at least one the volume is not without */
} volumes[] = {
	{ "bcache", { { 4104, 1, "\x8" }, { 4120, 16, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81" } } },
	{ "bcachefs", { { 4120, 16, "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef" } } },
	{ "bcachefs", { { 4120, 16, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81" } } },
	{ "befs", { { 544, 4, "1SFB" }, { 548, 4, "EGIB" } } },
	{ "befs", { { 544, 4, "BFS1" }, { 548, 4, "BIGE" } } },
	{ "befs", { { 32, 4, "1SFB" }, { 36, 4, "EGIB" } } },
	{ "bitlocker", { { 0, 11, "\xeb\x52\x90-FVE-FS-" }, { 510, 2, "\x55\xaa" } } },
	{ "gfs2", { { 65536, 4, "\x01\x16\x19\x70" }, { 65543, 1, "\1" }, { 65562, 2, "\x07\x09" }, { 65566, 2, "\x07\x6c" } } },
	{ "hpfs", { { 8192, 8, "\x49\xe8\x95\xf9\xc5\xe9\x53\xfa" }, { 8704, 8, "\x49\x18\x91\xf9\xc5\x29\x52\xfa" } } },
	{ "bitlocker", { { 0, 11, "\xeb\x58\x90-FVE-FS-" }, { 510, 2, "\x55\xaa" } } }, /* only what is in use is encrypted: another GUID */
	{ "bitlocker", { { 0, 11, "\xeb\x58\x90MSWIN4.1" }, { 510, 2, "\x55\xaa" }, { 424, 16, "\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01" } } },
	{ "ocfs2", { { 2048, 6, "OCFSV2" }, { 2048 + 192 + 56, 1, "\xa" } } },
	{ "ocfs2", { { 8192, 6, "OCFSV2" }, { 8192 + 192 + 56, 1, "\xc" } } },
	{ "reiser4", { { 65536, 7, "ReIsEr4" } } },
	{ "vmfs", { { 2 << 20, 4, "\x5e\xf1\xab\x2f" }, { (2 << 20) + 5, 1, "\0" }, { (2 << 20) + 4, 1, "\x4" } } },
	{ "vmfs", { { 1 << 20, 4, "\x0d\xd0\x01\xc0" }, { (1 << 20) + 5, 1, "\0" }, { (1 << 20) + 4, 1, "\x5" } } },
	{ "zfs", { { 16384, 1, "\1" }, { (128 << 10) + 4096, 4, "\x0c\xb1\xba\0" } } },
	{ "zfs", { { 16384, 1, "\1" }, { (256 << 10) - 1024 + 5, 3, "\xba\xb1\x0c" } } },
};

static const char *name_of(const struct image *im)
{
	struct format_match m = { 0 };
	const struct format *format = format_identify(image_span(im), NULL, &m);
	return format ? format->name : "";
}

/* An image of zeros, as large as the largest needs. */
static struct image blank(void)
{
	struct image im = { calloc(1, SIZE), SIZE };
	assert_non_null(im.p);
	return im;
}

static void test_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof volumes / sizeof *volumes; i++) {
		struct image im = blank();
		for (const struct field *f = volumes[i].fields; f < volumes[i].fields + 4 && f->n; f++)
			memcpy(im.p + f->at, f->bytes, f->n);
		assert_string_equal(name_of(&im), volumes[i].name);
		for (const struct field *f = volumes[i].fields; f < volumes[i].fields + 4 && f->n; f++) {
			im.p[f->at] ^= 0x41;
			bool other = strcmp(volumes[i].name, "bcache") == 0 && f->at == 4104; /* then it is the other one */
			assert_string_equal(name_of(&im), other ? "bcachefs" : "");
			im.p[f->at] ^= 0x41;
		}
		im.n = volumes[i].fields[0].at + 3; /* cut off */
		assert_string_equal(name_of(&im), "");
		free(im.p);
	}
}

static void test_nilfs2(void **state)
{
	(void)state;
	struct image im = blank();
	uint8_t *super = im.p + 1024;
	set_le(&im, 1024, 2, 4);
	set_le(&im, 1024 + 6, 0x3434, 2);
	set_le(&im, 1024 + 8, 280, 2);
	set_le(&im, 1024 + 12, 0xd8c8ae33, 4);
	set_le(&im, 1024 + 32, 3 << 20, 8);
	set_le(&im, 1024 + 16, crc_raw(0xd8c8ae33, super, 280), 4);
	assert_string_equal(name_of(&im), "nilfs2");
	for (size_t i = 0; i < 280; i++) { /* any bit is in the sum */
		super[i] ^= 0x20;
		assert_string_equal(name_of(&im), "");
		super[i] ^= 0x20;
	}
	set_le(&im, 1024 + 8, 40000, 2);
	assert_string_equal(name_of(&im), "");
	free(im.p);
}

/* Anywhere in flash, and of the size that it tells. */
static void test_logfs(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = { { 24, 0 }, { 31, 0 }, { 36, 16 }, { 37, 16 }, { 38, 16 }, { 39, 31 }, { 40, 8 }, { 40, 18 }, { 41, 18 }, { 48, 1 }, { 53, 0 } };
	struct image im = blank();
	struct format_match m = { 0 };
	memcpy(im.p + 24, "\x7a\x3a\x8e\x5c\xb9\xd5\xbf\x67", 8);
	memcpy(im.p + 36, "\3\4\4\x11\xc\xb", 6);
	set_be(&im, 48, 2 << 20, 8);
	assert_string_equal(name_of(&im), "logfs");
	assert_true(format_identify(image_span(&im), NULL, &m) && m.size == 2 << 20);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		uint8_t right = im.p[wrong[i].at];
		im.p[wrong[i].at] = wrong[i].value;
		assert_string_equal(name_of(&im), "");
		im.p[wrong[i].at] = right;
	}
	im.n = 200;
	assert_string_equal(name_of(&im), "");
	free(im.p);
}

/* The reader's FAT that BitLocker To Go shows is a whole one. */
static void make_to_go(struct image *im)
{
	memcpy(im->p, "\xeb\x58\x90MSWIN4.1", 11);
	memcpy(im->p + 424, "\x3b\x4d\xa8\x92\x80\xdd\x0e\x4d\x9e\x4e\xb1\xe3\x28\x4e\xae\xd8", 16);
	assert_string_equal(name_of(im), "bitlocker");
}

/* What mkfs makes over them is what is there, though of the old superblocks some are left. */
static void test_made_over(void **state)
{
	(void)state;
	static const char *const makers[][3] = {
		{ "mke2fs", "mke2fs -q -F -b 1024 image", "ext" },
		{ "mke2fs", "mke2fs -q -F -t ext4 -b 4096 image 2> log", "ext" },
		{ "mkfs.fat", "mkfs.fat -s 1 -F 16 image > log", "fat" },
		{ "mkfs.fat", "mkfs.fat -F 32 image > log 2>&1", "fat" },
	};
	char folder[TEMP_MAX];
	temp_new(folder);
	unsigned left = 0;
	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
		if (!tool_exists(makers[i][0]))
			continue;
		struct image im = { calloc(1, 2 * SIZE), 2 * SIZE };
		const struct field *f;
		for (size_t k = 0; k < sizeof volumes / sizeof *volumes; k++)
			for (f = volumes[k].fields; f < volumes[k].fields + 4 && f->n; f++)
				memcpy(im.p + f->at, f->bytes, f->n);
		file_save(folder, "image", image_span(&im));
		run_in(folder, makers[i][1]);
		struct span made = file_load(folder, "image");
		memcpy(im.p, made.p, im.n);
		for (size_t k = 0; k < sizeof volumes / sizeof *volumes; k++)
			left += memcmp(im.p + volumes[k].fields->at, volumes[k].fields->bytes, volumes[k].fields->n) == 0;
		assert_string_equal(name_of(&im), makers[i][2]);
		if (strcmp(makers[i][2], "fat") == 0)
			make_to_go(&im);
		free((void *)(uintptr_t)made.p);
		free(im.p);
	}
	assert_true(left >= 4 || !tool_exists("mke2fs") || !tool_exists("mkfs.fat"));
	temp_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_named), cmocka_unit_test(test_nilfs2), cmocka_unit_test(test_made_over), cmocka_unit_test(test_logfs) };
	return cmocka_run_group_tests_name("named_volumes", tests, NULL, NULL);
}
