/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tclinux, huawei_hwnp, rt_ota, program_store, reolink_pak, netgear_dni, tplink_cloud, uimage, bcm_tag: headers of real devices, as people have
 * dumped them in public; each says where. What stands behind them is made here, and sums over it are put right. */
#include "vendor_image.h"

extern const struct format tclinux_format, huawei_hwnp_format, program_store_format, reolink_pak_format, netgear_dni_format,
	tplink_cloud_format, rt_ota_format, uimage_format, bcm_tag_format, netgear_chk_format, trx_format,
	uf2_format, nxp_jn516x_format, zigbee_ota_format;

#define MIB ((size_t)1 << 20)

/* The header, and zeros up to `n` bytes of image. */
static uint8_t *image_of(const void *header, size_t size, size_t n)
{
	uint8_t *p = calloc(1, n);
	assert_non_null(p);
	memcpy(p, header, size);
	return p;
}

static void be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* github.com/vasvir/tcrevenge issue 1: a router with a TC3262 or its like. */
static void test_tclinux(void **state)
{
	(void)state;
	static const uint8_t header[256] =
		"2RDH\x00\x00\x01\x00\x00\xad\xb3\x73\xad\xd5\xdb\xd1"
		"7.0.1.0\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"5VMDDRA5\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\x00\x10\xf2\x73\x00\x9c\xc0\x00\0\0\0\0"
		"6300NZL\n";
	const size_t n = 0xadb373;
	uint8_t *p = image_of(header, sizeof header, n);
	struct walked t;
	image_open(&t, &tclinux_format, span_of(p, n), n);
	assert_field(&t, "version", "7.0.1.0");
	assert_field(&t, "customer version", "5VMDDRA5");
	assert_field(&t, "model", "6300NZL");
	assert_field(&t, "crc32", "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 2);
	assert_int_equal(walked_get(&t, "kernel")->e.offset, 256);
	assert_int_equal(walked_get(&t, "rootfs")->e.offset, 0x10f373);
	assert_int_equal(walked_get(&t, "rootfs")->e.size, 0x9cc000);
	walked_close(&t);
	be32(p + 12, crc_raw(~0u, p + 256, n - 256));
	image_open(&t, &tclinux_format, span_of(p, n), n);
	assert_field(&t, "crc32", "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	image_open(&t, &tclinux_format, span_of(p, n - MIB), n);
	assert_field(&t, "crc32", "not checked");
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	free(p);
}

/* OpenWrt firmware-utils src/zytrx.c: the fields of Zyxel's NR7101, of one image alone. */
static void test_tclinux_alone(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "0RDH", 4);
	put_be(&im, 380, 4);
	put_be(&im, 380 + 3000, 4);
	put_be(&im, 0, 4);
	put_text(&im, "5.0.0.0\n", 32, 0);
	put_text(&im, "\n", 32, 0);
	put_be(&im, 3000, 4);
	put_fill(&im, 0, 12);
	put_text(&im, "3 6035 122 0\n", 164, 0);
	put_text(&im, "MT7621A", 8, 0);
	put_text(&im, "NR7101", 16, 0);
	put_fill(&im, 0, 380 - im.n);
	put_payload(&im, 3, 3000);
	set_be(&im, 12, crc_raw(~0u, im.p + 380, 3000), 4);
	for (int named = 1; named >= 0; named--) {
		struct walked t;
		set_be(&im, 80, named ? 3000 : 0, 4);
		image_open(&t, &tclinux_format, image_span(&im), im.n);
		assert_field(&t, "version", "5.0.0.0");
		assert_field(&t, "model", "3 6035 122 0");
		assert_field(&t, "crc32", "ok");
		assert_int_equal(t.n, 1);
		assert_content(&t, "kernel", im.p + 380, 3000);
		walked_close(&t);
	}
	survives_all(&tclinux_format, &im, 256);
	image_free(&im);
}

/* github.com/logon84/Hacking_Huawei_HG8012H_ONT issue 5: an update of the HG8012H; the products and the first items are those that
 * HuaweiFirmwareTool's README lists for the HG8245's. The size of the table is the one that 11 items make. */
static const uint8_t hwnp_header[] = "HWNP\x00\x4c\x19\x9c\x28\xb7\x09\x68\x9c\x10\x00\x00\x52\x66\x3f\x6b\x0b\x00\x00\x00"
									 "\0\0\x00\x01\x68\x01\0\0\0\0\0\0"
									 "494|4B4|534|5D4|614|;COMMON|CMCC|";

#define HWNP_SIZE (0x4c199cu + 0x4cu)

static uint8_t *make_hwnp(void)
{
	static const char *const items[] = { "file:/var/UpgradeCheck.xml", "UPGRDCHECK", "flash:flash_config", "FLASH_CONFIG",
										 "file:/var/hw_flashcfg_256.xml", "FLASH_CONFIG1" };
	uint8_t *p = image_of(hwnp_header, sizeof hwnp_header, HWNP_SIZE);
	for (uint32_t i = 0; i < 11; i++) {
		uint8_t *item = p + 36 + 256 + 360 * i;
		uint32_t at = 0x109c + 1000 * i, n = i < 10 ? 1000 : HWNP_SIZE - at;
		memset(p + at, (int)i + 1, 1000);
		le32(item, i);
		le32(item + 4, ~crc_raw(~0u, p + at, n));
		le32(item + 8, at);
		le32(item + 12, n);
		snprintf((char *)item + 16, 256, "%s%.0u", i < 3 ? items[2 * i] : "flash:rootfs", i < 3 ? 0 : i);
		snprintf((char *)item + 272, 16, "%s", i < 3 ? items[2 * i + 1] : "ROOTFS");
		snprintf((char *)item + 288, 64, "V300R015C10SPC130");
	}
	return p;
}

static void test_hwnp(void **state)
{
	(void)state;
	uint8_t *p = make_hwnp();
	struct walked t;
	image_open(&t, &huawei_hwnp_format, span_of(p, HWNP_SIZE), HWNP_SIZE);
	assert_field(&t, "items", "11");
	assert_field(&t, "products", "494|4B4|534|5D4|614|;COMMON|CMCC|");
	assert_field(&t, "item", "UPGRDCHECK: file:/var/UpgradeCheck.xml");
	assert_field(&t, "version", "V300R015C10SPC130");
	assert_field(&t, "hdr_crc32", "mismatch");
	assert_int_equal(t.n, 11);
	assert_content(&t, "flash:flash_config", p + 0x109c + 1000, 1000);
	walked_close(&t);
	le32(p + 16, ~crc_raw(~0u, p + 20, 0x109c - 20));
	le32(p + 8, ~crc_raw(~0u, p + 12, HWNP_SIZE - 12));
	image_open(&t, &huawei_hwnp_format, span_of(p, HWNP_SIZE), HWNP_SIZE);
	assert_field(&t, "hdr_crc32", "ok");
	assert_field(&t, "raw_crc32", "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	p[0x109c] ^= 1;
	image_open(&t, &huawei_hwnp_format, span_of(p, HWNP_SIZE), HWNP_SIZE);
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);
	p[20] = 12; /* that is not the number of items that the table's size makes */
	walked_open(&t, &huawei_hwnp_format, span_of(p, HWNP_SIZE));
	assert_false(t.accepted);
	walked_close(&t);
	p[20] = 11;
	survives_cuts(&huawei_hwnp_format, span_of(p, 0x5000), 100);
	survives_flips(&huawei_hwnp_format, span_of(p, 0x5000), 300, 0x109c);
	free(p);
}

/* Boot logs of two cable modems with the BCM3383 tell all fields of the header and the sums of it (e749, 2f06), which prove the order of
 * the fields: signature 3383, built 2015/11/26 08:47:57; signature 7315, built 2020/10/29 17:49:35. */
static void test_program_store(void **state)
{
	(void)state;
	static const struct {
		uint16_t signature, hcs;
		uint32_t time, length, crc;
		const char *said;
	} modems[] = { { 0x3383, 0xe749, 1448527677, 1692841, 0x175b753f, "0x3383" }, { 0x7315, 0x2f06, 1603993775, 5140033, 0x02116e82, "0x7315" } };
	for (size_t i = 0; i < 2; i++) {
		uint8_t header[92] = { (uint8_t)(modems[i].signature >> 8), (uint8_t)modems[i].signature, 0, 5, 0, 3, 0, 0 };
		be32(header + 8, modems[i].time);
		be32(header + 12, modems[i].length);
		be32(header + 16, 0x80004000);
		memcpy(header + 20, "ecram_sto.bin", 13);
		header[84] = (uint8_t)(modems[i].hcs >> 8);
		header[85] = (uint8_t)modems[i].hcs;
		be32(header + 88, modems[i].crc);
		size_t n = sizeof header + modems[i].length;
		uint8_t *p = image_of(header, sizeof header, n);
		struct walked t;
		image_open(&t, &program_store_format, span_of(p, n), n);
		assert_field(&t, "signature", modems[i].said);
		assert_field(&t, "compression", "lzma");
		assert_field(&t, "version", "3.0");
		assert_field(&t, "load", "0x80004000");
		assert_field(&t, "crc", "mismatch");
		assert_int_equal(walked_get(&t, "ecram_sto.bin")->e.size, modems[i].length);
		assert_string_equal(walked_get(&t, "ecram_sto.bin")->e.format, "lzma");
		walked_close(&t);
		be32(p + 88, ~crc_raw(~0u, p + 92, n - 92));
		image_open(&t, &program_store_format, span_of(p, n), n);
		assert_field(&t, "crc", "ok");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		p[85] ^= 1;
		walked_open(&t, &program_store_format, span_of(p, n));
		assert_false(t.accepted);
		walked_close(&t);
		p[85] ^= 1;
		survives_cuts(&program_store_format, span_of(p, 300), 100);
		survives_flips(&program_store_format, span_of(p, 300), 300, 92);
		free(p);
	}
}

struct section {
	const char *name, *version;
	uint32_t at, n;
};

/* github.com/vmallet/pakler pull request 3: IPC_5158MP8M.17_20042201.D800.IMX317.8MP.REOLINK.pak up to the file system. */
static const struct section sections[11] = {
	{ "loader", "v1.0.0.1", 0x610, 0x8000 },
	{ "ext", "v1.0.0.1", 0x8610, 0xa28 },
	{ "uitron", "v1.0.0.1", 0x9038, 0xd624c },
	{ "uboot", "v1.0.0.1", 0xdf284, 0x4073c },
	{ "", "", 0x11f9c0, 0 },
	{ "kernel", "v1.0.0.1", 0x11f9c0, 0x17d882 },
	{ "fs", "v1.0.0.1", 0x29d242, 0x28a000 },
	{ "", "", 0x527242, 0 },
	{ "", "", 0x527242, 0 },
	{ "", "", 0x527242, 0 },
	{ "", "", 0x527242, 0 },
};

#define PAK_SIZE 0x527242u

static uint8_t *make_pak(bool wide)
{
	uint32_t entry = wide ? 72 : 64, first = wide ? 24 : 12, moved = wide ? 12 + 11 * 8 : 0, width = wide ? 8 : 4;
	uint8_t *p = calloc(1, PAK_SIZE + moved);
	assert_non_null(p);
	memcpy(p, "\x13\x59\x72\x32", 4);
	le32(p + (wide ? 8 : 4), 0x5a5a9a01);
	le32(p + (wide ? 16 : 8), 0x2602);
	for (uint32_t i = 0; i < 11; i++) {
		uint8_t *s = p + first + entry * i, *partition = p + first + entry * 11 + 76 * i;
		strcpy((char *)s, sections[i].name);
		strcpy((char *)s + 32, sections[i].version);
		le32(s + 56, sections[i].at + moved);
		le32(s + 56 + width, sections[i].n);
		strcpy((char *)partition, sections[i].name);
		snprintf((char *)partition + 36, 32, "/dev/mtd%u", i);
		le32(partition + 68, 0x10000 * i);
		le32(partition + 72, 0x20000);
	}
	return p;
}

static void test_reolink_pak(void **state)
{
	(void)state;
	for (int wide = 0; wide < 2; wide++) {
		uint8_t *p = make_pak(wide);
		uint32_t moved = wide ? 100 : 0, n = PAK_SIZE + moved, table = wide ? 24 : 12;
		struct walked t;
		image_open(&t, &reolink_pak_format, span_of(p, n), n);
		assert_field(&t, "crc32", "mismatch");
		assert_field(&t, "version", "loader: v1.0.0.1");
		assert_field(&t, "partition", "loader: /dev/mtd0, 0x20000 bytes at 0x0");
		assert_int_equal(t.n, 6);
		assert_int_equal(walked_get(&t, "kernel")->e.offset, 0x11f9c0 + moved);
		assert_int_equal(walked_get(&t, "fs")->e.size, 0x28a000);
		walked_close(&t);
		uint32_t crc = crc_raw(0, p + 0x610 + moved, PAK_SIZE - 0x610);
		crc = crc_raw(crc, "\2\0\0\0", 4);
		le32(p + (wide ? 8 : 4), crc_raw(crc, p + table, 11 * (wide ? 72 : 64)));
		image_open(&t, &reolink_pak_format, span_of(p, n), n);
		assert_field(&t, "crc32", "ok");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&reolink_pak_format, span_of(p, 0x2000), 100);
		survives_flips(&reolink_pak_format, span_of(p, 0x2000), 300, 0x610);
		free(p);
	}
}

