/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hundreds of short byte strings, found in one pass over bytes that look random: what is compressed or encrypted. A q-gram filter (Wu and
 * Manber, "A fast algorithm for multi-pattern searching", TR-94-17, University of Arizona, 1994; Navarro and Raffinot, "Flexible Pattern
 * Matching in Strings", 2002, chapter 3): a table says of each two bytes (q = 2) whether some string holds them, and only there strings are
 * compared.
 *
 * Theirs skips as far as the last two bytes allow. With hundreds of strings, most of them of four bytes, that is never far, and each step
 * waits for the one before. Here every third place is looked at, and no step waits: a string of four bytes has, wherever it stands, two that
 * begin at such a place. Shorter ones, and those of which any two bytes are many others' as well, are found by their first three bytes at any
 * place, which shuffles of vectors tell ("Teddy", of Hyperscan; Langdale and others). In texts and programs, where two bytes of some string
 * are met everywhere, it is slower than Hyperscan is: there it stops. */
#ifndef ASSAY_BASE_LITERALS_H
#define ASSAY_BASE_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/span.h"

/* With how many strings one place is compared at most by either way, whatever the bytes are. */
#define LITERALS_BESIDE_MAX 16u

struct literals; /* read-only once made: shared by threads */

/* The strings, which must outlive it: each has 2 bytes or more, and its index is what it is told by. NULL and *error on failure, which is
 * also when more than LITERALS_BESIDE_MAX of them would have to be compared at one place. */
struct literals *literals_new(const struct span *strings, size_t n, struct error *error) MUST_USE;
void literals_free(struct literals *literals);

/* Who is told of each occurrence: the string's index, and the offset behind its last byte. */
struct literals_sink {
	void (*found)(struct literals_sink *sink, uint32_t index, uint64_t to);
};

/* Returns how far it went from `from`, which is not beyond the end, and has told each occurrence of each string that begins between, once; in
 * the order of places only roughly. Where that is not the end, what follows does not look random. */
size_t literals_find(const struct literals *literals, struct span bytes, size_t from, struct literals_sink *sink);

#endif
