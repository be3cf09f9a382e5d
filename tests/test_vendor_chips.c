/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loaders of chips take, and the tables of their flashes: headers of real devices where people have published them, each says where;
 * others after the source that is named. What stands behind a header is made here. */
#include "seed.h"
#include "vendor_image.h"

extern const struct format beken_flash_format, realtek_ameba_format, bouffalo_boot_format, winner_micro_format, xradio_image_format,
	tuya_ug_format, huawei_app_format, unisoc_pac_format, mediatek_gfh_format, novatek_pack_format, novatek_bcl_format, dhtb_format,
	actions_ota_format, qcom_mibib_format, redboot_fis_format, imx8_container_format, cyacd_format, dialog_suota_format, anjvision_format,
	allwinner_toc1_format, esp8266_v2_format, qcom_mbn_format, hi3861_upgrade_format, zte_config_format, zte_db_format,
	ameba_z2_flash_format, ameba_z2_ota_format;

static void assert_no_damage(const struct walked *t)
{
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_false(error_is(&t->error));
}

/* CRC-16/CMS, by the remainder of the whole message. */
static void put_block(struct image *im, const uint8_t data[32])
{
	uint32_t crc = 0xffff;
	for (int bit = 0; bit < 256; bit++) {
		uint32_t top = crc >> 15 ^ (data[bit / 8] >> (7 - bit % 8) & 1u);
		crc = (crc << 1 & 0xffff) ^ (top & 1 ? 0x8005 : 0);
	}
	put(im, data, 32);
	put_be(im, crc, 2);
}

/* pn32 as ltchiptool writes it, with Tuya's coefficients, of which the second and the fourth have no part in it. */
static uint32_t beken_key(uint32_t address)
{
	uint64_t a = ((address / 256) + (uint64_t)address * 0x1000000) % 0x100000000 ^ 0x510fb093;
	uint64_t rotated = (a % 0x8000) * 0x20000 + a / 0x8000 % 0x20000;
	return (uint32_t)(rotated ^ (0xe519a4f1 & (a / 4 % 16 * 0x11111111)) ^ 0x5993a17e);
}

static void put_code(struct image *im, uint32_t address, const uint8_t *code, size_t n)
{
	for (size_t at = 0; at < n; at += 32) {
		uint8_t block[32];
		memcpy(block, code + at, 32);
		for (uint32_t k = 0; k < 32; k++)
			block[k] ^= (uint8_t)(beken_key(address + (uint32_t)at + k / 4 * 4) >> 8 * (k % 4));
		put_block(im, block);
	}
}

/* How every application for Tuya's BK7231 begins, plain and in the flash (ltchiptool soc/bk72xx/binary.py). */
static const uint8_t beken_plain[8] = "\x0e\x00\x00\xea\x14\xf0\x9f\xe5", beken_cipher[8] = "\x2f\x07\xb5\x94\x35\xff\x2a\x9b";

