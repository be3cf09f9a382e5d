/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes volumes of HFS+ after Apple's Technical Note TN1150. */
#ifndef ASSAY_TESTS_HFSPLUS_WRITER_H
#define ASSAY_TESTS_HFSPLUS_WRITER_H

#include <stdbool.h>

#include "base/span.h"

struct hfsplus_file {
	uint32_t id, parent;
	const char *name;  /* ASCII and two-byte UTF-8; '\1' stands for NUL */
	bool directory;
	uint32_t mode, uid, gid, special, type, creator, mtime;
	uint8_t flags;     /* of the owner */
	struct span data, resource, packed; /* packed: the attribute com.apple.decmpfs */
};

struct hfsplus_options {
	uint32_t block;
	bool fragmented;     /* each second block alone */
	bool case_sensitive; /* HFSX */
	uint32_t attributes, journal_start, journal_end; /* a journal where both are not 0 */
};

/* Memory to be freed. */
uint8_t *hfsplus_write(const struct hfsplus_file *files, size_t nfiles, const struct hfsplus_options *o, size_t *n);

#endif
