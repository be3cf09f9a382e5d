/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map of a flash: compressed from encrypted by what each is made of here, blocks that come again, and what must not be
 * taken for either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <lzma.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "probe/entropy_map.h"

#define MAKE ((size_t)1 << 20)
static uint8_t plain[4 * MAKE], packed[4 * MAKE];
static struct arena *arena;

/* Like a program's text: words of a vocabulary, numbers. The same in each run. */
static void fill_plain(uint8_t *p, size_t n)
{
	static const char *const words[] = { "return", "struct", "interface", "value", "address", "0x",
										 "table",  "error",  " = ",       "(",     ");\n" };
	uint32_t x = 12345;
	for (size_t i = 0; i < n;) {
		x = x * 1664525 + 1013904223;
		const char *w = words[(x >> 16) % 11];
		char number[16];
		if ((x >> 24) % 3 == 0) {
			snprintf(number, sizeof number, "%x", x >> 12);
			w = number;
		}
		for (; *w && i < n; w++)
			p[i++] = (uint8_t)*w;
	}
}

static size_t encrypt(const EVP_CIPHER *cipher, const uint8_t *in, size_t n, uint8_t *out)
{
	static const uint8_t key[32] = { 1, 2, 3, 4, 5, 6, 7, 8 }, iv[16] = { 9 };
	int made = 0;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	assert_int_equal(EVP_EncryptInit_ex(c, cipher, NULL, key, iv), 1);
	EVP_CIPHER_CTX_set_padding(c, 0);
	assert_int_equal(EVP_EncryptUpdate(c, out, &made, in, (int)n), 1);
	EVP_CIPHER_CTX_free(c);
	return (size_t)made;
}

static bool deviates(struct span s)
{
	struct dense_statistics d;
	double z;
	return dense_measure(s, &d) && dense_deviation(&d, &z);
}

/* No block of a cipher's output, whatever its length, is said to be compressed. */
static void test_ciphers_are_uniform(void **state)
{
	(void)state;
	fill_plain(plain, sizeof plain);
	const EVP_CIPHER *const ciphers[] = { EVP_aes_128_ctr(), EVP_aes_256_cbc() };
	for (unsigned c = 0; c < 2; c++) {
		size_t n = encrypt(ciphers[c], plain, sizeof plain, packed);
		for (size_t block = 4096; block <= MAKE; block *= 4)
			for (size_t at = 0; at + block <= n; at += block)
				assert_false(deviates(span_of(packed + at, block)));
	}
}

static void test_huffman_codes_are_not(void **state)
{
	(void)state;
	uLongf n = sizeof packed;
	fill_plain(plain, sizeof plain);
	assert_int_equal(compress2(packed, &n, plain, sizeof plain, 9), Z_OK);
	assert_true(n > 512u << 10);
	for (size_t at = 65536; at + 262144 <= n; at += 262144)
		assert_true(deviates(span_of(packed + at, 262144)));
}

/* What cannot be told is not. */
static void test_range_coder_is_uniform(void **state)
{
	(void)state;
	size_t n = 0;
	fill_plain(plain, sizeof plain);
	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_NONE, NULL, plain, sizeof plain, packed, &n, sizeof packed),
					 LZMA_OK);
	assert_false(deviates(span_of(packed + 4096, n - 8192)));
}

static unsigned block_size;

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, block_size);
}

