/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lzip, compress, zlib, OpenPGP messages, grub_core by their tools and library; qca_lzma, qnx_deflate, uzip, dms written here after their
 * specifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lzma.h>
#include <zlib.h>

#include "format/nrv.h"
#include "seed.h"
#include "walked.h"

extern const struct format lzip_format, compress_format, zlib_format, qca_lzma_format, grub_core_format, qnx_deflate_format, uzip_format,
	dms_format, openpgp_message_format, xalz_format;

#define LIMIT (8u << 20)

static void put(uint8_t *p, uint64_t v, unsigned width, bool big)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (big ? width - 1 - i : i)));
}

/* The stream is known, and unpacks to those bytes; what follows it is left, unless it takes all. */
static void expect(const struct format *format, struct span stream, struct span plain, bool takes_all)
{
	uint8_t *longer = malloc(stream.n + 5);
	struct format_match m;
	size_t used = 0;
	memcpy(longer, stream.p, stream.n);
	memcpy(longer + stream.n, "hello", 5);
	assert_true(format->probe(stream, &m));
	seed_keep("format", format->name, "", stream);
	struct buf out = buf_with_limit(LIMIT);
	struct error e = format->unpack(span_of(longer, stream.n + (takes_all ? 0 : 5)), &out, &used);
	if (error_is(&e))
		fail_msg("%s", e.text);
	assert_int_equal(used, stream.n);
	assert_int_equal(out.n, plain.n);
	assert_memory_equal(out.p, plain.p, plain.n);
	buf_free(&out);
	free(longer);
}

static void survives(const struct format *format, struct span stream)
{
	uint32_t v = 7;
	for (unsigned i = 0; i < 400; i++) {
		struct format_match m;
		size_t used, n = i < 200 ? stream.n * i / 200 : stream.n;
		uint8_t *copy = malloc(n + 1);
		memcpy(copy, stream.p, n);
		for (unsigned k = 0; i >= 200 && k <= i % 4; k++) {
			v = v * 1664525 + 1013904223;
			copy[(v >> 8) % (i % 2 ? n : n < 64 ? n : 64)] ^= (uint8_t)(1u << (v & 7));
		}
		struct buf out = buf_with_limit(LIMIT);
		if (format->probe(span_of(copy, n), &m)) {
			struct error e = format->unpack(span_of(copy, n), &out, &used);
			assert_true(error_is(&e) || used <= n);
		}
		buf_free(&out);
		free(copy);
	}
}

static void by_tool(const struct format *format, const char *tool, const char *const *commands, bool takes_all)
{
	static const char *const inputs[] = { "seq 30000", "yes | head -c 200000", "head -c 30000 /dev/urandom",
										  "seq 200" };
	if (!tool_exists(tool))
		skip();
	for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
		for (size_t k = 0; commands[k]; k++) {
			char dir[TEMP_MAX], command[256];
			temp_new(dir);
			snprintf(command, sizeof command, "%s > d; %s < d > z || [ $? = 2 ]", inputs[i], commands[k]);
			run_in(dir, command);
			struct span plain = file_load(dir, "d"), stream = file_load(dir, "z");
			expect(format, stream, plain, takes_all);
			survives(format, span_clip(stream, 0, 60000));
			free((void *)plain.p);
			free((void *)stream.p);
			temp_remove(dir);
		}
}

static void test_lzip(void **state)
{
	(void)state;
	static const char *const commands[] = { "lzip -0 -c", "lzip -9 -c", "lzip -6 -b 100000 -S 100000 -c",
											"(lzip -c; printf more | lzip -c >&2) 2> /dev/null", NULL };
	by_tool(&lzip_format, "lzip", commands, false);
}

