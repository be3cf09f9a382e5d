/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EFI's and Tiano's compression, by an encoder that is written here after the UEFI Specification, section 19: codes of fixed lengths,
 * matches where the last three bytes stood before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/efi_compress.h"
#include "walked.h"

extern const struct format efi_compressed_format, uefi_fv_format;

#define PLAIN 60000u
#define PACKED (4 * PLAIN)
#define LIMIT (8u << 20)
#define SYMBOLS 510u
#define BLOCK 5000u

struct writer {
	uint8_t p[PACKED];
	size_t bits;
	unsigned kind; /* bits of the number of distance codes */
	bool long_codes;
};

struct alphabet {
	unsigned n;
	uint8_t length[SYMBOLS];
	uint16_t code[SYMBOLS];
};

static void put(struct writer *w, uint32_t value, unsigned n)
{
	for (unsigned i = n; i-- > 0; w->bits++)
		w->p[w->bits / 8] |= (uint8_t)((value >> i & 1) << (7 - w->bits % 8));
}

/* `first` symbols with codes of `n` bits, all others with codes of one bit more. */
static void alphabet_of(struct alphabet *a, unsigned symbols, unsigned first, unsigned n)
{
	a->n = symbols;
	for (unsigned i = 0; i < symbols; i++)
		a->length[i] = (uint8_t)(i < first ? n : n + 1);
}

/* One code of each length up to 7, and what is left of the room for codes of 15 and 16 bits. */
static void alphabet_long(struct alphabet *a)
{
	a->n = SYMBOLS;
	for (unsigned i = 0; i < SYMBOLS; i++)
		a->length[i] = (uint8_t)(i < 7 ? i + 1 : i < 16 ? 15 : 16);
}

static void number(struct alphabet *a)
{
	unsigned code = 0;
	for (unsigned length = 1; length <= 16; length++, code <<= 1)
		for (unsigned i = 0; i < a->n; i++)
			if (a->length[i] == length)
				a->code[i] = (uint16_t)code++;
}

static void put_small(struct writer *w, const struct alphabet *a, unsigned count_bits, unsigned skip_at)
{
	put(w, a->n, count_bits);
	for (unsigned i = 0; i < a->n; i++) {
		put(w, a->length[i] < 7 ? a->length[i] : 7, 3);
		for (unsigned k = 7; a->length[i] >= 7 && k <= a->length[i]; k++)
			put(w, k < a->length[i], 1);
		if (i + 1 == skip_at)
			put(w, 0, 2);
	}
}

static void put_symbol(struct writer *w, const struct alphabet *a, unsigned symbol)
{
	put(w, a->code[symbol], a->length[symbol]);
}

static void put_distance(struct writer *w, const struct alphabet *a, uint32_t distance)
{
	unsigned code = 0;
	uint32_t v = distance - 1;
	while (v >> code)
		code++;
	put_symbol(w, a, code);
	if (code > 1)
		put(w, v - (1u << (code - 1)), code - 1);
}

static size_t match_at(const uint8_t *p, size_t at, size_t reach, size_t *distance)
{
	size_t n = 0;
	for (size_t d = 1; d <= at && d <= reach; d++)
		if (at + 3 <= PLAIN && memcmp(p + at, p + at - d, 3) == 0) {
			*distance = d;
			for (n = 3; n < 256 && at + n < PLAIN && p[at + n] == p[at + n - d]; n++)
				;
			return n;
		}
	return n;
}

static void put_block_head(struct writer *w, unsigned symbols, struct alphabet *all, struct alphabet *distances)
{
	struct alphabet lengths;
	alphabet_of(&lengths, 19, 13, 4);
	if (w->long_codes)
		alphabet_long(all);
	else
		alphabet_of(all, SYMBOLS, 2, 8);
	if (w->kind == EFI_COMPRESSION_EFI)
		alphabet_of(distances, 14, 2, 3);
	else
		alphabet_of(distances, 20, 12, 4);
	number(&lengths), number(all), number(distances);
	put(w, symbols, 16);
	put_small(w, &lengths, 5, 3);
	put(w, SYMBOLS, 9);
	for (unsigned i = 0; i < SYMBOLS; i++)
		put_symbol(w, &lengths, all->length[i] + 2u);
	put_small(w, distances, w->kind, 0);
}

/* The symbols are counted before they are written. */
static size_t put_symbols(struct writer *w, const uint8_t *p, size_t at, unsigned n, const struct alphabet *all,
						  const struct alphabet *distances, unsigned *made)
{
	size_t reach = w->kind == EFI_COMPRESSION_EFI ? 1u << 12 : 1u << 14, distance = 0;
	for (*made = 0; *made < n && at < PLAIN; (*made)++) {
		size_t length = match_at(p, at, reach, &distance);
		if (length && all) {
			put_symbol(w, all, 256 + (unsigned)length - 3);
			put_distance(w, distances, (uint32_t)distance);
		} else if (all) {
			put_symbol(w, all, p[at]);
		}
		at += length ? length : 1;
	}
	return at;
}

static struct span packed(struct writer *w, const uint8_t *p, unsigned kind, bool long_codes)
{
	memset(w, 0, sizeof *w);
	w->bits = EFI_COMPRESS_HEADER * 8;
	w->kind = kind;
	w->long_codes = long_codes;
	for (size_t at = 0; at < PLAIN;) {
		struct alphabet all, distances;
		unsigned n;
		put_symbols(w, p, at, BLOCK, NULL, NULL, &n);
		put_block_head(w, n, &all, &distances);
		at = put_symbols(w, p, at, BLOCK, &all, &distances, &n);
	}
	size_t n = (w->bits + 7) / 8 + 1;
	for (unsigned i = 0; i < 4; i++) {
		w->p[i] = (uint8_t)((n - EFI_COMPRESS_HEADER) >> 8 * i);
		w->p[4 + i] = (uint8_t)(PLAIN >> 8 * i);
	}
	return span_of(w->p, n);
}

