/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpio: archives written here after cpio(5) and buffer-format.rst, by GNU cpio, and a real initramfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "walked.h"

extern const struct format cpio_format;

struct file {
	const char *name;
	unsigned mode, nlink, ino;
	const char *data;
};

static const struct file tree[] = {
	{ ".", 040755, 2, 1, "" },
	{ "./etc", 040755, 2, 2, "" },
	{ "./etc/passwd", 0100644, 1, 3, "root::0:0::/:/bin/sh\n" },
	{ "bin/sh", 0120777, 1, 4, "busybox" },
	{ "/dev/console", 020600, 1, 5, "" },
	{ "bin/a", 0100755, 2, 6, "" },
	{ "bin/b", 0104755, 2, 6, "the data" },
	{ "../up", 0100644, 1, 7, "x" },
};
#define TREE_SIZE (sizeof tree / sizeof tree[0])

static void pad(struct buf *out, size_t start, size_t to)
{
	while ((out->n - start) % to)
		assert_int_equal(buf_add(out, "", 1), ERR_NONE);
}

static void add(struct buf *out, const void *p, size_t n)
{
	assert_int_equal(buf_add(out, p, n), ERR_NONE);
}

static unsigned byte_sum(const char *s)
{
	unsigned sum = 0;
	for (; *s; s++)
		sum += (unsigned char)*s;
	return sum;
}

static void write_newc(struct buf *out, size_t start, const struct file *f, bool crc)
{
	char h[128];
	snprintf(h, sizeof h, "07070%c%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", crc ? '2' : '1', f->ino,
			 f->mode, 1000u, 100u, f->nlink, 1700000000u, strlen(f->data), 8u, 1u, 5u, 1u, strlen(f->name) + 1,
			 crc ? byte_sum(f->data) : 0);
	add(out, h, 110);
	add(out, f->name, strlen(f->name) + 1);
	pad(out, start, 4);
	add(out, f->data, strlen(f->data));
	pad(out, start, 4);
}

static void write_odc(struct buf *out, size_t start, const struct file *f, bool unused)
{
	(void)start;
	(void)unused;
	char h[128];
	snprintf(h, sizeof h, "070707%06o%06o%06o%06o%06o%06o%06o%011o%06zo%011zo", 0u, f->ino, f->mode, 1000u, 100u,
			 f->nlink, 5u << 8 | 1u, 1700000000u, strlen(f->name) + 1, strlen(f->data));
	add(out, h, 76);
	add(out, f->name, strlen(f->name) + 1);
	add(out, f->data, strlen(f->data));
}

static void write_binary(struct buf *out, size_t start, const struct file *f, bool big)
{
	uint16_t words[13] = { 070707,
						   0,
						   (uint16_t)f->ino,
						   (uint16_t)f->mode,
						   1000,
						   100,
						   (uint16_t)f->nlink,
						   5 << 8 | 1,
						   1700000000u >> 16,
						   1700000000u & 0xffff,
						   (uint16_t)(strlen(f->name) + 1),
						   0,
						   (uint16_t)strlen(f->data) };
	for (size_t i = 0; i < 13; i++) {
		uint8_t b[2] = { (uint8_t)(words[i] >> (big ? 8 : 0)), (uint8_t)(words[i] >> (big ? 0 : 8)) };
		add(out, b, 2);
	}
	add(out, f->name, strlen(f->name) + 1);
	pad(out, start, 2);
	add(out, f->data, strlen(f->data));
	pad(out, start, 2);
}

typedef void writer(struct buf *out, size_t start, const struct file *f, bool flag);

static void write_archive(struct buf *out, writer *write, bool flag, const struct file *files, size_t n)
{
	static const struct file trailer = { "TRAILER!!!", 0, 1, 0, "" };
	size_t start = out->n;
	for (size_t i = 0; i < n; i++)
		write(out, start, &files[i], flag);
	write(out, start, &trailer, flag);
}

