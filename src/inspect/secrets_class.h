/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How credentials are told by their form: internal to the inspector of secrets. */
#ifndef ASSAY_INSPECT_SECRETS_CLASS_H
#define ASSAY_INSPECT_SECRETS_CLASS_H

#include "inspect/secrets.h"

/* Whether the character is of a class of secrets_rules.def. */
bool secrets_in_class(char class, char c);

/* How many characters of the class stand at `at`, at most `max` and one more. */
size_t secrets_run(struct span bytes, uint64_t at, char class, size_t max);

/* Where what `rest` describes (as in secrets_rules.def) ends; 0 when it does not stand at `at`, or more of the same follows. */
uint64_t secrets_match(struct span bytes, uint64_t at, const char *rest);

#endif
