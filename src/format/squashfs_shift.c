/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Images of squashfs 4.0 in whose middle bytes are missing or too many, as when a dump of flash left a block out, or did not leave a
 * bad one out: what is behind stands elsewhere than the superblock and the inodes say, all by the same distance.
 *
 * The index of the id table tells the distance: it stands right behind the one block of ids, whose place it says, and whose size leads
 * from there to the index. */
#include <stdlib.h>

#include "format/squashfs_image.h"

#define FAR ((uint64_t)16 << 20)
#define IDS_MAX (SQUASHFS_METADATA / 4) /* of one block */
#define HEADER 2u
#define STORED (UINT32_C(1) << 24) /* in a file's list of block sizes */
#define SAMPLES_MAX 65536u
#define BROKEN_MAX 64u

/* Whether at `at` stands the index of the id table that belongs to `table`. */
static bool is_id_index(struct span image, const struct squashfs_super *s, uint64_t at)
{
	struct reader r = reader_of(span_sub(image, at, 8), s->big);
	uint64_t place = rd_u64(&r), before = s->uid_table - place;
	if (!rd_ok(&r) || place >= s->uid_table || before <= HEADER || before > HEADER + SQUASHFS_METADATA || before > at)
		return false;
	struct reader header = reader_of(span_sub(image, at - before, HEADER), s->big);
	uint16_t size = rd_u16(&header);
	return rd_ok(&header) && before == HEADER + (uint64_t)(size & 0x7fff);
}

bool squashfs_ids_in_place(struct span image, const struct squashfs_super *s)
{
	return s->uids && s->uids <= IDS_MAX && is_id_index(image, s, s->uid_table);
}

int64_t squashfs_shift_find(struct span image, const struct squashfs_super *s)
{
	if (s->uids == 0 || s->uids > IDS_MAX || is_id_index(image, s, s->uid_table))
		return 0;
	/* No more than the image then takes, so that nothing is searched time and again, nor that of another slot is found. */
	uint64_t far = s->bytes_used / 2 < FAR ? s->bytes_used / 2 : FAR;
	uint64_t from = s->uid_table > far ? s->uid_table - far : 0, to = s->uid_table + far;
	if (image.n < 8)
		return 0;
	to = to < image.n - 8 ? to : image.n - 8;
	for (uint64_t at = from; at <= to; at++) {
		const uint8_t *high = image.p + at + (s->big ? 0 : 6); /* zero: an image is smaller than 2^48 bytes */
		if (!high[0] && !high[1] && is_id_index(image, s, at))
			return (int64_t)(at - s->uid_table);
	}
	return 0;
}

static uint64_t moved(uint64_t table, int64_t by)
{
	return table == OFFSET_NONE ? table : table + (uint64_t)by;
}

/* The tables, which stand behind the data. Where the shift begins among the data is settled as they are read. */
void squashfs_shift_tables(struct squashfs *fs)
{
	struct squashfs_super *s = &fs->super;
	int64_t by = fs->layout->index_width == 8 ? squashfs_shift_find(fs->image, s) : 0;
	struct squashfs_super to = *s;
	to.inode_table = moved(s->inode_table, by);
	to.directory_table = moved(s->directory_table, by);
	to.fragment_table = moved(s->fragment_table, by);
	to.lookup_table = moved(s->lookup_table, by);
	to.xattr_table = moved(s->xattr_table, by);
	to.uid_table = to.gid_table = moved(s->uid_table, by);
	to.bytes_used = s->bytes_used + (uint64_t)by;
	if (by == 0 || !squashfs_super_is_sane(&to, 0))
		return;
	squashfs_damage(fs, ERR_CORRUPT, to.uid_table, "%llu bytes %s before this place: what is behind is read where it stands now",
					(unsigned long long)(by < 0 ? -by : by), by < 0 ? "are missing" : "too many stand");
	fs->shift = by;
	fs->shifted_from = s->inode_table;
	*s = to;
}

struct sample {
	uint64_t at;
	uint32_t size;
};

