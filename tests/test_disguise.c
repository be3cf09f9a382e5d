/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodings without a header: swapped bytes, XOR keys, and what `openssl enc` writes. The images in them are legacy uImages,
 * written here after U-Boot's include/image.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "seed.h"
#include "walked.h"

extern const struct format swapped16_format, swapped32_format, xor_format, openssl_salted_format;

#define SIZE (256u << 10)
static uint8_t plain[SIZE], hidden[SIZE];

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void noise(uint8_t *p, size_t n, uint64_t x)
{
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		p[i] = (uint8_t)(x >> 32);
	}
}

/* A flash with a uImage at `at`, noise in it and `padding` behind it. */
static void make_flash(size_t at, uint8_t padding)
{
	uint8_t *h = plain + at;
	const uint32_t n = 100000;
	memset(plain, padding, SIZE);
	noise(plain, at, 7);
	noise(h + 64, n, 11);
	memset(h, 0, 64);
	put32(h, 0x27051956);
	put32(h + 12, n);
	put32(h + 24, libdeflate_crc32(0, h + 64, n));
	memcpy(h + 28, "\5\2\2\0", 4); /* Linux, ARM, kernel, no compression */
	memcpy(h + 32, "seed", 4);
	put32(h + 4, libdeflate_crc32(0, h, 64));
}

static void swap(unsigned width)
{
	for (size_t i = 0; i < SIZE; i++)
		hidden[i] = plain[i / width * width + (width - 1 - i % width)];
}

static void apply_key(const char *key, size_t n)
{
	for (size_t i = 0; i < SIZE; i++)
		hidden[i] = plain[i] ^ (uint8_t)key[i % n];
}

static void expect_plain(const struct format *format)
{
	struct span all = span_of(hidden, SIZE);
	struct buf out = buf_with_limit(SIZE);
	struct format_match m = { .size = SIZE_UNKNOWN };
	size_t used = 0;
	assert_true(format->probe(all, &m));
	seed_keep("format", format->name, "", all);
	struct error e = format->unpack(all, &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, SIZE);
	assert_int_equal(out.n, SIZE);
	assert_memory_equal(out.p, plain, SIZE);
	buf_free(&out);
	out = buf_with_limit(SIZE - 1);
	e = format->unpack(all, &out, &used);
	assert_int_equal(e.code, ERR_BUDGET);
	buf_free(&out);
}

static void test_swapped(void **state)
{
	(void)state;
	static const struct {
		const struct format *format;
		unsigned width;
		const char *magic;
	} cases[] = { { &swapped16_format, 2, "\x05\x27\x56\x19" }, { &swapped32_format, 4, "\x56\x19\x05\x27" } };
	for (size_t i = 0; i < 2; i++)
		for (size_t at = 0; at <= 0x8000; at += 0x8000) {
			uint64_t start = 1;
			make_flash(at, 0xff);
			swap(cases[i].width);
			assert_memory_equal(hidden + at, cases[i].magic, 4);
			assert_true(cases[i].format->locate(span_of(hidden, SIZE), at, &start));
			assert_int_equal(start, 0);
			expect_plain(cases[i].format);
			/* the image as it is, and one whose header's sum is wrong, are not swapped */
			struct format_match m;
			assert_false(cases[i].format->probe(span_of(plain, SIZE), &m));
			hidden[at + 33] ^= 1;
			assert_false(cases[i].format->locate(span_of(hidden, SIZE), at, &start));
			assert_false(cases[i].format->probe(span_of(hidden, SIZE), &m));
		}
}

