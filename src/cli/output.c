/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/probes.h"
#include "cli/write.h"
#include "judge/judge.h"
#include "judge/standing.h"
#include "report/cyclonedx.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/oscal.h"
#include "report/sarif.h"
#include "report/spdx2.h"
#include "report/terminal.h"
#include "report/view.h"

bool output_add_pack(struct output_options *o, const char *path)
{
	if (o->npacks == PACKS_MAX)
		return false;
	o->pack_paths[o->npacks++] = path;
	return true;
}

static struct packs *load_packs(bool (*load)(struct packs *, struct pack_error *))
{
	struct pack_error e = { 0 };
	struct packs *packs = packs_new(probe_names());
	if (packs && load(packs, &e))
		return packs;
	complain(EXIT_INTERNAL, NULL, "%s", packs ? e.text : "no memory for the packs");
	packs_free(packs);
	return NULL;
}

struct packs *output_builtin_packs(void)
{
	return load_packs(packs_load_builtins);
}

struct packs *output_checked_packs(void)
{
	return load_packs(packs_check_builtins);
}

int output_prepare(struct output_options *o)
{
	struct pack_error e = { 0 };
	if (o->packs)
		return EXIT_NO_FAIL;
	o->packs = output_builtin_packs(); /* those of the user may include them */
	if (!o->packs)
		return EXIT_INTERNAL;
	for (size_t i = 0; o->npacks == 0 && i < packs_count(o->packs) && i < PACKS_MAX; i++)
		o->chosen[o->nchosen++] = packs_get(o->packs, i);
	for (size_t i = 0; i < o->npacks; i++) {
		const struct pack *pack = packs_load_file(o->packs, o->pack_paths[i], &e);
		if (!pack)
			return complain(EXIT_UNUSABLE, NULL, "%s", e.text);
		o->chosen[o->nchosen++] = pack;
	}
	return EXIT_NO_FAIL;
}

int output_prepare_own(struct output_options *o)
{
	return o->npacks ? output_prepare(o) : EXIT_NO_FAIL;
}

void output_free(struct output_options *o)
{
	packs_free(o->packs);
	o->packs = NULL;
}

static bool is_same_file(const char *path, const struct stat *other)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_dev == other->st_dev && st.st_ino == other->st_ino;
}

int output_check_targets(const struct output_options *o, const char *case_path, const struct stat *image)
{
	const char *const targets[] = { o->html, o->json, o->cyclonedx, o->spdx, o->sarif, o->junit, o->oscal,
									 image ? case_path : NULL };
	const size_t last = sizeof targets / sizeof targets[0] - 1; /* the case itself */
	for (size_t i = 0; i <= last; i++) {
		if (!targets[i])
			continue;
		bool is_file = strcmp(targets[i], "-") != 0;
		if (is_file && image && is_same_file(targets[i], image))
			return complain(EXIT_UNUSABLE, targets[i], "is an input itself: name another file");
		for (size_t k = i + 1; k <= last; k++)
			if (targets[k] && strcmp(targets[i], targets[k]) == 0)
				return complain(EXIT_UNUSABLE, targets[i], "can not take two results: name another file for one");
		struct stat c;
		if (is_file && i < last && stat(case_path, &c) == 0 && is_same_file(targets[i], &c))
			return complain(EXIT_UNUSABLE, targets[i], "is the case file: name another file");
	}
	return EXIT_NO_FAIL;
}

/* A report of a case, as write_file() asks for it. */
struct rendering {
	sqlite3 *db;
	struct error (*render)(sqlite3 *, FILE *);
};

static struct error render_case(void *context, FILE *out)
{
	const struct rendering *r = context;
	return r->render(r->db, out);
}

struct bill {
	struct sbom *sbom;
	struct error (*render)(struct sbom *, FILE *);
};

static struct error render_bill(void *context, FILE *out)
{
	const struct bill *b = context;
	return b->render(b->sbom, out);
}

static int write_report(const char *path, sqlite3 *db, struct error (*render)(sqlite3 *, FILE *))
{
	struct rendering r = { db, render };
	return write_file(path, render_case, &r);
}

/* Bills of materials, as assay sbom writes them. */
static int write_bill(const char *path, sqlite3 *db, struct error (*render)(struct sbom *, FILE *))
{
	struct error e = error_none();
	struct sbom *s = sbom_load(db, NULL, &e);
	struct bill bill = { s, render };
	int code = s ? write_file(path, render_bill, &bill) : complain_error(path, &e);
	sbom_free(s);
	return code;
}

