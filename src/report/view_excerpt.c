/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Excerpts as reports show them: credentials redacted, binary data as hexadecimal digits. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/redact.h"
#include "fact/excerpt.h"
#include "report/view_excerpt.h"
#include "report/view_internal.h"

#define COLUMNS "id, blob_id, table_name, row_id, form, line, offset, marked, start, cut_before, cut_after, hidden, bytes"

/* A long "user:password" has ends that are not those of the password. */
#define PAIR_MAX 40u

/* One excerpt as the case has it. */
struct raw {
	struct fact_excerpt row;
	struct excerpt_hidden hidden;
	int64_t blob_id;
};

static sqlite3_stmt *prepare(sqlite3 *db, const char *rest)
{
	char *sql = sqlite3_mprintf("SELECT " COLUMNS " FROM excerpt %s", rest);
	sqlite3_stmt *s = NULL;
	if (sql)
		sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	sqlite3_free(sql);
	return s; /* NULL: an older case, which has no such table */
}

/* The case may be made by somebody else: what no worker would send is left out. */
static bool read_raw(sqlite3_stmt *s, struct raw *raw)
{
	const void *bytes = sqlite3_column_blob(s, 12);
	size_t n = bytes ? (size_t)sqlite3_column_bytes(s, 12) : 0;
	raw->blob_id = view_int(s, 1);
	raw->row = (struct fact_excerpt){
		.table_name = view_text(s, 2),
		.row_id = view_int(s, 3),
		.form = view_text(s, 4),
		.line = view_int(s, 5),
		.offset = view_int(s, 6),
		.marked = view_int(s, 7),
		.start = view_int(s, 8),
		.cut_before = view_int(s, 9),
		.cut_after = view_int(s, 10),
		.hidden = view_text(s, 11),
		.bytes = text_of(bytes, n),
	};
	return excerpt_is_sound(&raw->row, INT64_MAX) && excerpt_hidden_read(raw->row.hidden, n, &raw->hidden);
}

static const struct excerpt_range *hidden_at(const struct excerpt_hidden *h, size_t at)
{
	for (size_t i = 0; i < h->n; i++)
		if (at >= h->v[i].from && at < h->v[i].from + h->v[i].n)
			return &h->v[i];
	return NULL;
}

static size_t redacted(const struct raw *raw, const struct excerpt_range *r, size_t from, size_t to, char out[REDACTED_MAX])
{
	struct text t = text_of(raw->row.bytes.p + from, to - from);
	bool whole = r->from == from && r->n == to - from && !r->is_opaque;
	bool pair = t.n < PAIR_MAX && memchr(t.p, ':', t.n);
	return redact(whole && !pair ? t : text_of(t.p, 1), out);
}

/* ---- text ---- */

static enum error_code add_text(const struct raw *raw, size_t from, size_t to, struct buf *out)
{
	enum error_code code = ERR_NONE;
	for (size_t at = from; at < to && !code;) {
		const struct excerpt_range *r = hidden_at(&raw->hidden, at);
		char c = raw->row.bytes.p[at], shown[REDACTED_MAX];
		if (!r) {
			bool line_end = c == '\r' && at + 1 < raw->row.bytes.n && raw->row.bytes.p[at + 1] == '\n';
			code = line_end ? ERR_NONE : buf_add(out, &c, 1);
			at++;
			continue;
		}
		size_t end = r->from + r->n < to ? r->from + r->n : to;
		code = buf_add(out, shown, redacted(raw, r, at, end, shown));
		at = end;
	}
	return code;
}

/* Once more by the values that the case knows of the blob, and as valid UTF-8. */
static struct text finish(struct view *v, int64_t blob_id, struct text t, struct arena *a)
{
	size_t n = 0;
	char *valid = escape_utf8(t, &n);
	struct text done = TEXT_NONE;
	if (!valid)
		return done;
	if (v->shows_secrets || blob_id == FACT_NULL) {
		done = text_of(arena_strdup(a, text_of(valid, n)), n);
	} else {
		sqlite3_reset(v->hide_quoted);
		sqlite3_bind_int64(v->hide_quoted, 1, blob_id);
		sqlite3_bind_text64(v->hide_quoted, 2, valid, n, SQLITE_TRANSIENT, SQLITE_UTF8);
		if (sqlite3_step(v->hide_quoted) == SQLITE_ROW) {
			struct text shown = view_text(v->hide_quoted, 0);
			done = text_of(arena_strdup(a, shown), shown.n);
		}
		sqlite3_reset(v->hide_quoted);
	}
	free(valid);
	return done.p ? done : TEXT_NONE;
}

/* ---- binary data ---- */

static enum error_code add_hex(const struct raw *raw, size_t from, size_t to, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	enum error_code code = ERR_NONE;
	for (size_t at = from; at < to && !code; at++) {
		uint8_t c = (uint8_t)raw->row.bytes.p[at];
		char pair[2] = { digits[c >> 4], digits[c & 15] };
		code = buf_add(out, hidden_at(&raw->hidden, at) ? "**" : pair, 2);
	}
	return code;
}

