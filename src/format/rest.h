/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of an archive that no entry of it takes. A list of entries that leaves some out must not hide them: they are shown as
 * regions, and so looked at. */
#ifndef ASSAY_FORMAT_REST_H
#define ASSAY_FORMAT_REST_H

#include "format/format.h"

struct rest_taken;

struct rest {
	struct arena *arena;
	struct rest_taken *taken;
	size_t n, room;
	bool lost;          /* there was no memory to note all that is taken */
	const char *prefix; /* of the names of what is left of bytes that are unpacked; NULL: they stand in the archive as they are */
};

/* Notes that `size` bytes from `at` on are taken: by an entry with its header, or by what the archive itself consists of. */
void rest_take(struct rest *r, uint64_t at, uint64_t size);

/* Emits what is left of `bytes`, but for what is shorter than a header of some kind and for padding. */
void rest_emit(struct rest *r, struct span bytes, struct walk *w);

#endif
