/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking apart what no header announces: carving at any offset, padding, noise, what is cut off, what would never end. */
#include <pthread.h>
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>
#include <lzma.h>
#include <zlib.h>

#include "base/holes.h"
#include "cpio_writer.h"
#include "fact/batch.h"
#include "probe/media.h"
#include "probe/probe.h"
#include "probe/tree.h"

/* ---- what a run found ---- */

struct found_blob {
	uint64_t key, parent;
	char path[64], kind[16], format[24];
	int64_t offset, size;
};

struct found_damage {
	uint64_t key;
	char kind[16];
	int64_t offset;
};

struct findings {
	struct probe_output output; /* must be first */
	pthread_mutex_t lock;
	struct found_blob blobs[4096];
	struct found_damage damages[4096];
	size_t nblobs, ndamages, nbatches;
	uint64_t key, parent; /* of the batch that is being read */
};

static void copy(char *out, size_t size, struct text t)
{
	snprintf(out, size, "%.*s", t.p ? (int)t.n : 0, t.p ? t.p : "");
}

static bool take_row(void *context, enum fact_type type, const void *row)
{
	struct findings *f = context;
	if (type == FACT_blob && f->nblobs < 4096) {
		const struct fact_blob *b = row;
		struct found_blob *to = &f->blobs[f->nblobs++];
		*to = (struct found_blob){ .key = f->key, .parent = f->parent, .offset = b->offset, .size = b->size };
		copy(to->path, sizeof to->path, b->path);
		copy(to->kind, sizeof to->kind, b->kind);
		copy(to->format, sizeof to->format, b->format);
	} else if (type == FACT_damage && f->ndamages < 4096) {
		const struct fact_damage *d = row;
		struct found_damage *to = &f->damages[f->ndamages++];
		*to = (struct found_damage){ .key = f->key, .offset = d->offset };
		copy(to->kind, sizeof to->kind, d->kind);
	}
	return true;
}

static bool take_batch(struct probe_output *output, struct span batch)
{
	struct findings *f = (struct findings *)output;
	struct batch_header h;
	assert_int_equal(pthread_mutex_lock(&f->lock), 0);
	bool ok = batch_header_read(batch, &h);
	f->key = h.key;
	f->parent = h.parent;
	f->nbatches++;
	ok = ok && batch_read(batch, take_row, f);
	assert_int_equal(pthread_mutex_unlock(&f->lock), 0);
	return ok;
}

static uint64_t last_scanned; /* what the status said at the end of the last run */

static struct findings *examine_with(struct span bytes, const struct budget *budget, unsigned threads)
{
	struct findings *f = calloc(1, sizeof *f);
	struct probe_status *status = calloc(1, sizeof *status);
	struct error e;
	assert_non_null(f);
	assert_non_null(status);
	f->output.batch = take_batch;
	assert_int_equal(pthread_mutex_init(&f->lock, NULL), 0);
	struct probe *p = probe_new(threads, false, &e);
	assert_non_null(p);
	struct probe_input input = { bytes, -1, TEXT_LIT("input") };
	struct probe_options options = { .budget = *budget };
	probe_firmware(p, &input, &options, status, &f->output);
	probe_free(p);
	last_scanned = atomic_load(&status->scanned);
	free(status);
	return f;
}

static struct findings *look(struct span bytes)
{
	return examine_with(bytes, &budget_default, 2);
}

static const struct found_blob *blob(const struct findings *f, const char *path)
{
	for (size_t i = 0; i < f->nblobs; i++)
		if (strcmp(f->blobs[i].path, path) == 0)
			return &f->blobs[i];
	fail_msg("no blob %s", path);
	return NULL;
}

static void assert_blob(const struct findings *f, const char *path, const char *parent, const char *format, int64_t offset,
                        int64_t size)
{
	const struct found_blob *b = blob(f, path);
	assert_string_equal(b->format, format);
	assert_true(b->offset == offset);
	assert_int_equal(b->size, size);
	assert_true(b->parent == blob(f, parent)->key);
}

static size_t damages(const struct findings *f, const char *path, const char *kind)
{
	size_t n = 0;
	for (size_t i = 0; i < f->ndamages; i++)
		n += strcmp(f->damages[i].kind, kind) == 0 && (!path || f->damages[i].key == blob(f, path)->key);
	return n;
}

/* ---- inputs ---- */

static uint8_t image[1 << 20];

static void fill_noise(uint8_t *p, size_t n)
{
	uint64_t s = 88172645463325252u;
	for (size_t i = 0; i < n; i++) {
		s ^= s << 13;
		s ^= s >> 7;
		s ^= s << 17;
		p[i] = (uint8_t)(s >> 32);
	}
}

/* Like machine code: a few values prevail. */
static void fill_data(uint8_t *p, size_t n)
{
	fill_noise(p, n);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)((p[i] & 31) * 3 + 1);
}

/* With what functions of ARM begin and end with. */
static void fill_code(uint8_t *p, size_t n)
{
	fill_data(p, n);
	for (size_t i = 0; i + 256 <= n; i += 256) {
		memcpy(p + i, "\x10\x40\x2d\xe9", 4);
		memcpy(p + i + 252, "\x10\x80\xbd\xe8", 4);
	}
}

static size_t put_gzip_level(uint8_t *out, const void *plain, size_t n, int level)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)plain, .avail_in = (uInt)n, .next_out = out, .avail_out = 1u << 20 };
	assert_int_equal(deflateInit2(&z, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(deflateEnd(&z), Z_OK);
	return z.total_out;
}

static size_t put_gzip(uint8_t *out, const void *plain, size_t n)
{
	return put_gzip_level(out, plain, n, 9);
}

static size_t put_xz(uint8_t *out, size_t room, const void *plain, size_t n)
{
	size_t at = 0;
	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, plain, n, out, &at, room), LZMA_OK);
	return at;
}

/* ---- cases ---- */

static void test_stream_at_an_odd_offset(void **state)
{
	(void)state;
	static const char text[] = "nothing but a text that was packed, and packed, and packed\n";
	fill_code(image, 12345);
	size_t n = put_gzip(image + 12345, text, sizeof text - 1);
	memset(image + 12345 + n, 0xff, 5000);
	struct findings *f = look(span_of(image, 12345 + n + 5000));
	assert_blob(f, "0x0", "input", "unknown", 0, 12345);
	assert_blob(f, "0x3039.gzip", "input", "gzip", 12345, (int64_t)n);
	assert_blob(f, "gzip", "0x3039.gzip", "text", FACT_NULL, sizeof text - 1);
	char rest[32];
	snprintf(rest, sizeof rest, "0x%zx", 12345 + n);
	assert_blob(f, rest, "input", "padding", (int64_t)(12345 + n), 5000);
	assert_int_equal(f->nblobs, 5);
	assert_int_equal(f->ndamages, 0);
	free(f);
}

