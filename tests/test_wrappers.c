/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrappers of routers' images: netgear_chk, fwtool, ubnt, npk, npk_files, xiaomi_hdr, buffalo, cybertan, asus_tail,
 * linksys_footer, zynos, zyimage, jcg, jboot, motorola, sercomm, csys, planex, prestera, arcadyan: written here after the
 * specifications. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <lzma.h>
#include <openssl/rc4.h>
#include <zlib.h>

#include "seed.h"
#include "vendor_image.h"

extern const struct format netgear_chk_format, fwtool_format, ubnt_format, npk_format, npk_files_format,
	xiaomi_hdr_format, buffalo_format, cybertan_format, asus_tail_format, linksys_footer_format, zynos_format,
	zyimage_format, jcg_format, jboot_format, jboot_sch2_format, motorola_format, sercomm_format, csys_format, planex_format, prestera_format,
	arcadyan_format, avm_kernel_format;

/* Opens a flipped copy and wants the damage. */
static void flip_is_damage(const struct format *format, struct image *im, size_t at, const char *field)
{
	struct walked t;
	im->p[at] ^= 0x10;
	walked_open(&t, format, image_span(im));
	assert_true(t.accepted);
	assert_field(&t, field, "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	im->p[at] ^= 0x10;
}

static uint32_t netgear_sum(const uint8_t *p, size_t n)
{
	uint32_t c0 = 0, c1 = 0, b;
	for (size_t i = 0; i < n; i++) {
		c0 += p[i] & 0xff;
		c1 += c0;
	}
	b = (c0 & 65535) + ((c0 >> 16) & 65535);
	c0 = ((b >> 16) + b) & 65535;
	b = (c1 & 65535) + ((c1 >> 16) & 65535);
	c1 = ((b >> 16) + b) & 65535;
	return c1 << 16 | c0;
}

static void test_netgear(void **state)
{
	(void)state;
	const char *board = "U12H072T00_NETGEAR";
	struct image im = image_new();
	size_t header = 40 + strlen(board);
	put(&im, "*#$^", 4);
	put_be(&im, header, 4);
	put(&im, "\1\1\0\0\x1c\x17\0\x29", 8);
	put_fill(&im, 0, 8);
	put_be(&im, 900, 4);
	put_be(&im, 500, 4);
	put_fill(&im, 0, 8);
	put(&im, board, strlen(board));
	put_payload(&im, 1, 1400);
	set_be(&im, 16, netgear_sum(im.p + header, 900), 4);
	set_be(&im, 20, netgear_sum(im.p + header + 900, 500), 4);
	set_be(&im, 32, netgear_sum(im.p + header, 1400), 4);
	set_be(&im, 36, netgear_sum(im.p, header), 4);
	struct walked t;
	image_open(&t, &netgear_chk_format, image_span(&im), im.n);
	assert_field(&t, "board_id", board);
	assert_field(&t, "version", "1.0.0.28_23.0.41");
	assert_field(&t, "kernel_chksum", "ok");
	assert_field(&t, "rootfs_chksum", "ok");
	assert_field(&t, "image_chksum", "ok");
	assert_content(&t, "kernel", im.p + header, 900);
	assert_content(&t, "rootfs", im.p + header + 900, 500);
	walked_close(&t);
	im.p[im.n - 1] ^= 1;
	image_open(&t, &netgear_chk_format, image_span(&im), im.n);
	assert_field(&t, "kernel_chksum", "ok");
	assert_field(&t, "rootfs_chksum", "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);
	image_open(&t, &netgear_chk_format, span_clip(image_span(&im), 0, 1100), im.n);
	assert_field(&t, "rootfs_chksum", "not checked");
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	survives_all(&netgear_chk_format, &im, 60);
	image_free(&im);
}

#define METADATA                                                                                                       \
	"{  \"metadata_version\": \"1.1\", \"compat_version\": \"1.0\", \"supported_devices\":[\"tplink,archer-c7-v2\"], " \
	"\"version\": { \"dist\": \"OpenWrt\", \"version\": \"23.05.3\", \"target\": \"ath79/generic\" } }\n"

static void put_trailer(struct image *im, unsigned type, size_t size)
{
	uint32_t crc = crc_raw(~0u, im->p, im->n);
	put_be(im, 0x46577830, 4);
	put_be(im, crc, 4);
	put_be(im, type, 1);
	put_be(im, 0, 3);
	put_be(im, size + 16, 4);
}

static void test_fwtool(void **state)
{
	(void)state;
	struct image im = image_new();
	put_payload(&im, 1, 2000);
	put_fill(&im, 0, 8);
	put(&im, METADATA, strlen(METADATA));
	put_trailer(&im, 1, 8 + strlen(METADATA));
	const char *signature = "untrusted comment: signed by key b5043e70f9a75cde\nRWQ=\n";
	put(&im, signature, strlen(signature));
	put_trailer(&im, 0, strlen(signature));
	struct walked t;
	image_open(&t, &fwtool_format, image_span(&im), im.n);
	assert_field(&t, "crc32", "ok");
	assert_field(&t, "supported_devices", "tplink,archer-c7-v2");
	assert_field(&t, "dist", "OpenWrt");
	assert_field(&t, "version", "23.05.3");
	assert_field(&t, "target", "ath79/generic");
	assert_field(&t, "signature", "untrusted comment: signed by key b5043e70f9a75cde");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "signature", signature, strlen(signature));
	assert_content(&t, "metadata.json", METADATA, strlen(METADATA));
	assert_content(&t, "firmware", im.p, 2000);
	walked_close(&t);
	im.p[100] ^= 1;
	image_open(&t, &fwtool_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 2);
	walked_close(&t);
	survives_all(&fwtool_format, &im, 0);
	image_free(&im);
}

static void put_ubnt_part(struct image *im, const char *name, unsigned index, size_t n)
{
	size_t at = im->n;
	put(im, "PART", 4);
	put_text(im, name, 16, 0);
	put_fill(im, 0, 12);
	put_be(im, 0x80002000, 4);
	put_be(im, index, 4);
	put_be(im, 0x9f050000, 4);
	put_be(im, 0x80002000, 4);
	put_be(im, n, 4);
	put_be(im, 0x100000, 4);
	put_payload(im, index, n);
	put_be(im, ~crc_raw(~0u, im->p + at, im->n - at), 4);
	put_be(im, 0, 4);
}

static void test_ubnt(void **state)
{
	(void)state;
	for (int rsa = 0; rsa < 2; rsa++) {
		struct image im = image_new();
		put(&im, rsa ? "UBNT" : "OPEN", 4);
		put_text(&im, "XM.ar7240.v5.6.15.30572", 256, 0);
		put_be(&im, ~crc_raw(~0u, im.p, 260), 4);
		put_be(&im, 0, 4);
		put_ubnt_part(&im, "kernel", 1, 700);
		put_ubnt_part(&im, "rootfs", 2, 800);
		uint32_t crc = ~crc_raw(~0u, im.p, im.n);
		put(&im, rsa ? "ENDS" : "END.", 4);
		if (rsa)
			put_payload(&im, 3, 256);
		else
			put_be(&im, crc, 4);
		put_be(&im, 0, 4);
		struct walked t;
		image_open(&t, &ubnt_format, image_span(&im), im.n);
		assert_field(&t, "version", "XM.ar7240.v5.6.15.30572");
		assert_field(&t, "part", "kernel: index 1, baseaddr 0x9f050000, entryaddr 0x80002000");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(t.n, rsa ? 3 : 2);
		assert_content(&t, "kernel", im.p + 268 + 56, 700);
		assert_content(&t, "rootfs", im.p + 268 + 56 + 700 + 8 + 56, 800);
		walked_close(&t);
		flip_is_damage(&ubnt_format, &im, rsa ? 268 + 100 : im.n - 7, rsa ? "part crc" : "crc");
		image_open(&t, &ubnt_format, span_clip(image_span(&im), 0, 1200), 268 + 64 + 700 + 64 + 800);
		assert_int_equal(walked_damage(&t, "truncated"), 2);
		walked_close(&t);
		survives_all(&ubnt_format, &im, 400);
		image_free(&im);
	}
}

static void put_npk_part(struct image *im, unsigned type, const void *bytes, size_t n)
{
	put_le(im, type, 2);
	put_le(im, n, 4);
	put(im, bytes, n);
}

static void put_npk_file(struct image *im, unsigned mode, const char *name, const char *data)
{
	put_le(im, mode, 2);
	put_fill(im, 0, 6);
	put_le(im, 1600000000, 4);
	put_fill(im, 0, 8);
	put_fill(im, 0, 4);
	put_le(im, strlen(data), 4);
	put_le(im, strlen(name), 2);
	put(im, name, strlen(name));
	put(im, data, strlen(data));
}

static void test_npk(void **state)
{
	(void)state;
	struct image im = image_new(), files = image_new();
	put_npk_file(&files, 040755, "boot", "");
	put_npk_file(&files, 0100755, "boot/kernel", "a kernel");
	put_npk_file(&files, 0120777, "boot/link", "kernel");
	put_npk_file(&files, 0100644, "../UPGRADED", "");
	uint8_t packed[512];
	uLongf n = sizeof packed;
	assert_int_equal(compress(packed, &n, files.p, files.n), Z_OK);
	put(&im, "\x1e\xf1\xd0\xba\0\0\0\0", 8);
	put_npk_part(&im, 0x12, "system\0\0\0\0\0\0\0\0\0\0\x0c\x66\x31\6\xe0\x5e\x5f\x60\0\0\0\0\0\0\0\0", 32);
	put_npk_part(&im, 0x10, "mipsbe", 6);
	put_npk_part(&im, 0x16, "\0\0\0\0", 4);
	put_npk_part(&im, 0x15, "hsqs", 4);
	put_npk_part(&im, 0x04, packed, n);
	put_npk_part(&im, 0x09, packed, 20);
	set_le(&im, 4, im.n - 8, 4);
	size_t size = im.n;
	put_fill(&im, 0, 10);
	struct walked t;
	image_open(&t, &npk_format, image_span(&im), size);
	assert_field(&t, "name", "system");
	assert_field(&t, "version", "6.49.12");
	assert_field(&t, "build time", "1616862944");
	assert_field(&t, "architecture", "mipsbe");
	assert_int_equal(t.n, 5);
	assert_content(&t, "3-squashfs", "hsqs", 4);
	assert_content(&t, "4-files", files.p, files.n);
	assert_string_equal(walked_get(&t, "4-files")->e.format, "npk_files");
	walked_close(&t);
	survives_all(&npk_format, &im, 100);

	image_open(&t, &npk_files_format, image_span(&files), files.n);
	assert_int_equal(t.n, 4);
	assert_int_equal(walked_count(&t, ENTRY_DIRECTORY), 1);
	assert_content(&t, "/boot/kernel", "a kernel", 8);
	assert_int_equal(walked_get(&t, "/boot/kernel")->e.mode, 0755);
	assert_int_equal(walked_get(&t, "/boot/kernel")->e.mtime, 1600000000);
	assert_true(text_is(walked_get(&t, "/boot/link")->e.link_target, "kernel"));
	assert_content(&t, "/../UPGRADED", "", 0);
	walked_close(&t);
	survives_cuts(&npk_files_format, image_span(&files), (unsigned)files.n);
	survives_flips(&npk_files_format, image_span(&files), 2000, 0);
	image_free(&im);
	image_free(&files);
}

static void put_xiaomi_blob(struct image *im, const char *name, unsigned type, size_t n)
{
	put_le(im, 0xbabe, 4);
	put_le(im, 0x160000, 4);
	put_le(im, n, 4);
	put_le(im, type, 2);
	put_le(im, 0, 2);
	put_text(im, name, 32, 0);
	put_payload(im, type, n);
}

static void test_xiaomi(void **state)
{
	(void)state;
	for (int second = 0; second < 2; second++) {
		struct image im = image_new();
		put(&im, second ? "HDR2" : "HDR1", 4);
		put_fill(&im, 0, 8);
		if (second) {
			put_fill(&im, 0, 4);
			put_text(&im, "RA70", 8, 0);
			put_text(&im, "EU", 8, 0);
			put_fill(&im, 0, 16);
		} else {
			put_le(&im, 0, 2);
			put_le(&im, 0x000d, 2);
		}
		size_t table = im.n, first = table + 32;
		put_le(&im, first, 4);
		put_le(&im, first + 48 + 600, 4);
		put_fill(&im, 0, 24);
		put_xiaomi_blob(&im, "firmware.bin", 4, 600);
		put_xiaomi_blob(&im, "xiaoqiang_version", 7, 300);
		set_le(&im, 4, im.n, 4);
		put_le(&im, 256, 4);
		put_fill(&im, 0, 12);
		put_payload(&im, 9, 256);
		set_le(&im, 8, crc_raw(~0u, im.p + 12, im.n - 12), 4);
		struct walked t;
		image_open(&t, &xiaomi_hdr_format, image_span(&im), im.n);
		assert_field(&t, "crc32", "ok");
		assert_field(&t, "device_id", second ? "RA70" : "0x000d");
		assert_field(&t, "blob", "firmware.bin: type 4, flash offset 0x160000");
		assert_int_equal(t.n, 3);
		assert_content(&t, "firmware.bin", im.p + first + 48, 600);
		assert_content(&t, "signature", im.p + im.n - 256, 256);
		walked_close(&t);
		flip_is_damage(&xiaomi_hdr_format, &im, im.n - 1, "crc32");
		survives_all(&xiaomi_hdr_format, &im, 200);
		image_free(&im);
	}
}

static void rc4(uint8_t seed, uint8_t *p, size_t n)
{
	RC4_KEY key;
	uint8_t bytes[8] = { seed, 'B', 'u', 'f', 'f', 'a', 'l', 'o' };
	RC4_set_key(&key, 8, bytes);
	RC4(&key, n, p, p);
}

static void test_buffalo(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	put_payload(&plain, 1, 3000);
	put(&im, "start\0\x4f", 7);
	put_be(&im, 10, 4);
	put(&im, "WZR-HP-G3", 10);
	rc4(0x4f, im.p + im.n - 10, 10);
	uint8_t seed = im.p[im.n - 10];
	put_be(&im, 5, 4);
	put(&im, "1.73", 5);
	rc4(seed, im.p + im.n - 5, 5);
	seed = im.p[im.n - 5];
	put_be(&im, 3000, 4);
	size_t at = im.n;
	put(&im, plain.p, 3000);
	rc4(seed, im.p + at, 3000);
	uint32_t sum = 3000;
	for (size_t i = 0; i < 3000; i++) {
		sum ^= (uint32_t)(signed char)plain.p[i];
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	put_be(&im, sum, 4);
	put_fill(&im, 0, 4 - im.n % 4);
	struct walked t;
	image_open(&t, &buffalo_format, image_span(&im), im.n);
	assert_field(&t, "product", "WZR-HP-G3");
	assert_field(&t, "version", "1.73");
	assert_content(&t, "firmware", plain.p, 3000);
	walked_close(&t);
	im.p[at + 7] ^= 1;
	image_open(&t, &buffalo_format, image_span(&im), im.n);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(walked_get(&t, "firmware")->content.n, 3000);
	walked_close(&t);
	survives_all(&buffalo_format, &im, 50);
	image_free(&im);
	image_free(&plain);
}

static void put_trx(struct image *im, size_t n)
{
	size_t at = im->n;
	put(im, "HDR0", 4);
	put_le(im, 28 + n, 4);
	put_fill(im, 0, 4);
	put_le(im, 0x10000, 4);
	put_le(im, 28, 4);
	put_fill(im, 0, 8);
	put_payload(im, 1, n);
	set_le(im, at + 8, crc_raw(~0u, im->p + at + 12, 16 + n), 4);
}

static void test_cybertan(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "W54G\0\0\0\0\x06\x02\x0b\4\x1e\1U2ND\1\0\7", 21);
	put_fill(&im, 0, 11);
	put_trx(&im, 500);
	size_t n = im.n;
	put_fill(&im, 0xff, 100);
	struct walked t;
	image_open(&t, &cybertan_format, image_span(&im), n);
	assert_field(&t, "magic", "W54G");
	assert_field(&t, "fwdate", "2006-02-11");
	assert_field(&t, "fwvern", "4.30.1");
	assert_content(&t, "firmware", im.p + 32, n - 32);
	walked_close(&t);
	survives_all(&cybertan_format, &im, 70);
	im.n = 0;
	put(&im, "CHDR", 4);
	put_le(&im, 16 + 400, 4);
	put_fill(&im, 0, 4);
	put_le(&im, 1, 4);
	put_payload(&im, 1, 400);
	set_le(&im, 8, crc_raw(~0u, im.p + 12, 404), 4);
	image_open(&t, &cybertan_format, image_span(&im), 416);
	assert_field(&t, "crc32", "ok");
	assert_content(&t, "firmware", im.p + 16, 400);
	walked_close(&t);
	flip_is_damage(&cybertan_format, &im, 300, "crc32");
	image_free(&im);
}

static void test_motorola(void **state)
{
	(void)state;
	struct image im = image_new();
	put_fill(&im, 0, 4);
	put(&im, "\x10\x57\x70\x50", 4);
	put_trx(&im, 300);
	set_le(&im, 0, crc_raw(~0u, im.p + 4, im.n - 4), 4);
	struct walked t;
	image_open(&t, &motorola_format, image_span(&im), im.n);
	assert_field(&t, "crc32", "ok");
	assert_content(&t, "firmware", im.p + 8, im.n - 8);
	walked_close(&t);
	flip_is_damage(&motorola_format, &im, 100, "crc32");
	survives_all(&motorola_format, &im, 40);
	image_free(&im);
}

static uint16_t asus_hash(const uint8_t *p, size_t n)
{
	uint16_t h = 0, word;
	for (size_t i = 0; i + 1 < n; i += 2) {
		memcpy(&word, p + i, 2);
		h ^= word;
	}
	return ~h;
}

static void test_asus(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "\x27\x05\x19\x56", 4);
	put_fill(&im, 0, 32);
	put_text(&im, "RT-AX53U", 28, 0);
	put_payload(&im, 1, 1000);
	size_t at = im.n;
	put_payload(&im, 2, 200); /* what follows the kernel */
	put_be(&im, 51234, 4);
	put_be(&im, 388, 2);
	put_fill(&im, 0, 6);
	size_t n = im.n - at, footer = im.n;
	put(&im, "\x10", 1);
	put_be(&im, n, 3);
	put_fill(&im, 0, 2);
	put_be(&im, asus_hash(im.p + at, n), 2);
	put_be(&im, 0x2afed414, 4);
	set_be(&im, footer + 4, asus_hash(im.p + footer, 12), 2);
	struct walked t;
	image_open(&t, &asus_tail_format, image_span(&im), im.n);
	assert_field(&t, "fcrc", "ok");
	assert_field(&t, "checksum", "ok");
	assert_field(&t, "extendno", "51234");
	assert_field(&t, "buildno", "388");
	assert_field(&t, "prod_name", "RT-AX53U");
	assert_content(&t, "firmware", im.p, im.n);
	assert_string_equal(walked_get(&t, "firmware")->e.format, "uimage");
	walked_close(&t);
	flip_is_damage(&asus_tail_format, &im, at + 10, "checksum");
	survives_all(&asus_tail_format, &im, 0);
	image_free(&im);
}