/* A member that is damaged or cut off is one all the same, and gives what comes before the damage. */
static void expect_broken(struct span z, enum error_code code, size_t least, const char *begins)
{
	struct format_match match;
	struct buf out = buf_with_limit(LIMIT);
	size_t used;
	assert_true(lzip_format.probe(z, &match));
	assert_int_equal(lzip_format.unpack(z, &out, &used).code, code);
	assert_true(out.n >= least);
	assert_memory_equal(out.p, begins, strlen(begins));
	buf_free(&out);
}

static void test_lzip_damage(void **state)
{
	(void)state;
	if (!tool_exists("lzip"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "seq 1000 | lzip -c > z");
	struct span z = file_load(dir, "z");
	uint8_t *bytes = (uint8_t *)z.p;
	bytes[z.n - 20] ^= 1; /* the CRC */
	expect_broken(z, ERR_CORRUPT, 3893, "1\n2\n3\n");
	bytes[z.n - 20] ^= 1;
	expect_broken(span_of(z.p, z.n - 4), ERR_TRUNCATED, 3893, "1\n2\n3\n");
	expect_broken(span_of(z.p, z.n / 2), ERR_TRUNCATED, 1000, "1\n2\n3\n");
	struct format_match match;
	for (size_t i = 7; i < z.n; i++) /* noise behind a header */
		bytes[i] = (uint8_t)(i * 2654435761u >> 13);
	assert_false(lzip_format.probe(z, &match));
	free(bytes);
	temp_remove(dir);
}

static void test_compress(void **state)
{
	(void)state;
	static const char *const commands[] = { "compress -c -f", "compress -c -f -b 10", "compress -c -f -b 12", NULL };
	by_tool(&compress_format, "compress", commands, true);
}

static void test_zlib(void **state)
{
	(void)state;
	static uint8_t plain[300000], packed[310000];
	for (int level = 0; level <= 9; level++) {
		for (size_t i = 0; i < sizeof plain; i++)
			plain[i] = (uint8_t)(i % 97 * (1 + i / 1000));
		uLongf n = sizeof packed;
		assert_int_equal(compress2(packed, &n, plain, level == 5 ? 40 : sizeof plain, level), Z_OK);
		expect(&zlib_format, span_of(packed, n), span_of(plain, level == 5 ? 40 : sizeof plain), false);
		survives(&zlib_format, span_of(packed, n < 60000 ? n : 60000));
	}
	struct format_match m;
	packed[0] = 0x78;
	packed[1] = 0x9c;
	for (unsigned seed = 1; seed < 3000; seed++) { /* noise behind the two bytes */
		uint32_t v = seed;
		for (size_t i = 2; i < 4000; i++)
			packed[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
		assert_false(zlib_format.probe(span_of(packed, 4000), &m));
	}
}

static void test_qca_lzma(void **state)
{
	(void)state;
	static uint8_t plain[50000], packed[60000];
	size_t n = 16;
	lzma_options_lzma options;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)(i * i >> 9);
	assert_false(lzma_lzma_preset(&options, 6));
	options.dict_size = 4096;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA1, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	assert_int_equal(lzma_raw_buffer_encode(filters, NULL, plain, sizeof plain, packed, &n, sizeof packed), LZMA_OK);
	memcpy(packed, "\3\0\2\0\0\x10\0\0", 8);
	put(packed + 8, n - 16, 4, false);
	put(packed + 12, sizeof plain, 4, false);
	expect(&qca_lzma_format, span_of(packed, n), span_of(plain, sizeof plain), false);
	survives(&qca_lzma_format, span_of(packed, n));
	/* a size beyond the end, of a stream that is all there */
	put(packed + 8, n, 4, false);
	expect(&qca_lzma_format, span_of(packed, n), span_of(plain, sizeof plain), true);
}

/* The sizes, the redundancy and the decompressor's end at 0x8d30 are of a GRUB 2 that somebody stepped through (jindian/linux_note,
 * GRUB2/grub2_bootloader_grub_kernel_part2.md); the bytes are not. */
static void test_grub_core(void **state)
{
	(void)state;
	static uint8_t plain[0xb7d0], packed[60000];
	enum { END = 0x8d30 - 0x8200, REDUNDANCY = 0xf1e };
	size_t n = END;
	lzma_options_lzma options;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)(i * i >> 9 ^ i);
	assert_false(lzma_lzma_preset(&options, 6));
	options.dict_size = 1 << 16;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA1, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	assert_int_equal(lzma_raw_buffer_encode(filters, NULL, plain, sizeof plain, packed, &n, sizeof packed - REDUNDANCY), LZMA_OK);
	memcpy(packed, "\xea\x1c\x82\0\0\0\0\0", 8);
	put(packed + 8, n - END, 4, false);
	put(packed + 12, sizeof plain, 4, false);
	put(packed + 16, REDUNDANCY, 4, false);
	memset(packed + n, 0xa5, REDUNDANCY);
	struct format_match match;
	assert_false(grub_core_format.probe(span_of(packed, n), &match)); /* nothing says where the decompressor ends */
	memcpy(packed + 0x7ce, "\xbf\0\0\x10\0\xbe\x30\x8d\0\0\x57", 11);
	expect(&grub_core_format, span_of(packed, n + REDUNDANCY), span_of(plain, sizeof plain), false);
	survives(&grub_core_format, span_of(packed, n));
	struct buf out = buf_with_limit(1 << 20);
	size_t used;
	struct error e = grub_core_format.unpack(span_of(packed, n / 2), &out, &used);
	assert_int_equal(e.code, ERR_TRUNCATED);
	assert_true(out.n > 0 && memcmp(out.p, plain, out.n) == 0);
	buf_free(&out);
}