/* The exit code that the verdicts give. */
static int failures(sqlite3 *db, const char *case_path)
{
	sqlite3_stmt *s = NULL;
	int code = EXIT_INTERNAL;
	if (sqlite3_prepare_v2(db, "SELECT count(*), sum(verdict = 'FAIL') FROM verdict", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		code = sqlite3_column_int(s, 0) == 0   ? EXIT_UNUSABLE
		       : sqlite3_column_int(s, 1) == 0 ? EXIT_NO_FAIL
		                                       : EXIT_FAIL;
	sqlite3_finalize(s);
	if (code == EXIT_UNUSABLE)
		complain(code, case_path, "holds no verdicts: its run did not come to its end, or it was never judged");
	return code;
}

bool output_measure_option(struct output_options *o, int option, const char *value)
{
	if (option == OPT_MEASURES)
		o->measures = value;
	if (option == OPT_NO_MEASURES)
		o->without_measures = true;
	if (option == OPT_VERBOSE)
		o->verbose = true;
	return option == OPT_MEASURES || option == OPT_NO_MEASURES || option == OPT_VERBOSE;
}

/* Where the numbers stand among other products. It is no part of the assessment: what goes wrong with the user's own database
 * is told only when he named it. */
static void compare_measures(const struct output_options *o, struct case_file *c, bool record)
{
	char usual[4096];
	const char *path = o->measures ? o->measures : standing_default_path(usual, sizeof usual) ? usual : NULL;
	if (o->without_measures || !path)
		return;
	struct error e = standing_update(case_db(c), path, record);
	if (error_is(&e) && o->measures)
		complain(0, path, "the measures are not compared: %s", e.text);
}

static int report_all(const struct output_options *o, struct case_file *c, const char *case_path)
{
	int code = EXIT_NO_FAIL;
	struct error shown = o->show_secrets ? view_show_secrets(case_db(c)) : error_none();
	if (error_is(&shown))
		return complain_error(case_path, &shown);
	if (o->html)
		code = write_report(o->html, case_db(c), report_html);
	if (!code && o->json)
		code = write_report(o->json, case_db(c), report_json);
	if (!code && o->cyclonedx)
		code = write_bill(o->cyclonedx, case_db(c), report_cyclonedx);
	if (!code && o->spdx)
		code = write_bill(o->spdx, case_db(c), report_spdx2);
	if (!code && o->sarif)
		code = write_report(o->sarif, case_db(c), report_sarif);
	if (!code && o->junit)
		code = write_report(o->junit, case_db(c), report_junit);
	if (!code && o->oscal)
		code = write_report(o->oscal, case_db(c), report_oscal);
	const struct {
		const char *label, *path;
	} outputs[STYLE_WRITTEN_MAX] = { { "Report", o->html }, { "JSON", o->json },   { "SARIF", o->sarif },
									 { "JUnit", o->junit }, { "OSCAL", o->oscal }, { "CycloneDX", o->cyclonedx },
									 { "SPDX", o->spdx } };
	bool on_stdout = false;
	for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
		on_stdout |= outputs[i].path && strcmp(outputs[i].path, "-") == 0;
	if (!code && !o->quiet && !on_stdout) {
		struct report_style style = report_style_for(stdout);
		style.case_path = case_path;
		style.verbose = o->verbose;
		for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++) {
			style.written[i].label = outputs[i].label;
			style.written[i].path = outputs[i].path;
		}
		struct error e = report_terminal(case_db(c), stdout, &style);
		if (error_is(&e))
			code = complain_error(case_path, &e);
	}
	return code ? code : failures(case_db(c), case_path);
}

int output_judge_and_report(struct output_options *o, struct case_file *c, const char *case_path)
{
	int code = output_prepare(o);
	if (code)
		return code;
	struct error e = judge_case(case_db(c), o->chosen, o->nchosen, NULL);
	if (!error_is(&e))
		e = case_keep_excerpts(c);
	if (error_is(&e))
		return complain_error(case_path, &e);
	compare_measures(o, c, true);
	return report_all(o, c, case_path);
}

int output_report(const struct output_options *o, struct case_file *c, const char *case_path)
{
	compare_measures(o, c, false);
	return report_all(o, c, case_path);
}
