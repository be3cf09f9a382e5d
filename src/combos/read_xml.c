/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of ACTS as XML (read with Expat). Entities are not declared, and nothing outside the file is read.
 *
 * Specification: ACTS User Guide (NIST), "XML format": System, Parameters/Parameter (type 0: number, 1: enumeration, 2:
 * Boolean)/values/value and invalidValues/invalidValue, Relations/Relation, Constraints/Constraint with its text.
 */
#include <ctype.h>
#include <string.h>

#include <expat.h>

#include "combos/builder.h"

#define DEPTH_MAX 32u
#define VALUE_MAX 1000u

struct xml {
	struct builder *b;
	XML_Parser parser;
	uint32_t depth;
	bool in_relations, in_constraints, in_value, negative;
	char value[VALUE_MAX + 1];
	size_t nvalue;
	uint32_t *members;
	uint32_t nmembers, strength, line;
	/* Constraints come last in the file, and are read when all parameters are there. */
	struct {
		char *text;
		uint32_t line, column;
	} * constraints;
	uint32_t nconstraints, capacity;
};

static uint32_t line_of(const struct xml *x)
{
	return (uint32_t)XML_GetCurrentLineNumber(x->parser);
}

static uint32_t column_of(const struct xml *x)
{
	return (uint32_t)XML_GetCurrentColumnNumber(x->parser) + 1;
}

static const char *attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

static void keep_constraint(struct xml *x, const char *text)
{
	struct builder *b = x->b;
	if (x->nconstraints == COMBOS_CLAUSES_MAX) {
		builder_fail(b, line_of(x), column_of(x), "more than %u constraints", COMBOS_CLAUSES_MAX);
		return;
	}
	if (x->nconstraints == x->capacity) {
		uint32_t capacity = x->capacity ? 2 * x->capacity : 16;
		void *more = arena_alloc(b->arena, capacity, sizeof *x->constraints);
		if (!more) {
			builder_no_memory(b);
			return;
		}
		if (x->nconstraints)
			memcpy(more, x->constraints, x->nconstraints * sizeof *x->constraints);
		x->constraints = more;
		x->capacity = capacity;
	}
	char *copy = arena_strdup(b->arena, text_c(text));
	if (!copy)
		builder_no_memory(b);
	x->constraints[x->nconstraints].text = copy;
	x->constraints[x->nconstraints].line = line_of(x);
	x->constraints[x->nconstraints++].column = column_of(x);
}

static void start_parameter(struct xml *x, const char **attributes)
{
	struct builder *b = x->b;
	const char *name = attribute(attributes, "name");
	if (x->in_constraints)
		return;
	if (!x->in_relations) {
		(void)builder_parameter(b, text_c(name), line_of(x), column_of(x));
		return;
	}
	uint32_t found = builder_find(b, text_c(name));
	if (found == UINT32_MAX || x->nmembers == COMBOS_PARAMETERS_MAX)
		builder_fail(b, line_of(x), column_of(x), "there is no parameter \"%.40s\"", name ? name : "");
	else
		x->members[x->nmembers++] = found;
}

static void start(void *context, const char *name, const char **attributes)
{
	struct xml *x = context;
	struct builder *b = x->b;
	const char *text;
	if (++x->depth > DEPTH_MAX)
		builder_fail(b, line_of(x), column_of(x), "elements are nested more than %u deep", DEPTH_MAX);
	if (error_is(&b->error)) {
		XML_StopParser(x->parser, XML_FALSE);
		return;
	}
	if (x->depth == 1 && strcmp(name, "System") != 0) {
		builder_fail(b, line_of(x), column_of(x), "the element System is expected");
	} else if (strcmp(name, "System") == 0 && (text = attribute(attributes, "name"))) {
		b->out->name = arena_strdup(b->arena, text_c(text));
	} else if (strcmp(name, "Relations") == 0) {
		x->in_relations = true;
	} else if (strcmp(name, "Constraints") == 0) {
		x->in_constraints = true;
	} else if (strcmp(name, "Parameter") == 0) {
		start_parameter(x, attributes);
	} else if (strcmp(name, "value") == 0 || strcmp(name, "invalidValue") == 0) {
		x->in_value = true;
		x->negative = name[0] == 'i';
		x->nvalue = 0;
	} else if (strcmp(name, "Relation") == 0) {
		text = attribute(attributes, "Strength");
		x->strength = text && isdigit((unsigned char)text[0]) && !text[1] ? (uint32_t)(text[0] - '0') : 0;
		x->nmembers = 0;
	} else if (strcmp(name, "Constraint") == 0) {
		text = attribute(attributes, "text");
		if (text && *text)
			keep_constraint(x, text);
	}
}

static void end(void *context, const char *name)
{
	struct xml *x = context;
	x->depth--;
	if (strcmp(name, "Relations") == 0) {
		x->in_relations = false;
	} else if (strcmp(name, "Relation") == 0 && x->nmembers) {
		builder_group(x->b, x->members, x->nmembers, x->strength, line_of(x), column_of(x));
	} else if (x->in_value && (strcmp(name, "value") == 0 || strcmp(name, "invalidValue") == 0)) {
		x->in_value = false;
		builder_value(x->b, text_of(x->value, x->nvalue), NULL, x->negative, 1, line_of(x), column_of(x));
	}
}

static void characters(void *context, const char *text, int n)
{
	struct xml *x = context;
	if (!x->in_value)
		return;
	if ((size_t)n > VALUE_MAX - x->nvalue) {
		builder_fail(x->b, line_of(x), column_of(x), "a value is longer than %u bytes", VALUE_MAX);
		return;
	}
	memcpy(x->value + x->nvalue, text, (size_t)n);
	x->nvalue += (size_t)n;
}

static void doctype(void *context, const char *name, const char *system, const char *public, int internal)
{
	struct xml *x = context;
	(void)name, (void)system, (void)public, (void)internal;
	builder_fail(x->b, line_of(x), column_of(x), "a document type is not read: the element System is expected");
	XML_StopParser(x->parser, XML_FALSE);
}

static void parse(struct xml *x)
{
	struct span text = x->b->text;
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, start, end);
	XML_SetCharacterDataHandler(x->parser, characters);
	XML_SetStartDoctypeDeclHandler(x->parser, doctype);
	if (text.n > INT32_MAX || XML_Parse(x->parser, (const char *)text.p, (int)text.n, 1) != XML_STATUS_OK)
		builder_fail(x->b, line_of(x), column_of(x), "%s", XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static void read_constraints(struct xml *x)
{
	struct builder *b = x->b;
	builder_types(b);
	for (uint32_t i = 0; i < x->nconstraints && !error_is(&b->error); i++) {
		const char *text = x->constraints[i].text;
		struct source s = { .text = span_of(text, strlen(text)),
							.line = x->constraints[i].line,
							.column = x->constraints[i].column };
		struct expression *e = parse_expression(b, &s);
		source_skip(&s);
		if (!source_ended(&s))
			builder_fail(b, s.line, s.column, "&&, || or the end of the constraint is expected");
		builder_constraint(b, e, x->constraints[i].line, x->constraints[i].column);
	}
}

void read_acts_xml(struct builder *b)
{
	struct xml *x = ARENA_NEW(b->arena, struct xml);
	XML_Parser parser = XML_ParserCreate(NULL);
	if (!x || !parser || !(x->members = ARENA_ARRAY(b->arena, uint32_t, COMBOS_PARAMETERS_MAX))) {
		builder_no_memory(b);
	} else {
		x->b = b;
		x->parser = parser;
		parse(x);
		read_constraints(x);
	}
	if (parser)
		XML_ParserFree(parser);
}
