/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the html_*.c files share. Not for others. */
#ifndef ASSAY_REPORT_HTML_INTERNAL_H
#define ASSAY_REPORT_HTML_INTERNAL_H

#include <stdio.h>

#include "report/view.h"

struct page {
	struct view *v;
	FILE *out;
	struct arena *scratch; /* emptied after each row */
	struct error error;    /* the first one; after it nothing more is read */
};

/* The style sheet. */
extern const char html_style[];

/* Longer strings are cut in the middle of the page, with their length; the JSON report has the whole. */
#define HTML_TEXT_MAX 300

/* Escaped text, cut to HTML_TEXT_MAX. */
void html_text(struct page *p, struct text t);
/* printf with markup of ours; what comes from the case goes through html_text(). */
void html_put(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "/etc/shadow" behind the containers that hold it, line or offset behind it. */
void html_place(struct page *p, int64_t blob_id, int64_t line, int64_t offset);

/* A SELECT whose error is kept in the page; NULL then. */
sqlite3_stmt *html_select(struct page *p, const char *table, const char *const *columns, size_t n, const char *rest);
/* The next row; finalizes the statement at the end. */
bool html_step(struct page *p, sqlite3_stmt *s);

/* html_listing.c: a table of one kind of fact. The last column says where each row stands. */
enum html_cell_kind { CELL_TEXT, CELL_CODE, CELL_NUMBER, CELL_YES_NO, CELL_DATE };

struct html_cell {
	const char *column, *head;
	enum html_cell_kind kind;
};

struct html_listing {
	const char *table, *rest; /* WHERE and ORDER BY */
	const char *nothing;      /* said when there are no rows */
	const struct html_cell *cells;
	size_t ncells;
	int64_t max_rows;
	bool placeless; /* the rows are a view's, which names the place itself */
};
#define HTML_LISTING(table, rest, nothing, cells, max)                                                                 \
	{                                                                                                                  \
		table, rest, nothing, cells, sizeof(cells) / sizeof((cells)[0]), max, false                                    \
	}

void html_listing(struct page *p, const struct html_listing *l);
/* A value of the current row as a cell. */
void html_cell(struct page *p, sqlite3_stmt *s, int at, enum html_cell_kind kind);

/* html_verdicts.c */
void html_counts(struct page *p);
void html_verdicts(struct page *p);
/* html_software.c: components, their known vulnerabilities, feeds, bills of materials */
void html_software(struct page *p);
/* html_facts.c: accounts, start-up, keys, hardening, damage */
void html_facts(struct page *p);
/* the rows of `component`, file by file */
void html_components(struct page *p);
/* html_revealed.c: services, settings, addresses, updates, scripts, kernel, radios, left-overs */
void html_revealed(struct page *p);
void html_not_looked_at(struct page *p);
/* html_tree.c */
void html_tree(struct page *p);

#endif
