/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/terminal.h"

#include "report/findings.h"
#include "report/layout.h"
#include "report/terminal_internal.h"
#include "report/terminal_software.h"

/* A person is to grasp it in ten seconds: the reports in HTML and JSON have the rest. */
#define FAILURES_SHOWN 12
#define FAILURES_WHOLE 6 /* the others by their names */
#define EVIDENCE_SHOWN 3
#define FIXES_SHOWN 2 /* of what fixes the others of a finding */

#define INDENT 12 /* of what stands beside a severity */

static const char *dash(const struct summary *s)
{
	return style_mark(s->style, " \xc2\xb7 ", " - ");
}

struct text summary_safe(struct summary *s, struct text raw, size_t columns)
{
	return style_text(s->style, raw, columns, s->scratch);
}

void summary_put(struct summary *s, struct text t, enum report_paint colour)
{
	if (t.n == 0)
		return;
	paint(s->out, s->style, colour);
	fwrite(t.p, 1, t.n, s->out);
	paint_end(s->out, s->style, colour);
}

void summary_heading(struct summary *s, const char *words, enum report_paint colour)
{
	putc('\n', s->out);
	summary_put(s, text_c(words), colour);
	putc('\n', s->out);
}

/* What is listed once however many guidelines ask it. Beyond some hundreds nothing is held to be the same. */
bool summary_seen(struct summary *s, struct text origin)
{
	if (!origin.n)
		return false;
	for (size_t i = 0; i < s->nseen; i++)
		if (text_is(origin, s->seen[i]))
			return true;
	const char *copy = s->nseen < SEEN_MAX ? arena_strdup(s->kept, origin) : NULL;
	if (copy)
		s->seen[s->nseen++] = copy;
	return false;
}

/* ---- the counts ---- */

static struct error counts_line(struct summary *s, struct view_counts *counts)
{
	static const enum report_paint paints[VIEW_VERDICTS] = { PAINT_RED, PAINT_YELLOW, PAINT_GREEN, PAINT_DIM };
	static const enum view_verdict order[VIEW_VERDICTS] = { VIEW_FAIL, VIEW_PASS, VIEW_INCONCLUSIVE,
															VIEW_NOT_APPLICABLE };
	struct error e = view_count_verdicts(s->v, counts);
	int64_t all = 0, declared = summary_declared_count(s);
	for (int i = 0; i < VIEW_VERDICTS; i++)
		all += counts->n[i];
	putc('\n', s->out);
	if (all == 0) {
		fputs("No requirement was judged.\n", s->out);
		return e;
	}
	bool is_first = true;
	for (int i = 0; i < VIEW_VERDICTS; i++) {
		char number[VIEW_NUMBER_MAX];
		if (counts->n[order[i]] == 0)
			continue;
		fputs(is_first ? "" : dash(s), s->out);
		is_first = false;
		paint(s->out, s->style, paints[order[i]]);
		fprintf(s->out, "%s %s", view_count(counts->n[order[i]], number), view_verdict_words[order[i]]);
		if (order[i] == VIEW_INCONCLUSIVE && declared > 0)
			fprintf(s->out, " (%s declared)", view_count(declared, number));
		paint_end(s->out, s->style, paints[order[i]]);
	}
	putc('\n', s->out);
	return e;
}

/* ---- failures ---- */

static enum report_paint severity_paint(struct text severity)
{
	if (text_is(severity, "critical") || text_is(severity, "high"))
		return PAINT_RED;
	return text_is(severity, "medium") ? PAINT_YELLOW : PAINT_PLAIN;
}

/* "/etc/shadow:1  root has the password ..." */
static void evidence_line(struct summary *s, const struct view_evidence *ev)
{
	const char *path = ev->blob_id == FACT_NULL ? NULL : view_short_path(s->v, ev->blob_id, s->scratch);
	char suffix[VIEW_NUMBER_MAX] = "";
	if (path && text_starts(ev->says, path)) /* the pack names the place itself */
		path = NULL;
	struct text place = path ? style_path(s->style, text_c(path), s->style->width / 2, s->scratch) : TEXT_NONE;
	if (path && ev->line != FACT_NULL)
		snprintf(suffix, sizeof suffix, ":%lld", (long long)ev->line);
	else if (path && ev->offset != FACT_NULL && ev->offset != 0)
		snprintf(suffix, sizeof suffix, " @0x%llx", (unsigned long long)ev->offset);
	style_spaces(s->out, INDENT);
	summary_put(s, place, PAINT_BLUE);
	summary_put(s, text_c(suffix), PAINT_BLUE);
	struct text says = summary_safe(s, ev->says, 0);
	size_t at = INDENT + layout_width(place) + strlen(suffix) + (place.n ? 2 : 0);
	bool has_room = at + layout_width(says) <= s->style->width || at <= s->style->width / 2;
	if (!has_room) {
		putc('\n', s->out);
		at = INDENT + 2;
	}
	style_spaces(s->out, has_room ? at - INDENT - layout_width(place) - strlen(suffix) : at);
	style_wrap(s->out, s->style, says, at, INDENT + 2, 2, PAINT_PLAIN);
}

