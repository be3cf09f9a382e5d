/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renders a made-up case, for tests by other programs and for a look at it:
 *     report_sample router|hostile|large json|html|terminal|case:PATH > out */
#include <stdio.h>
#include <string.h>

#include "make_case.h"
#include "report/html.h"
#include "report/json.h"
#include "report/terminal.h"

static sqlite3 *make(const char *name, const char *path)
{
	if (strcmp(name, "router") == 0)
		return make_case_router(path);
	if (strcmp(name, "hostile") == 0)
		return make_case_hostile(path);
	return strcmp(name, "large") == 0 ? make_case_large(path, 100000) : NULL;
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[2] : "";
	const char *path = strncmp(what, "case:", 5) == 0 ? what + 5 : NULL;
	sqlite3 *db = argc == 3 ? make(argv[1], path) : NULL;
	if (!db) {
		fprintf(stderr, "report_sample: router|hostile|large json|html|terminal|case:PATH\n");
		return 2;
	}
	struct error e = error_none();
	struct report_style style = report_style_for(stdout);
	style.case_path = "router-mipsel.trx.assay";
	if (strcmp(what, "json") == 0)
		e = report_json(db, stdout);
	else if (strcmp(what, "html") == 0)
		e = report_html(db, stdout);
	else if (!path)
		e = report_terminal(db, stdout, &style);
	sqlite3_close(db);
	if (error_is(&e))
		fprintf(stderr, "report_sample: %s\n", e.text);
	return error_is(&e);
}
