/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many short strings at once, against memcmp() at each place: strings by chance, bytes by chance and strings among them, whole or not, and
 * behind and before the bytes memory that nobody may read. This processor's vectors are used, or, by the environment of the test, none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/literals.h"

#define STRINGS 40u
#define LENGTH_MAX 80u
#define ROOM 65536u /* whole pages, whatever their size */

static uint8_t characters[STRINGS][LENGTH_MAX];
static struct span strings[STRINGS];
static size_t nstrings;
static uint64_t noise_state = 88172645463325252u;

static uint32_t below(uint32_t n)
{
	noise_state ^= noise_state << 13, noise_state ^= noise_state >> 7, noise_state ^= noise_state << 17;
	return (uint32_t)(noise_state >> 32) % n;
}

struct seen {
	struct literals_sink sink;
	struct span bytes;
	uint8_t times[ROOM][STRINGS];
	size_t n;
};

static void found(struct literals_sink *sink, uint32_t index, uint64_t to)
{
	struct seen *s = (struct seen *)sink;
	assert_true(index < nstrings && to <= s->bytes.n && to >= strings[index].n);
	assert_int_equal(s->times[to - strings[index].n][index]++, 0);
	s->n++;
}

/* All that begin between are told once, and no others. Gives how many these are. */
static size_t compare(const struct literals *l, struct span bytes, size_t from, size_t *cut_short)
{
	static struct seen seen;
	memset(seen.times, 0, bytes.n * sizeof seen.times[0]);
	seen.sink.found = found;
	seen.bytes = bytes;
	seen.n = 0;
	size_t to = literals_find(l, bytes, from, &seen.sink), n = 0;
	assert_true(to >= from && to <= bytes.n);
	for (size_t at = from; at < to; at++)
		for (size_t i = 0; i < nstrings; i++)
			if (span_has(bytes, at, strings[i].p, strings[i].n)) {
				assert_int_equal(seen.times[at][i], 1);
				n++;
			}
	assert_int_equal(seen.n, n);
	*cut_short += to < bytes.n;
	return n;
}

static void make_strings(void)
{
	uint32_t letters = below(4) ? 256 : 3; /* of few, one is often in another */
	nstrings = 1 + below(STRINGS);
	for (size_t i = 0; i < nstrings; i++) {
		size_t n = 2 + below(below(3) ? 6 : LENGTH_MAX - 2);
		for (size_t k = 0; k < n; k++)
			characters[i][k] = (uint8_t)below(letters);
		strings[i] = span_of(characters[i], n);
	}
}

static void plant(uint8_t *p, size_t n, uint32_t apart)
{
	for (size_t at = 0; at < n;) {
		struct span s = strings[below((uint32_t)nstrings)];
		size_t kept = s.n - !below(4);
		memcpy(p + at, s.p, kept < n - at ? kept : n - at);
		at += kept + below(apart);
	}
	struct span last = strings[below((uint32_t)nstrings)];
	if (last.n <= n)
		memcpy(p + n - last.n, last.p, last.n);
}

static void make_bytes(uint8_t *p, size_t n)
{
	uint32_t kind = below(3);
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)below(kind == 2 && i > n / 2 ? 3 : 256);
	if (kind)
		plant(p, n, 20 + below(600));
}

static void test_by_chance(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0, cut_short = 0, made = 0;
	uint8_t *pages = mmap(NULL, ROOM + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	(void)state;
	assert_true(pages != MAP_FAILED);
	uint8_t *begin = pages + page;
	assert_int_equal(mprotect(begin, ROOM, PROT_READ | PROT_WRITE), 0);
	for (unsigned round = 0; round < 150; round++) {
		struct error e;
		make_strings();
		struct literals *l = literals_new(strings, nstrings, &e);
		assert_int_equal(l == NULL, error_is(&e));
		made += l != NULL;
		for (unsigned k = 0; k < 12 && l; k++) {
			size_t size = below(k < 4 ? 200 : k < 8 ? 3300 : 12000);
			uint8_t *p = k & 1 ? begin + ROOM - size : begin;
			make_bytes(p, size);
			n += compare(l, span_of(p, size), 0, &cut_short);
			n += compare(l, span_of(p, size), below((uint32_t)size + 1), &cut_short);
		}
		literals_free(l);
	}
	assert_true(made > 100 && n > 10000 && cut_short > 20);
	munmap(pages, ROOM + 2 * page);
}

/* What can not be looked for is refused, and told which it is. */
static void test_refused(void **state)
{
	static uint8_t pairs[LITERALS_BESIDE_MAX + 1][2];
	struct span v[LITERALS_BESIDE_MAX + 1];
	struct error e;
	(void)state;
	for (size_t i = 0; i <= LITERALS_BESIDE_MAX; i++) {
		pairs[i][0] = 'a';
		pairs[i][1] = (uint8_t)i;
		v[i] = span_of(pairs[i], 2);
	}
	struct literals *l = literals_new(v, LITERALS_BESIDE_MAX, &e);
	assert_non_null(l);
	assert_false(error_is(&e));
	literals_free(l);
	assert_null(literals_new(v, LITERALS_BESIDE_MAX + 1, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.text, "string 16 is too short to look for, or too many are like it");
	v[3].n = 1;
	assert_null(literals_new(v, 4, &e));
	assert_string_equal(e.text, "string 3 is too short to look for, or too many are like it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_chance),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests_name("literals", tests, NULL, NULL);
}