/* A superblock of littlefs 1 every 64 bytes (its SPEC.md: revision, size, tail, the entry of type 0x2e), whose sum would be of all that
 * follows. Each asks for as many bytes as there are; soon none is asked, which is said, and what another format announces is there. */
static void test_sums_in_vain(void **state)
{
	(void)state;
	static const char text[] = "behind all of them stands a text that was packed, and packed, and packed\n";
	enum { EACH = 64, END = sizeof image - 4096 };
	for (size_t at = 0; at < END; at += EACH) {
		memset(image + at, 0, EACH);
		uint32_t size = (uint32_t)(END - at);
		memcpy(image + at + 4, &size, 4);
		memcpy(image + at + 16, "\x2e\x14\0\x08", 4);
		memcpy(image + at + 40, "littlefs", 8);
	}
	memset(image + END, 0xff, sizeof image - END);
	put_gzip(image + END, text, sizeof text - 1);
	/* Zeros that nobody stored behind them make no difference. */
	const size_t large = (size_t)64 << 30;
	uint8_t *disk = mmap(NULL, large, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(disk != MAP_FAILED);
	memcpy(disk, image, sizeof image);
	const struct stored stored = { 0, sizeof image };
	assert_true(holes_tell(span_of(disk, large), &stored, 1));
	for (unsigned i = 0; i < 2; i++) {
		struct findings *f = look(i ? span_of(disk, large) : span_of(image, sizeof image));
		char name[32];
		snprintf(name, sizeof name, "0x%x.gzip", (unsigned)END);
		assert_string_equal(blob(f, name)->format, "gzip");
		assert_int_equal(damages(f, "input", "budget"), 1);
		/* Each may be the first or the second block, of any of 14 sizes up to 1 MiB: some 13 sums of up to 1 MiB, less where a block is
		 * large. Of 80 Mi, of which eight bytes that are summed are one, that is some fifty. */
		for (size_t k = 0; k < f->ndamages; k++)
			if (strcmp(f->damages[k].kind, "budget") == 0)
				assert_in_range(f->damages[k].offset, 40 * EACH, 60 * EACH);
		free(f);
	}
	holes_forget(span_of(disk, large));
	assert_int_equal(munmap(disk, large), 0);
}

/* Files of HP's package (github.com/tylerwhall/hpbdl: a table of 276 bytes each, with a name, a place and a size), all of the same 700 KiB:
 * four hundred are 274 MiB. Of 256 MiB and 64 times what there is all are looked at; of twice as many, not. */
static void test_files_overlap(void **state)
{
	(void)state;
	enum { ENTRY = 276, TABLE = 1056, EACH = 700 << 10 };
	for (unsigned n = 400; n <= 800; n += 400) {
		memset(image, 'x', sizeof image);
		memset(image, 0, TABLE);
		memcpy(image, "ipkg\1\0\3\0", 8);
		uint32_t fields[] = { TABLE, 0, n };
		memcpy(image + 8, fields, sizeof fields);
		memcpy(image + 32, "1.0", 4);
		for (unsigned i = 0; i < n; i++) {
			uint8_t *e = image + TABLE + (size_t)i * ENTRY;
			uint64_t place[] = { sizeof image - EACH, EACH };
			memset(e, 0, ENTRY);
			snprintf((char *)e, 256, "/f%u", i);
			memcpy(e + 256, place, sizeof place);
		}
		struct findings *f = look(span_of(image, sizeof image));
		bool all = n == 400;
		assert_int_equal(damages(f, "input", "budget"), all ? 0 : 1);
		/* the input, and as many as fit */
		assert_in_range(f->nblobs, all ? n + 1 : ((256u + 64) << 20) / EACH, all ? n + 2 : ((256u + 64) << 20) / EACH + 2);
		free(f);
	}
}

static void test_noise_is_named(void **state)
{
	(void)state;
	fill_noise(image, sizeof image);
	struct findings *f = look(span_of(image, sizeof image));
	assert_int_equal(f->nblobs, 1);
	assert_string_equal(f->blobs[0].format, "high-entropy");
	assert_int_equal(damages(f, "input", "encrypted"), 1);
	free(f);
}

/* Tables of ciphers are dense, and no secret. */
static void test_short_tables_are_no_damage(void **state)
{
	(void)state;
	fill_code(image, sizeof image);
	fill_noise(image + 300000, 32 << 10);
	struct findings *f = look(span_of(image, sizeof image));
	assert_int_equal(f->nblobs, 1);
	assert_string_equal(f->blobs[0].format, "unknown");
	assert_int_equal(f->ndamages, 0);
	free(f);
}

/* But a whole encrypted partition between two that are not is said. */
static void test_dense_region_among_code(void **state)
{
	(void)state;
	fill_code(image, sizeof image);
	fill_noise(image + 400000, 128 << 10);
	struct findings *f = look(span_of(image, sizeof image));
	assert_int_equal(damages(f, "input", "encrypted"), 1);
	free(f);
}

static const char packed_text[] = "a text that is packed, and long enough for a stream of its own\n";

/* Beside what is opened, bytes of no known format may be a file system of which nothing is known. A little is none, and neither is
 * boot code, unless files lie in it. */
static void test_flash_that_nobody_knows(void **state)
{
	(void)state;
	static const char program[] = "\x7f" "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x28\0\1\0\0";
	static const char object[] = "\x7f" "ELF\1\1\1\0\0\0\0\0\0\0\0\0\1\0\x28\0\1\0\0"; /* modules of boot loaders are */
	static const char vdso[] = "\x7f" "ELF\1\1\1\0\0\0\0\0\0\0\0\0\3\0\x28\0\1\0\0\0linux-vdso.so.1"; /* a kernel's own */
	static const char library[] = "\x7f" "ELF\1\1\1\0\0\0\0\0\0\0\0\0\3\0\x28\0\1\0\0\0libc.so.6";
	static const struct {
		bool code;
		size_t n; /* the rest is erased */
		const char *file;
		size_t file_n;
		unsigned told;
	} flash[] = {
		{ false, 65536, "", 0, 1 },
		{ false, 12288, "", 0, 1 },
		{ false, 4096, "", 0, 0 },
		{ true, 65536, "", 0, 0 },
		{ true, 65536, program, sizeof program, 1 },
		{ true, 65536, object, sizeof object, 0 },
		{ true, 65536, vdso, sizeof vdso, 0 },
		{ true, 65536, library, sizeof library, 1 },
		{ true, 65536, "#!/bin/sh\nreboot\n", 17, 1 },
		{ true, 65536, "root:x:0:0:root:/:/bin/sh\n", 26, 1 },
		{ true, 65536, "#! \x7f" "ELF", 7, 0 },
		{ false, 512, "root:$1$abc:1:::\n", 17, 1 },
	};
	for (size_t i = 0; i < sizeof flash / sizeof flash[0]; i++)
		for (size_t skew = 0; skew < 2; skew++) {
			size_t begin = 4096 + skew;
			memset(image, 0xff, begin);
			size_t at = begin + put_gzip(image + begin, packed_text, sizeof packed_text - 1), gap = (at + 4095) & ~(size_t)4095;
			memset(image + at, 0xff, 200000);
			(flash[i].code ? fill_code : fill_data)(image + gap, flash[i].n);
			memcpy(image + gap + flash[i].n / 2 + skew, flash[i].file, flash[i].file_n);
			struct findings *f = look(span_of(image, 131072));
			assert_int_equal(damages(f, NULL, "unsupported"), flash[i].told);
			assert_int_equal(f->ndamages, flash[i].told);
			free(f);
		}
}

/* The tables of a program are behind its code, and are up to twice of it; what is more in one piece was appended. */
static void test_data_behind_code(void **state)
{
	(void)state;
	static const struct {
		size_t code, data;
		unsigned told;
	} flash[] = { { 65536, 65536, 0 }, { 65536, 131072, 0 }, { 65536, 180224, 1 }, { 65536, 262144, 1 } };
	for (size_t i = 0; i < sizeof flash / sizeof flash[0]; i++) {
		memset(image, 0xff, 8192);
		(void)put_gzip(image, packed_text, sizeof packed_text - 1);
		fill_code(image + 8192, flash[i].code);
		fill_data(image + 8192 + flash[i].code, flash[i].data);
		struct findings *f = look(span_of(image, 8192 + flash[i].code + flash[i].data));
		assert_int_equal(damages(f, NULL, "unsupported"), flash[i].told);
		free(f);
	}
}

static void put_word(size_t at, uint64_t v, size_t n)
{
	memcpy(image + at, &v, n);
}

/* A program for AArch64 of two segments, at 4 KiB and behind a hole of n bytes. Gives its size. */
static size_t put_program_with_hole(size_t n)
{
	size_t place[2] = { 4096, 4096 + 65536 + n };
	memset(image, 0, place[1]);
	memcpy(image, "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\xb7\0\1", 21);
	put_word(32, 64, 8); /* e_phoff */
	put_word(52, 64, 2); /* e_ehsize, e_phentsize, e_phnum */
	put_word(54, 56, 2);
	put_word(56, 2, 2);
	for (size_t i = 0; i < 2; i++) {
		put_word(64 + 56 * i, 1, 4); /* PT_LOAD */
		put_word(64 + 56 * i + 8, place[i], 8);
		put_word(64 + 56 * i + 32, 65536, 8);
		fill_code(image + place[i], 65536);
	}
	return place[1] + 65536;
}

/* What is none of a program's parts may be files, wherever it stands. */
static void test_between_parts_of_a_program(void **state)
{
	(void)state;
	static const struct {
		size_t data, code;
		unsigned told;
		bool packed;
	} holes[] = { { 0, 0, 0, false }, { 65536, 0, 1, false }, { 4096, 0, 0, false }, { 0, 65536, 0, false }, { 0, 0, 0, true } };
	for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
		size_t n = put_program_with_hole(131072);
		fill_data(image + 69632 + 32768, holes[i].data);
		if (holes[i].code)
			fill_code(image + 69632 + 32768, holes[i].code);
		if (holes[i].packed) { /* then it is looked at */
			fill_data(image + 400000, 65536);
			(void)put_gzip(image + 69632 + 4096, image + 400000, 65536);
			n = 69632 + 131072 + 65536;
		}
		struct findings *f = look(span_of(image, n));
		assert_int_equal(damages(f, NULL, "unsupported"), holes[i].told);
		free(f);
	}
}

