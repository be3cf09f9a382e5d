/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internal to the inspector of scripts: how values flow through a program in Lua, PHP, Python or Perl. */
#ifndef ASSAY_INSPECT_TAINT_H
#define ASSAY_INSPECT_TAINT_H

#include "inspect/scripts_code.h"

#define TAINT_VARIABLES 2048u
#define TAINT_FUNCTIONS 512u
#define TAINT_PARAMETERS 8u
#define TAINT_ARGUMENTS 8u
#define TAINT_BLOCKS 96u
#define TAINT_SCOPES 24u
#define TAINT_PATH 160u
#define TAINT_TEXT 300u /* a longer constant is not put together */
#define TAINT_DEPTH 40u /* expressions within each other */
#define TAINT_RULES 160u
#define TAINT_PASSES 3u /* so far do calls lead from a request to a sink */

struct taint_variable {
	struct text name;
	unsigned scope;
	struct origin origin;
	struct text value;    /* a constant; p == NULL: not known */
	struct text alias;    /* the module or function that it stands for */
	unsigned equal_block; /* in this block it equals a constant */
};

struct taint_function {
	struct text name;
	struct origin arguments[TAINT_PARAMETERS], all, returned;
};

struct taint_value {
	struct origin origin;
	struct text text; /* as a shell would get it, $_ for what is not known; p == NULL: nothing is known */
	bool constant;
	bool list;
	struct taint_variable *variable; /* the whole value is this one */
	struct text path;                /* what it can be assigned by */
	const char *from;
};

struct taint_block {
	unsigned id;
	uint32_t indent; /* Python: of the statement that opened it */
	bool function;   /* with a scope of its own */
	unsigned caller; /* the function around it */
};

struct taint_argument {
	struct text keyword;
	struct taint_value value;
};

struct taint_call {
	struct taint_argument arguments[TAINT_ARGUMENTS];
	unsigned n;
	const char *from, *to;
	int64_t line;
};

struct taint {
	struct scripts_file *file;
	const struct code_knowledge *knowledge;
	/* Rules by the last character of their names: the first of each, and the one after each; from 1, 0 ends. */
	uint8_t first_rule[256], next_rule[TAINT_RULES], rule_length[TAINT_RULES];
	const struct code_token *t;
	size_t n, i;
	struct taint_variable *variables;
	uint16_t *buckets;
	unsigned nvariables;
	struct taint_function *functions;
	uint16_t *function_buckets;
	unsigned nfunctions;
	struct taint_block blocks[TAINT_BLOCKS];
	unsigned nblocks, lost_blocks, next_block;
	unsigned scopes[TAINT_SCOPES], nscopes, next_scope;
	unsigned function; /* that is being read, from 1 */
	unsigned depth;
	uint32_t column; /* of the line's first token */
	bool condition;  /* between `if` and its block */
	struct taint_variable *pending_equal;
	bool changed;              /* something new reaches a function */
	bool cgi_lib;              /* cgi-lib.pl's ReadParse() fills %in */
	bool route;                /* a decorator says that a request names the arguments */
	unsigned pending_function; /* Python: its block begins at the ":" */
	bool pending_definition;
	struct text parameters[TAINT_PARAMETERS];
	unsigned nparameters;
};

/* Who wants to know what a program calls, and with what, instead of what is weak in it. Told once of each call as the last
 * pass reads it; the texts live as long as the arena of the subject, and may be longer than what they are shown as. */
struct taint_watch {
	void *context;
	/* A command that is handed to a shell, as the shell would get it: $_ for what is not known. */
	void (*command)(void *context, const struct taint *e, const struct taint_call *call, struct text command);
	void (*call)(void *context, const struct taint *e, struct text path, const struct taint_call *call);
};

/* The k-th token from the one at hand on; the last one behind the end. */
static inline const struct code_token *taint_token(const struct taint *e, size_t k)
{
	return &e->t[e->i + k < e->n ? e->i + k : e->n - 1];
}

/* Whether the token at hand is the last one, which stands for the end. */
static inline bool taint_ended(const struct taint *e)
{
	return e->i + 1 >= e->n;
}

/* Whether the token is that operator. */
static inline bool taint_operator(const struct code_token *t, const char *w)
{
	return t->kind == CODE_OPERATOR && text_is(t->text, w);
}

/* Reads an expression from the token at hand on and stops behind it: the value that it has, as far as it is known.
 * What is nested deeper than TAINT_DEPTH is passed over a token at a time and has no value. */
struct taint_value taint_expression(struct taint *e);
/* One operand of it, with what follows it: members, indices, calls. */
struct taint_value taint_operand(struct taint *e);
bool taint_begins_operand(const struct taint *e, const struct code_token *t);
/* Whether an expression ends at the token at hand. */
bool taint_is_stop(const struct taint *e);

/* What a call of `path` gives, and what it does with its arguments. */
struct taint_value taint_call(struct taint *e, struct text path, const struct taint_value *base,
							  const struct taint_call *call);

/* The rule of a name, of this kind; NULL: there is none. */
const struct code_rule *taint_rule(const struct taint *e, struct text path);

/* Makes the lists that taint_rule() looks in, of the rules of the language, by the last character of their names.
 * Once before reading. */
void taint_index_rules(struct taint *e);

/* A shell command that stands in a string by itself: `...`. */
void taint_command(struct taint *e, const struct taint_value *value, const char *from, const char *to, int64_t line);

/* The function of that name; with `add` a new one where there is none. NULL: there is none, or there are
 * TAINT_FUNCTIONS already. */
struct taint_function *taint_function(struct taint *e, struct text name, bool add);

/* A request's value by what it is called, or FIXED. `key`: of a table; p == NULL: any. */
struct origin taint_source(const struct taint *e, const struct code_rule *rule, struct text path, struct text key);

/* A value that is made of two: it comes from what either comes from. When `concatenates`, and up to TAINT_TEXT bytes, it
 * has their texts one behind the other, and is constant if both are; else it has none, and is not. */
struct taint_value taint_join(struct taint *e, struct taint_value a, struct taint_value b, bool concatenates);

/* Whether the token at hand is that operator or word; one of those. */
bool taint_is(const struct taint *e, const char *w);
bool taint_among(const struct taint *e, const char *const *words);

/* The variable of that name in the scopes that are open, or NULL; the value that it is. */
struct taint_variable *taint_find_variable(struct taint *e, struct text name);
struct taint_value taint_of_variable(const struct taint *e, struct taint_variable *v);

/* `local`: the innermost scope gets a variable of its own. */
void taint_assign(struct taint *e, struct text path, struct taint_value v, bool append, bool local);

/* taint_push_block(), taint_pop_block(): into a block of code and out of it; `indent` is its column where columns
 * tell blocks. The end of a function's body goes back to the scope around it. Blocks beyond TAINT_BLOCKS are counted,
 * so that their ends fit. */
void taint_push_block(struct taint *e, uint32_t indent);
void taint_pop_block(struct taint *e);
/* The block that was pushed last is a function's body, with its parameters. */
void taint_enter_function(struct taint *e, struct text name, const struct text *parameters, unsigned n);
/* A definition, from its keyword on: its name, its parameters, and into its body. */
void taint_definition(struct taint *e, struct text assigned);

/* Statements, until the block on `floor` is closed. */
void taint_run(struct taint *e, unsigned floor);

/* What the tokens alone tell. */
void taint_pairs(struct taint *e);

/* A function within an expression, from its keyword on. */
void taint_closure(struct taint *e);

#endif
