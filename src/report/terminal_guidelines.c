/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of each guideline is decided, and by what; what was measured. */
#include <string.h>

#include "report/tables.h"
#include "report/terminal_internal.h"

#define GUIDELINES_SHOWN 16
#define MEASURES_SHOWN 6
/* Narrower terminals do without the last column: INCONCLUSIVE says the same. */
#define ROOM_FOR_NEXT 100u
#define NEXT_WIDTH 40u

static const struct report_column guideline_columns[] = {
	{ "GUIDELINE", false, 0 }, { "PASS", true, 0 }, { "FAIL", true, 0 }, { "OPEN", true, 0 },
	{ "N/A", true, 0 },			{ "SEEN", true, 0 }, { "WORD", true, 0 }, { "DECIDES MOST NEXT", false, 0 },
};

static char *share(struct summary *s, int64_t part, int64_t whole)
{
	return whole > 0 ? arena_printf(s->scratch, "%.0f %%", 100.0 * (double)part / (double)whole) : arena_strdup(s->scratch, TEXT_LIT("-"));
}

/* "ETSI EN 303 645" of "ETSI EN 303 645, baseline requirements ...", and no line more. */
static const char *short_name(struct summary *s, const struct view_pack *p)
{
	struct text title = text_c(p->title ? p->title : p->pack);
	const char *comma = memchr(title.p, ',', title.n);
	size_t most = s->style->width >= ROOM_FOR_NEXT ? 36 : s->style->width > 75 ? 34 : 24;
	if (comma && comma - title.p >= 15)
		title.n = (size_t)(comma - title.p);
	return arena_strdup(s->scratch, summary_safe(s, title, most));
}

static const char *next_input(struct summary *s, const struct view_pack *p)
{
	return p->nnext ? arena_strdup(s->scratch, summary_safe(s, text_c(p->next[0].settles), NEXT_WIDTH)) : "";
}

static void guideline_row(struct summary *s, struct report_table *t, const struct view_pack *p)
{
	char numbers[4][VIEW_NUMBER_MAX];
	int64_t applicable = view_pack_applicable(p);
	const char *cells[] = {
		short_name(s, p),
		view_count(p->counts.n[VIEW_PASS], numbers[0]),
		view_count(p->counts.n[VIEW_FAIL], numbers[1]),
		view_count(p->counts.n[VIEW_INCONCLUSIVE], numbers[2]),
		view_count(p->counts.n[VIEW_NOT_APPLICABLE], numbers[3]),
		share(s, p->coverage[VIEW_BY_EVIDENCE], applicable),
		share(s, p->coverage[VIEW_BY_DECLARATION] + p->coverage[VIEW_DECLARED_ONLY], applicable),
		next_input(s, p),
	};
	report_table_strings(t, cells);
}

struct error summary_guidelines(struct summary *s)
{
	struct error e;
	struct arena *a = arena_new(0);
	const struct view_pack *p = a ? view_packs(s->v, a, &e) : NULL;
	if (!a)
		return error_at(ERR_MEMORY, 0, "no memory for the report");
	struct report_table *t = p ? report_table_new(s->style, guideline_columns, s->style->width >= ROOM_FOR_NEXT ? 8 : 7) : NULL;
	size_t n = 0, others = 0;
	arena_reset(s->scratch);
	for (; t && p; p = p->following, n++) {
		if (n < GUIDELINES_SHOWN || s->style->verbose)
			guideline_row(s, t, p);
		else
			others++;
	}
	if (t) {
		putc('\n', s->out);
		e = report_table_print(t, s->out, 0);
	}
	if (others)
		fprintf(s->out, "and %zu more guidelines\n", others);
	if (t) {
		style_wrap(s->out, s->style,
				   TEXT_LIT("SEEN: decided by evidence. WORD: by the maker's word, or with nothing but it."),
				   0, 0, 2, PAINT_DIM);
	}
	report_table_free(t);
	arena_free(a);
	return e;
}

/* ---- measures ---- */

/* "lower than 7 of 12 products measured here" */
static const char *standing_of(struct summary *s, struct text origin, struct text name)
{
	sqlite3_stmt *stmt = NULL;
	const char *told = NULL;
	struct error e = view_standing(s->v, &stmt);
	while (!error_is(&e) && !told && view_step(stmt, &e)) {
		struct text requirement = view_text(stmt, STANDING_REQUIREMENT), measure = view_text(stmt, STANDING_MEASURE);
		if (!text_eq(requirement, origin) || !text_eq(measure, name))
			continue;
		long long products = view_int(stmt, STANDING_PRODUCTS), higher = view_int(stmt, STANDING_HIGHER),
				  lower = view_int(stmt, STANDING_LOWER);
		told = products < 2        ? "the first product measured here"
			   : !higher && !lower ? arena_printf(s->scratch, "as in all of %lld products measured here", products)
			   : higher >= lower
				   ? arena_printf(s->scratch, "lower than %lld of %lld products measured here", higher, products)
				   : arena_printf(s->scratch, "higher than %lld of %lld products measured here", lower, products);
	}
	sqlite3_finalize(stmt);
	return told;
}

