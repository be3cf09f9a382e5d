/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RAR: containers that are written here by "RAR 5.0 archive format" and technote.txt, and small archives of RAR itself (rar_vectors.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "format/rar_filter.h"
#include "rar_vectors.h"
#include "walked.h"

extern const struct format rar_format;

/* A RAR 5 block: CRC, size, and the rest, which is shorter than 128 bytes. */
static size_t rar_block(uint8_t *out, const void *rest, size_t n)
{
	out[4] = (uint8_t)n;
	memcpy(out + 5, rest, n);
	uint32_t crc = libdeflate_crc32(0, out + 4, n + 1);
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(crc >> (8 * i));
	return n + 5;
}

static void test_rar(void **state)
{
	(void)state;
	uint8_t a[256] = "Rar!\x1a\7\1", file[] = { 2, 2, 5, 4, 5, 0xa4, 3, 0, 0, 0, 0, 0, 1, 5, 'd', '/', 'f', '.', 't' };
	size_t n = 8 + rar_block(a + 8, "\1\0\0", 3);
	uint32_t crc = libdeflate_crc32(0, "hello", 5);
	for (int i = 0; i < 4; i++)
		file[7 + i] = (uint8_t)(crc >> (8 * i));
	n += rar_block(a + n, file, sizeof file);
	memcpy(a + n, "hello", 5);
	n += 5;
	n += rar_block(a + n, "\5\0\0", 3);
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, sizeof a));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_content(&t, "/d/f.t", "hello", 5);
	assert_int_equal(walked_damage(&t, "unsupported"), 0);
	walked_close(&t);
	/* One of several volumes: another one follows. */
	rar_block(a + 8, "\1\0\1", 3);
	rar_block(a + n - 8, "\5\0\1", 3);
	walked_open(&t, &rar_format, span_of(a, sizeof a));
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	assert_content(&t, "/d/f.t", "hello", 5);
	walked_close(&t);
	rar_block(a + n - 8, "\5\0\0", 3);
	/* The first block's CRC alone proves nothing; what stands behind it does. */
	a[9] ^= 1;
	walked_open(&t, &rar_format, span_of(a, n));
	assert_int_equal(t.match.size, n);
	assert_content(&t, "/d/f.t", "hello", 5);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	assert_false(rar_format.probe(span_of(a, 16), &t.match));
	a[9] ^= 1;
	survives_cuts(&rar_format, span_of(a, n), (unsigned)n);
	survives_flips(&rar_format, span_of(a, n), 1000, 0);
}

/* A RAR 5 file of five stored bytes, or none, whose extra area has a record. */
static size_t rar5_file(uint8_t *out, char name, const void *record, uint8_t n, const char *bytes)
{
	uint8_t size = (uint8_t)strlen(bytes), file[128] = { 2, n ? 3 : 2 };
	size_t at = 2;
	if (n)
		file[at++] = n;
	file[at++] = size;
	const uint8_t rest[] = { 2 | 4, size, 0xa4, 0x83, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, (uint8_t)name };
	memcpy(file + at, rest, sizeof rest);
	uint32_t crc = libdeflate_crc32(0, bytes, size);
	for (int i = 0; i < 4; i++)
		file[at + 9 + (size_t)i] = (uint8_t)(crc >> (8 * i));
	at += sizeof rest;
	memcpy(file + at, record, n);
	n = (uint8_t)(at + n);
	at = rar_block(out, file, n);
	memcpy(out + at, bytes, size);
	return at + size;
}

