/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block of the summary that is about components and their known vulnerabilities. */
#ifndef ASSAY_REPORT_TERMINAL_SOFTWARE_H
#define ASSAY_REPORT_TERMINAL_SOFTWARE_H

#include <stdio.h>

#include "report/style.h"
#include "report/view.h"

/* Nothing for a case that has no table of software. `scratch` is emptied. */
struct error terminal_software(struct view *v, FILE *out, const struct report_style *style,
							   struct arena *scratch) MUST_USE;

#endif
