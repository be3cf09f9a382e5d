/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forks of HFS and HFS+: the first extents stand with what names the file, the others in a B-tree of their own. */
#include "format/hfs_image.h"

/* No block belongs to two files, but one broken extent may take many. */
#define CLAIMED_TIMES 2u
#define CLAIMED_FREE (1u << 20)

void hfs_fork_read(struct reader *r, struct hfs_fork *fork)
{
	fork->size = rd_u64(r);
	rd_skip(r, 8);
	for (unsigned i = 0; i < HFS_EXTENTS; i++) {
		fork->extents[i].start = rd_u32(r);
		fork->extents[i].blocks = rd_u32(r);
	}
}

void *hfs_grown(struct hfs *fs, void *v, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return v;
	size_t more = *room ? 2 * *room : 64;
	void *larger = arena_alloc(fs->v.w->arena, more, size);
	if (!larger) {
		volume_exhausted(&fs->v, OFFSET_NONE);
		return NULL;
	}
	if (n)
		memcpy(larger, v, n * size);
	*room = more;
	return larger;
}

static int compare(uint32_t file, bool resource, uint32_t first, const struct hfs_overflow *o)
{
	if (file != o->file)
		return file < o->file ? -1 : 1;
	if (resource != o->resource)
		return resource ? 1 : -1;
	return first < o->first ? -1 : first > o->first;
}

static const struct hfs_overflow *find_overflow(const struct hfs *fs, uint32_t file, bool resource, uint32_t first)
{
	size_t low = 0, high = fs->noverflow;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(file, resource, first, &fs->overflow[middle]);
		if (order == 0)
			return &fs->overflow[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Bytes of an extent that there are. What lies behind the end of an image that is cut off costs nothing. */
static uint64_t there(const struct hfs *fs, const struct hfs_extent *e)
{
	return span_clip(fs->v.image, fs->first + (uint64_t)e->start * fs->block, (uint64_t)e->blocks * fs->block).n;
}

/* The extents of one record; *done counts the blocks of the fork. False when there is nothing more to be had. */
static bool add_extents(struct hfs *fs, const struct hfs_extent *extents, uint64_t wanted, uint64_t *done, uint64_t at)
{
	for (unsigned i = 0; i < HFS_EXTENTS && *done < wanted; i++) {
		const struct hfs_extent *e = &extents[i];
		if (!e->blocks)
			continue;
		if (e->start >= fs->blocks || e->blocks > fs->blocks - e->start) {
			volume_damage(&fs->v, ERR_CORRUPT, at, "an extent from block %lu on of %lu blocks leaves the volume of %lu", (unsigned long)e->start,
			              (unsigned long)e->blocks, (unsigned long)fs->blocks);
			return false;
		}
		if (!volume_runs_add(&fs->v, *done * fs->block, fs->first + (uint64_t)e->start * fs->block))
			return false;
		fs->claimed += there(fs, e);
		*done += e->blocks;
	}
	return true;
}

uint64_t hfs_fork_runs(struct hfs *fs, const struct hfs_fork *fork, uint32_t file, bool resource, uint64_t at)
{
	uint64_t wanted = fork->size / fs->block + (fork->size % fs->block != 0), done = 0;
	const struct hfs_extent *extents = fork->extents;
	volume_runs_begin(&fs->v);
	while (extents && done < wanted) {
		uint64_t before = done;
		if (!add_extents(fs, extents, wanted, &done, at) || done > UINT32_MAX)
			break;
		const struct hfs_overflow *more = done < wanted && (before != done || extents == fork->extents)
		                                      ? find_overflow(fs, file, resource, (uint32_t)done)
		                                      : NULL;
		extents = more ? more->extents : NULL;
	}
	uint64_t found = done < wanted ? done * fs->block : fork->size;
	if (found < fork->size)
		volume_damage(&fs->v, ERR_CORRUPT, at, "file %lu has %llu bytes, its extents hold %llu", (unsigned long)file,
		              (unsigned long long)fork->size, (unsigned long long)found);
	if (fs->claimed <= CLAIMED_TIMES * (uint64_t)fs->v.image.n + CLAIMED_FREE || fs->v.stopped)
		return found;
	fs->v.error = error_at(ERR_CORRUPT, at, "the files overlap: together they have more bytes than the volume");
	fs->v.stopped = true;
	return 0;
}
