/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts of the HTML report as plain HTML: what fails first. */
#include <stdlib.h>

#include "report/findings.h"
#include "report/html_internal.h"

/* Rows of evidence that are shown, of which some are folded away. */
#define EVIDENCE_MAX 200
#define EVIDENCE_OPEN 8

static const char *const classes[VIEW_VERDICTS] = { "fail", "inconclusive", "pass", "not_applicable" };
static const char *const titles[VIEW_VERDICTS] = { "Fails", "Inconclusive", "Passes", "Not applicable" };

static void counts(struct page *p, const struct view_counts *c)
{
	char number[VIEW_NUMBER_MAX];
	html_put(p, "<ul class=\"legend\">");
	for (int i = 0; i < VIEW_VERDICTS; i++)
		html_put(p, "<li class=\"%s\"><span class=\"swatch\"></span><span><b>%s</b> %s</span></li>", classes[i],
				 view_count(c->n[i], number), titles[i]);
	html_put(p, "</ul>\n");
}

void html_counts(struct page *p)
{
	static const char *const columns[] = { "pack", "pack_title", "verdict" };
	struct view_counts c = { { 0 } };
	char *pack = NULL; /* the one that is counted */
	html_put(p, "<section>\n<h2>How it stands with the guidelines</h2>\n");
	sqlite3_stmt *s = html_select(p, "verdict", columns, 3, "ORDER BY pack, id");
	while (html_step(p, s)) {
		struct text name = view_text(s, 0), title = view_text(s, 1);
		if (!pack || !text_is(name, pack)) {
			if (pack)
				counts(p, &c);
			free(pack);
			pack = strndup(name.p ? name.p : "", name.n);
			c = (struct view_counts){ { 0 } };
			html_put(p, "<h3>");
			html_text(p, title.n ? title : name);
			html_put(p, "</h3>\n");
		}
		c.n[view_verdict_of(view_text(s, 2))]++;
	}
	counts(p, &c);
	free(pack);
	html_put(p, "</section>\n");
}

/* A paragraph behind its label, if it has one; nothing when there is no text. */
static void paragraph(struct page *p, const char *label, struct text t)
{
	if (!t.n)
		return;
	html_put(p, "<p>");
	if (label)
		html_put(p, "<span class=\"label\">%s</span> ", label);
	html_text(p, t);
	html_put(p, "</p>\n");
}

static void evidence_row(struct page *p, const struct view_evidence *ev, bool with_excerpt)
{
	html_put(p, "<li>");
	html_place(p, ev->blob_id, ev->line, ev->offset);
	html_put(p, ev->blob_id == FACT_NULL ? "" : " ");
	html_put(p, "<span class=\"says\">");
	html_text(p, ev->says);
	html_put(p, "</span>");
	if (with_excerpt)
		html_excerpt(p, ev);
	html_put(p, "</li>\n");
}

/* `total` rows there were in all; the case may keep fewer. Of what fails those that are not folded away have their excerpts. */
static void evidence(struct page *p, int64_t verdict_id, int64_t total, bool is_fail)
{
	struct view_evidence ev;
	sqlite3_stmt *s = NULL;
	int64_t n = 0;
	char number[VIEW_NUMBER_MAX];
	while (!error_is(&p->error) && view_next_evidence(p->v, verdict_id, &s, &ev, &p->error)) {
		if (n == 0)
			html_put(p, "<ul class=\"evidences\">\n");
		if (n == EVIDENCE_OPEN)
			html_put(p, "</ul>\n<details class=\"more\"><summary>More evidence</summary>\n<ul class=\"evidences\">\n");
		if (n++ < EVIDENCE_MAX)
			evidence_row(p, &ev, is_fail && n <= EVIDENCE_OPEN);
		arena_reset(p->scratch);
	}
	sqlite3_finalize(s);
	int64_t shown = n < EVIDENCE_MAX ? n : EVIDENCE_MAX, all = total > n ? total : n;
	if (shown > 0 && all > shown)
		html_put(p, "<li class=\"note\">and %s more</li>\n", view_count(all - shown, number));
	if (n > 0)
		html_put(p, n > EVIDENCE_OPEN ? "</ul>\n</details>\n" : "</ul>\n");
}

static void remedy(struct page *p, struct text text, struct text command)
{
	if (!text.n && !command.n)
		return;
	html_put(p, "<div class=\"remedy\"><span class=\"label\">Remedy</span> ");
	html_text(p, text);
	if (command.n) {
		html_put(p, " <code>");
		html_text(p, command);
		html_put(p, "</code>");
	}
	html_put(p, "</div>\n");
}

