/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "inspect/inspect.h"
#include "judge/judge.h"
#include "report/html.h"
#include "report/json.h"
#include "report/terminal.h"

bool output_add_pack(struct output_options *o, const char *path)
{
	if (o->npacks == PACKS_MAX)
		return false;
	o->pack_paths[o->npacks++] = path;
	return true;
}

/* "firmware.unpack" and one for each inspector: what a pack's `needs` may name. Lives as long as the program. */
static const char *const *probe_names(void)
{
	static char names[64][64];
	static const char *list[66];
	size_t n = 0;
	list[n++] = "firmware.unpack";
	for (size_t i = 0; i < 64 && inspector_registry[i]; i++) {
		snprintf(names[i], sizeof names[i], "firmware.%s", inspector_registry[i]->name);
		list[n++] = names[i];
	}
	list[n] = NULL;
	return list;
}

struct packs *output_builtin_packs(void)
{
	struct pack_error e = { 0 };
	struct packs *packs = packs_new(probe_names());
	if (packs && packs_load_builtins(packs, &e))
		return packs;
	complain(EXIT_INTERNAL, NULL, "%s", packs ? e.text : "no memory for the packs");
	packs_free(packs);
	return NULL;
}

int output_prepare(struct output_options *o)
{
	struct pack_error e = { 0 };
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

void output_free(struct output_options *o)
{
	packs_free(o->packs);
	o->packs = NULL;
}

/* Writes a report to a file beside its final place and then moves it there, so that no half report is ever seen. */
static int write_report(const char *path, sqlite3 *db, struct error (*render)(sqlite3 *, FILE *))
{
	char partial[4096];
	bool to_stdout = strcmp(path, "-") == 0;
	if (snprintf(partial, sizeof partial, "%s.partial", path) >= (int)sizeof partial)
		return complain(EXIT_UNUSABLE, path, "the name is too long");
	FILE *out = to_stdout ? stdout : fopen(partial, "w");
	if (!out)
		return complain(EXIT_UNUSABLE, path, "%s", strerror(errno));
	struct error e = render(db, out);
	if (to_stdout ? fflush(out) : fclose(out))
		e = error_at(ERR_IO, 0, "%s", strerror(errno));
	if (!error_is(&e) && !to_stdout && rename(partial, path))
		e = error_at(ERR_IO, 0, "%s", strerror(errno));
	if (!error_is(&e))
		return EXIT_NO_FAIL;
	if (!to_stdout)
		unlink(partial);
	return complain_error(path, &e);
}

static int failures(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int code = EXIT_INTERNAL;
	if (sqlite3_prepare_v2(db, "SELECT EXISTS(SELECT 1 FROM verdict WHERE verdict = 'FAIL')", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		code = sqlite3_column_int(s, 0) ? EXIT_FAIL : EXIT_NO_FAIL;
	sqlite3_finalize(s);
	return code;
}

int output_report(const struct output_options *o, struct case_file *c, const char *case_path)
{
	int code = EXIT_NO_FAIL;
	if (o->html)
		code = write_report(o->html, case_db(c), report_html);
	if (!code && o->json)
		code = write_report(o->json, case_db(c), report_json);
	bool json_on_stdout = o->json && strcmp(o->json, "-") == 0;
	if (!code && !o->quiet && !json_on_stdout) {
		struct report_style style = report_style_for(stdout);
		style.case_path = case_path;
		style.html_path = o->html;
		style.json_path = o->json;
		struct error e = report_terminal(case_db(c), stdout, &style);
		if (error_is(&e))
			code = complain_error(case_path, &e);
	}
	return code ? code : failures(case_db(c));
}

int output_judge_and_report(struct output_options *o, struct case_file *c, const char *case_path)
{
	struct error e = judge_case(case_db(c), o->chosen, o->nchosen, NULL);
	if (error_is(&e))
		return complain_error(case_path, &e);
	return output_report(o, c, case_path);
}