static void test_trailers(void **state)
{
	(void)state;
	struct image im = image_new();
	struct walked t;
	put_payload(&im, 1, 1000);
	put_text(&im, ".LINKSYS.01000409EA8500         6D2FA4F20  7FFFFFFF", 256, ' ');
	image_open(&t, &linksys_footer_format, image_span(&im), im.n);
	assert_field(&t, "board", "EA8500");
	assert_field(&t, "type", "01000409");
	assert_content(&t, "firmware", im.p, 1000);
	walked_close(&t);
	survives_all(&linksys_footer_format, &im, 0);

	im.n = 1000;
	uint32_t crc = crc_raw(~0u, im.p, 1000);
	put(&im, "ZNBG", 4);
	put_le(&im, 0x804410, 4);
	put_text(&im, "V.1.0.0(1.0.0)", 48, 0);
	put_le(&im, crc, 4);
	image_open(&t, &zyimage_format, image_span(&im), im.n);
	assert_field(&t, "device_id", "0x00804410");
	assert_field(&t, "firmware_version", "V.1.0.0(1.0.0)");
	assert_field(&t, "crc32", "ok");
	assert_content(&t, "firmware", im.p, 1000);
	walked_close(&t);
	flip_is_damage(&zyimage_format, &im, 10, "crc32");
	survives_all(&zyimage_format, &im, 0);
	image_free(&im);
}

