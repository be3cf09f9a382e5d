/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What importers of lines share. */
#ifndef ASSAY_FEED_LINES_H
#define ASSAY_FEED_LINES_H

#include "feed/importer.h"

/* The next field of a line, which it takes off; TEXT_NONE at the end. */
struct text line_field(struct text *line, char separator);

/* An error at a line; the first one of a run stays. */
void line_fault(struct feed_run *run, uint64_t number, const char *words);

/* A name of the form CVE-2019-1234. */
bool feed_is_cve(struct text name);

#endif
