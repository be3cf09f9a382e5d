/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of cameras, printers, storage and access points: senao, hp_bdl, hp_ipkg, moxa_frm, moxa_fs, instar_bneg,
 * zip_disguised, qnap, hikvision: written here after the specifications. */
#include "seed.h"
#include "vendor_image.h"

extern const struct format senao_format, hp_bdl_format, hp_ipkg_format, moxa_frm_format, moxa_fs_format,
	instar_bneg_format, zip_disguised_format, qnap_format, hikvision_format, zip_format, autel_format;

static void make_senao(struct image *im, const struct image *plain, bool capwap)
{
	put_be(im, 0, 4);
	put_be(im, 0x101, 4);
	put_be(im, 0x72, 4);
	put_text(im, "2.0.1", 16, 0);
	put_be(im, capwap ? 0 : 2, 4);
	put_be(im, plain->n, 4);
	put_be(im, 0, 4);
	put_fill(im, 0, 16);
	vendor_digest("md5", plain->p, plain->n, im->p + im->n - 16);
	put_fill(im, 0, 36);
	put_be(im, 0x12345678, 4);
	if (capwap) {
		put(im, "all\0", 4);
		put_be(im, 0, 4);
		for (unsigned i = 0; i < 3; i++)
			put_be(im, 3 - i, 4);
		put_be(im, 171101, 4);
		put_fill(im, 0, 12);
		put_be(im, 9, 4);
		put(im, "ENS620EXT", 9);
	}
	uint32_t sum = 0;
	for (size_t i = 0; i < im->n; i++)
		sum += im->p[i];
	set_be(im, 0x58, sum, 4);
	for (size_t i = 0; i < plain->n; i++)
		put_be(im, plain->p[i] ^ (0x12345678 >> i % 8 & 0xff), 1);
}

static void test_senao(void **state)
{
	(void)state;
	for (int capwap = 0; capwap < 2; capwap++) {
		struct image im = image_new(), plain = image_new();
		put_payload(&plain, 1, 70001);
		make_senao(&im, &plain, capwap);
		struct walked t;
		image_open(&t, &senao_format, image_span(&im), im.n);
		assert_field(&t, "md5sum", "ok");
		assert_field(&t, "chksum", "ok");
		assert_field(&t, "version", "2.0.1");
		assert_field(&t, "vendor_id", "0x101");
		if (capwap) {
			assert_field(&t, "model", "ENS620EXT");
			assert_field(&t, "firmware_ver", "3.2.1");
			assert_field(&t, "datecode", "171101");
		}
		assert_content(&t, "firmware", plain.p, plain.n);
		walked_close(&t);
		im.p[im.n - 1] ^= 1;
		image_open(&t, &senao_format, image_span(&im), im.n);
		assert_field(&t, "md5sum", "mismatch");
		walked_close(&t);
		image_open(&t, &senao_format, span_clip(image_span(&im), 0, 40000), im.n);
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		struct format_match m;
		im.p[13] ^= 1; /* the header's sum is wrong now: only with a model behind "all" it is still one */
		assert_int_equal(senao_format.probe(image_span(&im), &m), capwap);
		if (capwap) {
			image_open(&t, &senao_format, image_span(&im), im.n);
			assert_field(&t, "chksum", "mismatch");
			walked_close(&t);
		}
		im.p[13] ^= 1;
		im.n = 1000;
		survives_all(&senao_format, &im, 150);
		image_free(&im);
		image_free(&plain);
	}
}

static size_t make_ipkg(struct image *im, const char *const names[3])
{
	size_t at = im->n;
	put(im, "ipkg\1\0\3\0", 8);
	put_le(im, 1056, 4);
	put_le(im, 0, 4);
	put_le(im, 3, 4);
	put_fill(im, 0, 12);
	put_text(im, "1.2.3", 256, 0);
	put_text(im, "LaserJet", 256, 0);
	put_text(im, "lbi", 256, 0);
	put_fill(im, 0, 256);
	for (unsigned i = 0; i < 3; i++) {
		put_text(im, names[i], 256, 0);
		put_le(im, 1056 + 3 * 276 + 100 * i, 8);
		put_le(im, 100, 8);
		put_le(im, 0x1234, 4);
	}
	put_payload(im, 1, 300);
	return im->n - at;
}

