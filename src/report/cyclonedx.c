/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/cyclonedx.h"

#include <string.h>

#include "report/sbom_json.h"

#define PRODUCT_REF "product"
#define TOOL_REF "assay"
/* A component that thousands of files show is shown well enough by some. */
#define METHODS_MAX 32u

static void write_hash(struct json *j, const char *sha256)
{
	if (!sha256)
		return;
	json_open_key(j, "hashes", '[');
	json_open(j, '{');
	json_pair(j, "alg", "SHA-256");
	json_pair(j, "content", sha256);
	json_close(j, '}');
	json_close(j, ']');
}

static void write_organisation(struct json *j, const char *key, const struct sbom *s)
{
	if (!s->supplier)
		return;
	json_open_key(j, key, '{');
	json_pair(j, "name", s->supplier);
	if (s->supplier_url) {
		json_open_key(j, "url", '[');
		json_text(j, text_c(s->supplier_url));
		json_close(j, ']');
	}
	json_close(j, '}');
}

static void write_metadata(struct json *j, const struct sbom *s)
{
	json_open_key(j, "metadata", '{');
	json_pair(j, "timestamp", s->timestamp);
	if (!s->declared) { /* of what a bill declares nobody knows when it was looked at */
		json_open_key(j, "lifecycles", '[');
		json_open(j, '{');
		json_pair(j, "phase", "post-build");
		json_close(j, '}');
		json_close(j, ']');
	}
	json_open_key(j, "tools", '{');
	json_open_key(j, "components", '[');
	json_open(j, '{');
	json_pair(j, "type", "application");
	json_pair(j, "bom-ref", TOOL_REF);
	json_pair(j, "name", "assay");
	json_pair(j, "version", s->tool_version);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
	json_open_key(j, "component", '{');
	json_pair(j, "type", "firmware");
	json_pair(j, "bom-ref", PRODUCT_REF);
	write_organisation(j, "supplier", s);
	json_pair(j, "name", s->name);
	json_pair(j, "version", s->version);
	write_hash(j, s->sha256);
	json_close(j, '}');
	json_close(j, '}');
}

