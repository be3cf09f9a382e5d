/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shrinking, reducing and imploding: PKWARE APPNOTE.TXT 6.3.10, sections 5.1, 5.2 and 5.3. */
#include "format/zip_old.h"

#include <stdbool.h>
#include <string.h>

#include "base/canonical_code.h"

#define METHOD_SHRINK 1u
#define METHOD_REDUCE 2u /* to 5: how strongly */
#define METHOD_IMPLODE 6u

/* What is being unpacked: bits from the lowest of each byte on; bytes to a place that has room for all of the entry. Sticky. */
struct coding {
	struct span in;
	uint64_t bit; /* the next one */
	uint8_t *out;
	size_t n, size;
	enum error_code error;
};

static void fail(struct coding *c, enum error_code error)
{
	if (c->error == ERR_NONE)
		c->error = error;
}

/* Up to 16 bits; 0 once there was an error. */
static unsigned take(struct coding *c, unsigned n)
{
	if (c->bit + n > 8 * (uint64_t)c->in.n)
		fail(c, ERR_TRUNCATED);
	if (c->error != ERR_NONE)
		return 0;
	size_t at = (size_t)(c->bit / 8);
	uint32_t bits = c->in.p[at];
	for (size_t i = 1; i < 3 && at + i < c->in.n; i++)
		bits |= (uint32_t)c->in.p[at + i] << 8 * i;
	bits = bits >> c->bit % 8 & ((1u << n) - 1);
	c->bit += n;
	return bits;
}

static void put(struct coding *c, uint8_t byte)
{
	if (c->n == c->size)
		fail(c, ERR_CORRUPT);
	else
		c->out[c->n++] = byte;
}

/* Before the first byte the window is full of zeros. */
static void copy(struct coding *c, size_t distance, size_t length)
{
	for (size_t i = 0; i < length && c->error == ERR_NONE; i++)
		put(c, distance > c->n ? 0 : c->out[c->n - distance]);
}

/* ---- shrinking ---- */

#define CODES 8192u
#define CODE_BITS_MIN 9u
#define CODE_BITS_MAX 13u
#define CONTROL 256u /* what it means says the next code */
#define WIDER 1u
#define CLEAR 2u
#define FREE 0xffffu
#define ROOT 0xfffeu

/* A tree of words: each is that of `parent` and one more byte. A parent may have been freed: then what takes its place is the parent. What a
 * clearing costs must not be more than the codes that it frees: one may stand behind every code. */
struct words {
	uint16_t parent[CODES];
	uint8_t byte[CODES];
	uint16_t children[CODES];
	uint16_t leaves[CODES]; /* all that are, and some that were */
	unsigned leaves_n;
	uint64_t free[CODES / 64];
	unsigned last; /* codes up to this one are not free */
};

struct before {
	unsigned code; /* FREE: there was none */
	uint8_t first; /* of its bytes */
};

static void words_begin(struct words *w)
{
	memset(w->children, 0, sizeof w->children);
	memset(w->free, 0xff, sizeof w->free);
	for (unsigned i = 0; i < CODES; i++) {
		w->parent[i] = i < CONTROL ? ROOT : FREE;
		w->byte[i] = (uint8_t)i;
	}
	w->leaves_n = 0;
	w->last = CONTROL;
}

/* "Partial clearing": the leaves of the tree, as it is now, are free again. */
static void words_clear(struct words *w)
{
	unsigned n = 0, next = 0;
	for (unsigned i = 0; i < w->leaves_n; i++)
		if (!w->children[w->leaves[i]])
			w->leaves[n++] = w->leaves[i];
	for (unsigned i = 0; i < n; i++) {
		unsigned leaf = w->leaves[i], parent = w->parent[leaf];
		w->parent[leaf] = FREE;
		w->free[leaf / 64] |= (uint64_t)1 << leaf % 64;
		if (!--w->children[parent] && parent > CONTROL && w->parent[parent] != FREE)
			w->leaves[next++] = (uint16_t)parent;
	}
	w->leaves_n = next;
	w->last = CONTROL;
}

/* The first free code behind the last one that was taken; CODES: there is none. */
static unsigned free_code(const struct words *w)
{
	unsigned from = w->last + 1;
	for (unsigned i = from / 64; i < CODES / 64; i++) {
		uint64_t bits = w->free[i] & (i == from / 64 ? ~(uint64_t)0 << from % 64 : ~(uint64_t)0);
		if (bits)
			return 64 * i + (unsigned)__builtin_ctzll(bits);
	}
	return CODES;
}

