/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "report/findings.h"
#include "report/show.h"
#include "report/show_excerpt.h"
#include "report/view.h"

#define INDENT 4

struct printer {
	struct view *v;
	FILE *out;
	const struct report_style *style;
	struct arena *scratch;
	struct findings *findings;
};

static enum report_paint paint_of(enum view_verdict verdict)
{
	static const enum report_paint paints[VIEW_VERDICTS] = { [VIEW_FAIL] = PAINT_RED,
															 [VIEW_INCONCLUSIVE] = PAINT_YELLOW,
															 [VIEW_PASS] = PAINT_GREEN,
															 [VIEW_NOT_APPLICABLE] = PAINT_DIM };
	return paints[verdict];
}

/* "What fixes it: ..." */
static void paragraph(struct printer *p, const char *head, struct text raw, enum report_paint colour)
{
	if (!raw.n)
		return;
	style_spaces(p->out, INDENT);
	fputs(head, p->out);
	style_wrap(p->out, p->style, style_text(p->style, raw, 0, p->scratch), INDENT + strlen(head), INDENT + 2, 0,
			   colour);
}

static struct error print_evidence(struct printer *p, int64_t verdict)
{
	struct error e = error_none();
	struct view_evidence evidence;
	sqlite3_stmt *rows = NULL;
	while (view_next_evidence(p->v, verdict, &rows, &evidence, &e)) {
		const char *mark = style_mark(p->style, "\xe2\x80\xa2 ", "* ");
		style_spaces(p->out, INDENT);
		fputs(mark, p->out);
		style_wrap(p->out, p->style, style_text(p->style, evidence.says, 0, p->scratch), INDENT + 2, INDENT + 2, 0,
				   PAINT_PLAIN);
		struct text table = evidence.table;
		char *path = evidence.blob_id == FACT_NULL ? NULL : view_path(p->v, evidence.blob_id, p->scratch);
		const char *place =
			arena_printf(p->scratch, "%s%s%.*s %" PRId64 "%s%.*s", path ? path : "", path ? ", " : "", (int)table.n,
						 table.n ? table.p : "", evidence.row_id, text_is(evidence.role, "fails") ? "" : ", ",
						 text_is(evidence.role, "fails") ? 0 : (int)evidence.role.n, evidence.role.p);
		style_spaces(p->out, INDENT + 2);
		style_wrap(p->out, p->style, style_text(p->style, text_c(place), 0, p->scratch), INDENT + 2, INDENT + 4, 0,
				   PAINT_DIM);
		struct view_excerpt x;
		int64_t component;
		if (!view_excerpt_shown(p->v, table, evidence.row_id, p->scratch, &x, &component))
			continue;
		if (component != FACT_NULL) {
			style_spaces(p->out, INDENT + 2);
			fprintf(p->out, "What shows it (component %" PRId64 "):\n", component);
		}
		show_excerpt(p->out, p->style, INDENT, &x, p->scratch);
	}
	sqlite3_finalize(rows);
	return e;
}

/* The other requirements that fail by the same rows, and what fixes them where that is something else. */
static void print_others(struct printer *p, sqlite3_stmt *row)
{
	size_t n;
	int64_t own = view_int(row, VERDICT_ID);
	const struct finding_verdict *v = findings_of(p->findings, own, &n);
	for (size_t i = 0, told = 0; v && i < n; i++) {
		if (v[i].id == own)
			continue;
		if (told++ == 0) {
			style_spaces(p->out, INDENT);
			fputs("Also fails:\n", p->out);
		}
		const char *line = arena_printf(p->scratch, "%s  %s  %s", v[i].requirement, v[i].severity, v[i].title);
		style_spaces(p->out, INDENT + 2);
		style_wrap(p->out, p->style, style_text(p->style, text_c(line), 0, p->scratch), INDENT + 2, INDENT + 4, 0,
				   PAINT_PLAIN);
		if (!findings_is_other_remedy(v, i, view_text(row, VERDICT_REMEDY)))
			continue;
		style_spaces(p->out, INDENT + 4);
		fputs("What fixes it: ", p->out);
		style_wrap(p->out, p->style, style_text(p->style, text_c(v[i].remedy), 0, p->scratch), INDENT + 19, INDENT + 6,
				   0, PAINT_PLAIN);
	}
}

