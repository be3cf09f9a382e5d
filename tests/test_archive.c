/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tar, ar, deb, zip: archives by the reference tools and by writers of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "base/deflate64.h"
#include "walked.h"

extern const struct format tar_format, ar_format, deb_format, zip_format, zip_part_format;

static void add(struct buf *b, const void *p, size_t n)
{
	assert_int_equal(buf_add(b, p, n), ERR_NONE);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

/* --- tar --- */

#define LONG_NAME                                                                                                      \
	"a/very/long/path/that/does/not/fit/the/hundred/bytes/of/the/name/field/and/is/told/in/another/way/by/each/dialect/x"

static const char make_tree[] =
	"mkdir -p t/d; cd t; echo one > d/one; ln d/one two; ln -s one d/link; : > empty; mkfifo fifo;"
	"mkdir -p $(dirname " LONG_NAME "); echo long > " LONG_NAME "; chmod 4755 d/one;"
	"printf 'utf\\303\\244' > $(printf 'n\\303\\244me'); printf 'raw' > $(printf 'l\\344tin');"
	"truncate -s 1M sparse; printf middle | dd of=sparse bs=1 seek=500000 conv=notrunc 2> /dev/null";

static void check_tree(const struct walked *t)
{
	assert_false(error_is(&t->error));
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_content(t, "/" LONG_NAME, "long\n", 5);
	assert_content(t, "/n\303\244me", "utf\303\244", 5);
	assert_content(t, "/l\344tin", "raw", 3);
	assert_true(text_is(walked_get(t, "/d/link")->e.link_target, "one"));
	assert_int_equal(walked_count(t, ENTRY_SYMLINK), 1);
	assert_int_equal(walked_count(t, ENTRY_FIFO), 1);
	assert_int_equal(walked_count(t, ENTRY_FILE), 7);
	const struct walked_entry *one = walked_get(t, "/d/one"), *two = walked_get(t, "/two");
	assert_true(text_is(two->e.same_as, "/d/one") || text_is(one->e.same_as, "/two"));
	assert_int_equal(one->e.mode, 04755);
	const struct walked_entry *sparse = walked_get(t, "/sparse");
	assert_int_equal(sparse->content.n, 1 << 20);
	assert_memory_equal(sparse->content.p + 499998, "\0\0middle\0\0", 10);
}

static void test_tar_dialects(void **state)
{
	(void)state;
	if (!tool_exists("tar"))
		skip();
	static const char *const dialects[] = { "--format=gnu",
											"--format=gnu -S",
											"--format=pax",
											"--format=pax -S",
											"--format=pax -S --sparse-version=0.1",
											"--format=pax -S --sparse-version=0.0",
											"--format=ustar" };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	run_in(dir, make_tree);
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		snprintf(command, sizeof command, "tar %s -cf a.tar -C t --sort=name .", dialects[i]);
		run_in(dir, command);
		struct span archive = file_load(dir, "a.tar");
		struct walked t;
		walked_open(&t, &tar_format, archive);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, archive.n);
		check_tree(&t);
		walked_close(&t);
		survives_cuts(&tar_format, archive, 60);
		survives_flips(&tar_format, archive, 60, 0);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* A header whose checksum is right. */
static void tar_header(uint8_t *h, const char *name, char type, const char *size)
{
	memset(h, 0, 512);
	snprintf((char *)h, 100, "%s", name);
	memcpy(h + 100, "0000644", 7);
	memcpy(h + 124, size, strlen(size));
	h[156] = (uint8_t)type;
	memcpy(h + 257, "ustar\00000", 8);
	memset(h + 148, ' ', 8);
	unsigned sum = 0;
	for (int i = 0; i < 512; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
}

static void test_tar_hostile(void **state)
{
	(void)state;
	uint8_t a[4 * 512] = { 0 };
	struct walked t;
	/* A size beyond everything: octal, and base 256 with all bits. */
	static const char *const sizes[] = { "77777777777", "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" };
	for (size_t i = 0; i < 2; i++) {
		tar_header(a, "../../x", '0', sizes[i]);
		walked_open(&t, &tar_format, span_of(a, sizeof a));
		assert_true(t.accepted);
		assert_int_equal(walked_get(&t, "/../../x")->content.n, sizeof a - 512);
		assert_true(walked_damage(&t, "truncated") >= 1);
		walked_close(&t);
	}
	tar_header(a, "x", '0', "00000000004");
	a[0] = 'y'; /* now the checksum is wrong */
	assert_false(tar_format.probe(span_of(a, sizeof a), &t.match));
}

/* Lists of access rights and headers of Solaris' own, and a directory as before POSIX whose size means nothing. */
static void test_tar_solaris(void **state)
{
	(void)state;
	static const char acl[] = "1000017\0user::rwx,group::rwx,other:r-x\n", pax[] = "18 path=long name\n";
	uint8_t a[11 * 512] = { 0 };
	struct walked t;
	tar_header(a, "file", 'A', "00000000050");
	memcpy(a + 512, acl, sizeof acl);
	tar_header(a + 1024, "file", '0', "00000000002");
	memcpy(a + 1536, "1\n", 2);
	tar_header(a + 2048, "short", 'X', "00000000022");
	memcpy(a + 2560, pax, sizeof pax - 1);
	tar_header(a + 3072, "short", '0', "00000000000");
	tar_header(a + 3584, "directory/", '0', "00000000001");
	tar_header(a + 4096, "last", '0', "00000000000");
	walked_open(&t, &tar_format, span_of(a, sizeof a));
	assert_int_equal(t.n, 4);
	assert_content(&t, "/file", "1\n", 2);
	assert_non_null(walked_get(&t, "/long name"));
	assert_int_equal(walked_get(&t, "/directory")->e.kind, ENTRY_DIRECTORY);
	assert_non_null(walked_get(&t, "/last"));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	memcpy(a + 512, "#!/bin/sh\n", 10); /* no list: GNU tar unpacks a file */
	walked_open(&t, &tar_format, span_of(a, sizeof a));
	assert_int_equal(t.n, 5);
	assert_true(span_starts(t.entries[0].content, "#!/bin/sh\n", 10));
	walked_close(&t);
}

/* Members of 1300 bytes in 2048, that are numbered and below one directory; gives where the end is. */
static size_t tar_of(uint8_t *at, unsigned members)
{
	for (unsigned i = 0; i < members; i++, at += 2048) {
		char name[16];
		snprintf(name, sizeof name, "d/m%u", i);
		tar_header(at, name, '0', "00000002424");
		memset(at + 512, 'a' + (int)i, 1300);
	}
	return 2048 * (size_t)members;
}

/* Headers that are lost, of zeros or of something else, and bytes that are missing cost what they were in; the archive goes on. */
static void test_tar_goes_on(void **state)
{
	(void)state;
	static const struct {
		size_t at, n;
		int fill; /* -1: the bytes are missing */
		const char *lost;
	} damages[] = { { 4096, 512, 0, "/d/m2" }, { 4096, 512, 0xff, "/d/m2" }, { 4096 - 1000, 1512, 0, "/d/m2" },
					{ 5000, 3, -1, NULL },     { 4096, 700, -1, "/d/m2" },   { 10240 - 2048 - 512, 1024, 0, "/d/m4" } };
	static uint8_t bytes[20480];
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		memset(bytes, 0, sizeof bytes);
		size_t end = tar_of(bytes, 7);
		if (damages[i].fill < 0) {
			memmove(bytes + damages[i].at, bytes + damages[i].at + damages[i].n, end - damages[i].at - damages[i].n);
			memset(bytes + end - damages[i].n, 0, damages[i].n);
		} else {
			memset(bytes + damages[i].at, damages[i].fill, damages[i].n);
		}
		struct walked t;
		walked_open(&t, &tar_format, span_of(bytes, sizeof bytes));
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		for (unsigned k = 0; k < 7; k++) {
			char path[16];
			snprintf(path, sizeof path, "/d/m%u", k);
			if (!damages[i].lost || strcmp(path, damages[i].lost) != 0)
				walked_get(&t, path);
		}
		walked_close(&t);
	}
}

/* A block of zeros by itself and many of them end no archive that goes on, or has a member without a header. */
static void test_tar_lost_in_zeros(void **state)
{
	(void)state;
	static uint8_t bytes[160 * 1024];
	struct walked t;
	size_t end = tar_of(bytes, 7);
	memset(bytes + end - 2048, 0, 512); /* the last header */
	walked_open(&t, &tar_format, span_of(bytes, 20480));
	assert_int_equal(t.n, 6);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	static const struct {
		size_t at, n, left;
	} zeros[] = { { 4096, 19 * 2048, 51 }, { 4096, 38000, 52 }, /* and what is between */
				  { 4096, 20 * 2048, 2 } };                        /* as another archive stands behind padding */
	for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++) {
		memset(bytes, 0, sizeof bytes);
		tar_of(bytes, 70);
		memset(bytes + zeros[i].at, 0, zeros[i].n);
		walked_open(&t, &tar_format, span_of(bytes, sizeof bytes));
		assert_int_equal(t.n, zeros[i].left);
		assert_int_equal(walked_damage(&t, "corrupt"), zeros[i].left > 2);
		walked_close(&t);
	}
}

