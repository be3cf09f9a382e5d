/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fdt.h"

#define HEADER_SIZE 40u
#define NAME_MAX_BYTES 256u

/* Tokens of the structure block, section 5.4.1. */
#define TOKEN_BEGIN_NODE 1u
#define TOKEN_END_NODE 2u
#define TOKEN_PROP 3u
#define TOKEN_NOP 4u
#define TOKEN_END 9u

bool fdt_open(struct span bytes, struct fdt *fdt)
{
	struct reader r = reader_be(bytes);
	uint32_t magic = rd_u32(&r);
	fdt->total_size = rd_u32(&r);
	fdt->structs_at = rd_u32(&r);
	uint32_t strings_at = rd_u32(&r);
	uint32_t reserved_at = rd_u32(&r);
	fdt->version = rd_u32(&r);
	uint32_t compatible = rd_u32(&r);
	rd_skip(&r, 4); /* boot_cpuid_phys */
	uint32_t strings_size = rd_u32(&r);
	uint32_t structs_size = rd_u32(&r);
	if (fdt->version < 17 || !structs_size)
		structs_size = fdt->total_size - (uint32_t)fdt->structs_at; /* version 16 does not say */
	if (!rd_ok(&r) || magic != 0xd00dfeed || fdt->version < 16 || fdt->version > 64 || compatible > 17)
		return false;
	if (fdt->structs_at < HEADER_SIZE - 4 || fdt->structs_at % 4 || fdt->structs_at >= fdt->total_size ||
		structs_size > fdt->total_size - fdt->structs_at || strings_at > fdt->total_size ||
		strings_size > fdt->total_size - strings_at || reserved_at >= fdt->total_size)
		return false;

	fdt->blob = span_clip(bytes, 0, fdt->total_size);
	fdt->structs = span_clip(fdt->blob, fdt->structs_at, structs_size);
	fdt->strings = span_clip(fdt->blob, strings_at, strings_size);
	fdt->names_cut = fdt->strings.n < strings_size;
	struct fdt_cursor c = fdt_begin(fdt);
	struct fdt_token root;
	return fdt_next(&c, &root) && root.kind == FDT_BEGIN && root.name.n == 0;
}

static bool take_property(struct fdt_cursor *c, struct fdt_token *t)
{
	uint32_t size = rd_u32(&c->r);
	uint32_t name_at = rd_u32(&c->r);
	t->value_at = c->fdt->structs_at + c->r.at;
	t->size = size;
	t->value = span_clip(c->fdt->structs, c->r.at, size); /* a cut one as far as it goes; the next token fails */
	rd_seek(&c->r, c->r.at + t->value.n);
	rd_skip(&c->r, t->value.n == size ? -size & 3 : 0);
	t->name = text_terminated(span_clip(c->fdt->strings, name_at, NAME_MAX_BYTES));
	if (!t->name.p && c->fdt->names_cut)
		t->name = TEXT_LIT("");
	t->kind = FDT_PROPERTY;
	t->depth = c->depth;
	return c->depth > 0 && t->name.p;
}

static bool take_begin(struct fdt_cursor *c, struct fdt_token *t)
{
	t->name = text_terminated(span_clip(c->fdt->structs, c->r.at, NAME_MAX_BYTES));
	uint64_t size = t->name.n + 1;
	rd_skip(&c->r, (size + 3) & ~(uint64_t)3);
	t->kind = FDT_BEGIN;
	t->depth = ++c->depth;
	return t->name.p && c->depth <= FDT_DEPTH_MAX;
}

static bool take_close(struct fdt_cursor *c, struct fdt_token *t)
{
	t->kind = FDT_CLOSE;
	t->depth = c->depth;
	return c->depth-- > 0;
}

bool fdt_next(struct fdt_cursor *c, struct fdt_token *t)
{
	uint32_t token;
	do {
		*t = (struct fdt_token){ .at = c->fdt->structs_at + c->r.at };
		token = rd_u32(&c->r);
	} while (rd_ok(&c->r) && token == TOKEN_NOP);

	bool good = token == TOKEN_BEGIN_NODE ? take_begin(c, t)
				: token == TOKEN_PROP     ? take_property(c, t)
				: token == TOKEN_END_NODE ? take_close(c, t)
										  : false;
	if (good && rd_ok(&c->r))
		return true;
	t->kind = rd_ok(&c->r) && token == TOKEN_END && c->depth == 0 ? FDT_DONE : FDT_BROKEN;
	return false;
}

void fdt_strings(struct span value, char *out, size_t size)
{
	size_t n = value.n;
	while (n && !value.p[n - 1])
		n--;
	if (n > size - 1)
		n = size - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = value.p[i] ? (char)value.p[i] : ' ';
	out[n] = '\0';
}

struct text fdt_string(struct span value)
{
	struct text t = text_terminated(value);
	return t.p ? t : text_from_span(value);
}
