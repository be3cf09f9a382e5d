/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/junit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/escape.h"
#include "report/view.h"

#define EVIDENCE_SHOWN 50u

struct junit {
	FILE *out;
	struct view *v;
	struct arena *scratch;
};

/* XML 1.0 (section 2.2) has no place for most control characters, not even as references: they become U+FFFD. */
static void put_char(FILE *out, const unsigned char *p, unsigned n)
{
	bool control = n == 1 && *p < 0x20 && *p != '\n' && *p != '\t';
	if (control || (n == 3 && p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe)) /* U+FFFE, U+FFFF */
		fputs("\xef\xbf\xbd", out);
	else if (n == 1 && (*p == '<' || *p == '>' || *p == '&' || *p == '"'))
		fputs(*p == '<' ? "&lt;" : *p == '>' ? "&gt;" : *p == '&' ? "&amp;" : "&quot;", out);
	else if (n == 1 && (*p == '\n' || *p == '\t'))
		fputs(*p == '\n' ? "&#10;" : "&#9;", out);
	else
		fwrite(p, 1, n, out);
}

static void put(FILE *out, struct text t)
{
	const unsigned char *p = (const unsigned char *)t.p;
	for (size_t i = 0; i < t.n;) {
		unsigned n = escape_utf8_len(p + i, t.n - i);
		if (n)
			put_char(out, p + i, n);
		else
			fputs("\xef\xbf\xbd", out);
		i += n ? n : 1;
	}
}

static void attribute(FILE *out, const char *name, struct text value)
{
	fprintf(out, " %s=\"", name);
	put(out, value);
	putc('"', out);
}

static struct error write_failure(struct junit *j, sqlite3_stmt *row)
{
	struct error e = error_none();
	struct view_evidence evidence;
	sqlite3_stmt *rows = NULL;
	fputs("\n      <failure", j->out);
	attribute(j->out, "message", view_text(row, VERDICT_SUMMARY));
	attribute(j->out, "type", view_text(row, VERDICT_SEVERITY));
	putc('>', j->out);
	for (unsigned n = 0; n < EVIDENCE_SHOWN && view_next_evidence(j->v, view_int(row, VERDICT_ID), &rows, &evidence, &e);) {
		if (!text_is(evidence.role, "fails"))
			continue;
		put(j->out, evidence.says);
		putc('\n', j->out);
		n++;
	}
	sqlite3_finalize(rows);
	if (view_text(row, VERDICT_REMEDY).n) {
		fputs("What fixes it: ", j->out);
		put(j->out, view_text(row, VERDICT_REMEDY));
	}
	fputs("</failure>\n    ", j->out);
	return e;
}

static void write_skipped(struct junit *j, sqlite3_stmt *row, enum view_verdict verdict)
{
	struct text summary = view_text(row, VERDICT_SUMMARY);
	const char *message = arena_printf(j->scratch, "%s: %.*s", view_verdict_words[verdict], (int)summary.n, summary.n ? summary.p : "");
	fputs("\n      <skipped", j->out);
	attribute(j->out, "message", text_c(message));
	fputs("/>\n    ", j->out);
}

static struct error write_case(struct junit *j, sqlite3_stmt *row)
{
	struct text id = view_text(row, VERDICT_REQUIREMENT), title = view_text(row, VERDICT_TITLE);
	enum view_verdict verdict = view_verdict_of(view_text(row, VERDICT_VERDICT));
	struct error e = error_none();
	fputs("    <testcase", j->out);
	attribute(j->out, "classname", view_text(row, VERDICT_PACK));
	attribute(j->out, "name", text_c(arena_printf(j->scratch, "%.*s: %.*s", (int)id.n, id.p, (int)title.n, title.n ? title.p : "")));
	fputs(" time=\"0\">", j->out);
	if (verdict == VIEW_FAIL)
		e = write_failure(j, row);
	else if (verdict != VIEW_PASS)
		write_skipped(j, row, verdict);
	fputs("</testcase>\n", j->out);
	return e;
}

static int64_t count(struct junit *j, const char *pack, const char *which)
{
	char *sql = sqlite3_mprintf("SELECT count(*) FROM verdict WHERE pack = %Q AND %s", pack, which);
	int64_t n = sql ? view_number(j->v, sql, 0) : 0;
	sqlite3_free(sql);
	return n;
}

static void open_suite(struct junit *j, const char *pack, struct text title)
{
	fputs("  <testsuite", j->out);
	attribute(j->out, "name", title.n ? title : text_c(pack));
	fprintf(j->out, " tests=\"%" PRId64 "\" failures=\"%" PRId64 "\" errors=\"0\" skipped=\"%" PRId64 "\" time=\"0\">\n",
			count(j, pack, "1"), count(j, pack, "verdict = 'FAIL'"), count(j, pack, "verdict NOT IN ('FAIL', 'PASS')"));
}

static struct error write_suites(struct junit *j)
{
	sqlite3_stmt *row = NULL;
	char *pack = NULL;
	struct error e = view_verdicts_by_id(j->v, &row);
	while (!error_is(&e) && view_step(row, &e)) {
		struct text name = view_text(row, VERDICT_PACK);
		arena_reset(j->scratch);
		if (!pack || !text_is(name, pack)) {
			if (pack)
				fputs("  </testsuite>\n", j->out);
			free(pack);
			pack = strndup(name.n ? name.p : "", name.n);
			if (!pack) {
				e = error_at(ERR_MEMORY, 0, "out of memory");
				break;
			}
			open_suite(j, pack, view_text(row, VERDICT_PACK_TITLE));
		}
		e = write_case(j, row);
	}
	if (pack)
		fputs("  </testsuite>\n", j->out);
	free(pack);
	sqlite3_finalize(row);
	return e;
}

struct error report_junit(sqlite3 *db, FILE *out)
{
	struct error e;
	_cleanup_(arena_cleanup) struct arena *scratch = arena_new(0);
	struct junit j = { .out = out, .v = scratch ? view_open(db, &e) : NULL, .scratch = scratch };
	if (!j.v)
		return scratch ? e : error_at(ERR_MEMORY, 0, "out of memory");
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n", out);
	e = write_suites(&j);
	fputs("</testsuites>\n", out);
	if (!error_is(&e))
		e = view_failure(j.v);
	view_close(j.v);
	return e;
}
