/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jffs2: images of mkfs.jffs2 and sumtool over their options against the tree that they were made from; logs written here
 * after include/uapi/linux/jffs2.h for what only a used flash has: deletions, renames, overwrites, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <lzma.h>

#include "base/sort.h"
#include "format/jffs2.h"
#include "host_tree.h"

extern const struct format jffs2_format;

/* ---- a log, written node by node ---- */

struct log {
	uint8_t bytes[1 << 20];
	size_t n;
	bool big;
	uint16_t magic;
};

static struct log l;

static void put(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (l.big ? width - 1 - i : i)));
}

/* Bit by bit after the polynomial, to have a CRC that shares nothing with the one under test. */
static uint32_t crc(const uint8_t *p, size_t n)
{
	uint32_t c = 0;
	for (; n; n--, p++) {
		c ^= *p;
		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	return c;
}

static void log_new(bool big)
{
	memset(&l, 0xff, sizeof l.bytes);
	l.n = 0;
	l.big = big;
	l.magic = 0x1985;
}

static uint8_t *node(uint16_t type, size_t size)
{
	uint8_t *p = l.bytes + l.n;
	assert_true(l.n + size + 4 <= sizeof l.bytes);
	memset(p, 0, size);
	put(p, l.magic, 2);
	put(p + 2, type, 2);
	put(p + 4, size, 4);
	put(p + 8, crc(p, 8), 4);
	l.n += (size + 3) & ~(size_t)3;
	return p;
}

static void cleanmarker(void)
{
	node(0x2003, 12);
}

static uint8_t *dirent(uint32_t parent, uint32_t version, uint32_t ino, uint8_t type, const char *name)
{
	size_t n = strlen(name);
	uint8_t *p = node(0xe001, 40 + n);
	put(p + 12, parent, 4);
	put(p + 16, version, 4);
	put(p + 20, ino, 4);
	p[28] = (uint8_t)n;
	p[29] = type;
	memcpy(p + 40, name, n);
	put(p + 32, crc(p, 32), 4);
	put(p + 36, crc(p + 40, n), 4);
	return p;
}

struct data {
	uint32_t ino, version, mode, isize, offset;
	uint8_t compression;
	const void *packed;
	uint32_t csize, dsize;
};

static uint8_t *inode(struct data d)
{
	uint8_t *p = node(0xe002, 68 + d.csize);
	put(p + 12, d.ino, 4);
	put(p + 16, d.version, 4);
	put(p + 20, d.mode, 4);
	put(p + 24, 1000, 2);
	put(p + 26, 100, 2);
	put(p + 28, d.isize, 4);
	put(p + 32, 1, 4);
	put(p + 36, 1234567890, 4);
	put(p + 40, 3, 4);
	put(p + 44, d.offset, 4);
	put(p + 48, d.csize, 4);
	put(p + 52, d.dsize, 4);
	p[56] = p[57] = d.compression;
	if (d.csize)
		memcpy(p + 68, d.packed, d.csize);
	put(p + 60, crc(p + 68, d.csize), 4);
	put(p + 64, crc(p, 60), 4);
	return p;
}

#define REG 0100644
#define DIR 0040755

static uint8_t *text(uint32_t ino, uint32_t version, uint32_t isize, uint32_t offset, const char *s)
{
	uint32_t n = (uint32_t)strlen(s);
	return inode((struct data){ ino, version, REG, isize, offset, 0, s, n, n });
}

static void directory(uint32_t parent, uint32_t ino, const char *name)
{
	dirent(parent, 1, ino, 4, name);
	inode((struct data){ ino, 1, DIR, 0, 0, 0, NULL, 0, 0 });
}

/* What a tool made; freed with the next one. */
static struct span made(const char *dir, const char *name)
{
	static struct span last;
	free((void *)last.p);
	last = dir ? file_load(dir, name) : SPAN_NONE;
	return last;
}

static void expect_size(uint64_t size);

static void open_log(struct walked *t)
{
	walked_open(t, &jffs2_format, span_of(l.bytes, sizeof l.bytes));
	assert_true(t->accepted);
	assert_false(error_is(&t->error));
}

/* ---- what the tools make ---- */

static void test_tools(void **state)
{
	(void)state;
	static const struct {
		const char *options;
		const char *order;
	} cases[] = {
		{ "-l", "little" },
		{ "-b -p", "big" },
		{ "-l -e 16KiB -n", "little" },
		{ "-b -e 256KiB -p -x zlib", "big" },
		{ "-l -e 8KiB -x zlib -x rtime -X lzo", "little" },
		{ "-l -s 0x1000 -e 128KiB -m none -p", "little" },
		{ "-l -s 0x8000 -e 128KiB -m size", "little" },
		{ "-l -e 64KiB -m favourlzo -X lzo -c 20", "little" },
		{ "-b -e 64KiB -x lzo -x zlib", "big" },
		{ "-l -e 64KiB -n -s 512", "little" },
		{ "-b -e 64KiB -x zlib -x lzo", "big" },
		{ "-l -e 128KiB --with-xattr", "little" },
	};
	char dir[TEMP_MAX], command[256];
	if (!tool_exists("mkfs.jffs2"))
		skip();
	host_tree_make(dir, KEEPS_ALL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(command, sizeof command, "mkfs.jffs2 -d files -o image %s 2> /dev/null", cases[i].options);
		run_in(dir, command);
		char files[TEMP_MAX + 8];
		snprintf(files, sizeof files, "%s/files", dir);
		struct span image = file_load(dir, "image");
		struct walked t;
		walked_open(&t, &jffs2_format, image);
		host_tree_expect(&t, files, KEEPS_ALL);
		assert_string_equal(walked_header(&t, "byte_order"), cases[i].order);
		assert_in_range(t.match.size, (image.n & ~(size_t)3) - 4, image.n + 3);
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_owners_and_modes(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("mkfs.jffs2"))
		skip();
	if (getuid() != 0) {
		puts("skipped: not root, who alone may give files away");
		skip();
	}
	temp_new(dir);
	run_in(dir, "mkdir files && echo hello > files/a && chmod 662 files/a && chown 7:8 files/a");
	run_in(dir, "mkfs.jffs2 -d files -o image -l && mkfs.jffs2 -d files -o squashed -l -U -P");
	struct walked t;
	walked_open(&t, &jffs2_format, made(dir, "image"));
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_get(&t, "/a")->e.mode, 0662);
	assert_int_equal(walked_get(&t, "/a")->e.uid, 7);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	walked_open(&t, &jffs2_format, made(dir, "squashed"));
	assert_int_equal(walked_get(&t, "/a")->e.uid, 0);
	assert_int_equal(walked_get(&t, "/a")->e.mode, 0640);
	walked_close(&t);
	temp_remove(dir);
}

static void test_devices(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("mkfs.jffs2"))
		skip();
	temp_new(dir);
	run_in(dir, "mkdir files && printf '/dev d 755 0 0 - - - - -\\n/dev/console c 600 5 6 5 1 - - -\\n"
				"/dev/mtdblock b 640 0 0 31 0 0 1 4\\n/pipe p 644 0 0 - - - - -\\n' > table");
	for (int big = 0; big < 2; big++) {
		run_in(dir, big ? "mkfs.jffs2 -d files -D table -o image -b" : "mkfs.jffs2 -d files -D table -o image -l");
		struct walked t;
		walked_open(&t, &jffs2_format, made(dir, "image"));
		assert_int_equal(t.n, 7);
		assert_int_equal(walked_get(&t, "/dev/console")->e.kind, ENTRY_CHAR_DEVICE);
		assert_int_equal(walked_get(&t, "/dev/console")->e.device, 5ll << 32 | 1);
		assert_int_equal(walked_get(&t, "/dev/console")->e.uid, 5);
		assert_int_equal(walked_get(&t, "/dev/console")->e.gid, 6);
		assert_int_equal(walked_get(&t, "/dev/mtdblock3")->e.device, 31ll << 32 | 3);
		assert_int_equal(walked_get(&t, "/pipe")->e.kind, ENTRY_FIFO);
		walked_close(&t);
	}
	temp_remove(dir);
}

