/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext2, ext3, ext4: images of mke2fs with every feature that changes what lies where, changed by debugfs and e2fsck, and
 * compared with the tree that they were made from. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "host_tree.h"

extern const struct format ext_format;

static char tree[TEMP_MAX]; /* "files" in it is what images are made from */
static bool tools;

static int make_tree(void **state)
{
	(void)state;
	host_tree_make(tree, KEEPS_ALL);
	run_in(tree,
		   "cd files && i=1; while [ $i -lt 300 ]; do ln -s $(printf \"%0${i}d\" 0) a/b/to-$i; i=$((i + 7)); done");
	run_in(tree, "cd files && for i in 1 59 60 61 100 150 200; do head -c $i noise > a/b/inline-$i; done");
	run_in(tree,
		   "mkdir little && cd little && mkdir -p etc/init.d bin && echo hello > etc/hello && ln -s hello etc/link");
	run_in(tree, "cd little && head -c 30000 ../files/noise > bin/sh && ln bin/sh bin/ash && ln -s /nowhere far");
	tools = tool_exists("mke2fs") && tool_exists("debugfs");
	return 0;
}

static int remove_tree(void **state)
{
	(void)state;
	temp_remove(tree);
	return 0;
}

static struct span make_image(const char *from, const char *size, const char *options, const char *then)
{
	char command[1500];
	snprintf(command, sizeof command,
			 "rm -f image && truncate -s %s image && mke2fs -q -F -d %s %s image 2> log && { %s; }", size, from,
			 options, *then ? then : "true");
	run_in(tree, command);
	return file_load(tree, "image");
}

/* What was walked is the tree, and lost+found. */
static void expect_tree(const struct walked *t, const char *name, bool damaged)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", tree, name);
	assert_true(t->accepted);
	if (error_is(&t->error))
		fail_msg("%s", t->error.text);
	const struct fact_damage *d = fact_list_get(&t->facts, FACT_damage, 0);
	if (d && !damaged)
		fail_msg("%.*s", (int)d->what.n, d->what.p);
	assert_int_equal(d != NULL, damaged);
	assert_int_equal(walked_get(t, "/lost+found")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(host_tree_compare(t, path, "", KEEPS_ALL) + 1, t->n);
}

static void check(const char *from, const char *size, const char *options, const char *then)
{
	struct walked t;
	struct span image = make_image(from, size, options, then);
	walked_open(&t, &ext_format, image);
	print_message("%s\n", options);
	expect_tree(&t, from, false);
	assert_true(t.match.size <= image.n && image.n - t.match.size < 65536);
	walked_close(&t);
	free((void *)image.p);
}

static void test_mke2fs(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = {
		"-t ext2 -b 1024",
		"-t ext2 -b 4096 -O ^filetype",
		"-t ext2 -r 0 -O none",
		"-t ext3 -b 2048 -I 128",
		"-t ext3 -b 1024 -g 4096 -O ^sparse_super,^resize_inode",
		"-t ext4 -b 1024",
		"-t ext4 -b 4096 -O ^extents,^64bit",
		"-t ext4 -b 4096 -O bigalloc -C 16384",
		"-t ext4 -b 1024 -O bigalloc -C 4096",
		"-t ext4 -b 1024 -O ^filetype",
		"-t ext4 -b 1024 -O ^metadata_csum,uninit_bg,^64bit",
		"-t ext4 -b 1024 -O meta_bg,^resize_inode -g 2048",
		"-t ext4 -b 1024 -O meta_bg,^resize_inode,64bit -g 1024",
		"-t ext4 -b 1024 -O sparse_super2,^resize_inode",
		"-t ext4 -b 2048 -O large_dir,ea_inode,casefold,encrypt,verity,project,quota -I 1024",
		"-t ext4 -b 4096 -O ^has_journal,^flex_bg,metadata_csum_seed -U random -L volume",
		"-t ext4 -b 1024 -O 64bit -E desc_size=128,packed_meta_blocks=1 -G 32",
	};
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		check("files", "26M", options[i], "");
	check("files", "80M", "-t ext4 -b 65536", "");
	/* mke2fs 1.47 cuts files that end with a hole when it may write inline data. */
	run_in(tree, "cp -a files whole && rm whole/hole");
	check("whole", "26M", "-t ext4 -b 4096 -O inline_data -I 256", "");
	check("whole", "26M", "-t ext4 -b 1024 -O inline_data -I 512", "");
	check("files", "60M", "-t ext2 -b 32768", "");
}

/* A hole that mke2fs leaves in an inode of inline data is as long as it says: Linux reads zeros. With anything else in the inode it
 * is damage, and what is there is shown. */
static void test_inline_hole(void **state)
{
	(void)state;
	if (!tools)
		skip();
	run_in(tree, "mkdir zeros && head -c 200000 /dev/zero > zeros/zeros && head -c 4097 /dev/zero > zeros/few && echo ten bytes > zeros/text");
	check("zeros", "4M", "-t ext4 -b 1024 -O inline_data,^metadata_csum -I 256", "");
	struct span image = make_image("zeros", "4M", "-t ext4 -b 1024 -O inline_data,^metadata_csum -I 256",
								   "debugfs -w -R 'sif /text size 100' image 2> /dev/null");
	struct walked t;
	walked_open(&t, &ext_format, image);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	const struct walked_entry *text = walked_get(&t, "/text");
	assert_int_equal(text->content.n, 100);
	assert_memory_equal(text->content.p, "ten bytes\n\0", 11);
	walked_close(&t);
	free((void *)image.p);
}

static void test_indexed_directories(void **state)
{
	(void)state;
	if (!tools || !tool_exists("e2fsck"))
		skip();
	/* Exit code 1: something was changed. */
	check("files", "26M", "-t ext4 -b 1024", "e2fsck -fyD image > log 2>&1; [ $? -le 1 ]");
	check("files", "26M", "-t ext3 -b 1024 -O dir_index", "e2fsck -fyD image > log 2>&1; [ $? -le 1 ]");
	run_in(tree, "mkdir -p many/d && cd many/d && for i in $(seq 5000); do : > a-longer-name-than-others-$i; done");
	check("many", "26M", "-t ext4 -b 1024 -N 9000", "e2fsck -fyD image > log 2>&1; [ $? -le 1 ]");
}

