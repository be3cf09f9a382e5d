/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Variables, functions and values of a program, by what they come from. */
#include "inspect/taint.h"

bool taint_is(const struct taint *e, const char *w)
{
	const struct code_token *t = taint_token(e, 0);
	return t->text.n && t->text.p[0] == *w && (t->kind == CODE_OPERATOR || (t->kind == CODE_NAME && !t->sigil)) &&
		   text_is(t->text, w);
}

bool taint_among(const struct taint *e, const char *const *words)
{
	const struct code_token *t = taint_token(e, 0);
	return (t->kind == CODE_OPERATOR || (t->kind == CODE_NAME && !t->sigil)) && scripts_among(t->text, words);
}

static unsigned hash_of(struct text name, unsigned scope, unsigned size)
{
	uint32_t h = 2166136261u ^ scope * 2654435761u;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 16777619u;
	return h % size;
}

static struct taint_variable *variable_in(struct taint *e, struct text name, unsigned scope, bool add)
{
	unsigned size = 2 * TAINT_VARIABLES, b = hash_of(name, scope, size);
	for (; e->buckets[b]; b = (b + 1) % size) {
		struct taint_variable *v = &e->variables[e->buckets[b] - 1];
		if (v->scope == scope && text_eq(v->name, name))
			return v;
	}
	char *copy = add && e->nvariables < TAINT_VARIABLES ? arena_strdup(e->file->subject->arena, name) : NULL;
	if (!copy)
		return NULL;
	struct taint_variable *v = &e->variables[e->nvariables++];
	*v = (struct taint_variable){ .name = text_of(copy, name.n), .scope = scope };
	e->buckets[b] = (uint16_t)e->nvariables;
	return v;
}

struct taint_variable *taint_find_variable(struct taint *e, struct text name)
{
	for (unsigned i = e->nscopes; i > 0; i--) {
		struct taint_variable *v = variable_in(e, name, e->scopes[i - 1], false);
		if (v)
			return v;
	}
	return NULL;
}

struct taint_function *taint_function(struct taint *e, struct text name, bool add)
{
	unsigned size = 2 * TAINT_FUNCTIONS, b = hash_of(name, 0, size);
	for (; e->function_buckets[b]; b = (b + 1) % size)
		if (text_eq(e->functions[e->function_buckets[b] - 1].name, name))
			return &e->functions[e->function_buckets[b] - 1];
	if (!add || e->nfunctions == TAINT_FUNCTIONS)
		return NULL;
	struct taint_function *f = &e->functions[e->nfunctions++];
	*f = (struct taint_function){ .name = name };
	e->function_buckets[b] = (uint16_t)e->nfunctions;
	return f;
}

static bool in_block(const struct taint *e, unsigned id)
{
	for (unsigned i = 0; i < e->nblocks; i++)
		if (e->blocks[i].id == id)
			return true;
	return false;
}

struct taint_value taint_of_variable(const struct taint *e, struct taint_variable *v)
{
	struct taint_value value = { .origin = v->origin, .text = v->value, .constant = v->value.p != NULL, .variable = v };
	if (v->equal_block && in_block(e, v->equal_block))
		value.origin = (struct origin){ .level = ORIGIN_FIXED };
	return value;
}

static struct text as_text(const struct taint_value *v)
{
	return v->text.p ? v->text : TEXT_LIT("$_");
}

struct taint_value taint_join(struct taint *e, struct taint_value a, struct taint_value b, bool concatenates)
{
	struct taint_value v = { .origin = origin_join(a.origin, b.origin), .from = a.from };
	struct text x = as_text(&a), y = as_text(&b);
	char *text =
		concatenates && x.n + y.n <= TAINT_TEXT ? arena_alloc(e->file->subject->arena, x.n + y.n + 1, 1) : NULL;
	if (!text)
		return v;
	memcpy(text, x.p, x.n);
	memcpy(text + x.n, y.p, y.n);
	v.text = text_of(text, x.n + y.n);
	v.constant = a.constant && b.constant;
	return v;
}

void taint_assign(struct taint *e, struct text path, struct taint_value v, bool append, bool local)
{
	bool own = local || e->file->language == LANGUAGE_PYTHON || e->file->language == LANGUAGE_PHP;
	struct taint_variable *known =
		own ? variable_in(e, path, e->scopes[e->nscopes - 1], false) : taint_find_variable(e, path);
	/* a default in a branch leaves what the other branch gives */
	bool weak = known && e->nblocks && !append && v.constant && known->origin.level == ORIGIN_REQUEST &&
				!e->blocks[e->nblocks - 1].function;
	if (!known)
		known = variable_in(e, path, e->scopes[e->nscopes - 1], true);
	if (!known || weak)
		return;
	known->origin = append ? origin_join(known->origin, v.origin) : v.origin;
	known->value = append ? TEXT_NONE : v.text;
	known->alias = v.variable || v.constant ? TEXT_NONE : v.path;
	if (v.variable && v.variable->alias.n)
		known->alias = v.variable->alias;
	known->equal_block = 0;
}
