/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 3.0 in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/, "Serialization in JSON-LD"): the packages of its graph. The
 * root of a bill, where it is one package, is the product. Licences are elements of their own there; they are not followed. */
#include "inspect/sbom.h"

struct element {
	struct fact_declared_component row;
	struct text type, id, root;
	unsigned nroots;
};

/* A list of {"externalIdentifierType": ..., "identifier": ...}. */
static void read_identifiers(struct sbom_reader *r, struct fact_declared_component *row)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text type = TEXT_NONE, value = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, "externalIdentifierType"))
				sbom_text(r, &type);
			else if (sbom_key(r, "identifier"))
				sbom_text(r, &value);
			else
				sbom_skip(r);
		}
		if (text_is(type, "cpe23") || text_is(type, "cpe22"))
			sbom_append(r, &row->cpe, value);
		else if ((text_is(type, "packageUrl") || text_is(type, "purl")) && !row->purl.n)
			row->purl = value;
	}
}

static void read_roots(struct sbom_reader *r, struct element *e)
{
	struct text root;
	if (!sbom_array(r))
		return;
	while (sbom_string(r, &root))
		if (e->nroots++ == 0)
			e->root = root;
}

static void read_element(struct sbom_reader *r, struct element *e)
{
	e->row.line = sbom_line(r);
	while (sbom_member(r)) {
		if (sbom_key(r, "type") || sbom_key(r, "@type"))
			sbom_text(r, &e->type);
		else if (sbom_key(r, "spdxId") || sbom_key(r, "@id"))
			sbom_text(r, &e->id);
		else if (sbom_key(r, "name"))
			sbom_text(r, &e->row.name);
		else if (sbom_key(r, "software_packageVersion"))
			sbom_text(r, &e->row.version);
		else if (sbom_key(r, "software_packageUrl"))
			sbom_text(r, &e->row.purl);
		else if (sbom_key(r, "software_primaryPurpose"))
			sbom_text(r, &e->row.kind);
		else if (sbom_key(r, "externalIdentifier"))
			read_identifiers(r, &e->row);
		else if (sbom_key(r, "verifiedUsing"))
			sbom_sha256(r, "algorithm", "hashValue", "sha256", &e->row.hash);
		else if (sbom_key(r, "rootElement"))
			read_roots(r, e);
		else
			sbom_skip(r);
	}
}

static void take(struct sbom_reader *r, struct element *e, struct text product)
{
	if (!text_is(e->type, "software_Package"))
		return;
	if (product.n && text_eq(e->id, product))
		e->row.kind = TEXT_LIT("product");
	sbom_emit_spdx(r, &e->row, TEXT_NONE, text_is(e->row.kind, "product"));
}

/* The elements of "@graph"; a document of one element is one itself, which no bill is. */
static void read_graph(struct sbom_reader *r, bool emit, struct text product, struct text *root)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct element e = { .nroots = 0 };
		read_element(r, &e);
		if (emit)
			take(r, &e, product);
		else if (text_is(e.type, "software_Sbom") && e.nroots == 1)
			*root = e.root;
	}
}

void sbom_read_spdx3(struct sbom_reader *r)
{
	struct text product = TEXT_NONE;
	r->format = "SPDX 3.0";
	for (int pass = 0; pass < 2; pass++) {
		if (!sbom_begin(r))
			return;
		while (sbom_member(r)) {
			if (sbom_key(r, "@graph"))
				read_graph(r, pass == 1, product, &product);
			else
				sbom_skip(r);
		}
		sbom_end(r, pass == 1);
	}
}
