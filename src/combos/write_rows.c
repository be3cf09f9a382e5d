/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/write_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "combos/rows.h"

#define SHOWN_MAX 40u

const char *combos_cell(const struct combos_plan *plan, uint32_t row, uint32_t p, uint32_t first, char *text)
{
	const struct combos_model *m = &plan->description->model;
	uint32_t symbol = first + plan->array->values[(size_t)row * m->nparameters + p];
	const char *alias = combos_alias(m, symbol, row);
	if (alias)
		return alias;
	combos_value_name(m, symbol, text);
	return text;
}

static bool is_negative(const struct combos_plan *plan, uint32_t row)
{
	const struct combos_model *m = &plan->description->model;
	for (uint32_t p = 0, first = 0; p < m->nparameters && m->negative; first += m->levels[p++])
		if (m->negative[first + plan->array->values[(size_t)row * m->nparameters + p]])
			return true;
	return false;
}

/* Columns on a terminal: characters that begin a sequence of UTF-8. */
static size_t width(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static void safe(const char *text, char out[4 * SHOWN_MAX])
{
	(void)escape_terminal(text_c(text), out, 4 * SHOWN_MAX);
}

static size_t column_width(const struct combos_plan *plan, uint32_t p, uint32_t first)
{
	char text[COMBOS_NAME_MAX], shown[4 * SHOWN_MAX];
	combos_parameter_name(&plan->description->model, p, text);
	safe(text, shown);
	size_t widest = width(shown);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		safe(combos_cell(plan, r, p, first, text), shown);
		widest = width(shown) > widest ? width(shown) : widest;
	}
	return widest;
}

static void pad(FILE *out, const char *shown, size_t to, bool last)
{
	fputs(shown, out);
	for (size_t n = width(shown); n < to + 2 && !last; n++)
		putc(' ', out);
	if (last)
		putc('\n', out);
}

void combos_write_table(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX], shown[4 * SHOWN_MAX];
	size_t *widths = calloc((size_t)m->nparameters + 1, sizeof *widths);
	for (uint32_t p = 0, first = 0; p < m->nparameters && widths; first += m->levels[p++])
		widths[p] = column_width(plan, p, first);
	pad(out, "#", 4, false);
	for (uint32_t p = 0; p < m->nparameters; p++) {
		combos_parameter_name(m, p, text);
		safe(text, shown);
		pad(out, shown, widths ? widths[p] : 8, p + 1 == m->nparameters);
	}
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		snprintf(shown, sizeof shown, "%u", r + 1);
		pad(out, shown, 4, false);
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			safe(combos_cell(plan, r, p, first, text), shown);
			pad(out, shown, widths ? widths[p] : 8, p + 1 == m->nparameters);
		}
	}
	free(widths);
}

void combos_write_json_string(FILE *out, const char *text)
{
	size_t n = 0;
	char *utf8 = escape_utf8(text_c(text), &n);
	putc('"', out);
	for (size_t i = 0; utf8 && i < n; i++) {
		unsigned char c = (unsigned char)utf8[i];
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
	free(utf8);
}

static void write_json_parameters(FILE *out, const struct combos_model *m)
{
	char text[COMBOS_NAME_MAX];
	for (uint32_t p = 0, s = 0; p < m->nparameters; p++) {
		fputs(p ? ",\n    { \"name\": " : "\n    { \"name\": ", out);
		combos_parameter_name(m, p, text);
		combos_write_json_string(out, text);
		fputs(", \"values\": [", out);
		for (uint32_t v = 0; v < m->levels[p]; v++, s++) {
			fputs(v ? ", " : "", out);
			combos_value_name(m, s, text);
			combos_write_json_string(out, text);
		}
		fputs("] }", out);
	}
}

void combos_write_json(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX];
	fputs("{\n  \"title\": ", out);
	combos_write_json_string(out, plan->title);
	fprintf(
		out,
		",\n  \"strength\": %u,\n  \"tuples\": %llu,\n  \"tuples_in_no_valid_row\": %llu,\n  \"lower_bound\": %u,\n  \"kept_rows\": %u,\n",
		plan->strength, (unsigned long long)plan->array->tuples, (unsigned long long)plan->array->invalid,
		plan->array->lower, plan->kept);
	fputs("  \"parameters\": [", out);
	write_json_parameters(out, m);
	fputs("\n  ],\n  \"rows\": [", out);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fputs(r ? ",\n    [" : "\n    [", out);
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			fputs(p ? ", " : "", out);
			combos_write_json_string(out, combos_cell(plan, r, p, first, text));
		}
		putc(']', out);
	}
	fputs("\n  ]\n}\n", out);
}

