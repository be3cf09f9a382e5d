/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "report/cyclonedx.h"
#include "report/sbom_json.h"

static const char *rating_method(const char *version)
{
	static const struct {
		const char *version, *method;
	} methods[] = { { "2", "CVSSv2" }, { "3.0", "CVSSv3" }, { "3.1", "CVSSv31" }, { "4", "CVSSv4" } };
	for (size_t i = 0; version && i < sizeof methods / sizeof methods[0]; i++)
		if (strncmp(version, methods[i].version, strlen(methods[i].version)) == 0)
			return methods[i].method;
	return "other";
}

static void write_rating(struct json *j, const struct sbom_vulnerability *v)
{
	if (!v->cvss_vector && v->cvss < 0 && !v->severity)
		return;
	json_open_key(j, "ratings", '[');
	json_open(j, '{');
	if (v->cvss >= 0) {
		json_key(j, "score");
		json_decimal(j, v->cvss, 1);
	}
	json_pair(j, "severity", sbom_severity(v->severity));
	json_pair(j, "method", rating_method(v->cvss_version));
	json_pair(j, "vector", v->cvss_vector);
	json_close(j, '}');
	json_close(j, ']');
}

static void write_analysis(struct json *j, struct sbom *s, const struct sbom_vulnerability *v)
{
	static const struct {
		const char *ours, *theirs;
	} states[] = {
		{ "affected", "exploitable" },
		{ "not_affected", "not_affected" },
		{ "fixed", "resolved" },
		{ "under_investigation", "in_triage" },
	};
	json_open_key(j, "analysis", '{');
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strcmp(v->state, states[i].ours) == 0)
			json_pair(j, "state", states[i].theirs);
	if (strcmp(v->state, "not_affected") == 0)
		json_pair(j, "justification", sbom_justification_cyclonedx(v->justification));
	json_pair(j, "detail", sbom_why(s, v));
	json_pair(j, "lastUpdated", sbom_time(s, v->stated_on));
	json_close(j, '}');
}

/* BOM-Link (CycloneDX, "BOM-Link"): urn:cdx:serial/version#bom-ref, the last one as a URI's fragment. */
static const char *bom_link(struct sbom *s, const char *ref)
{
	size_t n = strlen(ref);
	size_t size = n * 3 + 64;
	char *out = arena_alloc(s->arena, size, 1);
	if (!out)
		return NULL;
	size_t at = (size_t)snprintf(out, size, "urn:cdx:%s/1#", s->uuid);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)ref[i];
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			strchr("-._~:@/?&=+,;!$*()'", c))
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(out + at, size - at, "%%%02X", c);
	}
	return out;
}

static void write_affects(struct json *j, struct sbom *s, const struct sbom_vulnerability *v, bool links)
{
	const struct sbom_component *c = &s->components[v->component];
	bool affected = strcmp(v->state, "affected") == 0, unknown = strcmp(v->state, "under_investigation") == 0;
	json_open_key(j, "affects", '[');
	json_open(j, '{');
	json_pair(j, "ref", links ? bom_link(s, c->ref) : c->ref);
	if (c->version) {
		json_open_key(j, "versions", '[');
		json_open(j, '{');
		json_pair(j, "version", c->version);
		json_pair(j, "status", affected ? "affected" : unknown ? "unknown" : "unaffected");
		json_close(j, '}');
		json_close(j, ']');
	}
	json_close(j, '}');
	json_close(j, ']');
}

static void write_source(struct json *j, struct sbom *s, const struct sbom_vulnerability *v)
{
	bool is_cve = strncmp(v->name, "CVE-", 4) == 0;
	if (!v->source && !is_cve)
		return;
	json_open_key(j, "source", '{');
	json_pair(j, "name", v->source ? v->source : "CVE");
	if (is_cve)
		json_pair(j, "url", arena_printf(s->arena, "https://www.cve.org/CVERecord?id=%s", v->name));
	json_close(j, '}');
}

void cyclonedx_vulnerabilities(struct json *j, struct sbom *s, bool links)
{
	json_open_key(j, "vulnerabilities", '[');
	for (size_t i = 0; i < s->nvulnerabilities; i++) {
		const struct sbom_vulnerability *v = &s->vulnerabilities[i];
		json_open(j, '{');
		json_pair(j, "bom-ref", arena_printf(s->arena, "%s %lld", v->name, (long long)v->id));
		json_pair(j, "id", v->name);
		write_source(j, s, v);
		write_rating(j, v);
		json_pair(j, "description", v->summary);
		json_pair(j, "published", sbom_time(s, v->published));
		write_analysis(j, s, v);
		write_affects(j, s, v, links);
		json_open_key(j, "properties", '[');
		json_property(j, "assay:criteria", v->criteria);
		json_property(j, "assay:confidence", v->match_confidence);
		json_property(j, "assay:exposure", v->exposure);
		if (v->epss >= 0)
			json_property(j, "assay:epss", arena_printf(s->arena, "%.5f", v->epss));
		json_property(j, "assay:known-exploited", v->kev ? "true" : NULL);
		json_property(j, "assay:stated-by", v->stated_by);
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}
