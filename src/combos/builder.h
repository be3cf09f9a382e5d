/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of all formats share: parameters, values and constraints are told one by one, and become a model. */
#ifndef ASSAY_COMBOS_BUILDER_H
#define ASSAY_COMBOS_BUILDER_H

#include "combos/description.h"

struct builder_value {
	const char *name;    /* the first one, without the mark of negative values */
	const char *shown;   /* with it */
	const char *aliases; /* as in struct combos_model, or NULL */
	struct operand operand;
	uint32_t weight;
	bool negative;
};

struct builder_parameter {
	const char *name;
	struct builder_value *values;
	uint32_t nvalues, capacity;
	uint32_t line;
	bool numeric; /* after builder_types() */
};

struct builder {
	struct span text;
	struct arena *arena;
	struct combos_description *out;
	bool case_sensitive;
	struct builder_parameter *parameters;
	uint32_t nparameters, capacity, nsymbols;
	uint32_t *named; /* hash table of parameters by name, plus 1 */
	uint32_t nnamed;
	struct combos_group *groups;
	uint32_t ngroups;
	struct {
		struct expression *expression;
		uint32_t line, column;
	} * constraints;
	uint32_t nconstraints, constraint_capacity;
	uint32_t nnodes, nnotes; /* of all expressions; notes */
	struct combos_note *last_note;
	struct error error; /* the first one */
};

/* The first error stays: "line 3, column 7: ...". */
void builder_fail(struct builder *b, uint32_t line, uint32_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* What is strange, and no error; of many the first are kept. */
void builder_note(struct builder *b, uint32_t line, uint32_t column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The error of memory that ran out. */
void builder_no_memory(struct builder *b);

/* Appends a parameter, which may not be there already; NULL after an error. It is valid until the next one is added. */
struct builder_parameter *builder_parameter(struct builder *b, struct text name, uint32_t line, uint32_t column);

/* Appends a value to the last parameter. A name that is there already adds to the weight of that value. `aliases` as in the model. */
void builder_value(struct builder *b, struct text name, const char *aliases, bool negative, uint32_t weight,
				   uint32_t line, uint32_t column);

/* The parameter of that name, or UINT32_MAX. */
uint32_t builder_find(const struct builder *b, struct text name);
/* The name of a parameter, a value that is written most like it, or NULL. */
const char *builder_nearest(const struct builder *b, struct text name);
const char *builder_nearest_value(const struct builder *b, uint32_t parameter, const char *name);

/* Appends parameters with a strength of their own. */
void builder_group(struct builder *b, const uint32_t *parameters, uint32_t n, uint32_t strength, uint32_t line,
				   uint32_t column);

/* Appends a constraint; NULL (it could not be read, which was said) is passed over. Where it begins is told in complaints. */
void builder_constraint(struct builder *b, struct expression *e, uint32_t line, uint32_t column);

/* Tells numeric parameters: to be called before constraints are read. */
void builder_types(struct builder *b);

/* Makes the model. */
void builder_finish(struct builder *b);

/* Whether the whole text is a number as people write it. */
bool text_number(struct text t, double *number);

/* Each reads b->text in its language into the builder, up to the first error: PICT's; ACTS' with its sections, and
 * its XML; CTWedge's. builder_finish() is the caller's. */
void read_pict(struct builder *b);
void read_acts(struct builder *b);
void read_acts_xml(struct builder *b);
void read_ctwedge(struct builder *b);

/* Constraints in words: where the reading is. */
struct source {
	struct span text;
	size_t at;
	uint32_t line, column;
	bool brackets; /* parameters stand in [ ], and nothing else is a name; lines that begin with # are comments */
	bool one_line; /* a constraint ends with its line */
	bool slashes;  /* // and / * ... * / are comments */
	bool dashes;   /* so is -- */
};

/* Reads one expression; what follows it stays. NULL after an error. */
struct expression *parse_expression(struct builder *b, struct source *s);
/* Reads IF a THEN b ELSE c, or an expression. */
struct expression *parse_constraint(struct builder *b, struct source *s);
/* Skips white space and comments. */
void source_skip(struct source *s);
/* Whether that word or sign comes next, which is taken then. */
bool source_take(struct source *s, const char *word);
/* Whether nothing follows; white space and comments count as something (source_skip()). */
static inline bool source_ended(const struct source *s)
{
	return s->at >= s->text.n;
}
/* Moves on by n characters, lines counted. */
void source_step(struct source *s, size_t n);

#endif
