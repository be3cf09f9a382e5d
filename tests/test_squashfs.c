/* SPDX-License-Identifier: GPL-3.0-or-later */
/* squashfs 4.0: images of mksquashfs, compared with the tree that they were made from, and the samples. What vendors
 * make of 4.0 is in test_squashfs_legacy.c. */
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "host_tree.h"

extern const struct format squashfs_format;

static char tree[TEMP_MAX]; /* "files" in it is what images are made from */

static int make_tree(void **state)
{
	(void)state;
	host_tree_make(tree, KEEPS_ALL);
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	temp_remove(tree);
	return 0;
}

static struct span make_image(const char *options)
{
	char command[1024];
	snprintf(command, sizeof command, "rm -f image && mksquashfs files image -no-progress -quiet -processors 2 %s",
			 options);
	run_in(tree, command);
	return file_load(tree, "image");
}

static void check(const char *options)
{
	struct walked t;
	char files[PATH_MAX];
	struct span image = make_image(options);
	snprintf(files, sizeof files, "%s/files", tree);
	walked_open(&t, &squashfs_format, image);
	assert_true(t.match.size <= image.n && image.n - t.match.size < 4096);
	host_tree_expect(&t, files, KEEPS_ALL);
	walked_close(&t);
	free((void *)image.p);
}

static void test_mksquashfs(void **state)
{
	(void)state;
	static const char *const options[] = {
		"-comp gzip",
		"-comp gzip -b 4096",
		"-comp gzip -noI -noId -noD -noF",
		"-comp lzma",
		"-comp lzo",
		"-comp lz4 -b 1M",
		"-comp lz4 -Xhc",
		"-comp zstd",
		"-comp zstd -b 256K -always-use-fragments",
		"-comp xz",
		"-comp xz -b 1M",
		"-comp xz -b 4096 -always-use-fragments",
		"-comp xz -Xbcj x86,arm,armthumb,powerpc,sparc",
		"-comp xz -no-fragments -no-exports -nopad",
		"-comp gzip -no-sparse -no-duplicates -no-xattrs",
		"-comp gzip -no-hardlinks",
	};
	if (!tool_exists("mksquashfs"))
		skip();
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		check(options[i]);
}

static void test_headers(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct walked t;
	struct span image = make_image("-comp xz -Xbcj arm,armthumb -Xdict-size 64K -b 128K -mkfs-time 1600000000");
	walked_open(&t, &squashfs_format, image);
	assert_string_equal(walked_header(&t, "version"), "4.0");
	assert_string_equal(walked_header(&t, "byte_order"), "little");
	assert_string_equal(walked_header(&t, "compression"), "xz");
	assert_string_equal(walked_header(&t, "block_size"), "131072");
	assert_string_equal(walked_header(&t, "mkfs_time"), "1600000000");
	assert_string_equal(walked_header(&t, "dictionary_size"), "65536");
	assert_string_equal(walked_header(&t, "filters"), "arm armthumb");
	walked_close(&t);
	free((void *)image.p);
}

static void test_devices(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct walked t;
	struct span image =
		make_image("-p 'dev d 755 0 0' -p 'dev/console c 600 5 6 5 1' -p 'dev/nvme b 660 0 6 259 100000'");
	walked_open(&t, &squashfs_format, image);
	assert_int_equal(walked_get(&t, "/dev")->e.kind, ENTRY_DIRECTORY);
	const struct entry *e = &walked_get(&t, "/dev/console")->e;
	assert_int_equal(e->kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(e->device, INT64_C(5) << 32 | 1);
	assert_int_equal(e->mode, 0600);
	assert_int_equal(e->uid, 5);
	assert_int_equal(e->gid, 6);
	e = &walked_get(&t, "/dev/nvme")->e;
	assert_int_equal(e->kind, ENTRY_BLOCK_DEVICE);
	assert_int_equal(e->device, INT64_C(259) << 32 | 100000);
	walked_close(&t);
	free((void *)image.p);
}

static void test_empty(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct walked t;
	run_in(tree, "mkdir nothing && mksquashfs nothing image-of-nothing -no-progress -quiet && rmdir nothing");
	struct span image = file_load(tree, "image-of-nothing");
	walked_open(&t, &squashfs_format, image);
	assert_true(t.accepted);
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 0);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)image.p);
}

