/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ubi: images of ubinize over its options beside the files that they hold; copies, gaps, damage and malice written here
 * after Linux drivers/mtd/ubi/ubi-media.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "big_endian.h"
#include "walked.h"

extern const struct format ubi_format;

#define LAYOUT 0x7fffefffu
#define PEB 16384u
#define VID 64u
#define DATA 128u
#define ROOM (PEB - DATA)
#define PEBS_MAX 64u

static uint8_t image[PEBS_MAX * PEB];

/* Bit by bit after the polynomial, to have a CRC that shares nothing with the one under test. */
static uint32_t crc32_of(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xffffffff;
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
}

static void seal(uint8_t *header)
{
	put(header + 60, crc32_of(header, 60), 4);
}

struct block {
	uint32_t volume, lnum;
	uint64_t sqnum;
	unsigned type;
	const char *text;           /* the data */
	uint32_t size, used;        /* static volumes and copies */
	bool copy, bad_crc, no_vid; /* no_vid: a free block */
	uint32_t seq, pad;
};

static void write_block(uint8_t *peb, struct block b)
{
	memset(peb, 0xff, PEB);
	memset(peb, 0, DATA);
	memcpy(peb, "UBI#\1", 5);
	put(peb + 8, 3, 8);
	put(peb + 16, VID, 4);
	put(peb + 20, DATA, 4);
	put(peb + 24, b.seq, 4);
	seal(peb);
	uint8_t *vid = peb + VID;
	size_t n = b.text ? strlen(b.text) : 0;
	if (b.text)
		memcpy(peb + DATA, b.text, n);
	if (b.no_vid) {
		memset(vid, 0xff, 64);
		return;
	}
	memcpy(vid, "UBI!\1", 5);
	vid[5] = (uint8_t)b.type;
	vid[6] = b.copy;
	put(vid + 8, b.volume, 4);
	put(vid + 12, b.lnum, 4);
	put(vid + 20, b.size, 4);
	put(vid + 24, b.used, 4);
	put(vid + 28, b.pad, 4);
	if (b.size && b.size <= ROOM)
		put(vid + 32, crc32_of(peb + DATA, b.size) ^ b.bad_crc, 4);
	put(vid + 40, b.sqnum, 8);
	seal(vid);
}

/* A copy of the volume table: volumes 0 "dyn" of `reserved` blocks and 1 "stat" of 4. */
static void write_table(uint8_t *peb, uint32_t copy, uint32_t reserved, uint64_t sqnum)
{
	write_block(peb, (struct block){ LAYOUT, copy, sqnum, 1, .seq = 77 });
	for (unsigned i = 0; i < ROOM / 172; i++) {
		uint8_t *r = peb + DATA + 172 * i;
		memset(r, 0, 172);
		if (i < 2) {
			put(r, i ? 4 : reserved, 4);
			put(r + 4, 1, 4);
			r[12] = (uint8_t)(1 + i);
			put(r + 14, i ? 4 : 3, 2);
			memcpy(r + 16, i ? "stat" : "dyn", i ? 4 : 3);
		}
		put(r + 168, crc32_of(r, 168), 4);
	}
}

static void expect_text(const struct walked *t, const char *path, size_t lnum, const char *text)
{
	const struct walked_entry *e = walked_get(t, path);
	assert_true(e->content.n >= lnum * ROOM + strlen(text));
	assert_memory_equal(e->content.p + lnum * ROOM, text, strlen(text));
}

static size_t damages(const struct walked *t)
{
	return fact_list_count(&t->facts, FACT_damage);
}

/* Two tables, a dynamic volume with a gap, a static one; in disorder, with free and erased blocks between. */
static size_t make_image(uint32_t reserved)
{
	write_table(image + 1 * PEB, 0, reserved, 1);
	write_table(image + 4 * PEB, 1, reserved, 2);
	write_block(image, (struct block){ 0, 3, 10, 1, "three", .seq = 77 });
	memset(image + 2 * PEB, 0xff, PEB);
	write_block(image + 3 * PEB, (struct block){ .no_vid = true, .seq = 77 });
	write_block(image + 5 * PEB, (struct block){ 0, 0, 5, 1, "zero", .seq = 77 });
	write_block(image + 6 * PEB, (struct block){ 1, 1, 7, 2, "tail", 4, 2, .seq = 77 });
	write_block(image + 7 * PEB, (struct block){ 1, 0, 6, 2, "head", ROOM, 2, .seq = 77 });
	return 8 * PEB;
}