/* The header of NETGEAR's BR500, from a comment in its sources (image header format exp). */
static void test_netgear_dni(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_text(&im, "device:BR500\nversion:V1.0.2.52\nregion:\nhd_id:29764958+0+128+1024+0+0\n", 128, 0);
	put_payload(&im, 5, 4000);
	uint8_t sum = 0xff;
	for (size_t i = 0; i < im.n; i++)
		sum = (uint8_t)(sum - im.p[i]);
	put_fill(&im, sum, 1);
	image_open(&t, &netgear_dni_format, image_span(&im), im.n);
	assert_field(&t, "device", "BR500");
	assert_field(&t, "version", "V1.0.2.52");
	assert_field(&t, "hd_id", "29764958+0+128+1024+0+0");
	assert_field(&t, "checksum", "ok");
	assert_content(&t, "firmware", im.p + 128, 4000);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	im.p[126] = 0x12; /* as mkdniimg of devices with RootfsSize: marks it */
	im.p[127] = 0x32;
	image_open(&t, &netgear_dni_format, image_span(&im), im.n);
	assert_field(&t, "checksum", "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	im.p[100] = 'x';
	walked_open(&t, &netgear_dni_format, image_span(&im));
	assert_false(t.accepted);
	walked_close(&t);
	im.p[100] = 0;
	survives_all(&netgear_dni_format, &im, 128);
	image_free(&im);
}

#define AX55_SIZE 39195280u

/* ax55v1-up-all-ver1-5-11-P1[20251119-rel49503], deciphered (SHA-256 a8e90ac1f8e6364b094a65beb2c5b977953c07084c8b99d9608eb26c9160e068),
 * as the README of a repacking tool for the Archer AX55 shows it: the heads of the chain, the ends of the list, the version, and the first
 * header of the UBI image, which begins where the chain ends. */
static uint8_t *make_ax55(void)
{
	uint8_t *p = calloc(1, AX55_SIZE);
	assert_non_null(p);
	memcpy(p, "\x02\x56\x12\x90\x2f\x74\x6d\xd5\xf4\x62\xd5\x11\xf0\x73\xfc\x40\xf6\xd5\xdc\x90"
			  "fw-type:Cloud\n",
		   34);
	memset(p + 0x320, 0xff, 0x1014 - 0x320);
	memcpy(p + 0x1014, "support-list", 12);
	memcpy(p + 0x1034, "\x00\x00\x00\x2c\x00\x00\x01\xff\x00\x00\x01\xd3", 12);
	static const char *const ids[] = { "55530000", "45550000", "43410000", "54570000", "4A500000", "52550000", "53470000" };
	char *list = (char *)p + 0x1040;
	int n = sprintf(list, "SupportList:\n");
	for (size_t i = 0; i < 7; i++)
		n += sprintf(list + n, "%s{product_name:Archer AX55,product_ver:1.0.0,special_id:%s}", i ? "\n" : "", ids[i]);
	assert_int_equal(n, 0x1d3);
	memcpy(p + 0x1213, "soft-version\0", 13);
	memcpy(p + 0x1233, "\x00\x00\x02\x2b\x00\x00\x00\x00\x00\x00\x00\x51", 12);
	memcpy(p + 0x123f, "soft_ver:1.5.11 Build 20251119 rel.49503\nfw_id:46DE36D340145C8EB19138BBB0175430\n\n", 0x51);
	memcpy(p + 0x1290, "UBI#\x01\0\0\0\0\0\0\0\0\0\0\0\x00\x00\x08\x00\x00\x00\x10\x00\x7e\xa7\x0d\xc2", 28);
	return p;
}

static void test_tplink_cloud(void **state)
{
	(void)state;
	uint8_t *p = make_ax55();
	struct walked t;
	image_open(&t, &tplink_cloud_format, span_of(p, AX55_SIZE), AX55_SIZE);
	assert_field(&t, "vendor", "fw-type:Cloud");
	assert_field(&t, "support-list", "{product_name:Archer AX55,product_ver:1.0.0,special_id:55530000}");
	assert_field(&t, "soft-version", "soft_ver:1.5.11 Build 20251119 rel.49503");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 3);
	assert_int_equal(walked_get(&t, "firmware")->e.offset, 0x1290);
	assert_int_equal(walked_get(&t, "firmware")->e.size, AX55_SIZE - 0x1290);
	assert_string_equal(walked_get(&t, "firmware")->e.format, "ubi");
	assert_memory_equal(walked_get(&t, "firmware")->content.p, "UBI#", 4);
	walked_close(&t);
	p[0x103a] ^= 1; /* the next one begins behind a gap */
	walked_open(&t, &tplink_cloud_format, span_of(p, AX55_SIZE));
	assert_false(t.accepted);
	walked_close(&t);
	p[0x103a] ^= 1;
	survives_cuts(&tplink_cloud_format, span_of(p, 0x2000), 200);
	survives_flips(&tplink_cloud_format, span_from(span_of(p, 0x2000), 0), 500, 0);
	free(p);
}

