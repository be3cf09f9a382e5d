/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apple's disk images (UDIF): chunks of a disk, packed one by one, tables of them in a property list, and a trailer that tells where all
 * of this is.
 *
 * Specification: libmodi, "Mac OS disk image types", the UDIF part; the structures as in libdmg-hfsplus' dmg/dmg.h.
 */
#include "format/dmg.h"

#include "base/hash.h"
#include "base/sort.h"
#include "format/mac_resource.h"
#include "format/parts.h"
#include "format/region.h"
#include "format/rest.h"

#define TRAILER_SIZE 512u
#define CODE_SIGNATURE_AT 296u
#define KEY_HEADER_MIN 64u

struct trailer {
	uint32_t flags, segment, segments, data_checksum_type, data_checksum, checksum_type, checksum, variant;
	uint64_t data_at, data_size, fork_at, fork_size, list_at, list_size, signature_at, signature_size, sectors;
};

/* Whether it lies before the trailer. */
static bool within(uint64_t at, uint64_t size, uint64_t end)
{
	return at <= end && size <= end - at;
}

static bool trailer_read(struct span all, struct trailer *t)
{
	if (all.n < TRAILER_SIZE)
		return false;
	uint64_t end = all.n - TRAILER_SIZE;
	struct reader r = reader_be(span_from(all, end));
	if (!span_has(all, end, "koly\0\0\0\4\0\0\2\0", 12))
		return false;
	rd_skip(&r, 12);
	t->flags = rd_u32(&r);
	rd_skip(&r, 8); /* of this data fork within those of all segments */
	t->data_at = rd_u64(&r);
	t->data_size = rd_u64(&r);
	t->fork_at = rd_u64(&r);
	t->fork_size = rd_u64(&r);
	t->segment = rd_u32(&r);
	t->segments = rd_u32(&r);
	rd_skip(&r, 16);
	t->data_checksum_type = rd_u32(&r);
	rd_skip(&r, 4);
	t->data_checksum = rd_u32(&r);
	rd_seek(&r, 216);
	t->list_at = rd_u64(&r);
	t->list_size = rd_u64(&r);
	rd_seek(&r, CODE_SIGNATURE_AT);
	t->signature_at = rd_u64(&r);
	t->signature_size = rd_u64(&r);
	rd_seek(&r, 352);
	t->checksum_type = rd_u32(&r);
	rd_skip(&r, 4);
	t->checksum = rd_u32(&r);
	rd_seek(&r, 488);
	t->variant = rd_u32(&r);
	t->sectors = rd_u64(&r);
	return rd_ok(&r);
}

/* A key's header at the beginning, of the second version; the first one has its own at the end, where its name is the last word. */
static bool is_encrypted(struct span all)
{
	if (span_starts(all, "encrcdsa\0\0\0\2\0\0\0\x10\0\0\0", 19)) /* blocks of 16 bytes */
		return all.n >= KEY_HEADER_MIN;
	return all.n >= KEY_HEADER_MIN && span_has(all, all.n - 8, "cdsaencr", 8);
}

/* Whether the tables are where the trailer says. They are not where the image is but the last part of something else. */
static bool has_tables(struct span all, const struct trailer *t)
{
	struct mac_resources resources;
	struct span list = span_sub(all, t->list_at, t->list_size), fork = span_sub(all, t->fork_at, t->fork_size);
	if (!t->list_size)
		return mac_resources_find(fork, "blkx", &resources);
	return span_starts(list, "<?xml", 5) || span_starts(list, "<!DOCTYPE plist", 15) || span_starts(list, "<plist", 6);
}

/* The trailer stands at the end, so that a file is asked for it where it begins. */
static bool dmg_probe(struct span at, struct format_match *match)
{
	struct trailer t;
	match->size = at.n;
	match->confidence = 97;
	return trailer_read(at, &t) ? has_tables(at, &t) : is_encrypted(at);
}

/* One whose tables are damaged, or whose beginning is missing, where nothing else begins. */
static bool dmg_probe_whole(struct span all, struct format_match *match)
{
	match->size = all.n;
	match->confidence = 40;
	return trailer_read(all, &(struct trailer){ 0 });
}

