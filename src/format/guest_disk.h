/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the images of virtual machines' disks share: the disk that a guest sees, put together when it is read from blocks that stand
 * anywhere in the image, or nowhere. */
#ifndef ASSAY_FORMAT_GUEST_DISK_H
#define ASSAY_FORMAT_GUEST_DISK_H

#include "format/format.h"

#define GUEST_SECTOR 512u
#define GUEST_HOLE UINT64_MAX /* place of what is not stored: it reads as zeros */

enum guest_state {
	GUEST_ZEROS,
	GUEST_STORED,
	GUEST_LOST, /* the table that tells is not there */
};

struct guest_disk {
	struct span bytes; /* the image */
	uint64_t size;     /* of the disk */
	uint32_t unit;     /* what a broken block costs, and what is asked for at once: a block, or an even part of it */
	/* Fills out[0..n), which is within one unit, with the disk's bytes from `at` on. False: they are not there, or do not unpack. */
	bool (*read)(const struct guest_disk *d, uint64_t at, uint8_t *out, size_t n);
	/* Whether the bytes from `at` on, which is a multiple of the unit, are stored, and in *n for how many that holds: one unit at least. */
	enum guest_state (*state)(const struct guest_disk *d, uint64_t at, uint64_t *n);
};

/* The unit for blocks of that size which are stored as they are. */
static inline uint32_t guest_disk_unit(uint64_t block)
{
	return block < 65536 || block % 65536 ? (uint32_t)block : 65536;
}

/* Bytes that stand in the image as they are, or zeros for a hole. */
bool guest_disk_copy(const struct guest_disk *d, uint64_t place, uint8_t *out, size_t n) MUST_USE;

/* Emits the disk. `d` lives in the walk's arena. */
void guest_disk_emit(const struct guest_disk *d, struct walk *w);

/* The same under another name than "disk", as a snapshot's. False: no more are wanted. */
bool guest_disk_emit_as(const struct guest_disk *d, struct walk *w, const char *name);

/* Which bytes of an image its header and tables lead to. A table that names a few blocks must not hide what is between them. */
struct guest_used {
	struct span bytes;
	uint64_t unit;
	uint32_t *begin; /* of each unit: parts that begin in it, less those that end before it */
	size_t n;
};

/* False: no memory. */
bool guest_used_new(struct guest_used *u, struct span bytes, struct arena *arena) MUST_USE;

/* Something leads to n bytes from `at` on; what lies beyond the image is cut off. Parts may overlap, in any order,
 * and cost the same whatever their size. All are to be added before the first guest_used_rest(). */
void guest_used_add(struct guest_used *u, uint64_t at, uint64_t n);

/* The next part of the image before `end` that nothing leads to, and which is more than padding. `from` is zero at first. */
struct guest_rest {
	size_t unit;
	uint32_t used;
	struct span bytes;
};
bool guest_used_rest(const struct guest_used *u, uint64_t end, struct guest_rest *from) MUST_USE;

/* Emits those parts, up to where the image ends. */
void guest_used_emit_rest(const struct guest_used *u, struct walk *w);

/* Notes where the image ends; damage where its bytes end before. */
void guest_disk_end(const struct guest_disk *d, struct walk *w, uint64_t end);

/* Says that what is not in this image is in another one, of that name. */
void guest_disk_needs(struct walk *w, uint64_t at, struct text name);

#endif
