/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"

#include <string.h>

#define ID_MAX 64u

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

/* Levenshtein's distance of the first ID_MAX characters, where two that changed places are one error (optimal string alignment). */
static unsigned edit_distance(const char *a, const char *b)
{
	size_t na = strnlen(a, ID_MAX), nb = strnlen(b, ID_MAX);
	unsigned rows[3][ID_MAX + 1];
	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
	}
	return rows[na % 3][nb];
}

unsigned suggest_distance(const char *typed, const char *id)
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
	return d <= 1 + n / 5 ? 2 + d : SUGGEST_FAR;
}
