/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 3.0 in JSON-LD (https://spdx.github.io/spdx-spec/v3.0.1/, "Serialization in JSON-LD"): the packages of its graph. The
 * root of a bill, where it is one package, is the product. Licences are elements of their own there; they are not followed. */
#include "inspect/sbom.h"

#define REFERENCES_MAX 16u

struct element {
	struct fact_declared_component row;
	struct text type, id, root, identifier_type, identifier, source, subject, statement;
	struct text references[REFERENCES_MAX]; /* to identifiers that are elements of their own */
	unsigned nroots, nreferences;
};

/* What the first pass finds: the product, identifiers by their ids, annotations. */
struct graph {
	struct text product; /* the root of the bill; of the document, where that has no bill */
	bool of_bill;
	struct sbom_names identifiers, annotations; /* these by what they are about */
};

static void take_identifier(struct sbom_reader *r, struct text type, struct text value,
							struct fact_declared_component *row)
{
	if (text_is(type, "cpe23") || text_is(type, "cpe22"))
		sbom_append(r, &row->cpe, value);
	else if ((text_is(type, "packageUrl") || text_is(type, "purl")) && !row->purl.n)
		row->purl = value;
}

static void read_identifier(struct sbom_reader *r, struct fact_declared_component *row)
{
	struct text type = TEXT_NONE, value = TEXT_NONE;
	while (sbom_member(r)) {
		if (sbom_key(r, "externalIdentifierType"))
			sbom_text(r, &type);
		else if (sbom_key(r, "identifier"))
			sbom_text(r, &value);
		else
			sbom_skip(r);
	}
	take_identifier(r, type, value, row);
}

/* Objects, or (as sbom-tool writes them) the ids of such elements; one of them may stand without a list. */
static void read_identifiers(struct sbom_reader *r, struct element *e)
{
	enum json_token t = json_pull_next(r->j);
	bool list = t == PULL_ARRAY;
	if (list)
		t = json_pull_next(r->j);
	for (; t > PULL_END && t != PULL_ARRAY_END; t = json_pull_next(r->j)) {
		if (t == PULL_OBJECT)
			read_identifier(r, &e->row);
		else if (t == PULL_STRING && e->nreferences < REFERENCES_MAX)
			sbom_key_text(r, &e->references[e->nreferences++]);
		else if (!json_pull_skip(r->j))
			return;
		if (!list)
			return;
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
		else if (sbom_key(r, "software_sourceInfo"))
			sbom_text(r, &e->source);
		else if (sbom_key(r, "software_primaryPurpose"))
			sbom_text(r, &e->row.kind);
		else if (sbom_key(r, "externalIdentifier"))
			read_identifiers(r, e);
		else if (sbom_key(r, "externalIdentifierType"))
			sbom_text(r, &e->identifier_type);
		else if (sbom_key(r, "identifier"))
			sbom_text(r, &e->identifier);
		else if (sbom_key(r, "subject"))
			sbom_text(r, &e->subject);
		else if (sbom_key(r, "statement"))
			sbom_text(r, &e->statement);
		else if (sbom_key(r, "verifiedUsing"))
			sbom_sha256(r, "algorithm", "hashValue", "sha256", &e->row.hash);
		else if (sbom_key(r, "rootElement"))
			read_roots(r, e);
		else
			sbom_skip(r);
	}
}

static void take(struct sbom_reader *r, struct element *e, struct graph *g)
{
	if (!text_is(e->type, "software_Package"))
		return;
	for (unsigned i = 0; i < e->nreferences; i++) {
		const struct sbom_name *name = sbom_names_find(r, &g->identifiers, e->references[i]);
		if (name)
			take_identifier(r, name->what.kind, name->what.name, &e->row);
	}
	const struct sbom_name *a = e->id.n ? sbom_names_find(r, &g->annotations, e->id) : NULL;
	for (unsigned n = 0; a && a < g->annotations.v + g->annotations.n && n < REFERENCES_MAX && text_eq(a->id, e->id); a++, n++)
		sbom_spdx_annotation(a->what.name, &e->row);
	e->row.source_package = sbom_spdx_source(r, e->source);
	if (g->product.n && text_eq(e->id, g->product))
		e->row.kind = TEXT_LIT("product");
	sbom_emit_spdx(r, &e->row, TEXT_NONE, text_is(e->row.kind, "product"));
}

static void note(struct sbom_reader *r, const struct element *e, struct graph *g)
{
	bool bill = text_is(e->type, "software_Sbom");
	if (text_is(e->type, "ExternalIdentifier") && e->id.n)
		sbom_names_add(
			r, &g->identifiers,
			&(struct sbom_name){ .id = e->id, .what = { .kind = e->identifier_type, .name = e->identifier } });
	if (text_is(e->type, "Annotation") && e->subject.n && text_starts(e->statement, "assay:"))
		sbom_names_add(r, &g->annotations, &(struct sbom_name){ .id = e->subject, .what = { .name = e->statement } });
	if ((bill || (text_is(e->type, "SpdxDocument") && !g->of_bill)) && e->nroots == 1)
		g->product = e->root;
	g->of_bill |= bill;
}

/* The elements of "@graph"; a document of one element is one itself, which no bill is. */
static void read_graph(struct sbom_reader *r, bool emit, struct graph *g)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct element e = { .nroots = 0 };
		read_element(r, &e);
		if (emit)
			take(r, &e, g);
		else
			note(r, &e, g);
	}
}

void sbom_read_spdx3(struct sbom_reader *r)
{
	struct graph g = { .of_bill = false };
	r->format = "SPDX 3.0";
	for (int pass = 0; pass < 2; pass++) {
		if (!sbom_begin(r))
			return;
		while (sbom_member(r)) {
			if (sbom_key(r, "@graph"))
				read_graph(r, pass == 1, &g);
			else
				sbom_skip(r);
		}
		sbom_end(r, pass == 1);
	}
}
