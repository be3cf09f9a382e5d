/* SPDX-License-Identifier: GPL-3.0-or-later */
/* upx: packed programs and libraries written here after UPX's layout, in both classes and byte orders; blocks of NRV that UCL 1.03's
 * compressor made; filters, done forwards by what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <elf.h>
#include <lzma.h>
#include <zlib.h>

#include "base/hash.h"
#include "cpio_writer.h"
#include "fact/batch.h"
#include "format/nrv.h"
#include "format/upx_filter.h"
#include "format/upx_image.h"
#include "probe/probe.h"
#include "seed.h"
#include "walked.h"

extern const struct format upx_format;

#define LIMIT (8u << 20)

/* ---- NRV ---- */

/* Of what plain() gives: by UCL 1.03 at level 9, with bit buffers of 32, 8 and 16 bits. */
static const struct vector {
	uint8_t method; /* UPX's number */
	const char *hex;
} vectors[] = {
	{ 2, "ffffffff0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c618660ffffffabd0f51a3f6489aed3f8"
	     "1d42678cb1d6616263646566673107b0cf32c83233783400008140888ac74655951dff00188520404b0080f7577461696c20"
	     "040200000000000040ff" },
	{ 3, "ff0b30557a9fc4e90eff33587da2c7ec1136ff5b80a5caef14395eff83a8cdf2173c6186ffabd0f51a3f6489aeffd3f81d42"
	     "678cb1d6ff61626364656667316007c8323233cf7834b000008a884081c71dff95005546402085184b5774f761696c200480"
	     "000000000240ff" },
	{ 4, "ffff0b30557a9fc4e90e33587da2c7ec1136ffff5b80a5caef14395e83a8cdf2173c6186ffffabd0f51a3f6489aed3f81d42"
	     "678cb1d660ff61626364656667310732c83233b0cf78340000888a8140c7951dff004655204018854bf7577461696c200400"
	     "80000002000040ff" },
	{ 5, "ffffffff0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c618661ffffffabd0f51a3f6489aed3f8"
	     "1d42678cb1d661626364656667310f629f65903233783400018202212a8f1955551bff0138118200974912eea77461696c20"
	     "0800549224ff" },
	{ 6, "ff0b30557a9fc4e90eff33587da2c7ec1136ff5b80a5caef14395eff83a8cdf2173c6186ffabd0f51a3f6489aeffd3f81d42"
	     "678cb1d6ff6162636465666731610f903265339f78340062012a2102828f1bff015555190082113897a77461ee696c200812"
	     "49249254ff" },
	{ 7, "ffff0b30557a9fc4e90e33587da2c7ec1136ffff5b80a5caef14395e83a8cdf2173c6186ffffabd0f51a3f6489aed3f81d42"
	     "678cb1d661ff61626364656667310f65903233629f78340001212a82028f551bff0119558200381197eea77461696c200849"
	     "1292240054ff" },
	{ 8, "ffffffff0b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c61866effffffabd0f51a3f6489aed3f8"
	     "1d42678cb1d661626364656667310f32115b694e3378340001051458508f48a8aadaff01c4890504972449707f7461696c20"
	     "0900504992ff" },
	{ 9, "ff0b30557a9fc4e90eff33587da2c7ec1136ff5b80a5caef14395eff83a8cdf2173c6186ffabd0f51a3f6489aeffd3f81d42"
	     "678cb1d6ff61626364656667316e0f324e3369785b340001115058148f05daff01aaa848040589c4977f7461696c20700949"
	     "24924950ff" },
	{ 10, "ffff0b30557a9fc4e90e33587da2c7ec1136ffff5b80a5caef14395e83a8cdf2173c6186ffffabd0f51a3f6489aed3f81d42"
	     "678cb1d66eff61626364656667310f32694e3378115b340001585005148faadaff0148a80504c48997707f7461696c200924"
	     "4949920050ff" },
};
#define VECTORS (sizeof vectors / sizeof vectors[0])
#define PLAIN_SIZE 4155u

/* Matches that are near, far and of the last distance, short and long. */
static void plain(uint8_t p[PLAIN_SIZE])
{
	for (unsigned i = 0; i < 48; i++)
		p[i] = (uint8_t)(i * 37 + 11);
	memcpy(p + 48, "abcdefg1abcdefg2abcdefg3abxdefg4", 32);
	memset(p + 80, 0, 1400);
	memcpy(p + 1480, p, 40);
	memset(p + 1520, 0xff, 2600);
	memcpy(p + 4120, p + 4, 26);
	memcpy(p + 4146, "tail tail", 9);
}

