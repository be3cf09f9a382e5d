/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests of a requirement: facts that are put into an empty case, and the verdict that they must give. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "judge/internal.h"

static const struct doc_key test_keys[] = {
	{ "gives", DOC_TEXT, true },
	{ "basis", DOC_TEXT, false },
	{ "measures", DOC_MAP, false },
	{ "facts", DOC_MAP, false },
	{ NULL, 0, false },
};

/* Tables that are made when the facts are there, by matching and by documents beside the image: a test says their rows. */
static const struct case_derived *find_derived(const char *name)
{
	static const char *const tables[] = { "vulnerability", "vulnerability_rejected", "feed_source", "sbom_difference",
										  "statement", "conformance_conflict" };
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		for (const struct case_derived *t = case_derived; strcmp(tables[i], name) == 0 && t->name; t++)
			if (strcmp(t->name, name) == 0)
				return t;
	return NULL;
}

bool test_table_is_derived(const char *name)
{
	return find_derived(name) != NULL;
}

/* Of "id INTEGER PRIMARY KEY, name TEXT NOT NULL, ...": numbers that are not whole are written as text, which SQLite
 * makes a number of in a REAL column. */
static int derived_type(const struct case_derived *t, const char *column)
{
	size_t n = strcmp(column, "id") == 0 ? 0 : strlen(column);
	for (const char *at = t->columns; at && n; at = strchr(at, ',')) {
		at += strspn(at, ", ");
		if (strncmp(at, column, n) == 0 && at[n] == ' ')
			return strncmp(at + n + 1, "INTEGER", 7) == 0 ? FACT_INT : FACT_TEXT;
	}
	return -1;
}

/* The type of a column that a test may set; -1 when there is none of that name. */
static int column_type(const char *table, const char *column)
{
	if (test_table_is_derived(table))
		return derived_type(find_derived(table), column);
	if (strcmp(table, "input") == 0)
		return strcmp(column, "size") == 0 ? FACT_INT
			   : strcmp(column, "kind") == 0 || strcmp(column, "location") == 0 || strcmp(column, "role") == 0 ||
						 strcmp(column, "sha256") == 0
				   ? FACT_TEXT
				   : -1;
	if (strcmp(table, "probe_run") == 0)
		return strcmp(column, "probe") == 0 || strcmp(column, "status") == 0 || strcmp(column, "detail") == 0
				   ? FACT_TEXT
				   : -1;
	const struct fact_table *t = fact_table_find(table);
	for (size_t i = 0; i < t->ncolumns; i++)
		if (strcmp(t->columns[i].name, column) == 0)
			return (int)t->columns[i].type;
	return -1;
}

static bool is_plain(const yaml_node_t *node, const char *word)
{
	return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		   strcmp((const char *)node->data.scalar.value, word) == 0;
}

static bool load_cell(struct loader *l, const yaml_node_t *node, int type, struct pack_cell *cell)
{
	if (node->type != YAML_SCALAR_NODE)
		return doc_fail(&l->doc, node, "`%s` is no single value, expected one", cell->column);
	if (is_plain(node, "null"))
		return true;
	const char *value = (const char *)node->data.scalar.value;
	if (type == FACT_TEXT)
		return (cell->text = arena_strdup(l->packs->arena, text_c(value))) || doc_fail(&l->doc, node, "out of memory");
	cell->is_integer = true;
	if (type == FACT_BOOL) {
		cell->integer = is_plain(node, "true");
		return cell->integer || is_plain(node, "false") ||
			   doc_fail(&l->doc, node, "`%s` is `%.40s`, expected true, false or null", cell->column, value);
	}
	char *end;
	errno = 0;
	cell->integer = strtoll(value, &end, 10);
	return (end != value && !*end && errno == 0) ||
		   doc_fail(&l->doc, node, "`%s` is `%.40s`, expected a decimal number or null", cell->column, value);
}

/* Whether a row of the table is about a file, which it may name. */
static bool has_file(const char *table)
{
	return strcmp(table, "blob") != 0 && strcmp(table, "probe_run") != 0 && strcmp(table, "input") != 0 &&
		   !test_table_is_derived(table);
}

