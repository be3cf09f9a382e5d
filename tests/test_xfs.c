/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XFS: images of mkfs.xfs over its options, compared with the tree that they were made from, and changed after the
 * specification. What only Linux writes (hard links, holes, trees of extents) is in kernel_images. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host_tree.h"

/* What a protofile can tell. */
#define KEEPS (KEEPS_MODE | KEEPS_OWNER | KEEPS_SPARSE | KEEPS_FIFOS)
#define SECTOR 512u

extern const struct format xfs_format;

static char tree[TEMP_MAX];
static bool tools;

static int make_tree(void **state)
{
	(void)state;
	host_tree_make(tree, KEEPS);
	run_in(
		tree,
		"cd files && chmod 4750 noise && chmod 0777 empty-directory && ln -s ../noise a/link && ln -s /nowhere dangling");
	run_in(tree,
		   "cd files && i=1; while [ $i -lt 150 ]; do ln -s $(printf \"%0${i}d\" 0) a/b/to-$i; i=$((i + 7)); done");
	run_in(tree,
		   "mkdir files/many && cd files/many && for i in $(seq 1500); do : > a-longer-name-than-others-$i; done");
	run_in(tree,
		   "mkdir -p little/etc/init.d little/bin && cd little && echo hello > etc/hello && ln -s hello etc/link && "
		   "head -c 30000 ../files/noise > bin/sh && for i in $(seq 40); do : > bin/name-$i; done");
	tools = tool_exists("mkfs.xfs") && tool_exists("python3");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	temp_remove(tree);
	return 0;
}

/* Such small ones mkfs.xfs makes for tests only, which it knows by these variables. NULL: it refuses the options. */
static struct span make_image(const char *from, const char *options)
{
	char command[PATH_MAX + 1024], folder[PATH_MAX];
	assert_non_null(realpath("tests", folder));
	snprintf(command, sizeof command,
			 "rm -f image && truncate -s 64M image && python3 '%s/xfs_protofile.py' %s > proto && "
			 "{ TEST_DIR=1 TEST_DEV=1 QA_CHECK_FS=1 mkfs.xfs -q -p proto %s image > log 2>&1 || rm image; }",
			 folder, from, options);
	run_in(tree, command);
	snprintf(command, sizeof command, "%s/image", tree);
	return fopen(command, "rb") ? file_load(tree, "image") : SPAN_NONE;
}

static void check(const char *options)
{
	struct walked t;
	char path[PATH_MAX];
	struct span image = make_image("files", options);
	print_message("mkfs.xfs %s%s\n", options, image.p ? "" : ": skipped, this one refuses it");
	if (!image.p)
		return;
	snprintf(path, sizeof path, "%s/files", tree);
	walked_open(&t, &xfs_format, image);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, image.n);
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	if (error_is(&t.error) || d)
		fail_msg("%s%.*s", t.error.text, d ? (int)d->what.n : 0, d ? d->what.p : "");
	assert_string_equal(walked_header(&t, "log"), "clean");
	assert_int_equal(host_tree_compare(&t, path, "", KEEPS), t.n);
	walked_close(&t);
	free((void *)image.p);
}

static void test_mkfs(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = {
		"",
		"-m rmapbt=1,reflink=1,finobt=1,bigtime=1",
		"-i nrext64=1,size=1024 -m bigtime=0",
		"-b size=1024 -n size=8192",
		"-b size=2048 -i size=1024 -d agcount=7",
		"-n size=65536 -s size=4096 -i size=2048",
		"-m crc=0 -n ftype=0 -b size=512 -i size=256",
		"-m crc=0 -n ftype=1 -i size=512 -i attr=0",
		"-m crc=0 -l version=1 -d agcount=3 -n size=16384",
		"-l version=2,su=32768 -i sparse=0",
	};
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		check(options[i]);
}

static uint8_t *copy(struct span s)
{
	uint8_t *p = malloc(s.n);
	assert_non_null(p);
	memcpy(p, s.p, s.n);
	return p;
}

