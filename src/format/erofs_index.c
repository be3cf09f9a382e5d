/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The indexes of compressed EROFS files: an entry for each logical cluster (mostly 4 KiB) of the file tells whether packed
 * bytes begin in it, where, and where they lie. Full ones have 8 bytes, compact ones share a block's number in packs.
 *
 * Specification: Linux fs/erofs/erofs_fs.h (z_erofs_map_header and what follows) and fs/erofs/zmap.c. */
#include "format/erofs_image.h"

enum { TYPE_PLAIN, TYPE_HEAD1, TYPE_TAIL, TYPE_HEAD2 };
enum {
	ADVISE_COMPACT_2B = 1, /* of compact indexes */
	ADVISE_EXTENTS = 1,    /* of full ones: records of extents in their place */
	ADVISE_BIG_1 = 2,
	ADVISE_BIG_2 = 4,
	ADVISE_INLINE = 8,     /* the last packed bytes stand behind the index */
	ADVISE_ROTATED = 0x10, /* "interlaced" */
	ADVISE_FRAGMENT = 0x20,
	ADVISE_KNOWN = 0x3f,
};
#define RECORD_SIZE(advise) (4u << ((advise) >> 1 & 3)) /* where there are extents */
#define RECORD_SMALL 8u
#define PACKED_MASK 0x1fffffu
#define PACKED_PARTIAL (1u << 27)
#define PACKED_FORMAT_BIT 28u /* the algorithm's number and 1; 0: it is stored */
#define PARTIAL 0x8000u
#define BLOCK_COUNT 0x800u /* in the entry behind a head: how many blocks it has, not how far it is away */
#define HEADER_SIZE 8u
#define WHOLE_FILE (UINT64_C(1) << 63) /* in the header: all of the file is a fragment */

struct index {
	const struct erofs *fs;
	const struct erofs_inode *inode;
	uint64_t at; /* of the first entry */
	uint64_t count;
	unsigned bits; /* of a logical cluster's size */
	uint16_t advise;
	uint8_t algorithms[2];
	uint32_t fragment;
	uint16_t inlined; /* bytes of the last packed ones */
};

struct cluster {
	unsigned type;
	uint32_t offset; /* in the cluster, where a head's bytes begin */
	uint32_t block;  /* head: of its packed bytes */
	uint32_t blocks; /* entry behind a head: how many those are; 0: not told */
	bool partial;
	uint64_t end; /* of the entry, or of the pack with it */
};

static bool read_full(const struct index *x, uint64_t i, struct cluster *c)
{
	uint64_t at = x->at + i * 8;
	struct reader r = reader_le(span_sub(x->fs->image, at, 8));
	uint16_t advise = rd_u16(&r);
	*c = (struct cluster){ .type = advise & 3, .partial = advise & PARTIAL, .end = at + 8 };
	c->offset = rd_u16(&r);
	c->block = rd_u32(&r);
	if (c->type == TYPE_TAIL && c->block & BLOCK_COUNT)
		c->blocks = c->block & (BLOCK_COUNT - 1);
	return rd_ok(&r);
}

/* A pack of `n` entries in 2 or 4 bytes each, of which the last 4 are the number of a block. */
struct pack {
	struct span bytes;
	unsigned n, width, low; /* bits of an entry, and of its lower part */
};

static uint32_t pack_entry(const struct pack *p, unsigned i, unsigned *type)
{
	uint32_t v = span_u32le(p->bytes, p->width * i / 8) >> (p->width * i & 7);
	*type = v >> p->low & 3;
	return v & ((1u << p->low) - 1);
}

/* The block of head i: counted from the pack's by the heads between, which have a block each. */
static uint32_t count_single_blocks(const struct pack *p, int i)
{
	uint32_t n = 1;
	while (i > 0) {
		unsigned type;
		uint32_t low = pack_entry(p, (unsigned)--i, &type);
		if (type == TYPE_TAIL)
			i -= (int)low;
		if (i >= 0)
			n++;
	}
	return n;
}

