/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTML report's components, their known vulnerabilities, the feeds, and what bills of materials say otherwise. */
#include <stdlib.h>

#include "report/html_internal.h"
#include "report/view_software.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define COMPONENTS_MAX 5000
#define VULNERABILITIES_MAX 3000
#define DIFFERENCES_MAX 1000

/* A word of the case as a class of the style sheet, where it is one. */
static const char *severity_class(struct text severity)
{
	static const char *const known[] = { "critical", "high", "medium" };
	for (size_t i = 0; i < COUNT(known); i++)
		if (text_is(severity, known[i]))
			return known[i];
	return "low";
}

/* "not_affected" as "not affected". */
static void words_of(struct page *p, struct text t)
{
	char *copy = arena_strdup(p->scratch, t);
	for (char *c = copy; c && *c; c++)
		*c = *c == '_' ? ' ' : *c;
	html_text(p, text_c(copy ? copy : "?"));
}

static void cell_text(struct page *p, struct text t)
{
	html_put(p, "<td>");
	html_text(p, t);
	html_put(p, "</td>");
}

static void cell_day(struct page *p, struct text t)
{
	html_put(p, "<td class=number>");
	html_text(p, text_of(t.p, t.n < 10 ? t.n : 10));
	html_put(p, "</td>");
}

/* ---- feeds ---- */

static void feeds(struct page *p)
{
	char number[VIEW_NUMBER_MAX], age[VIEW_NUMBER_MAX];
	sqlite3_stmt *s = NULL;
	bool has_any = false;
	if (!error_is(&p->error))
		p->error = view_feeds(p->v, VIEW_FEEDS_BY_ID, &s);
	while (html_step(p, s)) {
		struct view_feed f = view_feed(s);
		if (!has_any)
			html_put(
				p, "<h3>Feeds that it was matched with</h3>\n<div class=scroll><table>\n<thead><tr><th>Source</th>"
				   "<th>Kind</th><th>Records</th><th>Newest</th><th>Imported</th><th>Age</th></tr></thead>\n<tbody>\n");
		has_any = true;
		html_put(p, "<tr>");
		cell_text(p, f.name);
		cell_text(p, f.kind);
		html_put(p, "<td class=number>%s</td>", view_count(f.records, number));
		cell_day(p, f.newest);
		cell_day(p, f.imported);
		html_put(p, "<td class=number>%s</td></tr>\n", view_age(f.age, age));
	}
	html_put(p, has_any ? "</tbody></table></div>\n" : "<p class=note>The feed database had no records.</p>\n");
}

/* ---- vulnerabilities ---- */

static void head_counts(struct page *p, const struct view_software *s)
{
	char n[7][VIEW_NUMBER_MAX];
	html_put(p,
			 "<p><b>%s</b> known %s, <b>%s</b> known to be exploited, <b>%s</b> critical or high in what boot starts. "
			 "%s fixed, %s that do not apply, %s under investigation.",
			 view_count(s->vulnerabilities, n[0]),
			 s->vulnerabilities == 1 ? "vulnerability applies" : "vulnerabilities apply",
			 view_count(s->exploited, n[1]), view_count(s->severe, n[2]), view_count(s->fixed, n[3]),
			 view_count(s->not_affected, n[4]), view_count(s->investigated, n[5]));
	if (s->doubted)
		html_put(p, " Of %s of them somebody states something else; they are counted as they were matched.",
				 view_count(s->doubted, n[6]));
	if (s->chance > 0 && s->vulnerabilities > 0)
		html_put(p,
				 " The chance that at least one of them is exploited somewhere within 30 days is <b>%.1f&nbsp;%%</b> "
				 "(EPSS; taken as independent of each other and of this product).",
				 s->chance * 100);
	html_put(p,
			 "</p>\n<p class=note>Priority orders them: threat (exploited, EPSS) and harm (CVSS), by how far what boot "
			 "starts exposes the component and by how sure the match is.</p>\n");
}

