/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shrunk, reduced and imploded entries of zip archives by writers of our own after PKWARE APPNOTE.TXT 5.1 to 5.3; 7z
 * reads the same, but for reducing, which no program of Debian reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "format/zip_old.h"
#include "walked.h"

extern const struct format zip_format;

#define PLAIN_N 60000u
#define PACKED_MAX (2u * PLAIN_N + 10000u)

static uint8_t plain[PLAIN_N];

/* Zeros first, for what is copied from before the beginning; a text of few words; bytes of no order; a long run. */
static void plain_make(void)
{
	static const char *const words[] = { "shrink ", "reduce ", "implode ", "a ", "window\n", "\x90 mark ", "tree ", "of ", "Shannon-Fano " };
	uint32_t x = 1;
	size_t n = 40;
	while (n < PLAIN_N - 10100) {
		x = x * 1103515245 + 12345;
		const char *word = words[(x >> 16) % 9];
		memcpy(plain + n, word, strlen(word));
		n += strlen(word);
		if ((x >> 20) % 8 == 0)
			n += (size_t)snprintf((char *)plain + n, 12, "%u", x >> 8);
	}
	for (; n < PLAIN_N - 5000; n++) {
		x = x * 1103515245 + 12345;
		plain[n] = (uint8_t)(x >> 16);
	}
	memset(plain + n, 'r', PLAIN_N - n);
}

/* ---- bits, from the lowest of each byte on ---- */

struct out {
	uint8_t p[PACKED_MAX];
	size_t bits;
};

static void bits_put(struct out *o, unsigned v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, o->bits++) {
		assert_true(o->bits / 8 < sizeof o->p);
		if (v >> i & 1)
			o->p[o->bits / 8] |= (uint8_t)(1u << o->bits % 8);
	}
}

static struct span out_span(const struct out *o)
{
	return span_of(o->p, (o->bits + 7) / 8);
}

/* ---- 5.1 ---- */

#define CODES 8192u
static uint16_t child[CODES][256];
static int parent[CODES]; /* -1: free */
static uint8_t last_byte[CODES];

static bool reaches_root(int code)
{
	for (unsigned i = 0; i < CODES && code > 255; i++)
		code = parent[code];
	return code >= 0 && code < 256;
}

static void children_make(void)
{
	memset(child, 0, sizeof child);
	for (int i = 257; i < (int)CODES; i++)
		if (parent[i] >= 0 && reaches_root(i))
			child[parent[i]][last_byte[i]] = (uint16_t)i;
}

static void leaves_free(struct out *o, unsigned bits)
{
	static bool inner[CODES];
	memset(inner, 0, sizeof inner);
	bits_put(o, 256, bits);
	bits_put(o, 2, bits);
	for (unsigned i = 257; i < CODES; i++)
		if (parent[i] >= 0)
			inner[parent[i]] = true;
	for (unsigned i = 257; i < CODES; i++)
		if (!inner[i])
			parent[i] = -1;
	children_make();
}

/* Frees the leaves where no code is left, and every so many codes (0: then alone). */
static void shrink(struct span s, unsigned clear_every, struct out *o)
{
	unsigned bits = 9, next = 257, codes = 0;
	for (int i = 257; i < (int)CODES; i++)
		parent[i] = -1;
	children_make();
	for (size_t i = 0; i < s.n;) {
		int code = s.p[i++];
		while (i < s.n && child[code][s.p[i]])
			code = child[code][s.p[i++]];
		for (; code >= 1 << bits; bits++) {
			bits_put(o, 256, bits);
			bits_put(o, 1, bits);
		}
		bits_put(o, (unsigned)code, bits);
		if (i == s.n)
			break;
		while (next < CODES && parent[next] >= 0)
			next++;
		if (next == CODES || (clear_every && ++codes % clear_every == 0)) {
			leaves_free(o, bits);
			next = 257;
		}
		while (next < CODES && parent[next] >= 0)
			next++;
		assert_true(next < CODES);
		bool known = code < 256 || parent[code] >= 0; /* else its place was freed, and nothing may be made of it */
		parent[next] = code;
		last_byte[next] = s.p[i];
		if (known)
			child[code][s.p[i]] = (uint16_t)next;
	}
}

