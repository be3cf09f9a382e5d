/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": ids near to what the user typed. */
#include "base/suggest.h"
#include "judge/pack.h"

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
			unsigned f = suggest_distance(id, p->requirements[k].id);
			if (f == SUGGEST_FAR || p->requirements[k].owner != p || (n == max && f >= far[n - 1]))
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