static void severity(struct page *p, sqlite3_stmt *s)
{
	struct text word = view_text(s, VULNERABILITY_SEVERITY);
	html_put(p, "<td class=number>");
	if (sqlite3_column_type(s, VULNERABILITY_CVSS) != SQLITE_NULL) {
		html_put(p, "<span class=\"severity %s\">%.1f ", severity_class(word),
				 sqlite3_column_double(s, VULNERABILITY_CVSS));
		html_text(p, word);
		html_put(p, "</span>");
	} else {
		html_put(p, "<span class=note>no score</span>");
	}
	html_put(p, "</td>");
}

static void detail(struct page *p, const char *label, struct text t)
{
	if (!t.n)
		return;
	html_put(p, "<p><span class=label>%s</span> ", label);
	html_text(p, t);
	html_put(p, "</p>\n");
}

static void statement(struct page *p, sqlite3_stmt *s)
{
	struct text state = view_text(s, VULNERABILITY_STATED_STATE), on = view_text(s, VULNERABILITY_STATED_ON),
				why = view_text(s, VULNERABILITY_JUSTIFICATION), note = view_text(s, VULNERABILITY_NOTE);
	if (!state.n)
		return;
	html_put(p, "<p><span class=label>Statement</span> <b>");
	words_of(p, state);
	html_put(p, "</b> stated by ");
	html_text(p, view_text(s, VULNERABILITY_STATED_BY));
	if (on.n) {
		html_put(p, " on ");
		html_text(p, text_of(on.p, on.n < 10 ? on.n : 10));
	}
	if (why.n) {
		html_put(p, ": ");
		words_of(p, why);
	}
	if (note.n) {
		html_put(p, ". ");
		html_text(p, note);
	}
	html_put(p, "</p>\n");
}

static void vector(struct page *p, sqlite3_stmt *s)
{
	struct text version = view_text(s, VULNERABILITY_CVSS_VERSION);
	if (!version.n)
		return;
	html_put(p, "<p><span class=label>CVSS ");
	html_text(p, version);
	html_put(p, "</span> <code>");
	html_text(p, view_text(s, VULNERABILITY_CVSS_VECTOR));
	html_put(p, "</code></p>\n");
}

/* What decided, folded away behind the state. */
static void state(struct page *p, sqlite3_stmt *s)
{
	struct text confidence = view_text(s, VULNERABILITY_CONFIDENCE), published = view_text(s, VULNERABILITY_PUBLISHED);
	html_put(p, "<td><details><summary>");
	words_of(p, view_text(s, VULNERABILITY_STATE));
	if (confidence.n && text_is(view_text(s, VULNERABILITY_STATE), "affected")) {
		html_put(p, ", ");
		html_text(p, confidence);
	}
	if (view_text(s, VULNERABILITY_STATED_STATE).n)
		html_put(p, " <span class=tag>statement</span>");
	html_put(p, "</summary>\n");
	statement(p, s);
	detail(p, "Because", view_text(s, VULNERABILITY_REASON));
	detail(p, "Record", view_text(s, VULNERABILITY_CRITERIA));
	detail(p, "Source", view_text(s, VULNERABILITY_SOURCE));
	vector(p, s);
	detail(p, "Published", text_of(published.p, published.n < 10 ? published.n : 10));
	detail(p, "Text", view_text(s, VULNERABILITY_SUMMARY));
	html_put(p, "</details></td>");
}

static void vulnerability_row(struct page *p, sqlite3_stmt *s)
{
	struct text by = view_text(s, VULNERABILITY_EXPOSED_BY);
	html_put(p, "<tr><td class=number>");
	if (text_is(view_text(s, VULNERABILITY_STATE), "affected"))
		html_put(p, "%.1f", sqlite3_column_double(s, VULNERABILITY_PRIORITY));
	html_put(p, "</td><td class=number>");
	html_text(p, view_text(s, VULNERABILITY_NAME));
	html_put(p, "%s</td>", view_int(s, VULNERABILITY_KEV) > 0 ? "<br><span class=tag>exploited</span>" : "");
	severity(p, s);
	if (sqlite3_column_type(s, VULNERABILITY_EPSS) != SQLITE_NULL)
		html_put(p, "<td class=number>%.2f&nbsp;%%</td><td>", 100 * sqlite3_column_double(s, VULNERABILITY_EPSS));
	else
		html_put(p, "<td></td><td>");
	html_text(p, view_text(s, VULNERABILITY_COMPONENT));
	html_put(p, " ");
	html_text(p, view_text(s, VULNERABILITY_VERSION));
	html_put(p, "</td><td>");
	html_text(p, view_text(s, VULNERABILITY_EXPOSURE));
	if (by.n) {
		html_put(p, "<br><code class=via>");
		html_text(p, by);
		html_put(p, "</code>");
	}
	html_put(p, "</td>");
	state(p, s);
	html_put(p, "</tr>\n");
}

