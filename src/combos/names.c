/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "combos/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number that was appended may make a name of another: then once more. */
#define TURNS 2u

static int by_name(const void *a, const void *b)
{
	char **const *x = a, **const *y = b;
	int order = strcmp(**x, **y);
	return order ? order : *x < *y ? -1 : *x > *y;
}

bool names_part(char **names, uint32_t n)
{
	char ***sorted = calloc((size_t)n + 1, sizeof *sorted);
	if (!sorted)
		return false;
	for (uint32_t turn = 0; turn < TURNS; turn++) {
		for (uint32_t i = 0; i < n; i++)
			sorted[i] = &names[i];
		qsort(sorted, n, sizeof *sorted, by_name);
		/* From the end, so that what a name is compared with has not changed yet. */
		for (uint32_t i = n; i-- > 1;)
			if (strcmp(*sorted[i], *sorted[i - 1]) == 0)
				snprintf(*sorted[i] + strlen(*sorted[i]), NAMES_ROOM / TURNS, "_%u", (unsigned)(sorted[i] - names) + 1);
	}
	free(sorted);
	return true;
}
