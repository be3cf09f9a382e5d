/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/spdx3.h"

#include <string.h>

#include "report/sbom_json.h"

#define CREATION "_:creationinfo"

const char *spdx3_id(struct sbom *s, const char *kind, int64_t number)
{
	char uuid[37];
	sbom_uuid(s, "spdx-3.0", uuid);
	return number < 0 ? arena_printf(s->arena, "urn:uuid:%s#%s", uuid, kind)
					  : arena_printf(s->arena, "urn:uuid:%s#%s-%lld", uuid, kind, (long long)number);
}

void spdx3_open(struct json *j, const char *type, const char *id)
{
	json_open(j, '{');
	json_pair(j, "type", type);
	json_pair(j, "spdxId", id);
	json_pair(j, "creationInfo", CREATION);
}

void spdx3_relationship(struct json *j, const char *type, const char *id, const char *from, const char *kind)
{
	spdx3_open(j, type, id);
	json_pair(j, "from", from);
	json_pair(j, "relationshipType", kind);
}

static const char *component_id(struct sbom *s, size_t at)
{
	return spdx3_id(s, "component", s->components[at].id);
}

static const char *file_id(struct sbom *s, size_t at)
{
	return spdx3_id(s, "file", s->files[at].blob_id);
}

static const char *annotation_id(struct sbom *s, size_t component, size_t k)
{
	return spdx3_id(s, "annotation", s->components[component].id * SBOM_NOTES + (int64_t)k);
}

static void write_words(struct json *j, const char *key, const char *const *words, size_t n)
{
	json_open_key(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_text(j, text_c(words[i]));
	json_close(j, ']');
}

static void write_creation(struct json *j, struct sbom *s)
{
	const char *agent = spdx3_id(s, "agent", -1), *tool = spdx3_id(s, "tool", -1);
	json_open(j, '{');
	json_pair(j, "type", "CreationInfo");
	json_pair(j, "@id", CREATION);
	json_pair(j, "specVersion", "3.0.1");
	json_pair(j, "created", s->timestamp);
	write_words(j, "createdBy", &agent, 1);
	write_words(j, "createdUsing", &tool, 1);
	json_close(j, '}');
	spdx3_open(j, s->supplier ? "Organization" : "SoftwareAgent", agent);
	json_pair(j, "name", s->supplier ? s->supplier : "assay");
	json_close(j, '}');
	spdx3_open(j, "Tool", tool);
	json_pair(j, "name", arena_printf(s->arena, "assay %s", s->tool_version));
	json_close(j, '}');
}

static void write_hash(struct json *j, const char *sha256)
{
	if (!sha256)
		return;
	json_open_key(j, "verifiedUsing", '[');
	json_open(j, '{');
	json_pair(j, "type", "Hash");
	json_pair(j, "algorithm", "sha256");
	json_pair(j, "hashValue", sha256);
	json_close(j, '}');
	json_close(j, ']');
}

static void write_identifiers(struct json *j, const struct sbom_component *c)
{
	if (!c->ncpes && !c->purl)
		return;
	json_open_key(j, "externalIdentifier", '[');
	for (size_t i = 0; i < c->ncpes + (c->purl != NULL); i++) {
		json_open(j, '{');
		json_pair(j, "type", "ExternalIdentifier");
		json_pair(j, "externalIdentifierType", i < c->ncpes ? "cpe23" : "packageUrl");
		json_pair(j, "identifier", i < c->ncpes ? c->cpes[i] : c->purl);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void write_packages(struct json *j, struct sbom *s)
{
	spdx3_open(j, "software_Package", spdx3_id(s, "product", -1));
	json_pair(j, "name", s->name);
	json_pair(j, "software_packageVersion", s->version);
	json_pair(j, "software_primaryPurpose", "firmware");
	if (s->supplier)
		json_pair(j, "suppliedBy", spdx3_id(s, "agent", -1));
	write_hash(j, s->sha256);
	json_close(j, '}');
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct sbom_component *c = &s->components[i];
		spdx3_open(j, "software_Package", component_id(s, i));
		json_pair(j, "name", c->name);
		json_pair(j, "software_packageVersion", c->version);
		json_pair(j, "software_packageUrl", c->purl);
		json_pair(j, "software_primaryPurpose", strcmp(c->type, "operating-system") == 0 ? "operatingSystem" : c->type);
		json_pair(j, "summary", c->title);
		json_pair(j, "software_sourceInfo", c->source_package);
		json_pair(j, "comment",
				  arena_printf(s->arena, "Seen by: %s; confidence: %s", c->evidence_kind ? c->evidence_kind : "unknown",
							   c->confidence ? c->confidence : "unknown"));
		write_identifiers(j, c);
		json_close(j, '}');
	}
	for (size_t i = 0; i < s->nfiles; i++) {
		spdx3_open(j, "software_File", file_id(s, i));
		json_pair(j, "name", s->files[i].path);
		write_hash(j, s->files[i].sha256);
		json_close(j, '}');
	}
}

/* What a package has no property for. */
static void write_annotations(struct json *j, struct sbom *s)
{
	const char *words[SBOM_NOTES];
	for (size_t i = 0; i < s->ncomponents; i++) {
		sbom_notes(s, &s->components[i], words);
		for (size_t k = 0; k < SBOM_NOTES; k++) {
			if (!words[k])
				continue;
			spdx3_open(j, "Annotation", annotation_id(s, i, k));
			json_pair(j, "annotationType", "other");
			json_pair(j, "subject", component_id(s, i));
			json_pair(j, "statement", words[k]);
			json_close(j, '}');
		}
	}
}

/* A relationship to a list that is written between spdx3_relationship() and this. */
static void close_list(struct json *j)
{
	json_close(j, ']');
	json_close(j, '}');
}

static void write_contents(struct json *j, struct sbom *s)
{
	if (!s->ncomponents)
		return;
	spdx3_relationship(j, "Relationship", spdx3_id(s, "contents", -1), spdx3_id(s, "product", -1), "contains");
	json_pair(j, "completeness", "incomplete"); /* what shows itself in an image is not all that can be in it */
	json_open_key(j, "to", '[');
	for (size_t i = 0; i < s->ncomponents; i++)
		json_text(j, text_c(component_id(s, i)));
	close_list(j);
}

static void write_evidence(struct json *j, struct sbom *s)
{
	for (size_t i = 0; i < s->nevidence; i++) {
		const struct sbom_evidence *e = &s->evidence[i];
		if (e->file == SIZE_MAX)
			continue;
		spdx3_relationship(j, "Relationship", spdx3_id(s, "evidence", (int64_t)i + 1), component_id(s, e->component),
						   "hasEvidence");
		json_pair(j, "comment", sbom_evidence_words(s, e));
		json_open_key(j, "to", '[');
		json_text(j, text_c(file_id(s, e->file)));
		close_list(j);
	}
}

static void write_dependencies(struct json *j, struct sbom *s)
{
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct sbom_component *c = &s->components[i];
		if (!c->ndependencies)
			continue;
		spdx3_relationship(j, "Relationship", spdx3_id(s, "dependencies", c->id), component_id(s, i), "dependsOn");
		json_open_key(j, "to", '[');
		for (size_t k = 0; k < c->ndependencies; k++)
			json_text(j, text_c(component_id(s, s->dependencies[c->dependency + k])));
		close_list(j);
	}
}

static void write_licences(struct json *j, struct sbom *s)
{
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct sbom_component *c = &s->components[i];
		if (!c->licence_is_expression)
			continue;
		const char *id = spdx3_id(s, "licence", c->id);
		spdx3_open(j, "simplelicensing_LicenseExpression", id);
		json_pair(j, "simplelicensing_licenseExpression", c->licence);
		json_close(j, '}');
		spdx3_relationship(j, "Relationship", spdx3_id(s, "licensed", c->id), component_id(s, i), "hasDeclaredLicense");
		json_open_key(j, "to", '[');
		json_text(j, text_c(id));
		close_list(j);
	}
}

