/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a sparse extent's file is in use: a table that names a few grains must not hide what is between them. */
#include "format/vmdk_image.h"

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t grain_end(const struct vmdk *v, uint64_t place)
{
	if (v->cowd || !(v->flags & VMDK_FLAG_COMPRESSED))
		return place + v->grain * GUEST_SECTOR;
	if (!(v->flags & VMDK_FLAG_MARKERS))
		return place + GUEST_SECTOR;
	return vmdk_ceil_div(place + VMDK_MARKER_SIZE + span_u32le(v->disk.bytes, place + 8), GUEST_SECTOR) * GUEST_SECTOR;
}

/* Notes a table and what it names; gives where the last of it ends. */
static uint64_t follow_table(const struct vmdk *v, uint64_t table, struct guest_used *used)
{
	uint64_t end = table + v->per_table * 4u;
	guest_used_add(used, table, v->per_table * 4u);
	for (uint32_t i = 0; i < v->per_table; i++) {
		uint32_t entry = span_u32le(v->disk.bytes, table + i * 4u);
		uint64_t place = (uint64_t)entry * GUEST_SECTOR;
		if (entry <= 1)
			continue;
		guest_used_add(used, place, grain_end(v, place) - place);
		end = most(end, grain_end(v, place));
	}
	return end;
}

static struct span directory_at(const struct vmdk *v, uint64_t sector)
{
	return span_clip(v->disk.bytes, sector * GUEST_SECTOR, vmdk_tables(v) * 4);
}

/* Tables that stand in one place cost nothing but time: no more are looked at than there is room for beside each other. */
static uint64_t tables_max(const struct vmdk *v)
{
	return v->disk.bytes.n / (v->per_table * 4u) + 1;
}

/* Notes all that a directory leads to. Gives where the last of it ends. */
static uint64_t follow_directory(const struct vmdk *v, uint64_t sector, struct guest_used *used, bool *overlap)
{
	uint64_t room = tables_max(v), end = most(v->overhead * GUEST_SECTOR, sector * GUEST_SECTOR + vmdk_tables(v) * 4);
	struct span directory = directory_at(v, sector);
	guest_used_add(used, sector * GUEST_SECTOR, directory.n);
	*overlap = false;
	for (uint64_t i = 0; i < directory.n / 4; i++) {
		uint32_t table = span_u32le(directory, i * 4);
		*overlap = table && !room--;
		if (*overlap)
			return end;
		if (table)
			end = most(end, follow_table(v, (uint64_t)table * GUEST_SECTOR, used));
	}
	return end;
}

/* The second directory, and its tables, are a copy of the first one's. Notes them; gives how many tables are not the same in both. */
static uint64_t follow_redundant(const struct vmdk *v, struct guest_used *used)
{
	uint64_t room = tables_max(v), differ = 0, n = v->per_table * 4u;
	struct span first = directory_at(v, v->directory), second = directory_at(v, v->redundant);
	guest_used_add(used, v->redundant * GUEST_SECTOR, second.n);
	for (uint64_t i = 0; i < second.n / 4 && room--; i++) {
		uint64_t a = (uint64_t)span_u32le(first, i * 4) * GUEST_SECTOR, b = (uint64_t)span_u32le(second, i * 4) * GUEST_SECTOR;
		struct span here = span_sub(v->disk.bytes, a, n), there = span_sub(v->disk.bytes, b, n);
		guest_used_add(used, b, b ? n : 0);
		differ += !a != !b || (a && (!here.p || !there.p || memcmp(here.p, there.p, n) != 0));
	}
	return differ;
}

static void follow_grains(const struct vmdk *v, struct guest_used *used)
{
	for (size_t i = 0; i < v->ngrains; i++)
		if (i + 1 == v->ngrains || v->grains[i + 1].number != v->grains[i].number)
			guest_used_add(used, v->grains[i].at, grain_end(v, v->grains[i].at) - v->grains[i].at);
}

static void follow_head(const struct vmdk *v, struct guest_used *used)
{
	guest_used_add(used, 0, v->cowd ? 2048 : VMDK_HEADER_SIZE);
	struct span text = span_clip(v->disk.bytes, v->text_at * GUEST_SECTOR, v->text_at ? v->text_n * GUEST_SECTOR : 0);
	guest_used_add(used, v->text_at * GUEST_SECTOR, vmdk_descriptor_text(text).n);
	guest_used_add(used, v->footer, v->footer ? VMDK_HEADER_SIZE : 0);
}

static bool has_redundant(const struct vmdk *v)
{
	return v->flags & VMDK_FLAG_REDUNDANT && !v->cowd && v->redundant <= VMDK_SECTORS_MAX;
}

uint64_t vmdk_used(struct vmdk *v, struct guest_used *used, struct walk *w)
{
	bool overlap;
	follow_head(v, used);
	follow_grains(v, used);
	if (v->directory == VMDK_DIRECTORY_AT_END) {
		v->disk.state = vmdk_part_state;
		return v->stream_end;
	}
	uint64_t end = follow_directory(v, v->directory, used, &overlap), differ = has_redundant(v) ? follow_redundant(v, used) : 0;
	if (has_redundant(v) && !overlap && directory_at(v, v->directory).n < vmdk_tables(v) * 4) /* the second one tells in its place */
		(void)follow_directory(v, v->redundant, used, &overlap);
	if (overlap)
		emit_damage_at(w->sink, ERR_CORRUPT, v->directory * GUEST_SECTOR, "its grain tables overlap");
	if (!overlap) /* else more of them would be asked than there is room for */
		v->disk.state = vmdk_part_state;
	if (differ)
		emit_damage_at(w->sink, ERR_CORRUPT, v->redundant * GUEST_SECTOR, "%llu grain tables are not the same in both directories",
					   (unsigned long long)differ);
	return most(end, v->stream_end);
}

bool vmdk_has_rest(const struct vmdk *v)
{
	struct guest_used used;
	struct guest_rest rest = { 0 };
	bool overlap = false;
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(0);
	if (!arena || !guest_used_new(&used, v->disk.bytes, arena))
		return true;
	follow_head(v, &used);
	(void)follow_directory(v, v->directory, &used, &overlap);
	uint64_t differ = has_redundant(v) ? follow_redundant(v, &used) : 0;
	return overlap || differ || guest_used_rest(&used, v->disk.bytes.n, &rest);
}