static void test_layout(void **state)
{
	(void)state;
	size_t n = make_image(5);
	struct walked t;
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(t.match.size, n);
	assert_int_equal(damages(&t), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(walked_header(&t, "peb_size"), "16384");
	assert_string_equal(walked_header(&t, "image_seq"), "77");
	assert_string_equal(walked_header(&t, "volume_table_crc"), "ok");
	assert_string_equal(walked_header(&t, "volume[0].name"), "dyn");
	assert_string_equal(walked_header(&t, "volume[1].vol_type"), "static");
	/* It reserves more blocks than there are: an image that is yet to be flashed ends with its last block. */
	assert_int_equal(walked_get(&t, "dyn")->content.n, 4 * ROOM);
	assert_int_equal(walked_get(&t, "dyn")->e.offset, 5 * PEB + DATA);
	expect_text(&t, "dyn", 0, "zero");
	expect_text(&t, "dyn", 3, "three");
	for (size_t i = ROOM; i < 3 * ROOM; i++)
		assert_int_equal(walked_get(&t, "dyn")->content.p[i], 0xff);
	assert_int_equal(walked_get(&t, "stat")->content.n, ROOM + 4);
	expect_text(&t, "stat", 1, "tail");
	walked_close(&t);

	/* With free blocks for all that is reserved it is a flash, and unmapped blocks are part of the volume. */
	for (unsigned i = 8; i < 14; i++)
		write_block(image + i * PEB, (struct block){ .no_vid = true, .seq = 77 });
	walked_open(&t, &ubi_format, span_of(image, 14 * PEB));
	assert_int_equal(walked_get(&t, "dyn")->content.n, 5 * ROOM);
	walked_close(&t);
}

/* The newer one counts, unless it is a copy that was not finished. */
static void test_duplicates(void **state)
{
	(void)state;
	static const struct {
		struct block a, b;
		const char *want;
		size_t damages;
	} cases[] = {
		{ { 0, 1, 20, 1, "older" }, { 0, 1, 21, 1, "newer" }, "newer", 0 },
		{ { 0, 1, 21, 1, "newer" }, { 0, 1, 20, 1, "older" }, "newer", 0 },
		{ { 0, 1, 20, 1, "older" }, { 0, 1, 21, 1, "whole", 5, 0, true }, "whole", 0 },
		{ { 0, 1, 20, 1, "older" }, { 0, 1, 21, 1, "half", 5, 0, true, true }, "older", 0 },
		{ { 0, 1, 21, 1, "half", 5, 0, true, true }, { 0, 1, 20, 1, "older" }, "older", 0 },
		{ { 0, 1, 20, 1, "first" }, { 0, 1, 20, 1, "other" }, "first", 1 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = make_image(5);
		write_block(image + n, cases[i].a);
		write_block(image + n + PEB, cases[i].b);
		struct walked t;
		walked_open(&t, &ubi_format, span_of(image, n + 2 * PEB));
		expect_text(&t, "dyn", 1, cases[i].want);
		assert_int_equal(damages(&t), cases[i].damages);
		walked_close(&t);
	}
}

static void test_tables(void **state)
{
	(void)state;
	struct walked t;
	size_t n = make_image(5);
	image[1 * PEB + DATA + 20] ^= 1; /* the first copy */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "volume_table_crc"), "ok in the second copy");
	assert_int_equal(damages(&t), 1);
	assert_int_equal(walked_get(&t, "dyn")->content.n, 4 * ROOM);
	walked_close(&t);

	image[4 * PEB + DATA + 172 + 20] ^= 1; /* another record of the other copy: each is there once */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "volume_table_crc"), "mismatch");
	assert_int_equal(damages(&t), 2);
	assert_int_equal(t.n, 2);
	expect_text(&t, "stat", 1, "tail");
	walked_close(&t);

	image[4 * PEB + DATA + 20] ^= 1; /* nobody knows the name of volume 0 */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(damages(&t), 3);
	expect_text(&t, "volume-0", 3, "three");
	walked_close(&t);

	memset(image + 1 * PEB, 0xff, PEB);
	memset(image + 4 * PEB, 0xff, PEB);
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "volume_table_crc"), "no volume table");
	expect_text(&t, "volume-0", 3, "three");
	expect_text(&t, "volume-1", 1, "tail");
	walked_close(&t);
}

