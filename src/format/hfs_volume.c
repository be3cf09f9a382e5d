/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HFS+ and HFSX, and HFS, which may be no more than a wrapper around one of these.
 *
 * Specification: Apple Technical Note TN1150, "HFS Plus Volume Format"; Inside Macintosh: Files, 2-59 "Data Organization on Volumes".
 */
#include "format/hfs_image.h"
#include "format/region.h"

#define HEADER_SIZE 512u
#define MDB_SIZE 162u
#define UNMOUNTED (1u << 8)
#define INCONSISTENT (1u << 11)
#define JOURNALED (1u << 13)
#define SECTOR 512u
#define COPY_FROM_END 1024u

static bool is_power(uint32_t v)
{
	return v && (v & (v - 1)) == 0;
}

static uint64_t catalog_place(const struct hfs *fs)
{
	return fs->first + (uint64_t)fs->catalog_file.extents[0].start * fs->block;
}

/* Whether the catalog begins where its first extent does; what is cut off says nothing. */
static bool catalog_begins(struct span at, const struct hfs *fs)
{
	const struct hfs_extent *e = &fs->catalog_file.extents[0];
	if (!e->blocks || e->start >= fs->blocks || e->blocks > fs->blocks - e->start)
		return false;
	return catalog_place(fs) >= at.n || hfs_tree_begins(span_from(at, catalog_place(fs)));
}

/* Reads and checks the header of HFS+, or its copy. */
static bool hfsplus_header_at(struct span at, uint64_t place, struct hfs *fs)
{
	struct reader r = reader_be(span_sub(at, place, HEADER_SIZE));
	uint16_t signature = rd_u16(&r), version = rd_u16(&r);
	fs->plus = true;
	fs->case_sensitive = signature == 0x4858;
	fs->attributes = rd_u32(&r);
	rd_skip(&r, 4);
	fs->journal = rd_u32(&r);
	rd_seek(&r, 40);
	fs->block = rd_u32(&r);
	fs->blocks = rd_u32(&r);
	uint32_t unused = rd_u32(&r);
	rd_seek(&r, 192);
	hfs_fork_read(&r, &fs->extents_file);
	hfs_fork_read(&r, &fs->catalog_file);
	hfs_fork_read(&r, &fs->attributes_file);
	fs->first = 0;
	return rd_ok(&r) && (signature == 0x482b ? version == 4 : signature == 0x4858 && version == 5) && is_power(fs->block) &&
	       fs->block >= 512 && fs->block <= 1u << 20 && fs->blocks && unused <= fs->blocks && fs->catalog_file.size &&
	       fs->catalog_file.size / fs->block <= fs->blocks && fs->extents_file.size / fs->block <= fs->blocks && catalog_begins(at, fs);
}

/* Both have a copy of the header in the last but one sector: of a volume that is all of the bytes. */
static uint64_t copy_place(struct span at)
{
	return at.n > HFS_HEADER_AT + 2 * COPY_FROM_END ? at.n - COPY_FROM_END : UINT64_MAX;
}

static bool is_all(struct span at, uint64_t size, const struct hfs *fs)
{
	return size <= at.n && at.n - size < fs->block && catalog_place(fs) < at.n;
}

static bool hfsplus_copy_read(struct span at, struct hfs *fs)
{
	return hfsplus_header_at(at, copy_place(at), fs) && is_all(at, (uint64_t)fs->blocks * fs->block, fs);
}

static bool hfsplus_header_read(struct span at, struct hfs *fs)
{
	return hfsplus_header_at(at, HFS_HEADER_AT, fs);
}

static void classic_extents(struct reader *r, struct hfs_fork *fork)
{
	fork->size = rd_u32(r);
	for (unsigned i = 0; i < 3; i++) {
		fork->extents[i].start = rd_u16(r);
		fork->extents[i].blocks = rd_u16(r);
	}
}

/* What the master directory block says; of the embedded volume where there is one. */
struct wrapper {
	uint16_t signature;
	uint64_t at, size;
};