/* In ones' complement, as the makers' program adds. */
static uint16_t ones_sum(const uint8_t *p, size_t n, bool big)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < n; i += 2) {
		uint8_t next = i + 1 < n ? p[i + 1] : 0;
		sum += big ? (uint32_t)(p[i] << 8 | next) : (uint32_t)(next << 8 | p[i]);
		if (sum > 0xffff)
			sum = (sum + 1) & 0xffff;
	}
	return (uint16_t)sum;
}

static void test_zynos(void **state)
{
	(void)state;
	for (int packed = 0; packed < 2; packed++) {
		struct image im = image_new();
		put_be(&im, 0x94008000, 4);
		put(&im, "\0\0SIG\4", 6);
		put_be(&im, packed ? 5000 : 701, 4);
		put_be(&im, packed ? 701 : 0, 4);
		put_be(&im, packed ? 0xa0 : 0x40, 1);
		put_fill(&im, 0, 5);
		put_text(&im, "V3.40(AGD.2)", 15, 0);
		put_fill(&im, 0, 9);
		put_payload(&im, 1, 701);
		set_be(&im, packed ? 22 : 20, ones_sum(im.p + 48, 701, true), 2);
		struct walked t;
		image_open(&t, &zynos_format, image_span(&im), im.n);
		assert_field(&t, "ver", "V3.40(AGD.2)");
		assert_field(&t, packed ? "ccsum" : "ocsum", "ok");
		assert_content(&t, "object", im.p + 48, 701);
		walked_close(&t);
		flip_is_damage(&zynos_format, &im, 100, packed ? "ccsum" : "ocsum");
		survives_all(&zynos_format, &im, 48);
		if (!packed) { /* a ras image: a boot extension with two bytes summed */
			im.p[9] = 3;
			set_be(&im, 10, 2, 4);
			set_be(&im, 20, ones_sum(im.p + 48, 2, true), 2);
			image_open(&t, &zynos_format, image_span(&im), im.n);
			assert_field(&t, "ocsum", "ok");
			assert_content(&t, "image", im.p + 48, 701);
			walked_close(&t);
		}
		image_free(&im);
	}
}

