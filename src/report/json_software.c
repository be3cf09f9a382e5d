/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json_software.h"

#include "report/view_software.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define COLUMNS_MAX 40u

static const struct json_column software[] = {
	{ "id", JSON_COLUMN_INT, "Row of the table." },
	{ "name", JSON_COLUMN_TEXT, "The product, as the tool names it." },
	{ "title", JSON_COLUMN_TEXT, "Its name for people." },
	{ "version", JSON_COLUMN_TEXT, "Upstream's version; null: unknown." },
	{ "package_version", JSON_COLUMN_TEXT, "The version of the distribution's package, with its revision." },
	{ "source_package", JSON_COLUMN_TEXT, "The source package." },
	{ "distribution", JSON_COLUMN_TEXT, "The distribution that packaged it." },
	{ "architecture", JSON_COLUMN_TEXT, "The architecture of the package." },
	{ "purl", JSON_COLUMN_TEXT, "Package URL." },
	{ "cpe", JSON_COLUMN_TEXT, "vendor:product in CPE names, with spaces between." },
	{ "licence", JSON_COLUMN_TEXT, "SPDX licence expression, where known." },
	{ "confidence", JSON_COLUMN_TEXT, "proven, likely or possible." },
	{ "evidence_kind", JSON_COLUMN_TEXT, "The best evidence: package, note, banner, soname, filename, path." },
	{ "path", JSON_COLUMN_TEXT, "The first file that shows it." },
	{ "count", JSON_COLUMN_INT, "How many rows of facts.component show it." },
};

static const struct json_column evidence[] = {
	{ "id", JSON_COLUMN_INT, "Row of the table." },
	{ "software_id", JSON_COLUMN_INT, "The software." },
	{ "component_id", JSON_COLUMN_INT, "The row of facts.component that shows it." },
};

static const struct json_column vulnerabilities[] = {
	{ "id", JSON_COLUMN_INT, "Row of the table." },
	{ "software_id", JSON_COLUMN_INT, "The software that it is one of." },
	{ "name", JSON_COLUMN_TEXT, "CVE, or another name." },
	{ "state", JSON_COLUMN_TEXT, "As matched: affected, not_affected, fixed or under_investigation." },
	{ "reason", JSON_COLUMN_TEXT, "Why." },
	{ "criteria", JSON_COLUMN_TEXT, "What of the record matched, in words." },
	{ "source", JSON_COLUMN_TEXT, "The source that decided." },
	{ "confidence", JSON_COLUMN_TEXT, "Of component and match, the lesser: proven, likely or possible." },
	{ "priority", JSON_COLUMN_NUMBER, "0 to 100, by threat, harm, exposure and trust; it orders rows." },
	{ "exposure", JSON_COLUMN_TEXT, "listens, kernel, started, present or unused; declared: by a bill of materials alone." },
	{ "exposed_by", JSON_COLUMN_TEXT, "The program that makes it so." },
	{ "kev", JSON_COLUMN_BOOL, "It is in CISA's catalogue of those known to be exploited." },
	{ "epss", JSON_COLUMN_NUMBER, "The chance that it is exploited somewhere within 30 days (FIRST)." },
	{ "epss_percentile", JSON_COLUMN_NUMBER, "The share of all vulnerabilities with a lower one." },
	{ "cvss_version", JSON_COLUMN_TEXT, "Version of the vector." },
	{ "cvss_vector", JSON_COLUMN_TEXT, "CVSS vector." },
	{ "cvss", JSON_COLUMN_NUMBER, "The score, computed from the vector." },
	{ "severity", JSON_COLUMN_TEXT, "none, low, medium, high or critical." },
	{ "published", JSON_COLUMN_TEXT, "When it was published." },
	{ "summary", JSON_COLUMN_TEXT, "The beginning of its description." },
	{ "stated_state", JSON_COLUMN_TEXT, "What a document states of it; it takes nothing from `state`." },
	{ "justification", JSON_COLUMN_TEXT, "Why, in OpenVEX's words." },
	{ "note", JSON_COLUMN_TEXT, "Why, in the author's words." },
	{ "stated_by", JSON_COLUMN_TEXT, "Who states it." },
	{ "stated_on", JSON_COLUMN_TEXT, "When." },
	{ "stated_in", JSON_COLUMN_TEXT, "In which document." },
};

static const struct json_column feeds[] = {
	{ "id", JSON_COLUMN_INT, "Row of the table." },
	{ "name", JSON_COLUMN_TEXT, "The source." },
	{ "kind", JSON_COLUMN_TEXT, "Its format: nvd, cve, osv, kev, epss, alpine, debian ..." },
	{ "newest", JSON_COLUMN_TEXT, "The time of its newest record, where it tells." },
	{ "imported", JSON_COLUMN_TEXT, "When it was imported." },
	{ "records", JSON_COLUMN_INT, "How many records it has." },
};