/* A directory whose path was split behind its last slash: all of it is the prefix. */
static void test_tar_directory_in_prefix(void **state)
{
	(void)state;
	static uint8_t bytes[8 * 512];
	tar_header(bytes, "", '5', "00000000000");
	memcpy(bytes + 345, "some/folder", 11);
	memset(bytes + 148, ' ', 8);
	unsigned sum = 0;
	for (int i = 0; i < 512; i++)
		sum += bytes[i];
	snprintf((char *)bytes + 148, 8, "%06o", sum);
	memcpy(bytes + 1536, bytes, 512);
	tar_header(bytes + 512, "some/file", '0', "00000000003");
	memcpy(bytes + 1024, "one", 3);
	struct walked t;
	walked_open(&t, &tar_format, span_of(bytes, sizeof bytes));
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "/some/folder")->e.kind, ENTRY_DIRECTORY);
	assert_content(&t, "/some/file", "one", 3);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	bytes[262] = bytes[1536 + 262] = ' '; /* GNU's header has a time there, and so this one no name */
	bytes[263] = bytes[1536 + 263] = ' ';
	snprintf((char *)bytes + 148, 8, "%06o", sum + 2 * ' ' - '0' - '0');
	struct format_match m;
	assert_false(tar_format.probe(span_of(bytes, sizeof bytes), &m));
}

/* A member whose name ends as a directory's and which has bytes: they are not passed over. */
static void test_tar_bytes_of_a_directory(void **state)
{
	(void)state;
	static uint8_t bytes[4 * 512];
	tar_header(bytes, "hidden/", '0', "00000000003");
	memcpy(bytes + 512, "one", 3);
	struct walked t;
	walked_open(&t, &tar_format, span_of(bytes, sizeof bytes));
	assert_content(&t, "/hidden", "one", 3);
	walked_close(&t);
}

/* star's archives of before POSIX: star(4), "struct star_header". */
static void test_tar_old_star(void **state)
{
	(void)state;
	static uint8_t bytes[2048] = "name.txt";
	memcpy(bytes + 100, "   644 \0  1750 \0  1750 \0          3 14214504330  ", 48);
	bytes[156] = '0';
	memcpy(bytes + 256, "1     1 \0     100000           0 14214504303 14214477714 ", 57);
	memcpy(bytes + 313, "andre", 5);
	memcpy(bytes + 345, "folder", 6);
	memcpy(bytes + 508, "tar", 3);
	unsigned sum = 8 * ' ';
	for (unsigned i = 0; i < 512; i++)
		sum += i < 148 || i >= 156 ? bytes[i] : 0;
	(void)snprintf((char *)bytes + 148, 8, "%6o ", sum);
	memcpy(bytes + 512, "one", 3);
	struct walked t;
	struct format_match m;
	assert_true(format_identify(span_of(bytes, sizeof bytes), NULL, &m) == &tar_format);
	walked_open(&t, &tar_format, span_of(bytes, sizeof bytes));
	assert_content(&t, "/folder/name.txt", "one", 3);
	assert_int_equal(walked_get(&t, "/folder/name.txt")->e.mode, 0644);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	for (unsigned i = 0; i < 512; i++) {
		bytes[i] ^= 0x11;
		assert_false(tar_format.probe(span_of(bytes, sizeof bytes), &m));
		bytes[i] ^= 0x11;
	}
}

/* What stands behind an archive that ends as it should is none of it, even when it is of the same directory. */
static void test_tar_ends(void **state)
{
	(void)state;
	static uint8_t bytes[40960];
	static const size_t behind[] = { 10240, 4096 + 1024, 20480 };
	for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++)
		for (size_t gap = 0; gap < 4096; gap += 1024) {
			memset(bytes, 0, sizeof bytes);
			tar_of(bytes, 2);
			memset(bytes + behind[i], 'x', gap);
			tar_of(bytes + behind[i] + gap, 2);
			struct walked t;
			walked_open(&t, &tar_format, span_of(bytes, sizeof bytes));
			assert_int_equal(t.n, 2);
			assert_int_equal(t.match.size, behind[i] < 10240 ? behind[i] : 10240);
			assert_int_equal(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated"), 0);
			walked_close(&t);
		}
}

