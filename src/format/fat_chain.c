/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format/fat.h"

/* A cluster that no table entry of the image tells of ends its chain: only the others need marks. */
static uint64_t described(const struct fat *f)
{
	uint64_t bytes = f->tables[0].n > f->tables[1].n ? f->tables[0].n : f->tables[1].n;
	uint64_t entries = bytes * 8 / (f->bits == 28 ? 32 : f->bits);
	return entries > FAT_FIRST_CLUSTER ? entries - FAT_FIRST_CLUSTER : 0;
}

bool fat_init(struct fat *f)
{
	f->nused = described(f) < f->clusters ? (uint32_t)described(f) : f->clusters;
	f->allowed = f->nused;
	f->used = arena_alloc(f->v.w->arena, f->nused / 8 + 1, 1);
	f->directories = arena_alloc(f->v.w->arena, f->nused / 8 + 1, 1);
	return f->used && f->directories;
}

/* Marks a cluster; true when it was marked before. */
static bool mark(const struct fat *f, uint8_t *marks, uint32_t cluster)
{
	uint32_t i = cluster - FAT_FIRST_CLUSTER;
	if (i >= f->nused)
		return false;
	bool before = marks[i / 8] >> i % 8 & 1;
	marks[i / 8] |= (uint8_t)(1u << i % 8);
	return before;
}

bool fat_is_used(const struct fat *f, uint32_t cluster)
{
	uint32_t i = cluster - FAT_FIRST_CLUSTER;
	return i < f->nused && f->used[i / 8] >> i % 8 & 1;
}

bool fat_enter(struct fat *f, uint32_t cluster)
{
	return cluster - FAT_FIRST_CLUSTER < f->nused && !mark(f, f->directories, cluster);
}

static uint32_t entry_in(const struct fat *f, struct span table, uint32_t cluster)
{
	uint32_t value, end, mask;
	switch (f->bits) {
	case 12:
		if (!span_sub(table, cluster + cluster / 2, 2).p)
			return FAT_CHAIN_BROKEN;
		value = span_u16le(table, cluster + cluster / 2) >> (cluster & 1 ? 4 : 0) & 0xfff;
		mask = 0xfff;
		break;
	case 16:
		value = span_u16le(table, (uint64_t)cluster * 2);
		mask = 0xffff;
		break;
	default:
		mask = f->bits == 28 ? 0x0fffffff : 0xffffffff;
		value = span_u32le(table, (uint64_t)cluster * 4) & mask;
	}
	end = mask - 7;
	if (value >= end)
		return FAT_CHAIN_END;
	return fat_has(f, value) ? value : FAT_CHAIN_BROKEN;
}

uint32_t fat_next(const struct fat *f, uint32_t cluster)
{
	uint32_t next = entry_in(f, f->tables[0], cluster);
	return next == FAT_CHAIN_BROKEN ? entry_in(f, f->tables[1], cluster) : next;
}

/* The clusters of a chain that is whole by one of the tables: as many as `size` needs, or, of a directory, any number. Else 0. */
static uint64_t whole(struct fat *f, struct span table, uint32_t first, uint64_t size)
{
	uint64_t need = size == UINT64_MAX ? f->clusters : (size + f->cluster_size - 1) / f->cluster_size, n = 0;
	uint32_t cluster = first;
	for (; fat_has(f, cluster) && n < need && f->comparing; n++, f->comparing--)
		cluster = entry_in(f, table, cluster);
	return cluster == FAT_CHAIN_END && (n == need || size == UINT64_MAX) ? n : 0;
}

/* Whether the chain is followed by the other table: where the two differ, and it is whole by that one alone, or longer, as an
 * entry that was overwritten may end that of a directory. What is behind the last name of a directory is not read. */
static bool other_tells(struct fat *f, uint32_t first, uint64_t size)
{
	return f->comparing && whole(f, f->tables[1], first, size) > whole(f, f->tables[0], first, size);
}

/* Whether a cluster that an earlier chain has too is still followed. */
static bool follow_again(struct fat *f, uint64_t offset)
{
	if (!f->crossed)
		volume_damage(&f->v, ERR_CORRUPT, offset, "chains of clusters cross");
	f->crossed = true;
	return ++f->again <= f->allowed;
}

uint64_t fat_chain(struct fat *f, uint32_t first, uint64_t size, const char *what, uint64_t offset)
{
	uint64_t n = 0, length = 0, turn = 1;
	uint32_t cluster = first, tortoise = 0;
	const char *why = NULL;
	bool other = other_tells(f, first, size);
	volume_runs_begin(&f->v);
	while (n < size) {
		if (cluster == FAT_CHAIN_END || !fat_has(f, cluster)) {
			why = cluster == FAT_CHAIN_END ? "ends too early" : "leads nowhere";
			break;
		}
		if (cluster == tortoise) {
			why = "leads back into itself";
			break;
		}
		if (++length == turn) { /* Brent: the mark moves ahead in ever larger steps */
			turn *= 2;
			tortoise = cluster;
		}
		if (mark(f, f->used, cluster) && !follow_again(f, offset)) {
			why = "crosses others too often";
			break;
		}
		if (!volume_runs_add(&f->v, n, fat_place(f, cluster)))
			return n;
		n += f->cluster_size;
		cluster = other ? entry_in(f, f->tables[1], cluster) : fat_next(f, cluster);
		if (size == UINT64_MAX && cluster == FAT_CHAIN_END)
			return n;
	}
	if (why)
		volume_damage(&f->v, ERR_CORRUPT, offset, "the chain of clusters of %s %s after %llu bytes", what, why,
					  (unsigned long long)n);
	return n < size ? n : size;
}

uint32_t fat_lost_chains(const struct fat *f, uint32_t *first)
{
	uint32_t lost = 0;
	uint8_t *led_to = arena_alloc(f->v.w->arena, f->nused / 8 + 1, 1);
	for (uint32_t i = 0; led_to && i < f->nused; i++) {
		for (unsigned k = 0; k <= f->differ; k++) {
			uint32_t next = k ? entry_in(f, f->tables[1], i + FAT_FIRST_CLUSTER) : fat_next(f, i + FAT_FIRST_CLUSTER);
			if (next != FAT_CHAIN_END && next != FAT_CHAIN_BROKEN)
				(void)mark(f, led_to, next);
		}
	}
	for (uint32_t i = f->nused; led_to && i-- > 0;) {
		bool taken = (f->used[i / 8] | led_to[i / 8]) >> i % 8 & 1;
		if (taken || fat_next(f, i + FAT_FIRST_CLUSTER) == FAT_CHAIN_BROKEN)
			continue;
		if (f->differ && entry_in(f, f->tables[1], i + FAT_FIRST_CLUSTER) == FAT_CHAIN_BROKEN)
			continue; /* one of the tables says that it is free */
		*first = i + FAT_FIRST_CLUSTER;
		lost++;
	}
	return lost;
}
