/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that HFS+ keeps packed: their attribute has been read with the others, and the resource fork is read like any. */
#include "format/decmpfs.h"
#include "format/hfs_image.h"

static const struct hfs_packed *find_packed(const struct hfs *fs, uint32_t file)
{
	size_t low = 0, high = fs->npacked;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (fs->packed[middle].file == file)
			return &fs->packed[middle];
		if (file < fs->packed[middle].file)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static struct error fork_read(const void *fs, const void *fork, uint64_t offset, uint8_t *out, size_t n)
{
	(void)fs;
	return runs_read(fork, offset, out, n);
}

enum hfs_packing hfs_set_packed(struct hfs *fs, const struct hfs_record *r, struct entry *e)
{
	const struct hfs_packed *attribute = find_packed(fs, r->id);
	struct decmpfs *d = attribute ? ARENA_NEW(fs->v.w->arena, struct decmpfs) : NULL;
	if (attribute && !d)
		volume_exhausted(&fs->v, OFFSET_NONE);
	if (!d || !decmpfs_read(attribute->bytes, d)) {
		volume_damage(&fs->v, ERR_CORRUPT, OFFSET_NONE, "file %lu is packed, and how is not told", (unsigned long)r->id);
		return HFS_NOT_PACKED;
	}
	bool fork = decmpfs_in_fork(d);
	if (fork) {
		d->fork_size = hfs_fork_runs(fs, &r->resource, r->id, true, OFFSET_NONE);
		d->fork = fs->v.stopped ? NULL : volume_runs_end(&fs->v, d->fork_size);
		d->read = fork_read;
		if (!d->fork)
			return HFS_NOT_PACKED;
	}
	e->size = d->size;
	e->content = d->size ? decmpfs_content(d) : (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	return fork ? HFS_PACKED_FORK : HFS_PACKED;
}
