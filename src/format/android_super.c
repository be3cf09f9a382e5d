/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Android's dynamic partitions ("super"): logical partitions that are made of extents.
 *
 * Specification: AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h, versions 10.0 to 10.2. */
#include <stdio.h>

/* OpenSSL's one-shot functions read a configuration file first, which a confined worker may not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "format/parts.h"

#define GEOMETRY_MAGIC 0x616c4467u
#define HEADER_MAGIC 0x414c5030u
#define RESERVED 4096u
#define GEOMETRY_SIZE 4096u
#define SECTOR 512u
#define SLOTS_MAX 8u
#define PARTITIONS_MAX 1024u
#define PARTITION_SIZE 52u
#define EXTENT_SIZE 24u
#define GROUP_SIZE 48u
#define DEVICE_SIZE 64u
#define HEADER_SIZE_MIN 128u
#define HEADER_SIZE_MAX 1024u
#define TABLES_MAX (1u << 20)
/* The unit in which a partition is read. */
#define BLOCK 65536u

enum { TARGET_LINEAR, TARGET_ZERO };

struct geometry {
	uint32_t metadata_max, slots, block_size;
	uint64_t metadata_at; /* of the first slot */
	uint64_t backup_at;   /* likewise, of the copies; equal to metadata_at where there are none */
};

struct table {
	uint32_t offset, count, entry_size;
};

struct metadata {
	uint64_t at;
	uint16_t minor;
	uint32_t header_size, tables_size, flags;
	struct span tables, tables_sum;
	struct table partitions, extents, groups, devices;
};

struct extent {
	uint64_t at, from, size; /* in the partition, in the image, bytes */
	bool zero;
};

struct partition {
	struct span image;
	const struct extent *extents;
	uint32_t n;
	uint64_t size;
};

/* Whether the SHA-256 of the bytes, with 32 zeros in place of what stands at `skip`, is what stands there; or, with
 * skip at their end, `expected`. */
static bool sha256_is(struct span bytes, uint64_t skip, struct span expected)
{
	static const uint8_t zero[32];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX context;
	SHA256_Init(&context);
	SHA256_Update(&context, bytes.p, skip < bytes.n ? (size_t)skip : bytes.n);
	if (skip < bytes.n) {
		struct span rest = span_from(bytes, skip + sizeof zero);
		SHA256_Update(&context, zero, sizeof zero);
		SHA256_Update(&context, rest.p, rest.n);
	}
	SHA256_Final(digest, &context);
	return expected.n == sizeof digest && memcmp(digest, expected.p, sizeof digest) == 0;
}

static bool geometry_read(struct span at, uint64_t offset, struct geometry *g)
{
	struct reader r = reader_le(span_from(at, offset));
	uint32_t magic = rd_u32(&r), size = rd_u32(&r);
	struct span sum = rd_bytes(&r, 32);
	g->metadata_max = rd_u32(&r);
	g->slots = rd_u32(&r);
	g->block_size = rd_u32(&r);
	return rd_ok(&r) && magic == GEOMETRY_MAGIC && size == 52 && g->metadata_max && g->metadata_max % SECTOR == 0 &&
		   g->slots && sha256_is(span_sub(at, offset, size), 8, sum);
}

/* On a device 4096 bytes are reserved, the geometry and its copy follow, then the slots and their copies. An image of
 * the metadata alone has one of each. */
static bool geometry_find(struct span at, struct geometry *g)
{
	if (geometry_read(at, RESERVED, g) || geometry_read(at, RESERVED + GEOMETRY_SIZE, g)) {
		g->metadata_at = RESERVED + 2 * GEOMETRY_SIZE;
		g->backup_at = g->metadata_at + (uint64_t)g->metadata_max * g->slots;
		return true;
	}
	g->metadata_at = g->backup_at = GEOMETRY_SIZE;
	return geometry_read(at, 0, g);
}

static bool table_read(struct reader *r, uint32_t tables_size, uint32_t entry_min, struct table *t)
{
	t->offset = rd_u32(r);
	t->count = rd_u32(r);
	t->entry_size = rd_u32(r);
	return rd_ok(r) && t->entry_size >= entry_min && t->offset <= tables_size &&
		   (uint64_t)t->count * t->entry_size <= tables_size - t->offset;
}

