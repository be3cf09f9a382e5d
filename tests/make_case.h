/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Case files made up for the tests of what reads them: in memory, or in a file for a look with other tools. */
#ifndef ASSAY_TESTS_MAKE_CASE_H
#define ASSAY_TESTS_MAKE_CASE_H

#include <sqlite3.h>

/* An empty case. `path` may be NULL: in memory. */
sqlite3 *make_case_empty(const char *path);

/* A router as careless makers ship it: TRX with a uImage kernel and a squashfs of 69 files, 14 verdicts. */
sqlite3 *make_case_router(const char *path);

/* The same with an attacker's strings in every text column that an input reaches, names of 64 KiB, containers that hold
 * themselves, evidence that points nowhere. */
sqlite3 *make_case_hostile(const char *path);

/* One file system with n files in n / 100 directories. */
sqlite3 *make_case_large(const char *path, unsigned n);

/* Runs printf-style SQL (sqlite3_mprintf: %Q, %lld); fails the test when it does not work. */
void make_rows(sqlite3 *db, const char *format, ...);

#endif
