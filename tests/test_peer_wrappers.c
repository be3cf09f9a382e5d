/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vendors' containers, each written here after its specification: children, checks, damage. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lzma.h>
#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <zlib.h>

#include "format/dlink_dcs.h"
#include "walked.h"

extern const struct format airoha_format, alphanetworks_format, ambarella_format, ambarella_romfs_format,
	bcm_nvram_format, bcm_tag_format, bosch_format, broadcom_sao_format, csman_format, dji_format, dlink_dcs_format,
	dlink_dkbs_format, dlink_tlv_format, draytek_2rhd_format, gm8126_format, matter_ota_format, maxlinear_format,
	minifs_format, mrvl_format, packimg_format, qnx_ifs_format, qnx_imagefs_format, ros_format, sbfh_format,
	wince_format;

static uint8_t image[65536];

static void begin(uint8_t fill)
{
	memset(image, fill, sizeof image);
}

static void put(size_t at, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		image[at + i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

static void text(size_t at, const char *s)
{
	memcpy(image + at, s, strlen(s));
}

static void payload(size_t at, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		image[at + i] = (uint8_t)(i * 31 + seed + (i >> 8));
}

static struct walked t;

/* Opens image[0..n), which is taken as `size` bytes. */
static void open_image(const struct format *format, size_t n, uint64_t size)
{
	walked_open(&t, format, span_of(image, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, size);
}

/* It was whole; and it survives what may happen to it. */
static void close_whole(const struct format *format, size_t n)
{
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_false(error_is(&t.error));
	walked_close(&t);
	survives_cuts(format, span_of(image, n), 100);
	survives_flips(format, span_of(image, n), 300, 512);
	survives_flips(format, span_of(image, n), 100, 0);
}

/* One bit at `at` is wrong: the field says so, and there is damage. */
static void spoil(const struct format *format, size_t n, size_t at, const char *field)
{
	image[at] ^= 0x10;
	walked_open(&t, format, span_of(image, n));
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, field), "mismatch");
	assert_true(walked_damage(&t, "corrupt") >= 1);
	walked_close(&t);
	image[at] ^= 0x10;
}

static void test_bcm_tag(void **state)
{
	(void)state;
	begin(0);
	static const struct {
		unsigned at;
		const char *s;
	} fields[] = { { 0, "6" },         { 4, "Broadcom Corporatio" },
				   { 24, "ver. 2.0" }, { 38, "6328" },
				   { 44, "96328A" },   { 60, "1" },
				   { 62, "3000" },     { 72, "0" },
				   { 84, "0" },        { 94, "3215982848" },
				   { 106, "2000" },    { 116, "3215984848" },
				   { 128, "1000" } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		text(fields[i].at, fields[i].s);
	payload(256, 3000, 1);
	put(216, ~crc32(0, image + 256, 3000), 4, true);
	put(236, ~crc32(0, image, 236), 4, true);
	open_image(&bcm_tag_format, 4000, 3256);
	assert_content(&t, "rootfs", image + 256, 2000);
	assert_content(&t, "kernel", image + 2256, 1000);
	assert_string_equal(walked_header(&t, "board_id"), "96328A");
	assert_string_equal(walked_header(&t, "image_crc"), "ok");
	close_whole(&bcm_tag_format, 3256);
	spoil(&bcm_tag_format, 3256, 1000, "image_crc");
	/* A kernel before the file system, as its address says. */
	text(116, "3215981848");
	put(236, ~crc32(0, image, 236), 4, true);
	open_image(&bcm_tag_format, 4000, 3256);
	assert_content(&t, "kernel", image + 256, 1000);
	walked_close(&t);
}

static void test_bcm_nvram(void **state)
{
	(void)state;
	static const char variables[] = "lan_ip=192.168.1.1\0http_passwd=admin\0wl_key=\0\0";
	begin(0);
	text(0, "FLSH");
	put(4, 20 + sizeof variables, 4, true);
	put(4, 20 + sizeof variables, 4, false);
	put(8, 0x12340100, 4, false);
	memcpy(image + 20, variables, sizeof variables);
	uint8_t crc = 0xff;
	for (size_t i = 9; i < 20 + sizeof variables; i++)
		for (int bit = 0; bit < 8; bit++) { /* bit by bit, of a polynomial that is written with its high bit first */
			unsigned in = image[i] >> bit & 1, low = crc & 1;
			crc = (uint8_t)(crc >> 1 ^ (in ^ low ? 0xab : 0));
		}
	image[8] = crc;
	size_t n = 20 + sizeof variables;
	open_image(&bcm_nvram_format, n + 100, n);
	assert_content(&t, "nvram.txt", "lan_ip=192.168.1.1\nhttp_passwd=admin\nwl_key=\n", 45);
	assert_string_equal(walked_header(&t, "crc8"), "ok");
	close_whole(&bcm_nvram_format, n);
	spoil(&bcm_nvram_format, n, 40, "crc8");
}

static void test_packimg(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		begin(0);
		text(0, "--PaCkImGs--");
		put(16, 500, 4, big);
		payload(32, 500, 2);
		open_image(&packimg_format, 600, 532);
		assert_content(&t, "image", image + 32, 500);
		close_whole(&packimg_format, 532);
	}
}

static void test_ros(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		size_t header = big ? 80 : 48;
		begin(0);
		text(0, "ROSF");
		text(4, big ? "2.00" : "1.01");
		put(0x20, 2, 4, big);
		text(header, "boot");
		put(header + 16, 256, 4, big);
		text(header + 32, "image");
		put(header + 48, 700, 4, big);
		payload(256, 744, 3);
		open_image(&ros_format, 1000, 1000);
		assert_content(&t, "boot", image + 256, 444);
		assert_content(&t, "image", image + 700, 300);
		close_whole(&ros_format, 1000);
	}
}

