/* SPDX-License-Identifier: GPL-3.0-or-later */
/* littlefs: the examples of the specification of version 1, and images written here after the specifications of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "walked.h"

extern const struct format littlefs_format;

static struct {
	uint8_t p[1 << 20];
	size_t n;
	uint32_t size, count, next; /* of blocks; the next free one */
} l;

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void put32be(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Bit by bit after the polynomial, to have a CRC that shares nothing with the one under test. */
static uint32_t crc(const uint8_t *p, size_t n)
{
	uint32_t c = 0xffffffff;
	for (; n; n--, p++) {
		c ^= *p;
		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
	}
	return c;
}

static void image_new(uint32_t size, uint32_t count)
{
	l.size = size;
	l.count = count;
	l.n = (size_t)size * count;
	l.next = 2;
	assert_true(l.n <= sizeof l.p);
	memset(l.p, 0xff, sizeof l.p);
}

static uint8_t *block(uint32_t i)
{
	return l.p + (size_t)i * l.size;
}

/* ---- version 2: a metadata block ---- */

struct meta {
	uint8_t *p;
	size_t at, start;
	uint32_t previous;
};

static struct meta meta_new(uint32_t i, uint32_t revision)
{
	memset(block(i), 0xff, l.size);
	put32(block(i), revision);
	return (struct meta){ block(i), 4, 0, 0xffffffff };
}

static void tag(struct meta *m, uint32_t type, uint32_t id, const void *data, size_t n)
{
	uint32_t t = type << 20 | id << 10 | (uint32_t)n;
	put32be(m->p + m->at, t ^ m->previous);
	if (n)
		memcpy(m->p + m->at + 4, data, n);
	m->previous = t;
	m->at += 4 + n;
	assert_true(m->at + 32 <= l.size);
}

/* Ends a commit, padded to programs of 16 bytes. */
static void commit(struct meta *m, bool state)
{
	size_t end = (m->at + 8 + 15) / 16 * 16;
	uint32_t t = (0x500u | state) << 20 | 0x3ffu << 10 | (uint32_t)(end - m->at - 4);
	put32be(m->p + m->at, t ^ m->previous);
	put32(m->p + m->at + 4, crc(m->p + m->start, m->at + 4 - m->start));
	m->previous = t ^ (state ? 0x80000000 : 0);
	m->start = m->at = end;
}

static void fcrc(struct meta *m)
{
	uint8_t data[8];
	put32(data, 16);
	memset(data + 4, 0xab, 4); /* only writers ask whether it is right */
	tag(m, 0x5ff, 0x3ff, data, 8);
}

static void superblock(struct meta *m, bool create)
{
	uint8_t s[24];
	put32(s, 0x00020001);
	put32(s + 4, l.size);
	put32(s + 8, l.count);
	put32(s + 12, 255);
	put32(s + 16, 0x7fffffff);
	put32(s + 20, 1022);
	if (create)
		tag(m, 0x401, 0, NULL, 0);
	tag(m, 0x0ff, 0, "littlefs", 8);
	tag(m, 0x201, 0, s, 24);
}

static void inline_file(struct meta *m, uint32_t id, const char *name, const char *s)
{
	tag(m, 0x001, id, name, strlen(name));
	tag(m, 0x201, id, s, strlen(s));
}

static void pair_tag(struct meta *m, uint32_t type, uint32_t id, uint32_t a, uint32_t b)
{
	uint8_t data[8];
	put32(data, a);
	put32(data + 4, b);
	tag(m, type, id, data, 8);
}

static void directory(struct meta *m, uint32_t id, const char *name, uint32_t a, uint32_t b)
{
	tag(m, 0x002, id, name, strlen(name));
	pair_tag(m, 0x200, id, a, b);
}

static uint8_t content[300000];

static void fill(void)
{
	uint64_t x = 7;
	for (size_t i = 0; i < sizeof content; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		content[i] = (uint8_t)x;
	}
}

/* A skip list, block by block; gives its head. */
static uint32_t ctz(const uint8_t *p, size_t n)
{
	uint32_t blocks[4096], count = 0;
	for (size_t done = 0; done < n; count++) {
		uint32_t b = l.next++;
		size_t at = 0;
		assert_true(b < l.count && count < 4096);
		blocks[count] = b;
		for (uint32_t x = 0; count && count % (1u << x) == 0; x++, at += 4)
			put32(block(b) + at, blocks[count - (1u << x)]);
		size_t part = l.size - at < n - done ? l.size - at : n - done;
		memcpy(block(b) + at, p + done, part);
		done += part;
	}
	return count ? blocks[count - 1] : 0xffffffff;
}

static void ctz_file(struct meta *m, uint32_t id, const char *name, const uint8_t *p, size_t n)
{
	tag(m, 0x001, id, name, strlen(name));
	pair_tag(m, 0x202, id, ctz(p, n), (uint32_t)n);
}

static void open_image(struct walked *t)
{
	walked_open(t, &littlefs_format, span_of(l.p, l.n));
	assert_true(t->accepted);
	assert_false(error_is(&t->error));
}

/* Two directories, one of them of two pairs; files in them. */
static void make_tree(bool second_block)
{
	struct meta m = meta_new(second_block ? 1 : 0, 7);
	uint32_t a = l.next, b = l.next + 2, c = l.next + 4;
	l.next += 6;
	superblock(&m, false);
	inline_file(&m, 1, "a.txt", "alpha");
	tag(&m, 0x374, 1, "time", 4);
	directory(&m, 2, "dir", a, a + 1);
	ctz_file(&m, 3, "one-block", content, 100);
	ctz_file(&m, 4, "two", content + 1, l.size + 1);
	ctz_file(&m, 5, "zarge", content + 2, 40000);
	pair_tag(&m, 0x600, 0x3ff, a, a + 1);
	fcrc(&m);
	commit(&m, false);
	m = meta_new(a + 1, 1);
	directory(&m, 0, "empty", c, c + 1);
	inline_file(&m, 1, "m", "");
	pair_tag(&m, 0x601, 0x3ff, b + 1, b);
	commit(&m, true);
	m = meta_new(b, 1);
	inline_file(&m, 0, "n", "november");
	pair_tag(&m, 0x600, 0x3ff, c, c + 1);
	commit(&m, false);
	m = meta_new(c, 1);
	commit(&m, false);
}

static void expect_tree(const struct walked *t)
{
	assert_int_equal(fact_list_count(&t->facts, FACT_damage), 0);
	assert_int_equal(t->n, 8);
	assert_text(t, "/a.txt", "alpha");
	assert_int_equal(walked_get(t, "/dir")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(t, "/dir/empty")->e.kind, ENTRY_DIRECTORY);
	assert_text(t, "/dir/m", "");
	assert_text(t, "/dir/n", "november");
	assert_content(t, "/one-block", content, 100);
	assert_content(t, "/two", content + 1, l.size + 1);
	assert_content(t, "/zarge", content + 2, 40000);
}

static void test_tree(void **state)
{
	(void)state;
	static const uint32_t sizes[] = { 256, 512, 4096, 16384, 1000 };
	fill();
	for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
		uint32_t size = sizes[i / 2];
		if (i % 2 && size == 1000)
			continue; /* where the first block is gone, the second one is looked for at powers of two */
		image_new(size, size < 1000 ? 300 : 60);
		make_tree(i % 2);
		struct walked t;
		open_image(&t);
		assert_int_equal(t.match.size, l.n);
		assert_string_equal(walked_header(&t, "version"), "2.1");
		expect_tree(&t);
		walked_close(&t);
	}
}