static void test_tar_seventh_edition(void **state)
{
	(void)state;
	if (!tool_exists("tar"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(
		dir,
		"mkdir -p t/d; cd t; echo one > d/one; ln d/one two; ln -s one d/link; : > empty; tar --format=v7 --sort=name -cf ../a.tar .");
	struct span archive = file_load(dir, "a.tar");
	struct walked t;
	struct format_match m;
	assert_true(format_identify(archive, NULL, &m) == &tar_format);
	walked_open(&t, &tar_format, archive);
	assert_int_equal(t.match.size, archive.n);
	assert_false(error_is(&t.error));
	assert_content(&t, "/d/one", "one\n", 4);
	assert_true(text_is(walked_get(&t, "/two")->e.same_as, "/d/one"));
	assert_true(text_is(walked_get(&t, "/d/link")->e.link_target, "one"));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&tar_format, archive, 60);
	survives_flips(&tar_format, archive, 60, 0);
	/* Every single byte of the header counts. */
	uint8_t *copy = malloc(archive.n);
	assert_non_null(copy);
	memcpy(copy, archive.p, archive.n);
	for (size_t i = 0; i < 512; i++) {
		copy[i] ^= 0x11;
		if (tar_format.probe(span_of(copy, archive.n), &m))
			fail_msg("accepted with byte %zu changed", i);
		copy[i] ^= 0x11;
	}
	free(copy);
	free((void *)archive.p);
	temp_remove(dir);
}

/* It has no magic, and is found behind something else all the same. */
static void test_tar_seventh_edition_within(void **state)
{
	(void)state;
	if (!tool_exists("tar"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir -p t/d; cd t; echo one > d/one; chmod 755 d; chmod 644 d/one; tar --format=v7 -cf ../a.tar d; cd ..;"
				"head -c 5003 /dev/zero | tr '\\0' '\\252' > image; cat a.tar >> image");
	struct span image = file_load(dir, "image"), archive = file_load(dir, "a.tar");
	bool found = false;
	for (const struct format_magic *m = tar_format.magics; m->bytes; m++)
		if (span_has(image, 5003 + m->offset, m->bytes, m->n))
			found = true;
	assert_true(found);
	free((void *)archive.p);
	free((void *)image.p);
	temp_remove(dir);
}

/* --- ar --- */

static void test_ar(void **state)
{
	(void)state;
	if (!tool_exists("ar"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir,
		   "printf odd > odd; printf even > a-name-longer-than-sixteen; ar rcD a.a odd a-name-longer-than-sixteen");
	struct span archive = file_load(dir, "a.a");
	struct walked t;
	walked_open(&t, &ar_format, archive);
	assert_int_equal(t.match.size, archive.n);
	assert_int_equal(t.n, 2);
	assert_content(&t, "/odd", "odd", 3);
	assert_content(&t, "/a-name-longer-than-sixteen", "even", 4);
	assert_false(error_is(&t.error));
	walked_close(&t);
	survives_cuts(&ar_format, archive, (unsigned)archive.n);
	survives_flips(&ar_format, archive, 3000, 0);
	free((void *)archive.p);
	temp_remove(dir);
}

static void test_ar_bsd_and_deb(void **state)
{
	(void)state;
	static const char bsd[] = "!<arch>\n"
							  "#1/8            0           0     0     100644  11        `\nlongname"
							  "abc\n"
							  "last            1700000000  7     8     100755  1         `\nz";
	static const char deb[] = "!<arch>\n"
							  "debian-binary   0           0     0     100644  4         `\n2.0\n"
							  "data.tar.xz     0           0     0     100644  99        `\ncut";
	struct walked t;
	walked_open(&t, &ar_format, span_of(bsd, sizeof bsd - 1));
	assert_int_equal(t.match.size, sizeof bsd - 1); /* the last padding byte is missing */
	assert_content(&t, "/longname", "abc", 3);
	assert_content(&t, "/last", "z", 1);
	assert_int_equal(walked_get(&t, "/last")->e.mode, 0755);
	assert_int_equal(walked_get(&t, "/last")->e.uid, 7);
	walked_close(&t);
	char behind[sizeof bsd + 4] = { 0 };
	memcpy(behind, bsd, sizeof bsd - 1);
	memcpy(behind + sizeof bsd - 1, "hsqs", 4); /* and does not take the first of what comes next */
	assert_true(ar_format.probe(span_of(behind, sizeof behind), &t.match));
	assert_int_equal(t.match.size, sizeof bsd - 1);
	behind[sizeof bsd - 1] = '\n';
	assert_true(ar_format.probe(span_of(behind, sizeof behind), &t.match));
	assert_int_equal(t.match.size, sizeof bsd);
	assert_false(deb_format.probe(span_of(bsd, sizeof bsd - 1), &t.match));
	walked_open(&t, &deb_format, span_of(deb, sizeof deb - 1));
	assert_content(&t, "/debian-binary", "2.0\n", 4);
	assert_content(&t, "/data.tar.xz", "cut", 3);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
}

#define AR_HEADER(name, size) name "0           0     0     100644  " size "`\n"

/* A header that can not be read costs its member, a size that is wrong hides no other. */
static void test_ar_goes_on(void **state)
{
	(void)state;
	static const char good[] = "!<arch>\n" AR_HEADER("one             ", "4         ") "1st\n" AR_HEADER("two             ", "4         ")
		"2nd\n" AR_HEADER("three           ", "4         ") "3rd\n";
	static const struct {
		size_t at;
		const char *bytes;
		size_t removed;
		const char *second; /* what is read of it; NULL: nothing */
	} breaks[] = {
		{ 8 + 64 + 48, "9", 0, "2nd\n" }, /* its size becomes 9 */
		{ 8 + 64 + 48, "2", 0, "2n" },
		{ 8 + 64 + 50, "x", 0, NULL },
		{ 8 + 64 + 58, "x", 0, NULL },
		{ 8 + 64 + 20, "", 7, NULL },
		{ 8 + 60, "", 3, "2nd\n" },
	};
	for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
		char bytes[sizeof good];
		size_t n = sizeof good - 1 - breaks[i].removed, behind = breaks[i].at + breaks[i].removed;
		memcpy(bytes, good, sizeof good);
		memcpy(bytes + breaks[i].at, breaks[i].bytes, strlen(breaks[i].bytes));
		memmove(bytes + breaks[i].at, bytes + behind, breaks[i].removed ? sizeof good - behind : 0);
		if (!breaks[i].removed)
			memcpy(bytes + breaks[i].at, breaks[i].bytes, strlen(breaks[i].bytes));
		struct walked t;
		walked_open(&t, &ar_format, span_of(bytes, n));
		assert_int_equal(t.match.size, n);
		assert_content(&t, "/three", "3rd\n", 4);
		if (breaks[i].second)
			assert_content(&t, "/two", breaks[i].second, strlen(breaks[i].second));
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
	}
	struct walked t; /* the last one */
	char bytes[sizeof good];
	memcpy(bytes, good, sizeof good);
	bytes[8 + 128 + 50] = 'x';
	walked_open(&t, &ar_format, span_of(bytes, sizeof good - 1));
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	walked_open(&t, &ar_format, span_of(good, sizeof good - 1 - 30));
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	char two[2 * sizeof good]; /* another archive behind one that is broken keeps its own */
	memcpy(two, good, sizeof good - 1);
	memcpy(two + sizeof good - 1, good, sizeof good - 1);
	two[8 + 128 + 58] = 'x';
	walked_open(&t, &ar_format, span_of(two, 2 * (sizeof good - 1)));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.match.size, 8 + 128 + 60);
	walked_close(&t);
}

/* What stands behind an archive is none of its headers, what stands in a member is the member's, and what no member takes is shown. */
static void test_ar_hides_nothing(void **state)
{
	(void)state;
	static const char one[] = "!<arch>\n" AR_HEADER("one             ", "4         ") "1st\n";
	static const char thin[] = "!<thin>\n" AR_HEADER("/0              ", "4         ") AR_HEADER("/9              ", "9         ");
	static const char within[] = "!<arch>\n" AR_HEADER("thin            ", "128       ");
	static const char broken[] = "!<arch>\n" AR_HEADER("one             ", "4         ") "1st\n" AR_HEADER("two             ", "x         ")
		"2nd\n" AR_HEADER("three           ", "4         ") "3rd\n";
	char bytes[512];
	struct walked t;
	for (int i = 0; i < 2; i++) {
		size_t n = (size_t)snprintf(bytes, sizeof bytes, "%s%s", one, i ? thin : one);
		walked_open(&t, &ar_format, span_of(bytes, n));
		assert_int_equal(t.match.size, sizeof one - 1);
		assert_int_equal(t.n, 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		walked_close(&t);
	}
	size_t n = (size_t)snprintf(bytes, sizeof bytes, "%s%s\377\377\377\377", within, thin);
	assert_true(ar_format.probe(span_of(bytes, n), &t.match));
	assert_int_equal(t.match.size, n - 4);
	walked_open(&t, &ar_format, span_of(bytes, n - 4));
	assert_int_equal(t.n, 1);
	assert_content(&t, "/thin", thin, sizeof thin - 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	walked_open(&t, &ar_format, span_of(broken, sizeof broken - 1));
	assert_content(&t, "unread", "2nd\n", 4);
	assert_content(&t, "/three", "3rd\n", 4);
	walked_close(&t);
}

/* --- zip --- */

struct zipped {
	const char *name, *data;
	unsigned method, flags, mode;
	bool descriptor;
	const char *behind; /* the stream, in what is packed; may be NULL */
};

static size_t deflate(const char *data, uint8_t *out, size_t room)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
	size_t n = libdeflate_deflate_compress(c, data, strlen(data), out, room);
	libdeflate_free_compressor(c);
	return n;
}

static void common_fields(uint8_t *p, const struct zipped *z, size_t packed, bool hide)
{
	put16(p, z->flags | (z->descriptor ? 8 : 0));
	put16(p + 2, z->method);
	put16(p + 4, 12 << 11 | 30 << 5 | 10); /* 12:30:20 */
	put16(p + 6, 43 << 9 | 11 << 5 | 14);  /* 2023-11-14 */
	put32(p + 8, hide ? 0 : libdeflate_crc32(0, z->data, strlen(z->data)));
	put32(p + 12, hide ? 0 : (uint32_t)packed);
	put32(p + 16, hide ? 0 : (uint32_t)strlen(z->data));
	put16(p + 20, (uint32_t)strlen(z->name));
}

/* An archive after APPNOTE.TXT; `signature` chooses the form of the descriptors. */
static struct buf make_zip(const struct zipped *files, size_t n, bool signature, bool signing_block, bool central)
{
	struct buf out = { 0 }, directory = { 0 };
	uint8_t packed[4096];
	for (size_t i = 0; i < n; i++) {
		const struct zipped *z = &files[i];
		uint8_t local[30] = "PK\3\4\24", entry[46] = "PK\1\2\24\3\24", descriptor[16] = "PK\7\10";
		size_t size = z->method == 8 ? deflate(z->data, packed, sizeof packed) : strlen(z->data);
		if (z->behind) {
			memcpy(packed + size, z->behind, strlen(z->behind));
			size += strlen(z->behind);
		}
		uint32_t at = (uint32_t)out.n;
		common_fields(local + 6, z, size, z->descriptor);
		add(&out, local, sizeof local);
		add(&out, z->name, strlen(z->name));
		add(&out, z->method == 8 ? packed : (const uint8_t *)z->data, size);
		put32(descriptor + 4, libdeflate_crc32(0, z->data, strlen(z->data)));
		put32(descriptor + 8, (uint32_t)size);
		put32(descriptor + 12, (uint32_t)strlen(z->data));
		if (z->descriptor)
			add(&out, descriptor + (signature ? 0 : 4), signature ? 16 : 12);
		common_fields(entry + 8, z, size, false);
		put32(entry + 38, z->mode << 16);
		put32(entry + 42, at);
		add(&directory, entry, sizeof entry);
		add(&directory, z->name, strlen(z->name));
	}
	if (signing_block)
		add(&out, "\40\0\0\0\0\0\0\0signing!\40\0\0\0\0\0\0\0APK Sig Block 42", 40);
	uint8_t end[22] = "PK\5\6";
	put16(end + 8, (uint32_t)n);
	put16(end + 10, (uint32_t)n);
	put32(end + 12, (uint32_t)directory.n);
	put32(end + 16, (uint32_t)out.n);
	if (central) {
		add(&out, directory.p, directory.n);
		add(&out, end, sizeof end);
	}
	buf_free(&directory);
	return out;
}

#define REPEATED "repeated repeated repeated repeated repeated repeated"
static const struct zipped zipped[] = {
	{ "dir/", "", 0, 0, 040755, false },           { "dir/stored", "stored PK\3\4 data", 0, 0, 0104755, false },
	{ "deflated", REPEATED, 8, 0, 0100644, true }, { "link", "dir/stored", 0, 0, 0120777, false },
	{ "../up", REPEATED, 8, 0, 0100600, false },   { "streamed", "the data of unknown size", 0, 0, 0100644, true },
};
#define ZIPPED (sizeof zipped / sizeof zipped[0])

static void check_zip(const struct walked *t, bool central)
{
	assert_content(t, "/dir/stored", "stored PK\3\4 data", 16);
	assert_content(t, "/deflated", REPEATED, sizeof REPEATED - 1);
	assert_content(t, "/../up", REPEATED, sizeof REPEATED - 1);
	assert_content(t, "/streamed", "the data of unknown size", 24);
	assert_int_equal(walked_get(t, "/dir")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(t, "/deflated")->e.mtime, 1699965020); /* date -u -d 2023-11-14T12:30:20 +%s */
	if (!central)
		return;
	assert_int_equal(walked_get(t, "/dir/stored")->e.mode, 04755);
	assert_true(text_is(walked_get(t, "/link")->e.link_target, "dir/stored"));
}

static void test_zip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		bool signature = i & 1, block = i & 2, central = !(i & 4);
		struct buf b = make_zip(zipped, ZIPPED, signature, block, central);
		size_t n = b.n;
		add(&b, "what follows the archive", 24);
		/* An unsigned descriptor is only known by the header that follows it. */
		if ((!central || block) && !signature) {
			buf_free(&b);
			continue;
		}
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&b));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, !central && block ? n - 40 : n);
		check_zip(&t, central);
		assert_int_equal(walked_damage(&t, "truncated"), !central);
		walked_close(&t);
		survives_cuts(&zip_format, buf_span(&b), (unsigned)b.n);
		survives_flips(&zip_format, buf_span(&b), 2000, 0);
		buf_free(&b);
	}
}