static void test_beken_application(void **state)
{
	(void)state;
	struct image im = image_new(), code = image_new();
	struct walked t;
	put(&code, beken_plain, 8);
	put_payload(&code, 1, 32 * 20 - 8);
	put_code(&im, 0x10000, code.p, code.n);
	assert_memory_equal(im.p, beken_cipher, 8);
	put_fill(&im, 0xff, 40 * 34);
	size_t rbl = im.n;
	struct image header = image_new();
	put(&header, "RBL\0", 4);
	put_fill(&header, 0, 8);
	put_text(&header, "app", 16, 0);
	put_text(&header, "1.1.74", 68, 0);
	for (size_t at = 0; at < 96; at += 32)
		put_block(&im, header.p + at);
	size_t end = im.n;
	put_payload(&im, 2, 4000); /* what follows has no sums */
	image_open(&t, &beken_flash_format, image_span(&im), SIZE_UNKNOWN);
	assert_no_damage(&t);
	assert_int_equal(t.n, 1);
	assert_content(&t, "0x00010000", code.p, code.n);
	assert_field(&t, "key", "0x00010000: 510fb093a3cbeadc5993a17ec7adeb03");
	assert_field(&t, "version", "app: 1.1.74");
	assert_int_equal(t.walk.end, end);
	walked_close(&t);
	im.p[34 * 5 + 3] ^= 1;
	image_open(&t, &beken_flash_format, image_span(&im), SIZE_UNKNOWN);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(walked_get(&t, "0x00010000")->content.n, code.n);
	walked_close(&t);
	for (size_t i = 0; i < 5; i++)
		im.p[34 * i + 33] ^= 1;
	walked_open(&t, &beken_flash_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	for (size_t i = 0; i < 5; i++)
		im.p[34 * i + 33] ^= 1;
	survives_all(&beken_flash_format, &im, rbl);
	image_free(&im);
	image_free(&code);
	image_free(&header);
}

/* A whole flash: the boot loader from 0 on, here not enciphered, the application 0x11000 bytes behind its beginning. */
static void test_beken_flash(void **state)
{
	(void)state;
	struct image im = image_new(), code = image_new();
	struct walked t;
	put_payload(&code, 3, 320);
	for (size_t at = 0; at < 320; at += 32)
		put_block(&im, code.p + at);
	put_fill(&im, 0xff, 0x11000 - im.n);
	memcpy(code.p, beken_plain, 8);
	put_code(&im, 0x10000, code.p, 320);
	image_open(&t, &beken_flash_format, image_span(&im), SIZE_UNKNOWN);
	assert_no_damage(&t);
	assert_int_equal(t.n, 2);
	assert_content(&t, "0x00010000", code.p, 320);
	assert_int_equal(walked_get(&t, "0x00010000")->e.offset, 0x11000);
	assert_int_equal(walked_get(&t, "0x00000000")->content.n, 320);
	walked_close(&t);
	image_free(&im);
	image_free(&code);
}

/* ltchiptool soc/ambz/binary.py: an image of the first slot, and what goes to RAM. */
static void test_realtek_ameba(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "81958711", 8);
	put_le(&im, 1000, 4);
	put_le(&im, 0x0800b020, 4);
	put_fill(&im, 0xff, 16);
	put_payload(&im, 1, 1000);
	put(&im, "81958711", 8);
	put_le(&im, 500, 4);
	put_le(&im, 0x10005000, 4);
	put_fill(&im, 0xff, 16);
	put_payload(&im, 2, 500);
	image_open(&t, &realtek_ameba_format, image_span(&im), im.n);
	assert_content(&t, "xip-0x0800b020", im.p + 32, 1000);
	assert_content(&t, "ram-0x10005000", im.p + 1064, 500);
	assert_no_damage(&t);
	walked_close(&t);
	im.p[20] = 0;
	walked_open(&t, &realtek_ameba_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	im.p[20] = 0xff;
	survives_all(&realtek_ameba_format, &im, 32);
	image_free(&im);
}

/* LibreTiny's builder for AmebaD: the images of both processors, the second's at a page, and the end mark. */
static void test_realtek_ameba_d(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	static const uint32_t images[][2] = { { 0x0c000020, 1000 }, { 0x00082000, 200 }, { 0x0e000020, 700 }, { 0x10005000, 64 }, { 0x02000020, 0 } };
	for (unsigned i = 0; i < 5; i++) {
		if (i == 2)
			put_fill(&im, 0xff, 4096 - im.n);
		put(&im, "81958711", 8);
		put_le(&im, images[i][1], 4);
		put_le(&im, images[i][0], 4);
		put_fill(&im, 0xff, 16);
		put_payload(&im, i, images[i][1]);
	}
	image_open(&t, &realtek_ameba_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_int_equal(t.n, 4);
	assert_content(&t, "xip-0x0c000020", im.p + 32, 1000);
	assert_content(&t, "ram-0x00082000", im.p + 1064, 200);
	assert_content(&t, "xip-0x0e000020", im.p + 4128, 700);
	assert_content(&t, "ram-0x10005000", im.p + 4860, 64);
	walked_close(&t);
	survives_all(&realtek_ameba_format, &im, 32);
	image_free(&im);
}

static void put_crc32(struct image *im, size_t from)
{
	put_le(im, ~crc_raw(~0u, im->p + from, im->n - from), 4);
}

/* With both sums. */
static void put_bouffalo_header(struct image *im, const struct image *image)
{
	put(im, "BFNP\1\0\0\0FCFG", 12);
	put_payload(im, 1, 84);
	put_crc32(im, 12);
	put(im, "PCFG\4\4\0\1\3\1\0\0", 12);
	put_crc32(im, 104);
	put_le(im, 0x100, 4);
	put_le(im, image->n, 4);
	put_le(im, 0, 4);
	put_le(im, 0x2000, 4);
	put_fill(im, 0, 40);
	vendor_digest("sha256", image->p, image->n, im->p + 132);
	put_le(im, ~crc_raw(~0u, im->p, 172), 4);
}

/* maero.dk/bl602-firmware-image-format; BLOpenFlasher puts an application a page behind its header. */
static void test_bouffalo(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "BFNP\1\0\0\0FCFG", 12);
	put_payload(&im, 1, 84);
	put_crc32(&im, 12);
	put(&im, "PCFG\4\4\0\1\3\1\0\0", 12);
	put_crc32(&im, 104);
	put_le(&im, 0x30000 | 0x100, 4);
	put_le(&im, 3000, 4);
	put_le(&im, 0, 4);
	put_le(&im, 0x2000, 4);
	put_fill(&im, 0, 40);
	put_le(&im, 0xdeadbeef, 4);
	assert_int_equal(im.n, 176);
	put_fill(&im, 0xff, 0x1000 - im.n);
	put_payload(&im, 2, 3000);
	vendor_digest("sha256", im.p + 0x1000, 3000, im.p + 132);
	image_open(&t, &bouffalo_boot_format, image_span(&im), 176); /* neither sum is used: as the makefiles' default is */
	assert_field(&t, "sha256", "not checked");
	assert_int_equal(t.n, 0);
	walked_close(&t);
	set_le(&im, 116, 0x100, 4);
	set_le(&im, 172, ~crc_raw(~0u, im.p, 172), 4);
	image_open(&t, &bouffalo_boot_format, image_span(&im), im.n);
	assert_field(&t, "header_crc32", "ok");
	assert_field(&t, "sha256", "ok");
	assert_content(&t, "image", im.p + 0x1000, 3000);
	assert_no_damage(&t);
	walked_close(&t);
	im.p[0x1000] ^= 1; /* what fills up the page says where the image is, not the digest */
	image_open(&t, &bouffalo_boot_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_content(&t, "image", im.p + 0x1000, 3000);
	walked_close(&t);
	im.p[0x1000] ^= 1;
	survives_all(&bouffalo_boot_format, &im, 176);
	im.p[0x800] = 1; /* nothing says where it is, though it is there: no digest is made to learn that */
	image_open(&t, &bouffalo_boot_format, image_span(&im), 176);
	assert_field(&t, "sha256", "not checked");
	assert_int_equal(t.n, 0);
	walked_close(&t);
	image_free(&im);
}

/* The boot loader, two pages behind its header, which is there a second time. */
static void test_bouffalo_loader(void **state)
{
	(void)state;
	struct walked t;
	for (int twice = 0; twice < 2; twice++) {
		struct image im = image_new(), image = image_new();
		put_payload(&image, 7, 5000);
		put_bouffalo_header(&im, &image);
		put_fill(&im, 0xff, 0x1000 - im.n);
		if (twice)
			put(&im, im.p, 176);
		put_fill(&im, 0xff, 0x2000 - im.n);
		put(&im, image.p, image.n);
		put_payload(&im, 8, 100);
		image_open(&t, &bouffalo_boot_format, image_span(&im), 0x2000 + 5000);
		assert_field(&t, "sha256", "ok");
		assert_content(&t, "image", image.p, 5000);
		assert_no_damage(&t);
		walked_close(&t);
		image_free(&im);
		image_free(&image);
	}
}

/* The boot loader in hello_world.fls, whose fields FLSTweak's README shows; the sum of the header that it shows too proves all of them. */
static void test_winner_micro(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_le(&im, 0xa0ffff9f, 4);
	put_le(&im, 0, 4);
	put_le(&im, 0x08002400, 4);
	put_le(&im, 25984, 4);
	put_le(&im, 0x08002000, 4);
	put_le(&im, 0, 4);
	put_le(&im, 0x65c3a078, 4);
	put_le(&im, 0, 4);
	put_text(&im, "G03.00.00", 16, 0);
	put_le(&im, 0, 8);
	put_le(&im, 0x0800f000, 4);
	put_le(&im, 0x3f0a6e0a, 4);
	put_payload(&im, 1, 25984);
	image_open(&t, &winner_micro_format, image_span(&im), im.n);
	assert_field(&t, "chip", "W800");
	assert_field(&t, "version", "G03.00.00");
	assert_field(&t, "address", "0x08002400");
	assert_field(&t, "crc32", "mismatch");
	assert_content(&t, "bootloader", im.p + 64, 25984);
	walked_close(&t);
	set_le(&im, 24, crc_raw(~0u, im.p + 64, 25984), 4);
	set_le(&im, 60, crc_raw(~0u, im.p, 60), 4);
	image_open(&t, &winner_micro_format, image_span(&im), im.n);
	assert_field(&t, "crc32", "ok");
	assert_no_damage(&t);
	walked_close(&t);
	survives_all(&winner_micro_format, &im, 64);
	image_free(&im);
}

/* The same header in the flash has its image 0x400 bytes behind it; that of the W600 is shorter. */
static void test_winner_micro_places(void **state)
{
	(void)state;
	for (int newer = 0; newer < 2; newer++) {
		struct image im = image_new();
		struct walked t;
		size_t header = newer ? 64 : 56, at = newer ? 0x400 : 256;
		put_fill(&im, 0xff, at);
		put_payload(&im, 1, 2000);
		memset(im.p, 0, header);
		set_le(&im, 0, 0xa0ffff9f, 4);
		set_le(&im, 4, 1, 4);
		set_le(&im, 8, 0x08010400, 4);
		set_le(&im, 12, 2000, 4);
		if (newer)
			set_le(&im, 16, 0x08010000, 4);
		set_le(&im, newer ? 24 : 16, crc_raw(~0u, im.p + at, 2000), 4);
		set_le(&im, header - 4, crc_raw(~0u, im.p, header - 4), 4);
		image_open(&t, &winner_micro_format, image_span(&im), im.n);
		assert_field(&t, "chip", newer ? "W800" : "W600");
		assert_content(&t, "image", im.p + at, 2000);
		assert_no_damage(&t);
		walked_close(&t);
		image_free(&im);
	}
}

static uint16_t sum16(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)p[i] << 8 * (i % 2);
	return (uint16_t)sum;
}

static void put_section(struct image *im, uint32_t id, size_t n, uint32_t next)
{
	size_t at = im->n;
	put(im, "AWIH", 4);
	put_le(im, 0x00000003, 4);
	put_le(im, 0, 4);
	put_le(im, n, 4);
	put_le(im, 0x00268000, 4);
	put_le(im, 0x00268101, 4);
	put_le(im, n, 4);
	put_le(im, 1, 4);
	put_le(im, next, 4);
	put_le(im, id, 4);
	put_fill(im, 0, 24);
	put_payload(im, id, n);
	set_le(im, at + 10, (uint16_t)~sum16(im->p + at + 64, n), 2);
	set_le(im, at + 8, (uint16_t)~sum16(im->p + at, 64), 2);
}

/* XRADIO SDK include/image/image.h. */
static void test_xradio(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_section(&im, 0xa5ff5a00, 1000, 0x800);
	put_fill(&im, 0xff, 0x800 - im.n);
	put_section(&im, 0xa5fe5a01, 601, 0xffffffff);
	image_open(&t, &xradio_image_format, image_span(&im), im.n);
	assert_content(&t, "boot", im.p + 64, 1000);
	assert_content(&t, "app", im.p + 0x840, 601);
	assert_field(&t, "load", "boot: 0x00268000");
	assert_no_damage(&t);
	walked_close(&t);
	im.p[0x900] ^= 1;
	image_open(&t, &xradio_image_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_all(&xradio_image_format, &im, 64);
	image_free(&im);
}

/* ltchiptool soc/bk72xx/binary.py. */
static void test_tuya_ug(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	uint32_t sum = 0, header = 0;
	put(&im, "\x55\xaa\x55\xaa", 4);
	put_text(&im, "23.01.19", 12, 0);
	put_be(&im, 3000, 4);
	put_fill(&im, 0, 8);
	put(&im, "\xaa\x55\xaa\x55", 4);
	put_payload(&im, 1, 3000);
	for (size_t i = 32; i < im.n; i++)
		sum += im.p[i];
	set_be(&im, 20, sum, 4);
	for (size_t i = 0; i < 24; i++)
		header += im.p[i];
	set_be(&im, 24, header, 4);
	image_open(&t, &tuya_ug_format, image_span(&im), im.n);
	assert_field(&t, "version", "23.01.19");
	assert_field(&t, "checksum", "ok");
	assert_content(&t, "image", im.p + 32, 3000);
	assert_no_damage(&t);
	walked_close(&t);
	survives_all(&tuya_ug_format, &im, 32);
	image_free(&im);
}

/* modaco.com/topic/335661: the head of the splash screen in the UPDATA.APP of a U8220, whole, with the CRCs of its 75 blocks. Most of
 * them are those of zeros; the six that are not are left so. */
static void test_huawei_app(void **state)
{
	(void)state;
	static const uint8_t head[98] = "\x55\xaa\x5a\xa5\xf8\x00\x00\x00\x01\x00\x00\x00HWU8220\xff\x00\x00\x00\xf2\x00\xb0\x04\x00"
									"2010.04.19\0\0\0\0\0\0"
									"14.50.50\0\0\0\0\0\0\0\0"
									"INPUT\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xd2\xb7\x00\x10";
	struct image im = image_new();
	struct walked t;
	put(&im, head, 98);
	for (int i = 0; i < 75; i++)
		put_le(&im, 0x0408, 2);
	put_fill(&im, 0, 0x4b000);
	image_open(&t, &huawei_app_format, image_span(&im), im.n);
	assert_field(&t, "hardware_id", "HWU8220");
	assert_field(&t, "date", "2010.04.19");
	assert_content(&t, "file-0x000000f2", im.p + 248, 0x4b000);
	assert_no_damage(&t);
	walked_close(&t);
	memcpy(im.p + 98 + 2 * 37, "\xc3\x28", 2); /* of the first block that is not black */
	image_open(&t, &huawei_app_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	put(&im, im.p, 248); /* another one behind it, which is cut off */
	image_open(&t, &huawei_app_format, image_span(&im), im.n + 0x4b000);
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_all(&huawei_app_format, &im, 248);
	image_free(&im);
}

static void set_wide(struct image *im, size_t at, const char *text)
{
	for (; *text; text++, at += 2)
		set_le(im, at, (uint8_t)*text, 2);
}

/* pacextractor.h of pacextractor. */
static void test_unisoc_pac(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		struct image im = image_new();
		struct walked t;
		size_t first = 2124, data = first + 2 * 2580;
		put_fill(&im, 0, data);
		put_payload(&im, 1, 4000);
		set_wide(&im, 0, wide ? "BP_R2.0.1" : "BP_R1.0.0");
		set_le(&im, 48, im.n, 4);
		set_wide(&im, 52, "UIX8910_MODEM");
		set_wide(&im, 564, "8910_MODULE");
		set_le(&im, 1076, 2, 4);
		set_le(&im, 1080, first, 4);
		set_le(&im, 2116, 0xfffafffa, 4);
		for (size_t i = 0; i < 2; i++) {
			size_t at = first + i * 2580;
			set_le(&im, at, 2580, 4);
			set_wide(&im, at + 4, i ? "FDL" : "FLASH");
			if (!i)
				continue; /* an order */
			set_wide(&im, at + 516, "fdl1.img");
			set_le(&im, at + 1540, 4000, 4);
			set_le(&im, at + 1552, data, 4);
		}
		image_open(&t, &unisoc_pac_format, image_span(&im), im.n);
		assert_field(&t, "product", "UIX8910_MODEM");
		assert_field(&t, "version", "8910_MODULE");
		assert_field(&t, "file", "FDL: fdl1.img");
		assert_int_equal(t.n, 1);
		assert_content(&t, "fdl1.img", im.p + data, 4000);
		assert_no_damage(&t);
		walked_close(&t);
		survives_all(&unisoc_pac_format, &im, first);
		image_free(&im);
	}
}

/* U-Boot tools/mtk_image.c: the chain that mkimage writes, with the SHA-256 behind it. */
static void test_mediatek_gfh(void **state)
{
	(void)state;
	static const struct {
		uint16_t type, size;
	} chain[] = { { 0, 0x38 }, { 1, 12 }, { 7, 0x64 }, { 3, 0x20c }, { 2, 0x14 }, { 8, 0x30 } };
	struct image im = image_new();
	struct walked t;
	for (size_t i = 0; i < 6; i++) {
		put(&im, "MMM\1", 4);
		put_le(&im, chain[i].size, 2);
		put_le(&im, chain[i].type, 2);
		put_fill(&im, 0, chain[i].size - 8u);
	}
	size_t header = im.n;
	put_payload(&im, 1, 3000);
	put_fill(&im, 0, 32);
	memcpy(im.p + 8, "FILE_INFO", 9);
	set_le(&im, 20, 1, 4);
	set_le(&im, 24, 1, 2);
	im.p[26] = 5;
	im.p[27] = 1;
	set_le(&im, 28, 0x00201000 - header, 4);
	set_le(&im, 32, im.n, 4);
	set_le(&im, 36, im.n, 4);
	set_le(&im, 40, header, 4);
	set_le(&im, 44, 32, 4);
	set_le(&im, 48, header, 4);
	vendor_digest("sha256", im.p, im.n - 32, im.p + im.n - 32);
	image_open(&t, &mediatek_gfh_format, image_span(&im), im.n);
	assert_field(&t, "file_type", "0x1 ARM_BL");
	assert_field(&t, "entry", "0x00201000");
	assert_field(&t, "sha256", "ok");
	assert_content(&t, "code", im.p + header, 3000);
	assert_no_damage(&t);
	walked_close(&t);
	im.p[0x38 + 4] = 3; /* no header is so small */
	walked_open(&t, &mediatek_gfh_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	im.p[0x38 + 4] = 12;
	survives_all(&mediatek_gfh_format, &im, header);
	image_free(&im);
}

/* Summed up from the end on. */
static uint16_t nvt_sum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = n / 2; i-- > 0;)
		sum += p[2 * i] + 256u * p[2 * i + 1] + (uint32_t)i;
	return (uint16_t)sum;
}

/* nvtpack.c of Novatek's U-Boot: a package of version 16072017. */
static void test_novatek_pack(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "\x07\x2e\x01\xd6\xbc\x10\x91\x4f\xb2\x8a\x35\x2f\x82\x26\x1a\x50", 16);
	put_le(&im, 0x16071515, 4);
	put_le(&im, 128, 4);
	put_le(&im, 2, 4);
	put_fill(&im, 0, 128 - im.n);
	put_le(&im, 152, 4);
	put_le(&im, 1000, 4);
	put_le(&im, 1, 4);
	put_le(&im, 1152, 4);
	put_le(&im, 64 + 501 + 1, 4);
	put_le(&im, 6, 4);
	put_payload(&im, 1, 1000);
	put(&im, "CKSM\x19\x07\x04\x16\0\0\0\0\0\0\0\0\x40\0\0\0", 20);
	put_le(&im, 501, 4);
	put_le(&im, 1, 4);
	put_fill(&im, 0, 36);
	put_payload(&im, 2, 501);
	put_fill(&im, 0, 3);
	set_le(&im, 1152 + 12, 0x10000u - nvt_sum(im.p + 1152, 566), 2);
	set_le(&im, 28, im.n, 4);
	set_le(&im, 36, 0x10000u - nvt_sum(im.p, im.n), 2);
	image_open(&t, &novatek_pack_format, image_span(&im), im.n);
	assert_field(&t, "version", "0x16071515");
	assert_field(&t, "checksum", "ok");
	assert_content(&t, "partition-1", im.p + 152, 1000);
	assert_content(&t, "partition-6", im.p + 1216, 501);
	assert_no_damage(&t);
	walked_close(&t);
	im.p[1300] ^= 1;
	image_open(&t, &novatek_pack_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);
	survives_all(&novatek_pack_format, &im, 152);
	image_free(&im);
}

