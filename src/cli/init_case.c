/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an image shows already, as far as a product file can say it. */
#include <string.h>

#include "case/case.h"
#include "cli/command.h"
#include "cli/init.h"

#define ITEMS_MAX 100 /* of one section: more is no list that somebody reads */

/* Columns are named like keys, `note` says where it was seen. A section that is a mapping has rows of key, value and note. */
static const struct {
	const char *section, *sql;
} queries[] = {
	{ "updates",
	  "SELECT * FROM ("
	  "SELECT 'mechanism' AS key, group_concat(mechanism, ' and ') AS value, (SELECT b.path FROM updater u JOIN blob b ON b.id = u.blob_id"
	  "  WHERE u.aspect = 'present' ORDER BY u.id LIMIT 1) AS note FROM (SELECT DISTINCT mechanism FROM updater WHERE aspect = 'present'"
	  "  ORDER BY mechanism)"
	  " UNION ALL SELECT 'automatic', 'yes', min(b.path) FROM updater u JOIN blob b ON b.id = u.blob_id WHERE u.aspect = 'trigger'"
	  "  AND u.value = 'automatic'"
	  " UNION ALL SELECT 'signed', iif(sum(u.value = 'signature') > 0, 'yes', 'no'), min(b.path) || ' (' ||"
	  "  group_concat(DISTINCT u.value) || ')' FROM updater u JOIN blob b ON b.id = u.blob_id WHERE u.aspect = 'verification'"
	  " UNION ALL SELECT 'rollback_protection', 'yes', min(b.path) FROM updater u JOIN blob b ON b.id = u.blob_id"
	  "  WHERE u.aspect = 'rollback'"
	  " UNION ALL SELECT 'transport', max(u.value), min(b.path) FROM updater u JOIN blob b ON b.id = u.blob_id"
	  "  WHERE u.aspect = 'fetch') WHERE value IS NOT NULL AND note IS NOT NULL" },
	{ "components",
	  "SELECT 'sbom' AS key, 'sbom.cdx.json' AS value, count(*) || ' components were found; assay sbom CASE --cyclonedx FILE"
	  " writes a bill of them' AS note FROM software HAVING count(*) > 0" },
	{ "data",
	  "SELECT d.content AS name, 'device' AS stored, b.path AS paths, CASE d.encrypted WHEN 0 THEN 'no' WHEN 1 THEN 'yes' END AS"
	  " encrypted_at_rest, d.kind || coalesce(' with ' || d.evidence, '') AS note FROM data_store d JOIN blob b ON b.id = d.blob_id"
	  " WHERE d.content IS NOT NULL ORDER BY b.path, d.id" },
	{ "services",
	  "SELECT name, iif(ports GLOB '[0-9]*' AND ports NOT GLOB '*[^0-9]*', ports, NULL) AS port,"
	  " min(coalesce(path, program) || ' is started by ' || place || coalesce(', ports ' || ports, '')) AS note"
	  " FROM exposed_service WHERE inet GROUP BY name, ports ORDER BY name, ports" },
	{ "flows",
	  "SELECT e.host, e.port, e.scheme AS protocol, e.role AS purpose, CASE max(e.encrypted) WHEN 0 THEN 'no' WHEN 1 THEN 'yes' END"
	  " AS encrypted, min(b.path) AS note FROM endpoint e JOIN blob b ON b.id = e.blob_id WHERE e.noise IS NULL"
	  " AND e.scope = 'public' AND e.role IS NOT NULL AND e.role NOT IN ('link', 'support') GROUP BY e.host, e.port, e.scheme, e.role"
	  " UNION ALL SELECT t.value, 123, iif(t.kind = 'nts-server', 'nts', 'ntp'), 'time', NULL, min(b.path) FROM time_source t"
	  " JOIN blob b ON b.id = t.blob_id WHERE t.kind IN ('ntp-server', 'nts-server') AND t.value NOT IN (SELECT host FROM endpoint"
	  "  WHERE host IS NOT NULL AND role = 'time' AND noise IS NULL) GROUP BY t.value, t.kind ORDER BY 1, 2, 3, 4" },
	{ "discovery",
	  "SELECT a.protocol, a.type, min(b.path) AS note FROM advertisement a JOIN blob b ON b.id = a.blob_id"
	  " GROUP BY a.protocol, a.type ORDER BY 1, 2" },
	{ "users",
	  "SELECT user AS role, 'password' AS authentication, 'can log in: ' || min(place) AS note FROM login WHERE usable"
	  " GROUP BY user ORDER BY user" },
};

