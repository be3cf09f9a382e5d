/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models in words: what is read of each format, what is wrong with others and where, and constraints against their clauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "combos/builder.h"
#include "combos/description.h"
#include "combos/random.h"
#include "combos/rows.h"
#include "combos/suite.h"

#define K_MAX 8u

static struct error describe_as(const char *text, enum combos_format format, struct arena *arena,
								struct combos_description *d)
{
	const struct combos_reading reading = { .format = format };
	return combos_describe(span_of(text, strlen(text)), &reading, arena, d);
}

static uint32_t count_symbols(const struct combos_model *m)
{
	uint32_t n = 0;
	for (uint32_t p = 0; p < m->nparameters; p++)
		n += m->levels[p];
	return n;
}

/* Each row in turn; false after the last one. */
static bool next_row(const struct combos_model *m, uint32_t *row)
{
	for (uint32_t p = 0; p < m->nparameters; p++) {
		if (++row[p] < m->levels[p])
			return true;
		row[p] = 0;
	}
	return false;
}

static bool clauses_hold(const struct combos_model *m, uint32_t from, uint32_t n, const uint32_t *row)
{
	for (uint32_t c = from; c < from + n; c++) {
		bool holds = false;
		for (uint32_t i = 0; i < m->clauses[c].n; i++) {
			uint32_t p = 0, first = 0, symbol = m->clauses[c].literals[i].symbol;
			while (first + m->levels[p] <= symbol)
				first += m->levels[p++];
			holds |= (first + row[p] == symbol) != m->clauses[c].literals[i].negated;
		}
		if (!holds)
			return false;
	}
	return true;
}

static uint32_t count_valid(const struct combos_model *m)
{
	uint32_t row[K_MAX] = { 0 }, n = 0;
	assert_true(m->nparameters <= K_MAX);
	do
		n += clauses_hold(m, 0, m->nclauses, row);
	while (next_row(m, row));
	return n;
}

/* How many rows are valid is counted by hand. */
static void test_constraints(void **state)
{
	(void)state;
	static const struct {
		const char *constraints;
		uint32_t valid; /* of 2 * 3 * 3 * 4 = 72 rows */
	} cases[] = {
		{ "", 72 },
		{ "[A] = \"x\";", 36 },
		{ "[A] = \"X\";", 36 },
		{ "[A] <> \"x\";", 36 },
		{ "IF [A] = \"x\" THEN [B] = \"p\";", 12 + 36 },
		{ "if [A] = \"x\" then [B] = \"p\" else [B] = \"q\";", 12 + 12 },
		{ "[N] > 1;", 48 },
		{ "[N] >= 1 AND [N] < 3;", 48 },
		{ "[N] <= 1.5;", 24 },
		{ "NOT [N] = 2;", 48 },
		{ "[N] IN {1, 3};", 48 },
		{ "[B] IN {\"p\", \"Q\"};", 48 },
		{ "[B] NOT IN {\"p\"};", 48 },
		{ "[L] LIKE \"a*\";", 36 },
		{ "[L] LIKE \"?b\";", 18 },
		{ "[L] NOT LIKE \"A*\";", 36 },
		{ "[A] = \"x\" OR [B] = \"p\" AND [N] = 1;", 36 + 4 },
		{ "([A] = \"x\" OR [B] = \"p\") AND [N] = 1;", 12 + 4 },
		{ "NOT ([A] = \"x\" OR [B] = \"p\");", 24 },
		{ "NOT [A] = \"x\" OR [B] = \"p\";", 36 + 12 },
		{ "[B] = [C2];", 0 }, /* no value in common */
		{ "[A] = \"x\" => [N] = 1; [A] = \"y\" <=> [N] = 2;", 12 + 12 },
		{ "[N] + [N] = 4;", 24 },
		{ "[N] * 2 - 1 > [N];", 48 },
		{ "[N] % 2 = 1 AND 6 / [N] = 2;", 24 },
		{ "[A] = \"x\"; [A] = \"x\";", 36 },
		{ "[L] > \"b\";", 18 },
		{ "# a comment\n[A] = \"x\" # no comment in a line\n", UINT32_MAX },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[512];
		bool other = strstr(cases[i].constraints, "C2") != NULL;
		snprintf(text, sizeof text, "A: x, y\nB: p, q, r\nN: 1, 2, 3\n%s: ab, aa, b, cc\n%s", other ? "C2" : "L",
				 cases[i].constraints);
		struct arena *arena = arena_new(0);
		struct combos_description d;
		struct error e = describe_as(text, COMBOS_FORMAT_ANY, arena, &d);
		if (cases[i].valid == UINT32_MAX)
			assert_true(error_is(&e));
		else if (error_is(&e))
			fail_msg("%s: %s", cases[i].constraints, e.text);
		else
			assert_int_equal(count_valid(&d.model), cases[i].valid);
		arena_free(arena);
	}
}

