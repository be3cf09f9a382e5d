/* SPDX-License-Identifier: GPL-3.0-or-later */
/* squashfs 1.x to 3.x, and what vendors make of 4.0: images written by make_squashfs.c, which unsquashfs confirms for
 * zlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "make_squashfs.h"
#include "walked.h"

extern const struct format squashfs_format, squashfs_legacy_format;

#define MANY 400u
#define BLOCK 16384u

static uint8_t text[5 * BLOCK + 700], noise[3 * BLOCK + 33], zeros[2 * BLOCK + 5];
static char many_names[MANY][8], many_texts[MANY][32];
static struct make_node many[MANY];

#define NODE(n, m, ...)                                                                                                \
	{                                                                                                                  \
		.name = n, .name_n = sizeof(n) - 1, .mode = m, .mtime = 1000000007, __VA_ARGS__                                \
	}
#define BYTES(s) .data = { (const uint8_t *)(s), sizeof(s) - 1 }

static struct make_node bin[] = {
	NODE("busybox", S_IFREG | 04755, .data = { text, sizeof text }),
	NODE("sh", S_IFLNK | 0777, BYTES("busybox")),
};
static struct make_node dev[] = {
	NODE("console", S_IFCHR | 0600, .rdev = 0x0501, .uid = 17, .gid = 17),
	NODE("initctl", S_IFIFO | 0622),
	NODE("log", S_IFSOCK | 0666, .uid = 20),
	NODE("mtdblock3", S_IFBLK | 0660, .rdev = 0x1f03, .gid = 6),
};
static struct make_node etc[] = {
	NODE("empty", S_IFREG | 0644),
	NODE("hard", S_IFREG | 0644, .link = &etc[2]),
	NODE("passwd", S_IFREG | 0644, BYTES("root:x:0:0:root:/root:/bin/sh\n")),
	NODE("shadow", S_IFREG | 0600, BYTES("root:$1$ab$cdefgh:0:0:99999:7:::\n"), .uid = 21, .gid = 42),
};
static struct make_node top[] = {
	NODE("bin", S_IFDIR | 0755, .children = bin, .nchildren = 2),
	NODE("dev", S_IFDIR | 0755, .children = dev, .nchildren = 4),
	NODE("etc", S_IFDIR | 01777, .children = etc, .nchildren = 4, .uid = 3, .gid = 4),
	NODE("lib", S_IFDIR | 0755, .children = many, .nchildren = MANY),
	NODE("noise", S_IFREG | 0400, .data = { noise, sizeof noise }),
	NODE("tmp", S_IFDIR | 0777),
	NODE("whole", S_IFREG | 0444, .data = { text, 2 * BLOCK }),
	NODE("zeros", S_IFREG | 0444, .data = { zeros, sizeof zeros }),
};
static struct make_node root = NODE("", S_IFDIR | 0755, .children = top, .nchildren = 8);

static int fill_tree(void **state)
{
	(void)state;
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < sizeof noise; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		noise[i] = (uint8_t)(x >> 32);
	}
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)("the quick brown fox "[i % 20] ^ (noise[i % sizeof noise] & 3));
	for (unsigned i = 0; i < MANY; i++) {
		int name = snprintf(many_names[i], sizeof many_names[i], "f%03u", i);
		int n = snprintf(many_texts[i], sizeof many_texts[i], "this is file %u\n", i * 7919);
		many[i] = (struct make_node){ many_names[i],
									  (size_t)name,
									  S_IFREG | 0644,
									  i % 40,
									  i % 13,
									  1200000000 + i,
									  { (const uint8_t *)many_texts[i], (size_t)n } };
	}
	return 0;
}

static const struct format *format_of(unsigned major)
{
	return major == 4 ? &squashfs_format : &squashfs_legacy_format;
}

/* What the format does not store is unknown: before 3.x only files and directories have a time. */
static int64_t time_of(const struct make_options *o, const struct make_node *n)
{
	return o->major >= 3 || S_ISREG(n->mode) || S_ISDIR(n->mode) ? n->mtime : FACT_NULL;
}

static enum entry_kind kind_of(uint16_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return ENTRY_DIRECTORY;
	case S_IFREG:
		return ENTRY_FILE;
	case S_IFLNK:
		return ENTRY_SYMLINK;
	case S_IFBLK:
		return ENTRY_BLOCK_DEVICE;
	case S_IFCHR:
		return ENTRY_CHAR_DEVICE;
	case S_IFIFO:
		return ENTRY_FIFO;
	default:
		return ENTRY_SOCKET;
	}
}