static void test_sumtool(void **state)
{
	(void)state;
	char dir[TEMP_MAX], files[TEMP_MAX + 8];
	if (!tool_exists("mkfs.jffs2") || !tool_exists("sumtool"))
		skip();
	host_tree_make(dir, KEEPS_ALL);
	snprintf(files, sizeof files, "%s/files", dir);
	run_in(dir, "mkfs.jffs2 -d files -o plain -l -e 64KiB -n 2> /dev/null");
	static const char *const commands[] = { "sumtool -i plain -o image -e 64KiB -l -p",
											"sumtool -i plain -o image -e 64KiB -l -n -p" };
	for (size_t i = 0; i < 2; i++) {
		run_in(dir, commands[i]);
		struct span image = file_load(dir, "image");
		struct walked t;
		walked_open(&t, &jffs2_format, image);
		host_tree_expect(&t, files, KEEPS_ALL);
		assert_int_equal(t.match.size, image.n);
		assert_string_equal(walked_header(&t, "erase_block"), "65536");
		assert_non_null(walked_header(&t, "summary_nodes"));
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* ---- what a used flash holds ---- */

static void test_names(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		log_new(big);
		cleanmarker();
		directory(1, 2, "dir");
		text(10, 1, 5, 0, "first");
		dirent(1, 2, 10, 8, "kept");
		text(11, 1, 4, 0, "gone");
		dirent(1, 3, 11, 8, "deleted");
		dirent(1, 4, 0, 8, "deleted");
		text(12, 1, 5, 0, "moved");
		dirent(1, 5, 12, 8, "old-name");
		dirent(2, 2, 12, 8, "new-name");
		dirent(1, 6, 0, 8, "old-name");
		dirent(1, 8, 10, 8, "again"); /* the newer one comes first in the log */
		dirent(1, 7, 0, 8, "again");
		dirent(2, 3, 10, 8, "hard");
		inode((struct data){ 13, 1, 0120777, 9, 0, 0, "dir/where", 9, 9 });
		dirent(1, 9, 13, 10, "link");
		dirent(1, 10, 10, 8, "..");
		node(0xe008, 60); /* an extended attribute, and which inode it is of */
		node(0xe009, 28);
		node(0x2004, 100); /* padding */
		struct walked t;
		open_log(&t);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, 7);
		assert_text(&t, "/..", "first"); /* names are in order of their bytes */
		assert_text(&t, "/dir/new-name", "moved");
		assert_true(text_is(walked_get(&t, "/kept")->e.same_as, "/.."));
		assert_true(text_is(walked_get(&t, "/again")->e.same_as, "/.."));
		assert_true(text_is(walked_get(&t, "/dir/hard")->e.same_as, "/.."));
		assert_int_equal(walked_get(&t, "/kept")->e.size, 5);
		assert_true(text_is(walked_get(&t, "/link")->e.link_target, "dir/where"));
		assert_int_equal(walked_get(&t, "/dir")->e.mode, 0755);
		assert_int_equal(walked_get(&t, "/..")->e.uid, 1000);
		assert_int_equal(walked_get(&t, "/..")->e.gid, 100);
		assert_int_equal(walked_get(&t, "/..")->e.mtime, 1234567890);
		assert_int_equal(walked_get(&t, "/..")->e.offset, 12 + 44 + 68 + 68);
		assert_string_equal(walked_header(&t, "unlinked_inodes"), "1");
		assert_string_equal(walked_header(&t, "xattr_nodes"), "1");
		walked_close(&t);
	}
}

