/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android's and ChromeOS's update payloads (payload.bin of an OTA package): operations that write partitions. What needs no
 * earlier version is assembled.
 *
 * Specification: AOSP system/update_engine/update_metadata.proto. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "format/android_payload.h"
#include "format/parts.h"
#include "format/protobuf.h"
#include "format/signature.h"

#define HEADER_SIZE 24u
#define MANIFEST_MAX ((uint64_t)256 << 20)
#define PARTITIONS_MAX 1024u
#define FIRST_FIELDS 16u
#define LAST_KNOWN 18u /* security_patch_level */
/* The unit in which a partition is read: what one operation of the tools writes, or more, so that none is in many. */
#define BLOCK_MIN (2u << 20)
/* How often all of a partition may be unpacked. */
#define UNPACKED_TIMES 32u

struct payload {
	struct parts parts;
	struct span manifest;
	uint64_t data_at;
	uint32_t block_size;
	uint64_t signatures_at, signatures_size;
	bool has_signatures;
	unsigned partitions;
};

struct header {
	uint64_t version, manifest_size;
	uint32_t signature_size;
};

static bool header_read(struct span at, struct header *h)
{
	struct reader r = reader_be(at);
	struct span magic = rd_bytes(&r, 4);
	h->version = rd_u64(&r);
	h->manifest_size = rd_u64(&r);
	h->signature_size = rd_u32(&r);
	return rd_ok(&r) && span_starts(magic, "CrAU", 4) && h->version == 2 && h->manifest_size > 0 &&
		   h->manifest_size <= MANIFEST_MAX && h->signature_size <= 1u << 20;
}

/* Whether the field has the type that it has in DeltaArchiveManifest; of later ones nothing is known. */
static bool field_is_typed(const struct protobuf_field *f)
{
	static const uint32_t numbers = 1u << 3 | 1u << 4 | 1u << 5 | 1u << 12 | 1u << 14 | 1u << 16;
	return f->number && f->number < 64 && (f->number > LAST_KNOWN || (numbers >> f->number & 1) == !f->bytes.p);
}

/* Where the data ends: behind the signatures, of which the manifest's first fields tell; 0 when they do not. */
static uint64_t data_end(struct span manifest, bool *sound, bool *typed)
{
	struct reader r = reader_le(manifest);
	struct protobuf_field f;
	uint64_t at = 0, size = 0;
	*typed = true;
	for (unsigned i = 0; i < FIRST_FIELDS && protobuf_next(&r, &f); i++) {
		*typed = *typed && field_is_typed(&f) && (i || f.number <= LAST_KNOWN);
		if (f.number == 4 && !f.bytes.p)
			at = f.value;
		if (f.number == 5 && !f.bytes.p)
			size = f.value;
	}
	*sound = rd_ok(&r);
	return at >> 60 || size >> 60 ? 0 : at + size;
}

static bool android_payload_probe(struct span at, struct format_match *match)
{
	struct header h;
	bool sound, typed;
	if (!header_read(at, &h))
		return false;
	uint64_t end = data_end(span_clip(at, HEADER_SIZE, h.manifest_size), &sound, &typed);
	if (!typed || (!sound && HEADER_SIZE + h.manifest_size <= at.n))
		return false;
	match->size = end ? HEADER_SIZE + h.manifest_size + h.signature_size + end : at.n;
	match->confidence = 90;
	return true;
}

static const char *type_name(uint32_t type)
{
	static const char *const names[] = { "REPLACE",        "REPLACE_BZ",       "MOVE",          "BSDIFF",
										 "SOURCE_COPY",    "SOURCE_BSDIFF",    "ZERO",          "DISCARD",
										 "REPLACE_XZ",     "PUFFDIFF",         "BROTLI_BSDIFF", "ZUCCHINI",
										 "LZ4DIFF_BSDIFF", "LZ4DIFF_PUFFDIFF", "REPLACE_ZSTD" };
	return type < sizeof names / sizeof names[0] ? names[type] : "unknown";
}