static size_t from_hex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;
	for (size_t i = 0; i < n; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], 0 };
		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

static enum error_code nrv(uint8_t method, struct span in, uint8_t *out, size_t max, size_t *n)
{
	static const unsigned groups[] = { 4, 1, 2 };
	return nrv_decode((enum nrv)((method - 2) / 3), groups[(method - 2) % 3], in, out, max, n);
}

static void test_nrv(void **state)
{
	(void)state;
	uint8_t expected[PLAIN_SIZE], packed[256], *out = malloc(PLAIN_SIZE);
	plain(expected);
	for (size_t i = 0; i < VECTORS; i++) {
		size_t n = from_hex(vectors[i].hex, packed), got;
		assert_int_equal(nrv(vectors[i].method, span_of(packed, n), out, PLAIN_SIZE, &got), ERR_NONE);
		assert_int_equal(got, PLAIN_SIZE);
		assert_memory_equal(out, expected, PLAIN_SIZE);
		assert_int_equal(nrv(vectors[i].method, span_of(packed, n), out, PLAIN_SIZE - 1, &got), ERR_BUDGET);
		for (size_t cut = 0; cut < n; cut++) {
			uint8_t *less = malloc(cut + 1); /* just as long, for the sanitizers */
			memcpy(less, packed, cut);
			assert_int_not_equal(nrv(vectors[i].method, span_of(less, cut), out, PLAIN_SIZE, &got), ERR_NONE);
			for (unsigned bit = 0; bit < 8 && cut; bit++) {
				less[cut - 1] ^= (uint8_t)(1u << bit);
				(void)nrv(vectors[i].method, span_of(less, cut), out, PLAIN_SIZE, &got);
				less[cut - 1] ^= (uint8_t)(1u << bit);
				assert_true(got <= PLAIN_SIZE);
			}
			free(less);
		}
	}
	free(out);
}

/* ---- filters ---- */

static void put(uint8_t *p, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

static void expect_filter(uint8_t id, uint8_t mark, const uint8_t *changed, const uint8_t *original, size_t n)
{
	uint8_t *p = malloc(n);
	memcpy(p, changed, n);
	assert_true(upx_unfilter(id, mark, p, n));
	assert_memory_equal(p, original, n);
	for (size_t less = 0; less < n; less++) { /* within its bytes */
		uint8_t *q = malloc(less + 1);
		memcpy(q, changed, less);
		(void)upx_unfilter(id, mark, q, less);
		free(q);
	}
	free(p);
}

/* A call at 2 leads to 12, a jump at 8 to 30, one on a condition at 15 to 1. */
static void test_filters_x86(void **state)
{
	(void)state;
	static const struct {
		uint8_t id;
		bool call, jump, conditional, big, marked;
	} filters[] = {
		{ 0x11, true, false, false, false, false }, { 0x13, true, true, false, false, false }, { 0x15, false, true, false, true, false },
		{ 0x16, true, true, false, true, false },   { 0x24, true, false, false, true, true },  { 0x26, true, true, false, true, true },
		{ 0x36, true, true, false, true, true },    { 0x46, true, true, false, true, true },   { 0x49, true, true, true, true, true },
	};
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		uint8_t original[40] = { 0 }, changed[40];
		uint32_t mark = filters[i].marked ? 0x5a000000u : 0;
		original[2] = 0xe8;
		put(original + 3, 12 - 3, 4, false);
		original[8] = 0xe9;
		put(original + 9, 30 - 9, 4, false);
		original[14] = 0x0f;
		original[15] = 0x84;
		put(original + 16, (uint32_t)1 - 16, 4, false);
		memcpy(changed, original, sizeof changed);
		if (filters[i].call)
			put(changed + 3, 12 + mark, 4, filters[i].big);
		if (filters[i].jump)
			put(changed + 9, 30 + mark, 4, filters[i].big);
		if (filters[i].conditional)
			put(changed + 16, 1 + mark, 4, filters[i].big);
		expect_filter(filters[i].id, 0x5a, changed, original, sizeof changed);
	}
	uint8_t none[8] = { 0 };
	assert_false(upx_unfilter(0x77, 0, none, sizeof none));
}

