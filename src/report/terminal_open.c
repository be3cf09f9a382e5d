/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/terminal_internal.h"

#define OPEN_GROUPS_SHOWN 5
#define DECLARED_SHOWN 5

/* ---- what is declared ---- */

static bool is_declared(sqlite3_stmt *v)
{
	return view_verdict_of(view_text(v, VERDICT_VERDICT)) == VIEW_INCONCLUSIVE &&
		   text_is(view_text(v, VERDICT_BASIS), "declared");
}

int64_t summary_declared_count(struct summary *s)
{
	return view_number(s->v, "SELECT count(*) FROM verdict WHERE verdict = 'INCONCLUSIVE' AND basis = 'declared'", 0);
}

struct error summary_declared(struct summary *s)
{
	sqlite3_stmt *v = NULL;
	int64_t n = 0;
	struct error e = view_verdicts(s->v, &v);
	s->nseen = 0;
	while (!error_is(&e) && view_step(v, &e)) {
		if (!is_declared(v) || summary_seen(s, view_text(v, VERDICT_ORIGIN)))
			continue;
		arena_reset(s->scratch);
		if (n++ == 0)
			summary_heading(s, "INCONCLUSIVE, declared: the maker says so, nothing shows it", PAINT_YELLOW);
		if (n > DECLARED_SHOWN && !s->style->verbose)
			continue;
		struct text title = view_text(v, VERDICT_TITLE);
		style_spaces(s->out, MARGIN);
		style_wrap(s->out, s->style, summary_safe(s, title.n ? title : view_text(v, VERDICT_REQUIREMENT), 0), MARGIN, MARGIN + 2, 2,
				   PAINT_PLAIN);
	}
	sqlite3_finalize(v);
	if (n > DECLARED_SHOWN && !s->style->verbose)
		fprintf(s->out, "  and %lld more\n", (long long)(n - DECLARED_SHOWN));
	return e;
}

/* ---- what stays open ---- */

/* Verdicts that the same input would settle. */
struct open_group {
	const char *settles, *titles;
	unsigned n;
};

struct open_groups {
	struct open_group v[OPEN_GROUPS_SHOWN];
	size_t n;
	int64_t others; /* verdicts beyond the groups that are shown */
};

static void open_add(struct summary *s, struct open_groups *groups, struct text settles, struct text title, const char *mark)
{
	size_t i = 0;
	while (i < groups->n && !text_is(settles, groups->v[i].settles))
		i++;
	if (i == OPEN_GROUPS_SHOWN) {
		groups->others++;
		return;
	}
	struct open_group *g = &groups->v[i];
	if (i == groups->n) {
		groups->n++;
		*g = (struct open_group){ .settles = arena_strdup(s->scratch, settles) };
	}
	struct text shown = summary_safe(s, title, s->style->width);
	g->titles = g->titles ? arena_printf(s->scratch, "%s; %.*s%s", g->titles, (int)shown.n, shown.p, mark)
						  : arena_printf(s->scratch, "%.*s%s", (int)shown.n, shown.p, mark);
	g->n++;
	if (!g->settles || !g->titles) { /* out of memory: still counted */
		*g = (struct open_group){ .settles = "", .titles = "?", .n = g->n };
	}
}

struct error summary_open(struct summary *s, int64_t n)
{
	sqlite3_stmt *v = NULL;
	struct open_groups groups = { .n = 0 };
	if (n == 0)
		return error_none();
	arena_reset(s->scratch);
	s->nseen = 0;
	struct error e = view_verdicts(s->v, &v);
	while (!error_is(&e) && view_step(v, &e)) {
		struct text title = view_text(v, VERDICT_TITLE);
		if (view_verdict_of(view_text(v, VERDICT_VERDICT)) == VIEW_INCONCLUSIVE && !summary_seen(s, view_text(v, VERDICT_ORIGIN)))
			open_add(s, &groups, view_text(v, VERDICT_SETTLES), title.n ? title : view_text(v, VERDICT_REQUIREMENT),
					 is_declared(v) ? " (declared)" : "");
	}
	sqlite3_finalize(v);
	summary_heading(s, "INCONCLUSIVE", PAINT_YELLOW);
	for (size_t i = 0; i < groups.n; i++) {
		struct open_group *g = &groups.v[i];
		fprintf(s->out, "  %3u  ", g->n);
		const char *settles = *g->settles ? g->settles : "Nothing in this version settles it.";
		style_wrap(s->out, s->style, summary_safe(s, text_c(settles), 0), 7, 7, 2, PAINT_PLAIN);
		style_spaces(s->out, 7);
		style_wrap(s->out, s->style, text_c(g->titles), 7, 7, 2, PAINT_DIM);
	}
	if (groups.others)
		fprintf(s->out, "  %3lld  for other reasons\n", (long long)groups.others);
	return e;
}