/* Entries come in the order of the listings, so that one pass compares them. */
static size_t compare(const struct walked *t, size_t at, const struct make_options *o, const struct make_node *dir,
					  const char *path)
{
	for (size_t i = 0; i < dir->nchildren; i++) {
		const struct make_node *name = &dir->children[i], *n = name->link ? name->link : name;
		char child[256];
		snprintf(child, sizeof child, "%s/%s", path, name->name);
		assert_true(at < t->n);
		const struct walked_entry *w = &t->entries[at++];
		assert_string_equal(w->e.path.p, child);
		assert_int_equal(w->e.kind, kind_of(n->mode));
		assert_int_equal(w->e.mode, n->mode & 07777);
		assert_int_equal(w->e.uid, n->uid);
		assert_int_equal(w->e.gid, n->gid);
		assert_int_equal(w->e.mtime, time_of(o, n));
		if (S_ISLNK(n->mode))
			assert_true(text_eq(w->e.link_target, text_from_span(n->data)));
		if (S_ISCHR(n->mode) || S_ISBLK(n->mode))
			assert_int_equal(w->e.device, (int64_t)(n->rdev >> 8) << 32 | (n->rdev & 0xff));
		assert_false(error_is(&w->error));
		if (S_ISREG(n->mode) && w->e.same_as.p == NULL) {
			assert_int_equal(w->content.n, n->data.n);
			if (n->data.n)
				assert_memory_equal(w->content.p, n->data.p, n->data.n);
		}
		at = compare(t, at, o, name, child);
	}
	return at;
}

static void assert_same(const struct make_options *o, struct span image)
{
	struct walked t;
	char version[8];
	snprintf(version, sizeof version, "%u.%u", o->major, o->major == 3);
	walked_open(&t, format_of(o->major), image);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, image.n);
	assert_false(error_is(&t.error));
	assert_int_equal(compare(&t, 0, o, &root, ""), t.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_string_equal(walked_header(&t, "version"), version);
	assert_string_equal(walked_header(&t, "byte_order"), o->big ? "big" : "little");
	/* The first name in the order of the listings carries the content. */
	assert_true(text_is(walked_get(&t, "/etc/passwd")->e.same_as, "/etc/hard"));
	assert_content(&t, "/etc/hard", etc[2].data.p, etc[2].data.n);
	walked_close(&t);
}

static void check(const struct make_options *o)
{
	struct buf image = { 0 };
	make_squashfs(o, &root, &image);
	assert_same(o, buf_span(&image));
	buf_free(&image);
}

static void test_packings(void **state)
{
	(void)state;
	for (unsigned packing = 0; packing < PACKINGS; packing++)
		for (unsigned i = 0; i < 8; i++)
			check(&(struct make_options){ 1 + i / 2, i % 2, packing, BLOCK, .compression = 1 + i % 2 });
}

static void test_options(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct make_options o = { 1 + i / 2, i % 2, PACKED_ZLIB, BLOCK, .check = i < 6 };
		check(&o);
		o = (struct make_options){ 1 + i / 2, i % 2, PACKED_LZMA, 4096, .extended = true };
		check(&o);
		o = (struct make_options){ 1 + i / 2, i % 2, PACKED_ZLIB, 32768, .no_fragments = true };
		check(&o);
		o = (struct make_options){ 1 + i / 2, i % 2, PACKED_MIXED, 8192, .store_metadata = true };
		check(&o);
	}
	check(&(struct make_options){ 3, true, PACKED_RAW, 1 << 20 });
}

static void test_magics(void **state)
{
	(void)state;
	static const char *const magics[] = { "hsqs", "sqsh", "shsq", "qshs", "hsqt", "tqsh", "zlqs", "sqlz" };
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
		for (unsigned k = 0; k < 4; k++)
			check(&(struct make_options){ k < 2 ? 2 : 4, k % 2, PACKED_RAW, BLOCK, .magic = magics[i] });
}

static void test_compression_is_named(void **state)
{
	(void)state;
	static const char *const names[PACKINGS] = {
		[PACKED_ZLIB] = "gzip",
		[PACKED_LZMA] = "lzma",
		[PACKED_DDWRT] = "lzma (DD-WRT header)",
		[PACKED_RAW] = "lzma (no header)",
		[PACKED_SHORT] = "lzma (header without size)",
	};
	for (unsigned i = 0; i < PACKINGS; i++) {
		if (!names[i])
			continue;
		struct buf image = { 0 };
		struct walked t;
		make_squashfs(&(struct make_options){ 2, true, i, BLOCK }, &root, &image);
		walked_open(&t, &squashfs_legacy_format, buf_span(&image));
		assert_string_equal(walked_header(&t, "compression"), names[i]);
		walked_close(&t);
		buf_free(&image);
	}
}

