/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of ACTS as text.
 *
 * Specification: ACTS User Guide (NIST), "ACTS text format": the sections [System], [Parameter], [Relation], [Constraint].
 * Values behind a semicolon are the invalid ones: what the model language marks with ~.
 */
#include <string.h>
#include <strings.h>

#include "combos/builder.h"

enum section { SECTION_NONE, SECTION_SYSTEM, SECTION_PARAMETER, SECTION_RELATION, SECTION_CONSTRAINT, SECTION_OTHER };

static struct text unquote(struct text t)
{
	if (t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"')
		return text_of(t.p + 1, t.n - 2);
	return t;
}

static struct text rest_of_line(const struct source *s)
{
	const uint8_t *from = s->text.p + s->at, *end = memchr(from, '\n', s->text.n - s->at);
	return text_of((const char *)from, end ? (size_t)(end - from) : s->text.n - s->at);
}

static enum section section_named(struct text t)
{
	static const struct {
		const char *name;
		enum section section;
	} sections[] = { { "[system]", SECTION_SYSTEM },     { "[parameter]", SECTION_PARAMETER },
					 { "[relation]", SECTION_RELATION }, { "[constraint]", SECTION_CONSTRAINT },
					 { "[test set]", SECTION_OTHER },    { "[misc]", SECTION_OTHER } };
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		if (t.n == strlen(sections[i].name) && strncasecmp(t.p, sections[i].name, t.n) == 0)
			return sections[i].section;
	return SECTION_NONE;
}

static void take_values(struct builder *b, struct text list, bool negative, uint32_t line, const char *start)
{
	while (list.n && !error_is(&b->error)) {
		const char *comma = memchr(list.p, ',', list.n);
		size_t n = comma ? (size_t)(comma - list.p) : list.n;
		struct text value = unquote(text_trim(text_of(list.p, n), TEXT_SPACES));
		builder_value(b, value, NULL, negative, 1, line, (uint32_t)(list.p - start) + 1);
		list = text_of(list.p + n + (comma != NULL), list.n - n - (comma != NULL));
	}
}

/* NAME (type) : value, value; invalid value */
static void take_parameter(struct builder *b, struct text t, uint32_t line)
{
	const char *start = t.p, *colon = memchr(t.p, ':', t.n);
	struct text name = text_trim(text_of(t.p, colon ? (size_t)(colon - t.p) : t.n), TEXT_SPACES);
	if (!colon) {
		builder_fail(b, line, 1, "a parameter is expected, as NAME (TYPE) : VALUE, VALUE ...");
		return;
	}
	const char *open = memrchr(name.p, '(', name.n);
	if (open && name.p[name.n - 1] == ')')
		name = text_trim(text_of(name.p, (size_t)(open - name.p)), TEXT_SPACES);
	if (!builder_parameter(b, name, line, 1))
		return;
	struct text values = text_of(colon + 1, t.n - (size_t)(colon + 1 - t.p));
	const char *semicolon = memchr(values.p, ';', values.n);
	if (semicolon) {
		take_values(b, text_of(values.p, (size_t)(semicolon - values.p)), false, line, start);
		take_values(b, text_of(semicolon + 1, values.n - (size_t)(semicolon + 1 - values.p)), true, line, start);
	} else {
		take_values(b, values, false, line, start);
	}
}

/* NAME : (parameter, parameter, strength) */
static void take_relation(struct builder *b, struct text t, uint32_t line)
{
	const char *open = memchr(t.p, '(', t.n), *end = memrchr(t.p, ')', t.n);
	uint32_t *members = ARENA_ARRAY(b->arena, uint32_t, t.n), n = 0;
	if (!open || !end || end < open || !members) {
		builder_fail(b, line, 1, "a relation is expected, as NAME : (PARAMETER, PARAMETER, STRENGTH)");
		return;
	}
	struct text list = text_of(open + 1, (size_t)(end - open - 1));
	while (list.n && !error_is(&b->error)) {
		const char *comma = memchr(list.p, ',', list.n);
		size_t cell = comma ? (size_t)(comma - list.p) : list.n;
		struct text name = text_trim(text_of(list.p, cell), TEXT_SPACES);
		double strength;
		if (comma) {
			members[n] = builder_find(b, name);
			if (members[n++] == UINT32_MAX)
				builder_fail(b, line, (uint32_t)(list.p - t.p) + 1, "there is no parameter \"%.*s\"",
							 (int)(name.n < 40 ? name.n : 40), name.p);
		} else if (text_number(name, &strength) && strength >= 1 && strength <= COMBOS_STRENGTH_MAX) {
			builder_group(b, members, n, (uint32_t)strength, line, 1);
		} else {
			builder_fail(b, line, (uint32_t)(list.p - t.p) + 1, "the strength, 1 to %u, is expected as the last one",
						 COMBOS_STRENGTH_MAX);
		}
		list = text_of(list.p + cell + (comma != NULL), list.n - cell - (comma != NULL));
	}
}

static void take_constraint(struct builder *b, struct source *s)
{
	uint32_t line = s->line, column = s->column;
	struct expression *e = parse_expression(b, s);
	source_skip(s);
	if (!source_ended(s) && s->text.p[s->at] != '\n' && !error_is(&b->error))
		builder_fail(b, s->line, s->column, "&&, || or the end of the line is expected");
	builder_constraint(b, e, line, column);
}

static void take_system(struct builder *b, struct text t)
{
	const char *colon = memchr(t.p, ':', t.n);
	if (!colon || t.n < 4 || strncasecmp(t.p, "name", 4) != 0)
		return;
	struct text name = text_trim(text_of(colon + 1, t.n - (size_t)(colon + 1 - t.p)), TEXT_SPACES);
	char *copy = arena_strdup(b->arena, name);
	if (!copy)
		builder_no_memory(b);
	else if (strlen(copy) == name.n)
		b->out->name = copy;
}

static void take_line(struct builder *b, struct source *s, enum section *section, struct text t)
{
	enum section named = section_named(t);
	if (named != SECTION_NONE) {
		if (named >= SECTION_RELATION)
			builder_types(b);
		*section = named;
	} else if (*section == SECTION_SYSTEM) {
		take_system(b, t);
	} else if (*section == SECTION_PARAMETER) {
		take_parameter(b, t, s->line);
	} else if (*section == SECTION_RELATION) {
		take_relation(b, t, s->line);
	} else if (*section == SECTION_CONSTRAINT) {
		take_constraint(b, s);
	} else if (*section == SECTION_NONE) {
		builder_fail(b, s->line, s->column, "a section is expected, as [System] or [Parameter]");
	}
}

void read_acts(struct builder *b)
{
	struct source s = { .text = b->text, .line = 1, .column = 1, .one_line = true, .slashes = true, .dashes = true };
	enum section section = SECTION_NONE;
	while (!source_ended(&s) && !error_is(&b->error)) {
		source_skip(&s);
		if (source_ended(&s))
			break;
		struct text line = text_trim(rest_of_line(&s), TEXT_SPACES);
		if (line.n)
			take_line(b, &s, &section, line);
		size_t left = rest_of_line(&s).n;
		source_step(&s, left + 1);
	}
	builder_types(b);
}
