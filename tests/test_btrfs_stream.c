/* SPDX-License-Identifier: GPL-3.0-or-later */
/* btrfs_stream: streams that are written here after Linux' fs/btrfs/send.h (to send needs a mounted btrfs), which btrfs-progs must
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "little_endian.h"
#include "walked.h"

extern const struct format btrfs_stream_format;

enum { SUBVOL = 1, SNAP, MKFILE, MKDIR, MKNOD, MKFIFO, MKSOCK, SYMLINK, RENAME, LINK, UNLINK, RMDIR, XATTR, WRITE = 15, CLONE, TRUNCATE, CHMOD, CHOWN,
	   UTIMES, END, UPDATE_EXTENT, ENCODED = 25 };
enum { UUID = 1, CTRANSID, INO, SIZE, MODE, UID, GID, RDEV, CTIME, MTIME, ATIME, XNAME = 13, XDATA, PATH, PATH_TO, PATH_LINK, OFFSET, DATA, C_UUID,
	   C_CTRANSID, C_PATH, C_OFFSET, C_LEN, FILE_LEN = 27, LEN, IN, COMPRESSION };

static uint8_t stream[1 << 20];
static size_t at, command_at;
static unsigned version;

static void begin_stream(unsigned v)
{
	memcpy(stream, "btrfs-stream", 13);
	put(stream + 13, v, 4);
	at = 17;
	version = v;
}

static void begin(unsigned number)
{
	command_at = at;
	memset(stream + at, 0, 10);
	put(stream + at + 4, number, 2);
	at += 10;
}

static void bytes(unsigned type, const void *p, size_t n)
{
	put(stream + at, type, 2);
	at += 2;
	if (type != DATA || version < 2) {
		put(stream + at, n, 2);
		at += 2;
	}
	memcpy(stream + at, p, n);
	at += n;
}

static void string(unsigned type, const char *s)
{
	bytes(type, s, strlen(s));
}

static void number(unsigned type, uint64_t v)
{
	uint8_t p[8];
	put(p, v, 8);
	bytes(type, p, type == COMPRESSION ? 4 : 8);
}

static void end(void)
{
	uint32_t crc = 0; /* CRC-32C, bit by bit, no inversions */
	put(stream + command_at, at - command_at - 10, 4);
	for (size_t i = command_at; i < at; i++) {
		crc ^= stream[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	put(stream + command_at + 6, crc, 4);
}

static void simple(unsigned command, const char *path)
{
	begin(command);
	string(PATH, path);
	if (command >= MKFILE && command <= SYMLINK)
		number(INO, 257);
}

static void subvolume(unsigned command, const char *name, char id)
{
	uint8_t uuid[16] = { (uint8_t)id };
	begin(command);
	string(PATH, name);
	bytes(UUID, uuid, 16);
	number(CTRANSID, 9);
	if (command == SNAP) {
		uint8_t other[16] = { 99 };
		bytes(C_UUID, other, 16);
		number(C_CTRANSID, 8);
	}
	end();
}

static void file(const char *made_as, const char *name)
{
	simple(MKFILE, made_as);
	end();
	begin(RENAME);
	string(PATH, made_as);
	string(PATH_TO, name);
	end();
}

static void write_at(const char *path, uint64_t offset, const void *p, size_t n)
{
	simple(WRITE, path);
	number(OFFSET, offset);
	bytes(DATA, p, n);
	end();
}

static void change_mode(const char *path, unsigned mode)
{
	simple(CHMOD, path);
	number(MODE, mode);
	end();
}

static void clone(const char *path, uint64_t offset, char id, const char *from, uint64_t from_offset, uint64_t n)
{
	uint8_t uuid[16] = { (uint8_t)id };
	simple(CLONE, path);
	number(OFFSET, offset);
	number(C_LEN, n);
	bytes(C_UUID, uuid, 16);
	number(C_CTRANSID, 9);
	string(C_PATH, from);
	number(C_OFFSET, from_offset);
	end();
}

static void encoded(const char *path, uint64_t offset, uint64_t n, uint64_t whole, uint64_t in, unsigned compression, const void *p, size_t packed)
{
	simple(ENCODED, path);
	number(OFFSET, offset);
	number(FILE_LEN, n);
	number(LEN, whole);
	number(IN, in);
	number(COMPRESSION, compression);
	bytes(DATA, p, packed);
	end();
}

static void tail(const char *path)
{
	uint8_t time[12] = { 0, 0x94, 0x35, 0x77 };
	simple(CHOWN, path);
	number(UID, 1000);
	number(GID, 100);
	end();
	begin(UTIMES);
	string(PATH, path);
	bytes(ATIME, time, 12);
	bytes(MTIME, time, 12);
	bytes(CTIME, time, 12);
	end();
}

static uint8_t data[70000];

static void fill_data(void)
{
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 ^ i >> 8);
}

