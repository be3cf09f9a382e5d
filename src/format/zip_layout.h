/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts of a zip archive are. Specification: PKWARE APPNOTE.TXT 6.3.10, 4.3. */
#ifndef ASSAY_FORMAT_ZIP_LAYOUT_H
#define ASSAY_FORMAT_ZIP_LAYOUT_H

#include "format/zip.h"

#define ZIP_LOCAL_SIZE 30u /* of a local header, without its name and extra field */
#define ZIP_END_SIZE 22u   /* of the record of the end, without its comment */

struct zip_layout {
	uint64_t locals_end;           /* behind the last entry that the local headers lead to */
	uint64_t central, central_end; /* 0: not found */
	uint64_t end;
	uint64_t record; /* of the end */
	bool whole;      /* it was found */
	unsigned disk;   /* its number, from 0 on: of a split archive it is the last part, which is not 0 */
	int64_t shift;   /* what the central directory's offsets lack, for archives with something before them */
};

/* The local entry at `at` with its sizes; false when there is none, or when its end is not found (then *open). */
bool zip_local_next(struct span bytes, uint64_t at, struct zip_entry *z, bool *open) MUST_USE;

/* A split archive begins with a marker, 8.5.4 and 8.5.5 of APPNOTE.TXT: the second kind stands where one part was enough. */
bool zip_is_split(struct span bytes);

/* Where the first local header is expected: behind the marker of a split archive, or at the beginning. */
uint64_t zip_first_local(struct span bytes);

/* Whether an archive may begin with that entry: nothing else is looked for behind one that has no name. A name with a NUL is code or a
 * table of a program that reads archives, but may be damage or a disguise, too: then another header stands where it leads. */
bool zip_may_be_first(struct span bytes, const struct zip_entry *z);

/* The signing block of an Android package at `at`: its size, pairs, its size again, a magic. Where it ends, or 0. */
uint64_t zip_signing_block_end(struct span bytes, uint64_t at);

/* Finds the central directory: behind the entries that the local headers lead to, or by the record of the end. l->central is 0 where none
 * is found; l->end is then behind all that was searched. */
void zip_layout_find(struct span bytes, struct zip_layout *l);

#endif
