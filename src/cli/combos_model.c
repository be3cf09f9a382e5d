/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos: the model, what is wrong with it, and it in other formats. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "cli/combos.h"

#define FILE_LIMIT (64u << 20)
/* Of each kind, where a plan is what is asked for. */
#define WARNED_MAX 10u

int combos_read_file(const char *path, struct arena *arena, struct span *out)
{
	*out = (struct span){ 0 };
	struct stat st;
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	if (!f)
		return complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	int code = EXIT_NO_FAIL;
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode))
		code = complain(EXIT_UNUSABLE, path, "a folder, and not a file");
	else if (S_ISREG(st.st_mode) && st.st_size > (off_t)FILE_LIMIT)
		code = complain(EXIT_UNUSABLE, path, "larger than 64 MiB");
	size_t cap = 1u << 16, n = 0;
	uint8_t *bytes = NULL;
	while (!code) {
		uint8_t *more = n + 1 < cap && bytes ? bytes : realloc(bytes, cap *= 2);
		if (!more) {
			code = complain(EXIT_INTERNAL, path, "no memory to read it");
			break;
		}
		bytes = more;
		size_t got = fread(bytes + n, 1, cap - n, f);
		n += got;
		if (got == 0)
			break;
		if (n > FILE_LIMIT)
			code = complain(EXIT_UNUSABLE, path, "larger than 64 MiB");
	}
	if (!code && ferror(f))
		code = complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	if (f != stdin)
		fclose(f);
	if (!code && !arena_defer(arena, free, bytes))
		code = complain(EXIT_INTERNAL, path, "no memory to read it");
	if (code)
		free(bytes);
	else
		*out = (struct span){ bytes, n };
	return code;
}

FILE *combos_open_output(const char *path)
{
	FILE *f = path && strcmp(path, "-") != 0 ? fopen(path, "wb") : stdout;
	if (!f)
		complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	return f;
}

int combos_close_output(FILE *f, const char *path)
{
	bool failed = fflush(f) != 0 || ferror(f);
	if (f != stdout && fclose(f) != 0)
		failed = true;
	return failed ? complain(EXIT_UNUSABLE, path ? path : "standard output", "%s", strerror(errno)) : EXIT_NO_FAIL;
}

static void warn(const struct combos_job *j, const char *text)
{
	char safe[2048];
	(void)escape_terminal(text_c(text), safe, sizeof safe);
	if (!j->quiet)
		fprintf(stderr, "assay: %s: warning: %s\n", j->model ? j->model : j->from, safe);
}

/* "line 3: IF ...; line 4: ...", as much of it as fits. */
static void print_because(const struct combos_job *j, FILE *out, const uint32_t *constraints, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < 20; i++) {
		fprintf(out, "%sline %u: ", i ? "; " : "", j->description.constraints[constraints[i]].line);
		combos_write_constraint(out, &j->description, constraints[i]);
	}
	if (n > 20)
		fprintf(out, "; and %u more", n - 20);
}

static void warn_finding(const struct combos_job *j, const char *kind, const struct combos_finding *f)
{
	char *text = NULL, value[COMBOS_NAME_MAX], name[COMBOS_NAME_MAX];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return;
	if (strcmp(kind, "dead") == 0) {
		const struct combos_model *m = &j->description.model;
		uint32_t p = 0, first = 0;
		while (first + m->levels[p] <= f->what)
			first += m->levels[p++];
		combos_value_name(m, f->what, value);
		combos_parameter_name(m, p, name);
		fprintf(out, "the value \"%s\" of \"%s\" is in no valid row", value, name);
	} else {
		fprintf(out, "the constraint in line %u ", j->description.constraints[f->what].line);
		fputs(f->nbecause ? "follows from others" : "always holds", out);
	}
	fputs(f->nbecause ? ": " : "", out);
	print_because(j, out, f->because, f->nbecause);
	fclose(out);
	warn(j, text);
	free(text);
}

static int refuse_contradiction(const struct combos_job *j, const struct combos_diagnosis *d)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return complain(EXIT_INTERNAL, NULL, "no memory");
	print_because(j, out, d->core, d->ncore);
	fclose(out);
	char safe[4096];
	(void)escape_terminal(text_c(text), safe, sizeof safe);
	fprintf(stderr, "assay: %s: no row satisfies %s%s%s\n", j->model ? j->model : j->from,
			d->ncore == 1 ? "this constraint"
			: d->ncore    ? "these constraints together"
						  : "what is asked of every row: each has one negative value at most",
			d->ncore ? ": " : "", safe);
	free(text);
	return EXIT_UNUSABLE;
}

