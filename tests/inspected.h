/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs one inspector over one blob as the probe does: with the hits of its patterns, and only if it wants the blob. */
#ifndef ASSAY_TESTS_INSPECTED_H
#define ASSAY_TESTS_INSPECTED_H

#include "inspect/inspect.h"

struct inspected {
	struct arena *arena; /* of the list, and of whatever the test wants to keep as long */
	struct fact_list list;
	bool wanted;
};

/* A file of that path, mode 0644, root's. Its format is what the probe would say: "elf", "script", "text", "data" or
 * "empty". */
void inspected_file(struct inspected *out, const struct inspector *inspector, const char *path, struct span bytes);

/* The same for any subject; its arena, hits and (where NULL) format are filled in. */
void inspected_run(struct inspected *out, const struct inspector *inspector, struct subject subject);

void inspected_free(struct inspected *out);

/* The rows of a table, one a line, "column=value" for the columns that are known, separated by " | ", in the order of
 * facts.def; the texts as they are. It lives in the arena. */
const char *inspected_print(struct inspected *out, enum fact_type type);

/* The inspector survives: every prefix of the bytes (or, of long ones, a thousand), and so many random flips. */
void inspected_survives(const struct inspector *inspector, const char *path, struct span bytes, unsigned flips);

#endif
