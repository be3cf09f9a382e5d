/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resources of WIM: chunks behind a table of where they begin. Specification: Microsoft's "Windows Imaging File Format", Resources;
 * wimlib, resource.c. */
#include "base/lzx.h"
#include "base/xpress.h"
#include "format/unpacked.h"
#include "format/wim.h"

#define CHUNK_SIZE 4u /* before a chunk, where they are told so */

/* Where the chunks of a resource are, in its bytes. */
struct chunks {
	struct span bytes, table; /* there may be less of both than there should */
	unsigned width; /* of a place */
	uint64_t n, data; /* data: where the first chunk begins */
	uint64_t end;     /* of them, counted from there without what stands before each */
	unsigned before;
};

static uint64_t place_of(const struct chunks *c, uint64_t i)
{
	if (i == 0)
		return 0;
	if (i == c->n)
		return c->end;
	struct reader r = reader_le(span_sub(c->table, (i - 1) * c->width, c->width));
	uint64_t at = rd_uint(&r, c->width);
	return rd_ok(&r) ? at : UINT64_MAX;
}

/* A chunk that became no smaller is stored. `packed` is how many bytes there should be of it. */
static enum error_code unpack_chunk(const struct wim_packing *p, struct span in, uint64_t packed, uint8_t *out, size_t size, size_t *n)
{
	enum error_code code = ERR_NONE;
	*n = 0;
	if (packed > size)
		return ERR_CORRUPT;
	if (packed == size) {
		memcpy(out, in.p, in.n);
		*n = in.n;
	} else if (p->method == WIM_XPRESS) {
		code = xpress_huffman_decode(in, out, size, n);
	} else {
		code = lzx_decode(LZX_WIM, (unsigned)__builtin_ctz(p->chunk_size), in, out, size, n);
	}
	return in.n < packed ? ERR_TRUNCATED : code ? ERR_CORRUPT : ERR_NONE;
}

static struct error unpack_chunks(const struct wim_packing *p, const struct chunks *c, uint64_t size, struct buf *out)
{
	for (uint64_t i = 0, done = 0; i < c->n; i++) {
		uint64_t from = place_of(c, i), to = place_of(c, i + 1);
		size_t want = size - done < p->chunk_size ? (size_t)(size - done) : p->chunk_size, n = 0;
		bool may_be = from < to && to <= c->end;
		struct span in = may_be ? span_clip(c->bytes, c->data + i * c->before + from, to - from) : SPAN_NONE;
		if (!in.p)
			return error_at(may_be ? ERR_TRUNCATED : ERR_CORRUPT, done, "chunk %llu of %llu is not there", (unsigned long long)i,
							(unsigned long long)c->n);
		enum error_code code = buf_reserve(out, want);
		if (code)
			return error_at(code, done, "the resource has %llu bytes", (unsigned long long)size);
		code = unpack_chunk(p, in, to - from, out->p + out->n, want, &n);
		out->n += n;
		done += n;
		if (code)
			return error_at(code, done, "chunk %llu does not unpack", (unsigned long long)i);
	}
	return error_none();
}

static const char *name_of(enum wim_method method)
{
	return method == WIM_LZMS ? "LZMS" : "its compression";
}

struct span wim_stored(struct span bytes, const struct wim_resource *r)
{
	return span_clip(span_clip(bytes, r->at, r->packed), 0, r->size);
}

struct error wim_unpack(struct span bytes, const struct wim_packing *packing, const struct wim_resource *r, struct buf *out)
{
	struct chunks c = { .bytes = span_clip(bytes, r->at, r->packed), .width = r->size > UINT32_MAX ? 8 : 4 };
	if (r->flags & WIM_SOLID)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "solid resources (ESD) are not read");
	if (!(r->flags & WIM_COMPRESSED)) {
		struct span s = wim_stored(bytes, r);
		if (s.n && buf_add(out, s.p, s.n))
			return error_at(ERR_BUDGET, 0, "the resource has %llu bytes", (unsigned long long)r->size);
		return s.n == r->size ? error_none() : error_at(ERR_TRUNCATED, s.n, "%zu of %llu bytes are there", s.n, (unsigned long long)r->size);
	}
	if (packing->method != WIM_XPRESS && packing->method != WIM_LZX)
		return error_at(ERR_UNSUPPORTED, OFFSET_NONE, "%s is not read", name_of(packing->method));
	c.n = r->size / packing->chunk_size + (r->size % packing->chunk_size != 0);
	uint64_t table = c.n ? (c.n - 1) * c.width : 0;
	c.before = packing->pipable ? CHUNK_SIZE : 0;
	c.data = packing->pipable ? CHUNK_SIZE : table;
	c.end = r->packed - table - c.n * c.before;
	c.table = packing->pipable ? span_sub(c.bytes, r->packed - table, table) : span_sub(c.bytes, 0, table);
	if (table + c.n * c.before > r->packed || (table && !c.table.p))
		return error_at(c.bytes.n < r->packed ? ERR_TRUNCATED : ERR_CORRUPT, 0, "the table of its %llu chunks is not all there",
						(unsigned long long)c.n);
	return unpack_chunks(packing, &c, r->size, out);
}

/* ---- contents ---- */

struct packed {
	struct span bytes, sha1;
	struct wim_packing packing;
	struct wim_resource r;
};

static struct error packed_unpack(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	const struct packed *p = file;
	size_t before = out->n;
	struct error e = wim_unpack(p->bytes, &p->packing, &p->r, out);
	if (!error_is(&e) && !digest_matches(DIGEST_SHA1, span_from(buf_span(out), before), p->sha1))
		e = error_at(ERR_CORRUPT, OFFSET_NONE, "the data have another SHA-1 than the table says");
	return e;
}

static const struct content_ops packed_ops = { .unpack = packed_unpack };

bool wim_content(struct wim *m, const struct wim_blob *b, struct entry *e)
{
	e->size = b->r.flags & WIM_SOLID ? b->r.packed : b->r.size; /* of what is in a solid resource only that is told */
	if (!(b->r.flags & (WIM_COMPRESSED | WIM_SOLID))) {
		struct span s = wim_stored(m->bytes, &b->r);
		e->offset = b->r.at;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = s.n ? s : span_of((const uint8_t *)"", 0) };
		if (!b->used && s.n < b->r.size)
			wim_damage(m, ERR_TRUNCATED, b->r.at, "a file has %llu bytes, %zu are there", (unsigned long long)b->r.size, s.n);
		else if (!b->used && !digest_matches(DIGEST_SHA1, s, b->sha1))
			wim_damage(m, ERR_CORRUPT, b->r.at, "the data have another SHA-1 than the table says");
		return true;
	}
	struct packed *p = ARENA_NEW(m->w->arena, struct packed);
	if (!p)
		return false;
	*p = (struct packed){ m->bytes, b->sha1, m->packing, b->r };
	e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &packed_ops, .file = p };
	return true;
}

bool wim_content_none(struct wim *m, struct entry *e, struct error why)
{
	struct unpacked *u = ARENA_NEW(m->w->arena, struct unpacked);
	if (!u)
		return false;
	*u = (struct unpacked){ span_of((const uint8_t *)"", 0), why };
	unpacked_content(e, u);
	return true;
}
