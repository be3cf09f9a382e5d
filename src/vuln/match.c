/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The run: for each row of `software` all criteria of its products, by one look-up a product, then one decision for
 * each vulnerability. Its distribution's word goes first, then upstream's ranges, then what is not built in, then
 * statements. */
#include "vuln/vuln.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "vuln/internal.h"

#define ARENA_LIMIT ((size_t)512 << 20)
#define ROWS_MAX 500000u
#define SOURCES_LIMIT 10000u

struct text words(struct matcher *m, const char *format, ...)
{
	char line[2048];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	size_t length = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
	char *copy = arena_strdup(m->scratch, text_of(line, length));
	return copy ? text_of(copy, length) : TEXT_LIT("");
}

struct text column_text(struct arena *a, sqlite3_stmt *s, int column)
{
	const char *p = (const char *)sqlite3_column_text(s, column);
	size_t n = (size_t)sqlite3_column_bytes(s, column);
	char *copy = p ? arena_strdup(a, text_of(p, n)) : NULL;
	return copy ? text_of(copy, n) : TEXT_NONE;
}

bool failed(struct matcher *m, sqlite3 *db, const char *doing)
{
	if (!error_is(&m->error))
		m->error = error_at(ERR_IO, 0, "%s: %s", doing, sqlite3_errmsg(db));
	return false;
}

sqlite3_stmt *prepare(struct matcher *m, sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		failed(m, db, db == m->feeds ? "asking the feed database" : "asking the case");
	return s;
}

/* In the order of MATCH_CRITERION. */
struct criterion read_criterion(struct arena *a, sqlite3_stmt *s)
{
	struct text order = column_text(a, s, 14), product = column_text(a, s, 6), conditions = TEXT_NONE;
	bool stated = text_is(order, "statement");
	const char *question = stated && product.n ? memchr(product.p, '?', product.n) : NULL;
	if (question) {
		conditions = text_of(question + 1, (size_t)(product.p + product.n - question - 1));
		product.n = (size_t)(question - product.p);
	}
	return (struct criterion){
		.vulnerability = sqlite3_column_int64(s, 0),
		.record = sqlite3_column_int64(s, 1),
		.source = sqlite3_column_int64(s, 2),
		.configuration = sqlite3_column_int64(s, 3),
		.node = sqlite3_column_int64(s, 4),
		.number = sqlite3_column_int64(s, 5),
		.product = product,
		.conditions = conditions,
		.cpe = column_text(a, s, 7),
		.vulnerable = sqlite3_column_int(s, 8) != 0,
		.version = column_text(a, s, 9),
		.start = column_text(a, s, 10),
		.start_including = sqlite3_column_int(s, 11) != 0,
		.end = column_text(a, s, 12),
		.end_including = sqlite3_column_int(s, 13) != 0,
		.order = order,
		.stated = stated,
		.status = column_text(a, s, 15),
	};
}

const struct source *source_of(const struct matcher *m, int64_t id)
{
	static const struct source unknown = { .name = { "unknown", 7 }, .rank = 9 };
	for (size_t i = 0; i < m->nsources; i++)
		if (m->sources[i].id == id)
			return &m->sources[i];
	return &unknown;
}

/* Whose word counts more: the project's own list, what somebody corrected in NVD's records, NVD, the CVE record
 * itself, OSV. */
static int rank_of(struct text name, struct text kind)
{
	static const struct {
		const char *kind;
		int rank;
	} ranks[] = { { "curl", 0 }, { "nvd", 2 }, { "cve", 3 }, { "osv", 5 } };
	if (text_is(kind, "nvd") && text_has(name, "override"))
		return 1;
	for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++)
		if (text_is(kind, ranks[i].kind))
			return ranks[i].rank;
	return 8;
}

