/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of the HTML report: one row a fact. */
#include <time.h>

#include "report/html_internal.h"

#define CELLS_MAX 12

static void date_cell(struct page *p, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];
	if (gmtime_r(&t, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm))
		html_put(p, "%s", text);
	else
		html_put(p, "%lld", (long long)seconds);
}

void html_cell(struct page *p, sqlite3_stmt *s, int at, enum html_cell_kind kind)
{
	html_put(p, kind == CELL_NUMBER || kind == CELL_DATE ? "<td class=number>" : "<td>");
	if (sqlite3_column_type(s, at) == SQLITE_NULL) {
		html_put(p, "</td>");
		return;
	}
	if (kind == CELL_TEXT) {
		html_text(p, view_text(s, at));
	} else if (kind == CELL_CODE) {
		html_put(p, "<code>");
		html_text(p, view_text(s, at));
		html_put(p, "</code>");
	} else if (kind == CELL_DATE) {
		date_cell(p, view_int(s, at));
	} else if (kind == CELL_YES_NO) {
		html_put(p, "%s", view_int(s, at) ? "yes" : "no");
	} else {
		html_put(p, "%lld", (long long)view_int(s, at));
	}
	html_put(p, "</td>");
}

static void print_head(struct page *p, const struct html_listing *l)
{
	html_put(p, "<div class=scroll><table>\n<thead><tr>");
	for (size_t i = 0; i < l->ncells; i++)
		html_put(p, "<th>%s</th>", l->cells[i].head);
	html_put(p, "%s</tr></thead>\n<tbody>\n", l->placeless ? "" : "<th>Where</th>");
}

void html_listing(struct page *p, const struct html_listing *l)
{
	const char *columns[3 + CELLS_MAX] = { "blob_id", "line", "offset" };
	char number[VIEW_NUMBER_MAX];
	int64_t n = 0;
	for (size_t i = 0; i < l->ncells; i++)
		columns[3 + i] = l->cells[i].column;
	sqlite3_stmt *s = html_select(p, l->table, columns, 3 + l->ncells, l->rest);
	while (html_step(p, s)) {
		if (n == 0)
			print_head(p, l);
		if (n++ >= l->max_rows)
			continue;
		html_put(p, "<tr>");
		for (size_t i = 0; i < l->ncells; i++)
			html_cell(p, s, 3 + (int)i, l->cells[i].kind);
		if (!l->placeless) {
			html_put(p, "<td>");
			html_place(p, view_int(s, 0), view_int(s, 1), view_int(s, 2));
			html_put(p, "</td>");
		}
		html_put(p, "</tr>\n");
	}
	if (n == 0)
		html_put(p, "<p class=note>%s</p>\n", l->nothing);
	else
		html_put(p, "</tbody></table></div>\n");
	if (n > l->max_rows)
		html_put(p, "<p class=note>and %s more: see the JSON report</p>\n", view_count(n - l->max_rows, number));
}
