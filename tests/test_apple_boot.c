/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Apple's boot loaders load: Image4, IMG3, 8900, packed kernels. Written here after what their readers agree on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "lzfse_writer.h"
#include "seed.h"
#include "walked.h"

extern const struct format img4_format, img3_format, apple_8900_format, apple_comp_format;

static uint8_t room[1 << 18];

static size_t put(uint8_t *p, size_t at, const void *bytes, size_t n)
{
	memcpy(p + at, bytes, n);
	return at + n;
}

static void put_int(uint8_t *p, uint64_t v, unsigned n, bool big)
{
	for (unsigned i = 0; i < n; i++)
		p[big ? n - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

/* Wraps the n bytes at p into an element: they move behind its head. Gives how many it has now. */
static size_t wrap(uint8_t *p, size_t n, uint8_t tag)
{
	uint8_t head[6] = { tag };
	unsigned width = n < 0x80 ? 0 : n < 0x100 ? 1 : n < 0x10000 ? 2 : 3;
	head[1] = width ? (uint8_t)(0x80 | width) : (uint8_t)n;
	put_int(head + 2, n, width, true);
	memmove(p + 2 + width, p, n);
	memcpy(p, head, 2 + width);
	return n + 2 + width;
}

static size_t element(uint8_t *p, size_t at, uint8_t tag, const void *bytes, size_t n)
{
	memmove(p + at, bytes, n);
	return at + wrap(p + at, n, tag);
}

static size_t make_payload(uint8_t *p, struct span data, bool keybag, bool packed)
{
	size_t n = element(p, 0, 0x16, "IM4P", 4);
	n = element(p, n, 0x16, "krnl", 4);
	n = element(p, n, 0x16, "KernelCache-1", 13);
	n = element(p, n, 0x04, data.p, data.n);
	if (keybag)
		n = element(p, n, 0x04, "\x30\x07\x02\x01\x01\x04\x02kk", 9);
	if (packed) {
		size_t begin = n;
		n = element(p, n, 0x02, "\1", 1);
		n = element(p, n, 0x02, "\2\0\0", 3);
		n = begin + wrap(p + begin, n - begin, 0x30);
	}
	return wrap(p, n, 0x30);
}

static size_t make_manifest(uint8_t *p)
{
	size_t n = element(p, 0, 0x16, "IM4M", 4);
	n = element(p, n, 0x02, "\0", 1);
	n = element(p, n, 0x31, "body of the manifest", 20);
	n = element(p, n, 0x04, "signature", 9);
	size_t begin = n;
	n = element(p, n, 0x30, "first", 5);
	n = element(p, n, 0x30, "second", 6);
	n = begin + wrap(p + begin, n - begin, 0x30);
	return wrap(p, n, 0x30);
}

static size_t make_image(uint8_t *p, struct span data)
{
	size_t n = element(p, 0, 0x16, "IMG4", 4);
	n += make_payload(p + n, data, false, true);
	size_t begin = n;
	n = begin + wrap(p + begin, make_manifest(p + begin), 0xa0);
	begin = n;
	n = element(p, n, 0x16, "IM4R", 4);
	n = element(p, n, 0x31, "nonce", 5);
	n = begin + wrap(p + begin, n - begin, 0x30);
	n = begin + wrap(p + begin, n - begin, 0xa1);
	return wrap(p, n, 0x30);
}

static struct span noise(size_t n)
{
	static uint8_t bytes[100000];
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		bytes[i] = (uint8_t)x;
	}
	return span_of(bytes, n);
}

/* Lengths of one byte to four. */
static void test_img4(void **state)
{
	(void)state;
	static const size_t sizes[] = { 3, 60, 150, 300, 100000 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct walked t;
		struct span data = noise(sizes[i]);
		size_t n = make_image(room, data);
		memset(room + n, 0xff, 100);
		walked_open(&t, &img4_format, span_of(room, n + 100));
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, n);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_string_equal(walked_header(&t, "type"), "krnl");
		assert_string_equal(walked_header(&t, "description"), "KernelCache-1");
		assert_string_equal(walked_header(&t, "compression"), "LZFSE");
		assert_string_equal(walked_header(&t, "unpacked_size"), "131072");
		assert_int_equal(t.n, 3);
		assert_content(&t, "payload", data.p, data.n);
		assert_string_equal(walked_get(&t, "manifest")->e.format, "img4");
		/* the manifest is an object by itself */
		struct walked m;
		walked_open(&m, &img4_format, walked_get(&t, "manifest")->content);
		assert_true(m.accepted);
		assert_string_equal(walked_header(&m, "object"), "IM4M");
		assert_string_equal(walked_header(&m, "manifest_version"), "0");
		assert_content(&m, "manifest_body", "\x31\x14" "body of the manifest", 22);
		assert_content(&m, "certificate-1", "\x30\x06second", 8);
		walked_close(&m);
		walked_open(&m, &img4_format, walked_get(&t, "restore_info")->content);
		assert_true(m.accepted);
		walked_close(&m);
		walked_close(&t);
	}
	survives_cuts(&img4_format, span_of(room, make_image(room, noise(300))), 400);
	survives_flips(&img4_format, span_of(room, make_image(room, noise(300))), 2000, 0);
}

