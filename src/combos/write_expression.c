/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/write_expression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "combos/builder.h"

#define WRITTEN_MAX (1u << 20)

static void describe_parameter(struct writer *w, uint32_t p)
{
	const struct combos_model *m = &w->d->model;
	bool numeric = w->d->numeric && w->d->numeric[p];
	w->whole[p] = true;
	w->truth[p] = m->levels[p] <= 2;
	for (uint32_t v = 0; v < m->levels[p]; v++) {
		uint32_t s = w->first[p] + v;
		char text[COMBOS_NAME_MAX];
		combos_value_name(m, s, text);
		double number = 0;
		bool negative = m->negative && m->negative[s];
		bool is_number = text_number(text_c(text + negative), &number);
		w->whole[p] = w->whole[p] && is_number && number == floor(number) && !strpbrk(text + negative, ".eE+");
		w->truth[p] = w->truth[p] && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0);
		w->operands[s] = (struct operand){ numeric ? OPERAND_NUMBER : OPERAND_STRING, number,
										   m->values ? m->values[s] + negative : "" };
	}
}

bool writer_prepare(struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	uint32_t nsymbols = 0;
	for (uint32_t p = 0; p < m->nparameters; p++)
		nsymbols += m->levels[p];
	w->first = calloc((size_t)m->nparameters + 1, sizeof *w->first);
	w->whole = calloc((size_t)m->nparameters + 1, sizeof *w->whole);
	w->truth = calloc((size_t)m->nparameters + 1, sizeof *w->truth);
	w->operands = calloc((size_t)nsymbols + 1, sizeof *w->operands);
	w->values = calloc((size_t)m->nparameters + 1, sizeof *w->values);
	if (!w->first || !w->whole || !w->truth || !w->operands || !w->values)
		return false;
	for (uint32_t p = 0; p < m->nparameters; p++) {
		w->first[p + 1] = w->first[p] + m->levels[p];
		w->values[p] = -1;
		describe_parameter(w, p);
	}
	w->domain = (struct domain){ m->levels, w->first, w->operands, w->d->format != COMBOS_FORMAT_PICT, m->nparameters };
	return true;
}

void writer_free(struct writer *w)
{
	free(w->first);
	free(w->whole);
	free(w->truth);
	free(w->operands);
	free(w->values);
}

static bool in_words(const struct writer *w)
{
	return w->format == COMBOS_FORMAT_PICT;
}

static void write_quoted(struct writer *w, const char *text)
{
	putc('"', w->out);
	for (; *text; text++) {
		if (*text == '"' || (*text == '\\' && (text[1] == '"' || text[1] == '\\' || !text[1])))
			putc('\\', w->out);
		putc(*text, w->out);
	}
	putc('"', w->out);
}

static void write_name(struct writer *w, uint32_t p)
{
	char text[COMBOS_NAME_MAX];
	combos_parameter_name(&w->d->model, p, text);
	fprintf(w->out, in_words(w) ? "[%s]" : "%s", w->names ? w->names[p] : text);
}

/* A value of that parameter, as the format wants it: numbers of whole parameters and truth values stand bare. */
static void write_symbol(struct writer *w, uint32_t p, uint32_t symbol)
{
	char text[COMBOS_NAME_MAX];
	combos_value_name(&w->d->model, symbol, text);
	const char *value = text + (w->d->model.negative && w->d->model.negative[symbol]);
	bool bare = in_words(w) ? w->d->numeric ? w->d->numeric[p] : w->whole[p] : w->whole[p] || w->truth[p];
	if (bare)
		fputs(value, w->out);
	else
		write_quoted(w, value);
}

static void write_any(struct writer *w, const struct expression *e);

static void write_constant(struct writer *w, const struct expression *e)
{
	bool truth = !in_words(w) && e->kind == EXPR_STRING &&
				 (strcasecmp(e->string, "true") == 0 || strcasecmp(e->string, "false") == 0);
	if (e->kind == EXPR_NUMBER || truth)
		fputs(e->string, w->out);
	else
		write_quoted(w, e->string);
}

static void write_value(struct writer *w, const struct expression *e)
{
	static const char signs[] = "+-*/%";
	if (e->kind == EXPR_PARAMETER) {
		write_name(w, e->parameter);
	} else if (e->kind == EXPR_NUMBER || e->kind == EXPR_STRING) {
		write_constant(w, e);
	} else {
		putc('(', w->out);
		write_value(w, e->parts);
		fprintf(w->out, " %c ", signs[e->kind - EXPR_ADD]);
		write_value(w, e->parts->next);
		putc(')', w->out);
	}
}

static void write_list(struct writer *w, const struct expression *e, const char *word, const char *empty)
{
	if (!e->parts)
		fputs(empty, w->out);
	for (const struct expression *part = e->parts; part; part = part->next) {
		fputs("(", w->out);
		write_any(w, part);
		fprintf(w->out, part->next ? ") %s " : ")", word);
	}
}

