/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict reading of a YAML document, a pack or a product file: every complaint names file, line and column.
 *
 * Such a file may come from anybody. Before a document is built, its events are counted against limits, and what it has
 * no use for (aliases, tags, a second document) is refused, so that no document is larger in memory than its text
 * suggests.
 */
#ifndef ASSAY_BASE_DOC_H
#define ASSAY_BASE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

#define DOC_MAX_BYTES (1024u * 1024)
#define DOC_MAX_DEPTH 12u
#define DOC_MAX_NODES 80000u

/* The first thing that is wrong; text is "file:line:column: what, expected what", without control characters. */
struct doc_error {
	unsigned line, column; /* from 1; 0 when no place in the file is meant */
	char text[480];
	bool waits; /* something that it names is not loaded: it may be tried again behind others */
};

struct doc {
	const char *file;
	struct text source;
	struct arena *arena;      /* strings are copied here */
	struct doc_error *error; /* filled once */
	yaml_document_t tree;
	bool loaded; /* libyaml holds the tree */
};

/* Parses the text. False with the error filled; doc_close() is to be called in either case. */
bool doc_open(struct doc *d, const char *file, struct text source, struct arena *arena,
			  struct doc_error *error) MUST_USE;
/* Opens a document that is part of the program and was parsed when that was built (doc_packed.c). Its scalars stay where
 * they are in `packed`, its nodes are in the arena. */
bool doc_open_packed(struct doc *d, const char *file, struct text packed, struct arena *arena,
					 struct doc_error *error) MUST_USE;
void doc_close(struct doc *d);

/* Complains about a node (NULL: about the file as a whole); always false, so that `return doc_fail(...)` reads well. */
bool doc_fail(struct doc *d, const yaml_node_t *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same of a place, both from 1. */
bool doc_fail_at(struct doc *d, unsigned line, unsigned column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Where a node begins, from 1. */
unsigned doc_line(const yaml_node_t *node);
unsigned doc_column(const yaml_node_t *node);

/* Where byte `offset` of a scalar's value stands in the file: exact for literal blocks (|), else the scalar's
 * beginning. */
void doc_place_in(const struct doc *d, const yaml_node_t *scalar, size_t offset, unsigned *line, unsigned *column);

enum doc_type { DOC_TEXT, DOC_LIST, DOC_MAP, DOC_ANY };

struct doc_key {
	const char *name;
	enum doc_type type;
	bool required;
};

/* Checks that the node is a mapping with these keys only (ended by a NULL name), each once, each of its type, the
 * required ones present. `what` names it in complaints. */
bool doc_check_map(struct doc *d, const yaml_node_t *node, const char *what, const struct doc_key *keys) MUST_USE;
/* Whether the node is of that type; false with a complaint that names `what`. */
bool doc_check_type(struct doc *d, const yaml_node_t *node, const char *what, enum doc_type type) MUST_USE;

/* The first node of the file; NULL when there is none. */
const yaml_node_t *doc_root(struct doc *d);
/* The value of that key of a checked mapping, or NULL. */
const yaml_node_t *doc_get(struct doc *d, const yaml_node_t *map, const char *key);
/* A copy of the scalar behind the key, surrounding white space cut off; NULL when it is absent. */
const char *doc_text(struct doc *d, const yaml_node_t *map, const char *key);
/* The same of a scalar at hand. */
const char *doc_scalar(struct doc *d, const yaml_node_t *node);

/* How many items a list has, or pairs a mapping; 0 of NULL and of a scalar. */
size_t doc_count(const yaml_node_t *list_or_map);
/* The item of a list at i, from 0 and below doc_count(). */
const yaml_node_t *doc_item(struct doc *d, const yaml_node_t *list, size_t i);
/* The key of a mapping at i, alike, and what is behind it in *value. */
const yaml_node_t *doc_pair(struct doc *d, const yaml_node_t *map, size_t i, const yaml_node_t **value);

#endif