static void check_tree(const struct walked *t)
{
	assert_true(t->accepted);
	assert_false(error_is(&t->error));
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_int_equal(t->n, TREE_SIZE - 1); /* the root is no entry */
	assert_int_equal(walked_count(t, ENTRY_FILE), 4);
	assert_content(t, "/etc/passwd", "root::0:0::/:/bin/sh\n", 21);
	assert_content(t, "/../up", "x", 1);
	assert_content(t, "/bin/b", "the data", 8);
	const struct entry *a = &walked_get(t, "/bin/a")->e;
	assert_true(text_is(a->same_as, "/bin/b"));
	assert_int_equal(a->content.kind, CONTENT_NONE);
	assert_int_equal(walked_get(t, "/bin/b")->e.mode, 04755);
	assert_true(text_is(walked_get(t, "/bin/sh")->e.link_target, "busybox"));
	const struct entry *console = &walked_get(t, "/dev/console")->e;
	assert_int_equal(console->kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(console->device, (int64_t)5 << 32 | 1);
	assert_int_equal(console->uid, 1000);
	assert_int_equal(console->gid, 100);
	assert_int_equal(console->mtime, 1700000000);
}

static void test_dialects(void **state)
{
	(void)state;
	static const struct {
		writer *write;
		bool flag;
	} dialects[] = { { write_newc, false },
					 { write_newc, true },
					 { write_odc, false },
					 { write_binary, false },
					 { write_binary, true } };
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		struct buf b = buf_with_limit(0);
		write_archive(&b, dialects[i].write, dialects[i].flag, tree, TREE_SIZE);
		struct walked t;
		walked_open(&t, &cpio_format, buf_span(&b));
		assert_int_equal(t.match.size, b.n);
		check_tree(&t);
		walked_close(&t);
		buf_free(&b);
	}
}

/* An initramfs: padded archive, zeros, second archive, then a compressed part that is not cpio's. */
static void test_concatenated(void **state)
{
	(void)state;
	static const struct file more = { "second", 0100644, 1, 3, "2" };
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, false, tree, TREE_SIZE);
	pad(&b, 0, 512);
	pad(&b, 4, 512 + 4); /* a few more zeros, on no boundary of 512 */
	pad(&b, 0, 4);
	write_archive(&b, write_newc, false, &more, 1);
	pad(&b, 0, 512);
	size_t end = b.n;
	add(&b, "\x1f\x8b\x08 something else", 18);
	struct walked t;
	walked_open(&t, &cpio_format, buf_span(&b));
	assert_int_equal(t.match.size, end);
	assert_int_equal(t.n, TREE_SIZE);
	assert_content(&t, "/second", "2", 1);
	walked_close(&t);
	buf_free(&b);
}

static void test_wrong_sum_is_damage(void **state)
{
	(void)state;
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, true, tree, TREE_SIZE);
	uint8_t *data = memmem(b.p, b.n, "root::0", 7);
	assert_non_null(data);
	data[0] = 'R';
	struct walked t;
	walked_open(&t, &cpio_format, buf_span(&b));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/etc/passwd", "Root::0:0::/:/bin/sh\n", 21);
	walked_close(&t);
	buf_free(&b);
}

/* What lies before the damage is kept, and the damage is said. */
static void test_cut(void **state)
{
	(void)state;
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, false, tree, TREE_SIZE);
	uint8_t *data = memmem(b.p, b.n, "the data", 8);
	assert_non_null(data);
	struct walked t;
	walked_open(&t, &cpio_format, span_of(b.p, (size_t)(data - b.p) + 3));
	assert_content(&t, "/bin/b", "the", 3);
	assert_true(walked_damage(&t, "truncated") >= 1);
	assert_content(&t, "/etc/passwd", "root::0:0::/:/bin/sh\n", 21);
	walked_close(&t);
	buf_free(&b);
}

