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
#define PARSE_PASSES 3u  /* further readings, to learn of functions before they are called */
#define PARSE_WORDS 64u  /* of a command; further ones are not looked at */

/* A test that must come out one way for what follows it to run. Guards are a list from the innermost outwards. */
struct script_guard {
	const struct script_guard *outer;
	struct text text; /* as written; "! " before it: it must fail */
	int64_t line;
	struct text path; /* whether this path is there decides it, "!" before it: whether it is not; p == NULL: something else */
	bool counts; /* it compares numbers */
};

#define PARSE_GUARDS 12u /* of one command that are told; of more the innermost */

/* What a line of control is at some point of the script. */
struct script_flow {
	const struct script_guard *guard; /* NULL: none within the function */
	const char *why;                  /* nothing comes here, and why; NULL: something may */
	int64_t line;                     /* of what ends it */
};

enum outcome { OUTCOME_UNKNOWN, OUTCOME_TRUE, OUTCOME_FALSE };

/* How a command or a list ends, as far as the script tells. */
struct script_status {
	enum outcome outcome;
	bool open;    /* nothing tells, and it may well be either; otherwise it is expected to succeed */
	bool test;    /* a command that does nothing else than to ask */
	bool negated; /* `text` stands for its failure */
	bool counts;  /* it compares numbers: a loop over it that counts ends */
	bool ends;    /* read: a loop over it ends with its input */
	bool holds;   /* open, but what it asks is told by what the script itself sets, or as boot comes first */
	int tells;    /* 1: so that what `text` asks is true, -1: that it is not, 0: nothing tells */
	bool unlikely; /* it is the failure of what is expected to succeed */
	struct text text, path; /* path: it asks whether this is there; p == NULL: something else */
	int64_t line;
};

/* A list of pipelines joined by && and ||. */
struct script_list {
	struct script_flow flow;      /* what holds for the list, and then for what follows it */
	struct script_status before;  /* of what stands before && or || */
	struct script_status wanted;  /* that, as it must be for the pipeline that is being read */
	char op;                      /* '&' or '|' after && or ||, otherwise 0 */
	bool negated;                 /* after ! */
	bool piped;                   /* after | */
	bool empty;
	struct text text;             /* so far */
};

struct script_command {
	struct text source; /* as written, with assignments before it and redirections */
	int64_t line;
	const struct text *argv; /* expanded; p == NULL: not known */
	unsigned argc;
	struct text scripts;      /* the pattern of the start-up scripts that it runs, one after the other */
	struct script_flow flow;  /* within the function */
	const struct script_guard *callback; /* of the function that it hands to config_foreach; NULL: it does not */
	unsigned function;        /* the function that it belongs to, from 1; 0: none */
	struct text
		input; /* that it is given: a here-document, what an echo prints into a pipe, the text of a file that the script writes */
	int64_t input_line;       /* where that begins */
	struct text written;      /* the file whose text that is; p == NULL: none */
	bool substituted;         /* its output is waited for: `...`, $(...) */
	/* A bit for each enclosing branch of a `case` over the verb that is not the one of `start`. */
	uint64_t other_verb;
};

/* Whether a function leaves the script. */
enum leaving { LEAVES_NEVER, LEAVES_SOMETIMES, LEAVES_ALWAYS };

struct script_function {
	struct text name;
	bool live;           /* something that is reached calls it */
	bool runs_arguments; /* "$@": its arguments are a command */
	bool asks;           /* its exit status answers something */
	enum leaving leaving;
	const struct script_guard *leaves_unless; /* LEAVES_SOMETIMES */
	unsigned caller; /* the command that calls it, from 1, where each call has a condition; 0: none */
};

enum frame_kind { FRAME_IF, FRAME_CASE, FRAME_LOOP, FRAME_BRACE, FRAME_SUBSHELL };