static bool metadata_read(struct span image, uint64_t at, struct metadata *m)
{
	struct reader r = reader_le(span_from(image, at));
	*m = (struct metadata){ .at = at };
	uint32_t magic = rd_u32(&r);
	uint16_t major = rd_u16(&r);
	m->minor = rd_u16(&r);
	m->header_size = rd_u32(&r);
	struct span sum = rd_bytes(&r, 32);
	m->tables_size = rd_u32(&r);
	m->tables_sum = rd_bytes(&r, 32);
	if (!rd_ok(&r) || magic != HEADER_MAGIC || major != 10 || m->header_size < HEADER_SIZE_MIN ||
		m->header_size > HEADER_SIZE_MAX || m->tables_size > TABLES_MAX ||
		!table_read(&r, m->tables_size, PARTITION_SIZE, &m->partitions) ||
		!table_read(&r, m->tables_size, EXTENT_SIZE, &m->extents) ||
		!table_read(&r, m->tables_size, GROUP_SIZE, &m->groups) ||
		!table_read(&r, m->tables_size, DEVICE_SIZE, &m->devices))
		return false;
	m->flags = m->header_size >= HEADER_SIZE_MIN + 4 ? rd_u32(&r) : 0;
	m->tables = span_sub(image, at + m->header_size, m->tables_size);
	return m->tables.p && sha256_is(span_sub(image, at, m->header_size), 12, sum);
}

/* The metadata of a slot, or its copy; checking the tables takes longer than a probe may. */
static bool slot_read(struct span image, const struct geometry *g, uint32_t slot, bool check, struct metadata *m)
{
	const uint64_t places[] = { g->metadata_at, g->backup_at };
	for (size_t i = 0; i < 2; i++)
		if (metadata_read(image, places[i] + (uint64_t)slot * g->metadata_max, m) &&
			(!check || sha256_is(m->tables, m->tables.n, m->tables_sum)))
			return true;
	return false;
}

static struct reader entry_at(const struct metadata *m, const struct table *t, uint32_t i)
{
	return reader_le(span_sub(m->tables, t->offset + (uint64_t)i * t->entry_size, t->entry_size));
}

static bool android_super_probe(struct span at, struct format_match *match)
{
	struct geometry g, first;
	struct metadata m;
	if (!geometry_find(at, &g))
		return false;
	match->confidence = 90;
	match->size = g.backup_at + (uint64_t)g.metadata_max * g.slots;
	if (g.metadata_at == GEOMETRY_SIZE) /* metadata alone */
		return metadata_read(at, GEOMETRY_SIZE, &m) && (match->size = m.at + m.header_size + m.tables_size, true);
	/* The first geometry of an image is, seen from a block before, the copy of a broken one: no slot begins behind it. */
	if (!geometry_read(at, RESERVED, &first) && !metadata_read(at, g.metadata_at, &m))
		return false;
	if (slot_read(at, &g, 0, false, &m) && m.devices.count) {
		struct reader r = entry_at(&m, &m.devices, 0);
		rd_skip(&r, 16);
		uint64_t size = rd_u64(&r);
		if (size > match->size && size >> 60 == 0)
			match->size = size;
	}
	return true;
}

static struct error partition_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct partition *p = file;
	(void)fs;
	uint32_t lo = 0, hi = p->n;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;
		*(p->extents[mid].at <= offset ? &lo : &hi) = mid;
	}
	for (const struct extent *e = &p->extents[lo]; n > 0 && e < p->extents + p->n; e++) {
		uint64_t skip = offset - e->at, left = e->size - skip;
		size_t part = n < left ? n : (size_t)left;
		unsigned long long from = e->from + skip;
		struct span in = span_sub(p->image, from, part);
		if (!e->zero && !in.p)
			return error_at(ERR_TRUNCATED, offset, "its bytes at 0x%llx lie behind the end", from);
		if (e->zero)
			memset(out, 0, part);
		else
			memcpy(out, in.p, part);
		out += part;
		offset += part;
		n -= part;
	}
	return n ? error_at(ERR_CORRUPT, offset, "it ends here") : error_none();
}