/* The same where heads may have several. */
static bool count_blocks(const struct pack *p, int i, uint32_t *n)
{
	for (*n = 0; i > 0;) {
		unsigned type;
		uint32_t low = pack_entry(p, (unsigned)--i, &type);
		if (type != TYPE_TAIL) {
			(*n)++;
		} else if (low & BLOCK_COUNT) {
			i--;
			*n += low & (BLOCK_COUNT - 1);
		} else if (low < 2) {
			return false;
		} else {
			i -= (int)low - 2;
		}
	}
	return true;
}

static bool read_pack(const struct index *x, uint64_t at, unsigned shift, struct cluster *c)
{
	struct pack p = { .n = shift == 1 ? 16 : 2, .low = x->bits > 12 ? x->bits : 12 };
	unsigned size = p.n << shift;
	p.bytes = span_sub(x->fs->image, at / size * size, size);
	p.width = (size - 4) * 8 / p.n;
	if (!p.bytes.p || p.low + 2 > p.width)
		return false;
	unsigned i = (unsigned)(at % size) >> shift;
	uint32_t low = pack_entry(&p, i, &c->type), n;
	c->end = at / size * size + size;
	if (c->type == TYPE_TAIL) {
		c->blocks = low & BLOCK_COUNT ? low & (BLOCK_COUNT - 1) : 0;
		return true;
	}
	c->offset = low;
	if (!(x->advise & ADVISE_BIG_1))
		n = count_single_blocks(&p, (int)i);
	else if (!count_blocks(&p, (int)i, &n))
		return false;
	c->block = span_u32le(p.bytes, size - 4) + n;
	return true;
}

/* Compact indexes: entries of 4 bytes up to a multiple of 32, then packs of 16 in 32 bytes, then 4 bytes each again. */
static bool read_compact(const struct index *x, uint64_t i, struct cluster *c)
{
	uint64_t first = (32 - x->at % 32) % 32 / 4, packed = 0, at = x->at;
	*c = (struct cluster){ 0 };
	if (x->advise & ADVISE_COMPACT_2B && first < x->count)
		packed = (x->count - first) / 16 * 16;
	if (i < first)
		return read_pack(x, at + i * 4, 2, c);
	at += first * 4;
	i -= first;
	if (i < packed)
		return read_pack(x, at + i * 2, 1, c);
	return read_pack(x, at + packed * 2 + (i - packed) * 4, 2, c);
}

static bool read_cluster(const struct index *x, uint64_t i, struct cluster *c)
{
	bool full = x->inode->layout == EROFS_COMPRESSED_FULL;
	if (!(full ? read_full(x, i, c) : read_compact(x, i, c)))
		return false;
	return c->type == TYPE_TAIL || c->offset < 1u << x->bits;
}

static struct erofs_extent head_extent(const struct index *x, uint64_t i, const struct cluster *c)
{
	struct erofs_extent e = { .at = i << x->bits | c->offset,
							  .from = (uint64_t)c->block << x->fs->super.block_bits,
							  .packed = 1u << x->bits,
							  .partial = c->partial };
	if (c->type == TYPE_PLAIN)
		e.source = x->advise & ADVISE_ROTATED ? EROFS_ROTATED : EROFS_STORED;
	else
		e.source = (uint8_t)(EROFS_LZ4 + x->algorithms[c->type == TYPE_HEAD2]);
	return e;
}

/* How the last extent differs from others. */
static void finish_last(const struct index *x, struct erofs_file *file, uint64_t end)
{
	struct erofs_extent *last = &file->extents[file->n - 1];
	if (x->advise & ADVISE_INLINE) {
		last->from = end;
		last->packed = x->inlined;
	} else if (x->advise & ADVISE_FRAGMENT) {
		uint64_t high = x->inode->layout == EROFS_COMPRESSED_FULL ? last->from >> x->fs->super.block_bits : 0;
		last->from = high << 32 | x->fragment;
		last->source = EROFS_FRAGMENT;
		last->partial = false;
	}
}