static void test_dlink(void **state)
{
	(void)state;
	begin(0);
	text(0, "fw-f2b_dkbs_dap2695");
	text(0, "wapac02_dkbs_dap2695");
	text(0x28, "1.16rc079");
	put(0x68, 400, 4, true);
	text(0x70, "/dev/mtdblock/2");
	payload(0xa0, 400, 4);
	open_image(&dlink_dkbs_format, 1000, 560);
	assert_content(&t, "image", image + 0xa0, 400);
	assert_string_equal(walked_header(&t, "version"), "1.16rc079");
	close_whole(&dlink_dkbs_format, 560);
}

/* openssl enc -aes-256-cbc -md md5 and its key in hex of an HMAC. */
static size_t encipher(size_t at, const uint8_t *plain, size_t n, const char *model, const char *secret, bool ecb)
{
	uint8_t mac[20], made[48], hex[41];
	unsigned mac_n = sizeof mac;
	int done, last;
	HMAC(EVP_sha1(), secret, (int)strlen(secret), (const uint8_t *)model, strlen(model), mac, &mac_n);
	for (unsigned i = 0; i < 20; i++)
		snprintf((char *)hex + 2 * i, 3, "%02x", mac[i]);
	text(at, "Salted__saltsalt");
	assert_int_equal(EVP_BytesToKey(EVP_aes_256_cbc(), EVP_md5(), image + at + 8, hex, 40, 1, made, made + 32), 32);
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	EVP_EncryptInit_ex(c, ecb ? EVP_aes_256_ecb() : EVP_aes_256_cbc(), NULL, made, made + 32);
	EVP_EncryptUpdate(c, image + at + 16, &done, plain, (int)n);
	EVP_EncryptFinal_ex(c, image + at + 16 + done, &last);
	EVP_CIPHER_CTX_free(c);
	return 16 + (size_t)(done + last);
}

static void test_dlink_tlv(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		static uint8_t plain[5003];
		const char *model = i == 2 ? "DWL-8620AP" : "DWL-6620APS";
		uint8_t digest[16];
		char hex[33];
		for (size_t k = 0; k < sizeof plain; k++)
			plain[k] = (uint8_t)(k * 5);
		begin(0);
		text(0, "\x64\x80\x19\x40");
		text(4, model);
		text(0x24, "BOARD-0815");
		put(0x6c, 1, 4, false);
		size_t n = sizeof plain;
		memcpy(image + 0x74, plain, n);
		if (i)
			n = encipher(0x74, plain, n, model, "BOARD-0815", i == 2);
		put(0x70, n, 4, false);
		MD5(image + 0x6c, n + 8, digest);
		for (unsigned k = 0; k < 16; k++)
			snprintf(hex + 2 * k, 3, "%02x", digest[k]);
		memcpy(image + 0x4c, hex, 32);
		open_image(&dlink_tlv_format, 0x74 + n + 50, 0x74 + n);
		assert_content(&t, "image", plain, sizeof plain);
		assert_string_equal(walked_header(&t, "md5"), "ok");
		close_whole(&dlink_tlv_format, 0x74 + n);
		if (!i)
			continue;
		image[0x26] ^= 1; /* another password */
		walked_open(&t, &dlink_tlv_format, span_of(image, 0x74 + n));
		assert_int_equal(walked_damage(&t, "encrypted"), 1);
		walked_close(&t);
	}
}

