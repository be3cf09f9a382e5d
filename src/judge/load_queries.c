/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SQL of a requirement, prepared as it will run: queries, ways to PASS, measures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge/internal.h"

/* A last resort against a pack of many queries that each take as long to prepare as one may. */
#define LOADING_SECONDS 30

static const char *const evidence_columns[] = { "table_name", "row_id", "says", NULL };
static const char *const value_columns[] = { "value", NULL };

static const struct doc_key way_keys[] = {
	{ "needs", DOC_LIST, true },
	{ "query", DOC_TEXT, true },
	{ NULL, 0, false },
};

static const struct doc_key measure_keys[] = {
	{ "name", DOC_TEXT, true },    { "title", DOC_TEXT, true },  { "unit", DOC_TEXT, true },
	{ "formula", DOC_TEXT, true }, { "value", DOC_TEXT, true },  { "better", DOC_TEXT, false },
	{ "rows", DOC_TEXT, false },   { "needs", DOC_LIST, false }, { "thresholds", DOC_LIST, false },
	{ NULL, 0, false },
};

static const struct doc_key threshold_keys[] = {
	{ "gives", DOC_TEXT, true },
	{ "above", DOC_TEXT, false },
	{ "below", DOC_TEXT, false },
	{ "source", DOC_TEXT, true },
	{ NULL, 0, false },
};

static bool fail_probe(struct loader *l, const yaml_node_t *node, const char *name)
{
	char known[300] = "";
	size_t n = 0;
	for (size_t i = 0; l->packs->probes[i] && n < sizeof known; i++)
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", l->packs->probes[i]);
	return doc_fail(&l->doc, node, "unknown probe `%.60s`, expected one of %s", name, known);
}

static bool load_needs(struct loader *l, const yaml_node_t *list, struct probe_list *probes)
{
	size_t n = doc_count(list);
	const char **needs = ARENA_ARRAY(l->packs->arena, const char *, n);
	if (!needs)
		return doc_fail(&l->doc, list, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = doc_item(&l->doc, list, i);
		if (!doc_check_type(&l->doc, item, "needs", DOC_TEXT) || !(needs[i] = doc_scalar(&l->doc, item)))
			return false;
		if (!is_probe(l->packs, needs[i]))
			return fail_probe(l, item, needs[i]);
	}
	*probes = (struct probe_list){ needs, n };
	return true;
}

