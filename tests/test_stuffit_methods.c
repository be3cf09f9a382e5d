/* SPDX-License-Identifier: GPL-3.0-or-later */
/* StuffIt's methods 13 and 15, which no program for Linux writes: what writers of them make here, unar must find the same in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/hash.h"
#include "format/stuffit13_codes.h"
#include "format/stuffit_decode.h"
#include "seed.h"
#include "walked.h"

extern const struct format stuffit_format;

#define PLAIN 90000u
#define PACKED (4 * PLAIN)
#define FILES 10u

/* Letters of all kinds, runs, and what stood near and far before. */
static void make_plain(uint8_t *plain, size_t n)
{
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n;) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		size_t run = x % 13 == 0 ? 1 + (x >> 8 & (x % 5 ? 0x3f : 0xfff)) : 1 + (x >> 8 & 7);
		size_t back = 1 + ((x >> 24) & (0x1ffffu >> (x >> 44 & 15)));
		for (size_t k = 0; k < run && i < n; k++, i++)
			plain[i] = x % 3 && back <= i ? plain[i - back] : x % 7 ? (uint8_t)(x >> 16 & 0x1f) + 'a' : (uint8_t)(x >> (k % 6 * 8));
	}
}

/* ---- method 13 ---- */

struct writer {
	uint8_t *out;
	size_t at; /* in bits, the lowest of a byte first */
};

static void put_low(struct writer *w, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, w->at++)
		w->out[w->at / 8] |= (uint8_t)((v >> i & 1) << w->at % 8);
}

struct codes {
	uint64_t code[STUFFIT13_SYMBOLS];
	int length[STUFFIT13_SYMBOLS];
};

/* The shorter ones first, and of one length in the order of the symbols. */
static void number_codes(struct codes *c)
{
	uint64_t next = 0;
	for (int length = 1; length <= 32; length++, next *= 2)
		for (size_t i = 0; i < STUFFIT13_SYMBOLS; i++)
			if (c->length[i] == length)
				c->code[i] = next++;
}

static void put_code(struct writer *w, const struct codes *c, unsigned symbol)
{
	assert_true(c->length[symbol] > 0);
	for (int i = c->length[symbol] - 1; i >= 0; i--)
		put_low(w, c->code[symbol] >> i, 1);
}

static void preset_codes(struct codes *c, const char *letters)
{
	*c = (struct codes){ { 0 }, { 0 } };
	for (size_t i = 0; letters[i]; i++)
		c->length[i] = letters[i] <= '9' ? letters[i] - '0' : letters[i] - 'A' + 10;
	number_codes(c);
}

/* Lengths 8, 9 and 10 in turns of so many, and where `gap` is not 0 one that is not used: each way to write them. */
static void write_codes(struct writer *w, struct codes *c, unsigned n, unsigned gap)
{
	static const struct {
		unsigned code, n;
	} eight = { 0x014, 5 }, nine = { 0x00c, 5 }, unused = { 0x004, 5 }, more = { 1, 2 }, less = { 2, 2 }, bit = { 7, 3 }, three = { 3, 4 }, six = { 8, 5 };
	*c = (struct codes){ { 0 }, { 0 } };
	unsigned i = 0;
#define SAY(what) put_low(w, (what).code, (what).n)
	if (n < 20) { /* offsets: each by itself */
		for (; i < n; i++) {
			SAY(nine);
			c->length[i] = 9;
		}
		number_codes(c);
		return;
	}
	SAY(eight), c->length[i++] = 8;
	SAY(bit), put_low(w, 0, 1), c->length[i++] = 8;
	SAY(bit), put_low(w, 1, 1), c->length[i] = c->length[i + 1] = 8, i += 2;
	SAY(more), c->length[i++] = 9;
	SAY(three), put_low(w, 5, 3);
	for (unsigned k = 0; k < 8; k++)
		c->length[i++] = 9;
	SAY(more), c->length[i++] = 10;
	SAY(less), c->length[i++] = 9;
	if (gap) { /* the end is not told */
		for (; n - 1 - i > 74;) {
			SAY(six), put_low(w, 63, 6);
			for (unsigned k = 0; k < 74; k++)
				c->length[i++] = 9;
		}
		while (i < n - 1)
			SAY(nine), c->length[i++] = 9;
		SAY(unused), i++;
	}
	while (i < n)
		SAY(nine), c->length[i++] = 9;
	number_codes(c);
#undef SAY
}

