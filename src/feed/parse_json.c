/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON documents: small ones as one tree, large ones record by record. */
#include <stdio.h>

#include "feed/field.h"
#include "feed/parse_internal.h"

/* Deeper than any feed is; recursion over a tree stays within the stack. */
static const struct json_limits limits = { .depth = 96, .string = (size_t)16 << 20, .total = (uint64_t)64 << 30 };

static struct error cut_short(const struct json_node *root, const char *records)
{
	return error_at(ERR_CORRUPT, 0, "line %u, column %u: the document has no member \"%s\"", root ? root->line : 1,
					root ? root->column : 1, records);
}

struct error feed_parse_tree(struct feed_parser *p, struct feed_document *d, const struct feed_importer *importer,
							 const struct json_node *root)
{
	struct feed_run run = { .importer = importer, .sink = p->sink, .arena = p->arena, .head = root };
	const struct json_node *list = root;
	if (importer->records && strcmp(importer->records, "*") != 0) {
		list = json_tree_member(root, importer->records);
		if (!list)
			return cut_short(root, importer->records);
		if (!field_is(&run, list, PULL_ARRAY))
			return run.error;
	} else if (!importer->records && root->type != PULL_ARRAY) {
		feed_give_record(p, d, &run, root);
		return run.error;
	}
	JSON_EACH(record, list)
	if (!feed_give_record(p, d, &run, record))
		return run.error;
	feed_begin(&run);
	return run.error;
}

/* A document in a stream. */
struct stream {
	struct feed_parser *parser;
	struct feed_document *document;
	struct json_pull *json;
	struct feed_run run;
	struct json_node *head, *last;
};

/* The record that begins with the current token. */
static bool stream_record(struct stream *s, struct text key)
{
	struct json_node *record = NULL;
	char name[64];
	snprintf(name, sizeof name, "%.*s", key.p ? (int)(key.n < 63 ? key.n : 63) : 0, key.p ? key.p : "");
	arena_reset(s->parser->arena);
	struct text kept = key.p ? text_of(arena_strdup(s->parser->arena, key), key.n) : TEXT_NONE;
	json_pull_path(s->json, s->run.prefix, sizeof s->run.prefix);
	s->run.error = json_tree_read(s->json, s->parser->arena, s->run.importer->skip, &record);
	if (error_is(&s->run.error))
		return false;
	record->key = kept;
	return feed_give_record(s->parser, s->document, &s->run, record);
}

static bool stream_array(struct stream *s)
{
	if (json_pull_token(s->json) != PULL_ARRAY) {
		struct json_place at = json_pull_place(s->json);
		s->run.error = error_at(ERR_CORRUPT, at.offset, "line %llu, column %llu: $.%s: expected an array, found %s",
								(unsigned long long)at.line, (unsigned long long)at.column, s->run.importer->records,
								json_pull_token_name(json_pull_token(s->json)));
		return false;
	}
	for (enum json_token t = json_pull_next(s->json); t != PULL_ARRAY_END; t = json_pull_next(s->json)) {
		if (t == PULL_ERROR)
			s->run.error = json_pull_error(s->json);
		if (t == PULL_ERROR || !stream_record(s, TEXT_NONE))
			return false;
	}
	return true;
}

/* As json_tree_read() has it of what is in a member. */
static bool is_twice(const struct stream *s, struct text key)
{
	size_t n = 0;
	JSON_EACH(m, s->head)
	if (n++ < 256 && text_eq(m->key, key))
		return true;
	return text_is(key, s->run.importer->records);
}

