/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MCUboot images by a writer after docs/design.md: plain, protected TLVs, encrypted, with a trailer, of the first version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "update_writer.h"
#include "walked.h"

extern const struct format mcuboot_format;

enum { PAYLOAD = 300, HEADER = 64 };

struct made {
	uint8_t bytes[8192];
	size_t n;
};

static void header(struct made *m, uint32_t flags, uint16_t protected_size)
{
	memset(m, 0, sizeof *m);
	put_u32(m->bytes, 0x96f3b83d);
	put_u16(m->bytes + 8, HEADER);
	put_u16(m->bytes + 10, protected_size);
	put_u32(m->bytes + 12, PAYLOAD);
	put_u32(m->bytes + 16, flags);
	m->bytes[20] = 2;
	m->bytes[21] = 5;
	put_u16(m->bytes + 22, 7);
	put_u32(m->bytes + 24, 99);
	for (unsigned i = 0; i < PAYLOAD; i++)
		m->bytes[HEADER + i] = (uint8_t)(i * 3);
	m->n = HEADER + PAYLOAD;
}

static void info(struct made *m, uint16_t magic, uint16_t size)
{
	put_u16(m->bytes + m->n, magic);
	put_u16(m->bytes + m->n + 2, size);
	m->n += 4;
}

static void tlv(struct made *m, uint16_t type, const void *value, uint16_t n)
{
	put_u16(m->bytes + m->n, type);
	put_u16(m->bytes + m->n + 2, n);
	memcpy(m->bytes + m->n + 4, value, n);
	m->n += 4u + n;
}

static void digest_tlv(struct made *m, uint16_t type, size_t covered, const EVP_MD *md)
{
	uint8_t digest[64];
	unsigned n;
	EVP_Digest(m->bytes, covered, digest, &n, md, NULL);
	tlv(m, type, digest, (uint16_t)n);
}

static uint8_t zeros[64];

static void make_signed(struct made *m, uint32_t flags)
{
	header(m, flags, 0);
	size_t covered = m->n;
	info(m, 0x6907, 4 + 36 + 36 + 68);
	digest_tlv(m, 0x10, covered, EVP_sha256());
	tlv(m, 0x01, zeros, 32);
	tlv(m, 0x24, zeros, 64);
}

static void test_signed(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	make_signed(&m, 0);
	size_t n = m.n;
	memset(m.bytes + n, 0xff, 32);
	walked_open(&t, &mcuboot_format, span_of(m.bytes, n + 32));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_string_equal(walked_header(&t, "ih_ver"), "2.5.7+99");
	assert_string_equal(walked_header(&t, "sha256"), "ok");
	assert_string_equal(walked_header(&t, "signature"), "ED25519, 64 bytes");
	assert_content(&t, "image", m.bytes + HEADER, PAYLOAD);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	m.bytes[HEADER + 5] ^= 1;
	walked_open(&t, &mcuboot_format, span_of(m.bytes, n));
	assert_string_equal(walked_header(&t, "sha256"), "mismatch");
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
}

static void test_protected(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	for (int large = 0; large < 2; large++) {
		header(&m, 0, 12);
		info(&m, 0x6908, 12);
		tlv(&m, 0x50, "\7\0\0\0", 4);
		size_t covered = m.n;
		info(&m, 0x6907, (uint16_t)(4 + 4 + (large ? 64 : 48)));
		digest_tlv(&m, large ? 0x12 : 0x11, covered, large ? EVP_sha512() : EVP_sha384());
		walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, m.n);
		assert_string_equal(walked_header(&t, "SEC_CNT"), "7");
		assert_string_equal(walked_header(&t, large ? "sha512" : "sha384"), "ok");
		assert_string_equal(walked_header(&t, "signature"), "none");
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
	}
}

static void test_encrypted(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	make_signed(&m, 8);
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(walked_get(&t, "image")->content.n, PAYLOAD);
	walked_close(&t);
}

static void test_trailer(void **state)
{
	(void)state;
	static const uint8_t magics[2][16] = {
		{ 0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80 },
		{ 0x10, 0x00, 0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a },
	};
	struct made m;
	struct walked t;
	for (int i = 0; i < 2; i++) {
		make_signed(&m, 0);
		memset(m.bytes + m.n, 0xff, 4096 - m.n);
		m.bytes[4096 - 24] = 1; /* image_ok */
		memcpy(m.bytes + 4096 - 16, magics[i], 16);
		walked_open(&t, &mcuboot_format, span_of(m.bytes, 6000));
		assert_int_equal(t.match.size, 4096);
		assert_string_equal(walked_header(&t, "trailer"), "BOOT_MAGIC");
		walked_close(&t);
	}
}

static void test_first_version(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	header(&m, 2, 0);
	memset(m.bytes, 0, 20);
	put_u32(m.bytes, 0x96f3b83c);
	put_u16(m.bytes + 4, 36);
	put_u16(m.bytes + 8, HEADER);
	put_u32(m.bytes + 12, PAYLOAD);
	put_u32(m.bytes + 16, 2);
	digest_tlv(&m, 1, m.n, EVP_sha256());
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n + 100));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, m.n);
	assert_string_equal(walked_header(&t, "sha256"), "ok");
	assert_string_equal(walked_header(&t, "signature"), "none");
	assert_content(&t, "image", m.bytes + HEADER, PAYLOAD);
	walked_close(&t);
}

static void test_hostile(void **state)
{
	(void)state;
	struct made m;
	struct walked t;
	make_signed(&m, 0);
	put_u16(m.bytes + HEADER + PAYLOAD + 6, 0xffff); /* a TLV of 65535 bytes */
	walked_open(&t, &mcuboot_format, span_of(m.bytes, m.n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 1);
	walked_close(&t);
	make_signed(&m, 0);
	walked_open(&t, &mcuboot_format, span_of(m.bytes, 100)); /* cut within the payload */
	assert_true(t.accepted);
	assert_true(t.match.size > 100);
	assert_int_equal(walked_get(&t, "image")->content.n, 100 - HEADER);
	walked_close(&t);
	make_signed(&m, 0);
	put_u32(m.bytes + 12, 0xffffffff);
	assert_false(mcuboot_format.probe(span_of(m.bytes, m.n), &t.match));
}

static void test_survives(void **state)
{
	(void)state;
	struct made m;
	make_signed(&m, 0);
	survives_cuts(&mcuboot_format, span_of(m.bytes, m.n), (unsigned)m.n);
	survives_flips(&mcuboot_format, span_of(m.bytes, m.n), 5000, 0);
	survives_flips(&mcuboot_format, span_of(m.bytes, m.n), 2000, 32);
	assert_no_noise(&mcuboot_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed),   cmocka_unit_test(test_protected),     cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_trailer),  cmocka_unit_test(test_first_version), cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_survives),
	};
	return cmocka_run_group_tests_name("mcuboot", tests, NULL, NULL);
}
