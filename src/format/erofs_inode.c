/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inodes of EROFS, compact (32 bytes) and extended (64), in slots of 32 bytes from the metadata's first block on. */
#include "format/erofs_image.h"
#include "format/unix_mode.h"

#define SLOT_SIZE 32u
#define XATTR_HEADER_SIZE 12u
#define XATTR_UNIT 4u
#define FORMAT_BITS 5u
#define ONE_LINK                                                                                                       \
	0x10u /* in place of their number stand the high bits of that of a block; of a directory: it has no "." */

/* The number of the first block, of `bits` bits: none where all of these are set. */
static uint64_t first_block(uint32_t low, uint16_t high, unsigned bits)
{
	uint64_t all = (UINT64_C(1) << bits) - 1, block = (low | (uint64_t)high << 32) & all;
	return block == all ? EROFS_NOWHERE : block;
}

static void read_compact(struct reader *r, uint16_t format, const struct erofs_super *s, struct erofs_inode *inode)
{
	bool one_link = format & ONE_LINK && inode->kind != ENTRY_DIRECTORY;
	uint16_t links_or_high = rd_u16(r);
	inode->size = rd_u32(r);
	inode->mtime = (int64_t)(s->epoch + rd_u32(r));
	inode->value = rd_u32(r);
	rd_skip(r, 4); /* number for 32-bit programs */
	inode->uid = rd_u16(r);
	inode->gid = rd_u16(r);
	rd_skip(r, 4);
	inode->start = one_link ? first_block(inode->value, links_or_high, 48) : first_block(inode->value, 0, 32);
}

static void read_extended(struct reader *r, struct erofs_inode *inode)
{
	uint16_t high = rd_u16(r);
	inode->size = rd_u64(r);
	inode->value = rd_u32(r);
	inode->start = first_block(inode->value, high, 48);
	rd_skip(r, 4);
	inode->uid = rd_u32(r);
	inode->gid = rd_u32(r);
	inode->mtime = (int64_t)rd_u64(r);
	rd_skip(r, 24); /* nanoseconds, links, reserved */
}

bool erofs_inode_read(const struct span image, const struct erofs_super *s, uint64_t nid, struct erofs_inode *inode)
{
	uint64_t meta = (uint64_t)s->meta_block << s->block_bits;
	if (nid > image.n / SLOT_SIZE) /* also keeps the product from overflowing */
		return false;
	*inode = (struct erofs_inode){ .nid = nid, .at = meta + nid * SLOT_SIZE };
	struct reader r = reader_le(span_from(image, inode->at));
	uint16_t format = rd_u16(&r), attributes = rd_u16(&r);
	inode->mode = rd_u16(&r);
	inode->layout = (enum erofs_layout)(format >> 1 & 7);
	if (!rd_ok(&r) || format >> FORMAT_BITS || inode->layout >= EROFS_LAYOUTS ||
		!entry_kind_read(inode->mode, &inode->kind))
		return false;
	if (format & 1)
		read_extended(&r, inode);
	else
		read_compact(&r, format, s, inode);
	inode->body_at = inode->at + r.at;
	if (attributes)
		inode->body_at += XATTR_HEADER_SIZE + (uint64_t)XATTR_UNIT * (attributes - 1u);
	return rd_ok(&r) && inode->size >> 62 == 0;
}
