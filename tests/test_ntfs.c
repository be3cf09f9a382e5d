/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ntfs: volumes of mkntfs, filled through libntfs-3g (the reference implementation, without mounting); and broken ones. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format ntfs_format;

/* What is used of libntfs-3g; its objects stay opaque. */
static struct {
	void *(*mount)(const char *name, unsigned long flags);
	int (*umount)(void *volume, int force);
	void *(*inode)(void *volume, void *parent, const char *path);
	int (*close)(void *inode);
	void *(*create)(void *dir, uint32_t security, const uint16_t *name, uint8_t n, mode_t type);
	void *(*symlink)(void *dir, uint32_t security, const uint16_t *name, uint8_t n, const uint16_t *target,
					 int target_n);
	int (*link)(void *inode, void *dir, const uint16_t *name, uint8_t n);
	void *(*attr_open)(void *inode, uint32_t type, uint16_t *name, uint32_t n);
	int64_t (*pwrite)(void *attr, int64_t at, int64_t n, const void *bytes);
	int (*pclose)(void *attr);
	void (*attr_close)(void *attr);
	int (*attr_add)(void *inode, uint32_t type, uint16_t *name, uint8_t n, const uint8_t *value, int64_t size);
	int (*reparse)(void *inode, const char *value, size_t n, int flags);
	int (*to_utf16)(const char *text, uint16_t **out);
} lib;

static bool library_open(void)
{
	static const char *const names[] = {
		"ntfs_mount",
		"ntfs_umount",
		"ntfs_pathname_to_inode",
		"ntfs_inode_close",
		"ntfs_create",
		"ntfs_create_symlink",
		"ntfs_link",
		"ntfs_attr_open",
		"ntfs_attr_pwrite",
		"ntfs_attr_pclose",
		"ntfs_attr_close",
		"ntfs_attr_add",
		"ntfs_set_ntfs_reparse_data",
		"ntfs_mbstoucs",
	};
	void *h = tool_exists("mkntfs") ? dlopen("libntfs-3g.so.89", RTLD_NOW) : NULL;
	void **slots = (void **)&lib;
	for (size_t i = 0; h && i < sizeof names / sizeof names[0]; i++) {
		slots[i] = dlsym(h, names[i]);
		if (!slots[i])
			h = NULL;
	}
	if (!h)
		printf("skipped: libntfs-3g.so.89 is not installed\n");
	return h != NULL;
}

struct ntfs {
	char dir[TEMP_MAX];
	void *volume;
};

static bool volume_new(struct ntfs *n, const char *size, const char *options)
{
	char command[256], path[TEMP_MAX + 8];
	if (!library_open())
		return false;
	setenv("LC_ALL", "C.UTF-8", 1);
	temp_new(n->dir);
	snprintf(command, sizeof command, "truncate -s %s image; mkntfs -q -F -f %s image 2> /dev/null", size, options);
	run_in(n->dir, command);
	snprintf(path, sizeof path, "%s/image", n->dir);
	n->volume = lib.mount(path, 0);
	assert_non_null(n->volume);
	return true;
}

/* Unmounts; gives the image. */
static struct span volume_done(struct ntfs *n)
{
	assert_int_equal(lib.umount(n->volume, 0), 0);
	struct span image = file_load(n->dir, "image");
	temp_remove(n->dir);
	return image;
}

static void *open_path(struct ntfs *n, const char *path)
{
	void *inode = lib.inode(n->volume, NULL, path);
	assert_non_null(inode);
	return inode;
}

static uint16_t *utf16(const char *s, unsigned *count)
{
	static uint16_t buffers[4][512];
	static unsigned turn;
	uint16_t *out = buffers[turn++ % 4];
	*count = (unsigned)strlen(s);
	for (unsigned i = 0; i < *count; i++)
		out[i] = (uint8_t)s[i];
	return out;
}

