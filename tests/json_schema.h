/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Validates JSON against the part of JSON Schema 2020-12 that docs/report.schema.json uses: $ref, type, const, enum,
 * minimum, items, properties, required, additionalProperties. A keyword beyond these fails: nothing goes unchecked. */
#ifndef ASSAY_TESTS_JSON_SCHEMA_H
#define ASSAY_TESTS_JSON_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

/* False when it does not match; *why is where and what, in `room`. */
bool json_schema_matches(json_t *schema, json_t *value, char *why, size_t room);

#endif