/* Markdown: what could be markup is kept from being it; no line ends. */
static void write_markdown_text(FILE *out, const char *text)
{
	char shown[4 * COMBOS_NAME_MAX];
	(void)escape_terminal(text_c(text), shown, sizeof shown);
	for (const char *c = shown; *c; c++) {
		if (strchr("\\`*_{}[]<>()#+!|~&-", *c))
			putc('\\', out);
		putc(*c, out);
	}
}

void combos_write_markdown(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX];
	fputs("# Test plan: ", out);
	write_markdown_text(out, plan->title);
	fprintf(out, "\n\nEvery possible combination of the values of %u parameter%s is in one of these %u tests.\n",
			plan->strength, plan->strength == 1 ? "" : "s", plan->array->nrows);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fprintf(out, "\n## Test %u%s\n\n", r + 1, is_negative(plan, r) ? " (an error is expected)" : "");
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			combos_parameter_name(m, p, text);
			fputs("- [ ] ", out);
			write_markdown_text(out, text);
			fputs(": **", out);
			write_markdown_text(out, combos_cell(plan, r, p, first, text));
			fputs("**\n", out);
		}
		fputs("- [ ] passed\n", out);
	}
}

void combos_write_markup_text(FILE *out, const char *text)
{
	char *escaped = escape_html(text_c(text));
	fputs(escaped ? escaped : "", out);
	free(escaped);
}

static const char html_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n"
	":root { color-scheme: light dark; }\n"
	"body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }\n"
	"section { border: 1px solid #8886; border-radius: .5rem; padding: .5rem 1rem; margin: 1rem 0; break-inside: avoid; }\n"
	"h2 { font-size: 1.1rem; margin: .25rem 0; }\n"
	"ul { list-style: none; padding: 0; columns: 20rem; }\n"
	"label { display: block; break-inside: avoid; }\n"
	".bad { color: #b3261e; } @media (prefers-color-scheme: dark) { .bad { color: #f2b8b5; } }\n"
	"</style>\n<title>";

void combos_write_html(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX];
	fputs(html_head, out);
	combos_write_markup_text(out, plan->title);
	fputs("</title>\n</head>\n<body>\n<h1>Test plan: ", out);
	combos_write_markup_text(out, plan->title);
	fprintf(out,
			"</h1>\n<p>Every possible combination of the values of %u parameter%s is in one of these %u tests.</p>\n",
			plan->strength, plan->strength == 1 ? "" : "s", plan->array->nrows);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fprintf(out, "<section>\n<h2>Test %u%s</h2>\n<ul>\n", r + 1,
				is_negative(plan, r) ? " <span class=\"bad\">an error is expected</span>" : "");
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			combos_parameter_name(m, p, text);
			fputs("<li><label><input type=\"checkbox\"> ", out);
			combos_write_markup_text(out, text);
			fputs(": <b>", out);
			combos_write_markup_text(out, combos_cell(plan, r, p, first, text));
			fputs("</b></label></li>\n", out);
		}
		fputs("</ul>\n<label><input type=\"checkbox\"> passed</label>\n</section>\n", out);
	}
	fputs("</body>\n</html>\n", out);
}
