/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSAF 2.0 documents: security advisories, and the VEX profile.
 *
 * Specification: OASIS, "Common Security Advisory Framework Version 2.0", sections 3.2.2 (product tree; csaf_products.c) and
 * 3.2.3 (vulnerabilities). */
#include "feed/csaf.h"

#include "base/vex_status.h"
#include "feed/lines.h"
#include "feed/nvd.h"

static bool recognise(const struct json_node *root)
{
	const struct json_node *d = json_tree_member(root, "document");
	return d && (json_tree_member(d, "csaf_version") ||
				 (json_tree_member(d, "tracking") && json_tree_member(d, "publisher")));
}

/* "csaf-www.cisa.gov" from the publisher's namespace, so that each publisher has its own age. */
static struct text source_name(struct feed_run *run, const struct json_node *document)
{
	const struct json_node *publisher = field_need(run, document, "publisher", PULL_OBJECT);
	struct text space = field_need_text(run, publisher, "namespace");
	const char *host = space.n ? memmem(space.p, space.n, "://", 3) : NULL;
	if (host)
		space = text_of(host + 3, space.n - (size_t)(host + 3 - space.p));
	struct text lower = field_lower(run, line_field(&space, '/'));
	return field_print(run, "csaf-%.*s", (int)(lower.n < 80 ? lower.n : 80), lower.p ? lower.p : "");
}

/* Group ids to product ids. */
struct groups {
	const struct json_node *list;
};

static void add_to(struct feed_run *run, struct csaf_words *words, struct text id, struct text label)
{
	vex_map_add(run, &words->map, &(struct vex_entry){ .id = id, .component = label });
}

static void add_group(struct feed_run *run, struct csaf_words *words, struct text group, struct text label,
					  const struct groups *groups)
{
	JSON_EACH(g, groups->list)
	if (field_step(run) && text_eq(field_text(run, g, "group_id"), group))
		JSON_EACH(id, field_may(run, g, "product_ids", PULL_ARRAY))
	add_to(run, words, field_string(run, id), label);
}

/* Flags, threats or remediations: which words they have for each product. Without products they are for all. */
static void read_words(struct feed_run *run, const struct json_node *list, const char *member, struct csaf_words *words,
					   const struct groups *groups)
{
	JSON_EACH(item, list)
	{
		struct text label = field_summary(field_need_text(run, item, member));
		const struct json_node *ids = field_may(run, item, "product_ids", PULL_ARRAY);
		const struct json_node *of = field_may(run, item, "group_ids", PULL_ARRAY);
		if (!ids && !of && !words->all.p)
			words->all = label;
		JSON_EACH(id, ids)
		add_to(run, words, field_string(run, id), label);
		JSON_EACH(g, of)
		add_group(run, words, field_string(run, g), label, groups);
	}
}

static struct text words_for(const struct csaf_words *words, struct text id)
{
	const struct vex_entry *e = vex_map_find(&words->map, id);
	return e ? e->component : words->all;
}

static void emit_status(struct feed_run *run, const struct csaf_statements *s, const struct json_node *id,
						const char *status)
{
	struct text name = field_string(run, id);
	struct vex_entry *e = vex_map_find(s->products, name);
	if (!name.p || !csaf_status_counts(status, s->draft, e && e->affected == s->vulnerability))
		return;
	if (!e) {
		field_fault(run, id, "the product tree has no product \"%.*s\"", (int)(name.n < 40 ? name.n : 40), name.p);
		return;
	}
	if (strcmp(status, "affected") == 0)
		e->affected = s->vulnerability;
	bool safe = strcmp(status, "not_affected") == 0;
	struct text statement = safe ? words_for(&s->impacts, name) : TEXT_NONE;
	if (!statement.p)
		statement = words_for(&s->remedies, name);
	bool whole = e->digest.p && !e->component.p; /* that one file, whatever its version is called */
	EMIT(run, VEX, .product = whole ? e->digest : e->product.key,
		 .version = whole            ? TEXT_NONE
					: e->component.p ? e->component_version
									 : e->product.version,
		 .component = e->component, .status = text_c(status), .justification = words_for(&s->flags, name),
		 .statement = statement);
}

static struct text first_note(struct feed_run *run, const struct json_node *v)
{
	struct text first = TEXT_NONE;
	JSON_EACH(n, field_may(run, v, "notes", PULL_ARRAY))
	{
		struct text category = field_need_text(run, n, "category"),
					text = field_summary(field_need_text(run, n, "text"));
		if (text_is(category, "summary") || text_is(category, "description"))
			return text;
		first = first.p ? first : text;
	}
	return first;
}

