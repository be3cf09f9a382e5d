/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was assessed: the product, its images, and what came with them. */
#include "report/terminal_internal.h"

#include <string.h>

#define INPUTS_SHOWN 8

static void product_line(struct summary *s, sqlite3_stmt *input)
{
	char size[VIEW_NUMBER_MAX];
	struct text location = view_text(input, 1), sha256 = view_text(input, 3);
	view_size(view_int(input, 2), size);
	size_t rest = strlen(size) + 2 + (sha256.n ? 9 + 12 : 0);
	struct text name = summary_safe(s, text_base(location), s->style->width > rest + 4 ? s->style->width - rest - 2 : 20);
	summary_put(s, name, PAINT_BOLD);
	fprintf(s->out, "  %s", size);
	if (sha256.n) {
		sha256.n = sha256.n < 12 ? sha256.n : 12;
		fputs("  ", s->out);
		paint(s->out, s->style, PAINT_DIM);
		fputs("sha256 ", s->out);
		summary_put(s, summary_safe(s, sha256, 0), PAINT_PLAIN);
		paint_end(s->out, s->style, PAINT_DIM);
	}
	putc('\n', s->out);
}

/* An input of which nothing is known but that there is one. */
static void unread_line(struct summary *s, sqlite3_stmt *input)
{
	struct text kind = view_text(input, 4), role = view_text(input, 5);
	summary_put(s, summary_safe(s, text_base(view_text(input, 1)), s->style->width > 24 ? s->style->width - 20 : 20), PAINT_BOLD);
	fputs("  ", s->out);
	summary_put(s, summary_safe(s, kind, 0), PAINT_PLAIN);
	if (role.n) {
		fputs(", ", s->out);
		summary_put(s, summary_safe(s, role, 0), PAINT_PLAIN);
	}
	fputs(text_is(kind, "firmware")
			  ? "\n    not looked at to its end: its run was interrupted; assess it again to go on\n"
			  : "\n    not looked at: this version has no probe for it\n",
		  s->out);
}

/* The product as its file names it: "Larkspur G3 3.2.0, Larkspur Works". */
static struct error declared_line(struct summary *s, bool *is_there)
{
	static const char *const columns[] = { "key", "value" }, *const keys[] = { "name", "version", "maker" };
	const char *values[3] = { NULL };
	sqlite3_stmt *row = NULL;
	struct error e = view_select(view_db(s->v), "declaration", columns, 2, "WHERE section = 'product' ORDER BY id LIMIT 40", &row);
	arena_reset(s->scratch);
	while (!error_is(&e) && view_step(row, &e))
		for (size_t i = 0; i < 3; i++)
			if (text_is(view_text(row, 0), keys[i]) && !values[i])
				values[i] = arena_strdup(s->scratch, summary_safe(s, view_text(row, 1), 60));
	sqlite3_finalize(row);
	*is_there = values[0] != NULL;
	if (*is_there) {
		const char *line = arena_printf(s->scratch, "%s%s%s%s%s", values[0], values[1] ? " " : "", values[1] ? values[1] : "",
										values[2] ? ", " : "", values[2] ? values[2] : "");
		style_wrap(s->out, s->style, text_c(line), 0, 2, 2, PAINT_BOLD);
	}
	return e;
}

/* The product file and what it names beside the images, in one paragraph. */
static struct error accompanying(struct summary *s)
{
	static const char *const columns[] = { "location", "role", "kind" };
	sqlite3_stmt *input = NULL;
	char *line = NULL;
	size_t n = 0;
	struct error e = view_select(view_db(s->v), "input", columns, 3, "WHERE kind <> 'firmware' ORDER BY id", &input);
	arena_reset(s->scratch);
	while (!error_is(&e) && view_step(input, &e)) {
		struct text name = summary_safe(s, text_base(view_text(input, 0)), 40);
		if (n++ < INPUTS_SHOWN)
			line = arena_printf(s->scratch, "%s%s%.*s", line ? line : "with ", line ? ", " : "", (int)name.n, name.p);
	}
	sqlite3_finalize(input);
	if (n > INPUTS_SHOWN)
		line = arena_printf(s->scratch, "%s and %zu more", line ? line : "", n - INPUTS_SHOWN);
	if (line)
		style_wrap(s->out, s->style, text_c(line), 0, MARGIN, 3, PAINT_DIM);
	return e;
}

struct error summary_products(struct summary *s)
{
	static const char *const columns[] = { "id", "location", "size", "sha256", "kind", "role" };
	sqlite3_stmt *input = NULL;
	bool is_declared = false;
	struct error e = declared_line(s, &is_declared);
	if (!error_is(&e))
		e = view_select(view_db(s->v), "input", columns, 6, "ORDER BY id", &input);
	while (!error_is(&e) && view_step(input, &e)) {
		arena_reset(s->scratch);
		int64_t root = view_root(s->v, view_int(input, 0));
		if (root && is_declared && !s->style->verbose && !text_is(view_text(input, 4), "firmware"))
			continue; /* accompanying() has it */
		if (!root) {
			unread_line(s, input);
			continue;
		}
		product_line(s, input);
		const char *what = root ? view_describe(s->v, root, s->scratch) : NULL;
		if (what)
			style_wrap(s->out, s->style, summary_safe(s, text_c(what), 0), 0, MARGIN, 4, PAINT_PLAIN);
	}
	sqlite3_finalize(input);
	return error_is(&e) || !is_declared || s->style->verbose ? e : accompanying(s);
}
