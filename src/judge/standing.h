/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the measures of a product stand among the products that were measured on this machine.
 *
 * A small database of the user's keeps one number for each product and measure; a product is the SHA-256 of its image. It
 * holds no names and no paths. Numbers are compared when they have the same requirement, name, unit and formula.
 */
#ifndef ASSAY_JUDGE_STANDING_H
#define ASSAY_JUDGE_STANDING_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* $XDG_DATA_HOME/assay/measures.db or ~/.local/share/assay/measures.db; false when neither is set or it does not fit. */
bool standing_default_path(char *path, size_t size);

/* Takes the measures of the case's product into the database at `path`, which is made when it is not there (mode 0600, its
 * folder 0700), and fills temp.standing of the case's connection for the reports (report/view.h). With `record` false
 * nothing is written to the database. A database that another process holds is not waited for longer than a moment.
 * The error says why nothing can be told; the case is as it was then. */
struct error standing_update(sqlite3 *case_db, const char *path, bool record) MUST_USE;

#endif
