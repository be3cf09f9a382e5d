/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed streams: what the reference programs write with their various options comes out again, to the byte; what is
 * cut off gives what stands before the cut; noise is none of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/codec.h"
#include "walked.h"

#define PLAIN_SIZE ((size_t)300000)
#define TRAILING 1000u
#define UNPACK_LIMIT ((size_t)4 << 20)

struct stream {
	const char *format, *tool, *command; /* the command turns the file `plain` into the file `packed` */
};

static const struct stream streams[] = {
	{ "gzip", "gzip", "gzip -9 -c plain > packed" },
	{ "gzip", "gzip", "gzip -1 -n < plain > packed" },
	{ "gzip", "gzip", "head -c 100000 plain | gzip > packed; tail -c 200000 plain | gzip >> packed" },
	{ "xz", "xz", "xz -c plain > packed" },
	{ "xz", "xz", "xz --check=crc32 --arm --lzma2=preset=6,lc=0,lp=2 -c plain > packed" },
	{ "xz", "xz", "xz --check=sha256 --x86 --lzma2 --block-size=65536 -c plain > packed" },
	{ "xz", "xz", "xz --check=none --powerpc --lzma2=preset=1 -c plain > packed" },
	{ "xz", "xz", "xz --check=crc64 --armthumb --lzma2 -c plain > packed" },
	{ "xz", "xz", "xz --sparc --lzma2 -c plain > packed" },
	{ "xz", "xz", "xz --ia64 --lzma2 -c plain > packed" },
	{ "xz", "xz", "xz --delta=dist=4 --x86 --lzma2 -c plain > packed" },
	{ "xz", "xz", "head -c 100000 plain | xz > packed; tail -c 200000 plain | xz >> packed" },
	{ "lzma", "xz", "xz --format=lzma -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=preset=9,lc=1,lp=2,pb=2,dict=1MiB -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=dict=3MiB -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=dict=4KiB -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=lc=0,lp=2,pb=0 -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=lc=3,lp=0,pb=0,dict=8KiB -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=lc=0,lp=0,pb=0,dict=6KiB -c plain > packed" },
	{ "lzma", "xz", "xz --format=lzma --lzma1=lc=4,lp=0,pb=4,dict=64KiB -c plain > packed" },
	{ "bzip2", "bzip2", "bzip2 -1 -c plain > packed" },
	{ "bzip2", "bzip2", "head -c 100000 plain | bzip2 > packed; tail -c 200000 plain | bzip2 >> packed" },
	{ "zstd", "zstd", "zstd -q -19 -c plain > packed" },
	{ "zstd", "zstd", "zstd -q --no-check -1 < plain > packed" },
	{ "zstd", "zstd", "head -c 100000 plain | zstd -q > packed; tail -c 200000 plain | zstd -q >> packed" },
	{ "lz4", "lz4", "lz4 -q -9 -c plain > packed" },
	{ "lz4", "lz4", "lz4 -q -B4 -BD --content-size --no-frame-crc -c plain > packed" },
	{ "lz4_legacy", "lz4", "lz4 -q -l -9 -c plain > packed" },
	{ "lzop", "lzop", "lzop -q -c plain > packed" },
	{ "lzop", "lzop", "lzop -q -9 -c < plain > packed" },
	{ "lzop", "lzop", "lzop -q -CC --crc32 -c plain > packed" },
	{ "lzop", "lzop", "lzop -q --filter=3 -c plain > packed" },
	{ "lzop", "lzop", "head -c 100000 plain | lzop -q > packed; tail -c 200000 plain | lzop -q >> packed" },
	{ "lzop", "lzop", "head -c 100000 plain > a; tail -c 200000 plain > b; lzop -o packed a b" },
	{ "xz", "xz", "head -c 100000 plain | xz > packed; head -c 8 /dev/zero >> packed; tail -c 200000 plain | xz >> packed" },
	{ "lzip", "lzip", "lzip -c plain > packed" },
	{ "lzip", "lzip", "head -c 100000 plain | lzip > packed; tail -c 200000 plain | lzip >> packed" },
	{ "lzip", "lzip", "lzip -c plain > v1; printf 'LZIP\\0' > packed; tail -c +6 v1 | head -c -8 >> packed" },
};
#define STREAMS (sizeof streams / sizeof *streams)

static uint8_t plain[PLAIN_SIZE];
static struct span packed[STREAMS]; /* empty where the tool is missing */

/* Words, runs and noise by turns, so that literals, matches and stored blocks all occur. */
static void make_plain(void)
{
	static const char words[] = "telnetd -l /bin/sh; root:x:0:0::/root:/bin/sh; http://example.com/firmware ";
	uint32_t seed = 1;
	for (size_t i = 0; i < PLAIN_SIZE; i++) {
		seed = seed * 1664525 + 1013904223;
		unsigned part = (unsigned)(i / 20000) % 3;
		plain[i] = part == 0 ? (uint8_t)words[(i * 7 + (seed >> 30)) % (sizeof words - 1)] : part == 1 ? 0 : (uint8_t)(seed >> 24);
	}
}

static int set_up(void **state)
{
	(void)state;
	char dir[TEMP_MAX], path[TEMP_MAX + 16];
	make_plain();
	temp_new(dir);
	snprintf(path, sizeof path, "%s/plain", dir);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(plain, 1, PLAIN_SIZE, f), PLAIN_SIZE);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < STREAMS; i++)
		if (tool_exists(streams[i].tool)) {
			run_in(dir, streams[i].command);
			packed[i] = file_load(dir, "packed");
			run_in(dir, "rm packed");
		}
	temp_remove(dir);
	return 0;
}