static void test_jcg(void **state)
{
	(void)state;
	for (int obscured = 0; obscured < 2; obscured++) {
		struct image im = image_new();
		put(&im, "YSZJ", 4);
		put_text(&im, obscured ? "JHR-N825R" : "", 32, 0);
		put_be(&im, 1, 4);
		put_fill(&im, 0, 64);
		put_be(&im, 1400000000, 4);
		put_be(&im, 1, 2);
		put_be(&im, 17, 2);
		put_fill(&im, 0, 400);
		assert_int_equal(im.n, 512);
		put_payload(&im, 1, 900);
		set_be(&im, 504, ~crc_raw(~0u, im.p + 512, 900), 4);
		set_be(&im, 508, ~crc_raw(~0u, im.p, 512), 4);
		struct walked t;
		image_open(&t, &jcg_format, image_span(&im), im.n);
		assert_field(&t, "dcrc", "ok");
		assert_field(&t, "firmware version", "1.17");
		assert_int_equal(walked_damage(&t, "encrypted"), obscured);
		assert_content(&t, "firmware", im.p + 512, 900);
		walked_close(&t);
		survives_all(&jcg_format, &im, 0);
		image_free(&im);
	}
}

static void put_jboot_unit(struct image *im, unsigned type, unsigned at_flash, size_t n)
{
	size_t at = im->n;
	put(im, "DLK6E2414001\0\0", 14);
	put_fill(im, 0, 10);
	put_le(im, 0x10000, 4);
	put_le(im, 0x0e000000, 4);
	put_le(im, at_flash, 4);
	put_le(im, 0x100000, 4);
	put_le(im, at_flash, 4);
	put_le(im, n, 4);
	put_fill(im, 0, 16);
	put_le(im, 0x00024842, 4);
	put_le(im, type, 4);
	put_fill(im, 0, 4);
	put_le(im, 0x6e24, 2);
	put_le(im, 0, 2);
	put_payload(im, type >> 16, n);
	set_le(im, at + 14, ones_sum(im->p + at + 80, n, false), 2);
	set_le(im, at + 78, (uint16_t)~ones_sum(im->p + at, 80, false), 2);
}

