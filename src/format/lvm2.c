/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A physical volume of LVM2: a label in one of the first sectors, a text that describes the volume group, and
 * extents. Logical volumes whose extents lie on this disk one after the other are put together. Mirrors and pools are made of
 * volumes that the text has, too; what is thin or cached, and what lies on other disks, is told. Of stripes those on this disk are at
 * their places.
 *
 * Specification: LVM2 lib/format_text/layout.h, doc/lvm2-raid.txt; libvslvm, "Logical Volume Manager (LVM) format".
 */
#include "format/lvm2.h"

#include "base/hash.h"
#include "format/region.h"
#include "format/wrapper.h"

#define SECTOR 512u
#define LABEL_SECTORS 4u
#define CRC_START 0xf597a6cfu
#define METADATA_MAX (16u << 20)
#define SEGMENTS_MAX 65536u
#define BLOCK 65536u /* in which volumes are read, or in what is missing of them */
#define BLOCK_MIN 4096u /* LVM makes no smaller chunks */

struct area {
	uint64_t at, size;
};

struct pv {
	uint64_t label_at, device_size;
	struct span uuid;
	struct area data, metadata;
};

#define NOT_HERE UINT64_MAX /* the place of a stripe on another disk */

/* A run of extents of a logical volume, in bytes. */
struct segment {
	uint64_t from, n, chunk;
	const uint64_t *at; /* of each stripe, in which chunks of the volume lie by turns; one stripe: all of it lies there */
	unsigned stripes, here; /* here: of these on this disk; 0 stripes: it is not read */
	bool zero; /* nowhere, as it holds none but zeros */
};

struct volume {
	struct span disk;
	struct segment *v;
	size_t n, cap;
};

struct group {
	struct walk *w;
	struct pv pv;
	struct span disk;
	struct text pv_name;
	uint64_t extent; /* bytes */
	struct volume *volume;
	uint64_t start, count, chunk, stripe_count; /* of the segment that is being read, in extents; chunk: in bytes */
	uint64_t first[LVM_STRIPES];                /* extent of each of its stripes, or NOT_HERE */
	unsigned stripes;                           /* that are listed */
	struct text type;
};

static bool label_read(struct span bytes, struct pv *pv)
{
	for (unsigned i = 0; i < LABEL_SECTORS; i++) {
		struct span s = span_sub(bytes, i * SECTOR, SECTOR);
		if (!span_starts(s, "LABELONE", 8) || !span_has(s, 24, "LVM2 001", 8) || span_u32le(s, 8) != i ||
			span_u32le(s, 12) || hash_crc32_raw(CRC_START, span_from(s, 20)) != span_u32le(s, 16))
			continue;
		struct reader r = reader_le(s);
		rd_seek(&r, span_u32le(s, 20));
		*pv = (struct pv){ .label_at = i * SECTOR, .uuid = rd_bytes(&r, 32) };
		pv->device_size = rd_u64(&r);
		struct area a = { 1, 1 };
		for (unsigned list = 0; list < 2; list++)
			for (unsigned k = 0; rd_ok(&r); k++) {
				a.at = rd_u64(&r);
				a.size = rd_u64(&r);
				if (!a.at && !a.size)
					break;
				*(k ? &a : list ? &pv->metadata : &pv->data) = a;
			}
		return rd_ok(&r) && pv->device_size;
	}
	return false;
}

static bool lvm2_probe(struct span at, struct format_match *match)
{
	struct pv pv;
	if (!label_read(at, &pv))
		return false;
	match->size = pv.device_size;
	match->confidence = 95;
	return true;
}

