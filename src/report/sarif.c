/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sarif.h"

#include <string.h>

#include "base/hash.h"
#include "report/json_writer.h"
#include "report/uri.h"
#include "report/view_excerpt.h"

/* Evidence of one requirement: the readers of SARIF take some thousand results in all. */
#define RESULTS_PER_REQUIREMENT 100u

/* Bytes of binary data that are quoted. */
#define EXCERPT_BYTES 64u
static const char hex_digits[] = "0123456789abcdef";

struct sarif {
	struct json j;
	struct view *v;
	struct arena *scratch; /* emptied with each verdict */
};

/* How severities are told: `level` for all readers, "security-severity" (a CVSS number) for GitHub. */
struct severity_words {
	const char *severity, *level, *score;
};
static const struct severity_words severities[] = {
	{ "critical", "error", "9.5" },
	{ "high", "error", "8.0" },
	{ "medium", "warning", "5.5" },
	{ "low", "note", "2.5" },
};

static const struct severity_words *words_for(struct text severity)
{
	for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++)
		if (text_is(severity, severities[i].severity))
			return &severities[i];
	return &severities[2];
}

static void open_key(struct json *j, const char *key, char bracket)
{
	json_key(j, key);
	json_open(j, bracket);
}

static void message(struct json *j, const char *key, struct text text)
{
	open_key(j, key, '{');
	json_key_text(j, "text", text);
	json_close(j, '}');
}

/* A place needs a name: what has none is the image itself. */
static struct text uri_of(struct arena *a, const char *path)
{
	struct text uri = uri_of_path(a, path);
	return uri.n ? uri : TEXT_LIT("image");
}

/* ---- rules ---- */

static void write_rule(struct sarif *s, sqlite3_stmt *row)
{
	struct json *j = &s->j;
	const struct severity_words *words = words_for(view_text(row, VERDICT_SEVERITY));
	json_open(j, '{');
	json_key_text(j, "id", view_text(row, VERDICT_REQUIREMENT));
	message(j, "shortDescription", view_text(row, VERDICT_TITLE));
	if (view_text(row, VERDICT_BECAUSE).n)
		message(j, "fullDescription", view_text(row, VERDICT_BECAUSE));
	if (view_text(row, VERDICT_REMEDY).n)
		message(j, "help", view_text(row, VERDICT_REMEDY));
	open_key(j, "defaultConfiguration", '{');
	json_key_text(j, "level", text_c(words->level));
	json_close(j, '}');
	open_key(j, "properties", '{');
	json_key_text(j, "security-severity", text_c(words->score));
	open_key(j, "tags", '[');
	json_text(j, TEXT_LIT("security"));
	json_text(j, view_text(row, VERDICT_PACK));
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
}

/* ---- results ---- */

static void write_region(struct json *j, const struct view_evidence *e)
{
	if (e->line != FACT_NULL && e->line > 0) {
		open_key(j, "region", '{');
		json_key_int(j, "startLine", e->line);
		json_close(j, '}');
	} else if (e->offset != FACT_NULL && e->offset >= 0) {
		open_key(j, "region", '{');
		json_key_int(j, "byteOffset", e->offset);
		json_close(j, '}');
	}
}

/* 3.30: a region of a text by line and columns, one of binary data by bytes; what is hidden of it is one of the run's
 * redactionTokens. */
static void write_text_regions(struct sarif *s, const struct view_excerpt *x)
{
	struct json *j = &s->j;
	const char *all = arena_printf(s->scratch, "%.*s%.*s%.*s", (int)x->before.n, x->before.p, (int)x->marked.n, x->marked.p,
								   (int)x->after.n, x->after.p);
	int64_t last = x->line;
	for (size_t i = 0; i < x->after.n; i++)
		last += x->after.p[i] == '\n';
	open_key(j, "region", '{');
	json_key_int(j, "startLine", x->line);
	if (x->column > 0 && x->end_column > x->column) {
		json_key_int(j, "startColumn", x->column);
		json_key_int(j, "endColumn", x->end_column);
	}
	message(j, "snippet", x->marked);
	json_close(j, '}');
	if (!all || (x->before.n == 0 && x->after.n == 0))
		return; /* it would be no larger (3.29.5) */
	open_key(j, "contextRegion", '{');
	json_key_int(j, "startLine", x->line - x->lines_before);
	json_key_int(j, "endLine", last);
	message(j, "snippet", text_c(all));
	json_close(j, '}');
}