/* The plain way: all blocks sorted. Those of few different bytes do not count, as a table of small numbers has them. */
static void expect_counted(struct span s, const struct repeats *r)
{
	uint32_t n = (uint32_t)((s.n - r->alignment) / r->block), repeated = 0, most = 0;
	uint8_t *sorted = malloc((size_t)n * r->block);
	assert_non_null(sorted);
	memcpy(sorted, s.p + r->alignment, (size_t)n * r->block);
	block_size = r->block;
	qsort(sorted, n, r->block, by_bytes);
	for (uint32_t i = 0, end; i < n; i = end) {
		const uint8_t *block = sorted + (size_t)i * r->block;
		unsigned distinct = 0;
		for (end = i + 1; end < n && by_bytes(block, sorted + (size_t)end * r->block) == 0;)
			end++;
		for (unsigned k = 0; k < r->block; k++)
			distinct += !memchr(block, block[k], k);
		if (end - i < 2 || distinct < (r->block == 16 ? 11 : 6))
			continue;
		repeated += end - i;
		most = end - i > most ? end - i : most;
	}
	free(sorted);
	assert_int_equal(r->blocks, n);
	assert_int_equal(r->repeated, repeated);
	assert_int_equal(r->most, most);
}

static unsigned repeats_of(struct span s)
{
	struct repeats r;
	repeats_find(s, arena, &r);
	arena_reset(arena);
	if (r.block)
		expect_counted(s, &r);
	return r.block;
}

/* A program with zeros between its parts. */
static void fill_program(uint8_t *p, size_t n)
{
	fill_plain(p, n);
	for (size_t at = 5000; at + 600 < n; at += 9000)
		memset(p + at, 0, 600);
}

static void test_blocks_that_come_again(void **state)
{
	(void)state;
	fill_program(plain, MAKE);
	size_t n = encrypt(EVP_aes_128_ecb(), plain, MAKE, packed);
	assert_int_equal(repeats_of(span_of(packed, n)), 16);
	assert_int_equal(repeats_of(span_of(packed + 5, n - 5)), 16);
	n = encrypt(EVP_des_ede3_ecb(), plain, MAKE, packed);
	assert_int_equal(repeats_of(span_of(packed + 3, n - 3)), 8);
	/* none of these */
	assert_int_equal(repeats_of(span_of(plain, MAKE)), 0); /* text and padding */
	n = encrypt(EVP_aes_128_cbc(), plain, MAKE, packed);
	assert_int_equal(repeats_of(span_of(packed, n)), 0);
	memcpy(packed + n / 2, packed, n / 2); /* two copies of one thing */
	assert_int_equal(repeats_of(span_of(packed, n)), 0);
	static const uint8_t header[24] = "\xfd\x37zXZ\0\0\1\x69\x22\xde\x36\2\0\x21\1\x16\0\0\0\x74\x2f\xe5\xa3";
	n = encrypt(EVP_aes_128_cbc(), plain, MAKE, packed);
	for (size_t at = 0; at + 24 < n; at += 4096 + at / 4096 % 8 * 4)
		memcpy(packed + at, header, sizeof header); /* a file system of many XZ streams */
	assert_int_equal(repeats_of(span_of(packed, n)), 0);
	for (size_t i = 0; i < MAKE; i++)
		plain[i] = (uint8_t)(i / 16 % 64 * 4 + i % 16); /* a table */
	assert_int_equal(repeats_of(span_of(plain, MAKE)), 0);
	for (size_t i = 0; i < MAKE; i++)
		plain[i] = i % 640 < 320 ? 0xff : (uint8_t)(i / 640); /* a bitmap */
	assert_int_equal(repeats_of(span_of(plain, MAKE)), 0);
	uLongf z = sizeof packed;
	memset(plain, 0, MAKE);
	fill_plain(plain + MAKE / 2, MAKE / 2);
	assert_int_equal(compress2(packed, &z, plain, MAKE, 6), Z_OK);
	assert_int_equal(repeats_of(span_of(packed, z)), 0);
}

