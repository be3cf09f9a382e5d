/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks of Parallels, the expandable ones of both kinds: a table of where each cluster is, in sectors or in clusters.
 *
 * Specification: QEMU docs/interop/parallels.txt.
 */
#include "format/guest_disk.h"

#define MAGIC_OLD "WithoutFreeSpace"
#define MAGIC_NEW "WithouFreSpacExt"
#define MAGIC_SIZE 16u
#define TABLE_AT 64u
#define IN_USE 0x746f6e59u
#define SPARE_MAX 1024u /* entries of the table beyond those of the disk */
#define CLUSTER_MAX (64u << 20)

struct parallels {
	struct guest_disk disk; /* first */
	bool in_clusters;       /* the numbers of the table */
	uint32_t sectors, entries, in_use, data_at; /* `sectors` of a cluster */
};

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);
static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n);

/* The mark of a program that closed it: "v2.1", "pd17". */
static bool is_mark(uint32_t in_use)
{
	for (unsigned i = 0; i < 32; i += 8)
		if ((in_use >> i & 0xff) < '.' || (in_use >> i & 0xff) > 'z')
			return false;
	return true;
}

static bool parallels_read(struct span bytes, struct parallels *p)
{
	*p = (struct parallels){ .disk = { .bytes = bytes, .read = read_part, .state = part_state } };
	struct reader r = reader_le(bytes);
	struct span magic = rd_bytes(&r, MAGIC_SIZE);
	uint32_t version = rd_u32(&r);
	rd_skip(&r, 8);
	p->sectors = rd_u32(&r);
	p->entries = rd_u32(&r);
	uint64_t size = rd_u64(&r);
	p->in_use = rd_u32(&r);
	p->data_at = rd_u32(&r);
	p->in_clusters = span_starts(magic, MAGIC_NEW, MAGIC_SIZE);
	size = p->in_clusters ? size : (uint32_t)size; /* the old kind has 32 bits of it */
	if (!rd_ok(&r) || (!p->in_clusters && !span_starts(magic, MAGIC_OLD, MAGIC_SIZE)) || version != 2 || !p->sectors ||
		p->sectors > CLUSTER_MAX / GUEST_SECTOR || size > UINT64_MAX >> 10)
		return false;
	p->disk.size = size * GUEST_SECTOR;
	p->disk.unit = guest_disk_unit((uint64_t)p->sectors * GUEST_SECTOR);
	uint64_t clusters = size / p->sectors + (size % p->sectors != 0);
	return p->entries >= clusters && p->entries <= clusters + SPARE_MAX && (!p->in_use || p->in_use == IN_USE || is_mark(p->in_use));
}

static bool parallels_probe(struct span at, struct format_match *match)
{
	struct parallels p;
	if (!parallels_read(at, &p))
		return false;
	match->size = at.n; /* that the walk finds out */
	match->confidence = 85;
	return true;
}

static uint64_t place_of(const struct parallels *p, uint32_t entry)
{
	return (uint64_t)entry * (p->in_clusters ? p->sectors : 1) * GUEST_SECTOR;
}

static bool read_part(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n)
{
	const struct parallels *p = (const struct parallels *)d;
	uint64_t cluster = (uint64_t)p->sectors * GUEST_SECTOR;
	struct reader r = reader_le(span_sub(d->bytes, TABLE_AT + at / cluster * 4, 4));
	uint32_t entry = rd_u32(&r);
	return rd_ok(&r) && guest_disk_copy(d, entry ? place_of(p, entry) + at % cluster : GUEST_HOLE, out, n);
}

static enum guest_state part_state(const struct guest_disk *d, uint64_t at, uint64_t *n)
{
	const struct parallels *p = (const struct parallels *)d;
	uint64_t cluster = (uint64_t)p->sectors * GUEST_SECTOR;
	struct reader r = reader_le(span_sub(d->bytes, TABLE_AT + at / cluster * 4, 4));
	uint32_t entry = rd_u32(&r);
	*n = rd_ok(&r) ? cluster - at % cluster : d->size - at;
	return !rd_ok(&r) ? GUEST_LOST : entry ? GUEST_STORED : GUEST_ZEROS;
}

static uint64_t image_end(const struct parallels *p, struct guest_used *used)
{
	struct span table = span_clip(p->disk.bytes, TABLE_AT, (uint64_t)p->entries * 4);
	uint64_t end = TABLE_AT + (uint64_t)p->entries * 4;
	if ((uint64_t)p->data_at * GUEST_SECTOR > end && (uint64_t)p->data_at * GUEST_SECTOR <= p->disk.bytes.n)
		end = (uint64_t)p->data_at * GUEST_SECTOR;
	guest_used_add(used, 0, TABLE_AT + table.n);
	for (uint64_t i = 0; i < table.n / 4; i++) {
		uint32_t entry = span_u32le(table, i * 4);
		guest_used_add(used, place_of(p, entry), entry ? (uint64_t)p->sectors * GUEST_SECTOR : 0);
		uint64_t behind = place_of(p, entry) + (uint64_t)p->sectors * GUEST_SECTOR;
		if (entry && behind > end)
			end = behind;
	}
	return end;
}

static struct error parallels_walk(struct span bytes, struct walk *w)
{
	struct parallels *p = ARENA_NEW(w->arena, struct parallels);
	struct guest_used used;
	if (!p)
		return error_at(ERR_BUDGET, 0, "no memory for the image");
	if (!parallels_read(bytes, p))
		return error_at(ERR_CORRUPT, 0, "no header of a Parallels disk");
	emit_header_field(w->sink, 28, "tracks", "%u", p->sectors);
	emit_header_field(w->sink, 36, "nb_sectors", "%llu", (unsigned long long)(p->disk.size / GUEST_SECTOR));
	if (p->in_use == IN_USE)
		emit_header_field(w->sink, 44, "in_use", "it was not closed");
	if (!guest_used_new(&used, bytes, w->arena))
		return error_at(ERR_BUDGET, 0, "no memory for a map of the image");
	guest_disk_end(&p->disk, w, image_end(p, &used));
	guest_disk_emit(&p->disk, w);
	guest_used_emit_rest(&used, w);
	return error_none();
}

static const struct format_magic magics[] = { MAGIC(MAGIC_OLD "\2\0\0\0", 0), MAGIC(MAGIC_NEW "\2\0\0\0", 0), MAGIC_END };

const struct format parallels_format = {
	.name = "parallels",
	.kind = FORMAT_CONTAINER,
	.title = "Parallels disk, expandable",
	.spec = "QEMU docs/interop/parallels.txt",
	.magics = magics,
	.probe = parallels_probe,
	.walk = parallels_walk,
};
