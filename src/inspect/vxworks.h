/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The symbol table that VxWorks images have for the shell and the loader (INCLUDE_STANDALONE_SYM_TBL). */
#ifndef ASSAY_INSPECT_VXWORKS_H
#define ASSAY_INSPECT_VXWORKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct vxworks_table {
	uint64_t at;       /* where it begins */
	uint32_t symbols;
	unsigned entry;    /* bytes of one */
	unsigned width;    /* of an address */
	bool big;
	uint64_t base;     /* the address of the image's first byte */
};

struct vxworks_symbol {
	struct text name;
	uint64_t value;
	bool function;
};

/* Finds the table whose names include the string at `name`. The names prove it: addresses lead to them, all from one base. *over: the
 * search ended before all that look like one were tried. */
bool vxworks_find(struct span image, uint64_t name, struct vxworks_table *t, bool *over);

/* The i-th symbol; its name is TEXT_NONE where it does not lie in the image. */
struct vxworks_symbol vxworks_symbol_at(struct span image, const struct vxworks_table *t, uint32_t i);

#endif
