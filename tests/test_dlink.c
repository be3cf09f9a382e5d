/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seama, wrgg, dlink_shrs, dlink_encrpted, dlink_encimg, dlink_fpkg, dlink_deafbead, dlink_mh01: images written here
 * after the specifications. What is enciphered begins with the bytes that real images are known to begin with. */
#include <zlib.h>

#include "vendor_image.h"

extern const struct format seama_format, wrgg_format, dlink_shrs_format, dlink_encrpted_format, dlink_encimg_format,
	dlink_fpkg_format, dlink_deafbead_format, dlink_mh01_format;

static void put_number(struct image *im, uint64_t v, unsigned width, bool big)
{
	if (big)
		put_be(im, v, width);
	else
		put_le(im, v, width);
}

/* `meta` of n bytes with its NULs; image size 0: a seal. */
static void put_seama(struct image *im, bool big, const char *meta, size_t n, size_t size, unsigned seed)
{
	put_number(im, 0x5ea3a417, 4, big);
	put_number(im, 0, 2, big);
	put_number(im, (n + 3) / 4 * 4, 2, big);
	put_number(im, size, 4, big);
	size_t md5_at = im->n;
	if (size)
		put_fill(im, 0, 16);
	put(im, meta, n);
	put_fill(im, 0, (n + 3) / 4 * 4 - n);
	size_t at = im->n;
	put_payload(im, seed, size);
	if (size)
		vendor_digest("md5", im->p + at, size, im->p + md5_at);
}

#define SEAL "signature=wrgn49_dlob.hans_dir600b"
#define ENTITY "dev=/dev/mtdblock/2\0type=firmware"

static void make_seama(struct image *im, bool big)
{
	put_seama(im, big, SEAL, sizeof SEAL, 0, 0);
	put_seama(im, big, ENTITY, sizeof ENTITY, 700, 1);
	put_seama(im, big, ENTITY, sizeof ENTITY, 500, 2);
}

static void test_seama(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct image im = image_new();
		make_seama(&im, big);
		size_t n = im.n;
		put_fill(&im, 0xff, 100);
		struct walked t;
		image_open(&t, &seama_format, image_span(&im), n);
		assert_field(&t, "endian", big ? "big" : "little");
		assert_field(&t, "signature", "wrgn49_dlob.hans_dir600b");
		assert_field(&t, "dev", "/dev/mtdblock/2");
		assert_field(&t, "type", "firmware");
		assert_field(&t, "md5", "ok");
		assert_int_equal(t.n, 2);
		assert_int_equal(walked_get(&t, "entity-0")->content.n, 700);
		assert_content(&t, "entity-1", im.p + n - 500, 500);
		walked_close(&t);
		im.p[n - 1] ^= 1;
		image_open(&t, &seama_format, image_span(&im), n);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		image_open(&t, &seama_format, span_clip(image_span(&im), 0, n - 100), n);
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		survives_all(&seama_format, &im, 120);
		image_free(&im);
	}
}

static void test_seama_alone(void **state)
{
	(void)state;
	struct image im = image_new();
	put_seama(&im, true, ENTITY, sizeof ENTITY, 321, 7);
	struct walked t;
	image_open(&t, &seama_format, image_span(&im), im.n);
	assert_content(&t, "entity-0", im.p + im.n - 321, 321);
	walked_close(&t);
	im.n = 0;
	put_seama(&im, true, SEAL, sizeof SEAL, 0, 0); /* a seal of nothing */
	struct format_match m;
	assert_false(seama_format.probe(image_span(&im), &m));
	image_free(&im);
}

