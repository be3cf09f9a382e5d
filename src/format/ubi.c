/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UBI: a run of physical erase blocks (PEBs), each of which begins with an erase counter header; they hold the logical
 * erase blocks (LEBs) of volumes in any order.
 *
 * Specification: Linux drivers/mtd/ubi/ubi-media.h.
 */

#include "base/hash.h"
#include "format/ubi_image.h"

#define PEB_MIN (4u << 10)
#define PEB_MAX (4u << 20)
#define MULTIPLE_MAX 31u     /* so far a PEB with a header is looked for to learn their size */
#define FOREIGN_RUN_MAX 64u  /* PEBs that are neither UBI's nor erased, between two that are UBI's */
#define HITS_MAX 64u         /* magics that are looked at where a PEB may be shifted */
#define ERASED_RUN_MAX 4096u /* erased ones without a header */

/* The CRC is that of zlib without its final inversion. */
static bool header_read(struct span bytes, uint64_t at, const char *magic, struct reader *r)
{
	struct span header = span_sub(bytes, at, UBI_HEADER_SIZE);
	*r = reader_be(header);
	return span_starts(header, magic, 5) && hash_crc32_raw(UINT32_MAX, span_sub(header, 0, UBI_HEADER_SIZE - 4)) ==
												span_u32be(header, UBI_HEADER_SIZE - 4);
}

bool ubi_ec_read(struct span bytes, uint64_t at, struct ubi_ec *ec)
{
	struct reader r;
	if (!header_read(bytes, at, "UBI#\1", &r))
		return false;
	rd_skip(&r, 4);
	ec->version = rd_u8(&r);
	rd_skip(&r, 3);
	ec->count = rd_u64(&r);
	ec->vid_offset = rd_u32(&r);
	ec->data_offset = rd_u32(&r);
	ec->image_seq = rd_u32(&r);
	return ec->vid_offset >= UBI_HEADER_SIZE && ec->vid_offset < PEB_MAX && ec->data_offset < PEB_MAX &&
		   ec->data_offset >= ec->vid_offset + UBI_HEADER_SIZE;
}

bool ubi_vid_read(struct span bytes, uint64_t at, struct ubi_vid *vid)
{
	struct reader r;
	if (!header_read(bytes, at, "UBI!\1", &r))
		return false;
	rd_skip(&r, 5);
	vid->type = rd_u8(&r);
	vid->copy = rd_u8(&r);
	vid->compat = rd_u8(&r);
	vid->volume = rd_u32(&r);
	vid->lnum = rd_u32(&r);
	rd_skip(&r, 4);
	vid->data_size = rd_u32(&r);
	vid->used_blocks = rd_u32(&r);
	vid->data_pad = rd_u32(&r);
	vid->data_crc = rd_u32(&r);
	rd_skip(&r, 4);
	vid->sqnum = rd_u64(&r);
	return vid->type == UBI_DYNAMIC || vid->type == UBI_STATIC;
}

static bool is_sibling(const struct ubi_ec *a, const struct ubi_ec *b)
{
	return a->vid_offset == b->vid_offset && a->data_offset == b->data_offset;
}

/* The largest power of two that divides the distances of the PEBs that are found near by: the next one may be bad. PEBs
 * of an image within a volume have other offsets, or stand where none can begin. */
static uint32_t peb_size_of(struct span bytes, const struct ubi_ec *first)
{
	for (uint32_t size = PEB_MIN; size <= PEB_MAX; size *= 2) {
		if (size <= first->data_offset)
			continue;
		for (uint32_t i = 1; i <= MULTIPLE_MAX; i += 2) {
			struct ubi_ec ec;
			if (ubi_ec_read(bytes, (uint64_t)i * size, &ec) && is_sibling(first, &ec))
				return size;
		}
	}
	return 0;
}

static bool geometry_read(struct span bytes, struct ubi_geometry *g)
{
	if (!ubi_ec_read(bytes, 0, &g->ec))
		return false;
	g->peb_size = peb_size_of(bytes, &g->ec);
	return true;
}

static bool is_erased(struct span bytes, uint64_t at)
{
	struct span header = span_sub(bytes, at, UBI_HEADER_SIZE);
	for (size_t i = 0; i < header.n; i++)
		if (header.p[i] != 0xff)
			return false;
	return header.n > 0;
}

static bool is_of_image(struct span bytes, uint64_t at, const struct ubi_geometry *g)
{
	struct ubi_ec ec;
	return ubi_ec_read(bytes, at, &ec) && is_sibling(&ec, &g->ec) && ec.image_seq == g->ec.image_seq;
}

/* Two PEBs that stand one behind the other where none is due show it, and none where the one behind is due. */
uint64_t ubi_peb_place(struct span bytes, const struct ubi_geometry *g, uint64_t at)
{
	struct ubi_ec ec;
	uint64_t from = at - g->peb_size / 2;
	if (at < g->peb_size || ubi_ec_read(bytes, at, &ec) || ubi_ec_read(bytes, at + g->peb_size, &ec))
		return at;
	struct span s = span_clip(bytes, from, g->peb_size);
	for (unsigned hits = 0; hits < HITS_MAX && s.n; hits++) {
		const uint8_t *hit = memmem(s.p, s.n, "UBI#\1", 5);
		if (!hit)
			break;
		uint64_t place = (uint64_t)(hit - bytes.p);
		if (is_of_image(bytes, place, g) && (place + g->peb_size >= bytes.n || is_of_image(bytes, place + g->peb_size, g)))
			return place;
		s = span_from(s, (size_t)(hit - s.p) + 1);
	}
	return at;
}

