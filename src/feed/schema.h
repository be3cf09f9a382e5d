/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the feed database; feed.h tells what they mean. */
#ifndef ASSAY_FEED_SCHEMA_H
#define ASSAY_FEED_SCHEMA_H

extern const char feed_schema[];

/* What version 2 adds to a database of version 1; a new one gets it, too. */
extern const char feed_schema_2[];
/* The same of version 3, to one of version 1 or 2. */
extern const char feed_schema_3[];
/* What the importers of version 3 read of records that are there already is not in them: they are to be taken anew. */
extern const char feed_schema_anew[];

#endif
