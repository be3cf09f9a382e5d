/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSAF 2.0 (OASIS standard): the product tree (3.2.2), and what vulnerabilities (3.2.3) say of its products. Of a
 * relationship the component is what is meant, as a part of the other product. */
#include "base/vex_status.h"
#include "inspect/sbom.h"

#include <string.h>

#define DEPTH_MAX 24u
#define RELATIONS_MAX 8u /* a component of a component of a product */
#define GROUPS_MAX 64u    /* of one product that are asked for what is said of it */

/* A branch of the tree. What it is stands before or behind what it holds: products are named when all have been read. */
struct branch {
	size_t parent; /* SIZE_MAX: none */
	struct text category, name;
};

struct csaf {
	struct sbom_reader *r;
	struct sbom_names products, relations;
	struct sbom_names groups; /* id: a product; part: a group that it is in, a row for each */
	bool too_many_groups;
	struct branch *branches;
	size_t nbranches, room;
	struct text author, date;
	bool draft;
};

static void read_helper(struct sbom_reader *r, struct sbom_name *p)
{
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "cpe"))
			sbom_text(r, &p->what.cpe);
		else if (sbom_key(r, "purl"))
			sbom_text(r, &p->what.purl);
		else
			sbom_skip(r);
	}
}

/* A full_product_name_t whose object is open, within that branch. */
static void read_product(struct csaf *x, size_t branch)
{
	struct sbom_reader *r = x->r;
	struct sbom_name p = { .id = TEXT_NONE };
	while (sbom_member(r)) {
		if (sbom_key(r, "product_id"))
			sbom_text(r, &p.id);
		else if (sbom_key(r, "name"))
			sbom_text(r, &p.what.name);
		else if (sbom_key(r, "product_identification_helper"))
			read_helper(r, &p);
		else
			sbom_skip(r);
	}
	p.what.line = (int64_t)branch;
	if (p.id.n)
		sbom_names_add(r, &x->products, &p);
}

/* The index of a new branch; SIZE_MAX when there is no memory. */
static size_t add_branch(struct csaf *x, size_t parent)
{
	if (x->nbranches == x->room) {
		size_t room = x->room ? x->room * 2 : 64;
		struct branch *v = ARENA_ARRAY(x->r->arena, struct branch, room);
		x->r->failed |= !v;
		if (!v)
			return SIZE_MAX;
		if (x->nbranches)
			memcpy(v, x->branches, x->nbranches * sizeof *v);
		x->branches = v;
		x->room = room;
	}
	x->branches[x->nbranches] = (struct branch){ .parent = parent };
	return x->nbranches++;
}

static void read_branches(struct csaf *x, size_t parent, unsigned depth)
{
	struct sbom_reader *r = x->r;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text category = TEXT_NONE, name = TEXT_NONE;
		size_t branch = add_branch(x, parent);
		while (sbom_member(r)) {
			if (sbom_key(r, "category"))
				sbom_text(r, &category);
			else if (sbom_key(r, "name"))
				sbom_text(r, &name);
			else if (sbom_key(r, "branches") && depth < DEPTH_MAX)
				read_branches(x, branch, depth + 1);
			else if (!sbom_key(r, "product"))
				sbom_skip(r);
			else if (sbom_object(r))
				read_product(x, branch);
		}
		if (branch != SIZE_MAX) {
			x->branches[branch].category = category;
			x->branches[branch].name = name;
		}
	}
}

/* The product's name and version, by the branches that it lies in; without such its own name says both. */
static void name_products(struct csaf *x)
{
	for (size_t i = 0; i < x->products.n; i++) {
		struct sbom_named *p = &x->products.v[i].what;
		struct text name = TEXT_NONE, version = TEXT_NONE;
		for (size_t at = (size_t)p->line; at < x->nbranches; at = x->branches[at].parent) {
			const struct branch *b = &x->branches[at];
			if (!name.n && text_is(b->category, "product_name"))
				name = b->name;
			if (!version.n &&
				(text_is(b->category, "product_version") || text_is(b->category, "product_version_range")))
				version = b->name;
		}
		p->name = name.n ? name : p->name;
		p->version = version;
	}
}

static void read_relationships(struct csaf *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct sbom_name p = { .id = TEXT_NONE };
		while (sbom_member(r)) {
			if (sbom_key(r, "product_reference"))
				sbom_text(r, &p.part);
			else if (sbom_key(r, "relates_to_product_reference"))
				sbom_text(r, &p.whole);
			else if (sbom_key(r, "full_product_name"))
				sbom_text_of(r, "product_id", &p.id);
			else
				sbom_skip(r);
		}
		if (p.id.n)
			sbom_names_add(r, &x->relations, &p);
	}
}

