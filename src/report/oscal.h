/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdicts of a case as assessment results of OSCAL 1.1 (NIST, Open Security Controls Assessment Language), in JSON.
 *
 * The case is one result: its requirements are the reviewed controls, a selection for each pack. Each verdict is an
 * observation with its evidence and, unless the requirement does not apply, a finding; a FAIL is a risk too. What is
 * INCONCLUSIVE is "not-satisfied" for the reason "other": OSCAL has no third state, and none of the two may comfort.
 * docs/oscal.md has the mapping in full. */
#ifndef ASSAY_REPORT_OSCAL_H
#define ASSAY_REPORT_OSCAL_H

#include <sqlite3.h>
#include <stdio.h>

#include "base/error.h"

/* The same case gives the same bytes: times are those of the case, UUIDs are of version 5. */
struct error report_oscal(sqlite3 *db, FILE *out) MUST_USE;

#endif
