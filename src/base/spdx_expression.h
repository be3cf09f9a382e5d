/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Licence expressions: SPDX specification 2.3, annex D ("SPDX license expressions"), with the names of the SPDX License
 * List only: what names a licence that nobody can look up is text, not an expression. */
#ifndef ASSAY_BASE_SPDX_EXPRESSION_H
#define ASSAY_BASE_SPDX_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* The names of data/spdx/, sorted without regard to case. */
extern const char *const spdx_licences[], *const spdx_exceptions[];
extern const size_t spdx_licences_count, spdx_exceptions_count;

/* The name as the list spells it, NULL when it has none. */
const char *spdx_licence(struct text name);

/* Whether it is an expression of known names: operators in capitals (annex D.2), names in any case, at most 32
 * brackets deep. */
bool spdx_is_expression(struct text expression);

#endif
