/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/extract.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/extract_path.h"
#include "cli/spool.h"

struct extraction {
	int dir, partial;
	struct extract_folder folder; /* of the row before */
	int current;           /* descriptor of the content being written */
	uint64_t current_key;
	uint64_t made, refused;
	bool failed;           /* to be written */
	bool cut;              /* the input ended before a file did that stands in it */
};

static bool is_empty_dir(int fd)
{
	DIR *d = fdopendir(dup(fd));
	size_t n = 0;
	for (struct dirent *e; d && (e = readdir(d));)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, EXTRACT_PARTIAL) != 0;
	if (d)
		closedir(d);
	return d && n == 0;
}

struct extraction *extraction_begin(const char *dir, struct error *error)
{
	struct extraction *x = calloc(1, sizeof *x);
	*error = error_none();
	if (!x) {
		*error = error_at(ERR_MEMORY, 0, "no memory");
		return NULL;
	}
	x->dir = x->partial = x->current = x->folder.fd = -1;
	if (mkdir(dir, 0755) && errno != EEXIST)
		*error = error_at(ERR_USAGE, 0, "can not be made: %s", strerror(errno));
	else if ((x->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		*error = error_at(ERR_USAGE, 0, "%s", strerror(errno));
	else if (!is_empty_dir(x->dir))
		*error = error_at(ERR_USAGE, 0, "is not empty: name a folder that does not exist yet");
	else if ((mkdirat(x->dir, EXTRACT_PARTIAL, 0700) && errno != EEXIST) ||
	         (x->partial = openat(x->dir, EXTRACT_PARTIAL, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0)
		*error = error_at(ERR_USAGE, 0, "can not be written to: %s", strerror(errno));
	if (!error_is(error))
		return x;
	extraction_free(x);
	return NULL;
}

static void empty_partial(struct extraction *x)
{
	DIR *d = fdopendir(openat(x->partial, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(x->partial, e->d_name, 0); /* it holds nothing but files */
	if (d)
		closedir(d);
}

void extraction_restart(struct extraction *x)
{
	if (x->current >= 0)
		close(x->current);
	x->current = -1;
	empty_partial(x);
}

static void partial_name(uint64_t key, char name[24])
{
	snprintf(name, 24, "%016llx", (unsigned long long)key);
}

/* The file of that key becomes the current one. It is written from where it ends: contents of several files may take turns. */
static void open_partial(struct extraction *x, uint64_t key)
{
	char name[24];
	if (x->current >= 0 && x->current_key == key)
		return;
	if (x->current >= 0)
		close(x->current);
	partial_name(key, name);
	x->current = openat(x->partial, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	x->current_key = key;
	if (x->current >= 0 && lseek(x->current, 0, SEEK_END) < 0) {
		close(x->current);
		x->current = -1;
	}
}

bool extraction_extent(struct extraction *x, uint64_t key, int input, uint64_t offset, uint64_t size)
{
	open_partial(x, key);
	bool ok = x->current >= 0 && spool_copy(input, offset, size, x->current);
	if (!ok && x->current >= 0 && errno == ENODATA)
		x->cut = ok = true; /* the others may be whole */
	x->failed |= !ok;
	return ok;
}

bool extraction_content(struct extraction *x, uint64_t key, struct span bytes)
{
	open_partial(x, key);
	for (size_t at = 0; x->current >= 0 && at < bytes.n;) {
		ssize_t n = write(x->current, bytes.p + at, bytes.n - at);
		if (n < 0 && errno != EINTR) {
			x->failed = true;
			return false;
		}
		at += n > 0 ? (size_t)n : 0;
	}
	x->failed |= x->current < 0;
	return !x->failed;
}

/* One row of the tree. `root` is the folder of the container that the blob lies in. */
struct row {
	struct text path, target, same_as;
	const char *kind;
	int64_t mode;
	uint64_t key;
	bool has_key;
};

static void place_file(struct extraction *x, int root, const struct row *r)
{
	char last[EXTRACT_NAME_MAX + 1], partial[24];
	int fd = extract_folder_of(&x->folder, root, r->path, last);
	partial_name(r->key, partial);
	bool ok = fd >= 0 && renameat2(x->partial, partial, fd, last, RENAME_NOREPLACE) == 0;
	if (ok && fchmodat(fd, last, r->mode != FACT_NULL && r->mode & 0111 ? 0755 : 0644, 0))
		x->failed = true;
	*(ok ? &x->made : &x->refused) += 1;
}

static void place_link(struct extraction *x, int root, const struct row *r)
{
	char last[EXTRACT_NAME_MAX + 1];
	struct buf target = { 0 };
	int fd = extract_safe_link(r->target, extract_depth(r->path), &target) ? extract_folder_of(&x->folder, root, r->path, last) : -1;
	bool ok = fd >= 0 && symlinkat((const char *)target.p, fd, last) == 0;
	buf_free(&target);
	*(ok ? &x->made : &x->refused) += 1;
}

static void place_hard_link(struct extraction *x, int root, const struct row *r)
{
	char from[EXTRACT_NAME_MAX + 1], to[EXTRACT_NAME_MAX + 1];
	int a = extract_parent(root, r->same_as, from), b = extract_parent(root, r->path, to);
	bool ok = a >= 0 && b >= 0 && linkat(a, from, b, to, 0) == 0;
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	*(ok ? &x->made : &x->refused) += 1;
}

static void place_directory(struct extraction *x, int root, const struct row *r)
{
	char last[EXTRACT_NAME_MAX + 1];
	int fd = extract_folder_of(&x->folder, root, r->path, last);
	if (fd >= 0)
		mkdirat(fd, last, 0755);
}

/* The folder for the children of container `id`: the containers' names from the input on, each as "name.d". */
static int container_folder(struct extraction *x, sqlite3 *db, int64_t id)
{
	sqlite3_stmt *s = NULL;
	int fd = dup(x->dir);
	if (sqlite3_prepare_v2(db,
	                       "WITH RECURSIVE up(id, path, parent_id, level) AS (SELECT id, path, parent_id, 0 FROM blob WHERE id = ?"
	                       " UNION ALL SELECT b.id, b.path, b.parent_id, level + 1 FROM blob b JOIN up ON b.id = up.parent_id"
	                       " WHERE level < 64) SELECT path FROM up WHERE parent_id IS NOT NULL ORDER BY level DESC",
	                       -1, &s, NULL))
		return fd;
	sqlite3_bind_int64(s, 1, id);
	while (fd >= 0 && sqlite3_step(s) == SQLITE_ROW) {
		char last[EXTRACT_NAME_MAX + 1], name[EXTRACT_NAME_MAX + 16];
		int folder = extract_parent(fd, text_c((const char *)sqlite3_column_text(s, 0)), last);
		close(fd);
		last[EXTRACT_NAME_MAX - 2] = '\0';
		snprintf(name, sizeof name, "%s.d", last);
		if (folder >= 0)
			mkdirat(folder, name, 0755);
		fd = folder >= 0 ? extract_open_beneath(folder, name) : -1;
		if (folder >= 0)
			close(folder);
	}
	sqlite3_finalize(s);
	return fd;
}

static struct text column(sqlite3_stmt *s, int i)
{
	return (struct text){ (const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i) };
}

static void place(struct extraction *x, int root, const struct row *r, unsigned pass)
{
	bool file = strcmp(r->kind, "file") == 0;
	if (pass == 0 && file && !r->same_as.p && r->has_key)
		place_file(x, root, r);
	else if (pass == 0 && strcmp(r->kind, "directory") == 0)
		place_directory(x, root, r);
	else if (pass == 1 && file && r->same_as.p)
		place_hard_link(x, root, r);
	else if (pass == 2 && strcmp(r->kind, "symlink") == 0)
		place_link(x, root, r);
}

static struct error run_pass(struct extraction *x, struct case_file *c, unsigned pass)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(case_db(c),
	                       "SELECT parent_id, path, kind, mode, link_target, same_as, key FROM blob LEFT JOIN blob_key ON blob_id = id"
	                       " WHERE kind IN ('file', 'directory', 'symlink') ORDER BY parent_id, id",
	                       -1, &s, NULL))
		return case_sql_error(c, "reading the tree");
	int64_t container = -1;
	int root = -1;
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct row r = {
			.path = column(s, 1), .kind = (const char *)sqlite3_column_text(s, 2),
			.mode = sqlite3_column_type(s, 3) == SQLITE_NULL ? FACT_NULL : sqlite3_column_int64(s, 3),
			.target = column(s, 4), .same_as = column(s, 5),
			.has_key = sqlite3_column_type(s, 6) != SQLITE_NULL, .key = (uint64_t)sqlite3_column_int64(s, 6),
		};
		if (sqlite3_column_int64(s, 0) != container) {
			extract_folder_close(&x->folder);
			if (root >= 0)
				close(root);
			container = sqlite3_column_int64(s, 0);
			root = container_folder(x, case_db(c), container);
		}
		if (root >= 0)
			place(x, root, &r, pass);
	}
	extract_folder_close(&x->folder);
	if (root >= 0)
		close(root);
	sqlite3_finalize(s);
	return error_none();
}

static void remove_partials(struct extraction *x)
{
	DIR *d = fdopendir(dup(x->partial));
	for (struct dirent *e; d && (e = readdir(d));)
		unlinkat(x->partial, e->d_name, 0);
	if (d)
		closedir(d);
	unlinkat(x->dir, EXTRACT_PARTIAL, AT_REMOVEDIR);
}

struct error extraction_finish(struct extraction *x, struct case_file *c, uint64_t *made, uint64_t *refused)
{
	struct error e = error_none();
	if (x->current >= 0)
		close(x->current);
	x->current = -1;
	for (unsigned pass = 0; pass < 3 && !error_is(&e); pass++)
		e = run_pass(x, c, pass);
	remove_partials(x);
	*made = x->made;
	*refused = x->refused;
	if (x->failed && !error_is(&e))
		e = error_at(ERR_IO, 0, "not everything could be written: is the disk full?");
	if (x->cut && !error_is(&e))
		e = error_at(ERR_TRUNCATED, 0, "the input ended before its files did: it was cut while they were copied, and some are short");
	return e;
}

void extraction_free(struct extraction *x)
{
	if (!x)
		return;
	if (x->current >= 0)
		close(x->current);
	if (x->partial >= 0) {
		empty_partial(x);
		unlinkat(x->dir, EXTRACT_PARTIAL, AT_REMOVEDIR);
		close(x->partial);
	}
	if (x->dir >= 0)
		close(x->dir);
	free(x);
}
