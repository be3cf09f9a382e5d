/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pack's document into a struct pack. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "judge/internal.h"

static const struct doc_key pack_keys[] = {
	{ "pack", DOC_TEXT, true },          { "title", DOC_TEXT, true },
	{ "version", DOC_TEXT, true },       { "source", DOC_MAP, true },
	{ "include", DOC_LIST, false },      { "exclude", DOC_LIST, false },
	{ "override", DOC_LIST, false },     { "views", DOC_MAP, false },
	{ "requirements", DOC_LIST, false }, { "prefix", DOC_TEXT, false },
	{ NULL, 0, false },
};

static const struct doc_key source_keys[] = {
	{ "name", DOC_TEXT, true },  { "publisher", DOC_TEXT, false },
	{ "year", DOC_TEXT, false }, { "url", DOC_TEXT, false },
	{ NULL, 0, false },
};

static const struct doc_key requirement_keys[] = {
	{ "id", DOC_TEXT, true },       { "title", DOC_TEXT, true },
	{ "section", DOC_TEXT, false }, { "severity", DOC_TEXT, true },
	{ "because", DOC_TEXT, true },  { "needs", DOC_LIST, false },
	{ "applies", DOC_TEXT, false }, { "not_applicable", DOC_TEXT, false },
	{ "fails", DOC_TEXT, false },   { "passes", DOC_TEXT, false },
	{ "how", DOC_TEXT, false },     { "settles", DOC_TEXT, true },
	{ "remedy", DOC_MAP, false },   { "references", DOC_LIST, false },
	{ "tests", DOC_LIST, false },   { "missing", DOC_TEXT, false },
	{ NULL, 0, false },
};

/* A requirement that takes its queries from another one may say anew only what a reader sees. */
static const struct doc_key use_keys[] = {
	{ "id", DOC_TEXT, true },          { "use", DOC_TEXT, true },
	{ "title", DOC_TEXT, false },      { "section", DOC_TEXT, false },
	{ "severity", DOC_TEXT, false },   { "because", DOC_TEXT, false },
	{ "settles", DOC_TEXT, false },    { "remedy", DOC_MAP, false },
	{ "references", DOC_LIST, false }, { NULL, 0, false },
};

static const struct doc_key remedy_keys[] = {
	{ "text", DOC_TEXT, true },
	{ "command", DOC_TEXT, false },
	{ NULL, 0, false },
};

static const struct doc_key reference_keys[] = {
	{ "standard", DOC_TEXT, true },
	{ "id", DOC_TEXT, true },
	{ NULL, 0, false },
};