/* A directory of more than 64 KiB needs an extended inode with an index. */
static void test_large_directory(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct walked t;
	run_in(tree, "mkdir large && cd large && seq -f 'a-file-with-a-long-name-%06g' 5000 | xargs touch && "
				 "echo text > a-file-with-a-long-name-004321");
	run_in(tree, "mksquashfs large image-of-large -no-progress -quiet && rm -r large");
	struct span image = file_load(tree, "image-of-large");
	walked_open(&t, &squashfs_format, image);
	assert_int_equal(t.n, 5000);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_true(text_is(t.entries[0].e.path, "/a-file-with-a-long-name-000001"));
	assert_true(text_is(t.entries[4999].e.path, "/a-file-with-a-long-name-005000"));
	assert_content(&t, "/a-file-with-a-long-name-004321", "text\n", 5);
	walked_close(&t);
	free((void *)image.p);
}

/* Threads that read all files at once, each from another place, get what one thread gets. */
struct readers {
	const struct walked *t;
	unsigned start;
	size_t wrong;
};

static void *read_all(void *arg)
{
	struct readers *r = arg;
	for (size_t i = 0; i < 2 * r->t->n; i++) {
		const struct walked_entry *w = &r->t->entries[(r->start * r->t->n / 4 + i) % r->t->n];
		const struct content *c = &w->e.content;
		if (c->kind != CONTENT_BLOCKS)
			continue;
		uint8_t *p = malloc(w->e.size);
		if (!p || error_is(&(struct error){ .code = c->ops->read(c->fs, c->file, 0, p, w->e.size).code }) ||
			memcmp(p, w->content.p, w->e.size) != 0)
			r->wrong++;
		free(p);
	}
	return NULL;
}

static void test_threads(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	static const char *const options[] = { "-comp zstd -b 16K", "-comp gzip -b 1M -always-use-fragments" };
	for (size_t k = 0; k < 2; k++) {
		struct walked t;
		struct span image = make_image(options[k]);
		walked_open(&t, &squashfs_format, image);
		pthread_t ids[4];
		struct readers readers[4];
		for (unsigned i = 0; i < 4; i++) {
			readers[i] = (struct readers){ &t, i, 0 };
			assert_int_equal(pthread_create(&ids[i], NULL, read_all, &readers[i]), 0);
		}
		for (unsigned i = 0; i < 4; i++) {
			pthread_join(ids[i], NULL);
			assert_int_equal(readers[i].wrong, 0);
		}
		walked_close(&t);
		free((void *)image.p);
	}
}

/* Counts of the truth files beside the samples, which unsquashfs made. */
static const struct {
	const char *file;
	size_t offset, regular, directories, symlinks, devices;
	uint64_t bytes;
} samples[] = {
	{ "router-mipsel.trx", 0x120000, 69, 52, 52, 2, 16166632 },
	{ "tplink-wr841n-v11-160325.bin", 1180160, 409, 39, 78, 69, 10586486 },
	{ "gateway-arm64.itb", SIZE_MAX, 83, 62, 56, 0, 16707010 },
};

static size_t find_image(struct span s)
{
	struct format_match m;
	for (size_t at = 0; at + 96 < s.n; at++)
		if (span_has(s, at, "hsqs", 4) && squashfs_format.probe(span_from(s, at), &m))
			return at;
	fail_msg("there is no squashfs");
	return 0;
}