/* The identifiers of all that is in the document. */
static void list_elements(struct json *j, struct sbom *s)
{
	json_open_key(j, "element", '[');
	json_text(j, text_c(spdx3_id(s, "agent", -1)));
	json_text(j, text_c(spdx3_id(s, "tool", -1)));
	json_text(j, text_c(spdx3_id(s, "product", -1)));
	if (s->ncomponents)
		json_text(j, text_c(spdx3_id(s, "contents", -1)));
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct sbom_component *c = &s->components[i];
		const char *words[SBOM_NOTES];
		json_text(j, text_c(component_id(s, i)));
		sbom_notes(s, c, words);
		for (size_t k = 0; k < SBOM_NOTES; k++)
			if (words[k])
				json_text(j, text_c(annotation_id(s, i, k)));
		if (c->ndependencies)
			json_text(j, text_c(spdx3_id(s, "dependencies", c->id)));
		if (c->licence_is_expression) {
			json_text(j, text_c(spdx3_id(s, "licence", c->id)));
			json_text(j, text_c(spdx3_id(s, "licensed", c->id)));
		}
	}
	for (size_t i = 0; i < s->nfiles; i++)
		json_text(j, text_c(file_id(s, i)));
	for (size_t i = 0; i < s->nevidence; i++)
		if (s->evidence[i].file != SIZE_MAX)
			json_text(j, text_c(spdx3_id(s, "evidence", (int64_t)i + 1)));
	spdx3_list_vulnerabilities(j, s);
	json_close(j, ']');
}

static void write_document(struct json *j, struct sbom *s)
{
	static const char *const profiles[] = { "core", "software", "simpleLicensing", "security" };
	const char *bill = spdx3_id(s, "sbom", -1), *product = spdx3_id(s, "product", -1), *type = "analyzed";
	spdx3_open(j, "SpdxDocument", spdx3_id(s, "document", -1));
	json_pair(j, "name", s->name);
	write_words(j, "profileConformance", profiles, s->nvulnerabilities ? 4 : 3);
	write_words(j, "rootElement", &bill, 1);
	write_words(j, "element", &bill, 1);
	json_close(j, '}');
	spdx3_open(j, "software_Sbom", bill);
	json_pair(j, "name", s->name);
	write_words(j, "software_sbomType", &type, 1);
	write_words(j, "rootElement", &product, 1);
	list_elements(j, s);
	json_close(j, '}');
}

struct error report_spdx3(struct sbom *s, FILE *out)
{
	struct json j = { .out = out, .broken_lines = 2 };
	json_open(&j, '{');
	json_pair(&j, "@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
	json_open_key(&j, "@graph", '[');
	write_creation(&j, s);
	write_document(&j, s);
	write_packages(&j, s);
	write_annotations(&j, s);
	write_contents(&j, s);
	write_evidence(&j, s);
	write_dependencies(&j, s);
	write_licences(&j, s);
	spdx3_vulnerabilities(&j, s);
	json_close(&j, ']');
	json_close(&j, '}');
	return sbom_finish(&j);
}
