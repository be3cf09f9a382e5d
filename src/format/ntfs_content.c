/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of NTFS files: within their record, in runs of clusters, compressed in units of LZNT1. */
#include "format/ntfs.h"

#include <stdlib.h>

#define CHUNK 4096u
#define UNIT_MAX (1u << 20)

/* Bits of a length, the rest of the pair being the distance: the further on in the chunk, the fewer. */
static unsigned length_bits(size_t n)
{
	return n <= 16 ? 12 : 15 - (63 - (unsigned)__builtin_clzll((unsigned long long)n - 1));
}

/* The bytes from `distance` before on once more; eight at a time, where the last ones may be written beyond the length. */
static void repeat(uint8_t *to, size_t distance, size_t length, size_t room)
{
	const uint8_t *from = to - distance;
	if (distance >= 8 && room >= length + 7)
		for (size_t k = 0; k < length; k += 8)
			memcpy(to + k, from + k, 8);
	else
		for (size_t k = 0; k < length; k++)
			to[k] = from[k];
}

/* One chunk: groups of eight items, each a byte or a pair of distance and length, whose widths depend on the place. */
static size_t lznt1_chunk(struct span in, uint8_t *out, size_t room)
{
	size_t i = 0, n = 0;
	while (i < in.n && n < room) {
		unsigned flags = in.p[i++];
		if (!flags && in.n - i >= 8 && room - n >= 8) {
			memcpy(out + n, in.p + i, 8);
			i += 8;
			n += 8;
			continue;
		}
		for (unsigned bit = 0; bit < 8 && i < in.n && n < room; bit++, flags >>= 1) {
			if (!(flags & 1)) {
				out[n++] = in.p[i++];
				continue;
			}
			if (in.n - i < 2 || n == 0)
				return SIZE_MAX;
			unsigned pair = in.p[i] | (unsigned)in.p[i + 1] << 8, shift = length_bits(n);
			size_t distance = (pair >> shift) + 1u, length = (pair & ((1u << shift) - 1)) + 3u;
			i += 2;
			if (distance > n)
				return SIZE_MAX;
			length = length < room - n ? length : room - n;
			repeat(out + n, distance, length, room - n);
			n += length;
		}
	}
	return n;
}

/* One compression unit: LZNT1 into out[0..n); what is missing becomes zeros. False when it is broken. */
static bool ntfs_lznt1(struct span in, uint8_t *out, size_t n)
{
	struct reader r = reader_le(in);
	size_t at = 0;
	while (at < n && rd_left(&r) >= 2) {
		unsigned header = rd_u16(&r);
		if (!header)
			break;
		struct span chunk = rd_bytes(&r, (header & 0xfff) + 1u);
		size_t room = n - at < CHUNK ? n - at : CHUNK, got;
		if (!chunk.p)
			return false;
		if (header & 0x8000) {
			got = lznt1_chunk(chunk, out + at, room);
			if (got == SIZE_MAX)
				return false;
		} else {
			got = chunk.n < room ? chunk.n : room;
			memcpy(out + at, chunk.p, got);
		}
		memset(out + at + got, 0, room - got);
		at += room;
	}
	memset(out + at, 0, n - at);
	return true;
}

struct compressed {
	struct runs *runs; /* of the whole units */
	uint64_t initialized;
	uint32_t unit;
};

/* Bytes of the unit that are stored: all of them when it is not compressed, none when it is a hole. */
static size_t stored_bytes(const struct runs *runs, uint64_t offset, size_t unit)
{
	size_t n = 0;
	while (n < unit) {
		uint64_t end;
		const struct run *run = runs_find(runs, offset + n, &end);
		if (run->place == RUN_HOLE)
			break;
		n += end - offset - n < unit - n ? (size_t)(end - offset - n) : unit - n;
	}
	return n;
}

/* The stored bytes of a unit: in the image when they lie together, or else copied to *copy, which is to be freed. */
static struct error stored_span(const struct runs *runs, uint64_t offset, size_t n, struct span *bytes, uint8_t **copy)
{
	uint64_t end;
	const struct run *run = runs_find(runs, offset, &end);
	if (end - offset >= n) {
		*bytes = span_sub(runs->image, run->place + (offset - run->at), n);
		return bytes->p ? error_none() : error_at(ERR_TRUNCATED, offset, "the file lies behind the end of the image");
	}
	*copy = malloc(n);
	if (!*copy)
		return error_at(ERR_MEMORY, offset, "no memory for a compression unit");
	*bytes = span_of(*copy, n);
	return runs_read(runs, offset, *copy, n);
}