static bool load_row(struct loader *l, const yaml_node_t *map, struct pack_row *row)
{
	size_t n = doc_count(map);
	struct pack_cell *cells = ARENA_ARRAY(l->packs->arena, struct pack_cell, n);
	if (!cells)
		return doc_fail(&l->doc, map, "out of memory");
	row->cells = cells;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *value, *key = doc_pair(&l->doc, map, i, &value);
		const char *name = key->type == YAML_SCALAR_NODE ? doc_scalar(&l->doc, key) : "";
		if (!name)
			return false;
		if (doc_get(&l->doc, map, name) != value)
			return doc_fail(&l->doc, key, "`%.60s` for the second time in a row of %s, expected it once", name,
							row->table);
		if (strcmp(name, "file") == 0 && has_file(row->table)) {
			if (!doc_check_type(&l->doc, value, "file", DOC_TEXT) || !(row->file = doc_scalar(&l->doc, value)))
				return false;
			continue;
		}
		int type = column_type(row->table, name);
		if (type < 0)
			return doc_fail(&l->doc, key, "the table %s has no column `%.60s`, expected one of `assay list facts`",
							row->table, name);
		struct pack_cell *cell = &cells[row->ncells++];
		cell->column = name;
		if (!load_cell(l, value, type, cell))
			return false;
	}
	return true;
}

/* The probe of a probe_run must be one that exists: a misspelt one would test nothing. */
static bool check_probe_run(struct loader *l, const yaml_node_t *map, const struct pack_row *row)
{
	bool probe = false, status = false;
	for (size_t i = 0; i < row->ncells; i++) {
		const struct pack_cell *c = &row->cells[i];
		probe |= strcmp(c->column, "probe") == 0 && c->text && is_probe(l->packs, c->text);
		status |= strcmp(c->column, "status") == 0 && c->text;
	}
	return (probe && status) || doc_fail(&l->doc, map, "a probe_run, expected a known `probe` and a `status`");
}

static bool check_input(struct loader *l, const yaml_node_t *map, const struct pack_row *row)
{
	bool kind = false, location = false;
	for (size_t i = 0; i < row->ncells; i++) {
		kind |= strcmp(row->cells[i].column, "kind") == 0 && row->cells[i].text;
		location |= strcmp(row->cells[i].column, "location") == 0 && row->cells[i].text;
	}
	return (kind && location) || doc_fail(&l->doc, map, "an input, expected a `kind` and a `location`");
}

static size_t count_rows(struct loader *l, const yaml_node_t *facts)
{
	size_t n = 0;
	for (size_t i = 0; i < doc_count(facts); i++) {
		const yaml_node_t *rows;
		doc_pair(&l->doc, facts, i, &rows);
		n += doc_count(rows);
	}
	return n;
}

static bool load_facts(struct loader *l, const yaml_node_t *facts, struct pack_test *test)
{
	struct pack_row *rows = ARENA_ARRAY(l->packs->arena, struct pack_row, count_rows(l, facts));
	if (!rows)
		return doc_fail(&l->doc, facts, "out of memory");
	test->rows = rows;
	for (size_t i = 0; i < doc_count(facts); i++) {
		const yaml_node_t *list, *key = doc_pair(&l->doc, facts, i, &list);
		const char *table = key->type == YAML_SCALAR_NODE ? doc_scalar(&l->doc, key) : "";
		if (!table)
			return false;
		if (!fact_table_find(table) && !find_derived(table) && strcmp(table, "probe_run") != 0 && strcmp(table, "input") != 0)
			return doc_fail(&l->doc, key,
							"unknown table `%.60s`, expected one of `assay list facts`, input, probe_run, or what matching makes"
							" (vulnerability, feed_source ...)",
							table);
		if (!doc_check_type(&l->doc, list, table, DOC_LIST))
			return false;
		for (size_t k = 0; k < doc_count(list); k++) {
			const yaml_node_t *map = doc_item(&l->doc, list, k);
			struct pack_row *row = &rows[test->nrows++];
			row->table = table;
			if (!doc_check_type(&l->doc, map, table, DOC_MAP) || !load_row(l, map, row))
				return false;
			if (strcmp(table, "probe_run") == 0 && !check_probe_run(l, map, row))
				return false;
			if (strcmp(table, "input") == 0 && !check_input(l, map, row))
				return false;
		}
	}
	return true;
}