static void test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		struct span s = sample_load(samples[i].file);
		if (!s.p)
			skip();
		struct walked t;
		uint64_t bytes = 0;
		walked_open(&t, &squashfs_format,
					span_from(s, samples[i].offset == SIZE_MAX ? find_image(s) : samples[i].offset));
		assert_true(t.accepted);
		assert_int_equal(walked_count(&t, ENTRY_FILE), samples[i].regular);
		assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), samples[i].directories);
		assert_int_equal(walked_count(&t, ENTRY_SYMLINK), samples[i].symlinks);
		assert_int_equal(walked_count(&t, ENTRY_CHAR_DEVICE) + walked_count(&t, ENTRY_BLOCK_DEVICE),
						 samples[i].devices);
		for (size_t k = 0; k < t.n; k++) {
			assert_false(error_is(&t.entries[k].error));
			bytes += t.entries[k].e.kind == ENTRY_FILE ? t.entries[k].content.n : 0;
		}
		assert_int_equal(bytes, samples[i].bytes);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		free((void *)s.p);
	}
}

/* Without its last kilobytes an image has no tables: nothing is shown, and that is said. */
static void test_truncated(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct walked t;
	struct span image = make_image("-comp gzip -nopad");
	for (size_t n = 96; n < image.n; n += image.n / 50) {
		walked_open(&t, &squashfs_format, span_of(image.p, n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, image.n);
		assert_true(error_is(&t.error) || fact_list_count(&t.facts, FACT_damage) > 0);
		walked_close(&t);
	}
	free((void *)image.p);
}

/* What has no names hides nothing: behind a superblock alone stands what can be looked at. */
static void test_superblock_alone(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct walked t;
	struct span image = make_image("-comp gzip -nopad");
	uint64_t inodes = span_u32le(image, 64);
	walked_open(&t, &squashfs_format, span_of(image.p, inodes));
	assert_true(t.accepted);
	assert_content(&t, "unread", image.p + 51, inodes - 51);
	walked_close(&t);
	memset((uint8_t *)image.p + 96, 0x55, image.n - 96);
	walked_open(&t, &squashfs_format, image);
	assert_true(t.accepted);
	assert_int_equal(t.n, 1);
	assert_content(&t, "unread", image.p + 51, image.n - 51);
	assert_true(error_is(&t.error));
	walked_close(&t);
	free((void *)image.p);
}

/* Bytes that are missing among the data, or too many, cost the blocks that they were in; what is behind is found where it stands. */
static void test_shifted(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	static const char *const options[] = { "-comp gzip", "-comp lzo -no-fragments", "-comp xz" };
	static const int by[] = { -4096, -1, 1, 3000 };
	run_in(tree, "mkdir -p many/a/b && for i in $(seq 120); do seq $i $((i * 97 + 3000)) > many/a/b/$i; done && "
				 "head -c 9000 /dev/urandom > many/last");
	for (size_t i = 0; i < 12; i++) {
		char command[256], files[TEMP_MAX + 8];
		snprintf(command, sizeof command, "rm -f many.image && mksquashfs many many.image -b 4096 -nopad -no-progress -quiet %s",
				 options[i / 4]);
		run_in(tree, command);
		snprintf(files, sizeof files, "%s/many", tree);
		struct span image = file_load(tree, "many.image");
		size_t at = (size_t)span_u32le(image, 64) / 3, n = image.n + (size_t)by[i % 4], gap = by[i % 4] > 0 ? (size_t)by[i % 4] : 0;
		size_t from = at + gap - (size_t)by[i % 4];
		uint8_t *copy = calloc(1, n);
		assert_non_null(copy);
		memcpy(copy, image.p, at);
		memcpy(copy + at + gap, image.p + from, image.n - from);
		struct walked t;
		walked_open(&t, &squashfs_format, span_of(copy, n));
		assert_int_equal(t.match.size, n);
		assert_false(error_is(&t.error));
		assert_int_equal(walked_count(&t, ENTRY_FILE), 121);
		size_t broken = 0;
		for (size_t k = 0; k < t.n; k++)
			broken += error_is(&t.entries[k].error);
		if (broken < 1 || broken > 12)
			fail_msg("%s, %d bytes: %zu files are broken", options[i / 4], by[i % 4], broken);
		assert_int_equal(walked_damage(&t, "corrupt"), broken + 1);
		snprintf(command, sizeof command, "cat many/a/b/1 > want.first; cat many/last > want.last");
		run_in(tree, command);
		struct span first = file_load(tree, "want.first"), last = file_load(tree, "want.last");
		assert_content(&t, "/a/b/1", first.p, first.n);
		assert_content(&t, "/last", last.p, last.n);
		walked_close(&t);
		free((void *)first.p);
		free((void *)last.p);
		free(copy);
		free((void *)image.p);
	}
	run_in(tree, "rm -r many");
}

/* Files of less than a block tell nothing of where bytes are missing: their fragments are looked for in both places. */
static void test_shifted_fragments(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	run_in(tree, "rm -rf small && mkdir small && for i in $(seq 100 199); do seq $i $((i + 700)) > small/$i; done && "
				 "rm -f small.image && mksquashfs small small.image -b 4096 -nopad -no-progress -quiet");
	struct span image = file_load(tree, "small.image"), first = file_load(tree, "small/100"), last = file_load(tree, "small/199");
	size_t at = span_u32le(image, 64) / 2;
	memmove((uint8_t *)(uintptr_t)image.p + at, image.p + at + 500, image.n - at - 500);
	struct walked t;
	walked_open(&t, &squashfs_format, span_of(image.p, image.n - 500));
	assert_content(&t, "/100", first.p, first.n);
	assert_content(&t, "/199", last.p, last.n);
	assert_in_range(walked_damage(&t, "corrupt"), 2, 8);
	walked_close(&t);
	free((void *)image.p);
	free((void *)first.p);
	free((void *)last.p);
	run_in(tree, "rm -r small");
}

/* One wrong field of the superblock hides no image: what the others tell is enough, or the bytes are looked at. */
static void test_superblock_field(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct span image = make_image("-comp gzip -nopad");
	static const struct {
		size_t at;
		bool opens;
	} fields[] = {
		{ 7, true },  { 12, true }, { 13, true }, { 19, true }, { 22, true }, { 26, true },
		{ 45, true }, { 53, true }, { 69, false }, { 77, false }, { 85, true }, { 38, false },
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		uint8_t *copy = malloc(image.n);
		assert_non_null(copy);
		memcpy(copy, image.p, image.n);
		copy[fields[i].at] ^= 0x40;
		struct walked t;
		walked_open(&t, &squashfs_format, span_of(copy, image.n));
		assert_true(t.accepted);
		if (fields[i].opens && walked_count(&t, ENTRY_DIRECTORY) == 0)
			fail_msg("byte %zu of the superblock: %s", fields[i].at, t.error.text);
		if (!fields[i].opens)
			assert_true(error_is(&t.error));
		walked_close(&t);
		free(copy);
	}
	free((void *)image.p);
}

/* Where the ids of one slot can not be read, the same place of the other slot does not make both one image. */
static void test_two_slots(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	struct span image = make_image("-comp gzip -nopad");
	size_t ids = span_u32le(image, 48);
	uint8_t *both = malloc(2 * image.n);
	assert_non_null(both);
	memcpy(both, image.p, image.n);
	memcpy(both + image.n, image.p, image.n);
	both[ids + 3] ^= 0x40;
	struct walked t;
	walked_open(&t, &squashfs_format, span_of(both, 2 * image.n));
	assert_int_equal(t.match.size, image.n);
	assert_true(walked_count(&t, ENTRY_FILE) > 0);
	walked_close(&t);
	free(both);
	free((void *)image.p);
}

/* A size that leads behind the end, of an image that is all there, claims nothing of what stands behind it. */
static void test_superblock_size(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	static const char *const options[] = { "-comp gzip -nopad", "-comp xz -nopad -no-xattrs" };
	for (size_t i = 0; i < 8; i++) {
		struct span image = make_image(options[i % 2]);
		size_t n = image.n + 5000;
		uint8_t *copy = calloc(1, n);
		assert_non_null(copy);
		memcpy(copy, image.p, image.n);
		copy[44 + i / 2] ^= 0x40;
		struct walked t;
		walked_open(&t, &squashfs_format, span_of(copy, n));
		assert_int_equal(t.match.size, image.n);
		assert_false(error_is(&t.error));
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		/* Half of it is no whole image. */
		struct format_match m;
		assert_true(i >= 4 || (squashfs_format.probe(span_of(copy, image.n / 2), &m) && m.size > image.n));
		free(copy);
		free((void *)image.p);
	}
}

static void test_survives(void **state)
{
	(void)state;
	if (!tool_exists("mksquashfs"))
		skip();
	static const char *const options[] = { "-comp gzip", "-comp xz", "-comp lz4", "-comp gzip -noI -noId -noD -noF" };
	run_in(tree,
		   "mkdir -p few/a/b/c few/d && cp files/a/size-4097 files/a/size-1 few/a/b && ln few/a/b/size-1 few/d/hard && "
		   "ln -s /target few/link && head -c 300000 files/hole > few/hole");
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		char command[256];
		snprintf(command, sizeof command, "rm -f few.image && mksquashfs few few.image -nopad -no-progress -quiet %s",
				 options[i]);
		run_in(tree, command);
		struct span image = file_load(tree, "few.image");
		survives_cuts(&squashfs_format, image, 300);
		survives_flips(&squashfs_format, image, 1500, 96);
		survives_flips(&squashfs_format, image, 1500, 0);
		free((void *)image.p);
	}
	run_in(tree, "rm -r few");
}