/* Filter 0x81 tells calls by the place of their target among the last ones: here 30, 20, 30 again and 30 once more. */
static void test_filter_recent(void **state)
{
	(void)state;
	static const uint32_t target[] = { 30, 20, 30, 30 }, code[] = { 30 << 1 | 1, 20 << 1 | 1, 1 << 1, 0 };
	uint8_t original[40] = { 0 }, changed[40] = { 0 };
	for (unsigned i = 0; i < 4; i++) {
		original[6 * i] = changed[6 * i] = 0xe8;
		put(original + 6 * i + 1, target[i] - (6 * i + 1), 4, false);
		put(changed + 6 * i + 1, code[i] + 0x22000000u, 4, true);
	}
	expect_filter(0x81, 0x22, changed, original, sizeof changed);
	put(changed + 1, 32 << 1 | 0x22000000u, 4, true); /* there are 32 places: 0 to 31 */
	assert_false(upx_unfilter(0x81, 0x22, changed, sizeof changed));
}

static void test_filters_words(void **state)
{
	(void)state;
	static const struct {
		uint8_t id, mark;
		bool big;
		uint32_t changed, original; /* at 8 */
	} filters[] = {
		{ 0x50, 0, false, 0xeb000102u, 0xeb000100u }, /* BL, 24 bits of words */
		{ 0x51, 0, true, 0xeb000001u, 0xebffffffu },
		{ 0x52, 0, false, 0x94000102u, 0x94000100u }, /* BL of AArch64, 26 bits */
		{ 0x52, 0, false, 0x14000001u, 0x17ffffffu },
		{ 0xd0, 3, true, 0x48c00101u, 0x480000f9u }, /* BL of PowerPC */
	};
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		uint8_t original[24] = { 0 }, changed[24] = { 0 };
		put(original + 8, filters[i].original, 4, filters[i].big);
		put(changed + 8, filters[i].changed, 4, filters[i].big);
		expect_filter(filters[i].id, filters[i].mark, changed, original, sizeof changed);
	}
}

/* ---- packed files ---- */

#define HOLE 96u      /* between the segments, and so many bytes behind them */
#define TEXT_SIZE 900u /* of the first segment behind the headers */

struct recipe {
	bool is64, big, library;
	uint8_t method; /* of the second segment, which is plain() */
};

struct image {
	uint8_t original[8192], packed[16384];
	size_t original_n, n, info, trailer, last;
	uint32_t sum_packed, sum_unpacked;
	bool is64, big;
};

static unsigned head_size(const struct image *m, unsigned segments)
{
	return (unsigned)(m->is64 ? sizeof(Elf64_Ehdr) + segments * sizeof(Elf64_Phdr) : sizeof(Elf32_Ehdr) + segments * sizeof(Elf32_Phdr));
}

static void put_head(const struct image *m, uint8_t *p, unsigned segments, uint64_t entry)
{
	unsigned w = m->is64 ? 8 : 4, at = 24 + w;
	memcpy(p, ELFMAG, SELFMAG);
	p[EI_CLASS] = m->is64 ? ELFCLASS64 : ELFCLASS32;
	p[EI_DATA] = m->big ? ELFDATA2MSB : ELFDATA2LSB;
	p[EI_VERSION] = EV_CURRENT;
	put(p + 16, ET_DYN, 2, m->big);
	put(p + 18, m->is64 ? EM_AARCH64 : m->big ? EM_MIPS : EM_ARM, 2, m->big);
	put(p + 20, EV_CURRENT, 4, m->big);
	put(p + 24, entry, w, m->big);
	put(p + at, head_size(m, 0), w, m->big);
	at += 2 * w + 4;
	put(p + at, head_size(m, 0), 2, m->big);
	put(p + at + 2, head_size(m, 1) - head_size(m, 0), 2, m->big);
	put(p + at + 4, segments, 2, m->big);
}

static void put_segment(const struct image *m, uint8_t *head, unsigned i, const uint64_t v[4]) /* type, flags, offset, size */
{
	unsigned w = m->is64 ? 8 : 4;
	uint8_t *p = head + head_size(m, i);
	put(p, v[0], 4, m->big);
	put(p + (m->is64 ? 4 : 24), v[1], 4, m->big);
	p += m->is64 ? 8 : 4;
	put(p, v[2], w, m->big);
	put(p + w, v[2], w, m->big);
	put(p + 3 * w, v[3], w, m->big);
	put(p + 4 * w, v[3], w, m->big);
}

