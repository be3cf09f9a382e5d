/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the rows alone and would be slow, or wrong, in SQL: where symbolic links end, and which file a line of
 * `startup` runs.
 *
 * Specification: path_resolution(7). A file system is taken to be mounted at its root, and nothing else within it.
 */
#include <stdio.h>
#include <string.h>

#include "case/declared.h"
#include "case/internal.h"

#define PATH_MAX_BYTES 4096u
#define LINKS_MAX 40u /* as Linux */
/* Look-ups for one path: far more than any real one takes. */
#define STEPS_MAX 512u
/* And for all: some seconds. */
#define STEPS_TOTAL_MAX (5u * 1000 * 1000)

/* Where a program is looked for that is given by its name alone: the PATH of init and of shells. */
static const char *const program_directories[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
												   "/usr/bin",        "/sbin",          "/bin" };

struct derive {
	sqlite3 *db;
	sqlite3_stmt *find, *by_name, *add_target, *add_program;
	unsigned steps, total; /* for the path at hand, and in all */
	bool failed;
};

struct place {
	int64_t id;
	char kind[16];
	char link[PATH_MAX_BYTES]; /* of a symbolic link its target, of a further hard link the first name's path */
};

struct path {
	char p[PATH_MAX_BYTES];
	size_t n;
};

static bool copy_text(char out[PATH_MAX_BYTES], sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);
	size_t n = (size_t)sqlite3_column_bytes(s, column);
	if (n >= PATH_MAX_BYTES)
		return false;
	memcpy(out, text ? text : "", n);
	out[n] = '\0';
	return true;
}

/* The entry of that path; false when there is none. */
static bool find(struct derive *d, int64_t parent, const struct path *path, struct place *out)
{
	if (++d->steps > STEPS_MAX || ++d->total > STEPS_TOTAL_MAX)
		return false;
	sqlite3_bind_int64(d->find, 1, parent);
	sqlite3_bind_text(d->find, 2, path->p, (int)path->n, SQLITE_STATIC);
	int r = sqlite3_step(d->find);
	bool found = r == SQLITE_ROW;
	if (found) {
		out->id = sqlite3_column_int64(d->find, 0);
		snprintf(out->kind, sizeof out->kind, "%s", (const char *)sqlite3_column_text(d->find, 1));
		found = copy_text(out->link, d->find, 2);
	} else {
		d->failed |= r != SQLITE_DONE;
	}
	sqlite3_reset(d->find);
	return found;
}

/* Adds a component; false when it does not fit. */
static bool push(struct path *path, const char *name, size_t n)
{
	if (path->n + n + 2 > PATH_MAX_BYTES)
		return false;
	path->p[path->n++] = '/';
	memcpy(path->p + path->n, name, n);
	path->n += n;
	path->p[path->n] = '\0';
	return true;
}

static void pop(struct path *path)
{
	while (path->n > 0 && path->p[--path->n] != '/')
		;
	path->p[path->n] = '\0';
}

/* Puts `head` before `rest`, which may be empty. */
static bool prepend(char rest[PATH_MAX_BYTES], const char *head)
{
	size_t n = strlen(head), tail = strlen(rest);
	if (n + 1 + tail >= PATH_MAX_BYTES)
		return false;
	memmove(rest + n + 1, rest, tail + 1);
	memcpy(rest, head, n);
	rest[n] = '/';
	return true;
}

/* Walks from `at` along `rest`, component by component. *path is where it ends; *out is what is there. Directories need not
 * have an entry of their own: archives may leave them out. */
static bool walk(struct derive *d, int64_t parent, struct path *at, char rest[PATH_MAX_BYTES], bool follow_last,
				 struct place *out)
{
	unsigned links = 0;
	bool found = false;
	for (size_t from = 0; rest[from];) {
		size_t n = strcspn(rest + from, "/");
		const char *name = rest + from;
		bool last = rest[from + n + strspn(rest + from + n, "/")] == '\0';
		from += n + strspn(rest + from + n, "/");
		if (n == 0 || (n == 1 && name[0] == '.'))
			continue;
		if (n == 2 && memcmp(name, "..", 2) == 0) {
			pop(at);
			found = at->n > 0 && find(d, parent, at, out);
			continue;
		}
		if (!push(at, name, n))
			return false;
		found = find(d, parent, at, out);
		if (!found || strcmp(out->kind, "symlink") != 0 || (last && !follow_last))
			continue;
		if (++links > LINKS_MAX || !out->link[0])
			return false;
		memmove(rest, rest + from, strlen(rest + from) + 1);
		from = 0;
		if (!prepend(rest, out->link))
			return false;
		if (out->link[0] == '/')
			at->n = 0;
		else
			pop(at);
		found = false;
	}
	return found;
}

