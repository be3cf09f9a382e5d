/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iso9660: images of genisoimage and xorriso over their options, compared with the tree they were made from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "host_tree.h"

extern const struct format iso9660_format;

/* `moved`: directories that only hold what lay too deep. */
static void expect_tree(const char *dir, const char *command, const char *names, unsigned keeps, unsigned moved)
{
	struct walked t;
	char path[TEMP_MAX + 8];
	snprintf(path, sizeof path, "%s/files", dir);
	run_in(dir, command);
	struct span image = file_load(dir, "image");
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(host_tree_compare(&t, path, "", keeps) + moved, t.n);
	assert_in_range(t.match.size, image.n - 2048 * 200, image.n); /* it is padded with 150 sectors */
	assert_string_equal(walked_header(&t, "names"), names);
	assert_string_equal(walked_header(&t, "volume_identifier"), "VOLUME");
	walked_close(&t);
	free((void *)image.p);
}

/* Where the bytes stand; they must. */
static uint8_t *find(const uint8_t *p, size_t n, const char *bytes, size_t bytes_n)
{
	uint8_t *at = memmem(p, n, bytes, bytes_n);
	if (!at)
		abort();
	return at;
}

static void test_rock_ridge(void **state)
{
	(void)state;
	unsigned keeps = KEEPS_MODE | KEEPS_OWNER | KEEPS_MTIME | KEEPS_LINKS | KEEPS_FIFOS;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	host_tree_make(dir, keeps);
	run_in(
		dir,
		"cd files && mkdir -p 1/2/3/4/5/6/7/8/9/10 && echo deep > 1/2/3/4/5/6/7/8/9/10/file && "
		"ln -s /an/absolute/../and/./$(printf %0100d 7)/$(printf %060d 8)/path long && "
		"ln -s .//many slashes && ln -s /an//../other// absolute && "
		"touch $(printf %0200d 9) && mkdir many && for i in $(seq 200); do echo $i > many/$(printf %0100d $i); done");
	if (geteuid() == 0)
		run_in(dir, "cd files && mknod char c 5 1 && mknod block b 259 70000 && chown 1000:70000 noise");
	expect_tree(dir, "genisoimage -quiet -V VOLUME -R -o image files 2> /dev/null", "Rock Ridge", keeps, 1);
	expect_tree(dir, /* the directory of what lay too deep is marked like that itself */
				"genisoimage -quiet -V VOLUME -R -o image files 2> /dev/null && "
				"perl -0777 -pi -e 's/(RR_MOVED.{0,4}?)RR\\x05\\x01/$1RE\\x05\\x01/s or die' image",
				"Rock Ridge", keeps, 0);
	expect_tree(dir, "genisoimage -quiet -V VOLUME -R -J -joliet-long -D -iso-level 4 -o image files 2> /dev/null",
				"Rock Ridge", keeps, 0);
	if (tool_exists("xorriso"))
		expect_tree(dir, "xorriso -as mkisofs -quiet -V VOLUME -R -J -o image files 2> /dev/null", "Rock Ridge", keeps,
					0);
	temp_remove(dir);
}

/* A label of Joliet is shown where it says more than the primary one. */
static void test_joliet_label(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	static const struct {
		const char *label;
		bool blank; /* the primary one is wiped */
		const char *joliet;
	} cases[] = {
		{ "VOLUME", false, NULL }, { "VOLUME", true, "VOLUME" }, { "OF_MORE_THAN_16_LETTERS", false, NULL }, { "", true, NULL },
		{ "V\303\266lume", true, "V\303\266lume" },
	};
	char dir[TEMP_MAX], command[256];
	temp_new(dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(command, sizeof command, "mkdir -p t; LC_ALL=C.UTF-8 genisoimage -quiet -input-charset utf-8 -R -J -V '%s' -o image t",
				 cases[i].label);
		run_in(dir, command);
		struct span image = file_load(dir, "image");
		struct walked t;
		if (cases[i].blank || !*cases[i].label)
			memset((uint8_t *)image.p + 16 * 2048 + 40, ' ', 32);
		if (!*cases[i].label) /* genisoimage has one of its own */
			memset((uint8_t *)image.p + 17 * 2048 + 40, 0, 32);
		walked_open(&t, &iso9660_format, image);
		const char *label = walked_header(&t, "joliet_volume_identifier");
		if (!label != !cases[i].joliet || (label && strcmp(label, cases[i].joliet) != 0))
			fail_msg("%zu: %s", i, label ? label : "none");
		walked_close(&t);
		free((void *)image.p);
	}
	temp_remove(dir);
}

