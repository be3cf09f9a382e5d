/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internal to the inspector of scripts: what is known of the functions of each language. */
#ifndef ASSAY_INSPECT_SCRIPTS_CODE_H
#define ASSAY_INSPECT_SCRIPTS_CODE_H

#include "inspect/code.h"
#include "inspect/scripts.h"

enum rule_kind {
	RULE_SOURCE,   /* its value, or what the call gives, is a request's */
	RULE_STORED,   /* ... is a setting's */
	RULE_SHELL,    /* the argument is a shell command */
	RULE_SHELL_IF, /* ... where it is called with shell=True */
	RULE_LIST,     /* ... where it is the only one; a list is run without a shell (Perl) */
	RULE_OPEN,     /* ... where it is the only one and names a pipe (Perl's open) */
	RULE_EVAL,     /* the argument is a program */
	RULE_INCLUDE,  /* the argument names a file that is run */
	RULE_UNPACK,   /* the argument is deserialized into objects */
	RULE_PATH,     /* the argument names a file */
	RULE_MODE,     /* the argument is a mode of chmod(2) */
	RULE_UMASK,
	RULE_CLEAN,    /* what it gives is harmless everywhere */
	RULE_QUOTE,    /* what it gives is one word of a shell */
	RULE_BASENAME, /* what it gives leads out of no folder */
	RULE_KEEP,     /* what it gives comes from its arguments */
	RULE_TEST,     /* a validation of its argument */
};

struct code_rule {
	const char *name; /* the whole path, or its end from a "." on */
	enum rule_kind kind;
	int argument;     /* from 0; -1: all of them */
	const char *keys; /* of a source that is a table: the keys that a client chooses, by their beginnings; NULL: all */
};

/* A name that is given a value which switches a check off: verify=False, CURLOPT_SSL_VERIFYPEER, 0 */
struct code_pair {
	const char *name;
	const char *values[4];
	const char *kind, *sink;
	bool argument; /* only as an argument of a call */
};

struct code_knowledge {
	struct code_language lexical;
	const struct code_rule *rules; /* ended by a NULL name */
	const struct code_pair *pairs;
	const char *const *mentions; /* names whose bare mention switches verification off; ended by NULL */
};

/* NULL: none of these languages. */
const struct code_knowledge *code_knowledge(enum script_language language);

#endif
