/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The databases of what RPM has installed: one file that holds the header of each package, in one of three forms. */
#ifndef ASSAY_INSPECT_PACKAGE_RPM_H
#define ASSAY_INSPECT_PACKAGE_RPM_H

#include "inspect/inspect.h"

/* What is larger is no header that RPM writes: it is told as damage. */
#define RPM_HEADER_MAX ((size_t)16 << 20)

struct package_rpm {
	const struct subject *subject;
	struct sink *sink;
	struct arena *scratch; /* of RPM_HEADER_MAX and a little: for the header at hand, emptied before each */
	unsigned packages;     /* that were told */
	unsigned damages;
};

/* The first damages are reported one by one, the others counted. */
#define rpm_damage(rpm, ...) emit_damage_capped((rpm)->sink, &(rpm)->damages, __VA_ARGS__)

/* The packages of a database: a row of `component` for each, and `damage` for what could not be read. Which of the
 * three it is its first bytes tell. */
void package_rpm_run(const struct subject *subject, struct sink *sink);

/* A row for the package whose header these bytes are; none for the keys that RPM keeps beside the packages (gpg-pubkey), and
 * damage for what is no header, or is cut off. `offset`: where the database has it. False when no more are taken. */
bool package_rpm_row(struct package_rpm *rpm, struct span header, uint64_t offset);

/* The table Packages of an SQLite database (rpmdb.sqlite, since RPM 4.16). */
void package_rpm_sqlite(struct package_rpm *rpm);

/* RPM's own form (Packages.db; lib/backend/ndb/rpmpkg.c of RPM is its description). */
void package_rpm_ndb(struct package_rpm *rpm);

/* A hash of Berkeley DB (Packages, until RPM 4.16; db-5.3, dbinc/db_page.h). */
void package_rpm_bdb(struct package_rpm *rpm);

#endif
