/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How text is to look on the stream that it goes to, and ways to print it so. */
#ifndef ASSAY_REPORT_STYLE_H
#define ASSAY_REPORT_STYLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/span.h"

#define STYLE_WRITTEN_MAX 7u

struct report_style {
	unsigned width; /* columns */
	bool colour;
	bool utf8;
	bool verbose; /* the summary lists everything, not what matters most */
	/* What the terminal summary says at its end; each may be NULL. */
	const char *case_path;
	struct {
		const char *label, *path; /* path NULL: it was not written */
	} written[STYLE_WRITTEN_MAX]; /* besides the case, in the order in which they are told */
	double seconds; /* how long the run took; below 0: what the case says */
};

/* What suits the stream and the environment: COLUMNS or the terminal's width between 60 and 120 columns; colour on a
 * terminal unless NO_COLOR (no-color.org) is set or TERM is "dumb"; UTF-8 as LC_ALL, LC_CTYPE or LANG say. */
struct report_style report_style_for(FILE *out);

enum report_paint { PAINT_PLAIN, PAINT_BOLD, PAINT_DIM, PAINT_RED, PAINT_GREEN, PAINT_YELLOW, PAINT_BLUE, PAINT_KINDS };

/* Starts and ends a colour; nothing without colours. */
void paint(FILE *out, const struct report_style *style, enum report_paint paint);
void paint_end(FILE *out, const struct report_style *style, enum report_paint paint);

/* A string of the case for the terminal: escape_terminal(), but what the case keeps as \xHH because it was no UTF-8 is
 * not escaped once more; without UTF-8 every other byte becomes \xHH too. Cut after `columns` with an ellipsis
 * (0: after some thousand bytes). Never NULL: "?" when out of memory. */
struct text style_text(const struct report_style *style, struct text raw, size_t columns, struct arena *a);

/* The same for a path, cut at its beginning: what it ends in tells more. */
struct text style_path(const struct report_style *style, struct text raw, size_t columns, struct arena *a);

/* A mark of our own: the first where UTF-8 is shown, else the second. */
static inline const char *style_mark(const struct report_style *style, const char *utf8, const char *ascii)
{
	return style->utf8 ? utf8 : ascii;
}

/* Prints safe text, wrapped: it begins in column `at` (what stands before is printed already), further lines are
 * indented by `hanging`. Ends the line. At most `max_lines` lines (0: all), the last with an ellipsis if text is
 * left. */
void style_wrap(FILE *out, const struct report_style *style, struct text safe, size_t at, size_t hanging,
				unsigned max_lines, enum report_paint colour);

/* n blanks. */
void style_spaces(FILE *out, size_t n);

#endif
