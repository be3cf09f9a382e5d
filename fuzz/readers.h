/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzz targets of what reads whole documents and is in no registry: "reader:json". */
#ifndef ASSAY_FUZZ_READERS_H
#define ASSAY_FUZZ_READERS_H

#include "base/span.h"

struct reader_target {
	const char *name; /* without "reader:" */
	void (*run)(struct span bytes);
};

/* Ends with a row without a name. */
extern const struct reader_target reader_targets[];

/* NULL when there is none. */
const struct reader_target *reader_target_find(const char *name);

#endif