static struct text piece(struct view *v, const struct raw *raw, bool is_text, size_t from, size_t to, struct arena *a)
{
	struct buf out = { 0 };
	enum error_code code = is_text ? add_text(raw, from, to, &out) : add_hex(raw, from, to, &out);
	struct text t = text_of((const char *)out.p, out.n), done = TEXT_NONE;
	if (!code && !t.n)
		done = TEXT_LIT("");
	else if (!code && is_text)
		done = finish(v, raw->blob_id, t, a);
	else if (!code)
		done = text_of(arena_strdup(a, t), t.n);
	buf_free(&out);
	return done.p ? done : TEXT_LIT("");
}

/* UTF-16 code units of UTF-8, as SARIF and editors count columns. */
static int64_t units(struct text t)
{
	int64_t n = 0;
	for (size_t i = 0; i < t.n; i++)
		n += ((t.p[i] & 0xc0) != 0x80) + ((t.p[i] & 0xf8) == 0xf0);
	return n;
}

static void count_columns(const struct raw *raw, size_t mark, struct view_excerpt *x)
{
	size_t from = mark;
	while (from > 0 && raw->row.bytes.p[from - 1] != '\n')
		from--;
	x->column = raw->row.cut_before ? 0 : 1 + units(text_of(raw->row.bytes.p + from, mark - from));
	x->end_column = x->column ? x->column + units(text_of(raw->row.bytes.p + mark, (size_t)raw->row.marked)) : 0;
}

bool view_excerpt_read(struct view *v, sqlite3_stmt *s, struct arena *a, struct view_excerpt *x)
{
	struct raw raw;
	*x = (struct view_excerpt){ .line = FACT_NULL };
	if (!read_raw(s, &raw))
		return false;
	if (v->shows_secrets)
		raw.hidden.n = 0;
	size_t mark = (size_t)(raw.row.offset - raw.row.start), end = mark + (size_t)raw.row.marked, n = raw.row.bytes.n;
	x->is_text = text_is(raw.row.form, "text");
	x->line = raw.row.line;
	x->offset = raw.row.offset;
	x->start = raw.row.start;
	x->length = (int64_t)n;
	x->marked_length = raw.row.marked;
	x->cut_before = raw.row.cut_before == 1;
	x->cut_after = raw.row.cut_after == 1;
	x->is_redacted = raw.hidden.n > 0;
	x->before = piece(v, &raw, x->is_text, 0, mark, a);
	x->marked = piece(v, &raw, x->is_text, mark, end, a);
	x->after = piece(v, &raw, x->is_text, end, n, a);
	for (size_t i = 0; i < x->before.n && x->is_text; i++)
		x->lines_before += x->before.p[i] == '\n';
	if (x->is_text)
		count_columns(&raw, mark, x);
	return true;
}

bool view_excerpt(struct view *v, struct text table, int64_t row_id, struct arena *a, struct view_excerpt *x)
{
	if (!v->excerpt && !v->without_excerpts)
		v->excerpt = prepare(v->db, "WHERE row_id = ?1 AND table_name = ?2 ORDER BY id LIMIT 1");
	v->without_excerpts = !v->excerpt;
	if (!v->excerpt)
		return false;
	sqlite3_reset(v->excerpt);
	sqlite3_bind_int64(v->excerpt, 1, row_id);
	sqlite3_bind_text64(v->excerpt, 2, table.p, table.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	int r = sqlite3_step(v->excerpt);
	view_note_failure(v, r);
	bool found = r == SQLITE_ROW && view_excerpt_read(v, v->excerpt, a, x);
	sqlite3_reset(v->excerpt);
	return found;
}

bool view_excerpt_shown(struct view *v, struct text table, int64_t row_id, struct arena *a, struct view_excerpt *x,
						int64_t *component)
{
	bool is_flaw = text_is(table, "vulnerability");
	sqlite3_stmt *s = NULL;
	*component = FACT_NULL;
	if (!is_flaw && !text_is(table, "software"))
		return view_excerpt(v, table, row_id, a, x);
	const char *sql = is_flaw ? "SELECT min(x.row_id) FROM vulnerability f JOIN software_evidence e USING(software_id)"
								" JOIN excerpt x ON x.table_name = 'component' AND x.row_id = e.component_id WHERE f.id = ?1"
							  : "SELECT min(x.row_id) FROM software_evidence e"
								" JOIN excerpt x ON x.table_name = 'component' AND x.row_id = e.component_id"
								" WHERE e.software_id = ?1";
	if (sqlite3_prepare_v2(v->db, sql, -1, &s, NULL) != SQLITE_OK) /* an older case lacks one of the tables */
		return false;
	sqlite3_bind_int64(s, 1, row_id);
	int r = sqlite3_step(s);
	view_note_failure(v, r);
	if (r == SQLITE_ROW)
		*component = view_int(s, 0);
	sqlite3_finalize(s);
	return *component != FACT_NULL && view_excerpt(v, TEXT_LIT("component"), *component, a, x);
}

sqlite3_stmt *view_excerpts(struct view *v)
{
	return prepare(v->db, "ORDER BY id");
}
