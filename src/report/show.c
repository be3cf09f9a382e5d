/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/show.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "report/view.h"

/* A cell for the program that reads it, or for the table; it lives in the arena. */
struct cells {
	struct view *v;
	struct arena *arena;
	bool exact; /* numbers as they are, not for people */
};

static struct text day_text(struct arena *a, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char day[32];
	return text_c(gmtime_r(&t, &tm) && strftime(day, sizeof day, "%F", &tm) ? arena_strdup(a, text_c(day)) : NULL);
}

static struct text number_text(struct cells *c, enum show_kind kind, int64_t n)
{
	char size[VIEW_NUMBER_MAX];
	if (n == FACT_NULL)
		return (struct text){ NULL, 0 };
	switch (kind) {
	case SHOW_SIZE:
		if (!c->exact)
			return text_c(arena_strdup(c->arena, text_c(view_size(n, size))));
		break;
	case SHOW_MODE:
		return text_c(arena_printf(c->arena, "%04" PRIo64, (uint64_t)n));
	case SHOW_DAY:
		return day_text(c->arena, n);
	case SHOW_YES:
		return n ? TEXT_LIT("yes") : TEXT_LIT("no");
	case SHOW_PATH:
		return text_c(view_short_path(c->v, n, c->arena));
	default:
		break;
	}
	return text_c(arena_printf(c->arena, "%" PRId64, n));
}

static struct text cell(struct cells *c, const struct show_column *column, sqlite3_stmt *row, int i)
{
	if (column->kind == SHOW_TEXT) {
		struct text t = view_text(row, i);
		return t.n ? text_c(arena_strdup(c->arena, t)) : (struct text){ NULL, 0 };
	}
	return number_text(c, column->kind, view_int(row, i));
}

/* Without regard to case, as far as ASCII goes. */
static bool contains(struct text t, const char *part)
{
	size_t n = strlen(part);
	for (size_t i = 0; i + n <= t.n; i++)
		if (strncasecmp(t.p + i, part, n) == 0)
			return true;
	return false;
}

static bool passes(const struct show_filter *filter, const struct text *row, size_t n)
{
	bool any = !filter->text;
	for (size_t i = 0; i < n && !any; i++)
		any = contains(row[i], filter->text);
	return any;
}

/* Cells parted by tabs: what would break a line or a column, and what a terminal would obey, is escaped. */
static void print_tabs(FILE *out, const struct report_style *style, const struct text *row, size_t n, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		struct text t = style_text(style, row[i], 0, a);
		if (i)
			putc('\t', out);
		fwrite(t.p, 1, t.n, out);
	}
	putc('\n', out);
}

static size_t columns_of(const struct show_section *section, const char **names, struct report_column *titles)
{
	size_t n = 0;
	for (; n < REPORT_COLUMNS_MAX && section->columns[n].name; n++) {
		names[n] = section->columns[n].name;
		titles[n] = (struct report_column){ .title = section->columns[n].title,
											.is_right = section->columns[n].kind == SHOW_NUMBER ||
														section->columns[n].kind == SHOW_SIZE };
	}
	return n;
}

struct error show_table(sqlite3 *db, const struct show_section *section, const struct show_filter *filter, FILE *out,
						const struct report_style *style, size_t *rows)
{
	const char *names[REPORT_COLUMNS_MAX];
	struct report_column titles[REPORT_COLUMNS_MAX];
	size_t n = columns_of(section, names, titles);
	struct error e;
	sqlite3_stmt *s = NULL;
	_cleanup_(arena_cleanup) struct arena *arena = arena_new(0);
	struct cells c = { .v = arena ? view_open(db, &e) : NULL, .arena = arena, .exact = filter->tabs };
	if (!c.v)
		return arena ? e : error_at(ERR_MEMORY, 0, "out of memory");
	struct report_table *table = report_table_new(style, titles, n);
	e = table ? view_select(db, section->table, names, n, section->rest, &s) : error_at(ERR_MEMORY, 0, "out of memory");
	*rows = 0;
	while (!error_is(&e) && (!filter->limit || *rows < filter->limit) && view_step(s, &e)) {
		struct text row[REPORT_COLUMNS_MAX];
		arena_reset(arena);
		for (size_t i = 0; i < n; i++)
			row[i] = cell(&c, &section->columns[i], s, (int)i);
		if (!passes(filter, row, n))
			continue;
		++*rows;
		if (filter->tabs)
			print_tabs(out, style, row, n, arena);
		else
			report_table_row(table, row);
	}
	sqlite3_finalize(s);
	if (!error_is(&e) && !filter->tabs && *rows)
		e = report_table_print(table, out, 0);
	if (!error_is(&e))
		e = view_failure(c.v);
	report_table_free(table);
	view_close(c.v);
	return e;
}
