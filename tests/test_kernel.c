/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zimage, bzimage, arm64image, ikconfig: headers written here after the kernel's documentation, a camera's kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "walked.h"

extern const struct format zimage_format, bzimage_format, arm64image_format, ikconfig_format, uimage_format;

#define KERNEL "Linux version 6.6.0 (the kernel that is inside)"
#define KERNEL_SIZE 20000u

static uint8_t kernel[KERNEL_SIZE];

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* A gzip of `kernel`, which does not compress, so that the payload has a kernel's bulk. */
static size_t make_payload(uint8_t *out, size_t room)
{
	uint32_t x = 1;
	for (size_t i = 0; i < KERNEL_SIZE; i++)
		kernel[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
	memcpy(kernel, KERNEL, sizeof KERNEL);
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(9);
	size_t n = libdeflate_gzip_compress(c, kernel, KERNEL_SIZE, out, room);
	libdeflate_free_compressor(c);
	assert_true(n > 0);
	return n;
}

static size_t make_zimage(uint8_t *image, size_t room, bool payload)
{
	memset(image, 0x5a, 0x400);
	for (unsigned i = 0; i < 8; i++)
		put32(image + 4 * i, 0xe1a00000);
	put32(image + 0x20, 0xea000002);
	put32(image + 0x24, 0x016f2818);
	memcpy(image + 0x100, "\x1f\x8b\x08\0\xff\xff\xff\xff no stream", 18); /* a magic that means nothing */
	size_t n = 0x400 + (payload ? make_payload(image + 0x400, room - 0x404) : 5000);
	put32(image + n, KERNEL_SIZE);
	n += 4;
	put32(image + 0x28, 0);
	put32(image + 0x2c, (uint32_t)n);
	return n;
}

static uint8_t image[65536];

static void test_zimage(void **state)
{
	(void)state;
	size_t n = make_zimage(image, sizeof image, true);
	struct walked t;
	walked_open(&t, &zimage_format, span_of(image, sizeof image));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "compression"), "gzip");
	assert_string_equal(walked_header(&t, "payload_offset"), "1024");
	assert_content(&t, "payload", kernel, KERNEL_SIZE);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&zimage_format, span_of(image, n), 200);
	survives_flips(&zimage_format, span_of(image, n), 300, 0);
	survives_flips(&zimage_format, span_of(image, n), 300, 0x30);
}

static void test_zimage_without_payload(void **state)
{
	(void)state;
	memset(image, 0, sizeof image);
	size_t n = make_zimage(image, sizeof image, false);
	struct walked t;
	walked_open(&t, &zimage_format, span_of(image, n));
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(t.n, 0);
	walked_close(&t);
	put32(image + 8, 0x12345678); /* no longer nops */
	assert_false(zimage_format.probe(span_of(image, n), &t.match));
}

static size_t make_bzimage(uint8_t *out, uint16_t protocol)
{
	memset(out, 0, 0x600);
	out[0x1f1] = 1; /* one setup sector behind the boot sector */
	memcpy(out + 0x1fe, "\x55\xaa\xeb\x66HdrS", 8);
	out[0x206] = (uint8_t)protocol;
	out[0x207] = (uint8_t)(protocol >> 8);
	out[0x20e] = 0x00;
	out[0x20f] = 0x01; /* the version string is at 0x300 */
	memcpy(out + 0x300, "6.6.0 (me@here) #1", 18);
	size_t n = make_payload(out + 0x440, 60000), system = (0x40 + n + 15) / 16;
	put32(out + 0x1f4, (uint32_t)system);
	put32(out + 0x248, protocol >= 0x208 ? 0x40 : 0);
	put32(out + 0x24c, protocol >= 0x208 ? (uint32_t)n : 0);
	return 0x400 + 16 * system;
}

static void test_bzimage(void **state)
{
	(void)state;
	static const uint16_t protocols[] = { 0x20f, 0x206 };
	for (size_t i = 0; i < 2; i++) {
		size_t n = make_bzimage(image, protocols[i]);
		struct walked t;
		walked_open(&t, &bzimage_format, span_of(image, sizeof image));
		assert_int_equal(t.match.size, n);
		assert_string_equal(walked_header(&t, "protocol"), i ? "2.06" : "2.15");
		assert_string_equal(walked_header(&t, "kernel_version"), "6.6.0 (me@here) #1");
		assert_content(&t, "payload", kernel, KERNEL_SIZE);
		assert_int_equal(walked_get(&t, "payload")->e.offset, 0x440);
		walked_close(&t);
		survives_cuts(&bzimage_format, span_of(image, n), 200);
		survives_flips(&bzimage_format, span_of(image, n), 300, 0x260);
	}
}

/* A signed kernel is a program of EFI: its table of certificates stands behind all that the kernel's own header tells of. */
static void put_certificates(uint8_t *pe, uint16_t magic, uint32_t at, uint32_t size)
{
	uint32_t directories = magic == 0x20b ? 112 : 96;
	memcpy(pe, "PE\0\0", 4);
	pe[20] = (uint8_t)(directories + 48); /* the size of the optional header: six directories */
	pe[24] = (uint8_t)magic;
	pe[25] = (uint8_t)(magic >> 8);
	put32(pe + 24 + directories - 4, 6);
	put32(pe + 24 + directories + 32, at);
	put32(pe + 24 + directories + 36, size);
}