/* The other requirements that fail by the same rows, and what fixes them where that is something else. */
static void also_fails(struct page *p, sqlite3_stmt *s)
{
	size_t n;
	int64_t own = view_int(s, VERDICT_ID);
	struct text remedy = view_text(s, VERDICT_REMEDY);
	const struct finding_verdict *v = findings_of(p->findings, own, &n);
	if (n < 2)
		return;
	html_put(p, "<p class=\"label\">Also fails</p>\n<ul class=\"plain\">\n");
	for (size_t i = 0; i < n; i++) {
		if (v[i].id == own)
			continue;
		html_put(p, "<li><code>");
		html_text(p, text_c(v[i].requirement));
		html_put(p, "</code> ");
		html_text(p, text_c(v[i].title));
		if (findings_is_other_remedy(v, i, remedy)) {
			html_put(p, " <span class=\"label\">Remedy</span> ");
			html_text(p, text_c(v[i].remedy));
		}
		html_put(p, "</li>\n");
	}
	html_put(p, "</ul>\n");
}

static void verdict(struct page *p, sqlite3_stmt *s, enum view_verdict kind)
{
	struct text title = view_text(s, VERDICT_TITLE), severity = view_text(s, VERDICT_SEVERITY);
	html_put(p, "<article class=\"verdict %s\">\n<h3>", classes[kind]);
	html_text(p, title.n ? title : view_text(s, VERDICT_REQUIREMENT));
	html_put(p, "</h3>\n<p class=\"verdict-head\"><span class=\"pill %s\">%s</span>", classes[kind],
			 view_verdict_words[kind]);
	if (severity.n) {
		html_put(p, " <span class=\"tag\">");
		html_text(p, severity);
		html_put(p, "</span>");
	}
	html_put(p, "</p>\n");
	paragraph(p, NULL, view_text(s, VERDICT_SUMMARY));
	evidence(p, view_int(s, VERDICT_ID), view_int(s, VERDICT_EVIDENCE_TOTAL), kind == VIEW_FAIL);
	if (kind == VIEW_FAIL) {
		remedy(p, view_text(s, VERDICT_REMEDY), view_text(s, VERDICT_REMEDY_COMMAND));
		also_fails(p, s);
	}
	if (kind == VIEW_INCONCLUSIVE) {
		paragraph(p, "Missing", view_text(s, VERDICT_MISSING));
		paragraph(p, "Settled by", view_text(s, VERDICT_SETTLES));
	}
	paragraph(p, "Why it matters", view_text(s, VERDICT_BECAUSE));
	paragraph(p, "Left out because", view_text(s, VERDICT_EXCLUDED));
	paragraph(p, "Severity was", view_text(s, VERDICT_SEVERITY_WAS));
	paragraph(p, "Severity changed because", view_text(s, VERDICT_SEVERITY_REASON));
	html_put(p, "<p class=\"note\"><code>");
	html_text(p, view_text(s, VERDICT_REQUIREMENT));
	html_put(p, "</code> ");
	html_text(p, view_text(s, VERDICT_PACK_TITLE));
	if (view_text(s, VERDICT_SECTION).n) {
		html_put(p, ", ");
		html_text(p, view_text(s, VERDICT_SECTION));
	}
	html_put(p, "</p>\n</article>\n");
}

static void verdicts_of(struct page *p, enum view_verdict kind)
{
	sqlite3_stmt *s = NULL;
	bool has_any = false;
	if (!error_is(&p->error))
		p->error = view_verdicts(p->v, &s);
	while (html_step(p, s)) {
		if (view_verdict_of(view_text(s, VERDICT_VERDICT)) != kind || findings_taken(p->findings, view_int(s, VERDICT_ID)))
			continue;
		if (!has_any)
			html_put(p, "<h2 id=\"%s\">%s</h2>\n", classes[kind], titles[kind]);
		has_any = true;
		verdict(p, s, kind);
	}
}

void html_verdicts(struct page *p)
{
	if (!error_is(&p->error))
		p->findings = findings_new(p->v, &p->error);
	html_put(p, "<section id=\"verdicts\" class=\"verdicts\">\n");
	for (int kind = 0; kind < VIEW_VERDICTS; kind++)
		verdicts_of(p, (enum view_verdict)kind);
	findings_free(p->findings);
	p->findings = NULL;
	html_put(p, "</section>\n");
}