static size_t put_bytes(size_t at, const void *bytes, size_t n)
{
	memcpy(image + at, bytes, n);
	return at + n;
}

/* A header of 8 x 8, a table of any kind, and a scan whose bytes are noise: 0xff is followed by 0 there. */
static size_t put_jpeg(size_t at, size_t scan)
{
	static const uint8_t head[] = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xdb\0\4\0\1\xff\xc0\0\x0b\x08\0\x08\0\x08\1\1\x11\0"
								  "\xff\xda\0\x08\1\1\0\0\x3f\0";
	at = put_bytes(at, head, sizeof head - 1);
	fill_noise(image + at, scan);
	for (size_t i = 0; i < scan; i++)
		image[at + i] &= 0xfe;
	return put_bytes(at + scan, "\xff\xd9", 2);
}

static size_t put_chunk(size_t at, const char *type, const void *data, size_t n)
{
	uint8_t number[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	size_t from = put_bytes(at, number, 4);
	at = put_bytes(put_bytes(from, type, 4), data, n);
	uint32_t crc = (uint32_t)crc32(0, image + from, (uInt)(at - from));
	for (unsigned i = 0; i < 4; i++)
		image[at + i] = (uint8_t)(crc >> (24 - 8 * i));
	return at + 4;
}

static size_t put_png(size_t at, size_t data)
{
	static uint8_t noise[65536];
	fill_noise(noise, data);
	at = put_bytes(at, "\x89PNG\r\n\x1a\n", 8);
	at = put_chunk(at, "IHDR", "\0\0\0\x08\0\0\0\x08\x08\0\0\0", 13);
	at = put_chunk(at, "IDAT", noise, data);
	return put_chunk(at, "IEND", "", 0);
}

static size_t put_wave(size_t at, size_t data)
{
	uint32_t size = (uint32_t)(data + 36), n = (uint32_t)data;
	size_t start = at;
	at = put_bytes(at, "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data....", 44);
	memcpy(image + start + 4, &size, 4);
	memcpy(image + start + 40, &n, 4);
	fill_noise(image + at, data);
	return at + data;
}

static size_t put_gif(size_t at, size_t blocks)
{
	at = put_bytes(at, "GIF89a\x08\0\x08\0\0\0\0\x2c\0\0\0\0\x08\0\x08\0\0\2", 24);
	for (; blocks; blocks--) {
		image[at] = 255;
		fill_noise(image + at + 1, 255);
		at += 256;
	}
	return put_bytes(at, "\0;", 2);
}

/* Whole pictures and sounds of flash are none of what nobody knows; what is beside them is, and so is one that breaks off. */
static void test_pictures_of_flash(void **state)
{
	(void)state;
	for (int broken = 0; broken < 2; broken++) {
		memset(image, 0xff, 262144);
		size_t jpeg = 4096, png = put_jpeg(jpeg, 20000);
		size_t wave = put_png(png, 20000), gif = put_wave(wave, 30000), end = put_gif(gif, 80);
		if (broken)
			image[end - 1] = image[png - 1] = image[png + 100] = image[wave + 8] = 0;
		struct findings *f = look(span_of(image, 262144));
		if (broken) {
			assert_int_equal(damages(f, "input", "encrypted"), 1);
		} else {
			char name[32];
			size_t at[] = { jpeg, png, wave, gif, end };
			static const char *const kinds[] = { "picture", "picture", "sound", "picture" };
			for (unsigned i = 0; i < 4; i++) {
				snprintf(name, sizeof name, "0x%zx", at[i]);
				assert_blob(f, name, "input", kinds[i], (int64_t)at[i], (int64_t)(at[i + 1] - at[i]));
			}
			assert_int_equal(f->ndamages, 0);
		}
		free(f);
	}
}

/* Of a file system that nobody knows pictures are told, but not the files between them, however small these are; nor is a program in what
 * begins as a sound. */
static void test_files_between_pictures(void **state)
{
	(void)state;
	size_t end = 0;
	for (unsigned i = 0; i < 20; i++) {
		fill_data(image + end, 2000);
		end = put_png(end + 2000, 1000);
	}
	struct findings *f = look(span_of(image, end));
	assert_int_equal(damages(f, "input", "unsupported"), 1);
	free(f);
	memset(image, 0xff, 65536);
	(void)put_wave(4096, 30000);
	static const Elf32_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC, .e_machine = EM_ARM };
	memcpy(image + 20000, &head, sizeof head);
	f = look(span_of(image, 65536));
	assert_int_equal(damages(f, "0x1000", "unsupported"), 1);
	free(f);
}