/* What a GRUB of this machine makes is opened: its kernel has its texts. */
static void test_grub_mkimage(void **state)
{
	(void)state;
	if (!tool_exists("grub-mkimage") || access("/usr/lib/grub/i386-pc/diskboot.img", R_OK) != 0)
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "grub-mkimage -O i386-pc -p /boot/grub -o core.img biosdisk part_msdos ext2 normal");
	struct span image = file_load(dir, "core.img"), core = span_from(image, 512);
	struct format_match match;
	assert_true(grub_core_format.probe(core, &match));
	struct buf out = buf_with_limit(8 << 20);
	size_t used;
	struct error e = grub_core_format.unpack(core, &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, core.n);
	assert_non_null(memmem(out.p, out.n, "Welcome to GRUB!", 16));
	buf_free(&out);
	free((void *)image.p);
	temp_remove(dir);
}

/* NRV2B: bits are taken from bytes that stand where the first of their eight is needed. */
struct bit_writer {
	uint8_t *p;
	size_t n, bits_at;
	unsigned left;
};

static void put_bit(struct bit_writer *b, unsigned bit)
{
	if (!b->left) {
		b->bits_at = b->n++;
		b->p[b->bits_at] = 0;
		b->left = 8;
	}
	b->p[b->bits_at] |= (uint8_t)(bit << --b->left);
}

static void put_number(struct bit_writer *b, uint32_t v)
{
	int top = 31;
	while (!(v >> top))
		top--;
	for (int i = top - 1; i >= 0; i--) {
		put_bit(b, v >> i & 1);
		put_bit(b, i == 0);
	}
}

/* Letters, then a match of `n` bytes `far` back (n >= 4), then the end. */
static size_t make_nrv2b(uint8_t *out, const char *letters, uint32_t far, uint32_t n)
{
	struct bit_writer b = { .p = out };
	for (; *letters; letters++) {
		put_bit(&b, 1);
		b.p[b.n++] = (uint8_t)*letters;
	}
	put_bit(&b, 0);
	put_number(&b, (far - 1) / 256 + 3);
	b.p[b.n++] = (uint8_t)((far - 1) % 256);
	put_bit(&b, 0);
	put_bit(&b, 0);
	put_number(&b, n - 1 - 2);
	put_bit(&b, 0);
	put_number(&b, 0x1000002);
	b.p[b.n++] = 0xff;
	return b.n;
}

