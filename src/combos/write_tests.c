/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows for what runs tests. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "combos/rows.h"
#include "combos/write_rows.h"

static const char *cell(const struct combos_plan *plan, uint32_t row, uint32_t p, uint32_t first, char *text)
{
	const struct combos_model *m = &plan->description->model;
	uint32_t symbol = first + plan->array->values[(size_t)row * m->nparameters + p];
	const char *alias = combos_alias(m, symbol, row);
	if (alias)
		return alias;
	combos_value_name(m, symbol, text);
	return text;
}

static void write_xml_text(FILE *out, const char *text)
{
	char *escaped = escape_html(text_c(text));
	fputs(escaped ? escaped : "", out);
	free(escaped);
}

void combos_write_junit(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX];
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"", out);
	write_xml_text(out, plan->title);
	fprintf(out, "\" tests=\"%u\" skipped=\"%u\">\n", plan->array->nrows, plan->array->nrows);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fprintf(out, "    <testcase name=\"test %u\" classname=\"", r + 1);
		write_xml_text(out, plan->title);
		fputs("\">\n      <properties>\n", out);
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			combos_parameter_name(m, p, text);
			fputs("        <property name=\"", out);
			write_xml_text(out, text);
			fputs("\" value=\"", out);
			write_xml_text(out, cell(plan, r, p, first, text));
			fputs("\" />\n", out);
		}
		fputs("      </properties>\n      <skipped message=\"not run yet\" />\n    </testcase>\n", out);
	}
	fputs("  </testsuite>\n</testsuites>\n", out);
}

/* Names of Python: what can not be in one becomes _. Names that are then the same, or Python's own, get their number. */
static void identifier(const struct combos_model *m, uint32_t p, char *out)
{
	combos_parameter_name(m, p, out);
	for (char *c = out; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)tolower((unsigned char)*c) : '_';
	if (!isalpha((unsigned char)out[0])) {
		char rest[COMBOS_NAME_MAX];
		memcpy(rest, out, COMBOS_NAME_MAX);
		snprintf(out, COMBOS_NAME_MAX, "p%.*s", (int)COMBOS_NAME_MAX - 3, rest);
	}
}

static bool is_reserved(const char *name)
{
	static const char words[] =
		" and as assert async await break class continue def del elif else except finally for from global if import in "
		"is lambda nonlocal not or pass raise return try while with yield request ";
	char padded[COMBOS_NAME_MAX + 2];
	snprintf(padded, sizeof padded, " %s ", name);
	return strstr(words, padded) != NULL;
}

static void write_identifier(FILE *out, const struct combos_model *m, uint32_t p)
{
	char mine[COMBOS_NAME_MAX], other[COMBOS_NAME_MAX];
	identifier(m, p, mine);
	bool numbered = is_reserved(mine);
	for (uint32_t q = 0; q < p && !numbered; q++) {
		identifier(m, q, other);
		numbered = strcmp(mine, other) == 0;
	}
	if (numbered)
		fprintf(out, "\"%s_%u\"", mine, p + 1);
	else
		fprintf(out, "\"%s\"", mine);
}

void combos_write_pytest(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX];
	fprintf(out,
			"# Every possible combination of the values of %u parameter%s is in one of these rows.\n"
			"#\n#     @pytest.mark.parametrize(NAMES, ROWS)\n#     def test_it(",
			plan->strength, plan->strength == 1 ? "" : "s");
	fputs("...): ...\n\nNAMES = [", out);
	for (uint32_t p = 0; p < m->nparameters; p++) {
		fputs(p ? ", " : "", out);
		write_identifier(out, m, p);
	}
	fputs("]\n\nROWS = [\n", out);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fputs("    (", out);
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			fputs(p ? ", " : "", out);
			combos_write_json_string(out, cell(plan, r, p, first, text)); /* which is a string of Python as well */
		}
		fputs(m->nparameters == 1 ? ",),\n" : "),\n", out);
	}
	fputs("]\n", out);
}