static void *new_inode(struct ntfs *n, const char *dir, const char *name, mode_t type)
{
	unsigned count;
	uint16_t *u = utf16(name, &count);
	void *parent = open_path(n, dir), *inode = lib.create(parent, 0, u, (uint8_t)count, type);
	assert_non_null(inode);
	assert_int_equal(lib.close(parent), 0);
	return inode;
}

static void write_at(void *inode, uint16_t *stream, unsigned count, int64_t at, const void *bytes, size_t n)
{
	void *a = lib.attr_open(inode, 0x80, stream, count);
	assert_non_null(a);
	for (size_t done = 0; done < n;) {
		int64_t r = lib.pwrite(a, at + (int64_t)done, (int64_t)(n - done), (const uint8_t *)bytes + done);
		assert_true(r > 0);
		done += (size_t)r;
	}
	assert_int_equal(lib.pclose(a), 0);
	lib.attr_close(a);
}

static void new_file(struct ntfs *n, const char *dir, const char *name, const void *bytes, size_t size)
{
	void *inode = new_inode(n, dir, name, S_IFREG);
	write_at(inode, NULL, 0, 0, bytes, size);
	assert_int_equal(lib.close(inode), 0);
}

static void new_directory(struct ntfs *n, const char *dir, const char *name)
{
	assert_int_equal(lib.close(new_inode(n, dir, name, S_IFDIR)), 0);
}

/* Text that compresses, with stretches that do not. */
static uint8_t data[1500000];

static void fill_data(void)
{
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < sizeof data; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		data[i] = i / 100000 % 3 == 2 ? (uint8_t)x : (uint8_t)("abcdefghij klm\n"[i % 15] + ((x & 63) == 0));
	}
}

static const size_t sizes[] = {
	0, 1, 100, 500, 690, 700, 1024, 4095, 4096, 4097, 65535, 65536, 65537, 200000, 1500000
};

static void fill(struct ntfs *n)
{
	fill_data();
	new_directory(n, "/", "sizes");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		char name[32];
		snprintf(name, sizeof name, "%zu", sizes[i]);
		new_file(n, "/sizes", name, data, sizes[i]);
	}
	new_directory(n, "/", "many");
	for (unsigned i = 0; i < 300; i++) {
		char name[64];
		snprintf(name, sizeof name, "a longer name for file %u", i);
		new_file(n, "/many", name, data + i, i);
	}
	new_directory(n, "/many", "deep");
	new_directory(n, "/many/deep", "deeper");
}

static void expect_filled(const struct walked *t)
{
	char path[64];
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		snprintf(path, sizeof path, "/sizes/%zu", sizes[i]);
		assert_content(t, path, data, sizes[i]);
	}
	for (unsigned i = 0; i < 300; i++) {
		snprintf(path, sizeof path, "/many/a longer name for file %u", i);
		assert_content(t, path, data + i, i);
	}
	assert_int_equal(walked_get(t, "/many/deep/deeper")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(t->n, sizeof sizes / sizeof sizes[0] + 300 + 4);
}