static void test_joliet(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	host_tree_make(dir, KEEPS_MTIME);
	run_in(dir, "cd files && echo x > 'a name, with signs 1' && echo y > \xc3\xa4\xe2\x82\xac");
	expect_tree(dir, "LC_ALL=C.UTF-8 genisoimage -quiet -input-charset utf-8 -V VOLUME -J -joliet-long -o image files",
				"Joliet", KEEPS_MTIME, 0);
	temp_remove(dir);
}

static void test_plain(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir, "mkdir -p t/DIR; echo a > t/DIR/FILE.TXT; echo b > t/NODOT; genisoimage -quiet -o image t");
	struct span image = file_load(dir, "image");
	walked_open(&t, &iso9660_format, image);
	assert_content(&t, "/DIR/FILE.TXT", "a\n", 2);
	assert_content(&t, "/NODOT", "b\n", 2);
	assert_int_equal(walked_get(&t, "/NODOT")->e.mode, FACT_NULL);
	assert_int_equal(t.n, 3);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

static void test_boot_images(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir,
		   "mkdir t; head -c 8192 /dev/urandom > t/loader; head -c 40000 /dev/urandom > t/efi; echo x > t/file; "
		   "genisoimage -quiet -R -b loader -c catalogue -no-emul-boot -boot-load-size 16 -eltorito-alt-boot -e efi "
		   "-no-emul-boot -hide loader -o image t 2> /dev/null");
	struct span image = file_load(dir, "image"), loader = file_load(dir, "t/loader"), efi = file_load(dir, "t/efi");
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "/efi", efi.p, efi.n); /* it has a name: no region */
	assert_content(&t, "boot-image-1", loader.p, loader.n);
	assert_int_equal(walked_count(&t, ENTRY_REGION), 1);
	assert_true(text_starts(text_c(walked_header(&t, "boot-image-1")), "x86, bootable, media 0"));
	assert_non_null(walked_header(&t, "boot-image-2"));
	walked_close(&t);
	free((void *)image.p);
	free((void *)loader.p);
	free((void *)efi.p);
	temp_remove(dir);
}

/* An EFI system partition behind the volume: the catalogue tells of it, the volume's size does not count it. */
static void test_appended_boot_image(void **state)
{
	(void)state;
	if (!tool_exists("xorriso"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir, "mkdir t; echo x > t/file; head -c 2097152 /dev/urandom > esp; xorriso -as mkisofs -quiet -R -o image -no-pad "
				"-append_partition 2 0xef esp -e --interval:appended_partition_2:all:: -no-emul-boot t > log 2>&1");
	struct span image = file_load(dir, "image"), esp = file_load(dir, "esp");
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "boot-image-1", esp.p, esp.n);
	assert_true(t.match.size <= image.n);
	walked_close(&t);
	free((void *)image.p);
	free((void *)esp.p);
	temp_remove(dir);
}