/* ---- matches, also with the zeros before the beginning ---- */

static uint8_t byte_at(struct span s, long at)
{
	return at < 0 ? 0 : s.p[at];
}

/* The longest match for the bytes at `at`; few places are tried. */
static size_t match_find(struct span s, size_t at, size_t window, size_t most, size_t *distance)
{
	size_t best = 0;
	for (size_t d = 1; d <= window; d += d < 40 ? 1 : d / 16) {
		size_t n = 0;
		while (n < most && at + n < s.n && byte_at(s, (long)(at + n) - (long)d) == s.p[at + n])
			n++;
		if (n > best) {
			best = n;
			*distance = d;
		}
	}
	return best;
}

/* ---- 5.2 ---- */

static size_t mark_matches(struct span s, unsigned strength, uint8_t *to)
{
	unsigned length_bits = 8 - strength;
	size_t n = 0, mask = (1u << length_bits) - 1, distance = 0;
	for (size_t at = 0; at < s.n;) {
		size_t length = match_find(s, at, (size_t)256 << strength, mask + 255 + 3, &distance);
		/* No length of 3 at a distance of at most 256: that would be the mark itself. */
		if (length > 3 && n < PLAIN_N) {
			size_t l = length - 3;
			to[n++] = 144;
			to[n++] = (uint8_t)((l < mask ? l : mask) | (distance - 1) >> 8 << length_bits);
			if (l >= mask)
				to[n++] = (uint8_t)(l - mask);
			to[n++] = (uint8_t)(distance - 1);
			at += length;
			continue;
		}
		to[n++] = s.p[at];
		if (s.p[at++] == 144)
			to[n++] = 0;
	}
	return n;
}

static unsigned set_of(const uint8_t *p, size_t n, unsigned of, unsigned most, uint8_t *set)
{
	unsigned count[256] = { 0 }, found = 0;
	for (size_t i = 0; i < n; i++)
		count[p[i]] += (i ? p[i - 1] : 0u) == of;
	for (; found < most; found++) {
		unsigned best = 0;
		for (unsigned k = 1; k < 256; k++)
			best = count[k] > count[best] ? k : best;
		if (!count[best])
			break;
		set[found] = (uint8_t)best;
		count[best] = 0;
	}
	return found;
}

static void reduce(struct span s, unsigned strength, struct out *o)
{
	static uint8_t marked[2 * PLAIN_N + 8], sets[256][32];
	static const unsigned bits_of[33] = { 0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4,
										  5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 };
	unsigned sizes[256];
	size_t n = mark_matches(s, strength, marked);
	for (unsigned i = 256; i--;) { /* sets of all sizes: some bytes have none */
		sizes[i] = set_of(marked, n, i, (i * 7 + strength) % 33, sets[i]);
		bits_put(o, sizes[i], 6);
		for (unsigned k = 0; k < sizes[i]; k++)
			bits_put(o, sets[i][k], 8);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned before = i ? marked[i - 1] : 0, k = 0;
		while (k < sizes[before] && sets[before][k] != marked[i])
			k++;
		if (sizes[before])
			bits_put(o, k == sizes[before], 1);
		if (k < sizes[before])
			bits_put(o, k, bits_of[sizes[before]]);
		else
			bits_put(o, marked[i], 8);
	}
}

/* ---- 5.3 ---- */

struct tree {
	unsigned n, weight[256], length[256], code[256], order[256];
};