static struct error print_finding(struct printer *p, sqlite3_stmt *row)
{
	enum view_verdict verdict = view_verdict_of(view_text(row, VERDICT_VERDICT));
	struct text severity = view_text(row, VERDICT_SEVERITY), id = view_text(row, VERDICT_REQUIREMENT);
	paint(p->out, p->style, paint_of(verdict));
	fputs(view_verdict_words[verdict], p->out);
	paint_end(p->out, p->style, paint_of(verdict));
	fprintf(p->out, "  %s  ", style_text(p->style, id, 100, p->scratch).p);
	style_wrap(p->out, p->style, style_text(p->style, severity, 20, p->scratch), 0, 0, 1, PAINT_DIM);
	style_spaces(p->out, INDENT);
	style_wrap(p->out, p->style, style_text(p->style, view_text(row, VERDICT_TITLE), 0, p->scratch), INDENT, INDENT, 0,
			   PAINT_BOLD);
	struct error e = print_evidence(p, view_int(row, VERDICT_ID));
	if (verdict == VIEW_INCONCLUSIVE) {
		paragraph(p, "", view_text(row, VERDICT_SUMMARY), PAINT_PLAIN);
		paragraph(p, "What would settle it: ", view_text(row, VERDICT_SETTLES), PAINT_PLAIN);
	}
	if (verdict == VIEW_NOT_APPLICABLE)
		paragraph(p, "", view_text(row, VERDICT_SUMMARY), PAINT_PLAIN);
	if (verdict == VIEW_FAIL) {
		paragraph(p, "What fixes it: ", view_text(row, VERDICT_REMEDY), PAINT_PLAIN);
		paragraph(p, "By: ", view_text(row, VERDICT_REMEDY_COMMAND), PAINT_PLAIN);
		print_others(p, row);
	}
	putc('\n', p->out);
	return e;
}

/* For other programs: a line a requirement. */
static void print_line(struct printer *p, sqlite3_stmt *row)
{
	static const enum verdict_column columns[] = { VERDICT_VERDICT,     VERDICT_SEVERITY, VERDICT_PACK,
												   VERDICT_REQUIREMENT, VERDICT_TITLE,    VERDICT_SUMMARY };
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		struct text t = style_text(p->style, view_text(row, (int)columns[i]), 0, p->scratch);
		if (i)
			putc('\t', p->out);
		fwrite(t.p, 1, t.n, p->out);
	}
	putc('\n', p->out);
}

static bool is_wanted(const struct show_filter *f, sqlite3_stmt *row)
{
	enum view_verdict verdict = view_verdict_of(view_text(row, VERDICT_VERDICT));
	if (f->requirement && !text_is(view_text(row, VERDICT_REQUIREMENT), f->requirement))
		return false;
	if (f->verdict && strcmp(f->verdict, view_verdict_words[verdict]) != 0)
		return false;
	if (!f->verdict && !f->requirement && (verdict == VIEW_PASS || verdict == VIEW_NOT_APPLICABLE))
		return false;
	if (!f->text)
		return true;
	bool found = false;
	for (int i = VERDICT_PACK; i < VERDICT_COLUMNS && !found; i++) {
		struct text t = view_text(row, i);
		for (size_t k = 0; k + strlen(f->text) <= t.n && !found; k++)
			found = strncasecmp(t.p + k, f->text, strlen(f->text)) == 0;
	}
	return found;
}

struct error show_findings(sqlite3 *db, const struct show_filter *filter, FILE *out, const struct report_style *style,
						   size_t *rows)
{
	struct error e;
	sqlite3_stmt *row = NULL;
	_cleanup_(arena_cleanup) struct arena *scratch = arena_new(0);
	struct printer p = { .v = scratch ? view_open(db, &e) : NULL, .out = out, .style = style, .scratch = scratch };
	if (!p.v)
		return scratch ? e : error_at(ERR_MEMORY, 0, "out of memory");
	p.findings = findings_new(p.v, &e);
	if (!error_is(&e))
		e = view_verdicts(p.v, &row);
	*rows = 0;
	while (!error_is(&e) && (!filter->limit || *rows < filter->limit) && view_step(row, &e)) {
		if (!is_wanted(filter, row) || (!filter->tabs && findings_taken(p.findings, view_int(row, VERDICT_ID))))
			continue;
		arena_reset(scratch);
		++*rows;
		if (filter->tabs)
			print_line(&p, row);
		else
			e = print_finding(&p, row);
	}
	sqlite3_finalize(row);
	if (!error_is(&e))
		e = view_failure(p.v);
	findings_free(p.findings);
	view_close(p.v);
	return e;
}