static void test_hp(void **state)
{
	(void)state;
	static const char *const names[] = { "rootfs.cramfs", "../../etc/passwd", "kernel" };
	struct image im = image_new(), package = image_new();
	size_t n = make_ipkg(&package, names);
	struct walked t;
	image_open(&t, &hp_ipkg_format, image_span(&package), n);
	assert_field(&t, "product_name", "LaserJet");
	assert_int_equal(t.n, 3);
	assert_content(&t, "/rootfs.cramfs", package.p + n - 300, 100);
	assert_content(&t, "/../../etc/passwd", package.p + n - 200, 100);
	walked_close(&t);
	image_open(&t, &hp_ipkg_format, span_clip(image_span(&package), 0, n - 50), n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_all(&hp_ipkg_format, &package, 1400);
	set_le(&package, 1056 + 264, UINT64_MAX - 100, 8); /* ends beyond 2^64 */
	struct format_match m;
	assert_false(hp_ipkg_format.probe(image_span(&package), &m));

	put(&im, "ibdl\1\0\1\0", 8);
	put_le(&im, 1321, 4);
	put_le(&im, 0, 4);
	put_le(&im, 2, 4);
	put_fill(&im, 0, 12);
	put_text(&im, "2019-03-01", 256, 0);
	put_text(&im, "HP", 256, 0);
	put_text(&im, "device", 256, 0);
	put_fill(&im, 0, 9);
	put_text(&im, "4.5", 256, 0);
	put_text(&im, "7", 256, 0);
	for (unsigned i = 0; i < 2; i++) {
		put_le(&im, 1321 + 32 + i * n, 8);
		put_le(&im, n, 8);
	}
	make_ipkg(&im, names);
	make_ipkg(&im, names);
	image_open(&t, &hp_bdl_format, image_span(&im), 1321 + 32 + 2 * n);
	assert_field(&t, "release", "2019-03-01");
	assert_field(&t, "version", "4.5");
	assert_field(&t, "revision", "7");
	assert_int_equal(t.n, 2);
	assert_content(&t, "ipkg-001", im.p + im.n - n, n);
	assert_string_equal(walked_get(&t, "ipkg-001")->e.format, "hp_ipkg");
	walked_close(&t);
	survives_all(&hp_bdl_format, &im, 1400);
	image_free(&im);
	image_free(&package);
}

static void test_moxa(void **state)
{
	(void)state;
	for (int second = 0; second < 2; second++) { /* the count stands in one of two places */
		struct image im = image_new(), fs = image_new();
		put_text(&fs, "NPort 5110", 32, 0);
		put_fill(&fs, 0, 4);
		put_le(&fs, 1500000000, 4);
		put_fill(&fs, 0, 8);
		put_le(&fs, 0x100, 4);
		put_le(&fs, 128, 4);
		put_le(&fs, 64, 2);
		put_le(&fs, second ? 0 : 2, 2);
		put_le(&fs, 300, 4);
		put_le(&fs, 0, 2);
		put_le(&fs, second ? 2 : 0, 2);
		put_fill(&fs, 0, 0x100 - fs.n);
		for (unsigned i = 0; i < 2; i++) {
			put_text(&fs, i ? "img/logo.gif" : "index.htm", 48, 0);
			put_fill(&fs, 0, 8);
			put_le(&fs, i ? 200 : 100, 4);
			put_le(&fs, 0x180 + 100 * i, 4);
		}
		put_payload(&fs, 2, 300);
		put(&im, "*FRM\0\0\0\1", 8);
		put_le(&im, 0x60 + 500 + fs.n, 4);
		put_le(&im, 0x60, 2);
		put_le(&im, 2, 2);
		put_fill(&im, 0, 48);
		put_le(&im, 1, 4);
		put_le(&im, 0x60, 4);
		put_le(&im, 500, 4);
		put_le(&im, 0, 4);
		put_le(&im, 2, 4);
		put_le(&im, 0x60 + 500, 4);
		put_le(&im, fs.n, 4);
		put_le(&im, 0, 4);
		put_payload(&im, 1, 500);
		put(&im, fs.p, fs.n);
		struct walked t;
		image_open(&t, &moxa_frm_format, image_span(&im), im.n);
		assert_content(&t, "firmware", im.p + 0x60, 500);
		assert_content(&t, "filesystem", fs.p, fs.n);
		assert_string_equal(walked_get(&t, "filesystem")->e.format, "moxa_fs");
		walked_close(&t);
		survives_all(&moxa_frm_format, &im, 0x60);
		image_open(&t, &moxa_fs_format, image_span(&fs), fs.n);
		assert_field(&t, "device_name", "NPort 5110");
		assert_content(&t, "/index.htm", fs.p + 0x180, 100);
		assert_content(&t, "/img/logo.gif", fs.p + 0x180 + 100, 200);
		walked_close(&t);
		survives_cuts(&moxa_fs_format, image_span(&fs), (unsigned)fs.n);
		survives_flips(&moxa_fs_format, image_span(&fs), 2000, 0);
		image_free(&im);
		image_free(&fs);
	}
}

static void test_bneg(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "BNEG", 4);
	put_le(&im, 1, 4);
	put_le(&im, 1, 4);
	put_le(&im, 5300, 4);
	put_le(&im, 4200, 4);
	put_payload(&im, 1, 9500);
	struct walked t;
	image_open(&t, &instar_bneg_format, image_span(&im), 9520);
	assert_content(&t, "partition-1", im.p + 20, 5300);
	assert_content(&t, "partition-2", im.p + 5320, 4200);
	walked_close(&t);
	image_open(&t, &instar_bneg_format, span_clip(image_span(&im), 0, 6000), 9520);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_all(&instar_bneg_format, &im, 20);
	image_free(&im);
}

