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
	bool agent = text_has(v->origin.source, "HTTP_USER_AGENT") && !v->origin.indirect;
	if (equal && agent && next->kind == CODE_STRING && next->text.n > 3)
		scripts_emit(e->file, next->line, "back-door", text_of(v->from, (size_t)(next->to - v->from)),
					 TEXT_LIT("HTTP_USER_AGENT"), "condition", "likely");
	if (v->variable && (taint_is(e, "in") || taint_is(e, "=~") || taint_is(e, "!~")))
		v->variable->origin.guarded = true;
}

/* What was read of an expression so far. */
struct expression {
	struct taint_value all, current; /* of the alternatives before, and of the one at hand */
	bool have;                       /* an operand is there, so that an operator follows */
	bool compared;                   /* the value is a truth or a number: nothing of an operand's text is in it */
	bool any;
};

static void read_operand(struct taint *e, struct expression *x)
{
	bool negates = taint_is(e, "!") || taint_is(e, "#") || taint_is(e, "not");
	size_t before = e->i;
	bool is_operand = taint_begins_operand(e, taint_token(e, 0));
	struct taint_value v = taint_operand(e);
	if (is_operand && x->compared)
		x->current = (struct taint_value){ .constant = false };
	else if (is_operand)
		x->current = x->any ? taint_join(e, x->current, v, true) : v;
	if (is_operand)
		x->any = x->have = true;
	x->compared |= negates && !is_operand;
	e->i += e->i == before;
}

static void read_assignment(struct taint *e, struct expression *x)
{
	bool append = taint_token(e, 0)->text.n == 2 && taint_token(e, 0)->text.p[0] != ':';
	struct text path = x->current.path;
	e->i++;
	struct taint_value v = taint_expression(e);
	if (path.n)
		taint_assign(e, path, v, append, false);
	x->current = v;
}

/* An operator whose value is a truth or a number. */
static void read_computation(struct taint *e, struct expression *x)
{
	e->i++;
	x->current = (struct taint_value){ .from = x->current.from };
	x->compared = true;
	x->have = false;
}

static void begin_alternative(struct expression *x)
{
	x->current = (struct taint_value){ .constant = false };
	x->compared = x->have = x->any = false;
}

/* a ? b : c, a ?: b, a || b: the value is one of them. */
static void read_alternative(struct taint *e, struct expression *x)
{
	bool question = taint_is(e, "?") && !text_is(taint_token(e, 1)->text, ":");
	if (!question)
		x->all = taint_join(e, x->all, x->current, false);
	e->i++;
	e->i += taint_is(e, ":");
	begin_alternative(x);
	if (!question)
		return;
	struct taint_value yes = taint_expression(e);
	x->all = taint_join(e, x->all, yes, false);
	e->i += taint_is(e, ":");
}

/* Python: b if a else c. False: it is neither word. */
static bool read_python_alternative(struct taint *e, struct expression *x)
{
	if (e->file->language != LANGUAGE_PYTHON || (!taint_is(e, "if") && !taint_is(e, "else")))
		return false;
	if (taint_is(e, "if")) {
		x->all = taint_join(e, x->all, x->current, false);
		x->compared = true;
		x->have = false;
	} else {
		begin_alternative(x);
	}
	e->i++;
	return true;
}

/* Operators that put texts together. False: the next statement begins. */
static bool read_concatenation(struct taint *e, struct expression *x)
{
	const struct code_token *t = taint_token(e, 0);
	bool joins = t->kind == CODE_OPERATOR && !taint_begins_operand(e, t);
	bool repeats = t->kind == CODE_NAME && text_is(t->text, "x") && e->file->language == LANGUAGE_PERL;
	if (!joins && !repeats && t->kind != CODE_STRING)
		return false;
	if (joins && taint_is(e, "%"))
		x->current.text = x->current.constant ? x->current.text : TEXT_NONE;
	e->i += t->kind != CODE_STRING; /* strings one behind the other are one */
	x->have = false;
	return true;
}

static struct taint_value run_expression(struct taint *e)
{
	struct expression x = { .have = false };
	while (!taint_ended(e) && !(taint_is_stop(e) && !(x.have && is_assignment(e)))) {
		if (!x.have) {
			read_operand(e, &x);
		} else if (is_assignment(e)) {
			read_assignment(e, &x);
			break;
		} else if (is_comparison(e)) {
			take_equality(e, &x.current);
			read_computation(e, &x);
		} else if (is_logical(e) || taint_is(e, "?") || (taint_is(e, ":") && e->file->language == LANGUAGE_PHP)) {
			read_alternative(e, &x);
		} else if (read_python_alternative(e, &x)) {
			continue;
		} else if (is_arithmetic(e)) {
			read_computation(e, &x);
		} else if (!read_concatenation(e, &x)) {
			break;
		}
	}
	if (x.all.origin.level == ORIGIN_FIXED && !x.all.from && !x.all.text.p && x.any && !x.compared)
		return x.current;
	struct taint_value v = taint_join(e, x.all, x.current, false);
	v.from = x.current.from;
	v.text = x.compared ? TEXT_NONE : x.current.text;
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