static const struct json_column differences[] = {
	{ "id", JSON_COLUMN_INT, "Row of the table." },
	{ "kind", JSON_COLUMN_TEXT, "missing_in_sbom, not_in_image or version_differs." },
	{ "name", JSON_COLUMN_TEXT, "The component." },
	{ "declared_version", JSON_COLUMN_TEXT, "What the bill says." },
	{ "found_version", JSON_COLUMN_TEXT, "What the image shows." },
	{ "software_id", JSON_COLUMN_INT, "The software." },
	{ "declared_id", JSON_COLUMN_INT, "The row of facts.declared_component." },
};

static const struct json_column statements[] = {
	{ "id", JSON_COLUMN_INT, "Row of the table." },
	{ "declared_id", JSON_COLUMN_INT, "The row of facts.declared_statement." },
	{ "software_id", JSON_COLUMN_INT, "The software that is meant; null: none that is in the image." },
	{ "vulnerability", JSON_COLUMN_TEXT, "CVE, or another name." },
	{ "component", JSON_COLUMN_TEXT, "The component that it names." },
	{ "version", JSON_COLUMN_TEXT, "Its version." },
	{ "status", JSON_COLUMN_TEXT, "affected, not_affected, fixed or under_investigation." },
	{ "justification", JSON_COLUMN_TEXT, "Why, in OpenVEX's words." },
	{ "note", JSON_COLUMN_TEXT, "Why, in the author's words." },
	{ "author", JSON_COLUMN_TEXT, "Who states it." },
	{ "date", JSON_COLUMN_TEXT, "When." },
	{ "source", JSON_COLUMN_TEXT, "In which document." },
	{ "line", JSON_COLUMN_INT, "Line in it, from 1." },
};

/* Without the command, which `startup` has. */
static const struct json_column services[] = {
	{ "id", JSON_COLUMN_INT, "The row of facts.startup that starts it." },
	{ "blob_id", JSON_COLUMN_INT, "The file whose line that is." },
	{ "line", JSON_COLUMN_INT, "Line in it, from 1." },
	{ "mechanism", JSON_COLUMN_TEXT, "By what: inittab, init.d, systemd, inetd ..." },
	{ "place", JSON_COLUMN_TEXT, "The line in words." },
	{ "program", JSON_COLUMN_TEXT, "The program, as it is called." },
	{ "name", JSON_COLUMN_TEXT, "Its name; of a multi-call program the command's." },
	{ "program_id", JSON_COLUMN_INT, "The blob that it is." },
	{ "user", JSON_COLUMN_TEXT, "As whom it runs." },
	{ "listens", JSON_COLUMN_BOOL, "Whether it listens; null: unknown." },
	{ "connects", JSON_COLUMN_BOOL, "Whether it calls others; null: unknown." },
	{ "tls", JSON_COLUMN_TEXT, "The TLS library that it uses." },
	{ "ports", JSON_COLUMN_TEXT, "Its ports." },
	{ "port_source", JSON_COLUMN_TEXT, "Who says so: command line, inetd, socket, setting or default." },
	{ "pie", JSON_COLUMN_BOOL, "As of facts.elf." },
	{ "nx", JSON_COLUMN_BOOL, "As of facts.elf." },
	{ "relro", JSON_COLUMN_TEXT, "As of facts.elf." },
	{ "canary", JSON_COLUMN_BOOL, "As of facts.elf." },
	{ "fortify", JSON_COLUMN_BOOL, "As of facts.elf." },
	{ "set_user_id", JSON_COLUMN_BOOL, "Its file is set-user-id." },
	{ "component", JSON_COLUMN_TEXT, "The component that it is of." },
	{ "version", JSON_COLUMN_TEXT, "Its version." },
	{ "exposed", JSON_COLUMN_BOOL, "A network reaches it, as far as the image tells." },
};

static const struct json_column contradictions[] = {
	{ "id", JSON_COLUMN_INT, "Number of the row." },
	{ "topic", JSON_COLUMN_TEXT, "What it is about: telemetry, support, services, inventory, updates ..." },
	{ "declared_in", JSON_COLUMN_TEXT, "declaration, or document_element for a statement of a document." },
	{ "declaration_id", JSON_COLUMN_INT, "The row of that table." },
	{ "table_name", JSON_COLUMN_TEXT, "The table of the fact that refutes it." },
	{ "row_id", JSON_COLUMN_INT, "Its row." },
	{ "says", JSON_COLUMN_TEXT, "What was observed, in words." },
	{ "blob_id", JSON_COLUMN_INT, "The blob that it was observed in, where it is in one." },
};