/* Segments of JPEG, and blocks of GIF, that each begin another picture which nothing ends: they are not followed from each of them. */
static void test_pictures_without_end(void **state)
{
	(void)state;
	static const char *const links[] = { "\xff\xe0\0\x0a\xff\xd8\xff\xe0\0\x04\0\0", "!\xfe\x10GIF89a\1\0\1\0\0\0\0!\xfe\0\0" };
	static const size_t sizes[] = { 12, 20 };
	struct media media = { .v = calloc(MEDIA_MAX, sizeof(struct medium)) };
	size_t n = (size_t)8 << 20;
	uint8_t *p = malloc(n);
	assert_non_null(p);
	assert_non_null(media.v);
	for (size_t k = 0; k < 2; k++) {
		for (size_t at = 0; at < n; at++)
			p[at] = (uint8_t)links[k][at % sizes[k]];
		media_find(span_of(p, n), &media);
		assert_int_equal(media.n, 0);
	}
	free(media.v);
	free(p);
}

/* An ELF file is a program, whatever is in it: kernels have that of their vDSO, and streams that they test themselves with. What is
 * behind it is not. */
static void test_kernel_as_a_file(void **state)
{
	(void)state;
	static const uint32_t sizes[] = { 131072, 100000 }; /* of its one segment */
	static uint8_t block[2000];
	for (size_t i = 0; i < 2; i++)
		for (unsigned streams = 0; streams < 4; streams++) { /* none, one, a row of few bytes, a row of blocks */
			Elf32_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC,
								.e_machine = EM_ARM, .e_version = 1, .e_phoff = sizeof head, .e_ehsize = sizeof head,
								.e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1 };
			Elf32_Phdr load = { .p_type = PT_LOAD, .p_filesz = sizes[i], .p_memsz = sizes[i] };
			fill_data(image, 131072);
			memcpy(image, &head, sizeof head);
			memcpy(image + sizeof head, &load, sizeof load);
			memcpy(image + 30000, &head, sizeof head);
			fill_noise(block, 1000);
			size_t at = 60000;
			for (unsigned k = 0; k < (streams > 1 ? 3 : streams); k++)
				at += 64 + (streams == 3 ? put_gzip(image + at, block, sizeof block) : put_gzip(image + at, packed_text, sizeof packed_text - 1));
			struct findings *f = look(span_of(image, 131072));
			assert_string_equal(blob(f, "input")->format, "elf");
			assert_int_equal(f->nblobs > 1, streams > 0);
			if (streams)
				assert_blob(f, "0x0", "input", "data", 0, 60000); /* of the program */
			assert_int_equal(damages(f, NULL, "unsupported"), i + (streams == 3));
			free(f);
		}
}

/* A squashfs without its superblock is a row of streams. A kernel and its device tree are two. */
/* Nothing but two bytes announces a zlib stream: it counts where its Adler-32 is right and no other format has the place. What a PNG
 * packs is pixels. */
static void test_zlib_among_code(void **state)
{
	(void)state;
	static const char text[] = "<html><body>a page of a device's web server, a page of a device's web server</body></html>\n";
	static const struct {
		const char *before;
		unsigned spoilt; /* the last byte: of the sum */
		bool found;
	} rows[] = { { "page", 0, true }, { "page", 1, false }, { "IDAT", 0, false } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uLongf n = 1000;
		fill_code(image, 20000);
		memcpy(image + 12341, rows[i].before, 4);
		assert_int_equal(compress(image + 12345, &n, (const Bytef *)text, sizeof text - 1), Z_OK);
		image[12345 + n - 1] ^= (uint8_t)rows[i].spoilt;
		struct findings *f = look(span_of(image, 20000));
		assert_int_equal(f->nblobs, rows[i].found ? 5 : 1);
		if (rows[i].found) {
			assert_blob(f, "0x3039.zlib", "input", "zlib", 12345, (int64_t)n);
			assert_blob(f, "zlib", "0x3039.zlib", "text", FACT_NULL, sizeof text - 1);
		}
		assert_int_equal(f->ndamages, 0);
		free(f);
	}
}

