/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed/schema.h"

/* vulnerability.ranks: four bits for each merged field, from whose source it is (enum feed_rank); store_merge.c.
 * criterion_row.tail: the rest of the CPE name behind the product when it is not the version and seven '*'; the whole name
 * when the product has characters that CPE 2.3 escapes; '' when the source has no CPE name. */
const char feed_schema[] =
	"CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, location TEXT, records INT,"
	" newest TEXT, imported TEXT, cursor TEXT, etag TEXT);"
	"CREATE TABLE download(url TEXT PRIMARY KEY, etag TEXT, modified TEXT) WITHOUT ROWID;"
	"CREATE TABLE vulnerability(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, published TEXT, modified TEXT,"
	" state TEXT NOT NULL DEFAULT '', summary TEXT, cwe TEXT, cvss2 TEXT, cvss30 TEXT, cvss31 TEXT, cvss40 TEXT,"
	" ranks INT NOT NULL DEFAULT 0);"
	"CREATE TABLE alias(name TEXT NOT NULL, vulnerability_id INT NOT NULL, PRIMARY KEY(name, vulnerability_id)) WITHOUT ROWID;"
	"CREATE TABLE product(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
	"CREATE TABLE record(id INTEGER PRIMARY KEY, source_id INT NOT NULL, name TEXT NOT NULL, vulnerability_id INT,"
	" modified TEXT, UNIQUE(source_id, name));"
	"CREATE INDEX record_by_vulnerability ON record(vulnerability_id);"
	"CREATE TABLE criterion_row(product_id INT NOT NULL, record_id INT NOT NULL, configuration INT NOT NULL, node INT NOT NULL,"
	" number INT NOT NULL, tail TEXT, vulnerable INT NOT NULL, version TEXT, start TEXT, start_including INT, end TEXT,"
	" end_including INT, versions_order TEXT, status TEXT, PRIMARY KEY(product_id, record_id, configuration, node, number))"
	" WITHOUT ROWID;"
	"CREATE INDEX criterion_by_record ON criterion_row(record_id);"
	"CREATE TABLE node_row(record_id INT NOT NULL, configuration INT NOT NULL, node INT NOT NULL, parent INT,"
	" operator TEXT NOT NULL, negate INT NOT NULL, PRIMARY KEY(record_id, configuration, node)) WITHOUT ROWID;"
	"CREATE VIEW criterion AS SELECT p.name AS product, r.vulnerability_id AS vulnerability_id, r.source_id AS source_id,"
	" c.configuration AS configuration, c.node AS node, c.number AS number,"
	" CASE WHEN c.tail = '' OR (c.tail IS NULL AND p.name NOT LIKE 'cpe:%') THEN NULL WHEN c.tail LIKE 'cpe:%' THEN c.tail ELSE"
	" 'cpe:2.3:' || substr(p.name, 5) || ':' || coalesce(c.tail, coalesce(c.version, '*') || ':*:*:*:*:*:*:*') END AS cpe,"
	" c.vulnerable AS vulnerable, c.version AS version, c.start AS start, c.start_including AS start_including,"
	" c.end AS end, c.end_including AS end_including, coalesce(c.versions_order, '') AS versions_order,"
	" coalesce(c.status, 'affected') AS status, c.record_id AS record_id"
	" FROM product p JOIN criterion_row c ON c.product_id = p.id JOIN record r ON r.id = c.record_id;"
	"CREATE VIEW node AS SELECT r.vulnerability_id AS vulnerability_id, r.source_id AS source_id,"
	" n.configuration AS configuration, n.node AS node, n.parent AS parent, n.operator AS operator, n.negate AS negate,"
	" n.record_id AS record_id FROM record r JOIN node_row n ON n.record_id = r.id;"
	"CREATE TABLE package_fix(distribution TEXT NOT NULL, package TEXT NOT NULL, vulnerability_id INT NOT NULL,"
	" source_id INT NOT NULL, record_id INT NOT NULL, status TEXT NOT NULL, version TEXT, note TEXT);"
	"CREATE INDEX package_fix_by_package ON package_fix(package, distribution);"
	"CREATE INDEX package_fix_by_vulnerability ON package_fix(vulnerability_id);"
	"CREATE INDEX package_fix_by_record ON package_fix(record_id);"
	"CREATE TABLE kev(vulnerability_id INTEGER PRIMARY KEY, added TEXT, due TEXT, ransomware INT, action TEXT);"
	"CREATE TABLE epss(vulnerability_id INTEGER PRIMARY KEY, score REAL, percentile REAL, day TEXT);"
	"CREATE TABLE vex(product TEXT NOT NULL, vulnerability_id INT NOT NULL, source_id INT NOT NULL, record_id INT NOT NULL,"
	" status TEXT NOT NULL, justification TEXT, statement TEXT, version TEXT, component TEXT);"
	"CREATE INDEX vex_by_product ON vex(product);"
	"CREATE INDEX vex_by_vulnerability ON vex(vulnerability_id);"
	"CREATE INDEX vex_by_record ON vex(record_id);";

const char feed_schema_2[] =
	"CREATE TABLE import(sequence INTEGER PRIMARY KEY, imported TEXT NOT NULL, token TEXT NOT NULL);"
	"CREATE TABLE change(vulnerability_id INTEGER PRIMARY KEY, sequence INT NOT NULL);"
	"CREATE INDEX change_by_sequence ON change(sequence);";

const char feed_schema_3[] =
	"CREATE TABLE part(vulnerability_id INT NOT NULL, record_id INT NOT NULL, product TEXT NOT NULL,"
	" kind TEXT NOT NULL, name TEXT NOT NULL);"
	"CREATE INDEX part_by_vulnerability ON part(vulnerability_id);"
	"CREATE INDEX part_by_record ON part(record_id);"
	"CREATE INDEX vex_by_component ON vex(component) WHERE component IS NOT NULL;";

const char feed_schema_anew[] =
	"UPDATE record SET modified = NULL WHERE source_id IN (SELECT id FROM source WHERE kind IN ('cve', 'osv', 'openvex', 'csaf',"
	" 'cyclonedx'));"
	"UPDATE source SET cursor = NULL, etag = NULL WHERE kind IN ('cve', 'osv', 'openvex', 'csaf', 'cyclonedx');"
	"DELETE FROM download;";