/* README of rt-fota, an updater of RT-Thread: what "fota show fm_area 0 96" prints of a package of the version 1.0.6, whose CRC
 * of the header verifies. */
static void test_rt_ota(void **state)
{
	(void)state;
	static const uint8_t header[] = "RBL\0\x00\x02\x00\x00\x5e\xa9\xa4\x5d"
									"app\0\0\0\0\0\0\0\0\0\0\0\0\0"
									"1.0.6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
									"1.0.6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
									"\x43\x33\x29\x0a\x47\x08\xf6\xda\x84\xbb\x00\x00\x1c\x84\x00\x00\xc4\x3d\xe3\xb5";
	const size_t n = 96 + 0x841c;
	uint8_t *p = image_of(header, 96, n);
	struct walked t;
	image_open(&t, &rt_ota_format, span_of(p, n), n);
	assert_field(&t, "name", "app");
	assert_field(&t, "version", "1.0.6");
	assert_field(&t, "compression", "quicklz");
	assert_field(&t, "cipher", "none");
	assert_field(&t, "time", "1571072350");
	assert_field(&t, "raw size", "48004");
	assert_field(&t, "crc32", "mismatch");
	assert_int_equal(walked_get(&t, "app")->e.size, 0x841c);
	walked_close(&t);
	p[5] = 0; /* stored, then enciphered */
	for (int ciphered = 0; ciphered < 2; ciphered++) {
		uint32_t hash = 0x811c9dc5;
		for (size_t i = 96; i < n; i++)
			hash = (hash ^ p[i]) * 0x01000193;
		p[4] = ciphered ? 2 : 0;
		le32(p + 76, ~crc_raw(~0u, p + 96, n - 96));
		le32(p + 80, hash);
		le32(p + 92, ~crc_raw(~0u, p, 92));
		image_open(&t, &rt_ota_format, span_of(p, n), n);
		assert_field(&t, "crc32", "ok");
		assert_field(&t, "cipher", ciphered ? "aes256" : "none");
		if (!ciphered)
			assert_field(&t, "hash", "ok");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), ciphered);
		assert_int_equal(walked_damage(&t, "encrypted"), ciphered);
		walked_close(&t);
	}
	survives_cuts(&rt_ota_format, span_of(p, n), 100);
	survives_flips(&rt_ota_format, span_of(p, n), 300, 96);
	free(p);
}