/* Halves of about the same weight, again and again; sorted by weight before. */
static void split(struct tree *t, unsigned from, unsigned to, unsigned length)
{
	unsigned all = 0, half = 0, at = from;
	if (to - from == 1) {
		t->length[t->order[from]] = length;
		return;
	}
	for (unsigned i = from; i < to; i++)
		all += t->weight[t->order[i]];
	for (; at < to - 1 && (at == from || 2 * half < all); at++)
		half += t->weight[t->order[at]];
	split(t, from, at, length + 1);
	split(t, at, to, length + 1);
}

static void sort_by(const unsigned *key, bool falling, unsigned n, unsigned *order)
{
	for (unsigned i = 0; i < n; i++)
		order[i] = i;
	for (unsigned i = 1; i < n; i++) /* keeps what is equal in its order */
		for (unsigned k = i; k && (falling ? key[order[k - 1]] < key[order[k]] : key[order[k - 1]] > key[order[k]]); k--) {
			unsigned swap = order[k];
			order[k] = order[k - 1];
			order[k - 1] = swap;
		}
}

static void tree_put(struct tree *t, struct out *o)
{
	unsigned runs[256], times[256], n = 0;
	for (unsigned i = 0; i < t->n; i++)
		t->weight[i] = t->weight[i] / 64 + 1; /* no code of more than 16 bits */
	sort_by(t->weight, true, t->n, t->order);
	split(t, 0, t->n, 0);
	for (unsigned i = 0; i < t->n; i++) {
		if (n && runs[n - 1] == t->length[i] && times[n - 1] < 16) {
			times[n - 1]++;
		} else {
			runs[n] = t->length[i];
			times[n++] = 1;
		}
	}
	bits_put(o, n - 1, 8);
	for (unsigned i = 0; i < n; i++) {
		assert_in_range(runs[i], 1, 16);
		bits_put(o, (runs[i] - 1) | (times[i] - 1) << 4, 8);
	}
	/* The algorithm of 5.3.8. */
	sort_by(t->length, false, t->n, t->order);
	unsigned code = 0, increment = 0, last = 0;
	for (unsigned i = t->n; i--;) {
		unsigned symbol = t->order[i], reversed = 0;
		code += increment;
		if (t->length[symbol] != last) {
			last = t->length[symbol];
			increment = 1u << (16 - last);
		}
		for (unsigned k = 0; k < 16; k++)
			reversed |= (code >> k & 1) << (15 - k);
		t->code[symbol] = reversed;
	}
}

static void symbol_put(struct out *o, const struct tree *t, unsigned symbol)
{
	bits_put(o, t->code[symbol], t->length[symbol]);
}

/* Once to count symbols (`o` is NULL), once to write them. */
static void implode_pass(struct span s, unsigned flags, struct tree *literals, struct tree *lengths, struct tree *distances, struct out *o)
{
	unsigned low = flags & ZIP_FLAG_WINDOW_8K ? 7 : 6;
	size_t least = flags & ZIP_FLAG_LITERAL_TREE ? 3 : 2, distance = 0;
	for (size_t at = 0; at < s.n;) {
		size_t length = match_find(s, at, (size_t)64 << low, 63 + 255 + least, &distance);
		if (length < least) {
			literals->weight[s.p[at]]++;
			if (o) {
				bits_put(o, 1, 1);
				if (flags & ZIP_FLAG_LITERAL_TREE)
					symbol_put(o, literals, s.p[at]);
				else
					bits_put(o, s.p[at], 8);
			}
			at++;
			continue;
		}
		unsigned d = (unsigned)distance - 1, l = (unsigned)(length - least), symbol = l < 63 ? l : 63;
		distances->weight[d >> low]++;
		lengths->weight[symbol]++;
		if (o) {
			bits_put(o, 0, 1);
			bits_put(o, d & ((1u << low) - 1), low);
			symbol_put(o, distances, d >> low);
			symbol_put(o, lengths, symbol);
			if (symbol == 63)
				bits_put(o, l - 63, 8);
		}
		at += length;
	}
}

