/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths as references of the web. */
#ifndef ASSAY_REPORT_URI_H
#define ASSAY_REPORT_URI_H

#include "base/arena.h"
#include "base/span.h"

/* A path as a relative reference (RFC 3986, section 4.2): every byte beyond the unreserved ones and '/' is encoded, a
 * slash at its begin left out. TEXT_NONE where nothing is left, or without memory. */
struct text uri_of_path(struct arena *a, const char *path);

#endif
