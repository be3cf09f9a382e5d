/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions: what the value of each comes from. The grammar is read loosely, by operands and operators, alike for all
 * languages: what is asked is only which operands a value is made of. */
#include "inspect/taint.h"

static bool is_assignment(const struct taint *e)
{
	static const char *const ops[] = { "=", ".=", "+=", "||=", "?\?=", ":=", "//=", NULL };
	return taint_token(e, 0)->kind == CODE_OPERATOR && taint_among(e, ops);
}

/* Keywords and operators at which an expression ends. */
bool taint_is_stop(const struct taint *e)
{
	static const char *const common[] = { ";", ",", ")", "]", "}", "=>", NULL };
	static const char *const lua[] = { "then", "do",    "end",    "else",  "elseif", "until", "local", "return", "if",
									   "for",  "while", "repeat", "break", "goto",   "in",    "::",    NULL };
	static const char *const php[] = { "as", "if", "else", "elseif", "return", "foreach", "while", ":", NULL };
	static const char *const python[] = { ":",    "import", "as",    "return", "def", "class",
										  "with", "for",    "async", "=",      NULL };
	static const char *const perl[] = { "if", "unless", "foreach", "for", "while", "until", "return", ":", NULL };
	static const char *const *const own[] = { NULL, NULL, lua, php, python, perl };
	const struct code_token *t = taint_token(e, 0);
	if (t->kind == CODE_END || t->kind == CODE_NEWLINE || taint_among(e, common))
		return true;
	return taint_among(e, own[e->file->language]) && !(e->file->language == LANGUAGE_PYTHON && is_assignment(e));
}

static bool is_comparison(const struct taint *e)
{
	static const char *const ops[] = { "==",  "===", "!=", "!==",        "~=",  "<",  ">",  "<=",
									   ">=",  "<=>", "eq", "ne",         "lt",  "gt", "le", "ge",
									   "cmp", "is",  "in", "instanceof", "not", "=~", "!~", NULL };
	return taint_among(e, ops);
}

static bool is_logical(const struct taint *e)
{
	static const char *const ops[] = { "and", "or", "&&", "||", "??", "xor", NULL };
	return taint_among(e, ops);
}

static bool is_arithmetic(const struct taint *e)
{
	static const char *const ops[] = { "-", "*", "/", "**", "<<", ">>", "&", "^", NULL };
	bool adds = e->file->language != LANGUAGE_PYTHON && taint_is(e, "+");
	bool divides = (e->file->language == LANGUAGE_PHP || e->file->language == LANGUAGE_PERL) && taint_is(e, "%");
	return adds || divides || taint_among(e, ops);
}

/* x == "constant" in a condition: in its block, x is that. */
static void take_equality(struct taint *e, const struct taint_value *v)
{
	const struct code_token *next = taint_token(e, 1);
	bool equal = taint_is(e, "==") || taint_is(e, "===") || taint_is(e, "eq");
	if (!e->condition)
		return;
	if (equal && v->variable && (next->kind == CODE_STRING || next->kind == CODE_NUMBER) && !next->interpolates)
		e->pending_equal = v->variable;
	bool agent = scripts_has(v->origin.source, "HTTP_USER_AGENT") && !v->origin.indirect;
	if (equal && agent && next->kind == CODE_STRING && next->text.n > 3)
		scripts_emit(e->file, next->line, "back-door", text_of(v->from, (size_t)(next->to - v->from)),
					 TEXT_LIT("HTTP_USER_AGENT"), "condition", "likely");
	if (v->variable && (taint_is(e, "in") || taint_is(e, "=~") || taint_is(e, "!~")))
		v->variable->origin.guarded = true;
}

static struct taint_value run_expression(struct taint *e)
{
	struct taint_value all = { .constant = false }, current = all;
	bool have = false, compared = false, any = false;
	while (!taint_ended(e) && !(taint_is_stop(e) && !(have && is_assignment(e)))) {
		if (!have) {
			bool negates = taint_is(e, "!") || taint_is(e, "#") || taint_is(e, "not");
			size_t before = e->i;
			bool is_operand = taint_begins_operand(e, taint_token(e, 0));
			struct taint_value v = taint_operand(e);
			if (is_operand) {
				current = compared ? (struct taint_value){ .constant = false }
						  : any    ? taint_join(e, current, v, true)
								   : v;
				any = have = true;
			}
			compared |= negates && !is_operand;
			e->i += e->i == before;
		} else if (is_assignment(e)) {
			bool append = taint_token(e, 0)->text.n == 2 && taint_token(e, 0)->text.p[0] != ':';
			struct text path = current.path;
			e->i++;
			struct taint_value v = taint_expression(e);
			if (path.n)
				taint_assign(e, path, v, append, false);
			current = v;
			break;
		} else if (is_comparison(e)) {
			take_equality(e, &current);
			bool equality = taint_is(e, "=~") || taint_is(e, "!~");
			e->i++;
			current = (struct taint_value){ .from = current.from };
			compared = !equality || true;
			have = false;
		} else if (is_logical(e) || taint_is(e, "?") || (taint_is(e, ":") && e->file->language == LANGUAGE_PHP)) {
			bool question = taint_is(e, "?") && !text_is(taint_token(e, 1)->text, ":");
			if (!question)
				all = taint_join(e, all, current, false);
			e->i++;
			if (taint_is(e, ":"))
				e->i++;
			current = (struct taint_value){ .constant = false };
			compared = have = any = false;
			if (question) {
				struct taint_value yes = taint_expression(e);
				all = taint_join(e, all, yes, false);
				e->i += taint_is(e, ":");
			}
		} else if (e->file->language == LANGUAGE_PYTHON && taint_is(e, "if")) {
			all = taint_join(e, all, current, false);
			compared = true;
			have = false;
			e->i++;
		} else if (e->file->language == LANGUAGE_PYTHON && taint_is(e, "else")) {
			e->i++;
			current = (struct taint_value){ .constant = false };
			compared = have = any = false;
		} else if (is_arithmetic(e)) {
			e->i++;
			current = (struct taint_value){ .from = current.from };
			have = false;
			compared = true;
		} else if (taint_token(e, 0)->kind == CODE_OPERATOR && !taint_begins_operand(e, taint_token(e, 0))) {
			if (taint_is(e, "%"))
				current.text = current.constant ? current.text : TEXT_NONE;
			e->i++;
			have = false;
		} else if (taint_token(e, 0)->kind == CODE_STRING) {
			have = false; /* strings one behind the other are one */
		} else if (taint_token(e, 0)->kind == CODE_NAME && text_is(taint_token(e, 0)->text, "x") &&
				   e->file->language == LANGUAGE_PERL) {
			e->i++;
			have = false;
		} else {
			break; /* the next statement */
		}
	}
	if (all.origin.level == ORIGIN_FIXED && !all.from && !all.text.p && any && !compared)
		return current;
	struct taint_value v = taint_join(e, all, current, false);
	v.from = current.from;
	v.text = compared ? TEXT_NONE : current.text;
	return v;
}

struct taint_value taint_expression(struct taint *e)
{
	if (e->depth == TAINT_DEPTH) {
		e->i += !taint_ended(e);
		return (struct taint_value){ .constant = false };
	}
	e->depth++;
	struct taint_value v = run_expression(e);
	e->depth--;
	return v;
}