static void test_zip_damage(void **state)
{
	(void)state;
	struct zipped files[] = { { "secret", "ciphertext", 0, 1, 0, false },
							  { "wavpack", "?", 97, 0, 0, false },
							  { "good", "good", 0, 0, 0, false } };
	struct buf b = make_zip(files, 3, true, false, true);
	struct walked t;
	uint8_t *data = memmem(b.p, b.n, "goodgood", 8); /* name and data */
	assert_non_null(data);
	data[5] = 'G';
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "/good", "gGod", 4);
	walked_close(&t);
	buf_free(&b);
}

/* Bytes that are missing within an entry, or too many: the central directory leads to those before it and behind it, whether the local
 * headers tell the sizes or not. An archive that is stored in another one is not taken for it, whose directory stands elsewhere, too. */
static void test_zip_shifted(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool stream = i & 1, more = i & 2;
		struct zipped files[] = { { "a", "first of all", 0, 0, 0100644, stream },
								  { "b", "the second one, in which something is wrong", 0, 0, 0100644, stream },
								  { "c", REPEATED, 8, 0, 0100644, stream },
								  { "d", "the last one", 0, 0, 0100644, stream } };
		struct buf b = make_zip(files, 4, true, false, true), changed = { 0 };
		uint8_t *at = memmem(b.p, b.n, "wrong", 5);
		assert_non_null(at);
		add(&changed, b.p, (size_t)(at - b.p));
		if (more)
			add(&changed, "inserted", 8);
		size_t from = (size_t)(at - b.p) + (more ? 0 : 3);
		add(&changed, b.p + from, b.n - from);
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&changed));
		assert_int_equal(t.match.size, changed.n);
		assert_int_equal(walked_count(&t, ENTRY_FILE), 4);
		assert_content(&t, "/a", files[0].data, strlen(files[0].data));
		assert_content(&t, "/c", REPEATED, strlen(REPEATED));
		assert_content(&t, "/d", files[3].data, strlen(files[3].data));
		assert_true(walked_damage(&t, "corrupt") > 0);
		walked_close(&t);
		buf_free(&b);
		buf_free(&changed);
	}
}

/* What is packed behind the end of an entry's stream is not unpacked by any program: it is not passed over in silence. */
static void test_zip_behind_a_stream(void **state)
{
	(void)state;
	struct zipped files[] = { { "all", REPEATED, 8, 0, 0, false, NULL }, { "more", REPEATED, 8, 0, 0, false, "#!/bin/sh" } };
	struct buf b = make_zip(files, 2, true, false, true);
	struct walked t;
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_false(error_is(&walked_get(&t, "/all")->error));
	const struct walked_entry *more = walked_get(&t, "/more");
	assert_non_null(strstr(more->error.text, "9 of the "));
	assert_int_equal(more->content.n, sizeof REPEATED - 1);
	assert_memory_equal(more->content.p, REPEATED, sizeof REPEATED - 1);
	walked_close(&t);
	buf_free(&b);
}

/* Behind a long entry of unknown size the next header is not looked for: the record of the end leads to the central directory, and
 * that of an archive within the entry does not. */
static void test_zip_long_stream(void **state)
{
	(void)state;
	size_t size = 65u << 20;
	char *data = malloc(size + 1);
	memset(data, 'a', size);
	data[size] = 0;
	struct zipped files[] = { { "long", data, 0, 0, 0100644, true, NULL }, { "more", REPEATED, 8, 0, 0100644, true, NULL } };
	struct buf inner = make_zip(zipped, ZIPPED, true, false, true), b = make_zip(files, 2, true, false, true);
	memcpy(data + size - inner.n, inner.p, inner.n);
	memcpy(b.p + 34 + size - inner.n, inner.p, inner.n);
	size_t central = b.n - 22 - 2 * (46 + 4);
	put32(b.p + central + 16, libdeflate_crc32(0, data, size));
	struct format_match match = { 0 };
	assert_true(zip_format.probe(buf_span(&b), &match));
	assert_int_equal(match.size, b.n);
	struct walked t;
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(t.n, 2);
	assert_false(error_is(&t.error));
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(walked_get(&t, "/long")->content.n, size);
	assert_int_equal(walked_get(&t, "/more")->content.n, sizeof REPEATED - 1);
	walked_close(&t);
	b.n -= 22; /* without its own record that of the other one does not stand for it */
	assert_true(zip_format.probe(buf_span(&b), &match));
	assert_int_equal(match.size, 34 + (64u << 20));
	buf_free(&inner);
	buf_free(&b);
	free(data);
}

/* Local headers that do not lead on: one that says less than there is, as behind an entry that was taken out; all ones for the
 * sizes that a descriptor tells. The central directory knows, and the former is said. */
static void test_zip_gap(void **state)
{
	(void)state;
	struct zipped files[] = { { "first", "0123456789", 0, 0, 0100644, false, NULL }, { "more", REPEATED, 8, 0, 0100644, true, NULL } };
	for (unsigned all_ones = 0; all_ones < 2; all_ones++) {
		files[0].descriptor = all_ones;
		struct buf b = make_zip(files, 2, true, false, true);
		put32(b.p + 18, all_ones ? UINT32_MAX : 4);
		put32(b.p + 22, all_ones ? UINT32_MAX : 4);
		struct format_match match = { 0 };
		assert_true(zip_format.probe(buf_span(&b), &match));
		assert_int_equal(match.size, b.n);
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&b));
		assert_int_equal(t.n, 2);
		assert_false(error_is(&t.error));
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), !all_ones);
		assert_content(&t, "/first", "0123456789", 10);
		assert_content(&t, "/more", REPEATED, sizeof REPEATED - 1);
		walked_close(&t);
		survives_cuts(&zip_format, buf_span(&b), (unsigned)b.n);
		survives_flips(&zip_format, buf_span(&b), 2000, 0);
		buf_free(&b);
	}
}

