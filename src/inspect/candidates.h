/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords worth trying for a user, most likely first, none twice. */
#ifndef ASSAY_INSPECT_CANDIDATES_H
#define ASSAY_INSPECT_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#define CANDIDATE_VARIANTS 12

struct candidate {
	struct text password; /* terminated by a NUL that does not count */
	uint32_t origin;      /* for candidate_source() */
};

struct candidates {
	struct text variants[CANDIDATE_VARIANTS]; /* of the user's name */
	size_t nvariants;
	uint8_t *seen;          /* a bit for each of credential_passwords[] */
	size_t pairs_begin, pair, pairs_end; /* the user's part of credential_pairs[] */
	size_t variant, password;
};

/* False when the arena is exhausted. */
bool candidates_init(struct candidates *c, struct text user, struct arena *arena) MUST_USE;

/* The next password to try, each once; false at the end. */
bool candidates_next(struct candidates *c, struct candidate *out);

/* The column password_source: "user name", "mirai", "vendor default (cheat-sheet: 3COM)", "common passwords #12". */
struct text candidate_source(const struct candidate *candidate, struct arena *arena);

#endif
