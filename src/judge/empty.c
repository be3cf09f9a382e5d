/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries that cannot give a row, as what they read has none: to prepare them costs more than all else of judging, and most
 * of a small image's tables are empty.
 *
 * It is proved from the text, by what holds for every SELECT (sqlite.org/lang_select.html):
 *   - a join gives no row when one of its sources has none, but for what stands to the right of LEFT JOIN;
 *   - a SELECT over no row gives none, whatever else it says, but for an aggregate without GROUP BY, which gives one;
 *   - UNION gives no row when neither side does, EXCEPT none when its left does not, INTERSECT none when one does not.
 * What is not understood for sure counts as having rows: then the query is asked.
 */
#include <string.h>

#include "base/span.h"
#include "case/case.h"
#include "fact/fact.h"
#include "judge/query.h"

/* SELECTs within SELECTs, and common tables, that are followed. */
#define DEPTH_MAX 40u
#define COMMON_MAX 64u

/* A word (a name or a keyword), or anything else: the first character of it, 0 at the end. Strings and quoted names are '\''. */
struct token {
	char kind;
	const char *p;
	size_t n;
};
#define WORD 'w'

struct common_table {
	struct token name;
	bool is_empty;
};

struct sql_reader {
	const char *p; /* behind the token */
	struct token t, before;
	const struct query_empty *empty;
	struct common_table common[COMMON_MAX];
	size_t ncommon;
	unsigned depth;
	bool lost;           /* something was not understood */
	unsigned aggregates; /* calls that were passed */
};

static bool token_is(const struct token *t, const char *word)
{
	return t->kind == WORD && (t->p[0] | 32) == (word[0] | 32) && strncasecmp(t->p, word, t->n) == 0 && !word[t->n];
}

static bool token_is_any(const struct token *t, const char *const *words)
{
	for (; t->kind == WORD && *words; words++)
		if (token_is(t, *words))
			return true;
	return false;
}

static bool is(const struct sql_reader *r, const char *word)
{
	return token_is(&r->t, word);
}

static bool is_any(const struct sql_reader *r, const char *const *words)
{
	return token_is_any(&r->t, words);
}

/* All that SQLite has; what packs may call (query.c, may_call()) is among them. */
static bool is_aggregate(const struct token *t)
{
	static const char *const names[] = { "avg", "count", "group_concat", "json_group_array", "json_group_object",
										 "jsonb_group_array", "jsonb_group_object", "max", "median", "min", "percentile",
										 "percentile_cont", "percentile_disc", "string_agg", "sum", "total", NULL };
	return token_is_any(t, names);
}

/* What a byte begins: asked of every byte of every query. Names may hold any byte beyond ASCII, and '$' behind their first. */
enum { OTHER, BLANK, NAME, DIGIT, QUOTE };
static const unsigned char kind_of[256] = {
	[' '] = BLANK, ['\t'] = BLANK, ['\n'] = BLANK, ['\f'] = BLANK, ['\r'] = BLANK,
	['A'... 'Z'] = NAME, ['a'... 'z'] = NAME, ['_'] = NAME, ['$'] = NAME, [0x80 ... 0xff] = NAME,
	['0'... '9'] = DIGIT,
	['\''] = QUOTE, ['"'] = QUOTE, ['`'] = QUOTE, ['['] = QUOTE,
};

static unsigned kind_at(const char *p)
{
	return kind_of[(unsigned char)*p];
}

/* Behind white space and comments. */
static const char *skip_blank(const char *p)
{
	for (;;) {
		while (kind_at(p) == BLANK)
			p++;
		if (p[0] == '-' && p[1] == '-') {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			const char *close = strstr(p + 2, "*/");
			p = close ? close + 2 : p + strlen(p);
		} else {
			return p;
		}
	}
}

/* Behind a string or a quoted name; within it the mark is written twice. */
static const char *skip_quoted(const char *p)
{
	char mark = *p == '[' ? ']' : *p;
	for (p++; *p; p++) {
		if (*p != mark)
			continue;
		if (p[1] != mark || mark == ']')
			return p + 1;
		p++;
	}
	return p;
}

