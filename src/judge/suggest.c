/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": ids near to what the user typed. */
#include <string.h>

#include "judge/pack.h"

#define ID_MAX 64u
#define FAR 1000u

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

/* Levenshtein's distance of the first ID_MAX characters. */
static unsigned edit_distance(const char *a, const char *b)
{
	size_t na = strnlen(a, ID_MAX), nb = strnlen(b, ID_MAX);
	unsigned row[ID_MAX + 1];
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

/* 0: begins with it; 1: its last part begins with it; 2: contains it; then by the number of typing errors. */
static unsigned how_far(const char *typed, const char *id)
{
	size_t n = strlen(typed);
	if (strncmp(id, typed, n) == 0)
		return 0;
	const char *at = strstr(id, typed);
	if (at && at[-1] == '.')
		return 1;
	if (at)
		return 2;
	unsigned d = edit_distance(typed, id);
	return d <= 2 + n / 5 ? 2 + d : FAR;
}

size_t packs_suggest(const struct packs *packs, const char *id, const char **ids, size_t max)
{
	unsigned far[16];
	size_t n = 0;
	if (max > sizeof far / sizeof far[0])
		max = sizeof far / sizeof far[0];
	if (!id[0] || max == 0)
		return 0;
	for (size_t i = 0; i < packs_count(packs); i++) {
		const struct pack *p = packs_get(packs, i);
		for (size_t k = 0; k < p->nrequirements; k++) {
			unsigned f = how_far(id, p->requirements[k].id);
			if (f == FAR || p->requirements[k].owner != p || (n == max && f >= far[n - 1]))
				continue;
			size_t at = n < max ? n++ : n - 1;
			for (; at > 0 && far[at - 1] > f; at--) {
				far[at] = far[at - 1];
				ids[at] = ids[at - 1];
			}
			far[at] = f;
			ids[at] = p->requirements[k].id;
		}
	}
	return n;
}
