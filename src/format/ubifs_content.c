/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contents of files on UBIFS: data nodes of up to 4096 bytes each, unpacked straight into their place.
 *
 * Specification: Linux fs/ubifs/file.c, compress.c.
 */
#include "base/codec.h"
#include "format/ubifs_image.h"

struct file {
	const struct ubifs_leaf *blocks; /* by number; those that are not there are holes */
	size_t nblocks;
};

static uint32_t block_of(const struct ubifs_leaf *leaf)
{
	return leaf->key & 0x1fffffff;
}

static size_t find_block(const struct file *file, uint64_t number)
{
	size_t low = 0, high = file->nblocks;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (block_of(&file->blocks[middle]) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool codec_of(uint16_t compression, enum codec *codec)
{
	static const enum codec codecs[] = { CODEC_STORE, CODEC_LZO1X, CODEC_DEFLATE, CODEC_ZSTD };
	if (compression >= sizeof codecs / sizeof codecs[0])
		return false;
	*codec = codecs[compression];
	return true;
}

/* One block into out[0..n), n <= UBIFS_BLOCK. It may hold more than the file has left, or less: then zeros follow. */
static enum error_code unpack_block(struct span node, uint8_t *out, size_t n, const char **what)
{
	uint8_t spare[UBIFS_BLOCK];
	uint32_t size = span_u32le(node, 40);
	enum codec codec;
	size_t got = 0;
	*what = "packed in an unknown way";
	if (!codec_of(span_u16le(node, 44), &codec))
		return ERR_UNSUPPORTED;
	*what = "does not unpack";
	if (size > UBIFS_BLOCK)
		return ERR_CORRUPT;
	uint8_t *to = size <= n ? out : spare;
	if (codec_block(codec, span_from(node, UBIFS_DATA_HEADER), to, size, &got) || got != size)
		return ERR_CORRUPT;
	if (to == spare)
		memcpy(out, spare, n);
	else
		memset(out + size, 0, n - size);
	return ERR_NONE;
}

static struct error read_block(const struct ubifs *fs, const struct ubifs_leaf *leaf, uint8_t *out, size_t n)
{
	uint64_t offset = (uint64_t)block_of(leaf) * UBIFS_BLOCK;
	struct span node = ubifs_node(fs->image, leaf->at, UBIFS_DATA);
	if (node.n < UBIFS_DATA_HEADER || (uint64_t)span_u32le(node, 24) << 32 != (leaf->key & ~(uint64_t)UINT32_MAX) ||
		span_u32le(node, 28) != (uint32_t)leaf->key)
		return error_at(leaf->at < fs->image.n ? ERR_CORRUPT : ERR_TRUNCATED, offset,
						"no valid node with its data at 0x%llx", (unsigned long long)leaf->at);
	const char *what;
	enum error_code code = unpack_block(node, out, n, &what);
	if (code)
		return error_at(code, offset, "its block at 0x%llx is broken: %s", (unsigned long long)leaf->at, what);
	return error_none();
}

static struct error file_read(const void *image, const void *entry, uint64_t offset, uint8_t *out, size_t n)
{
	const struct ubifs *fs = image;
	const struct file *file = entry;
	uint64_t number = offset / UBIFS_BLOCK;
	for (size_t i = find_block(file, number); n > 0; number++) {
		size_t part = n < UBIFS_BLOCK ? n : UBIFS_BLOCK;
		if (i == file->nblocks || block_of(&file->blocks[i]) != number) {
			if (fs->scanned)
				return error_at(ERR_CORRUPT, number * UBIFS_BLOCK,
								"no node has these bytes of it: they are a hole, or lost with what is damaged");
			memset(out, 0, part);
		} else {
			struct error e = read_block(fs, &file->blocks[i++], out, part);
			if (error_is(&e))
				return e;
		}
		out += part;
		n -= part;
	}
	return error_none();
}

static struct error refuse_encrypted(const void *image, const void *entry, struct buf *out)
{
	(void)image;
	(void)entry;
	(void)out;
	return error_at(ERR_ENCRYPTED, 0, "its data are encrypted (fscrypt)");
}

static const struct content_ops file_ops = { .read = file_read };
static const struct content_ops encrypted_ops = { .unpack = refuse_encrypted };

/* After a power cut, data may have reached the journal before the inode that tells the new size. An inode that is lost tells none. */
static uint64_t size_with_journal(const struct ubifs *fs, const struct file *file, uint64_t size, uint64_t sqnum)
{
	if (file->nblocks == 0)
		return size;
	const struct ubifs_leaf *last = &file->blocks[file->nblocks - 1];
	if (sqnum != UBIFS_UNKNOWN && last->sqnum <= sqnum)
		return size;
	uint64_t end = (uint64_t)block_of(last) * UBIFS_BLOCK + span_u32le(ubifs_node(fs->image, last->at, UBIFS_DATA), 40);
	return end > size ? end : size;
}

bool ubifs_file_open(struct ubifs *fs, uint32_t inode, uint64_t size, uint64_t sqnum, bool encrypted,
					 struct entry *entry)
{
	struct file *file = ARENA_NEW(fs->walk->arena, struct file);
	if (!file)
		return false;
	size_t first = ubifs_find(fs, ubifs_key(inode, UBIFS_DATA));
	file->blocks = fs->leaves + first;
	file->nblocks = ubifs_find(fs, ubifs_key(inode, UBIFS_ENTRY)) - first;
	entry->size = size_with_journal(fs, file, size, sqnum);
	if (file->nblocks)
		entry->offset = file->blocks[0].at + UBIFS_DATA_HEADER;
	if (entry->size == 0)
		entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	else if (encrypted)
		entry->content = (struct content){ CONTENT_STREAM, SPAN_NONE, &encrypted_ops, fs, file, 0 };
	else
		entry->content = (struct content){ CONTENT_BLOCKS, SPAN_NONE, &file_ops, fs, file, UBIFS_BLOCK };
	return true;
}
