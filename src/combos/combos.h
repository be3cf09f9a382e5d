/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covering arrays: test plans in which every combination of t values of different parameters occurs in some row.
 *
 * A model has parameters with a number of values each. Values are symbols, numbered from 0 over all parameters in their
 * order, as in the benchmark format of CASA (Garvin, Cohen, Dwyer: Improved metaheuristic search for constrained
 * interaction testing, 2009). Constraints are clauses over symbols; a row that breaks none is valid, and what must be
 * covered is each tuple that some valid row holds.
 */
#ifndef ASSAY_COMBOS_COMBOS_H
#define ASSAY_COMBOS_COMBOS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/span.h"

/* The highest strength. */
#define COMBOS_STRENGTH_MAX 6u
#define COMBOS_WALKS_MAX 256u
#define COMBOS_PARAMETERS_MAX 16384u
#define COMBOS_VALUES_MAX 4096u /* of one parameter */
#define COMBOS_SYMBOLS_MAX 32768u
#define COMBOS_CLAUSES_MAX 65536u
#define COMBOS_LITERALS_MAX (1u << 20)

/* A value of a parameter that a clause asks for, or asks not to be. */
struct combos_literal {
	uint32_t symbol;
	bool negated;
};

/* At least one of the literals must hold. */
struct combos_clause {
	const struct combos_literal *literals;
	uint32_t n;
	uint32_t line; /* where it was read; 0: nowhere */
};

/* Parameters that are to be covered with a strength of their own. */
struct combos_group {
	const uint32_t *parameters; /* ascending */
	uint32_t n, strength;
};

struct combos_model {
	uint32_t nparameters;
	const uint32_t *levels;       /* of each parameter its number of values, at least 1 */
	const char *const *names;     /* of the parameters; NULL: they have none */
	const char *const *values;    /* of the symbols; NULL: they have none */
	const struct combos_clause *clauses;
	uint32_t nclauses;
	const struct combos_group *groups; /* beside all parameters with the strength that is asked for */
	uint32_t ngroups;
	/* For reading and writing rows; NULL: there are none. Of each symbol: further names, each terminated, an empty one last */
	const char *const *aliases;
	const bool *negative;    /* of each symbol, whether it is out of range: what is for a row of which nothing else is */
	const uint32_t *weights; /* of each symbol, how much it is preferred where the choice is free */
};

struct combos_options {
	uint32_t strength;   /* 1 to COMBOS_STRENGTH_MAX, at most the number of parameters */
	/* How long to go on making the array smaller; 0: the first one. Where a walk is cut then depends on the machine. */
	double seconds;
	/* Not 0: each walk makes so many steps, and `seconds` does not count. The rows then follow from the model, the seed and
	 * the number of walks, on any machine and with any number of threads. */
	uint64_t steps;
	uint32_t walks;      /* independent searches that share the best array now and then; 0: as many as threads, or 1 with `steps` */
	uint32_t threads;    /* that the walks are done by; 0: 1 */
	uint64_t seed;
	uint64_t memory;     /* bytes at most; 0: 2 GiB */
	const uint16_t *rows; /* rows that must be kept, each of nparameters values counted from 0 within the parameter */
	uint32_t nrows;
	/* Called now and then with the size of the best array so far; false ends the search. NULL: nobody is told. */
	bool (*progress)(void *context, uint32_t rows, double seconds);
	void *context;
};

struct combos_array {
	uint32_t nrows, nparameters;
	uint16_t *values;  /* row by row, counted from 0 within the parameter */
	uint32_t lower;    /* no array can be smaller */
	uint64_t tuples;   /* that valid rows hold */
	uint64_t invalid;  /* that no valid row holds */
};

/* Makes a covering array. The result lives in `arena`. ERR_USAGE: the model is unsatisfiable or the options do not fit;
 * ERR_BUDGET: it would need more memory than is allowed, which is said before it is taken. */
struct error combos_generate(const struct combos_model *model, const struct combos_options *options, struct arena *arena,
							 struct combos_array *array) MUST_USE;

/* What a set of rows covers, found by counting, with none of what makes arrays. */
struct combos_missing {
	uint32_t n;
	uint32_t symbols[COMBOS_STRENGTH_MAX]; /* ascending */
};

struct combos_check {
	uint64_t tuples;   /* that some valid row holds */
	uint64_t covered;  /* of these, by a row that breaks no constraint */
	uint64_t invalid;  /* that no valid row holds */
	uint64_t violations; /* constraints broken, over all rows */
	struct combos_missing *missing; /* the first of those that are not covered */
	uint32_t nmissing;
	uint32_t *broken;  /* row, clause; the first ones */
	uint32_t nbroken;  /* pairs */
};

#define COMBOS_LISTED_MAX 1000u

/* Checks rows of values (counted from 0 within the parameter) against the model with that strength and the model's groups. A
 * row that breaks a constraint covers nothing. */
struct error combos_verify(const struct combos_model *model, uint32_t strength, const uint16_t *rows, uint32_t nrows,
						   struct arena *arena, struct combos_check *check) MUST_USE;

/* Reads a model in the benchmark format; `constraints` may be empty. The strength that the model names goes to *strength.
 * The error's offset counts in the text that it is about. */
struct error combos_read_casa(struct span model, struct span constraints, struct arena *arena, struct combos_model *out,
							  uint32_t *strength) MUST_USE;

/* Reads a feature model in DIMACS CNF: each variable is a parameter with the values 0 and 1. */
struct error combos_read_dimacs(struct span text, struct arena *arena, struct combos_model *out) MUST_USE;

#endif
