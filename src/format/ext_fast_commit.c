/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fast commits of ext4: between two transactions the journal tells what changed, tag by tag, and not the blocks that did. A commit
 * counts when its tail has the number of the transaction to come and the checksum of all tags since the tail before it.
 * Specification: Linux fs/ext4/fast_commit.h; Documentation/filesystems/ext4/journal.rst. Numbers are little-endian. */
#include "base/crc32c.h"
#include "format/ext_image.h"

#define TAG_SIZE 4u

enum tag { ADD_RANGE = 1, DELETE_RANGE, CREATE, LINK, UNLINK, INODE, PAD, TAIL, HEAD };

/* The tail's own checksum does not count. False: the commit is not whole. */
static bool take_tail(struct ext_fast_commits *f, struct span tag)
{
	struct span value = span_from(tag, TAG_SIZE);
	uint32_t sum = crc32c_update(f->open.sum, span_clip(tag, 0, TAG_SIZE + 4));
	if (value.n < 8 || span_u32le(value, 0) != f->sequence || span_u32le(value, 4) != sum)
		return false;
	f->commits++;
	f->inodes += f->open.inodes;
	f->ranges += f->open.ranges;
	f->names += f->open.names;
	memset(&f->open, 0, sizeof f->open);
	f->open.begun = true;
	return true;
}

static bool take_tag(struct ext_fast_commits *f, enum tag kind, struct span tag)
{
	struct span value = span_from(tag, TAG_SIZE);
	if (kind == TAIL)
		return take_tail(f, tag);
	if (kind < ADD_RANGE || kind > HEAD)
		return false;
	/* Features that change how the others are to be read: none are known. */
	if (kind == HEAD && (value.n != 8 || span_u32le(value, 0) != 0 || span_u32le(value, 4) != f->sequence))
		return false;
	f->open.inodes += kind == INODE;
	f->open.ranges += kind == ADD_RANGE || kind == DELETE_RANGE;
	f->open.names += kind == CREATE || kind == LINK || kind == UNLINK;
	f->open.sum = crc32c_update(f->open.sum, tag);
	return true;
}

bool ext_fast_commits_read(struct ext_fast_commits *f, struct span block)
{
	if (!block.p || (!f->open.begun && span_u16le(block, 0) != HEAD))
		return false;
	f->open.begun = true;
	for (uint64_t at = 0; at + TAG_SIZE <= block.n;) {
		struct span tag = span_sub(block, at, TAG_SIZE + span_u16le(block, at + 2));
		if (!tag.p || !take_tag(f, span_u16le(block, at), tag))
			return false;
		at += tag.n;
	}
	return true;
}