static void read_scores(struct feed_run *run, const struct json_node *v, struct feed_vulnerability *row)
{
	JSON_EACH(s, field_may(run, v, "scores", PULL_ARRAY))
	{
		const struct json_node *v2 = field_may(run, s, "cvss_v2", PULL_OBJECT),
							   *v3 = field_may(run, s, "cvss_v3", PULL_OBJECT);
		struct text t3 = v3 ? field_need_text(run, v3, "vectorString") : TEXT_NONE;
		struct text *to3 = text_starts(t3, "CVSS:3.0/") ? &row->cvss30 : &row->cvss31;
		if (v2 && !row->cvss2.p)
			row->cvss2 = field_need_text(run, v2, "vectorString");
		if (t3.p && !to3->p)
			*to3 = t3;
	}
}

/* CSAF 2.1: "metrics" with a "content" of any version. */
static void read_metrics(struct feed_run *run, const struct json_node *v, struct feed_vulnerability *row)
{
	static const char *const members[] = { "cvss_v2", "cvss_v3", "cvss_v4" };
	JSON_EACH(m, field_may(run, v, "metrics", PULL_ARRAY))
	for (size_t i = 0; i < 3; i++) {
		const struct json_node *c = field_may(run, field_may(run, m, "content", PULL_OBJECT), members[i], PULL_OBJECT);
		struct text vector = c ? field_need_text(run, c, "vectorString") : TEXT_NONE;
		struct text *to = i == 0                             ? &row->cvss2
						  : i == 2                           ? &row->cvss40
						  : text_starts(vector, "CVSS:3.0/") ? &row->cvss30
															 : &row->cvss31;
		if (vector.p && !to->p)
			*to = vector;
	}
}

static struct text name_of(struct feed_run *run, const struct json_node *v, struct text document)
{
	struct text cve = field_text(run, v, "cve");
	JSON_EACH(id, cve.p ? NULL : field_may(run, v, "ids", PULL_ARRAY))
	if (!cve.p)
		cve = field_need_text(run, id, "text");
	return cve.n ? field_vulnerability(run, cve) : field_print(run, "%.*s#%u", (int)document.n, document.p, v->index + 1);
}

static void read_vulnerability(struct feed_run *run, const struct json_node *v, const struct vex_map *products,
							   const struct groups *groups, const struct json_node *tracking)
{
	struct feed_vulnerability row = { .rank = FEED_RANK_CSAF, .summary = first_note(run, v) };
	struct csaf_statements s = { .products = products, .vulnerability = v->index + 1,
								 .draft = text_is(field_text(run, tracking, "status"), "draft") };
	const struct json_node *cwe = field_may(run, v, "cwe", PULL_OBJECT),
						   *of = field_may(run, v, "product_status", PULL_OBJECT);
	row.name = name_of(run, v, field_text(run, tracking, "id"));
	if (cwe)
		nvd_add_cwe(run, &row.cwe, field_need_text(run, cwe, "id"));
	JSON_EACH(c, field_may(run, v, "cwes", PULL_ARRAY))
	nvd_add_cwe(run, &row.cwe, field_need_text(run, c, "id"));
	read_scores(run, v, &row);
	read_metrics(run, v, &row);
	feed_emit(run, FEED_VULNERABILITY, &row);
	read_words(run, field_may(run, v, "flags", PULL_ARRAY), "label", &s.flags, groups);
	read_words(run, field_may(run, v, "threats", PULL_ARRAY), "details", &s.impacts, groups);
	read_words(run, field_may(run, v, "remediations", PULL_ARRAY), "details", &s.remedies, groups);
	for (size_t i = 0; i < csaf_statuses_n; i++)
		JSON_EACH(id, field_may(run, of, csaf_statuses[i].member, PULL_ARRAY))
	emit_status(run, &s, id, csaf_statuses[i].status);
}

static void record(struct feed_run *run, const struct json_node *root)
{
	const struct json_node *document = field_need(run, root, "document", PULL_OBJECT);
	const struct json_node *tracking = field_need(run, document, "tracking", PULL_OBJECT);
	const struct json_node *tree = field_may(run, root, "product_tree", PULL_OBJECT);
	struct text id = field_need_text(run, tracking, "id");
	struct groups groups = { field_may(run, tree, "product_groups", PULL_ARRAY) };
	struct vex_map products = { 0 };
	if (!id.p)
		return;
	run->what = id;
	EMIT(run, SOURCE, .name = source_name(run, document), .kind = TEXT_LIT("csaf"));
	EMIT(run, RECORD, .name = id, .modified = field_time(run, tracking, "current_release_date"));
	csaf_products(run, tree, &products);
	JSON_EACH(v, field_may(run, root, "vulnerabilities", PULL_ARRAY))
	read_vulnerability(run, v, &products, &groups, tracking);
}

static const char *const unneeded[] = { "references", "acknowledgments", "revision_history", NULL };

const struct feed_importer feed_csaf = {
	.name = "csaf-2.0",
	.title = "CSAF 2.0 advisories and VEX",
	.recognise = recognise,
	.skip = unneeded,
	.record = record,
};