static void test_errors(void **state)
{
	(void)state;
	static const struct {
		enum combos_format format;
		const char *text, *error;
	} cases[] = {
		{ COMBOS_FORMAT_ANY, "", "line 1, column 1: the model is empty" },
		{ COMBOS_FORMAT_ANY, "# only\n", "the model is empty" },
		{ COMBOS_FORMAT_ANY, "A: x\nB\n", "line 2, column 1: a parameter is expected" },
		{ COMBOS_FORMAT_ANY, "A: x, , y\n", "line 1, column 6: a value is expected" },
		{ COMBOS_FORMAT_ANY, "A: x\n a : y\n", "line 2, column 2: the parameter \"a\" is there already, since line 1" },
		{ COMBOS_FORMAT_ANY, "Wi-Fi: on\n[WiFi] = \"on\";",
		  "line 2, column 1: there is no parameter \"WiFi\"; is \"Wi-Fi\" meant?" },
		{ COMBOS_FORMAT_ANY, "A: x\n[A] = 1;", "line 2, column 7: a string is compared with a number" },
		{ COMBOS_FORMAT_ANY, "A: 1\n[A] = \"1\";", "line 2, column 7: a number is compared with a string" },
		{ COMBOS_FORMAT_ANY, "A: x\nB: 1\nIF [A] = [B] THEN [B] = 1;",
		  "line 3, column 10: a string is compared with a number" },
		{ COMBOS_FORMAT_ANY, "A: x\nIF [A] = \"x\";", "line 2, column 13: AND, OR or THEN is expected before \";\"" },
		{ COMBOS_FORMAT_ANY, "A: x\n[A] = \"x\"", "a ; is expected at the end" },
		{ COMBOS_FORMAT_ANY, "A: x\n([A] = \"x\";", "a closing parenthesis is expected before \";\"" },
		{ COMBOS_FORMAT_ANY, "A: x\n[A] = \"x;", "line 2, column 7: the string is not closed" },
		{ COMBOS_FORMAT_ANY, "A: x\n[A = \"x\";", "line 2, column 1: a ] is expected" },
		{ COMBOS_FORMAT_ANY, "A: x\n[A];", "line 2, column 1: a condition is expected" },
		{ COMBOS_FORMAT_ANY, "A: x\n[A] IN \"x\";", "{ and values behind IN is expected" },
		{ COMBOS_FORMAT_ANY, "A: x\n{ A } @ 2\n", "line 2, column 7: a strength of 2 does not fit 1 parameters" },
		{ COMBOS_FORMAT_ANY, "A: x\n{ A, Bb } @ 1\n",
		  "line 2, column 6: there is no parameter \"Bb\"; is \"A\" meant?" },
		{ COMBOS_FORMAT_ANY, "A: x\n{ A } 2\n", "@ and a strength" },
		{ COMBOS_FORMAT_ANY, "A: x\n{ A\n", "a } is expected" },
		{ COMBOS_FORMAT_ANY, "A: x\nB: <C>\n", "line 2, column 5: no parameter \"C\" comes before" },
		{ COMBOS_FORMAT_ANY, "A: x | \n B: y | | z", "a name is expected behind |" },
		{ COMBOS_FORMAT_ANY, "[System]\nName: x\n[Parameter]\nA (int) : 1\n[Constraint]\nB = 1\n",
		  "line 6, column 1: there is no parameter \"B\"; is \"A\" meant?" },
		{ COMBOS_FORMAT_ANY, "[System]\n[Parameter]\nA int 1\n", "line 3, column 1: a parameter is expected" },
		{ COMBOS_FORMAT_ANY, "[System]\n[Parameter]\nA (int): 1\n[Relation]\nR: (A, B, 2)",
		  "line 5, column 7: there is no parameter \"B\"" },
		{ COMBOS_FORMAT_ANY, "Model m Parameters: a: Bool;", "line 1, column 24: Boolean, { VALUES }" },
		{ COMBOS_FORMAT_ANY, "Model m Parameters: a: [5 .. 1];", "the range has no values" },
		{ COMBOS_FORMAT_ANY, "Model m Parameters: a: Boolean Constraints: a #", "# is expected" },
		{ COMBOS_FORMAT_ANY, "<System><Parameters></System>", "line 1, column 23: mismatched tag" },
		{ COMBOS_FORMAT_ANY, "<!DOCTYPE a [<!ENTITY b \"c\">]><System/>", "a document type is not read" },
		{ COMBOS_FORMAT_ANY, "<a/>", "the element System is expected" },
		{ COMBOS_FORMAT_CASA, "A: x", "line 1, column 1: the strength" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct combos_description d;
		struct error e = describe_as(cases[i].text, cases[i].format, arena, &d);
		if (!error_is(&e) || !strstr(e.text, cases[i].error))
			fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].text, e.text, cases[i].error);
		arena_free(arena);
	}
}

