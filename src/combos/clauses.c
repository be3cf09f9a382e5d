/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constraints as clauses.
 *
 * A comparison becomes the clauses that a tree of its parameters' values shows: what is wrong under an assignment of the
 * first ones leaves some values of the next one. Negations are pushed down, alternatives multiplied out. Where that would
 * be too much, the tree is made of the whole constraint, which is much when it names many parameters; where that is too much
 * as well the constraint is refused.
 */
#include <stdlib.h>
#include <string.h>

#include "combos/expression.h"

#define PRODUCT_MAX 1024u     /* clauses that one constraint may become by multiplying out */
#define TREE_MAX 16384u       /* ... by a tree */
#define WORK_MAX (1ull << 25) /* steps for one constraint */
#define LITERALS_MAX (1u << 19)

/* That a parameter is one of these values. */
struct choice {
	uint32_t parameter;
	uint64_t *values; /* bits */
};

struct alternative {
	struct choice *choices; /* by parameter, ascending; one of them must hold */
	uint32_t n;
};

struct product {
	struct alternative *all;
	uint32_t n;
	bool failed; /* too much, or no memory */
};

struct making {
	const struct domain *domain;
	struct arena *arena; /* for this constraint alone */
	uint64_t work;
	uint64_t literals;
	int32_t *values; /* of each parameter, -1: open */
};

static uint32_t words_of(const struct making *m, uint32_t p)
{
	return (m->domain->levels[p] + 63) / 64;
}

static bool is_full(const struct making *m, const struct choice *c)
{
	uint32_t n = 0;
	for (uint32_t w = 0; w < words_of(m, c->parameter); w++)
		n += (uint32_t)__builtin_popcountll(c->values[w]);
	return n == m->domain->levels[c->parameter];
}

static bool push(struct making *m, struct product *out, struct alternative a, uint32_t most)
{
	m->literals += a.n + 1;
	if (out->n == most || m->literals > LITERALS_MAX)
		return false;
	if ((out->n & (out->n - 1)) == 0) {
		struct alternative *more = ARENA_ARRAY(m->arena, struct alternative, out->n ? 2 * (size_t)out->n : 1);
		if (!more)
			return false;
		if (out->n)
			memcpy(more, out->all, out->n * sizeof *more);
		out->all = more;
	}
	out->all[out->n++] = a;
	return true;
}

/* The parameters that it names, each once; at most `most`. */
static bool name_parameters(const struct expression *e, uint32_t *list, uint32_t *n, uint32_t most)
{
	if (e->kind == EXPR_PARAMETER) {
		for (uint32_t i = 0; i < *n; i++)
			if (list[i] == e->parameter)
				return true;
		if (*n == most)
			return false;
		list[(*n)++] = e->parameter;
		return true;
	}
	for (const struct expression *part = e->parts; part; part = part->next)
		if (!name_parameters(part, list, n, most))
			return false;
	return true;
}

/* One of the first `depth` parameters is not what it is now, or the next one is among `values` (NULL: no such). */
static bool add_path(struct making *m, struct product *out, const uint32_t *list, uint32_t depth, uint64_t *values)
{
	struct choice *c = ARENA_ARRAY(m->arena, struct choice, (size_t)depth + 1);
	if (!c)
		return false;
	uint32_t n = 0;
	for (uint32_t i = 0; i < depth; i++) {
		uint32_t p = list[i];
		uint64_t *bits = ARENA_ARRAY(m->arena, uint64_t, words_of(m, p));
		if (!bits)
			return false;
		for (uint32_t v = 0; v < m->domain->levels[p]; v++)
			if ((int32_t)v != m->values[p])
				bits[v / 64] |= 1ull << v % 64;
		c[n++] = (struct choice){ p, bits };
	}
	if (values)
		c[n++] = (struct choice){ list[depth], values };
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t j = i; j > 0 && c[j].parameter < c[j - 1].parameter; j--) {
			struct choice swap = c[j];
			c[j] = c[j - 1];
			c[j - 1] = swap;
		}
	return push(m, out, (struct alternative){ c, n }, TREE_MAX);
}

