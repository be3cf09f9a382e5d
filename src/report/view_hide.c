/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Credentials within other text: a command line that carries one, the statement or URL that it stands in. What one fact marks
 * as a credential is redacted wherever a fact of the same blob quotes it.
 *
 * The values of a case are sorted by blob and bytes, so that those which begin like a text are found by narrowing. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/redact.h"
#include "fact/excerpt.h"
#include "report/view_internal.h"

/* So many bytes of a value are compared: none has so many by chance. */
#define COMPARED 32u
/* A shorter one must stand for itself: "root" is no part of "rootfs". */
#define DISTINCTIVE 8u
/* Blobs whose credentials a verdict's summary is looked through for: it names one row, and counts the others. */
#define CITED_MAX 32u
/* A longer one with a colon in it is a token. */
#define PAIR_MAX 40u

struct credential {
	int64_t blob;
	size_t at, n; /* in `bytes`; n is at most COMPARED */
	bool whole;   /* that is all of it */
};

/* A blob with credentials that evidence of a verdict points into. */
struct cited {
	int64_t verdict, blob;
};

struct credentials {
	struct buf bytes, table; /* the second of struct credential */
	struct buf cited;		 /* of struct cited */
	unsigned users;			 /* functions that have it */
};

static const struct credential *credential(const struct credentials *c, size_t i)
{
	return (const struct credential *)(const void *)c->table.p + i;
}

/* ---- collecting ---- */

static const char *const sources[] = {
	"SELECT blob_id, CAST(value AS BLOB) FROM secret WHERE value <> ''",
	"SELECT blob_id, CAST(value AS BLOB) FROM setting WHERE secret AND value <> ''",
	"SELECT blob_id, CAST(hash AS BLOB) FROM account WHERE source <> 'authorized_keys' AND length(hash) >= 8",
	"SELECT blob_id, CAST(source AS BLOB) FROM weakness WHERE kind = 'hard-coded-credential' AND source <> ''",
};

static enum error_code collect(struct credentials *c, sqlite3_stmt *s)
{
	enum error_code code = ERR_NONE;
	int r = SQLITE_DONE;
	while (!code && (r = sqlite3_step(s)) == SQLITE_ROW) {
		const void *value = sqlite3_column_blob(s, 1);
		size_t n = value ? (size_t)sqlite3_column_bytes(s, 1) : 0;
		struct credential one = { .blob = sqlite3_column_int64(s, 0), .at = c->bytes.n, .whole = n <= COMPARED };
		one.n = one.whole ? n : COMPARED;
		if (n)
			code = buf_add(&c->bytes, value, one.n);
		if (n && !code)
			code = buf_add(&c->table, &one, sizeof one);
	}
	return code || r == SQLITE_DONE ? code : ERR_IO;
}

static int compare(const void *a, const void *b, void *bytes)
{
	const struct credential *x = a, *y = b;
	const uint8_t *p = bytes;
	if (x->blob != y->blob)
		return x->blob < y->blob ? -1 : 1;
	int r = memcmp(p + x->at, p + y->at, x->n < y->n ? x->n : y->n);
	return r ? r : (x->n > y->n) - (x->n < y->n);
}

static void credentials_free(void *context)
{
	struct credentials *c = context;
	if (c->users > 1) {
		c->users--;
		return;
	}
	buf_free(&c->cited);
	buf_free(&c->bytes);
	buf_free(&c->table);
	free(c);
}

/* ---- finding ---- */

struct range {
	size_t from, to;
};

static size_t count_of(const struct credentials *c)
{
	return c->table.n / sizeof(struct credential);
}

static struct range of_blob(const struct credentials *c, int64_t blob)
{
	size_t bounds[2]; /* the first, and the first behind it */
	for (unsigned i = 0; i < 2; i++) {
		size_t lo = 0, hi = count_of(c);
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;
			int64_t at = credential(c, mid)->blob;
			if (at < blob || (i && at == blob))
				lo = mid + 1;
			else
				hi = mid;
		}
		bounds[i] = lo;
	}
	return (struct range){ bounds[0], bounds[1] };
}

