/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models as people write them, in any of the formats that are read: names, values, constraints as they stand there. */
#ifndef ASSAY_COMBOS_DESCRIPTION_H
#define ASSAY_COMBOS_DESCRIPTION_H

#include "combos/combos.h"
#include "combos/expression.h"

enum combos_format {
	COMBOS_FORMAT_ANY,      /* told by the content */
	COMBOS_FORMAT_PICT,     /* the model language, which has PICT's in it */
	COMBOS_FORMAT_ACTS,     /* ACTS text */
	COMBOS_FORMAT_ACTS_XML,
	COMBOS_FORMAT_CTWEDGE,
	COMBOS_FORMAT_CASA,
	COMBOS_FORMAT_DIMACS,
	COMBOS_FORMATS,
};

struct combos_constraint {
	const struct expression *expression; /* NULL: only clauses are known */
	uint32_t line, column;
	uint32_t first, nclauses; /* its clauses in the model */
};

struct combos_note {
	uint32_t line, column; /* 0: nowhere */
	const char *text;
	const struct combos_note *next;
};

struct combos_description {
	struct combos_model model;
	enum combos_format format;
	const char *name;    /* of what is tested; empty: none */
	uint32_t strength;   /* that the model names; 0: none */
	const bool *numeric; /* of each parameter, whether all of its values are numbers; NULL: it has no named values */
	const struct combos_constraint *constraints;
	uint32_t nconstraints; /* at most as many as clauses; those about negative values are not among them */
	const struct combos_note *notes; /* what is strange and yet can be understood */
};

struct combos_reading {
	enum combos_format format;
	bool case_sensitive;     /* of the model language: names and values as they are written */
	struct span constraints; /* of COMBOS_FORMAT_CASA, from their own file */
};

/* Reads a model. An error tells line and column in its text; its offset is within `text`. Everything lives in `arena`. */
struct error combos_describe(struct span text, const struct combos_reading *reading, struct arena *arena,
							 struct combos_description *out) MUST_USE;

/* The format of that name: pict, acts, acts-xml, ctwedge, casa, dimacs. False when there is none. */
bool combos_format_named(const char *name, enum combos_format *format);
const char *combos_format_name(enum combos_format format);

/* A constraint or a symbol, and the constraints that make it what it is: none of them can be left out for that. */
struct combos_finding {
	uint32_t what;
	const uint32_t *because;
	uint32_t nbecause;
};

/* What is wrong with the constraints, or strange. */
struct combos_diagnosis {
	bool satisfiable;
	const uint32_t *core; /* when they are not: constraints that can not hold together, each of which is needed for that */
	uint32_t ncore;
	struct combos_finding *redundant; /* constraints that follow from others, and could all be left out */
	uint32_t nredundant;
	struct combos_finding *dead;      /* symbols that no valid row has */
	uint32_t ndead;
	bool complete;        /* everything was asked; else there was too much of it */
};

/* ERR_MEMORY only. */
struct error combos_diagnose(const struct combos_description *description, struct arena *arena, struct combos_diagnosis *out) MUST_USE;

/* Completes rows of values counted from 0 within the parameter, COMBOS_OPEN where any will do, so that they are valid. ERR_USAGE
 * tells the row (counted from 1) that breaks a constraint, and the constraint. */
#define COMBOS_OPEN UINT16_MAX
/* Gives each cell of the rows that is open a value, so that the constraints hold. */
struct error combos_complete(const struct combos_description *description, uint16_t *rows, uint32_t nrows) MUST_USE;

/* Writes the model. False when it can not be said in that format, with the reason. */
bool combos_write_model(FILE *out, const struct combos_description *description, enum combos_format format, const char **why);

/* The clauses of the model as the benchmark format has them, in a file of their own. */
void combos_write_clauses(FILE *out, const struct combos_description *description);

/* The constraint in the words of the model language, or its clauses when that is all. */
void combos_write_constraint(FILE *out, const struct combos_description *description, uint32_t constraint);

/* How a parameter and a value are called; numbers when they have no names. `out` has COMBOS_NAME_MAX bytes. */
#define COMBOS_NAME_MAX 4096u
void combos_parameter_name(const struct combos_model *model, uint32_t parameter, char *out);
void combos_value_name(const struct combos_model *model, uint32_t symbol, char *out);

#endif