static void test_damage(void **state)
{
	(void)state;
	struct walked t;
	size_t n = make_image(5);
	image[6 * PEB + DATA] ^= 1; /* of the static volume */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(damages(&t), 1);
	assert_int_equal(walked_get(&t, "stat")->content.n, ROOM + 4);
	walked_close(&t);

	make_image(5);
	memset(image + 7 * PEB, 0xff, PEB); /* its first block */
	walked_open(&t, &ubi_format, span_of(image, n - PEB));
	assert_int_equal(damages(&t), 1);
	expect_text(&t, "stat", 1, "tail");
	walked_close(&t);

	make_image(5);
	write_block(image + 6 * PEB, (struct block){ .no_vid = true, .seq = 77 }); /* its last one */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "stat")->content.n, ROOM);
	walked_close(&t);

	make_image(5);
	image[5 * PEB + 20] ^= 1; /* an erase counter header: the block is known all the same */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(damages(&t), 1);
	expect_text(&t, "dyn", 0, "zero");
	walked_close(&t);

	make_image(5);
	image[5 * PEB + VID + 20] ^= 1; /* a VID header */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(damages(&t), 1);
	assert_int_equal(walked_get(&t, "dyn")->content.p[0], 0xff);
	walked_close(&t);

	make_image(5);
	write_block(image + 5 * PEB, (struct block){ 0, 0, 5, 1, "stray", .seq = 78 }); /* of another image */
	walked_open(&t, &ubi_format, span_of(image, n));
	assert_int_equal(t.match.size, n);
	assert_int_equal(damages(&t), 1);
	assert_int_equal(walked_get(&t, "dyn")->content.p[0], 0xff);
	walked_close(&t);

	make_image(5);
	walked_open(&t, &ubi_format, span_of(image, n - PEB / 2)); /* cut within a block of the static volume */
	assert_int_equal(walked_damage(&t, "truncated"), 2);
	expect_text(&t, "stat", 1, "tail");
	walked_close(&t);
}

/* Bytes that are missing or too many cost the block that they are in. */
static void test_shifted(void **state)
{
	(void)state;
	static const int by[] = { -1, -64, -2000, 1, 64, 3000 };
	for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
		struct walked t;
		size_t n = make_image(5), at = 3 * PEB + 5000; /* in a block that is free */
		if (by[i] < 0)
			memmove(image + at, image + at - by[i], n - at + (size_t)by[i]);
		else
			memmove(image + at + by[i], image + at, n - at);
		n = (size_t)((int)n + by[i]);
		walked_open(&t, &ubi_format, span_of(image, n));
		assert_int_equal(t.match.size, n);
		assert_int_equal(damages(&t), 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		expect_text(&t, "dyn", 0, "zero");
		expect_text(&t, "dyn", 3, "three");
		expect_text(&t, "stat", 1, "tail");
		walked_close(&t);
	}
}

static void test_strange(void **state)
{
	(void)state;
	struct walked t;
	size_t n = make_image(5);
	/* Fastmaps, blocks behind the end of a volume, a volume that is not in the table, with a hole of 2^31 blocks. */
	write_block(image + n, (struct block){ LAYOUT + 1, 0, 30, 1, "fastmap", .seq = 77 });
	write_block(image + n + PEB, (struct block){ LAYOUT + 2, 0, 31, 1, "fastmap", .seq = 77 });
	write_block(image + n + 2 * PEB, (struct block){ 0, 5, 32, 1, "behind", .seq = 77 });
	walked_open(&t, &ubi_format, span_of(image, n + 3 * PEB));
	assert_int_equal(t.n, 2);
	assert_int_equal(damages(&t), 0);
	assert_int_equal(walked_get(&t, "dyn")->content.n, 5 * ROOM);
	walked_close(&t);

	write_block(image + n, (struct block){ 9, 0x7fffffff, 33, 1, "far", .seq = 77 });
	write_block(image + n + PEB, (struct block){ 10, 0, 34, 2, "lies", 0x7fffffff, 0x7fffffff, .seq = 77 });
	write_block(image + n + 2 * PEB, (struct block){ 11, 0, 35, 1, "no room", .pad = 0xffffffff, .seq = 77 });
	walked_open(&t, &ubi_format, span_of(image, n + 3 * PEB));
	assert_int_equal(walked_get(&t, "volume-9")->e.size, (uint64_t)0x80000000 * ROOM);
	assert_int_equal(walked_get(&t, "volume-10")->content.n, ROOM);
	assert_int_equal(t.n, 4);
	walked_close(&t);
}