#define TABLE(key, table, row, doc, columns)                                                                           \
	{                                                                                                                  \
		key, table, row, doc, columns, COUNT(columns)                                                                  \
	}

const struct json_table json_tables[] = {
	TABLE("software", "software", "software", "The software of the image: a row for each product and version.",
		  software),
	TABLE("software_evidence", "software_evidence", "software_evidence",
		  "Which facts show which software, the best first.", evidence),
	TABLE(
		"vulnerabilities", "vulnerability_shown", "vulnerability",
		"Known vulnerabilities of the software, with what is stated about them. `assay vulns --rejected` has the near-matches.",
		vulnerabilities),
	TABLE("feeds", "feed_source", "feed",
		  "The sources that the software was matched with; their ages are in the header.", feeds),
	TABLE("sbom_differences", "sbom_difference", "sbom_difference",
		  "Where a bill of materials and the image say something else.", differences),
	TABLE("statements", "statement", "statement", "What documents beside the image state about vulnerabilities.",
		  statements),
	TABLE("services", "service_shown", "service", "What boot starts and may stay, with what is known of the program.", services),
	TABLE("contradictions", "contradiction_shown", "contradiction", "Declarations and statements that an observation refutes.",
		  contradictions),
	{ NULL, NULL, NULL, NULL, NULL, 0 },
};

static void value(struct json *j, sqlite3_stmt *s, int at, enum json_column_type type)
{
	if (type == JSON_COLUMN_TEXT)
		json_text(j, view_text(s, at));
	else if (type == JSON_COLUMN_BOOL)
		json_bool(j, view_int(s, at));
	else if (type == JSON_COLUMN_INT || sqlite3_column_type(s, at) == SQLITE_NULL)
		json_int(j, view_int(s, at));
	else
		json_number(j, sqlite3_column_double(s, at));
}

struct error json_software_rows(struct json *j, struct view *v, const struct json_table *t)
{
	struct json_head heads[COLUMNS_MAX];
	const char *columns[COLUMNS_MAX];
	sqlite3_stmt *s = NULL;
	size_t n = t->ncolumns < COLUMNS_MAX ? t->ncolumns : COLUMNS_MAX;
	for (size_t i = 0; i < n; i++) {
		columns[i] = t->columns[i].name;
		heads[i] = (struct json_head){ t->columns[i].name, t->columns[i].doc };
	}
	struct error e = view_select(view_db(v), t->table, columns, n, "ORDER BY id", &s);
	json_open_rows(j, t->doc, heads, n);
	while (!error_is(&e) && view_step(s, &e)) {
		json_open_row(j);
		for (size_t i = 0; i < n; i++) {
			json_column(j, columns[i]);
			value(j, s, (int)i, t->columns[i].type);
		}
		json_close_row(j);
	}
	json_close_rows(j);
	sqlite3_finalize(s);
	return e;
}

struct error json_software(struct json *j, struct view *v)
{
	struct error e = error_none();
	view_keep_services(v);
	view_keep_contradictions(v);
	for (const struct json_table *t = json_tables; t->key && !error_is(&e); t++) {
		json_key(j, t->key);
		e = json_software_rows(j, v, t);
	}
	return e;
}

static void count(struct json *j, const char *key, int64_t n, bool known)
{
	json_key_int(j, key, known ? n : FACT_NULL);
}

void json_software_summary(struct json *j, struct view *v)
{
	struct view_software s = view_software(v);
	json_key(j, "software");
	json_open(j, '{');
	count(j, "components", s.components, s.is_there);
	count(j, "with_version", s.versioned, s.is_there);
	count(j, "vulnerabilities", s.vulnerabilities, s.was_matched);
	count(j, "exploited", s.exploited, s.was_matched);
	count(j, "severe_and_reachable", s.severe, s.was_matched);
	count(j, "stated_otherwise", s.doubted, s.was_matched);
	count(j, "fixed", s.fixed, s.was_matched);
	count(j, "not_affected", s.not_affected, s.was_matched);
	count(j, "under_investigation", s.investigated, s.was_matched);
	json_key(j, "chance_30_days");
	if (s.chance >= 0)
		json_number(j, s.chance);
	else
		json_int(j, FACT_NULL);
	json_close(j, '}');
}

struct error json_feed_ages(struct json *j, struct view *v)
{
	sqlite3_stmt *s = NULL;
	struct error e = view_feeds(v, VIEW_FEEDS_BY_ID, &s);
	json_key(j, "feed_ages");
	json_open(j, '[');
	while (!error_is(&e) && view_step(s, &e)) {
		struct view_feed f = view_feed(s);
		json_open(j, '{');
		json_key_text(j, "name", f.name);
		json_key_int(j, "age_days", f.age);
		json_close(j, '}');
	}
	json_close(j, ']');
	sqlite3_finalize(s);
	return e;
}
