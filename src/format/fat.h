/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clusters and the table that chains them: what FAT12, FAT16, FAT32 and exFAT share. */
#ifndef ASSAY_FORMAT_FAT_H
#define ASSAY_FORMAT_FAT_H

#include "format/volume.h"

#define FAT_FIRST_CLUSTER 2u
#define FAT_CHAIN_END UINT32_MAX /* what fat_next() gives behind the last cluster */
#define FAT_CHAIN_BROKEN 0u

struct fat {
	struct volume v;
	struct span tables[2]; /* the active one, and the other one (empty when there is none) */
	bool differ;           /* the tables do */
	uint64_t comparing;    /* then: entries that may yet be read to tell by which of them a chain is whole */
	unsigned bits;         /* of an entry: 12, 16, 28 (in 32), 32 (exFAT) */
	uint32_t clusters;     /* their numbers are 2 .. clusters + 1 */
	uint32_t cluster_size;
	uint64_t heap;        /* where cluster 2 lies */
	uint8_t *used;        /* a bit for each cluster that the table tells of: of an earlier chain */
	uint32_t nused;       /* clusters that the bits stand for */
	uint8_t *directories; /* likewise: of a directory */
	uint64_t again,
		allowed;   /* clusters of chains that were of an earlier one already, and how many of them are followed */
	bool crossed;  /* that was reported */
	/* exFAT: */
	uint64_t work;       /* bytes of directories that may still be read */
	struct span bitmap;  /* of the clusters in use; empty: not found */
	uint8_t *claimed;    /* a bit for each cluster of which something tells */
	uint32_t sets_tried; /* behind what ends directories */
	uint64_t claims;     /* how many more may be marked; 0: files overlap so much that they are not counted */
};

/* Prepares the marks once the geometry is set. False when the arena is exhausted. */
bool fat_init(struct fat *f) MUST_USE;

/* Whether it is the number of a cluster of the heap: from 2 on. */
static inline bool fat_has(const struct fat *f, uint32_t cluster)
{
	return cluster >= FAT_FIRST_CLUSTER && cluster - FAT_FIRST_CLUSTER < f->clusters;
}

/* Where the cluster begins in the image; for one that fat_has() knows. */
static inline uint64_t fat_place(const struct fat *f, uint32_t cluster)
{
	return f->heap + (uint64_t)(cluster - FAT_FIRST_CLUSTER) * f->cluster_size;
}

/* What follows the cluster: by the active table, or the other one where that makes no sense. */
uint32_t fat_next(const struct fat *f, uint32_t cluster);

/* Collects the runs of the chain from `first` on, up to `size` bytes (UINT64_MAX: to the end of the chain). Gives the bytes
 * that it holds; less than asked for when the chain breaks, which is reported as damage of `what` at `offset`. */
uint64_t fat_chain(struct fat *f, uint32_t first, uint64_t size, const char *what, uint64_t offset);

/* How many chains of the table no file and no directory has that was read: by their first clusters, which no other one leads to. What is
 * allocated behind the end of a file is the file's. *first is one of them. */
uint32_t fat_lost_chains(const struct fat *f, uint32_t *first);

/* Whether a chain that was followed has the cluster. */
bool fat_is_used(const struct fat *f, uint32_t cluster);

/* Notes that the directory at the cluster is entered. False when it was before. */
bool fat_enter(struct fat *f, uint32_t cluster);

/* exFAT: where the allocation bitmap stands. */
void exfat_bitmap_found(struct fat *f, uint32_t first, uint64_t size);
/* Marks clusters as told of: contiguous ones; those of the collected runs. */
void exfat_claim_at(struct fat *f, uint32_t first, uint64_t size);
void exfat_claim_runs(struct fat *f, uint64_t size);
/* After the walk: tells of clusters in use that were not marked. */
void exfat_tell_lost(struct fat *f);

#endif
