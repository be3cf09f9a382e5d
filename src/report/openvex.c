/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/openvex.h"

#include <string.h>

#include "report/sbom_json.h"

/* The product by its digest, with the component in it. */
static void write_products(struct json *j, struct sbom *s, const struct sbom_component *c)
{
	json_open_key(j, "products", '[');
	json_open(j, '{');
	json_pair(j, "@id", arena_printf(s->arena, "urn:uuid:%s", s->uuid));
	if (s->sha256) {
		json_open_key(j, "hashes", '{');
		json_pair(j, "sha-256", s->sha256);
		json_close(j, '}');
	}
	json_open_key(j, "subcomponents", '[');
	json_open(j, '{');
	json_pair(j, "@id", c->purl ? c->purl : arena_printf(s->arena, "urn:uuid:%s#%lld", s->uuid, (long long)c->id));
	if (c->purl || c->ncpes) {
		json_open_key(j, "identifiers", '{');
		json_pair(j, "purl", c->purl);
		json_pair(j, "cpe23", c->ncpes ? c->cpes[0] : NULL);
		json_close(j, '}');
	}
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void write_statement(struct json *j, struct sbom *s, const struct sbom_vulnerability *v)
{
	const char *why = sbom_why(s, v), *justification = sbom_justification(v->justification);
	json_open(j, '{');
	json_pair(j, "@id", arena_printf(s->arena, "urn:uuid:%s#statement-%lld", s->uuid, (long long)v->id));
	json_open_key(j, "vulnerability", '{');
	if (strncmp(v->name, "CVE-", 4) == 0)
		json_pair(j, "@id", arena_printf(s->arena, "https://www.cve.org/CVERecord?id=%s", v->name));
	json_pair(j, "name", v->name);
	json_pair(j, "description", v->summary);
	json_close(j, '}');
	write_products(j, s, &s->components[v->component]);
	json_pair(j, "status", v->state);
	json_pair(j, "timestamp", sbom_time(s, v->stated_on));
	json_pair(j, "status_notes", why);
	if (strcmp(v->state, "not_affected") == 0) {
		json_pair(j, "justification", justification);
		if (why || !justification)
			json_pair(j, "impact_statement", why ? why : "The reason was not recorded.");
	}
	if (strcmp(v->state, "affected") == 0)
		json_pair(j, "action_statement", sbom_action(s, v));
	json_close(j, '}');
}

struct error report_openvex(struct sbom *s, FILE *out)
{
	struct json j = { .out = out, .broken_lines = 3 };
	char uuid[37];
	if (!s->nvulnerabilities)
		return error_at(ERR_USAGE, 0,
						"there is nothing to state: the case has no vulnerabilities (were feeds matched?)");
	sbom_uuid(s, "openvex", uuid);
	json_open(&j, '{');
	json_pair(&j, "@context", "https://openvex.dev/ns/v0.2.0");
	json_pair(&j, "@id", arena_printf(s->arena, "urn:uuid:%s", uuid));
	json_pair(&j, "author", s->supplier ? s->supplier : "assay");
	json_pair(&j, "timestamp", s->timestamp);
	json_key_int(&j, "version", 1);
	json_pair(&j, "tooling", arena_printf(s->arena, "assay %s", s->tool_version));
	json_open_key(&j, "statements", '[');
	for (size_t i = 0; i < s->nvulnerabilities; i++)
		write_statement(&j, s, &s->vulnerabilities[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	return sbom_finish(&j);
}
