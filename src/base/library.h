/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared libraries that are loaded by those who need them, and not at every start: what a library brings along is mapped and
 * bound then, too. */
#ifndef ASSAY_BASE_LIBRARY_H
#define ASSAY_BASE_LIBRARY_H

#include <stdbool.h>

#include "base/error.h"

struct library {
	const char *purpose; /* the beginning of a sentence: "feeds are downloaded" with it */
	const char *file;    /* its name for the loader: "libcurl.so.4" */
	const char *package; /* Debian's, that has it */
	int mode;            /* dlopen(3) */
	const char *names;   /* of the functions, each ended by a NUL, the list by one more */
	void **functions;    /* filled in the order of the names, when all are there */
	bool loaded;
};

/* Loads the library; it stays loaded, and what is loaded is not loaded again. From any thread. ERR_UNSUPPORTED: it, or what it
 * needs, is not there (the error says which package has it), or a function is missing. Then nothing has changed. */
struct error library_load(struct library *l) MUST_USE;

/* For a table of functions F(name), that is a struct of pointers: a field; a name for `names`. */
#define LIBRARY_FIELD(name) __typeof__(&name) name;
#define LIBRARY_NAME(name) #name "\0"

#endif
