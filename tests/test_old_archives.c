/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives and compressions of older times: ARC, ZOO, ALZ, StuffIt, rzip, lrzip; and PAR2, which guards some. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/hash.h"
#include "format/digest.h"
#include "little_endian.h"
#include "seed.h"
#include "walked.h"

extern const struct format arc_format, zoo_format, rzip_format, lrzip_format, alz_format, par2_format, stuffit_format, stuffit5_format;

#define PLAIN 40000u

/* Words and runs, with the mark of runs among them: codes of all widths are written of them. */
static void make_plain(uint8_t *plain, size_t n)
{
	uint64_t x = 88172645463325252;
	for (size_t i = 0; i < n;) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		size_t run = x % 11 == 0 ? x >> 8 & 0x3f : 1 + (x >> 8 & 3);
		for (size_t k = 0; k < run && i < n; k++)
			plain[i++] = x % 17 == 0 ? 0x90 : (uint8_t)("abcdefgh"[x >> 16 & 7] + (x % 5 ? 0 : x >> 20 & 0x7f));
	}
}

static void assert_file(const struct walked *t, const char *dir, const char *path, const char *name)
{
	struct span plain = file_load(dir, name);
	assert_content(t, path, plain.p, plain.n);
	free((void *)plain.p);
}

/* What arc writes: it takes the best method of each file. */
static void test_arc(void **state)
{
	(void)state;
	static const struct {
		const char *options;
		unsigned methods[4];
	} made[] = { { "a", { 8, 3, 2, 4 } }, { "aq", { 9, 3, 2, 4 } }, { "as", { 2, 2, 2, 2 } } };
	static const char *const names[] = { "A", "B", "C", "D" };
	static uint8_t plain[PLAIN];
	char dir[TEMP_MAX], command[128];
	if (!tool_exists("arc"))
		skip();
	temp_new(dir);
	make_plain(plain, sizeof plain);
	file_save(dir, "A", span_of(plain, sizeof plain));
	run_in(dir, "printf 0123456789abcdefghijklmnopqrstuv > C; { cat C; head -c 900 /dev/zero | tr '\\000' x; } > B; seq 1 300 > D");
	for (size_t i = 0; i < 3; i++) {
		snprintf(command, sizeof command, "rm -f x.arc; arc %s x.arc A B C D > /dev/null", made[i].options);
		run_in(dir, command);
		struct span arc = file_load(dir, "x.arc");
		struct walked t;
		walked_open(&t, &arc_format, arc);
		assert_true(t.accepted);
		assert_true(t.match.size <= arc.n);
		assert_int_equal(t.n, 4);
		for (size_t k = 0; k < 4; k++) {
			char path[8];
			snprintf(path, sizeof path, "/%s", names[k]);
			assert_file(&t, dir, path, names[k]);
			unsigned method = arc.p[walked_get(&t, path)->e.offset - 28];
			assert_int_equal(made[i].methods[k], method);
		}
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		walked_close(&t);
		walked_open(&t, &arc_format, span_clip(arc, 0, 200)); /* in the first member: its header alone is no proof */
		assert_false(t.accepted);
		walked_close(&t);
		walked_open(&t, &arc_format, span_clip(arc, 0, arc.n - 100));
		assert_true(t.accepted);
		assert_true(walked_damage(&t, "truncated") > 0);
		walked_close(&t);
		survives_cuts(&arc_format, arc, 60);
		survives_flips(&arc_format, arc, 300, 0);
		free((void *)arc.p);
	}
	temp_remove(dir);
}

/* An LZW of the first kind: the table as the compressor keeps it, in which a code is a place. */
struct crunched {
	int before[4096], byte[4096], link[4096], used[4096], left, fast;
	uint8_t *out;
	size_t bits;
};

static int crunched_hash(const struct crunched *c, int before, int byte)
{
	unsigned v = (unsigned)(before + byte) & 0xffff;
	return c->fast ? (int)(v * 15073 & 0xfff) : (int)((v | 0x800) * (v | 0x800) >> 6 & 0xfff);
}

static int crunched_find(const struct crunched *c, int before, int byte)
{
	for (int at = crunched_hash(c, before, byte); c->used[at]; at = c->link[at]) {
		if (c->before[at] == before && c->byte[at] == byte)
			return at;
		if (!c->link[at])
			break;
	}
	return -1;
}

static void crunched_add(struct crunched *c, int before, int byte)
{
	int at = crunched_hash(c, before, byte), last;
	if (c->left-- <= 0)
		return;
	if (c->used[at]) {
		for (last = at; c->link[last]; last = c->link[last])
			;
		for (at = (last + 101) % 4096; c->used[at]; at = (at + 1) % 4096)
			;
		c->link[last] = at;
	}
	c->used[at] = 1, c->before[at] = before, c->byte[at] = byte;
}

static void crunched_put(struct crunched *c, int code)
{
	for (int bit = 11; bit >= 0; bit--, c->bits++)
		c->out[c->bits / 8] |= (uint8_t)((code >> bit & 1) << (7 - c->bits % 8));
}