/* Images may follow each other. A new one begins where the image sequence number changes for good, or where the volume
 * table is there once more. */
struct border {
	struct span bytes;
	struct ubi_geometry geometry;
	uint64_t layout_at, layout_sqnum; /* of the first block of the volume table */
	bool has_layout;
	uint64_t strange_at; /* the last PEB, when it has another image's sequence number */
	uint32_t strange_seq;
};

static bool is_other_table(struct border *b, uint64_t at, const struct ubi_ec *ec)
{
	struct ubi_vid vid;
	if (!ubi_vid_read(b->bytes, at + ec->vid_offset, &vid) || vid.volume != UBI_LAYOUT_VOLUME || vid.lnum != 0)
		return false;
	if (b->has_layout && b->layout_sqnum == vid.sqnum && !vid.copy)
		return true;
	b->layout_at = at;
	b->layout_sqnum = vid.sqnum;
	b->has_layout = true;
	return false;
}

/* Whether the PEB at `at` belongs to the image. Sets *end when the image ended before: at or before `at`. */
static bool belongs(struct border *b, uint64_t at, const struct ubi_ec *ec, uint64_t *end)
{
	struct ubi_ec *first = &b->geometry.ec;
	if (first->image_seq == 0)
		first->image_seq = ec->image_seq; /* 0 stands for none */
	bool strange = ec->image_seq != 0 && ec->image_seq != first->image_seq;
	if (strange && b->strange_at && b->strange_seq == ec->image_seq) {
		*end = b->strange_at;
		return false;
	}
	b->strange_at = strange ? at : 0;
	b->strange_seq = ec->image_seq;
	if (!is_other_table(b, at, ec))
		return true;
	*end = at;
	return false;
}

static uint64_t image_end(struct span bytes, const struct ubi_geometry *g)
{
	struct border b = { .bytes = bytes, .geometry = *g };
	uint64_t end = 0;
	unsigned erased = 0, foreign = 0;
	for (uint64_t at = 0; at < bytes.n && foreign <= FOREIGN_RUN_MAX && erased <= ERASED_RUN_MAX; at += g->peb_size) {
		struct ubi_ec ec;
		at = ubi_peb_place(bytes, &b.geometry, at);
		if (!ubi_ec_read(bytes, at, &ec)) {
			*(is_erased(bytes, at) ? &erased : &foreign) += 1;
			continue;
		}
		if (!is_sibling(&ec, &g->ec) || !belongs(&b, at, &ec, &end))
			break;
		erased = foreign = 0;
		end = at + g->peb_size;
	}
	return b.strange_at && end > b.strange_at ? b.strange_at : end;
}

static bool ubi_probe(struct span at, struct format_match *match)
{
	struct ubi_geometry g;
	if (!geometry_read(at, &g))
		return false;
	match->confidence = 90;
	/* A single PEB: its size is not told, and what follows is not ours. */
	match->size = g.peb_size ? image_end(at, &g) : g.ec.data_offset < at.n ? g.ec.data_offset : at.n;
	return true;
}

static void emit_fields(const struct ubi *u)
{
	const struct ubi_geometry *g = &u->geometry;
	struct sink *sink = u->walk->sink;
	emit_header_field(sink, 4, "version", "%u", g->ec.version);
	emit_header_field(sink, 0, "peb_size", "%lu", (unsigned long)g->peb_size);
	emit_header_field(sink, 16, "vid_hdr_offset", "%lu", (unsigned long)g->ec.vid_offset);
	emit_header_field(sink, 20, "data_offset", "%lu", (unsigned long)g->ec.data_offset);
	emit_header_field(sink, 24, "image_seq", "%lu", (unsigned long)g->ec.image_seq);
}

/* Of a single PEB all bytes that are there belong to it. */
static uint32_t size_of_single(struct span bytes)
{
	uint32_t size = PEB_MIN;
	while (size < bytes.n && size < PEB_MAX)
		size *= 2;
	return size;
}

static struct error ubi_walk(struct span bytes, struct walk *w)
{
	struct ubi *u = ARENA_NEW(w->arena, struct ubi);
	if (!u)
		return error_at(ERR_BUDGET, 0, "no memory for the volume table");
	u->image = bytes;
	u->walk = w;
	if (!geometry_read(bytes, &u->geometry))
		return error_at(ERR_CORRUPT, 0, "no erase counter header");
	if (!u->geometry.peb_size)
		u->geometry.peb_size = size_of_single(bytes);
	if (u->geometry.peb_size <= u->geometry.ec.data_offset)
		return error_at(ERR_TRUNCATED, bytes.n, "data begins at %lu of the block, %zu bytes are there",
						(unsigned long)u->geometry.ec.data_offset, bytes.n);
	emit_fields(u);
	struct error e = ubi_attach(u);
	if (error_is(&e))
		return e;
	ubi_read_table(u);
	e = ubi_emit_volumes(u);
	emit_damage_further(w->sink, u->damages);
	u->walk = NULL;
	return e;
}

static const struct format_magic ubi_magics[] = { MAGIC("UBI#\1", 0), MAGIC_END };

const struct format ubi_format = {
	.name = "ubi",
	.kind = FORMAT_CONTAINER,
	.title = "UBI image",
	.spec = "Linux drivers/mtd/ubi/ubi-media.h",
	.magics = ubi_magics,
	.probe = ubi_probe,
	.walk = ubi_walk,
	.own_bytes = true,
};