static uint64_t get(const uint8_t *p, unsigned width)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < width; i++)
		v = v << 8 | p[i];
	return v;
}

static void put(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = width; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

/* Of these images inodes are 512 bytes in blocks of 4096, and groups of 4096 blocks have numbers of 12 bits. */
static uint8_t *inode_of(uint8_t *p, uint64_t number)
{
	return p + number * 512;
}

/* The place of a name's number in a short listing of 4-byte numbers with kinds of files. */
static uint8_t *number_at(uint8_t *inode, unsigned core, const char *name)
{
	uint8_t *at = memmem(inode + core, 512 - core, name, strlen(name));
	assert_non_null(at);
	return at + strlen(name) + 1;
}

static uint64_t look_up(uint8_t *p, unsigned core, const char *directory, const char *name)
{
	uint8_t *root = inode_of(p, get(p + 56, 8));
	uint64_t number = get(number_at(root, core, directory), 4);
	return *name ? get(number_at(inode_of(p, number), core, name), 4) : number;
}

static void test_header(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image =
		make_image("little", "-L 'V\303\266lume' -m uuid=12345678-9abc-def0-1234-56789abcdef0 -d agcount=2");
	struct format_match m;
	assert_non_null(image.p);
	walked_open(&t, &xfs_format, image);
	assert_string_equal(walked_header(&t, "label"), "V\303\266lume");
	assert_string_equal(walked_header(&t, "uuid"), "12345678-9abc-def0-1234-56789abcdef0");
	assert_string_equal(walked_header(&t, "version"), "5");
	assert_string_equal(walked_header(&t, "checksum"), "ok");
	assert_string_equal(walked_header(&t, "allocation_groups"), "2");
	assert_content(&t, "/etc/hello", "hello\n", 6);
	walked_close(&t);
	/* The copy of the superblock in the second group is not the beginning of another file system. */
	size_t group = (size_t)get(image.p + 84, 4) * 4096;
	assert_memory_equal(image.p + group, "XFSB", 4);
	assert_false(xfs_format.probe(span_from(image, group), &m));
	free((void *)image.p);
}

static unsigned damages(uint8_t *p, size_t n, const char *kind)
{
	struct walked t;
	walked_open(&t, &xfs_format, span_of(p, n));
	assert_true(t.accepted);
	unsigned found = (unsigned)walked_damage(&t, kind);
	walked_close(&t);
	return found;
}

/* Each changed bit of metadata is said; contents have no checksum. */
static void test_checksums(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span image = make_image("little", "-d agcount=4");
	assert_non_null(image.p);
	uint8_t *p = copy(image), *bin = inode_of(p, look_up(p, 176, "bin", ""));
	size_t block = (size_t)((get(bin + 176, 8) & 0x1ff) << 43 | get(bin + 176 + 8, 8) >> 21) * 4096;
	assert_memory_equal(p + block, "XDB3", 4);
	const size_t places[] = { 108,
							  SECTOR + 100,
							  2 * SECTOR + 100,
							  3 * SECTOR + 100,
							  (size_t)(bin - p) + 50,
							  block + 40,
							  (size_t)(inode_of(p, look_up(p, 176, "etc", "hello")) - p) + 40 };
	assert_int_equal(damages(p, image.n, "corrupt"), 0);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		p[places[i]] ^= 1;
		if (damages(p, image.n, "corrupt") != 1)
			fail_msg("a changed bit at %zu is not said", places[i]);
		p[places[i]] ^= 1;
	}
	assert_int_equal(damages(p, image.n, "unsupported"), 0);
	/* A feature of later versions, of which no copy knows. */
	for (size_t group = 1; group < 4; group++)
		memset(p + group * (size_t)get(p + 84, 4) * 4096, 0, SECTOR);
	p[216 + 2] |= 1;
	assert_int_equal(damages(p, image.n, "unsupported"), 1);
	free(p);
	free((void *)image.p);
}

