/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sparse extent of VMware while it is read: its header, where its grains are, what of the file they take. */
#ifndef ASSAY_FORMAT_VMDK_IMAGE_H
#define ASSAY_FORMAT_VMDK_IMAGE_H

#include "format/guest_disk.h"
#include "format/vmdk.h"

#define VMDK_HEADER_SIZE 512u
#define VMDK_FLAG_NEWLINES 1u
#define VMDK_FLAG_REDUNDANT 2u
#define VMDK_FLAG_ZEROED 4u
#define VMDK_FLAG_COMPRESSED (1u << 16)
#define VMDK_FLAG_MARKERS (1u << 17)
#define VMDK_FLAGS (VMDK_FLAG_NEWLINES | VMDK_FLAG_REDUNDANT | VMDK_FLAG_ZEROED | VMDK_FLAG_COMPRESSED | VMDK_FLAG_MARKERS)
#define VMDK_DIRECTORY_AT_END UINT64_MAX
#define VMDK_MARKER_SIZE 12u /* of a grain: its first sector, and how many bytes follow */
#define VMDK_SECTORS_MAX (UINT64_MAX >> 16)

/* A grain of a stream. */
struct vmdk_grain {
	uint64_t number, at;
};

struct vmdk {
	struct guest_disk disk; /* first */
	bool cowd;
	uint32_t version, flags, per_table;
	uint64_t sectors, grain, directory, redundant, overhead, text_at, text_n;
	bool unclean;
	unsigned compression;
	uint64_t footer, stream_end; /* of a stream: as its markers tell; 0: they do not */
	struct vmdk_grain *grains; /* of a stream without a directory */
	size_t ngrains;
};

/* a / b, rounded up. */
static inline uint64_t vmdk_ceil_div(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

/* How many grain tables the disk has. */
static inline uint64_t vmdk_tables(const struct vmdk *v)
{
	return vmdk_ceil_div(v->sectors, v->grain * v->per_table);
}

/* vmdk_image.c: reads the header of either kind; `v` is then a disk whose grains can be read, but for those of a stream. False: it is
 * none, or says what can not be. */
bool vmdk_read(struct span bytes, struct vmdk *v) MUST_USE;

/* Finds the directory of a stream (v->directory is VMDK_DIRECTORY_AT_END before), or its grains one by one where that is lost, which is
 * damage. ERR_BUDGET: no memory for these. */
struct error vmdk_stream_open(struct vmdk *v, struct walk *w) MUST_USE;

/* What the disk has at `at` (guest_disk.state). Asked only of images whose tables do not overlap. */
enum guest_state vmdk_part_state(const struct guest_disk *d, uint64_t at, uint64_t *n);

/* vmdk_used.c: notes all bytes of the file that header, tables and grains take; gives where the last of them ends. Damage where the tables
 * can not be right; where they can be, v->disk.state is set. */
uint64_t vmdk_used(struct vmdk *v, struct guest_used *used, struct walk *w);

/* Whether the file has bytes that do not come into the disk; so it is, too, where that can not be told. */
bool vmdk_has_rest(const struct vmdk *v);

#endif
