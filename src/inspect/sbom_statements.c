/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our own file of statements, which a user keeps beside a case (docs/sbom.md). YAML 1.1, without anchors, aliases and tags:
 *
 *   assay-vex: 1
 *   author: ACME PSIRT
 *   statements:
 *     - vulnerability: CVE-2020-25681
 *       component: dnsmasq          # or purl: pkg:generic/dnsmasq@2.80
 *       version: 2.80               # left out: any
 *       status: not_affected
 *       justification: vulnerable_code_not_in_execute_path
 *       note: DNSSEC is not built in
 */
#include <string.h>
#include <yaml.h>

#include "inspect/sbom.h"

#define YAML_BYTES_MAX (4u << 20)
#define YAML_DEPTH_MAX 8u

struct statements {
	struct sbom_reader *r;
	yaml_parser_t parser;
	struct text author, date;
	bool failed;
};

static void complain(struct statements *s, size_t line, size_t column, const char *what)
{
	if (!s->failed)
		emit_damage_at(s->r->sink, ERR_CORRUPT, 0, "line %zu, column %zu: %s", line + 1, column + 1, what);
	s->failed = true;
}

/* The next event; false at an error, which has been said. */
static bool next(struct statements *s, yaml_event_t *event)
{
	if (s->failed)
		return false;
	if (!yaml_parser_parse(&s->parser, event)) {
		complain(s, s->parser.problem_mark.line, s->parser.problem_mark.column,
				 s->parser.problem ? s->parser.problem : "no YAML");
		return false;
	}
	if (event->type == YAML_ALIAS_EVENT) {
		complain(s, event->start_mark.line, event->start_mark.column, "aliases are not taken: write the value out");
		yaml_event_delete(event);
		return false;
	}
	return true;
}

/* Passes over what an event that is no scalar began. */
static bool skip_rest(struct statements *s, const yaml_event_t *event)
{
	unsigned depth = event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
	size_t line = event->start_mark.line, column = event->start_mark.column;
	while (depth > 0) {
		yaml_event_t inner;
		if (!next(s, &inner))
			return false;
		if (inner.type == YAML_SEQUENCE_START_EVENT || inner.type == YAML_MAPPING_START_EVENT)
			depth++;
		if (inner.type == YAML_SEQUENCE_END_EVENT || inner.type == YAML_MAPPING_END_EVENT)
			depth--;
		yaml_event_delete(&inner);
		if (depth > YAML_DEPTH_MAX)
			return complain(s, line, column, "nested deeper than a statement is"), false;
	}
	return true;
}

static struct text scalar(struct statements *s, const yaml_event_t *event)
{
	size_t n = event->data.scalar.length < SBOM_TEXT_MAX ? event->data.scalar.length : SBOM_TEXT_MAX;
	char *p = arena_alloc(s->r->arena, n + 1, 1);
	s->r->failed |= !p;
	if (p && n)
		memcpy(p, event->data.scalar.value, n);
	return p ? text_of(p, n) : TEXT_NONE;
}

/* A key of a mapping and the event of its value; false at its end. */
static bool next_pair(struct statements *s, struct text *key, yaml_event_t *value)
{
	yaml_event_t event;
	if (!next(s, &event))
		return false;
	bool is_scalar = event.type == YAML_SCALAR_EVENT, is_end = event.type == YAML_MAPPING_END_EVENT;
	if (is_scalar)
		*key = scalar(s, &event);
	else if (!is_end)
		complain(s, event.start_mark.line, event.start_mark.column, "a key is expected: a word before a colon");
	yaml_event_delete(&event);
	return is_scalar && next(s, value);
}

