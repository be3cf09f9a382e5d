/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenVEX 0.2.0 (https://github.com/openvex/spec, OPENVEX-SPEC.md): statements about products and what is in them. Of a
 * product with subcomponents these are meant, otherwise the product itself. */
#include "base/vex_status.h"
#include "inspect/sbom.h"

#define NAMES_MAX 256u /* of products and subcomponents of one statement */

struct component {
	struct text id, purl, cpe, digest, product; /* product: of a subcomponent, its product's digest or id */
	bool is_product;
};

struct statement {
	int64_t line;
	struct text vulnerability, status, justification, impact, action, notes, date;
	struct component components[NAMES_MAX];
	unsigned n;
};

static void read_identifiers(struct sbom_reader *r, struct component *c)
{
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "purl"))
			sbom_text(r, &c->purl);
		else if (sbom_key(r, "cpe23") || sbom_key(r, "cpe22"))
			sbom_text(r, &c->cpe);
		else
			sbom_skip(r);
	}
}

/* "sha256:..." of the file that a product is. */
static void read_hashes(struct sbom_reader *r, struct component *c)
{
	struct text digest = TEXT_NONE;
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "sha-256") || sbom_key(r, "sha256"))
			sbom_text(r, &digest);
		else
			sbom_skip(r);
	}
	char *copy = digest.n == 64 ? arena_printf(r->arena, "sha256:%.*s", 64, digest.p) : NULL;
	for (char *p = copy; p && *p; p++)
		*p = *p >= 'A' && *p <= 'F' ? (char)(*p | 32) : *p;
	c->digest = copy ? text_c(copy) : TEXT_NONE;
}

static void add(struct statement *s, struct component c)
{
	if (s->n < NAMES_MAX)
		s->components[s->n++] = c;
}

static void read_subcomponents(struct sbom_reader *r, struct statement *s)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct component c = { .is_product = false };
		while (sbom_member(r)) {
			if (sbom_key(r, "@id"))
				sbom_text(r, &c.id);
			else if (sbom_key(r, "identifiers"))
				read_identifiers(r, &c);
			else
				sbom_skip(r);
		}
		add(s, c);
	}
}

static void read_products(struct sbom_reader *r, struct statement *s)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct component product = { .is_product = true };
		unsigned from = s->n;
		while (sbom_member(r)) {
			if (sbom_key(r, "@id"))
				sbom_text(r, &product.id);
			else if (sbom_key(r, "identifiers"))
				read_identifiers(r, &product);
			else if (sbom_key(r, "hashes"))
				read_hashes(r, &product);
			else if (sbom_key(r, "subcomponents"))
				read_subcomponents(r, s);
			else
				sbom_skip(r);
		}
		if (s->n == from)
			add(s, product);
		for (unsigned i = from; i < s->n; i++)
			s->components[i].product = product.digest.n ? product.digest : product.id.n ? product.id : product.purl;
	}
}

static void emit(struct sbom_reader *r, const struct statement *s, struct text author, struct text date)
{
	struct text note = s->impact.n ? s->impact : s->notes.n ? s->notes : s->action;
	for (unsigned i = 0; i < s->n; i++) {
		const struct component *c = &s->components[i];
		struct fact_declared_statement row = {
			.line = s->line,
			.vulnerability = s->vulnerability,
			.status = s->status,
			.justification = s->justification,
			.note = note,
			.author = author,
			.date = s->date.n ? s->date : date,
			.purl = c->purl.n ? c->purl : sbom_canonical_purl(r, c->id),
			.cpe = c->cpe,
			.product = c->product,
		};
		if (!row.purl.n && !row.cpe.n && !c->is_product)
			row.name = c->id;
		sbom_emit_statement(r, &row);
	}
}

/* Its name, or a string itself as in the first versions; of what has an "@id" alone the last part of that. */
static void read_vulnerability(struct sbom_reader *r, struct text *out)
{
	struct text id = TEXT_NONE;
	enum json_token t = json_pull_next(r->j);
	if (t == PULL_STRING) {
		sbom_key_text(r, out);
	} else if (t == PULL_OBJECT) {
		while (sbom_member(r)) {
			if (sbom_key(r, "name"))
				sbom_text(r, out);
			else if (sbom_key(r, "@id"))
				sbom_text(r, &id);
			else
				sbom_skip(r);
		}
		if (!out->n)
			*out = text_base(id);
	} else if (t > PULL_END) {
		sbom_skip(r);
	}
}

static void read_statement(struct sbom_reader *r, struct statement *s)
{
	struct text updated = TEXT_NONE;
	while (sbom_member(r)) {
		if (sbom_key(r, "vulnerability"))
			read_vulnerability(r, &s->vulnerability);
		else if (sbom_key(r, "products"))
			read_products(r, s);
		else if (sbom_key(r, "status"))
			sbom_text(r, &s->status);
		else if (sbom_key(r, "justification"))
			sbom_text(r, &s->justification);
		else if (sbom_key(r, "impact_statement"))
			sbom_text(r, &s->impact);
		else if (sbom_key(r, "action_statement"))
			sbom_text(r, &s->action);
		else if (sbom_key(r, "status_notes"))
			sbom_text(r, &s->notes);
		else if (sbom_key(r, "timestamp"))
			sbom_text(r, &s->date);
		else if (sbom_key(r, "last_updated"))
			sbom_text(r, &updated);
		else
			sbom_skip(r);
	}
	if (updated.n)
		s->date = updated;
}

static void read_statements(struct sbom_reader *r, struct text author, struct text date)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct statement s = { .line = sbom_line(r) };
		read_statement(r, &s);
		if (vex_status_is_known(s.status))
			emit(r, &s, author, date);
		else if (s.status.n)
			emit_damage_at(r->sink, ERR_UNSUPPORTED, json_pull_place(r->j).offset,
						   "the statement on line %lld has a status that OpenVEX does not have", (long long)s.line);
	}
}

/* Author and time may stand behind the statements: they are looked for first. */
void sbom_read_openvex(struct sbom_reader *r)
{
	struct text author = TEXT_NONE, date = TEXT_NONE;
	r->format = "OpenVEX";
	for (int pass = 0; pass < 2; pass++) {
		if (!sbom_begin(r))
			return;
		while (sbom_member(r)) {
			if (pass == 0 && sbom_key(r, "author"))
				sbom_text(r, &author);
			else if (pass == 0 && sbom_key(r, "timestamp"))
				sbom_text(r, &date);
			else if (pass == 1 && sbom_key(r, "statements"))
				read_statements(r, author, date);
			else
				sbom_skip(r);
		}
		sbom_end(r, pass == 1);
	}
}
