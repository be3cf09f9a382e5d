/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay watch: what newer feeds change in stored cases. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/command.h"
#include "cli/feed.h"
#include "cli/match.h"
#include "cli/progress.h"
#include "cli/watch.h"
#include "feed/feed.h"
#include "report/tables.h"

static const char help[] = "usage: assay watch [OPTIONS] CASE|FOLDER...\n"
						   "\n"
						   "Matches stored cases against newer feeds, without their images, and tells what\n"
						   "changed: which vulnerabilities are new for which case, which changed (known to\n"
						   "be exploited, EPSS, severity, fixed), and which went away. Of a folder all files\n"
						   "that end with .assay are looked at. The cases stay as they are, unless --update\n"
						   "is given.\n"
						   "\n"
						   "  assay feed update && assay watch cases/\n"
						   "  assay watch cases/ --cve CVE-2026-12345     who has it\n"
						   "  assay watch cases/ --json --update          for a pipeline, each night\n"
						   "\n"
						   "      --feeds FILE       the feed database (see assay feed)\n"
						   "      --since WHEN       last: what changed since each case was matched (the\n"
						   "                         default); or a date, as 2026-08-22: only what was\n"
						   "                         published, modified or imported from then on\n"
						   "      --cve CVE          only this one; tells also of cases that had it before\n"
						   "      --product NAME     only software of this name, as assay vulns shows it\n"
						   "      --min-priority N   only from this priority on, 0 to 100\n"
						   "      --epss N           an EPSS that reaches N is a change, 0 to 1 (0.1)\n"
						   "      --statements FILE  with statements, as of assay vulns\n"
						   "      --update           write the new matches into the cases; assay judge then\n"
						   "                         decides anew\n"
						   "      --json             as JSON on standard output (docs/watch.schema.json)\n"
						   "  -t, --threads N        threads; as many as there are processors\n"
						   "  -q, --quiet            no progress\n"
						   "\n"
						   "Exit codes: 0 nothing changed, 1 something did, 2 a case, the database or the\n"
						   "command line is unusable (other cases are looked at all the same), 3 an internal\n"
						   "fault.\n";

struct options {
	struct watch_options watch;
	bool json, quiet;
};

enum {
	OPT_FEEDS = 256,
	OPT_SINCE,
	OPT_CVE,
	OPT_PRODUCT,
	OPT_MIN_PRIORITY,
	OPT_EPSS,
	OPT_STATEMENTS,
	OPT_UPDATE,
	OPT_JSON
};

static const struct option long_options[] = {
	{ "feeds", required_argument, NULL, OPT_FEEDS },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "cve", required_argument, NULL, OPT_CVE },
	{ "product", required_argument, NULL, OPT_PRODUCT },
	{ "min-priority", required_argument, NULL, OPT_MIN_PRIORITY },
	{ "epss", required_argument, NULL, OPT_EPSS },
	{ "statements", required_argument, NULL, OPT_STATEMENTS },
	{ "update", no_argument, NULL, OPT_UPDATE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "threads", required_argument, NULL, 't' },
	{ "quiet", no_argument, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

/* "2026-08-22", "2026-08-22T12:00:00Z": text order is time order. */
static bool is_date(const char *t)
{
	static const char shape[] = "0000-00-00T00:00:00Z";
	size_t n = strlen(t);
	for (size_t i = 0; i < n; i++)
		if (i >= sizeof shape - 1 || (shape[i] == '0' ? t[i] < '0' || t[i] > '9' : t[i] != shape[i]))
			return false;
	return n == 10 || n == sizeof shape - 1;
}

static bool parse_number(const char *t, double max, double *value)
{
	char *end;
	*value = strtod(t, &end);
	return end != t && !*end && *value >= 0 && *value <= max;
}

static bool take_option(int option, char *value, struct options *o)
{
	uint64_t n;
	struct watch_options *w = &o->watch;
	switch (option) {
	case OPT_FEEDS:
		w->feeds = value;
		return true;
	case OPT_SINCE:
		w->since = strcmp(value, "last") == 0 ? NULL : value;
		return !w->since || is_date(value) ||
			   (complain(0, value, "--since takes last, or a date as 2026-08-22 or 2026-08-22T12:00:00Z (UTC)"), false);
	case OPT_CVE:
		w->cve = value;
		for (char *p = value; *p; p++) /* as the feeds write CVEs; others, as GHSA-, have small letters */
			if (strncasecmp(value, "cve-", 4) == 0 && *p >= 'a' && *p <= 'z')
				*p = (char)(*p & ~32);
		return true;
	case OPT_PRODUCT:
		w->product = value;
		return true;
	case OPT_MIN_PRIORITY:
		return parse_number(value, 100, &w->min_priority) ||
			   (complain(0, value, "--min-priority takes 0 to 100"), false);
	case OPT_EPSS:
		return (parse_number(value, 1, &w->epss_threshold) && w->epss_threshold > 0) ||
			   (complain(0, value, "--epss takes a number above 0, at most 1"), false);
	case OPT_STATEMENTS:
		w->statements = value;
		return true;
	case OPT_UPDATE:
		return w->update = true;
	case OPT_JSON:
		return o->json = true;
	case 't':
		if (!parse_count(value, 1, 256, &n))
			return complain(0, value, "--threads takes 1 to 256"), false;
		w->threads = (unsigned)n;
		return true;
	default:
		return o->quiet = true;
	}
}

static bool parse(int argc, char **argv, struct options *o)
{
	int option;
	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":t:q", long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			return complain_option(argv, long_options, option, "watch"), false;
		if (!take_option(option, optarg, o))
			return false;
	}
	if (optind == argc)
		return complain(0, NULL, "name case files, or folders of them; see assay watch --help"), false;
	return true;
}

