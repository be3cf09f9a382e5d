/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole program in Lua, PHP, Python or Perl: its tokens, and the passes over them. */
#include "inspect/taint.h"

#define TOKENS_MAX ((size_t)400000)

/* LuCI's dispatcher hands what follows in the URL to the functions that call("name") and post("name") give it. */
static void take_routes(struct taint *e)
{
	if (e->file->language != LANGUAGE_LUA || !text_has(e->file->subject->path, "/controller/"))
		return;
	for (size_t i = 0; i + 3 < e->n; i++) {
		const struct code_token *t = &e->t[i];
		bool dispatched = t->kind == CODE_NAME && (text_is(t->text, "call") || text_is(t->text, "post")) &&
						  taint_operator(&t[1], "(") && t[2].kind == CODE_STRING &&
						  (i == 0 || !taint_operator(&t[-1], "."));
		struct taint_function *f = dispatched ? taint_function(e, t[2].text, true) : NULL;
		for (unsigned k = 0; f && k < TAINT_PARAMETERS; k++)
			f->arguments[k] = (struct origin){ .level = ORIGIN_REQUEST, .source = TEXT_LIT("URL path") };
	}
}

static struct taint *new_taint(struct scripts_file *file, struct text source)
{
	struct arena *arena = file->subject->arena;
	struct taint *e = ARENA_NEW(arena, struct taint);
	if (!e)
		return NULL;
	e->file = file;
	e->knowledge = code_knowledge(file->language);
	e->variables = ARENA_ARRAY(arena, struct taint_variable, TAINT_VARIABLES);
	e->buckets = ARENA_ARRAY(arena, uint16_t, 2 * TAINT_VARIABLES);
	e->functions = ARENA_ARRAY(arena, struct taint_function, TAINT_FUNCTIONS);
	e->function_buckets = ARENA_ARRAY(arena, uint16_t, 2 * TAINT_FUNCTIONS);
	if (!e->knowledge || !e->variables || !e->buckets || !e->functions || !e->function_buckets)
		return NULL;
	taint_index_rules(e);
	e->t = code_tokens(arena, &e->knowledge->lexical, source, TOKENS_MAX, &e->n);
	return e;
}

/* Whether the last name of a source occurs at all. */
static bool has_source(const struct taint *e, struct text source)
{
	for (const struct code_rule *r = e->knowledge->rules; r->name; r++) {
		const char *dot = strrchr(r->name, '.');
		if ((r->kind == RULE_SOURCE || r->kind == RULE_STORED) && text_has(source, dot ? dot + 1 : r->name))
			return true;
	}
	return text_has(source, "route(") || text_has(source, "call(");
}

void scripts_code(struct scripts_file *file, struct text source)
{
	struct taint *e = new_taint(file, source);
	if (!e || !e->t) {
		emit_damage_at(file->sink, ERR_BUDGET, UINT64_MAX, "a program with more than %zu words", TOKENS_MAX);
		return;
	}
	take_routes(e);
	e->cgi_lib = file->language == LANGUAGE_PERL && text_has(source, "ReadParse");
	/* Passes that only learn come first, as long as they learn something; without a source there is nothing to learn. */
	e->changed = has_source(e, source);
	for (unsigned pass = 0; pass < TAINT_PASSES; pass++) {
		file->quiet = e->changed && pass + 1 < TAINT_PASSES;
		bool last = !file->quiet;
		e->changed = false;
		e->i = 0;
		e->nvariables = e->nblocks = e->lost_blocks = e->next_block = e->next_scope = e->function = e->depth = 0;
		e->scopes[0] = 0;
		e->nscopes = 1;
		e->condition = e->route = e->pending_definition = false;
		e->pending_equal = NULL;
		memset(e->buckets, 0, 2 * TAINT_VARIABLES * sizeof e->buckets[0]);
		taint_run(e, 0);
		if (last)
			break;
	}
	taint_pairs(e);
}