struct coder {
	struct writer w;
	struct codes first, second, offsets;
	size_t back_max;
};

static void put_match(struct coder *c, const struct codes *codes, size_t back, size_t n)
{
	if (n < 3 + 62) {
		put_code(&c->w, codes, 256 + (unsigned)n - 3);
	} else if (n < 65 + 1024) {
		put_code(&c->w, codes, 0x13e);
		put_low(&c->w, n - 65, 10);
	} else {
		put_code(&c->w, codes, 0x13f);
		put_low(&c->w, n - 65, 15);
	}
	unsigned bits = 0;
	while ((back - 1) >> bits)
		bits++;
	put_code(&c->w, &c->offsets, bits);
	if (bits > 1)
		put_low(&c->w, (back - 1) - ((size_t)1 << (bits - 1)), bits - 1);
}

static void put_all(struct coder *c, const uint8_t *in, size_t n)
{
	static size_t last[65536];
	memset(last, 0, sizeof last);
	bool matched = false;
	for (size_t i = 0; i < n;) {
		size_t same = 0, from = 0;
		if (i + 3 <= n) {
			size_t key = (in[i] * 7919u + in[i + 1] * 104729u + in[i + 2] * 31u) % 65536;
			from = last[key];
			last[key] = i + 1;
			while (from && i - (from - 1) <= c->back_max && i + same < n && same < 30000 && in[from - 1 + same] == in[i + same])
				same++;
		}
		const struct codes *codes = matched ? &c->second : &c->first;
		matched = same >= 3;
		if (matched)
			put_match(c, codes, i - (from - 1), same);
		else
			put_code(&c->w, codes, in[i]);
		i += matched ? same : 1;
	}
}

/* kind 0: codes that are written, two of them; 6: one for both; others: the five kinds. */
static size_t write13(const uint8_t *in, size_t n, unsigned kind, uint8_t *out)
{
	static struct coder c;
	c = (struct coder){ .w = { out, 0 } };
	memset(out, 0, PACKED);
	if (kind == 0 || kind == 6) {
		put_low(&c.w, kind ? 0x0f : 0x07, 8);
		write_codes(&c.w, &c.first, STUFFIT13_SYMBOLS, 1);
		c.second = c.first;
		if (!kind)
			write_codes(&c.w, &c.second, STUFFIT13_SYMBOLS, 0);
		write_codes(&c.w, &c.offsets, 17, 0);
		c.back_max = 65536;
	} else {
		const struct stuffit13_preset *p = &stuffit13_presets[kind - 1];
		put_low(&c.w, kind << 4, 8);
		preset_codes(&c.first, p->first);
		preset_codes(&c.second, p->second);
		preset_codes(&c.offsets, p->offsets);
		c.back_max = (size_t)1 << (strlen(p->offsets) - 1);
	}
	put_all(&c, in, n);
	return (c.w.at + 7) / 8;
}

/* ---- method 15 ---- */

struct model {
	unsigned n, first, step, limit, frequency[128];
};

struct arithmetic {
	uint8_t *out;
	size_t at; /* bits that are out */
	uint32_t low, range;
	struct model initial, selector, mtf[7];
};

static void model_reset(struct model *m)
{
	for (unsigned i = 0; i < m->n; i++)
		m->frequency[i] = m->step;
}

static struct model model_new(unsigned first, unsigned last, unsigned step, unsigned limit)
{
	struct model m = { last - first + 1, first, step, limit, { 0 } };
	model_reset(&m);
	return m;
}

/* The bit before one that overflows is one more, and so on. */
static void carry(struct arithmetic *a)
{
	for (size_t i = a->at; i--;) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);
		a->out[i / 8] ^= bit;
		if (a->out[i / 8] & bit)
			return;
	}
}

static void shift(struct arithmetic *a)
{
	if (a->low >> 25 & 1)
		a->out[a->at / 8] |= (uint8_t)(0x80 >> a->at % 8);
	a->at++;
	a->low = a->low << 1 & 0x3ffffff;
}