static void test_versions_of_data(void **state)
{
	(void)state;
	log_new(false);
	cleanmarker();
	dirent(1, 1, 5, 8, "patched");
	text(5, 3, 12, 4, "XY");
	text(5, 1, 10, 0, "0123456789");
	text(5, 2, 12, 8, "abcd");
	dirent(1, 2, 6, 8, "cut");
	text(6, 1, 10, 0, "0123456789");
	inode((struct data){ 6, 2, REG, 4, 0, 0, NULL, 0, 0 });
	dirent(1, 3, 7, 8, "holes");
	text(7, 1, 4, 0, "head");
	inode((struct data){ 7, 2, REG, 5000, 4, 1, NULL, 0, 4996 });
	text(7, 3, 5004, 5000, "tail");
	inode((struct data){ 7, 4, REG | 0111, 6000, 5004, 1, NULL, 0, 996 });
	dirent(1, 4, 8, 8, "hidden");
	text(8, 1, 9, 3, "345");
	text(8, 4, 9, 0, "ABCDEFGHI");
	text(8, 2, 9, 1, "12");
	text(8, 3, 9, 7, "78");
	struct walked t;
	open_log(&t);
	assert_text(&t, "/patched", "0123XY67abcd");
	assert_text(&t, "/cut", "0123");
	assert_text(&t, "/hidden", "ABCDEFGHI");
	uint8_t holes[6000] = "head";
	memcpy(holes + 5000, "tail", 4);
	assert_content(&t, "/holes", holes, sizeof holes);
	assert_int_equal(walked_get(&t, "/holes")->e.mode, 0755);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
}

/* A hole is a node too: bytes that none holds were lost with theirs, in the middle and at the end. */
static void test_lost_nodes(void **state)
{
	(void)state;
	log_new(false);
	cleanmarker();
	dirent(1, 1, 5, 8, "middle");
	text(5, 1, 12, 0, "0123");
	text(5, 3, 12, 8, "89ab");
	dirent(1, 2, 6, 8, "end");
	text(6, 1, 12, 0, "0123");
	dirent(1, 3, 7, 8, "all");
	inode((struct data){ 7, 9, REG, 12, 0, 0, NULL, 0, 0 });
	dirent(1, 4, 8, 8, "none");
	inode((struct data){ 8, 9, REG, 0, 0, 0, NULL, 0, 0 });
	struct walked t;
	open_log(&t);
	assert_int_equal(walked_get(&t, "/middle")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/middle")->error.offset, 4);
	assert_int_equal(walked_get(&t, "/end")->error.offset, 4);
	assert_int_equal(walked_get(&t, "/all")->error.offset, 0);
	assert_content(&t, "/none", "", 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 3);
	walked_close(&t);
}

/* A bad block that a dump has between others: nodes behind it go on with files and directories that are known, so the log does. */
static void test_bad_block_between(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 8; round++) {
		bool in_directory = round & 1, same = !(round & 2);
		log_new(round & 4);
		cleanmarker();
		directory(1, 4, "dir");
		dirent(1, 2, 5, 8, "long");
		text(5, 1, 8, 0, "0123");
		for (l.n = 65536; l.n < 4 * 65536; l.n += 65536 - 12)
			cleanmarker();
		memset(l.bytes + 2 * 65536, round & 4 ? 0x5a : 0, 65536);
		l.n = 3 * 65536 + 12;
		if (in_directory)
			dirent(4, same ? 1 : 2, 6, 8, "file");
		if (!same)
			dirent(1, 2, 7, 8, "other");
		text(5, same ? 2 : 1, 8, 4, "4567");
		text(6, 1, 4, 0, "text");
		struct walked t;
		expect_size(same ? 4 * 65536 : 2 * 65536);
		open_log(&t);
		assert_int_equal(walked_get(&t, "/long")->error.code, same ? ERR_NONE : ERR_CORRUPT);
		if (same)
			assert_text(&t, "/long", "01234567");
		if (same && in_directory)
			assert_text(&t, "/dir/file", "text");
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
	}
}

/* The same without cleanmarkers, as on NAND: the size of the blocks is not known. What follows the zeros may be another file system. */
static void test_bad_block_of_unknown_size(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		bool same = !(round & 1);
		log_new(round & 2);
		dirent(1, 2, 5, 8, "long");
		text(5, 1, 8, 0, "0123");
		size_t hole = 65536, far = 5 * 65536;
		memset(l.bytes + l.n, 0xff, hole - l.n);
		memset(l.bytes + hole, 0, far - hole);
		l.n = far;
		if (!same)
			dirent(1, 2, 7, 8, "other");
		text(5, same ? 2 : 1, 8, 4, "4567");
		struct walked t;
		open_log(&t);
		assert_int_equal(walked_get(&t, "/long")->error.code, same ? ERR_NONE : ERR_CORRUPT);
		if (same)
			assert_text(&t, "/long", "01234567");
		assert_int_equal(t.n, 1);
		walked_close(&t);
	}
}

/* A log that goes on behind ever more blocks of something else is read as often as its size allows: what is read again to tell grows
 * with the image, however often a log ends and another begins. */
static void test_many_bad_blocks(void **state)
{
	(void)state;
	enum { BLOCK = 4096, BLOCKS = 4096 };
	uint8_t *image = malloc((size_t)BLOCKS * BLOCK);
	assert_non_null(image);
	memset(image, 0x11, (size_t)BLOCKS * BLOCK);
	for (uint32_t i = 0, version = 1; i < BLOCKS; i++) {
		if (i % 3 == 2)
			continue;
		log_new(false);
		cleanmarker();
		if (i == 0)
			dirent(1, 1, 5, 8, "long");
		while (l.n + 80 < BLOCK)
			inode((struct data){ 5, version++, REG, 0, 0, 0, NULL, 0, 0 });
		memcpy(image + (size_t)i * BLOCK, l.bytes, BLOCK);
	}
	uint64_t looked_back = 0, longest = 0;
	for (uint64_t at = 0, end; at < (uint64_t)BLOCKS * BLOCK; at = end) {
		struct jffs2_log log = jffs2_log_of(span_of(image + at, (size_t)((uint64_t)BLOCKS * BLOCK - at)));
		struct jffs2_node node;
		end = at + BLOCK;
		while (jffs2_begins(&log) && jffs2_next(&log, &node))
			end = (at + log.next + BLOCK - 1) / BLOCK * BLOCK;
		looked_back += log.looked_back;
		longest = end - at > longest ? end - at : longest;
	}
	assert_true(longest > 20 * BLOCK);
	assert_in_range(looked_back, 1, 32 * (uint64_t)BLOCKS * BLOCK);
	free(image);
}

