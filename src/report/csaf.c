/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/csaf.h"

#include "report/sbom_json.h"

#define PRODUCT_ID "PRODUCT"

const char *csaf_product_id(struct sbom *s, size_t component)
{
	return arena_printf(s->arena, PRODUCT_ID ":COMPONENT-%lld", (long long)s->components[component].id);
}

static const char *component_id(struct sbom *s, size_t component)
{
	return arena_printf(s->arena, "COMPONENT-%lld", (long long)s->components[component].id);
}

static void write_tracking(struct json *j, struct sbom *s, const char *category)
{
	json_open_key(j, "tracking", '{');
	json_pair(j, "current_release_date", s->timestamp);
	json_open_key(j, "generator", '{');
	json_pair(j, "date", s->timestamp);
	json_open_key(j, "engine", '{');
	json_pair(j, "name", "assay");
	json_pair(j, "version", s->tool_version);
	json_close(j, '}');
	json_close(j, '}');
	json_pair(j, "id", arena_printf(s->arena, "%s-%s", category, s->uuid));
	json_pair(j, "initial_release_date", s->timestamp);
	json_open_key(j, "revision_history", '[');
	json_open(j, '{');
	json_pair(j, "date", s->timestamp);
	json_pair(j, "number", "1");
	json_pair(j, "summary", s->declared ? "Written from the case of a bill of materials." : "Written from the case of the image.");
	json_close(j, '}');
	json_close(j, ']');
	json_pair(j, "status", "final");
	json_pair(j, "version", "1");
	json_close(j, '}');
}

/* Section 4.4 wants references and notes of a security advisory; they do a VEX document no harm. */
static void write_document(struct json *j, struct sbom *s, const char *category)
{
	json_open_key(j, "document", '{');
	json_pair(j, "category", category);
	json_pair(j, "csaf_version", "2.0");
	json_open_key(j, "notes", '[');
	json_open(j, '{');
	json_pair(j, "category", "summary");
	json_pair(j, "title", "How this was made");
	json_pair(j, "text",
			  s->declared ? "Components are those that a bill of materials declares, and were not seen in an image; versions were compared"
							" with vulnerability feeds, and what was stated about the product went before that."
						  : "Components were recognised in the image; versions were compared with vulnerability feeds, and what was"
							" stated about the product went before that.");
	json_close(j, '}');
	json_close(j, ']');
	json_open_key(j, "publisher", '{');
	json_pair(j, "category", s->supplier ? "vendor" : "other");
	json_pair(j, "name", s->supplier ? s->supplier : "assay");
	json_pair(j, "namespace", s->supplier_url ? s->supplier_url : arena_printf(s->arena, "urn:uuid:%s", s->uuid));
	json_close(j, '}');
	json_open_key(j, "references", '[');
	json_open(j, '{');
	json_pair(j, "category", "external");
	json_pair(j, "summary", "The records of the vulnerabilities");
	json_pair(j, "url", "https://www.cve.org/");
	json_close(j, '}');
	json_close(j, ']');
	json_pair(j, "title",
			  arena_printf(s->arena, "Vulnerabilities of %s%s%s", s->name, s->version ? " " : "",
						   s->version ? s->version : ""));
	write_tracking(j, s, category);
	json_close(j, '}');
}

static void write_product_hash(struct json *j, const struct sbom *s)
{
	if (!s->sha256)
		return;
	json_open_key(j, "product_identification_helper", '{');
	json_open_key(j, "hashes", '[');
	json_open(j, '{');
	json_open_key(j, "file_hashes", '[');
	json_open(j, '{');
	json_pair(j, "algorithm", "sha256");
	json_pair(j, "value", s->sha256);
	json_close(j, '}');
	json_close(j, ']');
	json_pair(j, "filename", s->name);
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

/* Vendor, product, version: three branches, each within the one before. */
static void write_branches(struct json *j, struct sbom *s)
{
	json_open_key(j, "branches", '[');
	json_open(j, '{');
	json_pair(j, "category", "vendor");
	json_pair(j, "name", s->supplier ? s->supplier : "unknown");
	json_open_key(j, "branches", '[');
	json_open(j, '{');
	json_pair(j, "category", "product_name");
	json_pair(j, "name", s->name);
	json_open_key(j, "branches", '[');
	json_open(j, '{');
	json_pair(j, "category", "product_version");
	json_pair(j, "name", s->version ? s->version : "unknown");
	json_open_key(j, "product", '{');
	json_pair(j, "product_id", PRODUCT_ID);
	json_pair(j, "name", arena_printf(s->arena, "%s %s", s->name, s->version ? s->version : "(version unknown)"));
	write_product_hash(j, s);
	json_close(j, '}');
	for (int i = 0; i < 3; i++) {
		json_close(j, '}');
		json_close(j, ']');
	}
}

static void write_component(struct json *j, struct sbom *s, size_t at)
{
	const struct sbom_component *c = &s->components[at];
	json_open(j, '{');
	json_pair(j, "product_id", component_id(s, at));
	json_pair(j, "name", sbom_title(s, c));
	if (c->purl || c->ncpes) {
		json_open_key(j, "product_identification_helper", '{');
		json_pair(j, "cpe", c->ncpes ? c->cpes[0] : NULL);
		json_pair(j, "purl", c->purl);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void write_relationship(struct json *j, struct sbom *s, size_t at)
{
	json_open(j, '{');
	json_pair(j, "category", "default_component_of");
	json_open_key(j, "full_product_name", '{');
	json_pair(j, "product_id", csaf_product_id(s, at));
	json_pair(j, "name", arena_printf(s->arena, "%s as a part of %s", sbom_title(s, &s->components[at]), s->name));
	json_close(j, '}');
	json_pair(j, "product_reference", component_id(s, at));
	json_pair(j, "relates_to_product_reference", PRODUCT_ID);
	json_close(j, '}');
}

static void write_product_tree(struct json *j, struct sbom *s)
{
	json_open_key(j, "product_tree", '{');
	write_branches(j, s);
	json_open_key(j, "full_product_names", '[');
	for (size_t i = 0; i < s->ncomponents; i++)
		write_component(j, s, i);
	json_close(j, ']');
	json_open_key(j, "relationships", '[');
	for (size_t i = 0; i < s->ncomponents; i++)
		write_relationship(j, s, i);
	json_close(j, ']');
	json_close(j, '}');
}

static struct error report(struct sbom *s, FILE *out, const char *category)
{
	struct json j = { .out = out, .broken_lines = 3 };
	if (!s->nvulnerabilities)
		return error_at(ERR_USAGE, 0,
						"there is nothing to state: the case has no vulnerabilities (were feeds matched?)");
	json_open(&j, '{');
	write_document(&j, s, category);
	write_product_tree(&j, s);
	csaf_vulnerabilities(&j, s);
	json_close(&j, '}');
	return sbom_finish(&j);
}

struct error report_csaf_vex(struct sbom *s, FILE *out)
{
	return report(s, out, "csaf_vex");
}

struct error report_csaf_advisory(struct sbom *s, FILE *out)
{
	return report(s, out, "csaf_security_advisory");
}
