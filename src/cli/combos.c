/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos: covering arrays. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "cli/combos.h"

#define FILE_LIMIT (64u << 20)

static const char help[] = "usage: assay combos MODEL [--order T] [--time SECONDS] [--csv | --table | --json]\n"
						   "       assay combos --verify ROWS MODEL [--order T]\n"
						   "       assay combos --coverage ROWS MODEL [--svg FILE]\n"
						   "       assay combos --check MODEL\n"
						   "       assay combos --convert FORMAT MODEL [-o FILE]\n"
						   "       assay combos --from CASE [...]\n"
						   "\n"
						   "Makes test plans: as few tests as can be found in the time so that every combination\n"
						   "of T values of different parameters that the constraints allow occurs in one of them.\n"
						   "\n"
						   "A model names parameters, their values, and what does not go together:\n"
						   "\n"
						   "  Wi-Fi:   off, WPA2, WPA3\n"
						   "  Country: DE, US, JP\n"
						   "  Update:  idle, running, failed\n"
						   "  Battery: 5, 50, ~-1\n"
						   "  IF [Wi-Fi] = \"off\" THEN [Update] <> \"running\";\n"
						   "\n"
						   "  assay combos thermostat.txt --table\n"
						   "  assay combos thermostat.txt --order 3 --time 10s --plan plan.html\n"
						   "  assay combos --verify rows.csv thermostat.txt --order 3\n"
						   "  assay combos --from router.bin.assay --table\n"
						   "\n"
						   "Models: the language above, which PICT's models are in; ACTS (text and XML), CTWedge,\n"
						   "the benchmark format of CASA, DIMACS CNF. See docs/combos.md.\n"
						   "\n"
						   "  --order T           strength, 1 to 6 (default: the model's own, or 2)\n"
						   "  --time SECONDS      how long to make it smaller (default 1s; 0: the first one found)\n"
						   "  --threads N         walks at the same time\n"
						   "  --random-seed N     the same seed gives the same walk\n"
						   "  --memory SIZE       refuse what needs more (default 2G)\n"
						   "  --seed-rows FILE    tests that exist (CSV, or separated by tabs): kept and extended\n"
						   "  --format FORMAT     pict, acts, acts-xml, ctwedge, casa, dimacs (default: by content)\n"
						   "  --constraints FILE  the constraints of a model in the benchmark format\n"
						   "  --case-sensitive    names and values of the model language as they are written\n"
						   "  --csv, --table, --json   how rows are written (default: CSV)\n"
						   "  --junit, --pytest   rows for what runs tests\n"
						   "  --plan FILE         rows as steps to tick, besides: .md or .html\n"
						   "  -o, --output FILE   write there instead of standard output\n"
						   "  --verify ROWS       check these rows by counting: what is missing, what is violated\n"
						   "  --coverage ROWS     how much these rows cover, for each strength; --svg FILE draws it\n"
						   "  --check             only look at the model: contradictions, what is redundant\n"
						   "  --convert FORMAT    write the model in another format\n"
						   "  --from CASE         make the model from what is known about a product\n"
						   "  -q, --quiet         no warnings, no progress\n"
						   "\n"
						   "Exit codes: 0 done, or nothing is missing and nothing violated; 1 the rows of\n"
						   "--verify miss or violate something; 2 the model or the command line is unusable.\n";

static bool parse_time(const char *text, double *seconds)
{
	char *end;
	errno = 0;
	*seconds = strtod(text, &end);
	if (errno || end == text || !isfinite(*seconds) || *seconds < 0 || *seconds > 1e6)
		return false;
	double factor = *end == 'm' && end[1] != 's' ? 60 : *end == 'h' ? 3600 : strcmp(end, "ms") == 0 ? 1e-3 : 1;
	*seconds *= factor;
	return *end == '\0' || strcmp(end, "s") == 0 || strcmp(end, "m") == 0 || strcmp(end, "h") == 0 ||
		   strcmp(end, "ms") == 0;
}

/* Options whose value is kept as it is. */
static const char **text_option(struct combos_job *j, const char *name)
{
	const struct {
		const char *name;
		const char **value;
	} options[] = { { "--constraints", &j->constraints },
					{ "--verify", &j->verify },
					{ "--coverage", &j->coverage },
					{ "--seed-rows", &j->seed_rows },
					{ "--output", &j->output },
					{ "-o", &j->output },
					{ "--svg", &j->svg },
					{ "--from", &j->from },
					{ "--plan", &j->plan } };
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strcmp(options[i].name, name) == 0)
			return options[i].value;
	return NULL;
}

