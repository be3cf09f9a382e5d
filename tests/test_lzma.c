/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our LZMA decoder against liblzma's encoder and decoder: the same bytes, or both refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <lzma.h>

#include "base/codec.h"
#include "base/lzma.h"
#include "base/xz.h"

static uint64_t seed = 1;

static uint32_t next(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

/* Bytes with all that a compressor can find: runs, repeats near and far, text, noise. */
static void fill(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = 1 + next() % 300, left = n - i;
		len = len < left ? len : left;
		switch (next() % 4) {
		case 0:
			memset(p + i, (int)next(), len);
			break;
		case 1:
			for (size_t k = 0, d = i ? 1 + next() % i : 0; k < len; k++)
				p[i + k] = d ? p[i + k - d] : 0;
			break;
		case 2:
			for (size_t k = 0; k < len; k++)
				p[i + k] = (uint8_t)("etaoin shrdlu\n"[next() % 14]);
			break;
		default:
			for (size_t k = 0; k < len; k++)
				p[i + k] = (uint8_t)next();
		}
		i += len;
	}
}

/* Bytes that are full of what the branch filters look for, at every alignment and close together. */
static void fill_code(uint8_t *p, size_t n)
{
	static const uint8_t opcodes[] = { 0xe8, 0xe9, 0xeb, 0xf0, 0xf8, 0x48, 0x4b, 0x40, 0x7f, 0x94, 0x97, 0x90, 0xb0, 0x00, 0xff, 0x01 };
	for (size_t i = 0; i < n; i++)
		p[i] = next() % 3 ? opcodes[next() % sizeof opcodes] : (uint8_t)next();
}

static struct span alone_encode(const uint8_t *data, size_t n, const lzma_options_lzma *options, uint8_t *out, size_t room)
{
	lzma_stream s = LZMA_STREAM_INIT;
	assert_int_equal(lzma_alone_encoder(&s, options), LZMA_OK);
	s.next_in = data;
	s.avail_in = n;
	s.next_out = out;
	s.avail_out = room;
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	size_t used = room - s.avail_out;
	lzma_end(&s);
	return span_of(out, used);
}

/* Every lc, lp, pb; of known and of unknown size (liblzma writes -1 and an end marker); in one shot and growing. */
static void every_property(void **state)
{
	(void)state;
	enum { N = 20000 };
	static uint8_t data[N], packed[N * 2], out[N + 1];
	fill(data, N);
	for (uint32_t lc = 0; lc <= 4; lc++)
		for (uint32_t lp = 0; lp + lc <= 4; lp++)
			for (uint32_t pb = 0; pb <= 4; pb++) {
				lzma_options_lzma o;
				lzma_lzma_preset(&o, 6);
				o.dict_size = 65536;
				o.lc = lc;
				o.lp = lp;
				o.pb = pb;
				struct span in = alone_encode(data, N, &o, packed, sizeof packed);
				struct lzma_props props;
				size_t used, n;
				bool marker;
				assert_true(lzma_props_split(in.p[0], &props));
				assert_true(props.lc == lc && props.lp == lp && props.pb == pb);
				assert_int_equal(lzma1_decode(props, span_from(in, 13), out, N + 1, &used, &n, &marker), ERR_NONE);
				assert_int_equal(n, N);
				assert_int_equal(used, in.n - 13);
				assert_true(marker);
				assert_memory_equal(out, data, N);

				assert_int_equal(lzma1_decode(props, span_from(in, 13), out, N / 2, &used, &n, &marker), ERR_NONE);
				assert_int_equal(n, N / 2);
				assert_false(marker);

				/* the same stream with its size in the header: then the marker may stand behind the last byte */
				for (int known = 0; known < 2; known++) {
					struct buf grown = { 0 };
					if (known)
						for (int i = 0; i < 8; i++)
							packed[5 + i] = (uint8_t)((uint64_t)N >> (8 * i));
					struct error e = codec_stream(CODEC_LZMA, in, &grown, &used);
					assert_int_equal(e.code, ERR_NONE);
					assert_int_equal(used, in.n);
					assert_int_equal(grown.n, N);
					assert_memory_equal(grown.p, data, N);
					buf_free(&grown);
				}
			}
}