static size_t crunch(const uint8_t *in, size_t n, int fast, uint8_t *out)
{
	static struct crunched c;
	memset(&c, 0, sizeof c);
	c.left = 4096, c.fast = fast, c.out = out;
	for (int i = 0; i < 256; i++)
		crunched_add(&c, 0xffff, i);
	int code = crunched_find(&c, 0xffff, in[0]);
	for (size_t i = 1; i < n; i++) {
		int next = crunched_find(&c, code, in[i]);
		if (next < 0) {
			crunched_put(&c, code);
			crunched_add(&c, code, in[i]);
			next = crunched_find(&c, 0xffff, in[i]);
		}
		code = next;
	}
	crunched_put(&c, code);
	return (c.bits + 7) / 8;
}

static size_t pack_runs(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t o = 0;
	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; in[i] != 0x90 && i + run < n && in[i + run] == in[i] && run < 255; run++)
			;
		out[o++] = in[i];
		if (in[i] == 0x90)
			out[o++] = 0;
		if (run > 3)
			out[o++] = 0x90, out[o++] = (uint8_t)run;
		else
			run = 1;
	}
	return o;
}

static size_t arc_member(uint8_t *out, uint8_t method, const char *name, struct span packed, struct span plain)
{
	size_t header = method == 1 ? 25 : 29;
	memset(out, 0, header);
	out[0] = 0x1a, out[1] = method;
	memcpy(out + 2, name, strlen(name));
	put(out + 15, packed.n, 4);
	put(out + 19, (46 << 9) + (11 << 5) + 27, 2);
	put(out + 23, hash_crc16(0xa001, 0, plain), 2);
	if (method != 1)
		put(out + 25, plain.n, 4);
	memcpy(out + header, packed.p, packed.n);
	return header + packed.n;
}

/* The methods that arc 5.21 reads only: nomarch reads the same, but for the last one, which unar does. */
static void test_arc_first_methods(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN], runs[2 * PLAIN], packed[2 * PLAIN], arc[8 * PLAIN];
	char dir[TEMP_MAX];
	size_t n = 0, runs_n;
	make_plain(plain, sizeof plain);
	runs_n = pack_runs(plain, sizeof plain, runs);
	n += arc_member(arc + n, 1, "ONE", span_of(plain, 100), span_of(plain, 100));
	n += arc_member(arc + n, 3, "THREE", span_of(runs, runs_n), span_of(plain, sizeof plain));
	for (uint8_t method = 5; method <= 7; method++) {
		static const char *const names[] = { "FIVE", "SIX", "SEVEN" };
		memset(packed, 0, sizeof packed);
		size_t packed_n = method == 5 ? crunch(plain, sizeof plain, 0, packed) : crunch(runs, runs_n, method == 7, packed);
		n += arc_member(arc + n, method, names[method - 5], span_of(packed, packed_n), span_of(plain, sizeof plain));
	}
	memcpy(arc + n, "\x1a\0", 2);
	struct walked t;
	walked_open(&t, &arc_format, span_of(arc, n + 2));
	assert_true(t.accepted);
	assert_int_equal(t.n, 5);
	assert_content(&t, "/ONE", plain, 100);
	assert_content(&t, "/THREE", plain, sizeof plain);
	assert_content(&t, "/FIVE", plain, sizeof plain);
	assert_content(&t, "/SIX", plain, sizeof plain);
	assert_content(&t, "/SEVEN", plain, sizeof plain);
	assert_int_equal(walked_get(&t, "/ONE")->e.mtime, 1795737600); /* 2026-11-27 */
	walked_close(&t);
	survives_cuts(&arc_format, span_of(arc, n + 2), 60);
	survives_flips(&arc_format, span_of(arc, n + 2), 300, 0);
	temp_new(dir);
	file_save(dir, "x.arc", span_of(arc, n + 2));
	file_save(dir, "plain", span_of(plain, sizeof plain));
	if (tool_exists("nomarch"))
		run_in(dir, "nomarch x.arc > /dev/null; cmp five plain && cmp six plain && cmp three plain");
	if (tool_exists("unar"))
		run_in(dir, "unar -q -D x.arc > /dev/null; cmp FIVE plain && cmp SIX plain && cmp SEVEN plain && cmp THREE plain");
	temp_remove(dir);
}

/* Spark's folders are archives within; members that are not understood are told, not left out. */
static void test_arc_spark(void **state)
{
	(void)state;
	static uint8_t inner[256], arc[1024];
	size_t inner_n = 0, n = 0;
	uint8_t *parts[] = { inner, arc };
	for (unsigned i = 0; i < 2; i++) {
		struct span data = i ? span_of(inner, inner_n) : span_of("text", 4);
		uint8_t *p = parts[i];
		size_t member = arc_member(p, 0x82, i ? "Folder" : "File", data, data);
		memmove(p + 41, p + 29, data.n);
		memset(p + 29, 0, 12);
		put(p + 29, i ? 0xfffddc00 : 0xffffff00, 4);
		member += 12;
		if (i)
			n = member;
		else
			memcpy(p + member, "\x1a\x80", 2), inner_n = member + 2;
	}
	n += arc_member(arc + n, 10, "CRUSHED", span_of("????", 4), span_of("text", 4));
	memcpy(arc + n, "\x1a\0", 2);
	struct walked t;
	walked_open(&t, &arc_format, span_of(arc, n + 2));
	assert_true(t.accepted);
	assert_int_equal(walked_get(&t, "/Folder")->e.kind, ENTRY_DIRECTORY);
	assert_content(&t, "/Folder/File", "text", 4);
	assert_int_equal(walked_get(&t, "/CRUSHED")->e.size, 4);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	walked_close(&t);
	survives_flips(&arc_format, span_of(arc, n + 2), 2000, 0);
}

