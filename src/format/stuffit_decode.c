/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/stuffit_decode.h"

#include "format/arc_decode.h"
#include "format/lzw.h"
#include "format/msb_bits.h"

enum { RUNS = 1, LZW, HUFFMAN, LZ_HUFFMAN = 13 };

/* A tree of codes, written depth first: 1 and a letter, or 0 and what a 0 and a 1 lead to. */
struct tree {
	uint16_t next[512][2]; /* a node, or a letter and LEAF */
	unsigned n;
};
#define LEAF 0x8000u
#define NODES_MAX 255u
#define TREE_DEPTH 256u

static bool read_tree(struct msb_bits *b, struct tree *t)
{
	uint16_t open[TREE_DEPTH], root, *at = &root; /* nodes whose second branch is still to be read */
	unsigned depth = 0;
	for (;;) {
		bool leaf = msb_take(b, 1);
		uint16_t here = (uint16_t)(leaf ? LEAF | msb_take(b, 8) : t->n);
		if (b->past || (!leaf && (t->n == NODES_MAX || depth == TREE_DEPTH)))
			return false;
		*at = here;
		if (!leaf) {
			open[depth++] = (uint16_t)t->n;
			at = &t->next[t->n++][0];
			continue;
		}
		if (!depth)
			return true;
		at = &t->next[open[--depth]][1];
	}
}

static enum error_code unpack_huffman(struct span in, uint32_t size, struct buf *out)
{
	struct msb_bits b = { .in = in };
	struct tree t = { .n = 0 };
	if (size && !read_tree(&b, &t))
		return b.past ? ERR_TRUNCATED : ERR_CORRUPT;
	if (size && (!t.n || size / 8 > in.n)) /* a letter takes a bit; a tree of one letter has none */
		return t.n ? ERR_TRUNCATED : ERR_UNSUPPORTED;
	enum error_code code = buf_reserve(out, size);
	for (; !code && size; size--) {
		uint16_t node = 0;
		while (!(node & LEAF) && !b.past)
			node = t.next[node][msb_take(&b, 1)];
		if (b.past)
			return ERR_TRUNCATED;
		out->p[out->n++] = (uint8_t)node;
	}
	return code;
}

static enum error_code unpack_lzw(struct span in, uint32_t size, struct buf *out)
{
	struct lzw z = { .bytes = in, .bits = LZW_BITS_MIN, .max_bits = 14, .next = LZW_CLEAR + 1, .first = LZW_CLEAR + 1, .blocks = true };
	size_t before = out->n;
	z.eights = true;
	struct error e = lzw_decode(&z, out);
	if (out->n - before > size) /* by codes of the last bits */
		out->n = before + size;
	return out->n - before == size ? ERR_NONE : error_is(&e) ? e.code : ERR_TRUNCATED;
}

bool stuffit_decode_knows(unsigned method)
{
	return (method >= RUNS && method <= HUFFMAN) || method == LZ_HUFFMAN || method == STUFFIT_ARSENIC;
}

enum error_code stuffit_decode(unsigned method, struct span in, uint32_t size, struct buf *out)
{
	switch (method) {
	case RUNS:
		return rle90_decode(in, size, out);
	case LZW:
		return unpack_lzw(in, size, out);
	case HUFFMAN:
		return unpack_huffman(in, size, out);
	case LZ_HUFFMAN:
		return stuffit13(in, size, out);
	case STUFFIT_ARSENIC:
		return stuffit_arsenic(in, size, out);
	default:
		return ERR_UNSUPPORTED;
	}
}