struct script_frame {
	enum frame_kind kind;
	bool testing;          /* if, while: its test is being read */
	bool begun;            /* if, case: a branch has been read */
	bool alive;            /* if, case: a branch goes on behind it */
	bool catches;          /* if: an else, case: a pattern that takes everything was read */
	bool over_verb;        /* case: its word is the script's argument */
	bool taken, has_start; /* case: an earlier branch is the one; a pattern other than * stands for `start` */
	bool other;            /* case: this branch is for another verb */
	bool scripts;          /* case: over the names of start-up scripts */
	bool until, forever, waits; /* loop: until; its test always succeeds; it goes on until something else changes */
	bool counts;           /* loop: something in it counts */
	bool breaks, breaks_surely, breaks_counted; /* loop: a break in it; one that surely comes; one where it has counted */
	bool leaves, leaves_surely; /* loop: something in it leaves the script or the function */
	struct text subject; /* case: the verb */
	struct text text;    /* case, for: as written up to its branches or body */
	struct script_list list;   /* that it stands in */
	struct script_flow start;  /* before the whole */
	struct script_flow entry;  /* before its branches: of an `if` before the next one */
	struct script_flow branch; /* at the beginning of the branch or body */
	struct script_flow after;  /* what follows, as far as the branches that were read tell */
	struct script_status test; /* that the branch or the body depends on */
	const struct script_guard *breaks_if, *leaves_unless; /* loop */
	unsigned first;    /* command */
	unsigned function; /* to go back to at its end */
};

/* A file that the script writes, and what: of here-documents. */
#define PARSE_WRITTEN 16u
struct script_written {
	struct text name, text;
	int64_t line;
	const struct script_guard *guard;
	unsigned function;
};

struct script {
	struct expand_scope scope;
	struct script_command *commands;
	unsigned ncommands;
	struct script_function functions[PARSE_FUNCTIONS];
	unsigned nfunctions;
	struct script_function known[PARSE_FUNCTIONS]; /* what the reading before this one found out about them */
	unsigned nknown;
	struct script_frame frames[PARSE_DEPTH];
	unsigned depth, base; /* base: of the substitution that is being read */
	struct script_flow flow; /* here */
	struct script_list list;
	struct script_status status; /* of the last pipeline */
	struct script_status last;   /* of the last list */
	uint64_t other_verb;
	unsigned function; /* that is being defined, or 0 */
	unsigned defining; /* its name was read, its body comes next */
	unsigned nesting;
	struct text piped; /* what the command before | prints; p == NULL: not known */
	int64_t piped_line;
	struct script_written written[PARSE_WRITTEN];
	unsigned nwritten;
	struct text argument;      /* that the script is called with; p == NULL: not known */
	struct text configuration; /* that config_load read last */
	bool errexit;         /* set -e */
	bool sourced;         /* something else may have set variables */
	enum outcome unnamed; /* variables are assigned whose names it does not tell */
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
	struct text input; /* p == NULL: not known, or none */
	int64_t input_line;
	struct text output;  /* where it is told to write; p == NULL: nowhere */
	struct text written; /* the file whose text the input is */
};

/* Whether variables may have other values behind this command than the script itself gives them. */
bool script_sets_variables(struct text name);

/* Whether the command is a variable alone that nothing in the script's whole source sets to anything but `true` or `false`. */
bool script_asks_switch(struct script *script, const struct script_command *command, struct text path, struct text source);

/* Keeps the command, once for each value that its loop variable takes. */
void script_record(struct script *script, const struct script_words *words);

/* How a simple command ends. In startup_status.c, like the next two. */
struct script_status script_status_of(struct script *script, const struct script_words *words);
/* Of what is expected to succeed. */
struct script_status script_succeeds(struct text source, int64_t line);
/* How ! of it ends. */
struct script_status script_negate(struct script_status status);

/* The flow with one more guard, the status' success, where nothing tells that. */
struct script_flow script_guarded(struct script *script, struct script_flow flow, const struct script_status *status);
/* The flow with the guards from `guard` up to `end`, which is not one of them. */
struct script_flow script_with_guards(struct script *script, struct script_flow flow, const struct script_guard *guard,
									  const struct script_guard *end);
