/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shell variables of one script, as far as the script itself tells their values. */
#ifndef ASSAY_INSPECT_STARTUP_EXPAND_H
#define ASSAY_INSPECT_STARTUP_EXPAND_H

#include "base/arena.h"
#include "base/span.h"

#define EXPAND_VARIABLES 256u
#define EXPAND_ITEMS 16u   /* words of a `for` loop that are followed */
#define EXPAND_LENGTH 1024 /* a longer value counts as unknown */

/* Whether the variable is a switch: see script_asks_switch(). */
enum expand_switched { SWITCH_UNASKED, SWITCH_YES, SWITCH_NO };

struct expand_variable {
	struct text name;
	struct text items[EXPAND_ITEMS]; /* one value, or those of a loop; p == NULL: not known */
	unsigned nitems;
	bool argument; /* follows from the argument that the script is called with */
	bool unsure;   /* it was assigned in a branch or a function */
	enum expand_switched switched;
	struct text scripts; /* the pattern of the start-up scripts whose names it takes; they have rows of their own */
};

struct expand_scope {
	struct expand_variable variables[EXPAND_VARIABLES];
	uint16_t buckets[2 * EXPAND_VARIABLES]; /* index + 1 by the name's hash */
	unsigned n;
	struct arena *arena;
	struct text first_argument; /* $1; p == NULL: not known */
};

struct expansion {
	struct text value; /* p == NULL: not known */
	bool argument;
	bool unsure; /* a variable in it may have another value, or none */
	struct text scripts;
	unsigned choices; /* values that it takes one after the other: 1, or the loop's */
};

/* The word's value; `choice` tells which of a loop variable's values it has. */
struct expansion expand_word(const struct expand_scope *scope, struct text word, unsigned choice);

/* Assigns the value of `word`. What is assigned `sometimes` and was another value before is not known any more. */
void expand_assign(struct expand_scope *scope, struct text name, struct text word, bool sometimes);

/* The variable of that name; NULL: nothing assigns it, and it is not made; or there are too many. */
struct expand_variable *expand_variable(struct expand_scope *scope, struct text name, bool make);

/* Begins the values of a loop variable; expand_loop_item() adds one. */
void expand_loop(struct expand_scope *scope, struct text name);
void expand_loop_item(struct expand_scope *scope, struct text name, struct text word);

/* Whether a pattern is one over a directory that holds start-up scripts: /etc/init.d, /etc/rc.d, /etc/rcS.d ... */
bool expand_names_scripts(struct text pattern);

/* The length of the name that begins `t`; 0 when none does. */
size_t expand_name_length(struct text t);

/* Whether the pattern of a `case` branch matches (XCU 2.13). */
bool expand_pattern_matches(struct text pattern, struct text value);

#endif