/* FACT's tables begin so: the i-th word is obscured with the three i-th numbers. */
static const uint16_t dcs_numbers[3][16] = {
	{ 0x544f, 0x602b, 0xfd2b, 0x0983, 0x8ec1, 0x020d, 0x1631, 0x5e6e, 0x3e86, 0x87c4, 0xcfbc, 0x15fb, 0xe290, 0x287b, 0x1693, 0xe07b },
	{ 0xb4b0, 0x3826, 0x75bd, 0xc284, 0xf1bb, 0xa5f9, 0x5bf0, 0x1633, 0xc980, 0x187a, 0x75ca, 0xc8c5, 0x829d, 0x9264, 0x44a4, 0xb89d },
	{ 0xa14e, 0x8a22, 0x69fc, 0xa0d6, 0x1d08, 0x4bd4, 0x2e02, 0x22f8, 0xae4d, 0x8505, 0xb785, 0x95da, 0x4e07, 0x96cf, 0x0b14, 0x4a69 },
};

/* Obscures payload[0 .. n), which begins with two headers of sections; n is even. */
static void dcs_obscure(uint8_t *payload, size_t n, uint16_t key)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint16_t x = dlink_dcs_number(i) ^ key;
		if (i < 16)
			assert_int_equal(x ^ key, dcs_numbers[0][i] ^ dcs_numbers[1][i] ^ dcs_numbers[2][i]);
		payload[2 * i] ^= (uint8_t)x;
		payload[2 * i + 1] ^= (uint8_t)(x >> 8);
	}
	assert_int_equal(dlink_dcs_number(0) ^ dlink_dcs_number(199ull * 211 * 223), 0); /* it begins anew there */
}

static void test_dlink_dcs(void **state)
{
	(void)state;
	static uint8_t plain[984];
	begin(0);
	uint16_t key = 0x1234;
	put(16, 0xa55a, 2, false);
	put(18, 0x0104, 2, false);
	put(20, 301, 4, false);
	put(24, 0x40000, 4, false);
	put(80, 0xa55a, 2, false);
	put(82, 0x0305, 2, false);
	put(84, 984 - 128 - 301, 4, false);
	payload(144, 984 - 128, 5);
	memcpy(plain, image + 16, 984);
	dcs_obscure(image + 16, 984, 0x0042);
	put(0, 0xaa7ec55b ^ (key * 0x10001u), 4, false);
	put(4, 1000 ^ (key * 0x10001u), 4, false);
	put(8, 0x7777 ^ key, 2, false);
	put(10, (0x0042 ^ key) ^ key, 2, false);
	put(12, 2 ^ key, 2, false);
	put(14, 0, 2, false);
	open_image(&dlink_dcs_format, 1000, 1000);
	assert_string_equal(walked_header(&t, "sections"), "2");
	assert_string_equal(walked_header(&t, "section-0"), "mtd4, JFFS2, at 0x40000");
	assert_content(&t, "section-0", plain + 128, 301);
	assert_content(&t, "section-1", plain + 429, 984 - 429);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_flips(&dlink_dcs_format, span_of(image, 1000), 500, 160);
	image[16 + 64] ^= 1; /* the magic of the second section */
	walked_open(&t, &dlink_dcs_format, span_of(image, 1000));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "rest", image + 16 + 429, 984 - 429); /* what no section takes */
	walked_close(&t);
}