/* Blocks of pointers to blocks of pointers to blocks of pointers, and nodes of extents below the inode's. */
static void test_far_blocks(void **state)
{
	(void)state;
	if (!tools)
		skip();
	run_in(tree, "mkdir -p far && cd far && head -c 3000 ../files/noise > f && truncate -s 70M f && "
				 "cat ../files/noise >> f && truncate -s 73400321 f");
	check("far", "4M", "-t ext2 -b 1024", "");
	check("far", "4M", "-t ext4 -b 1024 -O ^has_journal", "");
	run_in(tree, "mkdir -p holes && cd holes && for i in $(seq 0 4 1600); do "
				 "dd if=../files/noise of=f bs=1024 count=1 seek=$i conv=notrunc 2> ../log; done");
	check("holes", "4M", "-t ext4 -b 1024 -O ^has_journal", "");
	check("holes", "4M", "-t ext2 -b 1024", "");
}

static void test_header(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image(
		"little", "2M", "-t ext4 -b 1024 -L my-volume -U 12345678-9abc-def0-1234-56789abcdef0 -M /last/mounted",
		"debugfs -w -R 'ssv mtime @1600000000' image 2> log");
	walked_open(&t, &ext_format, image);
	assert_string_equal(walked_header(&t, "variant"), "ext4");
	assert_string_equal(walked_header(&t, "volume_name"), "my-volume");
	assert_string_equal(walked_header(&t, "last_mounted"), "/last/mounted");
	assert_string_equal(walked_header(&t, "uuid"), "12345678-9abc-def0-1234-56789abcdef0");
	assert_string_equal(walked_header(&t, "mount_time"), "1600000000");
	assert_string_equal(walked_header(&t, "block_size"), "1024");
	assert_string_equal(walked_header(&t, "checksum"), "ok");
	assert_non_null(strstr(walked_header(&t, "feature_incompat"), "extent"));
	assert_non_null(walked_header(&t, "mkfs_time"));
	walked_close(&t);
	free((void *)image.p);
	image = make_image("little", "2M", "-t ext3", "");
	walked_open(&t, &ext_format, image);
	assert_string_equal(walked_header(&t, "variant"), "ext3");
	assert_null(walked_header(&t, "volume_name"));
	walked_close(&t);
	free((void *)image.p);
}

static void test_devices_and_deletions(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image =
		make_image("little", "2M", "-t ext4",
				   "printf 'mknod tty c 4 64\\nmknod disk b 259 60000\\nmknod pipe p\\nrm etc/hello\\n"
				   "sif bin/sh mtime 0x80000000\\nsif bin/sh mtime_extra 1\\nsif bin/sh uid 100000\\n' > do && "
				   "debugfs -w -f do image > log 2>&1");
	walked_open(&t, &ext_format, image);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(walked_get(&t, "/tty")->e.kind, ENTRY_CHAR_DEVICE);
	assert_int_equal(walked_get(&t, "/tty")->e.device, (int64_t)4 << 32 | 64);
	assert_int_equal(walked_get(&t, "/disk")->e.kind, ENTRY_BLOCK_DEVICE);
	assert_int_equal(walked_get(&t, "/disk")->e.device, (int64_t)259 << 32 | 60000);
	assert_int_equal(walked_get(&t, "/pipe")->e.kind, ENTRY_FIFO);
	assert_int_equal(walked_get(&t, "/bin/sh")->e.uid, 100000);
	for (size_t i = 0; i < t.n; i++)
		assert_false(text_is(t.entries[i].e.path, "/etc/hello"));
	walked_close(&t);
	free((void *)image.p);
}

static void test_times_after_2038(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	run_in(tree, "mkdir -p times && cd times && touch late && touch -d @-1000 early");
	struct span image = make_image(
		"times", "2M", "-t ext4 -I 256",
		"printf 'sif late mtime @4000000000\\nsif late mtime_extra 1\\n' > do && debugfs -w -f do image > log 2>&1");
	walked_open(&t, &ext_format, image);
	assert_int_equal(walked_get(&t, "/late")->e.mtime, 4000000000);
	assert_int_equal(walked_get(&t, "/early")->e.mtime, -1000);
	walked_close(&t);
	free((void *)image.p);
}

static void test_encrypted(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image =
		make_image("little", "2M", "-t ext4 -O encrypt",
				   "printf 'sif bin/sh flags 0x80800\\nsif etc flags 0x80800\\nsif far flags 0x800\\n' > do && "
				   "debugfs -w -f do image > log 2>&1");
	walked_open(&t, &ext_format, image);
	assert_int_equal(walked_damage(&t, "encrypted"), 3);
	assert_int_equal(walked_get(&t, walked_get(&t, "/bin/sh")->e.same_as.p ? "/bin/ash" : "/bin/sh")->error.code,
					 ERR_ENCRYPTED);
	assert_null(walked_get(&t, "/far")->e.link_target.p);
	assert_content(&t, "/etc/hello", "hello\n", 6);
	walked_close(&t);
	free((void *)image.p);
}

static uint8_t *copy(struct span s)
{
	uint8_t *p = malloc(s.n);
	assert_non_null(p);
	memcpy(p, s.p, s.n);
	return p;
}

static void test_backups(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "-t ext4 -b 1024", "-t ext3 -b 1024",
										   "-t ext4 -b 1024 -O sparse_super2,^resize_inode" };
	for (size_t i = 0; i < 3; i++) {
		struct walked t;
		struct span image = make_image("files", "26M", options[i], "");
		uint8_t *p = copy(image);
		uint64_t start = 1;
		/* No superblock and no descriptors: only their copies. */
		memset(p + 1024, 0xff, 2048);
		walked_open(&t, &ext_format, span_of(p, image.n));
		expect_tree(&t, "files", true);
		assert_true(ext_format.locate(span_of(p, image.n), 8193 * 1024 + 56, &start));
		assert_int_equal(start, 0);
		walked_close(&t);
		/* The superblock and the inode tables' places alone are wrong. */
		memcpy(p, image.p, image.n);
		p[1024 + 4] ^= 1;
		memset(p + 2048 + 8, 0xff, 4);
		walked_open(&t, &ext_format, span_of(p, image.n));
		expect_tree(&t, "files", true);
		walked_close(&t);
		/* Without sums, another block may be the table: the root directory tells the first one, and the contradiction is damage. */
		for (unsigned group = 0; group < 2 && i == 1; group++) {
			memcpy(p, image.p, image.n);
			p[2048 + 32 * group + 8] ^= 4;
			walked_open(&t, &ext_format, span_of(p, image.n));
			assert_true(walked_damage(&t, "corrupt") > 0);
			if (group == 0)
				expect_tree(&t, "files", true);
			walked_close(&t);
		}
		free(p);
		free((void *)image.p);
	}
}