static uint8_t plain[PLAIN];
static struct writer writer;

static int make_plain(void **state)
{
	(void)state;
	uint32_t v = 1;
	for (size_t i = 0; i < PLAIN; i++) {
		v = v * 1664525 + 1013904223;
		plain[i] = i / 3000 % 2 ? (uint8_t)(v >> 24) : (uint8_t)"the volume holds drivers, and "[(i * 7 + (v >> 31)) % 30];
	}
	memset(plain + 20000, 0, 3000);
	return 0;
}

static void test_both_kinds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct span z = packed(&writer, plain, i % 2 ? EFI_COMPRESSION_TIANO : EFI_COMPRESSION_EFI, i >= 2);
		struct format_match m;
		struct buf out = buf_with_limit(LIMIT);
		size_t used;
		assert_true(efi_compressed_format.probe(z, &m));
		struct error e = efi_compressed_format.unpack(z, &out, &used);
		if (error_is(&e))
			fail_msg("%u: %s", i, e.text);
		assert_int_equal(used, z.n);
		assert_int_equal(out.n, PLAIN);
		assert_memory_equal(out.p, plain, PLAIN);
		buf_free(&out);
	}
}

/* What came out before the fault is kept; nothing is made of a fault. */
static void test_damage(void **state)
{
	(void)state;
	struct span z = packed(&writer, plain, EFI_COMPRESSION_TIANO, false);
	for (size_t cut = 9; cut < z.n - 2; cut += 61) {
		uint8_t *copy = malloc(cut), *out = malloc(PLAIN);
		size_t used, made;
		memcpy(copy, z.p, cut);
		struct span in = span_of(copy + EFI_COMPRESS_HEADER, cut - EFI_COMPRESS_HEADER);
		assert_int_equal(efi_decompress(in, EFI_COMPRESSION_TIANO, out, PLAIN, &used, &made), ERR_TRUNCATED);
		assert_true(made < PLAIN && used <= in.n);
		/* the last bits may have been made up */
		assert_memory_equal(out, plain, made > 300 ? made - 300 : 0);
		free(copy);
		free(out);
	}
	uint32_t v = 1;
	for (unsigned i = 0; i < 2000; i++) {
		v = v * 1664525 + 1013904223;
		size_t at = (v >> 8) % (i % 2 ? z.n : 600), used;
		writer.p[at] ^= (uint8_t)(1u << (v & 7));
		struct buf out = buf_with_limit(LIMIT);
		struct format_match m;
		if (efi_compressed_format.probe(z, &m)) {
			struct error e = efi_compressed_format.unpack(z, &out, &used);
			assert_true(error_is(&e) || used <= z.n);
		}
		buf_free(&out);
		writer.p[at] ^= (uint8_t)(1u << (v & 7));
	}
}

/* Codes that do not fill their room, a block of nothing, a lone code of a length that no code has. */
static void test_no_codes(void **state)
{
	(void)state;
	static const uint8_t none[][12] = {
		{ 0, 0, 0, 0, 0, 0, 0, 0 },                         /* no symbols in the block */
		{ 0, 1, 0x08, 0x20, 0, 0, 0, 0 },                   /* one length, whose code has one bit */
		{ 0, 1, 0x07, 0xc0, 0x20, 0, 0, 0, 0, 0, 0, 0 },    /* lone: symbol 31 */
	};
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		uint8_t out[64];
		size_t used, made;
		assert_int_equal(efi_decompress(span_of(none[i], sizeof none[i]), EFI_COMPRESSION_EFI, out, sizeof out, &used, &made),
						 ERR_CORRUPT);
		assert_int_equal(made, 0);
	}
}

/* A size that counts what is not of the stream does not hide it. */
static void test_bytes_behind(void **state)
{
	(void)state;
	struct span z = packed(&writer, plain, EFI_COMPRESSION_TIANO, false);
	uint8_t *copy = calloc(1, z.n + 500);
	memcpy(copy, z.p, z.n);
	memset(copy + z.n, 0x55, 500);
	for (unsigned i = 0; i < 4; i++)
		copy[i] = (uint8_t)((z.n + 500 - EFI_COMPRESS_HEADER) >> 8 * i);
	struct buf out = buf_with_limit(LIMIT);
	size_t used;
	struct error e = efi_compressed_format.unpack(span_of(copy, z.n + 500), &out, &used);
	assert_false(error_is(&e));
	assert_true(used <= z.n && used + 2 >= z.n);
	assert_int_equal(out.n, PLAIN);
	assert_memory_equal(out.p, plain, PLAIN);
	buf_free(&out);
	free(copy);
}

/* Nothing but a promise leads to it. */
static void test_sizes(void **state)
{
	(void)state;
	struct format_match m;
	struct span z = packed(&writer, plain, EFI_COMPRESSION_EFI, false);
	assert_null(efi_compressed_format.magics);
	assert_false(efi_compressed_format.at_start);
	assert_false(efi_compressed_format.probe(span_of(z.p, z.n / 2), &m));
	assert_false(efi_compressed_format.probe(span_of(z.p, 8), &m));
	assert_false(efi_compressed_format.probe(SPAN_NONE, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_kinds),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_codes),
		cmocka_unit_test(test_bytes_behind),
		cmocka_unit_test(test_sizes),
	};
	return cmocka_run_group_tests(tests, make_plain, NULL);
}
