/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/block_map.h"

/* So many runs are followed to learn whether a file lies together. */
#define JOINED_MAX 256u
/* Holes one behind another: as many as extents that were reserved for a file of 8 TiB. */
#define HOLES_MAX (1u << 20)

struct error block_map_read(struct span image, run_finder find, const void *fs, const void *file, uint64_t offset,
							uint8_t *out, size_t n)
{
	for (size_t done = 0; done < n;) {
		struct run run = { RUN_HOLE, n - done };
		struct error e = find(fs, file, offset + done, &run);
		if (error_is(&e))
			return e;
		size_t take = run.n < n - done ? (size_t)run.n : n - done;
		if (run.at == RUN_HOLE) {
			memset(out + done, 0, take);
		} else {
			struct span s = span_sub(image, run.at, take);
			if (!s.p)
				return error_at(ERR_TRUNCATED, offset + done, "these bytes stand at %llu of the image, beyond its end",
								(unsigned long long)run.at);
			memcpy(out + done, s.p, take);
		}
		done += take;
	}
	return error_none();
}

struct stored_run block_map_next(run_finder find, const void *fs, const void *file, uint64_t size, uint32_t block_size, uint64_t offset)
{
	for (unsigned holes = 0; offset < size; holes++) {
		struct run run = { RUN_HOLE, size - offset };
		if (holes == HOLES_MAX)
			return (struct stored_run){ .at = offset, .n = size - offset, .broken = true };
		struct error e = find(fs, file, offset, &run);
		if (error_is(&e))
			return (struct stored_run){ .at = offset, .n = block_size, .broken = true };
		if (run.at != RUN_HOLE)
			return (struct stored_run){ .at = offset, .n = run.n < block_size ? block_size : run.n / block_size * block_size };
		offset += run.n < size - offset ? run.n : size - offset;
		offset = offset < size ? offset / block_size * block_size : size;
	}
	return (struct stored_run){ 0 };
}

static bool lies_together(run_finder find, const void *fs, const void *file, uint64_t size, uint64_t *at)
{
	uint64_t done = 0;
	for (unsigned i = 0; done < size && i < JOINED_MAX; i++) {
		struct run run = { RUN_HOLE, size - done };
		struct error e = find(fs, file, done, &run);
		if (error_is(&e) || run.at == RUN_HOLE || (done && run.at != *at + done))
			return false;
		if (done == 0)
			*at = run.at;
		done += run.n < size - done ? run.n : size - done;
	}
	return done == size;
}

void block_map_content(struct span image, run_finder find, const struct content_ops *ops, const void *fs,
					   const void *file, uint32_t block_size, struct entry *entry)
{
	uint64_t at = 0;
	struct span together = SPAN_NONE;
	if (lies_together(find, fs, file, entry->size, &at)) {
		together = span_sub(image, at, entry->size);
		entry->offset = at;
	}
	if (together.p)
		entry->content = (struct content){ .kind = CONTENT_SPAN, .bytes = together };
	else
		entry->content =
			(struct content){ .kind = CONTENT_BLOCKS, .ops = ops, .fs = fs, .file = file, .block_size = block_size };
}

static uint64_t pointer_at(const struct indirect_map *map, struct span pointers, uint64_t index)
{
	struct reader r = reader_of(span_sub(pointers, index * map->width, map->width), map->big);
	return rd_uint(&r, map->width);
}

static struct error wild(const struct indirect_map *map, uint64_t pointer, uint64_t offset)
{
	return error_at(ERR_CORRUPT, offset, "a pointer to block %llu of %llu", (unsigned long long)pointer,
					(unsigned long long)map->blocks);
}

/* The pointer `index` leads to where `offset` is; as many behind it go on where it leads to. */
static struct error run_of(const struct indirect_map *map, struct span pointers, uint64_t index, uint64_t end,
						   uint64_t offset, struct run *run)
{
	uint64_t first = pointer_at(map, pointers, index), within = offset % map->block_size, n = 1;
	uint64_t wanted = (run->n >> 1) / map->block_size * 2 + 3; /* no fewer blocks than that, without overflow */
	if (wanted < end - index)
		end = index + wanted;
	if (first >= map->blocks)
		return wild(map, first, offset);
	while (index + n < end && pointer_at(map, pointers, index + n) == (first ? first + n : 0))
		n++;
	run->at = first ? first * map->block_size + within : RUN_HOLE;
	run->n = n * map->block_size - within;
	if (first && first + n > map->blocks)
		run->n = (map->blocks - first) * map->block_size - within;
	return error_none();
}

struct error indirect_map_find(const struct indirect_map *map, struct span pointers, uint64_t offset, struct run *run)
{
	uint64_t block = offset / map->block_size, each = map->block_size / map->width, below = 1;
	if (block < map->direct)
		return run_of(map, pointers, block, map->direct, offset, run);
	block -= map->direct;
	/* Level by level: `below` blocks hang on one pointer of the inode. */
	for (unsigned level = 1; level <= map->levels; level++, block -= below) {
		below *= each;
		if (block >= below)
			continue;
		uint64_t index = map->direct + level - 1, hang = below;
		for (unsigned depth = level; depth > 0; depth--) {
			uint64_t pointer = pointer_at(map, pointers, index);
			if (pointer == 0) {
				*run = (struct run){ RUN_HOLE, (hang - block) * map->block_size - offset % map->block_size };
				return error_none();
			}
			if (pointer >= map->blocks)
				return wild(map, pointer, offset);
			uint64_t at = pointer * map->block_size;
			pointers = map->read ? map->read(map->fs, pointer) : span_sub(map->image, at, map->block_size);
			if (!pointers.p)
				return error_at(ERR_TRUNCATED, offset, "the block of pointers at %llu is beyond the end of the image",
								(unsigned long long)at);
			hang /= each;
			index = block / hang;
			block %= hang;
		}
		return run_of(map, pointers, index, each, offset, run);
	}
	return error_at(ERR_CORRUPT, offset, "more bytes than pointers can lead to");
}
