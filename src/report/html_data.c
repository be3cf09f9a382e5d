/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of the HTML report: what --json writes, in blocks that the viewer reads when it needs them. Tables are
 * columnar, a name once and not in each row: 100,000 blobs are read in a fraction of a second. A block is a script
 * element of a type that no browser runs; '<' is escaped in it, so that no string can end it. */
#include "report/html_internal.h"
#include "report/json.h"
#include "report/json_facts.h"
#include "report/json_software.h"

static int64_t rows_of(struct page *p, const char *table)
{
	char sql[128];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table); /* a name of ours */
	return view_number(p->v, sql, 0);
}

static void open_block(struct page *p, const char *name, const char *table)
{
	html_put(p, "<script type=\"application/json\" data-table=\"%s\" data-rows=\"%lld\">", name,
			 (long long)rows_of(p, table));
}

static void facts(struct page *p, enum fact_type type)
{
	struct json j = { .out = p->out, .broken_lines = 2, .in_html = true, .columnar = true };
	const char *name = fact_tables[type].name;
	if (error_is(&p->error))
		return;
	open_block(p, name, name);
	p->error = json_facts(&j, p->v, type);
	html_put(p, "</script>\n");
}

static void list(struct page *p, const struct json_table *t)
{
	struct json j = { .out = p->out, .broken_lines = 2, .in_html = true, .columnar = true };
	if (error_is(&p->error))
		return;
	open_block(p, t->key, t->table);
	p->error = json_software_rows(&j, p->v, t);
	html_put(p, "</script>\n");
}

void html_data(struct page *p)
{
	if (error_is(&p->error))
		return;
	view_keep_services(p->v);
	view_keep_contradictions(p->v);
	html_put(p, "<script type=\"application/json\">");
	p->error = report_json_head(p->v, p->out);
	html_put(p, "</script>\n");
	for (const struct json_table *t = json_tables; t->key; t++)
		list(p, t);
	for (int type = 0; type < FACT_TYPES; type++)
		facts(p, (enum fact_type)type);
}