static const char *note_of(const struct watch_change *c, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	if (c->what & WATCH_STATE)
		n += (size_t)snprintf(out + n, size - n, "is %.*s now; ", (int)c->state.n, c->state.p);
	if (c->kind == WATCH_GONE)
		n += (size_t)snprintf(out + n, size - n, "no record says so now; ");
	if (c->kev)
		n += (size_t)snprintf(out + n, size - n, "exploited%s; ", c->what & WATCH_KEV ? " now" : "");
	else if (c->what & WATCH_KEV)
		n += (size_t)snprintf(out + n, size - n, "no longer listed as exploited; ");
	if (c->what & WATCH_EPSS)
		n += (size_t)snprintf(out + n, size - n, "EPSS %.3f, was %.3f; ", c->epss, c->epss_was < 0 ? 0 : c->epss_was);
	if (c->what & WATCH_SEVERITY)
		n += (size_t)snprintf(out + n, size - n, "severity was %.*s; ", c->severity_was.n ? (int)c->severity_was.n : 7,
							  c->severity_was.n ? c->severity_was.p : "unknown");
	if (n >= 2 && n < size)
		out[n - 2] = '\0';
	for (char *p = out; *p; p++)
		*p = *p == '_' ? ' ' : *p;
	return out;
}

static void add_row(struct report_table *t, const struct watch_change *x)
{
	char priority[32], component[512], note[256], what[512];
	struct text version = x->package_version.n ? x->package_version : x->version;
	int n = 0;
	snprintf(priority, sizeof priority, "%.1f", x->priority);
	snprintf(component, sizeof component, "%.*s %.*s", (int)(x->component.n < 200 ? x->component.n : 200),
			 x->component.n ? x->component.p : "", (int)(version.n < 200 ? version.n : 200),
			 version.n ? version.p : "");
	if (x->cvss >= 0)
		n = snprintf(what, sizeof what, "%.1f %.*s, ", x->cvss, (int)(x->severity.n < 20 ? x->severity.n : 20),
					 x->severity.n ? x->severity.p : "");
	note_of(x, note, sizeof note);
	snprintf(what + n, sizeof what - (size_t)n, "%.*s%s%s", (int)(x->exposure.n < 20 ? x->exposure.n : 20),
			 x->exposure.n ? x->exposure.p : "", note[0] ? "; " : "", note);
	report_table_row(t, (struct text[]){ text_c(watch_kind_name(x->kind)), text_c(priority), x->name, text_c(component),
										 text_c(what) });
}

static struct error print_case(const struct watch_case *c, const struct report_style *style)
{
	static const struct report_column columns[] = { { "", false, 0 },
													{ "priority", true, 0 },
													{ "vulnerability", false, 0 },
													{ "component", false, 22 },
													{ "", false, 0 } };
	struct report_table *t = report_table_new(style, columns, 5);
	char path[4096];
	if (!t)
		return error_at(ERR_MEMORY, 0, "no memory for the table");
	escape_terminal(text_c(c->path), path, sizeof path);
	printf("%s%s\n", path, c->first ? " (was never matched: all is new)" : "");
	for (size_t i = 0; i < c->n; i++)
		add_row(t, &c->changes[i]);
	struct error e = report_table_print(t, stdout, 2);
	report_table_free(t);
	putchar('\n');
	return e;
}