static void put_local(struct image *im, const char *signature, const char *name, size_t n, uint32_t crc)
{
	put(im, signature, 4);
	put_le(im, 20, 2);
	put_fill(im, 0, 8);
	put_le(im, crc, 4);
	put_le(im, n, 4);
	put_le(im, n, 4);
	put_le(im, strlen(name), 2);
	put_le(im, 0, 2);
	put(im, name, strlen(name));
}

/* Two stored files; the contents of one look like the disguised signatures. */
static void make_zip(struct image *im, const char *local, const char *first, const char *central, const char *end)
{
	static const char trap[] = "PK\3\7 PK\1\x08 PK\5\x09 DH\3\4";
	uint32_t crc = ~crc_raw(~0u, trap, sizeof trap), places[2];
	for (unsigned i = 0; i < 2; i++) {
		places[i] = (uint32_t)im->n;
		put_local(im, i ? local : first, i ? "dir/b" : "a.bin", sizeof trap, crc);
		put(im, trap, sizeof trap);
	}
	uint32_t from = (uint32_t)im->n;
	for (unsigned i = 0; i < 2; i++) {
		put(im, central, 4);
		put_le(im, 20, 2);
		put_le(im, 20, 2);
		put_fill(im, 0, 8);
		put_le(im, crc, 4);
		put_le(im, sizeof trap, 4);
		put_le(im, sizeof trap, 4);
		put_le(im, 5, 2);
		put_fill(im, 0, 12);
		put_le(im, places[i], 4);
		put(im, i ? "dir/b" : "a.bin", 5);
	}
	uint32_t size = (uint32_t)im->n - from;
	put(im, end, 4);
	put_fill(im, 0, 4);
	put_le(im, 2, 2);
	put_le(im, 2, 2);
	put_le(im, size, 4);
	put_le(im, from, 4);
	put_le(im, 0, 2);
}