/* What stands between the volume and such a partition is no boot image, and is shown too. */
static void test_partition_before_boot_image(void **state)
{
	(void)state;
	if (!tool_exists("xorriso"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir, "mkdir t; echo x > t/file; head -c 1048576 /dev/urandom > data; head -c 2097152 /dev/urandom > esp; "
				"xorriso -as mkisofs -quiet -R -o image -no-pad -append_partition 2 0x83 data -append_partition 3 0xef esp "
				"-e --interval:appended_partition_3:all:: -no-emul-boot t > log 2>&1");
	struct span image = file_load(dir, "image"), data = file_load(dir, "data"), esp = file_load(dir, "esp");
	walked_open(&t, &iso9660_format, image);
	assert_content(&t, "boot-image-1", esp.p, esp.n);
	const struct walked_entry *behind = walked_get(&t, "behind-volume-1");
	assert_true(behind->e.content.bytes.n >= data.n);
	assert_memory_equal(span_from(behind->e.content.bytes, behind->e.content.bytes.n - data.n).p, data.p, data.n);
	walked_close(&t);
	free((void *)image.p);
	free((void *)data.p);
	free((void *)esp.p);
	temp_remove(dir);
}

static void test_zisofs(void **state)
{
	(void)state;
	if (!tool_exists("xorriso"))
		skip();
	char dir[TEMP_MAX];
	host_tree_make(dir, KEEPS_SPARSE);
	run_in(
		dir,
		"xorriso -zisofs default -outdev image -volid VOLUME -map files / -find / -type f -exec set_filter --zisofs -- "
		"2> /dev/null");
	expect_tree(dir, "test $(stat -c %s image) -lt 8000000", "Rock Ridge", 0, 0);
	/* Its second version, where this xorriso knows it. */
	run_in(dir,
		   "xorriso -zisofs version_2=on:block_size_v2=128k -outdev image2 -volid VOLUME -map files / -find / -type f -exec "
		   "set_filter --zisofs -- 2> /dev/null && mv image2 image || true");
	expect_tree(dir, "test $(stat -c %s image) -lt 8000000", "Rock Ridge", 0, 0);
	temp_remove(dir);
}

/* A file of two extents that do not follow each other: written by hand over two files. */
static void test_extents(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(
		dir,
		"mkdir t; head -c 4096 /dev/urandom > t/AAA; head -c 999 /dev/urandom > t/BBB; head -c 3000 /dev/urandom > t/CCC; "
		"genisoimage -quiet -o image t");
	struct span image = file_load(dir, "image"), a = file_load(dir, "t/AAA"), c = file_load(dir, "t/CCC");
	uint8_t *ra = find(image.p, image.n, "\6AAA.;1", 7), *rc = find(image.p, image.n, "\6CCC.;1", 7);
	uint8_t *rb = find(image.p, image.n, "\6BBB.;1", 7);
	/* A stands first, goes on in B's record, which now tells of C's bytes; C's record is removed. */
	ra[25 - 32] |= 0x80;
	memcpy(rb, ra, 7);
	memcpy(rb + 2 - 32, rc + 2 - 32, 16);
	memset(rc - 32, 0, rc[-32]);
	walked_open(&t, &iso9660_format, image);
	uint8_t expected[7096];
	memcpy(expected, a.p, 4096);
	memcpy(expected + 4096, c.p, 3000);
	assert_content(&t, "/AAA", expected, sizeof expected);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	free((void *)image.p);
	free((void *)a.p);
	free((void *)c.p);
	temp_remove(dir);
}

static void test_hostile(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	temp_new(dir);
	run_in(dir,
		   "mkdir -p t/DIR t/EMPTY; echo a > t/DIR/FILE; echo b > t/FIRST; genisoimage -quiet -no-pad -R -o image t");
	struct span image = file_load(dir, "image");
	uint8_t *p = malloc(image.n), *root = p + 2048 * image.p[16 * 2048 + 158];
	memcpy(p, image.p, image.n);
	/* A directory that is the root. */
	uint8_t *record = find(p, image.n, "\5EMPTY", 6);
	memcpy(record - 32 + 2, root + 2, 16);
	walked_open(&t, &iso9660_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* the path table tells of the one that was there */
	assert_content(&t, "/DIR/FILE", "a\n", 2);
	walked_close(&t);
	/* A continuation that leads to itself; a path as a name; a file that is larger than the image. */
	memcpy(p, image.p, image.n);
	record = find(p, image.n, "FIRST.;1", 8);
	uint8_t *name = find(record, 200, "NM", 2);
	memcpy(name + 5, "../ab", 5);
	memset(record - 33 + 10, 0x7f, 8);
	walked_open(&t, &iso9660_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "/../ab")->e.size, 0x7f7f7f7f);
	walked_close(&t);
	survives_cuts(&iso9660_format, image, 100);
	survives_flips(&iso9660_format, image, 2000, 0);
	free(p);
	free((void *)image.p);
	temp_remove(dir);
}

static struct span ten_files(char dir[TEMP_MAX])
{
	temp_new(dir);
	run_in(dir, "mkdir -p t/d/e; for i in 0 1 2 3 4 5 6 7 8 9; do head -c 5000 /dev/urandom | base64 > t/d/e/f$i; done; echo x > t/d/x;"
				"genisoimage -quiet -R -o image t");
	return file_load(dir, "image");
}

/* Bytes that are missing or too many: what stands behind them is read where it is. */
static void test_shifted(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	static const int by[] = { -1, -13, -500, 1, 13, 500 };
	char dir[TEMP_MAX], path[16], name[16];
	struct span image = ten_files(dir);
	struct walked t;
	walked_open(&t, &iso9660_format, image);
	size_t in_third = walked_get(&t, "/d/e/f2")->e.offset + 3000, root = 2048 * (size_t)image.p[16 * 2048 + 158];
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	for (size_t i = 0; i < sizeof by / sizeof by[0]; i++)
		for (size_t k = 0; k < 2; k++) { /* in a file; in the directory before that of the files */
			struct span damaged = image_shifted(image, k ? root + 2048 - 600 : in_third, by[i]);
			walked_open(&t, &iso9660_format, damaged);
			assert_int_equal(walked_damage(&t, "corrupt"), 1);
			for (int f = k ? 0 : 3; f < 10; f++) {
				snprintf(path, sizeof path, "/d/e/f%d", f);
				snprintf(name, sizeof name, "t/d/e/f%d", f);
				struct span file = file_load(dir, name);
				assert_content(&t, path, file.p, file.n);
				free((void *)file.p);
			}
			walked_close(&t);
			free((void *)damaged.p);
		}
	free((void *)image.p);
	temp_remove(dir);
}

/* Padding that is no zeros shows nothing, though a zero stands as far before the end of each file. */
static void test_other_padding(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX], path[16];
	uint8_t data[9 * 2048];
	temp_new(dir);
	run_in(dir, "mkdir t");
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(1 + i * i % 255);
	struct span files[8];
	for (size_t i = 0; i < 8; i++) {
		size_t n = 2048 * i + 2047;
		data[n - 101] = 0;
		snprintf(path, sizeof path, "t/f%zu", i);
		file_save(dir, path, span_of(data, n));
		files[i] = file_load(dir, path);
		data[n - 101] = 1;
	}
	run_in(dir, "genisoimage -quiet -R -o image t");
	struct span image = file_load(dir, "image");
	struct walked t;
	for (int damaged = 0; damaged < 2; damaged++) {
		walked_open(&t, &iso9660_format, image);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		for (size_t i = 0; i < 8; i++) {
			snprintf(path, sizeof path, "/f%zu", i);
			assert_content(&t, path, files[i].p, files[i].n);
			((uint8_t *)image.p)[walked_get(&t, path)->e.offset + files[i].n] = 0xff;
		}
		walked_close(&t);
	}
	for (size_t i = 0; i < 8; i++)
		free((void *)files[i].p);
	free((void *)image.p);
	temp_remove(dir);
}