static void test_matter(void **state)
{
	(void)state;
	static const uint8_t head[] = { 0x15, 0x25, 0, 0xf1, 0xff, 0x25, 1, 1,   0x80, 0x26, 2,
									3,    0,    0, 0,    0x2c, 3,    5, '1', '.',  '2',  '.',
									'3',  0x25, 4, 0xbc, 0x02, 0x24, 8, 1,   0x30, 9,    32 };
	begin(0);
	text(0, "\x1e\xf1\xee\x1b");
	size_t n = sizeof head + 33, at = 16 + n;
	put(4, at + 700, 8, false);
	put(12, n, 4, false);
	memcpy(image + 16, head, sizeof head);
	payload(at, 700, 6);
	SHA256(image + at, 700, image + 16 + sizeof head);
	image[16 + n - 1] = 0x18;
	open_image(&matter_ota_format, 2000, at + 700);
	assert_content(&t, "image", image + at, 700);
	assert_string_equal(walked_header(&t, "vendor_id"), "65521");
	assert_string_equal(walked_header(&t, "software_version_string"), "1.2.3");
	assert_string_equal(walked_header(&t, "image_digest"), "ok");
	close_whole(&matter_ota_format, at + 700);
	spoil(&matter_ota_format, at + 700, at + 100, "image_digest");
}

static void test_airoha(void **state)
{
	(void)state;
	begin(0xff);
	put(256, 0x000a0011, 4, false);
	image[260] = 0;
	image[261] = 1;
	put(262, 512, 4, false);
	put(266, 1000, 4, false);
	put(270, 0x00100012, 4, false);
	put(274, 1, 4, false);
	put(278, 0, 4, false);
	put(282, 1000, 4, false);
	put(286, 0x2000, 4, false);
	payload(512, 1000, 7);
	SHA256(image + 32, 1512 - 32, image);
	open_image(&airoha_format, 2000, 1512);
	assert_content(&t, "firmware", image + 512, 1000);
	assert_string_equal(walked_header(&t, "sha256"), "ok");
	assert_string_equal(walked_header(&t, "section"), "0x3e8 bytes at 0x0 go to 0x00002000");
	close_whole(&airoha_format, 1512);
	spoil(&airoha_format, 1512, 700, "sha256");
	image[260] = 2;
	walked_open(&t, &airoha_format, span_of(image, 1512));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
}

static void test_ambarella(void **state)
{
	(void)state;
	begin(0);
	payload(256, 3000, 8);
	put(0, crc32(0, image + 256, 3000), 4, false);
	put(4, 0x00010002, 4, false);
	put(8, 2015 << 16 | 7 << 8 | 9, 4, false);
	put(12, 3000, 4, false);
	put(16, 0xc0000000, 4, false);
	put(24, 0xa324eb90, 4, false);
	open_image(&ambarella_format, 4000, 3256);
	assert_content(&t, "partition", image + 256, 3000);
	assert_string_equal(walked_header(&t, "build_date"), "2015-07-09");
	close_whole(&ambarella_format, 3256);
	spoil(&ambarella_format, 3256, 2000, "crc32");

	begin(0xff);
	put(0, 2, 4, false);
	put(4, 0x66fc328a, 4, false);
	for (unsigned i = 0; i < 2; i++) {
		size_t at = 2048 + 128 * i;
		memset(image + at, 0, 116);
		text(at, i ? "b/default.bin" : "a.txt");
		put(at + 116, 4096 + 2048 * i, 4, false);
		put(at + 120, i ? 2048 : 77, 4, false);
		put(at + 124, 0x2387ab76, 4, false);
	}
	payload(4096, 4096, 9);
	open_image(&ambarella_romfs_format, 9000, 8192);
	assert_content(&t, "/a.txt", image + 4096, 77);
	assert_content(&t, "/b/default.bin", image + 6144, 2048);
	close_whole(&ambarella_romfs_format, 8192);
	put(2048 + 128 + 120, 2000, 4, false); /* what stands behind the last byte is another's */
	open_image(&ambarella_romfs_format, 9000, 6144 + 2000);
	walked_close(&t);
}