/* Links and encrypted files by "RAR 5.0 archive format", as RAR 7 writes them with -ol, -oh and -p: what stands behind them is read. */
static void test_rar5_special(void **state)
{
	(void)state;
	static const uint8_t symlink[] = { 7, 5, 1, 0, 3, '.', '.', '/' }, hard[] = { 5, 5, 4, 0, 1, 'a' },
						 owner[] = { 4, 6, 12, 0x81, 1 };
	uint8_t a[512] = "Rar!\x1a\7\1", secret[64] = { 48, 1, 0, 3, 15 };
	size_t n = 8 + rar_block(a + 8, "\1\0\0", 3);
	n += rar5_file(a + n, 'a', owner, 0, "hello");
	n += rar5_file(a + n, 'l', symlink, sizeof symlink, "");
	n += rar5_file(a + n, 's', secret, 49, "0123456789abcdef");
	n += rar5_file(a + n, 'h', hard, sizeof hard, "");
	n += rar5_file(a + n, 'b', owner, 0, "world");
	n += rar_block(a + n, "\5\0\0", 3);
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_int_equal(t.n, 5);
	assert_false(error_is(&t.error));
	assert_content(&t, "/a", "hello", 5);
	assert_content(&t, "/b", "world", 5);
	const struct walked_entry *l = walked_get(&t, "/l"), *s = walked_get(&t, "/s"), *h = walked_get(&t, "/h");
	assert_int_equal(l->e.kind, ENTRY_SYMLINK);
	assert_true(text_is(l->e.link_target, "../"));
	assert_int_equal(l->e.mode, 0644);
	assert_int_equal(l->e.mtime, 7);
	assert_true(text_is(h->e.same_as, "/a"));
	assert_int_equal(s->error.code, ERR_ENCRYPTED);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	survives_cuts(&rar_format, span_of(a, n), (unsigned)n);
	survives_flips(&rar_format, span_of(a, n), 1000, 0);
	/* Encrypted headers. */
	n = 8 + rar_block(a + 8, "\4\0\0\0\17", 5);
	memset(a + n, 0x5a, 100);
	walked_open(&t, &rar_format, span_of(a, n + 100));
	assert_int_equal(t.error.code, ERR_ENCRYPTED);
	walked_close(&t);
}

/* A magic alone has to cost little, as a file may have one at every few bytes: a header that is too long for the first of an archive is not
 * looked at, and what follows headers that are damaged is looked for among few that are long. */
static void test_rar5_costs(void **state)
{
	(void)state;
	enum { LONG = 9000, LURES = 512 };
	struct format_match m;
	uint8_t *a = calloc(1, 4 * LONG + ((size_t)1 << 17)), *h = a ? a + 8 : NULL;
	assert_non_null(a);
	memcpy(a, "Rar!\x1a\7\1", 8);
	h[4] = 0x80 | (LONG & 0x7f); /* so many bytes: a main header with an extra area that nobody knows */
	h[5] = LONG >> 7;
	memcpy(h + 6, "\1\1", 2);
	h[8] = 0x80 | ((LONG - 5) & 0x7f);
	h[9] = (LONG - 5) >> 7;
	uint32_t crc = libdeflate_crc32(0, h + 4, 2 + LONG);
	for (int i = 0; i < 4; i++)
		h[i] = (uint8_t)(crc >> (8 * i));
	rar_block(h + 6 + LONG, "\5\0\0", 3);
	assert_false(rar_format.probe(span_of(a, 8 + 6 + LONG + 8), &m));
	/* Of 64 KiB each, where there are 2 KiB of them, before the block that ends the archive. */
	memset(a + 8, 0, 4 * LONG);
	size_t n = 8 + rar_block(a + 8, "\1\0\0", 3), sound = n;
	for (unsigned i = 0; i < LURES; i++, n += 4)
		memcpy(a + n, "\xff\xff\3\2", 4);
	rar_block(a + n, "\5\0\0", 3);
	assert_true(rar_format.probe(span_of(a, (size_t)1 << 17), &m));
	assert_int_equal(m.size, sound);
	free(a);
}