/* A CKSM that covers more than its partition says nothing of that: 64 of them could cover all that follows, each. */
static void test_novatek_padding(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "\x07\x2e\x01\xd6\xbc\x10\x91\x4f\xb2\x8a\x35\x2f\x82\x26\x1a\x50\x15\x15\x07\x16", 20);
	put_le(&im, 128, 4);
	put_le(&im, 1, 4);
	put_le(&im, 128 + 12 + 164 + 500, 4);
	put_le(&im, 1, 4); /* no sum of all */
	put_fill(&im, 0, 128 - im.n);
	put_le(&im, 140, 4);
	put_le(&im, 164, 4);
	put_le(&im, 6, 4);
	put(&im, "CKSM\x19\x07\x04\x16\0\0\0\0\0\0\0\0\x40\0\0\0", 20);
	put_le(&im, 100, 4);
	put_le(&im, 500, 4);
	put_fill(&im, 0, 36);
	put_payload(&im, 2, 600);
	image_open(&t, &novatek_pack_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_content(&t, "partition-6", im.p + 204, 100);
	walked_close(&t);
	image_free(&im);
}

/* lz.c of the Basic Compression Library: literals, a marker as a literal, a length and a distance of two bytes each. */
static void test_novatek_bcl(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	struct format_match m = { .size = 0 };
	struct buf out = { 0 };
	size_t used = 0;
	put(&im, "BCL1\0\0\0\x09\0\0\0\0\0\0\0\0", 16);
	put(&im, "\x7e", 1);
	put_payload(&plain, 1, 200);
	for (size_t i = 0; i < 200; i++) {
		put(&im, plain.p + i, 1);
		if (plain.p[i] == 0x7e)
			put(&im, "", 1);
	}
	put(&im, "\x7e\x00\x7e\x84\x00\x81\x49", 7); /* ~, then 512 bytes from 201 before */
	put(&plain, "\x7e", 1);
	for (size_t i = 0; i < 512; i++)
		put(&plain, plain.p + i, 1);
	set_be(&im, 8, plain.n, 4);
	set_be(&im, 12, im.n - 16, 4);
	set_le(&im, 4, 0x10000u - nvt_sum(im.p, im.n), 2);
	assert_true(novatek_bcl_format.probe(image_span(&im), &m));
	assert_int_equal(m.size, im.n);
	struct error e = novatek_bcl_format.unpack(image_span(&im), &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, im.n);
	assert_int_equal(out.n, plain.n);
	assert_memory_equal(out.p, plain.p, plain.n);
	buf_free(&out);
	for (size_t n = 16; n < im.n; n++) {
		struct buf cut = { 0 };
		e = novatek_bcl_format.unpack(span_of(im.p, n), &cut, &used);
		assert_true(error_is(&e));
		buf_free(&cut);
	}
	im.p[im.n - 2] ^= 1; /* an odd last byte is no part of the sum */
	struct buf changed = { 0 };
	e = novatek_bcl_format.unpack(image_span(&im), &changed, &used);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_int_equal(e.offset, 4);
	buf_free(&changed);
	im.p[im.n - 2] ^= 1;
	survives_all(&novatek_bcl_format, &im, 64);
	image_free(&im);
	image_free(&plain);
}

