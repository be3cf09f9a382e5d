/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 2.2 and 2.3 in JSON (https://spdx.github.io/spdx-spec/v2.3/, clause 7): packages. The one that the document
 * describes, where it is one, is the product; packages that are files are not parts. */
#include <string.h>

#include "inspect/sbom.h"

/* What the document describes: the first of it, and how many; what is not shipped with it. */
struct described {
	struct text id;
	unsigned n;
	struct sbom_names unshipped;
};

static void describe(struct described *d, struct text id)
{
	if (d->n == 0)
		d->id = id;
	if (id.n && (d->n == 0 || !text_eq(d->id, id)))
		d->n++;
}

static bool one_of(struct text type, const char *const *types)
{
	for (; *types; types++)
		if (text_is(type, *types))
			return true;
	return false;
}

void sbom_spdx_unship(struct sbom_reader *r, struct sbom_names *unshipped, struct text from, struct text type)
{
	static const char *const types[] = { "DEV_DEPENDENCY_OF", "TEST_DEPENDENCY_OF", "BUILD_TOOL_OF", "DEV_TOOL_OF", "TEST_TOOL_OF", NULL };
	if (from.n && one_of(type, types))
		sbom_names_add(r, unshipped, &(struct sbom_name){ .id = from });
}

void sbom_spdx_ship(struct sbom_reader *r, struct sbom_names *unshipped, struct text from, struct text type, struct text to)
{
	static const char *const of_to[] = { "CONTAINS", "DEPENDS_ON", "DESCRIBES", "STATIC_LINK", "DYNAMIC_LINK", NULL };
	static const char *const of_from[] = { "CONTAINED_BY", "DEPENDENCY_OF", "DESCRIBED_BY", "RUNTIME_DEPENDENCY_OF", NULL };
	const struct sbom_name *is = one_of(type, of_to)     ? sbom_names_find(r, unshipped, to)
								 : one_of(type, of_from) ? sbom_names_find(r, unshipped, from)
														 : NULL;
	if (is)
		unshipped->v[is - unshipped->v].what.kind = TEXT_LIT("shipped");
}

bool sbom_spdx_is_unshipped(struct sbom_reader *r, struct sbom_names *unshipped, struct text id)
{
	const struct sbom_name *is = id.n && unshipped->n ? sbom_names_find(r, unshipped, id) : NULL;
	return is && !is->what.kind.n;
}

static void read_relationships(struct sbom_reader *r, struct described *d, bool again)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text from = TEXT_NONE, type = TEXT_NONE, to = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, "spdxElementId"))
				sbom_text(r, &from);
			else if (sbom_key(r, "relationshipType"))
				sbom_text(r, &type);
			else if (sbom_key(r, "relatedSpdxElement"))
				sbom_text(r, &to);
			else
				sbom_skip(r);
		}
		if (again) {
			sbom_spdx_ship(r, &d->unshipped, from, type, to);
			continue;
		}
		sbom_spdx_unship(r, &d->unshipped, from, type);
		if (text_is(from, "SPDXRef-DOCUMENT") && text_is(type, "DESCRIBES"))
			describe(d, to);
		if (text_is(to, "SPDXRef-DOCUMENT") && text_is(type, "DESCRIBED_BY"))
			describe(d, from);
	}
}

static void read_references(struct sbom_reader *r, struct fact_declared_component *row)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text type = TEXT_NONE, locator = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, "referenceType"))
				sbom_text(r, &type);
			else if (sbom_key(r, "referenceLocator"))
				sbom_text(r, &locator);
			else
				sbom_skip(r);
		}
		if (text_is(sbom_spdx_type(type), "purl") && !row->purl.n)
			row->purl = locator;
		else if (text_is(sbom_spdx_type(type), "cpe23Type") || text_is(sbom_spdx_type(type), "cpe22Type"))
			sbom_append(r, &row->cpe, locator);
	}
}

void sbom_spdx_annotation(struct text words, struct fact_declared_component *row)
{
	const struct {
		const char *name;
		struct text *to;
	} known[] = {
		{ "assay:package-version=", &row->package_version },
		{ "assay:distribution=", &row->distribution },
		{ "assay:confidence=", &row->confidence },
	};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_starts(words, known[i].name))
			*known[i].to = text_of(words.p + strlen(known[i].name), words.n - strlen(known[i].name));
}

static void read_annotations(struct sbom_reader *r, struct fact_declared_component *row)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r))
		while (sbom_member(r)) {
			struct text words = TEXT_NONE;
			if (!sbom_key(r, "comment")) {
				sbom_skip(r);
				continue;
			}
			sbom_text(r, &words);
			sbom_spdx_annotation(words, row);
		}
}