bool is_severity(const char *word)
{
	static const char *const words[] = { "critical", "high", "medium", "low" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

bool is_probe(const struct packs *packs, const char *name)
{
	for (size_t i = 0; packs->probes[i]; i++)
		if (strcmp(packs->probes[i], name) == 0)
			return true;
	return false;
}

bool is_name(const char *s, const char *also)
{
	if (!islower((unsigned char)s[0]))
		return false;
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && !strchr(also, *s))
			return false;
	return true;
}

static bool fail_probe(struct loader *l, const yaml_node_t *node, const char *name)
{
	char known[300] = "";
	size_t n = 0;
	for (size_t i = 0; l->packs->probes[i] && n < sizeof known; i++)
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", l->packs->probes[i]);
	return doc_fail(&l->doc, node, "unknown probe `%.60s`, expected one of %s", name, known);
}

static bool load_needs(struct loader *l, const yaml_node_t *list, struct requirement *r)
{
	size_t n = doc_count(list);
	const char **needs = ARENA_ARRAY(l->packs->arena, const char *, n);
	if (!needs)
		return doc_fail(&l->doc, list, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = doc_item(&l->doc, list, i);
		if (!doc_check_type(&l->doc, item, "needs", DOC_TEXT))
			return false;
		if (!(needs[i] = doc_scalar(&l->doc, item)))
			return false;
		if (!is_probe(l->packs, needs[i]))
			return fail_probe(l, item, needs[i]);
	}
	r->needs = needs;
	r->nneeds = n;
	return true;
}

static bool load_references(struct loader *l, const yaml_node_t *list, struct requirement *r)
{
	size_t n = doc_count(list);
	struct pack_reference *refs = ARENA_ARRAY(l->packs->arena, struct pack_reference, n);
	if (!refs)
		return doc_fail(&l->doc, list, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = doc_item(&l->doc, list, i);
		if (!doc_check_map(&l->doc, item, "a reference", reference_keys))
			return false;
		refs[i].standard = doc_text(&l->doc, item, "standard");
		refs[i].id = doc_text(&l->doc, item, "id");
	}
	r->references = refs;
	r->nreferences = n;
	return true;
}

static bool load_remedy(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	if (!doc_check_map(&l->doc, map, "remedy", remedy_keys))
		return false;
	r->remedy = doc_text(&l->doc, map, "text");
	r->remedy_command = doc_text(&l->doc, map, "command");
	return true;
}

static bool fail_sql(struct loader *l, const yaml_node_t *node, size_t at, const char *what, const char *why)
{
	unsigned line, column;
	doc_place_in(&l->doc, node, at, &line, &column);
	return doc_fail_at(&l->doc, line, column, "%s: %s, expected one SELECT over the fact tables", what, why);
}

static bool has_column(sqlite3_stmt *s, const char *name)
{
	for (int i = 0; i < sqlite3_column_count(s); i++)
		if (strcmp(sqlite3_column_name(s, i), name) == 0)
			return true;
	return false;
}

/* Prepares the query under the authorizer. An evidence query must give the three columns that make evidence. */
static bool check_query(struct loader *l, const yaml_node_t *node, const char *what, bool evidence, const char **sql)
{
	static const char *const columns[] = { "table_name", "row_id", "says" };
	/* Not trimmed: offsets into it are places in the file. */
	*sql = arena_strdup(l->packs->arena, text_c((const char *)node->data.scalar.value));
	if (!*sql)
		return doc_fail(&l->doc, node, "out of memory");
	char why[256];
	size_t at;
	query_guard_begin(&l->guard, l->packs->schema, &query_default_limits, l->pack->views, l->pack->nviews);
	sqlite3_stmt *s = query_prepare(&l->guard, *sql, why, &at);
	query_guard_end(&l->guard);
	if (!s)
		return fail_sql(l, node, at, what, why);
	const char *lacks = NULL;
	for (size_t i = 0; evidence && !lacks && i < sizeof columns / sizeof columns[0]; i++)
		lacks = has_column(s, columns[i]) ? NULL : columns[i];
	bool parameters = sqlite3_bind_parameter_count(s) > 0;
	sqlite3_finalize(s);
	if (lacks)
		return doc_fail(&l->doc, node, "%s gives no column `%s`, expected table_name, row_id and says", what, lacks);
	if (parameters)
		return doc_fail(&l->doc, node, "%s holds a parameter, expected none: nothing is bound to it", what);
	return true;
}

static bool load_queries(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	const struct {
		const char *key;
		bool evidence;
		const char **sql;
	} queries[] = { { "applies", false, &r->applies },
					{ "fails", true, &r->fails },
					{ "passes", true, &r->passes },
					{ "missing", true, &r->missing } };
	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		const yaml_node_t *node = doc_get(&l->doc, map, queries[i].key);
		if (node && !check_query(l, node, queries[i].key, queries[i].evidence, queries[i].sql))
			return false;
	}
	return true;
}

/* Keys that only make sense together. */
static bool check_whole(struct loader *l, const yaml_node_t *map, const struct requirement *r)
{
	if (!r->applies != !r->not_applicable)
		return doc_fail(&l->doc, map, "%s: one of `applies` and `not_applicable`, expected both or none", r->id);
	if ((r->passes || r->applies) && r->nneeds == 0)
		return doc_fail(&l->doc, map, "%s: `%s` without `needs`, expected the probes that must be complete for it",
						r->id, r->passes ? "passes" : "applies");
	if (r->missing && r->nneeds == 0)
		return doc_fail(&l->doc, map, "%s: `missing` without `needs`, expected the probes that it tells more than", r->id);
	if (requirement_is_open(r) && r->missing)
		return doc_fail(&l->doc, map, "%s: `missing` without another query, expected `fails` or `passes`", r->id);
	if (requirement_is_open(r) && r->nneeds > 0)
		return doc_fail(&l->doc, map, "%s: `needs` without a query, expected `fails` or `passes`", r->id);
	if (requirement_is_open(r) || r->ntests > 0)
		return true;
	return doc_fail(&l->doc, map, "%s: no `tests`, expected at least one per verdict that it can give", r->id);
}

