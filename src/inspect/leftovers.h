/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the names of files and programs of development tell. */
#ifndef ASSAY_INSPECT_LEFTOVERS_H
#define ASSAY_INSPECT_LEFTOVERS_H

#include "base/span.h"

enum leftover_place {
	LEFTOVER_PROGRAM, /* a program in a directory of programs */
	LEFTOVER_APPLET,  /* the same, or the name of an applet of a multi-call program */
	LEFTOVER_NAME,    /* a file of that name anywhere */
	LEFTOVER_ENDING,  /* a name that ends so, with something before it */
	LEFTOVER_BELOW,   /* a path that begins so */
	LEFTOVER_WITHIN,  /* a path that ends so, in a directory of the user's or the product's */
};

struct leftover_rule {
	enum leftover_place place;
	const char *name;
	const char *kind;
	const char *detail;
	/* The file's bytes begin so; NULL: any text that is not empty for names, any program for programs. */
	const char *begins;
	size_t begins_n;
};

/* The rule for a program of that name, or NULL. */
const struct leftover_rule *leftover_program(struct text name);

/* The rules for files, one after the other; NULL behind the last. */
const struct leftover_rule *leftover_file_rule(size_t i);

#endif