/* Reads of parts, at all places. */
static void test_skip_list(void **state)
{
	(void)state;
	fill();
	for (unsigned i = 0; i < 3; i++) {
		image_new(i == 0 ? 128 : i == 1 ? 512 : 4096, i == 0 ? 3000 : i == 1 ? 1000 : 100);
		struct meta m = meta_new(0, 1);
		superblock(&m, true);
		commit(&m, false); /* the magic is at 12 here */
		size_t n = i == 2 ? sizeof content : 200000 + i;
		ctz_file(&m, 1, "f", content, n);
		commit(&m, true);
		struct walked t;
		open_image(&t);
		assert_content(&t, "/f", content, n);
		const struct content *c = &walked_get(&t, "/f")->e.content;
		uint8_t out[8192];
		for (uint64_t at = 0; at < n; at += c->block_size) {
			size_t part = n - at < sizeof out ? n - at : at % 3 ? c->block_size : sizeof out;
			struct error error = c->ops->read(c->fs, c->file, at, out, part < n - at ? part : n - at);
			assert_false(error_is(&error));
			assert_memory_equal(out, content + at, part < n - at ? part : n - at);
		}
		walked_close(&t);
	}
}

static void test_commits(void **state)
{
	(void)state;
	image_new(4096, 20);
	struct meta m = meta_new(0, 0xffffffff); /* the next revision is 0 */
	superblock(&m, false);
	inline_file(&m, 1, "old", "old");
	commit(&m, false);
	m = meta_new(1, 0);
	superblock(&m, false);
	inline_file(&m, 1, "b", "bravo");
	inline_file(&m, 2, "d", "delta");
	commit(&m, true);
	tag(&m, 0x401, 2, NULL, 0); /* between them */
	inline_file(&m, 2, "c", "charlie");
	commit(&m, false);
	tag(&m, 0x201, 1, "bravo!", 6);
	tag(&m, 0x4ff, 3, NULL, 0);
	commit(&m, true);
	size_t end = m.at;
	tag(&m, 0x4ff, 1, NULL, 0); /* not finished: its CRC is not written */
	struct walked t;
	open_image(&t);
	assert_int_equal(t.n, 2);
	assert_text(&t, "/b", "bravo!");
	assert_text(&t, "/c", "charlie");
	walked_close(&t);
	block(1)[end - 20] ^= 1; /* the last commit is broken: the one before it counts */
	open_image(&t);
	assert_int_equal(t.n, 3);
	assert_text(&t, "/b", "bravo");
	assert_text(&t, "/d", "delta");
	walked_close(&t);
	block(1)[5] ^= 1; /* the first too: the other block counts */
	open_image(&t);
	assert_int_equal(t.n, 1);
	assert_text(&t, "/old", "old");
	walked_close(&t);
}

