/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/spdx2.h"

#include <string.h>

#include "report/sbom_json.h"

#define PRODUCT "SPDXRef-Product"
#define IDENTIFIER_MAX 64u /* characters of a name that go into an identifier */

/* Letters, digits, "." and "-" (section 7.2); unique by the number at its end. */
static const char *identifier(struct sbom *s, const char *kind, const char *name, int64_t id)
{
	char out[IDENTIFIER_MAX + 1];
	size_t n = 0;
	for (; n < IDENTIFIER_MAX && name[n]; n++) {
		char c = name[n];
		bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
		out[n] = ok ? c : '-';
	}
	out[n] = '\0';
	return arena_printf(s->arena, "SPDXRef-%s-%s-%lld", kind, out, (long long)id);
}

static const char *component_id(struct sbom *s, size_t at)
{
	return identifier(s, "Package", s->components[at].name, s->components[at].id);
}

static const char *file_id(struct sbom *s, size_t at)
{
	const char *slash = strrchr(s->files[at].path, '/');
	return identifier(s, "File", slash ? slash + 1 : s->files[at].path, s->files[at].blob_id);
}

static void write_creation(struct json *j, struct sbom *s)
{
	json_open_key(j, "creationInfo", '{');
	json_pair(j, "created", s->timestamp);
	json_open_key(j, "creators", '[');
	json_text(j, text_c(arena_printf(s->arena, "Tool: assay-%s", s->tool_version)));
	if (s->supplier)
		json_text(j, text_c(arena_printf(s->arena, "Organization: %s", s->supplier)));
	json_close(j, ']');
	json_close(j, '}');
}

static void write_checksum(struct json *j, const char *sha256)
{
	if (!sha256)
		return;
	json_open_key(j, "checksums", '[');
	json_open(j, '{');
	json_pair(j, "algorithm", "SHA256");
	json_pair(j, "checksumValue", sha256);
	json_close(j, '}');
	json_close(j, ']');
}

/* What every package has to say, and what is said of none (sections 7.7, 7.8, 7.13, 7.15, 7.17). */
static void write_package_head(struct json *j, const char *id, const char *name, const char *version)
{
	json_pair(j, "SPDXID", id);
	json_pair(j, "name", name);
	json_pair(j, "versionInfo", version);
	json_pair(j, "downloadLocation", "NOASSERTION");
	json_key(j, "filesAnalyzed");
	json_bool(j, 0);
	json_pair(j, "licenseConcluded", "NOASSERTION");
	json_pair(j, "copyrightText", "NOASSERTION");
}

static void write_product(struct json *j, struct sbom *s)
{
	json_open(j, '{');
	write_package_head(j, PRODUCT, s->name, s->version);
	json_pair(j, "licenseDeclared", "NOASSERTION");
	json_pair(j, "supplier", s->supplier ? arena_printf(s->arena, "Organization: %s", s->supplier) : "NOASSERTION");
	json_pair(j, "primaryPackagePurpose", "FIRMWARE");
	write_checksum(j, s->sha256);
	json_close(j, '}');
}

static void write_reference(struct json *j, const char *category, const char *type, const char *locator)
{
	if (!locator)
		return;
	json_open(j, '{');
	json_pair(j, "referenceCategory", category);
	json_pair(j, "referenceType", type);
	json_pair(j, "referenceLocator", locator);
	json_close(j, '}');
}

static void write_references(struct json *j, struct sbom *s, size_t at)
{
	const struct sbom_component *c = &s->components[at];
	json_open_key(j, "externalRefs", '[');
	write_reference(j, "PACKAGE-MANAGER", "purl", c->purl);
	for (size_t i = 0; i < c->ncpes; i++)
		write_reference(j, "SECURITY", "cpe23Type", c->cpes[i]);
	json_close(j, ']');
}

static void write_annotation(struct json *j, struct sbom *s, const char *words)
{
	if (!words)
		return;
	json_open(j, '{');
	json_pair(j, "annotationDate", s->timestamp);
	json_pair(j, "annotationType", "OTHER");
	json_pair(j, "annotator", arena_printf(s->arena, "Tool: assay-%s", s->tool_version));
	json_pair(j, "comment", words);
	json_close(j, '}');
}

/* What a package has no field for (clause 12). */
static void write_annotations(struct json *j, struct sbom *s, const struct sbom_component *c)
{
	const char *words[SBOM_NOTES];
	if (!sbom_notes(s, c, words))
		return;
	json_open_key(j, "annotations", '[');
	for (size_t i = 0; i < SBOM_NOTES; i++)
		write_annotation(j, s, words[i]);
	json_close(j, ']');
}