static void implode(struct span s, unsigned flags, struct out *o)
{
	struct tree literals = { .n = 256 }, lengths = { .n = 64 }, distances = { .n = 64 };
	implode_pass(s, flags, &literals, &lengths, &distances, NULL);
	if (flags & ZIP_FLAG_LITERAL_TREE)
		tree_put(&literals, o);
	tree_put(&lengths, o);
	tree_put(&distances, o);
	implode_pass(s, flags, &literals, &lengths, &distances, o);
}

/* ---- archives ---- */

static const struct kind {
	const char *name;
	unsigned method, flags, clear_every;
} kinds[] = {
	{ "shrunk", 1, 0, 0 },    { "cleared", 1, 0, 700 },
	{ "reduced-1", 2, 0, 0 }, { "reduced-2", 3, 0, 0 },
	{ "reduced-3", 4, 0, 0 }, { "reduced-4", 5, 0, 0 },
	{ "imploded-4k-2", 6, 0, 0 }, { "imploded-8k-2", 6, ZIP_FLAG_WINDOW_8K, 0 },
	{ "imploded-4k-3", 6, ZIP_FLAG_LITERAL_TREE, 0 }, { "imploded-8k-3", 6, ZIP_FLAG_WINDOW_8K | ZIP_FLAG_LITERAL_TREE, 0 },
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static void pack(const struct kind *k, struct span s, struct out *o)
{
	static struct out kept[KINDS]; /* of all of it */
	struct out *all = s.n == PLAIN_N ? &kept[k - kinds] : NULL;
	memset(o, 0, sizeof *o);
	if (all && all->bits) {
		*o = *all;
		return;
	}
	if (k->method == 1)
		shrink(s, k->clear_every, o);
	else if (k->method == 6)
		implode(s, k->flags, o);
	else
		reduce(s, k->method - 1, o);
	if (all)
		*all = *o;
}

static size_t le(uint8_t *p, uint64_t v, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> 8 * i);
	return width;
}

static size_t fields(uint8_t *p, const struct kind *k, struct span packed, struct span s)
{
	size_t n = le(p, 20, 2);
	n += le(p + n, k->flags, 2);
	n += le(p + n, k->method, 2);
	n += le(p + n, 0x21 << 16, 4);
	n += le(p + n, crc32(0, s.p, (unsigned)s.n), 4);
	n += le(p + n, packed.n, 4);
	n += le(p + n, s.n, 4);
	n += le(p + n, strlen(k->name), 2);
	return n + le(p + n, 0, 2);
}

struct zip {
	uint8_t *p, directory[1000];
	size_t n, directory_n;
	unsigned entries;
};

static void zip_add(struct zip *z, const struct kind *k, struct span packed, struct span s)
{
	size_t at = z->n, name = strlen(k->name);
	uint8_t *d = z->directory + z->directory_n;
	memcpy(z->p + at, "PK\3\4", 4);
	size_t n = at + 4 + fields(z->p + at + 4, k, packed, s);
	memcpy(z->p + n, k->name, name);
	memcpy(z->p + n + name, packed.p, packed.n);
	z->n = n + name + packed.n;
	memcpy(d, "PK\1\2\24\0", 6);
	n = 6 + fields(d + 6, k, packed, s);
	memset(d + n, 0, 10);
	n += 10;
	n += le(d + n, at, 4);
	memcpy(d + n, k->name, name);
	z->directory_n += n + name;
	z->entries++;
}

static struct span zip_end(struct zip *z)
{
	uint8_t *p = z->p + z->n;
	memcpy(p, z->directory, z->directory_n);
	p += z->directory_n;
	memcpy(p, "PK\5\6\0\0\0\0", 8);
	p += 8;
	p += le(p, z->entries, 2);
	p += le(p, z->entries, 2);
	p += le(p, z->directory_n, 4);
	p += le(p, z->n, 4);
	p += le(p, 0, 2);
	return span_of(z->p, (size_t)(p - z->p));
}