/* The fields of a statement by their names; unknown ones are told: a word that is misspelt must not be lost. */
static struct text *field_of(struct fact_declared_statement *row, struct text key)
{
	const struct {
		const char *key;
		struct text *field;
	} fields[] = {
		{ "vulnerability", &row->vulnerability },
		{ "component", &row->name },
		{ "version", &row->version },
		{ "purl", &row->purl },
		{ "cpe", &row->cpe },
		{ "product", &row->product },
		{ "status", &row->status },
		{ "justification", &row->justification },
		{ "note", &row->note },
		{ "author", &row->author },
		{ "date", &row->date },
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (text_is(key, fields[i].key))
			return fields[i].field;
	return NULL;
}

/* Why the statement can not be taken; NULL: it can. */
static const char *objection(const struct fact_declared_statement *row)
{
	static const char *const states[] = { "affected", "not_affected", "fixed", "under_investigation" };
	bool known = false;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		known |= text_is(row->status, states[i]);
	if (!row->vulnerability.n)
		return "the statement names no vulnerability";
	if (!known)
		return "status must be affected, not_affected, fixed or under_investigation";
	if (!row->name.n && !row->purl.n && !row->cpe.n)
		return "the statement names no component: component, purl or cpe is expected";
	if (row->justification.n && !sbom_justification_of(row->justification).n)
		return "justification must be one of OpenVEX or CycloneDX";
	if (text_is(row->status, "not_affected") && !row->justification.n && !row->note.n)
		return "not_affected needs a justification or a note";
	return NULL;
}

static void read_statement(struct statements *s, size_t line, size_t column)
{
	struct fact_declared_statement row = { .line = (int64_t)line + 1, .author = s->author, .date = s->date };
	struct text key;
	yaml_event_t value;
	while (next_pair(s, &key, &value)) {
		struct text *field = field_of(&row, key);
		if (!field || value.type != YAML_SCALAR_EVENT)
			complain(s, value.start_mark.line, value.start_mark.column,
					 field ? "a word or a line is expected" : "no field of a statement; see docs/sbom.md");
		else
			*field = scalar(s, &value);
		yaml_event_delete(&value);
	}
	const char *why = s->failed ? NULL : objection(&row);
	if (why)
		complain(s, line, column, why);
	else if (!s->failed)
		sbom_emit_statement(s->r, &row);
}

static void read_list(struct statements *s)
{
	yaml_event_t event;
	while (next(s, &event)) {
		yaml_event_type_t type = event.type;
		size_t line = event.start_mark.line, column = event.start_mark.column;
		yaml_event_delete(&event);
		if (type == YAML_SEQUENCE_END_EVENT)
			return;
		if (type == YAML_MAPPING_START_EVENT)
			read_statement(s, line, column);
		else
			complain(s, line, column, "a statement is expected: fields with their values");
	}
}

static void read_top(struct statements *s)
{
	struct text key;
	yaml_event_t value;
	while (next_pair(s, &key, &value)) {
		bool is_scalar = value.type == YAML_SCALAR_EVENT;
		if (is_scalar && text_is(key, "author"))
			s->author = scalar(s, &value);
		else if (is_scalar && text_is(key, "date"))
			s->date = scalar(s, &value);
		else if (text_is(key, "statements") && value.type == YAML_SEQUENCE_START_EVENT)
			read_list(s);
		else if (is_scalar && text_is(key, "assay-vex") && !text_is(scalar(s, &value), "1"))
			complain(s, value.start_mark.line, value.start_mark.column, "version 1 of this file is read");
		else
			skip_rest(s, &value);
		yaml_event_delete(&value);
	}
}

void sbom_read_statements(struct sbom_reader *r)
{
	struct statements s = { .r = r };
	yaml_event_t event;
	r->format = "assay";
	if (r->bytes.n > YAML_BYTES_MAX) {
		emit_damage_at(r->sink, ERR_BUDGET, 0, "a file of statements of more than %u MiB is not read",
					   YAML_BYTES_MAX >> 20);
		return;
	}
	if (!yaml_parser_initialize(&s.parser)) {
		emit_damage_at(r->sink, ERR_MEMORY, 0, "no memory to read the statements");
		return;
	}
	yaml_parser_set_input_string(&s.parser, r->bytes.p, r->bytes.n);
	bool begun = false;
	while (!begun && next(&s, &event)) {
		yaml_event_type_t type = event.type;
		begun = type == YAML_MAPPING_START_EVENT || type == YAML_STREAM_END_EVENT;
		if (!begun && type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT)
			complain(&s, event.start_mark.line, event.start_mark.column, "fields with their values are expected");
		yaml_event_delete(&event);
		if (type == YAML_MAPPING_START_EVENT)
			read_top(&s);
	}
	yaml_parser_delete(&s.parser);
}
