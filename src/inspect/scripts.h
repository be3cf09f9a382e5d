/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internal to the inspector of scripts: what its parts share. */
#ifndef ASSAY_INSPECT_SCRIPTS_H
#define ASSAY_INSPECT_SCRIPTS_H

#include "inspect/inspect.h"

#define SCRIPTS_ROWS 2000u
#define SCRIPTS_CODE 400u /* of a statement as written: what is shown of a longer one */

enum script_language { LANGUAGE_NONE, LANGUAGE_SHELL, LANGUAGE_LUA, LANGUAGE_PHP, LANGUAGE_PYTHON, LANGUAGE_PERL };

/* How much of a value somebody else chooses. */
enum origin_level {
	ORIGIN_FIXED,   /* the script alone */
	ORIGIN_UNKNOWN, /* an argument: nothing in the file tells */
	ORIGIN_STORED,  /* a setting of the device: NVRAM, UCI */
	ORIGIN_REQUEST, /* a request */
};

struct origin {
	enum origin_level level;
	bool guarded;       /* a test that looks like a validation stands before */
	bool indirect;      /* it went through a function that is not known */
	bool downloaded;    /* it was fetched from elsewhere */
	bool no_path;       /* it can not lead out of a folder */
	struct text source; /* the name of what it comes from */
};

struct shell_state;
struct taint_watch;

struct scripts_file {
	const struct subject *subject;
	struct sink *sink;
	enum script_language language;
	bool web; /* a web server runs it */
	bool haserl;
	bool library;              /* of a language: a general one, whose use elsewhere decides */
	struct shell_state *shell; /* kept for the next commands */
	bool quiet;                /* nothing is emitted: this pass only learns */
	const struct taint_watch *watch; /* who is told of calls; NULL: rows are emitted. With one, there are none */
	unsigned nrows;
	struct fact_weakness last[16]; /* rows that were emitted, in a ring: none comes twice */
};

/* Joins what two parts of a value come from. */
struct origin origin_join(struct origin a, struct origin b);

/* proven, likely or possible. */
const char *origin_confidence(const struct origin *origin);

/* Emits a row of `weakness`, or none when the pass is quiet or a watch is set. The code is cut for showing; a row
 * that repeats one of the last 16 is left out. In a library all but back doors are "possible". Behind SCRIPTS_ROWS
 * rows: one of damage, once. */
void scripts_emit(struct scripts_file *file, int64_t line, const char *kind, struct text code, struct text source,
				  const char *sink, const char *confidence);

/* Reads shell commands: a whole script, or the constant command that another language hands to a shell. */
void scripts_shell(struct scripts_file *file, struct text source, int64_t line);

/* What the subject is a program in, and its source (of a template the code in it, every line where it was). False: in none of
 * these languages, or memory is used up. */
bool scripts_open(struct scripts_file *file, const struct subject *subject, struct sink *sink, struct text *source);

/* Reads a program in one of the other languages. */
void scripts_code(struct scripts_file *file, struct text source);

/* True when one of the words (ended by NULL) is `t`. */
bool scripts_among(struct text t, const char *const *words);

#endif