/* What a PartitionUpdate says. */
struct update {
	struct text name, version;
	uint64_t at, size;
	struct span hash;
	size_t operations, extents;
	size_t counts[PAYLOAD_TYPES + 1]; /* of operations by type */
};

static void read_info(struct span message, struct update *u)
{
	struct reader r = reader_le(message);
	struct protobuf_field f;
	while (protobuf_next(&r, &f)) {
		if (f.number == 1 && !f.bytes.p)
			u->size = f.value;
		if (f.number == 2)
			u->hash = f.bytes;
	}
}

/* The operation of a message, its extents aside, which are counted and, where `partition` is given, added to it. */
static void read_operation(const struct payload *p, struct span message, struct payload_operation *op, size_t *extents,
						   struct payload_partition *partition)
{
	struct reader r = reader_le(message);
	struct protobuf_field f;
	*op = (struct payload_operation){ 0 };
	*extents = 0;
	while (protobuf_next(&r, &f)) {
		if (f.number == 1)
			op->type = f.value < UINT32_MAX ? (uint32_t)f.value : UINT32_MAX;
		else if (f.number == 2)
			op->data_at = f.value;
		else if (f.number == 3)
			op->data_size = f.value;
		else if (f.number == 8)
			op->hash = f.bytes;
		if (f.number != 6)
			continue;
		struct reader extent = reader_le(f.bytes);
		struct protobuf_field part;
		uint64_t start = 0, count = 0, at, size;
		while (protobuf_next(&extent, &part))
			*(part.number == 1 ? &start : &count) = part.value;
		if (__builtin_mul_overflow(start, p->block_size, &at) || __builtin_mul_overflow(count, p->block_size, &size) ||
			at >> 60 || size >> 60 || size == 0 || op->size >> 60)
			continue; /* as update_engine has it: a place that is none */
		(*extents)++;
		if (partition)
			partition->extents[partition->n++] = (struct payload_extent){ at, size, op->size, op };
		op->size += size;
	}
}