/* A source and its age, as far as a line goes. */
static void print_sources(const char *path)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	struct error e = feed_open(path, &db);
	size_t at = 0;
	if (!error_is(&e))
		sqlite3_prepare_v2(db,
						   "SELECT name, coalesce(newest, imported, '?') FROM source WHERE records > 0 ORDER BY name",
						   -1, &s, NULL);
	while (s && sqlite3_step(s) == SQLITE_ROW) {
		char name[128], day[32], item[192];
		escape_terminal(text_c((const char *)sqlite3_column_text(s, 0)), name, sizeof name);
		escape_terminal(text_c((const char *)sqlite3_column_text(s, 1)), day, 11);
		size_t n = (size_t)snprintf(item, sizeof item, "%s %s", name, day);
		if (at && at + n + 2 > 78)
			at = (size_t)printf(",\n  ") - 2;
		else
			at += (size_t)printf("%s", at ? ", " : "Feeds: ");
		at += (size_t)printf("%s", item);
	}
	if (at)
		putchar('\n');
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static int print_all(const struct watch_case *cases, size_t n, const struct watch_options *o)
{
	struct report_style style = report_style_for(stdout);
	struct watch_counts c = watch_count(cases, n);
	for (size_t i = 0; i < n; i++) {
		struct error e = cases[i].n ? print_case(&cases[i], &style) : error_none();
		if (error_is(&e))
			return complain_error(NULL, &e);
	}
	if (o->cve)
		printf("%zu of %zu case%s: %s applies to software in %s.\n", c.affected, n, n == 1 ? "" : "s", o->cve,
			   c.affected == 1 ? "it" : "them");
	printf("%zu new, %zu changed, %zu went away, in %zu of %zu case%s.\n", c.kinds[WATCH_NEW], c.kinds[WATCH_CHANGED],
		   c.kinds[WATCH_GONE], c.concerned, n, n == 1 ? "" : "s");
	print_sources(o->feeds);
	return EXIT_NO_FAIL;
}

static void name_errors(const struct watch_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (error_is(&cases[i].error))
			complain(0, cases[i].path, "%s", cases[i].error.text);
}

static int watch_all(const struct options *o, struct watch_case *cases, size_t n)
{
	struct watch *w;
	struct progress progress;
	progress_start(&progress, o->quiet);
	progress.label = "looking at case";
	struct watch_options options = o->watch;
	options.progress = progress_count;
	options.progress_context = &progress;
	struct error e = watch_run(&options, cases, n, &w);
	progress_end(&progress);
	if (error_is(&e))
		return complain_error(e.code == ERR_USAGE && options.cve ? options.cve : options.feeds, &e);
	name_errors(cases, n);
	int code = o->json ? watch_json(cases, n, &options) : print_all(cases, n, &options);
	struct watch_counts c = watch_count(cases, n);
	watch_free(w);
	return code ? code : c.unreadable ? EXIT_UNUSABLE : c.concerned ? EXIT_FAIL : EXIT_NO_FAIL;
}

static int run(int argc, char **argv)
{
	char path[MATCH_PATH_BYTES];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = { .watch = { .epss_threshold = 0.1,
									.threads = processors > 0 && processors < 256 ? (unsigned)processors : 1 } };
	if (!parse(argc, argv, &o))
		return EXIT_UNUSABLE;
	o.watch.feeds = match_feeds_path(o.watch.feeds, path);
	if (!o.watch.feeds)
		return complain(EXIT_UNUSABLE, NULL, "neither HOME nor XDG_DATA_HOME is set: name the database with --feeds");
	struct watch_paths paths = { 0 };
	char now[24];
	feed_now(now);
	o.watch.now = now;
	int code = watch_find(&paths, argv + optind);
	if (!code && !paths.n)
		code =
			complain(EXIT_UNUSABLE, NULL, "there are no cases: in folders, files that end with .assay are looked at");
	if (!code)
		code = watch_all(&o, paths.cases, paths.n);
	watch_forget(&paths);
	return code;
}

const struct command command_watch = { "watch", "what newer feeds change in stored cases", help, run };