/* Behind the gap of each of many archives stands an entry without a name that does not tell its size, which is none to begin with: were
 * its end looked for each time, that would take the square of the bytes, and the test meet its time limit. */
static void test_zip_gap_before_no_archive(void **state)
{
	(void)state;
	enum { TIMES = 65536, UNIT = 31 + 1 + 30 };
	uint8_t unit[UNIT] = "PK\3\4\24";
	struct buf b = { 0 };
	unit[26] = 1;
	unit[30] = 'a';
	memcpy(unit + 32, "PK\3\4\24\0\10", 7);
	for (unsigned i = 0; i < TIMES; i++)
		add(&b, unit, sizeof unit);
	for (unsigned i = 0; i < TIMES; i++) {
		struct format_match match;
		assert_true(zip_format.probe(span_from(buf_span(&b), i * (size_t)UNIT), &match));
		assert_int_equal(match.size, 31);
	}
	buf_free(&b);
}

/* Many records of the end that lead to one directory, none of which is that of the local headers before it: were the time that of the
 * square of the bytes, the test would meet its time limit. */
static void test_zip_many_ends(void **state)
{
	(void)state;
	enum { ENTRIES = 28000, ENDS = 59000 };
	struct buf b = { 0 };
	uint8_t local[31] = "PK\3\4\24", entry[47] = "PK\1\2\24\3\24", end[22] = "PK\5\6";
	local[26] = 1;
	local[30] = 'a';
	entry[28] = 1;
	entry[45] = 0x7f;
	entry[46] = 'b';
	add(&b, local, sizeof local);
	add(&b, REPEATED, sizeof REPEATED - 1);
	size_t central = b.n;
	for (unsigned i = 0; i < ENTRIES; i++)
		add(&b, entry, sizeof entry);
	for (unsigned i = 0; i < ENDS; i++) {
		put32(end + 12, (uint32_t)(b.n - central));
		add(&b, end, sizeof end);
	}
	struct format_match match;
	for (unsigned i = 0; i < 50; i++) {
		assert_true(zip_format.probe(buf_span(&b), &match));
		assert_int_equal(match.size, sizeof local);
	}
	buf_free(&b);
}

#define HIDDEN "hidden hidden hidden hidden hidden hidden hidden hidden hidden hidden hidden hidden"
/* What the directory does not name stands in the archive all the same, and what cannot be a directory or a link is a file. */
static void test_zip_nothing_is_hidden(void **state)
{
	(void)state;
	char large[5000];
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	struct zipped files[] = { { "first", "1", 0, 0, 0100644, true, NULL }, { "inner", HIDDEN, 0, 0, 0100644, true, NULL },
							  { "d/", HIDDEN, 8, 0, 040755, false, NULL }, { "link", large, 0, 0, 0120777, false, NULL },
							  { ".", HIDDEN, 0, 0, 0100644, false, NULL } };
	struct buf b = make_zip(files, 5, true, true, true);
	struct walked t;
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(t.n, 5);
	assert_content(&t, "/d", HIDDEN, sizeof HIDDEN - 1);
	assert_content(&t, "/link", large, sizeof large - 1);
	assert_content(&t, "/entry-5", HIDDEN, sizeof HIDDEN - 1);
	walked_close(&t);
	/* The second entry is taken out of the directory. */
	uint8_t *central = memmem(b.p, b.n, "PK\1\2", 4), *end = memmem(b.p, b.n, "PK\5\6", 4);
	size_t first = 46 + 5, second = 46 + 5;
	assert_non_null(central);
	memmove(central + first, central + first + second, (size_t)(b.p + b.n - central) - first - second);
	b.n -= second;
	end -= second;
	put16(end + 8, 4);
	put16(end + 10, 4);
	put32(end + 12, (uint32_t)(end - central));
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(t.match.size, b.n);
	assert_int_equal(t.n, 5);
	char name[40];
	size_t at = 30 + 5 + 1; /* with the descriptors */
	snprintf(name, sizeof name, "unclaimed-0x%zx", at);
	assert_content(&t, name, b.p + at, 16 + 30 + 5 + sizeof HIDDEN - 1 + 16);
	walked_close(&t);
	buf_free(&b);
}

/* A comment is a text or a signature; another archive in it is what some programs read in place of the one before. */
static void test_zip_comment(void **state)
{
	(void)state;
	static const char text[] = "a comment that is nothing but text, however long it is, shows nothing of its own\r\n";
	struct zipped files[] = { { "first", "0123456789", 0, 0, 0100644, false, NULL } };
	struct buf inner = make_zip(zipped, ZIPPED, true, false, true);
	struct span comments[] = { buf_span(&inner), span_of((const uint8_t *)text, sizeof text - 1) };
	for (size_t i = 0; i < 2; i++) {
		struct buf b = make_zip(files, 1, true, false, true);
		char name[40];
		snprintf(name, sizeof name, "unclaimed-0x%zx", b.n);
		put16(b.p + b.n - 2, (uint32_t)comments[i].n);
		add(&b, comments[i].p, comments[i].n);
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&b));
		assert_int_equal(t.match.size, b.n);
		assert_int_equal(t.n, i == 0 ? 2 : 1);
		if (i == 0)
			assert_content(&t, name, comments[0].p, comments[0].n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		buf_free(&b);
	}
	buf_free(&inner);
}

/* A link that is stored is as long as what is stored, whatever its other size says. */
static void test_zip_long_link(void **state)
{
	(void)state;
	char large[4090 + 10];
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	struct zipped files[] = { { "link", large, 0, 0, 0120777, false, NULL } };
	struct buf b = make_zip(files, 1, true, false, true);
	uint8_t *central = memmem(b.p, b.n, "PK\1\2", 4);
	struct walked t;
	assert_non_null(central);
	put32(central + 24, 10);
	walked_open(&t, &zip_format, buf_span(&b));
	assert_content(&t, "/link", large, sizeof large - 1);
	walked_close(&t);
	buf_free(&b);
}

/* What a local header may say wrongly while the central directory is right: that one counts, and the difference is said. */
static const struct wrong_local {
	const char *what;
	unsigned entry; /* whose local header it is, of two */
	unsigned at, value;
} wrong_locals[] = {
	{ "\"first\"", 0, 26, 0 },       { "\"first\"", 0, 26, 3 },   { "\"first\"", 0, 26, 9 },     { "\"first\"", 0, 26, 60000 },
	{ "size of \"first\"", 0, 18, 40 }, { "size of \"more\"", 1, 18, 60 }, { "size of \"more\"", 1, 18, 60000 },
	{ "name of \"first\"", 0, 30, 'F' | 'i' << 8 }, { "method of \"more\"", 1, 8, 12 }, { "CRC of \"more\"", 1, 14, 1 },
};

static void test_zip_wrong_locals(void **state)
{
	(void)state;
	struct zipped files[] = { { "first", "0123456789", 0, 0, 0100644, false, NULL }, { "more", REPEATED, 8, 0, 0100644, false, NULL } };
	for (size_t i = 0; i < sizeof wrong_locals / sizeof wrong_locals[0]; i++) {
		const struct wrong_local *c = &wrong_locals[i];
		struct buf b = make_zip(files, 2, true, false, true);
		put16(b.p + (c->entry ? 30 + 5 + 10 : 0) + c->at, c->value);
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&b));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, b.n);
		assert_content(&t, "/first", "0123456789", 10);
		assert_content(&t, "/more", REPEATED, sizeof REPEATED - 1);
		assert_int_equal(t.n, 2);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
		assert_non_null(memmem(d->what.p, d->what.n, c->what, strlen(c->what)));
		walked_close(&t);
		survives_cuts(&zip_format, buf_span(&b), (unsigned)b.n);
		survives_flips(&zip_format, buf_span(&b), 1000, 0);
		buf_free(&b);
	}
}

/* An entry without a name is one all the same; but such a header alone, without a central directory, is no archive. */
static void test_zip_without_name(void **state)
{
	(void)state;
	struct zipped files[] = { { "", "0123456789", 0, 0, 0100644, false, NULL }, { "more", REPEATED, 8, 0, 0100644, false, NULL } };
	for (unsigned central = 0; central < 2; central++) {
		struct buf b = make_zip(files, 2, true, false, central);
		struct walked t;
		struct format_match match;
		assert_false(zip_format.probe(buf_span(&b), &match)); /* it is one as a whole file, and not looked for in others */
		walked_open(&t, &zip_format, buf_span(&b));
		assert_int_equal(t.accepted, central);
		if (central) {
			assert_content(&t, "/entry-1", "0123456789", 10);
			assert_content(&t, "/more", REPEATED, sizeof REPEATED - 1);
			assert_int_equal(walked_damage(&t, "corrupt"), 1);
		}
		walked_close(&t);
		survives_flips(&zip_format, buf_span(&b), 1000, 0);
		buf_free(&b);
	}
}