static void test_jboot(void **state)
{
	(void)state;
	struct image im = image_new();
	put_jboot_unit(&im, 0x04040000, 0x10000, 1001);
	put_jboot_unit(&im, 0x00080000, 0x180000, 700);
	size_t n = im.n;
	put_fill(&im, 0xff, 77);
	struct walked t;
	image_open(&t, &jboot_format, image_span(&im), n);
	assert_field(&t, "device_id", "DLK6E2414001");
	assert_field(&t, "payload sum", "ok");
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "0-kernel", im.p + 80, 1001);
	assert_content(&t, "1-rootfs", im.p + n - 700, 700);
	walked_close(&t);
	flip_is_damage(&jboot_format, &im, 500, "payload sum");
	survives_all(&jboot_format, &im, 80);
	image_free(&im);
}

static void test_jboot_sch2(void **state)
{
	(void)state;
	for (unsigned compression = 0; compression < 4; compression++) {
		struct image im = image_new();
		put(&im, "\x24\x21", 2);
		put_le(&im, compression, 1);
		put_le(&im, 2, 1);
		put_le(&im, 0x80001000, 4);
		put_le(&im, 3001, 4);
		put_fill(&im, 0, 4);
		put_le(&im, 0x80000000, 4);
		put_le(&im, 0x120000, 4);
		put_le(&im, 5000, 4);
		put_fill(&im, 0, 8);
		put_le(&im, 40, 2);
		put_le(&im, 0, 2);
		put_payload(&im, compression, 3001);
		set_le(&im, 12, ~crc_raw(UINT32_MAX, im.p + 40, 3001), 4);
		set_le(&im, 32, ~crc_raw(UINT32_MAX, im.p, 40), 4);
		size_t n = im.n;
		put_fill(&im, 0xff, 99);
		struct walked t;
		image_open(&t, &jboot_sch2_format, image_span(&im), n);
		assert_field(&t, "kernel crc32", "ok");
		assert_field(&t, "rootfs", "5000 bytes at 0x120000 of the flash");
		assert_content(&t, "kernel", im.p + 40, 3001);
		walked_close(&t);
		flip_is_damage(&jboot_sch2_format, &im, 500, "kernel crc32");
		survives_all(&jboot_sch2_format, &im, 40);
		im.p[5] ^= 1; /* the header's CRC is what tells it from noise */
		struct format_match m;
		assert_false(jboot_sch2_format.probe(image_span(&im), &m));
		image_free(&im);
	}
}