/* Hundreds of nodes at random places, against an array that is written over. */
static void test_random_overwrites(void **state)
{
	(void)state;
	static uint8_t expected[20000], packed[4096];
	uint32_t x = 12345, order[400];
	for (unsigned round = 0; round < 5; round++) {
		struct data d[400];
		log_new(round & 1);
		cleanmarker();
		dirent(1, 1, 5, 8, "f");
		memset(expected, 0, sizeof expected);
		inode((struct data){ 5, 1, REG, sizeof expected, 0, 1, NULL, 0, sizeof expected });
		for (uint32_t i = 0; i < 400; i++) {
			x = x * 1664525 + 1013904223;
			uint32_t n = 1 + (x >> 8) % (round < 3 ? 1500 : 20), at = (x >> 12) % (sizeof expected - n);
			d[i] = (struct data){ 5, i + 2, REG, sizeof expected, at, 0, packed, n, n };
			memset(expected + at, (int)(i * 7 + 1), n);
			order[i] = i;
		}
		for (uint32_t i = 399; i > 0; i--) {
			x = x * 1664525 + 1013904223;
			uint32_t k = (x >> 9) % (i + 1), swap = order[i];
			order[i] = order[k];
			order[k] = swap;
		}
		for (uint32_t i = 0; i < 400; i++) {
			memset(packed, (int)(order[i] * 7 + 1), sizeof packed);
			inode(d[order[i]]);
		}
		struct walked t;
		open_log(&t);
		assert_content(&t, "/f", expected, sizeof expected);
		const struct entry *e = &walked_get(&t, "/f")->e;
		uint8_t out[8192];
		assert_int_equal(e->content.kind, CONTENT_BLOCKS);
		assert_false(
			error_is(&(struct error){ e->content.ops->read(e->content.fs, e->content.file, 4096, out, 8192).code }));
		assert_memory_equal(out, expected + 4096, 8192);
		walked_close(&t);
	}
}

static void test_obsolete_and_damaged(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		log_new(big);
		uint8_t *first = dirent(1, 9, 5, 8, "obsolete-name");
		first[big ? 2 : 3] &= (uint8_t)~0x20;
		dirent(1, 1, 5, 8, "a");
		text(5, 1, 6, 0, "older!");
		uint8_t *bad = text(5, 2, 6, 0, "newer!");
		bad[70] ^= 1;
		uint8_t *obsolete = text(5, 3, 6, 0, "dead!!");
		obsolete[big ? 2 : 3] &= (uint8_t)~0x20;
		uint8_t *header = text(5, 4, 6, 0, "header");
		header[20] ^= 4;
		uint8_t *name = dirent(1, 2, 5, 8, "bad-name");
		name[41] ^= 1;
		uint8_t *magic = dirent(1, 3, 5, 8, "bad-header");
		magic[4] ^= 1;
		dirent(1, 4, 5, 8, "b");
		dirent(1, 5, 77, 8, "no-inode");
		dirent(1, 6, 6, 8, "half");
		text(6, 1, 8, 0, "half");
		text(6, 2, 8, 4, "lost")[70] ^= 1;
		struct walked t;
		open_log(&t);
		assert_int_equal(t.n, 4);
		assert_int_equal(walked_get(&t, "/half")->error.code, ERR_CORRUPT);
		assert_int_equal(walked_get(&t, "/half")->error.offset, 4);
		assert_text(&t, "/a", "older!");
		assert_true(text_is(walked_get(&t, "/b")->e.same_as, "/a"));
		assert_int_equal(walked_damage(&t, "corrupt"), 7);
		assert_string_equal(walked_header(&t, "obsolete_nodes"), "2");
		walked_close(&t);
	}
}

#define ERASED_20 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"

/* What a flash has that was in use: nodes that the power went away under, broken ones that no longer matter, names in directories
 * that were removed. Nothing is lost with these, and nothing is said but how many there are. */
static void test_used_flash(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		log_new(big);
		cleanmarker();
		directory(1, 2, "d");
		dirent(2, 2, 5, 8, "a");
		text(5, 1, 6, 0, "first!");
		text(5, 2, 6, 0, "second")[69] ^= 1;
		text(5, 3, 6, 0, "third!");
		/* of 40 bytes of data, and of an entry with a name of 30, only the beginning was written; of a header even less */
		uint8_t *torn = text(5, 4, 40, 0, "0123456789012345678901234567890123456789");
		memset(torn + 80, 0xff, 28);
		torn = dirent(2, 3, 6, 8, "a-name-of-which-nobody-heard..");
		memset(torn + 30, 0xff, 40);
		torn = text(5, 5, 6, 0, "fourth");
		memset(torn + 8, 0xff, 68);
		inode((struct data){ 5, 6, REG, 12, 6, 6, "0123456789ab" ERASED_20, 32, 6 })[70] ^= 1;
		/* a removed directory, of whose names the flash still has one; its inode, and that of the name, are gone */
		dirent(1, 3, 7, 4, "removed");
		dirent(1, 4, 0, 4, "removed");
		dirent(7, 1, 8, 8, "left");
		/* nor is anything lost with a file that was removed */
		text(9, 1, 6, 0, "broken")[70] ^= 1;
		text(5, 6, 6, 0, "fifth!");
		/* the power went while a node was moved: there are two of one version */
		text(5, 6, 6, 0, "fifth!")[73] = 0xff;
		struct walked t;
		open_log(&t);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, 2);
		assert_text(&t, "/d/a", "fifth!");
		assert_string_equal(walked_header(&t, "torn_nodes"), "3");
		assert_string_equal(walked_header(&t, "broken_nodes_superseded"), "4");
		assert_string_equal(walked_header(&t, "directories_without_name"), "1");
		assert_string_equal(walked_header(&t, "names_left_in_them"), "1");
		walked_close(&t);
	}
}

/* The same where something is lost: the newest data of a part of a file, and a name's own node, so that what is in the directory
 * may be all that is left of it. */