static void next(struct sql_reader *r)
{
	const char *p = skip_blank(r->p), *end = p + (*p != 0);
	char kind = *p;
	unsigned first = kind_at(p);
	if (first == NAME || first == DIGIT) {
		kind = first == DIGIT ? '0' : WORD;
		while (kind_at(end) == NAME || kind_at(end) == DIGIT)
			end++;
	} else if (first == QUOTE) {
		kind = '\'';
		end = skip_quoted(p);
	}
	r->before = r->t;
	r->t = (struct token){ kind, p, (size_t)(end - p) };
	r->p = end;
	/* A function's name may be quoted, too: what it is called is not looked at then. */
	r->aggregates += kind == '(' && (r->before.kind == '\'' || is_aggregate(&r->before));
}

/* Nothing is known any more: the rest is not read. */
static bool lose(struct sql_reader *r)
{
	r->lost = true;
	r->p = "";
	r->t = (struct token){ 0 };
	return false;
}

/* Goes behind the parenthesis that closes the group in which the token is. */
static void leave_group(struct sql_reader *r)
{
	for (unsigned open = 1; open > 0 && r->t.kind; next(r))
		open = r->t.kind == '(' ? open + 1 : r->t.kind == ')' ? open - 1 : open;
}

/* The next token; of what stands in parentheses, the one behind them. */
static void skip(struct sql_reader *r)
{
	bool group = r->t.kind == '(';
	next(r);
	if (group)
		leave_group(r);
}

static const struct common_table *common_named(const struct sql_reader *r, const struct token *name)
{
	for (const struct common_table *c = r->common + r->ncommon; c > r->common; c--)
		if (c[-1].name.n == name->n && strncasecmp(c[-1].name.p, name->p, name->n) == 0)
			return &c[-1];
	return NULL;
}

static bool has_no_rows(const struct sql_reader *r, const struct token *name)
{
	const struct common_table *c = common_named(r, name);
	return c ? c->is_empty : query_words_hold(&r->empty->names, text_of(name->p, name->n));
}

static bool statement(struct sql_reader *r);

/* A SELECT or a join in parentheses. */
static bool source_in_group(struct sql_reader *r)
{
	next(r);
	bool is_select = is(r, "SELECT") || is(r, "WITH");
	bool empty = is_select && statement(r);
	if (is_select && r->t.kind != ')')
		return lose(r);
	leave_group(r);
	return empty;
}

/* One source of FROM, without what follows it. */
static bool source(struct sql_reader *r)
{
	struct token name = r->t;
	if (name.kind == '(')
		return source_in_group(r);
	next(r);
	/* What names its database, or is a function, is not looked up. */
	return name.kind == WORD && r->t.kind != '.' && r->t.kind != '(' && has_no_rows(r, &name);
}

static bool ends_core(const struct sql_reader *r)
{
	static const char *const words[] = { "UNION", "EXCEPT", "INTERSECT", NULL };
	return !r->t.kind || r->t.kind == ')' || r->t.kind == ';' || is_any(r, words);
}

static bool ends_from(const struct sql_reader *r)
{
	static const char *const words[] = { "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", NULL };
	return ends_core(r) || is_any(r, words);
}

/* The sources of FROM: whether their join has no row. */
static bool sources(struct sql_reader *r)
{
	bool empty = source(r), left = false;
	while (!ends_from(r)) {
		if (is(r, "RIGHT") || is(r, "FULL"))
			return lose(r);
		left |= is(r, "LEFT");
		if (r->t.kind != ',' && !is(r, "JOIN")) {
			skip(r);
			continue;
		}
		next(r);
		empty |= source(r) && !left;
		left = false;
	}
	return empty;
}

/* What follows the sources of a SELECT: whether it makes groups of its rows. */
static bool ends_in_groups(struct sql_reader *r, bool aggregate)
{
	bool grouped = false, counts = false;
	while (!ends_core(r)) {
		if (is(r, "RIGHT") || is(r, "FULL")) /* so the sources went on */
			return lose(r);
		grouped |= is(r, "GROUP");
		aggregate |= is(r, "HAVING");
		counts |= is(r, "ORDER") || is(r, "WINDOW");
		unsigned before = r->aggregates;
		skip(r);
		aggregate |= counts && r->aggregates > before;
	}
	return grouped || !aggregate;
}

