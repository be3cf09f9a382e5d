/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos --verify and --coverage: what rows cover. */
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/plural.h"
#include "cli/combos.h"
#include "combos/rows.h"
#include "combos/write_rows.h"

/* What is counted of one strength at most. */
#define TUPLES_MAX 20000000ull

static void print_safe(FILE *out, const char *text)
{
	char safe[4 * COMBOS_NAME_MAX];
	(void)escape_terminal(text_c(text), safe, sizeof safe);
	fputs(safe, out);
}

/* The parameter whose value the symbol is. */
static uint32_t parameter_of(const struct combos_model *m, uint32_t symbol)
{
	uint32_t p = 0, first = 0;
	while (first + m->levels[p] <= symbol)
		first += m->levels[p++];
	return p;
}

static void print_missing(FILE *out, const struct combos_model *m, const struct combos_missing *missing)
{
	char text[COMBOS_NAME_MAX];
	fputs("missing:", out);
	for (uint32_t i = 0; i < missing->n; i++) {
		combos_parameter_name(m, parameter_of(m, missing->symbols[i]), text);
		fputs(i ? ", " : " ", out);
		print_safe(out, text);
		combos_value_name(m, missing->symbols[i], text);
		putc('=', out);
		print_safe(out, text);
	}
	putc('\n', out);
}

static uint32_t constraint_of(const struct combos_description *d, uint32_t clause)
{
	for (uint32_t i = 0; i < d->nconstraints; i++)
		if (clause >= d->constraints[i].first && clause - d->constraints[i].first < d->constraints[i].nclauses)
			return i;
	return UINT32_MAX;
}

static void print_broken(FILE *out, const struct combos_description *d, uint32_t row, uint32_t clause)
{
	uint32_t i = constraint_of(d, clause);
	fprintf(out, "violated: row %u ", row + 1);
	if (i == UINT32_MAX) {
		fputs("has more than one negative value\n", out);
		return;
	}
	fprintf(out, "breaks constraint %u (line %u): ", i + 1, d->constraints[i].line);
	char *text = NULL;
	size_t n = 0;
	FILE *words = open_memstream(&text, &n);
	if (words) {
		combos_write_constraint(words, d, i);
		fclose(words);
		print_safe(out, text);
	}
	free(text);
	putc('\n', out);
}

static void print_missing_json(FILE *out, const struct combos_model *m, const struct combos_missing *missing)
{
	char text[COMBOS_NAME_MAX];
	for (uint32_t i = 0; i < missing->n; i++) {
		combos_parameter_name(m, parameter_of(m, missing->symbols[i]), text);
		fputs(i ? ", " : "{ ", out);
		combos_write_json_string(out, text);
		combos_value_name(m, missing->symbols[i], text);
		fputs(": ", out);
		combos_write_json_string(out, text);
	}
	fputs(" }", out);
}

/* The first tuples and rows are listed, the numbers are those of all. */
static void print_check_json(FILE *out, const struct combos_job *j, const struct combos_check *check, uint32_t nrows)
{
	fprintf(
		out,
		"{\n  \"rows\": %u,\n  \"strength\": %u,\n  \"tuples\": %llu,\n  \"covered\": %llu,\n  \"missing\": %llu,\n",
		nrows, j->options.strength, (unsigned long long)check->tuples, (unsigned long long)check->covered,
		(unsigned long long)(check->tuples - check->covered));
	fprintf(out, "  \"in_no_valid_row\": %llu,\n  \"violations\": %llu,\n  \"missing_tuples\": [",
			(unsigned long long)check->invalid, (unsigned long long)check->violations);
	for (uint32_t i = 0; i < check->nmissing; i++) {
		fputs(i ? ",\n    " : "\n    ", out);
		print_missing_json(out, &j->description.model, &check->missing[i]);
	}
	fputs("\n  ],\n  \"violated\": [", out);
	for (uint32_t i = 0; i < check->nbroken; i++) {
		uint32_t constraint = constraint_of(&j->description, check->broken[2 * i + 1]);
		fprintf(out, "%s\n    { \"row\": %u, ", i ? "," : "", check->broken[2 * i] + 1);
		if (constraint == UINT32_MAX)
			fputs("\"constraint\": null }", out);
		else
			fprintf(out, "\"constraint\": %u, \"line\": %u }", constraint + 1,
					j->description.constraints[constraint].line);
	}
	fputs("\n  ]\n}\n", out);
}

static void print_check(FILE *out, const struct combos_job *j, const struct combos_check *check, uint32_t nrows)
{
	uint64_t missing = check->tuples - check->covered;
	if (j->json) {
		print_check_json(out, j, check, nrows);
		return;
	}
	for (uint32_t i = 0; i < check->nmissing; i++)
		print_missing(out, &j->description.model, &check->missing[i]);
	if (check->nmissing < missing)
		fprintf(out, "missing: %llu more\n", (unsigned long long)(missing - check->nmissing));
	for (uint32_t i = 0; i < check->nbroken; i++)
		print_broken(out, &j->description, check->broken[2 * i], check->broken[2 * i + 1]);
	fprintf(out, "%u %s, strength %u: %llu of %llu %s covered, %llu missing, %llu in no valid row, %llu %s\n", nrows,
			plural(nrows, "row", "rows"), j->options.strength, (unsigned long long)check->covered,
			(unsigned long long)check->tuples, plural(check->tuples, "tuple", "tuples"), (unsigned long long)missing,
			(unsigned long long)check->invalid, (unsigned long long)check->violations,
			plural(check->violations, "violation", "violations"));
}