static struct error unpack(const char *format, struct span in, struct buf *out, size_t *used)
{
	const struct format *f = format_find(format);
	struct format_match m;
	assert_non_null(f);
	*out = buf_with_limit(UNPACK_LIMIT);
	*used = 0;
	if (!f->probe(in, &m))
		return error_at(ERR_UNSUPPORTED, 0, "%s", "not accepted");
	return f->unpack(in, out, used);
}

static void test_reference_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < STREAMS; i++) {
		if (!packed[i].p)
			continue;
		struct buf out;
		size_t used;
		struct format_match m;
		struct error e = unpack(streams[i].format, packed[i], &out, &used);
		if (error_is(&e) || out.n != PLAIN_SIZE || memcmp(out.p, plain, PLAIN_SIZE) != 0 || used != packed[i].n)
			fail_msg("%s: %s; %zu bytes of %zu used, %zu out", streams[i].command, e.text, used, packed[i].n, out.n);
		assert_string_equal(format_identify(packed[i], NULL, &m)->name, streams[i].format);
		buf_free(&out);
	}
}

/* In flash a stream is followed by padding: it must not be taken for a part of it, nor for damage. */
static void test_trailing_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < STREAMS; i++) {
		uint8_t *copy = malloc(packed[i].n + TRAILING);
		assert_non_null(copy);
		for (unsigned filler = 0; packed[i].p && filler < 0x100; filler += 0xff) {
			memcpy(copy, packed[i].p, packed[i].n);
			memset(copy + packed[i].n, (int)filler, TRAILING);
			struct buf out;
			size_t used;
			struct error e = unpack(streams[i].format, span_of(copy, packed[i].n + TRAILING), &out, &used);
			if (error_is(&e) || out.n != PLAIN_SIZE || used < packed[i].n || (filler && used > packed[i].n))
				fail_msg("%s followed by %#x: %s; %zu of %zu used, %zu out", streams[i].command, filler, e.text, used,
				         packed[i].n, out.n);
			buf_free(&out);
		}
		free(copy);
	}
}

/* Cut in the middle: an error that says so, and in front of it nothing but the true bytes. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < STREAMS; i++) {
		for (unsigned part = 1; packed[i].p && part < 8; part++) {
			size_t n = packed[i].n * part / 8;
			uint8_t *copy = malloc(n);
			assert_non_null(copy);
			memcpy(copy, packed[i].p, n);
			struct buf out;
			size_t used;
			struct error e = unpack(streams[i].format, span_of(copy, n), &out, &used);
			bool all_members = !error_is(&e) && used <= n && out.n < PLAIN_SIZE; /* cut between two members */
			if (!error_is(&e) && !all_members)
				fail_msg("%s cut at %u/8 gave no error", streams[i].command, part);
			assert_true(out.n <= PLAIN_SIZE);
			/* A branch filter is undone at the end of its block: what was cut off comes out still filtered. */
			if (!strstr(streams[i].command, " --") || strstr(streams[i].command, "--format"))
				assert_memory_equal(out.p ? out.p : plain, plain, out.n);
			buf_free(&out);
			free(copy);
		}
	}
}

/* A short stream is one where it is all of a blob, but not where something follows: there it would be found in noise. `known`: its
 * probe accepts it by itself from so many bytes of plain text on. */
static void expect_short(const char *dir, const char *format, const char *command, size_t known)
{
	const struct format *f = format_find(format);
	char line[192];
	for (size_t n = 1; n < 140; n += n < 20 ? 1 : 13) {
		snprintf(line, sizeof line, "seq -s ' ' 100 | head -c %zu > plain; %s", n, command);
		run_in(dir, line);
		struct span text = file_load(dir, "plain"), whole = file_load(dir, "packed");
		struct format_match m;
		const struct format *told = format_identify(whole, NULL, &m);
		if (told != f)
			fail_msg("%s of %zu bytes: %s", command, n, told ? told->name : "not told");
		struct buf out = buf_with_limit(UNPACK_LIMIT);
		size_t used;
		struct error e = f->unpack(whole, &out, &used);
		assert_false(error_is(&e));
		assert_int_equal(out.n, n);
		assert_memory_equal(out.p, text.p, n);
		buf_free(&out);
		uint8_t *followed = calloc(1, whole.n + 200);
		memcpy(followed, whole.p, whole.n);
		for (size_t i = 0; i < 200; i++)
			followed[whole.n + i] = (uint8_t)(0x85 + i * 37);
		assert_true(n >= known || !format_identify(span_of(followed, whole.n + 200), NULL, &m));
		for (size_t cut = 0; cut < whole.n; cut++) { /* as exact allocations */
			uint8_t *copy = malloc(cut + !cut);
			memcpy(copy, whole.p, cut);
			(void)f->probe_whole(span_of(copy, cut), &m);
			free(copy);
		}
		free(followed);
		free((void *)(uintptr_t)text.p);
		free((void *)(uintptr_t)whole.p);
	}
}

/* What was packed before does not shrink any more: it is told all the same, also where zeros fill up a block behind a large one. */
static void test_lzma_of_what_is_packed(void **state)
{
	(void)state;
	static const size_t sizes[] = { 200, 1100, 16000, 16384, 17000, 70000 };
	char dir[TEMP_MAX], line[192];
	if (!tool_exists("xz"))
		skip();
	temp_new(dir);
	for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
		size_t n = sizes[i / 2];
		bool filled = i % 2;
		snprintf(line, sizeof line, "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2> /dev/null | head -c %zu > plain; xz --format=lzma -c plain > packed%s", n,
				 filled ? "; head -c 300 /dev/zero >> packed" : "");
		run_in(dir, line);
		struct span text = file_load(dir, "plain"), whole = file_load(dir, "packed");
		struct format_match m;
		const struct format *told = format_identify(whole, NULL, &m);
		if (filled ? n > 16384 && told != format_find("lzma") : told != format_find("lzma"))
			fail_msg("LZMA of %zu bytes%s: %s", n, filled ? " and zeros" : "", told ? told->name : "not told");
		struct buf out = buf_with_limit(UNPACK_LIMIT);
		size_t used;
		struct error e = format_find("lzma")->unpack(whole, &out, &used);
		assert_false(error_is(&e));
		assert_int_equal(out.n, n);
		assert_memory_equal(out.p, text.p, n);
		buf_free(&out);
		free((void *)(uintptr_t)text.p);
		free((void *)(uintptr_t)whole.p);
	}
	temp_remove(dir);
}