/* A full block of a file that is compressed, the first that it has. */
static bool sample_of(const struct squashfs *fs, const struct squashfs_inode *inode, struct sample *sample)
{
	struct reader r = reader_of(inode->block_sizes, fs->super.big);
	uint64_t at = inode->start;
	for (uint64_t i = 0; (i + 1) * fs->super.block_size <= inode->size && rd_left(&r) >= 4; i++) {
		uint32_t word = rd_u32(&r), size = word & (STORED - 1);
		*sample = (struct sample){ at, size };
		if (size && !(word & STORED))
			return true;
		at += size;
	}
	return false;
}

static int by_place(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* From the inodes in the order of their table. */
static size_t gather(const struct squashfs *fs, struct sample *samples, size_t max)
{
	struct reader r = reader_of(span_of(fs->inodes.bytes, fs->inodes.n), fs->super.big);
	struct squashfs_inode inode;
	size_t n = 0;
	while (n < max && rd_left(&r) > 0 && fs->layout->read_inode(fs, &r, &inode))
		n += inode.kind == ENTRY_FILE && sample_of(fs, &inode, &samples[n]);
	qsort(samples, n, sizeof *samples, by_place);
	return n;
}

static bool unpacks_at(const struct squashfs *fs, const struct sample *sample, uint64_t at, uint8_t *scratch)
{
	struct span in = span_sub(fs->image, at, sample->size);
	size_t n = 0;
	return in.p && !squashfs_unpack(&fs->codec, in, scratch, fs->super.block_size, &n) && n == fs->super.block_size;
}

/* Among the files' blocks, which are in order, the last one that is in its place and the first one that is shifted. What is between
 * is broken, and so is looked at for itself. */
void squashfs_shift_narrow(struct squashfs *fs)
{
	size_t max = fs->super.inodes < SAMPLES_MAX ? fs->super.inodes : SAMPLES_MAX;
	struct sample *samples = fs->shift ? ARENA_ARRAY(fs->walk->arena, struct sample, max) : NULL;
	uint8_t *scratch = samples ? arena_alloc(fs->walk->arena, fs->super.block_size, 1) : NULL;
	size_t low = 0, high = scratch ? gather(fs, samples, max) : 0, n = high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct sample *s = &samples[middle];
		if (unpacks_at(fs, s, s->at, scratch)) {
			fs->whole_until = s->at + s->size;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (size_t i = low; i < n && i < low + BROKEN_MAX; i++)
		if (unpacks_at(fs, &samples[i], samples[i].at + (uint64_t)fs->shift, scratch)) {
			fs->shifted_from = samples[i].at;
			return;
		}
}

/* Whether a block of data stands where the inode says (0) or is shifted (1); -1: either. */
static int is_shifted(const struct squashfs *fs, uint64_t at, uint64_t size)
{
	if (fs->shift == 0 || at + size <= fs->whole_until)
		return 0;
	return at >= fs->shifted_from ? 1 : -1;
}

static enum error_code read_at(const struct squashfs *fs, uint64_t at, const struct squashfs_packed *b, uint8_t *out, size_t max, size_t *n)
{
	struct span in = span_sub(fs->image, at, b->size);
	if (!in.p || b->size == 0 || (b->stored && b->size > max))
		return in.p ? ERR_CORRUPT : ERR_TRUNCATED;
	if (!b->stored)
		return squashfs_unpack(&fs->codec, in, out, max, n);
	memcpy(out, in.p, in.n);
	*n = in.n;
	return ERR_NONE;
}

/* Where it may be either, what is stored does not tell, and what is packed is where it unpacks. */
enum error_code squashfs_block_read(const struct squashfs *fs, const struct squashfs_packed *b, uint8_t *out, size_t max, size_t *n)
{
	int shifted = is_shifted(fs, b->at, b->size);
	if (shifted < 0 && b->stored)
		return ERR_CORRUPT;
	enum error_code code = ERR_CORRUPT;
	if (shifted <= 0)
		code = read_at(fs, b->at, b, out, max, n);
	if (shifted > 0 || (shifted < 0 && (code || (b->fills && *n != max))))
		code = read_at(fs, b->at + (uint64_t)fs->shift, b, out, max, n);
	return code;
}