static const struct content_ops partition_ops = { .read = partition_read };

struct super {
	struct parts parts;
	struct metadata slots[SLOTS_MAX]; /* those before `slot` have been emitted */
	uint32_t slot;
	unsigned damages;
};

static const struct metadata *current(const struct super *s)
{
	return &s->slots[s->slot];
}

/* One extent of a partition; false, with damage reported, where it can not be followed. */
static bool extent_read(struct super *s, uint32_t i, struct text name, struct extent *e)
{
	struct reader r = entry_at(current(s), &current(s)->extents, i);
	uint64_t sectors = rd_u64(&r);
	uint32_t type = rd_u32(&r);
	uint64_t sector = rd_u64(&r);
	uint32_t device = rd_u32(&r);
	*e = (struct extent){ .from = sector * SECTOR, .size = sectors * SECTOR, .zero = type == TARGET_ZERO };
	const char *why = !rd_ok(&r) || sectors >> 50 || sector >> 50 ? "is broken"
					  : type > TARGET_ZERO                        ? "is of an unknown kind"
					  : type == TARGET_LINEAR && device           ? "lies on another device"
																  : NULL;
	if (why)
		emit_damage_capped(s->parts.w->sink, &s->damages, type > TARGET_ZERO || device ? ERR_UNSUPPORTED : ERR_CORRUPT,
						   current(s)->at, "extent %u of partition %.*s %s", i, (int)name.n, name.p, why);
	return !why;
}

/* The extents, which the partition is as long as; those that can not be followed are zeros. False at the arena's
 * limit. */
static bool partition_open(struct super *s, struct text name, uint32_t first, uint32_t count, struct partition **made)
{
	struct partition *p = ARENA_NEW(s->parts.w->arena, struct partition);
	struct extent *extents = ARENA_ARRAY(s->parts.w->arena, struct extent, count);
	*made = p;
	if (!p || !extents)
		return false;
	*p = (struct partition){ .image = s->parts.bytes, .extents = extents };
	for (uint32_t i = 0; i < count; i++) {
		struct extent *e = &extents[p->n];
		if (!extent_read(s, first + i, name, e)) {
			e->zero = true;
			e->size = e->size >> 59 ? 0 : e->size;
		}
		e->at = p->size;
		if (e->size == 0 || __builtin_add_overflow(p->size, e->size, &p->size))
			continue;
		p->n++;
		if (!e->zero && !parts_claim(&s->parts, current(s)->at, e->size))
			return true;
	}
	return true;
}

static bool super_partition(struct super *s, struct text name, uint32_t first, uint32_t count)
{
	struct partition *p;
	if (!partition_open(s, name, first, count, &p)) {
		emit_damage_at(s->parts.w->sink, ERR_BUDGET, current(s)->at, "more extents than are kept of one image");
		return false;
	}
	struct entry e = entry_new(ENTRY_REGION, name);
	e.size = p->size;
	e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	if (p->n)
		e.content = (struct content){ CONTENT_BLOCKS, SPAN_NONE, &partition_ops, p, p, BLOCK };
	if (p->n && !p->extents[0].zero)
		e.offset = p->extents[0].from;
	if (p->n == 1 && !p->extents[0].zero && span_sub(p->image, e.offset, e.size).p)
		e.content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(p->image, e.offset, e.size) };
	return !s->parts.stopped && s->parts.w->child(s->parts.w, &e);
}

static struct text partition_name(const struct metadata *m, uint32_t i)
{
	struct reader r = entry_at(m, &m->partitions, i);
	return text_until_nul(rd_bytes(&r, 36));
}

/* Whether a partition of that name was in an earlier slot. */
static bool is_known(const struct super *s, struct text name)
{
	for (uint32_t slot = 0; slot < s->slot; slot++)
		for (uint32_t i = 0; i < s->slots[slot].partitions.count && i < PARTITIONS_MAX; i++)
			if (text_eq(partition_name(&s->slots[slot], i), name))
				return true;
	return false;
}

