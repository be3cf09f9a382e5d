/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: every node holds some of the bytes, and where nodes overlap that of the higher version counts. */
#include <stdlib.h>

#include "base/sort.h"
#include "format/jffs2.h"

/* Nodes that begin before the current place and end behind it, the newest on top. */
struct heap {
	const struct jffs2_data *nodes;
	uint32_t *v;
	size_t n;
	/* A node counts by its version alone; otherwise one whose data are broken only where no other is. */
	bool broken_too;
};

static uint64_t end_of(const struct jffs2_data *node)
{
	return (uint64_t)node->offset + node->size;
}

/* Two nodes of one version are one that was moved: the whole one has what the broken one should. */
static bool newer(const struct heap *h, const struct jffs2_data *a, const struct jffs2_data *b)
{
	if ((a->at ^ b->at) & JFFS2_LOST && (!h->broken_too || a->version == b->version))
		return b->at & JFFS2_LOST;
	return a->version != b->version ? a->version > b->version : a->at > b->at;
}

static bool heap_newer(const struct heap *h, size_t a, size_t b)
{
	return newer(h, &h->nodes[h->v[a]], &h->nodes[h->v[b]]);
}

static void heap_swap(struct heap *h, size_t a, size_t b)
{
	uint32_t t = h->v[a];
	h->v[a] = h->v[b];
	h->v[b] = t;
}

static void heap_push(struct heap *h, uint32_t node)
{
	size_t i = h->n++;
	h->v[i] = node;
	for (; i > 0 && heap_newer(h, i, (i - 1) / 2); i = (i - 1) / 2)
		heap_swap(h, i, (i - 1) / 2);
}

static void heap_pop(struct heap *h)
{
	h->v[0] = h->v[--h->n];
	for (size_t i = 0, child; (child = 2 * i + 1) < h->n; i = child) {
		child += child + 1 < h->n && heap_newer(h, child + 1, child);
		if (!heap_newer(h, child, i))
			return;
		heap_swap(h, i, child);
	}
}

