/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renders a made-up case, for tests by other programs and for a look at it:
 *     report_sample router|hostile|large json|html|terminal|case:PATH > out
 * or what changed from the router to another one, to one that differs in every topic, or to a large image:
 *     report_sample changes|changes-all|changes-large json|html > out */
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

#define EVIL "<img src=x onerror=alert(1)>\xe2\x80\xae</script>"

/* Of an option only a change is told. */
#define OPTION "INSERT INTO kernel_option(id, blob_id, name, value, origin, recommended) VALUES(9000, 1, 'STRICT_DEVMEM', %Q, 'config', 'y')"

/* A row of every topic that make_worse() leaves out. */
static void make_all_worse(sqlite3 *db)
{
	static const char *const rows[] = {
		"INSERT INTO account(id, blob_id, line, source, user, uid, shell, state, password)"
		" SELECT 9000, blob_id, 9, source, %Q, 0, '/bin/sh', 'set', 'letmein' FROM account WHERE source LIKE '%%shadow%%' LIMIT 1",
		"UPDATE startup SET user = 'root', command = command || ' ' || %Q WHERE program_name = 'telnetd'",
		"INSERT INTO certificate(id, blob_id, subject, key_type, key_bits, not_before, not_after, fingerprint)"
		" VALUES(9000, 9000, 'CN=' || %Q, 'rsa', 512, 0, 1e9, 'bb')",
		"INSERT INTO secret(id, blob_id, line, kind, name, value, confidence) VALUES(9000, 9000, 1, 'password', %Q, 'x', 'proven')",
		"INSERT INTO endpoint(id, blob_id, kind, text, scheme, host, encrypted, role, scope)"
		" VALUES(9000, 9000, 'url', 'x', 'http', %Q, 0, 'update', 'public')",
		"INSERT INTO weakness(id, blob_id, line, language, kind, code, sink, confidence)"
		" VALUES(9000, 9000, 3, 'shell', 'command-injection', %Q, 'eval', 'proven')",
		"UPDATE software SET version = %Q WHERE name = 'busybox'",
		"UPDATE vulnerability SET state = 'affected', kev = 1, reason = %Q",
		"INSERT INTO kernel(id, blob_id, version) VALUES(9000, 9000, %Q)",
		OPTION,
		"INSERT INTO setting(id, blob_id, line, program, section, key, value, origin, effective)"
		" VALUES(9000, 9000, 4, 'lighttpd', '', %Q, '1', 'file', 1)",
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		make_rows(db, rows[i], EVIL);
	make_rows(db, "UPDATE blob SET mode = 438 WHERE path = '/etc/hosts'");
}

static struct error render_changes(const char *name, const char *what)
{
	struct diff_request r = { .old = make_case_router(NULL), .old_name = "router-1.3.assay", .new_name = "router-1.4<b>.assay" };
	bool is_large = strcmp(name, "changes-large") == 0;
	uint64_t worse;
	r.new = is_large ? make_case_large(NULL, 100000) : make_case_router(NULL);
	if (!is_large)
		make_worse(r.new);
	if (strcmp(name, "changes-all") == 0) {
		make_rows(r.old, OPTION, "y");
		make_all_worse(r.new);
	}
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
		fprintf(stderr, "report_sample: router|hostile|large json|html|terminal|case:PATH, changes[-all|-large] json|html\n");
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
