/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where one requirement is judged. Not for other floors. */
#ifndef ASSAY_JUDGE_BENCH_H
#define ASSAY_JUDGE_BENCH_H

#include "fact/fact.h"
#include "judge/judge.h"

/* Rows of evidence that are kept behind a number. */
#define MEASURE_ROWS 100u

enum outcome { NO_ROWS, ROWS, BROKEN };

/* The rows of one query. */
struct answer {
	enum outcome outcome;
	struct judge_evidence *first, *last;
	size_t keep, kept, total;
	const char *why; /* BROKEN */
};

struct empties; /* view_set.c */
struct probe_runs; /* runs.c */
void probe_runs_free(struct probe_runs *runs);

/* What the requirements of a case share while they are judged: the views of the pack at hand, made when the first of them
 * names one and kept until those of another pack are (what many queries name is a table), what has no rows, and the runs of
 * probes. */
struct view_set {
	sqlite3 *db;
	const struct query_limits *limits;
	const struct pack *home;
	enum { VIEW_ABSENT, VIEW_THERE, VIEW_TABLE } state[VIEWS_MAX];
	struct empties *empties; /* what has no rows: the standard views, and the views of each pack that was opened */
	const struct query_empty *empty; /* of the pack at hand; NULL: it is not known */
	struct probe_runs *runs; /* NULL until they are asked for */
};

/* Turns to the views of that pack. */
void view_set_open(struct view_set *set, const struct pack *home);
/* What no row is in, of the tables and the standard views; NULL: it is not known. */
const struct query_empty *view_set_empty(const struct view_set *set);
/* Whether the query, of the pack at hand, is known to give no row. */
bool view_set_is_empty(const struct view_set *set, const char *sql);
/* Makes the views that the query names, and what these name in turn. */
struct error view_set_ready(struct view_set *set, const char *sql) MUST_USE;
/* Takes all away that it holds. */
void view_set_end(struct view_set *set);

/* Whether its own queries, or the views of its pack that they name, ask what documents say. */
bool requirement_reads_documents(const struct requirement *r);

/* Whether its queries, or those that it asks for, ask which statements of the maker other verdicts refute. */
bool requirement_asks_conflicts(const struct requirement *r);

/* Adds how many queries of the requirement, of the views that they name and of what it asks for name each standard view, and
 * which of them are asked: with a set, not by queries that are known to give no row. */
void view_mentions(struct view_set *set, const struct requirement *r, struct query_mentions *m);

/* As judge_requirement(); `set` belongs to the same connection and outlives the call. */
struct error judge_with_views(struct view_set *set, const struct requirement *r, struct arena *arena,
							  struct judgement *j) MUST_USE;

/* Judges one that a requirement asks for. What it puts into `j` has to outlive the judgement that asks. */
typedef struct error judge_part(void *context, const struct requirement *part, struct judgement *j);

/* As judge_with_views(), for one that may ask for others, too: `ask` finds their judgements. */
struct error judge_with_parts(struct view_set *set, const struct requirement *r, struct arena *arena, judge_part *ask,
							  void *context, struct judgement *j) MUST_USE;

/* As judge_requirement(), and the standard views that it asks in this case are evaluated once. */
struct error judge_kept(sqlite3 *db, const struct requirement *r, const struct query_limits *limits, struct arena *arena,
						struct judgement *j) MUST_USE;

struct bench {
	sqlite3 *db;
	struct view_set *set;
	const struct requirement *r;
	const struct query_limits *limits;
	struct arena *arena;
	sqlite3_stmt *row_exists[FACT_TYPES + 2]; /* prepared when needed; as long as the bench */
	const char *db_error; /* what kept the case from being read */
};

/* Evidence; the evidence behind a measure, of which fewer rows are kept; whether there is any row. */
enum ask { ASK_EVIDENCE, ASK_BEHIND_MEASURE, ASK_ANY };

/* NULL as SQL: no rows. Rows that are not in the case break the answer. */
struct answer bench_ask(struct bench *b, const char *sql, enum ask what);

/* The number in the column `value` of the only row. NULL, or why there is no answer; without a row, or with NULL in it,
 * nothing is measured. */
const char *bench_value(struct bench *b, const char *sql, double *value, bool *measured) MUST_USE;

/* Which of these probes have no complete runs, in words; NULL: all have. Sets b->db_error on failure. */
const char *bench_needs(struct bench *b, const char *const *needs, size_t n);

/* Which documents were not read, or not whole, in words; NULL: none. Sets b->db_error on failure. */
const char *bench_documents_unread(struct bench *b);

/* Where the rows are of one of several images (or devices): which of these none is of, in words; NULL: there is none. Rows that
 * are of no input, or of another kind of input, tell nothing. */
const char *bench_part_not_shown(struct bench *b, const struct answer *a);

/* Measures what the requirement asks for into j->measures. */
void bench_measure(struct bench *b, struct judgement *j);

/* Finalizes its statements. */
void bench_close(struct bench *b);

#endif
