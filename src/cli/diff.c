/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay diff: what changed from one case to the next. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "cli/command.h"
#include "cli/write.h"
#include "report/diff_terminal.h"

static const char help[] =
	"usage: assay diff OLD NEW [--topic NAME[,NAME...]]... [--html FILE]\n"
	"                          [--json FILE] [-v] [-q]\n"
	"\n"
	"Compares two case files of one product: verdicts, accounts, services that\n"
	"listen, hardening, keys, credentials, components, vulnerabilities, files ...\n"
	"What got worse is shown first, marked with !, and makes the exit code 1: for a\n"
	"pipeline that asks whether this build is worse than the last one.\n"
	"\n"
	"  assay diff v1.3.assay v1.4.assay\n"
	"  assay diff v1.3.assay v1.4.assay --topic listeners,accounts,hardening\n"
	"  assay diff v1.3.assay v1.4.assay --html changes.html\n"
	"  assay diff v1.3.assay v1.4.assay --json - | jq '.topics[].rows[]'\n"
	"\n"
	"      --topic NAMES  only these topics count and are shown; repeatable\n"
	"      --html FILE    write every difference as one HTML file that needs no other\n"
	"      --json FILE    write every difference as JSON (- for standard output)\n"
	"  -v, --verbose      show every row, not the first ones of each topic\n"
	"  -q, --quiet        show nothing: only the exit code\n"
	"\n"
	"Topics: verdicts accounts listeners startup hardening privileges private-keys\n"
	"certificates secrets endpoints weaknesses components vulnerabilities kernel\n"
	"kernel-options settings files permissions\n"
	"\n"
	"Where a case was not looked at whole, what seems new may have been there before:\n"
	"it is shown as uncertain, and does not count as worse. Between two bills of\n"
	"materials (assay BILL) components and vulnerabilities are certain, as long as\n"
	"both could be read whole: a known vulnerability that is new is worse.\n"
	"\n"
	"Exit codes: 0 nothing got worse, 1 something did, 2 a case or the command line\n"
	"is unusable, 3 an internal fault.\n";

enum { OPT_TOPIC = 256, OPT_JSON, OPT_HTML };

static const struct option long_options[] = {
	{ "topic", required_argument, NULL, OPT_TOPIC }, { "json", required_argument, NULL, OPT_JSON },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "verbose", no_argument, NULL, 'v' },           { "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	struct diff_request request;
	const char *json, *html;
	bool quiet, some_topics;
};

static bool want_topic(struct options *o, const char *name, size_t n)
{
	for (size_t i = 0; diff_topics[i].name; i++)
		if (strlen(diff_topics[i].name) == n && strncmp(diff_topics[i].name, name, n) == 0)
			return o->some_topics = o->request.wanted[i] = true;
	return complain(0, NULL, "there is no topic \"%.*s\"; see assay diff --help", (int)n, name), false;
}

static bool want_topics(struct options *o, const char *names)
{
	while (*names) {
		size_t n = strcspn(names, ",");
		if (!want_topic(o, names, n))
			return false;
		names += n + (names[n] == ',');
	}
	return true;
}

static bool parse(int argc, char **argv, struct options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":vq", long_options, NULL)) != -1) {
		if (option == OPT_TOPIC) {
			if (!want_topics(o, optarg))
				return false;
		} else if (option == OPT_JSON)
			o->json = optarg;
		else if (option == OPT_HTML)
			o->html = optarg;
		else if (option == 'v')
			o->request.all = true;
		else if (option == 'q')
			o->quiet = true;
		else
			return complain_option(argv, long_options, option, "diff"), false;
	}
	if (argc - optind != 2)
		return complain(0, NULL, "name two case files, the older one first; see assay diff --help"), false;
	o->request.old_name = argv[optind];
	o->request.new_name = argv[optind + 1];
	for (size_t i = 0; !o->some_topics && diff_topics[i].name; i++)
		o->request.wanted[i] = true;
	return true;
}

struct writing {
	const struct diff_request *request;
	uint64_t worse;
};

static struct error write_json(void *context, FILE *out)
{
	struct writing *w = context;
	return diff_json(w->request, out, ASSAY_VERSION, &w->worse);
}

static struct error write_html(void *context, FILE *out)
{
	struct writing *w = context;
	return diff_html(w->request, out, ASSAY_VERSION, &w->worse);
}

static bool is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* For --quiet: how much got worse, without a report. */
static int count_worse(struct writing *w)
{
	struct error e = error_none();
	w->worse = 0;
	for (size_t i = 0; !error_is(&e) && diff_topics[i].name; i++) {
		struct diff_counts counts = { .regressions = 0 };
		if (w->request->wanted[i])
			e = diff_walk(w->request->old, w->request->new, &diff_topics[i], &counts, NULL, NULL);
		w->worse += counts.regressions;
	}
	return error_is(&e) ? complain_error(NULL, &e) : EXIT_NO_FAIL;
}

static int show(const struct options *o)
{
	struct writing w = { .request = &o->request };
	int code = EXIT_NO_FAIL;
	if (is_stdout(o->json) && is_stdout(o->html))
		return complain(0, NULL, "--json and --html can not both go to standard output"), EXIT_UNUSABLE;
	if (!o->quiet && !is_stdout(o->json) && !is_stdout(o->html)) {
		struct report_style style = report_style_for(stdout);
		struct error e = diff_terminal(&o->request, stdout, &style, &w.worse);
		if (error_is(&e))
			code = complain_error(NULL, &e);
	}
	if (!code && o->json)
		code = write_file(o->json, write_json, &w);
	if (!code && o->html)
		code = write_file(o->html, write_html, &w);
	if (!code && o->quiet && !o->json && !o->html)
		code = count_worse(&w);
	return code ? code : w.worse ? EXIT_FAIL : EXIT_NO_FAIL;
}

static int run(int argc, char **argv)
{
	struct options o = { .json = NULL };
	struct error e;
	if (!parse(argc, argv, &o))
		return EXIT_UNUSABLE;
	case_one_thread();
	struct case_file *old = case_open(o.request.old_name, false, &e);
	if (!old)
		return complain_error(o.request.old_name, &e);
	struct case_file *new = case_open(o.request.new_name, false, &e);
	if (!new) {
		case_close(old);
		return complain_error(o.request.new_name, &e);
	}
	o.request.old = case_db(old);
	o.request.new = case_db(new);
	int code = show(&o);
	case_close(old);
	case_close(new);
	return code;
}

const struct command command_diff = { "diff", "what changed from one case to the next", help, run };