static void test_disguised(void **state)
{
	(void)state;
	struct image plain = image_new();
	make_zip(&plain, "PK\3\4", "PK\3\4", "PK\1\2", "PK\5\6");
	for (int dahua = 0; dahua < 2; dahua++) {
		struct image im = image_new();
		if (dahua)
			make_zip(&im, "PK\3\4", "DH\3\4", "PK\1\2", "PK\5\6");
		else
			make_zip(&im, "PK\3\7", "PK\3\7", "PK\1\x08", "PK\5\x09");
		size_t n = im.n, used = 0;
		put_fill(&im, 0xff, 100);
		struct format_match m;
		assert_true(zip_disguised_format.probe(image_span(&im), &m));
		seed_keep("format", zip_disguised_format.name, "", image_span(&im));
		struct buf out = buf_with_limit(IMAGE_MAX);
		struct error e = zip_disguised_format.unpack(image_span(&im), &out, &used);
		assert_false(error_is(&e));
		assert_int_equal(used, n);
		assert_int_equal(out.n, n);
		assert_memory_equal(out.p, plain.p, n);
		struct walked t;
		walked_open(&t, &zip_format, buf_span(&out));
		assert_int_equal(t.n, 2);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		buf_free(&out);
		out = buf_with_limit(IMAGE_MAX);
		e = zip_disguised_format.unpack(span_clip(image_span(&im), 0, n - 30), &out, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
		buf_free(&out);
		for (uint64_t i = 0, x = 88172645463325252u; i < 5000; i++) {
			struct image copy = { malloc(im.n), im.n };
			memcpy(copy.p, im.p, im.n);
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			copy.p[x % im.n] ^= (uint8_t)(1 << (x >> 40) % 8);
			out = buf_with_limit(IMAGE_MAX);
			e = zip_disguised_format.unpack(image_span(&copy), &out, &used);
			buf_free(&out);
			free(copy.p);
		}
		survives_all(&zip_disguised_format, &im, 40);
		image_free(&im);
	}
	image_free(&plain);
}

/* PC1 as QNAP has it, one step after the other. */
static void pc1(const char *secret, uint8_t *p, size_t n)
{
	int words = (int)strlen(secret) / 2;
	int sum = 0, y = 0, z = 0;
	for (size_t at = 0; at < n; at++) {
		int state = 0, key = 0;
		for (int i = 0; i < words; i++) {
			int high = secret[2 * i] ^ sum, low = secret[2 * i + 1] ^ sum;
			if (high >= 0x80)
				high -= 0x101;
			unsigned x = (unsigned)state ^ (((unsigned)high << 8) + (unsigned)low);
			int before = y;
			state = (int)((0x4e35 * x + 1) & 0xffff);
			y = (int)((0x15a * x) & 0xffff);
			z = (y + before + 0x4e35 * (z + i)) & 0xffff;
			key ^= state ^ z;
		}
		int plain = p[at];
		p[at] = (uint8_t)(plain ^ (key >> 8) ^ (key & 0xff));
		sum ^= plain;
	}
}

static void test_qnap(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	put(&plain, "\x1f\x8b\x08\0", 4);
	put_payload(&plain, 1, 9000);
	put(&im, plain.p, plain.n);
	pc1("QNAPNASVERSION", im.p, 5000);
	assert_memory_equal(im.p, "\xf5\x7b\x47\x03", 4); /* as real images begin */
	put(&im, "icpnas", 6);
	put_le(&im, 5000, 4);
	put_text(&im, "TS-X53", 16, 0);
	put_text(&im, "4.3.6", 16, 0);
	put_text(&im, "20190328", 16, 0);
	put_text(&im, "0895", 16, 0);
	struct walked t;
	image_open(&t, &qnap_format, image_span(&im), im.n);
	assert_field(&t, "device_id", "TS-X53");
	assert_field(&t, "file_version", "4.3.6");
	assert_field(&t, "firmware_date", "20190328");
	assert_content(&t, "firmware", plain.p, plain.n);
	walked_close(&t);
	survives_cuts(&qnap_format, image_span(&im), 200);
	survives_flips(&qnap_format, image_span(&im), 100, 0);
	image_free(&im);
	image_free(&plain);
}

/* Routers and switches: the key is the name of the device. */
static void test_qnap_networking(void **state)
{
	(void)state;
	static const char *const devices[] = { "QHora-322", "QSW", "ABCDEFGHIJKLMNOP" };
	for (int i = 0; i < 3; i++) {
		struct image im = image_new(), plain = image_new();
		put_payload(&plain, (unsigned)i, 4000);
		put(&im, plain.p, plain.n);
		pc1(devices[i], im.p, 3000);
		put(&im, "icpnas", 6);
		put_le(&im, 3000, 4);
		put_text(&im, devices[i], 16, 0);
		put_text(&im, "2.4.1", 16, 0);
		put_text(&im, "20240909", 16, 0);
		put_text(&im, "634", 16, 0);
		struct walked t;
		image_open(&t, &qnap_format, image_span(&im), im.n);
		assert_content(&t, "firmware", plain.p, plain.n);
		assert_field(&t, "cipher", "PC1, the device's name is the key");
		walked_close(&t);
		survives_flips(&qnap_format, image_span(&im), 100, 0);
		image_free(&im);
		image_free(&plain);
	}
}

static void hik_xor(uint8_t *p, size_t n)
{
	static const uint8_t key[] = { 0xba, 0xcd, 0xbc, 0xfe, 0xd6, 0xca, 0xdd, 0xd3,
								   0xba, 0xb9, 0xa3, 0xab, 0xbf, 0xcb, 0xb5, 0xbe };
	for (size_t i = 0; i < n; i++)
		p[i] ^= key[(i + i / 16) % 16];
}

static void test_hikvision(void **state)
{
	(void)state;
	static const char *const names[] = { "uImage", "initrun.sh" };
	for (int size_first = 0; size_first < 2; size_first++) {
		struct image im = image_new();
		put(&im, "SWKH", 4);
		put_le(&im, 0x1234, 4);
		put_le(&im, 64 + 88, 4);
		put_le(&im, 2, 4);
		put_le(&im, 1, 4);
		put_le(&im, 3, 4);
		put_le(&im, 0xffffffff, 4);
		put_le(&im, 0x05040003, 4);
		put_fill(&im, 0xff, 32);
		for (unsigned i = 0; i < 2; i++) {
			put_text(&im, names[i], 32, 0);
			put_le(&im, size_first ? 400 : 152 + 400 * i, 4);
			put_le(&im, size_first ? 152 + 400 * i : 400, 4);
			put_le(&im, 0, 4);
		}
		put_payload(&im, 1, 800);
		for (unsigned i = 0; i < 2; i++) {
			uint32_t sum = 0;
			for (unsigned k = 0; k < 400; k++)
				sum += im.p[152 + 400 * i + k];
			set_le(&im, 64 + 44 * i + 40, sum, 4);
		}
		hik_xor(im.p, 152);
		assert_memory_equal(im.p, "\xe9\x9a\xf7\xb6", 4); /* as real images begin */
		struct walked t;
		image_open(&t, &hikvision_format, image_span(&im), im.n);
		assert_field(&t, "firmware_version", "0x05040003");
		assert_field(&t, "checksum", "ok");
		assert_content(&t, "uImage", im.p + 152, 400);
		assert_content(&t, "initrun.sh", im.p + 552, 400);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		im.p[600] ^= 1;
		image_open(&t, &hikvision_format, image_span(&im), im.n);
		assert_int_equal(walked_damage(&t, "corrupt"), 1);
		walked_close(&t);
		survives_all(&hikvision_format, &im, 160);
		image_free(&im);
	}
}

static void test_hikvision_encrypted(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "HK20", 4);
	put_le(&im, 108, 4);
	put_le(&im, 108, 4);
	put_le(&im, 1, 4);
	put_fill(&im, 0, 92);
	put_payload(&im, 1, 2000);
	hik_xor(im.p, 108);
	struct walked t;
	image_open(&t, &hikvision_format, image_span(&im), im.n);
	assert_field(&t, "magic", "HK20");
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
	image_free(&im);
}

