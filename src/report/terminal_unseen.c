/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was not looked at, in the summary on the terminal: probes that did not finish, places that could not be read. */
#include "report/layout.h"
#include "report/terminal_internal.h"

#define DAMAGE_SHOWN 5

static struct error unfinished_probes(struct summary *s, bool *has_any)
{
	static const char *const columns[] = { "probe", "status", "detail" };
	sqlite3_stmt *run = NULL;
	/* One line for the probe that takes the input apart: what it could not unpack is what inspectors did not see. */
	struct error e = view_select(view_db(s->v), "probe_run", columns, 3,
								 "WHERE (probe LIKE '%.unpack' AND detail LIKE '%unknown content')"
								 " OR status <> 'complete' AND NOT (status = 'partial' AND probe NOT LIKE '%.unpack')"
								 " ORDER BY id LIMIT 5",
								 &run);
	while (!error_is(&e) && view_step(run, &e)) {
		arena_reset(s->scratch);
		if (!*has_any)
			summary_heading(s, "NOT LOOKED AT", PAINT_YELLOW);
		*has_any = true;
		struct text probe = summary_safe(s, view_text(run, 0), 30), status = summary_safe(s, view_text(run, 1), 20),
					detail = view_text(run, 2);
		char *line = arena_printf(s->scratch, "%.*s is %.*s%s", (int)probe.n, probe.p, (int)status.n, status.p,
								  detail.n ? ": " : "");
		style_spaces(s->out, MARGIN);
		summary_put(s, text_c(line), PAINT_PLAIN);
		size_t at = MARGIN + layout_width(text_c(line));
		style_wrap(s->out, s->style, summary_safe(s, detail, 0), at, MARGIN + 2, 3, PAINT_PLAIN);
	}
	sqlite3_finalize(run);
	return e;
}

static void damage_line(struct summary *s, sqlite3_stmt *damage)
{
	const char *path = view_short_path(s->v, view_int(damage, 0), s->scratch);
	struct text place = style_path(s->style, text_c(path), s->style->width / 2, s->scratch);
	int64_t offset = view_int(damage, 1);
	char suffix[VIEW_NUMBER_MAX] = "";
	if (offset != FACT_NULL)
		snprintf(suffix, sizeof suffix, " @0x%llx", (unsigned long long)offset);
	style_spaces(s->out, MARGIN);
	summary_put(s, place, PAINT_BLUE);
	summary_put(s, text_c(suffix), PAINT_BLUE);
	fputs("  ", s->out);
	struct text kind = summary_safe(s, view_text(damage, 2), 20), what = summary_safe(s, view_text(damage, 3), 0);
	char *line = arena_printf(s->scratch, "%.*s: %.*s", (int)kind.n, kind.p, (int)what.n, what.p);
	style_wrap(s->out, s->style, text_c(line), MARGIN + layout_width(place) + strlen(suffix) + 2, MARGIN + 2, 2,
			   PAINT_PLAIN);
}

struct error summary_not_looked_at(struct summary *s)
{
	static const char *const columns[] = { "blob_id", "offset", "kind", "what" };
	bool has_any = false;
	struct error e = unfinished_probes(s, &has_any);
	int64_t n = view_number(s->v, "SELECT count(*) FROM damage", 0), shown = 0;
	if (error_is(&e) || n == 0)
		return e;
	if (!has_any)
		summary_heading(s, "NOT LOOKED AT", PAINT_YELLOW);
	sqlite3_stmt *damage = NULL;
	e = view_select(view_db(s->v), "damage", columns, 4, "ORDER BY id", &damage);
	while (!error_is(&e) && shown < DAMAGE_SHOWN && view_step(damage, &e)) {
		arena_reset(s->scratch);
		damage_line(s, damage);
		shown++;
	}
	sqlite3_finalize(damage);
	char number[VIEW_NUMBER_MAX];
	if (n > shown)
		fprintf(s->out, "  and %s more place%s\n", view_count(n - shown, number), n - shown == 1 ? "" : "s");
	return e;
}