static void test_moves(void **state)
{
	(void)state;
	uint8_t delta[12], other[12];
	for (unsigned i = 0; i < 12; i++)
		other[i] = (uint8_t)(i * 17);
	image_new(512, 20);
	put32(delta, 0x4ffu << 20 | 1u << 10); /* entry 1 of the pair 4, 5 is being moved */
	put32(delta + 4, 5);
	put32(delta + 8, 4);
	for (unsigned i = 0; i < 12; i++)
		delta[i] ^= other[i];
	struct meta m = meta_new(0, 1);
	superblock(&m, false);
	directory(&m, 1, "dir", 4, 5);
	inline_file(&m, 2, "moved-here", "text");
	pair_tag(&m, 0x600, 0x3ff, 4, 5);
	tag(&m, 0x7ff, 0x3ff, "stale-state!", 12);
	tag(&m, 0x7ff, 0x3ff, delta, 12);
	commit(&m, false);
	m = meta_new(4, 1);
	inline_file(&m, 0, "stays", "text");
	inline_file(&m, 1, "was-here", "text");
	tag(&m, 0x7ff, 0x3ff, other, 12);
	commit(&m, false);
	struct walked t;
	open_image(&t);
	assert_int_equal(t.n, 3);
	assert_true(walked_has(&t, "/dir/stays"));
	assert_true(walked_has(&t, "/moved-here"));
	walked_close(&t);
}

/* ---- version 1 ---- */