static void test_short(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	temp_new(dir);
	if (tool_exists("compress"))
		expect_short(dir, "compress", "compress -f -c plain > packed; [ -s packed ]", 60);
	if (tool_exists("xz"))
		expect_short(dir, "lzma", "xz --format=lzma -c plain > packed", 16);
	/* What liblzma makes of "hello" with the size in the header and no end marker; and a table that begins like a header. */
	static const uint8_t sized[] = { 0x5d, 0,    0,    0x80, 0,    5,    0,    0,    0,    0,   0,
		                             0,    0,    0,    0x34, 0x19, 0x49, 0xee, 0x8d, 0xd7, 0x80, 0 };
	static const uint8_t blank[18] = { 0x5d, 0, 0, 0x80 };
	struct format_match m;
	assert_null(format_identify(span_of(blank, sizeof blank), NULL, &m));
	const struct format *f = format_identify(span_of(sized, sizeof sized), NULL, &m);
	assert_true(f && f == format_find("lzma"));
	struct buf out = buf_with_limit(UNPACK_LIMIT);
	size_t used;
	struct error e = f->unpack(span_of(sized, sizeof sized), &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(out.n, 5);
	assert_memory_equal(out.p, "hello", 5);
	buf_free(&out);
	temp_remove(dir);
}

/* A window that we do not have the memory for is said, and does not make the stream unknown. */
static void test_huge_window(void **state)
{
	(void)state;
	if (!tool_exists("zstd"))
		skip();
	char dir[TEMP_MAX];
	temp_new(dir);
	run_in(dir, "head -c 300000 /dev/zero | zstd -q --long=31 > packed");
	struct span file = file_load(dir, "packed");
	temp_remove(dir);
	struct buf out;
	size_t used;
	struct format_match m;
	assert_non_null(format_identify(file, NULL, &m));
	struct error e = unpack("zstd", file, &out, &used);
	assert_int_equal(e.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(e.text, "128 MiB"));
	buf_free(&out);
	free((void *)(uintptr_t)file.p);
}

/* A zstd frame that ends within its first block is one: it is known by its headers, as nothing of it can be decoded. */
static void test_first_block_cut(void **state)
{
	(void)state;
	if (!tool_exists("zstd"))
		skip();
	static const char *const options[] = { "-1", "-19", "--no-check", "--ultra -22", "--no-content-size" };
	char dir[TEMP_MAX], command[128];
	const struct format *zstd = format_find("zstd");
	struct format_match m;
	temp_new(dir);
	file_save(dir, "plain", span_of(plain, PLAIN_SIZE));
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		snprintf(command, sizeof command, "zstd -q -f %s -c plain > packed", options[i]);
		run_in(dir, command);
		struct span file = file_load(dir, "packed");
		for (size_t n = 24; n < file.n; n += 97) {
			if (!zstd->probe(span_sub(file, 0, n), &m))
				fail_msg("%s cut at %zu of %zu is not known", options[i], n, file.n);
			struct buf out;
			size_t used;
			struct error e = unpack("zstd", span_sub(file, 0, n), &out, &used);
			assert_int_equal(e.code, ERR_TRUNCATED);
			assert_memory_equal(out.p ? out.p : plain, plain, out.n);
			buf_free(&out);
		}
		free((void *)(uintptr_t)file.p);
	}
	temp_remove(dir);
	/* Behind the four bytes of the magic number, fewer than one in 256 of noise is taken for a frame: with them 2^-40. */
	uint8_t noise[64] = "\x28\xb5\x2f\xfd";
	uint64_t v = 1;
	unsigned taken = 0;
	for (unsigned i = 0; i < 200000; i++) {
		for (size_t k = 4; k < sizeof noise; k += 4) {
			v = v * UINT64_C(6364136223846793005) + 1442695040888963407u;
			uint32_t word = (uint32_t)(v >> 32);
			memcpy(noise + k, &word, 4);
		}
		taken += zstd->probe(span_of(noise, 20 + i % 45), &m);
	}
	if (taken >= 200000 / 256)
		fail_msg("%u of 200000", taken);
}

/* A limit stops a bomb: no byte beyond it, and the error is the budget. */
static void test_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < STREAMS; i++) {
		if (!packed[i].p)
			continue;
		struct buf out = buf_with_limit(70000);
		size_t used = 0;
		struct error e = format_find(streams[i].format)->unpack(packed[i], &out, &used);
		if (e.code != ERR_BUDGET || out.n > 70000)
			fail_msg("%s: %s, %zu bytes", streams[i].command, error_is(&e) ? e.text : "no error", out.n);
		buf_free(&out);
	}
}