static struct error read_unit(const struct compressed *c, uint64_t offset, uint8_t *out, size_t n)
{
	uint64_t left = offset < c->runs->size ? c->runs->size - offset : 0;
	size_t unit = left < c->unit ? (size_t)left : c->unit;
	size_t stored = stored_bytes(c->runs, offset, unit);
	if (stored == 0) {
		memset(out, 0, n);
		return error_none();
	}
	if (stored == unit && n <= unit)
		return runs_read(c->runs, offset, out, n);
	struct span bytes = SPAN_NONE;
	uint8_t *copy = NULL;
	struct error e = stored_span(c->runs, offset, stored, &bytes, &copy);
	if (!error_is(&e) && !ntfs_lznt1(bytes, out, n))
		e = error_at(ERR_CORRUPT, offset, "a compression unit can not be unpacked");
	free(copy);
	return e;
}

static struct error read_compressed(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	(void)fs;
	const struct compressed *c = file;
	while (n) {
		size_t part = n < c->unit ? n : c->unit;
		struct error e = read_unit(c, offset, out, part);
		if (error_is(&e))
			return e;
		if (offset + part > c->initialized) {
			size_t good = offset < c->initialized ? (size_t)(c->initialized - offset) : 0;
			memset(out + good, 0, part - good);
		}
		offset += part;
		out += part;
		n -= part;
	}
	return error_none();
}

static const struct content_ops compressed_ops = { .read = read_compressed };

struct resident {
	uint32_t record, at, n;
};

static struct error read_resident(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct resident *f = file;
	struct ntfs_record r;
	if (ntfs_record_load(fs, f->record, &r))
		return error_at(ERR_CORRUPT, 0, "the file's record can not be read");
	struct span bytes = span_sub(span_sub(span_of(r.bytes, sizeof r.bytes), f->at, f->n), offset, n);
	if (!bytes.p)
		return error_at(ERR_TRUNCATED, offset, "a read behind the end of the file");
	memcpy(out, bytes.p, n);
	return error_none();
}

static const struct content_ops resident_ops = { .read = read_resident };

struct failing {
	enum error_code code;
	const char *why;
};

static struct error unpack_failing(const void *fs, const void *file, struct buf *out)
{
	(void)fs;
	(void)out;
	const struct failing *f = file;
	return error_at(f->code, 0, "%s", f->why);
}

static const struct content_ops failing_ops = { .unpack = unpack_failing };

void ntfs_set_failing(struct ntfs *n, struct entry *e, enum error_code code, const char *why)
{
	struct failing *f = ARENA_NEW(n->v.w->arena, struct failing);
	if (!f) {
		volume_exhausted(&n->v, OFFSET_NONE);
		return;
	}
	*f = (struct failing){ code, why };
	e->content = (struct content){ .kind = CONTENT_STREAM, .ops = &failing_ops, .file = f };
}

uint64_t ntfs_record_place(const struct ntfs *n, uint32_t number)
{
	uint64_t end, at = (uint64_t)number * n->record_size;
	const struct run *run = runs_find(n->mft, at, &end);
	return run->place == RUN_HOLE || end - at < n->record_size ? OFFSET_NONE : run->place + (at - run->at);
}

/* A value that no sector's end falls into stands in the image as it is. */
static void set_resident(struct ntfs *n, const struct ntfs_record *r, const struct ntfs_attribute *a, struct entry *e)
{
	uint32_t at = (uint32_t)(a->value.p - r->bytes);
	uint64_t place = ntfs_record_place(n, r->number);
	e->size = a->value.n;
	if (!a->value.n) {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
		return;
	}
	if (place != OFFSET_NONE && at / 512 == (at + a->value.n + 1) / 512) {
		e->offset = place + at;
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(n->v.image, e->offset, a->value.n) };
		return;
	}
	struct resident *f = ARENA_NEW(n->v.w->arena, struct resident);
	if (!f) {
		volume_exhausted(&n->v, OFFSET_NONE);
		return;
	}
	*f = (struct resident){ r->number, at, (uint32_t)a->value.n };
	e->content = (struct content){
		.kind = CONTENT_BLOCKS, .ops = &resident_ops, .fs = n, .file = f, .block_size = NTFS_RECORD_MAX
	};
}

