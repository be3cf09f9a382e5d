/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A document that was parsed when the program was built (tools/embed_packs.py): what it holds, one node behind another. A
 * node is its kind ('s' a scalar, 'l' a list, 'm' a mapping), its line and column, its length, and the bytes of a scalar with
 * a NUL behind them, or the nodes of a list, or the keys and values of a mapping in turns. The number of all nodes is the
 * first number; a number has seven bits in a byte, the lowest first, as LEB128. */
#include "base/doc.h"

struct unpacking {
	struct doc *d;
	const uint8_t *p, *end;
	size_t nodes;
};

static size_t number(struct unpacking *u)
{
	size_t v = 0;
	for (unsigned shift = 0; u->p < u->end && shift < 32; shift += 7) {
		uint8_t byte = *u->p++;
		v |= (size_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return v;
}

static bool unpack(struct unpacking *u, unsigned depth, yaml_node_item_t *id);

static bool unpack_scalar(struct unpacking *u, yaml_node_t *node, size_t n)
{
	if (n >= (size_t)(u->end - u->p) || u->p[n])
		return false;
	node->type = YAML_SCALAR_NODE;
	node->data.scalar.value = (yaml_char_t *)(uintptr_t)u->p; /* nobody writes to it */
	node->data.scalar.length = n;
	u->p += n + 1;
	return true;
}

static bool unpack_list(struct unpacking *u, unsigned depth, yaml_node_t *node, size_t n)
{
	yaml_node_item_t *items = ARENA_ARRAY(u->d->arena, yaml_node_item_t, n);
	if (!items)
		return false;
	node->type = YAML_SEQUENCE_NODE;
	node->data.sequence.items.start = items;
	node->data.sequence.items.top = items + n;
	for (size_t i = 0; i < n; i++)
		if (!unpack(u, depth, &items[i]))
			return false;
	return true;
}

static bool unpack_map(struct unpacking *u, unsigned depth, yaml_node_t *node, size_t n)
{
	yaml_node_pair_t *pairs = ARENA_ARRAY(u->d->arena, yaml_node_pair_t, n);
	if (!pairs)
		return false;
	node->type = YAML_MAPPING_NODE;
	node->data.mapping.pairs.start = pairs;
	node->data.mapping.pairs.top = pairs + n;
	for (size_t i = 0; i < n; i++)
		if (!unpack(u, depth, &pairs[i].key) || !unpack(u, depth, &pairs[i].value))
			return false;
	return true;
}

static bool unpack(struct unpacking *u, unsigned depth, yaml_node_item_t *id)
{
	yaml_document_t *tree = &u->d->tree;
	if (depth == 0 || u->p == u->end || (size_t)(tree->nodes.top - tree->nodes.start) == u->nodes)
		return false;
	yaml_node_t *node = tree->nodes.top++;
	char kind = (char)*u->p++;
	*id = (yaml_node_item_t)(node - tree->nodes.start) + 1;
	node->start_mark.line = number(u);
	node->start_mark.column = number(u);
	size_t n = number(u);
	if (n > (size_t)(u->end - u->p))
		return false;
	return kind == 's' ? unpack_scalar(u, node, n) : kind == 'l' ? unpack_list(u, depth - 1, node, n)
												 : kind == 'm' && unpack_map(u, depth - 1, node, n);
}

bool doc_open_packed(struct doc *d, const char *file, struct text packed, struct arena *arena, struct doc_error *error)
{
	struct unpacking u = { .d = d, .p = (const uint8_t *)packed.p, .end = (const uint8_t *)packed.p + packed.n };
	yaml_node_item_t root;
	*error = (struct doc_error){ 0 };
	*d = (struct doc){ .file = file, .arena = arena, .error = error };
	u.nodes = number(&u);
	d->tree.nodes.start = d->tree.nodes.top = u.nodes <= packed.n ? ARENA_ARRAY(arena, yaml_node_t, u.nodes) : NULL;
	if (d->tree.nodes.start && unpack(&u, DOC_MAX_DEPTH + 1, &root) && u.p == u.end)
		return true;
	return doc_fail(d, NULL, "the packed document is damaged, or there is no memory for it");
}