bool load_number(struct loader *l, const yaml_node_t *node, const char *what, double *number)
{
	const char *text = node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
	char *end = NULL;
	bool plain = text[strspn(text, "+-.0123456789eE")] == 0; /* neither nan nor 0x1p3 */
	*number = plain ? strtod(text, &end) : 0;
	return (plain && end != text && !*end && isfinite(*number)) ||
		   doc_fail(&l->doc, node, "`%s` is `%.40s`, expected a number", what, text);
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

static bool check_columns(struct loader *l, const yaml_node_t *node, const char *what, const char *const *columns,
						  sqlite3_stmt *s)
{
	for (size_t i = 0; columns && columns[i]; i++)
		if (!has_column(s, columns[i]))
			return doc_fail(&l->doc, node, "%s gives no column `%s`, expected %s", what, columns[i],
							columns == value_columns ? "one row with the number in it" : "table_name, row_id and says");
	return true;
}

bool load_query(struct loader *l, const yaml_node_t *node, const char *what, const char *const *columns, const char **sql)
{
	/* Not trimmed: offsets into it are places in the file. */
	*sql = arena_strdup(l->packs->arena, text_c((const char *)node->data.scalar.value));
	if (!*sql)
		return doc_fail(&l->doc, node, "out of memory");
	if (l->own)
		return true;
	if (query_clock() - l->began > LOADING_SECONDS)
		return doc_fail(&l->doc, node, "%s: the pack takes more than %d seconds to check, expected queries that are simpler", what,
						LOADING_SECONDS);
	char why[256];
	size_t at;
	query_guard_begin(&l->guard, l->packs->schema, &query_default_limits, l->pack->views, l->pack->nviews);
	sqlite3_stmt *s = query_prepare(&l->guard, *sql, why, &at);
	query_guard_end(&l->guard);
	if (!s)
		return fail_sql(l, node, at, what, why);
	bool ok = check_columns(l, node, what, columns, s);
	if (ok && sqlite3_bind_parameter_count(s) > 0)
		ok = doc_fail(&l->doc, node, "%s holds a parameter, expected none: nothing is bound to it", what);
	sqlite3_finalize(s);
	return ok;
}

static bool load_way(struct loader *l, const yaml_node_t *map, struct pack_way *way)
{
	struct probe_list needs;
	if (!doc_check_map(&l->doc, map, "a way of `passes`", way_keys))
		return false;
	const yaml_node_t *list = doc_get(&l->doc, map, "needs");
	if (!load_needs(l, list, &needs))
		return false;
	if (needs.n == 0)
		return doc_fail(&l->doc, list, "`needs` is empty, expected the probes that must be complete for this way");
	way->needs = needs.names;
	way->nneeds = needs.n;
	return load_query(l, doc_get(&l->doc, map, "query"), "query", evidence_columns, &way->query);
}

/* One query with the requirement's own `needs`, or a list of ways with theirs. */
static bool load_ways(struct loader *l, const yaml_node_t *node, struct requirement *r)
{
	bool list = node->type == YAML_SEQUENCE_NODE;
	size_t n = list ? doc_count(node) : 1;
	struct pack_way *ways = ARENA_ARRAY(l->packs->arena, struct pack_way, n);
	if (!ways)
		return doc_fail(&l->doc, node, "out of memory");
	if (n == 0 || n > WAYS_MAX)
		return doc_fail(&l->doc, node, "`passes` is a list of %zu ways, expected 1 to %u", n, WAYS_MAX);
	r->ways = ways;
	r->nways = n;
	if (!list) {
		ways->needs = r->needs;
		ways->nneeds = r->nneeds;
		return doc_check_type(&l->doc, node, "passes", DOC_TEXT) &&
			   load_query(l, node, "passes", evidence_columns, &ways->query);
	}
	for (size_t i = 0; i < n; i++)
		if (!load_way(l, doc_item(&l->doc, node, i), &ways[i]))
			return false;
	return true;
}

static bool load_threshold(struct loader *l, const yaml_node_t *map, const struct pack_measure *m, struct pack_threshold *t)
{
	struct doc *d = &l->doc;
	if (!doc_check_map(d, map, "a threshold", threshold_keys))
		return false;
	const yaml_node_t *above = doc_get(d, map, "above"), *below = doc_get(d, map, "below"), *gives = doc_get(d, map, "gives");
	if (!above == !below)
		return doc_fail(d, map, "a threshold, expected one of `above` and `below`");
	const char *word = doc_text(d, map, "gives");
	t->source = doc_text(d, map, "source");
	if (!word || !t->source)
		return false;
	if (strcmp(word, "FAIL") != 0 && strcmp(word, "PASS") != 0)
		return doc_fail(d, gives, "a threshold that gives `%.40s`, expected FAIL or PASS", word);
	t->gives = *word == 'F' ? VERDICT_FAIL : VERDICT_PASS;
	t->above = above;
	if (!m->rows)
		return doc_fail(d, map, "a threshold of a measure without `rows`, expected the query for the evidence behind the verdict");
	if (t->gives == VERDICT_PASS && m->nneeds == 0)
		return doc_fail(d, map, "a threshold that gives PASS without `needs` of the measure, expected the probes that must be complete");
	return load_number(l, above ? above : below, above ? "above" : "below", &t->number);
}

static bool load_thresholds(struct loader *l, const yaml_node_t *list, struct pack_measure *m)
{
	size_t n = doc_count(list);
	struct pack_threshold *t = ARENA_ARRAY(l->packs->arena, struct pack_threshold, n);
	if (!t)
		return doc_fail(&l->doc, list, "out of memory");
	if (n > THRESHOLDS_MAX)
		return doc_fail(&l->doc, list, "%zu thresholds, expected at most %u", n, THRESHOLDS_MAX);
	m->thresholds = t;
	m->nthresholds = n;
	for (size_t i = 0; i < n; i++)
		if (!load_threshold(l, doc_item(&l->doc, list, i), m, &t[i]))
			return false;
	return true;
}

static bool check_measure(struct loader *l, const yaml_node_t *map, const struct requirement *r, const struct pack_measure *m)
{
	struct doc *d = &l->doc;
	if (!is_name(m->name, "-"))
		return doc_fail(d, doc_get(d, map, "name"), "the measure `%.60s`, expected lower-case letters, digits and `-`", m->name);
	for (const struct pack_measure *other = r->measures; other < m; other++)
		if (strcmp(other->name, m->name) == 0)
			return doc_fail(d, doc_get(d, map, "name"), "the measure `%s` for the second time, expected it once", m->name);
	return !m->better || strcmp(m->better, "lower") == 0 || strcmp(m->better, "higher") == 0 ||
		   doc_fail(d, doc_get(d, map, "better"), "`better` is `%.40s`, expected lower or higher", m->better);
}

static bool load_measure(struct loader *l, const yaml_node_t *map, const struct requirement *r, struct pack_measure *m)
{
	struct doc *d = &l->doc;
	struct probe_list probes = { 0 };
	if (!doc_check_map(d, map, "a measure", measure_keys))
		return false;
	m->name = doc_text(d, map, "name");
	m->title = doc_text(d, map, "title");
	m->unit = doc_text(d, map, "unit");
	m->formula = doc_text(d, map, "formula");
	m->better = doc_text(d, map, "better");
	if (d->error->text[0] || !check_measure(l, map, r, m))
		return false;
	const yaml_node_t *needs = doc_get(d, map, "needs"), *rows = doc_get(d, map, "rows");
	if (needs && !load_needs(l, needs, &probes))
		return false;
	m->needs = probes.names;
	m->nneeds = probes.n;
	return load_query(l, doc_get(d, map, "value"), "value", value_columns, &m->value) &&
		   (!rows || load_query(l, rows, "rows", evidence_columns, &m->rows)) &&
		   load_thresholds(l, doc_get(d, map, "thresholds"), m);
}

static bool load_measures(struct loader *l, const yaml_node_t *list, struct requirement *r)
{
	size_t n = doc_count(list);
	struct pack_measure *measures = ARENA_ARRAY(l->packs->arena, struct pack_measure, n);
	if (!measures)
		return doc_fail(&l->doc, list, "out of memory");
	if (n == 0 || n > MEASURES_MAX)
		return doc_fail(&l->doc, list, "%zu measures, expected 1 to %u", n, MEASURES_MAX);
	r->measures = measures;
	r->nmeasures = n;
	for (size_t i = 0; i < n; i++)
		if (!load_measure(l, doc_item(&l->doc, list, i), r, &measures[i]))
			return false;
	return true;
}

bool load_queries(struct loader *l, const yaml_node_t *map, struct requirement *r)
{
	const struct {
		const char *key;
		const char *const *columns;
		const char **sql;
	} queries[] = { { "applies", NULL, &r->applies },
					{ "fails", evidence_columns, &r->fails },
					{ "declared", evidence_columns, &r->declared },
					{ "missing", evidence_columns, &r->missing } };
	struct probe_list probes = { 0 };
	const yaml_node_t *needs = doc_get(&l->doc, map, "needs"), *passes = doc_get(&l->doc, map, "passes");
	if (needs && !load_needs(l, needs, &probes))
		return false;
	r->needs = probes.names;
	r->nneeds = probes.n;
	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		const yaml_node_t *node = doc_get(&l->doc, map, queries[i].key);
		if (node && !load_query(l, node, queries[i].key, queries[i].columns, queries[i].sql))
			return false;
	}
	const yaml_node_t *measures = doc_get(&l->doc, map, "measures");
	return (!passes || load_ways(l, passes, r)) && (!measures || load_measures(l, measures, r));
}
