/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Image files by wimlib over its ways of packing; and written here after Microsoft's "Windows Imaging File Format", what wimlib would not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xpress.h"
#include "vendor_image.h"
#include "walked.h"

extern const struct format wim_format;

#define TEXT_N 150000u
#define DIRECTORY 0x10u
#define REPARSE 0x400u
#define ENCRYPTED 0x4000u
#define MTIME 1700000000

static uint8_t text[TEXT_N], noise[70000];

/* A text, and what looks like calls of a program, so that those are translated. */
static void data_make(void)
{
	size_t n = 0;
	for (unsigned i = 0; n < TEXT_N - 40000; i++)
		n += (size_t)sprintf((char *)text + n, "line %u of a text that is packed %s\n", i, i % 7 ? "well" : "");
	for (uint32_t i = 0; n + 9 < TEXT_N; i++) {
		uint8_t call[9] = { 0x55, 0xe8, (uint8_t)i, (uint8_t)(i >> 3), (uint8_t)(i % 5 ? 0 : 0xff), (uint8_t)(i % 5 ? 0 : 0xff), 0x48, 0x89, 0xc3 };
		memcpy(text + n, call, sizeof call);
		n += sizeof call;
	}
	for (uint32_t i = 0, x = 9; i < sizeof noise; i++) {
		x = x * 1103515245 + 12345;
		noise[i] = (uint8_t)(x >> 16);
	}
}

/* ---- by wimlib ---- */

static void tree_make(const char *dir)
{
	file_save(dir, "text", span_of(text, TEXT_N));
	file_save(dir, "noise", span_of(noise, sizeof noise));
	run_in(dir, "mkdir -p src/a/b src/none && mv text noise src && cp src/text src/a/copy && printf small > src/a/b/sm\303\244ll && : > src/zero &&"
				"ln src/a/b/sm\303\244ll src/hard && ln -s a/b/sm\303\244ll src/link && touch -d @1700000000 src/noise && "
				"head -c 32768 src/text > src/chunk && head -c 65537 src/text > src/chunks");
}

static void check_tree(const struct walked *t, const char *prefix)
{
	static const struct {
		const char *path;
		const uint8_t *bytes;
		size_t n;
	} files[] = { { "/text", text, TEXT_N }, { "/noise", noise, sizeof noise }, { "/a/copy", text, TEXT_N }, { "/chunk", text, 32768 },
				  { "/chunks", text, 65537 }, { "/zero", text, 0 } };
	char path[100];
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(path, sizeof path, "%s%s", prefix, files[i].path);
		assert_content(t, path, files[i].bytes, files[i].n);
	}
	snprintf(path, sizeof path, "%s/link", prefix);
	const struct walked_entry *link = walked_get(t, path);
	assert_int_equal(link->e.kind, ENTRY_SYMLINK);
	assert_true(text_is(link->e.link_target, "a/b/sm\303\244ll"));
	snprintf(path, sizeof path, "%s/noise", prefix);
	assert_int_equal(walked_get(t, path)->e.mtime, MTIME);
	snprintf(path, sizeof path, "%s/none", prefix);
	assert_int_equal(walked_get(t, path)->e.kind, ENTRY_DIRECTORY);
	snprintf(path, sizeof path, "%s/hard", prefix);
	const struct walked_entry *hard = walked_get(t, path);
	snprintf(path, sizeof path, "%s/a/b/sm\303\244ll", prefix);
	const struct walked_entry *small = walked_get(t, path);
	assert_true((hard->e.same_as.n && text_is(hard->e.same_as, path)) || (small->e.same_as.n && text_ends(small->e.same_as, "/hard")));
	assert_int_equal((small->e.same_as.n ? hard : small)->content.n, 5);
}