/* Other images than uImages are announced by magics of their own. */
static void test_swapped_file_systems(void **state)
{
	(void)state;
	static const struct {
		const char *tool, *command;
		bool both; /* widths */
	} cases[] = {
		{ "mksquashfs", "mksquashfs files image -quiet -no-progress -noappend", true },
		{ "mkfs.cramfs", "mkfs.cramfs -N little files image", true },
		{ "mkfs.cramfs", "mkfs.cramfs -N big files image", true },
		{ "genromfs", "genromfs -d files -f image", true },
		{ "mkfs.jffs2", "mkfs.jffs2 -l -e 64KiB -d files -o image", true },
		{ "mkfs.jffs2", "mkfs.jffs2 -b -e 64KiB -d files -o image", true },
		{ "cpio", "cd files; find . | cpio -o -H newc > ../image 2> /dev/null", true },
		{ "cpio", "cd files; find . | cpio -o -H crc > ../image 2> /dev/null", true },
		{ "cpio", "cd files; find . | cpio -o -H odc > ../image 2> /dev/null", false },
		{ "mkfs.jffs2", "mkfs.jffs2 -l -n -e 64KiB -d files -o image", true },
		{ "mkfs.jffs2", "mkfs.jffs2 -b -n -e 64KiB -d files -o image", true },
		{ "mke2fs", "rm -f image; mke2fs -q -t ext4 -b 1024 -O ^has_journal -d few image 200", true },
		{ "mke2fs", "rm -f image; mke2fs -q -t ext2 -b 1024 -d few image 200", true },
		{ "tar", "tar cf image -C files etc/text hello", true },
		{ "tar", "tar cf image --format=posix -C files hello etc/text", true },
		{ "xz", "xz -c files/etc/text > image", true },
	};
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "mkdir -p files/etc && seq 9000 > files/etc/text && echo hello > files/hello && "
				"for i in $(seq 300); do echo $i > files/etc/$i; done; mkdir few; cp files/hello few");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (!tool_exists(cases[i].tool))
			continue;
		run_in(dir, cases[i].command);
		struct span image = file_load(dir, "image");
		assert_true(image.n < SIZE - 0x8000);
		for (size_t at = 0; at <= 0x8000; at += 0x8000)
			for (unsigned width = 2; width <= (cases[i].both ? 4 : 2); width += 2) {
				const struct format *format = width == 2 ? &swapped16_format : &swapped32_format;
				struct format_match m;
				memset(plain, 0xff, SIZE);
				noise(plain, at, 7);
				memcpy(plain + at, image.p, image.n);
				swap(width);
				if (!format->probe(span_of(hidden, SIZE), &m) || format->probe(span_of(plain, SIZE), &m))
					fail_msg("%s in words of %u bytes at %zu", cases[i].command, width, at);
				expect_plain(format);
			}
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* Streams, and what a sector's magic announces: the reference tools' own, swapped and under keys. */
static const struct {
	const char *tool, *command;
	bool key; /* told under a key of one byte */
	bool sum; /* what is broken is told */
} streams[] = {
	{ "gzip", "gzip -c text > image", true, true },
	{ "gzip", "gzip -nc < text > image", true, true },
	{ "bzip2", "bzip2 -c text > image", true, true },
	{ "bzip2", "bzip2 -1c text > image", true, true },
	{ "zstd", "zstd -qc text > image", true, true },
	{ "lz4", "lz4 -qc text > image", true, true },
	{ "xz", "xz -c text > image", true, false },
	{ "xz", "xz --format=lzma -0c text > image", true, false },
	{ "xz", "xz --format=lzma -c text > image", true, false },
	{ "xz", "xz --format=lzma -9c text > image", true, false },
	{ "zip", "rm -f image.zip; zip -q image.zip text && mv image.zip image", true, false },
	{ "mkfs.fat", "rm -f image; mkfs.fat -F 12 -C image 200 > log 2>&1", false, false },
	{ "mkfs.fat", "rm -f image; mkfs.fat -F 32 -s 1 -C image 200 > log 2>&1", false, false },
};

#define SHORT_MAGICS 2u /* the first ones, of gzip: the others' prove something */

