/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks with Apple's partition map: a block that describes the drivers, then one block for each partition, the map itself among them.
 *
 * Specification: Inside Macintosh: Devices, 3-13 "Data Organization on SCSI Devices"; Linux block/partitions/mac.h.
 */
#include "format/partitions.h"

#define ENTRY_SIZE 136u
#define MAP_MAX 1024u

struct map {
	uint32_t block, blocks, n; /* bytes of a block; of the disk; entries */
	uint64_t step;             /* from one entry to the next */
};

struct map_entry {
	uint32_t n, start, blocks, status;
	struct text name, type;
};

static bool entry_read(struct span disk, uint64_t at, struct map_entry *e)
{
	struct reader r = reader_be(span_sub(disk, at, ENTRY_SIZE));
	if (!span_has(disk, at, "PM\0", 3))
		return false;
	rd_skip(&r, 4);
	e->n = rd_u32(&r);
	e->start = rd_u32(&r);
	e->blocks = rd_u32(&r);
	e->name = text_until_nul(rd_bytes(&r, 32));
	e->type = text_until_nul(rd_bytes(&r, 32));
	rd_skip(&r, 8);
	e->status = rd_u32(&r);
	return rd_ok(&r) && e->n && e->n <= MAP_MAX;
}

/* The first entries agree on how many there are, and the map is one of them. On a CD the blocks are of 2048 bytes, and the entries may
 * stand 512 apart all the same. */
static bool map_read(struct span disk, struct map *m)
{
	struct map_entry e, first;
	if (!span_starts(disk, "ER", 2))
		return false;
	*m = (struct map){ .block = span_u16be(disk, 2), .blocks = span_u32be(disk, 4), .step = 512 };
	if (m->block < 512 || m->block > 4096 || (m->block & (m->block - 1)) || !m->blocks)
		return false;
	if (!entry_read(disk, m->step, &first))
		m->step = m->block;
	if (!entry_read(disk, m->step, &first))
		return false;
	m->n = first.n;
	if (m->step == 512)
		m->block = 512; /* what the entries count in */
	bool map_found = false;
	for (uint32_t i = 0; i < m->n && (i < 2 || !map_found); i++) {
		if (!entry_read(disk, (i + 1) * m->step, &e) || e.n != m->n)
			return false;
		map_found = map_found || (text_is(e.type, "Apple_partition_map") && e.start == 1 && e.blocks >= m->n * m->step / m->block);
	}
	return map_found;
}

static uint64_t disk_size(struct span disk, const struct map *m)
{
	uint64_t end = 0;
	struct map_entry e;
	for (uint32_t i = 0; i < m->n; i++)
		if (entry_read(disk, (i + 1) * m->step, &e) && end < ((uint64_t)e.start + e.blocks) * m->block)
			end = ((uint64_t)e.start + e.blocks) * m->block;
	return end;
}

static bool apm_probe(struct span at, struct format_match *match)
{
	struct map m;
	if (!map_read(at, &m))
		return false;
	match->size = disk_size(at, &m);
	match->confidence = 80;
	return true;
}

static void add_entry(struct partitions *p, const struct map *m, uint32_t i, const struct map_entry *e, struct walk *w)
{
	char *field = arena_printf(w->arena, "partition-%u", i + 1);
	char *value = arena_printf(w->arena, "%.*s, %.*s, blocks %lu to %lu", (int)e->type.n, e->type.p, (int)e->name.n, e->name.p,
	                           (unsigned long)e->start, (unsigned long)e->start + e->blocks);
	struct fact_header row = { (int64_t)((i + 1) * m->step), text_c(field), text_c(value) };
	if (!field || !value)
		return;
	emit_header(w->sink, &row);
	bool map = text_is(e->type, "Apple_partition_map");
	if (text_is(e->type, "Apple_Free") || !e->blocks) /* shown as what lies between the others */
		return;
	partitions_add(p, w, (uint64_t)e->start * m->block, (uint64_t)e->blocks * m->block, map ? TEXT_NONE : text_c(field));
}

static struct error apm_walk(struct span bytes, struct walk *w)
{
	struct map m;
	struct map_entry e;
	struct partitions *p = ARENA_NEW(w->arena, struct partitions);
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the partition map");
	if (!map_read(bytes, &m))
		return error_at(ERR_CORRUPT, 0, "no partition map of Apple's");
	emit_header_field(w->sink, 2, "block_size", "%lu", (unsigned long)m.block);
	partitions_add(p, w, 0, m.block, TEXT_NONE);
	for (uint32_t i = 0; i < m.n; i++) {
		if (entry_read(bytes, (i + 1) * m.step, &e))
			add_entry(p, &m, i, &e, w);
		else
			emit_damage_at(w->sink, (i + 1) * m.step < bytes.n ? ERR_CORRUPT : ERR_TRUNCATED, (i + 1) * m.step,
			               "entry %lu of the map of %lu can not be read", (unsigned long)i + 1, (unsigned long)m.n);
	}
	partitions_emit(p, bytes, w);
	return error_none();
}

static const struct format_magic apm_magics[] = { MAGIC("ER\2\0", 0), MAGIC("ER\4\0", 0), MAGIC("ER\x08\0", 0), MAGIC("ER\x10\0", 0),
	                                              MAGIC_END };

const struct format apm_format = {
	.name = "apm",
	.kind = FORMAT_CONTAINER,
	.title = "disk image with Apple's partition map",
	.spec = "Inside Macintosh: Devices, 3-13",
	.magics = apm_magics,
	.probe = apm_probe,
	.walk = apm_walk,
};
