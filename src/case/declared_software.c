/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The software of a case whose inputs are bills of materials alone: what they declare, each product, version and revision once.
 *
 * What is in an image is the truth where there is one: then declarations are compared with it (difference.c), and add nothing. */
#include <string.h>

#include "base/sort.h"
#include "case/declared.h"
#include "case/internal.h"

#define SOFTWARE_MAX 100000u /* as many as are matched */
#define ROWS_MAX (8 * SOFTWARE_MAX)
#define BYTES_MAX ((size_t)768 << 20)

struct list {
	struct arena *a;
	struct declared_software *v;
	size_t n, room;
	bool cut; /* there are more than are taken */
};

static const char declared_sql[] =
	"SELECT d.id, d.name, d.version, d.purl, d.cpe, d.licence, d.kind, d.format, d.scope, d.source_package, d.package_version,"
	" d.distribution, d.confidence, coalesce(b.path, i.location) FROM declared_component d JOIN blob b ON b.id = d.blob_id"
	" JOIN input i ON i.id = b.input_id WHERE i.kind = 'firmware' ORDER BY d.id";

static struct text column(sqlite3_stmt *s, int i, struct arena *a)
{
	const char *p = (const char *)sqlite3_column_text(s, i);
	size_t n = p ? (size_t)sqlite3_column_bytes(s, i) : 0;
	return n ? text_c(arena_strdup(a, text_of(p, n))) : TEXT_NONE;
}

static void read_row(struct declared *d, sqlite3_stmt *s, struct arena *a)
{
	struct text *const fields[] = { &d->name,           &d->version,         &d->purl,         &d->cpe,
									&d->licence,        &d->kind,            &d->format,       &d->scope,
									&d->source_package, &d->package_version, &d->distribution, &d->confidence,
									&d->path };
	*d = (struct declared){ .id = sqlite3_column_int64(s, 0) };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		*fields[i] = column(s, (int)i + 1, a);
}

static bool add(struct list *l, const struct declared_software *one)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 256;
		struct declared_software *v = ARENA_ARRAY(l->a, struct declared_software, room);
		if (!v)
			return false;
		if (l->n)
			memcpy(v, l->v, l->n * sizeof *v);
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = *one;
	return true;
}

static bool read_all(sqlite3 *db, struct list *l)
{
	sqlite3_stmt *s = NULL;
	int r = sqlite3_prepare_v2(db, declared_sql, -1, &s, NULL) == SQLITE_OK ? SQLITE_ROW : SQLITE_ERROR;
	while (r == SQLITE_ROW && (r = sqlite3_step(s)) == SQLITE_ROW) {
		struct declared d;
		struct declared_software one;
		if (l->n == ROWS_MAX || arena_used(l->a) > BYTES_MAX / 2) {
			l->cut = true;
			r = SQLITE_DONE;
			break;
		}
		read_row(&d, s, l->a);
		if (declared_identify(&d, &one, l->a) && !add(l, &one))
			r = SQLITE_NOMEM;
	}
	sqlite3_finalize(s);
	return r == SQLITE_DONE;
}