static void make_wrgg(struct image *im, bool is_03, bool big, bool ciphered)
{
	put_text(im, "wapn20_dkbs_dap2690b", 32, 0);
	put_le(im, is_03 ? 0x20080321 : 0x20040220, 4);
	put_le(im, is_03 ? 0x20080321 : 0x20040220, 4);
	if (is_03) {
		put_text(im, "v3.15", 16, 0);
		put_text(im, "DAP-2690", 16, 0);
		put_fill(im, 0, 16);
		put_text(im, "0123", 16, 0);
	}
	put_number(im, 800, 4, big);
	size_t at = im->n;
	put_number(im, 0x1000, 4, big);
	put_text(im, "/dev/mtdblock/2", 32, 0);
	put_fill(im, 0, 16);
	put(im, is_03 && big ? "\x5e\xa3\xa4\x17\0" : "\x5d\0\0\x80\0", 5);
	put_payload(im, 5, 795);
	uint8_t hashed[1000];
	memcpy(hashed, im->p + at, 36);
	memcpy(hashed + 36, im->p + at + 52, 800);
	vendor_digest("md5", hashed, 836, im->p + at + 36);
	uint8_t key[32], iv[16];
	const char *signature = "wapn20_dkbs_dap2690b";
	for (unsigned i = 0; i < 32; i++)
		key[i] = "oVhq0hvXHdfaGFLdubM4/QvuVHdKee7v"[i] ^ (i + 1) ^ signature[i % 20];
	for (unsigned i = 0; i < 16; i++)
		iv[i] = "0BO5nlYankuVBe4s"[i] ^ (i + 1) ^ signature[i % 20];
	if (ciphered)
		aes_cbc(256, key, iv, im->p + at + 52, 800);
}

static void test_wrgg(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		struct image im = image_new(), plain = image_new();
		make_wrgg(&im, i & 1, i & 2, i & 4);
		make_wrgg(&plain, i & 1, i & 2, false);
		struct walked t;
		image_open(&t, &wrgg_format, image_span(&im), im.n);
		assert_field(&t, "signature", "wapn20_dkbs_dap2690b");
		assert_field(&t, "magic", i & 1 ? "WRGG03" : "WRG");
		if (i & 1)
			assert_field(&t, "model", "DAP-2690");
		assert_field(&t, i & 4 ? "cipher" : "md5", i & 4 ? "AES-256-CBC, published key" : "ok");
		assert_content(&t, "firmware", plain.p + plain.n - 800, 800);
		walked_close(&t);
		survives_all(&wrgg_format, &im, 160);
		image_free(&im);
		image_free(&plain);
	}
}

