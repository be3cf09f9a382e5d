/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internal to the inspector of scripts: shell commands with their words. */
#ifndef ASSAY_INSPECT_SCRIPTS_SHELL_H
#define ASSAY_INSPECT_SCRIPTS_SHELL_H

#include "inspect/scripts.h"
#include "inspect/shell.h"
#include "inspect/startup_parse.h"

#define SHELL_WORDS 64u      /* of a command; further ones are not looked at */
#define SHELL_PIPELINE 1024u /* bytes of one, before a command of it, that are looked at with that command */
#define SHELL_VARIABLES 512u
#define SHELL_FUNCTIONS 128u
#define SHELL_FILES 64u  /* that the script fetches or writes */
#define SHELL_NESTING 6u /* substitutions within each other */
#define SHELL_CASES 16u  /* `case` within each other whose branches narrow a variable */

struct shell_variable {
	struct text name;
	struct text value; /* p == NULL: not known */
	struct origin origin;
	bool constant; /* it equals a word in this branch of a `case` */
	bool assigned;
};

struct shell_function {
	struct text name;
	struct origin arguments; /* of all calls that were seen */
};

/* A word: `flat` is what it is without its quotes; variables whose values are known stand replaced, others as $name. */
struct shell_word {
	struct text raw, flat;
	struct origin origin;
	struct shell_variable *variable; /* the whole word is this one */
	bool expands;                    /* something in it is not constant */
	bool appends;                    /* >> */
	bool here_string;                /* it is the input itself, not a file: <<< */
	bool bare;                       /* what expands stands outside of quotes */
};

enum file_state { FILE_FETCHED, FILE_WRITTEN, FILE_CHECKED };

/* A file that the script fetched from elsewhere, or wrote under a name that others can foresee. */
struct shell_file {
	struct text name, path; /* as the script names it; from the root, where that is known */
	enum file_state state;
	struct text source; /* of a fetched one: its URL */
	struct text code;   /* the command */
	int64_t line;
	struct text text; /* of a written one: a here-document; p == NULL: not known */
	int64_t text_line;
	bool foreseeable, reported;
};

/* Commands within a command: what a shell is handed as one word, in a here-document, or in a file. */
struct shell_handed {
	struct text whole;          /* they */
	struct text source;         /* the command that runs them, in the text around it */
	struct shell_handed *outer; /* NULL: that is the script */
	struct script *run;         /* they, as they run; NULL: not read yet */
	bool alone;                 /* a shell of their own has them: what they define is not there for others */
};

struct shell_command {
	struct shell_word
		words[SHELL_WORDS]; /* from the program on: assignments and wrappers such as nohup are taken off */
	unsigned n;
	struct text program; /* its base name; empty when there is none */
	struct text source;
	int64_t line;
	struct text here; /* the here-document that it reads; p == NULL: none */
	int64_t here_line;
	struct shell_word outputs[4], inputs[4]; /* redirections */
	unsigned noutputs, ninputs;
	struct origin input; /* of what comes through a pipe */
	bool piped;          /* something comes through a pipe */
	bool looped;         /* it stands between `while` and `do` */
};

struct shell_state {
	struct scripts_file *file;
	struct shell_variable variables[SHELL_VARIABLES];
	uint16_t buckets[2 * SHELL_VARIABLES];
	unsigned nvariables;
	struct shell_function functions[SHELL_FUNCTIONS];
	unsigned nfunctions;
	struct shell_file files[SHELL_FILES];
	unsigned nfiles;
	struct text folder; /* that the script went to; p == NULL: not known */
	struct shell_variable *cases[SHELL_CASES];
	unsigned ncases;
	struct origin arguments; /* $1, $@ ... */
	unsigned nesting;
	bool cgi;                             /* a web server runs it */
	bool named_by_request;                /* eval took a request's assignments: it chooses what other variables are */
	struct text piped_commands; /* what an echo of one word, or a here-document, gives to what stands behind | */
	int64_t piped_line;
	struct shell_handed *handed;               /* what is being read; NULL: the script itself */
	bool alone;                                /* of what shell_reach() looks at now */
	struct script *handed_runs[SHELL_NESTING]; /* of each level one, which the next text of that level uses again */
	struct text piped_text, piped_source; /* constant words that an echo before | shows, and its command */
	bool input_policy_drop, fills_chains; /* iptables: what else the script does */
	struct shell_command *commands[SHELL_NESTING]; /* one that is being read on each level */
	struct text whole;  /* the script, where it is run as a whole; p == NULL: it is not, or is a page that a web server runs */
	struct script *run; /* the same as it runs; NULL: not yet read */
};

