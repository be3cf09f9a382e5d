/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "report/show.h"
#include "report/view.h"

/* Containers lie within containers as deep as the budget allowed; what is deeper is shown at this level. */
#define DEPTH_MAX 64u

struct node {
	int64_t id, parent;
	size_t first, last, next; /* of its children, and the next one of its parent; 0: none. Node 0 holds the inputs. */
};

struct tree {
	struct node *nodes;
	size_t n, room;
	struct view *v;
	FILE *out;
	const struct report_style *style;
	struct arena *scratch;
	const struct show_filter *filter;
	sqlite3_stmt *blob;
	size_t shown;
};

static int by_id(const void *key, const void *node)
{
	int64_t a = *(const int64_t *)key, b = ((const struct node *)node)->id;
	return (a > b) - (a < b);
}

/* Rows come by rising id, and a parent before its children, as a case has them; one that is not there is the root. */
static bool add_node(struct tree *t, int64_t id, int64_t parent)
{
	if (t->n == t->room) {
		size_t room = t->room ? t->room * 2 : 1024;
		struct node *nodes = realloc(t->nodes, room * sizeof *nodes);
		if (!nodes)
			return false;
		t->nodes = nodes;
		t->room = room;
	}
	t->nodes[t->n] = (struct node){ .id = id, .parent = parent };
	size_t me = t->n++;
	if (me == 0)
		return true;
	struct node *up = parent == FACT_NULL || me == 1 ? t->nodes : bsearch(&parent, t->nodes + 1, me - 1, sizeof *up, by_id);
	if (!up)
		up = t->nodes;
	if (up->last)
		t->nodes[up->last].next = me;
	else
		up->first = me;
	up->last = me;
	return true;
}

static struct error load(struct tree *t)
{
	static const char *const columns[] = { "id", "parent_id" };
	sqlite3_stmt *s = NULL;
	struct error e = view_select(view_db(t->v), "blob", columns, 2, "ORDER BY id", &s);
	bool room = add_node(t, FACT_NULL, FACT_NULL);
	while (!error_is(&e) && room && view_step(s, &e))
		room = add_node(t, view_int(s, 0), view_int(s, 1));
	sqlite3_finalize(s);
	return room ? e : error_at(ERR_MEMORY, 0, "out of memory");
}

static void print_node(struct tree *t, const struct node *node, const bool *more, unsigned depth)
{
	char size[VIEW_NUMBER_MAX];
	arena_reset(t->scratch);
	for (unsigned i = 1; i < depth; i++)
		fputs(more[i] ? style_mark(t->style, "\xe2\x94\x82  ", "|  ") : "   ", t->out);
	if (depth > 0)
		fputs(more[depth] ? style_mark(t->style, "\xe2\x94\x9c\xe2\x94\x80 ", "|- ") : style_mark(t->style, "\xe2\x94\x94\xe2\x94\x80 ", "`- "),
			  t->out);
	sqlite3_bind_int64(t->blob, 1, node->id);
	if (sqlite3_step(t->blob) == SQLITE_ROW) {
		size_t used = depth * 3 + 30;
		char *name = view_name(t->v, node->id, t->scratch);
		struct text shown = style_path(t->style, text_c(name), t->style->width > used + 20 ? t->style->width - used : 20, t->scratch);
		struct text format = view_text(t->blob, 1), target = view_text(t->blob, 3);
		fprintf(t->out, "%.*s", (int)shown.n, shown.p);
		paint(t->out, t->style, PAINT_DIM);
		if (target.n)
			fprintf(t->out, " -> %s", style_text(t->style, target, 60, t->scratch).p);
		else if (format.n)
			fprintf(t->out, "  %s", style_text(t->style, format, 20, t->scratch).p);
		if (view_int(t->blob, 2) != FACT_NULL && !target.n)
			fprintf(t->out, ", %s", view_size(view_int(t->blob, 2), size));
		paint_end(t->out, t->style, PAINT_DIM);
	}
	sqlite3_reset(t->blob);
	putc('\n', t->out);
	t->shown++;
}

/* Depth first, without recursion: a case may come from anybody. */
static void print_all(struct tree *t)
{
	bool more[DEPTH_MAX + 1] = { false };
	size_t stack[DEPTH_MAX + 1];
	unsigned depth = 0;
	stack[0] = t->nodes[0].first;
	while (!t->filter->limit || t->shown < t->filter->limit) {
		size_t at = stack[depth];
		if (!at) {
			if (depth-- == 0)
				return;
			continue;
		}
		const struct node *node = &t->nodes[at];
		more[depth] = node->next != 0;
		print_node(t, node, more, depth);
		stack[depth] = node->next;
		if (node->first && depth < DEPTH_MAX && (!t->filter->depth || depth + 1 < t->filter->depth))
			stack[++depth] = node->first;
	}
}

struct error show_tree(sqlite3 *db, const struct show_filter *filter, FILE *out, const struct report_style *style, size_t *rows)
{
	struct error e;
	_cleanup_(arena_cleanup) struct arena *scratch = arena_new(0);
	struct tree t = { .v = scratch ? view_open(db, &e) : NULL, .out = out, .style = style, .scratch = scratch, .filter = filter };
	if (!t.v)
		return scratch ? e : error_at(ERR_MEMORY, 0, "out of memory");
	e = load(&t);
	if (!error_is(&e) && sqlite3_prepare_v2(db, "SELECT kind, format, size, link_target FROM blob WHERE id = ?", -1, &t.blob, NULL))
		e = view_error(db, "reading the tree");
	if (!error_is(&e))
		print_all(&t);
	*rows = t.shown;
	sqlite3_finalize(t.blob);
	free(t.nodes);
	if (!error_is(&e))
		e = view_failure(t.v);
	view_close(t.v);
	return e;
}