static void put_block(struct image *m, struct span unpacked, uint8_t method, struct span packed)
{
	uint8_t *p = m->packed + m->n;
	m->last = m->n;
	put(p, unpacked.n, 4, m->big);
	put(p + 4, packed.n, 4, m->big);
	p[8] = packed.n < unpacked.n ? method : 0;
	memcpy(p + 12, packed.p, packed.n);
	m->n += 12 + packed.n;
	m->sum_packed = hash_adler32_more(m->sum_packed, packed);
	m->sum_unpacked = hash_adler32_more(m->sum_unpacked, unpacked);
}

static size_t deflated(struct span in, uint8_t *out, size_t max)
{
	z_stream z = { .next_in = (uint8_t *)(uintptr_t)in.p, .avail_in = (unsigned)in.n, .next_out = out, .avail_out = (unsigned)max };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

/* With UPX's two bytes of properties for lc 3, lp 0, pb 2 and without an end mark. */
static size_t lzma_packed(struct span in, uint8_t *out, size_t max)
{
	uint8_t alone[8192];
	lzma_options_lzma options;
	assert_false(lzma_lzma_preset(&options, 6));
	lzma_filter filters[] = { { LZMA_FILTER_LZMA1, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t n = 0;
	assert_int_equal(lzma_raw_buffer_encode(filters, NULL, in.p, in.n, alone, &n, sizeof alone), LZMA_OK);
	assert_true(n + 2 <= max);
	out[0] = 3 << 3 | 2;
	out[1] = 3;
	memcpy(out + 2, alone, n);
	return n + 2;
}

static size_t compressed(struct span in, uint8_t method, uint8_t *out, size_t max)
{
	for (size_t i = 0; i < VECTORS; i++)
		if (vectors[i].method == method && in.n == PLAIN_SIZE)
			return from_hex(vectors[i].hex, out);
	return method == 14 ? lzma_packed(in, out, max) : deflated(in, out, max);
}

static void put_packed(struct image *m, struct span in, uint8_t method)
{
	uint8_t out[8192];
	size_t n = compressed(in, method, out, sizeof out);
	put_block(m, in, method, n < in.n ? span_of(out, n) : in);
}

static void put_trailer_sum(struct image *m)
{
	unsigned sum = 0;
	for (unsigned i = 4; i < 31; i++)
		sum += m->packed[m->trailer + i];
	m->packed[m->trailer + 31] = (uint8_t)(sum % 251);
}

static void put_trailer(struct image *m)
{
	uint8_t *p = m->packed + m->n;
	m->trailer = m->n;
	memcpy(p, "UPX!\x0d", 5);
	p[5] = m->big ? 137 : 22;
	p[6] = 8;
	p[7] = 9;
	put(p + (m->big ? 16 : 8), m->sum_unpacked, 4, m->big);
	put(p + (m->big ? 20 : 12), m->sum_packed, 4, m->big);
	put(p + 24, m->original_n, 4, m->big);
	put_trailer_sum(m);
	put(p + 32, m->info, 4, m->big);
	m->n += 36;
}

/* The original: headers, text, hole, plain(), what stands behind the segments. */
static size_t put_original(struct image *m, const struct recipe *r)
{
	uint8_t *p = m->original;
	size_t head = head_size(m, 3), second = head + TEXT_SIZE + HOLE;
	put_head(m, p, 3, 0x40);
	put_segment(m, p, 0, (uint64_t[]){ PT_LOAD, PF_R | PF_X, 0, head + TEXT_SIZE });
	put_segment(m, p, 1, (uint64_t[]){ PT_LOAD, PF_R | (r->library ? PF_W : 0), second, PLAIN_SIZE });
	put_segment(m, p, 2, (uint64_t[]){ r->library ? PT_DYNAMIC : PT_GNU_STACK, PF_R | PF_W, second, 32 });
	for (unsigned i = 0; i < TEXT_SIZE; i++)
		p[head + i] = (uint8_t)"the text of a program "[i % 22];
	memcpy(p + head + 399, "\0http://fw.vendor.net/get", sizeof "\0http://fw.vendor.net/get");
	memset(p + head + TEXT_SIZE, 0xa5, HOLE);
	plain(p + second);
	if (r->library)
		put(p + second, DT_INIT, m->is64 ? 8 : 4, m->big), put(p + second + (m->is64 ? 8 : 4), 0x123, m->is64 ? 8 : 4, m->big);
	memset(p + second + PLAIN_SIZE, 0x3c, 200);
	m->original_n = second + PLAIN_SIZE + 200;
	return head;
}

static void put_info(struct image *m)
{
	uint8_t *p = m->packed + m->n;
	memcpy(p + 4, "UPX!", 4);
	m->info = m->n + 12;
	put(p + 16, m->original_n, 4, m->big);
	put(p + 20, m->original_n, 4, m->big);
	m->n += 24;
}

/* The code that unpacks, and the holes. */
static void put_rest(struct image *m, size_t head)
{
	const uint8_t *p = m->original;
	m->n = (m->n + 3) & ~(size_t)3;
	put(m->packed + m->n, 8, 4, m->big);
	put(m->packed + m->n + 8, 0x123, 4, m->big); /* where DT_INIT of a library led to */
	static const char id[] = "$Id: UPX 9.87 Copyright (C) 1996-2020 the UPX Team. All Rights Reserved. $";
	memcpy(m->packed + m->n + 16, id, sizeof id);
	m->n += 16 + 80;
	put_packed(m, span_of(p + head + TEXT_SIZE, HOLE), 15);
	put_packed(m, span_of(p + head + TEXT_SIZE + HOLE + PLAIN_SIZE, 200), 15);
	memcpy(m->packed + m->n + 4, "UPX!", 4);
	m->n += 12;
	put_trailer(m);
}

static void put_library(struct image *m, size_t head)
{
	unsigned w = m->is64 ? 8 : 4;
	size_t second = head + TEXT_SIZE + HOLE, plain_n = 400;
	uint8_t data[PLAIN_SIZE];
	memcpy(m->packed, m->original, head + plain_n);
	put(m->packed + 24, m->is64 || m->big ? 0x777 : 0x776, w, m->big); /* ARM: it is Thumb */
	m->n = head + plain_n;
	put_info(m);
	put_packed(m, span_of(m->original, head), 15);
	put_packed(m, span_of(m->original + head + plain_n, TEXT_SIZE - plain_n), 15);
	memcpy(data, m->original + second, PLAIN_SIZE);
	put(data + w, 0x777, w, m->big);
	put_rest(m, head);
	/* What is written to stands behind all that here. UPX has it before, which makes no difference. */
	put_segment(m, m->packed, 1, (uint64_t[]){ PT_LOAD, PF_R | PF_W, m->n, PLAIN_SIZE });
	uint8_t trailer[36];
	memcpy(trailer, m->packed + m->trailer, 36);
	memcpy(m->packed + m->n, data, PLAIN_SIZE);
	m->n += PLAIN_SIZE;
	memcpy(m->packed + m->n, trailer, 36);
	m->trailer = m->n;
	m->n += 36;
}

static struct image *make(const struct recipe *r)
{
	struct image *m = calloc(1, sizeof *m);
	assert_non_null(m);
	m->is64 = r->is64;
	m->big = r->big;
	m->sum_packed = m->sum_unpacked = 1;
	size_t head = put_original(m, r);
	if (r->library) {
		put_library(m, head);
		return m;
	}
	put_head(m, m->packed, 1, 0x100);
	m->n = head_size(m, 1);
	put_info(m);
	put_packed(m, span_of(m->original, head), 15);
	put_packed(m, span_of(m->original + head, 500), 14);
	put_packed(m, span_of(m->original + head + 500, TEXT_SIZE - 500), 15);
	put_packed(m, span_of(m->original + head + TEXT_SIZE + HOLE, PLAIN_SIZE), r->method);
	put_rest(m, head);
	put_segment(m, m->packed, 0, (uint64_t[]){ PT_LOAD, PF_R | PF_X, 0, m->n });
	return m;
}

static struct error unpacked(struct span bytes, struct buf *out, size_t *used)
{
	*out = buf_with_limit(LIMIT);
	return upx_format.unpack(bytes, out, used);
}

/* All of the original comes out, and no more of the bytes is taken than the file has. */
static void expect_original(const struct image *m, size_t behind)
{
	struct format_match match;
	struct buf out;
	size_t used;
	assert_true(upx_format.probe(span_of(m->packed, m->n + behind), &match));
	struct error e = unpacked(span_of(m->packed, m->n + behind), &out, &used);
	if (error_is(&e))
		fail_msg("%s", e.text);
	assert_int_equal(used, m->n);
	assert_int_equal(out.n, m->original_n);
	assert_memory_equal(out.p, m->original, m->original_n);
	buf_free(&out);
}

static void test_programs(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		for (uint8_t method = 2; method <= 15; method += method == 10 ? 4 : 1) {
			struct image *m = make(&(struct recipe){ .is64 = i & 1, .big = i & 2, .method = method });
			seed_keep("format", "upx", "", span_of(m->packed, m->n));
			expect_original(m, 0);
			expect_original(m, 5);
			free(m);
		}
}

static void test_libraries(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct image *m = make(&(struct recipe){ .is64 = i & 1, .big = i & 2, .library = true });
		seed_keep("format", "upx", "", span_of(m->packed, m->n));
		expect_original(m, 0);
		free(m);
	}
}

/* As those do who do not want it to be unpacked: the marks, and the sizes in p_info. */
static void test_marks_erased(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct image *m = make(&(struct recipe){ .is64 = i & 1, .big = i & 2, .method = 8 });
		memset(m->packed + m->info - 8, 'X', 4);
		memset(m->packed + m->trailer, 0, 4);
		memset(m->packed + m->trailer - 8, 7, 4);
		expect_original(m, 0);
		memset(m->packed + m->info + 4, 0, 8);
		expect_original(m, 0);
		free(m);
	}
}

static void expect_damage(const struct image *m, size_t n, enum error_code code, size_t least)
{
	struct buf out;
	size_t used;
	struct error e = unpacked(span_of(m->packed, n), &out, &used);
	assert_int_equal(e.code, code);
	assert_true(out.n >= least);
	assert_memory_equal(out.p, m->original, least);
	buf_free(&out);
}

static void test_damage(void **state)
{
	(void)state;
	struct image *m = make(&(struct recipe){ .is64 = true, .method = 5 });
	size_t text = head_size(m, 3) + TEXT_SIZE;
	for (unsigned at = 8; at < 16; at += 4) { /* the sums of what is unpacked, and of what is packed */
		m->packed[m->trailer + at] ^= 1;
		expect_damage(m, m->n, ERR_TRUNCATED, text); /* no header at the end whose own sum is right */
		put_trailer_sum(m);
		expect_damage(m, m->n, ERR_CORRUPT, text);
		m->packed[m->trailer + at] ^= 1;
		put_trailer_sum(m);
	}
	expect_original(m, 0);
	expect_damage(m, m->trailer - 20, ERR_TRUNCATED, text);
	expect_damage(m, m->info + 300, ERR_TRUNCATED, head_size(m, 3));
	m->packed[m->last + 13] ^= 0x55; /* of the last hole: all before it is there */
	expect_damage(m, m->n, ERR_CORRUPT, text);
	free(m);
}

/* Each cut is told, whatever comes out. */
static void test_cuts_and_flips(void **state)
{
	(void)state;
	struct image *m = make(&(struct recipe){ .big = true, .method = 10 });
	uint32_t v = 1;
	for (size_t n = 0; n < m->n; n++) {
		struct format_match match;
		struct buf out;
		size_t used;
		uint8_t *copy = malloc(n + 1);
		memcpy(copy, m->packed, n);
		struct error e = unpacked(span_of(copy, n), &out, &used);
		assert_int_equal(error_is(&e), n + 4 < m->n); /* the last word is not needed */
		buf_free(&out);
		for (unsigned k = 0; k < 8 && n; k++, v = v * 1664525 + 1013904223)
			copy[(v >> 8) % (k & 1 ? n : n < 300 ? n : 300)] ^= (uint8_t)(1u << (v & 7));
		(void)upx_format.probe(span_of(copy, n), &match);
		e = unpacked(span_of(copy, n), &out, &used);
		assert_true(used <= n);
		buf_free(&out);
		free(copy);
	}
	free(m);
}

static void test_others(void **state)
{
	(void)state;
	struct format_match match;
	struct image *m = make(&(struct recipe){ .is64 = true, .method = 2 });
	uint64_t start = 0;
	assert_false(upx_format.probe(span_of(m->original, m->original_n), &match));
	assert_true(upx_format.locate(span_of(m->packed, m->n), m->info - 8, &start));
	assert_int_equal(start, 0);
	assert_false(upx_format.locate(span_of(m->packed, m->n), m->trailer, &start));
	m->packed[m->info + 24] ^= 0xff; /* the headers' block no longer gives headers */
	assert_false(upx_format.probe(span_of(m->packed, m->n), &match));
	free(m);
}

static void test_described(void **state)
{
	(void)state;
	struct image *m = make(&(struct recipe){ .big = true, .method = 2 });
	struct walked t = { 0 };
	t.copies = arena_new(0);
	fact_list_init(&t.facts, t.copies);
	upx_format.describe(span_of(m->packed, m->n), &t.facts.sink);
	assert_string_equal(walked_header(&t, "release"), "UPX 9.87");
	assert_string_equal(walked_header(&t, "method"), "NRV2E");
	free(m);
	arena_free(t.copies);
}

/* ---- as a file of a file system ---- */

struct findings {
	struct probe_output output; /* first */
	char log[1024];
	size_t n;
};

static void note(struct findings *f, const char *format, ...)
{
	va_list v;
	va_start(v, format);
	f->n += (size_t)vsnprintf(f->log + f->n, sizeof f->log - f->n, format, v);
	va_end(v);
	assert_true(f->n < sizeof f->log);
}

static bool take_row(void *context, enum fact_type type, const void *row)
{
	const struct fact_blob *b = row;
	const struct fact_elf *e = row;
	const struct fact_damage *d = row;
	const struct fact_endpoint *a = row;
	if (type == FACT_blob && b->path.n && b->path.p[0] == '/')
		note(context, "%.*s %.*s %lld;", (int)b->path.n, b->path.p, (int)b->format.n, b->format.p, (long long)b->size);
	else if (type == FACT_elf)
		note(context, " %.*s nx %lld;", (int)e->machine.n, e->machine.p, (long long)e->nx);
	else if (type == FACT_endpoint)
		note(context, " %.*s at %lld;", (int)a->host.n, a->host.p, (long long)a->offset);
	else if (type == FACT_damage)
		note(context, " %.*s;", (int)d->kind.n, d->kind.p);
	return true;
}

static bool take_batch(struct probe_output *output, struct span batch)
{
	return batch_read(batch, take_row, output);
}

static void examined(struct span file, struct findings *f)
{
	struct buf cpio = { 0 };
	struct error e;
	struct probe_status *status = calloc(1, sizeof *status);
	cpio_add(&cpio, span_of("bin/tool", 8), 0100755, file);
	cpio_end(&cpio);
	*f = (struct findings){ .output.batch = take_batch };
	struct probe *p = probe_new(1, false, &e);
	assert_non_null(p);
	struct probe_input input = { buf_span(&cpio), -1, TEXT_LIT("input") };
	struct probe_options options = { .budget = budget_default };
	probe_firmware(p, &input, &options, status, &f->output);
	probe_free(p);
	free(status);
	buf_free(&cpio);
}

/* The file is what it was, and its facts are those of the program that was packed: also what stands in its text, and what was
 * appended to the packed file. */
static void test_as_file(void **state)
{
	(void)state;
	static const char address[] = "\0http://up.vendor.org/get";
	struct findings f;
	struct image *m = make(&(struct recipe){ .is64 = true, .method = 8 });
	char expected[256];
	snprintf(expected, sizeof expected, " aarch64 nx 1; fw.vendor.net at %u;", head_size(m, 3) + 400);
	examined(span_of(m->packed, m->n), &f);
	assert_non_null(strstr(f.log, "/bin/tool elf "));
	assert_non_null(strstr(f.log, expected));
	assert_null(strstr(f.log, "corrupt"));
	assert_null(strstr(f.log + 9, "/bin")); /* one blob */

	memcpy(m->packed + m->n, address, sizeof address);
	examined(span_of(m->packed, m->n + sizeof address), &f);
	snprintf(expected, sizeof expected, " up.vendor.org at %zu;", m->original_n + m->n + 1);
	assert_non_null(strstr(f.log, expected));

	m->packed[m->last + 13] ^= 0x55;
	examined(span_of(m->packed, m->n), &f);
	assert_non_null(strstr(f.log, " aarch64 nx 1;"));
	assert_non_null(strstr(f.log, " corrupt;"));
	free(m);
}

/* Packed as it seems, of one program header and stored blocks. */
static void begin_forged(struct image *m, unsigned segments, const uint64_t segment[4])
{
	memset(m, 0, sizeof *m);
	m->is64 = true;
	m->sum_packed = m->sum_unpacked = 1;
	put_head(m, m->original, segments, 0x40);
	for (unsigned i = 0; i < segments; i++)
		put_segment(m, m->original, i, segment);
	m->original_n = 4096;
	put_head(m, m->packed, 1, 0x100);
	put_segment(m, m->packed, 0, (uint64_t[]){ PT_LOAD, PF_R | PF_X, 0, 4096 });
	m->n = head_size(m, 1);
	put_info(m);
	put_block(m, span_of(m->original, head_size(m, segments)), 0, span_of(m->original, head_size(m, segments)));
}

/* What runs are the file's own bytes: they are looked at whatever seems to come out of it, and where nothing does. */
static void test_own_bytes(void **state)
{
	(void)state;
	static const char address[] = "\0http://own.vendor.org/get";
	static const uint64_t loaded[] = { PT_LOAD, PF_R | PF_X, 0, sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) };
	static const uint64_t nothing[] = { PT_NOTE, PF_R, 0, 64 };
	struct image *m = malloc(sizeof *m);
	assert_non_null(m);
	for (unsigned i = 0; i < 2; i++) {
		struct findings f;
		char expected[64];
		begin_forged(m, 1, i ? nothing : loaded);
		size_t at = m->n + (i ? 0 : (size_t)loaded[3]); /* behind the program that was packed, or in the file */
		memcpy(m->packed + m->n, address, sizeof address);
		m->n += 64;
		put_trailer(m);
		examined(span_of(m->packed, m->n), &f);
		snprintf(expected, sizeof expected, " own.vendor.org at %zu;", at + 1);
		assert_non_null(strstr(f.log, expected));
		assert_null(strstr(f.log + 9, "/bin")); /* not once more in itself */
	}
	free(m);
}