static void test_shrs(void **state)
{
	(void)state;
	static const uint8_t key[] = { 0xc0, 0x5f, 0xbf, 0x19, 0x36, 0xc9, 0x94, 0x29,
								   0xce, 0x2a, 0x07, 0x81, 0xf0, 0x8d, 0x6a, 0xd8 };
	struct image im = image_new(), plain = image_new();
	put_payload(&plain, 3, 200001);
	put(&im, "SHRS", 4);
	put_be(&im, 200001, 4);
	put_be(&im, 200016, 4);
	put_payload(&im, 4, 16);
	put_fill(&im, 0, 3 * 64 + 512);
	put_payload(&im, 5, 1024);
	assert_int_equal(im.n, 0x6dc);
	put(&im, plain.p, 200001);
	put_fill(&im, 0, 15);
	aes_cbc(128, key, im.p + 12, im.p + 0x6dc, 200016);
	vendor_digest("sha512", im.p + 0x6dc, 200016, im.p + 0x9c);
	struct walked t;
	image_open(&t, &dlink_shrs_format, image_span(&im), im.n);
	assert_field(&t, "encrypted_sha512", "ok");
	assert_content(&t, "firmware", plain.p, 200001);
	walked_close(&t);
	im.p[im.n - 1] ^= 1;
	image_open(&t, &dlink_shrs_format, image_span(&im), im.n);
	assert_field(&t, "encrypted_sha512", "mismatch");
	walked_close(&t);
	image_open(&t, &dlink_shrs_format, span_clip(image_span(&im), 0, 100001), im.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_memory_equal(walked_get(&t, "firmware")->content.p, plain.p, 98000);
	walked_close(&t);
	im.n = 2500;
	survives_all(&dlink_shrs_format, &im, 0x6dc);
	image_free(&im);
	image_free(&plain);
}

static void test_encrpted(void **state)
{
	(void)state;
	enum { BLOCK = 0x20000, SIZE = 2 * BLOCK + 4096 };
	struct image im = image_new(), plain = image_new();
	for (unsigned i = 0; i < 3; i++) {
		size_t at = plain.n;
		put(&plain, "UBI#\1\0\0\0\0\0\0\0\0\0\0\0", 16);
		put_payload(&plain, i, (i < 2 ? BLOCK : 4096) - 16);
		(void)at;
	}
	put(&im, "encrpted_img", 12);
	put_be(&im, SIZE, 4);
	put(&im, plain.p, SIZE);
	for (size_t at = 0; at < SIZE; at += BLOCK)
		aes_cbc(256, "he9-4+M!)d6=m~we1,q2a3d1n&2*Z^%8", "J%1iQl8$=lm-;8AE", im.p + 16 + at,
				SIZE - at < BLOCK ? SIZE - at : BLOCK);
	struct walked t;
	image_open(&t, &dlink_encrpted_format, image_span(&im), im.n);
	assert_content(&t, "firmware", plain.p, SIZE);
	assert_string_equal(walked_get(&t, "firmware")->e.format, "ubi");
	walked_close(&t);
	image_open(&t, &dlink_encrpted_format, span_clip(image_span(&im), 0, BLOCK + 1000), im.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_cuts(&dlink_encrpted_format, span_clip(image_span(&im), 0, 200), 200);
	survives_flips(&dlink_encrpted_format, span_clip(image_span(&im), 0, 3000), 500, 40);
	im.p[20] ^= 1; /* another key would not give UBI */
	struct format_match m;
	assert_false(dlink_encrpted_format.probe(image_span(&im), &m));
	image_free(&im);
	image_free(&plain);
}

static void test_encimg(void **state)
{
	(void)state;
	/* The beginnings are those of D-Link's own images. */
	static const struct {
		const char *model, *signature, *key, *iv, *begin;
	} models[] = {
		{ "DIR-842 C1", "wrgac65_dlink.2015_dir842", "xQYoRZeD726UAbRb846kO7TeNw8eZa6u", "zufEbNF3kUafxFiE",
		  "\xf5\x2a\xa0\xb4\x92\x53\xbf\xef\xf8\x21\xa6\x2e\x28\xa7\x39\x8b" },
		{ "DIR-850L B1", "wrgac25_dlink.2013gui_dir850l", "qQehHMEmEPQ5izL+cabn8bNHZXHjkp6W", "Mmb+IKQgnO8OuF4b",
		  "\x0a\x14\xe4\x24\xff\x0f\xb4\xd7\x53\x66\xa0\xb0\x72\xfe\xab\xdf" },
		{ "DAP-1720 A", "wapac28_dlink.2015_dap1720", "qBiz6o/1RVQTtJBd3FS7FDbqogE8yoBm", "EfDMqWWxHCOhEqgY",
		  "\x68\x01\xcc\xfb\xad\x6b\xa0\xba\x33\x04\xb0\x9c\xbb\x48\xb0\x27" },
	};
	for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
		struct image im = image_new(), plain = image_new();
		char seal[64];
		int n = sprintf(seal, "signature=%s", models[i].signature) + 1;
		put_seama(&plain, true, seal, (size_t)n, 0, 0);
		put_seama(&plain, true, ENTITY, sizeof ENTITY, 5000, 9);
		size_t size = (plain.n + 15) / 16 * 16;
		put_fill(&plain, 0, size - plain.n);
		put(&im, plain.p, plain.n);
		uint8_t key[32], iv[16];
		size_t length = strlen(models[i].signature);
		for (unsigned k = 0; k < 32; k++)
			key[k] = models[i].key[k] ^ (k + 1) ^ models[i].signature[k % length];
		for (unsigned k = 0; k < 16; k++)
			iv[k] = models[i].iv[k] ^ (k + 1) ^ models[i].signature[k % length];
		aes_cbc(256, key, iv, im.p, im.n);
		assert_memory_equal(im.p, models[i].begin, 16);
		put_fill(&im, 0xff, 333);
		struct walked t;
		image_open(&t, &dlink_encimg_format, image_span(&im), size);
		assert_field(&t, "model", models[i].model);
		assert_content(&t, "firmware", plain.p, size);
		walked_close(&t);
		survives_all(&dlink_encimg_format, &im, 160);
		image_free(&im);
		image_free(&plain);
	}
}

static void test_unknown_keys(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "\x3d\xe6\x02\x63\x3f\xc1\x85\xe7\xd2\xbf\x64\xaf\x29\x57\x3a\xbd", 16);
	put_payload(&im, 1, 1000);
	struct walked t;
	image_open(&t, &dlink_encimg_format, image_span(&im), im.n);
	assert_field(&t, "model", "DIR-868L A");
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
	image_free(&im);
}

