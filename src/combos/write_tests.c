/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows for what runs tests. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "combos/names.h"
#include "combos/rows.h"
#include "combos/write_rows.h"

void combos_write_junit(FILE *out, const struct combos_plan *plan)
{
	const struct combos_model *m = &plan->description->model;
	char text[COMBOS_NAME_MAX];
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"", out);
	combos_write_markup_text(out, plan->title);
	fprintf(out, "\" tests=\"%u\" skipped=\"%u\">\n", plan->array->nrows, plan->array->nrows);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fprintf(out, "    <testcase name=\"test %u\" classname=\"", r + 1);
		combos_write_markup_text(out, plan->title);
		fputs("\">\n      <properties>\n", out);
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			combos_parameter_name(m, p, text);
			fputs("        <property name=\"", out);
			combos_write_markup_text(out, text);
			fputs("\" value=\"", out);
			combos_write_markup_text(out, combos_cell(plan, r, p, first, text));
			fputs("\" />\n", out);
		}
		fputs("      </properties>\n      <skipped message=\"not run yet\" />\n    </testcase>\n", out);
	}
	fputs("  </testsuite>\n</testsuites>\n", out);
}

static bool is_reserved(const char *name)
{
	static const char *const words[] = { "and",      "as",       "assert", "async", "await",  "break",  "class",
										 "continue", "def",      "del",    "elif",  "else",   "except", "finally",
										 "for",      "from",     "global", "if",    "import", "in",     "is",
										 "lambda",   "nonlocal", "not",    "or",    "pass",   "raise",  "return",
										 "try",      "while",    "with",   "yield", "request" };
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

/* A name of Python: what can not be in one becomes _. */
static char *identifier(const struct combos_model *m, uint32_t p)
{
	char text[COMBOS_NAME_MAX];
	combos_parameter_name(m, p, text);
	for (char *c = text; *c; c++)
		*c = isalnum((unsigned char)*c) ? (char)tolower((unsigned char)*c) : '_';
	size_t room = strlen(text) + NAMES_ROOM;
	char *name = malloc(room);
	if (name)
		snprintf(name, room, "%s%s%s", isalpha((unsigned char)text[0]) ? "" : "p", text, is_reserved(text) ? "_" : "");
	return name;
}

static void write_identifiers(FILE *out, const struct combos_model *m)
{
	char **names = calloc((size_t)m->nparameters + 1, sizeof *names);
	bool ok = names != NULL;
	for (uint32_t p = 0; p < m->nparameters && ok; p++)
		ok = (names[p] = identifier(m, p)) != NULL;
	ok = ok && names_part(names, m->nparameters);
	for (uint32_t p = 0; p < m->nparameters && ok; p++)
		fprintf(out, "%s\"%s\"", p ? ", " : "", names[p]);
	for (uint32_t p = 0; p < m->nparameters && names; p++)
		free(names[p]);
	free(names);
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
	write_identifiers(out, m);
	fputs("]\n\nROWS = [\n", out);
	for (uint32_t r = 0; r < plan->array->nrows; r++) {
		fputs("    (", out);
		for (uint32_t p = 0, first = 0; p < m->nparameters; first += m->levels[p++]) {
			fputs(p ? ", " : "", out);
			combos_write_json_string(out, combos_cell(plan, r, p, first, text)); /* which is a string of Python as well */
		}
		fputs(m->nparameters == 1 ? ",),\n" : "),\n", out);
	}
	fputs("]\n", out);
}