static void test_survives(void **state)
{
	(void)state;
	uint32_t seed = 7;
	for (size_t i = 0; i < STREAMS; i++) {
		if (!packed[i].p)
			continue;
		uint8_t *copy = malloc(packed[i].n);
		assert_non_null(copy);
		for (unsigned flips = 0; flips < 60; flips++) {
			memcpy(copy, packed[i].p, packed[i].n);
			seed = seed * 1664525 + 1013904223;
			size_t range = flips % 2 ? 64 : packed[i].n;
			copy[(seed >> 8) % range] ^= (uint8_t)(1u << (seed & 7));
			struct buf out;
			size_t used;
			(void)unpack(streams[i].format, span_of(copy, packed[i].n), &out, &used);
			assert_true(used <= packed[i].n);
			buf_free(&out);
		}
		free(copy);
	}
}

/* The magic, then noise: none of it is a stream. */
static void test_noise(void **state)
{
	(void)state;
	uint8_t noise[4096];
	for (size_t i = 0; format_registry[i]; i++) {
		const struct format *f = format_registry[i];
		uint32_t seed = 3; /* the same noise whatever formats stand before */
		for (unsigned try = 0; f->kind == FORMAT_COMPRESSION && f->magics && try < 2000; try++) {
			for (size_t k = 0; k < sizeof noise; k++) {
				seed = seed * 1664525 + 1013904223;
				noise[k] = (uint8_t)(seed >> 24);
			}
			memcpy(noise + f->magics[0].offset, f->magics[0].bytes, f->magics[0].n);
			struct format_match m;
			if (f->probe(span_of(noise, sizeof noise), &m))
				fail_msg("%s accepts noise", f->name);
		}
	}
}

/* Tables of small numbers begin like a stream with unusual properties, and would decode to zeros for ever. */
static void test_tables_are_no_lzma(void **state)
{
	(void)state;
	static uint8_t table[65536];
	struct format_match m;
	for (unsigned props = 0; props < 225; props++)
		for (unsigned power = 12; power <= 30; power++)
			for (unsigned filler = 0; filler < 3; filler++) {
				for (size_t i = 0; i < sizeof table; i++)
					table[i] = filler == 0 ? 0 : filler == 1 ? (uint8_t)(i % 4 == 0) : (uint8_t)(i % 8);
				memcpy(table, (uint8_t[13]){ (uint8_t)props }, 13);
				table[1 + power / 8] = (uint8_t)(1u << power % 8);
				table[6] = 0x10; /* 4096 bytes */
				table[13] = 0;
				bool usual = props == 0x5d || props == 0x6d || props == 0x6e || props == 0x6c;
				if (!usual && format_find("lzma")->probe(span_of(table, sizeof table), &m))
					fail_msg("properties %#x, dictionary 2^%u, filler %u", props, power, filler);
			}
}

/* A table with what a usual header is, 5d 00 00 00 01 and a small number, before zeros: they would decode to zeros for ever. */
static void test_zeros_are_no_lzma(void **state)
{
	(void)state;
	struct format_match m;
	uint8_t table[2048] = "\x5d\0\0\0\1\0\4";
	assert_false(format_find("lzma")->probe(span_of(table, sizeof table), &m));
	/* 1024 zeros, as liblzma packs them */
	static const char packed[] =
		"\x5d\x00\x00\x80\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x6f\xfd\xff\xff\xa3\xb7\x80\x0c\x82\xdb\xff\xff\x9f\xf0\x00\x00";
	memset(table, 0, sizeof table);
	memcpy(table, packed, sizeof packed);
	assert_true(format_find("lzma")->probe(span_of(table, sizeof table), &m));
}

/* RFC 1952 forbids no character in a name but the NUL that ends it. */
static void test_gzip_name_of_control_characters(void **state)
{
	(void)state;
	struct span gz = packed[0];
	struct format_match m;
	if (!gz.p)
		skip();
	uint8_t *copy = malloc(gz.n);
	assert_non_null(copy);
	memcpy(copy, gz.p, gz.n);
	assert_int_equal(copy[3], 8); /* FNAME */
	memcpy(copy + 10, "\x1b[\n\t", 4);
	struct buf out;
	size_t used;
	struct error e = unpack("gzip", span_of(copy, gz.n), &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(out.n, PLAIN_SIZE);
	assert_non_null(format_identify(span_of(copy, gz.n), NULL, &m));
	buf_free(&out);
	free(copy);
}

/* RFC 1952 section 2.3.1.2, FHCRC: the two least significant bytes of the CRC-32 of all that stands before them. */
static void test_gzip_header_checksum(void **state)
{
	(void)state;
	struct span gz = packed[1];
	if (!gz.p)
		skip();
	uint8_t *copy = malloc(gz.n + 2);
	assert_non_null(copy);
	assert_int_equal(gz.p[3], 0);
	memcpy(copy, gz.p, 10);
	memcpy(copy + 12, gz.p + 10, gz.n - 10);
	copy[3] = 2;
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		uint32_t crc = (uint32_t)crc32(0, copy, 10) ^ wrong;
		copy[10] = (uint8_t)crc;
		copy[11] = (uint8_t)(crc >> 8);
		struct buf out = buf_with_limit(UNPACK_LIMIT);
		size_t used = 0;
		struct error e = codec_stream(CODEC_GZIP, span_of(copy, gz.n + 2), &out, &used);
		assert_int_equal(e.code, wrong ? ERR_CORRUPT : ERR_NONE);
		assert_int_equal(out.n, wrong ? 0 : PLAIN_SIZE);
		buf_free(&out);
	}
	free(copy);
}

