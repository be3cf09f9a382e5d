/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos: test plans from models. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "combos/rows.h"

#define FILE_LIMIT (64u << 20)

static const char help[] =
	"usage: assay combos MODEL [--constraints FILE] [--order T] [--time SECONDS] [--csv]\n"
	"       assay combos --verify ROWS MODEL [--constraints FILE] [--order T]\n"
	"\n"
	"Makes a covering array: as few tests as can be found in the time so that every\n"
	"combination of T values of different parameters that the constraints allow occurs\n"
	"in one of them.\n"
	"\n"
	"  assay combos router.model --order 2 --time 4s\n"
	"  assay combos --verify rows.csv router.model --order 2\n"
	"\n"
	"  --constraints FILE  the constraints of a model in the benchmark format\n"
	"  --order T           strength, 1 to 6 (default: the model's own, or 2)\n"
	"  --time SECONDS      how long to make it smaller (default 1s; 0: the first one found)\n"
	"  --random-seed N     the same seed gives the same walk\n"
	"  --memory SIZE       refuse what needs more (default 2G)\n"
	"  --csv               rows as comma-separated values (the default)\n"
	"  --verify ROWS       check these rows by counting: what is missing, what is violated\n"
	"\n"
	"Exit codes: 0 done, or nothing is missing and nothing violated; 1 the rows of\n"
	"--verify miss or violate something; 2 the model or the command line is unusable.\n";

struct job {
	const char *model, *constraints, *verify;
	struct combos_options options;
	uint64_t order, threads;
	struct arena *arena;
	struct combos_model read;
};

static bool parse_time(const char *text, double *seconds)
{
	char *end;
	errno = 0;
	*seconds = strtod(text, &end);
	if (errno || end == text || !isfinite(*seconds) || *seconds < 0 || *seconds > 1e6)
		return false;
	double factor = *end == 'm' && end[1] != 's' ? 60 : *end == 'h' ? 3600 : strcmp(end, "ms") == 0 ? 1e-3 : 1;
	*seconds *= factor;
	return *end == '\0' || strcmp(end, "s") == 0 || strcmp(end, "m") == 0 || strcmp(end, "h") == 0 || strcmp(end, "ms") == 0;
}

static int take_option(struct job *j, const char *name, const char *value)
{
	if (strcmp(name, "--constraints") == 0)
		j->constraints = value;
	else if (strcmp(name, "--verify") == 0)
		j->verify = value;
	else if (strcmp(name, "--order") == 0 && !parse_count(value, 1, COMBOS_STRENGTH_MAX, &j->order))
		return complain(EXIT_UNUSABLE, NULL, "--order %s: 1 to %u are possible", value, COMBOS_STRENGTH_MAX);
	else if (strcmp(name, "--time") == 0 && !parse_time(value, &j->options.seconds))
		return complain(EXIT_UNUSABLE, NULL, "--time %s: a number of seconds, or 500ms, 4s, 2m, 1h", value);
	else if (strcmp(name, "--random-seed") == 0 && !parse_count(value, 0, UINT64_MAX, &j->options.seed))
		return complain(EXIT_UNUSABLE, NULL, "--random-seed %s: a number", value);
	else if (strcmp(name, "--memory") == 0 && !parse_size(value, &j->options.memory))
		return complain(EXIT_UNUSABLE, NULL, "--memory %s: a size like 512M or 2G", value);
	else if (strcmp(name, "--threads") == 0 && !parse_count(value, 1, 1024, &j->threads))
		return complain(EXIT_UNUSABLE, NULL, "--threads %s: 1 to 1024", value);
	return EXIT_NO_FAIL;
}