/* What is lost of directories is told, and found by the path table as far as that goes. */
static void test_lost_directories(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	struct span image = ten_files(dir);
	uint8_t *p = malloc(image.n), *root = p + 2048 * (size_t)image.p[16 * 2048 + 158];
	assert_non_null(p);
	memcpy(p, image.p, image.n);
	memset(root, 0, 2048);
	walked_open(&t, &iso9660_format, span_of(p, image.n));
	assert_true(walked_damage(&t, "corrupt") >= 2);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 11); /* by the names of ISO 9660 or of Rock Ridge */
	walked_close(&t);
	memcpy(p, image.p, image.n);
	memset(find(root, 2048, "\1D", 2) - 32, 0xaa, 40); /* the record of d */
	walked_open(&t, &iso9660_format, span_of(p, image.n));
	assert_true(walked_damage(&t, "corrupt") >= 2);
	assert_int_equal(walked_count(&t, ENTRY_FILE), 11);
	walked_close(&t);
	memcpy(p, image.p, image.n);
	uint8_t *x = find(p, image.n, "\4X.;1", 5); /* a file of impossible size: the other byte order has the right one */
	x[10 - 32 + 3] = 0x7f;
	walked_open(&t, &iso9660_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/d/x", "x\n", 2);
	walked_close(&t);
	free(p);
	free((void *)image.p);
	temp_remove(dir);
}

