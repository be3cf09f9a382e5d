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

/* Views that a pack may have. */
#define VIEWS_MAX 64u

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

struct pack_test {
	enum verdict gives;
	const struct pack_row *rows;
	size_t nrows;
	unsigned line;
};

struct requirement {
	const char *id, *title, *section, *severity, *because;
	const char *how;          /* how it is decided, in words; NULL when the queries say it all */
	const char *const *needs; /* probes */
	size_t nneeds;
	const char *applies, *not_applicable, *fails,
		*passes; /* SQL, NULL when absent; all NULL: not decided by this pack */
	const char *missing; /* SQL, NULL when absent: what keeps it INCONCLUSIVE once all `needs` are complete */
	const char *settles, *remedy, *remedy_command;
	const struct pack_reference *references;
	size_t nreferences;
	const struct pack_test *tests;
	size_t ntests;
	const struct pack *owner; /* the pack that lists it; an including pack has a copy */
	const struct pack *home;  /* the pack whose views its queries name */
	unsigned line;

	/* What the pack that was asked for makes of it. */
	const char *excluded;     /* the reason, or NULL */
	const char *severity_was; /* the severity before an override, or NULL */
	const char *severity_reason;
};

struct pack {
	const char *file;
	const char *id, *title, *version;
	const char *source_name, *source_publisher, *source_url, *source_year; /* NULL when absent */
	const struct query_view *views;
	size_t nviews;
	struct requirement *requirements; /* the included ones first, in their order */
	size_t nrequirements;
};

/* A pack that is built in: made at build time from guidelines/. Ended by a NULL name. */
struct pack_builtin {
	const char *name;
	struct text text;
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
/* Loads all that are built in; false with the error filled. */
bool packs_load_builtins(struct packs *packs, struct pack_error *error) MUST_USE;

size_t packs_count(const struct packs *packs);
const struct pack *packs_get(const struct packs *packs, size_t i);
/* The pack of that id, or NULL. */
const struct pack *packs_find(const struct packs *packs, const char *id);

/* The requirement of that id, or NULL; *pack (may be NULL) is the pack that has it. */
const struct requirement *packs_requirement(const struct packs *packs, const char *id, const struct pack **pack);
const struct requirement *pack_requirement(const struct pack *pack, const char *id);

/* Ids that the user may have meant, best first; returns how many of them were written (at most max). */
size_t packs_suggest(const struct packs *packs, const char *id, const char **ids, size_t max);

/* True when nothing in the pack decides the requirement: it stays INCONCLUSIVE and says what would settle it. */
static inline bool requirement_is_open(const struct requirement *r)
{
	return !r->fails && !r->passes && !r->applies;
}

#endif
