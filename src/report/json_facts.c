/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_facts.h"

#include "report/json_excerpts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define COLUMNS_MAX 64u

/* The columns that every table has before its own. */
static const struct json_head blob_ids[] = { { "id", "row of the table" },
											 { "input_id", "the input that it is of" },
											 { "parent_id", "the blob that holds it" } },
							  fact_ids[] = { { "id", "row of the table" }, { "blob_id", "the blob that it is about" } };

static void write_value(struct json *j, sqlite3_stmt *s, int at, enum fact_column_type type)
{
	if (type == FACT_TEXT)
		json_text(j, view_text(s, at));
	else if (type == FACT_BOOL)
		json_bool(j, view_int(s, at));
	else
		json_int(j, view_int(s, at));
}

static void write_row(struct json *j, sqlite3_stmt *s, const struct fact_table *t, const char *const *columns,
					  size_t nids)
{
	bool is_root = t == &fact_tables[FACT_blob] && view_int(s, 2) == FACT_NULL;
	json_open_row(j);
	for (size_t i = 0; i < nids + t->ncolumns && i < COLUMNS_MAX; i++) {
		json_column(j, columns[i]);
		if (is_root && i >= nids && strcmp(columns[i], "path") == 0)
			json_text(j, text_base(view_text(s, (int)i)));
		else
			write_value(j, s, (int)i, i < nids ? FACT_INT : t->columns[i - nids].type);
	}
	json_close_row(j);
}

struct error json_facts(struct json *j, struct view *v, enum fact_type type)
{
	if (type == FACT_excerpt)
		return json_excerpts(j, v);
	const struct fact_table *t = &fact_tables[type];
	const struct json_head *ids = type == FACT_blob ? blob_ids : fact_ids;
	size_t nids = type == FACT_blob ? COUNT(blob_ids) : COUNT(fact_ids), n = 0;
	struct json_head heads[COLUMNS_MAX];
	const char *columns[COLUMNS_MAX];
	for (size_t i = 0; i < nids; i++)
		heads[n++] = ids[i];
	for (size_t i = 0; i < t->ncolumns && n < COLUMNS_MAX; i++)
		heads[n++] = (struct json_head){ t->columns[i].name, t->columns[i].doc };
	for (size_t i = 0; i < n; i++)
		columns[i] = heads[i].name;
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(v), t->name, columns, n, "ORDER BY id", &s);
	json_open_rows(j, t->doc, heads, n);
	while (!error_is(&e) && view_step(s, &e))
		write_row(j, s, t, columns, nids);
	json_close_rows(j);
	sqlite3_finalize(s);
	return e;
}
