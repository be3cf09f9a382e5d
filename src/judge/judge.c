/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict on one requirement. */
#include "judge/judge.h"

#include <string.h>

#include "judge/bench.h"

/* Reasons why a requirement stays open. */
#define MISSING_TOLD 5u

static void give_rows(struct bench *b, struct judgement *j, enum verdict verdict, const char *role,
					  const struct answer *a)
{
	j->verdict = verdict;
	j->role = role;
	j->evidence = a->first;
	j->nevidence = a->kept;
	j->total = a->total;
	if (a->total == 1)
		j->summary = a->first->says;
	else
		j->summary = arena_printf(b->arena, "%s; and %zu more", a->first->says, a->total - 1);
}

static void give_broken(struct bench *b, struct judgement *j, const char *query, const struct answer *a)
{
	j->verdict = VERDICT_INCONCLUSIVE;
	j->missing = arena_printf(b->arena, "the query `%s` gave no answer: %s", query, a->why ? a->why : "out of memory");
	j->summary = arena_printf(b->arena, "Not decided: %s.", j->missing ? j->missing : "out of memory");
}

static void give_open(struct bench *b, struct judgement *j, const char *missing)
{
	j->verdict = VERDICT_INCONCLUSIVE;
	if (missing) {
		j->missing = missing;
		j->summary = arena_printf(b->arena, "Not everything was looked at: %s.", missing);
	} else if (requirement_is_open(b->r)) {
		j->summary = "The facts of this case do not decide it.";
	} else {
		j->summary = "Nothing that was found shows that it is met, and nothing that it is not.";
	}
}

/* What the pack knows to be missing, beyond probes: the first sentences of its query. A query that gives no answer tells
 * nothing, and takes nothing away. */
static const char *ask_missing(struct bench *b)
{
	struct answer a = bench_ask(b, b->r->missing, ASK_EVIDENCE);
	const char *told = NULL;
	size_t n = 0;
	for (const struct judge_evidence *e = a.outcome == ROWS ? a.first : NULL; e && n < MISSING_TOLD; e = e->next, n++)
		told = arena_printf(b->arena, "%s%s%s", told ? told : "", told ? "; " : "", e->says);
	if (told && a.total > n)
		told = arena_printf(b->arena, "%s; and %zu more", told, a.total - n);
	return told;
}

/* Whether nothing but the maker's word stands behind the answer. */
static bool is_word(const struct answer *a)
{
	for (const struct judge_evidence *e = a->first; e; e = e->next)
		if (strcmp(e->table, "declaration") != 0)
			return false;
	return true;
}

static enum basis basis_of(const struct answer *a)
{
	return is_word(a) ? BASIS_DECLARATION : BASIS_EVIDENCE;
}

/* The word of the maker where the product is asked for: shown, and no verdict. */
static void give_declared(struct bench *b, struct judgement *j, const struct answer *a)
{
	const char *missing = j->missing;
	give_rows(b, j, VERDICT_INCONCLUSIVE, "declared", a);
	j->basis = BASIS_DECLARED;
	j->missing = missing;
	j->summary = arena_printf(b->arena, "Declared, not verified: %s%s", j->summary ? j->summary : "",
							  missing ? arena_printf(b->arena, " (%s)", missing) : "");
}

/* Which probe stands behind rows of that table, when it is no other than the declared ones. */
static const char *probe_behind(const char *table)
{
	return strcmp(table, "declaration") == 0		  ? "product.read"
		   : strncmp(table, "document", 8) == 0 ? "document.read"
												: NULL;
}

/* What the declared rows themselves need. */
static const char *declared_needs(struct bench *b, const struct answer *a)
{
	const char *needs[2];
	size_t n = 0;
	for (const struct judge_evidence *e = a->first; e; e = e->next) {
		const char *probe = probe_behind(e->table);
		bool known = !probe;
		for (size_t i = 0; i < n; i++)
			known |= strcmp(needs[i], probe ? probe : "") == 0;
		if (!known && n < 2)
			needs[n++] = probe;
	}
	return bench_needs(b, needs, n);
}

