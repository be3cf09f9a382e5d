/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Few rows, the starters, stand for all their images: a group permutes the values, and columns rotate within blocks. Of each
 * class of columns, and of each class of tuples of values, one must be found among the starters; that is a search a hundred
 * times smaller than the one for the rows. It is done by simulated annealing.
 *
 * Chateauneuf, Colbourn, Kreher: Covering arrays of strength three, 1999 (groups on values); Meagher, Stevens: Group
 * construction of covering arrays, 2005 (rotated columns, one fixed value); Colbourn, Keri, Rivas Soriano, Schlage-Puchta:
 * Covering and radius-covering arrays, 2010 (cross-sums: the cyclic group, columns at rest); Lobb, Colbourn, Danziger, Stevens,
 * Torres-Jimenez: Cover starters for covering arrays of strength two, 2012 (more than one fixed value).
 */
#include <math.h>
#include <stdlib.h>

#include "combos/seed_anneal.h"
#include "combos/seed_field.h"

/* Sets of columns that a search may go over. */
#define SETS_MAX (1u << 18)
#define PLANS_MAX 1024u
/* Starters times the shifts of each. */
#define INSTANCES_MAX 256u
/* Columns that an array may have more than are needed. */
#define SPARE_MAX 4u
/* The first round gives each plan this part of the effort, each further one four times that of the round before. From some
 * effort on it gives no more: what more effort finds begins with all that less effort does. */
#define FIRST_ROUND 512u
#define FIRST_ROUND_MAX 400000u
/* The same for the rows for fixed values. */
#define BESIDE_MAX 25000000u
/* Plans for which a random starter is less likely than this to do, as logarithm for each cell, are not tried. */
#define HOPELESS -0.6
#define FIXED_MAX 4u
#define CYCLES_MAX 3u
/* With so many starters that are easily found nobody needs more. */
#define EASY 1.3

struct planning {
	struct plan *plans;
	uint32_t nplans;
	uint32_t k, v, t, below;
	struct seed beside[FIXED_MAX + 1]; /* rows for so many fixed values */
	uint32_t nbeside;                  /* rows beside the starters' images, under the group that is planned */
	struct seed_budget budget;
};

/* The logarithm of the chance that so many draws hit all classes. */
static double log_all_hit(uint32_t nclasses, uint32_t draws)
{
	double hit[INSTANCES_MAX + 1] = { 1 }; /* chance that so many classes were hit */
	for (uint32_t i = 0; i < draws; i++)
		for (uint32_t j = nclasses; j > 0; j--)
			hit[j] = (hit[j] * j + hit[j - 1] * (nclasses - j + 1)) / nclasses;
	return hit[nclasses] > 0 ? log(hit[nclasses]) : -1e9;
}

static void rate(struct plan *p, uint32_t v, uint32_t t)
{
	uint32_t columns = plan_columns(p), draws = p->starters * p->length;
	double classes = (double)plan_sets(p, t) / p->length;
	p->ease = log(v) + classes * log_all_hit(p->nclasses, draws) / (p->starters * columns);
}

/* All numbers of starters that are worth a search with these columns. */
static void plan_starters(struct planning *g, struct plan p)
{
	uint32_t order = values_order(p.kind, g->v, p.fixed, p.cycles);
	if (plan_columns(&p) < g->k || plan_columns(&p) > g->k + SPARE_MAX || plan_sets(&p, g->t) > SETS_MAX)
		return;
	uint32_t least = (p.nclasses + p.length - 1) / p.length;
	for (p.starters = least ? least : 1;
		 p.starters * p.length <= INSTANCES_MAX && g->nplans < PLANS_MAX && p.ease < EASY; p.starters++) {
		uint64_t rows = (uint64_t)p.starters * p.length * order + g->nbeside;
		if (rows >= g->below)
			return;
		p.rows = (uint32_t)rows;
		rate(&p, g->v, g->t);
		if (p.ease < HOPELESS)
			continue;
		uint32_t kinds = p.length < 3 ? 1 : field_exists(p.length) && p.length > 3 ? 4 : 2;
		for (uint32_t i = 0; i < kinds && g->nplans < PLANS_MAX; i++) {
			p.mirrored = kinds > 1 && i % 2 == 0;
			p.elementary = i >= 2;
			g->plans[g->nplans++] = p;
		}
	}
}

