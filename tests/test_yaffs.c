/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaffs: images written here after yaffs_guts.h, yaffs_packedtags1.h, yaffs_packedtags2.c and mkyaffs2image.c, in all their
 * layouts, from a tree of this machine and compared with it; and what a used flash holds. */
#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "host_tree.h"

extern const struct format yaffs_format;

enum tagging { NONE, TAGS1_MTD, TAGS1_RAW, TAGS2, TAGS2_EXTRA };

struct way {
	enum tagging tagging;
	uint32_t chunk, spare, at;
	bool big;
};

static struct {
	struct way way;
	uint8_t *p;
	size_t n, room;
	uint32_t next_id, sequence;
	uint32_t serial;
} y;

static void put(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (y.way.big ? width - 1 - i : i)));
}

static void image_new(struct way way)
{
	free(y.p);
	memset(&y, 0, sizeof y);
	y.way = way;
	y.next_id = 257;
	y.sequence = 0x1000;
}

static uint8_t *page(void)
{
	size_t n = y.way.chunk + y.way.spare;
	if (y.n + n > y.room) {
		y.room = 2 * y.room + (1 << 20);
		y.p = realloc(y.p, y.room);
		assert_non_null(y.p);
	}
	uint8_t *p = y.p + y.n;
	memset(p, 0xff, n);
	y.n += n;
	return p;
}

/* Fields of bits as a compiler of that byte order lays them out. */
static void put_bits(uint8_t *p, unsigned from, unsigned n, uint32_t v)
{
	for (unsigned i = 0; i < n; i++) {
		unsigned bit = y.way.big ? from + n - 1 - i : from + i, mask;
		mask = y.way.big ? 0x80u >> bit % 8 : 1u << bit % 8;
		p[bit / 8] = (uint8_t)((p[bit / 8] & ~mask) | (v >> i & 1 ? mask : 0));
	}
}

static void put_tags1(uint8_t *spare, uint32_t object, uint32_t chunk, uint32_t bytes)
{
	static const uint8_t places[] = { 0, 1, 2, 3, 6, 7, 11, 12 };
	uint8_t tags[8] = { 0 };
	put_bits(tags, 0, 20, chunk);
	put_bits(tags, 20, 2, y.serial);
	put_bits(tags, 22, 10, bytes);
	put_bits(tags, 32, 18, object);
	put_bits(tags, 62, 2, 3);
	uint32_t ecc = 0;
	for (uint32_t i = 0; i < 64; i++)
		ecc ^= tags[i / 8] & 1u << i % 8 ? i + 1 : 0;
	put_bits(tags, 50, 12, ecc);
	for (unsigned i = 0; i < 8; i++)
		spare[y.way.tagging == TAGS1_MTD ? places[i] : y.way.at + i] = tags[i];
	if (y.way.tagging == TAGS1_MTD) /* the ECC of the data is somebody else's business */
		memset(spare + 8, 0x5a, 3);
}

static void put_tags2(uint8_t *spare, uint32_t object, uint32_t chunk, uint32_t bytes)
{
	uint8_t *t = spare + y.way.at;
	put(t, y.sequence, 4);
	put(t + 4, object, 4);
	put(t + 8, chunk, 4);
	put(t + 12, bytes, 4);
}

static void tag(uint8_t *p, uint32_t object, uint32_t chunk, uint32_t bytes)
{
	if (y.way.tagging == TAGS1_MTD || y.way.tagging == TAGS1_RAW)
		put_tags1(p + y.way.chunk, object, chunk, bytes);
	else if (y.way.tagging != NONE)
		put_tags2(p + y.way.chunk, object, chunk, bytes);
}

struct object {
	uint32_t id, type, parent;
	const char *name;
	uint32_t mode, uid, gid, mtime;
	uint64_t size;
	uint32_t equivalent;
	const char *alias;
	uint32_t rdev;
	bool shrinks;
};

