/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vulnerability is one item, whatever number of components it concerns (test 6.1.23); a component has one state in it
 * (6.1.6). What is not affected has a flag or an impact (6.1.27.9), what is affected a remediation (6.1.27.10). */
#include <string.h>

#include "report/csaf.h"
#include "report/sbom_json.h"

/* The rows [from, to) of one vulnerability. */
struct group {
	struct sbom *s;
	size_t from, to;
};

/* A component's first row is the one that counts. */
static bool counts(const struct group *g, size_t at)
{
	return at == g->from || g->s->vulnerabilities[at - 1].component != g->s->vulnerabilities[at].component;
}

static bool has_state(const struct group *g, size_t at, const char *state)
{
	return counts(g, at) && strcmp(g->s->vulnerabilities[at].state, state) == 0;
}

static bool any_has_state(const struct group *g, const char *state)
{
	for (size_t i = g->from; i < g->to; i++)
		if (has_state(g, i, state))
			return true;
	return false;
}

static void write_product_id(struct json *j, const struct group *g, const char *key, size_t at)
{
	json_open_key(j, key, '[');
	json_text(j, text_c(csaf_product_id(g->s, g->s->vulnerabilities[at].component)));
	json_close(j, ']');
}

static void write_status(struct json *j, const struct group *g)
{
	static const struct {
		const char *state, *key;
	} states[] = {
		{ "fixed", "fixed" },
		{ "affected", "known_affected" },
		{ "not_affected", "known_not_affected" },
		{ "under_investigation", "under_investigation" },
	};
	json_open_key(j, "product_status", '{');
	for (size_t k = 0; k < sizeof states / sizeof states[0]; k++) {
		if (!any_has_state(g, states[k].state))
			continue;
		json_open_key(j, states[k].key, '[');
		for (size_t i = g->from; i < g->to; i++)
			if (has_state(g, i, states[k].state))
				json_text(j, text_c(csaf_product_id(g->s, g->s->vulnerabilities[i].component)));
		json_close(j, ']');
	}
	json_close(j, '}');
}

static void write_flags(struct json *j, const struct group *g)
{
	bool open = false;
	for (size_t i = g->from; i < g->to; i++) {
		const char *label = sbom_justification(g->s->vulnerabilities[i].justification);
		if (!label || !has_state(g, i, "not_affected"))
			continue;
		if (!open)
			json_open_key(j, "flags", '[');
		open = true;
		json_open(j, '{');
		json_pair(j, "label", label);
		write_product_id(j, g, "product_ids", i);
		json_close(j, '}');
	}
	if (open)
		json_close(j, ']');
}

static void write_threats(struct json *j, const struct group *g)
{
	bool open = false;
	for (size_t i = g->from; i < g->to; i++) {
		const char *why = sbom_why(g->s, &g->s->vulnerabilities[i]);
		if (!has_state(g, i, "not_affected"))
			continue;
		if (!open)
			json_open_key(j, "threats", '[');
		open = true;
		json_open(j, '{');
		json_pair(j, "category", "impact");
		json_pair(j, "details", why ? why : "The reason was not recorded.");
		write_product_id(j, g, "product_ids", i);
		json_close(j, '}');
	}
	if (open)
		json_close(j, ']');
}