static const char *technique(const char *kind)
{
	static const struct {
		const char *kind, *technique;
	} known[] = {
		{ "package", "manifest-analysis" }, { "filename", "filename" },      { "note", "binary-analysis" },
		{ "banner", "binary-analysis" },    { "soname", "binary-analysis" }, { "path", "binary-analysis" },
		{ "symbols", "binary-analysis" },
	};
	for (size_t i = 0; kind && i < sizeof known / sizeof known[0]; i++)
		if (strcmp(kind, known[i].kind) == 0)
			return known[i].technique;
	return "other";
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether one of the evidence before says the same words. */
static bool is_repeated(const struct sbom *s, const struct sbom_component *c, size_t at)
{
	size_t from = at - c->evidence > METHODS_MAX ? at - METHODS_MAX : c->evidence;
	for (size_t i = from; i < at; i++)
		if (same(s->evidence[i].kind, s->evidence[at].kind) && same(s->evidence[i].text, s->evidence[at].text))
			return true;
	return false;
}

static void write_identity(struct json *j, const struct sbom *s, const struct sbom_component *c)
{
	json_open_key(j, "identity", '[');
	json_open(j, '{');
	json_pair(j, "field", c->purl ? "purl" : "name");
	json_key(j, "confidence");
	json_decimal(j, sbom_confidence(c->confidence), 2);
	json_pair(j, "concludedValue", c->purl ? c->purl : c->name);
	json_open_key(j, "methods", '[');
	for (size_t i = c->evidence, n = 0; i < c->evidence + c->nevidence && n < METHODS_MAX; i++) {
		const struct sbom_evidence *e = &s->evidence[i];
		if (is_repeated(s, c, i))
			continue;
		json_open(j, '{');
		json_pair(j, "technique", technique(e->kind));
		json_key(j, "confidence");
		json_decimal(j, sbom_confidence(e->confidence ? e->confidence : c->confidence), 2);
		json_pair(j, "value", e->text);
		json_close(j, '}');
		n++;
	}
	json_close(j, ']');
	json_open_key(j, "tools", '[');
	json_text(j, TEXT_LIT(TOOL_REF));
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void write_evidence(struct json *j, const struct sbom *s, const struct sbom_component *c)
{
	json_open_key(j, "evidence", '{');
	write_identity(j, s, c);
	json_open_key(j, "occurrences", '[');
	for (size_t i = c->evidence; i < c->evidence + c->nevidence; i++) {
		const struct sbom_evidence *e = &s->evidence[i];
		if (e->file == SIZE_MAX)
			continue;
		json_open(j, '{');
		json_pair(j, "location", s->files[e->file].path);
		if (e->offset >= 0)
			json_key_int(j, "offset", e->offset);
		json_pair(j, "additionalContext", e->text);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void write_licence(struct json *j, const struct sbom_component *c)
{
	if (!c->licence)
		return;
	json_open_key(j, "licenses", '[');
	json_open(j, '{');
	if (c->licence_is_expression) {
		json_pair(j, "expression", c->licence);
		json_pair(j, "acknowledgement", "declared");
	} else {
		json_open_key(j, "license", '{');
		json_pair(j, "name", c->licence);
		json_pair(j, "acknowledgement", "declared");
		json_close(j, '}');
	}
	json_close(j, '}');
	json_close(j, ']');
}

/* The files that are the component, with their digests; what merely lies in a file has none of its own. */
static void write_files(struct json *j, const struct sbom *s, size_t component)
{
	const struct sbom_component *c = &s->components[component];
	size_t last = SIZE_MAX;
	bool open = false;
	for (size_t i = c->evidence; i < c->evidence + c->nevidence; i++) {
		size_t file = s->evidence[i].file;
		if (file == SIZE_MAX || file == last || s->files[file].owner != component)
			continue;
		if (!open)
			json_open_key(j, "components", '[');
		open = true;
		last = file;
		json_open(j, '{');
		json_pair(j, "type", "file");
		json_pair(j, "name", s->files[file].path);
		write_hash(j, s->files[file].sha256);
		json_close(j, '}');
	}
	if (open)
		json_close(j, ']');
}

static void write_component(struct json *j, const struct sbom *s, size_t at)
{
	const struct sbom_component *c = &s->components[at];
	json_open(j, '{');
	json_pair(j, "type", c->type);
	json_pair(j, "bom-ref", c->ref);
	json_pair(j, "name", c->name);
	json_pair(j, "version", c->version);
	json_pair(j, "description", c->title);
	write_licence(j, c);
	json_pair(j, "cpe", c->ncpes ? c->cpes[0] : NULL);
	json_pair(j, "purl", c->purl);
	write_files(j, s, at);
	write_evidence(j, s, c);
	json_open_key(j, "properties", '[');
	json_property(j, "assay:confidence", c->confidence);
	json_property(j, "assay:evidence", c->evidence_kind);
	json_property(j, "assay:upstream-version", c->upstream_version);
	json_property(j, "assay:package-version", c->package_version);
	json_property(j, "assay:source-package", c->source_package);
	json_property(j, "assay:distribution", c->distribution);
	json_property(j, "assay:architecture", c->architecture);
	for (size_t i = 1; i < c->ncpes; i++)
		json_property(j, "assay:cpe", c->cpes[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static void write_dependencies(struct json *j, const struct sbom *s)
{
	json_open_key(j, "dependencies", '[');
	json_open(j, '{');
	json_pair(j, "ref", PRODUCT_REF);
	json_open_key(j, "dependsOn", '[');
	for (size_t i = 0; i < s->ncomponents; i++)
		json_text(j, text_c(s->components[i].ref));
	json_close(j, ']');
	json_close(j, '}');
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct sbom_component *c = &s->components[i];
		if (!c->ndependencies)
			continue;
		json_open(j, '{');
		json_pair(j, "ref", c->ref);
		json_open_key(j, "dependsOn", '[');
		for (size_t k = 0; k < c->ndependencies; k++)
			json_text(j, text_c(s->components[s->dependencies[c->dependency + k]].ref));
		json_close(j, ']');
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* What the analysis of an image finds is what shows itself there: nobody can say that it is all. */
static void write_compositions(struct json *j)
{
	json_open_key(j, "compositions", '[');
	json_open(j, '{');
	json_pair(j, "aggregate", "incomplete");
	json_open_key(j, "assemblies", '[');
	json_text(j, TEXT_LIT(PRODUCT_REF));
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

static void write_head(struct json *j, const struct sbom *s, const char *uuid)
{
	char serial[48];
	snprintf(serial, sizeof serial, "urn:uuid:%s", uuid);
	json_open(j, '{');
	json_pair(j, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
	json_pair(j, "bomFormat", "CycloneDX");
	json_pair(j, "specVersion", "1.6");
	json_pair(j, "serialNumber", serial);
	json_key_int(j, "version", 1);
	write_metadata(j, s);
}

struct error report_cyclonedx(struct sbom *s, FILE *out)
{
	struct json j = { .out = out, .broken_lines = 3 };
	write_head(&j, s, s->uuid);
	json_open_key(&j, "components", '[');
	for (size_t i = 0; i < s->ncomponents; i++)
		write_component(&j, s, i);
	json_close(&j, ']');
	write_dependencies(&j, s);
	write_compositions(&j);
	if (s->nvulnerabilities)
		cyclonedx_vulnerabilities(&j, s, false);
	json_close(&j, '}');
	return sbom_finish(&j);
}

struct error report_cyclonedx_vex(struct sbom *s, FILE *out)
{
	struct json j = { .out = out, .broken_lines = 3 };
	char uuid[37];
	sbom_uuid(s, "cyclonedx-vex", uuid);
	write_head(&j, s, uuid);
	cyclonedx_vulnerabilities(&j, s, true);
	json_close(&j, '}');
	return sbom_finish(&j);
}