/* The name in Unicode counts where it is of the name that it stands beside (APPNOTE 4.6.9), and that needs one. */
static void test_zip_name_in_unicode(void **state)
{
	(void)state;
	static const struct {
		const char *unicode;
		unsigned other_crc, flags;
		const char *path;
	} names[] = { { "\xc3\xa4", 0, 0, "/\xc3\xa4" },
				  { "\xc3\xa4", 1, 0, "/\x84" },
				  { "\xc3\xa4", 0, 0x0800, "/\x84" }, /* is in Unicode itself */
				  { "ae", 0, 0, "/\x84" } };
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
		uint8_t local[40] = "PK\3\4\24", entry[68] = "PK\1\2\24\3\24", end[22] = "PK\5\6";
		uint8_t *extra = entry + 47;
		local[26] = entry[28] = 1;
		local[30] = entry[46] = 0x84; /* "ä" of code page 437 */
		memcpy(local + 31, "text", 4);
		local[18] = local[22] = entry[20] = entry[24] = 4;
		put32(local + 14, libdeflate_crc32(0, "text", 4));
		memcpy(entry + 16, local + 14, 4);
		memcpy(extra, "XX\1\0x" "up\7\0\1", 10);
		entry[30] = 5 + 4 + 7; /* a field before it, and it */
		put32(extra + 10, libdeflate_crc32(0, local + 30, 1) ^ names[i].other_crc);
		memcpy(extra + 14, names[i].unicode, 2);
		local[7] = entry[9] = (uint8_t)(names[i].flags >> 8);
		end[8] = end[10] = 1;
		put32(end + 12, 46 + 1 + 16);
		put32(end + 16, 35);
		struct buf b = { 0 };
		add(&b, local, 35);
		add(&b, entry, 46 + 1 + 16);
		add(&b, end, sizeof end);
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&b));
		assert_content(&t, names[i].path, "text", 4);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		buf_free(&b);
	}
}

/* The layout of Mozilla's omni.ja: how much is read ahead, the central directory and its end, the entries, the end again. */
static struct buf central_first(const struct zipped *files, size_t n)
{
	struct buf plain = make_zip(files, n, true, false, true), out = { 0 };
	uint32_t size = span_u32le(buf_span(&plain), plain.n - 10), at = span_u32le(buf_span(&plain), plain.n - 6), moved = 4 + size + 22;
	uint8_t ahead[4];
	for (uint8_t *p = plain.p + at; p < plain.p + at + size; p += 46 + (p[28] | p[29] << 8))
		put32(p + 42, span_u32le(span_of(p, 46), 42) + moved);
	put32(plain.p + plain.n - 6, 4);
	put32(ahead, moved + at);
	add(&out, ahead, 4);
	add(&out, plain.p + at, size + 22);
	add(&out, plain.p, at);
	add(&out, plain.p + at + size, 22);
	buf_free(&plain);
	return out;
}

static void test_zip_central_first(void **state)
{
	(void)state;
	struct buf b = central_first(zipped, ZIPPED);
	size_t n = b.n;
	add(&b, "what follows the archive", 24);
	struct walked t;
	walked_open(&t, &zip_format, buf_span(&b));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	check_zip(&t, true);
	assert_false(error_is(&t.error));
	assert_null(fact_list_get(&t.facts, FACT_damage, 0));
	walked_close(&t);
	survives_cuts(&zip_format, buf_span(&b), (unsigned)b.n);
	survives_flips(&zip_format, buf_span(&b), 3000, 0);
	b.p[4 + 42]++; /* the first local header does not stand there */
	walked_open(&t, &zip_format, buf_span(&b));
	assert_false(t.accepted);
	walked_close(&t);
	buf_free(&b);
}

/* An archive that breaks off before a whole one does not take the entries of that. */
static void test_zip_cut_before_another(void **state)
{
	(void)state;
	struct zipped cut[] = { { "cut", "0123456789", 0, 0, 0100644, false, NULL } };
	struct buf b = make_zip(cut, 1, true, false, false);
	size_t n = b.n;
	struct buf whole = make_zip(zipped, ZIPPED, true, false, true);
	add(&b, "----", 4);
	add(&b, whole.p, whole.n);
	struct format_match match = { 0 };
	assert_true(zip_format.probe(buf_span(&b), &match));
	assert_int_equal(match.size, n);
	assert_true(zip_format.probe(span_from(buf_span(&b), n + 4), &match));
	assert_int_equal(match.size, whole.n);
	buf_free(&whole);
	buf_free(&b);
}

/* cmp DWORD PTR [rax],0x4034b50; jne ...: what a reader of archives has in its code. */
static void test_zip_magic_in_code(void **state)
{
	(void)state;
	uint8_t code[256] = "PK\3\4\x0f\x85\xa7\x0a\0\0\x0f\xb6@\4\x88";
	struct format_match match = { 0 };
	code[26] = 100; /* the name's length, and bytes of code with zeros for a name */
	memset(code + 30, 0x90, 40);
	assert_false(zip_format.probe(span_of(code, sizeof code), &match));
	memset(code + 30, 'n', 100);
	assert_true(zip_format.probe(span_of(code, sizeof code), &match)); /* a name: damaged or disguised, but an archive */
	code[40] = 0;
	assert_false(zip_format.probe(span_of(code, sizeof code), &match));
	code[5] = 3;
	assert_false(zip_format.probe(span_of(code, sizeof code), &match));
	memcpy(code + 130, "PK\3\4\x14", 5); /* a second header right behind the first entry */
	code[130 + 26] = 4;
	memcpy(code + 160, "name", 4);
	assert_true(zip_format.probe(span_of(code, sizeof code), &match));
}

/* A thousand directory entries for the same large file must not cost a thousand files. */

/* Backslashes are slashes in what was packed on Windows without any of these, as unzip and 7z have it. */
static void test_zip_backslashes(void **state)
{
	(void)state;
	static const struct zipped files[] = { { "sub\\", "", 0, 0, 0, false }, { "sub\\file", "text", 0, 0, 0, false } };
	struct buf b = make_zip(files, 2, false, false, true);
	for (unsigned unix_host = 0; unix_host < 2; unix_host++) {
		for (size_t at = 0; at + 46 < b.n; at++)
			if (memcmp(b.p + at, "PK\1\2", 4) == 0)
				b.p[at + 5] = unix_host ? 3 : 0;
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&b));
		assert_int_equal(t.n, 2);
		assert_int_equal(walked_get(&t, unix_host ? "/sub\\" : "/sub")->e.kind, unix_host ? ENTRY_FILE : ENTRY_DIRECTORY);
		assert_content(&t, unix_host ? "/sub\\file" : "/sub/file", "text", 4);
		walked_close(&t);
	}
	buf_free(&b);
}

static void test_zip_overlap(void **state)
{
	(void)state;
	struct zipped files[100];
	for (size_t i = 0; i < 100; i++)
		files[i] =
			(struct zipped){ "x",  "0123456789012345678901234567890123456789012345678901234567890123456789", 0, 0, 0,
							 false };
	struct buf b = make_zip(files, 100, true, false, true);
	const uint8_t *p = b.p;
	for (size_t at = 0; at + 46 < b.n; at++)
		if (memcmp(p + at, "PK\1\2", 4) == 0)
			put32(b.p + at + 20, (uint32_t)b.n / 3), put32(b.p + at + 42, 0);
	struct walked t;
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(walked_damage(&t, "budget"), 1);
	assert_in_range(t.n, 1, 10);
	walked_close(&t);
	buf_free(&b);
}