/* Extents in the order of the file; what an unreadable entry would tell is missing from there on. */
static bool read_entries(const struct index *x, struct erofs *fs, struct erofs_file *file)
{
	struct cluster c;
	uint64_t i = 0, end = 0;
	unsigned before = TYPE_TAIL;
	for (; i < x->count; i++) {
		if (!read_cluster(x, i, &c) || (i == 0 && (c.type == TYPE_TAIL || c.offset)))
			break;
		end = c.end;
		bool big = before == TYPE_HEAD1 ? x->advise & ADVISE_BIG_1 : before == TYPE_HEAD2 && x->advise & ADVISE_BIG_2;
		if (c.type == TYPE_TAIL && big && c.blocks)
			file->extents[file->n - 1].packed = c.blocks << fs->super.block_bits;
		struct erofs_extent e = head_extent(x, i, &c);
		if (c.type != TYPE_TAIL && e.at < file->size && !erofs_extent_add(fs, file, &e))
			return false;
		before = c.type;
	}
	fs->indexed += i * (x->inode->layout == EROFS_COMPRESSED_FULL ? 8 : 2);
	if (i == x->count) {
		finish_last(x, file, end);
		return true;
	}
	erofs_damage(fs, ERR_CORRUPT, x->at, "entry %llu of %llu of a file's index is broken", (unsigned long long)i,
				 (unsigned long long)x->count);
	return erofs_extent_add(fs, file, &(struct erofs_extent){ .at = i << x->bits, .source = EROFS_BROKEN });
}

/* A record of an extent. The small ones of 4 and 8 bytes stand for a cluster of the file each, and packed bytes of those of 4 follow
 * each other. */
struct record {
	uint32_t packed;
	uint64_t from, at;
};

static bool read_record(const struct index *x, unsigned size, uint64_t i, struct record *e)
{
	struct reader r = reader_le(span_sub(x->fs->image, x->at + i * size, size));
	e->packed = rd_u32(&r);
	if (size >= 8)
		e->from = rd_u32(&r);
	if (size <= RECORD_SMALL) {
		e->at = i << x->bits;
		return rd_ok(&r);
	}
	e->from |= (uint64_t)rd_u32(&r) << 32;
	e->at = rd_u32(&r);
	if (size > 16)
		e->at |= (uint64_t)rd_u32(&r) << 32;
	return rd_ok(&r);
}

static struct erofs_extent record_extent(const struct index *x, unsigned size, const struct record *e, bool last)
{
	uint32_t packed = e->packed & PACKED_MASK;
	unsigned format = e->packed >> PACKED_FORMAT_BIT;
	struct erofs_extent out = { .at = e->at, .from = e->from, .packed = packed, .partial = e->packed & PACKED_PARTIAL };
	if (last && x->advise & ADVISE_FRAGMENT)
		return (struct erofs_extent){ .at = e->at,
									  .source = EROFS_FRAGMENT,
									  .from = e->packed | (size > 4 ? e->from << 32 : 0) };
	if (!packed)
		return (struct erofs_extent){ .at = e->at, .source = EROFS_HOLE };
	bool aligned = (e->from | packed) % x->fs->block_size == 0;
	if (format)
		out.source = format <= EROFS_ALGORITHMS ? (uint8_t)(EROFS_LZ4 + format - 1) : EROFS_BROKEN;
	else
		out.source = x->advise & ADVISE_ROTATED && aligned ? EROFS_ROTATED : EROFS_STORED;
	return out;
}

