/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much room text takes on a terminal, and where it is broken. Text here is UTF-8 without control characters, as
 * escape_terminal() gives it. wcwidth(3) is not used: it depends on the locale of the process. */
#ifndef ASSAY_REPORT_LAYOUT_H
#define ASSAY_REPORT_LAYOUT_H

#include <stddef.h>

#include "base/span.h"

/* Columns that the text takes. */
size_t layout_width(struct text t);

/* Bytes of the longest beginning that fits into `columns`, whole characters with what joins them. */
size_t layout_fit(struct text t, size_t columns);

/* Cuts the next line off *rest: at a space where there is one, else within the word. At least one character, so that a
 * loop until rest->n is 0 ends. */
struct text layout_line(struct text *rest, size_t columns);

#endif
