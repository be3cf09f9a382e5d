/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's disk image, versions 2 and 3: the disk that a guest sees, put together from clusters when it is read. A snapshot is a disk of
 * the same clusters with a first table of its own, and, of a guest that ran, its state, which that table holds behind the disk's end.
 *
 * Specification: QEMU docs/interop/qcow2.txt.
 */
#include <stdio.h>

#include "base/codec.h"
#include "format/guest_disk.h"
#include "format/wrapper.h"

#define OFFSET_MASK 0x00fffffffffffe00u
#define COUNTS_MASK 0xfffffffffffffe00u
#define COMPRESSED (UINT64_C(1) << 62)
#define READS_AS_ZEROS 1u
#define INCOMPATIBLE_DATA_FILE 4u
#define INCOMPATIBLE_EXTENDED_L2 16u
#define HEADER_SIZE 104u
#define SNAPSHOT_SIZE 40u
#define SNAPSHOT_EXTRA_MAX 1024u /* as QEMU has it */
#define SNAPSHOTS_MAX 16u /* each one is a disk to look at */

struct qcow2 {
	struct guest_disk disk; /* first */
	uint32_t version, cluster_bits, crypt, l1_size, snapshots, backing_size;
	uint64_t backing_at, l1_at, counts_at, snapshots_at, incompatible;
	uint64_t first; /* cluster of the table with which it begins: not 0 of a guest's state */
	uint32_t counts_clusters, count_bits; /* of the table of reference counts; of one count */
	uint8_t compression;
};

/* Entries of the first table that a disk of so many bytes takes. */
static uint64_t first_entries(const struct qcow2 *q, uint64_t size)
{
	unsigned bits = 2 * q->cluster_bits - 3; /* of what one entry covers */
	return (size >> bits) + ((size & (((uint64_t)1 << bits) - 1)) != 0);
}

static bool qcow2_read(struct span bytes, struct qcow2 *q)
{
	*q = (struct qcow2){ .disk.bytes = bytes };
	struct reader r = reader_be(bytes);
	rd_skip(&r, 4);
	q->version = rd_u32(&r);
	q->backing_at = rd_u64(&r);
	q->backing_size = rd_u32(&r);
	q->cluster_bits = rd_u32(&r);
	q->disk.size = rd_u64(&r);
	q->crypt = rd_u32(&r);
	q->l1_size = rd_u32(&r);
	q->l1_at = rd_u64(&r);
	q->counts_at = rd_u64(&r);
	q->counts_clusters = rd_u32(&r);
	q->snapshots = rd_u32(&r);
	q->snapshots_at = rd_u64(&r);
	q->count_bits = 16;
	if (q->version == 3) {
		q->incompatible = rd_u64(&r);
		rd_skip(&r, 16);
		uint32_t order = rd_u32(&r);
		q->count_bits = order <= 6 ? 1u << order : 0;
		uint32_t header = rd_u32(&r);
		q->compression = header > 104 ? rd_u8(&r) : 0;
	}
	bool sane = rd_ok(&r) && span_starts(bytes, "QFI\xfb", 4) && (q->version == 2 || q->version == 3) &&
				q->cluster_bits >= 9 && q->cluster_bits <= 21 && q->crypt <= 2 && q->disk.size <= UINT64_MAX >> 8 &&
				q->count_bits && q->compression <= 1 && q->l1_at % ((uint64_t)1 << q->cluster_bits) == 0;
	if (!sane)
		return false;
	return q->l1_size <= 32u << 20 && q->l1_size >= first_entries(q, q->disk.size);
}

static bool qcow2_probe(struct span at, struct format_match *match)
{
	struct qcow2 q;
	if (!qcow2_read(at, &q))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 85;
	return true;
}

/* False: it lies outside of the image. */
static bool table_entry(const struct qcow2 *q, uint64_t at, uint64_t index, uint64_t *entry)
{
	struct reader r = reader_be(span_sub(q->disk.bytes, at + index * 8, 8));
	*entry = rd_u64(&r);
	return rd_ok(&r);
}