static void test_nrv2b(void **state)
{
	(void)state;
	uint8_t packed[64], out[32];
	size_t n = make_nrv2b(packed, "firmware ", 9, 13), got;
	assert_int_equal(nrv_decode(NRV2B, 1, span_of(packed, n), out, sizeof out, &got), ERR_NONE);
	assert_int_equal(got, 22);
	assert_memory_equal(out, "firmware firmware firm", 22);
	assert_int_equal(nrv_decode(NRV2B, 1, span_of(packed, n), out, 21, &got), ERR_BUDGET);
	assert_int_equal(nrv_decode(NRV2B, 1, span_of(packed, n - 1), out, sizeof out, &got), ERR_TRUNCATED);
	n = make_nrv2b(packed, "short", 6, 9);
	assert_int_equal(nrv_decode(NRV2B, 1, span_of(packed, n), out, sizeof out, &got), ERR_CORRUPT);
	assert_int_equal(got, 5);
}

static void test_qnx_deflate(void **state)
{
	(void)state;
	uint8_t file[256] = "iwlyfmbp", nrv[64];
	size_t n = make_nrv2b(nrv, "firmware ", 9, 13), at = 16;
	put(file + 8, 5 + 22, 4, false);
	put(file + 12, 4096, 2, false);
	put(file + at + 2, 8 + 9, 2, false); /* LZO: five letters as they are, then the end */
	put(file + at + 6, 5, 2, false);
	memcpy(file + at + 8, "\x16hello\x11\0\0", 9);
	at += 8 + 9;
	put(file + at, 8 + 9, 2, false);
	put(file + at + 2, 8 + n, 2, false);
	put(file + at + 6, 22, 2, false);
	memcpy(file + at + 8, nrv, n);
	at += 8 + n + 8;
	expect(&qnx_deflate_format, span_of(file, at), span_of("hellofirmware firmware firm", 27), false);
	survives(&qnx_deflate_format, span_of(file, at));
}

static void test_uzip(void **state)
{
	(void)state;
	static const char *const magics[] = { "#!/bin/sh\n#V2.0 Format\n", "#!/bin/sh\n#L3.0\n" };
	for (size_t k = 0; k < 2; k++) {
		static uint8_t plain[4 * 2048], image[16384];
		memset(image, 0, sizeof image);
		for (size_t i = 0; i < sizeof plain; i++)
			plain[i] = i / 2048 == 1 ? 0 : (uint8_t)(i / 7);
		memcpy(image, magics[k], strlen(magics[k]));
		put(image + 128, 2048, 4, true);
		put(image + 132, 4, 4, true);
		size_t at = 136 + 5 * 8;
		for (unsigned i = 0; i < 4; i++) {
			put(image + 136 + 8 * i, at, 8, true);
			uLongf n = sizeof image - at;
			size_t end = at;
			if (i == 1) /* zeros need no bytes */
				continue;
			if (k == 0)
				assert_int_equal(compress(image + at, &n, plain + 2048 * i, 2048), Z_OK);
			else
				assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, plain + 2048 * i, 2048, image, &end,
														 sizeof image),
								 LZMA_OK);
			at = k == 0 ? at + n : end;
		}
		put(image + 136 + 8 * 4, at, 8, true);
		expect(&uzip_format, span_of(image, at), span_of(plain, sizeof plain), false);
		survives(&uzip_format, span_of(image, at));
	}
}

/* Bytes in parts of `part` bytes, as who does not know how many will come writes them; 0: their length before them. */
static size_t put_body(uint8_t *out, const uint8_t *body, size_t n, unsigned part)
{
	size_t at = 0, to = 0;
	for (; part && n - at > 1u << part; at += 1u << part) {
		out[to++] = (uint8_t)(224 + part);
		memcpy(out + to, body + at, 1u << part);
		to += 1u << part;
	}
	out[to++] = 255;
	put(out + to, n - at, 4, true);
	memcpy(out + to + 4, body + at, n - at);
	return to + 4 + n - at;
}