/* What the path leads to, be it through links in the middle; of further hard links the first. 0: nothing that is there. */
static int64_t resolve(struct derive *d, int64_t parent, const char *from, const char *path, bool follow_last)
{
	struct path at = { .n = 0 };
	struct place place, first;
	char rest[PATH_MAX_BYTES];
	d->steps = 0;
	if (strlen(path) + 1 >= PATH_MAX_BYTES || strlen(from) >= PATH_MAX_BYTES)
		return 0;
	if (path[0] != '/') { /* the directory of `from` stands in the table: it is no link */
		memcpy(at.p, from, strlen(from) + 1);
		at.n = strlen(from);
		pop(&at);
	}
	memcpy(rest, path, strlen(path) + 1);
	if (!walk(d, parent, &at, rest, follow_last, &place))
		return 0;
	if (!follow_last || !place.link[0] || strcmp(place.kind, "file") != 0)
		return place.id;
	at.n = strlen(place.link);
	memcpy(at.p, place.link, at.n + 1);
	return find(d, parent, &at, &first) ? first.id : place.id;
}

static void add(struct derive *d, sqlite3_stmt *s, int64_t a, int64_t b, int64_t c)
{
	sqlite3_bind_int64(s, 1, a);
	sqlite3_bind_int64(s, 2, b);
	if (sqlite3_bind_parameter_count(s) > 2)
		sqlite3_bind_int64(s, 3, c);
	d->failed |= sqlite3_step(s) != SQLITE_DONE;
	sqlite3_reset(s);
}

static sqlite3_stmt *prepare(struct derive *d, const char *sql)
{
	sqlite3_stmt *s = NULL;
	d->failed |= sqlite3_prepare_v2(d->db, sql, -1, &s, NULL) != SQLITE_OK;
	return s;
}

static void derive_targets(struct derive *d)
{
	sqlite3_stmt *links =
		prepare(d, "SELECT id, parent_id, path, coalesce(link_target, same_as) FROM blob"
				   " WHERE parent_id IS NOT NULL AND path IS NOT NULL AND ((kind = 'symlink' AND link_target <> '')"
				   " OR (kind = 'file' AND same_as IS NOT NULL)) ORDER BY id");
	while (!d->failed && sqlite3_step(links) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(links, 0);
		int64_t target = resolve(d, sqlite3_column_int64(links, 1), (const char *)sqlite3_column_text(links, 2),
								 (const char *)sqlite3_column_text(links, 3), true);
		if (target && target != id)
			add(d, d->add_target, id, target, 0);
	}
	sqlite3_finalize(links);
}

/* Archives tell of a further hard link only whose it is: it has the size of that file. */
static void derive_sizes(struct derive *d)
{
	d->failed |= sqlite3_exec(d->db,
							  "UPDATE blob SET size = b.size FROM target t JOIN blob b ON b.id = t.target_id"
							  " WHERE t.blob_id = blob.id AND blob.kind = 'file' AND blob.same_as IS NOT NULL AND blob.size = 0"
							  " AND b.kind = 'file'",
							  NULL, NULL, NULL) != SQLITE_OK;
}

/* The entry of a program that is given by its name: 0 when there is none. */
static int64_t search(struct derive *d, int64_t parent, const char *name)
{
	char path[PATH_MAX_BYTES];
	for (size_t i = 0; i < sizeof program_directories / sizeof program_directories[0]; i++) {
		int n = snprintf(path, sizeof path, "%s/%s", program_directories[i], name);
		int64_t id = n > 0 && (size_t)n < sizeof path ? resolve(d, parent, "/", path, false) : 0;
		if (id)
			return id;
	}
	sqlite3_bind_int64(d->by_name, 1, parent);
	sqlite3_bind_text(d->by_name, 2, name, -1, SQLITE_STATIC);
	int64_t id = sqlite3_step(d->by_name) == SQLITE_ROW ? sqlite3_column_int64(d->by_name, 0) : 0;
	sqlite3_reset(d->by_name);
	return id;
}

/* Lines in the order of their programs, each of which is looked for once: many files may have its name. */
static void derive_programs(struct derive *d)
{
	sqlite3_stmt *lines = prepare(
		d,
		"SELECT s.id, b.parent_id, s.program, b.parent_id IS lag(b.parent_id) OVER w AND s.program = lag(s.program) OVER w"
		" FROM startup s JOIN blob b ON b.id = s.blob_id WHERE b.parent_id IS NOT NULL AND s.program <> ''"
		" WINDOW w AS (ORDER BY b.parent_id, s.program, s.id) ORDER BY b.parent_id, s.program, s.id");
	int64_t file = 0;
	sqlite3_stmt *end = prepare(d, "SELECT coalesce((SELECT target_id FROM target WHERE blob_id = ?1), ?1)");
	while (!d->failed && sqlite3_step(lines) == SQLITE_ROW) {
		const char *program = (const char *)sqlite3_column_text(lines, 2);
		int64_t parent = sqlite3_column_int64(lines, 1);
		if (program && !sqlite3_column_int(lines, 3))
			file = program[0] == '/' ? resolve(d, parent, "/", program, false) : search(d, parent, program);
		if (!file)
			continue;
		sqlite3_bind_int64(end, 1, file);
		if (sqlite3_step(end) == SQLITE_ROW)
			add(d, d->add_program, sqlite3_column_int64(lines, 0), file, sqlite3_column_int64(end, 0));
		sqlite3_reset(end);
	}
	sqlite3_finalize(end);
	sqlite3_finalize(lines);
}