/* Headers of zlib streams before blocks that are none: it is told from where on none was looked for. What stands before is found. */
static void test_zlib_in_vain(void **state)
{
	(void)state;
	size_t n = (size_t)2 << 20, first = 4096;
	uint8_t *flash = malloc(n), *packed = malloc(200000), *plain = malloc(200000);
	uLongf packed_n = 200000;
	assert_non_null(flash);
	assert_non_null(packed);
	assert_non_null(plain);
	for (size_t i = 0; i < 200000; i++)
		plain[i] = (uint8_t)(i * i >> 7);
	assert_int_equal(compress(packed, &packed_n, plain, 30000), Z_OK);
	packed[0] = 0x78;
	for (size_t i = 0; i < n; i += 16)
		memcpy(flash + i, "\x78\x9c\xed\xff\xff\xff\xff\xff\x01\x02\x03\x04\x05\x06\x07\x08", 16);
	memset(flash, 0x11, first);
	memcpy(flash + first, packed, packed_n);
	struct findings *f = look(span_of(flash, n));
	assert_int_equal(damages(f, "input", "budget"), 1);
	int64_t told = -1;
	for (size_t i = 0; i < f->ndamages; i++)
		if (strcmp(f->damages[i].kind, "budget") == 0)
			told = f->damages[i].offset;
	assert_in_range(told, n / 4, n - 1);
	bool found = false;
	for (size_t i = 0; i < f->nblobs; i++)
		found |= strcmp(f->blobs[i].format, "zlib") == 0 && f->blobs[i].offset == (int64_t)first;
	assert_true(found);
	free(f);
	free(plain);
	free(packed);
	free(flash);
}

static void test_streams_in_a_row(void **state)
{
	(void)state;
	static const struct {
		unsigned streams;
		size_t apart;
		unsigned told;
	} rows[] = { { 3, 96, 1 }, { 4, 16, 1 }, { 2, 96, 0 }, { 4, 8192, 0 } };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t at = 64;
		memset(image, 0xff, 65536);
		memcpy(image, "a header that nobody knows", 26);
		for (unsigned k = 0; k < rows[i].streams; k++)
			at += put_gzip(image + at, packed_text, sizeof packed_text - 1) + rows[i].apart;
		struct findings *f = look(span_of(image, 65536));
		assert_int_equal(damages(f, "input", "unsupported"), rows[i].told);
		free(f);
	}
}

/* What one that is none gave before it broke is no part of the next: they have their room in turn. */
static void test_streams_among_broken_ones(void **state)
{
	(void)state;
	static const char text[] = "nothing but a text that was packed, and packed, and packed\n";
	enum { BROKEN = 60000, APART = 65536, END = 5 * APART };
	char name[32];
	fill_code(image, END);
	for (size_t at = APART; at < END; at += APART) {
		bool whole = at / APART % 2 == 0;
		size_t n = whole ? put_gzip(image + at, text, sizeof text - 1) : put_gzip(image + at, image, BROKEN);
		image[at + n - 8] ^= whole ? 0 : 0x55; /* its sum */
	}
	struct findings *f = look(span_of(image, END));
	for (size_t at = 2 * (size_t)APART; at < END; at += 2 * (size_t)APART) {
		snprintf(name, sizeof name, "0x%zx.gzip", at);
		const struct found_blob *stream = blob(f, name);
		size_t texts = 0;
		for (size_t i = 0; i < f->nblobs; i++)
			texts += f->blobs[i].parent == stream->key && f->blobs[i].size == sizeof text - 1 && strcmp(f->blobs[i].format, "text") == 0;
		assert_int_equal(texts, 1);
	}
	size_t streams = 0;
	for (size_t i = 0; i < f->nblobs; i++)
		streams += strcmp(f->blobs[i].format, "gzip") == 0;
	assert_int_equal(streams, 2);
	free(f);
}

/* The same as a part of its own, as a table of partitions has it; unpacked, only files are a sign of it; and within a kernel nothing
 * is. */
static void test_unknown_that_was_packed(void **state)
{
	(void)state;
	static const char script[] = "\0#!/bin/sh\nreboot\n";
	for (unsigned i = 0; i < 4; i++) {
		uint8_t *plain = malloc(200000);
		assert_non_null(plain);
		(i & 1 ? fill_code : fill_data)(plain, 200000);
		if (i & 2)
			memcpy(plain + 100001, script, sizeof script);
		put_gzip(plain + 150000, packed_text, sizeof packed_text - 1);
		size_t n = put_xz(image, sizeof image, plain, 200000);
		struct findings *f = look(span_of(image, n));
		assert_int_equal(damages(f, NULL, "unsupported"), i == 2);
		free(f);
		free(plain);
	}
}

/* What begins with text, or erased, is not thereby text to its end. */
static void test_dense_behind_a_harmless_head(void **state)
{
	(void)state;
	static const char *const heads[] = { "text", "script", "high-entropy" };
	for (size_t i = 0; i < 3; i++) {
		fill_noise(image + 8192, 256 << 10);
		memset(image, i == 2 ? 0xff : '\n', 8192);
		if (i == 1)
			memcpy(image, "#!/bin/sh\n", 10);
		struct findings *f = look(span_of(image, 8192 + (256 << 10)));
		assert_string_equal(blob(f, "input")->format, heads[i]);
		assert_int_equal(damages(f, "input", "encrypted"), 1);
		free(f);
	}
}

static void test_cut_stream_keeps_what_it_gave(void **state)
{
	(void)state;
	size_t plain_size = 600000;
	uint8_t *plain = malloc(plain_size), *packed = malloc(1 << 20);
	assert_non_null(plain);
	assert_non_null(packed);
	fill_code(plain, plain_size);
	memcpy(plain + 1000, "\nBusyBox v1.00 of an image that was cut\n", 40);
	size_t n = put_xz(packed, 1 << 20, plain, plain_size);
	fill_code(image, 4096);
	memcpy(image + 4096, packed, n / 2);
	struct findings *f = look(span_of(image, 4096 + n / 2));
	assert_int_equal(damages(f, "0x1000.xz", "truncated"), 1);
	const struct found_blob *stream = blob(f, "xz");
	assert_true(stream->size > 200000 && stream->size < 400000);
	free(f);
	free(plain);
	free(packed);
}

static void test_nesting_is_limited(void **state)
{
	(void)state;
	static uint8_t next[1 << 20];
	size_t n = put_gzip(image, "core", 4);
	for (unsigned depth = 1; depth < 40; depth++) {
		size_t packed = put_gzip(next, image, n);
		memcpy(image, next, packed);
		n = packed;
	}
	struct findings *f = look(span_of(image, n));
	assert_int_equal(f->nblobs, budget_default.depth + 1);
	assert_int_equal(damages(f, NULL, "budget"), 1);
	free(f);
}

/* What is found across the passes of a scan is found once; and every byte of them is told to whoever shows progress. */
static void test_scan_in_passes(void **state)
{
	(void)state;
	size_t size = ((size_t)130 << 20) + 5;
	uint8_t *large = calloc(1, size), stream[256];
	assert_non_null(large);
	size_t n = put_gzip(stream, "a stream across the end of a pass", 33);
	static const size_t ends[] = { (size_t)64 << 20, (size_t)128 << 20 };
	for (size_t i = 0; i < 2; i++)
		memcpy(large + ends[i] - 1 - i, stream, n);
	struct findings *f = look(span_of(large, size));
	size_t streams = 0;
	for (size_t i = 0; i < f->nblobs; i++)
		streams += strcmp(f->blobs[i].format, "gzip") == 0;
	assert_int_equal(streams, 2);
	assert_true(last_scanned >= size);
	free(f);
	free(large);
}