static void test_small(void **state)
{
	(void)state;
	begin(0);
	text(0, "\x80\x5aGM");
	put(8, 20000, 4, true);
	payload(256, 20000, 10);
	open_image(&gm8126_format, 21000, 20256);
	assert_content(&t, "kernel", image + 256, 20000);
	close_whole(&gm8126_format, 20256);

	begin(0);
	text(0, "2RHD");
	put(4, 256, 4, true);
	put(8, 256 + 900, 4, true);
	put(80, 500, 4, true);
	put(84, 400, 4, true);
	payload(256, 900, 11);
	text(256 + 500, "hsqs");
	open_image(&draytek_2rhd_format, 2000, 1156);
	assert_content(&t, "kernel", image + 256, 500);
	assert_content(&t, "rootfs", image + 756, 400);
	close_whole(&draytek_2rhd_format, 1156);

	begin(0);
	text(0, "VER2");
	put(40, 2, 4, true);
	put(92, 300, 4, true);
	put(96, 200, 4, true);
	image[132] = 2;
	image[133] = 9;
	payload(160, 500, 12);
	open_image(&maxlinear_format, 2000, 660);
	assert_content(&t, "0-atom-kernel", image + 160, 300);
	assert_content(&t, "1-arm-rootfs", image + 460, 200);
	close_whole(&maxlinear_format, 660);

	begin(0);
	text(8, "META");
	put(16, 100, 4, true);
	payload(64, 100, 13);
	text(64 + 100 + 8, "KRNL");
	put(64 + 100 + 16, 300, 4, true);
	payload(228, 300, 14);
	open_image(&broadcom_sao_format, 528, 528);
	assert_content(&t, "META", image + 64, 100);
	assert_content(&t, "KRNL", image + 228, 300);
	close_whole(&broadcom_sao_format, 528);

	begin(0);
	put(0, 0x10122003, 4, true);
	put(12, 0x07011234, 4, true);
	put(16, 0x400 + 600, 4, true);
	put(0x400, 0x10122003, 4, true);
	put(0x410, 600, 4, true);
	payload(0x800, 600, 15);
	open_image(&bosch_format, 4000, 0x800 + 600);
	assert_content(&t, "part-0", image + 0x800, 600);
	close_whole(&bosch_format, 0x800 + 600);
	image[0x400 + 600] = 1;
	walked_open(&t, &bosch_format, span_of(image, 0x800 + 600));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
}

static void test_mrvl(void **state)
{
	(void)state;
	begin(0);
	text(0, "SBFH\x1c\1");
	size_t m = 0x11c;
	put(15, 100 + 800, 4, false);
	text(m, "MRVL\x7b\xf1\x9c\x2e");
	put(m + 12, 2, 4, false);
	put(m + 16, 0x1f000125, 4, false);
	for (unsigned i = 0; i < 2; i++) {
		size_t s = m + 20 + 20 * i, from = 100 + 400 * i;
		payload(m + from, 400, 16 + i);
		put(s, 2, 4, false);
		put(s + 4, from, 4, false);
		put(s + 8, 400, 4, false);
		put(s + 12, i ? 0x20000040 : 0x100000, 4, false);
		uint32_t crc = 0; /* neither inverted before nor after */
		for (size_t k = 0; k < 400; k++) {
			crc ^= image[m + from + k];
			for (int bit = 0; bit < 8; bit++)
				crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
		}
		put(s + 16, crc, 4, false);
	}
	open_image(&sbfh_format, 3000, m + 900);
	assert_string_equal(walked_get(&t, "firmware")->e.format, "mrvl");
	close_whole(&sbfh_format, m + 900);
	memmove(image, image + m, 900);
	open_image(&mrvl_format, 2000, 900);
	assert_content(&t, "0x00100000", image + 100, 400);
	assert_content(&t, "0x20000040", image + 500, 400);
	assert_string_equal(walked_header(&t, "crc32"), "ok");
	close_whole(&mrvl_format, 900);
	spoil(&mrvl_format, 900, 200, "crc32");
}