/* Two bytes are no archive. */
static void test_arc_by_chance(void **state)
{
	(void)state;
	static uint8_t noise[4096];
	uint64_t x = 88172645463325252;
	unsigned accepted = 0;
	for (unsigned round = 0; round < 200000; round++) {
		for (size_t i = 0; i < 64; i += 8) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			memcpy(noise + i, &x, 8);
		}
		noise[0] = 0x1a, noise[1] = (uint8_t)(1 + round % 9);
		accepted += arc_format.probe(span_of(noise, sizeof noise), &(struct format_match){ 0 });
	}
	assert_true(accepted < 10); /* of 65536 times as many, as two of the bytes are given */
}

/* LZW of ZOO: codes of 9 to 13 bits, low ones first, 256 before the table begins anew, 257 at the end. */
static size_t zoo_lzw(const uint8_t *in, size_t n, uint8_t *out)
{
	static uint16_t child[8192][256];
	size_t at = 0;
	unsigned bits = 9, next = 258, code = 0;
	bool clear = true;
	for (size_t i = 0; i <= n + 1; i++) {
		unsigned put_code = clear ? 256 : i > n ? 257 : code;
		if (!clear && i < n && child[code][in[i]]) {
			code = child[code][in[i]];
			continue;
		}
		for (unsigned b = 0; b < bits; b++, at++)
			out[at / 8] |= (uint8_t)((put_code >> b & 1) << at % 8);
		if (clear) {
			memset(child, 0, sizeof child);
			bits = 9, next = 258, clear = false;
			code = in[i];
			continue;
		}
		if (i < n && next < 8192) {
			child[code][in[i]] = (uint16_t)next++;
			if (next > 1u << bits && bits < 13) /* one behind what reads it */
				bits++;
		}
		if (i < n) {
			code = in[i];
			clear = i == n / 2; /* once, so that it is seen to work */
			i -= clear ? 1 : 0;
		} else if (next < 8192 && ++next > 1u << bits && bits < 13) {
			bits++;
		}
	}
	return (at + 7) / 8;
}

/* Of LHA's codes a block of letters, each of which has eight bits. */
static size_t zoo_lzh(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t at = 0;
	const struct {
		unsigned value, bits;
	} head[] = { { (unsigned)n, 16 }, { 0, 5 }, { 10, 5 }, { 256, 9 }, { 0, 4 }, { 0, 4 } };
	for (size_t i = 0; i < 6 + n; i++) {
		unsigned value = i < 6 ? head[i].value : in[i - 6], bits = i < 6 ? head[i].bits : 8;
		for (unsigned b = bits; b--; at++)
			out[at / 8] |= (uint8_t)((value >> b & 1) << (7 - at % 8));
	}
	return (at + 7) / 8 + 2;
}

static size_t zoo_entry(uint8_t *zoo, size_t at, uint8_t method, const char *name, const char *folder, struct span packed, struct span plain)
{
	uint8_t *p = zoo + at;
	size_t more = 2 + strlen(name) + 1 + strlen(folder) + 1 + 2 + 3 + 1 + 2, end = at + 51 + 5 + more;
	memset(p, 0, 51 + 5 + more);
	memcpy(p, "\xdc\xa7\xc4\xfd\2", 5);
	p[5] = method;
	put(p + 6, name[0] ? end + packed.n : 0, 4);
	put(p + 10, name[0] ? end : 0, 4);
	put(p + 14, (46 << 9) + (11 << 5) + 27, 2);
	put(p + 18, hash_crc16(0xa001, 0, plain), 2);
	put(p + 20, plain.n, 4);
	put(p + 24, packed.n, 4);
	memcpy(p + 38, "SHORT", 5);
	put(p + 51, more, 2);
	uint8_t *v = p + 56;
	*v++ = (uint8_t)(strlen(name) + 1), *v++ = (uint8_t)(strlen(folder) + 1);
	memcpy(v, name, strlen(name) + 1), v += strlen(name) + 1;
	memcpy(v, folder, strlen(folder) + 1), v += strlen(folder) + 1;
	put(v + 2, 1u << 22 | 0640, 3);
	if (packed.n)
		memcpy(zoo + end, packed.p, packed.n);
	return end + packed.n;
}