/* Tables are as large as what comes again needs: a few blocks or most of them, of a short piece or a long one. */
static void test_blocks_are_counted(void **state)
{
	(void)state;
	static const uint32_t pools[] = { 10, 500, 5000, 50000 };
	static const size_t sizes[] = { 16384, 70000, MAKE };
	for (unsigned p = 0; p < 4; p++) {
		for (uint32_t i = 0; i < MAKE / 16; i++) {
			uint32_t block[4] = { i % 2 ? i : i % 16 ? i / 2 % pools[p] : i / 16 % 8, i % 2, i % 16 == 0 };
			memcpy(plain + (size_t)i * 16, block, sizeof block);
		}
		size_t n = encrypt(EVP_aes_128_ecb(), plain, MAKE, packed);
		for (unsigned size = 0; size < 3; size++) {
			size_t at = size * 3;
			assert_int_equal(repeats_of(span_of(packed + at, sizes[size] < n - at ? sizes[size] : n - at)), 16);
		}
	}
	for (size_t n = 0; n < 200; n++)
		assert_int_equal(repeats_of(span_of(packed, n)), 0);
}

static void print_map(struct span s, char *out, size_t size)
{
	struct fact_list list;
	struct arena *rows = arena_new(0), *scratch = arena_new(0);
	size_t n = 0;
	fact_list_init(&list, rows);
	entropy_map(s, 0, scratch, &list.sink);
	out[0] = '\0';
	const struct fact_entropy *e;
	for (size_t i = 0; (e = fact_list_get(&list, FACT_entropy, i)) && n < size - 64; i++)
		n += (size_t)snprintf(out + n, size - n, "%lld+%lld %.*s\n", (long long)e->offset, (long long)e->size,
							  (int)e->kind.n, e->kind.p);
	arena_free(rows);
	arena_free(scratch);
}

static void test_map(void **state)
{
	(void)state;
	char out[1024];
	static uint8_t flash[512 << 10];
	memset(flash, 0xff, sizeof flash);
	fill_plain(flash, 64 << 10);
	fill_plain(plain, 128 << 10);
	encrypt(EVP_aes_128_ctr(), plain, 128 << 10, flash + (128 << 10));
	uLongf z = sizeof packed;
	fill_plain(plain, sizeof plain);
	assert_int_equal(compress2(packed, &z, plain, MAKE, 9), Z_OK);
	memcpy(flash + (320 << 10), packed, 128 << 10);
	print_map(span_of(flash, sizeof flash), out, sizeof out);
	assert_string_equal(out, "0+65536 text\n65536+65536 padding\n131072+131072 dense\n262144+65536 padding\n"
							 "327680+131072 compressed\n458752+65536 padding\n");
	print_map(span_of(flash, 0), out, sizeof out);
	assert_string_equal(out, "");
	print_map(span_of(flash + 131072, 100), out, sizeof out);
	assert_string_equal(out, "0+100 data\n");
}

/* In an image of many megabytes a cell is larger than what lies in it: what is around does not make noise compressed. */
static void test_coarse_cells(void **state)
{
	(void)state;
	size_t n = (size_t)20 << 20, at = (size_t)16138240 - 8192;
	uint8_t *image = malloc(n);
	char out[256];
	assert_non_null(image);
	for (size_t i = 0; i < n; i++)
		image[i] = (uint8_t)(i * 7 % 40);
	encrypt(EVP_aes_128_ctr(), plain, 36 << 10, image + at);
	print_map(span_of(image, n), out, sizeof out);
	assert_non_null(strstr(out, " dense\n"));
	assert_null(strstr(out, " compressed\n"));
	free(image);
}

/* Instructions keep their alignment in the image where a piece of it begins at any place. */
static void test_place(void **state)
{
	(void)state;
	static const uint8_t words[] = { 0x08, 0x00, 0xe0, 0x03, 0xe0, 0xff, 0xbd, 0x27 }; /* jr ra; addiu sp, sp, -32 */
	static uint8_t piece[8192];
	srand(7);
	for (size_t i = 0; i < sizeof piece; i++)
		piece[i] = (uint8_t)(rand() % 40);
	for (size_t i = 1; i + 64 < sizeof piece; i += 64)
		memcpy(piece + i, words, sizeof words);
	for (uint64_t place = 0; place < 4; place++) {
		struct fact_list list;
		struct arena *rows = arena_new(0), *scratch = arena_new(0);
		fact_list_init(&list, rows);
		entropy_map(span_of(piece, sizeof piece), 0x1cb0 + place, scratch, &list.sink);
		const struct fact_entropy *e = fact_list_get(&list, FACT_entropy, 0);
		assert_true(text_is(e->kind, place == 3 ? "code" : "data"));
		arena_free(rows);
		arena_free(scratch);
	}
}

