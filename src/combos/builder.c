/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/builder.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_BYTES 1000u
#define NOTES_MAX 100u
#define GROUPS_MAX 256u
#define NEAR_BYTES 64u

void builder_fail(struct builder *b, uint32_t line, uint32_t column, const char *format, ...)
{
	char words[512];
	va_list args;
	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	if (!error_is(&b->error))
		b->error = error_at(ERR_USAGE, 0, "line %u, column %u: %s", line, column, words);
}

void builder_no_memory(struct builder *b)
{
	if (!error_is(&b->error))
		b->error = error_at(ERR_MEMORY, 0, "no memory for the model");
}

void builder_note(struct builder *b, uint32_t line, uint32_t column, const char *format, ...)
{
	if (b->nnotes++ >= NOTES_MAX)
		return;
	char words[512];
	va_list args;
	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	struct combos_note *note = ARENA_NEW(b->arena, struct combos_note);
	char *copy = arena_strdup(b->arena, text_c(words));
	if (!note || !copy) {
		builder_no_memory(b);
		return;
	}
	*note = (struct combos_note){ line, column, copy, NULL };
	if (b->last_note)
		b->last_note->next = note;
	else
		b->out->notes = note;
	b->last_note = note;
}

bool text_number(struct text t, double *number)
{
	char copy[64];
	if (t.n == 0 || t.n >= sizeof copy)
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (!strchr("0123456789+-.eE", t.p[i]) || !t.p[i])
			return false;
	memcpy(copy, t.p, t.n);
	copy[t.n] = '\0';
	char *end;
	*number = strtod(copy, &end);
	return *end == '\0' && end != copy && isfinite(*number);
}

static bool same_name(const struct builder *b, const char *a, struct text t)
{
	return strlen(a) == t.n && (b->case_sensitive ? memcmp(a, t.p, t.n) == 0 : strncasecmp(a, t.p, t.n) == 0);
}

/* FNV-1a over lower case. */
static uint32_t hash_name(struct text t)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < t.n; i++)
		h = (h ^ (uint32_t)tolower((unsigned char)t.p[i])) * 16777619u;
	return h;
}

static uint32_t *slot_of(const struct builder *b, struct text name)
{
	uint32_t i = hash_name(name) & (b->nnamed - 1);
	while (b->named[i] && !same_name(b, b->parameters[b->named[i] - 1].name, name))
		i = (i + 1) & (b->nnamed - 1);
	return &b->named[i];
}

uint32_t builder_find(const struct builder *b, struct text name)
{
	uint32_t *slot = b->nnamed ? slot_of(b, name) : NULL;
	return slot && *slot ? *slot - 1 : UINT32_MAX;
}

static bool is_printable(struct text t)
{
	return t.n <= NAME_MAX_BYTES && (t.n == 0 || !memchr(t.p, 0, t.n));
}

/* Room for one more: most models have tens of parameters, few have thousands. At most half of the hash table is taken. */
static bool make_room(struct builder *b)
{
	if (b->nparameters < b->capacity)
		return true;
	uint32_t capacity = b->capacity ? 4 * b->capacity : 64;
	uint32_t *named = ARENA_ARRAY(b->arena, uint32_t, 2 * capacity);
	struct builder_parameter *parameters = ARENA_ARRAY(b->arena, struct builder_parameter, capacity);
	if (!named || !parameters) {
		builder_no_memory(b);
		return false;
	}
	if (b->nparameters)
		memcpy(parameters, b->parameters, b->nparameters * sizeof *parameters);
	b->parameters = parameters;
	b->capacity = capacity;
	b->named = named;
	b->nnamed = 2 * capacity;
	for (uint32_t p = 0; p < b->nparameters; p++)
		*slot_of(b, text_c(parameters[p].name)) = p + 1;
	return true;
}

