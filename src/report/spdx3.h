/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 3.0.1 in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/): the profiles core, software, simpleLicensing and
 * security. */
#ifndef ASSAY_REPORT_SPDX3_H
#define ASSAY_REPORT_SPDX3_H

#include <stdio.h>

#include "report/sbom.h"

/* The components, files and vulnerabilities of a case as SPDX 3.0.1, JSON-LD: profiles core, software and
 * simpleLicensing, and security where there are vulnerabilities. `s` is from sbom_load(). ERR_IO when `out` did not
 * take everything. */
struct error report_spdx3(struct sbom *s, FILE *out) MUST_USE;

/* spdx3_security.c. An element of that kind: "urn:uuid:...#component-12". The arena's. */
const char *spdx3_id(struct sbom *s, const char *kind, int64_t number);
struct json;
/* Opens an element with its type, its identifier and how it was made. */
void spdx3_open(struct json *j, const char *type, const char *id);
/* Opens a Relationship from the element `from`, of the type `type` (Relationship or one that is made of it) and of
 * that kind; who calls adds "to" and ends it. */
void spdx3_relationship(struct json *j, const char *type, const char *id, const char *from, const char *kind);
/* The vulnerabilities and what is said of each; with j NULL their identifiers go to `list`. */
void spdx3_vulnerabilities(struct json *j, struct sbom *s);
void spdx3_list_vulnerabilities(struct json *list, struct sbom *s);

#endif
