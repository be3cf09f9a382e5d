/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/tables.h"

#include "report/layout.h"

#define GAP 2u       /* columns between columns */
#define NARROWEST 8u /* a column is not squeezed below this */

struct row {
	struct row *next;
	struct text cells[]; /* safe for the terminal */
};

struct report_table {
	struct arena *arena;
	const struct report_style *style;
	const struct report_column *columns;
	size_t n;
	struct row *first, **end;
	bool failed;
};

struct report_table *report_table_new(const struct report_style *style, const struct report_column *columns, size_t n)
{
	struct arena *arena = arena_new(0);
	struct report_table *table = arena ? ARENA_NEW(arena, struct report_table) : NULL;
	if (!table) {
		arena_free(arena);
		return NULL;
	}
	*table = (struct report_table){ .arena = arena, .style = style, .columns = columns };
	table->n = n < REPORT_COLUMNS_MAX ? n : REPORT_COLUMNS_MAX;
	table->end = &table->first;
	return table;
}

void report_table_free(struct report_table *table)
{
	if (table)
		arena_free(table->arena);
}

void report_table_row(struct report_table *table, const struct text *cells)
{
	struct row *row = arena_alloc(table->arena, 1, sizeof *row + table->n * sizeof row->cells[0]);
	if (!row) {
		table->failed = true;
		return;
	}
	for (size_t i = 0; i < table->n; i++)
		row->cells[i] = cells[i].n ? style_text(table->style, cells[i], 0, table->arena) : TEXT_LIT("");
	*table->end = row;
	table->end = &row->next;
}

void report_table_strings(struct report_table *table, const char *const *cells)
{
	struct text texts[REPORT_COLUMNS_MAX] = { { NULL, 0 } };
	for (size_t i = 0; i < table->n; i++)
		texts[i] = text_c(cells[i]);
	report_table_row(table, texts);
}

static bool has_head(const struct report_table *table)
{
	for (size_t i = 0; i < table->n; i++)
		if (table->columns[i].title)
			return true;
	return false;
}

static size_t natural_width(const struct report_table *table, size_t column)
{
	size_t widest = layout_width(text_c(table->columns[column].title));
	for (const struct row *r = table->first; r; r = r->next) {
		size_t width = layout_width(r->cells[column]);
		widest = width > widest ? width : widest;
	}
	unsigned max = table->columns[column].max_width;
	return max && widest > max ? max : widest;
}

/* Takes from the widest column, one by one, until all fit into `room`. */
static void squeeze(size_t *widths, size_t n, size_t room)
{
	size_t total = 0;
	for (size_t i = 0; i < n; i++) {
		widths[i] = widths[i] < 4096 ? widths[i] : 4096;
		total += widths[i];
	}
	for (; total > room; total--) {
		size_t widest = 0;
		for (size_t i = 1; i < n; i++)
			widest = widths[i] >= widths[widest] ? i : widest;
		if (widths[widest] <= NARROWEST)
			return;
		widths[widest]--;
	}
}

/* One line of a cell, padded to its column; the last column has no padding behind it. */
static void print_cell(const struct report_table *table, FILE *out, struct text piece, size_t column, size_t width)
{
	size_t used = layout_width(piece), padding = width > used ? width - used : 0;
	bool is_right = table->columns[column].is_right;
	style_spaces(out, is_right ? padding : 0);
	if (piece.n)
		fwrite(piece.p, 1, piece.n, out);
	if (column + 1 < table->n)
		style_spaces(out, (is_right ? 0 : padding) + GAP);
}

static bool any_left(const struct text *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cells[i].n)
			return true;
	return false;
}

/* Columns behind the last one that still has text print nothing, so that no line ends in spaces. */
static size_t last_with_text(const struct text *cells, size_t n)
{
	size_t last = n;
	while (last > 1 && cells[last - 1].n == 0)
		last--;
	return last;
}

static void print_row(const struct report_table *table, FILE *out, unsigned indent, const size_t *widths,
					  const struct text *cells)
{
	struct text rest[REPORT_COLUMNS_MAX];
	memcpy(rest, cells, table->n * sizeof rest[0]); // cppcheck-suppress uninitvar
	do {
		struct report_table line = *table;
		line.n = last_with_text(rest, table->n);
		style_spaces(out, indent);
		for (size_t i = 0; i < line.n; i++)
			print_cell(&line, out, layout_line(&rest[i], widths[i]), i, widths[i]);
		putc('\n', out);
	} while (any_left(rest, table->n));
}

struct error report_table_print(const struct report_table *table, FILE *out, unsigned indent)
{
	size_t widths[REPORT_COLUMNS_MAX] = { 0 };
	size_t frame = indent + GAP * (table->n ? table->n - 1 : 0);
	for (size_t i = 0; i < table->n; i++)
		widths[i] = natural_width(table, i);
	squeeze(widths, table->n, table->style->width > frame ? table->style->width - frame : 0);
	if (has_head(table)) {
		struct text titles[REPORT_COLUMNS_MAX];
		for (size_t i = 0; i < table->n; i++)
			titles[i] = text_c(table->columns[i].title);
		paint(out, table->style, PAINT_BOLD);
		print_row(table, out, indent, widths, titles);
		paint_end(out, table->style, PAINT_BOLD);
	}
	for (const struct row *r = table->first; r; r = r->next)
		print_row(table, out, indent, widths, r->cells);
	return table->failed ? error_at(ERR_MEMORY, 0, "no memory for the table") : error_none();
}
