/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of a configuration: AND, OR and NOT over criteria, with three truth values.
 *
 * Specification: NVD, CVE applicability language (configurations, nodes, operator, negate); NISTIR 7698, 6.2
 * (evaluation). */
#include <stdlib.h>

#include "vuln/internal.h"

#define NODES_MAX 512u
#define CRITERIA_MAX 20000u
#define DEPTH_MAX 16u

struct node {
	int64_t number, parent; /* parent -1: none */
	bool and_, negate;
};

struct tree {
	struct matcher *m;
	const struct software *software;
	struct node *nodes;
	size_t nnodes;
	struct criterion *criteria;
	size_t ncriteria;
	const struct criterion *asked; /* which fits */
	struct text why;               /* what the first part that does not hold needs */
	struct text assumed;           /* what holds without being in the image */
};

static bool load_nodes(struct matcher *m, const struct criterion *c, struct tree *t)
{
	sqlite3_stmt *s = m->nodes;
	t->nodes = ARENA_ARRAY(m->scratch, struct node, NODES_MAX);
	sqlite3_bind_int64(s, 1, c->record);
	sqlite3_bind_int64(s, 2, c->configuration);
	while (t->nodes && t->nnodes < NODES_MAX && sqlite3_step(s) == SQLITE_ROW) {
		struct node *n = &t->nodes[t->nnodes++];
		n->number = sqlite3_column_int64(s, 0);
		n->parent = sqlite3_column_type(s, 1) == SQLITE_NULL ? -1 : sqlite3_column_int64(s, 1);
		const char *operator=(const char *) sqlite3_column_text(s, 2);
		n->and_ = operator&& sqlite3_stricmp(operator, "AND") == 0;
		n->negate = sqlite3_column_int(s, 3) != 0;
	}
	sqlite3_reset(s);
	return t->nodes != NULL;
}

/* Whether one criterion is all that a tree asks for: nothing but OR above it. */
static bool alternatives_only(const struct tree *t)
{
	for (size_t i = 0; i < t->nnodes; i++)
		if (t->nodes[i].and_ || t->nodes[i].negate)
			return false;
	return true;
}

static bool load_criteria(struct matcher *m, const struct criterion *c, struct tree *t)
{
	sqlite3_stmt *s = m->configuration;
	size_t cap = 64;
	t->criteria = ARENA_ARRAY(m->scratch, struct criterion, cap);
	sqlite3_bind_int64(s, 1, c->record);
	sqlite3_bind_int64(s, 2, c->configuration);
	if (!t->criteria)
		return false;
	while (t->ncriteria < CRITERIA_MAX && sqlite3_step(s) == SQLITE_ROW) {
		if (t->ncriteria == cap) {
			struct criterion *more = ARENA_ARRAY(m->scratch, struct criterion, cap * 2);
			if (!more)
				break;
			memcpy(more, t->criteria, cap * sizeof *more);
			t->criteria = more;
			cap *= 2;
		}
		t->criteria[t->ncriteria++] = read_criterion(m->scratch, s);
	}
	sqlite3_reset(s);
	return true;
}

static bool is_product_of(const struct criterion *c, const struct software *s)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (text_eq(s->keys[i], c->product))
			return true;
	return false;
}

/* Firmware runs on the hardware that it is called after: "o:acme:box_firmware" on "h:acme:box", of which no version is named. */
static bool is_its_hardware(const struct criterion *c, const struct software *s)
{
	static const char suffix[] = "_firmware";
	struct cpe name;
	if (!text_starts(c->product, "cpe:h:") || c->start.p || c->end.p || !c->cpe.p || !cpe_split(c->cpe, &name) ||
		!(cpe_is_any(name.a[CPE_VERSION]) || cpe_is_na(name.a[CPE_VERSION])))
		return false;
	struct text hardware = text_of(c->product.p + 6, c->product.n - 6);
	for (size_t i = 0; i < s->nkeys; i++) {
		struct text key = s->keys[i];
		if (text_starts(key, "cpe:o:") && text_ends(key, suffix) &&
			text_eq(text_of(key.p + 6, key.n - 6 - (sizeof suffix - 1)), hardware))
			return true;
	}
	return false;
}