static void test_values(void **state)
{
	(void)state;
	struct arena *arena = arena_new(0);
	struct combos_description d;
	struct error e = describe_as(
		"\xEF\xBB\xBF"
		"A: x (10), ~ y | Z | w w, 1 (a)\nB : <A>, <b\n\nIf only: 1, ~-2, 3.5\n{ A, B, If only } @ 3\n{ A, B }\n",
		COMBOS_FORMAT_ANY, arena, &d);
	assert_false(error_is(&e));
	static const char *const names[] = { "x", "~y", "1 (a)", "x", "~y", "1 (a)", "<b", "1", "~-2", "3.5" };
	static const bool negative[] = { false, true, false, false, true, false, false, false, true, false };
	assert_int_equal(d.model.nparameters, 3);
	assert_string_equal(d.model.names[2], "If only");
	for (uint32_t s = 0; s < 10; s++) {
		assert_string_equal(d.model.values[s], names[s]);
		assert_int_equal(d.model.negative[s], negative[s]);
	}
	assert_int_equal(d.model.weights[0], 10);
	assert_int_equal(d.model.weights[3], 10);
	assert_int_equal(d.model.weights[1], 1);
	assert_memory_equal(d.model.aliases[1], "Z\0w w\0", 7);
	assert_false(d.numeric[0]);
	assert_true(d.numeric[2]);
	assert_int_equal(d.model.ngroups, 1);
	assert_int_equal(d.model.groups[0].strength, 3);
	/* At most one negative value: of 3 * 4 * 3 rows, those with none are 2 * 3 * 2, with one 3 + 4 + ... */
	assert_int_equal(count_valid(&d.model), 2 * 3 * 2 + 1 * 3 * 2 + 2 * 1 * 2 + 2 * 3 * 1);
	arena_free(arena);
}

