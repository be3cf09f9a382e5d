/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json_tree.h"

#include <stdio.h>

struct builder {
	struct json_pull *json;
	struct arena *arena;
	const char *const *skip;
	struct json_node *root;
	struct json_node *last[JSON_DEPTH_MAX + 1]; /* the youngest child of each open node */
	struct json_node *open;
	unsigned depth;
};

static bool is_skipped(const struct builder *b, struct text key)
{
	for (const char *const *s = b->skip; s && *s; s++)
		if (text_is(key, *s))
			return true;
	return false;
}

/* Of objects with more members than any record's fields it is not asked. */
#define COMPARED_MAX 256u

/* RFC 8259, section 4: names within an object should be unique, and nobody can tell which of two a reader takes. */
static bool is_twice(const struct builder *b, struct text key)
{
	const struct json_node *last = b->open && b->open->type == PULL_OBJECT ? b->last[b->depth] : NULL;
	if (!last || last->index >= COMPARED_MAX)
		return false;
	JSON_EACH(member, b->open)
	if (text_eq(member->key, key))
		return true;
	return false;
}

static struct error twice(struct builder *b, struct text key)
{
	struct json_place p = json_pull_place(b->json);
	return error_at(ERR_CORRUPT, p.offset, "line %llu, column %llu: the object has the member \"%.*s\" twice", (unsigned long long)p.line,
					(unsigned long long)p.column, (int)(key.n < 60 ? key.n : 60), key.p);
}

static struct error full(struct builder *b)
{
	struct json_place p = json_pull_place(b->json);
	return error_at(ERR_BUDGET, p.offset, "line %llu, column %llu: the record takes more memory than it may",
					(unsigned long long)p.line, (unsigned long long)p.column);
}

static bool copy_text(struct builder *b, struct text from, struct text *to)
{
	*to = text_of(arena_strdup(b->arena, from), from.n);
	return to->p != NULL;
}

/* A node for the current token, hung where it belongs. */
static bool add(struct builder *b, enum json_token token, struct text key)
{
	struct json_place place = json_pull_place(b->json);
	struct json_node *n = ARENA_NEW(b->arena, struct json_node);
	if (!n)
		return false;
	n->type = token;
	n->line = place.line < UINT32_MAX ? (uint32_t)place.line : UINT32_MAX;
	n->column = place.column < UINT32_MAX ? (uint32_t)place.column : UINT32_MAX;
	n->key = key;
	n->parent = b->open;
	if ((token == PULL_STRING || token == PULL_NUMBER) && !copy_text(b, json_pull_text(b->json), &n->text))
		return false;
	struct json_node *elder = b->last[b->depth];
	n->index = elder ? elder->index + 1 : 0;
	if (elder)
		elder->next = n;
	else if (b->open)
		b->open->first = n;
	else
		b->root = n;
	b->last[b->depth] = n;
	if (token == PULL_OBJECT || token == PULL_ARRAY) {
		b->open = n;
		b->last[++b->depth] = NULL;
	}
	return true;
}

static struct error build(struct builder *b, enum json_token token)
{
	struct text key = TEXT_NONE;
	for (;; token = json_pull_next(b->json)) {
		switch (token) {
		case PULL_ERROR:
		case PULL_END:
			return json_pull_error(b->json);
		case PULL_KEY:
			if (is_skipped(b, json_pull_text(b->json))) {
				if (!json_pull_skip(b->json))
					return json_pull_error(b->json);
				continue;
			}
			if (is_twice(b, json_pull_text(b->json)))
				return twice(b, json_pull_text(b->json));
			if (!copy_text(b, json_pull_text(b->json), &key))
				return full(b);
			continue;
		case PULL_OBJECT_END:
		case PULL_ARRAY_END:
			b->open = (struct json_node *)b->open->parent;
			b->depth--;
			break;
		default:
			if (!add(b, token, key))
				return full(b);
			key = TEXT_NONE;
		}
		if (!b->open)
			return error_none();
	}
}

struct error json_tree_read(struct json_pull *j, struct arena *arena, const char *const *skip, struct json_node **root)
{
	struct builder b = { .json = j, .arena = arena, .skip = skip };
	*root = NULL;
	struct error e = build(&b, json_pull_token(j) == PULL_KEY ? json_pull_next(j) : json_pull_token(j));
	if (!error_is(&e))
		*root = b.root;
	return e;
}

struct error json_tree_begin(struct json_pull *j, struct arena *arena, struct json_node **root)
{
	struct builder b = { .json = j, .arena = arena };
	struct error e = build(&b, json_pull_next(j));
	*root = b.root;
	if (!error_is(&e) && json_pull_next(j) == PULL_ERROR)
		e = json_pull_error(j);
	return e;
}

const struct json_node *json_tree_member(const struct json_node *object, const char *name)
{
	if (!object || object->type != PULL_OBJECT)
		return NULL;
	JSON_EACH(m, object)
	if (text_is(m->key, name))
		return m;
	return NULL;
}

const char *json_tree_path(const struct json_node *node, char *out, size_t size)
{
	const struct json_node *up[JSON_DEPTH_MAX + 1] = { NULL };
	size_t depth = 0, n = 0;
	for (const struct json_node *i = node; i && i->parent && depth < JSON_DEPTH_MAX; i = i->parent)
		up[depth++] = i;
	if (size)
		n = (size_t)snprintf(out, size, "$");
	while (depth-- > 0 && n < size) {
		const struct json_node *i = up[depth];
		if (i->key.p)
			n += (size_t)snprintf(out + n, size - n, ".%.*s", (int)(i->key.n < 64 ? i->key.n : 64), i->key.p);
		else
			n += (size_t)snprintf(out + n, size - n, "[%u]", i->index);
	}
	return out;
}
