/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who uses the files that software was found in: what boot starts, what listens, and the libraries that these load.
 *
 * Libraries are found as the dynamic linker does, by name, within one file system; ld.so(8). What is loaded at run time
 * (dlopen) is not seen: only what lies right in a directory of libraries and is needed by nothing counts as unused.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/sort.h"
#include "vuln/internal.h"

#define FILES_MAX 200000u

struct file {
	int64_t id, parent;
	struct text name, path, needed;
	bool library; /* by its type; programs that are libraries, too, are programs */
	int exposure; /* -1: nothing uses it yet */
	size_t by;    /* the program that makes it so */
};

/* A name of a library: of the file, or of a link that leads to it. */
struct name {
	struct text name;
	int64_t parent;
	size_t file;
};

struct graph {
	struct matcher *m;
	struct file *files; /* by id */
	size_t nfiles;
	struct name *names; /* by name, parent */
	size_t nnames;
	size_t *queue;
};

static int by_id(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int c = n ? memcmp(x->name.p, y->name.p, n) : 0;
	if (!c)
		c = (x->name.n > y->name.n) - (x->name.n < y->name.n);
	return c ? c : (x->parent > y->parent) - (x->parent < y->parent);
}

static size_t file_of(const struct graph *g, int64_t id)
{
	struct file key = { .id = id };
	struct file *f = g->nfiles ? bsearch(&key, g->files, g->nfiles, sizeof key, by_id) : NULL;
	return f ? (size_t)(f - g->files) : SIZE_MAX;
}

static int64_t number(struct matcher *m, const char *sql)
{
	sqlite3_stmt *s = prepare(m, m->db, sql);
	int64_t n = s && sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return n < (int64_t)FILES_MAX ? n : (int64_t)FILES_MAX;
}

static bool read_files(struct graph *g)
{
	struct matcher *m = g->m;
	size_t cap = (size_t)number(m, "SELECT count(*) FROM elf") + 1;
	sqlite3_stmt *s = prepare(m, m->db,
							  "SELECT b.id, coalesce(b.parent_id, 0), b.file_name, b.path, e.needed, e.type ="
							  " 'shared-library' AND e.interpreter IS NULL FROM elf e JOIN blob b ON b.id = e.blob_id"
							  " GROUP BY b.id ORDER BY b.id");
	g->files = ARENA_ARRAY(m->arena, struct file, cap);
	g->queue = ARENA_ARRAY(m->arena, size_t, cap);
	while (s && g->files && g->nfiles < cap && sqlite3_step(s) == SQLITE_ROW)
		g->files[g->nfiles++] = (struct file){
			.id = sqlite3_column_int64(s, 0),
			.parent = sqlite3_column_int64(s, 1),
			.name = column_text(m->arena, s, 2),
			.path = column_text(m->arena, s, 3),
			.needed = column_text(m->arena, s, 4),
			.library = sqlite3_column_int(s, 5) != 0,
			.exposure = -1,
		};
	sqlite3_finalize(s);
	return g->files && g->queue;
}

static bool read_names(struct graph *g)
{
	struct matcher *m = g->m;
	static const char from[] =
		" FROM blob b LEFT JOIN target t ON t.blob_id = b.id JOIN elf e ON e.blob_id ="
		" coalesce(t.target_id, b.id) WHERE b.kind IN ('file', 'symlink') AND b.file_name GLOB '*.so*'";
	char sql[512];
	snprintf(sql, sizeof sql, "SELECT count(*)%s", from);
	size_t cap = (size_t)number(m, sql) + 1;
	snprintf(sql, sizeof sql,
			 "SELECT b.file_name, coalesce(b.parent_id, 0), coalesce(t.target_id, b.id)%s ORDER BY b.id", from);
	sqlite3_stmt *s = prepare(m, m->db, sql);
	struct name *spare = ARENA_ARRAY(m->arena, struct name, cap);
	g->names = ARENA_ARRAY(m->arena, struct name, cap);
	while (s && g->names && g->nnames < cap && sqlite3_step(s) == SQLITE_ROW) {
		struct name n = { column_text(m->arena, s, 0), sqlite3_column_int64(s, 1),
						  file_of(g, sqlite3_column_int64(s, 2)) };
		if (n.file != SIZE_MAX)
			g->names[g->nnames++] = n;
	}
	sqlite3_finalize(s);
	if (g->names && spare)
		sort_stable(g->names, spare, g->nnames, sizeof *g->names, by_name);
	return g->names && spare;
}

static void use(struct graph *g, size_t i, int exposure, size_t by, size_t *n)
{
	if (i == SIZE_MAX || g->files[i].exposure >= 0)
		return;
	g->files[i].exposure = exposure;
	g->files[i].by = by == SIZE_MAX ? i : by;
	g->queue[(*n)++] = i;
}

