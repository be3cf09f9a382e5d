/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sub-commands of `assay feed` share. */
#ifndef ASSAY_CLI_FEED_H
#define ASSAY_CLI_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "feed/parse.h"
#include "feed/store.h"

/* Files and folders to import, and what becomes source.location for each (NULL: its path). */
struct feed_inputs {
	const char *const *paths;
	const char *const *locations; /* may be NULL */
	size_t n;
};

struct feed_options {
	char path[4096]; /* the database */
	bool quiet, keep_going, verbose, json, without_landlock;
};

/* Takes an option that every sub-command knows: how many arguments it was (0: none of these, -1: faulty, which was said). */
int feed_option(struct feed_options *o, int argc, char **argv, int i);
/* The database's path is known, or that it is not was said. */
bool feed_options_complete(struct feed_options *o);

/* The time now, as sources get it. SOURCE_DATE_EPOCH counts where it is set. */
void feed_now(char out[24]);

struct feed_tally {
	uint64_t files, bytes, documents, records, unknown, faulty;
};

/* Parses the inputs in a confined process and writes their rows into the store. An exit code; faults were said. */
int feed_import(const struct feed_options *o, struct feed_store *store, const struct feed_inputs *inputs,
				struct feed_tally *tally);

/* The words behind `assay feed`, argv[0] being the first of them; an exit code. */
int feed_import_command(int argc, char **argv);
int feed_status_command(int argc, char **argv);
int feed_update_command(int argc, char **argv);

#endif