/* What the maker says, when nothing else decides; `j` is INCONCLUSIVE already. */
static void ask_declared(struct bench *b, struct judgement *j, bool may_pass)
{
	struct answer a = bench_ask(b, b->r->declared, ASK_EVIDENCE);
	if (a.outcome == BROKEN)
		give_broken(b, j, "declared", &a);
	if (a.outcome != ROWS)
		return;
	const char *missing = b->r->about == ABOUT_DECLARATION ? declared_needs(b, &a) : NULL;
	if (b->r->about == ABOUT_DECLARATION && !missing && may_pass) {
		give_rows(b, j, VERDICT_PASS, "declared", &a);
		j->basis = BASIS_DECLARATION;
		j->missing = NULL;
		return;
	}
	if (missing)
		j->missing = missing;
	give_declared(b, j, &a);
}

/* The first way that is open and finds something. *missing: what kept all of them from being asked; *asked: one was. */
static bool ask_ways(struct bench *b, struct judgement *j, const char **missing, bool *asked)
{
	struct answer broken = { .outcome = NO_ROWS }, word = { .outcome = NO_ROWS };
	for (size_t i = 0; i < b->r->nways; i++) {
		const struct pack_way *w = &b->r->ways[i];
		const char *lacks = bench_needs(b, w->needs, w->nneeds);
		if (lacks) {
			*missing = *missing ? arena_printf(b->arena, "%s; or %s", *missing, lacks) : lacks;
			continue;
		}
		*asked = true;
		struct answer a = bench_ask(b, w->query, ASK_EVIDENCE);
		if (a.outcome == BROKEN && broken.outcome == NO_ROWS)
			broken = a;
		if (a.outcome != ROWS)
			continue;
		if (b->r->about == ABOUT_PRODUCT && is_word(&a)) {
			word = a;
			continue;
		}
		lacks = bench_part_not_shown(b, &a);
		if (lacks) {
			*missing = lacks;
			*asked = false;
			continue;
		}
		give_rows(b, j, VERDICT_PASS, "passes", &a);
		j->basis = basis_of(&a);
		j->way = i + 1;
		return true;
	}
	if (broken.outcome == BROKEN)
		give_broken(b, j, "passes", &broken);
	else if (word.outcome == ROWS)
		give_declared(b, j, &word);
	return broken.outcome == BROKEN || word.outcome == ROWS;
}

/* The verdict of a threshold that a measured value crosses, with the rows behind the value. */
static bool ask_thresholds(struct bench *b, struct judgement *j, enum verdict gives)
{
	for (size_t i = 0; i < j->nmeasures; i++) {
		struct judge_measure *m = &j->measures[i];
		const struct pack_threshold *t = m->crossed;
		if (!t || t->gives != gives || m->total == 0)
			continue;
		struct answer a = { .first = m->rows, .kept = m->kept, .total = m->total };
		if (gives == VERDICT_PASS && b->r->about == ABOUT_PRODUCT && is_word(&a))
			continue;
		give_rows(b, j, gives, gives == VERDICT_PASS ? "passes" : "fails", &a);
		j->basis = basis_of(&a);
		j->summary = arena_printf(b->arena, "%s: %s %s, %s %s (%s)", m->measure->title, measure_number(b->arena, m->value),
								  m->measure->unit, t->above ? "above" : "below", measure_number(b->arena, t->number), t->source);
		return true;
	}
	return false;
}

/* Why a value that could be against it is not known, or has no rows that show it: then nothing is for it. */
static const char *unmeasured(struct bench *b, const struct judgement *j)
{
	for (size_t i = 0; i < j->nmeasures; i++) {
		const struct judge_measure *m = &j->measures[i];
		if (m->crossed && m->crossed->gives == VERDICT_FAIL && m->total == 0)
			return arena_printf(b->arena, "the measure `%s` is beyond its threshold, and no row shows why", m->measure->name);
		for (size_t k = 0; m->missing && k < m->measure->nthresholds; k++)
			if (m->measure->thresholds[k].gives == VERDICT_FAIL)
				return m->missing;
	}
	return NULL;
}

