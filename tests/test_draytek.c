/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DrayTek's images, their packing and their file system, by a writer after draytools and draytek-arsenal: LZO1X and LZ4 with literals
 * alone. */
#include "seed.h"
#include "vendor_image.h"

extern const struct format draytek_format, draytek_lz4_format, draytek_pfs_format;

/* A run of at most 238 bytes and the end mark, as lzo1x_decompress() reads them. */
static void put_lzo(struct image *im, const uint8_t *p, size_t n)
{
	assert_true(n >= 4 && n <= 238);
	put_be(im, n + 17, 1);
	put(im, p, n);
	put(im, "\x11\0\0", 3);
}

static void put_lz4_block(struct image *im, const uint8_t *p, size_t n)
{
	size_t from = im->n;
	put_le(im, 0, 4);
	put_be(im, n < 15 ? n << 4 : 0xf0, 1);
	size_t left = n - 15;
	for (; n >= 15 && left >= 255; left -= 255)
		put_be(im, 255, 1);
	if (n >= 15)
		put_be(im, left, 1);
	put(im, p, n);
	set_le(im, from, im->n - from - 4, 4);
}

static void put_lz4(struct image *im, const uint8_t *p, size_t n)
{
	put(im, "\xaa\x1d\x7f\x50", 4);
	for (size_t at = 0; at < n; at += 65536)
		put_lz4_block(im, p + at, n - at < 65536 ? n - at : 65536);
}

static void put_packed(struct image *im, bool lz4, const uint8_t *p, size_t n)
{
	if (lz4)
		put_lz4(im, p, n);
	else
		put_lzo(im, p, n);
}

/* Fills up to whole words and adds the sum of the section. */
static void end_section(struct image *im, size_t from, bool count)
{
	while (im->n % 4)
		put_be(im, 0, 1);
	set_be(im, from, im->n + 4 - from - (count ? 3 : 0), 4); /* sizes need not be of whole words */
	uint32_t sum = 0;
	for (size_t at = from; at < im->n; at += 4)
		sum += (uint32_t)im->p[at] << 24 | (uint32_t)im->p[at + 1] << 16 | (uint32_t)im->p[at + 2] << 8 | im->p[at + 3];
	put_be(im, ~sum, 4);
}

struct sample {
	struct image image, system, files;
	size_t first;
};

static void make_sample(struct sample *s, bool lz4)
{
	s->image = image_new();
	s->system = image_new();
	s->files = image_new();
	put_payload(&s->system, 1, lz4 ? 100000 : 200);
	put(&s->files, "PFS/1.0\0\0\0\0\0\0\0\1\0", 16);
	put(&s->files, "web\\a.txt", 9);
	put_fill(&s->files, 0, 27);
	put_le(&s->files, 0, 4);
	put_le(&s->files, 5, 4);
	put(&s->files, "hello", 5);
	struct image *im = &s->image;
	put_be(im, 0, 4);
	put_be(im, 0x21, 1);
	put_fill(im, 0, 251);
	put_payload(im, 2, 4096);
	put(im, "\xa5\x5a\xa5\x5a", 4);
	size_t at = im->n;
	put_be(im, 0, 4);
	put_packed(im, lz4, s->system.p, s->system.n);
	set_be(im, at, im->n - at - (lz4 ? 0 : 4), 4);
	if (lz4) {
		put_fill(im, 0, 8 - im->n % 8);
		put(im, "DLM/1.0\0", 8);
		put_payload(im, 3, 400);
	}
	end_section(im, 0, lz4);
	s->first = im->n;
	put_be(im, 0, 8);
	put_packed(im, lz4, s->files.p, s->files.n);
	set_be(im, s->first + 4, im->n - s->first - 8, 4);
	end_section(im, s->first, false);
}

static void free_sample(struct sample *s)
{
	image_free(&s->image);
	image_free(&s->system);
	image_free(&s->files);
}

