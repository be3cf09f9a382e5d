/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/blob.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "case/case.h"
#include "cli/command.h"
#include "cli/spool.h"
#include "worker/supervise.h"

/* What the case tells about a blob. */
struct wanted {
	int64_t id, parent, offset, size;
	bool is_region;
	char path[INPUT_NAME_MAX], sha256[65];
};

/* The bytes of one blob on their way into a spool. */
struct fetch {
	const uint64_t *done;
	size_t ndone;
	int source; /* what the worker reads */
	int spool;
	uint64_t size;
	bool failed;
	struct progress *progress;
};

static bool ignore_batch(void *context, struct span batch)
{
	(void)context;
	(void)batch;
	return true;
}

static bool take_content(void *context, uint64_t key, struct span bytes)
{
	struct fetch *f = context;
	(void)key;
	while (bytes.n && !f->failed) {
		ssize_t n = pwrite(f->spool, bytes.p, bytes.n, (off_t)f->size);
		f->failed = n <= 0;
		f->size += n > 0 ? (uint64_t)n : 0;
		bytes = span_from(bytes, n > 0 ? (uint64_t)n : 0);
	}
	return !f->failed;
}

static bool take_extent(void *context, uint64_t key, uint64_t offset, uint64_t size)
{
	struct fetch *f = context;
	(void)key;
	f->failed |= lseek(f->spool, (off_t)f->size, SEEK_SET) < 0 || !spool_copy(f->source, offset, size, f->spool);
	f->size += size;
	return !f->failed;
}

static struct key_set done_keys(void *context)
{
	struct fetch *f = context;
	f->size = 0; /* a worker that was restarted begins anew */
	return (struct key_set){ f->done, f->ndone };
}

static void show_progress(void *context, const struct probe_status *status)
{
	progress_show(((struct fetch *)context)->progress, status);
}

/* Fills `w` from the row that the condition on ?1 chooses; how many rows there are. */
static int select_blob(sqlite3 *db, const char *condition, const char *which, struct wanted *w)
{
	char sql[256];
	sqlite3_stmt *s = NULL;
	int n = 0;
	snprintf(sql, sizeof sql,
			 "SELECT id, parent_id, offset, size, kind IN ('region', 'input'), path, sha256 FROM blob WHERE %s",
			 condition);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
		return 0;
	sqlite3_bind_text(s, 1, which, -1, SQLITE_STATIC);
	for (; sqlite3_step(s) == SQLITE_ROW; n++) {
		const char *path = (const char *)sqlite3_column_text(s, 5), *sha256 = (const char *)sqlite3_column_text(s, 6);
		*w = (struct wanted){ sqlite3_column_int64(s, 0),
							  sqlite3_column_int64(s, 1),
							  sqlite3_column_type(s, 2) == SQLITE_NULL ? -1 : sqlite3_column_int64(s, 2),
							  sqlite3_column_int64(s, 3),
							  sqlite3_column_int(s, 4) != 0,
							  "",
							  "" };
		snprintf(w->path, sizeof w->path, "%s", path ? path : "blob");
		snprintf(w->sha256, sizeof w->sha256, "%s", sha256 ? sha256 : "");
	}
	sqlite3_finalize(s);
	return n;
}

static int find_blob(struct case_file *c, const struct blob_request *r, struct wanted *w)
{
	bool number = r->which[0] && r->which[strspn(r->which, "0123456789")] == '\0';
	int n = select_blob(case_db(c), number ? "id = CAST(?1 AS INTEGER)" : "path = ?1", r->which, w);
	if (n == 0)
		return complain(EXIT_UNUSABLE, r->which,
						"is no blob of %s: name one by its path or its number in the table blob", r->case_path);
	if (n > 1)
		return complain(EXIT_UNUSABLE, r->which,
						"is the path of %d blobs of %s: name one by its number in the table blob", n, r->case_path);
	if (w->sha256[0] == '\0')
		return complain(EXIT_UNUSABLE, r->which, "has no bytes of its own");
	return EXIT_NO_FAIL;
}

/* Opens what the case was made from, if it still is what it was. */
static int open_source(struct case_file *c, const struct blob_request *r, int64_t id, struct input *source)
{
	struct wanted root = { 0 };
	char location[4096] = "", sha256[65];
	sqlite3_stmt *s = NULL;
	char top[40] = "";
	if (sqlite3_prepare_v2(case_db(c),
						   "SELECT i.location, t.id FROM blob b JOIN input i ON i.id = b.input_id"
						   " JOIN blob t ON t.input_id = i.id AND t.parent_id IS NULL WHERE b.id = ?",
						   -1, &s, NULL) == SQLITE_OK &&
		sqlite3_bind_int64(s, 1, id) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW && sqlite3_column_text(s, 0)) {
		snprintf(location, sizeof location, "%s", (const char *)sqlite3_column_text(s, 0));
		snprintf(top, sizeof top, "id = %lld", (long long)sqlite3_column_int64(s, 1));
	}
	sqlite3_finalize(s);
	if (strcmp(location, "-") == 0 || location[0] == '\0' || select_blob(case_db(c), top, "", &root) != 1)
		return complain(EXIT_UNUSABLE, r->case_path, "was made from standard input, which can not be read again");
	struct input_options options = { .limit = r->budget.total_bytes, .progress = r->progress };
	int code = input_open(location, &options, source);
	if (code)
		return code;
	if (!hash_sha256_file(source->fd, source->size, sha256) || strcmp(sha256, root.sha256) != 0)
		return complain(EXIT_UNUSABLE, location, "is not any more what %s was made from", r->case_path);
	return EXIT_NO_FAIL;
}

