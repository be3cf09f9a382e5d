/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenVEX 0.2.0 (https://github.com/openvex/spec). A document of it has at least one statement. */
#ifndef ASSAY_REPORT_OPENVEX_H
#define ASSAY_REPORT_OPENVEX_H

#include <stdio.h>

#include "report/sbom.h"

/* The vulnerabilities of a case as one OpenVEX document (v0.2.0), a statement each. `s` is from sbom_load().
 * ERR_USAGE where the case has none; ERR_IO when `out` did not take everything. */
struct error report_openvex(struct sbom *s, FILE *out) MUST_USE;

#endif
