/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renders a made-up case, for tests by other programs and for a look at it:
 *     report_sample router|hostile|large json|html|terminal|case:PATH > out
 * or what changed from the router to another one, or to a large image:
 *     report_sample changes|changes-large json|html > out */
#include <stdio.h>
#include <string.h>

#include "make_case.h"
#include "report/diff_terminal.h"
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

/* What a later version may do to a router, with an attacker's strings in names. */
static void make_worse(sqlite3 *db)
{
	make_rows(db, "UPDATE verdict SET verdict = 'FAIL' WHERE id IN (SELECT id FROM verdict WHERE verdict = 'PASS' LIMIT 2)");
	make_rows(db, "UPDATE elf SET nx = 0, relro = 'none', canary = 0 WHERE rowid %% 3");
	make_rows(db, "UPDATE elf SET nx = 1, relro = 'full', canary = 1, fortify = 1 WHERE rowid %% 3 = 0");
	make_rows(db, "INSERT INTO blob(id, input_id, parent_id, kind, path, size, sha256, mode)"
				  " SELECT 9000, input_id, id, 'file', %Q, 12, %Q, 2541 FROM blob WHERE format = 'squashfs' LIMIT 1",
			  "/bin/<img src=x onerror=alert(1)>\xe2\x80\xae</script>", "00ff");
	make_rows(db, "INSERT INTO private_key(id, blob_id, type, bits, fingerprint) VALUES(9001, 9000, 'RSA', 1024, 'aa')");
	make_rows(db, "DELETE FROM blob WHERE path = '/etc/passwd'");
}

static struct error render_changes(const char *name, const char *what)
{
	struct diff_request r = { .old = make_case_router(NULL), .old_name = "router-1.3.assay", .new_name = "router-1.4<b>.assay" };
	bool is_large = strcmp(name, "changes-large") == 0;
	uint64_t worse;
	r.new = is_large ? make_case_large(NULL, 100000) : make_case_router(NULL);
	if (!is_large)
		make_worse(r.new);
	for (size_t i = 0; diff_topics[i].name; i++)
		r.wanted[i] = true;
	struct error e = strcmp(what, "html") == 0 ? diff_html(&r, stdout, "1", &worse) : diff_json(&r, stdout, "1", &worse);
	sqlite3_close(r.old);
	sqlite3_close(r.new);
	return e;
}

static int render_case(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[2] : "";
	const char *path = strncmp(what, "case:", 5) == 0 ? what + 5 : NULL;
	sqlite3 *db = argc == 3 ? make(argv[1], path) : NULL;
	if (!db) {
		fprintf(stderr, "report_sample: router|hostile|large json|html|terminal|case:PATH, changes|changes-large json|html\n");
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

int main(int argc, char **argv)
{
	if (argc != 3 || strncmp(argv[1], "changes", 7) != 0)
		return render_case(argc, argv);
	struct error e = render_changes(argv[1], argv[2]);
	if (error_is(&e))
		fprintf(stderr, "report_sample: %s\n", e.text);
	return error_is(&e);
}