static void test_image(void **state)
{
	(void)state;
	for (int lz4 = 0; lz4 < 2; lz4++) {
		struct sample s;
		struct walked t;
		make_sample(&s, lz4);
		image_open(&t, &draytek_format, image_span(&s.image), s.image.n);
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		assert_string_equal(walked_header(&t, "checksum of the file system"), "ok");
		assert_string_equal(walked_header(&t, "bootloader_version"), "2");
		assert_content(&t, "loader", s.image.p + 256, 4096);
		assert_content(&t, "system", s.system.p, s.system.n);
		assert_content(&t, "files", s.files.p, s.files.n);
		assert_int_equal(walked_damage(&t, "encrypted"), lz4);
		assert_int_equal(t.n, 3 + lz4);
		assert_string_equal(walked_get(&t, "files")->e.format, "draytek_pfs");
		walked_close(&t);
		survives_cuts(&draytek_format, image_span(&s.image), 60);
		survives_flips(&draytek_format, image_span(&s.image), 200, 0);
		s.image.p[s.first + 20] ^= 1;
		walked_open(&t, &draytek_format, image_span(&s.image));
		assert_string_equal(walked_header(&t, "checksum of the file system"), "mismatch");
		walked_close(&t);
		s.image.p[300] ^= 1; /* the first sum proves the image */
		walked_open(&t, &draytek_format, image_span(&s.image));
		assert_false(t.accepted);
		walked_close(&t);
		free_sample(&s);
	}
}

static void test_lz4(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	put_payload(&plain, 4, 150000);
	put_lz4(&im, plain.p, plain.n);
	struct format_match m = { .size = SIZE_UNKNOWN };
	assert_true(draytek_lz4_format.probe(image_span(&im), &m));
	struct buf out = buf_with_limit(1 << 20);
	size_t used = 0;
	struct error e = draytek_lz4_format.unpack(image_span(&im), &out, &used);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(used, im.n);
	assert_int_equal(out.n, plain.n);
	assert_memory_equal(out.p, plain.p, plain.n);
	buf_free(&out);
	e = draytek_lz4_format.unpack(span_clip(image_span(&im), 0, im.n - 10), &out, &used);
	assert_int_equal(e.code, ERR_TRUNCATED);
	assert_int_equal(out.n, 131072);
	buf_free(&out);
	survives_all(&draytek_lz4_format, &im, 64);
	image_free(&plain);
	image_free(&im);
}

static void test_pfs(void **state)
{
	(void)state;
	for (unsigned entry = 40; entry <= 44; entry += 4) {
		struct image im = image_new(), page = image_new(), data = image_new();
		bool told = false;
		static const char *const names[] = { "index.htm", "img\\logo.gif", "img\\packed.js", "raw.bin", "empty" };
		put_payload(&page, 5, 200);
		put(&im, "PFS/0.9\0\0\0\0\0\0\0\5\0", 16);
		for (unsigned i = 0; i < 5; i++) {
			size_t at = data.n;
			if (i == 0)
				put_lzo(&data, page.p, page.n);
			else if (i == 1)
				put(&data, "GIF89a", 6);
			else if (i == 2)
				put_lz4(&data, page.p, page.n);
			else if (i == 3)
				put(&data, "\1\2\3\4\5\6\7\x08", 8);
			size_t before = im.n;
			put(&im, names[i], strlen(names[i]));
			put_fill(&im, 0, entry - 12 - strlen(names[i]));
			put_le(&im, i, 4);
			put_le(&im, at, 4);
			put_le(&im, data.n - at, 4);
			assert_int_equal(im.n - before, entry);
		}
		put(&im, data.p, data.n);
		struct walked t;
		image_open(&t, &draytek_pfs_format, image_span(&im), im.n);
		assert_int_equal(t.n, 5);
		assert_content(&t, "/index.htm", page.p, page.n);
		assert_content(&t, "/img/logo.gif", "GIF89a", 6);
		assert_content(&t, "/img/packed.js", page.p, page.n);
		assert_content(&t, "/raw.bin", "\1\2\3\4\5\6\7\x08", 8);
		assert_content(&t, "/empty", "", 0);
		walked_close(&t);
		survives_all(&draytek_pfs_format, &im, 16 + 5 * entry);
		size_t first = 16 + 5 * entry; /* a file of LZO that is damaged is no file that was not packed */
		for (size_t at = first; at < first + 16; at++) {
			im.p[at] ^= 0xff;
			walked_open(&t, &draytek_pfs_format, image_span(&im));
			const struct walked_entry *e = walked_get(&t, "/index.htm");
			assert_non_null(e);
			told |= error_is(&e->error);
			assert_true(error_is(&e->error) || e->content.n == page.n);
			walked_close(&t);
			im.p[at] ^= 0xff;
		}
		assert_true(told);
		image_free(&data);
		image_free(&page);
		image_free(&im);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_image), cmocka_unit_test(test_lz4), cmocka_unit_test(test_pfs) };
	return cmocka_run_group_tests_name("draytek", tests, NULL, NULL);
}
