/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What documents beside the image state, for each software row that they mean: the table `statement`. A statement changes
 * nothing by itself: the view vulnerability_shown sets it beside what was matched. */
#include "base/products.h"
#include "base/version.h"
#include "case/declared.h"
#include "case/internal.h"
#include "sql/sql.h"

#define FOUND_MAX 256u

static const char declared_sql[] =
	"SELECT d.id, d.vulnerability, d.name, d.version, d.purl, d.cpe, d.status, d.justification, d.note, d.author, d.date,"
	" i.location, d.line,"
	" d.product LIKE 'sha256:%' AND EXISTS (SELECT 1 FROM input f WHERE f.kind = 'firmware' AND f.sha256 IS NOT NULL)"
	" AND NOT EXISTS (SELECT 1 FROM input f WHERE f.kind = 'firmware' AND 'sha256:' || lower(f.sha256) = d.product)"
	" FROM declared_statement d JOIN blob b ON b.id = d.blob_id JOIN input i ON i.id = b.input_id"
	" WHERE i.kind = 'vex' OR (i.kind = 'firmware' AND ?1) ORDER BY d.id";

static const char insert_sql[] =
	"INSERT INTO statement(declared_id, vulnerability, component, version, status, justification, note, author, date, source,"
	" line, software_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

enum { OTHER_PRODUCT = 13 };

/* The same row for a part, or for none (id 0). */
static bool add(sqlite3_stmt *insert, sqlite3_stmt *d, struct text version, int64_t software_id)
{
	static const int from[] = { 0, 1, 2, -1, 6, 7, 8, 9, 10, 11, 12 };
	for (int i = 0; i < 11; i++) {
		if (from[i] < 0)
			sqlite3_bind_text64(insert, i + 1, version.p, version.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		else
			sqlite3_bind_value(insert, i + 1, sqlite3_column_value(d, from[i]));
	}
	if (!sql_text(d, 2).n) /* named by purl or CPE alone */
		sqlite3_bind_value(insert, 3, sqlite3_column_value(d, sqlite3_column_type(d, 4) == SQLITE_NULL ? 5 : 4));
	if (software_id)
		sqlite3_bind_int64(insert, 12, software_id);
	else
		sqlite3_bind_null(insert, 12);
	bool ok = sqlite3_step(insert) == SQLITE_DONE;
	sqlite3_reset(insert);
	return ok;
}

/* Whether a statement's version, or range, is the part's. A range is compared by the order that the product has. */
static bool is_meant(const struct part *p, struct text purl, struct text version)
{
	const struct product *product = product_named(p->name);
	if (!version.n)
		return true;
	if (!version_is_range(version))
		return part_has_version(p, version);
	version = version_trim(version);
	int in = part_in_range(p, purl, version);
	if (in >= 0)
		return in == 1;
	static const char *const packages[] = { "vers:deb/", "vers:rpm/", "vers:apk/", "vers:alpine/", "vers:opkg/" };
	struct text own = p->version;
	for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++)
		own = text_starts(version, packages[i]) ? p->package_version : own; /* versions of packages, with their revisions */
	return version_in_range(version_order_named(text_c(product ? product_strings + product->order : "")), version, own) == 1;
}

struct error derive_statements(sqlite3 *db, const struct parts *parts, struct arena *a)
{
	sqlite3_stmt *d = NULL, *insert = NULL;
	bool ok = sqlite3_prepare_v2(db, declared_sql, -1, &d, NULL) == SQLITE_OK &&
			  sqlite3_prepare_v2(db, insert_sql, -1, &insert, NULL) == SQLITE_OK;
	int r = SQLITE_DONE;
	if (ok) /* what lies in an image is about anything; what a bill has beside its components is about these */
		sqlite3_bind_int(d, 1, declared_alone(db));
	while (ok && (r = sqlite3_step(d)) == SQLITE_ROW) {
		size_t found[FOUND_MAX], meant = 0;
		struct text version = sql_text(d, 3);
		if (!version.n)
			version = parts_version(sql_text(d, 4), sql_text(d, 5), a);
		bool other = sqlite3_column_int(d, OTHER_PRODUCT) != 0; /* the document is about another image than ours */
		size_t n = other ? 0 : parts_find(parts, sql_text(d, 2), sql_text(d, 4), sql_text(d, 5), found, FOUND_MAX);
		for (size_t i = 0; ok && i < n; i++) {
			const struct part *p = parts_get(parts, found[i]);
			if (!is_meant(p, sql_text(d, 4), version) || !part_may_be(p, sql_text(d, 4)) || !part_fits(p, sql_text(d, 4), version))
				continue;
			ok = add(insert, d, version, p->id);
			meant++;
		}
		if (ok && !meant)
			ok = add(insert, d, version, 0);
	}
	struct error e =
		ok && r == SQLITE_DONE ? error_none() : error_at(ERR_IO, 0, "applying statements: %s", sqlite3_errmsg(db));
	sqlite3_finalize(d);
	sqlite3_finalize(insert);
	return e;
}
