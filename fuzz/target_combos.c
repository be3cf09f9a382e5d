/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "target_combos.h"

#include <stdlib.h>
#include <string.h>

#include "combos/description.h"
#include "combos/rows.h"

const char *const target_combos_names[] = { "pict",   "acts", "acts-xml",    "ctwedge", "casa",
											"dimacs", "rows", "constraints", NULL };

static const char *chosen;

bool target_combos_choose(const char *name)
{
	chosen = NULL;
	for (size_t i = 0; target_combos_names[i]; i++)
		if (strcmp(target_combos_names[i], name) == 0)
			chosen = target_combos_names[i];
	return chosen != NULL;
}

/* Whatever was read must be whole: every literal a symbol, every group parameters in order. */
static void check_model(const struct combos_model *m)
{
	uint32_t nsymbols = 0;
	for (uint32_t p = 0; p < m->nparameters; p++)
		nsymbols += m->levels[p];
	for (uint32_t c = 0; c < m->nclauses; c++)
		for (uint32_t i = 0; i < m->clauses[c].n; i++)
			if (m->clauses[c].literals[i].symbol >= nsymbols)
				abort();
	for (uint32_t g = 0; g < m->ngroups; g++)
		for (uint32_t i = 0; i < m->groups[g].n; i++)
			if (m->groups[g].parameters[i] >= m->nparameters ||
				(i && m->groups[g].parameters[i] <= m->groups[g].parameters[i - 1]))
				abort();
}

static void write_again(const struct combos_description *d)
{
	for (int format = COMBOS_FORMAT_PICT; format < COMBOS_FORMATS; format++) {
		const char *why;
		FILE *f = fopen("/dev/null", "w");
		if (!f)
			return;
		(void)combos_write_model(f, d, (enum combos_format)format, &why);
		fclose(f);
	}
}

static void run_rows(struct span bytes, struct arena *arena)
{
	static const char model[] = "A: x, y | z\nB: 1, 2, 3\nIF [A] = \"x\" THEN [B] > 1;\n";
	const struct combos_reading reading = { 0 };
	struct combos_description d;
	uint16_t *rows;
	uint32_t n;
	const char *unknown;
	struct error e = combos_describe(span_of(model, sizeof model - 1), &reading, arena, &d);
	if (!error_is(&e))
		e = combos_read_csv(bytes, &d.model, arena, &rows, &n);
	for (uint32_t i = 0; !error_is(&e) && i < n * 2; i++)
		if (rows[i] >= d.model.levels[i % 2])
			abort();
	e = combos_read_partial(bytes, &d.model, arena, &rows, &n, &unknown);
	if (!error_is(&e) && n < 100)
		e = combos_complete(&d, rows, n);
}

void target_combos_run(struct span bytes)
{
	static const char model[] = "2\n3\n2 3 2\n";
	struct arena *arena = arena_new(64u << 20);
	struct combos_description d;
	struct combos_reading reading = { 0 };
	struct error e;
	if (!arena)
		return;
	if (strcmp(chosen, "rows") == 0) {
		run_rows(bytes, arena);
	} else if (strcmp(chosen, "constraints") == 0) {
		reading.constraints = bytes;
		e = combos_describe(span_of(model, sizeof model - 1), &reading, arena, &d);
		if (!error_is(&e))
			check_model(&d.model);
	} else if (combos_format_named(chosen, &reading.format)) {
		e = combos_describe(bytes, &reading, arena, &d);
		if (!error_is(&e)) {
			check_model(&d.model);
			if (d.model.nparameters < 200)
				write_again(&d);
		}
	}
	arena_free(arena);
}
