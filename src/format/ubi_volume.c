/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UBI's volumes: their blocks in order, as one run of bytes.
 *
 * Specification: Linux drivers/mtd/ubi/eba.c (what is not mapped reads as 0xff), vtbl.c.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "format/ubi_image.h"

struct volume {
	const struct ubi *ubi;
	const struct ubi_leb *lebs;
	size_t nlebs;
	uint32_t leb_size;
};

/* The first block from number `lnum` on. */
static size_t find_leb(const struct volume *v, uint64_t lnum)
{
	size_t low = 0, high = v->nlebs;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (v->lebs[middle].vid.lnum < lnum)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct error volume_read(const void *fs, const void *file, uint64_t offset, uint8_t *out, size_t n)
{
	const struct volume *v = file;
	uint64_t lnum = offset / v->leb_size;
	(void)fs;
	for (size_t i = find_leb(v, lnum); n > 0; lnum++) {
		size_t part = n < v->leb_size ? n : v->leb_size;
		struct span data = SPAN_NONE;
		if (i < v->nlebs && v->lebs[i].vid.lnum == lnum)
			data = ubi_leb_data(v->ubi, &v->lebs[i++], (uint32_t)part);
		if (data.n)
			memcpy(out, data.p, data.n);
		memset(out + data.n, 0xff, part - data.n);
		out += part;
		n -= part;
	}
	return error_none();
}

static const struct content_ops volume_ops = { .read = volume_read };

static void emit_record(const struct ubi *u, uint32_t id, const struct ubi_record *record)
{
	struct {
		const char *name;
		unsigned long value;
	} fields[] = {
		{ "reserved_pebs", record->reserved_blocks },
		{ "alignment", record->alignment },
		{ "data_pad", record->data_pad },
		{ "upd_marker", record->update_marker },
		{ "flags", record->flags },
	};
	struct sink *sink = u->walk->sink;
	char name[48];
	snprintf(name, sizeof name, "volume[%" PRIu32 "].name", id);
	emit_header_field(sink, record->at, name, "%.*s", (int)record->name.n, record->name.p);
	snprintf(name, sizeof name, "volume[%" PRIu32 "].vol_type", id);
	emit_header_field(sink, record->at, name, "%s", record->type == UBI_STATIC ? "static" : "dynamic");
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		snprintf(name, sizeof name, "volume[%" PRIu32 "].%s", id, fields[i].name);
		emit_header_field(sink, record->at, name, "%lu", fields[i].value);
	}
	if (record->flags & UBI_AUTORESIZE) {
		snprintf(name, sizeof name, "volume[%" PRIu32 "].autoresize", id);
		emit_header_field(sink, record->at, name, "yes");
	}
}

/* Blocks that contradict the volume are not its own. UBI drops those behind its end, too: it was made smaller. */
static size_t drop_strange(struct ubi *u, struct ubi_leb *lebs, size_t n, const struct ubi_record *record)
{
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		const struct ubi_vid *vid = &lebs[i].vid;
		if (record->exists && vid->lnum >= record->reserved_blocks)
			continue;
		if (vid->type != lebs[0].vid.type || vid->data_pad != lebs[0].vid.data_pad) {
			ubi_damage(u, ERR_CORRUPT, lebs[i].at, "PEB %" PRIu32 " contradicts the others of volume %" PRIu32,
					   lebs[i].peb, vid->volume);
			continue;
		}
		lebs[kept++] = lebs[i];
	}
	return kept;
}

static void check_static(struct ubi *u, const struct volume *v)
{
	for (size_t i = 0; i < v->nlebs; i++) {
		const struct ubi_leb *leb = &v->lebs[i];
		struct span data = ubi_leb_data(u, leb, leb->vid.data_size);
		if (leb->vid.data_size > v->leb_size)
			ubi_damage(u, ERR_CORRUPT, leb->at, "LEB %" PRIu32 " says that it holds %" PRIu32 " of %" PRIu32 " bytes",
					   leb->vid.lnum, leb->vid.data_size, v->leb_size);
		else if (data.n < leb->vid.data_size)
			ubi_damage(u, ERR_TRUNCATED, leb->at, "LEB %" PRIu32 " holds %" PRIu32 " bytes, %zu are there",
					   leb->vid.lnum, leb->vid.data_size, data.n);
		else if (hash_crc32_raw(UINT32_MAX, data) != leb->vid.data_crc)
			ubi_damage(u, ERR_CORRUPT, leb->at, "LEB %" PRIu32 " of static volume %" PRIu32 " has another CRC",
					   leb->vid.lnum, leb->vid.volume);
	}
}

