/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pass for magics, against what memcmp() finds: each of all formats, whole, with a byte less and with another last byte; and with the
 * patterns of inspectors as without, which are two ways. Further, CRC-32C of any length against its definition, as it is made of parts, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "base/holes.h"
#include "base/work.h"
#include "format/format.h"
#include "probe/scan.h"

#define BEFORE 64u
#define OFFSET_MAX 4096u
#define ROOM (BEFORE + OFFSET_MAX + 256u)

static struct scanner *scanner[2];
static struct scanner_lane *lane[2];
static struct arena *arena;

/* Whether the format may begin there, as its magics say. */
static bool begins(const struct format *f, struct span bytes, uint64_t at)
{
	for (const struct format_magic *m = f->magics; m->bytes; m++)
		if (span_has(bytes, at + m->offset, m->bytes, m->n))
			return true;
	return false;
}

static bool is_candidate(const struct scan_result *r, uint64_t at, size_t format)
{
	for (size_t i = 0; i < r->ncandidates; i++)
		if (r->candidates[i].at == at && r->candidates[i].format == format)
			return true;
	return false;
}

/* All candidates begin where a magic says so, and the format is one of them exactly where its magics say so. */
static void compare(struct span bytes, size_t format)
{
	for (unsigned scope = PATTERNS_ALL; scope <= PATTERNS_OF_FORMATS; scope++) {
		struct scan_result r;
		arena_reset(arena);
		struct error e = scan_blob(lane[scope], bytes, arena, NULL, &r);
		assert_false(error_is(&e));
		for (size_t i = 0; i < r.ncandidates; i++) {
			const struct format *f = format_registry[r.candidates[i].format];
			assert_true(f->locate || begins(f, bytes, r.candidates[i].at));
		}
		for (uint64_t at = 0; at < bytes.n && !format_registry[format]->locate; at++)
			if (begins(format_registry[format], bytes, at) != is_candidate(&r, at, format))
				fail_msg("%s at %llu of %zu", format_registry[format]->name, (unsigned long long)at, bytes.n);
	}
}

static void test_magics(void **state)
{
	static uint8_t bytes[ROOM];
	size_t compared = 0;
	(void)state;
	for (size_t f = 0; format_registry[f]; f++)
		for (const struct format_magic *m = format_registry[f]->magics; m && m->bytes; m++) {
			size_t end = BEFORE + m->offset + m->n;
			if (m->offset > OFFSET_MAX || m->n > 128)
				continue;
			for (uint8_t fill = 0; fill < 2; fill++) { /* zeros, which may go on with it, and what does not */
				memset(bytes, fill ? 0x5b : 0, sizeof bytes);
				memcpy(bytes + BEFORE + m->offset, m->bytes, m->n);
				compare(span_of(bytes, end), f);
				compare(span_of(bytes, end + 64), f);
				compare(span_of(bytes, end - 1), f);
				bytes[end - 1] ^= 0x5a;
				compare(span_of(bytes, end + 64), f);
			}
			compared++;
		}
	assert_true(compared > 400);
}

/* Of literals that end in zeros the search is for what is before these: some do. */
static void test_zeros_left_out(void **state)
{
	struct pattern_set set;
	size_t n = 0;
	(void)state;
	struct error e = pattern_set_list(&set, PATTERNS_OF_FORMATS);
	assert_false(error_is(&e));
	for (size_t i = 0; i < set.n; i++) {
		const struct format_magic *m = &format_registry[set.origins[i].owner]->magics[set.origins[i].index];
		size_t left = m->n - set.origins[i].behind;
		assert_true(set.origins[i].is_format && (set.origins[i].behind == 0 || left >= 2));
		for (size_t k = left; k < m->n; k++)
			assert_int_equal(m->bytes[k], 0);
		assert_true(left <= 2 || m->bytes[left - 1] || m->bytes[left - 2]);
		n += set.origins[i].behind > 0;
	}
	assert_true(n > 0 && n < set.n / 2);
	free(set.origins);
}

/* Where the pattern is found, as often as it is told. */
static size_t hits_of(struct span bytes, const struct pattern_origin *o, uint64_t at[4])
{
	struct scan_result r;
	size_t n = 0;
	arena_reset(arena);
	struct error e = scan_blob(lane[PATTERNS_ALL], bytes, arena, NULL, &r);
	assert_false(error_is(&e));
	for (size_t i = 0; i < r.hits[o->owner].n; i++)
		if (r.hits[o->owner].v[i].pattern == o->index && n < 4)
			at[n++] = r.hits[o->owner].v[i].from;
	return n;
}

