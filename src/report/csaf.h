/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSAF 2.0 (OASIS standard, https://docs.oasis-open.org/csaf/csaf/v2.0/): profiles 4.4 "Security Advisory" and 4.5 "VEX".
 * A document of either has at least one vulnerability. */
#ifndef ASSAY_REPORT_CSAF_H
#define ASSAY_REPORT_CSAF_H

#include <stdio.h>

#include "report/sbom.h"

struct error report_csaf_vex(struct sbom *s, FILE *out) MUST_USE;
struct error report_csaf_advisory(struct sbom *s, FILE *out) MUST_USE;

/* csaf_vulnerabilities.c: the list `vulnerabilities`. */
struct json;
void csaf_vulnerabilities(struct json *j, struct sbom *s);
/* The product_id of a component within the product. */
const char *csaf_product_id(struct sbom *s, size_t component);

#endif