/* What is stored takes no memory: a file of 320 MiB is there whole, and so is the link before it. */
static void test_rar5_large(void **state)
{
	(void)state;
	static const uint8_t symlink[] = { 7, 5, 1, 0, 3, '.', '.', '/' },
						 data[] = { 2, 2, 0x80, 0x80, 0x80, 0xa0, 1 }, /* of 320 MiB */
		rest[] = { 0, 0x80, 0x80, 0x80, 0xa0, 1, 0, 0, 1, 1, 'z' };
	size_t size = (size_t)320 << 20, n = 8;
	uint8_t *a = calloc(1, size + 512), file[64];
	assert_non_null(a);
	memcpy(a, "Rar!\x1a\7\1", 8);
	n += rar_block(a + n, "\1\0\0", 3);
	n += rar5_file(a + n, 'a', "", 0, "hello");
	n += rar5_file(a + n, 'l', symlink, sizeof symlink, "");
	memcpy(file, data, sizeof data);
	memcpy(file + sizeof data, rest, sizeof rest);
	n += rar_block(a + n, file, sizeof data + sizeof rest);
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, n + size));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n + size);
	assert_content(&t, "/a", "hello", 5);
	assert_int_equal(walked_get(&t, "/z")->content.n, size);
	assert_false(error_is(&walked_get(&t, "/z")->error));
	assert_int_equal(walked_damage(&t, "truncated"), 1); /* nothing ends the archive */
	walked_close(&t);
	free(a);
}

/* A name that is no UTF-8 is a name all the same. */
static void test_rar5_name_of_any_bytes(void **state)
{
	(void)state;
	uint8_t a[256] = "Rar!\x1a\7\1";
	size_t n = 8 + rar_block(a + 8, "\1\0\0", 3);
	n += rar5_file(a + n, 'a', "", 0, "hello");
	n += rar5_file(a + n, (char)0xff, "", 0, "world");
	n += rar_block(a + n, "\5\0\0", 3);
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, n));
	assert_int_equal(t.n, 2);
	assert_content(&t, "/\xff", "world", 5);
	walked_close(&t);
}

/* ---- what is packed in the archives of rar_vectors.h ---- */

static size_t lines(uint8_t *out, unsigned modulus)
{
	size_t n = 0;
	for (unsigned i = 0; i < 40; i++)
		n += (size_t)sprintf((char *)out + n, "line %u says %u\n", i, i * i % modulus);
	return n;
}

/* Four channels. */
static size_t samples(uint8_t *out)
{
	for (unsigned i = 0; i < 800; i++)
		out[i] = (uint8_t)(i % 4 == 0 ? i / 4 * 3 : i % 4 == 1 ? i / 8 : i % 4 == 2 ? i * i >> 8 : 7);
	return 800;
}

/* Calls and jumps of x86. */
static size_t calls(uint8_t *out)
{
	for (unsigned i = 0; i < 100; i++) {
		uint32_t far = 0x400 + i * 7 % 8 * 0x140 - (10 * i + 5);
		uint8_t one[10] = { i % 3 == 2 ? 0xe9 : 0xe8,
							(uint8_t)far,
							(uint8_t)(far >> 8),
							(uint8_t)(far >> 16),
							(uint8_t)(far >> 24),
							0x90,
							0x89,
							(uint8_t)i,
							0x5d,
							0xc3 };
		memcpy(out + 10 * (size_t)i, one, sizeof one);
	}
	return 1000;
}

static size_t wave(uint8_t *out)
{
	uint32_t random = 1;
	int v = 128;
	for (unsigned i = 0; i < 1500; i++) {
		random = (random * 1103515245 + 12345) & 0x7fffffff;
		v += (int)(i / 50 % 2 * 2) - 1 + (int)((random >> 16) % 3) - 1;
		out[i] = (uint8_t)v;
	}
	return 1500;
}

static size_t picture(uint8_t *out)
{
	size_t n = 0;
	for (unsigned y = 0; y < 20; y++)
		for (unsigned x = 0; x < 30; x++)
			for (unsigned c = 0; c < 3; c++)
				out[n++] = (uint8_t)(x * 2 + y * 3 + 10 * c + (c == 1 ? x * y >> 4 : 0));
	return n;
}

static void assert_four(const struct walked *t)
{
	uint8_t bytes[2048];
	assert_content(t, "/a", bytes, lines(bytes, 97));
	assert_content(t, "/b", bytes, lines(bytes, 89));
	assert_content(t, "/d", bytes, samples(bytes));
	assert_content(t, "/x", bytes, calls(bytes));
}

static void test_rar5_solid(void **state)
{
	(void)state;
	struct span all = span_of(rar5_solid, sizeof rar5_solid);
	struct walked t;
	walked_open(&t, &rar_format, all);
	assert_true(t.accepted);
	assert_int_equal(t.match.size, all.n);
	assert_false(error_is(&t.error));
	assert_four(&t);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	survives_cuts(&rar_format, all, (unsigned)all.n);
	survives_flips(&rar_format, all, 3000, 0);
}