/* The flow of what nothing comes to, for that reason; `why` must be static. */
struct script_flow script_dead(const char *why, int64_t line);

/* A list: it begins with `flow`; a pipeline ends with && or ||; it ends. */
void script_list_begin(struct script *script, struct script_flow flow);
void script_list_next(struct script *script, char op);
void script_list_end(struct script *script);

/* Control does not come behind the pipeline that is being read, unless that is not reached. */
void script_stop(struct script *script, struct script_flow dead);
/* What a command does to the flow: exit, return, break, set -e, a call ... `contained`: it runs in a subshell. */
void script_follow_command(struct script *script, const struct script_words *words, bool contained);

/* Whether a command that is run in the foreground does not come back while all is well: a server that is told not to leave the
 * foreground, sleep infinity, reboot. In startup_stays.c. */
bool script_stays(struct script *script, const struct script_words *words);

/* Compound commands, in startup_frames.c. NULL: too deep, nothing more is read. */
struct script_frame *script_push(struct script *script, enum frame_kind kind);
struct script_frame *script_top(struct script *script, enum frame_kind kind);
/* `contained`: the whole of it runs in a subshell. */
void script_pop(struct script *script, enum frame_kind kind, bool contained);
/* then, elif, else */
void script_begin_branch(struct script *script, struct text word);
/* do */
void script_begin_body(struct script *script);
/* A branch of a `case`: its patterns as written; whether one matches the verb, or everything; whether one is a verb that
 * never starts anything. */
struct script_arm {
	struct text patterns;
	bool matches, catches, starts, stops;
	int64_t line;
};
void script_begin_arm(struct script *script, const struct script_arm *arm);

/* The reasons why nothing comes to a command. */
#define SCRIPT_LEFT "what stands before leaves the script"
#define SCRIPT_FALSE "the test before it fails"
#define SCRIPT_TRUE "the test before it succeeds"
#define SCRIPT_FOREVER "a loop before it never ends"
#define SCRIPT_VERB "another argument is needed"
#define SCRIPT_UNCALLED "no command that is reached calls the function"

/* Whether the argument is one that a script gets when it is not to start anything. */
bool script_stops(struct text verb);

/* NULL when out of memory. */
struct script *script_new(struct arena *arena);

/* The commands of `source`, once, in the order of the text: startup_parse.c. */
void script_parse(struct script *script, struct text source, int64_t line);

/* Reads all of `source`, whose first line has the number `line`; `argument` is what the script is called with, TEXT_NONE:
 * nobody knows. What was read before is forgotten. */
void script_read(struct script *script, struct text source, int64_t line, struct text argument);

/* Marks the functions of these names as called from outside. */
void script_call(struct script *script, const char *const *names, size_t n);

/* Follows the calls; after it script_reach() answers. */
void script_follow(struct script *script);

/* Whether a run of the script comes to a command. */
enum reach { REACH_ALWAYS, REACH_IF, REACH_NEVER };
struct script_reach {
	enum reach kind;
	const char *why; /* REACH_NEVER */
	int64_t line;    /* of the outermost guard, or of what keeps it from being reached */
	const struct script_guard *guards[PARSE_GUARDS]; /* REACH_IF: the outermost first */
	unsigned nguards;
	bool more; /* there are more guards than these */
};
struct script_reach script_reach(const struct script *script, const struct script_command *command);
bool script_reaches(const struct script *script, const struct script_command *command);

/* Whether the command is the script's arguments, or a function's. */
bool script_is_arguments(struct text source);

/* A function that has been read, or one that the reading before this one has found further down; NULL: none. */
const struct script_function *script_known_function(const struct script *script, struct text name);

/* The function of that name, from 1; 0 when there is none. */
unsigned script_function(const struct script *script, struct text name);

#endif