/* One certificate of that size: a sequence of DER. */
static void put_certificate(uint8_t *at, uint32_t size)
{
	put32(at, size);
	memcpy(at + 4, "\0\2\2\0\x30\x82", 6);
	at[10] = (uint8_t)((size - 12) >> 8);
	at[11] = (uint8_t)(size - 12);
}


static void test_bzimage_signed(void **state)
{
	(void)state;
	struct format_match m;
	size_t n = make_bzimage(image, 0x20f);
	memcpy(image, "MZ", 2);
	put32(image + 0x3c, 0x40);
	put_certificate(image + n, 1472);
	for (unsigned i = 0; i < 2; i++) {
		put_certificates(image + 0x40, i ? 0x20b : 0x10b, (uint32_t)n, 1472);
		assert_true(bzimage_format.probe(span_of(image, sizeof image), &m));
		assert_int_equal(m.size, n + 1472);
		assert_true(bzimage_format.probe(span_of(image, n + 1471), &m)); /* it is cut */
		assert_int_equal(m.size, n);
		put_certificates(image + 0x40, i ? 0x20b : 0x10b, (uint32_t)n + 8, 1472);
		assert_true(bzimage_format.probe(span_of(image, sizeof image), &m)); /* it is elsewhere */
		assert_int_equal(m.size, n);
		put_certificates(image + 0x40, i ? 0x20b : 0x10b, (uint32_t)n, 0);
		assert_true(bzimage_format.probe(span_of(image, sizeof image), &m));
		assert_int_equal(m.size, n);
	}
	/* Two of them; and what is no certificate, or has other bytes behind it, which would not be looked at. */
	put_certificate(image + n + 1472, 800);
	put_certificates(image + 0x40, 0x20b, (uint32_t)n, 2272);
	assert_true(bzimage_format.probe(span_of(image, sizeof image), &m));
	assert_int_equal(m.size, n + 2272);
	put_certificates(image + 0x40, 0x20b, (uint32_t)n, 2288); /* zeros */
	assert_true(bzimage_format.probe(span_of(image, sizeof image), &m));
	assert_int_equal(m.size, n + 2288);
	image[n + 2280] = 1;
	assert_true(bzimage_format.probe(span_of(image, sizeof image), &m));
	assert_int_equal(m.size, n);
	put_certificates(image + 0x40, 0x20b, (uint32_t)n, 1472);
	image[n + 11] -= 16;
	assert_true(bzimage_format.probe(span_of(image, sizeof image), &m));
	assert_int_equal(m.size, n);
}

/* What boots as a kernel does and says that it has no payload is another program (Memtest86+), and its last paragraph may be cut. */
static void test_bzimage_of_no_kernel(void **state)
{
	(void)state;
	struct walked t;
	size_t n = make_bzimage(image, 0x20c);
	put32(image + 0x248, 0);
	put32(image + 0x24c, 0);
	memset(image + 0x400, 0x90, n - 0x400);
	walked_open(&t, &bzimage_format, span_of(image, n - 8));
	assert_int_equal(t.match.size, n - 8);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_false(error_is(&t.error));
	assert_content(&t, "code", image + 0x400, n - 8 - 0x400);
	walked_close(&t);
	assert_true(bzimage_format.probe(span_of(image, n - 16), &t.match));
	assert_int_equal(t.match.size, n);
}

static void make_arm64(uint8_t *out, uint32_t image_size, bool riscv, bool pe)
{
	memset(out, 0, 0x200);
	memcpy(out, "MZ", 2);
	put32(out + 16, image_size);
	out[24] = riscv ? 0 : 10;
	memcpy(out + 0x38, riscv ? "RSC\x05" : "ARM\x64", 4);
	put32(out + 0x3c, pe ? 0x40 : 0);
	if (!pe)
		return;
	memcpy(out + 0x40, "PE\0\0\x64\xaa\2", 7); /* two sections */
	out[0x40 + 20] = 0xa0;
	memcpy(out + 0x40 + 24, "\x0b\2", 2); /* PE32+ */
	put32(out + 0x40 + 24 + 0xa0 + 16, 0x1000); /* .text: size, offset */
	put32(out + 0x40 + 24 + 0xa0 + 20, 0x1000);
	put32(out + 0x40 + 24 + 0xa0 + 40 + 16, 0x800); /* .data */
	put32(out + 0x40 + 24 + 0xa0 + 40 + 20, 0x2000);
}

