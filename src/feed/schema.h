/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the feed database; feed.h tells what they mean. */
#ifndef ASSAY_FEED_SCHEMA_H
#define ASSAY_FEED_SCHEMA_H

extern const char feed_schema[];

/* What version 2 adds to a database of version 1; a new one gets it, too. */
extern const char feed_schema_2[];

#endif