/* Changes a copy of "image" by debugfs and has debugfs write the changed blocks into the journal of "image", as Linux would. What
 * it shows once they are replayed is below "after". `then` are further commands, in which %s stands for the blocks. */
static struct span make_journal(const char *options, const char *open, const char *then)
{
	char command[1900];
	free((void *)make_image("little", "24M", options, "").p);
	snprintf(command, sizeof command,
			 "cp image copy; echo new > new; seq 30000 > grown; rm -rf after; mkdir after; "
			 "printf 'write new new\nwrite grown etc/grown\nrm etc/hello\nmkdir etc/more\nwrite new etc/more/deep\n"
			 "set_inode_field bin/sh mode 0100600\n' | debugfs -w -f - copy > log 2>&1; "
			 "b=$(dumpe2fs -h image 2> log | sed -n 's/^Block size: *//p'); "
			 "for n in $(cmp -l image copy | awk -v b=$b '{ n = int(($1 - 1) / b); if (n && n != last) print last = n }'); do "
			 "dd if=copy bs=$b skip=$n count=1 2> /dev/null >> changed.$$; blocks=$blocks${blocks:+,}$n; done; "
			 "printf \"jo %s\\njw -b $blocks changed.$$\\n%s\\njc\\n\" | debugfs -w -f - image > log 2>&1; "
			 "rm changed.$$; debugfs -R 'rdump / after' copy 2> log",
			 open, then);
	run_in(tree, command);
	return file_load(tree, "image");
}

/* What was not unmounted is shown as Linux would after it has replayed the journal. */
static void test_journal(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "-t ext4 -b 1024", "-t ext3 -b 1024", "-t ext4 -b 4096", "-t ext4 -b 2048 -O ^64bit" };
	static const char *const open[] = { "", "-c", "-c -v 2" };
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/after", tree);
	for (size_t i = 0; i < 12; i++) {
		struct walked t;
		struct span image = make_journal(options[i / 3], open[i % 3], "");
		print_message("%s: jo %s\n", options[i / 3], open[i % 3]);
		walked_open(&t, &ext_format, image);
		const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
		if (error_is(&t.error) || d)
			fail_msg("%s%.*s", t.error.text, d ? (int)d->what.n : 0, d ? d->what.p : "");
		assert_non_null(strstr(walked_header(&t, "journal"), "1 transaction replayed"));
		assert_int_equal(walked_get(&t, "/bin/sh")->e.mode, 0600);
		assert_content(&t, "/etc/more/deep", "new\n", 4);
		assert_int_equal(host_tree_compare(&t, path, "", KEEPS_MODE | KEEPS_NAMES), t.n);
		walked_close(&t);
		free((void *)image.p);
	}
}

static void put_le(uint8_t *p, uint32_t v, unsigned width)
{
	const uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };
	memcpy(p, bytes, width);
}

static uint32_t crc_c(uint32_t crc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < 8 * n; i++) {
		crc ^= i % 8 ? 0 : p[i / 8];
		crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

/* Where the journal's inode is damaged, the superblock tells where the journal lies. */
static void test_journal_without_inode(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "-t ext4 -b 1024", "-t ext3 -b 4096" };
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/after", tree);
	for (size_t i = 0; i < 2; i++) {
		struct walked t;
		free((void *)make_journal(options[i], "", "").p);
		run_in(tree, "debugfs -w -R 'clri <8>' image > log 2>&1");
		struct span image = file_load(tree, "image");
		walked_open(&t, &ext_format, image);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(host_tree_compare(&t, path, "", KEEPS_MODE | KEEPS_NAMES), t.n);
		walked_close(&t);
		uint8_t *p = copy(image);
		p[1024 + 0xfd] = 0; /* it tells of no copy */
		put_le(p + 1024 + 0x3fc, crc_c(UINT32_MAX, p + 1024, 0x3fc), 4);
		walked_open(&t, &ext_format, span_of(p, image.n));
		assert_int_equal(walked_damage(&t, "unsupported"), 1);
		walked_close(&t);
		free(p);
		free((void *)image.p);
	}
}

/* Linux does not go by how many inodes the superblock says are free. */
static void test_free_inodes(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "7M", "-t ext3 -b 1024", "");
	uint8_t *p = copy(image);
	put_le(p + 1024 + 16, UINT32_MAX, 4);
	walked_open(&t, &ext_format, span_of(p, image.n));
	expect_tree(&t, "little", false);
	walked_close(&t);
	p[1024 + 60] = 9; /* what is done about errors: nothing that there is */
	assert_false(ext_format.probe(span_of(p, image.n), &t.match));
	memcpy(p + 1024 + 16, image.p + 1024 + 16, 4);
	assert_true(ext_format.probe(span_of(p, image.n), &t.match));
	free(p);
	free((void *)image.p);
}

/* The first block of the journal. debugfs gives the journal no name. */
static uint8_t *journal_of(uint8_t *p, size_t n)
{
	for (size_t at = 0; at + 4096 <= n; at += 1024)
		if (memcmp(p + at, "\xc0\x3b\x39\x98\0\0\0\4", 8) == 0)
			return p + at;
	fail_msg("no journal");
	abort();
}

static size_t damages(const uint8_t *p, size_t n, const char *kind)
{
	struct walked t;
	walked_open(&t, &ext_format, span_of(p, n));
	assert_true(t.accepted);
	size_t found = walked_damage(&t, kind);
	walked_close(&t);
	return found;
}

