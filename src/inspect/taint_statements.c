/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements, blocks and functions of Lua, PHP, Python and Perl, as far as values flow by them. */
#include "inspect/taint.h"

#define TOKENS_MAX ((size_t)400000)

static const struct code_token *token(const struct taint *e, size_t k)
{
	return &e->t[e->i + k < e->n ? e->i + k : e->n - 1];
}

static bool ended(const struct taint *e)
{
	return e->i + 1 >= e->n;
}

static bool is_operator(const struct code_token *t, const char *w)
{
	return t->kind == CODE_OPERATOR && text_is(t->text, w);
}

/* ---- blocks ---- */

static void push_block(struct taint *e, uint32_t indent)
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

static void pop_block(struct taint *e)
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
static void enter_function(struct taint *e, struct text name, const struct text *parameters, unsigned n)
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

/* ---- definitions ---- */

/* (a, b = 1, ...), from its "(" to behind its ")" */
static unsigned take_parameters(struct taint *e, struct text *parameters)
{
	unsigned n = 0, depth = 0;
	bool name = true;
	if (!taint_is(e, "("))
		return 0;
	for (; !ended(e); e->i++) {
		const struct code_token *t = token(e, 0), *next = token(e, 1);
		if (is_operator(t, "(") || is_operator(t, "[") || is_operator(t, "{")) {
			depth++;
		} else if (is_operator(t, ")") || is_operator(t, "]") || is_operator(t, "}")) {
			if (--depth == 0)
				break;
		} else if (depth == 1 && is_operator(t, ",")) {
			name = true;
		} else if (t->kind == CODE_NAME && name && depth == 1 && n < TAINT_PARAMETERS &&
				   (e->file->language != LANGUAGE_PHP || t->sigil)) {
			parameters[n++] = t->text;
			name = false;
		}
		(void)next;
	}
	e->i += taint_is(e, ")");
	return n;
}

/* Up to the "{" of a body; false when there is none before ";". */
static bool find_brace(struct taint *e)
{
	for (unsigned k = 0; k < 64 && !ended(e); k++, e->i++) {
		if (taint_is(e, "{")) {
			e->i++;
			return true;
		}
		if (taint_is(e, ";"))
			return false;
		if (taint_is(e, "("))
			for (unsigned depth = 0; !ended(e); e->i++) {
				depth += taint_is(e, "(");
				depth -= taint_is(e, ")") && depth;
				if (!depth)
					break;
			}
	}
	return false;
}

/* From the keyword on: the name, the parameters, and into the body. */
static void take_definition(struct taint *e, struct text assigned)
{
	struct text name = assigned, parameters[TAINT_PARAMETERS];
	enum script_language language = e->file->language;
	e->i++;
	while (taint_is(e, "&"))
		e->i++;
	for (; token(e, 0)->kind == CODE_NAME && !token(e, 0)->sigil; e->i++) {
		name = token(e, 0)->text;
		if (is_operator(token(e, 1), ".") || is_operator(token(e, 1), ":"))
			e->i++;
	}
	unsigned n = take_parameters(e, parameters);
	if (language == LANGUAGE_PYTHON) {
		e->pending_definition = true;
		struct taint_function *f = taint_function(e, name, true);
		e->pending_function = f ? (unsigned)(f - e->functions) + 1 : 0;
		e->nparameters = n;
		memcpy(e->parameters, parameters, n * sizeof parameters[0]);
		while (!ended(e) && token(e, 0)->kind != CODE_NEWLINE &&
			   !(is_operator(token(e, 0), ":") && token(e, 1)->kind == CODE_NEWLINE))
			e->i++;
		return;
	}
	if (language != LANGUAGE_LUA && !find_brace(e))
		return;
	push_block(e, 0);
	enter_function(e, name, parameters, language == LANGUAGE_PERL ? 0 : n);
}

static void run(struct taint *e, unsigned floor);