/* What the last four bytes say of a size is believed of none: neither more than there is, nor less, nor what follows the member. */
static void test_gzip_size_that_is_not_so(void **state)
{
	(void)state;
	struct span gz = packed[1];
	if (!gz.p)
		skip();
	static const int64_t sizes[] = { -1, 1, 100000, -100000 };
	uint8_t *copy = malloc(2 * gz.n + 8);
	assert_non_null(copy);
	for (size_t i = 0; i < 3 * sizeof sizes / sizeof sizes[0]; i++) {
		size_t n = i % 3 == 1 ? 2 * gz.n : gz.n; /* alone; after one that is right; before bytes that are none */
		memcpy(copy, gz.p, gz.n);
		memcpy(copy + gz.n, gz.p, gz.n);
		uint32_t size = (uint32_t)((int64_t)PLAIN_SIZE + sizes[i / 3]);
		if (i % 3 == 2) {
			memset(copy + gz.n, 0, 8);
			n += 8;
		}
		for (unsigned k = 0; k < 4; k++)
			copy[n - 4 + k] = (uint8_t)(size >> 8 * k);
		struct buf out = buf_with_limit(UNPACK_LIMIT);
		size_t used = 0;
		struct error e = codec_stream(CODEC_GZIP, span_of(copy, n), &out, &used);
		assert_int_equal(e.code, i % 3 == 2 ? ERR_NONE : ERR_CORRUPT);
		assert_int_equal(out.n, i % 3 == 1 ? 2 * PLAIN_SIZE : PLAIN_SIZE);
		if (i % 3 == 2)
			assert_int_equal(used, gz.n);
		buf_free(&out);
	}
	free(copy);
}

/* RFC 1952 section 2.3.1 has compressors say how hard they tried and on which system, and no decompressor ask for it: zlib says 19 on
 * Darwin. Amid other bytes, where the magic is by chance, what nobody writes is none. */
static void test_gzip_of_other_systems(void **state)
{
	(void)state;
	static const struct {
		uint8_t effort, system;
		bool anywhere;
	} rows[] = { { 0, 19, true }, { 2, 255, true }, { 0, 18, true }, { 1, 3, false }, { 0, 77, false } };
	struct span gz = packed[0];
	if (!gz.p)
		skip();
	uint8_t *copy = malloc(gz.n);
	assert_non_null(copy);
	memcpy(copy, gz.p, gz.n);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct format_match m;
		copy[8] = rows[i].effort;
		copy[9] = rows[i].system;
		const struct format *f = format_identify(span_of(copy, gz.n), NULL, &m);
		assert_non_null(f);
		assert_string_equal(f->name, "gzip");
		assert_int_equal(f->probe(span_of(copy, gz.n), &m), rows[i].anywhere);
		struct buf out = buf_with_limit(UNPACK_LIMIT);
		size_t used = 0;
		struct error e = f->unpack(span_of(copy, gz.n), &out, &used);
		assert_false(error_is(&e));
		assert_int_equal(out.n, PLAIN_SIZE);
		buf_free(&out);
	}
	free(copy);
}

/* Streams of several parts, each of which stands for itself: a broken one costs what it held, and is told. */
static void test_parts_go_on(void **state)
{
	(void)state;
	static const struct {
		const char *format, *tool, *command;
		size_t least; /* of what must come out: all but one part, and what that loses around it */
	} parts[] = {
		{ "xz", "xz", "xz --block-size=20000 -c plain > packed", 230000 },
		{ "xz", "xz", "for k in 0 1 2 3 4; do tail -c +$((k * 60000 + 1)) plain | head -c 60000 | xz --block-size=30000 -c; done > packed", 200000 },
		{ "bzip2", "bzip2", "bzip2 -1 -c plain > packed", 100000 },
		{ "gzip", "gzip", "for k in 0 1 2 3 4 5; do tail -c +$((k * 50000 + 1)) plain | head -c 50000 | gzip -c; done > packed", 200000 },
	};
	static const int changes[] = { 1, 200, -1, -60, 0 }; /* bytes overwritten; missing; none */
	char dir[TEMP_MAX];
	temp_new(dir);
	file_save(dir, "plain", span_of(plain, PLAIN_SIZE));
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (!tool_exists(parts[i].tool))
			continue;
		run_in(dir, parts[i].command);
		struct span whole = file_load(dir, "packed");
		for (size_t k = 0; k < sizeof changes / sizeof changes[0]; k++) {
			uint8_t *copy = malloc(whole.n);
			size_t at = whole.n / 2, cut = changes[k] < 0 ? (size_t)-changes[k] : 0, used;
			assert_non_null(copy);
			memcpy(copy, whole.p, at);
			memcpy(copy + at, whole.p + at + cut, whole.n - at - cut);
			for (int n = 0; n < changes[k]; n++)
				copy[at + (size_t)n] ^= 0x5a;
			struct buf out;
			struct error e = unpack(parts[i].format, span_of(copy, whole.n - cut), &out, &used);
			assert_int_equal(e.code, changes[k] ? ERR_CORRUPT : ERR_NONE);
			assert_int_equal(used, whole.n - cut);
			assert_true(out.n >= parts[i].least);
			assert_memory_equal(out.p, plain, 40000);
			assert_memory_equal(out.p + out.n - 2000, plain + PLAIN_SIZE - 2000, 2000);
			if (strcmp(parts[i].format, "xz") == 0)
				assert_int_equal(out.n, PLAIN_SIZE);
			buf_free(&out);
			free(copy);
		}
		free((void *)whole.p);
	}
	temp_remove(dir);
}

/* What is made of parts, broken, with bytes of another kind behind it, and perhaps another stream behind these.
 * What is taken ends with the last good part. */