/* A file of a solid row that is damaged is there as far as it can be read, and so are those before it; those behind it can not be. */
static void test_rar5_solid_damaged(void **state)
{
	(void)state;
	uint8_t bytes[2048], copy[sizeof rar5_solid];
	struct walked t;
	memcpy(copy, rar5_solid, sizeof copy);
	walked_open(&t, &rar_format, span_of(copy, sizeof copy));
	uint64_t at = walked_get(&t, "/b")->e.offset;
	walked_close(&t);
	copy[at] ^= 0x40; /* of its first block: whose sum is wrong now */
	walked_open(&t, &rar_format, span_of(copy, sizeof copy));
	assert_content(&t, "/a", bytes, lines(bytes, 97));
	assert_int_equal(walked_get(&t, "/b")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/d")->error.code, ERR_CORRUPT);
	assert_int_equal(walked_get(&t, "/x")->error.code, ERR_CORRUPT);
	walked_close(&t);
}

/* A stored file that is not as long as its header says is not given for whole, where no CRC tells it either. */
static void test_stored_of_another_size(void **state)
{
	(void)state;
	uint8_t a[128] = "Rar!\x1a\7\1";
	static const uint8_t file[] = { 2, 2, 5, 0, 9, 0xa4, 3, 0, 1, 1, 's' };
	size_t n = 8 + rar_block(a + 8, "\1\0\0", 3);
	n += rar_block(a + n, file, sizeof file);
	memcpy(a + n, "hello", 5);
	n += 5;
	n += rar_block(a + n, "\5\0\0", 3);
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, n));
	assert_int_equal(walked_get(&t, "/s")->content.n, 5);
	assert_int_equal(walked_get(&t, "/s")->error.code, ERR_CORRUPT);
	walked_close(&t);
}

/* A file that has BLAKE2sp in place of a CRC is compared by it. */
static void test_rar5_blake(void **state)
{
	(void)state;
	uint8_t a[sizeof rar5_blake];
	struct walked t;
	memcpy(a, rar5_blake, sizeof a);
	walked_open(&t, &rar_format, span_of(a, sizeof a));
	assert_content(&t, "/hb", "hello, blake\n", 13);
	uint64_t at = walked_get(&t, "/hb")->e.offset;
	walked_close(&t);
	a[at] ^= 1;
	walked_open(&t, &rar_format, span_of(a, sizeof a));
	assert_int_equal(walked_get(&t, "/hb")->content.n, 13);
	assert_int_equal(walked_get(&t, "/hb")->error.code, ERR_CORRUPT);
	walked_close(&t);
}

/* Files that were kept when they were replaced, as unrar lists them with -ver. */
static void test_rar5_versions(void **state)
{
	(void)state;
	struct walked t;
	walked_open(&t, &rar_format, span_of(rar5_versions, sizeof rar5_versions));
	assert_int_equal(t.n, 3);
	assert_content(&t, "/f;1", "text 1\n", 7);
	assert_content(&t, "/f;2", "text 2\n", 7);
	assert_content(&t, "/f", "text 3\n", 7);
	walked_close(&t);
	survives_cuts(&rar_format, span_of(rar5_versions, sizeof rar5_versions), sizeof rar5_versions);
	survives_flips(&rar_format, span_of(rar5_versions, sizeof rar5_versions), 1000, 0);
}

