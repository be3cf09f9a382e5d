/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay report and assay judge: a case file again, without the image. */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"

/* What both commands take. */
#define COMMON_HELP \
	"      --html FILE   write an HTML report\n" \
	"      --json FILE   write everything as JSON (- for standard output)\n" \
	"      --cyclonedx FILE, --spdx FILE\n" \
	"                    write the software as a bill of materials; see assay sbom\n" \
	"      --sarif FILE, --junit FILE\n" \
	"                    write the verdicts in SARIF 2.1.0 or as JUnit XML\n" \
	"      --oscal FILE  write the verdicts as assessment results of OSCAL 1.1 (JSON)\n" \
	"      --show-secrets  credentials in full, not their first and last characters\n" \
	"      --measures FILE  the database of measures to compare with, instead of the\n" \
	"                    user's; --without-measures: none\n" \
	"      --verbose     a summary of everything, not of what matters most\n" \
	"  -q, --quiet       no summary\n" \
	"\n" \
	"Exit codes: 0 no FAIL, 1 at least one FAIL, 2 unusable, 3 an internal fault.\n"

static const char report_help[] =
	"usage: assay report CASE [--html FILE] [--json FILE] [--show-secrets] [-q]\n"
	"\n"
	"Renders a case file again; the image is not needed, and nothing is judged anew.\n"
	"\n"
	"  assay report router.bin.assay --html router.html\n"
	"  assay report r.assay --json - | jq '.verdicts[] | select(.verdict == \"FAIL\")'\n"
	"\n"
	COMMON_HELP;

static const char judge_help[] =
	"usage: assay judge CASE [--pack FILE]... [--html FILE] [--json FILE]\n"
	"                   [--show-secrets] [-q]\n"
	"\n"
	"Judges the facts of a case file again, without the image: by newer built-in\n"
	"packs, or by packs of your own. The verdicts of a pack replace its earlier ones.\n"
	"\n"
	"  assay judge router.bin.assay --pack our-rules.yaml\n"
	"\n"
	"      --pack FILE   judge by this pack instead of the built-in ones; repeatable\n"
	COMMON_HELP;

enum { OPT_HTML = 256, OPT_JSON, OPT_PACK, OPT_SECRETS, OPT_CYCLONEDX, OPT_SPDX, OPT_SARIF, OPT_JUNIT, OPT_OSCAL };

static const struct option long_options[] = {
	{ "html", required_argument, NULL, OPT_HTML }, { "json", required_argument, NULL, OPT_JSON },
	{ "pack", required_argument, NULL, OPT_PACK }, { "quiet", no_argument, NULL, 'q' },
	{ "cyclonedx", required_argument, NULL, OPT_CYCLONEDX }, { "spdx", required_argument, NULL, OPT_SPDX },
	{ "sarif", required_argument, NULL, OPT_SARIF },   { "junit", required_argument, NULL, OPT_JUNIT },
	{ "oscal", required_argument, NULL, OPT_OSCAL },
	{ "show-secrets", no_argument, NULL, OPT_SECRETS }, OUTPUT_MEASURE_OPTIONS, { NULL, 0, NULL, 0 },
};

/* The case named on the command line, or NULL when it can not be used; the reason has been said. */
static const char *parse(int argc, char **argv, bool packs, struct output_options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":q", long_options, NULL)) != -1) {
		if (option == OPT_HTML)
			o->html = optarg;
		else if (option == OPT_JSON)
			o->json = optarg;
		else if (option == OPT_CYCLONEDX)
			o->cyclonedx = optarg;
		else if (option == OPT_SPDX)
			o->spdx = optarg;
		else if (option == OPT_SARIF)
			o->sarif = optarg;
		else if (option == OPT_JUNIT)
			o->junit = optarg;
		else if (option == OPT_OSCAL)
			o->oscal = optarg;
		else if (option == 'q')
			o->quiet = true;
		else if (option == OPT_SECRETS)
			o->show_secrets = true;
		else if (output_measure_option(o, option, optarg))
			continue;
		else if (option == OPT_PACK && !packs)
			return complain(0, "--pack", "nothing is judged here: assay judge does"), NULL;
		else if (option != OPT_PACK)
			return complain_option(argv, long_options, option, argv[0]), NULL;
		else if (!output_add_pack(o, optarg))
			return complain(0, optarg, "more packs than can be used at once"), NULL;
	}
	if (argc - optind != 1)
		return complain(0, NULL, "name one case file; see assay %s --help", argv[0]), NULL;
	return argv[optind];
}

static int run_report(int argc, char **argv)
{
	struct output_options o = { 0 };
	struct error e;
	const char *path = parse(argc, argv, false, &o);
	if (!path)
		return EXIT_UNUSABLE;
	case_one_thread();
	struct case_file *c = case_open(path, false, &e);
	if (!c)
		return complain_error(path, &e);
	int code = output_check_targets(&o, path, NULL);
	if (!code)
		code = output_report(&o, c, path);
	case_close(c);
	return code;
}

static int run_judge(int argc, char **argv)
{
	struct output_options o = { 0 };
	struct error e;
	const char *path = parse(argc, argv, true, &o);
	if (!path)
		return EXIT_UNUSABLE;
	case_one_thread();
	int code = output_prepare(&o);
	struct case_file *c = code ? NULL : case_open(path, true, &e);
	if (!code && !c)
		code = complain_error(path, &e);
	if (c)
		code = output_check_targets(&o, path, NULL);
	if (c && !code)
		code = output_judge_and_report(&o, c, path);
	case_close(c);
	output_free(&o);
	return code;
}

const struct command command_report = { "report", "render a case file again", report_help, run_report, .prints = true };
const struct command command_judge = { "judge", "judge a case file again", judge_help, run_judge };
