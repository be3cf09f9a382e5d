/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/) in JSON.
 *
 * A file needs its SHA-1 there (section 8.4), which a case has not: the files that show a component are packages whose
 * purpose is FILE, with their SHA-256. */
#ifndef ASSAY_REPORT_SPDX2_H
#define ASSAY_REPORT_SPDX2_H

#include <stdio.h>

#include "report/sbom.h"

/* The components and files of a case as SPDX 2.3, JSON (the specification's clauses 6 to 11). `s` is from
 * sbom_load(). Its namespace, and so the whole text, is the same for the same case. ERR_IO when `out` did not take
 * everything. */
struct error report_spdx2(struct sbom *s, FILE *out) MUST_USE;

#endif