static void test_zip_tools(void **state)
{
	(void)state;
	if (!tool_exists("zip"))
		skip();
	static const char *const commands[] = { "cd t; zip -qry ../a.zip .", "cd t; rm -f ../a.zip; zip -qry -0 ../a.zip .",
											"cd t; rm -f ../a.zip; zip -qry -Z bzip2 ../a.zip .",
											"cd t; rm -f ../a.zip; zip -qr - . | cat > ../a.zip",
											"cd t; rm -f ../a.zip; zip -qry -fz ../a.zip ." };
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir,
		   "mkdir -p t/d; cd t; yes text | head -c 100000 > d/text; ln -s d/text link; : > empty; chmod 4755 empty;"
		   "printf x > $(printf 'l\\344tin')");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		run_in(dir, commands[i]);
		struct span archive = file_load(dir, "a.zip"), text = file_load(dir, "t/d/text");
		struct walked t;
		walked_open(&t, &zip_format, archive);
		assert_int_equal(t.match.size, archive.n);
		assert_int_equal(t.n, 5);
		assert_content(&t, "/d/text", text.p, text.n);
		assert_content(&t, "/l\344tin", "x", 1);
		bool streamed = strstr(commands[i], "| cat") != NULL; /* then zip follows links */
		assert_true(streamed || text_is(walked_get(&t, "/link")->e.link_target, "d/text"));
		assert_int_equal(walked_get(&t, "/empty")->e.mode, 04755);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		free((void *)archive.p);
		free((void *)text.p);
	}
	temp_remove(dir);
}

/* Seven files in five parts of 64 KiB, which break off within files. */
static bool make_split(char dir[TEMP_MAX], const char *options)
{
	char command[256];
	if (!tool_exists("zip"))
		return false;
	temp_new(dir);
	snprintf(command, sizeof command, "zip -q %s -s 64k out.zip t t/1 t/2 t/3 t/4 t/5 t/6 t/hi", options);
	run_in(dir, "mkdir t; for i in 1 2 3 4 5 6; do head -c 50000 /dev/urandom > t/$i; done; echo hi > t/hi");
	run_in(dir, command);
	run_in(dir, "cat out.z01 out.z02 out.z03 out.z04 out.zip > whole; "
				"test -f out.z04 && test ! -f out.z05");
	return true;
}

static void expect_files(const char *dir, const struct walked *t, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++) {
		char name[16];
		snprintf(name, sizeof name, "t/%u", i);
		struct span file = file_load(dir, name);
		snprintf(name, sizeof name, "/t/%u", i);
		assert_content(t, name, file.p, file.n);
		free((void *)file.p);
	}
}

/* The parts behind each other are one archive; its central directory counts from the start of each. */
static void split_joined(const char *options)
{
	char dir[TEMP_MAX];
	struct walked t;
	if (!make_split(dir, options))
		skip();
	struct span whole = file_load(dir, "whole");
	walked_open(&t, &zip_format, whole);
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.match.size, whole.n);
	assert_int_equal(t.n, 8);
	expect_files(dir, &t, 1, 6);
	assert_content(&t, "/t/hi", "hi\n", 3);
	walked_close(&t);
	/* A part in the middle that is not there. */
	run_in(dir, "cat out.z01 out.z03 out.z04 out.zip > whole");
	free((void *)whole.p);
	whole = file_load(dir, "whole");
	walked_open(&t, &zip_format, whole);
	assert_true(t.accepted);
	assert_true(walked_damage(&t, "truncated") + walked_damage(&t, "corrupt") > 0);
	walked_close(&t);
	/* Behind it: the entries that begin in what is left. */
	struct span last = file_load(dir, "out.zip");
	const uint8_t *local = memmem(last.p, last.n, "PK\3\4", 4);
	assert_non_null(local);
	walked_open(&t, &zip_format, span_from(last, (size_t)(local - last.p)));
	assert_true(t.accepted && !error_is(&t.error));
	assert_content(&t, "/t/hi", "hi\n", 3);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_in_range(t.n, 1, 7);
	walked_close(&t);
	free((void *)last.p);
	survives_cuts(&zip_format, whole, 100);
	survives_flips(&zip_format, whole, 200, 0);
	free((void *)whole.p);
	temp_remove(dir);
}

/* The first part by itself, and the last. */
static void split_lone(const char *options)
{
	char dir[TEMP_MAX];
	struct walked t;
	if (!make_split(dir, options))
		skip();
	struct span first = file_load(dir, "out.z01"), last = file_load(dir, "out.zip");
	walked_open(&t, &zip_format, first);
	assert_true(t.accepted);
	assert_int_equal(t.error.code, ERR_TRUNCATED);
	assert_non_null(strstr(t.error.text, "first part of a split archive"));
	walked_close(&t);
	walked_open(&t, &zip_part_format, last);
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, last.n);
	assert_string_equal(walked_header(&t, "part"), "5, the last one of a split zip archive");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1);
	const struct fact_damage *d = fact_list_get(&t.facts, FACT_damage, 0);
	assert_true(text_is(d->kind, "truncated"));
	char says[80];
	snprintf(says, sizeof says, "%zu of 8 entries begin in parts of a split archive that are not here", 8 - t.n);
	assert_true(text_is(d->what, says));
	assert_in_range(t.n, 1, 7);
	for (size_t i = 0; i < t.n; i++)
		assert_false(error_is(&t.entries[i].error));
	walked_close(&t);
	uint64_t start = OFFSET_NONE;
	assert_true(zip_part_format.locate(last, last.n - 22, &start) && start == 0);
	survives_cuts(&zip_part_format, last, 100);
	survives_flips(&zip_part_format, last, 500, 0);
	free((void *)first.p);
	free((void *)last.p);
	temp_remove(dir);
}

/* As zip writes them, and with the records of zip64. */
static void test_zip_split_joined(void **state)
{
	(void)state;
	split_joined("");
	split_joined("-fz");
}

static void test_zip_split_lone(void **state)
{
	(void)state;
	split_lone("");
	split_lone("-fz");
}

/* A record of the end that is wrong in this makes no archive one of parts, nor one of all ones, which leaves it to zip64. */
static void test_zip_not_split(void **state)
{
	(void)state;
	for (unsigned disk = 1; disk <= UINT16_MAX; disk += UINT16_MAX - 1) {
		struct walked t;
		struct buf b = make_zip(zipped, ZIPPED, true, false, true), marked = { 0 };
		put16(b.p + b.n - 18, disk);
		put16(b.p + b.n - 16, disk);
		uint8_t *local_name = memmem(b.p, b.n, "deflated", 8);
		assert_non_null(local_name);
		*local_name = 'D'; /* which only joined parts are told apart by */
		walked_open(&t, &zip_format, buf_span(&b));
		check_zip(&t, true);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 1); /* that it is another name */
		walked_close(&t);
		*local_name = 'd';
		assert_int_equal(buf_add(&marked, "PK\7\10", 4) || buf_add(&marked, b.p, b.n), 0);
		walked_open(&t, &zip_format, buf_span(&marked));
		check_zip(&t, true);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		buf_free(&b);
		buf_free(&marked);
	}
}

/* An entry whose end is far is looked for once, not for each name that is not its own. */
static void test_zip_split_hostile(void **state)
{
	(void)state;
	enum { FAR = 8 << 20, NAMES = 20000 };
	struct buf b = { 0 }, tail = make_zip((struct zipped[]){ { "far", "", 0, 0, 0, true } }, 1, true, false, true);
	uint8_t *far = calloc(FAR, 1), *central = memmem(tail.p, tail.n, "PK\1\2", 4);
	size_t local_n = (size_t)(central - tail.p) - 16, entry_n = 49;
	memset(far, 'P', FAR);
	put32(tail.p + local_n + 8, FAR);
	put32(tail.p + local_n + 12, FAR);
	central[46] = 'x';
	put16(tail.p + tail.n - 18, 1);
	add(&b, "PK\7\10", 4);
	add(&b, tail.p, local_n);
	add(&b, far, FAR);
	add(&b, tail.p + local_n, 16);
	for (unsigned i = 0; i < NAMES; i++)
		add(&b, central, entry_n);
	add(&b, tail.p + tail.n - 22, 22);
	struct walked t;
	walked_open(&t, &zip_format, buf_span(&b)); /* the time limit of the test judges */
	assert_int_equal(t.n, 0);
	assert_int_equal(t.match.size, b.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	free(far);
	buf_free(&b);
	buf_free(&tail);
}

/* An archive that was to be split, and for which one part was enough: a marker of another kind stands before it. */
static void test_zip_marked(void **state)
{
	(void)state;
	struct walked t;
	struct buf b = make_zip(zipped, ZIPPED, true, false, true), marked = { 0 };
	assert_int_equal(buf_add(&marked, "PK00", 4) || buf_add(&marked, b.p, b.n), 0);
	walked_open(&t, &zip_format, buf_span(&marked));
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, marked.n);
	check_zip(&t, true);
	walked_close(&t);
	/* An archive of one part is no last part of one. */
	walked_open(&t, &zip_part_format, buf_span(&b));
	assert_false(t.accepted);
	walked_close(&t);
	buf_free(&b);
	buf_free(&marked);
}

