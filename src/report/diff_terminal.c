/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/diff_terminal.h"

#include <inttypes.h>

#include "report/view.h"

#define ROWS_SHOWN 8

struct printer {
	FILE *out;
	const struct report_style *style;
	struct arena *scratch;
	bool only_regressions;
	uint64_t most, shown;
};

static void put(struct printer *p, struct text t, enum report_paint colour)
{
	paint(p->out, p->style, colour);
	fwrite(t.p, 1, t.n, p->out);
	paint_end(p->out, p->style, colour);
}

static void put_values(struct printer *p, const struct diff_row *row)
{
	const char *arrow = style_mark(p->style, "\xe2\x86\x92", "->");
	struct text old = style_text(p->style, row->old_value, 200, p->scratch),
				new = style_text(p->style, row->new_value, 200, p->scratch);
	const char *note = row->uncertain && row->kind != DIFF_CHANGED ? " (not looked at whole)" : "";
	const char *line = row->kind == DIFF_CHANGED
						   ? arena_printf(p->scratch, "%.*s %s %.*s", (int)old.n, old.p, arrow, (int)new.n, new.p)
						   : arena_printf(p->scratch, "%.*s%s", (int)(old.n + new.n), old.n ? old.p : new.n ? new.p : "", note);
	if (!line || !*line)
		return;
	style_spaces(p->out, 6);
	style_wrap(p->out, p->style, text_c(line), 6, 6, 3, PAINT_DIM);
}

static bool print_row(void *context, const struct diff_row *row)
{
	static const char signs[DIFF_KINDS] = { '+', '-', '~' };
	struct printer *p = context;
	if (p->only_regressions && !row->regression)
		return true;
	if (p->shown++ >= p->most)
		return true;
	arena_reset(p->scratch);
	fputs("  ", p->out);
	char sign[2] = { row->regression ? '!' : signs[row->kind], 0 };
	put(p, text_c(sign), row->regression ? PAINT_RED : row->kind == DIFF_ADDED ? PAINT_GREEN : PAINT_YELLOW);
	putc(' ', p->out);
	style_wrap(p->out, p->style, style_text(p->style, row->label, 400, p->scratch), 4, 4, 2, PAINT_PLAIN);
	put_values(p, row);
	return true;
}

static void head(struct printer *p, const struct diff_request *r)
{
	put(p, style_path(p->style, text_c(r->old_name), p->style->width / 2 - 3, p->scratch), PAINT_BOLD);
	fprintf(p->out, " %s ", style_mark(p->style, "\xe2\x86\x92", "->"));
	put(p, style_path(p->style, text_c(r->new_name), p->style->width / 2 - 3, p->scratch), PAINT_BOLD);
	putc('\n', p->out);
}

static struct error regressions(struct printer *p, const struct diff_request *r, uint64_t *total)
{
	struct error e = error_none();
	struct diff_counts counts;
	p->only_regressions = true;
	p->most = UINT64_MAX;
	*total = 0;
	for (size_t i = 0; !error_is(&e) && diff_topics[i].name; i++) {
		if (!r->wanted[i])
			continue;
		e = diff_walk(r->old, r->new, &diff_topics[i], &counts, NULL, NULL);
		if (error_is(&e) || counts.regressions == 0)
			continue;
		*total += counts.regressions;
		putc('\n', p->out);
		paint(p->out, p->style, PAINT_RED);
		fprintf(p->out, "Worse: %s", diff_topics[i].title);
		paint_end(p->out, p->style, PAINT_RED);
		putc('\n', p->out);
		e = diff_walk(r->old, r->new, &diff_topics[i], &counts, print_row, p);
	}
	return e;
}

static struct error topic(struct printer *p, const struct diff_request *r, const struct diff_topic *t, bool *any)
{
	struct diff_counts counts;
	struct error e = diff_walk(r->old, r->new, t, &counts, NULL, NULL);
	uint64_t n = counts.n[DIFF_ADDED] + counts.n[DIFF_REMOVED] + counts.n[DIFF_CHANGED];
	if (error_is(&e) || n == 0)
		return e;
	*any = true;
	putc('\n', p->out);
	put(p, text_c(t->title), PAINT_BOLD);
	const char *words[DIFF_KINDS] = { "added", "gone", "changed" };
	const char *separator = ": ";
	for (int k = 0; k < DIFF_KINDS; k++)
		if (counts.n[k]) {
			fprintf(p->out, "%s%" PRIu64 " %s", separator, counts.n[k], words[k]);
			separator = ", ";
		}
	putc('\n', p->out);
	p->only_regressions = false;
	p->shown = 0;
	p->most = r->all ? UINT64_MAX : ROWS_SHOWN;
	e = diff_walk(r->old, r->new, t, &counts, print_row, p);
	if (!error_is(&e) && p->shown > p->most)
		fprintf(p->out, "    and %" PRIu64 " more: --verbose, or --topic %s --verbose\n", p->shown - p->most, t->name);
	return e;
}

/* Probes that did not look at all of a case: what is new may have been there. */
static struct error uncertain(struct printer *p, sqlite3 *db, const char *name, bool bills)
{
	struct error e = error_none();
	sqlite3_stmt *s = NULL;
	static const char *const columns[] = { "probe", "status", "detail" };
	e = view_select(db, "probe_run", columns, 3,
					bills ? "WHERE status <> 'complete' AND probe NOT GLOB 'firmware.*' ORDER BY id"
						  : "WHERE status <> 'complete' ORDER BY id",
					&s);
	bool first = true;
	while (!error_is(&e) && view_step(s, &e)) {
		arena_reset(p->scratch);
		if (first)
			fprintf(p->out, "\nNot looked at whole in %s:\n", style_text(p->style, text_c(name), 60, p->scratch).p);
		first = false;
		struct text probe = view_text(s, 0), status = view_text(s, 1), detail = view_text(s, 2);
		const char *line = arena_printf(p->scratch, "%.*s is %.*s%s%.*s", (int)probe.n, probe.p, (int)status.n, status.p,
										detail.n ? ": " : "", (int)detail.n, detail.n ? detail.p : "");
		fputs("  ", p->out);
		style_wrap(p->out, p->style, style_text(p->style, text_c(line ? line : "?"), 300, p->scratch), 2, 4, 3, PAINT_YELLOW);
	}
	sqlite3_finalize(s);
	return e;
}

struct error diff_terminal(const struct diff_request *r, FILE *out, const struct report_style *style, uint64_t *total)
{
	_cleanup_(arena_cleanup) struct arena *scratch = arena_new(0);
	struct printer p = { .out = out, .style = style, .scratch = scratch };
	if (!scratch)
		return error_at(ERR_MEMORY, 0, "out of memory");
	bool any = false;
	head(&p, r);
	bool bills = diff_of_bills(r->old, r->new);
	if (bills)
		fputs("\nBoth are bills of materials: components and known vulnerabilities are compared as they are declared\n", out);
	struct error e = uncertain(&p, r->old, r->old_name, bills);
	if (!error_is(&e))
		e = uncertain(&p, r->new, r->new_name, bills);
	if (!error_is(&e))
		e = regressions(&p, r, total);
	for (size_t i = 0; !error_is(&e) && diff_topics[i].name; i++)
		if (r->wanted[i])
			e = topic(&p, r, &diff_topics[i], &any);
	if (error_is(&e))
		return e;
	putc('\n', out);
	if (*total)
		fprintf(out, "%" PRIu64 " change%s for the worse\n", *total, *total == 1 ? "" : "s");
	else
		fputs(any ? "Nothing got worse\n" : "No difference\n", out);
	return e;
}
