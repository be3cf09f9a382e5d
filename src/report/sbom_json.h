/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the writers of bills of materials share: short forms for JSON, and their words for the same things. */
#ifndef ASSAY_REPORT_SBOM_JSON_H
#define ASSAY_REPORT_SBOM_JSON_H

#include "report/json_writer.h"
#include "report/sbom.h"

/* A key with its text; nothing at all where the text is NULL. */
static inline void json_pair(struct json *j, const char *key, const char *value)
{
	if (value)
		json_key_text(j, key, text_c(value));
}

/* A key with an object or an array, which json_close() ends; `bracket` opens it. */
static inline void json_open_key(struct json *j, const char *key, char bracket)
{
	json_key(j, key);
	json_open(j, bracket);
}

/* {"name": ..., "value": ...} in a list of properties. */
static inline void json_property(struct json *j, const char *name, const char *value)
{
	if (!value)
		return;
	json_open(j, '{');
	json_pair(j, "name", name);
	json_pair(j, "value", value);
	json_close(j, '}');
}

/* RFC 3339 with a time zone from what feeds have ("2021-03-04", "2021-03-04T05:06:07.123"); NULL when it is none. */
const char *sbom_time(struct sbom *s, const char *text);

/* CycloneDX's name of a justification of OpenVEX, and the name of CSAF's flag, which is OpenVEX's own; NULL: none. */
const char *sbom_justification_cyclonedx(const char *openvex);
const char *sbom_justification(const char *openvex);

/* "critical", "high", "medium", "low", "none", or "unknown". */
const char *sbom_severity(const char *word);

/* Why the state is what it is, in a sentence; NULL when nobody said. */
const char *sbom_why(struct sbom *s, const struct sbom_vulnerability *v);

/* What a user is told to do about an affected component. */
const char *sbom_action(struct sbom *s, const struct sbom_vulnerability *v);

/* "dnsmasq 2.80": name and version for a person. */
const char *sbom_title(struct sbom *s, const struct sbom_component *c);

/* Ends a document: errors of the stream. */
struct error sbom_finish(struct json *j);

#endif