/* An 's' before an image makes another magic of its first bytes. */
static void test_behind_a_letter(void **state)
{
	(void)state;
	static uint8_t flash[1 + 96];
	if (!tool_exists("mksquashfs"))
		skip();
	run_in(tree, "mkdir few && echo a > few/a && mksquashfs few few.image -no-progress -quiet");
	struct span image = file_load(tree, "few.image");
	struct format_match m;
	memcpy(flash + 1, image.p, sizeof flash - 1);
	flash[0] = 's';
	static const char *const magics[] = { "hsqs", "qshs" };
	for (size_t i = 0; i < 2; i++) {
		memcpy(flash + 1, magics[i], 4);
		assert_true(squashfs_format.probe(span_of(flash + 1, sizeof flash - 1), &m));
		assert_false(squashfs_format.probe(span_of(flash, sizeof flash), &m));
		assert_false(squashfs_format.probe_whole(span_of(flash, sizeof flash), &m));
	}
	/* One whose tables can not be found is told of a whole blob, and what stands behind it is looked at. */
	flash[1 + 12] ^= 0x40;
	flash[1 + 23] ^= 0x40;
	struct walked t;
	memcpy(flash + 1, "hsqs", 4);
	assert_false(squashfs_format.probe(span_of(flash + 1, sizeof flash - 1), &m));
	walked_open(&t, &squashfs_format, span_of(flash + 1, sizeof flash - 1));
	assert_true(t.accepted);
	assert_true(error_is(&t.error));
	assert_int_equal(t.walk.end, 96);
	walked_close(&t);
	free((void *)image.p);
	run_in(tree, "rm -r few few.image");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mksquashfs), cmocka_unit_test(test_headers),         cmocka_unit_test(test_devices),
		cmocka_unit_test(test_empty),      cmocka_unit_test(test_large_directory), cmocka_unit_test(test_threads),
		cmocka_unit_test(test_samples),    cmocka_unit_test(test_truncated),       cmocka_unit_test(test_superblock_alone),
		cmocka_unit_test(test_shifted),    cmocka_unit_test(test_shifted_fragments), cmocka_unit_test(test_behind_a_letter),
		cmocka_unit_test(test_superblock_field), cmocka_unit_test(test_two_slots), cmocka_unit_test(test_superblock_size),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("squashfs", tests, make_tree, remove_tree);
}
