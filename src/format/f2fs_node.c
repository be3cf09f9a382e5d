/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the number of a node to its block, from a place in a file to its bytes. Specification: Linux
 * Documentation/filesystems/f2fs.rst, include/linux/f2fs_fs.h; fs/f2fs/compress.c for clusters. */
#include "base/codec.h"
#include "format/f2fs_image.h"

#define NAT_ENTRY 9u
#define NAT_JOURNAL_ENTRY 13u
#define CLUSTER_HEADER 24u

enum algorithm { ALGORITHM_LZO, ALGORITHM_LZ4, ALGORITHM_ZSTD, ALGORITHM_LZO_RLE };

static bool bit_is_set(struct span bitmap, uint64_t bit)
{
	return bit / 8 < bitmap.n && bitmap.p[bit / 8] >> (7 - bit % 8) & 1;
}

/* The address of a node's block: in the journal or, of two copies of the NAT, in that which the checkpoint says. */
static uint32_t address_of(const struct f2fs *fs, uint32_t number)
{
	uint32_t synced = f2fs_synced_address(fs, number, 0);
	if (synced != F2FS_NULL_ADDRESS)
		return synced;
	for (uint64_t at = 0; at < fs->journal.n; at += NAT_JOURNAL_ENTRY)
		if (span_u32le(fs->journal, at) == number)
			return span_u32le(fs->journal, at + 4 + 5);
	uint32_t each = fs->block_size / NAT_ENTRY;
	uint64_t block = number / each, segment = block >> fs->s.log_segment, in_segment = 1ull << fs->s.log_segment;
	if (segment >= fs->s.nat_segments / 2)
		return F2FS_NULL_ADDRESS;
	uint64_t at = fs->s.nat + segment * 2 * in_segment + block % in_segment;
	if (bit_is_set(fs->c.nat_bitmap, block))
		at += in_segment;
	return span_u32le(fs->image, (at << fs->s.log_block) + (uint64_t)(number % each) * NAT_ENTRY + 5);
}

bool f2fs_is_in_main(const struct f2fs *fs, uint32_t address)
{
	return address >= fs->s.main && address - fs->s.main < (uint64_t)fs->s.main_segments << fs->s.log_segment;
}

struct span f2fs_node(const struct f2fs *fs, uint32_t number, struct error *why)
{
	uint32_t address = address_of(fs, number);
	*why = error_none();
	if (!f2fs_is_in_main(fs, address)) {
		*why = error_at(ERR_CORRUPT, OFFSET_NONE, "node %lu is nowhere", (unsigned long)number);
		return SPAN_NONE;
	}
	uint64_t at = (uint64_t)address << fs->s.log_block;
	struct span node = span_sub(fs->image, at, fs->block_size);
	if (!node.p)
		*why = error_at(ERR_TRUNCATED, at, "node %lu stands beyond the end of the image", (unsigned long)number);
	else if (span_u32le(node, fs->block_size - F2FS_FOOTER) != number)
		*why = error_at(ERR_CORRUPT, at, "node %lu is said to be where node %lu is", (unsigned long)number,
						(unsigned long)span_u32le(node, fs->block_size - F2FS_FOOTER));
	return error_is(why) ? SPAN_NONE : node;
}

/* Where the address of a block is: in a node, at so many bytes; or nowhere, for `n` blocks from it on. */
struct place {
	struct span node;
	uint32_t at;
	uint64_t n;
};

/* Which node of its file a node of addresses is: of those below an inode's pointer, the so many-th. */
static uint32_t node_offset(const struct f2fs *fs, unsigned pointer, uint64_t i)
{
	const uint64_t each = fs->node_pointers;
	const uint64_t first[F2FS_NODE_IDS] = { 1, 2, 4, 5 + each, 7 + 2 * each };
	return (uint32_t)(first[pointer] + i + (pointer == 4 ? i / each : 0));
}

/* The place in a node that was synced after the last checkpoint. Nodes that lead to nodes are not synced: those that are lead
 * nowhere yet. */
static bool place_synced(const struct f2fs *fs, const struct f2fs_file *file, unsigned pointer, uint64_t block, struct place *p)
{
	uint32_t at = f2fs_synced_address(fs, file->number, node_offset(fs, pointer, block / file->per_node));
	if (at == F2FS_NULL_ADDRESS)
		return false;
	p->node = span_sub(fs->image, (uint64_t)at << fs->s.log_block, fs->block_size);
	p->at = (uint32_t)(block % file->per_node) * 4;
	p->n = file->per_node - block % file->per_node;
	return true;
}