/* Names runs of blocks that a static volume lacks. Gives how many blocks it is read to. */
static uint64_t check_holes(struct ubi *u, const struct volume *v)
{
	uint32_t volume = v->lebs[0].vid.volume;
	uint64_t next = 0, used = v->lebs[0].vid.used_blocks;
	for (size_t i = 0; i < v->nlebs; i++) {
		uint64_t lnum = v->lebs[i].vid.lnum;
		if (lnum > next)
			ubi_damage(u, ERR_CORRUPT, UINT64_MAX,
					   "LEBs %" PRIu64 " to %" PRIu64 " of static volume %" PRIu32 " are missing", next, lnum - 1,
					   volume);
		next = lnum + 1;
	}
	if (next < used)
		ubi_damage(u, ERR_TRUNCATED, UINT64_MAX,
				   "static volume %" PRIu32 " has %" PRIu64 " blocks, those from %" PRIu64 " on are missing", volume,
				   used, next);
	return next;
}

/* A static volume says how many bytes it holds. A dynamic one has all that it reserves where the whole flash is there;
 * in an image that is yet to be flashed it ends with its last block. */
static uint64_t volume_size(struct ubi *u, const struct volume *v, const struct ubi_record *record)
{
	if (v->nlebs == 0)
		return 0;
	const struct ubi_vid *last = &v->lebs[v->nlebs - 1].vid;
	if (last->type == UBI_STATIC) {
		check_static(u, v);
		uint64_t blocks = check_holes(u, v);
		return (blocks - 1) * v->leb_size + (last->data_size < v->leb_size ? last->data_size : v->leb_size);
	}
	uint64_t blocks = (uint64_t)last->lnum + 1;
	if (u->complete && record->exists && record->reserved_blocks > blocks)
		blocks = record->reserved_blocks;
	return blocks * v->leb_size;
}

static struct content volume_content(const struct ubi *u, const struct volume *v, uint64_t size)
{
	if (size == 0 || v->nlebs == 0)
		return (struct content){ .kind = CONTENT_SPAN, .bytes = span_of("", 0) };
	if (size <= v->leb_size)
		return (struct content){ .kind = CONTENT_SPAN, .bytes = span_clip(u->image, v->lebs[0].at, size) };
	return (struct content){ CONTENT_BLOCKS, SPAN_NONE, &volume_ops, u, v, v->leb_size };
}

/* False when the walk is to stop. */
static bool emit_volume(struct ubi *u, uint32_t id, struct error *error)
{
	static const struct ubi_record none = { 0 };
	const struct ubi_record *record = id < u->nrecords ? &u->records[id] : &none;
	size_t first, n = ubi_lebs_of(u, id, &first);
	char name[32];
	struct volume *v = ARENA_NEW(u->walk->arena, struct volume);
	if (!v) {
		*error = error_at(ERR_BUDGET, 0, "no memory for volume %" PRIu32, id);
		return false;
	}
	if (record->exists)
		emit_record(u, id, record);
	if (record->update_marker)
		ubi_damage(u, ERR_CORRUPT, record->at, "an update of volume %" PRIu32 " was not finished", id);
	struct ubi_leb *lebs = u->lebs + first;
	*v = (struct volume){ u, lebs, drop_strange(u, lebs, n, record), 0 };
	v->leb_size = ubi_leb_size(u, v->nlebs ? lebs[0].vid.data_pad : record->data_pad);
	if (v->leb_size == 0) {
		ubi_damage(u, ERR_CORRUPT, record->at, "volume %" PRIu32 " has blocks without room", id);
		return true;
	}
	snprintf(name, sizeof name, "volume-%" PRIu32, id);
	struct entry e = entry_new(ENTRY_REGION, record->name.n ? record->name : text_c(name));
	e.size = volume_size(u, v, record);
	if (v->nlebs)
		e.offset = lebs[0].at;
	e.content = volume_content(u, v, e.size);
	return u->walk->child(u->walk, &e);
}

/* By number: those of the table, and those whose blocks are there although the table does not know them. */
struct error ubi_emit_volumes(struct ubi *u)
{
	struct error error = error_none();
	size_t i = 0;
	uint32_t id = 0;
	for (;; id++) {
		while (i < u->nlebs && u->lebs[i].vid.volume < id)
			i++;
		uint32_t next = i < u->nlebs ? u->lebs[i].vid.volume : UBI_INTERNAL_VOLUMES;
		while (id < u->nrecords && id < next && !u->records[id].exists)
			id++;
		if (id >= u->nrecords)
			id = next;
		if (id >= UBI_INTERNAL_VOLUMES)
			return error;
		if (id >= u->nrecords || !u->records[id].exists)
			ubi_damage(u, ERR_CORRUPT, u->lebs[i].at, "the volume table does not have volume %" PRIu32, id);
		if (!emit_volume(u, id, &error))
			return error;
	}
}
