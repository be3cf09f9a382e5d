/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CycloneDX 1.6 in JSON (ECMA-424, https://cyclonedx.org/docs/1.6/json/). */
#ifndef ASSAY_REPORT_CYCLONEDX_H
#define ASSAY_REPORT_CYCLONEDX_H

#include <stdio.h>

#include "report/sbom.h"

/* The bill of materials: components with their evidence, what they need, and their vulnerabilities. */
struct error report_cyclonedx(struct sbom *s, FILE *out) MUST_USE;

/* The vulnerabilities alone; they name the components of the bill above by BOM-Link. */
struct error report_cyclonedx_vex(struct sbom *s, FILE *out) MUST_USE;

/* cyclonedx_vulnerabilities.c: the list `vulnerabilities`; with `links` components are named by BOM-Link. */
struct json;
void cyclonedx_vulnerabilities(struct json *j, struct sbom *s, bool links);

#endif