/* The patterns of inspectors that end in zeros: their matches are not made unique, so that one that is told twice is seen. */
static size_t with_zeros(const struct pattern_set *set, size_t from)
{
	while (from < set->n && (set->origins[from].is_format || !set->origins[from].behind))
		from++;
	return from;
}

/* Once each, wherever the end of a pass is: within what is looked for, within the zeros, or before and behind both. */
static void test_zeros_across_passes(void **state)
{
	size_t pass = (size_t)64 << 20, size = pass + 4096;
	uint8_t *bytes = calloc(1, size);
	struct pattern_set set;
	(void)state;
	assert_non_null(bytes);
	struct error e = pattern_set_list(&set, PATTERNS_ALL);
	assert_false(error_is(&e));
	size_t i = with_zeros(&set, 0);
	assert_true(i < set.n);
	const struct pattern_origin *o = &set.origins[i];
	for (uint64_t before = 0; before <= o->length + 1; before++) {
		uint64_t place = pass - before, at[4];
		memcpy(bytes + place, inspector_registry[o->owner]->patterns[o->index].bytes, o->length);
		assert_int_equal(hits_of(span_of(bytes, size), o, at), 1);
		assert_int_equal(at[0], place);
		if (before > 0 && before < o->length) { /* cut there it is none */
			assert_int_equal(hits_of(span_of(bytes, place + o->length - 1), o, at), 0);
			assert_int_equal(hits_of(span_of(bytes, place + o->length), o, at), 1);
		}
		memset(bytes + place, 0, o->length);
	}
	free(bytes);
	free(set.origins);
}

/* The zeros are in a hole, and what is stored behind it is so near that it is looked through with what is before, or not. */
static void test_zeros_in_holes(void **state)
{
	static uint8_t bytes[2048];
	struct pattern_set set;
	size_t n = 0;
	(void)state;
	struct error e = pattern_set_list(&set, PATTERNS_ALL);
	assert_false(error_is(&e));
	for (size_t i = with_zeros(&set, 0); i < set.n; i = with_zeros(&set, i + 1), n++) {
		const struct pattern_origin *o = &set.origins[i];
		const char *pattern = inspector_registry[o->owner]->patterns[o->index].bytes;
		size_t left = o->length - o->behind;
		while (left > 0 && !pattern[left - 1])
			left--;
		for (size_t gap = 0; gap < 3 * set.longest; gap++) {
			uint64_t second = 512 + o->length + gap, at[4];
			struct stored v[] = { { 512, 512 + left }, { second, second + left } };
			memset(bytes, 0, sizeof bytes);
			memcpy(bytes + 512, pattern, o->length);
			memcpy(bytes + second, pattern, o->length);
			assert_true(holes_tell(span_of(bytes, sizeof bytes), v, 2));
			assert_int_equal(hits_of(span_of(bytes, sizeof bytes), o, at), 2);
			assert_true(at[0] == 512 && at[1] == second);
			holes_forget(span_of(bytes, sizeof bytes));
		}
	}
	assert_true(n > 0);
	free(set.origins);
}

/* Both ways tell the same: with the patterns of inspectors everything goes through Vectorscan, without them what looks random does not. */
static void compare_ways(struct span bytes, const char *what, size_t at_least)
{
	struct scan_result all, magics;
	arena_reset(arena);
	struct error e = scan_blob(lane[PATTERNS_ALL], bytes, arena, NULL, &all);
	assert_false(error_is(&e));
	e = scan_blob(lane[PATTERNS_OF_FORMATS], bytes, arena, NULL, &magics);
	assert_false(error_is(&e));
	assert_true(all.ncandidates >= at_least && !all.capped && !magics.capped);
	for (size_t i = 0; i < all.ncandidates && i < magics.ncandidates; i++)
		if (all.candidates[i].at != magics.candidates[i].at || all.candidates[i].format != magics.candidates[i].format)
			fail_msg("%s: %s at %llu, not %s at %llu", what, format_registry[all.candidates[i].format]->name,
			         (unsigned long long)all.candidates[i].at, format_registry[magics.candidates[i].format]->name,
			         (unsigned long long)magics.candidates[i].at);
	assert_int_equal(all.ncandidates, magics.ncandidates);
}

static uint64_t noise_state = 88172645463325252u;

static void make_noise(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		noise_state ^= noise_state << 13, noise_state ^= noise_state >> 7, noise_state ^= noise_state << 17;
		p[i] = (uint8_t)(noise_state >> 32);
	}
}