/* ARM of both calling sequences is one stretch: functions with frames (old kernels have no others), then those without. */
static void test_arm(void **state)
{
	(void)state;
	static const uint8_t frames[] = { 0x0d, 0xc0, 0xa0, 0xe1, 0x30, 0xd8, 0x2d, 0xe9, 0x30, 0xa8, 0x9d, 0xe8 };
	static const uint8_t plainly[] = { 0x10, 0x40, 0x2d, 0xe9, 0x00, 0x00, 0xa0, 0xe1, 0x10, 0x80, 0xbd, 0xe8 };
	static uint8_t piece[64 << 10];
	char out[256];
	srand(8);
	for (size_t i = 0; i < sizeof piece; i++)
		piece[i] = (uint8_t)(rand() % 40);
	print_map(span_of(piece, sizeof piece), out, sizeof out);
	assert_string_equal(out, "0+65536 data\n");
	for (size_t i = 0; i + 64 <= sizeof piece; i += 64)
		memcpy(piece + i, i < sizeof piece / 2 ? frames : plainly, sizeof frames);
	print_map(span_of(piece, sizeof piece), out, sizeof out);
	assert_string_equal(out, "0+65536 code\n");
	for (size_t i = 0; i + 64 <= sizeof piece; i += 64) /* ends alone are no code */
		memset(piece + i, 0, 8);
	print_map(span_of(piece, sizeof piece / 2), out, sizeof out);
	assert_string_equal(out, "0+32768 data\n");
}

/* Each machine by what its assembler writes at the ends of functions: how a function begins differs by the size of its frame. */
static void test_machines(void **state)
{
	(void)state;
	static const struct {
		const char *bytes[4]; /* the end, and beginnings */
		size_t n;
	} machines[] = {
		{ { "\x82\x80", "\x01\x11", "\x41\x11", "\x79\x71" }, 2 },                           /* RISC-V: ret; addi sp, sp, -32, -16, -48 */
		{ { "\x08\x95", "\xcf\x93", "\xdf\x92", "\x1f\x93" }, 2 },                           /* AVR: ret; push r28, r13, r17 */
		{ { "\x44\0\x48\0", "\x9c\x21\xff\xf8", "\x9c\x21\xff\xe8", "\x9c\x21\xff\x80" }, 4 }, /* OpenRISC: l.jr r9; l.addi r1, r1, -8 .. */
		{ { "\0\x48\0\x44", "\xf8\xff\x21\x9c", "\xe8\xff\x21\x9c", "\x80\xff\x21\x9c" }, 4 },
		/* PowerPC of 64 bits: blr; stdu r1, -112(r1) .. */
		{ { "\x4e\x80\0\x20", "\xf8\x21\xff\x91", "\xf8\x21\xff\x81", "\xf8\x21\xfe\xd1" }, 4 },
		{ { "\x20\0\x80\x4e", "\x91\xff\x21\xf8", "\x81\xff\x21\xf8", "\xd1\xfe\x21\xf8" }, 4 },
		{ { "\xd1\x0f\0", "\x6c\x10\4", "\x6c\x10\6", "\x6c\x10\x0c" }, 3 },             /* Xtensa, big-endian: retw.n; entry a1, 32 .. */
		/* i386: pop %ebp; ret; push %edi, %esi, %ebx; push %ebx; sub $8, %esp; gcc -m16: pushl %esi; pushl %ebx */
		{ { "\x5e\x5d\xc3\0", "\x57\x56\x53\x89", "\x53\x83\xec\x08", "\x66\x56\x66\x53" }, 4 },
		{ { "\x66\x5b\x66\xc3", "\x57\x56\x53\x89", "\x53\x83\xec\x08", "\x66\x56\x66\x53" }, 4 },
		{ { "\xc2\x02\0\0", "\x57\x56\x53\x89", "\x53\x83\xec\x08", "\x66\x56\x66\x53" }, 4 }, /* retw $2 */
	};
	static uint8_t piece[64 << 10];
	char out[256];
	for (size_t m = 0; m < sizeof machines / sizeof machines[0]; m++)
		for (unsigned begin = 0; begin < 4; begin++) { /* 0: ends alone are no code */
			srand(9);
			for (size_t i = 0; i < sizeof piece; i++)
				piece[i] = (uint8_t)(rand() % 16);
			for (size_t i = 0; i + 64 <= sizeof piece; i += 64) {
				memcpy(piece + i, machines[m].bytes[begin], machines[m].n);
				memcpy(piece + i + 60, machines[m].bytes[0], machines[m].n);
			}
			print_map(span_of(piece, sizeof piece), out, sizeof out);
			assert_string_equal(out, begin ? "0+65536 code\n" : "0+65536 data\n");
		}
}