static bool grow_tree(struct making *m, struct product *out, const struct expression *e, bool wanted,
					  const uint32_t *list, uint32_t n, uint32_t depth)
{
	enum truth good = wanted ? TRUTH_TRUE : TRUTH_FALSE;
	if (depth == n)
		return expression_holds(e, m->domain, m->values, &m->work) == good || add_path(m, out, list, depth, NULL);
	uint32_t p = list[depth];
	uint64_t *possible = ARENA_ARRAY(m->arena, uint64_t, words_of(m, p));
	bool some = false, ok = possible != NULL;
	for (uint32_t v = 0; ok && v < m->domain->levels[p]; v++) {
		m->values[p] = (int32_t)v;
		enum truth t = expression_holds(e, m->domain, m->values, &m->work);
		if (m->work > WORK_MAX)
			ok = false;
		else if (t == TRUTH_OPEN)
			ok = grow_tree(m, out, e, wanted, list, n, depth + 1);
		if (t == TRUTH_OPEN || t == good)
			possible[v / 64] |= 1ull << v % 64;
		else
			some = true;
	}
	m->values[p] = -1;
	return ok && (!some || add_path(m, out, list, depth, possible));
}

static struct product by_tree(struct making *m, const struct expression *e, bool wanted, uint32_t most)
{
	struct product out = { 0 };
	uint32_t list[64], n = 0;
	out.failed = !name_parameters(e, list, &n, most) || !grow_tree(m, &out, e, wanted, list, n, 0);
	return out;
}

/* One of both alternatives. False when that always holds; *failed without memory. */
static bool either(struct making *m, const struct alternative *a, const struct alternative *b, struct alternative *out,
				   bool *failed)
{
	struct choice *c = ARENA_ARRAY(m->arena, struct choice, (size_t)a->n + b->n);
	*out = (struct alternative){ c, 0 };
	*failed = !c;
	for (uint32_t i = 0, j = 0; c && (i < a->n || j < b->n);) {
		if (j == b->n || (i < a->n && a->choices[i].parameter < b->choices[j].parameter)) {
			c[out->n++] = a->choices[i++];
		} else if (i == a->n || b->choices[j].parameter < a->choices[i].parameter) {
			c[out->n++] = b->choices[j++];
		} else {
			uint32_t words = words_of(m, a->choices[i].parameter);
			uint64_t *bits = ARENA_ARRAY(m->arena, uint64_t, words);
			*failed = !bits;
			if (!bits)
				return true;
			for (uint32_t w = 0; w < words; w++)
				bits[w] = a->choices[i].values[w] | b->choices[j].values[w];
			c[out->n] = (struct choice){ a->choices[i].parameter, bits };
			if (is_full(m, &c[out->n++]))
				return false;
			i++;
			j++;
		}
	}
	return true;
}

static struct product multiply(struct making *m, const struct product *a, const struct product *b)
{
	struct product out = { .failed = a->failed || b->failed || (uint64_t)a->n * b->n > PRODUCT_MAX };
	for (uint32_t i = 0; i < a->n; i++)
		for (uint32_t j = 0; j < b->n && !out.failed; j++) {
			struct alternative both;
			bool failed;
			if (either(m, &a->all[i], &b->all[j], &both, &failed))
				out.failed = failed || !push(m, &out, both, PRODUCT_MAX);
		}
	return out;
}

static struct product append(struct making *m, struct product a, const struct product *b)
{
	a.failed = a.failed || b->failed;
	for (uint32_t i = 0; i < b->n && !a.failed; i++)
		a.failed = !push(m, &a, b->all[i], PRODUCT_MAX);
	return a;
}

static struct product by_product(struct making *m, const struct expression *e, bool wanted);

static struct product parts_product(struct making *m, const struct expression *e, bool all, bool wanted)
{
	struct product out = { 0 };
	if (!all && !push(m, &out, (struct alternative){ 0 }, PRODUCT_MAX))
		out.failed = true;
	for (const struct expression *part = e->parts; part && !out.failed; part = part->next) {
		struct product p = by_product(m, part, wanted);
		out = all ? append(m, out, &p) : multiply(m, &out, &p);
	}
	return out;
}

/* a => b is: not a, or b. Its negation: a, and not b. */
static struct product implication(struct making *m, const struct expression *a, const struct expression *b, bool wanted)
{
	struct product x = by_product(m, a, !wanted), y = by_product(m, b, wanted);
	return wanted ? multiply(m, &x, &y) : append(m, x, &y);
}

static struct product by_product(struct making *m, const struct expression *e, bool wanted)
{
	m->work += 16;
	if (m->work > WORK_MAX || m->literals > LITERALS_MAX)
		return (struct product){ .failed = true };
	switch (e->kind) {
	case EXPR_AND:
	case EXPR_OR:
		return parts_product(m, e, (e->kind == EXPR_AND) == wanted, wanted);
	case EXPR_NOT:
		return by_product(m, e->parts, !wanted);
	case EXPR_IMPLIES:
		return implication(m, e->parts, e->parts->next, wanted);
	case EXPR_SAME: {
		/* a <=> b is a or not b, and b or not a; its negation a or b, and not a or not b. */
		struct product a = by_product(m, e->parts, true), b = by_product(m, e->parts->next, !wanted);
		struct product na = by_product(m, e->parts, false), nb = by_product(m, e->parts->next, wanted);
		struct product x = multiply(m, &a, &b), y = multiply(m, &na, &nb);
		return append(m, x, &y);
	}
	default:
		return by_tree(m, e, wanted, 8);
	}
}