static void emit_trailer(const struct trailer *t, uint64_t at, struct walk *w)
{
	emit_header_field(w->sink, at + 12, "flags", "0x%08lx", (unsigned long)t->flags);
	emit_header_field(w->sink, at + 488, "image_variant", "%lu", (unsigned long)t->variant);
	emit_header_field(w->sink, at + 492, "sectors", "%llu", (unsigned long long)t->sectors);
	if (t->segments > 1)
		emit_header_field(w->sink, at + 56, "segment", "%lu of %lu", (unsigned long)t->segment, (unsigned long)t->segments);
	if (t->signature_size)
		emit_header_field(w->sink, at + CODE_SIGNATURE_AT, "code_signature", "%llu bytes at %llu", (unsigned long long)t->signature_size,
		                  (unsigned long long)t->signature_at);
}

/* The sum of the packed bytes. */
static void check_data(const struct trailer *t, struct span bytes, uint64_t at, struct walk *w)
{
	struct span data = span_sub(bytes, t->data_at, t->data_size);
	if (t->data_checksum_type != DMG_CRC32 || !data.p)
		return;
	uint32_t crc = hash_crc32(0, data);
	emit_header_field(w->sink, at + 88, "data_crc32", "%s", crc == t->data_checksum ? "ok" : "mismatch");
	if (crc != t->data_checksum)
		emit_damage_at(w->sink, ERR_CORRUPT, at + 88, "the CRC-32 of the packed bytes is 0x%08lx, they give 0x%08lx",
		               (unsigned long)t->data_checksum, (unsigned long)crc);
}

/* The sum of the sums of the tables, in their order. */
static void check_tables(const struct trailer *t, const struct dmg *d, uint64_t at, struct walk *w)
{
	uint32_t crc = 0;
	if (t->checksum_type != DMG_CRC32)
		return;
	for (size_t i = 0; i < d->ntables; i++) {
		uint32_t sum = d->tables[i].checksum;
		uint8_t bytes[4] = { (uint8_t)(sum >> 24), (uint8_t)(sum >> 16), (uint8_t)(sum >> 8), (uint8_t)sum };
		if (d->tables[i].checksum_type != DMG_CRC32)
			return;
		crc = hash_crc32(crc, span_of(bytes, 4));
	}
	emit_header_field(w->sink, at + 360, "master_crc32", "%s", crc == t->checksum ? "ok" : "mismatch");
	if (crc != t->checksum)
		emit_damage_at(w->sink, ERR_CORRUPT, at + 360, "the CRC-32 of the tables' sums is 0x%08lx, they give 0x%08lx",
		               (unsigned long)t->checksum, (unsigned long)crc);
}

static int by_sector(const void *a, const void *b)
{
	const struct dmg_chunk *x = a, *y = b;
	return x->sector < y->sector ? -1 : x->sector > y->sector;
}

/* Reads the tables, from where the trailer says they are. */
static struct error read_tables(const struct trailer *t, struct dmg *d, uint64_t end, struct walk *w)
{
	bool fork = !t->list_size && t->fork_size;
	uint64_t at = fork ? t->fork_at : t->list_at, size = fork ? t->fork_size : t->list_size;
	struct span tables = span_clip(span_clip(d->bytes, 0, end), at, size);
	if (!within(at, size, end))
		emit_damage_at(w->sink, ERR_TRUNCATED, at, "the tables of chunks have %llu bytes, %zu are there", (unsigned long long)size, tables.n);
	d->tables = ARENA_ARRAY(w->arena, struct dmg_table, DMG_TABLES_MAX);
	bool ok = d->tables && (fork ? dmg_tables_of_fork : dmg_tables_of_plist)(d, tables, at, t->data_at, w);
	struct dmg_chunk *spare = ok ? ARENA_ARRAY(w->arena, struct dmg_chunk, d->nchunks) : NULL;
	if (!spare)
		return error_at(ERR_BUDGET, at, "more tables and chunks than are kept of one image");
	sort_stable(d->chunks, spare, d->nchunks, sizeof *d->chunks, by_sector);
	return error_none();
}