static void put_be(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Begins a block of the journal, which is one of the first transaction. */
static uint8_t *put_header(uint8_t *block, uint32_t kind)
{
	put_be(block, 0xc03b3998);
	put_be(block + 4, kind);
	put_be(block + 8, 1);
	return block + 12;
}

/* Makes a transaction of the two blocks that follow the descriptor: one of a file, which begins as the journal's own blocks do, and
 * the descriptors of groups. */
static void write_journal(uint8_t *p, uint8_t *journal, uint32_t block, const uint8_t *escaped)
{
	put_be(journal + 24, 1);
	put_be(journal + 28, 1);
	uint8_t *tags = put_header(journal + 1024, 1);
	memset(tags, 0, 1012);
	put_be(tags, block);
	put_be(tags + 4, 1); /* escaped; its UUID follows */
	put_be(tags + 24, 2);
	put_be(tags + 28, 2 | 8); /* of the same UUID, the last one */
	memcpy(journal + 2048, escaped, 1024);
	memset(journal + 2048, 0, 4);
	memcpy(journal + 3072, p + 2048, 1024);
	put_header(journal + 4096, 2);
}

/* An image whose journal has such a transaction: of the first block of /bin/sh, which is to have the journal's own magic there. */
struct logged {
	struct span image, noise; /* before; what /bin/sh has in it */
	uint8_t *p, *journal, *expected;
};

static void logged_make(struct logged *l)
{
	l->image = make_image("little", "24M", "-t ext3 -b 1024", "debugfs -w -R 'feature needs_recovery' image > log 2>&1");
	l->noise = file_load(tree, "little/bin/sh");
	l->p = copy(l->image);
	l->expected = copy(l->noise);
	uint8_t *sh = memmem(l->p, l->image.n, l->noise.p, 1024);
	assert_non_null(sh);
	memcpy(l->expected, "\xc0\x3b\x39\x98", 4);
	l->journal = journal_of(l->p, l->image.n);
	write_journal(l->p, l->journal, (uint32_t)((size_t)(sh - l->p) / 1024), l->expected);
}

static void logged_free(struct logged *l)
{
	free(l->p);
	free(l->expected);
	free((void *)l->noise.p);
	free((void *)l->image.p);
}

static void assert_sh(const struct logged *l, const struct walked *t, bool replayed)
{
	const char *path = walked_get(t, "/bin/sh")->e.same_as.p ? "/bin/ash" : "/bin/sh";
	assert_content(t, path, replayed ? l->expected : l->noise.p, l->noise.n);
}

/* Blocks that begin as the journal's own do stand in it with zeros there; descriptors of groups are read as it has them. Where
 * Linux would not replay it, nothing is. */
static void test_escaped(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct logged l;
	logged_make(&l);
	memset(l.p + 2048 + 32 + 8, 0, 4); /* the second descriptor's own place: it tells no table */
	walked_open(&t, &ext_format, span_of(l.p, l.image.n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_sh(&l, &t, true);
	walked_close(&t);
	memcpy(l.p + 2048, l.image.p + 2048, 1024);
	static const struct {
		size_t at;
		bool in_journal;
		uint8_t bits;
	} refused[] = { { 1024 + 92, false, 4 }, { 1024 + 0xe4, false, 1 }, { 43, true, 0x40 }, { 43, true, 0x18 } };
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		uint8_t *at = (refused[i].in_journal ? l.journal : l.p) + refused[i].at;
		*at ^= refused[i].bits;
		walked_open(&t, &ext_format, span_of(l.p, l.image.n));
		assert_int_equal(walked_damage(&t, "unsupported"), 1);
		assert_sh(&l, &t, false);
		walked_close(&t);
		*at ^= refused[i].bits;
	}
	logged_free(&l);
}

/* Most significant bit first, as the polynomial is written; and the other way round. */
static uint32_t crc_upwards(uint32_t crc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < 8 * n; i++) {
		crc ^= i % 8 ? 0 : (uint32_t)p[i / 8] << 24;
		crc = crc << 1 ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
	}
	return crc;
}

/* The checksum of a transaction in its commit, the first version of them: as it is, as it should not be, and none. */
static void test_sum_of_transaction(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct logged l;
	logged_make(&l);
	put_be(l.journal + 36, 1);
	uint32_t sum = crc_upwards(UINT32_MAX, l.journal + 1024, 3 * 1024);
	static const struct {
		uint32_t wrong;
		bool told, waits, replayed;
		size_t damages;
	} kinds[] = { { 0, true, true, true, 0 }, { 0, false, true, true, 0 }, { 1, true, true, false, 1 }, { 1, true, false, false, 0 } };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct walked t;
		put_be(l.journal + 40, kinds[i].waits ? 0 : 4);
		memset(l.journal + 4096 + 12, 0, 8);
		if (kinds[i].told) {
			memcpy(l.journal + 4096 + 12, "\1\4", 2);
			put_be(l.journal + 4096 + 16, sum ^ kinds[i].wrong);
		}
		walked_open(&t, &ext_format, span_of(l.p, l.image.n));
		if (walked_damage(&t, "corrupt") != kinds[i].damages || !walked_header(&t, "journal"))
			fail_msg("kind %zu: %zu damages", i, walked_damage(&t, "corrupt"));
		assert_sh(&l, &t, kinds[i].replayed);
		walked_close(&t);
	}
	logged_free(&l);
}

/* A tag of a fast commit. */
static uint8_t *put_tag(uint8_t *at, unsigned kind, const void *value, unsigned n)
{
	put_le(at, kind, 2);
	put_le(at + 2, n, 2);
	memcpy(at + 4, value, n);
	return at + 4 + n;
}

/* Ends the commit that begins at `from`, of that transaction. */
static uint8_t *put_tail(uint8_t *from, uint8_t *at, uint32_t sequence)
{
	uint8_t value[8] = { (uint8_t)sequence };
	put_tag(at, 8, value, 8);
	put_le(at + 8, crc_c(0, from, (size_t)(at - from) + 8), 4);
	return at + 12;
}

