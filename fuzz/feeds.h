/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz targets of the importers of feeds: "feed:nvd-2.0", and "feed:any" for what is known by its content, packed or not. */
#ifndef ASSAY_FUZZ_FEEDS_H
#define ASSAY_FUZZ_FEEDS_H

#include <stdbool.h>

#include "base/span.h"

bool feed_target_choose(const char *name);
void feed_target_run(struct span bytes);
/* Prints "feed:NAME" for each. */
void feed_target_list(void);

/* Readers beside the importers. */
void feed_run_rows(struct span bytes);
void feed_run_links(struct span bytes);

#endif