static void expect_stream(size_t i, struct span image)
{
	struct format_match m;
	for (unsigned width = 2; width <= 4; width += 2) {
		const struct format *format = width == 2 ? &swapped16_format : &swapped32_format;
		memset(plain, 0xff, SIZE);
		memcpy(plain, image.p, image.n);
		swap(width);
		if (!format->probe(span_of(hidden, SIZE), &m) || format->probe(span_of(plain, SIZE), &m))
			fail_msg("%s in words of %u bytes", streams[i].command, width);
		expect_plain(format);
		hidden[image.n / 2] ^= 16;
		if (streams[i].sum && format->probe(span_of(hidden, SIZE), &m))
			fail_msg("%s, broken, in words of %u bytes", streams[i].command, width);
	}
	for (unsigned k = 0; k < 2 && streams[i].key; k++) {
		struct span all = span_of(hidden, k ? SIZE : image.n);
		apply_key(k ? "AcmeKey" : "\x5a", k ? 7 : 1);
		if (!xor_format.probe(all, &m))
			fail_msg("%s under key %u", streams[i].command, k);
		hidden[image.n / 2] ^= 16;
		if (i < SHORT_MAGICS && xor_format.probe(all, &m))
			fail_msg("%s, broken, under key %u", streams[i].command, k);
	}
}

static void test_streams(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	struct format_match m;
	temp_new(dir);
	run_in(dir, "awk 'BEGIN { x = 7; for (i = 0; i < 6000; i++) { x = x * 16807 % 2147483647; print x } }' > text");
	for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
		if (!tool_exists(streams[i].tool)) {
			printf("skipped: %s\n", streams[i].command);
			continue;
		}
		run_in(dir, streams[i].command);
		struct span image = file_load(dir, "image");
		assert_true(image.n < SIZE - 0x8000 && image.n > 4096);
		expect_stream(i, image);
		if (i == 0) { /* not wherever one stands */
			noise(plain, SIZE, 7);
			memcpy(plain + 0x8000, image.p, image.n);
			swap(2);
			assert_false(swapped16_format.probe(span_of(hidden, SIZE), &m));
		}
		free((void *)image.p);
	}
	temp_remove(dir);
}

/* The magic of the old binary form is that of the other byte order then: the names tell. As it is, it is told by a cpio of both orders. */
static void test_swapped_binary_cpio(void **state)
{
	(void)state;
	extern const struct format cpio_format;
	char dir[TEMP_MAX];
	struct format_match m;
	uint64_t start;
	if (!tool_exists("cpio"))
		skip();
	temp_new(dir);
	run_in(dir, "mkdir -p f/etcx && seq 900 > f/etcx/even && seq 90 > f/etcx/odd && cd f && printf 'etcx\\netcx/odd\\netcx/even\\n' | cpio -o -H bin > ../image 2> /dev/null");
	struct span image = file_load(dir, "image");
	memset(plain, 0xff, SIZE);
	memcpy(plain, image.p, image.n);
	swap(2);
	assert_false(swapped16_format.probe(span_of(plain, SIZE), &m));
	assert_true(cpio_format.probe(span_of(plain, SIZE), &m));
	assert_false(cpio_format.probe(span_of(hidden, SIZE), &m));
	assert_true(swapped16_format.locate(span_of(hidden, SIZE), 0, &start));
	expect_plain(&swapped16_format);
	free((void *)image.p);
	temp_remove(dir);
}

static void test_xor(void **state)
{
	(void)state;
	static const struct {
		const char *key;
		size_t n;
	} keys[] = { { "\x5a", 1 },
				 { "\x01\x02", 2 },
				 { "AcmeKey", 7 },
				 { "\x88\x44\xa2\xd1\x68\xb4\x5a\x2d", 8 },
				 { "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+", 64 } };
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		for (unsigned k = 0; k < 4; k++) {
			make_flash(k & 1 ? 0x8000 : 0, k & 2 ? 0xff : 0);
			apply_key(keys[i].key, keys[i].n);
			expect_plain(&xor_format);
		}
}