/* From the files that a query names, over all libraries that they load. Each file is reached once. */
static void spread(struct graph *g, const char *sql, int exposure)
{
	size_t n = 0;
	sqlite3_stmt *s = sql ? prepare(g->m, g->m->db, sql) : NULL;
	while (s && sqlite3_step(s) == SQLITE_ROW)
		use(g, file_of(g, sqlite3_column_int64(s, 0)), exposure, SIZE_MAX, &n);
	sqlite3_finalize(s);
	for (size_t i = 0; !sql && i < g->nfiles; i++)
		if (!g->files[i].library)
			use(g, i, exposure, SIZE_MAX, &n);
	for (size_t at = 0; at < n; at++) {
		const struct file *f = &g->files[g->queue[at]];
		for (struct text rest = f->needed; rest.n;) {
			const char *space = memchr(rest.p, ' ', rest.n);
			struct name key = { text_of(rest.p, space ? (size_t)(space - rest.p) : rest.n), f->parent, 0 };
			struct name *found = g->nnames ? bsearch(&key, g->names, g->nnames, sizeof key, by_name) : NULL;
			if (found)
				use(g, found->file, exposure, f->by, &n);
			rest = space ? text_of(space + 1, rest.n - key.name.n - 1) : TEXT_NONE;
		}
	}
}

/* Whether only a name in DT_NEEDED could have it loaded: it lies right in a directory of libraries. */
static bool needs_a_name(struct text path)
{
	static const char *const directories[] = { "/lib/", "/usr/lib/", "/usr/local/lib/", "/lib64/", "/usr/lib64/" };
	struct text name = text_base(path);
	struct text directory = text_of(path.p, path.n - name.n);
	if (!text_starts(name, "lib") || text_starts(name, "libnss_"))
		return false;
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		if (text_is(directory, directories[i]))
			return true;
	return text_ends(directory, "-linux-gnu/") || text_ends(directory, "-linux-gnueabihf/") ||
		   text_ends(directory, "-linux-gnueabi/");
}

static void take(struct graph *g, struct software *s, int64_t blob, bool *seen)
{
	size_t i = file_of(g, blob);
	enum exposure e = EXPOSURE_PRESENT;
	struct text by = TEXT_NONE;
	if (i != SIZE_MAX) {
		const struct file *f = &g->files[i];
		e = f->exposure >= 0 ? (enum exposure)f->exposure : needs_a_name(f->path) ? EXPOSURE_UNUSED : EXPOSURE_PRESENT;
		by = f->exposure >= 0 ? g->files[f->by].path : TEXT_NONE;
	}
	if (!*seen || e > s->exposure) {
		s->exposure = e;
		s->exposed_by = by;
	}
	*seen = true;
}

void exposure_read(struct matcher *m)
{
	struct graph g = { .m = m };
	if (!read_files(&g) || !read_names(&g))
		return;
	spread(&g, "SELECT program_id FROM temp.vuln_service WHERE program_id IS NOT NULL ORDER BY startup_id",
		   EXPOSURE_LISTENS);
	spread(&g, "SELECT blob_id FROM startup_program WHERE startup_id IN (SELECT id FROM started) ORDER BY startup_id",
		   EXPOSURE_STARTED);
	spread(&g, NULL, EXPOSURE_PRESENT);
	sqlite3_stmt *s = prepare(m, m->db,
							  "SELECT e.software_id, c.blob_id FROM software_evidence e JOIN component c"
							  " ON c.id = e.component_id ORDER BY e.software_id, c.blob_id");
	bool seen = false;
	for (size_t i = 0; s && i < m->image.nsoftware && sqlite3_step(s) == SQLITE_ROW;) {
		while (i < m->image.nsoftware && m->image.software[i].id < sqlite3_column_int64(s, 0)) {
			i++;
			seen = false;
		}
		if (i < m->image.nsoftware && m->image.software[i].id == sqlite3_column_int64(s, 0))
			take(&g, &m->image.software[i], sqlite3_column_int64(s, 1), &seen);
	}
	sqlite3_finalize(s);
	for (size_t i = 0; i < m->image.nsoftware; i++)
		if (!m->image.software[i].declared && software_has_key(&m->image.software[i], "cpe:o:linux:linux_kernel"))
			m->image.software[i].exposure = EXPOSURE_KERNEL;
}

const char *exposure_name(enum exposure e)
{
	static const char *const names[] = { [EXPOSURE_UNUSED] = "unused",
										 [EXPOSURE_DECLARED] = "declared",
										 [EXPOSURE_PRESENT] = "present",
										 [EXPOSURE_STARTED] = "started",
										 [EXPOSURE_KERNEL] = "kernel",
										 [EXPOSURE_LISTENS] = "listens" };
	return names[e];
}

enum exposure exposure_named(struct text name)
{
	for (enum exposure e = EXPOSURE_UNUSED; e <= EXPOSURE_LISTENS; e++)
		if (text_is(name, exposure_name(e)))
			return e;
	return EXPOSURE_PRESENT;
}