static struct zip zip_new(void)
{
	struct zip z = { .p = malloc(KINDS * PACKED_MAX) };
	assert_non_null(z.p);
	return z;
}

static struct out out;

static struct span zip_of_all(struct zip *z, struct span s)
{
	for (size_t i = 0; i < KINDS; i++) {
		pack(&kinds[i], s, &out);
		zip_add(z, &kinds[i], out_span(&out), s);
	}
	return zip_end(z);
}

static void test_all(void **state)
{
	(void)state;
	static const size_t sizes[] = { PLAIN_N, 0, 1, 41 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct zip z = zip_new();
		struct span zip = zip_of_all(&z, span_of(plain, sizes[i]));
		struct walked t;
		walked_open(&t, &zip_format, zip);
		assert_true(t.accepted && !error_is(&t.error));
		assert_int_equal(t.n, KINDS);
		for (size_t k = 0; k < KINDS; k++) {
			char path[40];
			snprintf(path, sizeof path, "/%s", kinds[k].name);
			assert_content(&t, path, plain, sizes[i]);
		}
		for (const char *const *kind = (const char *const[]){ "corrupt", "truncated", "unsupported", "budget", NULL }; *kind; kind++)
			assert_int_equal(walked_damage(&t, *kind), 0);
		walked_close(&t);
		free(z.p);
	}
}

/* The writers are right when another reader takes what they write. */
static void test_other_reader(void **state)
{
	(void)state;
	char dir[TEMP_MAX];
	if (!tool_exists("7z"))
		skip();
	struct zip z = zip_new();
	temp_new(dir);
	file_save(dir, "x.zip", zip_of_all(&z, span_of(plain, PLAIN_N)));
	file_save(dir, "plain", span_of(plain, PLAIN_N));
	run_in(dir, "7z x -y x.zip shrunk cleared 'imploded*'; for i in shrunk cleared imploded-*; do cmp $i plain || exit 1; done");
	temp_remove(dir);
	free(z.p);
}

/* What is cut or changed comes out up to there, and is said. */
static void test_damage(void **state)
{
	(void)state;
	struct span s = span_of(plain, PLAIN_N);
	for (size_t i = 0; i < KINDS; i++) {
		struct kind k = kinds[i];
		struct walked t;
		pack(&kinds[i], s, &out);
		struct span packed = out_span(&out);
		struct zip z = zip_new();
		k.name = "cut";
		zip_add(&z, &k, span_clip(packed, 0, packed.n / 2), s);
		k.name = "longer";
		memcpy(out.p + packed.n, "behind", 6);
		zip_add(&z, &k, span_of(packed.p, packed.n + 6), s);
		k.name = "changed";
		out.p[packed.n * 2 / 3] ^= 0x10;
		zip_add(&z, &k, packed, s);
		k.name = "claim";
		zip_add(&z, &k, span_clip(packed, 0, 4), s);
		walked_open(&t, &zip_format, zip_end(&z));
		const struct walked_entry *cut = walked_get(&t, "/cut"), *changed = walked_get(&t, "/changed");
		assert_int_equal(cut->error.code, ERR_TRUNCATED);
		assert_in_range(cut->content.n, PLAIN_N / 5, PLAIN_N - 1);
		assert_memory_equal(cut->content.p, plain, cut->content.n);
		assert_int_equal(changed->error.code == ERR_CORRUPT || changed->error.code == ERR_TRUNCATED, 1);
		assert_memory_equal(changed->content.p, plain, PLAIN_N / 5);
		const struct walked_entry *longer = walked_get(&t, "/longer");
		assert_int_equal(longer->error.code, ERR_CORRUPT);
		assert_int_equal(longer->content.n, PLAIN_N);
		assert_memory_equal(longer->content.p, plain, PLAIN_N);
		assert_true(error_is(&walked_get(&t, "/claim")->error));
		walked_close(&t);
		free(z.p);
	}
}