/* A part of a server's configuration in a folder of parts, which none of its files includes, though all are known: a file of its own is
 * among them, which includes others, and no command names another. Patterns are those of glob(7); relative ones begin in the server's
 * own folder. What is the output of a command, has a variable, an expression or what GLOB does not know (braces, sets of characters),
 * or goes through a symbolic link, may be anything; so may one with many stars, which would take long. */
static void derive_included(struct derive *d)
{
	static const char sql[] =
		"WITH held AS MATERIALIZED ("
		" SELECT s.blob_id, s.program, s.key, s.value, s.origin, b.parent_id, b.path, b.file_name FROM setting s JOIN blob b ON b.id = s.blob_id"
		" WHERE s.program IN ('nginx', 'apache', 'lighttpd', 'mosquitto') AND s.effective IS NOT 0),"
		"include AS MATERIALIZED ("
		" SELECT program, parent_id, lower(key) AS key,"
		"  rtrim(trim(value, ' \"' || char(39)), '/') || iif(lower(key) = 'include_dir', '/*.conf', '') AS pattern FROM held"
		" WHERE origin = 'file' AND (lower(key) IN ('include', 'includeoptional', 'include_dir', 'include_shell', 'include_conf'))),"
		"unknown AS ("
		" SELECT program, parent_id FROM include i"
		" WHERE key = 'include_shell' OR pattern IS NULL OR pattern GLOB '*[[$`{+\"!\\]*' OR instr(pattern, './') OR instr(pattern, '//')"
		"  OR length(pattern) > 1000 OR length(pattern) - length(replace(pattern, '*', '')) > 3"
		"  OR EXISTS (SELECT 1 FROM blob l WHERE l.kind = 'symlink' AND l.parent_id = i.parent_id AND iif(i.pattern GLOB '/*',"
		"   substr(i.pattern, 1, length(l.path) + 1) = l.path || '/', instr('/' || i.pattern || '/', '/' || l.file_name || '/')))),"
		"whole AS ("
		" SELECT DISTINCT program, parent_id FROM held WHERE origin = 'file'"
		"  AND file_name IN ('nginx.conf', 'apache2.conf', 'httpd.conf', 'lighttpd.conf', 'mosquitto.conf') AND path NOT GLOB '*.d/*'"
		"  AND (program = 'mosquitto' OR (program, parent_id) IN (SELECT program, parent_id FROM include))"
		" EXCEPT SELECT program, parent_id FROM unknown"
		" EXCEPT SELECT c.program, c.parent_id FROM held c WHERE c.origin = 'command line' AND c.key IN ('-c', '-f')"
		"  AND NOT EXISTS (SELECT 1 FROM held f WHERE f.program = c.program AND f.parent_id IS c.parent_id AND f.origin = 'file' AND f.path = c.value)),"
		"part AS ("
		" SELECT DISTINCT h.blob_id, h.program, h.parent_id, h.path FROM held h WHERE h.origin = 'file'"
		"  AND (h.path GLOB '*.d/*' OR h.path GLOB '*-enabled/*') AND (h.program, h.parent_id) IN (SELECT program, parent_id FROM whole)"
		"  AND h.blob_id NOT IN (SELECT target_id FROM target)"
		"  AND NOT EXISTS (SELECT 1 FROM include i WHERE i.program = h.program AND i.parent_id IS h.parent_id AND ("
		"   h.path GLOB i.pattern OR h.path GLOB '*/' || i.pattern OR h.path GLOB i.pattern || '/*' OR h.path GLOB '*/' || i.pattern || '/*')))"
		"UPDATE setting SET effective = 0 WHERE effective IS NOT 0 AND origin = 'file' AND (blob_id, program) IN (SELECT blob_id, program FROM part)";
	d->failed |= sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK;
}

/* Configuration that is only offered: of Debian's folders "sites-available", "conf-available" and the like a server reads what a link in
 * "sites-enabled" leads to, and of "snippets" what another file includes. What is offered and not taken has no effect. */
