/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding UBI's logical erase blocks, and the volume table among them.
 *
 * Specification: Linux drivers/mtd/ubi/attach.c and vtbl.c.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "format/ubi_image.h"

#define RECORD_SIZE 172u

static uint32_t data_crc(const struct ubi *u, const struct ubi_leb *leb)
{
	return hash_crc32_raw(UINT32_MAX, ubi_leb_data(u, leb, leb->vid.data_size));
}

/* Which of two PEBs holds a LEB: the newer one, unless it is a copy whose copying was interrupted. */
static const struct ubi_leb *newer_of(struct ubi *u, const struct ubi_leb *a, const struct ubi_leb *b)
{
	if (a->vid.sqnum == b->vid.sqnum) {
		ubi_damage(u, ERR_CORRUPT, b->at, "PEBs %lu and %lu both hold LEB %lu of volume %lu as of the same time",
				   (unsigned long)a->peb, (unsigned long)b->peb, (unsigned long)a->vid.lnum,
				   (unsigned long)a->vid.volume);
		return a;
	}
	const struct ubi_leb *newer = a->vid.sqnum > b->vid.sqnum ? a : b, *older = newer == a ? b : a;
	return newer->vid.copy && data_crc(u, newer) != newer->vid.data_crc ? older : newer;
}

static int by_place(const void *left, const void *right)
{
	const struct ubi_leb *a = left, *b = right;
	if (a->vid.volume != b->vid.volume)
		return a->vid.volume < b->vid.volume ? -1 : 1;
	if (a->vid.lnum != b->vid.lnum)
		return a->vid.lnum < b->vid.lnum ? -1 : 1;
	return a->peb < b->peb ? -1 : a->peb > b->peb;
}

static void drop_duplicates(struct ubi *u)
{
	size_t n = 0;
	for (size_t i = 0, next; i < u->nlebs; i = next) {
		const struct ubi_leb *chosen = &u->lebs[i];
		for (next = i + 1; next < u->nlebs; next++) {
			const struct ubi_leb *other = &u->lebs[next];
			if (other->vid.volume != chosen->vid.volume || other->vid.lnum != chosen->vid.lnum)
				break;
			chosen = newer_of(u, chosen, other);
		}
		u->lebs[n++] = *chosen;
	}
	u->nlebs = n;
}

/* Whether a PEB without a valid header holds anything at all. */
static bool is_blank(struct span header)
{
	for (size_t i = 0; i < header.n; i++)
		if (header.p[i] != 0xff)
			return false;
	return true;
}

/* UBI goes by the VID header also where the erase counter is lost. */
static bool peb_read(struct ubi *u, uint32_t peb, uint64_t at, struct ubi_leb *leb)
{
	const struct ubi_ec *ours = &u->geometry.ec;
	uint64_t vid_at = at + ours->vid_offset;
	struct ubi_ec ec;
	bool has_ec = ubi_ec_read(u->image, at, &ec);
	if (has_ec && (ec.vid_offset != ours->vid_offset || ec.data_offset != ours->data_offset)) {
		ubi_damage(u, ERR_CORRUPT, at, "PEB %lu has its headers elsewhere than the first one", (unsigned long)peb);
		return false;
	}
	if (has_ec && ec.image_seq && ours->image_seq && ec.image_seq != ours->image_seq) {
		ubi_damage(u, ERR_CORRUPT, at, "PEB %lu is of image %lu, the others are of image %lu", (unsigned long)peb,
				   (unsigned long)ec.image_seq, (unsigned long)ours->image_seq);
		return false;
	}
	if (!has_ec && !is_blank(span_clip(u->image, at, UBI_HEADER_SIZE)))
		ubi_damage(u, ERR_CORRUPT, at, "PEB %lu has no valid erase counter header", (unsigned long)peb);
	if (ubi_vid_read(u->image, vid_at, &leb->vid)) {
		leb->peb = peb;
		leb->at = at + ours->data_offset;
		return true;
	}
	if (has_ec && !is_blank(span_clip(u->image, vid_at, UBI_HEADER_SIZE)))
		ubi_damage(u, ERR_CORRUPT, vid_at, "PEB %lu has no valid volume identifier header", (unsigned long)peb);
	return false;
}

/* The first header may have no image sequence number, or be another's. */
static void find_image_seq(struct ubi *u)
{
	struct ubi_ec ec;
	for (uint64_t at = 0; at < u->image.n && u->geometry.ec.image_seq == 0; at += u->geometry.peb_size)
		if (ubi_ec_read(u->image, at, &ec))
			u->geometry.ec.image_seq = ec.image_seq;
}

/* Counts the PEBs. They are more than fit one behind the other where bytes are missing. */
static uint32_t count_pebs(const struct ubi *u)
{
	uint32_t n = 0;
	for (uint64_t at = 0; at < u->image.n && n < UINT32_MAX; at += u->geometry.peb_size) {
		at = ubi_peb_place(u->image, &u->geometry, at);
		n++;
	}
	return n;
}

