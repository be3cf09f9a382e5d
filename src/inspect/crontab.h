/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of cron: crontab(5). */
#ifndef ASSAY_INSPECT_CRONTAB_H
#define ASSAY_INSPECT_CRONTAB_H

#include "inspect/inspect.h"

struct crontab_entry {
	struct text schedule; /* as written: "@daily", or five fields */
	struct text user;     /* whom the line names, or whose table it is */
	struct text command;  /* without what follows a "%", which is its input; may be empty */
};

/* Reads a line of the table at `path`: those of the system (crontab, cron.d) name the user before the command, the others are called
 * as their user is. False: the line runs nothing (a variable, a comment, no schedule), and *entry is untouched. */
bool crontab_line(struct text path, struct text line, struct crontab_entry *entry);

/* Whether the lines of the table at `path` name users. */
bool crontab_names_users(struct text path);

/* `source`, the table at `path`, with its commands alone, each at its place: all else is blank. TEXT_NONE: no memory. */
struct text crontab_commands(struct text path, struct text source, struct arena *arena);

#endif