/* Any size, also where the next blocks are bad; an image within a volume does not confuse. */
/* Copies that claim to have 4 GiB of data: none is read beyond its block. */
static void test_large_copies(void **state)
{
	(void)state;
	enum { COUNT = 8000, SMALL = 4096 };
	uint8_t *many = malloc(COUNT * SMALL), block[PEB];
	assert_non_null(many);
	memset(many, 0xff, COUNT * SMALL);
	for (unsigned i = 0; i < COUNT; i++) {
		write_block(block, (struct block){ 0, 0, i, 1, NULL, 0xffffffff, 0, true });
		memcpy(many + i * SMALL, block, SMALL);
	}
	struct walked t;
	walked_open(&t, &ubi_format, span_of(many, COUNT * SMALL));
	assert_int_equal(t.match.size, COUNT * SMALL);
	assert_int_equal(walked_get(&t, "volume-0")->content.n, SMALL - DATA);
	walked_close(&t);
	free(many);
}

static void test_peb_sizes(void **state)
{
	(void)state;
	uint8_t *big = malloc(40 << 20);
	assert_non_null(big);
	for (uint32_t size = 4096; size <= 4 << 20; size *= 2)
		for (unsigned bad = 0; bad < 4; bad++) {
			memset(big, 0xff, 8 * size);
			for (unsigned i = 0; i < 8; i++) {
				uint8_t block[PEB];
				write_block(block, (struct block){ 0, i, i, 1, "x" });
				if (i == 0 || i > bad)
					memcpy(big + i * size, block, DATA + 1);
				put(block + 16, 512, 4);
				seal(block);
				if (size >= 65536)
					memcpy(big + i * size + DATA + 4096 * 3 - DATA, block, DATA);
			}
			struct format_match m;
			assert_true(ubi_format.probe(span_of(big, 8 * size), &m));
			assert_int_equal(m.size, 8 * size);
			struct walked t;
			walked_open(&t, &ubi_format, span_of(big, 8 * size));
			char want[16];
			snprintf(want, sizeof want, "%u", size);
			assert_string_equal(walked_header(&t, "peb_size"), want);
			walked_close(&t);
		}
	free(big);
}

static void test_concatenated(void **state)
{
	(void)state;
	struct format_match m;
	size_t n = make_image(5);
	memcpy(image + n, image, n); /* the same once more */
	assert_true(ubi_format.probe(span_of(image, 2 * n), &m));
	assert_int_equal(m.size, n + PEB); /* blocks have no order: the second volume table tells */
	make_image(5);
	for (unsigned i = 8; i < 12; i++)
		write_block(image + i * PEB, (struct block){ 0, i, i, 1, "x", .seq = 78 });
	assert_true(ubi_format.probe(span_of(image, 12 * PEB), &m));
	assert_int_equal(m.size, n);
}