/* Blocks of `block` bytes, each with a vector before it and padding behind it. */
static void put_dlk_blocks(struct image *im, const struct image *plain, size_t block, const char *password)
{
	for (size_t at = 0; at < plain->n; at += block) {
		size_t n = plain->n - at < block ? plain->n - at : block, pad = 16 - n % 16;
		put_payload(im, (unsigned)at, 16);
		size_t from = im->n;
		put(im, plain->p + at, n);
		put_fill(im, (uint8_t)pad, pad);
		aes_cbc(256, password, im->p + from - 16, im->p + from, n + pad);
	}
}

static void test_jboot_enciphered(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		struct image im = image_new(), plain = image_new();
		struct walked t;
		put_jboot_unit(&im, 0x00020000, 0x10000, 256);
		put_payload(&plain, 9, 5 * 2048 + 333);
		size_t unit = im.n;
		put_jboot_unit(&im, 0x04040000, 0x10000, 5 * (2048 + 32) + 16 + 336);
		im.n = unit + 80;
		put_dlk_blocks(&im, &plain, 2048, known ? "05c79b73cf88619d7b9725505cfd718f" : "0123456789abcdef0123456789abcdef");
		set_le(&im, unit + 16, 2048, 4);
		set_le(&im, unit + 14, ones_sum(im.p + unit + 80, im.n - unit - 80, false), 2);
		set_le(&im, unit + 78, 0, 2);
		set_le(&im, unit + 78, (uint16_t)~ones_sum(im.p + unit, 80, false), 2);
		image_open(&t, &jboot_format, image_span(&im), im.n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		if (known)
			assert_content(&t, "1-kernel", plain.p, plain.n);
		else
			assert_content(&t, "1-kernel", im.p + unit + 80, im.n - unit - 80);
		walked_close(&t);
		survives_cuts(&jboot_format, image_span(&im), 60);
		survives_flips(&jboot_format, image_span(&im), 100, 0);
		image_free(&im);
		image_free(&plain);
	}
}

static void test_sercomm(void **state)
{
	(void)state;
	struct image im = image_new();
	put(&im, "sErCoMm\0\1\0\0", 11);
	put_text(&im, "DGND4000", 32, 0);
	put_text(&im, "A001", 12, 0);
	put_be(&im, 0x1105, 4);
	put_fill(&im, 0, 4);
	put(&im, "sErCoMm", 7);
	put_fill(&im, 0, 512 - im.n);
	put_payload(&im, 1, 1000);
	uint8_t sum = 0;
	for (size_t i = 0; i < im.n; i++)
		sum += im.p[i];
	im.p[511] = 0xff - sum;
	struct walked t;
	image_open(&t, &sercomm_format, image_span(&im), im.n);
	assert_field(&t, "hw_id", "DGND4000");
	assert_field(&t, "hw_version", "A001");
	assert_field(&t, "sw_version", "0x00001105");
	assert_field(&t, "checksum", "ok");
	assert_content(&t, "firmware", im.p + 512, 1000);
	walked_close(&t);
	flip_is_damage(&sercomm_format, &im, 700, "checksum");
	survives_all(&sercomm_format, &im, 512);
	image_free(&im);
}

static void put_csys(struct image *im, const char *signature, const char *model, bool big, size_t n)
{
	put(im, signature, 4);
	for (unsigned i = 0; i < 2; i++) {
		put_fill(im, 0, 4);
		if (big)
			set_be(im, im->n - 4, i ? 0x10000 : 0x80500000, 4);
		else
			set_le(im, im->n - 4, i ? 0x10000 : 0x80500000, 4);
	}
	put(im, model, strlen(model));
	put_fill(im, 0, 4);
	if (big)
		set_be(im, im->n - 4, n + 2, 4);
	else
		set_le(im, im->n - 4, n + 2, 4);
	put_payload(im, (unsigned char)signature[0], n);
	uint16_t sum = 0;
	for (size_t i = im->n - n; i < im->n; i += 2)
		sum -= big ? im->p[i] << 8 | im->p[i + 1] : im->p[i + 1] << 8 | im->p[i];
	if (big)
		put_be(im, sum, 2);
	else
		put_le(im, sum, 2);
}

