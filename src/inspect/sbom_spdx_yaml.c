/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX 2 in YAML (SPDX Specification 2.3, section 4.4.1: the members of its JSON): written anew as that JSON, and read so. libyaml parses it;
 * aliases, by which a short document can ask for an endless one, are refused. */
#include <yaml.h>

#include "inspect/sbom.h"
#include "inspect/sbom_rewrite.h"

#define DEPTH_MAX 32u

struct conversion {
	struct sbom_rewrite out;
	struct level {
		bool mapping, has_members, has_key;
	} open[DEPTH_MAX];
	unsigned depth;
	struct error error;
};

static bool fail(struct conversion *y, enum error_code code, const yaml_mark_t *at, const char *words)
{
	y->error = error_at(code, at->index, "line %zu, column %zu of the YAML: %s", at->line + 1, at->column + 1, words);
	return false;
}

/* Before a value or the name of a member: what parts it from the one before, and the line of the YAML. */
static void put_place(struct conversion *y, const yaml_mark_t *at)
{
	struct level *l = y->depth ? &y->open[y->depth - 1] : NULL;
	if (l && l->has_key)
		rewrite_put(&y->out, ":", 1);
	else if (l && l->has_members)
		rewrite_put(&y->out, ",", 1);
	if (l) {
		l->has_members = true;
		l->has_key = l->mapping && !l->has_key;
	}
	rewrite_line(&y->out, at->line + 1);
}

/* What is written without quotes is a string, but for the words that JSON has: of a version, 1.10 is not 1.1. */
static void put_scalar(struct conversion *y, const yaml_event_t *e)
{
	static const char *const literals[] = { "true", "false", "null" };
	struct text t = text_of((const char *)e->data.scalar.value, e->data.scalar.length);
	put_place(y, &e->start_mark);
	bool name = y->depth && y->open[y->depth - 1].has_key;
	for (size_t i = 0; !name && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && i < sizeof literals / sizeof literals[0]; i++)
		if (text_is(t, literals[i]))
			return rewrite_put(&y->out, t.p, t.n);
	rewrite_string(&y->out, t.p, t.n);
}

static bool open_level(struct conversion *y, const yaml_event_t *e, bool mapping)
{
	const struct level *l = y->depth ? &y->open[y->depth - 1] : NULL;
	if (l && l->mapping && !l->has_key)
		return fail(y, ERR_UNSUPPORTED, &e->start_mark, "the name of a member is no text");
	if (y->depth == DEPTH_MAX)
		return fail(y, ERR_BUDGET, &e->start_mark, "it is nested too deeply");
	put_place(y, &e->start_mark);
	y->open[y->depth++] = (struct level){ .mapping = mapping };
	rewrite_put(&y->out, mapping ? "{" : "[", 1);
	return true;
}

static void close_level(struct conversion *y)
{
	struct level *l = &y->open[--y->depth];
	if (l->has_key) /* the document ends behind the name */
		rewrite_put(&y->out, ":null", 5);
	rewrite_put(&y->out, l->mapping ? "}" : "]", 1);
}

/* False where the document ends, or can not be read any further. */
static bool take(struct conversion *y, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		put_scalar(y, e);
		return true;
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return open_level(y, e, e->type == YAML_MAPPING_START_EVENT);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		close_level(y);
		return true;
	case YAML_ALIAS_EVENT:
		return fail(y, ERR_UNSUPPORTED, &e->start_mark, "aliases are refused");
	default:
		return e->type != YAML_DOCUMENT_END_EVENT && e->type != YAML_STREAM_END_EVENT;
	}
}

/* What the document says before an error in it is read, too. */
static void convert(struct conversion *y, struct span text)
{
	yaml_parser_t parser;
	bool goes_on = true;
	if (!yaml_parser_initialize(&parser)) {
		y->out.failed = ERR_MEMORY;
		return;
	}
	yaml_parser_set_input_string(&parser, text.p, text.n);
	while (goes_on && !y->out.failed) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			(void)fail(y, ERR_CORRUPT, &parser.problem_mark, parser.problem ? parser.problem : "this is no YAML");
			break;
		}
		goes_on = take(y, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	while (y->depth)
		close_level(y);
	if (y->out.failed)
		y->error = error_at(y->out.failed, 0, "no memory for what the YAML says, or more than %u MiB of it", SBOM_BYTES_MAX >> 20);
}

void sbom_read_spdx_yaml(struct sbom_reader *r)
{
	struct span text = r->bytes;
	struct conversion y = { .out = { .json = buf_with_limit(SBOM_BYTES_MAX), .line = 1 }, .error = error_none() };
	convert(&y, text);
	r->bytes = buf_span(&y.out.json);
	if (r->bytes.n)
		sbom_read_spdx(r);
	r->bytes = text;
	buf_free(&y.out.json);
	if (error_is(&y.error))
		emit_error(r->sink, &y.error);
}