/* The text lies in a ring behind the header of its area. */
static struct span metadata_text(struct walk *w, struct span bytes, const struct pv *pv)
{
	struct span head = span_sub(bytes, pv->metadata.at, SECTOR);
	struct reader r = reader_le(span_from(head, 24));
	uint64_t start = rd_u64(&r), size = rd_u64(&r), at = rd_u64(&r), n = rd_u64(&r);
	uint32_t crc = rd_u32(&r);
	if (!rd_ok(&r) || !span_has(head, 4, "\x20LVM2\x20x[5A%r0N*>", 16) || start != pv->metadata.at ||
		n > METADATA_MAX || at < SECTOR || at >= size || n > size - SECTOR) {
		emit_damage_at(w->sink, ERR_CORRUPT, pv->metadata.at, "no metadata of a volume group where the label says");
		return SPAN_NONE;
	}
	wrapper_check_u32(w, pv->metadata.at, "metadata area checksum", true, span_u32le(head, 0),
					  hash_crc32_raw(CRC_START, span_from(head, 4)));
	uint64_t first = n < size - at ? n : size - at;
	struct span text = span_sub(bytes, start + at, first), rest = span_sub(bytes, start + SECTOR, n - first);
	if (n > first) {
		uint8_t *joined = ARENA_ARRAY(w->arena, uint8_t, n);
		if (!joined || !text.p || !rest.p)
			text = SPAN_NONE;
		else {
			memcpy(joined, text.p, text.n);
			memcpy(joined + text.n, rest.p, rest.n);
			text = span_of(joined, (size_t)n);
		}
	}
	if (text.p)
		wrapper_check_u32(w, pv->metadata.at + 56, "metadata checksum", true, crc, hash_crc32_raw(CRC_START, text));
	else
		emit_damage_at(w->sink, ERR_TRUNCATED, start + at, "the metadata of the volume group are not all there");
	return text;
}

/* A part of a segment, up to the end of the chunk that it begins in. False when that is not on this disk; empty when it should be. */
static bool segment_part(const struct volume *v, const struct segment *s, uint64_t offset, uint64_t n, struct span *part)
{
	uint64_t number = offset / s->chunk, within = offset % s->chunk;
	uint64_t at = s->at[number % s->stripes];
	if (at == NOT_HERE)
		return false;
	*part = span_sub(v->disk, at + number / s->stripes * s->chunk + within, n);
	return true;
}

static struct error read_segment(const struct volume *v, const struct segment *s, uint64_t offset, uint8_t *out, uint64_t n)
{
	struct error error = error_none();
	while (n) {
		uint64_t left = s->chunk - offset % s->chunk, part = n < left ? n : left;
		struct span bytes = SPAN_NONE;
		if (!segment_part(v, s, offset, part, &bytes))
			error = error_at(ERR_UNSUPPORTED, s->from + offset, "these extents are not on this disk");
		else if (!bytes.p)
			error = error_at(ERR_TRUNCATED, s->from + offset, "these extents are not there");
		else
			memcpy(out, bytes.p, bytes.n);
		out += part;
		offset += part;
		n -= part;
	}
	return error;
}

static struct error read_volume(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct volume *v = file;
	struct error error = error_none();
	(void)fs;
	memset(out, 0, n);
	for (size_t i = 0; i < v->n; i++) {
		const struct segment *s = &v->v[i];
		if (offset + n <= s->from || offset >= s->from + s->n)
			continue;
		uint64_t from = offset > s->from ? offset : s->from,
				 end = offset + n < s->from + s->n ? offset + n : s->from + s->n;
		if (s->zero)
			continue;
		struct error e = s->stripes ? read_segment(v, s, from - s->from, out + (from - offset), end - from)
									: error_at(ERR_UNSUPPORTED, from, "these extents are not read");
		if (error_is(&e))
			error = e;
	}
	return error;
}

static bool volume_emit(struct group *g, struct text name)
{
	static const struct content_ops ops = { .read = read_volume };
	const struct volume *v = g->volume;
	struct entry e = entry_new(ENTRY_REGION, name);
	uint64_t block = g->extent < BLOCK ? g->extent : BLOCK;
	bool some = false;
	e.size = 0;
	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i].from + v->v[i].n > e.size)
			e.size = v->v[i].from + v->v[i].n;
		some |= v->v[i].here || v->v[i].zero;
		if (v->v[i].stripes && v->v[i].chunk < block)
			block = v->v[i].chunk;
	}
	if (!some)
		return true;
	if (v->n == 1 && v->v[0].stripes == 1 && v->v[0].here && !v->v[0].from) {
		return region_emit(g->w, arena_printf(g->w->arena, "%.*s", (int)(name.n < 4096 ? name.n : 4096), name.p),
						   g->disk, v->v[0].at[0], e.size, NULL);
	}
	e.content = (struct content){ .kind = CONTENT_BLOCKS, .ops = &ops, .file = v };
	e.content.block_size = (uint32_t)(block < BLOCK_MIN ? BLOCK_MIN : block);
	return !v->n || g->w->child(g->w, &e);
}

