/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenVEX documents (openvex.dev, "OpenVEX Specification v0.2.0"). */
#include "base/sort.h"
#include "base/vex_status.h"
#include "feed/lines.h"
#include "feed/vex.h"

static bool recognise(const struct json_node *root)
{
	const struct json_node *c = json_tree_member(root, "@context");
	return (c && text_has(c->text, "openvex")) || (c && json_tree_member(root, "statements"));
}

static void begin(struct feed_run *run)
{
	EMIT(run, SOURCE, .name = TEXT_LIT("openvex"), .kind = TEXT_LIT("openvex"));
}

/* In the first version of the format a product is its id. */
static struct vex_product read_component(struct feed_run *run, const struct json_node *c)
{
	if (c->type == PULL_STRING) {
		struct text own = field_string(run, c);
		return vex_product_of(run, text_starts(own, "pkg:") ? own : TEXT_NONE, TEXT_NONE, own);
	}
	const struct json_node *ids = field_may(run, c, "identifiers", PULL_OBJECT);
	struct text id = field_text(run, c, "@id"), purl = field_text(run, ids, "purl"),
				cpe = field_text(run, ids, "cpe23");
	if (!purl.p && text_starts(id, "pkg:"))
		purl = id;
	if (!cpe.p)
		cpe = field_text(run, ids, "cpe22");
	struct vex_product p = vex_product_of(run, purl, cpe, id);
	if (!p.key.p)
		field_fault(run, c, "a product has neither \"@id\" nor identifiers");
	return p;
}

/* `product`: a key; of the product that a component is in, its scope. */
static void emit(struct feed_run *run, const struct json_node *statement, struct text product, struct text version,
				 struct text component)
{
	struct text words = field_text(run, statement, "impact_statement");
	if (!words.p)
		words = field_text(run, statement, "action_statement");
	EMIT(run, VEX, .product = product, .version = version, .component = component,
		 .status = field_text(run, statement, "status"), .justification = field_text(run, statement, "justification"),
		 .statement = words.p ? field_summary(words) : TEXT_NONE);
}

static struct text digest_of(struct feed_run *run, const struct json_node *p)
{
	struct text digest = TEXT_NONE;
	JSON_EACH(h, p->type == PULL_OBJECT ? field_may(run, p, "hashes", PULL_OBJECT) : NULL)
	if (!digest.p && h->type == PULL_STRING)
		digest = vex_digest(run, h->key, h->text);
	return digest;
}

/* A product with a digest is that one file, whatever else it is called; else its names tell which it is. */
static void read_product(struct feed_run *run, const struct json_node *statement, const struct json_node *p,
						 const struct json_node *parts)
{
	struct vex_product product = read_component(run, p);
	struct text digest = digest_of(run, p);
	if (p->type == PULL_OBJECT && json_tree_member(p, "subcomponents"))
		parts = field_may(run, p, "subcomponents", PULL_ARRAY);
	JSON_EACH(part, parts)
	{
		struct vex_product component = read_component(run, part);
		emit(run, statement, digest.p ? digest : vex_scope(run, &product), component.version, component.key);
	}
	if (parts && parts->first)
		return;
	if (digest.p)
		emit(run, statement, digest, TEXT_NONE, TEXT_NONE);
	else
		emit(run, statement, product.key, product.version, TEXT_NONE);
}

/* "name"; documents that have only "@id" mean its last part, as of https://nvd.nist.gov/vuln/detail/CVE-2023-1. */
static struct text name_of(struct feed_run *run, const struct json_node *vulnerability)
{
	struct text name = field_text(run, vulnerability, "name"), id = field_text(run, vulnerability, "@id");
	const char *slash = id.n ? memrchr(id.p, '/', id.n) : NULL;
	if (name.n || !id.n)
		return field_need_text(run, vulnerability, "name");
	return slash ? text_of(slash + 1, id.n - (size_t)(slash + 1 - id.p)) : id;
}

