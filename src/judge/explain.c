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

static void decision(FILE *out, const struct requirement *r)
{
	fprintf(out, "\nHow it is decided\n");
	if (requirement_is_open(r)) {
		wrap(out, "The facts that this version collects do not decide it: it is INCONCLUSIVE until what is named below is there.");
		return;
	}
	if (r->fails) {
		wrap(out, "FAIL when this query finds something, whatever else could not be looked at:");
		query(out, r->fails);
		fputc('\n', out);
	}
	for (size_t i = 0; i < r->nneeds; i++)
		fprintf(out, "%s%s%s", i ? ", " : "  Needs complete runs of: ", r->needs[i], i + 1 == r->nneeds ? ".\n" : "");
	if (r->applies) {
		wrap(out, "NOT APPLICABLE when those are complete and this query finds nothing:");
		query(out, r->applies);
		fputc('\n', out);
	}
	if (r->passes) {
		wrap(out, "PASS when those are complete and this query finds what speaks for it:");
		query(out, r->passes);
		fputc('\n', out);
	}
	wrap(out, r->passes ? "INCONCLUSIVE otherwise: silence is not consent."
	                    : "INCONCLUSIVE otherwise: these facts can show that it is not met, but not that it is.");
}

static void source(FILE *out, const struct pack *p)
{
	fprintf(out, "\nSource\n  %s%s%s%s%s\n", p->source_name, p->source_publisher ? ", " : "",
	        p->source_publisher ? p->source_publisher : "", p->source_year ? ", " : "", p->source_year ? p->source_year : "");
	if (p->source_url)
		fprintf(out, "  %s\n", p->source_url);
}

static void remedy(FILE *out, const struct requirement *r)
{
	paragraph(out, "What fixes it", r->remedy);
	if (r->remedy_command)
		fprintf(out, "    %s\n", r->remedy_command);
}

static void view_list(FILE *out, const struct requirement *r)
{
	for (size_t i = 0; i < r->home->nviews; i++) {
		const struct query_view *v = &r->home->views[i];
		const char *const queries[] = { r->fails, r->passes, r->applies };
		bool named = false;
		for (size_t k = 0; k < 3; k++)
			named |= queries[k] && strstr(queries[k], v->name);
		if (!named)
			continue;
		fprintf(out, "\n  where %s is\n", v->name);
		query(out, v->sql);
	}
}

void explain_requirement(FILE *out, const struct requirement *r)
{
	fprintf(out, "%s (%s)\n", r->id, r->severity);
	wrap(out, r->title);
	paragraph(out, "Why", r->because);
	if (r->owner) {
		source(out, r->owner);
		if (r->section)
			fprintf(out, "  Section: %s\n", r->section);
	}
	if (r->severity_was)
		fprintf(out, "\nSeverity\n  %s, was %s: %s\n", r->severity, r->severity_was, r->severity_reason);
	paragraph(out, "Excluded", r->excluded);
	decision(out, r);
	if (!requirement_is_open(r))
		view_list(out, r);
	paragraph(out, "What settles it", r->settles);
	remedy(out, r);
	if (r->nreferences > 0)
		fprintf(out, "\nAlso asked by\n");
	for (size_t i = 0; i < r->nreferences; i++)
		fprintf(out, "  %s, %s\n", r->references[i].standard, r->references[i].id);
}
