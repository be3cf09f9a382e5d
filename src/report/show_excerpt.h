/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef ASSAY_REPORT_SHOW_EXCERPT_H
#define ASSAY_REPORT_SHOW_EXCERPT_H

#include <stdio.h>

#include "report/style.h"
#include "report/view_excerpt.h"

/* Prints the excerpt in the width of the style, its lines indented; hostile characters are escaped. A dump is 75 columns
 * wide. */
void show_excerpt(FILE *out, const struct report_style *style, size_t indent, const struct view_excerpt *x, struct arena *a);

#endif