static void test_files(void **state)
{
	(void)state;
	static const struct {
		const char *size, *options, *cluster;
	} cases[] = {
		{ "16M", "-L 'Volume \xc3\xa4'", "4096" },
		{ "16M", "-c 512", "512" },
		{ "24M", "-c 65536", "65536" },
		{ "16M", "-C", "4096" },
		{ "16M", "-C -c 1024", "1024" },
		{ "24M", "-s 4096 -c 4096", "4096" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct ntfs n;
		struct walked t;
		time_t start = time(NULL);
		if (!volume_new(&n, cases[i].size, cases[i].options))
			skip();
		fill(&n);
		struct span image = volume_done(&n);
		walked_open(&t, &ntfs_format, image);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, image.n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_false(error_is(&t.error));
		assert_string_equal(walked_header(&t, "bytes_per_cluster"), cases[i].cluster);
		assert_string_equal(walked_header(&t, "version"), "3.1");
		if (i == 0)
			assert_string_equal(walked_header(&t, "volume_name"), "Volume \xc3\xa4");
		expect_filled(&t);
		assert_in_range(walked_get(&t, "/sizes/1")->e.mtime, start, time(NULL));
		assert_int_equal(walked_get(&t, "/sizes/1")->e.mode, FACT_NULL);
		walked_close(&t);
		free((void *)image.p);
	}
}

static void test_links_and_streams(void **state)
{
	(void)state;
	struct ntfs n;
	struct walked t;
	unsigned count, target_count;
	if (!volume_new(&n, "16M", ""))
		skip();
	fill_data();
	new_directory(&n, "/", "d");
	new_file(&n, "/", "file", data, 5000);
	void *inode = open_path(&n, "/file"), *dir = open_path(&n, "/d");
	uint16_t *name = utf16("second", &count);
	assert_int_equal(lib.link(inode, dir, name, (uint8_t)count), 0);
	name = utf16("stream", &count);
	assert_int_equal(lib.attr_add(inode, 0x80, name, (uint8_t)count, (const uint8_t *)"hidden", 6), 0);
	lib.close(inode);
	name = utf16("symbolic", &count);
	uint16_t *target = utf16("../file", &target_count);
	inode = lib.symlink(dir, 0, name, (uint8_t)count, target, (int)target_count);
	assert_non_null(inode);
	lib.close(inode);
	lib.close(dir);

	/* A junction, as Windows makes it: its target is \??\C:\x, to be shown as C:\x. */
	static const char junction[] = "\x03\0\0\xa0\x20\0\0\0"
								   "\0\0\x0e\0\x10\0\x08\0"
								   "\\\0?\0?\0\\\0C\0:\0\\\0\0\0"
								   "C\0:\0\\\0x\0";
	new_directory(&n, "/", "junction");
	inode = open_path(&n, "/junction");
	assert_int_equal(lib.reparse(inode, junction, 8 + 0x20, 0), 0);
	lib.close(inode);

	struct span image = volume_done(&n);
	walked_open(&t, &ntfs_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "/d/second", data, 5000);
	assert_content(&t, "/d/second:stream", "hidden", 6);
	assert_true(text_is(walked_get(&t, "/file")->e.same_as, "/d/second"));
	assert_int_equal(walked_get(&t, "/d/symbolic")->e.kind, ENTRY_SYMLINK);
	assert_true(text_is(walked_get(&t, "/d/symbolic")->e.link_target, "../file"));
	assert_true(text_is(walked_get(&t, "/junction")->e.link_target, "C:\\x"));
	assert_int_equal(t.n, 6);
	walked_close(&t);
	free((void *)image.p);
}

/* Two files written by turns, a cluster each: their runs need several records. And one with holes. */
static void test_fragments(void **state)
{
	(void)state;
	struct ntfs n;
	struct walked t;
	if (!volume_new(&n, "16M", "-c 512"))
		skip();
	fill_data();
	void *a = new_inode(&n, "/", "a", S_IFREG), *b = new_inode(&n, "/", "b", S_IFREG);
	for (size_t i = 0; i < 2500; i++) {
		write_at(a, NULL, 0, (int64_t)i * 512, data + i * 512, 512);
		write_at(b, NULL, 0, (int64_t)i * 512, data + 512 + i * 512, 512);
	}
	lib.close(a);
	lib.close(b);
	void *hole = new_inode(&n, "/", "hole", S_IFREG);
	write_at(hole, NULL, 0, 3000000, data, 1000);
	write_at(hole, NULL, 0, 5000000, data, 1);
	lib.close(hole);
	struct span image = volume_done(&n);
	walked_open(&t, &ntfs_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "/a", data, 2500 * 512);
	assert_content(&t, "/b", data + 512, 2500 * 512);
	uint8_t *expected = calloc(1, 5000001);
	memcpy(expected + 3000000, data, 1000);
	expected[5000000] = data[0];
	assert_content(&t, "/hole", expected, 5000001);
	free(expected);
	walked_close(&t);
	free((void *)image.p);
}

static uint8_t *find_attribute(uint8_t *record, uint32_t type)
{
	uint8_t *a = record + (record[20] | record[21] << 8);
	while (a[0] != type) {
		if (a[0] == 0xff)
			return NULL;
		a += a[4] | a[5] << 8;
	}
	return a;
}

/* The record of the file of that name. */
static uint8_t *find_record(struct span image, const char *name)
{
	size_t n = strlen(name);
	for (size_t at = 0; at + 1024 <= image.n; at += 1024) {
		uint8_t *record = (uint8_t *)image.p + at;
		const uint8_t *a = memcmp(record, "FILE", 4) == 0 ? find_attribute(record, 0x30) : NULL;
		bool same = a && a[24 + 64] == n;
		for (size_t i = 0; same && i < n; i++)
			same = a[24 + 66 + 2 * i] == (uint8_t)name[i];
		if (same)
			return record;
	}
	fail_msg("no record of %s", name);
	return NULL;
}

static void test_hostile(void **state)
{
	(void)state;
	struct ntfs n;
	struct walked t;
	if (!volume_new(&n, "2M", "-c 1024"))
		skip();
	fill_data();
	new_directory(&n, "/", "dir-one");
	new_directory(&n, "/dir-one", "dir-two");
	new_file(&n, "/dir-one/dir-two", "file-small", data, 20);
	new_file(&n, "/dir-one", "file-large", data, 30000);
	new_file(&n, "/dir-one", "file-large-2", data, 30000);
	struct span image = volume_done(&n);
	uint8_t *p = malloc(image.n);
	struct span copy = span_of(p, image.n);

	/* A boot sector with nothing of the file table: the copy behind a volume that moved, which takes none of what follows it. */
	memcpy(p, image.p, image.n);
	memset(p + 512, 0, image.n - 512);
	assert_false(ntfs_format.probe(copy, &t.match));
	assert_true(ntfs_format.probe_whole(copy, &t.match));
	assert_true(ntfs_format.probe(image, &t.match));

	/* The other way round: what has lost its boot sector has a copy of it behind its last one. */
	memcpy(p, image.p, image.n);
	memset(p, 0, 512);
	assert_false(ntfs_format.probe(copy, &t.match));
	walked_open(&t, &ntfs_format, copy);
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/dir-one/file-large", data, 30000);
	walked_close(&t);
	assert_false(ntfs_format.probe_whole(span_of(p, image.n - 512), &t.match));

	/* Directories that hold each other. */
	memcpy(p, image.p, image.n);
	uint8_t *one = find_record(copy, "dir-one"), *two = find_record(copy, "dir-two");
	memcpy(find_attribute(one, 0x30) + 24, two + 44, 4); /* the number of a record stands in it */
	walked_open(&t, &ntfs_format, copy);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 0);
	walked_close(&t);

	/* A directory that is no longer in use: what it held is shown. */
	memcpy(p, image.p, image.n);
	find_record(copy, "dir-two")[22] = 0;
	walked_open(&t, &ntfs_format, copy);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	char path[64];
	snprintf(path, sizeof path, "/$Orphan/%u/file-small", find_record(copy, "dir-two")[44]);
	assert_content(&t, path, data, 20);
	assert_content(&t, "/dir-one/file-large", data, 30000);
	walked_close(&t);

	/* A record that was not written whole; one of a size that no volume has; runs that lead out of the volume. */
	memcpy(p, image.p, image.n);
	find_record(copy, "file-small")[510] ^= 1;
	memset(find_attribute(find_record(copy, "file-large"), 0x80) + 48, 0xff, 8);
	uint8_t *runs = find_attribute(find_record(copy, "file-large-2"), 0x80) + 64;
	memset(runs + 1 + (*runs & 15), 0x7f, *runs >> 4);
	walked_open(&t, &ntfs_format, copy);
	assert_int_equal(walked_damage(&t, "corrupt"), 5); /* the first one has its name from the index; the third one says so twice */
	assert_int_equal(walked_get(&t, "/dir-one/file-large")->content.n, 30 * 1024);
	assert_int_equal(walked_get(&t, "/dir-one/file-large-2")->content.n, 0);
	walked_close(&t);

	/* Encrypted. */
	memcpy(p, image.p, image.n);
	find_attribute(find_record(copy, "file-large"), 0x80)[13] |= 0x40;
	walked_open(&t, &ntfs_format, copy);
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_get(&t, "/dir-one/file-large")->e.size, 30000);
	walked_close(&t);

	/* The first record is broken: its mirror serves. */
	memcpy(p, image.p, image.n);
	uint64_t mft = 0;
	memcpy(&mft, p + 48, 4);
	memset(p + mft * 1024, 0, 1024);
	walked_open(&t, &ntfs_format, copy);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/dir-one/file-large", data, 30000);
	walked_close(&t);

	/* So it does for the record of the volume's name. */
	memcpy(p, image.p, image.n);
	memset(p + mft * 1024 + 3 * 1024, 0xff, 1024);
	walked_open(&t, &ntfs_format, copy);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_non_null(walked_header(&t, "version"));
	walked_close(&t);

	/* Records that are overwritten: the indexes of directories have their names, and the bitmap tells that they are in use. */
	for (unsigned fill = 0; fill < 256; fill += 85) {
		memcpy(p, image.p, image.n);
		memset(find_record(copy, "dir-two"), (int)fill, 1024);
		memset(find_record(copy, "file-large-2"), (int)fill, 1024);
		walked_open(&t, &ntfs_format, copy);
		assert_int_equal(walked_damage(&t, "corrupt"), 3);
		assert_int_equal(walked_get(&t, "/dir-one/dir-two")->e.kind, ENTRY_DIRECTORY);
		assert_content(&t, "/dir-one/dir-two/file-small", data, 20);
		assert_int_equal(walked_get(&t, "/dir-one/file-large-2")->error.code, ERR_CORRUPT);
		walked_close(&t);
	}

	survives_cuts(&ntfs_format, image, 100);
	/* The file table and little else. */
	survives_flips(&ntfs_format, span_clip(image, 0, mft * 1024 + 80 * 1024), 1500, 0);
	free(p);
	free((void *)image.p);
}

