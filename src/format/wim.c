/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows Imaging: images of file systems whose files stand once each, by their SHA-1.
 *
 * Specification: Microsoft's "Windows Imaging File Format (WIM)"; what it leaves out: wimlib, header.h and blob_table.c.
 */
#include "format/wim.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/lzx.h"
#include "base/sort.h"

#define HEADER 208u
#define PIPABLE "WLPWM\0\0\0" /* wimlib's, which can be written and read in one go: the header that has the tables is behind all */
#define MAGIC_N 8u
#define HEADER_SAME 48u /* bytes that both headers of a pipable one have */
#define VERSION 0x10d00u
#define VERSION_SOLID 0xe00u
#define FLAG_COMPRESSED 0x2u
#define FLAG_XPRESS 0x20000u
#define FLAG_LZX 0x40000u
#define FLAG_LZMS 0x80000u
#define FLAG_XPRESS_2 0x200000u
#define CHUNK_MIN 4096u
#define CHUNK_MAX (1u << 26)
#define BLOB 50u
#define SOLID_ITSELF 0x100000000u /* the size of an entry that is no file's, but tells where a solid resource is */
#define SIZE_MAX_FILE ((uint64_t)1 << 56)
#define METADATA_MAX ((uint64_t)192 << 20)
#define AGAIN 8u               /* times that all data may be told again, as further files' */
#define AGAIN_LEAST (1u << 20) /* links, all to the same place, may be most of a small one */

struct header {
	uint32_t version, flags, images;
	struct wim_packing packing;
	uint16_t part, parts;
	struct wim_resource table, xml, integrity;
	uint64_t size;
};

static struct wim_resource resource_read(struct reader *r)
{
	struct wim_resource v;
	v.packed = rd_uint(r, 7);
	v.flags = rd_u8(r);
	v.at = rd_u64(r);
	v.size = rd_u64(r);
	return v;
}

static bool in_bounds(const struct wim_resource *r)
{
	return !r->packed || (r->at >= HEADER && r->at < SIZE_MAX_FILE);
}

static struct wim_packing packing_of(const struct header *h)
{
	struct wim_packing p = { .method = WIM_STORED, .chunk_size = h->packing.chunk_size };
	if (!(h->flags & FLAG_COMPRESSED))
		return p;
	p.method = h->flags & (FLAG_XPRESS | FLAG_XPRESS_2) ? WIM_XPRESS : h->flags & FLAG_LZX ? WIM_LZX : h->flags & FLAG_LZMS ? WIM_LZMS : WIM_UNKNOWN;
	return p;
}

static bool packing_may_be(const struct wim_packing *p)
{
	uint32_t size = p->chunk_size;
	uint32_t most = p->method == WIM_XPRESS ? 1u << 16 : p->method == WIM_LZX ? 1u << LZX_WINDOW_BITS_MAX : CHUNK_MAX;
	uint32_t least = p->method == WIM_LZX ? 1u << LZX_WINDOW_BITS_MIN : CHUNK_MIN;
	return p->method == WIM_STORED || (size >= least && size <= most && (size & (size - 1)) == 0);
}

static uint64_t end_of(const struct wim_resource *r, uint64_t end)
{
	return r->packed && r->at + r->packed > end ? r->at + r->packed : end;
}

static bool header_read(struct span bytes, struct header *h)
{
	struct reader r = reader_le(bytes);
	rd_skip(&r, 8);
	uint32_t length = rd_u32(&r);
	h->version = rd_u32(&r);
	h->flags = rd_u32(&r);
	h->packing.chunk_size = rd_u32(&r);
	rd_skip(&r, 16);
	h->part = rd_u16(&r);
	h->parts = rd_u16(&r);
	h->images = rd_u32(&r);
	h->table = resource_read(&r);
	h->xml = resource_read(&r);
	struct wim_resource boot = resource_read(&r);
	rd_skip(&r, 4);
	h->integrity = resource_read(&r);
	h->packing = packing_of(h);
	h->size = end_of(&h->integrity, end_of(&boot, end_of(&h->xml, end_of(&h->table, HEADER))));
	h->packing.pipable = span_starts(bytes, PIPABLE, MAGIC_N);
	bool known = (h->packing.pipable || span_starts(bytes, "MSWIM\0\0\0", MAGIC_N)) && (h->version == VERSION || h->version == VERSION_SOLID);
	return rd_ok(&r) && known && length == HEADER && h->part && h->part <= h->parts && packing_may_be(&h->packing) && in_bounds(&h->table) &&
		   in_bounds(&h->xml) && in_bounds(&boot) && in_bounds(&h->integrity) && h->table.size % BLOB == 0;
}

