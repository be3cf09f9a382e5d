/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of what was unpacked from where, as nested <details>. A file system's files come as a flat list of paths;
 * sorted, they give the directories in one pass with a stack of the open ones.
 *
 * An image may hold 100,000 files: a directory shows its first entries, the whole page has a limit, and what is left
 * out is counted and said.
 */
#include <stdlib.h>

#include "report/html_internal.h"

#define PER_DIRECTORY 200
#define PER_PAGE 20000
#define CONTAINERS_DEEP 24
#define CONTAINERS_OPEN 3 /* levels that are unfolded from the start */
/* A path of more components, or longer than this, keeps the rest as one name. */
#define DIRECTORIES_DEEP 24
#define PATH_SIZE 4096

struct tree {
	struct page *p;
	int64_t shown;    /* entries so far */
	int64_t *parents; /* blobs that hold others, sorted */
	size_t nparents;
};

/* One open directory; the first is the container itself. */
struct level {
	size_t end;       /* of its path in `path` */
	int64_t entries;  /* seen in it */
	int64_t left_out; /* not shown, in it and below */
	bool is_hidden;
};

struct listing {
	struct tree *t;
	struct level levels[DIRECTORIES_DEEP + 1];
	size_t nlevels;
	char path[PATH_SIZE]; /* of the innermost open directory */
};

enum { COL_ID, COL_PATH, COL_KIND, COL_FORMAT, COL_SIZE, COL_MODE, COL_LINK, COL_SAME, COL_OFFSET, COLUMNS };
static const char *const columns[COLUMNS] = { "id",   "path",        "kind",    "format", "size",
											  "mode", "link_target", "same_as", "offset" };

/* Whether one more entry of the innermost level is shown; counts it. */
static bool count_entry(struct listing *l)
{
	struct level *top = &l->levels[l->nlevels - 1];
	top->entries++;
	if (top->is_hidden || top->entries > PER_DIRECTORY || l->t->shown >= PER_PAGE) {
		top->left_out++;
		return false;
	}
	l->t->shown++;
	return true;
}

static void open_level(struct listing *l, struct text path, size_t end)
{
	struct page *p = l->t->p;
	size_t begin = l->levels[l->nlevels - 1].end;
	bool is_shown = count_entry(l);
	l->levels[l->nlevels++] = (struct level){ .end = end, .is_hidden = !is_shown };
	memcpy(l->path, path.p, end);
	if (!is_shown)
		return;
	while (begin < end && path.p[begin] == '/')
		begin++;
	html_put(p, "<li><details><summary><code>");
	html_text(p, text_of(path.p + begin, end - begin));
	html_put(p, "/</code></summary>\n<ul>\n");
}

static void close_levels(struct listing *l, size_t keep)
{
	char number[VIEW_NUMBER_MAX];
	while (l->nlevels > keep) {
		struct level *top = &l->levels[--l->nlevels];
		if (top->is_hidden) {
			l->levels[l->nlevels - 1].left_out += top->left_out;
			continue;
		}
		if (top->left_out > 0)
			html_put(l->t->p, "<li class=note>and %s more: see the JSON report</li>\n",
					 view_count(top->left_out, number));
		html_put(l->t->p, l->nlevels > 0 ? "</ul></details></li>\n" : "</ul>\n");
	}
}

/* How many of the open levels this path lies in. */
static size_t common_levels(const struct listing *l, struct text path)
{
	size_t n = 1;
	for (; n < l->nlevels; n++) {
		size_t end = l->levels[n].end;
		if (path.n < end || memcmp(path.p, l->path, end) != 0 || (path.n > end && path.p[end] != '/'))
			break;
	}
	return n;
}

/* Opens the directories that lead to the path; gives where its last component begins. */
static size_t open_directories(struct listing *l, struct text path, bool is_directory)
{
	size_t at = l->levels[l->nlevels - 1].end;
	for (;;) {
		while (at < path.n && path.p[at] == '/')
			at++;
		const char *slash = at < path.n ? memchr(path.p + at, '/', path.n - at) : NULL;
		size_t end = slash ? (size_t)(slash - path.p) : path.n;
		if (at == path.n || (!slash && !is_directory) || l->nlevels > DIRECTORIES_DEEP || end > PATH_SIZE)
			return at;
		open_level(l, path, end);
		at = end;
	}
}

static void list_container(struct tree *t, int64_t id, unsigned depth);

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static bool holds_others(const struct tree *t, int64_t id)
{
	return t->nparents > 0 && bsearch(&id, t->parents, t->nparents, sizeof id, compare_ids) != NULL;
}