/* Heads alone, each of which counts megabytes as its own: their sums would be made of all of them, for each. */
static void test_bcl_sum(void **state)
{
	(void)state;
	struct image im = image_new();
	struct format_match m = { .size = 0 };
	const size_t heads = 60000;
	for (size_t i = 0; i < heads; i++) {
		put(&im, "BCL1\0\1\0\x09", 8);
		put_be(&im, (heads - 1 - i) * 16, 4);
		put_be(&im, (heads - 1 - i) * 16, 4);
	}
	for (size_t i = 0; i + 1 < heads; i++)
		assert_true(novatek_bcl_format.probe(span_from(image_span(&im), i * 16), &m));
	image_free(&im);
}

/* github.com/osm0sis/dhtbsign. */
static void test_dhtb(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "DHTB\1\0\0\0", 8);
	put_fill(&im, 0, 40);
	put_le(&im, 3000, 4);
	put_fill(&im, 0, 512 - im.n);
	put_payload(&im, 1, 3000);
	vendor_digest("sha256", im.p + 512, 3000, im.p + 8);
	image_open(&t, &dhtb_format, image_span(&im), im.n);
	assert_field(&t, "sha256", "ok");
	assert_content(&t, "image", im.p + 512, 3000);
	assert_no_damage(&t);
	walked_close(&t);
	survives_all(&dhtb_format, &im, 512);
	image_free(&im);
}

/* ota_image.c of Actions' SDK. */
static void test_actions_ota(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_fill(&im, 0, 1024);
	put_payload(&im, 1, 2000);
	memcpy(im.p, "AOTA", 4);
	set_le(&im, 8, 0x0100, 2);
	set_le(&im, 10, 1024, 2);
	set_le(&im, 12, 2, 2);
	memcpy(im.p + 0x40, "1.00_2009181200", 15);
	memcpy(im.p + 0x60, "ats2859_dvb", 11);
	for (size_t i = 0; i < 2; i++) {
		uint8_t *f = im.p + 0x200 + 32 * i;
		memcpy(f, i ? "zephyr.bin" : "ota.xml", i ? 10 : 7);
		set_le(&im, 0x210 + 32 * i, 1024 + 500 * i, 4);
		set_le(&im, 0x214 + 32 * i, 500 + 1000 * i, 4);
		set_le(&im, 0x21c + 32 * i, ~crc_raw(~0u, im.p + 1024 + 500 * i, 500 + 1000 * i), 4);
	}
	set_le(&im, 4, ~crc_raw(~0u, im.p + 8, 1016), 4);
	image_open(&t, &actions_ota_format, image_span(&im), im.n);
	assert_field(&t, "version", "1.00_2009181200");
	assert_field(&t, "board", "ats2859_dvb");
	assert_content(&t, "zephyr.bin", im.p + 1524, 1500);
	assert_no_damage(&t);
	walked_close(&t);
	survives_all(&actions_ota_format, &im, 1024);
	image_free(&im);
}

/* github.com/forth32/qtools issue 20: the table of a ZTE modem; its blocks have 128 KiB. The dump ends behind the third partition. */
static void test_qcom_mibib(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint32_t start, blocks;
	} parts[] = { { "0:SBL", 0, 0xa }, { "0:MIBIB", 0xa, 0xa }, { "0:EFS2", 0x14, 0x2c }, { "0:SDI", 0x40, 0x1b },
				  { "0:TZ", 0x5b, 0x1b }, { "0:MBA", 0x76, 6 }, { "0:RPM", 0x7c, 0x1b }, { "0:QDSP", 0x97, 0x196 } };
	const size_t block = 0x20000, n = 0x40 * block, at = 0xa * block;
	uint8_t *p = calloc(1, n);
	struct walked t;
	assert_non_null(p);
	memcpy(p + at, "\xac\x9f\x56\xfe\x7a\x12\x7f\xcd\4\0\0\0\1\0\0\0", 16);
	memcpy(p + at + 0x800, "\xaa\x73\xee\x55\xdb\xbd\x5e\xe3\4\0\0\0\x08\0\0\0", 16);
	for (size_t i = 0; i < 8; i++) {
		uint8_t *e = p + at + 0x810 + 28 * i;
		strcpy((char *)e, parts[i].name);
		memcpy(e + 16, &(uint32_t){ parts[i].start }, 4);
		memcpy(e + 20, &(uint32_t){ parts[i].blocks }, 4);
		memcpy(e + 24, "\xff\1\0\0", 4);
	}
	memset(p + 0x14 * block, 0xa5, 1000);
	uint64_t start = 1;
	assert_true(qcom_mibib_format.locate(span_of(p, n), at, &start));
	assert_int_equal(start, 0);
	image_open(&t, &qcom_mibib_format, span_of(p, n), n);
	assert_field(&t, "block_size", "0x20000");
	assert_field(&t, "partition", "0:SBL: 0xa blocks at 0x0");
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "0:EFS2")->e.offset, 0x14 * block);
	assert_int_equal(walked_get(&t, "0:EFS2")->e.size, 0x2c * block);
	assert_no_damage(&t);
	walked_close(&t);
	/* The partition by itself says no more than its table. */
	assert_true(qcom_mibib_format.locate(span_of(p + at, n - at), 0, &start));
	assert_int_equal(start, 0);
	image_open(&t, &qcom_mibib_format, span_of(p + at, n - at), 0x810 + 28 * 8);
	assert_int_equal(t.n, 0);
	assert_field(&t, "partition", "0:SBL: 0xa blocks at 0x0");
	walked_close(&t);
	seed_keep("format", "qcom_mibib", "", span_of(p + at, 0x900));
	survives_cuts(&qcom_mibib_format, span_of(p + at, 0x900), 300);
	survives_flips(&qcom_mibib_format, span_of(p + at, 0x900), 500, 0);
	p[at + 0x810 + 28 + 16] = 9; /* would begin within the one before it */
	assert_false(qcom_mibib_format.locate(span_of(p, n), at, &start));
	free(p);
}