static void test_lost_on_flash(void **state)
{
	(void)state;
	log_new(false);
	cleanmarker();
	dirent(1, 1, 5, 8, "a");
	text(5, 1, 8, 0, "abcdefgh");
	text(5, 2, 8, 0, "ABCDEFGH")[70] ^= 1;
	text(5, 3, 8, 4, "1234");
	struct walked t;
	open_log(&t);
	assert_text(&t, "/a", "abcd1234");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	walked_close(&t);
	text(5, 4, 8, 0, "WXYZ");
	open_log(&t);
	assert_text(&t, "/a", "WXYZ1234");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	dirent(1, 2, 7, 4, "lost")[42] ^= 1;
	dirent(7, 1, 8, 8, "kept");
	text(8, 1, 4, 0, "kept");
	open_log(&t);
	assert_text(&t, "/#7/kept", "kept");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 2);
	walked_close(&t);
}

/* The first nodes of a log are not there, and with them the name of a directory, or that of a file. */
static void test_names_cut_off(void **state)
{
	(void)state;
	for (int removed = 0; removed < 2; removed++) {
		struct walked t;
		log_new(false);
		cleanmarker();
		dirent(7, 1, 8, 8, "kept");
		text(8, 1, 4, 0, "kept");
		if (removed)
			dirent(1, 4, 0, 4, "removed");
		open_log(&t);
		assert_text(&t, "/#7/kept", "kept");
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		log_new(false);
		cleanmarker();
		dirent(1, 1, 5, 8, "a");
		text(5, 1, 8, 0, "abcdefgh");
		text(8, 1, 4, 0, "kept");
		if (removed)
			dirent(1, 4, 0, 4, "removed");
		open_log(&t);
		assert_string_equal(walked_header(&t, "unlinked_inodes"), "1");
		assert_int_equal(walked_damage(&t, "corrupt"), removed ? 0 : 1);
		walked_close(&t);
	}
}

/* Data that look like erased flash at their end may be the file's own: what is damaged before that was not torn. */
static void test_not_torn(void **state)
{
	(void)state;
	static const char data[] = "abcd" ERASED_20;
	static const size_t flips[] = { 69, 20, 66, 63 }; /* of the data, of the head, of each CRC */
	for (size_t i = 0; i < 4; i++) {
		struct walked t;
		log_new(false);
		dirent(1, 1, 5, 8, "a");
		text(5, 1, 32, 0, "01234567");
		text(5, 2, 32, 8, data)[flips[i]] ^= 1;
		open_log(&t);
		assert_int_equal(walked_damage(&t, "corrupt"), 2); /* of the node, and of the file that has lost its bytes */
		assert_null(walked_header(&t, "torn_nodes"));
		walked_close(&t);
	}
	/* By runs, of which each is a byte and how many follow. */
	struct walked t;
	log_new(false);
	dirent(1, 1, 5, 8, "a");
	inode((struct data){ 5, 1, REG, 24, 0, 2, data, 24, 24 })[68] ^= 1;
	open_log(&t);
	assert_true(walked_damage(&t, "corrupt") > 0);
	assert_null(walked_header(&t, "torn_nodes"));
	walked_close(&t);
}

/* Nodes without data: their CRC of those is not looked at, and what they say of the file counts. */
static void test_no_data(void **state)
{
	(void)state;
	struct walked t;
	log_new(false);
	dirent(1, 1, 5, 8, "a");
	text(5, 1, 8, 0, "01234567");
	put(inode((struct data){ 5, 2, REG, 4, 0, 0, NULL, 0, 0 }) + 60, 1, 4);
	open_log(&t);
	assert_text(&t, "/a", "0123");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	/* Data that unpack to none, and are broken, hide no newer size without a word. */
	inode((struct data){ 5, 3, REG, 2, 0, 0, "data", 4, 0 })[69] ^= 1;
	open_log(&t);
	assert_text(&t, "/a", "0123");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
}

/* ---- compressions ---- */

struct bits {
	uint8_t p[8192];
	size_t n;
};

static void push(struct bits *b, unsigned bit)
{
	b->p[b->n / 8] |= (uint8_t)(bit << (7 - b->n % 8));
	b->n++;
}

/* The coder of fs/jffs2/compr_rubin.c: an interval [q, q + p) in 16 bits. */
static size_t rubin_pack(const uint8_t *in, size_t n, const uint32_t weights[8], uint32_t divider, struct bits *b)
{
	uint32_t p = 65536, q = 0;
	for (size_t i = 0; i < 8 * n; i++) {
		uint32_t one = in[i / 8] >> (i % 8) & 1, weight = weights[i % 8];
		for (; q >= 32768 || p + q <= 32768; p <<= 1) {
			push(b, q >= 32768);
			q = (q & 32767) << 1;
		}
		uint32_t zero = (divider - weight) * p / divider;
		zero = zero == 0 ? 1 : zero >= p ? p - 1 : zero;
		q += one ? zero : 0;
		p = one ? p - zero : zero;
	}
	for (int i = 0; i < 16; i++, q = (q & 32767) << 1)
		push(b, q >= 32768);
	return (b->n + 7) / 8;
}

/* Pairs of a byte and of how many bytes repeat what followed its last occurrence. */
static size_t rtime_pack(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t last[256] = { 0 }, at = 0, m = 0;
	while (at < n) {
		uint8_t value = in[at];
		size_t from = last[value], run = 0;
		last[value] = ++at;
		while (run < 255 && at + run < n && from + run < at + run && in[from + run] == in[at + run])
			run++;
		out[m++] = value;
		out[m++] = (uint8_t)run;
		at += run;
	}
	return m;
}