static void test_formats(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum combos_format format;
		uint32_t parameters, symbols, valid;
	} cases[] = {
		{ "[System]\n-- specify system name\nName: Concurrency\n[Parameter]\n-- comment\np1 (enum) : v1, v2\np4 (boolean) : true, false\nn (int) : -1, 0, 1 ; 7\n"
		  "[Constraint]\n((p1) != (\"v1\")) || (p4)\n!p4 => n < 0 // comment\n",
		  COMBOS_FORMAT_ACTS, 3, 8, 8 + 1 },
		{ "// head\nModel Phone\nParameters:\n email : Boolean\n lines: [ 25 .. 30 ] step 5; display : {16MC, 8MC, \"B W\"}\nConstraints:\n"
		  " # email => lines > 28 #\n # !(display == \"B W\") or not email # /* c */",
		  COMBOS_FORMAT_CTWEDGE, 3, 7, 2 + 6 },
		{ "Model m\nParameters: a: Boolean; b: Boolean;\nConstraints: # a -> b # # a <-> b #", COMBOS_FORMAT_CTWEDGE, 2,
		  4, 2 },
		{ "<?xml version=\"1.0\"?>\n<System name=\"s\"><Parameters><Parameter id=\"1\" name=\"a\" type=\"0\"><values><value>1</value><value>2</value></values>"
		  "<basechoices/><invalidValues/></Parameter><Parameter id=\"2\" name=\"b\" type=\"1\"><values><value>x &amp; y</value><value>z</value></values></Parameter>"
		  "</Parameters><Relations><Relation Strength=\"2\"><Parameter name=\"a\"/><Parameter name=\"b\"/></Relation></Relations>"
		  "<Constraints><Constraint text=\"a &lt; 2 || b = &quot;z&quot;\"><Parameters><Parameter name=\"a\"/></Parameters></Constraint></Constraints></System>",
		  COMBOS_FORMAT_ACTS_XML, 2, 4, 3 },
		{ "2\n3\n2 2 3\n", COMBOS_FORMAT_CASA, 3, 7, 12 },
		{ "c 1 wifi\nc 2 zigbee\np cnf 2 1\n1 2 0\n", COMBOS_FORMAT_DIMACS, 2, 4, 3 },
		{ "1: 2, 3\n", COMBOS_FORMAT_PICT, 1, 2, 2 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *arena = arena_new(0);
		struct combos_description d;
		struct error e = describe_as(cases[i].text, COMBOS_FORMAT_ANY, arena, &d);
		if (error_is(&e))
			fail_msg("%s: %s", combos_format_name(cases[i].format), e.text);
		assert_int_equal(d.format, cases[i].format);
		assert_int_equal(d.model.nparameters, cases[i].parameters);
		assert_int_equal(count_symbols(&d.model), cases[i].symbols);
		assert_int_equal(count_valid(&d.model), cases[i].valid);
		arena_free(arena);
	}
}

static void add_term(char *out, size_t size, uint64_t *random)
{
	static const char *const terms[] = { "[A] = \"a%u\"",
										 "[B] <> \"b%u\"",
										 "[N] > %u",
										 "[N] <= %u",
										 "[M] = [N]",
										 "[M] + [N] < %u",
										 "[A] LIKE \"?%u\"",
										 "[N] IN {%u, 2}",
										 "[M] * [N] >= %u",
										 "[M] < [N]",
										 "[B] NOT IN {\"b%u\", \"b0\"}" };
	size_t n = strlen(out);
	snprintf(out + n, size - n, terms[random_below(random, sizeof terms / sizeof terms[0])], random_below(random, 4));
}

static void add_expression(char *out, size_t size, uint64_t *random, uint32_t depth)
{
	static const char *const joints[] = { ") AND (", ") OR (", ") => (", ") <=> (" };
	uint32_t kind = depth ? random_below(random, 6) : 5;
	if (kind == 5) {
		add_term(out, size, random);
		return;
	}
	size_t n = strlen(out);
	snprintf(out + n, size - n, kind == 4 ? "NOT (" : "(");
	add_expression(out, size, random, depth - 1);
	if (kind < 4) {
		n = strlen(out);
		snprintf(out + n, size - n, "%s", joints[kind]);
		add_expression(out, size, random, depth - 1);
	}
	n = strlen(out);
	snprintf(out + n, size - n, ")");
}