/* Two solid rows, of which the first one takes all the room that there is: the second one gets none, not as much as it likes. */
static void test_rows_share_the_room(void **state)
{
	(void)state;
	enum { FILES = 24, END = sizeof rar5_solid - 8 };
	uint8_t twice[2 * sizeof rar5_solid];
	memcpy(twice, rar5_solid, END);
	memcpy(twice + END, rar5_solid + FILES, sizeof rar5_solid - FILES);
	struct span all = span_of(twice, END + sizeof rar5_solid - FILES);
	struct walked t;
	walked_open(&t, &rar_format, all);
	assert_int_equal(t.n, 8);
	assert_int_equal(walked_damage(&t, "budget"), 0);
	t.n = 0;
	t.walk.held = 0;
	t.walk.room = 1000; /* of 3,046 bytes in each */
	struct error e = rar_format.walk(all, &t.walk);
	assert_false(error_is(&e));
	assert_int_equal(t.n, 8);
	uint8_t bytes[2048];
	assert_content(&t, "/a", bytes, lines(bytes, 97)); /* the first one of that name */
	size_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		n += t.entries[i].content.n;
	assert_in_range(n, 1000, 1002);
	assert_in_range(t.walk.held, 1000, 1002);
	assert_int_equal(t.entries[1].error.code, ERR_BUDGET);
	assert_int_equal(t.entries[4].error.code, ERR_BUDGET);
	walked_close(&t);
}

/* ---- filters, by what they are to undo ---- */

static void assert_filtered(struct rar_filter f, const void *from, const void *to, size_t n)
{
	uint8_t bytes[64];
	struct rar_filters filters = { .covered = 0 };
	f.length = (uint32_t)n;
	memcpy(bytes, from, n);
	assert_int_equal(rar_filter_note(&filters, &f, 0), ERR_NONE);
	assert_int_equal(rar_filters_apply(&filters, bytes, 0, n - 1), ERR_NONE); /* a block that is not whole stays */
	assert_memory_equal(bytes, from, n);
	assert_int_equal(rar_filters_apply(&filters, bytes, 0, n), ERR_NONE);
	assert_memory_equal(bytes, to, n);
	buf_free(&filters.list);
}

static void test_filters(void **state)
{
	(void)state;
	/* Differences, taken from what was before: two channels 1, 3, 6 and 10, 9, 9. */
	assert_filtered((struct rar_filter){ .kind = RAR_DELTA, .channels = 2 }, "\xff\xfe\xfd\xf6\1\0", "\1\12\3\11\6\11",
					6);
	/* A call at 0x1000 of 0x1234: relative to behind its opcode, as all filters of RAR count. */
	assert_filtered((struct rar_filter){ .kind = RAR_E8, .position = 0x1000 }, "\xe8\x34\x12\0\0\0", "\xe8\x33\2\0\0\0",
					6);
	assert_filtered((struct rar_filter){ .kind = RAR_E8, .position = 0x1000 }, "\xe9\x34\x12\0\0\0",
					"\xe9\x34\x12\0\0\0", 6);
	assert_filtered((struct rar_filter){ .kind = RAR_E8E9, .position = 0x1000 }, "\xe9\x34\x12\0\0\0",
					"\xe9\x33\2\0\0\0", 6);
	/* BL of ARM at 0x100: words are counted. */
	assert_filtered((struct rar_filter){ .kind = RAR_ARM, .position = 0x100 }, "\x50\0\0\xeb", "\x10\0\0\xeb", 4);
	/* Of a place in a file beyond 16 MiB. */
	assert_filtered((struct rar_filter){ .kind = RAR_E8, .position = 0x1001000, .wraps = true }, "\xe8\x34\x12\0\0\0",
					"\xe8\x33\2\0\0\0", 6);
}

/* Blocks that are filtered over and over again are not. */
static void test_filters_end(void **state)
{
	(void)state;
	struct rar_filters filters = { .covered = 0 };
	struct rar_filter f = { .kind = RAR_E8, .length = 0x400000 };
	unsigned n = 0;
	while (n < 1000 && rar_filter_note(&filters, &f, 1 << 20) == ERR_NONE)
		n++;
	assert_in_range(n, 4, 16);
	buf_free(&filters.list);
	/* Nor is their code read for ever, of which a model of PPMd makes much from little. */
	filters = (struct rar_filters){ .covered = 0 };
	for (n = 0; n < 1000 && rar_filters_spend(&filters, 0x10000, 1 << 20) == ERR_NONE;)
		n++;
	assert_in_range(n, 256, 999);
}

