/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "report/sbom_json.h"
#include "report/spdx3.h"

/* Rows of one vulnerability stand beside each other: whether this is the first of its name. */
static bool is_first(const struct sbom *s, size_t at)
{
	return at == 0 || strcmp(s->vulnerabilities[at - 1].name, s->vulnerabilities[at].name) != 0;
}

/* The class of CVSS assessments that the vector has; NULL: none that can be said whole. */
static const char *cvss_class(const struct sbom_vulnerability *v)
{
	if (!v->cvss_vector || v->cvss < 0 || !v->cvss_version)
		return NULL;
	if (v->cvss_version[0] == '2')
		return "security_CvssV2VulnAssessmentRelationship";
	if (strcmp(sbom_severity(v->severity), "unknown") == 0)
		return NULL;
	return v->cvss_version[0] == '3'   ? "security_CvssV3VulnAssessmentRelationship"
		   : v->cvss_version[0] == '4' ? "security_CvssV4VulnAssessmentRelationship"
									   : NULL;
}

/* "vulnerable_code_not_present" as "vulnerableCodeNotPresent". */
static const char *camel(struct sbom *s, const char *word)
{
	char *out = word ? arena_strdup(s->arena, text_c(word)) : NULL;
	size_t n = 0;
	for (size_t i = 0; out && out[i]; i++) {
		if (out[i] == '_' && out[i + 1] >= 'a' && out[i + 1] <= 'z')
			out[n++] = (char)(out[++i] - 32);
		else
			out[n++] = out[i];
	}
	if (out)
		out[n] = '\0';
	return out;
}

static void write_to(struct json *j, struct sbom *s, const struct sbom_vulnerability *v)
{
	json_open_key(j, "to", '[');
	json_text(j, text_c(spdx3_id(s, "component", s->components[v->component].id)));
	json_close(j, ']');
}

static void write_state(struct json *j, struct sbom *s, const struct sbom_vulnerability *v, const char *from)
{
	static const struct {
		const char *state, *type, *kind;
	} states[] = {
		{ "affected", "security_VexAffectedVulnAssessmentRelationship", "affects" },
		{ "not_affected", "security_VexNotAffectedVulnAssessmentRelationship", "doesNotAffect" },
		{ "fixed", "security_VexFixedVulnAssessmentRelationship", "fixedIn" },
		{ "under_investigation", "security_VexUnderInvestigationVulnAssessmentRelationship", "underInvestigationFor" },
	};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strcmp(v->state, states[i].state) != 0)
			continue;
		const char *justification = sbom_justification(v->justification);
		spdx3_relationship(j, states[i].type, spdx3_id(s, "vex", v->id), from, states[i].kind);
		write_to(j, s, v);
		json_pair(j, "security_statusNotes", sbom_why(s, v));
		if (i == 0)
			json_pair(j, "security_actionStatement", sbom_action(s, v));
		if (i == 1 && justification)
			json_pair(j, "security_justificationType", camel(s, justification));
		else if (i == 1)
			json_pair(j, "security_impactStatement", sbom_why(s, v) ? sbom_why(s, v) : "The reason was not recorded.");
		json_close(j, '}');
	}
}

static void write_score(struct json *j, struct sbom *s, const struct sbom_vulnerability *v, const char *from)
{
	const char *type = cvss_class(v);
	if (!type)
		return;
	spdx3_relationship(j, type, spdx3_id(s, "cvss", v->id), from, "hasAssessmentFor");
	write_to(j, s, v);
	json_key(j, "security_score");
	json_decimal(j, v->cvss, 1);
	if (v->cvss_version[0] != '2')
		json_pair(j, "security_severity", sbom_severity(v->severity));
	json_pair(j, "security_vectorString", v->cvss_vector);
	json_close(j, '}');
}

void spdx3_vulnerabilities(struct json *j, struct sbom *s)
{
	const char *id = NULL;
	for (size_t i = 0; i < s->nvulnerabilities; i++) {
		const struct sbom_vulnerability *v = &s->vulnerabilities[i];
		if (is_first(s, i)) {
			id = spdx3_id(s, "vulnerability", v->id);
			spdx3_open(j, "security_Vulnerability", id);
			json_pair(j, "name", v->name);
			json_pair(j, "description", v->summary);
			json_pair(j, "security_publishedTime", sbom_time(s, v->published));
			json_open_key(j, "externalIdentifier", '[');
			json_open(j, '{');
			json_pair(j, "type", "ExternalIdentifier");
			json_pair(j, "externalIdentifierType", strncmp(v->name, "CVE-", 4) == 0 ? "cve" : "securityOther");
			json_pair(j, "identifier", v->name);
			json_close(j, '}');
			json_close(j, ']');
			json_close(j, '}');
		}
		write_state(j, s, v, id);
		write_score(j, s, v, id);
	}
}

void spdx3_list_vulnerabilities(struct json *list, struct sbom *s)
{
	for (size_t i = 0; i < s->nvulnerabilities; i++) {
		const struct sbom_vulnerability *v = &s->vulnerabilities[i];
		if (is_first(s, i))
			json_text(list, text_c(spdx3_id(s, "vulnerability", v->id)));
		json_text(list, text_c(spdx3_id(s, "vex", v->id)));
		if (cvss_class(v))
			json_text(list, text_c(spdx3_id(s, "cvss", v->id)));
	}
}
