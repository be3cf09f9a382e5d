/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of a configuration: AND, OR and NOT over criteria, with three truth values.
 *
 * Specification: NVD, CVE applicability language (configurations, nodes, operator, negate); NISTIR 7698, 6.2
 * (evaluation). */

#include "vuln/internal.h"

#define NODES_MAX 512u
#define CRITERIA_MAX 20000u
#define DEPTH_MAX 16u

struct node {
	int64_t number, parent; /* parent -1: none */
	bool and_, negate;
	bool known; /* what it is to whoever does not stand in it: `result`, and what it needs */
	int result;
	struct text why, assumed;
};

struct tree {
	struct matcher *m;
	const struct software *software;
	struct node *nodes;
	size_t nnodes;
	struct criterion *criteria;
	size_t ncriteria;
	const struct criterion *asked; /* which fits */
};

/* What was found of a part: 1, 0, -1; what the first part of it needs that does not hold; what holds without being in the image. */
struct held {
	int result;
	struct text why, assumed;
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

static bool is_open(struct text attribute)
{
	return cpe_is_any(attribute) || cpe_is_na(attribute);
}

/* Firmware runs on the hardware that it is called after: "o:acme:box_firmware" on "h:acme:box", of which no version or revision is
 * named. */
static bool is_its_hardware(const struct criterion *c, const struct software *s)
{
	static const char suffix[] = "_firmware";
	struct cpe name;
	if (!text_starts(c->product, "cpe:h:") || c->start.p || c->end.p || !c->cpe.p || !cpe_split(c->cpe, &name) ||
		!is_open(name.a[CPE_VERSION]) || !is_open(name.a[CPE_UPDATE]))
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

static struct held criterion_holds(struct tree *t, const struct criterion *c)
{
	struct held h = { 0, TEXT_NONE, TEXT_NONE };
	struct text why = TEXT_NONE;
	if (is_its_hardware(c, t->software)) {
		h.result = 1;
		h.assumed = words(t->m, "runs on %.*s, which it is named after", T(criterion_name(c)));
	} else if (c->vulnerable && is_product_of(c, t->software)) {
		enum fit fit = criterion_fit(t->m, c, t->software, &why); /* its own product is no platform that is missing: no `why` */
		h.result = fit == FIT_WITHIN || fit == FIT_ALL_VERSIONS ? 1 : fit == FIT_UNKNOWN || fit == FIT_INCOMPARABLE ? 0 : -1;
	} else {
		h.result = platform_holds(t->m, c, &h.why);
	}
	if (h.result == 1)
		h.why = TEXT_NONE;
	return h;
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

static void join(const struct node *node, struct held *all, const struct held *part)
{
	int r = part->result;
	all->result = node->and_ ? (r < all->result ? r : all->result) : (r > all->result ? r : all->result);
	if (!all->why.n)
		all->why = part->why;
	if (!all->assumed.n)
		all->assumed = part->assumed;
}

static struct held node_holds(struct tree *t, struct node *node, unsigned depth);

/* Of alternatives only the one that the criterion stands in counts: that another holds, by another product, says nothing of
 * this one. */
static struct held evaluate_node(struct tree *t, const struct node *node, bool above, unsigned depth)
{
	struct held all = { node->and_ ? 1 : -1, TEXT_NONE, TEXT_NONE };
	bool any = false, only = above && !node->and_;
	if (only && node->number == t->asked->node)
		return (struct held){ node->negate ? -1 : 1, TEXT_NONE, TEXT_NONE }; /* it fits */
	for (size_t i = 0; i < t->ncriteria && !only; i++) {
		if (t->criteria[i].node != node->number)
			continue;
		struct held h = criterion_holds(t, &t->criteria[i]);
		join(node, &all, &h);
		any = true;
	}
	for (size_t i = 0; i < t->nnodes; i++) {
		if (t->nodes[i].parent != node->number || &t->nodes[i] == node || (only && !is_above(t, &t->nodes[i])))
			continue;
		struct held h = node_holds(t, &t->nodes[i], depth + 1);
		join(node, &all, &h);
		any = true;
	}
	all.result = !any ? 0 : node->negate ? -all.result : all.result;
	return all;
}

/* What the criterion does not stand in is evaluated once for all that ask. */
static struct held node_holds(struct tree *t, struct node *node, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return (struct held){ 0, TEXT_NONE, TEXT_NONE };
	bool above = is_above(t, node);
	if (!above && node->known)
		return (struct held){ node->result, node->why, node->assumed };
	struct held h = evaluate_node(t, node, above, depth);
	if (!above) {
		node->known = true;
		node->result = h.result;
		node->why = h.why;
		node->assumed = h.assumed;
	}
	return h;
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

/* NULL: it can not be read. */
static struct tree *load_tree(struct matcher *m, const struct criterion *c, const struct software *s)
{
	struct tree *t = ARENA_NEW(m->scratch, struct tree);
	if (!t)
		return NULL;
	*t = (struct tree){ .m = m, .software = s };
	bool whole = load_nodes(m, c, t) && (alternatives_only(t) || load_criteria(m, c, t));
	return whole ? t : NULL;
}

static int evaluate(struct tree *t, const struct criterion *c, struct text *why)
{
	struct held best = { -1, TEXT_NONE, TEXT_NONE };
	if (alternatives_only(t))
		return 1;
	t->asked = c;
	for (size_t i = 0; i < t->nnodes; i++) {
		if (t->nodes[i].parent != -1 || !is_above(t, &t->nodes[i]))
			continue;
		struct held h = node_holds(t, &t->nodes[i], 0);
		if (h.result >= best.result)
			best = h;
	}
	if (best.result == 1)
		*why = best.assumed;
	else
		*why = best.why.n ? best.why : TEXT_LIT("its configuration as a whole does not hold");
	return best.result;
}

int configuration_holds(struct matcher *m, const struct criterion *c, const struct software *s, struct text *why)
{
	struct evaluated *last = &m->evaluated;
	*why = TEXT_NONE;
	if (c->alone)
		return 1;
	bool same = last->software == s && last->record == c->record && last->configuration == c->configuration;
	if (!same)
		*last = (struct evaluated){
			.software = s, .record = c->record, .configuration = c->configuration, .tree = load_tree(m, c, s)
		};
	if (!same || last->node != c->node) {
		last->node = c->node;
		last->why = TEXT_NONE;
		last->result = last->tree ? evaluate(last->tree, c, &last->why) : 0;
	}
	*why = last->why;
	return last->result;
}