static void put_symbol(struct arithmetic *a, struct model *m, unsigned symbol)
{
	unsigned total = 0, below = 0, i = symbol - m->first;
	assert_true(i < m->n);
	for (unsigned k = 0; k < m->n; k++) {
		below += k < i ? m->frequency[k] : 0;
		total += m->frequency[k];
	}
	uint32_t unit = a->range / total;
	a->low += unit * below;
	if (a->low >> 26) {
		carry(a);
		a->low &= 0x3ffffff;
	}
	a->range = i == m->n - 1 ? a->range - unit * below : unit * m->frequency[i];
	while (a->range <= 1u << 24) {
		a->range *= 2;
		shift(a);
	}
	m->frequency[i] += m->step;
	if (total + m->step > m->limit)
		for (unsigned k = 0; k < m->n; k++)
			m->frequency[k] = (m->frequency[k] + 1) / 2;
}

static void put_number(struct arithmetic *a, uint32_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put_symbol(a, &a->initial, v >> i & 1);
}

static const uint8_t *rotated;
static size_t rotated_n;

static int by_rotation(const void *a, const void *b)
{
	size_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	for (size_t i = 0; i < rotated_n; i++) {
		int d = rotated[(x + i) % rotated_n] - rotated[(y + i) % rotated_n];
		if (d)
			return d;
	}
	return x < y ? -1 : x > y;
}

static void put_run(struct arithmetic *a, size_t *run)
{
	for (; *run; *run = (*run - 1) / 2)
		put_symbol(a, &a->selector, *run % 2 ? 0 : 1);
}

static void put_moved(struct arithmetic *a, const uint8_t *sorted, size_t n)
{
	uint8_t order[256];
	size_t run = 0;
	for (unsigned i = 0; i < 256; i++)
		order[i] = (uint8_t)i;
	for (size_t i = 0; i < n; i++) {
		unsigned place = 0, group = 0;
		while (order[place] != sorted[i])
			place++;
		memmove(order + 1, order, place);
		order[0] = sorted[i];
		if (!place) {
			run++;
			continue;
		}
		put_run(a, &run);
		while (place >> (group + 1))
			group++;
		put_symbol(a, &a->selector, 2 + group);
		if (group)
			put_symbol(a, &a->mtf[group - 1], place);
	}
	put_run(a, &run);
	put_symbol(a, &a->selector, 10);
}

/* Behind four that are the same stands how many more there are. */
static size_t shorten(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t made = 0, same = 0;
	int before = 0;
	for (size_t i = 0; i < n;) {
		same = in[i] == before ? same + 1 : 1;
		before = out[made++] = in[i++];
		if (same == 4) {
			size_t more = 0;
			while (i < n && more < 255 && in[i] == before)
				more++, i++;
			out[made++] = (uint8_t)more;
			same = 0;
		}
	}
	return made;
}

static void put_block(struct arithmetic *a, const uint8_t *in, size_t n, unsigned bits, bool randomized)
{
	static uint8_t made[2 * PLAIN], sorted[2 * PLAIN];
	static uint32_t order[2 * PLAIN];
	uint32_t start = 0;
	rotated = made;
	rotated_n = shorten(in, n, made);
	size_t at = stuffit_randomization[0];
	for (unsigned i = 0; randomized && at < rotated_n; at += stuffit_randomization[i]) {
		made[at] ^= 1;
		i = (i + 1) % 256;
	}
	for (uint32_t i = 0; i < rotated_n; i++)
		order[i] = i;
	qsort(order, rotated_n, sizeof *order, by_rotation);
	for (uint32_t i = 0; i < rotated_n; i++) {
		sorted[i] = made[(order[i] + rotated_n - 1) % rotated_n];
		start = order[i] ? start : i;
	}
	put_symbol(a, &a->initial, randomized);
	put_number(a, start, bits);
	put_moved(a, sorted, rotated_n);
	model_reset(&a->selector);
	for (unsigned i = 0; i < 7; i++)
		model_reset(&a->mtf[i]);
}

static size_t write15(const uint8_t *in, size_t n, bool randomized, uint8_t *out)
{
	static struct arithmetic a;
	size_t block = randomized ? n : 20000;
	memset(out, 0, PACKED);
	a = (struct arithmetic){ .out = out, .range = 1u << 25 };
	a.initial = model_new(0, 1, 1, 256);
	a.selector = model_new(0, 10, 8, 1024);
	for (unsigned i = 0; i < 7; i++)
		a.mtf[i] = model_new(2u << i, (4u << i) - 1, i == 0 ? 8 : i < 4 ? 4 : i < 6 ? 2 : 1, 1024);
	put_number(&a, 'A', 8);
	put_number(&a, 's', 8);
	put_number(&a, 17 - 9, 4);
	put_symbol(&a, &a.initial, 0);
	for (size_t i = 0; i < n; i += block) {
		put_block(&a, in + i, n - i < block ? n - i : block, 17, randomized);
		put_symbol(&a, &a.initial, i + block >= n);
	}
	put_number(&a, (uint32_t)crc32(0, in, (unsigned)n), 32);
	for (unsigned i = 0; i < 64; i++)
		shift(&a);
	return a.at / 8;
}

