/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the html*.c files share. Not for others. */
#ifndef ASSAY_REPORT_HTML_INTERNAL_H
#define ASSAY_REPORT_HTML_INTERNAL_H

#include <stdio.h>

#include "report/view.h"

struct findings;

struct page {
	struct view *v;
	struct findings *findings; /* while verdicts are written */
	FILE *out;
	struct arena *scratch; /* emptied after each row */
	struct error error;    /* the first one; after it nothing more is read */
};

/* The viewer: tools/embed_viewer.py makes them of viewer/. */
extern const char html_style[], html_script[], diff_script[];

/* Longer strings are cut in the middle of the page, with their length; the data have the whole. */
#define HTML_TEXT_MAX 300

/* All up to the beginning of the title: "Assay". The policy allows the style sheet and `script`, and nothing else. */
void html_begin(struct page *p, const char *script);
/* From the end of the title to the beginning of the body. */
void html_begin_body(struct page *p);

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

/* html.c: an item of a list from a row of probe, status and detail of `probe_run`. */
void html_probe_run(struct page *p, sqlite3_stmt *s);

/* html_excerpt.c: the bytes around the place of a row, the part that it is about marked; nothing when the case has none. */
void html_excerpt(struct page *p, const struct view_evidence *ev);

/* html_verdicts.c: counts for each guideline; all verdicts, with evidence and remedy. */
void html_counts(struct page *p);
void html_verdicts(struct page *p);
/* html_data.c: the report as blocks of JSON, a block a table. */
void html_data(struct page *p);

#endif