/* U-Boot headers, dumped from flash: of a set-top box with MStar's MSD7816, of the boot loader Breed for the MT7621 (whose name gives its
 * last 16 bytes to other fields), of Bitmain's Antminer (a name of 32 bytes without an end). */
static void test_uimage(void **state)
{
	(void)state;
	static const struct {
		uint8_t header[64];
		const char *name, *os, *arch, *type, *compression, *load;
	} dumps[] = {
		{ "\x27\x05\x19\x56\x8e\x8c\xc5\x81\x61\xb9\xfe\x38\x00\x04\xf7\x22\x87\x5f\x01\x80\x87\x5f\x06\x00\x7b\x13\x27\xd5\x11\x05\x02\x03"
		  "MStar MSD7816 U-Boot",
		  "MStar MSD7816 U-Boot", "u-boot", "mips", "kernel", "lzma", "0x875f0180" },
		{ "\x27\x05\x19\x56\x2c\xd9\xc1\x6a\x62\xdc\x1d\x47\x00\x02\x17\xe2\xa0\x20\x10\x00\xa0\x20\x10\x00\xdf\x0a\x27\x9a\x05\x05\x01\x00"
		  "Breed MT7621\0\0\0\0\x00\x00\x00\x40\x00\x00\x40\x00\x00\x00\x00\x00\x01\x99\xa3\x92",
		  "Breed MT7621", "linux", "mips", "standalone", "none", "0xa0201000" },
		{ "\x27\x05\x19\x56\xe4\x7b\xb6\x14\x58\xf6\xed\x5a\x00\xa2\x0f\xba\x00\x00\x00\x00\x00\x00\x00\x00\xa3\x6b\xf6\xd2\x05\x02\x03\x01"
		  "Angstrom-antminer_m-eglibc-ipk-v",
		  "Angstrom-antminer_m-eglibc-ipk-v", "linux", "arm", "ramdisk", "gzip", "0x00000000" },
	};
	for (size_t i = 0; i < sizeof dumps / sizeof dumps[0]; i++) {
		struct walked t;
		walked_open(&t, &uimage_format, span_of(dumps[i].header, 64));
		assert_true(t.accepted);
		assert_field(&t, "name", dumps[i].name);
		assert_field(&t, "os", dumps[i].os);
		assert_field(&t, "arch", dumps[i].arch);
		assert_field(&t, "type", dumps[i].type);
		assert_field(&t, "comp", dumps[i].compression);
		assert_field(&t, "load", dumps[i].load);
		assert_field(&t, "header_crc", "ok");
		assert_null(walked_header(&t, "magic"));
		walked_close(&t);
	}
}