static void test_parts_take_no_more(void **state)
{
	(void)state;
	static const struct {
		const char *format, *command;
		size_t breaks, cut; /* where it is broken, what its end lacks */
		const char *then;   /* follows the other bytes */
		size_t out;
	} cases[] = {
		{ "bzip2", "bzip2 -1 -c plain > packed", 3000, 10, "", 150000 },
		{ "bzip2", "bzip2 -1 -c plain > packed", 3000, 10, "bzip2", 150000 },
		{ "xz", "xz --block-size=20000 -c plain > packed", 3000, 0, "cut", PLAIN_SIZE },
		{ "gzip", "gzip -c plain > packed", 3000, 0, "gzip", 0 },
	};
	static uint8_t behind[8192];
	char dir[TEMP_MAX];
	temp_new(dir);
	file_save(dir, "plain", span_of(plain, PLAIN_SIZE));
	for (size_t i = 0; i < sizeof behind; i++)
		behind[i] = (uint8_t)(i * 7);
	memcpy(behind + sizeof behind - 4, "\1\0\0", 4); /* as zip archives end */
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (!tool_exists(cases[i].format))
			continue;
		run_in(dir, cases[i].command);
		struct span whole = file_load(dir, "packed");
		struct buf b = { 0 }, out;
		size_t used, end = whole.n - cases[i].cut;
		assert_int_equal(buf_add(&b, whole.p, end), ERR_NONE);
		for (size_t k = 0; k < 16; k++)
			b.p[cases[i].breaks + k] ^= 0x5a;
		if (strcmp(cases[i].then, "cut") == 0)
			assert_int_equal(buf_add(&b, whole.p, 100), ERR_NONE);
		assert_int_equal(buf_add(&b, behind, sizeof behind), ERR_NONE);
		if (cases[i].then[0] && strcmp(cases[i].then, "cut") != 0)
			assert_int_equal(buf_add(&b, whole.p, whole.n), ERR_NONE);
		struct error e = unpack(cases[i].format, buf_span(&b), &out, &used);
		assert_int_equal(e.code, ERR_CORRUPT);
		assert_true(used <= end + 100);
		assert_true(out.n <= PLAIN_SIZE && out.n >= cases[i].out);
		buf_free(&out);
		buf_free(&b);
		free((void *)whole.p);
	}
	temp_remove(dir);
}

/* Each of 1000 members begins with a stored block that ends where those of the others do, before many empty blocks and no end: were all
 * of that read for each of them, that would take the square of the bytes. */
static void test_overlapping_members(void **state)
{
	(void)state;
	enum { MEMBERS = 1000, UNIT = 10 + 5 + 4, HEADS = MEMBERS * UNIT, EMPTY = 800000 };
	struct buf b = { 0 }, out;
	for (unsigned i = 0; i < MEMBERS; i++) {
		unsigned n = HEADS - i * UNIT - 15;
		uint8_t head[UNIT] = "\x1f\x8b\x08\0\0\0\0\0\0\3\0";
		head[11] = (uint8_t)n;
		head[12] = (uint8_t)(n >> 8);
		head[13] = (uint8_t)~n;
		head[14] = (uint8_t)(~n >> 8);
		head[16] = 16; /* the size of a member that ends here */
		assert_int_equal(buf_add(&b, head, sizeof head), ERR_NONE);
	}
	for (unsigned i = 0; i < EMPTY; i++)
		assert_int_equal(buf_add(&b, "\0\0\0\xff\xff", 5), ERR_NONE);
	assert_int_equal(buf_add(&b, "\7\7\7\7\7", 5), ERR_NONE);
	size_t used;
	struct error e = unpack("gzip", buf_span(&b), &out, &used);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_true(out.n < 10 * (size_t)HEADS);
	buf_free(&out);
	buf_free(&b);
}

/* A decoder is set up for each block that is tried, which takes longer than the block does: so many are tried. */
static void test_broken_blocks_are_counted(void **state)
{
	(void)state;
	static const char broken[] = "1AY&SYnone";
	char dir[TEMP_MAX];
	if (!tool_exists("bzip2"))
		skip();
	temp_new(dir);
	file_save(dir, "plain", span_of(plain, PLAIN_SIZE));
	run_in(dir, "bzip2 -1 -c plain > packed");
	struct span whole = file_load(dir, "packed");
	for (size_t blocks = 500; blocks <= 1500; blocks += 1000) {
		size_t n = 4 + blocks * (sizeof broken - 1) + whole.n - 4, used;
		uint8_t *image = malloc(n);
		struct buf out;
		assert_non_null(image);
		memcpy(image, whole.p, 4);
		for (size_t i = 0; i < blocks; i++)
			memcpy(image + 4 + i * (sizeof broken - 1), broken, sizeof broken - 1);
		memcpy(image + n - (whole.n - 4), whole.p + 4, whole.n - 4);
		struct error e = unpack("bzip2", span_of(image, n), &out, &used);
		assert_int_equal(e.code, ERR_CORRUPT);
		assert_int_equal(out.n, blocks < 1000 ? PLAIN_SIZE : 0);
		buf_free(&out);
		free(image);
	}
	free((void *)whole.p);
	temp_remove(dir);
}

/* Behind padding something else may begin that merely looks like another stream: what ended well is not broken by it. */
static void test_xz_before_another(void **state)
{
	(void)state;
	size_t first = 0;
	while (strcmp(streams[first].format, "xz") != 0)
		first++;
	struct span z = packed[first];
	struct buf out;
	size_t used, n = (z.n + 3) / 4 * 4 + 64;
	if (!z.p)
		skip();
	uint8_t *image = calloc(1, n + 4096);
	assert_non_null(image);
	memcpy(image, z.p, z.n);
	memset(image + n, 0x55, 4096);
	memcpy(image + n, "\xfd" "7zXZ", 6);
	struct error e = unpack("xz", span_of(image, n + 4096), &out, &used);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(used, z.n);
	assert_int_equal(out.n, PLAIN_SIZE);
	buf_free(&out);
	free(image);
}

