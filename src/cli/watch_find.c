/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Case files by name and below folders. Links within folders are not followed, so that there are no loops. */
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/span.h"
#include "cli/command.h"
#include "cli/watch.h"

#define CASES_MAX 1000000u
#define DEPTH_MAX 64

static bool add(struct watch_paths *p, const char *path)
{
	if (p->n == p->capacity) {
		size_t capacity = p->capacity ? p->capacity * 2 : 64;
		struct watch_case *more = p->n < CASES_MAX ? realloc(p->cases, capacity * sizeof *more) : NULL;
		if (!more)
			return false;
		p->cases = more;
		p->capacity = capacity;
	}
	p->cases[p->n] = (struct watch_case){ .path = strdup(path) };
	return p->cases[p->n].path && ++p->n;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool add_folder(struct watch_paths *p, const char *path)
{
	char *roots[] = { (char *)path, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	bool ok = fts != NULL;
	for (FTSENT *e; ok && (e = fts_read(fts));) {
		if (e->fts_info == FTS_D && e->fts_level > DEPTH_MAX)
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR)
			complain(0, e->fts_path, "%s", strerror(e->fts_errno));
		else if (e->fts_info == FTS_F && text_ends(text_of(e->fts_name, e->fts_namelen), ".assay"))
			ok = add(p, e->fts_path);
	}
	if (fts)
		fts_close(fts);
	return ok;
}

int watch_find(struct watch_paths *p, char *const *arguments)
{
	for (; *arguments; arguments++) {
		struct stat st;
		bool folder = stat(*arguments, &st) == 0 && S_ISDIR(st.st_mode);
		if (!(folder ? add_folder(p, *arguments) : add(p, *arguments)))
			return complain(EXIT_INTERNAL, *arguments, "no memory for so many cases");
	}
	return EXIT_NO_FAIL;
}

void watch_forget(struct watch_paths *p)
{
	for (size_t i = 0; i < p->n; i++)
		free((char *)p->cases[i].path);
	free(p->cases);
}
