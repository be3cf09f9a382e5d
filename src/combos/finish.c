/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reader was told becomes a model: symbols in order, constraints as clauses, at most one negative value a row. */

#include "combos/builder.h"

struct finishing {
	struct builder *b;
	struct domain domain;
	struct clause_list clauses;
	bool *negative;
	bool some_negative;
};

static void take_symbols(struct finishing *f)
{
	struct builder *b = f->b;
	struct combos_model *m = &b->out->model;
	uint32_t *levels = ARENA_ARRAY(b->arena, uint32_t, b->nparameters),
			 *first = ARENA_ARRAY(b->arena, uint32_t, (size_t)b->nparameters + 1);
	const char **names = ARENA_ARRAY(b->arena, const char *, b->nparameters),
			   **values = ARENA_ARRAY(b->arena, const char *, b->nsymbols);
	const char **aliases = ARENA_ARRAY(b->arena, const char *, b->nsymbols);
	uint32_t *weights = ARENA_ARRAY(b->arena, uint32_t, b->nsymbols), s = 0;
	struct operand *operands = ARENA_ARRAY(b->arena, struct operand, b->nsymbols);
	bool *numeric = ARENA_ARRAY(b->arena, bool, b->nparameters), weighted = false, named = false;
	f->negative = ARENA_ARRAY(b->arena, bool, b->nsymbols);
	if (!levels || !first || !names || !values || !aliases || !weights || !operands || !numeric || !f->negative) {
		builder_no_memory(b);
		return;
	}
	for (uint32_t p = 0; p < b->nparameters; p++) {
		const struct builder_parameter *q = &b->parameters[p];
		levels[p] = q->nvalues;
		names[p] = q->name;
		numeric[p] = q->numeric;
		for (uint32_t v = 0; v < q->nvalues; v++, s++) {
			values[s] = q->values[v].shown;
			aliases[s] = q->values[v].aliases;
			weights[s] = q->values[v].weight;
			operands[s] = q->values[v].operand;
			f->negative[s] = q->values[v].negative;
			f->some_negative |= q->values[v].negative;
			weighted |= weights[s] != 1;
			named |= aliases[s] != NULL;
		}
		first[p + 1] = s;
	}
	*m = (struct combos_model){ .nparameters = b->nparameters,
								.levels = levels,
								.names = names,
								.values = values,
								.groups = b->groups,
								.ngroups = b->ngroups,
								.aliases = named ? aliases : NULL,
								.negative = f->some_negative ? f->negative : NULL,
								.weights = weighted ? weights : NULL };
	b->out->numeric = numeric;
	f->domain = (struct domain){ levels, first, operands, b->case_sensitive, b->nparameters };
}

static void take_constraints(struct finishing *f)
{
	struct builder *b = f->b;
	struct combos_constraint *c = ARENA_ARRAY(b->arena, struct combos_constraint, b->nconstraints);
	if (!c)
		builder_no_memory(b);
	for (uint32_t i = 0; i < b->nconstraints && !error_is(&b->error); i++) {
		uint32_t before = f->clauses.n;
		b->error = expression_clauses(b->constraints[i].expression, &f->domain, &f->clauses);
		c[i] = (struct combos_constraint){ b->constraints[i].expression, b->constraints[i].line,
										   b->constraints[i].column, before, f->clauses.n - before };
	}
	b->out->constraints = c;
	b->out->nconstraints = b->nconstraints;
}

/* A negative value of one parameter and one of another do not go together. */
static void part_negatives(struct finishing *f)
{
	struct builder *b = f->b;
	const uint32_t *first = f->domain.first;
	for (uint32_t p = 0; p < b->nparameters; p++)
		for (uint32_t s = first[p]; s < first[p + 1]; s++)
			for (uint32_t other = first[p + 1]; f->negative[s] && other < b->nsymbols; other++)
				if (f->negative[other] && !error_is(&b->error)) {
					const struct combos_literal both[] = { { s, true }, { other, true } };
					b->error = clause_list_add(&f->clauses, both, 2, b->parameters[p].line);
				}
	if (b->error.code == ERR_BUDGET)
		b->error = error_at(ERR_BUDGET, 0, "there are too many negative values for pairs of them to be kept apart");
}

void builder_finish(struct builder *b)
{
	struct finishing f = { .b = b, .clauses = { .arena = b->arena } };
	if (!error_is(&b->error) && b->nparameters == 0)
		builder_fail(b, 1, 1, "the model has no parameter");
	for (uint32_t p = 0; p < b->nparameters; p++)
		if (b->parameters[p].nvalues == 0)
			builder_fail(b, b->parameters[p].line, 1, "the parameter \"%.60s\" has no value", b->parameters[p].name);
	if (!error_is(&b->error))
		take_symbols(&f);
	if (!error_is(&b->error))
		take_constraints(&f);
	if (!error_is(&b->error) && f.some_negative)
		part_negatives(&f);
	b->out->model.clauses = f.clauses.clauses;
	b->out->model.nclauses = f.clauses.n;
}
