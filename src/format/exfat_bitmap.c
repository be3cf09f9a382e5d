/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The allocation bitmap of exFAT: clusters that are in use and of which nothing tells show that entries are lost.
 *
 * Specification: Microsoft, "exFAT file system specification", 7.1.
 */
#include "format/fat.h"

#define BAD_CLUSTER 0xfffffff7u /* of the table: the cluster is not to be used, and marked as if it were in use */

void exfat_bitmap_found(struct fat *f, uint32_t first, uint64_t size)
{
	struct span bits = fat_has(f, first) ? span_clip(f->v.image, fat_place(f, first), size) : SPAN_NONE;
	if (bits.n >= (f->clusters + 7u) / 8 && !f->bitmap.p)
		f->bitmap = bits;
}

static void claim(struct fat *f, uint64_t cluster, uint64_t n)
{
	for (; n && cluster < f->clusters && f->claims; n--, cluster++, f->claims--)
		f->claimed[cluster / 8] |= (uint8_t)(1u << cluster % 8);
}

void exfat_claim_at(struct fat *f, uint32_t first, uint64_t size)
{
	if (fat_has(f, first))
		claim(f, first - FAT_FIRST_CLUSTER, (size + f->cluster_size - 1) / f->cluster_size);
}

void exfat_claim_runs(struct fat *f, uint64_t size)
{
	for (size_t i = 0; i < f->v.nscratch; i++) {
		const struct run *run = &f->v.scratch[i];
		uint64_t end = i + 1 < f->v.nscratch ? run[1].at : size;
		if (run->place != RUN_HOLE && run->place >= f->heap && end > run->at)
			claim(f, (run->place - f->heap) / f->cluster_size, (end - run->at + f->cluster_size - 1) / f->cluster_size);
	}
}

static bool is_lost(const struct fat *f, uint32_t i)
{
	return (f->bitmap.p[i / 8] & ~f->claimed[i / 8]) >> i % 8 & 1 &&
		   span_u32le(f->tables[0], 4 * ((uint64_t)i + FAT_FIRST_CLUSTER)) != BAD_CLUSTER;
}

void exfat_tell_lost(struct fat *f)
{
	uint32_t lost = 0, first = 0;
	if (f->v.stopped || !f->claims)
		return;
	if (!f->bitmap.p)
		volume_damage(&f->v, ERR_CORRUPT, OFFSET_NONE, "the allocation bitmap can not be read: whether entries are lost is not known");
	for (uint32_t i = 0; i < f->clusters && f->bitmap.p; i++)
		if (is_lost(f, i))
			first = lost++ ? first : i + FAT_FIRST_CLUSTER;
	if (lost)
		volume_damage(&f->v, ERR_CORRUPT, fat_place(f, first), "%u clusters that are in use have no name: entries of directories are lost",
					  lost);
}
