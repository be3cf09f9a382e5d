/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/lzw.h"

#include <stdlib.h>

#define TABLE_MAX (1u << LZW_BITS_MAX)
#define END 257u

unsigned lzw_code(struct lzw *z)
{
	uint64_t at = z->bit / 8;
	uint32_t word = 0;
	if (z->bit + z->bits > 8 * (uint64_t)z->bytes.n) {
		z->past = true;
		return 0;
	}
	for (unsigned i = 0; i < 3 && at + i < z->bytes.n; i++)
		word |= (uint32_t)z->bytes.p[at + i] << (8 * i);
	word = word >> (z->bit % 8) & ((1u << z->bits) - 1);
	z->bit += z->bits;
	return word;
}

/* Where codes are written eight at a time, and their width changes, the rest of the eight is not used. */
static void set_bits(struct lzw *z, unsigned bits)
{
	uint64_t eight = 8 * (uint64_t)z->bits;
	if (z->eights)
		z->bit = z->group + (z->bit - z->group + eight - 1) / eight * eight;
	z->group = z->bit;
	z->bits = bits;
}

static void widen(struct lzw *z)
{
	if (z->next >= 1u << z->bits && z->bits < z->max_bits)
		set_bits(z, z->bits + 1);
}

struct table {
	uint32_t at[TABLE_MAX]; /* where in the output the word of a code stands last */
	uint32_t n[TABLE_MAX];
};

/* The word of each new code is the word before it and the first byte of the one after: it stands in the output
 * already. */
static struct error decode(struct lzw *z, struct table *t, struct buf *out)
{
	size_t base = out->n, before_at = 0;
	uint32_t before_n = 0;
	for (;;) {
		uint64_t where = z->bit / 8;
		unsigned code = lzw_code(z);
		if (z->past || (z->ends && code == END))
			return error_none();
		if (z->blocks && code == LZW_CLEAR) {
			set_bits(z, LZW_BITS_MIN);
			z->next = z->first;
			before_n = 0;
			continue;
		}
		bool itself = before_n && code == z->next && z->next < TABLE_MAX; /* the code that is just being made */
		if (!itself && code > 255 && (!before_n || code < z->first || code >= z->next || !t->n[code]))
			return error_at(ERR_CORRUPT, where, "a code of LZW that was not made before");
		uint32_t n = itself ? before_n + 1 : code < 256 ? 1 : t->n[code];
		if (out->n - base > UINT32_MAX - n || buf_reserve(out, n))
			return error_at(ERR_BUDGET, where, "the stream unpacks to more than is allowed");
		size_t from = itself ? before_at : t->at[code];
		uint8_t *p = out->p + out->n;
		if (code < 256)
			*p = (uint8_t)code;
		for (uint32_t i = 0; code >= 256 && i < n; i++)
			p[i] = out->p[base + from + i];
		if (before_n && z->next < 1u << z->max_bits) {
			t->at[z->next] = (uint32_t)before_at;
			t->n[z->next++] = before_n + 1;
		}
		before_at = out->n - base;
		before_n = n;
		out->n += n;
		widen(z);
	}
}

struct error lzw_decode(struct lzw *z, struct buf *out)
{
	struct table *t = calloc(1, sizeof *t);
	if (!t)
		return error_at(ERR_MEMORY, 0, "no memory for the table of codes");
	struct error error = decode(z, t, out);
	free(t);
	return error;
}