/* How many bytes of the image a chunk is made from. */
static uint64_t chunk_bytes(const struct dmg_chunk *c)
{
	if (c->type == DMG_ZEROS || c->type == DMG_IGNORED)
		return 0;
	return c->type == DMG_RAW && c->size > c->sectors * DMG_SECTOR ? c->sectors * DMG_SECTOR : c->size;
}

/* What the trailer names, but nothing that is a part of the disk, too. False: no more are wanted. */
static bool emit_named(const struct dmg *d, struct parts *p, struct rest *rest, const char *name, uint64_t at, uint64_t size)
{
	bool apart = size && within(at, size, d->bytes.n);
	for (size_t i = 0; i < d->nchunks && apart; i++) {
		uint64_t n = chunk_bytes(&d->chunks[i]), from = d->chunks[i].at;
		apart = !n || from >= at + size || (from < at && n <= at - from);
	}
	if (!apart)
		return true;
	rest_take(rest, at, size);
	return parts_emit(p, text_c(name), at, size, NULL);
}

/* All but the disk: what the trailer names, and what neither that nor a chunk takes of the file. */
static void emit_others(const struct trailer *t, const struct dmg *d, struct walk *w)
{
	struct rest rest = { .arena = w->arena };
	struct parts parts = { .bytes = d->bytes, .w = w };
	for (size_t i = 0; i < d->nchunks; i++)
		if (chunk_bytes(&d->chunks[i]))
			rest_take(&rest, d->chunks[i].at, chunk_bytes(&d->chunks[i]));
	if (emit_named(d, &parts, &rest, "resources.plist", t->list_at, t->list_size) &&
	    emit_named(d, &parts, &rest, "resource_fork", t->fork_at, t->fork_size) &&
	    emit_named(d, &parts, &rest, "code_signature", t->signature_at, t->signature_size))
		rest_emit(&rest, d->bytes, w);
}

static struct error dmg_walk(struct span bytes, struct walk *w)
{
	struct trailer t;
	struct dmg *d = ARENA_NEW(w->arena, struct dmg);
	if (!d)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!trailer_read(bytes, &t))
		return is_encrypted(bytes) ? error_at(ERR_ENCRYPTED, 0, "the disk image is encrypted, and needs its password or key")
		                           : error_at(ERR_CORRUPT, 0, "no trailer of a disk image");
	uint64_t end = bytes.n - TRAILER_SIZE;
	d->bytes = span_clip(bytes, 0, end);
	emit_trailer(&t, end, w);
	if (t.segments > 1)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, end + 56, "the image has %lu segments, of which this is one: what is in the others is missing",
		               (unsigned long)t.segments);
	check_data(&t, d->bytes, end, w);
	struct error e = read_tables(&t, d, end, w);
	if (error_is(&e))
		return e;
	check_tables(&t, d, end, w);
	if (t.sectors > d->sectors)
		emit_damage_at(w->sink, ERR_CORRUPT, end + 492, "the disk has %llu sectors, the tables tell of %llu", (unsigned long long)t.sectors,
		               (unsigned long long)d->sectors);
	struct content disk = { .kind = CONTENT_STREAM, .ops = &dmg_ops, .fs = d };
	/* without its size: of a disk that is larger than may be unpacked, as most of those of zeros are, what fits is looked at */
	if (d->sectors && !region_emit_content(w, "disk", SIZE_UNKNOWN, disk, NULL))
		return error_none();
	emit_others(&t, d, w);
	return error_none();
}

const struct format dmg_format = {
	.name = "dmg",
	.kind = FORMAT_CONTAINER,
	.title = "Apple disk image (UDIF)",
	.spec = "libmodi, Mac OS disk image types: UDIF",
	.at_start = true,
	.own_bytes = true,
	.probe = dmg_probe,
	.probe_whole = dmg_probe_whole,
	.walk = dmg_walk,
};