/* The magics of OpenWrt's target/linux: NETGEAR's WNDR4300 (NETGEAR_KERNEL_MAGIC 0x33373033) and GS750E (0x174e4741), Zyxel's GS1900
 * (UIMAGE_MAGIC 0x83800000), the loader that OpenWrt puts between (IH_MAGIC_OKLI). */
static void test_uimage_magics(void **state)
{
	(void)state;
	static const struct {
		uint32_t magic;
		const char *said;
	} magics[] = { { 0x33373033, "0x33373033" }, { 0x174e4741, "0x174e4741" }, { 0x83800000, "0x83800000" }, { 0x4f4b4c49, "0x4f4b4c49" } };
	for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
		struct image im = image_new();
		struct walked t;
		put_be(&im, magics[i].magic, 4);
		put_be(&im, 0, 4);
		put_be(&im, 1548000000, 4);
		put_be(&im, 2000, 4);
		put_be(&im, 0x80060000, 4);
		put_be(&im, 0x80060000, 4);
		put_be(&im, 0, 4);
		put(&im, "\5\5\2\3", 4);
		put_text(&im, "MIPS OpenWrt Linux-4.14.95", 32, 0);
		put_payload(&im, 1, 2000);
		set_be(&im, 24, ~crc_raw(~0u, im.p + 64, 2000), 4);
		set_be(&im, 4, ~crc_raw(~0u, im.p, 64), 4);
		image_open(&t, &uimage_format, image_span(&im), im.n);
		assert_field(&t, "magic", magics[i].said);
		assert_field(&t, "data_crc", "ok");
		assert_content(&t, "kernel", im.p + 64, 2000);
		walked_close(&t);
		im.p[40] ^= 1;
		walked_open(&t, &uimage_format, image_span(&im));
		assert_false(t.accepted);
		walked_close(&t);
		survives_all(&uimage_format, &im, 64);
		image_free(&im);
	}
}