static void emit_partitions(struct super *s)
{
	const struct metadata *m = current(s);
	for (uint32_t i = 0; i < m->partitions.count && i < PARTITIONS_MAX && !s->parts.stopped; i++) {
		struct reader r = entry_at(m, &m->partitions, i);
		struct text name = text_until_nul(rd_bytes(&r, 36));
		uint32_t attributes = rd_u32(&r), first = rd_u32(&r), count = rd_u32(&r);
		char field[64];
		if (is_known(s, name))
			continue;
		snprintf(field, sizeof field, "partition[%u]", i);
		emit_header_field(s->parts.w->sink, m->at, field, "%.*s, attributes 0x%x, %u extents", (int)name.n, name.p,
						  attributes, count);
		if (first > m->extents.count || count > m->extents.count - first) {
			emit_damage_at(s->parts.w->sink, ERR_CORRUPT, m->at, "partition %.*s has extents that there are not",
						   (int)name.n, name.p);
			continue;
		}
		s->parts.stopped |= !super_partition(s, name, first, count);
	}
	if (m->partitions.count > PARTITIONS_MAX)
		emit_damage_at(s->parts.w->sink, ERR_BUDGET, m->at, "of %u partitions %u are looked at", m->partitions.count,
					   PARTITIONS_MAX);
}

static void emit_devices(const struct super *s)
{
	const struct metadata *m = current(s);
	for (uint32_t i = 0; i < m->devices.count && i < 16; i++) {
		struct reader r = entry_at(m, &m->devices, i);
		char field[32];
		rd_skip(&r, 16);
		uint64_t size = rd_u64(&r);
		struct text name = text_until_nul(rd_bytes(&r, 36));
		snprintf(field, sizeof field, "block_device[%u]", i);
		emit_header_field(s->parts.w->sink, m->at, field, "%.*s, %llu bytes", (int)name.n, name.p,
						  (unsigned long long)size);
	}
}

static struct error android_super_walk(struct span bytes, struct walk *w)
{
	struct geometry g;
	struct super s = { .parts = { .bytes = bytes, .w = w } };
	unsigned found = 0;
	if (!geometry_find(bytes, &g))
		return error_at(ERR_CORRUPT, RESERVED, "no geometry of dynamic partitions");
	bool alone = g.metadata_at == GEOMETRY_SIZE;
	emit_header_field(w->sink, RESERVED, "metadata_slot_count", "%u", g.slots);
	emit_header_field(w->sink, RESERVED, "logical_block_size", "%u", g.block_size);
	if (!alone && !geometry_read(bytes, RESERVED, &g))
		emit_damage_at(w->sink, ERR_CORRUPT, RESERVED, "the geometry is broken, its copy is not");
	uint32_t slots = alone ? 1 : g.slots < SLOTS_MAX ? g.slots : SLOTS_MAX;
	for (s.slot = 0; s.slot < slots && !s.parts.stopped; s.slot++) {
		struct metadata *m = &s.slots[s.slot];
		uint64_t at = g.metadata_at + (uint64_t)s.slot * g.metadata_max;
		if (!slot_read(bytes, &g, s.slot, true, m)) {
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the metadata of slot %u is broken, and its copy too", s.slot);
			*m = (struct metadata){ 0 };
			continue;
		}
		if (m->at != at)
			emit_damage_at(w->sink, ERR_CORRUPT, at, "the metadata of slot %u is broken, its copy is not", s.slot);
		if (found++ == 0) {
			emit_header_field(w->sink, m->at, "version", "10.%u", m->minor);
			emit_devices(&s);
		}
		if (!alone)
			emit_partitions(&s);
	}
	return error_none();
}

static const struct format_magic magics[] = { MAGIC("gDla\x34\0\0\0", RESERVED),
											  MAGIC("gDla\x34\0\0\0", RESERVED + GEOMETRY_SIZE),
											  MAGIC("gDla\x34\0\0\0", 0), MAGIC_END };

const struct format android_super_format = {
	.name = "android_super",
	.kind = FORMAT_CONTAINER,
	.title = "Android dynamic partitions (super)",
	.spec = "AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h",
	.magics = magics,
	.probe = android_super_probe,
	.walk = android_super_walk,
};