/* The key and the vector, as EVP_BytesToKey() derives them with SHA-256 for a key of 128 bits. */
static void derive_128(const char *password, const char *salt, uint8_t key[32])
{
	char both[64];
	int n = snprintf(both, sizeof both, "%s%s", password, salt);
	vendor_digest("sha256", both, (size_t)n, key);
}

/* `password` NULL: one that nobody knows. `big`: 1, 0, or -1 when the outer header does not say. */
static void make_mh01(struct image *im, struct image *plain, const char *password, int big, size_t n)
{
	bool b = big > 0;
	put(plain, "MH01", 4);
	put_number(plain, n, 4, b);
	put_number(plain, 256, 4, b);
	put(plain, b ? "\x1a\x2b\0\0" : "\x2b\x1a\0\0", 4);
	put_payload(plain, 3, n);
	put_payload(plain, 4, 256);
	size_t pad = 16 - plain->n % 16, data = 16 + plain->n + pad;
	put(im, "MH01", 4);
	put_number(im, 16 + 33 + data, 4, b);
	put_number(im, 256, 4, b);
	put(im, big < 0 ? "\1\0\0\0" : b ? "\x1a\x2b\0\0" : "\x2b\x1a\0\0", 4);
	put(im, "MH01", 4);
	put_number(im, 33, 4, b);
	put_number(im, data, 4, b);
	put(im, big < 0 ? "\1\0\0\0" : b ? "\x1a\x2b\0\0" : "\x2b\x1a\0\0", 4);
	put(im, "00112233445566778899aabbccddeeff\n", 33);
	put(im, "Salted__saltsalt", 16);
	put(im, plain->p, plain->n);
	put_fill(im, (uint8_t)pad, pad);
	uint8_t key[32];
	derive_128(password ? password : "another", "saltsalt", key);
	aes_cbc(128, key, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", im->p + im->n - data + 16, data - 16);
}

static void test_mh01(void **state)
{
	(void)state;
	static const char *const passwords[] = { "044b4e59846ecee953662ff2238fcc23", "fa0c50b3d95816b3fffd7da3efd5cb66",
											 "6420da70a975455e4ddd6b8fa5b652e7" };
	for (int i = 0; i < 6; i++) {
		int big = i < 3 ? i - 1 : i & 1;
		struct image im = image_new(), plain = image_new();
		struct walked t;
		make_mh01(&im, &plain, passwords[i % 3], big, 5000 + (size_t)i);
		size_t n = im.n;
		put_payload(&im, 5, 256 + 77);
		image_open(&t, &dlink_mh01_format, image_span(&im), big < 0 ? n : n + 256);
		assert_field(&t, "iv", "00112233445566778899aabbccddeeff");
		assert_content(&t, "image", plain.p, plain.n);
		if (big >= 0)
			assert_content(&t, "signature", im.p + n, 256);
		walked_close(&t);
		survives_all(&dlink_mh01_format, &im, 100);
		image_open(&t, &dlink_mh01_format, image_span(&plain), plain.n);
		assert_content(&t, "firmware", plain.p + 16, 5000 + (size_t)i);
		assert_content(&t, "signature", plain.p + plain.n - 256, 256);
		walked_close(&t);
		plain.p[12] = 1; /* no byte order: four letters are not enough */
		struct format_match m;
		assert_false(dlink_mh01_format.probe(image_span(&plain), &m));
		image_free(&im);
		image_free(&plain);
	}
}

/* Between what is enciphered and the signature. */
static void test_mh01_rest(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	struct walked t;
	make_mh01(&im, &plain, "044b4e59846ecee953662ff2238fcc23", 0, 1000);
	size_t n = im.n;
	put_payload(&im, 6, 500);
	put_payload(&im, 5, 256);
	for (unsigned i = 0; i < 4; i++)
		im.p[4 + i] = (uint8_t)((n + 500 - 16) >> 8 * i);
	image_open(&t, &dlink_mh01_format, image_span(&im), im.n);
	assert_content(&t, "image", plain.p, plain.n);
	assert_content(&t, "rest", im.p + n, 500);
	assert_content(&t, "signature", im.p + n + 500, 256);
	walked_close(&t);
	survives_all(&dlink_mh01_format, &im, 100);
	image_free(&im);
	image_free(&plain);
}

static void test_mh01_unknown_password(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	struct walked t;
	make_mh01(&im, &plain, NULL, 0, 1000);
	put_payload(&im, 5, 256);
	image_open(&t, &dlink_mh01_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	image_free(&im);
	image_free(&plain);
}

static void put_fpkg_file(struct image *im, unsigned type, const char *name, size_t n)
{
	put_be(im, 28, 4);
	put_be(im, type, 2);
	put_be(im, 0, 2);
	put_be(im, n, 4);
	put_text(im, name, 16, ' ');
	put_payload(im, type, n);
}

static void test_fpkg(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "FPKG\1\0\0\0", 8);
	put_be(&im, 28, 4);
	put_be(&im, 1, 4);
	put_be(&im, 8, 4);
	put_text(&im, "DFL-860E", 8, 0);
	put_fpkg_file(&im, 0x100, "image.bin", 400);
	put_fpkg_file(&im, 0x102, "../sums", 20);
	put_fpkg_file(&im, 0x103, "signature", 256);
	struct walked t;
	image_open(&t, &dlink_fpkg_format, image_span(&im), im.n);
	assert_field(&t, "model", "DFL-860E");
	assert_int_equal(t.n, 3);
	assert_content(&t, "/image.bin", im.p + 56, 400);
	assert_content(&t, "/../sums", im.p + 56 + 400 + 28, 20);
	walked_close(&t);
	image_open(&t, &dlink_fpkg_format, span_clip(image_span(&im), 0, im.n - 56), im.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_all(&dlink_fpkg_format, &im, 100);
	image_free(&im);
}

static void put_gzip(struct image *im, const char *text)
{
	uint8_t packed[256];
	z_stream z = {
		.next_in = (void *)text, .avail_in = (unsigned)strlen(text), .next_out = packed, .avail_out = sizeof packed
	};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	put_le(im, z.total_out, 4);
	put(im, packed, z.total_out);
	deflateEnd(&z);
}

static void test_deafbead(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "\xde\xaf\xbe\xad\x86\x03\0web", 10);
	put(&im, "\x87\x0e\0web/index.html", 17);
	put_gzip(&im, "<html>hello</html>");
	put(&im, "\x87\x04\0boot", 7);
	put_gzip(&im, "code");
	size_t n = im.n;
	put_fill(&im, 0, 50);
	struct walked t;
	image_open(&t, &dlink_deafbead_format, image_span(&im), n);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 1);
	assert_content(&t, "/web/index.html", "<html>hello</html>", 18);
	assert_content(&t, "/boot", "code", 4);
	walked_close(&t);
	survives_all(&dlink_deafbead_format, &im, 80);
	image_free(&im);
}