/* What the dynamic linker loads is no packed program, whatever comes out: what it is linked with is told, too. */
static void test_linked(void **state)
{
	(void)state;
	struct findings f;
	struct image *m = malloc(sizeof *m);
	assert_non_null(m);
	for (unsigned interpreted = 0; interpreted < 2; interpreted++) {
		begin_forged(m, 1, (uint64_t[]){ PT_LOAD, PF_R | PF_X, 0, sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) });
		if (interpreted)
			put_segment(m, m->packed, 0, (uint64_t[]){ PT_INTERP, PF_R, 8, 8 });
		examined(span_of(m->packed, m->n), &f);
		const char *first = strstr(f.log, " aarch64 nx");
		assert_non_null(first);
		assert_int_equal(strstr(first + 1, " aarch64 nx") != NULL, interpreted);
	}
	free(m);
}

/* Segments one over the other, as nobody makes them: from few bytes blocks without end would be unpacked to the same place. */
static void test_overlapping(void **state)
{
	(void)state;
	struct image *m = malloc(sizeof *m);
	struct buf out;
	size_t used;
	assert_non_null(m);
	begin_forged(m, 4, (uint64_t[]){ PT_LOAD, PF_R, 0, sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr) });
	put(m->packed + m->info + 4, head_size(m, 4), 4, false);
	put(m->packed + m->info + 8, head_size(m, 4), 4, false);
	for (unsigned i = 1; i < 4; i++)
		put_block(m, span_of(m->original, head_size(m, 4)), 0, span_of(m->original, head_size(m, 4)));
	struct error e = unpacked(span_of(m->packed, m->n), &out, &used);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_int_equal(out.n, head_size(m, 4));
	buf_free(&out);
	free(m);
}

