/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Software that bills of materials declare, where they are all that a case has. */
#ifndef ASSAY_CASE_DECLARED_H
#define ASSAY_CASE_DECLARED_H

#include <sqlite3.h>

#include "base/purl.h"
#include "base/span.h"

/* A row of `declared_component`, with the path of the document. */
struct declared {
	int64_t id;
	struct text name, version, purl, cpe, licence, kind, format, scope, source_package, package_version, distribution, confidence,
		path;
};

/* The row of `software` that it makes. */
struct declared_software {
	int64_t id; /* of the declared component */
	struct text name, title, version, package_version, source_package, distribution, architecture, purl, cpe, licence, path;
	struct text family; /* type and namespace of its package URL, where what it is called depends on them */
	bool possible;      /* no more than that */
	size_t count;       /* of the rows that declare it */
};

/* What a declared component is; texts in the arena, or those of the row. False: it is no part of the product, or what the product
 * runs on. */
bool declared_identify(const struct declared *d, struct declared_software *out, struct arena *a);

/* Fills `software` and `software_declaration`, where bills of materials are all that the case has; false after an error of SQLite's. */
bool derive_declared_software(sqlite3 *db);

/* Whether the inputs that were taken apart are such documents, packed or in an archive or folder, with no more than what goes with
 * them, and no component was found. */
bool declared_is_all(sqlite3 *db);

/* Whether that is so, and the software of the case, if any, is what they declare. */
bool declared_alone(sqlite3 *db);

/* What the probe run "firmware.unpack" says of such a case, where all of it was read. */
#define DECLARED_ALONE_DETAIL "a bill of materials is no image: it shows nothing of what is in a product"

#endif