static void test_zoo(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN], lzw[2 * PLAIN], lzh[2 * PLAIN], zoo[6 * PLAIN];
	char dir[TEMP_MAX];
	make_plain(plain, sizeof plain);
	size_t n = 34, lzw_n = zoo_lzw(plain, sizeof plain, lzw), lzh_n = zoo_lzh(plain, sizeof plain, lzh);
	memcpy(zoo, "ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd\x22\0\0\0\xde\xff\xff\xff\2\0", 34);
	n = zoo_entry(zoo, n, 0, "stored file", "a/b", span_of(plain, 100), span_of(plain, 100));
	n = zoo_entry(zoo, n, 1, "lzw", "", span_of(lzw, lzw_n), span_of(plain, sizeof plain));
	n = zoo_entry(zoo, n, 2, "lzh", "a", span_of(lzh, lzh_n), span_of(plain, sizeof plain));
	size_t last = n = zoo_entry(zoo, n, 3, "other", "", span_of("????", 4), span_of("text", 4));
	n = zoo_entry(zoo, n, 0, "", "", SPAN_NONE, SPAN_NONE);
	struct walked t;
	walked_open(&t, &zoo_format, span_of(zoo, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_content(&t, "/a/b/stored file", plain, 100);
	assert_content(&t, "/lzw", plain, sizeof plain);
	assert_content(&t, "/a/lzh", plain, sizeof plain);
	assert_int_equal(walked_get(&t, "/lzw")->e.mode, 0640);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	walked_close(&t);
	walked_open(&t, &zoo_format, span_clip(span_of(zoo, n), 0, last - 10)); /* the end is missing */
	assert_true(t.accepted);
	assert_int_equal(t.n, 4);
	assert_true(walked_damage(&t, "truncated") > 0);
	walked_close(&t);
	zoo[34 + 51 + 5 + 2 + 12 + 4 + 8 + 7] ^= 1;
	walked_open(&t, &zoo_format, span_of(zoo, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	zoo[34 + 51 + 5 + 2 + 12 + 4 + 8 + 7] ^= 1;
	survives_cuts(&zoo_format, span_of(zoo, n), 60);
	survives_flips(&zoo_format, span_of(zoo, n), 300, 0);
	if (tool_exists("unar")) { /* another reader finds the same in it */
		temp_new(dir);
		file_save(dir, "x.zoo", span_of(zoo, n));
		file_save(dir, "plain", span_of(plain, sizeof plain));
		run_in(dir, "unar -q -D x.zoo > /dev/null 2>&1; cmp lzw plain && cmp a/lzh plain");
		temp_remove(dir);
	}
}

/* Entries that all name the same bytes do not make more of them. */
static void test_zoo_overlaps(void **state)
{
	(void)state;
	static uint8_t zoo[65536];
	size_t n = 34;
	memcpy(zoo, "ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd\x22\0\0\0\xde\xff\xff\xff\2\0", 34);
	for (unsigned i = 0; i < 400; i++) {
		size_t at = n;
		n = zoo_entry(zoo, n, 0, "x", "", SPAN_NONE, SPAN_NONE);
		put(zoo + at + 10, 34, 4);
		put(zoo + at + 20, 20000, 4), put(zoo + at + 24, 20000, 4);
	}
	n = zoo_entry(zoo, n, 0, "", "", SPAN_NONE, SPAN_NONE);
	struct walked t;
	walked_open(&t, &zoo_format, span_of(zoo, n));
	assert_true(t.n < 10);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	walked_close(&t);
}

static struct error unpack_all(const struct format *format, struct span bytes, struct buf *out, size_t *used)
{
	struct format_match match = { .size = SIZE_UNKNOWN };
	assert_true(format->probe(bytes, &match) || (format->probe_whole && format->probe_whole(bytes, &match)));
	out->limit = 64 << 20;
	seed_keep("format", format->name, "", bytes);
	return format->unpack(bytes, out, used);
}

static void survives(const struct format *format, struct span bytes, unsigned rounds)
{
	uint8_t *copy = malloc(bytes.n);
	uint64_t x = 88172645463325252;
	assert_non_null(copy);
	for (unsigned i = 0; i < rounds; i++) {
		struct format_match match = { .size = SIZE_UNKNOWN };
		struct buf out = buf_with_limit(64 << 20);
		size_t used = 0;
		memcpy(copy, bytes.p, bytes.n);
		for (unsigned k = 0; k <= i % 8; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			copy[x >> 8 & (i % 2 ? 63 : 4095)] ^= (uint8_t)(1 << (x & 7));
		}
		struct span s = span_of(copy, i % 3 ? bytes.n : bytes.n * i / rounds);
		if (format->probe(s, &match)) {
			struct error e = format->unpack(s, &out, &used);
			assert_true(used <= s.n || error_is(&e));
		}
		buf_free(&out);
	}
	free(copy);
}

/* What rzip and lrzip write of repeated words, in one chunk and in more; a changed bit is seen, and a missing end. An encrypted one takes
 * lrzip ten seconds: that it is one is a byte of the head. */
static void test_rzip(void **state)
{
	(void)state;
	static const struct {
		const struct format *format;
		const char *tool, *command, *kind;
	} made[] = {
		{ &rzip_format, "rzip", "rzip -k -f -o x plain", NULL },
		{ &rzip_format, "rzip", "rzip -0 -k -f -o x plain", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -o x plain", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -b -o x plain", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -g -o x plain", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -l -o x plain", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -n -o x plain", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -n -o x large", "large" },
		{ &lrzip_format, "lrzip", "lrzip -q - < plain > x", NULL },
		{ &lrzip_format, "lrzip", "lrzip -q -f -z -o x plain", "unsupported" },
		{ &lrzip_format, "lrzip", "lrzip -q -f -n -o x plain; printf '\\001' | dd of=x bs=1 seek=22 conv=notrunc", "encrypted" },
	};
	static uint8_t plain[PLAIN];
	char dir[TEMP_MAX], command[128];
	temp_new(dir);
	make_plain(plain, sizeof plain);
	file_save(dir, "A", span_of(plain, sizeof plain));
	run_in(dir, "cat A A A > plain; head -c 70 A >> plain; for i in 1 2 3 4 5 6 7 8; do cat plain plain plain plain; seq $i$i$i$i 99999; done > large");
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		if (!tool_exists(made[i].tool))
			continue;
		snprintf(command, sizeof command, "%s > /dev/null 2>&1", made[i].command);
		run_in(dir, strchr(made[i].command, '>') ? made[i].command : command);
		bool large = made[i].kind && strcmp(made[i].kind, "large") == 0;
		struct span x = file_load(dir, "x"), expected = file_load(dir, large ? "large" : "plain");
		struct buf out = { 0 };
		size_t used = 0;
		struct error e = unpack_all(made[i].format, x, &out, &used);
		if (made[i].kind && !large) {
			assert_string_equal(error_word(e.code), made[i].kind);
		} else {
			assert_false(error_is(&e));
			assert_int_equal(used, x.n);
			assert_int_equal(out.n, expected.n);
			assert_memory_equal(out.p, expected.p, out.n);
			((uint8_t *)x.p)[x.n / 2] ^= 4;
			out.n = 0;
			e = made[i].format->unpack(x, &out, &used);
			assert_true(error_is(&e));
			((uint8_t *)x.p)[x.n / 2] ^= 4;
			out.n = 0;
			e = made[i].format->unpack(span_clip(x, 0, x.n - 20), &out, &used);
			assert_true(error_is(&e));
			survives(made[i].format, x, large ? 4 : 40);
		}
		buf_free(&out);
		free((void *)x.p);
		free((void *)expected.p);
	}
	temp_remove(dir);
}

/* Two chunks, as of files larger than memory, and no MD5. */
static void test_lrzip_chunks(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN];
	char dir[TEMP_MAX];
	if (!tool_exists("lrzip"))
		skip();
	temp_new(dir);
	make_plain(plain, sizeof plain);
	file_save(dir, "plain", span_of(plain, sizeof plain));
	run_in(dir, "lrzip -q -f -n -o x plain 2>&1");
	struct span x = file_load(dir, "x");
	size_t chunk = x.n - 24 - 16, used = 0;
	uint8_t *two = malloc(24 + 2 * chunk);
	assert_non_null(two);
	memcpy(two, x.p, 24 + chunk);
	memcpy(two + 24 + chunk, x.p + 24, chunk);
	two[21] = 0, two[25] = 0;
	struct buf out = { 0 };
	struct error e = unpack_all(&lrzip_format, span_of(two, 24 + 2 * chunk), &out, &used);
	assert_false(error_is(&e));
	assert_int_equal(used, 24 + 2 * chunk);
	assert_int_equal(out.n, 2 * sizeof plain);
	assert_memory_equal(out.p, plain, sizeof plain);
	assert_memory_equal(out.p + sizeof plain, plain, sizeof plain);
	buf_free(&out);
	free(two);
	free((void *)x.p);
	temp_remove(dir);
}

static size_t alz_member(uint8_t *out, uint8_t flags, uint8_t method, const char *name, struct span packed, struct span plain)
{
	size_t n = 4, name_n = strlen(name), width = flags >> 4;
	memcpy(out, "BLZ\1", 4);
	put(out + n, name_n, 2), n += 2;
	out[n++] = width ? 0x20 : 0x10;
	put(out + n, ((46u << 9) + (11 << 5) + 27) << 16, 4), n += 4;
	out[n++] = flags, out[n++] = 0;
	if (width) {
		out[n++] = method, out[n++] = 0;
		put(out + n, hash_crc32(0, plain), 4), n += 4;
		put(out + n, packed.n, (unsigned)width), n += width;
		put(out + n, plain.n, (unsigned)width), n += width;
	}
	memcpy(out + n, name, name_n), n += name_n;
	if (flags & 1)
		memset(out + n, 0x55, 12), n += 12;
	if (packed.n)
		memcpy(out + n, packed.p, packed.n);
	return n + packed.n;
}

static void test_alz(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN], deflated[2 * PLAIN], alz[6 * PLAIN];
	char dir[TEMP_MAX];
	make_plain(plain, sizeof plain);
	z_stream z = { .next_in = plain, .avail_in = sizeof plain, .next_out = deflated, .avail_out = sizeof deflated };
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	struct span packed = span_of(deflated, z.total_out), all = span_of(plain, sizeof plain);
	deflateEnd(&z);
	size_t n = 8;
	memcpy(alz, "ALZ\1\12\0\0\0", 8);
	n += alz_member(alz + n, 0x10, 0, "stored", span_of(plain, 200), span_of(plain, 200));
	n += alz_member(alz + n, 0x40, 2, "folder\\deflated", packed, all);
	n += alz_member(alz + n, 0x20, 0, "wide", all, all);
	size_t good = n;
	n += alz_member(alz + n, 0x00, 0, "empty folder", SPAN_NONE, SPAN_NONE);
	n += alz_member(alz + n, 0x11, 2, "secret", span_of("????", 4), span_of("text", 4));
	n += alz_member(alz + n, 0x10, 1, "blocks", span_of("DLZ\2", 4), span_of("text", 4));
	size_t end = n;
	memcpy(alz + n, "CLZ\1\0\0\0\0\0\0\0\0CLZ\2", 16), n += 16;
	struct walked t;
	walked_open(&t, &alz_format, span_of(alz, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_content(&t, "/stored", plain, 200);
	assert_content(&t, "/folder/deflated", plain, sizeof plain);
	assert_content(&t, "/wide", plain, sizeof plain);
	assert_int_equal(walked_get(&t, "/empty folder")->e.kind, ENTRY_DIRECTORY);
	assert_int_equal(walked_get(&t, "/stored")->e.mtime, 1795737600);
	assert_int_equal(walked_damage(&t, "encrypted"), 1);
	assert_int_equal(walked_damage(&t, "unsupported"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(t.n, 6);
	walked_close(&t);
	walked_open(&t, &alz_format, span_of(alz, end));
	assert_true(t.accepted);
	assert_int_equal(walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	alz[8 + 40] ^= 1;
	walked_open(&t, &alz_format, span_of(alz, n));
	assert_int_equal(walked_damage(&t, "corrupt"), 1);
	walked_close(&t);
	alz[8 + 40] ^= 1;
	survives_cuts(&alz_format, span_of(alz, n), 60);
	survives_flips(&alz_format, span_of(alz, n), 300, 0);
	if (tool_exists("unalz")) { /* another reader finds the same in it */
		temp_new(dir);
		memcpy(alz + good, "CLZ\1\0\0\0\0\0\0\0\0CLZ\2", 16);
		file_save(dir, "x.alz", span_of(alz, good + 16));
		file_save(dir, "plain", span_of(plain, sizeof plain));
		run_in(dir, "unalz x.alz > /dev/null; cmp wide plain && cmp folder/deflated plain");
		temp_remove(dir);
	}
}

/* What par2 writes: the names of the files, and a changed packet is seen; a volume has the descriptions, too. */
static void test_par2(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN];
	char dir[TEMP_MAX], sum[33] = "";
	if (!tool_exists("par2"))
		skip();
	temp_new(dir);
	make_plain(plain, sizeof plain);
	file_save(dir, "first.bin", span_of(plain, sizeof plain));
	file_save(dir, "second.bin", span_of(plain, 5000));
	run_in(dir, "par2 create -q -q -b20 -r20 -n1 x.par2 first.bin second.bin && mv x.vol*.par2 volume && md5sum < first.bin | cut -c -32 > sum");
	struct span hex = file_load(dir, "sum");
	memcpy(sum, hex.p, 32);
	for (unsigned i = 0; i < 2; i++) {
		struct span par2 = file_load(dir, i ? "volume" : "x.par2");
		struct walked t;
		bool first = false, second = false, digest = false;
		walked_open(&t, &par2_format, par2);
		assert_true(t.accepted);
		assert_int_equal(t.match.size, par2.n);
		assert_int_equal(t.n, 0);
		assert_int_equal(fact_list_count(&t.facts, FACT_damage), 0);
		assert_int_equal(strcmp(walked_header(&t, "recovery slices"), "0") != 0, i);
		const struct fact_header *h;
		for (size_t k = 0; (h = fact_list_get(&t.facts, FACT_header, k)); k++) {
			first |= text_is(h->value, "first.bin");
			second |= text_is(h->value, "second.bin");
			digest |= text_is(h->value, sum);
		}
		assert_true(first && second && digest);
		assert_int_equal(fact_list_count(&t.facts, FACT_header), 7);
		walked_close(&t);
		((uint8_t *)par2.p)[par2.n / 2] ^= 1;
		walked_open(&t, &par2_format, par2);
		assert_true(walked_damage(&t, "corrupt") == 1 || t.match.size < par2.n);
		walked_close(&t);
		((uint8_t *)par2.p)[par2.n / 2] ^= 1;
		walked_open(&t, &par2_format, span_clip(par2, 0, par2.n - 10));
		assert_int_equal(walked_damage(&t, "truncated"), 1);
		walked_close(&t);
		survives_cuts(&par2_format, par2, 60);
		survives_flips(&par2_format, par2, 200, 0);
		free((void *)par2.p);
	}
	free((void *)hex.p);
	temp_remove(dir);
}

/* Where the chain of headers breaks the archive ends: what stands behind it is not hidden, and that entries are missing is told. */
static void test_broken_chains(void **state)
{
	(void)state;
	static uint8_t zoo[4096], alz[4096];
	struct walked t;
	struct span text = span_of("0123456789", 10);
	size_t n = 34, ends[4];
	memcpy(zoo, "ZOO 2.10 Archive.\x1a\0\0\xdc\xa7\xc4\xfd\x22\0\0\0\xde\xff\xff\xff\2\0", 34);
	for (unsigned i = 0; i < 4; i++)
		ends[i] = n = zoo_entry(zoo, n, 0, i < 3 ? "name" : "", "", i < 3 ? text : SPAN_NONE, i < 3 ? text : SPAN_NONE);
	zoo[ends[1]] ^= 1; /* the mark of the third one */
	walked_open(&t, &zoo_format, span_of(zoo, sizeof zoo));
	assert_true(t.accepted);
	assert_int_equal(t.n, 2);
	assert_in_range(t.match.size, ends[1], ends[2]);
	assert_int_equal(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated"), 1);
	walked_close(&t);
	n = 8;
	memcpy(alz, "ALZ\1\12\0\0\0", 8);
	for (unsigned i = 0; i < 3; i++)
		ends[i] = n += alz_member(alz + n, 0x10, 0, "name", text, text);
	memcpy(alz + n, "CLZ\1\0\0\0\0\0\0\0\0CLZ\2", 16);
	alz[ends[1]] ^= 2;
	walked_open(&t, &alz_format, span_of(alz, sizeof alz));
	assert_true(t.accepted);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.match.size, ends[1]);
	assert_int_equal(walked_damage(&t, "corrupt") + walked_damage(&t, "truncated"), 1);
	walked_close(&t);
}

/* 1030 descriptions of files, each of them twice, after the specification's "File Description packet". */
static void test_par2_limit(void **state)
{
	(void)state;
	static uint8_t par2[2 * 1030 * 124];
	struct walked t;
	size_t n = 0;
	for (unsigned i = 0; i < 2 * 1030; i++, n += 124) {
		uint8_t *p = par2 + n;
		memcpy(p, "PAR2\0PKT", 8);
		put(p + 8, 124, 8);
		memcpy(p + 48, "PAR 2.0\0FileDesc", 16);
		put(p + 64, i % 1030, 4); /* the file's id */
		put(p + 112, 77, 8);
		snprintf((char *)p + 120, 4, "%03x", i % 1030 & 0xfff);
		digest_of(DIGEST_MD5, span_of(p + 32, 92), p + 16);
	}
	walked_open(&t, &par2_format, span_of(par2, n));
	assert_true(t.accepted);
	assert_int_equal(t.match.size, n);
	assert_int_equal(walked_damage(&t, "budget"), 1);
	assert_int_equal(walked_damage(&t, "corrupt"), 0);
	assert_int_equal(fact_list_count(&t.facts, FACT_header), 3 * 1024 + 1);
	walked_close(&t);
	walked_open(&t, &par2_format, span_of(par2, 1024 * 124)); /* as many as may be */
	assert_int_equal(walked_damage(&t, "budget"), 0);
	walked_close(&t);
}

static void put_be(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

struct fork_made {
	uint8_t method;
	struct span packed, plain;
};

static size_t sit_entry(uint8_t *p, const char *name, struct fork_made resource, struct fork_made data)
{
	memset(p, 0, 112);
	p[0] = resource.method, p[1] = data.method, p[2] = (uint8_t)strlen(name);
	memcpy(p + 3, name, strlen(name));
	put_be(p + 80, 1795737600u + 2082844800u, 4);
	put_be(p + 84, resource.plain.n, 4), put_be(p + 88, data.plain.n, 4);
	put_be(p + 92, resource.packed.n, 4), put_be(p + 96, data.packed.n, 4);
	put_be(p + 100, hash_crc16(0xa001, 0, resource.plain), 2), put_be(p + 102, hash_crc16(0xa001, 0, data.plain), 2);
	put_be(p + 110, hash_crc16(0xa001, 0, span_of(p, 110)), 2);
	if (resource.packed.n)
		memcpy(p + 112, resource.packed.p, resource.packed.n);
	if (data.packed.n)
		memcpy(p + 112 + resource.packed.n, data.packed.p, data.packed.n);
	return 112 + resource.packed.n + data.packed.n;
}

/* Letters of seven bits in a tree that is full, and no other. */
static size_t sit_huffman(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t at = 0;
	for (unsigned i = 0; i < 128; i++) { /* depth first: so many zeros more as the number ends with */
		unsigned zeros = i ? (unsigned)__builtin_ctz(i) : 7;
		at += zeros; /* 0: a node */
		for (int b = 8; b >= 0; b--, at++)
			out[at / 8] |= (uint8_t)(((0x100u | i) >> b & 1) << (7 - at % 8));
	}
	for (size_t i = 0; i < n; i++)
		for (int b = 6; b >= 0; b--, at++)
			out[at / 8] |= (uint8_t)((in[i] >> b & 1) << (7 - at % 8));
	return (at + 7) / 8;
}

static size_t sit5_entry(uint8_t *sit, size_t at, const char *name, size_t folder, unsigned files, struct fork_made resource, struct fork_made data)
{
	uint8_t *p = sit + at;
	size_t name_n = strlen(name), header = 48 + name_n, n = header;
	memset(p, 0, header + 60);
	memcpy(p, "\xa5\xa5\xa5\xa5\1", 5);
	put_be(p + 6, header, 2);
	p[9] = files ? 0x40 : 0;
	put_be(p + 14, 1795737600u + 2082844800u, 4);
	put_be(p + 26, folder, 4);
	put_be(p + 30, name_n, 2);
	put_be(p + 34, data.plain.n, 4), put_be(p + 38, data.packed.n, 4);
	put_be(p + 42, hash_crc16(0xa001, 0, data.plain), 2);
	put_be(p + 46, files, 2);
	if (!files)
		p[46] = data.method, p[47] = 0;
	memcpy(p + 48, name, name_n);
	put_be(p + 32, hash_crc16(0xa001, 0, span_of(p, header)), 2); /* of a field that is zero */
	p[n + 1] = resource.plain.n > 0;
	n += 36;
	if (resource.plain.n) {
		put_be(p + n, resource.plain.n, 4), put_be(p + n + 4, resource.packed.n, 4);
		put_be(p + n + 8, hash_crc16(0xa001, 0, resource.plain), 2);
		p[n + 12] = resource.method;
		n += 14;
		memcpy(p + n, resource.packed.p, resource.packed.n), n += resource.packed.n;
	}
	if (data.packed.n)
		memcpy(p + n, data.packed.p, data.packed.n);
	return at + n + data.packed.n;
}

/* Both versions, of the same forks; unar finds the same in them. */
static void test_stuffit(void **state)
{
	(void)state;
	static uint8_t plain[PLAIN], letters[PLAIN], runs[2 * PLAIN], huffman[2 * PLAIN], lzw[2 * PLAIN], sit[10 * PLAIN];
	char dir[TEMP_MAX];
	make_plain(plain, sizeof plain);
	for (size_t i = 0; i < sizeof letters; i++)
		letters[i] = plain[i] & 0x7f;
	struct span all = span_of(plain, sizeof plain), some = span_of(plain, 300), ascii = span_of(letters, sizeof letters);
	size_t lzw_n = 0;
	temp_new(dir);
	file_save(dir, "plain", all);
	file_save(dir, "letters", ascii);
	if (tool_exists("compress")) {
		run_in(dir, "compress -b 14 -c plain > z");
		struct span z = file_load(dir, "z");
		memcpy(lzw, z.p + 3, lzw_n = z.n - 3);
		free((void *)z.p);
	}
	const struct fork_made none = { 0, SPAN_NONE, SPAN_NONE }, stored = { 0, some, some }, other = { 14, span_of("????", 4), span_of("text", 4) };
	const struct fork_made packed = { 1, span_of(runs, pack_runs(plain, sizeof plain, runs)), all };
	const struct fork_made coded = { 3, span_of(huffman, sit_huffman(letters, sizeof letters, huffman)), ascii };
	const struct fork_made lzw_made = lzw_n ? (struct fork_made){ 2, span_of(lzw, lzw_n), all } : packed;
	for (unsigned version = 1; version <= 5; version += 4) {
		const struct format *format = version == 1 ? &stuffit_format : &stuffit5_format;
		size_t n = version == 1 ? 22 : 114, folder = n;
		memset(sit, 0, 114);
		if (version == 1) {
			n += sit_entry(sit + n, "a/folder", none, (struct fork_made){ 32, SPAN_NONE, SPAN_NONE });
			n += sit_entry(sit + n, "runs", stored, packed);
			n += sit_entry(sit + n, "lzw", none, lzw_made);
			n += sit_entry(sit + n, "end", none, (struct fork_made){ 33, SPAN_NONE, SPAN_NONE });
			n += sit_entry(sit + n, "coded", none, coded);
			n += sit_entry(sit + n, "other", none, other);
			memcpy(sit, "SIT!\0\3\0\0\0\0rLau\1", 15);
			put_be(sit + 6, n, 4);
		} else {
			n = sit5_entry(sit, n, "a/folder", 0, 2, none, none);
			n = sit5_entry(sit, n, "runs", folder, 0, stored, packed);
			n = sit5_entry(sit, n, "lzw", folder, 0, none, lzw_made);
			n = sit5_entry(sit, n, "coded", 0, 0, none, coded);
			n = sit5_entry(sit, n, "other", 0, 0, none, other);
			memcpy(sit, "StuffIt (c)1997-1998 Aladdin Systems, Inc., http://www.aladdinsys.com/StuffIt/\r\n", 80);
			sit[82] = 5, sit[83] = 0x10;
			put_be(sit + 84, n, 4), put_be(sit + 92, 3, 2), put_be(sit + 94, 114, 4);
		}
		struct walked t;
		walked_open(&t, format, span_of(sit, n));
		assert_true(t.accepted);
		assert_int_equal(t.match.size, n);
		assert_int_equal(walked_get(&t, "/a:folder")->e.kind, ENTRY_DIRECTORY);
		assert_content(&t, "/a:folder/runs", plain, sizeof plain);
		assert_content(&t, "/a:folder/runs.rsrc", plain, 300);
		assert_content(&t, "/a:folder/lzw", plain, sizeof plain);
		assert_content(&t, "/coded", letters, sizeof letters);
		assert_int_equal(walked_get(&t, "/coded")->e.mtime, 1795737600);
		assert_int_equal(walked_get(&t, "/other")->e.size, 4);
		assert_int_equal(walked_damage(&t, "unsupported"), 1);
		assert_int_equal(walked_damage(&t, "corrupt"), 0);
		walked_close(&t);
		walked_open(&t, format, span_clip(span_of(sit, n), 0, n - 30000));
		assert_true(walked_damage(&t, "truncated") > 0);
		walked_close(&t);
		sit[folder + 300] ^= 8;
		walked_open(&t, format, span_of(sit, n));
		assert_true(walked_damage(&t, "corrupt") > 0);
		walked_close(&t);
		sit[folder + 300] ^= 8;
		survives_cuts(format, span_of(sit, n), 60);
		survives_flips(format, span_of(sit, n), 300, 0);
		survives_flips(format, span_of(sit, n), 300, 300);
		if (tool_exists("unar")) {
			file_save(dir, "x.sit", span_of(sit, n));
			run_in(dir, "rm -rf out; unar -q -D -k skip -o out x.sit > /dev/null 2>&1; cmp out/coded letters && cmp out/a*folder/runs plain && "
						"cmp out/a*folder/lzw plain");
		}
	}
	temp_remove(dir);
}

int main(void)
{
	unsetenv("MALLOC_PERTURB_"); /* unar reads what it has not written; lrzip takes most of the memory, all of which would be filled */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arc),           cmocka_unit_test(test_arc_first_methods), cmocka_unit_test(test_arc_spark),
		cmocka_unit_test(test_arc_by_chance), cmocka_unit_test(test_zoo),               cmocka_unit_test(test_zoo_overlaps), cmocka_unit_test(test_broken_chains), cmocka_unit_test(test_par2_limit),
		cmocka_unit_test(test_alz), cmocka_unit_test(test_stuffit), cmocka_unit_test(test_par2), cmocka_unit_test(test_rzip), cmocka_unit_test(test_lrzip_chunks),
	};
	return cmocka_run_group_tests_name("old_archives", tests, NULL, NULL);
}