static void expect_whole(const char *dir, const char *file, bool flips)
{
	struct span wim = file_load(dir, file);
	struct walked t;
	walked_open(&t, &wim_format, wim);
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, wim.n);
	check_tree(&t, "");
	for (size_t i = 0; i < t.n; i++)
		assert_false(error_is(&t.entries[i].error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	if (flips) {
		survives_cuts(&wim_format, wim, 40);
		survives_flips(&wim_format, wim, 60, 0);
		survives_flips(&wim_format, wim, 60, 208);
	}
	free((void *)wim.p);
}

static void test_wimlib(void **state)
{
	(void)state;
	static const char *const ways[] = { "none",
										"xpress",
										"lzx",
										"xpress --chunk-size=4K",
										"xpress --chunk-size=64K",
										"lzx --chunk-size=64K",
										"lzx:100 --chunk-size=2M",
										"xpress --pipable",
										"none --pipable" };
	char dir[TEMP_MAX], command[200];
	if (!tool_exists("wimlib-imagex"))
		skip();
	temp_new(dir);
	tree_make(dir);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		snprintf(command, sizeof command, "wimlib-imagex capture src x.wim %s --compress=%s 2> /dev/null", i % 2 ? "--check" : "", ways[i]);
		run_in(dir, command);
		expect_whole(dir, "x.wim", i < 3 || i == 7);
	}
	temp_remove(dir);
}

/* A table of digests that is not of all, or of other bytes. */
static void test_digests(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("wimlib-imagex"))
		skip();
	temp_new(dir);
	tree_make(dir);
	run_in(dir, "wimlib-imagex capture src x.wim --check --compress=none 2> /dev/null");
	struct span wim = file_load(dir, "x.wim");
	uint8_t *table = (uint8_t *)wim.p + span_u64le(wim, 132);
	struct walked t;
	table[12] ^= 1;
	walked_open(&t, &wim_format, wim);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	assert_int_equal(table[4], 1);
	table[4] = 0;
	walked_open(&t, &wim_format, wim);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	free((void *)wim.p);
	temp_remove(dir);
}

static void test_images(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("wimlib-imagex"))
		skip();
	temp_new(dir);
	tree_make(dir);
	run_in(dir, "mkfifo src/pipe; chmod 4711 src/noise; ln -s /bin/sm\303\244ll src/absolute;"
				"{ wimlib-imagex capture src x.wim --unix-data --compress=lzx; printf more > src/more; wimlib-imagex append src x.wim two;"
				"wimlib-imagex split x.wim part.swm 0.05; } 2> /dev/null");
	struct span wim = file_load(dir, "x.wim");
	struct walked t;
	walked_open(&t, &wim_format, wim);
	assert_content(&t, "/1/text", text, TEXT_N);
	assert_content(&t, "/2/more", "more", 4);
	assert_content(&t, "/2/text", text, TEXT_N);
	assert_true(text_is(walked_get(&t, "/2/noise")->e.same_as, "/1/noise"));
	assert_string_equal(walked_header(&t, "images"), "2");
	assert_int_equal(walked_get(&t, "/1/noise")->e.mode, 04711);
	assert_true(text_is(walked_get(&t, "/1/absolute")->e.link_target, "/bin/sm\303\244ll"));
	assert_true(walked_get(&t, "/1/noise")->e.uid >= 0);
	assert_int_equal(walked_get(&t, "/1/pipe")->e.kind, ENTRY_FIFO);
	assert_int_equal(walked_get(&t, "/1/pipe")->e.mode & 07000, 0);
	assert_true(walked_get(&t, "/2/noise")->e.mode == FACT_NULL);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)wim.p);
	/* Of parts what is in each of them, and that the rest is elsewhere. */
	wim = file_load(dir, "part.swm");
	walked_open(&t, &wim_format, wim);
	assert_true(walked_damage(&t, "truncated") > 0);
	assert_non_null(strstr(walked_header(&t, "part"), "1 of "));
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	free((void *)wim.p);
	wim = file_load(dir, "part2.swm");
	walked_open(&t, &wim_format, wim);
	assert_true(walked_count(&t, ENTRY_FILE) > 0);
	assert_true(text_starts(t.entries[0].e.path, "/data-"));
	assert_false(error_is(&t.entries[0].error));
	walked_close(&t);
	free((void *)wim.p);
	temp_remove(dir);
}

static void test_unsupported(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("wimlib-imagex"))
		skip();
	temp_new(dir);
	tree_make(dir);
	run_in(dir, "{ wimlib-imagex capture src x.wim --compress=lzms; wimlib-imagex capture src y.wim --solid; } 2> /dev/null");
	for (const char *const *file = (const char *const[]){ "x.wim", "y.wim", NULL }; *file; file++) {
		struct span wim = file_load(dir, *file);
		struct walked t;
		walked_open(&t, &wim_format, wim);
		assert_true(t.accepted && walked_damage(&t, "unsupported") > 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		walked_close(&t);
		free((void *)wim.p);
	}
	temp_remove(dir);
}

