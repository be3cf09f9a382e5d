/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The indexes of NTFS directories: they repeat the names of files, and so name those whose own record is lost.
 *
 * Specification: ntfsdoc 0.6, "$INDEX_ROOT", "$INDEX_ALLOCATION"; layout.h of ntfs-3g.
 */
#include "format/ntfs.h"

#define ROOT_HEADER 16u
#define BLOCK_HEADER 24u
#define ENTRY_HEADER 16u
#define LAST_ENTRY 2u

struct search {
	struct ntfs *n;
	struct ntfs_record block;
	uint64_t left; /* bytes of indexes that may still be read */
	ntfs_take_name take;
	void *context;
};

/* The entries behind a header that tells where they begin and end. */
static bool take_entries(struct search *s, struct span index)
{
	uint64_t at = span_u32le(index, 0), end = span_u32le(index, 4);
	struct span all = span_clip(index, 0, end);
	while (at + ENTRY_HEADER <= all.n) {
		uint64_t reference = span_u32le(all, at) | (uint64_t)span_u16le(all, at + 4) << 32;
		uint16_t length = span_u16le(all, at + 8), key = span_u16le(all, at + 10), flags = span_u16le(all, at + 12);
		struct ntfs_attribute name = { .type = NTFS_FILE_NAME, .resident = true, .value = span_sub(all, at + ENTRY_HEADER, key) };
		if (flags & LAST_ENTRY || length < ENTRY_HEADER || length % 8)
			break;
		if (reference < s->n->records && key <= length - ENTRY_HEADER && name.value.p && !s->take(s->context, (uint32_t)reference, &name))
			return false;
		at += length;
	}
	return true;
}

static bool take_blocks(struct search *s, const struct ntfs_attribute *a, uint32_t size)
{
	uint64_t vcn = 0;
	if (a->resident || a->lowest_vcn || size < 512 || size > NTFS_RECORD_MAX || size % 512)
		return true;
	volume_runs_begin(&s->n->v);
	if (!ntfs_mapping_add(s->n, a, &vcn))
		volume_damage(&s->n->v, ERR_CORRUPT, OFFSET_NONE, "the runs of the index of a directory break off");
	uint64_t mapped = vcn * s->n->cluster, all = a->size < mapped ? a->size : mapped;
	const struct runs *runs = volume_runs_end(&s->n->v, mapped);
	if (!runs)
		return false;
	for (uint64_t at = 0; at + size <= all && s->left >= size; at += size) {
		struct error e = runs_read(runs, at, s->block.bytes, size);
		struct span block = span_of(s->block.bytes, size);
		s->left -= size;
		if (!error_is(&e) && span_starts(block, "INDX", 4) && ntfs_fix_up(s->block.bytes, size) &&
			!take_entries(s, span_from(block, BLOCK_HEADER)))
			return false;
	}
	return true;
}

static bool take_directory(struct search *s, const struct ntfs_record *r)
{
	struct ntfs_attribute a;
	uint32_t size = 0;
	for (uint32_t at = r->first; ntfs_attribute_next(r, &at, &a);) {
		bool names = a.name.n == 8 && memcmp(a.name.p, "$\0I\0" "3\0" "0\0", 8) == 0;
		if (names && a.type == NTFS_INDEX_ROOT && a.resident) {
			size = span_u32le(a.value, 8);
			if (!take_entries(s, span_from(a.value, ROOT_HEADER)))
				return false;
		} else if (names && a.type == NTFS_INDEX_ALLOCATION && !take_blocks(s, &a, size)) {
			return false;
		}
	}
	return true;
}

void ntfs_index_names(struct ntfs *n, ntfs_take_name take, void *context)
{
	struct search *s = ARENA_NEW(n->v.w->arena, struct search);
	if (!s) {
		volume_exhausted(&n->v, OFFSET_NONE);
		return;
	}
	*s = (struct search){ .n = n, .left = n->v.image.n, .take = take, .context = context };
	for (uint32_t i = 0; i < n->records && !n->v.stopped; i++)
		if (ntfs_is_live(&n->record, ntfs_record_load(n, i, &n->record)) && n->record.flags & NTFS_IS_DIRECTORY &&
			!take_directory(s, &n->record))
			return;
}
