/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/extract_ahead.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool extract_ahead_begin(struct extract_ahead *a, struct extract_placing *of)
{
	*a = (struct extract_ahead){ .of = of, .folder.fd = -1, .fd = -1, .texts = arena_new(0) };
	return a->texts != NULL;
}

void extract_ahead_name(struct extract_ahead *a, uint64_t key, uint32_t ordinal, int64_t mode, struct text path)
{
	a->begun = true;
	if (a->ended || a->key || ordinal != a->of->ahead || key != batch_child_key(BATCH_ROOT_KEY, ordinal))
		return;
	arena_reset(a->texts);
	a->path.n = 0;
	if (!extract_valid_text(a->texts, &path) || buf_add(&a->path, path.p, path.n))
		return;
	a->key = key;
	a->mode = mode;
	a->tried = false;
}

static struct text path_of(const struct extract_ahead *a)
{
	return text_of((const char *)a->path.p, a->path.n);
}

int extract_ahead_open(struct extract_ahead *a, uint64_t key)
{
	char last[EXTRACT_NAME_MAX + 1];
	if (!a->key || key != a->key || a->tried)
		return a->key && key == a->key ? a->fd : -1;
	a->tried = true;
	mode_t mode = extract_mode(a->mode);
	int folder = extract_folder_of(&a->folder, a->of->dir, path_of(a), last);
	if (folder >= 0)
		a->fd = openat(folder, last, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (a->fd >= 0 && mode & a->of->mask && fchmod(a->fd, mode))
		a->of->failed = true;
	return a->fd;
}

/* The blobs whose turn it is, as far as they have come. */
static void go_on(struct extract_ahead *a, const struct case_file *c)
{
	const struct case_blob *blob;
	while ((blob = case_find(c, batch_child_key(BATCH_ROOT_KEY, a->of->ahead)))) {
		struct extract_row r;
		arena_reset(a->texts);
		if (!extract_row_read(blob, a->texts, &r))
			return;
		if (r.pass == EXTRACT_FILES && extract_row_is_wanted(a->of, &r))
			extract_row_place(a->of, &a->folder, a->of->dir, &r);
		if (!extract_pass_add(a->of, r.pass)) {
			a->of->failed = true;
			return;
		}
	}
}

void extract_ahead_blob(struct extract_ahead *a, const struct case_file *c, uint64_t key)
{
	a->begun = true;
	if (a->ended)
		return;
	if (a->key && key == a->key) {
		a->key = 0;
		if (a->fd >= 0) {
			close(a->fd);
			a->fd = -1;
			a->of->counts.files++;
			a->of->failed |= !extract_pass_add(a->of, EXTRACT_FILES);
		}
	}
	go_on(a, c);
}

static void remove_current(struct extract_ahead *a)
{
	char last[EXTRACT_NAME_MAX + 1];
	if (a->key && a->fd >= 0) {
		int folder = extract_folder_of(&a->folder, a->of->dir, path_of(a), last);
		if (folder < 0 || unlinkat(folder, last, 0))
			a->of->failed = true;
		close(a->fd);
	}
	a->fd = -1;
}

bool extract_ahead_drop(struct extract_ahead *a, uint64_t key)
{
	bool has = a->key && key == a->key && a->fd >= 0;
	if (has)
		remove_current(a);
	return has;
}

void extract_ahead_end(struct extract_ahead *a)
{
	a->ended = a->begun;
	remove_current(a);
	a->key = 0;
	extract_folder_close(&a->folder);
}

void extract_ahead_free(struct extract_ahead *a)
{
	if (!a->texts)
		return;
	extract_ahead_end(a); /* a run that failed leaves no half of a file under its name */
	buf_free(&a->path);
	arena_free(a->texts);
}