/* A block of RAR 1.5 to 4: the low half of its header's CRC, type, flags, size of the header, and the rest of that. */
static size_t rar4_block(uint8_t *out, uint8_t type, uint16_t flags, const void *rest, size_t n)
{
	const uint8_t head[] = { type, flags & 0xff, (uint8_t)(flags >> 8), (uint8_t)(n + 7), 0 };
	memcpy(out + 2, head, sizeof head);
	memcpy(out + 7, rest, n);
	uint32_t crc = libdeflate_crc32(0, out + 2, n + 5);
	out[0] = (uint8_t)crc;
	out[1] = (uint8_t)(crc >> 8);
	return n + 7;
}

/* A file of five bytes, packed or stored as that version does. */
static size_t rar4_file(uint8_t *out, uint8_t version, uint8_t method, char name, const char *bytes)
{
	uint8_t rest[26] = { 5,
						 0,
						 0,
						 0,
						 5,
						 0,
						 0,
						 0,
						 3,
						 [17] = version,
						 [18] = method,
						 [19] = 1,
						 [21] = 0xa4,
						 [22] = 0x81,
						 [25] = (uint8_t)name };
	uint32_t crc = libdeflate_crc32(0, bytes, 5);
	for (int i = 0; i < 4; i++)
		rest[9 + i] = (uint8_t)(crc >> (8 * i));
	size_t n = rar4_block(out, 0x74, 0x8000, rest, sizeof rest);
	memcpy(out + n, bytes, 5);
	return n + 5;
}

/* Opens one that has no damage, cut and flipped too. */
static void open_sound(struct walked *t, const uint8_t *bytes, size_t n)
{
	walked_open(t, &rar_format, span_of(bytes, n));
	assert_true(t->accepted);
	assert_int_equal(t->match.size, n);
	assert_false(error_is(&t->error));
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	survives_cuts(&rar_format, span_of(bytes, n), (unsigned)n);
	survives_flips(&rar_format, span_of(bytes, n), 2000, 0);
}

static void test_rar4_solid(void **state)
{
	(void)state;
	struct walked t;
	open_sound(&t, rar4_solid, sizeof rar4_solid);
	assert_four(&t);
	walked_close(&t);
}

static void test_rar4_ppmd(void **state)
{
	(void)state;
	uint8_t bytes[2048];
	struct walked t;
	open_sound(&t, rar4_ppmd, sizeof rar4_ppmd);
	assert_content(&t, "/a", bytes, lines(bytes, 97));
	assert_content(&t, "/b", bytes, lines(bytes, 89));
	walked_close(&t);
}

static void test_rar4_filters(void **state)
{
	(void)state;
	uint8_t bytes[2048];
	struct walked t;
	open_sound(&t, rar4_audio, sizeof rar4_audio);
	assert_content(&t, "/w", bytes, wave(bytes));
	walked_close(&t);
	open_sound(&t, rar4_rgb, sizeof rar4_rgb);
	assert_content(&t, "/p", bytes, picture(bytes));
	walked_close(&t);
}

/* Joined, also where zeros fill the first one; and each alone. */
static void check_volumes(const uint8_t *all, size_t n, size_t first)
{
	uint8_t bytes[2048], padded[2048] = { 0 };
	struct walked t;
	open_sound(&t, all, n);
	assert_four(&t);
	walked_close(&t);
	memcpy(padded, all, first);
	memcpy(padded + first + 9, all + first, n - first);
	walked_open(&t, &rar_format, span_of(padded, n + 9));
	assert_int_equal(t.match.size, n + 9);
	assert_four(&t);
	walked_close(&t);
	walked_open(&t, &rar_format, span_of(all, first));
	assert_int_equal(t.match.size, first);
	assert_content(&t, "/d", bytes, samples(bytes));
	assert_int_equal(walked_get(&t, "/x")->error.code, ERR_TRUNCATED);
	assert_int_equal(walked_damage(&t, "truncated"), 2); /* that another volume follows, too */
	walked_close(&t);
	walked_open(&t, &rar_format, span_of(all + first, n - first));
	assert_int_equal(walked_get(&t, "/x")->error.code, ERR_TRUNCATED);
	assert_int_equal(walked_damage(&t, "truncated"), 2); /* that others stand before it, too */
	walked_close(&t);
}

