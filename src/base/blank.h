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
/* Whether it is an address of those that are kept for examples (RFC 2606): security@example.com.
 * Not those of the domain `example`, which examples of this program use. */
bool text_is_example_address(struct text address);

#endif