static size_t lzma_pack(const uint8_t *in, size_t n, uint8_t *out, unsigned lc, unsigned pb)
{
	lzma_options_lzma o;
	lzma_lzma_preset(&o, 6);
	o.lc = lc;
	o.lp = 0;
	o.pb = pb;
	o.dict_size = 8192;
	lzma_filter chain[2] = { { LZMA_FILTER_LZMA1, &o }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t at = 0;
	assert_int_equal(lzma_raw_buffer_encode(chain, NULL, in, n, out, &at, 8192), LZMA_OK);
	return at;
}

static void test_compressions(void **state)
{
	(void)state;
	static uint8_t plain[4096], packed[8192];
	static struct bits mips, dynamic = { .p = { 90, 140, 10, 128, 30, 255, 200, 1 }, .n = 64 };
	static const uint32_t mips_weights[8] = { 277, 249, 290, 267, 229, 341, 212, 241 };
	for (unsigned i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)("the quick brown fox jumps "[i % 26] ^ (i % 97 == 0 ? i : 0));
	uint32_t weights[8];
	for (unsigned i = 0; i < 8; i++)
		weights[i] = dynamic.p[i];
	log_new(false);
	cleanmarker();
	dirent(1, 1, 10, 8, "rtime");
	dirent(1, 2, 11, 8, "rubinmips");
	dirent(1, 3, 12, 8, "dynrubin");
	dirent(1, 4, 13, 8, "lzma");
	dirent(1, 5, 14, 8, "lzma-with-properties");
	dirent(1, 6, 15, 8, "unknown");
	struct data d = { 10, 1, REG, 4096, 0, 2, packed, 0, 4096 };
	d.csize = (uint32_t)rtime_pack(plain, 4096, packed);
	inode(d);
	d = (struct data){ 11,  1, REG, 4096, 0, 3, mips.p, (uint32_t)rubin_pack(plain, 4096, mips_weights, 1043, &mips),
					   4096 };
	inode(d);
	d = (struct data){ 12,  1, REG, 4096, 0, 5, dynamic.p, (uint32_t)rubin_pack(plain, 4096, weights, 256, &dynamic),
					   4096 };
	inode(d);
	d = (struct data){ 13, 1, REG, 4096, 0, 8, packed, (uint32_t)lzma_pack(plain, 4096, packed, 0, 0), 4096 };
	inode(d);
	packed[0] = 2 * 45 + 3;
	put(packed + 1, 8192, 4);
	d = (struct data){ 14, 1, REG, 4096, 0, 8, packed, 5 + (uint32_t)lzma_pack(plain, 4096, packed + 5, 3, 2), 4096 };
	inode(d);
	d = (struct data){ 15, 1, REG, 4096, 0, 9, plain, 4096, 4096 };
	inode(d);
	struct walked t;
	open_log(&t);
	static const char *const paths[] = { "/rtime", "/rubinmips", "/dynrubin", "/lzma", "/lzma-with-properties" };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		assert_content(&t, paths[i], plain, sizeof plain);
	assert_int_equal(walked_get(&t, "/unknown")->error.code, ERR_UNSUPPORTED);
	assert_int_equal(walked_get(&t, "/unknown")->error.offset, 0);
	walked_close(&t);
	survives_flips(&jffs2_format, span_of(l.bytes, 32768), 1000, l.n);
}

/* ---- where it begins and ends ---- */

static void expect_size(uint64_t size)
{
	struct format_match m;
	assert_true(jffs2_format.probe(span_of(l.bytes, sizeof l.bytes), &m));
	assert_int_equal(m.size, size);
}

static void test_extent(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		log_new(big);
		for (unsigned block = 0; block < 4; block++) { /* marked blocks, the third with nothing but its marker */
			l.n = block * 65536;
			cleanmarker();
			if (block == 2)
				continue;
			text(5 + block, 1, 4, 0, "text");
			dirent(1, block, 5 + block, 8, &"abcd"[block]);
		}
		expect_size(4 * 65536);
		memcpy(l.bytes + 4 * 65536, "hsqs",
			   4); /* what follows the last block is another's, even where nodes are in it */
		l.n = 4 * 65536 + 256;
		text(5, 1, 4, 0, "text");
		expect_size(4 * 65536);
		struct walked t;
		open_log(&t);
		assert_int_equal(t.n, 3);
		walked_close(&t);
		memset(l.bytes + 3 * 65536 + 4096, 0, 4096); /* the last block is not erased to its end */
		expect_size(3 * 65536 + 4096);
	}
	log_new(false); /* cleanmarkers are in the spare area: blocks are not known, erased ones lie between */
	text(5, 1, 4, 0, "text");
	dirent(1, 1, 5, 8, "a");
	l.n = 6 * 131072;
	dirent(1, 2, 5, 8, "b");
	expect_size(6 * 131072 + 4096);
	struct walked t;
	open_log(&t);
	assert_int_equal(t.n, 2);
	walked_close(&t);
}

/* Two file systems one behind the other, with and without erased blocks between them, marked blocks and others: versions of entries of
 * the root that were there already tell. An entry that was moved to another block, and is in both, is none of another. */
static void test_another_behind(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 16; round++) {
		bool marked = round & 1, gap = round & 2, moved = round & 4;
		size_t second = gap ? 3 * 65536 : 65536;
		log_new(round & 8);
		for (unsigned i = 0; i < 2; i++) {
			l.n = i * second;
			if (marked)
				cleanmarker();
			dirent(1, 1, 5, 8, "one");
			if (i == 0 || !moved)
				dirent(1, 2, 6, 8, i ? "second" : "first");
			text(5, 1 + i, 4, 0, i ? "more" : "text");
		}
		struct format_match m;
		assert_true(jffs2_format.probe(span_of(l.bytes, second + 65536), &m));
		assert_in_range(m.size, moved ? second + 4096 : 4096, moved ? second + 65536 : second);
		struct walked t;
		walked_open(&t, &jffs2_format, span_of(l.bytes, second + 65536));
		assert_int_equal(t.n, 2);
		assert_text(&t, "/one", moved ? "more" : "text");
		walked_close(&t);
	}
}

/* As bits go towards 1 while a block is erased. */
static void erase_weakly(uint8_t *p, size_t n, uint64_t *x)
{
	for (size_t i = 0; i < n; i++) {
		*x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
		p[i] |= (uint8_t)(*x >> 24 & *x >> 32);
	}
}

/* Five blocks with a file in each; the power went while the third was erased: from its beginning up to different places its bits are
 * weak or all are 1. What is in the others is read; what is left in it too; that it is damaged is said. */