static void write_component(struct json *j, struct sbom *s, size_t at)
{
	static const struct {
		const char *type, *purpose;
	} purposes[] = { { "library", "LIBRARY" }, { "operating-system", "OPERATING-SYSTEM" }, { "device", "DEVICE" } };
	const struct sbom_component *c = &s->components[at];
	const char *purpose = "APPLICATION";
	for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
		if (strcmp(c->type, purposes[i].type) == 0)
			purpose = purposes[i].purpose;
	json_open(j, '{');
	write_package_head(j, component_id(s, at), c->name, c->version);
	json_pair(j, "licenseDeclared", c->licence_is_expression ? c->licence : "NOASSERTION");
	if (c->licence && !c->licence_is_expression)
		json_pair(j, "licenseComments", c->licence);
	json_pair(j, "supplier", "NOASSERTION");
	json_pair(j, "primaryPackagePurpose", purpose);
	json_pair(j, "summary", c->title);
	json_pair(j, "sourceInfo", c->source_package);
	json_pair(j, "comment",
			  arena_printf(s->arena, "Seen by: %s; confidence: %s", c->evidence_kind ? c->evidence_kind : "unknown",
						   c->confidence ? c->confidence : "unknown"));
	write_references(j, s, at);
	write_annotations(j, s, c);
	json_close(j, '}');
}

static void write_file_package(struct json *j, struct sbom *s, size_t at)
{
	const struct sbom_file *f = &s->files[at];
	const char *slash = strrchr(f->path, '/');
	json_open(j, '{');
	write_package_head(j, file_id(s, at), slash && slash[1] ? slash + 1 : f->path, NULL);
	json_pair(j, "licenseDeclared", "NOASSERTION");
	json_pair(j, "supplier", "NOASSERTION");
	json_pair(j, "packageFileName", arena_printf(s->arena, "./%s", f->path));
	json_pair(j, "primaryPackagePurpose", "FILE");
	write_checksum(j, f->sha256);
	json_close(j, '}');
}

static void write_relationship(struct json *j, const char *from, const char *type, const char *to, const char *comment)
{
	json_open(j, '{');
	json_pair(j, "spdxElementId", from);
	json_pair(j, "relationshipType", type);
	json_pair(j, "relatedSpdxElement", to);
	json_pair(j, "comment", comment);
	json_close(j, '}');
}

static void write_relationships(struct json *j, struct sbom *s)
{
	json_open_key(j, "relationships", '[');
	write_relationship(j, "SPDXRef-DOCUMENT", "DESCRIBES", PRODUCT, NULL);
	for (size_t i = 0; i < s->ncomponents; i++)
		write_relationship(j, PRODUCT, "CONTAINS", component_id(s, i), NULL);
	for (size_t i = 0; i < s->nfiles; i++)
		write_relationship(j, PRODUCT, "CONTAINS", file_id(s, i), NULL);
	for (size_t i = 0; i < s->nevidence; i++)
		if (s->evidence[i].file != SIZE_MAX)
			write_relationship(j, file_id(s, s->evidence[i].file), "CONTAINS",
							   component_id(s, s->evidence[i].component), sbom_evidence_words(s, &s->evidence[i]));
	for (size_t i = 0; i < s->ncomponents; i++)
		for (size_t k = 0; k < s->components[i].ndependencies; k++)
			write_relationship(j, component_id(s, i), "DEPENDS_ON",
							   component_id(s, s->dependencies[s->components[i].dependency + k]), NULL);
	json_close(j, ']');
}

struct error report_spdx2(struct sbom *s, FILE *out)
{
	struct json j = { .out = out, .broken_lines = 3 };
	char uuid[37];
	sbom_uuid(s, "spdx-2.3", uuid);
	json_open(&j, '{');
	json_pair(&j, "spdxVersion", "SPDX-2.3");
	json_pair(&j, "dataLicense", "CC0-1.0");
	json_pair(&j, "SPDXID", "SPDXRef-DOCUMENT");
	json_pair(&j, "name", s->name);
	json_pair(&j, "documentNamespace", arena_printf(s->arena, "urn:uuid:%s", uuid));
	write_creation(&j, s);
	json_open_key(&j, "packages", '[');
	write_product(&j, s);
	for (size_t i = 0; i < s->ncomponents; i++)
		write_component(&j, s, i);
	for (size_t i = 0; i < s->nfiles; i++)
		write_file_package(&j, s, i);
	json_close(&j, ']');
	write_relationships(&j, s);
	json_close(&j, '}');
	return sbom_finish(&j);
}