static void words_add(struct words *w, unsigned parent, uint8_t byte)
{
	unsigned code = free_code(w);
	w->last = code < CODES ? code : CODES - 1;
	if (code == CODES)
		return;
	w->parent[code] = (uint16_t)parent;
	w->byte[code] = byte;
	w->free[code / 64] &= ~((uint64_t)1 << code % 64);
	w->children[parent]++;
	if (!w->children[code])
		w->leaves[w->leaves_n++] = (uint16_t)code;
}

/* The word of that code from its last byte on, into the end of `word`; where it begins there. 0: it is none. A code that is free is the
 * one that is just being made, of the word before and its first byte: by itself, or as the parent of a word whose own parent was freed
 * before. As words may so have new parents they may also lead in a circle. */
static unsigned word_of(const struct words *w, unsigned code, const struct before *before, uint8_t word[CODES])
{
	bool itself = false;
	for (unsigned at = CODES; at;) {
		if (w->parent[code] == FREE) {
			if (itself || before->code == FREE)
				return 0;
			itself = true;
			word[--at] = before->first;
			code = before->code;
			continue;
		}
		word[--at] = w->byte[code];
		if (w->parent[code] == ROOT)
			return at;
		code = w->parent[code];
	}
	return 0;
}

static void put_word(struct coding *c, const uint8_t *word, size_t n)
{
	size_t room = c->size - c->n;
	memcpy(c->out + c->n, word, n < room ? n : room);
	c->n += n < room ? n : room;
	if (n > room)
		fail(c, ERR_CORRUPT);
}

static unsigned control(struct coding *c, struct words *w, unsigned bits)
{
	unsigned what = take(c, bits);
	if (c->error == ERR_NONE && what == CLEAR)
		words_clear(w);
	else if (what != WIDER || bits == CODE_BITS_MAX)
		fail(c, ERR_CORRUPT);
	return bits + (what == WIDER);
}

static void unshrink(struct coding *c)
{
	struct words words;
	struct before before = { .code = FREE };
	uint8_t word[CODES];
	unsigned bits = CODE_BITS_MIN;
	words_begin(&words);
	while (c->n < c->size && c->error == ERR_NONE) {
		unsigned code = take(c, bits);
		if (c->error != ERR_NONE)
			return;
		if (code == CONTROL) {
			bits = control(c, &words, bits);
			continue;
		}
		unsigned at = word_of(&words, code, &before, word);
		if (!at) {
			fail(c, ERR_CORRUPT);
			return;
		}
		put_word(c, word + at, CODES - at);
		if (before.code != FREE)
			words_add(&words, before.code, word[at]);
		before = (struct before){ code, word[at] };
	}
}

/* ---- reducing ---- */

#define FOLLOWERS_MAX 32u
#define MARK 144u
#define LENGTH_MIN 3u

/* Which bytes are likely behind a byte. */
struct followers {
	uint8_t n, bits, byte[FOLLOWERS_MAX];
};

static void followers_read(struct coding *c, struct followers sets[256])
{
	for (unsigned i = 256; i--;) {
		struct followers *f = &sets[i];
		unsigned n = take(c, 6);
		if (n > FOLLOWERS_MAX)
			fail(c, ERR_CORRUPT);
		if (c->error != ERR_NONE)
			return;
		f->n = (uint8_t)n;
		f->bits = 1;
		while (1u << f->bits < n)
			f->bits++;
		for (unsigned k = 0; k < n; k++)
			f->byte[k] = (uint8_t)take(c, 8);
	}
}

static unsigned likely(struct coding *c, const struct followers *f)
{
	if (!f->n || take(c, 1))
		return take(c, 8);
	unsigned i = take(c, f->bits);
	if (i >= f->n)
		fail(c, ERR_CORRUPT);
	return c->error == ERR_NONE ? f->byte[i] : 0;
}

/* The second stage: what is behind a mark is the mark itself, or a length and a distance. */
static void unreduce(struct coding *c, unsigned strength)
{
	struct followers sets[256];
	unsigned length_bits = 8 - strength, most = (1u << length_bits) - 1, byte = 0;
	followers_read(c, sets);
	while (c->n < c->size && c->error == ERR_NONE) {
		byte = likely(c, &sets[byte]);
		if (byte != MARK) {
			if (c->error == ERR_NONE)
				put(c, (uint8_t)byte);
			continue;
		}
		unsigned both = byte = likely(c, &sets[byte]);
		if (!both) {
			if (c->error == ERR_NONE)
				put(c, MARK);
			continue;
		}
		size_t length = both & most;
		if (length == most)
			length += byte = likely(c, &sets[byte]);
		byte = likely(c, &sets[byte]);
		copy(c, ((size_t)(both >> length_bits) << 8) + byte + 1, length + LENGTH_MIN);
	}
}