static void test_volumes(void **state)
{
	(void)state;
	check_volumes(rar5_volumes, sizeof rar5_volumes, RAR5_VOLUME);
	check_volumes(rar4_volumes, sizeof rar4_volumes, RAR4_VOLUME);
}

/* Names in UTF-16, of which letters refer to the name in another code, have a high byte in common, or stand by themselves. */
static void test_rar4_names(void **state)
{
	(void)state;
	/* "d\\?b" in the old code; "d/" with 2 letters as there, U+00E4, U+0431 with the common high byte 4. */
	static const char name[] = "d\\?b\0\x04\xc4\0\xe4\x31";
	uint8_t a[256] = "Rar!\x1a\7",
			rest[64] = { 5, 0, 0, 0, 5, 0, 0, 0, 2, [17] = 29, [18] = 0x30, [19] = sizeof name - 1 };
	uint32_t crc = libdeflate_crc32(0, "hello", 5);
	for (int i = 0; i < 4; i++)
		rest[9 + i] = (uint8_t)(crc >> (8 * i));
	memcpy(rest + 25, name, sizeof name - 1);
	size_t n = 7 + rar4_block(a + 7, 0x73, 0, "\0\0\0\0\0\0", 6);
	n += rar4_block(a + n, 0x74, 0x8200, rest, 25 + sizeof name - 1);
	memcpy(a + n, "hello", 5);
	n += 5 + rar4_block(a + n + 5, 0x7b, 0x4000, "", 0);
	struct walked t;
	open_sound(&t, a, n);
	assert_content(&t, "/d/\xc3\xa4\xd0\xb1", "hello", 5);
	walked_close(&t);
}

/* ---- headers that are damaged ---- */

/* The header of /b is at `at`. */
static void check_damaged(const uint8_t *archive, size_t n, uint64_t at, size_t name, size_t size)
{
	uint8_t bytes[2048], copy[2048];
	struct walked t;
	assert_true(n <= sizeof copy);
	/* What is told of the file is another name: the next header stands where it should. */
	memcpy(copy, archive, n);
	copy[at + name] = 'c';
	walked_open(&t, &rar_format, span_of(copy, n));
	assert_int_equal(t.match.size, n);
	assert_false(error_is(&t.error));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	assert_int_equal(t.n, 4);
	assert_content(&t, "/c", bytes, lines(bytes, 89));
	walked_close(&t);
	/* How much is packed of it: the file is lost, and of what goes on from it in a solid row what refers to it; names are not. */
	memcpy(copy, archive, n);
	copy[at + size] ^= 0x20;
	walked_open(&t, &rar_format, span_of(copy, n));
	assert_int_equal(t.match.size, n);
	assert_false(error_is(&t.error));
	assert_int_equal(t.n, 3);
	assert_content(&t, "/a", bytes, lines(bytes, 97));
	assert_true(walked_has(&t, "/d") && walked_has(&t, "/x") && !walked_has(&t, "/b"));
	assert_true(walked_damage(&t, "corrupt") >= 1);
	if (!error_is(&walked_get(&t, "/d")->error)) /* as it refers to nothing in /b */
		assert_content(&t, "/d", bytes, samples(bytes));
	if (!error_is(&walked_get(&t, "/x")->error))
		assert_content(&t, "/x", bytes, calls(bytes));
	walked_close(&t);
	survives_cuts(&rar_format, span_of(copy, n), 200);
	survives_flips(&rar_format, span_of(copy, n), 1000, 0);
}

static uint64_t header_of_b(const uint8_t *archive, size_t n, uint64_t before)
{
	struct walked t;
	walked_open(&t, &rar_format, span_of(archive, n));
	uint64_t at = walked_get(&t, "/b")->e.offset - before;
	walked_close(&t);
	return at;
}

static void test_damaged_headers(void **state)
{
	(void)state;
	uint64_t five = header_of_b(rar5_solid, sizeof rar5_solid, 28),
			 four = header_of_b(rar4_solid, sizeof rar4_solid, 33);
	check_damaged(rar5_solid, sizeof rar5_solid, five, 27, 7);
	check_damaged(rar4_solid, sizeof rar4_solid, four, 32, 7);
}

