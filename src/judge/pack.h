/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guideline packs: requirements with the SQL that decides them. The format is described in docs/pack-format.md.
 *
 * A pack is read strictly, its SQL prepared against the schema under the authorizer that it will run under: a pack that
 * loads cannot fail for a reason that its author could have been told before.
 */
#ifndef ASSAY_JUDGE_PACK_H
#define ASSAY_JUDGE_PACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/doc.h"
#include "base/error.h"
#include "base/span.h"
#include "judge/query.h"

/* The first thing that is wrong with a pack. */
#define pack_error doc_error

/* The terms of ETSI TS 103 701 and XCCDF. */
enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_NOT_APPLICABLE, VERDICTS };

/* "PASS", "FAIL", "INCONCLUSIVE", "NOT APPLICABLE": as in the table `verdict`. */
const char *verdict_name(enum verdict v);

/* What a verdict rests on. */
enum basis {
	BASIS_NONE,        /* nothing: INCONCLUSIVE, or NOT APPLICABLE */
	BASIS_EVIDENCE,    /* facts that were seen */
	BASIS_DECLARATION, /* the maker's word, about which the requirement is: PASS or FAIL */
	BASIS_DECLARED,    /* the maker's word alone: INCONCLUSIVE all the same */
	BASES
};

/* "evidence", "declaration", "declared", as in the table `verdict`; "none" there is NULL. */
const char *basis_name(enum basis b);

/* What a requirement is about: the product, or what its maker declares (a policy exists, a date is published). */
enum about { ABOUT_PRODUCT, ABOUT_DECLARATION };

/* "product", "declaration" */
const char *about_name(enum about a);

/* Views that a pack may have; ways of one requirement to PASS, its measures, and the thresholds of one. */
#define VIEWS_MAX QUERY_VIEWS_MAX
#define WAYS_MAX 16u
#define MEASURES_MAX 16u
#define THRESHOLDS_MAX 8u
/* Requirements that one may ask for. */
#define PARTS_MAX 12u
/* Those and what they ask for in turn, all in all. */
#define PARTS_ALL_MAX 64u

struct pack;

struct pack_reference {
	const char *standard, *id;
};

/* One cell of a row that a test puts into the case. */
struct pack_cell {
	const char *column;
	const char *text; /* NULL: SQL NULL */
	bool is_integer;
	long long integer;
};

struct pack_row {
	const char *table;
	const char *file; /* path of the blob it belongs to; NULL: any */
	const struct pack_cell *cells;
	size_t ncells;
};

/* The value that a test expects of a measure. */
struct pack_expected {
	const char *measure;
	bool is_measured; /* false: `null` in the test */
	double value;
	unsigned line;
};

struct pack_test {
	enum verdict gives;
	bool says_basis;
	enum basis basis; /* when says_basis */
	const struct pack_row *rows;
	size_t nrows;
	const struct pack_expected *expected;
	size_t nexpected;
	unsigned line;
};

/* One way to PASS: a query that counts when these probes are complete. */
struct pack_way {
	const char *const *needs;
	size_t nneeds;
	const char *query;
};

/* From where on a value decides. */
struct pack_threshold {
	enum verdict gives; /* FAIL or PASS */
	bool above;         /* for greater values; else for lesser ones */
	double number;
	const char *source; /* who says so */
};

/* A number with its definition. */
struct pack_measure {
	const char *name, *title, *unit, *formula;
	const char *better;       /* "lower", "higher", or NULL */
	const char *value, *rows; /* SQL: the number in a column `value`; the evidence behind it, or NULL */
	const char *const *needs;
	size_t nneeds;
	const struct pack_threshold *thresholds;
	size_t nthresholds;
};

/* What the queries of a requirement name. */
struct requirement_uses {
	uint8_t named[VIEWS_MAX];             /* how many of them name each view of its home */
	bool wanted[VIEWS_MAX];               /* these views, and those that they name in turn */
	uint8_t standard[QUERY_STANDARD_MAX]; /* how many of the queries and of those views name each standard view */
};

/* What the text of a view names: standard views by their number, from QUERY_STANDARD_MAX on those of its pack. */
struct view_names {
	bool found[QUERY_WORDS_MAX];
};