/* The writer and unsquashfs agree on what the images are. */
static void test_unsquashfs(void **state)
{
	(void)state;
	if (!tool_exists("unsquashfs"))
		skip();
	for (unsigned i = 0; i < 7; i++) { /* all but 4.0 of the wrong byte order */
		char dir[TEMP_MAX], path[TEMP_MAX + 16];
		struct buf image = { 0 };
		temp_new(dir);
		make_squashfs(
			&(struct make_options){ 1 + i / 2, i % 2, PACKED_ZLIB, BLOCK, .extended = i % 3 == 0, .compression = 1 },
			&root, &image);
		snprintf(path, sizeof path, "%s/image", dir);
		FILE *f = fopen(path, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(image.p, 1, image.n, f), image.n);
		fclose(f);
		run_in(dir, "unsquashfs -no-progress -d files image bin etc lib noise tmp whole zeros 2> messages");
		run_in(dir, "unsquashfs -ll image 2> messages | grep -q 'crw-------.*5, *1.*dev/console'");
		static const char *const names[] = { "files/bin/busybox", "files/noise",    "files/zeros",
											 "files/whole",       "files/etc/hard", "files/lib/f399" };
		const struct span contents[] = {
			bin[0].data, top[4].data, top[7].data, top[6].data, etc[2].data, many[399].data
		};
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
			struct span s = file_load(dir, names[k]);
			assert_int_equal(s.n, contents[k].n);
			assert_memory_equal(s.p, contents[k].p, s.n);
			free((void *)s.p);
		}
		buf_free(&image);
		temp_remove(dir);
	}
}

static void test_other_superblocks_are_refused(void **state)
{
	(void)state;
	struct buf image = { 0 };
	struct format_match m;
	make_squashfs(&(struct make_options){ 3, true, PACKED_ZLIB, BLOCK }, &root, &image);
	static const struct {
		unsigned at;
		uint8_t byte;
	} changes[] = {
		{ 0, 'x' }, { 29, 4 }, { 29, 0 }, { 35, 5 }, { 37, 0 }, { 53, 1 }, { 63, 1 }, { 87, 1 }, { 95, 1 }, { 45, 1 },
	};
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		uint8_t old = image.p[changes[i].at];
		image.p[changes[i].at] = changes[i].byte;
		assert_false(squashfs_legacy_format.probe(buf_span(&image), &m));
		image.p[changes[i].at] = old;
	}
	assert_true(squashfs_legacy_format.probe(buf_span(&image), &m));
	assert_false(squashfs_format.probe(buf_span(&image), &m));
	for (size_t n = 0; n < 119; n++)
		assert_false(squashfs_legacy_format.probe(span_of(image.p, n), &m));
	buf_free(&image);
}

/* Names are data, whatever they hold. */
static void test_hostile_names(void **state)
{
	(void)state;
	static struct make_node names[] = {
		NODE("..", S_IFREG | 0644, BYTES("up")),
		NODE("\x1b[31mred\n", S_IFREG | 0644, BYTES("escape")),
		NODE("a/../../b", S_IFREG | 0644, BYTES("slash")),
		NODE("\xff\xfe\xc0\x80", S_IFREG | 0644, BYTES("bytes")),
	};
	struct make_node dir = NODE("", S_IFDIR | 0755, .children = names, .nchildren = 4);
	struct buf image = { 0 };
	struct walked t;
	make_squashfs(&(struct make_options){ 2, true, PACKED_LZMA, BLOCK }, &dir, &image);
	walked_open(&t, &squashfs_legacy_format, buf_span(&image));
	assert_int_equal(t.n, 4);
	assert_content(&t, "/..", "up", 2);
	assert_content(&t, "/\x1b[31mred\n", "escape", 6);
	assert_content(&t, "/a/../../b", "slash", 5);
	assert_content(&t, "/\xff\xfe\xc0\x80", "bytes", 5);
	walked_close(&t);
	buf_free(&image);
}

/* The entry "inner" of a directory is made to name the root's inode. */
static void test_directory_in_itself(void **state)
{
	(void)state;
	static struct make_node inner[] = { NODE("file", S_IFREG | 0644, BYTES("x")) };
	static struct make_node outer[] = { NODE("inner", S_IFDIR | 0755, .children = inner, .nchildren = 1),
										NODE("other", S_IFREG | 0644, BYTES("y")) };
	struct make_node dir = NODE("", S_IFDIR | 0755, .children = outer, .nchildren = 2);
	for (unsigned major = 1; major <= 4; major++) {
		struct buf image = { 0 };
		struct walked t;
		make_squashfs(&(struct make_options){ major, false, PACKED_ZLIB, BLOCK, .store_metadata = true }, &dir, &image);
		uint8_t *name = memmem(image.p, image.n, "inner", 5);
		assert_non_null(name);
		uint8_t *entry = name - (major == 4 ? 8 : major == 3 ? 5 : 3);
		unsigned field = entry[0] | entry[1] << 8; /* offset: 13, type: 3; 4.0: offset: 16 */
		field = (field & ~0x1fffu) | dir.offset;
		entry[0] = (uint8_t)field;
		entry[1] = (uint8_t)(field >> 8);
		walked_open(&t, format_of(major), buf_span(&image));
		assert_true(walked_damage(&t, "corrupt") > 0);
		assert_int_equal(t.n, 1);
		assert_content(&t, "/other", "y", 1);
		walked_close(&t);
		buf_free(&image);
	}
}