static int read_rows(struct combos_job *j, const char *path, uint16_t **rows, uint32_t *nrows)
{
	struct span text;
	int code = combos_read_file(path, j->arena, &text);
	if (code)
		return code;
	struct error e = combos_read_csv(text, &j->description.model, j->arena, rows, nrows);
	return error_is(&e) ? complain_error(path, &e) : EXIT_NO_FAIL;
}

int combos_check_rows(struct combos_job *j)
{
	uint16_t *rows;
	uint32_t nrows;
	struct combos_check check;
	int code = read_rows(j, j->verify, &rows, &nrows);
	if (code)
		return code;
	struct error e = combos_suite_verify(&j->description, j->options.strength, rows, nrows, j->arena, &check);
	if (error_is(&e))
		return complain_error(j->model, &e);
	FILE *f = combos_open_output(j->output);
	if (!f)
		return EXIT_UNUSABLE;
	print_check(f, j, &check, nrows);
	code = combos_close_output(f, j->output);
	return code ? code : check.covered == check.tuples && check.violations == 0 ? EXIT_NO_FAIL : EXIT_FAIL;
}

static void print_coverage_json(FILE *out, const struct combos_coverage *c, uint32_t n, uint32_t nrows)
{
	fprintf(out, "{\n  \"rows\": %u,\n  \"strengths\": [", nrows);
	for (uint32_t t = 1; t <= n; t++, c++) {
		fprintf(out, "%s\n    { \"strength\": %u, \"counted\": %s", t > 1 ? "," : "", t, c->counted ? "true" : "false");
		if (c->counted) {
			fprintf(
				out,
				", \"tuples\": %llu, \"covered\": %llu, \"combinations\": %llu, \"complete\": %llu,\n      \"at_least\": [",
				(unsigned long long)c->tuples, (unsigned long long)c->covered, (unsigned long long)c->combinations,
				(unsigned long long)c->complete);
			for (uint32_t i = 0; i < COMBOS_CURVE; i++)
				fprintf(out, "%s%llu", i ? ", " : "", (unsigned long long)c->at_least[i]);
			putc(']', out);
		}
		fputs(" }", out);
	}
	fputs("\n  ]\n}\n", out);
}

static void print_coverage(FILE *out, const struct combos_coverage *c, uint32_t n, uint32_t nrows)
{
	fprintf(out, "%u %s\nstrength  covered                      combinations of parameters with at least\n", nrows,
			plural(nrows, "row", "rows"));
	fputs("                                       100 %    90 %    75 %    50 %    25 %\n", out);
	for (uint32_t t = 1; t <= n; t++, c++) {
		static const uint32_t marks[] = { 100, 90, 75, 50, 25 };
		if (!c->counted) {
			fprintf(out, "%u         not counted: more than %llu tuples\n", t, TUPLES_MAX);
			continue;
		}
		char of[64];
		snprintf(of, sizeof of, "%llu of %llu", (unsigned long long)c->covered, (unsigned long long)c->tuples);
		fprintf(out, "%u %9.2f %%  %-22s", t, c->tuples ? 100.0 * (double)c->covered / (double)c->tuples : 100.0, of);
		for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
			double part = c->combinations ? 100.0 * (double)c->at_least[marks[i]] / (double)c->combinations : 100.0;
			fprintf(out, "%6.1f %%", part);
		}
		putc('\n', out);
	}
}

int combos_measure(struct combos_job *j)
{
	struct combos_coverage coverage[COMBOS_STRENGTH_MAX] = { 0 };
	uint16_t *rows;
	uint32_t nrows, n = 0;
	int code = read_rows(j, j->coverage, &rows, &nrows);
	if (code)
		return code;
	uint32_t most = j->order ? (uint32_t)j->order : COMBOS_STRENGTH_MAX;
	for (; n < most && n < j->description.model.nparameters; n++) {
		struct error e = combos_cover_count(&j->description.model, n + 1, rows, nrows, TUPLES_MAX, &coverage[n]);
		if (error_is(&e) && e.code != ERR_BUDGET)
			return complain_error(j->model, &e);
	}
	if (j->svg) {
		FILE *f = combos_open_output(j->svg);
		if (!f)
			return EXIT_UNUSABLE;
		struct text base = text_base(text_c(j->coverage));
		combos_write_svg(f, coverage, n, base.p);
		code = combos_close_output(f, j->svg);
	}
	FILE *f = code ? NULL : combos_open_output(j->output);
	if (!f)
		return EXIT_UNUSABLE;
	(j->json ? print_coverage_json : print_coverage)(f, coverage, n, nrows);
	return combos_close_output(f, j->output);
}