static bool is_one_of(struct text type, const char *const *names)
{
	while (*names && !text_is(type, *names))
		names++;
	return *names;
}

static void tell_missing(struct group *g, struct text name, uint64_t n, const struct segment *s)
{
	struct text type = g->type;
	int shown = (int)(name.n < 64 ? name.n : 64);
	if (s->stripes)
		emit_damage_at(g->w->sink, ERR_UNSUPPORTED, g->pv.metadata.at, "%.*s: %llu bytes are on another disk", shown, name.p,
					   (unsigned long long)n);
	else
		emit_damage_at(g->w->sink, ERR_UNSUPPORTED, g->pv.metadata.at, "%.*s: %llu bytes are of a segment of type %.*s, which is not put together",
					   shown, name.p, (unsigned long long)n, (int)(type.n < 32 ? type.n : 32), type.p ? type.p : "");
}

/* Where the stripes of the segment lie. It has none when they are not listed as they should be. False at the arena's limit, or for
 * places that can not be. */
static bool segment_stripes(struct group *g, struct segment *s)
{
	if (!g->stripes || g->stripes != g->stripe_count || (g->stripes > 1 && !g->chunk))
		return true;
	uint64_t *at = ARENA_ARRAY(g->w->arena, uint64_t, g->stripes);
	for (unsigned i = 0; at && i < g->stripes; i++) {
		at[i] = g->first[i];
		if (at[i] == NOT_HERE)
			continue;
		if (__builtin_mul_overflow(at[i], g->extent, &at[i]) || at[i] >> 60)
			return false;
		at[i] += g->pv.data.at;
		s->here++;
	}
	s->at = at;
	s->stripes = g->stripes;
	s->chunk = g->stripes > 1 ? g->chunk : s->n;
	return at;
}

/* Of the volume `name`. */
static bool segment_end(struct group *g, struct text name)
{
	static const char *const map[] = { "striped", "linear", NULL };
	static const char *const others[] = { "raid1", "mirror", "thin-pool", "cache-pool", "vdo-pool", NULL };
	struct volume *v = g->volume;
	struct segment s = { .zero = text_is(g->type, "zero") };
	if (!v || __builtin_mul_overflow(g->start, g->extent, &s.from) || __builtin_mul_overflow(g->count, g->extent, &s.n) ||
		(s.from | s.n) >> 60 || !s.n || (is_one_of(g->type, map) && !segment_stripes(g, &s)))
		return false;
	if (!s.zero && (!s.stripes || s.here < s.stripes) && !is_one_of(g->type, others))
		tell_missing(g, name, s.stripes ? s.n / s.stripes * (s.stripes - s.here) : s.n, &s);
	if (v->n == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 4;
		struct segment *more = cap <= SEGMENTS_MAX ? ARENA_ARRAY(g->w->arena, struct segment, cap) : NULL;
		if (!more)
			return false;
		if (v->n)
			memcpy(more, v->v, v->n * sizeof *more);
		v->v = more;
		v->cap = cap;
	}
	v->v[v->n++] = s;
	return true;
}

static bool same_uuid(struct text dashed, struct span uuid)
{
	size_t k = 0;
	for (size_t i = 0; i < dashed.n; i++)
		if (dashed.p[i] != '-' && (k >= uuid.n || (uint8_t)dashed.p[i] != uuid.p[k++]))
			return false;
	return k == uuid.n;
}

