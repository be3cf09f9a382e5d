/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The score of CVSS v4.0: the MacroVector's score from the table, less the mean of the distances to its highest vectors.
 *
 * Specification: CVSS v4.0 Specification Document, section 8 (tables 24 to 29: the sets; 8.2: the interpolation), and the
 * table of MacroVectors that goes with it.
 */
#include <math.h>

#include "base/cvss.h"
#include "base/cvss4_table.h"

#define SETS 5u /* sets 3 and 6 count as one */

/* The table's score times ten; -1: there is no such MacroVector. */
static int look_up(const int eq[6])
{
	if (eq[0] > 2 || eq[1] > 1 || eq[2] > 2 || eq[3] > 2 || eq[4] > 2 || eq[5] > 1 || (eq[2] == 2 && eq[5] == 0))
		return -1;
	return macro_scores[eq[0]][eq[1]][eq[2]][eq[2] == 2 ? eq[3] * 3 + eq[4] : (eq[3] * 3 + eq[4]) * 2 + eq[5]];
}

/* How far a value is from the worst one of its metric, in steps: the values from the worst on. */
static const struct {
	const char *name, *values;
	unsigned set; /* 0 to 4 */
} levels[] = {
	{ "AV", "NALP", 0 }, { "PR", "NLH", 0 },  { "UI", "NPA", 0 },  { "AC", "LH", 1 },   { "AT", "NP", 1 },
	{ "VC", "HLN", 2 },  { "VI", "HLN", 2 },  { "VA", "HLN", 2 },  { "CR", "HML", 2 },  { "IR", "HML", 2 },
	{ "AR", "HML", 2 },  { "SC", "SHLN", 3 }, { "SI", "SHLN", 3 }, { "SA", "SHLN", 3 }, { "E", "APU", 4 },
};
#define NLEVELS (sizeof levels / sizeof levels[0])

/* The highest vectors of each set, by level: the values in the order of `levels`. Sets 3 and 6: by level of both. */
static const char *const highest_1[3][4] = { { "NNN" }, { "ANN", "NLN", "NNP" }, { "PNN", "ALP" } };
static const char *const highest_2[2][3] = { { "LN" }, { "HN", "LP" } };
static const char *const highest_36[3][2][6] = {
	{ { "HHHHHH" }, { "HHLMMH", "HHHMMM" } },
	{ { "LHHHHH", "HLHHHH" }, { "LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM" } },
	{ { NULL }, { "LLLHHH" } },
};
static const char *const highest_4[3][2] = { { "HSS" }, { "HHH" }, { "LLL" } };
/* How many steps a set's level spans. */
static const int depth_1[] = { 1, 4, 5 }, depth_2[] = { 1, 2 }, depth_36[3][2] = { { 7, 6 }, { 8, 8 }, { 0, 10 } },
				 depth_4[] = { 6, 5, 4 };

static int level_of(size_t metric, char value)
{
	const char *at = strchr(levels[metric].values, value);
	return at ? (int)(at - levels[metric].values) : 0;
}

/* Steps from the first of the highest vectors of the set that is at least as severe in each metric; -1: none is. */
static int distance(unsigned set, const char *const *highest, const char *values)
{
	for (; *highest; highest++) {
		int sum = 0;
		size_t k = 0;
		bool above = true;
		for (size_t i = 0; i < NLEVELS; i++) {
			if (levels[i].set != set)
				continue;
			int steps = level_of(i, values[i]) - level_of(i, (*highest)[k++]);
			above &= steps >= 0;
			sum += steps;
		}
		if (above)
			return sum;
	}
	return -1;
}

struct macro {
	char values[NLEVELS];
	int eq[6];
};

static char value(const struct macro *m, const char *name)
{
	for (size_t i = 0; i < NLEVELS; i++)
		if (strcmp(levels[i].name, name) == 0)
			return m->values[i];
	return 0;
}

static void classify(struct macro *m)
{
	char av = value(m, "AV"), pr = value(m, "PR"), ui = value(m, "UI");
	char vc = value(m, "VC"), vi = value(m, "VI"), va = value(m, "VA");
	bool all = av == 'N' && pr == 'N' && ui == 'N', some = av == 'N' || pr == 'N' || ui == 'N';
	m->eq[0] = all ? 0 : some && av != 'P' ? 1 : 2;
	m->eq[1] = value(m, "AC") == 'L' && value(m, "AT") == 'N' ? 0 : 1;
	m->eq[2] = vc == 'H' && vi == 'H' ? 0 : vc == 'H' || vi == 'H' || va == 'H' ? 1 : 2;
	bool high = value(m, "SC") == 'H' || value(m, "SI") == 'H' || value(m, "SA") == 'H';
	m->eq[3] = value(m, "SI") == 'S' || value(m, "SA") == 'S' ? 0 : high ? 1 : 2;
	m->eq[4] = value(m, "E") == 'A' ? 0 : value(m, "E") == 'P' ? 1 : 2;
	m->eq[5] = (value(m, "CR") == 'H' && vc == 'H') || (value(m, "IR") == 'H' && vi == 'H') ||
					   (value(m, "AR") == 'H' && va == 'H')
				   ? 0
				   : 1;
}

/* The score of the MacroVector that is one lower in the set; -1: there is none. */
static int next_lower(const struct macro *m, unsigned set)
{
	int eq[6], other[6];
	memcpy(eq, m->eq, sizeof eq);
	memcpy(other, m->eq, sizeof other);
	if (set != 2) {
		eq[set]++;
		return look_up(eq);
	}
	if (eq[2] == 0 && eq[5] == 0) { /* two ways down: the one to the higher score */
		eq[5] = 1;
		other[2] = 1;
		int a = look_up(eq), b = look_up(other);
		return a > b ? a : b;
	}
	if (eq[2] == 1 && eq[5] == 0)
		eq[5] = 1;
	else
		eq[2]++;
	return eq[2] > 2 ? -1 : look_up(eq);
}

int cvss4_score(char (*metric)(const void *context, const char *name), const void *context)
{
	struct macro m;
	bool impact = false;
	for (size_t i = 0; i < NLEVELS; i++)
		m.values[i] = metric(context, levels[i].name);
	for (size_t i = 0; i < NLEVELS; i++)
		impact |= strchr("VS", levels[i].name[0]) && m.values[i] != 'N';
	if (!impact)
		return 0;
	classify(&m);
	int macro = look_up(m.eq);
	if (macro < 0)
		return 0;
	const int *eq = m.eq;
	const struct {
		const char *const *highest;
		int depth;
	} sets[SETS] = {
		{ highest_1[eq[0]], depth_1[eq[0]] },
		{ highest_2[eq[1]], depth_2[eq[1]] },
		{ highest_36[eq[2]][eq[5]], depth_36[eq[2]][eq[5]] },
		{ highest_4[eq[3]], depth_4[eq[3]] },
		{ NULL, 0 },
	};
	double sum = 0;
	int lower_sets = 0;
	for (unsigned set = 0; set < SETS; set++) {
		int lower = next_lower(&m, set);
		if (lower < 0)
			continue;
		lower_sets++;
		int steps = sets[set].highest ? distance(set, sets[set].highest, m.values) : 0;
		if (steps > 0 && sets[set].depth > 0)
			sum += (macro - lower) / 10.0 * steps / sets[set].depth;
	}
	double score = macro / 10.0 - (lower_sets ? sum / lower_sets : 0);
	score = score < 0 ? 0 : score > 10 ? 10 : score;
	return (int)floor((score + 1e-6) * 10 + 0.5);
}