/* A name that hides bytes behind a NUL is none: archives within names would each be followed to their end. */
static void test_deafbead_name_with_bytes_behind(void **state)
{
	(void)state;
	struct image im = image_new();
	struct format_match m;
	put(&im, "\xde\xaf\xbe\xad\x86\x0d\0a\0\xde\xaf\xbe\xad\x86\x04\0boot", 20);
	put(&im, "\x87\x04\0boot", 7);
	put_gzip(&im, "code");
	assert_false(dlink_deafbead_format.probe(image_span(&im), &m));
	im.p[7] = 'a'; /* NULs at the end are what a name may have */
	memset(im.p + 8, 0, 12);
	assert_true(dlink_deafbead_format.probe(image_span(&im), &m));
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seama), cmocka_unit_test(test_seama_alone),  cmocka_unit_test(test_wrgg),
		cmocka_unit_test(test_shrs),  cmocka_unit_test(test_encrpted),     cmocka_unit_test(test_encimg),
		cmocka_unit_test(test_fpkg),  cmocka_unit_test(test_unknown_keys), cmocka_unit_test(test_deafbead),
		cmocka_unit_test(test_deafbead_name_with_bytes_behind), cmocka_unit_test(test_mh01),
		cmocka_unit_test(test_mh01_rest), cmocka_unit_test(test_mh01_unknown_password),
	};
	return cmocka_run_group_tests_name("dlink", tests, NULL, NULL);
}