static void on_value(struct group *g, const struct lvm_text *t)
{
	struct text value = t->values[0];
	uint64_t number = 0;
	bool is_number = t->nvalues && lvm_number(value, &number);
	if (t->depth == 1 && text_is(t->key, "extent_size") && is_number && number <= UINT32_MAX)
		g->extent = number * SECTOR;
	if (t->depth == 3 && text_is(t->path[1], "physical_volumes") && text_is(t->key, "id") &&
		same_uuid(value, g->pv.uuid))
		g->pv_name = t->path[2];
	if (t->depth != 4 || !text_is(t->path[1], "logical_volumes"))
		return;
	if (text_is(t->key, "start_extent") && is_number)
		g->start = number;
	if (text_is(t->key, "extent_count") && is_number)
		g->count = number;
	if (text_is(t->key, "type"))
		g->type = value;
	if (text_is(t->key, "stripe_count") && is_number)
		g->stripe_count = number;
	if (text_is(t->key, "stripe_size") && is_number && number <= UINT32_MAX)
		g->chunk = number * SECTOR;
	for (unsigned i = 0; text_is(t->key, "stripes") && i < t->nvalues / 2; i++) {
		bool here = g->pv_name.p && text_eq(t->values[2 * i], g->pv_name);
		if (!lvm_number(t->values[2 * i + 1], &g->first[i]) || !here)
			g->first[i] = NOT_HERE;
		g->stripes = i + 1;
	}
}

/* False: stop. */
static bool on_open(struct group *g, const struct lvm_text *t)
{
	if (t->depth == 1)
		emit_header_field(g->w->sink, g->pv.metadata.at, "volume group", "%.*s",
						  (int)(t->path[0].n < 128 ? t->path[0].n : 128), t->path[0].p);
	if (t->depth < 3 || !text_is(t->path[1], "logical_volumes"))
		return true;
	if (t->depth == 3 && (g->volume = ARENA_NEW(g->w->arena, struct volume)))
		g->volume->disk = g->disk;
	g->start = g->count = g->chunk = g->stripe_count = 0;
	g->stripes = 0;
	g->type = TEXT_NONE;
	return g->volume != NULL;
}

static bool on_close(struct group *g, const struct lvm_text *t, struct error *error)
{
	if (t->depth < 3 || !text_is(t->path[1], "logical_volumes"))
		return true;
	if (t->depth == 3)
		return volume_emit(g, t->path[2]);
	if (t->depth == 4 && text_starts(t->path[3], "segment") && !segment_end(g, t->path[2])) {
		*error = error_at(ERR_CORRUPT, g->pv.metadata.at, "a segment of a logical volume has impossible extents");
		return false;
	}
	return true;
}

static struct error read_group(struct group *g, struct span text)
{
	struct lvm_text t = { .text = text };
	struct error error = error_none();
	for (bool go = true; go;) {
		switch (lvm_next(&t)) {
		case LVM_OPEN:
			go = on_open(g, &t);
			break;
		case LVM_CLOSE:
			go = on_close(g, &t, &error);
			break;
		case LVM_VALUE:
			on_value(g, &t);
			break;
		case LVM_END:
			return error;
		case LVM_BROKEN:
			return error_at(ERR_CORRUPT, g->pv.metadata.at,
							"the metadata of the volume group break off at character %zu", t.at);
		}
	}
	return error;
}

static struct error lvm2_walk(struct span bytes, struct walk *w)
{
	struct group g = { .w = w, .disk = bytes };
	if (!label_read(bytes, &g.pv))
		return error_at(ERR_CORRUPT, 0, "no label of LVM2");
	wrapper_field(w, g.pv.label_at + 32, "pv_uuid", g.pv.uuid);
	emit_header_field(w->sink, g.pv.label_at + 64, "device_size", "%llu", (unsigned long long)g.pv.device_size);
	struct span text = metadata_text(w, bytes, &g.pv);
	if (!text.n)
		return error_none();
	if (!region_emit_made(w, "metadata.txt", text, NULL))
		return error_none();
	return read_group(&g, text);
}

static const struct format_magic lvm2_magics[] = { MAGIC("LABELONE\1\0\0\0", 512), MAGIC("LABELONE\0\0\0\0", 0),
												   MAGIC_END };

const struct format lvm2_format = {
	.name = "lvm2",
	.kind = FORMAT_CONTAINER,
	.title = "LVM2 physical volume",
	.spec = "LVM2 lib/format_text/layout.h; libvslvm",
	.magics = lvm2_magics,
	.probe = lvm2_probe,
	.walk = lvm2_walk,
};
