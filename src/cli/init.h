/* SPDX-License-Identifier: GPL-3.0-or-later */
/* assay init: a product file to fill in. */
#ifndef ASSAY_CLI_INIT_H
#define ASSAY_CLI_INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "product/product.h"

/* Something that is known of a value before the user writes it. */
struct init_fact {
	const struct product_key *key;
	unsigned item; /* of a list of mappings, from 1; facts of one item stand behind each other */
	const char *value;
	const char *note; /* what was observed; NULL: the user said it himself */
};

#define INIT_FACTS_MAX 4000u

/* What is known, in the order of keys.def within a section. */
struct init {
	struct arena *arena;
	struct init_fact *facts;
	size_t n;
};

/* Adds a value if it is one for that key; with a note it is written as a comment, to be confirmed. False: it is none (why[0]),
 * or there is no room for it. */
bool init_add(struct init *s, const char *section, const char *key, unsigned item, const char *value, const char *note,
			  char why[300]);

/* Asks on the terminal for what only the maker knows. False when the input ends. */
bool init_ask(struct init *s);

/* Takes over what a case shows. `folder`: of the product file, with its slash, or "". An exit code; what is wrong has been
 * said. */
int init_from_case(struct init *s, const char *case_path, const char *folder);

/* Writes the product file: every key with a line of explanation, those of which nothing is known as comments. */
void init_write(const struct init *s, FILE *out);

#endif