/* As btrfs sends a tree: each inode under a name of its own first, directories moved with what is in them. */
static size_t make_tree(unsigned v)
{
	fill_data();
	begin_stream(v);
	subvolume(SUBVOL, "root", 'r');
	change_mode("", 0755);
	simple(MKDIR, "o256-1-0");
	end();
	file("o257-1-0", "o256-1-0/plain");
	write_at("o256-1-0/plain", 0, data, 40000);
	write_at("o256-1-0/plain", 40000, data + 40000, 20000);
	change_mode("o256-1-0/plain", 04755);
	begin(RENAME);
	string(PATH, "o256-1-0");
	string(PATH_TO, "etc");
	end();
	file("o258-1-0", "etc/holes");
	write_at("etc/holes", 100000, data, 1000);
	write_at("etc/holes", 100500, data + 5000, 100); /* over what is there */
	write_at("etc/holes", 10, "early", 5);
	simple(TRUNCATE, "etc/holes");
	number(SIZE, 100900);
	end();
	file("o259-1-0", "etc/cloned");
	clone("etc/cloned", 0, 'r', "etc/plain", 30000, 20000);
	clone("etc/cloned", 50000, 'r', "etc/holes", 0, 100);
	begin(LINK);
	string(PATH, "etc/again");
	string(PATH_LINK, "etc/plain");
	end();
	simple(SYMLINK, "o260-1-0");
	string(PATH_LINK, "../to");
	end();
	begin(RENAME);
	string(PATH, "o260-1-0");
	string(PATH_TO, "etc/link");
	end();
	simple(MKNOD, "null");
	number(MODE, 020666);
	number(RDEV, 0x103);
	end();
	simple(MKFIFO, "fifo");
	number(MODE, 010600);
	number(RDEV, 0);
	end();
	file("o261-1-0", "gone");
	simple(UNLINK, "gone");
	end();
	simple(XATTR, "etc/plain");
	string(XNAME, "user.a");
	string(XDATA, "b");
	end();
	tail("etc/plain");
	file("o262-1-0", "empty");
	begin(END);
	end();
	return at;
}

static void check_tree(const struct walked *t)
{
	static uint8_t holes[100900], cloned[50100];
	memcpy(holes + 10, "early", 5);
	memcpy(holes + 100000, data, 900);
	memcpy(holes + 100500, data + 5000, 100);
	memcpy(cloned, data + 30000, 20000);
	memcpy(cloned + 50010, "early", 5);
	assert_content(t, "/root/etc/plain", data, 60000);
	assert_content(t, "/root/etc/holes", holes, sizeof holes);
	assert_content(t, "/root/etc/cloned", cloned, sizeof cloned);
	assert_content(t, "/root/empty", "", 0);
	const struct entry *e = &walked_get(t, "/root/etc/plain")->e;
	assert_int_equal(e->mode, 04755);
	assert_int_equal(e->uid, 1000);
	assert_int_equal(e->gid, 100);
	assert_int_equal(e->mtime, 0x77359400);
	assert_true(text_is(walked_get(t, "/root/etc/again")->e.same_as, "/root/etc/plain"));
	assert_true(text_is(walked_get(t, "/root/etc/link")->e.link_target, "../to"));
	assert_int_equal(walked_get(t, "/root/null")->e.device, (int64_t)1 << 32 | 3);
	assert_int_equal(walked_get(t, "/root/null")->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(walked_count(t, ENTRY_FIFO), 1);
	assert_int_equal(walked_count(t, ENTRY_FILE), 5);
	assert_int_equal(walked_count(t, ENTRY_DIRECTORY), 2);
}

static void dump_agrees(size_t n, const char *expected)
{
	char dir[TEMP_MAX];
	if (!tool_exists("btrfs"))
		return;
	temp_new(dir);
	file_save(dir, "s", span_of(stream, n));
	run_in(dir, "btrfs receive --dump -f s > dump 2>&1");
	struct span dump = file_load(dir, "dump");
	assert_true(text_has(text_from_span(dump), expected));
	free((void *)dump.p);
	temp_remove(dir);
}

static void test_tree(void **state)
{
	(void)state;
	for (unsigned v = 1; v <= 2; v++) {
		size_t n = make_tree(v);
		memset(stream + n, 0xaa, 100);
		struct walked t;
		walked_open(&t, &btrfs_stream_format, span_of(stream, n + 100));
		assert_true(t.accepted);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.walk.end, n);
		check_tree(&t);
		walked_close(&t);
		dump_agrees(n, "./root/etc/holes");
		/* What breaks off. */
		walked_open(&t, &btrfs_stream_format, span_of(stream, n - 10));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		check_tree(&t);
		walked_close(&t);
		survives_cuts(&btrfs_stream_format, span_of(stream, n), 200);
		survives_flips(&btrfs_stream_format, span_of(stream, n), 300, 0);
	}
}