int combos_diagnose_model(struct combos_job *j)
{
	for (const struct combos_note *n = j->description.notes; n; n = n->next) {
		char text[1024];
		snprintf(text, sizeof text, "line %u, column %u: %s", n->line, n->column, n->text);
		warn(j, text);
	}
	struct combos_diagnosis d;
	struct error e = combos_diagnose(&j->description, j->arena, &d);
	if (error_is(&e))
		return complain_error(j->model, &e);
	if (!d.satisfiable)
		return refuse_contradiction(j, &d);
	uint32_t most = j->check ? UINT32_MAX : WARNED_MAX;
	for (uint32_t i = 0; i < d.nredundant && i < most; i++)
		warn_finding(j, "redundant", &d.redundant[i]);
	for (uint32_t i = 0; i < d.ndead && i < most; i++)
		warn_finding(j, "dead", &d.dead[i]);
	if (d.nredundant > most || d.ndead > most)
		warn(j, "there is more of that kind: --check tells all");
	if (!d.complete && j->check)
		warn(j, "the constraints are too many to look at all of them");
	return EXIT_NO_FAIL;
}

int combos_read_model(struct combos_job *j)
{
	struct span model;
	int code = EXIT_NO_FAIL;
	if (j->from) {
		char *text = NULL;
		size_t n = 0;
		code = combos_case_model(j->from, &text, &n);
		if (!code && !arena_defer(j->arena, free, text))
			code = complain(EXIT_INTERNAL, NULL, "no memory");
		model = span_of(text, n);
		j->reading.format = COMBOS_FORMAT_PICT;
	} else {
		code = combos_read_file(j->model, j->arena, &model);
	}
	if (!code && j->constraints)
		code = combos_read_file(j->constraints, j->arena, &j->reading.constraints);
	if (code)
		return code;
	j->text = model;
	/* The model first, alone: so an error is told of the file that it is in. */
	struct combos_reading alone = j->reading;
	alone.constraints = SPAN_NONE;
	struct error e = combos_describe(model, &alone, j->arena, &j->description);
	if (error_is(&e))
		return complain_error(j->model ? j->model : j->from, &e);
	if (j->constraints)
		e = combos_describe(model, &j->reading, j->arena, &j->description);
	if (error_is(&e))
		return complain_error(j->constraints, &e);
	j->options.strength = j->order ? (uint32_t)j->order : j->description.strength ? j->description.strength : 2;
	if (!j->order && j->options.strength > j->description.model.nparameters)
		j->options.strength = j->description.model.nparameters;
	return EXIT_NO_FAIL;
}

/* A name for the constraints beside that of the model: NAME.constraints. */
static int write_constraints(const struct combos_job *j)
{
	char path[4096];
	const char *dot = j->output ? strrchr(j->output, '.') : NULL;
	size_t stem = !j->output ? 0 : dot && !strchr(dot, '/') ? (size_t)(dot - j->output) : strlen(j->output);
	if (!j->output || stem > sizeof path - 16)
		return complain(EXIT_UNUSABLE, NULL,
						"the benchmark format has two files: -o NAME.model, and NAME.constraints goes beside it");
	snprintf(path, sizeof path, "%.*s.constraints", (int)stem, j->output);
	FILE *f = combos_open_output(path);
	if (!f)
		return EXIT_UNUSABLE;
	combos_write_clauses(f, &j->description);
	return combos_close_output(f, path);
}

int combos_convert(struct combos_job *j)
{
	const char *why;
	if (j->convert == COMBOS_FORMAT_CASA && j->description.model.nclauses) {
		int code = write_constraints(j);
		if (code)
			return code;
	}
	FILE *f = combos_open_output(j->output);
	if (!f)
		return EXIT_UNUSABLE;
	/* The model of a case says where each parameter comes from, which would be lost. */
	bool as_it_is = j->from && j->convert == COMBOS_FORMAT_PICT;
	if (as_it_is)
		fwrite(j->text.p, 1, j->text.n, f);
	bool written = as_it_is || combos_write_model(f, &j->description, j->convert, &why);
	int code = combos_close_output(f, j->output);
	return written ? code : complain(EXIT_UNUSABLE, j->model ? j->model : j->from, "%s", why);
}