static void test_half_erased(void **state)
{
	(void)state;
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";
	uint64_t x = 88172645463325252;
	for (unsigned i = 0; i < 12; i++) {
		size_t upto = i / 4 * 200 + 12, third = 2 * 65536, n = i % 2 ? 24 : 12;
		log_new(i / 2 % 2);
		for (unsigned block = 0; block < 5; block++) {
			l.n = block * 65536;
			cleanmarker();
			for (unsigned file = 0; file < (block == 2 ? n : 1); file++) {
				char name[3] = { alphabet[block], alphabet[file], 0 };
				dirent(1, 100 * block + file + 1, 100 * (block + 1) + file, 8, name);
				text(100 * (block + 1) + file, 1, 4, 0, "text");
			}
		}
		if (i % 3 == 2)
			memset(l.bytes + 3 * 65536, 0xff, 65536); /* the fourth was erased already */
		erase_weakly(l.bytes + third, upto, &x);
		l.bytes[third] = 0x95; /* whatever came out: not even its magic is left */
		if (i % 4 == 3)
			memset(l.bytes + third + 512, 0xff, 65536 - 512);
		struct walked t;
		expect_size(5 * 65536);
		open_log(&t);
		assert_text(&t, "/aa", "text");
		assert_text(&t, "/ba", "text");
		assert_text(&t, "/ea", "text");
		assert_int_equal(walked_has(&t, "/da"), i % 3 != 2);
		if (i % 4 != 3)
			assert_text(&t, n == 24 ? "/cx" : "/cl", "text");
		assert_true(walked_damage(&t, "corrupt") > 0);
		walked_close(&t);
	}
}

/* A block of another's between two file systems is none, nor is one that nothing of the log follows. */
static void test_not_half_erased(void **state)
{
	(void)state;
	for (unsigned with_node = 0; with_node < 2; with_node++) {
		log_new(false);
		for (unsigned block = 0; block < 4; block++) {
			l.n = block * 65536;
			cleanmarker();
			text(5 + block, 1, 4, 0, "text");
			dirent(1, block, 5 + block, 8, &"abcd"[block]);
		}
		memset(l.bytes + 2 * 65536, 0x55, 65536);
		l.n = 2 * 65536 + 128;
		if (with_node)
			text(5, 1, 4, 0, "text");
		if (with_node)
			memset(l.bytes + 3 * 65536, 0x55, 65536);
		expect_size(2 * 65536);
	}
}

/* Nor is one in whose middle another file system begins, though its blocks are aligned as those before. */
static void test_another_behind_a_header(void **state)
{
	(void)state;
	log_new(false);
	for (unsigned i = 0; i < 5; i++) {
		l.n = i * 65536 + (i == 2 ? 32768 : 0); /* its first block is a half of those before */
		cleanmarker();
		text(5 + i, 1, 4, 0, "text");
		dirent(1, i, 5 + i, 8, &"abcde"[i]);
	}
	memset(l.bytes + 2 * 65536, 0x55, 32768);
	expect_size(2 * 65536);
}

static void test_first_magic(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		log_new(big);
		l.magic = 0x1984;
		cleanmarker();
		dirent(1, 1, 5, 8, "a");
		text(5, 1, 5, 0, "alpha");
		struct walked t;
		open_log(&t);
		assert_text(&t, "/a", "alpha");
		walked_close(&t);
		struct format_match m;
		assert_true(format_identify(span_of(l.bytes, 65536), NULL, &m) == &jffs2_format); /* the scan knows it as well */
	}
}

static void test_lone_markers(void **state)
{
	(void)state;
	struct format_match m;
	log_new(false);
	cleanmarker();
	assert_true(jffs2_format.probe(span_of(l.bytes, 65536), &m)); /* an empty file system */
	memset(l.bytes + 12, 0x55, 64);
	assert_false(jffs2_format.probe(span_of(l.bytes, 65536), &m)); /* a program that has a cleanmarker in it */
	assert_false(jffs2_format.probe(span_of(l.bytes, 12), &m));
	log_new(false);
	dirent(1, 1, 5, 8, "a")[9] ^= 1;
	assert_false(jffs2_format.probe(span_of(l.bytes, 65536), &m));
}

/* ---- hostile ---- */

static void test_cycles(void **state)
{
	(void)state;
	log_new(false);
	directory(1, 2, "a");
	directory(2, 3, "b");
	dirent(3, 1, 2, 4, "cycle");
	dirent(3, 2, 3, 4, "self");
	dirent(3, 3, 1, 4, "root");
	dirent(8, 1, 9, 4, "lost-cycle");
	dirent(9, 1, 8, 4, "lost-back");
	inode((struct data){ 8, 1, DIR, 0, 0, 0, NULL, 0, 0 });
	inode((struct data){ 9, 1, DIR, 0, 0, 0, NULL, 0, 0 });
	dirent(20, 1, 5, 8, "lost-file");
	text(5, 1, 4, 0, "text");
	struct walked t;
	open_log(&t);
	assert_int_equal(t.n, 8);
	assert_true(walked_has(&t, "/a/b/cycle"));
	assert_text(&t, "/#20/lost-file", "text");
	assert_true(walked_has(&t, "/#8/lost-cycle/lost-back"));
	walked_close(&t);
}