static bool mdb_read_at(struct span at, uint64_t place, struct hfs *fs, struct wrapper *w)
{
	struct reader r = reader_be(span_sub(at, place, MDB_SIZE));
	uint16_t signature = rd_u16(&r);
	rd_skip(&r, 8);
	fs->attributes = rd_u16(&r);
	rd_seek(&r, 18);
	fs->blocks = rd_u16(&r);
	fs->block = rd_u32(&r);
	rd_skip(&r, 4);
	fs->first = (uint64_t)rd_u16(&r) * SECTOR;
	rd_skip(&r, 4);
	uint16_t unused = rd_u16(&r);
	rd_seek(&r, 124);
	w->signature = rd_u16(&r);
	w->at = fs->first + (uint64_t)rd_u16(&r) * fs->block;
	w->size = (uint64_t)rd_u16(&r) * fs->block;
	rd_seek(&r, 130);
	classic_extents(&r, &fs->extents_file);
	classic_extents(&r, &fs->catalog_file);
	return rd_ok(&r) && signature == 0x4244 && fs->block >= 512 && fs->block % 512 == 0 && fs->block <= 1u << 26 && fs->blocks &&
	       unused <= fs->blocks && fs->first >= HFS_HEADER_AT + 512 && fs->first <= 1u << 20 && fs->catalog_file.size && catalog_begins(at, fs);
}

static uint64_t hfs_size(const struct hfs *fs)
{
	return fs->first + (uint64_t)fs->blocks * fs->block + 2 * SECTOR; /* the copy of the block, and one that is kept free */
}

static bool mdb_copy_read(struct span at, struct hfs *fs, struct wrapper *w)
{
	return mdb_read_at(at, copy_place(at), fs, w) && is_all(at, hfs_size(fs), fs);
}

static bool header_matches(struct span at, struct hfs *fs, struct format_match *match)
{
	if (!hfsplus_header_read(at, fs))
		return false;
	match->size = (uint64_t)fs->blocks * fs->block;
	match->confidence = 90;
	return true;
}

/* The header has a copy near the end of the volume, which begins none: the catalog is not where that would have it. */
static bool hfsplus_probe(struct span at, struct format_match *match)
{
	struct hfs fs = { 0 };
	return header_matches(at, &fs, match) && catalog_place(&fs) < at.n;
}

/* A volume that is cut off before its catalog, or one that lost its header. */
static bool hfsplus_probe_whole(struct span all, struct format_match *match)
{
	struct hfs fs = { 0 };
	if (header_matches(all, &fs, match))
		return true;
	*match = (struct format_match){ .size = all.n, .confidence = 85 };
	return hfsplus_copy_read(all, &fs);
}

static bool hfs_probe(struct span at, struct format_match *match)
{
	struct hfs fs = { 0 };
	struct wrapper w;
	if (!mdb_read_at(at, HFS_HEADER_AT, &fs, &w))
		return false;
	match->size = hfs_size(&fs);
	match->confidence = 85;
	return true;
}

static bool hfs_probe_whole(struct span all, struct format_match *match)
{
	*match = (struct format_match){ .size = all.n, .confidence = 80 };
	return mdb_copy_read(all, &(struct hfs){ 0 }, &(struct wrapper){ 0 });
}

static void tell_lost_header(struct hfs *fs)
{
	volume_damage(&fs->v, ERR_CORRUPT, HFS_HEADER_AT, "the volume's header is damaged: its copy at the end was read");
}

/* What was not written back yet stands in the journal, and is not read. */
static void check_journal(struct hfs *fs)
{
	struct span image = fs->v.image, info = span_sub(image, (uint64_t)fs->journal * fs->block, 52);
	struct reader r = reader_be(info);
	uint32_t flags = rd_u32(&r);
	rd_skip(&r, 32);
	uint64_t at = rd_u64(&r);
	struct span header = span_sub(image, at, 44);
	if (!rd_ok(&r) || !(flags & 1)) {
		volume_damage(&fs->v, ERR_UNSUPPORTED, HFS_HEADER_AT + 12, "the journal is on another device, or nowhere: what is in it is not read");
		return;
	}
	bool big = span_starts(header, "JNLx", 4);
	struct reader h = reader_of(header, big);
	rd_skip(&h, 8);
	uint64_t start = rd_u64(&h), end = rd_u64(&h);
	bool known = rd_ok(&h) && (big || span_starts(header, "xLNJ", 4));
	bool fresh = flags & 4; /* it is to be made at the next mount */
	emit_header_field(fs->v.w->sink, at, "journal", "%s", fresh ? "not made yet" : !known ? "damaged" : start == end ? "empty" : "in use");
	if (!fresh && !known)
		volume_damage(&fs->v, ERR_CORRUPT, at, "the journal can not be read");
	else if (!fresh && start != end)
		volume_damage(&fs->v, ERR_UNSUPPORTED, at, "the journal has changes that are not written back, from %llu to %llu: they are not read",
		              (unsigned long long)start, (unsigned long long)end);
}

