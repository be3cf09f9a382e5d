/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of `assay`: a table; each lives in a file of its own. */
#ifndef ASSAY_CLI_COMMAND_H
#define ASSAY_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Exit codes; see assay(1). */
enum exit_code {
	EXIT_NO_FAIL = 0,
	EXIT_FAIL = 1,     /* at least one requirement is FAIL */
	EXIT_UNUSABLE = 2, /* the input or the command line is unusable */
	EXIT_INTERNAL = 3, /* an internal fault */
};

struct command {
	const char *name;
	const char *summary; /* one line for `assay --help` */
	const char *help;    /* what `assay NAME --help` prints */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; gives an exit code */
	bool prints; /* what it prints is all that it does: a reader that closes the pipe (head, a pager) ends it without a word */
};

extern const struct command command_assess;
extern const struct command command_init;
extern const struct command command_report;
extern const struct command command_judge;
extern const struct command command_explain;
extern const struct command command_list;
extern const struct command command_vulns;
extern const struct command command_watch;
extern const struct command command_sbom;
extern const struct command command_vex;
extern const struct command command_document;
extern const struct command command_feed;
extern const struct command command_pack;
extern const struct command command_combos;
extern const struct command command_diff;
extern const struct command command_show;

/* "assay: <subject>: <words>" on standard error, escaped; subject may be NULL. Gives `code`. */
int complain(int code, const char *subject, const char *format, ...) __attribute__((format(printf, 3, 4)));

struct option;

/* Says what getopt_long(3) found wrong, for which it gave `option` ('?', or ':' where the short options begin with ":"): which option,
 * what is wrong with it, the nearest name of `options`, and where all are told. `command` is as in "assay COMMAND --help".
 * Gives EXIT_UNUSABLE. */
int complain_option(char *const *argv, const struct option *options, int option, const char *command);

/* The same of a value that the option does not take; its name is that of `options` with this `option`. */
int complain_value(const struct option *options, int option, const char *value, const char *command);

/* The exit code for an error: EXIT_UNUSABLE for what the user can mend, EXIT_INTERNAL for the rest; the error is shown. */
int complain_error(const char *subject, const struct error *error);

/* `argv` with the value of each "--name=value" before "--" as an argument of its own, for commands that do not use getopt_long(3).
 * From malloc(), with its texts; NULL when there is no memory. */
char **options_split(int *argc, char **argv);

/* Numbers on the command line: "64", "64K", "64M", "2G" (powers of 1024); false when it is none or does not fit. */
bool parse_size(const char *text, uint64_t *bytes);
/* "90", "90s", "5m", "1h" as seconds. */
bool parse_seconds(const char *text, unsigned *seconds);
bool parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *count);

#endif