/* `total` rows there were in all; the case may keep fewer. */
static struct error evidence_lines(struct summary *s, int64_t verdict_id, int64_t total)
{
	struct error e = error_none();
	struct view_evidence ev;
	sqlite3_stmt *stmt = NULL;
	int64_t n = 0;
	while (view_next_evidence(s->v, verdict_id, &stmt, &ev, &e)) {
		arena_reset(s->scratch);
		if (++n <= EVIDENCE_SHOWN)
			evidence_line(s, &ev);
	}
	n = total > n ? total : n;
	if (n > EVIDENCE_SHOWN) {
		char number[VIEW_NUMBER_MAX];
		style_spaces(s->out, INDENT);
		fprintf(s->out, "and %s more\n", view_count(n - EVIDENCE_SHOWN, number));
	}
	return e;
}

static void remedy_lines(struct summary *s, struct text remedy, struct text command)
{
	if (remedy.n) {
		style_spaces(s->out, INDENT);
		summary_put(s, TEXT_LIT("fix: "), PAINT_GREEN);
		style_wrap(s->out, s->style, summary_safe(s, remedy, 0), INDENT + 5, INDENT + 5, 3, PAINT_PLAIN);
	}
	if (command.n) {
		style_spaces(s->out, INDENT);
		summary_put(s, TEXT_LIT("run: "), PAINT_GREEN);
		style_wrap(s->out, s->style, summary_safe(s, command, 0), INDENT + 5, INDENT + 5, 2, PAINT_PLAIN);
	}
}

/* The other requirements that it violates, as many as two lines hold. */
static void also_line(struct summary *s, const struct findings *all, int64_t verdict)
{
	size_t n, left, room = 2 * (s->style->width > 40 ? s->style->width - 2 * INDENT : 16), used = 0;
	const struct finding_verdict *v = findings_of(all, verdict, &n);
	char *line = NULL;
	arena_reset(s->scratch);
	left = n ? n - 1 : 0;
	for (size_t i = 0; v && i < n; i++) {
		if (v[i].id == verdict)
			continue;
		struct text id = summary_safe(s, text_c(v[i].requirement), 60);
		used += layout_width(id) + 2;
		if (used > room && line && !s->style->verbose)
			break;
		line = arena_printf(s->scratch, "%s%s%.*s", line ? line : "also fails: ", line ? ", " : "", (int)id.n, id.p);
		left--;
	}
	if (!line)
		return;
	char *rest = left ? arena_printf(s->scratch, "%s and %zu more", line, left) : line;
	style_spaces(s->out, INDENT);
	style_wrap(s->out, s->style, text_c(rest), INDENT, INDENT + 5, 0, PAINT_DIM);
}

/* What else fixes it: what those ask for beyond the remedy above. */
static void other_fixes(struct summary *s, const struct findings *all, int64_t verdict, struct text own)
{
	size_t n, told = 0;
	const struct finding_verdict *v = findings_of(all, verdict, &n);
	for (size_t i = 0; v && i < n; i++) {
		if (v[i].id == verdict || !findings_is_other_remedy(v, i, own) || (told++ >= FIXES_SHOWN && !s->style->verbose))
			continue;
		arena_reset(s->scratch);
		style_spaces(s->out, INDENT);
		summary_put(s, TEXT_LIT("also: "), PAINT_GREEN);
		style_wrap(s->out, s->style, summary_safe(s, text_c(v[i].remedy), 0), INDENT + 6, INDENT + 6, 2, PAINT_PLAIN);
	}
	if (told <= FIXES_SHOWN || s->style->verbose)
		return;
	style_spaces(s->out, INDENT);
	fprintf(s->out, "and %zu more fix%s: --verbose\n", told - FIXES_SHOWN, told - FIXES_SHOWN == 1 ? "" : "es");
}

