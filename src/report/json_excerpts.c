/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_excerpts.h"

#include "report/view_excerpt.h"

const struct json_excerpt_column json_excerpt_columns[JSON_EXCERPT_COLUMNS] = {
	{ { "id", "row of the table" }, FACT_INT },
	{ { "blob_id", "the blob that it is cut from" }, FACT_INT },
	{ { "table_name", "the table of the row that it belongs to" }, FACT_TEXT },
	{ { "row_id", "that row" }, FACT_INT },
	{ { "form", "text, binary" }, FACT_TEXT },
	{ { "line", "line that the marked part is in, from 1; unknown in binary data" }, FACT_INT },
	{ { "offset", "where the marked part begins in the blob" }, FACT_INT },
	{ { "start", "where `before` begins in the blob" }, FACT_INT },
	{ { "before",
		"what stands before the marked part. Of a text with its line ends, credentials redacted; of binary data two hexadecimal"
		" digits a byte, ** for one that is hidden" },
	  FACT_TEXT },
	{ { "marked", "what the row is about, likewise; of binary data the first byte where it is not known where it ends" },
	  FACT_TEXT },
	{ { "after", "what stands behind it, likewise" }, FACT_TEXT },
	{ { "cut_before", "the line, or what is marked, begins earlier" }, FACT_BOOL },
	{ { "cut_after", "the line, or what is marked, goes on" }, FACT_BOOL },
	{ { "redacted", "a part of it is hidden" }, FACT_BOOL },
};

/* x NULL: it is none that could have been cut; only that it is there is told. */
static void write_row(struct json *j, sqlite3_stmt *s, const struct view_excerpt *x)
{
	static const struct view_excerpt none = { .line = FACT_NULL, .offset = FACT_NULL, .start = FACT_NULL };
	struct text form = !x ? TEXT_NONE : x->is_text ? TEXT_LIT("text") : TEXT_LIT("binary");
	bool there = x != NULL;
	x = there ? x : &none;
	const struct {
		int64_t number;
		struct text text;
	} values[JSON_EXCERPT_COLUMNS] = {
		{ view_int(s, 0), TEXT_NONE },
		{ view_int(s, 1), TEXT_NONE },
		{ 0, view_text(s, 2) },
		{ view_int(s, 3), TEXT_NONE },
		{ 0, form },
		{ x->line, TEXT_NONE },
		{ x->offset, TEXT_NONE },
		{ x->start, TEXT_NONE },
		{ 0, x->before },
		{ 0, x->marked },
		{ 0, x->after },
		{ there ? x->cut_before : FACT_NULL, TEXT_NONE },
		{ there ? x->cut_after : FACT_NULL, TEXT_NONE },
		{ there ? x->is_redacted : FACT_NULL, TEXT_NONE },
	};
	json_open_row(j);
	for (size_t i = 0; i < JSON_EXCERPT_COLUMNS; i++) {
		json_column(j, json_excerpt_columns[i].head.name);
		if (json_excerpt_columns[i].type == FACT_TEXT)
			json_text(j, values[i].text);
		else if (json_excerpt_columns[i].type == FACT_BOOL)
			json_bool(j, values[i].number);
		else
			json_int(j, values[i].number);
	}
	json_close_row(j);
}

struct error json_excerpts(struct json *j, struct view *v)
{
	struct json_head heads[JSON_EXCERPT_COLUMNS];
	struct arena *scratch = arena_new(0);
	struct error e = scratch ? error_none() : error_at(ERR_MEMORY, 0, "no memory for the excerpts");
	sqlite3_stmt *s = view_excerpts(v);
	struct view_excerpt x;
	for (size_t i = 0; i < JSON_EXCERPT_COLUMNS; i++)
		heads[i] = json_excerpt_columns[i].head;
	json_open_rows(j, fact_tables[FACT_excerpt].doc, heads, JSON_EXCERPT_COLUMNS);
	while (s && scratch && !error_is(&e) && view_step(s, &e)) {
		arena_reset(scratch);
		write_row(j, s, view_excerpt_read(v, s, scratch, &x) ? &x : NULL);
	}
	json_close_rows(j);
	sqlite3_finalize(s);
	arena_free(scratch);
	return e;
}