/* One SELECT, up to the next one of a compound; with the ORDER BY behind the last. */
static bool core(struct sql_reader *r)
{
	unsigned before = r->aggregates;
	if (!is(r, "SELECT") && !is(r, "VALUES"))
		return lose(r);
	next(r);
	while (!ends_core(r) && (!is(r, "FROM") || token_is(&r->before, "DISTINCT"))) /* IS DISTINCT FROM is an operator */
		skip(r);
	bool aggregate = r->aggregates > before, empty = false;
	if (is(r, "FROM")) {
		next(r);
		empty = sources(r);
	}
	return ends_in_groups(r, aggregate) && empty;
}

/* A common table. One that refers to itself begins with its other SELECTs: when these give no row, it never goes on. */
static void common_table(struct sql_reader *r)
{
	struct common_table *c = &r->common[r->ncommon];
	/* It would stand for another of that name, even before it is defined. */
	if (r->t.kind != WORD || r->ncommon == COMMON_MAX || common_named(r, &r->t) ||
		query_words_hold(&r->empty->names, text_of(r->t.p, r->t.n)))
		return (void)lose(r);
	*c = (struct common_table){ r->t, true };
	r->ncommon++;
	next(r);
	if (r->t.kind == '(')
		skip(r);
	while (is(r, "AS") || is(r, "NOT") || is(r, "MATERIALIZED"))
		next(r);
	if (r->t.kind != '(')
		return (void)lose(r);
	next(r);
	c->is_empty = statement(r);
	if (r->t.kind != ')')
		return (void)lose(r);
	next(r);
}

static void common_tables(struct sql_reader *r)
{
	next(r);
	if (is(r, "RECURSIVE"))
		next(r);
	common_table(r);
	while (r->t.kind == ',') {
		next(r);
		common_table(r);
	}
}

static bool statement(struct sql_reader *r)
{
	size_t outer = r->ncommon;
	if (++r->depth > DEPTH_MAX)
		return lose(r);
	if (is(r, "WITH"))
		common_tables(r);
	bool empty = core(r);
	while (r->t.kind && r->t.kind != ')' && r->t.kind != ';') {
		bool is_union = is(r, "UNION"), intersects = is(r, "INTERSECT");
		next(r);
		if (is(r, "ALL"))
			next(r);
		bool other = core(r);
		empty = is_union ? empty && other : intersects ? empty || other : empty;
	}
	r->ncommon = outer;
	r->depth--;
	return empty && !r->lost;
}

bool query_is_empty(const struct query_empty *e, const char *sql)
{
	struct sql_reader r = { .p = sql, .empty = e };
	if (!e)
		return false;
	next(&r);
	bool empty = statement(&r);
	if (r.t.kind == ';')
		next(&r);
	return empty && !r.lost && !r.t.kind;
}

void query_empty_views(struct query_empty *e, const struct query_view *views, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (query_is_empty(e, views[i].sql))
			query_words_add(&e->names, views[i].name, 0);
}

/* The tables that a query may read. NULL at the end. */
static const char *readable(size_t i)
{
	static const char *const others[] = { "input", "probe_run", NULL };
	size_t derived = 0;
	while (case_derived[derived].name)
		derived++;
	return i < FACT_TYPES			? fact_tables[i].name
		   : i < FACT_TYPES + derived ? case_derived[i - FACT_TYPES].name
									: others[i - FACT_TYPES - derived];
}

/* What is empty now and may not be when the next requirement is judged. */
static bool is_filled_by_judge(const char *name)
{
	return strcmp(name, "conformance_conflict") == 0;
}

void query_empty_find(sqlite3 *db, struct query_empty *e)
{
	sqlite3_str *sql = sqlite3_str_new(db);
	sqlite3_stmt *s = NULL;
	*e = (struct query_empty){ 0 };
	for (size_t i = 0; readable(i); i++)
		sqlite3_str_appendf(sql, "%s EXISTS(SELECT 1 FROM main.%s)", i ? "," : "SELECT", readable(i));
	char *text = sqlite3_str_finish(sql);
	bool ok = text && sqlite3_prepare_v2(db, text, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
	for (size_t i = 0; ok && readable(i); i++)
		if (!sqlite3_column_int(s, (int)i) && !is_filled_by_judge(readable(i)))
			query_words_add(&e->names, readable(i), 0);
	sqlite3_finalize(s);
	sqlite3_free(text);
	for (const struct case_view *v = case_views; ok && v->name; v++)
		if (query_is_empty(e, v->sql))
			query_words_add(&e->names, v->name, 0);
}
