/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay show: one section of a case, for people who live in a terminal. */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "cli/command.h"
#include "report/show.h"
#include "report/view.h"

static const char help[] =
	"usage: assay show CASE [SECTION] [options]\n"
	"\n"
	"Shows one section of a case file on the terminal.\n"
	"\n"
	"  assay show router.assay                        what fails or stays open\n"
	"  assay show router.assay findings --verdict FAIL\n"
	"  assay show router.assay findings mozilla.passwords.no-default\n"
	"  assay show router.assay accounts\n"
	"  assay show router.assay files --filter shadow\n"
	"  assay show router.assay tree --depth 3\n"
	"  assay show router.assay components --tabs | cut -f1,2\n"
	"\n"
	"      --filter TEXT      only rows that have TEXT in one of their cells\n"
	"      --verdict VERDICT  findings: FAIL, INCONCLUSIVE, PASS or NOT-APPLICABLE\n"
	"      --depth N          tree: so many levels\n"
	"  -n, --limit N          so many rows\n"
	"      --tabs             cells parted by tabs, not cut, without a head line\n"
	"      --show-secrets     credentials in full\n"
	"\n"
	"Sections: findings (or findings REQUIREMENT), tree, any fact table\n"
	"(assay list facts), and accounts certificates components damage declarations\n"
	"documents endpoints files hardening inputs kernel keys leftovers probes scripts\n"
	"secrets services settings startup time updates vulnerabilities.\n"
	"\n"
	"Exit codes: 0 shown, 2 the case or the command line is unusable, 3 an internal\n"
	"fault.\n";

enum { OPT_FILTER = 256, OPT_VERDICT, OPT_DEPTH, OPT_TABS, OPT_SECRETS };

static const struct option long_options[] = {
	{ "filter", required_argument, NULL, OPT_FILTER }, { "verdict", required_argument, NULL, OPT_VERDICT },
	{ "depth", required_argument, NULL, OPT_DEPTH },   { "limit", required_argument, NULL, 'n' },
	{ "tabs", no_argument, NULL, OPT_TABS },           { "show-secrets", no_argument, NULL, OPT_SECRETS },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *path, *section;
	struct show_filter filter;
	bool show_secrets;
};

static bool take_verdict(struct options *o, const char *word)
{
	for (int i = 0; i < VIEW_VERDICTS; i++) {
		size_t k = 0;
		const char *name = view_verdict_words[i];
		while (name[k] && (tolower((unsigned char)word[k]) == tolower((unsigned char)name[k]) || (name[k] == ' ' && word[k] == '-')))
			k++;
		if (!name[k] && !word[k])
			return o->filter.verdict = name, true;
	}
	return complain(0, word, "no verdict; FAIL, INCONCLUSIVE, PASS or NOT-APPLICABLE is expected"), false;
}

static bool take(struct options *o, int option, const char *value)
{
	uint64_t n = 0;
	switch (option) {
	case OPT_FILTER:
		o->filter.text = value;
		return true;
	case OPT_VERDICT:
		return take_verdict(o, value);
	case OPT_DEPTH:
	case 'n':
		if (!parse_count(value, 1, 1000000000, &n))
			return complain(0, value, "a number from 1 on is expected"), false;
		if (option == 'n')
			o->filter.limit = n;
		else
			o->filter.depth = (unsigned)n;
		return true;
	case OPT_TABS:
		return o->filter.tabs = true;
	default:
		return o->show_secrets = true;
	}
}

static bool parse(int argc, char **argv, struct options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":n:", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return complain_option(argv, long_options, option, "show"), false;
		if (!take(o, option, optarg))
			return false;
	}
	int left = argc - optind;
	o->path = left > 0 ? argv[optind] : NULL;
	o->section = left > 1 ? argv[optind + 1] : "findings";
	bool one = left == 3 && strcmp(o->section, "findings") == 0;
	o->filter.requirement = one ? argv[optind + 2] : NULL;
	if (left < 1 || (left > 2 && !one))
		return complain(0, NULL, "name one case file and one section; see assay show --help"), false;
	return true;
}

static const struct show_section *section_named(const char *name)
{
	for (size_t i = 0; show_sections[i].name; i++)
		if (strcmp(show_sections[i].name, name) == 0)
			return &show_sections[i];
	return NULL;
}

static struct error show(sqlite3 *db, const struct options *o, const struct show_section *section, size_t *rows)
{
	struct report_style style = report_style_for(stdout);
	struct error e = o->show_secrets ? view_show_secrets(db) : error_none();
	if (error_is(&e))
		return e;
	if (section)
		return show_table(db, section, &o->filter, stdout, &style, rows);
	if (strcmp(o->section, "tree") == 0)
		return show_tree(db, &o->filter, stdout, &style, rows);
	return show_findings(db, &o->filter, stdout, &style, rows);
}

static int run(int argc, char **argv)
{
	struct options o = { .path = NULL };
	struct show_column columns[REPORT_COLUMNS_MAX + 1];
	struct show_section table;
	struct error e;
	size_t rows = 0;
	if (!parse(argc, argv, &o))
		return EXIT_UNUSABLE;
	const struct show_section *section = section_named(o.section);
	if (!section && show_fact_table(o.section, &table, columns))
		section = &table;
	if (!section && strcmp(o.section, "tree") != 0 && strcmp(o.section, "findings") != 0)
		return complain(EXIT_UNUSABLE, o.section, "no section and no fact table; see assay show --help");
	case_one_thread();
	struct case_file *c = case_open(o.path, false, &e);
	if (!c)
		return complain_error(o.path, &e);
	e = show(case_db(c), &o, section, &rows);
	int code = error_is(&e) ? complain_error(o.path, &e) : EXIT_NO_FAIL;
	case_close(c);
	if (!code && rows == 0 && o.filter.requirement)
		code = complain(EXIT_UNUSABLE, o.path, "holds no verdict on \"%s\"", o.filter.requirement);
	else if (!code && rows == 0)
		complain(0, o.path, "has nothing to show there");
	return code;
}

const struct command command_show = { "show", "one section of a case, on the terminal", help, run, .prints = true };
