/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of products: CPE 2.3 formatted strings, and the URIs of CPE 2.2.
 *
 * Specifications: NIST Interagency Reports 7695 (naming: binding and unbinding) and 7696 (name matching).
 */
#ifndef ASSAY_BASE_CPE_H
#define ASSAY_BASE_CPE_H

#include "base/span.h"

enum cpe_attribute {
	CPE_PART, /* a: application, o: operating system, h: hardware */
	CPE_VENDOR,
	CPE_PRODUCT,
	CPE_VERSION,
	CPE_UPDATE,
	CPE_EDITION,
	CPE_LANGUAGE,
	CPE_SW_EDITION,
	CPE_TARGET_SW,
	CPE_TARGET_HW,
	CPE_OTHER,
	CPE_ATTRIBUTES
};

/* A name: each attribute as it stands in the formatted string, with its backslashes; "*" is ANY, "-" is NA. The texts
 * point into the string that was parsed. */
struct cpe {
	struct text a[CPE_ATTRIBUTES];
};

/* Long enough for any name that is in use; longer ones are refused where a name is written. */
#define CPE_MAX 1024u

/* Takes a formatted string ("cpe:2.3:" and eleven attributes) apart. False: it is none (NISTIR 7695, 6.2.3): a wrong
 * number of attributes, a character that must be quoted, a wildcard in the middle. */
bool cpe_parse(struct text formatted, struct cpe *out);

/* The eleven attributes as they stand, whatever is in them: many write names that are not valid, but clear. False: there are
 * not eleven, or one is empty. */
bool cpe_split(struct text formatted, struct cpe *out);

/* A URI ("cpe:/a:vendor:product:...") as a formatted string, terminated. Its length; 0: it is no URI, or does not fit. */
size_t cpe_from_uri(struct text uri, char *out, size_t size);

/* The attribute's value without backslashes; terminated. Its length; 0 for ANY, NA, and what does not fit. */
size_t cpe_value(struct text attribute, char *out, size_t size);

/* cpe_is_any(), cpe_is_na(): the logical values ANY and NA of NISTIR 7695, 5.3.1, as they stand in a formatted string. */
static inline bool cpe_is_any(struct text attribute)
{
	return attribute.n == 1 && attribute.p[0] == '*';
}

static inline bool cpe_is_na(struct text attribute)
{
	return attribute.n == 1 && attribute.p[0] == '-';
}

/* Whether a wildcard stands in it that is not quoted. */
bool cpe_has_wildcard(struct text attribute);

/* NISTIR 7696, tables 6-2 and 6-4. Letters are compared without regard to case. */
enum cpe_relation { CPE_DISJOINT, CPE_EQUAL, CPE_SUBSET, CPE_SUPERSET, CPE_UNDEFINED };
enum cpe_relation cpe_compare_attribute(struct text source, struct text target);

#endif
