/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads an archive with one of libarchive's formats. */
#ifndef ASSAY_FORMAT_ARCHIVE_H
#define ASSAY_FORMAT_ARCHIVE_H

#include <archive.h>

#include "format/format.h"

/* From memory, with no filter and so no external program. All entries are unpacked, within a limit. */
struct error archive_walk(struct span bytes, struct walk *w, int (*enable)(struct archive *));

/* The locale of the names, which walks use; to be called where files can still be opened. */
void archive_prepare(void);

#endif
