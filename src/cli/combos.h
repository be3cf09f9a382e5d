/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos: what its parts share. */
#ifndef ASSAY_CLI_COMBOS_H
#define ASSAY_CLI_COMBOS_H

#include "cli/command.h"
#include "combos/description.h"

enum combos_output { OUTPUT_CSV, OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_HTML, OUTPUT_JUNIT, OUTPUT_PYTEST };

struct combos_job {
	const char *model, *constraints, *verify, *coverage, *seed_rows, *output, *svg, *from, *plan;
	enum combos_output as;
	bool json; /* of --coverage and --verify too */
	bool check, quiet;
	enum combos_format convert; /* COMBOS_FORMAT_ANY: no */
	struct combos_reading reading;
	struct combos_options options;
	uint64_t order, threads, walks;
	struct arena *arena;
	struct span text; /* the model as it was read */
	struct combos_description description;
};

/* Exit codes; what is wrong has been said. */
int combos_read_file(const char *path, struct arena *arena, struct span *out);
int combos_read_model(struct combos_job *job);
/* Models of clauses, whose values that no row has are no news: they are looked at when nothing satisfies them. */
static inline bool combos_is_benchmark(const struct combos_job *job)
{
	return job->description.format == COMBOS_FORMAT_CASA || job->description.format == COMBOS_FORMAT_DIMACS;
}

/* Says what is strange about the model; refuses one that no row satisfies. */
int combos_diagnose_model(struct combos_job *job);
/* What a job is about: writes the model in another language; makes the rows; looks which tuples the given rows lack
 * (--verify); measures how much they cover (--coverage). */
int combos_convert(struct combos_job *job);
int combos_make_plan(struct combos_job *job);
int combos_check_rows(struct combos_job *job);
int combos_measure(struct combos_job *job);
/* The model of a case file, in the words of the model language, malloc'ed. */
int combos_case_model(const char *path, char **text, size_t *n);

/* Where the result goes: standard output, or a file. NULL when it can not be opened, which has been said. */
FILE *combos_open_output(const char *path);
/* The exit code: EXIT_UNUSABLE when something could not be written. */
int combos_close_output(FILE *f, const char *path);

#endif