/* One parameter's values for which it holds, for formats that have no such comparison. */
static void write_values(struct writer *w, const struct expression *e, uint32_t p)
{
	uint64_t work = 0;
	bool some = false;
	for (uint32_t v = 0; v < w->d->model.levels[p]; v++) {
		w->values[p] = (int32_t)v;
		if (expression_holds(e, &w->domain, w->values, &work) != TRUTH_TRUE)
			continue;
		fputs(some ? " || " : "(", w->out);
		write_name(w, p);
		fputs(" = ", w->out);
		write_symbol(w, p, w->first[p] + v);
		some = true;
	}
	w->values[p] = -1;
	if (some) {
		putc(')', w->out);
		return;
	}
	/* None: what can not be. */
	putc('(', w->out);
	write_name(w, p);
	fputs(" = ", w->out);
	write_symbol(w, p, w->first[p]);
	fputs(" && ", w->out);
	write_name(w, p);
	fputs(" != ", w->out);
	write_symbol(w, p, w->first[p]);
	putc(')', w->out);
}

static void write_comparison(struct writer *w, const struct expression *e)
{
	static const char *const words[] = { "=", "<>", "<", "<=", ">", ">=" }, *const signs[] = { "=",  "!=", "<",
																							   "<=", ">",  ">=" };
	const struct expression *a = e->parts, *b = a->next;
	bool constant = b->kind == EXPR_NUMBER || b->kind == EXPR_STRING;
	if (!in_words(w) && a->kind == EXPR_PARAMETER && constant && !w->whole[a->parameter]) {
		write_values(w, e, a->parameter);
		return;
	}
	write_value(w, a);
	fprintf(w->out, " %s ", (in_words(w) ? words : signs)[e->kind - EXPR_EQUAL]);
	write_value(w, b);
}

static void write_in(struct writer *w, const struct expression *e)
{
	if (!in_words(w) && e->parts->kind == EXPR_PARAMETER) {
		write_values(w, e, e->parts->parameter);
		return;
	}
	write_value(w, e->parts);
	fputs(" IN {", w->out);
	for (const struct expression *part = e->parts->next; part; part = part->next) {
		write_value(w, part);
		fputs(part->next ? ", " : "}", w->out);
	}
}

static void write_two(struct writer *w, const struct expression *e, const char *word)
{
	putc('(', w->out);
	write_any(w, e->parts);
	fprintf(w->out, ") %s (", word);
	write_any(w, e->parts->next);
	putc(')', w->out);
}

/* ACTS has no equivalence. */
static void write_same(struct writer *w, const struct expression *e)
{
	if (w->format != COMBOS_FORMAT_ACTS && w->format != COMBOS_FORMAT_ACTS_XML) {
		write_two(w, e, "<=>");
		return;
	}
	putc('(', w->out);
	write_two(w, e, "=>");
	fputs(") && (!(", w->out);
	write_any(w, e->parts);
	fputs(") => !(", w->out);
	write_any(w, e->parts->next);
	fputs("))", w->out);
}

static void write_any(struct writer *w, const struct expression *e)
{
	if (++w->nwritten > WRITTEN_MAX) {
		w->failed = true;
		return;
	}
	switch (e->kind) {
	case EXPR_AND:
		write_list(w, e, in_words(w) ? "AND" : "&&", in_words(w) ? "1 = 1" : "true");
		break;
	case EXPR_OR:
		write_list(w, e, in_words(w) ? "OR" : "||", in_words(w) ? "1 = 0" : "false");
		break;
	case EXPR_NOT:
		fputs(in_words(w) ? "NOT (" : "!(", w->out);
		write_any(w, e->parts);
		putc(')', w->out);
		break;
	case EXPR_IMPLIES:
		write_two(w, e, "=>");
		break;
	case EXPR_SAME:
		write_same(w, e);
		break;
	case EXPR_LIKE:
		if (in_words(w)) {
			write_value(w, e->parts);
			fputs(" LIKE ", w->out);
			write_value(w, e->parts->next);
		} else {
			write_values(w, e, e->parts->parameter);
		}
		break;
	case EXPR_IN:
		write_in(w, e);
		break;
	default:
		write_comparison(w, e);
	}
}

static void write_clause(struct writer *w, const struct combos_clause *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		uint32_t p = 0;
		while (w->first[p + 1] <= c->literals[i].symbol)
			p++;
		fputs(i ? in_words(w) ? " OR " : " || " : "", w->out);
		write_name(w, p);
		fprintf(w->out, " %s ", c->literals[i].negated ? in_words(w) ? "<>" : "!=" : "=");
		write_symbol(w, p, c->literals[i].symbol);
	}
}

void write_constraint(struct writer *w, uint32_t constraint)
{
	const struct combos_constraint *c = &w->d->constraints[constraint];
	const struct expression *e = c->expression;
	if (!e) {
		for (uint32_t i = 0; i < c->nclauses; i++)
			write_clause(w, &w->d->model.clauses[c->first + i]);
	} else if (e->kind == EXPR_IMPLIES && in_words(w)) {
		fputs("IF ", w->out);
		write_any(w, e->parts);
		fputs(" THEN ", w->out);
		write_any(w, e->parts->next);
	} else {
		write_any(w, e);
	}
}

void combos_write_constraint(FILE *out, const struct combos_description *d, uint32_t constraint)
{
	struct writer w = { .out = out, .d = d, .format = COMBOS_FORMAT_PICT };
	if (writer_prepare(&w))
		write_constraint(&w, constraint);
	writer_free(&w);
}