/* Little padding, and all of it at the end. */
static void test_xor_padded_at_the_end(void **state)
{
	(void)state;
	for (size_t behind = 512; behind <= 1024; behind += 512) {
		struct format_match m;
		make_flash(0, 0xff);
		noise(plain + 100064, SIZE - behind - 100064, 13);
		apply_key("AcmeKey", 7);
		if (behind == 1024)
			expect_plain(&xor_format);
		else
			assert_false(xor_format.probe(span_of(hidden, SIZE), &m)); /* two windows might be a text */
	}
}

static void test_what_is_not_hidden(void **state)
{
	(void)state;
	struct format_match m;
	make_flash(0, 0xff);
	assert_false(xor_format.probe(span_of(plain, SIZE), &m));
	memset(hidden, ' ', SIZE);
	assert_false(xor_format.probe(span_of(hidden, SIZE), &m));
	for (size_t i = 0; i < SIZE; i++)
		hidden[i] = (uint8_t) "0123456789\n"[i % 11];
	assert_false(xor_format.probe(span_of(hidden, SIZE), &m));
	noise(hidden, SIZE, 99);
	assert_false(xor_format.probe(span_of(hidden, SIZE), &m));
	assert_false(xor_format.probe(span_of(hidden, 10), &m));
	assert_false(xor_format.probe(SPAN_NONE, &m));
	for (size_t n = 0; n < 2000; n += 7) {
		assert_false(xor_format.probe(span_of(plain, n), &m));
		assert_false(swapped16_format.probe(span_of(plain, n), &m));
	}
}

/* An image that stands in the bytes as they are must not vanish because another one is hidden in front of it. */
static void test_beside_what_is_plain(void **state)
{
	(void)state;
	enum { IMAGE = 64 + 100000 };
	static uint8_t image[IMAGE];
	struct format_match m;
	make_flash(0, 0xff);
	memcpy(image, plain, IMAGE);
	swap(2);
	assert_true(swapped16_format.probe(span_of(hidden, SIZE), &m));
	memcpy(hidden + SIZE - IMAGE, image, IMAGE);
	assert_false(swapped16_format.probe(span_of(hidden, SIZE), &m));
	apply_key("\x5a", 1);
	assert_true(xor_format.probe(span_of(hidden, SIZE), &m));
	memcpy(hidden + SIZE - IMAGE, image, IMAGE);
	assert_false(xor_format.probe(span_of(hidden, SIZE), &m));
}

static void test_openssl_salted(void **state)
{
	(void)state;
	struct walked t;
	noise(hidden, SIZE, 5);
	memcpy(hidden, "Salted__\1\2\3\4\5\6\7\x8", 16);
	walked_open(&t, &openssl_salted_format, span_of(hidden, 4096 + 16));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, 4096 + 16);
	assert_string_equal(walked_header(&t, "salt"), "0102030405060708");
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(t.n, 0);
	walked_close(&t);
	static const char strings[] =
		"Salted__\0bad magic number\0error reading input file\0error writing output file\0%s: zero length password\n";
	struct format_match m;
	memset(hidden, 0, 4096);
	memcpy(hidden, strings, sizeof strings);
	assert_false(openssl_salted_format.probe(span_of(hidden, 4096), &m));
	assert_false(openssl_salted_format.probe(span_of(hidden, sizeof strings), &m));
}

/* The word is in the program `openssl`, and so in what compresses that; what is appended to dense bytes stands on a boundary. */
static void test_openssl_salted_within(void **state)
{
	(void)state;
	static const struct {
		uint64_t at, plain; /* so many bytes before it are no noise */
		bool is_one;
	} cases[] = { { 0, 0, true }, { 40, 0, true }, { 9001, 0, false }, { 9008, 0, false }, { 9216, 0, true }, { 9001, 4096, true }, { 300, 0, false } };
	uint64_t start;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		noise(hidden, SIZE, 5);
		memset(hidden + cases[i].at - cases[i].plain, 0xff, cases[i].plain);
		memcpy(hidden + cases[i].at, "Salted__", 8);
		assert_int_equal(openssl_salted_format.locate(span_of(hidden, SIZE), cases[i].at, &start), cases[i].is_one);
		assert_int_equal(start, cases[i].at);
	}
}

