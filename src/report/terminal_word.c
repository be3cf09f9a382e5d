/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The maker's word beside what refutes it; the user's word on what is left out, or weighs differently. */
#include "report/terminal_internal.h"

#define CONTRADICTIONS_SHOWN 5
#define CHANGED_SHOWN 5

/* ---- declarations that an observation refutes ---- */

/* "updates, signed: yes" of a declaration, or the sentence of a document. */
static const char *declared_side(struct summary *s, struct text table, int64_t id)
{
	static const char *const declared[] = { "section", "key", "value" }, *const stated[] = { "element", "about", "sentence" };
	bool is_document = text_is(table, "document_element");
	const char *rest = arena_printf(s->scratch, "WHERE id = %lld", (long long)id), *told = "?";
	sqlite3_stmt *row = NULL;
	struct error e = rest ? view_select(view_db(s->v), is_document ? "document_element" : "declaration",
										is_document ? stated : declared, 3, rest, &row)
						  : error_at(ERR_MEMORY, 0, "no memory for the report");
	if (!error_is(&e) && view_step(row, &e)) {
		struct text a = summary_safe(s, view_text(row, 0), 40), b = summary_safe(s, view_text(row, 1), 40),
					c = summary_safe(s, view_text(row, 2), 160);
		told = is_document ? arena_printf(s->scratch, "a document: \"%.*s\"", (int)c.n, c.p)
						   : arena_printf(s->scratch, "%.*s, %.*s: %.*s", (int)a.n, a.p, (int)b.n, b.p, (int)c.n, c.p);
	}
	sqlite3_finalize(row);
	return told ? told : "?";
}

struct error summary_contradictions(struct summary *s)
{
	static const char *const columns[] = { "declared_in", "declaration_id", "says" };
	sqlite3_stmt *row = NULL;
	size_t n = 0, declarations = 0;
	int64_t last = -1;
	view_keep_contradictions(s->v);
	struct error e = view_select(view_db(s->v), "contradiction_shown", columns, 3, "ORDER BY id", &row);
	while (!error_is(&e) && view_step(row, &e)) {
		arena_reset(s->scratch);
		int64_t id = view_int(row, 1);
		bool is_new = id != last;
		last = id;
		declarations += is_new;
		n++;
		if ((!is_new || declarations > CONTRADICTIONS_SHOWN) && !s->style->verbose)
			continue;
		if (n == 1)
			summary_heading(s, "CONTRADICTED: what the maker says, and what was observed", PAINT_RED);
		if (is_new) {
			fputs("  says  ", s->out);
			style_wrap(s->out, s->style, text_c(declared_side(s, view_text(row, 0), id)), 8, 8, 2, PAINT_PLAIN);
		}
		fputs("   but  ", s->out);
		style_wrap(s->out, s->style, summary_safe(s, view_text(row, 2), 0), 8, 8, 3, PAINT_YELLOW);
	}
	sqlite3_finalize(row);
	if (declarations > CONTRADICTIONS_SHOWN && !s->style->verbose)
		fprintf(s->out, "  and %zu more declarations\n", declarations - CONTRADICTIONS_SHOWN);
	return e;
}

/* ---- what the user's pack changed ---- */

static void changed_line(struct summary *s, sqlite3_stmt *v)
{
	struct text id = view_text(v, VERDICT_REQUIREMENT), excluded = view_text(v, VERDICT_EXCLUDED), was = view_text(v, VERDICT_SEVERITY_WAS),
				is = view_text(v, VERDICT_SEVERITY), why = excluded.n ? excluded : view_text(v, VERDICT_SEVERITY_REASON);
	const char *line = excluded.n ? arena_printf(s->scratch, "%.*s left out: %.*s", (int)id.n, id.p, (int)why.n, why.p)
								  : arena_printf(s->scratch, "%.*s %.*s, was %.*s: %.*s", (int)id.n, id.p, (int)is.n, is.p ? is.p : "",
												 (int)was.n, was.p, (int)why.n, why.p ? why.p : "");
	style_spaces(s->out, MARGIN);
	style_wrap(s->out, s->style, summary_safe(s, text_c(line ? line : "?"), 0), MARGIN, MARGIN + 2, 2, PAINT_PLAIN);
}

struct error summary_changed(struct summary *s)
{
	sqlite3_stmt *v = NULL;
	size_t n = 0;
	struct error e = view_verdicts_by_id(s->v, &v);
	while (!error_is(&e) && view_step(v, &e)) {
		if (!view_text(v, VERDICT_EXCLUDED).n && !view_text(v, VERDICT_SEVERITY_WAS).n)
			continue;
		arena_reset(s->scratch);
		if (n++ == 0)
			summary_heading(s, "CHANGED BY THE PACK: left out, or of another severity", PAINT_YELLOW);
		if (n <= CHANGED_SHOWN || s->style->verbose)
			changed_line(s, v);
	}
	sqlite3_finalize(v);
	if (n > CHANGED_SHOWN && !s->style->verbose)
		fprintf(s->out, "  and %zu more\n", n - CHANGED_SHOWN);
	return e;
}