/* Of those in the range, which share `depth` bytes, the ones that go on with `byte`. */
static struct range narrow(const struct credentials *c, struct range r, size_t depth, unsigned byte)
{
	size_t bounds[2];
	for (unsigned i = 0; i < 2; i++) {
		size_t lo = r.from, hi = r.to;
		while (lo < hi) {
			size_t mid = lo + (hi - lo) / 2;
			if (c->bytes.p[credential(c, mid)->at + depth] < byte + i)
				lo = mid + 1;
			else
				hi = mid;
		}
		bounds[i] = lo;
	}
	return (struct range){ bounds[0], bounds[1] };
}

/* Where a value goes on that was compared in part: to the end of its word. */
static size_t rest_of(struct text t, size_t at)
{
	size_t end = at;
	while (end < t.n && !strchr(" \t\r\n\"'`;&|<>,", t.p[end]))
		end++;
	return end - at;
}

/* The length of the longest credential that stands there; 0: none. The text may be cut within it. */
static size_t match(const struct credentials *c, struct range r, struct text t, size_t at)
{
	size_t best = 0, depth = 0;
	while (r.from < r.to) {
		for (; r.from < r.to && credential(c, r.from)->n == depth; r.from++)
			if (!credential(c, r.from)->whole)
				best = depth + rest_of(t, at + depth);
			else if (depth >= DISTINCTIVE || excerpt_stands_alone(t, at, depth))
				best = depth;
		if (at + depth == t.n)
			return r.from < r.to && depth >= DISTINCTIVE ? depth : best;
		r = narrow(c, r, depth, (uint8_t)t.p[at + depth]);
		depth++;
	}
	return best;
}

/* As redact() has it; but of "user:password" the ends are not those of the password. */
static size_t show(struct text t, char out[REDACTED_MAX])
{
	bool pair = t.n < PAIR_MAX && memchr(t.p, ':', t.n);
	return redact(pair ? text_of(t.p, 1) : t, out);
}

static enum error_code hide(const struct credentials *c, struct range r, struct text t, struct buf *out)
{
	enum error_code code = ERR_NONE;
	size_t copied = 0;
	for (size_t at = 0; at < t.n && !code;) {
		char shown[REDACTED_MAX];
		size_t n = match(c, r, t, at);
		if (!n) {
			at++;
			continue;
		}
		code = buf_add(out, t.p + copied, at - copied);
		if (!code)
			code = buf_add(out, shown, show(text_of(t.p + at, n), shown));
		at += n;
		copied = at;
	}
	return code ? code : buf_add(out, t.p + copied, t.n - copied);
}

/* What stands where a credential is named, whether or not an inspector found it. */
static enum error_code hide_named(struct text t, struct buf *out)
{
	enum error_code code = ERR_NONE;
	size_t copied = 0, from, n;
	for (size_t at = 0; !code && redact_next_named(t, &at, &from, &n); copied = from + n) {
		code = buf_add(out, t.p + copied, from - copied);
		if (!code)
			code = buf_add(out, "****", 4);
	}
	return code ? code : buf_add(out, t.p + copied, t.n - copied);
}

/* Takes `text` and leaves what may be shown of it: by the credentials of those blobs, and by their names. */
static enum error_code hide_all(const struct credentials *c, const int64_t *blobs, size_t n, struct buf *text)
{
	enum error_code code = ERR_NONE;
	for (size_t i = 0; i <= n && !code; i++) {
		struct range r = i < n ? of_blob(c, blobs[i]) : (struct range){ 0, 0 };
		if (i < n && r.from == r.to)
			continue;
		struct buf out = { 0 };
		struct text t = text_of((const char *)text->p, text->n);
		code = i < n ? hide(c, r, t, &out) : hide_named(t, &out);
		buf_free(text);
		*text = out;
	}
	return code;
}