/* ---- written here ---- */

struct writer {
	struct image im, meta, table;
};

static void put_resource(struct image *im, uint64_t packed, unsigned flags, uint64_t at, uint64_t size)
{
	put_le(im, packed, 7);
	put_le(im, flags, 1);
	put_le(im, at, 8);
	put_le(im, size, 8);
}

static void put_blob(struct writer *x, const void *bytes, size_t n, unsigned flags, uint8_t sha1[20])
{
	vendor_digest("sha1", bytes, n, sha1);
	put_resource(&x->table, n, flags, x->im.n, n);
	put_le(&x->table, 1, 2);
	put_le(&x->table, 1, 4);
	put(&x->table, sha1, 20);
	put(&x->im, bytes, n);
}

static void put_name(struct image *im, const char *name)
{
	for (; *name; name++)
		put_le(im, (uint8_t)*name, 2);
}

/* An entry without further streams; gives where its field of the children is. */
static size_t put_dentry(struct image *im, const char *name, unsigned attributes, uint64_t children, const uint8_t *sha1, uint64_t link,
						 unsigned streams)
{
	size_t at = im->n, name_n = 2 * strlen(name);
	put_le(im, (102 + name_n + (name_n ? 2 : 0) + 7) / 8 * 8, 8);
	put_le(im, attributes, 4);
	put_le(im, UINT32_MAX, 4);
	put_le(im, children, 8);
	put_fill(im, 0, 16 + 16);
	put_le(im, (11644473600ull + MTIME) * 10000000, 8);
	if (sha1)
		put(im, sha1, 20);
	else
		put_fill(im, 0, 20);
	put_le(im, 0, 4);
	put_le(im, link, 8);
	put_le(im, streams, 2);
	put_le(im, 0, 2);
	put_le(im, name_n, 2);
	put_name(im, name);
	put_fill(im, 0, (at + (102 + name_n + (name_n ? 2 : 0) + 7) / 8 * 8) - im->n);
	return at + 16;
}

static void put_stream(struct image *im, const char *name, const uint8_t *sha1)
{
	size_t name_n = 2 * strlen(name), length = (38 + name_n + (name_n ? 2 : 0) + 7) / 8 * 8, at = im->n;
	put_le(im, length, 8);
	put_le(im, 0, 8);
	put(im, sha1, 20);
	put_le(im, name_n, 2);
	put_name(im, name);
	put_fill(im, 0, at + length - im->n);
}

static struct writer writer_new(void)
{
	struct writer x = { image_new(), image_new(), image_new() };
	put_fill(&x.im, 0, 208);
	put_le(&x.meta, 8, 4); /* no security descriptors */
	put_le(&x.meta, 0, 4);
	put_dentry(&x.meta, "", DIRECTORY, 8 + 104 + 8, NULL, 0, 0);
	put_le(&x.meta, 0, 8);
	return x;
}

static struct span writer_end(struct writer *x)
{
	uint8_t sha1[20];
	put_le(&x->meta, 0, 8); /* of the root directory */
	put_blob(x, x->meta.p, x->meta.n, 2, sha1);
	size_t table = x->im.n;
	put(&x->im, x->table.p, x->table.n);
	struct image head = image_new();
	put(&head, "MSWIM\0\0\0", 8);
	put_le(&head, 208, 4);
	put_le(&head, 0x10d00, 4);
	put_fill(&head, 0, 4 + 4 + 16);
	put_le(&head, 1, 2);
	put_le(&head, 1, 2);
	put_le(&head, 1, 4);
	put_resource(&head, x->table.n, 0, table, x->table.n);
	memcpy(x->im.p, head.p, head.n);
	image_free(&head);
	return image_span(&x->im);
}

static void writer_free(struct writer *x)
{
	image_free(&x->im);
	image_free(&x->meta);
	image_free(&x->table);
}