/* The last byte of the block that is not zero, and one; 0 when all are, or when the block is not there. */
static uint64_t used_bytes(const struct qcow2 *q, uint64_t at)
{
	struct span block = span_sub(q->disk.bytes, at, (uint64_t)1 << q->cluster_bits);
	while (block.n && block.p[block.n - 1] == 0)
		block.n--;
	return block.n;
}

/* Where the image ends: behind the last cluster that is counted as used. 0 when the counts do not tell. */
static uint64_t image_end(const struct qcow2 *q)
{
	uint64_t cluster = (uint64_t)1 << q->cluster_bits, counted = (cluster << 3) / q->count_bits; /* clusters by one block of counts */
	uint64_t entries = (uint64_t)q->counts_clusters << (q->cluster_bits - 3);
	struct span table = span_clip(q->disk.bytes, q->counts_at, entries * 8);
	for (uint64_t i = table.n / 8; i-- > 0;) {
		uint64_t entry = 0;
		uint64_t n = table_entry(q, q->counts_at, i, &entry) && entry & COUNTS_MASK ? used_bytes(q, entry & COUNTS_MASK) : 0;
		uint64_t clusters = i * counted + (n * 8 + q->count_bits - 1) / q->count_bits;
		if (n)
			return clusters < UINT64_MAX >> q->cluster_bits ? clusters << q->cluster_bits : UINT64_MAX;
	}
	return 0;
}

/* The bytes of a cluster that is packed. */
static struct span packed_cluster(const struct qcow2 *q, uint64_t entry)
{
	unsigned bits = 62 - (q->cluster_bits - 8);
	uint64_t at = entry & (((uint64_t)1 << bits) - 1);
	uint64_t sectors = ((entry & (COMPRESSED - 1)) >> bits) + 1;
	return span_clip(q->disk.bytes, at, sectors * GUEST_SECTOR - at % GUEST_SECTOR);
}

static bool unpack_cluster(const struct qcow2 *q, uint64_t entry, uint8_t *out, size_t n)
{
	size_t got = 0;
	struct span in = packed_cluster(q, entry);
	enum codec codec = q->compression ? CODEC_ZSTD : CODEC_DEFLATE;
	enum error_code code = codec_block(codec, in, out, n, &got);
	return (!code || code == ERR_BUDGET) && got == n; /* the last cluster may be cut by the disk's end */
}

static bool reads_as_zeros(const struct qcow2 *q, uint64_t entry)
{
	return q->version == 3 && entry & READS_AS_ZEROS;
}

static bool read_cluster(const struct qcow2 *q, uint64_t number, uint8_t *out, size_t n)
{
	unsigned l2_bits = q->cluster_bits - 3;
	uint64_t entry = 0;
	if (!table_entry(q, q->l1_at, number >> l2_bits, &entry))
		return false;
	uint64_t l2_at = entry & OFFSET_MASK;
	entry = 0;
	if (l2_at && !table_entry(q, l2_at, number & (((uint64_t)1 << l2_bits) - 1), &entry))
		return false;
	if (entry & COMPRESSED)
		return unpack_cluster(q, entry, out, n);
	struct span cluster = span_sub(q->disk.bytes, entry & OFFSET_MASK, n);
	memset(out, 0, n);
	if (!(entry & OFFSET_MASK) || reads_as_zeros(q, entry))
		return true;
	if (cluster.p)
		memcpy(out, cluster.p, n);
	return cluster.p != NULL;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct qcow2 *q = (const struct qcow2 *)d;
	return read_cluster(q, q->first + (at >> q->cluster_bits), out, n);
}