static uint8_t *header(struct object o)
{
	uint8_t *p = page();
	put(p, o.type, 4);
	put(p + 4, o.parent, 4);
	memset(p + 10, 0, 256);
	memcpy(p + 10, o.name, strlen(o.name));
	put(p + 268, o.mode, 4);
	put(p + 272, o.uid, 4);
	put(p + 276, o.gid, 4);
	put(p + 280, 1, 4);
	put(p + 284, o.mtime, 4);
	put(p + 288, 2, 4);
	if (o.type == 1) {
		put(p + 292, o.size, 4);
		if (o.size >> 32)
			put(p + 496, o.size >> 32, 4);
	}
	if (o.type == 4)
		put(p + 296, o.equivalent, 4);
	if (o.type == 2) {
		memset(p + 300, 0, 160);
		memcpy(p + 300, o.alias, strlen(o.alias));
	}
	if (o.type == 5)
		put(p + 460, o.rdev, 4);
	if (o.shrinks && y.way.chunk % 512 == 0)
		put(p + 508, 1, 4);
	else if (o.shrinks)
		put(p + 492, 1, 4);
	if (y.way.tagging == TAGS2_EXTRA)
		tag(p, o.id | o.type << 28, 0x80000000 | o.parent | (o.shrinks ? 0x40000000 : 0),
			o.type == 1 ? (uint32_t)o.size : 0);
	else
		tag(p, o.id, 0, y.way.tagging == TAGS2 ? 0xffff : 0x3ff);
	return p;
}

static uint8_t *data(uint32_t object, uint32_t chunk, const void *bytes, uint32_t n)
{
	uint8_t *p = page();
	memcpy(p, bytes, n);
	tag(p, object, chunk, n);
	return p;
}

static void contents(uint32_t object, const uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n; at += y.way.chunk)
		data(object, (uint32_t)(at / y.way.chunk) + 1, p + at, (uint32_t)(n - at < y.way.chunk ? n - at : y.way.chunk));
}

static void text_file(uint32_t id, const char *name, const char *s)
{
	header((struct object){ .id = id, .type = 1, .parent = 1, .name = name, .mode = 0100644, .size = strlen(s) });
	contents(id, (const uint8_t *)s, strlen(s));
}

static void root(void)
{
	header((struct object){ .id = 1, .type = 3, .parent = 1, .name = "", .mode = 040755 });
}

/* ---- a tree of the host ---- */

static struct {
	uint64_t ino;
	uint32_t id;
} seen[2000];
static size_t nseen;

static uint32_t seen_before(uint64_t ino)
{
	for (size_t i = 0; i < nseen; i++)
		if (seen[i].ino == ino)
			return seen[i].id;
	return 0;
}

static void write_tree(const char *path, uint32_t parent);

static void write_entry(const char *path, const char *name, uint32_t parent)
{
	struct stat st;
	char target[PATH_MAX];
	assert_int_equal(lstat(path, &st), 0);
	struct object o = { .id = y.next_id++,
						.parent = parent,
						.name = name,
						.mode = st.st_mode,
						.uid = st.st_uid,
						.gid = st.st_gid,
						.mtime = (uint32_t)st.st_mtime };
	uint32_t first = S_ISREG(st.st_mode) ? seen_before(st.st_ino) : 0;
	if (first) {
		o.type = 4;
		o.equivalent = first;
		header(o);
	} else if (S_ISREG(st.st_mode)) {
		struct span s = file_load("/", path);
		seen[nseen].ino = st.st_ino;
		seen[nseen++].id = o.id;
		o.type = 1;
		o.size = s.n;
		header(o);
		contents(o.id, s.p, s.n);
		free((void *)s.p);
	} else if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlink(path, target, sizeof target - 1);
		assert_true(n > 0);
		target[n] = 0;
		o.type = 2;
		o.alias = target;
		header(o);
	} else if (S_ISDIR(st.st_mode)) {
		o.type = 3;
		header(o);
		write_tree(path, o.id);
	} else {
		o.type = 5;
		o.rdev = (uint32_t)st.st_rdev;
		header(o);
	}
}

static void write_tree(const char *path, uint32_t parent)
{
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		char child[PATH_MAX];
		snprintf(child, sizeof child, "%s/%s", path, d->d_name);
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			write_entry(child, d->d_name, parent);
	}
	closedir(dir);
}

static void open_image(struct walked *t)
{
	walked_open(t, &yaffs_format, span_of(y.p, y.n));
	assert_true(t->accepted);
	assert_false(error_is(&t->error));
}