/* One bit of the second write: that write is lost, and what follows is not. */
static void test_damaged(void **state)
{
	(void)state;
	size_t n = make_tree(1);
	uint8_t *p = memmem(stream, n, data + 40000, 500);
	assert_non_null(p);
	p[100] ^= 1;
	struct walked t;
	walked_open(&t, &btrfs_stream_format, span_of(stream, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/root/etc/plain", data, 40000);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 5);
	walked_close(&t);
	/* The command that makes a file: what is written to it is kept. */
	n = make_tree(1);
	p = memmem(stream, n, "o258-1-0", 8);
	assert_non_null(p);
	p[0] = 'x';
	p = memmem(p + 1, n - (size_t)(p - stream) - 1, "o258-1-0", 8);
	p[0] = 'x';
	walked_open(&t, &btrfs_stream_format, span_of(stream, n));
	assert_true(walked_damage(&t, "corrupt") >= 3);
	assert_int_equal(walked_get(&t, "/root/etc/holes")->content.n, 100900);
	walked_close(&t);
}

/* Runs of one literal each, which need no encoder: "LZO1X stream format" in Linux' Documentation/staging/lzo.rst. */
static size_t lzo_pages(uint8_t *out, const uint8_t *p, size_t n)
{
	size_t o = 4;
	for (size_t i = 0; i < n; i += 4096) {
		size_t part = n - i < 4096 ? n - i : 4096, header = o;
		o += 4;
		out[o++] = 0; /* a long literal run: 18 + 255 * zeros + last */
		size_t left = part - 18;
		for (; left > 255; left -= 255)
			out[o++] = 0;
		out[o++] = (uint8_t)left;
		memcpy(out + o, p + i, part);
		o += part;
		memcpy(out + o, "\x11\0\0", 3);
		o += 3;
		put(out + header, o - header - 4, 4);
		if (4096 - o % 4096 < 4)
			for (; o % 4096; o++)
				out[o] = 0;
	}
	put(out, o, 4);
	return o;
}

static void test_encoded(void **state)
{
	(void)state;
	static uint8_t packed[200000], expected[50000];
	uLongf zn = sizeof packed;
	fill_data();
	begin_stream(2);
	subvolume(SUBVOL, "s", 's');
	file("o1", "f");
	assert_int_equal(compress2(packed, &zn, data, 65536, 6), Z_OK);
	encoded("f", 0, 10000, 65536, 2000, 1, packed, zn);
	size_t n = ZSTD_compress(packed, sizeof packed, data, 65536, 3);
	assert_false(ZSTD_isError(n));
	memset(packed + n, 0, 4096);
	encoded("f", 10000, 20000, 65536, 0, 2, packed, n + 100); /* to the end of a sector */
	n = lzo_pages(packed, data, 12000);
	encoded("f", 40000, 10000, 12000, 1000, 3, packed, n);
	begin(END);
	end();
	memcpy(expected, data + 2000, 10000);
	memcpy(expected + 10000, data, 20000);
	memcpy(expected + 40000, data + 1000, 10000);
	struct walked t;
	walked_open(&t, &btrfs_stream_format, span_of(stream, at));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "/s/f", expected, sizeof expected);
	walked_close(&t);
	dump_agrees(at, "encoded_write");
	survives_cuts(&btrfs_stream_format, span_of(stream, at), 100);
	survives_flips(&btrfs_stream_format, span_of(stream, at), 200, 0);
}

static void test_incremental(void **state)
{
	(void)state;
	begin_stream(1);
	subvolume(SNAP, "s2", 't');
	file("o9", "etc/new");
	write_at("etc/new", 0, "new", 3);
	write_at("etc/old", 4, "changed", 7);
	begin(RENAME);
	string(PATH, "a");
	string(PATH_TO, "b");
	end();
	file("o10", "from");
	clone("from", 0, 99, "etc/passwd", 0, 4096);
	begin(END);
	end();
	struct walked t;
	walked_open(&t, &btrfs_stream_format, span_of(stream, at));
	assert_content(&t, "/s2/etc/new", "new", 3);
	assert_content(&t, "/s2/etc/old", "\0\0\0\0changed", 11);
	assert_int_equal(walked_get(&t, "/s2/from")->content.n, 4096);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(walked_damage(&t, "unsupported"), 5); /* the snapshot, the names, the clone; both files that are partly here */
	walked_close(&t);
	/* A second subvolume of the same stream clones from the first one. */
	begin_stream(1);
	subvolume(SUBVOL, "one", '1');
	file("o1", "a");
	write_at("a", 0, "0123456789", 10);
	subvolume(SUBVOL, "two", '2');
	file("o1", "b");
	clone("b", 0, '1', "a", 2, 6);
	simple(UPDATE_EXTENT, "b");
	number(OFFSET, 6);
	number(SIZE, 4);
	end();
	begin(END);
	end();
	walked_open(&t, &btrfs_stream_format, span_of(stream, at));
	assert_content(&t, "/one/a", "0123456789", 10);
	assert_content(&t, "/two/b", "234567\0\0\0\0", 10);
	assert_int_equal(walked_damage(&t, "unsupported"), 2);
	walked_close(&t);
}

/* Directories in themselves, names that are there, writes again and again into what was cloned of itself. */
static void test_hostile(void **state)
{
	(void)state;
	begin_stream(1);
	subvolume(SUBVOL, "s", 's');
	simple(MKDIR, "a");
	end();
	simple(MKDIR, "a/b");
	end();
	begin(RENAME);
	string(PATH, "a");
	string(PATH_TO, "a/b/c");
	end();
	simple(RMDIR, "a");
	end();
	file("o1", "a/b/../../../f");
	write_at("a/b/../../../f", 0, "x", 1);
	clone("a/b/../../../f", 1, 's', "a/b/../../../f", 0, UINT64_MAX / 4);
	write_at("a/b/../../../f", UINT64_MAX - 3, "yyyy", 4);
	begin(END);
	end();
	struct walked t;
	walked_open(&t, &btrfs_stream_format, span_of(stream, at));
	assert_true(walked_damage(&t, "corrupt") >= 2);
	assert_int_equal(walked_get(&t, "/s/a/b")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(&t, "/s/a/b/../../../f")->error.code, ERR_BUDGET);
	walked_close(&t);
	assert_false(btrfs_stream_format.probe(span_of("btrfs-stream\0\1\0\0\0usage: btrfs send", 34), &(struct format_match){ 0 }));
}

/* Work that does not grow with the product of two numbers of commands: clones beside subvolumes; and packed writes that are longer than
 * Linux makes them, of which parts could be asked for again and again. */
static void test_work_is_bounded(void **state)
{
	(void)state;
	struct walked t;
	begin_stream(2);
	subvolume(SUBVOL, "s", 's');
	file("o", "f");
	write_at("f", 0, "x", 1);
	for (unsigned i = 0; i < 8000; i++)
		subvolume(SUBVOL, "z", 'z');
	file("o", "g");
	for (unsigned i = 0; i < 5000; i++)
		clone("g", i, 's', "f", 0, 1);
	begin(END);
	end();
	walked_open(&t, &btrfs_stream_format, span_of(stream, at));
	assert_true(t.accepted);
	assert_true(walked_damage(&t, "unsupported") > 0);
	walked_close(&t);

	static const uint8_t empty_block[] = { 0, 0, 0, 0xff, 0xff };
	static uint8_t packed[200000] = { 0x78, 0x01 };
	size_t n = 2;
	for (; n + 50 < sizeof packed; n += sizeof empty_block)
		memcpy(packed + n, empty_block, sizeof empty_block);
	memcpy(packed + n, "\1\1\0\xfe\xff" "a" "\0\x62\0\x62", 10);
	begin_stream(2);
	subvolume(SUBVOL, "s", 's');
	file("o", "f");
	encoded("f", 0, 1, 1, 0, 1, packed, n + 10);
	begin(END);
	end();
	walked_open(&t, &btrfs_stream_format, span_of(stream, at));
	assert_int_equal(walked_get(&t, "/s/f")->error.code, ERR_CORRUPT);
	walked_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),        cmocka_unit_test(test_damaged), cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_incremental), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_work_is_bounded),
	};
	return cmocka_run_group_tests_name("btrfs_stream", tests, NULL, NULL);
}
