/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/open_tuples.h"

/* Over the tuples of `more` of the symbols from `from` on, with what `base` has already: how many are not covered, or marks
 * them as covered. */
static uint32_t over(const uint16_t *row, const struct group *g, uint64_t *covered, const uint32_t *positions,
					 uint32_t n, uint32_t from, uint32_t more, uint32_t base, bool cover)
{
	uint32_t found = 0;
	const uint32_t *place = g->place[more];
	for (uint32_t i = from; i + more <= n; i++) {
		uint32_t with = base + place[row[g->parameters[positions[i]]]];
		if (more > 1)
			found += over(row, g, covered, positions, n, i + 1, more - 1, with, cover);
		else if (cover)
			tuple_mark(covered, with);
		else
			found += !tuple_bit(covered, with);
	}
	return found;
}

/* How many tuples with this cell, and cells that are set, are not covered. The cell stands among them by its position. */
static uint32_t with_cell(const uint16_t *row, const struct group *g, const uint64_t *covered,
						  const uint32_t *positions, uint32_t n, uint32_t from, uint32_t more, uint32_t base,
						  uint32_t at, uint32_t symbol, bool placed)
{
	uint32_t found = 0, level = more + (placed ? 0u : 1u);
	if (more == 0)
		return !tuple_bit(covered, base + (placed ? 0 : g->place[1][symbol]));
	uint32_t i = from;
	if (!placed) {
		const uint32_t *place = g->place[level];
		for (; i < n && positions[i] < at; i++) {
			uint32_t with = base + place[row[g->parameters[positions[i]]]];
			if (more > 1)
				found += with_cell(row, g, covered, positions, n, i + 1, more - 1, with, at, symbol, false);
			else
				found += !tuple_bit(covered, with + g->place[1][symbol]);
		}
		base += place[symbol];
		level--;
	}
	const uint32_t *place = g->place[level];
	for (; i + more <= n; i++) {
		uint32_t with = base + place[row[g->parameters[positions[i]]]];
		if (more > 1)
			found += with_cell(row, g, covered, positions, n, i + 1, more - 1, with, at, symbol, true);
		else
			found += !tuple_bit(covered, with);
	}
	return found;
}

bool open_tuples_need(const uint16_t *row, const struct group *g, uint64_t *covered, const uint32_t *positions)
{
	return over(row, g, covered, positions, g->n, 0, g->strength, 0, false) != 0;
}

void open_tuples_cover(const uint16_t *row, const struct group *g, uint64_t *covered, const uint32_t *positions)
{
	over(row, g, covered, positions, g->n, 0, g->strength, 0, true);
}

uint32_t open_tuples_gain(const uint16_t *row, const struct group *g, const uint64_t *covered, const uint32_t *positions, uint32_t n,
						  uint32_t at, uint32_t symbol)
{
	return with_cell(row, g, covered, positions, n, 0, g->strength - 1, 0, at, symbol, false);
}