/* The plain text is zero where the cipher text is `b - a`: the ends and the middle of the published table. */
static void test_autel(void **state)
{
	(void)state;
	static const struct {
		unsigned at;
		uint8_t a, b;
	} keys[] = { { 0, 54, 147 }, { 1, 96, 129 }, { 3, 191, 0 }, { 72, 76, 164 }, { 254, 191, 0 }, { 255, 173, 0 } };
	struct image im = image_new();
	put(&im, "ECC0101", 8);
	put_le(&im, 70000, 4);
	put_le(&im, 32, 4);
	put_text(&im, "Autel", 16, 0);
	put_fill(&im, 0, 70000);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		for (size_t at = keys[i].at; at < 70000; at += 256)
			im.p[32 + at] = (uint8_t)(('A' ^ keys[i].b) - keys[i].a);
	struct walked t;
	image_open(&t, &autel_format, image_span(&im), im.n);
	assert_field(&t, "copyright", "Autel");
	struct span plain = walked_get(&t, "firmware")->content;
	assert_int_equal(plain.n, 70000);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		for (size_t at = keys[i].at; at < 70000; at += 256)
			assert_int_equal(plain.p[at], 'A');
	walked_close(&t);
	image_open(&t, &autel_format, span_clip(image_span(&im), 0, 5000), im.n);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	im.n = 1000;
	survives_all(&autel_format, &im, 40);
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_senao),     cmocka_unit_test(test_hp),
		cmocka_unit_test(test_moxa),      cmocka_unit_test(test_bneg),
		cmocka_unit_test(test_disguised), cmocka_unit_test(test_qnap), cmocka_unit_test(test_qnap_networking),
		cmocka_unit_test(test_hikvision), cmocka_unit_test(test_hikvision_encrypted),
		cmocka_unit_test(test_autel),
	};
	return cmocka_run_group_tests_name("device images", tests, NULL, NULL);
}