/* Two fast commits behind a transaction, the first over two blocks; e2fsck replays such. */
static void put_fast_commits(uint8_t *block, uint32_t sequence)
{
	static const uint8_t zeros[1024], range[16] = { 12 }, name[] = { 2, 0, 0, 0, 12, 0, 0, 0, 'n', 'e', 'w' }, inode[4 + 128] = { 12 };
	uint8_t commit[2048], *end = put_tag(commit, 9, (uint8_t[]){ 0, 0, 0, 0, (uint8_t)sequence, 0, 0, 0 }, 8);
	end = put_tag(end, 3, name, sizeof name);
	end = put_tag(end, 6, inode, sizeof inode);
	end = put_tag(end, 7, zeros, (unsigned)(commit + 1024 - end) - 4);
	end = put_tag(end, 1, range, sizeof range);
	end = put_tail(commit, end, sequence);
	memcpy(block, commit, (size_t)(end - commit));
	uint8_t *second = block + (end - commit);
	end = put_tag(second, 5, name, sizeof name);
	end = put_tail(second, end, sequence);
	put_tag(end, 7, zeros, (unsigned)(block + 2048 - end) - 4);
}

/* Fast commits are counted where they are; where there are none nothing is said. */
static void test_fast_commits(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span image = make_image("little", "24M", "-t ext4 -b 1024 -O fast_commit,^metadata_csum -J size=4",
								   "debugfs -w -R 'feature needs_recovery' image > log 2>&1");
	struct span noise = file_load(tree, "little/bin/sh");
	uint8_t *p = copy(image), *sh = memmem(p, image.n, noise.p, 1024), *journal = journal_of(p, image.n);
	assert_non_null(sh);
	put_be(journal + 40, 0x20);
	unsigned blocks = journal[16 + 2] << 8 | journal[16 + 3], fast = journal[84 + 3];
	assert_true(fast > 4 && journal[84 + 2] == 0);
	uint8_t *first = journal + 1024 * (size_t)(blocks - fast + 1);
	write_journal(p, journal, (uint32_t)((size_t)(sh - p) / 1024), noise.p);
	memcpy(journal + 2048, noise.p, 1024);
	put_be(journal + 1024 + 12 + 4, 0); /* not escaped */
	static const struct {
		uint32_t sequence;
		size_t broken; /* a byte of the area that flips, 0: none */
		const char *says;
	} kinds[] = {
		{ 2, 0, "2 fast commits of its journal, of 1 inodes, 1 ranges of blocks and 2 names" },
		{ 2, 1024 + 16 + 4 + 12 + 20, "1 fast commits of its journal, of 1 inodes, 1 ranges of blocks and 1 names" },
		{ 2, 20, NULL }, /* the first commit is not whole: nothing is replayed */
		{ 1, 0, NULL },  /* of a transaction that was written since */
		{ 0, 0, NULL },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct walked t;
		memset(first, 0, 2048);
		if (kinds[i].sequence)
			put_fast_commits(first, kinds[i].sequence);
		first[kinds[i].broken] ^= kinds[i].broken != 0;
		walked_open(&t, &ext_format, span_of(p, image.n));
		assert_non_null(strstr(walked_header(&t, "journal"), "1 transaction replayed"));
		const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), kinds[i].says != NULL);
		if (d && !memmem(d->what.p, d->what.n, kinds[i].says, strlen(kinds[i].says)))
			fail_msg("kind %zu: %.*s", i, (int)d->what.n, d->what.p);
		walked_close(&t);
	}
	/* The least that is left for the rest of the log. */
	struct walked least;
	memset(first, 0, 2048);
	put_be(journal + 84, blocks - 1024);
	put_fast_commits(journal + 1024 * (size_t)1025, 2);
	walked_open(&least, &ext_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&least, "unsupported"), 1);
	walked_close(&least);
	put_be(journal + 84, fast);
	put_fast_commits(first, 2);
	uint64_t x = 88172645463325252;
	for (unsigned i = 0; i < 500; i++) {
		struct walked t;
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		size_t at = x % 1300;
		first[at] ^= (uint8_t)(1u << (x >> 40) % 8);
		walked_open(&t, &ext_format, span_of(p, image.n));
		walked_close(&t);
		if (i % 4 == 3)
			put_fast_commits(first, 2);
	}
	free(p);
	free((void *)noise.p);
	free((void *)image.p);
}

static void put_extent(uint8_t *at, uint32_t logical, uint32_t n, uint32_t physical)
{
	put_le(at, logical, 4);
	put_le(at + 4, n, 2);
	put_le(at + 6, 0, 2);
	put_le(at + 8, physical, 4);
}

/* A block that is a fast commit by itself. */
static void put_whole_commit(uint8_t *block)
{
	uint8_t *tail = put_tag(block, 9, (uint8_t[]){ 0, 0, 0, 0, 2, 0, 0, 0 }, 8);
	put_tail(block, tail, 2);
	put_le(tail + 2, 1024 - 12 - 4, 2);
	put_le(tail + 8, crc_c(0, block, 12 + 8), 4);
}

/* A journal whose extents tell the same 400 blocks eighty times: no more of them are read than the image has. */
static void test_fast_commits_again(void **state)
{
	(void)state;
	enum { REGION = 24000, REGION_N = 400, TIMES = 80, LEAF = REGION - 1 };
	if (!tools)
		skip();
	struct span image = make_image("little", "24M", "-t ext4 -b 1024 -O fast_commit,^metadata_csum -J size=4",
								   "debugfs -w -R 'feature needs_recovery' image > log 2>&1");
	uint8_t *p = copy(image), *journal = journal_of(p, image.n), *leaf = p + LEAF * 1024;
	unsigned blocks = journal[16 + 2] << 8 | journal[16 + 3], end = blocks - journal[84 + 3];
	unsigned table = p[2048 + 8] | p[2048 + 9] << 8, total = blocks + TIMES * REGION_N;
	uint8_t *inode = p + (size_t)table * 1024 + (size_t)7 * 256;
	assert_true(total > image.n / 1024);
	for (unsigned i = end; i < blocks; i++)
		put_whole_commit(journal + (size_t)i * 1024);
	for (unsigned i = 0; i < REGION_N; i++)
		put_whole_commit(p + (size_t)(REGION + i) * 1024);
	put_header(journal + 1024, 2); /* a transaction of nothing */
	put_be(journal + 16, total);
	put_be(journal + 24, 1);
	put_be(journal + 28, 1);
	put_be(journal + 40, 0x20);
	put_be(journal + 84, total - end);
	memcpy(leaf, "\x0a\xf3\x51\0\x54\0\0\0\0\0\0", 12);
	put_extent(leaf + 12, 0, blocks, (uint32_t)((size_t)(journal - p) / 1024));
	for (unsigned i = 0; i < TIMES; i++)
		put_extent(leaf + 24 + (size_t)i * 12, blocks + i * REGION_N, REGION_N, REGION);
	put_le(inode + 4, total * 1024, 4);
	memcpy(inode + 40, "\x0a\xf3\1\0\4\0\1\0\0\0\0", 12);
	put_le(inode + 52, 0, 4);
	put_le(inode + 56, LEAF, 4);
	put_le(inode + 60, 0, 4);
	struct walked t;
	walked_open(&t, &ext_format, span_of(p, image.n));
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	assert_non_null(d);
	if (!memmem(d->what.p, d->what.n, ": 24576 fast commits", 20))
		fail_msg("%.*s", (int)d->what.n, d->what.p);
	walked_close(&t);
	free(p);
	free((void *)image.p);
}