static void test_dji(void **state)
{
	(void)state;
	static const uint8_t key[16] = "\x96\x70\x9a\xd3\x26\x67\x4a\xc3\x82\xb6\x69\x27\xe6\xd8\x84\x21";
	uint8_t plain[600];
	AES_KEY aes;
	begin(0);
	put(0, 0x12345678, 4, false);
	put(4, 1, 2, false);
	put(6, 64 + 2 * 52 + 2, 2, false);
	put(8, 1436400000, 4, false);
	text(12, "DJI");
	text(28, "P3X");
	put(44, 2, 2, false);
	put(46, 0x01020003 ^ 0x5127a564 ^ 1436400000u, 4, false);
	for (unsigned i = 0; i < 2; i++) {
		size_t e = 64 + 52 * i, from = 170 + 600 * i;
		image[e] = i ? 0x23 : 0x01;
		image[e + 1] = i ? 0x10 : 0;
		put(e + 4, 0x01020304, 4, false);
		put(e + 8, from, 4, false);
		put(e + 12, 600, 4, false);
		put(e + 16, 600, 4, false);
		payload(from, 600, 20 + i);
		memcpy(plain, image + from, 600);
		for (size_t k = 0; i && k < 600; k += 256) { /* each 256 bytes by themselves; what is no whole block stays */
			uint8_t iv[16] = { 0 };
			AES_set_encrypt_key(key, 128, &aes);
			AES_cbc_encrypt(plain + k, image + from + k, (k + 256 <= 600 ? 256 : 600 - k) / 16 * 16, &aes, iv,
							AES_ENCRYPT);
		}
		MD5(image + from, 600, image + e + 20);
	}
	uint16_t crc = 0x3692;
	for (size_t i = 0; i < 168; i++) {
		crc ^= image[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? 0x8408 : 0));
	}
	put(168, crc, 2, false);
	open_image(&dji_format, 2000, 1370);
	assert_content(&t, "0-m0100", image + 170, 600);
	assert_content(&t, "1-m0301", plain, 600);
	assert_string_equal(walked_header(&t, "version"), "01.02.0003");
	assert_string_equal(walked_header(&t, "crc16"), "ok");
	assert_string_equal(walked_header(&t, "stored md5"), "ok");
	close_whole(&dji_format, 1370);
	spoil(&dji_format, 1370, 300, "stored md5");
	spoil(&dji_format, 1370, 9, "crc16");
}

static void test_alphanetworks(void **state)
{
	(void)state;
	static const char script[] = "#!/bin/sh\nsed '1,/^===/d' $0\nexit\n=== Firmware Boundary ===\n";
	for (int inverted = 0; inverted < 2; inverted++) {
		size_t at = sizeof script - 1;
		begin(0);
		text(0, script);
		text(at, inverted ? "REDSONIC" : "uImage..");
		payload(at + 8, 500, 22);
		uint8_t plain[508];
		memcpy(plain, image + at, sizeof plain);
		for (size_t i = 0; inverted && i < sizeof plain; i++)
			image[at + i] ^= 0xff;
		uint64_t start = 1;
		assert_true(alphanetworks_format.locate(span_of(image, at + 508), at - 26, &start));
		assert_int_equal(start, 0);
		open_image(&alphanetworks_format, at + 508, at + 508);
		assert_content(&t, "script.sh", script, at - 26);
		assert_content(&t, "firmware", plain, sizeof plain);
		close_whole(&alphanetworks_format, at + 508);
	}
}

static void test_wince(void **state)
{
	(void)state;
	begin(0);
	text(0, "B000FF\n");
	put(7, 0x80001000, 4, false);
	put(11, 0x3000, 4, false);
	size_t at = 15;
	static const uint32_t addresses[] = { 0x80001000, 0x80001064, 0x80002000 };
	for (unsigned i = 0; i < 3; i++) {
		uint32_t sum = 0;
		payload(at + 12, 100, 23 + i);
		for (unsigned k = 0; k < 100; k++)
			sum += image[at + 12 + k];
		put(at, addresses[i], 4, false);
		put(at + 4, 100, 4, false);
		put(at + 8, sum, 4, false);
		at += 112;
	}
	put(at + 4, 0x80001000, 4, false);
	at += 12;
	uint8_t joined[200];
	memcpy(joined, image + 27, 100);
	memcpy(joined + 100, image + 139, 100);
	open_image(&wince_format, at + 40, at);
	assert_content(&t, "0x80001000", joined, 200);
	assert_content(&t, "0x80002000", image + 251, 100);
	assert_string_equal(walked_header(&t, "entry point"), "0x80001000");
	close_whole(&wince_format, at);
	spoil(&wince_format, at, 60, "checksums");
}

static void test_csman(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool big = i & 1, packed = i & 2;
		begin(0);
		text(0, big ? "SC" : "CS");
		put(16, 0x101, 4, big);
		put(20, 5, 2, big);
		text(22, "hello");
		put(27, 0x202, 4, big);
		put(31, 30, 2, big);
		put(63, 0, 4, big);
		size_t n = 63 + 4 - 16;
		if (packed) {
			uint8_t plain[64];
			uLongf size = 200;
			memcpy(plain, image + 16, n);
			assert_int_equal(compress(image + 16, &size, plain, n), Z_OK);
			put(4, size, 4, big);
			put(12, n, 4, big);
			n = size;
		} else {
			put(4, n, 4, big);
			put(12, n, 4, big);
		}
		open_image(&csman_format, 500, 16 + n);
		assert_content(&t, "0-00000101", "hello", 5);
		assert_int_equal(walked_get(&t, "1-00000202")->content.n, 30);
		close_whole(&csman_format, 16 + n);
	}
}