/* hackinghava.hankswandering.com 2009/06/26: "fis list" of a Hava Titanium. */
static void test_redboot_fis(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint32_t flash, memory, size, entry;
	} images[] = { { "RedBoot", 0x50000000, 0x50000000, 0x60000, 0 },
				   { "zImage", 0x50060000, 0x01600000, 0x100000, 0x01600000 },
				   { "ramdisk", 0x50160000, 0x00800000, 0x380000, 0x00800000 },
				   { "local", 0x504e0000, 0x00800000, 0x200000, 0x00800000 },
				   { "sysconfig", 0x506e0000, 0x506e0000, 0xe0000, 0x00800000 },
				   { "hwconfig", 0x507c0000, 0x507c0000, 0x20000, 0x00800000 },
				   { "extended", 0x507e0000, 0x507e0000, 0x800000, 0x00800000 },
				   { "FIS directory", 0x50fe0000, 0x50fe0000, 0x1f000, 0 },
				   { "RedBoot config", 0x50fff000, 0x50fff000, 0x1000, 0 } };
	const size_t n = 0x1000000, at = 0xfe0000;
	for (int big = 0; big < 2; big++) {
		uint8_t *p = calloc(1, n);
		struct walked t;
		assert_non_null(p);
		struct image table = { p + at, 0 };
		memset(p + at, 0xff, 0x1000);
		for (size_t i = 0; i < 9; i++) {
			table.n = 256 * i;
			memset(table.p + table.n, 0, 256);
			memcpy(table.p + table.n, images[i].name, strlen(images[i].name));
			for (unsigned k = 0; k < 4; k++)
				(big ? set_be : set_le)(&table, table.n + 16 + 4 * k, (&images[i].flash)[k], 4);
		}
		uint64_t start = 1;
		assert_true(redboot_fis_format.locate(span_of(p, n), at + 7 * 256, &start));
		assert_int_equal(start, 0);
		image_open(&t, &redboot_fis_format, span_of(p, n), n);
		assert_field(&t, "flash_base", "0x50000000");
		assert_field(&t, "byte_order", big ? "big" : "little");
		assert_int_equal(walked_get(&t, "ramdisk")->e.offset, 0x160000);
		assert_int_equal(walked_get(&t, "ramdisk")->e.size, 0x380000);
		assert_int_equal(walked_get(&t, "RedBoot config")->e.offset, 0xfff000);
		assert_no_damage(&t);
		walked_close(&t);
		p[at + 3] = 'X';
		assert_false(redboot_fis_format.locate(span_of(p, n), at + 7 * 256, &start));
		free(p);
	}
}

/* A flash of two sectors, for what flipped bits make of it. */
static void test_redboot_fis_small(void **state)
{
	(void)state;
	static const char *const names[] = { "RedBoot", "FIS directory", "rest" };
	struct image im = image_new();
	put_payload(&im, 1, 0x1000);
	for (uint32_t i = 0; i < 3; i++) {
		put_text(&im, names[i], 16, 0);
		put_be(&im, 0xbfc00000 + 0x1000 * i, 4);
		put_be(&im, 0, 4);
		put_be(&im, 0x1000, 4);
		put_fill(&im, 0, 228);
	}
	put_fill(&im, 0xff, 0x1000 - 3 * 256);
	put_payload(&im, 2, 0x1000);
	struct walked t;
	image_open(&t, &redboot_fis_format, image_span(&im), im.n);
	assert_content(&t, "rest", im.p + 0x2000, 0x1000);
	assert_no_damage(&t);
	walked_close(&t);
	survives_all(&redboot_fis_format, &im, 0);
	image_free(&im);
}