/* An archive that is stored in a file whose header is damaged is not taken for the one around it. */
static void test_damaged_around_inner(void **state)
{
	(void)state;
	uint8_t a[512] = "Rar!\x1a\7\1", inner[128] = "Rar!\x1a\7\1";
	size_t k = 8 + rar_block(inner + 8, "\1\0\0", 3);
	k += rar5_file(inner + k, 'i', "", 0, "inner");
	k += rar_block(inner + k, "\5\0\0", 3);
	size_t n = 8 + rar_block(a + 8, "\1\0\0", 3), damaged = n;
	const uint8_t file[] = { 2, 2, (uint8_t)k, 0, (uint8_t)k, 0xa4, 3, 0, 1, 1, 's' };
	n += rar_block(a + n, file, sizeof file);
	memcpy(a + n, inner, k);
	n += k;
	n += rar5_file(a + n, 'z', "", 0, "world");
	n += rar_block(a + n, "\5\0\0", 3);
	a[damaged + 7] ^= 1; /* how much is packed */
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, n));
	assert_int_equal(t.match.size, n);
	assert_int_equal(t.n, 1);
	assert_content(&t, "/z", "world", 5);
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	/* Nor is one that stands behind what breaks off. */
	memcpy(a + damaged, inner, k);
	walked_open(&t, &rar_format, span_of(a, damaged + k));
	assert_int_equal(t.match.size, damaged);
	assert_int_equal(t.n, 0);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
}

/* Since version 2.9 a block ends an archive: what breaks off before that is not whole, if it does so between two files. */
static void test_rar4_broken_off(void **state)
{
	(void)state;
	uint64_t at = header_of_b(rar4_solid, sizeof rar4_solid, 33);
	struct walked t;
	walked_open(&t, &rar_format, span_of(rar4_solid, at));
	assert_int_equal(t.n, 1);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
}

/* What RAR 2.0 packed is not what RAR 2.9 does: it is no damage, and what stands behind it can be read. */
static void test_rar_of_old_versions(void **state)
{
	(void)state;
	uint8_t a[256] = "Rar!\x1a\7";
	size_t n = 7 + rar4_block(a + 7, 0x73, 0, "\0\0\0\0\0\0", 6);
	n += rar4_file(a + n, 20, 0x33, 'a', "\x09\xc1\x59\x4c\xc8");
	n += rar4_file(a + n, 20, 0x30, 'b', "hello");
	n += rar4_block(a + n, 0x7b, 0x4000, "", 0);
	struct walked t;
	walked_open(&t, &rar_format, span_of(a, n));
	assert_true(t.accepted);
	assert_content(&t, "/b", "hello", 5);
	assert_int_equal(walked_get(&t, "/a")->error.code, ERR_UNSUPPORTED);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	survives_cuts(&rar_format, span_of(a, n), (unsigned)n);
	survives_flips(&rar_format, span_of(a, n), 1000, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rar),
		cmocka_unit_test(test_rar5_special),
		cmocka_unit_test(test_rar5_costs),
		cmocka_unit_test(test_rar5_large),
		cmocka_unit_test(test_rar5_name_of_any_bytes),
		cmocka_unit_test(test_rar5_solid),
		cmocka_unit_test(test_rar5_solid_damaged),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_filters_end),
		cmocka_unit_test(test_rar4_solid),
		cmocka_unit_test(test_rar4_ppmd),
		cmocka_unit_test(test_rar4_filters),
		cmocka_unit_test(test_volumes),
		cmocka_unit_test(test_rar4_names),
		cmocka_unit_test(test_rar_of_old_versions),
		cmocka_unit_test(test_rows_share_the_room),
		cmocka_unit_test(test_stored_of_another_size),
		cmocka_unit_test(test_rar5_blake),
		cmocka_unit_test(test_rar5_versions),
		cmocka_unit_test(test_damaged_headers),
		cmocka_unit_test(test_damaged_around_inner),
		cmocka_unit_test(test_rar4_broken_off),
	};
	return cmocka_run_group_tests_name("rar", tests, NULL, NULL);
}