static void large_streams_grow(void **state)
{
	(void)state;
	size_t n = (size_t)9 << 20, room = n * 2, used;
	uint8_t *data = malloc(n), *packed = malloc(room);
	fill(data, n);
	lzma_options_lzma o;
	lzma_lzma_preset(&o, 1);
	struct span in = alone_encode(data, n, &o, packed, room);
	struct buf out = { 0 };
	struct error e = codec_stream(CODEC_LZMA, in, &out, &used);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(out.n, n);
	assert_memory_equal(out.p, data, n);
	buf_free(&out);

	out = buf_with_limit(1000000);
	e = codec_stream(CODEC_LZMA, in, &out, &used);
	assert_int_equal(e.code, ERR_BUDGET);
	assert_true(out.n <= 1000000 && out.n > 900000);
	assert_memory_equal(out.p, data, out.n);
	buf_free(&out);
	free(data);
	free(packed);
}

static size_t xz_encode(const uint8_t *data, size_t n, const lzma_filter *filters, lzma_check check, uint8_t *out, size_t room)
{
	size_t at = 0;
	assert_int_equal(lzma_stream_buffer_encode((lzma_filter *)(uintptr_t)filters, check, NULL, data, n, out, &at, room), LZMA_OK);
	return at;
}

/* All checks and all filters that a file system may have written. */
static void every_check_and_filter(void **state)
{
	(void)state;
	enum { N = 131072 };
	static uint8_t data[N], packed[N * 2], out[N];
	static const lzma_check checks[] = { LZMA_CHECK_NONE, LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256 };
	static const lzma_vli bcj[] = { LZMA_VLI_UNKNOWN, LZMA_FILTER_X86, LZMA_FILTER_POWERPC, LZMA_FILTER_IA64, LZMA_FILTER_ARM,
		                            LZMA_FILTER_ARMTHUMB, LZMA_FILTER_SPARC, LZMA_FILTER_ARM64, LZMA_FILTER_DELTA };
	lzma_options_delta delta = { .type = LZMA_DELTA_TYPE_BYTE, .dist = 4 };
	lzma_options_lzma o;
	lzma_lzma_preset(&o, 6);
	fill_code(data, N);
	for (size_t c = 0; c < 4; c++)
		for (size_t f = 0; f < sizeof bcj / sizeof bcj[0]; f++) {
			lzma_filter chain[3] = { { bcj[f], bcj[f] == LZMA_FILTER_DELTA ? &delta : NULL }, { LZMA_FILTER_LZMA2, &o }, { LZMA_VLI_UNKNOWN, NULL } };
			size_t n, used, packed_n = xz_encode(data, N, chain + (f == 0), checks[c], packed, sizeof packed);
			assert_int_equal(codec_block(CODEC_XZ, span_of(packed, packed_n), out, N, &n), ERR_NONE);
			assert_int_equal(n, N);
			assert_memory_equal(out, data, N);
			bool rare = bcj[f] == LZMA_FILTER_DELTA;
			assert_int_equal(xz_decode(span_of(packed, packed_n), out, N, &used, &n), rare ? ERR_UNSUPPORTED : ERR_NONE);
			struct buf grown = { 0 };
			struct error e = codec_stream(CODEC_XZ, span_of(packed, packed_n), &grown, &used);
			assert_int_equal(e.code, ERR_NONE);
			assert_int_equal(used, packed_n);
			assert_int_equal(grown.n, N);
			assert_memory_equal(grown.p, data, N);
			buf_free(&grown);
			if (checks[c] != LZMA_CHECK_NONE) { /* a broken check is seen */
				packed[packed_n - 12 - 8 - 4] ^= 1;
				assert_int_not_equal(codec_block(CODEC_XZ, span_of(packed, packed_n), out, N, &n), ERR_NONE);
			}
		}
}