static struct error place_find(const struct f2fs *fs, const struct f2fs_file *file, uint64_t block, struct place *p)
{
	static const unsigned levels[F2FS_NODE_IDS] = { 0, 0, 1, 1, 2 };
	struct error e = error_none();
	*p = (struct place){ .node = file->inode, .at = file->addresses_at };
	if (block < file->addresses) {
		p->at += (uint32_t)block * 4;
		p->n = file->addresses - block;
		return e;
	}
	block -= file->addresses;
	for (unsigned i = 0; i < F2FS_NODE_IDS; i++) {
		uint64_t below = file->per_node;
		for (unsigned level = 0; level < levels[i]; level++)
			below *= fs->node_pointers;
		if (block >= below) {
			block -= below;
			continue;
		}
		if (place_synced(fs, file, i, block, p))
			return e;
		uint64_t pointer_at = fs->block_size - F2FS_FOOTER - 4 * (F2FS_NODE_IDS - i);
		for (unsigned level = levels[i];; level--) {
			uint32_t number = span_u32le(p->node, pointer_at);
			p->n = below - block;
			if (number == 0) {
				if (fs->nsynced) /* behind the node that is not there may be one that was synced */
					p->n = file->per_node - block % file->per_node;
				p->node = SPAN_NONE;
				return e;
			}
			p->node = f2fs_node(fs, number, &e);
			if (error_is(&e))
				return e;
			if (level == 0)
				break;
			below /= fs->node_pointers;
			pointer_at = block / below * 4;
			block %= below;
		}
		p->at = (uint32_t)block * 4;
		return e;
	}
	return error_at(ERR_CORRUPT, block, "more bytes than nodes can lead to");
}

struct error f2fs_find_run(const void *image, const void *of, uint64_t offset, struct run *run)
{
	const struct f2fs *fs = image;
	const struct f2fs_file *file = of;
	uint64_t within = offset % fs->block_size, n = 1;
	struct place p;
	struct error e = place_find(fs, file, offset / fs->block_size, &p);
	if (error_is(&e)) {
		e.offset = offset;
		return e;
	}
	if (!p.node.p) {
		*run = (struct run){ RUN_HOLE, p.n * fs->block_size - within };
		return e;
	}
	uint32_t first = span_u32le(p.node, p.at);
	bool hole = first == F2FS_NULL_ADDRESS || first == F2FS_NEW_ADDRESS;
	if (!hole && !f2fs_is_in_main(fs, first))
		return error_at(ERR_CORRUPT, offset, "an address of 0x%lx, where no data is", (unsigned long)first);
	/* No fewer blocks than are wanted, without overflow. */
	uint64_t wanted = (run->n >> 1) / fs->block_size * 2 + 3;
	while (n < p.n && n < wanted) {
		uint32_t next = span_u32le(p.node, p.at + 4 * n);
		if (hole ? next != F2FS_NULL_ADDRESS && next != F2FS_NEW_ADDRESS : next != first + n || !f2fs_is_in_main(fs, next))
			break;
		n++;
	}
	run->at = hole ? RUN_HOLE : ((uint64_t)first << fs->s.log_block) + within;
	run->n = n * fs->block_size - within;
	return e;
}

struct error f2fs_read(const struct f2fs *fs, const struct f2fs_file *file, uint64_t offset, uint8_t *out, size_t n)
{
	return block_map_read(fs->image, f2fs_find_run, fs, file, offset, out, n);
}

static struct error read_plain(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	return f2fs_read(fs, file, offset, out, n);
}

static const struct content_ops content_plain = { .read = read_plain };

/* The compressed blocks of a cluster, joined. Blocks that lie together need no joining. */
static struct error cluster_join(const struct f2fs *fs, const struct place *p, uint32_t blocks, uint64_t offset,
								 struct buf *joined, struct span *in)
{
	uint32_t n = 0, first = span_u32le(p->node, p->at + 4);
	bool together = true;
	for (; n + 1 < blocks; n++) {
		uint32_t address = span_u32le(p->node, p->at + 4 * (n + 1));
		if (address == F2FS_NULL_ADDRESS || address == F2FS_NEW_ADDRESS)
			break;
		if (!f2fs_is_in_main(fs, address))
			return error_at(ERR_CORRUPT, offset, "an address of 0x%lx in a cluster", (unsigned long)address);
		together = together && address == first + n;
	}
	if (together) {
		*in = span_sub(fs->image, (uint64_t)first << fs->s.log_block, (uint64_t)n << fs->s.log_block);
		return in->p || n == 0 ? error_none()
							   : error_at(ERR_TRUNCATED, offset, "a cluster stands beyond the end of the image");
	}
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = (uint64_t)span_u32le(p->node, p->at + 4 * (i + 1)) << fs->s.log_block;
		struct span block = span_sub(fs->image, at, fs->block_size);
		if (!block.p)
			return error_at(ERR_TRUNCATED, offset, "a cluster stands beyond the end of the image");
		if (buf_add(joined, block.p, block.n))
			return error_at(ERR_MEMORY, offset, "no memory for a cluster");
	}
	*in = buf_span(joined);
	return error_none();
}

