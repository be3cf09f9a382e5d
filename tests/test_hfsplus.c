/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hfsplus, written by hfsplus_writer.c, which 7-Zip reads, too; hfs as hfsutils make it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "decmpfs_writer.h"
#include "format/object_tree.h"
#include "hfsplus_writer.h"
#include "walked.h"

extern const struct format hfsplus_format, hfs_format;

#define BIG 150000u
#define PACKED (1u << 5)
#define UNMOUNTED 0x100u
#define JOURNALED 0x2000u
#define PRIVATE "\1\1\1\1HFS+ Private Data"

static uint8_t big[BIG];

static struct span text_span(const char *s)
{
	return span_of((const uint8_t *)s, strlen(s));
}

static void make_big(void)
{
	uint32_t v = 11;
	for (size_t i = 0; i < BIG; i++) {
		v = v * 1664525 + 1013904223;
		big[i] = i < 80000 ? (uint8_t)("firmware update "[i % 16] + (v >> 30)) : i < 140000 ? (uint8_t)(v >> 24) : 'x';
	}
}

static uint8_t room[32][200000];
static unsigned rooms;

/* As decmpfs_writer.c packs it. */
static void packed(struct hfsplus_file *f, unsigned type, struct span s)
{
	uint8_t *attribute = room[rooms++], *fork = room[rooms++];
	size_t fork_n;
	f->packed = span_of(attribute, decmpfs_write(type, s, attribute, fork, &fork_n));
	f->resource = span_of(fork, fork_n);
	f->flags = PACKED;
}

static size_t make_files(struct hfsplus_file *f)
{
	size_t n = 0;
	rooms = 0;
	make_big();
	f[n++] = (struct hfsplus_file){ .id = 2, .parent = 1, .name = "Updater", .directory = true, .mode = 040755 };
	f[n++] = (struct hfsplus_file){ .id = 16, .parent = 2, .name = "etc", .directory = true, .mode = 040750,
		                            .uid = 1, .gid = 2, .mtime = 1500000000 };
	f[n++] = (struct hfsplus_file){ .id = 17, .parent = 16, .name = "passwd", .mode = 0100640, .uid = 501, .gid = 20, .mtime = 1600000000,
		                            .data = text_span("root:x:0:0\n") };
	f[n++] = (struct hfsplus_file){ .id = 18, .parent = 2, .name = "firmware.bin", .mode = 0100644, .data = span_of(big, BIG),
		                            .resource = text_span("a resource fork") };
	f[n++] = (struct hfsplus_file){ .id = 19, .parent = 2, .name = "link", .mode = 0120777, .type = 0x736c6e6b, .creator = 0x72686170,
		                            .data = text_span("etc/passwd") };
	f[n++] = (struct hfsplus_file){ .id = 20, .parent = 2, .name = "empty", .mode = 0100600 };
	f[n++] = (struct hfsplus_file){ .id = 21, .parent = 2, .name = "a/b \xc3\xa9", .mode = 0100644, .data = text_span("slash") };
	f[n++] = (struct hfsplus_file){ .id = 22, .parent = 2, .name = PRIVATE, .directory = true, .mode = 040555 };
	f[n++] = (struct hfsplus_file){ .id = 23, .parent = 22, .name = "iNode23", .mode = 0104755, .special = 2, .data = text_span("linked") };
	f[n++] = (struct hfsplus_file){ .id = 24, .parent = 2, .name = "hard1", .type = 0x686c6e6b, .creator = 0x6866732b,
		                            .special = 23, .mode = 0100444 };
	f[n++] = (struct hfsplus_file){ .id = 25, .parent = 16, .name = "hard2", .type = 0x686c6e6b, .creator = 0x6866732b,
		                            .special = 23, .mode = 0100444 };
	f[n++] = (struct hfsplus_file){ .id = 26, .parent = 22, .name = "iNode26", .mode = 0100644, .data = text_span("orphan") };
	f[n++] = (struct hfsplus_file){ .id = 27, .parent = 2, .name = "tty", .mode = 020620, .special = 0x02000003 };
	return n;
}