/* What later transactions no longer want, what is not whole, and what can not be. */
static void test_broken_journal(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_journal("-t ext4 -b 1024", "-c", "jw -r $blocks");
	walked_open(&t, &ext_format, image);
	expect_tree(&t, "little", false);
	walked_close(&t);
	free((void *)image.p);
	image = make_journal("-t ext4 -b 1024", "-c", "");
	uint8_t *p = copy(image), *journal = journal_of(p, image.n);
	journal[2 * 1024 + 700] ^= 1; /* the first block behind the first descriptor */
	assert_int_equal(damages(p, image.n, "corrupt"), 1);
	memcpy(p, image.p, image.n);
	journal[1024 + 500] ^= 1; /* the descriptor: the log ends there */
	walked_open(&t, &ext_format, span_of(p, image.n));
	expect_tree(&t, "little", false);
	walked_close(&t);
	memcpy(p, image.p, image.n);
	journal[1000] ^= 1; /* which nobody reads, but its checksum is another one */
	assert_int_equal(damages(p, image.n, "unsupported"), 1);
	memset(journal, 0, 1024);
	assert_int_equal(damages(p, image.n, "unsupported"), 1);
	static const size_t fields[] = { 12, 16, 20, 24, 28, 40 };
	for (size_t i = 0; i < 6; i++)
		for (unsigned v = 0; v < 3; v++) {
			memcpy(p, image.p, image.n);
			memset(journal + fields[i], v == 0 ? 0 : v == 1 ? 0xff : 0x7f, 4);
			walked_open(&t, &ext_format, span_of(p, image.n));
			assert_true(t.accepted);
			walked_close(&t);
		}
	size_t at = (size_t)(journal - p);
	free(p);
	for (unsigned sums = 0; sums < 2; sums++) { /* in which bits flip that nothing tells of */
		uint64_t x = 88172645463325252;
		if (sums) {
			free((void *)image.p);
			image = make_journal("-t ext3 -b 1024", "", "");
		}
		p = copy(image);
		at = (size_t)(journal_of(p, image.n) - p);
		for (unsigned i = 0; i < 400; i++) {
			for (unsigned k = 0; k < 1 + i % 6; k++) {
				x ^= x << 13, x ^= x >> 7, x ^= x << 17;
				p[at + (x >> 8) % (i % 2 ? 2048 : 40 * 1024)] ^= (uint8_t)(1u << (x >> 40) % 8);
			}
			walked_open(&t, &ext_format, span_of(p, image.n));
			walked_close(&t);
			memcpy(p + at, image.p + at, 40 * 1024);
		}
		free(p);
	}
	free((void *)image.p);
}

static void test_checksums(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "2M", "-t ext4 -b 1024", "debugfs -R 'imap bin' image > where 2> log");
	struct span where = file_load(tree, "where");
	unsigned block = 0, offset = 0;
	const char *at = memmem(where.p, where.n, "at block ", 9);
	assert_non_null(at);
	assert_int_equal(sscanf(at, "at block %u, offset %x", &block, &offset), 2);
	uint8_t *p = copy(image);
	/* In this order: an inode, the superblock's count of mounts, a descriptor's count of free inodes. */
	p[block * 1024 + offset + 4 + 4] ^= 1;
	p[1024 + 0x34] ^= 1;
	p[2048 + 0xe] ^= 1;
	walked_open(&t, &ext_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 3);
	assert_string_equal(walked_header(&t, "checksum"), "mismatch");
	expect_tree(&t, "little", true);
	walked_close(&t);
	free(p);
	free((void *)where.p);
	free((void *)image.p);
}

static void test_truncated(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("files", "26M", "-t ext4 -b 1024", "");
	walked_open(&t, &ext_format, span_clip(image, 0, 6 << 20));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, 26 << 20);
	assert_true(t.n > 200);
	assert_true(walked_damage(&t, "truncated") > 0);
	size_t whole = 0;
	for (size_t i = 0; i < t.n; i++)
		whole += t.entries[i].e.kind == ENTRY_FILE && t.entries[i].content.n == t.entries[i].e.size &&
				 !error_is(&t.entries[i].error);
	assert_true(whole > 50);
	walked_close(&t);
	free((void *)image.p);
	/* The names of inodes may be in what was cut off. */
	image = make_image("little", "2M", "-t ext2 -b 1024 -I 128 -N 1024 -O ^resize_inode", "");
	walked_open(&t, &ext_format, span_clip(image, 0, 148 << 10));
	assert_true(walked_damage(&t, "truncated") > 0);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	free((void *)image.p);
}

/* Nodes of extents that were cut off are not listings that overlap. */
static void test_truncated_nodes(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	run_in(tree, "mkdir -p nodes && for i in $(seq 12); do echo $i > nodes/f$i; for w in '0 0x0004f30a' '1 0x00010004' '3 0' '4 90' "
				 "'5 0' '6 1' '7 90' '8 0' '9 2' '10 90' '11 0' '12 3' '13 90' '14 0'; do "
				 "echo \"sif f$i block[${w% *}] ${w#* }\"; done; done > do");
	struct span image = make_image("nodes", "8M", "-t ext4 -b 65536 -N 64 -O ^metadata_csum,^has_journal,^resize_inode,^flex_bg",
								   "debugfs -w -f do image > log 2>&1");
	walked_open(&t, &ext_format, span_clip(image, 0, 8 << 16));
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 13);
	walked_close(&t);
	free((void *)image.p);
}

