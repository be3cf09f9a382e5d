/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which software is in the image: the rows of `component` put together, one for each product, version and revision of a
 * package, each with its evidence by rank. And which applets have a link.
 */

#include "base/products.h"
#include "case/internal.h"

/* The name that counts: a package's product where the table knows the package or its source, else its own name. */
static const struct product *product_of_row(sqlite3_value **values)
{
	const struct product *product = NULL;
	for (int i = 0; i < 2 && !product; i++) {
		struct text name = text_c((const char *)sqlite3_value_text(values[i]));
		if (name.n)
			product = product_of_package(name);
		if (name.n && !product)
			product = product_named(name);
	}
	return product;
}

/* product_name(name, source package, package?) */
static void product_name(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	struct text name = text_c((const char *)sqlite3_value_text(values[0]));
	const struct product *product = sqlite3_value_int(values[2]) ? product_of_row(values) : product_named(name);
	if (product)
		sqlite3_result_text(context, product_strings + product->name, -1, SQLITE_STATIC);
	else
		sqlite3_result_value(context, values[0]);
}

enum field { TITLE, CPE, PURL, LICENCE };

/* product_field(name, which) */
static void product_field(sqlite3_context *context, int n, sqlite3_value **values)
{
	(void)n;
	const struct product *p = product_named(text_c((const char *)sqlite3_value_text(values[0])));
	const char *text = NULL;
	switch ((enum field)sqlite3_value_int(values[1])) {
	case TITLE:
		text = p ? product_strings + p->title : NULL;
		break;
	case CPE:
		text = p ? product_strings + p->cpe : NULL;
		break;
	case PURL:
		text = p ? product_strings + p->purl : NULL;
		break;
	case LICENCE:
		text = p ? product_strings + p->licence : NULL;
		break;
	}
	if (text && *text)
		sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

/* The best evidence of a product and version, and whether a package database or a note has it in that version: then what a
 * program says of itself is the same, and its own text adds no row. An unknown version is a row only where no other evidence
 * of the product tells one. */
static const char software_sql[] =
	/* One distribution that the image names as its own: packages of dpkg, opkg and apk are its. */
	"CREATE TEMP TABLE release AS SELECT d.name || coalesce(' ' || v.version, '') AS name, d.name AS id FROM"
	" (SELECT DISTINCT lower(value) AS name FROM setting WHERE program = 'os-release' AND key IN ('ID', 'DISTRIB_ID')) d"
	" LEFT JOIN (SELECT max(value) AS version FROM setting WHERE program = 'os-release'"
	"   AND key IN ('VERSION_ID', 'DISTRIB_RELEASE') HAVING count(DISTINCT value) = 1) v"
	" WHERE (SELECT count(DISTINCT lower(value)) FROM setting WHERE program = 'os-release'"
	"  AND key IN ('ID', 'DISTRIB_ID')) = 1;"
	"CREATE TEMP TABLE found AS"
	" SELECT c.id, product_name(c.name, c.source_package, c.evidence_kind IN ('package', 'note')) AS name,"
	"  nullif(c.version, '') AS version, nullif(c.package_version, '') AS package_version, c.source_package, c.distribution,"
	"  c.architecture, c.purl, c.licence, c.confidence, c.evidence_kind, b.path,"
	"  CASE c.evidence_kind WHEN 'package' THEN 0 WHEN 'note' THEN 1 WHEN 'banner' THEN 2 WHEN 'soname' THEN 3"
	"   WHEN 'filename' THEN 4 WHEN 'path' THEN 5 ELSE 6 END AS rank"
	" FROM component c LEFT JOIN blob b ON b.id = c.blob_id;"
	"CREATE INDEX temp.found_by_name ON found(name, version);"
	/* A text without a revision belongs to the one revision of that version, where there is one. */
	"UPDATE found SET package_version = (SELECT max(f.package_version) FROM found f WHERE f.name = found.name"
	"  AND f.version = found.version AND f.package_version IS NOT NULL HAVING count(DISTINCT f.package_version) = 1)"
	" WHERE package_version IS NULL AND version IS NOT NULL;"
	"CREATE TEMP TABLE known AS SELECT DISTINCT name FROM found WHERE version IS NOT NULL;"
	"INSERT INTO software(name, title, version, package_version, source_package, distribution, architecture, purl, cpe,"
	"  licence, confidence, evidence_kind, path, count)"
	" SELECT g.name, coalesce(product_field(g.name, 0), g.name), g.version, g.package_version, g.source_package,"
	"  CASE WHEN g.distribution IS NULL OR instr(g.distribution, ' ') THEN g.distribution"
	"   ELSE coalesce((SELECT r.name FROM temp.release r), g.distribution) END, g.architecture,"
	"  CASE WHEN g.purl GLOB 'pkg:apk/alpine/*' OR g.purl GLOB 'pkg:deb/debian/*' THEN"
	"   replace(g.purl, '/' || g.distribution || '/', '/' || coalesce((SELECT r.id FROM temp.release r), g.distribution) || '/')"
	"   ELSE g.purl END, product_field(g.name, 1), coalesce(product_field(g.name, 3), g.licence), g.confidence, g.evidence_kind, g.path, g.n"
	" FROM (SELECT *, row_number() OVER (PARTITION BY name, version, package_version ORDER BY rank, id) AS place,"
	"   count(*) OVER (PARTITION BY name, version, package_version) AS n FROM found"
	"  WHERE version IS NOT NULL OR name NOT IN (SELECT name FROM known)) g"
	" WHERE g.place = 1 ORDER BY g.name, g.version, g.package_version;"
	"CREATE INDEX software_by_name ON software(name, version);"
	"INSERT INTO software_evidence(software_id, component_id)"
	" SELECT s.id, f.id FROM found f JOIN software s ON s.name = f.name"
	"  AND ((s.version IS f.version AND s.package_version IS f.package_version)"
	"   OR (f.version IS NULL AND s.id = (SELECT min(o.id) FROM software o WHERE o.name = f.name)))"
	" ORDER BY s.id, f.version IS NOT s.version, f.rank, f.id;"
	"UPDATE applet SET linked = EXISTS (SELECT 1 FROM target t JOIN blob l ON l.id = t.blob_id"
	"  WHERE t.target_id = applet.blob_id AND l.file_name = applet.name);"
	"DROP TABLE temp.known; DROP TABLE temp.found; DROP TABLE temp.release";

bool derive_software(sqlite3 *db)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
	return sqlite3_create_function(db, "product_name", 3, flags, NULL, product_name, NULL, NULL) == SQLITE_OK &&
		   sqlite3_create_function(db, "product_field", 2, flags, NULL, product_field, NULL, NULL) == SQLITE_OK &&
		   sqlite3_exec(db, software_sql, NULL, NULL, NULL) == SQLITE_OK;
}