/* How many of the clusters that one second table leads to are as the first of them; as many of the entries are looked at. */
static enum guest_state state_by_table(const struct qcow2 *q, uint64_t table, uint64_t index, uint64_t *clusters)
{
	uint64_t entries = (uint64_t)1 << (q->cluster_bits - 3), entry = 0;
	enum guest_state first = GUEST_LOST;
	for (uint64_t i = index; i < entries; i++) {
		bool there = table_entry(q, table, i, &entry);
		bool zeros = !(entry & COMPRESSED) && (!(entry & OFFSET_MASK) || reads_as_zeros(q, entry));
		enum guest_state state = !there ? GUEST_LOST : zeros ? GUEST_ZEROS : GUEST_STORED;
		if (i > index && state != first)
			break;
		first = state;
		*clusters = i + 1 - index;
	}
	return first;
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct qcow2 *q = (const struct qcow2 *)d;
	uint64_t entries = (uint64_t)1 << (q->cluster_bits - 3), number = q->first + (at >> q->cluster_bits), index = number % entries;
	uint64_t entry = 0, clusters = entries - index;
	enum guest_state state = GUEST_ZEROS;
	if (!table_entry(q, q->l1_at, number / entries, &entry)) {
		*n = d->size - at; /* nor are those behind it */
		return GUEST_LOST;
	}
	if (entry & OFFSET_MASK)
		state = state_by_table(q, entry & OFFSET_MASK, index, &clusters);
	*n = clusters << q->cluster_bits;
	return state;
}

/* Where the blocks of the reference counts are. */
static void follow_counts(const struct qcow2 *q, struct guest_used *used)
{
	uint64_t cluster = (uint64_t)1 << q->cluster_bits;
	struct span table = span_clip(q->disk.bytes, q->counts_at, (uint64_t)q->counts_clusters << q->cluster_bits);
	guest_used_add(used, q->counts_at, table.n);
	for (uint64_t i = 0; i < table.n / 8; i++) {
		uint64_t entry = 0;
		if (table_entry(q, q->counts_at, i, &entry) && entry & COUNTS_MASK)
			guest_used_add(used, entry & COUNTS_MASK, cluster);
	}
}

/* The first `entries` of a second table. */
static void follow_second(const struct qcow2 *q, uint64_t at, uint64_t entries, struct guest_used *used)
{
	uint64_t cluster = (uint64_t)1 << q->cluster_bits;
	struct span table = span_clip(q->disk.bytes, at, cluster);
	guest_used_add(used, at, table.n);
	for (uint64_t i = 0; i < table.n / 8 && i < entries; i++) {
		uint64_t entry = 0;
		if (!table_entry(q, at, i, &entry))
			break;
		struct span packed = entry & COMPRESSED ? packed_cluster(q, entry) : SPAN_NONE;
		if (packed.n)
			guest_used_add(used, (uint64_t)(packed.p - q->disk.bytes.p), packed.n);
		else if (!(entry & COMPRESSED) && entry & OFFSET_MASK && !reads_as_zeros(q, entry))
			guest_used_add(used, entry & OFFSET_MASK, cluster);
	}
}

struct followed {
	struct guest_used used;
	uint8_t *seen, *own; /* a bit for each cluster that is a second table: of any disk, of this one */
	size_t seen_size;
	bool lost; /* tables of the last disk lie outside of the image */
};

/* What the tables lead to within the disk: entries behind its end are read by nobody. A second table counts once, however many entries
 * of first ones lead to it. True: some are new. */
static bool follow_disk(struct qcow2 *q, struct followed *f)
{
	unsigned l2_bits = q->cluster_bits - 3;
	uint64_t clusters = (q->disk.size >> q->cluster_bits) + 1, begin = q->first >> l2_bits, end = begin + first_entries(q, q->disk.size);
	struct span first = span_clip(q->disk.bytes, q->l1_at, (uint64_t)q->l1_size * 8);
	bool some = false;
	q->disk.state = part_state; /* unless its tables are shared, and more would be asked than the image has */
	memset(f->own, 0, f->seen_size);
	f->lost = first.n / 8 < end;
	guest_used_add(&f->used, q->l1_at, first.n);
	for (uint64_t i = begin; i < first.n / 8 && i < end; i++) {
		uint64_t entry = 0;
		(void)table_entry(q, q->l1_at, i, &entry);
		uint64_t at = entry & OFFSET_MASK, number = at >> q->cluster_bits;
		uint8_t bit = (uint8_t)(1u << number % 8);
		f->lost |= at >= q->disk.bytes.n;
		if (!at || at >= q->disk.bytes.n)
			continue;
		if (f->own[number / 8] & bit)
			q->disk.state = NULL;
		f->own[number / 8] |= bit;
		if (f->seen[number / 8] & bit)
			continue;
		f->seen[number / 8] |= bit;
		follow_second(q, at, clusters - ((i - begin) << l2_bits), &f->used);
		some = true;
	}
	return some;
}

