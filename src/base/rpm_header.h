/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header structure of RPM: tags with their values, as in packages and as in the databases of what is installed.
 *
 * Specification: RPM reference manual, "Header format"; Linux Standard Base, "Package File Format", 4 "Header".
 */
#ifndef ASSAY_BASE_RPM_HEADER_H
#define ASSAY_BASE_RPM_HEADER_H

#include "base/span.h"

/* The types of values that are read here. */
enum {
	RPM_TYPE_INT32 = 4,
	RPM_TYPE_INT64 = 5,
	RPM_TYPE_STRING = 6,
	RPM_TYPE_BIN = 7,
	RPM_TYPE_STRINGS = 8,
	RPM_TYPE_I18N = 9,
};

struct rpm_header {
	struct span entries; /* of 16 bytes: tag, type, offset, count, all big-endian */
	struct span store;   /* the values */
	uint64_t at, end;    /* of the whole in the bytes that it was read from, the two counts included */
};

/* Reads the two counts at `at`, and takes what stands behind them as far as it is there: a header that is cut off has the
 * tags that it still has. False when there is no header: counts of nothing, or of more than any package has. A package
 * puts eight bytes of magic before the counts, a database does not: they are the caller's. */
bool rpm_header_read(struct span bytes, uint64_t at, struct rpm_header *h);

/* What stands under a tag, up to the end of the store, its type in `type`, and in `at` its place in the bytes that the
 * header was read from; SPAN_NONE when the tag is not there. */
struct span rpm_tag(const struct rpm_header *h, uint32_t tag, uint32_t *type, uint64_t *at);

/* All bytes under a tag, SPAN_NONE when it is not there whole, or is of another type; `at` as above. */
struct span rpm_tag_bytes(const struct rpm_header *h, uint32_t tag, uint64_t *at);

/* The first string under a tag, TEXT_NONE when it is not there or is no string; `at` as above, and may be NULL. */
struct text rpm_tag_text(const struct rpm_header *h, uint32_t tag, uint64_t *at);

/* The first number under a tag; false when it is not there or is none. */
bool rpm_tag_number(const struct rpm_header *h, uint32_t tag, uint64_t *number);

#endif
