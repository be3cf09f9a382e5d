/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people say of a vulnerability in a product: VEX statements of the feed database, and the list of CVEs that a
 * build system has patched or knows not to apply (Buildroot's IGNORE_CVES), as a table.
 *
 * Specification: VEX, Minimum Requirements (CISA): states and their meaning. The table: TSV, a line of names first,
 * then package, version (empty: any), cve, comment. A comment that is the name of a patch says that it is fixed by
 * that patch, any other one why it does not apply. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sort.h"
#include "vuln/internal.h"

#define FILE_MAX ((size_t)16 << 20)
#define STATEMENTS_MAX 100000u

static struct text field(struct text *line)
{
	const char *tab = line->n ? memchr(line->p, '\t', line->n) : NULL;
	struct text t = text_of(line->p, tab ? (size_t)(tab - line->p) : line->n);
	*line = tab ? text_of(tab + 1, line->n - t.n - 1) : TEXT_NONE;
	return t;
}

static bool bad(struct matcher *m, const char *path, size_t line, const char *what)
{
	m->error = error_at(ERR_USAGE, line, "%s:%zu: %s", path, line, what);
	return false;
}

static bool take_line(struct matcher *m, const char *path, size_t number, struct text line)
{
	struct statements *s = &m->statements;
	struct statement x = { 0 };
	x.product = field(&line);
	x.version = field(&line);
	x.vulnerability = field(&line);
	struct text comment = field(&line);
	if (!x.product.n || !x.vulnerability.n || memchr(x.vulnerability.p, ' ', x.vulnerability.n))
		return bad(m, path, number, "expected package, version, cve and comment, separated by tabs");
	if (s->n == STATEMENTS_MAX)
		return bad(m, path, number, "more statements than are read; split the file");
	bool patch = text_ends(comment, ".patch");
	x.state = patch ? TEXT_LIT("fixed") : TEXT_LIT("not_affected");
	x.reason = text_c(arena_printf(m->arena, patch ? "fixed by %.*s" : "%.*s", T(comment)));
	x.source = TEXT_LIT("statement");
	s->v[s->n++] = x;
	return true;
}

static char *read_file(struct matcher *m, const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *bytes = f ? malloc(FILE_MAX + 1) : NULL;
	*n = bytes ? fread(bytes, 1, FILE_MAX + 1, f) : 0;
	if (!bytes || ferror(f))
		m->error = error_at(ERR_USAGE, 0, "%s: the statements can not be read: %s", path, strerror(errno));
	else if (*n > FILE_MAX)
		m->error = error_at(ERR_USAGE, FILE_MAX, "%s: larger than %zu MiB", path, FILE_MAX >> 20);
	char *copy = error_is(&m->error) ? NULL : arena_strdup(m->arena, text_of(bytes, *n));
	free(bytes);
	if (f)
		fclose(f);
	return copy;
}

static int by_vulnerability(const void *a, const void *b)
{
	const struct text x = ((const struct statement *)a)->vulnerability,
					  y = ((const struct statement *)b)->vulnerability;
	size_t n = x.n < y.n ? x.n : y.n;
	int c = n ? memcmp(x.p, y.p, n) : 0;
	return c ? c : (x.n > y.n) - (x.n < y.n);
}

/* The first statement about that vulnerability, and all behind it that are. */
static size_t first_about(const struct statements *s, struct text name)
{
	struct statement key = { .vulnerability = name };
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_vulnerability(&s->v[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool statements_load(struct matcher *m, const char *path)
{
	size_t n, number = 1, lines = 1;
	char *bytes = path ? read_file(m, path, &n) : NULL;
	if (!bytes)
		return !error_is(&m->error);
	for (size_t i = 0; i < n; i++)
		lines += bytes[i] == '\n';
	m->statements.v = ARENA_ARRAY(m->arena, struct statement, lines < STATEMENTS_MAX ? lines : STATEMENTS_MAX);
	if (!m->statements.v)
		return bad(m, path, 0, "no memory for the statements");
	for (struct text rest = text_of(bytes, n); rest.n; number++) {
		const char *end = memchr(rest.p, '\n', rest.n);
		struct text line = text_of(rest.p, end ? (size_t)(end - rest.p) : rest.n);
		rest = end ? text_of(end + 1, rest.n - line.n - 1) : TEXT_NONE;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (number > 1 && line.n && line.p[0] != '#' && !take_line(m, path, number, line))
			return false;
	}
	struct statement *spare = ARENA_ARRAY(m->arena, struct statement, m->statements.n + 1);
	if (!spare)
		return bad(m, path, 0, "no memory for the statements");
	sort_stable(m->statements.v, spare, m->statements.n, sizeof *spare, by_vulnerability);
	return true;
}

/* Words of a build count here, which do not in ranges: what is said of
 * "1.0.2k-fips" or of a package's revision is not said of 1.0.2k. */
bool statement_is_version(const struct software *s, struct text version)
{
	version = version_trim(version);
	if (!version.n || text_eq(version, s->package_version) || text_eq(version, s->version))
		return true;
	if (version_is_range(version)) {
		bool package = text_starts(version, "vers:deb/") || text_starts(version, "vers:rpm/") ||
					   text_starts(version, "vers:apk/") || text_starts(version, "vers:alpine/") || text_starts(version, "vers:opkg/");
		return version_in_range(s->order, version, package ? s->package_version : s->version) == 1;
	}
	for (size_t i = 0; i < version.n; i++)
		if (strchr("-+~ :", version.p[i]))
			return false;
	if (cpe_has_wildcard(version)) { /* that of a CPE name: "1.*" */
		enum cpe_relation r = cpe_compare_attribute(version, s->version);
		return s->version.n && (r == CPE_SUPERSET || r == CPE_EQUAL);
	}
	return !(s->version.n && (memchr(s->version.p, '-', s->version.n) || memchr(s->version.p, '+', s->version.n))) &&
		   version_compare(s->order, s->version, version) == 0;
}

static bool is_about(const struct software *s, const struct statement *x)
{
	if (!statement_is_version(s, x->version))
		return false;
	if (text_eq(x->product, s->name) || (s->source_package.n && text_eq(x->product, s->source_package)))
		return true;
	for (size_t i = 0; i < s->nkeys; i++)
		if (text_eq(x->product, s->keys[i]))
			return true;
	return s->purl.n && text_eq(x->product, s->purl);
}

static void apply(struct matcher *m, struct decision *d, struct text state, struct text source, struct text reason)
{
	if (text_is(state, "fixed"))
		d->state = STATE_FIXED;
	else if (text_is(state, "not_affected"))
		d->state = STATE_NOT_AFFECTED;
	else if (text_is(state, "under_investigation"))
		d->state = STATE_INVESTIGATED;
	else
		return; /* "affected" adds nothing to what the ranges say */
	static const char *const says[] = { [STATE_FIXED] = "it is fixed",
										[STATE_NOT_AFFECTED] = "it is not affected",
										[STATE_INVESTIGATED] = "it is under investigation" };
	if (reason.n)
		d->reason = words(m, "%.*s: %.*s", T(source), T(reason));
	else
		d->reason = words(m, "%.*s says that %s", T(source), says[d->state]);
}

static void apply_vex(struct matcher *m, const struct software *s, struct text name, struct decision *d)
{
	struct text state, source, reason;
	if (vex_find(m, s, name, &state, &source, &reason))
		apply(m, d, state, source, reason);
}

void statements_apply(struct matcher *m, const struct software *s, struct text name, struct decision *d)
{
	if (d->state != STATE_AFFECTED)
		return;
	if (!m->known || m->known->vex)
		apply_vex(m, s, name, d);
	const struct statements *all = &m->statements;
	for (size_t i = first_about(all, name); i < all->n && text_eq(all->v[i].vulnerability, name); i++)
		if (is_about(s, &all->v[i]))
			apply(m, d, all->v[i].state, all->v[i].source, all->v[i].reason);
}
