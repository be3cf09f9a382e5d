/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of RPM packages share. */
#ifndef ASSAY_FORMAT_RPM_H
#define ASSAY_FORMAT_RPM_H

#include "base/rpm_header.h"
#include "format/format.h"

/* Rows for the signatures in the package's first header, or for that there is none. `header` is the second header with its
 * magic, `both` that and the payload; SPAN_NONE for what is not there as a whole. */
void rpm_signatures(struct walk *w, const struct rpm_header *signatures, struct span header, struct span both);

#endif
