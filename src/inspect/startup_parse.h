/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simple commands of a shell script, with what decides whether `script start` reaches them. */
#ifndef ASSAY_INSPECT_STARTUP_PARSE_H
#define ASSAY_INSPECT_STARTUP_PARSE_H

#include "inspect/shell.h"
#include "inspect/startup_expand.h"

#define PARSE_COMMANDS 4096u
#define PARSE_FUNCTIONS 256u
#define PARSE_DEPTH 48u  /* compound commands within each other */
#define PARSE_NESTING 4u /* substitutions within each other that are looked into */
#define PARSE_WORDS 64u  /* of a command; further ones are not looked at */

struct script_command {
	struct text source; /* as written, with assignments before it and redirections */
	int64_t line;
	const struct text *argv; /* expanded; p == NULL: not known */
	unsigned argc;
	struct text scripts;   /* the pattern of the start-up scripts that it runs, one after the other */
	struct text condition; /* the test that it depends on, where nothing here tells how that ends */
	unsigned function; /* the function that it belongs to, from 1; 0: none */
	/* A bit for each enclosing branch that is not taken: certainly, or if its `case` is one over the verb. */
	uint64_t dead, maybe_dead;
};

struct script_function {
	struct text name;
	bool live;           /* something that is reached calls it */
	bool runs_arguments; /* "$@": its arguments are a command */
	struct text condition; /* under which it is called, when each of its calls has one */
};

enum frame_kind { FRAME_IF, FRAME_CASE, FRAME_LOOP, FRAME_BRACE, FRAME_SUBSHELL };
enum outcome { OUTCOME_UNKNOWN, OUTCOME_TRUE, OUTCOME_FALSE };
/* What a command asks: nothing, so that it is expected to succeed; whether something that is run is there, which whoever
 * reads the facts sees; or something that nothing here answers. */
enum test_kind { TEST_NONE, TEST_PRESENCE, TEST_OPEN };

struct script_frame {
	enum frame_kind kind;
	bool taken;     /* an earlier branch is the one */
	bool over_verb; /* case: its word is the script's argument */
	bool has_start; /* case: a pattern other than * stands for `start` */
	struct text subject;
	struct text outer;     /* the condition of the whole: what stands before && or || */
	struct text condition; /* of the branch that is being read; p == NULL: none but those around it */
	bool uncertain;        /* if: nothing tells whether an earlier branch is taken */
	unsigned first;    /* command */
	unsigned function; /* to go back to at its end */
};

struct script {
	struct expand_scope scope;
	struct script_command *commands;
	unsigned ncommands;
	struct script_function functions[PARSE_FUNCTIONS];
	unsigned nfunctions;
	struct script_frame frames[PARSE_DEPTH];
	unsigned depth, base; /* base: of the substitution that is being read */
	uint64_t dead, maybe_dead;
	unsigned function; /* that is being defined, or 0 */
	unsigned defining; /* its name was read, its body comes next */
	unsigned nesting;
	char chain;           /* '&' or '|' after && or ||, otherwise 0 */
	enum outcome outcome; /* of the last command */
	struct text test; /* the last command */
	enum test_kind test_kind;
	struct text chain_condition; /* what stands before && or || */
	bool negated;         /* after ! */
	bool ended;           /* by exit or exec: what follows is never reached */
	bool broken;          /* a quote or a substitution is never closed */
	bool full;            /* a limit was hit: there may be more */
	struct arena *arena;
};

/* The words of a simple command. */
struct script_words {
	struct text v[PARSE_WORDS]; /* as written */
	unsigned n;
	struct text source;
	int64_t line;
};

/* Keeps the command, once for each value that its loop variable takes. */
void script_record(struct script *script, const struct script_words *words);

/* How `true`, `false` or `[ word = word ]` ends, where one word is the script's argument and that is `start`. */
enum outcome script_test(struct script *script, const struct script_words *words);

enum test_kind script_test_kind(const struct script *script, const struct script_words *words);

/* The condition of what comes next. */
struct text script_condition(const struct script *script);

/* How a list has ended so far, after one more command of it (XCU 2.9.3). */
enum outcome script_chained(char chain, enum outcome before, enum outcome now);

/* Whether the argument is one that a script gets when it is not to start anything. */
bool script_stops(struct text verb);

/* NULL when out of memory. */
struct script *script_new(struct arena *arena);

/* Reads all of `source`, whose first line has the number `line`. What was read before is forgotten. */
void script_read(struct script *script, struct text source, int64_t line);

/* Marks the functions of these names as called from outside. */
void script_call(struct script *script, const char *const *names, size_t n);

/* Follows the calls; after it script_reaches() answers. */
void script_follow(struct script *script);
bool script_reaches(const struct script *script, const struct script_command *command);
/* The condition of a command that is reached, its own or that of the function's calls; p == NULL: none. */
struct text script_condition_of(const struct script *script, const struct script_command *command);

/* Whether the command is the script's arguments, or a function's. */
bool script_is_arguments(struct text source);

/* The function of that name, from 1; 0 when there is none. */
unsigned script_function(const struct script *script, struct text name);

#endif