/* What speaks for it. True when that is an answer, even one that is broken. */
static bool ask_for(struct bench *b, struct judgement *j, const char *missing)
{
	const char *lacks = unmeasured(b, j);
	bool asked = false;
	if (lacks) {
		give_open(b, j, lacks);
		ask_declared(b, j, false);
		return true;
	}
	if (ask_ways(b, j, &lacks, &asked) || ask_thresholds(b, j, VERDICT_PASS))
		return true;
	bool all_looked_at = asked || (b->r->nways == 0 && !missing);
	give_open(b, j, all_looked_at ? NULL : lacks ? lacks : missing);
	const char *told = missing ? NULL : ask_missing(b);
	if (told) {
		j->missing = told;
		j->summary = arena_printf(b->arena, "It stays open: %s.", told);
	}
	return false;
}

static void decide(struct bench *b, struct judgement *j)
{
	const char *missing = bench_needs(b, b->r->needs, b->r->nneeds);
	struct answer fails = bench_ask(b, b->r->fails, ASK_EVIDENCE);
	if (fails.outcome == ROWS) {
		give_rows(b, j, VERDICT_FAIL, "fails", &fails);
		j->basis = basis_of(&fails);
		return;
	}
	if (fails.outcome == BROKEN)
		return give_broken(b, j, "fails", &fails);
	if (ask_thresholds(b, j, VERDICT_FAIL))
		return;
	if (b->r->applies && !missing) {
		struct answer applies = bench_ask(b, b->r->applies, ASK_ANY);
		if (applies.outcome == BROKEN)
			return give_broken(b, j, "applies", &applies);
		if (applies.outcome == NO_ROWS) {
			j->verdict = VERDICT_NOT_APPLICABLE;
			j->summary = b->r->not_applicable;
			return;
		}
	}
	if (ask_for(b, j, missing))
		return;
	/* What rests on documents names the one that could not be read. */
	const char *unread = !j->missing && requirement_reads_documents(b->r) ? bench_documents_unread(b) : NULL;
	if (unread)
		give_open(b, j, unread);
	ask_declared(b, j, true);
}

struct error judge_with_views(struct view_set *set, const struct requirement *r, struct arena *arena, struct judgement *j)
{
	struct bench b = { .db = set->db, .set = set, .r = r, .limits = set->limits, .arena = arena };
	*j = (struct judgement){ .verdict = VERDICT_INCONCLUSIVE };
	if (r->excluded) {
		j->verdict = VERDICT_NOT_APPLICABLE;
		j->summary = arena_printf(arena, "Excluded by the pack: %s", r->excluded);
		return j->summary ? error_none() : error_at(ERR_MEMORY, 0, "out of memory");
	}
	struct error e = error_none();
	view_set_open(set, r->home);
	bench_measure(&b, j);
	decide(&b, j);
	bench_close(&b);
	if (b.db_error)
		e = error_at(ERR_IO, 0, "%s", b.db_error);
	if (!error_is(&e) && !j->summary)
		e = error_at(ERR_MEMORY, 0, "out of memory while judging %s", r->id);
	return e;
}

struct alone {
	struct view_set *set;
	struct arena *arena;
};

static struct error judge_alone(void *context, const struct requirement *r, struct judgement *j)
{
	struct alone *a = context;
	return judge_with_parts(a->set, r, a->arena, judge_alone, a, j);
}

static struct error judge_with(struct view_set *set, const struct requirement *r, struct arena *arena, struct judgement *j)
{
	struct alone alone = { set, arena };
	return judge_alone(&alone, r, j);
}

struct error judge_requirement(sqlite3 *db, const struct requirement *r, const struct query_limits *limits,
							   struct arena *arena, struct judgement *j)
{
	struct view_set set = { .db = db, .limits = limits ? limits : &query_default_limits };
	struct error e = judge_with(&set, r, arena, j);
	view_set_end(&set);
	return e;
}

struct error judge_kept(sqlite3 *db, const struct requirement *r, const struct query_limits *limits, struct arena *arena,
						struct judgement *j)
{
	struct view_set set = { .db = db, .limits = limits };
	struct query_mentions mentions = { 0 };
	struct query_kept kept;
	view_mentions(&set, r, &mentions);
	query_keep_views(db, limits, &mentions, view_set_empty(&set), &kept);
	struct error e = judge_with(&set, r, arena, j);
	view_set_end(&set);
	query_release_views(db, &kept);
	return e;
}
