/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the search for assignments of secrets (secrets_assign.c): what a name means, and what a value must be to count. */
#ifndef ASSAY_INSPECT_SECRETS_ASSIGN_H
#define ASSAY_INSPECT_SECRETS_ASSIGN_H

#include "base/ascii.h"
#include "inspect/secrets.h"

struct assignment {
	struct text name, value;
	uint64_t at;   /* of the value */
	char quote;    /* or 0 */
	bool compares; /* ==, != */
	bool xml;
	bool spaced; /* blanks between name and operator */
};

/* A character of a name, with its parts. */
static inline bool assignment_is_name(char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* secrets_name.c: the kind of secret that something of this name holds, as the row has it; NULL: none. */
const char *assignment_kind(struct text name);

/* secrets_judge.c: whether the value, which is not empty, no reference and no keyword, is a secret of that kind in the place where it
 * stands; *proof then says what tells. */
bool assignment_holds(struct secrets *s, const struct assignment *a, const char *kind, const char **proof);

#endif
