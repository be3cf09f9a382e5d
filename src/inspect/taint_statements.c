/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements, blocks and functions of Lua, PHP, Python and Perl, as far as values flow by them. */
#include "inspect/taint.h"

/* for NAMES in|= LIST, foreach (LIST as NAMES), foreach NAME (LIST) */
static void take_for(struct taint *e)
{
	struct text names[TAINT_PARAMETERS];
	unsigned n = 0;
	bool php = e->file->language == LANGUAGE_PHP, perl = e->file->language == LANGUAGE_PERL;
	bool each = taint_is(e, "foreach");
	e->i++;
	if (php) {
		if (!each || !taint_is(e, "("))
			return; /* for (;;): its parts are expressions */
		e->i++;
		struct taint_value v = taint_expression(e);
		v.text = TEXT_NONE;
		v.variable = NULL;
		for (e->i += taint_is(e, "as"); !taint_ended(e) && !taint_is(e, ")"); e->i++)
			if (taint_token(e, 0)->kind == CODE_NAME)
				taint_assign(e, taint_token(e, 0)->text, v, false, false);
		e->i += taint_is(e, ")");
		return;
	}
	for (; taint_token(e, 0)->kind == CODE_NAME || taint_operator(taint_token(e, 0), ",") ||
		   taint_operator(taint_token(e, 0), "(");
		 e->i++) {
		if (perl && taint_operator(taint_token(e, 0), "("))
			break;
		if (taint_is(e, "in"))
			break;
		if (taint_token(e, 0)->kind == CODE_NAME && n < TAINT_PARAMETERS && !taint_is(e, "my"))
			names[n++] = taint_token(e, 0)->text;
	}
	if (!perl && !taint_is(e, "in") && !taint_is(e, "=") && !taint_is(e, ")"))
		return;
	e->i += !perl;
	e->i += taint_is(e, "in");
	struct taint_value v = taint_expression(e);
	v.text = TEXT_NONE;
	v.variable = NULL;
	v.path = TEXT_NONE;
	for (unsigned i = 0; i < n; i++)
		taint_assign(e, names[i], v, false, true);
}

/* a, b = x, y and my ($a, $b) = @_; false when it is something else. */
static bool take_several(struct taint *e, bool local)
{
	struct text names[TAINT_PARAMETERS];
	unsigned n = 0;
	size_t k = 0;
	bool list = taint_operator(taint_token(e, 0), "(");
	k += list;
	while (taint_token(e, k)->kind == CODE_NAME && n < TAINT_PARAMETERS) {
		names[n++] = taint_token(e, k++)->text;
		if (!taint_operator(taint_token(e, k), ","))
			break;
		k++;
	}
	if (list && !taint_operator(taint_token(e, k), ")"))
		return false;
	k += list;
	if (!n || (n == 1 && !list && !local) || !taint_operator(taint_token(e, k), "="))
		return false;
	e->i += k + 1;
	struct taint_value values[TAINT_PARAMETERS];
	unsigned got = 0;
	do {
		struct taint_value v = taint_expression(e);
		if (got < TAINT_PARAMETERS)
			values[got++] = v;
		if (!taint_is(e, ","))
			break;
		e->i++;
	} while (!taint_ended(e));
	for (unsigned i = 0; i < n; i++) {
		struct taint_value v = i < got ? values[i] : got == 1 ? values[0] : (struct taint_value){ .constant = false };
		if (i > 0 && got == 1)
			v.text = v.path = TEXT_NONE, v.variable = NULL;
		struct taint_function *f = e->function ? &e->functions[e->function - 1] : NULL;
		if (f && e->file->language == LANGUAGE_PERL && got == 1 && text_is(values[0].path, "_"))
			v.origin = f->arguments[i];
		taint_assign(e, names[i], v, false, local);
	}
	return true;
}

/* import a.b as c; from a import b as c, d */
static void take_import(struct taint *e)
{
	bool from = taint_is(e, "from");
	char module[TAINT_PATH];
	size_t n = 0;
	e->i++;
	while (!taint_ended(e) && taint_token(e, 0)->kind != CODE_NEWLINE) {
		size_t start = n;
		for (; taint_token(e, 0)->kind == CODE_NAME || taint_operator(taint_token(e, 0), "."); e->i++) {
			struct text t = taint_token(e, 0)->text;
			if (taint_is(e, "import") || taint_is(e, "as"))
				break;
			if (n + t.n + 1 < sizeof module) {
				memcpy(module + n, t.p, t.n);
				n += t.n;
			}
		}
		if (from && taint_is(e, "import")) {
			if (n + 1 < sizeof module)
				module[n++] = '.';
			from = false;
			e->i++;
			e->i += taint_is(e, "(");
			continue;
		}
		struct text path = text_of(module, n), name = start ? text_of(module + start, n - start) : TEXT_NONE;
		if (taint_is(e, "as")) {
			name = taint_token(e, 1)->text;
			e->i += 2;
		}
		char *kept = name.n && path.n ? arena_strdup(e->file->subject->arena, path) : NULL;
		if (kept)
			taint_assign(e, name, (struct taint_value){ .path = text_of(kept, path.n) }, false, true);
		n = start;
		e->i += taint_token(e, 0)->kind != CODE_NEWLINE && !taint_ended(e);
	}
}

static bool keyword(const struct taint *e, const char *const *words)
{
	const struct code_token *t = taint_token(e, 0);
	return t->kind == CODE_NAME && !t->sigil && scripts_among(t->text, words);
}