static const struct way ways[] = {
	{ TAGS2, 2048, 64, 0, false },      { TAGS2, 2048, 64, 2, false },       { TAGS2, 2048, 64, 0, true },
	{ TAGS2_EXTRA, 2048, 64, 2, true }, { TAGS2_EXTRA, 1024, 32, 0, false }, { TAGS2, 512, 16, 0, false },
	{ TAGS2, 4096, 128, 2, false },     { TAGS2, 4096, 224, 2, true },       { TAGS2, 4096, 256, 0, false },
	{ TAGS2, 8192, 448, 0, false },     { TAGS2_EXTRA, 8192, 256, 0, true }, { TAGS2, 16384, 512, 0, false },
	{ TAGS2, 1024, 16, 0, false },      { TAGS2_EXTRA, 2032, 16, 0, false }, { TAGS2, 1008, 16, 0, false },
	{ TAGS2_EXTRA, 4080, 16, 0, true }, { TAGS1_MTD, 512, 16, 0, false },    { TAGS1_MTD, 512, 16, 0, true },
	{ TAGS1_RAW, 512, 16, 0, false },   { TAGS1_RAW, 512, 16, 8, true },     { NONE, 2048, 0, 0, false },
	{ NONE, 512, 0, 0, true },          { NONE, 4096, 0, 0, false },         { TAGS2, 2048, 64, 40, false },
};

static void test_layouts(void **state)
{
	(void)state;
	char dir[TEMP_MAX], files[TEMP_MAX + 8], number[16];
	host_tree_make(dir, KEEPS_ALL);
	snprintf(files, sizeof files, "%s/files", dir);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		image_new(ways[i]);
		y.sequence = i % 2 ? 0x1000 : 1; /* mkyaffs2image writes 1 */
		nseen = 0;
		if (i % 3 != 2)
			root();
		write_tree(files, 1);
		struct walked t;
		open_image(&t);
		host_tree_expect(&t, files, KEEPS_ALL);
		assert_int_equal(t.match.size, y.n);
		snprintf(number, sizeof number, "%u", ways[i].chunk);
		assert_string_equal(walked_header(&t, "chunk_size"), number);
		snprintf(number, sizeof number, "%u", ways[i].spare);
		assert_string_equal(walked_header(&t, "spare_size"), number);
		assert_string_equal(walked_header(&t, "byte_order"), ways[i].big ? "big" : "little");
		walked_close(&t);
	}
	temp_remove(dir);
}

/* What is written here is what others read: unyaffs gets the same tree out of it. */
static void test_written_for_others(void **state)
{
	(void)state;
	char dir[TEMP_MAX], files[TEMP_MAX + 8];
	if (!tool_exists("unyaffs"))
		skip();
	host_tree_make(dir, KEEPS_MODE | KEEPS_OWNER | KEEPS_SPARSE);
	snprintf(files, sizeof files, "%s/files", dir);
	static const struct {
		size_t way;
		const char *options;
	} cases[] = { { 0, "-c 2 -s 64" }, { 1, "-b -c 2 -s 64" }, { 6, "-b -c 4 -s 128" }, { 11, "-c 16 -s 512" } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char command[128];
		image_new(ways[cases[i].way]);
		nseen = 0;
		root();
		write_tree(files, 1);
		file_save(dir, "image", span_of(y.p, y.n));
		snprintf(command, sizeof command,
				 "rm -rf other && mkdir other && unyaffs %s image other && diff -r files other", cases[i].options);
		run_in(dir, command);
	}
	temp_remove(dir);
}