/* The bytes of the blob of that row, by taking its containers apart once more and nothing else. */
static struct error fetch_row(struct case_file *c, const struct blob_request *r, const struct input *source, int64_t id,
							  struct fetch *f)
{
	uint64_t key;
	if (!case_blob_key(c, id, &key))
		return error_at(ERR_USAGE, 0, "the case does not tell where the blob is");
	uint64_t *done = case_keys_beside(c, id, &f->ndone);
	if (!done)
		return error_at(ERR_MEMORY, 0, "no memory for the keys of the case");
	f->done = done;
	f->source = source->fd;
	struct worker_request request = {
		.fd = source->fd,
		.size = source->size,
		.name = text_c(source->path),
		.format = source->format,
		.threads = 1,
		.budget = r->budget,
		.without_landlock = r->without_landlock,
		.want_content = true,
		.only_content = key,
	};
	struct worker_events events = { f, ignore_batch, take_content, take_extent, done_keys, show_progress };
	struct worker_result result;
	struct error e = worker_run(&request, &events, &result);
	free(done);
	if (!error_is(&e) && result.outcome == WORKER_BUDGET)
		e = error_at(ERR_BUDGET, 0, "%s", result.detail);
	if (!error_is(&e) && f->failed)
		e = error_at(ERR_IO, 0, "its temporary copy can not be written: %s", strerror(errno));
	return e;
}

/* Copies n bytes from offset `at` of one file to the beginning of another. */
static struct error copy_range(int from, int to, uint64_t at, uint64_t n)
{
	if (spool_copy(from, at, n, to))
		return error_none();
	return error_at(ERR_IO, 0, "%s", errno == ENODATA ? "its temporary copy ends too early" : strerror(errno));
}

/* A region that nothing claimed is no task of its own: it is cut out of what holds it. */
static struct error cut_out(const struct wanted *w, struct fetch *f)
{
	if ((uint64_t)w->offset > f->size || (uint64_t)w->size > f->size - (uint64_t)w->offset)
		return error_at(ERR_USAGE, 0, "lies beyond the end of what holds it");
	int whole = f->spool;
	f->spool = spool_open();
	struct error e = f->spool < 0 ? error_at(ERR_IO, 0, "no temporary file: %s", strerror(errno))
	                              : copy_range(whole, f->spool, (uint64_t)w->offset, (uint64_t)w->size);
	close(whole);
	f->size = (uint64_t)w->size;
	return e;
}

static int fetch_blob(struct case_file *c, const struct blob_request *r, const struct wanted *w, struct input *source,
					  struct input *in)
{
	static char location[4096]; /* as long as the program: the input refers to it */
	char sha256[65] = "";
	struct fetch f = { .spool = spool_open(), .progress = r->progress };
	struct error e = f.spool < 0 ? error_at(ERR_IO, 0, "no temporary file: %s", strerror(errno))
								 : fetch_row(c, r, source, w->id, &f);
	if (!error_is(&e) && f.size == 0 && w->is_region && w->offset >= 0 && w->parent) {
		e = fetch_row(c, r, source, w->parent, &f);
		if (!error_is(&e))
			e = cut_out(w, &f);
	}
	if (!error_is(&e) && (!hash_sha256_file(f.spool, f.size, sha256) || strcmp(sha256, w->sha256) != 0))
		e = error_at(ERR_USAGE, 0,
					 "this version takes its container apart in another way: assess the image again first");
	if (error_is(&e)) {
		if (f.spool >= 0)
			close(f.spool);
		return complain_error(r->which, &e);
	}
	snprintf(location, sizeof location, "%s:%s", r->case_path, w->path);
	return input_from_spool(f.spool, f.size, w->path, location, in);
}

int blob_open(const struct blob_request *r, struct input *in)
{
	struct error e;
	struct wanted w = { 0 };
	struct input source = { .fd = -1 };
	*in = (struct input){ .fd = -1 };
	struct case_file *c = case_open(r->case_path, false, &e);
	if (!c)
		return complain_error(r->case_path, &e);
	int code = find_blob(c, r, &w);
	if (!code)
		code = open_source(c, r, w.id, &source);
	if (!code)
		code = fetch_blob(c, r, &w, &source, in);
	input_close(&source);
	case_close(c);
	return code;
}