static bool takes_value(const char *name)
{
	static const char *const names[] = { "--constraints", "--verify", "--order", "--time", "--random-seed", "--memory", "--threads" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static int parse_arguments(struct job *j, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int code = EXIT_NO_FAIL;
		if (strcmp(argv[i], "--csv") == 0)
			continue;
		if (takes_value(argv[i])) {
			if (i + 1 == argc)
				return complain(EXIT_UNUSABLE, NULL, "%s needs a value; see assay combos --help", argv[i]);
			code = take_option(j, argv[i], argv[i + 1]);
			i++;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			code = complain(EXIT_UNUSABLE, NULL, "unknown option %s; see assay combos --help", argv[i]);
		} else if (j->model) {
			code = complain(EXIT_UNUSABLE, NULL, "one model at a time: %s, %s", j->model, argv[i]);
		} else {
			j->model = argv[i];
		}
		if (code)
			return code;
	}
	return j->model ? EXIT_NO_FAIL : complain(EXIT_UNUSABLE, NULL, "no model is given; see assay combos --help");
}

/* The whole file, in the arena. */
static int read_file(const char *path, struct arena *arena, struct span *out)
{
	*out = (struct span){ 0 };
	FILE *f = fopen(path, "rb");
	if (!f)
		return complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	size_t cap = 1u << 16, n = 0;
	uint8_t *bytes = NULL;
	int code = EXIT_NO_FAIL;
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
	fclose(f);
	if (!code && !arena_defer(arena, free, bytes))
		code = complain(EXIT_INTERNAL, path, "no memory to read it");
	if (code)
		free(bytes);
	else
		*out = (struct span){ bytes, n };
	return code;
}

static int read_model(struct job *j)
{
	struct span model, constraints = { 0 };
	int code = read_file(j->model, j->arena, &model);
	if (!code && j->constraints)
		code = read_file(j->constraints, j->arena, &constraints);
	if (code)
		return code;
	uint32_t strength = 0;
	struct error e = combos_read_casa(model, (struct span){ 0 }, j->arena, &j->read, &strength);
	if (error_is(&e))
		return complain_error(j->model, &e);
	if (j->constraints) {
		e = combos_read_casa(model, constraints, j->arena, &j->read, &strength);
		if (error_is(&e))
			return complain_error(j->constraints, &e);
	}
	j->options.strength = j->order ? (uint32_t)j->order : strength ? strength : 2;
	return EXIT_NO_FAIL;
}

static void print_missing(const struct combos_model *m, const struct combos_missing *missing)
{
	printf("missing:");
	for (uint32_t i = 0; i < missing->n; i++) {
		uint32_t p = 0, first = 0;
		while (first + m->levels[p] <= missing->symbols[i])
			first += m->levels[p++];
		printf(" p%u=%u", p + 1, missing->symbols[i]);
	}
	putchar('\n');
}

static int verify(struct job *j)
{
	struct span text;
	int code = read_file(j->verify, j->arena, &text);
	if (code)
		return code;
	uint16_t *rows;
	uint32_t nrows;
	struct error e = combos_read_csv(text, &j->read, j->arena, &rows, &nrows);
	if (error_is(&e))
		return complain_error(j->verify, &e);
	struct combos_check check;
	e = combos_verify(&j->read, j->options.strength, rows, nrows, j->arena, &check);
	if (error_is(&e))
		return complain_error(j->model, &e);
	for (uint32_t i = 0; i < check.nmissing; i++)
		print_missing(&j->read, &check.missing[i]);
	for (uint32_t i = 0; i < check.nbroken; i++)
		printf("violated: row %u breaks constraint %u\n", check.broken[2 * i] + 1, check.broken[2 * i + 1] + 1);
	printf("%u rows, strength %u: %llu of %llu tuples covered, %llu missing, %llu in no valid row, %llu violations\n", nrows,
		   j->options.strength, (unsigned long long)check.covered, (unsigned long long)check.tuples,
		   (unsigned long long)(check.tuples - check.covered), (unsigned long long)check.invalid, (unsigned long long)check.violations);
	return check.covered == check.tuples && check.violations == 0 ? EXIT_NO_FAIL : EXIT_FAIL;
}

static int generate(struct job *j)
{
	struct combos_array array;
	struct error e = combos_generate(&j->read, &j->options, j->arena, &array);
	if (error_is(&e))
		return complain_error(j->model, &e);
	combos_write_csv(stdout, &j->read, &array);
	return EXIT_NO_FAIL;
}

static int run(int argc, char **argv)
{
	struct job j = { .options = { .seconds = 1, .seed = 1 } };
	int code = parse_arguments(&j, argc, argv);
	if (code)
		return code;
	j.arena = arena_new(1u << 30);
	if (!j.arena)
		return complain(EXIT_INTERNAL, NULL, "no memory");
	code = read_model(&j);
	if (!code)
		code = j.verify ? verify(&j) : generate(&j);
	arena_free(j.arena);
	return code;
}

const struct command command_combos = { "combos", "make test plans: covering arrays of models", help, run };
