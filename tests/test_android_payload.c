/* SPDX-License-Identifier: GPL-3.0-or-later */
/* android_payload: payloads written here after update_metadata.proto, their operations packed by xz, bzip2 and zstd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lzma.h>
#include <openssl/evp.h>
#include <zstd.h>

#include "walked.h"

extern const struct format android_payload_format;

#define BLOCK 4096u

/* ---- protocol buffers ---- */

static void add(struct buf *b, const void *p, size_t n)
{
	assert_int_equal(buf_add(b, p, n), ERR_NONE);
}

static void add_varint(struct buf *b, uint64_t v)
{
	for (; v >= 128; v >>= 7)
		add(b, &(uint8_t){ (uint8_t)(v | 128) }, 1);
	add(b, &(uint8_t){ (uint8_t)v }, 1);
}

static void add_number(struct buf *b, unsigned field, uint64_t v)
{
	add_varint(b, field << 3);
	add_varint(b, v);
}

static void add_bytes(struct buf *b, unsigned field, const void *p, size_t n)
{
	add_varint(b, field << 3 | 2);
	add_varint(b, n);
	if (n)
		add(b, p, n);
}

static void add_message(struct buf *b, unsigned field, struct buf *message)
{
	add_bytes(b, field, message->p, message->n);
	buf_free(message);
	*message = (struct buf){ 0 };
}

static void put_be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

/* ---- a payload of one partition ---- */

#define PARTITION_BLOCKS 40u
static uint8_t plain[PARTITION_BLOCKS * BLOCK];

struct maker {
	struct buf partition, data;
	bool wrong_hash;
};

/* An operation that writes blocks [from, from + count), and [more, more + more_count) where that is not 0. */
static void operation(struct maker *m, unsigned type, const void *data, size_t n, uint64_t from, uint64_t count,
					  uint64_t more, uint64_t more_count)
{
	struct buf op = { 0 }, extent = { 0 };
	uint8_t digest[32];
	unsigned size;
	add_number(&op, 1, type);
	if (n) {
		add_number(&op, 2, m->data.n);
		add_number(&op, 3, n);
		assert_int_equal(EVP_Digest(data, n, digest, &size, EVP_sha256(), NULL), 1);
		digest[3] ^= m->wrong_hash;
		add_bytes(&op, 8, digest, 32);
		add(&m->data, data, n);
	}
	if (from)
		add_number(&extent, 1, from);
	add_number(&extent, 2, count);
	add_message(&op, 6, &extent);
	if (more_count) {
		add_number(&extent, 1, more);
		add_number(&extent, 2, more_count);
		add_message(&op, 6, &extent);
	}
	add_message(&m->partition, 8, &op);
}

static struct buf finish(struct maker *m, const char *name)
{
	struct buf manifest = { 0 }, info = { 0 }, out = { 0 };
	uint8_t header[24] = "CrAU", digest[32];
	unsigned size;
	add_number(&manifest, 3, BLOCK);
	add_number(&manifest, 4, m->data.n);
	add_number(&manifest, 5, 10);
	add_number(&manifest, 12, 0);
	add_bytes(&m->partition, 1, name, strlen(name));
	add_number(&info, 1, sizeof plain);
	EVP_Digest(plain, sizeof plain, digest, &size, EVP_sha256(), NULL);
	add_bytes(&info, 2, digest, 32);
	add_message(&m->partition, 7, &info);
	add_message(&manifest, 13, &m->partition);
	add_number(&manifest, 14, 1700000000);
	add_bytes(&manifest, 18, "2023-05-05", 10);
	put_be(header + 4, 2, 8);
	put_be(header + 12, manifest.n, 8);
	put_be(header + 20, 7, 4);
	add(&out, header, sizeof header);
	add(&out, manifest.p, manifest.n);
	add(&out, "SIGNED1", 7);
	add(&out, m->data.p, m->data.n);
	add(&out, "SIGNATURE2", 10);
	buf_free(&manifest);
	buf_free(&m->data);
	*m = (struct maker){ 0 };
	return out;
}

static size_t pack_xz(const uint8_t *in, size_t n, uint8_t *out, size_t max)
{
	size_t at = 0;
	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, in, n, out, &at, max), LZMA_OK);
	return at;
}

static struct span bzip2_of(const uint8_t *in, size_t n)
{
	char dir[TEMP_MAX], path[TEMP_MAX + 8];
	temp_new(dir);
	snprintf(path, sizeof path, "%s/in", dir);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(in, 1, n, f), n);
	fclose(f);
	run_in(dir, "bzip2 -c in > out");
	struct span s = file_load(dir, "out");
	temp_remove(dir);
	return s;
}

static void make_plain(void)
{
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)("some text to be packed "[i % 23] ^ (i >> 12));
	memset(plain + 30 * BLOCK, 0, 10 * BLOCK);
}

static void full_operations(struct maker *m)
{
	uint8_t packed[16 * BLOCK], joined[6 * BLOCK];
	struct span bz = bzip2_of(plain + 5 * BLOCK, 5 * BLOCK);
	operation(m, 0, plain, 5 * BLOCK, 0, 5, 0, 0);
	operation(m, 1, bz.p, bz.n, 5, 5, 0, 0);
	operation(m, 8, packed, pack_xz(plain + 10 * BLOCK, 5 * BLOCK, packed, sizeof packed), 10, 5, 0, 0);
	operation(m, 14, packed, ZSTD_compress(packed, sizeof packed, plain + 15 * BLOCK, 5 * BLOCK, 3), 15, 5, 0, 0);
	/* One that writes at two places, the later one first. */
	memcpy(joined, plain + 26 * BLOCK, 4 * BLOCK);
	memcpy(joined + 4 * BLOCK, plain + 20 * BLOCK, 2 * BLOCK);
	operation(m, 8, packed, pack_xz(joined, 6 * BLOCK, packed, sizeof packed), 26, 4, 20, 2);
	operation(m, 0, plain + 22 * BLOCK, 4 * BLOCK, 22, 4, 0, 0);
	operation(m, 6, NULL, 0, 30, 5, 0, 0);
	operation(m, 7, NULL, 0, 35, 5, 0, 0);
	free((void *)bz.p);
}