/* product_tree.product_groups (3.2.2.2): what flags, threats and remediations name by one id. */
static void read_groups(struct csaf *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct sbom_name p = { .id = TEXT_NONE };
		size_t from = x->groups.n;
		struct text id = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, "group_id"))
				sbom_text(r, &id);
			else if (!sbom_key(r, "product_ids"))
				sbom_skip(r);
			else if (sbom_array(r))
				while (sbom_string(r, &p.id))
					sbom_names_add(r, &x->groups, &p);
		}
		for (size_t i = from; i < x->groups.n; i++)
			x->groups.v[i].part = id;
	}
}

static void read_tree(struct csaf *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "branches")) {
			read_branches(x, SIZE_MAX, 0);
		} else if (sbom_key(r, "relationships")) {
			read_relationships(x);
		} else if (sbom_key(r, "product_groups")) {
			read_groups(x);
		} else if (!sbom_key(r, "full_product_names")) {
			sbom_skip(r);
		} else if (sbom_array(r)) {
			while (sbom_item(r))
				read_product(x, SIZE_MAX);
		}
	}
}

static void read_tracking(struct csaf *x)
{
	struct sbom_reader *r = x->r;
	struct text status = TEXT_NONE;
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "current_release_date"))
			sbom_text(r, &x->date);
		else if (sbom_key(r, "status"))
			sbom_text(r, &status);
		else
			sbom_skip(r);
	}
	x->draft = text_is(status, "draft");
}

static void read_document(struct csaf *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		if (sbom_key(r, "publisher"))
			sbom_text_of(r, "name", &x->author);
		else if (sbom_key(r, "tracking"))
			read_tracking(x);
		else
			sbom_skip(r);
	}
}

/* ---- vulnerabilities ---- */

struct item {
	int64_t line;
	struct text name;
	struct sbom_names statuses; /* id: a product; what.kind: its status */
	struct sbom_names affected; /* id: a product that is said to be so */
	struct sbom_names flags;    /* id: a product; what.kind: the label */
	struct sbom_names words;    /* id: a product; what.kind: an impact or a remediation */
	struct sbom_names group_flags, group_words; /* id: a group of products; what.kind: the same of all of these */
};

static void read_status(struct sbom_reader *r, struct item *v)
{
	if (!sbom_object(r))
		return;
	while (sbom_member(r)) {
		struct sbom_name p = { .id = TEXT_NONE };
		for (size_t i = 0; i < csaf_statuses_n; i++)
			if (sbom_key(r, csaf_statuses[i].member))
				p.what.kind = text_c(csaf_statuses[i].status);
		if (!p.what.kind.n)
			sbom_skip(r);
		else if (sbom_array(r))
			while (sbom_string(r, &p.id)) {
				sbom_names_add(r, &v->statuses, &p);
				if (text_is(p.what.kind, "affected"))
					sbom_names_add(r, &v->affected, &p);
			}
	}
}

/* A list of {"<key>": words, "product_ids": [...], "group_ids": [...]}; of threats only the impact. */
static void read_words(struct csaf *x, const char *key, bool only_impact, struct sbom_names *names, struct sbom_names *of_groups)
{
	struct sbom_reader *r = x->r;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct text words = TEXT_NONE, category = TEXT_NONE, id;
		size_t from = names->n, from_groups = of_groups->n;
		while (sbom_member(r)) {
			if (sbom_key(r, key)) {
				sbom_text(r, &words);
			} else if (sbom_key(r, "category")) {
				sbom_text(r, &category);
			} else if (sbom_key(r, "group_ids")) {
				if (sbom_array(r))
					while (sbom_string(r, &id))
						sbom_names_add(r, of_groups, &(struct sbom_name){ .id = id });
			} else if (!sbom_key(r, "product_ids")) {
				sbom_skip(r);
			} else if (sbom_array(r)) {
				while (sbom_string(r, &id))
					sbom_names_add(r, names, &(struct sbom_name){ .id = id });
			}
		}
		if (only_impact && !text_is(category, "impact")) {
			names->n = from;
			of_groups->n = from_groups;
		}
		if (text_is(category, "no_fix_planned") || text_is(category, "none_available"))
			words = text_c(arena_printf(r->arena, "%s%s%.*s", text_is(category, "none_available") ? "none available" : "no fix planned",
										words.n ? ": " : "", (int)words.n, words.n ? words.p : ""));
		for (size_t i = from; i < names->n; i++)
			names->v[i].what.kind = words;
		for (size_t i = from_groups; i < of_groups->n; i++)
			of_groups->v[i].what.kind = words;
	}
}