static int take_value(struct combos_job *j, const char *name, const char *value)
{
	const char **text = text_option(j, name);
	if (text)
		*text = value;
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
	else if (strcmp(name, "--format") == 0 && !combos_format_named(value, &j->reading.format))
		return complain(EXIT_UNUSABLE, NULL, "--format %s: pict, acts, acts-xml, ctwedge, casa or dimacs", value);
	else if (strcmp(name, "--convert") == 0 &&
			 (!combos_format_named(value, &j->convert) || j->convert == COMBOS_FORMAT_DIMACS))
		return complain(EXIT_UNUSABLE, NULL, "--convert %s: pict, acts, acts-xml, ctwedge or casa", value);
	return EXIT_NO_FAIL;
}

static bool takes_value(struct combos_job *j, const char *name)
{
	static const char *const names[] = { "--order",   "--time",   "--random-seed", "--memory",
										 "--threads", "--format", "--convert" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return text_option(j, name) != NULL;
}

static bool take_flag(struct combos_job *j, const char *name)
{
	static const struct {
		const char *name;
		enum combos_output as;
	} outputs[] = { { "--csv", OUTPUT_CSV },
					{ "--table", OUTPUT_TABLE },
					{ "--json", OUTPUT_JSON },
					{ "--junit", OUTPUT_JUNIT },
					{ "--pytest", OUTPUT_PYTEST } };
	for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
		if (strcmp(outputs[i].name, name) == 0) {
			j->as = outputs[i].as;
			j->json = j->as == OUTPUT_JSON;
			return true;
		}
	if (strcmp(name, "--check") == 0)
		return j->check = true;
	if (strcmp(name, "--quiet") == 0 || strcmp(name, "-q") == 0)
		return j->quiet = true;
	if (strcmp(name, "--case-sensitive") == 0)
		return j->reading.case_sensitive = true;
	return false;
}

static int parse_arguments(struct combos_job *j, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int code = EXIT_NO_FAIL;
		if (take_flag(j, argv[i]))
			continue;
		if (takes_value(j, argv[i])) {
			if (i + 1 == argc)
				return complain(EXIT_UNUSABLE, NULL, "%s needs a value; see assay combos --help", argv[i]);
			code = take_value(j, argv[i], argv[i + 1]);
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
	if (!j->model == !j->from)
		return complain(EXIT_UNUSABLE, NULL,
						j->model ? "a model or --from CASE, not both" : "no model is given; see assay combos --help");
	if (j->svg && !j->coverage)
		return complain(EXIT_UNUSABLE, NULL, "--svg draws what --coverage measures");
	return EXIT_NO_FAIL;
}

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
	fprintf(stderr, "assay: %s: no row satisfies %s: %s\n", j->model ? j->model : j->from,
			d->ncore == 1 ? "this constraint"
			: d->ncore    ? "these constraints together"
						  : "what is asked of every row",
			safe);
	free(text);
	return EXIT_UNUSABLE;
}

static int diagnose(struct combos_job *j)
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
	for (uint32_t i = 0; i < d.nredundant; i++)
		warn_finding(j, "redundant", &d.redundant[i]);
	for (uint32_t i = 0; i < d.ndead; i++)
		warn_finding(j, "dead", &d.dead[i]);
	if (!d.complete && j->check)
		warn(j, "the constraints are too many to look at all of them");
	return EXIT_NO_FAIL;
}

static int read_model(struct combos_job *j)
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

static int convert(struct combos_job *j)
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
	bool written = combos_write_model(f, &j->description, j->convert, &why);
	int code = combos_close_output(f, j->output);
	return written ? code : complain(EXIT_UNUSABLE, j->model ? j->model : j->from, "%s", why);
}

static int run(int argc, char **argv)
{
	struct combos_job j = { .options = { .seconds = 1, .seed = 1 } };
	int code = parse_arguments(&j, argc, argv);
	if (code)
		return code;
	j.arena = arena_new(1u << 30);
	if (!j.arena)
		return complain(EXIT_INTERNAL, NULL, "no memory");
	code = read_model(&j);
	if (!code && j.convert)
		code = convert(&j);
	else if (!code && j.verify)
		code = combos_check_rows(&j);
	else if (!code && j.coverage)
		code = combos_measure(&j);
	else if (!code)
		code = diagnose(&j);
	if (!code && !j.convert && !j.verify && !j.coverage && !j.check)
		code = combos_make_plan(&j);
	arena_free(j.arena);
	return code;
}

const struct command command_combos = { "combos", "make test plans: covering arrays of models", help, run };