static void test_img4_payload(void **state)
{
	(void)state;
	struct walked t;
	struct span data = noise(1000);
	size_t n = make_payload(room, data, true, false);
	walked_open(&t, &img4_format, span_of(room, n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_content(&t, "payload", data.p, data.n);
	walked_close(&t);
	/* what is packed, and not encrypted, may have a keybag that is left over */
	n = make_payload(room, span_of("bvx2....", 8), true, true);
	walked_open(&t, &img4_format, span_of(room, n));
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	n = make_payload(room, data, false, false);
	walked_open(&t, &img4_format, span_of(room, n / 2));
	assert_int_equal(t.match.size, n);
	assert_true(walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	/* the name alone, and one in a text */
	struct format_match m;
	assert_false(img4_format.probe(span_of("\x30\x10\x16\x04IM4P and nothing more", 30), &m));
	assert_false(img4_format.probe(span_of("\x30\x06\x16\x04IM4P", 8), &m));
}

static size_t tag(uint8_t *p, size_t at, const char *name, const void *data, size_t n, size_t padding)
{
	for (unsigned i = 0; i < 4; i++)
		p[at + i] = (uint8_t)name[3 - i];
	put_int(p + at + 4, 12 + n + padding, 4, false);
	put_int(p + at + 8, n, 4, false);
	memcpy(p + at + 12, data, n);
	memset(p + at + 12 + n, 0, padding);
	return at + 12 + n + padding;
}

static void test_img3(void **state)
{
	(void)state;
	struct walked t;
	struct span data = noise(500);
	for (unsigned encrypted = 0; encrypted < 2; encrypted++) {
		size_t n = tag(room, 20, "TYPE", "toli", 4, 16);
		n = tag(room, n, "DATA", data.p, data.n, 12);
		n = tag(room, n, "VERS", "\x0a\0\0\0iBoot-1.23", 14, 2);
		if (encrypted)
			n = tag(room, n, "KBAG", "\1\0\0\0\0\1\0\0", 8, 48);
		size_t sign = n;
		n = tag(room, n, "CERT", "certificates", 12, 0);
		memcpy(room, "3gmI", 4);
		put_int(room + 4, n, 4, false);
		put_int(room + 8, n - 20, 4, false);
		put_int(room + 12, sign - 20, 4, false);
		memcpy(room + 16, "toli", 4);
		walked_open(&t, &img3_format, span_of(room, n + 20));
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.match.size, n);
		assert_string_equal(walked_header(&t, "type"), "ilot");
		assert_string_equal(walked_header(&t, "version"), "iBoot-1.23");
		assert_content(&t, "payload", data.p, data.n);
		assert_content(&t, "certificates", "certificates", 12);
		assert_int_equal(walked_damage(&t, "encrypted"), encrypted);
		walked_close(&t);
		survives_cuts(&img3_format, span_of(room, n), 100);
		survives_flips(&img3_format, span_of(room, n), 1000, 100);
	}
}

static void test_8900(void **state)
{
	(void)state;
	struct walked t;
	struct span data = noise(0x900);
	memset(room, 0, 0x800);
	memcpy(room, "89001.0\4", 8);
	put_int(room + 12, data.n, 4, false);
	put_int(room + 16, data.n, 4, false);
	put_int(room + 20, data.n + 0x80, 4, false);
	put_int(room + 24, 12, 4, false);
	size_t n = put(room, 0x800, data.p, data.n);
	memset(room + n, 7, 0x80);
	n = put(room, n + 0x80, "certificates", 12);
	walked_open(&t, &apple_8900_format, span_of(room, n));
	assert_true(t.accepted && !error_is(&t.error));
	assert_int_equal(t.match.size, n);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_content(&t, "payload", data.p, data.n);
	assert_content(&t, "certificates", "certificates", 12);
	walked_close(&t);
	room[7] = 3;
	walked_open(&t, &apple_8900_format, span_of(room, n));
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	walked_close(&t);
	survives_cuts(&apple_8900_format, span_of(room, n), 50);
	survives_flips(&apple_8900_format, span_of(room, n), 500, 64);
}

/* Okumura's LZSS with its ring: matches are looked for the slow way, the first of them begin in its blanks. */
static size_t pack_lzss(const uint8_t *in, size_t n, uint8_t *out)
{
	static uint8_t ring[4096 + 100000];
	memset(ring, ' ', 4078);
	memcpy(ring + 4078, in, n);
	size_t made = 0, flags_at = 0;
	unsigned bit = 8;
	for (size_t at = 0; at < n; bit++) {
		if (bit == 8) {
			flags_at = made++;
			out[flags_at] = 0;
			bit = 0;
		}
		size_t now = 4078 + at, first = now > 4096 - 18 ? now - (4096 - 18) : 0, best = 0, from = 0;
		for (size_t j = first; j < now; j++) {
			size_t length = 0;
			while (length < 18 && at + length < n && ring[j + length] == ring[now + length])
				length++;
			if (length > best)
				best = length, from = j;
		}
		if (best >= 3) {
			size_t place = from % 4096;
			out[made++] = (uint8_t)place;
			out[made++] = (uint8_t)((place >> 4 & 0xf0) | (best - 3));
			at += best;
		} else {
			out[flags_at] |= (uint8_t)(1u << bit);
			out[made++] = in[at++];
		}
	}
	return made;
}

static uint32_t adler(const uint8_t *p, size_t n)
{
	uint32_t a = 1, b = 0;
	for (size_t i = 0; i < n; i++)
		a = (a + p[i]) % 65521, b = (b + a) % 65521;
	return b << 16 | a;
}

static void test_comp(void **state)
{
	(void)state;
	static uint8_t kernel[9000];
	size_t made = 0;
	memset(kernel, ' ', 40); /* what the ring begins with */
	for (size_t at = 40; at + 16 < sizeof kernel; at += 11)
		snprintf((char *)kernel + at, 16, "word %05zu ", at * at % 977);
	memset(room, 0, 0x180);
	memcpy(room, "complzss", 8);
	put_int(room + 8, adler(kernel, sizeof kernel), 4, true);
	put_int(room + 12, sizeof kernel, 4, true);
	made = pack_lzss(kernel, sizeof kernel, room + 0x180);
	put_int(room + 16, made, 4, true);
	put_int(room + 20, 1, 4, true);
	for (unsigned i = 0; i < 4; i++) {
		struct format_match m;
		struct buf out = buf_with_limit(0);
		size_t used = 0, there = 0x180 + made;
		if (i == 1)
			room[0x180 + made / 2] ^= 0x10; /* the sum says so */
		if (i == 2)
			there -= made / 2;
		if (i == 3)
			memcpy(room, "complzvn", 8);
		assert_true(apple_comp_format.probe(span_of(room, there), &m));
		seed_keep("format", apple_comp_format.name, "", span_of(room, there));
		assert_int_equal(m.size, 0x180 + made);
		struct error e = apple_comp_format.unpack(span_of(room, there), &out, &used);
		assert_int_equal(used, there);
		if (i == 0) {
			assert_false(error_is(&e));
			assert_int_equal(out.n, sizeof kernel);
			assert_memory_equal(out.p, kernel, sizeof kernel);
		}
		if (i == 2) {
			assert_int_equal(e.code, ERR_TRUNCATED);
			assert_in_range(out.n, 100, sizeof kernel - 1);
			room[0x180 + made / 2] ^= 0x10;
			assert_memory_equal(out.p, kernel, 100);
		}
		assert_true(i == 0 || error_is(&e));
		buf_free(&out);
	}
	put_int(room + 12, 10 * made, 4, true); /* nothing packs like that */
	memcpy(room, "complzss", 8);
	assert_false(apple_comp_format.probe(span_of(room, 0x180 + made), &(struct format_match){ 0 }));
	/* LZVN, of which some makers leave the end out */
	made = lzvn_write(span_of(kernel, sizeof kernel), room + 0x180);
	memcpy(room, "complzvn", 8);
	put_int(room + 12, sizeof kernel, 4, true);
	for (unsigned i = 0; i < 3; i++) {
		size_t n = made - (i == 1 ? 8 : i == 2 ? 20 : 0), used = 0;
		struct buf out = buf_with_limit(0);
		put_int(room + 16, n, 4, true);
		assert_true(apple_comp_format.probe(span_of(room, 0x180 + n), &(struct format_match){ 0 }));
		struct error e = apple_comp_format.unpack(span_of(room, 0x180 + n), &out, &used);
		assert_int_equal(error_is(&e), i == 2);
		assert_true(out.n <= sizeof kernel && (i == 2 || out.n == sizeof kernel));
		assert_memory_equal(out.p, kernel, out.n);
		buf_free(&out);
	}
	put_int(room + 12, 200 * made, 4, true);
	assert_false(apple_comp_format.probe(span_of(room, 0x180 + made), &(struct format_match){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_img4), cmocka_unit_test(test_img4_payload), cmocka_unit_test(test_img3),
										cmocka_unit_test(test_8900), cmocka_unit_test(test_comp) };
	return cmocka_run_group_tests_name("apple_boot", tests, NULL, NULL);
}