static void vulnerability_table(struct page *p)
{
	char number[VIEW_NUMBER_MAX];
	sqlite3_stmt *s = NULL;
	int64_t n = 0;
	if (!error_is(&p->error))
		p->error = view_vulnerabilities(p->v, &s);
	while (html_step(p, s)) {
		if (n == 0)
			html_put(p, "<div class=scroll><table class=known>\n<thead><tr><th>Priority</th><th>Vulnerability</th>"
						"<th>Severity</th><th>EPSS</th><th>Component</th><th>Exposure</th><th>State, and why</th></tr>"
						"</thead>\n<tbody>\n");
		if (n++ < VULNERABILITIES_MAX)
			vulnerability_row(p, s);
	}
	if (n > 0)
		html_put(p, "</tbody></table></div>\n");
	if (n > VULNERABILITIES_MAX)
		html_put(p, "<p class=note>and %s more: see the JSON report</p>\n",
				 view_count(n - VULNERABILITIES_MAX, number));
}

static void vulnerabilities(struct page *p, const struct view_software *s)
{
	html_put(p, "<h2 id=vulnerabilities>Known vulnerabilities</h2>\n");
	if (!s->was_matched) {
		html_put(
			p,
			"<p class=note>The components were not matched with known vulnerabilities. <code>assay feed update</code> "
			"fetches the feeds, <code>assay vulns</code> matches the case file.</p>\n");
		return;
	}
	head_counts(p, s);
	feeds(p);
	html_put(p, "<h3>What applies, and what was mended</h3>\n");
	if (s->vulnerabilities + s->fixed + s->not_affected + s->investigated == 0)
		html_put(p, "<p class=note>No record of these feeds is about a component in this version.</p>\n");
	vulnerability_table(p);
}

/* ---- components ---- */

enum { ID, TITLE, VERSION, PACKAGE_VERSION, DISTRIBUTION, LICENCE, CONFIDENCE, EVIDENCE, PATH, FILES };

/* How many vulnerabilities apply to a row of software. */
struct known {
	int64_t software, n;
};

struct knowns {
	struct known *v; /* by software */
	size_t n;
};

static void load_known(struct page *p, struct knowns *k)
{
	static const char *const columns[] = { "software_id" };
	sqlite3_stmt *s = html_select(p, "vulnerability", columns, 1, "WHERE state = 'affected' ORDER BY software_id");
	size_t cap = 0;
	while (html_step(p, s)) {
		int64_t id = view_int(s, 0);
		if (k->n == 0 || k->v[k->n - 1].software != id) {
			cap = k->n < cap ? cap : cap ? 2 * cap : 256;
			struct known *grown = reallocarray(k->v, cap, sizeof *grown);
			if (!grown) {
				p->error = error_at(ERR_MEMORY, 0, "no memory for the report");
				continue;
			}
			k->v = grown;
			k->v[k->n++] = (struct known){ .software = id };
		}
		k->v[k->n - 1].n++;
	}
}

static int by_software(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	return (x->software > y->software) - (x->software < y->software);
}