struct builder_parameter *builder_parameter(struct builder *b, struct text name, uint32_t line, uint32_t column)
{
	if (error_is(&b->error))
		return NULL;
	if (name.n == 0 || !is_printable(name))
		builder_fail(b, line, column,
					 name.n ? "a name has a NUL byte or more than 1000 bytes" : "the name of a parameter is expected");
	else if (b->nparameters == COMBOS_PARAMETERS_MAX)
		builder_fail(b, line, column, "more than %u parameters", COMBOS_PARAMETERS_MAX);
	if (error_is(&b->error) || !make_room(b))
		return NULL;
	uint32_t *slot = slot_of(b, name);
	char *copy = arena_strdup(b->arena, name);
	if (*slot)
		builder_fail(b, line, column, "the parameter \"%.60s\" is there already, since line %u", copy ? copy : "",
					 b->parameters[*slot - 1].line);
	else if (!copy)
		builder_no_memory(b);
	if (error_is(&b->error))
		return NULL;
	*slot = ++b->nparameters;
	struct builder_parameter *p = &b->parameters[b->nparameters - 1];
	*p = (struct builder_parameter){ .name = copy, .line = line };
	return p;
}

static bool grow_values(struct builder *b, struct builder_parameter *p)
{
	if (p->nvalues < p->capacity)
		return true;
	uint32_t capacity = p->capacity ? 2 * p->capacity : 4;
	struct builder_value *more = ARENA_ARRAY(b->arena, struct builder_value, capacity);
	if (!more) {
		builder_no_memory(b);
		return false;
	}
	if (p->nvalues)
		memcpy(more, p->values, p->nvalues * sizeof *more);
	p->values = more;
	p->capacity = capacity;
	return true;
}

void builder_value(struct builder *b, struct text name, const char *aliases, bool negative, uint32_t weight,
				   uint32_t line, uint32_t column)
{
	struct builder_parameter *p = b->nparameters ? &b->parameters[b->nparameters - 1] : NULL;
	if (error_is(&b->error) || !p)
		return;
	if (name.n == 0 || !is_printable(name)) {
		builder_fail(b, line, column,
					 name.n ? "a value has a NUL byte or more than 1000 bytes" : "a value is expected");
		return;
	}
	for (uint32_t v = 0; v < p->nvalues; v++)
		if (same_name(b, p->values[v].name, name)) {
			p->values[v].weight += weight;
			builder_note(b, line, column, "the value \"%.60s\" of \"%.60s\" is there already: it is taken once",
						 p->values[v].name, p->name);
			return;
		}
	if (p->nvalues == COMBOS_VALUES_MAX || b->nsymbols == COMBOS_SYMBOLS_MAX)
		builder_fail(b, line, column, "more than %u values of a parameter, or %u in all", COMBOS_VALUES_MAX,
					 COMBOS_SYMBOLS_MAX);
	if (error_is(&b->error) || !grow_values(b, p))
		return;
	char *shown = arena_printf(b->arena, "%s%.*s", negative ? "~" : "", (int)name.n, name.p);
	if (!shown) {
		builder_no_memory(b);
		return;
	}
	b->nsymbols++;
	p->values[p->nvalues++] =
		(struct builder_value){ shown + negative, shown,   aliases, { OPERAND_STRING, 0, shown + negative },
								weight,           negative };
}

/* How many characters must be put in, left out or changed (Levenshtein 1966), for short names. */
static uint32_t distance(const char *a, struct text b)
{
	uint32_t row[NEAR_BYTES + 1];
	size_t n = strlen(a);
	if (n > NEAR_BYTES || b.n > NEAR_BYTES)
		return UINT32_MAX;
	for (uint32_t i = 0; i <= n; i++)
		row[i] = i;
	for (size_t j = 0; j < b.n; j++) {
		uint32_t before = row[0];
		row[0] = (uint32_t)j + 1;
		for (size_t i = 0; i < n; i++) {
			uint32_t change = before + (tolower((unsigned char)a[i]) != tolower((unsigned char)b.p[j]));
			before = row[i + 1];
			uint32_t least = row[i] < before ? row[i] + 1 : before + 1;
			row[i + 1] = change < least ? change : least;
		}
	}
	return row[n];
}

