/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guessing a hash gave, for when it comes again: images hold many copies of one passwd file. A guess is a function of
 * the hash, the user's name and the budget, and these are what is remembered by: so it changes no answer and no count of
 * effort, whichever thread was first, and only spares the work. */
#ifndef ASSAY_INSPECT_PASSWORD_MEMO_H
#define ASSAY_INSPECT_PASSWORD_MEMO_H

#include "inspect/password.h"

struct password_memo;

/* NULL when out of memory. */
struct password_memo *password_memo_new(void) MUST_USE;
void password_memo_free(struct password_memo *memo);

/* As password_guess(). From any thread; `memo` may be NULL. */
struct password_finding password_memo_guess(struct password_memo *memo, const struct password_hash *hash,
											struct text user, uint64_t budget, struct arena *arena);

/* How many guesses were spared. */
size_t password_memo_spared(struct password_memo *memo);

#endif
