/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "feed_fixture.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/cpe.h"
#include "make_case.h"

static const char schema[] =
	"CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT UNIQUE, kind TEXT, location TEXT, records INT, newest TEXT, imported TEXT);"
	"CREATE TABLE vulnerability(id INTEGER PRIMARY KEY, name TEXT UNIQUE, published TEXT, modified TEXT, state TEXT DEFAULT '',"
	" summary TEXT, cwe TEXT, cvss2 TEXT, cvss30 TEXT, cvss31 TEXT, cvss40 TEXT);"
	"CREATE TABLE alias(name TEXT, vulnerability_id INT);"
	"CREATE TABLE criterion(product TEXT, vulnerability_id INT, source_id INT, record_id INT, configuration INT, node INT, number INT,"
	" cpe TEXT, vulnerable INT, version TEXT, start TEXT, start_including INT, end TEXT, end_including INT, versions_order TEXT,"
	" status TEXT);"
	"CREATE INDEX criterion_by_product ON criterion(product); CREATE INDEX criterion_by_record ON criterion(record_id);"
	"CREATE TABLE node(vulnerability_id INT, source_id INT, record_id INT, configuration INT, node INT, parent INT, operator TEXT,"
	" negate INT); CREATE INDEX node_by_record ON node(record_id);"
	"CREATE TABLE package_fix(distribution TEXT, package TEXT, vulnerability_id INT, source_id INT, status TEXT, version TEXT, note TEXT);"
	"CREATE TABLE kev(vulnerability_id INTEGER PRIMARY KEY, added TEXT, due TEXT, ransomware INT, action TEXT);"
	"CREATE TABLE epss(vulnerability_id INTEGER PRIMARY KEY, score REAL, percentile REAL, day TEXT);"
	"CREATE TABLE record(id INTEGER PRIMARY KEY, source_id INT, name TEXT, vulnerability_id INT, modified TEXT);"
	"CREATE TABLE vex(product TEXT, vulnerability_id INT, source_id INT, status TEXT, justification TEXT, statement TEXT, version TEXT, component TEXT,"
	" record_id INT);"
	"CREATE TABLE part(vulnerability_id INT, record_id INT, product TEXT, kind TEXT, name TEXT);";

sqlite3 *fixture_empty(void)
{
	sqlite3 *db = NULL;
	if (sqlite3_open(":memory:", &db))
		abort();
	make_rows(db, "%s", schema);
	return db;
}

static sqlite3_int64 number(sqlite3 *db, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *sql = sqlite3_vmprintf(format, args);
	va_end(args);
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		abort();
	sqlite3_int64 n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	sqlite3_free(sql);
	return n;
}

static sqlite3_int64 vulnerability(sqlite3 *db, const char *name)
{
	make_rows(db, "INSERT OR IGNORE INTO vulnerability(name) VALUES(%Q)", name);
	return number(db, "SELECT id FROM vulnerability WHERE name = %Q", name);
}