static int by_offset(const void *a, const void *b)
{
	const struct jffs2_data *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* One sweep over the nodes by offset. Counts only when `out` is NULL. */
static size_t lay_out(const struct jffs2_data *nodes, size_t n, uint32_t isize, bool broken_too, uint32_t *room,
					  struct jffs2_fragment *out)
{
	struct heap h = { nodes, room, 0, broken_too };
	size_t next = 0, count = 0;
	for (uint64_t at = 0; at < isize;) {
		for (; next < n && nodes[next].offset <= at; next++)
			if (end_of(&nodes[next]) > at)
				heap_push(&h, (uint32_t)next);
		while (h.n && end_of(&nodes[h.v[0]]) <= at)
			heap_pop(&h);
		if (!h.n) {
			if (next == n)
				break;
			at = nodes[next].offset;
			continue;
		}
		const struct jffs2_data *top = &nodes[h.v[0]];
		uint64_t end = end_of(top) < isize ? end_of(top) : isize;
		while (next < n && nodes[next].offset < end && !newer(&h, &nodes[next], top)) {
			if (end_of(&nodes[next]) > end)
				heap_push(&h, (uint32_t)next);
			next++;
		}
		if (next < n && nodes[next].offset < end)
			end = nodes[next].offset;
		if (out)
			out[count] = (struct jffs2_fragment){ top->at, (uint32_t)at, (uint32_t)end };
		count++;
		at = end;
	}
	return count;
}

/* The part [start, end) of a node into out[0..). */
static enum error_code read_part(const struct jffs2_inode *inode, uint32_t start, uint32_t end, uint8_t *out)
{
	uint32_t from = start - inode->offset, n = end - start;
	if (inode->compression == JFFS2_ZERO) {
		memset(out, 0, n);
		return ERR_NONE;
	}
	if (inode->compression == JFFS2_NONE) {
		struct span part = span_sub(inode->data, from, n);
		if (!part.p)
			return ERR_TRUNCATED;
		memcpy(out, part.p, n);
		return ERR_NONE;
	}
	if (from == 0 && n == inode->dsize)
		return jffs2_node_unpack(inode, out);
	uint8_t *whole = malloc(inode->dsize); /* at most JFFS2_DSIZE_MAX: the collector saw to it */
	if (!whole)
		return ERR_MEMORY;
	enum error_code code = jffs2_node_unpack(inode, whole);
	if (!code)
		memcpy(out, whole + from, n);
	free(whole);
	return code;
}

static size_t fragment_at(const struct jffs2_file *file, uint64_t offset)
{
	size_t low = 0, high = file->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (file->fragments[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Linux, and mkfs.jffs2 too, writes a node for each hole that it makes: bytes that no node holds stood in one that is lost. */
static struct error error_missing(uint64_t from, uint64_t to)
{
	return error_at(ERR_CORRUPT, from, "no node holds its bytes up to 0x%llx: the one that did is lost", (unsigned long long)to);
}

static struct error file_read(const void *fs, const void *file_, uint64_t offset, uint8_t *out, size_t n)
{
	const struct jffs2_files *files = fs;
	const struct jffs2_file *file = file_;
	uint64_t at = offset, end = offset + n;
	for (size_t i = fragment_at(file, offset); at < end && i < file->n && file->fragments[i].start < end; i++) {
		const struct jffs2_fragment *f = &file->fragments[i];
		uint64_t start = f->start > at ? f->start : at, stop = f->end < end ? f->end : end;
		struct jffs2_inode inode;
		if (start > at)
			return error_missing(at, start);
		if (f->at & JFFS2_LOST)
			return error_at(ERR_CORRUPT, start,
							"the data of the node at 0x%llx are other than its CRC says, older ones are not there",
							(unsigned long long)(f->at & ~JFFS2_LOST));
		enum error_code code = !jffs2_inode_read(files->bytes, files->big, f->at, &inode)
								   ? ERR_TRUNCATED
								   : read_part(&inode, (uint32_t)start, (uint32_t)stop, out + (start - offset));
		if (code)
			return error_at(code, start, "the node at 0x%llx (compression %u) gives other than its %u bytes",
							(unsigned long long)f->at, inode.compression, inode.dsize);
		at = stop;
	}
	return at < end ? error_missing(at, end) : error_none();
}

static const struct content_ops file_ops = { .read = file_read };

/* One node that is not packed and has it all: its bytes lie in the image. */
static bool set_span(const struct jffs2_files *files, const struct jffs2_fragment *f, size_t n, struct entry *e)
{
	struct jffs2_inode inode;
	if (e->size == 0) {
		e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_sub(files->bytes, 0, 0) };
		return true;
	}
	if (n != 1 || f->at & JFFS2_LOST || f->start != 0 || f->end != e->size ||
		!jffs2_inode_read(files->bytes, files->big, f->at, &inode) || inode.compression != JFFS2_NONE ||
		inode.offset != 0 || inode.data.n < e->size)
		return false;
	e->offset = f->at + JFFS2_INODE_SIZE;
	e->content = (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(inode.data, 0, e->size) };
	return true;
}

enum error_code jffs2_file_content(struct jffs2_files *files, struct jffs2_data *nodes, size_t n, uint32_t isize,
								   struct arena *arena, struct entry *e)
{
	sort_stable(nodes, files->scratch.spare, n, sizeof *nodes, by_offset);
	size_t count = lay_out(nodes, n, isize, false, files->scratch.heap, NULL);
	struct jffs2_fragment *fragments = ARENA_ARRAY(arena, struct jffs2_fragment, count);
	struct jffs2_file *file = ARENA_NEW(arena, struct jffs2_file);
	if (!fragments || !file)
		return ERR_BUDGET;
	lay_out(nodes, n, isize, false, files->scratch.heap, fragments);
	e->size = isize;
	if (set_span(files, fragments, count, e))
		return ERR_NONE;
	*file = (struct jffs2_file){ fragments, count, isize };
	e->content = (struct content){
		.kind = CONTENT_BLOCKS, .ops = &file_ops, .fs = files, .file = file, .block_size = JFFS2_BLOCK
	};
	return ERR_NONE;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return x < y ? -1 : x > y;
}

size_t jffs2_broken_visible(struct jffs2_files *files, struct jffs2_data *nodes, size_t n, uint32_t isize,
							struct arena *arena, uint64_t **at)
{
	sort_stable(nodes, files->scratch.spare, n, sizeof *nodes, by_offset);
	size_t count = lay_out(nodes, n, isize, true, files->scratch.heap, NULL), broken = 0, kept = 0;
	struct jffs2_fragment *fragments = ARENA_ARRAY(arena, struct jffs2_fragment, count);
	uint64_t *v = ARENA_ARRAY(arena, uint64_t, 2 * count);
	if (!fragments || !v)
		return SIZE_MAX;
	lay_out(nodes, n, isize, true, files->scratch.heap, fragments);
	for (size_t i = 0; i < count; i++)
		if (fragments[i].at & JFFS2_LOST)
			v[broken++] = fragments[i].at & ~JFFS2_LOST;
	sort_stable(v, v + count, broken, sizeof *v, by_value);
	for (size_t i = 0; i < broken; i++)
		if (i == 0 || v[i] != v[i - 1])
			v[kept++] = v[i];
	*at = v;
	return kept;
}