/* A keyword that begins a condition; its expression is read, its block follows. */
static bool take_condition(struct taint *e)
{
	static const char *const words[] = { "if", "elseif", "elsif", "elif", "while", "unless", "until", NULL };
	if (!keyword(e, words))
		return false;
	bool lua = e->file->language == LANGUAGE_LUA;
	bool closes = lua && (taint_is(e, "elseif") || taint_is(e, "until"));
	if (closes)
		taint_pop_block(e);
	e->i++;
	e->condition = true;
	(void)taint_expression(e);
	e->condition = false;
	return true;
}

static bool take_lua_block(struct taint *e)
{
	if (taint_is(e, "then") || taint_is(e, "do") || taint_is(e, "repeat")) {
		taint_push_block(e, 0);
	} else if (taint_is(e, "end")) {
		taint_pop_block(e);
	} else if (taint_is(e, "else")) {
		taint_pop_block(e);
		taint_push_block(e, 0);
	} else {
		return false;
	}
	e->i++;
	return true;
}

static bool take_python_block(struct taint *e)
{
	if (!taint_is(e, ":"))
		return false;
	e->i++;
	if (taint_token(e, 0)->kind == CODE_NEWLINE) {
		taint_push_block(e, e->column);
		if (e->pending_definition) {
			struct text name = e->pending_function ? e->functions[e->pending_function - 1].name : TEXT_NONE;
			taint_enter_function(e, name, e->parameters, e->nparameters);
		}
	}
	e->pending_definition = false;
	e->pending_equal = NULL;
	return true;
}

static bool take_brace_block(struct taint *e)
{
	if (taint_operator(taint_token(e, 0), "{"))
		taint_push_block(e, 0);
	else if (taint_operator(taint_token(e, 0), "}"))
		taint_pop_block(e);
	else
		return false;
	e->i++;
	return true;
}

static void begin_python_line(struct taint *e)
{
	uint32_t column = taint_token(e, 0)->column;
	if (e->file->language != LANGUAGE_PYTHON || column == UINT32_MAX)
		return;
	e->column = column;
	while (e->nblocks && e->blocks[e->nblocks - 1].indent >= column)
		taint_pop_block(e);
}

static void take_return(struct taint *e)
{
	e->i++;
	do {
		struct taint_value v = taint_expression(e);
		if (e->function) {
			struct taint_function *f = &e->functions[e->function - 1];
			e->changed |= v.origin.level > f->returned.level && v.origin.level >= ORIGIN_STORED;
			f->returned = origin_join(f->returned, v.origin);
		}
	} while (taint_is(e, ",") && e->i++ < e->n);
}

/* @app.route("/x/<name>") */
static void take_decorator(struct taint *e)
{
	for (; !taint_ended(e) && taint_token(e, 0)->kind != CODE_NEWLINE; e->i++)
		if (taint_token(e, 0)->kind == CODE_STRING && memchr(taint_token(e, 0)->text.p, '<', taint_token(e, 0)->text.n))
			e->route = true;
}

static void take_statement(struct taint *e)
{
	static const char *const loops[] = { "for", "foreach", NULL }, *const locals[] = { "local", "my", "our", NULL };
	enum script_language language = e->file->language;
	bool python = language == LANGUAGE_PYTHON, braces = language == LANGUAGE_PHP || language == LANGUAGE_PERL;
	const struct code_token *t = taint_token(e, 0);
	if (t->kind == CODE_NEWLINE || taint_operator(t, ";")) {
		e->i++;
		e->pending_equal = NULL;
		return;
	}
	if ((python && take_python_block(e)) || (braces && take_brace_block(e)) ||
		(language == LANGUAGE_LUA && take_lua_block(e)))
		return;
	if (python && taint_operator(t, "@") && t->column != UINT32_MAX) {
		take_decorator(e);
		return;
	}
	bool local = keyword(e, locals);
	e->i += local;
	if ((taint_is(e, "function") && language != LANGUAGE_PYTHON) || (python && taint_is(e, "def")) ||
		(language == LANGUAGE_PERL && taint_is(e, "sub"))) {
		taint_definition(e, TEXT_NONE);
	} else if (python && (taint_is(e, "import") || taint_is(e, "from"))) {
		take_import(e);
	} else if (keyword(e, loops)) {
		take_for(e);
	} else if (taint_is(e, "return")) {
		take_return(e);
	} else if (!take_condition(e) && !take_several(e, local)) {
		/* NAME = function ... names it */
		struct text name = taint_token(e, 0)->text;
		size_t k = taint_operator(taint_token(e, 1), "=") ? 2 : 0;
		if (k && (text_is(taint_token(e, 2)->text, "function") || text_is(taint_token(e, 2)->text, "sub")) &&
			taint_token(e, 2)->kind == CODE_NAME && taint_token(e, 0)->kind == CODE_NAME) {
			e->i += 2;
			taint_definition(e, name);
		} else {
			(void)taint_expression(e);
		}
	}
}

/* Statements, until the block on `floor` is closed. */
void taint_run(struct taint *e, unsigned floor)
{
	while (!taint_ended(e) && e->nblocks >= floor) {
		size_t before = e->i;
		unsigned blocks = e->nblocks;
		begin_python_line(e);
		if (e->nblocks < floor)
			break;
		take_statement(e);
		if (e->i == before && e->nblocks == blocks)
			e->i++;
	}
}