static void derive_offered(struct derive *d)
{
	static const char sql[] =
		"UPDATE setting SET effective = 0 WHERE effective IS NULL AND origin = 'file' AND EXISTS ("
		" SELECT 1 FROM blob b WHERE b.id = setting.blob_id AND b.path GLOB '*-available/*' AND EXISTS ("
		"  SELECT 1 FROM blob f WHERE f.kind = 'directory' AND f.parent_id = b.parent_id"
		"  AND f.path = replace(substr(b.path, 1, length(b.path) - length(b.file_name) - 1), '-available', '-enabled'))"
		" AND b.id NOT IN (SELECT target_id FROM target))"
		" AND program NOT IN (SELECT program FROM setting WHERE key LIKE 'include%' AND value LIKE '%-available%');"
		"UPDATE setting SET effective = 0 WHERE effective IS NULL AND origin = 'file' AND EXISTS ("
		" SELECT 1 FROM blob b WHERE b.id = setting.blob_id AND b.path GLOB '*/snippets/*' AND b.id NOT IN (SELECT target_id FROM target)"
		" AND b.file_name NOT IN (SELECT base_name(i.value) FROM setting i"
		"  WHERE i.key = 'include' AND i.value IS NOT NULL AND i.effective IS NOT 0))"
		" AND program NOT IN (SELECT program FROM setting WHERE key = 'include' AND value GLOB '*snippets/*[[*?$]*' AND effective IS NOT 0)";
	d->failed |= sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK;
}

bool derive_functions(sqlite3 *db)
{
	return sqlite3_create_function(db, "base_name", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
								   case_sql_basename, NULL, NULL) == SQLITE_OK;
}

/* Names that ingest() has not filled: those of tests. */
static void derive_names(struct derive *d)
{
	for (int type = 0; type < FACT_TYPES && !d->failed; type++) {
		const char *of, *name = case_name_column((enum fact_type)type, &of);
		char *sql = name ? sqlite3_mprintf("UPDATE %s SET %s = base_name(%s) WHERE %s IS NULL AND %s IS NOT NULL",
										   fact_tables[type].name, name, of, name, of)
						 : NULL;
		d->failed |= name && (!sql || sqlite3_exec(d->db, sql, NULL, NULL, NULL) != SQLITE_OK);
		sqlite3_free(sql);
	}
}

/* What was not followed is told like anything else that was not looked at: of the input that came last, whose coverage is
 * not yet written. */
static void report_limit(struct derive *d)
{
	if (d->total > STEPS_TOTAL_MAX)
		d->failed |= sqlite3_exec(d->db,
								  "INSERT INTO damage(blob_id, kind, what) SELECT max(id), 'budget',"
								  " 'more symbolic links than are followed' FROM blob WHERE parent_id IS NULL",
								  NULL, NULL, NULL) != SQLITE_OK;
}

struct error derive_forget(sqlite3 *db)
{
	static const char sql[] = "DELETE FROM target; DELETE FROM startup_program; DELETE FROM software_evidence;"
							  " DELETE FROM software_declaration; DELETE FROM software; DROP INDEX IF EXISTS software_by_name";
	return sqlite3_exec(db, sql, NULL, NULL, NULL) ? error_at(ERR_IO, 0, "emptying what is derived: %s", sqlite3_errmsg(db))
												   : error_none();
}

struct error case_derive(sqlite3 *db)
{
	struct derive d = { .db = db };
	d.failed = !derive_functions(db);
	derive_names(&d);
	d.find = prepare(&d, "SELECT id, kind, coalesce(link_target, same_as) FROM blob WHERE path = ?2 AND parent_id = ?1"
						 " ORDER BY id LIMIT 1");
	d.by_name =
		prepare(&d, "SELECT id FROM blob WHERE file_name = ?2 AND parent_id = ?1 AND kind IN ('file', 'symlink')"
					" AND path LIKE '%bin/%' ORDER BY id LIMIT 1");
	d.add_target = prepare(&d, "INSERT INTO target(blob_id, target_id) VALUES(?1, ?2)");
	d.add_program = prepare(&d, "INSERT INTO startup_program(startup_id, file_id, blob_id) VALUES(?1, ?2, ?3)");
	if (!d.failed)
		derive_targets(&d);
	if (!d.failed)
		derive_sizes(&d);
	if (!d.failed)
		derive_programs(&d);
	if (!d.failed)
		derive_offered(&d);
	if (!d.failed)
		derive_included(&d);
	report_limit(&d);
	d.failed = d.failed || !derive_software(db) || !derive_declared_software(db);
	struct error e = d.failed ? error_at(ERR_IO, 0, "following links, putting software together: %s", sqlite3_errmsg(db)) : error_none();
	sqlite3_finalize(d.find);
	sqlite3_finalize(d.by_name);
	sqlite3_finalize(d.add_target);
	sqlite3_finalize(d.add_program);
	return e;
}