/* A DSL router with the BCM6368, dumped by its boot loader (the example in a script that reads such dumps, dm b8020000 160). The dump ends
 * before the CRC of the header, which is put here. */
static void test_bcm_tag(void **state)
{
	(void)state;
	static const uint8_t header[256] =
		"6\0\0\0Broadcom Corporatio\0ver. 2.0\0\0\0\0\0\0"
		"6368\0\0"
		"96368MVWG\0\0\0\0\0\0\0"
		"1\0"
		"4062980\0\0\0"
		"0\0\0\0\0\0\0\0\0\0\0\0"
		"0\0\0\0\0\0\0\0\0\0"
		"3217162496\0\0"
		"2601528\0\0\0"
		"3217162496\0\0"
		"1461452\0\0\0"
		"2";
	const size_t n = 256 + 4062980;
	uint8_t *p = image_of(header, sizeof header, n);
	be32(p + 236, crc_raw(~0u, p, 236));
	struct walked t;
	image_open(&t, &bcm_tag_format, span_of(p, n), n);
	assert_field(&t, "board_id", "96368MVWG");
	assert_field(&t, "chip_id", "6368");
	assert_field(&t, "total_length", "4062980");
	assert_int_equal(walked_get(&t, "rootfs")->e.size, 2601528);
	assert_int_equal(walked_get(&t, "kernel")->e.offset, 256 + 2601528);
	assert_int_equal(walked_get(&t, "kernel")->e.size, 1461452);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free(p);
}