static void test_files(void **state)
{
	(void)state;
	struct writer x = writer_new();
	uint8_t a[20], b[20], wrong[20], unnamed[20], unknown[20] = { 1 };
	struct walked t;
	put_blob(&x, "first", 5, 0, a);
	put_blob(&x, "stream", 6, 0, b);
	put_blob(&x, "changed", 7, 0, wrong);
	x.im.p[x.im.n - 1] ^= 1;
	put_blob(&x, "no file has it", 14, 0, unnamed);
	put_dentry(&x.meta, "file", 0x20, 0, a, 0, 1);
	put_stream(&x.meta, "more", b);
	put_dentry(&x.meta, "unnamed", 0x20, 0, NULL, 0, 1); /* its data are a further stream without a name */
	put_stream(&x.meta, "", b);
	put_dentry(&x.meta, "wrong", 0x20, 0, wrong, 0, 0);
	put_dentry(&x.meta, "lost", 0x20, 0, unknown, 0, 0);
	put_dentry(&x.meta, "efs", ENCRYPTED, 0, a, 0, 0);
	put_dentry(&x.meta, "empty", 0x20, 0, NULL, 0, 0);
	struct span wim = writer_end(&x);
	image_open(&t, &wim_format, wim, wim.n);
	assert_content(&t, "/file", "first", 5);
	assert_content(&t, "/file:more", "stream", 6);
	assert_content(&t, "/unnamed", "stream", 6);
	assert_content(&t, "/empty", "", 0);
	char path[60] = "/data-";
	for (unsigned i = 0; i < 20; i++)
		sprintf(path + 6 + 2 * (size_t)i, "%02x", unnamed[i]);
	assert_content(&t, path, "no file has it", 14);
	assert_int_equal(walked_get(&t, "/lost")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/efs")->error.code, ERR_ENCRYPTED);
	assert_int_equal(walked_get(&t, "/wrong")->content.n, 7);
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* wrong and lost */
	assert_int_equal(walked_get(&t, "/file")->e.mtime, MTIME);
	walked_close(&t);
	survives_all(&wim_format, &x.im, 208);
	survives_flips(&wim_format, wim, 300, 0);
	writer_free(&x);
}

/* A directory that is in itself, and many that are the same one; a million bytes of files that all have the same data. */
static void test_loops(void **state)
{
	(void)state;
	struct writer x = writer_new();
	struct walked t;
	for (unsigned i = 0; i < 50; i++)
		put_dentry(&x.meta, "again", DIRECTORY, 8 + 104 + 8, NULL, 0, 0);
	struct span wim = writer_end(&x);
	image_open(&t, &wim_format, wim, wim.n);
	assert_in_range(t.n, 40, 60);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
	writer_free(&x);
	x = writer_new();
	uint8_t sha1[20];
	unsigned names = 0;
	put_blob(&x, text, 100000, 0, sha1);
	for (unsigned i = 0; i < 200; i++)
		put_dentry(&x.meta, i ? "same" : "first", 0x20, 0, sha1, 0, 0);
	wim = writer_end(&x);
	image_open(&t, &wim_format, wim, wim.n);
	assert_int_equal(t.n, 200);
	assert_int_equal(walked_damage(&t, "budget"), 0);
	for (unsigned i = 0; i < 200; i++)
		names += text_is(t.entries[i].e.same_as, "/first");
	assert_in_range(names, 170, 190);
	walked_close(&t);
	writer_free(&x);
}

/* What the table says of a resource does not count for more than its bytes: neither as data nor for how often they may be told. */
static void test_claims(void **state)
{
	(void)state;
	struct writer x = writer_new();
	uint8_t sha1[20];
	struct walked t;
	unsigned again = 0;
	put_blob(&x, "short", 5, 0, sha1);
	set_le(&x.table, 16, 1ull << 40, 8); /* stored, and longer than what is there of it */
	put_dentry(&x.meta, "short", 0x20, 0, sha1, 0, 0);
	put_blob(&x, text, 100000, 4, sha1);
	set_le(&x.table, 50 + 16, 1ull << 55, 8);
	put_blob(&x, "none", 4, 4, (uint8_t[20]){ 0 });
	set_le(&x.table, 100 + 16, 0, 8);
	for (unsigned i = 0; i < 20; i++)
		put_dentry(&x.meta, "long", 0x20, 0, sha1, 0, 0);
	struct span wim = writer_end(&x);
	set_le(&x.im, 16, 0x40002, 4);
	set_le(&x.im, 20, 32768, 4);
	image_open(&t, &wim_format, wim, wim.n);
	assert_int_equal(walked_get(&t, "/short")->content.n, 5);
	assert_true(walked_damage(&t, "truncated") > 0);
	for (size_t i = 0; i < t.n; i++)
		again += text_is(t.entries[i].e.same_as, "/long");
	assert_int_equal(again, 19);
	walked_close(&t);
	writer_free(&x);
}

/* One image whose directories make no sense costs no other one anything. */
static void test_broken_image(void **state)
{
	(void)state;
	struct writer x = writer_new();
	uint8_t sha1[20], data[20];
	struct walked t;
	put_blob(&x, noise, 300, 2, sha1);
	put_blob(&x, "first", 5, 0, data);
	put_dentry(&x.meta, "file", 0x20, 0, data, 0, 0);
	struct span wim = writer_end(&x);
	image_open(&t, &wim_format, wim, wim.n);
	assert_content(&t, "/2/file", "first", 5);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	writer_free(&x);
}

/* Of a reparse point that is no link its data are told, and that it is one; streams that can not be read are. */
static void test_streams(void **state)
{
	(void)state;
	struct writer x = writer_new();
	uint8_t a[20], b[20];
	struct walked t;
	put_blob(&x, "where the data are", 18, 0, a);
	put_blob(&x, "data", 4, 0, b);
	put_dentry(&x.meta, "stub", REPARSE, 0, NULL, 0x80000013, 2);
	put_stream(&x.meta, "", a);
	put_stream(&x.meta, "", b);
	put_dentry(&x.meta, "socket", REPARSE, 0, NULL, 0x80000023, 0);
	put_dentry(&x.meta, "lost", 0x20, 0, b, 0, 3);
	put_stream(&x.meta, "more", a);
	struct span wim = writer_end(&x);
	image_open(&t, &wim_format, wim, wim.n);
	assert_content(&t, "/stub", "data", 4);
	assert_content(&t, "/lost", "data", 4);
	assert_content(&t, "/lost:more", "where the data are", 18);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	writer_free(&x);
}

/* Where the table is cut off nothing is lost: what stands there is looked at as it is. */
static void test_no_table(void **state)
{
	(void)state;
	struct writer x = writer_new();
	uint8_t sha1[20];
	struct walked t;
	put_blob(&x, text, 10000, 0, sha1);
	put_dentry(&x.meta, "file", 0x20, 0, sha1, 0, 0);
	struct span wim = writer_end(&x);
	walked_open(&t, &wim_format, span_clip(wim, 0, wim.n - 110));
	assert_true(t.accepted);
	assert_true(walked_damage(&t, "truncated") > 0);
	assert_int_equal(walked_count(&t, ENTRY_REGION), 1);
	assert_in_range(t.entries[0].content.n, 10000, 10500);
	walked_close(&t);
	writer_free(&x);
}

/* Bits that are missing in the last match of a block are missing. */
static void test_xpress_cut(void **state)
{
	(void)state;
	uint8_t in[258] = { [256] = 1 }, out[18]; /* 15 codes of 0, and one of 1, whose three bits of the distance are not there */
	size_t n;
	in['a' / 2] = 1 << 4;
	in[(256 + 3 * 16) / 2] = 1; /* 3 bytes from 8 and more before */
	assert_int_equal(xpress_huffman_decode(span_of(in, sizeof in), out, 15, &n), ERR_NONE);
	assert_memory_equal(out, "aaaaaaaaaaaaaaa", 15);
	assert_int_equal(xpress_huffman_decode(span_of(in, sizeof in), out, 18, &n), ERR_TRUNCATED);
}

int main(void)
{
	data_make();
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wimlib),      cmocka_unit_test(test_images),       cmocka_unit_test(test_digests),
		cmocka_unit_test(test_unsupported), cmocka_unit_test(test_xpress_cut),   cmocka_unit_test(test_files),
		cmocka_unit_test(test_loops),       cmocka_unit_test(test_no_table),     cmocka_unit_test(test_claims),
		cmocka_unit_test(test_streams),     cmocka_unit_test(test_broken_image),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