static void test_full(void **state)
{
	(void)state;
	if (!tool_exists("bzip2"))
		skip();
	struct maker m = { 0 };
	struct walked t;
	full_operations(&m);
	struct buf payload = finish(&m, "system");
	walked_open(&t, &android_payload_format, buf_span(&payload));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, payload.n);
	assert_int_equal(t.n, 3);
	assert_content(&t, "system", plain, sizeof plain);
	assert_content(&t, "metadata_signature", "SIGNED1", 7);
	assert_content(&t, "payload_signature", "SIGNATURE2", 10);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_string_equal(walked_header(&t, "security_patch_level"), "2023-05-05");
	assert_string_equal(walked_header(&t, "partitions/system/operations"),
						"2 REPLACE, 1 REPLACE_BZ, 1 ZERO, 1 DISCARD, 2 REPLACE_XZ, 1 REPLACE_ZSTD");
	/* Any part of it, too. */
	const struct content *c = &walked_get(&t, "system")->e.content;
	for (size_t at = 0; at < sizeof plain; at += 3 * BLOCK) {
		uint8_t part[3 * BLOCK];
		size_t n = sizeof plain - at < sizeof part ? sizeof plain - at : sizeof part;
		struct error e = c->ops->read(c->fs, c->file, at, part, n);
		assert_false(error_is(&e));
		assert_memory_equal(part, plain + at, n);
	}
	walked_close(&t);
	survives_cuts(&android_payload_format, buf_span(&payload), 200);
	survives_flips(&android_payload_format, buf_span(&payload), 2000, 900);
	survives_flips(&android_payload_format, buf_span(&payload), 500, 0);
	buf_free(&payload);
}

static void test_wrong_hash(void **state)
{
	(void)state;
	struct maker m = { .wrong_hash = true };
	operation(&m, 0, plain, 5 * BLOCK, 0, 5, 0, 0);
	struct buf payload = finish(&m, "boot");
	struct walked t;
	walked_open(&t, &android_payload_format, buf_span(&payload));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	buf_free(&payload);
}

static void test_delta(void **state)
{
	(void)state;
	struct maker m = { 0 };
	struct walked t;
	operation(&m, 0, plain, 5 * BLOCK, 0, 5, 0, 0);
	operation(&m, 4, NULL, 0, 5, 5, 0, 0);
	operation(&m, 10, "patch", 5, 10, 1, 0, 0);
	struct buf payload = finish(&m, "vendor");
	walked_open(&t, &android_payload_format, buf_span(&payload));
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_string_equal(walked_header(&t, "partitions/vendor/operations"), "1 REPLACE, 1 SOURCE_COPY, 1 BROTLI_BSDIFF");
	assert_memory_equal(walked_get(&t, "vendor")->content.p, plain, 5 * BLOCK);
	walked_close(&t);
	buf_free(&payload);
	operation(&m, 4, NULL, 0, 5, 5, 0, 0); /* nothing that can be applied */
	payload = finish(&m, "vendor");
	walked_open(&t, &android_payload_format, buf_span(&payload));
	assert_int_equal(walked_get(&t, "vendor")->e.content.kind, CONTENT_NONE);
	walked_close(&t);
	buf_free(&payload);
}

/* Extents over others, of 2^63 blocks, of none; data behind the end. */
static void test_hostile(void **state)
{
	(void)state;
	struct maker m = { 0 };
	struct walked t;
	operation(&m, 0, plain, 5 * BLOCK, 0, 5, UINT64_MAX, UINT64_MAX);
	operation(&m, 0, plain, 5 * BLOCK, 3, 5, 1, 0);
	operation(&m, 6, NULL, 0, UINT64_C(1) << 51, UINT64_C(1) << 51, 0, 0);
	operation(&m, 8, "no xz", 5, 20, UINT64_C(1) << 30, 0, 0);
	struct buf payload = finish(&m, "../../etc");
	walked_open(&t, &android_payload_format, buf_span(&payload));
	assert_true(walked_damage(&t, "corrupt") >= 1);
	assert_true(walked_damage(&t, "budget") >= 1);
	walked_get(&t, "../../etc");
	walked_close(&t);
	buf_free(&payload);
}

static void test_noise(void **state)
{
	(void)state;
	uint64_t x = 7;
	unsigned passed = 0;
	for (unsigned k = 0; k < 100000; k++) {
		uint8_t bytes[1024];
		for (size_t i = 0; i < sizeof bytes; i += 8) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			memcpy(bytes + i, &x, 8);
		}
		memcpy(bytes, "CrAU\0\0\0\0\0\0\0\2", 12);
		struct format_match m;
		passed += android_payload_format.probe(span_of(bytes, sizeof bytes), &m);
	}
	assert_int_equal(passed, 0);
}

int main(void)
{
	make_plain();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),    cmocka_unit_test(test_wrong_hash), cmocka_unit_test(test_delta),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_noise),
	};
	return cmocka_run_group_tests_name("android_payload", tests, NULL, NULL);
}