/* R8000-V1.0.4.12_10.1.46.chk, as notes on its versions dump it: the version's parts stand in the bytes behind 01. */
static void test_netgear_chk(void **state)
{
	(void)state;
	static const uint8_t header[] = "*#$^\x00\x00\x00\x3a\x01\x01\x00\x04\x0c\x0a\x01\x2e\xd4\x14\x1a\x81\x00\x00\x00\x00"
									"\x01\xde\x60\x00\x00\x00\x00\x00\xd4\x14\x1a\x81\xfc\x71\x0a\x4bU12H315T00_NETGEAR"
									"HDR0\x00\x60\xde\x01\x99\x45\x54\xb0\x00\x00\x01\x00\x1c\x00\x00\x00";
	const size_t n = 58 + 0x1de6000;
	uint8_t *p = image_of(header, sizeof header - 1, n);
	struct walked t;
	image_open(&t, &netgear_chk_format, span_of(p, n), n);
	assert_field(&t, "board_id", "U12H315T00_NETGEAR");
	assert_field(&t, "version", "1.0.4.12_10.1.46");
	assert_int_equal(walked_get(&t, "kernel")->e.offset, 58);
	assert_int_equal(walked_get(&t, "kernel")->e.size, 0x1de6000);
	walked_close(&t);
	free(p);
}

/* The stock image of Beeline's SmartBox Flash (1.0.15), whose header a table in OpenWrt's pull request 4922 tells byte for byte. */
static void test_trx_of_arcadyan(void **state)
{
	(void)state;
	static const uint8_t header[] = "]Cot\x00\x70\xff\x00\x72\xb3\x93\x16\x00\x00\x01\x00\x1c\x00\x00\x00\x00\x00\x42\x00\x00\x00\x00\x00";
	const size_t n = 0xff7000;
	uint8_t *p = image_of(header, 28, n);
	struct walked t;
	image_open(&t, &trx_format, span_of(p, n), n);
	assert_field(&t, "version", "1");
	assert_field(&t, "offset[1]", "0x420000");
	assert_field(&t, "crc32", "mismatch");
	assert_int_equal(walked_get(&t, "partition-0")->e.offset, 28);
	assert_int_equal(walked_get(&t, "partition-1")->e.size, n - 0x420000);
	walked_close(&t);
	le32(p + 8, crc_raw(~0u, p + 12, n - 12));
	image_open(&t, &trx_format, span_of(p, n), n);
	assert_field(&t, "crc32", "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	free(p);
}

/* RPI_PICO2-20250415-v1.25.0.uf2, MicroPython's for the Pico 2: a block that is to be ignored and says that it is one of two, then 1266
 * blocks of which the first one holds the vector table. */
static void test_uf2_of_pico2(void **state)
{
	(void)state;
	static const uint8_t ignored[32] = "UF2\nWQ]\x9e\x00\xa0\x00\x00\x00\xff\xff\x10"
										"\x00\x01\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x57\xff\x8b\xe4";
	static const uint8_t first[48] = "UF2\nWQ]\x9e\x00\x20\x00\x00\x00\x00\x00\x10"
									 "\x00\x01\x00\x00\x00\x00\x00\x00\xf2\x04\x00\x00\x59\xff\x8b\xe4"
									 "\x00\x20\x08\x20\x5d\x01\x00\x10\x13\x01\x00\x10\x15\x01\x00\x10";
	const size_t n = 512 * (1 + 0x4f2);
	uint8_t *p = image_of(ignored, 32, n);
	memset(p + 32, 0xef, 256);
	memcpy(p + 0x120, "\x04\xe3\x57\x99", 4);
	le32(p + 508, 0x0ab16f30);
	for (uint32_t i = 0; i < 0x4f2; i++) {
		uint8_t *block = p + 512 * (i + 1);
		memcpy(block, first, i ? 32 : 48);
		le32(block + 12, 0x10000000 + 256 * i);
		le32(block + 20, i);
		le32(block + 508, 0x0ab16f30);
	}
	struct walked t;
	image_open(&t, &uf2_format, span_of(p, n), n);
	assert_field(&t, "familyID", "0xe48bff59 RP2350_ARM_S");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_get(&t, "RP2350_ARM_S-0x10000000")->content.n, 256 * 0x4f2);
	walked_close(&t);
	memset(p + 0x120, 0, 4);
	for (int tagged = 1; tagged >= 0; tagged--) { /* with another tag it is a block as others are, and the second one of two is missing */
		p[9] = tagged ? 0xa0 : 0x20; /* picotool's first ones had no tag */
		walked_open(&t, &uf2_format, span_of(p, n));
		assert_int_equal(walked_damage(&t, "corrupt"), tagged);
		walked_close(&t);
	}
	free(p);
}