/* ---- archives ---- */

static void put_be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static size_t add_file(uint8_t *p, const char *name, unsigned method, const uint8_t *packed, size_t n, const uint8_t *plain, size_t size)
{
	memset(p, 0, 112);
	p[1] = (uint8_t)method, p[2] = (uint8_t)strlen(name);
	memcpy(p + 3, name, strlen(name));
	put_be(p + 88, size, 4);
	put_be(p + 96, n, 4);
	put_be(p + 102, method == 15 ? 0 : hash_crc16(0xa001, 0, span_of(plain, size)), 2);
	put_be(p + 110, hash_crc16(0xa001, 0, span_of(p, 110)), 2);
	memcpy(p + 112, packed, n);
	return 112 + n;
}

static const char *const names[FILES] = { "written", "first", "second", "third", "fourth", "fifth", "one", "sorted", "changed", "small" };

static size_t make_archive(uint8_t *sit, const uint8_t *plain, size_t size)
{
	static uint8_t packed[PACKED];
	size_t n = 22;
	memset(sit, 0, 22);
	for (unsigned kind = 0; kind < 7; kind++) {
		size_t made = write13(plain, size, kind, packed);
		n += add_file(sit + n, names[kind], 13, packed, made, plain, size);
	}
	n += add_file(sit + n, names[7], 15, packed, write15(plain, size, false, packed), plain, size);
	n += add_file(sit + n, names[8], 15, packed, write15(plain, size, true, packed), plain, size);
	n += add_file(sit + n, names[9], 15, packed, write15(plain, 5, false, packed), plain, 5);
	memcpy(sit, "SIT!\0\3\0\0\0\0rLau\1", 15);
	put_be(sit + 6, n, 4);
	return n;
}

static void test_methods(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN], sit[FILES * PACKED];
	char dir[TEMP_MAX];
	make_plain(plain, sizeof plain);
	size_t n = make_archive(sit, plain, sizeof plain);
	struct walked t;
	walked_open(&t, &stuffit_format, span_of(sit, n));
	assert_true(t.accepted);
	assert_int_equal(t.n, FILES);
	for (unsigned i = 0; i < FILES; i++) {
		char path[16];
		snprintf(path, sizeof path, "/%s", names[i]);
		assert_content(&t, path, plain, i < 9 ? sizeof plain : 5);
	}
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	walked_close(&t);
	temp_new(dir);
	if (tool_exists("unar")) {
		file_save(dir, "x.sit", span_of(sit, n));
		file_save(dir, "plain", span_of(plain, sizeof plain));
		run_in(dir, "unar -q -D -k skip -o out x.sit > /dev/null && for f in written first second third fourth fifth one sorted changed; do "
					"cmp out/$f plain || exit 1; done && head -c 5 plain | cmp - out/small");
	}
	temp_remove(dir);
}

/* Of small ones each bit: a CRC sees most. */
static void test_damage(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN], sit[FILES * PACKED];
	make_plain(plain, sizeof plain);
	size_t n = make_archive(sit, plain, 700);
	survives_cuts(&stuffit_format, span_of(sit, n), 200);
	survives_flips(&stuffit_format, span_of(sit, n), 1000, 0);
	for (size_t at = 22 + 112 + 100; at < n; at += 997) {
		struct walked t;
		sit[at] ^= 4;
		walked_open(&t, &stuffit_format, span_of(sit, n));
		assert_true(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated") > 0 || t.n < FILES);
		walked_close(&t);
		sit[at] ^= 4;
	}
}

int main(void)
{
	unsetenv("MALLOC_PERTURB_"); /* unar reads what it has not written */
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_methods), cmocka_unit_test(test_damage) };
	return cmocka_run_group_tests_name("stuffit_methods", tests, NULL, NULL);
}
