/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Libraries that are bound late. The code calls their functions as any others; in the program `assay` such a call ends in a
 * stub that tools/late_bind.py wrote, which loads the library at the first call of any of its functions. So a command starts
 * with what it uses. Where there are no stubs (tests, other machines than x86-64) the linker has bound them, and
 * late_load() has nothing to do.
 *
 * A library that is missing at such a call ends the process with a message and exit code 2: most callers have no other way
 * to tell. A process that gives up the right to open files loads before what it may call afterwards, and is sealed. */
#ifndef ASSAY_BASE_LATE_H
#define ASSAY_BASE_LATE_H

#include "base/library.h"

/* What processes do that can open no files; data/libraries.tsv says which libraries they call then. */
enum confined_work {
	CONFINED_IMAGE,      /* takes an image apart, inspects it */
	CONFINED_FILES,      /* takes an image apart and no more */
	CONFINED_DOCUMENT,   /* reads a document */
	CONFINED_SIGNATURES, /* verifies signatures with the keys of an image */
	CONFINED_FEED,       /* reads feeds */
	CONFINED_SUITE,      /* counts what a test suite covers */
};

/* Loads what that work may call, if it is not loaded. ERR_UNSUPPORTED as library_load(). */
struct error late_load(enum confined_work work) MUST_USE;

/* The last thing before hostile bytes are read: from now on nothing is bound any more, and the addresses that calls go through can
 * not be written. The process, which can open no files, ends at a call of what is not loaded, with an exit code of its own: its
 * standard error may lead nowhere. ERR_IO: the kernel refuses. */
struct error late_seal(void) MUST_USE;

/* The library that a sealed process called, by its exit code; NULL: it ended for another reason. */
const struct library *late_missing(int exit_code);

/* What tools/late_bind.py writes. */
struct late_table {
	struct library *libraries;
	const unsigned char *work; /* of each: bits by enum confined_work */
	unsigned n;
	void **functions; /* of all libraries: at first the addresses that lead to late_enter */
	unsigned long size; /* of that table in bytes: whole pages, that hold nothing else */
};
extern struct late_table late_table __attribute__((weak));

/* Where a call goes whose library is not loaded, with the number of the function on the stack (late_enter.S). */
void late_enter(void);

/* Loads the library of that function and returns the function's address. */
void *late_bind(unsigned function);

#endif
