/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of the start-up inspector share. */
#ifndef ASSAY_INSPECT_STARTUP_H
#define ASSAY_INSPECT_STARTUP_H

#include "inspect/inspect.h"
#include "inspect/shell.h"

/* A file gives at most so many rows. */
#define STARTUP_ROWS 10000u

/* sh -c within sh -c is read to this depth. */
#define STARTUP_NESTED 3u

struct script;
struct script_command;

/* Tests that nothing in a file answers; text.p == NULL: none. */
struct startup_condition {
	struct text text; /* all of them */
	int64_t line;     /* of the first */
	struct text path; /* decides them by its presence, "!" before it: by its absence; p == NULL: something else does */
};

/* Each row carries its conditions; of those that are longer, the beginning is enough. */
#define STARTUP_CONDITION_MAX 1024u

/* What a file adds to the rows of its commands. */
struct startup_file {
	const struct subject *subject;
	struct sink *sink;
	const char *mechanism;
	int64_t enabled;
	struct text detail;
	struct text argument; /* that a script is called with; p == NULL: nobody knows */
	struct startup_condition condition; /* of the commands that are being read */
	struct text expanded;  /* the command that is being read, where it has variables */
	struct text user;      /* of all commands, where the file says so, empty: not known; p == NULL: root */
	struct text run_as;    /* of the command that is being read, where it says so itself */
	struct text ports;     /* that the command that is being read is told */
	int64_t once;          /* of the command that is being read: it ends before boot goes on, or with its unit */
	unsigned nrows;
	struct script *scripts[STARTUP_NESTED]; /* one for each level of sh -c, made when it is needed */
	unsigned level;
};

/* Both, of which the first stands outside. */
struct startup_condition startup_conditions(struct arena *arena, struct startup_condition outer,
											struct startup_condition own);
/* What a command that is reached depends on, apart from whether the program that it runs is there. */
struct startup_condition startup_condition_of(struct arena *arena, const struct script *script,
											  const struct script_command *command, struct text program);

/* Emits a row of `startup` with the file's own mechanism, and the condition, user and ports that `file` has at hand.
 * `program`: TEXT_NONE where it can not be told. Behind STARTUP_ROWS rows: one of damage, once. */
void startup_emit(struct startup_file *file, int64_t line, struct text command, struct text program);

/* A row for a command that something other than a shell script holds, and one for each further command in it (after ;
 * or &&, or within sh -c). `run` is the command without what its file's syntax puts before it. */
void startup_emit_line(struct startup_file *file, int64_t line, struct text command, struct text run);

/* Rows for the commands of a shell script that are reached when it is told to start. */
void startup_emit_script(struct startup_file *file, int64_t line, struct text source);

/* Marks the function of a script that /etc/rc.common, its interpreter, calls at boot. False: it has another interpreter. */
bool startup_call_rc_common(struct script *script, struct text source);

/* An absolute path for `target`, seen from the directory of `link`; without "." and "..". TEXT_NONE: out of memory. */
struct text startup_resolve(struct text link, struct text target, struct arena *arena);

enum startup_place {
	PLACE_NONE,
	PLACE_INITTAB,
	PLACE_RCS,
	PLACE_RC_LOCAL,
	PLACE_RC_LINK,
	PLACE_INIT_D,
	PLACE_INIT,
	PLACE_INETD,
	PLACE_XINETD,
	PLACE_SYSTEMD,
	PLACE_SYSTEMD_MANAGER,
	PLACE_CRON,
	PLACE_ANACRON,
	PLACE_UDEV,
	PLACE_MDEV,
	PLACE_EVENT_FOLDER, /* a script that runs when something happens */
	PLACE_NETWORK_HOOK, /* one that runs when an address comes or goes */
	PLACE_CRON_FOLDER, /* a script that run-parts runs where a cron table tells it to */
	PLACE_ANDROID, /* init.rc and its imports: Android's init */
	PLACE_SCRIPT, /* a script that others may run to start something, by its name */
};

/* The folder below /etc whose scripts cron runs by run-parts, for a path in one: cron.daily, periodic/15min. p == NULL: it is
 * in none, or has a name that run-parts (Debian's, BusyBox') passes over. */
struct text startup_cron_folder(struct text path);

/* Whether cron reads the file at `path` as a table. */
bool startup_is_crontab(struct text path);

/* Whether systemd reads the file at `path` as a unit's. */
bool startup_is_unit(struct text path);

/* `source`, a unit of systemd, with the lines alone that a service of it has a shell read (ExecStart=/bin/sh -c '...'), each at its
 * place: all else is blank. TEXT_NONE: no memory. */
struct text startup_unit_commands(struct text source, struct arena *arena);

/* What one word list runs: startup_program.c. */
struct startup_program {
	bool reads_input;     /* a shell that is given neither commands nor a script */
	bool nothing;         /* a builtin or a stop: no program is started */
	struct text program;  /* p == NULL: not known */
	struct text commands; /* of sh -c, p == NULL: none */
};
struct startup_program startup_program(const struct text *argv, unsigned argc);

/* The user that the command itself changes to: empty when nothing tells which, TEXT_NONE when it does not change. In
 * startup_run_as.c. */
struct text startup_user(const struct text *argv, unsigned argc);
/* The ports that the command names to its program, separated by spaces; TEXT_NONE: none. */
struct text startup_ports(struct arena *arena, const struct text *argv, unsigned argc, struct text program);
/* The port in [address:]port, and that of a service's name; TEXT_NONE when there is none. */
struct text startup_port_of(struct text t);
struct text startup_service_port(struct text service);

/* Whether the word is one of a list that blanks separate. */
bool startup_has_word(struct text list, struct text word);
/* name = value, trimmed; `+=` adds to a list, `-=` takes away. False: there is no `=`. */
bool startup_split_setting(struct text line, struct text *name, struct text *value);

/* What a script that was followed reads with `.`: rows of `sourced`. In startup_sourced.c, like the next two. */
void startup_emit_sourced(struct sink *sink, const struct script *script);
/* Whether the file is one that start-up scripts may read with `.`, and has a word that would leave them. */
bool startup_may_leave(const struct subject *subject);
/* Rows for the lines of such a file by which it leaves the script that reads it. */
void startup_leaves(struct startup_file *file);

/* Readers: one for each kind of file. */
void startup_script(struct startup_file *file, enum startup_place place);
void startup_rc_link(struct startup_file *file);
void startup_inittab(struct startup_file *file);
void startup_inetd(struct startup_file *file);
void startup_xinetd(struct startup_file *file);
void startup_cron(struct startup_file *file);
void startup_anacron(struct startup_file *file);
void startup_udev(struct startup_file *file);
void startup_mdev(struct startup_file *file);
void startup_event_script(struct startup_file *file);
/* Whether the path below /etc is in a folder of such scripts; which one. */
bool startup_is_network_hook(struct text path);
void startup_network_hook(struct startup_file *file);
bool startup_event_folder(struct text rest, struct text *folder);
void startup_systemd(struct startup_file *file);
/* Whether it is a file of settings of systemd itself (systemd-system.conf(5)). */
bool startup_is_systemd_manager(struct text path);
void startup_systemd_manager(struct startup_file *file);
void startup_android(struct startup_file *file);

#endif