static int criterion_holds(struct tree *t, const struct criterion *c)
{
	struct text why = TEXT_NONE;
	int r;
	if (is_its_hardware(c, t->software)) {
		t->assumed = words(t->m, "runs on %.*s, which it is named after", T(criterion_name(t->m, c)));
		return 1;
	}
	if (c->vulnerable && is_product_of(c, t->software)) {
		enum fit fit = criterion_fit(t->m, c, t->software, &why);
		r = fit == FIT_WITHIN || fit == FIT_ALL_VERSIONS ? 1 : fit == FIT_UNKNOWN || fit == FIT_INCOMPARABLE ? 0 : -1;
		why = TEXT_NONE; /* its own product is no platform that is missing */
	} else {
		r = platform_holds(t->m, c, &why);
	}
	if (r < 1 && why.n && !t->why.n)
		t->why = why;
	return r;
}

static const struct node *node_numbered(const struct tree *t, int64_t number)
{
	for (size_t i = 0; i < t->nnodes; i++)
		if (t->nodes[i].number == number)
			return &t->nodes[i];
	return NULL;
}

/* Whether a node is the one that the criterion stands in, or above that. */
static bool is_above(const struct tree *t, const struct node *node)
{
	const struct node *at = node_numbered(t, t->asked->node);
	for (unsigned depth = 0; at && depth <= DEPTH_MAX; depth++) {
		if (at == node)
			return true;
		at = at->parent == -1 ? NULL : node_numbered(t, at->parent);
	}
	return false;
}

/* Of alternatives only the one that the criterion stands in counts: that another holds, by another product, says nothing of
 * this one. */
static int node_holds(struct tree *t, const struct node *node, unsigned depth)
{
	int result = node->and_ ? 1 : -1;
	bool any = false, only = !node->and_ && is_above(t, node), here = only && node->number == t->asked->node;
	if (depth > DEPTH_MAX)
		return 0;
	if (here)
		return node->negate ? -1 : 1; /* it fits */
	for (size_t i = 0; i < t->ncriteria && !only; i++) {
		if (t->criteria[i].node != node->number)
			continue;
		int r = criterion_holds(t, &t->criteria[i]);
		result = node->and_ ? (r < result ? r : result) : (r > result ? r : result);
		any = true;
	}
	for (size_t i = 0; i < t->nnodes; i++) {
		if (t->nodes[i].parent != node->number || &t->nodes[i] == node || (only && !is_above(t, &t->nodes[i])))
			continue;
		int r = node_holds(t, &t->nodes[i], depth + 1);
		result = node->and_ ? (r < result ? r : result) : (r > result ? r : result);
		any = true;
	}
	if (!any)
		result = 0;
	return node->negate ? -result : result;
}

bool configuration_is_joined(struct matcher *m, const struct criterion *c)
{
	struct tree t = { .m = m };
	return !c->alone && load_nodes(m, c, &t) && !alternatives_only(&t);
}

bool configuration_is_alone(struct matcher *m, const struct criterion *c)
{
	struct tree t = { .m = m };
	return load_nodes(m, c, &t) && alternatives_only(&t);
}

static int evaluate(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	struct tree t = { .m = m, .software = s, .asked = c };
	int result = -1;
	*why = TEXT_NONE;
	if (!load_nodes(m, c, &t))
		return 0;
	if (alternatives_only(&t))
		return 1;
	if (!load_criteria(m, c, &t))
		return 0;
	for (size_t i = 0; i < t.nnodes; i++) {
		if (t.nodes[i].parent != -1 || !is_above(&t, &t.nodes[i]))
			continue;
		int r = node_holds(&t, &t.nodes[i], 0);
		result = r > result ? r : result;
	}
	if (result == 1)
		*why = t.assumed;
	else
		*why = t.why.n ? t.why : TEXT_LIT("its configuration as a whole does not hold");
	return result;
}

int configuration_holds(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	struct evaluated *last = &m->evaluated;
	*why = TEXT_NONE;
	if (c->alone)
		return 1;
	if (last->software != s || last->record != c->record || last->configuration != c->configuration ||
		last->node != c->node) {
		*last = (struct evaluated){
			.software = s, .record = c->record, .configuration = c->configuration, .node = c->node
		};
		last->result = evaluate(m, c, s, &last->why);
	}
	*why = last->why;
	return last->result;
}
