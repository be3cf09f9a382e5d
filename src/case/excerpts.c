/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which excerpts a case keeps: the first of each table at once, the others in a temporary table until the verdicts are there;
 * then those that evidence points at. So a case stays small whatever the image holds, and one that is judged again by other
 * packs, or was never judged, has some. */
#include "case/internal.h"

/* Rows of one table that are kept whatever is cited; all bytes of one run that wait for the verdicts. */
#define KEPT_PER_TABLE 50
#define WAITING_MAX ((uint64_t)16 << 20)

#define COLUMNS "blob_id, table_name, row_id, form, line, offset, marked, start, cut_before, cut_after, hidden, bytes"
#define INSERT(table) "INSERT INTO " table "(" COLUMNS ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

static int type_named(struct text name)
{
	int type = 0;
	while (type < FACT_TYPES && !text_is(name, fact_tables[type].name))
		type++;
	return type;
}

/* How many there are of each table by earlier inputs. */
static bool count_kept(sqlite3 *db, struct excerpt_keeper *k)
{
	sqlite3_stmt *s = NULL;
	bool ok = sqlite3_prepare_v2(db, "SELECT table_name, count(*) FROM excerpt GROUP BY 1", -1, &s, NULL) == SQLITE_OK;
	while (ok && sqlite3_step(s) == SQLITE_ROW) {
		int type = type_named(text_c((const char *)sqlite3_column_text(s, 0)));
		if (type < FACT_TYPES)
			k->kept[type] = sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return ok;
}

bool excerpts_begin(sqlite3 *db, struct excerpt_keeper *k)
{
	*k = (struct excerpt_keeper){ 0 };
	return sqlite3_exec(db, "CREATE TEMP TABLE IF NOT EXISTS waiting_excerpt AS SELECT * FROM main.excerpt WHERE 0", NULL, NULL,
						NULL) == SQLITE_OK &&
		   count_kept(db, k) && sqlite3_prepare_v2(db, INSERT("main.excerpt"), -1, &k->keep, NULL) == SQLITE_OK &&
		   sqlite3_prepare_v2(db, INSERT("temp.waiting_excerpt"), -1, &k->wait, NULL) == SQLITE_OK;
}

void excerpts_end(struct excerpt_keeper *k)
{
	sqlite3_finalize(k->keep);
	sqlite3_finalize(k->wait);
	k->keep = k->wait = NULL;
}

void excerpts_row(struct excerpt_keeper *k, enum fact_type type, int64_t row_id)
{
	if (type == FACT_blob)
		memset(k->rows, 0, sizeof k->rows);
	if (k->rows[type]++ == 0)
		k->first[type] = row_id;
}

static void bind_number(sqlite3_stmt *s, int at, int64_t v)
{
	if (v == FACT_NULL)
		sqlite3_bind_null(s, at);
	else
		sqlite3_bind_int64(s, at, v);
}

static void bind_text(sqlite3_stmt *s, int at, struct text t)
{
	sqlite3_bind_text64(s, at, t.p, t.n, SQLITE_STATIC, SQLITE_UTF8);
}

bool excerpts_take(struct excerpt_keeper *k, int64_t blob_id, const struct fact_excerpt *e)
{
	int type = type_named(e->table_name);
	if (type == FACT_TYPES || e->row_id >= k->rows[type]) /* of a row that was not taken, or that no worker sent */
		return true;
	bool keep = k->kept[type] < KEPT_PER_TABLE;
	if (!keep && k->waiting + e->bytes.n > WAITING_MAX)
		return true;
	k->kept[type] += keep;
	k->waiting += keep ? 0 : e->bytes.n;
	sqlite3_stmt *s = keep ? k->keep : k->wait;
	const int64_t numbers[] = { e->line, e->offset, e->marked, e->start, e->cut_before, e->cut_after };
	sqlite3_bind_int64(s, 1, blob_id);
	bind_text(s, 2, e->table_name);
	sqlite3_bind_int64(s, 3, k->first[type] + e->row_id);
	bind_text(s, 4, e->form);
	for (int i = 0; i < 6; i++)
		bind_number(s, 5 + i, numbers[i]);
	bind_text(s, 11, e->hidden);
	sqlite3_bind_blob64(s, 12, e->bytes.p, e->bytes.n, SQLITE_STATIC);
	bool ok = sqlite3_step(s) == SQLITE_DONE;
	sqlite3_reset(s);
	return ok;
}

struct error case_keep_excerpts(struct case_file *c)
{
	static const char sql[] =
		"BEGIN IMMEDIATE;"
		"CREATE TEMP TABLE cited_excerpt AS SELECT rowid AS row FROM temp.waiting_excerpt"
		" WHERE (table_name, row_id) IN (SELECT table_name, row_id FROM main.evidence"
		"  UNION SELECT 'component', s.component_id FROM main.evidence e JOIN main.software_evidence s ON s.software_id = e.row_id"
		"   WHERE e.table_name = 'software'"
		"  UNION SELECT 'component', s.component_id FROM main.evidence e JOIN main.vulnerability v ON v.id = e.row_id"
		"   JOIN main.software_evidence s USING(software_id) WHERE e.table_name = 'vulnerability');"
		"INSERT INTO main.excerpt(" COLUMNS ") SELECT " COLUMNS " FROM temp.waiting_excerpt w"
		" WHERE w.rowid IN (SELECT row FROM temp.cited_excerpt) ORDER BY w.rowid;"
		"DELETE FROM temp.waiting_excerpt WHERE rowid IN (SELECT row FROM temp.cited_excerpt);"
		"DROP TABLE temp.cited_excerpt;"
		"COMMIT";
	sqlite3_stmt *s = NULL;
	bool any = sqlite3_prepare_v2(c->db, "SELECT 1 FROM temp.waiting_excerpt LIMIT 1", -1, &s, NULL) == SQLITE_OK &&
			   sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	if (!any) /* nothing was taken apart by this process, or so little that all is kept */
		return error_none();
	struct error e = case_exec(c, sql, "keeping the excerpts of evidence");
	if (error_is(&e))
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}
