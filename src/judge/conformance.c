/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The maker's conformance statement beside the verdicts. */
#include "judge/conformance.h"

#include <string.h>

#include "case/case.h"

/* More than there are provisions: one input is the product file, which names each once. A case that was made to hurt has no more. */
#define STATEMENTS_MAX "4096"

static const char read_statements[] =
	"SELECT p.value, p.id, p.line, s.value, r.value FROM main.declaration p"
	" JOIN main.declaration s ON s.section = p.section AND s.item = p.item AND s.key = 'support'"
	" LEFT JOIN main.declaration r ON r.section = p.section AND r.item = p.item AND r.key = 'reason'"
	" WHERE p.section = 'conformance' AND p.key = 'provision' AND p.value IS NOT NULL AND s.value IS NOT NULL"
	" ORDER BY p.id LIMIT " STATEMENTS_MAX;

static struct error sql_error(sqlite3 *db)
{
	return error_at(ERR_IO, 0, "comparing the conformance statement: %s", sqlite3_errmsg(db));
}

static enum support support_of(const char *word)
{
	return strcmp(word, "yes") == 0 ? SUPPORT_YES : strcmp(word, "no") == 0 ? SUPPORT_NO : SUPPORT_NOT_APPLICABLE;
}

struct error conformance_read(sqlite3 *db, struct arena *arena, struct statement **first)
{
	sqlite3_stmt *q = NULL;
	int r = sqlite3_prepare_v2(db, read_statements, -1, &q, NULL);
	struct error e = r ? sql_error(db) : error_none();
	*first = NULL;
	while (!error_is(&e) && (r = sqlite3_step(q)) == SQLITE_ROW) {
		const char *reason = (const char *)sqlite3_column_text(q, 4);
		struct statement *s = ARENA_NEW(arena, struct statement);
		const char *provision = arena_strdup(arena, text_c((const char *)sqlite3_column_text(q, 0)));
		if (!s || !provision || (reason && !(reason = arena_strdup(arena, text_c(reason))))) {
			e = error_at(ERR_MEMORY, 0, "out of memory");
			break;
		}
		*s = (struct statement){ provision, sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 2),
								 support_of((const char *)sqlite3_column_text(q, 3)), reason, *first };
		*first = s;
	}
	if (!error_is(&e) && r != SQLITE_DONE)
		e = sql_error(db);
	sqlite3_finalize(q);
	return e;
}

const struct statement *conformance_of(const struct statement *first, const char *provision)
{
	for (; first; first = first->next)
		if (strcmp(first->provision, provision) == 0)
			return first;
	return NULL;
}

/* Puts the statement behind the first row, where reports show it. The rows may be those of other requirements, too: the first is
 * copied, what is behind it stays as it is. */
static bool add_row(struct arena *arena, const struct statement *s, struct judgement *j, const char *says)
{
	struct judge_evidence *row = ARENA_NEW(arena, struct judge_evidence), *first = j->evidence;
	if (first && (first = ARENA_NEW(arena, struct judge_evidence)))
		*first = *j->evidence;
	if (!row || !says || (j->evidence && !first))
		return false;
	*row = (struct judge_evidence){ "declaration", s->row, says, first ? first->next : NULL };
	if (first)
		first->next = row;
	j->evidence = first ? first : row;
	j->nevidence++;
	j->total++;
	return true;
}

/* FAIL, which the statement does not overrule: both sides are shown. */
static bool show_conflict(struct arena *arena, const struct statement *s, struct judgement *j)
{
	j->summary = arena_printf(arena, "%s. The conformance statement (line %lld) says that it is met", j->summary, (long long)s->line);
	return j->summary && add_row(arena, s, j,
								 arena_printf(arena, "the conformance statement says in line %lld that %s is met, which the other rows refute",
											  (long long)s->line, s->provision));
}

/* Nothing decides it, and the maker says that it is not met. */
static bool take_admission(struct arena *arena, const struct statement *s, struct judgement *j)
{
	const char *says = arena_printf(arena, "the conformance statement says in line %lld that %s is not met%s%s", (long long)s->line,
									s->provision, s->reason ? ": " : "", s->reason ? s->reason : "");
	j->evidence = NULL;
	j->nevidence = j->total = 0;
	j->verdict = VERDICT_FAIL;
	j->basis = BASIS_DECLARATION;
	j->role = "fails";
	j->summary = says;
	j->missing = NULL;
	return add_row(arena, s, j, says);
}

/* Nothing decides it, and the maker gives his word that it is met. */
static bool take_word(struct arena *arena, const struct statement *s, struct judgement *j)
{
	j->basis = BASIS_DECLARED;
	j->role = "declared";
	j->summary = arena_printf(arena, "Declared, not verified: the conformance statement (line %lld) says that it is met%s%s%s",
							  (long long)s->line, j->missing ? " (" : "", j->missing ? j->missing : "", j->missing ? ")" : "");
	return j->summary && add_row(arena, s, j,
								 arena_printf(arena, "the conformance statement says in line %lld that %s is met", (long long)s->line,
											  s->provision));
}

bool conformance_compare(const struct statement *first, const struct requirement *r, struct arena *arena, struct judgement *j)
{
	const struct statement *s = conformance_of(first, r->id);
	if (!s || r->excluded)
		return true;
	if (j->verdict == VERDICT_FAIL && s->support == SUPPORT_YES)
		return show_conflict(arena, s, j);
	if (j->verdict != VERDICT_INCONCLUSIVE || r->about != ABOUT_PRODUCT)
		return true;
	if (s->support == SUPPORT_NO)
		return take_admission(arena, s, j);
	return s->support != SUPPORT_YES || j->basis != BASIS_NONE || take_word(arena, s, j);
}

static const char table[] =
	"CREATE TABLE IF NOT EXISTS main.conformance_conflict(" CASE_CONFLICT_COLUMNS "); DELETE FROM main.conformance_conflict";

struct error conformance_forget(sqlite3 *db)
{
	return sqlite3_exec(db, table, NULL, NULL, NULL) ? sql_error(db) : error_none();
}

struct error conformance_note(sqlite3 *db, const struct statement *s, const struct judgement *j)
{
	sqlite3_stmt *q = NULL;
	int r = sqlite3_prepare_v2(db, "INSERT INTO main.conformance_conflict(declared_id, provision, table_name, row_id, says)"
							   " VALUES(?, ?, ?, ?, ?)", -1, &q, NULL);
	if (r)
		return sql_error(db);
	sqlite3_bind_int64(q, 1, s->row);
	sqlite3_bind_text(q, 2, s->provision, -1, SQLITE_STATIC);
	sqlite3_bind_text(q, 3, j->evidence->table, -1, SQLITE_STATIC);
	sqlite3_bind_int64(q, 4, j->evidence->row);
	sqlite3_bind_text(q, 5, j->evidence->says, -1, SQLITE_STATIC);
	r = sqlite3_step(q);
	sqlite3_finalize(q);
	return r == SQLITE_DONE ? error_none() : sql_error(db);
}
