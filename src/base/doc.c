/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const type_names[] = { [DOC_TEXT] = "a text", [DOC_LIST] = "a list", [DOC_MAP] = "a mapping",
										 [DOC_ANY] = "a value" };

static void fill_error(struct doc *d, unsigned line, unsigned column, const char *format, va_list args)
{
	struct doc_error *e = d->error;
	if (e->text[0])
		return;
	*e = (struct doc_error){ .line = line, .column = column };
	int n = line ? snprintf(e->text, sizeof e->text, "%s:%u:%u: ", d->file, line, column)
				 : snprintf(e->text, sizeof e->text, "%s: ", d->file);
	if (n > 0 && (size_t)n < sizeof e->text)
		vsnprintf(e->text + n, sizeof e->text - (size_t)n, format, args);
	/* The text goes to terminals, and parts of it come from the file. */
	for (char *p = e->text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

bool doc_fail_at(struct doc *d, unsigned line, unsigned column, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fill_error(d, line, column, format, args);
	va_end(args);
	return false;
}

bool doc_fail(struct doc *d, const yaml_node_t *node, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fill_error(d, node ? doc_line(node) : 0, node ? doc_column(node) : 0, format, args);
	va_end(args);
	return false;
}

unsigned doc_line(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.line + 1;
}

unsigned doc_column(const yaml_node_t *node)
{
	return (unsigned)node->start_mark.column + 1;
}

static struct text nth_line(struct text source, size_t n)
{
	size_t at = 0;
	while (n > 0 && at < source.n) {
		const char *end = memchr(source.p + at, '\n', source.n - at);
		at = end ? (size_t)(end - source.p) + 1 : source.n;
		n--;
	}
	const char *end = at < source.n ? memchr(source.p + at, '\n', source.n - at) : NULL;
	return text_of(source.p + at, end ? (size_t)(end - source.p) - at : source.n - at);
}

static size_t indentation(struct text line)
{
	size_t n = 0;
	while (n < line.n && line.p[n] == ' ')
		n++;
	return n;
}

void doc_place_in(const struct doc *d, const yaml_node_t *scalar, size_t offset, unsigned *line, unsigned *column)
{
	*line = doc_line(scalar);
	*column = doc_column(scalar);
	if (scalar->data.scalar.style != YAML_LITERAL_SCALAR_STYLE)
		return;
	const char *value = (const char *)scalar->data.scalar.value;
	size_t rows = 0, row_start = 0;
	for (size_t i = 0; i < offset && i < scalar->data.scalar.length; i++) {
		if (value[i] == '\n') {
			rows++;
			row_start = i + 1;
		}
	}
	/* The block's first line is the one behind the '|'; its indentation is cut off from every line. */
	size_t indent = indentation(nth_line(d->source, scalar->start_mark.line + 1));
	*line = (unsigned)(scalar->start_mark.line + 2 + rows);
	*column = (unsigned)(indent + offset - row_start + 1);
}

/* What a document may not contain; NULL when the event is fine. */
static const char *objection(const yaml_event_t *event, unsigned *depth, unsigned *nodes, unsigned *documents)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return ++*documents > 1 ? "a second document, expected one a file" : NULL;
	case YAML_ALIAS_EVENT:
		return "an alias (*), expected the value itself";
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		++*depth;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		++*depth;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		--*depth;
		return NULL;
	default:
		return NULL;
	}
	if (anchor)
		return "an anchor (&), expected a value without one";
	if (tag)
		return "a tag (!), expected a value without one";
	if (*depth > DOC_MAX_DEPTH)
		return "nested too deeply, expected at most 12 levels";
	return ++*nodes > DOC_MAX_NODES ? "too many values, expected at most 80000" : NULL;
}

static bool fail_parser(struct doc *d, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return doc_fail(d, NULL, "out of memory");
	if (parser->error == YAML_READER_ERROR)
		return doc_fail(d, NULL, "byte %zu: %s, expected UTF-8 text", parser->problem_offset, parser->problem);
	return doc_fail_at(d, (unsigned)parser->problem_mark.line + 1, (unsigned)parser->problem_mark.column + 1,
					   "%s%s%s, expected YAML", parser->context ? parser->context : "", parser->context ? ": " : "",
					   parser->problem ? parser->problem : "a syntax error");
}

static bool check_events(struct doc *d)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return doc_fail(d, NULL, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)d->source.p, d->source.n);
	unsigned depth = 0, nodes = 0, documents = 0;
	bool ok = true, end = false;
	while (ok && !end) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			ok = fail_parser(d, &parser);
			break;
		}
		const char *why = objection(&event, &depth, &nodes, &documents);
		if (why)
			ok = doc_fail_at(d, (unsigned)event.start_mark.line + 1, (unsigned)event.start_mark.column + 1, "%s", why);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ok;
}

static bool build(struct doc *d)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return doc_fail(d, NULL, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)d->source.p, d->source.n);
	d->loaded = yaml_parser_load(&parser, &d->tree);
	if (!d->loaded)
		fail_parser(d, &parser);
	yaml_parser_delete(&parser);
	return d->loaded;
}

bool doc_open(struct doc *d, const char *file, struct text source, struct arena *arena, struct doc_error *error)
{
	*error = (struct doc_error){ 0 };
	if (!source.p) /* an empty file; libyaml wants something to point at */
		source = TEXT_LIT("");
	*d = (struct doc){ .file = file, .source = source, .arena = arena, .error = error };
	if (source.n > DOC_MAX_BYTES)
		return doc_fail(d, NULL, "%zu bytes, expected at most %u", source.n, DOC_MAX_BYTES);
	return check_events(d) && build(d);
}