/* The columns of a row, as values of an element. One without what every element needs is passed over. */
static void take_item(struct init *s, const char *section, sqlite3_stmt *row, unsigned *item)
{
	char why[300];
	size_t before = s->n;
	const char *note = NULL;
	for (int i = 0; i < sqlite3_column_count(row); i++)
		if (strcmp(sqlite3_column_name(row, i), "note") == 0)
			note = arena_strdup(s->arena, text_c((const char *)sqlite3_column_text(row, i)));
	for (int i = 0; note && i < sqlite3_column_count(row); i++) {
		const struct product_key *k = product_key_find(section, sqlite3_column_name(row, i));
		const char *value = (const char *)sqlite3_column_text(row, i);
		if (!k)
			continue;
		bool taken = value && *value && init_add(s, section, k->name, *item + 1, value, note, why);
		if (!taken && k->flags == PRODUCT_MUST) {
			s->n = before;
			return;
		}
	}
	*item += s->n > before;
}

static bool take_rows(struct init *s, const char *section, const char *sql, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	unsigned item = 0;
	bool map = false;
	char why[300];
	for (const struct product_section *p = product_sections; p->name; p++)
		map |= strcmp(p->name, section) == 0 && p->shape == PRODUCT_MAP;
	int r = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
	if (r == SQLITE_OK)
		while ((r = sqlite3_step(row)) == SQLITE_ROW && item < ITEMS_MAX) {
			const char *note = map ? (const char *)sqlite3_column_text(row, 2) : NULL;
			if (!map)
				take_item(s, section, row, &item);
			else
				(void)init_add(s, section, (const char *)sqlite3_column_text(row, 0), 0,
							   (const char *)sqlite3_column_text(row, 1), note ? note : "the image", why);
		}
	sqlite3_finalize(row);
	return r == SQLITE_DONE || r == SQLITE_ROW;
}

/* An image that lies in the product file's folder is named; any other only shown. */
static bool take_images(struct init *s, const char *folder, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	unsigned item = 0;
	char why[300];
	size_t n = strlen(folder);
	int r = sqlite3_prepare_v2(db, "SELECT location FROM input WHERE kind = 'firmware' ORDER BY id", -1, &row, NULL);
	while (r == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
		const char *location = (const char *)sqlite3_column_text(row, 0);
		if (!location || strcmp(location, "-") == 0)
			continue;
		bool inside = strncmp(location, folder, n) == 0 && init_add(s, "firmware", "file", item + 1, location + n, NULL, why);
		const char *base = strrchr(location, '/');
		item += inside || init_add(s, "firmware", "file", item + 1, base ? base + 1 : location,
								   arena_printf(s->arena, "the image was %s, which is not in the folder of this file", location), why);
	}
	sqlite3_finalize(row);
	return r == SQLITE_OK;
}

int init_from_case(struct init *s, const char *case_path, const char *folder)
{
	struct error e;
	struct case_file *c = case_open(case_path, false, &e);
	if (!c)
		return complain_error(case_path, &e);
	bool ok = take_images(s, folder, case_db(c));
	for (size_t i = 0; ok && i < sizeof queries / sizeof queries[0]; i++)
		ok = take_rows(s, queries[i].section, queries[i].sql, case_db(c));
	int code = ok ? EXIT_NO_FAIL : complain(EXIT_UNUSABLE, case_path, "can not be read: %s", sqlite3_errmsg(case_db(c)));
	case_close(c);
	return code;
}