/* Counts what is to be kept. */
static void survey(const struct payload *p, struct span message, struct update *u)
{
	struct reader r = reader_le(message);
	struct protobuf_field f;
	struct payload_operation op;
	size_t extents;
	while (protobuf_next(&r, &f)) {
		if (f.number == 1)
			u->name = text_from_span(f.bytes);
		else if (f.number == 17)
			u->version = text_from_span(f.bytes);
		else if (f.number == 7)
			read_info(f.bytes, u);
		if (f.number != 8)
			continue;
		read_operation(p, f.bytes, &op, &extents, NULL);
		u->operations++;
		u->extents += extents;
		u->counts[op.type < PAYLOAD_TYPES ? op.type : PAYLOAD_TYPES]++;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct payload_extent *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Extents in order, none over another: where they overlap the later ones are dropped, and said so. */
static void sort_extents(struct payload *p, const struct update *u, struct payload_partition *partition)
{
	size_t kept = 0;
	uint64_t end = 0;
	if (partition->n > 1)
		qsort(partition->extents, partition->n, sizeof *partition->extents, by_place);
	for (size_t i = 0; i < partition->n; i++)
		if (partition->extents[i].at >= end) {
			end = partition->extents[i].at + partition->extents[i].size;
			partition->extents[kept++] = partition->extents[i];
		}
	if (kept < partition->n)
		emit_damage_at(p->parts.w->sink, ERR_CORRUPT, u->at, "%zu extents of partition %.*s overlap others",
					   partition->n - kept, (int)(u->name.n < 64 ? u->name.n : 64), u->name.p);
	partition->n = kept;
}

/* NULL at the arena's limit. */
static struct payload_partition *collect(struct payload *p, struct span message, const struct update *u)
{
	struct arena *arena = p->parts.w->arena;
	struct payload_partition *partition = ARENA_NEW(arena, struct payload_partition);
	struct payload_operation *operations = ARENA_ARRAY(arena, struct payload_operation, u->operations);
	struct payload_extent *extents = ARENA_ARRAY(arena, struct payload_extent, u->extents);
	atomic_int_fast64_t *budget = ARENA_NEW(arena, atomic_int_fast64_t);
	if (!partition || !operations || !extents || !budget)
		return NULL;
	uint64_t size = u->size < UINT64_C(1) << 40 ? u->size : UINT64_C(1) << 40;
	atomic_init(budget, (int_fast64_t)(size * UNPACKED_TIMES + PAYLOAD_UNPACKED_MAX));
	*partition = (struct payload_partition){ span_from(p->parts.bytes, p->data_at), extents, 0, budget };
	struct reader r = reader_le(message);
	struct protobuf_field f;
	size_t n = 0, count;
	while (protobuf_next(&r, &f) && n < u->operations)
		if (f.number == 8)
			read_operation(p, f.bytes, &operations[n++], &count, partition);
	sort_extents(p, u, partition);
	return partition;
}

static void emit_fields(const struct payload *p, const struct update *u)
{
	struct sink *sink = p->parts.w->sink;
	char field[160], text[400] = "", hex[65];
	int name_n = (int)(u->name.n < 100 ? u->name.n : 100);
	for (size_t i = 0; i <= PAYLOAD_TYPES; i++)
		if (u->counts[i])
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s%zu %s", *text ? ", " : "", u->counts[i],
					 type_name((uint32_t)i));
	snprintf(field, sizeof field, "partitions/%.*s/operations", name_n, u->name.p);
	emit_header_field(sink, u->at, field, "%s", text);
	hash_hex(u->hash.p, u->hash.n < 32 ? u->hash.n : 32, hex);
	snprintf(field, sizeof field, "partitions/%.*s/hash", name_n, u->name.p);
	if (u->hash.n)
		emit_header_field(sink, u->at, field, "%s", hex);
	snprintf(field, sizeof field, "partitions/%.*s/version", name_n, u->name.p);
	if (u->version.n)
		emit_header_field(sink, u->at, field, "%.*s", (int)(u->version.n < 200 ? u->version.n : 200), u->version.p);
}

static uint32_t block_of(const struct payload_partition *partition)
{
	uint32_t block = BLOCK_MIN;
	for (size_t i = 0; i < partition->n; i++)
		while (partition->extents[i].operation->size > block && block < PAYLOAD_UNPACKED_MAX)
			block *= 2;
	return block;
}

static void payload_partition(struct payload *p, struct span message, uint64_t at)
{
	struct update u = { .at = at };
	survey(p, message, &u);
	emit_fields(p, &u);
	size_t full = 0;
	for (uint32_t i = 0; i < PAYLOAD_TYPES; i++)
		full += payload_is_full(i) ? u.counts[i] : 0;
	if (full < u.operations)
		emit_damage_at(
			p->parts.w->sink, ERR_UNSUPPORTED, at,
			"%zu of %zu operations of partition %.*s need its previous version: zeros stand for what they write",
			u.operations - full, u.operations, (int)(u.name.n < 64 ? u.name.n : 64), u.name.p);
	struct entry e = entry_new(ENTRY_REGION, u.name);
	e.size = u.size;
	if (full && u.size) {
		const struct payload_partition *partition = collect(p, message, &u);
		if (!partition) {
			emit_damage_at(p->parts.w->sink, ERR_BUDGET, at, "more operations than are kept of one payload");
			p->parts.stopped = true;
			return;
		}
		e.content =
			(struct content){ CONTENT_BLOCKS, SPAN_NONE, &payload_ops, partition, partition, block_of(partition) };
	}
	p->parts.stopped |= !p->parts.w->child(p->parts.w, &e);
}

/* The manifest's own fields first: a block's size stands behind what needs it. */
static void read_manifest(struct payload *p)
{
	struct sink *sink = p->parts.w->sink;
	struct reader r = reader_le(p->manifest);
	struct protobuf_field f;
	p->block_size = 4096;
	while (protobuf_next(&r, &f)) {
		uint64_t at = HEADER_SIZE + r.at;
		if (f.number == 3 && f.value && f.value <= 1u << 20)
			p->block_size = (uint32_t)f.value;
		else if (f.number == 4)
			p->signatures_at = f.value, p->has_signatures = true;
		else if (f.number == 5)
			p->signatures_size = f.value;
		else if (f.number == 12)
			emit_header_field(sink, at, "minor_version", "%llu", (unsigned long long)f.value);
		else if (f.number == 14)
			emit_header_field(sink, at, "max_timestamp", "%lld", (long long)f.value);
		else if (f.number == 16)
			emit_header_field(sink, at, "partial_update", "%s", f.value ? "true" : "false");
		else if (f.number == 18)
			emit_header_field(sink, at, "security_patch_level", "%.*s", (int)(f.bytes.n < 64 ? f.bytes.n : 64),
							  f.bytes.p ? (const char *)f.bytes.p : "");
	}
	emit_header_field(sink, HEADER_SIZE, "block_size", "%u", p->block_size);
	if (!rd_ok(&r))
		emit_damage_at(sink, ERR_CORRUPT, HEADER_SIZE + r.at, "the manifest is broken from here on");
}

static void emit_partitions(struct payload *p)
{
	struct reader r = reader_le(p->manifest);
	struct protobuf_field f;
	while (!p->parts.stopped && protobuf_next(&r, &f)) {
		if (f.number != 13)
			continue;
		if (p->partitions++ == PARTITIONS_MAX) {
			emit_damage_at(p->parts.w->sink, ERR_BUDGET, HEADER_SIZE + r.at,
						   "more than %u partitions are not looked at", PARTITIONS_MAX);
			return;
		}
		payload_partition(p, f.bytes, HEADER_SIZE + r.at - f.bytes.n);
	}
}

static struct error android_payload_walk(struct span bytes, struct walk *w)
{
	struct header h;
	struct payload p = { .parts = { .bytes = bytes, .w = w } };
	if (!header_read(bytes, &h))
		return error_at(ERR_CORRUPT, 0, "no payload header");
	p.manifest = span_clip(bytes, HEADER_SIZE, h.manifest_size);
	p.data_at = HEADER_SIZE + h.manifest_size + h.signature_size;
	emit_header_field(w->sink, 4, "file_format_version", "%llu", (unsigned long long)h.version);
	if (p.manifest.n < h.manifest_size)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "the manifest has %llu bytes, %zu are there",
					   (unsigned long long)h.manifest_size, p.manifest.n);
	read_manifest(&p);
	emit_partitions(&p);
	bool is_signed = h.signature_size || (p.has_signatures && p.signatures_size);
	signature_report_plain(w->sink, h.signature_size ? HEADER_SIZE + h.manifest_size : 0, "android-payload",
						   h.signature_size ? "header and manifest" : "payload", NULL,
						   is_signed ? SIGNATURE_NO_KEY : SIGNATURE_ABSENT,
						   is_signed ? "the device has the key (otacerts.zip)" : "the payload is not signed");
	if (h.signature_size && !p.parts.stopped)
		parts_emit(&p.parts, TEXT_LIT("metadata_signature"), HEADER_SIZE + h.manifest_size, h.signature_size, NULL);
	if (p.has_signatures && p.signatures_size && p.signatures_at >> 60 == 0 && !p.parts.stopped)
		parts_emit(&p.parts, TEXT_LIT("payload_signature"), p.data_at + p.signatures_at, p.signatures_size, NULL);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("CrAU\0\0\0\0\0\0\0\2", 0), MAGIC_END };

const struct format android_payload_format = {
	.name = "android_payload",
	.kind = FORMAT_CONTAINER,
	.title = "Android update payload (payload.bin)",
	.spec = "AOSP system/update_engine/update_metadata.proto",
	.magics = magics,
	.probe = android_payload_probe,
	.walk = android_payload_walk,
};