/* What liblzma makes of the same bytes. */
static bool reference(struct span in, uint8_t *out, size_t room, size_t *n)
{
	uint64_t memory = UINT64_MAX;
	size_t at = 0;
	*n = 0;
	return lzma_stream_buffer_decode(&memory, 0, NULL, in.p, &at, in.n, out, n, room) == LZMA_OK;
}

static void compare(struct span in, uint8_t *ours, uint8_t *theirs, size_t room)
{
	size_t n, m, used;
	uint8_t *copy = malloc(in.n ? in.n : 1); /* its own allocation: AddressSanitizer sees reads beyond it */
	memcpy(copy, in.p, in.n);
	enum error_code code = xz_decode(span_of(copy, in.n), ours, room, &used, &n);
	bool ok = reference(in, theirs, room, &m);
	if (code != ERR_UNSUPPORTED) {
		assert_int_equal(code == ERR_NONE, ok);
		if (ok) {
			assert_int_equal(n, m);
			assert_memory_equal(ours, theirs, n);
		}
	}
	free(copy);
}

static void cut_and_flipped(void **state)
{
	(void)state;
	enum { N = 8192 };
	static uint8_t data[N], packed[N * 2], ours[N], theirs[N];
	fill(data, N);
	lzma_options_lzma o;
	lzma_lzma_preset(&o, 6);
	lzma_filter chain[2] = { { LZMA_FILTER_LZMA2, &o }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t n = xz_encode(data, N, chain, LZMA_CHECK_CRC32, packed, sizeof packed);
	for (size_t cut = 0; cut < n; cut += 1 + n / 1000)
		compare(span_of(packed, cut), ours, theirs, N);
	for (int i = 0; i < 3000; i++) {
		uint8_t *broken = malloc(n);
		memcpy(broken, packed, n);
		for (uint32_t k = 1 + next() % 3; k > 0; k--)
			broken[next() % n] ^= (uint8_t)(1u << next() % 8);
		compare(span_of(broken, n), ours, theirs, N);
		free(broken);
	}
	compare(span_of(packed, n), ours, theirs, N - 1); /* room for one byte too few */
}

/* Raw streams have no check: whatever is flipped, nothing is read or written outside. */
static void raw_streams_stay_inside(void **state)
{
	(void)state;
	enum { N = 5000 };
	static uint8_t data[N], packed[N * 2];
	fill(data, N);
	lzma_options_lzma o;
	lzma_lzma_preset(&o, 6);
	struct span in = alone_encode(data, N, &o, packed, sizeof packed);
	for (int i = 0; i < 20000; i++) {
		size_t n = i % 2 ? in.n : next() % in.n, used, got, room = 1 + next() % (2 * N);
		uint8_t *broken = malloc(n + 1), *out = malloc(room);
		memcpy(broken, in.p, n);
		for (uint32_t k = next() % 6; n && k > 0; k--)
			broken[next() % n] = (uint8_t)next();
		struct lzma_props props = { (uint8_t)(next() % 9), (uint8_t)(next() % 5), (uint8_t)(next() % 5) };
		bool marker;
		(void)!lzma1_decode(props, span_of(broken + (n > 13 ? 13 : 0), n > 13 ? n - 13 : 0), out, room, &used, &got, &marker);
		assert_true(got <= room && used <= n);
		(void)!lzma2_decode(span_of(broken, n), out, room, &used, &got);
		assert_true(got <= room && used <= n);
		struct buf grown = buf_with_limit(room);
		struct error e = codec_stream(i % 3 ? CODEC_LZMA : CODEC_XZ, span_of(broken, n), &grown, &used);
		(void)e;
		assert_true(grown.n <= room && used <= n + 13);
		buf_free(&grown);
		free(broken);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_property),  cmocka_unit_test(large_streams_grow),      cmocka_unit_test(every_check_and_filter),
		cmocka_unit_test(cut_and_flipped), cmocka_unit_test(raw_streams_stay_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