static void test_devices(void **state)
{
	(void)state;
	image_new(ways[0]);
	root();
	header((struct object){ 257, 5, 1, "console", S_IFCHR | 0600, 5, 6, 1234567890, .rdev = 5 << 8 | 1 });
	header((struct object){ 258, 5, 1, "disk", S_IFBLK | 0640, .rdev = (uint32_t)makedev(259, 70000) });
	header((struct object){ 259, 5, 1, "socket", S_IFSOCK | 0755 });
	header((struct object){ 260, 1, 1, "large", S_IFREG | 0644, .size = 5ull << 32 });
	struct walked t;
	open_image(&t);
	const struct entry *e = &walked_get(&t, "/console")->e;
	assert_int_equal(e->kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(e->device, 5ll << 32 | 1);
	assert_int_equal(e->mode, 0600);
	assert_int_equal(e->uid, 5);
	assert_int_equal(e->gid, 6);
	assert_int_equal(e->mtime, 1234567890);
	assert_int_equal(walked_get(&t, "/disk")->e.device, 259ll << 32 | 70000);
	assert_int_equal(walked_get(&t, "/socket")->e.kind, ENTRY_SOCKET);
	assert_int_equal(walked_get(&t, "/large")->e.size, 5ull << 32);
	walked_close(&t);
}

/* ---- what a used flash holds ---- */

static void test_versions(void **state)
{
	(void)state;
	static uint8_t a[5000], b[5000], expected[6000];
	memset(a, 'a', sizeof a);
	memset(b, 'b', sizeof b);
	for (int big = 0; big < 2; big++) {
		image_new((struct way){ TAGS2_EXTRA, 2048, 64, 0, big });
		root();
		y.sequence = 0x1005; /* a newer block before an older one */
		data(300, 2, b, 2048);
		header((struct object){ 301, 1, 4, "deleted", 0100644 });
		header((struct object){ 302, 1, 3, "unlinked", 0100644 });
		header((struct object){ 303, 1, 305, "new-name", 0100600, .size = 1 });
		header((struct object){ 304, 1, 1, "grown", 0100644, .size = 2 });
		header((struct object){ .id = 306, .type = 1, .parent = 1, .name = "cut", .size = 100, .shrinks = true });
		header((struct object){ .id = 306, .type = 1, .parent = 1, .name = "cut", .size = 6000 });
		y.sequence = 0x1002;
		header((struct object){ 300, 1, 1, "overwritten", 0100644, .size = 5000 });
		contents(300, a, 5000);
		header((struct object){ 301, 1, 1, "deleted", 0100644, .size = 5000 });
		contents(301, a, 5000);
		header((struct object){ 302, 1, 1, "unlinked", 0100644, .size = 0 });
		header((struct object){ 303, 1, 1, "old-name", 0100644, .size = 1 });
		data(303, 1, "x", 1);
		header((struct object){ 305, 3, 1, "dir", 040755 });
		header((struct object){ .id = 306, .type = 1, .parent = 1, .name = "cut", .size = 5000 });
		contents(306, b, 5000);
		y.sequence = 0x21; /* a checkpoint */
		data(1, 1, "checkpoint", 10);
		y.sequence = 0x1006;
		data(304, 1, "longer", 6);
		struct walked t;
		open_image(&t);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, 5);
		memcpy(expected, a, 5000);
		memset(expected + 2048, 'b', 2048);
		assert_content(&t, "/overwritten", expected, 5000);
		assert_content(&t, "/dir/new-name", "x", 1);
		assert_int_equal(walked_get(&t, "/dir/new-name")->e.mode, 0600);
		assert_content(&t, "/grown", "longer", 6);
		memset(expected, 0, sizeof expected);
		memset(expected, 'b', 2048); /* the chunk that the cut goes through stays whole until it is written again */
		assert_content(&t, "/cut", expected, 6000);
		walked_close(&t);
	}
}

/* A flash that was in use: what its first blocks hold was moved or written anew, and the log begins with data. */
static void test_begins_with_data(void **state)
{
	(void)state;
	static uint8_t a[5000];
	memset(a, 'a', sizeof a);
	for (size_t i = 0; i < 20; i++) {
		if (ways[i].at > 2 || ways[i].chunk % 512)
			continue;
		image_new(ways[i]);
		memset(page(), 0x55, y.way.chunk + y.way.spare); /* something else before it */
		contents(300, a, 5000);
		header((struct object){ 301, 1, 302, "deep", 0100644 });
		size_t first = y.n;
		header((struct object){ 300, 1, 1, "file", 0100644, .size = 5000 });
		header((struct object){ 302, 3, 1, "dir", 040755 });
		uint64_t start = 0, stride = y.way.chunk + y.way.spare;
		assert_true(yaffs_format.locate(span_of(y.p, y.n), first, &start));
		assert_int_equal(start, stride);
		struct walked t;
		walked_open(&t, &yaffs_format, span_of(y.p + start, y.n - start));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, y.n - start);
		assert_content(&t, "/file", a, 5000);
		assert_int_equal(walked_get(&t, "/dir/deep")->e.size, 0);
		walked_close(&t);
	}
}

static void test_serial_numbers(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		image_new((struct way){ TAGS1_MTD, 512, 16, 0, big });
		root();
		y.serial = 3;
		text_file(300, "older", "first");
		y.serial = 0; /* follows 3 */
		data(300, 1, "again", 5);
		header((struct object){ 300, 1, 1, "newer", 0100644, .size = 5 });
		y.serial = 1;
		uint8_t *deleted = header((struct object){ 301, 1, 1, "deleted", 0100644 });
		deleted[512 + 4] = 0;
		data(302, 1, "flipped", 7)[512 + 1] ^= 4; /* one bit of the tags */
		header((struct object){ 302, 1, 1, "flip", 0100644, .size = 7 });
		struct walked t;
		open_image(&t);
		assert_int_equal(t.n, 2);
		assert_content(&t, "/newer", "again", 5);
		assert_content(&t, "/flip", "flipped", 7);
		walked_close(&t);
	}
}

