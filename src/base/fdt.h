/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flattened device trees, token by token.
 *
 * Specification: Devicetree Specification 0.4, chapter 5 (https://github.com/devicetree-org/devicetree-specification).
 */
#ifndef ASSAY_BASE_FDT_H
#define ASSAY_BASE_FDT_H

#include "base/error.h"
#include "base/span.h"

#define FDT_DEPTH_MAX 64u

struct fdt {
	struct span blob;    /* up to totalsize, or what there is of it */
	struct span structs; /* structure block */
	struct span strings; /* strings block */
	uint64_t structs_at;
	uint32_t total_size, version;
	bool names_cut; /* the strings block is not all there: names of properties that stood in the rest are empty */
};

enum fdt_token_kind {
	FDT_BEGIN,    /* a node: name */
	FDT_PROPERTY, /* name and value */
	FDT_CLOSE,    /* the node ends */
	FDT_DONE,     /* the tree ends as it should */
	FDT_BROKEN,   /* the structure block is damaged at `at` */
};

struct fdt_token {
	enum fdt_token_kind kind;
	unsigned depth; /* of the node that begins, ends or has the property; the root's is 1 */
	struct text name;
	struct span value;
	uint32_t size; /* of the value; value.n is less where the tree is cut off */
	uint64_t at;   /* of the token in the blob */
	uint64_t value_at;
};

struct fdt_cursor {
	const struct fdt *fdt;
	struct reader r;
	unsigned depth;
};

/* Reads the header; false when its numbers do not fit together or no root node follows. */
bool fdt_open(struct span bytes, struct fdt *fdt) MUST_USE;

/* Before the first token of the tree, for fdt_next(). The cursor points to `fdt`, which must outlive it. */
static inline struct fdt_cursor fdt_begin(const struct fdt *fdt)
{
	return (struct fdt_cursor){ .fdt = fdt, .r = reader_be(fdt->structs) };
}

/* The next token; false after FDT_DONE or FDT_BROKEN, which it gives in t->kind. */
bool fdt_next(struct fdt_cursor *c, struct fdt_token *t);

/* A property of strings, as one line: their terminators become spaces. Cut at the size of `out`. */
void fdt_strings(struct span value, char *out, size_t size);

/* A property of one string: up to its terminator. */
struct text fdt_string(struct span value);

#endif
