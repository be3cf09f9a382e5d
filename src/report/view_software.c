/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/view_software.h"

#include <stdio.h>

#include "case/declared.h"

struct view_software view_software(struct view *v)
{
	static const char reachable[] =
		"SELECT count(*) FROM vulnerability WHERE state = 'affected' AND severity IN ('critical', 'high')"
		" AND exposure IN ('listens', 'started', 'kernel')";
	static const char bill[] = "SELECT count(*) FROM declared_component d JOIN blob b ON b.id = d.blob_id JOIN input i ON i.id = b.input_id"
							   " WHERE i.kind = 'firmware' AND d.kind IS NOT 'available' AND d.kind IS NOT 'product'"
							   " AND d.scope IS NOT 'excluded' AND NOT EXISTS (SELECT 1 FROM component)";
	struct view_software s = { .components = view_number(v, "SELECT count(*) FROM software", -1), .chance = -1 };
	s.is_there = s.components >= 0;
	if (!s.is_there)
		return s;
	s.versioned = view_number(v, "SELECT count(*) FROM software WHERE version IS NOT NULL", 0);
	s.declared = view_number(v, "SELECT count(*) FROM software WHERE evidence_kind = 'declared'", 0);
	s.nameless = view_number(
		v, "SELECT count(*) FROM software WHERE evidence_kind = 'declared' AND purl IS NULL AND cpe IS NULL", 0);
	s.unmatched_bill = s.components || declared_alone(view_db(v)) ? 0 : view_number(v, bill, 0);
	s.was_matched = view_number(v, "SELECT count(*) FROM probe_run WHERE probe = 'feeds.match'", 0) > 0;
	if (!s.was_matched)
		return s;
	s.vulnerabilities = view_number(v, "SELECT count(*) FROM vulnerability WHERE state = 'affected'", 0);
	s.exploited = view_number(v, "SELECT count(*) FROM vulnerability WHERE state = 'affected' AND kev", 0);
	s.severe = view_number(v, reachable, 0);
	s.doubted = view_number(
		v, "SELECT count(*) FROM vulnerability_shown WHERE state = 'affected' AND stated_state <> 'affected'", 0);
	s.fixed = view_number(v, "SELECT count(*) FROM vulnerability WHERE state = 'fixed'", 0);
	s.not_affected = view_number(v, "SELECT count(*) FROM vulnerability WHERE state = 'not_affected'", 0);
	s.investigated = view_number(v, "SELECT count(*) FROM vulnerability WHERE state = 'under_investigation'", 0);
	int64_t millionths = view_number(v,
									 "SELECT CAST(round(1000000 * CAST(value AS REAL)) AS INTEGER) FROM meta"
									 " WHERE name = 'vulnerability_chance_30_days'",
									 -1);
	if (millionths >= 0 && millionths <= 1000000)
		s.chance = (double)millionths / 1000000;
	return s;
}

struct error view_feeds(struct view *v, enum view_feed_order order, sqlite3_stmt **stmt)
{
	static const char *const columns[] = { "name", "kind", "newest", "imported", "records", "age" };
	return view_select(view_db(v), "feed_source", columns, 6,
					   order == VIEW_FEEDS_OLDEST_FIRST ? "WHERE records > 0 ORDER BY age IS NOT NULL, age DESC, id"
														: "WHERE records > 0 ORDER BY id",
					   stmt);
}

struct view_feed view_feed(sqlite3_stmt *stmt)
{
	return (struct view_feed){ .name = view_text(stmt, 0),
							   .kind = view_text(stmt, 1),
							   .newest = view_text(stmt, 2),
							   .imported = view_text(stmt, 3),
							   .records = view_int(stmt, 4),
							   .age = view_int(stmt, 5) };
}

const char *view_age(int64_t days, char out[VIEW_NUMBER_MAX])
{
	char number[VIEW_NUMBER_MAX];
	if (days == FACT_NULL || days < 0)
		return "of unknown age";
	snprintf(out, VIEW_NUMBER_MAX, "%s day%s old", view_count(days, number), days == 1 ? "" : "s");
	return out;
}

struct error view_vulnerabilities(struct view *v, sqlite3_stmt **stmt)
{
	static const char *const columns[VULNERABILITY_COLUMNS] = {
		[VULNERABILITY_NAME] = "name",
		[VULNERABILITY_STATE] = "state",
		[VULNERABILITY_PRIORITY] = "priority",
		[VULNERABILITY_CVSS] = "cvss",
		[VULNERABILITY_SEVERITY] = "severity",
		[VULNERABILITY_KEV] = "kev",
		[VULNERABILITY_EPSS] = "epss",
		[VULNERABILITY_EXPOSURE] = "exposure",
		[VULNERABILITY_EXPOSED_BY] = "exposed_by",
		[VULNERABILITY_STATED_STATE] = "stated_state",
		[VULNERABILITY_STATED_BY] = "stated_by",
		[VULNERABILITY_COMPONENT] = "(SELECT coalesce(s.title, s.name) FROM software s WHERE s.id = software_id)",
		[VULNERABILITY_VERSION] =
			"(SELECT coalesce(s.package_version, s.version) FROM software s WHERE s.id = software_id)",
		[VULNERABILITY_REASON] = "reason",
		[VULNERABILITY_CRITERIA] = "criteria",
		[VULNERABILITY_SOURCE] = "source",
		[VULNERABILITY_CONFIDENCE] = "confidence",
		[VULNERABILITY_CVSS_VERSION] = "cvss_version",
		[VULNERABILITY_CVSS_VECTOR] = "cvss_vector",
		[VULNERABILITY_EPSS_PERCENTILE] = "epss_percentile",
		[VULNERABILITY_PUBLISHED] = "published",
		[VULNERABILITY_SUMMARY] = "summary",
		[VULNERABILITY_JUSTIFICATION] = "justification",
		[VULNERABILITY_NOTE] = "note",
		[VULNERABILITY_STATED_ON] = "stated_on",
	};
	char sql[2048] = "SELECT ";
	size_t n = strlen(sql);
	bool is_there = view_number(v, "SELECT count(*) FROM vulnerability_shown", -1) >= 0 &&
					view_number(v, "SELECT count(*) FROM software", -1) >= 0;
	for (int i = 0; i < VULNERABILITY_COLUMNS && n < sizeof sql; i++)
		n += (size_t)snprintf(sql + n, sizeof sql - n, "%s%s", i ? ", " : "", is_there ? columns[i] : "NULL");
	if (n < sizeof sql)
		snprintf(sql + n, sizeof sql - n,
				 is_there ? " FROM vulnerability_shown ORDER BY state <> 'affected', priority DESC, id" : " WHERE 0");
	if (sqlite3_prepare_v2(view_db(v), sql, -1, stmt, NULL) != SQLITE_OK)
		return view_error(view_db(v), "reading the vulnerabilities");
	return error_none();
}