static void test_csys(void **state)
{
	(void)state;
	struct image im = image_new();
	put_csys(&im, "cs6c", "", true, 600);
	put_csys(&im, "r6cr", "", true, 400);
	size_t n = im.n;
	put_fill(&im, 0xff, 50);
	struct walked t;
	image_open(&t, &csys_format, image_span(&im), n);
	assert_int_equal(t.n, 2);
	assert_field(&t, "0-cs6c", "start 0x80500000, burn 0x00010000, checksum ok");
	assert_content(&t, "0-cs6c", im.p + 16, 600);
	assert_content(&t, "1-r6cr", im.p + n - 402, 400);
	walked_close(&t);
	survives_all(&csys_format, &im, 40);
	im.p[300] ^= 1;
	struct format_match m;
	assert_false(csys_format.probe(image_span(&im), &m));
	for (int big = 0; big < 2; big++) {
		im.n = 0;
		put_csys(&im, "CSYS", "RN52", big, 500);
		image_open(&t, &csys_format, image_span(&im), im.n);
		assert_field(&t, "model", "RN52");
		assert_content(&t, "0-CSYS", im.p + 20, 500);
		walked_close(&t);
	}
	image_free(&im);
}

static void test_planex(void **state)
{
	(void)state;
	struct image im = image_new();
	put_fill(&im, 0, 20);
	put(&im, "1.00.00\0\4\x08", 10);
	put_be(&im, 5000, 4);
	put_payload(&im, 1, 5000);
	uint8_t hashed[5004] = { 0, 0, 0, 2 };
	memcpy(hashed + 4, im.p + 34, 5000);
	vendor_digest("sha1", hashed, sizeof hashed, im.p);
	struct walked t;
	image_open(&t, &planex_format, image_span(&im), im.n);
	assert_field(&t, "device", "MZK-W04NU");
	assert_field(&t, "sha1sum", "ok");
	assert_content(&t, "firmware", im.p + 34, 5000);
	walked_close(&t);
	survives_cuts(&planex_format, image_span(&im), 100);
	survives_flips(&planex_format, image_span(&im), 300, 40);
	image_free(&im);
}