static bool holds_in_words(const struct combos_description *d, const struct expression *e, const uint32_t *row)
{
	uint32_t first[K_MAX + 1] = { 0 };
	int32_t values[K_MAX];
	struct operand operands[64];
	uint64_t work = 0;
	for (uint32_t p = 0, s = 0; p < d->model.nparameters; p++) {
		first[p + 1] = first[p] + d->model.levels[p];
		values[p] = (int32_t)row[p];
		for (; s < first[p + 1]; s++)
			operands[s] = (struct operand){ d->numeric[p] ? OPERAND_NUMBER : OPERAND_STRING, atof(d->model.values[s]),
											d->model.values[s] };
	}
	const struct domain domain = { d->model.levels, first, operands, false, d->model.nparameters };
	enum truth t = expression_holds(e, &domain, values, &work);
	assert_int_not_equal(t, TRUTH_OPEN);
	return t == TRUTH_TRUE;
}

/* Clauses say what the words say, in every row; and other formats say the same. */
static void test_clauses(void **state)
{
	(void)state;
	static const enum combos_format formats[] = { COMBOS_FORMAT_PICT, COMBOS_FORMAT_ACTS, COMBOS_FORMAT_ACTS_XML,
												  COMBOS_FORMAT_CTWEDGE };
	for (uint64_t seed = 0; seed < 500; seed++) {
		uint64_t random = seed;
		char text[8192] = "A: a0, a1, a2\nB: b0, b1, b2\nN: 0, 1, 2, 3\nM: 1, 2\n";
		add_expression(text, sizeof text, &random, 1 + seed % 5);
		strcat(text, ";\n");
		struct arena *arena = arena_new(0);
		struct combos_description d, other;
		struct error e = describe_as(text, COMBOS_FORMAT_PICT, arena, &d);
		if (error_is(&e))
			fail_msg("%s: %s", text, e.text);
		uint32_t row[K_MAX] = { 0 }, valid = 0;
		do {
			bool holds = holds_in_words(&d, d.constraints[0].expression, row);
			valid += holds;
			if (clauses_hold(&d.model, 0, d.model.nclauses, row) != holds)
				fail_msg("%s: row %u %u %u %u", text, row[0], row[1], row[2], row[3]);
		} while (next_row(&d.model, row));
		for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
			char *written = NULL;
			const char *why = NULL;
			size_t n = 0;
			FILE *f = open_memstream(&written, &n);
			assert_non_null(f);
			bool ok = combos_write_model(f, &d, formats[i], &why);
			fclose(f);
			assert_true(ok);
			e = describe_as(written, COMBOS_FORMAT_ANY, arena, &other);
			if (error_is(&e))
				fail_msg("%s: %s", written, e.text);
			assert_int_equal(other.format, formats[i]);
			assert_int_equal(count_valid(&other.model), valid);
			free(written);
		}
		arena_free(arena);
	}
}