/* A thousand directories that show the same listing do not make half a million files. */
static void test_shared_listings(void **state)
{
	(void)state;
	static struct make_node dirs[1000];
	static char names[1000][8];
	struct make_node dir = NODE("", S_IFDIR | 0755, .children = dirs, .nchildren = 1000);
	for (unsigned i = 0; i < 1000; i++) {
		int n = snprintf(names[i], sizeof names[i], "d%04u", i);
		dirs[i] = (struct make_node){ names[i], (size_t)n, S_IFDIR | 0755, .listing_of = i ? &dirs[0] : NULL };
	}
	dirs[0].children = many;
	dirs[0].nchildren = MANY;
	for (unsigned major = 1; major <= 4; major++) {
		struct buf image = { 0 };
		struct walked t;
		make_squashfs(&(struct make_options){ major, true, PACKED_ZLIB, BLOCK, .compression = 1 }, &dir, &image);
		walked_open(&t, format_of(major), buf_span(&image));
		assert_int_equal(t.error.code, ERR_CORRUPT);
		assert_in_range(t.n, MANY, 20000 - 1);
		assert_content(&t, "/d0000/f123", many[123].data.p, many[123].data.n);
		walked_close(&t);
		buf_free(&image);
	}
}

/* A broken block of a file spoils that block. */
static void test_broken_block(void **state)
{
	(void)state;
	struct buf image = { 0 };
	struct walked t;
	make_squashfs(&(struct make_options){ 3, true, PACKED_ZLIB, BLOCK }, &root, &image);
	memset(image.p + 119 + 10, 0x55, 40); /* busybox is the first file: its first block */
	walked_open(&t, &squashfs_legacy_format, buf_span(&image));
	assert_int_equal(t.n, 8 + 2 + 4 + 4 + MANY);
	const struct walked_entry *w = walked_get(&t, "/bin/busybox");
	assert_int_equal(w->error.code, ERR_CORRUPT);
	assert_int_equal(w->error.offset, 0);
	uint8_t block[BLOCK];
	struct error e = w->e.content.ops->read(w->e.content.fs, w->e.content.file, BLOCK, block, BLOCK);
	assert_false(error_is(&e));
	assert_memory_equal(block, text + BLOCK, BLOCK);
	assert_content(&t, "/noise", noise, sizeof noise);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	buf_free(&image);
}

static void test_survives(void **state)
{
	(void)state;
	static const enum make_packing packings[] = { PACKED_ZLIB, PACKED_RAW, PACKED_MIXED };
	for (unsigned i = 0; i < 8; i++) {
		struct buf image = { 0 };
		const struct format *format = format_of(1 + i / 2);
		make_squashfs(&(struct make_options){ 1 + i / 2, i % 2, packings[i % 3], BLOCK, .store_metadata = i % 4 == 3 },
					  &root, &image);
		survives_cuts(format, buf_span(&image), 150);
		survives_flips(format, buf_span(&image), 150, 119);
		/* Where the tables are. */
		size_t tables = 12000 < image.n ? 12000 : image.n;
		struct buf tail = { 0 };
		assert_int_equal(buf_add(&tail, image.p, image.n), ERR_NONE);
		for (unsigned k = 0; k < 150; k++) {
			size_t at = image.n - 1 - (k * 7919u) % tables;
			tail.p[at] ^= (uint8_t)(1u << k % 8);
			struct walked t;
			walked_open(&t, format, buf_span(&tail));
			walked_close(&t);
			tail.p[at] = image.p[at];
		}
		buf_free(&tail);
		buf_free(&image);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packings),        cmocka_unit_test(test_options),
		cmocka_unit_test(test_magics),          cmocka_unit_test(test_compression_is_named),
		cmocka_unit_test(test_unsquashfs),      cmocka_unit_test(test_other_superblocks_are_refused),
		cmocka_unit_test(test_hostile_names),   cmocka_unit_test(test_directory_in_itself),
		cmocka_unit_test(test_shared_listings), cmocka_unit_test(test_broken_block),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("squashfs_legacy", tests, fill_tree, NULL);
}