static bool check_tested(struct loader *l, const yaml_node_t *map, const struct requirement *r)
{
	const bool can[VERDICTS] = {
		[VERDICT_PASS] = r->passes,
		[VERDICT_FAIL] = r->fails,
		[VERDICT_NOT_APPLICABLE] = r->applies,
		[VERDICT_INCONCLUSIVE] = !requirement_is_open(r),
	};
	bool tested[VERDICTS] = { false };
	for (size_t i = 0; i < r->ntests; i++)
		tested[r->tests[i].gives] = true;
	for (int v = 0; v < VERDICTS; v++)
		if (can[v] && !tested[v])
			return doc_fail(&l->doc, map, "%s: no test that gives %s, expected one per verdict that it can give", r->id,
							verdict_name(v));
	return true;
}

static bool check_id(struct loader *l, const yaml_node_t *node, const char *id, const struct requirement *end)
{
	const char *prefix = l->pack->prefix;
	size_t n = strlen(prefix);
	if (!is_name(id, ".-") || strncmp(id, prefix, n) != 0 || id[n] != '.' || !id[n + 1])
		return doc_fail(&l->doc, node,
						"the id `%.80s`, expected `%s.` followed by lower-case letters, digits, `.` and `-`", id,
						prefix);
	for (const struct requirement *r = l->pack->requirements; r < end; r++)
		if (strcmp(r->id, id) == 0)
			return doc_fail(&l->doc, node, "the id `%s` for the second time (first in line %u), expected it once", id,
							r->line);
	return true;
}

static void take_text(struct loader *l, const yaml_node_t *map, const char *key, const char **text)
{
	if (doc_get(&l->doc, map, key))
		*text = doc_text(&l->doc, map, key);
}

static bool load_texts(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	struct doc *d = &l->doc;
	take_text(l, map, "id", &r->id);
	take_text(l, map, "title", &r->title);
	take_text(l, map, "section", &r->section);
	take_text(l, map, "severity", &r->severity);
	take_text(l, map, "because", &r->because);
	take_text(l, map, "how", &r->how);
	take_text(l, map, "not_applicable", &r->not_applicable);
	take_text(l, map, "settles", &r->settles);
	if (d->error->text[0])
		return false;
	if (!is_severity(r->severity))
		return doc_fail(d, doc_get(d, map, "severity"), "the severity `%.40s`, expected critical, high, medium or low",
						r->severity);
	const yaml_node_t *remedy = doc_get(d, map, "remedy"), *references = doc_get(d, map, "references");
	if (remedy && !load_remedy(l, remedy, r))
		return false;
	return !references || load_references(l, references, r);
}

static bool load_used(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	if (!doc_check_map(&l->doc, map, "a requirement with `use`", use_keys))
		return false;
	const struct requirement *used = compose_used(l, doc_get(&l->doc, map, "use"));
	if (!used)
		return false;
	*r = *used;
	/* Its tests are run where it is defined. */
	r->tests = NULL;
	r->ntests = 0;
	r->excluded = r->severity_was = r->severity_reason = NULL;
	r->owner = l->pack;
	r->line = doc_line(map);
	return load_texts(l, map, r) && check_id(l, doc_get(&l->doc, map, "id"), r->id, r);
}

static bool load_requirement(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	struct doc *d = &l->doc;
	if (map->type == YAML_MAPPING_NODE && doc_get(d, map, "use"))
		return load_used(l, map, r);
	if (!doc_check_map(d, map, "a requirement", requirement_keys))
		return false;
	*r = (struct requirement){ .owner = l->pack, .home = l->pack, .line = doc_line(map) };
	if (!load_texts(l, map, r) || !check_id(l, doc_get(d, map, "id"), r->id, r))
		return false;
	const yaml_node_t *needs = doc_get(d, map, "needs"), *tests = doc_get(d, map, "tests");
	if (needs && !load_needs(l, needs, r))
		return false;
	if (!load_queries(l, map, r))
		return false;
	if (tests && !load_tests(l, tests, r))
		return false;
	return check_whole(l, map, r) && check_tested(l, map, r);
}

