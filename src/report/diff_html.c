/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The differences as one HTML file: what is essential as plain HTML, and the whole of what --json writes for the viewer,
 * which takes its place. */
#include <inttypes.h>

#include "report/diff_terminal.h"
#include "report/html_internal.h"

/* Rows that are shown without scripts: of what got worse, and of each topic. */
#define WORSE_SHOWN 500
#define ROWS_SHOWN 100

struct list {
	struct page *p;
	bool only_worse;
	uint64_t shown, most;
};

static void values(struct page *p, const struct diff_row *row)
{
	if (!row->old_value.n && !row->new_value.n)
		return;
	html_put(p, "<span class=\"note\">");
	if (row->kind != DIFF_ADDED)
		html_text(p, row->old_value);
	html_put(p, row->kind == DIFF_CHANGED ? " \xe2\x86\x92 " : "");
	if (row->kind != DIFF_REMOVED)
		html_text(p, row->new_value);
	html_put(p, "</span>");
}

static bool put_row(void *context, const struct diff_row *row)
{
	static const char *const words[DIFF_KINDS] = { "new", "gone", "changed" };
	struct list *l = context;
	if (l->only_worse && !row->regression)
		return true;
	if (l->shown++ >= l->most)
		return false;
	html_put(l->p, "<li><span class=\"tag%s\">%s</span> ", row->regression ? " bad" : "",
			 row->regression ? "worse" : words[row->kind]);
	html_text(l->p, row->label);
	html_put(l->p, row->uncertain && row->kind != DIFF_CHANGED ? " <span class=\"tag warn\">not looked at whole</span> " : " ");
	values(l->p, row);
	html_put(l->p, "</li>\n");
	return true;
}

static void rows(struct page *p, const struct diff_request *r, const struct diff_topic *t, struct list *l, uint64_t all)
{
	struct diff_counts counts;
	html_put(p, "<ul class=\"plain changes\">\n");
	p->error = diff_walk(r->old, r->new, t, &counts, put_row, l);
	html_put(p, "</ul>\n");
	if (all > l->most)
		html_put(p, "<p class=\"note\">and %" PRIu64 " more, which this file holds and shows with scripts</p>\n", all - l->most);
}

static void worse(struct page *p, const struct diff_request *r, uint64_t *total)
{
	struct diff_counts counts;
	html_put(p, "<section>\n<h2>What got worse</h2>\n");
	*total = 0;
	for (size_t i = 0; !error_is(&p->error) && diff_topics[i].name; i++) {
		if (!r->wanted[i])
			continue;
		p->error = diff_walk(r->old, r->new, &diff_topics[i], &counts, NULL, NULL);
		if (error_is(&p->error) || !counts.regressions)
			continue;
		struct list l = { .p = p, .only_worse = true, .most = WORSE_SHOWN };
		*total += counts.regressions;
		html_put(p, "<h3>%s <span class=\"note\">%" PRIu64 "</span></h3>\n", diff_topics[i].title, counts.regressions);
		rows(p, r, &diff_topics[i], &l, counts.regressions);
	}
	html_put(p, "%s</section>\n", *total ? "" : "<p class=\"note\">Nothing got worse.</p>\n");
}

static void topic(struct page *p, const struct diff_request *r, const struct diff_topic *t)
{
	struct diff_counts counts;
	struct list l = { .p = p, .most = ROWS_SHOWN };
	p->error = diff_walk(r->old, r->new, t, &counts, NULL, NULL);
	uint64_t all = counts.n[DIFF_ADDED] + counts.n[DIFF_REMOVED] + counts.n[DIFF_CHANGED];
	if (error_is(&p->error) || !all)
		return;
	html_put(p, "<section>\n<h2>%s</h2>\n<p class=\"note\">%" PRIu64 " new, %" PRIu64 " gone, %" PRIu64 " changed</p>\n", t->title,
			 counts.n[DIFF_ADDED], counts.n[DIFF_REMOVED], counts.n[DIFF_CHANGED]);
	rows(p, r, t, &l, all);
	html_put(p, "</section>\n");
}

/* Probes that did not look at all of a case. */
static void incomplete(struct page *p, sqlite3 *db, const char *name, bool bills)
{
	static const char *const columns[] = { "probe", "status", "detail" };
	sqlite3_stmt *s = NULL;
	bool any = false;
	if (!error_is(&p->error))
		p->error = view_select(db, "probe_run", columns, 3,
							   bills ? "WHERE status <> 'complete' AND probe NOT GLOB 'firmware.*' ORDER BY id"
									 : "WHERE status <> 'complete' ORDER BY id",
							   &s);
	while (!error_is(&p->error) && view_step(s, &p->error)) {
		if (!any) {
			html_put(p, "<h2>Not looked at whole in ");
			html_text(p, text_base(text_c(name)));
			html_put(p, "</h2>\n<ul class=\"plain\">\n");
		}
		any = true;
		html_probe_run(p, s);
	}
	sqlite3_finalize(s);
	html_put(p, any ? "</ul>\n" : "");
}

static void names(struct page *p, const struct diff_request *r)
{
	html_text(p, text_base(text_c(r->old_name)));
	html_put(p, " \xe2\x86\x92 ");
	html_text(p, text_base(text_c(r->new_name)));
}

static void essentials(struct page *p, const struct diff_request *r, uint64_t *total)
{
	html_put(p, "<main class=\"static\">\n<h1>What changed: ");
	names(p, r);
	html_put(p, "</h1>\n<noscript><p>With scripts every row is shown, with filters. The script is a part of this file, and loads"
				" nothing.</p></noscript>\n");
	worse(p, r, total);
	for (size_t i = 0; !error_is(&p->error) && diff_topics[i].name; i++)
		if (r->wanted[i])
			topic(p, r, &diff_topics[i]);
	bool bills = diff_of_bills(r->old, r->new);
	if (bills)
		html_put(p, "<p>Both are bills of materials: components and known vulnerabilities are compared as they are declared.</p>\n");
	incomplete(p, r->old, r->old_name, bills);
	incomplete(p, r->new, r->new_name, bills);
	html_put(p, "</main>\n");
}

struct error diff_html(const struct diff_request *r, FILE *out, const char *version, uint64_t *total)
{
	struct page p = { .out = out, .error = error_none() };
	html_begin(&p, diff_script);
	html_put(&p, ": ");
	names(&p, r);
	html_begin_body(&p);
	essentials(&p, r, total);
	html_put(&p, "<script type=\"application/json\">");
	if (!error_is(&p.error))
		p.error = diff_json_embedded(r, out, version);
	html_put(&p, "</script>\n<script>%s</script>\n</body>\n</html>\n", diff_script);
	if (!error_is(&p.error) && (fflush(out) || ferror(out)))
		p.error = error_at(ERR_IO, 0, "writing the HTML file: %m");
	return p.error;
}