static void read_package(struct sbom_reader *r, struct described *d)
{
	struct fact_declared_component row = { .line = sbom_line(r) };
	struct text id = TEXT_NONE, concluded = TEXT_NONE, source = TEXT_NONE;
	while (sbom_member(r)) {
		if (sbom_key(r, "SPDXID"))
			sbom_text(r, &id);
		else if (sbom_key(r, "name"))
			sbom_text(r, &row.name);
		else if (sbom_key(r, "versionInfo"))
			sbom_text(r, &row.version);
		else if (sbom_key(r, "supplier"))
			sbom_text(r, &row.supplier);
		else if (sbom_key(r, "licenseDeclared"))
			sbom_text(r, &row.licence);
		else if (sbom_key(r, "licenseConcluded"))
			sbom_text(r, &concluded);
		else if (sbom_key(r, "primaryPackagePurpose"))
			sbom_text(r, &row.kind);
		else if (sbom_key(r, "sourceInfo"))
			sbom_text(r, &source);
		else if (sbom_key(r, "externalRefs"))
			read_references(r, &row);
		else if (sbom_key(r, "annotations"))
			read_annotations(r, &row);
		else if (sbom_key(r, "checksums"))
			sbom_sha256(r, "algorithm", "checksumValue", "SHA256", &row.hash);
		else
			sbom_skip(r);
	}
	row.source_package = sbom_spdx_source(r, source);
	if (sbom_spdx_is_unshipped(r, &d->unshipped, id))
		row.scope = TEXT_LIT("excluded");
	sbom_emit_spdx(r, &row, concluded, d->n == 1 && id.n && text_eq(id, d->id));
}

struct text sbom_spdx_source(struct sbom_reader *r, struct text words)
{
	static const char built[] = "built package from: ";
	bool said = text_starts(words, built);
	struct text name = said ? text_of(words.p + sizeof built - 1, words.n - sizeof built + 1) : sbom_said(words);
	const char *space = name.n ? memchr(name.p, ' ', name.n) : NULL;
	if (!space)
		return name; /* a name alone, as this program writes it */
	size_t n = (size_t)(space - name.p);
	struct text version = text_of(space + 1, name.n - n - 1);
	if (!said || !n || !version.n || memchr(version.p, ' ', version.n))
		return TEXT_NONE;
	return text_c(arena_printf(r->arena, "%.*s@%.*s", (int)n, name.p, (int)version.n, version.p));
}

void sbom_emit_spdx(struct sbom_reader *r, struct fact_declared_component *row, struct text concluded, bool is_product)
{
	static const char *const prefixes[] = { "Organization: ", "Person: " };
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (text_starts(row->supplier, prefixes[i]))
			row->supplier = text_of(row->supplier.p + strlen(prefixes[i]), row->supplier.n - strlen(prefixes[i]));
	if (!sbom_said(row->licence).n)
		row->licence = concluded;
	if (text_is(row->kind, "FILE") || text_is(row->kind, "file"))
		return;
	char *kind = arena_strdup(r->arena, is_product ? TEXT_LIT("product") : row->kind);
	for (char *c = kind; c && *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
	row->kind = kind && *kind ? text_c(kind) : TEXT_NONE;
	sbom_emit_component(r, row);
}

/* What is described and the version may stand behind the packages: they are looked for first. */
void sbom_read_spdx(struct sbom_reader *r)
{
	struct described d = { .n = 0 };
	struct text version = TEXT_NONE, id;
	r->format = "SPDX 2";
	for (int pass = 0; pass < 3; pass++) {
		if (pass == 1 && !d.unshipped.n)
			continue;
		if (!sbom_begin(r))
			return;
		while (sbom_member(r)) {
			if (pass == 2 && sbom_key(r, "packages")) {
				if (sbom_array(r))
					while (sbom_item(r))
						read_package(r, &d);
			} else if (pass == 0 && sbom_key(r, "spdxVersion")) {
				sbom_text(r, &version);
			} else if (pass < 2 && sbom_key(r, "relationships")) {
				read_relationships(r, &d, pass == 1);
			} else if (pass == 0 && sbom_key(r, "documentDescribes")) {
				if (sbom_array(r))
					while (sbom_string(r, &id))
						describe(&d, id);
			} else {
				sbom_skip(r);
			}
		}
		sbom_end(r, pass == 2);
		r->format = sbom_spdx_format(r, version);
	}
}

const char *sbom_spdx_format(struct sbom_reader *r, struct text version)
{
	const char *format = NULL;
	if (text_starts(version, "SPDX-") && version.n < 16)
		format = arena_printf(r->arena, "SPDX %.*s", (int)version.n - 5, version.p + 5);
	return format ? format : "SPDX 2";
}

/* In RDF's spelling a type is a URI: what follows its last slash. */
struct text sbom_spdx_type(struct text type)
{
	return text_base(type);
}