static void write_remediations(struct json *j, const struct group *g)
{
	if (!any_has_state(g, "affected"))
		return;
	json_open_key(j, "remediations", '[');
	for (size_t i = g->from; i < g->to; i++) {
		const struct sbom_vulnerability *v = &g->s->vulnerabilities[i];
		if (!has_state(g, i, "affected"))
			continue;
		json_open(j, '{');
		json_pair(j, "category", v->stated_by && v->note ? "mitigation" : "none_available");
		json_pair(j, "details", sbom_action(g->s, v));
		write_product_id(j, g, "product_ids", i);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* CVSS v3.1, section 5; the scores of v3.0 are rated alike. */
static const char *base_severity(double score)
{
	return score <= 0 ? "NONE" : score < 4 ? "LOW" : score < 7 ? "MEDIUM" : score < 9 ? "HIGH" : "CRITICAL";
}

/* The versions that CSAF 2.0 has: 2.0, 3.0 and 3.1. */
static const char *score_key(const struct sbom_vulnerability *v)
{
	if (!v->cvss_version || !v->cvss_vector || v->cvss < 0)
		return NULL;
	if (strcmp(v->cvss_version, "2.0") == 0 || strcmp(v->cvss_version, "2") == 0)
		return strncmp(v->cvss_vector, "AV:", 3) == 0 ? "cvss_v2" : NULL;
	bool ok = strcmp(v->cvss_version, "3.0") == 0 || strcmp(v->cvss_version, "3.1") == 0;
	return ok && strncmp(v->cvss_vector, "CVSS:3.", 7) == 0 && v->cvss_vector[7] == v->cvss_version[2] ? "cvss_v3"
																									   : NULL;
}

/* One score for all components that the item is about: it is the vulnerability's. */
static void write_score(struct json *j, const struct group *g)
{
	const struct sbom_vulnerability *v = &g->s->vulnerabilities[g->from];
	const char *key = score_key(v);
	if (!key)
		return;
	json_open_key(j, "scores", '[');
	json_open(j, '{');
	json_open_key(j, key, '{');
	json_pair(j, "version", key[6] == '2' ? "2.0" : v->cvss_version);
	json_pair(j, "vectorString", v->cvss_vector);
	json_key(j, "baseScore");
	json_decimal(j, v->cvss, 1);
	if (key[6] == '3')
		json_pair(j, "baseSeverity", base_severity(v->cvss));
	json_close(j, '}');
	json_open_key(j, "products", '[');
	for (size_t i = g->from; i < g->to; i++)
		if (counts(g, i))
			json_text(j, text_c(csaf_product_id(g->s, g->s->vulnerabilities[i].component)));
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static bool is_cve(const char *name)
{
	size_t digits = strlen(name) > 9 ? strspn(name + 9, "0123456789") : 0;
	return strncmp(name, "CVE-", 4) == 0 && strspn(name + 4, "0123456789") == 4 && name[8] == '-' && digits >= 4 &&
		   !name[9 + digits];
}

static void write_notes(struct json *j, const struct group *g)
{
	json_open_key(j, "notes", '[');
	if (g->s->vulnerabilities[g->from].summary) {
		json_open(j, '{');
		json_pair(j, "category", "description");
		json_pair(j, "text", g->s->vulnerabilities[g->from].summary);
		json_close(j, '}');
	}
	json_open(j, '{');
	json_pair(j, "category", "other");
	json_pair(j, "title", "Why it is listed");
	const struct sbom_vulnerability *v = &g->s->vulnerabilities[g->from];
	const char *why = v->criteria ? v->criteria : v->reason;
	json_pair(j, "text",
			  why && *why ? why : "The version of the component is one that the vulnerability's record names.");
	json_close(j, '}');
	json_close(j, ']');
}

static void write_group(struct json *j, const struct group *g)
{
	const char *name = g->s->vulnerabilities[g->from].name;
	json_open(j, '{');
	if (is_cve(name)) {
		json_pair(j, "cve", name);
	} else {
		json_open_key(j, "ids", '[');
		json_open(j, '{');
		json_pair(j, "system_name",
				  g->s->vulnerabilities[g->from].source ? g->s->vulnerabilities[g->from].source : "unknown");
		json_pair(j, "text", name);
		json_close(j, '}');
		json_close(j, ']');
	}
	write_flags(j, g);
	write_notes(j, g);
	write_status(j, g);
	write_remediations(j, g);
	write_score(j, g);
	write_threats(j, g);
	json_close(j, '}');
}

void csaf_vulnerabilities(struct json *j, struct sbom *s)
{
	json_open_key(j, "vulnerabilities", '[');
	for (size_t from = 0, to; from < s->nvulnerabilities; from = to) {
		for (to = from + 1; to < s->nvulnerabilities; to++)
			if (strcmp(s->vulnerabilities[from].name, s->vulnerabilities[to].name) != 0)
				break;
		struct group g = { s, from, to };
		write_group(j, &g);
	}
	json_close(j, ']');
}