static struct error hfsplus_walk(struct span bytes, struct walk *w)
{
	struct hfs *fs = ARENA_NEW(w->arena, struct hfs);
	if (!fs || !volume_init(&fs->v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for the volume");
	if (!hfsplus_header_read(bytes, fs)) {
		if (!hfsplus_copy_read(bytes, fs))
			return error_at(ERR_CORRUPT, HFS_HEADER_AT, "no volume header of HFS+");
		tell_lost_header(fs);
	}
	emit_header_field(w->sink, HFS_HEADER_AT, "signature", "%s", fs->case_sensitive ? "HFSX" : "HFS+");
	emit_header_field(w->sink, HFS_HEADER_AT + 4, "attributes", "0x%08lx", (unsigned long)fs->attributes);
	emit_header_field(w->sink, HFS_HEADER_AT + 40, "block_size", "%lu", (unsigned long)fs->block);
	emit_header_field(w->sink, HFS_HEADER_AT + 44, "blocks", "%lu", (unsigned long)fs->blocks);
	emit_header_field(w->sink, HFS_HEADER_AT + 4, "state", "%s", fs->attributes & INCONSISTENT ? "inconsistent"
	                                                             : fs->attributes & UNMOUNTED  ? "unmounted"
	                                                                                           : "not unmounted");
	uint64_t size = (uint64_t)fs->blocks * fs->block;
	if (bytes.n < size)
		volume_damage(&fs->v, ERR_TRUNCATED, bytes.n, "the volume has %llu bytes, %zu are there", (unsigned long long)size, bytes.n);
	if (fs->attributes & JOURNALED)
		check_journal(fs);
	return hfs_walk_volume(fs);
}

static struct error hfs_walk(struct span bytes, struct walk *w)
{
	struct wrapper wrapper;
	struct hfs *fs = ARENA_NEW(w->arena, struct hfs);
	if (!fs || !volume_init(&fs->v, bytes, w))
		return error_at(ERR_BUDGET, 0, "no memory for the volume");
	if (!mdb_read_at(bytes, HFS_HEADER_AT, fs, &wrapper)) {
		if (!mdb_copy_read(bytes, fs, &wrapper))
			return error_at(ERR_CORRUPT, HFS_HEADER_AT, "no master directory block of HFS");
		tell_lost_header(fs);
	}
	emit_header_field(w->sink, HFS_HEADER_AT + 20, "block_size", "%lu", (unsigned long)fs->block);
	emit_header_field(w->sink, HFS_HEADER_AT + 18, "blocks", "%lu", (unsigned long)fs->blocks);
	if (wrapper.signature == 0x482b || wrapper.signature == 0x4858) {
		emit_header_field(w->sink, HFS_HEADER_AT + 124, "embedded", "HFS+, %llu bytes at %llu", (unsigned long long)wrapper.size,
		                  (unsigned long long)wrapper.at);
		if (!region_emit(w, "embedded", bytes, wrapper.at, wrapper.size, "hfsplus"))
			return error_none();
	}
	return hfs_walk_volume(fs);
}

static const struct format_magic hfsplus_magics[] = { MAGIC("H+\0\4", HFS_HEADER_AT), MAGIC("HX\0\5", HFS_HEADER_AT), MAGIC_END };

const struct format hfsplus_format = {
	.name = "hfsplus",
	.kind = FORMAT_FILESYSTEM,
	.title = "HFS+ and HFSX file systems (Apple)",
	.spec = "Apple Technical Note TN1150",
	.magics = hfsplus_magics,
	.probe = hfsplus_probe,
	.probe_whole = hfsplus_probe_whole,
	.at_start = true, /* for those whose header is lost */
	.walk = hfsplus_walk,
};

const struct format hfs_format = {
	.name = "hfs",
	.kind = FORMAT_FILESYSTEM,
	.title = "HFS file system (Apple), and a wrapper of HFS+",
	.spec = "Inside Macintosh: Files, 2-59",
	.at_start = true, /* its two letters are anywhere */
	.probe = hfs_probe,
	.probe_whole = hfs_probe_whole,
	.walk = hfs_walk,
};
