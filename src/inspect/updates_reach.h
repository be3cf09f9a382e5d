/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a run of a script comes to what it does to an update. */
#ifndef ASSAY_INSPECT_UPDATES_REACH_H
#define ASSAY_INSPECT_UPDATES_REACH_H

#include "inspect/startup_parse.h"
#include "inspect/updates.h"

/* The commands of a script, and what they do to an update. */
struct deeds {
	const struct script *script;
	struct updates_command *v; /* one for each command */
	unsigned flash;            /* how many write to flash, or update */
	struct script *run;        /* the same script as it runs; NULL: it is not looked at */
};

/* The commands of a text in shell whose first line is `line`; false: out of memory. `run` is not set. */
bool updates_read_deeds(struct updates *u, struct text source, int64_t line, struct deeds *d);

/* The rows of one command, which say of its being reached what updates_take_reach() set. */
void updates_emit_deed(struct updates *u, int64_t line, struct text evidence, const struct updates_command *deed);

/* Reads the script as it runs: what is told to one of init.d is `start`, of others nobody knows that they are told anything. */
void updates_read_run(struct updates *u, struct text source, struct deeds *d);

/* Sets what the rows of a command say of its being reached; the rows of what follows say nothing of it. */
void updates_take_reach(struct updates *u, const struct deeds *d, const struct script_command *c);
void updates_forget_reach(struct updates *u);

#endif