/* Beyond 2038 genisoimage writes offsets from GMT of a day, which Linux does not take for any. */
static void test_late_times(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	struct walked t;
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "export TZ=UTC; mkdir t; echo a > t/late; touch -d @4000000000 t/late; echo b > t/known; touch -d @1234567890 t/known;"
				"genisoimage -quiet -R -o image t");
	struct span image = file_load(dir, "image");
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(walked_get(&t, "/late")->e.mtime, 4000000000);
	assert_int_equal(walked_get(&t, "/known")->e.mtime, 1234567890);
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

/* Two trees, the first as one image; the second's files are others but for one that is kept. */
static void make_trees(char dir[TEMP_MAX])
{
	temp_new(dir);
	run_in(dir, "mkdir -p a b/d; echo one > a/one; head -c 300000 /dev/urandom > a/big; echo two > b/two; echo eins > b/one; "
				"echo x > b/d/x; genisoimage -quiet -R -J -V FIRST -o first a 2> /dev/null");
}

/* The image shows the second tree, with what it keeps of the first. */
static void expect_second(const char *dir, const char *names, const char *first, const char *second)
{
	struct walked t;
	struct span image = file_load(dir, "image"), big = file_load(dir, "a/big");
	walked_open(&t, &iso9660_format, image);
	assert_true(t.accepted);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "/one", "eins\n", 5);
	assert_content(&t, "/two", "two\n", 4);
	assert_content(&t, "/d/x", "x\n", 2);
	assert_content(&t, "/big", big.p, big.n);
	assert_int_equal(t.n, 5);
	assert_string_equal(walked_header(&t, "names"), names);
	assert_string_equal(walked_header(&t, "volume_identifier"), "SECOND");
	assert_non_null(strstr(walked_header(&t, "session-1"), first));
	assert_non_null(strstr(walked_header(&t, "session-1"), "of which only what the last one keeps"));
	assert_non_null(strstr(walked_header(&t, "session-2"), second));
	assert_null(strstr(walked_header(&t, "session-2"), "keeps"));
	assert_null(walked_header(&t, "session-3"));
	assert_in_range(t.match.size, image.n - 2048 * 200, image.n);
	walked_close(&t);
	free((void *)image.p);
	free((void *)big.p);
}

/* Sessions that follow at once, as on a DVD, and behind the gap of a CD; each program's. */
static void test_sessions(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	static const char *const programs[] = { "genisoimage", "xorriso -as mkisofs" };
	static const unsigned starts[] = { 352, 11702 };
	char dir[TEMP_MAX], command[512], second[64];
	make_trees(dir);
	for (unsigned i = 0; i < 4; i++) {
		if (i / 2 && !tool_exists("xorriso"))
			break;
		snprintf(command, sizeof command,
				 "%s -quiet -R -J -V SECOND -C 0,%u -M first -o second b 2> /dev/null; cp first image; "
				 "dd if=second of=image bs=2048 seek=%u conv=notrunc status=none",
				 programs[i / 2], starts[i % 2], starts[i % 2]);
		run_in(dir, command);
		snprintf(second, sizeof second, "block %u, ", starts[i % 2]);
		expect_second(dir, "Rock Ridge", "block 0, 329 blocks, volume FIRST", second);
	}
	struct span image = file_load(dir, "image");
	/* Where the end of the last one is cut off it is still the one that is opened, and said. */
	struct walked t;
	walked_open(&t, &iso9660_format, span_sub(image, 0, image.n - 2048 * 100));
	assert_content(&t, "/two", "two\n", 4);
	assert_non_null(strstr(walked_header(&t, "session-2"), "volume SECOND"));
	walked_close(&t);
	survives_cuts(&iso9660_format, image, 50);
	survives_flips(&iso9660_format, span_sub(image, 0, image.n), 200, 0);
	free((void *)image.p);
	temp_remove(dir);
}

