/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RPM's own database: a head, slots of 16 bytes that fill the first pages, and blobs at multiples of 16 bytes. All numbers
 * are little-endian.
 *
 *   head  "RpmP", version, generation, pages of slots, next package, three that are unused
 *   slot  "Slot", package (0: the slot is free), first block, blocks
 *   blob  "BlbS", package, generation, bytes; the header; zeros; checksum, bytes, "BlbE"
 */
#include "inspect/package_rpm.h"

#define PAGE 4096u
#define HEAD 32u
#define SLOT 16u
#define BLOCK 16u
#define BLOB_HEAD 16u
#define SLOT_PAGES_MAX 2048u

static void read_blob(struct package_rpm *rpm, uint32_t package, uint64_t at, bool *more)
{
	struct span bytes = rpm->subject->bytes;
	struct span head = span_sub(bytes, at, BLOB_HEAD);
	uint32_t size = span_u32le(head, 12);
	struct span header = span_sub(bytes, at + BLOB_HEAD, size);
	if (!span_starts(head, "BlbS", 4) || span_u32le(head, 4) != package || !header.p || size > RPM_HEADER_MAX) {
		rpm_damage(rpm, ERR_CORRUPT, at, "the header of package %u is not where its slot says", package);
		return;
	}
	arena_reset(rpm->scratch);
	*more = package_rpm_row(rpm, header, at);
}

void package_rpm_ndb(struct package_rpm *rpm)
{
	struct span bytes = rpm->subject->bytes;
	uint32_t pages = span_u32le(bytes, 12);
	if (pages == 0 || pages > SLOT_PAGES_MAX) {
		rpm_damage(rpm, ERR_CORRUPT, 12, "RPM's database names %u pages of slots", pages);
		return;
	}
	struct span slots = span_clip(bytes, 0, (uint64_t)pages * PAGE);
	if (slots.n < (uint64_t)pages * PAGE)
		rpm_damage(rpm, ERR_TRUNCATED, slots.n, "RPM's database ends within its slots");
	bool more = true;
	for (uint64_t at = HEAD; more && at + SLOT <= slots.n; at += SLOT) {
		uint32_t package = span_u32le(slots, at + 4);
		if (!span_has(slots, at, "Slot", 4))
			rpm_damage(rpm, ERR_CORRUPT, at, "no slot of RPM's database");
		else if (package)
			read_blob(rpm, package, (uint64_t)span_u32le(slots, at + 8) * BLOCK, &more);
	}
}