static void expect_files(struct walked *t)
{
	if (error_is(&t->error))
		fail_msg("%s", t->error.text);
	const struct walked_entry *w = walked_get(t, "/etc/passwd");
	assert_int_equal(w->e.mode, 0640);
	assert_int_equal(w->e.uid, 501);
	assert_int_equal(w->e.gid, 20);
	assert_int_equal(w->e.mtime, 1600000000);
	assert_content(t, "/etc/passwd", "root:x:0:0\n", 11);
	assert_content(t, "/firmware.bin", big, BIG);
	assert_content(t, "/firmware.bin:rsrc", "a resource fork", 15);
	w = walked_get(t, "/link");
	assert_int_equal(w->e.kind, ENTRY_SYMLINK);
	assert_true(text_is(w->e.link_target, "etc/passwd"));
	assert_content(t, "/empty", "", 0);
	assert_content(t, "/a:b \xc3\xa9", "slash", 5);
	assert_int_equal(walked_get(t, "/etc")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(t, "/etc")->e.mode, 0750);
	assert_content(t, "/etc/hard2", "linked", 6); /* which comes first */
	assert_int_equal(walked_get(t, "/etc/hard2")->e.mode, 04755);
	assert_true(text_is(walked_get(t, "/hard1")->e.same_as, "/etc/hard2"));
	assert_content(t, "/\xe2\x90\x80\xe2\x90\x80\xe2\x90\x80\xe2\x90\x80HFS+ Private Data/iNode26", "orphan", 6);
	w = walked_get(t, "/tty");
	assert_int_equal(w->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(w->e.device, INT64_C(2) << 32 | 3);
	assert_string_equal(walked_header(t, "volume_name"), "Updater");
	assert_int_equal(walked_damage(t, "corrupt") + walked_damage(t, "truncated") + walked_damage(t, "unsupported"), 0);
}

static void read_by_7zip(struct span image, const char *path, struct span expected)
{
	char dir[TEMP_MAX], command[256];
	if (!tool_exists("7zz"))
		return;
	temp_new(dir);
	file_save(dir, "v", image);
	snprintf(command, sizeof command, "7zz e -y -sns- -thfs -so v '%s' > out", path);
	run_in(dir, command);
	struct span out = file_load(dir, "out");
	assert_int_equal(out.n, expected.n);
	assert_memory_equal(out.p, expected.p, expected.n);
	free((void *)out.p);
	temp_remove(dir);
}

static void test_tree(void **state)
{
	(void)state;
	static const struct hfsplus_options options[] = {
		{ .block = 4096, .attributes = UNMOUNTED },
		{ .block = 4096, .attributes = UNMOUNTED, .fragmented = true },
		{ .block = 512, .attributes = UNMOUNTED, .fragmented = true, .case_sensitive = true },
		{ .block = 1024, .attributes = UNMOUNTED | JOURNALED, .journal_start = 512, .journal_end = 512 },
	};
	struct hfsplus_file files[64];
	size_t nfiles = make_files(files), n;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		uint8_t *image = hfsplus_write(files, nfiles, &options[i], &n);
		struct walked t;
		walked_open(&t, &hfsplus_format, span_of(image, n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, n);
		expect_files(&t);
		assert_string_equal(walked_header(&t, "state"), "unmounted");
		walked_close(&t);
		read_by_7zip(span_of(image, n), "Updater/firmware.bin", span_of(big, BIG));
		read_by_7zip(span_of(image, n), "Updater/etc/passwd", text_span("root:x:0:0\n"));
		free(image);
	}
}

static void test_packed(void **state)
{
	(void)state;
	static const uint16_t types[] = { 1, 3, 7, 9, 11, 4, 8, 10, 12, DECMPFS_LISTED | 10 };
	struct hfsplus_file files[32];
	make_big();
	for (unsigned fork = 0; fork < 2; fork++) {
		struct span small = span_of(big, 3000), large = span_of(big, BIG);
		size_t nfiles = 1, n;
		char names[16][16];
		rooms = 0;
		files[0] = (struct hfsplus_file){ .id = 2, .parent = 1, .name = "Updater", .directory = true, .mode = 040755 };
		for (size_t i = fork ? 5 : 0; i < (fork ? 10 : 5); i++) {
			snprintf(names[nfiles], sizeof names[0], "type%u", types[i]);
			files[nfiles] = (struct hfsplus_file){ .id = 16 + (uint32_t)i, .parent = 2, .name = names[nfiles], .mode = 0100644 };
			packed(&files[nfiles], types[i], fork ? large : small);
			nfiles++;
		}
		files[nfiles++] = (struct hfsplus_file){ .id = 90, .parent = 2, .name = "unknown", .mode = 0100644 };
		packed(&files[nfiles - 1], 13, small);
		uint8_t *image = hfsplus_write(files, nfiles, &(struct hfsplus_options){ .block = 4096, .attributes = UNMOUNTED }, &n);
		struct walked t;
		walked_open(&t, &hfsplus_format, span_of(image, n));
		for (size_t i = 1; i + 1 < nfiles; i++) {
			char path[32];
			snprintf(path, sizeof path, "/%s", names[i]);
			assert_content(&t, path, big, fork ? BIG : 3000);
			snprintf(path, sizeof path, "Updater/%s", names[i]);
			unsigned type = (unsigned)atoi(names[i] + 4);
			if (type == 3 || type == 4 || type == 7 || type == 8) /* which 7-Zip knows */
				read_by_7zip(span_of(image, n), path, fork ? large : small);
		}
		assert_int_equal(walked_damage(&t, "unsupported"), 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		assert_int_equal(walked_get(&t, "/unknown")->error.code, ERR_UNSUPPORTED);
		walked_close(&t);
		survives_flips(&hfsplus_format, span_of(image, 1u << 20), 150, 0);
		free(image);
	}
}

/* What is not clean, broken or cut off is told, and what can be read is. */
static void test_damage(void **state)
{
	(void)state;
	struct hfsplus_file files[64];
	struct walked t;
	size_t nfiles = make_files(files), n;
	static char names[400][24];
	struct hfsplus_file *many = calloc(500, sizeof *many);
	struct hfsplus_options in_use = { .block = 1024, .attributes = JOURNALED, .journal_start = 512, .journal_end = 900 };
	uint8_t *image = hfsplus_write(files, nfiles, &in_use, &n);
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_string_equal(walked_header(&t, "state"), "not unmounted");
	assert_string_equal(walked_header(&t, "journal"), "in use");
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	walked_open(&t, &hfsplus_format, span_of(image, n / 2));
	assert_true(walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	free(image);
	/* A leaf in the middle of the chain is lost: the others are read all the same. */
	memcpy(many, files, nfiles * sizeof *many);
	for (uint32_t i = 0; i < 250; i++) {
		snprintf(names[i], sizeof names[i], "file%u", 1000 + i);
		many[nfiles + i] = (struct hfsplus_file){ .id = 1000 + i, .parent = 2, .name = names[i], .mode = 0100644 };
	}
	image = hfsplus_write(many, nfiles + 250, &(struct hfsplus_options){ .block = 4096, .attributes = UNMOUNTED }, &n);
	uint32_t catalog = span_u32be(span_of(image, n), 1024 + 272 + 16);
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	size_t all = t.n;
	assert_int_equal(walked_count(&t, ENTRY_FILE), 250 + 8);
	walked_close(&t);
	memset(image + (catalog + 4) * 4096ull, 0, 4096);
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_true(walked_damage(&t, "corrupt") > 0);
	assert_in_range(t.n, all - 20, all - 1);
	walked_get(&t, "/file1240");
	walked_close(&t);
	free(image);
	free(many);
}

/* Many files of the same blocks end before they take long. */
static void test_overlap(void **state)
{
	(void)state;
	static char names[200][16];
	struct hfsplus_file *files = calloc(210, sizeof *files);
	struct walked t;
	size_t n;
	make_big();
	files[0] = (struct hfsplus_file){ .id = 2, .parent = 1, .name = "v", .directory = true };
	for (uint32_t i = 0; i < 200; i++) {
		snprintf(names[i], sizeof names[i], "f%u", i);
		files[i + 1] = (struct hfsplus_file){ .id = 100 + i, .parent = 2, .name = names[i] };
	}
	uint8_t *image = hfsplus_write(files, 201, &(struct hfsplus_options){ .block = 4096, .attributes = UNMOUNTED }, &n);
	for (size_t i = 0; i + 300 < (1u << 20); i++) /* each empty fork becomes all of the volume */
		if (memcmp(image + i, "\0\2\0\2\0\0\0\0\0\0\0", 11) == 0 && image[i + 11] >= 100) {
			memcpy(image + i + 88, "\0\0\0\0\0\xfa\0\0\0\0\0\0\0\0\x0f\xa0\0\0\0\0\0\0\x0f\xa0", 24);
		}
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_int_equal(t.error.code, ERR_CORRUPT);
	assert_true(t.n < 10);
	walked_close(&t);
	free(image);
	free(files);
}

/* What a file does not show is shown beside it. */
static void test_forks(void **state)
{
	(void)state;
	struct hfsplus_file files[8];
	struct walked t;
	size_t n;
	make_big();
	rooms = 0;
	files[0] = (struct hfsplus_file){ .id = 2, .parent = 1, .name = "v", .directory = true };
	for (uint32_t i = 1; i < 4; i++)
		files[i] = (struct hfsplus_file){ .id = 20 + i, .parent = 2, .name = i == 1 ? "inner" : i == 2 ? "fork" : "none", .mode = 0100644 };
	packed(&files[1], 7, span_of(big, 3000));
	files[1].resource = text_span("nobody looks here");
	files[1].data = text_span("nor here");
	packed(&files[2], 8, span_of(big, 3000));
	files[2].data = text_span("nor there");
	files[3].flags = PACKED; /* which its attributes do not say */
	files[3].data = text_span("as it is");
	uint8_t *image = hfsplus_write(files, 4, &(struct hfsplus_options){ .block = 4096, .attributes = UNMOUNTED }, &n);
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_content(&t, "/inner", big, 3000);
	assert_content(&t, "/inner:rsrc", "nobody looks here", 17);
	assert_content(&t, "/inner:data", "nor here", 8);
	assert_content(&t, "/fork", big, 3000);
	assert_content(&t, "/fork:data", "nor there", 9);
	assert_content(&t, "/none", "as it is", 8);
	assert_int_equal(t.n, 6);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	free(image);
}

/* No file is lost without a word. */
static void test_hidden(void **state)
{
	(void)state;
	struct hfsplus_file files[64];
	struct walked t;
	size_t nfiles = make_files(files), n;
	struct hfsplus_options options = { .block = 4096, .attributes = UNMOUNTED };
	files[nfiles] = (struct hfsplus_file){ .id = 17, .parent = 2, .name = "other", .mode = 0100644, .data = text_span("of the same number") };
	files[nfiles + 1] = (struct hfsplus_file){ .id = 70, .parent = 2, .name = "empty", .mode = 0100644, .data = text_span("of the same name") };
	files[nfiles + 2] = (struct hfsplus_file){ .id = 71, .parent = 1, .name = "beside", .mode = 0100644, .data = text_span("the root") };
	for (unsigned i = 0; i < 3; i++) {
		struct hfsplus_file one = files[nfiles];
		files[nfiles] = files[nfiles + i];
		uint8_t *image = hfsplus_write(files, nfiles + 1, &options, &n);
		files[nfiles] = one;
		walked_open(&t, &hfsplus_format, span_of(image, n));
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		if (i == 2)
			assert_content(&t, "/#1/beside", "the root", 8);
		walked_close(&t);
		free(image);
	}
	/* The tree says that it has no leaves, or fewer. */
	uint8_t *image = hfsplus_write(files, nfiles, &options, &n);
	uint32_t catalog = span_u32be(span_of(image, n), 1024 + 272 + 16);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *header = image + catalog * 4096ull + 14;
		memset(header + 10, 0, 8);
		if (i)
			header[13] = header[17] = 2;
		walked_open(&t, &hfsplus_format, span_of(image, n));
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		assert_content(&t, "/etc/passwd", "root:x:0:0\n", 11);
		assert_content(&t, "/firmware.bin", big, BIG);
		walked_close(&t);
	}
	/* The copy of the header begins no volume, but what is cut off before the catalog is one. */
	assert_false(hfsplus_format.probe(span_from(span_of(image, n), n - 2048), &t.match));
	assert_false(hfsplus_format.probe(span_of(image, 8192), &t.match));
	assert_true(hfsplus_format.probe_whole(span_of(image, 8192), &t.match));
	free(image);
}

/* Files of a volume that is cut off are shown as they are, however many of them lie behind the end. */
static void test_cut(void **state)
{
	(void)state;
	static char names[200][16];
	struct hfsplus_file *files = calloc(210, sizeof *files);
	struct walked t;
	size_t n;
	files[0] = (struct hfsplus_file){ .id = 2, .parent = 1, .name = "v", .directory = true };
	for (uint32_t i = 0; i < 200; i++) {
		snprintf(names[i], sizeof names[i], "f%u", i);
		files[i + 1] = (struct hfsplus_file){ .id = 100 + i, .parent = 2, .name = names[i] };
	}
	uint8_t *image = hfsplus_write(files, 201, &(struct hfsplus_options){ .block = 4096, .attributes = UNMOUNTED }, &n);
	memcpy(image + 1024 + 44, "\0\x10\0\0", 4);
	for (size_t i = 0; i + 300 < (1u << 20); i++) /* each empty fork becomes one of 4000 blocks of its own */
		if (memcmp(image + i, "\0\2\0\2\0\0\0\0\0\0\0", 11) == 0 && image[i + 11] >= 100) {
			memcpy(image + i + 88, "\0\0\0\0\0\xfa\0\0\0\0\0\0\0\0\x0f\xa0\0\0\0\0\0\0\x0f\xa0", 24);
			uint32_t start = 4000u * image[i + 11];
			for (unsigned k = 0; k < 4; k++)
				image[i + 104 + k] = (uint8_t)(start >> (24 - 8 * k));
		}
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 200);
	assert_true(walked_damage(&t, "truncated") > 10);
	walked_close(&t);
	free(image);
	free(files);
}

struct paths {
	size_t n, longest;
};

static bool count_path(struct object_tree *tree, const struct object_name *name, struct text path)
{
	struct paths *p = tree->context;
	(void)name;
	p->n++;
	p->longest = path.n > p->longest ? path.n : p->longest;
	return true;
}

/* Names of three bytes a letter, in one another, make paths that are longer than what is kept of a text: nothing is cut off silently. */
static void test_paths(void **state)
{
	(void)state;
	static char name[765];
	struct fact_list facts;
	struct arena *arena = arena_new(0);
	struct object_name names[300], spare[300];
	struct paths paths = { 0 };
	memset(name, 'n', sizeof name);
	for (uint32_t i = 0; i < 300; i++)
		names[i] = (struct object_name){ .name = text_of(name, sizeof name), .parent = 2 + i, .id = 3 + i, .directory = i < 299 };
	fact_list_init(&facts, arena);
	struct walk w = { .arena = arena, .sink = &facts.sink };
	struct object_tree tree = { .names = names, .n = 300, .root = 2, .visit = count_path, .context = &paths };
	object_tree_sort(&tree, spare);
	assert_int_equal(object_tree_walk(&tree, &w), ERR_NONE);
	assert_int_equal(paths.n, 299); /* but for the one at which it breaks off, which is told of */
	assert_in_range(paths.longest, FACT_TEXT_MAX - 800, FACT_TEXT_MAX);
	assert_true(fact_list_count(&facts, FACT_damage) > 0);
	arena_free(arena);
}

static void test_survival(void **state)
{
	(void)state;
	struct hfsplus_file files[64];
	size_t nfiles = make_files(files), n;
	uint8_t *image = hfsplus_write(files, nfiles, &(struct hfsplus_options){ .block = 512, .attributes = UNMOUNTED, .fragmented = true }, &n);
	survives_cuts(&hfsplus_format, span_of(image, 500000), 40);
	survives_flips(&hfsplus_format, span_from(span_of(image, n), 0), 100, 2048);
	survives_flips(&hfsplus_format, span_of(image, 600000), 200, 0);
	free(image);
}

/* The volume of HFS+ that xorriso puts beside its own on a CD. */
static void test_xorriso(void **state)
{
	(void)state;
	if (!tool_exists("xorriso"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	make_big();
	run_in(dir, "mkdir -p tree/dir && for i in $(seq 300); do echo $i > tree/dir/f$i; done");
	file_save(dir, "tree/big", span_of(big, BIG));
	run_in(dir, "xorriso -as mkisofs -quiet -R -hfsplus -V Updater -o i tree 2> /dev/null");
	struct span image = file_load(dir, "i");
	const uint8_t *header = memmem(image.p, image.n, "H+\0\4", 4);
	assert_non_null(header);
	walked_open(&t, &hfsplus_format, span_from(image, (uint64_t)(header - image.p) - 1024));
	assert_true(t.accepted && !error_is(&t.error));
	assert_content(&t, "/big", big, BIG);
	assert_content(&t, "/dir/f277", "277\n", 4);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 301);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

/* The header, or the master directory block, is lost: its copy in the last but one sector tells of the same files. */
static void test_lost_header(void **state)
{
	(void)state;
	struct hfsplus_file files[64];
	struct walked t;
	struct format_match m = { .size = SIZE_UNKNOWN };
	size_t nfiles = make_files(files), n;
	uint8_t *image = hfsplus_write(files, nfiles, &(struct hfsplus_options){ .block = 4096, .attributes = UNMOUNTED }, &n);
	memset(image + 1024, 0, 512);
	assert_true(hfsplus_format.probe_whole(span_of(image, n), &m));
	assert_int_equal(m.size, n);
	walked_open(&t, &hfsplus_format, span_of(image, n));
	assert_content(&t, "/firmware.bin", big, BIG);
	assert_content(&t, "/etc/passwd", "root:x:0:0\n", 11);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	assert_false(hfsplus_format.probe_whole(span_of(image, n - 512), &m)); /* not the end */
	assert_false(hfsplus_format.probe_whole(span_of(image + 4096, n - 4096), &m)); /* not the beginning */
	assert_false(hfsplus_format.probe_whole(span_of(image, 600), &m));
	survives_flips(&hfsplus_format, span_of(image, n), 300, 0);
	free(image);
	if (!tool_exists("hformat"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "truncate -s 4M v && HOME=$PWD hformat -l Updater v && HOME=$PWD && export HOME && hmount v && "
	            "printf hello > t && hcopy -r t :t && humount");
	struct span volume = file_load(dir, "v");
	memset((uint8_t *)volume.p + 1024, 0, 512);
	assert_true(hfs_format.probe_whole(volume, &m));
	walked_open(&t, &hfs_format, volume);
	assert_content(&t, "/t", "hello", 5);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	assert_false(hfs_format.probe_whole(span_of(volume.p, volume.n - 512), &m));
	free((void *)volume.p);
	temp_remove(dir);
}

static void test_hfs(void **state)
{
	(void)state;
	if (!tool_exists("hformat"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	make_big();
	file_save(dir, "big", span_of(big, BIG));
	run_in(dir, "truncate -s 4M v && HOME=$PWD hformat -l Updater v && HOME=$PWD && export HOME && hmount v && hmkdir dir && "
	            "hcopy -r big :dir:big && "
	            "printf hello > t && hcopy -r t ':a/b' && for i in $(seq 300); do echo $i > s; hcopy -r s :dir:f$i; done && humount");
	struct span volume = file_load(dir, "v");
	struct walked t;
	walked_open(&t, &hfs_format, volume);
	assert_true(t.accepted);
	if (error_is(&t.error))
		fail_msg("%s", t.error.text);
	assert_int_equal(t.match.size, volume.n);
	assert_string_equal(walked_header(&t, "volume_name"), "Updater");
	assert_content(&t, "/dir/big", big, BIG);
	assert_content(&t, "/a:b", "hello", 5);
	assert_content(&t, "/dir/f277", "277\n", 4);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 302);
	walked_close(&t);
	survives_cuts(&hfs_format, span_of(volume.p, 400000), 30);
	survives_flips(&hfs_format, span_of(volume.p, 200000), 100, 0);
	/* The same block as a wrapper. */
	struct hfsplus_file files[64];
	size_t nfiles = make_files(files), n;
	uint8_t *image = hfsplus_write(files, nfiles, &(struct hfsplus_options){ .block = 512, .attributes = UNMOUNTED }, &n), *p = (uint8_t *)volume.p;
	uint32_t unit = span_u32be(volume, 1024 + 20), first = span_u16be(volume, 1024 + 28) * 512u;
	if (!unit) {
		fail();
		return;
	}
	memcpy(p + 1024 + 124, "H+\2\0", 4);
	p[1024 + 128] = (uint8_t)(n / unit >> 8);
	p[1024 + 129] = (uint8_t)(n / unit);
	memcpy(p + first + 512ull * unit, image, n);
	walked_open(&t, &hfs_format, volume);
	const struct walked_entry *e = walked_get(&t, "embedded");
	assert_int_equal(e->content.n, n);
	struct walked inner;
	walked_open(&inner, &hfsplus_format, e->content);
	expect_files(&inner);
	walked_close(&inner);
	walked_close(&t);
	free(image);
	free((void *)volume.p);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),    cmocka_unit_test(test_packed),   cmocka_unit_test(test_damage),
		cmocka_unit_test(test_lost_header),
		cmocka_unit_test(test_overlap), cmocka_unit_test(test_forks),    cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_cut),     cmocka_unit_test(test_paths),    cmocka_unit_test(test_survival),
		cmocka_unit_test(test_hfs),     cmocka_unit_test(test_xorriso),
	};
	return cmocka_run_group_tests_name("hfsplus", tests, NULL, NULL);
}
