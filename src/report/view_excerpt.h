/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes around the place that a row points at, as a report may show them (fact/excerpt.h says how they are cut). */
#ifndef ASSAY_REPORT_VIEW_EXCERPT_H
#define ASSAY_REPORT_VIEW_EXCERPT_H

#include "report/view.h"

/* What is a credential is redacted, unless view_show_secrets() was called. Texts are valid UTF-8 and hostile; those of binary
 * data are two hexadecimal digits a byte, "**" for what is hidden. */
struct view_excerpt {
	bool is_text;
	int64_t line;          /* of the marked part, from 1; FACT_NULL in binary data */
	int64_t lines_before;  /* lines of `before` that end in it */
	int64_t offset, start; /* of the marked part, and of `before`, in the blob */
	int64_t length, marked_length; /* bytes of all, and of the marked part, as they are in the blob */
	int64_t column, end_column; /* of a marked text, from 1, in UTF-16 code units, the end exclusive; 0: not known */
	bool cut_before, cut_after; /* the line, or what is marked, is longer */
	bool is_redacted;
	struct text before, marked, after;
};

/* The excerpt of a row; texts live in the arena. False when the case has none. */
bool view_excerpt(struct view *v, struct text table, int64_t row_id, struct arena *a, struct view_excerpt *x);

/* The same, but of what is derived (software, vulnerability) that of a component that shows it: *component is that row, or
 * FACT_NULL when the excerpt is the row's own. */
bool view_excerpt_shown(struct view *v, struct text table, int64_t row_id, struct arena *a, struct view_excerpt *x,
						int64_t *component);

/* All excerpts in the order of their ids; NULL when the case has no such table. Columns 0 to 3: id, blob_id, table_name,
 * row_id. */
sqlite3_stmt *view_excerpts(struct view *v);
/* The excerpt in the current row; false when it is none that could have been cut. */
bool view_excerpt_read(struct view *v, sqlite3_stmt *s, struct arena *a, struct view_excerpt *x);

#endif