static void component_row(struct page *p, sqlite3_stmt *s, const struct knowns *k)
{
	struct text version = view_text(s, VERSION), distribution = view_text(s, DISTRIBUTION);
	int64_t count = view_int(s, FILES);
	char number[VIEW_NUMBER_MAX];
	html_put(p, "<tr>");
	cell_text(p, view_text(s, TITLE));
	html_put(p, "<td>");
	html_text(p, version);
	html_put(p, version.n ? "</td><td>" : "<span class=note>unknown</span></td><td>");
	html_text(p, view_text(s, PACKAGE_VERSION));
	if (distribution.n) {
		html_put(p, " <span class=note>");
		html_text(p, distribution);
		html_put(p, "</span>");
	}
	html_put(p, "</td>");
	cell_text(p, view_text(s, LICENCE));
	cell_text(p, view_text(s, CONFIDENCE));
	cell_text(p, view_text(s, EVIDENCE));
	html_put(p, "<td class=number>");
	struct known key = { .software = view_int(s, ID) };
	const struct known *known = k->n ? bsearch(&key, k->v, k->n, sizeof key, by_software) : NULL;
	if (known)
		html_put(p, "%s", view_count(known->n, number));
	html_put(p, "</td><td><code class=place>");
	html_text(p, view_text(s, PATH));
	html_put(p, "</code>");
	if (count != FACT_NULL && count > 1)
		html_put(p, "<span class=note>and %s more</span>", view_count(count - 1, number));
	html_put(p, "</td></tr>\n");
}

static void components(struct page *p)
{
	static const char *const columns[] = { "id",           "title",   "version",    "package_version",
										   "distribution", "licence", "confidence", "evidence_kind",
										   "path",         "count" };
	char number[VIEW_NUMBER_MAX];
	struct knowns k = { NULL, 0 };
	load_known(p, &k);
	sqlite3_stmt *s = html_select(p, "software", columns, COUNT(columns), "ORDER BY lower(title), id");
	int64_t n = 0;
	while (html_step(p, s)) {
		if (n == 0)
			html_put(
				p,
				"<div class=scroll><table>\n<thead><tr><th>Component</th><th>Version</th><th>Package</th>"
				"<th>Licence</th><th>Confidence</th><th>Shown by</th><th>Known flaws</th><th>Where</th></tr></thead>\n"
				"<tbody>\n");
		if (n++ < COMPONENTS_MAX)
			component_row(p, s, &k);
	}
	free(k.v);
	html_put(p, n ? "</tbody></table></div>\n" : "<p class=note>No components were found.</p>\n");
	if (n > COMPONENTS_MAX)
		html_put(p, "<p class=note>and %s more: see the JSON report</p>\n", view_count(n - COMPONENTS_MAX, number));
}

/* ---- bills of materials ---- */

static const char *difference_words(struct text kind)
{
	if (text_is(kind, "missing_in_sbom"))
		return "is in the image, and not declared";
	if (text_is(kind, "not_in_image"))
		return "is declared, and was not found in the image";
	return text_is(kind, "version_differs") ? "the bill declares another version" : "differs";
}

static void differences(struct page *p)
{
	static const char *const columns[] = { "kind", "name", "declared_version", "found_version" };
	char number[VIEW_NUMBER_MAX];
	sqlite3_stmt *s = html_select(p, "sbom_difference", columns, COUNT(columns), "ORDER BY id");
	int64_t n = 0;
	while (html_step(p, s)) {
		if (n == 0)
			html_put(
				p,
				"<h2 id=sbom>Bill of materials and image</h2>\n<div class=scroll><table>\n<thead><tr><th>Component</th>"
				"<th>Declared</th><th>Found</th><th>Difference</th></tr></thead>\n<tbody>\n");
		if (n++ >= DIFFERENCES_MAX)
			continue;
		html_put(p, "<tr>");
		for (int i = 1; i < 4; i++)
			cell_text(p, view_text(s, i));
		html_put(p, "<td>%s</td></tr>\n", difference_words(view_text(s, 0)));
	}
	if (n)
		html_put(p, "</tbody></table></div>\n");
	if (n > DIFFERENCES_MAX)
		html_put(p, "<p class=note>and %s more: see the JSON report</p>\n", view_count(n - DIFFERENCES_MAX, number));
}

void html_software(struct page *p)
{
	struct view_software s = view_software(p->v);
	html_put(p, "<section>\n<h2 id=components>Components</h2>\n");
	if (!s.is_there) { /* a case of an early version */
		html_components(p);
		html_put(p, "</section>\n");
		return;
	}
	components(p);
	vulnerabilities(p, &s);
	differences(p);
	html_put(p, "<details class=more><summary>Every place that shows a component</summary>\n");
	html_components(p);
	html_put(p, "</details>\n</section>\n");
}