static void test_bomb_is_limited(void **state)
{
	(void)state;
	size_t zeros = (size_t)64 << 20;
	uint8_t *plain = calloc(1, zeros);
	assert_non_null(plain);
	size_t n = put_gzip(image, plain, zeros);
	free(plain);
	struct budget small = budget_default;
	small.blob_bytes = 1 << 20;
	struct findings *f = examine_with(span_of(image, n), &small, 2);
	assert_true(damages(f, NULL, "budget") >= 1);
	for (size_t i = 0; i < f->nblobs; i++)
		assert_true(f->blobs[i].size <= 1 << 20);
	free(f);
}

static size_t make_cpio(struct buf *b, unsigned files)
{
	for (unsigned i = 0; i < files; i++) {
		char name[32], content[64];
		snprintf(name, sizeof name, "etc/file-%u", i);
		snprintf(content, sizeof content, "the content of file %u\n", i);
		cpio_add_file(b, name, content);
	}
	cpio_end(b);
	return b->n;
}

/* What a compression stores as it is shows its beginning to the scan: it belongs to the stream, which began before it. */
static void test_what_a_stream_stores_is_its_own(void **state)
{
	(void)state;
	struct buf b = { 0 };
	size_t plain = make_cpio(&b, 2000);
	fill_code(image, 777);
	size_t n = put_gzip_level(image + 777, b.p, plain, 0);
	assert_true(n > plain);
	memset(image + 777 + n, 0xff, 4096);
	struct findings *f = look(span_of(image, 777 + n + 4096));
	assert_blob(f, "0x309.gzip", "input", "gzip", 777, (int64_t)n);
	assert_blob(f, "gzip", "0x309.gzip", "cpio", FACT_NULL, (int64_t)plain);
	blob(f, "/etc/file-1999");
	assert_int_equal(f->ndamages, 0);
	free(f);
	buf_free(&b);
}

static void test_number_of_blobs_is_limited(void **state)
{
	(void)state;
	struct buf b = { 0 };
	struct budget small = budget_default;
	make_cpio(&b, 500);
	small.blobs = 100;
	struct findings *f = examine_with(buf_span(&b), &small, 2);
	assert_true(f->nblobs <= 101);
	assert_true(damages(f, NULL, "budget") >= 1);
	free(f);
	buf_free(&b);
}

/* A large file system is read whole; within many layers, which are all held at a time, so far as there is room, and that is told. */
static void test_metadata_is_limited(void **state)
{
	(void)state;
	enum { files = 20000 };
	struct buf b = { 0 };
	for (unsigned i = 0; i < files; i++) {
		char name[5000]; /* long, so that few are enough */
		snprintf(name, sizeof name, "%04500u", i);
		cpio_add_file(&b, name, "");
	}
	cpio_end(&b);
	struct findings *f = look(buf_span(&b));
	assert_true(f->nbatches > files);
	assert_int_equal(f->ndamages, 0);
	free(f);
	static uint8_t next[1 << 20];
	size_t n = put_gzip_level(image, b.p, b.n, 1);
	for (unsigned depth = 1; depth < 4; depth++) {
		size_t packed = put_gzip(next, image, n);
		memcpy(image, next, packed);
		n = packed;
	}
	f = look(span_of(image, n));
	assert_true(f->nbatches > files / 2 && f->nbatches < files);
	assert_int_equal(damages(f, NULL, "budget"), 1);
	free(f);
	buf_free(&b);
}

static int by_key(const void *a, const void *b)
{
	const struct found_blob *x = a, *y = b;
	return x->key < y->key ? -1 : x->key > y->key;
}

static void test_threads_agree(void **state)
{
	(void)state;
	struct buf b = { 0 };
	size_t n = make_cpio(&b, 500);
	memset(image, 0, 100);
	memcpy(image + 100, b.p, n);
	size_t packed = put_gzip(image + 100 + n, b.p, n);
	struct findings *one = examine_with(span_of(image, 100 + n + packed), &budget_default, 1);
	struct findings *four = examine_with(span_of(image, 100 + n + packed), &budget_default, 4);
	assert_int_equal(one->nblobs, four->nblobs);
	assert_true(one->nblobs > 1000);
	qsort(one->blobs, one->nblobs, sizeof *one->blobs, by_key);
	qsort(four->blobs, four->nblobs, sizeof *four->blobs, by_key);
	assert_memory_equal(one->blobs, four->blobs, one->nblobs * sizeof *one->blobs);
	free(one);
	free(four);
	buf_free(&b);
}

/* The image of a file system within an update, of which nothing is known: its name tells, or a program and a script that are where
 * files begin. A script in a program's strings is none. */