/* Compressed units that must not be believed. */
static void test_lznt1(void **state)
{
	(void)state;
	struct ntfs n;
	struct walked t;
	if (!volume_new(&n, "8M", "-C"))
		skip();
	memset(data, 'x', 200000);
	new_file(&n, "/", "file", data, 200000);
	struct span image = volume_done(&n);
	uint8_t *p = (uint8_t *)image.p;
	walked_open(&t, &ntfs_format, image);
	assert_content(&t, "/file", data, 200000);
	uint64_t unit = walked_get(&t, "/file")->e.offset;
	walked_close(&t);

	static const struct {
		const char *bytes;
		size_t n;
		bool good;
	} cases[] = {
		{ "\x02\xb0\x01\x00\x00", 5, false },  /* nothing to copy from yet */
		{ "\x03\xb0\x02z\xff\xff", 6, false }, /* copied from before the chunk */
		{ "\xff\xbf", 2, false },              /* longer than what there is */
		{ "\x00\x30y\x00\x00", 5, true },      /* one stored byte */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(p + unit, i == 2 ? 0xff : 0, 4096);
		memcpy(p + unit, cases[i].bytes, cases[i].n);
		walked_open(&t, &ntfs_format, image);
		const struct walked_entry *w = walked_get(&t, "/file");
		assert_int_equal(error_is(&w->error), !cases[i].good);
		if (cases[i].good) {
			assert_int_equal(w->content.p[0], 'y');
			assert_int_equal(w->content.p[1], 0);
			assert_memory_equal(w->content.p + 65536, data, 200000 - 65536);
		}
		walked_close(&t);
	}
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),     cmocka_unit_test(test_links_and_streams),
		cmocka_unit_test(test_fragments), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_lznt1),
	};
	return cmocka_run_group_tests_name("ntfs", tests, NULL, NULL);
}