static int by_text(struct text a, struct text b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* In the order of `software`; the same product, version and revision, of one distribution or registry, is one. */
static int by_identity(const void *left, const void *right)
{
	const struct declared_software *a = left, *b = right;
	const struct text x[] = { a->name, a->version, a->package_version, a->family, a->distribution };
	const struct text y[] = { b->name, b->version, b->package_version, b->family, b->distribution };
	int c = 0;
	for (size_t i = 0; i < sizeof x / sizeof x[0] && c == 0; i++)
		c = by_text(x[i], y[i]);
	return c;
}

static bool is_same_product(const struct declared_software *a, const struct declared_software *b)
{
	return text_eq(a->name, b->name) && text_eq(a->version, b->version);
}

/* As in an image, what has no revision belongs to the one revision of that version, where there is one: one bill of a product may
 * have its packages, another its projects. Packages of distributions keep what they have. */
static void adopt_revisions(struct list *l)
{
	for (size_t i = 0, n; i < l->n; i += n) {
		const struct declared_software *only = NULL;
		bool several = false;
		for (n = 0; i + n < l->n && is_same_product(&l->v[i], &l->v[i + n]); n++) {
			const struct declared_software *one = &l->v[i + n];
			several |= one->package_version.n && only && by_identity(only, one) != 0;
			only = one->package_version.n && !only ? one : only;
		}
		for (size_t k = i; only && !several && l->v[i].version.n && k < i + n; k++)
			if (!l->v[k].package_version.n && !l->v[k].family.n) {
				l->v[k].package_version = only->package_version;
				l->v[k].family = only->family;
				l->v[k].distribution = only->distribution;
			}
	}
}

struct writer {
	sqlite3 *db;
	sqlite3_stmt *software, *declaration;
	bool failed;
};

static void bind(sqlite3_stmt *s, int at, struct text t)
{
	if (t.n)
		sqlite3_bind_text64(s, at, t.p, t.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(s, at);
}

/* The names of all that are one, each once: the one may have a CPE name that the other has not. */
static struct text joined_cpes(const struct declared_software *v, size_t n, struct arena *a)
{
	struct text list = v->cpe;
	for (size_t i = 1; i < n && list.n < 2048; i++)
		if (v[i].cpe.n && !text_eq(v[i].cpe, v[i - 1].cpe) && !text_eq(v[i].cpe, v->cpe))
			list = text_c(arena_printf(a, "%.*s%s%.*s", (int)list.n, list.n ? list.p : "", list.n ? " " : "", (int)v[i].cpe.n,
									   v[i].cpe.p));
	return list;
}

static void write_group(struct writer *w, const struct declared_software *v, size_t n, struct arena *a)
{
	bool possible = true;
	for (size_t i = 0; i < n; i++)
		possible &= v[i].possible;
	const struct text columns[] = { v->name,         v->title, v->version, v->package_version,   v->source_package, v->distribution,
									v->architecture, v->purl,  joined_cpes(v, n, a), v->licence, text_c(possible ? "possible" : "likely"),
									v->path };
	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
		bind(w->software, (int)i + 1, columns[i]);
	sqlite3_bind_int64(w->software, 13, (sqlite3_int64)n);
	w->failed |= sqlite3_step(w->software) != SQLITE_DONE;
	sqlite3_reset(w->software);
	sqlite3_int64 id = sqlite3_last_insert_rowid(w->db);
	for (size_t i = 0; i < n && !w->failed; i++) {
		sqlite3_bind_int64(w->declaration, 1, id);
		sqlite3_bind_int64(w->declaration, 2, v[i].id);
		w->failed |= sqlite3_step(w->declaration) != SQLITE_DONE;
		sqlite3_reset(w->declaration);
	}
}

static bool write_all(sqlite3 *db, const struct list *l)
{
	struct writer w = { .db = db };
	size_t groups = 0, i = 0;
	w.failed = sqlite3_prepare_v2(db,
								  "INSERT INTO software(name, title, version, package_version, source_package, distribution,"
								  " architecture, purl, cpe, licence, confidence, evidence_kind, path, count)"
								  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'declared', ?12, ?13)",
								  -1, &w.software, NULL) ||
			   sqlite3_prepare_v2(db, "INSERT INTO software_declaration(software_id, declared_id) VALUES(?1, ?2)", -1, &w.declaration,
								  NULL);
	for (size_t n; i < l->n && !w.failed && groups < SOFTWARE_MAX; i += n, groups++) {
		for (n = 1; i + n < l->n && by_identity(&l->v[i], &l->v[i + n]) == 0;)
			n++;
		write_group(&w, &l->v[i], n, l->a);
	}
	if ((l->cut || i < l->n) && !w.failed)
		w.failed = sqlite3_exec(db,
								"INSERT INTO damage(blob_id, kind, what) SELECT max(id), 'budget',"
								" 'more declared components than are matched: 100000' FROM blob WHERE parent_id IS NULL",
								NULL, NULL, NULL) != SQLITE_OK;
	sqlite3_finalize(w.software);
	sqlite3_finalize(w.declaration);
	return !w.failed;
}

bool derive_declared_software(sqlite3 *db)
{
	if (!declared_is_all(db))
		return true;
	struct list l = { .a = arena_new(BYTES_MAX) };
	bool ok = l.a && read_all(db, &l);
	struct declared_software *spare = ok ? ARENA_ARRAY(l.a, struct declared_software, l.n + 1) : NULL;
	if (spare && l.n) {
		sort_stable(l.v, spare, l.n, sizeof *spare, by_identity);
		adopt_revisions(&l);
		sort_stable(l.v, spare, l.n, sizeof *spare, by_identity);
	}
	ok = ok && spare && write_all(db, &l);
	arena_free(l.a);
	return ok;
}
