/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an update has to know of a downloaded document (feed/links.h), read where it can do no harm. */
#ifndef ASSAY_CLI_FEED_LINKS_H
#define ASSAY_CLI_FEED_LINKS_H

#include "feed/links.h"

/* Reads a downloaded document in a confined process of its own and gives its lines, at most `max`. */
struct error feed_links(const char *path, enum links_kind kind, bool without_landlock, size_t max, links_line line,
						void *to) MUST_USE;

#endif