void taint_closure(struct taint *e)
{
	unsigned floor = e->nblocks, lost = e->lost_blocks;
	bool condition = e->condition;
	if (e->depth + 6 >= TAINT_DEPTH) {
		e->i++;
		return;
	}
	e->depth += 5;
	take_definition(e, TEXT_NONE);
	if (e->nblocks > floor || e->lost_blocks > lost)
		run(e, floor + 1);
	e->depth -= 5;
	e->condition = condition;
}

/* ---- statements ---- */

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
		for (e->i += taint_is(e, "as"); !ended(e) && !taint_is(e, ")"); e->i++)
			if (token(e, 0)->kind == CODE_NAME)
				taint_assign(e, token(e, 0)->text, v, false, false);
		e->i += taint_is(e, ")");
		return;
	}
	for (; token(e, 0)->kind == CODE_NAME || is_operator(token(e, 0), ",") || is_operator(token(e, 0), "("); e->i++) {
		if (perl && is_operator(token(e, 0), "("))
			break;
		if (taint_is(e, "in"))
			break;
		if (token(e, 0)->kind == CODE_NAME && n < TAINT_PARAMETERS && !taint_is(e, "my"))
			names[n++] = token(e, 0)->text;
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
	bool list = is_operator(token(e, 0), "(");
	k += list;
	while (token(e, k)->kind == CODE_NAME && n < TAINT_PARAMETERS) {
		names[n++] = token(e, k++)->text;
		if (!is_operator(token(e, k), ","))
			break;
		k++;
	}
	if (list && !is_operator(token(e, k), ")"))
		return false;
	k += list;
	if (!n || (n == 1 && !list && !local) || !is_operator(token(e, k), "="))
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
	} while (!ended(e));
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
	while (!ended(e) && token(e, 0)->kind != CODE_NEWLINE) {
		size_t start = n;
		for (; token(e, 0)->kind == CODE_NAME || is_operator(token(e, 0), "."); e->i++) {
			struct text t = token(e, 0)->text;
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
			name = token(e, 1)->text;
			e->i += 2;
		}
		char *kept = name.n && path.n ? arena_strdup(e->file->subject->arena, path) : NULL;
		if (kept)
			taint_assign(e, name, (struct taint_value){ .path = text_of(kept, path.n) }, false, true);
		n = start;
		e->i += token(e, 0)->kind != CODE_NEWLINE && !ended(e);
	}
}

static bool keyword(const struct taint *e, const char *const *words)
{
	const struct code_token *t = token(e, 0);
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
		pop_block(e);
	e->i++;
	e->condition = true;
	(void)taint_expression(e);
	e->condition = false;
	return true;
}

