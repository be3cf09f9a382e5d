/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Split zip archives whose parts lie side by side in a folder: NAME.z01, NAME.z02 and so on, and NAME.zip, the last one. */
#ifndef ASSAY_FORMAT_DIRECTORY_PARTS_H
#define ASSAY_FORMAT_DIRECTORY_PARTS_H

#include "format/volume.h"

struct directory_part {
	struct text path;
	struct span content;
	unsigned set; /* of the last part of a set that is whole: how many parts it has; of the others 1; 0: of none */
};

struct directory_parts {
	struct arena *arena;
	struct directory_part *v; /* by path, once they are settled */
	size_t n, cap;
	bool full; /* there was no memory for more: those are not joined */
};

/* Notes a file, if its name is one of a part. */
void directory_parts_note(struct directory_parts *parts, struct text path, struct span content);
/* Finds the sets that are whole: all have been noted. */
void directory_parts_settle(struct directory_parts *parts);
/* The file of that path when it is one of a set; NULL when it is not. */
const struct directory_part *directory_part_of(const struct directory_parts *parts, struct text path);
/* Shows the archive that the set of a last part is. */
void directory_parts_show(const struct directory_parts *parts, const struct directory_part *last, struct volume *v);

#endif