/* A one-pass signature, literal data in parts, a signature; compressed by zlib without a header. */
static void test_openpgp_message(void **state)
{
	(void)state;
	enum { N = 60000 };
	static uint8_t plain[N], message[2 * N], packed[2 * N], stream[2 * N], body[N + 20];
	for (size_t i = 0; i < N; i++)
		plain[i] = (uint8_t)(i * i >> 7);
	size_t n = 15;
	memcpy(message, "\x90\x0d\3\0\x0a\1ABCDEFGH\1", 15);
	memcpy(body, "b\7fw.img1\0\0\0\0", 13);
	memcpy(body + 13, plain, N);
	for (unsigned parts = 0; parts < 3; parts++) {
		message[15] = 0xcb;
		n = 16 + put_body(message + 16, body, 13 + N, parts ? 9 + 4 * parts : 0);
		memcpy(message + n, "\x88\5abcde", 7);
		z_stream z = { 0 };
		assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
		z.next_in = message;
		z.avail_in = (unsigned)n + 7;
		z.next_out = packed + 1;
		z.avail_out = sizeof packed - 1;
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
		packed[0] = 1;
		size_t packed_n = 1 + z.total_out;
		deflateEnd(&z);
		stream[0] = 0xa3;
		memcpy(stream + 1, packed, packed_n);
		expect(&openpgp_message_format, span_of(stream, 1 + packed_n), span_of(plain, N), false);
		survives(&openpgp_message_format, span_of(stream, 1 + packed_n));
		stream[0] = 0xc8;
		size_t stream_n = 1 + put_body(stream + 1, packed, packed_n, 9);
		expect(&openpgp_message_format, span_of(stream, stream_n), span_of(plain, N), false);
		survives(&openpgp_message_format, span_of(stream, stream_n));
	}
	struct format_match m;
	stream[0] = 0xa3;
	stream[1] = 1;
	memset(stream + 2, 0, 100);
	assert_false(openpgp_message_format.probe(span_of(stream, 102), &m));
}

static size_t deflated(const uint8_t *in, size_t n, uint8_t *out, size_t max)
{
	z_stream z = { .next_in = (uint8_t *)in, .avail_in = (unsigned)n, .next_out = out, .avail_out = (unsigned)max };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

/* A message holds one literal: what else is in it, or behind what is compressed in its packet, hides nothing. */
static void test_openpgp_message_hides_nothing(void **state)
{
	(void)state;
	enum { TAIL = 3000, MAX = 8192 };
	static const char literal[] = "\x90\x0d\3\0\x0a\1ABCDEFGH\1\xcb\x0d\x62\1f\0\0\0\0hello";
	static const char *const others[] = { "\xcb\x0d\x62\1g\0\0\0\0other", "\xfc\5other", "other", "\x88\xffother" };
	static uint8_t plain[MAX], stream[MAX], body[MAX];
	for (unsigned i = 0; i < 5; i++) {
		size_t n = sizeof literal - 1, used;
		memcpy(plain, literal, n);
		if (i == 3) { /* a signature that is too large for one */
			memcpy(plain + n, "\x89\x80\0", 3);
			n += 3;
		}
		if (i < 4) {
			memcpy(plain + n, others[i], strlen(others[i]));
			n += strlen(others[i]);
		}
		body[0] = 1;
		size_t packed = 1 + deflated(plain, n, body + 1, MAX - 1);
		if (i == 4) {
			memset(body + packed, 'x', TAIL);
			packed += TAIL;
		}
		stream[0] = 0xc8;
		size_t stream_n = 1 + put_body(stream + 1, body, packed, 9);
		if (i < 4) {
			stream[0] = 0xa3;
			memcpy(stream + 1, body, packed);
			stream_n = 1 + packed;
		}
		struct buf out = buf_with_limit(LIMIT);
		struct error e = openpgp_message_format.unpack(span_of(stream, stream_n), &out, &used);
		assert_int_equal(e.code, ERR_CORRUPT);
		assert_int_equal(out.n, i < 4 ? n : 5);
		assert_memory_equal(out.p, i < 4 ? plain : (const uint8_t *)"hello", out.n);
		buf_free(&out);
		survives(&openpgp_message_format, span_of(stream, stream_n));
	}
}

static void test_gpg(void **state)
{
	(void)state;
	static const char *const algorithms[] = { "zip", "zlib", "bzip2" };
	if (!tool_exists("gpg"))
		skip();
	char dir[TEMP_MAX], command[300];
	temp_new(dir);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(command, sizeof command, "mkdir -p -m 700 home; seq 90000 > plain; cat plain | gpg --homedir home --batch -q --no-options "
				 "--compress-algo %s --store > packed 2> gpg.log", algorithms[i]);
		run_in(dir, command);
		struct span packed = file_load(dir, "packed"), truth = file_load(dir, "plain");
		expect(&openpgp_message_format, packed, truth, true);
		free((void *)packed.p);
		free((void *)truth.p);
	}
	temp_remove(dir);
}

