/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a bill of materials and the image say something else: the table `sbom_difference`.
 *
 * The bills beside the image are compared, or, where there are none, those that lie in it. What is declared and was not
 * found contradicts the image only where it would have been seen: a product of the table, with a version, that is no tool
 * of the build. What has no version on either side differs from nothing. */

#include "base/products.h"
#include "base/purl.h"
#include "case/declared.h"
#include "case/internal.h"
#include "sql/sql.h"

#define FOUND_MAX 256u

static const char declared_sql[] =
	"WITH beside(n) AS (SELECT count(*) FROM declared_component d JOIN blob b ON b.id = d.blob_id"
	" JOIN input i ON i.id = b.input_id WHERE i.kind = 'sbom' AND d.kind IS NOT 'available')"
	" SELECT d.id, d.name, d.version, d.purl, d.cpe, d.kind FROM declared_component d JOIN blob b ON b.id = d.blob_id"
	" JOIN input i ON i.id = b.input_id WHERE (i.kind = 'sbom') = ((SELECT n FROM beside) > 0) AND d.kind IS NOT 'product'"
	" AND d.kind IS NOT 'available'" /* in a repository */
	" AND d.scope IS NOT 'excluded'" /* the bill itself says that it is no part of the product */
	" ORDER BY d.id";

/* What makes the others, and is not in the image itself. */
static const char *const build_tools[] = {
	"autoconf", "automake",   "bc",      "binutils", "bison",          "cmake", "flex",    "gcc",          "gettext",
	"gperf",    "help2man",   "libtool", "m4",       "make",           "meson", "ninja",   "patch",        "patchelf",
	"pkgconf",  "pkg-config", "quilt",   "scons",    "squashfs-tools", "swig",  "texinfo", "u-boot-tools",
};

struct differences {
	sqlite3_stmt *insert, *kernels_own, *kernel_called;
	bool *declared; /* for each part: some bill has it */
	const struct parts *parts;
	bool failed;
};