/* Where the superblock is damaged, a copy of it is read that knows the root. */
static void test_copies(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "-d agcount=4", "-d agcount=2 -b size=1024", "-d agcount=3 -s size=4096",
										   "-m crc=0 -d agcount=4 -n ftype=1", "-m crc=0 -d agcount=2 -b size=512 -i size=256" };
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		struct span image = make_image("little", options[i]);
		assert_non_null(image.p);
		uint8_t *p = copy(image);
		size_t sector = (size_t)get(p + 102, 2), group = (size_t)(get(p + 84, 4) * get(p + 4, 4));
		for (unsigned gone = 1; gone <= 2; gone++) { /* the superblock; the header of free space behind it, too */
			struct walked t;
			memset(p, 0xff, gone * sector);
			walked_open(&t, &xfs_format, span_of(p, image.n));
			assert_true(t.accepted && !error_is(&t.error));
			assert_int_equal(t.match.size, image.n);
			assert_int_equal(walked_damage(&t, "corrupt"), gone);
			assert_content(&t, "/etc/hello", "hello\n", 6);
			assert_true(walked_count(&t, ENTRY_FILE) >= 42);
			walked_close(&t);
		}
		memset(p, 0, 3 * sector); /* nothing tells how large a group is */
		struct format_match m;
		assert_false(xfs_format.probe(span_of(p, image.n), &m));
		memcpy(p, image.p, image.n);
		p[108] ^= 1; /* the label: only version 5 knows */
		assert_int_equal(damages(p, image.n, "corrupt"), strncmp(options[i], "-m crc=0", 8) != 0);
		memset(p, 0, sector);
		for (size_t at = group; at + SECTOR <= image.n; at += group)
			memset(p + at, 0, SECTOR);
		assert_false(xfs_format.probe(span_of(p, image.n), &m)); /* no copy either */
		free(p);
		free((void *)image.p);
	}
}

/* A log that was written through more than once: the record of the unmount stands at every place near the end and the beginning,
 * which it may cross. `log` begins with it: a header and a block. */
static void expect_log_around(uint8_t *p, size_t n, uint8_t *log, size_t bytes)
{
	size_t blocks = bytes / SECTOR;
	uint8_t record[2 * SECTOR];
	memcpy(record, log, sizeof record);
	for (size_t first = blocks - 3; first < blocks + 3; first++) {
		size_t end = first + 2;
		memset(log, 0, bytes);
		for (size_t i = 0; i < blocks; i++)
			put(log + i * SECTOR, end > blocks && i < end % blocks ? 8 : 7, 4);
		for (size_t i = end; i < blocks; i++)
			put(log + i * SECTOR, 6, 4);
		for (size_t i = 0; i < 2; i++) {
			uint8_t *block = log + (first + i) % blocks * SECTOR;
			memcpy(block, record + i * SECTOR, SECTOR);
			put(i ? block : block + 4, first + i >= blocks ? 8 : 7, 4);
		}
		if (damages(p, n, "unsupported"))
			fail_msg("unmounted with block %zu of %zu, and not said to be", first, blocks);
		log[(first + 1) % blocks * SECTOR + 9] ^= 0x20; /* no longer an unmount */
		assert_int_equal(damages(p, n, "unsupported"), 1);
		log[(first + 1) % blocks * SECTOR + 9] ^= 0x20;
		if (first + 2 < blocks || first + 2 > blocks) { /* something was written behind it */
			put(log + (first + 2) % blocks * SECTOR, first + 2 > blocks ? 8 : 7, 4);
			assert_int_equal(damages(p, n, "unsupported"), 1);
		}
	}
}