/* What the header and the tables of the disk lead to. False: no memory. */
static bool follow_header(struct qcow2 *q, struct followed *f, struct arena *arena)
{
	f->seen_size = (q->disk.bytes.n >> q->cluster_bits) / 8 + 1;
	f->seen = ARENA_ARRAY(arena, uint8_t, f->seen_size);
	f->own = ARENA_ARRAY(arena, uint8_t, f->seen_size);
	if (!f->seen || !f->own || !guest_used_new(&f->used, q->disk.bytes, arena))
		return false;
	guest_used_add(&f->used, 0, HEADER_SIZE);
	guest_used_add(&f->used, q->backing_at, q->backing_at ? q->backing_size : 0);
	follow_counts(q, &f->used);
	(void)follow_disk(q, f);
	return true;
}

/* ---- snapshots ---- */

struct snapshot {
	uint64_t l1_at, disk_size, state_size;
	uint32_t l1_size;
	struct span name;
};

/* One of the table at *at, which moves behind it. Of version 2 the disk may have the size that it has now. */
static bool next_snapshot(const struct qcow2 *q, uint64_t *at, struct snapshot *s)
{
	struct reader r = reader_be(span_from(q->disk.bytes, *at));
	s->l1_at = rd_u64(&r);
	s->l1_size = rd_u32(&r);
	uint32_t id_size = rd_u16(&r), name_size = rd_u16(&r);
	rd_skip(&r, 16); /* when it was made, how long the guest had run */
	s->state_size = rd_u32(&r);
	uint32_t extra = rd_u32(&r);
	s->disk_size = q->disk.size;
	if (!rd_ok(&r) || extra > SNAPSHOT_EXTRA_MAX)
		return false;
	if (extra >= 8)
		s->state_size = rd_u64(&r);
	if (extra >= 16)
		s->disk_size = rd_u64(&r);
	uint64_t size = SNAPSHOT_SIZE + extra + id_size + name_size;
	s->name = span_sub(q->disk.bytes, *at + size - name_size, name_size);
	*at += (size + 7) / 8 * 8;
	return rd_ok(&r) && (s->name.p || !name_size) && s->l1_size <= 32u << 20 && s->disk_size <= UINT64_MAX >> 8 &&
		   s->state_size <= UINT64_MAX >> 8;
}

/* A disk, or a state, by the snapshot's table, when it has clusters that were not shown before. */
static bool emit_snapshot_part(const struct qcow2 *q, const struct snapshot *s, uint64_t from_entry, uint64_t size, const char *name,
							   struct followed *f, struct walk *w)
{
	unsigned bits = 2 * q->cluster_bits - 3; /* of what one entry of the first table covers */
	uint64_t covered = s->l1_size > from_entry ? (s->l1_size - from_entry) << bits : 0;
	if (size > covered)
		emit_damage_at(w->sink, ERR_CORRUPT, s->l1_at, "the table of a snapshot leads to %llu of its %llu bytes", (unsigned long long)covered,
					   (unsigned long long)size);
	size = size < covered ? size : covered;
	struct qcow2 *part = size ? ARENA_NEW(w->arena, struct qcow2) : NULL;
	if (!part)
		return size == 0;
	*part = *q;
	part->l1_at = s->l1_at;
	part->l1_size = s->l1_size;
	part->disk.size = size;
	part->first = from_entry << (q->cluster_bits - 3);
	if (follow_disk(part, f))
		return guest_disk_emit_as(&part->disk, w, name);
	if (f->lost)
		emit_damage_at(w->sink, ERR_CORRUPT, s->l1_at, "tables of %s lie outside of the image", name);
	return true;
}