/* Empty files with the same inode: the first one is the file. */
static void test_empty_hard_links(void **state)
{
	(void)state;
	static const struct file files[] = { { "x", 0100644, 3, 9, "" },
										 { "y", 0100644, 3, 9, "" },
										 { "z", 0100644, 3, 10, "" } };
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, false, files, 3);
	struct walked t;
	walked_open(&t, &cpio_format, buf_span(&b));
	assert_null(walked_get(&t, "/x")->e.same_as.p);
	assert_true(text_is(walked_get(&t, "/y")->e.same_as, "/x"));
	assert_null(walked_get(&t, "/z")->e.same_as.p);
	walked_close(&t);
	buf_free(&b);
}

/* Many inodes whose names are interleaved: each further name finds its own inode's data. */
static void test_many_hard_links(void **state)
{
	(void)state;
	static char names[3000][16], data[1000][16];
	static struct file files[3000];
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(names[i], sizeof names[i], "f%u", i);
		snprintf(data[i % 1000], sizeof data[0], "data %u", i % 1000);
		files[i] = (struct file){ names[i], 0100644, 3, 5000 - i % 1000, i < 2000 ? "" : data[i % 1000] };
	}
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, false, files, 3000);
	struct walked t;
	walked_open(&t, &cpio_format, buf_span(&b));
	assert_int_equal(t.n, 3000);
	for (unsigned i = 0; i < 3000; i++) {
		char owner[16];
		snprintf(owner, sizeof owner, "/f%u", 2000 + i % 1000);
		if (i < 2000)
			assert_true(text_is(t.entries[i].e.same_as, owner));
		else
			assert_memory_equal(t.entries[i].content.p, data[i % 1000], strlen(data[i % 1000]));
	}
	walked_close(&t);
	buf_free(&b);
}

static void test_hostile_names(void **state)
{
	(void)state;
	static char long_name[65536];
	memset(long_name, 'n', sizeof long_name - 1);
	const struct file files[] = { { long_name, 0100644, 1, 1, "1" },
								  { "new\nline", 0100644, 1, 2, "2" },
								  { "\x1b[2J\xff", 0100644, 1, 3, "3" },
								  { "///./a/../../b//", 0100644, 1, 4, "4" } };
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, false, files, 4);
	struct walked t;
	walked_open(&t, &cpio_format, buf_span(&b));
	assert_int_equal(t.n, 4);
	assert_int_equal(t.entries[0].e.path.n, 65536);
	assert_content(&t, "/new\nline", "2", 1);
	assert_content(&t, "/\x1b[2J\xff", "3", 1);
	assert_content(&t, "/a/../../b", "4", 1);
	walked_close(&t);
	buf_free(&b);
}

/* What has data is a file, whatever its mode says, and so is the target of a link that is none. */
static void test_data_is_not_hidden(void **state)
{
	(void)state;
	static char large[5000];
	memset(large, 'x', sizeof large - 1);
	const struct file files[] = { { "directory", 040755, 1, 1, "1" }, { "fifo", 010644, 1, 2, "2" },
								  { "device", 020644, 1, 3, "3" },    { "link", 0120777, 1, 4, large },
								  { "short", 0120777, 1, 5, "x" },    { "empty", 040755, 1, 6, "" } };
	struct buf b = buf_with_limit(0);
	write_archive(&b, write_newc, false, files, 6);
	struct walked t;
	walked_open(&t, &cpio_format, buf_span(&b));
	assert_int_equal(t.n, 6);
	assert_content(&t, "/directory", "1", 1);
	assert_content(&t, "/fifo", "2", 1);
	assert_content(&t, "/device", "3", 1);
	assert_content(&t, "/link", large, sizeof large - 1);
	assert_true(text_is(walked_get(&t, "/short")->e.link_target, "x"));
	assert_int_equal(walked_get(&t, "/empty")->e.kind, ENTRY_DIRECTORY);
	walked_close(&t);
	buf_free(&b);
}