static void write_text(const char *dir, const char *name, const char *text)
{
	char path[TEMP_MAX + 32];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_ubinize(void **state)
{
	(void)state;
	static const struct {
		const char *options, *peb, *vid;
	} cases[] = {
		{ "-p 16KiB -m 1", "16384", "64" },
		{ "-p 128KiB -m 2048", "131072", "2048" },
		{ "-p 128KiB -m 2048 -s 512", "131072", "512" },
		{ "-p 256KiB -m 4096 -O 4096 -Q 99", "262144", "4096" },
		{ "-p 64KiB -m 8 -e 5 -x 1", "65536", "64" },
		{ "-p 1MiB -m 8192", "1048576", "8192" },
	};
	if (!tool_exists("ubinize"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "head -c 300000 /dev/urandom > big; seq 100 > small");
	write_text(
		dir, "ini",
		"[a]\nmode=ubi\nimage=big\nvol_id=0\nvol_size=4MiB\nvol_type=dynamic\nvol_name=rootfs\nvol_flags=autoresize\n"
		"[b]\nmode=ubi\nimage=big\nvol_id=5\nvol_type=static\nvol_name=kernel\nvol_alignment=3\n"
		"[c]\nmode=ubi\nimage=small\nvol_id=100\nvol_size=2MiB\nvol_type=static\nvol_name=cfg\n"
		"[d]\nmode=ubi\nvol_id=7\nvol_size=1MiB\nvol_type=dynamic\nvol_name=empty\n");
	struct span big = file_load(dir, "big"), small = file_load(dir, "small");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[128];
		bool few = i == 0; /* so small a block has room for 93 records */
		snprintf(command, sizeof command, "%s; ubinize %s -o image ini2",
				 few ? "sed s/=100/=50/ ini > ini2" : "cp ini ini2", cases[i].options);
		run_in(dir, command);
		struct span made = file_load(dir, "image");
		struct walked t;
		walked_open(&t, &ubi_format, made);
		assert_int_equal(t.match.size, made.n);
		assert_int_equal(damages(&t), 0);
		assert_int_equal(t.n, 4);
		assert_string_equal(walked_header(&t, "peb_size"), cases[i].peb);
		assert_string_equal(walked_header(&t, "vid_hdr_offset"), cases[i].vid);
		assert_string_equal(walked_header(&t, "volume[0].autoresize"), "yes");
		assert_content(&t, "kernel", big.p, big.n);
		assert_content(&t, "cfg", small.p, small.n);
		assert_int_equal(walked_get(&t, "empty")->content.n, 0);
		const struct walked_entry *rootfs = walked_get(&t, "rootfs");
		assert_memory_equal(rootfs->content.p, big.p, big.n);
		for (size_t k = big.n; k < rootfs->content.n; k++)
			assert_int_equal(rootfs->content.p[k], 0xff);
		walked_close(&t);
		free((void *)made.p);
	}
	free((void *)big.p);
	free((void *)small.p);
	temp_remove(dir);
}

static void test_sample(void **state)
{
	(void)state;
	struct span ubi = sample_load("camera-armhf.ubi");
	if (!ubi.p)
		skip();
	struct walked t;
	walked_open(&t, &ubi_format, ubi);
	assert_int_equal(t.match.size, 9175040);
	assert_int_equal(damages(&t), 0);
	assert_int_equal(t.n, 3);
	assert_string_equal(walked_header(&t, "peb_size"), "131072");
	assert_string_equal(walked_header(&t, "vid_hdr_offset"), "2048");
	assert_memory_equal(walked_get(&t, "rootfs")->content.p, "\x31\x18\x10\x06", 4);
	assert_memory_equal(walked_get(&t, "data")->content.p, "\x31\x18\x10\x06", 4);
	assert_string_equal(walked_header(&t, "volume[1].autoresize"), "yes");
	assert_content(&t, "cfg", "serial=SN00000001\nhw=cam-v2\nuboot_password=\n", 44);
	walked_close(&t);
	free((void *)ubi.p);
}

static void test_survives(void **state)
{
	(void)state;
	size_t n = make_image(5);
	survives_cuts(&ubi_format, span_of(image, n), 200);
	survives_flips(&ubi_format, span_of(image, n), 2000, 0);
	uint8_t *copy = malloc(n);
	assert_non_null(copy);
	uint64_t x = 88172645463325252;
	for (unsigned round = 0; round < 3000; round++) { /* in headers that then get the CRC that fits */
		memcpy(copy, image, n);
		for (unsigned k = 0; k < 4; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			uint8_t *peb = copy + (x >> 8) % 8 * PEB, *header = peb + (x & 1) * VID;
			header[(x >> 32) % 60] ^= (uint8_t)(1u << (x >> 40 & 7));
			seal(header);
			uint8_t *record = copy + (1 + 3 * (x >> 50 & 1)) * PEB + DATA + (x >> 51 & 1) * 172;
			record[(x >> 52) % 168] ^= (uint8_t)(1u << (x >> 41 & 7));
			put(record + 168, crc32_of(record, 168), 4);
		}
		struct walked t;
		walked_open(&t, &ubi_format, span_of(copy, n));
		walked_close(&t);
	}
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),       cmocka_unit_test(test_duplicates),   cmocka_unit_test(test_tables),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_shifted),       cmocka_unit_test(test_strange),      cmocka_unit_test(test_peb_sizes),
		cmocka_unit_test(test_concatenated), cmocka_unit_test(test_ubinize),      cmocka_unit_test(test_sample),
		cmocka_unit_test(test_survives),     cmocka_unit_test(test_large_copies),
	};
	return cmocka_run_group_tests_name("ubi", tests, NULL, NULL);
}