struct requirement {
	const char *id, *title, *section, *severity, *because;
	const char *how;          /* how it is decided, in words; NULL when the queries say it all */
	enum about about;
	const char *const *needs; /* probes that `applies` and `missing` rest on; those of a way are its own */
	size_t nneeds;
	const char *applies, *not_applicable, *fails; /* SQL, NULL when absent */
	const char *declared; /* SQL, NULL when absent: what the maker says for it */
	const char *missing;  /* SQL, NULL when absent: what keeps it INCONCLUSIVE once all `needs` are complete */
	const struct pack_way *ways; /* to PASS, the first that gives rows */
	size_t nways;
	const struct pack_measure *measures;
	size_t nmeasures;
	const char *settles, *remedy, *remedy_command;
	const struct pack_reference *references;
	size_t nreferences;
	const struct pack_test *tests;
	size_t ntests;
	const struct pack *owner; /* the pack that lists it; an including pack has a copy */
	const struct pack *home;  /* the pack whose views its queries name */
	const struct requirement *const *parts; /* those that it asks for, each: `use` with a list; else none */
	size_t nparts, nasked; /* nasked: with what these ask for in turn */
	const struct requirement *origin; /* the one that its queries were written for: all of one origin are judged alike */
	const struct requirement_uses *uses;
	unsigned line;

	/* What the pack that was asked for makes of it. */
	const char *excluded;     /* the reason, or NULL */
	const char *severity_was; /* the severity before an override, or NULL */
	const char *severity_reason;
};

struct pack {
	const char *file;
	const char *id, *title, *version;
	const char *prefix; /* what the ids of its own requirements begin with, before a dot; the pack's id unless given */
	const char *source_name, *source_publisher, *source_url, *source_year; /* NULL when absent */
	const struct query_view *views;
	size_t nviews;
	struct view_names *view_names;  /* of each view */
	struct query_words *words;      /* the names of the standard views, and of these from QUERY_STANDARD_MAX on */
	unsigned view_named[VIEWS_MAX]; /* how many queries of the pack name each view, themselves or by its later views */
	struct requirement *requirements; /* the included ones first, in their order */
	size_t nrequirements;
};

/* A pack that is built in: made at build time from guidelines/. Ended by a NULL name. */
struct pack_builtin {
	const char *name;
	struct text text;
	struct text packed; /* the same without its tests, parsed (doc_open_packed()) */
};
extern const struct pack_builtin pack_builtins[];

/* The packs of a run. A pack may include, or use requirements of, those that were loaded before it. */
struct packs;

/* `probes`: the names that `needs` may hold, ended by NULL; they must outlive the packs. NULL when out of memory. */
struct packs *packs_new(const char *const *probes) MUST_USE;
void packs_free(struct packs *packs);

/* Loads a pack; NULL with the error filled. It lives as long as `packs`. */
const struct pack *packs_load_text(struct packs *packs, const char *name, struct text text,
								   struct pack_error *error) MUST_USE;
const struct pack *packs_load_file(struct packs *packs, const char *path, struct pack_error *error) MUST_USE;
/* Loads all that are built in; false with the error filled. They were checked when the program was built: their SQL is not
 * prepared once more, and their tests are left out. */
bool packs_load_builtins(struct packs *packs, struct pack_error *error) MUST_USE;
/* The same as strictly as packs_load_text(), with their tests. */
bool packs_check_builtins(struct packs *packs, struct pack_error *error) MUST_USE;

/* The packs in the order in which they were loaded; NULL behind the last. */
size_t packs_count(const struct packs *packs);
const struct pack *packs_get(const struct packs *packs, size_t i);
/* The pack of that id, or NULL. */
const struct pack *packs_find(const struct packs *packs, const char *id);

/* The requirement of that id, or NULL; *pack (may be NULL) is the pack that has it. */
const struct requirement *packs_requirement(const struct packs *packs, const char *id, const struct pack **pack);
const struct requirement *pack_requirement(const struct pack *pack, const char *id);

/* Ids that the user may have meant, best first; returns how many of them were written (at most max). */
size_t packs_suggest(const struct packs *packs, const char *id, const char **ids, size_t max);

/* True when it has queries of its own, not only those of the requirements that it asks for. */
bool requirement_has_queries(const struct requirement *r);

/* True when nothing in the pack decides the requirement: it stays INCONCLUSIVE and says what would settle it. */
bool requirement_is_open(const struct requirement *r);

/* Whether it can give that verdict at all. */
bool requirement_can_give(const struct requirement *r, enum verdict v);

/* Calls `visit` for each SQL text of the requirement until it gives true; whether it did. */
bool requirement_any_query(const struct requirement *r, bool (*visit)(const char *sql, const void *context),
						   const void *context);

#endif
