/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads an archive with one of libarchive's formats. */
#ifndef ASSAY_FORMAT_ARCHIVE_H
#define ASSAY_FORMAT_ARCHIVE_H

#include <archive.h>

#include "format/format.h"

#define ARCHIVE_JAPANESE "CP932"
/* One in which any bytes are text: names come out as they are written. */
#define ARCHIVE_AS_WRITTEN "ISO-8859-1"

/* What a format knows that libarchive does not. All may be absent. */
struct archive_help {
	const char *format, *charset; /* the encoding of names that say none, as libarchive's option hdrcharset takes it: one of these */
	/* Unpacks the entry of that number, from 1 on, whose method libarchive does not know. ERR_UNSUPPORTED: nor is it known here. */
	struct error (*unpack)(void *context, unsigned number, struct buf *out);
	void *context;
	bool tells_end; /* where the last entry ends the archive ends */
};

/* From memory, with no filter and so no external program. All entries are unpacked, within a limit. */
struct error archive_walk(struct span bytes, struct walk *w, int (*enable)(struct archive *));
/* The same with what libarchive alone does not tell, or tells wrong. */
struct error archive_walk_helped(struct span bytes, struct walk *w, int (*enable)(struct archive *), const struct archive_help *help);

/* The locale of the names, which walks use, and the conversions; to be called where files can still be opened. */
void archive_prepare(void);
/* Whether names in that encoding can be converted: iconv(3) may not be installed whole. */
bool archive_can_convert(const char *charset);

#endif
