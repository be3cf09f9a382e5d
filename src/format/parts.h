/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a container that lie contiguous in it, as its header says: emitted with what is wrong about them. */
#ifndef ASSAY_FORMAT_PARTS_H
#define ASSAY_FORMAT_PARTS_H

#include "format/format.h"

struct parts {
	struct span bytes;
	struct walk *w;
	uint64_t claimed; /* bytes of all parts so far: they may overlap, which must not multiply the work */
	bool stopped;     /* by the visitor, or because they claim too much */
};

/* Emits the region. Damage is reported where it is cut off. False when no more are wanted. */
bool parts_emit(struct parts *p, struct text name, uint64_t at, uint64_t size, const char *format);

/* Whether no more are wanted because of n bytes more; damage is reported then. For contents that parts_emit() can
 * not. */
bool parts_claim(struct parts *p, uint64_t at, uint64_t n);

#endif