/* Letters of other scripts in UTF-8 are text, with the NULs of strings between them, and no instructions: half of the half words of Cyrillic
 * end a function of Thumb or begin one. */
static void test_letters(void **state)
{
	(void)state;
	static const char *const words[] = { "не", "найдено", "невозможно", "файл", "данные", "потребление", "неверное", "значение", "%s: ", "文件", "值得" };
	static uint8_t piece[64 << 10];
	char out[256];
	srand(3);
	for (size_t n = 0; n < sizeof piece;) {
		const char *w = words[rand() % 11];
		for (; *w && n < sizeof piece; w++)
			piece[n++] = (uint8_t)*w;
		if (n < sizeof piece)
			piece[n++] = rand() % 8 ? ' ' : 0;
	}
	print_map(span_of(piece, sizeof piece), out, sizeof out);
	assert_string_equal(out, "0+65536 text\n");
	for (size_t i = 0; i < sizeof piece; i += 4096)
		assert_false(entropy_is_code(span_of(piece + i, 4096)));
	for (size_t i = 0; i < sizeof piece; i += 16) /* letters that are cut off are none */
		piece[i] = 0xd0;
	print_map(span_of(piece, sizeof piece), out, sizeof out);
	assert_null(strstr(out, "text"));
}

/* Of any size there are rows for all of it, and not more than there are cells. */
static void test_sizes(void **state)
{
	(void)state;
	fill_program(plain, sizeof plain);
	for (size_t n = 1; n <= sizeof plain; n = n * 3 + 1) {
		struct fact_list list;
		struct arena *rows = arena_new(0), *scratch = arena_new(0);
		fact_list_init(&list, rows);
		entropy_map(span_of(plain, n), 0, scratch, &list.sink);
		uint64_t covered = 0;
		const struct fact_entropy *e;
		for (size_t i = 0; (e = fact_list_get(&list, FACT_entropy, i)); i++) {
			assert_true((uint64_t)e->offset == covered);
			assert_in_range(e->millibits, 0, 8000);
			covered += (uint64_t)e->size;
		}
		assert_true(covered == n);
		assert_true(fact_list_count(&list, FACT_entropy) <= 1024);
		arena_free(rows);
		arena_free(scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ciphers_are_uniform),
		cmocka_unit_test(test_huffman_codes_are_not),
		cmocka_unit_test(test_range_coder_is_uniform),
		cmocka_unit_test(test_blocks_that_come_again),
		cmocka_unit_test(test_blocks_are_counted),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_arm), cmocka_unit_test(test_machines), cmocka_unit_test(test_coarse_cells), cmocka_unit_test(test_place),
		cmocka_unit_test(test_sizes), cmocka_unit_test(test_letters),
	};
	arena = arena_new(0);
	int failed = cmocka_run_group_tests_name("entropy", tests, NULL, NULL);
	arena_free(arena);
	return failed;
}
