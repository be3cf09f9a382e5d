/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of UBI share: its headers, the list of its logical erase blocks. Not for other formats.
 *
 * Specification: Linux drivers/mtd/ubi/ubi-media.h. All numbers are big-endian.
 */
#ifndef ASSAY_FORMAT_UBI_IMAGE_H
#define ASSAY_FORMAT_UBI_IMAGE_H

#include "format/format.h"

#define UBI_HEADER_SIZE 64u
#define UBI_VOLUMES_MAX 128u
#define UBI_NAME_MAX 127u
#define UBI_INTERNAL_VOLUMES (0x7fffffffu - 4096) /* volumes from this number on are UBI's own */
#define UBI_LAYOUT_VOLUME UBI_INTERNAL_VOLUMES
#define UBI_LAYOUT_BLOCKS 2u
#define UBI_DYNAMIC 1u
#define UBI_STATIC 2u
#define UBI_AUTORESIZE 1u

/* Erase counter header. */
struct ubi_ec {
	uint8_t version;
	uint64_t count;
	uint32_t vid_offset, data_offset, image_seq;
};

/* Volume identifier header: which logical erase block (LEB) of which volume a physical one (PEB) holds. */
struct ubi_vid {
	uint8_t type, copy, compat;
	uint32_t volume, lnum;
	uint32_t data_size, used_blocks, data_pad, data_crc;
	uint64_t sqnum;
};

struct ubi_geometry {
	uint32_t peb_size; /* 0: there is one PEB only, whose size nothing tells */
	struct ubi_ec ec;  /* as in the PEBs that belong to the image */
};

struct ubi_leb {
	struct ubi_vid vid;
	uint64_t at;  /* of its data in the image */
	uint32_t peb; /* the number of the block that holds it */
};

struct ubi_record {
	bool exists;
	uint8_t type, update_marker, flags;
	uint32_t reserved_blocks, alignment, data_pad;
	struct text name;
	uint64_t at; /* in the image */
};

/* An image that is being walked. */
struct ubi {
	struct span image;
	struct walk *walk;
	struct ubi_geometry geometry;
	uint32_t pebs;
	struct ubi_leb *lebs; /* by volume and number, each one once */
	size_t nlebs;
	struct ubi_record records[UBI_VOLUMES_MAX];
	unsigned nrecords; /* how many the table has room for; 0: there is no table */
	bool complete;     /* it has as many PEBs as its volumes reserve: a dump of the whole flash */
	unsigned damages;
};

/* The headers of an eraseblock; false: the magic or the CRC is wrong. */
bool ubi_ec_read(struct span bytes, uint64_t at, struct ubi_ec *ec);
bool ubi_vid_read(struct span bytes, uint64_t at, struct ubi_vid *vid);

/* Where the PEB begins that is due at a place: there, or near by, when bytes are missing or too many before it. */
uint64_t ubi_peb_place(struct span bytes, const struct ubi_geometry *g, uint64_t at);

/* The first damages are reported one by one, the others counted. */
#define ubi_damage(u, ...) emit_damage_capped((u)->walk->sink, &(u)->damages, __VA_ARGS__)

/* How many bytes of data a block of a volume holds. */
static inline uint32_t ubi_leb_size(const struct ubi *u, uint32_t data_pad)
{
	uint32_t room = u->geometry.peb_size - u->geometry.ec.data_offset;
	return data_pad < room ? room - data_pad : 0;
}

/* The first bytes of a block's data; less than asked for where it has no more, and at the end of a truncated image. */
static inline struct span ubi_leb_data(const struct ubi *u, const struct ubi_leb *leb, uint32_t n)
{
	uint32_t room = ubi_leb_size(u, 0);
	return span_clip(u->image, leb->at, n < room ? n : room);
}

/* The blocks [*first, *first + result) of u->lebs that belong to a volume. */
size_t ubi_lebs_of(const struct ubi *u, uint32_t volume, size_t *first);

/* Finds all blocks and decides between those that claim the same place. */
struct error ubi_attach(struct ubi *u) MUST_USE;

/* Reads the volume table. */
void ubi_read_table(struct ubi *u);

/* Shows the volumes to the visitor. */
struct error ubi_emit_volumes(struct ubi *u) MUST_USE;

#endif
