/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of the feed database; feed.h tells what they mean. */
#ifndef ASSAY_FEED_SCHEMA_H
#define ASSAY_FEED_SCHEMA_H

extern const char feed_schema[];

#endif