/* What a broken stream held before the fault is kept, and the fault is said. */
static void test_broken_lzip(void **state)
{
	(void)state;
	for (size_t i = 0; i < STREAMS; i++) {
		if (!packed[i].p || strcmp(streams[i].format, "lzip") != 0)
			continue;
		struct buf out;
		size_t used, n = packed[i].n / 4;
		struct error e = unpack("lzip", span_clip(packed[i], 0, n), &out, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
		assert_true(out.n > 1000 && out.n < PLAIN_SIZE && memcmp(out.p, plain, out.n - 300) == 0);
		buf_free(&out);
	}
}

/* A block may decompress, and to something else: its checksums tell. */
static void test_lzop_checksums(void **state)
{
	(void)state;
	for (size_t i = 0; i < STREAMS; i++) {
		if (!packed[i].p || strcmp(streams[i].format, "lzop") != 0)
			continue;
		uint8_t *copy = malloc(packed[i].n);
		assert_non_null(copy);
		memcpy(copy, packed[i].p, packed[i].n);
		/* Noise is stored, its bytes are all literals: only a checksum can tell that one of them is another. */
		size_t at = packed[i].n - 2000;
		copy[at] ^= 1;
		struct buf out;
		size_t used;
		struct error e = unpack("lzop", span_of(copy, packed[i].n), &out, &used);
		if (e.code != ERR_CORRUPT)
			fail_msg("%s, byte %zu changed: %s", streams[i].command, at, e.text);
		buf_free(&out);
		free(copy);
	}
}

#define LONG_SIZE 1500000u

static uint8_t *long_text(void)
{
	uint8_t *p = malloc(LONG_SIZE);
	uint32_t seed = 7;
	assert_non_null(p);
	for (size_t i = 0; i < LONG_SIZE; i++) {
		seed = seed * 1664525 + 1013904223;
		p[i] = i % 8 < 5 ? (uint8_t)(seed >> 30) : (uint8_t)(seed >> 25);
	}
	return p;
}

static void check_damaged(const char *format, const char *command, struct span stream, const uint8_t *want, bool inserted, bool tail)
{
	size_t at = stream.n * 6 / 10;
	uint8_t *copy = malloc(stream.n + 7);
	assert_non_null(copy);
	memcpy(copy, stream.p, at);
	memset(copy + at, 0x55, 7);
	memcpy(copy + at + 7, stream.p + at + (inserted ? 0 : 7), stream.n - at - (inserted ? 0 : 7));
	struct buf out;
	size_t used;
	struct error e = unpack(format, span_of(copy, inserted ? stream.n + 7 : stream.n), &out, &used);
	if (e.code != ERR_CORRUPT || out.n < LONG_SIZE / 2 || memcmp(out.p, want, LONG_SIZE / 2) != 0)
		fail_msg("%s, %s: %zu bytes, %s", command, inserted ? "7 bytes more" : "7 others", out.n, e.text);
	if (tail && !inserted) {
		assert_int_equal(out.n, LONG_SIZE);
		assert_memory_equal(out.p + LONG_SIZE * 9 / 10, want + LONG_SIZE * 9 / 10, LONG_SIZE / 10);
	}
	buf_free(&out);
	free(copy);
}

/* What is before the damage comes out to the block that it is in, or within it; behind it too where each block stands for itself. */
static void test_damaged(void **state)
{
	(void)state;
	static const struct {
		const char *format, *tool, *command;
		bool tail;
	} cases[] = {
		{ "zstd", "zstd", "zstd -q -c plain > packed", false },
		{ "zstd", "zstd", "zstd -q -c < plain > packed", false },
		{ "lz4", "lz4", "lz4 -q -c plain > packed", false },
		{ "lz4", "lz4", "lz4 -q -B4 -BI -BX -c plain > packed", true },
		{ "lz4", "lz4", "lz4 -q -B4 -BD -c plain > packed", false },
		{ "lzop", "lzop", "lzop -q -c plain > packed", true },
	};
	char dir[TEMP_MAX];
	uint8_t *text = long_text();
	temp_new(dir);
	file_save(dir, "plain", span_of(text, LONG_SIZE));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!tool_exists(cases[i].tool))
			continue;
		run_in(dir, cases[i].command);
		struct span packed = file_load(dir, "packed");
		check_damaged(cases[i].format, cases[i].command, packed, text, true, cases[i].tail);
		check_damaged(cases[i].format, cases[i].command, packed, text, false, cases[i].tail);
		free((void *)(uintptr_t)packed.p);
	}
	if (tool_exists("lz4")) { /* which has no checksum: its one block is cut instead */
		run_in(dir, "lz4 -q -l -c plain > packed");
		struct span packed = file_load(dir, "packed");
		struct buf out;
		size_t used;
		struct error e = unpack("lz4_legacy", span_of(packed.p, packed.n * 6 / 10), &out, &used);
		assert_int_equal(e.code, ERR_TRUNCATED);
		assert_true(out.n > LONG_SIZE / 2);
		assert_memory_equal(out.p, text, out.n);
		buf_free(&out);
		free((void *)(uintptr_t)packed.p);
	}
	temp_remove(dir);
	free(text);
}

/* A frame of LZ4 whose blocks, of 64 KiB, stand for themselves. */
#define LZ4_HEAD "\x04\x22\x4d\x18\x60\x40\x82"

static struct error unpack_text(enum codec codec, const char *bytes, size_t n, struct buf *out)
{
	size_t used;
	*out = buf_with_limit(UNPACK_LIMIT);
	return codec_stream(codec, span_of(bytes, n), out, &used);
}
#define UNPACK_TEXT(codec, text, out) unpack_text(codec, text, sizeof(text) - 1, out)