static void read_sources(struct matcher *m)
{
	sqlite3_stmt *s = prepare(m, m->feeds, "SELECT id, name, kind FROM source ORDER BY id");
	size_t cap = 64;
	m->sources = ARENA_ARRAY(m->arena, struct source, cap);
	bool ready = s && m->sources;
	while (ready && m->nsources < SOURCES_LIMIT && sqlite3_step(s) == SQLITE_ROW) {
		if (m->nsources == cap) {
			struct source *more = ARENA_ARRAY(m->arena, struct source, cap * 2);
			if (!more)
				break;
			memcpy(more, m->sources, cap * sizeof *more);
			m->sources = more;
			cap *= 2;
		}
		struct text name = column_text(m->arena, s, 1), kind = column_text(m->arena, s, 2);
		m->sources[m->nsources++] = (struct source){ sqlite3_column_int64(s, 0), name, kind, rank_of(name, kind) };
	}
	sqlite3_finalize(s);
}

/* A row with what it is sorted by. */
struct ranked {
	struct criterion c;
	int rank;
};

static int by_order(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	const int64_t left[] = { x->c.vulnerability, x->rank,   x->c.source, x->c.record,
							 x->c.configuration, x->c.node, x->c.number };
	const int64_t right[] = { y->c.vulnerability, y->rank,   y->c.source, y->c.record,
							  y->c.configuration, y->c.node, y->c.number };
	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}

struct criterion *match_sort(struct matcher *m, struct arena *a, const struct criterion *c, size_t n)
{
	struct ranked *v = ARENA_ARRAY(m->scratch, struct ranked, n + 1),
				  *spare = ARENA_ARRAY(m->scratch, struct ranked, n + 1);
	struct criterion *out = ARENA_ARRAY(a, struct criterion, n + 1);
	if (!v || !spare || !out)
		return NULL;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct ranked){ c[i], source_of(m, c[i].source)->rank };
	sort_stable(v, spare, n, sizeof *v, by_order);
	for (size_t i = 0; i < n; i++)
		out[i] = v[i].c;
	return out;
}

/* All criteria for the products that the software is called by, in order. */
static struct criterion *read_criteria(struct matcher *m, const struct software *s, size_t *n)
{
	size_t cap = 256, count = 0;
	struct ranked *v = ARENA_ARRAY(m->scratch, struct ranked, cap);
	for (size_t k = 0; k < s->nkeys; k++) {
		sqlite3_bind_text(m->criteria, 1, s->keys[k].p, (int)s->keys[k].n, SQLITE_STATIC);
		int r = SQLITE_ROW;
		while (v && count < ROWS_MAX && (r = sqlite3_step(m->criteria)) == SQLITE_ROW) {
			if (count == cap) {
				struct ranked *more = ARENA_ARRAY(m->scratch, struct ranked, cap * 2);
				if (more)
					memcpy(more, v, cap * sizeof *more);
				v = more;
				cap *= 2;
			}
			if (!v)
				break;
			v[count].c = read_criterion(m->scratch, m->criteria);
			v[count].rank = source_of(m, v[count].c.source)->rank;
			count++;
		}
		if (r != SQLITE_ROW && r != SQLITE_DONE)
			failed(m, m->feeds, "reading criteria");
		sqlite3_reset(m->criteria);
	}
	struct ranked *spare = ARENA_ARRAY(m->scratch, struct ranked, count + 1);
	struct criterion *out = ARENA_ARRAY(m->scratch, struct criterion, count + 1);
	if (!v || !spare || !out) {
		m->error = error_at(ERR_MEMORY, 0, "no memory for the criteria of %.*s", T(s->name));
		*n = 0;
		return out;
	}
	sort_stable(v, spare, count, sizeof *v, by_order);
	for (size_t i = 0; i < count; i++)
		out[i] = v[i].c;
	*n = count;
	return out;
}

static int by_vulnerability(const void *a, const void *b)
{
	const struct fix *x = a, *y = b;
	return (x->vulnerability > y->vulnerability) - (x->vulnerability < y->vulnerability);
}

/* Distributions mend their packages without taking upstream's next version: where theirs says nothing, upstream's
 * range may be wrong for it. Those that keep releases alive for years do it most. */