/* The first block that a programmer writes to address 0 of a JN516x, from a protocol of that: the magic of the boot loader, a table of
 * places, and a copy of the header of the OTA file (NXP's DR1175), which no element follows. What is behind "JN" is made here. */
static void test_flash_of_jn516x(void **state)
{
	(void)state;
	static const uint8_t flash[] = "\x12\x34\x56\x78\x11\x22\x33\x44\x55\x66\x77\x88\x08\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
								   "\x03\x03\xdc\x00\x0a\xfc\xec\x00\x13\x01\xbc\x01\xcf\x12\x58\x00\x09\x5b\xed\x00\x09\x5b\xac"
								   "\0\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0"
								   "\x1e\xf1\xee\x0b\x00\x01\x38\x00\x00\x00\x5f\x11\x01\x01\x01\x00\x00\x00\x02\x00"
								   "DR1175r1v1UNENCRYPTED00000JN";
	const size_t at = sizeof flash - 1 - 48, n = 0x3dc00;
	uint8_t *p = image_of(flash, sizeof flash - 1, n);
	struct walked t;
	memcpy(p + at + 48, "5169", 4);
	le32(p + at + 52, n + 62);
	memset(p + at + 56, 0xc3, 64);
	image_open(&t, &nxp_jn516x_format, span_of(p, n), n);
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_get(&t, "code")->e.offset, 12);
	assert_null(walked_header(&t, "chip_type"));
	walked_close(&t);
	walked_open(&t, &zigbee_ota_format, span_of(p + at, n - at));
	assert_false(t.accepted);
	walked_close(&t);
	le32(p + at + 58, (uint32_t)n); /* as it is in a file */
	image_open(&t, &zigbee_ota_format, span_of(p + at, n - at), n + 62);
	assert_field(&t, "header_string", "DR1175r1v1UNENCRYPTED00000JN5169");
	walked_close(&t);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tclinux),       cmocka_unit_test(test_tclinux_alone), cmocka_unit_test(test_hwnp),
		cmocka_unit_test(test_program_store), cmocka_unit_test(test_reolink_pak),   cmocka_unit_test(test_netgear_dni),
		cmocka_unit_test(test_tplink_cloud),  cmocka_unit_test(test_uimage),        cmocka_unit_test(test_uimage_magics),
		cmocka_unit_test(test_rt_ota),         cmocka_unit_test(test_bcm_tag),       cmocka_unit_test(test_netgear_chk),
		cmocka_unit_test(test_trx_of_arcadyan), cmocka_unit_test(test_uf2_of_pico2), cmocka_unit_test(test_flash_of_jn516x),
	};
	return cmocka_run_group_tests_name("vendor_dumps", tests, NULL, NULL);
}