/* ---- imploding ---- */

#define TREE_BITS_MAX 16u
#define LITERALS 256u
#define DISTANCES 64u
#define LENGTHS 64u

/* How many codes there are of each length, and their symbols in order. */
struct tree {
	uint16_t count[TREE_BITS_MAX + 1];
	uint16_t symbol[LITERALS];
};

/* Runs of symbols whose codes are as long; together they must be all, and all codes must be taken. */
static void tree_read(struct coding *c, struct tree *t, unsigned symbols)
{
	uint8_t lengths[LITERALS];
	unsigned n = 0;
	memset(t, 0, sizeof *t);
	for (unsigned runs = take(c, 8) + 1; runs && c->error == ERR_NONE; runs--) {
		unsigned length = take(c, 4) + 1, times = take(c, 4) + 1;
		if (times > symbols - n)
			fail(c, ERR_CORRUPT);
		for (; times && c->error == ERR_NONE; times--)
			lengths[n++] = (uint8_t)length;
	}
	if (n < symbols || canonical_code(lengths, n, TREE_BITS_MAX, t->count, t->symbol) != 0)
		fail(c, ERR_CORRUPT);
}

/* Codes count down from all ones, as they are given from the longest on upwards. */
static unsigned take_symbol(struct coding *c, const struct tree *t)
{
	unsigned code = 0, first = 0, index = 0;
	for (unsigned length = 1; length <= TREE_BITS_MAX && c->error == ERR_NONE; length++) {
		code = code << 1 | !take(c, 1);
		first <<= 1;
		if (code - first < t->count[length])
			return t->symbol[index + code - first];
		first += t->count[length];
		index += t->count[length];
	}
	fail(c, ERR_CORRUPT);
	return 0;
}

static void explode(struct coding *c, unsigned flags)
{
	struct tree literals, lengths, distances;
	bool coded = flags & ZIP_FLAG_LITERAL_TREE;
	if (coded)
		tree_read(c, &literals, LITERALS);
	tree_read(c, &lengths, LENGTHS);
	tree_read(c, &distances, DISTANCES);
	while (c->n < c->size && c->error == ERR_NONE) {
		if (take(c, 1)) {
			unsigned byte = coded ? take_symbol(c, &literals) : take(c, 8);
			if (c->error == ERR_NONE)
				put(c, (uint8_t)byte);
			continue;
		}
		unsigned low_bits = flags & ZIP_FLAG_WINDOW_8K ? 7 : 6, distance = take(c, low_bits);
		distance |= take_symbol(c, &distances) << low_bits;
		unsigned length = take_symbol(c, &lengths);
		if (length == LENGTHS - 1)
			length += take(c, 8);
		copy(c, distance + 1, length + (coded ? 3 : 2));
	}
}

/* ---- */

const struct zip_old *zip_old_find(unsigned method)
{
	/* Shrunk: words of 7936 bytes of 9 bits. Reduced: 385 bytes of four symbols of 2 bits. Imploded: 321 bytes of 17 bits. */
	static const struct zip_old old[] = {
		{ METHOD_SHRINK, "shrunk", 7055 },    { METHOD_REDUCE, "reduced", 385 },     { METHOD_REDUCE + 1, "reduced", 385 },
		{ METHOD_REDUCE + 2, "reduced", 385 }, { METHOD_REDUCE + 3, "reduced", 385 }, { METHOD_IMPLODE, "imploded", 152 },
	};
	return method >= METHOD_SHRINK && method <= METHOD_IMPLODE ? &old[method - METHOD_SHRINK] : NULL;
}

enum error_code zip_old_decode(unsigned method, unsigned flags, struct span in, uint8_t *out, size_t size, size_t *used, size_t *n)
{
	struct coding c = { .in = in, .out = out, .size = size };
	*used = *n = 0;
	if (!size && !in.n) /* not even the tables are there, nor need they be */
		return ERR_NONE;
	if (method == METHOD_SHRINK)
		unshrink(&c);
	else if (method == METHOD_IMPLODE)
		explode(&c, flags);
	else
		unreduce(&c, method - METHOD_REDUCE + 1);
	*used = (size_t)((c.bit + 7) / 8);
	*n = c.n;
	return c.error;
}