static void test_minifs(void **state)
{
	(void)state;
	static const char names[] = "web\0index.htm\0a.js\0web/x";
	static const struct {
		uint32_t path, name, chunk, at, size;
	} files[] = { { 0, 4, 0, 0, 100 }, { 19, 14, 0, 100, 200 }, { 0, 14, 1, 0, 50 } };
	static const uint32_t sizes[] = { 300, 50 };
	uint8_t chunks[2][300];
	begin(0);
	text(0, "MINIFS");
	put(16, 3, 4, true);
	put(20, 3, 4, true);
	put(24, 300, 4, true);
	put(28, sizeof names, 4, true);
	memcpy(image + 32, names, sizeof names);
	size_t at = 32 + sizeof names;
	for (size_t i = 0; i < 3; i++, at += 20) {
		put(at, files[i].path, 4, true);
		put(at + 4, files[i].name, 4, true);
		put(at + 8, files[i].chunk, 4, true);
		put(at + 12, files[i].at, 4, true);
		put(at + 16, files[i].size, 4, true);
	}
	size_t table = at, data = at + 24, end = data;
	for (unsigned i = 0; i < 2; i++) {
		lzma_options_lzma options;
		lzma_stream s = LZMA_STREAM_INIT;
		for (size_t k = 0; k < sizes[i]; k++)
			chunks[i][k] = (uint8_t)(k * 3 + i);
		assert_false(lzma_lzma_preset(&options, 1));
		assert_int_equal(lzma_alone_encoder(&s, &options), LZMA_OK);
		s.next_in = chunks[i];
		s.avail_in = sizes[i];
		s.next_out = image + end;
		s.avail_out = sizeof image - end;
		assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
		put(table + 12 * i, end - data, 4, true);
		put(table + 12 * i + 4, s.total_out, 4, true);
		put(table + 12 * i + 8, sizes[i], 4, true);
		end += s.total_out;
		lzma_end(&s);
	}
	open_image(&minifs_format, end + 500, end);
	assert_content(&t, "/web/index.htm", chunks[0], 100);
	assert_content(&t, "/web/x/a.js", chunks[0] + 100, 200);
	assert_content(&t, "/web/a.js", chunks[1], 50);
	close_whole(&minifs_format, end);
}

/* An image file system with a directory, a file, a link, a device. */
static size_t make_imagefs(bool big)
{
	static const char *const names[] = { "", "proc/boot", "proc/boot/script", "proc/boot/ld.so", "dev/con" };
	static const uint32_t modes[] = { 0040755, 0040700, 0100644, 0120777, 0020666 };
	begin(0);
	text(0, "imagefs");
	image[7] = big;
	text(88, "/");
	put(16, 96, 4, big);
	size_t at = 96;
	for (unsigned i = 0; i < 5; i++) {
		size_t extra = i < 2 ? 0 : i == 3 ? 4 : 8, n = 24 + extra + strlen(names[i]) + 1;
		put(at + 4, i + 1, 4, big);
		put(at + 8, modes[i], 4, big);
		put(at + 12, 7, 4, big);
		put(at + 16, 5, 4, big);
		put(at + 20, 1000000 + i, 4, big);
		text(at + 24 + extra, names[i]);
		if (i == 2) {
			put(at + 24, 1024, 4, big);
			put(at + 28, 333, 4, big);
		}
		if (i == 3) {
			put(at + 24, strlen(names[i]) + 1, 2, big);
			put(at + 26, 7, 2, big);
			text(at + n, "libc.so");
			n += 8;
		}
		if (i == 4)
			put(at + 28, 3 << 10 | 4, 4, big);
		n = (n + 3) / 4 * 4;
		put(at, n, 2, big);
		at += n;
	}
	put(12, at + 2, 4, big);
	put(8, 1404, 4, big);
	payload(1024, 333, 30);
	uint32_t sum = 0;
	for (size_t i = 0; i < 1400; i += 4)
		for (unsigned k = 0; k < 4; k++)
			sum += (uint32_t)image[i + k] << (8 * (big ? 3 - k : k));
	put(1400, 0u - sum, 4, big);
	return 1404;
}

