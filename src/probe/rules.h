/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own YARA rules, run over each blob.
 *
 * They are compiled by the parent, before the worker is forked, so that an error in them is told at once; the worker
 * scans with them, confined as it is. Compiled rule files are not taken: they are code for YARA's own machine, which
 * checks none of it.
 */
#ifndef ASSAY_PROBE_RULES_H
#define ASSAY_PROBE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"
#include "fact/fact.h"

struct rules;      /* compiled; read-only, shared by all threads */
struct rules_lane; /* one thread's state */

/* Compiles the files. Each is a namespace of its own, named like it. They may include files of their own folder and of the
 * folders below. NULL and *error on failure; *bad is then the file that was named. */
struct rules *rules_compile(const char *const *paths, size_t n, const char **bad, struct error *error) MUST_USE;
void rules_free(struct rules *rules);

/* The SHA-256 of everything that was read for file `i`, and how many rules came of it. */
const char *rules_digest(const struct rules *rules, size_t i);
unsigned rules_count(const struct rules *rules, size_t i);

/* NULL when out of memory. `seconds`: how long one blob may take. */
struct rules_lane *rules_lane_new(const struct rules *rules, unsigned seconds) MUST_USE;
void rules_lane_free(struct rules_lane *lane);

/* Emits rows of `rule_match`, and damage where the scan did not come to its end. `format` is what the blob was recognised
 * as. */
void rules_scan(struct rules_lane *lane, struct text path, const char *format, struct span bytes, struct sink *sink);

#endif