static void test_erased_and_bad_pages(void **state)
{
	(void)state;
	image_new(ways[0]);
	root();
	text_file(257, "a", "alpha");
	for (unsigned i = 0; i < 300; i++)
		page();
	for (unsigned i = 0; i < 64; i++)
		memset(page(), 0, 2048 + 64);
	text_file(258, "b", "beta");
	size_t end = y.n;
	for (unsigned i = 0; i < 10; i++)
		page();
	struct walked t;
	open_image(&t);
	assert_int_equal(t.match.size, end);
	assert_int_equal(t.n, 2);
	assert_content(&t, "/b", "beta", 4);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
}

/* What stands between chunks and has no tags is shown: it may be anything. */
static void test_gap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (ways[i].tagging == NONE)
			continue;
		image_new(ways[i]);
		root();
		for (unsigned f = 0; f < 6; f++)
			text_file(257 + f, (char[]){ (char)('a' + f), 0 }, "alpha");
		size_t from = y.n;
		for (unsigned k = 0; k < 16; k++)
			page();
		size_t to = y.n;
		uint32_t noise = 1;
		for (size_t k = from; k < to; k++)
			y.p[k] = (uint8_t)((noise = noise * 1103515245 + 12345) >> 16);
		for (unsigned f = 0; f < 6; f++)
			text_file(263 + f, (char[]){ (char)('g' + f), 0 }, "beta");
		struct walked t;
		open_image(&t);
		assert_content(&t, "/g", "beta", 4);
		assert_content(&t, "unread", y.p + from, to - from);
		walked_close(&t);
	}
}

/* Bytes that are missing or too many cost the chunk that they are in. */
static void test_shifted(void **state)
{
	(void)state;
	static const int by[] = { -1, -30, 1, 30 };
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		for (size_t k = 0; k < sizeof by / sizeof by[0] && ways[i].tagging != NONE; k++) {
			static const char name[] = "abcdefghijklmnopqrstuvwxyz";
			image_new(ways[i]);
			for (unsigned f = 0; f < 20; f++)
				text_file(257 + f, (char[]){ name[f], 0 }, name + f);
			page(); /* room for what is too many */
			size_t at = (size_t)(ways[i].chunk + ways[i].spare) * 9 + 100; /* in the data of the fifth file */
			if (by[k] < 0)
				memmove(y.p + at, y.p + at - by[k], y.n - at + (size_t)by[k]);
			else
				memmove(y.p + at + by[k], y.p + at, y.n - at - (size_t)by[k]);
			y.n = (size_t)((int)y.n - (int)(ways[i].chunk + ways[i].spare) + by[k]);
			struct walked t;
			open_image(&t);
			assert_int_equal(t.match.size, y.n);
			assert_content(&t, "/d", name + 3, strlen(name + 3));
			/* Twelve bits of ECC are right by chance now and then. */
			for (unsigned f = ways[i].tagging >= TAGS2 ? 5 : 6; f < 20; f++)
				assert_content(&t, (char[]){ '/', name[f], 0 }, name + f, strlen(name + f));
			assert_true(walked_damage(&t, "corrupt") >= 1);
			walked_close(&t);
		}
}

/* An image that ends within a header is cut; what is behind the last chunk and is no header is not the image's. */
static void test_cut(void **state)
{
	(void)state;
	struct walked t;
	image_new(ways[0]);
	text_file(257, "a", "alpha");
	text_file(258, "b", "beta");
	text_file(259, "c", "gamma");
	y.n -= 2 * (2048 + 64) - 1000;
	open_image(&t);
	assert_int_equal(t.match.size, y.n);
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	memset(y.p + y.n - 1000, 'x', 1000);
	open_image(&t);
	assert_int_equal(t.match.size, y.n - 1000);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image_new(ways[0]);
	text_file(257, "a", "alpha");
	for (unsigned i = 0; i < 10; i++)
		page();
	open_image(&t);
	struct error e = yaffs_format.walk(span_of(y.p, y.n), &t.walk); /* erased blocks, which a whole file ends with, are no loss */
	assert_false(error_is(&e));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
}

