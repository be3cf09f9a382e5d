/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All patterns of all formats and inspectors, as one Vectorscan database; and those of the formats alone, as another. */
#ifndef ASSAY_PROBE_PATTERN_SET_H
#define ASSAY_PROBE_PATTERN_SET_H

#include <hs/hs.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "inspect/inspect.h"

/* Where a pattern of the database comes from; the index in the list is its Vectorscan id. */
struct pattern_origin {
	bool is_format;
	uint16_t owner;   /* index in format_registry or inspector_registry */
	uint32_t index;   /* in the owner's magics or patterns */
	uint32_t length;  /* of a literal; 0 for a regular expression */
	uint32_t behind;  /* zeros at a literal's end that are left out of the database: who gets a match looks whether they follow it */
	uint32_t offset;  /* of a magic within its format */
};

struct pattern_set {
	struct pattern_origin *origins;
	size_t n;
	uint32_t longest;     /* literal */
	uint64_t fingerprint; /* of all patterns with their flags: tells whether a compiled database belongs to them */
};

/* The pattern in Vectorscan's syntax (a literal has every byte as \xHH), to be freed by the caller; NULL when out of memory. */
char *pattern_expression(const struct pattern *pattern) MUST_USE;
/* The flags (HS_FLAG_...) that it is compiled with. */
unsigned pattern_hs_flags(const struct pattern *pattern);

/* Whose patterns: where nothing is inspected (what is taken apart is only written), looking for those of inspectors takes several times as
 * long as looking for formats. */
enum pattern_scope { PATTERNS_ALL, PATTERNS_OF_FORMATS };

/* Lists the patterns of both registries, those of formats first; the caller frees `origins`. */
struct error pattern_set_list(struct pattern_set *set, enum pattern_scope scope) MUST_USE;

/* Compiles the database for `platform` (NULL: this processor). The caller frees it with hs_free_database(). */
struct error pattern_set_compile(const struct pattern_set *set, const hs_platform_info_t *platform, hs_database_t **db) MUST_USE;

#endif