/* Every magic in noise, cut off by the end or not, so that it lies at each place of a block of the filter (which is 1536 bytes long). */
static void plant_everywhere(uint8_t *bytes, size_t size, const struct format_magic *m, size_t apart, bool located)
{
	make_noise(bytes, size);
	size_t n = 0;
	for (; n * apart + m->n <= size; n++)
		memcpy(bytes + n * apart, m->bytes, m->n);
	compare_ways(span_of(bytes, size), "planted", !located && m->offset < size / 2 ? n / 4 : 0);
	compare_ways(span_of(bytes, (n - 1) * apart + m->n - 1), "cut", 0);
}

static void test_ways_on_planted(void **state)
{
	static uint8_t bytes[3 * 1536 + 700];
	(void)state;
	for (size_t f = 0; format_registry[f]; f++)
		for (const struct format_magic *m = format_registry[f]->magics; m && m->bytes; m++)
			if (m->n <= 128) {
				bool located = format_registry[f]->locate != NULL;
				plant_everywhere(bytes, sizeof bytes, m, 131, located);
				plant_everywhere(bytes, sizeof bytes, m, 256 + 7, located);
				plant_everywhere(bytes, sizeof bytes, m, m->n, true); /* nothing but it */
			}
}

/* Each byte around the end of a block, and around where the one way gives over to the other: noise, then text, then noise. */
static void test_ways_across_ends(void **state)
{
	static const char text[] = "start of the rest, other letters and the end: ";
	static uint8_t noise[1536 * 50 + 65536 * 2 + 4096], bytes[sizeof noise];
	size_t gives_over = 1536 * 50, back = gives_over + 65536;
	(void)state;
	make_noise(noise, sizeof noise);
	for (size_t i = gives_over; i < back; i++)
		noise[i] = (uint8_t)text[i % (sizeof text - 1)];
	size_t number = 0;
	for (size_t f = 0; format_registry[f]; f++)
		for (const struct format_magic *m = format_registry[f]->magics; m && m->bytes; m++) {
			size_t around = number++ % 260;
			memcpy(bytes, noise, sizeof bytes);
			for (size_t at = around; at + m->n <= sizeof bytes; at += at + 512 > gives_over && at < back + 512 ? 129 : 1537)
				memcpy(bytes + at, m->bytes, m->n);
			if (m->n <= 128)
				compare_ways(span_of(bytes, sizeof bytes), "across", 0);
		}
}

/* As many of one magic as are kept, in what one way and the other looks through by turns: none is counted by both. */
static void test_ways_count_once(void **state)
{
	static const char text[] = "start of the rest, other letters and the end: ";
	static const uint8_t magic[] = { 'h', 's', 'q', 's' };
	const size_t kept = 65536, apart = 57, n = kept * apart;
	uint8_t *bytes = malloc(n);
	(void)state;
	assert_non_null(bytes);
	make_noise(bytes, n);
	for (size_t i = 0; i < n; i++)
		if (i / 4096 % 40 < 3)
			bytes[i] = (uint8_t)text[i % (sizeof text - 1)];
	for (size_t i = 0; i < kept; i++)
		memcpy(bytes + i * apart, magic, sizeof magic);
	compare_ways(span_of(bytes, n), "counted", kept);
	free(bytes);
}

/* What is made to look like magics everywhere: their beginnings, in noise or alone; and what is not random at all. */
static void test_ways_on_prefixes(void **state)
{
	static uint8_t bytes[40000];
	(void)state;
	for (size_t f = 0; format_registry[f]; f++)
		for (const struct format_magic *m = format_registry[f]->magics; m && m->bytes; m++) {
			size_t kept = m->n > 2 ? m->n - 1 : m->n, n = 4000;
			make_noise(bytes, n);
			for (size_t at = 0; at + kept <= n; at += kept + (f & 1))
				memcpy(bytes + at, m->bytes, kept);
			compare_ways(span_of(bytes, n), "prefixes", 0);
		}
	for (unsigned fill = 0; fill < 256; fill++) {
		memset(bytes, (int)fill, sizeof bytes);
		compare_ways(span_of(bytes, sizeof bytes), "one byte", 0);
	}
	for (size_t n = 0; n < 5000; n += n < 200 ? 1 : 37) { /* all lengths, and all alignments */
		make_noise(bytes, sizeof bytes);
		compare_ways(span_of(bytes + n % 16, n), "lengths", 0);
	}
}

static void test_ways_on_noise(void **state)
{
	size_t n = (size_t)20 << 20;
	uint8_t *bytes = malloc(n);
	(void)state;
	assert_non_null(bytes);
	make_noise(bytes, n);
	compare_ways(span_of(bytes + 5, n - 5), "noise", 1000);
	free(bytes);
}

