/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models in the formats that are read. Names that a format can not say are changed: what is no letter, digit or _ becomes _. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "combos/names.h"
#include "combos/write_expression.h"
#include "combos/write_rows.h"

static bool is_word(const char *s)
{
	if (!*s || isdigit((unsigned char)*s))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

static bool can_name(enum combos_format format, char c)
{
	if (format == COMBOS_FORMAT_PICT)
		return !strchr(":,[]{}#\n\r", c);
	return isalnum((unsigned char)c) || c == '_';
}

/* The names that the format can say, each once. */
static void make_names(struct writer *w)
{
	char text[COMBOS_NAME_MAX];
	const struct combos_model *m = &w->d->model;
	w->names = calloc((size_t)m->nparameters + 1, sizeof *w->names);
	w->failed |= !w->names;
	for (uint32_t p = 0; p < m->nparameters && !w->failed; p++) {
		combos_parameter_name(m, p, text);
		for (char *c = text; *c; c++)
			if (!can_name(w->format, *c))
				*c = '_';
		bool digit = isdigit((unsigned char)text[0]) && w->format != COMBOS_FORMAT_PICT;
		size_t room = strlen(text) + NAMES_ROOM;
		w->names[p] = malloc(room);
		w->failed |= !w->names[p];
		if (w->names[p])
			snprintf(w->names[p], room, "%s%s", digit ? "_" : "", text);
	}
	w->failed = w->failed || !names_part(w->names, m->nparameters);
}

static void free_names(struct writer *w)
{
	for (uint32_t p = 0; w->names && p < w->d->model.nparameters; p++)
		free(w->names[p]);
	free(w->names);
}

static bool is_negative(const struct combos_model *m, uint32_t symbol)
{
	return m->negative && m->negative[symbol];
}

static bool has_any(const char *text, const char *bad)
{
	return strpbrk(text, bad) != NULL || text[0] == '\0';
}

/* Whether every value can stand in the format. */
static const char *unsayable(const struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	uint32_t nsymbols = 0;
	char text[COMBOS_NAME_MAX];
	for (uint32_t p = 0; p < m->nparameters; p++)
		nsymbols += m->levels[p];
	for (uint32_t s = 0; s < nsymbols; s++) {
		combos_value_name(m, s, text);
		bool marked =
			text[0] == '<' || (text[0] == '~' && !is_negative(m, s)); /* means something else in the model language */
		if ((w->format == COMBOS_FORMAT_PICT && marked) ||
			(w->format == COMBOS_FORMAT_ACTS && has_any(text, ",;\"\n\r")) ||
			(w->format == COMBOS_FORMAT_PICT && has_any(text, ",|\n\r")) ||
			(w->format == COMBOS_FORMAT_CTWEDGE && has_any(text, "\"\n\r")))
			return "a value has a comma, a quotation mark or the like, which this format has no way to say";
	}
	if (w->format == COMBOS_FORMAT_CTWEDGE && m->negative)
		return "CTWedge has no negative values";
	if ((w->format == COMBOS_FORMAT_CTWEDGE || w->format == COMBOS_FORMAT_CASA) && m->ngroups)
		return "this format has no sub-models of their own strength";
	return NULL;
}

static void write_pict(struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	char text[COMBOS_NAME_MAX];
	for (uint32_t p = 0, s = 0; p < m->nparameters; p++) {
		fprintf(w->out, "%s: ", w->names[p]);
		for (uint32_t v = 0; v < m->levels[p]; v++, s++) {
			combos_value_name(m, s, text);
			fprintf(w->out, "%s%s", v ? ", " : "", text);
			for (const char *at = m->aliases ? m->aliases[s] : NULL; at && *at; at += strlen(at) + 1)
				fprintf(w->out, " | %s", at);
			if (m->weights && m->weights[s] != 1)
				fprintf(w->out, " (%u)", m->weights[s]);
		}
		putc('\n', w->out);
	}
	for (uint32_t g = 0; g < m->ngroups; g++) {
		fprintf(w->out, "%s{ ", g ? "" : "\n");
		for (uint32_t i = 0; i < m->groups[g].n; i++)
			fprintf(w->out, "%s%s", i ? ", " : "", w->names[m->groups[g].parameters[i]]);
		fprintf(w->out, " } @ %u\n", m->groups[g].strength);
	}
	for (uint32_t i = 0; i < w->d->nconstraints; i++) {
		fputs(i ? "" : "\n", w->out);
		write_constraint(w, i);
		fputs(";\n", w->out);
	}
}

/* Values that are negative, or are not, with `between` in between. */
static uint32_t write_values(struct writer *w, uint32_t p, bool negative, const char *between, bool quote)
{
	const struct combos_model *m = &w->d->model;
	char text[COMBOS_NAME_MAX];
	uint32_t n = 0;
	for (uint32_t v = 0; v < m->levels[p]; v++) {
		uint32_t s = w->first[p] + v;
		if (is_negative(m, s) != negative)
			continue;
		combos_value_name(m, s, text);
		bool marks = quote && !is_word(text) && !w->whole[p];
		fprintf(w->out, "%s%s%s%s", n++ ? between : "", marks ? "\"" : "", text + is_negative(m, s), marks ? "\"" : "");
	}
	return n;
}

static bool has_negative(const struct writer *w, uint32_t p)
{
	for (uint32_t v = 0; v < w->d->model.levels[p]; v++)
		if (is_negative(&w->d->model, w->first[p] + v))
			return true;
	return false;
}

static void write_acts(struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	fprintf(w->out, "[System]\nName: %s\n\n[Parameter]\n", w->d->name[0] ? w->d->name : "model");
	for (uint32_t p = 0; p < m->nparameters; p++) {
		fprintf(w->out, "%s (%s) : ", w->names[p], w->whole[p] ? "int" : w->truth[p] ? "boolean" : "enum");
		(void)write_values(w, p, false, ", ", false);
		if (has_negative(w, p)) {
			fputs(" ; ", w->out);
			(void)write_values(w, p, true, ", ", false);
		}
		putc('\n', w->out);
	}
	for (uint32_t g = 0; g < m->ngroups; g++) {
		fprintf(w->out, "%sR%u : (", g ? "" : "\n[Relation]\n", g + 1);
		for (uint32_t i = 0; i < m->groups[g].n; i++)
			fprintf(w->out, "%s, ", w->names[m->groups[g].parameters[i]]);
		fprintf(w->out, "%u)\n", m->groups[g].strength);
	}
	for (uint32_t i = 0; i < w->d->nconstraints; i++) {
		fputs(i ? "" : "\n[Constraint]\n", w->out);
		write_constraint(w, i);
		putc('\n', w->out);
	}
}

static void write_xml_values(struct writer *w, uint32_t p, bool negative)
{
	const struct combos_model *m = &w->d->model;
	char text[COMBOS_NAME_MAX];
	const char *outer = negative ? "invalidValues" : "values", *inner = negative ? "invalidValue" : "value";
	if (negative && !has_negative(w, p)) {
		fputs("      <basechoices />\n      <invalidValues />\n", w->out);
		return;
	}
	fprintf(w->out, "%s      <%s>\n", negative ? "      <basechoices />\n" : "", outer);
	for (uint32_t v = 0; v < m->levels[p]; v++) {
		uint32_t s = w->first[p] + v;
		if (is_negative(m, s) != negative)
			continue;
		combos_value_name(m, s, text);
		fprintf(w->out, "        <%s>", inner);
		combos_write_markup_text(w->out, text + is_negative(m, s));
		fprintf(w->out, "</%s>\n", inner);
	}
	fprintf(w->out, "      </%s>\n", outer);
}

static void write_xml_constraint(struct writer *w, uint32_t i)
{
	FILE *out = w->out;
	char *text = NULL;
	size_t n = 0;
	w->out = open_memstream(&text, &n);
	if (w->out) {
		write_constraint(w, i);
		fclose(w->out);
	}
	w->out = out;
	fputs("    <Constraint text=\"", out);
	combos_write_markup_text(out, text ? text : "");
	fputs("\" />\n", out);
	free(text);
}

static void write_acts_xml(struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<System name=\"", w->out);
	combos_write_markup_text(w->out, w->d->name[0] ? w->d->name : "model");
	fputs("\">\n  <Parameters>\n", w->out);
	for (uint32_t p = 0; p < m->nparameters; p++) {
		fprintf(w->out, "    <Parameter id=\"%u\" name=\"%s\" type=\"%d\">\n", p + 1, w->names[p],
				w->whole[p]   ? 0
				: w->truth[p] ? 2
							  : 1);
		write_xml_values(w, p, false);
		write_xml_values(w, p, true);
		fputs("    </Parameter>\n", w->out);
	}
	fputs("  </Parameters>\n  <OutputParameters />\n  <Relations>\n", w->out);
	for (uint32_t g = 0; g < m->ngroups; g++) {
		fprintf(w->out, "    <Relation Strength=\"%u\">\n", m->groups[g].strength);
		for (uint32_t i = 0; i < m->groups[g].n; i++)
			fprintf(w->out, "      <Parameter name=\"%s\" />\n", w->names[m->groups[g].parameters[i]]);
		fputs("    </Relation>\n", w->out);
	}
	fputs("  </Relations>\n  <Constraints>\n", w->out);
	for (uint32_t i = 0; i < w->d->nconstraints; i++)
		write_xml_constraint(w, i);
	fputs("  </Constraints>\n</System>\n", w->out);
}

