/* SPDX-License-Identifier: GPL-3.0-or-later */
/* btrfs: images that mkfs.btrfs fills from a folder, compared with it; small ones written here after the on-disk format, for
 * compressed extents, subvolumes, and what is hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "host_tree.h"
#include "little_endian.h"

extern const struct format btrfs_format;

static void test_mkfs(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.btrfs"))
		skip();
	static const char *const options[] = { "-M", "-M -n 4096 -L label", "-M --csum sha256", "-m single -n 16384",
										   "-m dup -n 65536 --csum xxhash", "-M --csum blake2" };
	char dir[TEMP_MAX], command[200], path[TEMP_MAX + 16];
	host_tree_make(dir, KEEPS_ALL);
	snprintf(path, sizeof path, "%s/files", dir);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command,
				 "rm -f image; truncate -s %s image; mkfs.btrfs -q %s --rootdir files image 2> /dev/null",
				 options[i][1] == 'M' ? "48M" : "130M", options[i]);
		run_in(dir, command);
		struct span image = file_load(dir, "image");
		struct walked t;
		walked_open(&t, &btrfs_format, image);
		host_tree_expect(&t, path, KEEPS_ALL);
		assert_int_equal(t.match.size, image.n);
		assert_string_equal(walked_header(&t, "checksum"), i == 5 ? "not checked" : "ok");
		if (i == 1)
			assert_string_equal(walked_header(&t, "label"), "label");
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* ---- images written here ---- */

#define NODE 4096u
#define IMAGE_SIZE 0x40000u
#define SUPER 0x10000u
#define LOGICAL 0x100000u
#define PHYSICAL 0x11000u
#define CHUNK_SIZE 0x2f000u

static uint8_t image[IMAGE_SIZE];

enum { CHUNK_TREE, ROOT_TREE, FILES_TREE, SUBVOLUME_TREE, SUMS_TREE, DATA };