/* The entry of that name and type in a directory. */
static uint8_t *find_entry(uint8_t *p, size_t n, const char *name, char type)
{
	char text[32];
	snprintf(text, sizeof text, "%c%c%s", (int)strlen(name), type, name);
	uint8_t *at = memmem(p, n, text, strlen(text));
	assert_non_null(at);
	return at - 6;
}

static void put32(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* The first report of damage begins so; NULL: there is none. */
static bool first_damage_is(const struct walked *t, const char *text)
{
	const struct fact_damage *d = fact_list_get(&t->facts, FACT_damage, 0);
	return d && text_starts(d->what, text);
}

/* Whether a file of that content is below /inode-NUMBER: its name or that of its directory is lost. */
static bool is_shown_by_number(const struct walked *t, const char *end, const char *content)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_starts(t->entries[i].e.path, "/inode-") && text_ends(t->entries[i].e.path, end) &&
			span_starts(t->entries[i].content, content, strlen(content)))
			return true;
	return false;
}

/* 1: the lost file is shown; 0: it is not, which is told; -1: which is not told. */
static int lost_within(struct span image, size_t limit)
{
	struct walked t;
	walked_open_within(&t, &ext_format, image, limit);
	int shown = is_shown_by_number(&t, "/hello", "hello\n") ? 1 : walked_damage(&t, "budget") > 0 ? 0 : -1;
	walked_close(&t);
	return shown;
}

/* Where memory ends while what is lost is shown, that is told. */
static void test_lost_without_memory(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct span image = make_image("little", "2M", "-t ext2 -r 0 -O none", "printf 'unlink etc\n' > do && debugfs -w -f do image > log 2>&1");
	size_t low = 1, high = (size_t)64 << 20;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (lost_within(image, middle) == 1)
			high = middle;
		else
			low = middle;
	}
	for (size_t less = 1; less < 2000; less += 8)
		assert_int_equal(lost_within(image, high - less), 0);
	free((void *)(uintptr_t)image.p);
}

/* What e2fsck finds and no listing shows is said. */
static void test_lost(void **state)
{
	(void)state;
	if (!tools || !tool_exists("e2fsck"))
		skip();
	static const struct {
		const char *options, *command, *damage;
	} cases[] = {
		{ "-t ext4 -O ^metadata_csum", "unlink etc/hello\\nunlink bin/sh\\nunlink bin/ash", "2 inodes are in use that no name leads to" },
		{ "-t ext2 -r 0 -O none", "unlink etc", "4 inodes are in use that no name leads to" },
		{ "-t ext4 -O ^metadata_csum", "sif etc block[4] 0x8001", "a directory stands in blocks that are marked as not written" },
		{ "-t ext4 -O ^metadata_csum", "sif etc block[4] 0x8001\\nsif etc block[5] 0x7fffffff", "a directory can not be read beyond 0 of" },
		{ "-t ext2 -O ^dir_index", "sif etc block[0] 0", "a directory has holes" },
		{ "-t ext4 -O ^metadata_csum", "sif etc mode 0140755", "a name says that inode" },
		{ "-t ext4 -O ^metadata_csum -b 1024", "sif bin/sh size 100", "blocks are in use beyond the 100 bytes" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked t;
		char then[400];
		snprintf(then, sizeof then, "printf '%s\n' > do && debugfs -w -f do image > log 2>&1; ! e2fsck -fn image > log 2>&1",
				 cases[i].command);
		struct span image = make_image("little", "2M", cases[i].options, then);
		print_message("%s\n", cases[i].damage);
		walked_open(&t, &ext_format, image);
		assert_true(first_damage_is(&t, cases[i].damage));
		if (i == 2)
			assert_content(&t, "/etc/hello", "hello\n", 6);
		if (i < 2)
			assert_true(is_shown_by_number(&t, i == 0 ? "" : "/hello", "hello\n"));
		walked_close(&t);
		free((void *)image.p);
	}
	/* Inodes of the file system itself have no names, and a file of verity's kind has blocks beyond its end. */
	check("little", "4M", "-t ext4 -O quota,project,ea_inode,verity,orphan_file", "");
}

/* Where the root itself is lost, what it named is shown; not where the table of inodes is none. */
static void test_rootless(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "-t ext4 -O ^metadata_csum", "-t ext2 -r 0 -O none" };
	for (size_t i = 0; i < 4; i++) {
		struct walked t;
		char then[200];
		snprintf(then, sizeof then, "printf '%s\n%s\n' > do && debugfs -w -f do image > log 2>&1", i % 2 ? "freei <5>" : "",
				 "sif <2> mode 0100755");
		struct span image = make_image("little", "2M", options[i / 2], then);
		walked_open(&t, &ext_format, image);
		assert_non_null(strstr(t.error.text, "there is no root directory"));
		assert_int_equal(is_shown_by_number(&t, "/hello", "hello\n"), i % 2 == 0);
		assert_int_equal(t.n > 0, i % 2 == 0);
		walked_close(&t);
		free((void *)(uintptr_t)image.p);
	}
}

/* What stands too deep to be read is said to be that, and not to be lost. */
static void test_deep(void **state)
{
	(void)state;
	if (!tools)
		skip();
	run_in(tree, "mkdir deep && cd deep && mkdir -p $(printf 'd/%.0s' $(seq 505)) && echo x > $(printf 'd/%.0s' $(seq 505))x");
	struct span image = make_image("deep", "4M", "-t ext4", "");
	struct walked t;
	walked_open(&t, &ext_format, image);
	assert_true(first_damage_is(&t, "directories nested deeper than 500 are not read"));
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 1);
	/* 500 levels are read and show what is named in them: of d the first 500, of which the last is not entered */
	assert_non_null(d);
	assert_true(text_starts(d->what, "6 inodes in use are not shown"));
	assert_true(text_ends(d->what, "1 name, too deep or too long, was not followed"));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 2);
	walked_close(&t);
	free((void *)image.p);
}