static void answer(sqlite3_context *context, sqlite3_value *value, const int64_t *blobs, size_t n)
{
	const struct credentials *c = sqlite3_user_data(context);
	const char *p = (const char *)sqlite3_value_text(value);
	struct buf text = { 0 };
	if (!p)
		sqlite3_result_null(context);
	else if (buf_add(&text, p, (size_t)sqlite3_value_bytes(value)) || hide_all(c, blobs, n, &text))
		sqlite3_result_error_nomem(context);
	else if (text.n == 0)
		sqlite3_result_text(context, "", 0, SQLITE_STATIC);
	else
		sqlite3_result_text64(context, (const char *)text.p, text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&text);
}

/* report_hide(blob_id, text) */
static void sql_hide(sqlite3_context *context, int n, sqlite3_value **values)
{
	int64_t blob = sqlite3_value_int64(values[0]);
	(void)n;
	answer(context, values[1], &blob, sqlite3_value_type(values[0]) != SQLITE_NULL);
}

/* report_hide_cited(verdict_id, text): what a verdict says of all of its evidence. */
static void sql_hide_cited(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct credentials *c = sqlite3_user_data(context);
	int64_t blobs[CITED_MAX], verdict = sqlite3_value_int64(values[0]);
	size_t nblobs = 0;
	(void)n;
	for (size_t i = 0; i < c->cited.n / sizeof(struct cited) && nblobs < CITED_MAX; i++) {
		const struct cited *one = (const struct cited *)(const void *)c->cited.p + i;
		if (one->verdict == verdict)
			blobs[nblobs++] = one->blob;
	}
	answer(context, values[1], blobs, nblobs);
}

/* Which verdict points into which blob of those that have credentials. A case may lack the tables, or have evidence of rows
 * that lie in no blob. */
static enum error_code collect_cited(struct credentials *c, sqlite3 *db)
{
	enum error_code code = ERR_NONE;
	for (int type = 0; type < FACT_TYPES && !code && c->table.n; type++) {
		sqlite3_stmt *s = NULL;
		const char *name = fact_tables[type].name;
		char *sql = sqlite3_mprintf("SELECT DISTINCT e.verdict_id, t.%s FROM evidence e JOIN %s t ON t.id = e.row_id"
									" WHERE e.table_name = '%s' AND e.verdict_id IS NOT NULL",
									type == FACT_blob ? "id" : "blob_id", name, name);
		if (sql && sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK)
			while (!code && sqlite3_step(s) == SQLITE_ROW) {
				struct cited one = { sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
				struct range r = of_blob(c, one.blob);
				code = r.from < r.to ? buf_add(&c->cited, &one, sizeof one) : ERR_NONE;
			}
		code = sql ? code : ERR_MEMORY;
		sqlite3_finalize(s);
		sqlite3_free(sql);
	}
	return code;
}

struct error view_hide(sqlite3 *db)
{
	struct credentials *c = calloc(1, sizeof *c);
	enum error_code code = c ? ERR_NONE : ERR_MEMORY;
	for (size_t i = 0; !code && i < sizeof sources / sizeof sources[0]; i++) {
		sqlite3_stmt *s = NULL; /* a case may lack the table */
		if (sqlite3_prepare_v2(db, sources[i], -1, &s, NULL) == SQLITE_OK)
			code = collect(c, s);
		sqlite3_finalize(s);
	}
	if (code) {
		if (c)
			credentials_free(c);
		return code == ERR_IO ? view_error(db, "reading the credentials")
							  : error_at(code, 0, "no memory for the report");
	}
	if (c->table.n)
		qsort_r(c->table.p, count_of(c), sizeof(struct credential), compare, c->bytes.p);
	if (collect_cited(c, db)) {
		credentials_free(c);
		return error_at(ERR_MEMORY, 0, "no memory for the report");
	}
	c->users = 2; /* each gives its share back, also where it could not be made */
	int r = sqlite3_create_function_v2(db, "report_hide", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, c, sql_hide, NULL,
									   NULL, credentials_free);
	int r2 = sqlite3_create_function_v2(db, "report_hide_cited", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, c, sql_hide_cited,
										NULL, NULL, credentials_free);
	return r || r2 ? view_error(db, "preparing the report") : error_none();
}
