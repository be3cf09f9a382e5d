/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases with software in them, and what matching made of them. */
#ifndef ASSAY_TESTS_VULN_CASE_H
#define ASSAY_TESTS_VULN_CASE_H

#include <sqlite3.h>

#define VULN_RESULT_MAX 4096

/* A case with one row of software (id 1; none when `name` is NULL), a file system (blob 2) and a file in it (blob 3). */
sqlite3 *vuln_case(const char *name, const char *version, const char *cpe);

/* What was decided of a software row: "affected\nREASON\nCRITERIA" or "rejected KIND\nREASON"; "" when nothing was. `cve`: of that
 * one; NULL: the first. */
void vuln_result(sqlite3 *db, int software, const char *cve, char out[VULN_RESULT_MAX]);

long long vuln_number(sqlite3 *db, const char *sql);
/* malloc'ed. */
char *vuln_string(sqlite3 *db, const char *sql);

#endif
