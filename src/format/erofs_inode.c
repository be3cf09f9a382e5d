/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inodes of EROFS, compact (32 bytes) and extended (64), in slots of 32 bytes from the metadata's first block on. */
#include "format/erofs_image.h"
#include "format/unix_mode.h"

#define SLOT_SIZE 32u
#define XATTR_HEADER_SIZE 12u
#define XATTR_UNIT 4u

static void read_compact(struct reader *r, const struct erofs_super *s, struct erofs_inode *inode)
{
	rd_skip(r, 2); /* links */
	inode->size = rd_u32(r);
	rd_skip(r, 4);
	inode->value = rd_u32(r);
	rd_skip(r, 4); /* number for 32-bit programs */
	inode->uid = rd_u16(r);
	inode->gid = rd_u16(r);
	rd_skip(r, 4);
	inode->mtime = (int64_t)s->build_time;
}

static void read_extended(struct reader *r, struct erofs_inode *inode)
{
	rd_skip(r, 2);
	inode->size = rd_u64(r);
	inode->value = rd_u32(r);
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
	if (!rd_ok(&r) || format >> 4 || inode->layout >= EROFS_LAYOUTS || !entry_kind_read(inode->mode, &inode->kind))
		return false;
	if (format & 1)
		read_extended(&r, inode);
	else
		read_compact(&r, s, inode);
	inode->body_at = inode->at + r.at;
	if (attributes)
		inode->body_at += XATTR_HEADER_SIZE + (uint64_t)XATTR_UNIT * (attributes - 1u);
	return rd_ok(&r) && inode->size >> 62 == 0;
}
