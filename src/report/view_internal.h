/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What view.c, view_verdict.c and view_describe.c share. Not for others. */
#ifndef ASSAY_REPORT_VIEW_INTERNAL_H
#define ASSAY_REPORT_VIEW_INTERNAL_H

#include "report/view.h"

struct view {
	sqlite3 *db;
	sqlite3_stmt *blob;              /* by id: id, parent_id, input_id, kind, path, format */
	sqlite3_stmt *input;             /* by id: id, location */
	sqlite3_stmt *hide;              /* a blob's id and a text: the text without its credentials */
	sqlite3_stmt *place[FACT_TYPES]; /* by id: blob_id, line, offset; prepared when first needed */
	sqlite3_stmt *hide_quoted;       /* the same for excerpts: what a row of evidence says lies in the other */
	sqlite3_stmt *measures;          /* by verdict_id; prepared when first needed */
	sqlite3_stmt *rows[2];           /* evidence by verdict_id, by measure_id: what was read to its end, for the next one */
	sqlite3_stmt *excerpt;           /* by row_id and table_name; prepared when first needed */
	bool without_excerpts, shows_secrets;
	int64_t trees;                   /* containers that hold files */
	int64_t inputs;
	struct error failure;
};

/* view_hide.c: adds report_hide(blob_id, text), which redacts the credentials of that blob in the text. */
struct error view_hide(sqlite3 *db) MUST_USE;

/* Keeps the error when sqlite3_step() gave neither a row nor the end. */
void view_note_failure(struct view *v, int result);

#endif