static const char *string(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

/* A record at hand. */
struct place {
	sqlite3 *db;
	sqlite3_int64 vulnerability;
	int source, record, configuration;
};

static int records;

static struct place begin(sqlite3 *db, int source, const char *name)
{
	return (struct place){ db, vulnerability(db, name), source, ++records, 0 };
}

static void add_node(const struct place *p, int node, int parent, const char *operator, bool negate)
{
	char up[16] = "NULL";
	if (parent >= 0)
		snprintf(up, sizeof up, "%d", parent);
	make_rows(p->db, "INSERT INTO node VALUES(%lld, %d, %d, %d, %d, %s, %Q, %d)", p->vulnerability, p->source,
			  p->record, p->configuration, node, up, operator, negate);
}

static void add_criterion(const struct place *p, int node, int i, json_t *m, const char *cpe)
{
	struct cpe name;
	char vendor[CPE_MAX], product[CPE_MAX], version[CPE_MAX], key[3 * CPE_MAX];
	const char *si = string(m, "versionStartIncluding"), *se = string(m, "versionStartExcluding");
	const char *ei = string(m, "versionEndIncluding"), *ee = string(m, "versionEndExcluding");
	if (!cpe_parse(text_c(cpe), &name))
		abort();
	cpe_value(name.a[CPE_VENDOR], vendor, sizeof vendor);
	cpe_value(name.a[CPE_PRODUCT], product, sizeof product);
	if (!cpe_value(name.a[CPE_VERSION], version, sizeof version))
		strcpy(version, cpe_is_na(name.a[CPE_VERSION]) ? "-" : "*");
	snprintf(key, sizeof key, "cpe:%.1s:%s:%s", name.a[CPE_PART].p, vendor, product);
	make_rows(
		p->db,
		"INSERT INTO criterion VALUES(%Q, %lld, %d, %d, %d, %d, %d, %Q, %d, nullif(%Q, '*'), %Q, %d, %Q, %d, '', 'affected')",
		key, p->vulnerability, p->source, p->record, p->configuration, node, i, cpe,
		json_is_true(json_object_get(m, "vulnerable")), version, si ? si : se, si != NULL, ei ? ei : ee, ei != NULL);
}

static void add_matches(const struct place *p, int node, json_t *matches, const char *name)
{
	size_t i;
	json_t *m;
	json_array_foreach(matches, i, m) add_criterion(p, node, (int)i, m, string(m, name));
}

static void add_vector(const struct place *p, const char *column, json_t *data)
{
	if (string(data, "vectorString"))
		make_rows(p->db, "UPDATE vulnerability SET %s = %Q WHERE id = %lld", column, string(data, "vectorString"),
				  p->vulnerability);
}

static void load_nvd_1(sqlite3 *db, json_t *feed, int source)
{
	size_t i, k, n;
	json_t *item, *node, *child;
	json_array_foreach(json_object_get(feed, "CVE_Items"), i, item)
	{
		json_t *cve = json_object_get(item, "cve"), *impact = json_object_get(item, "impact");
		struct place p = begin(db, source, string(json_object_get(cve, "CVE_data_meta"), "ID"));
		make_rows(db, "UPDATE vulnerability SET summary = %Q, published = %Q WHERE id = %lld",
				  string(json_array_get(json_object_get(json_object_get(cve, "description"), "description_data"), 0),
						 "value"),
				  string(item, "publishedDate"), p.vulnerability);
		json_t *v3 = json_object_get(json_object_get(impact, "baseMetricV3"), "cvssV3");
		add_vector(&p, "cvss2", json_object_get(json_object_get(impact, "baseMetricV2"), "cvssV2"));
		add_vector(&p, string(v3, "version") && strcmp(string(v3, "version"), "3.1") == 0 ? "cvss31" : "cvss30", v3);
		json_array_foreach(json_object_get(json_object_get(item, "configurations"), "nodes"), k, node)
		{
			p.configuration = (int)k;
			add_node(&p, 0, -1, string(node, "operator"), json_is_true(json_object_get(node, "negate")));
			add_matches(&p, 0, json_object_get(node, "cpe_match"), "cpe23Uri");
			json_array_foreach(json_object_get(node, "children"), n, child)
			{
				add_node(&p, (int)n + 1, 0, string(child, "operator"), false);
				add_matches(&p, (int)n + 1, json_object_get(child, "cpe_match"), "cpe23Uri");
			}
		}
	}
}

static void load_cve_2(sqlite3 *db, json_t *cve, const char *name, int source)
{
	size_t i, k, n;
	json_t *configuration, *node, *metric, *list;
	const char *key;
	struct place p = begin(db, source, name);
	const char *summary = string(json_array_get(json_object_get(cve, "descriptions"), 0), "value"),
			   *state = string(cve, "vulnStatus");
	if (summary)
		make_rows(db, "UPDATE vulnerability SET summary = %Q, published = %Q, state = %Q WHERE id = %lld", summary,
				  string(cve, "published"), state && strcmp(state, "Rejected") == 0 ? "rejected" : "", p.vulnerability);
	json_object_foreach(json_object_get(cve, "metrics"), key, list) json_array_foreach(list, n, metric)
		add_vector(&p,
				   strcmp(key, "cvssMetricV2") == 0    ? "cvss2"
				   : strcmp(key, "cvssMetricV30") == 0 ? "cvss30"
				   : strcmp(key, "cvssMetricV31") == 0 ? "cvss31"
													   : "cvss40",
				   json_object_get(metric, "cvssData"));
	json_array_foreach(json_object_get(cve, "configurations"), k, configuration)
	{
		p.configuration = (int)k;
		const char *operator= string(configuration, "operator");
		add_node(&p, 0, -1, operator ? operator : "OR", json_is_true(json_object_get(configuration, "negate")));
		json_array_foreach(json_object_get(configuration, "nodes"), i, node)
		{
			add_node(&p, (int)i + 1, 0, string(node, "operator"), json_is_true(json_object_get(node, "negate")));
			add_matches(&p, (int)i + 1, json_object_get(node, "cpeMatch"), "criteria");
		}
	}
}

static void add_bare(const struct place *p, const char *product, int i, const char *version, const char *start,
					 const char *end, bool end_including, const char *order, const char *status)
{
	make_rows(p->db, "INSERT INTO criterion VALUES(%Q, %lld, %d, %d, %d, 0, %d, NULL, 1, %Q, %Q, 1, %Q, %d, %Q, %Q)",
			  product, p->vulnerability, p->source, p->record, p->configuration, i, version, start, end, end_including,
			  order, status);
}

/* CVE records: each entry of `affected` is a configuration. */
static void load_cve_5(sqlite3 *db, json_t *record, int source)
{
	size_t i, k;
	json_t *affected, *v, *cna = json_object_get(json_object_get(record, "containers"), "cna");
	struct place p = begin(db, source, string(json_object_get(record, "cveMetadata"), "cveId"));
	json_array_foreach(json_object_get(cna, "affected"), i, affected)
	{
		char key[512];
		const char *vendor = string(affected, "vendor"), *product = string(affected, "product");
		snprintf(key, sizeof key, "cpe:a:%s:%s", vendor ? vendor : "", product ? product : "");
		for (char *c = key; *c; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c == ' ' ? '_' : *c;
		p.configuration = (int)i;
		add_node(&p, 0, -1, "OR", false);
		json_array_foreach(json_object_get(affected, "versions"), k, v)
		{
			const char *before = string(v, "lessThan"), *up_to = string(v, "lessThanOrEqual"),
					   *type = string(v, "versionType");
			bool range = before || up_to;
			add_bare(&p, key, (int)k, range ? NULL : string(v, "version"), range ? string(v, "version") : NULL,
					 before ? before : up_to, up_to != NULL, type && strcmp(type, "custom") != 0 ? type : "",
					 string(v, "status"));
		}
		const char *rest = string(affected, "defaultStatus");
		if (rest && strcmp(rest, "unknown") != 0)
			add_bare(&p, key, (int)k, NULL, NULL, NULL, false, "", rest);
	}
}

static void load_osv(sqlite3 *db, json_t *record, int source)
{
	size_t i, k, n;
	json_t *affected, *range, *event, *version;
	const char *name = string(record, "id");
	json_t *alias = json_array_get(json_object_get(record, "aliases"), 0);
	struct place p = begin(db, source, alias ? json_string_value(alias) : name);
	int number_of = 0;
	json_array_foreach(json_object_get(record, "affected"), i, affected)
	{
		char key[512];
		const char *purl = string(json_object_get(affected, "package"), "purl");
		if (!purl)
			continue;
		snprintf(key, sizeof key, "purl:%s", purl + 4);
		p.configuration = (int)i;
		add_node(&p, 0, -1, "OR", false);
		json_array_foreach(json_object_get(affected, "ranges"), k, range)
		{
			const char *type = string(range, "type"), *from = NULL;
			if (strcmp(type, "GIT") == 0)
				continue;
			json_array_foreach(json_object_get(range, "events"), n, event)
			{
				const char *fixed = string(event, "fixed"), *last = string(event, "last_affected");
				if (string(event, "introduced")) {
					if (from)
						add_bare(&p, key, number_of++, NULL, from, NULL, false, "semver", "affected");
					from = string(event, "introduced");
				} else if (fixed || last) {
					add_bare(&p, key, number_of++, NULL, from, fixed ? fixed : last, last != NULL, "semver",
							 "affected");
					from = NULL;
				}
			}
			if (from)
				add_bare(&p, key, number_of++, NULL, from, NULL, false, "semver", "affected");
		}
		json_array_foreach(json_object_get(affected, "versions"), k, version)
			add_bare(&p, key, number_of++, json_string_value(version), NULL, NULL, false, "", "affected");
	}
}

/* The lines of Alpine's secdb: "name:", versions that end with a colon, names behind dashes. */
static void load_secdb(sqlite3 *db, const char *path, const char *distribution, int source)
{
	FILE *f = fopen(path, "r");
	char line[512], package[128] = "", version[128] = "", word[128];
	while (f && fgets(line, sizeof line, f)) {
		if (sscanf(line, " name: %127s", package) == 1)
			continue;
		size_t indent = strspn(line, " ");
		if (indent == 8 && sscanf(line, " %127[^: \n]:", word) == 1)
			snprintf(version, sizeof version, "%s", word[0] == '\'' ? "0" : word);
		else if (indent == 10 && sscanf(line, " - %127s", word) == 1 && strncmp(word, "CVE-", 4) == 0)
			make_rows(db, "INSERT INTO package_fix VALUES(%Q, %Q, %lld, %d, 'fixed', %Q, NULL)", distribution, package,
					  vulnerability(db, word), source, version);
	}
	if (f)
		fclose(f);
}

static int add_source(sqlite3 *db, const char *name, const char *kind)
{
	make_rows(db,
			  "INSERT INTO source(name, kind, records, newest, imported) VALUES(%Q, %Q, 1, '2026-08-01', '2026-08-02')",
			  name, kind);
	return (int)sqlite3_last_insert_rowid(db);
}

static void each_file(sqlite3 *db, const char *folder, int source, void (*load)(sqlite3 *, json_t *, int))
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[2048];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		json_t *json = names[i]->d_name[0] == '.' ? NULL : json_load_file(path, 0, NULL);
		if (json)
			load(db, json, source);
		json_decref(json);
		free(names[i]);
	}
	free(names);
}

