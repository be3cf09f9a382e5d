/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums of mutated inputs, computed anew. What lies behind a CRC is reached by no mutation that breaks it: the parser says
 * "damage" and turns away. So the checksums that a target computes are listed, for an input and for what a mutation made of it;
 * where one has changed, the old value in the mutated bytes gives way to the new one. No format has to be known for that: the
 * checksum functions are wrapped by the linker (--wrap, in meson.build). */
#ifndef ASSAY_FUZZ_REPAIR_H
#define ASSAY_FUZZ_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define CHECKSUMS_MAX 4096u
#define CHECKSUM_SIZE_MAX 64u

struct checksum {
	uint8_t value[CHECKSUM_SIZE_MAX];
	uint8_t size; /* 2: CRC-16; 4: CRC-32, CRC-32C, sums; longer ones are digests */
	size_t covered;
	uint64_t at;  /* of the first byte covered, in the input; UINT64_MAX: it is elsewhere */
};

struct checksum_list {
	struct checksum v[CHECKSUMS_MAX]; /* in the order in which they were computed; further ones are left out */
	size_t n;
};

/* Runs the chosen target on the input and lists the checksums that it computes. */
void repair_list(struct checksum_list *list, struct span input);

/* Puts into bytes[0 .. n) the checksums that are not the same in `after` (the list of these bytes) as in `before` (the list of
 * what they were made from). False when there was nothing to put: no further round helps. */
bool repair_bytes(uint8_t *bytes, size_t n, const struct checksum_list *before, const struct checksum_list *after);

/* All rounds: a checksum that covers another one fits only after that. `bytes` were made from what `before` lists. Each round runs
 * the target on what they are by then, and calls `keep`, which may be NULL, with that before: a run may be the last thing it does. */
void repair_all(uint8_t *bytes, size_t n, const struct checksum_list *before, void (*keep)(const uint8_t *bytes, size_t n));

#endif
