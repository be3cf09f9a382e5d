/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vulnerabilities of a case, as they are shown: what somebody stated goes before what was matched. */
#include <stdlib.h>
#include <string.h>

#include "report/sbom.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum {
	ID,
	SOFTWARE,
	NAME,
	STATE,
	REASON,
	CRITERIA,
	SOURCE,
	CVSS_VERSION,
	CVSS_VECTOR,
	CVSS,
	SEVERITY,
	EPSS,
	KEV,
	EXPOSURE,
	PUBLISHED,
	STATED_STATE,
	JUSTIFICATION,
	NOTE,
	STATED_BY,
	STATED_ON,
	SUMMARY,
	CONFIDENCE
};
static const char *const columns[] = {
	"id",        "software_id",  "name",        "state",        "reason",        "criteria",
	"source",    "cvss_version", "cvss_vector", "cvss",         "severity",      "epss",
	"kev",       "exposure",     "published",   "stated_state", "justification", "note",
	"stated_by", "stated_on",    "summary",     "confidence",
};

static double number(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? -1 : sqlite3_column_double(row, column);
}

static void load_one(struct sbom *s, struct sbom_vulnerability *x, sqlite3_stmt *row)
{
	x->id = view_int(row, ID);
	x->name = sbom_copy(s, row, NAME);
	x->stated_by = sbom_copy(s, row, STATED_BY);
	x->state = x->stated_by ? sbom_copy(s, row, STATED_STATE) : NULL;
	if (!x->state)
		x->state = sbom_copy(s, row, STATE);
	x->justification = sbom_copy(s, row, JUSTIFICATION);
	x->note = sbom_copy(s, row, NOTE);
	x->stated_on = sbom_copy(s, row, STATED_ON);
	x->reason = sbom_copy(s, row, REASON);
	x->criteria = sbom_copy(s, row, CRITERIA);
	x->source = sbom_copy(s, row, SOURCE);
	x->cvss_version = sbom_copy(s, row, CVSS_VERSION);
	x->cvss_vector = sbom_copy(s, row, CVSS_VECTOR);
	x->severity = sbom_copy(s, row, SEVERITY);
	x->exposure = sbom_copy(s, row, EXPOSURE);
	x->published = sbom_copy(s, row, PUBLISHED);
	x->summary = sbom_copy(s, row, SUMMARY);
	x->match_confidence = sbom_copy(s, row, CONFIDENCE);
	x->cvss = number(row, CVSS);
	x->epss = number(row, EPSS);
	x->kev = view_int(row, KEV) == 1;
}

static bool is_state(const char *state)
{
	static const char *const states[] = { "affected", "not_affected", "fixed", "under_investigation" };
	for (size_t i = 0; state && i < COUNT(states); i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct sbom_vulnerability *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	if (order == 0 && x->component != y->component)
		order = x->component < y->component ? -1 : 1;
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

struct error sbom_load_vulnerabilities(struct sbom *s, sqlite3 *db)
{
	sqlite3_stmt *row = NULL;
	size_t room = 0;
	const char *table = "vulnerability_shown";
	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM vulnerability_shown", -1, &row, NULL)) {
		table = "vulnerability";
		if (sqlite3_prepare_v2(db, "SELECT count(*) FROM vulnerability", -1, &row, NULL))
			return error_none(); /* nothing was matched in this case */
	}
	if (sqlite3_step(row) == SQLITE_ROW)
		room = (size_t)sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	row = NULL;
	s->vulnerabilities = ARENA_ARRAY(s->arena, struct sbom_vulnerability, room);
	if (!s->vulnerabilities)
		return error_at(ERR_MEMORY, 0, "no memory for the vulnerabilities");
	struct error e = view_select(db, table, columns, COUNT(columns), "ORDER BY id", &row);
	while (!error_is(&e) && s->nvulnerabilities < room && view_step(row, &e)) {
		struct sbom_vulnerability *x = &s->vulnerabilities[s->nvulnerabilities];
		load_one(s, x, row);
		x->component = sbom_find_component(s, view_int(row, SOFTWARE));
		if (x->component != SIZE_MAX && x->name && is_state(x->state))
			s->nvulnerabilities++;
	}
	sqlite3_finalize(row);
	if (s->nvulnerabilities)
		qsort(s->vulnerabilities, s->nvulnerabilities, sizeof s->vulnerabilities[0], by_name);
	return e;
}