/* Nothing is packed to nothing, too. */
static void test_empty(void **state)
{
	(void)state;
	for (unsigned method = 1; method <= 6; method++) {
		size_t used = 1, n = 1;
		assert_int_equal(zip_old_decode(method, ZIP_FLAG_LITERAL_TREE, SPAN_NONE, NULL, 0, &used, &n), ERR_NONE);
		assert_int_equal(used, 0);
		assert_int_equal(n, 0);
	}
}

/* A word that is made of itself: its place was freed, and taken by what was to be made of it. */
static void test_circle(void **state)
{
	(void)state;
	uint8_t to[64];
	size_t used, n;
	memset(&out, 0, sizeof out);
	bits_put(&out, 'a', 9);
	bits_put(&out, 'b', 9); /* 257: ab */
	bits_put(&out, 257, 9); /* 258: ba */
	bits_put(&out, 256, 9);
	bits_put(&out, 2, 9);   /* both are free */
	bits_put(&out, 'c', 9); /* 257: itself and c */
	bits_put(&out, 257, 9);
	bits_put(&out, 0, 9);
	assert_int_equal(zip_old_decode(1, 0, out_span(&out), to, sizeof to, &used, &n), ERR_CORRUPT);
	assert_int_equal(n, 5);
	assert_memory_equal(to, "ababc", 5);
}

/* A full table that is cleared again and again, which frees one leaf of a long word each time: what it costs is the codes, not the table. */
static void test_clears(void **state)
{
	(void)state;
	static uint8_t zeros[4000u * 4001 / 2], to[sizeof zeros + 1];
	size_t size = sizeof to, used, n;
	memset(&out, 0, sizeof out);
	shrink(span_of(zeros, sizeof zeros), 0, &out); /* words of 1, 2, 3, ... zeros */
	struct span packed = out_span(&out);
	size_t bytes = (size_t)4 << 20, bits = out.bits;
	uint8_t *p = calloc(1, packed.n + bytes);
	assert_non_null(p);
	memcpy(p, packed.p, packed.n);
	for (; bits < 8 * (packed.n + bytes) - 100; bits += 26) { /* 256 and 2, of 13 bits each */
		p[(bits + 8) / 8] |= (uint8_t)(1u << (bits + 8) % 8);
		p[(bits + 14) / 8] |= (uint8_t)(1u << (bits + 14) % 8);
	}
	for (unsigned i = 0; i < 8; i++, bits++)
		p[bits / 8] |= (uint8_t)(('x' >> i & 1) << bits % 8);
	assert_int_equal(zip_old_decode(1, 0, span_of(p, packed.n + bytes), to, size, &used, &n), ERR_NONE);
	assert_int_equal(n, size);
	assert_int_equal(to[size - 1], 'x');
	free(p);
}

static void test_survives(void **state)
{
	(void)state;
	struct zip z = zip_new();
	struct span zip = zip_of_all(&z, span_of(plain + 2000, 700));
	survives_cuts(&zip_format, zip, 60);
	survives_flips(&zip_format, zip, 600, 0);
	free(z.p);
	for (size_t i = 0; i < KINDS; i++) {
		z = zip_new();
		pack(&kinds[i], span_of(plain, 3000), &out);
		zip_add(&z, &kinds[i], out_span(&out), span_of(plain, 3000));
		zip = zip_end(&z);
		struct walked t; /* for its seed */
		walked_open(&t, &zip_format, zip);
		walked_close(&t);
		survives_flips(&zip_format, zip, 150, 0);
		free(z.p);
	}
}

int main(void)
{
	plain_make();
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),    cmocka_unit_test(test_other_reader), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_circle), cmocka_unit_test(test_clears),       cmocka_unit_test(test_survives),
		cmocka_unit_test(test_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