static void load_nvd_2(sqlite3 *db, json_t *feed, int source)
{
	size_t i;
	json_t *v;
	json_array_foreach(json_object_get(feed, "vulnerabilities"), i, v)
		load_cve_2(db, json_object_get(v, "cve"), string(json_object_get(v, "cve"), "id"), source);
	const char *name = string(json_object_get(feed, "_annotation"), "cve_id");
	if (name)
		load_cve_2(db, json_object_get(feed, "cve"), name, source);
}

static void load_kev(sqlite3 *db, json_t *feed, int source)
{
	size_t i;
	json_t *v;
	(void)source;
	json_array_foreach(json_object_get(feed, "vulnerabilities"), i, v)
		make_rows(db, "INSERT OR IGNORE INTO kev VALUES(%lld, %Q, NULL, 0, NULL)",
				  vulnerability(db, string(v, "cveID")), string(v, "dateAdded"));
}

static void load_epss(sqlite3 *db, const char *folder)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[2048], line[256], name[64];
		double score, percentile;
		snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
		FILE *f = strstr(names[i]->d_name, ".csv") ? fopen(path, "r") : NULL;
		while (f && fgets(line, sizeof line, f))
			if (sscanf(line, "%63[^,],%lf,%lf", name, &score, &percentile) == 3)
				make_rows(db, "INSERT OR IGNORE INTO epss VALUES(%lld, %f, %f, '2026-08-16')", vulnerability(db, name),
						  score, percentile);
		if (f)
			fclose(f);
		free(names[i]);
	}
	free(names);
}