static void test_diagnosis(void **state)
{
	(void)state;
	struct arena *arena = arena_new(0);
	struct combos_description d;
	struct combos_diagnosis found;
	struct error e = describe_as(
		"A: x, y\nB: p, q\nC: 1, 2, 3\n[C] < 3;\n[A] = \"x\";\nIF [A] = \"x\" THEN [B] = \"p\";\n[B] = \"q\";\n",
		COMBOS_FORMAT_ANY, arena, &d);
	assert_false(error_is(&e));
	e = combos_diagnose(&d, arena, &found);
	assert_false(error_is(&e));
	assert_false(found.satisfiable);
	assert_int_equal(found.ncore, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(found.core[i], i + 1);

	e = describe_as(
		"A: x, y\nB: p, q\nC: 1, 2, 3\n[C] < 3;\n[A] = \"x\" OR [B] = \"p\";\n[A] = \"x\" OR [B] = \"p\" OR [C] = 1;\n[C] < 9;\n",
		COMBOS_FORMAT_ANY, arena, &d);
	assert_false(error_is(&e));
	e = combos_diagnose(&d, arena, &found);
	assert_false(error_is(&e));
	assert_true(found.satisfiable && found.complete);
	assert_int_equal(found.nredundant, 2);
	assert_int_equal(found.redundant[0].what, 2);
	assert_int_equal(found.redundant[0].nbecause, 1);
	assert_int_equal(found.redundant[0].because[0], 1);
	assert_int_equal(found.redundant[1].what, 3);
	assert_int_equal(found.redundant[1].nbecause, 0);
	assert_int_equal(found.ndead, 1);
	assert_int_equal(found.dead[0].what, 6);
	assert_int_equal(found.dead[0].nbecause, 1);
	assert_int_equal(found.dead[0].because[0], 0);
	arena_free(arena);
}

/* Kept rows: what is open is filled in, what can not be is refused with its reason. */
static void test_completion(void **state)
{
	(void)state;
	struct arena *arena = arena_new(0);
	struct combos_description d;
	struct error e =
		describe_as("A: x, y | z\nB: p, q\nIF [A] = \"x\" THEN [B] = \"q\";\n", COMBOS_FORMAT_ANY, arena, &d);
	assert_false(error_is(&e));
	static const struct {
		const char *text, *error;
		uint16_t row[2];
	} cases[] = { { "A,B\nx,\n", NULL, { 0, 1 } },
				  { "B\tA\np\t\n", NULL, { 1, 0 } },
				  { "C,A\n1,z\n", NULL, { 1, 2 } },
				  { "A,B\nx,p\n", "row 1 breaks the constraint in line 3: IF [A] = \"x\"", { 0 } },
				  { "A,B\nw,p\n", "line 2, column 1", { 0 } } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint16_t *rows;
		uint32_t nrows;
		const char *unknown;
		e = combos_read_partial(span_of(cases[i].text, strlen(cases[i].text)), &d.model, arena, &rows, &nrows,
								&unknown);
		if (!error_is(&e))
			e = combos_complete(&d, rows, nrows);
		assert_int_equal(error_is(&e), cases[i].error != NULL);
		if (cases[i].error) {
			assert_non_null(strstr(e.text, cases[i].error));
			continue;
		}
		assert_int_equal(nrows, 1);
		assert_int_equal(unknown != NULL, i == 2);
		assert_int_equal(rows[0], cases[i].row[0]);
		assert_true(cases[i].row[1] == 2 ? rows[1] < 2 : rows[1] == cases[i].row[1]);
	}
	arena_free(arena);
}

/* Negative values: one a row at most, and what is in range is covered without any. */
static void test_negative_values(void **state)
{
	(void)state;
	struct arena *arena = arena_new(0);
	struct combos_description d;
	struct combos_array a;
	struct error e = describe_as("A: ~-1, 0, 1, 2\nB: ~-1, 0, 1, 2\nC: 0, 1, ~9\nIF [A] = 0 THEN [C] <> 1;\n",
								 COMBOS_FORMAT_ANY, arena, &d);
	assert_false(error_is(&e));
	const struct combos_options o = { .strength = 2, .seconds = 0.02, .seed = 1 };
	e = combos_suite(&d, &o, arena, &a);
	assert_false(error_is(&e));
	bool seen[3][3] = { 0 };
	for (uint32_t r = 0; r < a.nrows; r++) {
		const uint16_t *row = a.values + (size_t)r * 3;
		uint32_t negatives = (row[0] == 0) + (row[1] == 0) + (row[2] == 2);
		assert_true(negatives <= 1);
		if (negatives == 0)
			seen[row[0] - 1][row[1] - 1] = true;
	}
	for (uint32_t i = 0; i < 9; i++)
		assert_true(seen[i / 3][i % 3]);
	struct combos_check check;
	e = combos_suite_verify(&d, 2, a.values, a.nrows, arena, &check);
	assert_false(error_is(&e));
	assert_int_equal(check.tuples, check.covered);
	assert_int_equal(check.violations, 0);
	/* Without the first row, of which nothing is negative, something is missing. */
	e = combos_suite_verify(&d, 2, a.values + 3, a.nrows - 1, arena, &check);
	assert_false(error_is(&e));
	assert_true(check.covered < check.tuples);
	arena_free(arena);
}

/* Where the choice is free a value of great weight is taken; all else stays covered. */
static void test_weights(void **state)
{
	(void)state;
	uint32_t taken[2] = { 0 };
	for (uint32_t heavy = 0; heavy < 2; heavy++) {
		struct arena *arena = arena_new(0);
		struct combos_description d;
		struct combos_array a;
		char text[256];
		snprintf(text, sizeof text,
				 "A: x%s, y%s\nB: p, q\nC: 1, 2, 3, 4, 5, 6\nD: 1, 2, 3, 4, 5, 6\nIF [A] = \"y\" THEN [C] > 1;\n",
				 heavy ? "" : " (1000)", heavy ? " (1000)" : "");
		struct error e = describe_as(text, COMBOS_FORMAT_ANY, arena, &d);
		assert_false(error_is(&e));
		const struct combos_options o = { .strength = 2, .seconds = 0, .seed = 1 };
		e = combos_suite(&d, &o, arena, &a);
		assert_false(error_is(&e));
		for (uint32_t r = 0; r < a.nrows; r++)
			taken[heavy] += a.values[(size_t)r * 4] == 1;
		struct combos_check check;
		e = combos_suite_verify(&d, 2, a.values, a.nrows, arena, &check);
		assert_false(error_is(&e));
		assert_int_equal(check.tuples, check.covered);
		assert_int_equal(check.violations, 0);
		arena_free(arena);
	}
	assert_true(taken[1] > taken[0] + 6);
}

static void test_coverage(void **state)
{
	(void)state;
	struct arena *arena = arena_new(0);
	struct combos_description d;
	struct combos_coverage c;
	struct error e = describe_as("A: 0, 1\nB: 0, 1\nC: 0, 1\nIF [A] = 0 THEN [B] = 0;\n", COMBOS_FORMAT_ANY, arena, &d);
	assert_false(error_is(&e));
	/* The third row breaks the constraint and counts for nothing. */
	static const uint16_t rows[] = { 0, 0, 0, 1, 1, 1, 0, 1, 0 };
	e = combos_cover_count(&d.model, 2, rows, 3, 1000, &c);
	assert_false(error_is(&e));
	assert_int_equal(c.tuples, 3 + 4 + 4);
	assert_int_equal(c.covered, 6);
	assert_int_equal(c.combinations, 3);
	assert_int_equal(c.complete, 0);
	assert_int_equal(c.at_least[50], 3);
	assert_int_equal(c.at_least[60], 1);
	assert_int_equal(c.at_least[67], 0);
	e = combos_cover_count(&d.model, 2, rows, 3, 10, &c);
	assert_int_equal(e.code, ERR_BUDGET);
	arena_free(arena);
}

/* Whatever is cut off or changed: an error, or a model that is whole. */
static void test_hostile(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"A: x (10), ~y | z\nB: <A>, w\n{ A, B } @ 2\nIF [A] LIKE \"?*\" AND NOT [B] IN {\"x\", \"w\"} THEN [A] = [B] ELSE [A] <> \"y\";\n",
		"[System]\nName: n\n[Parameter]\na (int) : 1, 2 ; 3\nb (boolean) : true, false\n[Relation]\nR : (a, b, 2)\n[Constraint]\n(a > 1) => !b && a % 2 = 0\n",
		"<System name=\"s\"><Parameters><Parameter name=\"a\"><values><value>1</value></values></Parameter></Parameters><Constraints><Constraint text=\"a = 1\"/></Constraints></System>",
		"Model m\nParameters:\na: Boolean; b: {x, 1, \"q\"}; c: [1 .. 9] step 4\nConstraints:\n# a => (b == x or c > 2) #\n",
		"2 3 2 2 3",
		"c 1 a\np cnf 2 1\n1 -2 0\n",
	};
	for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
		size_t n = strlen(texts[t]);
		for (size_t i = 0; i < 9 * n; i++) {
			char *bad = malloc(n);
			assert_non_null(bad);
			memcpy(bad, texts[t], n);
			if (i >= n)
				bad[(i - n) / 8] ^= (char)(1 << (i - n) % 8);
			struct arena *arena = arena_new(0);
			struct combos_description d;
			const struct combos_reading reading = { 0 };
			struct error e = combos_describe(span_of(bad, i < n ? i : n), &reading, arena, &d);
			if (!error_is(&e)) {
				assert_true(d.model.nparameters > 0);
				for (uint32_t c = 0; c < d.model.nclauses; c++)
					for (uint32_t j = 0; j < d.model.clauses[c].n; j++)
						assert_true(d.model.clauses[c].literals[j].symbol < count_symbols(&d.model));
			}
			arena_free(arena);
			free(bad);
		}
	}
}