/* PPMd, of several orders and sizes of the model, whose model is used up too. */
static void test_zip_ppmd(void **state)
{
	(void)state;
	if (!tool_exists("7z"))
		skip();
	static const char *const names[] = { "text", "program", "noise", "short" };
	static const char *const options[] = { "-mm=PPMd", "-mm=PPMd:o=2:mem=1m", "-mm=PPMd:o=16:mem=1m", "-mm=PPMd:o=16:mem=64m" };
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	run_in(dir, "seq 1 300000 > text; cp /bin/sh program; openssl rand 1500000 > noise; echo read > short");
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "rm -f a.zip; 7z a -tzip %s a.zip text program noise short > /dev/null", options[i]);
		run_in(dir, command);
		struct span archive = file_load(dir, "a.zip");
		struct walked t;
		walked_open(&t, &zip_format, archive);
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
			struct span truth = file_load(dir, names[k]);
			snprintf(command, sizeof command, "/%s", names[k]);
			assert_content(&t, command, truth.p, truth.n);
			free((void *)truth.p);
		}
		size_t at = (size_t)walked_get(&t, "/text")->e.offset;
		walked_close(&t);
		((uint8_t *)archive.p)[at + 1000] ^= 0x10;
		walked_open(&t, &zip_format, archive);
		assert_int_equal(walked_get(&t, "/text")->error.code, ERR_CORRUPT);
		assert_content(&t, "/short", "read\n", 5);
		walked_close(&t);
		survives_flips(&zip_format, archive, 5, 0);
		free((void *)archive.p);
	}
	temp_remove(dir);
}

/* What is packed in a way that is not read is named, member by member, and hides no other. */
static void test_zip_methods_that_are_not_read(void **state)
{
	(void)state;
	struct walked t;
	struct buf b = make_zip(zipped, ZIPPED, true, false, true);
	for (size_t at = 0; at + 30 < b.n; at++) { /* deflate becomes method 97, WavPack */
		uint8_t *method = span_has(buf_span(&b), at, "PK\3\4", 4)	? b.p + at + 8
						  : span_has(buf_span(&b), at, "PK\1\2", 4) ? b.p + at + 10
																   : NULL;
		if (method && *method == 8)
			*method = 97;
	}
	walked_open(&t, &zip_format, buf_span(&b));
	assert_int_equal(walked_get(&t, "/deflated")->error.code, ERR_UNSUPPORTED);
	assert_content(&t, "/dir/stored", "stored PK\3\4 data", 16);
	assert_content(&t, "/streamed", "the data of unknown size", 24);
	walked_close(&t);
	buf_free(&b);
}

/* Deflate64: blocks of all kinds, the longest matches, distances that deflate has not. */
static void test_zip_deflate64(void **state)
{
	(void)state;
	if (!tool_exists("7z"))
		skip();
	static const char *const names[] = { "text", "noise", "zeros", "far", "short", "empty", "program" };
	char dir[TEMP_MAX], path[32];
	temp_new(dir);
	run_in(dir, "seq 1 60000 > text; openssl rand 100000 > noise || head -c 100000 /dev/urandom > noise; head -c 1000000 /dev/zero > zeros;"
				"head -c 50000 noise > near; cat near near near > far; echo aaaaaaaaaaaaaaaaaaaaaaaa > short; : > empty;"
				"cp /bin/sh program; 7z a -tzip -mm=Deflate64 -mx=9 a.zip text noise zeros far short empty program > /dev/null");
	struct span archive = file_load(dir, "a.zip");
	struct walked t;
	walked_open(&t, &zip_format, archive);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct span file = file_load(dir, names[i]);
		snprintf(path, sizeof path, "/%s", names[i]);
		assert_content(&t, path, file.p, file.n);
		free((void *)file.p);
	}
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	size_t far = (size_t)walked_get(&t, "/far")->e.offset;
	walked_close(&t);
	uint8_t *cut = (uint8_t *)archive.p;
	assert_true(far > 0 && far + 30000 < archive.n);
	cut[far + 30000] ^= 0x10;
	walked_open(&t, &zip_format, archive);
	assert_int_equal(walked_get(&t, "/far")->error.code, ERR_CORRUPT);
	walked_close(&t);
	survives_flips(&zip_format, archive, 100, 0);
	survives_cuts(&zip_format, archive, 20);
	free((void *)archive.p);
	temp_remove(dir);
}

/* The smallest streams: what each holds, or why it is none. */
static void test_deflate64_streams(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n, size;
		enum error_code code;
		const char *text;
	} streams[] = {
		{ "\3\0", 2, 0, ERR_NONE, "" },                                 /* a fixed block that is empty */
		{ "\1\2\0\375\377ab", 7, 2, ERR_NONE, "ab" },                   /* a stored block */
		{ "\1\2\0\375\377a", 6, 1, ERR_TRUNCATED, "a" },                /* one that ends early */
		{ "\1\2\0\374\377ab", 7, 0, ERR_CORRUPT, "" },                  /* one whose lengths differ */
		{ "\7", 1, 0, ERR_CORRUPT, "" },                                /* a block of the fourth kind */
		{ "\113\4\0", 3, 1, ERR_NONE, "a" },                            /* a letter in a fixed block */
		{ "\3\2\0", 3, 0, ERR_CORRUPT, "" },                            /* a match before the first byte */
		{ "", 0, 0, ERR_TRUNCATED, "" },
	};
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		uint8_t out[8];
		size_t n = 99, used = 99;
		enum error_code code = deflate64_decode(span_of(streams[i].bytes, streams[i].n), out, sizeof out, &used, &n);
		if (code != streams[i].code || n != streams[i].size || memcmp(out, streams[i].text, n) != 0 ||
			(code == ERR_NONE && used != streams[i].n))
			fail_msg("stream %zu: error %d, %zu bytes", i, (int)code, n);
	}
	uint8_t out[1];
	size_t n, used;
	assert_int_equal(deflate64_decode(span_of("\1\2\0\375\377ab", 7), out, 1, &used, &n), ERR_BUDGET);
	assert_int_equal(n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zip_deflate64),
		cmocka_unit_test(test_deflate64_streams),
		cmocka_unit_test(test_tar_dialects),
		cmocka_unit_test(test_tar_hostile), cmocka_unit_test(test_tar_solaris), cmocka_unit_test(test_zip_backslashes),
		cmocka_unit_test(test_tar_goes_on),
		cmocka_unit_test(test_tar_ends),
		cmocka_unit_test(test_tar_lost_in_zeros),
		cmocka_unit_test(test_tar_seventh_edition),
		cmocka_unit_test(test_tar_old_star),
		cmocka_unit_test(test_tar_directory_in_prefix),
		cmocka_unit_test(test_tar_bytes_of_a_directory),
		cmocka_unit_test(test_zip_name_in_unicode),
		cmocka_unit_test(test_tar_seventh_edition_within),
		cmocka_unit_test(test_zip_ppmd),
		cmocka_unit_test(test_zip_methods_that_are_not_read), cmocka_unit_test(test_zip_behind_a_stream),
		cmocka_unit_test(test_zip_long_stream), cmocka_unit_test(test_zip_gap), cmocka_unit_test(test_zip_gap_before_no_archive),
		cmocka_unit_test(test_zip_nothing_is_hidden), cmocka_unit_test(test_zip_comment), cmocka_unit_test(test_zip_long_link),
		cmocka_unit_test(test_zip_many_ends),
		cmocka_unit_test(test_zip_wrong_locals),
		cmocka_unit_test(test_zip_without_name), cmocka_unit_test(test_zip_central_first), cmocka_unit_test(test_zip_cut_before_another),
		cmocka_unit_test(test_zip_split_joined),
		cmocka_unit_test(test_zip_split_lone),
		cmocka_unit_test(test_zip_marked),
		cmocka_unit_test(test_zip_not_split),
		cmocka_unit_test(test_zip_split_hostile),
		cmocka_unit_test(test_ar),
		cmocka_unit_test(test_ar_bsd_and_deb),
		cmocka_unit_test(test_ar_goes_on), cmocka_unit_test(test_ar_hides_nothing),
		cmocka_unit_test(test_zip),
		cmocka_unit_test(test_zip_damage),
		cmocka_unit_test(test_zip_shifted),
		cmocka_unit_test(test_zip_magic_in_code),
		cmocka_unit_test(test_zip_overlap),
		cmocka_unit_test(test_zip_tools),
	};
	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
