/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay combos: covering arrays. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/combos.h"

static const char help[] = "usage: assay combos MODEL [--order T] [--time SECONDS] [--csv|--table|--json]\n"
						   "       assay combos --verify ROWS MODEL [--order T]\n"
						   "       assay combos --coverage ROWS MODEL [--svg FILE]\n"
						   "       assay combos --check MODEL\n"
						   "       assay combos --convert FORMAT MODEL [-o FILE]\n"
						   "       assay combos --from CASE [...]\n"
						   "\n"
						   "Makes test plans: as few tests as can be found in the time so that every\n"
						   "combination of T values of different parameters that the constraints allow\n"
						   "occurs in one of them.\n"
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
						   "Models: the language above, which PICT's models are in; ACTS (text and XML),\n"
						   "CTWedge, the benchmark format of CASA, DIMACS CNF. See docs/combos.md.\n"
						   "\n"
						   "  --order T           strength, 1 to 6 (default: the model's own, or 2)\n"
						   "  --time SECONDS      how long to make it smaller (1s; 0: the first one found)\n"
						   "  --threads N         walks at the same time\n"
						   "  --steps N           so many changes in place of a time: the same rows anywhere\n"
						   "  --walks N           walks that share what they find, with --steps\n"
						   "  --random-seed N     the same seed gives the same walk\n"
						   "  --memory SIZE       refuse what needs more (default 2G)\n"
						   "  --seed-rows FILE    tests that exist (CSV, or with tabs): kept and extended\n"
						   "  --format FORMAT     pict, acts, acts-xml, ctwedge, casa, dimacs (by content)\n"
						   "  --constraints FILE  the constraints of a model in the benchmark format\n"
						   "  --case-sensitive    names and values of the model language as they are written\n"
						   "  --csv, --table, --json   how rows are written (default: CSV)\n"
						   "  --junit, --pytest   rows for what runs tests\n"
						   "  --plan FILE         rows as steps to tick, besides: .md or .html\n"
						   "  -o, --output FILE   write there instead of standard output\n"
						   "  --verify ROWS       check these rows by counting: what they miss and violate\n"
						   "  --coverage ROWS     how much these rows cover; --svg FILE draws it\n"
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
	else if (strcmp(name, "--threads") == 0 && !parse_count(value, 1, COMBOS_WALKS_MAX, &j->threads))
		return complain(EXIT_UNUSABLE, NULL, "--threads %s: 1 to %u", value, COMBOS_WALKS_MAX);
	else if (strcmp(name, "--walks") == 0 && !parse_count(value, 1, COMBOS_WALKS_MAX, &j->walks))
		return complain(EXIT_UNUSABLE, NULL, "--walks %s: 1 to %u", value, COMBOS_WALKS_MAX);
	else if (strcmp(name, "--steps") == 0 && !parse_count(value, 1, UINT64_MAX, &j->options.steps))
		return complain(EXIT_UNUSABLE, NULL, "--steps %s: a number of changes that are tried", value);
	else if (strcmp(name, "--format") == 0 && !combos_format_named(value, &j->reading.format))
		return complain(EXIT_UNUSABLE, NULL, "--format %s: pict, acts, acts-xml, ctwedge, casa or dimacs", value);
	else if (strcmp(name, "--convert") == 0 &&
			 (!combos_format_named(value, &j->convert) || j->convert == COMBOS_FORMAT_DIMACS))
		return complain(EXIT_UNUSABLE, NULL, "--convert %s: pict, acts, acts-xml, ctwedge or casa", value);
	return EXIT_NO_FAIL;
}

static bool takes_value(struct combos_job *j, const char *name)
{
	static const char *const names[] = { "--order", "--time",  "--random-seed", "--memory", "--threads",
										 "--walks", "--steps", "--format",      "--convert" };
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

static int run(int argc, char **argv)
{
	struct combos_job j = { .options = { .seconds = 1, .seed = 1 } };
	int code = parse_arguments(&j, argc, argv);
	if (code)
		return code;
	j.arena = arena_new(1u << 30);
	if (!j.arena)
		return complain(EXIT_INTERNAL, NULL, "no memory");
	j.options.threads = (uint32_t)j.threads;
	j.options.walks = (uint32_t)j.walks;
	code = combos_read_model(&j);
	if (!code && j.convert)
		code = combos_convert(&j);
	else if (!code && j.verify)
		code = combos_check_rows(&j);
	else if (!code && j.coverage)
		code = combos_measure(&j);
	else if (!code && (j.check || !combos_is_benchmark(&j)))
		code = combos_diagnose_model(&j);
	if (!code && !j.convert && !j.verify && !j.coverage && !j.check)
		code = combos_make_plan(&j);
	arena_free(j.arena);
	return code;
}

const struct command command_combos = { "combos", "make test plans: covering arrays of models", help, run };
