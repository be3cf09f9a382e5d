/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a template leaves to be filled in. */
#ifndef ASSAY_BASE_BLANK_H
#define ASSAY_BASE_BLANK_H

#include <stdbool.h>

#include "base/span.h"

/* Whether there is something in it that was to be filled in: "[insert contact here]", "within [X] days", "TBD", "lorem ipsum". */
bool text_has_blank(struct text t);
/* Whether the whole of it says nothing: a blank, "n/a", "unknown", "pending", marks alone. "none" says something. */
bool text_says_nothing(struct text t);
/* Whether it is an address at a name that nobody can own: example.com, and what is below .example, .invalid, .test and .localhost
 * (RFC 2606, RFC 6761): security@example.com. */
bool text_is_example_address(struct text address);

#endif