/* The length of the variable's name that the text begins with; 0: none. */
size_t shell_name_length(struct text t);

/* Fills in what the word is, and what it comes from. */
void shell_read_word(struct shell_state *s, struct shell_word *w, struct text raw, int64_t line);

/* The length of "NAME=" or "NAME+=" at the beginning; 0: it is no assignment. */
size_t shell_assignment_length(struct text word);
void shell_assign(struct shell_state *s, struct text name, const struct shell_word *value, bool append);
/* NAME=value, alone or behind `export`. False: it is none. */
bool shell_take_assignment(struct shell_state *s, struct text raw, int64_t line);

/* NULL: none of that name was defined so far. */
struct shell_function *shell_find_function(struct shell_state *s, struct text name);

/* A validation: what it tests counts as guarded from here on. NULL is allowed. */
void shell_guard(struct shell_variable *v);

/* The whole of a command: facts, and what its output comes from. */
struct origin shell_finish(struct shell_state *s, struct shell_command *c);

/* The i-th word, of which 0 is the program, without its quotes; empty where there are fewer. */
static inline struct text shell_argument(const struct shell_command *c, unsigned i)
{
	return i < c->n ? c->words[i].flat : TEXT_LIT("");
}

/* Whether it runs that program: its name without folders, behind what only starts another (busybox, sudo ...). */
static inline bool shell_runs(const struct shell_command *c, const char *program)
{
	return text_is(c->program, program);
}

/* Whether one of its words behind the first is this one. */
bool shell_has_word(const struct shell_command *c, const char *w);

/* The value of NAME=VALUE, of "-x VALUE" and of "-xVALUE"; NULL when the option is not there. */
const struct shell_word *shell_option(const struct shell_command *c, const char *name, struct text *value);

/* The commands that are weaknesses by themselves; of these, the ones that let somebody in. */
void shell_command_shapes(struct shell_state *s, const struct shell_command *c);
void shell_command_doors(struct shell_state *s, const struct shell_command *c);

/* Variables that switch the verification of TLS off for all programs that are started; `source` is what is shown. */
void shell_assignment_shapes(struct shell_state *s, struct text name, struct text value, struct text source,
							 int64_t line);

/* What is fetched, checked and run. */
void shell_follow_files(struct shell_state *s, const struct shell_command *c);
bool shell_fetches_to_stdout(const struct shell_state *s, const struct shell_command *c);
struct text shell_fetched_url(const struct shell_state *s,
							  const struct shell_command *c); /* "download": it names none */

/* Values of a request that reach something that interprets them. */
void shell_command_sinks(struct shell_state *s, const struct shell_command *c);

/* Reads `source` as further commands; gives what their output comes from. */
struct origin shell_read(struct shell_state *s, struct text source, int64_t line);

/* Reads commands that the command hands to a shell. */
void shell_read_handed(struct shell_state *s, const struct shell_command *c, struct text commands, int64_t line);

/* Emits a weakness at the line of the command (scripts_emit()). */
void shell_report(struct shell_state *s, const struct shell_command *c, const char *kind, struct text source,
				  const char *sink, const char *confidence);

/* Whether a run of the script comes to the command: REACH_IF where a test decides of which neither the image nor a fetch of `file` tells
 * how it ends (`file`: what is fetched; TEXT_NONE: nothing). REACH_ALWAYS, too, where that is not known. */
enum reach shell_reach(struct shell_state *s, const struct shell_command *c, struct text file);

/* Whether the first operand behind an interpreter's options is a script: `sh FILE`, not `sh -c`. -1: none. */
int shell_operand(const struct shell_command *c, unsigned from);

/* Whether it is a shell that runs what comes through its input. */
bool shell_reads_input(const struct shell_command *c);

/* Whether it is the name of a shell that reads scripts in the language of POSIX. */
bool shell_is_interpreter(struct text program);

/* The argument of -c; NULL when there is none. */
const struct shell_word *shell_c_argument(const struct shell_command *c);

#endif