/* A member without a name is damage, and ends nothing. */
static void test_empty_name(void **state)
{
	(void)state;
	static const struct file files[] = { { "a", 0100644, 1, 1, "x" },
										 { "", 0100644, 1, 2, "lost" },
										 { "b", 0100644, 1, 3, "y" } };
	static const struct {
		writer *write;
		bool flag;
	} dialects[] = { { write_newc, false }, { write_newc, true }, { write_odc, false } };
	for (size_t i = 0; i < 3; i++) {
		struct buf b = { 0 };
		struct walked t;
		write_archive(&b, dialects[i].write, dialects[i].flag, files, 3);
		walked_open(&t, &cpio_format, buf_span(&b));
		assert_true(t.accepted);
		assert_false(error_is(&t.error));
		assert_content(&t, "/a", "x", 1);
		assert_content(&t, "/b", "y", 1);
		assert_content(&t, "/", "lost", 4); /* what it holds is looked at all the same */
		assert_int_equal(t.n, 3);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		b.n = 0; /* at the beginning it proves nothing */
		write_archive(&b, dialects[i].write, dialects[i].flag, files + 1, 2);
		struct format_match m;
		assert_false(cpio_format.probe(buf_span(&b), &m));
		buf_free(&b);
	}
}

static void test_no_archives(void **state)
{
	(void)state;
	static const char *const noise[] = {
		"",
		"070701",
		"070701 is the magic of newc archives, which carry 13 fields of eight hexadecimal digits each. Not this text.",
		"070707777777777777777777777777777777777777777777777777777777777777777777777777777",
		"\xc7\x71 and then words that are no header at all, and no second header either",
	};
	for (size_t i = 0; i < sizeof noise / sizeof noise[0]; i++) {
		struct format_match m;
		assert_false(cpio_format.probe(span_of(noise[i], strlen(noise[i])), &m));
	}
}

static void test_survives(void **state)
{
	(void)state;
	static const struct {
		writer *write;
		bool flag;
	} dialects[] = { { write_newc, true }, { write_odc, false }, { write_binary, false } };
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		struct buf b = buf_with_limit(0);
		write_archive(&b, dialects[i].write, dialects[i].flag, tree, TREE_SIZE);
		write_archive(&b, dialects[i].write, dialects[i].flag, tree, TREE_SIZE);
		survives_cuts(&cpio_format, buf_span(&b), (unsigned)b.n);
		survives_flips(&cpio_format, buf_span(&b), 2000, 0);
		buf_free(&b);
	}
}