static void set_compressed(struct ntfs *n, const struct ntfs_attribute *a, uint64_t mapped, uint64_t size,
						   struct entry *e)
{
	struct compressed *c = ARENA_NEW(n->v.w->arena, struct compressed);
	uint64_t unit = (uint64_t)n->cluster << a->unit_shift;
	e->size = size;
	if (!c) {
		volume_exhausted(&n->v, OFFSET_NONE);
		return;
	}
	c->runs = volume_runs_end(&n->v, mapped);
	if (!c->runs)
		return;
	if (n->v.nscratch && n->v.scratch[0].place != RUN_HOLE)
		e->offset = n->v.scratch[0].place;
	c->initialized = a->initialized;
	c->unit = (uint32_t)unit;
	e->content =
		(struct content){ .kind = CONTENT_BLOCKS, .ops = &compressed_ops, .file = c, .block_size = (uint32_t)unit };
}

/* Collects the runs of all pieces; gives how many bytes they map. */
static uint64_t collect(struct ntfs *n, const struct ntfs_piece *pieces, size_t count)
{
	uint64_t vcn = 0;
	volume_runs_begin(&n->v);
	for (size_t i = 0; i < count && !n->v.stopped; i++) {
		struct ntfs_attribute a;
		uint32_t at = pieces[i].at;
		bool ok = !ntfs_record_load(n, pieces[i].record, &n->record) && ntfs_attribute_next(&n->record, &at, &a) &&
				  !a.resident && a.lowest_vcn == vcn && ntfs_mapping_add(n, &a, &vcn);
		if (!ok) {
			volume_damage(&n->v, ERR_CORRUPT, OFFSET_NONE, "the runs of record %u break off after %llu clusters",
						  pieces[i].record, (unsigned long long)vcn);
			break;
		}
	}
	return vcn * n->cluster;
}

void ntfs_set_content(struct ntfs *n, const struct ntfs_piece *pieces, size_t count, struct entry *e)
{
	struct ntfs_attribute a;
	uint32_t at = pieces[0].at;
	if (ntfs_record_load(n, pieces[0].record, &n->record) || !ntfs_attribute_next(&n->record, &at, &a))
		return;
	if (a.flags & NTFS_ENCRYPTED) {
		e->size = a.size;
		ntfs_set_failing(n, e, ERR_ENCRYPTED, "the file is encrypted (EFS)");
		return;
	}
	if (a.resident) {
		set_resident(n, &n->record, &a, e);
		return;
	}
	/* What a does not point to lives on: it holds copies and numbers but for the packed runs. */
	uint64_t mapped = collect(n, pieces, count), size = a.size;
	if (size > mapped) {
		volume_damage(&n->v, ERR_CORRUPT, OFFSET_NONE, "a file of %llu bytes has clusters for %llu",
					  (unsigned long long)size, (unsigned long long)mapped);
		size = mapped;
	}
	if (a.initialized > size)
		a.initialized = size;
	if (a.flags & NTFS_COMPRESSED && a.unit_shift) {
		if (a.unit_shift > 16 || ((uint64_t)n->cluster << a.unit_shift) > UNIT_MAX)
			ntfs_set_failing(n, e, ERR_UNSUPPORTED, "a compression unit of an unknown size");
		else
			set_compressed(n, &a, mapped, size, e);
		return;
	}
	volume_runs_cut(&n->v, a.initialized, size);
	volume_set_content(&n->v, e, size, n->cluster);
}

struct span ntfs_small_value(struct ntfs *n, const struct ntfs_attribute *a, size_t most, const char *prefix)
{
	struct runs runs = { .image = n->v.image, .size = a->size };
	uint64_t vcn = 0;
	size_t prefix_n = prefix ? strlen(prefix) : 0;
	char begin[8];
	if (a->size == 0 || a->size > most || a->size < prefix_n || prefix_n > sizeof begin)
		return SPAN_NONE;
	if (!a->resident) {
		volume_runs_begin(&n->v);
		if (a->lowest_vcn || a->flags & (NTFS_COMPRESSED | NTFS_ENCRYPTED) || !ntfs_mapping_add(n, a, &vcn) ||
			vcn * n->cluster < a->size)
			return SPAN_NONE;
		runs.n = n->v.nscratch;
		runs.v = n->v.scratch;
		struct error e = runs_read(&runs, 0, (uint8_t *)begin, prefix_n);
		if (error_is(&e))
			return SPAN_NONE;
	} else {
		memcpy(begin, a->value.p, prefix_n);
	}
	if (prefix_n && memcmp(begin, prefix, prefix_n) != 0)
		return SPAN_NONE;
	uint8_t *p = arena_alloc(n->v.w->arena, (size_t)a->size, 1);
	if (!p)
		return SPAN_NONE;
	struct error e = error_none();
	if (a->resident)
		memcpy(p, a->value.p, a->value.n);
	else
		e = runs_read(&runs, 0, p, (size_t)a->size);
	return error_is(&e) ? SPAN_NONE : span_of(p, (size_t)a->size);
}