/* Unpacks a cluster of `size` bytes; out holds the n of them that the file has. */
static struct error cluster_unpack(const struct f2fs_file *file, struct span in, uint32_t size, uint64_t offset,
								   uint8_t *out, size_t n)
{
	static const enum codec codecs[] = {
		[ALGORITHM_LZO] = CODEC_LZO1X, [ALGORITHM_LZ4] = CODEC_LZ4, [ALGORITHM_ZSTD] = CODEC_ZSTD
	};
	struct span packed = span_sub(in, CLUSTER_HEADER, span_u32le(in, 0));
	struct buf whole = buf_with_limit(size);
	size_t got = 0;
	if (file->algorithm > ALGORITHM_ZSTD)
		return error_at(ERR_UNSUPPORTED, offset, "a cluster is compressed by %s",
						file->algorithm == ALGORITHM_LZO_RLE ? "LZO-RLE, which is not read"
															 : "something that is not known");
	if (!packed.p)
		return error_at(ERR_CORRUPT, offset, "a cluster of %lu bytes in %zu", (unsigned long)span_u32le(in, 0), in.n);
	/* The last cluster is whole too, behind the end of the file with zeros. */
	if (n < size && buf_reserve(&whole, size))
		return error_at(ERR_MEMORY, offset, "no memory for a cluster");
	enum error_code code = codec_block(codecs[file->algorithm], packed, n < size ? whole.p : out, size, &got);
	if (n < size && got >= n)
		memcpy(out, whole.p, n);
	buf_free(&whole);
	if (got < n)
		return error_at(code ? code : ERR_CORRUPT, offset, "a cluster gives %zu of %zu bytes", got, n);
	return error_none();
}

static struct error read_cluster(const struct f2fs *fs, const struct f2fs_file *file, uint64_t offset, uint8_t *out,
								 size_t n)
{
	uint32_t blocks = 1u << file->log_cluster;
	struct place p;
	struct error e = place_find(fs, file, offset / fs->block_size, &p);
	if (error_is(&e))
		return e;
	if (!p.node.p || p.n < blocks || span_u32le(p.node, p.at) != F2FS_COMPRESS_ADDRESS)
		return f2fs_read(fs, file, offset, out, n);
	struct buf joined = buf_with_limit((size_t)blocks << fs->s.log_block);
	struct span in = SPAN_NONE;
	e = cluster_join(fs, &p, blocks, offset, &joined, &in);
	if (!error_is(&e))
		e = cluster_unpack(file, in, blocks << fs->s.log_block, offset, out, n);
	buf_free(&joined);
	return e;
}

static struct error read_compressed(const void *image, const void *of, uint64_t offset, uint8_t *out, size_t n)
{
	const struct f2fs *fs = image;
	const struct f2fs_file *file = of;
	size_t cluster = (size_t)fs->block_size << file->log_cluster;
	for (size_t done = 0; done < n;) {
		size_t take = n - done < cluster ? n - done : cluster;
		struct error e = read_cluster(fs, file, offset + done, out + done, take);
		if (error_is(&e))
			return e;
		done += take;
	}
	return error_none();
}

static const struct content_ops content_compressed = { .read = read_compressed };

bool f2fs_content(struct tree *t, const struct inode *inode, struct entry *entry)
{
	const struct f2fs *fs = t->fs;
	const struct f2fs_file *file = inode->own;
	struct span in_inode = f2fs_inline(file);
	const uint8_t *zeros = NULL;
	if (file->inline_n && !file->exists && file->size <= file->inline_n) {
		zeros = arena_alloc(t->walk->arena, (size_t)file->size, 1);
		t->out_of_memory |= !zeros;
	}
	if (file->encrypted) {
		entry->content = (struct content){ .kind = CONTENT_STREAM, .ops = &content_encrypted, .fs = fs, .file = file };
	} else if (zeros) {
		entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_of(zeros, (size_t)file->size) };
	} else if (file->inline_n) {
		if (in_inode.n < file->size) {
			tree_damage(t, ERR_CORRUPT, inode->at, "%llu bytes stand in an inode that holds %zu",
						(unsigned long long)file->size, in_inode.n);
			return false;
		}
		entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(in_inode, 0, file->size) };
		entry->offset = (uint64_t)(in_inode.p - fs->image.p);
	} else if (file->compressed) {
		entry->content = (struct content){ .kind = CONTENT_BLOCKS,
										   .ops = &content_compressed,
										   .fs = fs,
										   .file = file,
										   .block_size = fs->block_size << file->log_cluster };
	} else {
		block_map_content(fs->image, f2fs_find_run, &content_plain, fs, file, fs->block_size, entry);
	}
	return true;
}