/* All blocks of columns that may be worth it under this group. */
static void plan_group(struct planning *g, struct plan p, struct arena *arena)
{
	struct values values;
	if (values_order(p.kind, g->v, p.fixed, p.cycles) < 2 ||
		!values_new(&values, p.kind, g->v, p.fixed, p.cycles, g->t, arena) || values.nclasses > INSTANCES_MAX)
		return;
	p.nclasses = values.nclasses;
	p.ease = -1;
	g->nbeside = p.kind != GROUP_CYCLIC ? g->v : p.fixed == 1 ? 1 : g->beside[p.fixed].nrows;
	for (uint32_t still = 0; still <= 1; still++)
		for (p.blocks = 1; p.blocks <= g->k; p.blocks++)
			for (uint32_t spare = 0; spare < 3; spare++) {
				p.still = still;
				p.length = (g->k - still + p.blocks - 1) / p.blocks + spare;
				if (p.length == 1 ? still == 0 && spare == 0 : p.length > 2)
					plan_starters(g, p);
			}
}

/* Those that missed least come first, before any round those that look easiest. */
static int by_ease(const void *a, const void *b)
{
	const struct plan *x = a, *y = b;
	double left = (double)x->missing * y->starters, right = (double)y->missing * x->starters;
	if (left != right)
		return left < right ? -1 : 1;
	if (x->ease != y->ease)
		return x->ease > y->ease ? -1 : 1;
	if (x->mirrored != y->mirrored)
		return x->mirrored ? -1 : 1;
	return x->rows < y->rows ? 1 : x->rows > y->rows ? -1 : 0;
}

/* Rows for the fixed values alone. */
static bool rows_beside(struct planning *g, uint32_t fixed, uint64_t random, struct arena *arena)
{
	struct seed *beside = &g->beside[fixed], other;
	struct seed_budget part = g->budget;
	part.effort = part.effort / 8 < BESIDE_MAX ? part.effort / 8 : BESIDE_MAX;
	if (fixed < 2)
		return true;
	bool found = seed_without_search(beside, g->k, fixed, g->t, g->below, arena);
	bool optimal = found && (fixed == 2 || beside->nrows == seed_least(fixed, g->t));
	uint32_t below = found ? beside->nrows : g->below;
	if (!optimal && seed_starter(&other, g->k, fixed, g->t, below, part, random, arena)) {
		*beside = other;
		found = true;
	}
	if (found)
		seed_fill(beside);
	return found;
}

static void plan_all(struct planning *g, uint64_t random, struct arena *arena)
{
	for (uint32_t fixed = 0; fixed <= FIXED_MAX && fixed < g->v; fixed++) {
		if (g->v - fixed < 2 || !rows_beside(g, fixed, random, arena))
			continue;
		for (uint32_t cycles = 1; cycles <= (fixed ? 1 : CYCLES_MAX); cycles++)
			plan_group(g, (struct plan){ .kind = GROUP_CYCLIC, .fixed = fixed, .cycles = cycles }, arena);
	}
	plan_group(g, (struct plan){ .kind = GROUP_AFFINE, .cycles = 1 }, arena);
	plan_group(g, (struct plan){ .kind = GROUP_PROJECTIVE, .cycles = 1 }, arena);
	qsort(g->plans, g->nplans, sizeof *g->plans, by_ease);
}

/* One round over the plans: whether any gave an array. What is left are the better of those that still could. */
static bool run_plans(struct planning *g, struct anneal *task, uint64_t effort, struct seed *seed, struct arena *arena)
{
	uint32_t n = 0;
	bool found = false;
	for (uint32_t i = 0; i < g->nplans && task->spent < effort && !task->stopped; i++) {
		struct plan *p = &g->plans[i];
		task->beside = &g->beside[p->fixed];
		if (p->rows < g->below && anneal_plan(task, p, seed, arena)) {
			g->below = p->rows;
			found = true;
		}
	}
	for (uint32_t i = 0; i < g->nplans; i++)
		if (g->plans[i].rows < g->below)
			g->plans[n++] = g->plans[i];
	qsort(g->plans, n, sizeof *g->plans, by_ease);
	g->nplans = n < 6 ? n : n * 2 / 5;
	return found;
}

bool seed_starter(struct seed *seed, uint32_t k, uint32_t v, uint32_t t, uint32_t below, struct seed_budget budget,
				  uint64_t random, struct arena *arena)
{
	struct planning g = { .k = k, .v = v, .t = t, .below = below, .budget = budget };
	struct anneal task = { .k = k, .v = v, .t = t, .budget = budget, .random = random };
	uint64_t effort = budget.effort;
	bool found = false;
	g.plans = t >= 2 && k <= 512 ? ARENA_ARRAY(arena, struct plan, PLANS_MAX) : NULL;
	if (!g.plans)
		return false;
	plan_all(&g, random, arena);
	task.budget.effort = effort / FIRST_ROUND < FIRST_ROUND_MAX ? effort / FIRST_ROUND + 1 : FIRST_ROUND_MAX;
	for (; task.spent < effort && !task.stopped && g.nplans > 0; task.budget.effort *= 4, task.random++)
		found |= run_plans(&g, &task, effort, seed, arena);
	return found;
}
