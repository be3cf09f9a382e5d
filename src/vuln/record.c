/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The results as rows of the case. */
#include <math.h>
#include <stdio.h>

#include "base/cvss.h"
#include "base/sort.h"
#include "case/case.h"
#include "vuln/internal.h"

/* Rejected ones of one kind for one software row: enough to read, not more than anybody would. */
#define RANGE_MAX 40u
#define OTHERS_MAX 400u
#define SUMMARY_MAX 600u
#define CHANCES_MAX 200000u

static const char *const tables[] = { "vulnerability", "vulnerability_rejected", "feed_source", "software_exposure" };

static bool execute(struct matcher *m, const char *sql)
{
	return sqlite3_exec(m->db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(m, m->db, "writing vulnerabilities");
}

static void bind(sqlite3_stmt *s, int at, struct text t)
{
	if (t.p && t.n)
		sqlite3_bind_text(s, at, t.p, (int)t.n, SQLITE_STATIC);
	else
		sqlite3_bind_null(s, at);
}

/* Tables of this version in place of what is there: an older case has none. */
static bool make_tables(struct matcher *m)
{
	bool ok = true;
	for (size_t i = 0; ok && i < sizeof tables / sizeof tables[0]; i++)
		for (const struct case_derived *t = case_derived; ok && t->name; t++) {
			char *sql =
				strcmp(t->name, tables[i]) == 0
					? sqlite3_mprintf("DROP TABLE IF EXISTS %s; CREATE TABLE %s(%s)", t->name, t->name, t->columns)
					: NULL;
			ok = !sql || execute(m, sql);
			sqlite3_free(sql);
		}
	return ok;
}

/* Which feeds were there, how old they are, and how many records they have. */
static bool copy_sources(struct matcher *m, const char *now)
{
	sqlite3_stmt *from = prepare(
					 m, m->feeds,
					 "SELECT name, kind, newest, imported, records, CAST(max(julianday(?1) -"
					 " julianday(coalesce(nullif(newest, ''), imported)), 0) AS INTEGER) FROM source ORDER BY name"),
				 *to = prepare(m, m->db,
							   "INSERT INTO feed_source(name, kind, newest, imported, records, age)"
							   " VALUES(?, ?, ?, ?, ?, ?)");
	bool ok = from && to;
	if (ok && now)
		sqlite3_bind_text(from, 1, now, -1, SQLITE_STATIC);
	while (ok && sqlite3_step(from) == SQLITE_ROW) {
		for (int i = 0; i < 6; i++)
			sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
		ok = sqlite3_step(to) == SQLITE_DONE || failed(m, m->db, "writing the sources");
		sqlite3_reset(to);
	}
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	return ok;
}

/* Of the feed database: which import was the last, so that `watch` can ask for what changed since. */
static bool copy_state(struct matcher *m)
{
	sqlite3_stmt *s = NULL;
	int64_t sequence = 0;
	char token[64] = "";
	if (sqlite3_prepare_v2(m->feeds, "SELECT sequence, token FROM import ORDER BY sequence DESC LIMIT 1", -1, &s,
						   NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW) {
		sequence = sqlite3_column_int64(s, 0);
		snprintf(token, sizeof token, "%s", (const char *)sqlite3_column_text(s, 1));
	}
	sqlite3_finalize(s);
	char *sql = sqlite3_mprintf("DELETE FROM meta WHERE name IN ('feeds_import', 'feeds_token', 'feeds_program');"
								"INSERT INTO meta VALUES('feeds_program', %Q)",
								ASSAY_VERSION);
	if (sequence)
		sql = sqlite3_mprintf("%z; INSERT INTO meta VALUES('feeds_import', '%lld'), ('feeds_token', %Q)", sql,
							  (long long)sequence, token);
	bool ok = sql && execute(m, sql);
	sqlite3_free(sql);
	return ok;
}

/* It follows from the image alone, and takes longer than the rest: `watch` reads it here. */
static bool write_exposure(struct matcher *m)
{
	sqlite3_stmt *s =
		prepare(m, m->db, "INSERT INTO software_exposure(software_id, exposure, exposed_by) VALUES(?, ?, ?)");
	bool ok = s != NULL;
	for (size_t i = 0; ok && i < m->image.nsoftware; i++) {
		const struct software *w = &m->image.software[i];
		sqlite3_bind_int64(s, 1, w->id);
		sqlite3_bind_text(s, 2, exposure_name(w->exposure), -1, SQLITE_STATIC);
		bind(s, 3, w->exposed_by);
		ok = sqlite3_step(s) == SQLITE_DONE || failed(m, m->db, "writing the exposure of software");
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	return ok;
}

bool record_begin(struct matcher *m, const char *now)
{
	if (!make_tables(m) || !copy_sources(m, now) || !copy_state(m) || !write_exposure(m))
		return false;
	m->add = prepare(
		m, m->db,
		"INSERT INTO vulnerability(software_id, name, state, reason, criteria, source, confidence, cvss_version,"
		" cvss_vector, cvss, severity, epss, epss_percentile, kev, exposure, exposed_by, priority, published, summary)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	m->reject = prepare(
		m, m->db, "INSERT INTO vulnerability_rejected(software_id, name, kind, reason, kev) VALUES(?, ?, ?, ?, ?)");
	return m->add && m->reject;
}

struct info info_read(struct matcher *m, int64_t id)
{
	sqlite3_stmt *s = m->vulnerability;
	struct info info = { .name = TEXT_LIT("?") };
	sqlite3_bind_int64(s, 1, id);
	if (sqlite3_step(s) == SQLITE_ROW) {
		info.name = column_text(m->scratch, s, 0);
		info.published = column_text(m->scratch, s, 1);
		info.state = column_text(m->scratch, s, 2);
		info.summary = column_text(m->scratch, s, 3);
		for (int i = 0; i < 4; i++)
			info.vectors[i] = column_text(m->scratch, s, 4 + i);
		info.kev = sqlite3_column_int(s, 8) != 0;
		info.has_epss = sqlite3_column_type(s, 9) != SQLITE_NULL;
		info.epss = fmin(fmax(sqlite3_column_double(s, 9), 0), 1);
		info.epss_percentile = sqlite3_column_double(s, 10);
	}
	sqlite3_reset(s);
	return info;
}

/* Its name and whether it is known to be exploited, for what is rejected. */
static struct info name_read(struct matcher *m, int64_t id)
{
	struct info info = { .name = TEXT_LIT("?") };
	sqlite3_bind_int64(m->name, 1, id);
	if (sqlite3_step(m->name) == SQLITE_ROW) {
		info.name = column_text(m->scratch, m->name, 0);
		info.kev = sqlite3_column_int(m->name, 1) != 0;
	}
	sqlite3_reset(m->name);
	return info;
}

/* Text that is cut stays valid UTF-8. */
static struct text cut(struct text t, size_t max)
{
	if (t.n <= max)
		return t;
	while (max && ((unsigned char)t.p[max] & 0xc0) == 0x80)
		max--;
	return text_of(t.p, max);
}

const char *state_name(enum state s)
{
	static const char *const states[] = { [STATE_AFFECTED] = "affected",
										  [STATE_FIXED] = "fixed",
										  [STATE_NOT_AFFECTED] = "not_affected",
										  [STATE_INVESTIGATED] = "under_investigation" };
	return s == STATE_NONE || s >= STATE_REJECTED ? "none" : states[s];
}

int info_score(const struct info *info, struct cvss *c, struct text *vector)
{
	*vector = TEXT_NONE;
	if (info->scored) {
		*c = info->cvss;
		*vector = info->vector;
		return info->score;
	}
	for (size_t i = 0; i < 4; i++) {
		if (!info->vectors[i].n || !cvss_compute(info->vectors[i], c))
			continue;
		*vector = info->vectors[i];
		return c->version == CVSS_40 ? c->score : c->base;
	}
	return -1;
}

void info_keep_score(struct info *info)
{
	info->score = info_score(info, &info->cvss, &info->vector);
	info->scored = true;
}

static void bind_score(struct matcher *m, const struct info *info, struct threat *t)
{
	struct cvss c = { CVSS_NONE, 0, 0 };
	struct text vector;
	t->score = info_score(info, &c, &vector);
	for (int i = 8; i <= 11; i++)
		sqlite3_bind_null(m->add, i);
	if (t->score < 0)
		return;
	sqlite3_bind_text(m->add, 8, cvss_version_name(c.version), -1, SQLITE_STATIC);
	bind(m->add, 9, vector);
	sqlite3_bind_double(m->add, 10, t->score / 10.0);
	sqlite3_bind_text(m->add, 11, cvss_severity(c.version, t->score), -1, SQLITE_STATIC);
}

static bool add(struct matcher *m, const struct software *s, const struct found *f)
{
	enum exposure exposure = f->d.has_exposure ? f->d.exposure : s->exposure;
	struct threat t = { .kev = f->info.kev, .has_epss = f->info.has_epss, .epss = f->info.epss };
	sqlite3_bind_int64(m->add, 1, s->id);
	bind(m->add, 2, f->info.name);
	sqlite3_bind_text(m->add, 3, state_name(f->d.state), -1, SQLITE_STATIC);
	bind(m->add, 4, f->d.reason);
	bind(m->add, 5, f->d.criteria);
	bind(m->add, 6, f->d.source);
	sqlite3_bind_text(m->add, 7, confidence_name(f->d.confidence), -1, SQLITE_STATIC);
	bind_score(m, &f->info, &t);
	if (f->info.has_epss) {
		sqlite3_bind_double(m->add, 12, f->info.epss);
		sqlite3_bind_double(m->add, 13, f->info.epss_percentile);
	} else {
		sqlite3_bind_null(m->add, 12);
		sqlite3_bind_null(m->add, 13);
	}
	sqlite3_bind_int(m->add, 14, f->info.kev);
	sqlite3_bind_text(m->add, 15, exposure_name(exposure), -1, SQLITE_STATIC);
	bind(m->add, 16, f->d.has_exposure ? TEXT_NONE : s->exposed_by);
	sqlite3_bind_double(m->add, 17, f->d.state == STATE_AFFECTED ? priority(&t, exposure, f->d.confidence) : 0);
	bind(m->add, 18, f->info.published);
	bind(m->add, 19, cut(f->info.summary, SUMMARY_MAX));
	bool ok = sqlite3_step(m->add) == SQLITE_DONE || failed(m, m->db, "writing vulnerabilities");
	sqlite3_reset(m->add);
	m->summary.affected += f->d.state == STATE_AFFECTED;
	m->summary.fixed += f->d.state == STATE_FIXED;
	m->summary.not_affected += f->d.state == STATE_NOT_AFFECTED;
	m->summary.under_investigation += f->d.state == STATE_INVESTIGATED;
	return ok;
}

static const char *const kinds[REJECTIONS] = {
	[REJECT_PLATFORM] = "platform",
	[REJECT_EDITION] = "edition",
	[REJECT_VERSION_UNKNOWN] = "version unknown",
	[REJECT_INCOMPARABLE] = "incomparable",
	[REJECT_NO_VERSION] = "no version",
	[REJECT_SOURCES] = "other source",
	[REJECT_WITHDRAWN] = "withdrawn",
	[REJECT_STATUS] = "unaffected",
	[REJECT_RANGE] = "range",
};

static bool reject(struct matcher *m, const struct software *s, const struct found *f)
{
	sqlite3_bind_int64(m->reject, 1, s->id);
	bind(m->reject, 2, f->info.name);
	sqlite3_bind_text(m->reject, 3, kinds[f->d.rejection], -1, SQLITE_STATIC);
	bind(m->reject, 4, f->d.reason);
	sqlite3_bind_int(m->reject, 5, f->info.kev);
	bool ok = sqlite3_step(m->reject) == SQLITE_DONE || failed(m, m->db, "writing vulnerabilities");
	sqlite3_reset(m->reject);
	return ok;
}

/* By the parts of the name: CVE-2024-9 before CVE-2024-10. */
static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int c = version_compare_rpm(x->info.name, y->info.name);
	return c ? c : (x->d.vulnerability > y->d.vulnerability) - (x->d.vulnerability < y->d.vulnerability);
}

static bool write_all(struct matcher *m, const struct software *s, struct found *f, size_t n)
{
	size_t count[REJECTIONS] = { 0 };
	bool ok = true;
	struct found *spare = ARENA_ARRAY(m->scratch, struct found, n + 1);
	if (!spare)
		return m->error = error_at(ERR_MEMORY, 0, "no memory for matching"), false;
	sort_stable(f, spare, n, sizeof *f, by_name);
	for (size_t i = 0; ok && i < n; i++) {
		if (f[i].d.state != STATE_REJECTED) {
			ok = add(m, s, &f[i]);
			continue;
		}
		m->summary.rejected++;
		if (++count[f[i].d.rejection] <= (f[i].d.rejection == REJECT_RANGE ? RANGE_MAX : OTHERS_MAX))
			ok = reject(m, s, &f[i]);
	}
	for (size_t k = 0; ok && k < REJECTIONS; k++) {
		size_t max = k == REJECT_RANGE ? RANGE_MAX : OTHERS_MAX;
		struct found rest = { .d = { .rejection = (enum rejection)k }, .info = { .name = TEXT_LIT("...") } };
		if (count[k] <= max)
			continue;
		rest.d.reason = words(m, "and %zu more of this kind", count[k] - max);
		ok = reject(m, s, &rest);
	}
	return ok;
}

void decision_finish(struct matcher *m, const struct software *s, struct found *f)
{
	struct decision *d = &f->d;
	f->info = m->known ? m->known->info : info_read(m, d->vulnerability);
	if (text_is(f->info.state, "rejected") && d->state == STATE_AFFECTED) {
		d->state = STATE_REJECTED;
		d->rejection = REJECT_WITHDRAWN;
		d->reason = words(m, "the vulnerability was withdrawn by who had named it; %.*s", T(d->criteria));
	} else if (text_is(f->info.state, "disputed") && d->state == STATE_AFFECTED) {
		d->confidence = POSSIBLE;
		d->reason = words(m, "%.*s; it is disputed whether it is a vulnerability", T(d->reason));
	}
	struct places places = m->known                     ? m->known->places
						   : d->state == STATE_AFFECTED ? places_read(m, m->scratch, d->vulnerability)
														: (struct places){ 0 };
	parts_apply(m, s, &f->info, &places, d);
	statements_apply(m, s, f->info.name, d);
	if (s->declared && d->state == STATE_AFFECTED)
		d->reason = words(m, "%.*s; a bill of materials declares the component, no image shows it", T(d->reason));
}

bool record_decisions(struct matcher *m, const struct software *s, struct decision *d, size_t n)
{
	struct found *f = ARENA_ARRAY(m->scratch, struct found, n + 1);
	if (!f)
		return m->error = error_at(ERR_MEMORY, 0, "no memory for matching"), false;
	for (size_t i = 0; i < n; i++) {
		f[i] = (struct found){ .d = d[i] };
		if (d[i].state == STATE_REJECTED)
			f[i].info = name_read(m, d[i].vulnerability);
		else
			decision_finish(m, s, &f[i]);
	}
	return m->take ? m->take(m, s, f, n) : write_all(m, s, f, n);
}

/* The chance that at least one of those that affect the image is exploited within 30 days: of each name once. */
static double chance(struct matcher *m)
{
	sqlite3_stmt *s = prepare(m, m->db,
							  "SELECT DISTINCT name, epss FROM vulnerability WHERE state = 'affected'"
							  " AND epss IS NOT NULL ORDER BY name");
	double none = 1;
	for (size_t i = 0; s && i < CHANCES_MAX && sqlite3_step(s) == SQLITE_ROW; i++)
		none *= 1 - sqlite3_column_double(s, 1);
	sqlite3_finalize(s);
	return 1 - none;
}

static bool write_run(struct matcher *m)
{
	sqlite3_stmt *s =
		prepare(m, m->db, "SELECT count(*) FROM feed_source WHERE kind IN ('nvd', 'cve', 'osv') AND records > 0");
	bool whole = s && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) > 0;
	sqlite3_finalize(s);
	char *sql = sqlite3_mprintf(
		"DELETE FROM probe_run WHERE probe = 'feeds.match';"
		"INSERT INTO probe_run(input_id, probe, status, detail, seconds) SELECT min(id), 'feeds.match', %Q, %Q, 0 FROM input;"
		"INSERT OR REPLACE INTO meta VALUES('vulnerability_chance_30_days', '%.6f')",
		whole ? "complete" : "partial", whole ? "" : "the feed database has no records of NVD, CVE or OSV",
		m->summary.chance);
	bool ok = sql && execute(m, sql);
	sqlite3_free(sql);
	return ok;
}

bool record_end(struct matcher *m)
{
	m->summary.chance = chance(m);
	return write_run(m) && execute(m, "CREATE INDEX vulnerability_by_software ON vulnerability(software_id)");
}

bool vuln_matched(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool is =
		sqlite3_prepare_v2(db, "SELECT 1 FROM probe_run WHERE probe = 'feeds.match'", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW;
	sqlite3_finalize(s);
	return is;
}