static void doubt_package(struct matcher *m, const struct software *s, struct decision *d)
{
	struct text of = distro_of(m, s);
	if (d->state != STATE_AFFECTED || d->of_package || !of.n || !s->package_version.n || text_eq(s->package_version, s->version))
		return;
	static const char *const stable[] = { "debian", "ubuntu",        "alpine", "raspbian",  "devuan",
										  "rhel",   "centos",        "rocky",  "almalinux", "sles",
										  "sled",   "opensuse-leap", "ol ",    "amzn" };
	enum confidence most = LIKELY;
	for (size_t i = 0; i < sizeof stable / sizeof stable[0]; i++)
		if (text_starts(of, stable[i]))
			most = POSSIBLE;
	if (d->confidence > most)
		d->confidence = most;
	d->reason = words(m, "%.*s; whether %.*s has mended its package %.*s, the feeds do not tell", T(d->reason), T(of),
					  T(s->package_version));
}

struct decision match_decide(struct matcher *m, const struct software *s, const struct criterion *c, size_t nc,
							 const struct fix *f, size_t nf)
{
	struct decision d = distro_decide(m, s, f, nf);
	if (d.state == STATE_NONE) {
		d = upstream_decide(m, s, c, nc);
		doubt_package(m, s, &d);
	}
	d.vulnerability = nc ? c->vulnerability : f->vulnerability;
	if (s->confidence < d.confidence)
		d.confidence = s->confidence;
	return d;
}

bool match_software(struct matcher *m, const struct software *s)
{
	size_t nc, nf, n = 0;
	struct fix *f;
	struct criterion *c = read_criteria(m, s, &nc);
	nf = distro_fixes(m, s, &f);
	struct fix *spare = ARENA_ARRAY(m->scratch, struct fix, nf + 1);
	struct decision *d = ARENA_ARRAY(m->scratch, struct decision, nc + nf + 1);
	if (!c || !spare || !d)
		return m->error = error_at(ERR_MEMORY, 0, "no memory for matching"), false;
	if (nf)
		sort_stable(f, spare, nf, sizeof *f, by_vulnerability);
	for (size_t i = 0, k = 0; i < nc || k < nf;) {
		int64_t id = i == nc                                              ? f[k].vulnerability
					 : k == nf || c[i].vulnerability < f[k].vulnerability ? c[i].vulnerability
																		  : f[k].vulnerability;
		size_t i0 = i, k0 = k;
		while (i < nc && c[i].vulnerability == id)
			i++;
		while (k < nf && f[k].vulnerability == id)
			k++;
		d[n] = match_decide(m, s, c + i0, i - i0, nf ? f + k0 : NULL, k - k0);
		n += d[n].state != STATE_NONE;
	}
	return record_decisions(m, s, d, n);
}

#define VEX_OF                                                                                                         \
	"SELECT x.status, x.justification, x.statement, x.version, x.source_id, r.modified, x.rowid, x.record_id,"         \
	" x.product, x.component FROM vulnerability v JOIN vex x ON x.vulnerability_id = v.id"                             \
	" LEFT JOIN record r ON r.id = x.record_id WHERE v.name = ?1 "

static void prepare_all(struct matcher *m)
{
	m->criteria = prepare(m, m->feeds, MATCH_CRITERION "WHERE product = ?1 UNION ALL " MATCH_STATEMENT
							"AND product = ?1 UNION ALL " MATCH_STATEMENT "AND product > ?1 || '?' AND product < ?1 || '@'");
	m->configuration =
		prepare(m, m->feeds, MATCH_CRITERION "WHERE record_id = ? AND configuration = ? ORDER BY node, number");
	m->nodes = prepare(m, m->feeds,
					   "SELECT node, parent, operator, negate FROM node WHERE record_id = ? AND configuration = ?"
					   " ORDER BY node");
	m->fixes = prepare(m, m->feeds,
					   "SELECT distribution, vulnerability_id, source_id, status, version, note FROM package_fix"
					   " WHERE package = ? ORDER BY source_id, rowid");
	/* a database of an older version has no table of parts, nor what tells which product a component is in */
	if (sqlite3_prepare_v2(m->feeds, "SELECT product, kind, name FROM part WHERE vulnerability_id = ? ORDER BY rowid",
						   -1, &m->places, NULL) != SQLITE_OK)
		m->places = NULL;
	m->vex =
		prepare(m, m->feeds,
				m->places ? VEX_OF "ORDER BY x.rowid" : VEX_OF "AND coalesce(x.component, '') = '' ORDER BY x.rowid");
	m->name = prepare(m, m->feeds,
					  "SELECT v.name, EXISTS (SELECT 1 FROM kev k WHERE k.vulnerability_id = v.id) FROM vulnerability v"
					  " WHERE v.id = ?");
	m->vulnerability =
		prepare(m, m->feeds,
				"SELECT v.name, v.published, v.state, v.summary, v.cvss40, v.cvss31, v.cvss30, v.cvss2,"
				" k.vulnerability_id IS NOT NULL, e.score, e.percentile FROM vulnerability v"
				" LEFT JOIN kev k ON k.vulnerability_id = v.id LEFT JOIN epss e ON e.vulnerability_id = v.id"
				" WHERE v.id = ?");
}