/* From the specification, byte by byte, but for the CRC of the first, which is that of some other superblock there. */
static const uint8_t spec_superblock[] = {
	0x03, 0x00, 0x00, 0x00, 0x34, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x2e, 0x14,
	0x00, 0x08, 0x03, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00,
	0x01, 0x00, 0x01, 0x00, 0x6c, 0x69, 0x74, 0x74, 0x6c, 0x65, 0x66, 0x73, 0x68, 0x96, 0x3b, 0xc8,
};
static const uint8_t spec_directory[] = {
	0x0a, 0x00, 0x00, 0x00, 0x9a, 0x00, 0x00, 0x00, 0x25, 0x00, 0x00, 0x00, 0x24, 0x00, 0x00, 0x00, 0x22, 0x08,
	0x00, 0x03, 0x05, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x74, 0x65, 0x61, 0x22, 0x08, 0x00, 0x06, 0x07,
	0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x63, 0x6f, 0x66, 0x66, 0x65, 0x65, 0x22, 0x08, 0x00, 0x04, 0x09,
	0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x73, 0x6f, 0x64, 0x61, 0x22, 0x08, 0x00, 0x05, 0x1d, 0x00, 0x00,
	0x00, 0x1c, 0x00, 0x00, 0x00, 0x6d, 0x69, 0x6c, 0x6b, 0x31, 0x22, 0x08, 0x00, 0x05, 0x1f, 0x00, 0x00, 0x00,
	0x1e, 0x00, 0x00, 0x00, 0x6d, 0x69, 0x6c, 0x6b, 0x32, 0x22, 0x08, 0x00, 0x05, 0x21, 0x00, 0x00, 0x00, 0x20,
	0x00, 0x00, 0x00, 0x6d, 0x69, 0x6c, 0x6b, 0x33, 0x22, 0x08, 0x00, 0x05, 0x23, 0x00, 0x00, 0x00, 0x22, 0x00,
	0x00, 0x00, 0x6d, 0x69, 0x6c, 0x6b, 0x34, 0x22, 0x08, 0x00, 0x05, 0x25, 0x00, 0x00, 0x00, 0x24, 0x00, 0x00,
	0x00, 0x6d, 0x69, 0x6c, 0x6b, 0x35, 0x06, 0x31, 0x6e, 0xc8,
};

static void test_examples(void **state)
{
	(void)state;
	image_new(512, 1024);
	memcpy(block(1), spec_superblock, sizeof spec_superblock); /* both blocks are written */
	memcpy(block(0), spec_superblock, sizeof spec_superblock);
	memcpy(block(2), spec_directory, sizeof spec_directory);
	struct walked t;
	open_image(&t);
	assert_int_equal(t.match.size, 512 * 1024);
	assert_string_equal(walked_header(&t, "version"), "1.1");
	assert_int_equal(t.n, 8);
	assert_int_equal(walked_get(&t, "/tea")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(&t, "/milk5")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_damage(&t, "corrupt"), 8); /* none of the directories is in the example */
	walked_close(&t);
}

struct v1 {
	uint8_t *p;
	size_t at;
};

static struct v1 v1_new(uint32_t i, uint32_t revision, uint32_t tail)
{
	put32(block(i), revision);
	put32(block(i) + 8, tail);
	put32(block(i) + 12, tail == 0xffffffff ? tail : tail + 1);
	return (struct v1){ block(i), 16 };
}

static void v1_entry(struct v1 *d, uint8_t type, const char *name, uint32_t a, uint32_t b)
{
	uint8_t *p = d->p + d->at;
	p[0] = type;
	p[1] = 8;
	p[2] = 3; /* attributes */
	p[3] = (uint8_t)strlen(name);
	put32(p + 4, a);
	put32(p + 8, b);
	memcpy(p + 12, "\xc2\xb4\1", 3);
	memcpy(p + 15, name, p[3]);
	d->at += 15u + p[3];
}

