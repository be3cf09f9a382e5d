/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks, and the functions that some of them are, with their scopes and parameters. */
#include "inspect/taint.h"

void taint_push_block(struct taint *e, uint32_t indent)
{
	if (e->nblocks == TAINT_BLOCKS) {
		e->lost_blocks++;
		return;
	}
	e->blocks[e->nblocks++] = (struct taint_block){ .id = ++e->next_block, .indent = indent };
	if (e->pending_equal)
		e->pending_equal->equal_block = e->next_block;
	e->pending_equal = NULL;
	e->condition = false;
}

void taint_pop_block(struct taint *e)
{
	if (e->lost_blocks) {
		e->lost_blocks--;
		return;
	}
	if (!e->nblocks)
		return;
	struct taint_block *b = &e->blocks[--e->nblocks];
	if (!b->function)
		return;
	e->function = b->caller;
	e->nscopes -= e->nscopes > 1;
}

/* The block that was pushed last is a function's body, with its parameters. */
void taint_enter_function(struct taint *e, struct text name, const struct text *parameters, unsigned n)
{
	struct taint_function *f = name.n ? taint_function(e, name, true) : NULL;
	if (!e->nblocks || e->lost_blocks || e->nscopes == TAINT_SCOPES)
		return;
	struct taint_block *b = &e->blocks[e->nblocks - 1];
	b->function = true;
	b->caller = e->function;
	e->function = f ? (unsigned)(f - e->functions) + 1 : 0;
	e->scopes[e->nscopes++] = ++e->next_scope;
	for (unsigned i = 0; i < n; i++) {
		struct taint_value v = { .origin = f ? f->arguments[i] : (struct origin){ .level = ORIGIN_FIXED } };
		if (e->route)
			v.origin = (struct origin){ .level = ORIGIN_REQUEST, .source = TEXT_LIT("URL path") };
		if (v.origin.level == ORIGIN_FIXED)
			v.origin.level = ORIGIN_UNKNOWN;
		taint_assign(e, parameters[i], v, false, true);
	}
	e->route = false;
	if (e->file->language == LANGUAGE_PERL && f)
		taint_assign(e, TEXT_LIT("_"), (struct taint_value){ .origin = f->all }, false, true);
}

/* (a, b = 1, ...), from its "(" to behind its ")" */
static unsigned take_parameters(struct taint *e, struct text *parameters)
{
	unsigned n = 0, depth = 0;
	bool name = true;
	if (!taint_is(e, "("))
		return 0;
	for (; !taint_ended(e); e->i++) {
		const struct code_token *t = taint_token(e, 0);
		if (taint_operator(t, "(") || taint_operator(t, "[") || taint_operator(t, "{")) {
			depth++;
		} else if (taint_operator(t, ")") || taint_operator(t, "]") || taint_operator(t, "}")) {
			if (--depth == 0)
				break;
		} else if (depth == 1 && taint_operator(t, ",")) {
			name = true;
		} else if (t->kind == CODE_NAME && name && depth == 1 && n < TAINT_PARAMETERS &&
				   (e->file->language != LANGUAGE_PHP || t->sigil)) {
			parameters[n++] = t->text;
			name = false;
		}
	}
	e->i += taint_is(e, ")");
	return n;
}

/* Up to the "{" of a body; false when there is none before ";". */
static bool find_brace(struct taint *e)
{
	for (unsigned k = 0; k < 64 && !taint_ended(e); k++, e->i++) {
		if (taint_is(e, "{")) {
			e->i++;
			return true;
		}
		if (taint_is(e, ";"))
			return false;
		if (taint_is(e, "("))
			for (unsigned depth = 0; !taint_ended(e); e->i++) {
				depth += taint_is(e, "(");
				depth -= taint_is(e, ")") && depth;
				if (!depth)
					break;
			}
	}
	return false;
}

/* From the keyword on: the name, the parameters, and into the body. */
void taint_definition(struct taint *e, struct text assigned)
{
	struct text name = assigned, parameters[TAINT_PARAMETERS];
	enum script_language language = e->file->language;
	e->i++;
	while (taint_is(e, "&"))
		e->i++;
	for (; taint_token(e, 0)->kind == CODE_NAME && !taint_token(e, 0)->sigil; e->i++) {
		name = taint_token(e, 0)->text;
		if (taint_operator(taint_token(e, 1), ".") || taint_operator(taint_token(e, 1), ":"))
			e->i++;
	}
	unsigned n = take_parameters(e, parameters);
	if (language == LANGUAGE_PYTHON) {
		e->pending_definition = true;
		struct taint_function *f = taint_function(e, name, true);
		e->pending_function = f ? (unsigned)(f - e->functions) + 1 : 0;
		e->nparameters = n;
		memcpy(e->parameters, parameters, n * sizeof parameters[0]);
		while (!taint_ended(e) && taint_token(e, 0)->kind != CODE_NEWLINE &&
			   !(taint_operator(taint_token(e, 0), ":") && taint_token(e, 1)->kind == CODE_NEWLINE))
			e->i++;
		return;
	}
	if (language != LANGUAGE_LUA && !find_brace(e))
		return;
	taint_push_block(e, 0);
	taint_enter_function(e, name, parameters, language == LANGUAGE_PERL ? 0 : n);
}

void taint_closure(struct taint *e)
{
	unsigned floor = e->nblocks, lost = e->lost_blocks;
	bool condition = e->condition;
	if (e->depth + 6 >= TAINT_DEPTH) {
		e->i++;
		return;
	}
	e->depth += 5;
	taint_definition(e, TEXT_NONE);
	if (e->nblocks > floor || e->lost_blocks > lost)
		taint_run(e, floor + 1);
	e->depth -= 5;
	e->condition = condition;
}