static void test_gnu_cpio(void **state)
{
	(void)state;
	if (!tool_exists("cpio"))
		skip();
	static const char *const formats[] = { "newc", "crc", "odc", "bin" };
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	run_in(dir, "mkdir -p t/d; cd t; echo one > d/one; ln d/one two; ln -s one d/link; mkfifo fifo; : > empty");
	for (size_t i = 0; i < 4; i++) {
		snprintf(command, sizeof command, "cd t; find . | cpio -o -H %s > ../%s 2> /dev/null", formats[i], formats[i]);
		run_in(dir, command);
		struct span archive = file_load(dir, formats[i]);
		struct walked t;
		walked_open(&t, &cpio_format, archive);
		assert_int_equal(t.match.size, archive.n);
		assert_false(error_is(&t.error));
		assert_int_equal(walked_count(&t, ENTRY_FILE), 3);
		assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 1);
		assert_int_equal(walked_count(&t, ENTRY_SYMLINK), 1);
		assert_int_equal(walked_count(&t, ENTRY_FIFO), 1);
		bool one_is_link = walked_get(&t, "/d/one")->e.same_as.p != NULL;
		assert_content(&t, one_is_link ? "/two" : "/d/one", "one\n", 4);
		assert_true(one_is_link != (walked_get(&t, "/two")->e.same_as.p != NULL));
		walked_close(&t);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* HP-UX's device nodes, which have their number for a size. */
static void test_hp_devices(void **state)
{
	(void)state;
	if (!tool_exists("cpio"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "echo one > one; printf '/dev/tty\\none\\n/dev/null\\n' > list;"
				"cpio -o -H hpodc < list > odc 2> /dev/null; cpio -o -H hpbin < list > bin 2> /dev/null");
	for (unsigned i = 0; i < 2; i++) {
		struct span archive = file_load(dir, i ? "bin" : "odc");
		struct walked t;
		walked_open(&t, &cpio_format, archive);
		assert_false(error_is(&t.error));
		assert_int_equal(t.n, 3);
		assert_int_equal(walked_get(&t, "/dev/tty")->e.kind, ENTRY_CHAR_DEVICE);
		assert_int_equal(walked_get(&t, "/dev/tty")->e.device, (int64_t)5 << 32);
		assert_int_equal(walked_get(&t, "/dev/null")->e.device, (int64_t)1 << 32 | 3);
		assert_content(&t, "/one", "one\n", 4);
		walked_close(&t);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

static struct span gunzip(struct span in)
{
	size_t n = span_u32le(in, in.n - 4);
	uint8_t *out = malloc(n);
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	assert_int_equal(libdeflate_gzip_decompress(d, in.p, in.n, out, n, &n), LIBDEFLATE_SUCCESS);
	libdeflate_free_decompressor(d);
	return span_of(out, n);
}

/* Counts of the installer's initramfs by `cpio -id` and find(1). */
static void test_debian_installer(void **state)
{
	(void)state;
	struct span gz = sample_load("debian-installer-armhf-initrd.gz");
	if (!gz.p)
		skip();
	struct span initrd = gunzip(gz);
	struct walked t;
	walked_open(&t, &cpio_format, initrd);
	assert_int_equal(t.match.size, initrd.n);
	assert_false(error_is(&t.error));
	assert_int_equal(walked_count(&t, ENTRY_FILE), 1100);
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 359);
	assert_int_equal(walked_count(&t, ENTRY_SYMLINK), 300);
	assert_int_equal(walked_count(&t, ENTRY_CHAR_DEVICE), 2);
	uint64_t bytes = 0;
	for (size_t i = 0; i < t.n; i++)
		bytes += t.entries[i].content.n;
	assert_int_equal(bytes, 66645617);
	walked_close(&t);
	free((void *)initrd.p);
	free((void *)gz.p);
}

/* An archive of RPM's own, "V6 Package format": what its members are called and how long they are stands elsewhere, which is told. */
static void test_numbered_members(void **state)
{
	(void)state;
	static const char bytes[] = "07070X00000000\0\0" "07070X0000001a\0\0" "#!/bin/sh\nexit\n\n" "07070X0000001b\0\0" "a 07070X" "07070X0000001c\0\0" "more"
		"0707010000000000000000000000000000000000000001000000000000000000000000000000000000000000000000" "0000000b00000000TRAILER!!!";
	struct walked t;
	walked_open(&t, &cpio_format, span_of(bytes, sizeof bytes));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, sizeof bytes);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(t.n, 3); /* what holds nothing is no file */
	assert_content(&t, "/file-0x0000001a", "#!/bin/sh\nexit\n\n", 16);
	assert_content(&t, "/file-0x0000001b", "a 07070X", 8);
	assert_content(&t, "/file-0x0000001c", "more", 4);
	walked_close(&t);
	struct format_match m;
	assert_false(cpio_format.probe(span_of(bytes, sizeof bytes - 1), &m)); /* nor anywhere else */
	assert_false(cpio_format.probe_whole(span_of("07070X0000001a, or what", 23), &m));
	survives_cuts(&cpio_format, span_of(bytes, sizeof bytes), sizeof bytes);
	survives_flips(&cpio_format, span_of(bytes, sizeof bytes - 1), 500, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialects),
		cmocka_unit_test(test_concatenated),
		cmocka_unit_test(test_wrong_sum_is_damage),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_empty_hard_links),
		cmocka_unit_test(test_many_hard_links),
		cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_no_archives),
		cmocka_unit_test(test_data_is_not_hidden), cmocka_unit_test(test_empty_name),
		cmocka_unit_test(test_survives),
		cmocka_unit_test(test_gnu_cpio),
		cmocka_unit_test(test_hp_devices),
		cmocka_unit_test(test_numbered_members),
		cmocka_unit_test(test_debian_installer),
	};
	return cmocka_run_group_tests_name("cpio", tests, NULL, NULL);
}