static void test_arcadyan(void **state)
{
	(void)state;
	struct image plain = image_new(), im = image_new();
	for (unsigned i = 0; i < 4000; i++)
		put_payload(&plain, i % 97, 3);
	lzma_options_lzma options;
	lzma_lzma_preset(&options, 6);
	lzma_stream z = LZMA_STREAM_INIT;
	assert_int_equal(lzma_alone_encoder(&z, &options), LZMA_OK);
	put(&im, "head", 4);
	z.next_in = plain.p;
	z.avail_in = plain.n;
	z.next_out = im.p + 4;
	z.avail_out = 100000;
	assert_int_equal(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	im.n = 4 + z.total_out;
	lzma_end(&z);
	assert_memory_equal(im.p + 4, "\x5d\0\0\x80\0", 5);
	for (unsigned i = 4; i < 36; i += 2) { /* pairs, half bytes, blocks: the other way round */
		uint8_t a = im.p[i], b = im.p[i + 1];
		im.p[i] = (uint8_t)(b << 4 | b >> 4);
		im.p[i + 1] = (uint8_t)(a << 4 | a >> 4);
	}
	for (unsigned i = 0; i < 32; i++) {
		uint8_t a = im.p[4 + i];
		im.p[4 + i] = im.p[0x68 + i];
		im.p[0x68 + i] = a;
	}
	assert_memory_equal(im.p + 0x68, "\0\xd5\x08\0", 4);
	size_t n = im.n, used = 0;
	put_fill(&im, 0xff, 500);
	struct format_match m;
	assert_true(arcadyan_format.probe(image_span(&im), &m));
	seed_keep("format", arcadyan_format.name, "", image_span(&im));
	struct buf out = buf_with_limit(1 << 20);
	struct error e = arcadyan_format.unpack(image_span(&im), &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, n);
	assert_int_equal(out.n, plain.n);
	assert_memory_equal(out.p, plain.p, plain.n);
	buf_free(&out);
	for (size_t cut = 0; cut < 300; cut++) {
		struct span s = span_clip(image_span(&im), 0, cut);
		if (!arcadyan_format.probe(s, &m))
			continue;
		out = buf_with_limit(1 << 20);
		e = arcadyan_format.unpack(s, &out, &used);
		assert_true(error_is(&e));
		buf_free(&out);
	}
	survives_all(&arcadyan_format, &im, 0x90);
	image_free(&im);
	image_free(&plain);
}

/* An LZMA stream as the "alone" format has it. */
static void put_lzma(struct image *im, const struct image *plain)
{
	lzma_options_lzma options;
	lzma_lzma_preset(&options, 6);
	lzma_stream z = LZMA_STREAM_INIT;
	assert_int_equal(lzma_alone_encoder(&z, &options), LZMA_OK);
	z.next_in = plain->p;
	z.avail_in = plain->n;
	z.next_out = im->p + im->n;
	z.avail_out = IMAGE_MAX - im->n;
	assert_int_equal(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	im->n += z.total_out;
	lzma_end(&z);
}

static void test_avm(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new(), alone = image_new();
	for (unsigned i = 0; i < 3000; i++)
		put_payload(&plain, i % 31, 5);
	put_lzma(&alone, &plain);
	size_t n = alone.n - 13;
	put_le(&im, 0xfeed1281, 4);
	put_le(&im, n + 24, 4);
	put_le(&im, 0x94020000, 4);
	put_le(&im, 0x075a0201, 4);
	put_le(&im, n, 4);
	put_le(&im, plain.n, 4);
	put_le(&im, ~crc_raw(~0u, alone.p + 13, n), 4);
	put(&im, alone.p, 5);
	put_fill(&im, 0, 3);
	put(&im, alone.p + 13, n);
	uint32_t sum = (uint32_t)n + 24 + 0x94020000;
	for (size_t i = 12; i < im.n; i++)
		sum += im.p[i];
	put_le(&im, -sum, 4);
	put_le(&im, 0, 4);
	put_le(&im, 0x94277000, 4);
	size_t end = im.n;
	put_fill(&im, 0, 200);
	struct walked t;
	image_open(&t, &avm_kernel_format, image_span(&im), end);
	assert_field(&t, "crc32", "ok");
	assert_field(&t, "checksum", "ok");
	assert_field(&t, "entry", "0x94277000");
	assert_content(&t, "kernel", plain.p, plain.n);
	walked_close(&t);
	im.p[end - 12] ^= 1;
	image_open(&t, &avm_kernel_format, image_span(&im), end);
	assert_field(&t, "checksum", "mismatch");
	walked_close(&t);
	survives_all(&avm_kernel_format, &im, 60);
	image_free(&im);
	image_free(&plain);
	image_free(&alone);
}

/* What the driver loads: a header of 32 bytes, a zlib stream, zeros up to a whole word. */
static void put_prestera(struct image *im, const struct image *plain)
{
	static const uint8_t key[] = { 0xa4, 0xe2, 0xa3, 0x5e, 0x95, 0xab, 0x40, 0x29 };
	struct image hidden = image_new();
	for (size_t i = 0; i < plain->n; i++)
		put_fill(&hidden, plain->p[i] ^ key[i & 7], 1);
	uLongf packed = compressBound(hidden.n);
	uint8_t *stream = malloc(packed);
	assert_int_equal(compress2(stream, &packed, hidden.p, hidden.n, 6), Z_OK);
	put_be(im, 0x351d9d06, 4);
	put_be(im, 4001000, 4);
	put_be(im, 0x006ed4fce5e1992a, 8);
	put_be(im, ~crc_raw(UINT32_MAX, plain->p, plain->n), 4);
	put_be(im, ~crc_raw(UINT32_MAX, hidden.p, hidden.n), 4);
	put_be(im, plain->n, 4);
	put_be(im, 0, 4);
	put(im, stream, packed);
	put_fill(im, 0, -im->n & 3);
	free(stream);
	image_free(&hidden);
}

static struct error unpack_prestera(struct span bytes, const struct image *plain, size_t *used)
{
	struct buf out = buf_with_limit(1 << 20);
	struct error e = prestera_format.unpack(bytes, &out, used);
	assert_true(out.n <= plain->n);
	assert_memory_equal(out.p, plain->p, out.n);
	assert_true(error_is(&e) || out.n == plain->n);
	buf_free(&out);
	return e;
}

static void test_prestera(void **state)
{
	(void)state;
	struct image im = image_new(), plain = image_new();
	put(&plain, "#!/bin/sh\nexit 0\n", 17);
	put_payload(&plain, 7, 70001);
	put_prestera(&im, &plain);
	size_t n = im.n, used;
	put_fill(&im, 0xff, 64);
	struct format_match m;
	assert_true(prestera_format.probe(image_span(&im), &m));
	seed_keep("format", prestera_format.name, "", image_span(&im));
	struct error e = unpack_prestera(image_span(&im), &plain, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, n);
	for (size_t cut = 35; cut < n - 8; cut += 997) { /* what is there of it is readable */
		e = unpack_prestera(span_clip(image_span(&im), 0, cut), &plain, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
	}
	for (size_t cut = n - 8; cut <= n; cut++) { /* no more is used than there is, where the filling is not there */
		(void)unpack_prestera(span_clip(image_span(&im), 0, cut), &plain, &used);
		assert_true(used <= cut);
	}
	static const struct {
		size_t at;
		enum error_code code;
	} wrong[] = { { 16, ERR_ENCRYPTED }, { 20, ERR_CORRUPT }, { 27, ERR_CORRUPT } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		im.p[wrong[i].at] ^= 1;
		e = unpack_prestera(image_span(&im), &plain, &used);
		assert_int_equal(e.code, wrong[i].code);
		im.p[wrong[i].at] ^= 1;
	}
	survives_all(&prestera_format, &im, 40);
	image_free(&im);
	image_free(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_netgear),  cmocka_unit_test(test_fwtool),   cmocka_unit_test(test_ubnt),
		cmocka_unit_test(test_npk),      cmocka_unit_test(test_xiaomi),   cmocka_unit_test(test_buffalo),
		cmocka_unit_test(test_cybertan), cmocka_unit_test(test_motorola), cmocka_unit_test(test_asus),
		cmocka_unit_test(test_trailers), cmocka_unit_test(test_zynos),    cmocka_unit_test(test_jcg),
		cmocka_unit_test(test_jboot), cmocka_unit_test(test_jboot_enciphered), cmocka_unit_test(test_jboot_sch2),    cmocka_unit_test(test_sercomm),  cmocka_unit_test(test_csys),
		cmocka_unit_test(test_planex),   cmocka_unit_test(test_arcadyan), cmocka_unit_test(test_avm),
		cmocka_unit_test(test_prestera),
	};
	return cmocka_run_group_tests_name("wrappers", tests, NULL, NULL);
}