static const struct pack_measure *measure_named(const struct requirement *r, const char *name)
{
	for (size_t i = 0; i < r->nmeasures; i++)
		if (strcmp(r->measures[i].name, name) == 0)
			return &r->measures[i];
	return NULL;
}

/* The values that a test expects: a number, or null for what is not measured. */
static bool load_expected(struct loader *l, const yaml_node_t *map, const struct requirement *r, struct pack_test *test)
{
	size_t n = doc_count(map);
	struct pack_expected *list = ARENA_ARRAY(l->packs->arena, struct pack_expected, n);
	if (!list)
		return doc_fail(&l->doc, map, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *value, *key = doc_pair(&l->doc, map, i, &value);
		const char *name = key->type == YAML_SCALAR_NODE ? doc_scalar(&l->doc, key) : "";
		const struct pack_measure *m = name ? measure_named(r, name) : NULL;
		if (!m)
			return doc_fail(&l->doc, key, "the measure `%.60s`, expected one of the requirement's `measures`", name ? name : "");
		if (doc_get(&l->doc, map, name) != value)
			return doc_fail(&l->doc, key, "`%s` for the second time in a test, expected it once", name);
		list[i] = (struct pack_expected){ .measure = m->name, .line = doc_line(key) };
		list[i].is_measured = value->type != YAML_SCALAR_NODE || !is_plain(value, "null");
		if (list[i].is_measured && !load_number(l, value, name, &list[i].value))
			return false;
	}
	test->expected = list;
	test->nexpected = n;
	return true;
}

static bool load_basis(struct loader *l, const yaml_node_t *node, struct pack_test *test)
{
	const char *word = doc_scalar(&l->doc, node);
	if (!word)
		return false;
	test->says_basis = true;
	for (int b = 0; b < BASES; b++) {
		test->basis = (enum basis)b;
		if (strcmp(word, basis_name(test->basis)) == 0)
			return true;
	}
	return doc_fail(&l->doc, node, "the basis `%.40s`, expected evidence, declaration, declared or none", word);
}

static bool load_test(struct loader *l, const yaml_node_t *map, const struct requirement *r, struct pack_test *test)
{
	if (!doc_check_map(&l->doc, map, "a test", test_keys))
		return false;
	const char *gives = doc_text(&l->doc, map, "gives");
	if (!gives)
		return false;
	int v = 0;
	while (v < VERDICTS && strcmp(verdict_name((enum verdict)v), gives) != 0)
		v++;
	if (v == VERDICTS)
		return doc_fail(&l->doc, doc_get(&l->doc, map, "gives"),
						"the verdict `%.40s`, expected PASS, FAIL, INCONCLUSIVE or NOT APPLICABLE", gives);
	*test = (struct pack_test){ .gives = (enum verdict)v, .line = doc_line(map) };
	const yaml_node_t *facts = doc_get(&l->doc, map, "facts"), *basis = doc_get(&l->doc, map, "basis"),
					  *measures = doc_get(&l->doc, map, "measures");
	return (!basis || load_basis(l, basis, test)) && (!measures || load_expected(l, measures, r, test)) &&
		   (!facts || load_facts(l, facts, test));
}

bool load_tests(struct loader *l, const yaml_node_t *list, struct requirement *r)
{
	size_t n = doc_count(list);
	struct pack_test *tests = ARENA_ARRAY(l->packs->arena, struct pack_test, n);
	if (!tests)
		return doc_fail(&l->doc, list, "out of memory");
	for (size_t i = 0; i < n; i++)
		if (!load_test(l, doc_item(&l->doc, list, i), r, &tests[i]))
			return false;
	r->tests = tests;
	r->ntests = n;
	return true;
}