static void test_lost(void **state)
{
	(void)state;
	image_new(ways[0]);
	root();
	text_file(257, "a", "alpha");
	data(500, 1, "orphan", 6); /* its header is gone */
	header((struct object){ 258, 1, 400, "in-nothing", 0100644 });
	header((struct object){ 259, 4, 1, "hard-to-nothing", 0, .equivalent = 999 });
	header((struct object){ 260, 4, 1, "hard-to-hard", 0, .equivalent = 259 });
	header((struct object){ 261, 1, 1, "", 0100644 });
	struct walked t;
	open_image(&t);
	assert_content(&t, "/obj500", "orphan", 6);
	assert_int_equal(walked_get(&t, "/#400/in-nothing")->e.size, 0);
	assert_int_equal(walked_get(&t, "/obj261")->e.mode, 0644);
	assert_int_equal(t.n, 6);
	assert_true(walked_damage(&t, "corrupt") >= 3);
	walked_close(&t);
}

static void test_cycles(void **state)
{
	(void)state;
	image_new(ways[0]);
	root();
	text_file(257, "a", "alpha");
	header((struct object){ 258, 3, 259, "x", 040755 });
	header((struct object){ 259, 3, 258, "y", 040755 });
	header((struct object){ 260, 3, 260, "self", 040755 });
	header((struct object){ 261, 1, 1, "../../etc/passwd", 0100644 });
	struct walked t;
	open_image(&t);
	assert_int_equal(t.n, 5);
	assert_int_equal(walked_get(&t, "/../../etc/passwd")->e.mode, 0644);
	walked_close(&t);
}

static void test_refused(void **state)
{
	(void)state;
	struct format_match m;
	image_new(ways[0]);
	root();
	text_file(257, "a", "alpha");
	text_file(258, "b", "beta");
	assert_true(yaffs_format.probe(span_of(y.p, y.n), &m));
	y.p[8] ^= 1;
	assert_false(yaffs_format.probe(span_of(y.p, y.n), &m));
	y.p[8] ^= 1;
	memset(y.p + 2048, 0, 64); /* no tags at the first header, nor anything that follows without them */
	assert_false(yaffs_format.probe(span_of(y.p, y.n), &m));
	image_new(ways[20]);
	root(); /* without tags one header is not enough */
	assert_false(yaffs_format.probe(span_of(y.p, y.n), &m));
}

static void small_image(size_t way)
{
	image_new(ways[way]);
	root();
	header((struct object){ 257, 3, 1, "dir", 040755 });
	header((struct object){ 258, 2, 257, "link", 0120777, .alias = "../x" });
	text_file(259, "a", "alpha");
	text_file(260, "b", "beta");
	y.sequence++;
	text_file(260, "b", "gamma");
}

static void test_survives(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i += 4) {
		small_image(i);
		survives_cuts(&yaffs_format, span_of(y.p, y.n), 300);
		survives_flips(&yaffs_format, span_of(y.p, y.n), 1500, 0);
		survives_flips(&yaffs_format, span_of(y.p, y.n), 300, 64);
	}
}

/* For the fuzzer: one image of each kind of tags. */
static int write_seeds(const char *folder)
{
	static const size_t kinds[] = { 0, 3, 13, 16, 21 };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		char name[16];
		snprintf(name, sizeof name, "way-%zu", kinds[i]);
		small_image(kinds[i]);
		file_save(folder, name, span_of(y.p, y.n));
	}
	free(y.p);
	return 0;
}

static void test_noise(void **state)
{
	(void)state;
	size_t n = 1 << 20;
	uint8_t *noise = malloc(n);
	assert_non_null(noise);
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n; i += 8) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		memcpy(noise + i, &x, 8);
	}
	struct format_match m;
	for (size_t i = 0; i + 70000 < n; i += 512) { /* with the magic before it */
		memcpy(noise + i,
			   "\3\0\0\0\1\0\0\0\xff\xff"
			   "a\0",
			   12);
		assert_false(yaffs_format.probe(span_of(noise + i, n - i), &m));
	}
	free(noise);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
		return write_seeds(argv[2]);
	if (argc == 4 && strcmp(argv[1], "--make") == 0) { /* FOLDER IMAGE: for bench_logfs */
		image_new(ways[0]);
		root();
		write_tree(argv[2], 1);
		file_save(".", argv[3], span_of(y.p, y.n));
		return 0;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_written_for_others),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_begins_with_data),
		cmocka_unit_test(test_serial_numbers),
		cmocka_unit_test(test_erased_and_bad_pages),
		cmocka_unit_test(test_gap), cmocka_unit_test(test_shifted),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_noise),
	};
	int failed = cmocka_run_group_tests_name("yaffs", tests, NULL, NULL);
	free(y.p);
	return failed;
}