/* The one block that a frame of lz4 holds, with the header before it. */
static void test_xalz(void **state)
{
	(void)state;
	if (!tool_exists("lz4"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "{ printf MZ; head -c 1000 /dev/zero; seq 60000; } > plain; lz4 -q -9 -B7 -BI --no-frame-crc -c plain > packed");
	struct span frame = file_load(dir, "packed"), plain = file_load(dir, "plain");
	uint32_t n = span_u32le(frame, 7);
	assert_true(n < frame.n && span_u32le(frame, 11 + n) == 0);
	uint8_t *stream = malloc(12 + n);
	memcpy(stream, "XALZ\5\0\0\0", 8);
	put(stream + 8, plain.n, 4, false);
	memcpy(stream + 12, frame.p + 11, n);
	expect(&xalz_format, span_of(stream, 12 + n), plain, true);
	survives(&xalz_format, span_of(stream, 12 + n));
	struct buf out = buf_with_limit(LIMIT);
	size_t used;
	struct error e = xalz_format.unpack(span_of(stream, n), &out, &used);
	assert_int_equal(e.code != ERR_NONE, 1);
	assert_memory_equal(out.p, plain.p, out.n); /* of a block that is cut nothing may come out */
	buf_free(&out);
	struct format_match m;
	stream[13] ^= 1; /* what comes out is no program */
	assert_false(xalz_format.probe(span_of(stream, 12 + n), &m));
	free(stream);
	free((void *)frame.p);
	free((void *)plain.p);
	temp_remove(dir);
}

static void test_dms(void **state)
{
	(void)state;
	uint8_t plain[256], image[256];
	for (unsigned i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)i;
	memcpy(plain + 2, "MG<10>", 6);
	put(plain + 12, sizeof plain, 4, true);
	for (unsigned i = 0; i < sizeof image; i++)
		image[i] = plain[i ^ 2];
	expect(&dms_format, span_of(image, sizeof image), span_of(plain, sizeof plain), false);
	survives(&dms_format, span_of(image, sizeof image));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_openpgp_message), cmocka_unit_test(test_openpgp_message_hides_nothing),
		cmocka_unit_test(test_gpg), cmocka_unit_test(test_xalz),
		cmocka_unit_test(test_lzip),        cmocka_unit_test(test_lzip_damage), cmocka_unit_test(test_compress),
		cmocka_unit_test(test_zlib),        cmocka_unit_test(test_qca_lzma),    cmocka_unit_test(test_nrv2b),
		cmocka_unit_test(test_qnx_deflate), cmocka_unit_test(test_uzip),        cmocka_unit_test(test_dms),
		cmocka_unit_test(test_grub_core),   cmocka_unit_test(test_grub_mkimage),
	};
	return cmocka_run_group_tests_name("peer_streams", tests, NULL, NULL);
}
