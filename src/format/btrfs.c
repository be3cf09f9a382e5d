/* SPDX-License-Identifier: GPL-3.0-or-later */
/* btrfs on one device: subvolumes, holes, inline and compressed extents.
 *
 * Specification: https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html, Linux
 * include/uapi/linux/btrfs_tree.h. */

#include "base/hash.h"
#include "format/btrfs_image.h"

#define CHECKSUM_SIZE 32u
#define STRIPE_SIZE 32u
#define SYSTEM_CHUNKS_MAX 2048u
#define CHUNKS_MAX 16384u /* of a GiB mostly */
/* Kinds of chunks that lie in one piece on a device: single, RAID1, DUP, RAID1C3 and RAID1C4. */
#define KIND_SPREAD (8u | 0x40u | 0x80u | 0x100u) /* RAID0, RAID10, RAID5, RAID6 */

static bool is_power_of_two(uint32_t v)
{
	return v && (v & (v - 1)) == 0;
}

static bool super_read(struct span at, struct btrfs_super *s)
{
	struct span super = span_sub(at, BTRFS_SUPER_AT, BTRFS_SUPER_SIZE);
	struct reader r = reader_le(super);
	*s = (struct btrfs_super){ 0 };
	rd_skip(&r, CHECKSUM_SIZE);
	s->uuid = rd_bytes(&r, 16);
	uint64_t place = rd_u64(&r);
	rd_skip(&r, 8);
	struct span magic = rd_bytes(&r, 8);
	s->generation = rd_u64(&r);
	s->root = rd_u64(&r);
	s->chunk_root = rd_u64(&r);
	s->log_root = rd_u64(&r);
	rd_skip(&r, 8); /* the log's transaction, which is not used */
	s->total_bytes = rd_u64(&r);
	s->bytes_used = rd_u64(&r);
	rd_skip(&r, 8);
	s->devices = rd_u64(&r);
	s->sector_size = rd_u32(&r);
	s->node_size = rd_u32(&r);
	rd_skip(&r, 8);
	uint32_t system_size = rd_u32(&r);
	rd_skip(&r, 24); /* a generation, compatible features */
	s->incompat = rd_u64(&r);
	s->checksum_type = rd_u16(&r);
	s->root_level = rd_u8(&r);
	s->chunk_level = rd_u8(&r);
	rd_skip(&r, 1);
	s->device_id = rd_u64(&r);
	s->device_bytes = rd_u64(&r);
	rd_seek(&r, 0x12b);
	s->label = text_until_nul(rd_bytes(&r, 256));
	s->system_chunks = span_sub(super, 0x32b, system_size);
	return rd_ok(&r) && span_starts(magic, "_BHRfS_M", 8) && place == BTRFS_SUPER_AT &&
		   is_power_of_two(s->sector_size) && s->sector_size >= 512 && is_power_of_two(s->node_size) &&
		   s->node_size >= 4096 && s->node_size <= 65536 && s->root_level < BTRFS_LEVELS &&
		   s->chunk_level < BTRFS_LEVELS && system_size <= SYSTEM_CHUNKS_MAX && btrfs_checksum_name(s->checksum_type) &&
		   s->device_bytes >> 60 == 0 && s->device_bytes > BTRFS_SUPER_AT && s->devices;
}

static bool btrfs_probe(struct span at, struct format_match *match)
{
	struct btrfs_super s;
	if (!super_read(at, &s))
		return false;
	bool sound = btrfs_checksum_ok(&s, span_sub(at, BTRFS_SUPER_AT, BTRFS_SUPER_SIZE));
	match->size = s.device_bytes;
	match->confidence = sound ? 92 : 80;
	return true;
}

struct span btrfs_map(const struct btrfs *fs, uint64_t logical, uint64_t n, unsigned copy)
{
	size_t lo = 0, hi = fs->nchunks;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (fs->chunks[mid].logical <= logical)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return SPAN_NONE;
	const struct btrfs_chunk *c = &fs->chunks[lo - 1];
	uint64_t skip = logical - c->logical;
	if (copy >= c->copies || skip > c->size || n > c->size - skip || c->places[copy] >> 60)
		return SPAN_NONE;
	return span_sub(fs->image, c->places[copy] + skip, n);
}

/* Adds a chunk item. False at the arena's limit. */
static bool btrfs_chunk_add(struct btrfs *fs, uint64_t logical, struct span item)
{
	struct reader r = reader_le(item);
	struct btrfs_chunk c = { .logical = logical, .size = rd_u64(&r) };
	rd_skip(&r, 16);
	uint64_t kind = rd_u64(&r);
	rd_skip(&r, 12);
	uint16_t stripes = rd_u16(&r);
	rd_skip(&r, 2);
	for (unsigned i = 0; i < stripes && rd_left(&r) >= STRIPE_SIZE; i++) {
		uint64_t device = rd_u64(&r), place = rd_u64(&r);
		rd_skip(&r, 16);
		if (device == fs->super.device_id && c.copies < 2 && (!(kind & KIND_SPREAD) || stripes == 1))
			c.places[c.copies++] = place;
	}
	if (!rd_ok(&r) || c.size >> 60 || logical >> 62)
		return true;
	size_t at = fs->nchunks;
	while (at > 0 && fs->chunks[at - 1].logical > logical)
		at--;
	if (at > 0 && fs->chunks[at - 1].logical == logical) { /* the system's are told twice */
		fs->chunks[at - 1] = c;
		return true;
	}
	if (fs->nchunks == CHUNKS_MAX)
		return false;
	if (fs->nchunks == fs->chunks_cap) {
		size_t cap = fs->chunks_cap ? fs->chunks_cap * 2 : 64;
		struct btrfs_chunk *v = ARENA_ARRAY(fs->walk->arena, struct btrfs_chunk, cap);
		if (!v)
			return false;
		if (fs->nchunks)
			memcpy(v, fs->chunks, fs->nchunks * sizeof *v);
		fs->chunks = v;
		fs->chunks_cap = cap;
	}
	memmove(fs->chunks + at + 1, fs->chunks + at, (fs->nchunks - at) * sizeof c);
	fs->chunks[at] = c;
	fs->nchunks++;
	return true;
}