struct error ubi_attach(struct ubi *u)
{
	uint64_t at = 0;
	find_image_seq(u);
	u->pebs = count_pebs(u);
	u->lebs = ARENA_ARRAY(u->walk->arena, struct ubi_leb, u->pebs);
	if (!u->lebs)
		return error_at(ERR_BUDGET, 0, "%lu blocks are more than are kept of one image", (unsigned long)u->pebs);
	for (uint32_t i = 0; i < u->pebs; i++, at += u->geometry.peb_size) {
		uint64_t place = ubi_peb_place(u->image, &u->geometry, at);
		if (place != at)
			ubi_damage(u, ERR_CORRUPT, place, "%llu bytes are %s before PEB %lu",
					   (unsigned long long)(place < at ? at - place : place - at), place < at ? "missing" : "too many", (unsigned long)i);
		at = place;
		u->nlebs += peb_read(u, i, at, &u->lebs[u->nlebs]);
	}
	if (at > u->image.n)
		ubi_damage(u, ERR_TRUNCATED, u->image.n, "the last block has %lu of %lu bytes",
				   (unsigned long)(u->image.n + u->geometry.peb_size - at), (unsigned long)u->geometry.peb_size);
	if (u->nlebs > 1)
		qsort(u->lebs, u->nlebs, sizeof *u->lebs, by_place);
	drop_duplicates(u);
	return error_none();
}

size_t ubi_lebs_of(const struct ubi *u, uint32_t volume, size_t *first)
{
	size_t low = 0, high = u->nlebs;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (u->lebs[middle].vid.volume < volume)
			low = middle + 1;
		else
			high = middle;
	}
	*first = low;
	while (high < u->nlebs && u->lebs[high].vid.volume == volume)
		high++;
	return high - low;
}

/* Record i of a copy of the table; false when its CRC or its fields are wrong. */
static bool record_read(const struct ubi *u, struct span table, unsigned i, struct ubi_record *record)
{
	struct span bytes = span_sub(table, (uint64_t)i * RECORD_SIZE, RECORD_SIZE);
	struct reader r = reader_be(bytes);
	*record = (struct ubi_record){ .reserved_blocks = rd_u32(&r) };
	record->alignment = rd_u32(&r);
	record->data_pad = rd_u32(&r);
	record->type = rd_u8(&r);
	record->update_marker = rd_u8(&r);
	uint16_t name_n = rd_u16(&r);
	struct span name = rd_bytes(&r, UBI_NAME_MAX + 1);
	record->flags = rd_u8(&r);
	record->name = text_from_span(span_clip(name, 0, name_n));
	record->exists = record->reserved_blocks > 0;
	if (!rd_ok(&r) ||
		hash_crc32_raw(UINT32_MAX, span_sub(bytes, 0, RECORD_SIZE - 4)) != span_u32be(bytes, RECORD_SIZE - 4))
		return false;
	record->at = (uint64_t)(bytes.p - u->image.p);
	return !record->exists || ((record->type == UBI_DYNAMIC || record->type == UBI_STATIC) && name_n <= UBI_NAME_MAX);
}

/* How many of the records of a copy are valid. */
static unsigned copy_count(const struct ubi *u, struct span table)
{
	unsigned n = 0;
	struct ubi_record record;
	for (unsigned i = 0; i < u->nrecords; i++)
		n += record_read(u, table, i, &record);
	return n;
}

static void report_copies(struct ubi *u, const struct span copies[UBI_LAYOUT_BLOCKS],
						  const bool whole[UBI_LAYOUT_BLOCKS])
{
	const char *state = whole[0] ? "ok" : whole[1] ? "ok in the second copy" : "mismatch";
	emit_header_field(u->walk->sink, 0, "volume_table_crc", "%s", u->nrecords ? state : "no volume table");
	for (unsigned i = 0; i < UBI_LAYOUT_BLOCKS; i++)
		if (!whole[i])
			ubi_damage(u, ERR_CORRUPT, copies[i].p ? (uint64_t)(copies[i].p - u->image.p) : UINT64_MAX,
					   copies[i].p ? "copy %u of the volume table is damaged"
								   : "copy %u of the volume table is missing",
					   i + 1);
}

static void find_copies(struct ubi *u, struct span copies[UBI_LAYOUT_BLOCKS])
{
	size_t first, n = ubi_lebs_of(u, UBI_LAYOUT_VOLUME, &first);
	uint32_t room = ubi_leb_size(u, 0) / RECORD_SIZE;
	for (size_t i = 0; i < n; i++) {
		const struct ubi_leb *leb = &u->lebs[first + i];
		if (leb->vid.lnum < UBI_LAYOUT_BLOCKS)
			copies[leb->vid.lnum] = ubi_leb_data(u, leb, ubi_leb_size(u, 0));
	}
	if (copies[0].p || copies[1].p)
		u->nrecords = room < UBI_VOLUMES_MAX ? room : UBI_VOLUMES_MAX;
}

/* The first copy whose records are all valid; of two damaged ones what can be read of either. */
void ubi_read_table(struct ubi *u)
{
	struct span copies[UBI_LAYOUT_BLOCKS] = { SPAN_NONE, SPAN_NONE };
	bool whole[UBI_LAYOUT_BLOCKS];
	find_copies(u, copies);
	for (unsigned i = 0; i < UBI_LAYOUT_BLOCKS; i++)
		whole[i] = copies[i].p && copy_count(u, copies[i]) == u->nrecords;
	report_copies(u, copies, whole);
	bool second_only = !whole[0] && whole[1];
	uint64_t reserved = UBI_LAYOUT_BLOCKS;
	for (unsigned i = 0; i < u->nrecords; i++) {
		struct ubi_record *record = &u->records[i];
		bool valid = record_read(u, copies[second_only], i, record) || record_read(u, copies[!second_only], i, record);
		if (!valid)
			*record = (struct ubi_record){ .exists = false };
		if (record->exists)
			reserved += record->reserved_blocks;
	}
	u->complete = u->nrecords && reserved <= u->pebs;
}