/* RFC 3720, appendix B.4: the sum of 32 zeros; and the polynomial of RFC 3385. */
static uint32_t crc_by_bits(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n; n--) {
		crc ^= *p++;
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

static void test_crc32c(void **state)
{
	static uint8_t bytes[5000];
	uint32_t x = 1;
	(void)state;
	memset(bytes, 0, 32);
	assert_int_equal(~crc32c_update(UINT32_MAX, span_of(bytes, 32)), 0x8a9136aa);
	for (size_t i = 0; i < sizeof bytes; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	for (size_t n = 0; n < sizeof bytes - 16; n += n < 700 ? 1 : 61) {
		struct span s = span_of(bytes + n % 16, n);
		uint32_t wanted = crc_by_bits(x, s.p, n);
		assert_int_equal(crc32c_update(x, s), wanted);
		assert_int_equal(crc32c_update(crc32c_update(x, span_clip(s, 0, n / 3)), span_of(s.p + n / 3, n - n / 3)), wanted);
	}
}

/* "PCIR" every four bytes: the ROM that each is in begins up to 64 KiB before it, where a pointer to it stands. That is looked for so often,
 * and not for each of them, and that not all were looked at is told. */
static void test_places_in_vain(void **state)
{
	enum { SIZE = 1 << 20 };
	(void)state;
	uint8_t *bytes = malloc(SIZE);
	assert_non_null(bytes);
	for (size_t i = 0; i < SIZE; i += 4)
		memcpy(bytes + i, "PCIR", 4);
	for (unsigned scope = PATTERNS_ALL; scope <= PATTERNS_OF_FORMATS; scope++) {
		struct scan_result r;
		uint64_t before = work_done;
		arena_reset(arena);
		struct error e = scan_blob(lane[scope], span_of(bytes, SIZE), arena, NULL, &r);
		assert_false(error_is(&e));
		assert_true(r.capped);
		assert_in_range(work_done - before, 1 << 20, 1200 << 20);
	}
	/* nor more of them where the blob is large for zeros that nobody stored */
	const size_t large = (size_t)64 << 30;
	uint8_t *disk = mmap(NULL, large, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(disk != MAP_FAILED);
	memcpy(disk, bytes, SIZE);
	const struct stored stored = { 0, SIZE };
	assert_true(holes_tell(span_of(disk, large), &stored, 1));
	struct scan_result r;
	uint64_t before = work_done;
	arena_reset(arena);
	struct error e = scan_blob(lane[0], span_of(disk, large), arena, NULL, &r);
	assert_in_range(work_done - before, 1 << 20, 1200 << 20);
	holes_forget(span_of(disk, large));
	assert_int_equal(munmap(disk, large), 0);
	assert_true(!error_is(&e) && r.capped);
	/* one that is there is found, however often */
	memset(bytes, 0, SIZE);
	memcpy(bytes + 0x10000, "\x55\xaa", 2);
	bytes[0x10000 + 0x18] = 0x1c;
	memcpy(bytes + 0x1001c, "PCIR", 4);
	arena_reset(arena);
	e = scan_blob(lane[0], span_of(bytes, SIZE), arena, NULL, &r);
	assert_false(error_is(&e) || r.capped);
	size_t rom = 0;
	while (format_registry[rom] && strcmp(format_registry[rom]->name, "pci_rom") != 0)
		rom++;
	assert_true(is_candidate(&r, 0x10000, rom));
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places_in_vain),
		cmocka_unit_test(test_magics),
		cmocka_unit_test(test_zeros_left_out),
		cmocka_unit_test(test_zeros_across_passes),
		cmocka_unit_test(test_zeros_in_holes),
		cmocka_unit_test(test_ways_on_planted),
		cmocka_unit_test(test_ways_across_ends),
		cmocka_unit_test(test_ways_count_once),
		cmocka_unit_test(test_ways_on_prefixes),
		cmocka_unit_test(test_ways_on_noise),
		cmocka_unit_test(test_crc32c),
	};
	arena = arena_new(0);
	for (unsigned scope = PATTERNS_ALL; scope <= PATTERNS_OF_FORMATS; scope++) {
		struct error e;
		scanner[scope] = scanner_new(scope, &e);
		lane[scope] = scanner[scope] ? scanner_lane_new(scanner[scope]) : NULL;
		if (!lane[scope])
			return 1;
	}
	int failed = cmocka_run_group_tests_name("scan", tests, NULL, NULL);
	for (unsigned scope = PATTERNS_ALL; scope <= PATTERNS_OF_FORMATS; scope++) {
		scanner_lane_free(lane[scope]);
		scanner_free(scanner[scope]);
	}
	arena_free(arena);
	return failed;
}