void doc_close(struct doc *d)
{
	if (d->loaded)
		yaml_document_delete(&d->tree);
	d->loaded = false;
}

const yaml_node_t *doc_root(struct doc *d)
{
	return yaml_document_get_root_node(&d->tree);
}

bool doc_check_type(struct doc *d, const yaml_node_t *node, const char *what, enum doc_type type)
{
	static const yaml_node_type_t wanted[] = {
		[DOC_TEXT] = YAML_SCALAR_NODE,
		[DOC_LIST] = YAML_SEQUENCE_NODE,
		[DOC_MAP] = YAML_MAPPING_NODE,
		[DOC_ANY] = YAML_NO_NODE,
	};
	static const char *const found[] = {
		[YAML_NO_NODE] = "nothing",
		[YAML_SCALAR_NODE] = "a text",
		[YAML_SEQUENCE_NODE] = "a list",
		[YAML_MAPPING_NODE] = "a mapping",
	};
	if (type == DOC_ANY)
		return true;
	if (node->type != wanted[type])
		return doc_fail(d, node, "`%s` is %s, expected %s", what, found[node->type], type_names[type]);
	if (type != DOC_TEXT)
		return true;
	const char *value = (const char *)node->data.scalar.value;
	if (node->data.scalar.length == 0)
		return doc_fail(d, node, "`%s` is empty, expected a text", what);
	if (memchr(value, 0, node->data.scalar.length))
		return doc_fail(d, node, "`%s` holds a NUL character, expected text", what);
	return true;
}

const yaml_node_t *doc_pair(struct doc *d, const yaml_node_t *map, size_t i, const yaml_node_t **value)
{
	const yaml_node_pair_t *pair = map->data.mapping.pairs.start + i;
	*value = yaml_document_get_node(&d->tree, pair->value);
	return yaml_document_get_node(&d->tree, pair->key);
}

static bool key_is(const yaml_node_t *key, const char *name)
{
	return key->type == YAML_SCALAR_NODE && key->data.scalar.length == strlen(name) &&
		   memcmp(key->data.scalar.value, name, key->data.scalar.length) == 0;
}

static const struct doc_key *known_key(const struct doc_key *keys, const yaml_node_t *key)
{
	for (; keys->name; keys++)
		if (key_is(key, keys->name))
			return keys;
	return NULL;
}

static bool fail_unknown(struct doc *d, const yaml_node_t *key, const char *what, const struct doc_key *keys)
{
	char known[360] = "";
	size_t n = 0;
	for (; keys->name && n < sizeof known; keys++)
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", keys->name);
	if (key->type != YAML_SCALAR_NODE)
		return doc_fail(d, key, "a key of %s that is no text, expected one of %s", what, known);
	return doc_fail(d, key, "unknown key `%.60s` in %s, expected one of %s", (const char *)key->data.scalar.value, what,
					known);
}

bool doc_check_map(struct doc *d, const yaml_node_t *node, const char *what, const struct doc_key *keys)
{
	if (!doc_check_type(d, node, what, DOC_MAP))
		return false;
	for (size_t i = 0; i < doc_count(node); i++) {
		const yaml_node_t *value, *key = doc_pair(d, node, i, &value);
		const struct doc_key *known = known_key(keys, key);
		if (!known)
			return fail_unknown(d, key, what, keys);
		if (doc_get(d, node, known->name) != value)
			return doc_fail(d, key, "`%s` for the second time in %s, expected it once", known->name, what);
		if (!doc_check_type(d, value, known->name, known->type))
			return false;
	}
	for (; keys->name; keys++)
		if (keys->required && !doc_get(d, node, keys->name))
			return doc_fail(d, node, "%s without `%s`, expected %s", what, keys->name, type_names[keys->type]);
	return true;
}

const yaml_node_t *doc_get(struct doc *d, const yaml_node_t *map, const char *key)
{
	for (size_t i = 0; i < doc_count(map); i++) {
		const yaml_node_t *value, *k = doc_pair(d, map, i, &value);
		if (key_is(k, key))
			return value;
	}
	return NULL;
}

const char *doc_scalar(struct doc *d, const yaml_node_t *node)
{
	struct text t = { (const char *)node->data.scalar.value, node->data.scalar.length };
	while (t.n > 0 && strchr(" \t\r\n", t.p[t.n - 1]))
		t.n--;
	while (t.n > 0 && strchr(" \t\r\n", t.p[0])) {
		t.p++;
		t.n--;
	}
	const char *copy = arena_strdup(d->arena, t);
	if (!copy)
		doc_fail(d, node, "out of memory");
	return copy;
}

const char *doc_text(struct doc *d, const yaml_node_t *map, const char *key)
{
	const yaml_node_t *node = doc_get(d, map, key);
	return node ? doc_scalar(d, node) : NULL;
}

size_t doc_count(const yaml_node_t *node)
{
	if (!node)
		return 0;
	if (node->type == YAML_SEQUENCE_NODE)
		return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (node->type == YAML_MAPPING_NODE)
		return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	return 0;
}

const yaml_node_t *doc_item(struct doc *d, const yaml_node_t *list, size_t i)
{
	return yaml_document_get_node(&d->tree, list->data.sequence.items.start[i]);
}