/* CRC-32C bit by bit, to have one that shares nothing with the one under test. */
static uint32_t crc32c(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

static void seal(uint8_t *p)
{
	put(p, crc32c(p + 32, NODE - 32), 4);
}

static uint8_t *node(unsigned i)
{
	return image + PHYSICAL + i * NODE;
}

static uint64_t logical(unsigned i)
{
	return LOGICAL + i * NODE;
}

static void begin_node(unsigned i)
{
	memset(node(i), 0, NODE);
	put(node(i) + 48, logical(i), 8);
}

static void put_key(uint8_t *p, uint64_t object, unsigned type, uint64_t offset)
{
	put(p, object, 8);
	p[8] = (uint8_t)type;
	put(p + 9, offset, 8);
}

/* Items stand at the beginning of a leaf, their data at its end. */
static void item(unsigned i, uint64_t object, unsigned type, uint64_t offset, const void *data, size_t n)
{
	uint8_t *p = node(i);
	uint32_t count = (uint32_t)get(p + 96, 4);
	uint32_t end = count ? (uint32_t)get(p + 101 + 25 * (count - 1) + 17, 4) : NODE - 101;
	uint8_t *head = p + 101 + 25 * count;
	assert_true(101 + 25 * (count + 1) + n <= 101 + end);
	put_key(head, object, type, offset);
	put(head + 17, end - n, 4);
	put(head + 21, n, 4);
	memcpy(p + 101 + end - n, data, n);
	put(p + 96, count + 1, 4);
}

static void inode_item(unsigned i, uint64_t number, unsigned mode, uint64_t size)
{
	uint8_t data[160] = { 0 };
	put(data + 16, size, 8);
	put(data + 40, 1, 4);
	put(data + 44, 1000, 4);
	put(data + 48, 1001, 4);
	put(data + 52, mode, 4);
	put(data + 136, 1600000000, 8);
	item(i, number, 1, 0, data, sizeof data);
}

static void entry_item(unsigned i, uint64_t directory, uint64_t index, const char *name, uint64_t object, unsigned type)
{
	uint8_t data[300] = { 0 };
	put_key(data, object, type, 0);
	put(data + 27, strlen(name), 2);
	memcpy(data + 30, name, strlen(name));
	item(i, directory, 96, index, data, 30 + strlen(name));
}

static void extent_item(unsigned i, uint64_t number, uint64_t at, unsigned compression, uint64_t place, uint64_t packed,
						uint64_t unpacked, uint64_t skip, uint64_t size)
{
	uint8_t data[53] = { 0 };
	put(data + 8, unpacked, 8);
	data[16] = (uint8_t)compression;
	data[20] = 1;
	put(data + 21, place, 8);
	put(data + 29, packed, 8);
	put(data + 37, skip, 8);
	put(data + 45, size, 8);
	item(i, number, 108, at, data, sizeof data);
}

static void inline_item(unsigned i, uint64_t number, unsigned compression, const void *bytes, size_t n,
						uint64_t unpacked)
{
	uint8_t data[1000] = { 0 };
	put(data + 8, unpacked, 8);
	data[16] = (uint8_t)compression;
	memcpy(data + 21, bytes, n);
	item(i, number, 108, 0, data, 21 + n);
}

static void root_item(uint64_t id, unsigned tree)
{
	uint8_t data[239] = { 0 };
	put(data + 168, 256, 8);
	put(data + 176, logical(tree), 8);
	item(ROOT_TREE, id, 132, 0, data, sizeof data);
}

static void chunk(uint8_t data[80])
{
	memset(data, 0, 80);
	put(data, CHUNK_SIZE, 8);
	put(data + 16, 65536, 8);
	put(data + 24, 1 | 2 | 4, 8);
	put(data + 44, 1, 2);
	put(data + 48, 1, 8);
	put(data + 56, PHYSICAL, 8);
}

static void begin_image(void)
{
	uint8_t data[80], *s = image + SUPER;
	memset(image, 0, sizeof image);
	chunk(data);
	put(s + 0x30, SUPER, 8);
	memcpy(s + 0x40, "_BHRfS_M", 8);
	put(s + 0x50, logical(ROOT_TREE), 8);
	put(s + 0x58, logical(CHUNK_TREE), 8);
	put(s + 0x70, IMAGE_SIZE, 8);
	put(s + 0x88, 1, 8);
	put(s + 0x90, 4096, 4);
	put(s + 0x94, NODE, 4);
	put(s + 0xa0, 17 + 80, 4);
	put(s + 0xc9, 1, 8);
	put(s + 0xd1, IMAGE_SIZE, 8);
	put_key(s + 0x32b, 256, 228, LOGICAL);
	memcpy(s + 0x32b + 17, data, 80);
	for (unsigned i = 0; i < DATA; i++)
		begin_node(i);
	item(CHUNK_TREE, 256, 228, LOGICAL, data, 80);
	root_item(5, FILES_TREE);
}

static void end_image(void)
{
	seal(image + SUPER);
	for (unsigned i = 0; i < DATA; i++)
		seal(node(i));
}

#define PLAIN 20000u
#define PLAIN_SECTORS 20480u
static uint8_t plain[PLAIN];

static size_t pack_zlib(uint8_t *out, size_t max)
{
	uLongf n = max;
	assert_int_equal(compress(out, &n, plain, PLAIN), Z_OK);
	return n;
}

/* As the kernel does: LZO segments of a sector each, here by literal runs alone, which is LZO too. */
static size_t pack_lzo(uint8_t *out)
{
	size_t at = 4;
	for (size_t from = 0; from < PLAIN; from += 4096) {
		size_t n = PLAIN - from < 4096 ? PLAIN - from : 4096, left = n - 18, k = 4;
		if (4096 - at % 4096 < 4)
			at += 4096 - at % 4096;
		out[at + k++] = 0; /* a run of 18 bytes and more: zeros count 255 each */
		for (; left > 255; left -= 255)
			out[at + k++] = 0;
		out[at + k++] = (uint8_t)left;
		memcpy(out + at + k, plain + from, n);
		k += n;
		memcpy(out + at + k, "\x11\0\0", 3); /* the end */
		k += 3;
		put(out + at, k - 4, 4);
		at += k;
	}
	put(out, at, 4);
	return at;
}

static uint64_t named_by; /* the tree that names the subvolume; 0: not told */

static void make_image(void)
{
	uint8_t small[200];
	for (size_t i = 0; i < PLAIN; i++)
		plain[i] = (uint8_t)("compressed by btrfs, "[i % 21] ^ (i >> 11));
	begin_image();
	root_item(256, SUBVOLUME_TREE);
	if (named_by)
		item(ROOT_TREE, 256, 144, named_by, "\0\1\0\0\0\0\0\0\10\0\0\0\0\0\0\0\3\0sub", 21);
	uint8_t *data = node(DATA);
	size_t zlib_n = pack_zlib(data, 0x8000), zstd_n = ZSTD_compress(data + 0x8000, 0x8000, plain, PLAIN, 3),
		   lzo_n = pack_lzo(data + 0x10000);
	memcpy(data + 0x18000, plain, PLAIN);
	uint64_t base = logical(DATA);
	unsigned f = FILES_TREE;
	inode_item(f, 256, 040755, 0);
	static const char *const names[] = { "zlib", "zstd", "lzo", "part", "inline", "link", "sub" };
	for (unsigned i = 0; i < 7; i++)
		entry_item(f, 256, 2 + i, names[i], i == 6 ? 256 : 257 + i, i == 6 ? 132 : 1);
	entry_item(f, 256, 10, "again", 257, 1);
	inode_item(f, 257, 0100644, PLAIN);
	extent_item(f, 257, 0, 1, base, (zlib_n + 4095) / 4096 * 4096, PLAIN, 0, PLAIN_SECTORS);
	inode_item(f, 258, 0100644, PLAIN);
	extent_item(f, 258, 0, 3, base + 0x8000, (zstd_n + 4095) / 4096 * 4096, PLAIN, 0, PLAIN_SECTORS);
	inode_item(f, 259, 0100600, PLAIN);
	extent_item(f, 259, 0, 2, base + 0x10000, (lzo_n + 4095) / 4096 * 4096, PLAIN, 0, PLAIN_SECTORS);
	/* A hole, the middle of a compressed extent, a hole that no item tells of, stored bytes. */
	inode_item(f, 260, 0100644, 4096 * 6);
	extent_item(f, 260, 0, 0, 0, 0, 4096, 0, 4096);
	extent_item(f, 260, 4096, 1, base, (zlib_n + 4095) / 4096 * 4096, PLAIN, 4096, 8192);
	extent_item(f, 260, 4096 * 4, 0, base + 0x18000, 16384, 16384, 4096, 8192);
	uLongf small_n = sizeof small;
	assert_int_equal(compress(small, &small_n, plain, 300), Z_OK);
	inode_item(f, 261, 0100644, 300);
	inline_item(f, 261, 1, small, small_n, 300);
	inode_item(f, 262, 0120777, 9);
	inline_item(f, 262, 0, "../target", 9, 9);
	inode_item(SUBVOLUME_TREE, 256, 040700, 0);
	entry_item(SUBVOLUME_TREE, 256, 2, "file", 257, 1);
	entry_item(SUBVOLUME_TREE, 256, 3, "loop", 256, 132);
	inode_item(SUBVOLUME_TREE, 257, 0100644, 5);
	inline_item(SUBVOLUME_TREE, 257, 0, "hello", 5, 5);
	end_image();
}

static void test_written(void **state)
{
	(void)state;
	struct walked t;
	make_image();
	walked_open(&t, &btrfs_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, IMAGE_SIZE);
	assert_content(&t, "/zlib", plain, PLAIN);
	assert_content(&t, "/zstd", plain, PLAIN);
	assert_content(&t, "/lzo", plain, PLAIN);
	assert_content(&t, "/inline", plain, 300);
	const struct walked_entry *part = walked_get(&t, "/part");
	assert_int_equal(part->content.n, 4096 * 6);
	for (size_t i = 0; i < 4096 * 6; i++) {
		size_t block = i / 4096;
		assert_int_equal(part->content.p[i], block == 0 || block == 3 ? 0 : plain[block < 3 ? i : i - 12288]);
	}
	assert_string_equal(walked_get(&t, "/again")->e.same_as.p, "/zlib");
	assert_int_equal(walked_get(&t, "/lzo")->e.mode, 0600);
	assert_int_equal(walked_get(&t, "/lzo")->e.uid, 1000);
	assert_int_equal(walked_get(&t, "/lzo")->e.gid, 1001);
	assert_int_equal(walked_get(&t, "/lzo")->e.mtime, 1600000000);
	assert_string_equal(walked_get(&t, "/link")->e.link_target.p, "../target");
	assert_content(&t, "/sub/file", "hello", 5);
	assert_int_equal(t.n, 9);
	assert_int_equal(walked_damage(&t, "corrupt"), 1); /* the subvolume in itself */
	walked_close(&t);
}

/* An entry of another tree than the one that names the subvolume, as a snapshot has it, is an empty directory. */
static void test_elsewhere(void **state)
{
	(void)state;
	struct walked t;
	named_by = 5;
	make_image();
	walked_open(&t, &btrfs_format, span_of(image, sizeof image));
	assert_content(&t, "/sub/file", "hello", 5);
	assert_int_equal(walked_get(&t, "/sub/loop")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(t.n, 10);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	named_by = 257;
	make_image();
	walked_open(&t, &btrfs_format, span_of(image, sizeof image));
	assert_int_equal(walked_get(&t, "/sub")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(t.n, 8); /* without what is in it, which stands nowhere else, either */
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	named_by = 0;
}

/* The checksums of n sectors of the data from `at` on. */
static void sums_item(uint64_t at, unsigned n)
{
	uint8_t data[64];
	for (unsigned i = 0; i < n; i++)
		put(data + 4 * i, crc32c(node(DATA) + at + i * 4096, 4096), 4);
	item(SUMS_TREE, UINT64_MAX - 9, 128, logical(DATA) + at, data, 4 * n);
}

/* What is read is held against its checksum, packed or stored; what has none is read all the same. */
static void test_data_checksums(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		unsigned damaged;
		const char *path;
	} changed[] = { { 0, 0, NULL }, { 0x10, 2, "/zlib" }, { 0x18000 + 5000, 1, "/part" }, { 0x18000 + 4096 * 4 - 1, 0, NULL } };
	for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
		struct walked t;
		make_image();
		root_item(7, SUMS_TREE);
		sums_item(0, 1);
		sums_item(0x18000, 3); /* the fourth sector has none */
		end_image();
		node(DATA)[changed[i].at] ^= changed[i].at > 0 ? 1 : 0;
		walked_open(&t, &btrfs_format, span_of(image, sizeof image));
		assert_int_equal(t.n, 9);
		assert_int_equal(walked_damage(&t, "corrupt"), 1 + changed[i].damaged);
		if (changed[i].path)
			assert_int_equal(walked_get(&t, changed[i].path)->error.code, ERR_CORRUPT);
		walked_close(&t);
	}
}

/* A file in one piece, by the checksums of mkfs: one wrong byte is told, and spoils one sector. */
static void test_data_checksums_mkfs(void **state)
{
	(void)state;
	if (!tool_exists("mkfs.btrfs"))
		skip();
	static const char *const kinds[] = { "crc32c", "xxhash", "sha256" };
	char dir[TEMP_MAX], command[200];
	static uint8_t bytes[20000], sector[4096];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 ^ i >> 8);
	temp_new(dir);
	run_in(dir, "mkdir files");
	file_save(dir, "files/one", span_of(bytes, sizeof bytes));
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		snprintf(command, sizeof command,
				 "rm -f image; truncate -s 48M image; mkfs.btrfs -q -M --csum %s --rootdir files image 2> /dev/null", kinds[i]);
		run_in(dir, command);
		struct span made = file_load(dir, "image");
		uint8_t *place = memmem(made.p, made.n, bytes, sizeof bytes);
		assert_non_null(place);
		place[9000] ^= 4;
		struct walked t;
		walked_open(&t, &btrfs_format, made);
		const struct walked_entry *e = walked_get(&t, "/one");
		assert_int_equal(e->error.code, ERR_CORRUPT);
		const struct content *c = &e->e.content;
		assert_int_equal(c->block_size, 4096);
		struct error error = c->ops->read(c->fs, c->file, 8192, sector, 4096);
		assert_int_equal(error.offset, 8192);
		error = c->ops->read(c->fs, c->file, 12288, sector, 4096);
		assert_false(error_is(&error));
		assert_memory_equal(sector, bytes + 12288, 4096);
		walked_close(&t);
		free((void *)made.p);
	}
	temp_remove(dir);
}

