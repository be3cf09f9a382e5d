/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct findings {
	struct arena *a;
	struct finding_verdict *v; /* those of a finding beside each other, the most severe first */
	const struct finding_verdict **by_id;
	size_t n, room;
};

/* The rows of a verdict, each once, in one order: "account 3\nblob 12\n". */
static struct error write_rows(sqlite3_stmt *rows, int64_t verdict, FILE *out, int64_t *n)
{
	struct error e = error_none();
	char last[96] = "";
	sqlite3_reset(rows);
	sqlite3_bind_int64(rows, 1, verdict);
	for (*n = 0; view_step(rows, &e); ++*n) {
		struct text table = view_text(rows, 0);
		char row[96];
		/* A name that is cut is no table of ours; the row's number is whole either way. */
		snprintf(row, sizeof row, "%.*s %" PRId64 "\n", table.n > 64 ? 64 : (int)table.n, table.n ? table.p : "",
				 view_int(rows, 1));
		if (strcmp(row, last) != 0)
			fputs(row, out);
		memcpy(last, row, sizeof last);
	}
	return e;
}

/* What two verdicts of a finding have in common. Without rows it is the rule; of a verdict that has none either, nothing. */
static struct error write_key(sqlite3_stmt *verdict, sqlite3_stmt *rows, FILE *out)
{
	int64_t n, total = view_int(verdict, VERDICT_EVIDENCE_TOTAL);
	struct text origin = view_text(verdict, VERDICT_ORIGIN);
	struct error e = write_rows(rows, view_int(verdict, VERDICT_ID), out, &n);
	if (n > 0 && total > n) /* the case keeps the first ones only */
		fprintf(out, "of %" PRId64, total);
	if (n > 0)
		return e;
	if (origin.n)
		fprintf(out, "by %.*s", (int)origin.n, origin.p);
	else
		fprintf(out, "verdict %" PRId64, view_int(verdict, VERDICT_ID));
	return e;
}

static const char *kept(struct findings *f, struct text t)
{
	return arena_strdup(f->a, t);
}

static struct error add(struct findings *f, sqlite3_stmt *s, sqlite3_stmt *rows)
{
	char *key = NULL;
	size_t nkey = 0;
	FILE *out = open_memstream(&key, &nkey);
	struct error e = out ? write_key(s, rows, out) : error_at(ERR_MEMORY, 0, "out of memory");
	if (out && fclose(out) != 0 && !error_is(&e))
		e = error_at(ERR_MEMORY, 0, "out of memory");
	if (f->n == f->room && !error_is(&e)) {
		size_t room = f->room ? 2 * f->room : 64;
		struct finding_verdict *more = realloc(f->v, room * sizeof *more);
		if (more) {
			f->v = more;
			f->room = room;
		}
	}
	struct finding_verdict v = { .id = view_int(s, VERDICT_ID), .order = f->n, .nkey = nkey };
	if (!error_is(&e)) {
		v.key = kept(f, (struct text){ key, nkey });
		v.requirement = kept(f, view_text(s, VERDICT_REQUIREMENT));
		v.title = kept(f, view_text(s, VERDICT_TITLE));
		v.severity = kept(f, view_text(s, VERDICT_SEVERITY));
		v.remedy = kept(f, view_text(s, VERDICT_REMEDY));
		if (f->n == f->room || !v.key || !v.requirement || !v.title || !v.severity || !v.remedy)
			e = error_at(ERR_MEMORY, 0, "out of memory");
		else
			f->v[f->n++] = v;
	}
	free(key);
	return e;
}

static int same_key(const struct finding_verdict *a, const struct finding_verdict *b)
{
	if (a->nkey != b->nkey)
		return a->nkey < b->nkey ? -1 : 1;
	return memcmp(a->key, b->key, a->nkey);
}

static int by_key(const void *p, const void *q)
{
	const struct finding_verdict *a = p, *b = q;
	int c = same_key(a, b);
	return c ? c : (a->order > b->order) - (a->order < b->order);
}

static int by_id(const void *p, const void *q)
{
	const struct finding_verdict *const *a = p, *const *b = q;
	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

static struct error arrange(struct findings *f)
{
	if (!f->n)
		return error_none();
	qsort(f->v, f->n, sizeof *f->v, by_key);
	f->by_id = calloc(f->n, sizeof *f->by_id);
	if (!f->by_id)
		return error_at(ERR_MEMORY, 0, "out of memory");
	for (size_t i = 0, first = 0; i < f->n; i++) {
		f->by_id[i] = &f->v[i];
		first = same_key(&f->v[first], &f->v[i]) == 0 ? first : i;
		f->v[i].first = first;
		f->v[first].count++;
	}
	qsort(f->by_id, f->n, sizeof *f->by_id, by_id);
	return error_none();
}

static struct error read_all(struct findings *f, struct view *v)
{
	static const char *const columns[] = { "table_name", "row_id" };
	sqlite3_stmt *s = NULL, *rows = NULL;
	struct error e = view_verdicts(v, &s);
	if (!error_is(&e))
		e = view_select(view_db(v), "evidence", columns, 2,
						"WHERE verdict_id = ?1 AND role = 'fails' ORDER BY table_name, row_id", &rows);
	while (!error_is(&e) && view_step(s, &e))
		if (view_verdict_of(view_text(s, VERDICT_VERDICT)) == VIEW_FAIL)
			e = add(f, s, rows);
	sqlite3_finalize(s);
	sqlite3_finalize(rows);
	return error_is(&e) ? e : arrange(f);
}

struct findings *findings_new(struct view *v, struct error *e)
{
	struct findings *f = calloc(1, sizeof *f);
	if (f)
		f->a = arena_new(0);
	*e = f && f->a ? read_all(f, v) : error_at(ERR_MEMORY, 0, "out of memory");
	if (!error_is(e))
		return f;
	findings_free(f);
	return NULL;
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	arena_free(f->a);
	free(f->by_id);
	free(f->v);
	free(f);
}

const struct finding_verdict *findings_of(const struct findings *f, int64_t verdict, size_t *n)
{
	struct finding_verdict wanted = { .id = verdict };
	const struct finding_verdict *key = &wanted;
	const struct finding_verdict *const *found = f->n ? bsearch(&key, f->by_id, f->n, sizeof *f->by_id, by_id) : NULL;
	*n = 0;
	if (!found)
		return NULL;
	const struct finding_verdict *first = &f->v[(*found)->first];
	*n = first->count;
	return first;
}

bool findings_is_other_remedy(const struct finding_verdict *v, size_t i, struct text own)
{
	if (!*v[i].remedy || text_is(own, v[i].remedy))
		return false;
	for (size_t k = 0; k < i; k++)
		if (strcmp(v[k].remedy, v[i].remedy) == 0)
			return false;
	return true;
}

bool findings_taken(struct findings *f, int64_t verdict)
{
	size_t n;
	const struct finding_verdict *first = findings_of(f, verdict, &n);
	if (!first)
		return false;
	struct finding_verdict *own = &f->v[first - f->v];
	bool was = own->is_taken;
	own->is_taken = true;
	return was;
}