/* A later session alone, whose blocks are counted from the start of a medium that is not there. What lies in the first one is said to
 * be missing; where the place of the session is not proven nothing is taken for something else. */
static void expect_lone(const char *dir, const char *names, unsigned start)
{
	struct walked t;
	char text[64];
	struct span image = file_load(dir, "second");
	walked_open(&t, &iso9660_format, image);
	assert_true(t.accepted && !error_is(&t.error));
	assert_in_range(t.match.size, 2048 * 24, image.n);
	assert_string_equal(walked_header(&t, "volume_identifier"), "SECOND");
	assert_string_equal(walked_header(&t, "names"), names);
	assert_int_equal(t.n, 5);
	assert_content(&t, "/one", "eins\n", 5);
	assert_content(&t, "/two", "two\n", 4);
	assert_content(&t, "/d/x", "x\n", 2);
	assert_int_equal(walked_get(&t, "/big")->e.size, 300000);
	assert_int_equal(walked_get(&t, "/big")->content.n, 0);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	assert_true(walked_damage(&t, "truncated") >= 1);
	snprintf(text, sizeof text, "block %u of its medium", start);
	assert_non_null(strstr(walked_header(&t, "session_start"), text));
	walked_close(&t);
	uint8_t *p = (uint8_t *)image.p;
	size_t sector = 17;
	while (memcmp(p + sector * 2048 + 32, "\1\0", 2) != 0 || (p[sector * 2048 + 25] & 2) == 0)
		sector++;
	uint8_t *root = p + sector * 2048;
	assert_int_equal(root[2] | root[3] << 8 | root[4] << 16, start + sector);
	p[16 * 2048 + 140] ^= 1; /* the path table is elsewhere */
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(t.n, 0);
	assert_true(t.accepted == false || walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	p[16 * 2048 + 140] ^= 1;
	root[2] ^= 1; /* the root is another directory */
	root[9] ^= 1;
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(t.n, 0);
	walked_close(&t);
	root[2] ^= 1;
	root[9] ^= 1;
	survives_cuts(&iso9660_format, image, 50);
	survives_flips(&iso9660_format, image, 200, 0);
	/* Another session's directory stands where this one's root would, were it the first. */
	size_t n = (start + sector + 1) * 2048;
	p = calloc(1, n > image.n ? n : image.n);
	assert_non_null(p);
	memcpy(p, image.p, image.n);
	memcpy(p + (start + sector) * 2048, p + sector * 2048, 2048);
	p[(start + sector) * 2048 + 2] ^= 1;
	p[(start + sector) * 2048 + 9] ^= 1;
	walked_open(&t, &iso9660_format, span_of(p, n > image.n ? n : image.n));
	assert_content(&t, "/two", "two\n", 4);
	walked_close(&t);
	memset(p + sector * 2048, 0, 2048);
	assert_false(iso9660_format.probe(span_of(p, n), &t.match));
	free(p);
	free((void *)image.p);
}

static void test_lone_session(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	static const char *const programs[] = { "genisoimage", "xorriso -as mkisofs" };
	static const char *const options[] = { "-R -J", "-J", "-R" };
	static const unsigned starts[] = { 352, 11702 };
	char dir[TEMP_MAX], command[512];
	make_trees(dir);
	for (unsigned i = 0; i < 6; i++) {
		if (i / 3 && !tool_exists("xorriso"))
			break;
		snprintf(command, sizeof command, "%s -quiet %s -V SECOND -C 0,%u -M first -o second b 2> /dev/null", programs[i / 3],
				 options[i % 3], starts[i % 2]);
		run_in(dir, command);
		if (i != 4) /* xorriso has always Rock Ridge */
			expect_lone(dir, i == 1 ? "Joliet" : "Rock Ridge", starts[i % 2]);
	}
	/* Two sessions without the first: the last one is shown, with what it keeps of the second. */
	run_in(dir, "genisoimage -quiet -R -V SECOND -C 0,352 -M first -o second b 2> /dev/null && cat first > image && "
				"dd if=second of=image bs=2048 seek=352 conv=notrunc status=none && mkdir c && echo three > c/three && "
				"genisoimage -quiet -R -V THIRD -C 352,600 -M image -o third c 2> /dev/null && "
				"dd if=third of=second bs=2048 seek=248 conv=notrunc status=none");
	struct walked t;
	struct span image = file_load(dir, "second");
	walked_open(&t, &iso9660_format, image);
	assert_string_equal(walked_header(&t, "volume_identifier"), "THIRD");
	assert_content(&t, "/three", "three\n", 6);
	assert_content(&t, "/two", "two\n", 4);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1); /* "big" */
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

/* A root's own record that names another block makes no later session of an image whose path table is where it says. */
static void test_root_names_another(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	make_trees(dir);
	struct span image = file_load(dir, "first");
	uint8_t *p = (uint8_t *)image.p, *root = p + p[16 * 2048 + 158] * 2048;
	assert_int_equal(root[2], p[16 * 2048 + 158]);
	root[2] = root[9] = (uint8_t)(root[2] + 3);
	walked_open(&t, &iso9660_format, image);
	assert_true(t.accepted);
	assert_content(&t, "/one", "one\n", 4);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free(p);
	temp_remove(dir);
}

/* A medium that is overwritten: its beginning tells of the last session, and the first one's descriptors are kept behind it. */
static void test_sessions_overwritten(void **state)
{
	(void)state;
	if (!tool_exists("xorriso") || !tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	make_trees(dir);
	run_in(dir, "xorriso -outdev image -volid FIRST -map a / 2> /dev/null; "
				"xorriso -dev image -volid SECOND -rm /one -- -map b / -commit 2> /dev/null");
	expect_second(dir, "Rock Ridge", "block 32, ", "volume SECOND");
	/* Of one session alone nothing is said. */
	struct walked t;
	run_in(dir, "rm image; xorriso -outdev image -volid FIRST -map a / 2> /dev/null");
	struct span image = file_load(dir, "image");
	walked_open(&t, &iso9660_format, image);
	assert_null(walked_header(&t, "session-1"));
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

/* Two images behind each other are no sessions: each counts its blocks from its own start. */
static void test_no_sessions(void **state)
{
	(void)state;
	if (!tool_exists("genisoimage"))
		skip();
	char dir[TEMP_MAX];
	struct walked t;
	make_trees(dir);
	run_in(dir, "genisoimage -quiet -R -J -V SECOND -o second b 2> /dev/null; cat first second > image");
	struct span image = file_load(dir, "image");
	walked_open(&t, &iso9660_format, image);
	assert_int_equal(t.match.size, 329 * 2048);
	assert_string_equal(walked_header(&t, "volume_identifier"), "FIRST");
	assert_null(walked_header(&t, "session-1"));
	walked_close(&t);
	free((void *)image.p);
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rock_ridge),  cmocka_unit_test(test_joliet), cmocka_unit_test(test_joliet_label), cmocka_unit_test(test_plain),
		cmocka_unit_test(test_boot_images), cmocka_unit_test(test_appended_boot_image),
		cmocka_unit_test(test_partition_before_boot_image),
		cmocka_unit_test(test_zisofs), cmocka_unit_test(test_extents),
		cmocka_unit_test(test_late_times),  cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_shifted),     cmocka_unit_test(test_lost_directories), cmocka_unit_test(test_other_padding),
		cmocka_unit_test(test_sessions),    cmocka_unit_test(test_sessions_overwritten),
		cmocka_unit_test(test_no_sessions), cmocka_unit_test(test_lone_session),
		cmocka_unit_test(test_root_names_another),
	};
	return cmocka_run_group_tests_name("iso9660", tests, NULL, NULL);
}