static bool load_requirements(struct loader *l)
{
	const yaml_node_t *list = doc_get(&l->doc, doc_root(&l->doc), "requirements");
	for (size_t i = 0; i < doc_count(list); i++) {
		if (!load_requirement(l, doc_item(&l->doc, list, i), &l->pack->requirements[l->pack->nrequirements]))
			return false;
		l->pack->nrequirements++;
	}
	return l->pack->nrequirements > 0 ||
		   doc_fail(&l->doc, doc_root(&l->doc), "no requirements, expected some, or an `include`");
}

static bool load_view(struct loader *l, const yaml_node_t *key, const yaml_node_t *value, struct query_view *view)
{
	if (key->type != YAML_SCALAR_NODE || !(view->name = doc_scalar(&l->doc, key)))
		return doc_fail(&l->doc, key, "a view without a name, expected one");
	if (!is_name(view->name, "_") || query_may_read(view->name))
		return doc_fail(&l->doc, key, "the view `%.60s`, expected a name of a-z, 0-9 and _ that no table has",
						view->name);
	for (const struct query_view *v = l->pack->views; v < view; v++)
		if (strcmp(v->name, view->name) == 0)
			return doc_fail(&l->doc, key, "the view `%s` for the second time, expected it once", view->name);
	return doc_check_type(&l->doc, value, view->name, DOC_TEXT) && check_query(l, value, view->name, false, &view->sql);
}

/* A view may name those before it: each is created as soon as it is checked. */
static bool load_views(struct loader *l)
{
	const yaml_node_t *map = doc_get(&l->doc, doc_root(&l->doc), "views");
	size_t n = doc_count(map);
	struct query_view *views = ARENA_ARRAY(l->packs->arena, struct query_view, n);
	if (!views)
		return doc_fail(&l->doc, map, "out of memory");
	if (n > VIEWS_MAX)
		return doc_fail(&l->doc, map, "%zu views, expected at most %u", n, VIEWS_MAX);
	l->pack->views = views;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *value, *key = doc_pair(&l->doc, map, i, &value);
		if (!load_view(l, key, value, &views[i]))
			return false;
		struct error e = query_create_view(l->packs->schema, &views[i]);
		if (error_is(&e))
			return doc_fail(&l->doc, value, "%s", e.text);
		l->pack->nviews++;
	}
	return true;
}

static bool load_head(struct loader *l)
{
	struct doc *d = &l->doc;
	struct pack *p = l->pack;
	const yaml_node_t *root = doc_root(d);
	if (!root)
		return doc_fail(d, NULL, "nothing in it, expected a pack");
	if (!doc_check_map(d, root, "a pack", pack_keys))
		return false;
	const yaml_node_t *source = doc_get(d, root, "source");
	if (!doc_check_map(d, source, "source", source_keys))
		return false;
	p->id = doc_text(d, root, "pack");
	p->title = doc_text(d, root, "title");
	p->version = doc_text(d, root, "version");
	p->source_name = doc_text(d, source, "name");
	p->source_publisher = doc_text(d, source, "publisher");
	p->source_year = doc_text(d, source, "year");
	p->source_url = doc_text(d, source, "url");
	if (d->error->text[0])
		return false;
	const yaml_node_t *id = doc_get(d, root, "pack");
	if (!is_name(p->id, "-"))
		return doc_fail(d, id, "the pack's id `%.60s`, expected lower-case letters, digits and `-`", p->id);
	const struct pack *other = packs_find(l->packs, p->id);
	if (other)
		return doc_fail(d, id, "the pack `%s` is already loaded from %s, expected another id", p->id, other->file);
	return compose_prefix(l);
}

bool load_pack(struct loader *l)
{
	return load_head(l) && load_views(l) && compose_include(l) && load_requirements(l) && compose_adjust(l);
}