/* What is worth knowing of a blob, behind its name. */
static void describe_entry(struct page *p, sqlite3_stmt *s)
{
	char size[VIEW_NUMBER_MAX];
	struct text kind = view_text(s, COL_KIND), format = view_text(s, COL_FORMAT);
	int64_t mode = view_int(s, COL_MODE);
	if (text_is(kind, "symlink")) {
		html_put(p, " <span class=note>\xe2\x86\x92 ");
		html_text(p, view_text(s, COL_LINK));
		html_put(p, "</span>");
		return;
	}
	html_put(p, " <span class=note>");
	html_text(p, format.n ? format : kind);
	if (view_int(s, COL_SIZE) != FACT_NULL &&
		(text_is(kind, "file") || text_is(kind, "region") || text_is(kind, "stream") || text_is(kind, "input")))
		html_put(p, ", %s", view_size(view_int(s, COL_SIZE), size));
	if (view_text(s, COL_SAME).n) {
		html_put(p, ", same file as ");
		html_text(p, view_text(s, COL_SAME));
	}
	html_put(p, "</span>");
	if (mode != FACT_NULL && mode & 04000)
		html_put(p, " <span class=tag>set-uid</span>");
	if (mode != FACT_NULL && mode & 02000 && !text_is(kind, "directory"))
		html_put(p, " <span class=tag>set-gid</span>");
	if (mode != FACT_NULL && mode & 0002 && text_is(kind, "file"))
		html_put(p, " <span class=tag>world-writable</span>");
}

static void print_name(struct page *p, sqlite3_stmt *s, struct text name)
{
	html_put(p, "<code>");
	html_text(p, name.n ? name : TEXT_LIT("(no name)"));
	html_put(p, "</code>");
	describe_entry(p, s);
}

static void print_entry(struct tree *t, sqlite3_stmt *s, struct text name, unsigned depth)
{
	int64_t id = view_int(s, COL_ID);
	html_put(t->p, "<li>");
	if (!holds_others(t, id)) {
		print_name(t->p, s, name);
	} else if (depth >= CONTAINERS_DEEP) {
		print_name(t->p, s, name);
		html_put(t->p, " <span class=note>holds more: see the JSON report</span>");
	} else {
		html_put(t->p, depth < CONTAINERS_OPEN ? "<details open><summary>" : "<details><summary>");
		print_name(t->p, s, name);
		html_put(t->p, "</summary>\n");
		list_container(t, id, depth + 1);
		html_put(t->p, "</details>");
	}
	html_put(t->p, "</li>\n");
}

static void list_container(struct tree *t, int64_t id, unsigned depth)
{
	struct listing l = { .t = t, .nlevels = 1 };
	/* '/' sorts before every other character, so that a directory's entries stand together; regions keep their
	 * order. */
	sqlite3_stmt *s =
		html_select(t->p, "blob", columns, COLUMNS,
					"WHERE parent_id IS ?1 ORDER BY CASE WHEN path LIKE '/%' THEN replace(path, '/', char(1)) END, id");
	if (s && id)
		sqlite3_bind_int64(s, 1, id);
	html_put(t->p, "<ul>\n");
	while (html_step(t->p, s)) {
		struct text path = view_text(s, COL_PATH);
		bool is_directory = text_is(view_text(s, COL_KIND), "directory");
		if (!id) /* the input itself: its path may tell where it lay */
			path = text_base(path);
		close_levels(&l, common_levels(&l, path));
		size_t at = open_directories(&l, path, is_directory);
		if ((!is_directory || at < path.n) && count_entry(&l))
			print_entry(t, s, text_of(path.p ? path.p + at : NULL, path.n - at), depth);
	}
	close_levels(&l, 0);
}

/* Loads which blobs hold others. */
static void load_parents(struct tree *t)
{
	static const char *const parent[] = { "parent_id" };
	sqlite3_stmt *s =
		html_select(t->p, "blob", parent, 1, "WHERE parent_id IS NOT NULL GROUP BY parent_id ORDER BY parent_id");
	size_t cap = 0;
	while (html_step(t->p, s)) {
		if (t->nparents == cap) {
			cap = cap ? 2 * cap : 256;
			int64_t *grown = reallocarray(t->parents, cap, sizeof *grown);
			if (!grown) {
				t->p->error = error_at(ERR_MEMORY, 0, "no memory for the tree");
				continue;
			}
			t->parents = grown;
		}
		t->parents[t->nparents++] = view_int(s, 0);
	}
}

void html_tree(struct page *p)
{
	struct tree t = { .p = p };
	char number[VIEW_NUMBER_MAX];
	int64_t all = view_number(p->v, "SELECT count(*) FROM blob", 0);
	load_parents(&t);
	html_put(p,
			 "<section>\n<h2 id=tree>What was unpacked from where</h2>\n<p class=note>%s entries in all</p>\n<div"
			 " class=tree>",
			 view_count(all, number));
	list_container(&t, 0, 0);
	html_put(p, "</div>\n</section>\n");
	free(t.parents);
}