static struct error failure(struct summary *s, sqlite3_stmt *v, const struct findings *all, bool whole)
{
	struct text severity = view_text(v, VERDICT_SEVERITY), title = view_text(v, VERDICT_TITLE);
	arena_reset(s->scratch);
	style_spaces(s->out, MARGIN);
	struct text word = summary_safe(s, severity.n ? severity : TEXT_LIT("-"), INDENT - MARGIN - 1);
	summary_put(s, word, severity_paint(severity));
	style_spaces(s->out, INDENT - MARGIN - layout_width(word));
	style_wrap(s->out, s->style, summary_safe(s, title.n ? title : view_text(v, VERDICT_REQUIREMENT), 0), INDENT, INDENT, 3,
			   PAINT_BOLD);
	if (!whole)
		return error_none();
	struct error e = evidence_lines(s, view_int(v, VERDICT_ID), view_int(v, VERDICT_EVIDENCE_TOTAL));
	arena_reset(s->scratch);
	remedy_lines(s, view_text(v, VERDICT_REMEDY), view_text(v, VERDICT_REMEDY_COMMAND));
	other_fixes(s, all, view_int(v, VERDICT_ID), view_text(v, VERDICT_REMEDY));
	also_line(s, all, view_int(v, VERDICT_ID));
	return e;
}

static struct error failures(struct summary *s, int64_t n)
{
	struct error e;
	sqlite3_stmt *v = NULL;
	struct findings *all = n ? findings_new(s->v, &e) : NULL;
	if (!all)
		return n ? e : error_none();
	e = view_verdicts(s->v, &v);
	int64_t shown = 0, others = 0;
	summary_heading(s, "FAIL", PAINT_RED);
	while (!error_is(&e) && view_step(v, &e)) {
		if (view_verdict_of(view_text(v, VERDICT_VERDICT)) != VIEW_FAIL || findings_taken(all, view_int(v, VERDICT_ID)))
			continue;
		if (shown == FAILURES_SHOWN && !s->style->verbose) {
			others++;
			continue;
		}
		bool whole = shown < FAILURES_WHOLE || s->style->verbose;
		if (shown++ > 0 && (whole || shown == FAILURES_WHOLE + 1))
			putc('\n', s->out);
		e = failure(s, v, all, whole);
	}
	sqlite3_finalize(v);
	findings_free(all);
	if (others)
		fprintf(s->out, "\n  and %lld less severe: --verbose, or assay show CASE findings\n", (long long)others);
	return e;
}

/* ---- where to go on ---- */

static void footer_item(struct summary *s, const char *label, const char *path)
{
	if (!path)
		return;
	fprintf(s->out, "%-9s  ", label);
	struct text t = summary_safe(s, text_c(path), 0); /* whole: to be copied from the terminal */
	summary_put(s, t, PAINT_BOLD);
	putc('\n', s->out);
}

static void footer(struct summary *s)
{
	double seconds = s->style->seconds;
	arena_reset(s->scratch);
	if (seconds < 0)
		seconds = (double)view_number(s->v, "SELECT CAST(1000 * sum(seconds) AS INTEGER) FROM probe_run", -1) / 1000;
	putc('\n', s->out);
	footer_item(s, "Case file", s->style->case_path);
	for (size_t i = 0; i < STYLE_WRITTEN_MAX; i++)
		footer_item(s, s->style->written[i].label, s->style->written[i].path);
	if (seconds >= 0)
		fprintf(s->out, "%-9s  %.2f s\n", "Time", seconds);
}

static struct error summarise(struct summary *s)
{
	struct view_counts counts;
	struct error e = summary_products(s);
	if (!error_is(&e))
		e = counts_line(s, &counts);
	if (!error_is(&e))
		e = summary_guidelines(s);
	if (!error_is(&e))
		e = failures(s, counts.n[VIEW_FAIL]);
	if (!error_is(&e))
		e = summary_contradictions(s);
	if (!error_is(&e))
		e = summary_changed(s);
	if (!error_is(&e))
		e = terminal_software(s->v, s->out, s->style, s->scratch);
	if (!error_is(&e))
		e = summary_measures(s);
	if (!error_is(&e))
		e = summary_declared(s);
	if (!error_is(&e))
		e = summary_open(s, counts.n[VIEW_INCONCLUSIVE]);
	if (!error_is(&e))
		e = summary_not_looked_at(s);
	if (!error_is(&e))
		footer(s);
	if (!error_is(&e))
		e = view_failure(s->v);
	if (!error_is(&e) && (fflush(s->out) || ferror(s->out)))
		e = error_at(ERR_IO, 0, "writing the summary: %m");
	return e;
}

struct error report_terminal(sqlite3 *db, FILE *out, const struct report_style *style)
{
	struct error e = error_none();
	struct summary s = {
		.v = view_open(db, &e), .out = out, .style = style, .scratch = arena_new(0), .kept = arena_new(0)
	};
	if (!error_is(&e) && (!s.scratch || !s.kept))
		e = error_at(ERR_MEMORY, 0, "no memory for the report");
	if (!error_is(&e))
		e = summarise(&s);
	arena_free(s.scratch);
	arena_free(s.kept);
	view_close(s.v);
	return e;
}
