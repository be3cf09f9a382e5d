/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the judge share among themselves. */
#ifndef ASSAY_JUDGE_INTERNAL_H
#define ASSAY_JUDGE_INTERNAL_H

#include <sqlite3.h>

#include "base/arena.h"
#include "base/doc.h"
#include "fact/fact.h"
#include "judge/pack.h"
#include "judge/query.h"

#define PACKS_MAX 64u

struct packs {
	struct arena *arena;
	const char *const *probes;
	sqlite3 *schema; /* an empty case, to prepare queries against; made when the first pack is checked */
	struct pack *packs[PACKS_MAX];
	size_t n;
};

/* A pack on its way in. */
struct loader {
	struct packs *packs;
	struct pack *pack;
	struct doc doc;
	struct query_guard guard;
	int64_t began; /* seconds of the monotonic clock */
	bool own; /* it is built in: checked when the program was built, and without its tests */
};

/* load.c: reads the document into l->pack. */
bool load_pack(struct loader *l) MUST_USE;

/* load_queries.c: the queries of a requirement, its ways to PASS and its measures. */
bool load_queries(struct loader *l, const yaml_node_t *map, struct requirement *r) MUST_USE;
/* Prepares the query under the authorizer; it must give these columns (ended by NULL; NULL: any). */
bool load_query(struct loader *l, const yaml_node_t *node, const char *what, const char *const *columns,
				const char **sql) MUST_USE;
struct probe_list {
	const char *const *names;
	size_t n;
};
/* A finite number in decimal notation. */
bool load_number(struct loader *l, const yaml_node_t *node, const char *what, double *number) MUST_USE;

/* load_whole.c: what only makes sense together, and that every verdict is tested. */
bool check_whole(struct loader *l, const yaml_node_t *map, const struct requirement *r) MUST_USE;
/* Whether the tests of a requirement show each verdict that it can give, each measure, and what `declared` finds.
 * Of a pack that is built in that was asked when the program was built. */
bool check_tested(struct loader *l, const yaml_node_t *map, const struct requirement *r) MUST_USE;

/* load_tests.c */
bool load_tests(struct loader *l, const yaml_node_t *list, struct requirement *r) MUST_USE;
/* A table whose rows a test says itself, as nothing in the image makes them: they go in behind what is derived. */
bool test_table_is_derived(const char *name);

/* uses.c: which views the queries name; of the views first, of each requirement of its own when its queries are there, and how
 * many name a view at the end. */
bool uses_of_views(struct loader *l) MUST_USE;
/* Notes which views its queries name, and which those stand on, in r->uses. After uses_of_views(). */
bool uses_of_requirement(struct loader *l, struct requirement *r) MUST_USE;
void uses_count(struct pack *p);

/* compose.c: prefix, include, exclude, override and use. */
bool compose_prefix(struct loader *l) MUST_USE;
/* Before anything is prepared: whether all that the pack includes or uses is loaded. A pack that has to wait for
 * others (error->waits) is cheap to put back. */
bool compose_ready(struct loader *l) MUST_USE;
/* Makes room for all requirements and takes over the included ones. */
bool compose_include(struct loader *l) MUST_USE;
/* Leaves out and changes what the pack says so of, among its requirements. */
bool compose_adjust(struct loader *l) MUST_USE;
/* The requirement that `use: ID` names, of this pack or one before; NULL, with the error, where there is none. */
const struct requirement *compose_used(struct loader *l, const yaml_node_t *id);

/* It begins with a lower-case letter and holds no more than those, digits and the characters of `also`. */
bool is_name(const char *s, const char *also);
/* pack.c: loads one that is built in, without checking its SQL again and without its tests. */
const struct pack *pack_load_own(struct packs *packs, const struct pack_builtin *b, struct pack_error *error) MUST_USE;

/* Whether a pack may have it as a severity. */
bool is_severity(const char *word);
/* Whether a probe of that name is known to the packs. */
bool is_probe(const struct packs *packs, const char *name);

#endif