static void test_hostile(void **state)
{
	(void)state;
	begin_image(); /* no inode of the root directory */
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "corrupt", 0);
	begin_image(); /* the root directory in itself */
	inode_item(FILES_TREE, 256, 040755, 0);
	entry_item(FILES_TREE, 256, 2, "self", 256, 1);
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "corrupt", 0);
	begin_image(); /* a huge hole, whose end is not read */
	inode_item(FILES_TREE, 256, 040755, 0);
	entry_item(FILES_TREE, 256, 2, "..", 257, 1);
	inode_item(FILES_TREE, 257, 0120777, UINT64_C(1) << 62);
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "corrupt", 1);
	make_image(); /* a leaf that is broken */
	node(FILES_TREE)[3000] ^= 1;
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(); /* the superblock's checksum */
	image[SUPER + 0x12b] = 'x';
	struct walked t;
	walked_open(&t, &btrfs_format, span_of(image, sizeof image));
	assert_string_equal(walked_header(&t, "checksum"), "mismatch");
	assert_int_equal(t.n, 9);
	walked_close(&t);
	begin_image(); /* a tree whose node is its own child */
	node(ROOT_TREE)[100] = 7;
	put(node(ROOT_TREE) + 96, 120, 4);
	for (unsigned i = 0; i < 120; i++)
		put(node(ROOT_TREE) + 101 + 33 * i + 17, logical(ROOT_TREE), 8);
	image[SUPER + 0xc6] = 7;
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "corrupt", 0);
	make_image(); /* checksums that are not there */
	root_item(7, DATA);
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "corrupt", 9);
	make_image(); /* spread over several devices */
	put(image + SUPER + 0x88, 2, 8);
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "unsupported", 9);
	make_image(); /* files were synced after the last commit */
	put(image + SUPER + 0x60, logical(FILES_TREE), 8);
	end_image();
	assert_damaged(&btrfs_format, span_of(image, sizeof image), "unsupported", 9);
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	return *x ^= *x << 17;
}

