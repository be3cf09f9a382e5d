/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents of archives whose entries can only be unpacked together, and are during the walk. */
#ifndef ASSAY_FORMAT_UNPACKED_H
#define ASSAY_FORMAT_UNPACKED_H

#include "format/format.h"

/* What came out for one entry, and why no more did. The bytes live as long as the walk's arena. */
struct unpacked {
	struct span bytes;
	struct error error;
};

/* The content of the entry; `u` has to live as long. Its size is that of the bytes where nothing is missing: then it is a span. */
void unpacked_content(struct entry *e, const struct unpacked *u);

#endif
