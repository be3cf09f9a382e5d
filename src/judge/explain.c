/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>

#include "judge/judge.h"

#define WIDTH 80u
#define INDENT 2u

/* Columns that a word takes: code points, not bytes. */
static size_t columns(const char *p, size_t n)
{
	size_t c = 0;
	for (size_t i = 0; i < n; i++)
		c += ((unsigned char)p[i] & 0xC0) != 0x80;
	return c;
}

static void wrap(FILE *out, const char *text)
{
	size_t at = 0;
	for (const char *p = text; *p;) {
		while (isspace((unsigned char)*p))
			p++;
		size_t n = strcspn(p, " \t\r\n"), width = columns(p, n);
		if (n == 0)
			break;
		if (at > 0 && at + 1 + width > WIDTH) {
			fputc('\n', out);
			at = 0;
		}
		fprintf(out, "%*s%.*s", at ? 1 : (int)INDENT, "", (int)n, p);
		at += (at ? 1 : INDENT) + width;
		p += n;
	}
	fputc('\n', out);
}

static void paragraph(FILE *out, const char *heading, const char *text)
{
	if (!text)
		return;
	fprintf(out, "\n%s\n", heading);
	wrap(out, text);
}

/* SQL keeps its lines: it is code. */
static void query(FILE *out, const char *sql)
{
	if (!sql)
		return;
	fputc('\n', out);
	for (const char *line = sql; *line;) {
		size_t n = strcspn(line, "\n");
		if (n > 0)
			fprintf(out, "    %.*s\n", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static void needs(FILE *out, const char *heading, const char *const *probes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s%s", i ? ", " : heading, probes[i], i + 1 == n ? ".\n" : "");
}

static void ways(FILE *out, const struct requirement *r)
{
	for (size_t i = 0; i < r->nways; i++) {
		const struct pack_way *w = &r->ways[i];
		bool own = w->needs != r->needs;
		if (own)
			needs(out, i ? "  Or with complete runs of: " : "  With complete runs of: ", w->needs, w->nneeds);
		wrap(out, own ? "PASS when this query finds what speaks for it:"
					  : "PASS when those are complete and this query finds what speaks for it:");
		query(out, w->query);
		fputc('\n', out);
	}
}

static void parts(FILE *out, const struct requirement *r)
{
	if (r->nparts == 0)
		return;
	wrap(out, "FAIL when one of these fails, PASS when each of them passes or does not apply:");
	for (size_t i = 0; i < r->nparts; i++)
		fprintf(out, "    %s\n", r->parts[i]->id);
	fputc('\n', out);
}

static void decision(FILE *out, const struct requirement *r)
{
	fprintf(out, "\nHow it is decided\n");
	if (r->how) {
		wrap(out, r->how);
		fputc('\n', out);
	}
	if (requirement_is_open(r)) {
		wrap(out, "The facts that this version collects do not decide it: it stays INCONCLUSIVE.");
		return;
	}
	parts(out, r);
	if (r->fails) {
		wrap(out, "FAIL when this query finds something, whatever else could not be looked at:");
		query(out, r->fails);
		fputc('\n', out);
	}
	needs(out, "  Needs complete runs of: ", r->needs, r->nneeds);
	if (r->applies) {
		wrap(out, "NOT APPLICABLE when those are complete and this query finds nothing:");
		query(out, r->applies);
		fputc('\n', out);
	}
	ways(out, r);
	if (r->declared) {
		wrap(out, r->about == ABOUT_DECLARATION
					  ? "PASS, too, by the maker's own word, about which this is, when this query finds it:"
					  : "INCONCLUSIVE, declared, when the maker's own word is all that there is, by this query:");
		query(out, r->declared);
		fputc('\n', out);
	}
	if (r->missing) {
		wrap(out, "What keeps it open otherwise, by this query:");
		query(out, r->missing);
		fputc('\n', out);
	}
	wrap(out, requirement_can_give(r, VERDICT_PASS)
				  ? "INCONCLUSIVE otherwise: silence is not consent."
				  : "INCONCLUSIVE otherwise: these facts can show that it is not met, but not that it is.");
}

static void measure(FILE *out, const struct pack_measure *m)
{
	fprintf(out, "\nMeasure: %s\n", m->name);
	wrap(out, m->title);
	fprintf(out, "  Unit: %s%s%s%s\n", m->unit, m->better ? " (" : "", m->better ? m->better : "", m->better ? " is better)" : "");
	wrap(out, m->formula);
	needs(out, "  Needs complete runs of: ", m->needs, m->nneeds);
	query(out, m->value);
	if (m->rows) {
		fputc('\n', out);
		wrap(out, "The rows behind it:");
		query(out, m->rows);
	}
	for (size_t i = 0; i < m->nthresholds; i++) {
		const struct pack_threshold *t = &m->thresholds[i];
		fprintf(out, "\n  %s %s %.10g\n", verdict_name(t->gives), t->above ? "above" : "below", t->number);
		wrap(out, t->source);
	}
}

static void source(FILE *out, const struct requirement *r)
{
	const struct pack *p = r->owner;
	const char *const parts[] = { p->source_name, p->source_publisher, p->source_year };
	char text[1024];
	size_t n = 0;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && n < sizeof text; i++)
		if (parts[i])
			n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? ", " : "", parts[i]);
	paragraph(out, "Source", text);
	if (p->source_url)
		fprintf(out, "  %s\n", p->source_url);
	if (r->section)
		fprintf(out, "  Section: %s\n", r->section);
}

static void remedy(FILE *out, const struct requirement *r)
{
	paragraph(out, "What fixes it", r->remedy);
	if (r->remedy_command)
		fprintf(out, "    %s\n", r->remedy_command);
}

static bool names(const char *sql, const void *name)
{
	return query_names(sql, name);
}

/* The views behind the queries. A view names only those before it, so the last one is asked first. */
static void view_list(FILE *out, const struct requirement *r)
{
	bool shown[VIEWS_MAX] = { false };
	const struct query_view *views = r->home->views;
	size_t n = r->home->nviews;
	for (size_t i = n; i > 0; i--) {
		const char *name = views[i - 1].name;
		shown[i - 1] = requirement_any_query(r, names, name);
		for (size_t k = i; k < n; k++)
			shown[i - 1] |= shown[k] && names(views[k].sql, name);
	}
	for (size_t i = 0; i < n; i++) {
		if (!shown[i])
			continue;
		fprintf(out, "\n  where %s is\n", views[i].name);
		query(out, views[i].sql);
	}
}

void explain_requirement(FILE *out, const struct requirement *r)
{
	fprintf(out, "%s (%s)\n", r->id, r->severity);
	wrap(out, r->title);
	paragraph(out, "Why", r->because);
	source(out, r);
	if (r->severity_was)
		fprintf(out, "\nSeverity\n  %s, was %s: %s\n", r->severity, r->severity_was, r->severity_reason);
	paragraph(out, "Excluded", r->excluded);
	if (r->about == ABOUT_DECLARATION)
		paragraph(out, "About", "What the maker declares, not the product: its word can decide it, unless an observation refutes it.");
	decision(out, r);
	for (size_t i = 0; i < r->nmeasures; i++)
		measure(out, &r->measures[i]);
	if (!requirement_is_open(r))
		view_list(out, r);
	paragraph(out, "What settles it", r->settles);
	remedy(out, r);
	if (r->nreferences > 0)
		fprintf(out, "\nAlso asked by\n");
	for (size_t i = 0; i < r->nreferences; i++)
		fprintf(out, "  %s, %s\n", r->references[i].standard, r->references[i].id);
}