/* Records of extents in place of an index; the caller has set the place behind the header, and how many there are. */
static bool read_extents(struct index *x, struct erofs *fs, struct erofs_file *file)
{
	unsigned size = RECORD_SIZE(x->advise);
	struct record e = { .packed = 0 };
	uint64_t i = 0, before = 0;
	x->at = (x->at + size - 1) / size * size;
	if (size == 4) {
		e.from = span_u64le(fs->image, x->at);
		x->at += 8;
	}
	for (; i < x->count && read_record(x, size, i, &e); i++) {
		if (i ? e.at <= before || e.at >= file->size : e.at)
			break;
		before = e.at;
		struct erofs_extent out = record_extent(x, size, &e, i + 1 == x->count);
		if (!erofs_extent_add(fs, file, &out))
			return false;
		e.from += size == 4 ? e.packed & PACKED_MASK : 0;
	}
	fs->indexed += i * size;
	if (i && i == x->count)
		return true;
	erofs_damage(fs, ERR_CORRUPT, x->at, "extent %llu of %llu of a file is broken", (unsigned long long)i,
				 (unsigned long long)x->count);
	uint64_t at = i ? before + 1 : 0; /* nothing tells where the last one ends */
	return at >= file->size || erofs_extent_add(fs, file, &(struct erofs_extent){ .at = at, .source = EROFS_BROKEN });
}

static bool refuse(struct erofs *fs, const struct erofs_inode *inode, struct erofs_file *file, enum error_code code,
				   const char *what)
{
	erofs_damage(fs, code, inode->at, "the index of a compressed file %s", what);
	return erofs_extent_add(fs, file, &(struct erofs_extent){ .source = EROFS_BROKEN });
}

bool erofs_index_read(struct erofs *fs, const struct erofs_inode *inode, struct erofs_file *file)
{
	uint64_t at = (inode->body_at + 7) & ~UINT64_C(7);
	bool full = inode->layout == EROFS_COMPRESSED_FULL;
	struct reader r = reader_le(span_sub(fs->image, at, HEADER_SIZE));
	uint64_t whole = rd_u64(&r);
	struct index x = { .fs = fs, .inode = inode, .bits = fs->super.block_bits };
	x.at = at + HEADER_SIZE + (full ? 8 : 0);
	if (!rd_ok(&r))
		return refuse(fs, inode, file, ERR_TRUNCATED, "is missing");
	/* The oldest images have no header. */
	bool headed = !full || fs->super.incompat & (EROFS_INCOMPAT_BIG_PCLUSTER | EROFS_INCOMPAT_ZTAILPACKING |
												 EROFS_INCOMPAT_FRAGMENTS | EROFS_INCOMPAT_48BIT);
	if (headed && whole & WHOLE_FILE)
		return erofs_extent_add(fs, file,
								&(struct erofs_extent){ .from = whole ^ WHOLE_FILE, .source = EROFS_FRAGMENT });
	if (headed) {
		x.fragment = (uint32_t)whole;
		x.inlined = (uint16_t)(whole >> 16);
		x.advise = (uint16_t)(whole >> 32);
		x.algorithms[0] = whole >> 48 & 15;
		x.algorithms[1] = whole >> 52 & 15;
		x.bits += whole >> 56 & 15;
	}
	if (full && headed && x.advise & ADVISE_EXTENTS) {
		bool small = RECORD_SIZE(x.advise) <= RECORD_SMALL;
		x.at = at + HEADER_SIZE;
		x.count = small ? ((inode->size - 1) >> x.bits) + 1 : (uint32_t)whole | (whole >> 48 & 0xffff) << 32;
		return read_extents(&x, fs, file);
	}
	if (x.algorithms[0] >= EROFS_ALGORITHMS || x.algorithms[1] >= EROFS_ALGORITHMS || x.advise & ~ADVISE_KNOWN)
		return refuse(fs, inode, file, ERR_UNSUPPORTED, "names what is not known");
	x.count = ((inode->size - 1) >> x.bits) + 1;
	return read_entries(&x, fs, file);
}