static void v1_end(struct v1 *d, bool continues)
{
	put32(d->p + 4, (uint32_t)(d->at + 4) | (continues ? 0x80000000 : 0));
	put32(d->p + d->at, crc(d->p, d->at));
}

static void test_version_1(void **state)
{
	(void)state;
	fill();
	image_new(512, 1024);
	l.next = 20;
	memcpy(block(0), spec_superblock, sizeof spec_superblock);
	struct v1 d = v1_new(3, 5, 6);
	v1_entry(&d, 0x11, "large", ctz(content, 30000), 30000);
	v1_entry(&d, 0x11, "empty", 0xffffffff, 0);
	v1_entry(&d, 0x22, "sub", 8, 9);
	v1_end(&d, true);
	d = v1_new(2, 4, 6); /* an older revision */
	v1_entry(&d, 0x11, "old", 0xffffffff, 0);
	v1_end(&d, false);
	d = v1_new(6, 1, 8); /* goes on with the root */
	v1_entry(&d, 0x11, "more", ctz(content + 7, 77), 77);
	v1_entry(&d, 0x91, "moved", ctz(content + 9, 99), 99);
	uint32_t moved = l.next - 1;
	v1_entry(&d, 0x91, "still-here", ctz(content + 8, 88), 88);
	v1_end(&d, false);
	d = v1_new(9, 1, 0xffffffff);
	v1_entry(&d, 0x11, "moved-to", moved, 99);
	v1_end(&d, false);
	struct walked t;
	open_image(&t);
	assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
	assert_int_equal(t.n, 6);
	assert_content(&t, "/large", content, 30000);
	assert_content(&t, "/empty", content, 0);
	assert_content(&t, "/more", content + 7, 77);
	assert_content(&t, "/still-here", content + 8, 88);
	assert_content(&t, "/sub/moved-to", content + 9, 99);
	walked_close(&t);
	survives_cuts(&littlefs_format, span_of(l.p, 512 * 40), 300);
	survives_flips(&littlefs_format, span_of(l.p, 512 * 40), 3000, 512 * 10);
}

/* ---- hostile ---- */

static void test_cycles(void **state)
{
	(void)state;
	image_new(512, 20);
	struct meta m = meta_new(0, 1);
	superblock(&m, false);
	directory(&m, 1, "root", 0, 1);
	directory(&m, 2, "dir", 4, 5);
	directory(&m, 3, "again", 5, 4);
	directory(&m, 4, "nowhere", 0xfffffff0, 7);
	tag(&m, 0x001, 5, "..", 2);
	tag(&m, 0x201, 5, "x", 1);
	pair_tag(&m, 0x601, 0x3ff, 4, 5);
	commit(&m, false);
	m = meta_new(4, 1);
	directory(&m, 0, "up", 0, 1);
	pair_tag(&m, 0x601, 0x3ff, 4, 5);
	commit(&m, false);
	struct walked t;
	open_image(&t);
	assert_int_equal(t.n, 6);
	assert_text(&t, "/..", "x");
	assert_true(walked_has(&t, "/dir/up"));
	assert_true(walked_damage(&t, "corrupt") >= 4);
	walked_close(&t);
}

static void test_broken_lists(void **state)
{
	(void)state;
	fill();
	image_new(512, 100);
	struct meta m = meta_new(0, 1);
	superblock(&m, false);
	tag(&m, 0x001, 1, "beyond", 6);
	pair_tag(&m, 0x202, 1, 5000, 600);
	tag(&m, 0x001, 2, "huge", 4);
	pair_tag(&m, 0x202, 2, 3, 0xffffffff);
	tag(&m, 0x001, 3, "broken", 6);
	uint32_t first = l.next;
	pair_tag(&m, 0x202, 3, ctz(content, 3000), 3000);
	put32(block(first + 3), 0x1000);
	tag(&m, 0x001, 4, "no-struct", 9);
	commit(&m, false);
	struct walked t;
	open_image(&t);
	assert_int_equal(t.n, 4);
	assert_int_equal(walked_get(&t, "/beyond")->error.code, ERR_CORRUPT);
	assert_true(error_is(&walked_get(&t, "/huge")->error));
	const struct walked_entry *w = walked_get(&t, "/broken");
	assert_int_equal(w->error.code, ERR_CORRUPT);
	uint8_t out[512]; /* what lies behind the broken pointer is still read */
	struct error error = w->e.content.ops->read(w->e.content.fs, w->e.content.file, 2560, out, 440);
	assert_false(error_is(&error));
	assert_memory_equal(out, content + 2560, 440);
	assert_int_equal(walked_get(&t, "/no-struct")->e.size, 0);
	walked_close(&t);
}

