/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML documents (1.1, by libyaml) as the same tree that JSON becomes; every scalar is a string. Aliases, by which a short
 * document can ask for an endless tree, are refused. */
#include <yaml.h>

#include "feed/parse_internal.h"

#define YAML_DEPTH 32u
#define YAML_BYTES ((uint64_t)64 << 20)

struct yaml_reader {
	struct feed_parser *parser;
	struct feed_document *document;
	struct error error;
	uint64_t bytes;
	struct json_node *root;
	struct {
		struct json_node *node, *last;
		struct text key;
		bool has_key;
	} open[YAML_DEPTH];
	unsigned depth;
};

static int read_bytes(void *context, unsigned char *into, size_t size, size_t *got)
{
	struct yaml_reader *y = context;
	y->error = document_read(y->document, into, size, got);
	y->bytes += *got;
	if (!error_is(&y->error) && y->bytes > YAML_BYTES)
		y->error = error_at(ERR_BUDGET, y->bytes, "the YAML document is larger than %llu bytes",
							(unsigned long long)YAML_BYTES);
	return !error_is(&y->error);
}

static bool fail(struct yaml_reader *y, enum error_code code, yaml_mark_t at, const char *words)
{
	if (!error_is(&y->error))
		y->error = error_at(code, at.index, "line %zu, column %zu: %s", at.line + 1, at.column + 1, words);
	return false;
}

/* Hangs a node where it belongs; a scalar may be a member's name instead. */
static bool add(struct yaml_reader *y, enum json_token type, struct text scalar, yaml_mark_t at)
{
	struct arena *arena = y->parser->arena;
	bool inside = y->depth > 0;
	bool mapping = inside && y->open[y->depth - 1].node->type == PULL_OBJECT;
	struct text copy = TEXT_NONE;
	if (type == PULL_STRING) {
		copy = text_of(arena_strdup(arena, scalar), scalar.n);
		if (!copy.p)
			return fail(y, ERR_BUDGET, at, "the document takes more memory than it may");
	}
	if (mapping && !y->open[y->depth - 1].has_key) {
		if (type != PULL_STRING)
			return fail(y, ERR_UNSUPPORTED, at, "a member's name is no plain text");
		y->open[y->depth - 1].key = copy;
		return y->open[y->depth - 1].has_key = true;
	}
	struct json_node *n = ARENA_NEW(arena, struct json_node);
	if (!n)
		return fail(y, ERR_BUDGET, at, "the document takes more memory than it may");
	*n = (struct json_node){
		.type = type, .line = (uint32_t)at.line + 1, .column = (uint32_t)at.column + 1, .text = copy
	};
	if (!inside) {
		y->root = n;
	} else {
		n->parent = y->open[y->depth - 1].node;
		n->key = mapping ? y->open[y->depth - 1].key : TEXT_NONE;
		y->open[y->depth - 1].has_key = false;
		struct json_node *elder = y->open[y->depth - 1].last;
		n->index = elder ? elder->index + 1 : 0;
		*(elder ? &elder->next : &y->open[y->depth - 1].node->first) = n;
		y->open[y->depth - 1].last = n;
	}
	if (type == PULL_STRING)
		return true;
	if (y->depth == YAML_DEPTH)
		return fail(y, ERR_BUDGET, at, "the document is nested too deeply");
	y->open[y->depth].node = n;
	y->open[y->depth].last = NULL;
	y->open[y->depth++].has_key = false;
	return true;
}

static bool take(struct yaml_reader *y, const yaml_event_t *e, bool *end)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return add(y, PULL_STRING, text_of((const char *)e->data.scalar.value, e->data.scalar.length), e->start_mark);
	case YAML_MAPPING_START_EVENT:
		return add(y, PULL_OBJECT, TEXT_NONE, e->start_mark);
	case YAML_SEQUENCE_START_EVENT:
		return add(y, PULL_ARRAY, TEXT_NONE, e->start_mark);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		y->depth--;
		return true;
	case YAML_ALIAS_EVENT:
		return fail(y, ERR_UNSUPPORTED, e->start_mark, "YAML aliases are refused");
	case YAML_DOCUMENT_END_EVENT:
	case YAML_STREAM_END_EVENT:
		*end = true;
		return true;
	default:
		return true;
	}
}

static struct error read_tree(struct yaml_reader *y)
{
	yaml_parser_t parser;
	bool end = false, ok = true;
	if (!yaml_parser_initialize(&parser))
		return error_at(ERR_MEMORY, 0, "no memory to read the document");
	yaml_parser_set_input(&parser, read_bytes, y);
	while (ok && !end) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			(void)fail(y, ERR_CORRUPT, parser.problem_mark, parser.problem ? parser.problem : "this is no YAML");
			break;
		}
		ok = take(y, &event, &end);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return y->error;
}

/* A cheap look before libyaml: text, and a line that is "name:" or "---" near the start. */
static bool looks_like_yaml(struct span s)
{
	struct span head = span_clip(s, 0, 4096);
	for (size_t i = 0; i < head.n; i++)
		if (head.p[i] < 0x20 && head.p[i] != '\t' && head.p[i] != '\r' && head.p[i] != '\n')
			return false;
	return span_starts(head, "---", 3) || (head.n && memmem(head.p, head.n, "distroversion:", 14)) ||
		   (span_starts(head, "id:", 3) && memmem(head.p, head.n, "\nmodified:", 10));
}

struct error feed_parse_yaml(struct feed_parser *p, struct feed_document *d, bool *taken)
{
	*taken = false;
	if (!looks_like_yaml(d->beginning))
		return error_none();
	struct yaml_reader *y = ARENA_NEW(p->head, struct yaml_reader);
	if (!y)
		return error_at(ERR_MEMORY, 0, "no memory to read the document");
	y->parser = p;
	y->document = d;
	struct error e = read_tree(y);
	if (error_is(&e))
		return e;
	const struct feed_importer *importer = feed_recognise(y->root);
	*taken = importer != NULL;
	return importer ? feed_parse_tree(p, d, importer, y->root) : error_none();
}