static void emit_snapshots(const struct qcow2 *q, struct followed *f, struct walk *w)
{
	uint64_t at = q->snapshots_at;
	bool more = true;
	for (uint32_t i = 0; more && i < q->snapshots; i++) {
		struct snapshot s;
		char name[40];
		uint64_t begin = at;
		if (i == SNAPSHOTS_MAX) {
			emit_damage_at(w->sink, ERR_BUDGET, at, "of %u snapshots %u are looked at", q->snapshots, SNAPSHOTS_MAX);
			return;
		}
		if (!next_snapshot(q, &at, &s)) {
			emit_damage_at(w->sink, begin < q->disk.bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, begin, "of %u snapshots %u can be read", q->snapshots, i);
			return;
		}
		guest_used_add(&f->used, begin, at - begin);
		wrapper_field(w, begin, "snapshot", s.name);
		snprintf(name, sizeof name, "snapshot-%u", i + 1);
		more = emit_snapshot_part(q, &s, 0, s.disk_size, name, f, w);
		snprintf(name, sizeof name, "snapshot-%u-state", i + 1);
		more = more && emit_snapshot_part(q, &s, first_entries(q, s.disk_size), s.state_size, name, f, w);
	}
}

static struct error qcow2_walk(struct span bytes, struct walk *w)
{
	struct followed f;
	struct qcow2 *q = ARENA_NEW(w->arena, struct qcow2);
	if (!q)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!qcow2_read(bytes, q))
		return error_at(ERR_CORRUPT, 0, "no qcow2 header");
	emit_header_field(w->sink, 4, "version", "%u", q->version);
	emit_header_field(w->sink, 20, "cluster_bits", "%u", q->cluster_bits);
	emit_header_field(w->sink, 24, "size", "%llu", (unsigned long long)q->disk.size);
	emit_header_field(w->sink, 60, "nb_snapshots", "%u", q->snapshots);
	w->end = image_end(q);
	if (!w->end)
		emit_damage_at(w->sink, ERR_CORRUPT, 48, "no cluster is counted as used: where the image ends is not known");
	else if ((w->end - 1) >> q->cluster_bits > (bytes.n - 1) >> q->cluster_bits)
		emit_damage_at(w->sink, ERR_TRUNCATED, bytes.n, "clusters are in use up to %llu, here are %llu bytes", (unsigned long long)w->end,
		               (unsigned long long)bytes.n);
	if (q->crypt)
		return error_at(ERR_ENCRYPTED, 32, "the image is encrypted with %s", q->crypt == 1 ? "AES" : "LUKS");
	if (q->incompatible & (INCOMPATIBLE_DATA_FILE | INCOMPATIBLE_EXTENDED_L2))
		return error_at(ERR_UNSUPPORTED, 72,
						"its data are in another file, or its clusters have parts (features 0x%llx)",
						(unsigned long long)q->incompatible);
	struct span backing = span_sub(bytes, q->backing_at, q->backing_at ? q->backing_size : 0);
	if (backing.n)
		emit_damage_at(w->sink, ERR_UNSUPPORTED, q->backing_at, "what is not in this image is in \"%.*s\"",
					   (int)(backing.n < 100 ? backing.n : 100), (const char *)backing.p);
	q->disk.unit = 1u << q->cluster_bits;
	q->disk.read = read_part;
	if (!follow_header(q, &f, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	if (!guest_disk_emit_as(&q->disk, w, "disk"))
		return error_none();
	emit_snapshots(q, &f, w);
	guest_used_emit_rest(&f.used, w);
	return error_none();
}

static const struct format_magic qcow2_magics[] = { MAGIC("QFI\xfb\0\0\0\2", 0), MAGIC("QFI\xfb\0\0\0\3", 0),
													MAGIC_END };

const struct format qcow2_format = {
	.name = "qcow2",
	.kind = FORMAT_CONTAINER,
	.title = "QEMU disk image, versions 2 and 3",
	.spec = "QEMU docs/interop/qcow2.txt",
	.magics = qcow2_magics,
	.probe = qcow2_probe,
	.walk = qcow2_walk,
};