/* As many ids as tags can name, created at the front, then too many of them. */
static void test_many_ids(void **state)
{
	(void)state;
	image_new(65536, 4);
	struct meta m = meta_new(0, 1);
	superblock(&m, false);
	for (unsigned i = 0; i < 2000; i++) {
		tag(&m, 0x401, 1, NULL, 0);
		inline_file(&m, 1, "n", "x");
	}
	for (unsigned i = 0; i < 1500; i++)
		tag(&m, 0x4ff, 1 + i % 3, NULL, 0);
	tag(&m, 0x001, 0x3ff, "none", 4);
	commit(&m, false);
	struct walked t;
	open_image(&t);
	assert_true(t.n < 1023);
	walked_close(&t);
}

static void test_survives(void **state)
{
	(void)state;
	fill();
	image_new(512, 300);
	make_tree(false);
	survives_cuts(&littlefs_format, span_of(l.p, 512 * 20), 400);
	survives_flips(&littlefs_format, span_of(l.p, l.n), 1000, 512 * 10);
	for (unsigned i = 0; i < 3000; i++) { /* with CRCs that are right */
		image_new(256, 300);
		make_tree(false);
		static uint64_t x = 99;
		for (unsigned k = 0; k < 3; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			l.p[4 + x % 230] ^= (uint8_t)(1u << (x >> 32) % 8);
		}
		size_t end = 0;
		for (size_t at = 8; at < 250 && !end; at++) /* where the commit's CRC stood */
			end = memcmp(block(0) + at, "\xff\xff\xff\xff\xff\xff\xff\xff", 8) == 0 ? at : 0;
		if (end > 12)
			put32(block(0) + end - 4, crc(block(0), end - 4));
		struct walked t;
		walked_open(&t, &littlefs_format, span_of(l.p, l.n));
		walked_close(&t);
	}
}

static void test_refused(void **state)
{
	(void)state;
	struct format_match m;
	fill();
	image_new(512, 300);
	make_tree(false);
	assert_true(littlefs_format.probe(span_of(l.p, l.n), &m));
	block(0)[30] ^= 1;
	assert_false(littlefs_format.probe(span_of(l.p, l.n), &m));
	memcpy(l.p, "12345678littlefs is a file system, and this a text about it......littlefs", 74);
	assert_false(littlefs_format.probe(span_of(l.p, l.n), &m));
}

/* For the fuzzer. */
static int write_seeds(const char *folder)
{
	fill();
	image_new(512, 120);
	make_tree(false);
	file_save(folder, "version-2", span_of(l.p, l.n));
	image_new(512, 120);
	memcpy(block(0), spec_superblock, sizeof spec_superblock);
	memcpy(block(2), spec_directory, sizeof spec_directory);
	file_save(folder, "version-1", span_of(l.p, 512 * 10));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--seeds") == 0)
		return write_seeds(argv[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),     cmocka_unit_test(test_skip_list),    cmocka_unit_test(test_commits),
		cmocka_unit_test(test_moves),    cmocka_unit_test(test_examples),     cmocka_unit_test(test_version_1),
		cmocka_unit_test(test_cycles),   cmocka_unit_test(test_broken_lists), cmocka_unit_test(test_many_ids),
		cmocka_unit_test(test_survives), cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests_name("littlefs", tests, NULL, NULL);
}