/* Tables of megabytes are not made for each that seems to be packed. */
static void test_lzma_tables(void **state)
{
	(void)state;
	static const uint8_t small[] = { 8 << 3 | 2, 8, 0 }, large[] = { 9 << 3 | 2, 1 << 4 | 8, 0 };
	uint8_t out[64];
	size_t n;
	struct upx_block b = { .unpacked = sizeof out, .packed = 3, .method = 14, .bytes = span_of(small, 3) };
	assert_int_equal(upx_decode(&b, out, sizeof out, &n), ERR_TRUNCATED);
	b.bytes = span_of(large, 3);
	assert_int_equal(upx_decode(&b, out, sizeof out, &n), ERR_CORRUPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nrv),         cmocka_unit_test(test_filters_x86), cmocka_unit_test(test_filter_recent),
		cmocka_unit_test(test_filters_words), cmocka_unit_test(test_programs),  cmocka_unit_test(test_libraries),
		cmocka_unit_test(test_marks_erased), cmocka_unit_test(test_damage),     cmocka_unit_test(test_cuts_and_flips),
		cmocka_unit_test(test_others),      cmocka_unit_test(test_described),
		cmocka_unit_test(test_as_file),     cmocka_unit_test(test_own_bytes),   cmocka_unit_test(test_overlapping),
		cmocka_unit_test(test_lzma_tables), cmocka_unit_test(test_linked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