static char *repeated(const char *head, const char *unit, size_t times, const char *tail)
{
	char *text = malloc(strlen(head) + times * strlen(unit) + strlen(tail) + 1), *at = text;
	assert_non_null(text);
	at = stpcpy(at, head);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, unit);
	strcpy(at, tail);
	return text;
}

/* What is too deep, too long or too much is refused in words, and soon. */
static void test_too_much(void **state)
{
	(void)state;
	static const struct {
		const char *head, *unit, *tail, *error;
		size_t times;
	} cases[] = {
		{ "A: x\n", "(", "[A] = \"x\";", "levels of parentheses", 100000 },
		{ "A: x\n[A] = \"x\"", " => [A] = \"x\"", ";", "levels of parentheses", 100000 },
		{ "A: x\n[A] = \"x\"", " <=> [A] = \"x\"", ";", "equivalences", 100000 },
		{ "A: 1\n[A]", " + 1", " = 2;", "too deeply, or too long", 100000 },
		{ "A: x\n", "NOT ", "[A] = \"x\";", NULL, 100000 },
		{ "A: x, y\n[A] = \"x\"", " AND [A] = \"x\"", ";", NULL, 20000 },
		{ "A: ", "x", "\n", "1000 bytes", 5000 },
		{ "A: y", " | x", "\n", NULL, 50 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *text = repeated(cases[i].head, cases[i].unit, cases[i].times, cases[i].tail);
		struct arena *arena = arena_new(256u << 20);
		struct combos_description d;
		struct error e = describe_as(text, COMBOS_FORMAT_ANY, arena, &d);
		assert_int_equal(error_is(&e), cases[i].error != NULL);
		if (cases[i].error && !strstr(e.text, cases[i].error))
			fail_msg("%s instead of %s", e.text, cases[i].error);
		arena_free(arena);
		free(text);
	}
	/* 40 parameters of which the sum is asked for: 2^40 assignments. */
	char text[4096] = "";
	for (uint32_t p = 0; p < 40; p++)
		sprintf(text + strlen(text), "P%u: 0, 1\n", p);
	for (uint32_t p = 0; p < 40; p++)
		sprintf(text + strlen(text), "%s[P%u]", p ? " + " : "", p);
	strcat(text, " = 20;\n");
	struct arena *arena = arena_new(0);
	struct combos_description d;
	struct error e = describe_as(text, COMBOS_FORMAT_ANY, arena, &d);
	assert_int_equal(e.code, ERR_BUDGET);
	assert_non_null(strstr(e.text, "line 41, column 1: the constraint would come to too many clauses"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constraints), cmocka_unit_test(test_errors),          cmocka_unit_test(test_values),
		cmocka_unit_test(test_formats),     cmocka_unit_test(test_clauses),         cmocka_unit_test(test_diagnosis),
		cmocka_unit_test(test_completion),  cmocka_unit_test(test_negative_values), cmocka_unit_test(test_weights),
		cmocka_unit_test(test_coverage),    cmocka_unit_test(test_hostile),         cmocka_unit_test(test_too_much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