/* A member beside the records: kept, so that the records can ask for it. */
static bool stream_head(struct stream *s, struct text key)
{
	struct json_node *member = NULL;
	struct json_place at = json_pull_place(s->json);
	if (is_twice(s, key)) {
		s->run.error = error_at(ERR_CORRUPT, at.offset, "line %llu, column %llu: the document has the member \"%.*s\" twice",
								(unsigned long long)at.line, (unsigned long long)at.column, (int)(key.n < 60 ? key.n : 60), key.p);
		return false;
	}
	char *copy = arena_strdup(s->parser->head, key);
	s->run.error = copy ? json_tree_read(s->json, s->parser->head, s->run.importer->skip, &member)
						: error_at(ERR_BUDGET, 0, "the document's head takes more memory than it may");
	if (error_is(&s->run.error))
		return false;
	member->key = text_of(copy, key.n);
	member->parent = s->head;
	if (s->last)
		s->last->next = member;
	else
		s->head->first = member;
	s->last = member;
	return true;
}

static bool stream_member(struct stream *s, bool *found)
{
	const char *records = s->run.importer->records;
	struct text key = json_pull_text(s->json);
	if (strcmp(records, "*") == 0) {
		char name[256];
		size_t n = key.n < sizeof name ? key.n : sizeof name;
		memcpy(name, key.p, n);
		*found = true;
		json_pull_next(s->json);
		return stream_record(s, text_of(name, n));
	}
	if (!text_is(key, records) || *found)
		return stream_head(s, key);
	*found = true;
	json_pull_next(s->json);
	return stream_array(s);
}

/* True when the whole document was read. */
static bool stream_document(struct stream *s)
{
	enum json_token t = json_pull_next(s->json);
	bool found = !s->run.importer->records;
	if (found && t == PULL_ARRAY) {
		if (!stream_array(s))
			return false;
	} else if (found) {
		if (!stream_record(s, TEXT_NONE))
			return false;
	} else {
		if (t != PULL_OBJECT)
			return false;
		while (json_pull_next(s->json) == PULL_KEY)
			if (!stream_member(s, &found))
				return false;
	}
	if (json_pull_token(s->json) != PULL_ERROR)
		json_pull_next(s->json);
	s->run.error = json_pull_error(s->json);
	if (!error_is(&s->run.error) && !found)
		s->run.error = cut_short(s->head, s->run.importer->records);
	return !error_is(&s->run.error);
}

static struct error parse_stream(struct feed_parser *p, struct feed_document *d, const struct feed_importer *importer)
{
	struct stream s = { .parser = p, .document = d };
	arena_reset(p->arena);
	arena_reset(p->head);
	s.head = ARENA_NEW(p->head, struct json_node);
	s.json = json_pull_new(document_read, d, &limits);
	if (!s.head || !s.json) {
		json_pull_free(s.json);
		return error_at(ERR_MEMORY, 0, "no memory to read the document");
	}
	s.head->type = PULL_OBJECT;
	s.head->line = s.head->column = 1;
	s.run = (struct feed_run){ .importer = importer, .sink = p->sink, .arena = p->arena, .head = s.head };
	if (stream_document(&s))
		feed_begin(&s.run);
	if (!error_is(&s.run.error) && !s.run.stopped)
		s.run.error = json_pull_error(s.json);
	json_pull_free(s.json);
	return s.run.error;
}

struct error feed_parse_json(struct feed_parser *p, struct feed_document *d, bool *taken)
{
	struct json_node *root = NULL;
	struct json_pull *j = json_pull_new_span(d->beginning, &limits);
	if (!j)
		return error_at(ERR_MEMORY, 0, "no memory to read the document");
	struct error e = json_tree_begin(j, p->arena, &root);
	json_pull_free(j);
	const struct feed_importer *importer =
		feed_recognise(root && root->type == PULL_ARRAY && root->first ? root->first : root);
	if (importer && importer->records && root->type == PULL_ARRAY)
		importer = NULL;
	*taken = importer != NULL;
	if (!importer) /* broken JSON is worth an error; what is whole, or goes on, is merely none of ours */
		return d->whole || e.code != ERR_TRUNCATED ? e : error_none();
	if (error_is(&e) && d->whole)
		return e;
	return d->whole ? feed_parse_tree(p, d, importer, root) : parse_stream(p, d, importer);
}