void match_end(struct matcher *m)
{
	sqlite3_stmt *all[] = { m->criteria,      m->configuration, m->nodes, m->fixes,  m->vex,
							m->vulnerability, m->name,          m->add,   m->reject, m->places };
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		sqlite3_finalize(all[i]);
	sqlite3_exec(m->feeds, "ROLLBACK", NULL, NULL, NULL);
	if (m->db)
		sqlite3_exec(m->db, "DROP TABLE IF EXISTS temp.vuln_service", NULL, NULL, NULL);
	arena_free(m->scratch);
	arena_free(m->arena);
}

bool match_has_software(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	bool has = sqlite3_prepare_v2(db, "SELECT id, name, version, cpe FROM software LIMIT 1", -1, &s, NULL) == SQLITE_OK;
	sqlite3_finalize(s);
	return has;
}

void match_begin(struct matcher *m)
{
	/* one look at the database: nothing is locked and read anew for each look-up. It is never changed in place */
	sqlite3_exec(m->feeds, "PRAGMA mmap_size = 1073741824; BEGIN", NULL, NULL, NULL);
	prepare_all(m);
	read_sources(m);
}

static void run(struct matcher *m, const struct vuln_options *options)
{
	match_begin(m);
	if (!error_is(&m->error))
		image_need(m, IMAGE_ALL);
	if (!error_is(&m->error))
		exposure_read(m);
	if (error_is(&m->error) || !statements_load(m, options->statements) || !record_begin(m, options->now))
		return;
	for (size_t i = 0; i < m->image.nsoftware && !error_is(&m->error); i++) {
		if (options->progress)
			options->progress(options->progress_context, i, m->image.nsoftware);
		arena_reset(m->scratch);
		m->evaluated = (struct evaluated){ 0 };
		match_software(m, &m->image.software[i]);
		m->summary.software++;
	}
	if (!error_is(&m->error))
		record_end(m);
}

struct error vuln_match(sqlite3 *db, sqlite3 *feeds, const struct vuln_options *options, struct vuln_summary *summary)
{
	static const struct vuln_options none = { 0 };
	struct matcher m = { .db = db, .feeds = feeds, .arena = arena_new(ARENA_LIMIT), .scratch = arena_new(ARENA_LIMIT) };
	if (!m.arena || !m.scratch)
		m.error = error_at(ERR_MEMORY, 0, "no memory for matching");
	else if (!match_has_software(db))
		m.error = error_at(ERR_UNSUPPORTED, 0, "the case has no table of software; assess the image again");
	else if (sqlite3_exec(db, "SAVEPOINT vuln_match", NULL, NULL, NULL))
		failed(&m, db, "writing to the case");
	else {
		run(&m, options ? options : &none);
		if (error_is(&m.error))
			sqlite3_exec(db, "ROLLBACK TO vuln_match", NULL, NULL, NULL);
		if (sqlite3_exec(db, "RELEASE vuln_match", NULL, NULL, NULL))
			failed(&m, db, "writing to the case");
	}
	if (summary)
		*summary = m.summary;
	match_end(&m);
	return m.error;
}