/* The superblock tells of the chunks that hold the tree of chunks. */
static bool read_system_chunks(struct btrfs *fs)
{
	struct reader r = reader_le(fs->super.system_chunks);
	while (rd_left(&r) > 0) {
		struct btrfs_key key = btrfs_key_read(&r);
		struct span rest = span_from(fs->super.system_chunks, r.at);
		uint64_t size = 48 + (uint64_t)STRIPE_SIZE * span_u16le(rest, 44);
		struct span item = rd_bytes(&r, size);
		if (!rd_ok(&r) || key.type != BTRFS_CHUNK_ITEM)
			break;
		if (!btrfs_chunk_add(fs, key.offset, item))
			return false;
	}
	return true;
}

static bool take_chunk(void *context, const struct btrfs_item *item)
{
	struct btrfs *fs = context;
	return item->key.type != BTRFS_CHUNK_ITEM || btrfs_chunk_add(fs, item->key.offset, item->data);
}

static void emit_fields(struct span bytes, struct walk *w, const struct btrfs_super *s)
{
	char hex[33];
	hash_hex(s->uuid.p, s->uuid.n, hex);
	bool known = btrfs_checksum_known(s);
	bool sound = btrfs_checksum_ok(s, span_sub(bytes, BTRFS_SUPER_AT, BTRFS_SUPER_SIZE));
	emit_header_field(w->sink, BTRFS_SUPER_AT, "checksum", "%s", !known ? "not checked" : sound ? "ok" : "mismatch");
	if (!sound)
		emit_damage_at(w->sink, ERR_CORRUPT, BTRFS_SUPER_AT, "the superblock's checksum does not match it");
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0xc4, "csum_type", "%s", btrfs_checksum_name(s->checksum_type));
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0x20, "fsid", "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
					  hex + 16, hex + 20);
	if (s->label.n)
		emit_header_field(w->sink, BTRFS_SUPER_AT + 0x12b, "label", "%.*s", (int)s->label.n, s->label.p);
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0x48, "generation", "%llu", (unsigned long long)s->generation);
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0x70, "total_bytes", "%llu", (unsigned long long)s->total_bytes);
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0x78, "bytes_used", "%llu", (unsigned long long)s->bytes_used);
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0x88, "num_devices", "%llu", (unsigned long long)s->devices);
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0x94, "nodesize", "%u", s->node_size);
	emit_header_field(w->sink, BTRFS_SUPER_AT + 0xbc, "incompat_flags", "0x%llx", (unsigned long long)s->incompat);
}

static struct error btrfs_walk(struct span bytes, struct walk *w)
{
	struct btrfs_super s;
	if (!super_read(bytes, &s))
		return error_at(ERR_CORRUPT, BTRFS_SUPER_AT, "no btrfs superblock");
	emit_fields(bytes, w, &s);
	struct btrfs *fs = ARENA_NEW(w->arena, struct btrfs);
	if (!fs)
		return error_at(ERR_BUDGET, 0, "no memory for the superblock");
	*fs = (struct btrfs){ .image = bytes, .super = s, .walk = w };
	fs->ahead = bytes.n;
	fs->nodes = 4 * (bytes.n / s.node_size + 1); /* no node belongs to two trees, but for snapshots */
	if (s.devices > 1)
		btrfs_damage(fs, ERR_UNSUPPORTED, BTRFS_SUPER_AT + 0x88, "it lies on %llu devices, of which this is one",
					 (unsigned long long)s.devices);
	if (s.log_root)
		btrfs_damage(fs, ERR_UNSUPPORTED, BTRFS_SUPER_AT + 0x60,
					 "it was not unmounted: its log tree holds what was synced last, which is not replayed");
	struct error e = error_none();
	if (!read_system_chunks(fs))
		e = error_at(ERR_BUDGET, BTRFS_SUPER_AT, "more chunks than are kept of one image");
	if (!error_is(&e)) {
		btrfs_tree_walk(fs, s.chunk_root, s.chunk_level, take_chunk, fs);
		e = btrfs_traverse(fs);
	}
	emit_damage_further(w->sink, fs->damages);
	fs->walk = NULL;
	return e;
}

static const struct format_magic magics[] = { MAGIC("_BHRfS_M", BTRFS_SUPER_AT + 0x40), MAGIC_END };

const struct format btrfs_format = {
	.name = "btrfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "btrfs on one device",
	.spec = "https://btrfs.readthedocs.io/en/latest/dev/On-disk-format.html",
	.magics = magics,
	.probe = btrfs_probe,
	.walk = btrfs_walk,
};