static void write_bytes_region(struct sarif *s, const char *key, int64_t offset, int64_t n, struct text digits)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct json *j = &s->j;
	char base64[4 * (EXCERPT_BYTES / 3 + 1) + 1], *out = base64;
	open_key(j, key, '{');
	json_key_int(j, "byteOffset", offset);
	json_key_int(j, "byteLength", n);
	bool fits = digits.n && digits.n / 2 <= EXCERPT_BYTES && !memchr(digits.p, '*', digits.n);
	for (size_t at = 0; fits && at < digits.n; at += 6) {
		unsigned v = 0, have = digits.n - at < 6 ? (unsigned)(digits.n - at) / 2 : 3;
		for (size_t i = 0; i < 6; i++)
			v = v << 4 | (i < 2 * have ? (unsigned)(strchr(hex_digits, digits.p[at + i]) - hex_digits) : 0);
		for (unsigned i = 0; i < 4; i++)
			*out++ = i <= have ? alphabet[v >> (18 - 6 * i) & 63] : '=';
	}
	*out = '\0';
	if (fits) {
		open_key(j, "snippet", '{');
		json_key_text(j, "binary", text_c(base64));
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void write_excerpt(struct sarif *s, const struct view_excerpt *x)
{
	if (x->is_text) {
		write_text_regions(s, x);
		return;
	}
	const char *all = arena_printf(s->scratch, "%.*s%.*s%.*s", (int)x->before.n, x->before.p, (int)x->marked.n, x->marked.p,
								   (int)x->after.n, x->after.p);
	write_bytes_region(s, "region", x->offset, x->marked_length, x->marked);
	if (all && x->length > x->marked_length)
		write_bytes_region(s, "contextRegion", x->start, x->length, text_c(all));
}

static void write_place(struct sarif *s, const struct view_evidence *e)
{
	struct json *j = &s->j;
	char *path = view_short_path(s->v, e->blob_id, s->scratch), *whole = view_path(s->v, e->blob_id, s->scratch);
	json_open(j, '{');
	open_key(j, "physicalLocation", '{');
	open_key(j, "artifactLocation", '{');
	json_key_text(j, "uri", uri_of(s->scratch, path ? path : ""));
	json_close(j, '}');
	struct view_excerpt x;
	if (view_excerpt(s->v, e->table, e->row_id, s->scratch, &x))
		write_excerpt(s, &x);
	else
		write_region(j, e);
	json_close(j, '}');
	open_key(j, "logicalLocations", '[');
	json_open(j, '{');
	json_key_text(j, "fullyQualifiedName", text_c(whole));
	json_close(j, '}');
	json_close(j, ']');
	json_close(j, '}');
}

/* The same finding in the next image: requirement, file and words, without the numbers in them, which move. */
static void write_fingerprint(struct sarif *s, struct text requirement, const struct view_evidence *e)
{
	char *path = e->blob_id == FACT_NULL ? NULL : view_name(s->v, e->blob_id, s->scratch);
	char *says = arena_strdup(s->scratch, e->says), hex[65];
	for (char *p = says; p && *p; p++)
		if (*p >= '0' && *p <= '9')
			*p = '#';
	char *key = arena_printf(s->scratch, "%.*s\n%s\n%s", (int)requirement.n, requirement.p, path ? path : "", says ? says : "");
	hash_sha256_hex(span_of(key ? key : "", key ? strlen(key) : 0), hex);
	open_key(&s->j, "partialFingerprints", '{');
	json_key_text(&s->j, "assay/v1", text_c(hex));
	json_close(&s->j, '}');
}

static void write_result(struct sarif *s, sqlite3_stmt *row, int64_t index, const struct view_evidence *e)
{
	struct json *j = &s->j;
	json_open(j, '{');
	json_key_text(j, "ruleId", view_text(row, VERDICT_REQUIREMENT));
	json_key_int(j, "ruleIndex", index);
	json_key_text(j, "kind", TEXT_LIT("fail"));
	json_key_text(j, "level", text_c(words_for(view_text(row, VERDICT_SEVERITY))->level));
	message(j, "message", e->says.n ? e->says : view_text(row, VERDICT_SUMMARY));
	open_key(j, "locations", '[');
	if (e->blob_id != FACT_NULL)
		write_place(s, e);
	json_close(j, ']');
	write_fingerprint(s, view_text(row, VERDICT_REQUIREMENT), e);
	json_close(j, '}');
}

static struct error write_results_of(struct sarif *s, sqlite3_stmt *row, int64_t index)
{
	struct error e = error_none();
	struct view_evidence evidence;
	sqlite3_stmt *rows = NULL;
	unsigned n = 0;
	while (n < RESULTS_PER_REQUIREMENT && view_next_evidence(s->v, view_int(row, VERDICT_ID), &rows, &evidence, &e))
		if (text_is(evidence.role, "fails")) {
			write_result(s, row, index, &evidence);
			n++;
		}
	sqlite3_finalize(rows);
	return e;
}

/* Calls `write` for each verdict, in the order of the packs; its number is that of its rule. */
static struct error each_verdict(struct sarif *s, struct error (*write)(struct sarif *, sqlite3_stmt *, int64_t))
{
	sqlite3_stmt *row = NULL;
	struct error e = view_verdicts_by_id(s->v, &row);
	for (int64_t i = 0; !error_is(&e) && view_step(row, &e); i++) {
		arena_reset(s->scratch);
		e = write(s, row, i);
	}
	sqlite3_finalize(row);
	return e;
}

static struct error rule(struct sarif *s, sqlite3_stmt *row, int64_t index)
{
	(void)index;
	write_rule(s, row);
	return error_none();
}

static struct error result(struct sarif *s, sqlite3_stmt *row, int64_t index)
{
	if (view_verdict_of(view_text(row, VERDICT_VERDICT)) != VIEW_FAIL)
		return error_none();
	return write_results_of(s, row, index);
}

static struct error notification(struct sarif *s, sqlite3_stmt *row, int64_t index)
{
	struct json *j = &s->j;
	if (view_verdict_of(view_text(row, VERDICT_VERDICT)) != VIEW_INCONCLUSIVE)
		return error_none();
	json_open(j, '{');
	json_key_text(j, "level", TEXT_LIT("note"));
	struct text summary = view_text(row, VERDICT_SUMMARY), settles = view_text(row, VERDICT_SETTLES);
	const char *text = arena_printf(s->scratch, "INCONCLUSIVE: %.*s%s%.*s", (int)summary.n, summary.n ? summary.p : "",
									settles.n ? " What would settle it: " : "", (int)settles.n, settles.n ? settles.p : "");
	message(j, "message", text_c(text));
	open_key(j, "associatedRule", '{');
	json_key_text(j, "id", view_text(row, VERDICT_REQUIREMENT));
	json_key_int(j, "index", index);
	json_close(j, '}');
	json_close(j, '}');
	return error_none();
}

/* ---- the run ---- */

static struct error write_tool(struct sarif *s)
{
	struct json *j = &s->j;
	open_key(j, "tool", '{');
	open_key(j, "driver", '{');
	json_key_text(j, "name", TEXT_LIT("Assay"));
	json_key_text(j, "version", text_c(view_meta(s->v, "version", s->scratch)));
	open_key(j, "rules", '[');
	struct error e = each_verdict(s, rule);
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
	return e;
}

static struct error write_invocation(struct sarif *s)
{
	struct json *j = &s->j;
	open_key(j, "invocations", '[');
	json_open(j, '{');
	json_key(j, "executionSuccessful");
	json_bool(j, view_number(s->v, "SELECT count(*) FROM probe_run WHERE status <> 'complete'", 1) == 0);
	open_key(j, "toolExecutionNotifications", '[');
	struct error e = each_verdict(s, notification);
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
	return e;
}

static struct error write_artifacts(struct sarif *s)
{
	static const char *const columns[] = { "location", "size", "sha256" };
	struct json *j = &s->j;
	sqlite3_stmt *row = NULL;
	struct error e = view_select(view_db(s->v), "input", columns, 3, "ORDER BY id", &row);
	open_key(j, "artifacts", '[');
	while (!error_is(&e) && view_step(row, &e)) {
		arena_reset(s->scratch);
		json_open(j, '{');
		open_key(j, "location", '{');
		json_key_text(j, "uri", uri_of(s->scratch, arena_strdup(s->scratch, text_base(view_text(row, 0)))));
		json_close(j, '}');
		if (view_int(row, 1) != FACT_NULL && view_int(row, 1) >= 0)
			json_key_int(j, "length", view_int(row, 1));
		if (view_text(row, 2).n) {
			open_key(j, "hashes", '{');
			json_key_text(j, "sha-256", view_text(row, 2));
			json_close(j, '}');
		}
		json_close(j, '}');
	}
	sqlite3_finalize(row);
	json_close(j, ']');
	return e;
}

struct error report_sarif(sqlite3 *db, FILE *out)
{
	struct error e;
	_cleanup_(arena_cleanup) struct arena *scratch = arena_new(0);
	struct sarif s = { .j = { .out = out, .broken_lines = 6 }, .v = scratch ? view_open(db, &e) : NULL, .scratch = scratch };
	if (!s.v)
		return scratch ? e : error_at(ERR_MEMORY, 0, "out of memory");
	json_open(&s.j, '{');
	json_key_text(&s.j, "$schema", TEXT_LIT("https://json.schemastore.org/sarif-2.1.0.json"));
	json_key_text(&s.j, "version", TEXT_LIT("2.1.0"));
	open_key(&s.j, "runs", '[');
	json_open(&s.j, '{');
	e = write_tool(&s);
	if (!error_is(&e))
		e = write_invocation(&s);
	if (!error_is(&e))
		e = write_artifacts(&s);
	open_key(&s.j, "results", '[');
	if (!error_is(&e))
		e = each_verdict(&s, result);
	json_close(&s.j, ']');
	json_key_text(&s.j, "columnKind", TEXT_LIT("utf16CodeUnits"));
	open_key(&s.j, "redactionTokens", '[');
	json_text(&s.j, TEXT_LIT("****"));
	json_close(&s.j, ']');
	json_close(&s.j, '}');
	json_close(&s.j, ']');
	json_close(&s.j, '}');
	putc('\n', out);
	if (!error_is(&e))
		e = view_failure(s.v);
	view_close(s.v);
	return e;
}