static void read_ids(struct sbom_reader *r, struct text *name)
{
	if (!sbom_array(r))
		return;
	while (sbom_item(r))
		while (sbom_member(r)) {
			if (!name->n && sbom_key(r, "text"))
				sbom_text(r, name);
			else
				sbom_skip(r);
		}
}

/* The product; of a relationship, which may be a component of another one itself, what is the component. */
static const struct sbom_name *component_of(struct csaf *x, struct text id)
{
	const struct sbom_name *relation = NULL;
	for (unsigned i = 0; i < RELATIONS_MAX && (relation = sbom_names_find(x->r, &x->relations, id)); i++)
		id = relation->part;
	return sbom_names_find(x->r, &x->products, id);
}

/* What is said of the product, by itself or with the groups that it is in. */
static struct text said_of(struct csaf *x, struct text id, struct sbom_names *names, struct sbom_names *of_groups)
{
	const struct sbom_name *said = sbom_names_find(x->r, names, id);
	const struct sbom_name *group = !said && of_groups->n ? sbom_names_find(x->r, &x->groups, id) : NULL;
	for (unsigned n = 0; group && !said && group < x->groups.v + x->groups.n && text_eq(group->id, id); group++, n++) {
		if (n == GROUPS_MAX && !x->too_many_groups) {
			emit_damage_at(x->r->sink, ERR_BUDGET, x->r->base, "a product in more than %u groups: what is said of the others is not set beside it",
						   GROUPS_MAX);
			x->too_many_groups = true;
		}
		if (n == GROUPS_MAX)
			break;
		said = sbom_names_find(x->r, of_groups, group->part);
	}
	return said ? said->what.kind : TEXT_NONE;
}

static void emit(struct csaf *x, struct item *v)
{
	struct sbom_reader *r = x->r;
	for (size_t i = 0; i < v->statuses.n; i++) {
		struct text id = v->statuses.v[i].id, status = v->statuses.v[i].what.kind;
		if (!csaf_status_counts(status.p, x->draft, sbom_names_find(r, &v->affected, id) != NULL))
			continue;
		const struct sbom_name *relation = sbom_names_find(r, &x->relations, id);
		const struct sbom_name *product = component_of(x, relation ? relation->part : id);
		const struct sbom_name *whole = relation ? component_of(x, relation->whole) : NULL;
		struct fact_declared_statement row = {
			.line = v->line,
			.vulnerability = v->name,
			.status = status,
			.justification = said_of(x, id, &v->flags, &v->group_flags),
			.note = said_of(x, id, &v->words, &v->group_words),
			.author = x->author,
			.date = x->date,
		};
		if (product) {
			row.name = product->what.name;
			row.version = product->what.version;
			row.purl = product->what.purl;
			row.cpe = product->what.cpe;
		}
		if (relation)
			row.product = whole ? whole->what.name : relation->whole;
		sbom_emit_statement(r, &row);
	}
}

static void read_vulnerabilities(struct csaf *x)
{
	struct sbom_reader *r = x->r;
	if (!sbom_array(r))
		return;
	while (sbom_item(r)) {
		struct item v = { .line = sbom_line(r) };
		struct text other = TEXT_NONE;
		while (sbom_member(r)) {
			if (sbom_key(r, "cve"))
				sbom_text(r, &v.name);
			else if (sbom_key(r, "ids"))
				read_ids(r, &other);
			else if (sbom_key(r, "product_status"))
				read_status(r, &v);
			else if (sbom_key(r, "flags"))
				read_words(x, "label", false, &v.flags, &v.group_flags);
			else if (sbom_key(r, "threats"))
				read_words(x, "details", true, &v.words, &v.group_words);
			else if (sbom_key(r, "remediations"))
				read_words(x, "details", false, &v.words, &v.group_words);
			else
				sbom_skip(r);
		}
		v.name = v.name.n ? v.name : other;
		emit(x, &v);
	}
}

void sbom_read_csaf(struct sbom_reader *r)
{
	struct csaf x = { .r = r };
	r->format = "CSAF 2.0";
	for (int pass = 0; pass < 2; pass++) {
		if (!sbom_begin(r))
			return;
		while (sbom_member(r)) {
			if (pass == 0 && sbom_key(r, "document"))
				read_document(&x);
			else if (pass == 0 && sbom_key(r, "product_tree"))
				read_tree(&x);
			else if (pass == 1 && sbom_key(r, "vulnerabilities"))
				read_vulnerabilities(&x);
			else
				sbom_skip(r);
		}
		sbom_end(r, pass == 1);
		if (pass == 0)
			name_products(&x);
	}
}
