/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directories of JFS: trees of pages whose entries take slots of 32 bytes. Specification: Linux fs/jfs/jfs_dtree.h. */
#include "format/jfs_image.h"
#include "format/notation.h"

#define SLOT 32u
#define ROOT_SLOTS 9u
#define PAGE_SLOTS 128u
#define LEAF 2u
#define INTERNAL 4u
#define UNITS_FIRST 11u     /* of 16 bits, of a name in its first slot */
#define UNITS_FIRST_OLD 13u /* without an index of the directory */
#define NAME_UNITS 255u
#define NAME_BYTES (3 * NAME_UNITS)

/* A root or a page: numbers of slots in the order of the names, slots. */
struct page {
	struct span slots;
	struct span order;
	uint64_t at;
	unsigned flags;
};

static bool page_read(struct span bytes, bool root, uint64_t at, struct page *page)
{
	uint64_t head = root ? 24 : (uint64_t)(bytes.n > 21 ? bytes.p[21] : 0) * SLOT;
	unsigned n = bytes.n > 17 ? bytes.p[17] : 0;
	*page = (struct page){ .slots = bytes, .order = span_sub(bytes, head, n), .at = at };
	page->flags = bytes.n > 16 ? bytes.p[16] : 0;
	return page->order.p && (page->flags & (LEAF | INTERNAL)) && n <= (root ? ROOT_SLOTS - 1 : PAGE_SLOTS);
}

/* The units of a name as bytes. Linux, unless it is told a character set, puts each byte of a name in a unit of its own: only
 * where a unit is larger than a byte are they UTF-16. */
static size_t name_bytes(struct span units, char *out)
{
	size_t n = units.n / 2;
	for (size_t i = 0; i < n; i++)
		if (units.p[2 * i + 1])
			return utf16_to_utf8(units, false, false, out);
	for (size_t i = 0; i < n; i++)
		out[i] = (char)units.p[2 * i];
	return n;
}

/* Collects the 2 * n bytes of a name, which begin in its first slot. False: its slots lead nowhere. */
static bool name_units(const struct page *page, struct span first, unsigned in_first, uint8_t *units, size_t n)
{
	struct span part = span_clip(first, 6, 2 * in_first);
	uint64_t next = first.p[4];
	for (size_t done = 0;;) {
		size_t take = part.n < 2 * n - done ? part.n : 2 * n - done;
		memcpy(units + done, part.p, take);
		done += take;
		if (done == 2 * n)
			return true;
		struct span slot = next ? span_sub(page->slots, next * SLOT, SLOT) : SPAN_NONE;
		if (!slot.p)
			return false;
		next = slot.p[0];
		part = span_from(slot, 2);
	}
}

/* One entry of a leaf. False: no more are taken. */
static bool list_entry(struct tree *t, const struct page *page, struct span slot)
{
	const struct jfs *fs = t->fs;
	uint8_t units[2 * NAME_UNITS];
	char bytes[NAME_BYTES];
	unsigned n = slot.p[5], first = fs->s.flags & JFS_FLAG_DIR_INDEX ? UNITS_FIRST : UNITS_FIRST_OLD;
	if (n == 0 || !name_units(page, slot, first, units, n)) {
		tree_damage(t, ERR_CORRUPT, page->at, "a name of %u characters in a directory is not whole", n);
		return true;
	}
	size_t size = name_bytes(span_of(units, 2 * n), bytes);
	char *name = arena_alloc(t->walk->arena, size, 1);
	if (!name) {
		t->out_of_memory = true;
		return false;
	}
	memcpy(name, bytes, size);
	return tree_name(t, text_of(name, size), span_u32le(slot, 0));
}

/* A page and what is below it. False: no more are taken. */
static bool list_page(struct tree *t, const struct page *page, unsigned height)
{
	const struct jfs *fs = t->fs;
	if (!tree_listed(t, page->slots.n))
		return false;
	for (size_t i = 0; i < page->order.n; i++) {
		struct span slot = span_sub(page->slots, (uint64_t)page->order.p[i] * SLOT, SLOT);
		struct page below;
		if (!slot.p || page->order.p[i] == 0) {
			tree_damage(t, ERR_CORRUPT, page->at, "entry %zu of a directory is in slot %u, which is none", i,
						page->order.p[i]);
			continue;
		}
		if (page->flags & LEAF) {
			if (!list_entry(t, page, slot))
				return false;
			continue;
		}
		struct jfs_extent e = jfs_extent_read(slot, 0);
		struct span bytes = e.block < fs->s.blocks && (uint64_t)e.n * fs->s.block_size <= JFS_PAGE
								? jfs_extent_bytes(fs, e)
								: SPAN_NONE;
		uint64_t at = e.block * fs->s.block_size;
		if (height == JFS_HEIGHT_MAX || !page_read(bytes, false, at, &below))
			tree_damage(t, bytes.p ? ERR_CORRUPT : ERR_TRUNCATED, at, "a page of a directory is damaged or not there");
		else if (!list_page(t, &below, height + 1))
			return false;
	}
	return true;
}

void jfs_list(struct tree *t, const struct inode *directory)
{
	const struct jfs_file *file = directory->own;
	struct page root;
	if (page_read(span_sub(file->inode, JFS_TREE_AT, (uint64_t)ROOT_SLOTS * SLOT), true, directory->at, &root))
		(void)list_page(t, &root, 0);
	else
		tree_damage(t, ERR_CORRUPT, directory->at, "the root of a directory is damaged");
}