/* An extent that overlaps the one before it hides its blocks. */
static void test_extents_in_disorder(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	run_in(tree, "mkdir -p gap && cd gap && rm -f f && for i in 0 4 8; do "
				 "dd if=../files/noise of=f bs=1024 count=1 seek=$i conv=notrunc 2> ../log; done");
	struct span image = make_image("gap", "2M", "-t ext4 -b 1024 -O ^metadata_csum,^has_journal",
								   "debugfs -w -R 'sif f block[6] 0' image 2> log");
	walked_open(&t, &ext_format, image);
	assert_true(first_damage_is(&t, "extents of a file overlap or are out of order"));
	walked_close(&t);
	free((void *)image.p);
}

/* Copies of revision 0 do not say of which group they are; and not every backup is in group 1, or in groups of the usual size. */
static void test_other_backups(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const struct {
		const char *options;
		uint64_t copy, broken; /* in blocks of 1 KiB */
	} cases[] = {
		{ "-t ext2 -r 0 -O none -b 1024", 8193, 0 },
		{ "-t ext3 -b 1024 -g 4096", 4097, 0 },
		{ "-t ext4 -b 1024", 24577, 8193 },
	};
	for (size_t i = 0; i < 3; i++) {
		struct walked t;
		uint64_t start = 1;
		struct span image = make_image("files", "26M", cases[i].options, "");
		uint8_t *p = copy(image);
		memset(p + 1024, 0, 1024);
		if (cases[i].broken)
			memset(p + cases[i].broken * 1024, 0, 1024);
		walked_open(&t, &ext_format, span_of(p, image.n));
		expect_tree(&t, "files", true);
		assert_true(ext_format.locate(span_of(p, image.n), cases[i].copy * 1024 + 56, &start));
		assert_int_equal(start, 0);
		walked_close(&t);
		/* Behind other bytes, too; and where those before it are gone it begins nowhere. */
		uint8_t *behind = calloc(1, image.n + 8192);
		assert_non_null(behind);
		memcpy(behind + 8192, p, image.n);
		assert_true(ext_format.locate(span_of(behind, image.n + 8192), 8192 + cases[i].copy * 1024 + 56, &start));
		assert_int_equal(start, 8192);
		free(behind);
		free(p);
		free((void *)image.p);
	}
	/* A first superblock that stands where a copy could is a first one. */
	struct span image = make_image("little", "10M", "-t ext2 -r 0 -O none -b 1024", "");
	uint8_t *later = calloc(1, image.n + (8 << 20));
	uint64_t start = 1;
	assert_non_null(later);
	memcpy(later + (8 << 20), image.p, image.n);
	assert_true(ext_format.locate(span_of(later, image.n + (8 << 20)), (8 << 20) + 1024 + 56, &start));
	assert_int_equal(start, 8 << 20);
	free(later);
	free((void *)image.p);
}

static void test_hostile(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	struct span image = make_image("little", "1M", "-t ext2 -b 1024 -O ^dir_index", "");
	uint8_t *p = copy(image);
	/* A cycle: etc/init.d is the root. */
	put32(find_entry(p, image.n, "init.d", 2), 2);
	walked_open(&t, &ext_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 2); /* the cycle, and the inode that has no name now */
	assert_content(&t, "/etc/hello", "hello\n", 6);
	walked_close(&t);
	/* An inode out of range, a name that climbs, a record of no length. */
	memcpy(p, image.p, image.n);
	put32(find_entry(p, image.n, "init.d", 2), 0xffffffff);
	memcpy(find_entry(p, image.n, "hello", 1) + 8, "../..", 5);
	walked_open(&t, &ext_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 3);
	assert_content(&t, "/etc/../..", "hello\n", 6);
	walked_close(&t);
	memcpy(p, image.p, image.n);
	memset(find_entry(p, image.n, "bin", 2) + 4, 0, 2);
	walked_open(&t, &ext_format, span_of(p, image.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);
	free(p);
	free((void *)image.p);
}

/* Sizes near 2^63, of a file and of a directory, cost neither memory nor time. */
static void test_huge_sizes(void **state)
{
	(void)state;
	if (!tools)
		skip();
	struct walked t;
	static const char *const options[] = { "-t ext4 -O large_dir -b 1024", "-t ext2 -b 1024 -O large_dir" };
	for (size_t i = 0; i < 2; i++) {
		struct span image =
			make_image("little", "2M", options[i],
					   "printf 'sif bin/sh size 0x7fffffffffffffff\\nsif etc size 0x7ffffffffffffc00\\n' > do && "
					   "debugfs -w -f do image > log 2>&1");
		walked_open(&t, &ext_format, image);
		const struct walked_entry *sh = walked_get(&t, "/bin/ash");
		if (sh->e.same_as.p)
			sh = walked_get(&t, "/bin/sh");
		assert_int_equal(sh->e.size, INT64_MAX);
		assert_int_equal(sh->e.content.kind, CONTENT_BLOCKS);
		assert_content(&t, "/etc/hello", "hello\n", 6);
		walked_close(&t);
		free((void *)image.p);
	}
}

static void test_survives(void **state)
{
	(void)state;
	if (!tools)
		skip();
	static const char *const options[] = { "-t ext2 -b 1024", "-t ext4 -b 1024 -O inline_data,^has_journal -I 256",
										   "-t ext4 -b 1024 -O ^has_journal,^metadata_csum" };
	for (size_t i = 0; i < 3; i++) {
		struct span image = make_image("little", "256K", options[i], "");
		survives_cuts(&ext_format, image, 256);
		survives_flips(&ext_format, image, 1500, 49152);
		survives_flips(&ext_format, image, 500, 4096);
		free((void *)image.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mke2fs),
		cmocka_unit_test(test_inline_hole),
		cmocka_unit_test(test_indexed_directories),
		cmocka_unit_test(test_far_blocks),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_devices_and_deletions),
		cmocka_unit_test(test_times_after_2038),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_backups),
		cmocka_unit_test(test_free_inodes),
		cmocka_unit_test(test_journal_without_inode),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_broken_journal),
		cmocka_unit_test(test_sum_of_transaction),
		cmocka_unit_test(test_fast_commits),
		cmocka_unit_test(test_fast_commits_again),
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_truncated_nodes),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_lost), cmocka_unit_test(test_rootless), cmocka_unit_test(test_lost_without_memory),
		cmocka_unit_test(test_extents_in_disorder), cmocka_unit_test(test_other_backups),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_huge_sizes),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("ext", tests, make_tree, remove_tree);
}