const char *builder_nearest(const struct builder *b, struct text name)
{
	const char *best = NULL;
	uint32_t least = (uint32_t)name.n / 2 + 2;
	for (uint32_t p = 0; p < b->nparameters; p++) {
		uint32_t d = distance(b->parameters[p].name, name);
		if (d < least) {
			least = d;
			best = b->parameters[p].name;
		}
	}
	return best;
}

const char *builder_nearest_value(const struct builder *b, uint32_t parameter, const char *name)
{
	const struct builder_parameter *p = &b->parameters[parameter];
	const char *best = NULL;
	uint32_t least = (uint32_t)strlen(name) / 2 + 2;
	for (uint32_t v = 0; v < p->nvalues; v++) {
		uint32_t d = distance(p->values[v].name, text_c(name));
		if (d < least) {
			least = d;
			best = p->values[v].name;
		}
	}
	return best;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

void builder_group(struct builder *b, const uint32_t *parameters, uint32_t n, uint32_t strength, uint32_t line,
				   uint32_t column)
{
	if (error_is(&b->error))
		return;
	if (!b->groups)
		b->groups = ARENA_ARRAY(b->arena, struct combos_group, GROUPS_MAX);
	uint32_t *copy = ARENA_ARRAY(b->arena, uint32_t, n), unique = 0;
	if (!b->groups || !copy) {
		builder_no_memory(b);
		return;
	}
	if (n)
		memcpy(copy, parameters, n * sizeof *copy);
	qsort(copy, n, sizeof *copy, by_number);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || copy[i] != copy[i - 1])
			copy[unique++] = copy[i];
	if (strength < 1 || strength > COMBOS_STRENGTH_MAX || strength > unique)
		builder_fail(b, line, column, "a strength of %u does not fit %u parameters: 1 to %u are possible", strength,
					 unique, unique < COMBOS_STRENGTH_MAX ? unique : COMBOS_STRENGTH_MAX);
	else if (b->ngroups == GROUPS_MAX)
		builder_fail(b, line, column, "more than %u sub-models", GROUPS_MAX);
	else
		b->groups[b->ngroups++] = (struct combos_group){ copy, unique, strength };
}

void builder_constraint(struct builder *b, struct expression *e, uint32_t line, uint32_t column)
{
	if (error_is(&b->error) || !e)
		return;
	if (b->nconstraints == COMBOS_CLAUSES_MAX) {
		builder_fail(b, line, column, "more than %u constraints", COMBOS_CLAUSES_MAX);
		return;
	}
	if (b->nconstraints == b->constraint_capacity) {
		uint32_t capacity = b->constraint_capacity ? 2 * b->constraint_capacity : 16;
		void *more = arena_alloc(b->arena, capacity, sizeof *b->constraints);
		if (!more) {
			builder_no_memory(b);
			return;
		}
		if (b->nconstraints)
			memcpy(more, b->constraints, b->nconstraints * sizeof *b->constraints);
		b->constraints = more;
		b->constraint_capacity = capacity;
	}
	b->constraints[b->nconstraints].expression = e;
	b->constraints[b->nconstraints].line = line;
	b->constraints[b->nconstraints++].column = column;
}

void builder_types(struct builder *b)
{
	for (uint32_t p = 0; p < b->nparameters; p++) {
		struct builder_parameter *q = &b->parameters[p];
		q->numeric = true;
		for (uint32_t v = 0; v < q->nvalues && q->numeric; v++)
			q->numeric = text_number(text_c(q->values[v].name), &q->values[v].operand.number);
		for (uint32_t v = 0; v < q->nvalues; v++)
			q->values[v].operand.type = q->numeric ? OPERAND_NUMBER : OPERAND_STRING;
	}
}
