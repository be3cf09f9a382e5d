/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSAF 2.0 (OASIS standard, https://docs.oasis-open.org/csaf/csaf/v2.0/): profiles 4.4 "Security Advisory" and 4.5 "VEX".
 * A document of either has at least one vulnerability. */
#ifndef ASSAY_REPORT_CSAF_H
#define ASSAY_REPORT_CSAF_H

#include <stdio.h>

#include "report/sbom.h"

/* The case as a document of the profile csaf_vex (CSAF 2.0, 4.5), and as a csaf_security_advisory (4.4). `s` is from
 * sbom_load(). ERR_USAGE where it has no vulnerabilities, as a document has at least one; ERR_IO when `out` did not
 * take everything. */
struct error report_csaf_vex(struct sbom *s, FILE *out) MUST_USE;
struct error report_csaf_advisory(struct sbom *s, FILE *out) MUST_USE;

/* csaf_vulnerabilities.c: the list `vulnerabilities`. */
struct json;
/* The key with its list, of one entry for each vulnerability with all components that have it; s->vulnerabilities is
 * in the order of their names. */
void csaf_vulnerabilities(struct json *j, struct sbom *s);
/* The product_id of a component within the product. */
const char *csaf_product_id(struct sbom *s, size_t component);

#endif
