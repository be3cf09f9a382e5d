/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text that describes a volume group of LVM2, read from front to back. */
#ifndef ASSAY_FORMAT_LVM2_H
#define ASSAY_FORMAT_LVM2_H

#include "format/format.h"

#define LVM_DEPTH 8u                 /* of sections within each other */
#define LVM_STRIPES 128u             /* the most that LVM makes */
#define LVM_VALUES (2 * LVM_STRIPES) /* of a list that are kept: a name and a number for each stripe */

/* What comes next: a section opens or closes, a key has a value. */
enum lvm_event { LVM_OPEN, LVM_CLOSE, LVM_VALUE, LVM_END, LVM_BROKEN };

struct lvm_text {
	struct span text;
	size_t at;
	struct text path[LVM_DEPTH]; /* the sections that are open; of LVM_CLOSE still with the one that closes */
	unsigned depth;
	struct text key;
	struct text values[LVM_VALUES];
	unsigned nvalues;
	bool closing;
};

enum lvm_event lvm_next(struct lvm_text *t);

/* A value as a number; false when it is none. */
bool lvm_number(struct text value, uint64_t *number) MUST_USE;

#endif