sqlite3 *fixture_feeds(const char *folder)
{
	static const struct {
		const char *name, *kind, *folder;
		void (*load)(sqlite3 *, json_t *, int);
	} parts[] = {
		{ "nvd-1.1", "nvd", "nvd-1.1", load_nvd_1 },
		{ "nvd", "nvd", "nvd-2.0", load_nvd_2 },
		{ "nvd-overrides", "nvd", "nvd-overrides", load_nvd_2 },
		{ "cve-openssl", "cve", "cve-v5/openssl", load_cve_5 },
		{ "osv-bitnami", "osv", "osv/bitnami", load_osv },
		{ "osv-oss-fuzz", "osv", "osv/oss-fuzz", load_osv },
		{ "kev", "kev", "kev", load_kev },
	};
	DIR *there = opendir(folder);
	char path[1024];
	if (!there)
		return NULL;
	closedir(there);
	sqlite3 *db = fixture_empty();
	make_rows(db, "BEGIN");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, parts[i].folder);
		each_file(db, path, add_source(db, parts[i].name, parts[i].kind), parts[i].load);
	}
	for (int minor = 10; minor <= 11; minor++) {
		char name[32], distribution[32];
		snprintf(path, sizeof path, "%s/alpine-secdb/v3.%d-main.yaml", folder, minor);
		snprintf(name, sizeof name, "alpine-v3.%d-main", minor);
		snprintf(distribution, sizeof distribution, "alpine 3.%d", minor);
		load_secdb(db, path, distribution, add_source(db, name, "alpine"));
	}
	snprintf(path, sizeof path, "%s/epss", folder);
	load_epss(db, path);
	make_rows(db, "COMMIT");
	return db;
}