/* Flips, also behind right checksums. */
static void test_survives(void **state)
{
	(void)state;
	make_image();
	survives_cuts(&btrfs_format, span_of(image, sizeof image), 60);
	survives_flips(&btrfs_format, span_of(image, sizeof image), 200, 0);
	uint64_t x = 4711;
	for (unsigned i = 0; i < 1500; i++) {
		make_image();
		root_item(7, SUMS_TREE);
		sums_item(0, 1);
		sums_item(0x18000, 3);
		for (unsigned k = 0; k < 1 + i % 4; k++) {
			uint64_t r = next_random(&x);
			uint8_t *p = i % 6 == 5 ? image + SUPER : node(i % 6);
			size_t at = 48 + (r & 1 ? next_random(&x) % 600 : next_random(&x) % (NODE - 48));
			p[at] ^= (uint8_t)(1u << (r >> 40) % 8);
		}
		end_image();
		struct walked t;
		walked_open(&t, &btrfs_format, span_of(image, sizeof image));
		walked_close(&t);
	}
}

static void test_noise(void **state)
{
	(void)state;
	uint64_t x = 3;
	uint8_t *noise = calloc(1, 0x11000);
	assert_non_null(noise);
	for (unsigned k = 0; k < 20000; k++) {
		for (size_t i = SUPER; i < SUPER + 0x400; i += 8) {
			uint64_t r = next_random(&x);
			memcpy(noise + i, &r, 8);
		}
		memcpy(noise + SUPER + 0x40, "_BHRfS_M", 8);
		struct format_match m;
		assert_false(btrfs_format.probe(span_of(noise, 0x11000), &m));
	}
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkfs),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_data_checksums),
		cmocka_unit_test(test_data_checksums_mkfs),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("btrfs", tests, NULL, NULL);
}
