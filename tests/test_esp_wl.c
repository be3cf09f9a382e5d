/* SPDX-License-Identifier: GPL-3.0-or-later */
/* esp_wl: volumes that a simulation of ESP-IDF's wear levelling has moved about, as its documentation describes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format esp_wl_format;

#define PAGE 4096u
#define PAGES 40u                          /* that the file system has */
#define STATE_AT ((PAGES + 1) * PAGE)      /* behind them and the unused one */
#define TOTAL ((PAGES + 1 + 2 + 1) * PAGE) /* two copies of the state, the configuration */
#define DEVICE 0xdeadbeefu

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

/* Bit by bit; starts with no bit set, ends inverted. */
static uint32_t crc_of(const uint8_t *p, size_t n)
{
	uint32_t crc = 0;
	for (; n; n--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

struct flash {
	uint8_t bytes[TOTAL], volume[PAGES * PAGE];
	unsigned pos, moves;
};

static void write_state(struct flash *f)
{
	for (unsigned copy = 0; copy < 2; copy++) {
		uint8_t *s = f->bytes + STATE_AT + copy * PAGE;
		memset(s, 0xff, PAGE);
		memset(s, 0, 64);
		put32(s + 4, PAGES + 1);
		put32(s + 8, f->moves);
		put32(s + 16, 16);
		put32(s + 20, PAGE);
		put32(s + 24, 2);
		put32(s + 28, DEVICE);
		put32(s + 60, crc_of(s, 60));
	}
}

static void flash_new(struct flash *f, bool crc_behind)
{
	uint8_t *c = f->bytes + TOTAL - PAGE;
	uint32_t x = 1;
	for (size_t i = 0; i < sizeof f->volume; i++)
		f->volume[i] = (uint8_t)((x = x * 1103515245 + 12345) >> 16);
	f->pos = f->moves = 0;
	memset(f->bytes, 0xff, TOTAL);
	memcpy(f->bytes + PAGE, f->volume, sizeof f->volume);
	write_state(f);
	memset(c, 0, 56);
	put32(c + 4, TOTAL);
	put32(c + 8, PAGE);
	put32(c + 12, PAGE);
	put32(c + 16, 16);
	put32(c + 20, 16);
	put32(c + 24, 2);
	put32(c + 28, 32);
	put32(c + (crc_behind ? 52 : 32), crc_of(c, crc_behind ? 52 : 32));
}

/* The page behind the unused one moves into it; a record says so. */
static void flash_move(struct flash *f)
{
	unsigned next = f->pos + 1 > PAGES ? 0 : f->pos + 1;
	memcpy(f->bytes + f->pos * PAGE, f->bytes + next * PAGE, PAGE);
	memset(f->bytes + next * PAGE, 0x5a, PAGE);
	for (unsigned copy = 0; copy < 2; copy++)
		for (unsigned k = 0; k < 4; k++) {
			uint8_t word[4];
			put32(word, DEVICE + f->pos * 4 + k);
			put32(f->bytes + STATE_AT + copy * PAGE + 64 + 16 * f->pos + 4 * k, crc_of(word, 4));
		}
	if (++f->pos > PAGES) {
		f->pos = 0;
		if (++f->moves >= PAGES)
			f->moves = 0;
		write_state(f);
	}
}

static void expect_volume(struct span bytes, const struct flash *f)
{
	struct format_match m = { .size = SIZE_UNKNOWN };
	struct buf out = { 0 };
	size_t used = 0;
	assert_true(esp_wl_format.probe(bytes, &m));
	assert_int_equal(m.size, TOTAL);
	struct error e = esp_wl_format.unpack(bytes, &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, TOTAL);
	assert_int_equal(out.n, sizeof f->volume);
	assert_memory_equal(out.p, f->volume, out.n);
	buf_free(&out);
}

static void test_moves(void **state)
{
	(void)state;
	static struct flash f;
	for (unsigned variant = 0; variant < 2; variant++) {
		flash_new(&f, variant);
		for (unsigned i = 0; i < 3 * PAGES * PAGES; i++) {
			if (i < 200 || i % 97 == 0)
				expect_volume(span_of(f.bytes, TOTAL), &f);
			flash_move(&f);
		}
	}
}

static void test_broken(void **state)
{
	(void)state;
	static struct flash f;
	struct format_match m;
	struct span all = span_of(f.bytes, TOTAL);
	flash_new(&f, false);
	for (unsigned i = 0; i < 100; i++)
		flash_move(&f);
	f.bytes[STATE_AT + 8] ^= 1; /* one of the two copies */
	expect_volume(all, &f);
	f.bytes[STATE_AT + PAGE + 8] ^= 1;
	assert_false(esp_wl_format.probe(all, &m));
	write_state(&f);
	assert_false(esp_wl_format.probe(span_clip(all, 0, TOTAL - 1), &m));
	f.bytes[TOTAL - PAGE + 5] ^= 1;
	assert_false(esp_wl_format.probe(all, &m));
	/* A configuration whose CRC is right and whose sizes are not. */
	static const struct {
		unsigned at;
		uint32_t value;
	} hostile[] = { { 4, 0 },  { 4, 0xffffffff }, { 8, 0 },  { 8, 0xfffff000 },
					{ 12, 0 }, { 12, 1 },         { 20, 0 }, { 20, 4095 } };
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		uint8_t *c = f.bytes + TOTAL - PAGE;
		flash_new(&f, false);
		put32(c + hostile[i].at, hostile[i].value);
		put32(c + 32, crc_of(c, 32));
		assert_false(esp_wl_format.probe(all, &m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_broken),
	};
	return cmocka_run_group_tests_name("esp_wl", tests, NULL, NULL);
}