/* U-Boot include/imx8image.h: two containers, of which the first one has one image, as NXP's firmware has, the second one two. */
static void test_imx8_container(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_fill(&im, 0, 0x2000);
	put_payload(&im, 1, 0x3000);
	for (size_t c = 0; c < 2; c++) {
		size_t at = 0x400 * c, images = 1 + c, signature = 16 + 128 * images;
		set_le(&im, at + 1, signature + 16, 2);
		im.p[at + 3] = 0x87;
		im.p[at + 11] = (uint8_t)images;
		set_le(&im, at + 12, signature, 2);
		set_le(&im, at + signature + 1, 16, 2);
		im.p[at + signature + 3] = 0x90;
		for (size_t i = 0; i < images; i++) {
			size_t e = at + 16 + 128 * i, from = 0x2000 + 0x1000 * (c + i);
			set_le(&im, e, from - at, 4);
			set_le(&im, e + 4, 0x1000, 4);
			set_le(&im, e + 8, 0x80000000, 8);
			set_le(&im, e + 24, 0x100 | 0x23, 4);
			vendor_digest("sha384", im.p + from, 0x1000, im.p + e + 32);
		}
	}
	image_open(&t, &imx8_container_format, image_span(&im), im.n);
	assert_int_equal(t.n, 3);
	assert_field(&t, "signed", "container 0: no");
	assert_field(&t, "image", "container-0-image-0: core 2, type 3, load 0x80000000");
	assert_content(&t, "container-1-image-1", im.p + 0x4000, 0x1000);
	assert_no_damage(&t);
	walked_close(&t);
	im.p[0x4100] ^= 1;
	image_open(&t, &imx8_container_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_all(&imx8_container_format, &im, 0x600);
	image_free(&im);
}

/* Cypress, "Format of .cyacd File"; the chip's line is that of a CY8C42 (ihex2cyacd). */
static void test_cyacd(void **state)
{
	(void)state;
	struct image im = image_new(), rows = image_new();
	struct walked t;
	put_payload(&rows, 1, 20 * 128);
	put_text(&im, "04C811931100\r\n", 14, 0);
	for (unsigned i = 0; i < 20; i++) {
		uint8_t row[133] = { 0, 0, (uint8_t)(i + 0x39), 0, 128 }, sum = 0;
		char digits[8];
		memcpy(row + 5, rows.p + 128 * i, 128);
		put_text(&im, ":", 1, 0);
		for (size_t k = 0; k < 133; k++) {
			sum = (uint8_t)(sum + row[k]);
			snprintf(digits, sizeof digits, "%02X", row[k]);
			put(&im, digits, 2);
		}
		snprintf(digits, sizeof digits, "%02X\r\n", (uint8_t)-sum);
		put(&im, digits, 4);
	}
	image_open(&t, &cyacd_format, image_span(&im), im.n);
	assert_field(&t, "silicon_id", "0x04c81193");
	assert_content(&t, "array-0-0x00001c80", rows.p, 20 * 128);
	assert_no_damage(&t);
	walked_close(&t);
	im.p[im.n - 10] ^= 1;
	image_open(&t, &cyacd_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_all(&cyacd_format, &im, 0);
	image_free(&im);
	image_free(&rows);
}

/* image.h of the DA1458x's SDK, suota.h of the DA1469x's. */
static void test_dialog_suota(void **state)
{
	(void)state;
	for (int newer = 0; newer < 2; newer++) {
		struct image im = image_new();
		struct walked t;
		size_t code = newer ? 0x400 : 64;
		put_fill(&im, 0, code);
		put_payload(&im, 1, 3000);
		memcpy(im.p, newer ? "\x51\x71" : "\x70\x51\xaa\1", newer ? 2 : 4);
		set_le(&im, newer ? 2 : 4, 3000, 4);
		set_le(&im, newer ? 6 : 8, ~crc_raw(~0u, im.p + code, 3000), 4);
		memcpy(im.p + (newer ? 10 : 12), "6.0.14.1114", 11);
		set_le(&im, newer ? 26 : 28, 1600000000, 4);
		if (newer)
			set_le(&im, 30, code, 4);
		image_open(&t, &dialog_suota_format, image_span(&im), im.n);
		assert_field(&t, "chip", newer ? "DA1469x" : "DA1458x");
		assert_field(&t, "version", "6.0.14.1114");
		assert_content(&t, "code", im.p + code, 3000);
		assert_no_damage(&t);
		walked_close(&t);
		im.p[code] ^= 1;
		walked_open(&t, &dialog_suota_format, image_span(&im));
		assert_false(t.accepted);
		walked_close(&t);
		im.p[code] ^= 1;
		survives_all(&dialog_suota_format, &im, 64);
		image_free(&im);
	}
}

/* anjvision.ksy of binaryanalysis-ng. */
static void test_anjvision(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "ANJOY888", 8);
	put_fill(&im, 0, 56);
	put_payload(&im, 1, 1000);
	put_payload(&im, 2, 2000);
	set_le(&im, 12, im.n, 4);
	set_le(&im, 16, 3, 4);
	set_le(&im, 20, 64, 4);
	set_le(&im, 24, 1000, 4);
	image_open(&t, &anjvision_format, image_span(&im), im.n);
	assert_content(&t, "uboot", im.p + 64, 1000);
	assert_content(&t, "rootfs", im.p + 1064, 2000);
	assert_no_damage(&t);
	walked_close(&t);
	survives_all(&anjvision_format, &im, 64);
	image_free(&im);
}

/* The places of U-Boot and the device tree in the factory's flash of a board with the F133, as a script that packs it gives them. */
static void test_allwinner_toc1(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_text(&im, "sunxi-package", 16, 0);
	put_le(&im, 0x89119800, 4);
	put_le(&im, 0x5f0a6c39, 4);
	put_fill(&im, 0, 8);
	put_le(&im, 2, 4);
	put_le(&im, 0x58000, 4);
	put_fill(&im, 0, 20);
	put(&im, "MIE;", 4);
	static const struct {
		const char *name;
		uint32_t at, n;
	} items[] = { { "u-boot", 0x400, 0x3c000 }, { "dtb", 0x3c400, 0x1a5a7 } };
	for (size_t i = 0; i < 2; i++) {
		put_text(&im, items[i].name, 64, 0);
		put_le(&im, items[i].at, 4);
		put_le(&im, items[i].n, 4);
		put_fill(&im, 0, 64 + 368 * (i + 1) - 4 - im.n);
		put(&im, "IIE;", 4);
	}
	put_fill(&im, 0xff, 0x400 - im.n);
	put_payload(&im, 1, 0x58000 - 0x400);
	uint32_t sum = 0;
	for (size_t i = 0; i < im.n; i++)
		sum += (uint32_t)im.p[i] << 8 * (i % 4);
	set_le(&im, 20, sum, 4);
	image_open(&t, &allwinner_toc1_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_int_equal(t.n, 2);
	assert_content(&t, "u-boot", im.p + 0x400, 0x3c000);
	assert_content(&t, "dtb", im.p + 0x3c400, 0x1a5a7);
	walked_close(&t);
	im.p[0x57fff] ^= 1;
	image_open(&t, &allwinner_toc1_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	image_free(&im);
	im = image_new();
	put_text(&im, "sunxi-package", 16, 0);
	put_le(&im, 0x89119800, 4);
	put_fill(&im, 0, 12);
	put_le(&im, 1, 4);
	put_le(&im, 800, 4);
	put_fill(&im, 0, 20);
	put(&im, "MIE;", 4);
	put_text(&im, "u-boot", 64, 0);
	put_le(&im, 432, 4);
	put_le(&im, 368, 4);
	put_fill(&im, 0, 428 - im.n);
	put(&im, "IIE;", 4);
	put_payload(&im, 1, 368);
	survives_all(&allwinner_toc1_format, &im, 432);
	image_free(&im);
}

/* esptool, ESP8266V2FirmwareImage; the CRC as it is written there. */
static void test_esp8266_v2(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "\xea\4\2\x40", 4);
	put_le(&im, 0x40100004, 4);
	put_le(&im, 0, 4);
	put_le(&im, 320, 4);
	put_payload(&im, 1, 320);
	size_t image = im.n;
	put(&im, "\xe9\2\2\x40", 4);
	put_le(&im, 0x40100004, 4);
	put_le(&im, 0x40100000, 4);
	put_le(&im, 64, 4);
	put_payload(&im, 2, 64);
	put_le(&im, 0x3ffe8000, 4);
	put_le(&im, 20, 4);
	put_payload(&im, 3, 20);
	uint8_t sum = 0xef;
	for (size_t i = 0; i < 64; i++)
		sum ^= im.p[image + 16 + i];
	for (size_t i = 0; i < 20; i++)
		sum ^= im.p[image + 88 + i];
	put_fill(&im, 0, 15 - im.n % 16);
	put_le(&im, sum, 1);
	size_t end = im.n;
	uint32_t crc = ~crc_raw(0xffffffff, im.p, im.n);
	put_le(&im, crc & 0x80000000 ? crc ^ 0xffffffff : crc + 1, 4);
	image_open(&t, &esp8266_v2_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_field(&t, "crc32", "ok");
	assert_content(&t, "flash", im.p + 16, 320);
	assert_content(&t, "image", im.p + image, end - image);
	assert_string_equal(walked_get(&t, "image")->e.format, "esp_image");
	walked_close(&t);
	extern const struct format esp_image_format;
	image_open(&t, &esp_image_format, span_of(im.p + image, end - image), end - image);
	assert_field(&t, "checksum", "ok");
	walked_close(&t);
	im.p[100] ^= 1;
	image_open(&t, &esp8266_v2_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	im.p[100] ^= 1;
	survives_all(&esp8266_v2_format, &im, im.n);
	image_free(&im);
}

/* OpenPST's mbn.h. A SBL with signature and chain, and an APPSBL. */
static void test_qcom_mbn(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put(&im, "\xd1\xdc\x4b\x84\x34\x10\xd7\x73", 8);
	put_le(&im, 0x15, 4);
	put_fill(&im, 0xff, 8);
	const uint32_t fields[] = { 80, 0x2a000000, 2000 + 256 + 600, 2000, 0x2a0007d0, 256, 0x2a0008d0, 600 };
	for (size_t i = 0; i < 8; i++)
		put_le(&im, fields[i], 4);
	put_le(&im, 1, 4);
	put_le(&im, 1, 4);
	put_fill(&im, 0xff, 80 - im.n);
	put_payload(&im, 1, 2856);
	image_open(&t, &qcom_mbn_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_int_equal(t.n, 3);
	assert_content(&t, "code", im.p + 80, 2000);
	assert_content(&t, "signature", im.p + 2080, 256);
	assert_content(&t, "certificates", im.p + 2336, 600);
	assert_field(&t, "signed", "yes");
	walked_close(&t);
	survives_all(&qcom_mbn_format, &im, 80);
	image_free(&im);
	im = image_new();
	put_le(&im, 5, 4);
	put_le(&im, 3, 4);
	put_le(&im, 0, 4);
	const uint32_t plain[] = { 0x41200000, 1256, 1000, 0x412003e8, 256, 0x412004e8, 0 };
	for (size_t i = 0; i < 7; i++)
		put_le(&im, plain[i], 4);
	put_payload(&im, 1, 1256);
	image_open(&t, &qcom_mbn_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_content(&t, "code", im.p + 40, 1000);
	walked_close(&t);
	survives_all(&qcom_mbn_format, &im, 40);
	set_le(&im, 24, 0x412003ec, 4);
	walked_open(&t, &qcom_mbn_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	set_le(&im, 20, 1256, 4); /* without a signature: the whole blob only */
	set_le(&im, 28, 0, 4);
	struct format_match match = { 0 };
	assert_false(qcom_mbn_format.probe(image_span(&im), &match));
	assert_true(qcom_mbn_format.probe_whole(image_span(&im), &match));
	im.n--;
	assert_false(qcom_mbn_format.probe_whole(image_span(&im), &match));
	image_free(&im);
}

/* The segment of hashes of an ELF file (a630_zap.mbn of linux-firmware): of its header, of the hashes, which are zeros, of what follows. */
static void test_mbn_hashes(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	const uint32_t head[] = { 0, 3, 0, 0x6028, 0x1960, 0x60, 0x6088, 0x100, 0x6188, 0x1800 };
	for (size_t i = 0; i < 10; i++)
		put_le(&im, head[i], 4);
	put_payload(&im, 1, 32);
	put_fill(&im, 0, 32);
	put_payload(&im, 2, 32 + 0x100 + 0x1800);
	image_open(&t, &qcom_mbn_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_int_equal(t.n, 3);
	assert_content(&t, "hashes", im.p + 40, 96);
	walked_close(&t);
	image_free(&im);
}

/* hi_upg_file.h of the SDK, with digests as upg_check_secure.c compares them. */
static void test_hi3861_upgrade(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_le(&im, 0x3c78961e, 4);
	put_le(&im, 0, 4);
	put_le(&im, 640, 4);
	put_le(&im, 320 + 1600 + 320, 4);
	put_fill(&im, 0, 32);
	put(&im, "\xf0\1\x42\0", 4);
	put_le(&im, 640 + 320 + 1600 + 320, 4);
	put_le(&im, 288, 4);
	put_le(&im, 0x3fu << 16, 4);
	put_fill(&im, 0, 640 - im.n);
	put_le(&im, 0x3c78961e, 4);
	put_le(&im, 0, 4);
	put_le(&im, 0x3fu << 16, 4);
	put_le(&im, 2, 1);
	put_fill(&im, 0, 27);
	put_le(&im, 0, 4);
	put_le(&im, 960, 4);
	put_le(&im, 1600, 4);
	put_le(&im, 0, 4);
	put_le(&im, 2560, 4);
	put_le(&im, 320, 4);
	put_fill(&im, 0, 960 - im.n);
	put_payload(&im, 1, 1920);
	vendor_digest("sha256", im.p, 384, im.p + 384);
	uint8_t covered[64 + 1920];
	memcpy(covered, im.p + 640, 64);
	memcpy(covered + 64, im.p + 960, 1920);
	vendor_digest("sha256", covered, sizeof covered, im.p + 704);
	image_open(&t, &hi3861_upgrade_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_field(&t, "type", "kernel");
	assert_field(&t, "head_sha256", "ok");
	assert_field(&t, "sections_sha256", "ok");
	assert_content(&t, "section-0", im.p + 960, 1600);
	assert_content(&t, "section-1", im.p + 2560, 320);
	walked_close(&t);
	im.p[2000] ^= 1;
	image_open(&t, &hi3861_upgrade_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	im.p[2000] ^= 1;
	survives_all(&hi3861_upgrade_format, &im, 1024);
	im.p[50] = 0;
	image_open(&t, &hi3861_upgrade_format, image_span(&im), im.n);
	assert_field(&t, "encrypted", "yes");
	assert_content(&t, "encrypted", im.p + 960, 1920);
	walked_close(&t);
	image_free(&im);
}

/* A chunk as zte-config-utility's compression.py writes it, its zlib stream stored. */
static uint32_t put_zte_chunk(struct image *im, const struct image *plain, size_t from, size_t n, uint32_t more, uint32_t crc)
{
	uint32_t a = 1, b = 0;
	put_be(im, n, 4);
	put_be(im, n + 11, 4);
	put_be(im, more, 4);
	size_t begin = im->n;
	put(im, "\x78\x01\x01", 3);
	put_le(im, n, 2);
	put_le(im, ~n & 0xffff, 2);
	put(im, plain->p + from, n);
	for (size_t i = 0; i < n; i++) {
		a = (a + plain->p[from + i]) % 65521;
		b = (b + a) % 65521;
	}
	put_be(im, b << 16 | a, 4);
	return ~crc_raw(~crc, im->p + begin, im->n - begin);
}

static void put_zte_payload(struct image *im, const struct image *plain)
{
	size_t head = im->n;
	put(im, "\1\2\3\4\0\0\0\0", 8);
	put_be(im, plain->n, 4);
	put_be(im, 0, 4);
	put_be(im, 256, 4);
	put_fill(im, 0, 40);
	uint32_t crc = put_zte_chunk(im, plain, 0, 256, 60 + 12 + 267, 0);
	crc = put_zte_chunk(im, plain, 256, plain->n - 256, 0, crc);
	set_be(im, head + 20, crc, 4);
	set_be(im, head + 24, ~crc_raw(~0u, im->p + head, 24), 4);
}

/* So many chunks are followed for a place that has the magic, and no more: there may be as many places as chunks. */
static void test_zte_chunks(void **state)
{
	(void)state;
	for (unsigned n = 1024; n <= 1025; n++) {
		struct image im = image_new();
		struct format_match m = { .size = 0 };
		put(&im, "\1\2\3\4\0\0\0\2", 8);
		put_fill(&im, 0, 52);
		for (unsigned i = 0; i < n; i++) {
			put_be(&im, 16, 4);
			put_be(&im, 16, 4);
			put_be(&im, i + 1 < n, 4);
			put_payload(&im, i, 16);
		}
		assert_int_equal(zte_config_format.probe(image_span(&im), &m), n == 1024);
		image_free(&im);
	}
}

/* compression.py and zte.py of zte-config-utility; the model and the head's numbers are those of its ZXHN H298N. */
static void test_zte(void **state)
{
	(void)state;
	struct image plain = image_new(), db = image_new(), im = image_new();
	struct walked t;
	struct format_match m = { .size = 0 };
	struct buf out = { 0 };
	size_t used = 0;
	for (int i = 0; i < 12; i++)
		put(&plain, "<Tbl name=\"DBBase\" RowCount=\"1\">\n", 33);
	put_zte_payload(&db, &plain);
	assert_true(zte_db_format.probe(image_span(&db), &m));
	assert_int_equal(m.size, db.n);
	struct error e = zte_db_format.unpack(image_span(&db), &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, db.n);
	assert_int_equal(out.n, plain.n);
	assert_memory_equal(out.p, plain.p, plain.n);
	buf_free(&out);
	for (size_t n = 60; n < db.n; n++) {
		struct buf cut = { 0 };
		e = zte_db_format.unpack(span_of(db.p, n), &cut, &used);
		assert_true(error_is(&e));
		buf_free(&cut);
	}
	survives_all(&zte_db_format, &db, 400);
	put(&im, "\x99\x99\x99\x99\x44\x44\x44\x44\x55\x55\x55\x55\xaa\xaa\xaa\xaa", 16);
	static const uint32_t words[28] = { [2] = 4, [11] = 64, [12] = 65536, [13] = 128 };
	for (size_t i = 0; i < 28; i++)
		put_be(&im, words[i], 4);
	put(&im, "\4\3\2\1\0\0\0\0\0\0\0\x0aZXHN H298N", 22);
	put(&im, db.p, db.n);
	set_be(&im, 72, im.n - 128, 4);
	image_open(&t, &zte_config_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_field(&t, "model", "ZXHN H298N");
	assert_field(&t, "encrypted", "no");
	assert_content(&t, "config", db.p, db.n);
	assert_string_equal(walked_get(&t, "config")->e.format, "zte_db");
	walked_close(&t);
	survives_all(&zte_config_format, &im, 220);
	set_be(&im, 72, 81, 4); /* less than signature and head */
	walked_open(&t, &zte_config_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	for (size_t i = 0; i < 28; i++)
		set_le(&im, 16 + 4 * i, words[i], 4);
	set_le(&im, 72, im.n - 128, 4);
	image_open(&t, &zte_config_format, image_span(&im), im.n);
	walked_close(&t);
	image_open(&t, &zte_config_format, span_of(im.p + 128, im.n - 128), im.n - 128);
	assert_content(&t, "config", db.p, db.n);
	walked_close(&t);
	walked_open(&t, &zte_config_format, image_span(&db)); /* that is zte_db's */
	assert_false(t.accepted);
	walked_close(&t);
	im.n = 0;
	put(&im, "\4\3\2\1\0\0\0\0\0\0\0\x05" "F600W", 17);
	put(&im, "\1\2\3\4\0\0\0\2\0\0\0\0\0\0\1\x58\0\1\0\0", 20);
	put_fill(&im, 0, 40);
	put_be(&im, 270, 4);
	put_be(&im, 272, 4);
	put_be(&im, 0, 4);
	put_payload(&im, 1, 272);
	image_open(&t, &zte_config_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_field(&t, "encrypted", "AES");
	assert_content(&t, "encrypted", im.p + 77, 284);
	walked_close(&t);
	image_open(&t, &zte_config_format, span_of(im.p + 17, im.n - 17), im.n - 17);
	walked_close(&t);
	survives_all(&zte_config_format, &im, 90);
	image_free(&im);
	image_free(&db);
	image_free(&plain);
}

/* HMAC-SHA256 under a key of 32 bytes, of what stands in `im` from `from` on, added to it. */
static void put_hmac(struct image *im, const uint8_t *key, size_t from, size_t n)
{
	uint8_t block[64 + 32], *text = malloc(64 + n), inner[32];
	assert_non_null(text);
	for (size_t i = 0; i < 64; i++) {
		text[i] = (i < 32 ? key[i] : 0) ^ 0x36;
		block[i] = (i < 32 ? key[i] : 0) ^ 0x5c;
	}
	memcpy(text + 64, im->p + from, n);
	vendor_digest("sha256", text, 64 + n, inner);
	memcpy(block + 64, inner, 32);
	vendor_digest("sha256", block, sizeof block, inner);
	put(im, inner, 32);
	free(text);
}

/* ltchiptool soc/ambz2/util/models: the head of an image, its table, and a section. */
static void put_z2_head(struct image *im, uint32_t length, uint32_t next, uint8_t type)
{
	put_le(im, length, 4);
	put_le(im, next, 4);
	put_le(im, type, 1);
	put_le(im, 0, 3);
	put_fill(im, 0, 8);
	put_le(im, 100, 4);
	put_fill(im, 0, 8);
	put_fill(im, 0xff, 64);
}

static void put_z2_image(struct image *im, uint8_t type, uint32_t next, uint32_t address, size_t n, unsigned seed)
{
	put_z2_head(im, (uint32_t)(96 + 128 + n), next, type);
	put(im, "\0\0\1\0\0\0\0\0\0\1\2\3\4\5\6\7\0\0\0\0\2\0", 22);
	put_fill(im, 0, 10);
	put_fill(im, 0xff, 48);
	put_fill(im, 0, 16);
	put_le(im, 32 + n, 4);
	put_le(im, 0xffffffff, 4);
	put(im, "\x82\0\0\0\0\0\0\0\0\1\2\3\4\5\6\7", 16);
	put_fill(im, 0, 8);
	put_fill(im, 0xff, 32);
	put_fill(im, 0, 32);
	put_le(im, n, 4);
	put_le(im, address, 4);
	put_fill(im, 0xff, 24);
	put_payload(im, seed, n);
}

static void test_ameba_z2_ota(void **state)
{
	(void)state;
	static const uint8_t key[32] = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
								   "\x18\x19\x1a\x1b\x1c\x1d\x1e\x5f";
	struct image im = image_new(), sig = image_new();
	struct walked t;
	put_fill(&im, 0xff, 224);
	put_z2_image(&im, 2, 0x4000, 0x10000480, 640, 1);
	put(&sig, im.p + 224, 96);
	put_hmac(&sig, key, 0, 96);
	memcpy(im.p, sig.p + 96, 32);
	put_hmac(&im, key, 0, im.n);
	put_fill(&im, 0x87, 224 + 0x4000 - im.n);
	put_z2_image(&im, 8, 0xffffffff, 0x9b000140, 320, 2);
	put_hmac(&im, key, 224 + 0x4000, im.n - 224 - 0x4000);
	put_fill(&im, 0x87, (64 - im.n % 64) % 64);
	uint32_t sum = 0;
	for (size_t i = 0; i < im.n; i++)
		sum += im.p[i];
	put_le(&im, sum, 4);
	image_open(&t, &ameba_z2_ota_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_int_equal(t.n, 2);
	assert_field(&t, "key", "the published one");
	assert_content(&t, "fwhs-s-0x10000480", im.p + 544, 640);
	assert_content(&t, "xip-0x9b000140", im.p + 544 + 0x4000, 320);
	walked_close(&t);
	im.p[600] ^= 1;
	walked_open(&t, &ameba_z2_ota_format, image_span(&im));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	im.p[600] ^= 1;
	survives_all(&ameba_z2_ota_format, &im, 600);
	image_free(&sig);
	image_free(&im);
}

/* The places of AN0500, the ROM's key as a dump of a Meross device's ROM has it. */
static void test_ameba_z2_flash(void **state)
{
	(void)state;
	static const uint8_t key[32] = "\x47\xE5\x66\x13\x35\xA4\xC5\xE0\xA9\x4D\x69\xF3\xC7\x37\xD5\x4F\x23\x83\x79\x13\x32\x93\x97\x53"
								   "\xEF\x24\x27\x96\x08\xF6\xD7\x2B";
	struct image im = image_new();
	struct walked t;
	static const uint32_t records[][3] = { { 0x4000, 0x8000, 1 }, { 0xc000, 0x1000, 5 }, { 0xd000, 0x1000, 6 } };
	put(&im, "\x99\x99\x96\x96\x3f\xcc\x66\xfc\xc0\x33\xcc\x03\xe5\xdc\x31\x62", 16);
	put_fill(&im, 0xff, 16 + 64);
	put_z2_head(&im, 32 + 3 * 64, 0xffffffff, 0);
	put(&im, "\xf0\xf0\0\0\2\1\2", 7);
	put_fill(&im, 0, 8);
	put_le(&im, 2, 1);
	put_fill(&im, 0, 16);
	for (size_t i = 0; i < 3; i++) {
		put_le(&im, records[i][0], 4);
		put_le(&im, records[i][1], 4);
		put_le(&im, records[i][2], 1);
		put_fill(&im, 0, 23);
		put_fill(&im, 0xff, 32);
	}
	put_hmac(&im, key, 32, im.n - 32);
	size_t table = im.n;
	put_fill(&im, 0xff, 0x4000 - im.n);
	put_payload(&im, 1, 0xa000);
	image_open(&t, &ameba_z2_flash_format, image_span(&im), im.n);
	assert_no_damage(&t);
	assert_int_equal(t.n, 3);
	assert_field(&t, "table_hmac", "ok");
	assert_content(&t, "boot", im.p + 0x4000, 0x8000);
	assert_content(&t, "fw1", im.p + 0xc000, 0x1000);
	assert_content(&t, "fw2", im.p + 0xd000, 0x1000);
	walked_close(&t);
	im.p[0xc1] ^= 1;
	image_open(&t, &ameba_z2_flash_format, image_span(&im), im.n);
	assert_field(&t, "table_hmac", "not by the ROM's key");
	walked_close(&t);
	im.p[0xc1] ^= 1;
	im.n = 0x4400;
	walked_open(&t, &ameba_z2_flash_format, image_span(&im));
	assert_int_equal(walked_damage(&t, "truncated"), 3);
	walked_close(&t);
	survives_all(&ameba_z2_flash_format, &im, table);
	image_free(&im);
}

/* Two files that are all of the package: each is the package again, and has two. One is enough. */
static void test_overlapping_parts(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_fill(&im, 0, 3000);
	memcpy(im.p, "AOTA", 4);
	set_le(&im, 10, 1024, 2);
	set_le(&im, 12, 2, 2);
	for (size_t at = 0x200; at < 0x240; at += 32) {
		memcpy(im.p + at, at == 0x200 ? "a.bin" : "b.bin", 5);
		set_le(&im, at + 20, im.n, 4);
	}
	set_le(&im, 4, ~crc_raw(~0u, im.p + 8, 1016), 4);
	image_open(&t, &actions_ota_format, image_span(&im), im.n);
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
	image_free(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beken_application),
		cmocka_unit_test(test_beken_flash),
		cmocka_unit_test(test_realtek_ameba),
		cmocka_unit_test(test_realtek_ameba_d),
		cmocka_unit_test(test_bouffalo),
		cmocka_unit_test(test_bouffalo_loader),
		cmocka_unit_test(test_overlapping_parts),
		cmocka_unit_test(test_bcl_sum),
		cmocka_unit_test(test_mbn_hashes),
		cmocka_unit_test(test_zte_chunks),
		cmocka_unit_test(test_novatek_padding),
		cmocka_unit_test(test_winner_micro),
		cmocka_unit_test(test_winner_micro_places),
		cmocka_unit_test(test_xradio),
		cmocka_unit_test(test_tuya_ug),
		cmocka_unit_test(test_huawei_app),
		cmocka_unit_test(test_unisoc_pac),
		cmocka_unit_test(test_mediatek_gfh),
		cmocka_unit_test(test_novatek_pack),
		cmocka_unit_test(test_novatek_bcl),
		cmocka_unit_test(test_dhtb),
		cmocka_unit_test(test_actions_ota),
		cmocka_unit_test(test_qcom_mibib),
		cmocka_unit_test(test_redboot_fis),
		cmocka_unit_test(test_redboot_fis_small),
		cmocka_unit_test(test_imx8_container),
		cmocka_unit_test(test_cyacd),
		cmocka_unit_test(test_dialog_suota),
		cmocka_unit_test(test_anjvision),
		cmocka_unit_test(test_allwinner_toc1),
		cmocka_unit_test(test_esp8266_v2),
		cmocka_unit_test(test_qcom_mbn),
		cmocka_unit_test(test_hi3861_upgrade),
		cmocka_unit_test(test_zte),
		cmocka_unit_test(test_ameba_z2_ota),
		cmocka_unit_test(test_ameba_z2_flash),
	};
	return cmocka_run_group_tests_name("vendor_chips", tests, NULL, NULL);
}