static void test_huge(void **state)
{
	(void)state;
	log_new(false);
	dirent(1, 1, 5, 8, "hole");
	inode((struct data){ 5, 1, REG, UINT32_MAX, 0, 1, NULL, 0, UINT32_MAX });
	inode((struct data){ 5, 2, REG, UINT32_MAX, UINT32_MAX - 1, 1, NULL, 0, UINT32_MAX });
	dirent(1, 2, 6, 8, "bomb");
	inode((struct data){ 6, 1, REG, 100, 0, 6, "x\x9c", 2, UINT32_MAX });
	struct walked t;
	open_log(&t);
	assert_int_equal(walked_get(&t, "/hole")->e.size, UINT32_MAX);
	assert_true(arena_used(t.walk.arena) < (1 << 20));
	uint8_t out[4096];
	const struct content *c = &walked_get(&t, "/hole")->e.content;
	memset(out, 1, sizeof out);
	assert_false(error_is(&(struct error){ c->ops->read(c->fs, c->file, 0xfffff000, out, 4095).code }));
	assert_int_equal(out[0] | out[4094], 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* the bomb, and that nothing describes its name */
	walked_close(&t);
}

static void test_deep(void **state)
{
	(void)state;
	log_new(false);
	for (uint32_t i = 1; i < 2000; i++)
		dirent(i, 1, i + 1, 4, "d");
	struct walked t;
	open_log(&t);
	assert_true(walked_damage(&t, "budget") >= 1);
	walked_close(&t);
}

static void test_survives(void **state)
{
	(void)state;
	log_new(true);
	cleanmarker();
	directory(1, 2, "dir");
	for (uint32_t i = 3; i < 20; i++) {
		char name[8];
		snprintf(name, sizeof name, "f%u", i);
		dirent(2, i, i, 8, name);
		text(i, 1, 10, 0, "0123456789");
		text(i, 2, 12, 3, "overwrite");
	}
	survives_cuts(&jffs2_format, span_of(l.bytes, l.n), (unsigned)l.n);
	survives_flips(&jffs2_format, span_of(l.bytes, l.n + 4096), 5000, l.n);
	struct walked t;
	walked_open(&t, &jffs2_format, span_of(l.bytes, l.n - 6)); /* the last node is cut */
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_text(&t, "/dir/f19", "0123456789");
	walked_close(&t);
}

/* Bits flip, and all CRCs are made right again: what they would have kept away is met. */
static void test_survives_with_right_crcs(void **state)
{
	(void)state;
	static uint8_t whole[1 << 15];
	uint32_t x = 4711;
	log_new(false);
	cleanmarker();
	directory(1, 2, "dir");
	for (uint32_t i = 3; i < 12; i++) {
		char name[8];
		snprintf(name, sizeof name, "f%u", i);
		dirent(2, i, i, 8, name);
		text(i, 1, 10, 0, "0123456789");
		text(i, 2, 12, 3, "overwrite");
		inode((struct data){ i, 3, i % 2 ? REG : 0120777, 40, 20, (uint8_t)(i % 9), "\5\0\7\2\1\0", 6, 20 });
	}
	size_t n = l.n;
	memcpy(whole, l.bytes, n);
	for (unsigned i = 0; i < 5000; i++) {
		memcpy(l.bytes, whole, n);
		for (unsigned k = 0; k < 4; k++) {
			x = x * 1664525 + 1013904223;
			size_t at = (x >> 8) % n;
			l.bytes[at] ^= (uint8_t)(1u << (x & 7));
		}
		for (size_t at = 0; at + 68 < n;) { /* by the sizes that the nodes had */
			uint8_t *p = l.bytes + at;
			size_t size = (size_t)whole[at + 4] | (size_t)whole[at + 5] << 8;
			put(p + 8, crc(p, 8), 4);
			if (whole[at + 2] == 1 && whole[at + 3] == 0xe0) {
				put(p + 36, crc(p + 40, size - 40), 4);
				put(p + 32, crc(p, 32), 4);
			} else if (whole[at + 3] == 0xe0) {
				put(p + 60, crc(p + 68, size - 68), 4);
				put(p + 64, crc(p, 60), 4);
			}
			at += (size + 3) & ~(size_t)3;
		}
		struct walked t;
		walked_open(&t, &jffs2_format, span_of(l.bytes, n));
		walked_close(&t);
	}
}

static int by_first(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;
	return *x >> 8 < *y >> 8 ? -1 : *x >> 8 > *y >> 8;
}

static void test_sort(void **state)
{
	(void)state;
	uint16_t v[300], spare[300];
	for (unsigned n = 0; n < 300; n++) {
		for (unsigned i = 0; i < n; i++)
			v[i] = (uint16_t)((i * 37 % 11) << 8 | (i & 255));
		sort_stable(v, spare, n, sizeof *v, by_first);
		for (unsigned i = 1; i < n; i++)
			assert_true(v[i - 1] >> 8 < v[i] >> 8 || n > 256 || v[i - 1] < v[i]);
	}
}

static void test_sample(void **state)
{
	(void)state;
	struct span image = sample_load("licheenano-rootfs.jffs2");
	if (!image.p)
		skip();
	struct walked t;
	walked_open(&t, &jffs2_format, image);
	assert_int_equal(t.match.size, 928376);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 34);
	assert_int_equal(walked_count(&t, ENTRY_SYMLINK), 297);
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 32);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	uint64_t bytes = 0;
	for (size_t i = 0; i < t.n; i++) {
		assert_false(error_is(&t.entries[i].error));
		bytes += t.entries[i].content.n;
	}
	assert_int_equal(bytes, 1506017);
	walked_close(&t);
	survives_cuts(&jffs2_format, image, 50);
	survives_flips(&jffs2_format, image, 50, 0);
	free((void *)image.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tools),
		cmocka_unit_test(test_owners_and_modes),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_sumtool),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_versions_of_data),
		cmocka_unit_test(test_lost_nodes),
		cmocka_unit_test(test_bad_block_between), cmocka_unit_test(test_bad_block_of_unknown_size),
		cmocka_unit_test(test_many_bad_blocks),
		cmocka_unit_test(test_another_behind),
		cmocka_unit_test(test_random_overwrites),
		cmocka_unit_test(test_obsolete_and_damaged),
		cmocka_unit_test(test_used_flash),
		cmocka_unit_test(test_lost_on_flash),
		cmocka_unit_test(test_names_cut_off),
		cmocka_unit_test(test_not_torn),
		cmocka_unit_test(test_no_data),
		cmocka_unit_test(test_compressions),
		cmocka_unit_test(test_extent),
		cmocka_unit_test(test_half_erased),
		cmocka_unit_test(test_not_half_erased),
		cmocka_unit_test(test_another_behind_a_header),
		cmocka_unit_test(test_first_magic),
		cmocka_unit_test(test_lone_markers),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_survives_with_right_crcs),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_sample),
	};
	int failed = cmocka_run_group_tests_name("jffs2", tests, NULL, NULL);
	made(NULL, NULL);
	return failed;
}
