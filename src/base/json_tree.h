/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A JSON value as a tree in an arena, for documents and records of bounded size (RFC 8259; read by json_pull.h).
 * Each node knows its line and column, so that whoever finds it wrong can say where it stands. A member that is there twice is an
 * error, among the first 256 of an object. */
#ifndef ASSAY_BASE_JSON_TREE_H
#define ASSAY_BASE_JSON_TREE_H

#include "base/arena.h"
#include "base/json_pull.h"

struct json_node {
	enum json_token type; /* PULL_OBJECT, PULL_ARRAY, PULL_STRING, PULL_NUMBER, PULL_TRUE, PULL_FALSE, PULL_NULL */
	uint32_t line, column;
	uint32_t index;   /* among its siblings */
	struct text key;  /* the member's name; TEXT_NONE in an array and at the root */
	struct text text; /* of a string (decoded), a number (as written) */
	const struct json_node *parent, *first, *next;
};

/* Reads the value whose first token (or KEY) is the current one of `j`; afterwards the current token is its last one.
 * Values of members named in `skip` (ends with NULL; may be NULL) are passed over. ERR_BUDGET when the arena is full. */
struct error json_tree_read(struct json_pull *j, struct arena *arena, const char *const *skip,
							struct json_node **root) MUST_USE;

/* The same for a whole document of which perhaps only the beginning is there: the tree of what was read before the
 * error; *root is NULL when there is none. For recognition. */
struct error json_tree_begin(struct json_pull *j, struct arena *arena, struct json_node **root) MUST_USE;

/* The first member of that name; NULL when there is none, when `object` is no object or NULL. */
const struct json_node *json_tree_member(const struct json_node *object, const char *name);

/* "$.a[3].b" from the root of the tree on. Gives `out`. */
const char *json_tree_path(const struct json_node *node, char *out, size_t size);

#define JSON_EACH(child, node)                                                                                         \
	for (const struct json_node *child = (node) ? (node)->first : NULL; child; child = child->next)

#endif