static void test_file_that_holds_files(void **state)
{
	(void)state;
	static const char program[] = "\x7f" "ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\x28\0\1\0\0", script[] = "#!/bin/sh\nreboot\n";
	static const struct {
		const char *name;
		bool code, files;
		size_t skew;
		unsigned told;
	} cases[] = {
		{ "/rootfs", false, true, 0, 1 },    { "/rootfs", false, true, 1, 0 },     { "/rootfs", false, false, 0, 0 },
		{ "/rootfs.img", false, false, 0, 1 }, { "/a.ext4", false, false, 0, 1 }, { "/kernel.img", true, false, 0, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = buf_with_limit(1 << 20);
		(cases[i].code ? fill_code : fill_data)(image, 65536);
		if (cases[i].files) {
			memcpy(image + 4096, program, sizeof program);
			memcpy(image + 8192 + cases[i].skew, script, sizeof script);
		}
		cpio_add(&b, span_of(cases[i].name, strlen(cases[i].name)), 0100644, span_of(image, 65536));
		cpio_end(&b);
		struct findings *f = look(buf_span(&b));
		assert_int_equal(damages(f, cases[i].name, "unsupported"), cases[i].told);
		assert_int_equal(f->ndamages, cases[i].told);
		free(f);
		buf_free(&b);
	}
}

/* An encrypted update or volume that lies in a file system was not looked at; a picture was. */
static void test_opaque_file(void **state)
{
	(void)state;
	static const struct {
		const char *name, *head;
		size_t size, damages;
	} cases[] = {
		{ "/opt/app.enc", "Salted__", 128 << 10, 1 },
		{ "/www/logo.jpg", "\xff\xd8\xff\xe0", 128 << 10, 0 },
		{ "/etc/seed", "", 4096, 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = buf_with_limit(1 << 20);
		fill_noise(image, cases[i].size);
		memcpy(image, cases[i].head, strlen(cases[i].head));
		cpio_add(&b, span_of(cases[i].name, strlen(cases[i].name)), 0100644, span_of(image, cases[i].size));
		cpio_end(&b);
		struct findings *f = look(buf_span(&b));
		assert_int_equal(damages(f, cases[i].name, "encrypted"), cases[i].damages);
		assert_int_equal(f->ndamages, cases[i].damages);
		free(f);
		buf_free(&b);
	}
}

static void test_classify(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		const char *class;
	} cases[] = {
		{ "", 0, "empty" }, { "root:x:0:0::/:/bin/sh\n", 22, "text" }, { "#!/bin/sh\n", 10, "script" },
		{ "\x7f" "ELF\1\1\1", 7, "elf" }, { "\x7f" "EL", 3, "data" }, { "abc\0def", 7, "data" }, { "\xfc\xe9\n", 3, "text" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(classify(span_of(cases[i].bytes, cases[i].n)), cases[i].class);
	struct findings *f = look(span_of("", 0));
	assert_int_equal(f->nblobs, 1);
	assert_string_equal(f->blobs[0].format, "empty");
	free(f);
}

static void test_entropy(void **state)
{
	(void)state;
	double bits;
	uint64_t dense, longest;
	memset(image, 0xff, 65536);
	assert_true(entropy_is_padding(span_of(image, 65536)));
	assert_int_equal(entropy_texture(span_of(image, 65536), &dense, &longest), TEXTURE_PADDING);
	image[70] = 0xfe;
	assert_false(entropy_is_padding(span_of(image, 65536)));
	memset(image, 'U', 65536); /* one value, but none that flash is erased to */
	assert_false(entropy_is_padding(span_of(image, 65536)));
	fill_noise(image, 65536);
	assert_int_equal(entropy_texture(span_of(image, 65536), &dense, &longest), TEXTURE_DENSE);
	bits = entropy_mean(span_of(image, 65536));
	assert_true(bits > 7.94 && bits < 7.97); /* 8 - 255 / (2 * 4096 * ln 2) */
	assert_int_equal(dense, 65536);
	assert_int_equal(longest, 65536);
	fill_data(image, 65536);
	assert_int_equal(entropy_texture(span_of(image, 65536), &dense, &longest), TEXTURE_PLAIN);
	bits = entropy_mean(span_of(image, 65536));
	assert_true(bits > 4.9 && bits <= 5.0);
	assert_int_equal(dense, 0);
}

/* What few counts say of a block is what its entropy says: a share of zeros, of a few values or of printable ones, and all others as often as
 * one another, which is the most that they may have. */
static void test_entropy_by_counts(void **state)
{
	static const struct {
		unsigned n;
		uint8_t values[95];
	} classes[] = { { 1, { 0 } }, { 4, { 0, 0xff, 0x48, 0x8b } }, { 95, { 0 } } };
	unsigned dense_ones = 0, plain_ones = 0;
	(void)state;
	for (size_t c = 0; c < sizeof classes / sizeof *classes; c++)
		for (unsigned share = 0; share <= 4096; share++) {
			uint64_t dense, longest;
			bool in[256] = { false };
			for (unsigned i = 0; i < classes[c].n; i++)
				in[c == 2 ? 0x20 + i : classes[c].values[i]] = true;
			for (unsigned i = 0, value = 0; i < 4096; i++) {
				do
					value = (value + 1) & 0xff;
				while (in[value] != (i < share));
				image[i] = (uint8_t)value;
			}
			struct span block = span_of(image, 4096);
			entropy_texture(block, &dense, &longest);
			bool is = entropy_is_dense(block, entropy_bits(block));
			assert_int_equal(dense, is ? 4096 : 0);
			dense_ones += is;
			plain_ones += !is;
		}
	assert_true(dense_ones > 500 && plain_ones > 5000);
}

static void put_le(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* Records of Intel HEX of one byte each. */
static size_t put_records(uint8_t *out, unsigned n)
{
	size_t at = 0;
	for (unsigned i = 0; i < n; i++)
		at += (size_t)sprintf((char *)out + at, ":0100%02X00AA%02X\r\n", i, (uint8_t)-(1 + i + 0xaa));
	return at;
}

/* What tells its end in its last record only: others may stand behind that, and behind a record that is broken. */
static void test_behind_the_end(void **state)
{
	(void)state;
	static const char *const last[] = { ":00000001FF\r\n", ":0000xx\r\n" };
	struct buf b = { 0 };
	size_t n = make_cpio(&b, 100);
	for (size_t i = 0; i < 2; i++) {
		size_t at = put_records(image, 100), end = i ? at : at + strlen(last[i]);
		memcpy(image + at, last[i], strlen(last[i]));
		at += strlen(last[i]);
		memcpy(image + at, b.p, n);
		struct findings *f = look(span_of(image, at + n));
		char path[32];
		snprintf(path, sizeof path, "unclaimed-0x%zx", end);
		assert_string_equal(blob(f, "input")->format, "ihex");
		assert_int_equal(blob(f, path)->offset, end);
		assert_int_equal(blob(f, path)->size, at + n - end);
		blob(f, "/etc/file-99");
		assert_int_equal(damages(f, "input", "corrupt"), i);
		free(f);
	}
	buf_free(&b);
}

/* A member of lzip without its trailer. */
static size_t put_lzip(uint8_t *out, size_t room, const void *plain, size_t n)
{
	lzma_options_lzma options;
	lzma_stream z = LZMA_STREAM_INIT;
	assert_false(lzma_lzma_preset(&options, 6));
	assert_int_equal(lzma_alone_encoder(&z, &options), LZMA_OK);
	z.next_in = plain;
	z.avail_in = n;
	z.next_out = out;
	z.avail_out = room;
	assert_int_equal(lzma_code(&z, LZMA_FINISH), LZMA_STREAM_END);
	size_t packed = room - z.avail_out - 13; /* the header of LZMA alone */
	lzma_end(&z);
	memmove(out + 6, out + 13, packed);
	memcpy(out, "LZIP\1\x17", 6);
	return packed + 6;
}

/* A stream that breaks takes none of what stands behind it, and all of the rest where nothing does. */
static void test_behind_a_broken_stream(void **state)
{
	(void)state;
	struct buf b = { 0 };
	size_t n = make_cpio(&b, 100);
	fill_code(image + 500000, 100000);
	size_t packed = put_gzip(image, image + 500000, 100000);
	for (size_t at = packed / 2; at < packed; at = at == packed - 8 ? packed : packed - 8) { /* the data, its sum */
		memcpy(image + 400000, image, packed);
		image[at] ^= 0x55;
		struct findings *f = look(span_of(image, packed));
		assert_string_equal(blob(f, "input")->format, "gzip");
		assert_int_equal(damages(f, "input", "corrupt"), 1);
		free(f);
		memcpy(image + packed, b.p, n);
		f = look(span_of(image, packed + n));
		blob(f, "0x0.gzip");
		blob(f, "/etc/file-99");
		assert_int_equal(damages(f, "0x0.gzip", "corrupt"), 1);
		free(f);
		memcpy(image, image + 400000, packed);
	}
	packed = put_lzip(image, 400000, image + 500000, 100000);
	memset(image + packed / 2, 0, 300);
	memcpy(image + packed, b.p, n);
	struct findings *f = look(span_of(image, packed + n));
	blob(f, "0x0.lzip");
	blob(f, "/etc/file-99");
	free(f);
	buf_free(&b);
}

/* A header that names only the end of what it stands before: the rest is looked at, too. Padding and tables are no rest. */
static void test_what_a_container_leaves(void **state)
{
	(void)state;
	enum { PART = 0x40000, END = 0x60000 };
	struct buf b = { 0 };
	size_t n = make_cpio(&b, 100);
	assert_true(n > 4096 && n < PART - 256);
	memset(image, 0, END);
	memcpy(image + 4, "1.01", 4);
	put_le(image + 0x20, 1);
	memcpy(image + 48, "tail", 4);
	put_le(image + 48 + 16, PART);
	fill_code(image + PART, END - PART);
	struct findings *bare = look(span_of(image, END));
	assert_blob(bare, "tail", "input", "unknown", PART, END - PART);
	assert_int_equal(bare->nblobs, 2);
	memcpy(image + 128, b.p, n);
	struct findings *f = look(span_of(image, END));
	assert_string_equal(blob(f, "input")->format, "ros");
	assert_int_equal(blob(f, "unclaimed-0x40")->size, PART - 0x40);
	assert_true(f->nblobs > 102);
	free(bare);
	free(f);
	/* with a magic: the rest must not be taken for the same container, which would hide it again */
	static const uint8_t magic[] = { 'M', 'R', 'V', 'L', 0x7b, 0xf1, 0x9c, 0x2e };
	memset(image, 0, PART);
	memcpy(image, magic, sizeof magic);
	put_le(image + 12, 1);
	put_le(image + 20, 2);
	put_le(image + 24, PART);
	put_le(image + 28, END - PART);
	memcpy(image + 128, b.p, n);
	f = look(span_of(image, END));
	assert_string_equal(blob(f, "input")->format, "mrvl");
	assert_int_equal(blob(f, "unclaimed-0x8")->size, PART - 8);
	assert_true(f->nblobs > 102);
	free(f);
	buf_free(&b);
}

/* A program of Windows is one, with what it carries: an archive behind its only section, and nothing found twice. */
static void test_program_with_parts(void **state)
{
	(void)state;
	enum { PE_AT = 0x80, OPTIONAL = PE_AT + 24, TABLE = OPTIONAL + 96, END = 0x3000 };
	memset(image, 0, sizeof image);
	memcpy(image, "MZ", 2);
	image[0x3c] = PE_AT;
	memcpy(image + PE_AT, "PE\0\0\x4c\x01\x01", 7);
	image[PE_AT + 20] = 96;
	memcpy(image + OPTIONAL, "\x0b\x01", 2);
	image[OPTIONAL + 68] = 3; /* a console's */
	memcpy(image + TABLE, ".text", 5);
	memcpy(image + TABLE + 16, "\0\x2e\0\0\0\2\0\0", 8); /* 0x2e00 bytes at 0x200 */
	fill_noise(image + 0x200, 0x400);
	struct buf b = buf_with_limit(0);
	size_t n = make_cpio(&b, 100);
	memcpy(image + END, b.p, n);
	buf_free(&b);
	struct findings *f = look(span_of(image, END + n));
	assert_string_equal(blob(f, "input")->format, "pe");
	assert_blob(f, "overlay", "input", "cpio", END, (int64_t)n);
	assert_int_equal(damages(f, NULL, "unsupported"), 0);
	for (size_t i = 0; i < f->nblobs; i++)
		assert_true(f->blobs[i].parent != blob(f, "input")->key || f->blobs[i].offset < END || strcmp(f->blobs[i].path, "overlay") == 0);
	free(f);
	/* Too deep to be opened: then that is told, as of containers. */
	struct budget shallow = budget_default;
	shallow.depth = 0;
	memset(image + END, 'x', n);
	f = examine_with(span_of(image, END + n), &shallow, 1);
	assert_int_equal(damages(f, "input", "budget"), 1);
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stream_at_an_odd_offset), cmocka_unit_test(test_sums_in_vain), cmocka_unit_test(test_files_overlap),
		cmocka_unit_test(test_noise_is_named),
		cmocka_unit_test(test_short_tables_are_no_damage), cmocka_unit_test(test_dense_region_among_code),
		cmocka_unit_test(test_cut_stream_keeps_what_it_gave),
		cmocka_unit_test(test_flash_that_nobody_knows), cmocka_unit_test(test_data_behind_code),
		cmocka_unit_test(test_between_parts_of_a_program), cmocka_unit_test(test_pictures_of_flash), cmocka_unit_test(test_pictures_without_end),
		cmocka_unit_test(test_files_between_pictures),
		cmocka_unit_test(test_kernel_as_a_file), cmocka_unit_test(test_zlib_among_code),
		cmocka_unit_test(test_zlib_in_vain), cmocka_unit_test(test_streams_in_a_row),
		cmocka_unit_test(test_streams_among_broken_ones),
		cmocka_unit_test(test_unknown_that_was_packed),
		cmocka_unit_test(test_dense_behind_a_harmless_head), cmocka_unit_test(test_what_a_stream_stores_is_its_own),
		cmocka_unit_test(test_nesting_is_limited),
		cmocka_unit_test(test_scan_in_passes), cmocka_unit_test(test_bomb_is_limited), cmocka_unit_test(test_number_of_blobs_is_limited),
		cmocka_unit_test(test_metadata_is_limited),
		cmocka_unit_test(test_threads_agree), cmocka_unit_test(test_opaque_file),
		cmocka_unit_test(test_file_that_holds_files), cmocka_unit_test(test_classify), cmocka_unit_test(test_entropy), cmocka_unit_test(test_entropy_by_counts),
		cmocka_unit_test(test_what_a_container_leaves),
		cmocka_unit_test(test_behind_the_end), cmocka_unit_test(test_behind_a_broken_stream),
		cmocka_unit_test(test_program_with_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
