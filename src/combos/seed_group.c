/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/seed_group.h"

#include "combos/combos.h"
#include "combos/seed_field.h"

#define TUPLES_MAX (1u << 16)
#define ORDER_MAX 8192u

uint32_t values_order(enum values_group kind, uint32_t v, uint32_t fixed, uint32_t cycles)
{
	switch (kind) {
	case GROUP_CYCLIC:
		return fixed < v && (v - fixed) % cycles == 0 ? (v - fixed) / cycles : 0;
	case GROUP_AFFINE:
		return field_exists(v) ? v * (v - 1) : 0;
	case GROUP_PROJECTIVE:
		return v > 2 && field_exists(v - 1) ? v * (v - 1) * (v - 2) : 0;
	}
	return 0;
}

static void cyclic(struct values *g)
{
	uint32_t n = g->v - g->fixed;
	for (uint32_t i = 0; i < g->order; i++)
		for (uint32_t x = 0; x < g->v; x++)
			g->images[(size_t)i * g->v + x] = (uint8_t)(x < n ? x - x % g->order + (x % g->order + i) % g->order : x);
}

static void affine(struct values *g, const struct field *f)
{
	uint8_t *image = g->images;
	for (uint32_t a = 1; a < g->v; a++)
		for (uint32_t b = 0; b < g->v; b++)
			for (uint32_t x = 0; x < g->v; x++)
				*image++ = f->add[f->times[a][x]][b];
}

static uint32_t quotient(const struct field *f, uint32_t a, uint32_t b)
{
	uint32_t x = 0;
	while (f->times[x][b] != a)
		x++;
	return x;
}

/* The last value is infinity. */
static void projective(struct values *g, const struct field *f)
{
	uint8_t *image = g->images;
	uint32_t q = f->q;
	for (uint32_t i = 0; i < 2 * q * q * q; i++) { /* q > 1 in any field. NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
		uint32_t c = i % 2, a = i / 2 % q, b = i / 2 / q % q, d = i / 2 / q / q;
		if (c == 0 ? d != 1 || a == 0 : f->times[a][d] == b)
			continue;
		for (uint32_t x = 0; x < q; x++) {
			uint32_t above = f->add[f->times[a][x]][b], below = f->add[c ? x : 0][d];
			*image++ = (uint8_t)(below ? quotient(f, above, below) : q);
		}
		*image++ = (uint8_t)(c ? a : q);
	}
}

/* 0: as the digits say; tuples beside the starters are CLASS_NONE. */
static bool is_beside(const struct values *g, enum values_group kind, const uint32_t *x, uint32_t t)
{
	bool all_fixed = g->fixed > 0, same = kind != GROUP_CYCLIC;
	for (uint32_t i = 0; i < t; i++) {
		all_fixed = all_fixed && x[i] >= g->v - g->fixed;
		same = same && x[i] == x[0];
	}
	return all_fixed || same;
}

static void classify(struct values *g, enum values_group kind, uint32_t t, uint32_t ntuples)
{
	for (uint32_t n = 0; n < ntuples; n++)
		g->class_of[n] = CLASS_NONE;
	for (uint32_t n = 0; n < ntuples; n++) {
		uint32_t x[COMBOS_STRENGTH_MAX], rest = n;
		for (uint32_t i = 0; i < t; i++, rest /= g->v)
			x[i] = rest % g->v;
		if (g->class_of[n] != CLASS_NONE || is_beside(g, kind, x, t))
			continue;
		for (uint32_t e = 0; e < g->order; e++) {
			uint32_t image = 0;
			for (uint32_t i = t; i-- > 0;)
				image = image * g->v + g->images[(size_t)e * g->v + x[i]];
			g->class_of[image] = (uint16_t)g->nclasses;
		}
		g->nclasses++;
	}
}

bool values_new(struct values *g, enum values_group kind, uint32_t v, uint32_t fixed, uint32_t cycles, uint32_t t,
				struct arena *arena)
{
	uint64_t ntuples = 1;
	for (uint32_t i = 0; i < t && ntuples < TUPLES_MAX; i++)
		ntuples *= v;
	*g = (struct values){ .v = v, .fixed = fixed, .cycles = cycles };
	g->order = values_order(kind, v, fixed, cycles);
	if (ntuples >= TUPLES_MAX || g->order == 0 || g->order > ORDER_MAX)
		return false;
	g->images = ARENA_ARRAY(arena, uint8_t, (size_t)g->order * v);
	g->class_of = ARENA_ARRAY(arena, uint16_t, ntuples);
	const struct field *f = kind == GROUP_CYCLIC ? NULL : field_new(kind == GROUP_AFFINE ? v : v - 1, arena);
	if (!g->images || !g->class_of || (kind != GROUP_CYCLIC && !f))
		return false;
	if (kind == GROUP_CYCLIC)
		cyclic(g);
	else if (kind == GROUP_AFFINE)
		affine(g, f);
	else
		projective(g, f);
	classify(g, kind, t, (uint32_t)ntuples);
	return true;
}