/* Zeros stand for what is lost, not for what a block that was flushed is short by; what a skippable frame holds is no content. */
static void test_lz4_what_is_lost(void **state)
{
	(void)state;
	struct buf out;
	struct error e = UNPACK_TEXT(CODEC_LZ4_FRAME, LZ4_HEAD "\x03\0\0\x80" "abc" "\x03\0\0\x80" "def" "\x05\0\0\0" "\x20gh\0\0", &out);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_int_equal(out.n, 8);
	assert_memory_equal(out.p, "abcdefgh", 8);
	buf_free(&out);

	e = UNPACK_TEXT(CODEC_LZ4_FRAME,
	                LZ4_HEAD "\x03\0\0\x80" "abc" "\0\0\0\0" "\x50\x2a\x4d\x18" "\x40\x60\0\0" "1234\x03\0\0\x80" "not", &out);
	assert_int_equal(e.code, ERR_TRUNCATED);
	assert_int_equal(out.n, 3);
	buf_free(&out);

	/* Linked blocks behind a broken one refer to what is not there, even if it gave as much as it can. */
	e = UNPACK_TEXT(CODEC_LZ4_FRAME, "\x04\x22\x4d\x18\x40\x40\xc0" "\x03\0\0\0" "\x10" "a\0" "\x03\0\0\x80" "def", &out);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_int_equal(out.n, 1);
	buf_free(&out);
}

/* A broken block stands for no more zeros than one of its size can give. */
static void test_zeros_of_broken_blocks(void **state)
{
	(void)state;
	enum { BLOCKS = 1000 };
	struct buf out, bytes = { 0 };
	assert_int_equal(buf_add(&bytes, LZ4_HEAD, 7), ERR_NONE);
	for (size_t i = 0; i < BLOCKS; i++)
		assert_int_equal(buf_add(&bytes, "\x01\0\0\0\xff", 5), ERR_NONE);
	struct error e = unpack_text(CODEC_LZ4_FRAME, (const char *)bytes.p, bytes.n, &out);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_in_range(out.n, 0, BLOCKS * 255);
	buf_free(&out);

	bytes.n = 0;
	assert_int_equal(buf_add(&bytes, "\x89LZO\0\r\n\x1a\n\x10\x30\x20\x80\x09\x40\x03\x05\0\0\0\0\0\0\x81\xa4\0\0\0\0\0\0\0\0\0\0\0\0\0", 38),
	                 ERR_NONE);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(buf_add(&bytes, "\x04\0\0\0\0\0\0\x04\xff\xff\xff\xff", 12), ERR_NONE);
	e = unpack_text(CODEC_LZOP, (const char *)bytes.p, bytes.n, &out);
	assert_int_equal(e.code, ERR_CORRUPT);
	assert_in_range(out.n, 0, 12 * 256);
	buf_free(&out);
	buf_free(&bytes);
}

/* What gives its bytes whatever they are proves no stream whose header or first block is wrong. */
static void test_copied_bytes_are_no_lz4(void **state)
{
	(void)state;
	static uint8_t erased[65536];
	struct format_match m;
	memset(erased, 0xff, sizeof erased);
	memcpy(erased, "\x04\x22\x4d\x18\x60\x40\x83\0\x40\0\x80", 11); /* another checksum of the header; stored */
	assert_false(format_find("lz4")->probe(span_of(erased, sizeof erased), &m));
	memcpy(erased, "\x04\x22\x4d\x18\x60\x40\x83\0\x40\0\0", 11); /* literals */
	assert_false(format_find("lz4")->probe(span_of(erased, sizeof erased), &m));
	memcpy(erased, "\x02\x21\x4c\x18\0\0\x01\0\xff\xff\xff\xff", 12);
	assert_false(format_find("lz4_legacy")->probe(span_of(erased, sizeof erased), &m));
}

/* Nothing to read and nowhere to write: no place is asked for that is not there. */
static void test_nothing(void **state)
{
	(void)state;
	for (enum codec c = CODEC_DEFLATE; c <= CODEC_LZOP; c++) {
		struct buf out = buf_with_limit(1000);
		size_t used = 1;
		struct error e = codec_stream(c, SPAN_NONE, &out, &used);
		if (c != CODEC_LZ4_FRAME && c != CODEC_ZSTD && c != CODEC_LZO1X && c != CODEC_LZ4)
			assert_true(error_is(&e));
		assert_int_equal(used, 0);
		assert_int_equal(out.n, 0);
		buf_free(&out);
	}
	struct buf b = buf_with_limit(1000);
	assert_int_equal(buf_reserve(&b, 0), ERR_NONE);
	assert_non_null(b.p);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference_streams), cmocka_unit_test(test_trailing_bytes), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_first_block_cut),
		cmocka_unit_test(test_limit), cmocka_unit_test(test_lzma_of_what_is_packed), cmocka_unit_test(test_short),
		cmocka_unit_test(test_huge_window), cmocka_unit_test(test_survives),
		cmocka_unit_test(test_noise), cmocka_unit_test(test_tables_are_no_lzma), cmocka_unit_test(test_zeros_are_no_lzma),
		cmocka_unit_test(test_gzip_name_of_control_characters),
		cmocka_unit_test(test_gzip_header_checksum),
		cmocka_unit_test(test_gzip_size_that_is_not_so),
		cmocka_unit_test(test_gzip_of_other_systems),
		cmocka_unit_test(test_parts_go_on), cmocka_unit_test(test_parts_take_no_more),
		cmocka_unit_test(test_overlapping_members), cmocka_unit_test(test_broken_blocks_are_counted),
		cmocka_unit_test(test_nothing), cmocka_unit_test(test_xz_before_another),
		cmocka_unit_test(test_broken_lzip), cmocka_unit_test(test_lzop_checksums), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_lz4_what_is_lost), cmocka_unit_test(test_zeros_of_broken_blocks),
		cmocka_unit_test(test_copied_bytes_are_no_lz4),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