static void test_states(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span image = make_image("little", "-m crc=0 -n ftype=1 -i size=512");
	assert_non_null(image.p);
	uint8_t *p = copy(image);
	size_t log = (size_t)get(p + 48, 8);
	log = ((log >> p[124]) * get(p + 84, 4) + (log & ((1u << p[124]) - 1))) * 4096;
	assert_int_equal(damages(p, image.n, "unsupported"), 0);
	assert_int_equal(get(p + log, 4), 0xfeedbabe);
	put(p + log + 40, 2, 4); /* operations: no longer the unmount alone */
	assert_int_equal(damages(p, image.n, "unsupported"), 1);
	put(p + log + 40, 1, 4);
	expect_log_around(p, image.n, p + log, (size_t)get(p + 96, 4) * 4096);
	memcpy(p, image.p, image.n);
	put(p + 16, 1000, 8); /* blocks of a realtime device */
	uint8_t *hello = inode_of(p, look_up(p, 100, "etc", "hello"));
	put(hello + 90, 1, 2);
	assert_int_equal(damages(p, image.n, "unsupported"), 2);
	memcpy(p, image.p, image.n);
	put(p + 100, get(p + 100, 2) & ~0x2000u, 2); /* directories of version 1 */
	assert_int_equal(damages(p, image.n, "unsupported"), 1);
	free(p);
	free((void *)image.p);
}

/* Cycles, numbers of no inode, sizes and extents as large as can be, ends that are missing. */
static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "-m crc=0 -n ftype=1 -i size=512");
	assert_non_null(image.p);
	uint8_t *p = copy(image), *root = inode_of(p, get(p + 56, 8)), *etc = inode_of(p, look_up(p, 100, "etc", ""));
	uint8_t *sh = memmem(p, image.n, "\2sh", 3);
	assert_non_null(sh);
	put(number_at(etc, 100, "init.d"), get(p + 56, 8), 4);
	put(number_at(etc, 100, "link"), 0xfffffff0, 4);
	put(sh - 8, UINT64_MAX - 7, 8);
	walked_open(&t, &xfs_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 3);
	assert_content(&t, "/etc/hello", "hello\n", 6);
	walked_close(&t);
	memcpy(p, image.p, image.n);
	uint8_t *hello = inode_of(p, look_up(p, 100, "etc", "hello"));
	put(hello + 56, INT64_MAX, 8);
	put(hello + 100 + 8, UINT64_MAX, 8);
	walked_open(&t, &xfs_format, span_of(p, image.n));
	assert_int_equal(walked_get(&t, "/etc/hello")->e.size, INT64_MAX);
	walked_close(&t);
	put(hello + 56, 100000, 8);
	walked_open(&t, &xfs_format, span_of(p, image.n));
	assert_int_equal(walked_get(&t, "/etc/hello")->error.code, ERR_CORRUPT);
	walked_close(&t);
	put(hello + 76, UINT32_MAX, 4); /* more extents than fit */
	assert_int_equal(damages(p, image.n, "corrupt"), 1);
	hello[5] = 3; /* a tree, whose root is none */
	put(hello + 76, 1, 4);
	put(hello + 56, 6, 8);
	assert_true(damages(p, image.n, "corrupt") >= 1);
	memcpy(p, image.p, image.n);
	root[100] = 255; /* names */
	assert_true(damages(p, image.n, "corrupt") >= 1);
	root[4] = 3; /* an inode of version 5 */
	walked_open(&t, &xfs_format, span_of(p, image.n));
	assert_int_equal(t.error.code, ERR_CORRUPT);
	walked_close(&t);
	memcpy(p, image.p, image.n);
	put(inode_of(p, look_up(p, 100, "bin", "")) + 56, INT64_MAX / 2, 8);
	walked_open(&t, &xfs_format, span_of(p, 1 << 20));
	assert_true(t.accepted && walked_damage(&t, "truncated") >= 1);
	walked_close(&t);
	free(p);
	free((void *)image.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mkfs),   cmocka_unit_test(test_header),  cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_copies), cmocka_unit_test(test_states),  cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests_name("xfs", tests, make_tree, remove_tree);
}