/* Passwords that are published; another one, and a plain file that is not of the kind, stay what they are. */
static void test_openssl_published(void **state)
{
	(void)state;
	static const struct {
		const char *options, *make;
		bool opens;
	} cases[] = {
		{ "-aes-128-cbc -md md5 -k 'WWxift*v2'", "seq 20000 | gzip > plain", true },
		{ "-aes-128-cbc -md md5 -k 'WWjift*v2'", "seq 20000 | gzip -1n > plain", true },
		{ "-aes-256-cbc -md sha256 -k 91A9A3AF2218F4EA60AC37D5835EB318", "{ printf '\\320\\015\\376\\355'; seq 20000; } > plain", true },
		{ "-aes-256-cbc -md sha256 -k 2c3b6fa78bd60b41bb0796fef4b058b0", "seq 20000 > a; tar cf plain a", true },
		{ "-aes-128-cbc -md md5 -k 'WWxift*v3'", "seq 20000 | gzip > plain", false },
		{ "-aes-128-cbc -md md5 -k 'WWxift*v2'", "seq 20000 > plain", false },
	};
	if (!tool_exists("openssl"))
		skip();
	char dir[TEMP_MAX], command[300];
	temp_new(dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct walked t;
		run_in(dir, cases[i].make);
		snprintf(command, sizeof command, "openssl enc %s -in plain -out packed 2>openssl.log", cases[i].options);
		run_in(dir, command);
		struct span packed = file_load(dir, "packed"), truth = file_load(dir, "plain");
		walked_open(&t, &openssl_salted_format, packed);
		assert_true(t.accepted);
		if (walked_damage(&t, "encrypted") != !cases[i].opens)
			fail_msg("%s: opened is not %d", cases[i].options, cases[i].opens);
		if (cases[i].opens)
			assert_content(&t, "firmware", truth.p, truth.n);
		assert_int_equal(walked_damage(&t, "truncated"), 0);
		walked_close(&t);
		for (unsigned cut = 5; cut < 17 && cases[i].opens; cut += 11) {
			walked_open(&t, &openssl_salted_format, span_of(packed.p, packed.n - cut));
			assert_int_equal(walked_damage(&t, "truncated"), 1);
			walked_close(&t);
		}
		survives_cuts(&openssl_salted_format, packed, 30);
		free((void *)packed.p);
		free((void *)truth.p);
	}
	temp_remove(dir);
}

static void test_openssl_itself(void **state)
{
	(void)state;
	if (!tool_exists("openssl"))
		skip();
	static const char *const ciphers[] = { "-aes-256-cbc", "-aes-128-ctr", "-des3" };
	char dir[TEMP_MAX], command[200];
	temp_new(dir);
	for (size_t i = 0; i < 3; i++) {
		snprintf(command, sizeof command, "head -c 5000 /bin/sh | openssl enc %s -pbkdf2 -k secret -out image",
				 ciphers[i]);
		run_in(dir, command);
		struct span made = file_load(dir, "image");
		struct format_match m;
		assert_true(openssl_salted_format.probe(made, &m));
		assert_int_equal(m.size, made.n);
		free((void *)made.p);
	}
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside_what_is_plain),
		cmocka_unit_test(test_swapped),
		cmocka_unit_test(test_swapped_file_systems),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_swapped_binary_cpio),
		cmocka_unit_test(test_xor),
		cmocka_unit_test(test_xor_padded_at_the_end),
		cmocka_unit_test(test_what_is_not_hidden),
		cmocka_unit_test(test_openssl_salted), cmocka_unit_test(test_openssl_salted_within),
		cmocka_unit_test(test_openssl_published), cmocka_unit_test(test_openssl_itself),
	};
	return cmocka_run_group_tests_name("disguise", tests, NULL, NULL);
}