struct error clause_list_add(struct clause_list *list, const struct combos_literal *literals, uint32_t n, uint32_t line)
{
	if (list->n >= COMBOS_CLAUSES_MAX || n > COMBOS_LITERALS_MAX - list->nliterals)
		return error_at(ERR_BUDGET, 0, "line %u: the constraints come to more than %u clauses or %u literals", line,
						COMBOS_CLAUSES_MAX, COMBOS_LITERALS_MAX);
	if (list->n == list->capacity) {
		uint32_t capacity = list->capacity ? 2 * list->capacity : 64;
		struct combos_clause *more = ARENA_ARRAY(list->arena, struct combos_clause, capacity);
		if (!more)
			return error_at(ERR_MEMORY, 0, "no memory for the constraints");
		if (list->n)
			memcpy(more, list->clauses, list->n * sizeof *more);
		list->clauses = more;
		list->capacity = capacity;
	}
	struct combos_literal *copy = ARENA_ARRAY(list->arena, struct combos_literal, n);
	if (!copy)
		return error_at(ERR_MEMORY, 0, "no memory for the constraints");
	if (n)
		memcpy(copy, literals, n * sizeof *copy);
	list->clauses[list->n++] = (struct combos_clause){ copy, n, line };
	list->nliterals += n;
	return error_none();
}

/* All values but one are what that one is not. */
static uint32_t choice_literals(const struct making *m, const struct choice *c, struct combos_literal *out)
{
	uint32_t first = m->domain->first[c->parameter], levels = m->domain->levels[c->parameter], n = 0, missing = 0,
			 last = 0;
	for (uint32_t v = 0; v < levels; v++) {
		if (c->values[v / 64] >> v % 64 & 1) {
			out[n++] = (struct combos_literal){ first + v, false };
		} else {
			missing++;
			last = v;
		}
	}
	if (missing != 1)
		return n;
	out[0] = (struct combos_literal){ first + last, true };
	return 1;
}

static struct error emit(struct making *m, const struct product *product, struct clause_list *out, uint32_t line)
{
	for (uint32_t i = 0; i < product->n; i++) {
		const struct alternative *a = &product->all[i];
		size_t most = 0;
		bool always = false;
		for (uint32_t j = 0; j < a->n; j++) {
			most += m->domain->levels[a->choices[j].parameter];
			always = always || is_full(m, &a->choices[j]);
		}
		if (always)
			continue;
		struct combos_literal *literals = malloc((most + 1) * sizeof *literals);
		if (!literals)
			return error_at(ERR_MEMORY, 0, "no memory for the constraints");
		uint32_t n = 0;
		for (uint32_t j = 0; j < a->n; j++)
			n += choice_literals(m, &a->choices[j], literals + n);
		struct error e = clause_list_add(out, literals, n, line);
		free(literals);
		if (error_is(&e))
			return e;
	}
	return error_none();
}

struct error expression_clauses(const struct expression *e, const struct domain *domain, struct clause_list *out)
{
	/* What must hold all together is taken one by one, so that each has the limits for itself. */
	if (e->kind == EXPR_AND) {
		struct error error = error_none();
		for (const struct expression *part = e->parts; part && !error_is(&error); part = part->next)
			error = expression_clauses(part, domain, out);
		return error;
	}
	struct arena *arena = arena_new(256u << 20);
	struct making m = { .domain = domain, .arena = arena };
	m.values = arena ? ARENA_ARRAY(arena, int32_t, domain->nparameters) : NULL;
	struct error error = error_at(ERR_MEMORY, 0, "no memory for the constraints");
	if (m.values) {
		for (uint32_t p = 0; p < domain->nparameters; p++)
			m.values[p] = -1;
		struct product product = by_product(&m, e, true);
		if (product.failed) {
			m.literals = 0;
			m.work = 0;
			product = by_tree(&m, e, true, 64);
		}
		if (product.failed)
			error = error_at(ERR_BUDGET, 0,
							 "line %u, column %u: the constraint would come to too many clauses: split it up", e->line,
							 e->column);
		else
			error = emit(&m, &product, out, e->line);
	}
	arena_free(arena);
	return error;
}