static bool take_lua_block(struct taint *e)
{
	if (taint_is(e, "then") || taint_is(e, "do") || taint_is(e, "repeat")) {
		push_block(e, 0);
	} else if (taint_is(e, "end")) {
		pop_block(e);
	} else if (taint_is(e, "else")) {
		pop_block(e);
		push_block(e, 0);
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
	if (token(e, 0)->kind == CODE_NEWLINE) {
		push_block(e, e->column);
		if (e->pending_definition) {
			struct text name = e->pending_function ? e->functions[e->pending_function - 1].name : TEXT_NONE;
			enter_function(e, name, e->parameters, e->nparameters);
		}
	}
	e->pending_definition = false;
	e->pending_equal = NULL;
	return true;
}

static bool take_brace_block(struct taint *e)
{
	if (is_operator(token(e, 0), "{"))
		push_block(e, 0);
	else if (is_operator(token(e, 0), "}"))
		pop_block(e);
	else
		return false;
	e->i++;
	return true;
}

static void begin_python_line(struct taint *e)
{
	uint32_t column = token(e, 0)->column;
	if (e->file->language != LANGUAGE_PYTHON || column == UINT32_MAX)
		return;
	e->column = column;
	while (e->nblocks && e->blocks[e->nblocks - 1].indent >= column)
		pop_block(e);
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
	for (; !ended(e) && token(e, 0)->kind != CODE_NEWLINE; e->i++)
		if (token(e, 0)->kind == CODE_STRING && memchr(token(e, 0)->text.p, '<', token(e, 0)->text.n))
			e->route = true;
}

static void take_statement(struct taint *e)
{
	static const char *const loops[] = { "for", "foreach", NULL }, *const locals[] = { "local", "my", "our", NULL };
	enum script_language language = e->file->language;
	bool python = language == LANGUAGE_PYTHON, braces = language == LANGUAGE_PHP || language == LANGUAGE_PERL;
	const struct code_token *t = token(e, 0);
	if (t->kind == CODE_NEWLINE || is_operator(t, ";")) {
		e->i++;
		e->pending_equal = NULL;
		return;
	}
	if ((python && take_python_block(e)) || (braces && take_brace_block(e)) ||
		(language == LANGUAGE_LUA && take_lua_block(e)))
		return;
	if (python && is_operator(t, "@") && t->column != UINT32_MAX) {
		take_decorator(e);
		return;
	}
	bool local = keyword(e, locals);
	e->i += local;
	if ((taint_is(e, "function") && language != LANGUAGE_PYTHON) || (python && taint_is(e, "def")) ||
		(language == LANGUAGE_PERL && taint_is(e, "sub"))) {
		take_definition(e, TEXT_NONE);
	} else if (python && (taint_is(e, "import") || taint_is(e, "from"))) {
		take_import(e);
	} else if (keyword(e, loops)) {
		take_for(e);
	} else if (taint_is(e, "return")) {
		take_return(e);
	} else if (!take_condition(e) && !take_several(e, local)) {
		/* NAME = function ... names it */
		struct text name = token(e, 0)->text;
		size_t k = is_operator(token(e, 1), "=") ? 2 : 0;
		if (k && (text_is(token(e, 2)->text, "function") || text_is(token(e, 2)->text, "sub")) &&
			token(e, 2)->kind == CODE_NAME && token(e, 0)->kind == CODE_NAME) {
			e->i += 2;
			take_definition(e, name);
		} else {
			(void)taint_expression(e);
		}
	}
}

/* Statements, until the block on `floor` is closed. */
static void run(struct taint *e, unsigned floor)
{
	while (!ended(e) && e->nblocks >= floor) {
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

/* ---- what the tokens alone tell ---- */

#define PARENTHESES 64u
#define STATEMENT_SHOWN 64 /* words of it before the one that counts */

/* Calls that take verify=False for TLS: of requests, httpx and what is made after them; elsewhere it is about something else. */
static bool is_http_call(struct text name)
{
	static const char *const names[] = { "get",
										 "post",
										 "put",
										 "patch",
										 "delete",
										 "head",
										 "options",
										 "request",
										 "Client",
										 "AsyncClient",
										 "Session",
										 "stream",
										 "urlopen",
										 "connect",
										 "ClientSession",
										 "TCPConnector",
										 "HTTPSConnection",
										 "PoolManager",
										 "create_connection",
										 NULL };
	return scripts_among(name, names);
}

static void report_mention(struct taint *e, const struct code_token *t)
{
	const struct code_token *first = t;
	while (first > e->t && t - first < STATEMENT_SHOWN && first[-1].line == t->line && first[-1].kind != CODE_NEWLINE)
		first--;
	if (!text_ends(e->file->subject->path, "/ssl.py"))
		scripts_emit(e->file, t->line, "tls-verification-off", text_of(first->from, (size_t)(t->to - first->from)),
					 TEXT_NONE, "network", "proven");
}

/* The last name of ssl.CERT_NONE or IO::Socket::SSL::SSL_VERIFY_NONE at k. */
static struct text last_name(const struct taint *e, size_t *k)
{
	while (*k + 2 < e->n && e->t[*k].kind == CODE_NAME &&
		   (is_operator(&e->t[*k + 1], ".") || is_operator(&e->t[*k + 1], "::")))
		*k += 2;
	struct text last = e->t[*k].text;
	for (size_t c = last.n; c > 0; c--)
		if (last.p[c - 1] == ':')
			return text_of(last.p + c, last.n - c);
	return last;
}

static void take_pair(struct taint *e, size_t i, struct text callee)
{
	const struct code_token *t = &e->t[i];
	size_t k = i + 1;
	while (k < i + 3 && k + 1 < e->n &&
		   (is_operator(&e->t[k], "]") || is_operator(&e->t[k], "}") || is_operator(&e->t[k], ")")))
		k++;
	static const char *const separators[] = { "=", "=>", ":", ",", "(", NULL };
	if (e->t[k].kind != CODE_OPERATOR || !scripts_among(e->t[k].text, separators) || k + 1 >= e->n)
		return;
	for (const struct code_pair *p = e->knowledge->pairs; p->name; p++) {
		if (!text_is(t->text, p->name))
			continue;
		bool named = is_operator(&e->t[k], "="), attribute = i > 0 && is_operator(&e->t[i - 1], ".");
		if (p->argument ? !named || !is_http_call(callee) : e->file->language == LANGUAGE_PYTHON && !attribute)
			continue;
		size_t value = k + 1;
		struct text last = last_name(e, &value);
		bool chosen = value + 1 < e->n && text_is(e->t[value + 1].text, "if");
		for (unsigned v = 0; p->values[v] && !chosen; v++)
			if (text_is(last, p->values[v]))
				scripts_emit(e->file, t->line, p->kind, text_of(t->from, (size_t)(e->t[value].to - t->from)), TEXT_NONE,
							 p->sink, "proven");
	}
}

/* name = value, "name" => value, name: value, (name, value) */
static void take_pairs(struct taint *e)
{
	struct text callees[PARENTHESES] = { TEXT_NONE };
	bool definition = false;
	unsigned depth = 0;
	for (size_t i = 0; i + 2 < e->n; i++) {
		const struct code_token *t = &e->t[i];
		definition = text_is(t->text, "def") && t->kind == CODE_NAME ? true : definition && t->kind != CODE_NEWLINE;
		if (is_operator(t, "(") && ++depth < PARENTHESES)
			callees[depth] = i > 0 && e->t[i - 1].kind == CODE_NAME ? e->t[i - 1].text : TEXT_NONE;
		depth -= is_operator(t, ")") && depth;
		if ((t->kind != CODE_NAME && (t->kind != CODE_STRING || t->text.n > 40)) || definition)
			continue;
		if (t->kind == CODE_NAME && scripts_among(t->text, e->knowledge->mentions))
			report_mention(e, t);
		take_pair(e, i, depth && depth < PARENTHESES ? callees[depth] : TEXT_NONE);
	}
}

/* LuCI's dispatcher hands what follows in the URL to the functions that call("name") and post("name") give it. */
static void take_routes(struct taint *e)
{
	if (e->file->language != LANGUAGE_LUA || !scripts_has(e->file->subject->path, "/controller/"))
		return;
	for (size_t i = 0; i + 3 < e->n; i++) {
		const struct code_token *t = &e->t[i];
		bool dispatched = t->kind == CODE_NAME && (text_is(t->text, "call") || text_is(t->text, "post")) &&
						  is_operator(&t[1], "(") && t[2].kind == CODE_STRING && (i == 0 || !is_operator(&t[-1], "."));
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
		if ((r->kind == RULE_SOURCE || r->kind == RULE_STORED) && scripts_has(source, dot ? dot + 1 : r->name))
			return true;
	}
	return scripts_has(source, "route(") || scripts_has(source, "call(");
}

void scripts_code(struct scripts_file *file, struct text source)
{
	struct taint *e = new_taint(file, source);
	if (!e || !e->t) {
		emit_damage_at(file->sink, ERR_BUDGET, UINT64_MAX, "a program with more than %zu words", TOKENS_MAX);
		return;
	}
	take_routes(e);
	e->cgi_lib = file->language == LANGUAGE_PERL && scripts_has(source, "ReadParse");
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
		run(e, 0);
		if (last)
			break;
	}
	take_pairs(e);
}