static void test_arm64image(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool riscv = i & 1, pe = i & 2;
		make_arm64(image, 0x8000, riscv, pe);
		struct walked t;
		walked_open(&t, &arm64image_format, span_of(image, sizeof image));
		assert_int_equal(t.match.size, pe ? 0x2800 : 0x8000);
		assert_string_equal(walked_header(&t, "arch"), riscv ? "riscv" : "arm64");
		assert_int_equal(walked_get(&t, "kernel")->content.n, t.match.size - 64);
		walked_close(&t);
	}
	make_arm64(image, 0x8000, false, true);
	put_certificates(image + 0x40, 0x20b, 0x2800, 1472);
	put_certificate(image + 0x2800, 1472);
	struct walked t;
	walked_open(&t, &arm64image_format, span_of(image, sizeof image));
	assert_int_equal(t.match.size, 0x2800 + 1472);
	assert_int_equal(walked_get(&t, "kernel")->content.n, 0x2800 - 64); /* without its signature */
	walked_close(&t);
	make_arm64(image, 0x8000, false, false);
	struct format_match m;
	assert_true(arm64image_format.probe(span_of(image, 0x3000), &m));
	assert_int_equal(m.size, 0x3000); /* image_size counts .bss, which is not in the file */
	/* a tree with a root alone, written after the specification, that is appended where .bss begins, and padded beyond its end */
	static const uint8_t tree[0x48 + 12] = { 0xd0, 0xd, 0xfe, 0xed, 0, 0, 0x10, 0, 0, 0, 0, 0x38, 0, 0, 0, 0x48, 0, 0, 0, 0x28, 0, 0, 0, 17, 0,
											 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, [0x3b] = 1, [0x43] = 2, [0x47] = 9 };
	memcpy(image + 0x7800, tree, sizeof tree);
	assert_true(arm64image_format.probe(span_of(image, sizeof image), &m));
	assert_int_equal(m.size, 0x7800);
	assert_true(arm64image_format.probe(span_of(image, 0x8400), &m)); /* of 4096 bytes, which are not all there */
	assert_int_equal(m.size, 0x8000);
	image[0x7806] = 8; /* it ends where image_size does: a part of the image */
	assert_true(arm64image_format.probe(span_of(image, sizeof image), &m));
	assert_int_equal(m.size, 0x8000);
	put32(image + 16, 0);
	assert_false(arm64image_format.probe(span_of(image, 0x3000), &m));
	make_arm64(image, 0x8000, false, true);
	survives_cuts(&arm64image_format, span_of(image, 0x3000), 500);
	survives_flips(&arm64image_format, span_of(image, 0x400), 3000, 0x200);
}

static void test_ikconfig(void **state)
{
	(void)state;
	static const char whole[] = "IKCFG_ST" /* and "CONFIG_A=y\n" as gzip writes it */
								"\x1f\x8b\x08\0\0\0\0\0\2\3\x73\xf6\xf7\x73\xf3\x74\x8f\x77\xb4\xad\xe4\2\0\x8e\xb1\x80\xda\x0b\0\0\0"
								"IKCFG_ED and more";
	struct walked t;
	walked_open(&t, &ikconfig_format, span_of(whole, sizeof whole - 1));
	assert_int_equal(t.match.size, 8 + 31 + 8);
	assert_content(&t, "config.gz", whole + 8, 31);
	assert_string_equal(walked_get(&t, "config.gz")->e.format, "gzip");
	walked_close(&t);
	walked_open(&t, &ikconfig_format, span_of(whole, 30));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_int_equal(walked_get(&t, "config.gz")->content.n, 22);
	walked_close(&t);
	assert_false(ikconfig_format.probe(span_of("IKCFG_ST and no gzip", 20), &t.match));
	/* What looks for it holds the marks as texts. */
	assert_false(ikconfig_format.probe(span_of("IKCFG_ST\x1f\x8b\x08\0IKCFG_ED\0the configuration", 38), &t.match));
	survives_cuts(&ikconfig_format, span_of(whole, sizeof whole), sizeof whole);
}

/* uImage > zImage > LZMA > kernel: offsets and sizes from the image's truth. */
static void test_camera(void **state)
{
	(void)state;
	struct span camera = sample_load("asecam-kernel-mtd1.bin");
	if (!camera.p)
		skip();
	struct walked u, z;
	walked_open(&u, &uimage_format, camera);
	walked_open(&z, &zimage_format, walked_get(&u, "kernel")->content);
	assert_int_equal(z.match.size, 2393484);
	assert_string_equal(walked_header(&z, "compression"), "lzma");
	const struct walked_entry *payload = walked_get(&z, "payload");
	assert_int_equal(payload->e.offset, 7824 - 64);
	assert_int_equal(payload->content.n, 5023268);
	assert_false(error_is(&payload->error));
	assert_non_null(memmem(payload->content.p, payload->content.n, "Linux version 3.0.8", 19));
	/* The initramfs is LZMA with a dictionary of 8 MiB and an unknown size. */
	assert_true(span_has(payload->content, 0x18ac8, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff", 13));
	walked_close(&z);
	walked_close(&u);
	free((void *)camera.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zimage),         cmocka_unit_test(test_zimage_without_payload),
		cmocka_unit_test(test_bzimage),        cmocka_unit_test(test_bzimage_of_no_kernel),
		cmocka_unit_test(test_bzimage_signed), cmocka_unit_test(test_arm64image),
		cmocka_unit_test(test_ikconfig),       cmocka_unit_test(test_camera),
	};
	return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
