/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch: everything that was found in one blob, as one message from a worker to its parent.
 *
 * A batch is whole or absent, which makes it the unit of resumption: a blob whose batch arrived is done. Blobs are
 * named by keys that depend only on their place in the tree, so that they are the same in every run.
 */
#ifndef ASSAY_FACT_BATCH_H
#define ASSAY_FACT_BATCH_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/span.h"
#include "fact/fact.h"

#define BATCH_ROOT_KEY 1u /* the input itself */
#define BATCH_NO_PARENT 0u

enum batch_flags {
	BATCH_HAS_CHILDREN = 1 << 0, /* on resumption its children must be enumerated again */
};

struct batch_header {
	uint64_t key;
	uint64_t parent;  /* BATCH_NO_PARENT for the input */
	uint32_t ordinal; /* position among the parent's children */
	uint32_t flags;
};

/* The key of a child. */
uint64_t batch_child_key(uint64_t parent, uint32_t ordinal);

/* Limits that a parent enforces on what a worker says. */
#define BATCH_MAX_BYTES (64u << 20)
#define BATCH_MAX_ROWS 1000000u

/* Builds a batch in `out` (emptied first): begin, then rows, the first of them a FACT_blob, then finish. */
enum error_code batch_begin(struct buf *out) MUST_USE;
enum error_code batch_add(struct buf *out, enum fact_type type, const void *row) MUST_USE;
enum error_code batch_finish(struct buf *out, const struct batch_header *header) MUST_USE;

/* Reads the header of a batch; false when the bytes are not a batch. */
bool batch_header_read(struct span batch, struct batch_header *header) MUST_USE;

/* Calls take() for each row, decoded into a union large enough for any; false when the batch is malformed or take()
 * gives false. A compromised worker may have written it: every length and type is checked, the first row is the only
 * FACT_blob, an excerpt lies within that blob, and no row is taken before all are checked. */
bool batch_read(struct span batch, bool (*take)(void *context, enum fact_type type, const void *row), void *context) MUST_USE;

/* The same for rows without a header, FACT_blob or not, of which those before a malformed one are taken. */
bool batch_rows(struct span rows, bool (*take)(void *context, enum fact_type type, const void *row), void *context) MUST_USE;

#endif