static void test_qnx_imagefs(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		size_t n = make_imagefs(big);
		open_image(&qnx_imagefs_format, n + 100, n);
		assert_int_equal(t.n, 4);
		assert_content(&t, "/proc/boot/script", image + 1024, 333);
		const struct entry *e = &walked_get(&t, "/proc/boot/script")->e;
		assert_int_equal(e->mode, 0644);
		assert_int_equal(e->uid, 5);
		assert_int_equal(e->gid, 7);
		assert_int_equal(e->mtime, 1000002);
		e = &walked_get(&t, "/proc/boot/ld.so")->e;
		assert_int_equal(e->kind, ENTRY_SYMLINK);
		assert_true(text_is(e->link_target, "libc.so"));
		e = &walked_get(&t, "/dev/con")->e;
		assert_int_equal(e->kind, ENTRY_CHAR_DEVICE);
		assert_int_equal(e->device, (int64_t)3 << 32 | 4);
		assert_string_equal(walked_header(&t, "cksum"), "ok");
		close_whole(&qnx_imagefs_format, n);
		spoil(&qnx_imagefs_format, n, 1100, "cksum");
	}
}

static void test_qnx_ifs(void **state)
{
	(void)state;
	static uint8_t fs[1404];
	size_t n = make_imagefs(false);
	memcpy(fs, image, n);
	begin(0);
	text(0, "\xeb\x7e\xff");
	put(4, 1, 2, false);
	put(8, 256, 2, false);
	put(10, 40, 2, false);
	put(0x20, 512, 4, false);
	put(0x24, 512 + n + 4, 4, false);
	put(0x2c, n, 4, false);
	memcpy(image + 512, fs, n);
	open_image(&qnx_ifs_format, 4000, 512 + n + 4);
	assert_memory_equal(walked_get(&t, "imagefs")->content.p, fs, n);
	assert_string_equal(walked_get(&t, "imagefs")->e.format, "qnx_imagefs");
	assert_string_equal(walked_header(&t, "compression"), "none");
	/* The program without the header, which would be an image within the image, and again in that. */
	assert_content(&t, "startup", image + 256, 256);
	close_whole(&qnx_ifs_format, 512 + n + 4);
	put(0x20, 256, 4, false); /* no program at all */
	assert_false(qnx_ifs_format.probe(span_of(image, 512 + n + 4), &t.match));
	put(0x20, 512, 4, false);

	/* LZO: blocks of up to 238 letters as they are. */
	size_t at = 512;
	memset(image + 512, 0, sizeof image - 512);
	for (size_t k = 0; k < n; k += 200) {
		size_t part = n - k < 200 ? n - k : 200;
		put(at, part + 4, 2, true);
		image[at + 2] = (uint8_t)(part + 17);
		memcpy(image + at + 3, fs + k, part);
		memcpy(image + at + 3 + part, "\x11\0\0", 3);
		at += 2 + part + 4;
	}
	at += 2;
	image[6] = 2 << 2;
	put(0x24, at, 4, false);
	open_image(&qnx_ifs_format, 8000, at);
	assert_content(&t, "imagefs", fs, n);
	close_whole(&qnx_ifs_format, at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bcm_tag),   cmocka_unit_test(test_bcm_nvram),     cmocka_unit_test(test_packimg),
		cmocka_unit_test(test_ros),       cmocka_unit_test(test_dlink),         cmocka_unit_test(test_dlink_tlv),
		cmocka_unit_test(test_dlink_dcs), cmocka_unit_test(test_matter),        cmocka_unit_test(test_airoha),
		cmocka_unit_test(test_ambarella), cmocka_unit_test(test_small),         cmocka_unit_test(test_mrvl),
		cmocka_unit_test(test_dji),       cmocka_unit_test(test_alphanetworks), cmocka_unit_test(test_wince),
		cmocka_unit_test(test_csman),     cmocka_unit_test(test_minifs),        cmocka_unit_test(test_qnx_imagefs),
		cmocka_unit_test(test_qnx_ifs),
	};
	return cmocka_run_group_tests_name("peer_wrappers", tests, NULL, NULL);
}
