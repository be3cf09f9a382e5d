/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

struct runs {
	const char *in;
	char *out;
	size_t size;
	int (*compare)(const void *, const void *);
};

/* Merges the sorted runs [from, middle) and [middle, to). What is in order already is copied at once. */
static void merge(const struct runs *r, size_t from, size_t middle, size_t to)
{
	size_t size = r->size;
	const char *a = r->in + from * size, *a_end = r->in + middle * size;
	const char *b = a_end, *b_end = r->in + to * size;
	char *out = r->out + from * size;
	if (b == b_end || r->compare(b - size, b) <= 0) {
		memcpy(out, a, (to - from) * size);
		return;
	}
	while (a < a_end && b < b_end) {
		const char **take = r->compare(a, b) <= 0 ? &a : &b;
		memcpy(out, *take, size);
		*take += size;
		out += size;
	}
	memcpy(out, a, (size_t)(a_end - a));
	memcpy(out + (a_end - a), b, (size_t)(b_end - b));
}

void sort_stable(void *items, void *spare, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	struct runs r = { items, spare, size, compare };
	for (size_t run = 1; run < n; run *= 2) {
		for (size_t from = 0; from < n; from += 2 * run) {
			size_t middle = from + run < n ? from + run : n;
			merge(&r, from, middle, middle + run < n ? middle + run : n);
		}
		char *out = r.out;
		r.out = (char *)(r.in == items ? items : spare);
		r.in = out;
	}
	if (r.in != items && n)
		memcpy(items, r.in, n * size);
}