/* "1 host", "1 byte per day": units are in the plural, and their first word is what is counted. */
static struct text unit_of(struct summary *s, struct text unit, double value)
{
	size_t n = 0;
	while (n < unit.n && unit.p[n] != ' ')
		n++;
	if (value != 1 || n < 4 || unit.p[n - 1] != 's' || strchr("su", unit.p[n - 2]))
		return unit;
	bool y = memcmp(unit.p + n - 3, "ies", 3) == 0; /* libraries */
	bool es = n > 4 && memcmp(unit.p + n - 4, "sses", 4) == 0; /* addresses */
	char *one = arena_printf(s->scratch, "%.*s%s%.*s", (int)(n - (y ? 3 : es ? 2 : 1)), unit.p, y ? "y" : "", (int)(unit.n - n),
							 unit.p + n);
	return one ? text_c(one) : unit;
}

static void measure_line(struct summary *s, struct text origin, sqlite3_stmt *m)
{
	double value = sqlite3_column_double(m, MEASURE_VALUE);
	struct text title = view_text(m, MEASURE_TITLE),
				unit = unit_of(s, summary_safe(s, view_text(m, MEASURE_UNIT), 30), value);
	bool whole = value > -1e15 && value < 1e15 && value == (double)(int64_t)value;
	char *number = whole ? arena_printf(s->scratch, "%lld", (long long)value) : arena_printf(s->scratch, "%.4g", value);
	const char *standing = standing_of(s, origin, view_text(m, MEASURE_NAME));
	struct text shown = summary_safe(s, title.n ? title : view_text(m, MEASURE_NAME), 0);
	char *line = arena_printf(s->scratch, "%.*s: %s %.*s%s%s%s", (int)shown.n, shown.p, number ? number : "?", (int)unit.n, unit.p,
							  standing ? " (" : "", standing ? standing : "", standing ? ")" : "");
	style_spaces(s->out, MARGIN);
	style_wrap(s->out, s->style, text_c(line), MARGIN, MARGIN + 2, 3, PAINT_PLAIN);
}

/* What is said first of all numbers: those with a threshold, and those that tell the size of a product's attack surface. */
static bool matters(sqlite3_stmt *m)
{
	static const char *const words[] = { "attack", "surface", "exposed", "listen", "black", "covered" };
	struct text thresholds = view_text(m, MEASURE_THRESHOLDS), name = view_text(m, MEASURE_NAME);
	bool is_named = false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		is_named |= name.n && memmem(name.p, name.n, words[i], strlen(words[i]));
	return is_named || thresholds.n > 2; /* "[]": none */
}

struct shown_measures {
	size_t shown, others;
	bool of_those_that_matter; /* this time round */
};

/* Those of one verdict. */
static struct error measures_of(struct summary *s, sqlite3_stmt *verdict, struct shown_measures *n)
{
	sqlite3_stmt *m = NULL;
	struct error e = view_measures(s->v, view_int(verdict, VERDICT_ID), &m);
	while (!error_is(&e) && view_step(m, &e)) {
		if (sqlite3_column_type(m, MEASURE_VALUE) == SQLITE_NULL || matters(m) != n->of_those_that_matter)
			continue;
		if (n->shown >= MEASURES_SHOWN && !s->style->verbose) {
			n->others++;
			continue;
		}
		arena_reset(s->scratch);
		if (n->shown++ == 0)
			summary_heading(s, "MEASURED", PAINT_BOLD);
		measure_line(s, view_text(verdict, VERDICT_ORIGIN), m);
	}
	return e;
}

static struct error measures_pass(struct summary *s, struct shown_measures *n)
{
	sqlite3_stmt *v = NULL;
	struct error e = view_verdicts_by_id(s->v, &v);
	s->nseen = 0;
	while (!error_is(&e) && view_step(v, &e))
		if (!summary_seen(s, view_text(v, VERDICT_ORIGIN)))
			e = measures_of(s, v, n);
	sqlite3_finalize(v);
	return e;
}

struct error summary_measures(struct summary *s)
{
	struct shown_measures n = { .of_those_that_matter = true };
	if (view_number(s->v, "SELECT 1 FROM measure LIMIT 1", 0) == 0)
		return error_none();
	struct error e = measures_pass(s, &n);
	n.of_those_that_matter = false;
	if (!error_is(&e))
		e = measures_pass(s, &n);
	if (n.others)
		fprintf(s->out, "  and %zu more numbers: --verbose\n", n.others);
	return e;
}
