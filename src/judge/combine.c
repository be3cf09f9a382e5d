/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict on a requirement that asks for all of several others. */
#include <string.h>

#include "judge/bench.h"

/* Parts of which a summary tells why they are open. */
#define OPEN_TOLD 3u

struct combined {
	struct bench *b;
	struct judge_evidence **end; /* where the next row goes */
	struct judgement *j;
};

/* Two parts may rest on the same row, and say the same of it. */
static bool is_there(const struct judgement *j, const struct judge_evidence *e)
{
	const struct judge_evidence *there = j->evidence;
	while (there && !(there->row == e->row && strcmp(there->table, e->table) == 0 && strcmp(there->says, e->says) == 0))
		there = there->next;
	return there;
}

/* The rows of a part may be shared with other requirements, and stay as they are. */
static bool take_rows(struct combined *c, const struct judgement *part)
{
	c->j->total += part->total;
	for (const struct judge_evidence *e = part->evidence; e && c->j->nevidence < c->b->limits->rows; e = e->next) {
		if (is_there(c->j, e)) {
			c->j->total--;
			continue;
		}
		struct judge_evidence *copy = ARENA_NEW(c->b->arena, struct judge_evidence);
		if (!copy)
			return false;
		*copy = *e;
		copy->next = NULL;
		*c->end = copy;
		c->end = &copy->next;
		c->j->nevidence++;
	}
	return true;
}

static bool has_role(const struct judgement *part, enum verdict v, const char *role)
{
	return part->verdict == v && (!role || (part->role && strcmp(part->role, role) == 0));
}

/* The verdict of all parts that give it (declared: that rest on the maker's word alone), with their rows. */
static bool take_verdict(struct bench *b, struct judgement *j, const struct judgement *parts, size_t n, enum verdict v,
						 const char *role)
{
	struct judgement all = { .verdict = v, .role = role };
	struct combined c = { .b = b, .j = &all, .end = &all.evidence };
	for (size_t i = 0; i < n; i++) {
		if (!has_role(&parts[i], v, v == VERDICT_INCONCLUSIVE ? role : NULL))
			continue;
		if (!all.summary)
			all.summary = parts[i].summary;
		/* FAIL rests on the best that is seen, all else on the weakest. */
		bool better = v == VERDICT_FAIL ? parts[i].basis == BASIS_EVIDENCE : parts[i].basis != BASIS_EVIDENCE;
		if (all.basis == BASIS_NONE || better)
			all.basis = parts[i].basis;
		if (!take_rows(&c, &parts[i]))
			return false;
	}
	if (all.total > 1 && all.evidence)
		all.summary = arena_printf(b->arena, "%s; and %zu more", all.evidence->says, all.total - 1);
	*j = all;
	return j->summary != NULL;
}

static size_t count(const struct judgement *parts, size_t n, enum verdict v, const char *role)
{
	size_t found = 0;
	for (size_t i = 0; i < n; i++)
		found += has_role(&parts[i], v, role);
	return found;
}

/* Which parts are open, and why. */
static bool give_open(struct bench *b, struct judgement *j, const struct judgement *parts, size_t n)
{
	const char *told = NULL;
	size_t open = 0;
	for (size_t i = 0; i < n; i++) {
		const char *name = i < b->r->nparts ? b->r->parts[i]->id : "of its own";
		if (parts[i].verdict != VERDICT_INCONCLUSIVE || open++ >= OPEN_TOLD)
			continue;
		told = arena_printf(b->arena, "%s%s%s: %s", told ? told : "", told ? " " : "", name, parts[i].summary);
		if (parts[i].missing)
			j->missing = j->missing ? arena_printf(b->arena, "%s; %s", j->missing, parts[i].missing) : parts[i].missing;
	}
	j->summary = arena_printf(b->arena, "%zu of the %zu requirements that it asks are met. %s", count(parts, n, VERDICT_PASS, NULL),
							  b->r->nparts, told ? told : "");
	return j->summary != NULL;
}

static bool combine(struct bench *b, struct judgement *j, const struct judgement *parts)
{
	size_t n = b->r->nparts + 1; /* the last: what its own queries say */
	const struct judgement *own = &parts[b->r->nparts];
	*j = (struct judgement){ .verdict = VERDICT_INCONCLUSIVE };
	if (count(parts, n, VERDICT_FAIL, NULL) > 0)
		return take_verdict(b, j, parts, n, VERDICT_FAIL, "fails");
	size_t passed = count(parts, b->r->nparts, VERDICT_PASS, NULL),
		   out = count(parts, b->r->nparts, VERDICT_NOT_APPLICABLE, NULL);
	if (own->verdict == VERDICT_NOT_APPLICABLE || out == b->r->nparts) {
		*j = own->verdict == VERDICT_NOT_APPLICABLE ? *own : parts[0];
		return true;
	}
	if (passed + out == b->r->nparts && !b->r->fails)
		return take_verdict(b, j, parts, b->r->nparts, VERDICT_PASS, "passes");
	if (count(parts, n, VERDICT_INCONCLUSIVE, "declared") > 0 &&
		!take_verdict(b, j, parts, n, VERDICT_INCONCLUSIVE, "declared"))
		return false;
	return give_open(b, j, parts, n);
}

struct error judge_with_parts(struct view_set *set, const struct requirement *r, struct arena *arena, judge_part *ask,
							  void *context, struct judgement *j)
{
	if (r->nparts == 0 || r->excluded)
		return judge_with_views(set, r, arena, j);
	struct bench b = { .db = set->db, .set = set, .r = r, .limits = set->limits, .arena = arena };
	struct judgement *parts = ARENA_ARRAY(arena, struct judgement, r->nparts + 1), *own;
	struct error e = error_none(), memory = error_at(ERR_MEMORY, 0, "out of memory while judging %s", r->id);
	if (!parts)
		return memory;
	for (size_t i = 0; !error_is(&e) && i < r->nparts; i++)
		e = ask(context, r->parts[i], &parts[i]);
	own = &parts[r->nparts];
	if (!error_is(&e))
		e = judge_with_views(set, r, arena, own);
	if (error_is(&e))
		return e;
	/* Without an answer of its own it adds nothing but its numbers. */
	if (!r->fails && !r->declared && own->verdict == VERDICT_INCONCLUSIVE)
		own->verdict = VERDICTS;
	struct judge_measure *measures = own->measures;
	size_t nmeasures = own->nmeasures;
	if (!combine(&b, j, parts))
		return memory;
	j->measures = measures;
	j->nmeasures = nmeasures;
	return e;
}