static void write_ctwedge(struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	bool named = is_word(w->d->name);
	fprintf(w->out, "Model %s\n\nParameters:\n", named ? w->d->name : "model");
	for (uint32_t p = 0; p < m->nparameters; p++) {
		fprintf(w->out, "  %s: ", w->names[p]);
		if (w->truth[p] && m->levels[p] == 2) {
			fputs("Boolean;\n", w->out);
			continue;
		}
		fputs("{ ", w->out);
		(void)write_values(w, p, false, ", ", true);
		fputs(" };\n", w->out);
	}
	for (uint32_t i = 0; i < w->d->nconstraints; i++) {
		fputs(i ? "  # " : "\nConstraints:\n  # ", w->out);
		write_constraint(w, i);
		fputs(" #\n", w->out);
	}
}

static void write_casa(struct writer *w)
{
	const struct combos_model *m = &w->d->model;
	fprintf(w->out, "%u\n%u\n", w->d->strength ? w->d->strength : 2, m->nparameters);
	for (uint32_t p = 0; p < m->nparameters; p++)
		fprintf(w->out, "%s%u", p ? " " : "", m->levels[p]);
	putc('\n', w->out);
}

void combos_write_clauses(FILE *out, const struct combos_description *d)
{
	const struct combos_model *m = &d->model;
	fprintf(out, "%u\n", m->nclauses);
	for (uint32_t c = 0; c < m->nclauses; c++) {
		fprintf(out, "%u\n", m->clauses[c].n);
		for (uint32_t i = 0; i < m->clauses[c].n; i++)
			fprintf(out, "%s%c %u", i ? " " : "", m->clauses[c].literals[i].negated ? '-' : '+',
					m->clauses[c].literals[i].symbol);
		putc('\n', out);
	}
}

bool combos_write_model(FILE *out, const struct combos_description *d, enum combos_format format, const char **why)
{
	static void (*const writers[COMBOS_FORMATS])(struct writer *) = { [COMBOS_FORMAT_PICT] = write_pict,
																	  [COMBOS_FORMAT_ACTS] = write_acts,
																	  [COMBOS_FORMAT_ACTS_XML] = write_acts_xml,
																	  [COMBOS_FORMAT_CTWEDGE] = write_ctwedge,
																	  [COMBOS_FORMAT_CASA] = write_casa };
	struct writer w = { .out = out, .d = d, .format = format };
	*why = writers[format] ? unsayable(&w) : "models are not written in this format";
	if (*why)
		return false;
	make_names(&w);
	w.failed |= !writer_prepare(&w);
	if (!w.failed)
		writers[format](&w);
	writer_free(&w);
	free_names(&w);
	if (w.failed)
		*why = "there is no memory for it";
	return !w.failed;
}
