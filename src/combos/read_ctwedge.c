/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of CTWedge.
 *
 * Specification: the grammar that Gargantini, Radavelli: Migrating combinatorial interaction test modeling and generation to
 * the web (2018) describes, and fmselab/ct-competition, examples.md: `Model NAME`, `Parameters:` (Boolean, { values },
 * [ from .. to ] step n), `Constraints:` between number signs.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "combos/builder.h"

static bool is_word(uint8_t c)
{
	return isalnum(c) || c == '_' || c == '.' || c == '-' || c == '+' || c >= 0x80;
}

/* A word, or what stands between quotation marks; a range's two points end it. */
static struct text take_word(struct source *s, bool dotted)
{
	source_skip(s);
	size_t n = 0;
	const uint8_t *from = s->text.p + s->at;
	size_t left = s->text.n - s->at;
	if (left && *from == '"') {
		const uint8_t *end = memchr(from + 1, '"', left - 1);
		n = end ? (size_t)(end - from) - 1 : 0;
		source_step(s, end ? n + 2 : 0);
		return text_of((const char *)from + 1, n);
	}
	while (n < left && is_word(from[n]) && (dotted || from[n] != '.' || !span_has(s->text, s->at + n, "..", 2)))
		n++;
	source_step(s, n);
	return text_of((const char *)from, n);
}

static bool expect(struct builder *b, struct source *s, const char *word)
{
	if (error_is(&b->error))
		return false;
	if (source_take(s, word))
		return true;
	builder_fail(b, s->line, s->column, "%s is expected", word);
	return false;
}

static void take_enumeration(struct builder *b, struct source *s)
{
	while (!error_is(&b->error) && !source_take(s, "}")) {
		uint32_t line = s->line, column = s->column;
		struct text value = take_word(s, true);
		if (!value.n)
			builder_fail(b, line, column, "a value or } is expected");
		builder_value(b, value, NULL, false, 1, line, column);
		(void)source_take(s, ",");
	}
}

static double take_number(struct builder *b, struct source *s)
{
	double number = 0;
	uint32_t line = s->line, column = s->column;
	if (!text_number(take_word(s, false), &number) || number != floor(number) || fabs(number) > 1e9)
		builder_fail(b, line, column, "a whole number is expected");
	return number;
}

/* [ from .. to ] step n */
static void take_range(struct builder *b, struct source *s)
{
	uint32_t line = s->line, column = s->column;
	double from = take_number(b, s);
	(void)expect(b, s, "..");
	double to = take_number(b, s), step = 1;
	(void)expect(b, s, "]");
	if (source_take(s, "step"))
		step = take_number(b, s);
	if (!error_is(&b->error) && (step < 1 || from > to || (to - from) / step >= COMBOS_VALUES_MAX))
		builder_fail(b, line, column, "the range has no values, or more than %u", COMBOS_VALUES_MAX);
	for (double v = from; v <= to && !error_is(&b->error); v += step) {
		char text[32];
		int n = snprintf(text, sizeof text, "%.0f", v);
		builder_value(b, text_of(text, (size_t)n), NULL, false, 1, line, column);
	}
}

static void take_parameter(struct builder *b, struct source *s)
{
	source_skip(s);
	uint32_t line = s->line, column = s->column;
	struct text name = take_word(s, true);
	if (!builder_parameter(b, name, line, column))
		return;
	(void)expect(b, s, ":");
	if (source_take(s, "Boolean")) {
		builder_value(b, TEXT_LIT("true"), NULL, false, 1, line, column);
		builder_value(b, TEXT_LIT("false"), NULL, false, 1, line, column);
	} else if (source_take(s, "{")) {
		take_enumeration(b, s);
	} else if (source_take(s, "[")) {
		take_range(b, s);
	} else {
		source_skip(s);
		builder_fail(b, s->line, s->column, "Boolean, { VALUES } or [ FROM .. TO ] is expected");
	}
	(void)source_take(s, ";");
}

static void take_constraints(struct builder *b, struct source *s)
{
	builder_types(b);
	for (source_skip(s); !source_ended(s) && !error_is(&b->error); source_skip(s)) {
		uint32_t line = s->line, column = s->column;
		if (!expect(b, s, "#"))
			return;
		struct expression *e = parse_expression(b, s);
		if (e && expect(b, s, "#"))
			builder_constraint(b, e, line, column);
		(void)source_take(s, ";");
	}
}

void read_ctwedge(struct builder *b)
{
	struct source s = { .text = b->text, .line = 1, .column = 1, .slashes = true };
	if (expect(b, &s, "Model")) {
		struct text name = take_word(&s, true);
		char *copy = arena_strdup(b->arena, name);
		if (!copy)
			builder_no_memory(b);
		b->out->name = copy;
	}
	(void)(expect(b, &s, "Parameters") && expect(b, &s, ":"));
	while (!error_is(&b->error)) {
		source_skip(&s);
		if (source_ended(&s))
			break;
		if (source_take(&s, "Constraints")) {
			if (expect(b, &s, ":"))
				take_constraints(b, &s);
			break;
		}
		take_parameter(b, &s);
	}
	builder_types(b);
}
