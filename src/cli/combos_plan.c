/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos: making a plan and writing it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/plural.h"
#include "cli/combos.h"
#include "combos/rows.h"
#include "combos/write_rows.h"

#define SHOW_EVERY 0.2

/* Ctrl-C: the best so far is what is wanted. The second one ends the program. */
static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static void catch_interrupt(bool on)
{
	struct sigaction action = { .sa_handler = on ? interrupt : SIG_DFL, .sa_flags = SA_RESETHAND };
	sigemptyset(&action.sa_mask);
	(void)sigaction(SIGINT, &action, NULL);
}

struct showing {
	bool on, shown;
	double last, limit;
};

static bool show(void *context, uint32_t rows, double seconds)
{
	struct showing *s = context;
	if (s->on && seconds > s->last + SHOW_EVERY) {
		fprintf(stderr, "\r\033[K%u rows, %.1f of %.1f s; Ctrl-C takes what there is", rows, seconds, s->limit);
		fflush(stderr);
		s->last = seconds;
		s->shown = true;
	} else if (seconds < s->last) {
		s->last = seconds; /* a new array begins */
	}
	return !interrupted;
}

static int read_seeds(struct combos_job *j, uint16_t **rows, uint32_t *nrows)
{
	struct span text;
	const char *unknown;
	int code = combos_read_file(j->seed_rows, j->arena, &text);
	if (code)
		return code;
	struct error e = combos_read_partial(text, &j->description.model, j->arena, rows, nrows, &unknown);
	if (!error_is(&e) && unknown && !j->quiet) {
		char safe[256];
		(void)escape_terminal(text_c(unknown), safe, sizeof safe);
		fprintf(stderr, "assay: %s: warning: \"%s\" is no parameter of the model: its column is left out\n",
				j->seed_rows, safe);
	}
	if (!error_is(&e))
		e = combos_complete(&j->description, *rows, *nrows);
	return error_is(&e) ? complain_error(j->seed_rows, &e) : EXIT_NO_FAIL;
}

/* The file's name without folder and ending. */
static const char *title_of(struct combos_job *j)
{
	if (j->description.name[0])
		return j->description.name;
	struct text base = text_base(text_c(j->model ? j->model : j->from));
	const char *dot = base.n ? memrchr(base.p, '.', base.n) : NULL;
	if (dot && dot != base.p)
		base.n = (size_t)(dot - base.p);
	const char *title = arena_strdup(j->arena, base);
	return title ? title : "model";
}

static void write_rows(FILE *f, enum combos_output as, const struct combos_plan *plan)
{
	static void (*const writers[])(FILE *, const struct combos_plan *) = {
		[OUTPUT_TABLE] = combos_write_table,       [OUTPUT_JSON] = combos_write_json,
		[OUTPUT_MARKDOWN] = combos_write_markdown, [OUTPUT_HTML] = combos_write_html,
		[OUTPUT_JUNIT] = combos_write_junit,       [OUTPUT_PYTEST] = combos_write_pytest
	};
	if (as == OUTPUT_CSV)
		combos_write_csv(f, &plan->description->model, plan->array);
	else
		writers[as](f, plan);
}

static int write_to(const char *path, enum combos_output as, const struct combos_plan *plan)
{
	FILE *f = combos_open_output(path);
	if (!f)
		return EXIT_UNUSABLE;
	write_rows(f, as, plan);
	return combos_close_output(f, path);
}

static bool plan_kind(const char *path, enum combos_output *as)
{
	struct text t = text_c(path);
	*as = text_ends(t, ".html") || text_ends(t, ".htm") ? OUTPUT_HTML : OUTPUT_MARKDOWN;
	return *as == OUTPUT_HTML || text_ends(t, ".md");
}

int combos_make_plan(struct combos_job *j)
{
	enum combos_output plan_as = OUTPUT_MARKDOWN;
	if (j->plan && !plan_kind(j->plan, &plan_as))
		return complain(EXIT_UNUSABLE, NULL, "--plan %s: a file that ends in .md or .html", j->plan);
	uint16_t *seeds = NULL;
	int code = j->seed_rows ? read_seeds(j, &seeds, &j->options.nrows) : EXIT_NO_FAIL;
	if (code)
		return code;
	struct showing showing = { .on = !j->quiet && isatty(STDERR_FILENO), .limit = j->options.seconds };
	struct combos_array array;
	j->options.rows = seeds;
	j->options.progress = show;
	j->options.context = &showing;
	catch_interrupt(true);
	struct error e = combos_suite(&j->description, &j->options, j->arena, &array);
	catch_interrupt(false);
	if (showing.shown)
		fputs("\r\033[K", stderr);
	if (e.code == ERR_USAGE && combos_is_benchmark(j) && (code = combos_diagnose_model(j)))
		return code;
	if (error_is(&e))
		return complain_error(j->model ? j->model : j->from, &e);
	if (showing.on)
		fprintf(stderr, "%u %s for %llu %s; no plan has less than %u\n", array.nrows,
				plural(array.nrows, "row", "rows"), (unsigned long long)array.tuples,
				plural(array.tuples, "tuple", "tuples"), array.lower);
	const struct combos_plan plan = { &j->description, &array, title_of(j), j->options.strength, j->options.nrows };
	if (j->plan)
		code = write_to(j->plan, plan_as, &plan);
	return code ? code : write_to(j->output, j->as, &plan);
}
