/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What boot ROMs load: images by mkimage for each of them, and what of it is damaged and Intel's flash
 * descriptor by writers after their specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format egon_format, rockchip_format, imx_ivt_format, kwbimage_format, zynq_format, ti_mlo_format,
	intel_flash_format, stm32mp_format;

static char dir[TEMP_MAX];
static struct span payload;

static struct span make(const char *options)
{
	char command[512];
	snprintf(command, sizeof command, "rm -f u; mkimage %s u > /dev/null 2>&1", options);
	run_in(dir, command);
	return file_load(dir, "u");
}

/* The payload is within the child of that name, from `from` on; nothing is damaged. */
static void expect(const struct format *format, struct span image, const char *child, size_t from)
{
	struct walked t;
	walked_open(&t, format, image);
	assert_true(t.accepted);
	assert_true(t.match.size <= image.n);
	const struct walked_entry *e = walked_get(&t, child);
	size_t skipped = from > e->content.n ? 0 : from;
	size_t n = payload.n - skipped < e->content.n ? payload.n - skipped : e->content.n;
	assert_true(n >= 15000);
	assert_memory_equal(e->content.p, payload.p + skipped, n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	struct span begin = span_clip(image, 0, 3000);
	survives_cuts(format, begin, 300);
	survives_flips(format, begin, 1000, 0);
	survives_flips(format, begin, 1000, 64);
}

static void test_egon(void **state)
{
	(void)state;
	struct walked t;
	if (!tool_exists("mkimage"))
		skip();
	struct span image = make("-T sunxi_egon -A arm -n a-board -d bin");
	walked_open(&t, &egon_format, image);
	assert_string_equal(walked_header(&t, "check_sum"), "ok");
	assert_string_equal(walked_header(&t, "default_dt_name"), "a-board");
	const struct walked_entry *code = walked_get(&t, "code");
	assert_non_null(memmem(code->content.p, code->content.n, payload.p + 200, payload.n - 200));
	walked_close(&t);
	((uint8_t *)image.p)[2000] ^= 1;
	walked_open(&t, &egon_format, image);
	assert_string_equal(walked_header(&t, "check_sum"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	survives_cuts(&egon_format, span_clip(image, 0, 500), 500);
	survives_flips(&egon_format, span_clip(image, 0, 500), 2000, 64);
	free((void *)image.p);
}

static void test_rockchip(void **state)
{
	(void)state;
	static const char *const chips[] = { "rk3036", "rk3066", "rk3188", "rk3288", "rk3328", "rk3399" };
	if (!tool_exists("mkimage"))
		skip();
	for (size_t i = 0; i < sizeof chips / sizeof chips[0]; i++) {
		char options[64];
		snprintf(options, sizeof options, "-n %s -T rksd -d %s", chips[i], i < 2 || i == 4 ? "small" : "bin");
		struct span image = make(options);
		struct walked t;
		walked_open(&t, &rockchip_format, image);
		assert_true(t.accepted);
		const struct walked_entry *e = walked_get(&t, "init");
		/* The first word is the chip's tag, in what may be a block of its own. */
		const uint8_t *found = memmem(e->content.p, e->content.n, payload.p + 4, 1000);
		assert_non_null(found);
		assert_int_equal(t.n, 1);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		survives_cuts(&rockchip_format, span_clip(image, 0, 3000), 100);
		survives_flips(&rockchip_format, span_clip(image, 0, 3000), 500, 0);
		free((void *)image.p);
	}
	struct span both = make("-n rk3399 -T rksd -d bin:bin");
	struct walked t;
	walked_open(&t, &rockchip_format, both);
	assert_int_equal(t.match.size, both.n);
	assert_memory_equal(walked_get(&t, "boot")->content.p, payload.p, payload.n);
	assert_string_equal(walked_header(&t, "chip"), "RK33");
	walked_close(&t);
	free((void *)both.p);
}

static void test_rockchip_v2(void **state)
{
	(void)state;
	struct walked t;
	if (!tool_exists("mkimage"))
		skip();
	struct span image = make("-n rk3568 -T rksd -d bin:bin");
	walked_open(&t, &rockchip_format, image);
	assert_true(t.accepted);
	assert_string_equal(walked_header(&t, "header sha256"), "ok");
	assert_string_equal(walked_header(&t, "sha256"), "image-0: ok");
	assert_memory_equal(walked_get(&t, "image-0")->content.p, payload.p, payload.n);
	assert_memory_equal(walked_get(&t, "image-1")->content.p, payload.p, payload.n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	((uint8_t *)image.p)[3000] ^= 1;
	walked_open(&t, &rockchip_format, image);
	assert_string_equal(walked_header(&t, "sha256"), "image-0: mismatch");
	walked_close(&t);
	survives_cuts(&rockchip_format, span_clip(image, 0, 3000), 300);
	survives_flips(&rockchip_format, span_clip(image, 0, 3000), 2000, 512);
	free((void *)image.p);
	image = make("-n rk3568 -T rksd -d bin");
	walked_open(&t, &rockchip_format, image);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	free((void *)image.p);
}

static void test_imx(void **state)
{
	(void)state;
	if (!tool_exists("mkimage"))
		skip();
	struct span image = make("-n imx.cfg -T imximage -e 0x87800000 -d bin");
	struct walked t;
	expect(&imx_ivt_format, image, "code", 0);
	walked_open(&t, &imx_ivt_format, image);
	assert_string_equal(walked_header(&t, "entry"), "0x87800000");
	assert_string_equal(walked_header(&t, "signature"), "none");
	assert_int_equal(walked_get(&t, "dcd")->content.n, 16); /* a header, a write command of one pair */
	walked_close(&t);
	free((void *)image.p);
}

static void test_kwbimage(void **state)
{
	(void)state;
	if (!tool_exists("mkimage"))
		skip();
	struct walked t;
	for (int version = 0; version < 2; version++) {
		struct span image = make(version ? "-n kwb1.cfg -T kwbimage -a 0x800000 -e 0x800000 -d bin"
										 : "-n kwb0.cfg -T kwbimage -a 0x800000 -e 0x800000 -d bin");
		expect(&kwbimage_format, image, "data", 0);
		walked_open(&t, &kwbimage_format, image);
		assert_string_equal(walked_header(&t, "blockid"), version ? "SPI" : "NAND");
		assert_string_equal(walked_header(&t, "destaddr"), "0x00800000");
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		walked_close(&t);
		((uint8_t *)image.p)[1000] ^= 1; /* without a magic what does not sum up is none */
		assert_false(kwbimage_format.probe(image, &t.match));
		free((void *)image.p);
	}
}

static void test_zynq(void **state)
{
	(void)state;
	if (!tool_exists("mkimage"))
		skip();
	struct walked t;
	struct span image = make("-T zynqimage -a 0 -e 0 -d bin");
	expect(&zynq_format, image, "first-stage", 0);
	walked_open(&t, &zynq_format, image);
	assert_string_equal(walked_header(&t, "chip"), "Zynq-7000");
	walked_close(&t);
	((uint8_t *)image.p)[0x34] ^= 1;
	assert_false(zynq_format.probe(image, &t.match));
	free((void *)image.p);
	image = make("-T zynqmpimage -d bin");
	expect(&zynq_format, image, "first-stage", 0);
	walked_open(&t, &zynq_format, image);
	assert_string_equal(walked_header(&t, "chip"), "Zynq UltraScale+");
	walked_close(&t);
	free((void *)image.p);
}

/* A table of one partition, signed and encrypted. */
static void test_zynq_partition(void **state)
{
	(void)state;
	static uint8_t b[8192];
	struct walked t;
	memset(b, 0, sizeof b);
	memcpy(b + 0x20, "\x66\x55\x99\xaaXNLX", 8);
	put_u32(b + 0x30, 0x1000);
	put_u32(b + 0x40, 0x100);
	put_u32(b + 0x9c, 0xc80);
	uint32_t sum = 0;
	for (unsigned i = 0x20; i < 0x48; i += 4)
		sum += (uint32_t)b[i] | (uint32_t)b[i + 1] << 8 | (uint32_t)b[i + 2] << 16 | (uint32_t)b[i + 3] << 24;
	put_u32(b + 0x48, ~sum);
	uint32_t words[15] = { 0x48, 0x40, 0x60, 0x100000, 0, 0x1000 / 4, 0, 0, 0, 0, 0x500 };
	sum = 0;
	for (unsigned i = 0; i < 15; i++) {
		put_u32(b + 0xc80 + 4 * i, words[i]);
		sum += words[i];
	}
	put_u32(b + 0xc80 + 60, ~sum);
	walked_open(&t, &zynq_format, span_of(b, sizeof b));
	assert_int_equal(t.match.size, 0x1000 + 0x60 * 4);
	assert_string_equal(walked_header(&t, "partition-0-0x100000"), "256 bytes, signed, encrypted");
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_get(&t, "partition-0-0x100000")->content.n, 0x60 * 4);
	walked_close(&t);
	survives_flips(&zynq_format, span_of(b, sizeof b), 2000, 0xd00);
}

static void test_mlo(void **state)
{
	(void)state;
	if (!tool_exists("mkimage"))
		skip();
	struct span image = make("-T omapimage -a 0x402f0400 -e 0x402f0400 -d bin");
	struct walked t;
	expect(&ti_mlo_format, image, "code", 0);
	walked_open(&t, &ti_mlo_format, image);
	assert_string_equal(walked_header(&t, "load_addr"), "0x402f0400");
	walked_close(&t);
	free((void *)image.p);
}

/* What the row says of the signature. */
static struct text signature_state(const struct walked *t)
{
	const struct fact_signature *s = fact_list_get(&t->facts, FACT_signature, 0);
	assert_non_null(s);
	return s->state;
}

static void test_stm32mp(void **state)
{
	(void)state;
	if (!tool_exists("mkimage"))
		skip();
	struct span image = make("-T stm32image -a 0xc0100000 -e 0xc0100000 -d bin");
	struct walked t;
	expect(&stm32mp_format, image, "image", 0);
	walked_open(&t, &stm32mp_format, image);
	assert_int_equal(t.match.size, 256 + payload.n);
	assert_int_equal(walked_get(&t, "image")->content.n, payload.n);
	assert_string_equal(walked_header(&t, "header_version"), "1.0");
	assert_string_equal(walked_header(&t, "load_address"), "0xc0100000");
	assert_string_equal(walked_header(&t, "checksum"), "ok");
	assert_true(text_is(signature_state(&t), "absent"));
	walked_close(&t);
	((uint8_t *)(uintptr_t)image.p)[1000]++;
	((uint8_t *)(uintptr_t)image.p)[100] = 0; /* signed */
	walked_open(&t, &stm32mp_format, image);
	assert_string_equal(walked_header(&t, "checksum"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_true(text_is(signature_state(&t), "unsupported"));
	walked_close(&t);
	walked_open(&t, &stm32mp_format, span_clip(image, 0, 20000));
	assert_string_equal(walked_header(&t, "checksum"), "not checked");
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	free((void *)image.p);
}

/* As TF-A's tool writes it, and with the longer signature of version 2.3. */
static void test_stm32mp_version_2(void **state)
{
	(void)state;
	for (unsigned longer = 0; longer < 2; longer++) {
		enum { POST = 384, SIZE = 5000 };
		static uint8_t b[160 + POST + SIZE];
		unsigned fields = longer ? 104 : 72, image = (longer ? 160 : 128) + POST;
		uint32_t sum = 0;
		memset(b, 0, sizeof b);
		memcpy(b, "STM2", 4);
		for (unsigned i = 0; i < SIZE; i++) {
			b[image + i] = (uint8_t)(i * i >> 3);
			sum += b[image + i];
		}
		put_u32(b + fields - 4, sum);
		b[fields + 1] = longer ? 3 : 0;
		b[fields + 2] = 2;
		put_u32(b + fields + 4, SIZE);
		put_u32(b + fields + 8, 0x2ffe0000);
		put_u32(b + fields + 16, 0x2ffe0000);
		put_u32(b + fields + 28, 0x80000003); /* signed, encrypted, padded */
		put_u32(b + fields + 32, POST);
		put_u32(b + fields + 36, 0x10);
		struct span all = span_of(b, image + SIZE);
		struct walked t;
		walked_open(&t, &stm32mp_format, all);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, all.n);
		assert_content(&t, "image", b + image, SIZE);
		assert_string_equal(walked_header(&t, "header_version"), longer ? "2.3" : "2.0");
		assert_string_equal(walked_header(&t, "binary_type"), "0x10");
		assert_string_equal(walked_header(&t, "checksum"), "ok");
		assert_int_equal(walked_damage(&t, "encrypted"), 1);
		assert_true(text_is(signature_state(&t), "unsupported"));
		walked_close(&t);
		survives_cuts(&stm32mp_format, all, 600);
		survives_flips(&stm32mp_format, all, 2000, 160);
	}
}

static void test_intel_flash(void **state)
{
	(void)state;
	static uint8_t b[0x10000];
	struct walked t;
	memset(b, 0xff, sizeof b);
	memcpy(b + 16, "\x5a\xa5\xf0\x0f", 4);
	put_u32(b + 0x14, 0x04040003); /* components at 0x30, regions at 0x40 */
	put_u32(b + 0x40, 0x00000000); /* descriptor: 0 to 0xfff */
	put_u32(b + 0x44, 0x000f0008); /* BIOS: 0x8000 to 0xffff */
	put_u32(b + 0x48, 0x00070001); /* ME: 0x1000 to 0x7fff */
	put_u32(b + 0x4c, 0x00007fff); /* no GbE */
	put_u32(b + 0x50, 0x00007fff);
	walked_open(&t, &intel_flash_format, span_of(b, sizeof b));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, 0x10000);
	assert_content(&t, "bios", b + 0x8000, 0x8000);
	assert_content(&t, "me", b + 0x1000, 0x7000);
	assert_string_equal(walked_header(&t, "me"), "0x1000-0x7fff");
	assert_int_equal(t.n, 3);
	struct format_match m;
	assert_false(intel_flash_format.probe(walked_get(&t, "descriptor")->content, &m)); /* not over again */
	walked_close(&t);
	put_u32(b + 0x48, 0x000f0001); /* over the BIOS */
	assert_false(intel_flash_format.probe(span_of(b, sizeof b), &m));
	put_u32(b + 0x48, 0x00070001);
	survives_cuts(&intel_flash_format, span_of(b, sizeof b), 100);
	survives_flips(&intel_flash_format, span_of(b, sizeof b), 3000, 0x60);
}

static void test_noise(void **state)
{
	(void)state;
	static const struct format *const all[] = { &egon_format, &rockchip_format, &imx_ivt_format, &kwbimage_format,
												&zynq_format, &ti_mlo_format,   &intel_flash_format, &stm32mp_format };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		assert_no_noise(all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_egon),           cmocka_unit_test(test_rockchip),
		cmocka_unit_test(test_rockchip_v2),    cmocka_unit_test(test_imx),
		cmocka_unit_test(test_kwbimage),       cmocka_unit_test(test_zynq),
		cmocka_unit_test(test_zynq_partition), cmocka_unit_test(test_mlo),
		cmocka_unit_test(test_stm32mp),        cmocka_unit_test(test_stm32mp_version_2),
		cmocka_unit_test(test_intel_flash),
		cmocka_unit_test(test_noise),
	};
	temp_new(dir);
	run_in(dir, "head -c 30000 /bin/sh > bin; head -c 3000 /bin/sh > small; "
				"printf 'IMAGE_VERSION 2\\nBOOT_FROM sd\\nDATA 4 0x020c4068 0x00C03F3F\\n' > imx.cfg; "
				"printf 'VERSION 1\\nBOOT_FROM spi\\n' > kwb1.cfg; "
				"printf 'BOOT_FROM nand\\nNAND_ECC_MODE default\\nNAND_PAGE_SIZE 0800\\n' > kwb0.cfg");
	payload = file_load(dir, "bin");
	int failed = cmocka_run_group_tests_name("first_stages", tests, NULL, NULL);
	free((void *)payload.p);
	temp_remove(dir);
	return failed;
}