/* A part may be unknown (NULL), and so may the row that declares it (0). */
static void add(struct differences *x, const char *kind, struct text name, struct text declared, const struct part *p,
				int64_t declared_id)
{
	struct text found = p ? p->package_version.n ? p->package_version : p->version : TEXT_NONE;
	sqlite3_bind_text(x->insert, 1, kind, -1, SQLITE_STATIC);
	sqlite3_bind_text64(x->insert, 2, name.p, name.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	sqlite3_bind_text64(x->insert, 3, declared.p, declared.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	sqlite3_bind_text64(x->insert, 4, found.p, found.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	if (p)
		sqlite3_bind_int64(x->insert, 5, p->id);
	else
		sqlite3_bind_null(x->insert, 5);
	if (declared_id)
		sqlite3_bind_int64(x->insert, 6, declared_id);
	else
		sqlite3_bind_null(x->insert, 6);
	x->failed |= sqlite3_step(x->insert) != SQLITE_DONE;
	sqlite3_reset(x->insert);
}

/* Whether it would be seen, were it in the image. */
static bool is_visible(struct text name, struct text purl, struct text version, struct arena *a)
{
	struct purl parsed;
	if (purl.n && purl_parse(purl, &parsed, a))
		name = parsed.name;
	name = text_base(name);
	for (size_t i = 0; i < sizeof build_tools / sizeof build_tools[0]; i++)
		if (text_is(name, build_tools[i]))
			return false;
	if (!version.n || text_starts(name, "host-") || text_ends(name, "-native"))
		return false;
	return product_named(name) || product_of_package(name);
}

/* A kernel is also called as it calls itself (uname -r), of which a distribution's number is no release: Debian's 6.1.0-50-armmp is
 * 6.1.176. */
static const char kernel_called_sql[] = "SELECT 1 FROM kernel WHERE version = ?1 OR substr(version, 1, length(?1) + 1) = ?1 || '-'";

static bool is_kernel_called(struct differences *x, const struct part *p, struct text version)
{
	if (!text_is(p->name, "linux"))
		return false;
	sqlite3_bind_text64(x->kernel_called, 1, version.p, version.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	bool called = sqlite3_step(x->kernel_called) == SQLITE_ROW;
	sqlite3_reset(x->kernel_called);
	return called;
}

static void compare(struct differences *x, sqlite3_stmt *d, struct arena *a)
{
	size_t found[FOUND_MAX];
	struct text name = sql_text(d, 1), version = sql_text(d, 2), purl = sql_text(d, 3), cpe = sql_text(d, 4);
	const struct part *other = NULL;
	bool agrees = false;
	if (!version.n)
		version = parts_version(purl, TEXT_NONE, a);
	size_t n = parts_find(x->parts, name, purl, cpe, found, FOUND_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct part *p = parts_get(x->parts, found[i]);
		bool same = !version.n || (!p->version.n && !p->package_version.n) || part_has_version(p, version) ||
					is_kernel_called(x, p, version);
		x->declared[found[i]] |= same;
		agrees |= same;
		other = other ? other : p;
	}
	for (size_t i = 0; !agrees && i < n; i++) /* one row says it for all of them */
		x->declared[found[i]] = true;
	if (n && !agrees)
		add(x, "version_differs", name, version, other, sqlite3_column_int64(d, 0));
	if (!n && is_visible(name, purl, version, a))
		add(x, "not_in_image", name, version, NULL, sqlite3_column_int64(d, 0));
}

/* What is found in a kernel alone is a part of the kernel: its decompressors carry versions of their own. */
static const char kernels_own_sql[] =
	"SELECT 1 FROM software_evidence e JOIN component c ON c.id = e.component_id WHERE e.software_id = ?1"
	" GROUP BY e.software_id HAVING sum(c.blob_id NOT IN (SELECT blob_id FROM kernel)) = 0";

static bool is_kernels_own(struct differences *x, const struct part *p)
{
	sqlite3_bind_int64(x->kernels_own, 1, p->id);
	bool own = !text_is(p->name, "linux") && sqlite3_step(x->kernels_own) == SQLITE_ROW;
	sqlite3_reset(x->kernels_own);
	return own;
}

/* "7.6", which the name of a file tells, is no other version than the "7.6.q-32" of its package. */
static bool begins_with(struct text version, struct text beginning)
{
	return beginning.n && beginning.n <= version.n && memcmp(version.p, beginning.p, beginning.n) == 0 &&
		   (version.n == beginning.n || !(version.p[beginning.n] >= '0' && version.p[beginning.n] <= '9'));
}

/* Whether what is declared of the same product tells more of the version. */
static bool is_covered(const struct differences *x, const struct part *p)
{
	bool covered = false;
	for (size_t i = 0; i < parts_count(x->parts) && !covered; i++) {
		const struct part *other = parts_get(x->parts, i);
		covered = x->declared[i] && text_eq(other->name, p->name) && begins_with(other->version, p->version);
	}
	return covered;
}

struct error derive_difference(sqlite3 *db, const struct parts *parts, struct arena *a)
{
	sqlite3_stmt *d = NULL;
	struct differences x = { .parts = parts, .declared = ARENA_ARRAY(a, bool, parts_count(parts)) };
	int r = SQLITE_DONE;
	size_t rows = 0;
	x.failed =
		!x.declared || sqlite3_prepare_v2(db, declared_sql, -1, &d, NULL) ||
		sqlite3_prepare_v2(db,
						   "INSERT INTO sbom_difference(kind, name, declared_version, found_version, software_id,"
						   " declared_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
						   -1, &x.insert, NULL) ||
		sqlite3_prepare_v2(db, kernels_own_sql, -1, &x.kernels_own, NULL) ||
		sqlite3_prepare_v2(db, kernel_called_sql, -1, &x.kernel_called, NULL);
	/* nothing at all: the software of this case was not looked for; and a bill shows nothing of a product */
	bool looked = parts_count(parts) > 0 && !declared_alone(db);
	while (!x.failed && looked && (r = sqlite3_step(d)) == SQLITE_ROW) {
		compare(&x, d, a);
		rows++;
	}
	for (size_t i = 0; !x.failed && rows && i < parts_count(parts); i++) {
		const struct part *p = parts_get(parts, i);
		if (!x.declared[i] && !text_is(p->confidence, "possible") && !is_covered(&x, p) && !is_kernels_own(&x, p)) /* a guess accuses nobody */
			add(&x, "missing_in_sbom", p->name, TEXT_NONE, p, 0);
	}
	bool bad = x.failed || r != SQLITE_DONE;
	struct error e =
		bad ? error_at(ERR_IO, 0, "comparing with the bill of materials: %s", sqlite3_errmsg(db)) : error_none();
	sqlite3_finalize(d);
	sqlite3_finalize(x.insert);
	sqlite3_finalize(x.kernels_own);
	sqlite3_finalize(x.kernel_called);
	return e;
}