/* What is said of a vulnerability by one of its names; `own`: the one that the statement has for it. */
static void emit_named(struct feed_run *run, const struct json_node *s, const struct json_node *vulnerability, struct text own, struct text name)
{
	struct text description = field_summary(field_text(run, vulnerability, "description"));
	EMIT(run, VULNERABILITY, .name = name, .rank = FEED_RANK_OPENVEX,
		 .summary = description.n ? description : TEXT_NONE);
	if (!text_eq(own, name))
		EMIT(run, ALIAS, .name = own);
	JSON_EACH(a, field_may(run, vulnerability, "aliases", PULL_ARRAY))
	if (!text_eq(field_string(run, a), name))
		EMIT(run, ALIAS, .name = a->text);
	JSON_EACH(p, field_may(run, s, "products", PULL_ARRAY))
	read_product(run, s, p, field_may(run, s, "subcomponents", PULL_ARRAY));
}

#define NAMES_MAX 64u

/* It is told for each CVE that is among the aliases, too, as records of others are. That something is affected is told by these names alone,
 * or it would be two vulnerabilities; what ends one is told by all, as others may know it by its own name only. */
static void read_statement(struct feed_run *run, const struct json_node *s)
{
	const struct json_node *v = json_tree_member(s, "vulnerability");
	bool plain = v && v->type == PULL_STRING; /* in the first version */
	const struct json_node *vulnerability = plain ? NULL : field_need(run, s, "vulnerability", PULL_OBJECT);
	struct text name = plain           ? field_string(run, v)
					   : vulnerability ? name_of(run, vulnerability)
									   : TEXT_NONE,
				status = field_need_text(run, s, "status");
	if (status.p && !vex_status_is_known(status))
		field_fault(run, json_tree_member(s, "status"),
					"expected affected, not_affected, fixed or under_investigation");
	if (!name.p)
		return;
	name = field_vulnerability(run, name);
	struct text names[NAMES_MAX] = { name };
	size_t n = 1;
	JSON_EACH(a, field_may(run, vulnerability, "aliases", PULL_ARRAY))
	{
		struct text alias = field_vulnerability(run, field_string(run, a));
		bool is = feed_is_cve(alias) && n < NAMES_MAX;
		for (size_t i = 0; is && i < n; i++)
			is = !text_eq(names[i], alias);
		if (is)
			names[n++] = alias;
	}
	for (size_t i = n > 1 && !feed_is_cve(name) && text_is(status, "affected"); i < n; i++)
		emit_named(run, s, vulnerability, name, names[i]);
}

/* A statement with its time, or that of the document: a later one takes the place of an earlier one, wherever it stands. */
struct dated {
	const struct json_node *node;
	struct text time;
};

static int by_time(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;
	int c = strcmp(x->time.p ? x->time.p : "", y->time.p ? y->time.p : "");
	return (c > 0) - (c < 0);
}

static void read_statements(struct feed_run *run, const struct json_node *list, struct text time)
{
	size_t n = 0, room = 0;
	JSON_EACH(s, list)
	room++;
	struct dated *v = ARENA_ARRAY(run->arena, struct dated, room + 1),
				 *spare = ARENA_ARRAY(run->arena, struct dated, room + 1);
	if (!v || !spare) {
		field_fault(run, list, "the statements take more memory than they may");
		return;
	}
	JSON_EACH(s, list)
	{
		bool object = s->type == PULL_OBJECT;
		struct text updated = object ? field_time(run, s, "last_updated") : TEXT_NONE;
		struct text own = updated.p ? updated : object ? field_time(run, s, "timestamp") : TEXT_NONE;
		v[n++] = (struct dated){ s, own.p ? own : time };
	}
	sort_stable(v, spare, n, sizeof *v, by_time);
	for (size_t i = 0; i < n; i++)
		read_statement(run, v[i].node);
}

static void record(struct feed_run *run, const struct json_node *root)
{
	struct text id = field_need_text(run, root, "@id"), modified = field_time(run, root, "last_updated");
	if (!id.p)
		return;
	run->what = id;
	modified = modified.p ? modified : field_time(run, root, "timestamp");
	EMIT(run, RECORD, .name = id, .modified = modified);
	read_statements(run, field_need(run, root, "statements", PULL_ARRAY), modified);
}

const struct feed_importer feed_openvex = {
	.name = "openvex",
	.title = "OpenVEX documents",
	.recognise = recognise,
	.begin = begin,
	.record = record,
};