/* Of a pipable one: the end, behind the other header. It is the next thing with that mark, so that a search through many costs no more than
 * one through all. */
static bool pipable_end(struct span bytes, uint64_t *end)
{
	struct span s = span_from(bytes, HEADER);
	const uint8_t *p = s.n ? memmem(s.p, s.n, PIPABLE, MAGIC_N) : NULL;
	struct header h;
	*end = p ? (uint64_t)(p - bytes.p) + HEADER : bytes.n;
	return p && span_has(bytes, *end - HEADER, bytes.p, HEADER_SAME) && header_read(span_from(bytes, *end - HEADER), &h);
}

/* ---- the table of what there is ---- */

static int compare(const void *a, const void *b)
{
	const struct wim_blob *const *x = a, *const *y = b;
	return memcmp((*x)->sha1.p, (*y)->sha1.p, DIGEST_SHA1_SIZE);
}

struct wim_blob *wim_blob_find(const struct wim *m, struct span sha1)
{
	size_t from = 0, to = m->blobs_n;
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int order = memcmp(sha1.p, m->by_sha1[mid]->sha1.p, DIGEST_SHA1_SIZE);
		if (!order)
			return m->by_sha1[mid];
		if (order < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

/* The table may say more of a resource than its bytes can be. */
static uint64_t holds_at_most(const struct wim *m, const struct wim_resource *r)
{
	uint64_t most = span_clip(m->bytes, r->at, r->packed).n * (uint64_t)(r->flags & WIM_COMPRESSED ? LZX_RATIO : 1);
	return r->size < most ? r->size : most;
}

static struct error table_read(struct wim *m, const struct header *h)
{
	struct span s = span_clip(m->bytes, h->table.at, h->table.packed);
	if (h->table.flags & WIM_COMPRESSED)
		return error_at(ERR_UNSUPPORTED, h->table.at, "a packed table of the data is not read");
	if (s.n < h->table.packed)
		emit_damage_at(m->w->sink, ERR_TRUNCATED, h->table.at, "the table of the data is not all there");
	m->blobs_n = s.n / BLOB;
	m->blobs = ARENA_ARRAY(m->w->arena, struct wim_blob, m->blobs_n + 1);
	m->by_sha1 = ARENA_ARRAY(m->w->arena, struct wim_blob *, m->blobs_n + 1);
	struct wim_blob **spare = ARENA_ARRAY(m->w->arena, struct wim_blob *, m->blobs_n + 1);
	if (!m->blobs || !m->by_sha1 || !spare)
		return error_at(ERR_BUDGET, h->table.at, "no memory left for the table of the data");
	struct reader r = reader_le(s);
	uint64_t held = 0, claimed = 0;
	unsigned images = 0;
	for (size_t i = 0; i < m->blobs_n; i++) {
		struct wim_blob *b = m->by_sha1[i] = &m->blobs[i];
		*b = (struct wim_blob){ .r = resource_read(&r), .part = rd_u16(&r) };
		rd_skip(&r, 4); /* how many files have it */
		b->sha1 = rd_bytes(&r, DIGEST_SHA1_SIZE);
		images += b->part == m->part && b->r.flags & WIM_METADATA;
		bool here = b->part == m->part && !(b->r.flags & WIM_SOLID) && in_bounds(&b->r);
		if (!here)
			continue;
		rest_take(&m->rest, b->r.at, b->r.flags & WIM_COMPRESSED ? b->r.packed : wim_stored(m->bytes, &b->r).n);
		claimed += span_clip(m->bytes, b->r.at, b->r.packed).n;
		held += holds_at_most(m, &b->r);
		if (claimed > 2 * (uint64_t)m->bytes.n)
			return error_at(ERR_BUDGET, h->table.at + i * BLOB, "the data overlap: together they claim more than there is");
	}
	sort_stable(m->by_sha1, spare, m->blobs_n, sizeof(void *), compare);
	m->images = images > m->images ? images : m->images;
	m->claim_max = AGAIN * held + AGAIN_LEAST;
	return error_none();
}

/* SHA-1 of pieces of all between the header and the end of the table. */
static void integrity_verify(struct wim *m, const struct header *h)
{
	struct span s = span_clip(m->bytes, h->integrity.at, h->integrity.packed);
	uint32_t n = span_u32le(s, 4), size = span_u32le(s, 8);
	uint64_t end = h->table.at + h->table.packed;
	unsigned wrong = 0, known = 0;
	if (!h->integrity.packed || end > m->bytes.n)
		return;
	if (s.n < 12 || !size || (s.n - 12) / DIGEST_SHA1_SIZE < n) {
		emit_damage_at(m->w->sink, ERR_CORRUPT, h->integrity.at, "the table of digests can not be read");
		return;
	}
	for (uint64_t at = HEADER; known < n && at < end; at += size, known++) {
		struct span piece = span_sub(m->bytes, at, end - at < size ? end - at : size);
		wrong += !digest_matches(DIGEST_SHA1, piece, span_sub(s, 12 + known * (uint64_t)DIGEST_SHA1_SIZE, DIGEST_SHA1_SIZE));
	}
	if (known * (uint64_t)size < end - HEADER)
		emit_damage_at(m->w->sink, ERR_CORRUPT, h->integrity.at, "the table of digests is not of the whole file");
	if (wrong)
		emit_damage_at(m->w->sink, ERR_CORRUPT, h->integrity.at, "%u of %u pieces of the file have another SHA-1 than the table of digests says",
					   wrong, known);
}

/* ---- images ---- */

static void free_held(void *p)
{
	buf_free((struct buf *)p);
}

static struct error walk_image(struct wim *m, struct wim_blob *b, unsigned image)
{
	struct buf *out = ARENA_NEW(m->w->arena, struct buf);
	uint64_t most = m->w->room && m->w->room < METADATA_MAX ? m->w->room : METADATA_MAX;
	char prefix[16] = "";
	if (!out || !arena_defer(m->w->arena, free_held, out))
		return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for image %u", image);
	*out = buf_with_limit(most > m->w->held ? (size_t)(most - m->w->held) : 1);
	out->meter = m->w->meter;
	struct error e = wim_unpack(m->bytes, &m->packing, &b->r, out);
	m->w->held += out->n;
	b->used = !error_is(&e);
	if (error_is(&e))
		wim_damage(m, e.code, b->r.at, "the directories of image %u can not be read: %s", image, e.text);
	else if (!digest_matches(DIGEST_SHA1, buf_span(out), b->sha1))
		wim_damage(m, ERR_CORRUPT, b->r.at, "the directories of image %u have another SHA-1 than the table says", image);
	if (m->images > 1)
		snprintf(prefix, sizeof prefix, "/%u", image);
	e = out->n ? wim_walk_image(m, buf_span(out), image, prefix) : error_none();
	if (error_is(&e))
		wim_damage(m, e.code, b->r.at, "of image %u not all is read: %s", image, e.text);
	return error_none();
}

/* What no file has: files of other parts' directories, or of those that could not be read. */
static struct error emit_unnamed(struct wim *m)
{
	for (size_t i = 0; i < m->blobs_n && !m->stopped; i++) {
		struct wim_blob *b = &m->blobs[i];
		char path[64] = "/data-";
		if (b->used || b->part != m->part || (b->r.flags & WIM_SOLID && b->r.size == SOLID_ITSELF) || !in_bounds(&b->r))
			continue;
		struct entry e = entry_new(ENTRY_FILE, TEXT_NONE);
		hash_hex(b->sha1.p, b->sha1.n, path + strlen(path));
		e.path = text_c(path);
		if (!wim_content(m, b, &e))
			return error_at(ERR_BUDGET, OFFSET_NONE, "no memory left for the files");
		m->stopped = !m->w->child(m->w, &e);
	}
	return error_none();
}

static void tell(const struct wim *m, const struct header *h)
{
	static const char *const names[] = { "none", "XPRESS", "LZX", "LZMS", "unknown" };
	emit_header_field(m->w->sink, 16, "compression", "%s", names[m->packing.method]);
	emit_header_field(m->w->sink, 44, "images", "%u", h->images);
	if (m->parts > 1)
		emit_header_field(m->w->sink, 40, "part", "%u of %u", m->part, m->parts);
}

static void emit_rest(struct wim *m, const struct header *h)
{
	struct span xml = span_clip(m->bytes, h->xml.at, h->xml.packed);
	struct entry e = entry_new(ENTRY_REGION, text_c("xml"));
	e.offset = h->xml.at;
	e.size = xml.n;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = xml };
	if (xml.n && !m->w->child(m->w, &e))
		return;
	rest_take(&m->rest, 0, HEADER);
	if (m->packing.pipable)
		rest_take(&m->rest, h->size - HEADER, HEADER);
	rest_take(&m->rest, h->table.at, h->table.packed);
	rest_take(&m->rest, h->xml.at, h->xml.packed);
	rest_take(&m->rest, h->integrity.at, h->integrity.packed);
	rest_emit(&m->rest, m->bytes, m->w);
}

static struct error walk_all(struct wim *m, const struct header *h)
{
	unsigned image = 0;
	struct error e = table_read(m, h);
	if (error_is(&e))
		return e;
	integrity_verify(m, h);
	for (size_t i = 0; i < m->blobs_n && !m->stopped && !error_is(&e); i++)
		if (m->blobs[i].r.flags & WIM_METADATA && m->blobs[i].part == m->part)
			e = walk_image(m, &m->blobs[i], ++image);
	if (image < h->images && m->part == 1 && !m->stopped)
		wim_damage(m, ERR_CORRUPT, h->table.at, "of %u images %u are there", h->images, image);
	if (!m->stopped && !error_is(&e))
		e = emit_unnamed(m);
	return e;
}

static struct error wim_walk(struct span bytes, struct walk *w)
{
	struct header h;
	if (!header_read(bytes, &h))
		return error_at(ERR_CORRUPT, 0, "no header of an image file");
	uint64_t end = h.size;
	if (h.packing.pipable && (!pipable_end(bytes, &end) || !header_read(span_from(bytes, end - HEADER), &h)))
		return error_at(ERR_TRUNCATED, bytes.n, "the header behind the data, which tells where they are, is not there");
	h.size = end;
	struct wim m = { .w = w, .bytes = span_clip(bytes, 0, h.size), .packing = h.packing, .part = h.part, .parts = h.parts,
					 .images = h.images, .rest = { .arena = w->arena } };
	tell(&m, &h);
	struct error e = walk_all(&m, &h);
	emit_damage_further(w->sink, m.damages);
	if (!m.stopped)
		emit_rest(&m, &h);
	return e;
}

static bool wim_probe(struct span at, struct format_match *match)
{
	struct header h;
	if (!header_read(at, &h))
		return false;
	match->size = h.size;
	if (h.packing.pipable && !pipable_end(at, &match->size))
		return false;
	match->confidence = 90;
	return true;
}

static const struct format_magic magics[] = { MAGIC(PIPABLE "\xd0\0\0\0", 0), MAGIC("MSWIM\0\0\0\xd0\0\0\0", 0), MAGIC_END };

const struct format wim_format = {
	.name = "wim",
	.kind = FORMAT_ARCHIVE,
	.title = "Windows Imaging file",
	.spec = "Microsoft: Windows Imaging File Format; wimlib",
	.magics = magics,
	.probe = wim_probe,
	.walk = wim_walk,
};
